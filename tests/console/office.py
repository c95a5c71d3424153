"""A small office around the console: the far side of its ports, on loopback.

Nothing of ours is replaced: the real console runs on a real server, and what
stands here is only what it is given from outside.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import aiohttp
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.evidence import Evidence
from approvals.proposal import Denied, Person, Proposal, Role, Rule, Status, TrailLine
from bot.console.platform import Console
from bot.console.ports import (
    AccessRequest,
    CompanyConnection,
    ConnectionState,
    ConsoleSettings,
    Identity,
    Member,
    Persona,
    Ports,
    Pulse,
    TrailCheck,
)
from bot.platform import ChatMessage, Press, Reply
from cards.card import Button, Card, Fact, Field, Section, Style, Table, Tone
from qbo.books import Circumstances, Company, Draft, Environment, Money

W = "w1"
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
COMPANY = Company("4620816365", "Harbour & Pine Landscaping", Environment.SIMULATOR)
SAM = Person("sam", W, "Sam", frozenset({Role.STAFF}), "sam@example.com")
PRIYA = Person(
    "priya", W, "Priya", frozenset({Role.STAFF, Role.APPROVER}), "priya@example.com"
)
ALEX = Person("alex", W, "Alex", frozenset({Role.ADMIN}), "alex@example.com")
STRANGER = Person("eve", "w2", "Eve", frozenset({Role.ADMIN}))
PERSONAS = (
    Persona("sam", "Sam", "Staff"),
    Persona("priya", "Priya", "Approver"),
    Persona("alex", "Alex", "Admin"),
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Listener:
    """The far side of `Hearer`: keeps what it hears, and does as it is told."""

    def __init__(self) -> None:
        self.accepted: list[ChatMessage | Press] = []
        self.begun: list[ChatMessage | Press] = []
        self.pressed: list[Press] = []
        self.fails = False
        self.answer: Callable[[ChatMessage], Awaitable[None]] | None = None
        self.reply: Callable[[Press], Awaitable[Reply]] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, event: ChatMessage | Press) -> bool:
        if self.fails:
            raise RuntimeError("the inbox cannot be written; token=hunter2")
        known = {each.event for each in self.accepted}
        self.accepted.append(event)
        return event.event not in known

    def begin(self, event: ChatMessage | Press) -> None:
        self.begun.append(event)
        if self.answer is not None and isinstance(event, ChatMessage):
            task = asyncio.ensure_future(_run(self.answer, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def press(self, press: Press) -> Reply:
        self.pressed.append(press)
        return await self.reply(press) if self.reply else Reply()


async def _run(
    answer: Callable[[ChatMessage], Awaitable[None]], event: ChatMessage
) -> None:
    await answer(event)


class Crew:
    """The far side of `People`."""

    def __init__(self) -> None:
        self.known = {each.id: each for each in (SAM, PRIYA, ALEX, STRANGER)}
        self.asked: tuple[AccessRequest, ...] = ()
        self.fails = False

    async def person(self, person_id: str) -> Person | None:
        return self.known.get(person_id)

    async def people(self, workspace: str) -> tuple[Member, ...]:
        if self.fails:
            raise RuntimeError("people cannot be read; token=hunter2")
        return tuple(
            Member(each, (Identity("slack", f"@{each.name.lower()}"),))
            for each in self.known.values()
            if each.workspace == workspace
        )

    async def requests(self, workspace: str) -> tuple[AccessRequest, ...]:
        return self.asked if workspace == W else ()

    async def enrol(
        self, admin: Person, name: str, email: str, roles: frozenset[Role]
    ) -> None:
        person = Person(email, admin.workspace, name, roles, email)
        self.known[person.id] = person

    async def set_roles(
        self, admin: Person, person_id: str, roles: frozenset[Role]
    ) -> None:
        if person_id == admin.id and Role.ADMIN not in roles:
            raise Denied("Nobody would be left as an admin.", rule="role")
        self.known[person_id] = replace(self.known[person_id], roles=roles)


class Tray:
    """The far side of `Proposals` and of `Audit`."""

    def __init__(self) -> None:
        self.held: list[Proposal] = []
        self.lines: tuple[TrailLine, ...] = ()
        self.proofs: dict[str, Evidence] = {}
        self.trail_checks: tuple[TrailCheck, ...] = ()

    async def list(
        self, workspace: str, statuses: frozenset[Status], limit: int = 100
    ) -> tuple[Proposal, ...]:
        fits = [
            each
            for each in reversed(self.held)
            if each.workspace == workspace and each.status in statuses
        ]
        return tuple(fits[:limit])

    async def by_number(self, workspace: str, number: str) -> Proposal | None:
        for each in self.held:
            if (each.workspace, each.number) == (workspace, number):
                return each
        return None

    async def trail(self, proposal: Proposal) -> tuple[TrailLine, ...]:
        return tuple(each for each in self.lines if each.proposal == proposal.number)

    async def evidence(self, proposal_id: str) -> Evidence | None:
        return self.proofs.get(proposal_id)

    async def trails(self, workspace: str) -> tuple[TrailCheck, ...]:
        return self.trail_checks if workspace == W else ()

    async def pulse(self, workspace: str) -> Pulse:
        mine = [each for each in self.held if each.workspace == workspace]
        waiting = [
            each for each in mine if each.status in {Status.PENDING, Status.UNCONFIRMED}
        ]
        return Pulse(len(waiting), f"{len(mine)}.{sum(each.version for each in mine)}")

    def move(self, number: str, status: Status) -> Proposal:
        """Move a proposal as the desk would."""
        index = next(i for i, each in enumerate(self.held) if each.number == number)
        before = self.held[index]
        self.held[index] = replace(before, status=status, version=before.version + 1)
        return self.held[index]


class Switchboard:
    """The far side of `Connections`."""

    def __init__(self) -> None:
        self.held: tuple[CompanyConnection, ...] = (
            CompanyConnection(
                COMPANY,
                ConnectionState.CONNECTED,
                "Questions and approved changes reach it.",
                connected_by="Alex",
                connected_at=NOW - timedelta(days=3),
                access_until=NOW + timedelta(minutes=48),
                refresh_until=NOW + timedelta(days=97),
                synced_at=NOW - timedelta(seconds=20),
            ),
        )

    async def companies(self, workspace: str) -> tuple[CompanyConnection, ...]:
        return self.held if workspace == W else ()


async def workspace_name(workspace: str) -> str:
    return {"w1": "Harbour & Pine", "w2": "Elsewhere"}[workspace]


def proposal(number: str, status: Status = Status.PENDING) -> Proposal:
    total = Money(Decimal("1500.00"), "USD")
    draft = Draft(
        action="invoice.create",
        environment=Environment.SIMULATOR,
        realm=COMPANY.realm,
        ref=number,
        today=date(2026, 11, 20),
        heading="Invoice Acme West for $1,500.00",
        steps=(),
        digest="0" * 64,
        total=total,
    )
    return Proposal(
        id=f"id-{number}",
        number=number,
        workspace=W,
        company=COMPANY,
        draft=draft,
        circumstances=Circumstances(),
        revision=1,
        version=1,
        status=status,
        requester_id="sam",
        requester="Sam",
        editor_id="sam",
        editor="Sam",
        rule=Rule(1, 72, "any approver but the requester"),
        created_at=NOW - timedelta(minutes=5),
        expires_at=NOW + timedelta(hours=72),
        words="invoice Acme West for 10 hours consulting",
    )


def proposal_card(held: Proposal, viewer: Person) -> Card:
    """A proposal as one viewer sees it; the buttons say for whom."""
    buttons: tuple[Button, ...] = ()
    if held.status is Status.PENDING and Role.APPROVER in viewer.roles:
        buttons = (
            Button("Approve", "approve", f"{held.number}.yes", Style.PRIMARY),
            Button(
                "Reject",
                "reject",
                f"{held.number}.no",
                Style.DANGER,
                asks=(Field("reason", "Why not?", multiline=True),),
            ),
        )
    return Card(
        title=held.draft.heading,
        summary=f"{COMPANY.title}: {held.number} {held.status}",
        banner=COMPANY.title,
        status=held.status.capitalize(),
        tone=Tone.GOOD if held.status is Status.APPLIED else Tone.PLAIN,
        sections=(
            Section(
                facts=(Fact("Customer", "Acme West"), Fact("Total", "$1,500.00")),
                table=Table(
                    ("Item", "Quantity", "Amount"),
                    (("Consulting", "10", "$1,500.00"),),
                    numeric=(1, 2),
                ),
            ),
        ),
        buttons=buttons,
    )


def plain_card(title: str, *buttons: Button) -> Card:
    return Card(title, f"{COMPANY.title}: {title}", COMPANY.title, buttons=buttons)


@dataclass
class Office:
    """A running console. `url` is its address, `console` the platform itself."""

    url: str
    console: Console
    listener: Listener
    crew: Crew
    tray: Tray
    switchboard: Switchboard
    clock: Clock
    port: int

    @asynccontextmanager
    async def browser(self) -> AsyncIterator["Browser"]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(self, session)


class Browser:
    """A browser without JavaScript: cookies, pages, and their forms."""

    def __init__(self, office: Office, session: aiohttp.ClientSession) -> None:
        self.office = office
        self.session = session
        self.text = ""
        self.status = 0
        self.headers: dict[str, str] = {}

    async def get(self, path: str, headers: dict[str, str] | None = None) -> str:
        async with self.session.get(
            f"{self.office.url}{path}", headers=headers or {}
        ) as response:
            return await self._keep(response)

    async def post(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        csrf: str | None = None,
        follow: bool = True,
        **fields: str,
    ) -> str:
        """Send a form with the token of the page last seen."""
        given = {"csrf": self.csrf if csrf is None else csrf, **fields}
        async with self.session.post(
            f"{self.office.url}{path}",
            data=given,
            headers=headers or {},
            allow_redirects=follow,
        ) as response:
            return await self._keep(response)

    async def be(self, person_id: str) -> None:
        """Become one of the demo's personas."""
        await self.get("/console/")
        await self.post("/console/persona", person=person_id)
        assert self.status == 200

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.text)
        return unescape(found.group(1)) if found else ""

    async def _keep(self, response: aiohttp.ClientResponse) -> str:
        self.text = (await response.read()).decode(errors="replace")
        self.status = response.status
        self.headers = dict(response.headers)
        return self.text


@asynccontextmanager
async def opened(
    engine: AsyncEngine,
    *,
    demo: bool = True,
    public_url: str | None = None,
    port: int = 0,
    support: str = "books@example.com",
) -> AsyncIterator[Office]:
    """The console on a real server, on loopback."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        port = listening.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        listener, crew, tray = Listener(), Crew(), Tray()
        switchboard, clock = Switchboard(), Clock()
        ports = Ports(
            listener, crew, tray, switchboard, tray, proposal_card, workspace_name
        )
        settings = ConsoleSettings(
            base_url=url,
            public_url=public_url,
            personas=PERSONAS if demo else (),
            support=support,
        )
        console = Console(engine, ports, settings, clock)
        app = web.Application()
        console.mount(app)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        try:
            yield Office(url, console, listener, crew, tray, switchboard, clock, port)
        finally:
            await runner.cleanup()
