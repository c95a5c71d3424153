"""What narrows a list: status, amounts, order, how many, which days."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.understanding import vocabulary
from bot.understanding.days import Span, before, moved
from bot.understanding.marks import amount_at, money
from bot.understanding.moments import When, distance
from bot.understanding.reading import Gathered, Reading
from bot.understanding.sentence import Sentence

_STATUSES = (
    ("unsent", r"unsent|drafts?"),
    ("voided", r"voided|void|cancelled|canceled"),
    ("overdue", r"overdue|late|delinquent|behind (?:on|with)"),
    (
        "open",
        (
            r"unpaid|open|outstanding|still owed|owing|pending|still due"
            r"|(?:not|never|hasn't|haven't|isn't|aren't|hasnt|havent|isnt|arent)"
            r"(?: \S+)? (?:been )?(?:fully )?(?:paid|settled)"
        ),
    ),
    ("paid", r"paid|settled|cleared"),
)


_DAYS_MAX = 36_500
_LIMIT_MAX = 1000


def status(sentence: Sentence, options: tuple[str, ...]) -> str | None:
    """The status that a list is narrowed to."""
    for name, source in _STATUSES:
        if name in options and sentence.has(source):
            if name == "overdue" and sentence.has(r"not (?:yet )?overdue"):
                continue
            return name
    return None


_NOT_DAYS = r"(?! (?:\+ |plus |or more )?(?:days?|weeks?|months?)(?= ))"
_MINIMUM = (
    (
        r"(?:over|above|more than|greater than|bigger than|larger than|higher than|"
        r"exceeding"
        r"|exceeds?|at least|min|minimum|upwards of|north of|worth more than|from)"
        rf"(?: of| =)? (?P<sum>{{MONEY}}){_NOT_DAYS}"
    ),
    (
        r"(?P<sum>{MONEY}) (?:or more|and up|plus|or above|and above|or over|and over"
        r"|upwards|or higher|or greater|and more)"
    ),
)
_MAXIMUM = (
    (
        r"(?:under|below|less than|smaller than|lower than|at most|up to|no more than"
        r"|not more than|max|maximum|not exceeding|cheaper than)"
        rf"(?: of| =)? (?P<sum>{{MONEY}}){_NOT_DAYS}"
    ),
    (
        r"(?P<sum>{MONEY}) (?:or less|and below|or below|or under|and under|or lower"
        r"|and less|max|at most)"
    ),
)
_BETWEEN = (
    r"(?:between|from) (?P<low>{MONEY}) (?:and|to|-) (?P<high>{MONEY})",
    r"(?P<low><m>) (?:to|-) (?P<high>{MONEY})",
)


_BOUND = (
    r"(?:(?P<over>over|above|more than|greater than|larger than|at least)"
    r"|under|below|less than|smaller than|at most|up to)(?: (?:the|a|an))*"
    r" (?P<said><bad>|<foreign>|<\?>|[a-z]+)(?= )"
)


def amounts(sentence: Sentence, gathered: Gathered) -> None:
    """`min_amount` and `max_amount`, the numbers as said; a bound that is none asks."""
    _said_amounts(sentence, gathered)
    found = sentence.search(_BOUND)
    if found is None or {"min_amount", "max_amount"} & gathered.arguments.keys():
        return
    place = found.groups["said"][0]
    part = sentence.parts[place]
    if part.symbol in {"<bad>", "<foreign>"} or not part.known:
        about = "min_amount" if "over" in found.groups else "max_amount"
        gathered.doubt(about, said=sentence.said(place, place + 1))


def _said_amounts(sentence: Sentence, gathered: Gathered) -> None:
    for source in _BETWEEN:
        found = sentence.search(source)
        if found is not None:
            low = amount_at(sentence, found.groups["low"][0])
            high = amount_at(sentence, found.groups["high"][0])
            if low is not None and high is not None:
                gathered.arguments["min_amount"] = money(min(low, high))
                gathered.arguments["max_amount"] = money(max(low, high))
                _drop_numbers(sentence, found.first, found.last)
                return
    for argument, sources in (("max_amount", _MAXIMUM), ("min_amount", _MINIMUM)):
        for source in sources:
            found = sentence.search(source)
            if found is not None and argument not in gathered.arguments:
                value = amount_at(sentence, found.groups["sum"][0])
                if value is not None:
                    gathered.arguments[argument] = money(value)
                    _drop_numbers(sentence, found.first, found.last)


def _drop_numbers(sentence: Sentence, first: int, last: int) -> None:
    """A number that was understood is not understood twice."""
    for part in sentence.parts[first:last]:
        if part.symbol.isdigit() or part.symbol in {"<n>", "<m>"}:
            part.symbol = "<sum>"
    sentence.changed()


_LATE = (
    (
        r"(?:by |for |over |more than |at least |greater than )*(?P<count>\d+) "
        r"(?:\+ |plus |or more )?(?P<grain>days?|weeks?) (?:or more |plus |\+ )?"
        r"(?:overdue|late|behind|old|and over|or over)"
    ),
    (
        r"(?:overdue|late|behind|owing)(?: by| for| over| more than| at least)+ "
        r"(?P<count>\d+) (?:\+ |plus )?(?P<grain>days?|weeks?)"
    ),
    r"(?:over|more than|at least) (?P<count>\d+) (?P<grain>days?|weeks?)",
    r"(?P<count>\d+) (?:\+|plus) (?P<grain>days?)",
)


def days_overdue(sentence: Sentence) -> int | None:
    """Such as "More than 60 days late": 60."""
    for source in _LATE:
        found = sentence.search(source)
        if found is not None:
            count = int(sentence.parts[found.groups["count"][0]].symbol)
            grain = sentence.parts[found.groups["grain"][0]].symbol
            days = count * (7 if grain.startswith("week") else 1)
            return days if 0 < days <= _DAYS_MAX else None
    return None


_SORTS = (
    ("newest", "newest|latest|recent|last"),
    (
        "oldest",
        "oldest|earliest|first(?= (?:ever )?(?:invoice|bill|payment|expense|charge))",
    ),
    ("largest", "largest|biggest|highest|most expensive|greatest|priciest"),
    ("smallest", "smallest|lowest|cheapest"),
)
_ALL_SORTS = "|".join(words for _, words in _SORTS)


def order(sentence: Sentence, gathered: Gathered, *, sorts: bool) -> None:
    """`limit`, and `sort` where the list has one."""
    ranked = rf"(?:top|first|bottom|{_ALL_SORTS})"
    found = sentence.search(
        rf"{ranked}(?: {ranked})* (?P<count>\d+)(?! (?:days?|weeks?|months?)(?= ))"
        rf"|(?P<number>\d+) {ranked}|(?:limit|max|just|only|at most)(?: to| of)? "
        r"(?P<limit>\d+)(?= $| ,)"
    )
    if found is not None:
        group = next(g for g in ("count", "number", "limit") if g in found.groups)
        count = int(sentence.parts[found.groups[group][0]].symbol)
        if 0 < count <= _LIMIT_MAX:
            gathered.arguments["limit"] = count
            _drop_numbers(sentence, found.first, found.last)
    for name, words in _SORTS:
        if not sorts:
            break
        if sentence.has(words):
            gathered.arguments["sort"] = name
            break
    else:
        if sorts and sentence.has("top") and "limit" in gathered.arguments:
            gathered.arguments["sort"] = "largest"
        return
    if "limit" not in gathered.arguments and sentence.has(
        rf"(?:{_ALL_SORTS})(?: (?:unpaid|open|overdue|outstanding|paid|single|"
        rf"{{NAME}}))*"
        r" (?:invoice|bill|payment|expense|creditmemo|one|charge)(?! categor| account)"
    ):
        gathered.arguments["limit"] = 1


_COMPARE = (
    r"(?:vs|compared (?:to|with)|in comparison (?:to|with)|against|relative to"
    r"|compare(?:d)?(?: it| that| this)?(?: to| with)?|than|over)"
    r" (?:the |our |that of |in )*"
)
_SHIFTS = (
    (
        (
            r"yoy|{CMP}same (?:period|time|month|quarter|week|dates?|day|days|point|"
            r"one)"
            r"(?: of| in| a)* (?:<date>|year (?:ago|before|earlier))"
        ),
        None,
    ),
    (
        r"{CMP}(?:year|years?) (?:ago|before|earlier)|{CMP}(?:a )?year (?:ago|before)",
        12,
    ),
    (
        (
            r"{CMP}(?:previous|prior|preceding|last) (?:period|one)|{CMP}(?:period|"
            r"month|"
            r"quarter|week|one) (?:before|prior)(?: that| it)?"
            # "This month vs last": what it is the last of goes without saying.
            r"|{CMP}(?:last|previous|prior|before)(?= (?:[?!.,|] )*$)"
        ),
        0,
    ),
)


def comparison(
    reading: Reading, sentence: Sentence, period: When | None
) -> tuple[Span | None, When | None]:
    """What a period is compared with, taken out of the sentence.

    Returns the other period, and its own `When` where one was said.
    """
    for source, shift in _SHIFTS:
        found = sentence.search(source.replace("{CMP}", _COMPARE))
        if found is None:
            continue
        when = next(
            (
                part.value
                for part in sentence.parts[found.first : found.last]
                if isinstance(part.value, When)
            ),
            None,
        )
        sentence.drop(found.first, found.last)
        base = period.behind if period else None
        if base is None:
            return None, when
        if shift == 0:
            return before(base), None
        return moved(base, -(_months_back(reading, when) or 12)), None
    found = sentence.search(_COMPARE + r"(?P<other><date>)")
    if found is None:
        found = sentence.search(r"compare (?:\S+ )*?<date> and (?P<other><date>)")
        if found is None:
            return None, None
    place = found.groups["other"][0]
    other: When = sentence.parts[place].value
    if found.first < place and sentence.parts[found.first].symbol == "compare":
        # "Compare Q3 and Q2": only the second is the other one.
        sentence.drop(place, place + 1)
    else:
        sentence.drop(found.first, found.last)
    return _other(reading, period, other), other


def _months_back(reading: Reading, when: When | None) -> int | None:
    """How far back a comparison lies, in months."""
    if when is None or when.behind.start is None:
        return None
    if when.grain == "month":
        return 1
    if when.grain == "quarter":
        return 3
    this = reading.calendar.year(0).start
    start = when.behind.start
    return (this.year - start.year) * 12 if this and this > start else None


def _other(reading: Reading, period: When | None, other: When) -> Span:
    """The period compared with; the same days where the first runs to date."""
    last = other.behind
    if period is None or last.start is None or period.behind.end is None:
        return last
    if other.is_day and not period.is_day:
        # "A year ago", of a period: that period a year earlier.
        return moved(period.behind, -12)
    grains = {"month": 1, "quarter": 3, "year": 12}
    if (
        period.mode == "to date"
        and other.mode != "to date"
        and (other.grain == period.grain)
    ):
        return moved(period.behind, -grains[period.grain])
    smaller = period.grain in {"month", "quarter", "half", "week", "day", "days"}
    if other.grain == "year" and smaller and last == reading.calendar.year(-1):
        return moved(period.behind, -12)
    return last


_DUE_BEFORE = (
    r"(?:due|payable|falling due|coming due|fall due|falls due|due date)"
    r"(?: (?:on|in|for|within|over|during|between|is|are|:|anytime|sometime))*"
    r" (?P<when><date>)"
)


def due(sentence: Sentence) -> When | None:
    """The days on which something is due, taken out of the sentence."""
    found = sentence.search(_DUE_BEFORE)
    if found is None:
        found = sentence.search(
            r"(?P<when><date>) due|due (?:\S+ ){1,3}(?P<other><date>)"
        )
        if found is None or sentence.has("overdue"):
            return None
    group = found.groups.get("when") or found.groups["other"]
    when = sentence.parts[group[0]].value
    sentence.drop(group[0], group[0] + 1)
    assert isinstance(when, When), "a date part without a date"
    if when.relative is not None:
        return _within(when)
    return when


def _within(when: When) -> When:
    """Such as "Due in 30 days" of a list: from today on, until then."""
    end = when.ahead.end
    if end is None or when.relative is None:
        return when
    count, grain = when.relative
    start = distance(end, -count, grain) + timedelta(days=1)
    span = Span(start, end)
    return replace(when, behind=span, ahead=span)


def days(sentence: Sentence) -> list[When]:
    """All dates that are left in the sentence, in order."""
    return [part.value for part in sentence.parts if isinstance(part.value, When)]


_GROUPS = {
    "customer": "customers?|client|clients|parent",
    "vendor": "vendors?|payee|payees",
    "item": "items?|products?|services?|product and service",
    "account": "accounts?|categor(?:y|ies)|type|kind|type of expense",
    "month": "months?",
    "quarter": "quarters?",
    "class": "class|classes|segment",
}


def is_group(name: str, noun: str) -> bool:
    """Whether a noun is a word for what something is grouped by."""
    return re.fullmatch(_GROUPS.get(name, name), noun) is not None


def grouping(sentence: Sentence, options: tuple[str, ...]) -> str | None:
    """Such as "By month", "per customer", "monthly"."""
    for name in options:
        words = _GROUPS[name]
        if sentence.has(
            rf"(?:by|per|for each|each|every|grouped by|split by|across)"
            rf"(?: the| each| every)? (?:{words})"
        ):
            return name
    if "month" in options and sentence.has(
        "monthly|month by month|month on month|(?:charge|charges|charging|cost|costs|"
        "costing|bill|bills|pay|paid|paying|spend|spent|spending)(?: us)? a month"
    ):
        return "month"
    if "quarter" in options and sentence.has("quarterly|quarter by quarter"):
        return "quarter"
    return None


def basis(sentence: Sentence) -> str | None:
    """Such as "Cash basis" or "accrual"."""
    found = sentence.search(
        r"(?P<basis>cash|accrual|accruals)(?: basis)(?= )|(?:on|in|using|as) (?:a |an "
        r"|the )?(?P<other>cash|accrual)(?= )|(?P<last>accrual)"
    )
    if found is None:
        return None
    place = next(iter(found.groups.values()))[0]
    return sentence.parts[place].symbol.removesuffix("s")


def search_text(sentence: Sentence) -> str | None:
    """What a name is searched by: in quotes, or after a word such as "called"."""
    found = sentence.search(r"<q>")
    if found is not None:
        value = str(sentence.parts[found.first].value)
        return value or None
    found = sentence.search(
        r"(?:called|named|like|matching|containing|contain|contains|starting with"
        r"|beginning with|with (?:the )?name|search(?: \S+){0,2} for|for) (?P<said>.+)"
    )
    if found is None:
        found = sentence.search(
            r"(?:with|having|has|have|include|including) (?P<said>.+?) in "
            r"(?:the|their|its) names?"
        )
    if found is None:
        return None
    first, last = found.groups["said"]
    said = sentence.said(first, last).strip(" .?!,")
    if all(part.symbol in vocabulary.FILLER for part in sentence.parts[first:last]):
        # "List all customers for me" searches for nobody.
        return None
    return said or None


def put(arguments: dict[str, Any], name: str, value: object) -> None:
    """Set an argument that was said."""
    if value is not None:
        arguments[name] = value
