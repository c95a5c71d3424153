"""Numbers of documents that QuickBooks numbers not on request, reserved as drafted.

A row for each company and number, so that two proposals that wait at the same time
never carry the same one. A draft of the same proposal made anew finds its own number
again. What was reserved and never posted is free again after `HELD`.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import Field, SQLModel, col

from qbo.columns import UtcTime

HELD: Final = timedelta(days=60)


class _NumberRow(SQLModel, table=True):
    """A number, and the proposal ("P-17") and place in its draft that it is for."""

    __tablename__ = "document_number"
    company: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    number: str
    ref: str
    place: int
    at: datetime = Field(sa_type=UtcTime)


def succeeding(last: str) -> Iterator[str]:
    """The numbers after one: its letters and leading zeros are kept."""
    head = last.rstrip("0123456789")
    digits = last[len(head) :]
    value = int(digits or "0")
    while True:
        value += 1
        yield f"{head}{str(value).zfill(len(digits))}"


class Numbering:
    """Reserves numbers, each once for a company."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    async def reserve(
        self, company: str, ref: str, place: int, last: str, used: Collection[str]
    ) -> str:
        """The next free number after `last`, reserved for that place of a draft.

        `used` are the numbers that documents have, casefolded.
        """
        async with self._engine.begin() as connection:
            await connection.execute(
                delete(_NumberRow).where(
                    col(_NumberRow.company) == company,
                    col(_NumberRow.at) < self._now() - HELD,
                )
            )
            own = await _own(connection, company, ref, place)
        if own is not None and own.casefold() not in used:
            return own
        for number in succeeding(last):
            if number.casefold() in used:
                continue
            if await self._takes(company, ref, place, number):
                return number
        raise AssertionError("there is always another number")

    async def _takes(self, company: str, ref: str, place: int, number: str) -> bool:
        """Whether the number is now reserved for it; False: it is another's."""
        row = _NumberRow(
            company=company,
            key=number.casefold(),
            number=number,
            ref=ref,
            place=place,
            at=self._now(),
        )
        try:
            async with self._engine.begin() as connection:
                # Its earlier number, which has been taken meanwhile, is given up.
                await connection.execute(
                    delete(_NumberRow).where(
                        col(_NumberRow.company) == company,
                        col(_NumberRow.ref) == ref,
                        col(_NumberRow.place) == place,
                    )
                )
                await connection.execute(
                    SQLModel.metadata.tables["document_number"].insert(),
                    row.model_dump(),
                )
        except IntegrityError:
            return False
        return True


async def _own(
    connection: AsyncConnection, company: str, ref: str, place: int
) -> str | None:
    found = await connection.execute(
        select(col(_NumberRow.number)).where(
            col(_NumberRow.company) == company,
            col(_NumberRow.ref) == ref,
            col(_NumberRow.place) == place,
        )
    )
    return found.scalars().first()
