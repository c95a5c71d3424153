"""Undoing what was posted: the button on its card, and the words for it."""

import re

from approvals import overtaking
from approvals.proposal import Proposal
from bot.backstage import Asked, Backstage
from bot.orders.book import Order, order
from cards.card import Card
from qbo.faults import NotFound


def orders(back: Backstage) -> tuple[Order, ...]:
    """The orders about undoing."""

    async def named(asked: Asked, matched: re.Match[str]) -> Card | None:
        number = f"P-{matched['number']}"
        found = await back.desk.by_number(asked.person.workspace, number)
        if found is None:
            raise NotFound(
                f"There is no proposal {number}. (Nothing has been changed.)",
                kind="proposal",
                name=number,
            )
        await undo(back, asked, found)
        return None

    return (
        order(
            r"undo\s+(?:proposal\s+)?(?:p-?)?(?P<number>\d{1,9})",
            named,
            "undo P-17",
            "Propose to take back what was posted.",
        ),
    )


async def undo(back: Backstage, asked: Asked, original: Proposal) -> None:
    """Propose what takes a posted proposal back; its messages are the answer.

    Raises:
        BooksFault: it cannot be taken back, or the books stand in the way.
        Denied: not theirs to undo, being undone already, or too late.
    """
    if await back.desk.by_inbox(asked.inbox) is not None:
        # This very message or press was worked on before a stop: it is shown already.
        await back.show()
        return
    original = await back.desk.undoable(original.id, asked.person)
    number = await back.desk.reserve(asked.person.workspace)
    before = await back.desk.undone(original)
    draft, circumstances = await back.ledger.reverse(
        original.draft,
        original.receipts,
        ref=number,
        today=asked.today,
        undone=[(each.draft, each.receipts) for each in before],
    )
    await back.propose(
        asked,
        original.company,
        draft,
        circumstances,
        f"undo {original.number}",
        undoes=original.id,
        already=overtaking.taken_back(before),
    )
    await back.show()
