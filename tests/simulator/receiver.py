"""A small web server that takes webhooks in, and says what it is told to say."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

VERIFIER = "a-verifier-token"


class Receiver:
    """What arrived, newest last; `statuses` are the next answers, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.delay_seconds = 0.0

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        await asyncio.sleep(self.delay_seconds)
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    def signed(self, place: int = -1, verifier: str = VERIFIER) -> bool:
        digest = hmac.new(verifier.encode(), self.bodies[place], hashlib.sha256)
        wanted = base64.b64encode(digest.digest()).decode()
        return self.headers[place]["intuit-signature"] == wanted

    def posts(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]

    def events(self) -> list[tuple[str, str]]:
        """All CloudEvents so far: type without prefix and version, and number."""
        return [
            (
                one["type"].removeprefix("qbo.").removesuffix(".v1"),
                one["intuitentityid"],
            )
            for post in self.posts()
            for one in post
        ]

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something is so; three seconds are long enough for all."""
        for _ in range(300):
            if done():
                return
            await asyncio.sleep(0.01)
        raise TimeoutError(f"there came {self.bodies}")

    async def got(self, count: int) -> None:
        """Wait for so many POSTs."""
        await self.until(lambda: len(self.bodies) >= count)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield made
    finally:
        await runner.cleanup()
