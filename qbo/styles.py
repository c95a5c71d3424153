"""How dates, times and numbers are written for whoever reads an answer.

A style is ambient while one person's answer is made (`written`), and plain anywhere
else: what several people read, or what is kept, is the same for all of them. Words
are English, and months are always words, so that no date can be misread.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
# Where the month stands before the day; these clocks have twelve hours as well.
_MONTH_FIRST: Final = frozenset({"US", "PH"})
# What stands between thousands, and before the decimals, by language; a space does
# not break. Switzerland writes apostrophes in all its languages.
_POINTS: Final = frozenset(
    {"de", "es", "it", "nl", "pt", "da", "id", "tr", "el", "ro", "hr", "sl"}
)
_SPACES: Final = frozenset(
    {"fr", "sv", "nb", "nn", "no", "fi", "pl", "cs", "sk", "ru", "uk", "hu", "bg"}
)
_AS_IN_ENGLISH: Final = frozenset({"es-MX", "es-US", "es-PR"})
_SPACE: Final = "\u00a0"


@dataclass(frozen=True, slots=True)
class Style:
    """How one person reads dates and numbers; times are shown in `zone`."""

    month_first: bool = False
    thousands: str = ","
    point: str = "."
    zone: str = "UTC"

    def number(self, text: str) -> str:
        """A number as Python writes it ("1,250.00"), with this style's marks."""
        if (self.thousands, self.point) == (",", "."):
            return text
        marks = {",": self.thousands, ".": self.point}
        return "".join(marks.get(each, each) for each in text)

    def day(self, value: date) -> str:
        """A calendar day: "5 Nov 2026", or "Nov 5, 2026" where months come first."""
        month = _MONTHS.split()[value.month - 1]
        if self.month_first:
            return f"{month} {value.day}, {value.year}"
        return f"{value.day} {month} {value.year}"

    def moment(self, value: datetime, today: date | None = None) -> str:
        """A time with its zone: "14:02 UTC", with the day unless it is `today`."""
        local = value.astimezone(_zone(self.zone))
        name = local.strftime("%Z")
        clock = f"{local:%H:%M} {name}"
        if self.month_first:
            clock = f"{local.hour % 12 or 12}:{local:%M} {local:%p} {name}"
        return clock if local.date() == today else f"{self.day(local.date())}, {clock}"


PLAIN: Final = Style()
_CURRENT: ContextVar[Style] = ContextVar("style", default=PLAIN)


def current() -> Style:
    """The style in use just now."""
    return _CURRENT.get()


@contextlib.contextmanager
def written(style: Style) -> Iterator[None]:
    """Write dates, times and numbers in this style meanwhile."""
    before = _CURRENT.set(style)
    try:
        yield
    finally:
        _CURRENT.reset(before)


def style(locale: str, country: str, zone: str) -> Style:
    """The style of a person, by their locale ("en-GB") or else by the company's land.

    `zone` is the IANA name of the person's time zone. A locale that says no country
    leaves the order of dates to the company's.
    """
    parts = locale.replace("_", "-").split("-")
    language = parts[0].lower() or "en"
    places = [each.upper() for each in parts[1:] if len(each) == 2]  # noqa: PLR2004
    place = places[0] if places else country.upper()
    thousands, point = ",", "."
    if places == ["CH"]:
        thousands = "’"
    elif f"{language}-{place}" in _AS_IN_ENGLISH:
        pass
    elif language in _POINTS:
        thousands, point = ".", ","
    elif language in _SPACES:
        thousands, point = _SPACE, ","
    is_english = language == "en"
    return Style(is_english and place in _MONTH_FIRST, thousands, point, zone or "UTC")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a platform's invention
        return UTC
