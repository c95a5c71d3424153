"""What an invoice bills: expenses and time, once, and again without it."""

import pytest

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

    assert invoice["Line"][0]["LinkedTxn"] == [link]
    assert during == "HasBeenBilled"
    assert fault(twice)[0] == "620"
    assert voided["LinkedTxn"] == []
    assert after == "Billable"
    assert fault(foreign)[0] == "620"
    assert fault(nothing)[0] == "610"


async def test_an_expense_is_not_billed_by_its_status(books: QuickBooks) -> None:
    customer = {"value": await books.id("Customer", "May Chen")}
    account = await books.id("Account", "Utilities")
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    bank = {"value": await books.id("Account", "Business Checking")}
    detail = {"CustomerRef": customer, "BillableStatus": "HasBeenBilled"}
    line = expense_line(account, "50", **detail)
    free = expense_line(account, "50", CustomerRef=customer)
    bill = await books.make("Bill", {"VendorRef": vendor, "Line": [free]})
    spent = {"PaymentType": "Cash", "AccountRef": bank, "Line": [line]}

    made = await books.post("bill", {"VendorRef": vendor, "Line": [line]})
    bought = await books.post("purchase", spent)
    changed = await books.post("bill", {**bill, "Line": [{**line, "Id": "1"}]})

    assert fault(made)[0] == fault(bought)[0] == fault(changed)[0] == "6000"
    assert (await books.read("Bill", bill["Id"]))["SyncToken"] == bill["SyncToken"]


@pytest.mark.parametrize("entity", ["Bill", "Purchase"])
async def test_a_billed_expense_stays_until_its_invoice_goes(
    books: QuickBooks, entity: str
) -> None:
    body = await sale(books)
    account = await books.id("Account", "Utilities")
    detail = {"CustomerRef": body["CustomerRef"], "BillableStatus": "Billable"}
    expense = {
        "VendorRef": {"value": await books.id("Vendor", "Metro Water")},
        "PaymentType": "Cash",
        "AccountRef": {"value": await books.id("Account", "Business Checking")},
        "Line": [expense_line(account, "50", **detail)],
    }
    for name in ("PaymentType", "AccountRef") if entity == "Bill" else ("VendorRef",):
        del expense[name]
    spent = await books.make(entity, expense)
    link = {"TxnId": spent["Id"], "TxnType": entity, "TxnLineId": "1"}
    invoice = await books.make(
        "Invoice", await sale(books, {**await sold(books, "50"), "LinkedTxn": [link]})
    )
    billed = await books.read(entity, spent["Id"])
    (line,) = billed["Line"]
    del line["AccountBasedExpenseLineDetail"]["BillableStatus"]

    deleted = await books.post(entity.lower(), billed, operation="delete")
    realm, wish = books.base.rpartition("/")[2], {"entity": entity, "id": billed["Id"]}
    voided = await books.http.post(f"/_simulator/companies/{realm}/void", json=wish)
    freed = {**line["AccountBasedExpenseLineDetail"], "BillableStatus": "Billable"}
    other = {**line, "AccountBasedExpenseLineDetail": freed}
    again = await books.post(entity.lower(), {**billed, "Line": [other]})
    without = await books.post(
        entity.lower(), {**billed, "Line": [expense_line(account, "50")]}
    )
    dearer = await books.make(entity, {**billed, "Line": [{**line, "Amount": 60}]})
    await books.post("invoice", version_of(invoice), operation="delete")
    last = await books.read(entity, spent["Id"])
    gone = await books.post(entity.lower(), last, operation="delete")

    assert voided.status_code == 400
    assert entity == "Bill" or "billed" in voided.text
    for answer in (deleted, again, without):
        assert fault(answer)[0] == "6000"
    kept = dearer["Line"][0]["AccountBasedExpenseLineDetail"]
    assert kept["BillableStatus"] == "HasBeenBilled"
    assert dearer["TotalAmt"] == 60
    assert gone.json()[entity]["status"] == "Deleted"


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
