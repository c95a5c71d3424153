"""What the console needs of the rest: values to show, and who to ask for them.

The console holds no logic of its own. What a person says or presses goes to the
`Hearer` as from any other platform; what its pages show comes from here.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from approvals.evidence import Evidence
from approvals.proposal import Person, Proposal, Role, Status, Telling, TrailLine
from bot.editor import Editor
from bot.platform import Hearer
from cards.card import Card
from qbo.books import Company


@dataclass(frozen=True, slots=True)
class Identity:
    """One way a person is known: "slack", "Priya N (priya@example.com)"."""

    platform: str
    label: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the workspace with the identities that are theirs."""

    person: Person
    identities: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Somebody unknown who asked to be let in.

    `token` goes back with a press of "access.staff", "access.approver" or
    "access.no".
    """

    token: str
    name: str
    platform: str
    at: datetime
    email: str | None = None


class People(Protocol):
    """Who is who."""

    async def person(self, person_id: str) -> Person | None:
        """The person as they are now; None when they are no longer let in."""
        ...

    async def people(self, workspace: str) -> tuple[Member, ...]:
        """Everybody of the workspace, by name."""
        ...

    async def requests(self, workspace: str) -> tuple[AccessRequest, ...]:
        """Who waits to be let in, the oldest first."""
        ...

    async def enrol(
        self, admin: Person, name: str, email: str, roles: frozenset[Role]
    ) -> None:
        """Let somebody in by an address that a platform will vouch for.

        Raises:
            Denied: not this admin's to do, or no such name, address or roles.
        """
        ...

    async def set_roles(
        self, admin: Person, person_id: str, roles: frozenset[Role]
    ) -> None:
        """Give a person of the admin's workspace exactly these roles.

        Raises:
            Denied: not this admin's to do, or nobody would be left as admin.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a workspace's proposals stand, for badges and live pages.

    `waiting` counts those that wait for a person (PENDING or UNCONFIRMED);
    `stamp` is any text that differs after any proposal was made or moved.
    """

    waiting: int
    stamp: str


class Proposals(Protocol):
    """The proposals of a workspace, to read."""

    async def list(
        self, workspace: str, statuses: frozenset[Status], limit: int = 100
    ) -> tuple[Proposal, ...]:
        """Those in one of these statuses, the newest first."""
        ...

    async def by_number(self, workspace: str, number: str) -> Proposal | None:
        """The one people call "P-17", in the newest revision."""
        ...

    async def trail(self, proposal: Proposal) -> tuple[TrailLine, ...]:
        """All that happened to it, the oldest first."""
        ...

    async def pulse(self, workspace: str) -> Pulse:
        """How they stand; asked about once a second, so it has to be cheap."""
        ...


class ConnectionState(StrEnum):
    """How a company is connected."""

    CONNECTED = "connected"
    UNCONFIRMED = "unconfirmed"
    ENDED = "ended"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class CompanyConnection:
    """One company, as the connection page shows it.

    `detail` is a sentence on the state ("Intuit no longer accepts the key.").
    `access_until` and `refresh_until` are when the two tokens end; `synced_at`
    when the local copy was last brought up to date. `confirm_token`, where the
    state is UNCONFIRMED, goes with a press of "connect.yes" or "connect.no".
    """

    company: Company
    state: ConnectionState
    detail: str = ""
    connected_by: str | None = None
    connected_at: datetime | None = None
    access_until: datetime | None = None
    refresh_until: datetime | None = None
    synced_at: datetime | None = None
    confirm_token: str | None = None


class Connections(Protocol):
    """The companies of a workspace."""

    async def companies(self, workspace: str) -> tuple[CompanyConnection, ...]:
        """All of them, connected ones first."""
        ...


@dataclass(frozen=True, slots=True)
class TrailCheck:
    """One trail after its check: its name, its last line's number, what was found."""

    name: str
    seq: int
    sound: bool
    sentences: tuple[str, ...]


class Audit(Protocol):
    """What auditors look at."""

    async def evidence(self, proposal_id: str) -> Evidence | None:
        """All there is of a proposal; None where there is no such one."""
        ...

    async def trails(self, workspace: str) -> tuple[TrailCheck, ...]:
        """The trails of a workspace, each checked line by line."""
        ...


class Uploads(Protocol):
    """Keeps the files that people hand in."""

    async def keep(self, person: Person, event: str, name: str, content: bytes) -> str:
        """Keep a file durably; its id, the same for the same event."""
        ...


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody one can be in the demo. `title` is what they are ("Approver")."""

    person_id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the console is given.

    `proposal_card` is a proposal as one viewer sees it, with that viewer's
    buttons. `workspace_name` is what a workspace's people call it. `editor` opens
    proposals to be edited; None: they are not. `untold` is what could not be told to
    people of a workspace. `uploads` keeps files; None: none are taken.
    """

    hearer: Hearer
    people: People
    proposals: Proposals
    connections: Connections
    audit: Audit
    proposal_card: Callable[[Proposal, Person], Card]
    workspace_name: Callable[[str], Awaitable[str]]
    editor: Editor | None = None
    untold: Callable[[str], Awaitable[Sequence[Telling]]] | None = None
    uploads: Uploads | None = None


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """How the console is reached, and whether it is the demo.

    `base_url` is our own address without a slash at the end; `public_url` the
    operator's, None where none is set. `personas` are served only without one.
    `support` is what stands under an error's reference; `proxies` how many proxies
    of the operator's stand before us.
    """

    base_url: str
    public_url: str | None = None
    personas: tuple[Persona, ...] = ()
    support: str = ""
    proxies: int = 0
