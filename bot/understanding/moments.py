"""What words for days mean: each reader turns what a pattern caught into a `When`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.understanding.days import Calendar, Span, months, months_later, moved
from bot.understanding.vocabulary import MONTHS, WEEKDAYS


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
_MONTHS = 12
_DAYS_MAX = 31
_CENTURY = 100
# "The last N days" of more than this is a slip.
_COUNT_MAX = 1200


def fixed(span: Span, grain: str) -> When:
    """Days that are the same for what happened and for what is due."""
    return When(span, span, grain)


def one_day(day: date) -> When:
    """One day that no direction changes."""
    return fixed(Span(day, day), "day")


def unreal() -> When:
    """A day that no calendar has."""
    return When(_NOWHERE, _NOWHERE, "day", exists=False)


Words = dict[str, str]


def _year_number(text: str) -> int:
    digits = re.sub(r"\D", "", text)
    number = int(digits)
    return number if len(digits) == len("2026") else 2000 + number


def _day_number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _dated(month: int, day: int, year: int | None, calendar: Calendar) -> When | None:
    """A month's day; without a year the nearest such day on either side."""
    if not 1 <= month <= _MONTHS or not 1 <= day <= _DAYS_MAX:
        return unreal()
    if year is not None:
        exact = _real(year, month, day)
        return one_day(exact) if exact else unreal()
    today = calendar.today
    this = _real(today.year, month, day)
    past = this if this and this <= today else _real(today.year - 1, month, day)
    next_ = this if this and this > today else _real(today.year + 1, month, day)
    if past is None and next_ is None:
        return unreal()
    return When(Span(past, past), Span(next_, next_))


def iso(words: Words, _calendar: Calendar) -> When | None:
    """Such as "2026-10-05"."""
    year, month, day = (int(digits) for digits in words["iso"].split("-"))
    exact = _real(year, month, day)
    return one_day(exact) if exact else unreal()


def numeric(words: Words, calendar: Calendar) -> When | None:
    """Numbers only: month first in the US (but for dots), day first elsewhere."""
    text = words["numeric"]
    numbers = [int(digits) for digits in re.split(r"[/.-]", text)]
    day, month = numbers[:2]
    if calendar.month_first and "." not in text:
        day, month = month, day
    year = None
    if len(numbers) > len((day, month)):
        year = numbers[2] if numbers[2] >= _CENTURY else 2000 + numbers[2]
    return _dated(month, day, year, calendar)


def month_day(words: Words, calendar: Calendar) -> When | None:
    """Such as "October 5th", with or without a year."""
    year = _year_number(words["year"]) if words.get("year") else None
    return _dated(MONTHS[words["month"]], _day_number(words["day"]), year, calendar)


def days_of_month(words: Words, calendar: Calendar) -> When | None:
    """Such as "Oct 5-9": from one day of a month to another."""
    first = month_day(words, calendar)
    last = month_day(words | {"day": words["until"]}, calendar)
    return first and last and between(first, last)


def day_of_month(words: Words, calendar: Calendar) -> When | None:
    """Such as "The 5th": months without such a day are passed over."""
    number = _day_number(words["day"])
    if not 1 <= number <= _DAYS_MAX:
        return unreal()
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


def day_in_month(words: Words, calendar: Calendar) -> When | None:
    """Such as "The 5th of next month"."""
    month = calendar.month(_offset(words["which"])).start
    exact = month and _real(month.year, month.month, _day_number(words["day"]))
    return one_day(exact) if exact else unreal()


def weekday(words: Words, calendar: Calendar) -> When | None:
    """Such as "Friday", "last Friday", "next Friday"."""
    number = WEEKDAYS[words["weekday"]]
    today, which = calendar.today, words.get("which") or ""
    if which in {"this", "next"}:
        start = calendar.week_start(0 if which == "this" else 1)
        return one_day(start + timedelta(days=number))
    back = (today.weekday() - number) % 7
    forward = (number - today.weekday()) % 7 or 7
    if which in {"last", "past", "previous"}:
        return one_day(today - timedelta(days=back or 7))
    if which == "coming":
        return one_day(today + timedelta(days=forward))
    if which == "week":
        start = calendar.week_start(int(words["weeks"]))
        return one_day(start + timedelta(days=number))
    past, ahead = today - timedelta(days=back), today + timedelta(days=forward)
    return When(Span(past, past), Span(ahead, ahead))


def weekday_of_week(words: Words, calendar: Calendar) -> When | None:
    """Such as "Friday of next week"."""
    weeks = str(_offset(words["which"]))
    return weekday(words | {"which": "week", "weeks": weeks}, calendar)


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


def named_grain(words: Words, calendar: Calendar) -> When | None:
    """Such as "This week", "last quarter", "next calendar year"."""
    grain = words["grain"].rstrip("s")
    offset = _offset(words["which"])
    if words.get("calendar") and grain == "year":
        return fixed(months(date(calendar.today.year + offset, 1, 1), 12), "year")
    return fixed(_grain_span(grain, offset, calendar), grain)


def before_last(words: Words, calendar: Calendar) -> When | None:
    """Such as "The month before last"."""
    grain = words["grain"].rstrip("s")
    return fixed(_grain_span(grain, -2, calendar), grain)


def to_date(words: Words, calendar: Calendar) -> When | None:
    """Such as "This year to date": up to today."""
    grain = words["grain"].rstrip("s")
    start = _grain_span(grain, 0, calendar).start
    span = Span(start, calendar.today)
    return When(span, span, grain, mode="to date")


def earlier_to_date(words: Words, calendar: Calendar) -> When | None:
    """Such as "last year to date", "last YTD": the same days of the one before."""
    now = to_date(words, calendar)
    if now is None:
        return None
    back = {"month": 1, "quarter": 3, "year": 12}.get(now.grain)
    if back is not None:
        span = moved(now.behind, -back)
    else:
        week = timedelta(days=7)
        assert now.behind.start is not None, "a week to date has begun"
        span = Span(now.behind.start - week, calendar.today - week)
    return When(span, span, now.grain, mode="to date")


def earlier_short_to_date(words: Words, calendar: Calendar) -> When | None:
    """Such as "last YTD"."""
    grain = _TO_DATE.get(words["short"], "week")
    return earlier_to_date({"grain": grain}, calendar)


_TO_DATE = {"ytd": "year", "fytd": "year", "mtd": "month", "qtd": "quarter"}


def short_to_date(words: Words, calendar: Calendar) -> When | None:
    """Such as "YTD", "MTD", "QTD"."""
    grain = _TO_DATE.get(words["short"], "week")
    return to_date({"grain": grain}, calendar)


def _count(text: str) -> int:
    if text in {"a", "an", "one"}:
        return 1
    return 2 if "couple" in text else int(text)


def last_n(words: Words, calendar: Calendar) -> When | None:
    """The last N days or weeks end today; months and more are complete ones."""
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    if not 0 < count <= _COUNT_MAX:
        return None
    if grain in {"day", "week", "fortnight"}:
        days = count * {"day": 1, "week": 7, "fortnight": 14}[grain]
        start = calendar.today - timedelta(days=days - 1)
        return fixed(Span(start, calendar.today), "days")
    first = _grain_span(grain, -count, calendar)
    return fixed(Span(first.start, _grain_span(grain, -1, calendar).end), "days")


def next_n(words: Words, calendar: Calendar) -> When | None:
    """The next N days start tomorrow; months and more are whole ones."""
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    if not 0 < count <= _COUNT_MAX:
        return None
    if grain in {"day", "week", "fortnight"}:
        days = count * {"day": 1, "week": 7, "fortnight": 14}[grain]
        tomorrow = calendar.today + timedelta(days=1)
        return fixed(Span(tomorrow, calendar.today + timedelta(days=days)), "days")
    last = _grain_span(grain, count, calendar)
    return fixed(Span(_grain_span(grain, 1, calendar).start, last.end), "days")


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


def in_n(words: Words, calendar: Calendar) -> When | None:
    """Such as "In two weeks": a distance that may count from a document's date."""
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    made = one_day(distance(calendar.today, count, grain))
    return replace(made, relative=(count, grain))


def stretch_to(last: When, count: int, grain: str) -> When:
    """So many months, or the year, that end with some days: "3 months to October"."""

    def back(span: Span) -> Span:
        if span.end is None:
            return span
        start = distance(span.end + timedelta(days=1), -count, grain)
        return Span(start, span.end)

    return When(back(last.behind), back(last.ahead), "days", exists=last.exists)


def week_number(words: Words, calendar: Calendar) -> When | None:
    """Such as "week 46", as ISO 8601 counts them; the one that began last."""
    number = int(words["week"])
    year = _year_number(words["year"]) if words.get("year") else calendar.today.year
    try:
        start = date.fromisocalendar(year, number, 1)
        if not words.get("year") and start > calendar.today:
            start = date.fromisocalendar(year - 1, number, 1)
    except ValueError:
        return unreal()
    return fixed(Span(start, start + timedelta(days=6)), "week")


def same_day_before(_words: Words, calendar: Calendar) -> When | None:
    """Such as "the same day last year"."""
    return one_day(months_later(calendar.today, -_MONTHS))


def ago(words: Words, calendar: Calendar) -> When | None:
    """Such as "Two weeks ago"."""
    count, grain = _count(words["count"]), words["grain"].rstrip("s")
    return one_day(distance(calendar.today, -count, grain))


_NEAR_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1, "tonight": 0}


def near_day(words: Words, calendar: Calendar) -> When | None:
    """Today, yesterday, tomorrow, and the day beyond."""
    offset = _NEAR_DAYS[words["near"]]
    if words.get("further"):
        offset *= 2
    return one_day(calendar.today + timedelta(days=offset))


def month_named(words: Words, calendar: Calendar) -> When | None:
    """A month; without a year the one that began last, or the next for what is due."""
    number = MONTHS[words["month"]]
    if words.get("year"):
        start = date(_year_number(words["year"]), number, 1)
        return fixed(months(start, 1), "month")
    today = calendar.today
    which = words.get("which") or ""
    if which:
        return _month_of_year(number, which, calendar)
    behind = date(today.year - (number > today.month), number, 1)
    ahead = date(today.year + (number < today.month), number, 1)
    return When(months(behind, 1), months(ahead, 1), "month")


def _month_of_year(number: int, which: str, calendar: Calendar) -> When | None:
    """The last June is the most recent one that is over, the next lies ahead."""
    today = calendar.today
    if which == "this":
        return fixed(months(date(today.year, number, 1), 1), "month")
    if which in {"next", "coming"}:
        later = today.year + (number <= today.month)
        return fixed(months(date(later, number, 1), 1), "month")
    earlier = today.year - (number >= today.month)
    return fixed(months(date(earlier, number, 1), 1), "month")


def month_last_year(words: Words, calendar: Calendar) -> When | None:
    """Such as "June last year"."""
    year = calendar.today.year + _offset(words["which"])
    return fixed(months(date(year, MONTHS[words["month"]], 1), 1), "month")


def part_of_year(words: Words, calendar: Calendar) -> When | None:
    """A fiscal quarter or half, by its number."""
    code = words["code"]
    number, size = int(code[1]), 3 if code[0] == "q" else 6
    if number * size > _MONTHS:
        return None
    grain = "quarter" if code[0] == "q" else "half"
    if words.get("year"):
        ends_in = _year_number(words["year"])
        return fixed(calendar.part_of_year(number, size, ends_in), grain)
    this = calendar.year_of(calendar.today)
    if words.get("which"):
        ends_in = this + _offset(words["which"])
        return fixed(calendar.part_of_year(number, size, ends_in), grain)
    spans = [
        calendar.part_of_year(number, size, ends_in)
        for ends_in in (this - 1, this, this + 1)
    ]
    behind = [s for s in spans if s.start and s.start <= calendar.today][-1]
    ahead = next(s for s in spans if s.end and s.end >= calendar.today)
    return When(behind, ahead, grain)


_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3}
_NTH |= {"fourth": 4, "4th": 4, "last": 4}


def nth_part(words: Words, calendar: Calendar) -> When | None:
    """Such as "The second quarter"."""
    letter = "q" if words["kind"] == "quarter" else "h"
    return part_of_year(words | {"code": f"{letter}{_NTH[words['nth']]}"}, calendar)


def fiscal_year(words: Words, calendar: Calendar) -> When | None:
    """Such as "FY25", and "CY25" for the calendar's."""
    code = words["code"]
    year = _year_number(code)
    if code.startswith("cy"):
        return fixed(months(date(year, 1, 1), 12), "year")
    return fixed(calendar.named_year(year), "year")


def year_named(words: Words, calendar: Calendar) -> When | None:
    """Such as "2025": the fiscal year that ends in it, or the calendar's where said."""
    year = _year_number(words["year"])
    if words.get("calendar"):
        return fixed(months(date(year, 1, 1), 12), "year")
    return fixed(calendar.named_year(year), "year")


def edge(words: Words, calendar: Calendar) -> When | None:
    """The first or last day of a stretch of time."""
    grain = (words.get("grain") or "month").rstrip("s")
    if words.get("month"):
        inner = month_named(words | {"which": ""}, calendar)
    else:
        inner = fixed(
            _grain_span(grain, _offset(words.get("which") or "this"), calendar), grain
        )
    if inner is None:
        return None
    at_end = words["edge"] not in {"start", "beginning", "first"}

    def edge(span: Span) -> Span:
        day = span.end if at_end else span.start
        return Span(day, day)

    return When(edge(inner.behind), edge(inner.ahead))


def between(first: When, last: When) -> When:
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
