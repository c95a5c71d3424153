"""What is owed because of a record, and what lowers it: what payments settle.

A *claim* is a record's part of the receivable or payable account of one customer or
vendor. An invoice or a bill has one; a journal entry has one for each name on its
lines. A claim above nothing is a debt, below nothing a credit (a credit memo, money a
customer deposited).

    kind            receivable            payable
    a debt          Invoice               Bill
    a credit        CreditMemo            VendorCredit
    either          JournalEntry, Deposit, Purchase: by their lines
    settled by      Payment               BillPayment
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json, cents

Key = tuple[str, str]
"""A claim by its record's id and its customer or vendor."""
Links = dict[Key, Decimal]
"""What a payment settles of each claim: debts above nothing, credits below."""


class Side(NamedTuple):
    """One side of the open items.

    `sign` turns a debit into an amount of this side: what customers owe us is a
    debit, what we owe vendors a credit.
    """

    account_type: str
    party: str
    payments: str
    sign: int
    documents: tuple[str, ...]


RECEIVABLE: Final = Side(
    "Accounts Receivable", "Customer", "Payment", 1, ("Invoice", "CreditMemo")
)
PAYABLE: Final = Side(
    "Accounts Payable", "Vendor", "BillPayment", -1, ("Bill", "VendorCredit")
)
SIDES: Final = (RECEIVABLE, PAYABLE)
PAYERS: Final[Mapping[str, Side]] = {side.payments: side for side in SIDES}
_DOCUMENTS: Final[Mapping[str, tuple[Side, int, str]]] = {
    "Invoice": (RECEIVABLE, 1, "ARAccountRef"),
    "CreditMemo": (RECEIVABLE, -1, "ARAccountRef"),
    "Bill": (PAYABLE, 1, "APAccountRef"),
    "VendorCredit": (PAYABLE, -1, "APAccountRef"),
}
BY_LINE: Final = ("JournalEntry", "Deposit", "Purchase")
"""Kinds whose lines may name a receivable or payable account."""


class Claim(NamedTuple):
    """A claim in the currency of its transaction, and what it came to at home.

    `line` is the id of the first line it comes from, for a record that has several.
    """

    record: Record
    side: Side
    party: str
    account: str
    amount: Decimal
    home: Decimal
    line: str = ""

    @property
    def key(self) -> Key:
        """What links to it are kept under."""
        return self.record.id, self.party


def claims_of(company: Company, record: Record) -> dict[str, Claim]:
    """A record's claims by the customer or vendor they are with."""
    kind = record.entity.name
    if kind in _DOCUMENTS:
        claim = _document(company, record)
        return {claim.party: claim}
    found: dict[str, Claim] = {}
    if kind not in BY_LINE:
        return found
    for part in control_lines(company, record):
        debit, home = part.amount * part.side.sign, part.home * part.side.sign
        before = found.get(part.party)
        if before is None:
            found[part.party] = part._replace(amount=debit, home=home)
        else:
            found[part.party] = before._replace(
                amount=before.amount + debit, home=before.home + home
            )
    return found


def control_lines(company: Company, record: Record) -> Iterator[Claim]:
    """The lines on a receivable or payable account, their amounts debit positive."""
    for line, account, party, amount in _sides(record):
        kind = company.record("Account", account).body["AccountType"]
        for side in SIDES:
            if kind == side.account_type:
                home = at_home(record.body, amount)
                number = str(line.get("Id", ""))
                yield Claim(record, side, party, account, amount, home, number)


def _document(company: Company, record: Record) -> Claim:
    side, sign, name = _DOCUMENTS[record.entity.name]
    total, deposit = record.value("TotalAmt"), record.value("Deposit") or ZERO
    rate = record.value("ExchangeRate") or Decimal(1)
    return Claim(
        record,
        side,
        record.ref(f"{side.party}Ref"),
        record.ref(name) or company.control(side.account_type, record.ref(_CURRENCY)),
        sign * (total - deposit),
        sign * (cents(total * rate) - cents(deposit * rate)),
    )


_CURRENCY: Final = "CurrencyRef"
_Side = tuple[Json, str, str, Decimal]


def _sides(record: Record) -> Iterator[_Side]:
    """Lines with their account, the name that goes with it, and the debit."""
    body, kind = record.body, record.entity.name
    for line in body.get("Line") or ():
        detail = line.get(_DETAILS[kind]) or {}
        account = (detail.get("AccountRef") or {}).get("value")
        if not account or line.get("Amount") is None:
            continue
        if kind == "JournalEntry":
            sign = 1 if detail["PostingType"] == "Debit" else -1
            party = (detail.get("Entity") or {}).get("EntityRef")
        elif kind == "Deposit":
            sign, party = -1, detail.get("Entity")
        else:
            sign, party = -1 if body.get("Credit") else 1, body.get("EntityRef")
        yield line, account, (party or {}).get("value", ""), sign * line["Amount"]


_DETAILS: Final[Mapping[str, str]] = {
    "JournalEntry": "JournalEntryLineDetail",
    "Deposit": "DepositLineDetail",
    "Purchase": "AccountBasedExpenseLineDetail",
}


def at_home(body: Json, amount: Decimal) -> Decimal:
    """An amount of a transaction in the company's own currency."""
    rate: Decimal = body.get("ExchangeRate") or Decimal(1)
    return cents(amount * rate)


def applied_to(company: Company, claim: Claim) -> Iterator[tuple[str, Decimal]]:
    """The payments that settle a claim, oldest first, each with its amount."""
    parts = company.applied.get(claim.record.id, {})
    own = (key for key in parts if key[1] == claim.party)
    for key in sorted(own, key=lambda one: int(one[0])):
        yield key[0], parts[key]


def open_amount(company: Company, claim: Claim, *, without: str = "") -> Decimal:
    """What is still open of a claim, leaving one payment out of account."""
    paid = (part for payer, part in applied_to(company, claim) if payer != without)
    return claim.amount - sum(paid, ZERO)


def settled_home(company: Company, claim: Claim, payer: str) -> Decimal:
    """What a payment takes off a claim, at the rate of the claim.

    Payments are counted up in their order and the sums converted, so that the parts
    add up to the whole whatever the rate.
    """
    before = ZERO
    for other, part in applied_to(company, claim):
        if other == payer:
            after = before + part
            return _share(claim, after) - _share(claim, before)
        before += part
    return ZERO


def _share(claim: Claim, part: Decimal) -> Decimal:
    if claim.home == claim.amount:
        return part
    return cents(claim.home * part / claim.amount)


def unapplied(company: Company, payer: Record) -> Decimal:
    """What of a payment is not applied to anything."""
    total: Decimal = payer.value("TotalAmt")
    return total - sum(company.settles.get(payer.id, {}).values(), ZERO)
