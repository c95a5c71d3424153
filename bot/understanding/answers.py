"""Answers to a question: "the second one", "Bright Star", "Net 30"."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.understanding import (
    bare_days,
    in_full,
    own_words,
    reads,
    subjects,
    write_rules,
    writes,
)
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.lines import counts_otherwise, priced
from bot.understanding.marks import amount_at, may_be_document, money, quantity
from bot.understanding.names import Book
from bot.understanding.parties import fits_of
from bot.understanding.partners import _fields
from bot.understanding.questions import CHANGES_ASKED, HALF_READ, ask, ask_action
from bot.understanding.reading import ARGUMENT_LETTERS, Doubt, Gathered, Reading
from bot.understanding.request import Request
from bot.understanding.sayings import SAYINGS
from bot.understanding.sentence import Sentence
from qbo.books import Name

_ORDINALS = {
    "first": 1,
    "1st": 1,
    "1": 1,
    "one": 1,
    "second": 2,
    "2nd": 2,
    "2": 2,
    "third": 3,
    "3rd": 3,
    "3": 3,
    "fourth": 4,
    "4th": 4,
    "4": 4,
    "fifth": 5,
    "5th": 5,
    "5": 5,
    "last": -1,
    "former": 1,
    "latter": -1,
    "top": 1,
    "bottom": -1,
}
_ORDINAL = (
    r"(?<=^ )(?:(?:the|i|mean|meant|want|option|number|no|#|choice|please|it's|its|it|"
    r"is|that"
    r"|,|yes|take|use|go|with|for|choose|pick) )*(?P<which>first|second|third|fourth|"
    r"fifth|"
    r"last|former|latter|top|bottom|[1-5]|1st|2nd|3rd|4th|5th)"
    r"(?: (?:one|option|choice|please|customer|vendor|account|item|!|\.|thanks|of|the|"
    r"them|"
    r"those|these))* $"
)

_NEITHER = (
    r"(?<=^ )(?:(?:no|nope|oh|um|it's|its|,|sorry|actually|it|is) )*(?:neither|none"
    r"|not (?:any|either)|somebody else|someone else|something else|another one"
    r"|a different one)(?: (?:of|those|these|them|the|two|above|please|,|!|\.))* $"
)
# Answers that are found among other words, which may be a request of their own.
_LOOSELY_READ = frozenset(
    {"changes", "terms", "email", "date", "due_date", "lines", "amount", "price"}
)
_WORDS_BESIDE_A_DATE = 3
_WORDS_MAX = 4
# Questions that are answered in the person's own words.
_OWN_WORDS = frozenset({"name", "reference"})
ENDED = "All right, I leave it at that. What would you like me to do?"


def interpretation(  # noqa: PLR0911 - one return a kind of question
    reading: Reading, last: Interpretation
) -> Interpretation | None:
    """What was asked about, completed; None where the message is no answer."""
    asked = last.question
    if asked is None:
        return None
    if asked.about == "action":
        return _action(reading, last)
    if last.action is None:
        return _open_name(reading, last)
    if is_in_own_words(last) and own_words.is_dismissed(reading):
        return ask_action(("help",), text=ENDED)
    chosen = _of_choices(reading, last) if asked.choices else None
    if chosen is not None:
        return chosen
    read = _READERS.get(asked.about, _nothing)
    value = read(reading, last)
    if value is None:
        return None
    if asked.about in _LOOSELY_READ and (
        subjects.stands_alone(reading) or subjects.names_another(reading, last)
    ):
        return None
    if isinstance(value, Interpretation):
        return value
    if isinstance(value, _Full):
        return _completed(reading, last, "full", value)
    return _completed(reading, last, asked.about, value)


def is_in_own_words(last: Interpretation) -> bool:
    """Whether whatever is said next could be taken for the answer."""
    asked = last.question
    return asked is not None and (
        asked.about in _OWN_WORDS or _pending(last) in {"name", "address", "memo"}
    )


def is_pending(made: Interpretation, field: str) -> bool:
    """Whether the new value of that field is asked for."""
    return _pending(made) == field


def _pending(last: Interpretation) -> str | None:
    """The field that is to change, where its new value was asked for."""
    asked = last.question
    if asked is None or asked.about != "changes":
        return None
    return next((f for f, text in CHANGES_ASKED.items() if text == asked.text), None)


def _of_choices(reading: Reading, last: Interpretation) -> Interpretation | None:
    """The choice that is named by its place, or none of them."""
    asked = last.question
    assert asked is not None, "an answer has a question"
    if reading.sentence.has(_NEITHER):
        return _with_no_choices(last)
    chosen = ordinal(reading.sentence, asked.choices)
    if chosen is None or asked.about in {"amount", "quantity"}:
        return None
    return _completed(reading, last, asked.about, chosen)


def ordinal(sentence: Sentence, choices: tuple[str, ...]) -> str | None:
    """The choice that an ordinal names."""
    found = sentence.search(_ORDINAL)
    if found is None:
        return None
    symbol = sentence.parts[found.groups["which"][0]].symbol
    place = _ORDINALS[symbol]
    if place == -1:
        return choices[-1]
    return choices[place - 1] if place <= len(choices) else None


# What an answer stands instead of: a sum of all that is open, the one document of
# all that are of a kind (whose it is follows from its number).
_REPLACED = {
    ("payment.record", "amount"): ("full",),
    ("bill.pay", "amount"): ("full",),
    ("bill.pay", "bill"): ("vendor",),
    ("invoice.send", "invoice"): ("status", "customer"),
}


def _completed(
    reading: Reading, last: Interpretation, about: str, value: Any
) -> Interpretation:
    """The action with its answer, or the next question."""
    assert last.action is not None, "an answer completes a known action"
    shape = ACTIONS[last.action]
    arguments = {**last.arguments}
    if about in {"item", "account", "quantity"} and about not in shape.takes:
        _into_lines(last, arguments, about, value)
    elif about == "changes" and isinstance(value, dict):
        arguments["changes"] = value
    elif about == "full":
        arguments["full"] = True
        arguments.pop("amount", None)
    elif about == "amount" and "amount" not in shape.takes:
        _into_lines(last, arguments, about, value)
    elif about in {"terms", "due_date", "date"} and about not in shape.takes:
        if "changes" in shape.takes:
            changes = dict(arguments.get("changes") or {})
            arguments["changes"] = {**changes, about: value}
        else:
            return _again(reading, last)
    else:
        arguments[about] = value
        for other in _REPLACED.get((last.action, about), ()):
            arguments.pop(other, None)
    if last.action == "invoice.show" and about == "customer":
        arguments["which"] = "latest"
    return complete(reading, last.action, arguments, corrects=last.corrects)


def _is_half_read(last: Interpretation) -> bool:
    """Whether an item was asked of lines that a number was left over of."""
    assert last.action is not None, "an answer completes a known action"
    return (
        last.question is not None
        and last.question.text == HALF_READ
        and "lines" in ACTIONS[last.action].takes
        and "lines" not in last.arguments
    )


def _into_lines(
    last: Interpretation, arguments: dict[str, Any], about: str, value: Any
) -> None:
    if about == "item" and _is_half_read(last):
        # An item alone does not answer for the number that was left over.
        return
    lines = [dict(line) for line in arguments.get("lines", [])]
    for line in lines:
        if about not in line and not (about == "item" and "account" in line):
            line[about] = value
            if about == "quantity" and "rate" in line:
                priced(line, Decimal(value), Decimal(line["rate"]))
            break
    else:
        lines.append({about: value})
    order = ("item", "account", "quantity", "rate", "amount", "description")
    arguments["lines"] = [
        {key: line[key] for key in order if key in line} for line in lines
    ]


def _with_no_choices(last: Interpretation) -> Interpretation:
    """The same question once more, with no choices."""
    assert last.question is not None, "only a question is asked again"
    again = ask(last.action, last.arguments, Doubt(last.question.about))
    return replace(again, assumptions=last.assumptions, corrects=last.corrects)


def _again(reading: Reading, last: Interpretation) -> Interpretation:
    del reading
    return last


def complete(
    reading: Reading, action: str, arguments: dict[str, Any], *, corrects: bool = False
) -> Interpretation:
    """An action with arguments that are known: made, or the next question."""
    shape = ACTIONS[action]
    if shape.kind == "write":
        request = Request(reading, action)
        request.gathered.arguments.update(arguments)
        request.sentence.drop(0, len(request.sentence.parts))
        for line in arguments.get("lines", []):
            noun = "account" if action.startswith("bill") else "item"
            if noun not in line:
                request.doubt(noun)
        return writes.finished(request, corrects=corrects)
    if shape.kind == "command":
        return Interpretation("command", action, arguments)
    return reads.finished(reading, action, Gathered(arguments))


_NOISE = frozenset(
    [
        "the",
        "a",
        "an",
        "one",
        "ones",
        "please",
        "i",
        "mean",
        "meant",
        "it's",
        "its",
        "it",
        "is",
        "that",
        ",",
        ".",
        "!",
        "for",
        "to",
        "from",
        "at",
        "yes",
        "no",
        "sorry",
        "thanks",
        "customer",
        "vendor",
        "account",
        "item",
        "called",
        "actually",
        "think",
        "guess",
        "probably",
        "oh",
        "ok",
        "i'd",
        "use",
        "take",
        "want",
        "with",
        "of",
    ]
)


def trimmed(sentence: Sentence) -> str:
    """The answer without the words around it, as typed."""
    first, last = 0, len(sentence.parts)
    while first < last and sentence.parts[first].symbol in _NOISE:
        first += 1
    while last > first and sentence.parts[last - 1].symbol in _NOISE | {"?"}:
        last -= 1
    return sentence.said(first, last)


# Words of requests: alone they are meant as such, not as a part of somebody's name.
_NO_NAMES = frozenset(
    [
        *("send", "void", "email", "mail", "bill", "pay", "paid", "invoice", "credit"),
        *("overdue", "open", "late", "unpaid", "cancel", "undo", "delete", "approve"),
        *("january", "february", "march", "april", "may", "june", "july", "august"),
        *("september", "october", "november", "december"),
    ]
)


def _name(reading: Reading, last: Interpretation) -> Any:
    """One of the choices by its own words, else any name of the list."""
    assert last.question is not None, "an answer has a question"
    letter = ARGUMENT_LETTERS[last.question.about]
    said = _by_end(reading.text, last.question.choices) or trimmed(reading.sentence)
    # "Send it" is no answer to "which customer?", even where Send & Co is one.
    is_request = said.casefold() in _NO_NAMES and not any(
        name.casefold() == said.casefold() for name in reading.index.books[letter].names
    )
    if not said or is_request:
        return None
    for names in (last.question.choices, None):
        book = reading.index.books[letter]
        if names:
            known = [book.names[n] for n in names if n in book.names]
            book = Book([Name(n.name) for n in known], plurals=letter in "ia")
        fit = book.fit(said)
        if fit.near and names is None and last.question.choices:
            # "The secnd one": nearer to an answer than to somebody else's name.
            return None
        if fit.only is not None:
            if not reading.index.books[letter].names[fit.only].active and (
                last.action or ""
            ).endswith((".create", ".record")):
                return None
            return fit.only
        if fit.names and names is None:
            gathered = Gathered(dict(last.arguments))
            gathered.doubt(last.question.about, fit.names, said)
            assert last.action is not None, "a named argument has an action"
            return _asked_again(reading, last, gathered)
    return None


def is_paid_from(reading: Reading, account: str) -> bool:
    """Whether money is kept in an account, so that nothing is spent on it."""
    kind = reading.index.books["a"].names[account].type
    return kind in {"Bank", "Credit Card"}


def _account(reading: Reading, last: Interpretation) -> Any:
    """What was spent on; "checking" says what it was paid from."""
    named = _name(reading, last)
    if (
        not isinstance(named, str)
        or last.action not in _SPENT
        or not is_paid_from(reading, named)
    ):
        return named
    assert last.action is not None, "what is spent has an action"
    gathered = Gathered(dict(last.arguments))
    if "pay_from" in ACTIONS[last.action].takes:
        gathered.arguments["pay_from"] = named
    assert last.question is not None, "an answer has a question"
    gathered.doubt("account", last.question.choices)
    return _asked_again(reading, last, gathered)


_SPENT = frozenset({"expense.create", "expense.categorize", "bill.create"})


def _by_end(text: str, choices: tuple[str, ...]) -> str | None:
    """The one choice that ends in what was said, such as "A" of "Block A"."""
    said = text.strip(" .!?").casefold()
    fits = [each for each in choices if each.casefold().split()[-1] == said]
    return fits[0] if len(fits) == 1 else None


def _item(reading: Reading, last: Interpretation) -> Any:
    """An item; of lines that were read by half also the lines as a whole."""
    named = _name(reading, last)
    return _lines(reading, last) if named is None and _is_half_read(last) else named


def _asked_again(
    reading: Reading, last: Interpretation, gathered: Gathered
) -> Interpretation:
    assert last.action is not None, "a named argument has an action"
    if ACTIONS[last.action].kind == "read":
        return reads.finished(reading, last.action, gathered)
    request = Request(reading, last.action)
    request.gathered = gathered
    return writes.finished(request, corrects=last.corrects)


def _open_name(reading: Reading, last: Interpretation) -> Interpretation | None:
    """The action itself was open: the one that is chosen is shown."""
    assert last.question is not None, "an answer has a question"
    if reading.sentence.has(_NEITHER):
        return _with_no_choices(last)
    chosen = ordinal(reading.sentence, last.question.choices)
    if chosen is None:
        said = trimmed(reading.sentence)
        book = Book([Name(name) for name in last.question.choices], plurals=False)
        chosen = book.fit(said).only if said else None
    if chosen is None:
        return None
    noun = "customer" if chosen in reading.index.books["c"].names else "vendor"
    return complete(reading, f"{noun}.show", {noun: chosen})


# A sum that is none yet: what it is exactly is asked again.
_ABOUT = (
    r"(?<=^ )(?:(?:it|was|is|it's|i|think|maybe|probably|like|just) )*(?:about|around"
    r"|roughly|approximately|approx|circa|some|nearly|almost|maybe|~) {MONEY}"
    r"(?: (?:dollars|pounds|or so|i think|ish|\.))* $"
    r"|(?<=^ ){MONEY} (?:- )?(?:ish|or so|or thereabouts|give or take|roughly)"
    r"(?: \.)* $"
)


def _amount(reading: Reading, last: Interpretation) -> Any:
    sentence = reading.sentence
    takes = ACTIONS[last.action].takes if last.action else ()
    if "full" in takes and sentence.has(
        r"in full|full amount|full balance|fully|everything|all of it"
    ):
        return None if sentence.has(r"{MONEY}") else _full(reading, last)
    paid = _paid(reading, last) if last.action == "payment.record" else None
    if paid is not None:
        return paid
    if sentence.has(_ABOUT):
        return _with_no_choices(last)
    found = sentence.search(
        r"(?<=^ )(?:(?:it|was|is|it's|the|amount|sorry|for|make|that|please|of|a|total|"
        r"yes|"
        r"they|paid|he|she|i|mean|,) )*(?P<sum>{MONEY})(?: (?:please|in|total|exactly|"
        r"!|\.|"
        r"dollars|pounds))* $"
    )
    if found is None:
        return None
    return _one_sum(sentence, found.groups["sum"][0], last)


# What settles a document: a bare number may as well say which one.
OF_DOCUMENTS = frozenset({"payment.record", "bill.pay", "credit_memo.create"})


def _one_sum(sentence: Sentence, place: int, last: Interpretation) -> Any:
    """The sum of an answer, unless the same number may be a document's."""
    bare = sentence.parts[place].symbol
    if bare in _documents(last):
        # "Some of invoice 1042": "1042" says again which, not how much.
        return last
    if last.action in OF_DOCUMENTS and may_be_document(bare):
        again = ask(last.action, last.arguments, Doubt("amount", said=bare))
        return replace(again, corrects=last.corrects)
    value = amount_at(sentence, place)
    return None if value is None else money(value)


def _paid(reading: Reading, last: Interpretation) -> Interpretation | None:
    """Which invoices were paid, said where a sum was asked for; how much stays open."""
    assert last.action is not None, "an answer completes a known action"
    sentence, asked = reading.sentence, last.question
    gathered = Gathered(dict(last.arguments))
    if asked is not None and asked.choices == (in_full.ALL_OPEN,):
        told = in_full.answered(sentence)
        if told is not None:
            arguments = {**last.arguments, **told}
            return complete(reading, last.action, arguments, corrects=last.corrects)
        doubtful = in_full.either(sentence)
        if doubtful is not None:
            gathered.doubt("amount", (in_full.ALL_OPEN,), doubtful)
            return _asked_again(reading, last, gathered)
    numbers = in_full.invoices(sentence) if sentence.has("<doc:i>") else None
    if not numbers:
        return None
    gathered.arguments["invoices"] = numbers
    gathered.doubt("amount")
    return _asked_again(reading, last, gathered)


def _documents(last: Interpretation) -> set[str]:
    """The numbers of the documents that are known already."""
    known = {last.arguments.get("invoice"), last.arguments.get("bill")}
    return {str(each) for each in (*known, *last.arguments.get("invoices", [])) if each}


def _full(reading: Reading, last: Interpretation) -> Any:
    """What is paid in full: a customer's invoices that are known, or all by name."""
    if (
        last.action != "payment.record"
        or last.arguments.get("invoices")
        or reading.sentence.has(r"everything|all of it|all")
    ):
        return _Full()
    gathered = Gathered(dict(last.arguments))
    gathered.doubt("amount", (in_full.ALL_OPEN,))
    return _asked_again(reading, last, gathered)


class _Full:
    """The answer "in full" to a question about an amount."""


def _quantity(reading: Reading, last: Interpretation) -> Any:
    found = reading.sentence.search(
        r"(?<=^ )(?:(?:make|it|just|please) )*(?P<count>{NUM})(?: {UNIT})?(?: please)? "
        r"$"
    )
    if found is None:
        return None
    row = reading.sentence.parts[found.first : found.last]
    counted = next((li for li in _lines_of(last) if "quantity" not in li), {})
    if "item" in counted and counts_otherwise(counted["item"], row):
        said = reading.sentence.said(found.first, found.last)
        again = ask(last.action, last.arguments, Doubt("quantity", said=said))
        return replace(again, assumptions=last.assumptions, corrects=last.corrects)
    value = reading.sentence.parts[found.groups["count"][0]].value
    return quantity(value) if value else None


def _lines_of(last: Interpretation) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = last.arguments.get("lines", [])
    return lines


def _number(reading: Reading, last: Interpretation) -> Any:
    assert last.question is not None, "an answer has a question"
    tag = "<doc:b>" if last.question.about == "bill" else "<doc:i>"
    found = reading.sentence.search(
        rf"(?<=^ )(?:(?:invoice|bill|number|no|#|the|it's|its|it|is|i|mean|meant|"
        rf"please|"
        rf"sorry|,|that|one) )*(?P<number>\d+|<code>|{tag}|<inv>)(?: (?:please|!|\.|"
        rf"one))* $"
    )
    if found is None:
        return _several(reading.sentence, tag, last)
    part = reading.sentence.parts[found.groups["number"][0]]
    if part.symbol.isdigit():
        return part.symbol
    return str(part.value)


def _several(
    sentence: Sentence, tag: str, last: Interpretation
) -> Interpretation | None:
    """The question again, where several numbers answer it, or only one that is not."""
    number = rf"\d{{3,}}|{tag}"
    if not sentence.has(
        rf"(?<=^ )(?:(?:invoices?|bills?|numbers?|no|#|the|both|please|,) )*(?:not )?"
        rf"(?:{number})(?: (?:and|or|,|/|-|to|not|invoice|bill|#|{number}))*"
        r"(?: (?:please|!|\.))* $"
    ):
        return None
    assert last.question is not None, "an answer has a question"
    if sentence.has("not"):
        return last
    numbers = tuple(
        part.symbol if part.symbol.isdigit() else str(part.value)
        for part in sentence.parts
        if part.symbol.isdigit() or part.symbol == tag
    )
    again = ask(last.action, last.arguments, Doubt(last.question.about, numbers))
    return replace(again, assumptions=last.assumptions, corrects=last.corrects)


def _expense(reading: Reading, last: Interpretation) -> Any:
    """One of the expenses that were offered, by a part of what it is, or a number."""
    assert last.question is not None, "an answer has a question"
    said = reading.text.strip(" .!?").casefold()
    fits = [each for each in last.question.choices if said in each.casefold()]
    if len(fits) == 1 and len(said) > 1:
        return fits[0]
    found = reading.sentence.search(
        r"(?<=^ )(?:(?:expense|number|no|#|the|id|it's|its|is|please|,|that|one) )*"
        r"(?P<number>\d+|<code>|<doc:\w>|<inv>)(?: (?:please|!|\.))* $"
    )
    if found is None:
        return None
    place = found.groups["number"][0]
    return reading.sentence.said(place, place + 1)


def _reference(reading: Reading, last: Interpretation) -> Any:
    """The number that a vendor gave a bill, as typed."""
    if own_words.is_request(reading):
        return None
    said = own_words.quoted(reading.raw) or reading.text.strip(" .!")
    if not any(each.isdigit() for each in said) and own_words.is_talk(said):
        return last
    return said if said and len(said.split()) <= _WORDS_MAX else None


# What these tell has happened already.
HAPPENED = frozenset({"payment.record", "expense.create", "bill.create"})


def _date(reading: Reading, last: Interpretation) -> Any:
    assert last.question is not None, "an answer has a question"
    dates = list(reading.sentence.each(r"<date>"))
    words = [p for p in reading.sentence.parts if p.symbol not in _NOISE]
    if len(dates) != 1 or len(words) > _WORDS_BESIDE_A_DATE:
        return None
    place = dates[0].first
    when = reading.sentence.parts[place].value
    if not when.exists or not when.is_day:
        return None
    if last.question.within is not None:
        days = bare_days.within(reading.sentence, place, last.question.within)
        if days is not None:
            if last.action in HAPPENED:
                days = tuple(day for day in days if day <= reading.today)
            return _one_day(days, last)
    either = {when.ahead.end, when.behind.end}
    if len(either) > 1 and either <= set(map(_day, last.question.choices)):
        # The same day without a year once more: it says no more than before.
        return last
    day = when.ahead.end if last.question.about == "due_date" else when.behind.end
    if day is not None and last.action in HAPPENED and day > reading.today:
        return last
    return day.isoformat() if day else None


_DAYS_OFFERED = 5


def _one_day(days: tuple[date, ...], last: Interpretation) -> Any:
    """The day of the month or week that was asked about, or which of several."""
    if len(days) == 1:
        return days[0].isoformat()
    if not 0 < len(days) <= _DAYS_OFFERED:
        return last
    assert last.question is not None, "an answer has a question"
    offered = tuple(day.isoformat() for day in days)
    again = ask(last.action, last.arguments, Doubt(last.question.about, offered))
    return replace(again, assumptions=last.assumptions, corrects=last.corrects)


def _day(choice: str) -> date | None:
    try:
        return date.fromisoformat(choice)
    except ValueError:
        return None


def _terms(reading: Reading, last: Interpretation) -> Any:
    del last
    found = reading.sentence.search(r"<terms>")
    if found is not None:
        return reading.sentence.parts[found.first].value[0]
    return reading.index.books["t"].fit(trimmed(reading.sentence)).only


def _method(reading: Reading, last: Interpretation) -> Any:
    del last
    said = trimmed(reading.raw).removeprefix("by ")
    return reading.index.books["m"].fit(said).only


def _account_for(reading: Reading, last: Interpretation) -> Any:
    del last
    return reading.index.books["a"].fit(trimmed(reading.sentence)).only


def _new_name(reading: Reading, last: Interpretation) -> Any:
    """A new name, and what else was said of whom or what it is."""
    if last.question is not None and reading.text in last.question.choices:
        return reading.text
    if own_words.quoted(reading.raw) is None and own_words.is_request(reading):
        return None
    assert last.action is not None, "a name is that of something"
    made = own_words.named(reading, last.action)
    if made is None or made.action is None:
        return last
    arguments = {**last.arguments, **made.arguments}
    if made.kind == "clarify":
        return replace(made, arguments=arguments, corrects=last.corrects)
    return complete(reading, last.action, arguments, corrects=last.corrects)


def _lines(reading: Reading, last: Interpretation) -> Any:
    """Lines by themselves: "10 hours consulting at 150"."""
    if (
        last.action is None
        or reading.is_question
        or write_rules.meant(reading) is not None
    ):
        return None
    request = Request(reading, last.action)
    party = "vendor" if last.action.startswith("bill") else "customer"
    if party in last.arguments:
        request.gathered.arguments[party] = last.arguments[party]
    writes.lines_only(request)
    made = request.arguments.get("lines")
    if not made and "amount" not in request.arguments and not request.gathered.doubts:
        return None
    request.gathered.arguments.update(
        {key: value for key, value in last.arguments.items() if key != "lines"}
    )
    return writes.finished(request, corrects=last.corrects)


def _changes(reading: Reading, last: Interpretation) -> Any:
    """The new value of what is to change; the question says of which field."""
    assert last.action is not None, "a change is a change of something"
    pending = _pending(last)
    if pending in {"name", "address", "memo"}:
        return _worded(reading, last, pending)
    if reading.is_question:
        return None
    request = Request(_with_field(reading, pending), last.action)
    changes: dict[str, object] = {}
    _fields(request, changes)
    if any(doubt.about == "terms" for doubt in request.gathered.doubts):
        request.gathered.arguments.update(last.arguments)
        return writes.finished(request, corrects=last.corrects)
    for value, source in (
        (False, "inactive|deactivate|archive"),
        (True, "active|reactivate|activate"),
    ):
        if not changes and request.take(source):
            changes["active"] = value
    if not changes and last.action == "invoice.update":
        changes = _due_said(request)
    found = request.sentence.search("<date>")
    if not changes and pending == "due_date" and found is not None:
        due = _due_within(request.sentence, found.first, last)
        if due is None:
            return last
        changes["due_date"] = due.isoformat()
        request.sentence.drop(found.first, found.last)
    if not changes:
        return None
    return last if _has_more(request, last) else changes


_DIGITS_ALONE = (
    r"(?<=^ )(?:(?:it|it's|its|is|now|the|new|number|to) )*(?P<said>\d{6,})"
    r"(?: please| thanks)* $"
)


def _with_field(reading: Reading, pending: str | None) -> Reading:
    """The answer; digits alone are the phone number where that was asked for."""
    found = reading.sentence.search(_DIGITS_ALONE)
    if pending != "phone" or found is None:
        return reading
    said = reading.sentence.said(*found.groups["said"])
    return Reading(f"phone {said}", reading.index, reading.today)


def _due_within(sentence: Sentence, place: int, last: Interpretation) -> date | None:
    """The one day that an answer makes the due date."""
    asked = last.question
    if asked is not None and asked.within is not None:
        days = bare_days.within(sentence, place, asked.within)
        if days is not None:
            return days[0] if len(days) == 1 else None
    when = sentence.parts[place].value
    return when.ahead.end if when.exists and when.is_day else None


# Words that stand beside a value, and are none.
_BESIDE = (
    "it it's its is are make change set use to the new old email e-mail phone address"
    " terms number due date should be now no yes instead actually sorry their his her"
    " one customer vendor invoice mark as them he she they from on of for called"
)


def _has_more(request: Request, last: Interpretation) -> bool:
    """Whether more was said than the values taken: a second one, or "or"."""
    for place, part in enumerate(request.sentence.parts):
        known = {str(last.arguments.get(noun)) for noun in ("customer", "vendor")}
        if any(known & set(fits_of(part, letter)) for letter in "cv"):
            request.sentence.drop(place, place + 1)
    return request.rest(_BESIDE) is not None


def _worded(reading: Reading, last: Interpretation, field: str) -> Any:
    """Another name, address or memo, in the person's own words."""
    is_quoted = own_words.quoted(reading.raw) is not None
    if not is_quoted and own_words.is_request(reading):
        return None
    said = own_words.told(reading)
    assert last.action is not None, "a change is a change of something"
    if said is None:
        return last
    if field == "name":
        made = own_words.named(reading, last.action)
        whole = made is not None and made.kind == "write"
        return made.arguments if made is not None and whole else last
    changes: dict[str, object] = {}
    if field == "address" and not is_quoted:
        whole_answer = Reading(f"address is {said}", reading.index, reading.today)
        request = Request(whole_answer, last.action)
        _fields(request, changes)
        if "address" in changes and request.rest() is not None:
            return last
    return changes if "address" in changes else {field: said}


def _due_said(request: Request) -> dict[str, object]:
    """The change of "due date Dec 15", said where a change was asked for."""
    if not request.sentence.has(
        r"(?<=^ )(?:(?:the|its|it's|make|it|set|change|please|new|and|,) )*"
        r"due (?!<date>)"
        r"|(?<=^ )(?:(?:make|it|please|and|,) )*due <date>(?: please| !| \.)* $"
    ):
        return {}
    request.take_due()
    due = request.arguments.get("due_date")
    return {"due_date": due} if due is not None else {}


def _company(reading: Reading, last: Interpretation) -> Any:
    del last
    return reading.index.books["k"].fit(trimmed(reading.raw)).only


def _email(reading: Reading, last: Interpretation) -> Any:
    del last
    found = reading.sentence.search(r"<e>")
    return str(reading.sentence.parts[found.first].value) if found else None


def _proposal(reading: Reading, last: Interpretation) -> Any:
    del last
    found = reading.sentence.search(
        r"(?<=^ )(?:#|the|number|proposal| )*(?P<n><p>|\d+) $"
    )
    if found is None:
        return None
    part = reading.sentence.parts[found.groups["n"][0]]
    return str(part.value) if part.symbol == "<p>" else f"P-{part.symbol}"


def _nothing(reading: Reading, last: Interpretation) -> Any:
    del reading, last


_READERS: dict[str, Callable[[Reading, Interpretation], Any]] = {
    "customer": _name,
    "vendor": _name,
    "item": _item,
    "account": _account,
    "amount": _amount,
    "price": _amount,
    "min_amount": _amount,
    "max_amount": _amount,
    "quantity": _quantity,
    "invoice": _number,
    "invoices": lambda reading, _last: in_full.invoices(reading.sentence),
    "bill": _number,
    "expense": _expense,
    "reference": _reference,
    "date": _date,
    "due_date": _date,
    "terms": _terms,
    "method": _method,
    "deposit_to": _account_for,
    "pay_from": _account_for,
    "income_account": _account_for,
    "name": _new_name,
    "lines": _lines,
    "changes": _changes,
    "company": _company,
    "email": _email,
    "proposal": _proposal,
}

_ACTION_WORDS = {
    "payment.record": r"record|payment|news|paid|it was paid|enter|log",
    "invoice.show": r"show|see|status|look|question|check|view",
    "invoice.create": r"invoice|create",
    "invoice.void": r"void",
    "invoice.send": r"send|email",
}


_YES = (
    r"(?<=^ )(?:(?:yes|yeah|yep|sure|ok|okay|please|go|ahead|do|show|me|it|all|of|that"
    r"|without|thanks|,|!|\.) )+$"
)


def _agreed(reading: Reading, choices: tuple[str, ...]) -> str | None:
    """The one read that was offered, and said yes to; a write takes more than that."""
    only = choices[0] if len(choices) == 1 else ""
    is_read = only in ACTIONS and ACTIONS[only].kind == "read"
    return only if is_read and reading.sentence.has(_YES) else None


def _action(reading: Reading, last: Interpretation) -> Interpretation | None:
    """Which of the actions asked about is wanted."""
    assert last.question is not None, "an answer has a question"
    choices = last.question.choices
    said = reading.text.strip(" .!?").casefold()
    chosen = ordinal(reading.sentence, choices)
    if chosen is None:
        spoken = {SAYINGS[c].casefold(): c for c in choices if c in SAYINGS}
        chosen = said if said in choices else spoken.get(said)
        chosen = chosen or _agreed(reading, choices)
    if (
        chosen is None
        and len(said.split()) <= _WORDS_MAX
        and not reading.sentence.has(r"<name:\w+>|<doc:\w>|{MONEY}|<date>|<p>")
    ):
        fits = [
            action
            for action in choices
            if action in _ACTION_WORDS and reading.sentence.has(_ACTION_WORDS[action])
        ]
        chosen = fits[0] if len(fits) == 1 else None
    if chosen is None or chosen not in ACTIONS:
        return None
    shape = ACTIONS[chosen]
    arguments = {k: v for k, v in last.arguments.items() if k in shape.takes}
    if chosen == "payment.record" and "invoice" in last.arguments:
        arguments["invoices"] = [last.arguments["invoice"]]
    return complete(reading, chosen, arguments, corrects=last.corrects)
