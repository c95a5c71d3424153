"""Until when: the last day of a time of absence, read from a few fixed wordings.

"Friday", "28 Nov", "2026-11-28", "3 days", "2 weeks", "tomorrow": the end of that
day in the person's own time zone. What could be read in two ways is not read at all.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EXAMPLES = "“Friday”, “28 Nov”, “2026-11-28” or “3 days”"
_WEEK = 7
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_LENGTH = re.compile(r"(?P<n>\d{1,3}|[a-z]+) (?P<unit>days?|weeks?)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_FIRST = re.compile(
    r"(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month>[a-z]+)\.?"
    r"(?:,? (?P<year>\d{4}))?"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[a-z]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>\d{4}))?"
)


def last_day(said: str, today: date) -> date | None:
    """The day that a wording means, seen from today; None: it is not understood.

    A weekday is the next one that comes, today among them; a day of a month without
    its year is the next one.
    """
    words = " ".join(said.lower().strip(" .!").split())
    words = words.removeprefix("the end of ").removeprefix("end of ")
    for name, ahead in (("today", 0), ("tonight", 0), ("tomorrow", 1)):
        if words == name:
            return today + timedelta(days=ahead)
    if (length := _LENGTH.fullmatch(words)) is not None:
        return _later(today, length["n"], length["unit"])
    if _ISO.fullmatch(words):
        try:
            return date.fromisoformat(words)
        except ValueError:
            return None
    weekday = _weekday(words.removeprefix("this ").removeprefix("next "))
    if weekday is not None:
        ahead = (weekday - today.weekday()) % _WEEK
        if words.startswith("next "):
            # The one of the week after this one.
            ahead = _WEEK - today.weekday() + weekday
        return today + timedelta(days=ahead)
    found = _DAY_FIRST.fullmatch(words) or _MONTH_FIRST.fullmatch(words)
    return _dated(found, today) if found else None


def _later(today: date, number: str, unit: str) -> date | None:
    count = int(number) if number.isdecimal() else _COUNTS.get(number, 0)
    if not count:
        return None
    # Today is the first of those days.
    days = count * (_WEEK if unit.startswith("week") else 1)
    return today + timedelta(days=days - 1)


def _weekday(name: str) -> int | None:
    for number, full in enumerate(_DAYS):
        if name == full or (len(name) >= 3 and full.startswith(name)):  # noqa: PLR2004
            return number
    return None


def _dated(found: re.Match[str], today: date) -> date | None:
    name = found["month"]
    months = [
        number
        for number, full in enumerate(_MONTHS, start=1)
        if name == full or (len(name) >= 3 and full.startswith(name))  # noqa: PLR2004
    ]
    if len(months) != 1:
        return None
    try:
        if found["year"]:
            return date(int(found["year"]), months[0], int(found["day"]))
        this_year = date(today.year, months[0], int(found["day"]))
    except ValueError:
        return None
    if this_year >= today:
        return this_year
    try:
        return this_year.replace(year=today.year + 1)
    except ValueError:
        return None


def end_of(day: date, zone: str) -> datetime:
    """The end of a day in a time zone, as aware UTC; UTC where there is no such zone.

    That is the first moment of the next day there, whatever its clocks do.
    """
    try:
        known: ZoneInfo | None = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        known = None
    midnight = datetime.combine(day + timedelta(days=1), time(), known or UTC)
    return midnight.astimezone(UTC)
