"""The simulated QuickBooks as tests see it: over HTTP, with its switchboard."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy.ext.asyncio import AsyncEngine

from qbo.books import Environment
from qbo.connection import Completed, Connection, QuickBooksApp
from qbo.simulator.serve import CLIENT_ID, CLIENT_SECRET, Options, start
from tests.conftest import Clock
from tests.stories import told

REDIRECT = "http://127.0.0.1:8790/oauth/quickbooks/callback"
TOKENS = "/oauth2/v1/tokens/bearer"
KEY = Fernet.generate_key()


@contextmanager
def simulated(options: Options) -> Iterator[str]:
    """A simulator with an event loop of its own; gives its address."""
    ready: list[str] = []
    up, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        running = await start(options, told)
        ready.append(running.url)
        up.set()
        await ended.wait()
        await running.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert up.wait(60), "the simulator did not start"
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)
        loop.close()


@dataclass
class Far:
    """The far side: its address, a plain HTTP client, and what tests do with them."""

    url: str
    http: httpx.AsyncClient = field(repr=False)

    async def reset(self) -> None:
        """Forget what an earlier test ordered, switched and asked."""
        await self.http.delete(f"{self.url}/_simulator/faults")
        await self.http.delete(f"{self.url}/_simulator/requests")
        await self.switch(
            previous_refresh_grace_seconds=86_400,
            rotate_refresh_after_seconds=0,
            limits=False,
            gateway_xml=False,
            retry_after_seconds=0,
        )

    async def switch(self, **switches: Any) -> None:
        """Set some switches."""
        await self._post("switches", switches)

    async def order(self, path: str = "", times: int = 1, **fault: Any) -> None:
        """Order a fault for requests whose path holds `path`."""
        wanted = {
            name: fault.pop(name)
            for name in ("method", "entity", "operation")
            if name in fault
        }
        match = {"path": path} | wanted
        await self._post("faults", {"match": match, "times": times, **fault})

    async def journal(self, path: str = "") -> list[dict[str, Any]]:
        """The requests that arrived at addresses holding `path`."""
        answer = await self.http.get(f"{self.url}/_simulator/requests")
        return [line for line in answer.json()["requests"] if path in line["path"]]

    async def expire_tokens(self) -> None:
        """Let all access tokens expire."""
        await self._post("tokens/expire", {})

    async def revoke_all(self) -> None:
        """End all connections, as a person does in QuickBooks."""
        await self._post("tokens/revoke", {})

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.http.post(f"{self.url}/_simulator/{path}", json=body)
        assert answer.is_success, answer.text

    def app(self, **changes: Any) -> QuickBooksApp:
        """The simulator's own app, or one that differs in something."""
        values: dict[str, Any] = {
            "environment": Environment.SIMULATOR,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uri": REDIRECT,
            "api_url": self.url,
            "discovery_url": f"{self.url}/.well-known/openid_configuration",
        }
        return QuickBooksApp(**{**values, **changes})

    def connection(
        self,
        engine: AsyncEngine,
        clock: Clock,
        keys: MultiFernet | None = None,
        **app: Any,
    ) -> Connection:
        """A connection to this QuickBooks, as one process has it."""
        return Connection(
            engine,
            {Environment.SIMULATOR: self.app(**app)},
            keys or MultiFernet([Fernet(KEY)]),
            self.http,
            clock,
        )

    async def consent(self, url: str, decision: str = "allow") -> dict[str, str]:
        """A person's way over the consent page; what the redirect brings back."""
        page = await self.http.get(url)
        assert page.status_code == 200, page.text
        wishes = {name: values[0] for name, values in parse_qs(_query(url)).items()}
        realm = page.text.split('name="realm" value="')[1].split('"')[0]
        back = await self.http.post(
            url.partition("?")[0],
            data={**wishes, "realm": realm, "decision": decision},
        )
        assert back.status_code == 302, back.text
        return dict(parse_qsl(_query(back.headers["location"])))

    async def connect(
        self,
        connection: Connection,
        workspace: str = "w1",
        person: str = "alex",
        *,
        confirm: bool = True,
    ) -> Completed:
        """A whole consent, from the link to the company."""
        invitation = await connection.invite(workspace, person, origin="here")
        begun = await connection.begin(invitation.token)
        params = await self.consent(begun.url)
        completed = await connection.complete(params, begun.cookie)
        if confirm and completed.is_new:
            await connection.confirm(completed.connected.company.id, person)
        return completed


def refreshes(journal: list[dict[str, Any]]) -> int:
    """How many requests reached the token endpoint."""
    return sum(line["path"] == TOKENS for line in journal)


def _query(url: str) -> str:
    return urlsplit(url).query
