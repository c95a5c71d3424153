"""Telling people what the rail wants them told: the asker, admins, approvers.

What is to be told is saved with the move that it tells of; here it is said, at every
place where those people are, and noted place by place. What a platform does not take
is tried again, later each time, for about eight days, however often we stop
meanwhile. The asker is told in the thread; where that is gone, privately.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from approvals.desk import Desk
from approvals.proposal import Audience, Person, Role, Telling
from approvals.stops import ENDING
from bot import waits
from bot.lanes import Lanes
from bot.notices import PATIENCE_SECONDS, TRIES_MAX, backoff_seconds
from bot.pace import SEND
from bot.people import People
from bot.platform import Gone, Place, SendFailed
from bot.shown import ShownAnswers
from bot.voice import Voice
from cards import connections, life
from cards.card import Card

log = logging.getLogger(__name__)

_ROUND_MAX = 500
_BUSY_SECONDS = 300
_SEND_SECONDS = 45
_PACED_SECONDS_MAX = 60
# Ends before the claim does.
_AT_MOST = timedelta(seconds=_BUSY_SECONDS - _SEND_SECONDS - _PACED_SECONDS_MAX - 15)
# So often without success, and administrators see it in the console.
LONG_TRIES = 4
_UNTOLD_DAYS = 30


class Tellings:
    """Says what waits to be told; each at least once."""

    def __init__(
        self,
        voice: Voice,
        desk: Desk,
        people: People,
        now: Callable[[], datetime],
        shown: ShownAnswers | None = None,
    ) -> None:
        self._voice = voice
        self._desk = desk
        self._people = people
        self._now = now
        self._shown = shown
        self._lanes: Lanes[Telling] = Lanes(self._work)
        self._done = 0

    async def catch_up(self, patience_seconds: float = PATIENCE_SECONDS) -> int:
        """Tell what waits; how many were told meanwhile.

        Waits no longer than that: what takes longer goes on by itself.
        """
        before = self._done
        for telling in await self._desk.tellings.waiting(self._now(), _ROUND_MAX):
            self._lanes.put(telling.id, telling.id, telling)
        await self._lanes.settle(patience_seconds)
        return self._done - before

    async def stop(self) -> None:
        """Say nothing more; what waits is told after the next start."""
        await self._lanes.stop()

    async def untold(self, workspace: str) -> tuple[Telling, ...]:
        """What could not be told to anybody, or not for long, the newest first."""
        since = self._now() - timedelta(days=_UNTOLD_DAYS)
        return await self._desk.tellings.untold(workspace, since, LONG_TRIES)

    async def _work(
        self, lane: str, telling: Telling, waiting: dict[str, Telling]
    ) -> None:
        del waiting
        async with self._lanes.turn(telling.audience):
            # What waited here may be older than what others have said meanwhile.
            claimed = await self._desk.tellings.claim(
                telling.id, self._now(), _BUSY_SECONDS
            )
            if claimed is None:
                return
            try:
                self._done += await self._tell(lane, claimed)
            except SQLAlchemyError:
                raise
            except Exception:
                log.exception("a telling failed", extra={"kind": telling.kind})
                await self._rest(claimed, None)

    async def _tell(self, lane: str, telling: Telling) -> bool:
        """Say it wherever it was not said yet; whether all have been told."""
        said, failed = await self._say_around(lane, telling)
        if failed is not None and telling.tries < TRIES_MAX:
            await self._rest(telling, failed)
            return False
        if said:
            await self._desk.tellings.told(telling.id, self._now())
        else:
            await self._desk.tellings.gone(telling.id, self._now())
            log.warning(
                "nobody could be told",
                extra={"kind": telling.kind, "proposal": telling.number},
            )
        return bool(said)

    async def _say_around(
        self, lane: str, telling: Telling
    ) -> tuple[Sequence[str], Exception | None]:
        """Say it at one place after the other: where it was said, and what failed."""
        began, said = self._now(), list(telling.said)
        card = await self._card(telling)
        places, failed = await self._places(telling)
        while places:
            place = places.pop(0)
            if place.text() in said:
                continue
            if self._now() - began > _AT_MOST:
                return said, failed or SendFailed("it takes too long")
            try:
                await self._say(lane, place, card)
            except Gone:
                if place.text() == telling.conversation:
                    more, why = await self._asker_alone(telling)
                    places += more
                    failed = failed or why
            except (SendFailed, TimeoutError) as why:
                failed = _worse(failed, why)
                log.warning(
                    "somebody could not be told",
                    extra={"platform": place.platform, "why": str(why)},
                )
            else:
                said.append(place.text())
                await self._desk.tellings.said(telling.id, said)
        return said, failed

    async def _card(self, telling: Telling) -> Card:
        if telling.kind == ENDING:
            return connections.to_renew(life.told(telling), telling.company)
        if telling.proposal_id is None:
            return life.told(telling)
        proposal = await self._desk.proposal(telling.proposal_id)
        card = life.told(telling, proposal.company)
        if self._shown is None or telling.kind != "ended":
            return card
        place = Place.parse(telling.conversation)
        return await waits.offered(self._shown, proposal, card, place)

    async def _say(self, lane: str, place: Place, card: Card) -> None:
        paced = 0.0
        while wait := self._voice.pace.wait_seconds(place, SEND):
            paced += wait
            if paced > _PACED_SECONDS_MAX or not await self._lanes.rest(lane, wait):
                raise SendFailed("its turn has not come yet")
        async with asyncio.timeout(_SEND_SECONDS):
            await self._voice.send(place, card)

    async def _rest(self, telling: Telling, failed: Exception | None) -> None:
        asked = getattr(failed, "retry_after_seconds", None)
        seconds = asked if asked is not None else backoff_seconds(telling.tries - 1)
        until = self._now() + timedelta(seconds=seconds)
        await self._desk.tellings.rest(telling.id, until)

    async def _places(self, telling: Telling) -> tuple[list[Place], Exception | None]:
        """Where it is to be said, and why somebody cannot be reached just now."""
        match telling.audience:
            case Audience.ASKER if telling.conversation:
                return [Place.parse(telling.conversation)], None
            case Audience.ASKER:
                return await self._asker_alone(telling)
            case Audience.ADMINS:
                people = await self._people.having(telling.workspace, Role.ADMIN)
            case Audience.PEOPLE:
                found = [await self._people.person(each) for each in telling.people]
                people = tuple(each for each in found if each is not None)
        return await self._private(people)

    async def _private(
        self, people: Sequence[Person]
    ) -> tuple[list[Place], Exception | None]:
        places: list[Place] = []
        failed: Exception | None = None
        for person in people:
            reached, why = await self._voice.reach(person)
            places += reached
            failed = failed or why
        return places, failed

    async def _asker_alone(
        self, telling: Telling
    ) -> tuple[list[Place], Exception | None]:
        """The asker privately: the thread where it was asked is gone."""
        if telling.proposal_id is None:
            return [], None
        proposal = await self._desk.proposal(telling.proposal_id)
        person = await self._people.person(proposal.requester_id)
        return await self._private((person,) if person is not None else ())


def _worse(one: Exception | None, other: Exception) -> Exception:
    """The failure that asks for the longer rest."""
    before = getattr(one, "retry_after_seconds", None) or 0
    after = getattr(other, "retry_after_seconds", None) or 0
    return other if one is None or after > before else one
