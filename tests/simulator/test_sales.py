"""Sales forms: their lines, what they do to the books, and undoing it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.client import QuickBooks, expense_line, fault, sales_line

Json = dict[str, Any]
FIELDS = [
    {
        "CustomField": [
            {
                "Name": f"SalesFormsPrefs.UseSalesCustom{slot}",
                "Type": "BooleanType",
                "BooleanValue": slot < 3,
            }
            for slot in (1, 2, 3)
        ]
    },
    {
        "CustomField": [
            {
                "Name": f"SalesFormsPrefs.SalesCustomName{slot}",
                "Type": "StringType",
                "StringValue": name,
            }
            for slot, name in ((1, "Crew #"), (2, "Gate code"))
        ]
    },
]


def version_of(record: Json) -> Json:
    return {"Id": record["Id"], "SyncToken": record["SyncToken"]}


async def sold(books: QuickBooks, amount: str = "100", **detail: Any) -> Json:
    return sales_line(await books.id("Item", "Consulting"), amount, **detail)


async def sale(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    customer = {"value": await books.id("Customer", "May Chen")}
    return {"CustomerRef": customer, "Line": list(lines) or [await sold(books)], **more}


async def prefer(books: QuickBooks, group: str, **wishes: Any) -> None:
    prefs = (await books.get("preferences")).json()["Preferences"]
    await books.make(
        "Preferences", {**version_of(prefs), "sparse": True, group: wishes}
    )


OPENING = {"Inventory Asset", "Opening Balance Equity"}


async def balances(books: QuickBooks) -> dict[str, Decimal]:
    """What accounts hold beside the stock of the beginning, and customers owe."""
    rows = await books.query("select * from Account maxresults 1000")
    found = {
        row["Name"]: row["CurrentBalance"] for row in rows if row["Name"] not in OPENING
    }
    rows = await books.query("select * from Customer maxresults 1000")
    found.update({row["DisplayName"]: row["Balance"] for row in rows})
    return {name: amount for name, amount in found.items() if amount}


async def net_income(books: QuickBooks) -> Decimal:
    report = await books.report("ProfitAndLoss", date_macro="This Fiscal Year")
    for row in report["Rows"].get("Row", []):
        if row.get("group") == "NetIncome":
            return Decimal(row["Summary"]["ColData"][-1]["value"] or "0")
    return Decimal(0)


# Lines


async def test_an_amount_counts_where_price_and_quantity_are_zero(
    books: QuickBooks,
) -> None:
    line = await sold(books, "100", Qty=0, UnitPrice=0)

    made = await books.make("Invoice", await sale(books, line))

    assert made["TotalAmt"] == made["Line"][0]["Amount"] == 100


async def test_a_missing_amount_is_price_times_quantity(books: QuickBooks) -> None:
    line = await sold(books, "0", Qty=Decimal("14.5"), UnitPrice=Decimal("128.35"))
    del line["Amount"]
    bare = await sold(books)
    del bare["Amount"]

    made = await books.make("Invoice", await sale(books, line))
    refused = await books.post("invoice", await sale(books, bare))

    assert made["Line"][0]["Amount"] == Decimal("1861.08")
    assert fault(refused) == (
        "2020",
        "Required parameter Amount is missing in the request",
    )


async def test_a_negative_line_lowers_the_total_but_not_below_nothing(
    books: QuickBooks,
) -> None:
    good = await books.make(
        "Invoice", await sale(books, await sold(books), await sold(books, "-30"))
    )
    bad = await books.post("invoice", await sale(books, await sold(books, "-30")))

    assert good["TotalAmt"] == 70
    assert fault(bad)[0] == "6000"


async def test_lines_are_numbered_and_followed_by_subtotal_discount_shipping(
    books: QuickBooks,
) -> None:
    shipping = sales_line("SHIPPING_ITEM_ID", "12.50")
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    note = {"DetailType": "DescriptionOnly", "Description": "Thanks"}

    made = await books.make(
        "Invoice", await sale(books, discount, shipping, await sold(books), note)
    )

    kinds = [line["DetailType"] for line in made["Line"]]
    assert kinds == [
        "SalesItemLineDetail",
        "DescriptionOnly",
        "SubTotalLineDetail",
        "DiscountLineDetail",
        "SalesItemLineDetail",
    ]
    assert [line.get("LineNum") for line in made["Line"]] == [1, 2, None, None, None]
    assert [line.get("Amount") for line in made["Line"]] == [
        100,
        None,
        100,
        10,
        Decimal("12.5"),
    ]
    assert made["TotalAmt"] == Decimal("102.5")
    again = await books.make("Invoice", made)
    assert again["Line"] == made["Line"]
    assert again["TotalAmt"] == made["TotalAmt"]


@pytest.mark.parametrize(
    ("detail", "amount", "code"),
    [
        ({"PercentBased": True}, None, "6090"),
        ({}, None, "6090"),
        ({"PercentBased": True}, "5", "6090"),
        ({"PercentBased": True, "DiscountPercent": 120}, None, "6000"),
        ({"PercentBased": False}, "-5", "6000"),
        ({"PercentBased": False}, "101", "6000"),
    ],
)
async def test_a_discount_needs_a_per_cent_or_an_amount_that_fits(
    books: QuickBooks, detail: Json, amount: str | None, code: str
) -> None:
    line: Json = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}
    if amount:
        line["Amount"] = Decimal(amount)

    answer = await books.post("invoice", await sale(books, await sold(books), line))

    assert fault(answer)[0] == code
    assert await books.count("Invoice") == 0


async def test_there_is_one_discount_only(books: QuickBooks) -> None:
    line = {
        "Amount": 5,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": False},
    }

    answer = await books.post(
        "invoice", await sale(books, await sold(books), line, line)
    )

    assert fault(answer)[0] == "6000"


async def bundle(books: QuickBooks) -> Json:
    parts = [
        {"ItemRef": {"value": await books.id("Item", name)}, "Qty": count}
        for name, count in (("Hours", 2), ("Consulting", 1))
    ]
    group = {"ItemGroupLine": parts}
    return await books.make(
        "Item", {"Name": "Start-up", "Type": "Group", "ItemGroupDetail": group}
    )


async def test_a_bundle_is_expanded_into_what_it_consists_of(
    books: QuickBooks,
) -> None:
    item = await bundle(books)
    price = {
        name: (await books.one(f"select * from Item where Name = '{name}'"))[
            "UnitPrice"
        ]
        for name in ("Hours", "Consulting")
    }
    detail = {"GroupItemRef": {"value": item["Id"]}, "Quantity": 3}
    line = {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}

    made = await books.make("Invoice", await sale(books, line, await sold(books)))

    group = made["Line"][0]
    inner = group["GroupLineDetail"]["Line"]
    amounts = [3 * 2 * price["Hours"], 3 * price["Consulting"]]
    assert [one["Amount"] for one in inner] == amounts
    assert [one["Id"] for one in (group, *inner, made["Line"][1])] == list("1234")
    assert made["TotalAmt"] == sum(amounts) + 100
    owed = (await balances(books))["May Chen"]
    assert owed == made["TotalAmt"]
    again = await books.make("Invoice", made)
    assert again["Line"] == made["Line"]


async def test_the_lines_of_a_bundle_may_be_sent(books: QuickBooks) -> None:
    item = await bundle(books)
    detail = {"GroupItemRef": {"value": item["Id"]}, "Line": [await sold(books, "7")]}
    line = {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}
    wrong = {**detail, "GroupItemRef": {"value": await books.id("Item", "Hours")}}

    made = await books.make("Invoice", await sale(books, line))
    voided = await books.make("Invoice", version_of(made), operation="void")
    refused = await books.post(
        "invoice", await sale(books, {**line, "GroupLineDetail": wrong})
    )

    assert made["TotalAmt"] == 7
    assert made["Line"][0]["GroupLineDetail"]["Quantity"] == 1
    assert voided["TotalAmt"] == 0
    assert voided["Line"][0]["GroupLineDetail"]["Line"][0]["Amount"] == 0
    assert fault(refused)[0] == "2500"


# Members


async def test_what_clients_leave_empty_is_filled_in(books: QuickBooks) -> None:
    empty = dict.fromkeys(
        ("TotalAmt", "ApplyTaxAfterDiscount", "DueDate", "TxnDate", "DocNumber"), ""
    )
    line = {**await sold(books), "LineNum": 0, "CustomField": [], "LinkedTxn": []}
    body = await sale(books, line, **empty, SyncToken=0, Id=None, CustomField=[])

    made = await books.make("Invoice", {**body, "LinkedTxn": [], "Balance": 5})

    assert made["TotalAmt"] == made["Balance"] == 100
    assert made["TxnDate"] == made["DueDate"] == "2026-11-20"
    assert made["DocNumber"] == "1001"
    assert made["LinkedTxn"] == []
    assert "CustomField" not in made["Line"][0]
    assert made["EmailStatus"] == made["PrintStatus"] == "NotSet"


async def test_custom_fields_are_those_of_the_preferences(books: QuickBooks) -> None:
    await prefer(books, "SalesFormsPrefs", CustomField=FIELDS)
    sent = [
        {"DefinitionId": "1", "StringValue": "102"},
        {"DefinitionId": "3", "StringValue": "not in use"},
    ]

    made = await books.make("Invoice", await sale(books, CustomField=sent))
    change = {**version_of(made), "sparse": True, "PrivateNote": "x"}
    after = await books.make("Invoice", change)

    assert made["CustomField"] == [
        {
            "DefinitionId": "1",
            "Name": "Crew #",
            "Type": "StringType",
            "StringValue": "102",
        },
        {"DefinitionId": "2", "Name": "Gate code", "Type": "StringType"},
    ]
    assert after["CustomField"] == made["CustomField"]


async def test_a_deposit_lowers_what_is_owed(books: QuickBooks) -> None:
    checking = {"value": await books.id("Account", "Business Checking")}

    made = await books.make(
        "Invoice", await sale(books, Deposit=40, DepositToAccountRef=checking)
    )
    refused = await books.post("invoice", await sale(books, Deposit=101))

    after = await balances(books)
    assert made["Balance"] == after["May Chen"] == 60
    assert after["Business Checking"] == 40
    assert fault(refused)[0] == "6000"


async def test_the_members_of_the_documentation_are_accepted(
    books: QuickBooks,
) -> None:
    members = {
        "AllowOnlineACHPayment": True,
        "AllowOnlineCreditCardPayment": True,
        "BillEmail": {"Address": "a@b.example"},
        "BillEmailCc": {"Address": "c@b.example"},
        "CustomerMemo": {"value": "Thanks"},
        "EmailStatus": "NeedToSend",
        "PrintStatus": "NeedToPrint",
        "ShipAddr": {"Id": "987654", "Line1": "1 Pier", "CountrySubDivisionCode": "WA"},
        "ShipDate": "2026-11-21",
        "TrackingNum": "42",
    }

    made = await books.make(
        "Invoice",
        await sale(books, **members, TxnSource="x", FreeFormAddress=True, FOB="here"),
    )

    shown = {name: made[name] for name in members if name != "ShipAddr"}
    assert shown == {name: members[name] for name in shown}
    assert made["ShipAddr"]["Line1"] == "1 Pier"
    answer = await books.get(f"invoice/{made['Id']}", include="invoiceLink")
    assert answer.json()["Invoice"]["InvoiceLink"].startswith("https://")


async def test_sales_forms_share_their_numbers_and_estimates_have_their_own(
    books: QuickBooks,
) -> None:
    checking = {"value": await books.id("Account", "Business Checking")}
    body = await sale(books)
    kinds = ("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt", "Estimate")

    made = [
        await books.make(kind, {**body, "DepositToAccountRef": checking})
        if kind == "RefundReceipt"
        else await books.make(kind, body)
        for kind in kinds
    ]
    await books.switch(shared_doc_numbers=False)
    alone = await books.make("CreditMemo", body)
    automatic = await books.make("Estimate", {**body, "DocNumber": "AUTO_GENERATE"})

    numbers = [one["DocNumber"] for one in made]
    assert numbers == ["1001", "1002", "1003", "1004", "1001"]
    assert alone["DocNumber"] == "1004"
    assert automatic["DocNumber"] == "1002"


# Updates


async def test_a_full_update_clears_what_is_left_out_and_a_sparse_one_keeps_it(
    books: QuickBooks,
) -> None:
    made = await books.make(
        "Invoice", await sale(books, PrivateNote="n", CustomerMemo={"value": "m"})
    )
    sparse = {**version_of(made), "sparse": True, "PrivateNote": "other"}
    after = await books.make("Invoice", sparse)
    whole = {key: after[key] for key in after if key != "CustomerMemo"}
    full = await books.make("Invoice", whole)

    assert after["CustomerMemo"] == {"value": "m"}
    assert after["Line"] == made["Line"]
    assert "CustomerMemo" not in full
    assert full["PrivateNote"] == "other"
    assert full["TotalAmt"] == made["TotalAmt"]


FORMS = ("Invoice", "Estimate", "SalesReceipt", "RefundReceipt", "CreditMemo")


@pytest.mark.parametrize("kind", FORMS)
async def test_every_form_takes_one_changed_field_and_itself_as_it_was_read(
    books: QuickBooks, kind: str
) -> None:
    checking = {"value": await books.id("Account", "Business Checking")}
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"DiscountPercent": 10},
    }
    taxed = await sold(books, "200", TaxCodeRef={"value": "TAX"})
    body = await sale(books, taxed, await sold(books), discount)
    if kind == "RefundReceipt":
        body["DepositToAccountRef"] = checking
    made = await books.make(kind, body)

    sparse = {**version_of(made), "sparse": True, "PrivateNote": "x"}
    changed = await books.make(kind, sparse)
    again = await books.make(kind, {**changed, "sparse": False})

    assert changed["TotalAmt"] == Decimal("286.5")
    assert [made["SyncToken"], again["SyncToken"]] == ["0", "2"]
    moving = {"SyncToken", "MetaData", "PrivateNote"}
    assert again["PrivateNote"] == "x"
    for name in made.keys() - moving:
        assert changed[name] == again[name] == made[name], name


# Receipts


async def test_a_sales_receipt_needs_neither_customer_nor_item(
    books: QuickBooks,
) -> None:
    line = {
        "Amount": 14,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"Qty": 1, "UnitPrice": 14},
    }
    discount = {
        "Amount": Decimal("0.28"),
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 2},
    }

    made = await books.make("SalesReceipt", {"Line": [line, discount]})

    after = await balances(books)
    assert made["Balance"] == 0
    assert made["TotalAmt"] == Decimal("13.72")
    assert made["DepositToAccountRef"]["name"] == "Undeposited Funds"
    assert after == {"Undeposited Funds": Decimal("13.72")}
    assert await net_income(books) == Decimal("13.72")


async def test_a_voided_sales_receipt_leaves_nothing_in_the_books(
    books: QuickBooks,
) -> None:
    made = await books.make("SalesReceipt", await sale(books, PrivateNote="old"))
    wish = {**version_of(made), "sparse": True}

    other = await books.post("salesreceipt", wish, operation="void")
    voided = await books.make("SalesReceipt", wish, operation="update", include="void")

    assert fault(other)[0] == "500"
    assert voided["TotalAmt"] == voided["Balance"] == 0
    assert voided["PrivateNote"] == "Voided - old"
    assert voided["Line"][0]["SalesItemLineDetail"]["Qty"] == 0
    assert await balances(books) == {}


async def test_a_refund_receipt_pays_out(books: QuickBooks) -> None:
    checking = {"value": await books.id("Account", "Business Checking")}
    check = {"CheckNum": "1001", "NameOnAcct": "J", "AcctNum": "0", "BankName": "B"}
    lines = {"Line": [await sold(books, "200")], "TotalAmt": 100, "Balance": 100}

    made = await books.make(
        "RefundReceipt",
        {
            **lines,
            "DepositToAccountRef": checking,
            "PaymentType": "Check",
            "CheckPayment": check,
            "DocNumber": "R-1",
        },
    )
    nowhere = await books.post("refundreceipt", lines)

    assert made["TotalAmt"] == 200
    assert made["Balance"] == 0
    assert made["CheckPayment"] == check
    assert (await balances(books))["Business Checking"] == -200
    assert await net_income(books) == -200
    assert fault(nowhere)[0] == "2020"


async def test_money_goes_to_accounts_that_hold_money(books: QuickBooks) -> None:
    rent = {"value": await books.id("Account", "Rent")}

    receipt = await books.post(
        "salesreceipt", await sale(books, DepositToAccountRef=rent)
    )
    refund = await books.post(
        "refundreceipt", await sale(books, DepositToAccountRef=rent)
    )

    assert fault(receipt)[0] == fault(refund)[0] == "6000"


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("Invoice", 1), ("SalesReceipt", 1), ("CreditMemo", -1), ("RefundReceipt", -1)],
)
async def test_every_form_moves_net_income_and_deleting_it_undoes_all(
    books: QuickBooks, kind: str, sign: int
) -> None:
    checking = {"value": await books.id("Account", "Business Checking")}
    body = await sale(books, await sold(books), TxnTaxDetail={"TotalTax": 8})
    if kind == "RefundReceipt":
        body["DepositToAccountRef"] = checking

    made = await books.make(kind, body)
    income = await net_income(books)
    answer = await books.post(kind.lower(), version_of(made), operation="delete")

    assert made["TotalAmt"] == 108
    assert income == sign * 100
    assert answer.json()[kind]["status"] == "Deleted"
    assert await balances(books) == {}
    assert await net_income(books) == 0


async def test_goods_sold_leave_the_shelf_and_come_back(books: QuickBooks) -> None:
    row = (await books.query("select * from Item where Type = 'Inventory'"))[0]
    line = sales_line(row["Id"], str(3 * row["UnitPrice"]), Qty=3)
    body = await sale(books, line)

    made = await books.make("SalesReceipt", body)
    during = await books.read("Item", row["Id"])
    await books.post("salesreceipt", version_of(made), operation="delete")
    after = await books.read("Item", row["Id"])

    assert row["QtyOnHand"] - during["QtyOnHand"] == 3
    assert after["QtyOnHand"] == row["QtyOnHand"]


# Credits


async def test_a_credit_memo_is_applied_by_itself_where_that_is_preferred(
    books: QuickBooks,
) -> None:
    first = await books.make("Invoice", await sale(books, TxnDate="2026-11-01"))
    second = await books.make("Invoice", await sale(books))
    await prefer(books, "SalesFormsPrefs", AutoApplyCredit=True)

    memo = await books.make("CreditMemo", await sale(books, await sold(books, "130")))
    await books.make("CreditMemo", await sale(books, await sold(books, "90")))
    third = await books.make("Invoice", await sale(books))

    left = [
        (await books.read("Invoice", one["Id"]))["Balance"]
        for one in (first, second, third)
    ]
    assert left == [0, 0, 80]
    assert (await books.read("CreditMemo", memo["Id"]))["RemainingCredit"] == 0
    payments = await books.query("select * from Payment")
    assert {one["TotalAmt"] for one in payments} == {0}
    assert (await balances(books))["May Chen"] == 80


async def test_credits_stay_where_they_are_when_that_is_switched_off(
    books: QuickBooks,
) -> None:
    await prefer(books, "SalesFormsPrefs", AutoApplyCredit=True)
    await books.switch(auto_apply_credit="off")

    await books.make("Invoice", await sale(books))
    memo = await books.make("CreditMemo", await sale(books))

    assert memo["RemainingCredit"] == 100
    assert await books.count("Payment") == 0


# Billed expenses


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
