"""What is put to the card of any answer: the way to each record in QuickBooks."""

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
    listing = answer.value
    if isinstance(listing, CustomerShow):
        listing = listing.open_invoices
    if not isinstance(listing, Listing):
        return shown
    links = tuple(_page(answer, row) for row in listing.rows)
    if not any(links):
        return shown
    made, is_open = [], True
    for section in shown:
        if section.table and is_open:
            table = section.table
            records = min(table.emphasis, default=len(table.rows))
            table = replace(table, links=links[:records])
            made.append(replace(section, table=table))
            is_open = False
        else:
            made.append(section)
    return tuple(made)


def links(answer: Answer) -> tuple[Link, ...]:
    """The way to the one record that an answer shows."""
    value: Any = answer.value
    if isinstance(value, CustomerShow):
        value = value.customer
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
