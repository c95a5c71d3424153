"""Profit and loss, balance sheet, trial balance, cash flow: what they show and how."""

from decimal import Decimal
from typing import Any

from tests.simulator.bookkeeping import account, journal, side
from tests.simulator.client import QuickBooks, groups, total
from tests.simulator.reading import by_id, group_sum


async def test_a_statement_reads_as_intuit_writes_it(books: QuickBooks) -> None:
    await books.invoice(amount="150", TxnDate="2026-11-02")

    report = await books.report("ProfitAndLoss", date_macro="This Month-to-date")

    header = report["Header"]
    assert header["ReportName"] == "ProfitAndLoss"
    assert header["ReportBasis"] == "Accrual"
    assert (header["StartPeriod"], header["EndPeriod"]) == ("2026-11-01", "2026-11-20")
    assert header["Option"] == [
        {"Name": "AccountingStandard", "Value": "GAAP"},
        {"Name": "NoReportData", "Value": "false"},
    ]
    assert report["Columns"]["Column"] == [
        {
            "ColTitle": "",
            "ColType": "Account",
            "MetaData": [{"Name": "ColKey", "Value": "account"}],
        },
        {
            "ColTitle": "Total",
            "ColType": "Money",
            "MetaData": [{"Name": "ColKey", "Value": "total"}],
        },
    ]
    income = report["Rows"]["Row"][0]
    assert (income["type"], income["group"]) == ("Section", "Income")
    leaf = income["Rows"]["Row"][0]
    assert leaf["type"] == "Data"
    assert leaf["ColData"] == [
        {"value": "Design Income", "id": await books.id("Account", "Design Income")},
        {"value": "150.00"},
    ]
    assert income["Summary"]["ColData"][1] == {"value": "150.00"}
    assert list(groups(report)) == [
        *("Income", "GrossProfit", "Expenses", "NetOperatingIncome", "NetIncome"),
    ]


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


async def test_columns_by_customer_are_found_by_their_ids(books: QuickBooks) -> None:
    await books.invoice("Acme West", "100")
    await books.invoice("May Chen", "30")

    report = await books.report("ProfitAndLoss", summarize_column_by="Customers")

    assert [one["ColTitle"] for one in report["Columns"]["Column"]] == [
        *("", "Acme Corporation:Acme West", "May Chen", "Total"),
    ]
    key = report["Columns"]["Column"][2]["MetaData"][0]["Value"]
    assert key == await books.id("Customer", "May Chen")
    assert groups(report)["Income"] == ["100.00", "30.00", "130.00"]


async def test_a_statement_can_be_one_customers(books: QuickBooks) -> None:
    await books.invoice("Acme West", "100")
    await books.invoice("May Chen", "30")
    may = await books.id("Customer", "May Chen")

    report = await books.report("ProfitAndLoss", customer=may)

    assert group_sum(report, "NetIncome") == 30
    assert report["Header"]["Customer"] == may


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


async def test_a_sub_account_stands_below_its_parent(books: QuickBooks) -> None:
    parent = await account(books, "Fuel")
    made = await books.make(
        "Account",
        {
            "Name": "Diesel",
            "AccountType": "Expense",
            "SubAccount": True,
            "ParentRef": parent,
        },
    )
    bank = await account(books, "Business Checking")
    diesel = {"value": made["Id"]}
    await journal(books, side("Debit", diesel, "70"), side("Credit", bank, "70"))
    await journal(books, side("Debit", parent, "5"), side("Credit", bank, "5"))

    report = await books.report("ProfitAndLoss")

    spent = next(one for one in report["Rows"]["Row"] if one["group"] == "Expenses")
    (fuel,) = spent["Rows"]["Row"]
    assert fuel["Header"]["ColData"] == [
        {"value": "Fuel", "id": parent["value"]},
        {"value": "5.00"},
    ]
    assert fuel["Rows"]["Row"][0]["ColData"] == [
        {"value": "Diesel", "id": made["Id"]},
        {"value": "70.00"},
    ]
    assert fuel["Summary"]["ColData"] == [{"value": "Total Fuel"}, {"value": "75.00"}]
    assert groups(report)["Expenses"] == ["75.00"]


async def test_the_old_style_writes_titles_in_capitals(books: QuickBooks) -> None:
    await books.invoice(amount="100")
    modern = await books.report("BalanceSheet")
    await books.switch(reports_style="legacy")

    legacy = await books.report("BalanceSheet")

    def title(report: dict[str, Any]) -> str:
        return str(report["Rows"]["Row"][0]["Header"]["ColData"][0]["value"])

    assert (title(modern), title(legacy)) == ("Assets", "ASSETS")
    assert groups(modern)["TotalAssets"] == groups(legacy)["TotalAssets"]
    summary = legacy["Rows"]["Row"][0]["Summary"]["ColData"][0]["value"]
    assert summary == "TOTAL ASSETS"


async def test_a_new_fiscal_year_begins_with_no_income(books: QuickBooks) -> None:
    info = await books.one("select * from CompanyInfo")
    wish = {"Id": info["Id"], "SyncToken": info["SyncToken"], "sparse": True}
    await books.make("CompanyInfo", {**wish, "FiscalYearStartMonth": "July"})
    await books.invoice(amount="100", TxnDate="2026-06-30")

    before = await books.report("BalanceSheet", end_date="2026-06-30")
    after = await books.report("BalanceSheet", end_date="2026-07-01")
    trial = await books.report("TrialBalance", end_date="2026-07-01")
    ledger = await books.report(
        "GeneralLedger", start_date="2026-07-01", end_date="2026-07-31"
    )

    retained = await books.id("Account", "Retained Earnings")
    assert by_id(before).get(retained, Decimal(0)) == 0
    assert by_id(after)[retained] == 100
    assert by_id(trial)[retained] == 100
    assert group_sum(before, "Equity") == group_sum(after, "Equity")
    beginning = {
        row["Header"]["ColData"][0]["id"]: row["Rows"]["Row"][0]["ColData"]
        for row in ledger["Rows"]["Row"]
    }
    assert beginning[retained][0] == {"value": "Beginning Balance"}
    assert beginning[retained][-1] == {"value": "100.00"}


async def test_a_trial_balance_by_month_has_two_sides_for_each(
    books: QuickBooks,
) -> None:
    await books.invoice(amount="100", TxnDate="2026-10-02")
    await books.invoice(amount="30", TxnDate="2026-11-02")
    receivable = await books.id("Account", "Accounts Receivable (A/R)")

    report = await books.report(
        "TrialBalance",
        start_date="2026-10-01",
        end_date="2026-11-20",
        summarize_column_by="Month",
    )

    columns = report["Columns"]["Column"]
    assert [one["ColTitle"] for one in columns] == ["", "Oct 2026", "Nov 2026"]
    below = [one["ColTitle"] for one in columns[1]["Columns"]["Column"]]
    assert below == ["Debit", "Credit"]
    row = next(
        one["ColData"]
        for one in report["Rows"]["Row"]
        if "ColData" in one and one["ColData"][0]["id"] == receivable
    )
    assert [one["value"] for one in row[1:]] == ["100.00", "", "130.00", ""]
    first, second, third, fourth = groups(report)["GrandTotal"]
    assert first == second
    assert third == fourth


async def test_cash_flow_sorts_accounts_by_what_they_are_for(books: QuickBooks) -> None:
    bank = await account(books, "Business Checking")
    for name, amount in (("Trucks", "500"), ("Prepaid Insurance", "60")):
        what = await account(books, name)
        await journal(books, side("Debit", what, amount), side("Credit", bank, amount))
    owner = await account(books, "Owner's Equity")
    await journal(books, side("Debit", bank, "1000"), side("Credit", owner, "1000"))

    report = await books.report("CashFlow")

    assert groups(report) == {
        "OperatingAdjustments": ["-60.00"],
        "OperatingActivities": ["-60.00"],
        "InvestingActivities": ["-500.00"],
        "FinancingActivities": ["1000.00"],
        "CashIncrease": ["440.00"],
        "BeginningCash": ["0.00"],
        "EndingCash": ["440.00"],
    }
