"""The rows of the approval rail, and the one guarded write by which they move.

A move is one `UPDATE ... WHERE id AND version`; the decision, attempt, receipt or
revision that belongs to it, the lagging of the notices and the line in the trail
are saved in the same transaction, or none of them. What must never happen twice
is unique in the database as well: one decision for each person and revision, one
receipt for each step, one number for each attempt, one draft for each request id.
"""

import hashlib
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
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
from sqlmodel import col

from approvals import moves, notices, rows
from approvals.proposal import (
    Event,
    Notice,
    Person,
    Proposal,
    Status,
    TrailLine,
    Verified,
    WantedNotice,
)
from approvals.rows import (
    AttemptRow,
    CounterRow,
    FreezeRow,
    ProposalRow,
    ReceiptRow,
    RequestRow,
    RevisionRow,
)
from approvals.trail import Facts, Trail
from qbo.books import (
    Receipt,
    Verb,
    circumstances_text,
    draft_text,
    receipts_text,
)


class NumberTaken(Exception):
    """Another proposal of the workspace has that number already."""


class RecordTaken(Exception):
    """The record was created for another proposal; `sentence` says for which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


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


@dataclass(frozen=True, slots=True)
class Renewal:
    """The STALE proposal that a new one takes up, and who wants that."""

    stale_id: str
    person: Person


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
                    postgresql.insert(CounterRow)
                    .values(values)
                    .on_conflict_do_nothing()
                )
            else:
                await session.execute(
                    sqlite.insert(CounterRow).values(values).on_conflict_do_nothing()
                )
            last = await session.scalar(
                update(CounterRow)
                .where(col(CounterRow.workspace) == workspace)
                .values(last=CounterRow.last + 1)
                .returning(col(CounterRow.last))
            )
            return f"P-{last}"

    async def insert(
        self,
        proposal: Proposal,
        places: Iterable[WantedNotice],
        inbox_id: str | None,
        by: By,
        facts: Facts,
        *,
        renewal: Renewal | None = None,
    ) -> Proposal:
        """Keep a new proposal with its wanted notices; a repeated event keeps none.

        Returns:
            The proposal, or the one that the same event made before, or the one
            that took up the same STALE proposal before.

        Raises:
            Denied: what it renews cannot be taken up by this person.
            NumberTaken: its number is another's.
            RequestReused: one of its request ids is another's.
        """
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                stale = await _locked_stale(session, renewal)
                before = await _made_before(session, inbox_id, renewal)
                if before is not None:
                    return before
                if stale is not None:
                    proposal = await self._renew(session, stale, proposal, by)
                session.add(
                    ProposalRow(
                        id=proposal.id,
                        number=proposal.number,
                        ordinal=rows.ordinal(proposal.number),
                        workspace=proposal.workspace,
                        company_id=proposal.company.id,
                        company=rows.company_text(proposal.company),
                        requester_id=proposal.requester_id,
                        requester=proposal.requester,
                        inbox_id=inbox_id,
                        renews=renewal.stale_id if renewal else None,
                        askers=rows.askers_text(proposal),
                        conversation=proposal.conversation,
                        created_at=proposal.created_at,
                        reviewed_at=proposal.created_at,
                        **rows.columns(proposal),
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
                before = await _made_before(session, inbox_id, renewal)
                if before is not None:
                    return before
            if await self.by_number(proposal.workspace, proposal.number):
                raise NumberTaken(proposal.number) from None
            raise
        return proposal

    async def _renew(
        self, session: AsyncSession, stale: Proposal, proposal: Proposal, by: By
    ) -> Proposal:
        """Take up a STALE proposal, locked by the transaction that keeps the new one.

        Returns the new one, with all who asked for the stale one.
        """
        editors = await session.scalars(
            select(col(RevisionRow.editor_id))
            .where(col(RevisionRow.proposal_id) == stale.id)
            .order_by(col(RevisionRow.revision))
        )
        asked = (*stale.askers, stale.requester_id, *editors)
        after = moves.renewed(stale, proposal.number)
        await session.execute(
            update(ProposalRow)
            .where(col(ProposalRow.id) == stale.id)
            .values(rows.columns(after))
        )
        await notices.outdate(session, after.id, after.version)
        await self._append(
            session,
            after,
            Event.RENEW.value,
            proposal.created_at,
            by,
            {"renewed_by": proposal.number},
            stale,
        )
        return replace(proposal, askers=tuple(dict.fromkeys(asked)))

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
        inbox_id: str | None = None,
    ) -> bool:
        """Move a proposal; False when somebody else was first, and nothing changed.

        `inbox_id` is the event that asked for a new revision: it makes only one.

        `guards` not None: the move is one that leads to a request, and is made
        only while the workspace is not frozen and `guards` (the policy is sound)
        holds, all in the one UPDATE.

        Raises:
            RecordTaken: the record found is what another proposal has created.
            RequestReused: a request id of a new draft was used with other bytes.
        """
        assert after.version == before.version + 1, "a move is one version"
        where: list[ColumnElement[bool]] = [
            col(ProposalRow.id) == before.id,
            col(ProposalRow.version) == before.version,
            col(ProposalRow.status) == before.status.value,
        ]
        if guards is not None:
            where += [
                literal(guards),
                col(ProposalRow.approvals) >= col(ProposalRow.quorum),
                ~select(FreezeRow)
                .where(col(FreezeRow.workspace) == before.workspace)
                .exists(),
            ]
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                result = await session.execute(
                    update(ProposalRow).where(and_(*where)).values(rows.columns(after))
                )
                assert isinstance(result, CursorResult), "an update without a count"
                if result.rowcount == 0:
                    return False
                await _keep_details(session, before, after, event, at, inbox_id)
                if outcome is not None:
                    await _keep_outcome(session, before.id, outcome, at)
                await notices.outdate(session, after.id, after.version)
                await self._append(session, after, event.value, at, by, facts, before)
        except IntegrityError:
            current = await self.proposal(before.id)
            if current is None or current.version != before.version:
                return False
            if await self._is_overtaken(before, after, inbox_id):
                return False
            raise  # not a race: the move itself breaks a rule of the database
        return True

    async def _is_overtaken(
        self, before: Proposal, after: Proposal, inbox_id: str | None
    ) -> bool:
        """Whether another proposal, or the same event, came first meanwhile."""
        if inbox_id is not None and await self.by_inbox(inbox_id):
            return True
        async with AsyncSession(self._reading) as session:
            for receipt in after.receipts[len(before.receipts) :]:
                if await _taken_by(session, after, receipt):
                    return True
        return False

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
                update(ProposalRow)
                .where(
                    col(ProposalRow.id) == proposal.id,
                    col(ProposalRow.version) == proposal.version,
                )
                .values(next_try_at=until, holds=proposal.holds + 1)
            )

    async def hurry(self, *, workspace: str = "", company: str = "") -> None:
        """Let what waits for another try be tried at once. No move."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(ProposalRow)
                .where(
                    col(ProposalRow.status).in_(
                        [s.value for s in (Status.APPROVED, Status.UNCONFIRMED)]
                    ),
                    or_(
                        col(ProposalRow.workspace) == workspace,
                        col(ProposalRow.company_id) == company,
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
                select(col(ProposalRow.version))
                .where(col(ProposalRow.id) == proposal_id)
                .with_for_update()
            )
            yield session, version

    async def want(
        self, proposal_id: str, place: WantedNotice, at: datetime, inbox_id: str = ""
    ) -> Notice | None:
        """The notice of a proposal at a place; None: no such proposal."""
        async with self.locked(proposal_id) as (session, version):
            if version is None:
                return None
            return await notices.want(
                session, proposal_id, version, place, at, inbox_id
            )

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
                    FreezeRow(
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
            row = await session.get(FreezeRow, workspace, with_for_update=True)
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
            row = await session.get(FreezeRow, workspace)
            return row.person if row else None

    # --- reading ------------------------------------------------------------------

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """One proposal as it stands."""
        found = await self.several((proposal_id,))
        return found.get(proposal_id)

    async def several(self, ids: Sequence[str]) -> dict[str, Proposal]:
        """Proposals as they stand, by id."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(ProposalRow).where(col(ProposalRow.id).in_(ids))
            )
            return {p.id: p for p in await rows.values(session, list(found))}

    async def by_number(self, workspace: str, number: str) -> Proposal | None:
        """The proposal that people of a workspace call so ("P-17", "p-17", "17")."""
        wanted = number.strip().upper()
        wanted = f"P-{wanted}" if wanted.isdecimal() else wanted
        async with AsyncSession(self._reading) as session:
            return await rows.first(
                session,
                select(ProposalRow).where(
                    col(ProposalRow.workspace) == workspace,
                    col(ProposalRow.number) == wanted,
                ),
            )

    async def by_inbox(self, inbox_id: str) -> Proposal | None:
        """The proposal that an event has made or corrected."""
        async with AsyncSession(self._reading) as session:
            return await _of_event(session, inbox_id)

    async def listed(
        self,
        workspace: str,
        statuses: Iterable[Status] | None,
        requester_id: str | None,
        limit: int,
    ) -> tuple[Proposal, ...]:
        """Proposals of a workspace: the unconfirmed first, then the newest."""
        query = select(ProposalRow).where(col(ProposalRow.workspace) == workspace)
        if statuses is not None:
            query = query.where(
                col(ProposalRow.status).in_([s.value for s in statuses])
            )
        if requester_id is not None:
            query = query.where(col(ProposalRow.requester_id) == requester_id)
        first = case((col(ProposalRow.status) == Status.UNCONFIRMED.value, 0), else_=1)
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                query.order_by(
                    first,
                    col(ProposalRow.created_at).desc(),
                    col(ProposalRow.ordinal).desc(),
                ).limit(limit)
            )
            return await rows.values(session, list(found))

    async def latest(
        self, workspace: str, conversation: str, requester_id: str
    ) -> Proposal | None:
        """The last thing that a person asked for in a conversation."""
        async with AsyncSession(self._reading) as session:
            return await rows.first(
                session,
                select(ProposalRow)
                .where(
                    col(ProposalRow.workspace) == workspace,
                    col(ProposalRow.conversation) == conversation,
                    col(ProposalRow.requester_id) == requester_id,
                )
                .order_by(
                    col(ProposalRow.created_at).desc(),
                    col(ProposalRow.ordinal).desc(),
                )
                .limit(1),
            )

    async def due(self, at: datetime) -> tuple[str, ...]:
        """The ids of all proposals that time has something to do with, oldest first."""
        ready = or_(
            col(ProposalRow.next_try_at).is_(None),
            col(ProposalRow.next_try_at) <= at,
        )
        status = col(ProposalRow.status)
        async with AsyncSession(self._reading) as session:
            ids = await session.scalars(
                select(col(ProposalRow.id))
                .where(
                    or_(
                        and_(
                            status == Status.PENDING.value,
                            col(ProposalRow.expires_at) <= at,
                        ),
                        and_(
                            status == Status.APPLYING.value,
                            col(ProposalRow.lease_until) <= at,
                        ),
                        and_(
                            status.in_(
                                [Status.APPROVED.value, Status.UNCONFIRMED.value]
                            ),
                            ready,
                        ),
                        and_(
                            status == Status.APPLIED.value,
                            col(ProposalRow.uncompared) > 0,
                            ready,
                        ),
                    )
                )
                .order_by(col(ProposalRow.created_at), col(ProposalRow.ordinal))
            )
            return tuple(ids)

    async def to_review(
        self, at: datetime, seen_before: datetime, limit: int
    ) -> tuple[str, ...]:
        """The ids of those that wait for people, the longest not looked at first."""
        async with AsyncSession(self._reading) as session:
            ids = await session.scalars(
                select(col(ProposalRow.id))
                .where(
                    col(ProposalRow.status) == Status.PENDING.value,
                    col(ProposalRow.expires_at) > at,
                    col(ProposalRow.reviewed_at) <= seen_before,
                )
                .order_by(col(ProposalRow.reviewed_at), col(ProposalRow.ordinal))
                .limit(limit)
            )
            return tuple(ids)

    async def look_at(
        self, proposal_id: str, at: datetime, seen_before: datetime
    ) -> bool:
        """Take one to review; False: another process has. No move."""
        async with AsyncSession(self._engine) as session, session.begin():
            result = await session.execute(
                update(ProposalRow)
                .where(
                    col(ProposalRow.id) == proposal_id,
                    col(ProposalRow.reviewed_at) <= seen_before,
                )
                .values(reviewed_at=at)
            )
            assert isinstance(result, CursorResult), "an update without a count"
            return bool(result.rowcount)

    async def pulse(self, workspace: str, waiting: Iterable[Status]) -> tuple[int, str]:
        """How many of a workspace wait, and a text that any move changes."""
        waits = case(
            (col(ProposalRow.status).in_([s.value for s in waiting]), 1), else_=0
        )
        async with AsyncSession(self._reading) as session:
            row = (
                await session.execute(
                    select(
                        func.coalesce(func.sum(waits), 0),
                        func.count(),
                        func.coalesce(func.sum(col(ProposalRow.version)), 0),
                    ).where(col(ProposalRow.workspace) == workspace)
                )
            ).one()
            return int(row[0]), f"{row[1]}.{row[2]}"

    async def digests(self, proposal_id: str, revision: int) -> tuple[str, ...]:
        """The digests that a revision has been shown under; empty: none such."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(RevisionRow, (proposal_id, revision))
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
            # Read first: what moves meanwhile adds lines, and takes none away.
            least = await _least_lines(session, chain)
            return await self._trail.verify(session, chain, least)


async def _locked_stale(
    session: AsyncSession, renewal: Renewal | None
) -> Proposal | None:
    """The proposal that is to be taken up, locked.

    Raises:
        Denied: it cannot be taken up by this person.
    """
    if renewal is None:
        return None
    stale = await rows.first(
        session,
        select(ProposalRow)
        .where(col(ProposalRow.id) == renewal.stale_id)
        .with_for_update(),
    )
    assert stale is not None, "renewed a proposal that is not there"
    moves.may_renew(stale, renewal.person)
    return stale


async def _made_before(
    session: AsyncSession, inbox_id: str | None, renewal: Renewal | None
) -> Proposal | None:
    """What the same event has made, or what has taken up the same STALE proposal."""
    before = None
    if inbox_id is not None:
        before = await _of_event(session, inbox_id)
    if before is None and renewal is not None:
        before = await rows.first(
            session,
            select(ProposalRow).where(col(ProposalRow.renews) == renewal.stale_id),
        )
    return before


async def _of_event(session: AsyncSession, inbox_id: str) -> Proposal | None:
    """What an event has proposed or corrected."""
    corrected = select(col(RevisionRow.proposal_id)).where(
        col(RevisionRow.inbox_id) == inbox_id
    )
    return await rows.first(
        session,
        select(ProposalRow).where(
            or_(
                col(ProposalRow.inbox_id) == inbox_id,
                col(ProposalRow.id).in_(corrected),
            )
        ),
    )


async def _least_lines(session: AsyncSession, chain: str) -> int:
    """How many lines a chain has at least: one for each move of a proposal in it."""
    versions = await session.scalar(
        select(func.coalesce(func.sum(col(ProposalRow.version)), 0)).where(
            col(ProposalRow.company_id) == chain
        )
    )
    frozen = await session.get(FreezeRow, chain.removeprefix("workspace:"))
    is_frozen = frozen is not None and chain.startswith("workspace:")
    return int(versions or 0) + is_frozen


# --- what a move saves beside the proposal's own row -----------------------------


async def _keep_revision(
    session: AsyncSession, p: Proposal, inbox_id: str | None = None
) -> None:
    session.add(
        RevisionRow(
            proposal_id=p.id,
            revision=p.revision,
            editor_id=p.editor_id,
            inbox_id=inbox_id,
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
        known = await session.get(RequestRow, step.request_id)
        if known is None:
            session.add(
                RequestRow(
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
    session: AsyncSession,
    before: Proposal,
    after: Proposal,
    event: Event,
    at: datetime,
    inbox_id: str | None,
) -> None:
    """Save what a move adds beside the proposal's own row."""
    if after.revision != before.revision:
        await _keep_revision(session, after, inbox_id)
    elif after.draft != before.draft:
        await session.execute(
            update(RevisionRow)
            .where(
                col(RevisionRow.proposal_id) == after.id,
                col(RevisionRow.revision) == after.revision,
            )
            .values(adopted=draft_text(after.draft), adopted_digest=after.draft.digest)
        )
        await _keep_requests(session, after)
    if after.revision == before.revision:
        for word in after.decisions[len(before.decisions) :]:
            session.add(rows.decision_row(after, word))
    for receipt in after.receipts:
        if receipt in before.receipts:
            continue
        row = await _receipt_row(session, after, receipt, event)
        if receipt.step <= len(before.receipts):
            await session.merge(row)
        else:
            session.add(row)
    if event is Event.ATTEMPT:
        await _keep_attempt(session, after, at)
    await session.flush()


# A person's word or a search says these; all others rest on QuickBooks' answer.
_SAID = frozenset({Event.FOUND, Event.FOUND_STEP, Event.THERE, Event.THERE_STEP})


async def _receipt_row(
    session: AsyncSession, p: Proposal, receipt: Receipt, event: Event
) -> ReceiptRow:
    """The row of a receipt.

    Raises:
        RecordTaken: it is of a record that another proposal has created.
    """
    row = ReceiptRow(
        proposal_id=p.id, step=receipt.step, receipt=receipts_text((receipt,))
    )
    if not _is_created(p, receipt):
        return row
    other = await _taken_by(session, p, receipt)
    if other is None:
        row.company_id = p.company.id
        row.entity = receipt.entity
        row.record_id = receipt.record_id
    elif event in _SAID:
        name = f"{receipt.entity} {receipt.doc_number or receipt.record_id}"
        raise RecordTaken(
            f"{name} was posted for {other}, so it is not what became of {p.number}."
        )
    return row


def _is_created(p: Proposal, receipt: Receipt) -> bool:
    return p.draft.steps[receipt.step - 1].verb is Verb.CREATE


async def _taken_by(session: AsyncSession, p: Proposal, receipt: Receipt) -> str | None:
    """The number of another proposal that has created the record of a receipt."""
    if not _is_created(p, receipt):
        return None
    number: str | None = await session.scalar(
        select(col(ProposalRow.number))
        .join(ReceiptRow, col(ReceiptRow.proposal_id) == col(ProposalRow.id))
        .where(
            col(ReceiptRow.company_id) == p.company.id,
            col(ReceiptRow.entity) == receipt.entity,
            col(ReceiptRow.record_id) == receipt.record_id,
            col(ReceiptRow.proposal_id) != p.id,
        )
    )
    return number


async def _keep_attempt(session: AsyncSession, p: Proposal, at: datetime) -> None:
    earlier = await session.scalar(
        select(func.coalesce(func.max(AttemptRow.number), 0)).where(
            col(AttemptRow.proposal_id) == p.id, col(AttemptRow.step) == p.step
        )
    )
    assert p.lease_owner is not None, "an attempt without a lease"
    session.add(
        AttemptRow(
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
        select(AttemptRow).where(
            col(AttemptRow.proposal_id) == proposal_id,
            col(AttemptRow.step) == outcome.step,
            col(AttemptRow.lease_owner) == outcome.lease,
        )
    )
    assert row is not None, "the outcome of an attempt that was never begun"
    row.ended_at, row.outcome = at, outcome.word
    row.receipt = receipts_text((outcome.receipt,)) if outcome.receipt else None
    await session.flush()


def new_id() -> str:
    """A fresh id for a row."""
    return uuid.uuid4().hex
