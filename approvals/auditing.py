"""For auditors: every chain line by line, and all there is of one proposal."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from approvals import delegations, rows
from approvals.evidence import Attempt, Evidence, Revision, beside_from
from approvals.policy import versions
from approvals.proposal import Decision, Proposal, Status, TrailLine, Verified
from approvals.rows import (
    AttemptRow,
    DecisionRow,
    ProposalRow,
    RevisionRow,
    StopRow,
)
from approvals.trail import Trail
from qbo.books import circumstances_from, draft_from

WORKSPACE = "workspace:"


class Audit:
    """Reads what auditors ask for; changes nothing.

    `verify` is the rail's own check of a chain, which knows how many lines there
    must be at least.
    """

    def __init__(
        self,
        reading: AsyncEngine,
        trail: Trail,
        verify: Callable[[str], Awaitable[Verified]],
    ) -> None:
        self._reading = reading
        self._trail = trail
        self.verify = verify

    async def chains(self) -> tuple[str, ...]:
        """The names of all chains: companies' ids, and "workspace:" with an id.

        Also those of which no line is left, where other rows prove that there were.
        """
        async with AsyncSession(self._reading) as session:
            companies = await session.scalars(
                select(col(ProposalRow.company_id)).union(
                    select(col(StopRow.company_id)).where(col(StopRow.seq).is_not(None))
                )
            )
            began = {
                *await delegations.workspaces(session),
                *await versions.workspaces(session),
            }
            own = {f"{WORKSPACE}{workspace}" for workspace in began}
            known = await self._trail.chains(session)
            return tuple(sorted({*companies, *own, *known}))

    async def lines(
        self,
        chain: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> AsyncIterator[TrailLine]:
        """The lines of a chain in their order, from one moment to before another.

        Read page by page, so that a long trail is never held whole; lines that are
        added meanwhile are not among them.
        """
        async with AsyncSession(self._reading) as session:
            end = await self._trail.end(session, chain)
        seq = 0
        while seq < end:
            async with AsyncSession(self._reading) as session:
                page = await self._trail.page(session, chain, seq, end)
            if not page:
                return
            seq = page[-1].seq
            for line in page:
                is_after = since is None or line.at >= since
                if is_after and (until is None or line.at < until):
                    yield line

    async def evidence(self, proposal_id: str) -> Evidence | None:
        """All there is of a proposal; None where there is no such one."""
        async with AsyncSession(self._reading) as session:
            proposal = await rows.first(
                session, select(ProposalRow).where(col(ProposalRow.id) == proposal_id)
            )
            if proposal is None:
                return None
            lines = await self._trail.lines(session, proposal.company.id, proposal_id)
            revisions = await _revisions(session, proposal, lines)
            attempts = await session.scalars(
                select(AttemptRow)
                .where(col(AttemptRow.proposal_id) == proposal_id)
                .order_by(col(AttemptRow.started_at), col(AttemptRow.number))
            )
            made = tuple(_attempt(row) for row in attempts)
        verified = await self.verify(proposal.company.id)
        return Evidence(proposal, revisions, made, lines, verified)


async def _revisions(
    session: AsyncSession, proposal: Proposal, lines: tuple[TrailLine, ...]
) -> tuple[Revision, ...]:
    decisions: dict[int, list[Decision]] = {}
    for word in await session.scalars(
        select(DecisionRow)
        .where(col(DecisionRow.proposal_id) == proposal.id)
        .order_by(col(DecisionRow.at), col(DecisionRow.person_id))
    ):
        decisions.setdefault(word.revision, []).append(rows.decision(word))
    moments = [line.at for line in lines if line.event in {"propose", "revise"}]
    found = await session.scalars(
        select(RevisionRow)
        .where(col(RevisionRow.proposal_id) == proposal.id)
        .order_by(col(RevisionRow.revision))
    )
    return tuple(
        Revision(
            proposal=_as_shown(proposal, row),
            decisions=tuple(decisions.get(row.revision, ())),
            digest=row.digest,
            at=moments[row.revision - 1] if row.revision <= len(moments) else None,
            is_whole=row.beside is not None,
            adopted=row.adopted_digest,
        )
        for row in found
    )


def _as_shown(proposal: Proposal, row: RevisionRow) -> Proposal:
    """The proposal as the card of one revision showed it first."""
    shown = replace(
        proposal,
        draft=draft_from(row.draft),
        circumstances=circumstances_from(row.circumstances),
        revision=row.revision,
        editor_id=row.editor_id,
        status=Status.PENDING,
        decisions=(),
        receipts=(),
        reason=None,
        attempts=0,
        first_attempt_at=None,
        doubted_at=None,
        waiting_since=None,
        moved=(),
        rebased=None,
        approved_at=None,
        renewed_by=None,
        undone_by=None,
        undone_in_part=None,
        life=(),
        halts=(),
    )
    if row.beside is None:
        return shown
    beside = beside_from(row.beside)
    return replace(
        shown,
        rule=beside.rule,
        risks=beside.risks,
        changes=beside.changes,
        words=beside.words,
        editor=beside.editor,
        expires_at=beside.expires_at,
        confidence=beside.confidence,
        doubts=beside.doubts,
    )


def _attempt(row: AttemptRow) -> Attempt:
    return Attempt(
        step=row.step,
        number=row.number,
        request_id=row.request_id,
        digest=row.digest,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        intuit_tid=row.intuit_tid,
    )
