"""From a transaction to its entries: debits, credits, and what leaves stock."""

from collections.abc import Mapping
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
    key, kind = record.id, record.entity.name
    company.post(Posting(key, kind, record.day, merged(entries)))
    company.move_stock(key, moves)


def repost(company: Company, record: Record) -> None:
    """Enter a transaction again after something about it moved."""
    company.unpost(record.id)
    post(company, record)
