"""What journal entries, deposits and transfers post."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Entry
from qbo.simulator.exact import ZERO
from qbo.simulator.rules.deposits import undeposited
from qbo.simulator.rules.journal import tax_parts
from qbo.simulator.rules.postings.parts import Maker, evened, lines_of, moved, tracking
from qbo.simulator.rules.taxes import accounts
from qbo.simulator.rules.taxes.accounts import payable, tax_entries


def _journal_entry(company: Company, record: Record) -> list[Entry]:
    body = record.body
    entries = []
    for line, detail in lines_of(body, "JournalEntryLineDetail"):
        sign = 1 if detail["PostingType"] == "Debit" else -1
        party = ((detail.get("Entity") or {}).get("EntityRef") or {}).get("value", "")
        account = detail["AccountRef"]["value"]
        entry = moved(body, account, sign * line["Amount"], party)
        group, number = tracking(detail, {}), line.get("Id", "")
        entries.append(entry._replace(tracking=group, line=number))
        for rate, tax in tax_parts(company, line):
            account = payable(company, company.record("TaxRate", rate.id))
            entries.append(moved(body, account, sign * tax))
    return evened(company, entries, ZERO)


def _transfer(_company: Company, record: Record) -> list[Entry]:
    amount = record.body["Amount"]
    return [
        moved(record.body, record.ref("ToAccountRef"), amount),
        moved(record.body, record.ref("FromAccountRef"), -amount),
    ]


def _credit_card_payment(_company: Company, record: Record) -> list[Entry]:
    amount = record.body["Amount"]
    return [
        moved(record.body, record.ref("CreditCardAccountRef"), amount),
        moved(record.body, record.ref("BankAccountRef"), -amount),
    ]


def _deposit(company: Company, record: Record) -> list[Entry]:
    """What was waiting leaves undeposited funds at the rate it came in at."""
    body = record.body
    entries = [moved(body, record.ref("DepositToAccountRef"), body["TotalAmt"])]
    back = body.get("CashBack")
    if back:
        entries.append(moved(body, back["AccountRef"]["value"], back["Amount"]))
    extra = accounts.costs(company, body)
    for line in body["Line"]:
        if line.get("LinkedTxn"):
            entries += _taken(company, line["LinkedTxn"][0]["TxnId"])
            continue
        detail = line["DepositLineDetail"]
        party = (detail.get("Entity") or {}).get("value", "")
        number = line.get("Id", "")
        amount = line["Amount"] + extra.get(number, ZERO)
        entry = moved(body, detail["AccountRef"]["value"], -amount, party)
        group = tracking(detail, {})
        entries.append(entry._replace(tracking=group, line=number))
    entries += tax_entries(accounts.in_deposit(company, body), body, -1)
    rest = -sum((entry.amount for entry in entries), ZERO)
    if rest:
        entries.append(Entry(company.account_of("ExchangeGainOrLoss"), rest))
    return entries


def _taken(company: Company, number: str) -> list[Entry]:
    """What a transaction put into undeposited funds, taken out again."""
    funds = undeposited(company)
    return [
        Entry(entry.account, -entry.amount, foreign=-entry.foreign)
        for entry in company.ledger.postings[number].entries
        if entry.account in funds
    ]


MAKERS: Final[Mapping[str, Maker]] = {
    "JournalEntry": _journal_entry,
    "Transfer": _transfer,
    "CreditCardPayment": _credit_card_payment,
    "Deposit": _deposit,
}
