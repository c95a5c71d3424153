"""The simulator alone, with 100,000 invoices: how it starts, answers and writes.

Each figure stands beside the same thing with the usual two years of some 670 invoices,
or beside the plainest thing a client does with the answer.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.bench.measure import Row, median
from tests.simulator.client import TOKEN, QuickBooks, sales_line

MANY: Final = 100_000
REALM: Final = "9130350000000001"
_PAGE: Final = "select * from Invoice startposition {} maxresults 1000"
_OPEN: Final = "select count(*) from Invoice where Balance > '0'"


class Started(NamedTuple):
    """A simulator in its own process: how long it took, its memory, how to ask it."""

    milliseconds: float
    megabytes: int
    books: QuickBooks


@asynccontextmanager
async def _started(*arguments: str) -> AsyncIterator[Started]:
    flags = ("--port", "0", "--today", "2026-11-20", "--token", TOKEN, *arguments)
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "qbo.simulator", *flags),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().split(" ")[0]
        taken = (time.perf_counter() - begun) * 1000
        async with QuickBooks(address, REALM) as books:
            yield Started(taken, _peak(process.pid), books)
    finally:
        process.terminate()
        await process.wait()


def _peak(pid: int) -> int:
    """The most memory a process has had so far, in MB; 0 where nobody says."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = next((line for line in lines if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(found.split()[1]) // 1024


async def rows() -> list[Row]:
    """Measure."""
    async with _started() as usual, _started("--invoices", str(MANY)) as large:
        page = (await large.books.get("query", query=_PAGE.format(1))).text
        one = large.books

        async def parsed() -> object:
            return json.loads(page)

        async def read() -> object:
            return await one.get("invoice/1000000")

        plain, floor = await median(parsed, 10), await median(read, 20)
        measured = [
            Row(
                f"start with 100,000 invoices ({large.megabytes} MB)",
                large.milliseconds,
                f"start with the usual story ({usual.megabytes} MB)",
                usual.milliseconds,
            )
        ]
        for what, statement in _QUERIES.items():
            taken = await median(_asking(one, statement), 10)
            measured.append(Row(what, taken, "json.loads of that page", plain))
        counted = await median(_asking(one, _OPEN), 10)
        measured.append(
            Row("count the open of 100,000", counted, "an empty GET", floor)
        )
        created = [
            await median(await _creating(each.books), 20) for each in (large, usual)
        ]
        measured.append(
            Row(
                "create an invoice among 100,000",
                created[0],
                "create it among 670",
                created[1],
            )
        )
    return measured


_QUERIES: Final = {
    "a page of 1,000 of 100,000 invoices": _PAGE.format(1),
    "a page in the middle": _PAGE.format(50_001),
    "a page by DueDate": "select * from Invoice orderby DueDate desc, DocNumber"
    " startposition 40001 maxresults 1000",
    "a page of the open ones": "select * from Invoice where Balance > '0'"
    " startposition 2001 maxresults 1000",
}


def _asking(books: QuickBooks, statement: str) -> Any:
    async def ask() -> object:
        answer = await books.get("query", query=statement)
        assert answer.status_code == 200, answer.text
        return answer

    return ask


async def _creating(books: QuickBooks) -> Any:
    customer = await books.id("Customer", "Acme West")
    line = sales_line(await books.id("Item", "Consulting"), "150")

    async def create() -> object:
        body = {"CustomerRef": {"value": customer}, "Line": [line]}
        return await books.make("Invoice", body)

    return create
