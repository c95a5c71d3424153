"""Where the connections' tokens are kept, encrypted, and renewed one at a time.

    CONFIRMING ─yes→ CONNECTED ─Intuit takes the tokens no longer→ ENDED
        └no→ (forgotten)  └disconnect→ DISCONNECTED      (consent again from any)

A renewal uses a refresh token up. It happens under a lease in the row, longer than
the requests it makes; its result is saved only on the generation that it began
with; and the token before is kept until the new one has worked.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from random import SystemRandom
from typing import Any, Final

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import Text, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from qbo import answers
from qbo.authority import Authority, BadGrant, BadKeys, NoAnswer
from qbo.books import Company, Environment
from qbo.columns import UtcTime
from qbo.faults import Disconnected, Forbidden, Unreachable
from qbo.oauth import (
    Connected,
    ConnectedElsewhere,
    Grant,
    NothingToConfirm,
    NotTheirs,
    QuickBooksApp,
    State,
)

_log = logging.getLogger(__name__)

# A token must still be good when a request arrives that waited for its turn.
_MARGIN: Final = timedelta(minutes=2)

# While it cannot be renewed, or another process is at it, it serves up to here.
_LAST_MOMENT: Final = timedelta(seconds=5)

_RENEWAL_SECONDS: Final = 60.0
_LEASE: Final = timedelta(seconds=90)
_TURN_SECONDS: Final = 15.0

NEVER_CONNECTED: Final = (
    "This company is not connected to QuickBooks. An administrator can connect it"
    " with /connect."
)
_UNREADABLE: Final = (
    "The stored connection to QuickBooks cannot be read with the present secret keys."
    " An administrator can connect the company again with /connect."
)
_BEING_RENEWED: Final = (
    "The connection to QuickBooks is being renewed just now. Nothing was changed;"
    " please try again in a minute."
)
_WRONG_KEYS: Final = (
    "QuickBooks does not accept Countersign's own keys, so nothing was changed."
    " Whoever runs Countersign can find out more with `countersign check`."
)
_ENDED_REASON: Final = "QuickBooks does not accept the connection any more."

_jitter = SystemRandom()


class _ConnectionRow(SQLModel, table=True):
    """A company's connection; tokens are Fernet texts, None once forgotten.

    `generation` counts changes of tokens and state: whoever saves a renewal names
    the one that it began with. `renewer` holds the lease until `renewer_until`.
    """

    __tablename__ = "quickbooks_connection"

    company: str = Field(primary_key=True, max_length=80)
    environment: str = Field(max_length=20)
    realm: str = Field(max_length=64)
    workspace: str = Field(max_length=80, index=True)
    state: str = Field(max_length=20)
    name: str = Field(sa_type=Text)
    country: str = Field(max_length=40)
    currency: str = Field(max_length=10)
    fiscal_year_start_month: int
    custom_txn_numbers: bool
    book_close_date: date | None = None
    connected_by: str = Field(max_length=80)
    connected_at: datetime = Field(sa_type=UtcTime)
    access_token: str | None = Field(default=None, sa_type=Text, repr=False)
    access_expires_at: datetime = Field(sa_type=UtcTime)
    refresh_token: str | None = Field(default=None, sa_type=Text, repr=False)
    previous_refresh_token: str | None = Field(default=None, sa_type=Text, repr=False)
    refresh_expires_at: datetime = Field(sa_type=UtcTime)
    refresh_hard_expires_at: datetime | None = Field(default=None, sa_type=UtcTime)
    last_renewed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_reason: str | None = Field(default=None, sa_type=Text)
    ended_by: str | None = Field(default=None, max_length=80)
    is_ending_told: bool = True
    generation: int = 0
    renewer: str | None = Field(default=None, max_length=40)
    renewer_until: datetime | None = Field(default=None, sa_type=UtcTime)


class Vault:
    """Keeps what Intuit granted, and gives out access tokens that are valid."""

    def __init__(
        self,
        engine: AsyncEngine,
        apps: Mapping[Environment, QuickBooksApp],
        keys: MultiFernet,
        authority: Authority,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._readonly = engine.execution_options(readonly=True)
        self._apps = apps
        self._keys = keys
        self._authority = authority
        self._now = now
        self._renewals: dict[str, asyncio.Task[str]] = {}

    # What is known of connections.

    async def find(self, company: str) -> Connected | None:
        """A company's connection in whatever state; None where there never was one."""
        async with AsyncSession(self._readonly) as session:
            row = await session.get(_ConnectionRow, company)
            return None if row is None else _connected(row)

    async def all(self, workspace: str | None = None) -> tuple[Connected, ...]:
        """All connections, or a workspace's, by the company's name."""
        statement = select(_ConnectionRow).order_by(
            col(_ConnectionRow.name), col(_ConnectionRow.company)
        )
        if workspace is not None:
            statement = statement.where(col(_ConnectionRow.workspace) == workspace)
        async with AsyncSession(self._readonly) as session:
            return tuple(_connected(row) for row in await session.scalars(statement))

    # How connections begin and end.

    async def keep(
        self, company: Company, grant: Grant, *, workspace: str, person_id: str
    ) -> tuple[Connected, bool]:
        """Keep the grant of a consent; says also whether it has to be confirmed.

        Raises:
            ConnectedElsewhere: the company belongs to another workspace.
        """
        try:
            return await self._keep(company, grant, workspace, person_id)
        except IntegrityError:
            # Two admins connected the same new company at once: now there is a row.
            return await self._keep(company, grant, workspace, person_id)

    async def _keep(
        self, company: Company, grant: Grant, workspace: str, person_id: str
    ) -> tuple[Connected, bool]:
        now = self._now()
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_ConnectionRow, company.id, with_for_update=True)
            is_known = row is not None and row.state != State.DISCONNECTED
            if row is not None and is_known and row.workspace != workspace:
                raise ConnectedElsewhere
            is_new = not is_known or (row is not None and row.state == State.CONFIRMING)
            values: dict[str, Any] = {
                **_facts(company),
                **self._grant(company.id, grant),
                "workspace": workspace,
                "state": (State.CONFIRMING if is_new else State.CONNECTED).value,
                "connected_by": person_id,
                "connected_at": now,
                "previous_refresh_token": None,
                "refresh_hard_expires_at": grant.refresh_hard_expires_at,
                "last_renewed_at": None,
                "ended_at": None,
                "ended_reason": None,
                "ended_by": None,
                "is_ending_told": True,
                "generation": 1 if row is None else row.generation + 1,
                "renewer": None,
                "renewer_until": None,
            }
            if row is None:
                row = _ConnectionRow(
                    company=company.id,
                    environment=company.environment.value,
                    realm=company.realm,
                    **values,
                )
                session.add(row)
            else:
                for name, value in values.items():
                    setattr(row, name, value)
            connected = _connected(row)
        return connected, is_new

    async def confirm(self, company: str, person_id: str) -> Connected:
        """Say that it is the right company; saying it twice is once.

        Raises:
            NotTheirs: somebody else connected it.
            NothingToConfirm: it does not wait for that.
        """
        connected = await self._confirmable(company, person_id, State.CONNECTED)
        if connected.state is State.CONNECTED:
            return connected
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_ConnectionRow)
                .where(
                    col(_ConnectionRow.company) == company,
                    col(_ConnectionRow.state) == State.CONFIRMING,
                    col(_ConnectionRow.connected_by) == person_id,
                )
                .values(state=State.CONNECTED.value)
            )
        return await self._confirmable(company, person_id, State.CONNECTED)

    async def confirmable(self, company: str, person_id: str) -> Connected:
        """The connection that this admin may still say yes or no to.

        Raises:
            NotTheirs, NothingToConfirm: as in `confirm`.
        """
        return await self._confirmable(company, person_id)

    async def _confirmable(
        self, company: str, person_id: str, *also: State
    ) -> Connected:
        connected = await self.find(company)
        if connected is None or connected.state not in {State.CONFIRMING, *also}:
            raise NothingToConfirm
        if connected.connected_by != person_id:
            raise NotTheirs
        return connected

    async def drop(self, company: str) -> None:
        """Forget a connection that was not confirmed, as if it had never been."""
        async with self._engine.begin() as connection:
            await connection.execute(
                delete(_ConnectionRow).where(
                    col(_ConnectionRow.company) == company,
                    col(_ConnectionRow.state) == State.CONFIRMING,
                )
            )

    async def refresh_token(self, company: str) -> str | None:
        """The token with which a connection can be revoked; None without one."""
        async with AsyncSession(self._readonly) as session:
            row = await session.get(_ConnectionRow, company)
        return None if row is None else self._clear_if_any(company, row.refresh_token)

    async def disconnect(self, company: str, person_id: str) -> None:
        """Forget a company's tokens; what was being renewed is not saved any more."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_ConnectionRow)
                .where(col(_ConnectionRow.company) == company)
                .values(
                    state=State.DISCONNECTED.value,
                    access_token=None,
                    refresh_token=None,
                    previous_refresh_token=None,
                    ended_at=self._now(),
                    ended_by=person_id,
                    ended_reason=None,
                    is_ending_told=True,
                    generation=col(_ConnectionRow.generation) + 1,
                )
            )

    async def learn(self, company: Company) -> None:
        """Keep what QuickBooks said of a company."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_ConnectionRow)
                .where(col(_ConnectionRow.company) == company.id)
                .values(**_facts(company))
            )

    async def take_endings(
        self, within: AsyncConnection | None = None
    ) -> tuple[Connected, ...]:
        """The connections whose ending nobody was told of yet; each is given once.

        `within` is the caller's own transaction, where telling has to be recorded
        together with taking.
        """
        if within is None:
            async with self._engine.begin() as connection:
                return await self.take_endings(connection)
        taken = await within.scalars(
            update(_ConnectionRow)
            .where(
                col(_ConnectionRow.state) == State.ENDED,
                col(_ConnectionRow.is_ending_told).is_(False),
            )
            .values(is_ending_told=True)
            .returning(col(_ConnectionRow.company))
        )
        companies = tuple(taken)
        async with AsyncSession(within) as session:
            rows = await session.scalars(
                select(_ConnectionRow)
                .where(col(_ConnectionRow.company).in_(companies))
                .order_by(col(_ConnectionRow.name))
            )
            return tuple(_connected(row) for row in rows)

    # Access tokens.

    async def token(
        self, company: str, *, stale: str | None = None, margin: timedelta = _MARGIN
    ) -> str:
        """A valid access token; renewed when near its end or when it is `stale`.

        Raises:
            Disconnected: the connection has ended, or never began.
            Unreachable, Forbidden: it cannot be renewed just now.
        """
        row = await self._row(company)
        if token := self._usable(row, stale, margin):
            return token
        task = self._renewals.get(company)
        if task is None:
            task = asyncio.create_task(self._renewed(company, stale, margin))
            self._renewals[company] = task
            task.add_done_callback(lambda done: self._settled(company, done))
        try:
            # Whoever waits may give up; a renewal once begun is also saved.
            return await asyncio.shield(task)
        except Unreachable:
            if token := self._usable(row, stale, _LAST_MOMENT):
                return token
            raise

    async def settle(self) -> None:
        """Wait for renewals that are under way; before the program ends."""
        await asyncio.gather(*self._renewals.values(), return_exceptions=True)

    def _settled(self, company: str, done: asyncio.Task[str]) -> None:
        self._renewals.pop(company, None)
        if not done.cancelled():
            done.exception()  # those who waited have it; nobody may have waited

    async def _row(self, company: str) -> _ConnectionRow:
        async with AsyncSession(self._readonly) as session:
            row = await session.get(_ConnectionRow, company)
        if row is None or row.state == State.DISCONNECTED:
            raise Disconnected(NEVER_CONNECTED, company=company)
        if row.state == State.ENDED:
            raise Disconnected(answers.ENDED, company=company)
        return row

    def _usable(
        self, row: _ConnectionRow, stale: str | None, margin: timedelta
    ) -> str | None:
        if row.access_token is None or row.access_expires_at - self._now() <= margin:
            return None
        token = self._clear(row.company, row.access_token)
        return None if token == stale else token

    async def _renewed(self, company: str, stale: str | None, margin: timedelta) -> str:
        loop = asyncio.get_running_loop()
        end = loop.time() + _TURN_SECONDS
        owner = secrets.token_hex(12)
        pause_seconds = 0.05
        while True:
            row = await self._row(company)
            if token := self._usable(row, stale, margin):
                return token
            if await self._lease(row, owner):
                break
            if token := self._usable(row, stale, _LAST_MOMENT):
                return token
            if loop.time() > end:
                raise Unreachable(_BEING_RENEWED).waiting("renewal")
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 1.5, 0.5)
        try:
            return await self._renew(row, stale)
        finally:
            await self._release(company, owner)

    async def _renew(self, row: _ConnectionRow, stale: str | None) -> str:
        """Use the refresh token and save what it gives; the lease is held."""
        app = self._apps.get(Environment(row.environment))
        if app is None:
            raise Forbidden(_WRONG_KEYS)
        assert row.refresh_token is not None, "a live connection without a token"
        current = self._clear(row.company, row.refresh_token)
        before = self._clear_if_any(row.company, row.previous_refresh_token)
        try:
            async with asyncio.timeout(_RENEWAL_SECONDS):
                grant, used = await self._granted(app, current, before)
        except (NoAnswer, TimeoutError):
            raise Unreachable(answers.UNREACHABLE) from None
        except BadKeys:
            _log.warning("the keys of %s are wrong", row.environment)
            raise Forbidden(_WRONG_KEYS) from None
        except BadGrant:
            changes: dict[str, Any] = {
                "state": State.ENDED.value,
                "access_token": None,
                "refresh_token": None,
                "previous_refresh_token": None,
                "ended_at": self._now(),
                "ended_reason": _ENDED_REASON,
                "is_ending_told": False,
            }
            if await self._changed(row, changes):
                _log.warning("the connection of %s has ended", row.company)
                raise Disconnected(answers.ENDED, company=row.company) from None
        else:
            changes = {
                **self._grant(row.company, grant),
                "previous_refresh_token": self._sealed(row.company, used),
                "last_renewed_at": self._now(),
            }
            if await self._changed(row, changes):
                return grant.access_token
        # Somebody connected anew or disconnected meanwhile: theirs is what counts.
        if token := self._usable(await self._row(row.company), stale, timedelta()):
            return token
        raise Unreachable(_BEING_RENEWED).waiting("renewal")

    async def _granted(
        self, app: QuickBooksApp, current: str, before: str | None
    ) -> tuple[Grant, str]:
        """A grant, and the refresh token that gave it.

        After a lost answer the same token is tried once more, since nobody knows
        whether it was used up. If it was, the one before may still be honoured.
        """
        try:
            try:
                return await self._authority.refresh(app, current), current
            except NoAnswer:
                await asyncio.sleep(_jitter.uniform(0.2, 0.6))
                return await self._authority.refresh(app, current), current
        except BadGrant:
            if before is None or before == current:
                raise
            _log.warning("a refresh token is not taken; trying the one before")
            return await self._authority.refresh(app, before), before

    async def _lease(self, row: _ConnectionRow, owner: str) -> bool:
        now = self._now()
        async with self._engine.begin() as connection:
            taken = await connection.execute(
                update(_ConnectionRow)
                .where(
                    col(_ConnectionRow.company) == row.company,
                    col(_ConnectionRow.generation) == row.generation,
                    or_(
                        col(_ConnectionRow.renewer).is_(None),
                        col(_ConnectionRow.renewer_until) < now,
                    ),
                )
                .values(renewer=owner, renewer_until=now + _LEASE)
            )
        return bool(taken.rowcount)

    async def _release(self, company: str, owner: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_ConnectionRow)
                .where(
                    col(_ConnectionRow.company) == company,
                    col(_ConnectionRow.renewer) == owner,
                )
                .values(renewer=None, renewer_until=None)
            )

    async def _changed(self, row: _ConnectionRow, values: Mapping[str, Any]) -> bool:
        """Change a row if nobody else did since it was read; frees the lease too."""
        async with self._engine.begin() as connection:
            changed = await connection.execute(
                update(_ConnectionRow)
                .where(
                    col(_ConnectionRow.company) == row.company,
                    col(_ConnectionRow.generation) == row.generation,
                )
                .values(
                    **values,
                    generation=row.generation + 1,
                    renewer=None,
                    renewer_until=None,
                )
            )
        return bool(changed.rowcount)

    def _grant(self, company: str, grant: Grant) -> dict[str, Any]:
        values: dict[str, Any] = {
            "access_token": self._sealed(company, grant.access_token),
            "access_expires_at": grant.access_expires_at,
            "refresh_token": self._sealed(company, grant.refresh_token),
            "refresh_expires_at": grant.refresh_expires_at,
        }
        # Intuit says the hard end only when asked well; what was said stays said.
        if grant.refresh_hard_expires_at is not None:
            values["refresh_hard_expires_at"] = grant.refresh_hard_expires_at
        return values

    def _sealed(self, company: str, token: str) -> str:
        """A token for the row; it can be opened for this company only."""
        return self._keys.encrypt(f"{company}\n{token}".encode()).decode()

    def _clear(self, company: str, sealed: str) -> str:
        try:
            owner, _, token = self._keys.decrypt(sealed).decode().partition("\n")
        except InvalidToken:
            raise Disconnected(_UNREADABLE, company=company) from None
        if owner != company:
            raise Disconnected(_UNREADABLE, company=company)
        return token

    def _clear_if_any(self, company: str, sealed: str | None) -> str | None:
        """A token that can be done without, as where its key is gone."""
        try:
            return None if sealed is None else self._clear(company, sealed)
        except Disconnected:
            return None


def _facts(company: Company) -> dict[str, Any]:
    return {
        "name": company.name,
        "country": company.country,
        "currency": company.currency,
        "fiscal_year_start_month": company.fiscal_year_start_month,
        "custom_txn_numbers": company.custom_txn_numbers,
        "book_close_date": company.book_close_date,
    }


def _connected(row: _ConnectionRow) -> Connected:
    return Connected(
        company=Company(
            realm=row.realm,
            name=row.name,
            environment=Environment(row.environment),
            country=row.country,
            currency=row.currency,
            fiscal_year_start_month=row.fiscal_year_start_month,
            custom_txn_numbers=row.custom_txn_numbers,
            book_close_date=row.book_close_date,
        ),
        workspace=row.workspace,
        state=State(row.state),
        connected_by=row.connected_by,
        connected_at=row.connected_at,
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        refresh_hard_expires_at=row.refresh_hard_expires_at,
        ended_reason=row.ended_reason,
        last_renewed_at=row.last_renewed_at,
    )
