"""The admin's pages: the companies' connections, and the people."""

from collections.abc import Iterable, Sequence

from aiohttp import web

from approvals.proposal import Denied, Role, Telling
from bot.console.ports import ConnectionState
from bot.console.site import Site, form_text, must_admin

_ID_MAX = 200
_NAME_MAX = 120
_EMAIL_MAX = 254
_RESULTS = 10
_DIGITS = 12
_STATES = {
    ConnectionState.CONNECTED: {"label": "Connected", "tone": "good"},
    ConnectionState.UNCONFIRMED: {"label": "Waits for your yes", "tone": "warning"},
    ConnectionState.ENDED: {"label": "Ended", "tone": "bad"},
    ConnectionState.DISCONNECTED: {"label": "Disconnected", "tone": "muted"},
}


class AdminPages:
    """What only admins see."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/connection", self._connection),
            web.get("/people", self._people),
            web.post("/people", self._set_roles),
            web.post("/people/new", self._enrol),
        ]

    async def _connection(self, request: web.Request) -> web.Response:
        visit = must_admin(request)
        site = self._site
        since = _number(request.query.get("since", ""))
        number = await site.transcript.number(visit.reader)
        # What a button brought is shown here too, though it stands in the chat.
        page = await site.transcript.page(
            visit.reader, limit=_RESULTS, after=number if since is None else since
        )
        return await site.page(
            request,
            "connection.html",
            states=_STATES,
            untold=await _untold(site, visit.reader.workspace),
            messages=[
                site.drawn(visit, each, "/console/connection") for each in page.messages
            ],
            since=number,
            after=page.number,
        )

    async def _people(self, request: web.Request) -> web.Response:
        visit = must_admin(request)
        people = self._site.ports.people
        return await self._site.page(
            request,
            "people.html",
            members=await people.people(visit.reader.workspace),
            requests=await people.requests(visit.reader.workspace),
            roles=tuple(Role),
        )

    async def _enrol(self, request: web.Request) -> web.Response:
        visit = must_admin(request)
        form = await request.post()
        name = form_text(form, "name", _NAME_MAX)
        try:
            await self._site.ports.people.enrol(
                visit.person,
                name,
                form_text(form, "email", _EMAIL_MAX),
                _roles(form.getall("role", [])),
            )
        except Denied as denied:
            said = denied.sentence
        else:
            said = (
                f"Saved. {' '.join(name.split())} is let in with that address, as soon"
                " as Slack or Teams vouches for it."
            )
        await self._site.sessions.note(visit.session, said)
        return web.Response(status=303, headers={"Location": "/console/people"})

    async def _set_roles(self, request: web.Request) -> web.Response:
        visit = must_admin(request)
        form = await request.post()
        person_id = form_text(form, "person", _ID_MAX)
        members = await self._site.ports.people.people(visit.reader.workspace)
        member = next((each for each in members if each.person.id == person_id), None)
        if member is None:
            raise web.HTTPNotFound(text="There is no such person here.")
        roles = _roles(form.getall("role", []))
        try:
            await self._site.ports.people.set_roles(visit.person, person_id, roles)
        except Denied as denied:
            said = denied.sentence
        else:
            named = ", ".join(sorted(roles)) or "no roles"
            said = f"Saved. {member.person.name} now has: {named}."
        await self._site.sessions.note(visit.session, said)
        return web.Response(status=303, headers={"Location": "/console/people"})


def _roles(given: Iterable[object]) -> frozenset[Role]:
    """The roles that a form has ticked.

    Raises:
        web.HTTPBadRequest: there is no such role.
    """
    try:
        return frozenset(Role(str(each)) for each in given)
    except ValueError:
        raise web.HTTPBadRequest from None


async def _untold(site: Site, workspace: str) -> Sequence[Telling]:
    """What people there could not be told."""
    ask = site.ports.untold
    return await ask(workspace) if ask is not None else ()


def _number(given: str) -> int | None:
    """A number of the feed; None where none is given.

    Raises:
        web.HTTPBadRequest: something else is given.
    """
    if not given:
        return None
    if len(given) > _DIGITS or not (given.isascii() and given.isdigit()):
        raise web.HTTPBadRequest(
            text="That address is not whole, so nothing was done. Load the page anew."
        )
    return int(given)
