"""Reports are QuickBooks' own, and agree with what its records come to."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qbo import asks
from qbo.asks import Period
from qbo.books import Aging, AgingDetail, Statement
from tests.qbo.conftest import TODAY
from tests.qbo.independent.conftest import ZERO, Record, Side, dec, on, ref

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUMMER = Period(date(2026, 7, 1), date(2026, 9, 30))
SPRING = Period(date(2026, 4, 1), date(2026, 6, 30))
BUCKETS = ("Current", "1 - 30", "31 - 60", "61 - 90", "91 and over")


def rows_of(report: Record) -> Iterator[tuple[str, list[Decimal]]]:
    """Label and amounts of each line of a report that has amounts, from above."""

    def walk(holder: Record) -> Iterator[tuple[str, list[Decimal]]]:
        for row in (holder.get("Rows") or {}).get("Row") or []:
            for part in ("Header", "Summary"):
                if part == "Summary":
                    yield from walk(row)
                cells = (row.get(part) or {}).get("ColData") or []
                if any(cell["value"] for cell in cells[1:]):
                    yield cells[0]["value"], [dec(cell["value"]) for cell in cells[1:]]
            cells = row.get("ColData") or []
            if cells:
                yield cells[0]["value"], [dec(cell["value"]) for cell in cells[1:]]

    yield from walk(report)


def rows_shown(found: Statement) -> list[tuple[str, list[Decimal]]]:
    return [
        (each.label, [amount.amount if amount else ZERO for amount in each.amounts])
        for each in found.rows
        if any(amount is not None for amount in each.amounts)
    ]


def row(found: Statement, label: str) -> list[Decimal]:
    (amounts,) = [each for name, each in rows_shown(found) if name == label]
    return amounts


def dates(period: Period) -> dict[str, str]:
    assert period.start is not None
    assert period.end is not None
    return {
        "start_date": period.start.isoformat(),
        "end_date": period.end.isoformat(),
    }


# --- profit and loss --------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "columns"),
    [
        (None, "Total"),
        ("month", "Month"),
        ("quarter", "Quarter"),
        ("customer", "Customers"),
        ("class", "Classes"),
    ],
)
@pytest.mark.parametrize("basis", ["accrual", "cash"])
async def test_a_profit_and_loss_is_their_own(
    side: Side, by: str | None, columns: str, basis: str
) -> None:
    found = await side.value(asks.ProfitAndLoss(SUMMER, by=by, basis=basis))

    theirs = await side.theirs.report(
        "ProfitAndLoss",
        **dates(SUMMER),
        summarize_column_by=columns,
        accounting_method=basis.title(),
    )
    assert rows_shown(found) == list(rows_of(theirs))
    assert found.basis == basis.title()
    assert rows_shown(found)


async def test_costs_of_the_profit_and_loss_are_those_of_the_records(
    side: Side,
) -> None:
    """Bills, expenses, credits and journals; stock that was sold is in no record."""
    found = await side.value(asks.ProfitAndLoss(SUMMER))

    kinds = {
        each["Id"]: each["AccountType"]
        for each in side.theirs.kept["Account"]
        if each["AccountType"] in ("Expense", "Other Expense")
    }
    theirs = ZERO
    for entity, sign in {"Bill": 1, "Purchase": 1, "VendorCredit": -1}.items():
        for each in side.theirs.where(entity, in_summer):
            turned = -sign if each.get("Credit") else sign
            rate = dec(each.get("ExchangeRate", 1))
            for line in each["Line"]:
                detail = line.get("AccountBasedExpenseLineDetail") or {}
                if ref(detail, "AccountRef") in kinds:
                    theirs += turned * dec(line["Amount"]) * rate
    for each in side.theirs.where("JournalEntry", in_summer):
        for line in each["Line"]:
            detail = line["JournalEntryLineDetail"]
            if ref(detail, "AccountRef") in kinds:
                debit = detail["PostingType"] == "Debit"
                theirs += dec(line["Amount"]) * (1 if debit else -1)
    labels = dict(rows_shown(found))
    other = labels.get("Total Other Expenses", [ZERO])[0]
    assert labels["Total Expenses"][0] + other == theirs


async def test_income_of_the_profit_and_loss_is_that_of_the_records(
    side: Side,
) -> None:
    found = await side.value(asks.ProfitAndLoss(SUMMER))

    signs = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1, "RefundReceipt": -1}
    theirs = ZERO
    for entity, sign in signs.items():
        for each in side.theirs.where(entity, in_summer):
            net = dec(each["TotalAmt"]) - dec(each["TxnTaxDetail"].get("TotalTax"))
            amount = net * dec(each.get("ExchangeRate", 1))
            theirs += sign * amount.quantize(Decimal("0.01"))
    assert abs(row(found, "Total Income")[0] - theirs) <= Decimal("0.05")


def in_summer(record: Record) -> bool:
    assert SUMMER.start is not None
    assert SUMMER.end is not None
    return SUMMER.start <= on(record) <= SUMMER.end


async def test_two_periods_stand_beside_each_other(side: Side) -> None:
    found = await side.value(asks.ProfitAndLoss(SUMMER, compare_to=SPRING))

    for place, period in enumerate((SUMMER, SPRING)):
        theirs = await side.theirs.report("ProfitAndLoss", **dates(period))
        assert row(found, "Net Income")[place] == dict(rows_of(theirs))["Net Income"][0]
    (net,) = [each for each in found.rows if each.label == "Net Income"]
    one, two = row(found, "Net Income")
    change, percent = found.change(net)
    assert change.amount == one - two
    assert abs(float(percent) - float((one - two) * 100 / abs(two))) <= 0.05


async def test_without_a_period_it_is_the_fiscal_year_to_date(side: Side) -> None:
    found = await side.value(asks.ProfitAndLoss())

    theirs = await side.theirs.report("ProfitAndLoss")
    assert (found.start, found.end) == (
        date.fromisoformat(theirs["Header"]["StartPeriod"]),
        TODAY,
    )
    assert rows_shown(found) == list(rows_of(theirs))


# --- balance sheet and cash -------------------------------------------------------


async def test_assets_are_what_their_accounts_stand_at(side: Side) -> None:
    found = await side.value(asks.BalanceSheet())

    assets = side.theirs.where(
        "Account", lambda each: each["Classification"] == "Asset"
    )
    if all(map(side.is_home, assets)):
        total = sum((dec(each["CurrentBalance"]) for each in assets), ZERO)
        assert row(found, "Total Assets") == [total]
    theirs = await side.theirs.report("BalanceSheet")
    assert rows_shown(found) == list(rows_of(theirs))
    sheet = dict(rows_shown(found))
    assert sheet["Total Assets"] == sheet["Total Liabilities and Equity"]


async def test_two_days_are_compared(side: Side) -> None:
    days = (date(2026, 9, 30), date(2025, 12, 31))
    ask = asks.BalanceSheet(as_of=days[0], compare_to=days[1], basis="cash")

    found = await side.value(ask)

    for place, day in enumerate(days):
        theirs = await side.theirs.report(
            "BalanceSheet",
            start_date=day.replace(month=1, day=1).isoformat(),
            end_date=day.isoformat(),
            accounting_method="Cash",
        )
        expected = dict(rows_of(theirs))["Total Assets"][0]
        assert row(found, "Total Assets")[place] == expected


async def test_cash_flows_lead_to_what_the_bank_accounts_hold(side: Side) -> None:
    period = Period(date(2026, 7, 1), TODAY)

    found = await side.value(asks.CashFlow(period))

    cash = side.theirs.where(
        "Account",
        lambda each: (
            each["AccountType"] == "Bank"
            or each["AccountSubType"] == "UndepositedFunds"
        ),
    )
    held = row(found, "Cash at end of period")[0]
    if all(map(side.is_home, cash)):
        assert held == sum((dec(each["CurrentBalance"]) for each in cash), ZERO)
    begun = row(found, "Cash at beginning of period")[0]
    assert row(found, "Net cash increase for period")[0] == held - begun
    theirs = await side.theirs.report("CashFlow", **dates(period))
    assert rows_shown(found) == list(rows_of(theirs))


# --- aging ------------------------------------------------------------------------

Open = tuple[str, str, date, Decimal]
SIDES: dict[str, tuple[Any, str, dict[str, tuple[int, str, str]]]] = {
    "receivable": (
        asks.ReceivablesAging,
        "Customer",
        {
            "Invoice": (1, "Balance", "DueDate"),
            "CreditMemo": (-1, "RemainingCredit", "TxnDate"),
            "Payment": (-1, "UnappliedAmt", "TxnDate"),
        },
    ),
    "payable": (
        asks.PayablesAging,
        "Vendor",
        {
            "Bill": (1, "Balance", "DueDate"),
            "VendorCredit": (-1, "Balance", "TxnDate"),
        },
    ),
}


def still_open(side: Side, which: str) -> list[Open]:
    """Party, document, due day and amount in the company's currency, of all open."""
    _, party, kinds = SIDES[which]
    found = []
    for entity, (sign, name, due) in kinds.items():
        for each in side.theirs.kept[entity]:
            if amount := dec(each.get(name)):
                home = (amount * dec(each.get("ExchangeRate", 1))).quantize(
                    Decimal("0.01")
                )
                who = ref(each, f"{party}Ref")
                found.append((who, each["Id"], on(each, due), sign * home))
    return found


def bucket(due: date) -> int:
    late = (TODAY - due).days
    return 0 if late <= 0 else min((late + 29) // 30, 4)


@pytest.mark.parametrize("which", list(SIDES))
async def test_an_aging_is_what_is_open_by_days(side: Side, which: str) -> None:
    ask, party, _ = SIDES[which]

    found: Aging = await side.value(ask(as_of=TODAY))

    theirs: dict[str, list[Decimal]] = {}
    for who, _, due, amount in still_open(side, which):
        theirs.setdefault(who, [ZERO] * 5)[bucket(due)] += amount
    ids = {each["DisplayName"]: each["Id"] for each in side.theirs.kept[party]}
    shown = {
        ids[each.party]: [amount.amount for amount in each.amounts]
        for each in found.rows
    }
    assert shown == theirs
    assert found.buckets == BUCKETS
    assert found.total.amount == sum(map(sum, theirs.values()))
    assert found.total.currency == side.home


@pytest.mark.parametrize("which", list(SIDES))
async def test_an_aging_in_detail_has_each_open_document(
    side: Side, which: str
) -> None:
    ask, party, _ = SIDES[which]

    found: AgingDetail = await side.value(ask(as_of=TODAY, detail=True))

    theirs = still_open(side, which)
    shown = {
        each.record_id: (each.due_date, each.open.amount)
        for part in found.buckets
        for each in part.lines
    }
    assert shown == {number: (due, amount) for _, number, due, amount in theirs}
    assert found.total.amount == sum(amount for *_, amount in theirs)
    some = still_open(side, which)[0][0]
    (name,) = [e["DisplayName"] for e in side.theirs.kept[party] if e["Id"] == some]
    one: Any = {party.lower(): name, "detail": True}
    alone = await side.value(ask(**one))
    ids = side.theirs.family(party, name)
    assert {each.record_id for part in alone.buckets for each in part.lines} == {
        number for who, number, _, _ in theirs if who in ids
    }


async def test_an_aging_of_an_earlier_day_is_their_own(side: Side) -> None:
    day = TODAY - timedelta(days=80)

    found: Aging = await side.value(asks.ReceivablesAging(as_of=day))

    theirs = await side.theirs.report("AgedReceivables", report_date=day.isoformat())
    *_, (_, total) = rows_of(theirs)
    assert [each.amount for each in (*found.totals, found.total)] == total
