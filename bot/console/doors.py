"""Coming in and going out: one-time links, the demo's personas, static files."""

from aiohttp import web

from approvals.proposal import Role
from bot.console.guard import VISIT
from bot.console.sessions import ENTRY_MINUTES, SESSION_HOURS
from bot.console.site import Site, back_address, form_text, must_visit
from bot.console.transcript import Reader

_TOKEN_MAX = 200
ADMIN_PAGES = frozenset({"/console/connection", "/console/people"})


class Doors:
    """The routes that need nobody to be signed in."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/static/{name}", self._static),
            web.get("/enter", self._ask),
            web.post("/enter", self._enter),
            web.post("/persona", self._persona),
            web.post("/leave", self._leave),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """The page of somebody who is not signed in."""
        # Whoever followed a link to a page of ours stands there after signing in.
        back = back_address(request.query.get("back"))
        return await self._site.page(request, "door.html", back=back)

    async def _static(self, request: web.Request) -> web.Response:
        found = self._site.static.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        # The address carries the content's digest, so the content never changes.
        return web.Response(
            body=found.content,
            content_type=found.media_type,
            charset="utf-8",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    async def _ask(self, request: web.Request) -> web.Response:
        # Only shows a button: previews of the link must not use it up.
        token = request.query.get("token", "")[:_TOKEN_MAX]
        reader = await self._site.sessions.invited(token)
        person = (
            await self._site.ports.people.person(reader.person_id) if reader else None
        )
        return await self._site.page(
            request,
            "enter.html",
            status=200 if person else 410,
            name=person.name if person else None,
            token=token,
            hours=SESSION_HOURS,
            minutes=ENTRY_MINUTES,
        )

    async def _enter(self, request: web.Request) -> web.Response:
        token = form_text(await request.post(), "token", _TOKEN_MAX)
        session = await self._site.sessions.enter(token)
        if session is None:
            return await self._site.page(
                request,
                "enter.html",
                status=410,
                name=None,
                token="",
                hours=SESSION_HOURS,
                minutes=ENTRY_MINUTES,
            )
        return await self._opened(request, session, "/console/")

    async def _persona(self, request: web.Request) -> web.Response:
        site = self._site
        chosen = form_text(form := await request.post(), "person", _TOKEN_MAX)
        known = {persona.person_id for persona in site.settings.personas}
        if not site.guard.is_demo(request) or chosen not in known:
            raise web.HTTPForbidden
        person = await site.ports.people.person(chosen)
        if person is None:
            raise web.HTTPForbidden
        session = await site.sessions.impersonate(Reader(person.workspace, person.id))
        back = back_address(form.get("back"))
        if back in ADMIN_PAGES and Role.ADMIN not in person.roles:
            back = "/console/"
        return await self._opened(request, session, back)

    async def _opened(
        self, request: web.Request, session: str, back: str
    ) -> web.Response:
        before = request.get(VISIT)
        if before is not None:
            await self._site.sessions.end(before.session)
        response = web.Response(status=303, headers={"Location": back})
        self._site.guard.sign_in(response, session)
        return response

    async def _leave(self, request: web.Request) -> web.Response:
        visit = must_visit(request)
        await self._site.sessions.end(visit.session)
        # Pages of this session that are still open hear of its end.
        self._site.bell.ring(visit.reader)
        response = web.Response(status=303, headers={"Location": "/console/"})
        self._site.guard.sign_out(response)
        return response
