"""The days that a question is about: `period`, `due`, `as_of`, `compare_to`."""

from datetime import date

from bot.understanding import filters
from bot.understanding.days import Span
from bot.understanding.interpretation import ACTIONS
from bot.understanding.moments import When
from bot.understanding.reading import Gathered, Reading
from bot.understanding.sentence import Sentence

_TO_PAY = (
    r"(?:need|needs|have|has|got|should|must|do|supposed|going|still) (?:to |we |i |"
    r"be )*"
    r"(?:pay|paying|be paid|paid)|to be paid|to pay"
)

# What is left of "since Labor Day" where no calendar has read the day.
_UNREAD = r"(?:since|until|till) (?!now(?= )|then(?= )|when(?= ))\S+"


def times(
    reading: Reading, action: str, sentence: Sentence, gathered: Gathered
) -> None:
    """`period`, `due`, `as_of` and `compare_to`."""
    takes = ACTIONS[action].takes
    arguments = gathered.arguments
    compared: tuple[Span | None, When | None] = (None, None)
    if "compare_to" in takes:
        compared = _comparison(reading, sentence, gathered, takes)
    if "due" in takes:
        due = filters.due(sentence)
        if due is not None and not due.exists:
            gathered.doubt("date")
        elif due is not None:
            arguments["due"] = reading.period_json(due, ahead=True)
    whens = filters.days(sentence)
    if "as_of" in takes:
        _as_of(reading, whens, compared, gathered, takes)
        return
    if compared[0] is not None:
        _compare(compared[0], gathered)
    if "period" in takes and whens:
        if len(whens) > 1 and "compare_to" in takes and compared[0] is None:
            _compare(whens[1].behind, gathered)
        _period(reading, sentence, whens[0], gathered, takes)
    elif "period" in takes and sentence.has(_UNREAD):
        gathered.doubt("period")


def _comparison(
    reading: Reading, sentence: Sentence, gathered: Gathered, takes: tuple[str, ...]
) -> tuple[Span | None, When | None]:
    """What a period is compared with; `period` too where only that tells."""
    first = next(iter(filters.days(sentence)), None)
    to_date = Span(reading.calendar.year(0).start, reading.today)
    default = When(to_date, to_date, "year", mode="to date")
    if "as_of" in takes:
        day = Span(reading.today, reading.today)
        default = When(day, day)
    own = first if _first_is_own(sentence) else None
    if own is None and first is not None and "as_of" not in takes:
        # "P&L vs last month": this month is what is compared with it.
        own = _present(reading, first)
        if own is not None:
            gathered.arguments["period"] = reading.period_json(own)
    return filters.comparison(reading, sentence, own or default)


def _period(
    reading: Reading,
    sentence: Sentence,
    when: When,
    gathered: Gathered,
    takes: tuple[str, ...],
) -> None:
    """The days it happened on, or is due on where they lie ahead."""
    if not when.exists:
        gathered.doubt("date")
        return
    arguments = gathered.arguments
    ahead = when.behind.start is not None and when.behind.start > reading.today
    # What is still to be paid on some days is due on them.
    ahead = ahead or sentence.has(_TO_PAY)
    if "due" in takes and "due" not in arguments and ahead:
        arguments["due"] = reading.period_json(when, ahead=True)
    elif is_of_totals(takes):
        arguments["period"] = up_to(reading, sentence, when).as_json()
    else:
        arguments["period"] = reading.period_json(when)


def is_of_totals(takes: tuple[str, ...]) -> bool:
    """Whether an action sums up its period, rather than listing what is in it."""
    return "period" in takes and ("compare_to" in takes or len(takes) == 1)


def up_to(reading: Reading, sentence: Sentence, when: When) -> Span:
    """The days of totals: "as of October 31" is the fiscal year up to that day."""
    span = when.behind
    as_of = when.mode == "as of" or sentence.has(r"(?:to|thru) <date>")
    if not when.is_day or span.end is None or not as_of:
        return span
    calendar = reading.calendar
    return Span(calendar.year_start(calendar.year_of(span.end)), span.end)


def _present(reading: Reading, other: When) -> When | None:
    """This week, month or quarter, where the one before it was named; else None."""
    calendar = reading.calendar
    grains = {
        "week": calendar.week,
        "month": calendar.month,
        "quarter": calendar.quarter,
    }
    span = grains.get(other.grain)
    if span is None or other.mode or other.behind != span(-1):
        return None
    return When(span(0), span(0), other.grain)


def _compare(other: Span, gathered: Gathered) -> None:
    if other.as_json():
        gathered.arguments["compare_to"] = other.as_json()
    else:
        gathered.doubt("date")


def _first_is_own(sentence: Sentence) -> bool:
    """Whether the first date is the period itself, not what it is compared with."""
    found = sentence.search(
        r"(?:vs|compared (?:to|with)|against|compare (?:to|with)|than) "
        r"(?:the |our |same |period |time |month |quarter |of |in )*<date>"
    )
    first = sentence.search("<date>")
    return found is None or first is None or first.first < found.first


def _exists(when: When, gathered: Gathered) -> None:
    if not when.exists:
        gathered.doubt("date")


def _as_of(
    reading: Reading,
    whens: list[When],
    compared: tuple[Span | None, When | None],
    gathered: Gathered,
    takes: tuple[str, ...],
) -> None:
    """A day: of a period its last, or today if that has not come."""

    def last(span: Span) -> date:
        return min(span.end or reading.today, reading.today)

    arguments = gathered.arguments
    other = compared[1]
    if whens:
        _exists(whens[0], gathered)
        when = whens[0]
        day = when.behind.end
        if when.is_day and day is not None:
            arguments["as_of"] = day.isoformat()
        else:
            arguments["as_of"] = last(when.behind).isoformat()
    if compared[0] is not None:
        as_of = date.fromisoformat(arguments.get("as_of", reading.today.isoformat()))
        if other is not None and other.behind.end is not None:
            arguments["compare_to"] = last(other.behind).isoformat()
        else:
            end = compared[0].end or as_of
            arguments["compare_to"] = min(end, reading.today).isoformat()
    elif len(whens) > 1 and "compare_to" in takes:
        arguments["compare_to"] = last(whens[1].behind).isoformat()
