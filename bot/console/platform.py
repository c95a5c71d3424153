"""The console as a platform: three verbs, one for files, and its routes."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Person
from bot.console.admin import AdminPages
from bot.console.chat import Chat
from bot.console.doors import Doors
from bot.console.editing import EditPages
from bot.console.evidence import EvidencePages
from bot.console.ports import ConsoleSettings, Ports
from bot.console.proposals import ProposalPages
from bot.console.site import Form, Site
from bot.console.stream import Stream
from bot.console.transcript import Reader, message_id
from bot.console.uploading import UploadPages
from bot.platform import Gone, Place, Sender, SendFailed
from cards.card import Card
from qbo.books import Document


class Console:
    """A `ChatPlatform` whose chat is a web page of our own."""

    name = "console"

    def __init__(
        self,
        engine: AsyncEngine,
        ports: Ports,
        settings: ConsoleSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._site = Site(engine, ports, settings, now)

    def mount(self, app: web.Application) -> None:
        """Put the pages under `/console/` of an application not yet started."""
        site = self._site
        doors, edit = Doors(site), EditPages(site)
        pages = web.Application(middlewares=[site.shield, site.admit])
        for part in (
            doors,
            Chat(site, doors, edit),
            ProposalPages(site),
            UploadPages(site),
            edit,
            EvidencePages(site),
            AdminPages(site),
            Stream(site),
        ):
            pages.add_routes(part.routes())
        pages.on_shutdown.append(self._close)
        # Before the pages, which would take it for an address of theirs.
        app.router.add_get("/console", _to_slash)
        app.add_subapp("/console/", pages)

    async def entrance(self, person: Person) -> str:
        """An address that signs this person in once, within fifteen minutes."""
        token = await self._site.sessions.invite(Reader(person.workspace, person.id))
        base = self._site.settings.public_url or self._site.settings.base_url
        return f"{base.rstrip('/')}/console/enter?token={token}"

    def card_page(
        self, card: Card, status: int, form: Form | None = None
    ) -> web.Response:
        """A card as a page of its own, for somebody who comes from elsewhere."""
        return self._site.alone(card, status, form)

    async def tidy(self) -> None:
        """Forget sessions and sign-in links that have run out, and whispered links.

        Whispered links and codes are blanked, on open pages at once.
        """
        await self._site.sessions.tidy()
        for reader in await self._site.transcript.forget_passing():
            self._site.bell.ring(reader)

    async def send(self, place: Place, card: Card) -> str:
        """Show a card in a person's console.

        Raises:
            SendFailed: the database did not take it.
        """
        return await self._show(place, card, aside=False)

    async def send_marked(self, place: Place, card: Card, mark: str) -> str:
        """Show a card under an id that its mark gives, and so only once.

        Raises:
            SendFailed: the database did not take it.
        """
        known = message_id(_reader(place), f"card {mark}")
        return await self._show(place, card, aside=False, known=known)

    async def find(self, place: Place, mark: str, since: datetime) -> str | None:
        """The card with that mark, where it was kept.

        Raises:
            SendFailed: the database did not answer.
        """
        del since
        reader = _reader(place)
        known = message_id(reader, f"card {mark}")
        try:
            found = await self._site.transcript.message(reader, known)
        except SQLAlchemyError as wrong:
            raise SendFailed(f"console: {type(wrong).__name__}") from wrong
        return known if found else None

    async def edit(self, place: Place, message: str, card: Card) -> None:
        """Replace what a message shows, on open pages at once.

        Raises:
            Gone: there is no such message.
            SendFailed: the database did not take it.
        """
        reader = _reader(place)
        try:
            found = await self._site.transcript.replace(reader, message, card)
        except SQLAlchemyError as wrong:
            raise SendFailed(f"console: {type(wrong).__name__}") from wrong
        if not found:
            raise Gone(f"console: no message {message}")
        self._site.bell.ring(reader)

    async def whisper(self, sender: Sender, place: Place, card: Card) -> None:
        """Show something to one person alone, marked so.

        A link or a code in it is shown for fifteen minutes.

        Raises:
            SendFailed: the database did not take it.
        """
        del place  # A console is read by one person: theirs is the nearest place.
        await self._show(await self.direct(sender), card, aside=True)

    async def deliver(self, place: Place, document: Document) -> None:
        """Hand a file over as a link that only this person can follow.

        Raises:
            SendFailed: the database did not take it.
        """
        reader = _reader(place)
        try:
            await self._site.transcript.hand_over(reader, document)
        except SQLAlchemyError as wrong:
            raise SendFailed(f"console: {type(wrong).__name__}") from wrong
        self._site.bell.ring(reader)

    async def direct(self, sender: Sender) -> Place:
        """A person's own console."""
        return Place(self.name, sender.tenant, sender.user)

    async def _show(
        self, place: Place, card: Card, *, aside: bool, known: str = ""
    ) -> str:
        reader, transcript = _reader(place), self._site.transcript
        try:
            message = await transcript.show(reader, card, aside=aside, known=known)
        except SQLAlchemyError as wrong:
            raise SendFailed(f"console: {type(wrong).__name__}") from wrong
        self._site.bell.ring(reader)
        return message

    async def _close(self, app: web.Application) -> None:
        del app
        self._site.bell.close()


def _reader(place: Place) -> Reader:
    return Reader(place.tenant, place.conversation)


async def _to_slash(request: web.Request) -> web.Response:
    del request
    return web.Response(status=308, headers={"Location": "/console/"})
