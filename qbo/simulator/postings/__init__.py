"""From a transaction to its entries: debits, credits, and what leaves stock."""

from collections.abc import Mapping
from sys import intern
from typing import Final

from qbo.simulator.company import Company, Record
from qbo.simulator.ledger import Posting, merged
from qbo.simulator.postings import money, sales, spending
from qbo.simulator.postings.parts import Maker

_MAKERS: Final[Mapping[str, Maker]] = {
    **sales.MAKERS,
    **spending.MAKERS,
    **money.MAKERS,
}


def post(company: Company, record: Record) -> None:
    """Enter a transaction into the ledger and move the stock it moves."""
    make = _MAKERS.get(record.entity.name)
    if make is None:
        return
    entries, moves = make(company, record)
    company.post(
        Posting(
            record.id,
            record.entity.name,
            record.day,
            merged(entries),
            next(filter(None, (_ref(record, name) for name in _PARTIES)), ""),
            _ref(record, "DepartmentRef"),
        )
    )
    company.move_stock(record.id, moves)


_PARTIES: Final = ("CustomerRef", "VendorRef", "EntityRef", "EmployeeRef")


def _ref(record: Record, name: str) -> str:
    """The id behind a reference, kept once for all that point there."""
    return intern(record.ref(name)) if name in record.entity.fields else ""


def repost(company: Company, record: Record) -> None:
    """Enter a transaction again after something about it moved."""
    company.unpost(record.id)
    post(company, record)
