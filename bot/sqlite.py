"""SQLite connections that make one trip to their thread for each statement.

aiosqlite runs a connection in a thread of its own and goes there for the cursor, the
statement, its rows and its end. SQLAlchemy always wants all of a statement's rows, so
one trip does for all four; and where no transaction is open, a rollback needs none.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import URL
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite

_CHUNK = 64


def connecting(url: URL) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """What opens a connection to the file of an address, for an engine's pool."""
    args, options = SQLiteDialect_aiosqlite().create_connect_args(url)
    opened: Callable[[], sqlite3.Connection] = partial(
        sqlite3.connect, *args, **options
    )

    async def connect() -> aiosqlite.Connection:
        made = _Connection(opened, _CHUNK)
        made.as_daemon()
        return await made

    return connect


class _Connection(aiosqlite.Connection):
    _busy = False

    def as_daemon(self) -> None:
        """Never keep a process that ends waiting."""
        self._thread.daemon = True

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)

    async def trip(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do something in the connection's thread."""
        self._busy = True
        await self._execute(self._done, work)  # type: ignore[no-untyped-call]

    def _done(self, work: Callable[[sqlite3.Connection], None]) -> None:
        try:
            work(self._conn)
        finally:
            self._busy = False

    async def rollback(self) -> None:
        # What was given up half-way may still be beginning a transaction there.
        if self._busy or self.in_transaction:
            await super().rollback()


class _Cursor(aiosqlite.Cursor):
    """A statement and all its rows; there is nothing left of it to close."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None

    def __init__(self, connection: _Connection) -> None:
        self._home = connection
        self._rows: Sequence[Any] = ()

    async def execute(self, sql: str, parameters: Any = None) -> "_Cursor":
        await self._home.trip(
            lambda there: self._take(there.cursor(), "execute", sql, parameters or ())
        )
        return self

    async def executemany(self, sql: str, parameters: Any) -> "_Cursor":
        await self._home.trip(
            lambda there: self._take(there.cursor(), "executemany", sql, parameters)
        )
        return self

    def _take(self, cursor: sqlite3.Cursor, how: str, sql: str, given: Any) -> None:
        """All of it, in the connection's thread."""
        try:
            getattr(cursor, how)(sql, given)
            self._rows = cursor.fetchall() if cursor.description else ()
            self.description = cursor.description
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = ()
