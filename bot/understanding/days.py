"""Days, months, fiscal quarters and years, counted exactly."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` to `end`, both inclusive; None is an open end."""

    start: date | None
    end: date | None

    def as_json(self) -> dict[str, str]:
        """The contract's period; an open end is left out."""
        made = {}
        if self.start is not None:
            made["start"] = self.start.isoformat()
        if self.end is not None:
            made["end"] = self.end.isoformat()
        return made

    @staticmethod
    def from_json(period: object) -> "Span | None":
        """The span of a period object; None where it is none."""
        if not isinstance(period, dict):
            return None
        try:
            return Span(
                *(
                    date.fromisoformat(period[key]) if key in period else None
                    for key in ("start", "end")
                )
            )
        except (TypeError, ValueError):
            return None


def months_later(day: date, months: int) -> date:
    """The same day some months on; the month's last where there is no such day.

    Raises:
        OverflowError: beyond the years that a date can have.
    """
    try:
        return day + relativedelta(months=months)
    except ValueError as wrong:
        raise OverflowError(str(wrong)) from wrong


@dataclass(frozen=True, slots=True)
class Calendar:
    """A day, seen from the company's fiscal year.

    `month_first` says how numeric dates are written there.
    """

    today: date
    first_month: int = 1
    month_first: bool = True

    def day(self) -> Span:
        """Today."""
        return Span(self.today, self.today)

    def week(self, offset: int = 0) -> Span:
        """This week from Monday to Sunday, or one `offset` weeks away."""
        start = self.week_start(offset)
        return Span(start, start + timedelta(days=6))

    def week_start(self, offset: int = 0) -> date:
        """The Monday of this week, or of one `offset` weeks away."""
        monday = self.today - timedelta(days=self.today.weekday())
        return monday + timedelta(weeks=offset)

    def month(self, offset: int = 0) -> Span:
        """This month, or one `offset` months away."""
        return months(months_later(self.today.replace(day=1), offset), 1)

    def year_start(self, ends_in: int) -> date:
        """The first day of the fiscal year that ends in a calendar year."""
        year = ends_in if self.first_month == 1 else ends_in - 1
        return date(year, self.first_month, 1)

    def year_of(self, day: date) -> int:
        """The calendar year in which the fiscal year of a day ends."""
        after = self.first_month > 1 and day.month >= self.first_month
        return day.year + (1 if after else 0)

    def year(self, offset: int = 0) -> Span:
        """This fiscal year, or one `offset` years away."""
        return self.named_year(self.year_of(self.today) + offset)

    def named_year(self, ends_in: int) -> Span:
        """The fiscal year that ends in a calendar year."""
        return months(self.year_start(ends_in), 12)

    def quarter_start(self) -> date:
        """The first day of this fiscal quarter."""
        past = (self.today.month - self.first_month) % 3
        return months_later(self.today.replace(day=1), -past)

    def quarter(self, offset: int = 0) -> Span:
        """This fiscal quarter, or one `offset` quarters away."""
        return months(months_later(self.quarter_start(), 3 * offset), 3)

    def part_of_year(self, number: int, size: int, ends_in: int) -> Span:
        """The `number`th stretch of `size` months of a fiscal year."""
        start = months_later(self.year_start(ends_in), (number - 1) * size)
        return months(start, size)


def months(start: date, count: int) -> Span:
    """Whole months from the first day of one."""
    return Span(start, months_later(start, count) - timedelta(days=1))


def is_whole_months(span: Span) -> int:
    """How many whole months a span is; 0 when it is not."""
    if span.start is None or span.end is None or span.start.day != 1:
        return 0
    after = span.end + timedelta(days=1)
    if after.day != 1:
        return 0
    return (after.year - span.start.year) * 12 + after.month - span.start.month


def before(span: Span) -> Span:
    """The stretch of the same length that ends where this one begins.

    A month begun so far goes before the whole of it: a span that starts on a
    month's first day and ends inside the month is moved by one month.
    """
    if span.start is None or span.end is None:
        return span
    count = is_whole_months(span)
    if count:
        return months(months_later(span.start, -count), count)
    if (
        span.start.day == 1
        and span.start.month == span.end.month
        and (span.start.year == span.end.year)
    ):
        return Span(months_later(span.start, -1), months_later(span.end, -1))
    length = span.end - span.start + timedelta(days=1)
    return Span(span.start - length, span.end - length)


def moved(span: Span, count: int) -> Span:
    """The span some months later; whole months stay whole."""
    whole = is_whole_months(span)
    if whole and span.start is not None:
        return months(months_later(span.start, count), whole)
    return Span(
        span.start and months_later(span.start, count),
        span.end and months_later(span.end, count),
    )
