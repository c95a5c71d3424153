"""A process killed between the POST and its record leaves one invoice."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import httpx
import pytest

from approvals.proposal import Status
from bot import demo
from bot.settings import Settings
from qbo.simulator.serve import Options, Running, start
from tests.conversations.town import (
    PRIYA,
    SAM,
    RunningClock,
    Town,
    Visitor,
    environ_for,
    eventually,
    serving,
)

ASK = "invoice Acme West for 10 hours consulting, net 30"


@asynccontextmanager
async def _process(
    environ: dict[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    with _opened(log) as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.conversations.process", json.dumps(environ)),
            stdout=out,
            stderr=out,
            cwd=Path(__file__).parents[2],
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _opened(log: Path) -> BinaryIO:
    return log.open("ab")


async def _ready(log: Path) -> None:
    def said() -> str:
        return log.read_text()

    async def looked() -> bool | None:
        return True if "Countersign is ready" in said() else None

    await eventually(looked, log.read_text, 90)


async def _posted(simulator: Running, http: httpx.AsyncClient) -> list[str]:
    answer = await http.get(f"{simulator.url}/_simulator/requests")
    return [
        each["requestid"]
        for each in answer.json()["requests"]
        if each["method"] == "POST" and each["path"].endswith("/invoice")
    ]


async def test_a_kill_between_the_post_and_its_record_leaves_one_invoice(
    tmp_path: Path, database_url: str
) -> None:
    simulator, log = await start(Options(port=0)), tmp_path / "log"
    environ = environ_for(tmp_path / "data", simulator.url, database_url)
    settings = Settings.read(environ, demo=True)
    async with httpx.AsyncClient(
        base_url=settings.base_url, follow_redirects=True, timeout=60
    ) as browser:
        async with _process(environ, log) as process:
            await _ready(log)
            visitor = Visitor(browser)
            await visitor.be(SAM)
            await visitor.say(ASK)
            await visitor.sees("P-1")
            await visitor.be(PRIYA)
            await visitor.sees("P-1")
            # The write is done, and its reply held back.
            await browser.post(
                f"{simulator.url}/_simulator/faults",
                json={
                    "match": {"entity": "Invoice", "operation": "create"},
                    "delay_after_seconds": 20,
                },
            )
            await visitor.press("approve")

            async def left() -> bool | None:
                return True if await _posted(simulator, browser) else None

            await eventually(left)
            await asyncio.sleep(0.3)
            process.send_signal(signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL

        clock = RunningClock()
        async with serving(settings, clock) as (parts, _):
            again = Town(settings.base_url, simulator, parts, clock, browser)
            assert (await again.proposal("P-1")).status is Status.APPLYING
            # The dead process's lease runs out.
            clock.advance(seconds=190)
            for _attempt in range(3):
                await parts.desk.resume()
                clock.advance(seconds=20)
            applied = await again.status("P-1", Status.APPLIED)
            number = applied.receipts[0].doc_number
            found = await again.query(
                f"SELECT * FROM Invoice WHERE DocNumber = '{number}'"
            )
            marked = [
                each
                for each in (
                    await again.query(
                        "SELECT * FROM Invoice WHERE TotalAmt = '1500' MAXRESULTS 999"
                    )
                ).get("Invoice", [])
                if "P-1" in each.get("PrivateNote", "")
            ]

    await simulator.stop()
    assert len(found["Invoice"]) == 1
    assert len(marked) == 1
    assert "Traceback" not in log.read_text()


async def test_the_demo_keeps_its_data_and_ends_both_processes(
    tmp_path: Path,
) -> None:
    port, log = demo.free_port(0), tmp_path / "log"

    async def run_once() -> str:
        log.write_text("")
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "demo"),
                stdout=out,
                stderr=out,
                cwd=Path(__file__).parents[2],
                env={
                    "PATH": "/usr/bin:/bin",
                    "COUNTERSIGN_DATA_DIR": str(tmp_path / "data"),
                    "COUNTERSIGN_PORT": str(port),
                },
            )
        try:
            await _ready(log)
            said = log.read_text()
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 30) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return said

    first = await run_once()
    kept = sorted(path.name for path in (tmp_path / "data" / "demo").iterdir())
    await run_once()

    quickbooks = first.split("listens at\n")[1].split()[0].rstrip(".")
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"{quickbooks}/_simulator")
    assert "countersign.db" in kept
    assert "Traceback" not in log.read_text()
