"""One customer or one vendor: what is open, what came lately, how fast is paid."""

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.sql.expression import alias

from qbo import asks
from qbo.asks import Period
from qbo.books import (
    CustomerShow,
    Listing,
    Money,
    Pace,
    PaidOut,
    VendorShow,
)
from qbo.lookup import listed
from qbo.mirror import LINES, RECORDS, amount
from qbo.selection import C, Selection, counted, newest, within
from qbo.wire import records
from qbo.wire.exact import Json

_RECENT: Final = 5
_PACE_DAYS: Final = 365


class Parties(Selection):
    """The pages of customers and vendors, their sub-customers' records included."""

    async def customer(self, ask: asks.CustomerShow) -> tuple[CustomerShow, list[str]]:
        """One customer.

        Raises:
            NotFound, Ambiguous: the name means no customer, or several.
        """
        found = await self._named("Customer", ask.customer)
        ids, working = await self._family("Customer", ask.customer)
        used = records.currency(found, self._home)
        invoices = await self._open("Invoice", ids, records.invoice)
        mine = self._theirs("Invoice", ids, used)
        payments = self._theirs("Payment", ids, used)
        memos = self._theirs("CreditMemo", ids, used)
        last = await self._latest(self._theirs("Payment", ids), 1, C.total > 0)
        recent = await self._latest(self._theirs("Invoice", ids), _RECENT)
        pace = await self._pace("Invoice", "Payment", ids)
        customer = records.customer(found, self._home)
        credit = await self._sum(payments, C.balance, used)
        credit += await self._sum(memos, C.balance, used)
        shown = CustomerShow(
            customer=replace(
                customer,
                balance=await self._sum(
                    [*self._of("Customer"), C.id.in_(ids), self._in(used)],
                    C.balance,
                    used,
                ),
            ),
            open_invoices=invoices,
            overdue=await self._late(mine, used),
            last_payment=(await self._with_numbers(last))[0] if last else None,
            outstanding=await self._sum([*mine, C.balance > 0], C.balance, used),
            invoiced=await self._sum([*mine, *self._month()], C.total, used),
            credit=credit,
            pace=pace,
            recent=tuple(records.invoice(each, self._home) for each in recent),
            members=await self._members("Customer", ids[1:]),
        )
        return shown, [
            _opened(invoices.count, "open invoice"),
            *working,
            *self._balanced(shown.customer.balance, shown.outstanding, credit),
            *_paced(pace, "invoice"),
            *await self._elsewhere("Invoice", ids, used),
        ]

    async def vendor(self, ask: asks.VendorShow) -> tuple[VendorShow, list[str]]:
        """One vendor.

        Raises:
            NotFound, Ambiguous: the name means no vendor, or several.
        """
        found = await self._named("Vendor", ask.vendor)
        number = str(found["Id"])
        used = records.currency(found, self._home)
        bills = await self._open("Bill", (number,), records.bill)
        mine = self._theirs("Bill", (number,), used)
        pace = await self._pace("Bill", "BillPayment", (number,))
        recent = await self._latest(self._theirs("Bill", (number,)), _RECENT)
        credits_ = self._theirs("VendorCredit", (number,), used)
        vendor = records.vendor(found, self._home)
        credit = await self._sum(credits_, C.balance, used)
        outstanding = await self._sum([*mine, C.balance > 0], C.balance, used)
        shown = VendorShow(
            vendor=vendor,
            open_bills=bills,
            overdue=await self._late(mine, used),
            outstanding=outstanding,
            billed=await self._sum([*mine, *self._month()], C.total, used),
            credit=credit,
            last_payment=await self._last_paid(number),
            pace=pace,
            recent=tuple(records.bill(each, self._home) for each in recent),
        )
        return shown, [
            _opened(bills.count, "open bill"),
            *self._balanced(vendor.balance, outstanding, credit),
            *_paced(pace, "bill"),
            *await self._elsewhere("Bill", (number,), used),
        ]

    # --- sums -------------------------------------------------------------------

    def _theirs(
        self, entity: str, ids: Sequence[str], currency: str | None = None
    ) -> list[ColumnElement[bool]]:
        found = [*self._of(entity), C.party_id.in_(ids)]
        return found if currency is None else [*found, self._in(currency)]

    def _in(self, currency: str) -> ColumnElement[bool]:
        return C.currency.in_(("", currency) if currency == self._home else (currency,))

    async def _sum(
        self, where: Sequence[ColumnElement[bool]], column: Any, currency: str
    ) -> Money:
        rows = await self._mirror.rows(select(func.sum(column)).where(*where))
        return Money(amount(rows[0][0]), currency)

    async def _late(self, where: Sequence[ColumnElement[bool]], currency: str) -> Money:
        late = [*where, C.balance > 0, C.due_date < self._today]
        return await self._sum(late, C.balance, currency)

    async def _open(self, entity: str, ids: Sequence[str], read: Any) -> Listing[Any]:
        where = [*self._theirs(entity, ids), C.balance > 0]
        found = await self._listing(
            f"{entity.lower()}s", where, (C.due_date, C.id), read
        )
        return await self._with_sums(found, where)

    async def _latest(
        self, where: Sequence[ColumnElement[bool]], limit: int, *more: Any
    ) -> list[Json]:
        return await self._mirror.found(
            select(C.raw).where(*where, *more).order_by(*newest()).limit(limit)
        )

    def _month(self) -> list[ColumnElement[bool]]:
        last = calendar.monthrange(self._today.year, self._today.month)[1]
        month = Period(self._today.replace(day=1), self._today.replace(day=last))
        return within(C.txn_date, month)

    async def _members(self, entity: str, ids: Sequence[str]) -> tuple[str, ...]:
        rows = await self._mirror.rows(
            select(C.name).where(*self._of(entity), C.id.in_(ids)).order_by(C.name_key)
        )
        return tuple(row.name for row in rows)

    async def _last_paid(self, vendor: str) -> PaidOut | None:
        """The latest payment to a vendor: of bills, or an expense of its own."""
        found = await self._mirror.rows(
            select(C.entity, C.raw)
            .where(
                C.company == self._company.id,
                C.entity.in_(("BillPayment", "Purchase")),
                C.party_id == vendor,
                C.total > 0,
            )
            .order_by(*newest())
            .limit(1)
        )
        return (
            records.paid_out(found[0].entity, found[0].raw, self._home)
            if found
            else None
        )

    # --- how fast is paid ---------------------------------------------------------

    async def _pace(
        self, document: str, payment: str, ids: Sequence[str]
    ) -> Pace | None:
        """How many days payment took, from the payments linked to documents.

        Counted are documents settled in the last 365 days, from their date to that
        of the last payment of money; what only credits have settled is not counted.
        """
        paying = alias(RECORDS, "paying")
        rows = await self._mirror.rows(
            select(C.txn_date, func.max(paying.c.txn_date).label("paid_on"))
            .select_from(
                RECORDS.join(
                    LINES,
                    (LINES.c.company == C.company)
                    & (LINES.c.entity == payment)
                    & (LINES.c.target == document)
                    & (LINES.c.target_id == C.id),
                ).join(
                    paying,
                    (paying.c.company == LINES.c.company)
                    & (paying.c.entity == LINES.c.entity)
                    & (paying.c.id == LINES.c.record_id)
                    & (paying.c.total > 0)
                    & ~paying.c.voided,
                )
            )
            .where(
                *self._of(document),
                C.party_id.in_(ids),
                C.balance == 0,
                C.total > 0,
            )
            .group_by(C.id, C.txn_date)
        )
        first = self._today - timedelta(days=_PACE_DAYS)
        days = [
            (paid_on - row.txn_date).days
            for row in rows
            if (paid_on := _as_date(row.paid_on)) > first
        ]
        if not days:
            return None
        mean = Decimal(sum(days)) / len(days)
        return Pace(mean.quantize(Decimal("0.1"), ROUND_HALF_UP), len(days))

    # --- working ----------------------------------------------------------------

    def _balanced(
        self, balance: Money, outstanding: Money | None, credit: Money | None
    ) -> list[str]:
        """How the balance follows from what is open, where it is something else."""
        if outstanding is None or credit is None or balance == outstanding:
            return []
        left = outstanding.amount - credit.amount
        if left == balance.amount:
            made = f"{outstanding} of open documents, less {credit} of credit"
            return [f"{made}, is {balance}."]
        more = "journal entries and deposits can be a part of it"
        return [f"QuickBooks' own balance is {balance}; {more}."]

    async def _elsewhere(
        self, entity: str, ids: Sequence[str], currency: str
    ) -> list[str]:
        """That documents in other currencies are not in the sums."""
        rows = await self._mirror.rows(
            select(C.currency)
            .where(*self._theirs(entity, ids), ~self._in(currency))
            .distinct()
        )
        if not rows:
            return []
        others = listed(sorted(row.currency or self._home for row in rows))
        return [
            f"Documents in {others} are not in these sums, which are in {currency}."
        ]


def _opened(number: int, noun: str) -> str:
    said = counted(number, noun)
    return f"{said}; overdue is what was due before today, totals include tax."


def _paced(pace: Pace | None, noun: str) -> list[str]:
    if pace is None:
        return []
    over = f"{counted(pace.documents, noun)} settled in the last {_PACE_DAYS} days"
    return [f"Days to pay: from the {noun} date to its last payment, over {over}."]


def _as_date(value: date | str) -> date:
    # SQLite loses the type of an aggregated date.
    return value if isinstance(value, date) else date.fromisoformat(value)
