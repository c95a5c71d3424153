"""What all questions share: conditions, orders, and how rows become a listing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from qbo import lookup
from qbo.asks import Period
from qbo.books import Company, Listing, Money, Payment
from qbo.mirror import RECORDS, Mirror, amount, units
from qbo.wire import records
from qbo.wire.exact import Json

T = TypeVar("T")

ROWS_DEFAULT: Final = 20
ROWS_MAX: Final = 1000
# "All" for a file: no company has more, and memory has an end.
ROWS_ALL: Final = 100_000
C: Final = RECORDS.c


class Selection:
    """Rows of one company, as asked for on the day `today`.

    With `every` a list without a limit of its own has all its rows.
    """

    def __init__(
        self, mirror: Mirror, company: Company, today: date, *, every: bool = False
    ) -> None:
        self._usual = ROWS_ALL if every else ROWS_DEFAULT
        self._mirror = mirror
        self._company = company
        self._home = company.currency
        self._today = today

    def _of(self, entity: str) -> list[ColumnElement[bool]]:
        return [C.company == self._company.id, C.entity == entity]

    async def _named(self, entity: str, name: str) -> Json:
        return await lookup.named(self._mirror, self._company.id, entity, name)

    async def _family(
        self, entity: str, name: str
    ) -> tuple[tuple[str, ...], list[str]]:
        """The ids that a name stands for: the record and its sub-records."""
        found = await self._named(entity, name)
        ids = await lookup.below(
            self._mirror, self._company.id, entity, str(found["Id"])
        )
        if len(ids) == 1:
            return ids, []
        noun = "customers" if entity == "Customer" else f"{entity.lower()}s"
        return ids, [f"{records.label(found)} with its sub-{noun}."]

    async def _document(
        self, entity: str, party: str, name: str | None
    ) -> tuple[list[ColumnElement[bool]], list[str]]:
        if name is None:
            return self._of(entity), []
        ids, working = await self._family(party, name)
        return [*self._of(entity), C.party_id.in_(ids)], working

    async def _listing(
        self,
        kind: str,
        where: Sequence[ColumnElement[bool]],
        order: Sequence[Any],
        read: Callable[[Json, str], T],
        *,
        total: Any = None,
        limit: int | None = None,
    ) -> Listing[T]:
        found = await self._mirror.found(self._cut(where, order, limit))
        rows = tuple(read(each, self._home) for each in found)
        count = await self._count(where)
        summed = [] if total is None else await self._by_currency(where, total)
        return Listing(
            kind,
            rows,
            count,
            len(rows) == count,
            None if total is None else self._one_currency(summed),
            sums=self._several(summed),
        )

    def _cut(
        self,
        where: Sequence[ColumnElement[bool]],
        order: Sequence[Any],
        limit: int | None,
    ) -> Select[Any]:
        return (
            select(C.raw)
            .where(*where)
            .order_by(*order)
            .limit(rows_limit(self._usual if limit is None else limit))
        )

    async def _count(self, where: Sequence[ColumnElement[bool]]) -> int:
        statement = select(func.count()).select_from(RECORDS).where(*where)
        return int((await self._mirror.rows(statement))[0][0])

    async def _total(
        self, where: Sequence[ColumnElement[bool]], column: Any
    ) -> Money | None:
        return self._one_currency(await self._by_currency(where, column))

    async def _by_currency(
        self, where: Sequence[ColumnElement[bool]], column: Any
    ) -> list[Any]:
        """Currency, count and sum of a column, for each currency there is."""
        return await self._mirror.rows(
            select(C.currency, func.count(), func.sum(column))
            .where(*where)
            .group_by(C.currency)
        )

    def _several(self, totals: Sequence[Any]) -> tuple[Money, ...]:
        """The sums by currency where there are several: the company's own first."""
        sums: dict[str, int] = {}
        for row in totals:
            currency = row[0] or self._home
            sums[currency] = sums.get(currency, 0) + int(row[2] or 0)
        if len(sums) < 2:  # noqa: PLR2004
            return ()
        ordered = sorted(sums, key=lambda each: (each != self._home, each))
        return tuple(Money(amount(sums[each]), each) for each in ordered)

    def _one_currency(self, totals: Sequence[Any]) -> Money | None:
        """A sum by currency as one amount; None where currencies are mixed."""
        if not totals:
            return Money(amount(0), self._home)
        currencies = {row[0] or self._home for row in totals}
        if len(currencies) > 1:
            return None
        return Money(amount(sum(int(row[2] or 0) for row in totals)), currencies.pop())

    async def _with_sums(
        self, found: Listing[T], where: Sequence[ColumnElement[bool]]
    ) -> Listing[T]:
        """The listing with both sums of everything that matched."""
        rows = await self._mirror.rows(
            select(
                C.currency,
                func.count(),
                func.sum(C.total),
                func.sum(C.balance),
                func.sum(case((C.balance > 0, 1), else_=0)),
            )
            .where(*where)
            .group_by(C.currency)
        )
        return replace(
            found,
            total=self._one_currency(rows),
            open=self._one_currency([(row[0], row[1], row[3]) for row in rows]),
            sums=self._several(rows),
            open_sums=self._several([(row[0], row[1], row[3]) for row in rows]),
            open_count=sum(int(row[4] or 0) for row in rows),
        )

    async def _with_numbers(self, found: Sequence[Json]) -> tuple[Payment, ...]:
        """Payments, with the numbers of the invoices they settle."""
        wanted = {
            target
            for each in found
            for kind, target, _ in records.linked(each)
            if kind == "Invoice"
        }
        rows = await self._mirror.rows(
            select(C.id, C.doc_number).where(*self._of("Invoice"), C.id.in_(wanted))
        )
        numbers = {row.id: row.doc_number for row in rows}
        return tuple(records.payment(each, self._home, numbers.get) for each in found)


def status_conditions(status: str | None, today: date) -> list[ColumnElement[bool]]:
    """What holds of invoices or bills of a status, on that day."""
    if status is None:
        return []
    meanings: dict[str, list[ColumnElement[bool]]] = {
        "open": [C.balance > 0],
        "overdue": [C.balance > 0, C.due_date < today],
        "paid": [C.balance == 0, ~C.voided],
        "voided": [C.voided],
        "unsent": [~C.sent, ~C.voided],
    }
    return meanings[status]


def rows_limit(limit: int | None) -> int:
    """How many rows are shown: as said, else twenty; or all of them."""
    if limit == ROWS_ALL:
        return ROWS_ALL
    return min(max(limit if limit is not None else ROWS_DEFAULT, 1), ROWS_MAX)


def holds(search: str | None) -> list[ColumnElement[bool]]:
    """What holds of names (numbers, SKUs) that have a text in them."""
    if not search:
        return []
    key = search.casefold()
    return [
        or_(
            C.full_key.contains(key, autoescape=True),
            C.name_key.contains(key, autoescape=True),
            C.code_key.contains(key, autoescape=True),
        )
    ]


def within(column: Any, period: Period | None) -> list[ColumnElement[bool]]:
    """What holds of days in a period."""
    if period is None:
        return []
    found: list[ColumnElement[bool]] = []
    if period.start is not None:
        found.append(column >= period.start)
    if period.end is not None:
        found.append(column <= period.end)
    return found


def between(least: Any, most: Any) -> list[ColumnElement[bool]]:
    """What holds of documents whose total is from `least` to `most`."""
    found: list[ColumnElement[bool]] = []
    if least is not None:
        found.append(C.total >= units(least))
    if most is not None:
        found.append(C.total <= units(most))
    return found


def newest() -> tuple[Any, ...]:
    """The order of documents that has the latest first."""
    return (C.txn_date.desc(), C.created_at.desc(), C.id.desc())


def in_order(sort: str | None, *, late_first: bool = False) -> tuple[Any, ...]:
    """The order that was asked for; else the newest, or the longest overdue, first."""
    if sort is None and late_first:
        return (C.due_date, C.txn_date, C.id)
    if sort == "oldest":
        return (C.txn_date, C.created_at, C.id)
    if sort == "largest":
        return (C.total.desc(), *newest())
    if sort == "smallest":
        return (C.total, *newest())
    return newest()


def counted(number: int, noun: str, many: str | None = None) -> str:
    """A number and its noun: "1 invoice", "1,240 invoices"."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"
