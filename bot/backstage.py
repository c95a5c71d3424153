"""What errands are done with, and the few things all of them need."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from approvals.desk import Desk
from approvals.proposal import Denied, Person, Proposal, Role, Status
from bot.background import Background
from bot.chatlog import Chatlog
from bot.misses import Misses
from bot.notices import Notices
from bot.people import People
from bot.platform import Place, Sender
from bot.policies import Policies
from bot.shown import ShownAnswers
from bot.tellings import Tellings
from bot.uploaded import Uploads
from bot.voice import Voice
from cards import talk
from cards.card import Card
from qbo.books import Circumstances, Company, Draft
from qbo.connection import Connected, Connection, State
from qbo.faults import NotFound
from qbo.ledger import Ledger
from qbo.styles import Style, style


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing said or pressed: by whom, where, and on which day for them.

    `zone` is the IANA name of the time zone that the day is of.
    """

    person: Person
    sender: Sender
    place: Place
    inbox: str
    words: str
    today: date
    zone: str = "UTC"

    def style(self, company: Company) -> Style:
        """How dates, times and numbers are written for this person."""
        return style(self.sender.locale, company.country, self.zone)

    @property
    def is_admin(self) -> bool:
        """Whether this person is an administrator."""
        return Role.ADMIN in self.person.roles

    def where(self, message: str = "") -> str:
        """Where it was said or pressed, for the trail: as exactly as we know."""
        said = [f"conversation {self.place.conversation}"]
        if message:
            said.append(f"message {message}")
        if self.sender.address:
            said.append(f"from {self.sender.address}")
        return ", ".join(said)

    @property
    def viewer_id(self) -> str | None:
        """Whose private view the place is; None where several people read."""
        return self.person.id if self.place.platform == "console" else None


@dataclass(frozen=True, slots=True)
class Backstage:
    """Everything that stands behind the conversation."""

    voice: Voice
    background: Background
    people: People
    chatlog: Chatlog
    desk: Desk
    ledger: Ledger
    connection: Connection
    notices: Notices
    tellings: Tellings
    policies: Policies
    consent_link: Callable[[str], str]
    console_link: Callable[[Person], Awaitable[str]]
    support_contact: str | None
    now: Callable[[], datetime]
    uploads: Uploads
    misses: Misses
    shown: ShownAnswers

    async def support(self, workspace: str) -> talk.Support:
        """Whom to turn to: what the operator named, else the administrators."""
        admins = await self.people.having(workspace, Role.ADMIN)
        return talk.Support(self.support_contact, tuple(each.name for each in admins))

    async def admins_only(self, asked: Asked, what: str) -> None:
        """Let administrators pass.

        Raises:
            Denied: the person is none; names those who are.
        """
        if asked.is_admin:
            return
        admins = await self.people.having(asked.person.workspace, Role.ADMIN)
        names = " or ".join(admin.name for admin in admins)
        ask = f" Ask {names}." if names else ""
        raise Denied(
            f"{what} is for administrators.{ask} Nothing has been changed.", rule="role"
        )

    async def company(self, asked: Asked, chosen: str | None) -> Connected | None:
        """The company a conversation is about, where there is one."""
        known = await self.connection.companies(asked.person.workspace)
        usable = [each for each in known if each.state is not State.DISCONNECTED]
        for each in usable:
            if each.company.id == chosen:
                return each
        return usable[0] if usable else None

    async def company_called(self, asked: Asked, name: str) -> Connected:
        """The connected company of that name.

        Raises:
            NotFound: none is.
        """
        for each in await self.connection.companies(asked.person.workspace):
            if each.company.name == name and each.state is not State.DISCONNECTED:
                return each
        raise NotFound(
            f"{name} is not connected here. (Nothing has been changed.)",
            kind="company",
            name=name,
        )

    async def company_with(self, asked: Asked, company: str) -> Connected:
        """The company of this workspace with that id.

        Raises:
            Denied: there is none.
        """
        for each in await self.connection.companies(asked.person.workspace):
            if each.company.id == company:
                return each
        raise Denied(
            "This company is not connected here. Nothing has been changed.",
            rule="changed",
        )

    async def unconnected(self, asked: Asked) -> Card:
        """No company yet: what to do about it."""
        return talk.unconnected(
            admin=asked.is_admin, support=await self.support(asked.person.workspace)
        )

    async def propose(  # noqa: PLR0913 - all that a proposal is made of
        self,
        asked: Asked,
        company: Company,
        draft: Draft,
        circumstances: Circumstances,
        words: str,
        renews: str | None = None,
        sure: tuple[int | None, tuple[str, ...]] = (None, ()),
        *,
        undoes: str | None = None,
        already: int | None = None,
    ) -> Proposal:
        """Put a draft before the approvers; its messages are its answer.

        `renews` is the id of the STALE proposal that this one takes up; `sure` is
        how surely the words were read, and what lowered that; `undoes` is the id of
        the posted one that it takes back. `already` is how much of what it takes up,
        or back, was done when it was drafted.
        """
        proposal = await self.desk.propose(
            draft,
            circumstances,
            asked.person,
            company,
            places=await self.notices.wanted(asked.place, asked.person),
            words=words,
            conversation=asked.place.text(),
            inbox_id=asked.inbox,
            platform=asked.place.platform,
            renews=renews,
            undoes=undoes,
            already=already,
            confidence=sure[0],
            doubts=sure[1],
            where=asked.where(),
        )
        await self.notices.catch_up()
        return proposal

    async def carry_out(self, proposal: Proposal) -> None:
        """Show where a proposal stands; post it once it is approved; show that."""
        await self.show()
        if proposal.status is Status.APPROVED:
            await self.desk.apply(proposal.id)
            await self.show()

    async def show(self) -> None:
        """Bring what people see into step, and tell what waits to be told."""
        await self.notices.catch_up()
        await self.tellings.catch_up()


def without_company(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments but for the company that the request names for itself."""
    return {name: value for name, value in arguments.items() if name != "company"}
