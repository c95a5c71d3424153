"""Reports agree with each other, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo.simulator.serve import Options, start
from tests.simulator.client import (
    TOKEN,
    QuickBooks,
    cell,
    expense_line,
    groups,
    held,
    sales_line,
    total,
)
from tests.simulator.conftest import TODAY

DAYS = ("2026-01-15", "2026-05-31", "2026-06-01", "2026-10-02", "2026-11-20")
AMOUNTS = ("0.01", "10.05", "99.99", "1234.56", "3333.33")
CUSTOMERS = ("Acme West", "Acme Corporation", "May Chen")


def assets_equal_the_rest(sheet: dict[str, Any]) -> bool:
    found = groups(sheet)
    return found.get("TotalAssets") == found.get("TotalLiabilitiesAndEquity")


async def check_the_equations(books: QuickBooks) -> None:
    """What must hold for any date and either basis."""
    receivable = (await books.one("select * from Account where Name like '%(A/R)'"))[
        "Id"
    ]
    payable = (await books.one("select * from Account where Name like '%(A/P)'"))["Id"]
    for day in ("2025-12-31", *DAYS):
        for basis in ("Accrual", "Cash"):
            when = {"end_date": day, "accounting_method": basis}
            sheet = await books.report("BalanceSheet", **when)
            income = await books.report("ProfitAndLoss", **when)
            assert assets_equal_the_rest(sheet), (day, basis)
            assert net_of(sheet) == total(income, "NetIncome"), (day, basis)
        sheet = await books.report("BalanceSheet", end_date=day)
        owed = await books.report("AgedReceivables", report_date=day)
        owing = await books.report("AgedPayables", report_date=day)
        assert total(owed, "GrandTotal") == cell(sheet, receivable), day
        assert total(owing, "GrandTotal") == cell(sheet, payable), day
    for kind, account in (("Customer", receivable), ("Vendor", payable)):
        rows = await books.query(
            f"select * from {kind} where Active in (true, false) maxresults 1000"
        )
        control = await books.read("Account", account)
        assert sum(row["Balance"] for row in rows) == held(control)


def net_of(sheet: dict[str, Any]) -> Decimal:
    """The row of the running year's net income."""

    def find(part: dict[str, Any]) -> Decimal:
        for row in part.get("Row", []):
            if row.get("group") == "NetIncome":
                return Decimal(row["ColData"][-1]["value"] or "0")
            found = find(row.get("Rows", {}))
            if found:
                return found
        return Decimal(0)

    return find(sheet["Rows"])


class Clerk:
    """Does random things to the books; what is refused is left alone."""

    def __init__(self, books: QuickBooks) -> None:
        self.books = books
        self.ids: dict[tuple[str, str], str] = {}

    async def ref(self, entity: str, name: str) -> dict[str, str]:
        if (entity, name) not in self.ids:
            self.ids[entity, name] = await self.books.id(entity, name)
        return {"value": self.ids[entity, name]}

    async def do(self, step: tuple[str, int, int, int]) -> None:
        kind, a, b, c = step
        day, amount = DAYS[a % len(DAYS)], AMOUNTS[b % len(AMOUNTS)]
        await getattr(self, kind)(day, amount, c)

    async def bill_customer(self, day: str, amount: str, c: int) -> None:
        item = await self.ref(
            "Item", ("Hours", "Soil (per yard)", "Garden Lights")[c % 3]
        )
        detail = {"Qty": 1, "UnitPrice": Decimal(amount)}
        line = sales_line(item["value"], amount, **detail)
        lines = [line]
        if c % 4 == 0:
            off = {"PercentBased": True, "DiscountPercent": Decimal("7.5")}
            lines.append(
                {"DetailType": "DiscountLineDetail", "DiscountLineDetail": off}
            )
        entity = "creditmemo" if c % 5 == 0 else "invoice"
        await self.books.post(
            entity,
            {
                "CustomerRef": await self.ref("Customer", CUSTOMERS[c % 3]),
                "TxnDate": day,
                "Line": lines,
            },
        )

    async def receive(self, day: str, amount: str, c: int) -> None:
        customer = await self.ref("Customer", CUSTOMERS[c % 3])
        lines = []
        for entity in ("Invoice", "CreditMemo") if c % 2 else ("Invoice",):
            for row in await self.some(entity, customer, c):
                part = min(row["Balance"], Decimal(amount))
                link = {"TxnId": row["Id"], "TxnType": entity}
                lines.append({"Amount": part, "LinkedTxn": [link]})
        await self.books.post(
            "payment",
            {
                "CustomerRef": customer,
                "TxnDate": day,
                "TotalAmt": Decimal(amount),
                "Line": lines,
            },
        )

    async def some(
        self, entity: str, party: dict[str, str], c: int
    ) -> list[dict[str, Any]]:
        field = "VendorRef" if entity == "Bill" else "CustomerRef"
        rows = await self.books.query(
            f"select * from {entity} where {field} = '{party['value']}'"
            " and Balance > 0 orderby Id"
        )
        return rows[c % 3 : c % 3 + 1]

    async def spend(self, day: str, amount: str, c: int) -> None:
        account = await self.ref("Account", ("Rent", "Job Materials")[c % 2])
        line = expense_line(account["value"], amount)
        checking = await self.ref("Account", "Business Checking")
        vendor = await self.ref("Vendor", "Metro Water")
        if c % 2:
            body = {"VendorRef": vendor, "TxnDate": day, "Line": [line]}
            await self.books.post("bill", body)
        else:
            body = {"PaymentType": "Check", "AccountRef": checking, "TxnDate": day}
            await self.books.post("purchase", {**body, "Line": [line]})

    async def settle(self, day: str, amount: str, c: int) -> None:
        vendor = await self.ref("Vendor", "Metro Water")
        checking = await self.ref("Account", "Business Checking")
        for row in await self.some("Bill", vendor, c):
            part = min(row["Balance"], Decimal(amount))
            link = {"TxnId": row["Id"], "TxnType": "Bill"}
            await self.books.post(
                "billpayment",
                {
                    "VendorRef": vendor,
                    "TxnDate": day,
                    "PayType": "Check",
                    "CheckPayment": {"BankAccountRef": checking},
                    "TotalAmt": part,
                    "Line": [{"Amount": part, "LinkedTxn": [link]}],
                },
            )

    async def enter(self, day: str, amount: str, c: int) -> None:
        kind = "JournalEntryLineDetail"
        account = ("Accounts Receivable (A/R)", "Accounts Payable (A/P)")[c % 2]
        party = (("Customer", "May Chen"), ("Vendor", "Metro Water"))[c % 2]
        sides = []
        for side, name in (("Debit", account), ("Credit", "Owner's Equity")):
            detail = {
                "PostingType": side,
                "AccountRef": await self.ref("Account", name),
            }
            if name == account:
                owner = {"Type": party[0], "EntityRef": await self.ref(*party)}
                detail["Entity"] = owner
            sides.append({"Amount": Decimal(amount), "DetailType": kind, kind: detail})
        await self.books.post("journalentry", {"TxnDate": day, "Line": sides})

    async def undo(self, _day: str, amount: str, c: int) -> None:
        entity = (
            *("Invoice", "Payment", "CreditMemo", "Bill"),
            *("BillPayment", "Purchase", "JournalEntry"),
        )[c % 7]
        rows = await self.books.query(f"select * from {entity} orderby Id")
        if rows:
            row = rows[len(amount) % len(rows)]
            wish = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True}
            if c % 2 and entity == "Invoice":
                await self.books.post("invoice", wish, operation="void")
            elif c % 2 and entity in {"Payment", "BillPayment"}:
                path = entity.lower()
                await self.books.post(path, wish, operation="update", include="void")
            else:
                await self.books.post(entity.lower(), wish, operation="delete")

    async def change(self, day: str, amount: str, c: int) -> None:
        rows = await self.books.query("select * from Invoice orderby Id")
        if rows:
            row = rows[c % len(rows)]
            item = await self.ref("Item", "Hours")
            await self.books.post(
                "invoice",
                {
                    "Id": row["Id"],
                    "SyncToken": row["SyncToken"],
                    "sparse": True,
                    "TxnDate": day,
                    "Line": [sales_line(item["value"], amount)],
                },
            )


KINDS = ("bill_customer", "receive", "spend", "settle", "enter", "undo", "change")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), *(st.integers(0, 99) for _ in range(3))),
    min_size=4,
    max_size=24,
)


@asynccontextmanager
async def company(invoices: int | None) -> AsyncIterator[QuickBooks]:
    options = Options(port=0, today=TODAY, invoices=invoices, tokens=(TOKEN,))
    running = await start(options)
    try:
        async with QuickBooks(running.url, "9130350000000001") as books:
            yield books
    finally:
        await running.stop()


@settings(max_examples=12, deadline=None, derandomize=True)
@given(STEPS)
def test_the_equations_hold_after_anything(
    steps: list[tuple[str, int, int, int]],
) -> None:
    async def story() -> None:
        async with company(0) as books:
            clerk = Clerk(books)
            for step in steps:
                await clerk.do(step)
            await check_the_equations(books)

    asyncio.run(story())
