"""What transactions move on the shelves, and what that costs.

A sale notes the purchase cost of its day, for goods that were never bought: a price
changed later leaves it alone, and a restart gives the same books.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Entry
from qbo.simulator.books.shelf import Move, Shelf
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.postings.parts import (
    item_accounts,
    item_of,
    lines_of,
    spent,
    tracking,
)

_SOLD: Final[Mapping[str, int]] = {
    "Invoice": -1,
    "SalesReceipt": -1,
    "CreditMemo": 1,
    "RefundReceipt": 1,
}
_BOUGHT: Final[Mapping[str, int]] = {"Bill": 1, "Purchase": 1, "VendorCredit": -1}


def enter(company: Company, record: Record) -> set[str]:
    """Enter what a record moves; gives the ids of others whose costs that changed."""
    moves: dict[str, list[Move]] = {}
    for item, move in _moves(company, record):
        moves.setdefault(item, []).append(move)
    return place(company, record.id, moves)


def place(company: Company, key: str, moves: Mapping[str, list[Move]]) -> set[str]:
    """Put moves by item on their shelves."""
    changed: set[str] = set()
    if moves:
        company.shelved[key] = dict(moves)
    for item, some in moves.items():
        changed |= company.shelves.setdefault(item, Shelf()).put(some)
        company.show_stock(item)
    return changed - {key}


def leave(company: Company, key: str) -> set[str]:
    """Take out what a record moved; gives the ids of others costed anew."""
    changed: set[str] = set()
    for item in company.shelved.pop(key, ()):
        changed |= company.shelves[item].take_out(key)
        company.show_stock(item)
    return changed


def valued(company: Company, day: date) -> Iterator[tuple[Record, Decimal, Decimal]]:
    """Inventory items with the quantity and value on hand at the end of a day."""
    for item in company.records("Item"):
        if item.body["Type"] == "Inventory":
            shelf = company.shelves.get(item.id, Shelf())
            yield item, *shelf.at(day)


def costs(company: Company, record: Record) -> dict[int, Decimal]:
    """What each move of a record moved stock by, by its place in the record."""
    return {
        move.place: move.cost
        for moves in company.shelved.get(record.id, {}).values()
        for move in moves
    }


def cost_entries(company: Company, record: Record) -> list[Entry]:
    """Cost of what a sale takes from stock, or brings back."""
    if record.id not in company.shelved:
        return []
    found = costs(company, record)
    entries = []
    party = record.ref("CustomerRef")
    for place_, detail in _stocked_sales(company, record):
        item = item_of(detail)
        asset, expense = item_accounts(company, item)
        group, cost = tracking(detail, record.body), found[place_]
        entries.append(Entry(expense, -cost, party, item, group))
        entries.append(Entry(asset, cost, "", item))
    return entries


def bought_entries(company: Company, record: Record, sign: int) -> list[Entry]:
    """What something bought (sign 1) or sent back (-1) is spent on.

    What is sent back leaves stock at its cost; the rest of its price is cost of goods.
    """
    entries = spent(company, record, sign)
    if record.id not in company.shelved:
        return entries
    found = costs(company, record)
    made: list[Entry] = []
    for place_, entry in enumerate(entries):
        cost = found.get(place_, entry.amount)
        made.append(entry._replace(amount=cost))
        if cost != entry.amount:
            _, expense = item_accounts(company, entry.item)
            made.append(entry._replace(account=expense, amount=entry.amount - cost))
    return made


def _moves(company: Company, record: Record) -> Iterator[tuple[str, Move]]:
    kind = record.entity.name
    if kind in _SOLD:
        yield from _sold(company, record, _SOLD[kind])
    elif kind in _BOUGHT:
        sign = -1 if record.body.get("Credit") else _BOUGHT[kind]
        yield from _bought(company, record, sign)


def _sold(company: Company, record: Record, sign: int) -> Iterator[tuple[str, Move]]:
    for place_, detail in _stocked_sales(company, record):
        item = item_of(detail)
        known: Json = record.notes.setdefault("costs", {})
        body = company.record("Item", item).body
        known.setdefault(item, body.get("PurchaseCost", ZERO))
        each: Decimal = known[item]
        quantity = sign * detail["Qty"]
        yield item, Move(record.id, place_, record.day, quantity, None, each)


def _stocked_sales(company: Company, record: Record) -> Iterator[tuple[int, Json]]:
    lines = lines_of(record.body, "SalesItemLineDetail")
    for place_, (_, detail) in enumerate(lines):
        item = item_of(detail)
        if item and detail.get("Qty") and item_accounts(company, item)[0]:
            yield place_, detail


def _bought(company: Company, record: Record, sign: int) -> Iterator[tuple[str, Move]]:
    entries = spent(company, record, sign)
    quantities = {
        line.get("Id", ""): sign * detail.get("Qty", ZERO)
        for line, detail in lines_of(record.body, "ItemBasedExpenseLineDetail")
    }
    for place_, entry in enumerate(entries):
        if not entry.item or not item_accounts(company, entry.item)[0]:
            continue
        quantity = quantities[entry.line]
        known = entry.amount if quantity >= ZERO else None
        each = abs(entry.amount / quantity) if quantity else ZERO
        yield entry.item, Move(record.id, place_, record.day, quantity, known, each)
