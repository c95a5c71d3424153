"""The book of orders: short fixed words that are about the rail, not the books.

"freeze", "delegate Luis until Friday", "policy test …": each order is a pattern
that the whole message has to match, and what is done for it. They are tried before
anything is understood, so that no grammar can take one for a question.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from approvals.proposal import Denied, Person, Role
from bot.backstage import Asked
from cards.card import Card

_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n[ \n]*")

Done = Callable[[Asked, re.Match[str]], Awaitable[Card | None]]


ADMINS: Final = frozenset({Role.ADMIN})
OVERSEERS: Final = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Order:
    """One order: the words, what is done, and a line for the help.

    `roles` may give it, None: everybody; the help leaves it out for all others.
    `do` returns the card that answers, or None where its answer was sent already;
    it raises what an errand raises.
    """

    pattern: re.Pattern[str]
    do: Done
    usage: str
    help: str
    roles: frozenset[Role] | None = None

    def is_for(self, person: Person) -> bool:
        """Whether it is of any use to somebody."""
        return self.roles is None or bool(self.roles & person.roles)


def order(
    words: str, do: Done, usage: str, text: str, roles: frozenset[Role] | None = None
) -> Order:
    """An order from the pattern of its words; case and outer blanks do not matter."""
    pattern = re.compile(rf"\s*(?:{words})\s*", re.IGNORECASE)
    return Order(pattern, do, usage, text, roles)


def vouched(asked: Asked) -> None:
    """Deny words about who decides, or what is stopped, of somebody not made sure of.

    Raises:
        Denied: the platform could not say just now that they are still a member.
    """
    if not asked.sender.vouched:
        raise Denied(
            "I could not make sure just now that you are still with us, so nothing"
            " has been decided. Please try again in a moment.",
            rule="unsure",
        )


class Orders:
    """All orders, in the order in which they are tried."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self.orders = tuple(orders)

    def find(self, words: str) -> tuple[Order, re.Match[str]] | None:
        """The order that these words are; None: they are something else.

        Runs of blanks count as one: patterns would take the square of their length.
        """
        words = _LINE_ENDS.sub("\n", _BLANKS.sub(" ", words))
        for each in self.orders:
            if matched := each.pattern.fullmatch(words):
                return each, matched
        return None

    def kin(self, words: str, person: Person) -> tuple[Order, ...]:
        """The orders that begin with the same word, as far as they are this person's.

        For words that nothing was made of: "policy banana", "readonly".
        """
        first = words.split(maxsplit=1)[:1]
        return tuple(
            each
            for each in self.orders
            if each.is_for(person)
            and each.usage.split(maxsplit=1)[:1] == [word.casefold() for word in first]
        )
