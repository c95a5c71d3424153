"""What people do in the chaos: ask, correct, approve twice at once, reject, give up.

Each wish is somebody's errand from asking to the end of what people can do about it;
what is left is the servers' own. People look again, and press again where nothing
came of it.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from approvals.proposal import Proposal, Status
from bot import app as program
from tests.chaos.chat import number_of
from tests.chaos.world import PRIYA, SAM, World
from tests.platforms.slack_standin import Message

CHANNEL = "C0FIN"
_LOOK_SECONDS = 0.25
_ANSWER_SECONDS = 60.0
_ASKS = 5
_PRESSES = 30


class Kind(StrEnum):
    """What somebody wants, and what becomes of it."""

    INVOICE = "invoice"
    CORRECTED = "corrected"
    PAYMENT = "payment"
    SEND = "send"
    VOID = "void"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# Of a hundred wishes.
MIX = {
    Kind.INVOICE: 44,
    Kind.CORRECTED: 12,
    Kind.PAYMENT: 14,
    Kind.SEND: 10,
    Kind.VOID: 6,
    Kind.REJECTED: 8,
    Kind.WITHDRAWN: 6,
}


@dataclass
class Wish:
    """One errand: the words, and where they were said."""

    kind: Kind
    words: str
    asked: int = 0
    thread: str = ""
    number: str = ""
    acknowledged: list[str] = field(default_factory=list)


class Lost(Exception):
    """Something that was taken came to nothing."""


async def run(world: World, wish: Wish) -> None:
    """From the asking to the last thing that people do about it."""
    proposal = await _asked(world, wish)
    if proposal is None:
        return
    if wish.kind is Kind.CORRECTED:
        await _corrected(world, wish, proposal)
    if wish.kind is Kind.REJECTED:
        await _until_it_moves(world, wish, lambda: _reject(world, wish))
    elif wish.kind is Kind.WITHDRAWN:
        await _until_it_moves(world, wish, lambda: _withdraw(world, wish))
    else:
        await _until_it_moves(world, wish, lambda: _approve(world, wish))


async def stands(world: World, number: str) -> Proposal:
    """A proposal as the database has it."""
    found = await world.parts.desk.by_number(program.WORKSPACE, number)
    assert found is not None, f"no proposal {number}"
    return found


async def _asked(world: World, wish: Wish) -> Proposal | None:
    """Ask until a card comes; None: it was answered otherwise each time."""
    for _ in range(_ASKS):
        wish.asked += 1
        body = world.slack.mention_body(SAM, wish.words, CHANNEL)
        wish.thread = body["event"]["ts"]
        twice = world.chance.random() < 0.25
        if await world.slack.deliver(json.dumps(body), twice=twice):
            wish.acknowledged.append(wish.thread)
        answered = await _seen(lambda: _answers(world, wish.thread), _ANSWER_SECONDS)
        number = number_of(answered[-1]) if answered else None
        if number is not None:
            wish.number = number
            return await stands(world, number)
        await asyncio.sleep(1)
    return None


def _answers(world: World, thread: str) -> list[Message]:
    """What stands in a thread: cards last, so that they count."""
    found = list(world.slack.in_thread(thread))
    return sorted(found, key=lambda each: number_of(each) is not None)


async def _seen(look: Callable[[], Any], seconds: float) -> Any:
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := look()):
        if asyncio.get_running_loop().time() > deadline:
            return None
        await asyncio.sleep(_LOOK_SECONDS)
    return found


async def _until_it_moves(
    world: World, wish: Wish, do: Callable[[], Awaitable[None]]
) -> None:
    """Do something again and again, as people would, until it is decided."""
    for _ in range(_PRESSES):
        await do()
        for _ in range(12):
            if (await stands(world, wish.number)).status is not Status.PENDING:
                return
            await asyncio.sleep(_LOOK_SECONDS)
    raise Lost(f"{wish.number} could not be decided ({wish.kind})")


def _button(world: World, wish: Wish, label: str) -> Message | None:
    """A message with that button: in the thread, or in the approver's own."""
    found = [
        each
        for each in world.slack.cards_of(wish.number)
        if label in each.buttons and each.ephemeral_to is None
    ]
    return world.chance.choice(found) if found else None


async def _approve(world: World, wish: Wish) -> None:
    message = await _seen(lambda: _button(world, wish, "Approve"), 5)
    if message is None:
        return
    # Two fingers, two cards, two servers.
    times = 2 if world.chance.random() < 0.35 else 1
    presses = [world.slack.press_once(PRIYA, message, "Approve", times=times)]
    other = _button(world, wish, "Approve")
    if other is not None and other is not message and world.chance.random() < 0.3:
        presses.append(world.slack.press_once(PRIYA, other, "Approve"))
    await asyncio.gather(*presses)


async def _reject(world: World, wish: Wish) -> None:
    message = await _seen(lambda: _button(world, wish, "Reject"), 5)
    if message is None or "Reject" not in message.buttons:
        return
    trigger = await world.slack.press_once(PRIYA, message, "Reject")
    view = await _seen(lambda: world.slack.views_by_trigger.get(trigger), 5)
    if view is None:
        return
    labels = [b["label"]["text"] for b in view["blocks"] if b["type"] == "input"]
    answers = dict.fromkeys(labels, f"not this one ({wish.number})")
    await world.slack.submit(PRIYA, view, answers)


async def _withdraw(world: World, wish: Wish) -> None:
    await _say(world, wish, f"withdraw {wish.number}")


async def _corrected(world: World, wish: Wish, proposal: Proposal) -> None:
    """Change the hours before anybody decides; said again where it was not taken."""
    hours = re.search(r"for ([\d.]+) hours", wish.words)
    assert hours is not None, "a correction of what?"
    wanted = float(hours[1]) + 2
    for _ in range(_ASKS):
        await _say(world, wish, f"make it {wanted:g} hours instead")
        for _ in range(int(_ANSWER_SECONDS / _LOOK_SECONDS / 4)):
            now = await stands(world, wish.number)
            if now.revision > proposal.revision or now.status is not Status.PENDING:
                return
            await asyncio.sleep(_LOOK_SECONDS)


async def give_back(world: World, proposal: Proposal) -> None:
    """Withdraw what nobody meant, where it was asked for."""
    wish = Wish(Kind.WITHDRAWN, "", number=proposal.number)
    for card in world.slack.cards_of(proposal.number):
        if card.thread_ts:
            wish.thread = card.thread_ts
    if wish.thread:
        await _withdraw(world, wish)


async def _say(world: World, wish: Wish, words: str) -> None:
    body = world.slack.mention_body(SAM, words, CHANNEL, thread_ts=wish.thread)
    twice = world.chance.random() < 0.25
    await world.slack.deliver(json.dumps(body), twice=twice)
