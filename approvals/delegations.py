"""Who decides in whose place, and until when: rows, and the two verbs on them.

A person has one deputy at a time, and a deputy has none: what was given is not
passed on. Both are checked with the workspace's own trail locked, so that two who
name each other at once do not both succeed; starting and ending are lines in it.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    and_,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals.proposal import Delegation, Denied, Person, Role
from approvals.trail import Trail
from qbo.columns import UtcTime

DAYS_MAX = 92


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
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


async def in_force(
    session: AsyncSession, workspaces: Collection[str]
) -> dict[str, tuple[Delegation, ...]]:
    """The delegations that nobody has ended; each is in force before its `until`."""
    found: dict[str, tuple[Delegation, ...]] = {}
    if not workspaces:
        return found
    for row in await session.scalars(
        select(DelegationRow)
        .where(
            col(DelegationRow.workspace).in_(workspaces),
            col(DelegationRow.ended_at).is_(None),
        )
        .order_by(col(DelegationRow.begun_at), col(DelegationRow.id))
    ):
        found[row.workspace] = (*found.get(row.workspace, ()), _value(row))
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


def deny(person: Person, delegate: Person, until: datetime, at: datetime) -> None:
    """Deny a delegation that never can be.

    Raises:
        Denied: to oneself, an auditor, somebody not let in; over, or for too long.
    """
    kept = "Nothing has been changed."
    if person.id == delegate.id:
        raise Denied(f"You cannot stand in for yourself. {kept}", rule="self")
    if delegate.workspace != person.workspace or not delegate.roles:
        raise Denied(
            f"{delegate.name} is not let in here, so they cannot decide. {kept}",
            rule="role",
        )
    if Role.AUDITOR in delegate.roles:
        raise Denied(
            f"{delegate.name} is an auditor and decides nothing. {kept}", rule="role"
        )
    if until <= at:
        raise Denied(f"That day is over already. {kept}", rule="late")
    if until > at + timedelta(days=DAYS_MAX):
        raise Denied(
            f"A deputy decides for at most {DAYS_MAX} days. {kept}", rule="long"
        )


class Delegations:
    """Starts and ends delegations; what is in force is read with a proposal."""

    def __init__(self, engine: AsyncEngine, reading: AsyncEngine, trail: Trail) -> None:
        self._engine = engine
        self._reading = reading
        self._trail = trail

    async def of(self, workspace: str, at: datetime) -> tuple[Delegation, ...]:
        """The delegations in force in a workspace, the oldest first."""
        async with AsyncSession(self._reading) as session:
            found = await in_force(session, (workspace,))
            return tuple(d for d in found.get(workspace, ()) if at < d.until)

    async def begin(
        self,
        person: Person,
        delegate: Person,
        until: datetime,
        at: datetime,
        *,
        platform: str,
    ) -> Delegation:
        """Let somebody decide in a person's place; replaces what stood before.

        Raises:
            Denied: to somebody who never can, passed on, or round in a circle.
        """
        deny(person, delegate, until, at)
        async with AsyncSession(self._engine) as session, session.begin():
            # First, since it locks the workspace's trail: one at a time goes on.
            await self._line(
                session,
                person.workspace,
                "delegate",
                (person.id, person.name, platform),
                at,
                {"to": delegate.name, "until": until.isoformat()},
            )
            standing = list(
                await session.scalars(
                    select(DelegationRow).where(
                        col(DelegationRow.workspace) == person.workspace,
                        col(DelegationRow.ended_at).is_(None),
                    )
                )
            )
            _deny_chains([r for r in standing if at < r.until], person, delegate)
            for row in standing:
                if row.person_id == person.id:
                    row.ended_at = min(at, row.until)
            await session.flush()
            made = DelegationRow(
                id=uuid.uuid4().hex,
                workspace=person.workspace,
                person_id=person.id,
                person=person.name,
                delegate_id=delegate.id,
                delegate=delegate.name,
                begun_at=at,
                until=until,
            )
            session.add(made)
            await session.flush()
            return _value(made)

    async def end(
        self, absent: Person, by: Person, at: datetime, *, platform: str
    ) -> Delegation | None:
        """End what a person has delegated; None: nothing was in force."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.scalar(
                select(DelegationRow)
                .where(
                    col(DelegationRow.workspace) == absent.workspace,
                    col(DelegationRow.person_id) == absent.id,
                    col(DelegationRow.ended_at).is_(None),
                )
                .with_for_update()
            )
            if row is None:
                return None
            is_over = row.until <= at
            row.ended_at = min(at, row.until)
            await session.flush()
            if is_over:
                return None
            await self._line(
                session,
                absent.workspace,
                "undelegate",
                (by.id, by.name, platform),
                at,
                {"of": row.person, "to": row.delegate},
            )
            return _value(row)

    async def _line(
        self,
        session: AsyncSession,
        workspace: str,
        event: str,
        who: tuple[str, str, str],
        at: datetime,
        facts: dict[str, str | int | None],
    ) -> None:
        await self._trail.append(
            session, f"workspace:{workspace}", at=at, event=event, who=who, facts=facts
        )


def _deny_chains(
    standing: Sequence[DelegationRow], person: Person, delegate: Person
) -> None:
    kept = "Nothing has been changed."
    for row in standing:
        if (row.person_id, row.delegate_id) == (delegate.id, person.id):
            raise Denied(
                f"You stand in for {delegate.name} yourself, so they cannot stand in"
                f" for you. {kept}",
                rule="circle",
            )
        if row.person_id == delegate.id:
            raise Denied(
                f"{delegate.name} is away too: {row.delegate} stands in for them, and"
                f" does not pass it on. {kept}",
                rule="chain",
            )
        if row.delegate_id == person.id:
            raise Denied(
                f"You stand in for {row.person}, and a deputy has none. {row.person}"
                " or an administrator can end that first, with “stop delegating”."
                f" {kept}",
                rule="chain",
            )


def _value(row: DelegationRow) -> Delegation:
    return Delegation(
        id=row.id,
        workspace=row.workspace,
        person_id=row.person_id,
        person=row.person,
        delegate_id=row.delegate_id,
        delegate=row.delegate,
        until=row.until,
    )
