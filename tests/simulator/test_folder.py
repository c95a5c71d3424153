"""Starting: what is refused; the data folder, who may use it, and a full disk."""

import asyncio
import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from qbo.simulator.keeping.folder import FORM, Unusable
from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import TOKEN, QuickBooks
from tests.simulator.conftest import TODAY

REALM = "9130350000000001"


@asynccontextmanager
async def simulator(
    folder: Path, *, today: date = TODAY, tokens: tuple[str, ...] = (TOKEN,)
) -> AsyncIterator[tuple[Running, QuickBooks]]:
    running = await start(
        Options(port=0, today=today, invoices=0, tokens=tokens, data=folder)
    )
    try:
        async with QuickBooks(running.url, REALM) as books:
            yield running, books
    finally:
        await running.stop()


@contextmanager
def file_of(folder: Path) -> Iterator[sqlite3.Connection]:
    """The file of a folder that no simulator has."""
    database = sqlite3.connect(folder / "simulator.sqlite")
    try:
        with database:
            yield database
    finally:
        database.close()


async def test_a_folder_is_for_one_simulator_at_a_time(tmp_path: Path) -> None:
    async with simulator(tmp_path) as (_, books):
        with pytest.raises(Unusable, match="another simulator is using"):
            await start(Options(port=0, invoices=0, data=tmp_path))
        await books.make("Vendor", {"DisplayName": "Kept"})

    async with simulator(tmp_path) as (_, books):
        assert await books.id("Vendor", "Kept")


async def test_a_start_that_failed_lets_go_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not served here"):
        await start(Options(port=0, invoices=0, data=tmp_path, plans=("none=Plus",)))

    async with simulator(tmp_path) as (_, books):
        assert await books.count("Customer")


@pytest.mark.parametrize(
    "spoil",
    [
        f"PRAGMA user_version = {FORM - 1}",
        f"PRAGMA user_version = {FORM + 1}",
        "UPDATE company SET facts = '{}'",
        "UPDATE record SET body = '{}' WHERE entity = 'Account'",
        "UPDATE record SET entity = 'Ledger' WHERE entity = 'Account'",
        "INSERT INTO chain VALUES ('x', '{}')",
    ],
)
async def test_a_folder_of_another_version_is_refused_in_a_sentence(
    tmp_path: Path, spoil: str
) -> None:
    async with simulator(tmp_path):
        pass
    with file_of(tmp_path) as database:
        database.execute(spoil)

    with pytest.raises(Unusable, match="written by another version"):
        await start(Options(port=0, invoices=0, data=tmp_path))


async def test_what_is_no_database_is_refused_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "simulator.sqlite").write_text("my diary" * 1_000)

    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "qbo.simulator", "--port", "0", "--data", tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(program.communicate(), 30)

    assert (program.returncode, said) == (1, b"")
    (line,) = complained.decode().splitlines()
    assert line.startswith("The simulator cannot start:")
    assert "not a database" in line


@pytest.mark.parametrize("token", ["", "too-short", "x" * 5_000])
async def test_a_token_that_the_gateway_would_refuse_is_not_taken(token: str) -> None:
    with pytest.raises(ValueError, match="from 16 to 4096 characters"):
        await start(Options(port=0, invoices=0, tokens=(token,)))


async def test_an_input_that_cannot_end_is_refused_in_a_sentence() -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "qbo.simulator", "--port", "0", "--end-with-input"),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, complained = await asyncio.wait_for(program.communicate(), 30)

    assert complained.decode().strip() == (
        "The simulator cannot start: --end-with-input needs a pipe or a terminal as"
        " its standard input"
    )


async def test_request_ids_are_forgotten_when_their_day_is_over(tmp_path: Path) -> None:
    async with simulator(tmp_path) as (_, books):
        await books.make("Vendor", {"DisplayName": "First"}, requestid="r-1")
        await books.http.post("/_simulator/clock", json={"advance_seconds": 90_000})
        await books.make("Vendor", {"DisplayName": "Second"}, requestid="r-2")
    with file_of(tmp_path) as database:
        before = database.execute("SELECT id FROM request ORDER BY id").fetchall()

    async with simulator(tmp_path, today=TODAY + timedelta(days=2)) as (_, books):
        again = await books.post("vendor", {"DisplayName": "First"}, requestid="r-1")
    with file_of(tmp_path) as database:
        after = database.execute("SELECT id FROM request ORDER BY id").fetchall()

    assert before == [("r-1",), ("r-2",)]
    assert again.status_code == 400
    assert after == [("r-2",)]


async def test_a_fixed_token_is_gone_when_it_is_no_longer_given(tmp_path: Path) -> None:
    async with simulator(tmp_path) as (_, books):
        answer = await books.http.post(
            "/oauth2/v1/tokens/bearer",
            data={
                "grant_type": "refresh_token",
                "refresh_token": TOKEN.partition(":")[2],
            },
            auth=("simulator-client", "simulator-secret"),
        )
        minted = answer.json()["access_token"]

    async with simulator(tmp_path, tokens=()) as (_, books):
        books.http.headers["Authorization"] = f"Bearer {minted}"
        assert (await books.get("companyinfo/1")).status_code == 401


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.parametrize("batched", [False, True])
async def test_what_a_full_disk_refused_is_stored_when_it_is_asked_for_again(
    tmp_path: Path, *, batched: bool
) -> None:
    vendor = {"DisplayName": "Late"}
    item = {"bId": "1", "operation": "create", "Vendor": vendor}
    path = "batch" if batched else "vendor"
    body = {"BatchItemRequest": [item]} if batched else vendor
    async with simulator(tmp_path) as (_, books):
        with full_disk():
            first = await books.post(path, body, requestid="r-1")
        second = await books.post(path, body, requestid="r-1")
        with file_copied(tmp_path) as database:
            stored = database.execute("SELECT id FROM request").fetchall()

    async with simulator(tmp_path) as (_, books):
        found = await books.query("select * from Vendor where DisplayName = 'Late'")

    assert first.status_code == 500
    assert second.status_code == 200
    assert len(stored) == len(found) == 1


@contextmanager
def file_copied(folder: Path) -> Iterator[sqlite3.Connection]:
    """What is on disk at this moment, though a simulator has the file."""
    copy = folder / "copy"
    copy.mkdir()
    for one in ("simulator.sqlite", "simulator.sqlite-wal"):
        with suppress(FileNotFoundError):
            (copy / one).write_bytes((folder / one).read_bytes())
    with file_of(copy) as database:
        yield database
