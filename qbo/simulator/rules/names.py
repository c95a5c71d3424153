"""The rules for people: customers, vendors and employees."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator import faults
from qbo.simulator.exact import ZERO
from qbo.simulator.rules import exchange, openings
from qbo.simulator.rules.draft import Draft, Follow, Rule
from qbo.simulator.rules.lists import (
    activity,
    check_name,
    number_addresses,
    place_below_parent,
)

_NAME_PARTS: Final = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_SHOWN: Final[Mapping[str, int]] = {
    "PrimaryTaxIdentifier": 5,
    "SecondaryTaxIdentifier": 5,
    "TaxIdentifier": 4,
}
"""Numbers that are only shown by their last characters."""
_SSN: Final = "-".join("X" * digits for digits in (3, 2, 4))


def customer(draft: Draft) -> None:
    """A customer, or a job below one."""
    _partner(draft)
    body = draft.body
    if body.get("TaxExemptionReasonId"):
        body.setdefault("Taxable", False)
    body.setdefault("Taxable", draft.company.is_us)
    body.setdefault("BillWithParent", False)
    body.setdefault("IsProject", False)
    body.setdefault("PreferredDeliveryMethod", "None")
    body.setdefault("BalanceWithJobs", body["Balance"])
    body["Job"] = place_below_parent(draft, "DisplayName")
    if not body["Job"]:
        body["BillWithParent"] = False
        body.pop("Level", None)


def vendor(draft: Draft) -> None:
    """A vendor."""
    _partner(draft)
    draft.body.setdefault("Vendor1099", False)


def employee(draft: Draft) -> None:
    """An employee; the social security number is never shown."""
    _person(draft)
    body = draft.body
    if body.get("SSN"):
        body["SSN"] = _SSN
    if not body.setdefault("BillableTime", False):
        body.pop("BillRate", None)
    number_addresses(draft, "PrimaryAddr")


def _person(draft: Draft) -> None:
    """What all have: a display name that no other has, and what follows from it."""
    body = draft.body
    if not body.get("DisplayName"):
        parts = [body[part] for part in _NAME_PARTS if body.get(part)]
        if not parts:
            raise faults.refusal(
                "6080",
                "You must provide at least one of: Title, GivenName, MiddleName,"
                " FamilyName, DisplayName, Suffix.",
                "DisplayName",
            )
        body["DisplayName"] = " ".join(parts)
    activity(draft)
    if draft.changed("DisplayName"):
        check_name(draft, "DisplayName", ":\t\n")
    shown = body.get("CompanyName") or body["DisplayName"]
    body.setdefault("PrintOnCheckName", shown[:_CHECK_NAME_MAX])
    for name, count in _SHOWN.items():
        if name in body:
            body[name] = masked(body[name], count)


_CHECK_NAME_MAX: Final = 110


def _partner(draft: Draft) -> None:
    """What customers and vendors share: a currency and a balance."""
    _person(draft)
    body = draft.body
    number_addresses(draft, "BillAddr", "ShipAddr")
    exchange.check_currency(draft)
    openings.take(draft, "Balance", "OpenBalanceDate")
    body["Balance"] = draft.old.body["Balance"] if draft.old else ZERO
    leaves = draft.old is not None and draft.changed("Active") and not body["Active"]
    strict = draft.switches.get("inactive_with_balance", "accept") == "refuse"
    if leaves and strict and body["Balance"]:
        raise faults.business(
            f"{draft.entity.name} has a balance, so it cannot be made inactive."
        )


def masked(text: str, count: int) -> str:
    """A number with its last letters and digits only; masking again changes nothing."""
    kept = "".join(sign for sign in text if sign.isalnum())[-count:]
    return "X" * (len(text) - len(kept)) + kept


RULES: Final[Mapping[str, Rule]] = {
    "Customer": customer,
    "Vendor": vendor,
    "Employee": employee,
}
FOLLOWS: Final[Mapping[str, tuple[Follow, ...]]] = {
    "Customer": (openings.enter_balance,),
    "Vendor": (openings.enter_balance,),
}
