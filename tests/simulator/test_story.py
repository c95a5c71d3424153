"""The companies' stories: two years of business in every state an invoice can have."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """The American company with its story; these tests only read."""
    options = Options(port=0, today=date(2026, 11, 20), tokens=(TOKEN,))
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as client:
        yield client
    await running.stop()


async def test_two_years_of_business_are_there(books: QuickBooks) -> None:
    assert await books.count("Invoice") >= 600
    assert await books.count("Bill") >= 350
    assert await books.count("Purchase") >= 500
    assert await books.count("Payment") >= 400
    assert 4 <= await books.count("CreditMemo") <= 40
    earliest = await books.query("select * from Invoice orderby TxnDate maxresults 1")
    latest = await books.query(
        "select * from Invoice orderby TxnDate desc maxresults 1"
    )
    assert earliest[0]["TxnDate"] < "2024-12-01"
    assert "2026-11-12" < latest[0]["TxnDate"] <= "2026-11-20"


async def test_invoices_are_in_every_state(books: QuickBooks) -> None:
    rows = await books.query("select * from Invoice maxresults 1000")
    today = "2026-11-20"

    voided = [row for row in rows if row.get("PrivateNote") == "Voided"]
    alive = [row for row in rows if row["TotalAmt"] > 0]
    paid = [row for row in alive if row["Balance"] == 0]
    part = [row for row in alive if 0 < row["Balance"] < row["TotalAmt"]]
    overdue = [row for row in alive if row["Balance"] > 0 and row["DueDate"] < today]
    open_ = [row for row in alive if row["Balance"] > 0 and row["DueDate"] >= today]
    unsent = [row for row in alive if row["EmailStatus"] == "NotSet"]

    assert len(voided) >= 5
    assert len(paid) >= 500
    assert len(part) >= 2
    assert len(overdue) >= 15
    assert len(open_) >= 12
    assert len(unsent) >= 10
    assert any(row["Balance"] > 0 for row in unsent)


async def test_every_bucket_of_the_aging_has_something(books: QuickBooks) -> None:
    report = await books.report("AgedReceivables")

    last = report["Rows"]["Row"][-1]["Summary"]["ColData"][1:]
    assert all(Decimal(cell["value"]) > 0 for cell in last)


async def test_receivables_are_about_a_tenth_of_the_years_sales(
    books: QuickBooks,
) -> None:
    year = await books.query(
        "select * from Invoice where TxnDate > '2025-11-20' maxresults 1000"
    )
    everything = await books.query("select * from Invoice maxresults 1000")

    sales = sum(row["TotalAmt"] for row in year)
    owed = sum(row["Balance"] for row in everything)
    assert Decimal("0.07") < owed / sales < Decimal("0.13")


async def test_the_bank_was_never_overdrawn(books: QuickBooks) -> None:
    months = await books.report(
        "BalanceSheet",
        start_date="2024-11-20",
        end_date="2026-11-20",
        summarize_column_by="Month",
    )

    text = str(months)
    assert "Business Checking" in text
    row = next(
        row for row in walk(months["Rows"]) if name_of(row) == "Business Checking"
    )
    assert all(Decimal(cell["value"]) > 0 for cell in row["ColData"][1:])


def walk(part: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for row in part.get("Row", []):
        found.append(row)
        found += walk(row.get("Rows", {}))
    return found


def name_of(row: dict[str, Any]) -> str:
    return str(row.get("ColData", [{}])[0].get("value", ""))


async def test_well_known_numbers_exist(books: QuickBooks) -> None:
    invoice = await books.one("select * from Invoice where DocNumber = '1042'")
    bill = await books.one("select * from Bill where DocNumber = '8841'")

    assert invoice["TotalAmt"] >= 0
    assert bill["TotalAmt"] > 0


async def test_every_customer_has_invoices(books: QuickBooks) -> None:
    rows = await books.query("select * from Invoice maxresults 1000")
    billed = {row["CustomerRef"]["value"] for row in rows}
    everyone = "select * from Customer where Active in (true, false)"

    assert {row["Id"] for row in await books.query(everyone)} <= billed


async def test_the_last_year_is_closed(books: QuickBooks) -> None:
    prefs = (await books.get("preferences")).json()["Preferences"]

    assert prefs["AccountingInfoPrefs"]["BookCloseDate"] == "2025-12-31"


async def test_nothing_happened_in_the_future(books: QuickBooks) -> None:
    clock = (await books.http.get("/_simulator/clock")).json()["now"]
    where = f"where MetaData.LastUpdatedTime > '{clock}'"

    for entity in ("Invoice", "Payment", "Bill", "Purchase"):
        assert await books.count(entity, where) == 0


async def test_a_thousand_rows_come_quickly(books: QuickBooks) -> None:
    statement = "select * from Purchase maxresults 1000"
    await books.query(statement)

    answer = await books.get("query", query=statement)

    assert answer.elapsed.total_seconds() < 0.5


async def test_the_same_seed_and_day_tell_the_same_story() -> None:
    pages = []
    for _ in range(2):
        options = Options(port=0, today=date(2026, 3, 31), tokens=(TOKEN,))
        running = await start(options)
        async with QuickBooks(running.url, "9130350000000001") as client:
            answer = await client.get(
                "query", query="select * from Payment maxresults 1000"
            )
        await running.stop()
        pages.append(answer.json()["QueryResponse"])

    assert pages[0] == pages[1]


async def test_the_british_company_has_a_story_too() -> None:
    options = Options(
        port=0,
        today=date(2026, 11, 20),
        companies=("pennine-uk",),
        tokens=(TOKEN,),
    )
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000002") as client:
        count = await client.count("Invoice")
        euro = await client.query("select * from Account where Name like '%EUR%'")
        sheet = await client.report("BalanceSheet")
    await running.stop()

    assert count > 200
    assert len(euro) == 2
    assert sheet["Header"]["Currency"] == "GBP"
    assert sheet["Header"]["StartPeriod"] == "2026-04-01"
