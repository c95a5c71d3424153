"""A write in the making: what was sent, what it becomes, and the checks all share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record, label
from qbo.simulator.books.currencies import CURRENCY_NAMES
from qbo.simulator.clock import PACIFIC
from qbo.simulator.entities import ENTITIES, Entity
from qbo.simulator.exact import Json
from qbo.simulator.fields import Field

PSEUDO_CODES: Final = frozenset({"TAX", "NON", "CustomSalesTax"})
SHIPPING: Final = "SHIPPING_ITEM_ID"
"""The item of a shipping line: none of the list."""
UNNAMED: Final = frozenset({"TaxRate", "TaxCode"})
"""References that QuickBooks shows without a name."""


@dataclass
class Draft:
    """One create or update on its way through the rules.

    `body` starts as what the record will hold if no rule objects. `links` says
    which documents a payment applies to and how much; `notes` become the record's.
    `before` is what the record was, once it has become another.
    `opening` is the day and amount of a balance that a new record begins with.
    A `template` is of a recurring transaction: it has no number and is not posted.
    """

    company: Company
    entity: Entity
    body: Json
    sent: Json
    old: Record | None
    when: datetime
    allow_duplicates: bool = False
    switches: Mapping[str, object] = field(default_factory=dict)
    links: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    notes: Json = field(default_factory=dict)
    number: str = ""
    before: Json | None = None
    opening: tuple[str, Decimal] | None = None
    template: bool = False

    @property
    def today(self) -> date:
        """The server's date, which is California's."""
        return self.when.astimezone(PACIFIC).date()

    def changed(self, name: str) -> bool:
        """Whether a field differs from what is stored."""
        stored = self.before or (self.old.body if self.old else {})
        before = stored.get(name)
        after = self.body.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            if "value" in before and "value" in after:
                return bool(before["value"] != after["value"])
            return before != after
        return bool(before != after)

    def ref(self, name: str) -> str:
        """The id a reference of the body points at, or an empty text."""
        value = self.body.get(name)
        return str(value["value"]) if value else ""

    def require(self, *names: str) -> None:
        """Refuse when a field is missing."""
        for name in names:
            if self.body.get(name) is None:
                raise faults.missing(name)


Rule = Callable[[Draft], None]
"""What one entity demands of a write; it completes the draft's body or refuses."""

Enter = Callable[[str, Json], Record]
"""Makes a further record of an entity, as part of the same write."""

Follow = Callable[[Draft, Record, Enter], None]
"""What a write brings with it once its record is stored; it cannot refuse."""


def references(fields: Mapping[str, Field], body: Json) -> Iterator[tuple[Field, Json]]:
    """All references in a body, with the field that holds each."""
    for name, value in body.items():
        known = fields.get(name)
        if known is None or value is None:
            continue
        if known.kind == "ref":
            yield known, value
        elif known.kind == "group":
            yield from references(known.fields, value)
        elif known.kind == "rows":
            for row in value:
                yield from references(known.fields, row)


def resolve(draft: Draft) -> None:
    """Check that references point at something, and give them their names."""
    fields = draft.entity.fields
    known: set[tuple[str, str]] = set()
    if draft.old:
        known = {(f.target, v["value"]) for f, v in references(fields, draft.old.body)}
    for one, value in references(fields, draft.body):
        _resolve(draft, one, value, (one.target, value["value"]) in known)


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Currency": CURRENCY_NAMES,
    "ShipMethod": {},
}
"""References to a word that is known by itself, and the names of such words."""


def _resolve(draft: Draft, known: Field, value: Json, had_before: bool) -> None:  # noqa: FBT001
    target, number = known.target, value["value"]
    if target in _WORDS:
        value["name"] = _WORDS[target].get(number, number)
        return
    if target == "Names":
        record = draft.company.party(number)
        if record is not None:
            value["type"] = record.entity.name
    elif target in ENTITIES:
        value.pop("type", None)
        if _stands_for_itself(draft, target, number):
            return
        record = draft.company.find(target, number)
    else:
        return
    if record is None:
        family = ENTITIES[target].family if target in ENTITIES else "Names"
        raise faults.bad_reference(family, number)
    if not record.body.get("Active", True) and not had_before:
        raise faults.inactive_reference()
    if target not in UNNAMED:
        value["name"] = label(record)


def _stands_for_itself(draft: Draft, target: str, number: str) -> bool:
    """Whether an id is a word that no record stands behind."""
    if target == "TaxCode":
        return draft.company.is_us and number in PSEUDO_CODES
    return target == "Item" and number == SHIPPING


def referrers(company: Company, record: Record) -> Iterator[Record]:
    """The records that may refer to this one; those at rest that do not stay so."""
    targets = targets_of(record.entity)
    for name, table in company.tables.items():
        names = _holders(ENTITIES[name].fields, targets)
        words = [f'"{holder}":{{"value":"{record.id}"' for holder in names]
        for other in list(table.values()):
            if other.may_say(words):
                yield other


def targets_of(entity: Entity) -> set[str]:
    """What references to an entity name as their target."""
    return {entity.name, "Names"} if entity.family == "Names" else {entity.name}


def _holders(fields: Mapping[str, Field], targets: set[str]) -> set[str]:
    """The names of the references in a table of fields that have such a target."""
    found = set()
    for known in fields.values():
        if known.kind == "ref" and known.target in targets:
            found.add(known.name)
        found |= _holders(known.fields, targets)
    return found


def relabel(company: Company, record: Record) -> None:
    """Bring the names that other records show for this one up to date."""
    targets, shown = targets_of(record.entity), label(record)
    for other in referrers(company, record):
        for known, value in references(other.entity.fields, other.body):
            if known.target in targets and value["value"] == record.id:
                value["name"] = shown
                company.touch(other)
