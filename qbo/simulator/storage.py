"""Keeping companies and connections in a folder, so that nothing acknowledged is lost.

One SQLite file. What a write changed is committed, on disk, before its reply leaves;
the books are rebuilt from the records when the server starts.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from qbo.simulator import items, linking, settlement
from qbo.simulator.claims import PAYERS
from qbo.simulator.company import Company, Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import Json, dumps, loads, thawed
from qbo.simulator.oauth import Chain
from qbo.simulator.postings import opened
from qbo.simulator.replay import Remembered
from qbo.simulator.writes import remember

_SCHEMA = """
CREATE TABLE IF NOT EXISTS company (
    realm TEXT PRIMARY KEY, slug TEXT NOT NULL, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (
    realm TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL,
    version INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    deleted INTEGER NOT NULL, body TEXT NOT NULL, notes TEXT NOT NULL,
    PRIMARY KEY (realm, entity, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS request (
    realm TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (realm, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chain (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file (
    realm TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (realm, id));
"""
Kept = tuple[str, str, Json | None]
"""What else is kept: its kind, its id, and its body or None when it is gone."""


class Storage:
    """The file in a data folder; without a folder, a memory that is gone at the end."""

    def __init__(self, folder: Path | None) -> None:
        self.lasting = folder is not None
        if folder is None:
            self._db = sqlite3.connect(":memory:")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / "simulator.sqlite")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def save(
        self,
        company: Company,
        remembered: Iterable[tuple[str, Remembered]] = (),
        kept: Iterable[Kept] = (),
    ) -> None:
        """Commit together what a write touched, its files, its request ids' answers.

        Files are kept here alone, so without a folder too.
        """
        changed, files = list(company.touched.values()), dict(company.files)
        company.touched.clear()
        company.files.clear()
        with self._db:
            for number, content in files.items():
                self._save_file(company.realm, number, content)
            if not self.lasting:
                return
            self._keep(kept)
            self._db.execute(
                "INSERT OR REPLACE INTO company VALUES (?, ?, ?)",
                (company.realm, company.slug, dumps(_facts(company))),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_row(company, record) for record in changed],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO request VALUES (?, ?, ?, ?, ?)",
                [
                    (company.realm, number, one.at, one.status, one.body)
                    for number, one in remembered
                ],
            )

    def keep(self, kept: Iterable[Kept]) -> None:
        """Commit what belongs to no company."""
        if self.lasting:
            with self._db:
                self._keep(kept)

    def kept(self, kind: str) -> Iterator[Json]:
        """The bodies of one kind."""
        rows = self._db.execute("SELECT body FROM kept WHERE kind = ?", (kind,))
        for (body,) in rows:
            yield loads(body)

    def file(self, realm: str, number: str) -> bytes | None:
        """The bytes of an attached file."""
        row = self._db.execute(
            "SELECT body FROM file WHERE realm = ? AND id = ?", (realm, number)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def _save_file(self, realm: str, number: str, content: bytes | None) -> None:
        self._db.execute("DELETE FROM file WHERE (realm, id) = (?, ?)", (realm, number))
        if content is not None:
            self._db.execute(
                "INSERT INTO file VALUES (?, ?, ?)", (realm, number, content)
            )

    def _keep(self, kept: Iterable[Kept]) -> None:
        for kind, number, body in kept:
            if body is None:
                self._db.execute(
                    "DELETE FROM kept WHERE (kind, id) = (?, ?)", (kind, number)
                )
            else:
                self._db.execute(
                    "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)",
                    (kind, number, dumps(body)),
                )

    def save_chain(self, chain: Chain) -> None:
        """Commit a connection's tokens."""
        if self.lasting:
            with self._db:
                self._db.execute(
                    "INSERT OR REPLACE INTO chain VALUES (?, ?)",
                    (chain.code, dumps(chain.as_json())),
                )

    def chains(self) -> Iterator[Chain]:
        """The stored connections."""
        for (body,) in self._db.execute("SELECT body FROM chain"):
            yield Chain.from_json(loads(body))

    def requests(self, realm: str) -> Iterator[tuple[str, Remembered]]:
        """The stored answers to request ids."""
        rows = self._db.execute(
            "SELECT id, at, status, body FROM request WHERE realm = ?", (realm,)
        )
        for number, at, status, body in rows:
            yield number, Remembered(at, status, body)

    def company(self, slug: str) -> Company | None:
        """A stored company with its books rebuilt, or None."""
        row = self._db.execute(
            "SELECT realm, facts FROM company WHERE slug = ?", (slug,)
        ).fetchone()
        if row is None:
            return None
        company = Company(row[0], slug)
        rows = self._db.execute(
            "SELECT entity, id, version, created, updated, deleted, body, notes"
            " FROM record WHERE realm = ? ORDER BY place",
            (row[0],),
        )
        records = [_record(*one) for one in rows]
        _rebuild(company, records)
        _take_facts(company, loads(row[1]))
        company.touched.clear()
        return company


def _facts(company: Company) -> Json:
    return {
        "sequences": dict(company.sequences),
        "last_numbers": company.last_numbers,
        "mails": dict(company.mails),
    }


def _take_facts(company: Company, facts: Json) -> None:
    company.sequences.update(facts["sequences"])
    company.last_numbers = facts["last_numbers"]
    company.mails.update(facts["mails"])


def _row(company: Company, record: Record) -> tuple[object, ...]:
    place = int(record.id) if record.id.isdigit() else 0
    return (
        company.realm,
        record.entity.name,
        record.id,
        place,
        record.version,
        record.created.timestamp(),
        record.updated.timestamp(),
        int(record.deleted),
        *record.frozen().texts(),
    )


def _record(  # noqa: PLR0913, PLR0917 - one row of the table
    entity: str,
    number: str,
    version: int,
    created: float,
    updated: float,
    deleted: int,
    body: str,
    notes: str,
) -> Record:
    return Record(
        ENTITIES[entity],
        number,
        version,
        datetime.fromtimestamp(created, UTC),
        datetime.fromtimestamp(updated, UTC),
        thawed(body),
        deleted=bool(deleted),
        notes=thawed(notes),
    )


def _rebuild(company: Company, records: list[Record]) -> None:
    """Lists first, then what pays, then all postings in their order."""
    for record in records:
        if record.deleted:
            company.graves[record.entity.name, record.id] = record
        else:
            company.put(record)
            remember(company, record)
    _relink(company)
    _clear_balances(company)
    for record in company.records("Item"):
        items.opening_stock(company, record)
    opened(company, (one for one in records if not one.deleted))


def _relink(company: Company) -> None:
    for record in list(company.transactions.values()):
        linking.enter_ties(company, record, linking.ties_of(record))
        if record.entity.name in PAYERS:
            linking.enter(company, record, settlement.links_of(company, record))


def _clear_balances(company: Company) -> None:
    """Start balances at nothing; the postings bring them back."""
    names = ("Account", "Customer", "Vendor")
    shown = ("CurrentBalance", "CurrentBalanceWithSubAccounts", *_OWED)
    for record in (one for name in names for one in company.records(name)):
        for balance in shown:
            if balance in record.body:
                record.body[balance] = Decimal(0)


_OWED = ("Balance", "BalanceWithJobs")
