"""What is open on a day: documents not yet paid, money not yet applied.

An application counts from the later of its two dates on, so that the open items of
any day add up to the receivable or payable accounts of that day.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from qbo.simulator.books.company import Company, Record
from qbo.simulator.rules.claims import (
    BY_LINE,
    PAYABLE,
    RECEIVABLE,
    Claim,
    Side,
    applied_to,
    claims_of,
    settled_home,
    unapplied,
)
from qbo.simulator.rules.transactions import in_home

__all__ = ["PAYABLE", "RECEIVABLE", "OpenItem", "Side", "open_items"]


class OpenItem(NamedTuple):
    """Something open, in home currency; what is owed to the party is negative."""

    party: str
    due: date
    amount: Decimal
    record: Record


def open_items(company: Company, side: Side, day: date) -> Iterator[OpenItem]:
    """All that is open at the end of a day."""
    for claim in claims(company, side, day):
        yield from _left_of(company, claim, day)
    for record in company.records(side.payments):
        if record.day <= day:
            yield from _left_over(company, side, record, day)


def claims(company: Company, side: Side, day: date) -> Iterator[Claim]:
    """The claims of one side up to a day, without what is known to be settled."""
    for kind in side.documents:
        for record in company.records(kind):
            if record.day <= day and not _is_settled(company, record, day):
                yield from claims_of(company, record).values()
    controls = set(company.controls[side.account_type])
    for posting in list(company.ledger.postings.values()):
        if (
            posting.day <= day
            and posting.kind in BY_LINE
            and any(entry.account in controls for entry in posting.entries)
        ):
            record = company.record(posting.kind, posting.key)
            for claim in claims_of(company, record).values():
                if claim.side is side:
                    yield claim


def _is_settled(company: Company, record: Record, day: date) -> bool:
    """Whether nothing is open of a document, by what can be had without its body."""
    return record.value("Balance") == 0 and all(
        company.transactions[payer].day <= day
        for payer, _ in company.applied.get(record.id, ())
    )


def _left_of(company: Company, claim: Claim, day: date) -> Iterator[OpenItem]:
    left = claim.home
    for number, _ in applied_to(company, claim):
        if company.transactions[number].day <= day:
            left -= settled_home(company, claim, number)
    if left:
        record = claim.record
        due = date.fromisoformat(record.body.get("DueDate") or record.body["TxnDate"])
        yield OpenItem(claim.party, due, left, record)


def _left_over(
    company: Company, side: Side, payer: Record, day: date
) -> Iterator[OpenItem]:
    """What of a payment is not applied yet: it lowers what is owed."""
    for target, party in company.settles.get(payer.id, ()):
        document = company.transactions[target]
        if document.day > day:
            claim = claims_of(company, document)[party]
            amount = settled_home(company, claim, payer.id)
            yield OpenItem(party, payer.day, -amount, payer)
    left = unapplied(company, payer)
    if left:
        party = payer.ref(f"{side.party}Ref")
        yield OpenItem(party, payer.day, -in_home(payer.body, left), payer)
