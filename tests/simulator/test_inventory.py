"""Stock: first in first out, whatever order it is told in."""

from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from qbo.simulator.books.shelf import Move, Shelf
from tests.simulator.bookkeeping import (
    Json,
    account,
    balance,
    change,
    check,
    drop,
    figures,
    open_books,
    somebody,
)
from tests.simulator.client import QuickBooks, cell, expense_line
from tests.simulator.conftest import TODAY

pytestmark = pytest.mark.asyncio(loop_scope="module")
_numbers = count(1)
_PARTS = ("key", "place", "day", "quantity", "value", "each")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """One set of books for all; every test has goods of its own."""
    async with open_books() as client:
        yield client


async def goods(books: QuickBooks, quantity: int, cost: str, **more: Any) -> Json:
    """A new inventory item with so many on hand since the first of January."""
    made = await books.make(
        "Item",
        {
            "Name": f"Goods No. {next(_numbers)}",
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": quantity,
            "InvStartDate": "2026-01-01",
            "UnitPrice": 50,
            "PurchaseCost": Decimal(cost),
            "AssetAccountRef": await account(books, "Inventory Asset"),
            "IncomeAccountRef": await account(books, "Materials Income"),
            "ExpenseAccountRef": await account(books, "Cost of Goods Sold"),
            **more,
        },
    )
    return {"value": made["Id"]}


def bought(item: Json, quantity: str, each: str) -> Json:
    return {
        "Amount": Decimal(quantity) * Decimal(each),
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": {
            "ItemRef": item,
            "Qty": Decimal(quantity),
            "UnitPrice": Decimal(each),
        },
    }


def sold(item: Json, quantity: str) -> Json:
    return {
        "Amount": Decimal(quantity) * 50,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": item,
            "Qty": Decimal(quantity),
            "UnitPrice": 50,
            "TaxCodeRef": {"value": "NON"},
        },
    }


async def buy(
    books: QuickBooks, item: Json, quantity: str, each: str, day: str
) -> Json:
    vendor = await somebody(books, "Vendor")
    line = bought(item, quantity, each)
    body = {"VendorRef": vendor, "Line": [line], "TxnDate": day}
    return await books.make("Bill", body)


async def sell(
    books: QuickBooks, item: Json, quantity: str, day: str, kind: str = "Invoice"
) -> Json:
    customer = await somebody(books, "Customer")
    line = sold(item, quantity)
    body = {"CustomerRef": customer, "Line": [line], "TxnDate": day}
    if kind == "RefundReceipt":
        body["DepositToAccountRef"] = await account(books, "Business Checking")
    return await books.make(kind, body)


async def cost_of_goods(books: QuickBooks) -> Decimal:
    number = await books.id("Account", "Cost of Goods Sold")
    report = await books.report(
        "ProfitAndLoss", start_date="2026-01-01", end_date="2026-12-31"
    )
    return cell(report, number)


async def on_hand(books: QuickBooks, item: Json) -> Decimal:
    quantity: Decimal = (await books.read("Item", item["value"]))["QtyOnHand"]
    return quantity


async def test_goods_leave_at_the_cost_of_the_oldest(books: QuickBooks) -> None:
    before = await figures(books), await cost_of_goods(books)
    item = await goods(books, 10, "4")
    started = await figures(books)
    asset = await balance(books, "Inventory Asset")
    made = await buy(books, item, "10", "6", "2026-02-01")

    sale = await sell(books, item, "12", "2026-03-01")

    assert await cost_of_goods(books) == before[1] + 40 + 12
    assert await balance(books, "Inventory Asset") == asset + 60 - 52
    assert await on_hand(books, item) == 8
    await check(books)
    await drop(books, "Invoice", sale)
    await drop(books, "Bill", made)
    assert await figures(books) == started


async def test_what_is_dated_back_costs_later_sales_anew(books: QuickBooks) -> None:
    item = await goods(books, 10, "4")
    start = await cost_of_goods(books)
    sale = await sell(books, item, "5", "2026-03-01")
    assert await cost_of_goods(books) == start + 20
    version = (await books.read("Invoice", sale["Id"]))["SyncToken"]

    earlier = await sell(books, item, "10", "2026-02-01", "SalesReceipt")
    assert await cost_of_goods(books) == start + 40 + 20
    restocked = await buy(books, item, "10", "7", "2026-02-15")

    assert await cost_of_goods(books) == start + 40 + 35
    assert (await books.read("Invoice", sale["Id"]))["SyncToken"] == version
    await drop(books, "SalesReceipt", earlier)
    assert await cost_of_goods(books) == start + 20
    await drop(books, "Bill", restocked)
    assert await on_hand(books, item) == 5
    await check(books)


async def test_goods_sold_before_they_came_are_costed_when_they_come(
    books: QuickBooks,
) -> None:
    item = await goods(books, 2, "4")
    start, asset = await cost_of_goods(books), await balance(books, "Inventory Asset")

    await sell(books, item, "5", "2026-03-01")
    assert await on_hand(books, item) == -3
    assert await cost_of_goods(books) == start + 20
    assert await balance(books, "Inventory Asset") == asset - 20
    await buy(books, item, "10", "6", "2026-04-01")

    assert await cost_of_goods(books) == start + 8 + 18
    assert await balance(books, "Inventory Asset") == asset - 8 - 18 + 60
    assert await on_hand(books, item) == 7
    await check(books)


async def test_goods_come_back_by_credit_memos_and_refunds(books: QuickBooks) -> None:
    item = await goods(books, 10, "4")
    start = await cost_of_goods(books)
    await sell(books, item, "6", "2026-03-01")

    await sell(books, item, "2", "2026-03-02", "CreditMemo")
    await sell(books, item, "1", "2026-03-03", "RefundReceipt")

    assert await on_hand(books, item) == 7
    assert await cost_of_goods(books) == start + 12
    await check(books)


async def test_what_goes_back_to_a_vendor_leaves_at_its_cost(
    books: QuickBooks,
) -> None:
    item = await goods(books, 10, "4")
    start, asset = await cost_of_goods(books), await balance(books, "Inventory Asset")
    vendor = await somebody(books, "Vendor")
    body = {"VendorRef": vendor, "Line": [bought(item, "3", "5")]}

    credit = await books.make("VendorCredit", body)

    assert credit["TotalAmt"] == 15
    assert await balance(books, "Inventory Asset") == asset - 12
    assert await cost_of_goods(books) == start - 3
    assert await on_hand(books, item) == 7
    await check(books)


async def test_a_voided_sale_puts_everything_back(books: QuickBooks) -> None:
    item = await goods(books, 10, "4")
    start, asset = await cost_of_goods(books), await balance(books, "Inventory Asset")
    sale = await sell(books, item, "6", "2026-03-01")

    token = {"Id": sale["Id"], "SyncToken": sale["SyncToken"]}
    await books.make("Invoice", token, operation="void")

    assert await on_hand(books, item) == 10
    assert await cost_of_goods(books) == start
    assert await balance(books, "Inventory Asset") == asset
    await check(books)


async def test_a_changed_quantity_moves_stock_again(books: QuickBooks) -> None:
    item = await goods(books, 10, "4")
    start = await cost_of_goods(books)
    sale = await sell(books, item, "6", "2026-03-01")

    await change(books, "Invoice", sale, Line=[sold(item, "1")])

    assert await on_hand(books, item) == 9
    assert await cost_of_goods(books) == start + 4
    await check(books)


async def test_a_restart_gives_the_same_books(tmp_path: Path) -> None:
    async with open_books(folder=tmp_path) as books:
        item = await goods(books, 3, "3.33")
        late = await sell(books, item, "7", "2026-05-01")
        await buy(books, item, "3", "1.17", "2026-04-01")
        await sell(books, item, "2", "2026-02-01")
        await change(books, "Item", {"Id": item["value"]}, PurchaseCost=99)
        rent = await account(books, "Rent")
        spent = {
            "PaymentType": "Cash",
            "AccountRef": await account(books, "Business Checking"),
            "Line": [expense_line(rent["value"], "5")],
        }
        await books.make("Purchase", spent)
        before, cost = await figures(books), await cost_of_goods(books)

    async with open_books(folder=tmp_path) as books:
        assert await figures(books) == before
        assert await cost_of_goods(books) == cost
        await drop(books, "Invoice", late)
        await check(books)


async def test_layers_add_up_to_the_cent_whatever_the_order() -> None:
    told = [
        Move("1", 0, TODAY.replace(day=1), Decimal(3), Decimal("10.00")),
        Move("2", 0, TODAY.replace(day=2), Decimal(-1), None, Decimal(3)),
        Move("3", 0, TODAY.replace(day=3), Decimal(-4), None, Decimal(3)),
        Move("4", 0, TODAY.replace(day=4), Decimal(7), Decimal("20.00")),
        Move("5", 0, TODAY.replace(day=5), Decimal(1), None, Decimal(3)),
        Move("6", 0, TODAY.replace(day=6), Decimal("-2.5"), None, Decimal(3)),
    ]
    seen = []
    for order in (told, told[::-1], told[3:] + told[:3]):
        shelf = Shelf()
        for move in order:
            shelf.put([Move(*(getattr(move, name) for name in _PARTS))])
            assert shelf.value == sum(one.cost for one in shelf.moves)
        seen.append([one.cost for one in shelf.moves])

    assert seen[0] == seen[1] == seen[2]
    assert seen[0][:4] == [
        Decimal("10.00"),
        Decimal("-3.33"),
        Decimal("-12.38"),
        Decimal("20.00"),
    ]
    shelf.take_out("4")
    assert shelf.quantity == Decimal("-3.5")
    assert shelf.value == sum(one.cost for one in shelf.moves)
