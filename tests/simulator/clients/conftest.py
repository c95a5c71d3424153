"""A simulator for clients that block: it runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from intuitlib.client import AuthClient
from quickbooks import QuickBooks

from qbo.simulator.serve import CLIENT_ID, CLIENT_SECRET, Options, Running, start
from tests.simulator.clients.consenting import consented

TODAY = date(2026, 11, 20)
REDIRECT = "http://localhost:8000/callback"


@dataclass(frozen=True)
class Served:
    """Where the simulator is, and the company in it."""

    url: str
    realm: str


@pytest.fixture(scope="package")
def served() -> Iterator[Served]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    companies = ("sandbox-us",)
    running: Running = wait(start(Options(port=0, today=TODAY, companies=companies)))
    yield Served(running.url, next(iter(running.state.companies)))
    wait(running.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def app(served: Served) -> Iterator[AuthClient]:
    """Intuit's own OAuth client, told the address of the discovery document."""
    address = f"{served.url}/.well-known/openid_sandbox_configuration/"
    client = AuthClient(CLIENT_ID, CLIENT_SECRET, REDIRECT, address)
    yield client
    client.close()


@pytest.fixture
def books(
    served: Served, app: AuthClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QuickBooks]:
    """python-quickbooks, connected through a person's consent."""
    # The library below it insists on TLS; on this machine there is none.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    back = consented(app)
    app.get_bearer_token(back["code"], realm_id=back["realmId"])

    class Here(QuickBooks):  # type: ignore[misc]
        """The library with another address; nothing else is changed."""

        sandbox_api_url_v3 = f"{served.url}/v3"
        api_url_v3 = f"{served.url}/v3"

    client = Here(
        auth_client=app,
        refresh_token=app.refresh_token,
        company_id=back["realmId"],
        minorversion=75,
    )
    yield client
    client.session.close()
