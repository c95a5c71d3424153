"""What bills, purchases and payments to vendors post."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.company import Company, Record
from qbo.simulator.ledger import Entry
from qbo.simulator.postings.parts import (
    Maker,
    Moves,
    bought,
    paying_account,
    settled,
    spending_entries,
)
from qbo.simulator.transactions import in_home


def _bill(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    account, body = record.ref("APAccountRef"), record.body
    owed = Entry(account, -in_home(body, body["TotalAmt"]), record.ref("VendorRef"))
    return [owed, *spending_entries(company, record, 1)], bought(company, record, 1)


def _purchase(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    sign = -1 if record.body.get("Credit") else 1
    total = in_home(record.body, record.body["TotalAmt"])
    paid = Entry(record.ref("AccountRef"), -sign * total)
    entries = [paid, *spending_entries(company, record, sign)]
    return entries, bought(company, record, sign)


def _bill_payment(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    body, party = record.body, record.ref("VendorRef")
    account = company.control("Accounts Payable", record.ref("CurrencyRef"))
    paid_from = paying_account(body)
    entries = [Entry(paid_from, -in_home(body, body["TotalAmt"]))]
    return entries + settled(company, record, account, party, -1), []


MAKERS: Final[Mapping[str, Maker]] = {
    "Bill": _bill,
    "Purchase": _purchase,
    "BillPayment": _bill_payment,
}
