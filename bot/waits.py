"""A request that waits for its customer to be made, or made active again.

It is kept in the change that does so, and offered to the asker once that is posted:
nothing is proposed by itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from approvals.proposal import Proposal, Status
from bot import steps
from bot.platform import Place
from bot.shown import ShownAnswers, Step
from cards.card import Card
from cards.plain import cut, line
from qbo import asks
from qbo.asks import Change

_NAME_MAX: Final = 50
NOUNS: Final = {"invoice.create": "invoice"}
"""Requests whose customer may be made first, and what they make."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A request that waits for its customer: its action and the other arguments.

    `words` are those in which it was asked for.
    """

    action: str
    arguments: Mapping[str, Any]
    words: str = ""

    @property
    def text(self) -> str:
        """It as a change keeps it."""
        return json.dumps(
            {
                "action": self.action,
                "arguments": dict(self.arguments),
                "words": self.words,
            }
        )

    def step(self, customer: str) -> Step:
        """The button that proposes it for that customer."""
        noun = NOUNS.get(self.action, "request")
        return Step(
            steps.PROPOSE,
            f"Propose the {noun} for {short(customer)}",
            self.action,
            {**self.arguments, "customer": customer},
            self.words,
        )


def read(text: object) -> Waits | None:
    """What `Waits.text` wrote; None where that is no such request."""
    if not isinstance(text, str):
        return None
    try:
        said = json.loads(text)
        found = Waits(said["action"], said["arguments"], str(said.get("words", "")))
        asks.change(found.action, {**found.arguments, "customer": "somebody"})
    except (KeyError, TypeError, ValueError):
        return None
    return found


def short(name: str) -> str:
    """A name on a button."""
    return cut(line(name), _NAME_MAX)


def carried(change: Change, before: str) -> Change:
    """A corrected change with what no words say: what waits for it, and a yes given.

    `before` is the change that it corrects, as a draft keeps it. The yes that a name
    is meant although it is like another's is for that name alone.
    """
    try:
        had = asks.change_from(before) if before else None
    except (KeyError, ValueError):
        return change
    match change, had:
        case (asks.CustomerCreate(), asks.CustomerCreate()):
            same = change.name == had.name
            yes = change.anyway or (had.anyway and same)
            return replace(change, anyway=yes, then=change.then or had.then)
        case (asks.VendorCreate(), asks.VendorCreate()):
            yes = change.anyway or (had.anyway and change.name == had.name)
            return replace(change, anyway=yes)
        case (asks.CustomerUpdate(), asks.CustomerUpdate()):
            return replace(change, then=change.then or had.then)
        case _:
            return change


def waits_for(proposal: Proposal) -> Step | None:
    """The button of what waited for a name that is posted; None where nothing did."""
    if proposal.status is not Status.APPLIED or not proposal.draft.change:
        return None
    try:
        change = asks.change_from(proposal.draft.change)
    except (KeyError, ValueError):
        return None
    if not isinstance(change, asks.CustomerCreate | asks.CustomerUpdate):
        return None
    waits = read(change.then)
    if waits is None:
        return None
    if isinstance(change, asks.CustomerCreate):
        return waits.step(change.name.strip())
    return waits.step(change.changes.name or change.customer)


async def offered(
    shown: ShownAnswers, proposal: Proposal, card: Card, place: Place
) -> Card:
    """What the asker is told of an ending, with the button of what waited for it."""
    step = waits_for(proposal)
    if step is None:
        return card
    kept = await shown.keep(
        proposal.workspace,
        proposal.company.id,
        proposal.requester_id,
        place,
        step.action,
        {},
        (step,),
    )
    return replace(card, buttons=(*shown.buttons(kept), *card.buttons))
