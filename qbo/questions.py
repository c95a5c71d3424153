"""The questions asked of the mirror, answered by the database.

Everything is compared, added and sorted in SQL; only the rows that are shown
become values. Each answer comes with the sentences that say how it came about.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from qbo import asks, lookup
from qbo.asks import Ask, Period
from qbo.books import (
    Account,
    Bill,
    Company,
    CreditMemo,
    Customer,
    CustomerShow,
    Invoice,
    Item,
    Listing,
    Money,
    Owing,
    Payment,
    Purchase,
    Value,
    Vendor,
)
from qbo.faults import NotFound
from qbo.mirror import LINES, RECORDS, Mirror, amount, units
from qbo.wire import records
from qbo.wire.exact import Json

T = TypeVar("T")

ROWS_DEFAULT: Final = 20
ROWS_MAX: Final = 1000
_CLASSIFICATIONS: Final = frozenset(
    {"asset", "liability", "equity", "revenue", "expense"}
)
_ACCOUNT_ORDER: Final = (
    *("Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset"),
    *("Other Asset", "Accounts Payable", "Credit Card", "Other Current Liability"),
    *("Long Term Liability", "Equity", "Income", "Cost of Goods Sold", "Expense"),
    *("Other Income", "Other Expense"),
)
C: Final = RECORDS.c


class Questions:
    """What is asked of one company's rows; `today` is the day of who asks."""

    def __init__(self, mirror: Mirror, company: Company, today: date) -> None:
        self._mirror = mirror
        self._company = company
        self._home = company.currency
        self._today = today

    async def answer(self, ask: Ask) -> tuple[Value, tuple[str, ...]]:
        """The value that answers, and the working behind it.

        Raises:
            NotFound, Ambiguous: a name or number means no record, or several.
        """
        ways: dict[type[Any], Callable[[Any], Any]] = {
            asks.CustomersList: self._customers,
            asks.CustomerShow: self._customer,
            asks.ReceivablesList: self._receivables,
            asks.InvoicesList: self._invoices,
            asks.InvoiceShow: self.invoice,
            asks.PaymentsList: self._payments,
            asks.CreditMemosList: self._credit_memos,
            asks.VendorsList: self._vendors,
            asks.VendorShow: self._vendor,
            asks.BillsList: self._bills,
            asks.BillShow: self._bill,
            asks.PayablesList: self._payables,
            asks.ExpensesList: self._expenses,
            asks.ItemsList: self._items,
            asks.ItemShow: self._item,
            asks.AccountsList: self._accounts,
            asks.AccountShow: self._account,
        }
        value, working = await ways[type(ask)](ask)
        return value, tuple(working)

    # --- lists of names ---------------------------------------------------------

    async def _customers(
        self, ask: asks.CustomersList
    ) -> tuple[Listing[Customer], list[str]]:
        where = [*self._of("Customer"), C.active, *_holds(ask.search)]
        if ask.with_balance:
            where.append(C.balance > 0)
        found = await self._listing(
            "customers", where, (C.full_key, C.id), records.customer, total=C.balance
        )
        which = "customers with an open balance" if ask.with_balance else "customers"
        return found, [f"{found.count} active {which}; the total is what they owe."]

    async def _vendors(
        self, ask: asks.VendorsList
    ) -> tuple[Listing[Vendor], list[str]]:
        where = [*self._of("Vendor"), C.active, *_holds(ask.search)]
        found = await self._listing(
            "vendors", where, (C.full_key, C.id), records.vendor, total=C.balance
        )
        return found, [f"{found.count} active vendors; the total is what we owe them."]

    async def _items(self, ask: asks.ItemsList) -> tuple[Listing[Item], list[str]]:
        where = [*self._of("Item"), C.active, *_holds(ask.search)]
        where.append(C.kind == ask.type if ask.type else C.kind != "Category")
        found = await self._listing("items", where, (C.full_key, C.id), records.item)
        return found, [f"{found.count} active items."]

    async def _accounts(
        self, ask: asks.AccountsList
    ) -> tuple[Listing[Account], list[str]]:
        where = [*self._of("Account"), C.active, *_holds(ask.search)]
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
            total=C.balance if ask.type else None,
        )
        which = f" of type {ask.type}" if ask.type else ""
        return found, [f"{found.count} active accounts{which}."]

    # --- one record -------------------------------------------------------------

    async def _customer(self, ask: asks.CustomerShow) -> tuple[CustomerShow, list[str]]:
        found = await self._named("Customer", ask.customer)
        number = str(found["Id"])
        where = [*self._of("Invoice"), C.party_id == number, C.balance > 0]
        invoices = await self._listing(
            "invoices",
            where,
            (C.due_date, C.id),
            records.invoice,
            total=C.balance,
        )
        late = await self._total([*where, C.due_date < self._today], C.balance)
        last = await self._mirror.found(
            select(C.raw)
            .where(*self._of("Payment"), C.party_id == number, C.total > 0)
            .order_by(*_newest())
            .limit(1)
        )
        payment = (await self._with_numbers(last))[0] if last else None
        customer = records.customer(found, self._home)
        overdue = late or Money(amount(0), customer.balance.currency)
        working = [
            f"{invoices.count} open invoices; overdue is what was due before today."
        ]
        return CustomerShow(customer, invoices, overdue, payment), working

    async def _vendor(self, ask: asks.VendorShow) -> tuple[Vendor, list[str]]:
        found = await self._named("Vendor", ask.vendor)
        return records.vendor(found, self._home), []

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
                .order_by(*_newest())
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
        where, working = await self._document("Invoice", "Customer", ask.customer)
        where += [*_within(C.txn_date, ask.period), *_within(C.due_date, ask.due)]
        where += [*_between(ask.min_amount, ask.max_amount), *self._status(ask.status)]
        is_open = ask.status in ("open", "overdue")
        found = await self._listing(
            "invoices",
            where,
            _order(ask.sort, late_first=ask.status == "overdue"),
            records.invoice,
            total=C.balance if is_open else C.total,
            limit=ask.limit,
        )
        status = f"{ask.status} " if ask.status else ""
        what = "what is still open" if is_open else "their totals, tax included"
        said = f"{found.count} {status}invoices; the sum is of {what}."
        return found, [said, *working]

    async def _bills(self, ask: asks.BillsList) -> tuple[Listing[Bill], list[str]]:
        where, working = await self._document("Bill", "Vendor", ask.vendor)
        where += [*_within(C.txn_date, ask.period), *_within(C.due_date, ask.due)]
        where += [*_between(ask.min_amount, ask.max_amount), *self._status(ask.status)]
        is_open = ask.status in ("open", "overdue")
        found = await self._listing(
            "bills",
            where,
            _order(ask.sort, late_first=ask.status == "overdue"),
            records.bill,
            total=C.balance if is_open else C.total,
            limit=ask.limit,
        )
        status = f"{ask.status} " if ask.status else ""
        what = "what is still open" if is_open else "their totals"
        return found, [
            f"{found.count} {status}bills; the sum is of {what}.",
            *working,
        ]

    async def _payments(
        self, ask: asks.PaymentsList
    ) -> tuple[Listing[Payment], list[str]]:
        where, working = await self._document("Payment", "Customer", ask.customer)
        where += _within(C.txn_date, ask.period)
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
        query = self._cut(where, _order(ask.sort), ask.limit)
        rows = await self._with_numbers(await self._mirror.found(query))
        count = await self._count(where)
        found = Listing(
            "payments",
            rows,
            count,
            len(rows) == count,
            await self._total(where, C.total),
        )
        return found, [f"Sum of {count} payments.", *working]

    async def _credit_memos(
        self, ask: asks.CreditMemosList
    ) -> tuple[Listing[CreditMemo], list[str]]:
        where, working = await self._document("CreditMemo", "Customer", ask.customer)
        where += _within(C.txn_date, ask.period)
        found = await self._listing(
            "credit memos",
            where,
            _order(ask.sort),
            records.credit_memo,
            total=C.total,
            limit=ask.limit,
        )
        return found, [f"Sum of {found.count} credit memos.", *working]

    async def _expenses(
        self, ask: asks.ExpensesList
    ) -> tuple[Listing[Purchase], list[str]]:
        where, working = await self._document("Purchase", "Vendor", ask.vendor)
        where += [
            *_within(C.txn_date, ask.period),
            *_between(ask.min_amount, ask.max_amount),
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
            _order(ask.sort),
            records.purchase,
            total=C.total,
            limit=ask.limit,
        )
        return found, [
            (
                f"Sum of {found.count} expenses, checks and card charges; bills are not"
                " among them."
            ),
            *working,
        ]

    # --- who owes whom ----------------------------------------------------------

    async def _receivables(
        self, ask: asks.ReceivablesList
    ) -> tuple[Listing[Owing], list[str]]:
        days = ask.min_days_overdue
        late_only = ask.overdue or days is not None
        found, working = await self._owing(
            ("Customer", "Invoice"), ask.customer, late_only, days, ask.limit
        )
        if ask.customer is None and not late_only:
            working += await self._compared_with_control(found)
        return found, working

    async def _payables(
        self, ask: asks.PayablesList
    ) -> tuple[Listing[Owing], list[str]]:
        return await self._owing(
            ("Vendor", "Bill"), ask.vendor, ask.overdue, None, ask.limit
        )

    async def _owing(
        self,
        sides: tuple[str, str],
        name: str | None,
        late_only: bool,  # noqa: FBT001
        days: int | None,
        limit: int | None,
    ) -> tuple[Listing[Owing], list[str]]:
        party, document = sides
        last_due = self._today - timedelta(days=days if days is not None else 1)
        late = C.due_date <= last_due
        open_ = (
            select(
                C.party_id.label("party_id"),
                func.count().label("documents"),
                func.sum(case((late, C.balance), else_=0)).label("overdue"),
                func.min(case((late, C.due_date))).label("first_due"),
            )
            .where(*self._of(document), C.balance > 0)
            .group_by(C.party_id)
            .subquery("open_documents")
        )
        where = [*self._of(party)]
        working: list[str] = []
        if name is not None:
            ids, working = await self._family(party, name)
            where.append(C.id.in_(ids))
        overdue = func.coalesce(open_.c.overdue, 0)
        where.append(overdue > 0 if late_only else C.balance != 0)
        joined = RECORDS.outerjoin(open_, open_.c.party_id == C.id)
        summed = overdue if late_only else C.balance
        totals = await self._mirror.rows(
            select(C.currency, func.count(), func.sum(summed))
            .select_from(joined)
            .where(*where)
            .group_by(C.currency)
        )
        rows = await self._mirror.rows(
            select(
                C.name,
                C.currency,
                C.balance,
                overdue.label("overdue"),
                func.coalesce(open_.c.documents, 0).label("documents"),
                open_.c.first_due,
            )
            .select_from(joined)
            .where(*where)
            .order_by(summed.desc(), C.name_key)
            .limit(_limit(limit))
        )
        count = sum(row[1] for row in totals)
        listing = Listing(
            "receivables" if party == "Customer" else "payables",
            tuple(self._one_owing(row) for row in rows),
            count,
            len(rows) == count,
            self._one_currency(totals),
        )
        return listing, [
            *self._owing_working(sides, listing, days, late_only),
            *working,
        ]

    def _one_owing(self, row: Any) -> Owing:
        currency = row.currency or self._home
        late = (self._today - _as_date(row.first_due)).days if row.first_due else 0
        return Owing(
            party=row.name,
            balance=Money(amount(row.balance), currency),
            overdue=Money(amount(row.overdue), currency),
            documents=row.documents,
            days_overdue=late,
        )

    def _owing_working(
        self,
        sides: tuple[str, str],
        found: Listing[Owing],
        days: int | None,
        late_only: bool,  # noqa: FBT001
    ) -> list[str]:
        party, document = sides[0].lower(), sides[1].lower()
        if days is not None:
            return [
                (
                    f"{found.count} {party}s with {document}s at least {days} days"
                    " overdue; the sum is of those."
                )
            ]
        if late_only:
            return [f"{found.count} {party}s; the sum is of what is overdue."]
        who = "owed to us" if party == "customer" else "that we owe"
        return [
            (
                f"Sum of the open balances of {found.count} {party}s: what is {who},"
                " less credits not used yet."
            )
        ]

    async def _compared_with_control(self, found: Listing[Owing]) -> list[str]:
        """Say so where the A/R account shows another sum than the customers do."""
        rows = await self._mirror.rows(
            select(func.sum(C.balance)).where(
                *self._of("Account"), C.kind == "Accounts Receivable"
            )
        )
        if found.total is None or rows[0][0] is None:
            return []
        control = Money(amount(rows[0][0]), self._home)
        if found.total == control:
            return ["It equals the balance of accounts receivable."]
        return [f"The account for receivables itself shows {control}."]

    # --- what they share --------------------------------------------------------

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

    def _status(self, status: str | None) -> list[ColumnElement[bool]]:
        if status is None:
            return []
        meanings: dict[str, list[ColumnElement[bool]]] = {
            "open": [C.balance > 0],
            "overdue": [C.balance > 0, C.due_date < self._today],
            "paid": [C.balance == 0, ~C.voided],
            "voided": [C.voided],
            "unsent": [~C.sent, ~C.voided],
        }
        return meanings[status]

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
        return Listing(
            kind,
            rows,
            count,
            len(rows) == count,
            None if total is None else await self._total(where, total),
        )

    def _cut(
        self,
        where: Sequence[ColumnElement[bool]],
        order: Sequence[Any],
        limit: int | None,
    ) -> Select[Any]:
        return select(C.raw).where(*where).order_by(*order).limit(_limit(limit))

    async def _count(self, where: Sequence[ColumnElement[bool]]) -> int:
        statement = select(func.count()).select_from(RECORDS).where(*where)
        return int((await self._mirror.rows(statement))[0][0])

    async def _total(
        self, where: Sequence[ColumnElement[bool]], column: Any
    ) -> Money | None:
        return self._one_currency(
            await self._mirror.rows(
                select(C.currency, func.count(), func.sum(column))
                .where(*where)
                .group_by(C.currency)
            )
        )

    def _one_currency(self, totals: Sequence[Any]) -> Money | None:
        """A sum by currency as one amount; None where currencies are mixed."""
        if not totals:
            return Money(amount(0), self._home)
        currencies = {row[0] or self._home for row in totals}
        if len(currencies) > 1:
            return None
        return Money(amount(sum(int(row[2] or 0) for row in totals)), currencies.pop())

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


def _limit(limit: int | None) -> int:
    return min(max(limit if limit is not None else ROWS_DEFAULT, 1), ROWS_MAX)


def _holds(search: str | None) -> list[ColumnElement[bool]]:
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


def _within(column: Any, period: Period | None) -> list[ColumnElement[bool]]:
    if period is None:
        return []
    found: list[ColumnElement[bool]] = []
    if period.start is not None:
        found.append(column >= period.start)
    if period.end is not None:
        found.append(column <= period.end)
    return found


def _between(least: Any, most: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if least is not None:
        found.append(C.total >= units(least))
    if most is not None:
        found.append(C.total <= units(most))
    return found


def _newest() -> tuple[Any, ...]:
    return (C.txn_date.desc(), C.created_at.desc(), C.id.desc())


def _order(sort: str | None, *, late_first: bool = False) -> tuple[Any, ...]:
    if sort is None and late_first:
        return (C.due_date, C.txn_date, C.id)
    if sort == "oldest":
        return (C.txn_date, C.created_at, C.id)
    if sort == "largest":
        return (C.total.desc(), *_newest())
    if sort == "smallest":
        return (C.total, *_newest())
    return _newest()


def _several(found: Sequence[Json], noun: str, number: str) -> list[str]:
    if len(found) == 1:
        return []
    return [
        f"QuickBooks has {len(found)} {noun}s with number {number}; this is the newest."
    ]


def _as_date(value: date | str) -> date:
    # SQLite loses the type of an aggregated date.
    return value if isinstance(value, date) else date.fromisoformat(value)
