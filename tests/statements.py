"""SQL that one test has compiled serves the next ones too.

SQLAlchemy keeps what it compiles for each engine and dialect. Each test has an engine
of its own, and so would begin with nothing: a third of its time. Engines of one kind
compile alike, so here they share what they keep.
"""

from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

from bot import database

_KEPT: LRUCache[Any, Any] = LRUCache(3_000)


def shared() -> None:
    """Let all engines of this process share their compiled statements."""
    for kind in (SQLiteDialect_aiosqlite, PGDialectAsync_psycopg):
        kind.__eq__ = _is_alike  # type: ignore[method-assign, assignment]
        kind.__hash__ = _as_its_kind  # type: ignore[method-assign, assignment]
    vars(database)["create_async_engine"] = _created


def _is_alike(one: Dialect, other: object) -> bool:
    return type(one) is type(other)


def _as_its_kind(one: Dialect) -> int:
    return hash(type(one))


def _created(*args: Any, **options: Any) -> AsyncEngine:
    made = create_async_engine(*args, **options)
    made.sync_engine._compiled_cache = _KEPT
    return made
