"""Files of invoices handed in, and lines of a proposal left out; without a script."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from aiohttp import web

from approvals import lines
from approvals.lines import Stand
from approvals.proposal import Proposal
from bot.console.guard import UPLOAD_PATH, Visit
from bot.console.site import (
    Site,
    form_text,
    must_visit,
    place,
    sender,
    wants_data,
)
from bot.console.transcript import message_id
from bot.platform import ChatMessage, Press
from bot.uploads import BYTES_MAX, COLUMNS, ROWS_MAX, TEMPLATE
from cards.card import Card
from cards.plain import line

_NAME_MAX = 100
_TOKEN_MAX = 4000
_LINES_MAX = 400
_NUMBER_MAX = 20
_STANDS = {
    Stand.WAITING: "",
    Stand.UNKNOWN: "not known yet",
    Stand.DONE: "done",
    Stand.FAILED: "not done",
    Stand.LEFT: "not sent",
}
_ABOUT: Mapping[str, str] = {
    "customer": "needed; as QuickBooks knows them",
    "item": "needed; a product or service of QuickBooks, or its SKU",
    "quantity": "1 where only a rate is given",
    "rate": "the item's price where neither rate nor amount is given",
    "amount": "of the line, before tax",
    "date": "today where empty; best as 2026-11-20",
    "due_date": "by the terms where empty",
    "terms": "the customer's, else the company's, where empty",
    "description": "the item's where empty",
    "memo": "for yourselves; the customer does not see it",
    "invoice": "rows with the same number become one invoice",
    "email": "the customer's where empty",
    "send": "yes: it is e-mailed once it was posted",
}


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    name: str
    what: str
    amount: str
    state: str


@dataclass(frozen=True, slots=True)
class Listed:
    """All lines of a proposal, and the token of its button to leave some out."""

    number: str
    rows: tuple[_Line, ...]
    token: str


def listed(proposal: Proposal, card: Card) -> Listed | None:
    """The lines of a proposal of several; None where it is one thing."""
    if not lines.has_several(proposal.draft):
        return None
    token = next((each.token for each in card.buttons if each.verb == "drop"), "")
    return Listed(
        proposal.number,
        tuple(
            _Line(
                each.number,
                line(each.name),
                line("; ".join(x for x in (each.what, each.when, each.more) if x)),
                str(each.amount) if each.amount else "",
                line(
                    f"{_STANDS[each.stand]}: {each.said}"
                    if each.said
                    else _STANDS[each.stand]
                ),
            )
            for each in lines.lines(proposal)
        ),
        token,
    )


class UploadPages:
    """The page that takes a file, and the form that leaves lines out."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/upload", self._page),
            web.post("/upload", self._upload),
            web.get("/upload/template.csv", self._template),
            web.post("/proposals/{number}/lines", self._leave_out),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        must_visit(request)
        if self._site.ports.uploads is None:
            raise web.HTTPNotFound
        columns = [
            (words[0].capitalize(), ", ".join(words[1:4]), _ABOUT[name])
            for name, words in COLUMNS.items()
        ]
        values: dict[str, Any] = {
            "columns": columns,
            "event": uuid4().hex,
            "rows_max": ROWS_MAX,
        }
        return await self._site.page(request, "upload.html", **values)

    async def _template(self, request: web.Request) -> web.Response:
        must_visit(request)
        return web.Response(
            body=TEMPLATE.encode("utf-8-sig"),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": 'attachment; filename="invoices.csv"'},
        )

    async def _upload(self, request: web.Request) -> web.Response:
        """Keep the file, then have it worked on as if that had been said."""
        visit, site = must_visit(request), self._site
        if site.ports.uploads is None:
            raise web.HTTPNotFound
        form = await request.post()
        given = form.get("file")
        if not isinstance(given, web.FileField) or not given.filename:
            return await self._refused(request, visit, "Choose a file first.")
        content = given.file.read(BYTES_MAX + 1)
        if len(content) > BYTES_MAX:
            return await self._refused(
                request,
                visit,
                "The file is larger than 1 MB, so nothing was done. Please split it.",
            )
        name = line(given.filename.replace("\\", "/").rpartition("/")[2])[:_NAME_MAX]
        event = f"upload {form_text(form, 'event', _NAME_MAX) or uuid4().hex}"
        kept = await site.ports.uploads.keep(visit.person, event, name, content)
        said = await site.transcript.said(visit.reader, event, f"Uploaded “{name}”")
        site.bell.ring(visit.reader)
        message = ChatMessage(
            event=said,
            sender=sender(visit),
            place=place(visit.person),
            text=f"upload {kept}",
            at=site.now(),
            private=True,
        )
        if await site.ports.hearer.accept(message):
            site.ports.hearer.begin(message)
        if wants_data(request):
            return web.json_response({"sentence": None})
        return web.Response(status=303, headers={"Location": "/console/#latest"})

    async def _refused(
        self, request: web.Request, visit: Visit, said: str
    ) -> web.Response:
        """Say what is wrong with a file: on its page, or to the script that sent it."""
        if wants_data(request):
            return web.json_response({"sentence": said})
        return await self._back(visit, UPLOAD_PATH, said)

    async def _leave_out(self, request: web.Request) -> web.Response:
        visit, site = must_visit(request), self._site
        number = request.match_info["number"]
        if len(number) > _NUMBER_MAX or not number.isascii():
            raise web.HTTPNotFound(text="There is no proposal with that number.")
        back = f"/console/proposals/{quote(number)}"
        form = await request.post()
        ticked = [str(each) for each in form.getall("line", [])]
        if len(ticked) > _LINES_MAX or not all(
            each.isascii() and each.isdigit() and len(each) <= 4  # noqa: PLR2004
            for each in ticked
        ):
            raise web.HTTPBadRequest
        if not ticked:
            return await self._back(visit, back, "Tick the lines to leave out first.")
        named = form_text(form, "event", _NAME_MAX) or uuid4().hex
        press = Press(
            event=message_id(visit.reader, f"press {named}"),
            sender=sender(visit),
            place=place(visit.person),
            message="",
            verb="drop",
            token=form_text(form, "token", _TOKEN_MAX),
            at=site.now(),
            fields={"lines": f"lines {', '.join(ticked)}"},
        )
        said = None
        if await site.ports.hearer.accept(press):
            said = (await site.ports.hearer.press(press)).sentence
        return await self._back(visit, back, said)

    async def _back(self, visit: Visit, where: str, said: str | None) -> web.Response:
        if said:
            await self._site.sessions.note(visit.session, said)
        return web.Response(status=303, headers={"Location": where})
