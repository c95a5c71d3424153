"""From a transaction to its entries: debits, credits, and what leaves stock."""

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Final

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Posting, merged
from qbo.simulator.rules.postings import money, sales, spending, stock
from qbo.simulator.rules.postings.parts import Maker

_MAKERS: Final[Mapping[str, Maker]] = {
    **sales.MAKERS,
    **spending.MAKERS,
    **money.MAKERS,
}


def post(company: Company, record: Record) -> None:
    """Enter a transaction into the ledger and move the stock it moves.

    Other transactions whose goods cost something else because of that are entered
    again.
    """
    if record.entity.name in _MAKERS:
        recosted = stock.enter(company, record)
        _enter(company, record)
        _enter_again(company, recosted)


def unpost(company: Company, record: Record) -> None:
    """Take a transaction out of the ledger, and off the shelves."""
    company.unpost(record.id)
    _enter_again(company, stock.leave(company, record.id))


def repost(company: Company, record: Record) -> None:
    """Enter a transaction again after something about it moved."""
    company.unpost(record.id)
    recosted = stock.leave(company, record.id)
    recosted |= stock.enter(company, record)
    if record.entity.name in _MAKERS:
        _enter(company, record)
    _enter_again(company, recosted)


def opened(company: Company, records: Iterable[Record]) -> None:
    """Enter all transactions of a company: stock first, deposits of others last."""
    rows = [record for record in records if record.entity.name in _MAKERS]
    rows.sort(key=lambda one: one.entity.name == "Deposit")
    for record in rows:
        stock.enter(company, record)
    for record in rows:
        _enter(company, record)


def _enter_again(company: Company, numbers: set[str]) -> None:
    for number in sorted(numbers, key=_by_number):
        record = company.transaction(number)
        if record is not None and number in company.ledger.postings:
            company.unpost(number)
            _enter(company, record)


def _by_number(number: str) -> int:
    return int(number) if number.isdigit() else 0


def _enter(company: Company, record: Record) -> None:
    company.post(
        Posting(
            record.id,
            record.entity.name,
            record.day,
            merged(_MAKERS[record.entity.name](company, record)),
            next(filter(None, (_ref(record, name) for name in _PARTIES)), ""),
            _ref(record, "DepartmentRef"),
        )
    )


_PARTIES: Final = ("CustomerRef", "VendorRef", "EntityRef", "EmployeeRef")


def _ref(record: Record, name: str) -> str:
    """The id behind a reference, kept once for all that point there."""
    return intern(record.ref(name)) if name in record.entity.fields else ""
