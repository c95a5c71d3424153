"""Starting and stopping the simulator."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

from aiohttp import web

from qbo.simulator.books.company import Company
from qbo.simulator.clock import Clock
from qbo.simulator.gateway.apps import PRODUCTION, SANDBOX, App, app_of
from qbo.simulator.keeping import folder
from qbo.simulator.query import evaluation as query
from qbo.simulator.rules import plans
from qbo.simulator.stories import seed
from qbo.simulator.stories import telling as story
from qbo.simulator.stories.teller import MONTHS
from qbo.simulator.switches import Switches
from qbo.simulator.web import access, api, around, byhand, listeners, switchboard
from qbo.simulator.web.deliveries import VERIFIER
from qbo.simulator.web.state import STATE, Simulator

CLIENT_ID: Final = "simulator-client"
CLIENT_SECRET: Final = "simulator-secret"  # noqa: S105 - public, and good for nothing
BODY_MAX: Final = 100 * 2**20
Tell: TypeAlias = Callable[..., Company]
"""Whoever tells the story of a company; called as `telling.told` is."""


@dataclass(frozen=True)
class Options:
    """How to run a simulator.

    `tokens` are fixed bearer tokens, each `ACCESS` or `ACCESS:REFRESH`; `clients` are
    known apps, each `[NAME=]ID:SECRET[:REDIRECT_URI]`, with Development keys, and
    `production_clients` the same with Production keys; `environment` is which of
    Intuit's API hosts this is. `plans` are `COMPANY=PLAN`. `webhooks` are addresses
    that hear of changes, `verifiers` the tokens these are signed with: one for each, or
    one for all; `webhooks_anywhere` allows other machines. Without `today` the clock is
    the real one. `invoices` is how many the story has at least (0: no story, empty
    books), `months` how long ago it begins; `data` is the folder in which everything
    is kept. `end_with_input`: end when the standard input does, which is how a program
    that started us takes us along.
    """

    port: int = 8791
    host: str = "127.0.0.1"
    companies: tuple[str, ...] = ("harbour-pine-us",)
    today: date | None = None
    invoices: int | None = None
    months: int = MONTHS
    latency_ms: int = 0
    limits: bool = False
    tokens: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    production_clients: tuple[str, ...] = ()
    environment: str = SANDBOX
    plans: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    verifiers: tuple[str, ...] = ()
    webhooks_anywhere: bool = False
    data: Path | None = None
    seed: int = 1
    end_with_input: bool = False


class Running:
    """A simulator that is up: its address, and how to end it."""

    def __init__(self, runner: web.AppRunner, state: Simulator) -> None:
        self._runner = runner
        self.state = state

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        return self.state.base

    @property
    def lines(self) -> list[str]:
        """One line a company: address, realm, name."""
        return [
            f"{self.url} {one.realm} {one.name}"
            for one in self.state.companies.values()
        ]

    async def stop(self) -> None:
        """End it; requests that are being answered are let go."""
        await self._runner.cleanup()
        self.state.meter.save()
        self.state.storage.close()


async def start(options: Options, tell: Tell = story.told) -> Running:
    """Start a simulator in this event loop; port 0 takes a free one.

    `tell` makes the books of a company that starts.

    Raises:
        ValueError: an option names an unknown company or is not in its form.
        OSError: the port is taken or the folder cannot be written.
    """
    switches = Switches(
        environment=options.environment,
        latency_ms=options.latency_ms,
        limits=options.limits,
    )
    apps = [app_of(text, SANDBOX) for text in options.clients]
    apps += [app_of(text, PRODUCTION) for text in options.production_clients]
    apps = apps or [App(CLIENT_ID, CLIENT_SECRET, name="Sample app")]
    clock = Clock(options.today)
    with folder.understood(options.data):
        state = Simulator(clock, switches, apps, options.data)
    try:
        return await _started(state, options, tell)
    except BaseException:
        state.storage.close()
        raise


async def _started(state: Simulator, options: Options, tell: Tell) -> Running:
    for text in options.tokens:
        token, _, refresh = text.partition(":")
        state.authority.fix(token, refresh)
    for slug in options.companies:
        company = _company(state, options, slug, tell)
        query.warm(company, state.switches)
        state.add(company)
    for text in options.plans:
        _give_plan(state, text)
    state.outbox.anywhere = options.webhooks_anywhere
    for url, verifier in _webhooks(options):
        state.outbox.register({"url": url, "verifier": verifier})
    runner = web.AppRunner(application(state), access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, options.host, options.port)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    port = runner.addresses[0][1]
    host = f"[{options.host}]" if ":" in options.host else options.host
    state.base = f"http://{host}:{port}"
    return Running(runner, state)


def run(options: Options) -> None:
    """Run a simulator until it is told to end (SIGTERM, SIGINT)."""
    asyncio.run(_serve(options))


def application(state: Simulator) -> web.Application:
    """The web application around a state."""
    app = web.Application(
        middlewares=[around.everything],
        client_max_size=BODY_MAX,
        handler_args={"lingering_time": 0},
    )
    app[STATE] = state
    for part in (switchboard, listeners, byhand, access, api):
        app.add_routes(part.routes())
    app.cleanup_ctx.append(_delivering)
    return app


async def _delivering(app: web.Application) -> AsyncIterator[None]:
    async with app[STATE].courier.running():
        yield


def _company(state: Simulator, options: Options, slug: str, tell: Tell) -> Company:
    """A company as it was left, or a new one with its story."""
    with folder.understood(options.data):
        kept = state.storage.company(slug)
    if kept is not None:
        return kept
    today = state.clock.today()
    company = tell(
        slug,
        today,
        invoices=options.invoices,
        seed=options.seed,
        months=options.months,
    )
    seed.close_books(company, today)
    state.storage.add(company)
    return company


def _webhooks(options: Options) -> list[tuple[str, str]]:
    """The endpoints and their verifier tokens: one for each, one for all, or none."""
    verifiers = options.verifiers or (VERIFIER,)
    if len(verifiers) == 1:
        verifiers *= len(options.webhooks)
    if len(verifiers) != len(options.webhooks):
        raise ValueError("verifiers: give one for each webhook, or one for all")
    return list(zip(options.webhooks, verifiers, strict=True))


def _give_plan(state: Simulator, text: str) -> None:
    """Give a company the plan that `COMPANY=PLAN` names, unless it has it."""
    slug, equals, plan = text.partition("=")
    if not equals:
        raise ValueError(f"a plan is given as COMPANY=PLAN, not {text!r}")
    company = next((one for one in state.companies.values() if one.slug == slug), None)
    if company is None:
        served = ", ".join(one.slug for one in state.companies.values())
        raise ValueError(f"{slug!r} is not served here; there are: {served}")
    if plans.plan_of(company) != plan:
        plans.give(company, plan, state.clock.now())
        state.commit(company)


async def _serve(options: Options) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if options.end_with_input:
        try:
            loop.add_reader(sys.stdin, _read_to_the_end, ended)
        except PermissionError:
            raise ValueError(
                "--end-with-input needs a pipe or a terminal as its standard input"
            ) from None
    # What a company is made of stays; nobody need look through it for garbage.
    gc.disable()
    running = await start(options)
    gc.freeze()
    gc.enable()
    for line in running.lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    await ended.wait()
    await running.stop()


def _read_to_the_end(ended: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin)
        ended.set()
