"""Which records of the books are gone, and when that was noticed.

A row of the mirror that is dropped leaves nothing behind; who follows what became of
a record has to hear of it all the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, delete
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from qbo.columns import UtcTime

_PART_ROWS: Final = 500


class _GoneRow(SQLModel, table=True):
    """A record that was in the mirror, and is there no more."""

    __tablename__ = "book_gone"
    company: str = Field(primary_key=True)
    entity: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    gone_at: datetime = Field(sa_type=UtcTime, index=True)


GONE: Final[Table] = SQLModel.metadata.tables["book_gone"]


async def note(
    connection: AsyncConnection,
    where: tuple[str, str],
    ids: Sequence[str],
    at: datetime,
) -> None:
    """Keep that these are gone, in the transaction that drops their rows.

    `where` is the company and the entity.
    """
    company, entity = where
    for start in range(0, len(ids), _PART_ROWS):
        part = ids[start : start + _PART_ROWS]
        await connection.execute(
            delete(GONE).where(
                GONE.c.company == company, GONE.c.entity == entity, GONE.c.id.in_(part)
            )
        )
        rows: list[dict[str, Any]] = [
            {"company": company, "entity": entity, "id": each, "gone_at": at}
            for each in part
        ]
        await connection.execute(GONE.insert(), rows)
