"""Where each person of a tenant is reached in Teams, as the activities told us.

A bot may write to a person first only where it knows the conversation or how the
service calls that person; both are kept from what arrives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from bot.teams_activities import Origin
from qbo.columns import UtcTime


class _ReferenceRow(SQLModel, table=True):
    __tablename__ = "teams_reference"
    tenant: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    account: str
    service: str
    bot: str
    personal: str | None = None
    changed_at: datetime = Field(sa_type=UtcTime)


@dataclass(frozen=True, slots=True)
class Reference:
    """How to reach a person: `personal` is the chat with us, None when unknown."""

    account: str
    service: str
    bot: str
    personal: str | None


class TeamsPeople:
    """The references, kept in the database."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    async def find(self, tenant: str, user: str) -> Reference | None:
        """How to reach a person, as last heard."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_ReferenceRow, (tenant, user))
            if row is None:
                return None
            return Reference(row.account, row.service, row.bot, row.personal)

    async def service(self, tenant: str) -> str | None:
        """The service address that the tenant's activities came from last."""
        async with AsyncSession(self._reading) as session:
            found: str | None = await session.scalar(
                select(col(_ReferenceRow.service))
                .where(col(_ReferenceRow.tenant) == tenant)
                .order_by(col(_ReferenceRow.changed_at).desc())
                .limit(1)
            )
            return found

    async def seen(self, origin: Origin) -> None:
        """Remember what an activity tells; written only where it is news."""
        known = await self.find(origin.tenant, origin.user)
        personal = origin.conversation if origin.private else None
        news = Reference(
            origin.account,
            origin.service,
            origin.bot,
            personal or (known.personal if known else None),
        )
        if known != news:
            await self._keep(origin.tenant, origin.user, news)

    async def opened(self, tenant: str, user: str, reference: Reference) -> None:
        """Remember a chat that we opened."""
        await self._keep(tenant, user, reference)

    async def left(self, tenant: str, conversation: str) -> None:
        """Forget a personal chat from which we were uninstalled."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_ReferenceRow)
                .where(
                    col(_ReferenceRow.tenant) == tenant,
                    col(_ReferenceRow.personal) == conversation,
                )
                .values(personal=None, changed_at=self._now())
            )

    async def _keep(self, tenant: str, user: str, reference: Reference) -> None:
        for last in (False, True):
            row = _ReferenceRow(
                tenant=tenant,
                user=user,
                account=reference.account,
                service=reference.service,
                bot=reference.bot,
                personal=reference.personal,
                changed_at=self._now(),
            )
            try:
                async with AsyncSession(self._engine) as session, session.begin():
                    await session.merge(row)
            except IntegrityError:  # two first messages at once
                if last:
                    raise
            else:
                return
