"""Who is signed in to the console: one-time links, and sessions.

Rows keep digests only, so that nobody who reads the database can sign in with
what they find there.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from bot.console.transcript import Reader
from qbo.columns import UtcTime

ENTRY_MINUTES = 15
SESSION_HOURS = 12


class _EntryRow(SQLModel, table=True):
    __tablename__ = "console_entry"
    digest: str = Field(primary_key=True)
    workspace: str
    person_id: str
    expires_at: datetime = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcTime)


class _SessionRow(SQLModel, table=True):
    __tablename__ = "console_session"
    digest: str = Field(primary_key=True)
    workspace: str
    person_id: str
    csrf: str
    is_persona: bool = False
    notice: str | None = None
    expires_at: datetime = Field(sa_type=UtcTime)


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser.

    `csrf` is what its forms must bring back. `is_persona` marks a session of
    the demo, which is served to this machine only. `notice` is a sentence for
    the next page.
    """

    digest: str
    reader: Reader
    csrf: str
    is_persona: bool
    notice: str | None = None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    async def invite(self, reader: Reader) -> str:
        """A token that signs this person in once, within fifteen minutes."""
        token = secrets.token_urlsafe(32)
        row = _EntryRow(
            digest=_digest(token),
            workspace=reader.workspace,
            person_id=reader.person_id,
            expires_at=self._now() + timedelta(minutes=ENTRY_MINUTES),
        )
        async with AsyncSession(self._engine) as session, session.begin():
            session.add(row)
        return token

    async def invited(self, token: str) -> Reader | None:
        """Whom a token would sign in; uses nothing up."""
        async with self._reading.connect() as connection:
            row = (
                await connection.execute(
                    select(col(_EntryRow.workspace), col(_EntryRow.person_id)).where(
                        col(_EntryRow.digest) == _digest(token),
                        col(_EntryRow.used_at).is_(None),
                        col(_EntryRow.expires_at) > self._now(),
                    )
                )
            ).first()
        return None if row is None else Reader(row[0], row[1])

    async def enter(self, token: str) -> str | None:
        """Use a token up; returns the new session's token, None when it is spent."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = (
                await session.execute(
                    update(_EntryRow)
                    .where(
                        col(_EntryRow.digest) == _digest(token),
                        col(_EntryRow.used_at).is_(None),
                        col(_EntryRow.expires_at) > self._now(),
                    )
                    .values(used_at=self._now())
                    .returning(col(_EntryRow.workspace), col(_EntryRow.person_id))
                )
            ).first()
            if row is None:
                return None
            return self._open(session, Reader(row[0], row[1]), is_persona=False)

    async def impersonate(self, reader: Reader) -> str:
        """Open a session of the demo; returns its token."""
        async with AsyncSession(self._engine) as session, session.begin():
            return self._open(session, reader, is_persona=True)

    async def find(self, token: str) -> Session | None:
        """The session that a cookie's token stands for, while it lasts."""
        async with self._reading.connect() as connection:
            row = (
                await connection.execute(
                    select(
                        col(_SessionRow.digest),
                        col(_SessionRow.workspace),
                        col(_SessionRow.person_id),
                        col(_SessionRow.csrf),
                        col(_SessionRow.is_persona),
                        col(_SessionRow.notice),
                    ).where(
                        col(_SessionRow.digest) == _digest(token),
                        col(_SessionRow.expires_at) > self._now(),
                    )
                )
            ).first()
        if row is None:
            return None
        return Session(row[0], Reader(row[1], row[2]), row[3], row[4], row[5])

    async def note(self, session: Session, notice: str | None) -> None:
        """Keep a sentence for the session's next page, or take it away."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_SessionRow)
                .where(col(_SessionRow.digest) == session.digest)
                .values(notice=notice)
            )

    async def end(self, session: Session) -> None:
        """Sign a browser out."""
        async with self._engine.begin() as connection:
            await connection.execute(
                delete(_SessionRow).where(col(_SessionRow.digest) == session.digest)
            )

    async def tidy(self) -> None:
        """Forget what has run out."""
        async with self._engine.begin() as connection:
            for rows in (_SessionRow, _EntryRow):
                await connection.execute(
                    delete(rows).where(col(rows.expires_at) <= self._now())
                )

    def _open(self, session: AsyncSession, reader: Reader, *, is_persona: bool) -> str:
        token = secrets.token_urlsafe(32)
        session.add(
            _SessionRow(
                digest=_digest(token),
                workspace=reader.workspace,
                person_id=reader.person_id,
                csrf=secrets.token_urlsafe(24),
                is_persona=is_persona,
                expires_at=self._now() + timedelta(hours=SESSION_HOURS),
            )
        )
        return token
