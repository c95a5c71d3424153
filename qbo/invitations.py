"""The single-use links with which admins begin a consent.

    invited ─opened by one browser→ at Intuit ─came back→ finished

Tokens, states and cookies are kept as digests only: who reads the rows can use
none of them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Text, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from qbo.books import Environment
from qbo.columns import UtcTime
from qbo.oauth import (
    ExpiredLink,
    Invitation,
    OtherBrowser,
    UnknownLink,
    UnknownState,
    UsedLink,
)

LINK_LIVES: Final = timedelta(minutes=10)

# Signing in at Intuit, with its codes by telephone, takes a while.
CONSENT_LIVES: Final = timedelta(minutes=15)

_KEPT_FOR: Final = timedelta(days=1)


class _InvitationRow(SQLModel, table=True):
    """One link; `cookie` and `state` are digests, set when it is opened."""

    __tablename__ = "quickbooks_invitation"

    token: str = Field(primary_key=True, max_length=64)
    workspace: str = Field(max_length=80)
    person_id: str = Field(max_length=80)
    environment: str = Field(max_length=20)
    origin: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=UtcTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)
    cookie: str | None = Field(default=None, max_length=64)
    state: str | None = Field(default=None, max_length=64, index=True, unique=True)


@dataclass(frozen=True, slots=True)
class Invited:
    """For whom a link was made, and where to answer."""

    workspace: str
    person_id: str
    environment: Environment
    origin: str


class Invitations:
    """Gives links out and takes each of them back once."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._readonly = engine.execution_options(readonly=True)
        self._now = now

    async def invite(self, invited: Invited) -> Invitation:
        """Make a link; it has to be opened within ten minutes."""
        token = secrets.token_urlsafe(32)
        now = self._now()
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                delete(_InvitationRow).where(
                    col(_InvitationRow.expires_at) < now - _KEPT_FOR
                )
            )
            session.add(
                _InvitationRow(
                    token=_digest(token),
                    workspace=invited.workspace,
                    person_id=invited.person_id,
                    environment=invited.environment.value,
                    origin=invited.origin,
                    expires_at=now + LINK_LIVES,
                )
            )
        return Invitation(token, now + LINK_LIVES)

    async def look(self, token: str, cookie: str | None) -> Invited:
        """For whom an open link is; nothing is changed.

        Raises:
            UnknownLink, UsedLink, ExpiredLink: it cannot be opened (any more).
        """
        return _invited(await self._openable(token, cookie))

    async def opened(self, token: str, cookie: str | None) -> tuple[str, str]:
        """Bind a link to the browser that opens it first: a state and a cookie.

        The same browser (`cookie`) may open it again; only its last state counts.

        Raises:
            UnknownLink, UsedLink, ExpiredLink: it cannot be opened (any more).
        """
        row = await self._openable(token, cookie)
        kept = cookie if cookie and row.cookie else secrets.token_urlsafe(32)
        state = secrets.token_urlsafe(32)
        async with self._engine.begin() as connection:
            bound = await connection.execute(
                update(_InvitationRow)
                .where(
                    col(_InvitationRow.token) == row.token,
                    col(_InvitationRow.finished_at).is_(None),
                    or_(
                        col(_InvitationRow.cookie).is_(None),
                        col(_InvitationRow.cookie) == _digest(kept),
                    ),
                )
                .values(
                    cookie=_digest(kept), state=_digest(state), opened_at=self._now()
                )
            )
        if not bound.rowcount:
            raise UsedLink
        return state, kept

    async def finished(self, state: str, cookie: str | None) -> Invited:
        """Take a consent's way back, once, from the browser that began it.

        Raises:
            UnknownState, UsedLink, ExpiredLink, OtherBrowser: as they say.
        """
        row = await self._one(col(_InvitationRow.state) == _digest(state))
        if row is None or row.opened_at is None or row.cookie is None:
            raise UnknownState
        # Before anything is used up: a stranger's browser must not end a consent.
        if cookie is not None and not hmac.compare_digest(row.cookie, _digest(cookie)):
            raise OtherBrowser
        now = self._now()
        if row.finished_at is not None:
            raise UsedLink
        if now > row.opened_at + CONSENT_LIVES:
            raise ExpiredLink
        if cookie is None:
            raise OtherBrowser
        async with self._engine.begin() as connection:
            taken = await connection.execute(
                update(_InvitationRow)
                .where(
                    col(_InvitationRow.state) == row.state,
                    col(_InvitationRow.finished_at).is_(None),
                )
                .values(finished_at=now)
            )
        if not taken.rowcount:
            raise UsedLink
        return _invited(row)

    async def _openable(self, token: str, cookie: str | None) -> _InvitationRow:
        row = await self._one(col(_InvitationRow.token) == _digest(token))
        if row is None:
            raise UnknownLink
        is_same_browser = (
            row.cookie is not None
            and cookie is not None
            and hmac.compare_digest(row.cookie, _digest(cookie))
        )
        if row.finished_at is not None or (row.cookie and not is_same_browser):
            raise UsedLink
        if self._now() >= row.expires_at:
            raise ExpiredLink
        return row

    async def _one(self, where: ColumnElement[bool]) -> _InvitationRow | None:
        async with AsyncSession(self._readonly) as session:
            found = await session.scalars(select(_InvitationRow).where(where))
            return found.one_or_none()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _invited(row: _InvitationRow) -> Invited:
    return Invited(
        row.workspace, row.person_id, Environment(row.environment), row.origin
    )
