"""Double entry: what every record put into which account, and the sums of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from qbo.simulator.exact import ZERO


class Entry(NamedTuple):
    """One side of a posting, in home currency; a debit is positive.

    `party` is the customer or vendor whose receivable or payable it is, or on
    whose behalf it is income or expense; `item` what was sold or bought.
    """

    account: str
    amount: Decimal
    party: str = ""
    item: str = ""
    tracking: str = ""
    line: str = ""
    foreign: Decimal = ZERO


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


class Ledger:
    """All postings, with running sums by account, by party and by day."""

    def __init__(self) -> None:
        self.foreigners: set[str] = set()
        self.postings: dict[str, Posting] = {}
        self.balances: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.daily: defaultdict[str, dict[date, Decimal]] = defaultdict(dict)
        self.parties: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self.foreign: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)

    def post(self, posting: Posting) -> None:
        """Enter a posting.

        The sum is asserted here, at the one door, so that no rule elsewhere can
        unbalance the books.
        """
        total = sum((entry.amount for entry in posting.entries), ZERO)
        assert total == ZERO, f"{posting.kind} {posting.key} is off by {total}"
        assert posting.key not in self.postings, f"{posting.key} is posted already"
        self.postings[posting.key] = posting
        self._move(posting, 1)

    def unpost(self, key: str) -> Posting | None:
        """Take a posting out, if it is there."""
        posting = self.postings.pop(key, None)
        if posting:
            self._move(posting, -1)
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

    def _move(self, posting: Posting, sign: int) -> None:
        for entry in posting.entries:
            amount = sign * entry.amount
            self.balances[entry.account] += amount
            days = self.daily[entry.account]
            days[posting.day] = days.get(posting.day, ZERO) + amount
            if entry.party:
                self.parties[entry.account, entry.party] += amount
            if entry.account in self.foreigners and entry.foreign:
                self.foreign[entry.account, ""] += sign * entry.foreign
                if entry.party:
                    self.foreign[entry.account, entry.party] += sign * entry.foreign


def merged(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries without the empty ones."""
    return tuple(entry for entry in entries if entry.amount or entry.foreign)
