"""Wires everything; the only file that knows all.

`build(settings)` is the program: the tests start it as an operator does, with
port 0 and a temporary folder.
"""

import asyncio
import hashlib
import hmac
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from aiohttp import web
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals import policy
from approvals.applying import policy_sentence
from approvals.desk import Desk, DeskSettings
from approvals.proposal import Person, Role
from bot import database, health, stops, views
from bot.background import Background
from bot.backstage import Backstage
from bot.chatlog import Chatlog
from bot.clerk import Clerk
from bot.connect import Consent
from bot.connections import Connections
from bot.console.platform import Console
from bot.console.ports import ConsoleSettings, Persona, Ports
from bot.editor import Editor
from bot.errands import Errands
from bot.files import Files
from bot.following import Follower
from bot.misses import Misses
from bot.model import ModelReader
from bot.notices import Notices
from bot.people import People
from bot.platform import ChatPlatform, Place
from bot.policies import Policies
from bot.presses import Presses
from bot.schedule import Daily, Every, Timetable
from bot.settings import Settings
from bot.shown import ShownAnswers
from bot.slack import Slack, SlackSettings
from bot.teams import Teams, TeamsSettings
from bot.tellings import Tellings
from bot.uploaded import Uploads
from bot.voice import Voice
from cards import connections, trail
from cards.card import Card
from qbo import webhooks
from qbo.books import Environment
from qbo.client import Client
from qbo.connection import (
    INTUIT,
    Completed,
    Connection,
    QuickBooksApp,
    State,
)
from qbo.faults import BooksFault
from qbo.governor import Governor
from qbo.ledger import Ledger

log = logging.getLogger(__name__)

# One deployment serves one workspace today; the rows know of several.
WORKSPACE = "main"
MINUTE = 60.0
# What the Microsoft 365 Agents Playground calls its tenant unless told otherwise.
EMULATOR_TENANT = "00000000-0000-0000-0000-0000000000001"


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Countersign:
    """The parts of a running program, for whoever has started it."""

    settings: Settings
    engine: AsyncEngine
    people: People
    chatlog: Chatlog
    connection: Connection
    ledger: Ledger
    desk: Desk
    policies: Policies
    notices: Notices
    tellings: Tellings
    follower: Follower
    voice: Voice
    background: Background
    back: Backstage
    reader: ModelReader
    clerk: Clerk
    console: Console
    slack: Slack | None
    teams: Teams | None
    files: Files
    uploads: Uploads
    http: httpx.AsyncClient
    now: Callable[[], datetime]


PARTS: web.AppKey[Countersign] = web.AppKey("countersign")


def build(
    settings: Settings, *, now: Callable[[], datetime] = utc_now
) -> web.Application:
    """The whole program as one aiohttp application, not yet started.

    Raises:
        Unfit: the settings cannot be used.
    """
    app = web.Application(client_max_size=1024 * 1024, middlewares=[_shield])
    parts = assemble(settings, now)
    app[PARTS] = parts
    _Routes(parts).add(app)
    app.cleanup_ctx.append(_life(parts))
    return app


def assemble(settings: Settings, now: Callable[[], datetime]) -> Countersign:
    """All parts, joined; nothing is started and nothing is asked of anybody."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = database.engine(settings.database_url)
    keys = MultiFernet([Fernet(key.get_secret_value()) for key in settings.secret_keys])
    http = httpx.AsyncClient(timeout=httpx.Timeout(20.0), follow_redirects=False)
    people = People(engine, now, settings.join_by_email)
    chatlog = Chatlog(engine, now)
    connection = Connection(engine, quickbooks_apps(settings), keys, http, now)
    client = Client(connection, Governor(engine), http, now)
    ledger = Ledger(client, connection, engine, now)
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    platforms: dict[str, ChatPlatform] = {}
    desk = Desk(
        engine,
        ledger,
        policy.load(settings.policy),
        _derived_key(settings, b"trail"),
        now,
        owner=owner,
        may_post=connection.may_post,
        members=people.people,
        platforms=platforms,
        settings=DeskSettings(
            stale_after_hours=settings.stale_after_hours,
            late_after_minutes=settings.late_after_minutes,
            readonly=settings.readonly,
        ),
    )
    client.last_look = desk.stops.last_look
    voice = Voice(platforms, people)
    background = Background()
    consoles: list[Console] = []  # the one console, which needs what needs it
    notices = Notices(voice, desk, people, now)
    shown = ShownAnswers(engine, _derived_key(settings, b"answers"), now)
    tellings = Tellings(voice, desk, people, now, shown)

    async def hurry() -> None:
        for each in await connection.all():
            await desk.hurry(each.company.id)

    policies = Policies(
        desk, settings.policy, now, workspace=WORKSPACE, owner=owner, hurry=hurry
    )

    async def entrance(person: Person) -> str:
        return await consoles[0].entrance(person)

    backstage = Backstage(
        voice=voice,
        background=background,
        people=people,
        chatlog=chatlog,
        desk=desk,
        ledger=ledger,
        connection=connection,
        notices=notices,
        tellings=tellings,
        policies=policies,
        consent_link=lambda token: (
            f"{settings.base_url}/oauth/quickbooks/start?link={token}"
        ),
        console_link=entrance,
        support_contact=settings.support,
        now=now,
        uploads=Uploads(engine, now),
        misses=Misses(engine, now),
        shown=shown,
    )
    companies = Connections(backstage)
    reader = ModelReader(engine, settings.models, settings.model_tokens, now)
    errands = Errands(backstage, companies, reader)
    presses = Presses(backstage, companies, errands)
    clerk = Clerk(backstage, errands, presses, time_zone=settings.time_zone)
    console = _console(settings, engine, clerk, backstage)
    consoles.append(console)
    slack = _slack(settings, clerk, people, now)
    files = Files(engine, now, settings.base_url)
    teams = _teams(settings, clerk, engine, now, files)
    platforms["console"] = console
    if slack is not None:
        platforms["slack"] = slack
    if teams is not None:
        platforms["teams"] = teams
    return Countersign(
        settings=settings,
        engine=engine,
        people=people,
        chatlog=chatlog,
        connection=connection,
        ledger=ledger,
        desk=desk,
        policies=policies,
        notices=notices,
        tellings=tellings,
        follower=Follower(
            desk, ledger.following, connection, now, watch_days=settings.watch_days
        ),
        voice=voice,
        background=background,
        back=backstage,
        reader=reader,
        clerk=clerk,
        console=console,
        slack=slack,
        teams=teams,
        files=files,
        uploads=backstage.uploads,
        http=http,
        now=now,
    )


def quickbooks_apps(settings: Settings) -> dict[Environment, QuickBooksApp]:
    """The key pairs by environment; a second pair serves sandbox companies."""
    pairs = [
        (
            settings.quickbooks_environment,
            settings.quickbooks_client_id,
            settings.quickbooks_client_secret,
        )
    ]
    if settings.quickbooks_environment is not Environment.SANDBOX:
        pairs.append(
            (
                Environment.SANDBOX,
                settings.quickbooks_sandbox_client_id,
                settings.quickbooks_sandbox_client_secret,
            )
        )
    apps = {}
    for environment, client_id, secret in pairs:
        if client_id and secret:
            main = environment is settings.quickbooks_environment
            intuit = INTUIT.get(environment)
            api = intuit.api_url if intuit else ""
            discovery = intuit.discovery_url if intuit else ""
            apps[environment] = QuickBooksApp(
                environment=environment,
                client_id=client_id,
                client_secret=secret.get_secret_value(),
                redirect_uri=settings.redirect_uri,
                api_url=(main and settings.quickbooks_api_url) or api,
                discovery_url=(main and settings.quickbooks_discovery_url) or discovery,
            )
    return apps


def _derived_key(settings: Settings, purpose: bytes) -> bytes:
    # The oldest key signs the trail, so that adding a newer one breaks no chain.
    oldest = settings.secret_keys[-1].get_secret_value().encode()
    return hmac.new(oldest, b"countersign " + purpose, hashlib.sha256).digest()


DEMO_PEOPLE = (
    ("demo-sam", "Sam Rivera", "sam@harbourpine.example", "Staff", {Role.STAFF}),
    (
        "demo-priya",
        "Priya Nair",
        "priya@harbourpine.example",
        "Approver",
        {Role.STAFF, Role.APPROVER},
    ),
    (
        "demo-alex",
        "Alex Morgan",
        "alex@harbourpine.example",
        "Admin",
        {Role.STAFF, Role.ADMIN},
    ),
)


def _console(
    settings: Settings, engine: AsyncEngine, clerk: Clerk, back: Backstage
) -> Console:
    people, desk, now = back.people, back.desk, back.now

    async def workspace_name(workspace: str) -> str:
        found = await people.workspace(workspace)
        return found.name if found else workspace

    def proposal_card(proposal: Any, viewer: Person) -> Card:
        return views.proposal_card(desk, proposal, viewer, now())

    return Console(
        engine,
        Ports(
            hearer=clerk,
            people=views.PeopleView(people, desk.approvers.changed),
            proposals=views.ProposalsView(desk),
            connections=views.ConnectionsView(
                back.connection, views.synced_at(back.ledger), people
            ),
            audit=views.AuditView(desk, back.connection),
            proposal_card=proposal_card,
            workspace_name=workspace_name,
            editor=Editor(back),
            untold=back.tellings.untold,
            uploads=back.uploads,
        ),
        ConsoleSettings(
            base_url=settings.base_url,
            public_url=settings.public_url,
            personas=tuple(
                Persona(person, name.split()[0], title)
                for person, name, _, title, _ in DEMO_PEOPLE
            )
            if settings.demo
            else (),
            support=settings.support or "",
            proxies=settings.proxies,
        ),
        now,
    )


def _slack(
    settings: Settings, clerk: Clerk, people: People, now: Callable[[], datetime]
) -> Slack | None:
    if settings.slack_bot_token is None:
        return None

    async def known(team: str) -> None:
        await people.bind("slack", team, WORKSPACE)

    return Slack(
        SlackSettings(
            bot_token=settings.slack_bot_token.get_secret_value(),
            signing_secret=settings.slack_signing_secret.get_secret_value()
            if settings.slack_signing_secret
            else "",
            app_token=settings.slack_app_token.get_secret_value()
            if settings.slack_app_token
            else None,
            api_url=settings.slack_api_url,
        ),
        clerk,
        now,
        on_ready=known,
    )


def _teams(
    settings: Settings,
    clerk: Clerk,
    engine: AsyncEngine,
    now: Callable[[], datetime],
    files: Files,
) -> Teams | None:
    if settings.teams_app_id is not None:
        chosen = TeamsSettings(
            app_type=settings.teams_app_type or "SingleTenant",
            app_id=settings.teams_app_id,
            tenant_id=settings.teams_tenant_id or "",
            password=settings.teams_password.get_secret_value()
            if settings.teams_password
            else None,
            certificate=settings.teams_certificate.get_secret_value()
            if settings.teams_certificate
            else None,
            certificate_thumbprint=settings.teams_certificate_thumbprint,
        )
    elif settings.demo:
        # For an emulator on this machine: no token asked, and from loopback only.
        chosen = TeamsSettings(
            app_type="SingleTenant",
            app_id="countersign-demo",
            tenant_id=EMULATOR_TENANT,
            unauthenticated=True,
            extra_hosts=frozenset({"127.0.0.1", "localhost"}),
        )
    else:
        return None
    return Teams(chosen, clerk, engine, now, file_link=files.link)


@web.middleware
async def _shield(
    request: web.Request,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """A plain sentence where something of ours broke; the console has its own."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except (LookupError, ValueError):
        log.info("a request that makes no sense", exc_info=True)
        return web.Response(
            status=400, text="I do not understand this request. Nothing was done.\n"
        )
    except Exception:
        reference = secrets.token_hex(3).upper()
        log.exception("a fault of our own: reference %s", reference)
        return web.Response(
            status=500,
            text=f"That is a fault in me, not in your books. Reference {reference}.\n",
        )


class _Routes:
    """Everything that is reached over HTTP."""

    def __init__(self, parts: Countersign) -> None:
        self._parts = parts

    def add(self, app: web.Application) -> None:
        """Add every route to the one application."""
        parts = self._parts
        parts.console.mount(app)
        Consent(
            parts.connection,
            page=parts.console.card_page,
            say=parts.voice.say_at,
            connected=self._connected,
            is_https=parts.settings.base_url.startswith("https://"),
        ).routes(app)
        if parts.slack is not None:
            parts.slack.routes(app)
        if parts.teams is not None:
            parts.teams.routes(app)
        parts.files.routes(app)
        app.router.add_post("/api/webhooks/quickbooks", self.webhook)
        app.router.add_get("/", self.front)
        figures = (parts.reader.asked, parts.reader.tokens)
        health.Health(parts.engine, self._state, figures).routes(app)

    async def front(self, request: web.Request) -> web.StreamResponse:
        """The address alone leads to the console."""
        del request
        raise web.HTTPFound("/console/")

    async def webhook(self, request: web.Request) -> web.Response:
        """Intuit says that books have moved: look at them again."""
        settings = self._parts.settings
        tokens = [
            token.get_secret_value()
            for token in (
                settings.quickbooks_webhook_token,
                settings.quickbooks_sandbox_webhook_token,
            )
            if token is not None
        ]
        body = await request.read()
        if not webhooks.is_signed(
            body, request.headers.get("intuit-signature"), tokens
        ):
            return web.Response(status=401, text="not signed by Intuit\n")
        try:
            moved = webhooks.realms(body)
        except ValueError:
            return web.Response(status=400, text="not an event of Intuit\n")
        for connected in await self._parts.connection.all():
            if connected.company.realm in moved and connected.state is State.CONNECTED:
                self._parts.background.later(self._look_again(connected.company.id))
        return web.Response(status=200)

    async def _look_again(self, company: str) -> None:
        try:
            await self._parts.ledger.sync(company)
            await _follow(self._parts)
        except BooksFault as fault:
            log.warning("an event led to nothing", extra={"why": fault.sentence})

    async def _connected(self, completed: Completed) -> None:
        """Say in the chat which company was connected, and read its books."""
        parts, connected = self._parts, completed.connected
        person = await parts.people.person(completed.person_id)
        card = (
            connections.confirm_company(connected.company, connected.company.id)
            if connected.state is State.CONFIRMING
            else connections.connected(
                connected.company, person.name if person else "an administrator"
            )
        )
        if completed.origin:
            await parts.voice.say_at(Place.parse(completed.origin), card)
        parts.background.later(self._load(connected.company.id))
        parts.background.later(stops.look_again(parts.back, connected.company.id))

    async def _load(self, company: str) -> None:
        try:
            await self._parts.ledger.load(company)
        except BooksFault as fault:
            log.warning("the books were not read", extra={"why": fault.sentence})

    async def _state(self) -> dict[str, str]:
        """How each platform and company is, in words."""
        parts = self._parts
        states = {
            "slack": parts.slack.state() if parts.slack else "off",
            "teams": parts.teams.state() if parts.teams else "off",
            "quickbooks": "on" if parts.settings.quickbooks_is_on else "off",
        }
        for connected in await parts.connection.all():
            states[f"company {connected.company.realm}"] = connected.state.value
        return states


def _life(parts: Countersign) -> Callable[[web.Application], AsyncIterator[None]]:
    """What begins with the program and ends with it."""

    async def life(app: web.Application) -> AsyncIterator[None]:
        del app
        await _prepare(parts)
        await parts.policies.begin()
        timetable = _timetable(parts)
        if parts.slack is not None:
            await parts.slack.start()
        if parts.teams is not None:
            await parts.teams.start()
        timetable.start()
        parts.background.later(_catch_up(parts))
        parts.background.later(parts.reader.prepare())
        yield
        timetable.stop()
        await parts.background.rest()
        await parts.notices.stop()
        await parts.tellings.stop()
        await parts.connection.settle()
        if parts.slack is not None:
            await parts.slack.stop()
        if parts.teams is not None:
            await parts.teams.stop()
        await parts.reader.close()
        await parts.http.aclose()
        await parts.engine.dispose()

    return life


async def _prepare(parts: Countersign) -> None:
    settings = parts.settings
    await database.migrate(parts.engine)
    name = "Harbour & Pine Landscaping" if settings.demo else "Countersign"
    await parts.people.open_workspace(WORKSPACE, name, settings.admins)
    if settings.demo:
        for person, full_name, email, _, roles in DEMO_PEOPLE:
            await parts.people.enrol(
                WORKSPACE, full_name, roles, email=email, person=person
            )
    if settings.teams_is_on and settings.teams_tenant_id:
        await parts.people.bind("teams", settings.teams_tenant_id, WORKSPACE)
    elif settings.demo:
        await parts.people.bind("teams", EMULATOR_TENANT, WORKSPACE)


async def _catch_up(parts: Countersign) -> None:
    """Do what was interrupted; tell the admins of connections that have ended.

    What was approved comes before what waits for a platform; and one thing that
    fails keeps none of the others waiting.
    """
    for work in (
        lambda: stops.compare(parts.back),
        lambda: stops.take_endings(parts.back, parts.engine),
        parts.desk.resume,
        parts.clerk.resume,
        parts.notices.catch_up,
        parts.tellings.catch_up,
    ):
        try:
            await work()
        except Exception:
            log.exception("a part of the round failed")


async def _look_at_policy(parts: Countersign) -> None:
    if await parts.policies.look():
        await parts.tellings.catch_up()


async def _renew(parts: Countersign) -> None:
    await parts.connection.renew_due()
    await _catch_up(parts)


async def _freshen(parts: Countersign) -> None:
    for connected in await parts.connection.all():
        if connected.state in {State.CONNECTED, State.CONFIRMING}:
            try:
                await parts.ledger.sync(connected.company.id)
            except BooksFault as fault:
                log.warning(
                    "the books were not freshened", extra={"why": fault.sentence}
                )

    await _follow(parts)


async def _follow(parts: Countersign) -> None:
    """See what became of posted records, as far as the copy of the books knows."""
    if await parts.follower.catch_up():
        await parts.notices.catch_up()
        await parts.tellings.catch_up()


async def _daily(parts: Countersign) -> None:
    """Tell the admins where each trail stands, so that a cut tail shows."""
    await parts.chatlog.tidy()
    await parts.files.tidy()
    await parts.uploads.tidy()
    await parts.back.misses.tidy()
    await parts.back.shown.tidy()
    await parts.console.tidy()
    for connected in await parts.connection.all():
        verified = await parts.desk.verify(connected.company.id)
        if verified.seq:
            card = trail.stands(
                connected.company, verified.seq, verified.sentence, verified.sound
            )
            await parts.voice.tell_admins(connected.workspace, card)


def _timetable(parts: Countersign) -> Timetable:
    return Timetable(
        (
            Every("interrupted work", MINUTE, lambda: _catch_up(parts)),
            Every("policy", MINUTE, lambda: _look_at_policy(parts)),
            Every("token renewal", 5 * MINUTE, lambda: _renew(parts)),
            Every("change data capture", 5 * MINUTE, lambda: _freshen(parts)),
            Every("posted records", MINUTE, lambda: _follow(parts)),
            Daily("trail", 6, 0, lambda: _daily(parts)),
        )
    )


async def serve(app: web.Application, settings: Settings) -> web.AppRunner:
    """Start the application; the caller cleans the runner up."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    found = app[PARTS].desk.policy
    if isinstance(found, policy.Broken):
        # Whoever starts it is told here, the administrators where they talk to it.
        where = f"COUNTERSIGN_POLICY is {settings.policy}."
        print(policy_sentence(found), where, file=sys.stderr, flush=True)  # noqa: T201
    return runner


async def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM comes."""
    app = build(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    parts = app[PARTS]
    loop.add_signal_handler(
        signal.SIGHUP, lambda: parts.background.later(_look_at_policy(parts))
    )
    runner = await serve(app, settings)
    try:
        where = f"http://{settings.host}:{settings.port}"
        reached = f", reached at {settings.public_url}" if settings.public_url else ""
        print(f"Countersign listens at {where}{reached}", flush=True)  # noqa: T201
        await stop.wait()
    finally:
        await runner.cleanup()


@asynccontextmanager
async def at_rest(settings: Settings) -> AsyncIterator[Countersign]:
    """The parts on their database with nothing started, for one order at the server."""
    parts = assemble(settings, utc_now)
    try:
        await _prepare(parts)
        yield parts
    finally:
        await parts.reader.close()
        await parts.http.aclose()
        await parts.engine.dispose()


async def console_link(settings: Settings, email: str) -> str | None:
    """A one-time link into the console for the person with that address."""
    wanted = email.strip().lower()
    async with at_rest(settings) as parts:
        for person in await parts.people.people(WORKSPACE):
            if person.email == wanted:
                return await parts.console.entrance(person)
        return None
