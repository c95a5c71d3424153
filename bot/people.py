"""Workspaces, the people in them, and who they are on each platform.

A Slack team or Teams tenant belongs to exactly one workspace; one that belongs
to none is turned away. A person is ours; an identity is what a platform calls
that person. Equal e-mail proposes that two identities are one person. It settles
that only where an operator or administrator has named the address and the platform
itself vouches for it (see `People`); otherwise a code does, shown on one platform
and entered on the other. What somebody says of themselves proves nothing.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, false, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals import tellings
from approvals.proposal import Audience, Denied, Person, Role, WantedTelling
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
    # Named by an operator or administrator, or vouched for by a platform. Any
    # other address is only what somebody says of themselves.
    email_verified: bool = Field(
        default=False, sa_column_kwargs={"server_default": false()}
    )
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
    email_verified: bool = Field(
        default=False, sa_column_kwargs={"server_default": false()}
    )
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
    """Who may speak to us, and as whom.

    A `Person`'s e-mail is given only where it is known to be theirs. `joining` are
    the platforms on which a further identity with that address is the same person
    without a code, where the platform vouches for a full member's address. Whom the
    operator or an administrator has named and nobody has seen yet is joined so on
    any platform.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        now: Callable[[], datetime],
        joining: Iterable[str] = (),
    ) -> None:
        self._joining = frozenset(joining)
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
                # Who only says that the address is theirs is made nothing by it.
                if known is not None and known.email_verified:
                    # An auditor is nothing else: whom the operator names is none.
                    roles = _person(known).roles - {Role.AUDITOR}
                    roles |= {Role.ADMIN, Role.STAFF}
                    known.roles = _roles_text(roles)
                    continue
                session.add(
                    _PersonRow(
                        id=uuid.uuid4().hex,
                        workspace_id=workspace,
                        name=email.split("@")[0],
                        email=email.lower(),
                        email_verified=True,
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
                if likely is not None and self._is_same(likely, sender):
                    return await self._join(session, likely, sender)
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
                    email_verified=_is_vouched(sender),
                    asked_at=self._now(),
                )
                session.add(request)
                await session.flush()
                return Newcomer(
                    _asked(request), True, _person(likely) if likely else None
                )
        except IntegrityError:  # two messages at once: the other one was first
            return await self._newcomer(sender, workspace)

    def _is_same(self, row: _PersonRow, sender: Sender) -> bool:
        """Whether an address makes a sender that person, without a code."""
        return (
            row.email_verified
            and _is_vouched(sender)
            and (row.awaited or sender.platform in self._joining)
        )

    async def _join(
        self, session: AsyncSession, row: _PersonRow, sender: Sender
    ) -> Person:
        """Let the sender be that person; they and the administrators are told."""
        session.add(_identity(sender, row.id, self._now()))
        if row.awaited:
            row.awaited = False
            row.name = sender.name or row.name
            return _person(row)
        where = sender.platform.title()
        key = f"{sender.platform}/{sender.tenant}/{sender.user}"
        said = (
            f"{row.name} ({row.email}) is known on {where} too from now on, by that"
            f" address; {where} calls them {sender.name or sender.user}. If that is"
            " not the same person, take their roles away under People at once."
        )
        await tellings.insert(
            session,
            (
                WantedTelling("joined", Audience.ADMINS, said, key),
                WantedTelling("joined", Audience.PEOPLE, said, key, (row.id,)),
            ),
            self._now(),
            workspace=row.workspace_id,
            company="",
        )
        return _person(row)

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
        """Remember what a platform says of a person: time zone, and a known address.

        An address that they gave before counts from when a platform vouches for it.
        """
        async with AsyncSession(self._reading) as session:
            row = await session.get(_PersonRow, person.id)
            if row is None:
                return
            news: dict[str, str | bool] = {}
            if sender.zone and row.zone != sender.zone:
                news["zone"] = sender.zone
            if (
                not row.email_verified
                and _is_vouched(sender)
                and row.email == (sender.email or "").lower()
            ):
                news["email_verified"] = True
        if not news:
            return
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_PersonRow).where(col(_PersonRow.id) == person.id).values(**news)
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
        awaited: bool = False,
    ) -> Person:
        """A new person of a workspace; `person` gives a fixed id (idempotent).

        For operators and administrators: the address counts as theirs. `awaited`:
        the first identity that a platform vouches for with that address is they.

        Raises:
            Denied: the roles do not go together, or the address is known already.
        """
        deny_mixed(roles := frozenset(roles))
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_PersonRow, person) if person else None
            if row is None:
                row = _PersonRow(
                    id=person or uuid.uuid4().hex,
                    workspace_id=workspace,
                    name=name,
                    email=email and email.lower(),
                    email_verified=bool(email),
                    awaited=awaited,
                    roles=_roles_text(roles),
                    created_at=self._now(),
                )
                session.add(row)
            return _person(row)

    async def enrol_by_email(
        self, workspace: str, name: str, email: str, roles: Iterable[Role]
    ) -> Person | None:
        """Await somebody with an address; None: somebody has it here already.

        Raises:
            Denied: the roles do not go together.
        """
        async with AsyncSession(self._reading) as session:
            if await _by_email(session, workspace, email) is not None:
                return None
        # The address makes the id, so that two who do this at once make one person.
        digest = hashlib.sha256(f"{workspace}/{email.lower()}".encode()).hexdigest()
        return await self.enrol(
            workspace, name, roles, email=email, person=digest[:32], awaited=True
        )

    async def identify(self, person: str, sender: Sender) -> None:
        """Let a platform's user be that person."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.merge(_identity(sender, person, self._now()))

    async def set_roles(self, person: str, roles: Iterable[Role]) -> Person | None:
        """Replace a person's roles.

        Raises:
            Denied: they do not go together.
        """
        deny_mixed(roles := frozenset(roles))
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
                email_verified=row.email_verified,
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
            # Locked: a code is good once, also in the same moment.
            row = await session.get(_CodeRow, _digest(code), with_for_update=True)
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
    email = row.email if row.email_verified else None
    return Person(row.id, row.workspace_id, row.name, roles, email)


def deny_mixed(roles: Iterable[Role]) -> None:
    """Deny roles that do not go together.

    Raises:
        Denied: an auditor who is something else as well.
    """
    given = frozenset(roles)
    if Role.AUDITOR in given and len(given) > 1:
        raise Denied(
            "An auditor reads everything and decides nothing, so the role stands"
            " alone. Nothing has been changed.",
            rule="role",
        )


def _is_vouched(sender: Sender) -> bool:
    """Whether the platform itself vouches for the address of a full member."""
    return bool(
        sender.email
        and sender.vouched
        and sender.is_email_verified
        and not sender.guest
    )


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
        # An address that is known to be somebody's goes before one that is said.
        .order_by(col(_PersonRow.email_verified).desc(), col(_PersonRow.created_at))
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
