"""Sales and refund receipts, credits, and what each form does to the books."""

from decimal import Decimal

import pytest

from tests.simulator.client import QuickBooks, fault, sales_line
from tests.simulator.forms import balances, net_income, prefer, sale, sold, version_of


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
