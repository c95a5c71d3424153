"""The rules for items: services, goods, stock, categories and bundles."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import CONTROL_TYPES, Company, Record
from qbo.simulator.books.ledger import Entry, Posting, merged
from qbo.simulator.books.shelf import Move
from qbo.simulator.exact import ZERO, cents
from qbo.simulator.rules.draft import Draft, Enter, Follow, Rule
from qbo.simulator.rules.lists import activity, check_full_name, place_below_parent
from qbo.simulator.rules.postings import repost, stock

_ACCOUNTS: Final = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef")
_STOCK_TYPES: Final = {
    "AssetAccountRef": "Other Current Asset",
    "ExpenseAccountRef": "Cost of Goods Sold",
}
"""What the accounts of an inventory item have to be."""
_STOCK_ONLY: Final = ("AssetAccountRef", "QtyOnHand", "InvStartDate", "ReorderPoint")
_PRICED: Final = (
    *("UnitPrice", "PurchaseCost", "Taxable", "IncomeAccountRef"),
    *("ExpenseAccountRef", "SalesTaxCodeRef", "PurchaseTaxCodeRef"),
)
_SOLD: Final = frozenset({"Service", "NonInventory", "Inventory"})
_LEVELS_KEPT: Final = frozenset({"Inventory", "Category", "Group"})
"""Types that an item never leaves again."""
_PRICE_MAX: Final = Decimal(99_999_999_999)


def item(draft: Draft) -> None:
    """A product or service, a category of them, or a bundle."""
    _set_type(draft)
    _TYPES[draft.body["Type"]](draft)
    activity(draft)
    _check_accounts(draft)
    _place(draft)
    check_full_name(draft, ":\t\n")


def _set_type(draft: Draft) -> None:
    """Type, given or told from the other fields.

    Raises:
        Refused: the item would become what it cannot become.
    """
    body, before = draft.body, draft.old.body["Type"] if draft.old else None
    stocked = body.get("TrackQtyOnHand") and body.get("InvStartDate")
    guess = "Inventory" if stocked and draft.ref("AssetAccountRef") else "Service"
    kind = body.setdefault("Type", before or guess)
    if before and kind != before and not {before, kind} <= _SOLD:
        raise faults.business(f"An item of type {before} cannot become {kind}.")
    if before in _LEVELS_KEPT and kind != before:
        raise faults.business(f"An item of type {before} cannot become {kind}.")
    body["TrackQtyOnHand"] = kind == "Inventory"


def _sold(draft: Draft) -> None:
    """A service or goods that are not counted."""
    body = draft.body
    _price(draft)
    for name in _STOCK_ONLY:
        body.pop(name, None)
    if not body.get("ExpenseAccountRef"):
        draft.require("IncomeAccountRef")


def _stocked(draft: Draft) -> None:
    """Goods that are counted; what they began with stays as it was."""
    body = draft.body
    _price(draft)
    draft.require("AssetAccountRef", "IncomeAccountRef", "ExpenseAccountRef")
    if draft.old and draft.old.body["Type"] == "Inventory":
        for name in ("QtyOnHand", "InvStartDate"):
            body[name] = draft.old.body[name]
    draft.require("InvStartDate", "QtyOnHand")


def _category(draft: Draft) -> None:
    """A heading for items; it is never sold itself."""
    for name in (*_PRICED, *_STOCK_ONLY, "TrackQtyOnHand", "ItemGroupDetail"):
        draft.body.pop(name, None)


def _group(draft: Draft) -> None:
    """A bundle of other items.

    Raises:
        Refused: a member is missing, or is a category or a bundle itself.
    """
    body = draft.body
    body.setdefault("Taxable", False)
    body.setdefault("PrintGroupedItems", False)
    for name in _STOCK_ONLY:
        body.pop(name, None)
    for line in (body.get("ItemGroupDetail") or {}).get("ItemGroupLine", ()):
        number = (line.get("ItemRef") or {}).get("value")
        if not number:
            raise faults.missing("ItemRef")
        member = draft.company.find("Item", number)
        if member is None or member.body["Type"] not in _SOLD:
            raise faults.bad_reference("Items", number)
        line.setdefault("Qty", Decimal(1))


_TYPES: Final[Mapping[str, Rule]] = {
    "Service": _sold,
    "NonInventory": _sold,
    "Inventory": _stocked,
    "Category": _category,
    "Group": _group,
}


def _price(draft: Draft) -> None:
    body = draft.body
    body.setdefault("Taxable", False)
    for name in ("UnitPrice", "PurchaseCost"):
        if abs(body.setdefault(name, ZERO)) > _PRICE_MAX:
            raise faults.refusal("2080", f"Invalid Number : {body[name]}", name)


def _check_accounts(draft: Draft) -> None:
    """Refuse accounts that nothing can be sold from or bought on."""
    stocked = draft.body["Type"] == "Inventory"
    for name in _ACCOUNTS:
        number = draft.ref(name)
        account = draft.company.find("Account", number) if number else None
        if account is None:
            continue
        kind = account.body["AccountType"]
        wanted = _STOCK_TYPES.get(name, kind) if stocked else kind
        if kind in CONTROL_TYPES or kind != wanted:
            raise faults.refusal(
                "6430",
                "Invalid account type: you need to select a different type of account.",
                name,
            )


def _place(draft: Draft) -> None:
    """Put the item below its category."""
    body = draft.body
    body["SubItem"] = place_below_parent(draft, "Name")
    if not body["SubItem"]:
        body.pop("Level", None)
        return
    parent = draft.company.record("Item", draft.ref("ParentRef"))
    if parent.body["Type"] != "Category":
        raise faults.refusal(
            "700", "The parent of an item has to be a category.", "ParentRef"
        )


def open_stock(draft: Draft, record: Record, _enter: Enter) -> None:
    """Enter what an inventory item begins with, and move it when accounts change."""
    moved = draft.changed("AssetAccountRef") or draft.changed("ExpenseAccountRef")
    if record.body["Type"] != "Inventory" or not moved:
        return
    opening_stock(draft.company, record)
    for number in _transactions_of(draft.company, record.id):
        transaction = draft.company.transaction(number)
        if transaction is not None:
            repost(draft.company, transaction)


def opening_stock(company: Company, record: Record) -> None:
    """Put an inventory item's first quantity and value into the books.

    Both are noted on the record: they stay what they were on the first day.
    """
    body = record.body
    if body["Type"] != "Inventory":
        return
    record.notes.setdefault("opening", body["QtyOnHand"])
    opening: Decimal = record.notes["opening"]
    value = record.notes.setdefault("value", cents(opening * body["PurchaseCost"]))
    key = f"Item:{record.id}"
    equity = company.account_of("OpeningBalanceEquity")
    entries = (
        Entry(body["AssetAccountRef"]["value"], value, item=record.id),
        Entry(equity, -value),
    )
    started = date.fromisoformat(body["InvStartDate"])
    company.unpost(key)
    company.post(Posting(key, "Inventory Starting Value", started, merged(entries)))
    stock.leave(company, key)
    stock.place(company, key, {record.id: [Move(key, 0, started, opening, value)]})


def _transactions_of(company: Company, item: str) -> list[str]:
    """The keys of the postings that have to do with an item."""
    return [
        key
        for key, posting in company.ledger.postings.items()
        if any(entry.item == item for entry in posting.entries)
    ]


RULES: Final[Mapping[str, Rule]] = {"Item": item}
FOLLOWS: Final[Mapping[str, tuple[Follow, ...]]] = {"Item": (open_stock,)}
