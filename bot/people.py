"""Workspaces, the people in them, and who they are on each platform.

A Slack team or Teams tenant belongs to exactly one workspace; one that belongs
to none is turned away. A person is ours; an identity is what a platform calls
that person. Equal e-mail only proposes that two identities are one person: a
code shown on one platform and entered on the other settles it.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals.proposal import Person, Role
from bot.platform import Sender
from qbo.columns import UtcTime

LINK_CODE_MINUTES = 10
# Read aloud and typed by hand: no letters that look like digits.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class _WorkspaceRow(SQLModel, table=True):
    __tablename__ = "workspace"
    id: str = Field(primary_key=True)
    name: str
    approvals_place: str | None = None
    created_at: datetime = Field(sa_type=UtcTime)


class _TenantRow(SQLModel, table=True):
    __tablename__ = "tenant"
    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id")


class _PersonRow(SQLModel, table=True):
    __tablename__ = "person"
    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    name: str
    email: str | None = None
    roles: str = ""
    zone: str = ""
    # Named by the operator and not yet seen: the first identity with the address
    # is they. Everybody else proves it with a code.
    awaited: bool = False
    created_at: datetime = Field(sa_type=UtcTime)


class _IdentityRow(SQLModel, table=True):
    __tablename__ = "identity"
    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=UtcTime)


class _RequestRow(SQLModel, table=True):
    __tablename__ = "access_request"
    __table_args__ = (UniqueConstraint("platform", "tenant", "user"),)
    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    platform: str
    tenant: str
    user: str
    name: str
    email: str | None = None
    asked_at: datetime = Field(sa_type=UtcTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    decided_by: str | None = None
    granted: str | None = None


class _CodeRow(SQLModel, table=True):
    __tablename__ = "link_code"
    digest: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    expires_at: datetime = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcTime)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The people and companies that belong together.

    `approvals_place` is where waiting proposals are shown to all, as the
    platform's place text; None: each approver is told privately.
    """

    id: str
    name: str
    approvals_place: str | None = None


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Somebody of a known workspace who is not yet one of its people."""

    id: str
    workspace: str
    sender: Sender
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Stranger:
    """A sender whose team or tenant belongs to no workspace."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A sender of a known workspace whom nobody has let in.

    `is_new` is True the first time only: then the admins are told. `likely` is
    the person who has the same e-mail address, when there is one.
    """

    request: AccessRequest
    is_new: bool
    likely: Person | None


class Unlinkable(Exception):
    """The link code does not work; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class People:
    """Who may speak to us, and as whom."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    # --- workspaces ---------------------------------------------------------------

    async def open_workspace(
        self, workspace: str, name: str, admins: Iterable[str] = ()
    ) -> Workspace:
        """The workspace of that id, made where it is missing.

        `admins` are e-mail addresses: whoever has one is made an administrator, and
        where nobody has it, the first identity with that address will be.
        """
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_WorkspaceRow, workspace)
            if row is None:
                row = _WorkspaceRow(id=workspace, name=name, created_at=self._now())
                session.add(row)
                await session.flush()
            for email in admins:
                known = await _by_email(session, workspace, email)
                if known is not None:
                    roles = _person(known).roles | {Role.ADMIN, Role.STAFF}
                    known.roles = _roles_text(roles)
                    continue
                session.add(
                    _PersonRow(
                        id=uuid.uuid4().hex,
                        workspace_id=workspace,
                        name=email.split("@")[0],
                        email=email.lower(),
                        roles=_roles_text({Role.ADMIN, Role.STAFF}),
                        awaited=True,
                        created_at=self._now(),
                    )
                )
            return Workspace(row.id, row.name, row.approvals_place)

    async def bind(self, platform: str, tenant: str, workspace: str) -> None:
        """Let a platform's tenant belong to a workspace; the first one keeps it.

        Raises:
            ValueError: the tenant belongs to another workspace already.
        """
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_TenantRow, (platform, tenant))
            if row is None:
                session.add(
                    _TenantRow(platform=platform, tenant=tenant, workspace_id=workspace)
                )
            elif row.workspace_id != workspace:
                raise ValueError(
                    f"the {platform} tenant {tenant} belongs to another workspace"
                )

    async def tenants(self, workspace: str, platform: str) -> tuple[str, ...]:
        """The tenants of a platform that belong to a workspace."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(col(_TenantRow.tenant))
                .where(
                    col(_TenantRow.workspace_id) == workspace,
                    col(_TenantRow.platform) == platform,
                )
                .order_by(col(_TenantRow.tenant))
            )
            return tuple(found)

    async def workspace(self, workspace: str) -> Workspace | None:
        """One workspace."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_WorkspaceRow, workspace)
            return Workspace(row.id, row.name, row.approvals_place) if row else None

    async def show_approvals_at(self, workspace: str, place: str | None) -> None:
        """Show waiting proposals at one place, or privately to each approver."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_WorkspaceRow)
                .where(col(_WorkspaceRow.id) == workspace)
                .values(approvals_place=place)
            )

    # --- recognition --------------------------------------------------------------

    async def recognise(self, sender: Sender) -> Person | Newcomer | Stranger:
        """Who a sender is to us. A newcomer's wish for access is kept."""
        if sender.platform == "console":
            # The console's users are our own people; it has let them in itself.
            found = await self.person(sender.user)
            is_ours = found is not None and found.workspace == sender.tenant
            return found if found is not None and is_ours else Stranger()
        async with AsyncSession(self._reading) as session:
            tenant = await session.get(_TenantRow, (sender.platform, sender.tenant))
            if tenant is None:
                return Stranger()
            identity = await session.get(
                _IdentityRow, (sender.platform, sender.tenant, sender.user)
            )
            if identity is not None:
                row = await session.get(_PersonRow, identity.person_id)
                assert row is not None, "an identity without its person"
                if row.workspace_id == tenant.workspace_id:
                    return _person(row)
        return await self._newcomer(sender, tenant.workspace_id)

    async def _newcomer(self, sender: Sender, workspace: str) -> Person | Newcomer:
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                likely = (
                    await _by_email(session, workspace, sender.email)
                    if sender.email
                    else None
                )
                if likely is not None and likely.awaited:
                    session.add(_identity(sender, likely.id, self._now()))
                    likely.awaited = False
                    likely.name = sender.name or likely.name
                    return _person(likely)
                request = await _request(session, sender)
                if request is not None:
                    return Newcomer(
                        _asked(request), False, _person(likely) if likely else None
                    )
                request = _RequestRow(
                    id=uuid.uuid4().hex,
                    workspace_id=workspace,
                    platform=sender.platform,
                    tenant=sender.tenant,
                    user=sender.user,
                    name=sender.name,
                    email=sender.email,
                    asked_at=self._now(),
                )
                session.add(request)
                await session.flush()
                return Newcomer(
                    _asked(request), True, _person(likely) if likely else None
                )
        except IntegrityError:  # two messages at once: the other one was first
            return await self._newcomer(sender, workspace)

    async def person(self, person: str) -> Person | None:
        """One person by our id."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_PersonRow, person)
            return _person(row) if row else None

    async def people(self, workspace: str) -> tuple[Person, ...]:
        """Everybody of a workspace, by name."""
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(_PersonRow)
                .where(col(_PersonRow.workspace_id) == workspace)
                .order_by(func.lower(_PersonRow.name), col(_PersonRow.id))
            )
            return tuple(_person(row) for row in rows)

    async def having(self, workspace: str, role: Role) -> tuple[Person, ...]:
        """Everybody of a workspace with that role, by name."""
        return tuple(
            person for person in await self.people(workspace) if role in person.roles
        )

    async def identities(self, person: str) -> tuple[Sender, ...]:
        """What the platforms call a person, oldest first."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_PersonRow, person)
            return tuple(
                Sender(
                    identity.platform,
                    identity.tenant,
                    identity.user,
                    row.name if row else "",
                )
                for identity in await _identities(session, person)
            )

    async def zone(self, person: str) -> str:
        """The person's IANA time zone as last heard from a platform, or ""."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_PersonRow, person)
            return row.zone if row else ""

    async def heard_from(self, person: Person, sender: Sender) -> None:
        """Remember what a platform says of a person: name and time zone."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_PersonRow, person.id)
            if row is None or not sender.zone or row.zone == sender.zone:
                return
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_PersonRow)
                .where(col(_PersonRow.id) == person.id)
                .values(zone=sender.zone)
            )

    # --- access -------------------------------------------------------------------

    async def enrol(
        self,
        workspace: str,
        name: str,
        roles: Iterable[Role],
        *,
        email: str | None = None,
        person: str | None = None,
    ) -> Person:
        """A new person of a workspace; `person` gives a fixed id (idempotent)."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_PersonRow, person) if person else None
            if row is None:
                row = _PersonRow(
                    id=person or uuid.uuid4().hex,
                    workspace_id=workspace,
                    name=name,
                    email=email and email.lower(),
                    roles=_roles_text(roles),
                    created_at=self._now(),
                )
                session.add(row)
            return _person(row)

    async def identify(self, person: str, sender: Sender) -> None:
        """Let a platform's user be that person."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.merge(_identity(sender, person, self._now()))

    async def set_roles(self, person: str, roles: Iterable[Role]) -> Person | None:
        """Replace a person's roles."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_PersonRow, person)
            if row is None:
                return None
            row.roles = _roles_text(roles)
            return _person(row)

    async def requests(self, workspace: str) -> tuple[AccessRequest, ...]:
        """Wishes for access that nobody has decided, oldest first."""
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(_RequestRow)
                .where(
                    col(_RequestRow.workspace_id) == workspace,
                    col(_RequestRow.decided_at).is_(None),
                )
                .order_by(col(_RequestRow.asked_at))
            )
            return tuple(_asked(row) for row in rows)

    async def grant(
        self, request: str, admin: Person, roles: Iterable[Role]
    ) -> tuple[AccessRequest, Person | None] | None:
        """Let a newcomer in with those roles, or (no roles) keep them out.

        Returns None when there is no such request of the admin's workspace or it
        was decided before; the person is None when kept out.

        Raises:
            Unlinkable: somebody with that e-mail address is known here already.
        """
        wanted = frozenset(roles)
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_RequestRow, request)
            if (
                row is None
                or row.workspace_id != admin.workspace
                or row.decided_at is not None
            ):
                return None
            known = (
                await _by_email(session, row.workspace_id, row.email)
                if row.email and wanted
                else None
            )
            if known is not None:
                # A second person of one human could approve the first one's wishes.
                raise Unlinkable(
                    f"{row.name or row.user} has the e-mail address of {known.name},"
                    " who is known here already. If they are one person, they type"
                    " `link` where they are known and enter the code on the other"
                    " platform. Nobody was given access."
                )
            row.decided_at = self._now()
            row.decided_by = admin.id
            row.granted = _roles_text(wanted)
            if not wanted:
                return _asked(row), None
            made = _PersonRow(
                id=uuid.uuid4().hex,
                workspace_id=row.workspace_id,
                name=row.name or row.user,
                email=row.email and row.email.lower(),
                roles=row.granted,
                created_at=self._now(),
            )
            session.add(made)
            await session.flush()
            session.add(_identity(_asked(row).sender, made.id, self._now()))
            return _asked(row), _person(made)

    # --- one person on two platforms ------------------------------------------------

    async def link_code(self, person: Person) -> str:
        """A code, good for ten minutes and once, to enter on another platform."""
        code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))
        async with AsyncSession(self._engine) as session, session.begin():
            session.add(
                _CodeRow(
                    digest=_digest(code),
                    person_id=person.id,
                    expires_at=self._now() + timedelta(minutes=LINK_CODE_MINUTES),
                )
            )
        return f"{code[:5]}-{code[5:]}"

    async def link(self, code: str, sender: Sender) -> Person:
        """Let the sender be the person who was shown the code.

        Raises:
            Unlinkable: no such code, used, expired, or of another workspace.
        """
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_CodeRow, _digest(code))
            tenant = await session.get(_TenantRow, (sender.platform, sender.tenant))
            person = await session.get(_PersonRow, row.person_id) if row else None
            if (
                row is None
                or person is None
                or tenant is None
                or tenant.workspace_id != person.workspace_id
            ):
                raise Unlinkable("I do not know this code. Nothing has been changed.")
            if row.used_at is not None or row.expires_at < self._now():
                raise Unlinkable(
                    "This code is no longer good. Type `link` where you are known to"
                    " get a fresh one. Nothing has been changed."
                )
            row.used_at = self._now()
            await session.merge(_identity(sender, person.id, self._now()))
            request = await _request(session, sender)
            if request is not None and request.decided_at is None:
                request.decided_at = self._now()
                request.decided_by = person.id
                request.granted = person.roles
            return _person(person)


def _person(row: _PersonRow) -> Person:
    roles = frozenset(Role(role) for role in row.roles.split(",") if role)
    return Person(row.id, row.workspace_id, row.name, roles, row.email)


def _roles_text(roles: Iterable[Role]) -> str:
    return ",".join(sorted(set(roles)))


def _identity(sender: Sender, person: str, at: datetime) -> _IdentityRow:
    return _IdentityRow(
        platform=sender.platform,
        tenant=sender.tenant,
        user=sender.user,
        person_id=person,
        created_at=at,
    )


def _asked(row: _RequestRow) -> AccessRequest:
    sender = Sender(row.platform, row.tenant, row.user, row.name, row.email)
    return AccessRequest(row.id, row.workspace_id, sender, row.asked_at)


def _digest(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


async def _by_email(
    session: AsyncSession, workspace: str, email: str
) -> _PersonRow | None:
    found: _PersonRow | None = await session.scalar(
        select(_PersonRow)
        .where(
            col(_PersonRow.workspace_id) == workspace,
            col(_PersonRow.email) == email.lower(),
        )
        .limit(1)
    )
    return found


async def _identities(session: AsyncSession, person: str) -> list[_IdentityRow]:
    rows = await session.scalars(
        select(_IdentityRow)
        .where(col(_IdentityRow.person_id) == person)
        .order_by(col(_IdentityRow.created_at))
    )
    return list(rows)


async def _request(session: AsyncSession, sender: Sender) -> _RequestRow | None:
    found: _RequestRow | None = await session.scalar(
        select(_RequestRow).where(
            col(_RequestRow.platform) == sender.platform,
            col(_RequestRow.tenant) == sender.tenant,
            col(_RequestRow.user) == sender.user,
        )
    )
    return found
