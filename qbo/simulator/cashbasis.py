"""The books on cash basis: income when it is received, expense when it is paid.

An invoice counts as its payments come in, each payment bringing its share of every
line; a payment that is not applied counts as unapplied cash. Bills likewise. All else
is as on accrual basis.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from qbo.simulator.company import Company, Record
from qbo.simulator.exact import ZERO, cents
from qbo.simulator.ledger import Entry, Posting, merged
from qbo.simulator.openitems import applications
from qbo.simulator.postings.parts import sale_entries, spending_entries, stock_entries
from qbo.simulator.transactions import in_home

_ON_PAYMENT = {"Invoice", "CreditMemo", "Bill"}
_PAYMENTS = {"Payment", "BillPayment"}


def cash_postings(company: Company) -> Iterator[Posting]:
    """All postings of a company as cash basis has them; each adds up to nothing."""
    for posting in company.ledger.postings.values():
        if posting.kind in _ON_PAYMENT:
            record = company.record(posting.kind, posting.key)
            yield _at_once(company, record, posting)
            yield from _as_paid(company, record, posting)
        elif posting.kind in _PAYMENTS:
            record = company.record(posting.kind, posting.key)
            yield _money(company, record, posting)
        else:
            yield posting


def _sign(record: Record) -> int:
    return -1 if record.entity.name == "CreditMemo" else 1


def _parts(company: Company, record: Record) -> list[Entry]:
    if record.entity.name == "Bill":
        return spending_entries(company, record, 1)
    return sale_entries(company, record, _sign(record))


def _unapplied(company: Company, record: Record) -> str:
    if record.entity.name in {"Bill", "BillPayment"}:
        return company.account_of("UnappliedCashBillPaymentExpense")
    return company.account_of("UnappliedCashPaymentIncome")


def _at_once(company: Company, record: Record, posting: Posting) -> Posting:
    """What of a document counts on its own day: stock that left, a deposit."""
    entries: list[Entry] = []
    if record.entity.name != "Bill":
        entries += stock_entries(company, record, _sign(record))
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
    applied = sorted(applications(company, record), key=lambda one: int(one[0].id))
    for payer, amount in applied:
        entries = _shares(company, record, done, done + amount)
        done += amount
        rest = -sum((entry.amount for entry in entries), ZERO)
        entries.append(Entry(account, rest, party))
        yield Posting(
            f"{payer.id}:{record.id}",
            payer.entity.name,
            max(payer.day, record.day),
            merged(entries),
            posting.party,
            posting.department,
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
    """A payment with unapplied cash in place of the receivable or payable."""
    kind = "Accounts Receivable"
    if record.entity.name == "BillPayment":
        kind = "Accounts Payable"
    controls = set(company.controls[kind])
    account = _unapplied(company, record)
    customer = record.entity.name == "Payment"
    entries = [
        Entry(account, entry.amount, entry.party if customer else "")
        if entry.account in controls
        else entry
        for entry in posting.entries
    ]
    return replace(posting, entries=merged(entries))


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
