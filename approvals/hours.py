"""Hours of work: when a deadline falls that only working time counts towards.

Written "Mon-Fri 09:00-17:00 Europe/London"; several spans stand with commas
between them ("Mon-Thu 09:00-17:00, Fri 09:00-14:00 Europe/London"). Without
working hours every hour counts. Times go in and come out as aware UTC; what counts
is time that really passes, so that a night in which the clocks change is neither
longer nor shorter than it is.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from approvals.proposal import Rule

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXAMPLE = "Mon-Fri 09:00-17:00 Europe/London"
_WEEK = 7
_MIDNIGHT = 24 * 60
# With less than that a deadline would be years away.
_LEAST_MINUTES = 60

_SPAN = re.compile(
    r"(?P<first>[A-Za-z]+)(?:\s*-\s*(?P<last>[A-Za-z]+))?\s+"
    r"(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})"
)


class Unworkable(ValueError):
    """Working hours that cannot be read, or never come. `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Span:
    """Work on one day of the week (0 is Monday), in minutes since midnight."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When people work, in one time zone; `spans` in the order of the week."""

    spans: tuple[Span, ...]
    zone: ZoneInfo

    def of(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The spans of one calendar day there, as aware UTC."""
        return tuple(
            (self._at(day, span.start), self._at(day, span.end))
            for span in self.spans
            if span.day == day.weekday()
        )

    def _at(self, day: date, minutes: int) -> datetime:
        days, rest = divmod(minutes, _MIDNIGHT)
        clock = time(rest // 60, rest % 60)
        local = datetime.combine(day + timedelta(days=days), clock, self.zone)
        return local.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When a proposal expires, when it is reminded of, and when escalated."""

    expires_at: datetime
    remind_at: datetime | None
    escalate_at: datetime | None


@lru_cache(maxsize=64)
def working_hours(text: str) -> WorkingHours:
    """The working hours that a text says.

    Raises:
        Unworkable: it cannot be read, or no such time ever comes.
    """
    said, _, zone = text.strip().rpartition(" ")
    try:
        known = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise Unworkable(
            f"Working hours end in a time zone, as in “{EXAMPLE}”; “{zone}” is none."
        ) from None
    spans: set[Span] = set()
    for part in said.split(","):
        spans |= _spans(part.strip())
    ordered = sorted(spans, key=lambda span: (span.day, span.start))
    for one, next_ in pairwise(ordered):
        if one.day == next_.day and next_.start < one.end:
            raise Unworkable(f"The working hours of {DAYS[one.day]} overlap.")
    if sum(span.end - span.start for span in ordered) < _LEAST_MINUTES:
        raise Unworkable("That is less than one working hour in a week.")
    return WorkingHours(tuple(ordered), known)


def _spans(text: str) -> set[Span]:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Unworkable(
            f"Working hours are written like “{EXAMPLE}”; “{text}” is not."
        )
    first = _day(found["first"])
    last = _day(found["last"]) if found["last"] else first
    start, end = _minutes(found["start"]), _minutes(found["end"])
    if start == end:
        raise Unworkable(f"“{text}” is no time at all: these working hours never come.")
    if start > end:
        raise Unworkable(
            f"“{text}” ends before it begins. Write work over midnight as two spans,"
            " the first up to 24:00."
        )
    # "Sat-Mon" goes over the end of the week.
    return {
        Span((first + ahead) % _WEEK, start, end)
        for ahead in range((last - first) % _WEEK + 1)
    }


def _day(name: str) -> int:
    short = name[:3].capitalize()
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    known = {**dict(zip(full, range(_WEEK), strict=False)), "sunday": _WEEK - 1}
    if name.lower() in known:
        return known[name.lower()]
    if len(name) == len(short) and short in DAYS:
        return DAYS.index(short)
    raise Unworkable(f"“{name}” is no day: days are {', '.join(DAYS)}.")


def _minutes(clock: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    found = hours * 60 + minutes
    if minutes >= 60 or found > _MIDNIGHT:  # noqa: PLR2004 - minutes of an hour
        raise Unworkable(f"“{clock}” is no time of day.")
    return found


def after(at: datetime, hours: int, working: WorkingHours | None) -> datetime:
    """The moment at which so many (working) hours have passed since `at`, in UTC.

    Outside of working hours time stands still. What ends with a day's work ends
    then, and not with the next morning.
    """
    assert at.tzinfo is not None, "a time without its zone"
    start = at.astimezone(UTC)
    left = timedelta(hours=hours)
    if working is None or not left:
        return start + left
    assert working.spans, "working hours that never come"
    day = start.astimezone(working.zone).date()
    while True:
        for begins, ends in working.of(day):
            begins = max(begins, start)  # noqa: PLW2901 - work under way
            if ends <= begins:
                continue
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        day += timedelta(days=1)


def deadlines(rule: Rule, at: datetime) -> Deadlines:
    """When a proposal made (or revised) at `at` under a rule has to be looked at."""
    working = working_hours(rule.working_hours) if rule.working_hours else None

    def then(hours: int | None) -> datetime | None:
        return None if hours is None else after(at, hours, working)

    return Deadlines(
        after(at, rule.hours, working),
        then(rule.remind_hours),
        then(rule.escalate_hours),
    )
