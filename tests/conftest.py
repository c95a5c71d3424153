"""Fixtures for everybody: databases of both kinds, and a clock."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from bot import database

IN_CI = os.environ.get("CI") == "true"


class Clock:
    """A clock that stands still until it is moved; call it for the time (UTC)."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        """Let time pass: `clock.advance(minutes=5)`."""
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _lacking(what: str) -> None:
    """Skip on a person's machine, fail in CI."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)


def _postgres_folder() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server made for this run, ended with it."""
    given = os.environ.get("COUNTERSIGN_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    folder = _postgres_folder()
    if folder is None:
        _lacking("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    assert folder is not None
    home = Path(tempfile.mkdtemp(prefix="countersign-pg-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # PostgreSQL refuses to run as root; where we are root, it runs as "postgres".
    become = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if become:
        shutil.chown(home, "postgres")
    data = home / "data"
    subprocess.run(  # noqa: S603
        [
            *become,
            str(folder / "initdb"),
            *("-D", str(data), "-U", "postgres", "--auth=trust"),
            *("--encoding=UTF8", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        cwd=home,
    )
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603
            [
                *become,
                str(folder / "postgres"),
                *("-D", str(data), "-p", str(port), "-k", str(home), "-F"),
                *("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"),
            ],
            stdout=log,
            stderr=log,
            cwd=home,
        )
    address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        for _ in range(200):
            try:
                psycopg.connect(address).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.05)
        yield address
    finally:
        # The server itself, not the one who started it, must hear of the end.
        pid = (data / "postmaster.pid").read_text().splitlines()[0]
        os.kill(int(pid), 2)
        server.wait(timeout=30)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh empty PostgreSQL database."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    base = postgres_server.rsplit("/", 1)[0]
    yield f"{base}/{name}".replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'countersign.db'}"


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on an empty database in which all imported tables exist."""
    made = database.engine(database_url)
    async with made.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield made
    await made.dispose()
