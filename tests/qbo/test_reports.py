"""Reports are QuickBooks' own numbers, found by what they are and not by place."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from qbo import asks
from qbo.aging import aging
from qbo.asks import Period
from qbo.books import Aging, Listing, Money, Owing, Statement, StatementRow
from qbo.reports import (
    beside,
    fiscal_year_start,
    period_label,
    statement,
)
from tests.qbo.conftest import TODAY, Office

http = pytest.mark.asyncio(loop_scope="session")


def row(found: Statement, label: str) -> StatementRow:
    return next(each for each in found.rows if each.label == label)


def dollars(text: str) -> Money:
    return Money(Decimal(text), "USD")


async def statement_of(office: Office, ask: asks.Ask) -> Statement:
    return cast("Statement", (await office.answer(ask)).value)


# --- against QuickBooks ---------------------------------------------------------


@http
async def test_profit_and_loss_is_quickbooks_own(office: Office) -> None:
    found = await statement_of(office, asks.ProfitAndLoss())

    theirs = await office.report(
        "ProfitAndLoss", start_date="2026-01-01", end_date="2026-11-20"
    )
    last = theirs["Rows"]["Row"][-1]["Summary"]["ColData"]
    assert found.rows[-1].label == last[0]["value"]
    assert found.rows[-1].amounts == (dollars(last[1]["value"]),)
    assert (found.name, found.basis) == ("Profit and Loss", "Accrual")
    assert (found.start, found.end) == (date(2026, 1, 1), TODAY)
    assert found.columns == ("Total",)


@http
async def test_profit_and_loss_adds_up(office: Office) -> None:
    found = await statement_of(office, asks.ProfitAndLoss())

    total = row(found, "Total Income").amounts[0]
    assert total is not None
    inside = found.rows[: found.rows.index(row(found, "Total Income"))]
    parts = [each.amounts[0] for each in inside if each.depth == 1]
    assert sum(part.amount for part in parts if part) == total.amount
    assert len(parts) > 3


@http
async def test_cash_basis_is_asked_for_and_named(office: Office) -> None:
    found = await statement_of(office, asks.ProfitAndLoss(basis="cash"))

    assert found.basis == "Cash"


@http
async def test_a_period_stands_beside_the_one_it_is_compared_to(
    office: Office,
) -> None:
    third = Period(date(2026, 7, 1), date(2026, 9, 30))
    second = Period(date(2026, 4, 1), date(2026, 6, 30))

    both = await statement_of(
        office, asks.ProfitAndLoss(period=third, compare_to=second)
    )
    alone = await statement_of(office, asks.ProfitAndLoss(period=second))

    assert both.columns == ("Q3 2026", "Q2 2026")
    assert row(both, "Net Income").amounts[1] == row(alone, "Net Income").amounts[0]
    assert all(len(each.amounts) == 2 for each in both.rows)


@http
async def test_months_are_columns_and_add_up_to_the_total(office: Office) -> None:
    period = Period(date(2026, 7, 1), date(2026, 9, 30))

    found = await statement_of(office, asks.ProfitAndLoss(period=period, by="month"))

    assert found.columns == ("Jul 2026", "Aug 2026", "Sep 2026", "Total")
    net = row(found, "Net Income").amounts
    assert (
        sum(each.amount for each in net[:-1] if each) == cast("Money", net[-1]).amount
    )


@http
async def test_customers_are_columns(office: Office) -> None:
    period = Period(date(2026, 9, 1), date(2026, 9, 30))

    found = await statement_of(office, asks.ProfitAndLoss(period=period, by="customer"))

    assert len(found.columns) > 3
    assert found.columns[-1] == "Total"


@http
@pytest.mark.parametrize("style", ["modern", "legacy"])
async def test_the_balance_sheet_balances(office: Office, style: str) -> None:
    await office.far.switch(reports_style=style)
    try:
        found = await statement_of(office, asks.BalanceSheet(as_of=date(2026, 9, 30)))
    finally:
        await office.far.switch(reports_style="modern")

    totals = [
        each.amounts[0] for each in found.rows if each.depth == 0 and each.is_total
    ]
    assert len(totals) == 2
    assert totals[0] == totals[1]
    assert totals[0] is not None
    assert (found.start, found.end) == (None, date(2026, 9, 30))


@http
async def test_two_days_of_the_balance_sheet_stand_side_by_side(
    office: Office,
) -> None:
    found = await statement_of(office, asks.BalanceSheet(compare_to=date(2025, 12, 31)))

    assert found.columns == ("20 Nov 2026", "31 Dec 2025")


@http
@pytest.mark.parametrize("style", ["modern", "legacy"])
async def test_aging_receivables_and_the_account_agree(
    office: Office, style: str
) -> None:
    await office.far.switch(reports_style=style)
    try:
        aged = cast("Aging", (await office.answer(asks.ReceivablesAging())).value)
    finally:
        await office.far.switch(reports_style="modern")
    answer = await office.answer(asks.ReceivablesList(limit=1000))
    owing = cast("Listing[Owing]", answer.value)
    account = await office.query(
        "SELECT * FROM Account WHERE AccountType = 'Accounts Receivable'"
    )

    assert aged.total == owing.total
    assert owing.total == dollars(str(account[0]["CurrentBalance"]))
    assert sum(each.amount for each in aged.totals) == aged.total.amount
    assert sum(each.total.amount for each in aged.rows) == aged.total.amount
    assert len(aged.buckets) == 5
    assert all(len(each.amounts) == 5 for each in aged.rows)
    assert {each.party for each in owing.rows} == {each.party for each in aged.rows}
    assert "It equals the balance of accounts receivable." in answer.working


@http
async def test_the_aging_of_one_customer_covers_its_sub_customers(
    office: Office,
) -> None:
    answer = await office.answer(asks.ReceivablesAging(customer="Acme Corporation"))
    aged = cast("Aging", answer.value)
    owing = await office.answer(asks.ReceivablesList(customer="Acme Corporation"))

    assert aged.total == cast("Listing[Owing]", owing.value).total
    assert {each.party for each in aged.rows} <= {"Acme Corporation", "Acme West"}


# --- shapes ---------------------------------------------------------------------

COLUMNS = {
    "Column": [
        {"ColTitle": "", "ColType": "Account"},
        {
            "ColTitle": "Total",
            "ColType": "Money",
            "MetaData": [{"Name": "ColKey", "Value": "total"}],
        },
    ]
}


def cells(*values: str, number: str | None = None) -> dict[str, Any]:
    found: list[dict[str, str]] = [{"value": value} for value in values]
    if number:
        found[0]["id"] = number
    return {"ColData": found}


def test_a_report_without_rows_is_an_empty_statement() -> None:
    report = {"Header": {"ReportBasis": "Accrual"}, "Columns": COLUMNS, "Rows": {}}

    found = statement(report, name="P", start=None, end=TODAY, home="USD")

    assert found.rows == ()


def test_sections_of_any_depth_are_walked() -> None:
    inner = {
        "type": "Section",
        "Header": cells("Landscaping", "20.00", number="45"),
        "Rows": {"Row": [cells("Sod", "50.5", number="46")]},
        "Summary": cells("Total Landscaping", "70.50"),
    }
    outer = {
        "type": "Section",
        "group": "Income",
        "Header": cells("Income", ""),
        "Rows": {"Row": [inner]},
        "Summary": cells("Total Income", "70.50"),
    }
    report = {
        "Header": {"Currency": "USD"},
        "Columns": COLUMNS,
        "Rows": {"Row": [outer, {"group": "NetIncome", "Summary": cells("Net", "")}]},
    }

    found = statement(report, name="P", start=None, end=TODAY, home="USD")

    assert [(each.label, each.depth, each.is_total) for each in found.rows] == [
        ("Income", 0, False),
        ("Landscaping", 1, False),
        ("Sod", 2, False),
        ("Total Landscaping", 1, True),
        ("Total Income", 0, True),
        ("Net", 0, True),
    ]
    assert [each.account_id for each in found.rows][:3] == [None, "45", "46"]
    assert found.rows[0].amounts == (None,)
    assert str(found.rows[2].amounts[0]) == "$50.50"
    assert found.rows[-1].amounts == (None,)


def test_columns_of_other_kinds_are_no_money() -> None:
    columns = {
        "Column": [
            {"ColTitle": "", "ColType": "Customer"},
            {"ColTitle": "Terms", "ColType": "String"},
            {"ColTitle": "Total", "ColType": "Money"},
        ]
    }
    report = {"Columns": columns, "Rows": {"Row": [cells("Lee", "Net 30", "5")]}}

    found = statement(report, name="P", start=None, end=TODAY, home="GBP")

    assert found.columns == ("Total",)
    assert found.rows[0].amounts == (Money(Decimal("5.00"), "GBP"),)


AGED_COLUMNS = {
    "Column": [
        {"ColTitle": "", "ColType": "Customer"},
        {"ColTitle": "Current", "ColType": "Money"},
        {"ColTitle": "1 - 30", "ColType": "Money"},
        {"ColTitle": "Total", "ColType": "Money"},
    ]
}


def test_a_parent_s_own_part_is_counted_once() -> None:
    parent = {
        "type": "Section",
        "Header": cells("Acme Corporation", "10.00", "", "10.00"),
        "Rows": {"Row": [cells("Acme West", "", "5.00", "5.00")]},
        "Summary": cells("Total Acme Corporation", "10.00", "5.00", "15.00"),
    }
    grand = {"group": "GrandTotal", "Summary": cells("TOTAL", "10.00", "5.00", "15.00")}
    report = {"Columns": AGED_COLUMNS, "Rows": {"Row": [parent, grand]}}

    found = aging(report, "receivable", TODAY, "USD")

    assert [(each.party, each.total) for each in found.rows] == [
        ("Acme Corporation", dollars("10.00")),
        ("Acme West", dollars("5.00")),
    ]
    assert found.total == dollars("15.00")
    assert found.buckets == ("Current", "1 - 30")


def test_an_aging_without_rows_is_zero() -> None:
    found = aging({"Columns": AGED_COLUMNS, "Rows": {}}, "receivable", TODAY, "USD")

    assert found.total == dollars("0.00")
    assert found.rows == ()


def test_rows_of_only_one_statement_are_blank_in_the_other() -> None:
    def made(title: str, *rows: tuple[str, str]) -> Statement:
        return Statement(
            "P",
            "Accrual",
            None,
            TODAY,
            (title,),
            tuple(StatementRow(name, (dollars(amount),)) for name, amount in rows),
        )

    both = beside(
        made("A", ("Sales", "1"), ("Rent", "2")),
        made("B", ("Sales", "3"), ("Fuel", "4"), ("Rent", "5")),
    )

    assert both.columns == ("A", "B")
    assert [(each.label, each.amounts) for each in both.rows] == [
        ("Sales", (dollars("1"), dollars("3"))),
        ("Fuel", (None, dollars("4"))),
        ("Rent", (dollars("2"), dollars("5"))),
    ]


@pytest.mark.parametrize(
    ("start", "end", "first_month", "label"),
    [
        (date(2026, 9, 1), date(2026, 9, 30), 1, "Sep 2026"),
        (date(2026, 7, 1), date(2026, 9, 30), 1, "Q3 2026"),
        (date(2026, 1, 1), date(2026, 12, 31), 1, "2026"),
        (date(2025, 4, 1), date(2026, 3, 31), 4, "FY2026"),
        (date(2026, 1, 1), date(2026, 3, 31), 4, "Q4 FY2026"),
        (date(2026, 1, 1), date(2026, 11, 20), 1, "1 Jan 2026 to 20 Nov 2026"),
        (date(2026, 2, 1), date(2026, 4, 30), 1, "1 Feb 2026 to 30 Apr 2026"),
    ],
)
def test_a_period_is_named_in_few_words(
    start: date, end: date, first_month: int, label: str
) -> None:
    assert period_label(Period(start, end), first_month) == label


def test_a_fiscal_year_may_begin_in_april() -> None:
    assert fiscal_year_start(date(2026, 3, 31), 4) == date(2025, 4, 1)
    assert fiscal_year_start(date(2026, 4, 1), 4) == date(2026, 4, 1)
