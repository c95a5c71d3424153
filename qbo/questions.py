"""The questions asked of the mirror, answered by the database.

Everything is compared, added and sorted in SQL; only the rows that are shown
become values. Each answer comes with the sentences that say how it came about.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, case, func, or_, select

from qbo import asks, filters, lookup
from qbo.asks import Ask
from qbo.books import (
    Account,
    Bill,
    CreditMemo,
    Customer,
    Invoice,
    Item,
    Listing,
    Payment,
    Purchase,
    Value,
    Vendor,
)
from qbo.breakdowns import Breakdowns
from qbo.faults import NotFound
from qbo.mirror import LINES, units
from qbo.owing import Owings
from qbo.parties import Parties
from qbo.selection import (
    ROWS_ALL,
    C,
    Selection,
    between,
    counted,
    holds,
    in_order,
    newest,
    status_conditions,
    within,
)
from qbo.wire import records
from qbo.wire.exact import Json

T = TypeVar("T")

_CLASSIFICATIONS: Final = frozenset(
    {"asset", "liability", "equity", "revenue", "expense"}
)
_WITHOUT_BALANCE: Final = frozenset(
    {
        *("revenue", "expense", "income", "cost of goods sold"),
        *("other income", "other expense"),
    }
)
_ACCOUNT_ORDER: Final = (
    *("Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset"),
    *("Other Asset", "Accounts Payable", "Credit Card", "Other Current Liability"),
    *("Long Term Liability", "Equity", "Income", "Cost of Goods Sold", "Expense"),
    *("Other Income", "Other Expense"),
)


class Questions(Selection):
    """What is asked of one company's rows; `today` is the day of who asks."""

    async def answer(self, ask: Ask) -> tuple[Value, tuple[str, ...]]:
        """The value that answers, and the working behind it.

        Raises:
            NotFound, Ambiguous: a name or number means no record, or several.
        """
        if self._usual == ROWS_ALL:
            ask = _unlimited(ask)
        owings = Owings(self._mirror, self._company, self._today)
        parties = Parties(self._mirror, self._company, self._today)
        sums = Breakdowns(self._mirror, self._company, self._today)
        ways: dict[type[Any], Callable[[Any], Any]] = {
            asks.CustomersList: self._customers,
            asks.CustomerShow: parties.customer,
            asks.ReceivablesList: owings.receivables,
            asks.InvoicesList: self._invoices,
            asks.InvoiceShow: self.invoice,
            asks.PaymentsList: self._payments,
            asks.CreditMemosList: self._credit_memos,
            asks.VendorsList: self._vendors,
            asks.VendorShow: parties.vendor,
            asks.BillsList: self._bills,
            asks.BillShow: self._bill,
            asks.PayablesList: owings.payables,
            asks.ExpensesList: self._expenses,
            asks.ItemsList: self._items,
            asks.ItemShow: self._item,
            asks.AccountsList: self._accounts,
            asks.AccountShow: self._account,
            asks.SalesTotal: sums.sales,
            asks.SpendTotal: sums.spend,
        }
        value, working = await ways[type(ask)](ask)
        return value, tuple(working)

    # --- lists of names ---------------------------------------------------------

    async def _customers(
        self, ask: asks.CustomersList
    ) -> tuple[Listing[Customer], list[str]]:
        where = [*self._of("Customer"), C.active, *holds(ask.search)]
        if ask.with_balance:
            where.append(C.balance > 0)
        found = await self._listing(
            "customers", where, (C.full_key, C.id), records.customer, total=C.balance
        )
        which = "debtor" if ask.with_balance else "active customer"
        return found, [
            f"{counted(found.count, which)}; the total is what they owe.",
            *filters.spoken(
                "with a balance" if ask.with_balance else None, _holding(ask.search)
            ),
        ]

    async def _vendors(
        self, ask: asks.VendorsList
    ) -> tuple[Listing[Vendor], list[str]]:
        where = [*self._of("Vendor"), C.active, *holds(ask.search)]
        found = await self._listing(
            "vendors", where, (C.full_key, C.id), records.vendor, total=C.balance
        )
        return found, [
            f"{counted(found.count, 'active vendor')}; the total is what we owe.",
            *filters.spoken(_holding(ask.search)),
        ]

    async def _items(self, ask: asks.ItemsList) -> tuple[Listing[Item], list[str]]:
        where = [*self._of("Item"), C.active, *holds(ask.search)]
        where.append(C.kind == ask.type if ask.type else C.kind != "Category")
        found = await self._listing("items", where, (C.full_key, C.id), records.item)
        return found, [
            f"{counted(found.count, 'active item')}.",
            *filters.spoken(filters.named("type", ask.type), _holding(ask.search)),
        ]

    async def _accounts(
        self, ask: asks.AccountsList
    ) -> tuple[Listing[Account], list[str]]:
        where = [*self._of("Account"), C.active, *holds(ask.search)]
        if ask.type:
            wanted = ask.type.casefold()
            is_kind = func.lower(C.kind) == wanted
            is_side = func.lower(C.side) == wanted
            where.append(
                or_(is_kind, is_side) if wanted in _CLASSIFICATIONS else is_kind
            )
        place = case(
            {name: number for number, name in enumerate(_ACCOUNT_ORDER)},
            value=C.kind,
            else_=len(_ACCOUNT_ORDER),
        )
        found = await self._listing(
            "accounts",
            where,
            (place, C.full_key, C.id),
            records.account,
            total=C.balance if _has_balance(ask.type) else None,
        )
        return found, [
            f"{counted(found.count, 'active account')}.",
            *filters.spoken(filters.named("type", ask.type), _holding(ask.search)),
        ]

    # --- one record -------------------------------------------------------------

    async def _item(self, ask: asks.ItemShow) -> tuple[Item, list[str]]:
        return records.item(await self._named("Item", ask.item), self._home), []

    async def _account(self, ask: asks.AccountShow) -> tuple[Account, list[str]]:
        found = await self._named("Account", ask.account)
        value = records.account(found, self._home)
        if value.classification in ("Revenue", "Expense"):
            return value, [
                (
                    "QuickBooks keeps no balance for income and expense accounts; the"
                    " profit and loss shows what went through them."
                )
            ]
        return value, ["The balance is QuickBooks' own."]

    async def invoice(self, ask: asks.InvoiceShow) -> tuple[Invoice, list[str]]:
        """One invoice, by its number or as a customer's latest."""
        if ask.invoice is not None:
            found = await lookup.numbered(
                self._mirror, self._company.id, "Invoice", ask.invoice
            )
            working = _several(found, "invoice", ask.invoice)
        else:
            assert ask.customer is not None, "an invoice of nobody"
            ids, working = await self._family("Customer", ask.customer)
            found = await self._mirror.found(
                select(C.raw)
                .where(*self._of("Invoice"), C.party_id.in_(ids))
                .order_by(*newest())
                .limit(1)
            )
            if not found:
                raise NotFound(
                    f"There is no invoice for {ask.customer} in QuickBooks.",
                    kind="invoice",
                    name=ask.customer,
                )
            working = ["The latest by invoice date.", *working]
        return records.invoice(found[0], self._home), working

    async def _bill(self, ask: asks.BillShow) -> tuple[Bill, list[str]]:
        found = await lookup.numbered(self._mirror, self._company.id, "Bill", ask.bill)
        return records.bill(found[0], self._home), _several(found, "bill", ask.bill)

    # --- documents --------------------------------------------------------------

    async def _invoices(
        self, ask: asks.InvoicesList
    ) -> tuple[Listing[Invoice], list[str]]:
        return await self._documents(
            ask, ("Invoice", "Customer"), ask.customer, records.invoice
        )

    async def _bills(self, ask: asks.BillsList) -> tuple[Listing[Bill], list[str]]:
        return await self._documents(ask, ("Bill", "Vendor"), ask.vendor, records.bill)

    async def _documents(
        self,
        ask: asks.InvoicesList | asks.BillsList,
        sides: tuple[str, str],
        name: str | None,
        read: Callable[[Json, str], T],
    ) -> tuple[Listing[T], list[str]]:
        """Invoices or bills, with the sums of their totals and of what is open.

        Amounts are those that the list is about: what is open where only open
        documents were asked for, else the totals.
        """
        document, party = sides
        noun = document.lower()
        is_open = ask.status in ("open", "overdue")
        shown = C.balance if is_open else C.total
        where, working = await self._document(document, party, name)
        where += [
            *within(C.txn_date, ask.period),
            *within(C.due_date, ask.due),
            *_between(shown, ask.min_amount, ask.max_amount),
            *status_conditions(ask.status, self._today),
        ]
        by_due = ask.due is not None and ask.status is None
        kind = f"{ask.status} {noun}s" if ask.status else f"{noun}s"
        found = await self._listing(
            kind, where, _order(ask, shown, by_due=by_due), read, limit=ask.limit
        )
        found = dataclasses.replace(
            await self._with_sums(found, where),
            party=name,
            by_due=by_due,
            pick=_pick(ask, by_due=by_due),
        )
        what = "open is what is not paid yet" if is_open else "totals include tax"
        said = kind.removesuffix("s")
        return found, [
            f"{counted(found.count, said)}; {what}.",
            *working,
            *filters.spoken(
                filters.named("status", ask.status),
                filters.named(party.lower(), name),
                filters.days(f"{noun} date", ask.period),
                filters.days("due", ask.due),
                filters.amounts(
                    "open amount" if is_open else "total",
                    ask.min_amount,
                    ask.max_amount,
                    self._home,
                ),
            ),
        ]

    async def _payments(
        self, ask: asks.PaymentsList
    ) -> tuple[Listing[Payment], list[str]]:
        where, working = await self._document("Payment", "Customer", ask.customer)
        where += within(C.txn_date, ask.period)
        if ask.invoice is not None:
            invoices = await lookup.numbered(
                self._mirror, self._company.id, "Invoice", ask.invoice
            )
            settling = select(LINES.c.record_id).where(
                LINES.c.company == self._company.id,
                LINES.c.entity == "Payment",
                LINES.c.target == "Invoice",
                LINES.c.target_id.in_([str(each["Id"]) for each in invoices]),
            )
            where.append(C.id.in_(settling))
        query = self._cut(where, in_order(ask.sort), ask.limit)
        rows = await self._with_numbers(await self._mirror.found(query))
        count = await self._count(where)
        found = Listing(
            "payments",
            rows,
            count,
            len(rows) == count,
            await self._total(where, C.total),
            sums=self._several(await self._by_currency(where, C.total)),
            party=ask.customer,
            pick=_pick(ask, is_latest=self._reaches_today(ask)),
        )
        return found, [
            f"Sum of {counted(count, 'payment')}.",
            *working,
            *filters.spoken(
                filters.named("customer", ask.customer),
                filters.days("payment date", ask.period),
                filters.named("for invoice", ask.invoice),
            ),
        ]

    def _reaches_today(self, ask: asks.PaymentsList) -> bool:
        """Whether no newer payment of that customer was left out."""
        end = ask.period.end if ask.period else None
        return ask.invoice is None and (end is None or end >= self._today)

    async def _credit_memos(
        self, ask: asks.CreditMemosList
    ) -> tuple[Listing[CreditMemo], list[str]]:
        where, working = await self._document("CreditMemo", "Customer", ask.customer)
        where += within(C.txn_date, ask.period)
        found = await self._listing(
            "credit memos",
            where,
            in_order(ask.sort),
            records.credit_memo,
            total=C.total,
            limit=ask.limit,
        )
        found = dataclasses.replace(found, party=ask.customer, pick=_pick(ask))
        return found, [
            f"Sum of {counted(found.count, 'credit memo')}.",
            *working,
            *filters.spoken(
                filters.named("customer", ask.customer),
                filters.days("date", ask.period),
            ),
        ]

    async def _expenses(
        self, ask: asks.ExpensesList
    ) -> tuple[Listing[Purchase], list[str]]:
        where, working = await self._document("Purchase", "Vendor", ask.vendor)
        where += [
            *within(C.txn_date, ask.period),
            *between(ask.min_amount, ask.max_amount),
        ]
        if ask.account is not None:
            ids, more = await self._family("Account", ask.account)
            charging = select(LINES.c.record_id).where(
                LINES.c.company == self._company.id,
                LINES.c.entity == "Purchase",
                LINES.c.account_id.in_(ids),
            )
            where.append(C.id.in_(charging))
            working = [
                *working,
                *more,
                f"Expenses with a line on {ask.account}, each with its whole amount.",
            ]
        found = await self._listing(
            "expenses",
            where,
            in_order(ask.sort),
            records.purchase,
            total=C.total,
            limit=ask.limit,
        )
        found = dataclasses.replace(found, pick=_pick(ask))
        return found, [
            f"Sum of {counted(found.count, 'expense')}: money spent, not bills.",
            *working,
            *filters.spoken(
                filters.named("vendor", ask.vendor),
                filters.named("account", ask.account),
                filters.days("date", ask.period),
                filters.amounts("amount", ask.min_amount, ask.max_amount, self._home),
            ),
        ]


def _has_balance(kind: str | None) -> bool:
    """Whether a sum of these accounts says something: of one side that has balances."""
    return kind is not None and kind.casefold() not in _WITHOUT_BALANCE


def _unlimited(ask: Any) -> Any:
    """The same for all rows; months are all there, and in order, without that."""
    is_open = getattr(ask, "limit", ROWS_ALL) is None
    if not is_open or getattr(ask, "group_by", None) == "month":
        return ask
    return dataclasses.replace(ask, limit=ROWS_ALL)


def _holding(search: str | None) -> str | None:
    return f"with “{search}” in the name" if search else None


def _between(column: Any, least: Any, most: Any) -> list[ColumnElement[bool]]:
    """What holds of documents whose amount in `column` is within these."""
    found: list[ColumnElement[bool]] = []
    if least is not None:
        found.append(column >= units(least))
    if most is not None:
        found.append(column <= units(most))
    return found


def _order(
    ask: asks.InvoicesList | asks.BillsList, shown: Any, *, by_due: bool
) -> tuple[Any, ...]:
    """The order of documents; "largest" is by the amount that the list is about."""
    if ask.sort is None and by_due:
        return (case((C.balance > 0, 0), else_=1), C.due_date, C.txn_date, C.id)
    if ask.sort == "largest":
        return (shown.desc(), *newest())
    if ask.sort == "smallest":
        return (shown, *newest())
    return in_order(ask.sort, late_first=ask.status == "overdue")


def _pick(
    ask: asks.InvoicesList
    | asks.BillsList
    | asks.PaymentsList
    | asks.CreditMemosList
    | asks.ExpensesList,
    *,
    by_due: bool = False,
    is_latest: bool = False,
) -> str | None:
    """Which one was asked for; None where more than one was."""
    if ask.limit != 1:
        return None
    if ask.sort is None and by_due:
        return "first due"
    if ask.sort is None and getattr(ask, "status", None) == "overdue":
        return "longest overdue"
    if ask.sort in (None, "newest"):
        return "latest" if is_latest else "newest"
    return ask.sort


def _several(found: Sequence[Json], noun: str, number: str) -> list[str]:
    if len(found) == 1:
        return []
    return [
        f"QuickBooks has {len(found)} {noun}s with number {number}; this is the newest."
    ]
