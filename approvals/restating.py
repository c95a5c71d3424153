"""Proposals whose cards must say anew how things stand round them.

Nothing happened to such a proposal itself: its company was stopped, or somebody else
decides in an approver's place. It goes one version on, its cards lag, and its trail
says why; all within the caller's transaction. What a proposal would post is not read
for it: one that cannot be read must not keep a company from being stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from approvals import notices
from approvals.proposal import MACHINE, Event, Status
from approvals.rows import ProposalRow
from approvals.trail import Facts, Trail


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal as its row alone tells it."""

    id: str
    number: str
    company_id: str
    status: Status
    revision: int
    version: int


async def locked(
    session: AsyncSession, *where: ColumnElement[bool]
) -> tuple[Standing, ...]:
    """The proposals of which all that is so, locked, in one order.

    Before the head of any trail, as every move does it. Whoever changes several
    proposals locks them so first: two that do it in different orders would each wait
    for the other.
    """
    found = await session.execute(
        select(
            col(ProposalRow.id),
            col(ProposalRow.number),
            col(ProposalRow.company_id),
            col(ProposalRow.status),
            col(ProposalRow.revision),
            col(ProposalRow.version),
        )
        .where(*where)
        .order_by(col(ProposalRow.id))
        .with_for_update()
    )
    return tuple(
        Standing(row[0], row[1], row[2], Status(row[3]), row[4], row[5])
        for row in found
    )


async def restate(
    session: AsyncSession,
    trail: Trail,
    standings: Sequence[Standing],
    event: Event,
    who: tuple[str, str, str],
    at: datetime,
    facts: Facts,
) -> None:
    """Let every card of these lag, and say in their trails why.

    `who` is our id of a person, the name, and the platform.
    """
    ids = [each.id for each in standings]
    if not ids:
        return
    await session.execute(
        update(ProposalRow)
        .where(col(ProposalRow.id).in_(ids))
        .values(version=col(ProposalRow.version) + 1)
    )
    for version in sorted({each.version for each in standings}):
        alike = [each.id for each in standings if each.version == version]
        await notices.outdate(session, alike, version + 1)
    for company_id in sorted({each.company_id for each in standings}):
        await trail.append_all(
            session,
            company_id,
            at=at,
            event=event.value,
            who=who,
            each=[
                (
                    (one.id, one.number),
                    {
                        "from": one.status.value,
                        "to": MACHINE[one.status, event].value,
                        "version": one.version + 1,
                        "revision": one.revision,
                        **facts,
                    },
                )
                for one in standings
                if one.company_id == company_id
            ],
        )
