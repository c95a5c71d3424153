"""Keeping companies and connections in a folder, so that nothing acknowledged is lost.

One SQLite file. What a write changed is committed, on disk, before its reply leaves;
the books are rebuilt from the records when the server starts. Copies that nobody has
touched are kept as their moulds and what fills them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.moulds import Copy, Mould, Striker
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import Json, dumps, loads, thawed
from qbo.simulator.gateway.oauth import Chain
from qbo.simulator.gateway.replay import Remembered
from qbo.simulator.keeping.folder import opened
from qbo.simulator.keeping.rebuilding import rebuild

_SCHEMA = """
CREATE TABLE IF NOT EXISTS company (
    realm TEXT PRIMARY KEY, slug TEXT NOT NULL, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (
    realm TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL,
    version INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    deleted INTEGER NOT NULL, body TEXT NOT NULL, notes TEXT NOT NULL,
    PRIMARY KEY (realm, entity, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mould (
    realm TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (realm, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS copy (
    realm TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, mould INTEGER NOT NULL,
    created REAL NOT NULL, updated REAL NOT NULL, fills TEXT NOT NULL,
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
            self._db = opened(folder)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, company: Company) -> None:
        """Commit a company that was just made, whole."""
        company.touched.clear()
        if not self.lasting:
            return
        moulds: dict[int, Mould] = {}
        copies, records = [], []
        living = (one for table in company.tables.values() for one in table.values())
        for record in chain(living, company.graves.values()):
            frozen = record.frozen()
            if isinstance(frozen, Copy):
                moulds[frozen.mould.number] = frozen.mould
                copies.append(_copy_row(company, record, frozen))
            else:
                records.append(record)
        with self._db:
            self._save_records(company, records)
            self._db.executemany(
                "INSERT INTO mould VALUES (?, ?, ?)",
                [
                    (company.realm, number, dumps(mould.as_json()))
                    for number, mould in moulds.items()
                ],
            )
            self._db.executemany(
                "INSERT INTO copy VALUES (?, ?, ?, ?, ?, ?, ?)", copies
            )

    def _save_records(self, company: Company, records: Iterable[Record]) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO company VALUES (?, ?, ?)",
            (company.realm, company.slug, dumps(_facts(company))),
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_row(company, record) for record in records],
        )

    def save(
        self,
        company: Company,
        remembered: Iterable[tuple[str, Remembered]] = (),
        kept: Iterable[Kept] = (),
    ) -> None:
        """Commit together what a write touched, its files, its request ids' answers.

        Files are kept here alone, so without a folder too.
        """
        changed = list(company.touched.values())
        with self._db:
            for number, content in company.files.items():
                self._save_file(company.realm, number, content)
            if self.lasting:
                self._save_write(company, changed, remembered, kept)
        # What could not be stored goes with the next write that can.
        company.touched.clear()
        company.files.clear()

    def _save_write(
        self,
        company: Company,
        changed: list[Record],
        remembered: Iterable[tuple[str, Remembered]],
        kept: Iterable[Kept],
    ) -> None:
        self._keep(kept)
        self._save_records(company, changed)
        self._db.executemany(
            "DELETE FROM copy WHERE (realm, entity, id) = (?, ?, ?)",
            [(company.realm, one.entity.name, one.id) for one in changed],
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

    def requests(self, realm: str, *, since: float) -> Iterator[tuple[str, Remembered]]:
        """The stored answers to request ids, oldest first; older ones are let go."""
        with self._db:
            self._db.execute(
                "DELETE FROM request WHERE realm = ? AND at < ?", (realm, since)
            )
        rows = self._db.execute(
            "SELECT id, at, status, body FROM request WHERE realm = ? ORDER BY at",
            (realm,),
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
        rebuild(company, [_record(*one) for one in rows], self._copies(row[0]))
        _take_facts(company, loads(row[1]))
        company.touched.clear()
        return company

    def _copies(self, realm: str) -> Iterator[Record]:
        """The stored copies; what several have in common is there once."""
        rows = self._db.execute(
            "SELECT number, body FROM mould WHERE realm = ?", (realm,)
        )
        moulds = {number: Mould.from_json(number, body) for number, body in rows}
        striker, days = Striker(), dict[str, str]()
        for number, mould, created, updated, text in self._db.execute(
            "SELECT id, mould, created, updated, fills FROM copy WHERE realm = ?",
            (realm,),
        ):
            fills = [
                days.setdefault(one, one) if len(one) == _DAY_LENGTH else one
                for one in text.split("\t")
            ]
            made = datetime.fromtimestamp(created, UTC)
            changed = (
                datetime.fromtimestamp(updated, UTC) if updated > created else made
            )
            yield striker.strike(moulds[mould], number, (made, changed), tuple(fills))


_DAY_LENGTH = len("2026-11-21")


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


def _copy_row(company: Company, record: Record, copy: Copy) -> tuple[object, ...]:
    return (
        company.realm,
        record.entity.name,
        record.id,
        copy.mould.number,
        record.created.timestamp(),
        record.updated.timestamp(),
        "\t".join(copy.fills),
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
