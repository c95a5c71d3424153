"""The messages that show proposals: sent, and edited as the proposal moves.

Notices are rows of the approval rail; here they become messages. A notice lags
while it shows an older version than its proposal has; `catch_up` sends or edits
what lags, and the timetable calls it again for what a platform did not take.

Each conversation has a lane: there one message is sent after the other, at the pace
of its platform, always as the proposal is by then. A conversation that takes nothing
rests, longer each time. A message that can never be edited again is given up.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from approvals.desk import Desk
from approvals.proposal import (
    Audience,
    Notice,
    Person,
    Proposal,
    WantedNotice,
    WantedTelling,
)
from bot import editing
from bot.lanes import Lanes
from bot.pace import EDIT, SEND, room
from bot.people import People
from bot.platform import Gone, Place, SendFailed
from bot.turns import show_turns
from bot.voice import Voice
from cards import life, proposals
from cards.card import Card

log = logging.getLogger(__name__)

# Whoever waits for a person's next sentence waits no longer than this.
PATIENCE_SECONDS = 2.0
# A platform that takes nothing is asked again after 15 s, 30 s, ... an hour: after
# so many times (about eight days) its message is given up.
TRIES_MAX = 200
_REST_SECONDS = 15
_REST_MAX_SECONDS = 3600
_ROUND_MAX = 2_000
_CLAIM_SECONDS = 60
_SEND_SECONDS = 45
_UNDRAWN_SECONDS = 300
_SHORT_SECONDS = 60


class Notices:
    """Keeps what people see of proposals in step with the proposals."""

    def __init__(
        self, voice: Voice, desk: Desk, people: People, now: Callable[[], datetime]
    ) -> None:
        self._voice = voice
        self._desk = desk
        self._people = people
        self._now = now
        self._lanes: Lanes[Notice] = Lanes(self._work)
        self._done = 0
        # Until when a place takes nothing, and how often in a row it did not.
        self._rests: dict[str, datetime] = {}
        self._misses: dict[str, int] = {}

    async def wanted(
        self, asked_at: Place, requester: Person
    ) -> tuple[WantedNotice, ...]:
        """Where a new proposal is to be shown at once: where it was asked.

        And in the workspace's own place where it has one. Those whose turn it is to
        decide are shown it by the next catching up.
        """
        # A console conversation has one reader: it shows that person's own view.
        viewer = requester.id if asked_at.platform == "console" else None
        found = {asked_at.text(): WantedNotice(asked_at.text(), viewer)}
        workspace = await self._people.workspace(requester.workspace)
        if workspace is not None and workspace.approvals_place:
            shared = workspace.approvals_place
            found.setdefault(shared, WantedNotice(shared))
        return tuple(found.values())

    def card(
        self,
        proposal: Proposal,
        notice: str,
        viewer: Person | None,
        *,
        is_console: bool = False,
        place: str | None = None,
    ) -> Card:
        """What one notice shows to that viewer (None: a place several people read).

        What is decided in a channel alone is not offered at another `place`.
        In the console it offers the form to edit it, which only that has.
        """
        verbs = self._desk.actions(proposal, viewer, place)
        if is_console and editing.offered(proposal, viewer, self._now()):
            verbs = (*verbs, "edit")
        return proposals.card(
            proposal,
            viewer=viewer,
            actions=verbs,
            token=lambda verb: self._desk.token(notice, proposal, verb),
            now=self._now(),
        )

    async def catch_up(self, patience_seconds: float = PATIENCE_SECONDS) -> int:
        """Send and edit what lags; how many messages were brought into step.

        Waits no longer than that: what takes longer goes on by itself, each place
        for itself, and what a platform did not take is tried again later.
        """
        before = self._done
        await show_turns(self._desk, self._people, self._voice)
        for notice in await self._desk.waiting_notices(_ROUND_MAX):
            try:
                place = Place.parse(notice.place)
            except ValueError:
                # One place that cannot be read keeps no other waiting.
                log.exception("a notice without a place", extra={"notice": notice.id})
                await self._desk.unsent(notice.id, seconds=300)
                continue
            self._lanes.put("/".join(room(place)), notice.id, notice)
        await self._lanes.settle(patience_seconds)
        return self._done - before

    async def stop(self) -> None:
        """Send nothing more; what still lags is sent after the next start."""
        await self._lanes.stop()

    async def _card(
        self, notice: Notice, proposal: Proposal, viewer: Person | None
    ) -> Card:
        """What a notice shows: the proposal, or what it was where that is below."""
        if notice.superseded_by is None:
            return self.card(
                proposal,
                notice.id,
                viewer,
                is_console=Place.parse(notice.place).platform == "console",
                place=notice.place,
            )
        draft = await self._desk.draft(proposal.id, notice.superseded_by - 1)
        return proposals.superseded(proposal, draft, notice.superseded_by)

    async def _work(
        self, lane: str, notice: Notice, waiting: dict[str, Notice]
    ) -> None:
        """Bring one message into step, when its place may be spoken to."""
        place = Place.parse(notice.place)
        if 0 < (left := self._rest_left(lane)) <= _SHORT_SECONDS:
            await self._lanes.rest(lane, left)
        if left := self._rest_left(lane):
            await self._desk.rest([notice.id, *waiting], left)
            waiting.clear()
            return
        verb = SEND if notice.message is None else EDIT
        while wait := self._voice.pace.wait_seconds(place, verb):
            if not await self._lanes.rest(lane, wait):
                return
        async with self._lanes.turn(place.platform):
            try:
                again = await self._show(notice.id, lane)
            except SQLAlchemyError:
                raise
            except Exception:
                # One card that cannot be drawn keeps no other waiting.
                log.exception("a notice cannot be shown", extra={"notice": notice.id})
                await self._desk.unsent(notice.id, seconds=_UNDRAWN_SECONDS)
                return
        if again:
            waiting[notice.id] = replace(notice, message=notice.message or "sent")

    def _rest_left(self, lane: str) -> float:
        """For how many seconds more a place is left alone."""
        until = self._rests.get(lane)
        if until is None:
            return 0.0
        left = (until - self._now()).total_seconds()
        if left <= 0:
            del self._rests[lane]
        return max(0.0, left)

    async def _show(self, notice_id: str, lane: str) -> bool:
        """Send or edit one message; True: it moved on meanwhile, and lags again.

        The row is claimed first and the proposal read after that, so that nothing
        older is shown after something newer, whoever else is at work.
        """
        if not await self._desk.sending(notice_id, seconds=_CLAIM_SECONDS):
            return False  # another process has it in hand, or it is in step
        found = await self._desk.notice(notice_id)
        assert found is not None, "claimed a notice that is not there"
        notice, proposal = found
        place = Place.parse(notice.place)
        viewer = (
            await self._people.person(notice.viewer_id) if notice.viewer_id else None
        )
        card = await self._card(notice, proposal, viewer)
        try:
            if await self._is_settled(notice, proposal, place):
                return notice.superseded_by is None
            # Ends before the claim does: a later edit must not be overtaken.
            async with asyncio.timeout(_SEND_SECONDS):
                if notice.message is None:
                    message = await self._voice.send(place, card, notice.id)
                else:
                    await self._voice.edit(place, notice.message, card)
        except Gone as gone:
            await self._give_up(notice, proposal, viewer, str(gone))
            return False
        except (SendFailed, TimeoutError) as failed:
            return await self._failed(notice, proposal, viewer, failed, lane)
        if notice.message is None:
            await self._desk.sent(notice.id, message, proposal.version)
        else:
            await self._desk.shown(notice.id, proposal.version)
        self._done += 1
        self._misses.pop(lane, None)
        return await self._desk.lags(notice_id)

    async def _is_settled(
        self, notice: Notice, proposal: Proposal, place: Place
    ) -> bool:
        """Whether there is nothing to send here, since it may have been sent before.

        Somebody set about to send it, and did not note how that ended: where the
        message is found it is the notice's, and lags. One that is locked by now and
        is not found is not sent any more.
        """
        was_begun = notice.claims > 1 or notice.superseded_by is not None
        if notice.message is not None or not was_begun:
            return False
        assert notice.since is not None, "a notice that nobody wanted"
        async with asyncio.timeout(_SEND_SECONDS):
            message = await self._voice.find(place, notice.id, notice.since)
        if message is not None:
            log.info("a message was found again", extra={"proposal": proposal.number})
            await self._desk.sent(notice.id, message)
            return True
        if notice.superseded_by is not None:
            await self._desk.shown(notice.id, proposal.version)
            return True
        return False

    async def _failed(
        self,
        notice: Notice,
        proposal: Proposal,
        viewer: Person | None,
        failed: SendFailed | TimeoutError,
        lane: str,
    ) -> bool:
        """Try again later, each time later; its place rests where it is the place.

        True: it is tried again here, as soon as the place has rested.
        """
        place = Place.parse(notice.place)
        log.warning(
            "a notice lags",
            extra={
                "proposal": proposal.number,
                "platform": place.platform,
                "tries": notice.tries + 1,
                "why": str(failed) or type(failed).__name__,
            },
        )
        if notice.tries + 1 >= TRIES_MAX:
            why = f"not taken {TRIES_MAX} times in a row"
            await self._give_up(notice, proposal, viewer, why)
            return False
        asked = getattr(failed, "retry_after_seconds", None)
        seconds = asked if asked is not None else backoff_seconds(notice.tries)
        await self._desk.unsent(notice.id, seconds=seconds)
        if getattr(failed, "is_about_card", False):
            return False
        misses = self._misses[lane] = self._misses.get(lane, 0) + 1
        rest = asked if asked is not None else backoff_seconds(misses - 1)
        self._rests[lane] = self._now() + timedelta(seconds=rest)
        return seconds <= rest <= _SHORT_SECONDS

    async def _give_up(
        self, notice: Notice, proposal: Proposal, viewer: Person | None, why: str
    ) -> None:
        place = Place.parse(notice.place)
        log.warning(
            "a notice is given up",
            extra={
                "proposal": proposal.number,
                "platform": place.platform,
                "why": why,
            },
        )
        day = self._now().date().isoformat()
        where = hashlib.sha256("/".join(room(place)).encode()).hexdigest()[:16]
        sentence = life.given_up(proposal.number, place.platform, viewer)
        telling = WantedTelling("gone", Audience.ADMINS, sentence, f"{where}.{day}")
        await self._desk.gone(notice.id, f"{place.platform}: {why}", (telling,))


def backoff_seconds(tries: int) -> float:
    """How long to leave alone what was not taken so often: doubled, up to an hour."""
    return float(min(_REST_MAX_SECONDS, _REST_SECONDS * 2 ** min(tries, 10)))
