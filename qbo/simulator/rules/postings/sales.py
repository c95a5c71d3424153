"""What sales forms and customer payments post."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Entry
from qbo.simulator.exact import ZERO
from qbo.simulator.rules.postings.parts import Maker, moved, sale_entries, settled
from qbo.simulator.rules.postings.stock import cost_entries


def _sale(company: Company, record: Record, sign: int) -> list[Entry]:
    body, party = record.body, record.ref("CustomerRef")
    account = record.ref("ARAccountRef")
    account = account or company.control(
        "Accounts Receivable", record.ref("CurrencyRef")
    )
    owed = moved(body, account, sign * body["TotalAmt"], party)
    entries = [owed, *sale_entries(company, record, sign)]
    deposit = body.get("Deposit", ZERO)
    if deposit:
        paid_into = record.ref("DepositToAccountRef")
        paid_into = paid_into or company.account_of("UndepositedFunds")
        entries += [
            moved(body, paid_into, deposit),
            moved(body, account, -deposit, party),
        ]
    return entries + cost_entries(company, record)


def _invoice(company: Company, record: Record) -> list[Entry]:
    return _sale(company, record, 1)


def _credit_memo(company: Company, record: Record) -> list[Entry]:
    return _sale(company, record, -1)


def _cash_sale(company: Company, record: Record, sign: int) -> list[Entry]:
    """Sold and paid, or taken back and paid out, at once: no receivable."""
    account, body = record.ref("DepositToAccountRef"), record.body
    entries = [moved(body, account, sign * body["TotalAmt"])]
    entries += sale_entries(company, record, sign)
    return entries + cost_entries(company, record)


def _sales_receipt(company: Company, record: Record) -> list[Entry]:
    return _cash_sale(company, record, 1)


def _refund_receipt(company: Company, record: Record) -> list[Entry]:
    return _cash_sale(company, record, -1)


def _payment(company: Company, record: Record) -> list[Entry]:
    party = record.ref("CustomerRef")
    account = record.ref("ARAccountRef")
    account = account or company.control(
        "Accounts Receivable", record.ref("CurrencyRef")
    )
    total = record.body["TotalAmt"]
    paid = moved(record.body, record.ref("DepositToAccountRef"), total)
    return [paid, *settled(company, record, account, party, 1)]


MAKERS: Final[Mapping[str, Maker]] = {
    "Invoice": _invoice,
    "SalesReceipt": _sales_receipt,
    "RefundReceipt": _refund_receipt,
    "CreditMemo": _credit_memo,
    "Payment": _payment,
}
