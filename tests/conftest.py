"""Fixtures for everybody: databases of both kinds, and a clock."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from bot import database, tables
from tests import postgres

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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server made for this run, ended with it."""
    given = os.environ.get("COUNTERSIGN_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    programs = postgres.folder()
    if programs is None:
        _lacking(postgres.MISSING)
    assert programs is not None
    with postgres.running(programs) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which all tables exist, made once, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "tables.db"
    _make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database in which all tables exist, made once, as a template."""
    with postgres.fresh(postgres_server) as address:
        _make_tables(address)
        yield address.rsplit("/", 1)[1]


def _make_tables(address: str) -> None:
    async def made() -> None:
        engine = database.engine(address)
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        await engine.dispose()

    assert tables.ALL, "all rows are known"
    # A loop of its own, wherever a test's loop may be running.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, made()).result()


def _wants_tables(request: pytest.FixtureRequest) -> bool:
    return "engine" in request.fixturenames


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_server: str) -> Iterator[str]:
    """A fresh PostgreSQL database; empty, but for tests that have an engine."""
    template = (
        request.getfixturevalue("postgres_tables") if _wants_tables(request) else None
    )
    with postgres.fresh(postgres_server, template) as address:
        yield address


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh database, of each kind in turn.

    It is empty, but for tests that have an engine: there it holds all tables.
    """
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    path = tmp_path / "countersign.db"
    if _wants_tables(request):
        shutil.copy(request.getfixturevalue("sqlite_tables"), path)
    return f"sqlite:///{path}"


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database in which all tables exist, and nothing in them."""
    made = database.engine(database_url)
    yield made
    await made.dispose()
