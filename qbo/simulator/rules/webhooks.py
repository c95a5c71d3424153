"""What webhooks say: which changes make an event, and how events are written.

Pure. An event carries no data, only which record of which company changed and how;
`deliveries` brings them to whoever listens. Two forms: CloudEvents (an array, since
2026) and the one before it. Source: developer.intuit.com, Webhooks.
"""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from qbo.simulator.books.company import Company, Record
from qbo.simulator.clock import stamp_utc
from qbo.simulator.exact import Json, dumps

CREATED: Final = "created"
UPDATED: Final = "updated"
DELETED: Final = "deleted"
MERGED: Final = "merged"
VOIDED: Final = "voided"
EMAILED: Final = "emailed"

WORDS: Final[Mapping[str, str]] = {
    CREATED: "Create",
    UPDATED: "Update",
    DELETED: "Delete",
    MERGED: "Merge",
    VOIDED: "Void",
    EMAILED: "Emailed",
}
"""What the older form, and the choice of operations, call each deed."""

_LETTERS: Final[Mapping[str, str]] = {word[0]: deed for deed, word in WORDS.items()}
OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(_LETTERS[letter] for letter in letters)
    for letters, names in {
        "CUDM": "Account Class Customer Employee Item Vendor",
        "CUM": "Department PaymentMethod",
        "CUD": "Bill Deposit JournalEntry TimeActivity VendorCredit",
        "CUDV": "BillPayment Purchase Transfer",
        "CUDVE": "CreditMemo Invoice Payment RefundReceipt SalesReceipt",
        "CUDE": "Estimate PurchaseOrder",
        "CU": "Budget Currency JournalCode TaxAgency Term",
        "U": "Preferences",
    }.items()
    for name in names.split()
}
"""What there are events for; every other entity has none."""

_NAMES: Final[Mapping[str, str]] = {"CompanyCurrency": "Currency"}
_GONE: Final = -2
"""The version told of a record once its end was told."""


@dataclass
class Event:
    """Something happened to a record.

    `app` is the one that did it: empty for whoever has a fixed token, None for a
    person in QuickBooks itself. `loser` is the record that a merge ended.
    """

    id: str
    realm: str
    entity: str
    number: str
    deed: str
    when: datetime
    app: str | None = None
    loser: str = ""

    def as_json(self) -> Json:
        """The event for storage and for the switchboard."""
        return {**asdict(self), "when": self.when.isoformat()}

    @classmethod
    def from_json(cls, data: Json) -> "Event":
        """An event from storage."""
        return cls(**{**data, "when": datetime.fromisoformat(data["when"])})

    def absorbs(self, later: "Event") -> bool:
        """Whether one event can stand for this one and a later one too."""
        same = (self.realm, self.entity, self.number, self.loser) == (
            *(later.realm, later.entity, later.number),
            later.loser,
        )
        return same and (
            later.deed == self.deed or (self.deed, later.deed) == (CREATED, UPDATED)
        )


def events(company: Company, when: datetime, app: str | None) -> list[Event]:
    """What a write did, told once: call it after each write, before it is stored.

    A record whose version stepped makes an event, be it the one a client wrote or
    an invoice that a payment changed.
    """
    found = []
    for key, record in company.touched.items():
        deed, _, loser = company.deeds.pop(key, _plain_deed(record)).partition(":")
        record.told = _GONE if record.deleted else record.version
        name = _NAMES.get(record.entity.name, record.entity.name)
        deed = _announced(name, deed, record)
        if deed:
            number = str(uuid.uuid4())
            found.append(
                Event(number, company.realm, name, record.id, deed, when, app, loser)
            )
    return found


def all_told(company: Company) -> None:
    """Let nothing that is in the books already make an event."""
    for table in company.tables.values():
        for record in table.values():
            record.told = record.version
    for record in company.graves.values():
        record.told = _GONE


def _plain_deed(record: Record) -> str:
    if record.deleted:
        return DELETED if record.told != _GONE else ""
    if record.told < 0:
        return CREATED
    return UPDATED if record.version > record.told else ""


def _announced(name: str, deed: str, record: Record) -> str:
    """The deed as events know it; what a kind has no word for is an update."""
    known = OPERATIONS.get(name, frozenset())
    if deed in known:
        return deed
    softer = bool(deed) and deed != CREATED and not record.deleted
    return UPDATED if softer and UPDATED in known else ""


def signature(body: bytes, verifier: str) -> str:
    """The header `intuit-signature`: base64 of the HMAC-SHA256 of the exact bytes."""
    digest = hmac.new(verifier.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def cloud_events(found: Iterable[Event], app: str, *, void: str = VOIDED) -> str:
    """The body in today's form: an array that may mix companies."""
    source = base64.b64encode(hashlib.sha256(app.encode()).digest()).decode()
    return dumps([_cloud_event(one, f"intuit.{source}", void) for one in found])


def _cloud_event(event: Event, source: str, void: str) -> Json:
    verb = void if event.deed == VOIDED else event.deed
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": f"qbo.{event.entity.lower()}.{verb}.v1",
        "datacontenttype": "application/json",
        "time": stamp_utc(event.when, nanoseconds=True),
        "intuitentityid": event.number,
        "intuitaccountid": event.realm,
        "data": {"deletedid": event.loser} if event.loser else {},
    }


def legacy(found: Iterable[Event]) -> str:
    """The body in the form of before 2026: one notification for each company."""
    by_realm: dict[str, list[Json]] = {}
    for event in found:
        row = {
            "name": event.entity,
            "id": event.number,
            "operation": WORDS[event.deed],
            "lastUpdated": stamp_utc(event.when),
        }
        if event.loser:
            row["deletedId"] = event.loser
        by_realm.setdefault(event.realm, []).append(row)
    return dumps(
        {
            "eventNotifications": [
                {"realmId": realm, "dataChangeEvent": {"entities": rows}}
                for realm, rows in by_realm.items()
            ]
        }
    )
