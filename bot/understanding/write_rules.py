"""Which write it is: the ways to ask for each, tried in order."""

from dataclasses import dataclass

from bot.understanding.reading import Reading


@dataclass(frozen=True, slots=True)
class Head:
    """One way to ask for one write; `has` and `lacks` as for reads."""

    action: str
    pattern: str
    has: str = ""
    lacks: str = ""


_NEW = r"(?:add|create|new|register|onboard|make|enter|open|save|put in|start)"
_FEW = r"(?: (?!to|into|customer|vendor)\S+){0,3}"
_START = (
    r"(?:(?<=^ )|(?<=, )|(?<=\. )|(?<=! )|(?<=\| ))"
    r"(?:(?:please|and|also|now|ok|okay|hey|hi|hello|so|then|just|can|could|would|will|"
    r"you"
    r"|we|i|need|want|like|to|let's|lets|let|us|go|ahead|kindly|yes|no|,|!|quick|"
    r"quickly"
    r"|me|d|'d|id|must|should|i'd|actually|sorry|urgent|urgently|asap|:|-|\.|morning|"
    r"good"
    r"|don't|dont|do|not|never|team|thanks|bot|countersign|afternoon|im|gonna|going|"
    r"got|gotta|remember|forget|maybe|perhaps|probably|guess|think) )*"
)

# "Make customer Void Gallery inactive" makes nobody new.
_MAKE_ACTIVE = (
    r"(?:make|set|mark)(?: the| our)? NOUN <name:\w+>(?: \S+){0,3}? "
    r"(?:in)?active(?= )"
)

_FIRST = _START.replace(
    r"(?:(?<=^ )|(?<=, )|(?<=\. )|(?<=! )|(?<=\| ))", r"(?<=^ )(?:<date> ,? ?)?"
)

HEADS: tuple[Head, ...] = (
    Head(
        "invoice.create",
        _FIRST + r"(?:invoice|bill|charge)(?= )"
        r"(?! (?:<doc|from |by |of |dated |: ?<name:v>|\?|paid|<p>|number|void|# |to "
        r"be))"
        r"(?! (?:\S+ ){0,3}(?:paid|overdue|due) ?\?? $)",
    ),
    Head(
        "credit_memo.create",
        rf"(?:{_NEW}|issue|raise|give|record|do|write|need|apply|"
        r"post|prepare|draft)(?: \S+){0,4} (?:creditmemo|credit)(?! cards?(?= ))",
    ),
    Head("credit_memo.create", _START + r"creditmemo"),
    Head("credit_memo.create", _START + r"credit {C}"),
    Head("credit_memo.create", _START + r"credit (?:<m>|<n>|\d+) to"),
    Head(
        "invoice.update",
        r"(?:add|change|update|set|edit|correct|fix|put|extend|push|move"
        r"|remove|take|drop|delete|strip|make|give|replace|swap|reduce|increase|append|"
        r"include|postpone|shift|adjust|amend|modify|raise|lower)(?: \S+)*? <doc:i>",
        lacks="",
    ),
    Head(
        "invoice.update",
        r"<doc:i> (?:(?:should|needs to|must|to|is) (?:be|have) )?"
        r"(?:due|net|<terms>|add|change)",
    ),
    Head(
        "invoice.update",
        _START + r"(?:change|update|edit|correct|amend|modify) (?:an|one|the|that|this)"
        r" invoice(?: please)? $",
    ),
    Head("customer.update", _MAKE_ACTIVE.replace("NOUN", "customer"), has="c"),
    Head("vendor.update", _MAKE_ACTIVE.replace("NOUN", "vendor"), has="v"),
    Head("customer.create", rf"{_NEW}{_FEW} customer(?!s)"),
    Head(
        "customer.create",
        _START
        + r"(?:have|has|got|there is|here is)(?: (?:a|another|got))* new customer"
        r" ?[,:-]",
    ),
    Head(
        "vendor.create",
        _START + r"(?:have|has|got|there is|here is)(?: (?:a|another|got))* new vendor"
        r" ?[,:-]",
    ),
    Head(
        "customer.create", rf"{_NEW} .*? as (?:a |an |our |another )*(?:new )?customer"
    ),
    Head("vendor.create", rf"{_NEW}{_FEW} vendor(?!s)"),
    Head("vendor.create", rf"{_NEW} .*? as (?:a |an |our |another )*(?:new )?vendor"),
    Head(
        "item.create",
        rf"{_NEW}{_FEW} (?:item|product|service)(?! (?:called )?\S* ?to )",
    ),
    Head(
        "invoice.void",
        r"(?<=^ )(?:(?:the|invoice|number|#|please|hi|hey|so|and|that|,) )*"
        r"(?:<doc:i>|\d{4,6}) "
        r"(?:(?:should|needs?|must|has|have|ought|to|get|be|now|also) )+"
        r"(?:void|voided|cancelled|canceled|nullified)(?= )",
    ),
    Head("invoice.void", _START + r"(?:void|cancel|nullify|invalidate)(?= )"),
    Head(
        "expense.categorize",
        r"(?:put|categorize|recategorize|code|classify|move|file|"
        r"book|reconcile|assign|tag|change|switch|allocate|set|post|mark|map|sort|make)"
        r"(?: \S+)*? (?:expenses?|charges?|transactions?|spend|spending|purchases?|"
        r"payments? to|category|account|receipts?)(?: \S+)*? (?:under|as|to|into|in|"
        r"with"
        r"|against) (?:(?:the|our|category|account) )*{A}",
    ),
    # "All Shell expenses in September should be fuel", "move that charge elsewhere".
    Head(
        "expense.categorize",
        r"(?:expenses?|charges?|transactions?|purchases?)(?: \S+){0,4} (?:should|needs?"
        r"|need|must|ought|belongs?)(?: (?:to|be|go|have|been|under|in|into|as|on))*"
        r" (?:the |our )?{A}",
    ),
    Head(
        "expense.categorize",
        _START + r"(?:put|move|file|book|code)(?: (?!invoice|bill)\S+){1,6}? "
        r"(?:somewhere|elsewhere|(?:in|into|under|to) (?:another|a (?:better|different"
        r"|other)|the right) (?:account|category))(?= )",
        has="v",
    ),
    Head("expense.categorize", r"(?:categorize|recategorize|reclassify|recode)"),
    Head(
        "expense.categorize",
        _START + r"reconcile(?: (?:the|our|that|this|those|these|all|any|last|<date>|"
        r"{V}|'s|s))* (?:expenses?|purchases?|charges?|transactions?|spending)",
    ),
    Head(
        "expense.categorize",
        r"(?:code|classify|file|book|put|move) (?:the |all |our |last"
        r" |<date> )*{V}(?: \S+){0,3} (?:under|as|to|into) (?:the |our )?{A}",
    ),
    Head(
        "invoice.create",
        _FIRST + r"(?:create|make|raise|draft|write|prepare|new|generate|do|cut)(?= )"
        r"(?: (?:up|me|us|an?|the|another|new|draft|quick))* invoice (?:for|to) "
        r"(?:\S+ )*"
        r"(?:,|and|then|\.|;)(?: (?:and|then|also|please))* (?:send|email|mail) "
        r"(?:it|them)(?= )",
    ),
    Head(
        "invoice.send",
        # "Send me", "to my e-mail": a wish to see it, not to have it sent to anybody.
        _START + r"(?:send|email|resend|issue|forward|deliver|mail)"
        r"(?= )(?! (?:me|us) )(?!(?: \S+)* to (?:me|us|my|myself|ourselves) )"
        r"(?<!, email)(?! (?:(?:address|addresses|id|contact) )?(?:of|for|on "
        r"file) )"
        r"(?! (?:\S+ ){0,3}(?:an|a|new) (?:\S+ )?invoice (?:to|for))",
    ),
    Head("bill.pay", _START + r"(?:pay|settle|pay off|payoff)(?= )"),
    Head(
        "bill.create",
        r"(?:enter|add|record|create|new|log|book|post|got|received|receive"
        r"|put in|key in|input|register|save|make|there is|have|here is|heres|raise)"
        r"(?: (?!to|for|expense|payment|customer)\S+){0,3} bill(?!s)(?! \S* ?<name:c>)",
    ),
    Head(
        "bill.create",
        _START + r"(?:{V} )?bill (?:(?:from|by|of|dated|:)(?= )"
        r"|<doc:b>(?! (?:please )?(?:[.!] )*$))",
    ),
    Head("bill.create", r"{V}(?: \S+)? (?:billed|invoiced|charged) us"),
    Head("bill.create", _START + r"<doc:b> (?:from|by) "),
    Head(
        "payment.record",
        r"(?:record|log|enter|add|post|apply|book|note|register|receive"
        r"|take|put|create|new|make|mark|process|save|key in|input)(?: \S+){0,5} "
        r"(?:payment|deposit|receipt)(?!s)",
    ),
    Head(
        "payment.record",
        r"(?:mark|set|flag|record|log|put|note)(?: \S+)* "
        r"(?:<doc:i>|invoice|\d{3,})(?: \S+){0,2} (?:as |is |was )?(?:fully )?paid",
    ),
    Head(
        "expense.create",
        rf"(?:record|log|note|enter|book|post|{_NEW}) (?:that )?(?:we |i )?(?:<m>|"
        rf"{{NUM}})?"
        r" ?(?:spent|spend)(?= )",
    ),
    Head(
        "expense.create",
        _START + r"(?:we |i |ive |just |we've |have |has |"
        r"(?!total|amount|money|sum|all|what|how|much)\S+ )?"
        r"(?:spent|bought|purchased)(?= )",
    ),
    Head(
        "expense.create",
        rf"(?:record|log|{_NEW}|book|post|note|file|submit)"
        r"(?: \S+){0,4} (?:expense|expenses|receipt|charge)(?! (?:account|report))",
    ),
    Head(
        "expense.create",
        _START + r"(?:expense|receipt)(?: (?:of|for|:|from))* "
        r"(?:{MONEY}|{V})",
    ),
    Head(
        "expense.create",
        _START + r"(?:we |i |just |ive )*(?:paid|pay) (?:{V} {MONEY}|"
        r"{MONEY} (?:to|at) {V}) (?:for|on) (?:the |our )?{A}",
    ),
    Head(
        "expense.create",
        _START + r"(?:we |i |just |ive )*paid {MONEY} (?:for|on) (?:the "
        r"|our |some )*{A}(?! (?:by|from) {C})",
        lacks="c",
    ),
    # "12.50 parking, put it under travel".
    Head(
        "expense.create",
        r"(?<=^ )(?:(?:hi|hey|ok|so|and|please|,) )*{MONEY} (?:(?!{C})\S+ ){1,4}?"
        r"(?:, |and |- |\. )*(?:please )?(?:(?:put|book|log|file|stick|code|enter|"
        r"record|charge) (?:it|that|this) (?:under|to|as|in|on|against)|under) "
        r"(?:the |our )?{A}",
        lacks="c",
    ),
    # "42.10 fuel at Shell with the fuel card".
    Head(
        "expense.create",
        r"(?<=^ )(?:(?:hi|hey|ok|so|and|please|,) )*(?:{MONEY} (?:(?:on|for|of|in) )*"
        r"{A} (?:at|from) {V}|{MONEY} (?:at|from) {V} (?:for|on) {A})(?= )",
        lacks="c",
    ),
    Head(
        "payment.record",
        r"{C}(?: (?:has|have|just|already|finally|now|also|us|did|the|"
        r"team|,|today|actually|<date>))* (?:paid|paying|settled|sent us|gave us|"
        r"transferred|wired|deposited|pays|handed us|handed over|dropped off|cleared|"
        r"mailed us|sent in|remitted)(?= )",
    ),
    Head(
        "payment.record",
        r"{C} (?:just )?sent {MONEY} (?:(?:by|via|in|as|a) )*(?:cash|check|cheque|card|"
        r"bacs|ach|transfer|wire|bank transfer)(?= )",
    ),
    Head(
        "payment.record",
        _START + r"(?:we |i |just |have |has |ive |we've )*(?:got|received"
        r"|took|collected|banked|receive)(?= )(?: \S+)* (?:from|by|off) ",
    ),
    Head(
        "payment.record",
        _START + r"(?:we |i |just )*(?:got|received|collected|banked) "
        r"(?:a |another |the )*(?:{C}|{MONEY}|payment|check)",
    ),
    Head(
        "payment.record",
        _START + r"(?:a |the )?(?:payment|deposit)(?: (?:of|from|for|by|"
        r"received|in|{MONEY}|,|:))* (?:{C}|{MONEY})",
    ),
    Head(
        "payment.record",
        _START + r"(?:deposit|bank) (?:\S+ ){0,5}?(?:{MONEY}|check|payment|cash) "
        r"(?:\S+ ){0,3}?from {C}",
    ),
    Head(
        "payment.record",
        _START + r"{C}(?: 's)? (?:check|payment|cash)(?: \S+)* {MONEY}",
    ),
    Head(
        "payment.record", _START + r"(?:paid|settled) (?:(?:the|off|invoice) )*<doc:i>"
    ),
    Head(
        "payment.record",
        r"<doc:i> (?:(?:has|was|is|been|got|now|just|were|are) )*"
        r"(?:fully (?:paid|settled)|paid (?:off|up)|(?:paid|settled|cleared) (?:in full"
        r"|by|via|with|on|off|<date>)|paid (?:\S+ )*?(?:in full|{MONEY}|full))"
        r"(?!(?: \S+)* \?)",
    ),
    # "1500 paid by Acme West", "800 received from Zephyr Cycles today".
    Head(
        "payment.record",
        r"(?<=^ )(?:(?:hi|hey|ok|so|and|we|a|,) )*{MONEY} (?:(?:was|is|has|been|got"
        r"|just|now) )*(?:paid|received|in)(?: in full)? (?:by|from) (?:the )?{C}(?= )"
        r"(?!(?: \S+)* \?)",
    ),
    Head(
        "payment.record",
        _START + r"(?!we |i |us |you |who |what |they |it |he |she )"
        r"\S+(?: \S+){0,2}? (?:has |have |just )*(?:paid|sent us|gave us|wired)"
        r"(?: us)?(?: \S+){0,1} (?:{MONEY}|<bad>|<foreign>)",
    ),
    # "Zephyr sent a check for 812.50 for invoice 1050", whoever that is.
    Head(
        "payment.record",
        _START + r"(?!we |i |you |who |what |they |it |he |she )\S+(?: \S+){0,3}? "
        r"(?:sent|mailed|gave|handed|dropped off)(?: (?:us|in|over|me))* an? "
        r"(?:check|payment|cash)(?= ).* {MONEY}",
    ),
    Head(
        "invoice.create",
        r"(?:create|make|raise|draft|write|prepare|new|generate|do|cut|send|issue)"
        r"(?: (?:me|us|up|out|a|an|the|another|new|draft|quick|sales|{C}))* "
        r"invoice(?= )(?! <doc)",
    ),
    Head(
        "customer.update",
        r"(?:change|update|edit|correct|rename|deactivate|reactivate|activate|archive|"
        r"unarchive|modify|amend|inactivate)(?= )",
        has="c",
    ),
    Head(
        "customer.update",
        r"(?:set|fix|make|mark|add|put|replace|remove|switch|move|restore|disable|"
        r"enable|"
        r"give|hide)(?: \S+)* (?:email|phone|address|terms|<terms>|<e>|<phone>|name|"
        r"active|inactive|number|contact)",
        has="c",
    ),
    Head(
        "customer.update",
        r"new (?:email|phone|address)(?: (?:address|number))?(?: (?:is|of))? (?:for|"
        r"of) "
        r"(?:the )?{C}(?= )|{C}(?: \S+)? (?:(?:email|phone|address|terms|name|number) "
        r"(?:address |number )?(?:is|has changed|changed|should be|is now|:|to)|new "
        r"(?:email"
        r"|phone|address|terms|number)|has a new|have a new|moved to|is now)",
        lacks="",
    ),
    Head(
        "vendor.update",
        r"(?:change|update|edit|correct|rename|deactivate|reactivate|activate|archive|"
        r"unarchive|modify|amend|inactivate)(?= )",
        has="v",
    ),
    Head(
        "vendor.update",
        r"(?:set|fix|make|mark|add|put|replace|remove|switch|move|restore|disable|"
        r"enable|"
        r"give|hide)(?: \S+)* (?:email|phone|address|terms|<terms>|<e>|<phone>|name|"
        r"active|inactive|number|contact)",
        has="v",
    ),
    Head(
        "vendor.update",
        r"new (?:email|phone|address)(?: (?:address|number))?(?: (?:is|of))? (?:for|"
        r"of) "
        r"(?:the )?{V}(?= )|{V}(?: \S+)? (?:(?:email|phone|address|terms|name|number) "
        r"(?:address |number )?(?:is|has changed|changed|should be|is now|:|to)|new "
        r"(?:email"
        r"|phone|address|terms|number)|has a new|have a new)",
    ),
    *(
        Head(
            f"{noun}.update",
            rf"{party} (?:(?:'s|s) (?:(?:is|are|now) )*<terms>|(?:(?:is|are|now|on) )*"
            r"<terms> (?:now|from now on|going forward|as of today))(?= )",
            has=noun[0],
        )
        for noun, party in (("customer", "{C}"), ("vendor", "{V}"))
    ),
    Head(
        "customer.update",
        _START + r"(?:change|update|set|edit|correct|rename|"
        r"deactivate|reactivate|archive)(?: \S+){0,6} (?:customer|email|phone|address|"
        r"terms)",
    ),
    Head(
        "vendor.update",
        _START + r"(?:change|update|set|edit|correct|rename|deactivate|"
        r"reactivate|archive)(?: \S+){0,3} vendor",
    ),
    Head("customer.update", _START + r"(?:rename|deactivate|reactivate|archive)(?= )"),
    Head(
        "invoice.create",
        _START + r"(?:invoice|bill|charge)(?= )(?! \? ?$)(?! (?:# |number |no |\. )*"
        r"<doc:\w>(?: please)?(?: \.| !)* $)",
    ),
    Head(
        "invoice.create",
        r"(?:create|make|raise|draft|write|prepare|new|generate|do|need|"
        r"send|cut|issue|start|add|enter|record|set|put together|needs|want|wants|book)"
        r"(?: \S+){0,6} invoice(?= )",
    ),
    Head(
        "invoice.create",
        _START + r"(?:for )?{C} ?,? (?:needs|wants|gets|should get|owes us"
        r" for|to be invoiced|needs to be billed)",
    ),
    # "Riverdale Farm: invoice for 2 hours".
    Head("invoice.create", r"(?<=^ )(?:\S+ ){1,5}: (?:an? |new )*invoice (?:for|of) "),
    Head("bill.create", _START + r"bill$"),
)


# "Inv from last wk" is a list, however singular: nobody is billed, and for nothing.
_LISTED = (
    r"(?<=^ )(?:(?:my|our|the|all|any|please|and|just|ok|hey|hi) )*(?:invoice|bill) "
    r"(?P<when>(?:(?:from|since|of|in|during|dated|for|before|after) )?<date>)"
    r"(?: (?:please|thanks|\.|!))* $"
)
# "Inv over 5k this year" likewise.
_BOUNDED = (
    r"(?<=^ )(?:(?:my|our|the|all|any|please|and|just|ok|hey|hi) )*(?:invoice|bill) "
    r"(?:over|under|above|below|more than|less than|at least) {MONEY}"
    r"(?: (?:(?:from|since|of|in|during|dated|for|before|after) )?<date>)?"
    r"(?: (?:please|thanks|\.|!))* $"
)
# "Inv for Tidewater Hotel last month", of days gone by, and "bill list".
_LISTED_OF = (
    r"(?<=^ )(?:(?:my|our|the|all|any|please|and|just|ok|hey|hi) )*(?:invoice|bill) "
    r"(?:for|of|from) (?:the )?{PARTY}(?: [a-z]+)? (?:(?:from|of|in|during|for) )?"
    r"(?P<when><date>)(?: (?:please|thanks|\?|\.|!))* $"
)
_CALLED_A_LIST = (
    r"(?<=^ )(?:(?:my|our|the|all|any|please|and|just|ok|hey|hi|full|open|unpaid|"
    r"overdue) )*(?:invoice|bill) list(?= )"
)
# "Send me invoice 1042": to see it, not to have it sent to its customer.
_TO_ME = (
    r"(?:send|email|mail|forward|text|get|give|bring|fetch|pull)(?: up| over)? "
    r"(?:me|us) (?:(?:a|the|copy|of|number|#|our|please|over) )*invoices? "
    r"(?:(?:number|#) )*<doc:i>(?: (?:please|now|again|asap|thanks|when|you|can|,|"
    r"\.|!))* $"
)


# "Issue with invoice 1042": something is wrong with it, and nothing is issued.
_TROUBLE = (
    r"(?<=^ )(?:(?:hi|hey|hello|ok|so|and|an?|another|the|there|is|we|i|have|has|got"
    r"|please|,|!|:) )*issue (?:with|on|about|regarding|re|concerning|around|over|at"
    r"|in|for) "
    r"(?!{C}(?= ))"
)


def _is_listed(reading: Reading) -> bool:
    """Whether documents of some days are asked for; "invoice May" may be May Chen."""
    if reading.sentence.has(_CALLED_A_LIST):
        return True
    found = reading.sentence.search(_LISTED_OF)
    if found is not None:
        when = reading.sentence.parts[found.groups["when"][0]].value
        return (
            not when.is_day
            and bool(when.behind.end)
            and when.behind.end < (reading.today)
        )
    found = reading.sentence.search(_LISTED)
    if found is None:
        return False
    said = reading.sentence.said(*found.groups["when"])
    return not reading.index.books["c"].fit(said).names


def meant(reading: Reading) -> str | None:
    """The write that a message asks for; None where it asks for none."""
    sentence = reading.sentence
    if reading.is_question or sentence.has(_TO_ME) or _is_listed(reading):
        return None
    if sentence.has(_BOUNDED) or sentence.has(_TROUBLE):
        return None
    letters: set[str] = set()
    for part in sentence.parts:
        if part.symbol.startswith("<name:"):
            letters |= set(part.value)
    for head in HEADS:
        if head.has and not set(head.has) & letters:
            continue
        if set(head.lacks) & letters:
            continue
        if sentence.has(head.pattern):
            return head.action
    return None
