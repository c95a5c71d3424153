"""Live updates: server-sent events of what changes in a person's console.

Every event of a message carries the feed's number as its id; a browser that was
away says which it saw last (Last-Event-ID) and gets what it missed.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from bot.console.chat import fragment
from bot.console.guard import Visit
from bot.console.ports import Pulse
from bot.console.site import Site, must_visit

_LOOK_SECONDS = 1.0
_ALIVE_SECONDS = 15
_ADMIT_SECONDS = 5
_STREAMS_MAX = 12
_NUMBER_DIGITS = 12


class Stream:
    """The one long answer of every open page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pulses: dict[str, tuple[float, Pulse]] = {}

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [web.get("/events", self._events)]

    async def _events(self, request: web.Request) -> web.StreamResponse:
        visit = must_visit(request)
        if self._site.bell.count(visit.reader) >= _STREAMS_MAX:
            raise web.HTTPTooManyRequests(text="Too many pages are open.")
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                # A proxy that collects answers would hold the events back.
                "X-Accel-Buffering": "no",
            }
        )
        bell = self._site.bell
        event = bell.listen(visit.reader)
        # A browser that left is no failure, at the first byte or later.
        with suppress(ConnectionError):
            try:
                await response.prepare(request)
                await _write(response, "retry: 2000\n\n")
                await self._follow(request, visit, response, event)
            finally:
                bell.leave(visit.reader, event)
        return response

    async def _follow(
        self,
        request: web.Request,
        visit: Visit,
        response: web.StreamResponse,
        event: asyncio.Event,
    ) -> None:
        site = self._site
        after = _number(
            request.headers.get("Last-Event-ID", request.query.get("after", ""))
        )
        stamp: str | None = None
        loop = asyncio.get_running_loop()
        alive_at = admitted_at = loop.time()
        while not site.bell.is_closing:
            event.clear()
            if loop.time() - admitted_at > _ADMIT_SECONDS or request.transport is None:
                admitted_at = loop.time()
                now = await site.guard.visit(request)
                if now is None or now.session.digest != visit.session.digest:
                    await _write(response, _event("ended", {}))
                    return
                visit = now
            for message in await site.transcript.changed(visit.reader, after):
                data = fragment(site, visit, message)
                after = message.changed
                await _write(response, _event("message", data, after))
            pulse = await self._pulse(visit.reader.workspace)
            if pulse.stamp != stamp:
                stamp = pulse.stamp
                data = {"waiting": pulse.waiting, "stamp": pulse.stamp}
                await _write(response, _event("proposals", data))
            if loop.time() - alive_at > _ALIVE_SECONDS:
                alive_at = loop.time()
                await _write(response, ": still here\n\n")
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), _LOOK_SECONDS)

    async def _pulse(self, workspace: str) -> Pulse:
        # All streams of a workspace share one look a second.
        now = asyncio.get_running_loop().time()
        known = self._pulses.get(workspace)
        if known and now - known[0] < _LOOK_SECONDS:
            return known[1]
        pulse = await self._site.ports.proposals.pulse(workspace)
        self._pulses[workspace] = (now, pulse)
        return pulse


def _number(text: str) -> int:
    fine = text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS
    return int(text) if fine else 0


def _event(name: str, data: Mapping[str, str | int], number: int | None = None) -> str:
    # JSON in one line: nothing in a text can end the event.
    known = f"id: {number}\n" if number is not None else ""
    return f"{known}event: {name}\ndata: {json.dumps(data)}\n\n"


async def _write(response: web.StreamResponse, text: str) -> None:
    await response.write(text.encode())
