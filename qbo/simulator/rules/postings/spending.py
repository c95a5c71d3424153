"""What bills, purchases and payments to vendors post."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Entry
from qbo.simulator.rules.postings.parts import Maker, moved, paying_account, settled
from qbo.simulator.rules.postings.stock import bought_entries


def _owed(company: Company, record: Record, sign: int) -> list[Entry]:
    account, total = record.ref("APAccountRef"), record.body["TotalAmt"]
    owed = moved(record.body, account, -sign * total, record.ref("VendorRef"))
    return [owed, *bought_entries(company, record, sign)]


def _bill(company: Company, record: Record) -> list[Entry]:
    return _owed(company, record, 1)


def _vendor_credit(company: Company, record: Record) -> list[Entry]:
    return _owed(company, record, -1)


def _purchase(company: Company, record: Record) -> list[Entry]:
    sign = -1 if record.body.get("Credit") else 1
    paid = moved(record.body, record.ref("AccountRef"), -sign * record.body["TotalAmt"])
    return [paid, *bought_entries(company, record, sign)]


def _bill_payment(company: Company, record: Record) -> list[Entry]:
    body, party = record.body, record.ref("VendorRef")
    account = record.ref("APAccountRef")
    account = account or company.control("Accounts Payable", record.ref("CurrencyRef"))
    paid = moved(body, paying_account(body), -body["TotalAmt"])
    return [paid, *settled(company, record, account, party, -1)]


MAKERS: Final[Mapping[str, Maker]] = {
    "Bill": _bill,
    "VendorCredit": _vendor_credit,
    "Purchase": _purchase,
    "BillPayment": _bill_payment,
}
