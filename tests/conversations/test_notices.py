"""Slack and the cards it holds: kept in step, at its pace, and given up when gone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from approvals.proposal import Status
from bot import app as program
from bot.platform import Sender
from tests.conversations.town import (
    ALEX,
    PRIYA,
    RunningClock,
    Town,
    eventually,
    text_of,
    town,
)
from tests.platforms import slack_standin
from tests.platforms.slack_standin import Message, SlackStandIn

ASK = "invoice Acme West for 10 hours consulting, net 30"
U_SAM, U_PRIYA = "U0SAM", "U0PRIYA"


@dataclass
class Office:
    """A town with Slack in it, in which Sam and Priya are known."""

    place: Town
    slack: SlackStandIn

    async def card(self, channel: str, words: str) -> Message:
        """The newest message of a channel that has these words."""

        async def looked() -> Message | None:
            found = [m for m in self.slack.shown(channel) if words in m.everything]
            return found[-1] if found else None

        return await eventually(
            looked, lambda: "\n".join(m.everything for m in self.slack.shown(channel))
        )

    async def posted(self, number: str = "P-1") -> str:
        """Sam asks in a channel, Priya approves there; the invoice's id."""
        await self.slack.mention(U_SAM, ASK)
        card = await self.card("C0FIN", number)
        await self.slack.press(U_PRIYA, card, "Approve")
        await self.place.status(number, Status.APPLIED)
        await self.card("C0FIN", "is in QuickBooks")

        async def compared() -> str | None:
            (receipt,) = (await self.place.proposal(number)).receipts
            return receipt.record_id if receipt.compared else None

        return await eventually(compared)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[Office]:
    slack = SlackStandIn(RunningClock())
    await slack.start()
    try:
        async with town(
            folder,
            SLACK_BOT_TOKEN=slack_standin.TOKEN,
            SLACK_SIGNING_SECRET=slack_standin.SECRET,
            SLACK_API_URL=slack.api_url,
        ) as place:
            slack.events_url = f"{place.url}/slack/events"
            for person, user in (("demo-sam", U_SAM), (PRIYA, U_PRIYA)):
                known = Sender("slack", slack_standin.TEAM, user)
                await place.parts.people.identify(person, known)

            async def ready() -> bool | None:
                return True if place.parts.slack and place.parts.slack.ready else None

            await eventually(ready)
            yield Office(place, slack)
    finally:
        await slack.stop()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with _opened(tmp_path) as made:
        yield made


async def _in_step(office: Office, *, later: int = 0) -> None:
    """Every message that Slack holds shows the proposal as it is now.

    Before each look so many seconds pass; a slow machine may need more than one.
    """
    parts = office.place.parts

    async def looked() -> bool | None:
        office.place.clock.advance(seconds=later)
        await parts.notices.catch_up()
        if await parts.desk.waiting_notices(100):
            return None
        # It may have moved once more meanwhile: then it is looked at again.
        proposal = await office.place.proposal("P-1")
        shown = await parts.desk.notices(proposal.id)
        in_step = all(n.gone or n.shown_version == proposal.version for n in shown)
        return True if in_step else None

    assert await eventually(looked)


async def test_every_copy_shows_what_becomes_of_the_invoice(office: Office) -> None:
    invoice = await office.posted()

    await office.place.pay(invoice, "1500", "2026-11-24")
    await office.place.looked()
    await _in_step(office)

    for channel in ("C0FIN", office.slack.dm_of(U_PRIYA)):
        card = await office.card(channel, "Paid in full, 24 Nov 2026")
        assert card.edits >= 1

    async def paid() -> list[Any] | None:
        shown = office.slack.shown("C0FIN")
        return [e for e in shown if "is paid in full" in e.everything] or None

    told = await eventually(paid)
    assert len(told) == 1
    assert told[0].thread_ts == office.slack.shown("C0FIN")[0].thread_ts


async def test_a_busy_slack_is_left_alone_for_as_long_as_it_asks(
    office: Office,
) -> None:
    invoice = await office.posted()
    await _in_step(office)
    before = len(office.slack.called("chat.update"))
    office.slack.script(
        "chat.update", status=429, error="ratelimited", retry_after="3600", times=2
    )

    await office.place.undo("Invoice", invoice, "void")
    await office.place.looked()
    await office.place.parts.notices.catch_up(30)

    async def asked() -> int | None:
        return len(office.slack.called("chat.update")) - before or None

    # Of the channel and Priya's own each once at most, and never again.
    assert await eventually(asked) <= 2
    await _in_step(office, later=3601)

    await office.card("C0FIN", "Voided in QuickBooks, ")
    await office.card(office.slack.dm_of(U_PRIYA), "Voided in QuickBooks, ")


async def test_a_deleted_message_is_given_up_and_the_admins_hear_of_it(
    office: Office,
) -> None:
    invoice = await office.posted()
    await _in_step(office)
    gone = [m for m in office.slack.messages.values() if "P-1" in m.everything]
    for message in gone:
        if message.channel == "C0FIN":
            del office.slack.messages[(message.channel, message.ts)]

    await office.place.undo("Invoice", invoice, "void")
    await office.place.looked()
    await _in_step(office)
    await office.place.parts.tellings.catch_up()

    await office.card(office.slack.dm_of(U_PRIYA), "Voided in QuickBooks, ")
    async with office.place.visit(ALEX) as alex:
        heard = await alex.sees("can no longer be updated")
    assert heard.count("can no longer be updated") == 1
    proposal = await office.place.proposal("P-1")
    trail = await office.place.parts.desk.trail(proposal.id)
    assert [line.event for line in trail].count("given-up") == 1


async def test_what_could_not_be_told_stands_in_the_console(office: Office) -> None:
    parts = office.place.parts
    known = Sender("slack", slack_standin.TEAM, "U0ALEX")
    await parts.people.identify(ALEX, known)
    invoice = await office.posted()
    await office.place.looked()
    posts: list[Any] = office.slack.scripts.setdefault("chat.postMessage", [])
    office.slack.script("chat.postMessage", error="fatal_error", times=9)

    await office.place.undo("Invoice", invoice, "delete")
    await office.place.looked()
    for _ in range(5):
        await parts.tellings.catch_up()
        office.place.clock.advance(hours=1)

    async with office.place.visit(ALEX) as alex:
        page = text_of(await alex.get("/console/connection"))
    assert "What could not be told" in page
    assert "was deleted in QuickBooks" in page
    posts.clear()

    async def all_told() -> bool | None:
        office.place.clock.advance(hours=1)
        await parts.tellings.catch_up()
        return None if await parts.tellings.untold(program.WORKSPACE) else True

    assert await eventually(all_told)
    await office.card(office.slack.dm_of("U0ALEX"), "was deleted in QuickBooks")
