"""The rows of the approval rail, and the one guarded write by which they move.

A move is one `UPDATE ... WHERE id AND version`; the decision, attempt, receipt or
revision that belongs to it, the lagging of the notices and the line in the trail
are saved in the same transaction, or none of them. What must never happen twice
is unique in the database as well: one decision for each person and revision, one
receipt for each step, one number for each attempt, one draft for each request id.
"""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from approvals import locks, moves, notices, restating, rows, tellings, undoing
from approvals.details import (
    Outcome,
    keep_details,
    keep_outcome,
    keep_revision,
    taken_by,
)
from approvals.proposal import (
    Event,
    Notice,
    Person,
    Proposal,
    Status,
    WantedNotice,
    WantedTelling,
)
from approvals.reading import Reading, of_event
from approvals.rows import CounterRow, ProposalRow, RevisionRow, StopRow
from approvals.told import told
from approvals.trail import Facts
from approvals.undoing import Touched, Undoing


class NumberTaken(Exception):
    """Another proposal of the workspace has that number already."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and where: a person on a platform, or we ourselves.

    `where` is the conversation and the message, and the address where it is known.
    """

    id: str
    name: str
    platform: str
    where: str = ""

    @staticmethod
    def person(person: Person, platform: str, where: str = "") -> "By":
        """A person on a platform."""
        return By(person.id, person.name, platform, where)


OURSELVES = By("", "Countersign", "countersign")


@dataclass(frozen=True, slots=True)
class Renewal:
    """The STALE proposal that a new one takes up, and who wants that."""

    stale_id: str
    person: Person


class Store(Reading):
    """Keeps proposals. Values go in and come out; rows stay here."""

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

    async def insert(  # noqa: PLR0913 - a proposal, and all that is kept with it
        self,
        proposal: Proposal,
        places: Iterable[WantedNotice],
        inbox_id: str | None,
        by: By,
        facts: Facts,
        *,
        renewal: Renewal | None = None,
        undo: Undoing | None = None,
        already: int | None = None,
    ) -> Proposal:
        """Keep a new proposal with its wanted notices; a repeated event keeps none.

        `already` is how much was done of what it takes up, or back, when drafted.

        Returns:
            The proposal, or the one that the same event made before, or the one
            that took up the same STALE proposal before.

        Raises:
            Denied: what it renews cannot be taken up by this person, or what it
                undoes cannot be undone by them.
            NumberTaken: its number is another's.
            RequestReused: one of its request ids is another's.
        """
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                await locks.hold_deputies(session, proposal.workspace, alone=False)
                stale = await _locked_stale(session, renewal)
                original = await undoing.locked(session, undo)
                before = await _made_before(session, inbox_id, renewal)
                if before is not None:
                    return before
                touched = None
                if undo is not None and original is not None:
                    touched = await undoing.taken_back(
                        session, original, undo, proposal
                    )
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
                        already=already,
                        conversation=proposal.conversation,
                        created_at=proposal.created_at,
                        reviewed_at=proposal.created_at,
                        **rows.columns(proposal),
                    )
                )
                await session.flush()
                await keep_revision(session, proposal)
                await notices.insert(
                    session, proposal.id, proposal.version, places, proposal.created_at
                )
                await self._tell(
                    session, proposal, told(None, proposal, None), proposal.created_at
                )
                await self._append(
                    session, proposal, "propose", proposal.created_at, by, facts
                )
                await self._along(session, touched, proposal.created_at, by)
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
        await notices.outdate(session, (after.id,), after.version)
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
        only_if: ColumnElement[bool] | None = None,
        inbox_id: str | None = None,
        tell: Iterable[WantedTelling] = (),
        places: Iterable[WantedNotice] = (),
    ) -> bool:
        """Move a proposal; False when somebody else was first, and nothing changed.

        `inbox_id` is the event that asked for a new revision: it makes only one.
        `tell` is what people are told of it beside what `told` says of every move.
        `places` get a message of their own for it, and older ones there are locked.

        `only_if` is what has to hold as well in the one UPDATE (a delegation stands).
        `guards` not None: the move is one that leads to a request, and is made
        only while nothing stops the company and `guards` (the policy is sound, and
        lets it be written to) holds, all in the one UPDATE.

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
        if only_if is not None:
            where.append(only_if)
        if guards is not None:
            where += [
                literal(guards),
                col(ProposalRow.approvals) >= col(ProposalRow.quorum),
                ~select(StopRow)
                .where(col(StopRow.company_id) == before.company.id)
                .exists(),
            ]
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                if guards is not None:
                    await locks.hold(session, before.company.id, alone=False)
                result = await session.execute(
                    update(ProposalRow).where(and_(*where)).values(rows.columns(after))
                )
                assert isinstance(result, CursorResult), "an update without a count"
                if result.rowcount == 0:
                    return False
                await keep_details(session, before, after, event, at, inbox_id)
                if outcome is not None:
                    await keep_outcome(session, before.id, outcome, at)
                await notices.outdate(session, (after.id,), after.version)
                await notices.supersede(session, after, places, at, inbox_id)
                await self._tell(
                    session, after, (*told(before, after, event), *tell), at
                )
                touched = await undoing.followed(session, before, after)
                await self._append(session, after, event.value, at, by, facts, before)
                await self._along(session, touched, at, OURSELVES)
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
                if await taken_by(session, after, receipt):
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
                await keep_outcome(session, proposal.id, outcome, at)
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
            waiting = await restating.locked(
                session,
                col(ProposalRow.status).in_(
                    [s.value for s in (Status.APPROVED, Status.UNCONFIRMED)]
                ),
                or_(
                    col(ProposalRow.workspace) == workspace,
                    col(ProposalRow.company_id) == company,
                ),
            )
            await session.execute(
                update(ProposalRow)
                .where(col(ProposalRow.id).in_([each.id for each in waiting]))
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
            "where": by.where or None,
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

    async def _along(
        self, session: AsyncSession, touched: Touched | None, at: datetime, by: By
    ) -> None:
        """The line and the tellings of a proposal that moved along with another."""
        if touched is None:
            return
        after = touched.after
        facts: Facts = {
            "undone_by": after.undone_by,
            "undone_in_part": after.undone_in_part,
            "undo": "free" if after.undone_by is None else "taken",
        }
        await self._tell(session, after, touched.told, at)
        await self._append(
            session, after, Event.UNDO.value, at, by, facts, touched.before
        )

    async def _tell(
        self,
        session: AsyncSession,
        proposal: Proposal,
        wanted: Iterable[WantedTelling],
        at: datetime,
    ) -> None:
        await tellings.insert(
            session,
            wanted,
            at,
            workspace=proposal.workspace,
            company=proposal.company.id,
            proposal=proposal,
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

    async def give_up(
        self,
        notice: Notice,
        at: datetime,
        why: str,
        tell: Iterable[WantedTelling],
    ) -> bool:
        """Try a message no longer, and say so; False: it was given up before.

        The line in the trail and what the administrators are told are saved with
        it. `tell` is told of the company, not of the proposal: once for each key.
        """
        proposal = await self.proposal(notice.proposal_id)
        assert proposal is not None, "a notice without its proposal"
        async with AsyncSession(self._engine) as session, session.begin():
            if not await notices.give_up(session, notice.id, at):
                return False
            await tellings.insert(
                session,
                tell,
                at,
                workspace=proposal.workspace,
                company=proposal.company.id,
            )
            facts: Facts = {"why": why, "shown": notice.shown_version}
            await self._append(session, proposal, "given-up", at, OURSELVES, facts)
            return True

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
        before = await of_event(session, inbox_id)
    if before is None and renewal is not None:
        before = await rows.first(
            session,
            select(ProposalRow).where(col(ProposalRow.renews) == renewal.stale_id),
        )
    return before


def new_id() -> str:
    """A fresh id for a row."""
    return uuid.uuid4().hex
