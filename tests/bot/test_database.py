"""Migrations make exactly the tables that the rows want."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from bot import database, tables
from bot.database import is_migrated, migrate


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return list(compare_metadata(context, SQLModel.metadata))


async def test_the_migrations_make_what_the_rows_want(database_url: str) -> None:
    assert tables.ALL
    engine = database.engine(database_url)

    assert not await is_migrated(engine)
    await migrate(engine)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)

    assert await is_migrated(engine)
    assert differences == []
    await engine.dispose()


async def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    engines = [database.engine(database_url) for _ in range(3)]

    await asyncio.gather(*(migrate(engine) for engine in engines))

    assert await is_migrated(engines[0])
    for engine in engines:
        await engine.dispose()
