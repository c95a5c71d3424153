"""Sales forms: their lines, their members, their numbers."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.client import QuickBooks, fault, sales_line
from tests.simulator.forms import balances, prefer, sale, sold, version_of

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
