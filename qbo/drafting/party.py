"""What a customer and a vendor have in common: their fields, said, checked and shown.

The two differ in QuickBooks' name of the kind, the word people use for it, and the
field in which their payment terms are kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from qbo.asks import CustomerChanges, CustomerCreate, VendorCreate
from qbo.drafting import namesakes, terms
from qbo.drafting.assembly import Around, Making, reference
from qbo.faults import Ambiguous
from qbo.lookup import preflight
from qbo.wire import records
from qbo.wire.exact import Json

_FORBIDDEN: Final = re.compile(r"[:\t\n\r]")
_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_EMAIL_MAX: Final = 100
_NAME_MAX: Final = 500
_PHONE_MAX: Final = 30
_LINES_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Party:
    """A kind of party: `entity` as QuickBooks has it, `noun` as people say it."""

    entity: str
    noun: str
    terms_field: str

    @property
    def facts(self) -> tuple[tuple[str, str, Callable[[Json], Any]], ...]:
        """What of one can be said: its label, QuickBooks' field, how it is shown."""
        return (
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
            (
                "Terms",
                self.terms_field,
                lambda each: records.ref_name(each, self.terms_field),
            ),
            ("Address", "BillAddr", records.address),
            ("Active", "Active", _active_text),
        )

    def paths(self, field: str) -> tuple[str, ...]:
        """What of a field that is replaced counts; mostly all of it."""
        parts = {
            "PrimaryEmailAddr": ("Address",),
            "PrimaryPhone": ("FreeFormNumber",),
            self.terms_field: ("value", "name"),
        }
        return tuple(f"{field}.{each}" for each in parts.get(field, ())) or (field,)


CUSTOMER: Final = Party("Customer", "customer", "SalesTermRef")
VENDOR: Final = Party("Vendor", "vendor", "TermRef")


def _active_text(record: Json) -> str | None:
    found = record.get("Active")
    return None if found is None else ("Yes" if found else "No")


# --- new ones -------------------------------------------------------------------


async def begin(
    around: Around, party: Party, change: CustomerCreate | VendorCreate
) -> tuple[Making, Json]:
    """A new one's draft and body so far, with what was said shown.

    Raises:
        Alike: the name is taken, or may mean somebody who is there already.
        Ambiguous: the name, e-mail address or number cannot be one.
        NotFound: there are no such terms.
    """
    body: Json = {"DisplayName": checked_name(change.name)}
    address = change.address if isinstance(change, CustomerCreate) else None
    body |= _reached_at(change.email, change.phone, address)
    await namesakes.check(around, party.entity, body, anyway=change.anyway)
    making = Making(around, change)
    if change.terms is not None:
        term = await terms.said(around, change.terms)
        making.rest_on("Term", term, f"Terms {records.label(term)}")
        body[party.terms_field] = reference(term)
    for label, _, read in party.facts:
        making.show(label, read(body))
    return making, body


def _reached_at(email: str | None, phone: str | None, address: str | None) -> Json:
    body: Json = {}
    if email is not None:
        body["PrimaryEmailAddr"] = {"Address": checked_email(email)}
    if phone is not None:
        body["PrimaryPhone"] = {"FreeFormNumber": checked_phone(phone)}
    if address is not None:
        body["BillAddr"] = postal_address(address)
    return body


# --- changed ones ---------------------------------------------------------------


async def update(
    making: Making, party: Party, wanted: CustomerChanges, record: Json
) -> Json:
    """The fields of `record` that become others, shown beside what they are.

    Raises:
        Ambiguous: nothing is to be changed, or a value cannot be one.
        NotFound: there are no such terms.
        Refused: the new name is taken, or everything is so already ("preflight").
    """
    body = await _changes(making, party, wanted, record)
    if not body:
        name = records.label(record)
        raise preflight(f"{name} is so in QuickBooks already; there is nothing to do.")
    show_changes(making, party, body, record)
    return body


def show_changes(making: Making, party: Party, body: Json, record: Json) -> None:
    """Each field of the body beside what it is now, and that the draft rests on it."""
    name = records.label(record)
    making.show(party.entity, name)
    for label, field, read in party.facts:
        if field in body:
            making.show(label, read(body) or "(none)", read(record) or "(none)")
            making.rely(party.entity, record, name, party.paths(field))
    making.rest_on(party.entity, record, name)


async def _changes(
    making: Making, party: Party, wanted: CustomerChanges, record: Json
) -> Json:
    """The fields that differ from what the record has."""
    around = making.around
    own = (party.entity, str(record["Id"]))
    body: Json = {}
    if wanted.name is not None:
        body["DisplayName"] = checked_name(wanted.name)
        await namesakes.check_free(around, body["DisplayName"], own)
    body |= _reached_at(wanted.email, wanted.phone, wanted.address)
    if wanted.terms is not None:
        term = await terms.said(around, wanted.terms)
        making.rest_on("Term", term, f"Terms {records.label(term)}")
        body[party.terms_field] = reference(term)
    if wanted.active is not None:
        body["Active"] = wanted.active
    if not body:
        question = f"What should change about that {party.noun}?"
        raise Ambiguous(question, about="changes")
    body = {
        field: body[field]
        for _, field, read in party.facts
        if field in body and read(body) != read(record)
    }
    if revive(body, record):
        await namesakes.check_free(around, body["DisplayName"], own)
    return body


def revive(body: Json, record: Json) -> bool:
    """Give one that becomes active again its plain name; whether that was needed.

    QuickBooks marks the name of an inactive record, and keeps the mark when it
    becomes active again.
    """
    needed = body.get("Active") is True and "DisplayName" not in body
    if needed:
        body["DisplayName"] = records.plain_name(str(record["DisplayName"]))
    return needed


# --- values ---------------------------------------------------------------------


def checked_name(name: str, most: int = _NAME_MAX) -> str:
    """A name as QuickBooks takes it, of at most so many characters.

    Raises:
        Ambiguous: it cannot be a name.
    """
    found = name.strip()
    if not found or len(found) > most or _FORBIDDEN.search(found):
        raise Ambiguous(
            "QuickBooks does not take that name: it may not be empty, longer than"
            f" {most} characters, or have a colon. Which name should it be?",
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
    if len(found) > _EMAIL_MAX or not all(map(_EMAIL.fullmatch, parts)):
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
