"""What two transactions on PostgreSQL must not do past each other.

They see each other only once they are over. Without these locks a stop could be told
to stand while an attempt, begun before it, is saved after it; and a proposal made
while somebody gets a deputy would never show that.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from qbo import locks


async def hold(session: AsyncSession, company: str, *, alone: bool) -> None:
    """Wait for those that stop a company (or, `alone`, for all), until this is over."""
    await locks.hold(await session.connection(), f"posting {company}", alone=alone)


async def hold_deputies(session: AsyncSession, workspace: str, *, alone: bool) -> None:
    """Wait for those that change who decides in whose place (or then for all).

    The first thing that a transaction does: whoever waits here holds nothing.
    """
    await locks.hold(await session.connection(), f"deputies {workspace}", alone=alone)
