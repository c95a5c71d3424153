"""Reports agree with each other, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbo.simulator.serve import Options, start
from tests.simulator.client import (
    TOKEN,
    QuickBooks,
    cell,
    expense_line,
    fault,
    groups,
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
        shown = (await books.read("Account", account))["CurrentBalance"]
        assert sum(row["Balance"] for row in rows) == shown


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


async def test_the_equations_hold_for_the_whole_story() -> None:
    async with company(None) as books:
        await check_the_equations(books)
        months = await books.report(
            "ProfitAndLoss", end_date="2026-11-20", summarize_column_by="Month"
        )
        customers = await books.report(
            "ProfitAndLoss",
            end_date="2026-11-20",
            summarize_column_by="Customers",
        )
        whole = await books.report("ProfitAndLoss", end_date="2026-11-20")
        before = await books.report("BalanceSheet", end_date="2025-12-31")
        after = await books.report("BalanceSheet", end_date="2026-01-01")
        retained = await books.id("Account", "Retained Earnings")

    for report in (months, customers):
        net = [Decimal(one or "0") for one in groups(report)["NetIncome"]]
        assert sum(net[:-1]) == net[-1] == total(whole, "NetIncome")
    assert cell(after, retained) == cell(before, retained) + net_of(before)


async def test_a_statement_reads_as_intuit_writes_it(books: QuickBooks) -> None:
    await books.invoice(amount="150", TxnDate="2026-11-02")

    report = await books.report("ProfitAndLoss", date_macro="This Month-to-date")

    header = report["Header"]
    assert header["ReportName"] == "ProfitAndLoss"
    assert header["ReportBasis"] == "Accrual"
    assert (header["StartPeriod"], header["EndPeriod"]) == ("2026-11-01", "2026-11-20")
    assert {"Name": "NoReportData", "Value": "false"} in header["Option"]
    assert report["Columns"]["Column"][1]["MetaData"] == [
        {"Name": "ColKey", "Value": "total"}
    ]
    income = report["Rows"]["Row"][0]
    assert (income["type"], income["group"]) == ("Section", "Income")
    leaf = income["Rows"]["Row"][0]
    assert leaf["type"] == "Data"
    assert leaf["ColData"][0]["value"] == "Design Income"
    assert leaf["ColData"][0]["id"] == await books.id("Account", "Design Income")
    assert leaf["ColData"][1] == {"value": "150.00"}
    assert income["Summary"]["ColData"][1] == {"value": "150.00"}


async def test_columns_by_month_carry_their_dates(books: QuickBooks) -> None:
    await books.invoice(amount="150", TxnDate="2026-10-02")

    report = await books.report(
        "ProfitAndLoss",
        start_date="2026-09-15",
        end_date="2026-11-20",
        summarize_column_by="Month",
    )

    columns = report["Columns"]["Column"]
    assert [one["ColTitle"] for one in columns] == [
        *("", "Sep 2026", "Oct 2026", "Nov 2026", "Total"),
    ]
    assert columns[1]["MetaData"] == [
        {"Name": "StartDate", "Value": "2026-09-15"},
        {"Name": "EndDate", "Value": "2026-09-30"},
        {"Name": "ColKey", "Value": "Sep 2026"},
    ]
    assert groups(report)["Income"] == ["0.00", "150.00", "0.00", "150.00"]


async def test_cash_basis_counts_what_came_in(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100", TxnDate="2026-10-02")
    await books.pay(invoice, "30", TxnDate="2026-11-05")

    async def income(month: str, basis: str) -> Decimal:
        report = await books.report(
            "ProfitAndLoss",
            start_date=f"2026-{month}-01",
            end_date=f"2026-{month}-20",
            accounting_method=basis,
        )
        return total(report, "Income")

    assert await income("10", "Accrual") == 100
    assert await income("10", "Cash") == 0
    assert await income("11", "Cash") == 30


async def test_aging_goes_by_the_due_date_as_of_a_day(books: QuickBooks) -> None:
    invoice = await books.invoice(
        amount="100", TxnDate="2026-09-01", DueDate="2026-10-01"
    )
    await books.pay(invoice, "40", TxnDate="2026-11-10")

    now = await books.report("AgedReceivables")
    then = await books.report("AgedReceivables", report_date="2026-11-05")
    before = await books.report("AgedReceivables", report_date="2026-08-31")

    assert groups(now)["GrandTotal"] == [
        "0.00",
        "0.00",
        "60.00",
        "0.00",
        "0.00",
        "60.00",
    ]
    assert groups(then)["GrandTotal"][2] == "100.00"
    assert before["Rows"] == {}
    assert {"Name": "NoReportData", "Value": "true"} in before["Header"]["Option"]
    titles = [one["ColTitle"] for one in now["Columns"]["Column"]]
    assert titles == [
        *("", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total")
    ]


async def test_a_job_stands_below_its_parent_in_the_aging(books: QuickBooks) -> None:
    await books.invoice("Acme West", "100")

    report = await books.report("AgedReceivables")

    parent = report["Rows"]["Row"][0]
    assert parent["Header"]["ColData"][0]["value"] == "Acme Corporation"
    assert parent["Rows"]["Row"][0]["ColData"][0]["value"] == "Acme West"
    assert parent["Summary"]["ColData"][-1]["value"] == "100.00"


async def test_the_old_style_writes_titles_in_capitals(books: QuickBooks) -> None:
    await books.invoice(amount="100")
    modern = await books.report("BalanceSheet")
    await books.switch(reports_style="legacy")

    legacy = await books.report("BalanceSheet")

    def title(report: dict[str, Any]) -> str:
        return str(report["Rows"]["Row"][0]["Header"]["ColData"][0]["value"])

    assert (title(modern), title(legacy)) == ("Assets", "ASSETS")
    assert groups(modern)["TotalAssets"] == groups(legacy)["TotalAssets"]


@pytest.mark.parametrize(
    ("macro", "start", "end"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("Last Month", "2026-10-01", "2026-10-31"),
        ("Last Month-to-date", "2026-10-01", "2026-10-20"),
        ("This Fiscal Quarter", "2026-10-01", "2026-12-31"),
        ("Last Fiscal Year", "2025-01-01", "2025-12-31"),
        ("This Week", "2026-11-15", "2026-11-21"),
        ("Next 4 Weeks", "2026-11-22", "2026-12-19"),
    ],
)
async def test_macros_choose_the_dates(
    books: QuickBooks, macro: str, start: str, end: str
) -> None:
    header = (await books.report("ProfitAndLoss", date_macro=macro))["Header"]

    assert (header["StartPeriod"], header["EndPeriod"]) == (start, end)


async def test_the_fiscal_year_is_the_companys_own(uk_books: QuickBooks) -> None:
    header = (await uk_books.report("ProfitAndLoss"))["Header"]

    assert header["StartPeriod"] == "2026-04-01"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("Nonsense", {}),
        ("ProfitAndLoss", {"start_date": "soon"}),
        ("ProfitAndLoss", {"start_date": "2026-02-01", "end_date": "2026-01-01"}),
        ("ProfitAndLoss", {"date_macro": "next century"}),
        ("ProfitAndLoss", {"summarize_column_by": "Moods"}),
        ("BalanceSheet", {"accounting_method": "Guess"}),
        ("AgedReceivables", {"aging_period": "none"}),
    ],
)
async def test_a_report_that_has_no_sense_is_refused(
    books: QuickBooks, name: str, params: dict[str, str]
) -> None:
    assert fault(await books.get(f"reports/{name}", **params))
