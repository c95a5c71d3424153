"""Drafts that take back a new or changed name: a customer, a vendor, an item.

new one      made inactive: QuickBooks deletes no names
changed one  the fields that were changed get the values that they had
"""

from typing import Any, Final

from qbo.asks import Posted
from qbo.drafting.assembly import Making
from qbo.drafting.party import CUSTOMER, VENDOR, Party, revive, show_changes
from qbo.drafting.takeback import Reverse
from qbo.lookup import preflight
from qbo.wire import records
from qbo.wire.exact import Json, loads

_ADDRESS: Final = (
    *("Line1", "Line2", "Line3", "Line4", "Line5", "City", "Country"),
    *("CountrySubDivisionCode", "PostalCode"),
)
_INSTRUCTIONS: Final = frozenset({"Id", "SyncToken", "sparse", "CurrencyRef"})


async def new_customer(making: Making, posted: Posted, record: Json) -> Reverse:
    """A customer made inactive.

    Raises:
        Refused: it is so already, or has a balance ("preflight").
    """
    del posted
    return _inactive(
        making, "Customer", record,
        owing="{name} has a balance of {owed} by now, so the customer is not made"
        " inactive. Undo what was entered for them first.",
    )  # fmt: skip


async def new_vendor(making: Making, posted: Posted, record: Json) -> Reverse:
    """A vendor made inactive.

    Raises:
        Refused: it is so already, or we owe it something ("preflight").
    """
    del posted
    return _inactive(
        making, "Vendor", record,
        owing="We owe {name} {owed} by now, so the vendor is not made inactive. Nothing"
        " has been changed; undo what was entered for it first.",
    )  # fmt: skip


async def new_item(making: Making, posted: Posted, record: Json) -> Reverse:
    """A product or service made inactive.

    Raises:
        Refused: it is so already ("preflight").
    """
    del posted
    return _inactive(
        making, "Item", record,
        more=" again there. Documents that have it stay as they are.",
    )  # fmt: skip


def _inactive(
    making: Making, entity: str, record: Json, owing: str = "", more: str = " again."
) -> Reverse:
    """The draft; `owing` is the refusal where its balance has to be zero for it."""
    name, noun = records.label(record), entity.lower()
    if record.get("Active") is False:
        raise preflight(f"{name} is inactive already; there is nothing to undo.")
    owed = records.money(record, "Balance", making.around.company.currency)
    if owing and owed.amount:
        raise preflight(owing.format(name=name, owed=owed))
    making.show(entity, name)
    making.show("Active", "No", before="Yes")
    making.notes.append(
        f"QuickBooks deletes no {noun}s: this one is made inactive, and can be made"
        f" active{more}"
    )
    making.rest_on(entity, record, name, *(["Balance"] if owing else []))
    making.update(entity, record, {"Active": False})
    words = f"make {noun} {name} inactive"
    return Reverse(f"{noun}.update", words, f"{entity} {name}", "make inactive")


async def changed_customer(making: Making, posted: Posted, record: Json) -> Reverse:
    """The fields of a customer that were changed, as they were before."""
    return _put_back(making, CUSTOMER, posted, record)


async def changed_vendor(making: Making, posted: Posted, record: Json) -> Reverse:
    """The fields of a vendor that were changed, as they were before."""
    return _put_back(making, VENDOR, posted, record)


def _put_back(making: Making, party: Party, posted: Posted, record: Json) -> Reverse:
    before = {path: loads(text) for path, text in posted.before}
    sent: Json = loads(posted.sent)
    fields = [field for field in sent if field not in _INSTRUCTIONS]
    body = {field: _as_it_was(party, field, before, sent) for field in fields}
    revive(body, record)
    show_changes(making, party, body, record)
    making.update(party.entity, record, body)
    name = records.label(record)
    words = f"put {party.noun} {name} back as it was"
    return Reverse(f"{party.noun}.update", words, f"{party.entity} {name}", "put back")


def _as_it_was(party: Party, field: str, before: Json, sent: Json) -> Any:
    """The value that a field had; an empty text clears it."""
    if field in ("DisplayName", "Active"):
        return before[field]
    if field == "BillAddr":
        had = before[field] or {}
        parts = [each for each in _ADDRESS if had.get(each) or sent[field].get(each)]
        return {part: had.get(part) or "" for part in parts}
    if field == party.terms_field:
        return term_as_it_was(field, before)
    (path,) = party.paths(field)
    return {path.partition(".")[2]: before[path] or ""}


def term_as_it_was(field: str, before: Json) -> Json:
    """A reference to payment terms from before; an empty value clears it."""
    found = {"value": before[f"{field}.value"] or ""}
    name = before.get(f"{field}.name")
    return {**found, **({"name": name} if name else {})}
