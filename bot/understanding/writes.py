"""Wishes to change the books: which write it is, and whether it is complete.

`HEADS` are tried in order. The handlers take the sentence apart; what they leave
over makes a doubt, so that a write is never guessed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.understanding import bills, invoices, partners, payments
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.questions import ask, ask_action
from bot.understanding.reading import Doubt, Reading
from bot.understanding.request import Request, Shown
from bot.understanding.sentence import Sentence


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
    r"|me|d|'d|id|must|should|i'd|actually|sorry|urgent|urgently|asap|:|-|.|morning|"
    r"good"
    r"|team|thanks|bot|countersign|afternoon|im|gonna|going|got|gotta) )*"
)

_FIRST = _START.replace(r"(?:(?<=^ )|(?<=, )|(?<=\. )|(?<=! )|(?<=\| ))", r"(?<=^ )")

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
        r"post|prepare|draft)(?: \S+){0,4} (?:creditmemo|credit)",
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
    Head("customer.create", rf"{_NEW}{_FEW} customer(?!s)"),
    Head(
        "customer.create", rf"{_NEW} .*? as (?:a |an |our |another )*(?:new )?customer"
    ),
    Head("vendor.create", rf"{_NEW}{_FEW} vendor(?!s)"),
    Head("vendor.create", rf"{_NEW} .*? as (?:a |an |our |another )*(?:new )?vendor"),
    Head(
        "item.create",
        rf"{_NEW}{_FEW} (?:item|product|service)(?! (?:called )?\S* ?to )",
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
    Head("expense.categorize", r"(?:categorize|recategorize|reclassify|recode)"),
    Head(
        "expense.categorize",
        r"(?:code|classify|file|book|put|move) (?:the |all |our |last"
        r" |<date> )*{V}(?: \S+){0,3} (?:under|as|to|into) (?:the |our )?{A}",
    ),
    Head(
        "invoice.send",
        _START + r"(?:send|email|resend|issue|forward|deliver|mail)"
        r"(?= )(?! (?:\S+ ){0,3}(?:an|a|new) (?:\S+ )?invoice (?:to|for))",
    ),
    Head("bill.pay", _START + r"(?:pay|settle|pay off|payoff)(?= )"),
    Head(
        "bill.create",
        r"(?:enter|add|record|create|new|log|book|post|got|received|receive"
        r"|put in|key in|input|register|save|make|there is|have|here is|heres|raise)"
        r"(?: (?!to|for|expense|payment|customer)\S+){0,3} bill(?!s)(?! \S* ?<name:c>)",
    ),
    Head("bill.create", _START + r"(?:{V} )?bill (?:from|by|of|dated|:|<doc:b>)"),
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
        _START + r"(?:we |i |ive |just |we've |have |has |\S+ )?"
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
    Head(
        "payment.record",
        r"{C}(?: (?:has|have|just|already|finally|now|also|us|did|the|"
        r"team|,|today|actually|<date>))* (?:paid|paying|settled|sent us|gave us|"
        r"transferred|wired|deposited|pays|handed us|handed over|dropped off|cleared|"
        r"mailed us|sent in|remitted)(?= )",
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
        _START + r"{C}(?: 's)? (?:check|payment|cash)(?: \S+)* {MONEY}",
    ),
    Head("payment.record", _START + r"(?:paid|settled) (?:(?:the|off|invoice) )*<doc:i>"),
    Head(
        "payment.record",
        r"<doc:i> (?:(?:has|was|is|been|got|now|just|were|are) )*"
        r"(?:fully paid|paid off|settled in full|paid (?:\S+ )*?(?:in full|{MONEY}|"
        r"full)|"
        r"paid by)",
    ),
    Head(
        "payment.record",
        _START + r"(?!we |i |us |you |who |what |they |it |he |she )"
        r"\S+(?: \S+){0,2}? (?:has |have |just )*(?:paid|sent us|gave us|wired)"
        r"(?: us)?(?: \S+){0,1} (?:{MONEY}|<bad>|<foreign>)",
    ),
    Head(
        "invoice.create",
        r"(?:create|make|raise|draft|write|prepare|new|generate|do|cut|send|issue)"
        r"(?: (?:me|us|up|out|a|an|the|another|new|draft|quick|sales|{C}))* "
        r"invoice(?= )(?! <doc)",
    ),
    Head(
        "customer.update",
        r"(?:change|update|set|edit|correct|fix|rename|make|mark|"
        r"deactivate|reactivate|activate|archive|add|put|replace|remove|switch|move|"
        r"unarchive"
        r"|modify|amend|restore|disable|enable|give|hide|inactivate)(?= )",
        has="c",
    ),
    Head(
        "customer.update",
        r"{C}(?: \S+)? (?:(?:email|phone|address|terms|name|number) "
        r"(?:address |number )?(?:is|has changed|changed|should be|is now|:|to)|new "
        r"(?:email"
        r"|phone|address|terms|number)|has a new|have a new|moved to|is now)",
        lacks="",
    ),
    Head(
        "vendor.update",
        r"(?:change|update|set|edit|correct|fix|rename|make|mark|"
        r"deactivate|reactivate|activate|archive|add|put|replace|remove|switch|move|"
        r"unarchive"
        r"|modify|amend|restore|disable|enable|give|hide|inactivate)(?= )",
        has="v",
    ),
    Head(
        "vendor.update",
        r"{V}(?: \S+)? (?:(?:email|phone|address|terms|name|number) "
        r"(?:address |number )?(?:is|has changed|changed|should be|is now|:|to)|new "
        r"(?:email"
        r"|phone|address|terms|number)|has a new|have a new)",
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
    Head("invoice.create", _START + r"(?:invoice|bill|charge)(?= )(?! \? ?$)"),
    Head(
        "invoice.create",
        r"(?:create|make|raise|draft|write|prepare|new|generate|do|need|"
        r"send|cut|issue|start|add|enter|record|set|put together|needs|want|wants|book)"
        r"(?: \S+){0,6} invoice(?= )",
    ),
    Head(
        "invoice.create",
        _START + r"(?:for )?{C} ?,? (?:needs|wants|gets|should get|owes us"
        r" for|to be invoiced|needs to be billed|ordered)",
    ),
    Head("bill.create", _START + r"bill$"),
)

_HANDLERS: dict[str, Callable[[Request], None]] = {
    "customer.create": partners.create,
    "vendor.create": partners.create,
    "item.create": partners.create_item,
    "customer.update": partners.update,
    "vendor.update": partners.update,
    "invoice.create": invoices.create,
    "invoice.update": invoices.update,
    "invoice.send": invoices.send,
    "invoice.void": invoices.void,
    "credit_memo.create": invoices.credit,
    "payment.record": payments.record,
    "bill.create": bills.create,
    "bill.pay": bills.pay,
    "expense.create": bills.spend,
    "expense.categorize": bills.categorize,
}

_SHORT: dict[str, Callable[[Request], None]] = {
    "invoice.create": invoices.take_lines,
    "credit_memo.create": invoices.take_credit_lines,
    "bill.create": bills.take_lines,
}

# A request that depends on something, or on itself being right, is not made yet.
_CONDITIONS = (
    r"(?:if|unless|should (?:i|we)|shall (?:i|we)|would it|what if|in case|whether|"
    r"provided|maybe|perhaps|might|not sure|unsure|never|don't|dont|do not|don t|"
    r"cannot|can't|cant|won't|wont|as soon as|once (?:he|she|they|it|the)|"
    r"when (?:he|she|they|the)|wait|hold off|later|test|pretend|hypothetically|"
    r"did|already (?:void|send|pay|invoice)|i think|probably|no longer)"
)


def meant(reading: Reading) -> str | None:
    """The write that a message asks for; None where it asks for none."""
    sentence = reading.sentence
    if reading.is_question:
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


def interpretation(
    reading: Reading, shown: Shown | None = None
) -> Interpretation | None:
    """The write that a message is, or the question that stands before it."""
    action = meant(reading)
    if action is None:
        return None
    if reading.sentence.has(_NEGATED):
        return ask_action((action,))
    request = Request(reading, action, shown)
    _no_sending(request)
    condition = request.sentence.has(_CONDITIONS)
    _HANDLERS[action](request)
    if condition and not request.gathered.doubts:
        return ask_action((action,), request.arguments)
    return finished(request)


_NEGATED = (
    r"(?<=^ )(?:(?:please|and|also|,|but|so|we|you|i|no) )*(?:don't|dont|do not|don t|never"
    r"|stop|cannot|can't|cant|won't|not)(?= )"
)


def _no_sending(request: Request) -> None:
    """ "But don't send it yet" is not a condition: nothing is sent unless asked."""
    request.take(
        r"(?:(?:,|but|and|please) )*(?:don't|dont|do not|don t|without|no need to|not "
        r"to)"
        r" (?:send|email|sending|emailing|mail)(?: (?:it|them|this|yet|out|anything|to|"
        r"the"
        r" customer|the invoice|just))*"
    )


def finished(request: Request, *, corrects: bool = False) -> Interpretation:
    """The complete write, or the question about the first thing that is not."""
    action, gathered = request.action, request.gathered
    shape = ACTIONS[action]
    order = {name: place for place, name in enumerate(shape.takes)}
    lines_at = order.get("lines", order.get("changes", 50))
    order |= {"item": lines_at, "quantity": lines_at}
    order.setdefault("account", lines_at)
    order.setdefault("amount", lines_at)
    needed = shape.missing(gathered.arguments)
    doubted = {doubt.about for doubt in gathered.doubts}
    doubts = list(gathered.doubts)
    if needed is not None:
        options = (needed,) if isinstance(needed, str) else needed
        about = _named_by_noun(request, options)
        inner = {
            "lines": {"item", "account", "quantity", "amount"},
            "changes": {"terms", "date", "due_date", "item", "email", "lines"},
        }
        if not doubted & set(options) and not doubted & inner.get(about, set()):
            doubts.append(Doubt(about, (), request.pending))
    if doubts:
        doubt = min(doubts, key=lambda each: order.get(each.about, 60))
        return _asked(
            action,
            gathered.arguments,
            doubt,
            tuple(gathered.assumptions),
            corrects=corrects,
        )
    rest = request.rest()
    if rest is not None:
        return ask_action((action,), gathered.arguments)
    ordered = {
        key: gathered.arguments[key] for key in shape.takes if key in gathered.arguments
    }
    return Interpretation(
        "write", action, ordered, tuple(gathered.assumptions), corrects=corrects
    )


def _asked(
    action: str,
    arguments: dict[str, object],
    doubt: Doubt,
    assumptions: tuple[str, ...],
    *,
    corrects: bool,
) -> Interpretation:
    asked = ask(action, arguments, doubt, assumptions)
    if not corrects:
        return asked
    return Interpretation(
        asked.kind,
        asked.action,
        asked.arguments,
        asked.assumptions,
        asked.question,
        corrects=True,
    )


def _named_by_noun(request: Request, options: tuple[str, ...]) -> str:
    """Of alternatives, the one that the person's noun names, else the first."""
    sentence = request.reading.sentence
    for option in options:
        noun = {
            "bill": "bills?",
            "vendor": "vendors?",
            "invoices": "never",
            "expense": "never",
            "period": "never",
            "status": "never",
            "customer": "customers?",
            "full": "never",
            "lines": "never",
        }.get(option, option)
        if (
            option != options[0]
            and sentence.has(noun)
            and not sentence.has(
                {"bill": "bills?", "invoice": "invoices?"}.get(options[0], options[0])
            )
        ):
            return option
    return options[0]


def without_name(reading: Reading, action: str) -> Sentence:
    """What is left of a request for something new once its name is taken out."""
    request = Request(reading, action)
    _HANDLERS[action](request)
    return request.sentence


def lines_only(request: Request) -> None:
    """Take lines, and what may stand beside them, out of a sentence."""
    _SHORT.get(request.action, invoices.take_lines)(request)
