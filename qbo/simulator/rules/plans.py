"""What each plan of QuickBooks Online has, and the faults for what it lacks.

A company's plan is the OfferingSku among the names and values of its CompanyInfo.
Sources: quickbooks.intuit.com, plan comparison; code 5020 of the error table.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.entities import Entity
from qbo.simulator.exact import Json

SIMPLE_START: Final = "Simple Start"
ESSENTIALS: Final = "Essentials"
PLUS: Final = "Plus"
ADVANCED: Final = "Advanced"
PLANS: Final = (SIMPLE_START, ESSENTIALS, PLUS, ADVANCED)
"""From the smallest to the largest; each has all that the ones before it have."""

ENTITIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Bill", "BillPayment", "VendorCredit"), ESSENTIALS),
    **dict.fromkeys(("CompanyCurrency", "ExchangeRate"), ESSENTIALS),
    **dict.fromkeys(("TimeActivity", "RecurringTransaction"), ESSENTIALS),
    **dict.fromkeys(("PurchaseOrder", "Budget", "Class", "Department"), PLUS),
}
"""The smallest plan that has an entity, where not all have it."""

REFERENCES: Final[Mapping[str, tuple[str, str]]] = {
    "ClassRef": (PLUS, "Klasses"),
    "DepartmentRef": (PLUS, "Depts"),
}
"""The smallest plan that knows a reference, and the word of 2500 for its family."""

PREFERENCES: Final = (
    ("VendorAndPurchasesPrefs", "EnableBills", ESSENTIALS),
    ("TimeTrackingPrefs", "UseServices", ESSENTIALS),
    ("CurrencyPrefs", "MultiCurrencyEnabled", ESSENTIALS),
    ("AccountingInfoPrefs", "ClassTrackingPerTxn", PLUS),
    ("AccountingInfoPrefs", "ClassTrackingPerTxnLine", PLUS),
    ("AccountingInfoPrefs", "TrackDepartments", PLUS),
    ("ProductAndServicesPrefs", "QuantityOnHand", PLUS),
)
"""What can be turned on with the smallest plan named, or a larger one."""

CUSTOM_FIELDS_MAX: Final = 3
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_ENDED: Final = frozenset({"EXPIRED", "CANCELLED", "CANCELED", "SUSPENDED"})
_SKU: Final = "QuickBooks Online {}"
_LATENT: Final = "plan"


def plan_of(company: Company) -> str:
    """A company's plan; one that says nothing has Plus."""
    sku = _named(company, "OfferingSku")
    return next((plan for plan in PLANS if sku == _SKU.format(plan)), PLUS)


def check(
    company: Company,
    entity: Entity,
    operation: str,
    body: Json,
    switches: Mapping[str, object],
) -> None:
    """Let a write pass, or say what the company's plan lacks.

    Raises:
        Refused: 5020 for an entity, an inventory item, a fourth custom field or a
            preference; the switch's code for a reference; 6190 when the subscription
            has ended and something would be written.
    """
    if _named(company, "SubscriptionStatus").upper() in _ENDED:
        raise faults.subscription_ended()
    if plan_of(company) == ADVANCED:
        return
    _require(company, ENTITIES.get(entity.name), entity.name)
    if operation in {"create", "update"}:
        _check_body(company, entity, body, str(switches.get("plan_reference_code")))


def check_read(company: Company, entity: Entity) -> None:
    """Let a read pass, or not.

    Raises:
        Refused: 5020; the company's plan does not have the entity.
    """
    _require(company, ENTITIES.get(entity.name), entity.name)


def give(company: Company, plan: str, when: datetime) -> None:
    """Move a company to another plan.

    Preferences that the plan lacks are turned off; those that were turned off so are
    turned on again by a plan that has them. Several currencies stay once they are in
    use, as in QuickBooks.

    Raises:
        ValueError: there is no such plan.
    """
    if plan not in PLANS:
        raise ValueError(f"a plan is one of: {', '.join(PLANS)}")
    _rename(company, "OfferingSku", _SKU.format(plan), when)
    record = company.record("Preferences", "1")
    latent = set(record.notes.get(_LATENT, ()))
    for group, name, needed in PREFERENCES:
        shown = record.body.get(group) or {}
        if _has(plan, needed):
            if name in latent:
                record.body[group] = {**shown, name: True}
                latent.discard(name)
        elif shown.get(name) and not _is_in_use(company, name):
            record.body[group] = {**shown, name: False}
            latent.add(name)
    record.notes[_LATENT] = sorted(latent)
    _step(company, record, when)


def set_status(company: Company, status: str, when: datetime) -> None:
    """Say how a company's subscription stands: PAID, TRIAL, EXPIRED, ..."""
    _rename(company, "SubscriptionStatus", status, when)


def subscription(company: Company) -> Json:
    """A company's plan and how its subscription stands."""
    return {
        "realm": company.realm,
        "plan": plan_of(company),
        "status": _named(company, "SubscriptionStatus"),
    }


def _check_body(company: Company, entity: Entity, body: Json, code: str) -> None:
    if entity.name == "Item":
        tracked = body.get("Type") == "Inventory" or body.get("TrackQtyOnHand") is True
        _require(company, PLUS if tracked else None, "Inventory")
    if entity.name == "Preferences":
        for group, name, needed in PREFERENCES:
            wish = body.get(group)
            if isinstance(wish, dict) and wish.get(name) is True:
                _require(company, needed, name)
    fields = body.get("CustomField")
    if isinstance(fields, list) and any(map(_is_extra, fields)):
        _require(company, ADVANCED, "CustomField")
    for name, value in _references(body):
        needed, family = REFERENCES[name]
        if not _has(plan_of(company), needed):
            raise faults.reference_of_no_plan(code, name, family, value)


def _require(company: Company, needed: str | None, what: str) -> None:
    if needed is not None and not _has(plan_of(company), needed):
        raise faults.not_in_plan(what, _SKU.format(plan_of(company)))


def _has(plan: str, needed: str) -> bool:
    return PLANS.index(plan) >= PLANS.index(needed)


def _is_extra(custom: Any) -> bool:
    """Whether a custom field is beyond the three that every plan has."""
    number = custom.get("DefinitionId") if isinstance(custom, dict) else None
    found = _NUMBER.fullmatch(str(number))
    return found is not None and int(found[0]) > CUSTOM_FIELDS_MAX


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """All filled-in references that some plan lacks, however deep."""
    if isinstance(value, list):
        for part in value:
            yield from _references(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name in REFERENCES and isinstance(part, dict) and part.get("value"):
                yield name, str(part["value"])
            else:
                yield from _references(part)


def _is_in_use(company: Company, preference: str) -> bool:
    """Whether a preference cannot be turned off any more."""
    return preference == "MultiCurrencyEnabled" and any(
        record.ref("CurrencyRef") not in {"", company.home}
        for name in ("Account", "Customer", "Vendor")
        for record in company.records(name)
    )


def _named(company: Company, name: str) -> str:
    pairs = company.info.get("NameValue") or ()
    return next((str(one["Value"]) for one in pairs if one["Name"] == name), "")


def _rename(company: Company, name: str, value: str, when: datetime) -> None:
    record = company.record("CompanyInfo", "1")
    others = [one for one in record.body.get("NameValue", ()) if one["Name"] != name]
    record.body["NameValue"] = [*others, {"Name": name, "Value": value}]
    _step(company, record, when)


def _step(company: Company, record: Record, when: datetime) -> None:
    record.version += 1
    record.updated = when.replace(microsecond=0)
    company.touch(record)
