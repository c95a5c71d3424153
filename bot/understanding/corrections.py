"""A write, changed by the message after it: "make it 12 hours", "no, Acme West".

The outcome is the whole corrected write. As with every write nothing of the
message may be left over, else it is no correction.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from bot.understanding import (
    answers,
    bare_days,
    commands,
    lines,
    read_rules,
    subjects,
    write_rules,
)
from bot.understanding.days import Span
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.marks import amount_at, may_be_document, money
from bot.understanding.parties import fits_of
from bot.understanding.partners import _fields
from bot.understanding.questions import ask, ask_action
from bot.understanding.reading import Doubt, Reading
from bot.understanding.request import Request
from bot.understanding.sentence import Found, Sentence

_LEAD = (
    r"(?<=^ )(?:(?:no|nope|nah|actually|sorry|oops|wait|ah|oh|hmm|hang|on|hold|my|bad|"
    r"mistake"
    r"|correction|make|change|it|that|this|to|should|be|is|was|have|been|i|meant|mean|"
    r"rather|"
    r"instead|also|and|plus|set|use|with|for|please|put|,|\.|!|-|:|ok|okay|yes|but|the|"
    r"it's|"
    r"its|can|you|could|let's|add|then|not|now|just|needs|only|update|we|need|want|"
    r"they|he|"
    r"she|paid|them|say|said) )*"
)
_CORRECTING = (
    r"(?:no|nope|actually|sorry|oops|wait|make|change|instead|should|meant|mean|rather|"
    r"correction|also|add|remove|drop|without|use|not|set|put|update|include|plus|it's|"
    r"take|minus|needs|only|just(?= {MONEY} ))"
)

# Two more, or two in all? Words of adding and of taking off leave that open.
_MORE = r"(?:add|plus|more|another|extra|additional|further)(?! than)"
_LESS = (
    r"(?:take|off|less|fewer|minus|remove|drop|cut|deduct|subtract|knock|without)"
    r"(?! than)"
)
_MORE_OR_LESS = (
    rf"(?:{_MORE}|{_LESS})(?= )|(?<=^ )(?:and|also|, )+ (?:{{NUM}}|an?) {{UNIT}}"
)
_OF_UNITS = (
    r"(?:more|less|fewer|extra|another|additional)(?: {NUM})? {UNIT}"
    r"|{UNIT} (?:more|less|fewer|extra|off)|one more|one less"
)

_PARTS_MAX = 40
# What somebody paid corrects only what is about money that was paid.
_OF_MONEY = frozenset(
    ["payment.record", "bill.pay", "expense.create", "expense.categorize"]
)
# "Check" is asked as well: "check 1042" may be to look at it.
_CHECK_NUMBER = r"(?<=^ )(?:check|cheque) (?:number|no|#) "
# "12 or 13", of the one line: which of the two is for the person to say.
_EITHER = r"{MONEY}(?: {UNIT})?(?: ,)? (?:or|/) {MONEY}(?: {UNIT})?"
# Whose day may be meant as the next one, or as the day when it is due.
_MAY_LIE_AHEAD = frozenset(["invoice.create", "bill.create", "bill.pay"])
# The same for somebody else, or for them instead?
_ONCE_MORE = r"(?<=^ )(?:(?:and|ok|okay|please|,) )*(?:again|now|then)(?: \S+){0,2}? "
# People pay round sums; numbers of invoices are seldom round.
_NUMBER_LENGTH = 4


def interpretation(reading: Reading, last: Interpretation) -> Interpretation | None:
    """The corrected write, or a question about it; None where it is none."""
    assert last.action is not None, "a write has an action"
    sentence = reading.sentence
    if (
        (reading.is_question and not reading.raw.has(_CHECK_NUMBER))
        or sentence.has(r"<p>|proposal|\?")
        or len(sentence.parts) > _PARTS_MAX
        # "They paid 500" is no quantity of an invoice.
        or (last.action not in _OF_MONEY and sentence.has(r"paid|pays|paying"))
    ):
        return None
    if commands.interpretation(reading) is not None or subjects.stands_alone(reading):
        return None
    request = Request(reading, last.action)
    changed = _changed(request, last)
    if changed is None:
        return None
    doubts = request.gathered.doubts
    if not doubts and request.rest("instead too also it that one") is not None:
        return None
    said = {**changed, **{doubt.about: None for doubt in doubts}}
    moves_on = subjects.moves_on(sentence, last, said)
    if moves_on or not _tied(reading, request, last):
        return None
    return _another_or_instead(sentence, last, changed) or _outcome(
        reading, request, last, changed
    )


def _another_or_instead(
    sentence: Sentence, last: Interpretation, changed: dict[str, Any]
) -> Interpretation | None:
    """The question of "now for Acme West": one more, or that one for them instead?

    Each of the two choices takes its own of the arguments.
    """
    assert last.action is not None, "a write has an action"
    others = [
        named
        for party, named in (("customer", "{C}"), ("vendor", "{V}"))
        if party in changed and changed[party] != last.arguments.get(party)
    ]
    if last.kind != "write" or not any(sentence.has(_ONCE_MORE + o) for o in others):
        return None
    return ask_action(
        (last.action, "proposal.edit"),
        {**last.arguments, **changed, "changes": changed},
        text="Shall I propose one more, or change the one before?",
    )


# A count of units, or an item to add, belongs to no question.
_OF_LINES = (
    r"(?:make|change) (?:it|that|this)(?: to| for)? {NUM} "
    r"(?!days?|weeks?|months?){UNIT}"
    r"|(?<=^ )(?:(?:and|also|please|oh|ok|,) )*add "
    r"(?:(?:a|an|the|one|{NUM}|{UNIT}|of) )*{I}(?: too| as well| please)? "
)
_UNMISTAKABLE = (
    r"(?<=^ )(?:(?:oh|ok|okay|hmm|actually|sorry|oops|wait|please|and|,|-) )*"
    r"(?:(?:make|change) (?:it|that)(?= )|(?:also )?(?:add(?= )|<memo>)"
    r"|no ,? ?(?:for |it's )?{NAME}|due (?:\S+ )*instead|<terms> instead)"
)
_NUMBER = r"(?:make|change) (?:it|that)(?: to)? {MONEY} "


def is_of_lines(reading: Reading, earlier: Interpretation) -> bool:
    """Whether a message can only mean the lines of a write, whatever was asked since.

    Such as "make it 11 hours", "also add delivery".
    """
    return "lines" in earlier.arguments and reading.sentence.has(_OF_LINES)


def of_earlier(
    reading: Reading, earlier: Interpretation, last: Interpretation | None
) -> Interpretation | None:
    """An unmistakable correction of a write with questions asked since.

    `last` is the last of those questions.
    """
    sentence = reading.sentence
    if not sentence.has(_UNMISTAKABLE):
        return None
    limits = {"limit", "min_amount", "max_amount", "min_days_overdue"}
    if last is not None and limits & last.arguments.keys() and sentence.has(_NUMBER):
        # "Top 5 debtors", "make it 10": of the question.
        return None
    return interpretation(reading, earlier)


# The sum of the whole.
_TOTAL = (
    r"(?<=^ )(?:(?:the|make|set|no|actually|sorry|,) )*total(?: (?:is|was|of|to|:|"
    r"should|be))* {MONEY} $"
)


def _is_of_write(sentence: Sentence, takes: tuple[str, ...]) -> bool:
    """Whether words that would be a request elsewhere are of a write like this."""
    return (
        ("lines" in takes and sentence.has(_TOTAL))
        or ("invoices" in takes and sentence.has(_APPLY))
        or ("account" in takes and sentence.has(_PUT_UNDER))
        or sentence.has(_WRONG)
    )


# What a number can be that is asked about.
_OF_NUMBERS = frozenset({"amount", "quantity", "lines"})
# So many of a unit, and nothing else.
_OF_UNIT = r"(?<=^ )(?:(?:at|@|for|just|about) )*{MONEY} (?:(?:an?|per|/) )?{UNIT} $"


def _tied(  # noqa: PLR0911 - one return a kind of tie
    reading: Reading, request: Request, last: Interpretation
) -> bool:
    """Whether the words say that it corrects, or can be nothing else."""
    if "send" in request.arguments:
        # "Send it" alone may mean another record; "and send it" cannot.
        return not request.arguments["send"] or reading.sentence.has(
            r"(?<=^ )(?:and|also|then|yes)|too|as well"
        )
    if _is_of_write(reading.sentence, ACTIONS[request.action].takes):
        return True
    if "invoices" in request.arguments and reading.sentence.has(
        r"(?<=^ )(?:for|against|it|that|on) "
    ):
        return write_rules.meant(reading) is None
    if reading.sentence.has(rf"{_CORRECTING}|{_OF_UNITS}"):
        # A request with a verb of its own stands on its own.
        meant = write_rules.meant(reading)
        return meant in {None, last.action, "customer.update", "vendor.update"} or (
            meant == "invoice.update" and not reading.sentence.has("<doc:i>")
        )
    meant = write_rules.meant(reading)
    if meant == "invoice.send" and reading.sentence.has(
        r"(?<=^ )(?:(?:and|also|the|their|new) )*email(?: (?:address|is|:|,))* <e> $"
    ):
        # "Email oak@inn.example", of somebody new.
        return last.action != "invoice.create"
    if meant is not None:
        return False
    if read_rules.meant(reading.for_reading()) is not None and not (
        reading.sentence.has(r"(?<=^ )due <date>")
    ):
        return bool(request.arguments.keys() & {"due_date", "send"})
    names = {"customer", "vendor", "account"} & request.arguments.keys()
    bare = len(reading.sentence.parts) == 1
    if bare and (names or reading.sentence.parts[0].symbol.isdigit()):
        return False
    doubted = {doubt.about for doubt in request.gathered.doubts}
    if _is_number_asked(reading, doubted):
        return True
    # A day by itself corrects, even where it is asked which one it is.
    return not doubted or (
        doubted <= {"date", "due_date"}
        and reading.sentence.has(r"(?<=^ )(?:(?:due|on|by) )*<date> $")
    )


def _is_number_asked(reading: Reading, doubted: set[str]) -> bool:
    """Whether all that is doubtful is what a number of the message is."""
    if doubted <= {"quantity", "lines"} and reading.sentence.has(_OF_UNIT):
        return True
    return doubted <= _OF_NUMBERS and _is_unclear(reading.sentence)


def _with(last: Interpretation, changed: dict[str, Any]) -> dict[str, Any]:
    """The arguments before with what is changed, and without what that replaces."""
    arguments = {**last.arguments, **changed}
    if "terms" in changed and "due_date" not in changed:
        arguments.pop("due_date", None)
    if "due_date" in changed and "terms" not in changed:
        arguments.pop("terms", None)
    if "amount" in changed:
        arguments.pop("full", None)
    if not arguments.get("send"):
        arguments.pop("send", None)
    if "bill" in changed:
        # Whose bill it is follows from its number.
        arguments.pop("vendor", None)
    return arguments


def _outcome(
    reading: Reading,
    request: Request,
    last: Interpretation,
    changed: dict[str, Any],
) -> Interpretation:
    assert last.action is not None, "a write has an action"
    arguments = _with(last, changed)
    corrects = last.kind == "write" or last.corrects
    if last.kind == "write" and "lines" in changed and arguments == last.arguments:
        # "The delivery", of lines that have it: add one, take it off?
        request.doubt("lines")
    if request.gathered.doubts:
        doubt = request.gathered.doubts[0]
        asked = ask(last.action, arguments, doubt, tuple(request.gathered.assumptions))
        return _marked(asked, corrects=corrects)
    made = answers.complete(reading, last.action, arguments, corrects=corrects)
    still = last.question
    if last.kind == "clarify" and made.kind == "clarify" and still is not None:
        about = made.question.about if made.question else ""
        if about == still.about and still.about not in changed:
            # The question before is still open.
            again = Doubt(still.about, still.choices)
            made = _marked(ask(last.action, arguments, again), corrects=corrects)
    if (
        last.kind == "clarify"
        and made.kind == "write"
        and still is not None
        and (
            still.about not in arguments
            and still.about not in {"item", "account", "changes"}
            and not (still.about == "quantity" and _all_counted(arguments))
        )
    ):
        again = Doubt(still.about, still.choices)
        return _marked(ask(last.action, arguments, again), corrects=corrects)
    return made


def _all_counted(arguments: dict[str, Any]) -> bool:
    return all("quantity" in line for line in arguments.get("lines", []))


def _marked(made: Interpretation, *, corrects: bool) -> Interpretation:
    return Interpretation(
        made.kind,
        made.action,
        made.arguments,
        made.assumptions,
        made.question,
        made.reason,
        corrects,
    )


def _changed(  # noqa: C901, PLR0912, PLR0915 - one step an argument
    request: Request, last: Interpretation
) -> dict[str, Any] | None:
    """What the message changes, top-level arguments only; None if nothing."""
    assert last.action is not None, "a write has an action"
    takes = ACTIONS[last.action].takes
    arguments = request.arguments
    sentence = request.sentence
    removing = sentence.has(
        r"(?:remove|drop|without|take off|minus|take out|skip|no) "
        r"(?:(?:the|any|of) )*{I}|take (?:the )?{I} (?:off|out)"
    )
    adding = sentence.has(rf"(?:also|include|as well|too|{_MORE})(?= )|(?<=^ )and(?= )")
    _one_not_other(request, last)
    denied = _denied(sentence)
    request.take(_WRONG)
    if "invoices" in takes:
        _applied(request)
    elif "account" in takes:
        request.take(_PUT_UNDER)
    # "Not Tuesday, Monday": what it is not has been said before.
    request.take(
        r"not (?:the |on |for )?(?:<date>|{NAME}|{MONEY}|<terms>)(?: {UNIT})?(?: but|"
        r" ,)?(?= (?:\S+ )*(?:<date>|{NAME}|{MONEY}|<terms>))"
    )
    request.take(
        r"(?:,|but)? ?not (?:the |on |for )?(?:<date>|{NAME}|{MONEY}|<terms>)"
        r"(?: {UNIT})?(?= $| [.!])"
    )
    _settle_days(request, last)
    if "changes" in takes:
        return _fields_changed(request, last)
    if "memo" in takes:
        request.take_memo()
    if "terms" in takes:
        request.take_terms()
    if "due_date" in takes and sentence.has("due|payable"):
        if "date" in last.arguments:
            arguments["date"] = last.arguments["date"]
        request.take_due()
        arguments.pop("date", None)
    if "send" in takes:
        _sending(request, last)
    if "reference" in takes:
        request.take_reference()
    if "pay_from" in takes:
        request.take_account("pay_from", r"(?:from|out of|on|with|using|via|by)")
    if "deposit_to" in takes:
        request.take_account("deposit_to", r"(?:deposited )?(?:into|to|in)")
        request.take_method()
    if request.take(
        r"(?:in|within|after) {NUM}(?= (?:instead|please|then|now|\.|!|\|)* ?$)"
    ):
        # Two of what: days, weeks?
        request.doubt("due_date" if "due_date" in takes else "date")
    _numbers(request, takes)
    if last.action in {"payment.record", "bill.pay"}:
        _another_number(request, last)
    if "email" in takes:
        _fields(request, arguments, address="address" in takes)
    if "date" in takes:
        request.take_date(
            r"(?:(?:on|dated|date|from|of|backdated|as) )*",
            nearest=last.action in _MAY_LIE_AHEAD,
            happened=last.action in answers.HAPPENED,
        )
    for party in ("customer", "vendor"):
        if party in takes:
            others = "ia"
            request.take_party(party, "for|to|from|customer|vendor|no|meant", others)
    unclear, odd = _is_unclear(sentence), sentence.has(_ODD_COUNT)
    _strip_lead(request)
    if "lines" in takes:
        letter = "a" if last.action.startswith("bill") else "i"
        if removing:
            _without(request, last, letter)
        elif odd and "lines" in last.arguments:
            _doubt_number(request, last)
        elif not _two_numbers(request, last):
            _relined(request, last, letter, adding=adding)
    elif "account" in takes:
        _account(request)
    if "amount" in takes and "lines" not in arguments:
        if sentence.has(r"{MONEY}") and request.reading.sentence.has(_MORE_OR_LESS):
            # So much more, or so much in all?
            request.doubt("amount")
        elif unclear:
            request.doubt("amount")
        _take_sum(request)
    if "name" in takes and not arguments:
        _renamed(request)
    _strip_lead(request)
    while request.take(
        r"(?:make|change|set|use|add|also|instead|remove|drop|without|quantity|qty|"
        r"amount|"
        r"customer|vendor|account|price|rate|hours|put|rather|take|off|out|invoice|"
        r"date|total|"
        r"no|not|too|sorry|actually|should|meant|mean|update|needs|only|terms|due|but|"
        r"wait|"
        r"dated|payment|number|one|bill|from|by|it's|its|correction|oops|nope|include|"
        r"minus)"
    ):
        pass
    _doubt_denied(request, last, denied)
    if not arguments and not request.gathered.doubts:
        return None
    return dict(arguments)


# All that stands beside a bare number that can only be the sum.
_BESIDE_A_SUM = (
    "no nope nah actually sorry oops ah oh hmm my bad mistake correction make change it"
    " that this to should be is was have been i meant mean rather instead set use for"
    " please put ok okay yes the it's its can you could let's then now just only update"
    " we need they he she paid say said a an of amount total sum payment also and plus"
    " with not think guess probably dollars pounds euros bucks quid thanks"
)
_WAITING = r"(?:wait|hold on|hang on)(?= )(?! {NUM})"


def _is_unclear(sentence: Sentence) -> bool:
    """Whether more is said of a bare number: "all but 20", "2 of them", "number 2"."""
    row = sentence.copy()
    while (found := row.search(_WAITING)) is not None:
        row.drop(found.first, found.last)
    others = [part.symbol for part in row.parts if part.symbol.isalpha()]
    return row.has(r"{NUM}") and (
        row.has(r"{NUM} of(?= )") or not set(others) <= set(_BESIDE_A_SUM.split())
    )


# The same beside the number of a line, where more may be said of the line itself.
_ODD_COUNT = (
    r"(?:all|every|but|except|number|give me|wait|hold on|hang on)"
    r"(?: (?:the|of|but|except|only|for))* {NUM}|{NUM} of (?!{I})(?!{A})"
)


def _doubt_number(request: Request, last: Interpretation) -> None:
    """Ask for the quantity or the sum of the one line, where more is said of it."""
    old = [dict(line) for line in last.arguments.get("lines", [])]
    if len(old) != 1:
        request.doubt("lines")
    elif "quantity" in old[0]:
        _more_or_less(request, old, old[0])
    else:
        _sum_asked(request, old, old[0])


def _sum_asked(
    request: Request, old: list[dict[str, Any]], line: dict[str, Any], said: str = ""
) -> None:
    """Ask for the sum of a line, which the answer then finds without one."""
    line.pop("amount", None)
    request.arguments["lines"] = old
    request.doubt("amount", said=said)


def _take_sum(request: Request) -> None:
    """The sum; a bare number that may be a document's is asked about."""
    bare = _document_like(request)
    request.take_amount()
    if bare and "amount" in request.arguments:
        del request.arguments["amount"]
        request.doubt("amount", said=bare)


def _document_like(request: Request) -> str:
    """The bare number that may be that of a document, where one is settled."""
    found = request.sentence.search(r"\d+(?= )")
    if found is None or request.action not in answers.OF_DOCUMENTS:
        return ""
    bare = request.sentence.parts[found.first].symbol
    return bare if may_be_document(bare) else ""


# "Wrong customer, it's Zephyr Cycles"
_WRONG = (
    r"(?:(?:that is|that's|the|it is|it's) )*wrong (?:customer|vendor|account|category|"
    r"item|invoice|bill|date|amount|one)(?: ,| \.| !| -| ;)*"
)
# "Put it under Travel": the account of an expense, and no request of its own.
_PUT_UNDER = (
    r"(?<=^ )(?:(?:please|no|actually|sorry|and|,) )*(?:put|move|book|code|file|post|"
    r"categorize|categorise|charge|switch)(?: (?:it|that|this|the expense))?"
    r" (?:under|to|into|in|as|against|on)(?= (?:the )?{A})"
)
# "Apply it to invoice 1044"
_APPLY = (
    r"(?<=^ )(?:(?:please|no|actually|sorry|and|,) )*(?:apply|put|allocate|match|post|"
    r"use)(?: (?:it|that|this|them|the payment|the money))? "
    r"(?:to|against|towards?|on|for)"
    r"(?= (?:(?:invoice|number|no|#) )*(?:<doc:i>|\d{3,}))"
)


def _applied(request: Request) -> None:
    """Which invoice a payment is for, in words that would be a request elsewhere."""
    found = request.sentence.search(_APPLY + r"(?P<number> \d{3,} $)?")
    if found is None:
        return
    place = found.at("number")
    if place is not None:
        request.arguments["invoices"] = [request.sentence.parts[place].symbol]
    request.sentence.drop(found.first, found.last)


def _denied(sentence: Sentence) -> set[str]:
    """The names that are said not to be meant."""
    places = [found.last - 1 for found in sentence.each(r"not (?:the |for )?{NAME}")]
    return {
        name
        for place in places
        for letter in "cvia"
        for name in fits_of(sentence.parts[place], letter)
    }


def _doubt_denied(request: Request, last: Interpretation, denied: set[str]) -> None:
    """Ask where a name that is not meant would stay all the same."""
    made = {**last.arguments, **request.arguments}
    for about in ("customer", "vendor", "account"):
        if made.get(about) in denied:
            request.doubt(about)
    if any({line.get("item"), line.get("account")} & denied for line in _lines(made)):
        request.doubt("lines")


def _lines(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = arguments.get("lines", [])
    return made


# A day said alone is of the one day that stands in the document.
_ANOTHER_DAY = (
    r"(?:make|change|set|move|push|no|not|actually|sorry|instead|meant)(?: \S+)*? "
    r"<date>"
    r"|<date>(?: \S+)*? instead"
)


def _settle_days(request: Request, last: Interpretation) -> None:
    """A bare day is of the month or week of the day that it replaces."""
    known = {**last.arguments, **dict(last.arguments.get("changes") or {})}
    sentence = request.sentence
    of_due = sentence.has(r"due|payable")
    if not of_due and "due_date" in known and "date" not in known:
        of_due = sentence.has(_ANOTHER_DAY) and not sentence.has(r"dated?")
    about = "due_date" if of_due else "date"
    if about not in known:
        return
    today = request.reading.today
    allowed = Span(None, None)
    if of_due:
        allowed = Span(today, None)
    elif last.action in answers.HAPPENED:
        allowed = Span(None, today)
    either = bare_days.settle(sentence, date.fromisoformat(known[about]), allowed)
    if either is not None:
        request.doubt(about, tuple(day.isoformat() for day in either))
        while request.take(r"(?:(?:due|payable|date|on|by|the) )*<date>"):
            pass
    elif of_due and not sentence.has(r"due|payable"):
        _take_as_due(request, sentence.search(r"<date>"))


def _strip_lead(request: Request) -> None:
    found = request.sentence.search(_LEAD + r"(?=\S)")
    if found is not None and found.last > found.first:
        request.sentence.drop(found.first, found.last)


def _sending(request: Request, last: Interpretation) -> None:
    if request.take(
        r"(?:don't|dont|do not|don t|without|no need to) (?:send|email|sending)"
        r"(?: \S+){0,3} $"
    ):
        if last.arguments.get("send"):
            request.arguments["send"] = False
        return
    if request.take(
        r"(?<=^ )(?:(?:and|also|please|then|now|yes|ok|,) )*(?:send|email|mail)"
        r"(?: (?:it|them|this|that|too|as|well|out|to|the|customer|invoice|now|her|him|"
        r"please|off|over))* $"
    ):
        request.arguments["send"] = True


def _numbers(request: Request, takes: tuple[str, ...]) -> None:
    """Another invoice or bill."""
    for argument, tag in (("invoice", "<doc:i>"), ("bill", "<doc:b>")):
        several = argument == "invoice" and "invoices" in takes
        if argument not in takes and not several:
            continue
        numbers = request.documents(tag)
        if not numbers and not several and "amount" not in takes:
            found = request.sentence.search(_LEAD + r"(?P<number>\d{3,}) $")
            if found is not None:
                place = found.groups["number"][0]
                numbers = [request.sentence.parts[place].symbol]
                request.sentence.drop(place, place + 1)
        if several and numbers:
            request.arguments["invoices"] = numbers
        elif len(numbers) == 1:
            request.arguments[argument] = numbers[0]
        elif numbers:
            request.doubt(argument, tuple(numbers))


_ONE_NOT_OTHER = (
    r"(?P<new>\d{3,}|<doc:\w>)(?: ,| and| but)* not (?P<old>\d{3,}|<doc:\w>)(?= )"
    r"|not (?P<former>\d{3,}|<doc:\w>)(?: ,| but| -| it's)* (?P<latter>\d{3,}|<doc:\w>)"
    r"(?= )"
)


def _one_not_other(request: Request, last: Interpretation) -> None:
    """The document that is meant beside one that is not: "sorry, 1034 not 1042"."""
    argument = next(
        (a for a in ("invoice", "bill", "invoices") if a in last.arguments), ""
    )
    found = request.sentence.search(_ONE_NOT_OTHER) if argument else None
    if found is None:
        return
    new, old = (
        str(part.value) if part.symbol.startswith("<doc") else part.symbol
        for place in (_at(found, "new", "latter"), _at(found, "old", "former"))
        if place is not None
        for part in [request.sentence.parts[place]]
    )
    if old == str(last.arguments.get("amount", "")).removesuffix(".00"):
        return
    request.sentence.drop(found.first, found.last)
    known = last.arguments[argument]
    if known not in (old, [old]):
        # What is said not to be meant was not: which of the two is it?
        request.doubt(argument, (new, old))
    else:
        request.arguments[argument] = [new] if argument == "invoices" else new


def _another_number(request: Request, last: Interpretation) -> None:
    """Such as "no, 8842": the document that is paid, where it is not the sum.

    Of what is paid in full no sum was said to correct. Where both a sum and a
    document were said, the number is the one that it looks like.
    """
    found = request.sentence.search(
        r"(?<=^ )(?:(?:no|nope|nah|sorry|oops|wait|actually|i|meant|mean|it's|only|"
        r"just|make|change|set|it|to|should|be|"
        r"for|that|was|,|-) )+(?P<number>\d{3,})(?: please| sorry| only| !| \.)* $"
    )
    if found is None:
        return
    number = request.sentence.parts[found.groups["number"][0]].symbol
    known = [last.arguments["bill"]] if "bill" in last.arguments else []
    known += last.arguments.get("invoices", [])
    words = {part.symbol for part in request.sentence.parts}
    wished = bool(words & {"make", "change", "set", "should"})
    if _is_reference(request, last, number, wished=wished):
        request.sentence.drop(found.first, found.last)
        return
    if wished:
        _doubt_sum(request, found, known)
        return
    if words & {"just", "only"} and not words & {"no", "nope"}:
        # "Just 100" of a bill paid in full is a sum; "only 1043" may be neither.
        if known or len(number) < _NUMBER_LENGTH or int(number) % 5 == 0:
            return
    elif "full" not in last.arguments and not _is_document(number, last, known):
        if known and _is_alike(number, known):
            # A sum as well as a document: not for us to guess.
            request.sentence.drop(found.first, found.last)
            request.doubt("amount")
        return
    request.sentence.drop(found.first, found.last)
    _paid_instead(request, number, known)


def _paid_instead(request: Request, number: str, known: list[str]) -> None:
    """Another document than the ones known is paid."""
    is_bill = request.action == "bill.pay"
    if is_bill and not known and len(number) < _NUMBER_LENGTH:
        # All of a vendor's bills were meant: a sum, as likely as a bill of theirs.
        request.doubt("amount")
    elif is_bill:
        request.arguments["bill"] = number
    elif len(known) > 1:
        request.doubt("invoices", tuple(str(each) for each in (*known, number)))
    else:
        request.arguments["invoices"] = [number]


def _doubt_sum(request: Request, found: Found, known: list[str]) -> None:
    """Such as "make it 1043": doubtful where it looks like a document, else a sum."""
    number = request.sentence.parts[found.groups["number"][0]].symbol
    if _is_alike(number, known):
        request.sentence.drop(found.first, found.last)
        request.doubt("amount", said=number)


def _is_reference(
    request: Request, last: Interpretation, number: str, *, wished: bool
) -> bool:
    """Whether a number looks like that of the check; noted, or asked about."""
    known = last.arguments.get("reference")
    if known is None or not _is_alike(number, [known]):
        return False
    if wished or not _is_document(number, last, [known]):
        request.doubt("amount", said=number)
    else:
        request.arguments["reference"] = number
    return True


def _is_document(number: str, last: Interpretation, known: list[str]) -> bool:
    """Whether a number looks like one of the documents, and not like the sum."""
    amount = str(last.arguments.get("amount", "")).removesuffix(".00")
    return _is_alike(number, known) and len(amount) != len(number)


def _is_alike(number: str, known: list[str]) -> bool:
    return any(
        len(each) == len(number)
        and (each[:2] == number[:2] or sorted(each) == sorted(number))
        for each in map(str, known)
    )


def _fields_changed(request: Request, last: Interpretation) -> dict[str, Any] | None:
    """Another value of a field of a customer, vendor or invoice."""
    changes: dict[str, Any] = {}
    assert last.action is not None, "a write has an action"
    if last.action == "invoice.update":
        request.take_memo()
        if "memo" in request.arguments:
            changes["memo"] = request.arguments.pop("memo")
        request.take_terms()
        if "terms" in request.arguments:
            changes["terms"] = request.arguments.pop("terms")
        request.take_due()
        if "due_date" in request.arguments:
            changes["due_date"] = request.arguments.pop("due_date")
        _numbers(request, ACTIONS[last.action].takes)
    else:
        _fields(request, changes)
        party = last.action.split(".")[0]
        request.take_party(party, "for|no|meant", "")
    _strip_lead(request)
    while request.take(
        r"(?:instead|actually|sorry|no|email|phone|terms|address|change|make|"
        r"set|to|use|also|add|it|that|invoice|customer|vendor|due|date|memo)"
    ):
        pass
    if changes:
        old = last.arguments.get("changes")
        known = last.arguments
        other = any(
            key in known and known[key] != request.arguments.get(key, known[key])
            for key in ("customer", "vendor", "invoice")
        )
        # What was to change of one is not to change of another.
        merged = changes if other or not isinstance(old, dict) else {**old, **changes}
        request.arguments["changes"] = merged
    if not request.arguments and not request.gathered.doubts:
        return None
    return dict(request.arguments)


def _take_as_due(request: Request, found: Found | None) -> None:
    """The one day of a message, where it is the due date that is to change."""
    if found is None:
        return
    when = request.sentence.parts[found.first].value
    if when.exists and when.is_day and when.ahead.end is not None:
        request.arguments["due_date"] = when.ahead.end.isoformat()
        request.sentence.drop(found.first, found.first + 1)


def _account(request: Request) -> None:
    sentence = request.sentence
    for place in reversed(range(len(sentence.parts))):
        names = fits_of(sentence.parts[place], "a")
        if not names:
            continue
        if len(names) == 1 and answers.is_paid_from(request.reading, names[0]):
            if "pay_from" in ACTIONS[request.action].takes:
                request.arguments["pay_from"] = names[0]
            else:
                request.doubt("account")
        elif len(names) == 1:
            request.arguments["account"] = names[0]
        else:
            request.doubt("account", names, sentence.said(place, place + 1))
        sentence.drop(place, place + 1)
        return


def _renamed(request: Request) -> None:
    found = request.sentence.search(
        r"<q>|(?:call|called|name|spelled)(?: \S+)? (?P<said>.+)"
    )
    if found is None:
        return
    part = request.sentence.parts[found.first]
    if part.symbol == "<q>":
        said = str(part.value)
    else:
        said = request.sentence.said(*found.groups["said"]).strip(" .!")
    if said:
        request.arguments["name"] = said
    request.sentence.drop(found.first, found.last)


def _without(request: Request, last: Interpretation, letter: str) -> None:
    """The lines without those that are named."""
    old = [dict(line) for line in last.arguments.get("lines", [])]
    noun = "item" if letter == "i" else "account"
    sentence = request.sentence
    for place in reversed(range(len(sentence.parts))):
        names = fits_of(sentence.parts[place], letter)
        if not names:
            continue
        kept = [line for line in old if line.get(noun) not in names]
        if len(old) - len(kept) != 1:
            request.doubt(
                noun, tuple(n for n in names), sentence.said(place, place + 1)
            )
            return
        old = kept
        sentence.drop(place, place + 1)
    if not old:
        request.doubt("lines")
        return
    request.arguments["lines"] = old


def _two_numbers(request: Request, last: Interpretation) -> bool:
    """Ask which number of two, such as "make it 12 or 13", the one line is to have."""
    old = [dict(line) for line in last.arguments.get("lines", [])]
    if len(old) != 1 or not request.take(_EITHER):
        return False
    _more_or_less(request, old, old[0])
    return True


def _relined(
    request: Request, last: Interpretation, letter: str, *, adding: bool
) -> None:
    """Lines added, or the one line that is meant changed."""
    sentence = request.sentence
    old = [dict(line) for line in last.arguments.get("lines", [])]
    if "amount" in last.arguments and not old:
        return
    has_item = any(fits_of(part, letter) for part in sentence.parts)
    if has_item:
        new = lines.take(
            request.reading, sentence, letter, request.gathered, open_count=True
        )
        _doubt_others(request, old)
        if request.gathered.doubts or not new:
            return
        noun = "item" if letter == "i" else "account"
        less = request.reading.sentence.has(_LESS + r"(?= )")
        for line in new:
            same = [o for o in old if o.get(noun) == line.get(noun)]
            if adding and not same and not less:
                old.append(_complete(line))
            elif (adding or less) and len(same) == 1:
                # More of the same, or that line again? Not for us to guess.
                _more_or_less(request, old, same[0])
            elif adding or less:
                request.doubt(noun, tuple(str(o.get(noun)) for o in old))
            elif len(same) == 1:
                _update(request, same[0], line)
            elif len(old) == 1 and len(new) == 1:
                _replace_item(request, old[0], line, noun)
            else:
                request.doubt(noun, tuple(str(o.get(noun)) for o in old))
        request.arguments["lines"] = old
        return
    _numbers_of_line(request, old)


def _doubt_others(request: Request, old: list[dict[str, Any]]) -> None:
    """Ask whether the other lines go: "just 5 mowings"."""
    if len(old) > 1 and request.reading.sentence.has(r"(?:just|only)(?= )"):
        request.doubt("lines")


def _complete(line: dict[str, Any]) -> dict[str, Any]:
    """A new line: its rate without a quantity is that of one."""
    if "rate" in line and "quantity" not in line:
        lines.priced(line, None, Decimal(line["rate"]))
    return line


def _more_or_less(
    request: Request, old: list[dict[str, Any]], line: dict[str, Any]
) -> None:
    """A quantity added to, or taken off: how many are there to be then?

    The answer has to find its line; where it could be another's, or the line has but
    a sum, all lines are asked for.
    """
    others = [each for each in old if each is not line]
    if not _all_counted({"lines": others}) or ("amount" in line and "rate" not in line):
        request.doubt("lines")
        return
    for key in ("quantity", "amount"):
        line.pop(key, None)
    request.arguments["lines"] = old
    request.doubt("quantity")


def _update(request: Request, line: dict[str, Any], new: dict[str, Any]) -> None:
    """One line with another quantity, rate or amount."""
    count = Decimal(new["quantity"]) if "quantity" in new else None
    rate = Decimal(new["rate"]) if "rate" in new else None
    if count is None and rate is None:
        if "amount" not in new:
            return
        if "rate" in line or "quantity" in line:
            request.doubt("amount")
            return
        line["amount"] = new["amount"]
        return
    _priced(request, line, count, rate)


def _replace_item(
    request: Request, line: dict[str, Any], new: dict[str, Any], noun: str
) -> None:
    """Another item: what was said of the line stays, but not another item's rate."""
    if "rate" in line and not {"rate", "amount"} & new.keys():
        request.doubt("lines")
        return
    if "quantity" in line and "rate" in new and "quantity" not in new:
        # As many of the other, or one?
        request.doubt("lines")
        return
    _complete(new)
    kept = {k: v for k, v in line.items() if k == "quantity" and k not in new}
    if "amount" in line and "rate" not in line and "amount" not in new:
        kept["amount"] = line["amount"]
    line.clear()
    merged = {noun: new[noun], **kept, **{k: v for k, v in new.items() if k != noun}}
    line.update(merged)


def _numbers_of_line(  # noqa: C901, PLR0912 - quantity, rate and sum exclude another
    request: Request, old: list[dict[str, Any]]
) -> None:
    """A quantity, a rate or a sum that belongs to the only line."""
    sentence = request.sentence
    rate = sentence.search(
        r"(?:at|rate|price|@)(?: (?:of|to|is))* (?P<rate>{MONEY})(?: (?:each|an? "
        r"{UNIT}|per "
        r"\S+|apiece|instead))*|(?P<rate2>{MONEY}) (?:each|an? {UNIT}|per {UNIT}|"
        r"apiece|/ "
        r"{UNIT})"
    )
    count = None
    if rate is None or sentence.has("{NUM} {UNIT}"):
        count = sentence.search(
            r"(?:quantity|qty|x)(?: (?:of|to|is|:))* (?P<count>{NUM})|"
            r"(?P<count2>{NUM}) {UNIT}"
        )
    total = None
    if rate is None and count is None:
        total = sentence.search(
            r"(?:for |total |amount |of |to )*(?P<sum>{MONEY})(?: total)?"
        )
    if rate is None and count is None and total is None:
        return
    if len(old) != 1:
        names = tuple(str(o.get("item") or o.get("account")) for o in old)
        request.doubt("item" if names else "lines", names)
        for found in (rate, count, total):
            if found is not None:
                sentence.drop(found.first, found.last)
        return
    line = old[0]
    otherwise = _is_otherwise(sentence, line, rate, count) or (
        "quantity" in line and request.reading.sentence.has(_TOTAL)
    )
    if otherwise or request.reading.sentence.has(_MORE_OR_LESS):
        if count is not None and rate is None:
            _more_or_less(request, old, line)
        else:
            request.doubt("lines")
        return
    if rate is not None and count is not None and rate.last > count.first >= rate.first:
        # "At 160 hour an": one number is no rate and a quantity at once.
        request.doubt("amount")
        return
    rate_value = _value(request, rate, "rate", "rate2")
    count_at = _at(count, "count", "count2")
    count_value = sentence.parts[count_at].value if count_at is not None else None
    total_at = _at(total, "sum")
    if total_at is not None:
        part = sentence.parts[total_at]
        if part.symbol != "<m>" and "quantity" in line and "amount" not in line:
            count_value = part.value
        elif "rate" in line and part.symbol != "<m>":
            # How many, or the price? Asked, and the answer finds its line.
            _more_or_less(request, old, line)
        elif "quantity" in line:
            # The whole sum, or the price of each? Not for us to guess.
            request.doubt("quantity" if part.symbol != "<m>" else "amount")
        else:
            value = amount_at(sentence, total_at)
            bare = _document_like(request)
            if value is None or bare:
                _sum_asked(request, old, line, bare)
            else:
                line["amount"] = money(value)
    if (count_value is not None and count_value > 0) or rate_value is not None:
        _priced(request, line, count_value, rate_value)
    spans = sorted((f for f in (rate, count, total) if f), key=lambda f: -f.first)
    for found in spans:
        sentence.drop(found.first, found.last)
    request.arguments["lines"] = old


def _is_otherwise(
    sentence: Sentence, line: dict[str, Any], rate: Found | None, count: Found | None
) -> bool:
    """Whether the number is of another unit than the line's item is priced by."""
    said = rate or count
    if said is None or "item" not in line:
        return False
    row = sentence.parts[said.first : said.last]
    if not lines.counts_otherwise(str(line["item"]), row):
        return False
    if rate is None or count is None:
        return True
    # "3 days at 900 a day" says both by the same unit.
    counted = sentence.parts[count.first : count.last]
    return not lines.same_units(row, counted)


def _at(found: Any, *groups: str) -> int | None:
    if found is None:
        return None
    return next((found.at(g) for g in groups if found.at(g) is not None), None)


def _value(request: Request, found: Any, *groups: str) -> Decimal | None:
    place = _at(found, *groups)
    if place is None:
        return None
    value = amount_at(request.sentence, place)
    if value is None:
        request.doubt("amount")
    return value


def _priced(
    request: Request, line: dict[str, Any], count: Decimal | None, rate: Decimal | None
) -> None:
    """Quantity and rate, with the amount that follows; a bare sum has neither."""
    if count is None and "quantity" in line:
        count = Decimal(line["quantity"])
    if rate is None and "rate" in line:
        rate = Decimal(line["rate"])
    if rate is None and "amount" in line:
        # Of a sum for the whole nobody can say what more of it costs.
        request.doubt("amount")
        return
    kept = {k: v for k, v in line.items() if k not in {"quantity", "rate", "amount"}}
    line.clear()
    line.update(lines.priced(kept, count, rate))
