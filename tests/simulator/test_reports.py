"""What all reports share: their parameters, their headers, their columns."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, Running, start
from tests.simulator.bookkeeping import REALMS
from tests.simulator.client import TOKEN, QuickBooks, fault, rows
from tests.simulator.conftest import TODAY

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES: Final = (
    *("AccountList", "AgedPayableDetail", "AgedPayables", "AgedReceivableDetail"),
    *("AgedReceivables", "BalanceSheet", "CashFlow", "ClassSales", "CustomerBalance"),
    *("CustomerBalanceDetail", "CustomerIncome", "CustomerSales", "DepartmentSales"),
    *("GeneralLedger", "InventoryValuationSummary", "ItemSales", "JournalReport"),
    *("ProfitAndLoss", "ProfitAndLossDetail", "TransactionList", "TrialBalance"),
    *("TransactionListByCustomer", "TransactionListByVendor", "VendorBalance"),
    *("TransactionListWithSplits", "VendorBalanceDetail", "VendorExpenses"),
)
AMOUNT: Final = re.compile(r"-?\d+\.\d\d( %)?")
_TYPES: Final = {
    *("Account", "Money", "Customer", "Vendor", "Employee", "ProductsAndService"),
    *("Department", "Class", "String", "Date", "Boolean"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    options = Options(port=0, today=TODAY, companies=tuple(REALMS), tokens=(TOKEN,))
    running = await start(options)
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def books(running: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(running.url, REALMS["harbour-pine-us"]) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def uk_books(running: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(running.url, REALMS["pennine-uk"]) as client:
        yield client


@pytest.mark.parametrize("name", NAMES)
async def test_every_report_comes_without_parameters(
    books: QuickBooks, name: str
) -> None:
    report = await books.report(name)

    header = report["Header"]
    assert header["ReportName"] == name
    assert header["Currency"] == "USD"
    assert {"Name": "NoReportData", "Value": "false"} in header["Option"]
    assert report["Rows"]["Row"]
    assert (await books.report(name.lower()))["Header"]["ReportName"] == name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("style", ["modern", "legacy"])
async def test_every_row_has_a_text_for_every_column(
    books: QuickBooks, name: str, style: str
) -> None:
    await books.switch(reports_style=style)
    report = await books.report(name, date_macro="This Fiscal Year-to-date")
    await books.switch(reports_style="modern")

    columns = [
        below
        for column in report["Columns"]["Column"]
        for below in column.get("Columns", {}).get("Column", [column])
    ]
    for column in columns:
        assert column["ColType"] in _TYPES
        assert any(meta["Name"] == "ColKey" for meta in column["MetaData"])
    for row in rows(report["Rows"]):
        for part in (row, row.get("Header"), row.get("Summary")):
            for place, cell in enumerate((part or {}).get("ColData", ())):
                assert isinstance(cell["value"], str)
                if place and columns[place]["ColType"] == "Money" and cell["value"]:
                    assert AMOUNT.fullmatch(cell["value"]), cell
            cells = (part or {}).get("ColData")
            assert cells is None or len(cells) == len(columns)


@pytest.mark.parametrize("name", NAMES)
async def test_parameters_a_report_has_no_use_for_are_let_be(
    books: QuickBooks, name: str
) -> None:
    await books.report(
        name,
        minorversion="75",
        qzurl="true",
        add_due_date="true",
        adjusted_gain_loss="true",
        num_periods="4",
        columns="tx_date,nonsense",
        summarize_column_by="Customers",
        sort_order="descend",
        date_macro="Last Fiscal Year",
    )


async def test_reports_are_the_same_after_a_restart(tmp_path: Path) -> None:
    options = Options(port=0, today=TODAY, invoices=120, tokens=(TOKEN,), data=tmp_path)
    seen = []

    for _ in range(2):
        running = await start(options)
        async with QuickBooks(running.url, REALMS["harbour-pine-us"]) as books:
            found = {}
            for name in NAMES:
                for basis in ("Accrual", "Cash"):
                    report = await books.report(name, accounting_method=basis)
                    found[name, basis] = report["Columns"], report["Rows"]
        seen.append(found)
        await running.stop()

    before, after = seen
    assert before == after


async def test_a_list_that_nobody_is_on_is_empty(books: QuickBooks) -> None:
    report = await books.report("CustomerSales", customer="999999")

    assert report["Rows"] == {}
    assert report["Header"]["Customer"] == "999999"
    assert {"Name": "NoReportData", "Value": "true"} in report["Header"]["Option"]


@pytest.mark.parametrize(
    ("macro", "start", "end"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("Yesterday", "2026-11-19", "2026-11-19"),
        ("Last Month", "2026-10-01", "2026-10-31"),
        ("Last Month-to-date", "2026-10-01", "2026-10-20"),
        ("This Fiscal Quarter", "2026-10-01", "2026-12-31"),
        ("Last Fiscal Year", "2025-01-01", "2025-12-31"),
        ("This Week", "2026-11-15", "2026-11-21"),
        ("Next 4 Weeks", "2026-11-22", "2026-12-19"),
        ("Next Calendar Quarter", "2027-01-01", "2027-03-31"),
    ],
)
async def test_macros_choose_the_dates(
    books: QuickBooks, macro: str, start: str, end: str
) -> None:
    header = (await books.report("ProfitAndLoss", date_macro=macro))["Header"]

    assert (header["StartPeriod"], header["EndPeriod"]) == (start, end)


async def test_the_header_says_which_macro_chose_the_dates(
    books: QuickBooks, uk_books: QuickBooks
) -> None:
    american = (await books.report("ProfitAndLoss"))["Header"]
    british = (await uk_books.report("ProfitAndLoss"))["Header"]
    explicit = (await books.report("ProfitAndLoss", end_date="2026-11-20"))["Header"]

    assert american["DateMacro"] == "this calendar year-to-date"
    assert (american["StartPeriod"], british["StartPeriod"]) == (
        *("2026-01-01", "2026-04-01"),
    )
    assert british["DateMacro"] == "this fiscal year-to-date"
    assert "DateMacro" not in explicit
    assert explicit["StartPeriod"] == "2026-01-01"


async def test_all_dates_are_those_since_the_first_posting(books: QuickBooks) -> None:
    report = await books.report(
        "BalanceSheet", date_macro="all", summarize_column_by="Year"
    )

    header = report["Header"]
    assert header["DateMacro"] == "all"
    assert "StartPeriod" not in header
    last = report["Columns"]["Column"][-1]
    assert last["ColTitle"] == "Jan 1 - Nov 20, 2026"
    assert report["Columns"]["Column"][-2]["ColTitle"] == "Jan - Dec 2025"


@pytest.mark.parametrize(
    ("by", "first", "second"),
    [
        ("Days", "Sep 15, 2026", "Sep 16, 2026"),
        ("Week", "Sep 15 - Sep 19, 2026", "Sep 20 - Sep 26, 2026"),
        ("Month", "Sep 2026", "Oct 2026"),
        ("Quarter", "Sep 15 - Sep 30, 2026", "Oct 1 - Nov 20, 2026"),
        ("FiscalYear", "Sep 15 - Nov 20, 2026", "Total"),
    ],
)
async def test_columns_are_periods(
    books: QuickBooks, by: str, first: str, second: str
) -> None:
    report = await books.report(
        "ProfitAndLoss",
        start_date="2026-09-15",
        end_date="2026-11-20",
        summarize_column_by=by,
    )

    columns = report["Columns"]["Column"]
    assert [one["ColTitle"] for one in columns[:3]] == ["", first, second]
    dates = {one["Name"]: one["Value"] for one in columns[1]["MetaData"]}
    assert dates["StartDate"] == "2026-09-15"
    assert dates["ColKey"] == first
    assert [one["Name"] for one in columns[-1]["MetaData"]] == ["ColKey"]
    assert report["Header"]["SummarizeColumnsBy"] == by


async def test_more_than_a_hundred_columns_end_in_one_for_the_rest(
    books: QuickBooks,
) -> None:
    report = await books.report("ProfitAndLoss", summarize_column_by="Days")

    columns: list[dict[str, Any]] = report["Columns"]["Column"]
    assert [one["ColTitle"] for one in columns[-2:]] == ["Others", "Total"]
    assert len(columns) == 102
    assert columns[-2]["MetaData"][1] == {"Name": "EndDate", "Value": "2026-11-20"}


async def test_a_zoom_address_stands_behind_amounts(books: QuickBooks) -> None:
    report = await books.report("ProfitAndLoss", qzurl="true", end_date="2026-11-20")

    name, cell = report["Rows"]["Row"][0]["Rows"]["Row"][0]["ColData"]
    assert cell["href"] == (
        f"ProfitAndLossDetail?account={name['id']}&start_date=2026-01-01"
        "&end_date=2026-11-20&accounting_method=Accrual"
    )
    path, _, query = cell["href"].partition("?")
    detail = await books.report(
        path, **dict(one.split("=") for one in query.split("&"))
    )
    assert detail["Rows"]["Row"][-1]["Summary"]["ColData"][6] == {
        "value": cell["value"]
    }


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
        ("AgedReceivables", {"aging_method": "Guess"}),
        ("GeneralLedger", {"sort_order": "sideways"}),
        ("TransactionList", {"group_by": "Mood"}),
        ("CustomerBalanceDetail", {"arpaid": "Perhaps"}),
    ],
)
async def test_a_report_that_has_no_sense_is_refused(
    books: QuickBooks, name: str, params: dict[str, str]
) -> None:
    assert fault(await books.get(f"reports/{name}", **params))
