"""Estimates: nothing of them is in the books until an invoice takes them up."""

from pathlib import Path
from typing import Any

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, fault, sales_line
from tests.simulator.conftest import TODAY
from tests.simulator.forms import balances, prefer, sale, version_of

Json = dict[str, Any]


async def estimate(books: QuickBooks, amount: str = "100", **more: Any) -> Json:
    line = sales_line(await books.id("Item", "Consulting"), amount)
    return await books.make("Estimate", await sale(books, line, **more))


async def take_up(books: QuickBooks, *estimates: Json, amount: str = "100") -> Json:
    line = sales_line(await books.id("Item", "Consulting"), amount)
    links = [{"TxnId": one["Id"], "TxnType": "Estimate"} for one in estimates]
    return await sale(books, line, LinkedTxn=links)


async def test_an_estimate_is_pending_and_moves_no_money(books: QuickBooks) -> None:
    made = await estimate(
        books,
        ExpirationDate="2026-12-31",
        TrackingNum="42",
        BillEmail={"Address": "a@b.example"},
        CustomerMemo={"value": "Good day"},
        PrintStatus="NeedToPrint",
    )

    assert made["TxnStatus"] == "Pending"
    assert made["TotalAmt"] == 100
    assert made["TrackingNum"] == "42"
    assert made["PrintStatus"] == "NeedToPrint"
    assert "Balance" not in made
    assert await balances(books) == {}
    found = await books.query("select * from Estimate where TxnStatus = 'Pending'")
    assert [one["Id"] for one in found] == [made["Id"]]


async def test_somebody_accepts_an_estimate(books: QuickBooks) -> None:
    made = await estimate(books)
    change = {**version_of(made), "sparse": True, "TxnStatus": "Accepted"}

    after = await books.make(
        "Estimate", {**change, "AcceptedBy": "M. Chen", "AcceptedDate": "2026-11-19"}
    )
    wrong = await books.post("estimate", {**version_of(after), "TxnStatus": "Perhaps"})

    assert after["TxnStatus"] == "Accepted"
    assert after["AcceptedBy"] == "M. Chen"
    assert after["AcceptedDate"] == "2026-11-19"
    assert fault(wrong)[0] == "2170"


async def test_an_invoice_closes_its_estimate_and_both_say_so(
    books: QuickBooks,
) -> None:
    made = await estimate(books, TxnStatus="Accepted")

    invoice = await books.make("Invoice", await take_up(books, made))

    after = await books.read("Estimate", made["Id"])
    assert invoice["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "Estimate"}]
    assert after["LinkedTxn"] == [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
    assert after["TxnStatus"] == "Closed"
    assert after["SyncToken"] == "1"
    paid = await books.pay(invoice, "100")
    shown = (await books.read("Invoice", invoice["Id"]))["LinkedTxn"]
    assert [one["TxnId"] for one in shown] == [made["Id"], paid["Id"]]


async def test_without_its_invoice_an_estimate_is_what_it_was(
    books: QuickBooks,
) -> None:
    made = await estimate(books, TxnStatus="Accepted")
    invoice = await books.make("Invoice", await take_up(books, made))
    closed = await books.read("Estimate", made["Id"])
    await books.make("Estimate", {**closed, "PrivateNote": "read and sent back"})

    await books.post("invoice", version_of(invoice), operation="delete")

    after = await books.read("Estimate", made["Id"])
    assert after["TxnStatus"] == "Accepted"
    assert after["LinkedTxn"] == []


async def test_an_invoice_lets_go_of_an_estimate_by_a_void_or_an_empty_list(
    books: QuickBooks,
) -> None:
    first, second = await estimate(books), await estimate(books)
    voided = await books.make("Invoice", await take_up(books, first))
    loose = await books.make("Invoice", await take_up(books, second))

    await books.make("Invoice", version_of(voided), operation="void")
    kept = await books.make(
        "Invoice", {**version_of(loose), "sparse": True, "PrivateNote": "n"}
    )
    await books.make("Invoice", {**version_of(kept), "sparse": True, "LinkedTxn": []})

    assert kept["LinkedTxn"] == loose["LinkedTxn"] != []
    for one in (first, second):
        assert (await books.read("Estimate", one["Id"]))["TxnStatus"] == "Pending"


async def test_a_deleted_estimate_is_no_longer_linked(books: QuickBooks) -> None:
    made = await estimate(books)
    invoice = await books.make("Invoice", await take_up(books, made))
    closed = await books.read("Estimate", made["Id"])

    await books.post("estimate", version_of(closed), operation="delete")

    assert (await books.read("Invoice", invoice["Id"]))["LinkedTxn"] == []


async def test_only_open_estimates_of_the_same_customer_can_be_taken_up(
    books: QuickBooks,
) -> None:
    taken, rejected = await estimate(books), await estimate(books, TxnStatus="Rejected")
    theirs = await estimate(
        books, CustomerRef={"value": await books.id("Customer", "Acme West")}
    )
    await books.make("Invoice", await take_up(books, taken))

    codes = [
        fault(await books.post("invoice", await take_up(books, one)))[0]
        for one in (taken, rejected, theirs, {"Id": "98765"})
    ]

    assert codes == ["620", "620", "620", "610"]
    assert await books.count("Invoice") == 1


async def test_progress_invoices_close_an_estimate_when_nothing_is_left(
    books: QuickBooks,
) -> None:
    await prefer(books, "SalesFormsPrefs", UsingProgressInvoicing=True)
    made = await estimate(books)

    async def status() -> str:
        return str((await books.read("Estimate", made["Id"]))["TxnStatus"])

    first = await books.make("Invoice", await take_up(books, made, amount="60"))
    after_one = await status()
    second = await books.make("Invoice", await take_up(books, made, amount="40"))
    after_two = await status()
    await books.post("invoice", version_of(first), operation="delete")

    shown = (await books.read("Estimate", made["Id"]))["LinkedTxn"]
    assert [after_one, after_two, await status()] == ["Pending", "Closed", "Pending"]
    assert shown == [{"TxnId": second["Id"], "TxnType": "Invoice"}]


async def test_lines_may_name_the_estimate(books: QuickBooks) -> None:
    made = await estimate(books)
    body = await take_up(books, made)
    links = body.pop("LinkedTxn")
    body["Line"][0]["LinkedTxn"] = links

    invoice = await books.make("Invoice", body)

    assert invoice["LinkedTxn"] == invoice["Line"][0]["LinkedTxn"] == links
    assert (await books.read("Estimate", made["Id"]))["TxnStatus"] == "Closed"


async def test_links_statuses_and_numbers_are_there_after_a_restart(
    tmp_path: Path,
) -> None:
    options = Options(
        port=0,
        today=TODAY,
        invoices=0,
        companies=("harbour-pine-us",),
        tokens=(TOKEN,),
        data=tmp_path,
    )
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as books:
        made = await estimate(books, TxnStatus="Accepted")
        invoice = await books.make("Invoice", await take_up(books, made))
    await running.stop()

    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as books:
        closed = await books.read("Estimate", made["Id"])
        number = (await estimate(books))["DocNumber"]
        await books.post("invoice", version_of(invoice), operation="delete")
        opened = await books.read("Estimate", made["Id"])
    await running.stop()

    assert closed["TxnStatus"] == "Closed"
    assert closed["LinkedTxn"] == [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
    assert number == "1002"
    assert opened["TxnStatus"] == "Accepted"
    assert opened["LinkedTxn"] == []
