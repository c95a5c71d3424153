"""Whether we live, whether we are ready, and the figures of both."""

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import database

States = Callable[[], Awaitable[dict[str, str]]]


class Health:
    """`/healthz`, `/readyz` and `/metrics`.

    Ready means: the database is reachable and migrated. How each platform and
    company is stands in the body and never makes it fail. `figures` are counters of
    others that stand in the metrics as well.
    """

    def __init__(
        self, engine: AsyncEngine, states: States, figures: Iterable[Collector] = ()
    ) -> None:
        self._engine = engine
        self._states = states
        self._figures = tuple(figures)

    def routes(self, app: web.Application) -> None:
        """Add the three routes."""
        app.router.add_get("/healthz", self.alive)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.metrics)

    async def alive(self, request: web.Request) -> web.Response:
        """The process answers."""
        del request
        return web.json_response({"alive": True})

    async def ready(self, request: web.Request) -> web.Response:
        """The database answers, and has our tables."""
        del request
        try:
            is_ready = await database.is_migrated(self._engine)
            states = await self._states() if is_ready else {}
        except (SQLAlchemyError, OSError):
            is_ready, states = False, {"database": "cannot be read"}
        return web.json_response(
            {"ready": is_ready, **states}, status=200 if is_ready else 503
        )

    async def metrics(self, request: web.Request) -> web.Response:
        """The same as Prometheus text."""
        del request
        registry = CollectorRegistry()
        ready = Gauge("countersign_ready", "Database reachable", registry=registry)
        state = Gauge(
            "countersign_state",
            "How each platform and company is (the label says it)",
            ["what", "state"],
            registry=registry,
        )
        try:
            ready.set(1 if await database.is_migrated(self._engine) else 0)
            for what, word in (await self._states()).items():
                state.labels(what, word).set(1)
        except (SQLAlchemyError, OSError):
            ready.set(0)
        for each in self._figures:
            registry.register(each)
        return web.Response(
            body=generate_latest(registry),
            headers={"Content-Type": CONTENT_TYPE_LATEST},
        )
