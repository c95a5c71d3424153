"""The books on cash basis: income when it is received, expense when it is paid.

An invoice counts as its payments come in, each payment bringing its share of every
line; a payment that is not applied counts as unapplied cash. Credit memos, bills and
vendor credits likewise. All else is as on accrual basis: a journal entry stands as it
is, and what is paid on it goes against its receivable or payable.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.simulator.claims import (
    PAYERS,
    Claim,
    applied_to,
    claims_of,
    settled_home,
    unapplied,
)
from qbo.simulator.company import Company, Record
from qbo.simulator.exact import ZERO, cents
from qbo.simulator.ledger import Entry, Posting, merged
from qbo.simulator.postings.parts import sale_entries
from qbo.simulator.postings.stock import bought_entries, cost_entries
from qbo.simulator.transactions import in_home

_ON_PAYMENT: Final = {"Invoice": 1, "CreditMemo": -1, "Bill": 1, "VendorCredit": -1}
"""What counts as it is paid; credits count the other way round."""
_SALES: Final = {"Invoice", "CreditMemo"}


def cash_postings(company: Company) -> Iterator[Posting]:
    """All postings of a company as cash basis has them; each adds up to nothing."""
    for posting in company.ledger.postings.values():
        if posting.kind in _ON_PAYMENT:
            record = company.record(posting.kind, posting.key)
            yield _at_once(company, record, posting)
            yield from _as_paid(company, record, posting)
        elif posting.kind in PAYERS:
            record = company.record(posting.kind, posting.key)
            yield _money(company, record, posting)
        else:
            yield posting


def _parts(company: Company, record: Record) -> list[Entry]:
    """What a document is for: income and tax, or expense."""
    kind = record.entity.name
    make = sale_entries if kind in _SALES else bought_entries
    return make(company, record, _ON_PAYMENT[kind])


def _unapplied(company: Company, record: Record) -> str:
    if record.entity.name in {"Bill", "VendorCredit", "BillPayment"}:
        return company.account_of("UnappliedCashBillPaymentExpense")
    return company.account_of("UnappliedCashPaymentIncome")


def _at_once(company: Company, record: Record, posting: Posting) -> Posting:
    """What of a document counts on its own day: stock that left, a deposit."""
    entries: list[Entry] = []
    if record.entity.name in _SALES:
        entries += cost_entries(company, record)
    deposit = in_home(record.body, record.body.get("Deposit", ZERO))
    if deposit:
        controls = set(company.controls["Accounts Receivable"])
        into = next(
            entry.account
            for entry in posting.entries
            if entry.amount == deposit and entry.account not in controls
        )
        entries += [Entry(into, deposit), *_shares(company, record, ZERO, deposit)]
    return replace(posting, entries=merged(entries))


def _as_paid(company: Company, record: Record, posting: Posting) -> Iterator[Posting]:
    """A document's share of income or expense for each payment.

    The other side is unapplied cash, where the payment put it.
    """
    done = in_home(record.body, record.body.get("Deposit", ZERO))
    account = _unapplied(company, record)
    party = record.ref("CustomerRef")
    (claim,) = claims_of(company, record).values()
    for number, _ in applied_to(company, claim):
        amount = abs(settled_home(company, claim, number))
        entries = _shares(company, record, done, done + amount)
        done += amount
        rest = -sum((entry.amount for entry in entries), ZERO)
        entries.append(Entry(account, rest, party))
        payer = company.transactions[number]
        yield replace(
            posting,
            key=f"{payer.id}:{record.id}",
            kind=payer.entity.name,
            day=max(payer.day, record.day),
            entries=merged(entries),
        )


def _shares(
    company: Company, record: Record, before: Decimal, after: Decimal
) -> list[Entry]:
    """What a document's parts come to between two states of its payment.

    The parts are cut from running sums, and the largest takes what rounding leaves.
    """
    parts = _parts(company, record)
    total = sum((part.amount for part in parts), ZERO)
    if not total:
        return []
    shares = [
        part._replace(
            amount=cents(part.amount * after / abs(total))
            - cents(part.amount * before / abs(total))
        )
        for part in parts
    ]
    wanted = (after - before) * (1 if total > 0 else -1)
    rest = wanted - sum((share.amount for share in shares), ZERO)
    if rest:
        place = max(range(len(parts)), key=lambda one: abs(parts[one].amount))
        most = shares[place]
        shares[place] = most._replace(amount=most.amount + rest)
    return shares


def _money(company: Company, record: Record, posting: Posting) -> Posting:
    """A payment with unapplied cash in place of the receivable or payable.

    What it settles of documents that stand as they are stays receivable or payable.
    """
    side = PAYERS[record.entity.name]
    controls = set(company.controls[side.account_type])
    account = _unapplied(company, record)
    party = record.ref("CustomerRef")
    entries = [entry for entry in posting.entries if entry.account not in controls]
    for claim in _settled(company, record):
        stands = claim.record.entity.name not in _ON_PAYMENT
        home = -side.sign * settled_home(company, claim, record.id)
        if stands:
            entries.append(Entry(claim.account, home, claim.party))
        else:
            entries.append(Entry(account, home, claim.record.ref("CustomerRef")))
    left = in_home(record.body, unapplied(company, record))
    entries.append(Entry(account, -side.sign * left, party))
    return replace(posting, entries=merged(entries))


def _settled(company: Company, payer: Record) -> Iterator[Claim]:
    for target, party in company.settles.get(payer.id, ()):
        yield claims_of(company, company.transactions[target])[party]


def daily(company: Company, basis: str) -> dict[str, dict[date, Decimal]]:
    """What every account moved by each day, on either basis, debit positive."""
    if basis != "Cash":
        return company.ledger.daily
    if company.cash_days is not None:
        return company.cash_days
    sums: dict[str, dict[date, Decimal]] = {}
    for posting in cash_postings(company):
        for entry in posting.entries:
            days = sums.setdefault(entry.account, {})
            days[posting.day] = days.get(posting.day, ZERO) + entry.amount
    company.cash_days = sums
    return sums
