"""Reading the rows of the approval rail: every question asked of them, as values.

One snapshot serves the several statements that read one proposal.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from approvals import delegations, details, rows, witness
from approvals.auditing import WORKSPACE, Audit
from approvals.deputies import Deputies
from approvals.followed import Records
from approvals.notices import Notices
from approvals.policy import versions
from approvals.policy.versions import Versions
from approvals.proposal import Proposal, Status, TrailLine, Verified
from approvals.risk import LIKE_STATUSES
from approvals.rows import AttemptRow, ProposalRow, RevisionRow, StopRow
from approvals.stops import Stops
from approvals.tellings import Tellings
from approvals.trail import Trail
from approvals.turns import Turns
from qbo.books import Draft, draft_from

ALIKE_MAX = 5


class Reading:
    """What can be asked of the rows; `Store` adds how they move."""

    def __init__(self, engine: AsyncEngine, trail_key: bytes) -> None:
        self._engine = engine
        self._reading = (
            engine.execution_options(readonly=True, isolation_level="REPEATABLE READ")
            if engine.dialect.name == "postgresql"
            else engine.execution_options(readonly=True)
        )
        self._trail = Trail(trail_key)
        self.audit = Audit(self._reading, self._trail, self.verify)
        self.notices = Notices(engine, self._reading)
        self.tellings = Tellings(engine, self._reading)
        self.records = Records(engine, self._reading)
        self.deputies = Deputies(engine, self._reading, self._trail)
        self.turns = Turns(engine, self._reading)
        self.stops = Stops(engine, self._reading, self._trail)
        self.policies = Versions(engine, self._reading, self._trail)

    async def proposal(self, proposal_id: str) -> Proposal | None:
        """One proposal as it stands."""
        found = await self.several((proposal_id,))
        return found.get(proposal_id)

    async def several(self, ids: Sequence[str]) -> dict[str, Proposal]:
        """Proposals as they stand, by id."""
        async with AsyncSession(self._reading) as session:
            return await rows.several(session, ids)

    async def readable(self, ids: Sequence[str]) -> dict[str, Proposal]:
        """Those of them that can be read: one that cannot keeps no other waiting."""
        async with AsyncSession(self._reading) as session:
            return await rows.readable(session, ids)

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

    async def undone(self, workspace: str, number: str) -> tuple[Proposal, ...]:
        """What has taken a proposal back, in part or whole, the oldest first."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(ProposalRow)
                .where(
                    col(ProposalRow.workspace) == workspace,
                    col(ProposalRow.undoes) == number,
                    col(ProposalRow.status) == Status.APPLIED.value,
                )
                .order_by(col(ProposalRow.created_at), col(ProposalRow.ordinal))
            )
            return await rows.values(session, list(found))

    async def is_as_approved(self, proposal: Proposal) -> bool:
        """Whether what would be posted is byte for byte what was proposed.

        And whether the trail bears out that people asked for it and approved it, and
        that the step under way was not done before.
        """
        chain = proposal.company.id
        async with AsyncSession(self._reading) as session:
            if not await details.is_as_approved(session, proposal):
                return False
            lines = await self._trail.vouched(session, chain, proposal.id)
            return witness.bears_out(proposal, lines)

    async def takes_up(self, proposal_id: str) -> tuple[str | None, int | None]:
        """The id of what a proposal takes up, and how much was done when drafted."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(ProposalRow, proposal_id)
            return (row.renews, row.already) if row else (None, None)

    async def by_inbox(self, inbox_id: str) -> Proposal | None:
        """The proposal that an event has made or corrected."""
        async with AsyncSession(self._reading) as session:
            return await of_event(session, inbox_id)

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

    async def since(self, workspace: str, at: datetime) -> tuple[Proposal, ...]:
        """The proposals that a workspace has made since then, the oldest first."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(ProposalRow)
                .where(
                    col(ProposalRow.workspace) == workspace,
                    col(ProposalRow.created_at) >= at,
                )
                .order_by(col(ProposalRow.created_at), col(ProposalRow.ordinal))
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

    async def alike(
        self, company: str, likeness: str, since: datetime, but: str = ""
    ) -> tuple[Proposal, ...]:
        """Proposals of the same party and amount that may be the same thing twice.

        Those that have not ended, or were posted since then; the newest first,
        without the one with the id `but`.
        """
        if not likeness:
            return ()
        status = col(ProposalRow.status)
        waiting = [each.value for each in LIKE_STATUSES if each is not Status.APPLIED]
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(ProposalRow)
                .where(
                    col(ProposalRow.company_id) == company,
                    col(ProposalRow.likeness) == likeness,
                    col(ProposalRow.id) != but,
                    or_(
                        status.in_(waiting),
                        and_(
                            status == Status.APPLIED.value,
                            col(ProposalRow.created_at) >= since,
                        ),
                    ),
                )
                .order_by(col(ProposalRow.created_at).desc())
                .limit(ALIKE_MAX)
            )
            return await rows.values(session, list(found))

    async def due(
        self, at: datetime, late: datetime, overdue: datetime
    ) -> tuple[str, ...]:
        """The ids of all proposals that time has something to do with, oldest first.

        Among them those that wait since `late` and nobody was told, and those that
        were approved at `overdue`, or before.
        """
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
                            status == Status.APPROVED.value,
                            or_(
                                and_(
                                    col(ProposalRow.waiting_since) <= late,
                                    col(ProposalRow.told_late_at).is_(None),
                                ),
                                col(ProposalRow.approved_at) <= overdue,
                            ),
                        ),
                        and_(
                            status == Status.APPLIED.value,
                            col(ProposalRow.uncompared) > 0,
                            ready,
                        ),
                        and_(
                            status == Status.APPLIED.value,
                            col(ProposalRow.undo_until) <= at,
                            col(ProposalRow.undone_by).is_(None),
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

    async def last_attempt_at(self, proposal: Proposal) -> datetime | None:
        """When the step under way was tried last; None: it was not."""
        async with AsyncSession(self._reading) as session:
            found: datetime | None = await session.scalar(
                select(func.max(col(AttemptRow.started_at))).where(
                    col(AttemptRow.proposal_id) == proposal.id,
                    col(AttemptRow.step) == proposal.step,
                )
            )
            return found

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

    async def draft(self, proposal_id: str, revision: int) -> Draft | None:
        """The draft of one revision, as it was proposed; None: no such revision."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(RevisionRow, (proposal_id, revision))
            return draft_from(row.draft) if row else None

    async def trail(self, proposal_id: str) -> tuple[TrailLine, ...]:
        """Everything that happened to a proposal, the oldest first."""
        async with AsyncSession(self._reading) as session:
            chain = await session.scalar(
                select(col(ProposalRow.company_id)).where(
                    col(ProposalRow.id) == proposal_id
                )
            )
            if chain is None:
                return ()
            return await self._trail.lines(session, chain, proposal_id)

    async def verify(self, chain: str) -> Verified:
        """Whether a chain is as it was written, and where it breaks first."""
        async with AsyncSession(self._reading) as session:
            # Read first: what moves meanwhile adds lines, and takes none away.
            least = await _least_lines(session, chain)
            return await self._trail.verify(session, chain, least)


async def of_event(session: AsyncSession, inbox_id: str) -> Proposal | None:
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
    moved = await session.scalar(
        select(func.coalesce(func.sum(col(ProposalRow.version)), 0)).where(
            col(ProposalRow.company_id) == chain
        )
    )
    # Each stop that stands has its own line, which is none of a move.
    stops = await session.scalar(
        select(func.count())
        .select_from(StopRow)
        .where(col(StopRow.company_id) == chain, col(StopRow.seq).is_not(None))
    )
    least = int(moved or 0) + int(stops or 0)
    if not chain.startswith(WORKSPACE):
        return least
    workspace = chain.removeprefix(WORKSPACE)
    least += await delegations.told(session, workspace)
    return least + await versions.told(session, workspace)
