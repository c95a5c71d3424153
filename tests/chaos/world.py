"""What the chaos happens in: two servers, QuickBooks, Slack, one PostgreSQL."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from bot import app as program
from bot import demo
from bot.platform import Sender
from bot.settings import Settings
from tests.chaos import fast
from tests.chaos.chat import ChaosSlack
from tests.conversations.town import COMPANY, REALM, environ_for, serving
from tests.platforms import slack_standin

ROOT = Path(__file__).parents[2]
SAM, PRIYA, ALEX = "U0SAM", "U0PRIYA", "U0ALEX"
_START_SECONDS = 180
_PAGE = 1000


@dataclass
class Process:
    """A program in a process of its own, which can be killed and started again."""

    arguments: tuple[str, ...]
    environ: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    said: str = ""

    async def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", *self.arguments),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **self.environ},
            )
        assert self.process.stdout is not None
        async with asyncio.timeout(_START_SECONDS):
            async for line in self.process.stdout:
                if (said := line.decode()).startswith(fast.READY):
                    self.said = said.removeprefix(fast.READY).strip()
                    return
        raise RuntimeError(f"{self.arguments[0]} did not start; see {self.log}")

    async def kill(self) -> None:
        """As the machine does it: without a word."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()


@dataclass
class World:
    """Everything, running. `parts` is a third look at the same database."""

    servers: list[Process]
    slack: ChaosSlack
    simulator: str
    parts: program.Countersign
    http: httpx.AsyncClient
    folder: Path
    chance: Random
    speed: float
    wishes: list[Any] = field(default_factory=list)

    async def query(self, statement: str) -> list[dict[str, Any]]:
        """All records of a statement, from the books themselves."""
        entity, found = statement.split()[3], list[dict[str, Any]]()
        token = await self.parts.connection.token(COMPANY)
        while True:
            answer = await self.http.get(
                f"{self.simulator}/v3/company/{REALM}/query",
                params={
                    "query": f"{statement} STARTPOSITION {len(found) + 1}"
                    f" MAXRESULTS {_PAGE}"
                },
                headers={
                    "Authorization": f"Bearer {token}",
                    "Accept": "application/json",
                },
            )
            answer.raise_for_status()
            page = answer.json()["QueryResponse"].get(entity, [])
            found += page
            if len(page) < _PAGE:
                return found

    async def switchboard(self, path: str, **wish: Any) -> None:
        """Tell the simulator something."""
        answer = await self.http.post(f"{self.simulator}/_simulator/{path}", json=wish)
        answer.raise_for_status()

    async def journal(self) -> list[dict[str, Any]]:
        """The requests that arrived at QuickBooks."""
        answer = await self.http.get(f"{self.simulator}/_simulator/requests")
        lines: list[dict[str, Any]] = answer.json()["requests"]
        return lines


@asynccontextmanager
async def opened(
    folder: Path, database_url: str, *, speed: float, chance: Random
) -> AsyncIterator[World]:
    """Start everything, and connect the company by the consent an admin gives."""
    epoch = time.time()
    clock = fast.clock(speed, epoch)
    hurried = {**fast.environ(speed, epoch), "PYTHONPATH": str(ROOT)}
    async with AsyncExitStack() as stack:
        slack = ChaosSlack(clock, chance)
        # So that a card sent by a killed server is found again in channels too.
        slack.scopes |= {"channels:history"}
        await slack.start()
        stack.push_async_callback(slack.stop)
        books = Process(("tests.chaos.quickbooks",), hurried, folder / "quickbooks.log")
        stack.push_async_callback(books.kill)
        await books.start()
        first = environ_for(
            folder / "one",
            books.said,
            database_url,
            SLACK_BOT_TOKEN=slack_standin.TOKEN,
            SLACK_SIGNING_SECRET=slack_standin.SECRET,
            SLACK_API_URL=slack.api_url,
        )
        second = {
            **first,
            "COUNTERSIGN_DATA_DIR": str(folder / "two"),
            "COUNTERSIGN_PORT": str(demo.free_port(0)),
        }
        settings = [Settings.read(each, demo=True) for each in (first, second)]
        servers = [
            Process(
                ("tests.chaos.server", json.dumps(each)),
                hurried,
                folder / f"server-{number}.log",
            )
            for number, each in enumerate((first, second), start=1)
        ]
        slack.servers = [f"{each.base_url}/slack/events" for each in settings]
        parts = await _acquainted(settings[0], clock)
        stack.push_async_callback(parts.engine.dispose)
        stack.push_async_callback(parts.http.aclose)
        # The consent is given in peace: it is no part of the chaos.
        async with serving(settings[0], clock) as (giving, _):
            await demo.connect(giving)
        for server in servers:
            stack.push_async_callback(server.kill)
        await asyncio.gather(*(server.start() for server in servers))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=60))
        world = World(servers, slack, books.said, parts, http, folder, chance, speed)
        # Credit that QuickBooks would apply by itself is no doing of ours.
        await world.switchboard("switches", auto_apply_credit="off")
        yield world


async def _acquainted(settings: Settings, clock: Any) -> program.Countersign:
    """The database made, and Slack's people known in it."""
    parts = program.assemble(replace_data(settings), clock)
    await program._prepare(parts)
    await parts.people.bind("slack", slack_standin.TEAM, program.WORKSPACE)
    for person, user in (
        ("demo-sam", SAM),
        ("demo-priya", PRIYA),
        ("demo-alex", ALEX),
    ):
        await parts.people.identify(person, Sender("slack", slack_standin.TEAM, user))
    return parts


def replace_data(settings: Settings) -> Settings:
    """The same settings with a data folder of the onlooker's own."""
    return settings.model_copy(
        update={"data_dir": settings.data_dir.with_name("onlooker")}
    )


__all__ = ["ALEX", "PRIYA", "SAM", "Process", "World", "opened"]
