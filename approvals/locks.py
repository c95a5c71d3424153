"""A company is not stopped while a move that leads to a request is being saved.

On PostgreSQL two transactions see each other only once they are over: without this a
stop could be told to stand while an attempt, begun before it, is saved after it.
SQLite has one writer at a time anyway.
"""

from zlib import crc32

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def hold(session: AsyncSession, company: str, *, alone: bool) -> None:
    """Wait for those that stop a company (or, `alone`, for all), until this is over."""
    if session.get_bind().dialect.name != "postgresql":
        return
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    await session.execute(select(lock(crc32(f"posting {company}".encode()))))
