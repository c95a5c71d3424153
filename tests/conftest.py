"""Fixtures for everybody: databases of both kinds, and a clock."""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from bot import database, tables
from tests import postgres, statements

statements.shared()

# Servers under test speak plain HTTP on loopback: a client made for one of them need
# not read the certificates of all the world's authorities first.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)

IN_CI = os.environ.get("CI") == "true"
_HAS = IN_CI or postgres.folder() or os.environ.get("COUNTERSIGN_TEST_POSTGRES_URL")


# Where the kind of database decides: what is locked, guarded or chained there. All of
# these run on both kinds each time.
ON_BOTH = (
    *("approvals/test_delegations", "approvals/test_races", "approvals/test_saving"),
    *("approvals/test_stops", "approvals/test_trail", "bot/test_database"),
    "bot/test_people",
    *("conversations/test_kill", "qbo/test_governor", "qbo/test_numbering"),
)
# What is built upon that: one test runs here, the next one there. Of all other files
# each fourth runs on PostgreSQL, the rest on SQLite; `--both` runs everything twice.
IN_TURN = (
    *("approvals/test_altered", "approvals/test_applying", "approvals/test_askers"),
    *("approvals/test_desk", "approvals/test_notices", "approvals/test_reminding"),
    *("approvals/test_settling", "approvals/test_undoing", "approvals/test_waiting"),
    *("bot/test_audit", "bot/test_chatlog", "bot/test_tellings"),
    *("qbo/test_connection", "qbo/test_mirror", "qbo/test_sync"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--both`: every test with a database runs on SQLite and on PostgreSQL."""
    parser.addoption("--both", action="store_true", help=pytest_addoption.__doc__)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave each test its kind of database; see `ON_BOTH`. The longest come first."""
    _spread(items)
    if config.getoption("--both"):
        return
    here: list[pytest.Item] = []
    elsewhere: list[pytest.Item] = []
    for each in items:
        (elsewhere if _is_elsewhere(each) else here).append(each)
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = here


def _spread(items: list[pytest.Item]) -> None:
    """Let each of several workers begin with one of the longest tests.

    Each is given a stretch of the list; one that comes last keeps all others waiting.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    long = [each for each in items if each.path.name == "test_rail_model.py"]
    rest = [each for each in items if each not in long]
    for nth, each in reversed(list(enumerate(long))):
        rest.insert(len(rest) * nth // len(long), each)
    items[:] = rest


def _is_elsewhere(item: pytest.Item) -> bool:
    """Whether this test runs on the other kind of database."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    kinds = (each for each in params.values() if each in ("sqlite", "postgres"))
    kind = next(kinds, None)
    file = item.path.relative_to(Path(__file__).parent).with_suffix("").as_posix()
    if kind is None or file in ON_BOTH:
        return False
    # Without a PostgreSQL server all run on SQLite; see `postgres_server`.
    if file in IN_TURN:
        name = item.name.replace("sqlite", "").replace("postgres", "")
        is_there = crc32(name.encode()) % 2 == 0
    else:
        is_there = crc32(file.encode()) % 4 == 0
    return bool(kind != ("postgres" if _HAS and is_there else "sqlite"))


def pytest_collection_finish() -> None:
    """Have the collector leave alone what lives as long as the run, and look less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)


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
