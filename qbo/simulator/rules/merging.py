"""Two names become one: what the other was used for is the survivor's from then on.

The API cannot do this; a person does it by giving one name the other's text.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from qbo.simulator.books.company import CONTROL_TYPES, SYSTEM_ACCOUNTS, Company, Record
from qbo.simulator.exact import Json
from qbo.simulator.rules import attachments, linking, settlement, webhooks, writes
from qbo.simulator.rules.draft import references, referrers, targets_of
from qbo.simulator.rules.lists import children
from qbo.simulator.rules.postings import repost
from qbo.simulator.rules.writes import Circumstances

MERGEABLE: Final = frozenset(
    name for name, deeds in webhooks.OPERATIONS.items() if webhooks.MERGED in deeds
)
_ALIKE: Final = ("AccountType", "Type", "CurrencyRef")
"""What two names must have in common."""
_PLACES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Customer", "Vendor", "Employee"), "party"),
    "Account": "account",
    "Item": "item",
    "Class": "tracking",
}
"""Where postings name each kind."""


def merge(company: Company, kind: str, into: str, loser: str, when: datetime) -> Record:
    """Merge one name into another of its kind; gives the survivor.

    Transactions keep their SyncToken, as under a new name; the loser becomes
    inactive, and one event tells of both.

    Raises:
        ValueError: they cannot be merged, and why.
        Refused: the loser cannot be made inactive.
    """
    survivor, other = _found(company, kind, into), _found(company, kind, loser)
    _check(company, survivor, other)
    users = _users(company, other)
    moved = {one.id: one for one in users if one.entity.transaction}
    moved |= {one.id: one for one in _posted(company, other)}
    payers = [one for one in moved.values() if one.id in company.settles]
    gone = {"Id": other.id, "SyncToken": str(other.version), "Active": False}
    around = Circumstances(when)
    writes.write(company, other.entity, {**gone, "sparse": True}, around)
    for record in users:
        for value in _uses(record, other):
            value["value"] = survivor.id
        company.touch(record)
    for payer in payers:
        linking.enter(company, payer, settlement.links_of(company, payer))
    for record in moved.values():
        repost(company, record)
    linking.step(company, survivor, when)
    writes.spread_name(company, survivor)
    company.did(other, "")
    company.did(survivor, f"{webhooks.MERGED}:{other.id}")
    return survivor


def _found(company: Company, kind: str, number: str) -> Record:
    record = company.find(kind, number) if kind in MERGEABLE else None
    if record is None or not record.body.get("Active", True):
        raise ValueError(f"there is no {kind} {number} that can be merged")
    return record


def _check(company: Company, survivor: Record, other: Record) -> None:
    if survivor is other:
        raise ValueError("a name cannot be merged with itself")
    for name in _ALIKE:
        if survivor.value(name) != other.value(name):
            raise ValueError(f"the two differ in their {name}")
    if any(children(company, other)):
        raise ValueError(f"{other.id} has others below it")
    kind, number = other.entity.name, other.id
    stocked = kind == "Item" and other.body["Type"] not in {"Service", "NonInventory"}
    needed = kind == "Account" and (
        other.body["AccountType"] in CONTROL_TYPES
        or number in {company.account_of(subtype) for subtype in SYSTEM_ACCOUNTS}
    )
    if stocked or needed:
        raise ValueError(f"{kind} {number} is of a kind that is never merged")


def _users(company: Company, other: Record) -> list[Record]:
    """All records that refer to a name."""
    return [
        record
        for record in referrers(company, other)
        if next(_uses(record, other), None) is not None
    ]


def _uses(record: Record, other: Record) -> Iterator[Json]:
    """The references of a record to a name."""
    entity, targets = other.entity, targets_of(other.entity)
    for known, value in references(record.entity.fields, record.body):
        if known.target in targets and value["value"] == other.id:
            yield value
    for value in attachments.references(record.body):
        if (value.get("type"), value["value"]) == (entity.name, other.id):
            yield value


def _posted(company: Company, other: Record) -> Iterator[Record]:
    """Transactions that reached a name, be it by way of an item or an invoice."""
    place = _PLACES.get(other.entity.name)
    for key, posting in company.ledger.postings.items():
        if place and any(getattr(one, place) == other.id for one in posting.entries):
            record = company.transaction(key)
            if record is None:
                raise ValueError(f"{other.entity.name} {other.id} has an opening value")
            yield record
