"""Drafts that create or change a vendor."""

from collections.abc import Callable
from typing import Any, Final

from qbo import lookup
from qbo.asks import VendorCreate, VendorUpdate
from qbo.books import Draft
from qbo.drafting import customer, namesakes
from qbo.drafting.assembly import Around, Making, reference
from qbo.faults import Ambiguous
from qbo.lookup import preflight
from qbo.wire import records
from qbo.wire.exact import Json, at

FACTS: Final[tuple[tuple[str, str, Callable[[Json], Any]], ...]] = tuple(
    ("Terms", "TermRef", lambda each: records.ref_name(each, "TermRef"))
    if field == "SalesTermRef"
    else (label, field, read)
    for label, field, read in customer.FACTS
)
"""What of a vendor can be said: its label, QuickBooks' field, how it is shown."""
PATHS: Final = {
    **{k: v for k, v in customer.PATHS.items() if k != "SalesTermRef"},
    "TermRef": ("TermRef.value", "TermRef.name"),
}
"""What of a field that is replaced counts, where that is not all of it."""


async def create(around: Around, change: VendorCreate) -> Draft:
    """A new vendor, in the company's own currency.

    Raises:
        Alike: the name is taken, or may mean somebody who is there already.
        Ambiguous: the name or e-mail address cannot be one.
        NotFound: there are no such terms.
    """
    name = customer.checked_name(change.name)
    body: Json = {"DisplayName": name}
    if change.email is not None:
        body["PrimaryEmailAddr"] = {"Address": customer.checked_email(change.email)}
    if change.phone is not None:
        body["PrimaryPhone"] = {"FreeFormNumber": customer.checked_phone(change.phone)}
    await namesakes.check(around, "Vendor", body, anyway=change.anyway)
    making = Making(around, change)
    if change.terms is not None:
        body["TermRef"] = await _terms(around, making, change.terms)
    for label, _, read in FACTS:
        making.show(label, read(body))
    if at(around.prefs, "CurrencyPrefs.MultiCurrencyEnabled"):
        body["CurrencyRef"] = {"value": around.company.currency}
        making.show("Currency", around.company.currency)
        making.notes.append(
            f"Its currency is {around.company.currency}; once something is entered for"
            " a vendor, that cannot be changed."
        )
    making.create("Vendor", body)
    return making.made(f"New vendor {name}")


async def update(around: Around, change: VendorUpdate) -> Draft:
    """Some fields of a vendor replaced; the others stay as they are.

    Raises:
        Ambiguous: nothing is to be changed, or a value cannot be one.
        NotFound: there is no such vendor, or no such terms.
        Refused: the new name is taken, or everything is so already ("preflight").
    """
    kept = await lookup.named(around.mirror, around.company.id, "Vendor", change.vendor)
    record = await around.live_one("Vendor", str(kept["Id"]))
    making = Making(around, change)
    body = await _changes(around, making, change, record)
    name = records.label(record)
    if not body:
        raise preflight(f"{name} is so in QuickBooks already; there is nothing to do.")
    making.show("Vendor", name)
    for label, field, read in FACTS:
        if field in body:
            making.show(label, read(body) or "(none)", read(record) or "(none)")
            making.rely("Vendor", record, name, PATHS.get(field, (field,)))
    making.rest_on("Vendor", record, name)
    if body.get("Active") is False and at(record, "Balance"):
        making.rely("Vendor", record, name, ["Balance"])
        owed = records.money(record, "Balance", around.company.currency)
        making.notes.append(f"We owe {name} {owed}, which stays.")
    making.update("Vendor", record, body)
    return making.made(f"Change vendor {name}")


async def _changes(
    around: Around, making: Making, change: VendorUpdate, record: Json
) -> Json:
    """The fields that differ from what the record has."""
    wanted = change.changes
    own = ("Vendor", str(record["Id"]))
    body: Json = {}
    if wanted.name is not None:
        body["DisplayName"] = customer.checked_name(wanted.name)
        await namesakes.check_free(around, body["DisplayName"], own)
    if wanted.email is not None:
        body["PrimaryEmailAddr"] = {"Address": customer.checked_email(wanted.email)}
    if wanted.phone is not None:
        body["PrimaryPhone"] = {"FreeFormNumber": customer.checked_phone(wanted.phone)}
    if wanted.address is not None:
        body["BillAddr"] = customer.postal_address(wanted.address)
    if wanted.terms is not None:
        body["TermRef"] = await _terms(around, making, wanted.terms)
    if wanted.active is not None:
        body["Active"] = wanted.active
    if not body:
        raise Ambiguous("What should change about that vendor?", about="changes")
    body = {
        field: body[field]
        for _, field, read in FACTS
        if field in body and read(body) != read(record)
    }
    if body.get("Active") is True and "DisplayName" not in body:
        # QuickBooks keeps the mark in the name when a record becomes active again.
        body["DisplayName"] = records.plain_name(str(record["DisplayName"]))
        await namesakes.check_free(around, body["DisplayName"], own)
    return body


async def _terms(around: Around, making: Making, name: str) -> Json:
    term = await lookup.active(
        around.mirror, around.company.id, "Term", name, about="terms"
    )
    making.rest_on("Term", term, f"Terms {records.label(term)}")
    return reference(term)
