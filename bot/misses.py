"""What people said that was not understood: for the operator, without amounts.

The words are masked before they are kept (`understanding/masking.py`); who said
them is not kept at all. After 90 days they are forgotten.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from qbo.columns import UtcTime

KEPT_DAYS = 90


class _MissRow(SQLModel, table=True):
    __tablename__ = "misses"
    id: str = Field(primary_key=True)
    workspace: str
    at: datetime = Field(sa_type=UtcTime, index=True)
    words: str


@dataclass(frozen=True, slots=True)
class Miss:
    """Some words that were not understood: how often, and when last (UTC)."""

    words: str
    times: int
    last: datetime


class Misses:
    """What was not understood."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    async def keep(self, workspace: str, words: str) -> None:
        """Keep some words; they are masked already."""
        row = _MissRow(
            id=uuid.uuid4().hex, workspace=workspace, at=self._now(), words=words
        )
        async with AsyncSession(self._engine) as session, session.begin():
            session.add(row)

    async def counted(self, limit: int = 100) -> tuple[Miss, ...]:
        """The most frequent ones first, then the latest."""
        times, last = func.count(), func.max(col(_MissRow.at))
        async with AsyncSession(self._reading) as session:
            found = await session.execute(
                select(col(_MissRow.words), times, last)
                .group_by(col(_MissRow.words))
                .order_by(times.desc(), last.desc())
                .limit(limit)
            )
            return tuple(Miss(words, count, at) for words, count, at in found)

    async def tidy(self) -> None:
        """Forget what is older than 90 days."""
        before = self._now() - timedelta(days=KEPT_DAYS)
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(delete(_MissRow).where(col(_MissRow.at) < before))


def listed(misses: tuple[Miss, ...]) -> str:
    """As lines to print: how often, when last, the words."""
    if not misses:
        return "Everything that was said was understood."
    return "\n".join(
        f"{miss.times:>5}  {miss.last:%Y-%m-%d}  {miss.words}" for miss in misses
    )
