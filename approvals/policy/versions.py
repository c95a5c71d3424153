"""Every text of the policy that was ever in force, by its digest.

A proposal keeps the rule that it was made under, with the digest of the policy: here
is what that policy said. One version is in force; when another one comes, that is a
line in the workspace's trail, and the administrators are told, once, however many
processes notice.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import false, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals import tellings
from approvals.policy.choosing import Policy
from approvals.policy.values import Broken, Version
from approvals.proposal import Audience, WantedTelling
from approvals.trail import Trail
from qbo.columns import UtcTime

BUILT_IN = "built-in"  # no file was named
UNREADABLE = "unreadable"


class PolicyVersionRow(SQLModel, table=True):
    """One text of the policy."""

    __tablename__ = "policy_version"
    digest: str = Field(primary_key=True)
    text: str
    file: str
    sound: bool
    first_seen_at: datetime = Field(sa_type=UtcTime)
    # The process that saw it first.
    owner: str
    in_force: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    # In whose trail a line tells of it; None where that is not known, or none does.
    workspace: str | None = None


def key_of(policy: Policy | Broken) -> str:
    """What a policy is kept under."""
    absent = UNREADABLE if isinstance(policy, Broken) else BUILT_IN
    return policy.digest or absent


async def told(session: AsyncSession, workspace: str) -> int:
    """How many lines its policies have in a workspace's trail, at the least."""
    found = await session.scalar(
        select(func.count())
        .select_from(PolicyVersionRow)
        .where(col(PolicyVersionRow.workspace) == workspace)
    )
    return int(found or 0)


async def workspaces(session: AsyncSession) -> tuple[str, ...]:
    """The workspaces whose trails tell of a policy."""
    found = await session.scalars(
        select(col(PolicyVersionRow.workspace))
        .where(col(PolicyVersionRow.workspace).is_not(None))
        .distinct()
    )
    return tuple(each for each in found if each is not None)


class Versions:
    """Keeps the policies that were in force."""

    def __init__(self, engine: AsyncEngine, reading: AsyncEngine, trail: Trail) -> None:
        self._engine = engine
        self._reading = reading
        self._trail = trail

    async def in_force(
        self,
        policy: Policy | Broken,
        sentence: str,
        *,
        workspace: str,
        file: str,
        owner: str,
        at: datetime,
    ) -> bool:
        """Note that a policy holds from now on; False where it did already.

        The administrators are told `sentence`, unless a first policy is sound.
        """
        digest = key_of(policy)
        values = {
            "digest": digest,
            "text": policy.text,
            "file": file,
            "sound": isinstance(policy, Policy),
            "first_seen_at": at,
            "owner": owner,
            "in_force": False,
            # The built-in one is told of only where another was in force before.
            "workspace": None if digest == BUILT_IN else workspace,
        }
        insert = (
            postgresql.insert
            if self._engine.dialect.name == "postgresql"
            else sqlite.insert
        )
        row = col(PolicyVersionRow.digest)
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                insert(PolicyVersionRow).values(values).on_conflict_do_nothing()
            )
            # Whoever is first turns it on; another process then finds it so.
            turned = await session.execute(
                update(PolicyVersionRow)
                .where(row == digest, ~col(PolicyVersionRow.in_force))
                .values(in_force=True)
            )
            assert isinstance(turned, CursorResult), "an update without a count"
            if not turned.rowcount:
                return False
            before = await session.scalar(
                update(PolicyVersionRow)
                .where(row != digest, col(PolicyVersionRow.in_force))
                .values(in_force=False)
                .returning(row)
            )
            if before is None and isinstance(policy, Policy) and not policy.digest:
                return True
            await self._tell(
                session, policy, sentence, (before, digest), workspace, file, at
            )
        return True

    async def _tell(
        self,
        session: AsyncSession,
        policy: Policy | Broken,
        sentence: str,
        digests: tuple[str | None, str],
        workspace: str,
        file: str,
        at: datetime,
    ) -> None:
        before, after = digests
        line = await self._trail.append(
            session,
            f"workspace:{workspace}",
            at=at,
            event="policy",
            who=("", "Countersign", "countersign"),
            facts={
                "before": before,
                "digest": after,
                "file": file,
                "sound": "yes" if isinstance(policy, Policy) else "no",
                "line": policy.line if isinstance(policy, Broken) else None,
            },
        )
        if before is None and isinstance(policy, Policy):
            return
        wanted = WantedTelling("policy", Audience.ADMINS, sentence, f"{line.seq}")
        await tellings.insert(session, (wanted,), at, workspace=workspace, company="")

    async def all(self, limit: int = 50) -> Sequence[Version]:
        """The versions that are known, the newest first."""
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(PolicyVersionRow)
                .order_by(
                    col(PolicyVersionRow.first_seen_at).desc(),
                    col(PolicyVersionRow.digest),
                )
                .limit(limit)
            )
            return tuple(_version(row) for row in rows)

    async def one(self, digest: str) -> Version | None:
        """The version with that digest, or with one that begins so (8 letters)."""
        if len(digest) < 8:  # noqa: PLR2004 - as many as are shown
            return None
        async with AsyncSession(self._reading) as session:
            row = await session.scalar(
                select(PolicyVersionRow)
                .where(col(PolicyVersionRow.digest).startswith(digest, autoescape=True))
                .limit(1)
            )
            return _version(row) if row else None


def _version(row: PolicyVersionRow) -> Version:
    return Version(
        row.digest,
        row.text,
        row.file,
        row.sound,
        row.first_seen_at,
        row.owner,
        row.in_force,
    )
