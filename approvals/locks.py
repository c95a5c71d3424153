"""A company is not stopped while a move that leads to a request is being saved.

Without this a stop could be told to stand while an attempt, begun before it, is saved
after it: on PostgreSQL two transactions see each other only once they are over.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from qbo import locks


async def hold(session: AsyncSession, company: str, *, alone: bool) -> None:
    """Wait for those that stop a company (or, `alone`, for all), until this is over."""
    await locks.hold(await session.connection(), f"posting {company}", alone=alone)
