"""Migrations make exactly the tables that the rows want."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
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


async def test_many_writers_at_once_all_have_their_turn(database_url: str) -> None:
    engine = database.engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE note (number INTEGER)"))

    async def write(number: int) -> None:
        async with engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO note VALUES (:number)"), {"number": number}
            )
            await asyncio.sleep(0.01)
            if number % 10 == 0:
                raise ValueError(number)

    async def give_up(number: int) -> None:
        async with asyncio.timeout(0.02):
            await write(number)

    ended = await asyncio.gather(
        *(write(number) for number in range(100)),
        *(give_up(number) for number in range(1000, 1020)),
        return_exceptions=True,
    )

    async with engine.execution_options(readonly=True).connect() as reading:
        kept = await reading.scalar(
            text("SELECT COUNT(*) FROM note WHERE number < 1000")
        )
    assert {type(each) for each in ended} <= {type(None), ValueError, TimeoutError}
    assert kept == 90
    await engine.dispose()


async def test_two_transactions_on_one_connection_are_two_turns(
    database_url: str,
) -> None:
    engine = database.engine(database_url)

    async with engine.connect() as connection:
        for statement in ("CREATE TABLE note (number INTEGER)", "DROP TABLE note"):
            async with connection.begin():
                await connection.execute(text(statement))
    async with engine.begin() as other:
        await other.execute(text("SELECT 1"))

    await engine.dispose()
