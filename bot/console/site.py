"""What all pages of the console share: templates, headers, errors, static files."""

import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Person, Role
from bot.console.bell import Bell
from bot.console.drawing import Drawn, card_html, drawn
from bot.console.guard import DOOR, VISIT, Guard, Visit
from bot.console.ports import ConsoleSettings, Ports
from bot.console.sessions import Sessions
from bot.console.transcript import Message, Transcript
from bot.platform import Place, Sender
from cards.card import Card
from cards.talk import Support
from qbo.books import Company
from qbo.books import Environment as Books

_LOG = logging.getLogger(__name__)
_HERE = Path(__file__).parent
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # With "no-referrer" browsers would hide the origin of our own forms from us.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STATIC_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_PLAIN = {
    400: "That request makes no sense to me, so nothing was done.",
    403: "That is not yours to see or do. Nothing was done.",
    404: "There is no such page.",
    405: "That address does not take this kind of request.",
    413: "That is too long, so nothing was done.",
    415: "That is not a form of this page, so nothing was done.",
}
_MARKS = {Books.SANDBOX: "SANDBOX", Books.SIMULATOR: "SIMULATED"}


@dataclass(frozen=True, slots=True)
class Static:
    """One of our own files. `digest` makes its address change with its content."""

    content: bytes
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Form:
    """One button under a card on a page of its own, and what it sends."""

    action: str
    label: str
    fields: Mapping[str, str]


class Site:
    """The console's common ground; the page classes hold one."""

    def __init__(
        self,
        engine: AsyncEngine,
        ports: Ports,
        settings: ConsoleSettings,
        now: Callable[[], datetime],
    ) -> None:
        self.ports = ports
        self.settings = settings
        self.now = now
        self.bell = Bell()
        self.transcript = Transcript(engine, now)
        self.sessions = Sessions(engine, now)
        self.guard = Guard(settings, self.sessions, ports.people)
        self.static = _static()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["static"] = self._static_address
        self._templates.filters["clock"] = _clock
        self._templates.filters["iso"] = datetime.isoformat
        self._templates.filters["mark"] = mark

    @web.middleware
    async def shield(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Put the headers on, and turn every failure into a plain sentence."""
        try:
            response = await handler(request)
        except web.HTTPException as failure:
            if failure.status < 400:  # noqa: PLR2004 - a redirect is no failure
                failure.headers.update(_HEADERS)
                failure.headers["Cache-Control"] = "no-store"
                raise
            response = await self._failure(request, failure.status, _said(failure))
        except Exception:  # noqa: BLE001 - people are told a reference, not a traceback
            reference = secrets.token_hex(3).upper()
            _LOG.exception(
                "console page failed",
                extra={"reference": reference, "path": request.path},
            )
            response = await self._failure(
                request,
                500,
                "That is a fault in me, not in your books.",
                reference,
            )
        if not response.prepared:
            response.headers.update(_HEADERS)
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Find out who asks, and let only our own forms through.

        Raises:
            web.HTTPBadRequest: an address that no page of ours leads to.
        """
        if "\0" in request.path or any("\0" in each for each in request.query.values()):
            raise web.HTTPBadRequest
        visit = await self.guard.visit(request)
        if visit is not None:
            request[VISIT] = visit
        if request.method == "POST":
            await self.guard.check_form(request, visit)
        elif request.method not in {"GET", "HEAD"}:
            raise web.HTTPMethodNotAllowed(request.method, ["GET", "POST"])
        return await handler(request)

    async def page(
        self, request: web.Request, template: str, *, status: int = 200, **values: Any
    ) -> web.Response:
        """A whole page, with the frame of whoever looks."""
        visit = request.get(VISIT)
        frame = await self._frame(request, visit)
        text = self._templates.get_template(template).render({**frame, **values})
        response = web.Response(text=text, content_type="text/html", status=status)
        if visit is None:
            self.guard.keep_door(response, request[DOOR])
        elif visit.session.notice is not None:
            await self.sessions.note(visit.session, None)
        return response

    def alone(
        self, card: Card, status: int, form: "Form | None" = None
    ) -> web.Response:
        """A card as a page for somebody who may not be signed in; it has no buttons."""
        shown = replace(card, buttons=())
        body = card_html(shown, csrf="", back="")
        values = {"card": shown, "body": body, "form": form}
        text = self._templates.get_template("alone.html").render(values)
        headers = {**_HEADERS, "Cache-Control": "no-store"}
        if form is not None:
            # What the form leads to is elsewhere (Intuit), which "self" would stop.
            headers["Content-Security-Policy"] = headers[
                "Content-Security-Policy"
            ].replace("form-action 'self'", "form-action *")
        return web.Response(
            text=text, content_type="text/html", status=status, headers=headers
        )

    def piece(self, template: str, values: Mapping[str, Any]) -> str:
        """A part of a page, for the script to put in."""
        return self._templates.get_template(template).render(values)

    def message_html(self, visit: Visit, message: Message, back: str) -> str:
        """One message of the transcript as this person sees it."""
        values = {"shown": self.drawn(visit, message, back), "now": self.now()}
        return self.piece("message.html", values)

    def drawn(self, visit: Visit, message: Message, back: str) -> Drawn:
        """A message with its card as markup.

        A card that cannot be drawn is shown by its summary: one message must
        never take the whole transcript away.
        """
        try:
            return drawn(message, csrf=visit.session.csrf, back=back)
        except Exception:  # noqa: BLE001 - whatever is wrong with one card
            _LOG.exception("console card not drawn", extra={"message_id": message.id})
            return Drawn(message, None)

    async def _frame(self, request: web.Request, visit: Visit | None) -> dict[str, Any]:
        frame: dict[str, Any] = {
            "now": self.now(),
            "path": request.path,
            "visit": visit,
            "notice": None,
            "companies": (),
            "workspace": "",
            "pulse": None,
            "personas": (),
            "after": 0,
        }
        if self.guard.is_demo(request):
            frame["personas"] = self.settings.personas
        if visit is None:
            # One token a request, also when an error page follows the page.
            request[DOOR] = request.get(DOOR) or self.guard.door(request)
            return {**frame, "csrf": request[DOOR]}
        workspace = visit.reader.workspace
        return {
            **frame,
            "csrf": visit.session.csrf,
            "notice": visit.session.notice,
            "companies": await self.ports.connections.companies(workspace),
            "workspace": await self.ports.workspace_name(workspace),
            "pulse": await self.ports.proposals.pulse(workspace),
            "after": await self.transcript.number(visit.reader),
        }

    async def _failure(
        self,
        request: web.Request,
        status: int,
        sentence: str,
        reference: str | None = None,
    ) -> web.Response:
        help_ = await self._help(request.get(VISIT)) if reference else ""
        if wants_data(request):
            said = f"{sentence} Reference {reference}." if reference else sentence
            return web.json_response(
                {"sentence": f"{said} {help_}".rstrip()}, status=status
            )
        values = {"sentence": sentence, "reference": reference, "help": help_}
        try:
            return await self.page(request, "error.html", status=status, **values)
        except Exception:  # noqa: BLE001 - the page without a frame is still left
            _LOG.exception("console error page failed", extra={"path": request.path})
        text = self._templates.get_template("bare.html").render(values)
        return web.Response(text=text, content_type="text/html", status=status)

    async def _help(self, visit: Visit | None) -> str:
        """Whom to turn to with a reference; strangers are told no names."""
        admins: tuple[str, ...] = ()
        if visit is not None and not self.settings.support:
            try:
                members = await self.ports.people.people(visit.reader.workspace)
            except Exception as failed:  # noqa: BLE001 - it may be what failed before
                why = type(failed).__name__
                _LOG.warning("administrators not known", extra={"why": why})
            else:
                found = (each.person for each in members)
                admins = tuple(each.name for each in found if Role.ADMIN in each.roles)
        said = Support(self.settings.support or None, admins).sentence
        return said or "An administrator can look it up in the log."

    def _static_address(self, name: str) -> str:
        return f"/console/static/{name}?v={self.static[name].digest}"


def wants_data(request: web.Request) -> bool:
    """Whether our script asks, which puts the answer in by itself."""
    return request.headers.get("X-Console") == "script"


def sender(visit: Visit, zone: str = "") -> Sender:
    """The person, as the platform "console" vouches for them."""
    return Sender(
        platform="console",
        tenant=visit.reader.workspace,
        user=visit.person.id,
        name=visit.person.name,
        email=visit.person.email,
        zone=zone,
        address=visit.address,
        vouched=True,
    )


def place(person: Person) -> Place:
    """A person's console."""
    return Place("console", person.workspace, person.id)


def mark(company: Company) -> str:
    """What stands beside the name of a company that is not somebody's real books."""
    return _MARKS.get(company.environment, "")


def back_address(given: object) -> str:
    """Where a form came from, when that is a page of ours; else the chat."""
    if (
        isinstance(given, str)
        and given.startswith("/console/")
        and "//" not in given
        and "\\" not in given
        and given.isprintable()
    ):
        return given
    return "/console/"


def form_text(form: Mapping[str, Any], name: str, limit: int) -> str:
    """One text of a form.

    Raises:
        web.HTTPRequestEntityTooLarge: it is longer than it may be.
        web.HTTPBadRequest: it is no text.
    """
    value = form.get(name, "")
    # PostgreSQL keeps no NUL in a text, and nobody types one.
    if not isinstance(value, str) or "\0" in value:
        raise web.HTTPBadRequest(text=_PLAIN[400])
    if len(value) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, len(value), text=_PLAIN[413])
    return value


def must_visit(request: web.Request) -> Visit:
    """The signed-in person.

    Raises:
        web.HTTPSeeOther: to the page where one signs in (of a page).
        web.HTTPUnauthorized: nobody is signed in (of anything else).
    """
    visit: Visit | None = request.get(VISIT)
    if visit is None:
        if request.method == "GET" and not wants_data(request):
            raise web.HTTPSeeOther(f"/console/?{urlencode({'back': request.path})}")
        raise web.HTTPUnauthorized(text="You are signed out, so nothing was done.")
    return visit


def must_admin(request: web.Request) -> Visit:
    """The signed-in admin.

    Raises:
        web.HTTPForbidden: a person who is no admin.
    """
    visit = must_visit(request)
    if not visit.is_admin:
        raise web.HTTPForbidden(text="Only an administrator can see this page.")
    return visit


def _said(failure: web.HTTPException) -> str:
    # aiohttp's own text is "404: Not Found"; ours is a sentence.
    text = failure.text or ""
    if text and not text.startswith(f"{failure.status}:"):
        return text
    return _PLAIN.get(failure.status, "That did not work, so nothing was done.")


def _clock(at: datetime, now: datetime) -> str:
    """A moment as short as it can be said: "14:02 UTC", "3 Nov 2026, 14:02 UTC"."""
    clock = f"{at:%H:%M} UTC"
    if at.date() == now.date():
        return clock
    return f"{at.day} {at:%b %Y}, {clock}"


def _static() -> dict[str, Static]:
    found = {}
    for path in sorted((_HERE / "static").iterdir()):
        if path.suffix in _STATIC_TYPES:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            found[path.name] = Static(content, _STATIC_TYPES[path.suffix], digest)
    return found
