"""Batches: up to thirty writes and queries at once."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import TOKEN, Json, QuickBooks, fault, loads, sales_line
from tests.simulator.conftest import TODAY

pytestmark = pytest.mark.asyncio(loop_scope="module")
REALM = "9130350000000001"
SINCE = "2026-11-20T00:00:00-08:00"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[Running]:
    running = await start(Options(port=0, today=TODAY, invoices=0, tokens=(TOKEN,)))
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def books(simulator: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(simulator.url, REALM) as client:
        yield client


async def post(books: QuickBooks, *items: Any, **params: str) -> httpx.Response:
    return await books.post("batch", {"BatchItemRequest": list(items)}, **params)


async def batch(books: QuickBooks, *items: Any, **params: str) -> list[Json]:
    """The answers of a batch that is let in."""
    answer = await post(books, *items, **params)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"BatchItemResponse", "time"}
    rows: list[Json] = loads(answer.text)["BatchItemResponse"]
    return rows


def create(number: str, entity: str, body: Json, **more: Any) -> Json:
    return {"bId": number, "operation": "create", entity: body, **more}


def code(row: Json) -> str:
    return str(row["Fault"]["Error"][0]["code"])


async def test_answers_come_in_order_with_faults_beside_successes(
    books: QuickBooks,
) -> None:
    rows = await batch(
        books,
        create("v1", "Vendor", {"DisplayName": "Davis"}),
        create("v2", "Vendor", {"DisplayName": "Davis"}),
        {"bId": "q", "Query": "select * from Vendor where DisplayName = 'Davis'"},
        create("c", "Customer", {"DisplayName": "Davis & Co"}),
    )

    made, twice, found, other = rows
    assert [row["bId"] for row in rows] == ["v1", "v2", "q", "c"]
    assert made["Vendor"]["DisplayName"] == "Davis"
    assert code(twice) == "6240"
    assert set(twice) == {"bId", "Fault"}
    assert found["QueryResponse"]["Vendor"] == [made["Vendor"]]
    assert found["QueryResponse"]["maxResults"] == 1
    assert other["Customer"]["SyncToken"] == "0"
    assert await books.read("Customer", other["Customer"]["Id"]) == other["Customer"]


async def test_items_may_do_without_number_and_operation(books: QuickBooks) -> None:
    items = [
        {"Attachable": {"Note": f"Note {place}", "Tag": "Batch"}} for place in range(25)
    ]

    rows = await batch(books, *items)

    assert [row["Attachable"]["Note"] for row in rows] == [
        f"Note {place}" for place in range(25)
    ]
    assert all(set(row) == {"Attachable"} for row in rows)


async def test_update_delete_and_both_voids(books: QuickBooks) -> None:
    first, second, third = [await books.invoice(amount="100") for _ in range(3)]
    payment = await books.pay(third, "40")
    key = {name: payment[name] for name in ("Id", "SyncToken")}

    rows = await batch(
        books,
        {
            "bId": "1",
            "operation": "update",
            "Invoice": {
                "Id": first["Id"],
                "SyncToken": "0",
                "sparse": True,
                "PrivateNote": "changed",
            },
        },
        {"bId": "2", "operation": "delete", "Invoice": second},
        {
            "bId": "3",
            "operation": "update",
            "optionsData": "void",
            "Payment": {**key, "sparse": True},
        },
        {"bId": "4", "operation": "delete", "Invoice": second},
        {"bId": "5", "operation": "update", "Invoice": {"PrivateNote": "which?"}},
    )

    changed, gone, voided, again, vague = rows
    assert changed["Invoice"]["PrivateNote"] == "changed"
    assert gone["Invoice"] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": second["Id"],
    }
    assert voided["Payment"]["TotalAmt"] == 0
    assert (await books.read("Invoice", third["Id"]))["Balance"] == 100
    assert (code(again), code(vague)) == ("610", "2020")


async def test_a_create_ignores_an_id(books: QuickBooks) -> None:
    (row,) = await batch(
        books, create("1", "Customer", {"Id": "1", "DisplayName": "Ignoring"})
    )

    assert row["Customer"]["Id"] != "1"


async def test_a_template_is_updated_by_the_id_inside_it(books: QuickBooks) -> None:
    invoice = await books.invoice()
    kept = {name: invoice[name] for name in ("CustomerRef", "Line")}
    info = {"Name": "Often", "RecurType": "Reminded", "Active": True}
    template = {"Invoice": {**kept, "RecurringInfo": info}}

    (made,) = await batch(books, create("1", "RecurringTransaction", template))
    old = made["RecurringTransaction"]
    (changed,) = await batch(
        books, {"bId": "2", "operation": "update", "RecurringTransaction": old}
    )

    assert changed["RecurringTransaction"]["Invoice"]["SyncToken"] == "1"


async def test_what_makes_no_sense_is_its_items_own_fault(books: QuickBooks) -> None:
    count = await books.count("Customer")

    rows = await batch(
        books,
        {"bId": "1"},
        {"bId": "2", "Customer": {}, "Vendor": {}},
        {"bId": "3", "Nonsense": {}},
        {"bId": "4", "Customer": "text"},
        {"bId": "5", "Query": "select * from Nonsense"},
        {"bId": "6", "Query": "select"},
        {"bId": "7", "operation": "merge", "Customer": {}},
        {"bId": "8", "operation": "void", "Bill": {"Id": "1", "SyncToken": "0"}},
        {"bId": "9", "ReportQuery": "ProfitAndLoss"},
        create("10", "Customer", {"DisplayName": "Sensible"}),
    )

    codes = [code(row) for row in rows[:-1]]
    assert codes == [
        *("2010", "2010", "2010", "2010", "4001", "4000", "500", "10000", "500"),
    ]
    assert rows[-1]["Customer"]["DisplayName"] == "Sensible"
    assert await books.count("Customer") == count + 1


async def test_changes_can_be_asked_for_in_a_batch(books: QuickBooks) -> None:
    vendor = await books.make("Vendor", {"DisplayName": "Changing"})
    wish = {"Entities": "Vendor,Bill", "ChangedSince": SINCE}

    (row, late) = await batch(
        books,
        {"bId": "1", "CDCQuery": wish},
        {"bId": "2", "CDCQuery": {**wish, "ChangedSince": "2020-01-01"}},
    )

    vendors, bills = row["CDCResponse"][0]["QueryResponse"]
    assert vendor["Id"] in [one["Id"] for one in vendors["Vendor"]]
    assert bills == {}
    assert code(late) == "500"


async def test_more_than_thirty_or_none_are_refused(books: QuickBooks) -> None:
    item = {"bId": "1", "Query": "select * from Term"}
    many = await post(books, *[item] * 31)
    thirty = await post(books, *[item] * 30)
    none = await post(books)
    nothing = await books.post("batch", {})
    strange = await books.post("batch", {"BatchItemRequest": "all"})
    words = await books.post("batch", {"BatchItemRequest": ["all"]})
    no_json = await books.http.post(f"{books.base}/batch", content=b"[")

    assert fault(many)[0] == "1040"
    assert thirty.status_code == 200
    assert fault(none) == fault(nothing) == ("400", "Batch Request is Empty")
    assert [fault(one)[0] for one in (strange, words, no_json)] == ["2010"] * 3


async def test_a_request_id_and_a_bid_name_an_item(books: QuickBooks) -> None:
    async def customers() -> int:
        return await books.count("Customer")

    before = await customers()
    items = [create(f"b{place}", "Customer", _named(place)) for place in range(3)]
    first = await batch(books, *items, requestid="batch-1")
    again = await batch(books, *items, requestid="batch-1")
    more = create("b9", "Customer", _named(9))
    mixed = await batch(books, more, items[0], requestid="batch-1")
    other = await batch(books, items[0], requestid="batch-2")

    assert again == first
    assert mixed[1] == first[0]
    assert mixed[0]["Customer"]["DisplayName"] == "Numbered 9"
    assert code(other[0]) == "6240"
    assert await customers() == before + 4


async def test_what_was_refused_is_tried_again(books: QuickBooks) -> None:
    item = create("b1", "Customer", {"DisplayName": "Taken at first"})
    vendor = await books.make("Vendor", {"DisplayName": "Taken at first"})
    (refused,) = await batch(books, item, requestid="batch-3")
    await books.make("Vendor", {**vendor, "DisplayName": "Free now"})
    (made,) = await batch(books, item, requestid="batch-3")

    assert code(refused) == "6240"
    assert made["Customer"]["DisplayName"] == "Taken at first"


async def test_a_batch_is_kept_with_its_request_id(tmp_path: Path) -> None:
    options = Options(
        port=0, today=TODAY, invoices=0, tokens=(TOKEN,), data=tmp_path / "kept"
    )
    items = [create(f"b{place}", "Vendor", _named(place)) for place in range(3)]
    running = await start(options)
    async with QuickBooks(running.url, REALM) as books:
        made = await batch(books, *items, requestid="kept-1")
    await running.stop()

    running = await start(options)
    async with QuickBooks(running.url, REALM) as books:
        count = await books.count("Vendor", "where DisplayName like 'Numbered%'")
        again = await batch(books, *items, requestid="kept-1")
        after = await books.count("Vendor", "where DisplayName like 'Numbered%'")
    await running.stop()

    assert again == made
    assert (count, after) == (3, 3)


async def test_long_numbers_are_refused_with_a_request_id(books: QuickBooks) -> None:
    item = create("x" * 36, "Customer", {"DisplayName": "Long"})

    (plain,) = await batch(books, item)
    (long,) = await batch(books, item, requestid="batch-4")
    longer = await post(books, item, requestid="x" * 37)

    assert plain["bId"] == "x" * 36
    assert code(long) == fault(longer)[0] == "2050"


async def test_a_number_used_twice_is_only_warned_of_where_asked(
    books: QuickBooks,
) -> None:
    await books.switch(duplicate_doc_numbers="refuse")
    invoice = await books.invoice()
    line = sales_line(await books.id("Item", "Consulting"), "10")
    body = {
        "CustomerRef": invoice["CustomerRef"],
        "DocNumber": invoice["DocNumber"],
        "Line": [line],
    }

    refused, made = await batch(
        books,
        create("1", "Invoice", body),
        create("2", "Invoice", body, optionsData="allowduplicatedocnum"),
    )
    await books.switch(duplicate_doc_numbers="preference")

    assert code(refused) == "6140"
    assert made["Invoice"]["DocNumber"] == invoice["DocNumber"]


async def test_a_token_is_needed_and_looked_at_first(simulator: Running) -> None:
    async with QuickBooks(simulator.url, REALM, "wrong-token-wrong-token") as stranger:
        answer = await stranger.post("batch", {})

    assert answer.status_code == 401


CONNECTOR = (
    *("Account", "BillPayment", "Bill", "Class", "CreditMemo", "Customer", "Invoice"),
    *("Item", "JournalEntry", "PaymentMethod", "Payment", "Purchase", "TaxAgency"),
    *("TaxCode", "TaxRate", "Term", "Transfer", "Vendor", "Attachable"),
)


def page(entity: str, first: int, size: int) -> Json:
    active = "" if entity not in _LISTS else " AND Active IN (true, false)"
    statement = (
        f"SELECT * FROM {entity} WHERE Metadata.LastUpdatedTime >="
        f" '1990-01-01T00:00:00Z'{active} ORDER BY Metadata.LastUpdatedTime ASC"
        f" STARTPOSITION {first} MAXRESULTS {size}"
    )
    return {"bId": entity, "Query": statement}


async def test_a_connector_reads_everything_by_pages(books: QuickBooks) -> None:
    async def all_ids(size: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {name: [] for name in CONNECTOR}
        pending, first = set(CONNECTOR), 1
        while pending:
            items = [page(name, first, size) for name in CONNECTOR if name in pending]
            for row in await batch(books, *items):
                response, name = row["QueryResponse"], row["bId"]
                if "maxResults" not in response:
                    assert response == {}
                    pending.discard(name)
                    continue
                for one in response[name]:
                    assert one["MetaData"]["LastUpdatedTime"]
                found[name] += [one["Id"] for one in response[name]]
            first += size
        return found

    began = time.monotonic()
    small, large = await all_ids(7), await all_ids(1_000)

    assert small == large
    for name, numbers in large.items():
        assert len(numbers) == len(set(numbers)), name
    assert time.monotonic() - began < 5


_LISTS = frozenset(
    {
        *("Account", "Class", "Customer", "Item", "PaymentMethod", "TaxCode"),
        *("TaxRate", "Term", "Vendor"),
    }
)


def _named(place: int) -> Json:
    return {"DisplayName": f"Numbered {place}"}
