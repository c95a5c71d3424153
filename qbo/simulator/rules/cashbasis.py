"""The books on cash basis: income when it is received, expense when it is paid.

An invoice counts as its payments come in, each payment bringing its share of every
line; a payment that is not applied counts as unapplied cash. Credit memos, bills and
vendor credits likewise. All else is as on accrual basis: a journal entry stands as it
is, and what is paid on it goes against its receivable or payable.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.simulator.books.company import Company
from qbo.simulator.books.ledger import Entry, Posting, merged
from qbo.simulator.exact import ZERO, cents
from qbo.simulator.rules.claims import (
    PAYERS,
    RECEIVABLE,
    SIDES,
    Key,
    applied_to,
    claims_of,
    settled_home,
    unapplied,
)
from qbo.simulator.rules.postings.parts import sale_entries
from qbo.simulator.rules.postings.stock import bought_entries, cost_entries
from qbo.simulator.rules.transactions import in_home

_ON_PAYMENT: Final = {"Invoice": 1, "CreditMemo": -1, "Bill": 1, "VendorCredit": -1}
"""What counts as it is paid; credits count the other way round."""
_SALES: Final = {"Invoice", "CreditMemo"}


def cash_postings(company: Company) -> Iterator[Posting]:
    """All postings of a company as cash basis has them; each adds up to nothing."""
    return _Cash(company).postings()


_Entries = tuple[Entry, ...]


class _Cash:
    """The books of one company on cash basis.

    A document in home currency that begins with one entry, what is owed, is told from
    its posting alone, without its body; so is a payment of documents only. What was
    found out of entries is kept by them: documents that are alike share theirs.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._controls = {
            one for side in SIDES for one in company.controls[side.account_type]
        }
        self._parts: dict[int, tuple[_Entries, _Entries] | None] = {}
        self._unapplied = {
            "Customer": company.account_of("UnappliedCashPaymentIncome"),
            "Vendor": company.account_of("UnappliedCashBillPaymentExpense"),
        }

    def postings(self) -> Iterator[Posting]:
        """All postings."""
        for posting in self._company.ledger.postings.values():
            if posting.kind in _ON_PAYMENT:
                yield from self._document(posting)
            elif posting.kind in PAYERS:
                yield self._money(posting)
            else:
                yield posting

    def _document(self, posting: Posting) -> Iterator[Posting]:
        """What of a document counts on its own day, and with each payment."""
        kept = id(posting.entries)
        if kept not in self._parts:
            self._parts[kept] = self._sorted(posting)
        found = self._parts[kept]
        if found is None:
            yield from self._looked_up(posting)
            return
        goods, parts = found
        if goods:
            yield _with(posting, goods)
        applied = self._company.applied.get(posting.key, {})
        payers = sorted(applied, key=_by_payer) if len(applied) > 1 else applied
        amounts = [(payer[0], abs(applied[payer])) for payer in payers]
        yield from self._as_paid(posting, parts, ZERO, amounts)

    def _sorted(self, posting: Posting) -> tuple[_Entries, _Entries] | None:
        """A document's goods, and what it is for, if its entries alone tell."""
        owed = [one for one in posting.entries if one.account in self._controls]
        if len(owed) != 1 or owed[0].foreign not in {ZERO, owed[0].amount}:
            return None
        rest = [one for one in posting.entries if one is not owed[0]]
        goods = tuple(one for one in rest if _is_cost(posting, one))
        return goods, tuple(one for one in rest if not _is_cost(posting, one))

    def _looked_up(self, posting: Posting) -> Iterator[Posting]:
        """The same for a document in another currency, or with a deposit."""
        company = self._company
        record = company.record(posting.kind, posting.key)
        make = sale_entries if posting.kind in _SALES else bought_entries
        parts = make(company, record, _ON_PAYMENT[posting.kind])
        entries = cost_entries(company, record) if posting.kind in _SALES else []
        deposit = in_home(record.body, record.body.get("Deposit", ZERO))
        if deposit:
            into = next(
                entry.account
                for entry in posting.entries
                if entry.amount == deposit and entry.account not in self._controls
            )
            entries += [Entry(into, deposit), *_shares(parts, ZERO, deposit)]
        yield _with(posting, merged(entries))
        (claim,) = claims_of(company, record).values()
        amounts = [
            (payer, abs(settled_home(company, claim, payer)))
            for payer, _ in applied_to(company, claim)
        ]
        yield from self._as_paid(posting, parts, deposit, amounts)

    def _as_paid(
        self,
        posting: Posting,
        parts: Iterable[Entry],
        done: Decimal,
        amounts: Iterable[tuple[str, Decimal]],
    ) -> Iterator[Posting]:
        """A document's share of income or expense for each payment.

        The other side is unapplied cash, where the payment put it.
        """
        is_sale = posting.kind in _SALES
        account = self._unapplied["Customer" if is_sale else "Vendor"]
        for number, amount in amounts:
            entries = _shares(parts, done, done + amount)
            done += amount
            rest = -sum((entry.amount for entry in entries), ZERO)
            entries.append(Entry(account, rest, posting.party if is_sale else ""))
            payer = self._company.transactions[number]
            yield Posting(
                f"{payer.id}:{posting.key}",
                payer.entity.name,
                max(payer.day, posting.day),
                merged(entries),
                posting.party,
                posting.department,
            )

    def _money(self, posting: Posting) -> Posting:
        """A payment with unapplied cash in place of the receivable or payable.

        What it settles of documents that stand as they are stays receivable or payable.
        """
        company, side = self._company, PAYERS[posting.kind]
        account, named = self._unapplied[side.party], side is RECEIVABLE
        settled = [company.transactions[one] for one, _ in self._settles(posting.key)]
        if all(one.entity.name in _ON_PAYMENT for one in settled):
            entries = [
                Entry(account, one.amount, one.party if named else "")
                if one.account in self._controls
                else one
                for one in posting.entries
            ]
            return _with(posting, merged(entries))
        record = company.record(posting.kind, posting.key)
        entries = [one for one in posting.entries if one.account not in self._controls]
        for target, party in self._settles(posting.key):
            claim = claims_of(company, company.transactions[target])[party]
            home = -side.sign * settled_home(company, claim, record.id)
            if claim.record.entity.name in _ON_PAYMENT:
                entries.append(Entry(account, home, claim.party if named else ""))
            else:
                entries.append(Entry(claim.account, home, claim.party))
        left = in_home(record.body, unapplied(company, record))
        party = posting.party if named else ""
        entries.append(Entry(account, -side.sign * left, party))
        return _with(posting, merged(entries))

    def _settles(self, payer: str) -> Iterable[Key]:
        return self._company.settles.get(payer, ())


def _is_cost(posting: Posting, entry: Entry) -> bool:
    """Whether an entry of a sale is goods that left, or came back, at their cost."""
    return posting.kind in _SALES and bool(entry.item) and not entry.line


def _with(posting: Posting, entries: _Entries) -> Posting:
    return Posting(
        posting.key,
        posting.kind,
        posting.day,
        entries,
        posting.party,
        posting.department,
    )


def _by_payer(key: Key) -> int:
    return int(key[0])


def _shares(parts: Iterable[Entry], before: Decimal, after: Decimal) -> list[Entry]:
    """What a document's parts come to between two states of its payment.

    The parts are cut from running sums, and the largest takes what rounding leaves.
    """
    parts = list(parts)
    total = sum((part.amount for part in parts), ZERO)
    if not total:
        return []
    if not before and after == abs(total):
        return parts
    shares = [
        part._replace(
            amount=cents(part.amount * after / abs(total))
            - cents(part.amount * before / abs(total)),
            quantity=part.quantity * (after - before) / abs(total),
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
