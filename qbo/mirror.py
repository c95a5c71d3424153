"""The local copy of a company's books: rows, and how they are kept.

A row holds QuickBooks' record whole (as JSON text, digit for digit) and beside it
the columns that questions need. Amounts are integers of a ten-thousandth, so that
the database adds and sorts them exactly. What is asked of the rows stands in
`questions`.
"""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Table,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import Field, SQLModel

from qbo import tombstones, watching
from qbo.columns import UtcTime
from qbo.wire import records
from qbo.wire.exact import Json, at, dumps, loads, number

UNITS: Final = 10_000  # in one unit of a currency
_PARTIES: Final[Mapping[str, str]] = {
    "Invoice": "CustomerRef",
    "Payment": "CustomerRef",
    "CreditMemo": "CustomerRef",
    "SalesReceipt": "CustomerRef",
    "RefundReceipt": "CustomerRef",
    "Bill": "VendorRef",
    "VendorCredit": "VendorRef",
    "BillPayment": "VendorRef",
    "Purchase": "EntityRef",
}
_SETTLING: Final = ("Payment", "BillPayment")


class _RecordRow(SQLModel, table=True):
    """One record of the books. `*_key` columns are case-folded for comparing.

    An empty `currency` is the company's own.
    """

    __tablename__ = "book_record"
    __table_args__ = (
        Index("book_record_by_date", "company", "entity", "txn_date"),
        Index("book_record_by_party", "company", "entity", "party_id"),
        Index("book_record_by_number", "company", "entity", "doc_key"),
        Index("book_record_by_name", "company", "entity", "name_key"),
        Index("book_record_by_change", "company", "changed_at"),
    )
    company: str = Field(primary_key=True)
    entity: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)
    digest: str
    active: bool
    name: str
    name_key: str
    full_key: str
    code_key: str
    kind: str
    side: str
    doc_number: str
    doc_key: str
    party_id: str
    party: str
    parent_id: str
    txn_date: dt.date | None
    due_date: dt.date | None
    currency: str
    total: int = Field(sa_type=BigInteger)
    net: int = Field(sa_type=BigInteger)
    balance: int = Field(sa_type=BigInteger)
    voided: bool
    sent: bool
    created_at: datetime | None = Field(sa_type=UtcTime)
    seen_at: datetime = Field(sa_type=UtcTime)
    changed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    raw: str = Field(sa_type=Text)


class _LineRow(SQLModel, table=True):
    """One line of a document: what it charges, sells or settles.

    `amount` is without tax, and counts as its document does: a discount is negative,
    a refund to a card and a journal's credit are too. A credit memo's lines are
    positive, as the memo is.
    """

    __tablename__ = "book_line"
    __table_args__ = (
        Index("book_line_by_account", "company", "entity", "account_id"),
        Index("book_line_by_target", "company", "target", "target_id"),
    )
    company: str = Field(primary_key=True)
    entity: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    account_id: str
    item_id: str
    target: str
    target_id: str


class _StateRow(SQLModel, table=True):
    """How far the mirror of one company is, and who is freshening it."""

    __tablename__ = "book_state"
    company: str = Field(primary_key=True)
    loaded_at: datetime | None = Field(default=None, sa_type=UtcTime)
    fresh_at: datetime | None = Field(default=None, sa_type=UtcTime)
    lists_at: datetime | None = Field(default=None, sa_type=UtcTime)
    cursor: datetime | None = Field(default=None, sa_type=UtcTime)
    outdated_at: datetime | None = Field(default=None, sa_type=UtcTime)
    version: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcTime)


RECORDS: Final[Table] = SQLModel.metadata.tables["book_record"]
LINES: Final[Table] = SQLModel.metadata.tables["book_line"]
_STATES: Final[Table] = SQLModel.metadata.tables["book_state"]


@dataclass(frozen=True, slots=True)
class State:
    """How far the mirror of one company is.

    `fresh_at` is the moment (our clock) at which the rows were known to be current;
    `cursor` the moment (QuickBooks' clock) from which changes are to be asked for.
    `outdated_at` is when we last wrote to the books: rows not read after that must
    be freshened before the next answer. `version` counts changes.
    """

    loaded_at: datetime | None = None
    fresh_at: datetime | None = None
    lists_at: datetime | None = None
    cursor: datetime | None = None
    outdated_at: datetime | None = None
    version: int = 0


def units(amount: Decimal) -> int:
    """An amount in ten-thousandths; what is finer than that is rounded half even."""
    return int((amount * UNITS).to_integral_value())


def amount(units_: object) -> Decimal:
    """The amount of a number of ten-thousandths, with at least two places."""
    exact = Decimal(str(units_ or 0)) / UNITS
    rounded = exact.quantize(Decimal("0.01"))
    return rounded if rounded == exact else exact


PART_ROWS: Final = 200  # the most records that one writing transaction keeps


class Mirror:
    """The rows of all companies in one database."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now
        dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
        self._insert: Any = dialect.insert

    async def put(
        self, company: str, entity: str, found: Sequence[Json]
    ) -> frozenset[str]:
        """Keep records as they were read; gives the ids of those that changed.

        A record older than the row that is there (by SyncToken) is passed over: a
        slow read must not undo what was written meanwhile. Many are kept in parts,
        so that others may write, and the event loop may turn, in between.
        """
        changed: set[str] = set()
        for start in range(0, len(found), PART_ROWS):
            part = found[start : start + PART_ROWS]
            changed |= await self._put(company, entity, part)
            await asyncio.sleep(0)
        return frozenset(changed)

    async def _put(
        self, company: str, entity: str, found: Sequence[Json]
    ) -> frozenset[str]:
        now = self._now()
        rows = {str(each["Id"]): _row(company, entity, each) for each in found}
        here = (RECORDS.c.company == company) & (RECORDS.c.entity == entity)
        async with self._engine.begin() as connection:
            known = {
                row.id: row
                for row in await connection.execute(
                    select(RECORDS.c.id, RECORDS.c.version, RECORDS.c.digest).where(
                        here, RECORDS.c.id.in_(rows)
                    )
                )
            }
            changed = [
                number
                for number, row in rows.items()
                if number not in known
                or (
                    row["version"] >= known[number].version
                    and row["digest"] != known[number].digest
                )
            ]
            if len(changed) < len(rows):
                await connection.execute(
                    update(RECORDS)
                    .where(here, RECORDS.c.id.in_(set(rows) - set(changed)))
                    .values(seen_at=now)
                )
            if changed:
                if entity in watching.WATCHED:
                    older = [number for number in changed if number in known]
                    await self._watch(connection, (company, entity), rows, older)
                fresh = {"seen_at": now, "changed_at": now}
                kept = [{**rows[number], **fresh} for number in changed]
                await connection.execute(self._upsert(), kept)
                await self._put_lines(connection, company, entity, found, changed)
        return frozenset(changed)

    async def _watch(
        self,
        connection: AsyncConnection,
        where: tuple[str, str],
        fresh: Mapping[str, Mapping[str, Any]],
        ids: Sequence[str],
    ) -> None:
        """Note what of watched fields differs, before the newer rows replace them."""
        older = await connection.execute(
            select(RECORDS.c.id, RECORDS.c.raw).where(
                RECORDS.c.company == where[0],
                RECORDS.c.entity == where[1],
                RECORDS.c.id.in_(ids),
            )
        )
        pairs = [(loads(row.raw), loads(fresh[row.id]["raw"])) for row in older]
        await watching.note(connection, self._insert, where, pairs, self._now())

    async def field_changes(
        self, company: str, entity: str, record_id: str, since: datetime
    ) -> tuple[watching.FieldChange, ...]:
        """What of a record's watched fields changed, as noticed since then."""
        statement = watching.since_statement(company, entity, record_id, since)
        return watching.changes(await self.rows(statement))

    def _upsert(self) -> Any:
        statement = self._insert(RECORDS)
        fresh = statement.excluded
        return statement.on_conflict_do_update(
            index_elements=["company", "entity", "id"],
            set_={
                column.name: fresh[column.name]
                for column in RECORDS.c
                if not column.primary_key
            },
            where=RECORDS.c.version <= fresh.version,
        )

    async def _put_lines(
        self,
        connection: AsyncConnection,
        company: str,
        entity: str,
        found: Sequence[Json],
        changed: Iterable[str],
    ) -> None:
        wanted = set(changed)
        fresh = [
            line
            for each in found
            if str(each["Id"]) in wanted
            for line in _lines(company, entity, each)
        ]
        await connection.execute(
            delete(LINES).where(
                LINES.c.company == company,
                LINES.c.entity == entity,
                LINES.c.record_id.in_(wanted),
            )
        )
        if fresh:
            await connection.execute(LINES.insert(), fresh)

    async def remove(self, company: str, entity: str, ids: Sequence[str]) -> int:
        """Drop records that QuickBooks no longer has; gives how many were there."""
        return await self._remove(company, entity, RECORDS.c.id.in_(ids)) if ids else 0

    async def remove_unseen(self, company: str, entity: str, since: datetime) -> int:
        """Drop the rows of an entity that a whole reading did not meet."""
        return await self._remove(company, entity, RECORDS.c.seen_at < since)

    async def _remove(
        self, company: str, entity: str, which: ColumnElement[bool]
    ) -> int:
        here = (RECORDS.c.company == company) & (RECORDS.c.entity == entity)
        gone = select(RECORDS.c.id).where(here, which)
        async with self._engine.begin() as connection:
            ids = [row.id for row in await connection.execute(gone)]
            await tombstones.note(connection, (company, entity), ids, self._now())
            for table, name in ((LINES, "record_id"), (RECORDS, "id")):
                for start in range(0, len(ids), 1000):
                    await connection.execute(
                        delete(table).where(
                            table.c.company == company,
                            table.c.entity == entity,
                            table.c[name].in_(ids[start : start + 1000]),
                        )
                    )
        return len(ids)

    async def forget(self, company: str) -> None:
        """Drop all that is kept of a company."""
        async with self._engine.begin() as connection:
            for table in (LINES, RECORDS, _STATES, watching.CHANGES, tombstones.GONE):
                await connection.execute(
                    delete(table).where(table.c.company == company)
                )

    async def rows(self, statement: Any) -> list[Any]:
        """The rows that a SELECT gives."""
        async with self._reading.connect() as connection:
            return list(await connection.execute(statement))

    async def found(self, statement: Any) -> list[Json]:
        """The records of a SELECT whose only column is `raw`."""
        return [loads(row.raw) for row in await self.rows(statement)]

    async def record(self, company: str, entity: str, record_id: str) -> Json | None:
        """One record by its id, None where it is not in the mirror."""
        found = await self.found(
            select(RECORDS.c.raw).where(
                RECORDS.c.company == company,
                RECORDS.c.entity == entity,
                RECORDS.c.id == record_id,
            )
        )
        return found[0] if found else None

    async def count(self, company: str) -> int:
        """How many records are kept of a company."""
        statement = select(func.count()).where(RECORDS.c.company == company)
        return int((await self.rows(statement))[0][0])

    async def state(self, company: str) -> State:
        """How far the mirror of a company is."""
        found = await self.rows(select(_STATES).where(_STATES.c.company == company))
        if not found:
            return State()
        row = found[0]
        return State(
            loaded_at=row.loaded_at,
            fresh_at=row.fresh_at,
            lists_at=row.lists_at,
            cursor=row.cursor,
            outdated_at=row.outdated_at,
            version=row.version,
        )

    async def advance(
        self,
        company: str,
        *,
        fresh_at: datetime,
        cursor: datetime,
        changed: bool,
        lists_at: datetime | None = None,
        loaded_at: datetime | None = None,
    ) -> None:
        """Remember that the rows are current as of `fresh_at`."""
        values: dict[str, Any] = {"fresh_at": fresh_at, "cursor": cursor}
        if lists_at is not None:
            values["lists_at"] = lists_at
        if loaded_at is not None:
            values["loaded_at"] = loaded_at
        if changed:
            values["version"] = _STATES.c.version + 1
        await self._set_state(company, values)

    async def mark_outdated(self, company: str) -> None:
        """Let the next answer freshen the rows first: the books were written to."""
        await self._set_state(
            company, {"outdated_at": self._now(), "version": _STATES.c.version + 1}
        )

    async def _set_state(self, company: str, values: Mapping[str, Any]) -> None:
        async with self._engine.begin() as connection:
            await self._ensure_state(connection, company)
            await connection.execute(
                update(_STATES).where(_STATES.c.company == company).values(**values)
            )

    async def _ensure_state(self, connection: AsyncConnection, company: str) -> None:
        statement = self._insert(_STATES).values(company=company, version=0)
        await connection.execute(statement.on_conflict_do_nothing())

    async def claim(self, company: str, owner: str, seconds: float) -> bool:
        """Take the right to freshen a company's rows, unless somebody else has it."""
        now = self._now()
        async with self._engine.begin() as connection:
            await self._ensure_state(connection, company)
            taken = await connection.execute(
                update(_STATES)
                .where(
                    _STATES.c.company == company,
                    or_(
                        _STATES.c.lease_until.is_(None),
                        _STATES.c.lease_until < bindparam("moment", now, UtcTime),
                        _STATES.c.lease_owner == owner,
                    ),
                )
                .values(lease_owner=owner, lease_until=now + timedelta(seconds=seconds))
            )
        return taken.rowcount == 1

    async def release(self, company: str, owner: str) -> None:
        """Give that right back."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_STATES)
                .where(_STATES.c.company == company, _STATES.c.lease_owner == owner)
                .values(lease_owner=None, lease_until=None)
            )


def _row(company: str, entity: str, record: Json) -> dict[str, Any]:
    raw = dumps(record)
    party = _PARTIES.get(entity, "")
    name = records.label(record)
    number_ = str(record.get("DocNumber") or "")
    total = _total(entity, record)
    return {
        "company": company,
        "entity": entity,
        "id": str(record["Id"]),
        "version": int(record.get("SyncToken") or 0),
        "digest": hashlib.blake2b(raw.encode(), digest_size=16).hexdigest(),
        "active": bool(record.get("Active", True)),
        "name": name,
        "name_key": name.casefold(),
        "full_key": records.plain_name(
            str(record.get("FullyQualifiedName") or "")
        ).casefold(),
        "code_key": str(record.get("Sku") or record.get("AcctNum") or "").casefold(),
        "kind": str(
            record.get("AccountType")
            or record.get("Type")
            or record.get("PaymentType")
            or ""
        ),
        "side": str(record.get("Classification") or ""),
        "doc_number": number_,
        "doc_key": number_.casefold(),
        "party_id": records.ref_id(record, party) if party else "",
        "party": records.ref_name(record, party) if party else "",
        "parent_id": records.ref_id(record, "ParentRef"),
        "txn_date": _day(record, "TxnDate"),
        "due_date": _day(record, "DueDate") or _day(record, "TxnDate"),
        "currency": records.currency(record, ""),
        "total": units(total),
        "net": units(total - number(at(record, "TxnTaxDetail.TotalTax"))),
        "balance": units(_balance(entity, record)),
        "voided": records.is_voided(record),
        "sent": records.is_sent(record),
        "created_at": moment(at(record, "MetaData.CreateTime")),
        "raw": raw,
    }


def _total(entity: str, record: Json) -> Decimal:
    if entity == "Purchase":
        return records.purchase_total(record)
    return number(record.get("TotalAmt"))


def _balance(entity: str, record: Json) -> Decimal:
    if entity == "Account":
        return records.account_balance(record)
    if entity == "Payment":
        return number(record.get("UnappliedAmt"))
    if entity == "CreditMemo":
        return records.remaining_credit(record)
    return number(record.get("Balance"))


def _day(record: Json, name: str) -> date | None:
    return records.day(record, name) if record.get(name) else None


def moment(value: object) -> datetime | None:
    """A time as QuickBooks writes it (Pacific, with its offset); None where absent."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _lines(company: str, entity: str, record: Json) -> Iterable[dict[str, Any]]:
    if entity not in _PARTIES and entity != "JournalEntry":
        return
    blank = {
        "company": company,
        "entity": entity,
        "record_id": str(record["Id"]),
        "account_id": "",
        "item_id": "",
        "target": "",
        "target_id": "",
    }
    if entity in _SETTLING:
        for place, (kind, target, paid) in enumerate(records.linked(record)):
            settled = {"target": kind, "target_id": target, "amount": units(paid)}
            yield {**blank, **settled, "place": place}
        return
    for place, line in enumerate(records.flat_lines(record)):
        detail = records.line_detail(line)
        yield {
            **blank,
            "place": place,
            "amount": units(records.line_amount(record, line)),
            "account_id": records.ref_id(detail, "AccountRef")
            or records.ref_id(detail, "ItemAccountRef"),
            "item_id": records.ref_id(detail, "ItemRef"),
        }


def is_older(state: State, now: datetime, seconds: float) -> bool:
    """Whether rows have to be freshened to be at most that old."""
    if state.fresh_at is None or was_written(state):
        return True
    return now - state.fresh_at > timedelta(seconds=seconds)


def was_written(state: State) -> bool:
    """Whether we wrote to the books after the rows were last made current."""
    if state.outdated_at is None or state.fresh_at is None:
        return False
    return state.outdated_at >= state.fresh_at
