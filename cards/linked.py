"""What is put to the card of any answer: the way to each record in QuickBooks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cards.card import Link, Section
from cards.pages import page
from cards.plain import line
from qbo.books import (
    Answer,
    Bill,
    CreditMemo,
    Customer,
    CustomerShow,
    Invoice,
    Listing,
    Payment,
    Purchase,
    Vendor,
    VendorShow,
)

_ENTITIES: dict[type, str] = {
    Invoice: "Invoice",
    Bill: "Bill",
    Payment: "Payment",
    CreditMemo: "CreditMemo",
    Purchase: "Purchase",
    Customer: "Customer",
    Vendor: "Vendor",
}


def sections(answer: Answer, shown: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections, with a link behind each row that is a record.

    The rows of a list stand first in its table, in their order; totals follow.
    """
    listed = _listed(answer.value)
    made = []
    for section in shown:
        if section.table is None or not listed:
            made.append(section)
            continue
        table, (rows, *listed) = section.table, listed
        records = min(table.emphasis, default=len(table.rows))
        links = tuple(_page(answer, row) for row in rows[:records])
        found = replace(table, links=links) if any(links) else table
        made.append(replace(section, table=found))
    return tuple(made)


def _listed(value: Any) -> list[Sequence[Any]]:
    """The records that stand as rows, for each table of the card from above."""
    if isinstance(value, CustomerShow):
        value, recent = value.open_invoices, value.recent
    elif isinstance(value, VendorShow):
        value, recent = value.open_bills, value.recent
    else:
        recent = ()
    if not isinstance(value, Listing):
        return []
    return [rows for rows in (value.rows, recent) if rows]


def links(answer: Answer) -> tuple[Link, ...]:
    """The way to the one record that an answer shows."""
    value: Any = answer.value
    if isinstance(value, CustomerShow):
        value = value.customer
    elif isinstance(value, VendorShow):
        value = value.vendor
    address = _page(answer, value)
    if not address:
        return ()
    if isinstance(value, Invoice | Bill):
        kind = _ENTITIES[type(value)]
        name = f"{kind} {line(value.doc_number)}" if value.doc_number else kind
    else:
        name = line(getattr(value, "name", ""))
    return (Link(f"{name} in QuickBooks", address),)


def _page(answer: Answer, record: Any) -> str:
    entity = _ENTITIES.get(type(record))
    return page(answer.company, entity, record.id) if entity else ""
