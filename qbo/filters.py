"""What a list was narrowed down to, in words: every filter stands on the card."""

from datetime import date
from decimal import Decimal

from qbo import styles
from qbo.asks import Period
from qbo.books import Money


def spoken(*parts: str | None) -> list[str]:
    """One sentence with all filters; none where nothing was narrowed."""
    said = [part for part in parts if part]
    return [f"Filter: {'; '.join(said)}."] if said else []


def named(word: str, value: str | None) -> str | None:
    """A filter by a name or a text: "customer Acme West"."""
    return f"{word} {value}" if value else None


def days(word: str, period: Period | None) -> str | None:
    """A filter by days, both inclusive: "due 16 Nov 2026 to 22 Nov 2026"."""
    if period is None:
        return None
    start, end = period.start, period.end
    if start is not None and end is not None:
        if start == end:
            return f"{word} {_day(start)}"
        return f"{word} {_day(start)} to {_day(end)}"
    if start is not None:
        return f"{word} {_day(start)} or later"
    return f"{word} {_day(end)} or earlier" if end is not None else None


def running(end: date, today: date, beside: date | None = None) -> list[str]:
    """That a period has not ended yet; `beside` is the end of the one next to it."""
    if end <= today:
        return []
    if beside is None or beside > today:
        return ["The period is not over yet."]
    return ["The period is not over yet; it stands beside one that is."]


def amounts(
    word: str, least: Decimal | None, most: Decimal | None, currency: str
) -> str | None:
    """A filter by amounts, both inclusive: "open amount at least $1,000.00"."""
    said = []
    if least is not None:
        said.append(f"at least {Money(least, currency)}")
    if most is not None:
        said.append(f"at most {Money(most, currency)}")
    return f"{word} {' and '.join(said)}" if said else None


def _day(value: date) -> str:
    return styles.current().day(value)
