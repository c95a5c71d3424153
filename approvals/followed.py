"""The rows of posted records that are followed: what is still to be looked at.

A row is made with the receipt, in its transaction. When the books say that a record
changed, its rows become due; they stay so until somebody has looked and saved what
they saw, however often we stop in between.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Index, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals import rows
from approvals.proposal import Proposal, Status
from approvals.rows import ProposalRow
from qbo.books import Receipt, Verb
from qbo.columns import UtcTime

_PART_ROWS = 300
# So many changed records at once, and the followed ones are asked for instead.
_MANY = 2_000


class _FollowedRow(SQLModel, table=True):
    """One write of ours to one record. `due` counts changes not yet looked at."""

    __tablename__ = "followed_record"
    __table_args__ = (
        Index("ix_followed_record", "company_id", "entity", "record_id"),
        Index("ix_followed_due", "due", "try_at"),
    )
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    step: int = Field(primary_key=True)
    # The line of a step that has several; empty for the step itself.
    part: str = Field(primary_key=True, default="")
    company_id: str
    entity: str
    record_id: str
    verb: str
    posted_at: datetime = Field(sa_type=UtcTime)
    # Of the record as it was last looked at; empty before the first time.
    digest: str = ""
    due: int = 0
    try_at: datetime | None = Field(default=None, sa_type=UtcTime)


class _LookedRow(SQLModel, table=True):
    """Until when the changes of a company's records have been noted."""

    __tablename__ = "followed_company"
    company_id: str = Field(primary_key=True)
    looked_at: datetime = Field(sa_type=UtcTime)


@dataclass(frozen=True, slots=True)
class Followed:
    """One write of ours to one record, and how many changes wait to be looked at."""

    proposal_id: str
    step: int
    part: str
    verb: Verb
    posted_at: datetime
    due: int


@dataclass(frozen=True, slots=True)
class History:
    """All our writes to one record, the oldest first, with their proposals.

    `busy`: one more may be under way, so that nobody can tell yet whose change
    a change is.
    """

    writes: tuple[Followed, ...]
    proposals: Mapping[str, Proposal]
    busy: bool


async def keep(session: AsyncSession, p: Proposal, receipt: Receipt) -> None:
    """Follow what a receipt is of, within the caller's transaction."""
    step = p.draft.steps[receipt.step - 1]
    entity = {part.key: part.entity for part in step.parts}
    verb = {part.key: part.verb for part in step.parts}
    records = [
        (each.key, entity[each.key], each.record_id, verb[each.key])
        for each in receipt.parts
        if each.is_posted
    ]
    if not step.parts and receipt.record_id:
        records = [("", receipt.entity, receipt.record_id, step.verb)]
    make = (
        postgresql.insert
        if session.get_bind().dialect.name == "postgresql"
        else sqlite.insert
    )
    for part, kind, record_id, does in records:
        values = {
            "proposal_id": p.id,
            "step": receipt.step,
            "part": part,
            "company_id": p.company.id,
            "entity": kind,
            "record_id": record_id,
            "verb": does.value,
            "posted_at": receipt.posted_at,
            "digest": "",
            "due": 0,
        }
        await session.execute(
            make(_FollowedRow).values(values).on_conflict_do_nothing()
        )


class Records:
    """Which posted records are to be looked at, and what we wrote to them."""

    def __init__(self, engine: AsyncEngine, reading: AsyncEngine) -> None:
        self._engine = engine
        self._reading = reading

    async def noted_until(self, company: str) -> datetime | None:
        """Until when a company's changes have been noted; None: never yet."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_LookedRow, company)
            return row.looked_at if row else None

    async def oldest(self, company: str) -> datetime | None:
        """When the first record that is followed was posted."""
        async with AsyncSession(self._reading) as session:
            found: datetime | None = await session.scalar(
                select(func.min(col(_FollowedRow.posted_at))).where(
                    col(_FollowedRow.company_id) == company
                )
            )
            return found

    async def note(
        self,
        company: str,
        changed: Mapping[tuple[str, str], str],
        until: datetime,
    ) -> int:
        """Let those of the changed records be due that are followed.

        `changed` gives the digest of each by entity and id. Both are one
        transaction: what changed up to `until` is never lost, and is not noted
        again where it was looked at. Gives how many writes became due.
        """
        async with AsyncSession(self._engine) as session, session.begin():
            wanted = await self._followed_of(session, company, changed)
            for row in wanted:
                if row.digest != changed[row.entity, row.record_id]:
                    row.due += 1
                    row.try_at = None
            due = sum(1 for row in wanted if session.is_modified(row))
            looked = await session.get(_LookedRow, company)
            if looked is None:
                session.add(_LookedRow(company_id=company, looked_at=until))
            elif looked.looked_at < until:
                looked.looked_at = until
            return due

    async def _followed_of(
        self,
        session: AsyncSession,
        company: str,
        changed: Mapping[tuple[str, str], str],
    ) -> list[_FollowedRow]:
        here = col(_FollowedRow.company_id) == company
        names: Collection[tuple[str, str]] = changed
        if len(changed) > _MANY:
            known = await session.execute(
                select(col(_FollowedRow.entity), col(_FollowedRow.record_id))
                .where(here)
                .distinct()
            )
            names = {(row[0], row[1]) for row in known} & set(changed)
        by_entity: dict[str, list[str]] = {}
        for entity, record_id in names:
            by_entity.setdefault(entity, []).append(record_id)
        found: list[_FollowedRow] = []
        for entity, ids in by_entity.items():
            for start in range(0, len(ids), _PART_ROWS):
                found += await session.scalars(
                    select(_FollowedRow)
                    .where(
                        here,
                        col(_FollowedRow.entity) == entity,
                        col(_FollowedRow.record_id).in_(
                            ids[start : start + _PART_ROWS]
                        ),
                    )
                    .with_for_update()
                )
        return found

    async def due(
        self, company: str, at: datetime, since: datetime, limit: int = 200
    ) -> tuple[tuple[str, str], ...]:
        """The records (entity, id) to look at; posted no earlier than `since`."""
        async with AsyncSession(self._reading) as session:
            found = await session.execute(
                select(col(_FollowedRow.entity), col(_FollowedRow.record_id))
                .where(
                    col(_FollowedRow.company_id) == company,
                    col(_FollowedRow.due) > 0,
                    col(_FollowedRow.posted_at) >= since,
                    or_(
                        col(_FollowedRow.try_at).is_(None),
                        col(_FollowedRow.try_at) <= at,
                    ),
                )
                .distinct()
                .limit(limit)
            )
            return tuple((row[0], row[1]) for row in found)

    async def history(self, company: str, entity: str, record_id: str) -> History:
        """All our writes to a record; read it only after the record itself was.

        So a write that the record shows is either in it, or `busy` is True.
        """
        async with AsyncSession(self._reading) as session:
            busy = await _is_busy(session, company, (entity, record_id))
            found = await session.scalars(
                select(_FollowedRow)
                .where(*_of(company, entity, record_id))
                .order_by(
                    col(_FollowedRow.posted_at),
                    col(_FollowedRow.proposal_id),
                    col(_FollowedRow.step),
                )
            )
            writes = tuple(_followed(row) for row in found)
            ids = {each.proposal_id for each in writes}
            known = await session.scalars(
                select(ProposalRow).where(col(ProposalRow.id).in_(ids))
            )
            proposals = await rows.values(session, list(known))
            return History(writes, {p.id: p for p in proposals}, busy)

    async def looked(self, write: Followed, digest: str) -> None:
        """What was due has been looked at, unless more has come since."""
        await self._set(write, {"due": 0, "digest": digest, "try_at": None})

    async def postpone(self, writes: Iterable[Followed], until: datetime) -> None:
        """Nobody can tell yet: look again at `until`."""
        for write in writes:
            await self._set(write, {"try_at": until})

    async def _set(
        self, write: Followed, values: Mapping[str, datetime | str | int | None]
    ) -> None:
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_FollowedRow)
                .where(
                    col(_FollowedRow.proposal_id) == write.proposal_id,
                    col(_FollowedRow.step) == write.step,
                    col(_FollowedRow.part) == write.part,
                    col(_FollowedRow.due) == write.due,
                )
                .values(**values)
            )


async def _is_busy(
    session: AsyncSession, company: str, record: tuple[str, str]
) -> bool:
    """Whether a write of ours to that record may be under way, or just was."""
    moving = await session.scalars(
        select(ProposalRow).where(
            col(ProposalRow.company_id) == company,
            col(ProposalRow.status).in_(
                [Status.APPLYING.value, Status.UNCONFIRMED.value]
            ),
        )
    )
    return any(record in _touched(p) for p in await rows.values(session, list(moving)))


def _touched(p: Proposal) -> Sequence[tuple[str, str]]:
    """The records that a proposal changes, as far as they are known."""
    found = [(r.entity, r.record_id) for r in p.receipts]
    for step in p.draft.steps:
        if step.record_id:
            found.append((step.entity, step.record_id))
        found += [(x.entity, x.record_id) for x in step.parts if x.record_id]
    return found


def _of(company: str, entity: str, record_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        and_(
            col(_FollowedRow.company_id) == company,
            col(_FollowedRow.entity) == entity,
            col(_FollowedRow.record_id) == record_id,
        ),
    )


def _followed(row: _FollowedRow) -> Followed:
    return Followed(
        proposal_id=row.proposal_id,
        step=row.step,
        part=row.part,
        verb=Verb(row.verb),
        posted_at=row.posted_at,
        due=row.due,
    )
