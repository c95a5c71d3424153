"""What stands in each person's console: rows, and the number of each change.

Every person has a feed. Making or changing a message takes the feed's next
number under a row lock, so that numbers become visible in their order and a page
that has seen number N misses nothing by asking for what is above N; that holds
across processes.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import Index, LargeBinary, Row, Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from cards.access import link_code
from cards.card import Card, card_from, card_text
from qbo.books import Document
from qbo.columns import UtcTime

_T = TypeVar("_T")

# What is for one person's eyes (a link that signs in, a code) works no longer
# than this, and does not stand longer either.
PASSING_MINUTES = 15
_PASSING = timedelta(minutes=PASSING_MINUTES)
_PASSED = "This link is no longer shown."
_PASSED_CARD = Card(_PASSED, _PASSED)
_CODE_SUMMARY = link_code("", "", PASSING_MINUTES).summary


class _FeedRow(SQLModel, table=True):
    __tablename__ = "console_feed"
    workspace: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    number: int


class _MessageRow(SQLModel, table=True):
    __tablename__ = "console_message"
    __table_args__ = (
        Index("console_message_born", "workspace", "person_id", "born"),
        Index("console_message_changed", "workspace", "person_id", "changed"),
    )
    id: str = Field(primary_key=True)
    workspace: str
    person_id: str
    born: int
    changed: int
    at: datetime = Field(sa_type=UtcTime)
    kind: str
    aside: bool = False
    text: str = ""
    card: str | None = None


class _FileRow(SQLModel, table=True):
    __tablename__ = "console_file"
    message_id: str = Field(primary_key=True, foreign_key="console_message.id")
    name: str
    media_type: str
    content: bytes = Field(sa_type=LargeBinary)


class Kind(StrEnum):
    """What a message is: the person's words, a card of ours, or a file."""

    SAID = "said"
    CARD = "card"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose console: one person of one workspace."""

    workspace: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person's console.

    `born` is the feed's number when it was made and orders the transcript;
    `changed` the number of its last change. `aside` marks a whisper. `text` is
    what was said, a card's summary or a file's name.
    """

    id: str
    born: int
    changed: int
    at: datetime
    kind: Kind
    aside: bool
    text: str
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the transcript, the oldest first.

    `number` is the feed's number that it is at least as new as; `earlier` says
    whether there is more above it.
    """

    messages: tuple[Message, ...]
    number: int
    earlier: bool


def message_id(reader: Reader, event: str) -> str:
    """The id of what was said in one sending of the form; the same every time."""
    whole = f"{reader.workspace}\0{reader.person_id}\0{event}"
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


class Transcript:
    """Keeps and reads the messages of everybody's console."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    async def said(self, reader: Reader, event: str, text: str) -> str:
        """Keep what a person said; the same event again changes nothing."""
        known = message_id(reader, event)

        async def write(session: AsyncSession) -> str:
            number = await _next(session, reader)
            if await session.get(_MessageRow, known) is None:
                session.add(self._row(known, reader, number, Kind.SAID, text=text))
            return known

        return await self._write(write)

    async def show(
        self, reader: Reader, card: Card, *, aside: bool = False, known: str = ""
    ) -> str:
        """Keep a new card; returns its id: `known` where that is given, and once."""
        new = known or uuid4().hex

        async def write(session: AsyncSession) -> str:
            number = await _next(session, reader)
            if known and await session.get(_MessageRow, known) is not None:
                return known
            row = self._row(new, reader, number, Kind.CARD, text=card.summary)
            row.card, row.aside = card_text(card), aside
            session.add(row)
            return new

        return await self._write(write)

    async def replace(self, reader: Reader, message: str, card: Card) -> bool:
        """Put another card in a message's place; False when there is none such."""

        async def write(session: AsyncSession) -> bool:
            number = await _next(session, reader)
            changed = await session.execute(
                update(_MessageRow)
                .where(
                    col(_MessageRow.id) == message,
                    col(_MessageRow.workspace) == reader.workspace,
                    col(_MessageRow.person_id) == reader.person_id,
                    col(_MessageRow.kind) == Kind.CARD,
                )
                .values(changed=number, card=card_text(card), text=card.summary)
                .returning(col(_MessageRow.id))
            )
            return changed.first() is not None

        return await self._write(write)

    async def forget_passing(self) -> frozenset[Reader]:
        """Blank whispers that held a link or a code; whose consoles changed."""
        wanted = select(
            col(_MessageRow.id), col(_MessageRow.workspace), col(_MessageRow.person_id)
        ).where(
            col(_MessageRow.aside),
            col(_MessageRow.at) <= self._now() - _PASSING,
            or_(
                # As `card_text` writes a list that is not empty; quotes in texts
                # are escaped there.
                col(_MessageRow.card).contains('"links":[{', autoescape=True),
                col(_MessageRow.text) == _CODE_SUMMARY,
            ),
        )
        async with self._reading.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        readers = set()
        for message, workspace, person_id in rows:
            reader = Reader(workspace, person_id)
            await self.replace(reader, message, _PASSED_CARD)
            readers.add(reader)
        return frozenset(readers)

    async def hand_over(self, reader: Reader, document: Document) -> str:
        """Keep a file for one person; returns the message's id."""
        new = uuid4().hex

        async def write(session: AsyncSession) -> str:
            number = await _next(session, reader)
            session.add(
                self._row(new, reader, number, Kind.FILE, text=document.name or "file")
            )
            await session.flush()
            session.add(
                _FileRow(
                    message_id=new,
                    name=document.name,
                    media_type=document.media_type,
                    content=document.content,
                )
            )
            return new

        return await self._write(write)

    async def number(self, reader: Reader) -> int:
        """The number of the latest change; 0 before the first."""
        async with self._reading.connect() as connection:
            found = await connection.scalar(
                select(col(_FeedRow.number)).where(
                    col(_FeedRow.workspace) == reader.workspace,
                    col(_FeedRow.person_id) == reader.person_id,
                )
            )
        return found or 0

    async def page(
        self, reader: Reader, *, limit: int, before: int | None = None, after: int = 0
    ) -> Page:
        """The last `limit` messages born after `after` and before `before`."""
        # The number is read first: what comes between is merely shown twice.
        number = await self.number(reader)
        wanted = _of(reader).where(col(_MessageRow.born) > after)
        if before is not None:
            wanted = wanted.where(col(_MessageRow.born) < before)
        wanted = wanted.order_by(col(_MessageRow.born).desc()).limit(limit + 1)
        async with self._reading.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        shown = tuple(self._message(row) for row in reversed(rows[:limit]))
        return Page(shown, number, len(rows) > limit)

    async def changed(
        self, reader: Reader, after: int, limit: int = 50
    ) -> tuple[Message, ...]:
        """What was made or changed after a number, in the order of the changes."""
        wanted = (
            _of(reader)
            .where(col(_MessageRow.changed) > after)
            .order_by(col(_MessageRow.changed))
            .limit(limit)
        )
        async with self._reading.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        return tuple(self._message(row) for row in rows)

    async def message(self, reader: Reader, message: str) -> Message | None:
        """One message of this person's, None when it is nobody's or another's."""
        wanted = _of(reader).where(col(_MessageRow.id) == message)
        async with self._reading.connect() as connection:
            row = (await connection.execute(wanted)).first()
        return None if row is None else self._message(row)

    async def file(self, reader: Reader, message: str) -> Document | None:
        """The file of a message of this person's."""
        wanted = (
            select(col(_FileRow.name), col(_FileRow.media_type), col(_FileRow.content))
            .join(_MessageRow, col(_MessageRow.id) == col(_FileRow.message_id))
            .where(
                col(_FileRow.message_id) == message,
                col(_MessageRow.workspace) == reader.workspace,
                col(_MessageRow.person_id) == reader.person_id,
            )
        )
        async with self._reading.connect() as connection:
            row = (await connection.execute(wanted)).first()
        return None if row is None else Document(row[0], row[1], row[2])

    def _message(
        self, row: Row[str, int, int, datetime, str, bool, str, str | None]
    ) -> Message:
        found = _message(row)
        if (
            found.aside
            and found.at <= self._now() - _PASSING
            and (found.text == _CODE_SUMMARY or (found.card and found.card.links))
        ):
            return replace(found, text=_PASSED, card=_PASSED_CARD)
        return found

    def _row(
        self, new: str, reader: Reader, number: int, kind: Kind, *, text: str
    ) -> _MessageRow:
        return _MessageRow(
            id=new,
            workspace=reader.workspace,
            person_id=reader.person_id,
            born=number,
            changed=number,
            at=self._now(),
            kind=kind,
            text=text,
        )

    async def _write(self, write: Callable[[AsyncSession], Awaitable[_T]]) -> _T:
        for last in (False, False, True):
            try:
                async with AsyncSession(self._engine) as session, session.begin():
                    return await write(session)
            except IntegrityError:
                # Two processes opened the feed, or kept one event, at once.
                if last:
                    raise
        raise AssertionError("the last attempt returns or raises")


async def _next(session: AsyncSession, reader: Reader) -> int:
    """The feed's next number; its row stays locked until the session ends."""
    taken = await session.execute(
        update(_FeedRow)
        .where(
            col(_FeedRow.workspace) == reader.workspace,
            col(_FeedRow.person_id) == reader.person_id,
        )
        .values(number=col(_FeedRow.number) + 1)
        .returning(col(_FeedRow.number))
        .execution_options(synchronize_session=False)
    )
    number = taken.scalar()
    if number is None:
        number = 1
        session.add(
            _FeedRow(
                workspace=reader.workspace, person_id=reader.person_id, number=number
            )
        )
        await session.flush()
    return number


_COLUMNS = (
    col(_MessageRow.id),
    col(_MessageRow.born),
    col(_MessageRow.changed),
    col(_MessageRow.at),
    col(_MessageRow.kind),
    col(_MessageRow.aside),
    col(_MessageRow.text),
    col(_MessageRow.card),
)


def _of(
    reader: Reader,
) -> Select[str, int, int, datetime, str, bool, str, str | None]:
    return select(*_COLUMNS).where(
        col(_MessageRow.workspace) == reader.workspace,
        col(_MessageRow.person_id) == reader.person_id,
    )


def _message(
    row: Row[str, int, int, datetime, str, bool, str, str | None],
) -> Message:
    try:
        card = None if row.card is None else card_from(row.card)
    except ValidationError:
        # Written by another version of the program: its summary is still shown.
        card = None
    return Message(
        id=row.id,
        born=row.born,
        changed=row.changed,
        at=row.at,
        kind=Kind(row.kind),
        aside=row.aside,
        text=row.text,
        card=card,
    )
