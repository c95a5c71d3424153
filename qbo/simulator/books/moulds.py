"""Many records that differ in little: a mould, and copies struck from it.

A mould is cut from a record that went through the rules: its body in pieces with holes
between, its keys, what it posted. A copy is the mould and what fills the holes. So a
copy is what the rules would have made, at a fraction of the time and the room.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from qbo.simulator.books.columns import COLUMNS, Keys, folded
from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Entry, Posting
from qbo.simulator.entities import ENTITIES, Entity
from qbo.simulator.exact import Json, dumps, thawed

Holes = Mapping[str, str]
"""Where the holes of a body are: a dotted path, and below it the texts that change."""

_MARK: Final = "\ue000"
_MARKED = re.compile(f"{_MARK}(\\d+){_MARK}")
DAY: Final = "TxnDate"
NUMBER: Final = "DocNumber"
LINK: Final = "Line"


@dataclass(frozen=True, slots=True, eq=False)
class Mould:
    """What copies have in common; `number` tells the moulds of a company apart.

    The body is `pieces` with the holes between them: `slots` says which of the fills
    goes where. `holes` are the paths in the order of what fills them, `party` and
    `department` what the posting is marked with. A payment settles `settled` of a
    document.
    """

    number: int
    entity: Entity
    version: int
    pieces: tuple[str, ...]
    slots: tuple[int, ...]
    notes: str
    holes: tuple[str, ...]
    keys: Keys
    entries: tuple[Entry, ...]
    party: str
    department: str
    settled: tuple[str, Decimal] | None

    def as_json(self) -> Json:
        """The mould as JSON, for storage."""
        return {
            "entity": self.entity.name,
            "version": str(self.version),
            "pieces": self.pieces,
            "slots": self.slots,
            "notes": self.notes,
            "holes": self.holes,
            "entries": self.entries,
            "party": self.party,
            "department": self.department,
            "settled": self.settled,
        }

    @classmethod
    def from_json(cls, number: int, text: str) -> "Mould":
        """A mould as storage has it."""
        given = thawed(text)
        mould = cls(
            number,
            ENTITIES[given["entity"]],
            int(given["version"]),
            tuple(given["pieces"]),
            tuple(map(int, given["slots"])),
            given["notes"],
            tuple(given["holes"]),
            (),
            tuple(Entry(*entry) for entry in given["entries"]),
            given["party"],
            given["department"],
            given["settled"] and tuple(given["settled"]),
        )
        body, _ = Copy(mould, ("",) * len(mould.holes)).texts()
        read = COLUMNS[mould.entity.name].read(thawed(body))
        return replace(mould, keys=(0, 0.0, 0.0, *read))


class Copy(NamedTuple):
    """A record at rest: its mould, and what fills the holes."""

    mould: Mould
    fills: tuple[str, ...]

    def texts(self) -> tuple[str, str]:
        """The body and the notes, as JSON."""
        mould, fills = self
        parts = [mould.pieces[0]]
        for slot, piece in zip(mould.slots, mould.pieces[1:], strict=True):
            parts += (fills[slot], piece)
        return "".join(parts), mould.notes

    def says(self, words: Iterable[str]) -> bool:
        """Whether any of these pieces of JSON stands in the body, outside of holes."""
        pieces = self.mould.pieces
        return any(word in piece for word in words for piece in pieces)


def cut(
    number: int, company: Company, record: Record, holes: Iterable[tuple[str, str]]
) -> Mould:
    """A mould of a record.

    `holes` are pairs of a dotted path and a text: wherever the text stands at the path
    or below it, there is a hole.
    """
    body = thawed(dumps(record.body))
    paths = []
    for place, (path, value) in enumerate(holes):
        _mark(body, path, value, f"{_MARK}{place}{_MARK}")
        paths.append(path)
    parts = _MARKED.split(dumps(body))
    posting = company.ledger.postings[record.id]
    links = company.settles.get(record.id, {})
    record.read_keys()
    return Mould(
        number,
        record.entity,
        record.version,
        tuple(parts[::2]),
        tuple(map(int, parts[1::2])),
        dumps(record.notes),
        tuple(paths),
        record.keys,
        posting.entries,
        posting.party,
        posting.department,
        next(((party, amount) for (_, party), amount in links.items()), None),
    )


def _mark(value: Any, path: str, old: str, new: str) -> None:
    """Put a mark wherever a text stands, at a path and below it."""
    name, _, rest = path.partition(".")
    if not isinstance(value, dict) or name not in value:
        return
    if rest:
        _mark(value[name], rest, old, new)
    else:
        value[name] = _replaced(value[name], old, new)


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(part, old, new) for name, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, old, new) for part in value]
    return new if value == old else value


class Striker:
    """Strikes copies; what many of them share is kept once."""

    def __init__(self) -> None:
        self._places: dict[int, list[tuple[int, int]]] = {}

    def strike(
        self,
        mould: Mould,
        number: str,
        times: tuple[datetime, datetime],
        fills: tuple[str, ...],
    ) -> Record:
        """A copy with an id, its times of creation and change, and its fills."""
        created, updated = times
        keys = list(mould.keys)
        keys[0], keys[1], keys[2] = (
            int(number),
            created.timestamp(),
            updated.timestamp(),
        )
        for place, hole in self._keyed(mould):
            keys[place] = folded(fills[hole])
        return Record.asleep(
            mould.entity,
            number,
            mould.version,
            created,
            updated,
            Copy(mould, fills),
            tuple(keys),
        )

    def _keyed(self, mould: Mould) -> list[tuple[int, int]]:
        """Which keys come from which fills."""
        known = self._places.get(mould.number)
        if known is None:
            places = COLUMNS[mould.entity.name].places
            known = self._places[mould.number] = [
                (places[path], hole)
                for hole, path in enumerate(mould.holes)
                if path in places
            ]
        return known


def enter(company: Company, copies: Iterable[Record]) -> None:
    """Take copies into a company's books: tables, numbers, links, ledger.

    The balances of names and accounts do not show them yet.
    """
    tables: dict[str, list[Record]] = {}
    days: dict[str, date] = {}
    postings = []
    for record in copies:
        copy = record.frozen()
        assert isinstance(copy, Copy), "only copies are entered like this"
        mould, fills = copy
        tables.setdefault(mould.entity.name, []).append(record)
        if NUMBER in mould.holes:
            number = fills[mould.holes.index(NUMBER)]
            company.documents[mould.entity.name, number].add(record.id)
        if mould.settled:
            party, amount = mould.settled
            target = fills[mould.holes.index(LINK)]
            company.settles[record.id] = {(target, party): amount}
            company.applied[target] = {(record.id, party): amount}
        day = fills[mould.holes.index(DAY)]
        if day not in days:
            days[day] = date.fromisoformat(day)
        postings.append(
            Posting(
                record.id,
                mould.entity.name,
                days[day],
                mould.entries,
                mould.party,
                mould.department,
            )
        )
    for name, records in tables.items():
        company.load(name, records)
    company.ledger.post_all(postings)
