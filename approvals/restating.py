"""Proposals whose cards must say anew how things stand round them.

Nothing happened to such a proposal itself: its company was stopped, or somebody else
decides in an approver's place. It goes one version on, its cards lag, and its trail
says why; all within the caller's transaction.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from approvals import moves, notices, rows
from approvals.proposal import Event, Proposal
from approvals.rows import ProposalRow
from approvals.trail import Facts, Trail


async def locked(
    session: AsyncSession, *where: ColumnElement[bool]
) -> tuple[Proposal, ...]:
    """The proposals of which all that is so, locked, in one order.

    Before the head of any trail, as every move does it.
    """
    found = await session.scalars(
        select(ProposalRow)
        .where(*where)
        .order_by(col(ProposalRow.id))
        .with_for_update()
    )
    return await rows.values(session, list(found))


async def restate(
    session: AsyncSession,
    trail: Trail,
    proposals: Iterable[Proposal],
    event: Event,
    who: tuple[str, str, str],
    at: datetime,
    facts: Facts,
) -> None:
    """Let every card of these lag, and say in their trails why.

    `who` is our id of a person, the name, and the platform.
    """
    for before in proposals:
        after = moves.moved(before, event)
        await session.execute(
            update(ProposalRow)
            .where(col(ProposalRow.id) == after.id)
            .values(version=after.version)
        )
        await notices.outdate(session, after.id, after.version)
        await trail.append(
            session,
            before.company.id,
            at=at,
            event=event.value,
            who=who,
            proposal=(after.id, after.number),
            facts={
                "from": before.status.value,
                "to": after.status.value,
                "version": after.version,
                "revision": after.revision,
                **facts,
            },
        )
