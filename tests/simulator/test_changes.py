"""Change-data-capture."""

from typing import Any

import pytest

from tests.simulator.client import QuickBooks, fault

SINCE = "2026-11-20T12:00:00-08:00"


async def changed(books: QuickBooks, entities: str, since: str = SINCE) -> list[Any]:
    answer = await books.get("cdc", entities=entities, changedSince=since)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["CDCResponse"][0]["QueryResponse"]
    return found


async def test_each_entity_asked_for_has_its_place(books: QuickBooks) -> None:
    invoice = await books.invoice()

    customers, invoices, payments = await changed(books, "Customer,Invoice,Payment")

    assert customers == payments == {}
    assert [row["Id"] for row in invoices["Invoice"]] == [invoice["Id"]]
    assert invoices["maxResults"] == 1


async def test_a_deleted_record_is_a_stub(books: QuickBooks) -> None:
    invoice = await books.invoice()
    await books.post("invoice", invoice, operation="delete")

    (invoices,) = await changed(books, "invoice")

    (stub,) = invoices["Invoice"]
    assert set(stub) == {"domain", "status", "Id", "MetaData"}
    assert stub["status"] == "Deleted"
    assert set(stub["MetaData"]) == {"LastUpdatedTime"}


async def test_a_payment_brings_its_invoice_along(books: QuickBooks) -> None:
    invoice = await books.invoice()
    await books.http.post("/_simulator/clock", json={"advance_seconds": 3_600})
    payment = await books.pay(invoice, "10")

    invoices, payments = await changed(
        books, "Invoice,Payment", "2026-11-20T12:30:00-08:00"
    )

    assert invoices["Invoice"][0]["SyncToken"] == "1"
    assert payments["Payment"][0]["Id"] == payment["Id"]


async def test_a_name_made_inactive_comes_whole(books: QuickBooks) -> None:
    made = await books.make("Customer", {"DisplayName": "Gone"})
    off = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    await books.make("Customer", off)

    (customers,) = await changed(books, "Customer")

    assert customers["Customer"][0]["Active"] is False


async def test_what_was_deleted_stands_behind_what_is_there(books: QuickBooks) -> None:
    gone = await books.make("Attachable", {"Note": "before"})
    await books.post("attachable", gone, operation="delete")
    await books.http.post("/_simulator/clock", json={"advance_seconds": 60})
    new = await books.make("Attachable", {"Note": "after"})

    (attached,) = await changed(books, "Attachable")

    assert [row["Id"] for row in attached["Attachable"]] == [new["Id"], gone["Id"]]


async def test_what_is_too_old_or_unknown_is_refused(books: QuickBooks) -> None:
    old = await books.get("cdc", entities="Invoice", changedSince="2026-10-01")
    unknown = await books.get("cdc", entities="Nonsense", changedSince=SINCE)
    rates = await books.get("cdc", entities="TaxCode", changedSince=SINCE)
    hours = await books.get("cdc", entities="TimeActivity", changedSince=SINCE)
    never = await books.get("cdc", entities="Invoice", changedSince="soon")
    nothing = await books.get("cdc", changedSince=SINCE)

    refused = (old, unknown, rates, hours)
    assert {fault(one)[0] for one in refused} == {"500"}
    assert "older than fixed days" in fault(old)[1]
    assert fault(never)[0] == "2060"
    assert fault(nothing)[0] == "2020"


async def test_the_answers_time_is_the_next_cursor(books: QuickBooks) -> None:
    answer = await books.get("cdc", entities="Invoice", changedSince=SINCE)
    invoice = await books.invoice()

    (invoices,) = await changed(books, "Invoice", answer.json()["time"])

    assert invoices["Invoice"][0]["Id"] == invoice["Id"]


@pytest.mark.parametrize(
    "since",
    [
        "2026-11-20",
        "2026-11-20T11:59:59",
        "2026-11-20T11:59:59.999",
        "2026-11-20T19:59:59Z",
        "2026-11-20T19:59:59.123Z",
        "2026-11-20T11:59:59-08:00",
        "2026-11-20T11:59:59-0800",
        "2026-11-20T20:59:59 01:00",
    ],
)
async def test_moments_are_read_in_any_form(books: QuickBooks, since: str) -> None:
    invoice = await books.invoice()

    (invoices,) = await changed(books, "Invoice", since)

    assert [row["Id"] for row in invoices["Invoice"]] == [invoice["Id"]]


async def test_a_moment_is_needed_and_asking_is_a_get(books: QuickBooks) -> None:
    without = await books.get("cdc", entities="Invoice")
    posted = await books.post("cdc", {}, entities="Invoice", changedSince=SINCE)

    assert fault(without)[0] == "2020"
    assert posted.status_code == 404


async def test_attachments_are_told_of_and_their_files_links_too(
    books: QuickBooks,
) -> None:
    files = {"file_content_01": ("a.txt", b"text", "text/plain")}
    await books.http.post(f"{books.base}/upload", files=files)
    note = await books.make("Attachable", {"Note": "CDC", "Tag": "Testing"})
    await books.post("attachable", note, operation="delete")

    (attached,) = await changed(books, "Attachable")

    file, stub = attached["Attachable"]
    assert file["TempDownloadUri"].startswith(str(books.http.base_url))
    assert (stub["Id"], stub["status"]) == (note["Id"], "Deleted")


async def test_the_deleted_of_several_kinds_are_kept_apart(
    books: QuickBooks,
) -> None:
    invoice = await books.invoice()
    payment = await books.pay(invoice, "10")
    await books.post("payment", payment, operation="delete")
    invoice = await books.read("Invoice", invoice["Id"])
    await books.post("invoice", invoice, operation="delete")

    invoices, payments, bills = await changed(books, "Invoice,Payment,Bill")

    assert [row["Id"] for row in invoices["Invoice"]] == [invoice["Id"]]
    assert [row["Id"] for row in payments["Payment"]] == [payment["Id"]]
    assert bills == {}


async def test_there_are_at_most_a_thousand_and_no_second_page(
    books: QuickBooks,
) -> None:
    notes = [{"Attachable": {"Note": "one of many"}} for _ in range(30)]
    for _ in range(34):
        await books.post("batch", {"BatchItemRequest": notes})
    await books.invoice()

    attached, invoices = await changed(books, "Attachable,Invoice")

    assert attached["maxResults"] == len(attached["Attachable"]) == 1_000
    assert invoices == {}
