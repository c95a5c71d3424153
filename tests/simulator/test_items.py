"""Services, goods, stock, categories and bundles."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.client import Json, QuickBooks, fault, sales_line
from tests.simulator.test_names import change_of


async def stock(books: QuickBooks, **more: Any) -> Json:
    """What an inventory item needs."""
    refs = {
        name: {
            "value": (await books.query(f"select * from Account where {where}"))[0][
                "Id"
            ]
        }
        for name, where in (
            ("IncomeAccountRef", "Name = 'Design Income'"),
            ("ExpenseAccountRef", "AccountSubType = 'SuppliesMaterialsCogs'"),
            ("AssetAccountRef", "AccountSubType = 'Inventory'"),
        )
    }
    return {
        "Name": "Bench",
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 10,
        "InvStartDate": "2026-11-01",
        "UnitPrice": 40,
        "PurchaseCost": 25,
        **refs,
        **more,
    }


async def income(books: QuickBooks) -> Json:
    return {"value": await books.id("Account", "Design Income")}


async def test_stock_begins_with_its_quantity_and_value(books: QuickBooks) -> None:
    body = await stock(books, ReorderPoint=3, Sku="B-1")
    asset = body["AssetAccountRef"]["value"]
    before = await books.read("Account", asset)

    made = await books.make("Item", body)

    after = await books.read("Account", asset)
    assert after["CurrentBalance"] - before["CurrentBalance"] == 250
    assert (made["QtyOnHand"], made["ReorderPoint"], made["Sku"]) == (10, 3, "B-1")
    assert made["TrackQtyOnHand"] is True
    assert made["InvStartDate"] == "2026-11-01"


@pytest.mark.parametrize(
    "missing",
    [
        *("QtyOnHand", "InvStartDate", "AssetAccountRef", "IncomeAccountRef"),
        "ExpenseAccountRef",
    ],
)
async def test_stock_needs_all_of_it(books: QuickBooks, missing: str) -> None:
    body = await stock(books)
    del body[missing]

    answer = await books.post("item", body)

    assert fault(answer)[0] == "2020"
    assert answer.json()["Fault"]["Error"][0]["element"] == missing


async def test_what_stock_began_with_is_not_written_again(books: QuickBooks) -> None:
    made = await books.make("Item", await stock(books))
    change = change_of(made, QtyOnHand=500, InvStartDate="2026-01-01")

    changed = await books.make("Item", change)
    full = {**await stock(books), "Id": made["Id"], "SyncToken": "1"}
    for name in ("Type", "TrackQtyOnHand", "QtyOnHand", "InvStartDate"):
        del full[name]
    kept = await books.make("Item", full)

    for one in (changed, kept):
        assert (one["QtyOnHand"], one["InvStartDate"]) == (10, "2026-11-01")
        assert one["Type"] == "Inventory"


async def test_stock_that_moves_to_another_account_takes_its_value_along(
    books: QuickBooks,
) -> None:
    made = await books.make("Item", await stock(books))
    line = sales_line(made["Id"], "80", Qty=2, UnitPrice=40)
    customer = {"value": await books.id("Customer", "May Chen")}
    await books.make("Invoice", {"CustomerRef": customer, "Line": [line]})
    body = {"Name": "Yard Stock", "AccountSubType": "Inventory"}
    yard = await books.make("Account", body)

    await books.make("Item", change_of(made, AssetAccountRef={"value": yard["Id"]}))

    after = await books.read("Account", yard["Id"])
    assert after["CurrentBalance"] == 8 * 25
    assert (await books.read("Item", made["Id"]))["QtyOnHand"] == 8


@pytest.mark.parametrize(
    ("member", "subtype"),
    [
        ("IncomeAccountRef", "AccountsReceivable"),
        ("ExpenseAccountRef", "AccountsPayable"),
        ("ExpenseAccountRef", "Travel"),
        ("AssetAccountRef", "Checking"),
    ],
)
async def test_accounts_that_do_not_fit_are_6430(
    books: QuickBooks, member: str, subtype: str
) -> None:
    body = {"Name": "Wrong Account", "AccountSubType": subtype}
    account = await books.make("Account", body)

    wrong = {member: {"value": account["Id"]}}
    answer = await books.post("item", await stock(books, **wrong))

    assert fault(answer)[0] == "6430"


async def test_a_service_needs_an_account_of_either_side(books: QuickBooks) -> None:
    rent = {"value": await books.id("Account", "Rent")}

    neither = await books.post("item", {"Name": "Air", "Type": "Service"})
    bought = await books.make("Item", {"Name": "Water", "ExpenseAccountRef": rent})

    assert fault(neither)[0] == "2020"
    assert bought["Type"] == "Service"
    assert bought["TrackQtyOnHand"] is False
    assert (bought["UnitPrice"], bought["PurchaseCost"]) == (0, 0)


async def test_names_are_unique_below_one_category(books: QuickBooks) -> None:
    account = await income(books)
    garden = await books.make("Item", {"Name": "Garden", "Type": "Category"})
    house = await books.make("Item", {"Name": "House", "Type": "Category"})
    lamp = {"Name": "Lamp", "Type": "Service", "IncomeAccountRef": account}

    one = await books.make("Item", {**lamp, "ParentRef": {"value": garden["Id"]}})
    two = await books.make("Item", {**lamp, "ParentRef": {"value": house["Id"]}})
    taken = await books.post("item", {**lamp, "ParentRef": {"value": house["Id"]}})

    assert one["FullyQualifiedName"] == "Garden:Lamp"
    assert (one["SubItem"], one["Level"]) == (True, 1)
    assert two["FullyQualifiedName"] == "House:Lamp"
    assert fault(taken)[0] == "6240"


async def test_only_a_category_has_items_below_it(books: QuickBooks) -> None:
    service = {"value": await books.id("Item", "Consulting")}
    body = {"Name": "Half", "IncomeAccountRef": await income(books)}

    answer = await books.post("item", {**body, "ParentRef": service})

    assert fault(answer)[0] == "700"


async def test_a_category_is_never_sold(books: QuickBooks) -> None:
    made = await books.make(
        "Item", {"Name": "Heading", "Type": "Category", "UnitPrice": 5, "Taxable": True}
    )
    customer = {"value": await books.id("Customer", "May Chen")}
    line = sales_line(made["Id"], "10")

    answer = await books.post("invoice", {"CustomerRef": customer, "Line": [line]})

    assert not {"UnitPrice", "Taxable", "TrackQtyOnHand"} & set(made)
    assert fault(answer)[0] == "2500"


async def test_a_bundle_lists_its_items(books: QuickBooks) -> None:
    consulting = await books.id("Item", "Consulting")
    line = {"ItemRef": {"value": consulting}, "Qty": 2}
    detail = {"ItemGroupLine": [line, {"ItemRef": {"value": consulting}}]}
    body = {"Name": "Starter", "Type": "Group", "ItemGroupDetail": detail}

    made = await books.make("Item", {**body, "PrintGroupedItems": True})
    nested = await books.post(
        "item",
        {
            "Name": "Nested",
            "Type": "Group",
            "ItemGroupDetail": {"ItemGroupLine": [{"ItemRef": {"value": made["Id"]}}]},
        },
    )

    named = {"value": consulting, "name": "Consulting"}
    assert made["PrintGroupedItems"] is True
    assert made["ItemGroupDetail"]["ItemGroupLine"] == [
        {"ItemRef": named, "Qty": 2},
        {"ItemRef": named, "Qty": 1},
    ]
    assert fault(nested)[0] == "2500"


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        ("Service", "NonInventory", True),
        ("NonInventory", "Service", True),
        ("Service", "Category", False),
        ("Category", "Service", False),
        ("Inventory", "Service", False),
        ("Service", "Group", False),
    ],
)
async def test_some_types_turn_into_others(
    books: QuickBooks,
    before: str,
    after: str,
    fits: bool,
) -> None:
    body: Json = await stock(books) if before == "Inventory" else {"Name": "Turning"}
    if before != "Category":
        body["IncomeAccountRef"] = await income(books)
    made = await books.make("Item", {**body, "Type": before})

    answer = await books.post("item", change_of(made, Type=after))

    if fits:
        assert answer.json()["Item"]["Type"] == after
    else:
        assert fault(answer)[0] == "6000"


async def test_goods_can_begin_to_be_counted(books: QuickBooks) -> None:
    body = await stock(books, Type="NonInventory")
    made = await books.make("Item", body)

    counted = await books.make("Item", change_of(made, **await stock(books)))

    assert "QtyOnHand" not in made
    assert (counted["Type"], counted["QtyOnHand"]) == ("Inventory", 10)


async def test_the_fields_of_stock_make_an_inventory_item(books: QuickBooks) -> None:
    body = await stock(books)
    del body["Type"]

    made = await books.make("Item", body)

    assert made["Type"] == "Inventory"


async def test_prices_have_their_digits_and_a_bound(books: QuickBooks) -> None:
    body = {"Name": "Fine", "IncomeAccountRef": await income(books)}

    fine = await books.make("Item", {**body, "UnitPrice": Decimal("0.12345")})
    answer = await books.post("item", {**body, "Name": "Dear", "UnitPrice": 10**12})

    assert fine["UnitPrice"] == Decimal("0.12345")
    assert fault(answer)[0] == "2080"
