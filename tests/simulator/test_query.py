"""The query language, over a hundred customers and invoices made for it."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, fault

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """The American company with its story; these tests only read."""
    options = Options(port=0, today=date(2026, 11, 20), tokens=(TOKEN,))
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as client:
        yield client
    await running.stop()


async def ids(books: QuickBooks, statement: str) -> list[str]:
    return [row["Id"] for row in await books.query(statement)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from Customer where DisplayName = 'Acme West'",
        "SELECT * FROM customer WHERE displayname = 'ACME WEST'",
        "select  *  from Customer where DisplayName='acme west'  ",
        "select *, Notes from Customer where DisplayName like '%me wes%'",
        "select DisplayName, Id from Customer where DisplayName like 'Acme W%'",
        "select * from Customer where DisplayName in ('Acme West', 'Nobody')",
        "select * from Customer where Job = true and Active = true",
        "select * from Customer where Job = 'true'",
        "select * from Customer where FullyQualifiedName like '%:Acme West'",
        "select * from Customer where PrimaryEmailAddr = 'west@acme.example'",
        "select * from Customer where PrimaryEmailAddr.Address like 'west@%'",
        "select * from Customer where DisplayName = 'Acme West';",
        "select * from Customer where DisplayName > 'acme v' and DisplayName < 'ad'",
    ],
)
async def test_one_customer_is_found_in_many_spellings(
    books: QuickBooks, statement: str
) -> None:
    assert [row["DisplayName"] for row in await books.query(statement)] == ["Acme West"]


@pytest.mark.parametrize(
    "name", ["O'Connor & Sons", "Müller Gärten", "Overdue Books Café", "Smith, Jane"]
)
async def test_names_with_traps_are_found(books: QuickBooks, name: str) -> None:
    assert await books.id("Customer", name)


async def test_a_statement_may_be_posted(books: QuickBooks) -> None:
    answer = await books.http.post(
        f"{books.base}/query",
        content="select count(*) from Invoice",
        headers={"Content-Type": "application/text"},
    )

    assert answer.json()["QueryResponse"] == {
        "totalCount": await books.count("Invoice")
    }


async def test_a_page_tells_where_it_starts_and_how_many_it_has(
    books: QuickBooks,
) -> None:
    statement = "select * from Invoice startposition 11 maxresults 7"
    answer = await books.get("query", query=statement)
    nothing = await books.get("query", query="select * from Invoice where Id = '1'")

    response = answer.json()["QueryResponse"]
    assert set(response) == {"Invoice", "startPosition", "maxResults"}
    assert (response["startPosition"], response["maxResults"]) == (11, 7)
    assert nothing.json()["QueryResponse"] == {}


async def test_pages_of_seven_and_of_a_thousand_have_the_same_rows(
    books: QuickBooks,
) -> None:
    whole = await ids(books, "select * from Bill orderby Id maxresults 1000")
    parts: list[str] = []
    while True:
        start = len(parts) + 1
        page = await ids(
            books, f"select * from Bill orderby Id startposition {start} maxresults 7"
        )
        parts += page
        if len(page) < 7:
            break

    assert parts == whole
    assert len(whole) == len(set(whole)) == await books.count("Bill")
    assert whole == sorted(whole, key=int)


async def test_a_hundred_rows_are_the_default_and_a_thousand_the_most(
    books: QuickBooks,
) -> None:
    usual = await books.query("select * from Invoice")
    most = await books.query("select * from Invoice maxresults 5000")
    await books.switch(over_the_cap="fault")
    refused = await books.get("query", query="select * from Invoice maxresults 1001")
    await books.switch(over_the_cap="cap")

    assert len(usual) == 100
    assert len(most) == min(1000, await books.count("Invoice"))
    assert fault(refused)[0] == "4001"


async def test_filters_agree_with_filtering_by_hand(books: QuickBooks) -> None:
    rows = await books.query("select * from Invoice maxresults 1000")
    day = "2026-06-30"

    def by_hand(test: Any) -> set[str]:
        return {row["Id"] for row in rows if test(row)}

    cases = {
        "Balance > '0'": lambda row: row["Balance"] > 0,
        "Balance = 0": lambda row: row["Balance"] == 0,
        "TotalAmt >= 1500.5": lambda row: row["TotalAmt"] >= Decimal("1500.5"),
        f"DueDate < '{day}'": lambda row: row["DueDate"] < day,
        f"TxnDate = '{day}'": lambda row: row["TxnDate"] == day,
        "CustomerRef = '14'": lambda row: row["CustomerRef"]["value"] == "14",
        "CustomerRef in ('14','3')": lambda row: (
            row["CustomerRef"]["value"] in {"14", "3"}
        ),
        "EmailStatus != 'EmailSent'": lambda row: row["EmailStatus"] != "EmailSent",
        "DocNumber like '10%' and Balance = 0": lambda row: (
            row["DocNumber"].startswith("10") and row["Balance"] == 0
        ),
    }
    for where, test in cases.items():
        found = await ids(books, f"select * from Invoice where {where} maxresults 1000")
        assert set(found) == by_hand(test), where
        assert await books.count("Invoice", f"where {where}") == len(found)


async def test_times_are_compared_as_instants(books: QuickBooks) -> None:
    invoice = await books.one("select * from Invoice where DocNumber = '1042'")
    created = invoice["MetaData"]["CreateTime"]
    where = "DocNumber = '1042' and MetaData.CreateTime"

    assert await ids(books, f"select * from Invoice where {where} = '{created}'")
    assert await ids(books, f"select * from Invoice where {where} >= '{created}'")
    assert not await ids(books, f"select * from Invoice where {where} > '{created}'")
    assert not await books.query(
        "select * from Invoice where Metadata.LastUpdatedTime > '2046-01-01T00:00:00Z'"
    )
    assert await books.count(
        "Invoice", "where metadata.lastupdatedtime > '2012-01-08T00:00:00.000Z'"
    ) == await books.count("Invoice")


async def test_rows_come_in_the_order_asked_for(books: QuickBooks) -> None:
    rows = await books.query(
        "select * from Invoice order by TxnDate desc, DocNumber asc maxresults 200"
    )

    keys = [(row["TxnDate"], row["DocNumber"]) for row in rows]
    assert keys == sorted(sorted(keys, key=lambda one: one[1]), reverse=True, key=first)


def first(pair: tuple[str, str]) -> str:
    return pair[0]


async def test_lists_come_by_name_and_without_the_inactive(books: QuickBooks) -> None:
    names = [row["DisplayName"] for row in await books.query("select * from Customer")]
    everyone = "select * from Customer where Active in (true, false)"
    gone = await books.query("select * from Customer where Active = false")

    assert "Old Mill Bakery (deleted)" not in names
    assert [row["DisplayName"] for row in gone] == ["Old Mill Bakery (deleted)"]
    assert len(await books.query(everyone)) == len(names) + 1


async def test_the_pseudo_tax_codes_come_beside_the_first_page(
    books: QuickBooks,
) -> None:
    page = await ids(books, "select * from TaxCode startposition 1 maxresults 1")
    beyond = await ids(books, "select * from TaxCode startposition 2 maxresults 1")

    assert page == ["TAX", "NON", "CustomSalesTax", "2"]
    assert beyond == []


@pytest.mark.parametrize(
    ("statement", "code", "word"),
    [
        ("", "4000", "EOF"),
        ("select", "4000", "EOF"),
        ("select * from Invoice where", "4000", "EOF"),
        ("select * from Invoice where TxnDate = [object Object]", "4000", "Lexical"),
        (
            "select * from Customer where DisplayName = 'O''Brien'",
            "4000",
            "Encountered",
        ),
        ("select * from Customer where DisplayName = Anna", "4000", "Anna"),
        ("select * from Customer where Id = '1' or Id = '2'", "4000", "<OR>"),
        ("select * from Customer where (Id = '1')", "4000", "Encountered"),
        ("select * from Customer maxresults many", "4000", "many"),
        ("select * from Nonsense", "4001", "Nonsense"),
        ("select Colour from Customer", "4001", "Property Colour not found"),
        ("select * from Customer where Colour = 'red'", "4001", "for Entity Customer"),
        ("select * from Invoice where PrivateNote = 'x'", "4001", "not queryable"),
        ("select * from Invoice orderby PrivateNote", "4001", "not sortable"),
        ("select * from Payment where DocNumber = '1'", "4001", "DocNumber not found"),
        ("select * from Invoice where Id > '5'", "4001", "Id"),
        ("select * from Invoice where Id = 'not-a-number'", "4001", "not-a-number"),
        ("select * from Invoice where Balance > 'much'", "4001", "much"),
        ("select * from Invoice where TxnDate > 'soon'", "4001", "soon"),
        ("select * from Invoice startposition 0", "4001", "value 0 is too small"),
    ],
)
async def test_what_cannot_be_answered_has_its_fault(
    books: QuickBooks, statement: str, code: str, word: str
) -> None:
    answer = await books.get("query", query=statement)

    assert fault(answer)[0] == code
    assert word in fault(answer)[1]


async def test_a_parse_fault_names_line_and_column(books: QuickBooks) -> None:
    statement = "select * from Customer\nwhere DisplayName = Anna"

    detail = fault(await books.get("query", query=statement))[1]

    assert 'Encountered " <IDENTIFIER> "Anna "" at line 2, column 21.' in detail


# The story


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
