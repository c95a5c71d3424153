"""The Clerk hears people and answers them.

Whatever a platform brings is kept first (the inbox), then worked on. What a
stop interrupts, `resume` finds. The Clerk knows who speaks; what is then done
for them are errands (words) and presses (buttons).
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from approvals.proposal import Denied, Person, Role
from bot.backstage import Asked, Backstage
from bot.chatlog import CLAIM_SECONDS, Kept
from bot.errands import Errands
from bot.people import Newcomer, Stranger
from bot.platform import ChatMessage, Gone, Place, Press, Reply, Sender, SendFailed
from bot.presses import Presses
from cards import access, talk
from cards.card import Card
from qbo.faults import BooksFault

log = logging.getLogger(__name__)

# An answer that comes later than this would only confuse.
ANSWER_WITHIN = timedelta(minutes=15)
# What could not be worked on, nor apologised for, in a day never will be.
FORGET_AFTER = timedelta(days=1)


class Clerk:
    """The one ear: implements `Hearer` for every platform."""

    def __init__(
        self,
        backstage: Backstage,
        errands: Errands,
        presses: Presses,
        *,
        time_zone: str = "UTC",
    ) -> None:
        self._back = backstage
        self._errands = errands
        self._presses = presses
        self._time_zone = time_zone
        self._in_hand: set[str] = set()

    # --- the Hearer ---------------------------------------------------------------

    async def accept(self, event: ChatMessage | Press) -> bool:
        """Keep the event durably, before it is acknowledged; False if known."""
        return await self._back.chatlog.keep(event) is not None

    def begin(self, event: ChatMessage | Press) -> None:
        """Start the work of an accepted event and return at once."""
        self._back.background.later(self._begun(event))

    async def press(self, press: Press) -> Reply:
        """Do the work of an accepted press and say what it answers."""
        if press.verb == "say":
            self.begin(press)
            return Reply()
        inbox = await self._back.chatlog.row_of(press)
        if inbox is None:
            return await self._pressed(press, press.event)
        async with self._held(inbox):
            reply = await self._pressed(press, inbox)
        await self._back.chatlog.done(inbox)
        return reply

    async def resume(self) -> None:
        """Go on with events whose work was interrupted."""
        began = self._back.now()
        while kept := await self._back.chatlog.interrupted(began):
            # A clock that was put forward, not a stop: it is under way here.
            if kept.id not in self._in_hand:
                await self._work_on(kept)

    # --- one event ----------------------------------------------------------------

    async def _begun(self, event: ChatMessage | Press) -> None:
        inbox = await self._back.chatlog.row_of(event)
        if inbox is not None:
            await self._work_on(Kept(inbox, event, self._back.now()))

    async def _work_on(self, kept: Kept) -> None:
        event = _message(kept.event)
        waited = self._back.now() - kept.received_at
        if waited > FORGET_AFTER:
            log.error("an event was given up", extra={"inbox": kept.id})
            await self._back.chatlog.done(kept.id)
            return
        if isinstance(event, Press):
            work = (
                self._press_and_tell(event, kept.id)
                if waited <= ANSWER_WITHIN
                else self._forgo(event)
            )
        elif waited > ANSWER_WITHIN:
            work = self._apologise(event)
        else:
            work = self._hear(event, kept.id)
        await self._finish(kept.id, work)

    async def _finish(self, inbox: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._held(inbox):
                await work
        except SendFailed as failed:
            # Not done: the timetable tries again.
            log.warning("could not answer", extra={"inbox": inbox, "why": str(failed)})
            return
        except Gone:
            log.info("nobody to answer any more", extra={"inbox": inbox})
        except Exception:
            log.exception("an event could not be worked on", extra={"inbox": inbox})
            return
        await self._back.chatlog.done(inbox)

    @asynccontextmanager
    async def _held(self, inbox: str) -> AsyncIterator[None]:
        """Let nobody else take an event up while it is worked on."""

        async def hold() -> None:
            while True:
                await asyncio.sleep(CLAIM_SECONDS / 3)
                try:
                    await self._back.chatlog.hold(inbox)
                except Exception:
                    log.exception("an event could not be held", extra={"inbox": inbox})

        self._in_hand.add(inbox)
        holding = asyncio.create_task(hold())
        try:
            yield
        finally:
            self._in_hand.discard(inbox)
            holding.cancel()
            with suppress(asyncio.CancelledError):
                await holding

    async def _hear(self, message: ChatMessage, inbox: str) -> None:
        asked = await self._known(message.sender, message.place, inbox, message.text)
        if asked is None:
            return
        answer = await self._guarded(asked, self._errands.hear(asked))
        if isinstance(answer, Reply):
            answer = talk.sentence(answer.sentence) if answer.sentence else None
        if answer is not None:
            await self._back.voice.send(message.place, answer)

    async def _apologise(self, message: ChatMessage) -> None:
        who = await self._back.people.recognise(message.sender)
        if isinstance(who, Person) and who.roles:
            await self._back.voice.send(message.place, talk.late(message.text))

    async def _forgo(self, press: Press) -> None:
        """A press found again so late is not carried out: things may have changed."""
        sentence = (
            "Sorry, I was interrupted, and did not do what you pressed."
            " Please look again, and press once more if you still mean it."
        )
        await self._back.voice.whisper(
            press.sender, press.place, talk.sentence(sentence)
        )

    async def _press_and_tell(self, press: Press, inbox: str) -> None:
        # The message itself shows what became of it; only a "no" is whispered.
        reply = await self._pressed(press, inbox)
        if reply.sentence:
            card = talk.sentence(reply.sentence)
            await self._back.voice.whisper(press.sender, press.place, card)

    async def _pressed(self, press: Press, inbox: str) -> Reply:
        asked = await self._known(press.sender, press.place, inbox, "")
        if asked is None:
            return Reply()
        result = await self._guarded(asked, self._presses.press(asked, press))
        if isinstance(result, Reply):
            return result
        if result is not None:
            await self._back.voice.say_at(press.place, result)
        return Reply()

    # --- who speaks -----------------------------------------------------------------

    async def _known(
        self, sender: Sender, place: Place, inbox: str, words: str
    ) -> Asked | None:
        """Who speaks; somebody we may not talk to is told so here."""
        back = self._back
        if sender.guest:
            await back.voice.whisper(sender, place, access.guest_refused())
            return None
        who = await back.people.recognise(sender)
        if isinstance(who, Stranger):
            await back.voice.whisper(sender, place, access.turned_away())
            return None
        if isinstance(who, Newcomer):
            linked = await self._errands.link_by_code(sender, words)
            await back.voice.whisper(sender, place, linked or await self._unknown(who))
            return None
        if not who.roles:
            admins = await back.people.having(who.workspace, Role.ADMIN)
            card = access.stranger(tuple(admin.name for admin in admins))
            await back.voice.whisper(sender, place, card)
            return None
        await back.people.heard_from(who, sender)
        zone = sender.zone or await back.people.zone(who.id) or self._time_zone
        today = _day(back.now(), zone)
        return Asked(who, sender, place, inbox, words, today, zone)

    async def _unknown(self, newcomer: Newcomer) -> Card:
        """What somebody is told whom nobody has let in; the admins are asked once."""
        request, back = newcomer.request, self._back
        sender = request.sender
        if newcomer.is_new and newcomer.likely is None:
            card = access.access_asked(
                sender.name or sender.user,
                sender.platform.title(),
                request.id,
                email=sender.email,
            )
            back.background.later(back.voice.tell_admins(request.workspace, card))
        if newcomer.likely is not None:
            known = await back.people.identities(newcomer.likely.id)
            others = sorted({each.platform.title() for each in known}) or [
                "the console"
            ]
            return access.link_needed(others[0])
        admins = await back.people.having(request.workspace, Role.ADMIN)
        return access.stranger(tuple(admin.name for admin in admins))

    async def _guarded(
        self, asked: Asked, work: Awaitable[Card | Reply | None]
    ) -> Card | Reply | None:
        """Every "no" becomes a plain sentence; anything else a reference number."""
        try:
            return await work
        except Denied as denied:
            return Reply(denied.sentence)
        except BooksFault as fault:
            return await self._errands.explain(asked, fault)
        except (SendFailed, Gone):
            raise
        except Exception:
            reference = secrets.token_hex(3).upper()
            log.exception("a fault of our own: reference %s", reference)
            support = await self._back.support(asked.person.workspace)
            return talk.fault(reference, support=support)


def _message(event: ChatMessage | Press) -> ChatMessage | Press:
    """A button that says something is that message."""
    if isinstance(event, Press) and event.verb == "say":
        return ChatMessage(
            event.event, event.sender, event.place, event.token, event.at
        )
    return event


def _day(now: datetime, zone: str) -> date:
    try:
        return now.astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError, OSError):
        return now.astimezone(UTC).date()
