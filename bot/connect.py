"""The two routes of consent: where an admin's link begins, and where Intuit ends it."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from bot.console.site import Form
from bot.platform import Place
from cards import connections
from cards.card import Card
from qbo.connection import Completed, Connection, ConsentFault

log = logging.getLogger(__name__)

COOKIE = "countersign_consent"
COOKIE_SECONDS = 900

LINK_MAX = 200


class Page(Protocol):
    """Draws a card as a page of its own, with one button where a form is given."""

    def __call__(
        self, card: Card, status: int, form: Form | None = None
    ) -> web.Response:
        """The page."""
        ...


Say = Callable[[Place, Card], Awaitable[None]]


class Consent:
    """Leads an admin to Intuit and back, and tells the chat what came of it."""

    def __init__(
        self,
        connection: Connection,
        *,
        page: Page,
        say: Say,
        connected: Callable[[Completed], Awaitable[None]],
        is_https: bool,
    ) -> None:
        self._connection = connection
        self._page = page
        self._say = say
        self._connected = connected
        self._is_https = is_https

    def routes(self, app: web.Application) -> None:
        """Add `/oauth/quickbooks/start` and `/oauth/quickbooks/callback`."""
        app.router.add_get("/oauth/quickbooks/start", self.ask)
        app.router.add_post("/oauth/quickbooks/start", self.start)
        app.router.add_get("/oauth/quickbooks/callback", self.callback)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Show one button: chats open links to preview them, and must not use it up."""
        link = request.query.get("link", "")[:LINK_MAX]
        form = Form("/oauth/quickbooks/start", "Continue to QuickBooks", {"link": link})
        return self._page(connections.consent_begins(), 200, form)

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Bind the link to this browser and go on to Intuit."""
        link = (await request.post()).get("link", "")
        try:
            start = await self._connection.begin(
                str(link)[:LINK_MAX], request.cookies.get(COOKIE)
            )
        except ConsentFault as fault:
            return self._page(connections.consent_failed(fault.sentence), 400)
        response = web.Response(status=303, headers={"Location": start.url})
        response.set_cookie(
            COOKIE,
            start.cookie,
            max_age=COOKIE_SECONDS,
            path="/oauth/quickbooks",
            httponly=True,
            secure=self._is_https,
            # Lax: Intuit's redirect is a top-level navigation from elsewhere.
            samesite="Lax",
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    async def callback(self, request: web.Request) -> web.StreamResponse:
        """Take what Intuit brings back, and say so in the chat."""
        try:
            completed = await self._connection.complete(
                dict(request.query), request.cookies.get(COOKIE)
            )
        except ConsentFault as fault:
            card = connections.consent_failed(fault.sentence)
            if fault.origin:
                await self._say(Place.parse(fault.origin), card)
            response = self._page(card, 400)
            # A return that is not ours must not end a consent that is under way.
            is_over = fault.origin is not None
        else:
            await self._connected(completed)
            card = connections.returned(
                completed.connected.company, needs_yes=completed.is_new
            )
            response = self._page(card, 200)
            is_over = True
        if is_over:
            response.del_cookie(COOKIE, path="/oauth/quickbooks")
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
