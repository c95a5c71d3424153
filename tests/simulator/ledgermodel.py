"""Books kept a second time, in a few lines, to hold the simulator's against.

Every document is a list of legs (account, amount; debits positive) and what it settles.
Nothing is ever updated: balances are sums over the documents there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")
Legs = dict[str, Decimal]


def money(value: Decimal) -> Decimal:
    """Rounded half up to cents."""
    return value.quantize(CENT, ROUND_HALF_UP)


def legs(*parts: tuple[str, Decimal]) -> Legs:
    """The legs of a document; an account may come more than once."""
    summed: Legs = {}
    for account, amount in parts:
        summed[account] = summed.get(account, Decimal(0)) + amount
    assert sum(summed.values()) == 0, parts
    return summed


@dataclass
class Document:
    """One document.

    `owed` is what it adds to what its party owes us (or we owe a vendor), before
    anything is settled: an invoice's total, a credit's and a payment's less than 0.
    `settles` are amounts by Id of the document they are taken from: positive lowers an
    invoice or a bill, and lowers what is left of a credit.
    """

    kind: str
    id: str
    party: str
    legs: Legs
    owed: Decimal = Decimal(0)
    settles: dict[str, Decimal] = field(default_factory=dict)
    deposits: set[str] = field(default_factory=set)


class Model:
    """All documents there are."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def add(self, document: Document) -> None:
        """Enter a document, or another version of it."""
        self.documents[document.id] = document

    def drop(self, number: str) -> None:
        """Delete a document: whatever settled it is left over again."""
        del self.documents[number]
        self._unlink(number)

    def void(self, number: str) -> None:
        """Keep a document without amounts."""
        document = self.documents[number]
        document.legs, document.owed = {}, Decimal(0)
        document.settles = {}
        self._unlink(number)

    def _unlink(self, number: str) -> None:
        for other in self.documents.values():
            other.settles.pop(number, None)
            other.deposits.discard(number)

    def of(self, *kinds: str) -> list[Document]:
        """The documents of some kinds."""
        return [one for one in self.documents.values() if one.kind in kinds]

    def settled(self, number: str) -> Decimal:
        """How much of a document others have settled."""
        nothing = Decimal(0)
        amounts = (one.settles.get(number, nothing) for one in self.documents.values())
        return sum(amounts, nothing)

    def open(self, document: Document) -> Decimal:
        """What is left of it, never less than 0: due, creditable, not yet applied."""
        left = abs(document.owed) - self.settled(document.id)
        for number, amount in document.settles.items():
            left -= amount if self.documents[number].owed > 0 else -amount
        return left

    def deposited(self, number: str) -> bool:
        """Whether a payment lies in a deposit."""
        return any(number in one.deposits for one in self.documents.values())

    def balance(self, accounts: Iterable[str]) -> Decimal:
        """The sum of some accounts, debits positive."""
        wanted = set(accounts)
        return sum(
            (
                amount
                for one in self.documents.values()
                for account, amount in one.legs.items()
                if account in wanted
            ),
            Decimal(0),
        )

    def owes(self, party: str) -> Decimal:
        """What a customer owes us, or we owe a vendor."""
        mine = (one.owed for one in self.documents.values() if one.party == party)
        return sum(mine, Decimal(0))
