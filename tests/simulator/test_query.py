"""The query language, over a hundred customers and invoices made for it."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from qbo.simulator.entities import BY_PATH
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
        "select\n*\nfrom\tCUSTOMER\nwhere DISPLAYNAME = 'Acme West'\n",
        "Select * From customer Where displayName Like 'acme%est' And Active = True",
        "select * from Customer where DisplayName like '%cm%we%' orderby id",
        "select * from Customer where DisplayName = 'acme west' maxresults 5",
        "select * from Customer where id = '{id}' maxresults 5 startposition 1",
        "select * from Customer where id = '{id}' startposition '1' maxresults '5'",
        "select * from Customer where DisplayName = 'Acme \\West'",
        "select * from Customer where Balance <> -7 and Id in ('{id}', '{id}', '0')",
        "select * from Customer where Id = {id} and Balance >= -5.5",
        "select * from Customer where id = '{id}' and DisplayName != ''",
        "select * from Customer where DisplayName = 'Acme West' and MiddleName = ''",
        "select * from Customer where ParentRef != '' and DisplayName like 'acme w%'",
    ],
)
async def test_one_customer_is_found_in_many_spellings(
    books: QuickBooks, statement: str
) -> None:
    if "{id}" in statement:
        statement = statement.replace("{id}", await books.id("Customer", "Acme West"))

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
        ("select * from Invoice startposition -3", "4001", "value -3 is too small"),
        ("select * from Invoice maxresults 0", "4001", "value 0 is too small"),
        ("select * from Invoice where TxnDate > '2026-02-30'", "4001", "2026-02-30"),
        ("select * from Invoice where TxnDate > '2026-01-01 noon'", "4001", "noon"),
        ("select * from Invoice where DueDate = 2026-01-01", "4000", "Lexical"),
        ("select * from Invoice where MetaData.CreateTime > 'x'", "4001", "'x'"),
        ("select * from Invoice where Id in ('1', 'x')", "4001", "'x'"),
        ("select * from Invoice where Id like '1%'", "4001", "Id"),
        ("select * from Invoice where CustomerRef.name = 'x'", "4001", "not queryable"),
        ("select * from Invoice where CustomerRef.city = 'x'", "4001", "not found"),
        ("select * from Invoice where Line.Amount = 5", "4001", "not queryable"),
        ("select * from Invoice where BillAddr.City = 'x'", "4001", "not queryable"),
        ("select * from Customer where Active = 'yes'", "4001", "yes"),
        ('select * from Customer where DisplayName = "Anna"', "4000", "Lexical"),
        ("select * from Customer where DisplayName = 'Anna", "4000", "Lexical"),
        ("select * from Customer where not Active = true", "4000", "<NOT>"),
        ("select * from Customer where Balance in ()", "4000", "STRING"),
        ("select * from Customer where Balance between 1 and 2", "4000", "between"),
        ("select * from Customer orderby", "4000", "EOF"),
        ("select * from Customer order DisplayName", "4000", '"by"'),
        ("select * from Customer maxresults 5 orderby Id", "4000", "<ORDERBY>"),
        ("select from from Customer", "4000", "<FROM>"),
        ("select count(Id) from Customer", "4000", "Encountered"),
        ("select * from Customer group by Active", "4000", "group"),
        ("update Customer set Active = true", "4000", "update"),
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


async def test_every_entity_answers_in_lower_case(books: QuickBooks) -> None:
    for path, entity in BY_PATH.items():
        answer = await books.get("query", query=f"select * from {path}")
        counted = await books.count(path)

        response = answer.json()["QueryResponse"]
        assert answer.status_code == 200, answer.text
        assert set(response) in (
            set(),
            {entity.key, "startPosition", "maxResults"},
        ), path
        assert bool(response) == bool(counted)


async def test_a_long_list_of_ids_goes_by_post(books: QuickBooks) -> None:
    numbers = ",".join(f"'{number}'" for number in range(9_000))

    for kind in ("application/text", "text/plain", "text/plain; charset=utf-8"):
        answer = await books.http.post(
            f"{books.base}/query",
            content=f"select * from Purchase where Id in ({numbers}) maxresults 1000",
            headers={"Content-Type": kind},
        )
        response = answer.json()["QueryResponse"]
        assert response["maxResults"] == await books.count("Purchase")


async def test_days_may_be_compared_with_moments(books: QuickBooks) -> None:
    day = (await books.query("select * from Invoice maxresults 1"))[0]["TxnDate"]
    wanted = await books.count("Invoice", f"where TxnDate = '{day}'")

    for moment in (f"{day}T23:59:59.999-08:00", f"{day}T00:00:00Z", f"{day}T10:00:00"):
        assert await books.count("Invoice", f"where TxnDate = '{moment}'") == wanted > 0


async def test_columns_are_shown_whole_unless_the_switch_says_otherwise(
    books: QuickBooks,
) -> None:
    statement = (
        "select DisplayName, PrimaryEmailAddr.Address, MetaData.CreateTime, Balance"
        " from Customer where DisplayName = 'Acme West'"
    )
    whole = await books.one(statement)
    await books.switch(projection="honoured")
    part = await books.one(statement)
    every = await books.one(
        "select *, Balance from Customer where DisplayName = 'Acme West'"
    )
    await books.switch(projection="full")

    assert whole == every
    assert part == {
        "domain": "QBO",
        "sparse": True,
        "DisplayName": "Acme West",
        "PrimaryEmailAddr": {"Address": "west@acme.example"},
        "MetaData": {"CreateTime": whole["MetaData"]["CreateTime"]},
        "Balance": whole["Balance"],
    }


async def test_without_orderby_the_order_is_a_switch(books: QuickBooks) -> None:
    statement = "select * from {} maxresults 1000"
    accounts = await books.query(statement.format("Account"))
    invoices = await books.query(statement.format("Invoice"))
    await books.switch(default_order="id")
    by_id = [await ids(books, statement.format(one)) for one in ("Account", "Invoice")]
    await books.switch(default_order="observed")

    names = [row["FullyQualifiedName"].casefold() for row in accounts]
    assert names == sorted(names)
    keys = [(row["TxnDate"], int(row["Id"])) for row in invoices]
    assert keys == sorted(keys, reverse=True)
    for rows in by_id:
        assert rows == sorted(rows, key=int)


ORDERS = {
    "Id desc": lambda row: -int(row["Id"]),
    "DisplayName": lambda row: row["DisplayName"].casefold(),
    "CompanyName, Id": lambda row: (
        row.get("CompanyName", "").casefold(),
        int(row["Id"]),
    ),
    "CompanyName desc, DisplayName asc": lambda row: (
        [-ord(one) for one in row.get("CompanyName", "").casefold().ljust(9)],
        row["DisplayName"].casefold(),
    ),
}


async def test_orders_stay_right_while_records_come_go_and_change() -> None:
    chance = Random(7)  # noqa: S311
    options = Options(port=0, today=date(2026, 11, 20), invoices=0, tokens=(TOKEN,))
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as client:
        for step in range(60):
            rows = await client.query("select * from Customer maxresults 1000")
            one = chance.choice(rows)
            body: dict[str, Any] = {"CompanyName": chance.choice("abcABC")}
            if step % 3:
                keys = ("Id", "SyncToken")
                body |= {**{name: one[name] for name in keys}, "sparse": True}
                body["Active"] = chance.random() > 0.2
            else:
                body["DisplayName"] = f"{chance.choice('xyzXYZ')} {step}"
            await client.make("Customer", body)
            rows = await client.query("select * from Customer maxresults 1000")
            for order, key in ORDERS.items():
                found = await client.query(
                    f"select * from Customer orderby {order} maxresults 1000"
                )
                assert found == sorted(rows, key=key), order
            company = f"where CompanyName = '{chance.choice('abc')}'"
            assert await client.count("Customer", company) == sum(
                1
                for row in rows
                if row.get("CompanyName", "").casefold() == company[-2]
            )
    await running.stop()


async def test_backslashes_and_apostrophes_are_escaped_by_a_backslash() -> None:
    running = await start(Options(port=0, invoices=0, tokens=(TOKEN,)))
    async with QuickBooks(running.url, "9130350000000001") as client:
        for name in ("Back\\slash", "It's", "\\' end", "100% \\\\ 'n'", '"q" & #+ü'):
            made = await client.make("Customer", {"DisplayName": name})
            escaped = name.replace("\\", "\\\\").replace("'", "\\'")
            for test in (f"= '{escaped}'", f"like '%{escaped}'", f"in ('{escaped}')"):
                statement = f"select * from Customer where DisplayName {test}"
                assert await ids(client, statement) == [made["Id"]], statement
    await running.stop()
