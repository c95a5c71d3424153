"""Whose turn it is to decide, and whether the card was shown to them.

A proposal's row says whose turn it is, in the transaction of each move. While that
differs from whom it was last shown to, those people have to be shown it; so a stop
between a move and the messages loses nobody.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from approvals import notices, restating
from approvals.proposal import Status, WantedNotice
from approvals.rows import ProposalRow


class Turns:
    """Finds proposals whose turn has come to people who were not shown them."""

    def __init__(self, engine: AsyncEngine, reading: AsyncEngine) -> None:
        self._engine = engine
        self._reading = reading

    async def to_show(self, limit: int = 100) -> tuple[tuple[str, str], ...]:
        """The ids of proposals, each with the turn that is to be shown."""
        async with AsyncSession(self._reading) as session:
            found = await session.execute(
                select(col(ProposalRow.id), col(ProposalRow.turn))
                .where(
                    col(ProposalRow.status) == Status.PENDING.value,
                    col(ProposalRow.turn) != "",
                    col(ProposalRow.turn) != col(ProposalRow.turn_shown),
                )
                .order_by(col(ProposalRow.created_at), col(ProposalRow.ordinal))
                .limit(limit)
            )
            return tuple((row[0], row[1]) for row in found)

    async def to_remind(self, at: datetime) -> tuple[str, ...]:
        """The ids of those of which somebody has to be told now, oldest first."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(col(ProposalRow.id))
                .where(
                    col(ProposalRow.status) == Status.PENDING.value,
                    col(ProposalRow.expires_at) > at,
                    or_(
                        col(ProposalRow.remind_at) <= at,
                        col(ProposalRow.escalate_at) <= at,
                        col(ProposalRow.warn_at) <= at,
                    ),
                )
                .order_by(col(ProposalRow.created_at), col(ProposalRow.ordinal))
            )
            return tuple(found)

    async def shown(
        self,
        proposal_id: str,
        turn: str,
        places: Iterable[WantedNotice],
        at: datetime,
    ) -> bool:
        """Want it shown at these places, once; False: the turn has passed on."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = (
                await session.execute(
                    select(
                        col(ProposalRow.version),
                        col(ProposalRow.turn),
                        col(ProposalRow.turn_shown),
                    )
                    .where(col(ProposalRow.id) == proposal_id)
                    .with_for_update()
                )
            ).one_or_none()
            if row is None or row[1] != turn or row[2] == turn:
                return False
            for place in dict.fromkeys(places):
                await notices.want_in_view(
                    session, proposal_id, row[0], place, at, f"turn {turn}"
                )
            await session.execute(
                update(ProposalRow)
                .where(col(ProposalRow.id) == proposal_id)
                .values(turn_shown=turn)
            )
            return True

    async def again(self, workspace: str) -> None:
        """Others may decide now: let all that wait be shown to whoever it is."""
        async with AsyncSession(self._engine) as session, session.begin():
            waiting = await restating.locked(
                session,
                col(ProposalRow.workspace) == workspace,
                col(ProposalRow.status) == Status.PENDING.value,
            )
            await session.execute(
                update(ProposalRow)
                .where(col(ProposalRow.id).in_([each.id for each in waiting]))
                .values(turn_shown="")
            )
