"""Transactions that wait for one another by what they are about.

On PostgreSQL two transactions see each other only once they are over: two that look
for the same next number would both find it. SQLite has one writer at a time anyway.
"""

from zlib import crc32

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def hold(connection: AsyncConnection, what: str, *, alone: bool) -> None:
    """Wait for those that hold it `alone` (or then for all), until this is over."""
    if connection.dialect.name != "postgresql":
        return
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    await connection.execute(select(lock(crc32(what.encode()))))
