"""Numbers of documents that QuickBooks numbers not on request, reserved as drafted.

A row for each company and number, so that two proposals that wait at the same time
never carry the same one. A draft of the same proposal made anew finds its own number
again. A reservation ends after `HELD`; the fresh check before posting stands behind it.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import Field, SQLModel

from qbo.columns import UtcTime
from qbo.locks import hold

HELD: Final = timedelta(days=400)


class _NumberRow(SQLModel, table=True):
    """A number, and the proposal ("P-17") and place in its draft that it is for."""

    __tablename__ = "document_number"
    company: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    number: str
    ref: str
    place: int
    at: datetime = Field(sa_type=UtcTime)


NUMBERS: Final[Table] = SQLModel.metadata.tables["document_number"]
_C: Final = NUMBERS.c


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

        `used` are the numbers that documents have, casefolded. A number that is given
        out again is held anew.
        """
        async with self._engine.begin() as connection:
            await hold(connection, f"document number {company}", alone=True)
            await connection.execute(
                delete(NUMBERS).where(_C.company == company, _C.at < self._now() - HELD)
            )
            number, _ = await _next(connection, company, ref, place, last, used)
            await connection.execute(
                delete(NUMBERS).where(
                    _C.company == company, _C.ref == ref, _C.place == place
                )
            )
            row = NUMBERS.insert().values(
                company=company,
                key=number.casefold(),
                number=number,
                ref=ref,
                place=place,
                at=self._now(),
            )
            await connection.execute(row)
        return number

    async def peek(
        self, company: str, ref: str, place: int, last: str, used: Collection[str]
    ) -> str:
        """The number that `reserve` would give now; nothing is reserved."""
        readonly = self._engine.execution_options(readonly=True)
        async with readonly.connect() as connection:
            number, others = await _next(connection, company, ref, place, last, used)
            if others is None:
                return number
            # Those of the same draft before it have not been reserved either.
            return next(islice(others, place - 1, None)) if place else number


async def _next(
    connection: AsyncConnection,
    company: str,
    ref: str,
    place: int,
    last: str,
    used: Collection[str],
) -> tuple[str, Iterator[str] | None]:
    """The number of that place, and those after it; None where it was reserved."""
    rows = (
        await connection.execute(
            select(_C.key, _C.number, _C.ref, _C.place).where(_C.company == company)
        )
    ).all()
    own = next((row for row in rows if (row.ref, row.place) == (ref, place)), None)
    if own is not None and own.key not in used:
        return str(own.number), None
    reserved = {row.key for row in rows}
    free = (
        number
        for number in succeeding(last)
        if number.casefold() not in used and number.casefold() not in reserved
    )
    return next(free), free
