"""The simulator as a process: what it prints, what it keeps, what survives a kill."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from qbo.simulator.__main__ import options
from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, plain
from tests.simulator.conftest import TODAY

REALM = "9130350000000001"


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[tuple[Any, str]]:
    """A simulator in its own process, and its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "qbo.simulator", "--port", "0", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        address, realm, name = line.rstrip().split(" ", 2)
        assert (realm, name) == (REALM, "Harbour & Pine Landscaping")
        yield process, address
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def snapshot(books: QuickBooks) -> dict[str, Any]:
    """Everything a client can see of the books."""
    seen: dict[str, Any] = {}
    for entity in (
        "Customer",
        "Vendor",
        "Account",
        "Item",
        "Invoice",
        "Payment",
        "Bill",
    ):
        statement = f"select * from {entity} orderby Id maxresults 1000"
        seen[entity] = await books.query(statement)
    for name in ("ProfitAndLoss", "BalanceSheet", "AgedReceivables"):
        for basis in ("Accrual", "Cash"):
            report = await books.report(name, accounting_method=basis)
            seen[name + basis] = report["Rows"]
    return seen


async def test_a_killed_simulator_has_kept_what_it_acknowledged(
    tmp_path: Path,
) -> None:
    flags = ("--data", str(tmp_path), "--today", "2026-11-20", "--token", TOKEN)
    async with process(*flags) as (first, address), QuickBooks(address, REALM) as books:
        invoice = await books.invoice(amount="321.09")
        answer = await books.post("invoice", {**invoice, "Id": ""}, requestid="r-1")
        await books.pay(answer.json()["Invoice"], "21.09")
        await books.post("invoice", invoice, operation="delete")
        await books.order(match={"operation": "create"}, delay_after_seconds=30)
        held = asyncio.create_task(
            books.post("customer", {"DisplayName": "Held"}, requestid="r-2")
        )
        for _ in range(200):
            if await books.count("Customer", "where DisplayName = 'Held'"):
                break
            await asyncio.sleep(0.02)
        before = await snapshot(books)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        with pytest.raises(httpx.HTTPError):
            await held

    async with process(*flags) as (_, address), QuickBooks(address, REALM) as books:
        after = await snapshot(books)
        replayed = await books.post("invoice", {}, requestid="r-1")
        other = await books.post("customer", {}, requestid="r-2")
        following = await books.invoice()
        changes = await books.get(
            "cdc", entities="Invoice", changedSince="2026-11-20T00:00:00-08:00"
        )

    assert after == before
    assert replayed.text == answer.text
    assert other.json()["Customer"]["DisplayName"] == "Held"
    stubs = changes.json()["CDCResponse"][0]["QueryResponse"][0]["Invoice"]
    assert any(one.get("status") == "Deleted" for one in stubs)
    number = int(answer.json()["Invoice"]["DocNumber"])
    assert int(following["DocNumber"]) == number + 1


async def test_whenever_it_is_killed_nothing_answered_is_lost(tmp_path: Path) -> None:
    flags = ("--data", str(tmp_path), "--invoices", "0", "--token", TOKEN)
    kept: dict[str, str] = {}
    for round_ in range(3):
        async with (
            process(*flags) as (running, address),
            QuickBooks(address, REALM) as books,
        ):
            enough = asyncio.Event()
            writing = [
                asyncio.create_task(
                    keep_writing(books, f"{round_}-{one}", kept, enough)
                )
                for one in range(3)
            ]
            await enough.wait()
            running.send_signal(signal.SIGKILL)
            await running.wait()
            await asyncio.gather(*writing)

    async with process(*flags) as (_, address), QuickBooks(address, REALM) as books:
        rows = await books.query("select * from Customer maxresults 1000")
        again = {
            number: (await books.post("customer", {}, requestid=number)).text
            for number in kept
        }
        count = await books.count("Customer")

    assert again == kept
    names = {row["DisplayName"] for row in rows}
    assert {f"Customer {number}" for number in kept} <= names
    assert count == len(rows)


async def keep_writing(
    books: QuickBooks, name: str, kept: dict[str, str], enough: asyncio.Event
) -> None:
    """Make customers until nobody answers any more; a few are enough to kill it."""
    with suppress(httpx.HTTPError):
        for place in range(10_000):
            number = f"{name}-{place}"
            body = {"DisplayName": f"Customer {number}"}
            answer = await books.post("customer", body, requestid=number)
            assert answer.status_code == 200, answer.text
            kept[number] = answer.text
            if place == 5:
                enough.set()


async def test_a_later_day_goes_on_with_the_same_books(tmp_path: Path) -> None:
    books = {}
    for today in (TODAY, TODAY.replace(year=2027)):
        options = Options(port=0, today=today, data=tmp_path, tokens=(TOKEN,))
        running = await start(options)
        async with QuickBooks(running.url, REALM) as client:
            books[today.year] = await client.count("Invoice")
            made = await client.invoice()
        await running.stop()

    assert books[2027] == books[2026] + 1
    assert made["TxnDate"] == "2027-11-20"


async def test_connections_are_kept(tmp_path: Path) -> None:
    app = ("simulator-client", "simulator-secret")
    back = "http://localhost:1/back"
    running = await start(Options(port=0, invoices=0, data=tmp_path))
    async with plain(running.url) as web:
        asked = {
            "client_id": app[0],
            "response_type": "code",
            "scope": "com.intuit.quickbooks.accounting",
            "redirect_uri": back,
            "state": "s",
            "realm": REALM,
            "decision": "allow",
        }
        answer = await web.post("/connect/oauth2", data=asked)
        code = httpx.URL(answer.headers["location"]).params["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        tokens = (
            await web.post("/oauth2/v1/tokens/bearer", data=form, auth=app)
        ).json()
    await running.stop()

    running = await start(Options(port=0, invoices=0, data=tmp_path))
    async with QuickBooks(running.url, REALM, tokens["access_token"]) as books:
        read = await books.get("preferences")
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
        }
        refreshed = await books.http.post(
            "/oauth2/v1/tokens/bearer", data=form, auth=app
        )
    await running.stop()

    assert read.status_code == 200
    assert refreshed.status_code == 200


async def test_a_terminated_simulator_ends_cleanly() -> None:
    async with process("--invoices", "0") as (running, _):
        running.terminate()

        assert await asyncio.wait_for(running.wait(), 10) == 0


async def test_what_cannot_start_says_why_in_a_line(tmp_path: Path) -> None:
    async with process("--invoices", "0") as (_, address):
        port = address.rpartition(":")[2]
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "qbo.simulator", "--port", port),
            *("--invoices", "0"),
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await second.communicate()

    assert second.returncode == 1
    assert said.startswith(b"The simulator cannot start: ")
    assert said.count(b"\n") == 1


def test_the_command_line_has_the_flags_it_should() -> None:
    flags = [
        *("--port", "8791", "--company", "harbour-pine-us", "--company", "pennine-uk"),
        *("--today", "2026-11-20", "--invoices", "100000", "--latency-ms", "150"),
        *("--limits", "--token", "A:R", "--client", "I:S:http://x/y", "--data", "d"),
        *("--production-client", "N=P:S:https://x.example/", "--plan", "x=Plus"),
        *("--environment", "production"),
    ]

    read = options(flags)

    assert read == Options(
        port=8791,
        companies=("harbour-pine-us", "pennine-uk"),
        today=TODAY,
        invoices=100_000,
        latency_ms=150,
        limits=True,
        tokens=("A:R",),
        clients=("I:S:http://x/y",),
        production_clients=("N=P:S:https://x.example/",),
        environment="production",
        plans=("x=Plus",),
        data=Path("d"),
    )
