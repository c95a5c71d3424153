"""What the steps of a draft are about: the documents and names that they touch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.books import Draft, Step, Verb
from qbo.drafting.assembly import Around
from qbo.wire import records
from qbo.wire.exact import Json, loads, number

_PARTIES: Final = {
    "Invoice": ("CustomerRef", "Customer"),
    "Payment": ("CustomerRef", "Customer"),
    "CreditMemo": ("CustomerRef", "Customer"),
    "Estimate": ("CustomerRef", "Customer"),
    "SalesReceipt": ("CustomerRef", "Customer"),
    "RefundReceipt": ("CustomerRef", "Customer"),
    "Bill": ("VendorRef", "Vendor"),
    "BillPayment": ("VendorRef", "Vendor"),
    "VendorCredit": ("VendorRef", "Vendor"),
    "Purchase": ("EntityRef", "Vendor"),
}
"""Whose a document is: the reference, and the list that it points into."""
NAMES: Final = frozenset({"Customer", "Vendor"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What one step, or one line of a batch, is about.

    `json` is what will be there: the body of what is made, else the record as the
    mirror has it with the changes of the body. `total` is that of a line of a batch,
    `before` what the mirror has of a record that is changed.
    """

    verb: Verb
    entity: str
    json: Json
    total: Decimal | None = None
    before: Json | None = None

    @property
    def is_new(self) -> bool:
        """Whether the step makes it."""
        return self.verb is Verb.CREATE

    @property
    def moves_books(self) -> bool:
        """Whether the step changes amounts on a day: a document, not only mailed."""
        return self.verb is not Verb.SEND and self.entity in _PARTIES

    @property
    def day(self) -> date | None:
        """The day of a document, None for a name."""
        return records.day(self.json, "TxnDate") if self.json.get("TxnDate") else None

    @property
    def party(self) -> tuple[str, str] | None:
        """Whose it is: the list and the id there."""
        if self.entity in NAMES and self.json.get("Id"):
            return self.entity, str(self.json["Id"])
        ref, side = _PARTIES.get(self.entity, ("", ""))
        found = records.ref_id(self.json, ref) if ref else ""
        return (side, found) if found else None

    @property
    def net(self) -> Decimal:
        """What its lines, or it itself, amount to before tax."""
        paid = self.entity in ("Payment", "BillPayment")
        if self.json.get("TotalAmt") is not None and paid:
            return number(self.json["TotalAmt"])
        return sum(
            (number(line.get("Amount")) for line in records.flat_lines(self.json)),
            Decimal(0),
        )


async def subjects(around: Around, draft: Draft) -> Sequence[Subject]:
    """What the steps are about; a step about what an earlier one makes is left out."""
    found = []
    for step in draft.steps:
        body: Json = loads(step.body) if step.body else {}
        if step.parts:
            found += _parts(step, body)
        elif step.verb is Verb.CREATE:
            found.append(Subject(step.verb, step.entity, body))
        elif step.record_id is not None:
            kept = await around.mirror.record(
                around.company.id, step.entity, step.record_id
            )
            changes = body if step.verb is Verb.UPDATE else {}
            json = {"Id": step.record_id, **(kept or {}), **changes}
            before = kept if step.verb is Verb.UPDATE else None
            found.append(Subject(step.verb, step.entity, json, before=before))
    return found


def _parts(step: Step, body: Json) -> list[Subject]:
    """The lines of a batch that are made."""
    items = {str(item["bId"]): item for item in body.get("BatchItemRequest") or ()}
    return [
        Subject(
            part.verb,
            part.entity,
            items[part.key][part.entity],
            part.total.amount if part.total else None,
        )
        for part in step.parts
        if part.verb is Verb.CREATE and part.key in items
    ]


def one_party(found: Iterable[Subject]) -> tuple[str, str] | None:
    """The one customer or vendor that all are about; None: several, or none."""
    parties = {each.party for each in found}
    return parties.pop() if len(parties) == 1 else None


def days(found: Iterable[Subject]) -> tuple[date, ...]:
    """The days on which amounts change, in order."""
    moved = {each.day for each in found if each.moves_books}
    return tuple(sorted(day for day in moved if day is not None))
