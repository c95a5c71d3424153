"""What cells of a file mean: numbers and days, and no guesses. Pure.

A value that can be read in two ways is refused with both readings, unless the rest
of the file, or the company's country, says which is meant.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.reports import day_label

# Who writes 1.234,50 for what others write 1,234.50.
_COMMA_COUNTRIES: Final = frozenset(
    {
        *("AT", "BE", "BR", "CH", "DE", "DK", "ES", "FI"),
        *("FR", "IT", "LU", "NL", "NO", "PL", "PT", "SE"),
    }
)

_SIGNS: Final = str.maketrans("", "", "$£€¥")
_GAPS: Final = str.maketrans("", "", " '’\u00a0\u202f")
_CODE: Final = re.compile(r"^[A-Z]{3}|[A-Z]{3}$")
# A gap stands between thousands; anywhere else it is no part of one number.
_SPACED: Final = re.compile(
    r"\d{1,3}([ '’\u00a0\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII
)
_PLAIN: Final = re.compile(r"\d+", re.ASCII)
_BOTH: Final = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*([.,])\d+", re.ASCII)
_GROUPS: Final = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+", re.ASCII)
_ONE: Final = re.compile(r"(\d*)([.,])(\d+)", re.ASCII)


class Digits:
    """How the file writes numbers: what stands before the decimals.

    Evidence is any number that can only be read in one way. Without any, the
    company's country decides, and a file cut at semicolons has no say of its own.
    """

    def __init__(self, cells: Iterable[str], country: str, delimiter: str) -> None:
        cells = tuple(cells)
        points = {point for each in cells if (point := _point(_bare(each)[1]))}
        usual = "," if country.upper() in _COMMA_COUNTRIES else "."
        self._is_mixed = len(points) > 1
        self._point = points.pop() if len(points) == 1 else usual
        self._is_known = not self._is_mixed and (
            bool(points) or self._point != usual or delimiter != ";"
        )
        self._is_proven = any(_point(_bare(each)[1]) for each in cells)

    def number(self, text: str) -> Decimal:
        """The number that a cell holds.

        Raises:
            ValueError: it is none, or could be read in two ways; says so.
        """
        is_negative, bare = _bare(text)
        value = self._value(bare)
        if value is None:
            raise ValueError("That is not a number.")
        return -value if is_negative else value

    def _value(self, bare: str) -> Decimal | None:
        if _PLAIN.fullmatch(bare):
            return Decimal(bare)
        if (both := _BOTH.fullmatch(bare)) and both[1] != both[2]:
            return Decimal(bare.replace(both[1], "").replace(both[2], "."))
        if _GROUPS.fullmatch(bare):
            return Decimal(re.sub("[.,]", "", bare))
        one = _ONE.fullmatch(bare)
        if one is None:
            return None
        whole, point, rest = one.groups()
        is_clear = len(rest) != 3 or not 1 <= len(whole) <= 3 or whole == "0"  # noqa: PLR2004
        if is_clear:
            if self._is_mixed and point != ".":
                raise ValueError(
                    "The file writes some numbers with a decimal comma and some with a"
                    " point. Write them all in one way."
                )
            return Decimal(f"{whole or '0'}.{rest}")
        grouped, decimals = Decimal(f"{whole}{rest}"), Decimal(f"{whole}.{rest}")
        if not self._is_proven and (point == self._point or not self._is_known):
            raise ValueError(
                f"This can be read as {grouped:,} or as {decimals:f}. Write it with two"
                " decimals."
            )
        if self._is_mixed:
            raise ValueError(
                f"This can be read as {grouped:,} or as {decimals:f}, and the file"
                " writes numbers in both ways."
            )
        return decimals if point == self._point else grouped


def _bare(text: str) -> tuple[bool, str]:
    """Whether it is negative, and its digits with points and commas alone.

    What else stands in it stays in it, so that it is no number.
    """
    bare = _CODE.sub("", text.strip()).translate(_SIGNS).strip()
    is_negative = bare.startswith(("-", "−")) or (
        bare.startswith("(") and bare.endswith(")")
    )
    bare = bare.strip("()").strip().lstrip("-−").strip()
    return is_negative, bare.translate(_GAPS) if _SPACED.fullmatch(bare) else bare


def _point(bare: str) -> str | None:
    """The sign before the decimals, where a number shows it; else None."""
    both = _BOTH.fullmatch(bare)
    if both and both[1] != both[2]:
        return both[2]
    if groups := _GROUPS.fullmatch(bare):
        return "," if groups[1] == "." else "."
    one = _ONE.fullmatch(bare)
    if one and (len(one[3]) != 3 or len(one[1]) > 3 or one[1] in ("", "0")):  # noqa: PLR2004
        return one[2]
    return None


_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_NAMED: Final = re.compile(
    r"(?:(\d{1,2})[\s.-]+([A-Za-z]{3,9})|([A-Za-z]{3,9})\.?\s+(\d{1,2}))"
    r"[\s.,-]+(\d{4}|\d{2})",
    re.ASCII,
)
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_LAST_MONTH: Final = 12
_CENTURY: Final = 2000
_YEARS: Final = range(2000, 2100)


class Days:
    """How the file writes days. In the United States the month comes first.

    In Canada both are written, so that nothing is taken for granted there. A file
    with a day that cannot be month first (or day first) is not guessed at either.
    """

    def __init__(self, cells: Iterable[str], country: str) -> None:
        code = country.upper()
        self._month_first: bool | None = (
            None if code == "CA" else code in ("US", "USA", "")
        )
        self._orders: set[bool] = set()
        self.notes: list[str] = []
        for text in cells:
            found = _SLASHED.fullmatch(text)
            if found and int(found[1]) > _LAST_MONTH >= int(found[3]):
                self._orders.add(False)
            elif found and int(found[3]) > _LAST_MONTH >= int(found[1]):
                self._orders.add(True)
        if self._month_first is None and len(self._orders) == 1:
            (self._month_first,) = self._orders

    def day(self, text: str) -> date:
        """The day that a cell holds.

        Raises:
            ValueError: it is none, or could be two; says so.
        """
        if found := _ISO.fullmatch(text):
            return _made(int(found[1]), int(found[2]), int(found[3]))
        if found := _NAMED.fullmatch(text):
            name = (found[2] or found[3]).casefold()[:3]
            if name not in _MONTHS:
                raise ValueError("That is not a date. Write it as 2026-11-20.")
            number = int(found[1] or found[4])
            return _made(_year(found[5]), _MONTHS.index(name) + 1, number)
        if found := _SLASHED.fullmatch(text):
            return self._slashed(text, int(found[1]), int(found[3]), _year(found[4]))
        raise ValueError("That is not a date. Write it as 2026-11-20.")

    def _slashed(self, text: str, first: int, second: int, year: int) -> date:
        if first == second or max(first, second) > _LAST_MONTH:
            month_first = second > first
            month, number = (first, second) if month_first else (second, first)
            return _made(year, month, number)
        by_month = _made(year, first, second)
        by_day = _made(year, second, first)
        if self._month_first is None or self._orders - {self._month_first}:
            raise ValueError(
                f"This can be {day_label(by_month)} or {day_label(by_day)}. Write it as"
                f" {by_month.isoformat()} or {by_day.isoformat()}."
            )
        meant = by_month if self._month_first else by_day
        if not self.notes:
            order = "month" if self._month_first else "day"
            self.notes.append(
                f"dates such as {text} were read {order} first: {day_label(meant)}."
            )
        return meant


def _year(text: str) -> int:
    return int(text) if len(text) > 2 else _CENTURY + int(text)  # noqa: PLR2004


def _made(year: int, month: int, number: int) -> date:
    try:
        made = date(year, month, number)
    except ValueError:
        raise ValueError("There is no such day.") from None
    if made.year not in _YEARS:
        raise ValueError(f"The year {made.year} cannot be right.")
    return made
