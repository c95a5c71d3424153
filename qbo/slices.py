"""Groups of sums as the slices of a breakdown, and sentences about them; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from sqlalchemy import ColumnElement

from qbo import filters
from qbo.asks import Period
from qbo.books import Breakdown, Money, Slice
from qbo.mirror import amount
from qbo.selection import counted, rows_limit

_NOBODY: Final[Mapping[str, str]] = {
    "customer": "No customer",
    "vendor": "No vendor",
    "item": "Discounts and lines without an item",
    "account": "No account",
}

Key: TypeAlias = str | int


@dataclass(slots=True)
class Sum:
    """What a group comes to, in ten-thousandths, and how many documents it has."""

    units: int = 0
    documents: int = 0


@dataclass(slots=True)
class Sums:
    """The groups of one currency in one period, and the whole of them."""

    groups: dict[Key, Sum] = field(default_factory=dict)
    whole: Sum = field(default_factory=Sum)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: which lines, in which groups, in which period."""

    subject: str
    by: str | None
    period: Period
    compare_to: Period | None
    limit: int | None
    where: tuple[ColumnElement[bool], ...]
    about: tuple[str, ...]


def months_of(period: Period) -> range:
    """The months of a period, by number."""
    assert period.start is not None, "a period without a beginning"
    assert period.end is not None, "a period without an end"
    first = period.start.year * 12 + period.start.month - 1
    return range(first, period.end.year * 12 + period.end.month)


def breakdown(
    wish: Wish,
    both: tuple[Sums, Sums],
    names: Mapping[Key, str],
    currency: str,
    today: date,
) -> Breakdown:
    """One currency's breakdown, from its sums now and in the period compared."""
    now, before = both
    compares = wish.compare_to is not None

    def money(found: Sum) -> Money:
        return Money(amount(found.units), currency)

    whole = Slice(
        "Total",
        money(now.whole),
        now.whole.documents,
        money(before.whole) if compares else None,
    )
    is_by_month = wish.by == "month"
    if is_by_month:
        slices = _by_month(wish, both, money, today)
    else:
        slices = [
            Slice(
                names.get(key) or _NOBODY.get(wish.by or "", ""),
                money(now.groups.get(key, Sum())),
                now.groups.get(key, Sum()).documents,
                money(before.groups.get(key, Sum())) if compares else None,
                record_id=str(key) or None,
            )
            for key in {**now.groups, **before.groups}
            if wish.by is not None
        ]
    if not is_by_month or wish.limit is not None:
        slices.sort(key=lambda one: (-one.amount.amount, one.name.casefold()))
    limit = rows_limit(wish.limit) if not is_by_month or wish.limit else len(slices)
    assert wish.period.start is not None, "a period without a beginning"
    assert wish.period.end is not None, "a period without an end"
    return Breakdown(
        subject=wish.subject,
        by=wish.by,
        start=wish.period.start,
        end=wish.period.end,
        whole=whole,
        rows=tuple(slices[:limit]),
        groups=len(slices),
        rest=_rest(slices[limit:]),
        compared_start=wish.compare_to.start if wish.compare_to else None,
        compared_end=wish.compare_to.end if wish.compare_to else None,
        about=wish.about,
    )


def _by_month(
    wish: Wish, both: tuple[Sums, Sums], money: Callable[[Sum], Money], today: date
) -> list[Slice]:
    """All months of the period in order, empty ones too, but for those to come.

    In a comparison the first month stands beside the first, and so on.
    """
    now, before = both
    months = list(months_of(wish.period))
    others = list(months_of(wish.compare_to)) if wish.compare_to else []
    this_month = today.year * 12 + today.month - 1
    last = max((*now.groups, this_month), default=this_month)
    if not others:
        months = [each for each in months if each <= int(last)] or months[:1]
    found = []
    for place in range(max(len(months), len(others))):
        month = months[place] if place < len(months) else None
        other = others[place] if place < len(others) else None
        mine = now.groups.get(month, Sum()) if month is not None else Sum()
        theirs = before.groups.get(other, Sum()) if other is not None else Sum()
        found.append(
            Slice(
                _month_name(month),
                money(mine),
                mine.documents,
                money(theirs) if others else None,
                _month_name(other),
                None if month is None else date(month // 12, month % 12 + 1, 1),
            )
        )
    return found


def _month_name(month: int | None) -> str:
    if month is None:
        return ""
    return f"{date(month // 12, month % 12 + 1, 1):%b %Y}"


def _rest(left: Sequence[Slice]) -> Slice | None:
    """What the groups that are not shown come to."""
    if not left:
        return None
    first, *others = left
    total, compared = first.amount, first.compared
    for each in others:
        total += each.amount
        if compared is not None and each.compared is not None:
            compared += each.compared
    return Slice(
        f"{len(left):,} more", total, sum(each.count for each in left), compared
    )


def days_spoken(wish: Wish) -> tuple[str | None, ...]:
    """The periods as filters."""
    return (
        filters.days("date", wish.period),
        filters.days("compared with", wish.compare_to),
    )


def journals_spoken(found: Breakdown) -> list[str]:
    """What journal entries put on the same accounts."""
    if found.journals is None:
        return []
    entries = counted(found.journals.count, "journal entry", "journal entries")
    return [
        (
            f"Not counted: {entries} on these cost accounts (payroll, depreciation and"
            f" the like), {found.journals.amount}; they are in the profit and loss."
        )
    ]


def foreign_spoken(found: Breakdown) -> list[str]:
    """That other currencies stand apart."""
    if not found.foreign:
        return []
    others = " and ".join(each.total.currency for each in found.foreign)
    return [
        (
            f"Documents in {others} stand apart in their own currency and are not added"
            f" to {found.total.currency}."
        )
    ]
