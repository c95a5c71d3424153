"""Purchase orders: what takes them up, and whether all has come."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.draft import Draft

KIND: Final = "PurchaseOrder"


def show_status(company: Company, record: Record) -> None:
    """Write whether a purchase order is still open.

    It is closed when somebody said so, when a bill or purchase took it up as a whole,
    or when every one of its lines has come.
    """
    closed = record.notes.get("closed") or _has_all_come(company, record)
    record.body["POStatus"] = "Closed" if closed else "Open"


def _has_all_come(company: Company, record: Record) -> bool:
    came: dict[str, Decimal] = {}
    later_ones = company.tied.get(record.id, ())
    whole = False
    for number in later_ones:
        later = company.transaction(number)
        assert later is not None, f"{number} is linked but not there"
        by_line = list(_received(later, record.id))
        whole = whole or not by_line
        for line, quantity in by_line:
            came[line] = came.get(line, ZERO) + quantity
    ordered = [line for line in record.body["Line"] if "Amount" in line]
    return bool(later_ones) and (
        whole
        or all(
            line["Id"] in came and came[line["Id"]] >= _quantity(line)
            for line in ordered
        )
    )


def _received(later: Record, order: str) -> Iterator[tuple[str, Decimal]]:
    """What the lines of a bill or purchase took up, by the order's line."""
    for line in later.body.get("Line") or ():
        for link in line.get("LinkedTxn") or ():
            if link["TxnId"] == order and link.get("TxnLineId"):
                yield link["TxnLineId"], _quantity(line)


def _quantity(line: Json) -> Decimal:
    """How much of something a line is about: its Qty, or else its Amount."""
    detail = line.get("ItemBasedExpenseLineDetail") or {}
    found: Decimal = detail.get("Qty") or line.get("Amount", ZERO)
    return found


def take_up(draft: Draft) -> None:
    """Link a bill or purchase to the purchase orders it names.

    Raises:
        Refused: one of them is not there, or another vendor's.
    """
    sent = draft.body.pop("LinkedTxn", None) or []
    if draft.old and "LinkedTxn" not in draft.sent:
        sent = draft.old.notes.get("links", [])
    wanted = {link["TxnId"]: _order_link(link["TxnId"]) for link in _orders(sent)}
    for line in draft.body["Line"]:
        found = list(_orders(line.get("LinkedTxn") or ()))
        for link in found:
            wanted.setdefault(link["TxnId"], _order_link(link["TxnId"]))
        if "LinkedTxn" in line:
            line["LinkedTxn"] = found
    for number in wanted:
        _check(draft, number)
    draft.notes["links"] = list(wanted.values())
    if not wanted:
        del draft.notes["links"]


def _order_link(number: str) -> Json:
    return {"TxnId": number, "TxnType": KIND}


def _orders(links: Iterable[Json]) -> Iterator[Json]:
    for link in links:
        if link.get("TxnType") == KIND and link.get("TxnId"):
            yield link


def _check(draft: Draft, number: str) -> None:
    order = draft.company.find(KIND, number)
    if order is None:
        raise faults.not_found(
            "Object Not Found : Another user has deleted this transaction."
        )
    party = draft.ref("VendorRef") or draft.ref("EntityRef")
    if order.ref("VendorRef") != party:
        raise faults.refusal(
            "620", "The linked transaction belongs to another customer or vendor."
        )
