"""Real adapters on a real server, between a recording Hearer and stand-ins."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import database
from bot.slack import Slack, SlackSettings
from bot.teams import Teams
from bot.teams_auth import TeamsSettings
from tests.conftest import Clock
from tests.platforms.hearing import RecordingHearer
from tests.platforms.slack_standin import SECRET, TOKEN, SlackStandIn
from tests.platforms.teams_standin import APP, TENANT, TeamsStandIn
from tests.platforms.teams_standin import TOKEN as TEAMS_TOKEN

SlackMaker = Callable[..., AbstractAsyncContextManager[Slack]]
TeamsMaker = Callable[..., AbstractAsyncContextManager[Teams]]


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


class KnownCredential:
    """The token that the stand-in wants; counts how often a fresh one is asked."""

    def __init__(self) -> None:
        self.fresh = 0
        self.given = TEAMS_TOKEN

    async def token(self, *, fresh: bool = False) -> str:
        """The token."""
        self.fresh += fresh
        return self.given


@pytest.fixture
def credential() -> KnownCredential:
    return KnownCredential()


@pytest.fixture
async def tenant(clock: Clock) -> AsyncIterator[TeamsStandIn]:
    """The stand-in for the Bot Framework."""
    made = TeamsStandIn(clock)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def one_database(
    tmp_path: Path, sqlite_tables: Path
) -> AsyncIterator[AsyncEngine]:
    """A database of one kind; what is kept is tested on both kinds elsewhere."""
    path = shutil.copy(sqlite_tables, tmp_path / "teams.db")
    made = database.engine(f"sqlite:///{path}")
    yield made
    await made.dispose()


@pytest.fixture
def make_teams(
    tenant: TeamsStandIn,
    hearer: RecordingHearer,
    one_database: AsyncEngine,
    clock: Clock,
    credential: KnownCredential,
) -> TeamsMaker:
    """Starts a Teams adapter on a server; settings and more may be replaced."""

    @asynccontextmanager
    async def make(
        settings: dict[str, Any] | None = None, **more: Any
    ) -> AsyncIterator[Teams]:
        chosen: dict[str, Any] = {
            "app_type": "SingleTenant",
            "app_id": APP,
            "tenant_id": TENANT,
            "password": "a client secret",
            "openid_metadata_url": tenant.openid_url,
            "extra_hosts": frozenset({"127.0.0.1"}),
            **(settings or {}),
        }

        async def at_once(_: float) -> None:
            return

        more = {"credential": credential, "pause": at_once, **more}
        teams = Teams(TeamsSettings(**chosen), hearer, one_database, clock, **more)
        app = web.Application()
        teams.routes(app)
        await teams.start()
        async with served(app) as address:
            tenant.messages_url = f"{address}/api/messages"
            try:
                yield teams
            finally:
                await teams.stop()

    return make


@pytest.fixture
async def teams(make_teams: TeamsMaker) -> AsyncIterator[Teams]:
    """A Teams adapter that is ready."""
    async with make_teams() as made:
        yield made
