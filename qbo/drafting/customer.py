"""Drafts that create or change a customer."""

import re
from collections.abc import Callable
from typing import Any, Final

from qbo import lookup
from qbo.asks import CustomerCreate, CustomerUpdate
from qbo.books import Draft
from qbo.drafting import namesakes
from qbo.drafting.assembly import Around, Making, reference
from qbo.faults import Ambiguous
from qbo.lookup import preflight
from qbo.wire import records
from qbo.wire.exact import Json, at

NAME_MAX: Final = 500
_FORBIDDEN: Final = re.compile(r"[:\t\n\r]")
_ADDRESS: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_ADDRESS_MAX: Final = 100
_PHONE_MAX: Final = 30
_LINES_MAX: Final = 5


async def create(around: Around, change: CustomerCreate) -> Draft:
    """A new customer.

    Raises:
        Alike: the name is taken, or may mean somebody who is there already.
        Ambiguous: the name or e-mail address cannot be one.
        NotFound: there are no such terms.
    """
    name = checked_name(change.name)
    body: Json = {"DisplayName": name}
    if change.email is not None:
        body["PrimaryEmailAddr"] = {"Address": checked_email(change.email)}
    if change.phone is not None:
        body["PrimaryPhone"] = {"FreeFormNumber": checked_phone(change.phone)}
    if change.address is not None:
        body["BillAddr"] = postal_address(change.address)
    await namesakes.check(around, "Customer", body, anyway=change.anyway)
    making = Making(around, change)
    if change.terms is not None:
        body["SalesTermRef"] = await _terms(around, making, change.terms)
    for label, _, read in FACTS:
        making.show(label, read(body))
    _say_what_waits(making, change)
    making.create("Customer", body)
    return making.made(f"New customer {name}")


def _say_what_waits(making: Making, change: CustomerCreate | CustomerUpdate) -> None:
    if change.then is not None:
        making.notes.append(
            "The request that waits for this customer is offered to whoever asked once"
            " it is posted; nothing of it is posted with this."
        )


async def update(around: Around, change: CustomerUpdate) -> Draft:
    """Some fields of a customer replaced; the others stay as they are.

    Raises:
        Ambiguous: nothing is to be changed, or a value cannot be one.
        NotFound: there is no such customer, or no such terms.
        Refused: the new name is taken, or everything is so already ("preflight").
    """
    kept = await lookup.named(
        around.mirror, around.company.id, "Customer", change.customer
    )
    record = await around.live_one("Customer", str(kept["Id"]))
    making = Making(around, change)
    body = await _changes(around, making, change, record)
    name = records.label(record)
    if not body:
        raise preflight(f"{name} is so in QuickBooks already; there is nothing to do.")
    making.show("Customer", name)
    for label, field, read in FACTS:
        if field in body:
            making.show(label, read(body) or "(none)", read(record) or "(none)")
    for _, field, _ in FACTS:
        if field in body:
            making.rely("Customer", record, name, PATHS.get(field, (field,)))
    making.rest_on("Customer", record, name)
    if body.get("Active") is False and at(record, "Balance"):
        making.rely("Customer", record, name, ["Balance"])
        owed = records.money(record, "Balance", around.company.currency)
        making.notes.append(f"{name} has an open balance of {owed}, which stays.")
    _say_what_waits(making, change)
    making.update("Customer", record, body)
    return making.made(f"Change customer {name}")


async def _changes(
    around: Around, making: Making, change: CustomerUpdate, record: Json
) -> Json:
    """The fields that differ from what the record has."""
    wanted = change.changes
    body: Json = {}
    if wanted.name is not None:
        name = checked_name(wanted.name)
        await namesakes.check_free(around, name, ("Customer", str(record["Id"])))
        body["DisplayName"] = name
    if wanted.email is not None:
        body["PrimaryEmailAddr"] = {"Address": checked_email(wanted.email)}
    if wanted.phone is not None:
        body["PrimaryPhone"] = {"FreeFormNumber": checked_phone(wanted.phone)}
    if wanted.address is not None:
        body["BillAddr"] = postal_address(wanted.address)
    if wanted.terms is not None:
        body["SalesTermRef"] = await _terms(around, making, wanted.terms)
    if wanted.active is not None:
        body["Active"] = wanted.active
    if not body:
        raise Ambiguous("What should change about that customer?", about="changes")
    body = {
        field: body[field]
        for _, field, read in FACTS
        if field in body and read(body) != read(record)
    }
    if body.get("Active") is True and "DisplayName" not in body:
        # QuickBooks keeps the mark in the name when a record becomes active again.
        name = records.plain_name(str(record["DisplayName"]))
        await namesakes.check_free(around, name, ("Customer", str(record["Id"])))
        body["DisplayName"] = name
    return body


def checked_name(name: str) -> str:
    """A name as QuickBooks takes it.

    Raises:
        Ambiguous: it cannot be a name.
    """
    found = name.strip()
    if not found or len(found) > NAME_MAX or _FORBIDDEN.search(found):
        raise Ambiguous(
            "QuickBooks does not take that name: it may not be empty, longer than"
            f" {NAME_MAX} characters, or have a colon. Which name should it be?",
            about="name",
        )
    return found


def checked_email(address: str) -> str:
    """An e-mail address, or several with commas between them.

    Raises:
        Ambiguous: it is none.
    """
    parts = [part.strip() for part in address.split(",")]
    found = ", ".join(parts)
    if len(found) > _ADDRESS_MAX or not all(map(_ADDRESS.fullmatch, parts)):
        raise Ambiguous(
            "That does not look like an e-mail address. Which one should it be?",
            about="email",
        )
    return found


def checked_phone(phone: str) -> str:
    """A telephone number as QuickBooks takes it.

    Raises:
        Ambiguous: it cannot be one.
    """
    found = phone.strip()
    if not found or len(found) > _PHONE_MAX:
        raise Ambiguous(
            f"QuickBooks takes telephone numbers of at most {_PHONE_MAX} characters."
            " Which number should it be?",
            about="phone",
        )
    return found


def postal_address(address: str) -> Json:
    """A postal address as it was written, line by line.

    Raises:
        Ambiguous: there is nothing in it.
    """
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    if not lines:
        raise Ambiguous("What is the address?", about="address")
    if len(lines) > _LINES_MAX:
        lines = [*lines[: _LINES_MAX - 1], ", ".join(lines[_LINES_MAX - 1 :])]
    return {f"Line{place}": line for place, line in enumerate(lines, start=1)}


async def _terms(around: Around, making: Making, name: str) -> Json:
    term = await lookup.active(
        around.mirror, around.company.id, "Term", name, about="terms"
    )
    making.rest_on("Term", term, f"Terms {records.label(term)}")
    return reference(term)


def _active_text(record: Json) -> str | None:
    found = record.get("Active")
    return None if found is None else ("Yes" if found else "No")


FACTS: Final[tuple[tuple[str, str, Callable[[Json], Any]], ...]] = (
    ("Name", "DisplayName", lambda each: records.text(each, "DisplayName")),
    (
        "E-mail",
        "PrimaryEmailAddr",
        lambda each: records.text(each, "PrimaryEmailAddr.Address"),
    ),
    (
        "Phone",
        "PrimaryPhone",
        lambda each: records.text(each, "PrimaryPhone.FreeFormNumber"),
    ),
    ("Terms", "SalesTermRef", lambda each: records.ref_name(each, "SalesTermRef")),
    ("Address", "BillAddr", records.address),
    ("Active", "Active", _active_text),
)
"""What of a customer can be said: its label, QuickBooks' field, how it is shown."""
PATHS: Final = {
    "PrimaryEmailAddr": ("PrimaryEmailAddr.Address",),
    "PrimaryPhone": ("PrimaryPhone.FreeFormNumber",),
    "SalesTermRef": ("SalesTermRef.value", "SalesTermRef.name"),
}
"""What of a field that is replaced counts, where that is not all of it."""
