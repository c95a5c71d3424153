"""The rules for time activities: who worked for whom, how long, and at what rate.

Time is not posted. Billable time waits for an invoice that is linked to it.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.draft import Draft, Rule
from qbo.simulator.rules.transactions import check_item

_LENGTH: Final = ("Hours", "Minutes", "Seconds")
_SPAN: Final = ("StartTime", "EndTime")
_BREAK: Final = ("BreakHours", "BreakMinutes", "BreakSeconds")
_HOURS_MAX: Final = 8760
_SIXTY: Final = 60
_BILLED: Final = "HasBeenBilled"


def time_activity(draft: Draft) -> None:
    """Time of an employee or a vendor, as a length or from one moment to another."""
    body = draft.body
    body.setdefault("TxnDate", draft.today.isoformat())
    _set_worker(draft)
    _set_length(draft)
    if draft.ref("ItemRef"):
        check_item(draft.company, draft.ref("ItemRef"))
    _set_billing(draft)


def check_free(record: Record) -> None:
    """Refuse to delete time that an invoice bills."""
    if record.body.get("BillableStatus") == _BILLED:
        raise faults.business("This time has been billed, so it cannot be deleted.")


def hours(body: Json) -> Decimal:
    """How long a time activity was, in hours, without its breaks."""
    if "StartTime" not in body:
        return _hours(body, _LENGTH)
    start, end = (datetime.fromisoformat(body[name]) for name in _SPAN)
    seconds = Decimal(int((end - start).total_seconds()))
    return seconds / (_SIXTY * _SIXTY) - _hours(body, _BREAK)


def _hours(body: Json, names: tuple[str, str, str]) -> Decimal:
    whole, minutes, seconds = (Decimal(body.get(name, ZERO)) for name in names)
    return whole + minutes / _SIXTY + seconds / (_SIXTY * _SIXTY)


def _set_worker(draft: Draft) -> None:
    """Keep the reference that NameOf speaks of.

    Raises:
        Refused: it is missing.
    """
    names = {"Employee": "EmployeeRef", "Vendor": "VendorRef"}
    wanted = names.get(draft.body["NameOf"])
    if wanted is None:
        raise faults.refusal("2170", "Invalid Enumeration: Other", "NameOf")
    draft.require(wanted)
    for name in set(names.values()) - {wanted}:
        draft.body.pop(name, None)


def _set_length(draft: Draft) -> None:
    """Keep either a length or a span, whichever was sent last.

    Raises:
        Refused: there is neither, or it cannot be.
    """
    body, sent = draft.body, draft.sent
    spanned = any(sent.get(name) for name in _SPAN)
    counted = any(sent.get(name) is not None for name in _LENGTH)
    unwanted = _LENGTH if spanned else (*_SPAN, *_BREAK) if counted else ()
    for name in unwanted:
        body.pop(name, None)
    for name in (*_LENGTH, *_BREAK):
        most = _HOURS_MAX if name.endswith("Hours") else _SIXTY - 1
        value = body.get(name, ZERO)
        if not 0 <= value <= most or value != value.to_integral_value():
            raise faults.refusal("2080", f"Invalid Number : {value}", name)
    if any(name in body for name in _SPAN):
        draft.require(*_SPAN)
        if hours(body) <= ZERO:
            raise faults.business("The end time must be after the start time.")
    else:
        draft.require("Hours" if "Minutes" not in body else "Minutes")
        body.setdefault("Hours", ZERO)
        body.setdefault("Minutes", ZERO)


def _set_billing(draft: Draft) -> None:
    """Whether the customer is to pay, and how much for an hour.

    Raises:
        Refused: nobody is to pay, there is no rate, or the invoice is pretended.
    """
    body = draft.body
    before = draft.old.body["BillableStatus"] if draft.old else ""
    status = body.setdefault("BillableStatus", before or "NotBillable")
    body.setdefault("Taxable", False)
    if (status == _BILLED) is not (before == _BILLED):
        raise faults.business(
            "Time is billed by an invoice that is linked to it, not by its status."
        )
    if status != "Billable":
        return
    draft.require("CustomerRef")
    if body.get("HourlyRate") is None:
        rate = _usual_rate(draft)
        if rate is not None:
            body["HourlyRate"] = rate
    draft.require("HourlyRate")


def _usual_rate(draft: Draft) -> Decimal | None:
    """What an hour costs as the item or the worker has it."""
    company = draft.company
    for entity, name, field in (
        ("Employee", "EmployeeRef", "BillRate"),
        ("Vendor", "VendorRef", "BillRate"),
        ("Item", "ItemRef", "UnitPrice"),
    ):
        record = company.find(entity, draft.ref(name))
        rate: Decimal | None = record.body.get(field) if record else None
        if rate:
            return rate
    return None


RULES: Final[Mapping[str, Rule]] = {"TimeActivity": time_activity}
