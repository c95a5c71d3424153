"""What stops a company: freezing it, making it read-only, losing its connection.

A stop is a row, and `Store.save` lets no move that leads to a request pass while
there is one. The row, its line in the company's trail, the next version of every
proposal that has not ended (so that its cards say so) and what the administrators
are told are saved in one transaction, or none of them.

    freeze, readonly_on    one administrator, at once
    thaw, readonly_off     two administrators within a day, or one at the server
    found                  what is so by itself: the connection, a setting, the policy
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlmodel import col

from approvals import locks, restating, rows, tellings
from approvals.policy import Broken, Policy
from approvals.proposal import (
    Audience,
    Denied,
    Event,
    Halt,
    Person,
    Role,
    Status,
    WantedTelling,
)
from approvals.restating import Standing
from approvals.rows import ProposalRow, StopRow
from approvals.trail import Facts, Trail
from approvals.waiting import halted
from qbo.books import Company
from qbo.faults import NotTaken

FROZEN: Final = "frozen"
READONLY: Final = "readonly"
# Not lifted by people: these end with the setting, the policy or the connection.
BY_SETTING: Final = "readonly-setting"
BY_POLICY: Final = "readonly-policy"
DISCONNECTED: Final = "disconnected"

BY_WHAT: Final = {
    BY_SETTING: "the setting COUNTERSIGN_READONLY",
    BY_POLICY: "the approval policy",
}

# What the administrators are told of a connection that has ended.
ENDING: Final = "connection-ended"

REASON_MAX: Final = 300
# A first word that nobody seconded for so long no longer counts.
LIFTING: Final = timedelta(hours=24)

_OPEN: Final = (Status.PENDING, Status.APPROVED, Status.UNCONFIRMED)
_WAITING: Final = (*_OPEN, Status.APPLYING)


class Lifted(StrEnum):
    """What one administrator's word brought about."""

    NOTHING = "nothing"  # there was nothing to lift
    FIRST = "first"  # another administrator has to say so as well
    SAME = "same"  # the same one again: still another has to
    GOES_ON = "goes-on"


@dataclass(frozen=True, slots=True)
class _Who:
    """Who does it: our id of the person, the name, and where."""

    id: str
    name: str
    platform: str


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that happens to a stop, in the trail and to the administrators."""

    company: Company
    workspace: str
    kind: str
    event: str
    sentence: str
    facts: Facts


class Stops:
    """Stops companies and lets them go on."""

    def __init__(self, engine: AsyncEngine, reading: AsyncEngine, trail: Trail) -> None:
        self._engine = engine
        self._reading = reading
        self._trail = trail

    # --- what people say ------------------------------------------------------------

    async def freeze(
        self,
        company: Company,
        person: Person,
        at: datetime,
        *,
        reason: str = "",
        platform: str = "",
    ) -> bool:
        """Stop approving and posting at once; False where it was stopped already.

        Said again it takes back what a first administrator said for going on.

        Raises:
            Denied: not an administrator ("role"), or of another workspace.
        """
        _only_admins(person)
        who = _Who(person.id, person.name, platform)
        return await self._begin(company, person.workspace, FROZEN, who, at, reason)

    async def thaw(
        self,
        company: Company,
        person: Person,
        at: datetime,
        *,
        admins: Collection[str] | None = None,
        platform: str = "",
    ) -> Lifted:
        """One of two administrators lets approving and posting go on.

        `admins` are the ids of who is an administrator now: the first word of one
        who no longer is counts for nothing. None: it is not known.

        Raises:
            Denied: not an administrator ("role"), or of another workspace.
        """
        return await self._lift(company, FROZEN, person, at, admins, platform)

    async def readonly_on(
        self,
        company: Company,
        person: Person,
        at: datetime,
        *,
        reason: str = "",
        platform: str = "",
    ) -> bool:
        """Let nothing be proposed, approved or posted any more; as `freeze`.

        Raises:
            Denied: not an administrator ("role"), or of another workspace.
        """
        _only_admins(person)
        who = _Who(person.id, person.name, platform)
        return await self._begin(company, person.workspace, READONLY, who, at, reason)

    async def readonly_off(
        self,
        company: Company,
        person: Person,
        at: datetime,
        *,
        admins: Collection[str] | None = None,
        platform: str = "",
    ) -> Lifted:
        """One of two administrators lets it be written to again; as `thaw`.

        Raises:
            Denied: not an administrator ("role"), or of another workspace.
        """
        return await self._lift(company, READONLY, person, at, admins, platform)

    async def by_server(
        self,
        company: Company,
        workspace: str,
        kind: str,
        at: datetime,
        *,
        on: bool,
        operator: str,
        reason: str,
    ) -> bool:
        """Stop it, or let it go on, by whoever runs the server, alone.

        The trail marks it so. False where it was so already.
        """
        who = _Who("", operator, "server")
        if on:
            return await self._begin(company, workspace, kind, who, at, reason)
        async with AsyncSession(self._engine) as session, session.begin():
            waiting = await _locked(session, company.id)
            row = await _row(session, company, kind)
            if row is None:
                return False
            said = _Said(
                company,
                row.workspace,
                kind,
                _EVENTS[kind][1],
                f"{_goes_on(kind, company, operator)} It was said at the server, by one"
                f" alone.{_because(reason)}",
                {"alone": "at the server", "reason": reason or None},
            )
            await self._end(session, row, waiting, who, at, said)
            return True

    # --- what is so by itself ---------------------------------------------------------

    async def found(
        self,
        company: Company,
        workspace: str,
        kind: str,
        at: datetime,
        *,
        stands: bool,
        person: str = "Countersign",
        reason: str = "",
    ) -> bool:
        """Let the row of a stop say what was found to be so; whether it had to change.

        For the connection, the setting and the policy; cheap where nothing changed.
        """
        async with AsyncSession(self._reading) as session:
            known = await session.get(StopRow, (company.id, kind))
        if (known is not None) is stands:
            return False
        who = _Who("", person, "countersign")
        if stands:
            return await self._begin(
                company, workspace, kind, who, at, reason, is_told=False
            )
        async with AsyncSession(self._engine) as session, session.begin():
            waiting = await _locked(session, company.id)
            row = await _row(session, company, kind)
            if row is None:
                return False
            said = _Said(company, workspace, kind, _EVENTS[kind][1], "", {})
            await self._end(session, row, waiting, who, at, said)
            return True

    async def compare(
        self,
        company: Company,
        workspace: str,
        named: Collection[str],
        policy: Policy | Broken,
        at: datetime,
    ) -> None:
        """The same for what a setting (`named`) and the policy say of a company.

        A policy that cannot be followed says nothing: then it stays as it was.
        """
        says = {BY_SETTING: is_readonly(named, company)}
        if not isinstance(policy, Broken):
            says[BY_POLICY] = is_readonly(policy.readonly, company)
        for kind, stands in says.items():
            await self.found(
                company, workspace, kind, at, stands=stands, person=BY_WHAT[kind]
            )

    async def told_of_ending(
        self,
        connection: AsyncConnection,
        company: Company,
        workspace: str,
        at: datetime,
    ) -> None:
        """Want the administrators told that a connection has ended.

        Within the caller's transaction, which also notes that this one was taken.
        """
        sentence = (
            f"The connection of {company.title} to QuickBooks has ended. Nothing is"
            " lost: connect it again, and what waits goes on."
        )
        wanted = WantedTelling(ENDING, Audience.ADMINS, sentence, at.isoformat())
        async with AsyncSession(connection) as session:
            await tellings.insert(
                session, (wanted,), at, workspace=workspace, company=company.id
            )
            await session.flush()

    # --- reading ------------------------------------------------------------------

    async def last_look(self, company: str) -> None:
        """Just before a request leaves, when its turn among others has come.

        Raises:
            NotTaken: the company was stopped since the attempt was noted.
        """
        if halts := await self.of(company):
            raise NotTaken(halted(halts[0]).sentence)

    async def of(self, company: str) -> tuple[Halt, ...]:
        """What stops a company just now, the oldest first."""
        async with AsyncSession(self._reading) as session:
            return (await rows.halts(session, (company,))).get(company, ())

    async def waiting(self, company: str) -> int:
        """How many proposals of a company have not ended."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalar(
                select(func.count())
                .select_from(ProposalRow)
                .where(
                    col(ProposalRow.company_id) == company,
                    col(ProposalRow.status).in_([s.value for s in _WAITING]),
                )
            )
            return int(found or 0)

    # --- the rows -----------------------------------------------------------------

    async def _begin(
        self,
        company: Company,
        workspace: str,
        kind: str,
        who: _Who,
        at: datetime,
        reason: str,
        *,
        is_told: bool = True,
    ) -> bool:
        reason = " ".join(reason.split())[:REASON_MAX]
        said = _Said(
            company,
            workspace,
            kind,
            _EVENTS[kind][0],
            _stopped(kind, company, who.name, reason) if is_told else "",
            {"reason": reason or None},
        )
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                await locks.hold(session, company.id, alone=True)
                # Proposals are locked before the trail's head, as every move does.
                waiting = await _locked(session, company.id)
                row = await session.get(
                    StopRow, (company.id, kind), with_for_update=True
                )
                if row is not None and row.workspace != workspace:
                    raise _another()
                if row is not None and row.lifting_id is None:
                    return False
                is_new = row is None
                if row is None:
                    row = StopRow(
                        company_id=company.id,
                        kind=kind,
                        workspace=workspace,
                        person_id=who.id,
                        person=who.name,
                        reason=reason,
                        at=at,
                    )
                    session.add(row)
                    await session.flush()
                row.lifting_id = row.lifting = row.lifting_at = None
                line = await self._line(session, said, who, at)
                row.seq = row.seq if row.seq is not None else line
                await self._shown(session, waiting, said, who, at)
                return is_new
        except IntegrityError:
            return False  # stopped by somebody else in the same moment

    async def _lift(
        self,
        company: Company,
        kind: str,
        person: Person,
        at: datetime,
        admins: Collection[str] | None,
        platform: str,
    ) -> Lifted:
        _only_admins(person)
        who = _Who(person.id, person.name, platform)
        async with AsyncSession(self._engine) as session, session.begin():
            waiting = await _locked(session, company.id)
            row = await _row(session, company, kind)
            if row is None:
                return Lifted.NOTHING
            if row.workspace != person.workspace:
                raise _another()
            first = _first(row, at, admins)
            if first == person.id:
                return Lifted.SAME
            event = _EVENTS[kind][1]
            if first is None:
                row.lifting_id, row.lifting, row.lifting_at = who.id, who.name, at
                said = _Said(
                    company,
                    row.workspace,
                    kind,
                    f"{event}-first",
                    _seconded(kind, company, who.name),
                    {},
                )
                await self._line(session, said, who, at)
                await self._shown(session, waiting, said, who, at)
                return Lifted.FIRST
            both = f"{row.lifting} and {who.name}"
            said = _Said(
                company,
                row.workspace,
                kind,
                event,
                _goes_on(kind, company, both),
                {"first": row.lifting, "first_id": first},
            )
            await self._end(session, row, waiting, who, at, said)
            return Lifted.GOES_ON

    async def _end(
        self,
        session: AsyncSession,
        row: StopRow,
        waiting: tuple[Standing, ...],
        who: _Who,
        at: datetime,
        said: _Said,
    ) -> None:
        """Delete the row, say so, and let what waited be tried at once."""
        await session.delete(row)
        await session.flush()
        await self._line(session, said, who, at)
        await self._shown(session, waiting, said, who, at)
        await session.execute(
            update(ProposalRow)
            .where(
                col(ProposalRow.company_id) == said.company.id,
                col(ProposalRow.status).in_(
                    [Status.APPROVED.value, Status.UNCONFIRMED.value]
                ),
            )
            .values(next_try_at=None)
        )

    async def _line(
        self, session: AsyncSession, said: _Said, who: _Who, at: datetime
    ) -> int:
        """One line in the company's trail, and what the administrators are told."""
        line = await self._trail.append(
            session,
            said.company.id,
            at=at,
            event=said.event,
            who=(who.id, who.name, who.platform),
            facts={"kind": said.kind, **said.facts},
        )
        if said.sentence:
            key = f"{said.kind}.{line.seq}"
            wanted = WantedTelling("stop", Audience.ADMINS, said.sentence, key)
            await tellings.insert(
                session,
                (wanted,),
                at,
                workspace=said.workspace,
                company=said.company.id,
            )
        return line.seq

    async def _shown(
        self,
        session: AsyncSession,
        waiting: tuple[Standing, ...],
        said: _Said,
        who: _Who,
        at: datetime,
    ) -> None:
        """Let every card of what has not ended lag, so that it says how it is."""
        await restating.restate(
            session,
            self._trail,
            waiting,
            Event.HALT,
            (who.id, who.name, who.platform),
            at,
            {"stop": said.event},
        )


async def _locked(session: AsyncSession, company: str) -> tuple[Standing, ...]:
    """What has not ended and is not being posted just now."""
    return await restating.locked(
        session,
        col(ProposalRow.company_id) == company,
        col(ProposalRow.status).in_([s.value for s in _OPEN]),
    )


async def _row(session: AsyncSession, company: Company, kind: str) -> StopRow | None:
    return await session.get(StopRow, (company.id, kind), with_for_update=True)


def is_readonly(named: Collection[str], company: Company) -> bool:
    """Whether a setting or a policy that names companies makes this one read-only.

    By Intuit's id of it (the realm), by our id, by its name, or "all" of them.
    """
    wanted = {each.strip().casefold() for each in named}
    known = {"all", company.realm, company.id, company.name}
    return not wanted.isdisjoint(each.casefold() for each in known)


def set_readonly(
    named: Collection[str], policy: Policy | Broken, company: Company, at: datetime
) -> Halt | None:
    """The halt that a setting, or else the policy, makes of naming a company."""
    if is_readonly(named, company):
        return Halt("readonly", BY_WHAT[BY_SETTING], at)
    if isinstance(policy, Policy) and is_readonly(policy.readonly, company):
        return Halt("readonly", BY_WHAT[BY_POLICY], at)
    return None


def _first(row: StopRow, at: datetime, admins: Collection[str] | None) -> str | None:
    """Whose first word still counts."""
    if row.lifting_id is None or row.lifting_at is None:
        return None
    is_over = at >= row.lifting_at + LIFTING
    is_gone = admins is not None and row.lifting_id not in admins
    return None if is_over or is_gone else row.lifting_id


def _only_admins(person: Person) -> None:
    if Role.ADMIN not in person.roles or Role.AUDITOR in person.roles:
        raise Denied(
            "Only administrators stop a company or let it go on. Nothing has been"
            " changed.",
            rule="role",
        )


def _another() -> Denied:
    return Denied(
        "That company belongs to another workspace. Nothing has been changed.",
        rule="workspace",
    )


# The words of the trail: when it begins, and when it is over.
_EVENTS: Final = {
    FROZEN: ("freeze", "thaw"),
    READONLY: ("readonly-on", "readonly-off"),
    BY_SETTING: ("readonly-on", "readonly-off"),
    BY_POLICY: ("readonly-on", "readonly-off"),
    DISCONNECTED: ("disconnected", "connected"),
}


def _because(reason: str) -> str:
    return f" Reason: “{reason}”." if reason else ""


def _stopped(kind: str, company: Company, name: str, reason: str) -> str:
    what = (
        f"{name} has made {company.title} read-only: nothing can be proposed, approved"
        " or posted."
        if kind == READONLY
        else f"{name} has frozen {company.title}: nothing is approved or posted."
    )
    return f"{what}{_because(reason)}"


def _seconded(kind: str, company: Company, name: str) -> str:
    order = "readonly off" if kind == READONLY else "thaw"
    what = "written to again" if kind == READONLY else "to go on"
    return (
        f"{name} wants {company.title} {what}. That takes another administrator who"
        f" says “{order}” as well, within 24 hours."
    )


def _goes_on(kind: str, company: Company, names: str) -> str:
    if kind == READONLY:
        return f"{company.title} can be written to again, by {names}."
    return f"Approving and posting go on for {company.title}, by {names}."
