"""Who is at the door: sessions, forms that are really ours, and the demo's fence."""

import ipaddress
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from approvals.proposal import Person, Role
from bot.console.ports import ConsoleSettings, People
from bot.console.sessions import SESSION_HOURS, Session, Sessions
from bot.console.transcript import Reader
from bot.local import is_local

_DOOR_LENGTH = 32
# The longest form: one message or a few fields, escaped.
_FORM_BYTES = 64 * 1024
_DOOR_MINUTES = 60
_FORM_TYPE = "application/x-www-form-urlencoded"
# The one page that takes a file; what stands around it in the form is short.
UPLOAD_PATH = "/console/upload"
UPLOAD_BYTES = 1_020_000


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person's request, and the address it came from where known."""

    session: Session
    person: Person
    address: str = ""

    @property
    def reader(self) -> Reader:
        """Whose console this is."""
        return self.session.reader

    @property
    def is_auditor(self) -> bool:
        """Whether the pages about the trail are theirs."""
        return bool(self.person.roles & {Role.ADMIN, Role.AUDITOR})

    @property
    def is_admin(self) -> bool:
        """Whether the admin's pages are theirs."""
        return Role.ADMIN in self.person.roles


VISIT = web.RequestKey("visit", Visit)
DOOR = web.RequestKey("door", str)


class Guard:
    """Judges requests; every page and every form goes through it."""

    def __init__(
        self, settings: ConsoleSettings, sessions: Sessions, people: People
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._people = people
        self._secure = (settings.public_url or settings.base_url).startswith("https:")
        # The prefix makes browsers refuse the cookie from anybody but this host.
        self._cookie = (
            "__Host-countersign_session" if self._secure else "countersign_session"
        )
        self._door_cookie = (
            "__Host-countersign_door" if self._secure else "countersign_door"
        )

    async def visit(self, request: web.Request) -> Visit | None:
        """Who asks; None without a session that still counts."""
        token = request.cookies.get(self._cookie)
        session = await self._sessions.find(token) if token else None
        if session is None:
            return None
        if session.is_persona and not self.is_demo(request):
            return None
        person = await self._people.person(session.reader.person_id)
        if person is None or person.workspace != session.reader.workspace:
            return None
        return Visit(session, person, address_of(self._settings, request))

    def is_demo(self, request: web.Request) -> bool:
        """Whether this request may be anybody it likes.

        Only in the demo, only from this machine, asked for under this machine's
        own name, with no proxy between, and never while there is a public URL.
        """
        return (
            bool(self._settings.personas)
            and self._settings.public_url is None
            and is_local(request.remote, request.headers.items())
        )

    async def check_form(self, request: web.Request, visit: Visit | None) -> None:
        """Let only our own forms through.

        Raises:
            web.HTTPForbidden: the form is not ours, or is no longer.
            web.HTTPUnsupportedMediaType: it is no form.
            web.HTTPBadRequest: it cannot be read.
            web.HTTPRequestEntityTooLarge: it is longer than any form of ours.
        """
        is_upload = request.path == UPLOAD_PATH
        kind = "multipart/form-data" if is_upload else _FORM_TYPE
        if request.content_type != kind:
            raise web.HTTPUnsupportedMediaType(text="That is not a form of this page.")
        limit = UPLOAD_BYTES if is_upload else _FORM_BYTES
        if request.content_length is None or request.content_length > limit:
            raise web.HTTPRequestEntityTooLarge(
                limit, text="That is too long, so nothing was done."
            )
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if (origin is not None and origin not in self._origins(request)) or (
            site not in {"same-origin", "none"}
        ):
            raise web.HTTPForbidden(text="That form came from another site.")
        try:
            form = await request.post()
        except (ValueError, LookupError):
            # Bytes that are no text, or a charset that there is not.
            raise web.HTTPBadRequest(
                text="That form cannot be read, so nothing was done."
            ) from None
        wanted = visit.session.csrf if visit else request.cookies.get(self._door_cookie)
        given = form.get("csrf")
        if (
            not wanted
            or not isinstance(given, str)
            or not secrets.compare_digest(wanted.encode(), given.encode())
        ):
            raise web.HTTPForbidden(
                text="This page has grown old, so nothing was done. Load it again."
            )

    def door(self, request: web.Request) -> str:
        """The form token of a browser that has not signed in yet."""
        known = request.cookies.get(self._door_cookie, "")
        return (
            known if len(known) >= _DOOR_LENGTH else secrets.token_urlsafe(_DOOR_LENGTH)
        )

    def keep_door(self, response: web.StreamResponse, door: str) -> None:
        """Give that browser the other half of its form token."""
        self._set(response, self._door_cookie, door, _DOOR_MINUTES * 60)

    def sign_in(self, response: web.StreamResponse, token: str) -> None:
        """Hand a session to the browser."""
        self._set(response, self._cookie, token, SESSION_HOURS * 3600)

    def sign_out(self, response: web.StreamResponse) -> None:
        """Take it away again."""
        response.del_cookie(
            self._cookie, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def _set(
        self, response: web.StreamResponse, name: str, value: str, seconds: int
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def _origins(self, request: web.Request) -> set[str]:
        if self._settings.public_url is None:
            return {f"http://{request.host}"}
        parts = urlsplit(self._settings.public_url)
        return {f"{parts.scheme}://{parts.netloc}".lower()}


def address_of(settings: ConsoleSettings, request: web.BaseRequest) -> str:
    """Where a request came from; empty where we cannot know it.

    Each proxy before us puts the address that it was reached from at the end of
    `X-Forwarded-For`; what stands further left anybody may have written.
    """
    proxies = settings.proxies
    if proxies:
        hops = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        said = hops[-proxies].strip() if len(hops) >= proxies else ""
    else:
        # With a public address something else speaks to us: not the person.
        said = "" if settings.public_url else request.remote or ""
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return ""
