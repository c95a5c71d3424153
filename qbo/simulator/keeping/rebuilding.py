"""Bringing a company's books back from its stored records."""

from collections.abc import Iterable
from decimal import Decimal

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.moulds import enter
from qbo.simulator.rules import items, linking, settlement
from qbo.simulator.rules.claims import PAYERS
from qbo.simulator.rules.postings import opened
from qbo.simulator.rules.writes import remember


def rebuild(company: Company, records: list[Record], copies: Iterable[Record]) -> None:
    """Lists first, then what pays, then all postings in their order."""
    for record in records:
        if record.deleted:
            company.graves[record.entity.name, record.id] = record
        else:
            company.put(record)
            remember(company, record)
    enter(company, copies)
    _relink(company, records)
    _clear_balances(company)
    for record in company.records("Item"):
        items.opening_stock(company, record)
    opened(company, (one for one in records if not one.deleted))
    company.show_balances()


def _relink(company: Company, records: Iterable[Record]) -> None:
    for record in records:
        if record.deleted or not record.entity.transaction:
            continue
        linking.enter_ties(company, record, linking.ties_of(record))
        if record.entity.name in PAYERS:
            linking.enter(company, record, settlement.links_of(company, record))


def _clear_balances(company: Company) -> None:
    """Start balances at nothing; the postings bring them back."""
    names = ("Account", "Customer", "Vendor")
    shown = ("CurrentBalance", "CurrentBalanceWithSubAccounts", *_OWED)
    for record in (one for name in names for one in company.records(name)):
        for balance in shown:
            if balance in record.body:
                record.body[balance] = Decimal(0)


_OWED = ("Balance", "BalanceWithJobs")
