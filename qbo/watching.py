"""What of customers and vendors was changed, and when it was noticed.

QuickBooks says when a record was last changed, not what of it. The fields by which
money is led astray (the e-mail address, the terms, the postal address, the name) are
compared whenever the mirror takes a newer version of a record, and what differs is
kept. Of what changed before the mirror first saw a record nothing is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from qbo.columns import UtcTime
from qbo.wire import records
from qbo.wire.exact import Json

WATCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "Customer": ("DisplayName", "PrimaryEmailAddr", "SalesTermRef", "BillAddr"),
    "Vendor": ("DisplayName", "PrimaryEmailAddr", "TermRef", "BillAddr"),
}
"""The fields that are watched, by entity."""
_LABELS: Final[Mapping[str, str]] = {
    "DisplayName": "name",
    "PrimaryEmailAddr": "e-mail",
    "SalesTermRef": "terms",
    "TermRef": "terms",
    "BillAddr": "address",
}


class _ChangeRow(SQLModel, table=True):
    """One field of one record that became another; `version` is the newer one's."""

    __tablename__ = "book_field_change"
    company: str = Field(primary_key=True)
    entity: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    before: str
    after: str
    seen_at: datetime = Field(sa_type=UtcTime)


CHANGES: Final[Table] = SQLModel.metadata.tables["book_field_change"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that was `before` and is `after`; `seen_at` is when that was noticed.

    `label` is the field as people call it ("e-mail"); an empty value is none.
    """

    label: str
    before: str
    after: str
    seen_at: datetime


def watched(entity: str, record: Json) -> Mapping[str, str]:
    """The watched fields of a record as texts."""
    found = {}
    for field in WATCHED.get(entity, ()):
        if field == "PrimaryEmailAddr":
            value = records.text(record, "PrimaryEmailAddr.Address")
        elif field.endswith("Ref"):
            value = records.ref_name(record, field) or records.ref_id(record, field)
        elif field == "BillAddr":
            value = (records.address(record) or "").replace("\n", ", ")
        else:
            value = records.plain_name(str(record.get(field) or ""))
        found[field] = value or ""
    return found


async def note(
    connection: AsyncConnection,
    insert: Any,
    where: tuple[str, str],
    pairs: Iterable[tuple[Json, Json]],
    seen_at: datetime,
) -> None:
    """Keep what differs between the older and the newer version of records.

    Belongs to the transaction that keeps the newer version. `insert` is the
    database's own INSERT, `where` the company and the entity.
    """
    company, entity = where
    fresh = []
    for older, newer in pairs:
        before, after = watched(entity, older), watched(entity, newer)
        fresh += [
            {
                "company": company,
                "entity": entity,
                "record_id": str(newer["Id"]),
                "field": field,
                "version": int(newer.get("SyncToken") or 0),
                "before": before[field],
                "after": after[field],
                "seen_at": seen_at,
            }
            for field in before
            if before[field] != after[field]
        ]
    if fresh:
        await connection.execute(insert(CHANGES).on_conflict_do_nothing(), fresh)


def since_statement(company: str, entity: str, record_id: str, since: datetime) -> Any:
    """The statement that `changes` reads: what was noticed since, the oldest first."""
    return (
        select(CHANGES)
        .where(
            CHANGES.c.company == company,
            CHANGES.c.entity == entity,
            CHANGES.c.record_id == record_id,
            CHANGES.c.seen_at >= since,
        )
        .order_by(CHANGES.c.seen_at, CHANGES.c.version)
    )


def changes(rows: Sequence[Any]) -> tuple[FieldChange, ...]:
    """What became of each field in all: from its first value to its last.

    A field that became what it was is no change.
    """
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for row in rows:
        first.setdefault(row.field, row)
        last[row.field] = row
    return tuple(
        FieldChange(_LABELS[field], first[field].before, row.after, row.seen_at)
        for field, row in last.items()
        if first[field].before != row.after
    )
