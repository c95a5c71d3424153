"""Real adapters on a real server, between a recording Hearer and stand-ins."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.slack import Slack, SlackSettings
from tests.conftest import Clock
from tests.platforms.hearing import RecordingHearer
from tests.platforms.slack_standin import SECRET, TOKEN, SlackStandIn

SlackMaker = Callable[..., AbstractAsyncContextManager[Slack]]


@pytest.fixture
def hearer() -> RecordingHearer:
    return RecordingHearer()


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """The address of an application on a free port of the loopback."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def workspace(clock: Clock) -> AsyncIterator[SlackStandIn]:
    """The stand-in for Slack."""
    made = SlackStandIn(clock)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def make_slack(
    workspace: SlackStandIn, hearer: RecordingHearer, clock: Clock
) -> SlackMaker:
    """Starts a Slack adapter on a server; settings and more may be replaced."""

    @asynccontextmanager
    async def make(
        settings: dict[str, Any] | None = None, **more: Any
    ) -> AsyncIterator[Slack]:
        chosen: dict[str, Any] = {
            "bot_token": TOKEN,
            "signing_secret": SECRET,
            "api_url": workspace.api_url,
            **(settings or {}),
        }
        slack = Slack(SlackSettings(**chosen), hearer, clock, **more)
        app = web.Application()
        slack.routes(app)
        await slack.start()
        async with served(app) as address:
            workspace.events_url = f"{address}/slack/events"
            try:
                yield slack
            finally:
                await slack.stop()

    return make


@pytest.fixture
async def slack(
    make_slack: SlackMaker, workspace: SlackStandIn
) -> AsyncIterator[Slack]:
    """A Slack adapter that is ready."""
    async with make_slack() as made:
        await workspace.until(lambda: made.ready)
        yield made
