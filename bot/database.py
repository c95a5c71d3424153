"""The database: engines for SQLite and PostgreSQL, and the chain of migrations.

`engine.begin()` is a writing transaction. On SQLite it begins IMMEDIATE, so
that a write never has to be promoted half-way; what only reads asks for
`engine.execution_options(readonly=True)`.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, exc, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from bot import sqlite

# One arbitrary number that all processes agree on: who holds it may migrate.
_MIGRATION_LOCK = 7_215_330_117
# Longer than the writes that may stand before one; a longer wait is a fault.
_TURN_SECONDS = 30.0


def engine(url: str) -> AsyncEngine:
    """An engine for a `sqlite:///path` or `postgresql+psycopg://` address.

    Raises:
        sqlalchemy.exc.ArgumentError: the address cannot be read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        made = create_async_engine(
            parsed.set(drivername="sqlite+aiosqlite"),
            async_creator=sqlite.connecting(parsed),
            hide_parameters=True,
        )
        event.listen(made.sync_engine, "connect", _on_sqlite_connect)
        queue = _Queue()
        event.listen(made.sync_engine, "begin", queue.begin)
        event.listen(made.sync_engine.pool, "checkin", queue.checked_in)
        return made
    return create_async_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _on_sqlite_connect(
    connection: DBAPIConnection, record: ConnectionPoolEntry
) -> None:
    del record
    # Transactions are begun by us (below), not by the driver.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=5000",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class _Queue:
    """Lets the writing transactions of this process begin one after another.

    SQLite has one writer at a time, and its own waiting is neither fair nor
    patient: with many writers some would be refused. Here they queue, and the
    busy time-out is left for other processes.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction; a writing one when its turn has come."""
        if connection.get_execution_options().get("readonly", False):
            connection.exec_driver_sql("BEGIN")
            return
        # Somebody who begins again on the same connection keeps the turn.
        if not connection.info.get("has_turn", False):
            try:
                await_only(asyncio.wait_for(self._turn.acquire(), _TURN_SECONDS))
            except TimeoutError as late:
                raise exc.TimeoutError("the database was busy for too long") from late
            connection.info["has_turn"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def checked_in(
        self, connection: DBAPIConnection | None, record: ConnectionPoolEntry
    ) -> None:
        """The transaction has ended, however it did: the next one's turn."""
        del connection
        if record.info.pop("has_turn", False):
            self._turn.release()


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK}
        )
    config = _scripts()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate(engine: AsyncEngine) -> None:
    """Bring the tables to the newest form; safe in several processes at once.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


async def is_migrated(engine: AsyncEngine) -> bool:
    """Whether the tables are in the newest form."""
    head = ScriptDirectory.from_config(_scripts()).get_current_head()
    async with engine.execution_options(readonly=True).connect() as connection:
        current = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )
    return current == head
