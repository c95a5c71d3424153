"""What is ordered and bought: purchase orders, bills, purchases."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from tests.simulator.bookkeeping import (
    Json,
    account,
    balance,
    bill,
    bill_payment,
    change,
    check,
    drop,
    figures,
    journal,
    linked,
    open_books,
    payment,
    side,
    somebody,
    vendor_credit,
    version_of,
)
from tests.simulator.client import QuickBooks, expense_line, fault

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """One set of books for all; every test brings its own vendors."""
    async with open_books() as client:
        yield client


def item_line(item: str, amount: str, quantity: str, **detail: Any) -> Json:
    return {
        "Amount": Decimal(amount),
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": {
            "ItemRef": {"value": item},
            "Qty": Decimal(quantity),
            **detail,
        },
    }


async def order(books: QuickBooks, vendor: Json, *lines: Json, **more: Any) -> Json:
    body = {"VendorRef": vendor, "Line": list(lines), **more}
    return await books.make("PurchaseOrder", body)


async def purchase(
    books: QuickBooks, *lines: Json, kind: str = "Check", **more: Any
) -> Json:
    name = "Company Visa" if kind == "CreditCard" else "Business Checking"
    body = {
        "PaymentType": kind,
        "AccountRef": await account(books, name),
        "Line": list(lines),
        **more,
    }
    return await books.make("Purchase", body)


def to_order(record: Json, line: str = "") -> Json:
    link = {"TxnId": record["Id"], "TxnType": "PurchaseOrder"}
    return {**link, "TxnLineId": line} if line else link


# Purchase orders


async def test_a_purchase_order_owes_nothing(books: QuickBooks) -> None:
    vendor, before = await somebody(books, "Vendor"), await figures(books)
    soil = await books.id("Item", "Soil (per yard)")
    income = await account(books, "Design Income")
    ship = await somebody(books, "Customer")

    made = await order(
        books,
        vendor,
        item_line(soil, "100", "4", TaxCodeRef={"value": "TAX"}, UnitPrice=25),
        expense_line(income["value"], "20"),
        APAccountRef=income,
        POEmail={"Address": "orders@nursery.example"},
        ShipTo=ship,
        ShipAddr={"Line1": "1 Yard Way", "City": "Port"},
        Memo="Thursday, please",
    )

    assert (made["TotalAmt"], made["POStatus"]) == (120, "Open")
    assert made["APAccountRef"]["value"] == income["value"]
    assert made["Line"][0]["ItemBasedExpenseLineDetail"]["TaxCodeRef"] == {
        "value": "TAX"
    }
    assert made["ShipTo"]["name"]
    assert made["ShipAddr"]["Id"].isdigit()
    assert made["DocNumber"].isdigit()
    assert await figures(books) == before
    second = await order(books, vendor, expense_line(income["value"], "20"))
    assert int(second["DocNumber"]) == int(made["DocNumber"]) + 1


async def test_a_purchase_order_is_mailed_and_printed(books: QuickBooks) -> None:
    vendor = await somebody(books, "Vendor")
    fuel = await account(books, "Fuel")
    mail = {"Address": "orders@nursery.example"}
    made = await order(books, vendor, expense_line(fuel["value"], "20"), POEmail=mail)

    path = f"purchaseorder/{made['Id']}"
    sent = await books.http.post(f"{books.base}/{path}/send")
    paper = await books.get(f"{path}/pdf")

    assert sent.json()["PurchaseOrder"]["EmailStatus"] == "EmailSent"
    assert sent.json()["PurchaseOrder"]["POEmail"] == mail
    assert paper.content.startswith(b"%PDF-")


async def test_a_bill_closes_the_order_it_takes_up(books: QuickBooks) -> None:
    vendor = await somebody(books, "Vendor")
    fuel = (await account(books, "Fuel"))["value"]
    ordered = await order(books, vendor, expense_line(fuel, "20"))

    taken = await bill(books, vendor, "20", LinkedTxn=[to_order(ordered)])
    closed = await books.read("PurchaseOrder", ordered["Id"])
    paid = await bill_payment(books, vendor, "20", linked("Bill", taken, "20"))
    noted = await change(books, "Bill", taken, PrivateNote="x", VendorRef=vendor)

    assert closed["POStatus"] == "Closed"
    assert closed["LinkedTxn"] == [{"TxnId": taken["Id"], "TxnType": "Bill"}]
    assert closed["SyncToken"] == "1"
    assert noted["LinkedTxn"] == [
        to_order(ordered),
        {"TxnId": paid["Id"], "TxnType": "BillPaymentCheck"},
    ]
    await drop(books, "Bill", taken)
    open_again = await books.read("PurchaseOrder", ordered["Id"])
    assert (open_again["POStatus"], open_again["LinkedTxn"]) == ("Open", [])


async def test_lines_are_taken_up_one_by_one(books: QuickBooks) -> None:
    vendor = await somebody(books, "Vendor")
    soil = await books.id("Item", "Soil (per yard)")
    gravel = await books.id("Item", "Gravel (per ton)")
    ordered = await order(
        books, vendor, item_line(soil, "100", "4"), item_line(gravel, "60", "1")
    )

    async def receive(number: str, *lines: Json) -> str:
        taken = [{**line, "LinkedTxn": [to_order(ordered, number)]} for line in lines]
        made = await purchase(books, *taken, EntityRef={**vendor, "type": "Vendor"})
        assert made["LinkedTxn"] == [to_order(ordered)]
        assert made["Line"][0]["LinkedTxn"] == [to_order(ordered, number)]
        return str((await books.read("PurchaseOrder", ordered["Id"]))["POStatus"])

    assert await receive("1", item_line(soil, "75", "3")) == "Open"
    assert await receive("2", item_line(gravel, "60", "1")) == "Open"
    assert await receive("1", item_line(soil, "25", "1")) == "Closed"


async def test_an_order_is_closed_by_hand_and_outlived_by_its_bill(
    books: QuickBooks,
) -> None:
    vendor = await somebody(books, "Vendor")
    fuel = (await account(books, "Fuel"))["value"]
    ordered = await order(books, vendor, expense_line(fuel, "20"))
    taken = await bill(books, vendor, "20", LinkedTxn=[to_order(ordered)])

    await change(books, "PurchaseOrder", ordered, POStatus="Closed")
    await change(books, "PurchaseOrder", ordered, PrivateNote="done")
    await drop(books, "PurchaseOrder", ordered)

    alone = await books.read("Bill", taken["Id"])
    assert (alone["LinkedTxn"], alone["Balance"]) == ([], 20)
    body = {"VendorRef": vendor, "Line": alone["Line"]}
    gone = await books.post("bill", {**body, "LinkedTxn": [to_order(ordered)]})
    assert fault(gone)[0] == "610"


async def test_another_vendors_order_cannot_be_linked(books: QuickBooks) -> None:
    vendor, other = await somebody(books, "Vendor"), await somebody(books, "Vendor")
    line = expense_line((await account(books, "Fuel"))["value"], "20")
    ordered = await order(books, vendor, line)
    body = {"VendorRef": other, "Line": [line], "LinkedTxn": [to_order(ordered)]}

    assert fault(await books.post("bill", body))[0] == "620"


# Bills


async def test_a_bill_keeps_its_address_and_knows_when_it_is_due(
    books: QuickBooks,
) -> None:
    vendor, before = await somebody(books, "Vendor"), await figures(books)
    term = {"value": await books.id("Term", "Net 30")}

    made = await bill(
        books,
        vendor,
        "200",
        on="Landscaping Services",
        TxnDate="2026-11-01",
        SalesTermRef=term,
        VendorAddr={"Line1": "123 Main", "Line2": "Apartment 1", "Country": "U.S.A"},
        Balance=7,
        TotalAmt="",
        LinkedTxn=[],
        CustomField=[],
    )

    assert made["VendorAddr"].pop("Id").isdigit()
    assert made["VendorAddr"] == {
        "Line1": "123 Main",
        "Line2": "Apartment 1",
        "Country": "U.S.A",
    }
    assert made["DueDate"] == "2026-12-01"
    assert (made["TotalAmt"], made["Balance"], made["LinkedTxn"]) == (200, 200, [])
    await check(books)
    await drop(books, "Bill", made)
    assert await figures(books) == before


@pytest.mark.parametrize("kind", ["Bill", "VendorCredit", "PurchaseOrder"])
async def test_what_is_asked_of_a_vendor_has_to_be_complete(
    books: QuickBooks, kind: str
) -> None:
    vendor = await somebody(books, "Vendor")
    fuel = (await account(books, "Fuel"))["value"]
    whole = {"VendorRef": vendor, "Line": [expense_line(fuel, "20")]}
    billable = expense_line(fuel, "20", BillableStatus="Billable")
    owed = (await account(books, "Accounts Payable (A/P)"))["value"]
    elsewhere = expense_line(fuel, "20", ClassRef={"value": "98765"})
    item = item_line("98765", "20", "1")
    cases: list[tuple[Json, str, str]] = [
        ({"VendorRef": None}, "2020", "VendorRef"),
        ({"Line": []}, "2020", "Line"),
        ({"Line": [{"Amount": 1}]}, "2020", "DetailType"),
        ({"VendorRef": {"value": "98765"}}, "2500", "Names element id 98765"),
        ({"APAccountRef": {"value": "98765"}}, "2500", "Accounts element id 98765"),
        ({"DepartmentRef": {"value": "98765"}}, "2500", "Depts element id 98765"),
        ({"Line": [elsewhere]}, "2500", "Klasses element id 98765"),
        ({"Line": [item]}, "2500", "Items element id 98765"),
        ({"Line": [expense_line("98765", "1")]}, "2500", "Accounts element id 98765"),
        ({"Line": [billable]}, "6000", "you must choose a customer"),
        ({"Line": [expense_line(owed, "1")]}, "6000", "different type of account"),
        ({"Line": [expense_line(fuel, "-1")]}, "6000", "0 or greater"),
    ]
    for changes, code, words in cases:
        answer = await books.post(kind.lower(), {**whole, **changes})

        found, detail = fault(answer)
        assert found == code, changes
        assert words in detail, changes


async def test_a_bill_is_owed_on_an_accounts_payable_account(
    books: QuickBooks,
) -> None:
    line = expense_line((await account(books, "Fuel"))["value"], "20")
    body = {
        "VendorRef": await somebody(books, "Vendor"),
        "Line": [line],
        "APAccountRef": await account(books, "Company Visa"),
    }

    assert fault(await books.post("bill", body))[0] == "6000"
    assert fault(await books.post("vendorcredit", body))[0] == "6000"


# Purchases


@pytest.mark.parametrize("payee", ["Vendor", "Customer", "Employee"])
async def test_a_purchase_is_paid_at_once_to_anybody(
    books: QuickBooks, payee: str
) -> None:
    person, before = await somebody(books, payee), await figures(books)
    fuel = (await account(books, "Fuel"))["value"]

    made = await purchase(
        books,
        expense_line(fuel, "30", TaxCodeRef={"value": "TAX"}),
        EntityRef=person,
        PaymentRefNum="77",
        RemitToAddr={"Line1": "Dock 4"},
        PrintStatus="NeedToPrint",
    )

    assert made["EntityRef"]["type"] == payee
    assert made["EntityRef"]["name"]
    assert (made["Credit"], made["PrintStatus"]) == (False, "NeedToPrint")
    assert made["Line"][0]["AccountBasedExpenseLineDetail"]["TaxCodeRef"] == {
        "value": "TAX"
    }
    await check(books)
    await drop(books, "Purchase", made)
    assert await figures(books) == before


async def test_a_card_is_charged_and_refunded(books: QuickBooks) -> None:
    fuel = (await account(books, "Fuel"))["value"]
    owed = await balance(books, "Company Visa")

    charged = await purchase(books, expense_line(fuel, "30"), kind="CreditCard")
    await purchase(books, expense_line(fuel, "10"), kind="CreditCard", Credit=True)

    assert "PrintStatus" not in charged
    assert await balance(books, "Company Visa") == owed + 20
    await check(books)


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("Check", "Company Visa", "6000"),
        ("Cash", "Fuel", "6000"),
        ("CreditCard", "Business Checking", "6000"),
        ("Expense", "Fuel", "6000"),
        ("Barter", "Business Checking", "2170"),
    ],
)
async def test_money_is_spent_from_the_right_type_of_account(
    books: QuickBooks, kind: str, name: str, code: str
) -> None:
    line = expense_line((await account(books, "Fuel"))["value"], "20")
    body = {
        "PaymentType": kind,
        "AccountRef": await account(books, name),
        "Line": [line],
    }

    assert fault(await books.post("purchase", body))[0] == code


async def test_a_billable_line_names_its_customer(books: QuickBooks) -> None:
    customer = await somebody(books, "Customer")
    fuel = (await account(books, "Fuel"))["value"]
    line = expense_line(fuel, "30", BillableStatus="Billable", CustomerRef=customer)

    made = await purchase(books, line)

    detail = made["Line"][0]["AccountBasedExpenseLineDetail"]
    assert detail["BillableStatus"] == "Billable"
    assert detail["CustomerRef"]["name"]


async def test_a_receivable_on_a_purchase_needs_its_customer(
    books: QuickBooks,
) -> None:
    control = (await account(books, "Accounts Receivable (A/R)"))["value"]
    body = {
        "PaymentType": "Cash",
        "AccountRef": await account(books, "Business Checking"),
        "EntityRef": await somebody(books, "Vendor"),
        "Line": [expense_line(control, "5")],
    }

    code, detail = fault(await books.post("purchase", body))

    assert code == "6000"
    assert "you must choose a customer in the Name field" in detail


# All of them


async def every_kind(books: QuickBooks) -> dict[str, Json]:
    """One record of each kind that is written here."""
    vendor, customer = (
        await somebody(books, "Vendor"),
        await somebody(books, "Customer"),
    )
    fuel = await account(books, "Fuel")
    bank = await account(books, "Business Checking")
    savings = await account(books, "Savings Reserve")
    line = expense_line(fuel["value"], "20")
    owed = await bill(books, vendor, "20")
    income = await account(books, "Interest Earned")
    given = {"Amount": 5, "DepositLineDetail": {"AccountRef": income}}
    moved = {"FromAccountRef": bank, "ToAccountRef": savings, "Amount": 5}
    card = await account(books, "Company Visa")
    paid = {"BankAccountRef": bank, "CreditCardAccountRef": card, "Amount": 5}
    made = await books.post("creditcardpayment", paid)
    assert made.status_code == 200, made.text
    return {
        "Bill": owed,
        "VendorCredit": await vendor_credit(books, vendor, "20"),
        "PurchaseOrder": await order(books, vendor, line),
        "BillPayment": await bill_payment(
            books, vendor, "20", linked("Bill", owed, "20")
        ),
        "Purchase": await purchase(books, line, EntityRef=vendor),
        "Payment": await payment(books, customer, "20"),
        "JournalEntry": await journal(
            books, side("Debit", fuel, "5"), side("Credit", bank, "5")
        ),
        "Deposit": await books.make(
            "Deposit", {"DepositToAccountRef": bank, "Line": [given]}
        ),
        "Transfer": await books.make("Transfer", moved),
        "CreditCardPayment": made.json()["CreditCardPaymentTxn"],
    }


_SPARSE = {"Bill": "VendorRef", "Purchase": "PaymentType"}
"""What has to come with a sparse update too."""


async def test_a_note_changes_by_a_sparse_update_and_nothing_else(
    books: QuickBooks,
) -> None:
    await check(books)
    kinds = await every_kind(books)
    before = await figures(books)
    for kind, made in kinds.items():
        path, word = kind.lower(), kind.replace("CardPayment", "CardPaymentTxn")
        now = (await books.get(f"{path}/{made['Id']}")).json()[word]
        needed = {name: now[name] for k, name in _SPARSE.items() if k == kind}
        body = {**version_of(now), "sparse": True, "PrivateNote": "noted", **needed}

        answer = await books.post(path, body)
        assert answer.status_code == 200, (kind, answer.text)
        after = answer.json()[word]
        whole = await books.post(path, after)
        assert whole.status_code == 200, (kind, whole.text)
        again = whole.json()[word]

        kept = {"SyncToken", "MetaData", "PrivateNote"}
        for one in (after, again):
            assert {k: v for k, v in one.items() if k not in kept} == {
                k: v for k, v in now.items() if k not in kept
            }, kind
        assert again["PrivateNote"] == "noted"
        assert int(again["SyncToken"]) == int(now["SyncToken"]) + 2
    assert await figures(books) == before
    await check(books)


async def test_a_sparse_update_names_what_the_switch_asks_for(
    books: QuickBooks,
) -> None:
    made = await bill(books, await somebody(books, "Vendor"), "20")
    body = {**version_of(made), "sparse": True, "PrivateNote": "noted"}

    asked = await books.post("bill", body)
    await books.switch(sparse_names_required=False)
    noted = await books.make("Bill", body)
    await books.switch(sparse_names_required=True)

    assert fault(asked)[0] == "2020"
    assert (noted["PrivateNote"], noted["TotalAmt"]) == ("noted", 20)


async def test_after_everything_is_deleted_every_figure_is_back(
    books: QuickBooks,
) -> None:
    before = await figures(books)
    kinds = await every_kind(books)
    assert await figures(books) != before

    for kind, made in reversed(kinds.items()):
        await drop(books, kind, made)

    assert await figures(books) == before


async def test_the_closed_period_is_closed_for_all(books: QuickBooks) -> None:
    kinds = await every_kind(books)
    prefs = await books.one("select * from Preferences")
    closed = {**prefs["AccountingInfoPrefs"], "BookCloseDate": "2026-11-20"}
    await books.make("Preferences", {**prefs, "AccountingInfoPrefs": closed})

    for kind, made in kinds.items():
        path, word = kind.lower(), kind.replace("CardPayment", "CardPaymentTxn")
        now = (await books.get(f"{path}/{made['Id']}")).json()[word]
        gone = await books.post(path, version_of(now), operation="delete")
        changed = await books.post(path, {**now, "PrivateNote": "late"})

        assert (fault(gone)[0], fault(changed)[0]) == ("6210", "6210"), kind

    prefs = await books.one("select * from Preferences")
    opened = {**prefs["AccountingInfoPrefs"], "BookCloseDate": ""}
    await books.make("Preferences", {**prefs, "AccountingInfoPrefs": opened})
