"""Who decides in whose place, and until when: the rows, and how they are read.

`deputies` begins and ends them.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    and_,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals.proposal import Delegation
from qbo.columns import UtcTime


class DelegationRow(SQLModel, table=True):
    """Somebody decides in the place of somebody else; kept when it is over."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("person_id <> delegate_id", name="ck_delegation_other"),
        # One deputy at a time, whatever the program believes.
        Index(
            "uq_delegation_person",
            "workspace",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: str = Field(primary_key=True)
    workspace: str = Field(index=True)
    person_id: str
    person: str
    delegate_id: str
    delegate: str
    begun_at: datetime = Field(sa_type=UtcTime)
    until: datetime = Field(sa_type=UtcTime)
    last_day: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


_IN_FORCE = (
    select(DelegationRow)
    .where(
        col(DelegationRow.workspace).in_(bindparam("workspaces", expanding=True)),
        col(DelegationRow.ended_at).is_(None),
    )
    .order_by(col(DelegationRow.begun_at), col(DelegationRow.id))
)


async def in_force(
    session: AsyncSession, workspaces: Collection[str]
) -> dict[str, tuple[Delegation, ...]]:
    """The delegations that nobody has ended; each is in force before its `until`."""
    found: dict[str, tuple[Delegation, ...]] = {}
    if not workspaces:
        return found
    for row in await session.scalars(_IN_FORCE, {"workspaces": list(workspaces)}):
        found[row.workspace] = (*found.get(row.workspace, ()), value(row))
    return found


async def told(session: AsyncSession, workspace: str) -> int:
    """How many lines its delegations have in a workspace's trail, at the least.

    Each has one of its beginning; rows are kept when they are over.
    """
    found = await session.scalar(
        select(func.count())
        .select_from(DelegationRow)
        .where(col(DelegationRow.workspace) == workspace)
    )
    return int(found or 0)


async def workspaces(session: AsyncSession) -> tuple[str, ...]:
    """The workspaces in which anybody has ever stood in for somebody."""
    found = await session.scalars(select(col(DelegationRow.workspace)).distinct())
    return tuple(found)


def stands(
    workspace: str, person_id: str, delegate_id: str, at: datetime
) -> ColumnElement[bool]:
    """That a delegation is in force, for the guard of a move."""
    return (
        select(DelegationRow)
        .where(
            and_(
                col(DelegationRow.workspace) == workspace,
                col(DelegationRow.person_id) == person_id,
                col(DelegationRow.delegate_id) == delegate_id,
                col(DelegationRow.ended_at).is_(None),
                col(DelegationRow.until) > at,
            )
        )
        .exists()
    )


def value(row: DelegationRow) -> Delegation:
    """What a row says."""
    return Delegation(
        id=row.id,
        workspace=row.workspace,
        person_id=row.person_id,
        person=row.person,
        delegate_id=row.delegate_id,
        delegate=row.delegate,
        until=row.until,
        last_day=row.last_day,
    )
