"""Sending what is in the outbox: one task for each endpoint, one POST at a time."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from qbo.simulator.clock import Clock, stamp_utc
from qbo.simulator.exact import Json
from qbo.simulator.rules import webhooks
from qbo.simulator.switches import Switches
from qbo.simulator.web.deliveries import Delivery, Endpoint, Outbox

AGENT: Final = "intuit_notification_server/1.0"


class Courier:
    """Delivers while it is `running`. How long an answer may take is real time."""

    def __init__(
        self, outbox: Outbox, clock: Clock, switches: Callable[[], Switches]
    ) -> None:
        self._outbox, self._clock, self._switches = outbox, clock, switches
        self._session: aiohttp.ClientSession | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wakers: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work; at the end let go of what is being sent, which stays in the outbox."""
        connector = aiohttp.TCPConnector(force_close=True)
        jar = aiohttp.DummyCookieJar()
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar)
        self.wake()
        try:
            yield
        finally:
            session, self._session = self._session, None
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tasks.clear()
            await session.close()

    def wake(self) -> None:
        """Look again: events or endpoints came, the clock moved, a switch changed."""
        if self._session is None:
            return
        for number in self._tasks.keys() - self._outbox.endpoints.keys():
            self._tasks.pop(number).cancel()
        for number in self._outbox.endpoints.keys() - self._tasks.keys():
            self._wakers[number] = asyncio.Event()
            work = self._work(number, self._session)
            self._tasks[number] = asyncio.create_task(work)
        for number in self._tasks:
            self._wakers[number].set()

    async def _work(self, number: str, session: aiohttp.ClientSession) -> None:
        waker = self._wakers[number]
        while True:
            waker.clear()
            first = self._outbox.first(number)
            wait = self._outbox.wait(first) if first else None
            if first and wait is not None and wait <= 0:
                await self._deliver(self._outbox.endpoints[number], first, session)
                continue
            try:
                async with asyncio.timeout(wait):
                    await waker.wait()
            except TimeoutError:
                continue

    async def _deliver(
        self, endpoint: Endpoint, delivery: Delivery, session: aiohttp.ClientSession
    ) -> None:
        delivery.sending = True
        try:
            attempt = await self._attempt(endpoint, delivery, session)
        finally:
            delivery.sending = False
        self._outbox.tried(delivery, attempt)

    async def _attempt(
        self, endpoint: Endpoint, delivery: Delivery, session: aiohttp.ClientSession
    ) -> Json:
        """One POST: when, what came back, how long it took."""
        rules, when, began = self._switches(), self._clock.now(), time.monotonic()
        body = self._body(endpoint, delivery).encode()
        headers = {
            "Content-Type": rules.webhook_content_type,
            "User-Agent": AGENT,
            "intuit-signature": webhooks.signature(body, endpoint.verifier),
            "intuit-created-time": stamp_utc(when),
            "intuit-t-id": str(uuid.uuid4()),
            "intuit-notification-schema-version": "0.1",
        }
        status, error = None, None
        try:
            async with (
                asyncio.timeout(rules.webhook_timeout_ms / 1_000),
                session.post(
                    endpoint.url, data=body, headers=headers, allow_redirects=False
                ) as answer,
            ):
                status = answer.status
        except TimeoutError:
            error = "no answer in time"
        except (aiohttp.ClientError, OSError, ValueError) as wrong:
            error = f"{type(wrong).__name__}: {wrong}"
        return {
            "at": when.isoformat(),
            "status": status,
            "error": error,
            "milliseconds": round((time.monotonic() - began) * 1_000),
            "acknowledged": status is not None and status // 100 == 2,  # noqa: PLR2004
        }

    def _body(self, endpoint: Endpoint, delivery: Delivery) -> str:
        rules, events = self._switches(), delivery.events
        if rules.webhook_reversed:
            events = events[::-1]
        if rules.webhook_form == "legacy":
            return webhooks.legacy(events)
        return webhooks.cloud_events(events, endpoint.app, void=rules.webhook_void_verb)
