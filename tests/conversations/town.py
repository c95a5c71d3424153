"""The whole program against the simulated QuickBooks, spoken to over HTTP only.

`town(...)` starts a simulator and Countersign as the demo does, in this process,
on loopback. A `Visitor` is a browser without JavaScript.
"""

import asyncio
import atexit
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
from aiohttp import web
from cryptography.fernet import Fernet

from approvals.proposal import Proposal, Status
from bot import app as program
from bot import database, demo
from bot.settings import Settings
from qbo.simulator.serve import Options, Running, start
from tests.stories import told

REALM = "9130350000000001"
COMPANY = f"simulator:{REALM}"
SAM, PRIYA, ALEX = "demo-sam", "demo-priya", "demo-alex"
# Enough of a past to ask about; a longer one only takes longer to read.
MONTHS = 3
T = TypeVar("T")


class RunningClock:
    """The real clock, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, **delta: float) -> None:
        """Put the clock forward: `clock.advance(minutes=5)`."""
        self.ahead += timedelta(**delta)


@dataclass
class Town:
    """A running program and its simulated QuickBooks."""

    url: str
    simulator: Running
    parts: program.Countersign
    clock: RunningClock
    http: httpx.AsyncClient

    @asynccontextmanager
    async def visit(self, person: str) -> AsyncIterator["Visitor"]:
        """Somebody's browser at the console."""
        async with httpx.AsyncClient(
            base_url=self.url, follow_redirects=True, timeout=30
        ) as browser:
            visitor = Visitor(browser)
            await visitor.be(person)
            yield visitor

    async def order(self, **fault: Any) -> None:
        """Order a fault at the simulated QuickBooks."""
        answer = await self.http.post(
            f"{self.simulator.url}/_simulator/faults", json=fault
        )
        answer.raise_for_status()

    async def requests(self, path: str, method: str = "POST") -> list[dict[str, Any]]:
        """The requests that arrived at the simulated QuickBooks."""
        answer = await self.http.get(f"{self.simulator.url}/_simulator/requests")
        return [
            each
            for each in answer.json()["requests"]
            if each["method"] == method and each["path"].endswith(path)
        ]

    async def query(self, statement: str) -> dict[str, Any]:
        """What the books themselves say, over HTTP, past everything of ours."""
        token = await self.parts.connection.token(COMPANY)
        answer = await self.http.get(
            f"{self.simulator.url}/v3/company/{REALM}/query",
            params={"query": statement},
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()["QueryResponse"]
        return found

    async def edit(self, entity: str, name: str, **fields: Any) -> None:
        """Edit a list record in QuickBooks, past everything of ours."""
        key = "DisplayName" if entity in {"Customer", "Vendor"} else "Name"
        found = await self.query(f"SELECT * FROM {entity} WHERE {key} = '{name}'")
        (record,) = found[entity]
        token = await self.parts.connection.token(COMPANY)
        answer = await self.http.post(
            f"{self.simulator.url}/v3/company/{REALM}/{entity.lower()}",
            json={
                "Id": record["Id"],
                "SyncToken": record["SyncToken"],
                "sparse": True,
                **fields,
            },
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
        answer.raise_for_status()

    async def by_hand(
        self, entity: str, body: dict[str, Any], **query: str
    ) -> dict[str, Any]:
        """Write something in QuickBooks by hand, past everything of ours."""
        token = await self.parts.connection.token(COMPANY)
        answer = await self.http.post(
            f"{self.simulator.url}/v3/company/{REALM}/{entity.lower()}",
            params=query,
            json=body,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()[entity]
        return found

    async def document(self, entity: str, record_id: str) -> dict[str, Any]:
        """A document as QuickBooks has it."""
        found = await self.query(f"SELECT * FROM {entity} WHERE Id = '{record_id}'")
        (record,) = found[entity]
        return dict(record)

    async def pay(self, invoice: str, amount: str, day: str) -> str:
        """Pay a part of an invoice by hand; the payment's id."""
        record = await self.document("Invoice", invoice)
        link = {"TxnId": invoice, "TxnType": "Invoice"}
        made = await self.by_hand(
            "Payment",
            {
                "CustomerRef": record["CustomerRef"],
                "TxnDate": day,
                "TotalAmt": float(amount),
                "Line": [{"Amount": float(amount), "LinkedTxn": [link]}],
            },
        )
        return str(made["Id"])

    async def undo(self, entity: str, record_id: str, operation: str) -> None:
        """Void or delete a document by hand (`operation`)."""
        record = await self.document(entity, record_id)
        body = {"Id": record_id, "SyncToken": record["SyncToken"]}
        await self.by_hand(entity, body, operation=operation)

    async def change(self, entity: str, record_id: str, **fields: Any) -> None:
        """Change a document by hand."""
        record = await self.document(entity, record_id)
        body = {"Id": record_id, "SyncToken": record["SyncToken"], "sparse": True}
        await self.by_hand(entity, {**body, **fields})

    async def looked(self) -> None:
        """The books are read again, and what became of posted records is said."""
        await self.parts.ledger.sync(COMPANY)
        await self.parts.follower.catch_up()
        await self.parts.notices.catch_up()
        await self.parts.tellings.catch_up()

    async def invoices(self) -> int:
        """How many invoices the books hold."""
        counted = await self.query("SELECT COUNT(*) FROM Invoice")
        return int(counted["totalCount"])

    async def proposal(self, number: str) -> Proposal:
        """A proposal as the desk has it."""
        found = await self.parts.desk.by_number(program.WORKSPACE, number)
        assert found is not None, f"no proposal {number}"
        return found

    async def status(self, number: str, *wanted: Status) -> Proposal:
        """The proposal, once it has one of these statuses."""

        async def looked() -> Proposal | None:
            found = await self.parts.desk.by_number(program.WORKSPACE, number)
            return found if found and found.status in wanted else None

        return await eventually(looked)


class Visitor:
    """A browser without JavaScript: cookies, pages and their forms."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self._browser = browser
        self.page = ""
        self.status = 0

    async def be(self, person: str) -> None:
        """Become one of the demo's personas."""
        await self.get("/console/")
        await self.post("/console/persona", person=person)
        assert self.status == httpx.codes.OK, self.page

    async def get(self, path: str) -> str:
        """Open a page."""
        return self._keep(await self._browser.get(path))

    async def post(self, path: str, **fields: str) -> str:
        """Send a form with the token of the page last seen."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.page)
        csrf = unescape(found[1]) if found else ""
        return self._keep(
            await self._browser.post(
                path,
                data={"csrf": csrf, **fields},
                headers={"Origin": str(self._browser.base_url).rstrip("/")},
            )
        )

    async def say(self, text: str) -> str:
        """Say something in the chat."""
        await self.get("/console/")
        return await self.post("/console/say", text=text, event=secrets.token_hex(8))

    async def sees(self, wanted: str) -> str:
        """The chat page, once it shows something; tags are left out."""

        async def looked() -> str | None:
            await self.get("/console/")
            shown = text_of(self.page)
            return shown if re.search(wanted, shown) else None

        return await eventually(looked, lambda: text_of(self.page))

    def button(self, verb: str) -> dict[str, str]:
        """The newest button with that verb: its form's fields."""
        for form in reversed(re.findall(r"<form.*?</form>", self.page, re.DOTALL)):
            fields = dict(
                re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
            )
            if f'data-verb="{verb}"' in form or fields.get("verb") == verb:
                tokens = re.findall(
                    rf'data-verb="{re.escape(verb)}"[^>]*data-token="([^"]*)"', form
                )
                token = tokens[-1] if tokens else fields.get("token", "")
                return {
                    "verb": verb,
                    "token": unescape(token),
                    "message": unescape(fields.get("message", "")),
                }
        raise AssertionError(f"no button {verb} on the page:\n{text_of(self.page)}")

    async def press(self, verb: str, **fields: str) -> str:
        """Press the newest button with that verb."""
        button = self.button(verb)
        return await self.post(
            "/console/press", **button, event=secrets.token_hex(8), **fields
        )

    def _keep(self, answer: httpx.Response) -> str:
        self.page, self.status = answer.text, answer.status_code
        return self.page


def text_of(page: str) -> str:
    """A page's words."""
    body = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


async def eventually(
    look: Callable[[], Awaitable[T | None]],
    otherwise: Callable[[], str] = lambda: "",
    seconds: float = 30.0,
) -> T:
    """What `look` finds, once it finds something."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await look()
        if found is not None:
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"it never came; last seen:\n{otherwise()}")
        await asyncio.sleep(0.15)


def environ_for(
    folder: Path, simulator: str, database_url: str = "", **more: str
) -> dict[str, str]:
    """The environment of a demo beside that simulator, with a port of its own."""
    return {
        "COUNTERSIGN_PORT": str(demo.free_port(0)),
        "COUNTERSIGN_DATA_DIR": str(folder),
        "COUNTERSIGN_SECRET_KEYS": Fernet.generate_key().decode(),
        "QUICKBOOKS_ENVIRONMENT": "simulator",
        "QUICKBOOKS_CLIENT_ID": "simulator-client",
        "QUICKBOOKS_CLIENT_SECRET": "simulator-secret",
        "QUICKBOOKS_API_URL": simulator,
        "QUICKBOOKS_DISCOVERY_URL": (
            f"{simulator}/.well-known/openid_sandbox_configuration"
        ),
        **({"COUNTERSIGN_DATABASE_URL": database_url} if database_url else {}),
        **more,
    }


@asynccontextmanager
async def serving(
    settings: Settings, clock: Callable[[], datetime]
) -> AsyncIterator[tuple[program.Countersign, web.Application]]:
    """The program, running with these settings."""
    app = program.build(settings, now=clock)
    runner = await program.serve(app, settings)
    try:
        yield app[program.PARTS], app
    finally:
        await runner.cleanup()


def _lay_tables(path: Path) -> None:
    """Begin with a database in the newest form: migrating takes longer than most."""
    if not path.exists():
        shutil.copy(_newest(), path)


@cache
def _newest() -> Path:
    """A SQLite file as the migrations leave it, made once, to be copied."""
    folder = TemporaryDirectory(prefix="countersign-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "countersign.db"

    async def migrated() -> None:
        engine = database.engine(f"sqlite:///{path}")
        await database.migrate(engine)
        await engine.dispose()

    # A loop of its own, wherever a test's loop may be running.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, migrated()).result()
    return path


@asynccontextmanager
async def town(
    folder: Path,
    *,
    database_url: str = "",
    connected: bool = True,
    companies: tuple[str, ...] = ("harbour-pine-us",),
    **more: str,
) -> AsyncIterator[Town]:
    """A simulated QuickBooks and Countersign, connected to it by the real consent."""
    if not database_url:
        _lay_tables(folder / "countersign.db")
    simulator = await start(Options(port=0, companies=companies, months=MONTHS), told)
    clock = RunningClock()
    environ = environ_for(folder, simulator.url, database_url, **more)
    settings = Settings.read(environ, demo=True)
    try:
        async with (
            serving(settings, clock) as (parts, _),
            httpx.AsyncClient(timeout=30) as http,
        ):
            if connected:
                await demo.connect(parts)
            yield Town(settings.base_url, simulator, parts, clock, http)
    finally:
        await simulator.stop()
