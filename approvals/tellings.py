"""What people have to be told: rows saved with the move that they tell of.

A telling stands until it was said, and is claimed by one teller at a time; so each
is said at least once, and twice only where a crash falls between saying and noting.
"""

import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Index, UniqueConstraint, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals.proposal import Audience, Proposal, Telling, WantedTelling
from qbo.books import Shown
from qbo.columns import UtcTime

_SHOWN = TypeAdapter(tuple[Shown, ...])


class _TellingRow(SQLModel, table=True):
    __tablename__ = "telling"
    __table_args__ = (
        # `subject` is the proposal's id, or the company's: told once of each.
        UniqueConstraint("subject", "kind", "key", "audience"),
        Index("ix_telling_open", "told_at", "busy_until"),
    )
    id: str = Field(primary_key=True)
    subject: str
    workspace: str
    company: str
    proposal_id: str | None = None
    number: str = ""
    conversation: str = ""
    kind: str
    key: str = ""
    audience: str
    people: str = "[]"
    sentence: str
    # Values that stand below it, and the places where it was said, as JSON lists.
    shown: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    said: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    created_at: datetime = Field(sa_type=UtcTime)
    busy_until: datetime | None = Field(default=None, sa_type=UtcTime)
    tries: int = 0
    told_at: datetime | None = Field(default=None, sa_type=UtcTime)
    # Given up: nobody could be reached for too long.
    gone_at: datetime | None = Field(default=None, sa_type=UtcTime)


async def insert(
    session: AsyncSession,
    wanted: Iterable[WantedTelling],
    at: datetime,
    *,
    workspace: str,
    company: str,
    proposal: Proposal | None = None,
) -> None:
    """Want people told, within the caller's transaction; what was told is not again."""
    for each in wanted:
        values = {
            "id": uuid.uuid4().hex,
            "subject": proposal.id if proposal else company or workspace,
            "workspace": workspace,
            "company": company,
            "proposal_id": proposal.id if proposal else None,
            "number": proposal.number if proposal else "",
            "conversation": proposal.conversation if proposal else "",
            "kind": each.kind,
            "key": each.key,
            "audience": each.audience.value,
            "people": json.dumps(each.people),
            "sentence": each.sentence,
            "shown": _SHOWN.dump_json(each.shown).decode(),
            "said": "[]",
            "created_at": at,
            "tries": 0,
        }
        make = (
            postgresql.insert
            if session.get_bind().dialect.name == "postgresql"
            else sqlite.insert
        )
        await session.execute(make(_TellingRow).values(values).on_conflict_do_nothing())


class Tellings:
    """What `bot` needs to tell people."""

    def __init__(self, engine: AsyncEngine, reading: AsyncEngine) -> None:
        self._engine = engine
        self._reading = reading

    async def waiting(self, at: datetime, limit: int = 100) -> tuple[Telling, ...]:
        """What is still to be told and nobody is busy with, the oldest first."""
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(_TellingRow)
                .where(*_open(at))
                .order_by(col(_TellingRow.created_at), col(_TellingRow.id))
                .limit(limit)
            )
            return tuple(_telling(row) for row in rows)

    async def claim(
        self, telling_id: str, at: datetime, seconds: int
    ) -> Telling | None:
        """Claim one before telling it, as it stands now; None: somebody else did."""
        async with AsyncSession(self._engine) as session, session.begin():
            result = await session.execute(
                update(_TellingRow)
                .where(and_(col(_TellingRow.id) == telling_id, *_open(at)))
                .values(
                    busy_until=at + timedelta(seconds=seconds),
                    tries=col(_TellingRow.tries) + 1,
                )
            )
            assert isinstance(result, CursorResult), "an update without a count"
            row = await session.get(_TellingRow, telling_id)
            return _telling(row) if result.rowcount and row is not None else None

    async def said(self, telling_id: str, places: Iterable[str]) -> None:
        """It was said at these places so far; others are still to come."""
        await self._set(telling_id, said=json.dumps([*places]))

    async def told(self, telling_id: str, at: datetime) -> None:
        """It was told."""
        await self._set(telling_id, told_at=at, busy_until=None)

    async def rest(self, telling_id: str, until: datetime) -> None:
        """Nobody took it: leave it alone for a while."""
        await self._set(telling_id, busy_until=until)

    async def gone(self, telling_id: str, at: datetime) -> None:
        """It can never be told: stop trying."""
        await self._set(telling_id, gone_at=at, busy_until=None)

    async def untold(
        self, workspace: str, since: datetime, tries: int, limit: int = 50
    ) -> tuple[Telling, ...]:
        """What could not be told, or not for long, the newest first."""
        row = _TellingRow
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(row)
                .where(
                    col(row.workspace) == workspace,
                    col(row.created_at) >= since,
                    col(row.told_at).is_(None),
                    or_(col(row.gone_at).is_not(None), col(row.tries) >= tries),
                )
                .order_by(col(row.created_at).desc(), col(row.id))
                .limit(limit)
            )
            return tuple(_telling(each) for each in rows)

    async def _set(self, telling_id: str, **values: datetime | str | None) -> None:
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_TellingRow)
                .where(col(_TellingRow.id) == telling_id)
                .values(**values)
            )


def _open(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(_TellingRow.told_at).is_(None),
        col(_TellingRow.gone_at).is_(None),
        or_(col(_TellingRow.busy_until).is_(None), col(_TellingRow.busy_until) <= at),
    )


def _telling(row: _TellingRow) -> Telling:
    return Telling(
        id=row.id,
        workspace=row.workspace,
        company=row.company,
        proposal_id=row.proposal_id,
        number=row.number,
        conversation=row.conversation,
        kind=row.kind,
        audience=Audience(row.audience),
        sentence=row.sentence,
        people=tuple(json.loads(row.people)),
        tries=row.tries,
        created_at=row.created_at,
        shown=_SHOWN.validate_json(row.shown),
        said=tuple(json.loads(row.said)),
        gone=row.gone_at is not None,
    )
