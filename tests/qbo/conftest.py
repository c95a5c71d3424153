"""A connected company with its mirror for the tests of the books' side.

The simulated company and its copy are made once for each file of tests and kind of
database; the tests use customers of their own or compare with what QuickBooks says
itself.
"""

import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from bot import database
from qbo.asks import Ask, Change
from qbo.books import Answer, Company, Draft, Receipt
from qbo.client import Client, Limits
from qbo.connection import Connection
from qbo.governor import Governor
from qbo.ledger import Ledger
from qbo.mirror import Mirror
from qbo.simulator.serve import Options
from qbo.wire.exact import Json, dumps, loads
from tests.conftest import Clock
from tests.qbo.far import Far, simulated

TODAY = date(2026, 11, 20)
HARBOUR = "9130350000000001"
PENNINE = "9130350000000002"
TOKEN = "a-token-of-the-tests"
# Fewer attempts than people have; as long as a machine may take that is busy.
LIMITS = Limits(
    connect_seconds=10,
    read_attempt_seconds=20,
    read_total_seconds=30,
    read_attempts=2,
    write_turn_seconds=20,
    write_total_seconds=20,
)


@dataclass
class Office:
    """A connected company: our side of it, and QuickBooks' own view."""

    far: Far
    engine: AsyncEngine
    clock: Clock
    client: Client
    connection: Connection
    ledger: Ledger
    mirror: Mirror
    company: Company

    async def minute(self) -> None:
        """Let a minute pass, here and in QuickBooks."""
        self.clock.advance(minutes=1)
        await self.far.http.post(
            f"{self.far.url}/_simulator/clock", json={"advance_seconds": 60}
        )

    async def answer(self, ask: Ask) -> Answer:
        """An answer from rows that are current."""
        await self.minute()
        return await self.ledger.answer(self.company.id, ask, today=TODAY)

    async def draft(self, change: Change, ref: str = "P-17") -> Draft:
        """A draft made of current rows."""
        await self.minute()
        draft, _ = await self.ledger.draft(
            self.company.id, change, ref=ref, today=TODAY
        )
        return draft

    async def applied(self, change: Change, ref: str = "P-17") -> list[Receipt]:
        """A change drafted, posted step by step, and read back."""
        draft = await self.draft(change, ref)
        receipts: list[Receipt] = []
        for step in range(1, len(draft.steps) + 1):
            receipts.append(await self.ledger.post(draft, step, receipts))
        return [await self.ledger.read_back(draft, each) for each in receipts]

    async def query(self, statement: str) -> list[Json]:
        """Records as QuickBooks itself gives them to another client."""
        answer = await self._call("GET", "query", params={"query": statement})
        inner = answer["QueryResponse"]
        rows = [value for value in inner.values() if isinstance(value, list)]
        return rows[0] if rows else []

    async def one(self, entity: str, record_id: str) -> Json:
        """One record as QuickBooks has it."""
        answer = await self._call("GET", f"{entity.lower()}/{record_id}")
        found: Json = answer[entity]
        return found

    async def report(self, name: str, **params: str) -> Json:
        """A report as QuickBooks gives it to another client."""
        return await self._call("GET", f"reports/{name}", params=params)

    async def write(self, entity: str, body: Json, **params: str) -> Json:
        """Write as somebody else: a person in QuickBooks itself."""
        answer = await self._call(
            "POST",
            entity.lower(),
            params=params,
            content=dumps(body),
            headers={"Content-Type": "application/json"},
        )
        found: Json = answer[entity]
        return found

    async def new_customer(self, **fields: Any) -> Json:
        """A customer that nobody else uses."""
        name = f"Test {uuid.uuid4().hex[:12]}"
        return await self.write("Customer", {"DisplayName": name, **fields})

    async def new_invoice(
        self, customer: Json, amount: str = "100.00", **fields: Any
    ) -> Json:
        """An invoice that somebody made in QuickBooks."""
        item = (await self.query("SELECT * FROM Item WHERE Name = 'Consulting'"))[0]
        return await self.write(
            "Invoice",
            {
                "CustomerRef": {"value": customer["Id"]},
                "TxnDate": "2026-11-02",
                "DueDate": "2026-11-10",
                "Line": [
                    {
                        "Amount": Decimal(amount),
                        "DetailType": "SalesItemLineDetail",
                        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
                    }
                ],
                **fields,
            },
        )

    async def _call(self, method: str, path: str, **how: Any) -> Json:
        headers = {
            "Authorization": f"Bearer {TOKEN}",
            "Accept": "application/json",
            **how.pop("headers", {}),
        }
        reply = await self.far.http.request(
            method,
            f"{self.far.url}/v3/company/{self.company.realm}/{path}",
            headers=headers,
            **how,
        )
        assert reply.status_code == 200, reply.text
        found: Json = loads(reply.content)
        return found


@pytest.fixture(scope="module")
def quickbooks() -> Iterator[str]:
    """The simulated QuickBooks with both companies, on the tests' day."""
    options = Options(
        port=0,
        today=TODAY,
        companies=("harbour-pine-us", "pennine-uk"),
        tokens=(TOKEN,),
    )
    with simulated(options) as url:
        yield url


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def lasting_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database that lives as long as the tests of one file."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("books")
        return f"sqlite:///{folder / 'countersign.db'}"
    server: str = request.getfixturevalue("postgres_server")
    name = f"books{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    base = server.rsplit("/", 1)[0]
    return f"{base}/{name}".replace("postgresql://", "postgresql+psycopg://")


@asynccontextmanager
async def opened(url: str, where: str, realm: str) -> AsyncIterator[Office]:
    """Everything on our side, connected to one company, its mirror loaded."""
    engine = database.engine(where)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with httpx.AsyncClient(timeout=30) as http:
        clock = Clock()
        far = Far(url, http)
        connection_ = far.connection(engine, clock)
        invitation = await connection_.invite("w1", "alex", origin="here")
        begun = await connection_.begin(invitation.token)
        params = {**parse(begun.url), "realm": realm, "decision": "allow"}
        back = await http.post(begun.url.partition("?")[0], data=params)
        done = await connection_.complete(parse(back.headers["location"]), begun.cookie)
        await connection_.confirm(done.connected.company.id, "alex")
        pace = Governor(engine, clock=_ahead(clock))
        client = Client(connection_, pace, http, clock, limits=LIMITS)
        ledger = Ledger(client, connection_, engine, clock)
        company = done.connected.company
        await ledger.load(company.id)
        yield Office(
            far=far,
            engine=engine,
            clock=clock,
            client=client,
            connection=connection_,
            ledger=ledger,
            mirror=Mirror(engine, clock),
            company=company,
        )
    await engine.dispose()


def _ahead(clock: Clock) -> Callable[[], float]:
    """The machine's clock in Unix seconds, ahead by what the office's is put forward.

    A pause after 429 is over for a test that lets ten minutes pass, and for one that
    waits it lasts as long as in production.
    """
    began = clock()
    return lambda: time.time() + (clock() - began).total_seconds()


def parse(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(url).query))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lasting_office(
    quickbooks: str, lasting_database: str
) -> AsyncIterator[Office]:
    async with opened(quickbooks, lasting_database, HARBOUR) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pennine(
    quickbooks: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """The British company: VAT on each line, custom numbers, two currencies."""
    where = f"sqlite:///{tmp_path_factory.mktemp('pennine') / 'countersign.db'}"
    async with opened(quickbooks, where, PENNINE) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def office(lasting_office: Office) -> AsyncIterator[Office]:
    """The company, with nothing ordered or switched by an earlier test."""
    await lasting_office.far.reset()
    yield lasting_office
    await lasting_office.far.reset()
