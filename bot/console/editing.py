"""The page on which a proposal is edited: a form that works without a script."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from aiohttp import web

from approvals.proposal import Denied
from bot import editing
from bot.console.guard import Visit
from bot.console.site import Site, form_text, must_visit, place
from bot.editor import Editor, Opened
from qbo.faults import BooksFault, NotFound

_VALUE_MAX = 5000
_FIELDS_MAX = 400
_NAME_MAX = 100
_REVISION_MAX = 6
_NUMBER_MAX = 20


class EditPages:
    """Opens the form of a proposal and takes what was filled in."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/proposals/{number}/edit", self._open),
            web.post("/proposals/{number}/edit", self._save),
        ]

    async def pressed(self, visit: Visit, token: str) -> str:
        """The address of the form that an Edit button leads to.

        Raises:
            Denied: not a button of ours, or of an older revision.
        """
        number = await self._editor().pressed(token, visit.person)
        return f"/console/proposals/{quote(number)}/edit"

    def _editor(self) -> Editor:
        editor = self._site.ports.editor
        if editor is None:
            raise web.HTTPNotFound
        return editor

    async def _open(self, request: web.Request) -> web.StreamResponse:
        visit = must_visit(request)
        number = _number(request)
        try:
            opened = await self._editor().open(visit.person, number)
        except (BooksFault, Denied) as no:
            return await self._turned_away(visit, number, no)
        return await self._page(request, opened)

    async def _save(self, request: web.Request) -> web.StreamResponse:
        visit = must_visit(request)
        number = _number(request)
        sent = await request.post()
        if len(sent) > _FIELDS_MAX:
            raise web.HTTPRequestEntityTooLarge(_FIELDS_MAX, len(sent))
        values = {
            name: form_text(sent, name, _VALUE_MAX).replace("\r\n", "\n")
            for name in sent
        }
        try:
            return await self._done(request, visit, number, values)
        except (BooksFault, Denied) as no:
            return await self._turned_away(visit, number, no)

    async def _done(
        self,
        request: web.Request,
        visit: Visit,
        number: str,
        values: Mapping[str, str],
    ) -> web.StreamResponse:
        """What the pressed button means: save, or a line more or less."""
        editor = self._editor()
        asked = values.get("do", "save")
        if asked != "save":
            opened = await editor.typed(visit.person, number, values)
            form = opened.form
            if asked == "add":
                form = editing.with_row(form, opened.names)
            elif asked.startswith("remove.") and asked[len("remove.") :].isdecimal():
                form = editing.without_row(form, int(asked[len("remove.") :]))
            revision = _revision(values)
            return await self._page(request, opened, form=form, revision=revision)
        saved = await editor.save(
            visit.person,
            number,
            _revision(values),
            values.get("event", "")[:_NAME_MAX] or uuid4().hex,
            values,
            platform="console",
            where=f"conversation {place(visit.person).conversation}",
        )
        if isinstance(saved, Opened):
            return await self._page(request, saved, status=422)
        await self._site.sessions.note(
            visit.session,
            f"Saved: revision {saved.revision} of {saved.number} waits for approval."
            " Earlier approvals no longer count.",
        )
        return _to(f"/console/proposals/{quote(saved.number)}")

    async def _page(
        self,
        request: web.Request,
        opened: Opened,
        *,
        form: editing.Form | None = None,
        revision: int | None = None,
        status: int = 200,
    ) -> web.Response:
        shown = form or opened.form
        values: dict[str, Any] = {
            "opened": opened,
            "proposal": opened.proposal,
            "form": shown,
            "revision": revision or opened.revision,
            "event": uuid4().hex,
            "lists": _lists(shown),
            "is_full": len(shown.rows or ()) >= editing.LINES_MAX,
        }
        return await self._site.page(request, "edit.html", status=status, **values)

    async def _turned_away(
        self, visit: Visit, number: str, no: BooksFault | Denied
    ) -> web.StreamResponse:
        """Back to the proposal, with the sentence that says why.

        Raises:
            web.HTTPNotFound: there is no such proposal.
        """
        if isinstance(no, NotFound) and no.kind == "proposal":
            raise web.HTTPNotFound(text="There is no proposal with that number.")
        await self._site.sessions.note(visit.session, no.sentence)
        return _to(f"/console/proposals/{quote(number)}")


def _lists(form: editing.Form) -> Mapping[tuple[str, ...], str]:
    """The lists of choices, each once, with the id under which fields find it."""
    every = (*form.fields, *(f for row in form.rows or () for f in row.fields))
    found: dict[tuple[str, ...], str] = {}
    for each in every:
        if each.choices and each.kind is not editing.Kind.CHOICE:
            found.setdefault(each.choices, f"names-{len(found)}")
    return found


def _number(request: web.Request) -> str:
    number = request.match_info["number"]
    if len(number) > _NUMBER_MAX or not number.isascii():
        raise web.HTTPNotFound(text="There is no proposal with that number.")
    return number


def _revision(values: Mapping[str, str]) -> int:
    given = values.get("revision", "")
    if not (given.isascii() and given.isdigit() and len(given) <= _REVISION_MAX):
        raise web.HTTPBadRequest
    return int(given)


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})
