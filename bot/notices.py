"""The messages that show proposals: sent, and edited as the proposal moves.

Notices are rows of the approval rail; here they become messages. A notice lags
while it shows an older version than its proposal has; `catch_up` sends or edits
what lags, and the timetable calls it again for what a platform did not take.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from approvals.desk import Desk
from approvals.proposal import Notice, Person, Proposal, Role, WantedNotice
from bot.people import People
from bot.platform import Gone, Place, SendFailed
from bot.voice import Voice
from cards import proposals
from cards.card import Card

log = logging.getLogger(__name__)


class Notices:
    """Keeps what people see of proposals in step with the proposals."""

    def __init__(
        self, voice: Voice, desk: Desk, people: People, now: Callable[[], datetime]
    ) -> None:
        self._voice = voice
        self._desk = desk
        self._people = people
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def wanted(
        self, asked_at: Place, requester: Person
    ) -> tuple[WantedNotice, ...]:
        """Where a new proposal is to be shown: where it was asked, and to approvers.

        To the approvers in the workspace's own place where it has one, else to
        each privately, on every platform where that person is known.
        """
        # A console conversation has one reader: it shows that person's own view.
        viewer = requester.id if asked_at.platform == "console" else None
        found = {asked_at.text(): WantedNotice(asked_at.text(), viewer)}
        workspace = await self._people.workspace(requester.workspace)
        if workspace is not None and workspace.approvals_place:
            shared = workspace.approvals_place
            found.setdefault(shared, WantedNotice(shared))
        for person in await self._people.having(requester.workspace, Role.APPROVER):
            if person.id == requester.id:
                continue
            for place in await self._voice.private_places(person):
                found.setdefault(place.text(), WantedNotice(place.text(), person.id))
        return tuple(found.values())

    def card(self, proposal: Proposal, notice: str, viewer: Person | None) -> Card:
        """What one notice shows to that viewer (None: a place several people read)."""
        return proposals.card(
            proposal,
            viewer=viewer,
            actions=self._desk.actions(proposal, viewer),
            token=lambda verb: self._desk.token(notice, proposal, verb),
            now=self._now(),
        )

    async def catch_up(self) -> int:
        """Send and edit what lags; how many messages are in step now."""
        async with self._one_at_a_time:
            done = 0
            for notice, proposal in await self._desk.lagging():
                try:
                    done += await self._show(notice, proposal)
                except SQLAlchemyError:
                    raise
                except Exception:
                    # One card that cannot be drawn keeps no other waiting.
                    log.exception(
                        "a notice cannot be shown", extra={"proposal": proposal.number}
                    )
                    await self._desk.unsent(notice.id, seconds=300)
            return done

    async def _card(
        self, notice: Notice, proposal: Proposal, viewer: Person | None
    ) -> Card:
        """What a notice shows: the proposal, or what it was where that is below."""
        if notice.superseded_by is None:
            return self.card(proposal, notice.id, viewer)
        draft = await self._desk.draft(proposal.id, notice.superseded_by - 1)
        return proposals.superseded(proposal, draft, notice.superseded_by)

    async def _show(self, notice: Notice, proposal: Proposal) -> bool:
        place = Place.parse(notice.place)
        viewer = (
            await self._people.person(notice.viewer_id) if notice.viewer_id else None
        )
        card = await self._card(notice, proposal, viewer)
        if not await self._desk.sending(notice.id):
            return False  # another process has it in hand
        try:
            if notice.message is None:
                message = await self._voice.send(place, card)
                await self._desk.sent(notice.id, message, proposal.version)
            else:
                await self._voice.edit(place, notice.message, card)
                await self._desk.shown(notice.id, proposal.version)
        except Gone:
            await self._desk.gone(notice.id)
            return False
        except SendFailed as failed:
            await self._desk.unsent(notice.id)
            log.warning(
                "a notice lags",
                extra={
                    "proposal": proposal.number,
                    "platform": place.platform,
                    "why": str(failed),
                },
            )
            return False
        return True
