"""The three custom fields of sales forms, defined in the company's preferences."""

from collections.abc import Iterable, Mapping
from typing import Final

from qbo.simulator.books.company import Company
from qbo.simulator.exact import Json

SLOTS: Final = ("1", "2", "3")


def definitions(company: Company) -> Mapping[str, str]:
    """The names of the slots in use, by slot."""
    prefs = company.preferences.get("SalesFormsPrefs") or {}
    facts = {
        str(one.get("Name", "")): one.get("StringValue", one.get("BooleanValue"))
        for part in prefs.get("CustomField") or ()
        for one in part.get("CustomField") or ()
    }
    return {
        slot: str(facts[f"SalesFormsPrefs.SalesCustomName{slot}"])
        for slot in SLOTS
        if facts.get(f"SalesFormsPrefs.UseSalesCustom{slot}") in {True, "true"}
        and f"SalesFormsPrefs.SalesCustomName{slot}" in facts
    }


def filled(company: Company, sent: object) -> list[Json]:
    """All slots in use, with what a form says in them; others are left out."""
    given = sent if isinstance(sent, Iterable) else ()
    values = {
        str(one.get("DefinitionId")): one.get("StringValue")
        for one in given
        if isinstance(one, dict)
    }
    fields = []
    for slot, name in definitions(company).items():
        one: Json = {"DefinitionId": slot, "Name": name, "Type": "StringType"}
        if values.get(slot) not in {None, ""}:
            one["StringValue"] = str(values[slot])
        fields.append(one)
    return fields
