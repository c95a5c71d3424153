"""What was sold and what was spent: sums of lines, by party, item, account or month.

Sales are invoices and sales receipts less credit memos and refunds; spending is
bills and expenses less vendor credits and refunds. Both are counted on the day of
the document, paid or not, and without tax, as the profit and loss does on accrual
basis. Payments settle what was counted already and count nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, case, distinct, extract, func, or_, select

from qbo import asks, filters
from qbo.asks import Period
from qbo.books import Breakdown, Money, Slice
from qbo.mirror import LINES, RECORDS, amount
from qbo.reports import whole
from qbo.selection import C, Selection, counted, within
from qbo.slices import (
    Key,
    Sum,
    Sums,
    Wish,
    breakdown,
    days_spoken,
    foreign_spoken,
    journals_spoken,
    months_of,
)
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
_RECORD: Final[Mapping[str, str]] = {
    "customer": "Customer",
    "vendor": "Vendor",
    "item": "Item",
    "account": "Account",
}
# What money is spent on; a line on another kind of account moves money or pays debts.
_SPENT_ON: Final = ("Expense", "Asset")
_HELD_IN: Final = ("Bank", "Accounts Receivable")


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
                *days_spoken(wish),
            ),
            *filters.running(found.end, self._today, found.compared_end),
            *foreign_spoken(found),
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
        found = replace(found, journals=await self._journals(wish, ask, wanted))
        if ask.account is None:
            working += await self._left_out(wish, [*where, ~spent])
        return found, [
            *await self._counted(wish, SPENDING),
            *working,
            *journals_spoken(found),
            *filters.spoken(
                filters.named("vendor", ask.vendor),
                filters.named("account", ask.account),
                *days_spoken(wish),
            ),
            *filters.running(found.end, self._today, found.compared_end),
            *foreign_spoken(found),
        ]

    def _wish(
        self,
        subject: str,
        ask: asks.SalesTotal | asks.SpendTotal,
        where: Sequence[ColumnElement[bool]],
        about: Iterable[str | None],
    ) -> Wish:
        period = self._whole(ask.period)
        by = ask.group_by
        if by is None and len(months_of(period)) > 1:
            by = "month"
        return Wish(
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
        self, wish: Wish, bought: Mapping[str, str] | None = None
    ) -> Breakdown:
        """The breakdown in the company's currency, with those of the others."""
        now = await self._sums(wish, wish.period, bought)
        before: Mapping[str, Sums] = {}
        if wish.compare_to is not None:
            before = await self._sums(wish, wish.compare_to, bought)
        names = await self._names(wish.by)
        made = {
            currency: breakdown(
                wish,
                (now.get(currency, Sums()), before.get(currency, Sums())),
                names,
                currency,
                self._today,
            )
            for currency in sorted({self._home, *now, *before})
        }
        home = made.pop(self._home)
        return replace(home, foreign=tuple(made.values()))

    async def _sums(
        self, wish: Wish, period: Period, bought: Mapping[str, str] | None
    ) -> dict[str, Sums]:
        """Sums by currency and group; a line's account may follow from its item."""
        where = self._where(wish, period)
        joined = _joined()
        keys = [each.label(f"key{n}") for n, each in enumerate(_keys(wish.by, bought))]
        found: dict[str, Sums] = {}
        rows = await self._mirror.rows(
            select(C.currency, *_SUMMED, *keys)
            .select_from(joined)
            .where(*where)
            .group_by(C.currency, *(each.name for each in keys))
        )
        for currency, units, documents, *key in rows:
            sums = found.setdefault(currency or self._home, Sums())
            group = sums.groups.setdefault(_key(key), Sum())
            group.units += int(units or 0)
            group.documents += int(documents)
        rows = await self._mirror.rows(
            select(C.currency, *_SUMMED)
            .select_from(joined)
            .where(*where)
            .group_by(C.currency)
        )
        for currency, units, documents in rows:
            whole = found.setdefault(currency or self._home, Sums()).whole
            whole.units += int(units or 0)
            whole.documents += int(documents)
        return found

    def _where(self, wish: Wish, period: Period) -> list[ColumnElement[bool]]:
        return [
            C.company == self._company.id,
            ~C.voided,
            *wish.where,
            *within(C.txn_date, period),
        ]

    async def _names(self, by: str | None) -> Mapping[Key, str]:
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
        bought = (
            select(LINES.c.item_id)
            .where(
                LINES.c.company == self._company.id,
                LINES.c.entity.in_(SPENDING),
                LINES.c.item_id != "",
            )
            .distinct()
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

    async def _counted(self, wish: Wish, entities: Sequence[str]) -> list[str]:
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

    async def _taxes(self, wish: Wish, item: str | None) -> list[str]:
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
        self, wish: Wish, where: Sequence[ColumnElement[bool]]
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
        self, wish: Wish, ask: asks.SpendTotal, accounts: Sequence[str]
    ) -> Slice | None:
        """What journal entries put on the same cost accounts; it is told apart."""
        if ask.vendor is not None:
            return None
        costs = select(C.id).where(*self._of("Account"), C.side == "Expense")
        where = (
            C.entity == "JournalEntry",
            LINES.c.account_id.in_(accounts),
            LINES.c.account_id.in_(costs),
        )
        rows = await self._mirror.rows(
            select(*_SUMMED)
            .select_from(_joined())
            .where(
                *self._where(replace(wish, where=where), wish.period),
                C.currency.in_(("", self._home)),
            )
        )
        units, documents = rows[0]
        if not documents:
            return None
        return Slice("Journal entries", Money(amount(units), self._home), documents)


def _joined() -> Any:
    return RECORDS.join(
        LINES,
        (LINES.c.company == C.company)
        & (LINES.c.entity == C.entity)
        & (LINES.c.record_id == C.id),
    )


def _keys(by: str | None, bought: Mapping[str, str] | None) -> tuple[Any, ...]:
    """What lines are grouped by; a line's account may follow from its item."""
    if by is None:
        return ()
    if by == "month":
        return (extract("year", C.txn_date), extract("month", C.txn_date))
    if by == "item":
        return (LINES.c.item_id,)
    if by != "account":
        return (C.party_id,)
    items: dict[str, list[str]] = {}
    for item, account in (bought or {}).items():
        items.setdefault(account, []).append(item)
    of_items = [(LINES.c.item_id.in_(ids), each) for each, ids in items.items()]
    own = (LINES.c.account_id != "", LINES.c.account_id)
    return (case(own, *of_items, else_=""),)


def _key(key: Sequence[Any]) -> Key:
    """A group's key: an id, a month's number, or nothing at all."""
    if not key:
        return ""
    if len(key) > 1:
        year, month = map(int, key)
        return year * 12 + month - 1
    found: str = key[0]
    return found


def _signed(column: Any) -> Any:
    return case((C.entity.in_(_LESS), -column), else_=column)


_SUMMED: Final = (
    func.sum(_signed(LINES.c.amount)),
    func.count(distinct(C.entity + ":" + C.id)),
)
