"""Random book-keeping over HTTP, against books that are kept a second time."""

import random
import time
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, Json, QuickBooks, cell, held, rows, total
from tests.simulator.operations import OPERATIONS, WEIGHTS
from tests.simulator.walk import Step, Walk, started

TODAY = date(2026, 11, 20)
STARTED = date(2026, 8, 25)
STEPS = 30
SHRINKING_SECONDS = 25
FOREVER = {"start_date": "2026-01-01", "end_date": "2027-12-31"}
EARNINGS = (
    *("Rent", "Travel", "Cost of Goods Sold", "Design Income"),
    *("Materials Income", "Discounts Given"),
)
RECEIVABLE, PAYABLE = "Accounts Receivable (A/R)", "Accounts Payable (A/P)"


@pytest.mark.parametrize("seed", range(4))
async def test_books_balance_and_agree_with_a_second_book_keeper(seed: int) -> None:
    steps: Sequence[Step] = steps_of(seed)

    failed = await failure(steps, accepted=STEPS // 2)

    if failed is not None:
        steps, failed = await shortened(steps, failed)
        lines = "\n".join(f"  {one}" for one in steps)
        pytest.fail(f"seed {seed}, after these steps:\n{lines}\n{failed}")


def steps_of(seed: int) -> list[Step]:
    """A walk; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    names = [name for name in OPERATIONS for _ in range(WEIGHTS.get(name, 1))]
    return [
        Step(
            chance.choice(names),
            chance.randrange(1000),
            chance.randrange(1000),
            chance.randrange(100, 100_000),
        )
        for _ in range(STEPS)
    ]


async def failure(steps: Sequence[Step], accepted: int = 0) -> str | None:
    """What goes wrong on a walk over a new company, if anything.

    At least so many writes have to be accepted.
    """
    options = Options(port=0, today=TODAY, invoices=0, tokens=(TOKEN,))
    running = await start(options)
    try:
        async with QuickBooks(running.url, "9130350000000001") as books:
            walk = await started(books)
            before = await accounts_of(books)
            try:
                for step in steps:
                    await OPERATIONS[step.name](walk, step)
                    await check(walk, before)
                    await check_day(books, STARTED + timedelta(step.second % 90))
            except AssertionError as wrong:
                return f"{step.name}: {wrong}"
            if walk.accepted < accepted:
                return f"only {walk.accepted} writes were accepted"
    finally:
        await running.stop()
    return None


async def shortened(steps: Sequence[Step], failed: str) -> tuple[Sequence[Step], str]:
    """Fewer steps that still go wrong, as few as can be found in a while."""
    until = time.monotonic() + SHRINKING_SECONDS
    place = len(steps)
    while place > 0 and time.monotonic() < until:
        place -= 1
        fewer = [*steps[:place], *steps[place + 1 :]]
        still = await failure(fewer)
        if still is not None:
            steps, failed = fewer, still
            place = min(place, len(steps))
    return steps, failed


def same(theirs: object, ours: object, what: str) -> None:
    """Two figures that have to be one."""
    assert theirs == ours, f"{what}: {theirs}, and by another way {ours}"


async def accounts_of(books: QuickBooks) -> dict[str, Json]:
    found = await books.query("select * from Account maxresults 1000")
    return {row["Id"]: row for row in found}


async def check(walk: Walk, before: dict[str, Json]) -> None:
    """Every equation, and every balance against the model."""
    books = walk.books
    accounts = await accounts_of(books)
    sheet = await books.report("BalanceSheet", **FOREVER)
    await _check_reports(walk, sheet)
    await _check_parties(walk, accounts)
    await _check_documents(walk)
    for number, row in accounts.items():
        if row["Classification"] in {"Asset", "Liability"}:
            sign = 1 if row["Classification"] == "Asset" else -1
            moved = held(row) - held(before[number])
            same(moved, sign * walk.model.balance([number]), row["Name"])
            same(cell(sheet, number), held(row), row["Name"])


async def check_day(books: QuickBooks, day: date) -> None:
    """The reports agree with each other on any day, accrual and cash."""
    end = str(day)
    for method in ("Accrual", "Cash"):
        period = {"start_date": "2026-01-01", "end_date": end}
        sheet = await books.report("BalanceSheet", accounting_method=method, **period)
        profit = await books.report("ProfitAndLoss", accounting_method=method, **period)
        assets = total(sheet, "TotalAssets")
        same(assets, total(sheet, "TotalLiabilitiesAndEquity"), f"{method} {end}")
        earned = total(profit, "NetIncome")
        same(earned, _kept(sheet), f"{method} profit until {end}")
        if method == "Accrual":
            aging = await books.report("AgedReceivables", report_date=end)
            same(total(aging, "GrandTotal"), total(sheet, "AR"), f"aging {end}")
            aging = await books.report("AgedPayables", report_date=end)
            same(total(aging, "GrandTotal"), total(sheet, "AP"), f"aging {end}")


def _kept(sheet: Json) -> Decimal:
    """Retained earnings and net income of a balance sheet."""
    names = {"Net Income", "Retained Earnings"}
    leaves = [row["ColData"] for row in rows(sheet["Rows"]) if "ColData" in row]
    values = [cells[-1]["value"] for cells in leaves if cells[0]["value"] in names]
    return sum((Decimal(value or 0) for value in values), Decimal(0))


async def _check_reports(walk: Walk, sheet: Json) -> None:
    books = walk.books
    trial = await books.report("TrialBalance", **FOREVER)
    sums = next(row for row in trial["Rows"]["Row"] if row.get("group") == "GrandTotal")
    left, right = (one["value"] for one in sums["Summary"]["ColData"][1:])
    same(left, right, "the trial balance")
    assets = total(sheet, "TotalAssets")
    same(assets, total(sheet, "TotalLiabilitiesAndEquity"), "the balance sheet")
    earned = total(await books.report("ProfitAndLoss", **FOREVER), "NetIncome")
    same(earned, _kept(sheet), "net income and retained earnings")
    mine = walk.model.balance([walk.account(name) for name in EARNINGS])
    same(earned, -mine, "the profit")


async def _check_parties(walk: Walk, accounts: dict[str, Json]) -> None:
    books, model = walk.books, walk.model
    for entity, control, report, parties in (
        ("Customer", RECEIVABLE, "AgedReceivables", walk.customers),
        ("Vendor", PAYABLE, "AgedPayables", walk.vendors),
    ):
        found = await books.query(f"select * from {entity} maxresults 1000")
        aging = await books.report(report, report_date="2027-12-31")
        owed = held(accounts[walk.account(control)])
        same(total(aging, "GrandTotal"), owed, report)
        same(sum(row["Balance"] for row in found), owed, f"all of {entity}")
        for row in found:
            if row["Id"] in parties:
                mine = model.owes(row["Id"])
                same(row["Balance"], mine, row["DisplayName"])
                same(cell(aging, row["Id"]), mine, f"{report} {row['DisplayName']}")


async def _check_documents(walk: Walk) -> None:
    """What is open of each, and that nothing else is there."""
    model = walk.model
    for kind, member in (
        ("Invoice", "Balance"),
        ("CreditMemo", "RemainingCredit"),
        ("Payment", "UnappliedAmt"),
        ("Bill", "Balance"),
        ("VendorCredit", "Balance"),
    ):
        found = await walk.books.query(f"select * from {kind} maxresults 1000")
        left = {row["Id"]: row[member] for row in found}
        same(left, {one.id: model.open(one) for one in model.of(kind)}, kind)
