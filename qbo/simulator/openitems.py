"""What is open on a day: documents not yet paid, money not yet applied.

An application counts from the later of its two dates on, so that the open items of
any day add up to the receivable or payable accounts of that day.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from qbo.simulator.company import Company, Record
from qbo.simulator.exact import ZERO
from qbo.simulator.postings.parts import lines_of, settled_home
from qbo.simulator.transactions import in_home


class OpenItem(NamedTuple):
    """Something open, in home currency; what is owed to the party is negative."""

    party: str
    due: date
    amount: Decimal
    record: Record


class Side(NamedTuple):
    """One side of the open items: what is owed, what lowers it, what pays."""

    account_type: str
    debts: str
    credits: str
    payments: str


RECEIVABLE: Final = Side("Accounts Receivable", "Invoice", "CreditMemo", "Payment")
PAYABLE: Final = Side("Accounts Payable", "Bill", "", "BillPayment")


def open_items(company: Company, side: Side, day: date) -> Iterator[OpenItem]:
    """All that is open at the end of a day."""
    for record in company.records(side.debts):
        yield from _document(company, record, day, 1)
    if side.credits:
        for record in company.records(side.credits):
            yield from _document(company, record, day, -1)
    for record in company.records(side.payments):
        yield from _payment(company, record, day)
    yield from _journal(company, side, day)


def applications(company: Company, record: Record) -> Iterator[tuple[Record, Decimal]]:
    """The payments applied to a document, with their home amounts."""
    for payer_id, amount in company.applied.get(record.id, {}).items():
        payer = company.transaction(payer_id)
        assert payer is not None, f"payment {payer_id} is not there"
        yield payer, settled_home(company, record, payer_id, amount)


def _document(
    company: Company, record: Record, day: date, sign: int
) -> Iterator[OpenItem]:
    if record.day > day:
        return
    body = record.body
    left = in_home(body, body["TotalAmt"]) - in_home(body, body.get("Deposit", ZERO))
    for payer, amount in applications(company, record):
        if payer.day <= day:
            left -= amount
    if left:
        due = date.fromisoformat(body.get("DueDate") or body["TxnDate"])
        party = record.ref("CustomerRef") or record.ref("VendorRef")
        yield OpenItem(party, due, sign * left, record)


def _payment(company: Company, record: Record, day: date) -> Iterator[OpenItem]:
    if record.day > day:
        return
    left: Decimal = record.body["TotalAmt"]
    for line in record.body.get("Line") or ():
        link = line["LinkedTxn"][0]
        target = company.transaction(link["TxnId"])
        assert target is not None, f"document {link['TxnId']} is not there"
        sign = -1 if target.entity.name == "CreditMemo" else 1
        left -= sign * line["Amount"]
        if target.day > day:
            owner = target.ref("CustomerRef") or target.ref("VendorRef")
            amount = settled_home(company, target, record.id, line["Amount"])
            yield OpenItem(owner, record.day, -sign * amount, record)
    if left:
        party = record.ref("CustomerRef") or record.ref("VendorRef")
        yield OpenItem(party, record.day, -in_home(record.body, left), record)


def _journal(company: Company, side: Side, day: date) -> Iterator[OpenItem]:
    sign = 1 if side is RECEIVABLE else -1
    for record in company.records("JournalEntry"):
        if record.day > day:
            continue
        for line, detail in lines_of(record.body, "JournalEntryLineDetail"):
            account = company.record("Account", detail["AccountRef"]["value"])
            if account.body["AccountType"] == side.account_type:
                debit = detail["PostingType"] == "Debit"
                amount = in_home(record.body, line["Amount"])
                party = detail["Entity"]["EntityRef"]["value"]
                yield OpenItem(
                    party, record.day, sign * (amount if debit else -amount), record
                )
