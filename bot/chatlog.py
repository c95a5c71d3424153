"""What people said and pressed: the inbox of events, and where talk stands.

An event is kept before its platform is told that it arrived; what a stop
interrupts, the timetable finds among the unfinished rows. What a person and we
are talking about (the context of the last message, the company in use) is kept
by place and person.
"""

import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from bot.platform import ChatMessage, Place, Press, Sender
from qbo.columns import UtcTime

log = logging.getLogger(__name__)

# Slack may repeat an event for 25 hours; a month lets people look back.
KEPT_DAYS = 30
# After so long a pause, what is said begins anew.
FORGOTTEN_MINUTES = 30
# How long nobody else takes an event after who works on it was last heard of.
CLAIM_SECONDS = 90
_UNREADABLE_FOR = timedelta(days=1)


class _InboxRow(SQLModel, table=True):
    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("platform", "tenant", "event"),
        UniqueConstraint("platform", "tenant", "second_key"),
    )
    id: str = Field(primary_key=True)
    platform: str
    tenant: str
    event: str
    second_key: str | None = None
    kind: str
    payload: str
    received_at: datetime = Field(sa_type=UtcTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcTime, index=True)
    claimed_until: datetime = Field(sa_type=UtcTime)


class _ConversationRow(SQLModel, table=True):
    __tablename__ = "conversation"
    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    conversation: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    company: str | None = None
    context: str = "{}"
    waiting: str | None = None
    proposal: str | None = None
    words: str = ""
    changed_at: datetime = Field(sa_type=UtcTime)


@dataclass(frozen=True, slots=True)
class Kept:
    """An unfinished event, with the id of its inbox row."""

    id: str
    event: ChatMessage | Press
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """Where talk with one person in one conversation stands.

    `context` is what understanding wants to know of the message before, as
    JSON; `waiting` an interpretation, as JSON, that a button would carry on.
    `proposal` is the id of what the last request to change something became:
    that one, and no other, is what a correction means. `words` are what a question
    of ours was asked about, so that a proposal shows the whole request.
    """

    company: str | None = None
    context: Any = None
    waiting: Any = None
    proposal: str | None = None
    words: str = ""


class Chatlog:
    """The inbox and the conversations."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    async def keep(self, event: ChatMessage | Press) -> str | None:
        """Keep an event durably; its inbox id, or None when it was seen before."""
        row = _InboxRow(
            id=uuid.uuid4().hex,
            platform=event.sender.platform,
            tenant=event.sender.tenant,
            event=event.event,
            second_key=getattr(event, "second_key", "") or None,
            kind="message" if isinstance(event, ChatMessage) else "press",
            payload=_payload(event),
            received_at=self._now(),
            claimed_until=self._claimed_until(),
        )
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                session.add(row)
                return str(row.id)
        except IntegrityError:
            return None

    async def row_of(self, event: ChatMessage | Press) -> str | None:
        """The inbox id of an event that was kept."""
        async with AsyncSession(self._reading) as session:
            found: str | None = await session.scalar(
                select(col(_InboxRow.id)).where(
                    col(_InboxRow.platform) == event.sender.platform,
                    col(_InboxRow.tenant) == event.sender.tenant,
                    col(_InboxRow.event) == event.event,
                )
            )
            return found

    async def done(self, row: str) -> None:
        """The event's work is finished."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_InboxRow)
                .where(col(_InboxRow.id) == row)
                .values(done_at=self._now())
            )

    async def hold(self, row: str) -> None:
        """The event is still worked on: nobody else takes it for a while longer."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_InboxRow)
                .where(col(_InboxRow.id) == row, col(_InboxRow.done_at).is_(None))
                .values(claimed_until=self._claimed_until())
            )

    async def interrupted(self, before: datetime) -> Kept | None:
        """The oldest event whose work was interrupted, claimed for the caller.

        Its claim has ended `before` that time (aware, UTC): with the beginning of a
        round, each is found once in it. One that cannot be read is left for a later
        round, which another version of the program may be able to read.
        """
        while True:
            async with AsyncSession(self._engine) as session, session.begin():
                row = await session.scalar(
                    select(_InboxRow)
                    .where(
                        col(_InboxRow.done_at).is_(None),
                        col(_InboxRow.claimed_until) < before,
                    )
                    .order_by(col(_InboxRow.received_at))
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
                if row is None:
                    return None
                row.claimed_until = max(self._claimed_until(), before)
                found = (row.id, row.kind, row.payload, row.received_at)
            kept, kind, payload, received_at = found
            try:
                return Kept(kept, _event(kind, payload), received_at)
            except (KeyError, TypeError, ValueError):
                log.exception("an event cannot be read", extra={"inbox": kept})
                if self._now() - received_at > _UNREADABLE_FOR:
                    await self.done(kept)

    def _claimed_until(self) -> datetime:
        return self._now() + timedelta(seconds=CLAIM_SECONDS)

    async def tidy(self) -> int:
        """Forget finished events older than a month; how many."""
        async with AsyncSession(self._engine) as session, session.begin():
            gone = await session.execute(
                delete(_InboxRow).where(
                    col(_InboxRow.done_at).is_not(None),
                    col(_InboxRow.received_at)
                    < self._now() - timedelta(days=KEPT_DAYS),
                )
            )
            return int(getattr(gone, "rowcount", 0))

    async def talk(self, place: Place, person: str) -> Talk:
        """Where talk with that person at that place stands."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_ConversationRow, _key(place, person))
            if row is None:
                return Talk()
            if row.changed_at < self._now() - timedelta(minutes=FORGOTTEN_MINUTES):
                # What a button would carry on stays; what words would does not.
                waiting = json.loads(row.waiting) if row.waiting else None
                return Talk(row.company, None, waiting, row.proposal)
            return Talk(
                row.company,
                json.loads(row.context) or None,
                json.loads(row.waiting) if row.waiting else None,
                row.proposal,
                row.words,
            )

    async def remember(self, place: Place, person: str, talk: Talk) -> None:
        """Keep where talk stands."""
        platform, tenant, conversation, who = _key(place, person)
        row = _ConversationRow(
            platform=platform,
            tenant=tenant,
            conversation=conversation,
            person_id=who,
            company=talk.company,
            context=json.dumps(talk.context or {}),
            waiting=json.dumps(talk.waiting) if talk.waiting is not None else None,
            proposal=talk.proposal,
            words=talk.words,
            changed_at=self._now(),
        )
        for last in (False, True):
            try:
                async with AsyncSession(self._engine) as session, session.begin():
                    await session.merge(row)
            except IntegrityError:  # a first message twice at once
                if last:
                    raise
            else:
                return

    async def forget_company(self, company: str) -> None:
        """Let no conversation use a company that was disconnected."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_ConversationRow)
                .where(col(_ConversationRow.company) == company)
                .values(company=None)
            )


def _key(place: Place, person: str) -> tuple[str, str, str, str]:
    # A thread is a conversation of its own: another talk, another context.
    conversation = (
        f"{place.conversation}#{place.thread}" if place.thread else (place.conversation)
    )
    return place.platform, place.tenant, conversation, person


def _payload(event: ChatMessage | Press) -> str:
    fields = asdict(event)
    fields["at"] = event.at.isoformat()
    return json.dumps(fields)


def _event(kind: str, payload: str) -> ChatMessage | Press:
    fields = json.loads(payload)
    fields["at"] = datetime.fromisoformat(fields["at"])
    fields["sender"] = Sender(**fields["sender"])
    fields["place"] = Place(**fields["place"])
    return ChatMessage(**fields) if kind == "message" else Press(**fields)
