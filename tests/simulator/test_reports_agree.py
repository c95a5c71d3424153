"""On any day of the companies' stories, their reports come to the same."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import pytest
import pytest_asyncio
from dateutil.relativedelta import relativedelta

from qbo.simulator.serve import Options, Running, start
from tests.simulator.bookkeeping import REALMS
from tests.simulator.client import TOKEN, QuickBooks, rows
from tests.simulator.conftest import TODAY
from tests.simulator.reading import (
    amount,
    by_id,
    grand_total,
    group_sum,
    lines,
    places,
    summaries,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

FISCAL_MONTHS: Final = {"harbour-pine-us": 1, "pennine-uk": 4}
LISTS: Final = (
    *("Customers", "Vendors", "Employees", "Classes", "Departments"),
    "ProductsAndServices",
)
_dice = Random(20)  # noqa: S311 - any days will do
DAYS: Final = sorted(
    (TODAY - timedelta(days=_dice.randrange(600))).isoformat() for _ in range(3)
)
Json = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    options = Options(port=0, today=TODAY, companies=tuple(REALMS), tokens=(TOKEN,))
    running = await start(options)
    yield running
    await running.stop()


@pytest.fixture(params=REALMS)
def company(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=("Accrual", "Cash"))
def basis(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=DAYS)
def day(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture(loop_scope="module")
async def books(running: Running, company: str) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(running.url, REALMS[company]) as client:
        yield client


def year_start(company: str, day: str) -> str:
    """The first day of the fiscal year that a day is in."""
    end = date.fromisoformat(day)
    start = date(end.year, FISCAL_MONTHS[company], 1)
    return (start if start <= end else start - relativedelta(years=1)).isoformat()


async def types(books: QuickBooks) -> dict[str, str]:
    """The classification of every account."""
    found = await books.query(
        "select * from Account where Active in (true, false) maxresults 1000"
    )
    return {one["Id"]: one["Classification"] for one in found}


def equity(sheet: Json) -> Decimal:
    """Retained earnings and the running year's net income."""
    return sum(
        (
            amount(row["ColData"][-1])
            for row in rows(sheet["Rows"])
            if row.get("ColData")
            and row["ColData"][0]["value"] in {"Retained Earnings", "Net Income"}
        ),
        Decimal(0),
    )


def owing(report: Json) -> dict[str, Decimal]:
    """Who owes something; a parent may stand there for its jobs alone."""
    return {number: part for number, part in by_id(report).items() if part}


async def test_the_trial_balance_is_the_two_statements(
    books: QuickBooks, company: str, day: str, basis: str
) -> None:
    how = {"end_date": day, "accounting_method": basis}
    first = year_start(company, day)
    sheet = await books.report("BalanceSheet", **how)
    results = await books.report("ProfitAndLoss", start_date=first, **how)
    trial = await books.report("TrialBalance", **how)
    kinds = await types(books)

    assert group_sum(sheet, "TotalAssets") == group_sum(
        sheet, "TotalLiabilitiesAndEquity"
    )
    debits, credited = summaries(trial)["GrandTotal"]
    assert debits == credited != 0
    shown = {
        number: by_id(trial, 1)[number] - by_id(trial, 2)[number]
        for number in by_id(trial)
    }
    expected = {
        number: part if kinds[number] in {"Asset", "Expense"} else -part
        for number, part in {**by_id(sheet), **by_id(results)}.items()
        if part
    }
    assert shown == expected


async def test_the_general_ledger_ends_at_the_trial_balance(
    books: QuickBooks, company: str, day: str, basis: str
) -> None:
    how = {"end_date": day, "accounting_method": basis}
    ledger = await books.report(
        "GeneralLedger", start_date=year_start(company, day), **how
    )
    trial = await books.report("TrialBalance", **how)
    kinds = await types(books)

    ended = {}
    column = next(place for key, place in places(ledger).items() if "rbal" in key)
    for row in rows(ledger["Rows"]):
        if "Header" in row:
            own = [one for one in row["Rows"]["Row"] if "ColData" in one]
            number = row["Header"]["ColData"][0]["id"]
            sign = 1 if kinds[number] in {"Asset", "Expense"} else -1
            balance = amount(own[-1]["ColData"][column]) if own else Decimal(0)
            ended[number] = sign * balance
    shown = {
        number: by_id(trial, 1)[number] - by_id(trial, 2)[number]
        for number in by_id(trial)
    }
    assert {number: part for number, part in ended.items() if part} == shown


async def test_a_spans_profit_is_what_equity_grew_by(
    books: QuickBooks, day: str, basis: str
) -> None:
    end = date.fromisoformat(day)
    start = end - timedelta(days=200)
    how = {"accounting_method": basis}

    results = await books.report(
        "ProfitAndLoss", start_date=start.isoformat(), end_date=day, **how
    )
    detail = await books.report(
        "ProfitAndLossDetail", start_date=start.isoformat(), end_date=day, **how
    )
    before_day = (start - timedelta(days=1)).isoformat()
    before = await books.report("BalanceSheet", end_date=before_day, **how)
    after = await books.report("BalanceSheet", end_date=day, **how)

    net = group_sum(results, "NetIncome")
    assert equity(after) - equity(before) == net
    column = next(place for key, place in places(detail).items() if "subt" in key)
    assert summaries(detail)["NetIncome"][column - 1] == net


async def test_columns_add_up_to_the_total(
    books: QuickBooks, day: str, basis: str
) -> None:
    start = (date.fromisoformat(day) - timedelta(days=80)).isoformat()
    how = {"start_date": start, "end_date": day, "accounting_method": basis}
    whole = await books.report("ProfitAndLoss", **how)

    for by in ("Days", "Week", "Month", "Quarter", "FiscalYear", *LISTS):
        cut = await books.report("ProfitAndLoss", summarize_column_by=by, **how)
        for group, sums in summaries(cut).items():
            assert sum(sums[:-1]) == sums[-1] == group_sum(whole, group), (by, group)
        assert by_id(cut) == by_id(whole), by


async def test_a_balance_sheet_by_list_adds_up_too(
    books: QuickBooks, day: str, basis: str
) -> None:
    how = {"end_date": day, "accounting_method": basis}
    whole = await books.report("BalanceSheet", **how)

    for by in ("Customers", "Vendors", "Classes"):
        cut = await books.report("BalanceSheet", summarize_column_by=by, **how)
        for group, sums in summaries(cut).items():
            assert sum(sums[:-1]) == sums[-1] == group_sum(whole, group), (by, group)


async def test_a_balance_sheet_by_month_ends_like_the_days(
    books: QuickBooks, day: str
) -> None:
    start = (date.fromisoformat(day) - timedelta(days=100)).isoformat()
    cut = await books.report(
        "BalanceSheet", start_date=start, end_date=day, summarize_column_by="Month"
    )

    for place, column in enumerate(cut["Columns"]["Column"][1:]):
        end = next(
            one["Value"] for one in column["MetaData"] if one["Name"] == "EndDate"
        )
        then = await books.report("BalanceSheet", end_date=end)
        assert summaries(cut)["TotalAssets"][place] == group_sum(then, "TotalAssets")


@pytest.mark.parametrize(
    ("aged", "detail", "balance", "balance_detail", "group"),
    [
        (
            *("AgedReceivables", "AgedReceivableDetail"),
            *("CustomerBalance", "CustomerBalanceDetail", "AR"),
        ),
        (
            *("AgedPayables", "AgedPayableDetail"),
            *("VendorBalance", "VendorBalanceDetail", "AP"),
        ),
    ],
)
async def test_what_is_open_is_what_the_accounts_say(
    books: QuickBooks,
    day: str,
    aged: str,
    detail: str,
    balance: str,
    balance_detail: str,
    group: str,
) -> None:
    sheet = await books.report("BalanceSheet", end_date=day)
    owed = group_sum(sheet, group)

    sums = await books.report(aged, report_date=day)
    one_by_one = await books.report(detail, report_date=day)
    balances = await books.report(balance, report_date=day)
    documents = await books.report(balance_detail, report_date=day)

    assert grand_total(sums) == owed
    assert grand_total(balances) == owed
    assert owing(balances) == owing(sums)
    assert sum(summaries(sums)["GrandTotal"][:-1]) == owed
    for report in (one_by_one, documents):
        key = next(one for one in places(report) if one.endswith("open_bal"))
        assert grand_total(report, key) == owed
        assert sum(Decimal(line[key]) for line in lines(report)) == owed


async def test_cash_flows_to_what_is_in_the_bank(books: QuickBooks, day: str) -> None:
    start = (date.fromisoformat(day) - timedelta(days=70)).isoformat()
    before_day = (date.fromisoformat(start) - timedelta(days=1)).isoformat()
    undeposited = await books.query("select * from Account")
    waiting = next(
        one["Id"] for one in undeposited if one["AccountSubType"] == "UndepositedFunds"
    )

    flow = await books.report("CashFlow", start_date=start, end_date=day)
    months = await books.report(
        "CashFlow", start_date=start, end_date=day, summarize_column_by="Month"
    )
    before = await books.report("BalanceSheet", end_date=before_day)
    after = await books.report("BalanceSheet", end_date=day)

    def cash(sheet: Json) -> Decimal:
        waits = by_id(sheet).get(waiting, Decimal(0))
        return group_sum(sheet, "BankAccounts") + waits

    assert group_sum(flow, "BeginningCash") == cash(before)
    assert group_sum(flow, "EndingCash") == cash(after)
    assert group_sum(flow, "CashIncrease") == cash(after) - cash(before)
    sums = summaries(months)
    assert sum(sums["CashIncrease"][:-1]) == group_sum(flow, "CashIncrease")
    assert sums["EndingCash"][:-2] == sums["BeginningCash"][1:-1]
    assert sums["EndingCash"][-1] == cash(after)


async def test_sales_are_the_same_by_whatever_list(
    books: QuickBooks, day: str, basis: str
) -> None:
    start = (date.fromisoformat(day) - timedelta(days=150)).isoformat()
    how = {"start_date": start, "end_date": day, "accounting_method": basis}

    sold = {
        name: grand_total(await books.report(name, **how))
        for name in ("CustomerSales", "ClassSales", "DepartmentSales")
    }
    items = await books.report("ItemSales", **how)
    results = await books.report("ProfitAndLoss", **how)
    by_item = await books.report(
        "ProfitAndLoss", summarize_column_by="ProductsAndServices", **how
    )

    (quantity, whole, *_) = summaries(items)["GrandTotal"]
    assert set(sold.values()) == {whole}
    assert quantity > 0
    shown = list(places(by_item))[1:]
    earned = dict(zip(shown, summaries(by_item)["Income"], strict=True))
    for item, part in by_id(items, 2).items():
        assert earned[item] == part, item
    assert grand_total(await books.report("VendorExpenses", **how)) == sum(
        group_sum(results, group) for group in ("COGS", "Expenses", "OtherExpenses")
    )
    income = await books.report("CustomerIncome", **how)
    assert grand_total(income) == group_sum(results, "NetIncome")


async def test_the_journal_is_even(books: QuickBooks, day: str) -> None:
    start = (date.fromisoformat(day) - timedelta(days=30)).isoformat()
    journal = await books.report("JournalReport", start_date=start, end_date=day)
    split = await books.report(
        "TransactionListWithSplits", start_date=start, end_date=day
    )

    debits, credited = summaries(journal)["GrandTotal"][-2:]
    assert debits == credited != 0
    booked = {line["txn_type.id"] for line in lines(journal)}
    assert booked <= {line["txn_type.id"] for line in lines(split)}


async def test_stock_is_worth_what_its_account_says(
    books: QuickBooks, day: str
) -> None:
    stock = await books.report("InventoryValuationSummary", report_date=day)
    sheet = await books.report("BalanceSheet", end_date=day)
    found = await books.query("select * from Account")
    asset = [one["Id"] for one in found if one["AccountSubType"] == "Inventory"]

    worth = grand_total(stock, "asset_value") if stock["Rows"] else Decimal(0)
    assert worth == sum(by_id(sheet).get(one, Decimal(0)) for one in asset)
