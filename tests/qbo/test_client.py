"""Calls to the simulated QuickBooks: what went out, what came back, what it means."""

import asyncio
import json
import logging
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from qbo.books import Environment
from qbo.client import Client, Limits, Reply
from qbo.connection import Connection
from qbo.faults import (
    BooksFault,
    Disconnected,
    Forbidden,
    Refused,
    Stale,
    Throttled,
    Unconfirmed,
    Unreachable,
)
from qbo.governor import Governor, Pace
from qbo.simulator.serve import Options
from tests.conftest import Clock
from tests.qbo.far import TOKENS, Far, refreshes, simulated

QUICK = Limits(
    connect_seconds=2,
    read_attempt_seconds=1,
    read_total_seconds=4,
    write_turn_seconds=5,
    write_total_seconds=6,
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with simulated(Options(port=0, invoices=30)) as url:
        yield url


@pytest.fixture
def database_url(tmp_path: Path, sqlite_tables: Path) -> str:
    """SQLite alone: tokens and pace have their own tests, on both kinds."""
    path = shutil.copy(sqlite_tables, tmp_path / "countersign.db")
    return f"sqlite:///{path}"


@dataclass
class Line:
    """A connected company, the client that asks it, and the far side."""

    far: Far
    connection: Connection
    client: Client
    company: str
    engine: AsyncEngine

    async def create(
        self, name: str | None = None, request_id: str | None = None
    ) -> Reply:
        """Write a new customer."""
        body = json.dumps({"DisplayName": name or f"C {uuid.uuid4().hex}"}).encode()
        return await self.client.post(
            self.company,
            "customer",
            query=(),
            body=body,
            content_type="application/json",
            request_id=request_id or uuid.uuid4().hex,
        )

    async def writes(self) -> list[dict[str, Any]]:
        """The writes that reached QuickBooks."""
        lines = await self.far.journal("/customer")
        return [line for line in lines if line["method"] == "POST"]

    async def customers(self) -> int:
        """How many customers there are."""
        reply = await self.client.query(self.company, "SELECT COUNT(*) FROM Customer")
        count: int = reply.json["QueryResponse"]["totalCount"]
        return count


@pytest.fixture
async def line(address: str, engine: AsyncEngine, clock: Clock) -> AsyncIterator[Line]:
    async with httpx.AsyncClient() as http:
        far = Far(address, http)
        await far.reset()
        connection = far.connection(engine, clock)
        completed = await far.connect(connection)
        await http.delete(f"{address}/_simulator/requests")
        client = Client(connection, Governor(engine), http, clock, limits=QUICK)
        yield Line(far, connection, client, completed.connected.company.id, engine)


# --- reads


async def test_a_read_gives_exact_numbers_and_intuits_trace(line: Line) -> None:
    reply = await line.client.query(
        line.company, "SELECT * FROM Invoice WHERE TotalAmt > '0' MAXRESULTS 5"
    )

    invoice = reply.json["QueryResponse"]["Invoice"][0]
    assert type(invoice["TotalAmt"]) in {Decimal, int}
    assert reply.intuit_tid
    assert reply.status == 200
    (asked,) = await line.far.journal("/query")
    assert asked["query"]["minorversion"] == "75"
    again = await line.client.get(line.company, f"invoice/{invoice['Id']}")
    assert again.json["Invoice"]["TotalAmt"] == invoice["TotalAmt"]


async def test_a_long_statement_is_posted(line: Line) -> None:
    names = ", ".join(f"'{number}'" for number in range(1000))

    await line.client.query(
        line.company, f"SELECT * FROM Customer WHERE Id IN ({names})"
    )

    (asked,) = await line.far.journal("/query")
    assert asked["method"] == "POST"


async def test_a_name_with_every_sign_survives_the_address_line(line: Line) -> None:
    name = f'Ben & Jerry\'s + 50% "Söhne" #1 / {uuid.uuid4().hex[:8]}'
    await line.create(name)
    escaped = name.replace("'", "\\'")

    reply = await line.client.query(
        line.company, f"SELECT * FROM Customer WHERE DisplayName = '{escaped}'"
    )

    assert reply.json["QueryResponse"]["Customer"][0]["DisplayName"] == name


async def test_a_file_is_downloaded(line: Line) -> None:
    reply = await line.client.query(line.company, "SELECT * FROM Invoice MAXRESULTS 1")
    number = reply.json["QueryResponse"]["Invoice"][0]["Id"]

    content = await line.client.download(
        line.company, f"invoice/{number}/pdf", "application/pdf"
    )

    assert content.startswith(b"%PDF-")


async def test_a_download_that_is_a_fault_is_refused(line: Line) -> None:
    with pytest.raises(Refused) as caught:
        await line.client.download(line.company, "invoice/0/pdf", "application/pdf")

    assert caught.value.code == "610"


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503, "body": "<html>later</html>"},
        {"status": 429},
        {"drop": "before"},
        {"drop": "after"},
        {"status": 200, "code": "10000"},
        {"status": 403, "code": "3001"},
    ],
)
async def test_a_read_is_made_again(line: Line, fault: dict[str, Any]) -> None:
    await line.far.order("/query", **fault)

    assert await line.customers() > 0

    assert len(await line.far.journal("/query")) == 2


async def test_a_read_that_hangs_is_made_again(line: Line) -> None:
    await line.far.order("/query", delay_before_seconds=3)
    began = time.monotonic()

    assert await line.customers() > 0

    assert time.monotonic() - began < 3


async def test_reads_give_up_in_time(line: Line) -> None:
    await line.far.order("/query", times=99, status=503)
    began = time.monotonic()

    with pytest.raises(Unreachable) as caught:
        await line.customers()

    assert time.monotonic() - began < QUICK.read_total_seconds + 1
    assert len(await line.far.journal("/query")) == QUICK.read_attempts
    assert caught.value.intuit_tid


async def test_a_pause_that_is_too_long_is_said_at_once(
    line: Line, clock: Clock
) -> None:
    await line.far.order("/query", status=429, headers={"Retry-After": "50"})
    began = time.monotonic()

    with pytest.raises(Throttled) as caught:
        await line.customers()

    assert time.monotonic() - began < 2
    assert 45 < caught.value.retry_after_seconds <= 50
    # The whole company pauses, in every process; nothing is asked meanwhile.
    other = Client(line.connection, Governor(line.engine), line.far.http, clock)
    with pytest.raises(Throttled):
        await other.query(line.company, "SELECT COUNT(*) FROM Customer")
    assert len(await line.far.journal("/query")) == 1


async def test_a_short_retry_after_is_waited_for(line: Line) -> None:
    await line.far.order("/query", status=429, headers={"Retry-After": "1"})
    began = time.monotonic()

    await line.customers()

    assert 1 <= time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("statement", "code"), [("SELECT FROM", "4000"), ("SELECT * FROM Nothing", "4001")]
)
async def test_a_wrong_question_is_asked_once(
    line: Line, statement: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        await line.client.query(line.company, statement)

    assert caught.value.code == code
    assert "fault in me" in caught.value.sentence
    assert len(await line.far.journal("/query")) == 1


async def test_a_missing_record_is_refused_with_its_code(line: Line) -> None:
    with pytest.raises(Refused) as caught:
        await line.client.get(line.company, "invoice/0")

    assert caught.value.code == "610"
    assert caught.value.intuit_tid


async def test_an_expired_token_is_renewed_within_the_call(line: Line) -> None:
    await line.far.expire_tokens()

    assert await line.customers() > 0

    assert [each["status"] for each in await line.far.journal("/query")] == [401, 200]
    assert refreshes(await line.far.journal()) == 1


async def test_an_xml_401_is_understood(line: Line) -> None:
    await line.far.switch(gateway_xml=True)
    await line.far.expire_tokens()

    assert await line.customers() > 0

    assert refreshes(await line.far.journal()) == 1


async def test_a_401_after_a_fresh_token_is_the_end(line: Line) -> None:
    await line.far.order("/query", times=2, status=401)

    with pytest.raises(Disconnected):
        await line.customers()

    assert len(await line.far.journal("/query")) == 2


async def test_a_revoked_connection_is_disconnected(line: Line) -> None:
    await line.far.revoke_all()

    with pytest.raises(Disconnected) as caught:
        await line.customers()

    assert caught.value.company == line.company
    assert "has ended" in caught.value.sentence
    assert not await line.connection.may_post(line.company)


async def test_lost_rights_are_no_reason_to_renew(line: Line) -> None:
    await line.far.order("/query", status=401, code="120")

    with pytest.raises(Forbidden, match="rights"):
        await line.customers()

    assert refreshes(await line.far.journal()) == 0


async def test_a_forbidden_company_is_asked_once(line: Line) -> None:
    await line.far.order("/query", status=403)

    with pytest.raises(Forbidden):
        await line.customers()

    assert len(await line.far.journal()) == 1


async def test_an_unreadable_answer_is_no_answer(line: Line) -> None:
    await line.far.order("/query", times=4, status=200, body="<html>hello</html>")

    with pytest.raises(Unreachable, match="cannot be read"):
        await line.customers()


# --- writes


async def test_a_write_is_sent_once_with_its_request_id(line: Line) -> None:
    request_id = uuid.uuid4().hex

    reply = await line.create(request_id=request_id)

    (sent,) = await line.writes()
    assert sent["requestid"] == request_id
    assert sent["query"]["minorversion"] == "75"
    assert reply.json["Customer"]["SyncToken"] == "0"
    assert reply.intuit_tid == sent["intuit_tid"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 400, "code": "6000", "detail": "No amount."}, Refused),
        ({"status": 400, "code": "6210"}, Refused),
        ({"status": 200, "code": "500"}, Refused),
        ({"status": 400, "code": "5010"}, Stale),
        ({"status": 429}, Throttled),
        ({"status": 403}, Forbidden),
        ({"status": 401, "code": "120"}, Forbidden),
        ({"status": 500}, Unconfirmed),
        ({"status": 200, "code": "10000"}, Unconfirmed),
        ({"status": 503, "body": "<html>later</html>"}, Unconfirmed),
        ({"status": 504, "body": ""}, Unconfirmed),
        ({"status": 200, "body": "<html>hello</html>"}, Unconfirmed),
        ({"status": 200, "body": "{"}, Unconfirmed),
        ({"status": 302, "body": "", "headers": {"Location": "/x"}}, Unconfirmed),
    ],
)
async def test_each_answer_to_a_write_is_one_fault_and_no_second_write(
    line: Line, fault: dict[str, Any], kind: type[BooksFault]
) -> None:
    await line.far.order("/customer", times=5, **fault)

    with pytest.raises(BooksFault) as caught:
        await line.create()

    assert type(caught.value) is kind
    assert caught.value.intuit_tid
    assert len(await line.writes()) == 1


async def test_nothing_is_written_before_the_company_is_confirmed(line: Line) -> None:
    await line.connection.disconnect(line.company, "alex")
    await line.far.connect(line.connection, confirm=False)

    assert await line.customers() > 0
    with pytest.raises(Forbidden, match="right company"):
        await line.create()
    assert await line.writes() == []

    await line.connection.confirm(line.company, "alex")
    await line.create()


async def test_nothing_is_written_without_a_connection(line: Line) -> None:
    await line.connection.disconnect(line.company, "alex")

    with pytest.raises(Disconnected, match="not connected"):
        await line.create()
    with pytest.raises(Disconnected):
        await line.customers()

    assert await line.writes() == []


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_lost_reply_to_a_write_is_unconfirmed(line: Line, drop: str) -> None:
    before = await line.customers()
    await line.far.order("/customer", drop=drop)

    with pytest.raises(Unconfirmed, match="may or may not"):
        await line.create()

    assert len(await line.writes()) == 1
    assert await line.customers() == before + (drop == "after")


async def test_a_write_without_an_answer_is_unconfirmed_in_time(
    line: Line, clock: Clock
) -> None:
    await line.far.order("/customer", delay_after_seconds=3)
    limits = Limits(write_total_seconds=1)
    line.client = Client(
        line.connection, Governor(line.engine), line.far.http, clock, limits=limits
    )
    began = time.monotonic()

    with pytest.raises(Unconfirmed):
        await line.create()

    assert time.monotonic() - began < 2
    assert len(await line.writes()) <= 1


async def test_asking_again_with_the_same_id_finds_the_first(line: Line) -> None:
    name, request_id = f"C {uuid.uuid4().hex}", uuid.uuid4().hex
    await line.far.order("/customer", drop="after")
    with pytest.raises(Unconfirmed):
        await line.create(name, request_id)
    before = await line.customers()

    reply = await line.create(name, request_id)

    assert reply.json["Customer"]["DisplayName"] == name
    assert await line.customers() == before


async def test_a_write_with_an_expired_token_is_sent_once_more(line: Line) -> None:
    before = await line.customers()
    await line.far.expire_tokens()

    await line.create()

    assert [each["status"] for each in await line.writes()] == [401, 200]
    assert len({each["requestid"] for each in await line.writes()}) == 1
    assert await line.customers() == before + 1


async def test_a_write_is_not_sent_a_third_time(line: Line) -> None:
    await line.far.order("/customer", times=5, status=401)

    with pytest.raises(Disconnected):
        await line.create()

    assert len(await line.writes()) == 2


async def test_a_write_whose_renewal_fails_was_not_taken(line: Line) -> None:
    await line.far.expire_tokens()
    await line.far.order(TOKENS, times=2, status=503)

    with pytest.raises(Unreachable):
        await line.create()

    assert [each["status"] for each in await line.writes()] == [401]


async def test_a_lost_reply_after_a_fresh_token_is_unconfirmed(line: Line) -> None:
    await line.far.order("/customer", status=401)
    await line.far.order("/customer", drop="after")

    with pytest.raises(Unconfirmed):
        await line.create()

    assert len(await line.writes()) == 2


async def test_a_write_that_cannot_connect_was_not_sent(
    line: Line, engine: AsyncEngine, clock: Clock
) -> None:
    for dead in ("http://127.0.0.1:9", "http://nowhere.invalid", "ftp://127.0.0.1"):
        lost = Client(
            line.far.connection(engine, clock, api_url=dead),
            Governor(engine),
            line.far.http,
            clock,
            limits=QUICK,
        )
        body = b"{}"
        with pytest.raises(Unreachable, match="cannot be reached"):
            await lost.post(
                line.company,
                "customer",
                query=(),
                body=body,
                content_type="application/json",
                request_id=None,
            )


async def test_a_connection_that_opens_and_says_nothing_is_unconfirmed(
    line: Line, engine: AsyncEngine, clock: Clock
) -> None:
    async def listen(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        crooked = Client(
            line.far.connection(engine, clock, api_url=f"http://127.0.0.1:{port}"),
            Governor(engine),
            line.far.http,
            clock,
            limits=QUICK,
        )
        with pytest.raises(Unconfirmed):
            await crooked.post(
                line.company,
                "customer",
                query=(),
                body=b"{}",
                content_type="application/json",
                request_id=None,
            )


async def test_writes_of_a_company_go_one_after_the_other(line: Line) -> None:
    await line.far.order("/customer", times=4, delay_before_seconds=0.2)
    began = time.monotonic()

    await asyncio.gather(*(line.create() for _ in range(4)))

    assert time.monotonic() - began > 0.8
    assert len(await line.writes()) == 4


async def test_a_write_whose_turn_does_not_come_was_not_sent(
    line: Line, clock: Clock
) -> None:
    governor = Governor(line.engine)
    async with governor.writing(line.company, patience_seconds=0, lease_seconds=60):
        impatient = Client(
            line.connection,
            Governor(line.engine),
            line.far.http,
            clock,
            limits=Limits(write_turn_seconds=0.3),
        )
        with pytest.raises(Throttled, match="not sent"):
            await impatient.post(
                line.company,
                "customer",
                query=(),
                body=b"{}",
                content_type="application/json",
                request_id=None,
            )

    assert await line.writes() == []


async def test_a_duplicate_name_is_refused_in_plain_words(line: Line) -> None:
    name = f"C {uuid.uuid4().hex}"
    await line.create(name)

    with pytest.raises(Refused) as caught:
        await line.create(name)

    assert caught.value.code == "6240"
    assert "already has that name" in caught.value.sentence
    assert "Id=" in caught.value.detail


async def test_a_throttling_company_is_asked_slowly_enough(
    line: Line, clock: Clock
) -> None:
    await line.far.switch(limits=True)
    pace = {Environment.SIMULATOR: Pace(per_minute=450, per_second=9, at_once=8)}
    polite = Client(
        line.connection, Governor(line.engine, paces=pace), line.far.http, clock
    )

    await asyncio.gather(
        *(
            polite.query(line.company, "SELECT COUNT(*) FROM Customer")
            for _ in range(25)
        )
    )

    statuses = [each["status"] for each in await line.far.journal("/query")]
    assert statuses == [200] * 25


async def test_nothing_private_is_logged(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="qbo")
    caplog.set_level(logging.DEBUG, logger="httpcore")
    token = await line.connection.token(line.company)

    name = f"Acme {uuid.uuid4().hex}"
    await line.create(name)
    with pytest.raises(Refused):
        await line.create(name)
    await line.far.order("/customer", drop="after")
    with pytest.raises(Unconfirmed) as caught:
        await line.create(f"Acme East {uuid.uuid4().hex}")

    assert "Acme" not in caplog.text
    assert token not in caplog.text
    assert token not in str(caught.getrepr(style="short"))
