"""Telling people what the rail wants them told: the asker, admins, approvers.

What is to be told is saved with the move that it tells of; here it is said. A
telling that no platform takes is tried again, later each time, for a day.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from approvals.desk import Desk
from approvals.proposal import Audience, Role, Telling
from bot.people import People
from bot.platform import Gone, Place, SendFailed
from bot.voice import Voice
from cards import talk

log = logging.getLogger(__name__)

_BUSY_SECONDS = 120
_REST_SECONDS = 30
_REST_MAX_SECONDS = 3600
# With rests that double up to an hour, that is about a day.
_TRIES_MAX = 30


class Tellings:
    """Says what waits to be told; each at least once."""

    def __init__(
        self, voice: Voice, desk: Desk, people: People, now: Callable[[], datetime]
    ) -> None:
        self._voice = voice
        self._desk = desk
        self._people = people
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def catch_up(self) -> int:
        """Tell what waits; how many were told now."""
        async with self._one_at_a_time:
            done = 0
            for telling in await self._desk.tellings.waiting(self._now()):
                if not await self._desk.tellings.claim(
                    telling.id, self._now(), _BUSY_SECONDS
                ):
                    continue
                try:
                    done += await self._tell(telling)
                except SQLAlchemyError:
                    raise
                except Exception:
                    log.exception("a telling failed", extra={"kind": telling.kind})
                    await self._rest(telling)
            return done

    async def _tell(self, telling: Telling) -> bool:
        places = await self._places(telling)
        card = talk.told(telling.sentence, telling.number)
        said = failed = 0
        for place in places:
            try:
                await self._voice.send(place, card)
                said += 1
            except Gone:
                continue
            except SendFailed as why:
                failed += 1
                log.warning(
                    "somebody could not be told",
                    extra={"platform": place.platform, "why": str(why)},
                )
        if said:
            # Who is known on several platforms was told on one of them at least.
            await self._desk.tellings.told(telling.id, self._now())
        elif failed and telling.tries < _TRIES_MAX:
            await self._rest(telling)
        else:
            await self._desk.tellings.gone(telling.id, self._now())
            log.warning(
                "nobody could be told",
                extra={"kind": telling.kind, "proposal": telling.number},
            )
        return bool(said)

    async def _rest(self, telling: Telling) -> None:
        seconds = min(_REST_MAX_SECONDS, _REST_SECONDS * 2 ** min(telling.tries, 10))
        until = self._now() + timedelta(seconds=seconds)
        await self._desk.tellings.rest(telling.id, until)

    async def _places(self, telling: Telling) -> Sequence[Place]:
        match telling.audience:
            case Audience.ASKER:
                if not telling.conversation:
                    return ()
                return (Place.parse(telling.conversation),)
            case Audience.ADMINS:
                people = await self._people.having(telling.workspace, Role.ADMIN)
            case Audience.PEOPLE:
                found = [await self._people.person(each) for each in telling.people]
                people = tuple(each for each in found if each is not None)
        places: list[Place] = []
        for person in people:
            places += await self._voice.private_places(person)
        return places
