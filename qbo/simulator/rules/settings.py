"""Changing what a company has only one of: CompanyInfo and Preferences.

Neither is ever cleared as a whole: what a request leaves out stays as it is.
"""

from collections.abc import Mapping
from typing import Any, Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import Json
from qbo.simulator.fields import Field, cleaned, without_nothing
from qbo.simulator.rules.draft import PSEUDO_CODES, references

_NEEDED: Final = frozenset({"CompanyName", "FiscalYearStartMonth", "ReportBasis"})
"""What is not cleared by an empty text."""


def changed(company: Company, record: Record, given: Json) -> Json:
    """The body of CompanyInfo or Preferences after a change.

    A group of preferences is changed member by member, anything else as a whole.

    Raises:
        Refused: a value does not fit, or the books could not go on with it.
    """
    fields, body = record.entity.fields, dict(record.body)
    for name, value in cleaned(fields, given).items():
        if name in _ENVELOPE:
            continue
        known = fields[name]
        inner = name.endswith("Prefs")
        if inner and isinstance(given[name], dict):
            value = _members(known, body.get(name) or {}, given[name])  # noqa: PLW2901
        elif inner and value is None:
            continue
        _set(body, name, value)
    _number_addresses(company, record, body)
    _check_references(company, fields, body)
    if record.entity.name == "Preferences":
        _check_currency(record.body, body)
    return body


_ENVELOPE: Final = frozenset({"Id", "SyncToken", "domain", "sparse", "MetaData"})


def follow(company: Company, record: Record) -> Record | None:
    """Bring the first month of the fiscal year in line; gives what changed with it."""
    info, prefs = company.info, company.preferences["AccountingInfoPrefs"]
    if record.entity.name == "CompanyInfo":
        month = info["FiscalYearStartMonth"]
        if prefs.get("FirstMonthOfFiscalYear") == month:
            return None
        prefs["FirstMonthOfFiscalYear"] = month
        return company.record("Preferences", "1")
    month = prefs.get("FirstMonthOfFiscalYear")
    if month is None or info["FiscalYearStartMonth"] == month:
        return None
    info["FiscalYearStartMonth"] = month
    return company.record("CompanyInfo", "1")


def _members(known: Field, before: Json, given: Json) -> Json:
    """A group of preferences with some of its members changed."""
    body = dict(before)
    for name, value in cleaned(known.fields, given).items():
        _set(body, name, value)
    return body


def _set(body: Json, name: str, value: Any) -> None:
    """Set or clear a member; what was empty and is sent empty stays so."""
    if value is not None:
        body[name] = value
    elif name not in _NEEDED and body.get(name):
        del body[name]


def _number_addresses(company: Company, record: Record, body: Json) -> None:
    fields = record.entity.fields
    for name, value in body.items():
        is_postal = "Line1" in fields[name].fields and isinstance(value, dict)
        if is_postal and value:
            before = record.body.get(name) or {}
            value["Id"] = before.get("Id") or company.next_id("Addresses")


def _check_references(
    company: Company, fields: Mapping[str, Field], body: Json
) -> None:
    """Refuse a preference for something that is not there."""
    for known, value in references(fields, body):
        number = value["value"]
        if known.target not in ENTITIES or number in PSEUDO_CODES:
            continue
        if company.find(known.target, number) is None:
            raise faults.bad_reference(ENTITIES[known.target].family, number)


def _check_currency(before: Json, body: Json) -> None:
    """Keep the home currency, and several currencies once they are in use."""
    old, new = before["CurrencyPrefs"], dict(body["CurrencyPrefs"])
    new["HomeCurrency"] = old["HomeCurrency"]
    if old.get("MultiCurrencyEnabled"):
        new["MultiCurrencyEnabled"] = True
    body["CurrencyPrefs"] = without_nothing(new)
