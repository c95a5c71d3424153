"""How we speak: to a place, to one person, to the administrators."""

import logging
from collections.abc import Mapping
from datetime import datetime

from approvals.proposal import Person, Role
from bot.pace import EDIT, SEND, Pace
from bot.people import People
from bot.platform import ChatPlatform, Finding, Gone, Place, Sender, SendFailed
from cards.card import Card
from qbo.books import Document

log = logging.getLogger(__name__)


class Voice:
    """The platforms, spoken to by place."""

    def __init__(self, platforms: Mapping[str, ChatPlatform], people: People) -> None:
        self.platforms = platforms
        self.pace = Pace()
        self._people = people

    def _at(self, place: Place) -> ChatPlatform:
        platform = self.platforms.get(place.platform)
        if platform is None:
            # Not gone: it may be switched on again, with all its messages.
            raise SendFailed(f"{place.platform} is off")
        return platform

    async def send(self, place: Place, card: Card, mark: str = "") -> str:
        """Send a card; raises `Gone` or `SendFailed`.

        With a `mark` it can be found again, on platforms where that is possible.
        """
        platform = self._at(place)
        self.pace.spent(place, SEND)
        if mark and isinstance(platform, Finding):
            return await platform.send_marked(place, card, mark)
        return await platform.send(place, card)

    async def find(self, place: Place, mark: str, since: datetime) -> str | None:
        """The message with a mark; None: not there, or nobody can tell.

        Raises `SendFailed` where the platform does not answer.
        """
        platform = self._at(place)
        if not isinstance(platform, Finding):
            return None
        return await platform.find(place, mark, since)

    async def edit(self, place: Place, message: str, card: Card) -> None:
        """Replace what a message of ours shows; raises `Gone` or `SendFailed`."""
        platform = self._at(place)
        self.pace.spent(place, EDIT)
        await platform.edit(place, message, card)

    async def whisper(self, sender: Sender, place: Place, card: Card) -> None:
        """Show a card to one person alone; raises `Gone` or `SendFailed`."""
        await self._at(place).whisper(sender, place, card)

    async def deliver(self, place: Place, document: Document) -> None:
        """Hand over a file; raises `Gone` or `SendFailed`."""
        await self._at(place).deliver(place, document)

    async def say_at(self, place: Place, card: Card) -> None:
        """Send a card; a platform that does not take it is logged, not raised."""
        try:
            await self.send(place, card)
        except (SendFailed, Gone) as failed:
            log.warning(
                "could not say something",
                extra={"platform": place.platform, "why": str(failed)},
            )

    async def private_places(self, person: Person) -> tuple[Place, ...]:
        """Every place where that person alone is reached."""
        return (await self.reach(person))[0]

    async def reach(self, person: Person) -> tuple[tuple[Place, ...], Exception | None]:
        """Where that person alone is reached, and why not everywhere just now."""
        found = []
        if "console" in self.platforms:
            found.append(Place("console", person.workspace, person.id))
        why: Exception | None = None
        for identity in await self._people.identities(person.id):
            platform = self.platforms.get(identity.platform)
            if platform is None:
                continue
            try:
                found.append(await platform.direct(identity))
            except (Gone, SendFailed) as failed:
                log.warning(
                    "a person cannot be reached",
                    extra={"platform": identity.platform, "why": str(failed)},
                )
                if isinstance(failed, SendFailed):
                    why = failed
        return tuple(found), why

    async def tell(self, person: Person, card: Card) -> None:
        """Tell one person privately, everywhere we know them. Never raises."""
        for place in await self.private_places(person):
            await self.say_at(place, card)

    async def tell_admins(self, workspace: str, card: Card) -> None:
        """Tell every administrator of a workspace. Never raises."""
        for admin in await self._people.having(workspace, Role.ADMIN):
            await self.tell(admin, card)
