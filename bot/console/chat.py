"""The conversation: the transcript, what is said, what is pressed, files."""

import asyncio
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

from aiohttp import web

from approvals.proposal import Denied
from bot.console.doors import Doors
from bot.console.editing import EditPages
from bot.console.guard import VISIT, Visit
from bot.console.site import (
    Site,
    back_address,
    form_text,
    must_visit,
    place,
    sender,
    wants_data,
)
from bot.console.transcript import Kind, Message, message_id
from bot.platform import ChatMessage, Press, Reply
from bot.uploads import BYTES_MAX
from cards import pictures
from qbo.faults import BooksFault

TEXT_MAX = 4000
_PAGE = 40
_TOKEN_MAX = 4000
_DIGITS = 9
_NAME_MAX = 100
_FIELD_MAX = 4000
_FIELDS_MAX = 20
_CHAT = "/console/"
# A question that has found no answer for so long will not find one any more.
_WORKING_SECONDS = 120
_OWN = frozenset({"csrf", "back", "message", "verb", "token", "event", "zone"})
_SUGGESTIONS = (
    "who owes us money",
    "overdue invoices over 1k",
    "profit and loss this year",
    "invoice Acme West for 10 hours consulting, net 30",
    "what can you do",
)
# Types that a browser may be told; anything else is just bytes to keep.
_TYPES = frozenset(
    {
        "application/pdf",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


class Chat:
    """The chat page and what it sends."""

    def __init__(self, site: Site, doors: Doors, edit: EditPages) -> None:
        self._site = site
        self._doors = doors
        self._edit = edit

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/", self._page),
            web.post("/say", self._say),
            web.post("/press", self._press),
            web.get("/files/{id}", self._file),
            web.get("/charts/{id}/{number}.png", self._picture),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        visit = request.get(VISIT)
        if visit is None:
            return await self._doors.page(request)
        before = _number(request.query.get("before", ""))
        is_old = before is not None
        page = await self._site.transcript.page(
            visit.reader, limit=_PAGE, before=before
        )
        shown = page.messages
        return await self._site.page(
            request,
            "chat.html",
            messages=[self._site.drawn(visit, message, _CHAT) for message in shown],
            earlier=shown[0].born if page.earlier else None,
            is_old=is_old,
            # Our script says so, since <noscript> is not always honoured.
            has_script="countersign_script" in request.cookies,
            # Going to an address that differs only behind its "#" loads nothing.
            look=(_number(request.query.get("look", "")) or 0) + 1,
            is_working=not is_old and self._is_working(shown),
            suggestions=_SUGGESTIONS,
            event=uuid4().hex,
            text_max=TEXT_MAX,
            bytes_max=BYTES_MAX,
            after=page.number,
        )

    def _is_working(self, shown: tuple[Message, ...]) -> bool:
        if not shown or shown[-1].kind is not Kind.SAID:
            return False
        waited = self._site.now() - shown[-1].at
        return waited.total_seconds() < _WORKING_SECONDS

    async def _say(self, request: web.Request) -> web.Response:
        visit = must_visit(request)
        form = await request.post()
        # Browsers send line ends as CR LF; one message has one form.
        text = form_text(form, "text", TEXT_MAX * 2).replace("\r\n", "\n").strip()
        if not text or len(text) > TEXT_MAX:
            raise web.HTTPBadRequest(text="Write something first, up to 4,000 letters.")
        event = form_text(form, "event", _NAME_MAX) or uuid4().hex
        zone = _zone(form_text(form, "zone", _NAME_MAX))
        kept = await self._said(visit, event, text, zone)
        if not wants_data(request):
            return web.Response(status=303, headers={"Location": "/console/#latest"})
        return web.json_response({"message": await self._fragment(visit, kept)})

    async def _said(self, visit: Visit, event: str, text: str, zone: str) -> str:
        site = self._site
        kept = await site.transcript.said(visit.reader, event, text)
        site.bell.ring(visit.reader)
        message = ChatMessage(
            event=kept,
            sender=sender(visit, zone),
            place=place(visit.person),
            text=text,
            at=site.now(),
            private=True,
        )
        # The row may be there from a sending that stopped half-way; whether it
        # was heard is for the hearer to know.
        if await site.ports.hearer.accept(message):
            site.ports.hearer.begin(message)
        return kept

    async def _press(self, request: web.Request) -> web.Response:
        visit = must_visit(request)
        form = await request.post()
        verb = form_text(form, "verb", _NAME_MAX)
        token = form_text(form, "token", _TOKEN_MAX)
        message = form_text(form, "message", _NAME_MAX)
        back = back_address(form.get("back"))
        if not verb or len(form) > _FIELDS_MAX:
            raise web.HTTPBadRequest
        if verb == "edit":
            return await self._to_form(visit, token, back)
        fields = {
            name: form_text(form, name, _FIELD_MAX).replace("\r\n", "\n").strip()
            for name in form
            if name not in _OWN
        }
        event = message_id(
            visit.reader, f"press {form_text(form, 'event', _NAME_MAX) or uuid4().hex}"
        )
        press = Press(
            event=event,
            sender=sender(visit, _zone(form_text(form, "zone", _NAME_MAX))),
            place=place(visit.person),
            message=message,
            verb=verb,
            token=token,
            at=self._site.now(),
            fields=fields,
        )
        if verb == "say":
            # A choice pressed reads like the same words typed.
            await self._site.transcript.said(visit.reader, event, token)
            self._site.bell.ring(visit.reader)
        reply = Reply()
        if await self._site.ports.hearer.accept(press):
            reply = await self._site.ports.hearer.press(press)
        return await self._answer(request, visit, message, reply, back)

    async def _to_form(self, visit: Visit, token: str, back: str) -> web.Response:
        """An Edit button leads to a form; only saving that does anything."""
        try:
            back = await self._edit.pressed(visit, token)
        except (Denied, BooksFault) as no:
            await self._site.sessions.note(visit.session, no.sentence)
        return web.Response(status=303, headers={"Location": back})

    async def _answer(
        self,
        request: web.Request,
        visit: Visit,
        message: str,
        reply: Reply,
        back: str,
    ) -> web.Response:
        site = self._site
        # A card pressed elsewhere (a page, without a message) is drawn anew there; a
        # copy here would be one that nobody keeps in step.
        if (
            reply.card is not None
            and message
            and not await site.transcript.replace(visit.reader, message, reply.card)
        ):
            message = await site.transcript.show(visit.reader, reply.card, aside=True)
        site.bell.ring(visit.reader)
        if wants_data(request):
            fragment = await self._fragment(visit, message) if message else None
            return web.json_response({"sentence": reply.sentence, "message": fragment})
        if reply.sentence:
            await site.sessions.note(visit.session, reply.sentence)
        anchor = f"#m-{quote(message)}" if message else ""
        return web.Response(status=303, headers={"Location": f"{back}{anchor}"})

    async def _fragment(
        self, visit: Visit, message: str
    ) -> dict[str, str | int] | None:
        found = await self._site.transcript.message(visit.reader, message)
        return fragment(self._site, visit, found) if found else None

    async def _file(self, request: web.Request) -> web.Response:
        visit = must_visit(request)
        found = await self._site.transcript.file(visit.reader, request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound(text="There is no such file of yours.")
        known = found.media_type in _TYPES
        name = quote(found.name, safe="")
        return web.Response(
            body=found.content,
            content_type=found.media_type if known else "application/octet-stream",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    async def _picture(self, request: web.Request) -> web.Response:
        """A chart of a card in this person's own transcript, drawn when looked at."""
        visit = must_visit(request)
        found = await self._site.transcript.message(
            visit.reader, request.match_info["id"]
        )
        number = _number(request.match_info["number"])
        charts = found.card.charts if found is not None and found.card else ()
        if number is None or number >= len(charts):
            raise web.HTTPNotFound(text="There is no such chart of yours.")
        is_dark = request.query.get("look") == "dark"
        narrow = request.query.get("wide") == "no"
        content = await asyncio.to_thread(
            pictures.png, charts[number], dark=is_dark, narrow=narrow
        )
        return web.Response(
            body=content,
            content_type="image/png",
            headers={"Cache-Control": "private, max-age=86400"},
        )


def fragment(site: Site, visit: Visit, message: Message) -> dict[str, str | int]:
    """A message as the script takes it: what to put in, and where."""
    return {
        "id": message.id,
        "born": message.born,
        "changed": message.changed,
        "kind": message.kind,
        "summary": message.text,
        "html": site.message_html(visit, message, _CHAT),
    }


def _number(given: str) -> int | None:
    fine = given.isascii() and given.isdigit() and len(given) <= _DIGITS
    return int(given) if fine else None


def _zone(given: str) -> str:
    try:
        return ZoneInfo(given).key if given else ""
    except (KeyError, ValueError, OSError):
        return ""
