"""What was said in a question and nothing was made of: asked about, or told.

An answer that passes over "vs last summer" looks like the one that was asked for. What
would narrow or compare it is asked about; of any other word the answer tells that it
was not read.
"""

import re
from collections.abc import Iterator
from datetime import date

from bot.understanding import filters, read_rules
from bot.understanding.days import Span
from bot.understanding.interpretation import Interpretation
from bot.understanding.parties import is_unknown
from bot.understanding.questions import ask_action
from bot.understanding.reading import Gathered, Reading
from bot.understanding.sentence import Sentence

# The places of parts: from the first up to without the last.
Places = tuple[int, int]

_COMPARED = (
    r"(?:vs|compared (?:to|with)|in comparison (?:to|with)|compare (?:to|with)"
    r"|relative to|as opposed to)(?P<other>(?: [^,.?!|]\S*)*)"
)
_GRAIN = r"(?:days?|weeks?|weekend|months?|quarters?|years?)"
# A word beside these says of which days, or how many.
_NARROWING = frozenset(
    [
        *("last", "next", "this", "past", "previous", "since", "until", "till", "vs"),
        *("before", "after", "during", "over", "under", "above", "below", "than"),
        *("except", "without", "excluding"),
    ]
)
# What known words narrow that an action has nothing for, by the actions.
_LISTS = frozenset({"customers.list", "vendors.list", "items.list", "accounts.list"})
_MONEY = frozenset({"payments.list", "expenses.list", "credit_memos.list"})
_BEYOND: tuple[tuple[frozenset[str], str], ...] = (
    (_LISTS, r"(?:inactive|archived|deactivated|newest|oldest|latest|new)(?= )"),
    (
        _MONEY,
        r"(?:unpaid|overdue|late|voided|void|outstanding|pending|failed|unsent)(?= )",
    ),
    (frozenset({"sales.total"}), r"sales tax"),
)
_BOUND = (
    r"(?:over|above|more than|greater than|larger than|under|below|less than|at least"
    r"|at most|up to) {MONEY}(?: (?:days?|weeks?|months?))?"
)
_ORDERED = r"(?:sorted|ordered|ranked|sort|order|rank)(?: (?:it|them))? by \S+"
_LACKING = r"(?:without|with no|have no|has no|missing) [a-z]+(?= )"
_SPLIT = r"(?:by|per|for each) (?P<noun>[a-z]+)(?= )"
# What a list is of by itself: whose debts are told by who owes them.
_INHERENT = {
    "report.ar_aging": "customer",
    "receivables.list": "customer",
    "customers.list": "customer",
    "report.ap_aging": "vendor",
    "payables.list": "vendor",
    "vendors.list": "vendor",
}
_SPLIT_NOUNS = re.compile(
    "(?:customer|vendor|item|product|service|account|category|class|month|quarter"
    "|week|day|year|employee|location|department|project|type|status)s?"
)
# Words of talk, and for where it is looked up, which narrow nothing.
_IDLE = read_rules.WORDS | frozenset(
    [
        *("still", "possibly", "thats", "info", "rundown", "deal", "happening"),
        *("whatever", "everyone", "everybody", "stuff", "older", "issued"),
        *("system", "file", "record", "records", "screen", "page", "moment"),
    ]
)
# What names somebody or something, whatever it was taken for.
_NAMED = ("customer", "vendor", "item", "account", "search")
_OF_ONE = frozenset({"invoice", "bill", "proposal"})
# "Cost of goods sold accounts": a type may be an account's name as well.
_DESCRIBED = frozenset({"search", "type"})


def question(
    reading: Reading, action: str, sentence: Sentence, gathered: Gathered
) -> Interpretation | None:
    """The question of what was left unread, if it narrows; else a note is made of it.

    `sentence` is as `gathered` was taken from it: what was understood of days
    compared, days due and sums is no longer there.
    """
    days = list(_days(reading.today, sentence, gathered))
    left = [
        *_compared(sentence, gathered),
        *(place for place, is_now in days if not is_now),
        *_names(sentence, gathered),
        *_narrowed(sentence),
        *_beyond(action, sentence, gathered),
    ]
    if left and not gathered.doubts:
        said = _said(sentence, left)
        return ask_action(
            (action,),
            gathered.arguments,
            text=f'I made nothing of "{said}". Shall I show it without that?',
        )
    told = [*left, *(place for place, _ in days), *_unknown(sentence)]
    told = [span for span in told if not _is_asked(sentence, span, gathered)]
    if told:
        note = f'I made nothing of "{_said(sentence, told)}".'
        gathered.assumptions.append(note)
    return None


def _is_asked(sentence: Sentence, span: Places, gathered: Gathered) -> bool:
    """Whether a question is about these words already, or a search for them."""
    asked = [doubt.said for doubt in gathered.doubts]
    asked.append(str(gathered.arguments.get("search", "")))
    last = sentence.said(span[1] - 1, span[1]).casefold()
    return any(last in each.casefold() for each in asked)


def _said(sentence: Sentence, spans: list[Places]) -> str:
    """The words of some spans, each once and in order."""
    places = sorted({place for span in spans for place in range(*span)})
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return '", "'.join(sentence.said(run[0], run[-1] + 1) for run in runs)


def _compared(sentence: Sentence, gathered: Gathered) -> Iterator[Places]:
    """What it should be compared with: what was understood of that is gone by now."""
    for found in sentence.each(_COMPARED):
        named = found.at("other") is not None
        if named or "compare_to" not in gathered.arguments:
            yield found.first, found.last


def _days(
    today: date, sentence: Sentence, gathered: Gathered
) -> Iterator[tuple[Places, bool]]:
    """Days beyond those that were taken, and whether today is one of them.

    A list of what is owed now is hardly less than was asked "for this month".
    """
    arguments = gathered.arguments
    places = [at for at, part in enumerate(sentence.parts) if part.symbol == "<date>"]
    used = 0
    if "period" in arguments or "as_of" in arguments:
        used = 1 + ("compare_to" in arguments)
    elif "due" in arguments:
        used = 1
    whens = filters.days(sentence)
    for place, when in list(zip(places, whens, strict=True))[used:]:
        # What is said of today is of now; "from May in May" says one thing of two.
        if when.behind == Span(today, today) or when in whens[:used]:
            continue
        start, end = when.behind.start, when.behind.end
        is_now = start is not None and start <= today and (not end or today <= end)
        yield (place, place + 1), is_now and not used


def _names(sentence: Sentence, gathered: Gathered) -> Iterator[Places]:
    """Names that are nobody's of the answer; one record is named by its number."""
    arguments = gathered.arguments
    if gathered.doubts or _OF_ONE & arguments.keys() or _DESCRIBED & arguments.keys():
        return
    known = {arguments[name] for name in _NAMED if name in arguments}
    for place, part in enumerate(sentence.parts):
        if not part.symbol.startswith("<name:"):
            continue
        if not known & {name for fit in part.value.values() for name in fit.names}:
            yield place, place + 1


def _narrowed(sentence: Sentence) -> Iterator[Places]:
    """Unknown words right where days or a number would stand, and sums left over."""
    for found in sentence.each(r"(?:<m>|<bad>|<foreign>)"):
        yield found.first, found.last
    row = sentence.parts
    for place, part in enumerate(row):
        if not is_unknown(part):
            continue
        before = row[place - 1].symbol if place else ""
        if before in _NARROWING:
            yield place - 1, place + 1
    for found in sentence.each(rf"(?P<word>\S+) {_GRAIN}"):
        if is_unknown(row[found.first]):
            yield found.first, found.last


def _beyond(action: str, sentence: Sentence, gathered: Gathered) -> Iterator[Places]:
    """What known words ask for that this answer has no place for."""
    sources = [source for actions, source in _BEYOND if action in actions]
    sources.append(_LACKING)
    if "sort" not in gathered.arguments:
        sources.append(_ORDERED)
    if "min_days_overdue" not in gathered.arguments and not sentence.has("old|older"):
        sources.append(_BOUND)
    for source in sources:
        for found in sentence.each(source):
            yield found.first, found.last
    for found in sentence.each(_SPLIT):
        noun = sentence.parts[found.groups["noun"][0]].symbol
        if _SPLIT_NOUNS.fullmatch(noun) and not _is_split(action, noun, gathered):
            yield found.first, found.last


def _is_split(action: str, noun: str, gathered: Gathered) -> bool:
    """Whether the answer has a row or a column for each of these."""
    arguments = gathered.arguments
    by = arguments.get("group_by") or arguments.get("by") or _INHERENT.get(action)
    return by is not None and filters.is_group(by, noun)


def _unknown(sentence: Sentence) -> Iterator[Places]:
    """Words that neither the grammar nor the books know."""
    for place, part in enumerate(sentence.parts):
        idle = part.symbol in _IDLE or part.fold in _IDLE
        if is_unknown(part) and part.fold and not idle:
            yield place, place + 1
