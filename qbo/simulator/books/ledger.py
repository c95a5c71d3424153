"""Double entry: what every record put into which account, and the sums of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from qbo.simulator.exact import ZERO


class Entry(NamedTuple):
    """One side of a posting, in home currency; a debit is positive.

    `party` is the customer or vendor whose receivable or payable it is, or on
    whose behalf it is income or expense; `item` what was sold or bought, `quantity`
    how much of it was sold; `tracking` its class; `line` the Id of the transaction's
    line it comes from, where reports find its description; `foreign` the amount in the
    transaction's own currency.
    """

    account: str
    amount: Decimal
    party: str = ""
    item: str = ""
    tracking: str = ""
    line: str = ""
    foreign: Decimal = ZERO
    quantity: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Posting:
    """All entries of one record on one day; they add up to nothing.

    `party` is whom the record names, `department` where it belongs: what reports sort
    by without waking the record.
    """

    key: str
    kind: str
    day: date
    entries: tuple[Entry, ...]
    party: str = ""
    department: str = ""


def _zero() -> Decimal:
    return ZERO


class Ledger:
    """All postings, with running sums by account, by party and by day."""

    def __init__(self) -> None:
        self.postings: dict[str, Posting] = {}
        self.balances: defaultdict[str, Decimal] = defaultdict(_zero)
        self.daily: defaultdict[str, dict[date, Decimal]] = defaultdict(dict)
        self.parties: defaultdict[tuple[str, str], Decimal] = defaultdict(_zero)
        self.foreign: defaultdict[tuple[str, str], Decimal] = defaultdict(_zero)

    def post(self, posting: Posting) -> None:
        """Enter a posting.

        The sum is asserted here, at the one door, so that no rule elsewhere can
        unbalance the books.
        """
        _check(posting)
        assert posting.key not in self.postings, f"{posting.key} is posted already"
        self.postings[posting.key] = posting
        self._move(posting.entries, {posting.day: 1})

    def post_all(self, postings: Iterable[Posting]) -> None:
        """Enter many postings, of which many share their entries."""
        alike: dict[int, tuple[Posting, Counter[date]]] = {}
        for posting in postings:
            _, days = alike.setdefault(id(posting.entries), (posting, Counter()))
            days[posting.day] += 1
            self.postings[posting.key] = posting
        for posting, days in alike.values():
            _check(posting)
            self._move(posting.entries, days)

    def unpost(self, key: str) -> Posting | None:
        """Take a posting out, if it is there."""
        posting = self.postings.pop(key, None)
        if posting:
            self._move(posting.entries, {posting.day: -1})
        return posting

    def balance_at(self, account: str, day: date) -> Decimal:
        """An account's balance at the end of a day, debit positive."""
        days = self.daily.get(account, {})
        return sum((value for when, value in days.items() if when <= day), ZERO)

    def change(self, account: str, start: date, end: date) -> Decimal:
        """What happened to an account from one day to another, both included."""
        days = self.daily.get(account, {})
        return sum(
            (value for when, value in days.items() if start <= when <= end), ZERO
        )

    def between(self, start: date, end: date) -> Iterator[Posting]:
        """The postings of a period."""
        return (one for one in self.postings.values() if start <= one.day <= end)

    def _move(self, entries: Iterable[Entry], days: Mapping[date, int]) -> None:
        """Add entries to the sums, so many times on each day."""
        times = sum(days.values())
        for entry in entries:
            account, party = entry.account, entry.party
            self.balances[account] += times * entry.amount
            daily = self.daily[account]
            for day, count in days.items():
                daily[day] = daily.get(day, ZERO) + count * entry.amount
            if party:
                self.parties[account, party] += times * entry.amount
            if entry.foreign:
                self.foreign[account, ""] += times * entry.foreign
                if party:
                    self.foreign[account, party] += times * entry.foreign


def _check(posting: Posting) -> None:
    total = sum((entry.amount for entry in posting.entries), ZERO)
    assert total == ZERO, f"{posting.kind} {posting.key} is off by {total}"


def merged(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries without the empty ones."""
    return tuple(entry for entry in entries if entry.amount or entry.foreign)
