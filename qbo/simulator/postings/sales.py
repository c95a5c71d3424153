"""What sales forms and customer payments post."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.company import Company, Record
from qbo.simulator.exact import ZERO
from qbo.simulator.ledger import Entry
from qbo.simulator.postings.parts import (
    Maker,
    Moves,
    sale_entries,
    settled,
    sold,
    stock_entries,
)
from qbo.simulator.transactions import in_home


def _sale(company: Company, record: Record, sign: int) -> tuple[list[Entry], Moves]:
    body, party = record.body, record.ref("CustomerRef")
    account = company.control("Accounts Receivable", record.ref("CurrencyRef"))
    total = sign * in_home(body, body["TotalAmt"])
    entries = [Entry(account, total, party), *sale_entries(company, record, sign)]
    deposit = body.get("Deposit", ZERO)
    if deposit:
        paid_into = record.ref("DepositToAccountRef")
        paid_into = paid_into or company.account_of("UndepositedFunds")
        amount = in_home(body, deposit)
        entries += [Entry(paid_into, amount), Entry(account, -amount, party)]
    entries += stock_entries(company, record, sign)
    return entries, sold(company, record, sign)


def _invoice(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    return _sale(company, record, 1)


def _credit_memo(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    return _sale(company, record, -1)


def _payment(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    body, party = record.body, record.ref("CustomerRef")
    account = company.control("Accounts Receivable", record.ref("CurrencyRef"))
    total = in_home(body, body["TotalAmt"])
    entries = [Entry(record.ref("DepositToAccountRef"), total)]
    return entries + settled(company, record, account, party, 1), []


MAKERS: Final[Mapping[str, Maker]] = {
    "Invoice": _invoice,
    "CreditMemo": _credit_memo,
    "Payment": _payment,
}
