"""What an invoice bills: expenses and time, once, and again without it."""

from tests.simulator.client import QuickBooks, expense_line, fault
from tests.simulator.forms import sale, sold, version_of


async def test_an_expense_is_billed_once_and_can_be_billed_again_afterwards(
    books: QuickBooks,
) -> None:
    body = await sale(books)
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    account = await books.id("Account", "Utilities")
    detail = {"CustomerRef": body["CustomerRef"], "BillableStatus": "Billable"}
    bill = await books.make(
        "Bill",
        {"VendorRef": vendor, "Line": [expense_line(account, "50", **detail)]},
    )
    link = {"TxnId": bill["Id"], "TxnType": "ReimburseCharge", "TxnLineId": "1"}
    linked = await sale(books, {**await sold(books, "50"), "LinkedTxn": [link]})

    async def status() -> str:
        line = (await books.read("Bill", bill["Id"]))["Line"][0]
        return str(line["AccountBasedExpenseLineDetail"]["BillableStatus"])

    invoice = await books.make("Invoice", linked)
    during = await status()
    twice = await books.post("invoice", linked)
    voided = await books.make("Invoice", version_of(invoice), operation="void")
    after = await status()
    other = {"value": await books.id("Customer", "Acme West")}
    foreign = await books.post("invoice", {**linked, "CustomerRef": other})
    unknown = {**link, "TxnId": "98765"}
    nothing = await books.post(
        "invoice", await sale(books, {**await sold(books), "LinkedTxn": [unknown]})
    )

    again = await books.make("Invoice", linked)
    gone = await books.read("Bill", bill["Id"])
    await books.post("bill", version_of(gone), operation="delete")
    left = await books.read("Invoice", again["Id"])

    assert left["LinkedTxn"] == []
    assert "LinkedTxn" not in left["Line"][0]
    assert invoice["Line"][0]["LinkedTxn"] == [link]
    assert during == "HasBeenBilled"
    assert fault(twice)[0] == "620"
    assert voided["LinkedTxn"] == []
    assert after == "Billable"
    assert fault(foreign)[0] == "620"
    assert fault(nothing)[0] == "610"


async def test_time_is_billed_by_an_invoice_and_free_again_without_it(
    books: QuickBooks,
) -> None:
    body = await sale(books)
    worker = {"value": await books.id("Vendor", "Metro Water")}
    time = await books.make(
        "TimeActivity",
        {
            "NameOf": "Vendor",
            "VendorRef": worker,
            "CustomerRef": body["CustomerRef"],
            "ItemRef": {"value": await books.id("Item", "Hours")},
            "TxnDate": "2026-11-19",
            "Hours": 2,
            "HourlyRate": 50,
            "BillableStatus": "Billable",
        },
    )
    link = {"TxnId": time["Id"], "TxnType": "TimeActivity"}
    linked = await sale(books, {**await sold(books), "LinkedTxn": [link]})

    made = await books.make("Invoice", linked)
    during = await books.read("TimeActivity", time["Id"])
    twice = await books.post("invoice", linked)
    kept = await books.make("Invoice", {**made, "PrivateNote": "as it was read"})
    await books.post("invoice", version_of(kept), operation="delete")
    after = await books.read("TimeActivity", time["Id"])

    assert during["BillableStatus"] == "HasBeenBilled"
    assert fault(twice)[0] == "620"
    assert kept["Line"][0]["LinkedTxn"] == [link]
    assert after["BillableStatus"] == "Billable"
    assert int(after["SyncToken"]) == 2


async def test_an_invoice_shows_the_time_it_bills_wherever_it_was_linked(
    books: QuickBooks,
) -> None:
    body = await sale(books)
    spent = {
        "NameOf": "Vendor",
        "VendorRef": {"value": await books.id("Vendor", "Metro Water")},
        "CustomerRef": body["CustomerRef"],
        "Hours": 2,
        "HourlyRate": 50,
        "BillableStatus": "Billable",
    }
    links = []
    for _ in range(2):
        time = await books.make("TimeActivity", spent)
        links.append({"TxnId": time["Id"], "TxnType": "TimeActivity"})
    above, below = links
    lines = {**await sold(books), "LinkedTxn": [below]}
    linked = {**await sale(books, lines), "LinkedTxn": [above]}

    async def statuses() -> list[str]:
        times = [await books.read("TimeActivity", link["TxnId"]) for link in links]
        return [time["BillableStatus"] for time in times]

    made = await books.make("Invoice", linked)
    during = await statuses()
    echoed = await books.make("Invoice", made)
    twice = await books.post("invoice", {**body, "LinkedTxn": [above]})
    rest = {**version_of(echoed), "sparse": True, "Line": [await sold(books)]}
    less = await books.make("Invoice", rest)
    between = await statuses()
    none = await books.make("Invoice", {**less, "LinkedTxn": []})
    after = await statuses()

    assert made["LinkedTxn"] == echoed["LinkedTxn"] == [above, below]
    assert during == ["HasBeenBilled", "HasBeenBilled"]
    assert fault(twice)[0] == "620"
    assert less["LinkedTxn"] == [above]
    assert between == ["HasBeenBilled", "Billable"]
    assert none["LinkedTxn"] == []
    assert after == ["Billable", "Billable"]


async def test_time_stays_billed_when_a_transaction_of_its_id_goes_away(
    books: QuickBooks,
) -> None:
    body = await sale(books)
    estimate = await books.make("Estimate", body)
    spent = {
        "NameOf": "Vendor",
        "VendorRef": {"value": await books.id("Vendor", "Metro Water")},
        "CustomerRef": body["CustomerRef"],
        "Hours": 2,
        "HourlyRate": 50,
        "BillableStatus": "Billable",
    }
    time = await books.make("TimeActivity", spent)
    while int(time["Id"]) < int(estimate["Id"]):
        time = await books.make("TimeActivity", spent)
    assert time["Id"] == estimate["Id"]
    link = {"TxnId": time["Id"], "TxnType": "TimeActivity"}
    named = {"TxnId": estimate["Id"], "TxnType": "Estimate"}
    linked = await sale(books, {**await sold(books), "LinkedTxn": [link]})

    made = await books.make("Invoice", {**linked, "LinkedTxn": [named]})
    await books.post(
        "estimate", await books.read("Estimate", estimate["Id"]), operation="delete"
    )
    left = await books.read("Invoice", made["Id"])

    assert left["LinkedTxn"] == [link]
    assert left["Line"][0]["LinkedTxn"] == [link]
