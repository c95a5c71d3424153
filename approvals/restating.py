"""Proposals whose cards must say anew how things stand round them.

Nothing happened to such a proposal itself: its company was stopped, or somebody else
decides in an approver's place. It goes one version on, its cards lag, and its trail
says why; all within the caller's transaction. What a proposal would post is not read
for it: one that cannot be read must not keep a company from being stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from approvals import notices, rows
from approvals.proposal import MACHINE, Event, Proposal, Status
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


async def readable(
    session: AsyncSession, standings: Sequence[Standing]
) -> Mapping[str, Proposal]:
    """Those of them that can be read, by id, with all that belongs to them."""

    async def read(*ids: str) -> dict[str, Proposal]:
        found = await session.scalars(
            select(ProposalRow).where(col(ProposalRow.id).in_(ids))
        )
        return {each.id: each for each in await rows.values(session, list(found))}

    try:
        return await read(*(each.id for each in standings))
    except (ValueError, TypeError):
        found: dict[str, Proposal] = {}
        for each in standings:
            try:
                found |= await read(each.id)
            except (ValueError, TypeError):
                continue
        return found


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
    for version, alike in _grouped(standings, "version"):
        await notices.outdate(session, [each.id for each in alike], int(version) + 1)
    for company_id, alike in _grouped(standings, "company_id"):
        await trail.append_all(
            session,
            str(company_id),
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
                for one in alike
            ],
        )


def _grouped(
    standings: Sequence[Standing], by: str
) -> list[tuple[int | str, list[Standing]]]:
    def key(each: Standing) -> int | str:
        found: int | str = getattr(each, by)
        return found

    ordered = sorted(standings, key=key)
    return [(value, list(alike)) for value, alike in groupby(ordered, key)]
