"""Beginning and ending that somebody decides in somebody else's place.

A person has one deputy at a time, and a deputy has none: what was given is not
passed on. Both are checked with the workspace's own trail locked, so that two who
name each other at once do not both succeed; beginning and ending are lines in it,
and the card of every proposal that they concern follows in the same transaction.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from approvals import locks, restating, rows, stages, tellings
from approvals.delegations import DelegationRow, in_force, value
from approvals.proposal import (
    Audience,
    Delegation,
    Denied,
    Event,
    Person,
    Proposal,
    Role,
    Status,
    WantedTelling,
)
from approvals.restating import Standing
from approvals.rows import ProposalRow
from approvals.trail import Facts, Trail

DAYS_MAX = 92


class Deputies:
    """Begins and ends delegations; what is in force is read with a proposal."""

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
        last_day: date | None = None,
    ) -> tuple[Delegation, str | None]:
        """Let somebody decide in a person's place; replaces what stood before.

        `last_day` is what `until` is to the person: the day at whose end it is over.
        What stands already in the same words is left as it is.

        Returns:
            What stands then, and the name of the deputy whom it replaced, who is told.

        Raises:
            Denied: to somebody who never can, passed on, or round in a circle.
        """
        _deny(person, delegate, until, at)
        who = (person.id, person.name, platform)
        async with AsyncSession(self._engine) as session, session.begin():
            await _waiting(session, person.workspace)
            standing = list(
                await session.scalars(
                    select(DelegationRow).where(
                        col(DelegationRow.workspace) == person.workspace,
                        col(DelegationRow.ended_at).is_(None),
                    )
                )
            )
            before = [row for row in standing if row.person_id == person.id]
            for row in before:
                if (row.delegate_id, row.until, row.last_day) == (
                    delegate.id,
                    until,
                    last_day,
                ):
                    return value(row), await _replaced_by(session, row)
            _deny_chains([r for r in standing if at < r.until], person, delegate)
            await self._trail.append(
                session,
                f"workspace:{person.workspace}",
                at=at,
                event="delegate",
                who=who,
                facts={"to": delegate.name, "until": until.isoformat()},
            )
            for row in before:
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
                last_day=last_day,
            )
            session.add(made)
            await session.flush()
            for row in before:
                await self._show(session, value(row), "ended", who, at)
            await self._show(session, value(made), "begun", who, at)
            gone = [r for r in before if at < r.until and r.delegate_id != delegate.id]
            await tellings.insert(
                session,
                (_replaced(value(row), value(made)) for row in gone),
                at,
                workspace=person.workspace,
                company="",
            )
            return value(made), gone[0].delegate if gone else None

    async def end(
        self, absent: Person, by: Person, at: datetime, *, platform: str
    ) -> Delegation | None:
        """End what a person has delegated; None: nothing was in force."""
        who = (by.id, by.name, platform)
        async with AsyncSession(self._engine) as session, session.begin():
            await _waiting(session, absent.workspace)
            row = await session.scalar(
                select(DelegationRow)
                .where(
                    col(DelegationRow.workspace) == absent.workspace,
                    col(DelegationRow.person_id) == absent.id,
                    col(DelegationRow.ended_at).is_(None),
                )
                .with_for_update()
            )
            if row is None or row.until <= at:
                return None
            row.ended_at = at
            await session.flush()
            await self._trail.append(
                session,
                f"workspace:{absent.workspace}",
                at=at,
                event="undelegate",
                who=who,
                facts={"of": row.person, "to": row.delegate},
            )
            await self._show(session, value(row), "ended", who, at)
            return value(row)

    async def end_overdue(self, at: datetime) -> None:
        """End those whose time is over, so that no card names them any longer."""
        overdue = (
            col(DelegationRow.ended_at).is_(None),
            col(DelegationRow.until) <= at,
        )
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(col(DelegationRow.workspace)).where(*overdue).distinct()
            )
            workspaces = tuple(found)
        for workspace in workspaces:
            async with AsyncSession(self._engine) as session, session.begin():
                await _waiting(session, workspace)
                here = col(DelegationRow.workspace) == workspace
                ended = tuple(
                    await session.scalars(
                        select(DelegationRow).where(here, *overdue).with_for_update()
                    )
                )
                for row in ended:
                    row.ended_at = row.until
                await session.flush()
                for row in ended:
                    nobody = ("", "Countersign", "countersign")
                    await self._show(session, value(row), "over", nobody, at)

    async def _show(
        self,
        session: AsyncSession,
        changed: Delegation,
        how: str,
        who: tuple[str, str, str],
        at: datetime,
    ) -> None:
        """Let the cards lag that name this deputy, or did."""
        waiting = await _waiting(session, changed.workspace)
        proposals = await rows.readable(session, [each.id for each in waiting])

        def is_concerned(proposal: Proposal | None) -> bool:
            # Of one that cannot be read it is not known.
            return proposal is None or bool(
                stages.deputies(replace(proposal, delegations=(changed,)), None)
            )

        concerned = [each for each in waiting if is_concerned(proposals.get(each.id))]
        facts: Facts = {
            "how": how,
            "absent": changed.person,
            "deputy": changed.delegate,
        }
        await restating.restate(
            session, self._trail, concerned, Event.DEPUTY, who, at, facts
        )


def _replaced(before: Delegation, made: Delegation) -> WantedTelling:
    """What a deputy is told whose place somebody else takes."""
    return WantedTelling(
        "deputy",
        Audience.PEOPLE,
        f"{made.delegate} decides in the place of {made.person} from now on; you no"
        " longer do.",
        before.id,
        (before.delegate_id,),
    )


async def _replaced_by(session: AsyncSession, row: DelegationRow) -> str | None:
    """The name of the deputy who ended in the moment in which this one began."""
    name: str | None = await session.scalar(
        select(col(DelegationRow.delegate)).where(
            col(DelegationRow.workspace) == row.workspace,
            col(DelegationRow.person_id) == row.person_id,
            col(DelegationRow.delegate_id) != row.delegate_id,
            col(DelegationRow.ended_at) == row.begun_at,
            col(DelegationRow.until) > row.begun_at,
        )
    )
    return name


async def _waiting(session: AsyncSession, workspace: str) -> tuple[Standing, ...]:
    """What waits for people there, locked; one at a time does so, none is made."""
    await locks.hold_deputies(session, workspace, alone=True)
    return await restating.locked(
        session,
        col(ProposalRow.workspace) == workspace,
        col(ProposalRow.status) == Status.PENDING.value,
    )


def _deny(person: Person, delegate: Person, until: datetime, at: datetime) -> None:
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
