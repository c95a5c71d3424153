"""The rows of the approval rail, and the one guarded write by which they move.

A move is one `UPDATE ... WHERE id AND version`; the decision, attempt, receipt or
revision that belongs to it, the lagging of the notices and the line in the trail
are saved in the same transaction, or none of them. What must never happen twice
is unique in the database as well: one decision for each person and revision, one
receipt for each step, one number for each attempt, one draft for each request id.
"""

import hashlib
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    UniqueConstraint,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals import notices
from approvals.proposal import (
    Decision,
    Event,
    Notice,
    Person,
    Proposal,
    Risk,
    Rule,
    Status,
    TrailLine,
    Verdict,
    Verified,
    WantedNotice,
)
from approvals.trail import Facts, Trail
from qbo.books import (
    Company,
    Draft,
    Receipt,
    circumstances_from,
    circumstances_text,
    draft_from,
    draft_text,
    receipts_from,
    receipts_text,
)
from qbo.columns import UtcTime

_COMPANY = TypeAdapter(Company)
_RISKS = TypeAdapter(tuple[Risk, ...])
_SENTENCES = TypeAdapter(tuple[str, ...])


class _CounterRow(SQLModel, table=True):
    __tablename__ = "proposal_counter"
    workspace: str = Field(primary_key=True)
    last: int


class _FreezeRow(SQLModel, table=True):
    __tablename__ = "freeze"
    workspace: str = Field(primary_key=True)
    person_id: str
    person: str
    at: datetime = Field(sa_type=UtcTime)


class _ProposalRow(SQLModel, table=True):
    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("workspace", "number"),
        Index("ix_proposal_status", "status", "next_try_at"),
        Index("ix_proposal_workspace", "workspace", "status", "created_at"),
        Index("ix_proposal_conversation", "workspace", "conversation", "requester_id"),
        # Nothing is on its way to the books without enough approvals, or done
        # without a receipt, whatever the program believes.
        CheckConstraint(
            "status NOT IN ('approved', 'applying', 'applied', 'unconfirmed',"
            " 'failed') OR approvals >= quorum",
            name="ck_proposal_quorum",
        ),
        CheckConstraint(
            "status <> 'applied' OR receipted >= 1", name="ck_proposal_receipt"
        ),
        CheckConstraint(
            "status <> 'applying' OR (lease_owner IS NOT NULL"
            " AND lease_until IS NOT NULL)",
            name="ck_proposal_lease",
        ),
        CheckConstraint("quorum >= 1", name="ck_proposal_human"),
    )
    id: str = Field(primary_key=True)
    number: str
    ordinal: int
    workspace: str
    company_id: str = Field(index=True)
    company: str
    requester_id: str
    requester: str
    inbox_id: str | None = Field(default=None, unique=True)
    conversation: str
    created_at: datetime = Field(sa_type=UtcTime)
    revision: int
    version: int
    status: str
    editor_id: str
    editor: str
    quorum: int
    hours: int
    rule: str
    approvals: int
    receipted: int
    uncompared: int
    expires_at: datetime = Field(sa_type=UtcTime)
    words: str
    risks: str
    reason: str | None = None
    moved: str
    rebased: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcTime)
    first_attempt_at: datetime | None = Field(default=None, sa_type=UtcTime)
    attempts: int
    holds: int
    next_try_at: datetime | None = Field(default=None, sa_type=UtcTime)
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcTime)
    doubted_at: datetime | None = Field(default=None, sa_type=UtcTime)


class _RevisionRow(SQLModel, table=True):
    __tablename__ = "proposal_revision"
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    revision: int = Field(primary_key=True)
    digest: str
    draft: str
    circumstances: str
    # A rebased draft in which nothing shown differs; what was approved stays too.
    adopted_digest: str | None = None
    adopted: str | None = None


class _RequestRow(SQLModel, table=True):
    __tablename__ = "proposal_request"
    request_id: str = Field(primary_key=True)
    digest: str
    proposal_id: str = Field(foreign_key="proposal.id")
    revision: int
    step: int


class _DecisionRow(SQLModel, table=True):
    __tablename__ = "proposal_decision"
    __table_args__ = (
        CheckConstraint(
            "verdict <> 'approve' OR (person_id <> requester_id"
            " AND person_id <> editor_id)",
            name="ck_decision_other",
        ),
    )
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    revision: int = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    person: str
    requester_id: str
    editor_id: str
    verdict: str
    at: datetime = Field(sa_type=UtcTime)
    platform: str
    reason: str | None = None


class _AttemptRow(SQLModel, table=True):
    __tablename__ = "proposal_attempt"
    # A lease is good for one attempt at a step.
    __table_args__ = (UniqueConstraint("proposal_id", "step", "lease_owner"),)
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    step: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    request_id: str
    digest: str
    lease_owner: str
    started_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    outcome: str | None = None
    receipt: str | None = None


class _ReceiptRow(SQLModel, table=True):
    __tablename__ = "proposal_receipt"
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    step: int = Field(primary_key=True)
    receipt: str


class NumberTaken(Exception):
    """Another proposal of the workspace has that number already."""


class RequestReused(Exception):
    """A request id was given other bytes: QuickBooks would drop the write."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and where: a person on a platform, or we ourselves."""

    id: str
    name: str
    platform: str

    @staticmethod
    def person(person: Person, platform: str) -> "By":
        """A person on a platform."""
        return By(person.id, person.name, platform)


OURSELVES = By("", "Countersign", "countersign")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the attempt at a step under one lease ended: in a word, with the receipt."""

    step: int
    lease: str
    word: str
    receipt: Receipt | None = None


class Store:
    """Keeps proposals. Values go in and come out; rows stay here."""

    def __init__(self, engine: AsyncEngine, trail_key: bytes) -> None:
        self._engine = engine
        # One snapshot for the several statements that read one proposal.
        self._reading = (
            engine.execution_options(readonly=True, isolation_level="REPEATABLE READ")
            if engine.dialect.name == "postgresql"
            else engine.execution_options(readonly=True)
        )
        self._trail = Trail(trail_key)
        self.notices = notices.Notices(engine, self._reading)

    # --- making -------------------------------------------------------------------

    async def reserve(self, workspace: str) -> str:
        """The next number of a workspace ("P-17"); never given twice."""
        values = {"workspace": workspace, "last": 0}
        async with AsyncSession(self._engine) as session, session.begin():
            if self._engine.dialect.name == "postgresql":
                await session.execute(
                    postgresql.insert(_CounterRow)
                    .values(values)
                    .on_conflict_do_nothing()
                )
            else:
                await session.execute(
                    sqlite.insert(_CounterRow).values(values).on_conflict_do_nothing()
                )
            last = await session.scalar(
                update(_CounterRow)
                .where(col(_CounterRow.workspace) == workspace)
                .values(last=_CounterRow.last + 1)
                .returning(col(_CounterRow.last))
            )
            return f"P-{last}"

    async def insert(
        self,
        proposal: Proposal,
        places: Iterable[WantedNotice],
        inbox_id: str | None,
        by: By,
        facts: Facts,
    ) -> Proposal:
        """Keep a new proposal with its wanted notices; a repeated event keeps none.

        Returns:
            The proposal, or the one that the same event made before.

        Raises:
            NumberTaken: its number is another's.
            RequestReused: one of its request ids is another's.
        """
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                if inbox_id is not None:
                    before = await self._of_event(session, inbox_id)
                    if before is not None:
                        return before
                session.add(
                    _ProposalRow(
                        id=proposal.id,
                        number=proposal.number,
                        ordinal=_ordinal(proposal.number),
                        workspace=proposal.workspace,
                        company_id=proposal.company.id,
                        company=_COMPANY.dump_json(proposal.company).decode(),
                        requester_id=proposal.requester_id,
                        requester=proposal.requester,
                        inbox_id=inbox_id,
                        conversation=proposal.conversation,
                        created_at=proposal.created_at,
                        **_columns(proposal),
                    )
                )
                await session.flush()
                await _keep_revision(session, proposal)
                await notices.insert(
                    session, proposal.id, proposal.version, places, proposal.created_at
                )
                await self._append(
                    session, proposal, "propose", proposal.created_at, by, facts
                )
        except IntegrityError:
            async with AsyncSession(self._reading) as session:
                if inbox_id is not None:
                    before = await self._of_event(session, inbox_id)
                    if before is not None:
                        return before
            if await self.by_number(proposal.workspace, proposal.number):
                raise NumberTaken(proposal.number) from None
            raise
        return proposal

    async def _of_event(self, session: AsyncSession, inbox_id: str) -> Proposal | None:
        return await _first(
            session, select(_ProposalRow).where(col(_ProposalRow.inbox_id) == inbox_id)
        )

    # --- moving -------------------------------------------------------------------

    async def save(  # noqa: PLR0913 - one move, and all that is saved with it
        self,
        before: Proposal,
        after: Proposal,
        event: Event,
        *,
        at: datetime,
        by: By = OURSELVES,
        facts: Facts | None = None,
        outcome: Outcome | None = None,
        guards: bool | None = None,
    ) -> bool:
        """Move a proposal; False when somebody else was first, and nothing changed.

        `guards` not None: the move is one that leads to a request, and is made
        only while the workspace is not frozen and `guards` (the policy is sound)
        holds, all in the one UPDATE.

        Raises:
            RequestReused: a request id of a new draft was used with other bytes.
        """
        assert after.version == before.version + 1, "a move is one version"
        where: list[ColumnElement[bool]] = [
            col(_ProposalRow.id) == before.id,
            col(_ProposalRow.version) == before.version,
            col(_ProposalRow.status) == before.status.value,
        ]
        if guards is not None:
            where += [
                literal(guards),
                col(_ProposalRow.approvals) >= col(_ProposalRow.quorum),
                ~select(_FreezeRow)
                .where(col(_FreezeRow.workspace) == before.workspace)
                .exists(),
            ]
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                result = await session.execute(
                    update(_ProposalRow).where(and_(*where)).values(_columns(after))
                )
                assert isinstance(result, CursorResult), "an update without a count"
                if result.rowcount == 0:
                    return False
                await _keep_details(session, before, after, event, at)
                if outcome is not None:
                    await _keep_outcome(session, before.id, outcome, at)
                await notices.outdate(session, after.id, after.version)
                await self._append(session, after, event.value, at, by, facts, before)
        except IntegrityError:
            current = await self.proposal(before.id)
            if current is not None and current.version == before.version:
                raise  # not a race: the move itself breaks a rule of the database
            return False
        return True

    async def note(
        self,
        proposal: Proposal,
        event: str,
        *,
        at: datetime,
        by: By = OURSELVES,
        facts: Facts | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        """Leave a line in the trail (and an attempt's outcome) without a move."""
        async with AsyncSession(self._engine) as session, session.begin():
            if outcome is not None:
                await _keep_outcome(session, proposal.id, outcome, at)
            await self._append(session, proposal, event, at, by, facts)

    async def postpone(self, proposal: Proposal, until: datetime) -> None:
        """Try again at `until`, unless it has moved meanwhile. No move."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_ProposalRow)
                .where(
                    col(_ProposalRow.id) == proposal.id,
                    col(_ProposalRow.version) == proposal.version,
                )
                .values(next_try_at=until, holds=proposal.holds + 1)
            )

    async def hurry(self, *, workspace: str = "", company: str = "") -> None:
        """Let what waits for another try be tried at once. No move."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_ProposalRow)
                .where(
                    col(_ProposalRow.status).in_(
                        [s.value for s in (Status.APPROVED, Status.UNCONFIRMED)]
                    ),
                    or_(
                        col(_ProposalRow.workspace) == workspace,
                        col(_ProposalRow.company_id) == company,
                    ),
                )
                .values(next_try_at=None)
            )

    async def _append(
        self,
        session: AsyncSession,
        proposal: Proposal,
        event: str,
        at: datetime,
        by: By,
        facts: Facts | None,
        before: Proposal | None = None,
    ) -> None:
        told: dict[str, str | int | None] = {
            "from": before.status.value if before else None,
            "to": proposal.status.value,
            "version": proposal.version,
            "revision": proposal.revision,
            **(facts or {}),
        }
        await self._trail.append(
            session,
            proposal.company.id,
            at=at,
            event=event,
            who=(by.id, by.name, by.platform),
            proposal=(proposal.id, proposal.number),
            facts=told,
        )

    @asynccontextmanager
    async def locked(
        self, proposal_id: str
    ) -> AsyncIterator[tuple[AsyncSession, int | None]]:
        """A writing transaction in which a proposal cannot move, and its version."""
        async with AsyncSession(self._engine) as session, session.begin():
            version = await session.scalar(
                select(col(_ProposalRow.version))
                .where(col(_ProposalRow.id) == proposal_id)
                .with_for_update()
            )
            yield session, version

    async def want(
        self, proposal_id: str, place: WantedNotice, at: datetime
    ) -> Notice | None:
        """The notice of a proposal at a place; None: no such proposal."""
        async with self.locked(proposal_id) as (session, version):
            if version is None:
                return None
            return await notices.want(session, proposal_id, version, place, at)

    async def adopt(
        self, notice: Notice, message: str, place: str, at: datetime
    ) -> None:
        """Keep the message that a press came from in step from now on."""
        async with self.locked(notice.proposal_id) as (session, version):
            if version is not None:
                await notices.adopt(session, notice, version, (message, place), at)

    # --- freezing -----------------------------------------------------------------

    async def freeze(self, workspace: str, by: By, at: datetime) -> bool:
        """Stop posting for a workspace; False when it was stopped already."""
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                session.add(
                    _FreezeRow(
                        workspace=workspace, person_id=by.id, person=by.name, at=at
                    )
                )
                await session.flush()
                await self._own_line(session, workspace, "freeze", by, at)
        except IntegrityError:
            return False
        return True

    async def thaw(self, workspace: str, by: By, at: datetime) -> bool:
        """Let posting go on; False when it was not stopped."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_FreezeRow, workspace, with_for_update=True)
            if row is None:
                return False
            await session.delete(row)
            await session.flush()
            await self._own_line(session, workspace, "thaw", by, at)
            return True

    async def _own_line(
        self, session: AsyncSession, workspace: str, event: str, by: By, at: datetime
    ) -> None:
        await self._trail.append(
            session,
            f"workspace:{workspace}",
            at=at,
            event=event,
            who=(by.id, by.name, by.platform),
        )

    async def frozen_by(self, workspace: str) -> str | None:
        """Who has stopped posting for a workspace; None: nobody."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_FreezeRow, workspace)
            return row.person if row else None

    # --- reading ------------------------------------------------------------------

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """One proposal as it stands."""
        found = await self.several((proposal_id,))
        return found.get(proposal_id)

    async def several(self, ids: Sequence[str]) -> dict[str, Proposal]:
        """Proposals as they stand, by id."""
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(_ProposalRow).where(col(_ProposalRow.id).in_(ids))
            )
            return {p.id: p for p in await _values(session, list(rows))}

    async def by_number(self, workspace: str, number: str) -> Proposal | None:
        """The proposal that people of a workspace call so ("P-17", "p-17", "17")."""
        wanted = number.strip().upper()
        wanted = f"P-{wanted}" if wanted.isdecimal() else wanted
        async with AsyncSession(self._reading) as session:
            return await _first(
                session,
                select(_ProposalRow).where(
                    col(_ProposalRow.workspace) == workspace,
                    col(_ProposalRow.number) == wanted,
                ),
            )

    async def listed(
        self,
        workspace: str,
        statuses: Iterable[Status] | None,
        requester_id: str | None,
        limit: int,
    ) -> tuple[Proposal, ...]:
        """Proposals of a workspace: the unconfirmed first, then the newest."""
        query = select(_ProposalRow).where(col(_ProposalRow.workspace) == workspace)
        if statuses is not None:
            query = query.where(
                col(_ProposalRow.status).in_([s.value for s in statuses])
            )
        if requester_id is not None:
            query = query.where(col(_ProposalRow.requester_id) == requester_id)
        first = case((col(_ProposalRow.status) == Status.UNCONFIRMED.value, 0), else_=1)
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                query.order_by(
                    first,
                    col(_ProposalRow.created_at).desc(),
                    col(_ProposalRow.ordinal).desc(),
                ).limit(limit)
            )
            return await _values(session, list(rows))

    async def latest(
        self, workspace: str, conversation: str, requester_id: str
    ) -> Proposal | None:
        """The last thing that a person asked for in a conversation."""
        async with AsyncSession(self._reading) as session:
            return await _first(
                session,
                select(_ProposalRow)
                .where(
                    col(_ProposalRow.workspace) == workspace,
                    col(_ProposalRow.conversation) == conversation,
                    col(_ProposalRow.requester_id) == requester_id,
                )
                .order_by(
                    col(_ProposalRow.created_at).desc(),
                    col(_ProposalRow.ordinal).desc(),
                )
                .limit(1),
            )

    async def due(self, at: datetime) -> tuple[str, ...]:
        """The ids of all proposals that time has something to do with, oldest first."""
        ready = or_(
            col(_ProposalRow.next_try_at).is_(None),
            col(_ProposalRow.next_try_at) <= at,
        )
        status = col(_ProposalRow.status)
        async with AsyncSession(self._reading) as session:
            ids = await session.scalars(
                select(col(_ProposalRow.id))
                .where(
                    or_(
                        and_(
                            status == Status.PENDING.value,
                            col(_ProposalRow.expires_at) <= at,
                        ),
                        and_(
                            status == Status.APPLYING.value,
                            col(_ProposalRow.lease_until) <= at,
                        ),
                        and_(
                            status.in_(
                                [Status.APPROVED.value, Status.UNCONFIRMED.value]
                            ),
                            ready,
                        ),
                        and_(
                            status == Status.APPLIED.value,
                            col(_ProposalRow.uncompared) > 0,
                            ready,
                        ),
                    )
                )
                .order_by(col(_ProposalRow.created_at), col(_ProposalRow.ordinal))
            )
            return tuple(ids)

    async def pulse(self, workspace: str, waiting: Iterable[Status]) -> tuple[int, str]:
        """How many of a workspace wait, and a text that any move changes."""
        waits = case(
            (col(_ProposalRow.status).in_([s.value for s in waiting]), 1), else_=0
        )
        async with AsyncSession(self._reading) as session:
            row = (
                await session.execute(
                    select(
                        func.coalesce(func.sum(waits), 0),
                        func.count(),
                        func.coalesce(func.sum(col(_ProposalRow.version)), 0),
                    ).where(col(_ProposalRow.workspace) == workspace)
                )
            ).one()
            return int(row[0]), f"{row[1]}.{row[2]}"

    async def digests(self, proposal_id: str, revision: int) -> tuple[str, ...]:
        """The digests that a revision has been shown under; empty: none such."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_RevisionRow, (proposal_id, revision))
            if row is None:
                return ()
            return (
                (row.digest, row.adopted_digest)
                if row.adopted_digest
                else (row.digest,)
            )

    async def trail(self, proposal_id: str) -> tuple[TrailLine, ...]:
        """Everything that happened to a proposal, the oldest first."""
        async with AsyncSession(self._reading) as session:
            return await self._trail.lines(session, proposal_id)

    async def verify(self, chain: str) -> Verified:
        """Whether a chain is as it was written, and where it breaks first."""
        async with AsyncSession(self._reading) as session:
            return await self._trail.verify(session, chain)


# --- values and rows ------------------------------------------------------------


def _ordinal(number: str) -> int:
    digits = "".join(c for c in number if c.isascii() and c.isdigit())
    return int(digits[-9:] or 0)


def _columns(p: Proposal) -> Mapping[str, Any]:
    """The columns of a proposal that a move may change."""
    return {
        "revision": p.revision,
        "version": p.version,
        "status": p.status.value,
        "editor_id": p.editor_id,
        "editor": p.editor,
        "quorum": p.rule.quorum,
        "hours": p.rule.hours,
        "rule": p.rule.label,
        "approvals": p.approvals,
        "receipted": len(p.receipts),
        "uncompared": sum(not r.compared for r in p.receipts),
        "expires_at": p.expires_at,
        "words": p.words,
        "risks": _RISKS.dump_json(p.risks).decode(),
        "reason": p.reason,
        "moved": _SENTENCES.dump_json(p.moved).decode(),
        "rebased": draft_text(p.rebased) if p.rebased else None,
        "approved_at": p.approved_at,
        "first_attempt_at": p.first_attempt_at,
        "attempts": p.attempts,
        "holds": p.holds,
        "next_try_at": p.next_try_at,
        "lease_owner": p.lease_owner,
        "lease_until": p.lease_until,
        "doubted_at": p.doubted_at,
    }


async def _keep_revision(session: AsyncSession, p: Proposal) -> None:
    session.add(
        _RevisionRow(
            proposal_id=p.id,
            revision=p.revision,
            digest=p.draft.digest,
            draft=draft_text(p.draft),
            circumstances=circumstances_text(p.circumstances),
        )
    )
    await _keep_requests(session, p)


async def _keep_requests(session: AsyncSession, p: Proposal) -> None:
    """Note which bytes belong to which request id, for ever.

    Raises:
        RequestReused: the id belongs to other bytes, or to another proposal.
    """
    for number, step in enumerate(p.draft.steps, start=1):
        digest = _request_digest(p, number)
        known = await session.get(_RequestRow, step.request_id)
        if known is None:
            session.add(
                _RequestRow(
                    request_id=step.request_id,
                    digest=digest,
                    proposal_id=p.id,
                    revision=p.revision,
                    step=number,
                )
            )
            await session.flush()
        elif (known.digest, known.proposal_id) != (digest, p.id):
            raise RequestReused(step.request_id)


def _request_digest(p: Proposal, number: int) -> str:
    step = p.draft.steps[number - 1]
    told = b"\0".join((step.digest.encode(), step.path.encode(), step.body))
    return hashlib.sha256(told).hexdigest()


async def _keep_details(
    session: AsyncSession, before: Proposal, after: Proposal, event: Event, at: datetime
) -> None:
    """Save what a move adds beside the proposal's own row."""
    if after.revision != before.revision:
        await _keep_revision(session, after)
    elif after.draft != before.draft:
        await session.execute(
            update(_RevisionRow)
            .where(
                col(_RevisionRow.proposal_id) == after.id,
                col(_RevisionRow.revision) == after.revision,
            )
            .values(adopted=draft_text(after.draft), adopted_digest=after.draft.digest)
        )
        await _keep_requests(session, after)
    if after.revision == before.revision:
        for word in after.decisions[len(before.decisions) :]:
            session.add(_decision_row(after, word))
    for receipt in after.receipts:
        if receipt in before.receipts:
            continue
        row = _ReceiptRow(
            proposal_id=after.id, step=receipt.step, receipt=receipts_text((receipt,))
        )
        if receipt.step <= len(before.receipts):
            await session.merge(row)
        else:
            session.add(row)
    if event is Event.ATTEMPT:
        await _keep_attempt(session, after, at)
    await session.flush()


def _decision_row(p: Proposal, word: Decision) -> _DecisionRow:
    return _DecisionRow(
        proposal_id=p.id,
        revision=word.revision,
        person_id=word.person_id,
        person=word.person,
        requester_id=p.requester_id,
        editor_id=p.editor_id,
        verdict=word.verdict.value,
        at=word.at,
        platform=word.platform,
        reason=word.reason,
    )


async def _keep_attempt(session: AsyncSession, p: Proposal, at: datetime) -> None:
    earlier = await session.scalar(
        select(func.coalesce(func.max(_AttemptRow.number), 0)).where(
            col(_AttemptRow.proposal_id) == p.id, col(_AttemptRow.step) == p.step
        )
    )
    assert p.lease_owner is not None, "an attempt without a lease"
    session.add(
        _AttemptRow(
            proposal_id=p.id,
            step=p.step,
            number=(earlier or 0) + 1,
            request_id=p.request.request_id,
            digest=p.request.digest,
            lease_owner=p.lease_owner,
            started_at=at,
        )
    )


async def _keep_outcome(
    session: AsyncSession, proposal_id: str, outcome: Outcome, at: datetime
) -> None:
    row = await session.scalar(
        select(_AttemptRow).where(
            col(_AttemptRow.proposal_id) == proposal_id,
            col(_AttemptRow.step) == outcome.step,
            col(_AttemptRow.lease_owner) == outcome.lease,
        )
    )
    assert row is not None, "the outcome of an attempt that was never begun"
    row.ended_at, row.outcome = at, outcome.word
    row.receipt = receipts_text((outcome.receipt,)) if outcome.receipt else None
    await session.flush()


async def _first(session: AsyncSession, query: Any) -> Proposal | None:
    row = await session.scalar(query)
    if row is None:
        return None
    return (await _values(session, [row]))[0]


async def _values(
    session: AsyncSession, rows: Sequence[_ProposalRow]
) -> tuple[Proposal, ...]:
    """The proposals of these rows, in their order, with all that belongs to them."""
    ids = [row.id for row in rows]
    revisions = {
        (r.proposal_id, r.revision): r
        for r in await session.scalars(
            select(_RevisionRow)
            .join(
                _ProposalRow,
                and_(
                    col(_ProposalRow.id) == col(_RevisionRow.proposal_id),
                    col(_ProposalRow.revision) == col(_RevisionRow.revision),
                ),
            )
            .where(col(_RevisionRow.proposal_id).in_(ids))
        )
    }
    decisions: dict[tuple[str, int], list[Decision]] = {}
    for d in await session.scalars(
        select(_DecisionRow)
        .where(col(_DecisionRow.proposal_id).in_(ids))
        .order_by(col(_DecisionRow.at), col(_DecisionRow.person_id))
    ):
        decisions.setdefault((d.proposal_id, d.revision), []).append(_decision(d))
    receipts: dict[str, list[Receipt]] = {}
    for r in await session.scalars(
        select(_ReceiptRow)
        .where(col(_ReceiptRow.proposal_id).in_(ids))
        .order_by(col(_ReceiptRow.step))
    ):
        receipts.setdefault(r.proposal_id, []).extend(receipts_from(r.receipt))
    return tuple(
        _value(
            row,
            revisions[row.id, row.revision],
            decisions.get((row.id, row.revision), ()),
            receipts.get(row.id, ()),
        )
        for row in rows
    )


def _decision(row: _DecisionRow) -> Decision:
    return Decision(
        person_id=row.person_id,
        person=row.person,
        verdict=Verdict(row.verdict),
        revision=row.revision,
        at=row.at,
        platform=row.platform,
        reason=row.reason,
    )


def _draft(revision: _RevisionRow) -> Draft:
    return draft_from(revision.adopted or revision.draft)


def _value(
    row: _ProposalRow,
    revision: _RevisionRow,
    decisions: Iterable[Decision],
    receipts: Iterable[Receipt],
) -> Proposal:
    return Proposal(
        id=row.id,
        number=row.number,
        workspace=row.workspace,
        company=_COMPANY.validate_json(row.company),
        draft=_draft(revision),
        circumstances=circumstances_from(revision.circumstances),
        revision=row.revision,
        version=row.version,
        status=Status(row.status),
        requester_id=row.requester_id,
        requester=row.requester,
        editor_id=row.editor_id,
        editor=row.editor,
        rule=Rule(row.quorum, row.hours, row.rule),
        created_at=row.created_at,
        expires_at=row.expires_at,
        words=row.words,
        decisions=tuple(decisions),
        risks=_RISKS.validate_json(row.risks),
        receipts=tuple(receipts),
        reason=row.reason,
        moved=_SENTENCES.validate_json(row.moved),
        rebased=draft_from(row.rebased) if row.rebased else None,
        approved_at=row.approved_at,
        first_attempt_at=row.first_attempt_at,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        conversation=row.conversation,
        holds=row.holds,
        doubted_at=row.doubted_at,
    )


def new_id() -> str:
    """A fresh id for a row."""
    return uuid.uuid4().hex
