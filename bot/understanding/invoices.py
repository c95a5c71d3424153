"""Invoices and credit memos: made, changed, sent, voided."""

import re

from bot.understanding import filters, lines, old_values
from bot.understanding.counts import is_taken_back, mark_vague
from bot.understanding.marks import beside, may_be_document
from bot.understanding.parties import fits_of
from bot.understanding.request import Request

_HEAD = (
    r"(?:(?:create|make|raise|draft|write up|write|prepare|new|generate|do|need|send|"
    r"cut|"
    r"issue|start|add|enter|record|set|put together|needs|want|wants|book|give|me|us|"
    r"up|out"
    r"|a|an|the|another|new|draft|for|to|that|it|invoice|invoices|bill|charge|be|gets|"
    r"as|"
    r"ordered|owes|should|get|should be|invoiced|billed) )*"
)
_SEND = (
    r"(?:(?:and|then|,|also|please|to|with|\||plus|\.) )*(?:send|email|mail|issue)"
    r"(?: (?:it|them|this|that|the|invoice|out|now|off|over|to|her|him|customer|by|"
    r"email|"
    r"right|away|immediately|today|straight|after|as|well|too|please|us|\|))*"
)


# Shorter ones are sums: numbers of invoices have four digits or more.
_NUMBER_LENGTH = 4


def _prepare(request: Request) -> None:
    """What stands beside the lines of an invoice, taken out in a safe order."""
    request.take_reasons()
    request.take_memo()
    request.take_terms()
    _dated(request)
    request.take_due()
    request.doubt_due()
    mark_vague(request.sentence)
    if is_taken_back(request.sentence):
        request.doubt("lines")


def _dated(request: Request) -> None:
    sentence = request.sentence
    found = sentence.search(
        r"(?:(?:and|,|with|the|an?) )*(?:invoice )?(?:dated|date|backdated to|backdate "
        r"it "
        r"to)(?: (?:of|to|:|on|is|as|for|it))* (?P<when><date>)"
    )
    if found is None:
        return
    request.take_date(
        r"(?:(?:and|,|with|the|an?) )*(?:invoice )?(?:dated|date|backdated to|backdate "
        r"it "
        r"to)(?: (?:of|to|:|on|is|as|for|it))* "
    )


def create(request: Request) -> None:
    """Such as "Invoice Acme West for 10 hours consulting, net 30"."""
    _prepare(request)
    sentence = request.sentence
    found = sentence.search(
        r"(?<!<doc:i> )(?:\||and|,|\.|then|<name:\w+>)(?: and| then|"
        r" also| please| ,| \|)* (?:send|email|mail)(?: \S+)*"
    )
    sending = found is not None
    spoken = r"(?:can you |please |now )*(?:send|email)"
    if found is not None:
        first = found.first
        if sentence.parts[first].symbol.startswith("<name:"):
            first += 1
        request.take(_SEND + r"(?= $| \||(?: \.| !| ,)+ )")
    elif sentence.search(rf"^ {spoken} ") or sentence.has(
        r"(?:send|email)(?: \S+){0,4} (?:an|a|new) (?:\S+ )?invoice"
    ):
        sending = True
    request.take_party("customer", "invoice|bill|charge|for|to", "i")
    if "customer" not in request.arguments and not _doubted(request, "customer"):
        _unlisted(request)
    _heads(request)
    _lines(request, "i")
    _doubt_number(request)
    if sending:
        request.arguments["send"] = True
    _strays(request)


def _doubt_number(request: Request) -> None:
    """The number of "invoice Acme West 1042 for consulting" may be an invoice's."""
    said = request.reading.sentence
    found = said.search(r"{C}(?: ,)? (?P<number>\d{4,6})(?: ,)? for (?:the )?{I}")
    if found is None:
        return
    number = said.parts[found.groups["number"][0]].symbol
    if not may_be_document(number):
        return
    for line in request.arguments.get("lines", ()):
        line.pop("amount", None)
    request.doubt("amount", said=number)


def take_lines(request: Request) -> None:
    """Lines by themselves, with what may stand beside them."""
    _prepare(request)
    _lines(request, "i")
    _strays(request)


def take_credit_lines(request: Request) -> None:
    """Lines, or one sum, by themselves."""
    _prepare(request)
    _lines(request, "i")
    if "lines" not in request.arguments:
        _credited(request)
    _strays(request)


def _doubted(request: Request, about: str) -> bool:
    return any(doubt.about == about for doubt in request.gathered.doubts)


def _unlisted(request: Request) -> None:
    """A vendor or an item right where the customer must stand."""
    found = request.sentence.search(
        r"(?:invoice|bill|charge)(?: (?:for|to))? (?P<name><name:[av]+>)"
    )
    if found is not None:
        place = found.groups["name"][0]
        said = request.sentence.said(place, place + 1)
        book = request.reading.index.books["c"]
        request.doubt("customer", book.likely(said), said)
        request.sentence.drop(place, place + 1)


def _heads(request: Request) -> None:
    """The words that said that it is an invoice."""
    request.take(
        r"(?:create|make|raise|draft|write up|write|prepare|new|generate|do|need|send|"
        r"email|"
        r"cut|issue|start|add|enter|record|put together|needs|want|wants|book)(?: "
        r"(?:an?|the"
        r"|new|me|us|up|out|another|draft|sales|\|))*(?: invoices?)(?: for| to)?"
    )
    request.take(r"(?:invoice|bill|charge)(?: (?:it|up|for|to))?")
    request.take(r"(?:as )?(?:a |an )?(?:draft|invoice)")
    request.take(r"(?:needs|wants|gets|ordered|should get)")
    request.take(r"customer(?= \|)")


def _lines(request: Request, letter: str) -> None:
    made = lines.take(request.reading, request.sentence, letter, request.gathered)
    if made:
        request.arguments["lines"] = made
        while request.take(r"plus|as well as|as well|also|in total|total"):
            pass


def _strays(request: Request) -> None:
    """What is left over where lines were expected."""
    sentence = request.sentence
    if request.gathered.doubts and not _doubted(request, "customer"):
        return
    unknown = sentence.search(
        r"(?:{MONEY}|<date>|<name:\w+>|<foreign>|<bad>|<neg>|%|<doc:i>"
        r"|<p>|<e>|<phone>|<doc:b>|<code>)"
    )
    rest = request.rest("lines line items item total x of for")
    if rest is None:
        return
    if unknown is not None:
        symbol = sentence.parts[unknown.first].symbol
        if symbol == "<date>":
            request.doubt("date")
            return
        if symbol in {"<foreign>", "<bad>", "<neg>"}:
            request.doubt("amount")
            return
    if (
        "lines" not in request.arguments
        and re.fullmatch(r"\d+|<m>|<n>", rest)
        and all(part.known for part in sentence.parts)
    ):
        # A sum, or a count, of nothing.
        request.doubt("lines")
        return
    if _only_unknown(request):
        phrase = rest
        book = request.reading.index.books["i"]
        request.doubt("item", book.likely(phrase), phrase)
        return
    if unknown is not None and "lines" in request.arguments:
        request.doubt("item" if "customer" in request.arguments else "amount")


def _only_unknown(request: Request) -> bool:
    """Whether an item is named that nobody knows, or a number without one."""
    return request.sentence.has(
        r"(?:{MONEY}|a|an)(?: {UNIT})?(?: of| for)?(?: \S+)?"
    ) or any(not part.known for part in request.sentence.parts)


_CHANGE = (
    r"(?:change|update|set|edit|extend|push|move|make|put|correct|fix|postpone|shift)"
)


_REMOVE = r"(?:remove|take(?: off| out)?|drop|delete|strip)"
# What is to go: the items right behind the word, and those joined to them.
_REMOVAL = (
    rf"{_REMOVE}(?: (?:the|our|their|both|lines?|items?|any|all|for|of|off|out|from|and"
    r"|plus|also|as well as|,|\|))*(?: {I}(?: (?:the|our|their|lines?|items?|off|out"
    r"|from|and|plus|also|as well as|,|\|))*)*"
)
# One item in the place of another: the lines that are there have no such change.
_EXCHANGED = (
    r"(?:swap|exchange|replace|switch|substitute)(?= )"
    r"|{I}(?: line| lines)? (?:to|into|with|by|instead of)(?: (?:the|an?))* {I}"
)
_ADD = r"(?:add|include|append|put)"


def update(request: Request) -> None:  # noqa: C901 - one step a change
    """Such as "Add 3 sprinkler heads to invoice 1042", "make 1042 due on the 15th"."""
    changes: dict[str, object] = {}
    request.take_reasons()
    request.take_memo()
    is_old = old_values.take_old(request)
    if "memo" in request.arguments:
        changes["memo"] = old_values.new_of(str(request.arguments.pop("memo")))
        is_old = is_old or changes["memo"] is None
    _document(request)
    sentence = request.sentence
    request.take_terms()
    if "terms" in request.arguments:
        changes["terms"] = request.arguments.pop("terms")
    if sentence.has(r"due|deadline") or sentence.has(
        r"(?:extend|push|postpone|move|shift)(?: \S+)* <date>"
    ):
        _due(request)
    if "due_date" in request.arguments:
        changes["due_date"] = request.arguments.pop("due_date")
    if sentence.has(_REMOVE):
        _removed(request, changes)
    else:
        _changed_lines(request, changes)
    pending = sentence.search(r"(?P<field>memo|terms|due)")
    if pending is not None and not changes:
        field = sentence.parts[pending.first].symbol
        request.pending = "due_date" if field == "due" else field
    request.take(rf"(?:{_CHANGE}|add|give|include|append)")
    while request.take(
        r"(?:due|date|terms|memo|payment|lines?|to|by|out|back|deadline|off|its|it's)"
    ):
        pass
    if is_old:
        request.doubt("changes")
    elif changes:
        request.arguments["changes"] = changes
    if request.gathered.doubts:
        return
    if request.rest() is not None and not _asks_changes(request):
        request.doubt("changes")


def _asks_changes(request: Request) -> bool:
    return any(d.about in {"item", "changes", "terms"} for d in request.gathered.doubts)


def _due(request: Request) -> None:
    """A new due date, however it is joined to its date."""
    sentence = request.sentence
    found = sentence.search(r"(?:due|date|to|by|until|till|on|for|\|) (?P<when><date>)")
    if found is None:
        found = sentence.search(r"(?P<when><date>)")
    if found is None:
        request.take_due()
        return
    place = found.groups["when"][0]
    when = sentence.parts[place].value
    if when.mode == "until" and when.grain == "day":
        when = type(when)(when.behind, when.ahead, "day", "by", when.exists)
    request._due(when)  # noqa: SLF001 - the same rule as for a new invoice
    sentence.drop(place, place + 1)


def _removed(request: Request, changes: dict[str, object]) -> None:
    """Lines that go, and others that come: "remove consulting and add delivery".

    Each word is of the items right behind it; what may be of neither is a doubt.
    """
    sentence, names = request.sentence, list[str]()
    lines.join_runs(sentence)
    while (found := sentence.search(_REMOVAL)) is not None:
        gone = _drop_items(request, found.first, found.last)
        sentence.drop(found.first, found.last)
        if not gone and sentence.has(_ADD):
            request.doubt("changes")
        names += gone
    if sentence.has(_ADD) and (sentence.has("{I}") or not changes):
        _added(request, changes)
    elif names and sentence.has("{I}"):
        request.doubt("changes")
    elif not names:
        names = _drop_items(request, 0, len(sentence.parts))
    if names:
        changes["remove_lines"] = list(dict.fromkeys(names))
    elif not request.gathered.doubts and request.rest() is not None:
        request.doubt("item")


def _added(request: Request, changes: dict[str, object]) -> None:
    """The lines that come where others go; all of them stand behind the word."""
    sentence = request.sentence
    behind = sentence.search(rf"{_ADD}(?: (?!{_ADD} )\S+)*? {{I}}")
    first = sentence.search("{I}")
    if first is None or behind is None or first.first < behind.first:
        request.doubt("changes")
        return
    _changed_lines(request, changes)


def _drop_items(request: Request, first: int, last: int) -> list[str]:
    """Take the items between two places out; where several are meant is a doubt."""
    sentence, names = request.sentence, list[str]()
    for place in range(first, last):
        part = sentence.parts[place]
        if not part.symbol.startswith("<name:") or "i" not in part.value:
            continue
        fit = part.value["i"]
        if fit.only:
            names.append(fit.only)
        else:
            request.doubt("item", fit.names, part.fold)
        sentence.drop(place, place + 1)
    return list(dict.fromkeys(names))


def _changed_lines(request: Request, changes: dict[str, object]) -> None:
    sentence = request.sentence
    if sentence.has(_EXCHANGED):
        request.doubt("changes")
        return
    adding = sentence.has(r"(?:add|include|append|put|plus|also)")
    made = lines.take(request.reading, sentence, "i", request.gathered)
    if made:
        changes["add_lines" if adding else "lines"] = made
        return
    if adding and not changes and any(not part.known for part in sentence.parts):
        said = next(part.fold for part in sentence.parts if not part.known)
        request.doubt("item", request.reading.index.books["i"].likely(said), said)


def _document(request: Request) -> None:
    """The one invoice that is meant; several, or "the latest", are a doubt."""
    numbers = request.documents("<doc:i>")
    if not numbers and (
        found := request.sentence.search(
            r"(?:#|number|no|invoice)? ?(?P<number>\d{3,})"
        )
    ):
        place = found.groups["number"][0]
        numbers = [request.sentence.said(place, place + 1)]
        request.sentence.drop(found.first, found.last)
    if beside(request.reading.sentence, "<doc:i>"):
        either = dict.fromkeys(filter(None, (request.shown.invoice, *numbers)))
        request.doubt("invoice", tuple(either))
    elif len(numbers) == 1:
        request.arguments["invoice"] = numbers[0]
    elif numbers:
        request.doubt("invoice", tuple(numbers))
    elif (
        request.shown.invoice is not None
        and request.sentence.has(r"(?:it|that|this|invoice|that one|this one)(?! {C})")
        and not request.sentence.has(r"latest|last|newest|{C}|oldest|all|every")
    ):
        request.arguments["invoice"] = request.shown.invoice
        request.take(r"(?:the |that |this )?(?:invoice|it|one|that|this)(?: one)?")


def _whose(request: Request) -> None:
    """Take the customer that may be said beside the number of an invoice."""
    if "invoice" not in request.arguments:
        return
    sentence = request.sentence
    found = sentence.search(r"(?:(?:for|from|to|of) )?(?:the )?(?P<who>{C})")
    if found is not None:
        part = sentence.parts[found.groups["who"][0]]
        request.gathered.whose = tuple(fits_of(part, "c"))
        sentence.drop(found.first, found.last)


def void(request: Request) -> None:
    """Such as "Void 1039", "cancel invoice 1042"."""
    request.take_reasons()
    request.take_memo()
    request.arguments.pop("memo", None)
    sentence = request.sentence
    if sentence.has(
        r"<p>|subscription|meeting|appointment|order|connection|plan|proposal"
    ):
        request.doubt("invoice")
    _document(request)
    request.take(
        r"(?:(?:should|needs?|must|has|have|ought|to|get|be|now|also) )*"
        r"(?:voided|void|cancelled|canceled|cancel|nullified|nullify|invalidate)"
        r"(?: out)?(?: (?:the|invoice|it))*"
    )
    _whose(request)
    # A shorter number is no invoice's: it is left over, and so asked about.
    others = [p.symbol for p in sentence.parts if re.fullmatch(r"\d{3,}", p.symbol)]
    if others or sentence.has("or"):
        said = request.arguments.pop("invoice", None)
        request.doubt("invoice", tuple(str(n) for n in (said, *others) if n))


# To whom an invoice goes anyhow.
_TO_EACH = (
    r"to (?:(?:the|their|its|our|all|of|respective|right|own|every|each) )*"
    r"(?:customers?|owners?|everyone|everybody|them|people|recipients?)(?= )(?! {C})"
)


def send(request: Request) -> None:
    """Such as "Email invoice 1042 to ap@acme.example", "send all unsent invoices"."""
    sentence = request.sentence
    request.take_reasons()
    several = sentence.has(
        r"invoices|(?:every|each|all)(?: \S+){0,2} invoice"
    ) and not sentence.has(r"<doc:i>")
    found = sentence.search(r"(?:(?:to|at|via|by|,|:) )*(?P<email><e>)")
    if sentence.has(r"from(?: \S+)? <e>"):
        # Whence it comes is not where it goes.
        request.doubt("email")
    elif found is not None:
        place = found.groups["email"][0]
        request.arguments["email"] = str(sentence.parts[place].value)
        sentence.drop(found.first, found.last)
        if sentence.has("<e>"):
            request.arguments.pop("email")
            request.doubt("email")
    if several:
        options = ("unsent", "voided", "overdue", "open", "paid")
        filters.put(request.arguments, "status", filters.status(sentence, options))
        request.take(_TO_EACH)
        request.take_party("customer", "send|email|for|to")
        request.take(
            r"(?:that )?(?:are |is |have |was |were |we |not )*"
            r"(?:unsent|drafts?|overdue|open|unpaid|outstanding|voided|paid|late)"
        )
        if sentence.has(r"<date>|{MONEY}|<q>"):
            request.doubt("invoice")
        if not {"status", "customer"} & request.arguments.keys():
            request.doubt("invoice")
    else:
        _document(request)
        _whose(request)
        if "invoice" not in request.arguments and not request.gathered.doubts:
            request.doubt("invoice")
    request.take(
        r"(?:send|email|resend|issue|forward|deliver|mail)(?: (?:out|off|over|me))*"
    )
    while request.take(
        r"(?:invoices?|again|every|each|all|customer|copy|email|send|by)"
    ):
        pass


def credit(request: Request) -> None:
    """Such as "Credit memo for Patel Pharmacy, $75, against invoice 1042"."""
    _prepare(request)
    joined = beside(request.sentence, "<doc:i>")
    numbers = request.documents("<doc:i>")
    if len(numbers) == 1 and not joined:
        request.arguments["invoice"] = numbers[0]
    elif numbers or joined:
        request.doubt("invoice", tuple(numbers))
    else:
        for number in request.bare_documents():
            request.arguments["invoice"] = number
    request.take_party("customer", "for|to|credit|creditmemo", "i")
    request.take(
        r"(?:(?:add|create|new|make|enter|issue|raise|give|record|do|write|need|apply|"
        r"post|"
        r"prepare|draft|a|an|the|\|) )*(?:creditmemo|credit)(?: (?:of|for|to|:|-|"
        r"worth))*"
    )
    request.take(r"(?:give|issue|add|create|record|apply|post|raise|make)")
    request.take(r"(?:creditmemo|credit|against|invoice|on|off)")
    _lines(request, "i")
    if "lines" not in request.arguments and not request.gathered.doubts:
        _credited(request)
    if request.sentence.has(r"{MONEY}|<date>") and "lines" not in request.arguments:
        request.doubt("lines")
    if re.search(r"due_date|terms|date", " ".join(request.arguments)):
        # A credit memo has none of these.
        for key in ("due_date", "terms", "date"):
            request.arguments.pop(key, None)
        request.doubt("lines")
    if request.rest("against on") is not None and not request.gathered.doubts:
        unknown = next((p.fold for p in request.sentence.parts if not p.known), "")
        if unknown:
            book = request.reading.index.books["i"]
            request.doubt("item", book.likely(unknown), unknown)


def _credited(request: Request) -> None:
    """The sum; "credit Acme West 1042" may as well name the invoice."""
    said = request.reading.sentence
    request.take_amount()
    bare = request.arguments.get("amount", "").removesuffix(".00")
    if said.has(rf"(?<!of )(?<!worth )(?<!amount )(?P<n>{bare or '<none>'})(?= )") and (
        len(bare) >= _NUMBER_LENGTH
    ):
        del request.arguments["amount"]
        request.doubt("amount")
