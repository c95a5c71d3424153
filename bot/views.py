"""What the console is given to look at, in the shapes it asks for."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from approvals import stages
from approvals.desk import Desk
from approvals.evidence import Evidence
from approvals.proposal import (
    Denied,
    Person,
    Proposal,
    Role,
    Status,
    TrailLine,
)
from bot import audit, editing
from bot.console import ports
from bot.people import People
from bot.platform import Place
from cards import proposals
from cards.card import Card
from cards.plain import title
from qbo.connection import Connected, Connection, State
from qbo.ledger import Ledger

_EMAIL = re.compile(r"[^@\s,]{1,64}@[^@\s,]{1,189}\.[^@\s,]{2,63}")
_STATES = {
    State.CONFIRMING: ports.ConnectionState.UNCONFIRMED,
    State.CONNECTED: ports.ConnectionState.CONNECTED,
    State.ENDED: ports.ConnectionState.ENDED,
    State.DISCONNECTED: ports.ConnectionState.DISCONNECTED,
}


class PeopleView:
    """Who is who, for the console's pages."""

    def __init__(
        self, people: People, changed: Callable[[str], Awaitable[None]]
    ) -> None:
        """`changed` is called with a workspace whose people's roles have changed."""
        self._people = people
        self._changed = changed

    async def person(self, person_id: str) -> Person | None:
        """The person as they are now; None when they are no longer let in."""
        found = await self._people.person(person_id)
        return found if found is not None and found.roles else None

    async def people(self, workspace: str) -> tuple[ports.Member, ...]:
        """Everybody of the workspace, by name."""
        return tuple(
            [
                ports.Member(
                    person,
                    tuple(
                        ports.Identity(each.platform, each.user)
                        for each in await self._people.identities(person.id)
                    ),
                )
                for person in await self._people.people(workspace)
            ]
        )

    async def requests(self, workspace: str) -> tuple[ports.AccessRequest, ...]:
        """Who waits to be let in, the oldest first."""
        return tuple(
            ports.AccessRequest(
                token=each.id,
                name=each.sender.name or each.sender.user,
                platform=each.sender.platform,
                at=each.asked_at,
                email=each.sender.email,
            )
            for each in await self._people.requests(workspace)
        )

    async def set_roles(
        self, admin: Person, person_id: str, roles: frozenset[Role]
    ) -> None:
        """Give a person of the admin's workspace exactly these roles.

        Raises:
            Denied: not this admin's to do, or nobody would be left as admin.
        """
        admins = await self._people.having(admin.workspace, Role.ADMIN)
        if admin.id not in {each.id for each in admins}:
            raise Denied("Giving roles is for administrators.", rule="role")
        person = await self._people.person(person_id)
        if person is None or person.workspace != admin.workspace:
            raise Denied("There is no such person here.", rule="state")
        if {each.id for each in admins} == {person_id} and Role.ADMIN not in roles:
            raise Denied(
                "Somebody has to stay administrator. Nothing has been changed.",
                rule="state",
            )
        await self._people.set_roles(person_id, roles)
        await self._changed(admin.workspace)

    async def enrol(
        self, admin: Person, name: str, email: str, roles: frozenset[Role]
    ) -> None:
        """Let somebody in by an address that a platform will vouch for.

        Raises:
            Denied: not this admin's to do, or no such name, address or roles.
        """
        current = await self._people.person(admin.id)
        if current is None or Role.ADMIN not in current.roles:
            raise Denied("Letting people in is for administrators.", rule="role")
        name, email = " ".join(name.split()), email.strip().lower()
        if not name or not _EMAIL.fullmatch(email) or not roles:
            raise Denied(
                "Give a name, an e-mail address and at least one role. Nobody was let"
                " in.",
                rule="state",
            )
        if not await self._people.enrol_by_email(admin.workspace, name, email, roles):
            raise Denied(
                f"Somebody with the address {email} is known here already. Nothing has"
                " been changed.",
                rule="twice",
            )
        await self._changed(admin.workspace)


class ProposalsView:
    """The proposals of a workspace, to read."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(
        self, workspace: str, statuses: frozenset[Status], limit: int = 100
    ) -> tuple[Proposal, ...]:
        """Those in one of these statuses, the newest first."""
        return await self._desk.proposals(workspace, statuses=statuses, limit=limit)

    async def by_number(self, workspace: str, number: str) -> Proposal | None:
        """The one people call "P-17", in the newest revision."""
        return await self._desk.by_number(workspace, number)

    async def trail(self, proposal: Proposal) -> tuple[TrailLine, ...]:
        """All that happened to it, the oldest first."""
        return await self._desk.trail(proposal.id)

    async def pulse(self, workspace: str) -> ports.Pulse:
        """How they stand."""
        waiting, stamp = await self._desk.pulse(workspace)
        return ports.Pulse(waiting, stamp)


class ConnectionsView:
    """The companies of a workspace."""

    def __init__(
        self,
        connection: Connection,
        synced_at: Callable[[str], Awaitable[datetime | None]],
        people: People,
    ) -> None:
        self._connection = connection
        self._synced_at = synced_at
        self._people = people

    async def companies(self, workspace: str) -> tuple[ports.CompanyConnection, ...]:
        """All of them, connected ones first."""
        known = await self._connection.companies(workspace)
        shown = [await self._company(each) for each in known]
        order = list(ports.ConnectionState)
        return tuple(sorted(shown, key=lambda each: order.index(each.state)))

    async def _company(self, connected: Connected) -> ports.CompanyConnection:
        by = await self._people.person(connected.connected_by)
        confirming = connected.state is State.CONFIRMING
        return ports.CompanyConnection(
            company=connected.company,
            state=_STATES[connected.state],
            detail=connected.ended_reason or "",
            connected_by=by.name if by else None,
            connected_at=connected.connected_at,
            access_until=connected.access_expires_at,
            refresh_until=connected.refresh_expires_at,
            synced_at=await self._synced_at(connected.company.id),
            confirm_token=connected.company.id if confirming else None,
        )


class AuditView:
    """The trail of a workspace, for auditors."""

    def __init__(self, desk: Desk, connection: Connection) -> None:
        self._desk = desk
        self._connection = connection

    async def evidence(self, proposal_id: str) -> Evidence | None:
        """All there is of a proposal."""
        return await self._desk.audit.evidence(proposal_id)

    async def trails(self, workspace: str) -> tuple[ports.TrailCheck, ...]:
        """The trails of a workspace, each checked line by line."""
        known = await self._connection.companies(workspace)
        companies = {each.company.id: title(each.company) for each in known}
        return tuple(
            ports.TrailCheck(each.name, each.found.seq, each.sound, each.sentences)
            for each in await audit.of_workspace(self._desk.audit, companies, workspace)
        )


def proposal_card(
    desk: Desk, proposal: Proposal, viewer: Person, now: datetime
) -> Card:
    """A proposal on a page, with that viewer's buttons."""
    page = Place("console", viewer.workspace, viewer.id).text()
    return proposals.card(
        proposal,
        viewer=viewer,
        actions=(
            *desk.actions(proposal, viewer, page),
            *stages.hands(proposal, viewer),
            *(("edit",) if editing.offered(proposal, viewer, now) else ()),
        ),
        token=lambda verb: desk.token("", proposal, verb),
        now=now,
    )


def synced_at(ledger: Ledger) -> Callable[[str], Awaitable[datetime | None]]:
    """When a company's local copy was last brought up to date."""

    async def found(company: str) -> datetime | None:
        return (await ledger.status(company)).fresh_at

    return found
