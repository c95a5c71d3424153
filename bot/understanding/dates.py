"""Dates and periods in people's words.

Each becomes a `<date>` part whose value is a `When`: the days it means for what
happened, and for what is due, which lies ahead.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.understanding.days import Calendar, Span, months, months_later
from bot.understanding.sentence import Found, Sentence
from bot.understanding.vocabulary import MONTHS, WEEKDAYS

_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
_WEEKDAY = "(?P<weekday>" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + ")"
_DAY = r"(?P<day>\d{1,2}(?:st|nd|rd|th)?)"
_YEAR = r"(?P<year>(?:19|20)\d\d|' \d\d)"
_COUNT = r"(?P<count>\d{1,4}|a|an|one|couple of|a couple of)"
_GRAIN = r"(?P<grain>days?|weeks?|months?|quarters?|years?|fortnights?)"
_BACK = r"(?:last|past|previous|prior|preceding|trailing)"


@dataclass(frozen=True, slots=True)
class When:
    """Some days. `behind` for what happened, `ahead` for what is due.

    `mode` is how they were bounded ("since", "before", "after", "until", "by",
    "from", "as of", "to date"), empty for the days themselves. `exists` is False
    for a day that no calendar has. `relative` is a distance that counts from a
    document's date, in (number, grain).
    """

    behind: Span
    ahead: Span
    grain: str = "day"
    mode: str = ""
    exists: bool = True
    relative: tuple[int, str] | None = None

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.grain == "day" and self.behind.start == self.behind.end


_NOWHERE = Span(None, None)


def _one(span: Span, grain: str) -> When:
    return When(span, span, grain)


def _day(day: date) -> When:
    return _one(Span(day, day), "day")


def _unreal() -> When:
    return When(_NOWHERE, _NOWHERE, "day", exists=False)


Words = dict[str, str]
Rule = tuple[str, Callable[[Words, Calendar, bool], When | None]]


def _year_number(text: str) -> int:
    digits = re.sub(r"\D", "", text)
    number = int(digits)
    return number if len(digits) == 4 else 2000 + number


def _day_number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _dated(month: int, day: int, year: int | None, calendar: Calendar) -> When | None:
    """A month's day; without a year the nearest such day on either side."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return _unreal()
    if year is not None:
        exact = _real(year, month, day)
        return _day(exact) if exact else _unreal()
    today = calendar.today
    this = _real(today.year, month, day)
    past = this if this and this <= today else _real(today.year - 1, month, day)
    next_ = this if this and this > today else _real(today.year + 1, month, day)
    if past is None and next_ is None:
        return _unreal()
    return When(Span(past, past), Span(next_, next_))


def _iso(words: Words, _calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    year, month, day = (int(digits) for digits in words["iso"].split("-"))
    exact = _real(year, month, day)
    return _day(exact) if exact else _unreal()


def _numeric(words: Words, calendar: Calendar, us: bool) -> When | None:  # noqa: FBT001
    """Numbers only: month first in the US (but for dots), day first elsewhere."""
    text = words["numeric"]
    numbers = [int(digits) for digits in re.split(r"[/.-]", text)]
    day, month = numbers[:2]
    if us and "." not in text:
        day, month = month, day
    year = None
    if len(numbers) == 3:
        year = numbers[2] if numbers[2] > 99 else 2000 + numbers[2]
    return _dated(month, day, year, calendar)


def _month_day(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    year = _year_number(words["year"]) if words.get("year") else None
    return _dated(MONTHS[words["month"]], _day_number(words["day"]), year, calendar)


def _days_of_month(words: Words, calendar: Calendar, us: bool) -> When | None:  # noqa: FBT001
    first = _month_day(words, calendar, us)
    last = _month_day(words | {"day": words["until"]}, calendar, us)
    return first and last and _between(first, last)


def _day_of_month(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    number = _day_number(words["day"])
    if not 1 <= number <= 31:
        return _unreal()
    base = calendar.today.replace(day=1)

    def seek(step: int, fits: Callable[[date], bool]) -> date | None:
        for offset in range(14):
            month = months_later(base, step * offset)
            exact = _real(month.year, month.month, number)
            if exact and fits(exact):
                return exact
        return None

    past = seek(-1, lambda exact: exact <= calendar.today)
    next_ = seek(1, lambda exact: exact > calendar.today)
    return When(Span(past, past), Span(next_, next_))


def _day_in_month(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    """ "The 5th of next month"."""
    month = calendar.month(_offset(words["which"])).start
    exact = month and _real(month.year, month.month, _day_number(words["day"]))
    return _day(exact) if exact else _unreal()


def _weekday(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    number = WEEKDAYS[words["weekday"]]
    today, which = calendar.today, words.get("which") or ""
    if which in {"this", "next"}:
        start = calendar.week(0 if which == "this" else 1).start
        return start and _day(start + timedelta(days=number))
    back = (today.weekday() - number) % 7
    forward = (number - today.weekday()) % 7 or 7
    if which in {"last", "past", "previous"}:
        return _day(today - timedelta(days=back or 7))
    if which == "coming":
        return _day(today + timedelta(days=forward))
    if which == "week":
        start = calendar.week(int(words["weeks"])).start
        return start and _day(start + timedelta(days=number))
    past, ahead = today - timedelta(days=back), today + timedelta(days=forward)
    return When(Span(past, past), Span(ahead, ahead))


def _weekday_of_week(words: Words, calendar: Calendar, us: bool) -> When | None:  # noqa: FBT001
    weeks = str(_offset(words["which"]))
    return _weekday(words | {"which": "week", "weeks": weeks}, calendar, us)


def _offset(word: str) -> int:
    if word in {"this", "current", "the", "present"}:
        return 0
    return 1 if word in {"next", "following", "coming", "upcoming"} else -1


def _grain_span(grain: str, offset: int, calendar: Calendar) -> Span:
    if grain == "week":
        return calendar.week(offset)
    if grain == "month":
        return calendar.month(offset)
    if grain == "quarter":
        return calendar.quarter(offset)
    if grain == "year":
        return calendar.year(offset)
    if grain == "weekend":
        start = calendar.week(offset).start or calendar.today
        return Span(start + timedelta(days=5), start + timedelta(days=6))
    day = calendar.today + timedelta(days=offset)
    return Span(day, day)


def _named_grain(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    grain = words["grain"].rstrip("s")
    offset = _offset(words["which"])
    if words.get("calendar") and grain == "year":
        return _one(months(date(calendar.today.year + offset, 1, 1), 12), "year")
    return _one(_grain_span(grain, offset, calendar), grain)


def _before_last(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    """ "The month before last"."""
    grain = words["grain"].rstrip("s")
    return _one(_grain_span(grain, -2, calendar), grain)


def _to_date(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    grain = words["grain"].rstrip("s")
    start = _grain_span(grain, 0, calendar).start
    span = Span(start, calendar.today)
    return When(span, span, grain, mode="to date")


_TO_DATE = {"ytd": "year", "fytd": "year", "mtd": "month", "qtd": "quarter"}


def _short_to_date(words: Words, calendar: Calendar, us: bool) -> When | None:  # noqa: FBT001
    grain = _TO_DATE.get(words["short"], "week")
    return _to_date({"grain": grain}, calendar, us)


def _count(text: str) -> int:
    if text in {"a", "an", "one"}:
        return 1
    return 2 if "couple" in text else int(text)


def _last_n(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    """The last N days or weeks end today; months and more are complete ones."""
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    if not 0 < count <= 1200:
        return None
    if grain in {"day", "week", "fortnight"}:
        days = count * {"day": 1, "week": 7, "fortnight": 14}[grain]
        start = calendar.today - timedelta(days=days - 1)
        return _one(Span(start, calendar.today), "days")
    first = _grain_span(grain, -count, calendar)
    return _one(Span(first.start, _grain_span(grain, -1, calendar).end), "days")


def _next_n(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    if not 0 < count <= 1200:
        return None
    if grain in {"day", "week", "fortnight"}:
        days = count * {"day": 1, "week": 7, "fortnight": 14}[grain]
        tomorrow = calendar.today + timedelta(days=1)
        return _one(Span(tomorrow, calendar.today + timedelta(days=days)), "days")
    last = _grain_span(grain, count, calendar)
    return _one(Span(_grain_span(grain, 1, calendar).start, last.end), "days")


_STEPS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "fortnight": relativedelta(weeks=2),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}


def distance(start: date, count: int, grain: str) -> date:
    """The day some days, weeks, months … after another.

    Raises:
        OverflowError: beyond the years that a date can have.
    """
    try:
        return start + _STEPS[grain] * count
    except ValueError as wrong:
        raise OverflowError(str(wrong)) from wrong


def _in_n(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    made = _day(distance(calendar.today, count, grain))
    return replace(made, relative=(count, grain))


def _ago(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    return _day(distance(calendar.today, -count, grain))


_NEAR_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1, "tonight": 0}


def _near_day(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    offset = _NEAR_DAYS[words["near"]]
    if words.get("further"):
        offset *= 2
    return _day(calendar.today + timedelta(days=offset))


def _month(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    """A month; without a year the one that began last, or the next for what is due."""
    number = MONTHS[words["month"]]
    if words.get("year"):
        start = date(_year_number(words["year"]), number, 1)
        return _one(months(start, 1), "month")
    today = calendar.today
    which = words.get("which") or ""
    if which:
        return _month_of_year(number, which, calendar)
    behind = date(today.year - (number > today.month), number, 1)
    ahead = date(today.year + (number < today.month), number, 1)
    return When(months(behind, 1), months(ahead, 1), "month")


def _month_of_year(number: int, which: str, calendar: Calendar) -> When | None:
    """ "Last June" is the most recent one that is over, "next June" lies ahead."""
    today = calendar.today
    if which == "this":
        return _one(months(date(today.year, number, 1), 1), "month")
    if which in {"next", "coming"}:
        later = today.year + (number <= today.month)
        return _one(months(date(later, number, 1), 1), "month")
    earlier = today.year - (number >= today.month)
    return _one(months(date(earlier, number, 1), 1), "month")


def _month_last_year(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    year = calendar.today.year + _offset(words["which"])
    return _one(months(date(year, MONTHS[words["month"]], 1), 1), "month")


def _part(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    """A fiscal quarter or half, by its number."""
    code = words["code"]
    number, size = int(code[1]), 3 if code[0] == "q" else 6
    if number * size > 12:
        return None
    grain = "quarter" if size == 3 else "half"
    if words.get("year"):
        ends_in = _year_number(words["year"])
        return _one(calendar.part_of_year(number, size, ends_in), grain)
    this = calendar.year_of(calendar.today)
    if words.get("which"):
        ends_in = this + _offset(words["which"])
        return _one(calendar.part_of_year(number, size, ends_in), grain)
    spans = [
        calendar.part_of_year(number, size, ends_in)
        for ends_in in (this - 1, this, this + 1)
    ]
    behind = [s for s in spans if s.start and s.start <= calendar.today][-1]
    ahead = next(s for s in spans if s.end and s.end >= calendar.today)
    return When(behind, ahead, grain)


_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3}
_NTH |= {"fourth": 4, "4th": 4, "last": 4}


def _nth_part(words: Words, calendar: Calendar, us: bool) -> When | None:  # noqa: FBT001
    letter = "q" if words["kind"] == "quarter" else "h"
    return _part(words | {"code": f"{letter}{_NTH[words['nth']]}"}, calendar, us)


def _fiscal_year(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    code = words["code"]
    year = _year_number(code)
    if code.startswith("cy"):
        return _one(months(date(year, 1, 1), 12), "year")
    return _one(calendar.named_year(year), "year")


def _year(words: Words, calendar: Calendar, _us: bool) -> When | None:  # noqa: FBT001
    year = _year_number(words["year"])
    if words.get("calendar"):
        return _one(months(date(year, 1, 1), 12), "year")
    return _one(calendar.named_year(year), "year")


def _edge(words: Words, calendar: Calendar, us: bool) -> When | None:  # noqa: FBT001
    """The first or last day of a stretch of time."""
    grain = (words.get("grain") or "month").rstrip("s")
    if words.get("month"):
        inner = _month(words | {"which": ""}, calendar, us)
    else:
        inner = _one(
            _grain_span(grain, _offset(words.get("which") or "this"), calendar), grain
        )
    if inner is None:
        return None
    at_end = words["edge"] not in {"start", "beginning", "first"}

    def edge(span: Span) -> Span:
        day = span.end if at_end else span.start
        return Span(day, day)

    return When(edge(inner.behind), edge(inner.ahead))


_THIS = r"(?P<which>this|last|next|previous|prior|past|current|coming|following)"
_SPANS = r"(?P<grain>weeks?|months?|quarters?|years?|weekend)"
_YEARLY = r"(?:(?P<calendar>calendar) |fiscal |financial )?"

_ATOMS: tuple[Rule, ...] = (
    (r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})", _iso),
    (r"(?P<numeric>\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?)", _numeric),
    (
        rf"{_MONTH} {_DAY} (?:-|to|through|thru|until) (?:the )?(?P<until>\d{{1,2}}"
        rf"(?:st|nd|rd|th)?)(?: ,)?(?: {_YEAR})?(?! ,? ?\d|/)",
        _days_of_month,
    ),
    (
        rf"{_DAY} (?:-|to|through|thru|until) (?P<until>\d{{1,2}}(?:st|nd|rd|th)?) "
        rf"(?:of )?{_MONTH}(?:(?: ,)? {_YEAR})?",
        _days_of_month,
    ),
    (rf"(?:the )?{_DAY} (?:of )?{_MONTH}(?:(?: ,)? {_YEAR})?", _month_day),
    (rf"{_MONTH} (?:the )?{_DAY}(?:(?: ,)? {_YEAR})?(?! ?(?:hours|x))", _month_day),
    (rf"(?:the )?(?P<day>\d{{1,2}}(?:st|nd|rd|th)) of {_THIS} month", _day_in_month),
    (
        rf"(?:the )?(?P<edge>end|start|beginning|first day|last day) of (?:the )?"
        rf"(?:{_THIS} )?{_YEARLY}(?P<grain>week|month|quarter|year)",
        _edge,
    ),
    (
        rf"(?:the )?(?P<edge>end|start|beginning|first day|last day) of {_MONTH}"
        rf"(?: {_YEAR})?",
        _edge,
    ),
    (r"(?:the )?(?P<grain>month|quarter|year) (?P<edge>end)(?! date)", _edge),
    (
        r"(?:the )?day (?:before|after) (?P<further>)(?P<near>yesterday|tomorrow)",
        lambda w, c, us: _near_day(w | {"further": "yes"}, c, us),
    ),
    (r"(?P<near>today|yesterday|tomorrow|tonight)", _near_day),
    (r"(?:of|at|to|until|till) (?:right )?now", lambda _w, c, _us: _day(c.today)),
    (rf"(?:the )?{_BACK} {_COUNT} {_GRAIN}", _last_n),
    (rf"(?:the )?(?:next|coming|following) {_COUNT} {_GRAIN}", _next_n),
    (
        r"(?:the )?(?:last|past) (?P<grain>fortnight)",
        lambda w, c, us: _last_n(w | {"count": "1"}, c, us),
    ),
    (
        r"(?:the )?next (?P<grain>fortnight)",
        lambda w, c, us: _next_n(w | {"count": "1"}, c, us),
    ),
    (
        r"the past (?P<grain>week|month|quarter|year)",
        lambda w, c, us: _named_grain(w | {"which": "last"}, c, us),
    ),
    (rf"(?:in|within) {_COUNT} {_GRAIN}(?: time)?", _in_n),
    (rf"{_COUNT} {_GRAIN} (?:from (?:now|today)|out|after (?:today|now))", _in_n),
    (rf"{_COUNT} {_GRAIN} ago", _ago),
    (r"(?:the )?(?P<grain>week|month|quarter|year) before last", _before_last),
    (
        rf"(?:this |the |current )*{_YEARLY}(?P<grain>week|month|quarter|year)"
        r" (?:to date|so far)",
        _to_date,
    ),
    (rf"so far (?:this|in the) {_YEARLY}(?P<grain>week|month|quarter|year)", _to_date),
    (r"(?P<short>ytd|fytd|mtd|qtd|wtd)", _short_to_date),
    (rf"(?:a )?{_WEEKDAY} (?P<which>last|next|this) week", _weekday_of_week),
    (rf"(?P<which>last|next|this) week (?:'s |on )?{_WEEKDAY}", _weekday_of_week),
    (
        rf"(?:the )?(?:(?P<which>this|last|next|past|previous|coming) )?{_WEEKDAY}",
        _weekday,
    ),
    (rf"(?P<which>last|this|next) {_MONTH}", _month),
    (
        rf"{_MONTH} (?:of )?(?P<which>last|this|next) (?:calendar )?year",
        _month_last_year,
    ),
    (rf"{_MONTH}(?: of)?(?: ,)? {_YEAR}", _month),
    (rf"{_MONTH}", _month),
    (
        r"(?P<code>[qh][1-4])(?: of)?(?: fiscal| fy)? (?P<which>last|this|next) "
        r"(?:fiscal |financial )?year",
        _part,
    ),
    (
        r"(?P<code>[qh][1-4])(?: of)?(?: fiscal| fy)? (?P<year>(?:fy)?(?:19|20)\d\d|"
        r"fy\d\d|' \d\d)",
        _part,
    ),
    (r"(?P<year>(?:19|20)\d\d) (?P<code>[qh][1-4])", _part),
    (r"(?P<code>[qh][1-4])", _part),
    (
        r"(?:the )?(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th|last) "
        r"(?P<kind>quarter|half)(?: of)?(?: (?P<which>this|last|next) (?:fiscal )?year"
        r"| (?P<year>(?:19|20)\d\d))",
        _nth_part,
    ),
    (
        r"(?:the )?(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th) "
        r"(?P<kind>quarter|half)(?: of the year)?",
        _nth_part,
    ),
    (r"(?P<code>(?:fy|cy)(?:\d{4}|\d\d))", _fiscal_year),
    (rf"(?:the )?{_THIS} {_YEARLY}{_SPANS}", _named_grain),
    (
        r"(?:the )?(?:(?P<calendar>calendar)|fiscal|financial)(?: year)? "
        rf"{_YEAR}",
        _year,
    ),
    (rf"the (?:year )?{_YEAR}", _year),
    (
        r"(?:on|by|from|since|until|before|after|due|dated) (?P<day>\d{1,2}"
        r"(?:st|nd|rd|th))",
        _day_of_month,
    ),
    (
        r"the (?P<day>\d{1,2}(?:st|nd|rd|th))"
        r"(?! (?:one|ones|invoice|bill|option|choice|line))",
        _day_of_month,
    ),
)

_LEADS = frozenset(
    [
        "on",
        "by",
        "from",
        "since",
        "until",
        "till",
        "before",
        "after",
        "due",
        "dated",
        "of",
        "at",
        "to",
    ]
)

# A year by itself is a number like any other, but after these words.
_BARE_YEARS = (
    r"(?:between|from) (?P<year>20\d\d)(?= (?:and|to|-) 20\d\d )",
    r"(?:in|for|of|during|since|vs|with|against|from|until|through|year|before|after"
    r"|pnl|loss|statement|sheet|sales|spend|revenue|profit|income|expenses|invoices"
    r"|payments|bills|flow|<date> (?:and|to|-)) "
    r"(?P<year>20\d\d)(?! (?:{UNIT}|x|each|dollars|for|of|overdue)(?= ))",
    r"(?P<year>20\d\d)(?= (?:vs|compared|sales|pnl|invoices|profit|revenue) )",
)

# "May I", "we may": no month.
_NOT_MONTHS = (
    r"may (?:i|we|you|be|have|not|need)|(?:i|we|you|it|they|he|she) may"
    r"|march (?:on|ahead) "
)


def _between(first: When, last: When) -> When:
    """From the first day of one to the last day of the other."""

    def join(one: Span, two: Span) -> Span:
        start, end = one.start, two.end
        if start and end and start > end:
            start = months_later(start, -12)
        return Span(start, end)

    exists = first.exists and last.exists
    return When(
        join(first.behind, last.behind),
        join(first.ahead, last.ahead),
        "days",
        exists=exists,
    )


def _bounded(mode: str, when: When, today: date) -> When:
    """The days since, before, after or until some days."""

    def bound(span: Span) -> Span:  # noqa: PLR0911 - one return a mode
        start, end = span.start, span.end
        if mode == "since":
            return Span(start, max(today, start) if start else today)
        if mode == "before":
            return Span(None, start and start - timedelta(days=1))
        if mode == "after":
            return Span(end and end + timedelta(days=1), None)
        if mode in {"until", "by"}:
            return Span(None, end)
        if mode == "from":
            return Span(start, None)
        if mode == "to today":
            return Span(start, today)
        return span

    kept = "since" if mode == "to today" else mode
    return When(bound(when.behind), bound(when.ahead), when.grain, kept, when.exists)


def mark_dates(sentence: Sentence, calendar: Calendar, *, us: bool) -> None:
    """Make one part of every date and period."""
    blocked = {
        place
        for found in sentence.each(_NOT_MONTHS)
        for place in range(found.first, found.last)
    }
    for place in blocked:
        part = sentence.parts[place]
        if part.symbol in MONTHS:
            part.symbol = part.symbol + "~"
    sentence.changed()
    for source, read in _ATOMS:
        _rewrite(sentence, source, read, calendar, us=us)
    for place, part in enumerate(sentence.parts):
        if part.symbol.endswith("~"):
            sentence.parts[place].symbol = part.symbol[:-1]
    sentence.changed()
    _join(sentence, calendar.today)


def _rewrite(
    sentence: Sentence,
    source: str,
    read: Callable[[Words, Calendar, bool], When | None],
    calendar: Calendar,
    *,
    us: bool,
) -> None:
    after = 0
    while (found := sentence.search(source, after)) is not None:
        words = {
            group: " ".join(part.symbol for part in sentence.parts[first:last])
            for group, (first, last) in found.groups.items()
        }
        first = found.first
        # The preposition stays where it is: only the days become one part.
        if sentence.parts[first].symbol in _LEADS:
            first += 1
        try:
            when = read(words, calendar, us)
        except (OverflowError, ValueError):
            when = _unreal()
        if when is None:
            after = found.first + 1
            continue
        sentence.replace(first, found.last, "<date>", when)
        after = first + 1


def mark_years(sentence: Sentence, calendar: Calendar) -> None:
    """Make one part of every bare year; only where nothing is to be written."""
    for source in _BARE_YEARS:
        while (found := sentence.search(source)) is not None:
            place = found.groups["year"][0]
            year = int(sentence.parts[place].symbol)
            when = _one(calendar.named_year(year), "year")
            sentence.replace(place, place + 1, "<date>", when)
    _join(sentence, calendar.today)


def _value(sentence: Sentence, found: Found, group: str) -> When:
    when = sentence.parts[found.groups[group][0]].value
    assert isinstance(when, When), "a date part without a date"
    return when


_RANGES = (
    r"(?:from |between )?(?P<one><date>) (?:to|until|through|thru|till|-) "
    r"(?P<two><date>)",
    r"between (?P<one><date>) and (?P<two><date>)",
)
_OPEN = (
    (r"(?:any time )?since (?P<one><date>)", "since"),
    (r"(?:from )(?P<one><date>) (?:to date|to now)", "to today"),
    (r"(?:from )(?P<one><date>) (?:on|onwards?|forward)", "from"),
    (r"(?:starting|beginning) (?:from |on )?(?P<one><date>)", "from"),
    (r"(?:before|prior to|earlier than) (?P<one><date>)", "before"),
    (r"(?:after|later than) (?P<one><date>)", "after"),
    (r"(?:until|till|through|thru|up to|up until) (?P<one><date>)", "until"),
    (r"by (?P<one><date>)", "by"),
    (r"(?:as (?:of|at)|now as (?:of|at)|at) (?P<one><date>)", "as of"),
)


def _join(sentence: Sentence, today: date) -> None:
    """Ranges and bounds: two days, or a day and a word, become one stretch."""
    for source in _RANGES:
        while (found := sentence.search(source)) is not None:
            one, two = _value(sentence, found, "one"), _value(sentence, found, "two")
            sentence.replace(found.first, found.last, "<date>", _between(one, two))
    for source, mode in _OPEN:
        while (found := sentence.search(source)) is not None:
            when = _value(sentence, found, "one")
            try:
                bounded = _bounded(mode, when, today)
            except OverflowError:
                bounded = _unreal()
            sentence.replace(found.first, found.last, "<date>", bounded)
