"""What was sold and what was spent: sums of lines, by party, item, account or month.

Sales are invoices and sales receipts less credit memos and refunds; spending is
bills and expenses less vendor credits and refunds. Both are counted on the day of
the document, paid or not, and without tax, as the profit and loss does on accrual
basis. Payments settle what was counted already and count nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, case, distinct, extract, func, or_, select

from qbo import asks, filters
from qbo.asks import Period
from qbo.books import Breakdown, Money, Slice
from qbo.mirror import LINES, RECORDS, amount
from qbo.reports import whole
from qbo.selection import C, Selection, counted, rows_limit, within
from qbo.wire import records

SALES: Final = ("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt")
SPENDING: Final = ("Bill", "Purchase", "VendorCredit")
_LESS: Final = ("CreditMemo", "RefundReceipt", "VendorCredit")
_NOUNS: Final[Mapping[str, str]] = {
    "Invoice": "invoice",
    "SalesReceipt": "sales receipt",
    "CreditMemo": "credit memo",
    "RefundReceipt": "refund",
    "Bill": "bill",
    "Purchase": "expense",
    "VendorCredit": "vendor credit",
}
_NOBODY: Final[Mapping[str, str]] = {
    "customer": "No customer",
    "vendor": "No vendor",
    "item": "Discounts and lines without an item",
    "account": "No account",
}
_RECORD: Final[Mapping[str, str]] = {
    "customer": "Customer",
    "vendor": "Vendor",
    "item": "Item",
    "account": "Account",
}
# What money is spent on; a line on another kind of account moves money or pays debts.
_SPENT_ON: Final = ("Expense", "Asset")
_HELD_IN: Final = ("Bank", "Accounts Receivable")

_Key: TypeAlias = str | int


@dataclass(slots=True)
class _Sum:
    """What a group comes to, in ten-thousandths, and how many documents it has."""

    units: int = 0
    documents: int = 0


@dataclass(slots=True)
class _Sums:
    """The groups of one currency in one period, and the whole of them."""

    groups: dict[_Key, _Sum] = field(default_factory=dict)
    whole: _Sum = field(default_factory=_Sum)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for: which lines, in which groups, in which period."""

    subject: str
    by: str | None
    period: Period
    compare_to: Period | None
    limit: int | None
    where: tuple[ColumnElement[bool], ...]
    about: tuple[str, ...]


class Breakdowns(Selection):
    """Sums of what was sold and spent, from the lines of documents."""

    async def sales(self, ask: asks.SalesTotal) -> tuple[Breakdown, list[str]]:
        """What was sold.

        Raises:
            NotFound, Ambiguous: a name means no record, or several.
        """
        where: list[ColumnElement[bool]] = [C.entity.in_(SALES)]
        working: list[str] = []
        if ask.customer is not None:
            ids, more = await self._family("Customer", ask.customer)
            where.append(C.party_id.in_(ids))
            working += more
        if ask.item is not None:
            ids, more = await self._family("Item", ask.item)
            where.append(LINES.c.item_id.in_(ids))
            working += [*more, "Discounts on whole documents belong to no item."]
        wish = self._wish("sales", ask, where, (ask.customer, ask.item))
        found = await self._broken_down(wish)
        return found, [
            *await self._counted(wish, SALES),
            *await self._taxes(wish, ask.item),
            *working,
            *filters.spoken(
                filters.named("customer", ask.customer),
                filters.named("item", ask.item),
                *_days_spoken(wish),
            ),
            *_foreign_spoken(found),
        ]

    async def spend(self, ask: asks.SpendTotal) -> tuple[Breakdown, list[str]]:
        """What was spent.

        Raises:
            NotFound, Ambiguous: a name means no record, or several.
        """
        where: list[ColumnElement[bool]] = [C.entity.in_(SPENDING)]
        working: list[str] = []
        if ask.vendor is not None:
            ids, more = await self._family("Vendor", ask.vendor)
            where.append(C.party_id.in_(ids))
            working += more
        bought = await self._bought()
        if ask.account is not None:
            ids, more = await self._family("Account", ask.account)
            wanted: Sequence[str] = ids
            working += more
        else:
            wanted = await self._spent_on()
        through = [item for item, account in bought.items() if account in wanted]
        spent = or_(LINES.c.account_id.in_(wanted), LINES.c.item_id.in_(through))
        wish = self._wish("spend", ask, [*where, spent], (ask.vendor, ask.account))
        found = await self._broken_down(wish, bought)
        if ask.account is None:
            working += await self._left_out(wish, [*where, ~spent])
        return found, [
            *await self._counted(wish, SPENDING),
            *working,
            *await self._journals(wish, ask, wanted),
            *filters.spoken(
                filters.named("vendor", ask.vendor),
                filters.named("account", ask.account),
                *_days_spoken(wish),
            ),
            *_foreign_spoken(found),
        ]

    def _wish(
        self,
        subject: str,
        ask: asks.SalesTotal | asks.SpendTotal,
        where: Sequence[ColumnElement[bool]],
        about: Iterable[str | None],
    ) -> _Wish:
        period = self._whole(ask.period)
        by = ask.group_by
        if by is None and len(_months(period)) > 1:
            by = "month"
        return _Wish(
            subject,
            by,
            period,
            None if ask.compare_to is None else self._whole(ask.compare_to),
            ask.limit,
            tuple(where),
            tuple(each for each in about if each is not None),
        )

    def _whole(self, period: Period | None) -> Period:
        return whole(period, self._company.fiscal_year_start_month, self._today)

    # --- sums -------------------------------------------------------------------

    async def _broken_down(
        self, wish: _Wish, bought: Mapping[str, str] | None = None
    ) -> Breakdown:
        """The breakdown in the company's currency, with those of the others."""
        now = await self._sums(wish, wish.period, bought)
        before: Mapping[str, _Sums] = {}
        if wish.compare_to is not None:
            before = await self._sums(wish, wish.compare_to, bought)
        names = await self._names(wish.by)
        made = {
            currency: _made(
                wish,
                (now.get(currency, _Sums()), before.get(currency, _Sums())),
                names,
                currency,
                self._today,
            )
            for currency in sorted({self._home, *now, *before})
        }
        home = made.pop(self._home)
        return replace(home, foreign=tuple(made.values()))

    async def _sums(
        self, wish: _Wish, period: Period, bought: Mapping[str, str] | None
    ) -> dict[str, _Sums]:
        """Sums by currency and group; a line's account may follow from its item."""
        where = self._where(wish, period)
        joined = _joined()
        keys = {
            None: (),
            "month": (extract("year", C.txn_date), extract("month", C.txn_date)),
            "item": (LINES.c.item_id,),
            "account": (LINES.c.account_id, LINES.c.item_id),
        }.get(wish.by, (C.party_id,))
        found: dict[str, _Sums] = {}
        rows = await self._mirror.rows(
            select(C.currency, *_SUMMED, *keys)
            .select_from(joined)
            .where(*where)
            .group_by(C.currency, *keys)
        )
        for currency, units, documents, *key in rows:
            sums = found.setdefault(currency or self._home, _Sums())
            group = sums.groups.setdefault(_key(wish.by, key, bought or {}), _Sum())
            group.units += int(units or 0)
            group.documents += int(documents)
        rows = await self._mirror.rows(
            select(C.currency, *_SUMMED)
            .select_from(joined)
            .where(*where)
            .group_by(C.currency)
        )
        for currency, units, documents in rows:
            whole = found.setdefault(currency or self._home, _Sums()).whole
            whole.units += int(units or 0)
            whole.documents += int(documents)
        return found

    def _where(self, wish: _Wish, period: Period) -> list[ColumnElement[bool]]:
        return [
            C.company == self._company.id,
            ~C.voided,
            *wish.where,
            *within(C.txn_date, period),
        ]

    async def _names(self, by: str | None) -> Mapping[_Key, str]:
        """What the groups are called, by their ids; none are needed for months."""
        entity = _RECORD.get(by or "")
        if entity is None:
            return {}
        rows = await self._mirror.rows(select(C.id, C.name).where(*self._of(entity)))
        return {row.id: row.name for row in rows}

    # --- what money is spent on ---------------------------------------------------

    async def _spent_on(self) -> tuple[str, ...]:
        """The accounts on which a line is something spent: costs, and what one owns."""
        rows = await self._mirror.rows(
            select(C.id).where(
                *self._of("Account"), C.side.in_(_SPENT_ON), C.kind.not_in(_HELD_IN)
            )
        )
        return tuple(row.id for row in rows)

    async def _bought(self) -> dict[str, str]:
        """The account of each item that was bought: stock is an asset, else a cost."""
        bought = select(distinct(LINES.c.item_id)).where(
            LINES.c.company == self._company.id,
            LINES.c.entity.in_(SPENDING),
            LINES.c.item_id != "",
        )
        found = await self._mirror.found(
            select(C.raw).where(*self._of("Item"), C.id.in_(bought))
        )
        return {
            str(each["Id"]): records.ref_id(each, "AssetAccountRef")
            or records.ref_id(each, "ExpenseAccountRef")
            for each in found
        }

    # --- working ----------------------------------------------------------------

    async def _counted(self, wish: _Wish, entities: Sequence[str]) -> list[str]:
        """How many documents of each kind are in it, and how they count."""
        rows = await self._mirror.rows(
            select(C.entity, func.count(distinct(C.id)))
            .select_from(_joined())
            .where(*self._where(wish, wish.period))
            .group_by(C.entity)
        )
        known = {row[0]: int(row[1]) for row in rows}
        added = [
            counted(known[each], _NOUNS[each])
            for each in entities
            if each in known and each not in _LESS
        ]
        taken = [
            counted(known[each], _NOUNS[each])
            for each in entities
            if each in known and each in _LESS
        ]
        text = " and ".join(added) if added else f"no {_NOUNS[entities[0]]}s"
        if taken:
            text += f", less {' and '.join(taken)}"
        payments = (
            "payments received" if wish.subject == "sales" else "payments of bills"
        )
        return [
            f"Sum of the lines of {text}, without tax.",
            (
                "Accrual: on the day of each document, paid or not; voided ones and"
                f" {payments} count nothing."
            ),
        ]

    async def _taxes(self, wish: _Wish, item: str | None) -> list[str]:
        """What tax stands on the documents beside what was counted."""
        if item is not None:
            return []
        sign = _signed(C.total - C.net)
        rows = await self._mirror.rows(
            select(C.currency, func.count(), func.sum(sign))
            .where(*self._where(wish, wish.period), C.total != C.net)
            .group_by(C.currency)
        )
        said = [
            str(Money(amount(row[2]), row[0] or self._home)) for row in rows if row[2]
        ]
        if not said:
            return []
        return [f"Tax on them, not counted: {' and '.join(said)}."]

    async def _left_out(
        self, wish: _Wish, where: Sequence[ColumnElement[bool]]
    ) -> list[str]:
        """What stands on accounts where it is no spending."""
        rows = await self._mirror.rows(
            select(C.currency, *_SUMMED)
            .select_from(_joined())
            .where(*self._where(replace(wish, where=tuple(where)), wish.period))
            .group_by(C.currency)
        )
        said = [
            str(Money(amount(row[1]), row[0] or self._home)) for row in rows if row[1]
        ]
        if not said:
            return []
        return [
            (
                "Not counted: lines on accounts for debts, taxes owed, equity, bank or"
                f" income, {' and '.join(said)}."
            )
        ]

    async def _journals(
        self, wish: _Wish, ask: asks.SpendTotal, accounts: Sequence[str]
    ) -> list[str]:
        """What journal entries put on the same cost accounts; it is said apart."""
        if ask.vendor is not None:
            return []
        costs = select(C.id).where(*self._of("Account"), C.side == "Expense")
        where = (
            C.entity == "JournalEntry",
            LINES.c.account_id.in_(accounts),
            LINES.c.account_id.in_(costs),
        )
        rows = await self._mirror.rows(
            select(C.currency, *_SUMMED)
            .select_from(_joined())
            .where(*self._where(replace(wish, where=where), wish.period))
            .group_by(C.currency)
        )
        return [
            f"Not counted: {counted(row[2], 'journal entry', 'journal entries')} on"
            f" {'it' if ask.account else 'cost accounts'} (payroll, depreciation and"
            f" the like), {Money(amount(row[1]), row[0] or self._home)}; they are in"
            " the profit and loss."
            for row in rows
            if row[1]
        ]


def _joined() -> Any:
    return RECORDS.join(
        LINES,
        (LINES.c.company == C.company)
        & (LINES.c.entity == C.entity)
        & (LINES.c.record_id == C.id),
    )


def _signed(column: Any) -> Any:
    return case((C.entity.in_(_LESS), -column), else_=column)


_SUMMED: Final = (
    func.sum(_signed(LINES.c.amount)),
    func.count(distinct(C.entity + ":" + C.id)),
)


def _key(by: str | None, key: Sequence[Any], bought: Mapping[str, str]) -> _Key:
    """A group's key: an id, a month's number, or nothing at all."""
    if by is None:
        return ""
    if by == "month":
        return int(key[0]) * 12 + int(key[1]) - 1
    if by == "account":
        return key[0] or bought.get(key[1], "")
    found: str = key[0]
    return found


def _months(period: Period) -> range:
    """The months of a period, by number."""
    assert period.start is not None, "a period without a beginning"
    assert period.end is not None, "a period without an end"
    first = period.start.year * 12 + period.start.month - 1
    return range(first, period.end.year * 12 + period.end.month)


def _made(
    wish: _Wish,
    both: tuple[_Sums, _Sums],
    names: Mapping[_Key, str],
    currency: str,
    today: date,
) -> Breakdown:
    """One currency's breakdown, from its sums now and in the period compared."""
    now, before = both
    compares = wish.compare_to is not None

    def money(found: _Sum) -> Money:
        return Money(amount(found.units), currency)

    whole = Slice(
        "Total",
        money(now.whole),
        now.whole.documents,
        money(before.whole) if compares else None,
    )
    if wish.by == "month":
        slices = _by_month(wish, both, money, today)
    else:
        slices = [
            Slice(
                names.get(key) or _NOBODY.get(wish.by or "", ""),
                money(now.groups.get(key, _Sum())),
                now.groups.get(key, _Sum()).documents,
                money(before.groups.get(key, _Sum())) if compares else None,
                record_id=str(key) or None,
            )
            for key in {**now.groups, **before.groups}
            if wish.by is not None
        ]
    months = wish.by == "month"
    if not months or wish.limit is not None:
        slices.sort(key=lambda one: (-one.amount.amount, one.name.casefold()))
    limit = rows_limit(wish.limit) if not months or wish.limit else len(slices)
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
    wish: _Wish, both: tuple[_Sums, _Sums], money: Any, today: date
) -> list[Slice]:
    """All months of the period in order, empty ones too, but for those to come.

    In a comparison the first month stands beside the first, and so on.
    """
    now, before = both
    months = list(_months(wish.period))
    others = list(_months(wish.compare_to)) if wish.compare_to else []
    this_month = today.year * 12 + today.month - 1
    last = max((*now.groups, this_month), default=this_month)
    if not others:
        months = [each for each in months if each <= int(last)] or months[:1]
    found = []
    for place in range(max(len(months), len(others))):
        month = months[place] if place < len(months) else None
        other = others[place] if place < len(others) else None
        mine = now.groups.get(month, _Sum()) if month is not None else _Sum()
        theirs = before.groups.get(other, _Sum()) if other is not None else _Sum()
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


def _days_spoken(wish: _Wish) -> tuple[str | None, ...]:
    return (
        filters.days("date", wish.period),
        filters.days("compared with", wish.compare_to),
    )


def _foreign_spoken(found: Breakdown) -> list[str]:
    if not found.foreign:
        return []
    others = " and ".join(each.total.currency for each in found.foreign)
    return [
        (
            f"Documents in {others} stand apart in their own currency and are not added"
            f" to {found.total.currency}."
        )
    ]
