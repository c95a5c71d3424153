"""The simulated now, which can be moved, and the Pacific times Intuit writes."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
YEARS = range(1900, 2200)
"""Years that dates may lie in; outside of them is a slip of the keyboard."""

WORKING_YEARS = YEARS[20:-20]
"""Years the clock may show; reports look some years back and ahead of it."""


class Clock:
    """A clock that starts at the real time, or at noon Pacific of a given day.

    Noon is chosen because the date is then the same in California, in London
    and in UTC. `seconds` is where real seconds come from.
    """

    def __init__(
        self, today: date | None = None, seconds: Callable[[], float] = time.time
    ) -> None:
        self._seconds = seconds
        self._ahead = timedelta()
        if today is not None and today != self.today():
            self.move_to(today)

    def now(self) -> datetime:
        """The simulated now, aware, in UTC."""
        return datetime.fromtimestamp(self._seconds(), UTC) + self._ahead

    def ticks(self) -> float:
        """Seconds that go on by themselves and with this clock's own moves only."""
        return time.monotonic() + self._ahead.total_seconds()

    def today(self) -> date:
        """The date in California, which is the server's own."""
        return self.now().astimezone(PACIFIC).date()

    def advance(self, seconds: float) -> None:
        """Move the simulated now; a negative number moves it back.

        Raises:
            ValueError: it would leave the years that dates may lie in.
        """
        self._set(self._ahead + timedelta(seconds=seconds))

    def move_to(self, today: date) -> None:
        """Make it noon in California on that day.

        Raises:
            ValueError: it is beyond the years that dates may lie in.
        """
        noon = datetime.combine(today, time_of_day(12), PACIFIC)
        self._set(self._ahead + (noon.astimezone(UTC) - self.now()))

    def _set(self, ahead: timedelta) -> None:
        """Be so far ahead of the real time, if that is a time companies can live in."""
        try:
            year = (datetime.fromtimestamp(self._seconds(), UTC) + ahead).year
        except OverflowError:
            year = 0
        if year not in WORKING_YEARS:
            first, last = WORKING_YEARS[0], WORKING_YEARS[-1]
            raise ValueError(f"the clock goes from the year {first} to {last}")
        self._ahead = ahead


def stamp(moment: datetime) -> str:
    """A moment as MetaData has it: seconds, Pacific offset."""
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")


def stamp_ms(moment: datetime) -> str:
    """A moment as the envelope's `time` has it: milliseconds, Pacific offset."""
    return moment.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def moment_of(text: str) -> datetime:
    """Read a date or date-time; without an offset it is Pacific time.

    Raises:
        ValueError: the text is neither.
    """
    read = datetime.fromisoformat(text.strip().replace(" ", "+"))
    if read.year not in YEARS:
        raise ValueError(f"{read.year} is out of range")
    return read if read.tzinfo else read.replace(tzinfo=PACIFIC)


def stamp_utc(moment: datetime, *, nanoseconds: bool = False) -> str:
    """A moment in UTC with a Z, to the millisecond or to nine digits."""
    parts = "microseconds" if nanoseconds else "milliseconds"
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=parts)
    # The clock has no finer digits; the last three are made of the second's own.
    return f"{text}{moment.microsecond % 997:03d}Z" if nanoseconds else f"{text}Z"
