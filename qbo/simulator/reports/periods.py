"""The periods of a report: its dates, and the columns they are cut into."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from dateutil.relativedelta import relativedelta

from qbo.simulator import faults
from qbo.simulator.clock import YEARS

COLUMNS_MAX: Final = 100
_DAY: Final = timedelta(days=1)


class Span(NamedTuple):
    """Days from the first to the last, both included."""

    start: date
    end: date


class Column(NamedTuple):
    """A column of amounts: a period, or a member of a list (a customer, a class).

    `member` is None for a period, else the record's id, and empty for those entries
    that belong to none.
    """

    title: str
    span: Span
    member: str | None = None


def fiscal_year(day: date, first_month: int) -> Span:
    """The fiscal year a day lies in."""
    start = date(day.year, first_month, 1)
    if start > day:
        start -= relativedelta(years=1)
    return Span(start, start + relativedelta(years=1) - _DAY)


def chosen(
    wishes: Mapping[str, str], today: date, first_month: int, usual: str
) -> tuple[Span, str | None]:
    """The dates a report covers, and the macro that chose them, if one did.

    Explicit dates win over a macro; with neither it is the report's usual one. With
    one date only, the other is today or the beginning of the fiscal year.

    Raises:
        Refused: a date or a macro cannot be read, or the end is before the start.
    """
    start, end = day_of(wishes, "start_date"), day_of(wishes, "end_date")
    if start is None and end is None:
        macro = wishes.get("date_macro", "").strip().lower() or usual
        return of_macro(macro, today, first_month), shown_macro(macro, first_month)
    end = end or max(today, start or today)
    year = fiscal_year(end, first_month)
    span = Span(start or year.start, end)
    if span.end < span.start:
        raise faults.refusal("2060", "The end of the period is before its start.")
    return span, None


def shown_macro(macro: str, first_month: int) -> str:
    """A macro as headers repeat it: the calendar's year has its own word."""
    return macro.replace("fiscal", "calendar") if first_month == 1 else macro


def day_of(wishes: Mapping[str, str], name: str) -> date | None:
    """A date among the parameters.

    Raises:
        Refused: it is no date.
    """
    text = wishes.get(name, "").strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        raise faults.refusal("2060", f"Invalid Date : {text}", name)
    return found


def of_macro(macro: str, today: date, first_month: int) -> Span:
    """The days behind a macro such as "last fiscal quarter-to-date".

    Weeks begin on Sunday.

    Raises:
        Refused: there is no such macro.
    """
    simple = {
        "today": Span(today, today),
        "yesterday": Span(today - _DAY, today - _DAY),
        "all": Span(date(1900, 1, 1), today),
    }
    if macro in simple:
        return simple[macro]
    to_date = macro.endswith("-to-date")
    which, _, unit = macro.removesuffix("-to-date").partition(" ")
    steps = {"this": 0, "last": -1, "next": 1}
    if macro == "next 4 weeks":
        start = _week(today, first_month).end + _DAY
        return Span(start, start + timedelta(days=27))
    if which not in steps or unit not in _UNITS:
        raise faults.refusal("2170", f"Invalid Enumeration: {macro}", "date_macro")
    span_of, length = _UNITS[unit]
    moved = today + steps[which] * length
    span = span_of(moved, first_month)
    if to_date:
        span = Span(span.start, min(moved, span.end))
    return span


def is_period(by: str) -> bool:
    """Whether columns of that name are periods."""
    return by.lower() in _CUTS or by.lower() == "total"


def columns(span: Span, by: str, first_month: int) -> list[Column]:
    """The columns a period is cut into, without the total.

    There are at most `COLUMNS_MAX`; the last of them then takes all the rest.
    """
    if by.lower() == "total":
        return [Column("Total", span)]
    unit = _CUTS[by.lower()]
    found: list[Column] = []
    for part in _cut(span, _UNITS[unit][0], first_month):
        if len(found) == COLUMNS_MAX:
            last = found.pop()
            found.append(Column("Others", Span(last.span.start, span.end)))
            break
        found.append(Column(_title(unit, part, first_month), part))
    return found


def _cut(
    span: Span, unit: Callable[[date, int], Span], first_month: int
) -> Iterator[Span]:
    start = span.start
    while start <= span.end:
        end = min(unit(start, first_month).end, span.end)
        yield Span(start, end)
        start = end + _DAY


def _title(unit: str, part: Span, first_month: int) -> str:
    first, last = (f"{day:%b} {day.day}" for day in part)
    if unit == "day":
        return f"{last}, {part.end:%Y}"
    if unit == "month":
        return f"{part.start:%b %Y}"
    one_year = part.start.year == part.end.year
    if unit == "week" or part != _UNITS[unit][0](part.start, first_month):
        first += "" if one_year else f", {part.start:%Y}"
        return f"{first} - {last}, {part.end:%Y}"
    if "year" not in unit:
        return f"{part.start:%b} - {part.end:%b}, {part.end:%Y}"
    first = f"{part.start:%b}" if one_year else f"{part.start:%b %Y}"
    return f"{first} - {part.end:%b %Y}"


def _one_day(day: date, _first_month: int) -> Span:
    return Span(day, day)


def _week(day: date, _first_month: int) -> Span:
    start = day - timedelta(days=(day.weekday() + 1) % 7)
    return Span(start, start + timedelta(days=6))


def _month(day: date, _first_month: int) -> Span:
    return Span(day.replace(day=1), day + relativedelta(day=31))


def _quarter(day: date, _first_month: int) -> Span:
    return _fiscal_quarter(day, 1)


def _fiscal_quarter(day: date, first_month: int) -> Span:
    months = (day.month - first_month) % 3
    start = day.replace(day=1) - relativedelta(months=months)
    return Span(start, start + relativedelta(months=3) - _DAY)


def _year(day: date, _first_month: int) -> Span:
    return fiscal_year(day, 1)


_UNITS: Final[Mapping[str, tuple[Callable[[date, int], Span], relativedelta]]] = {
    "day": (_one_day, relativedelta(days=1)),
    "week": (_week, relativedelta(weeks=1)),
    "month": (_month, relativedelta(months=1)),
    "quarter": (_quarter, relativedelta(months=3)),
    "fiscal quarter": (_fiscal_quarter, relativedelta(months=3)),
    "calendar quarter": (_quarter, relativedelta(months=3)),
    "year": (_year, relativedelta(years=1)),
    "calendar year": (_year, relativedelta(years=1)),
    "fiscal year": (fiscal_year, relativedelta(years=1)),
}
_CUTS: Final[Mapping[str, str]] = {
    "days": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "fiscalquarter": "fiscal quarter",
    "year": "year",
    "fiscalyear": "fiscal year",
}
