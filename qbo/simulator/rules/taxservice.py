"""`/taxservice/taxcode`: a new tax code, with its rates, in one call."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.entities.parts import ENVELOPE
from qbo.simulator.exact import Json
from qbo.simulator.fields import (
    anything,
    cleaned,
    computed,
    number,
    one_of,
    rows,
    table,
    text,
)

_FIELDS: Final = table(
    ENVELOPE,
    text("TaxCode", 100),
    *computed(text("TaxCodeId"), anything("Fault")),
    rows(
        "TaxRateDetails",
        text("TaxRateName", 100),
        text("TaxRateId", 40),
        number("RateValue"),
        text("TaxAgencyId", 40),
        one_of("TaxApplicableOn", "Sales", "Purchase"),
    ),
)
_LISTS: Final = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}
SINCE_EVER: Final = "1970-01-01T00:00:00-08:00"
"""Since when a rate is what it is."""
_PERCENT_MAX: Final = 100


def create(company: Company, given: Json, when: datetime) -> Json:
    """Make a tax code and the rates it is made of; gives the answer.

    Raises:
        Refused: a name is missing or taken, or an agency or rate is not there.
            Nothing has changed then.
    """
    sent = cleaned(_FIELDS, given)
    for member in ("TaxCode", "TaxRateDetails"):
        if not sent.get(member):
            raise faults.missing(member)
    name, details = sent["TaxCode"], sent["TaxRateDetails"]
    _check_free(company, "TaxCode", name)
    for place, detail in enumerate(details):
        _check(company, detail)
        earlier = {one.get("TaxRateName") for one in details[:place]}
        if detail.get("TaxRateName") in earlier and not detail.get("TaxRateId"):
            raise _taken("tax rate")
    when = when.replace(microsecond=0)
    made = [_rate(company, detail, when) for detail in details]
    lists: Json = {side: {"TaxRateDetail": []} for side in _LISTS.values()}
    for detail, rate in zip(details, made, strict=True):
        listed = lists[_LISTS[detail["TaxApplicableOn"]]]["TaxRateDetail"]
        listed.append(
            {
                "TaxRateRef": {"value": rate.id},
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": Decimal(len(listed)),
            }
        )
    code = _enter(
        company,
        "TaxCode",
        {
            "Name": name,
            "Description": name,
            "Active": True,
            "Hidden": False,
            "Taxable": True,
            "TaxGroup": True,
            **lists,
            "TaxCodeConfigType": "USER_DEFINED",
        },
        when,
    )
    return _answer(code, details, made)


def _check(company: Company, detail: Json) -> None:
    """Refuse a rate that is neither there nor described."""
    detail.setdefault("TaxApplicableOn", "Sales")
    number = detail.get("TaxRateId")
    if number:
        if company.find("TaxRate", number) is None:
            raise faults.bad_reference("TaxRates", number)
        return
    for member in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if detail.get(member) is None:
            raise faults.missing(member)
    if not 0 <= detail["RateValue"] <= _PERCENT_MAX:
        raise faults.refusal(
            "2080", f"Invalid Number : {detail['RateValue']}", "RateValue"
        )
    if company.find("TaxAgency", detail["TaxAgencyId"]) is None:
        raise faults.bad_reference("TaxAgencies", detail["TaxAgencyId"])
    _check_free(company, "TaxRate", detail["TaxRateName"])


def _check_free(company: Company, entity: str, name: str) -> None:
    if (entity, name.casefold()) in company.names:
        raise _taken("tax rate" if entity == "TaxRate" else "tax code")


def _taken(what: str) -> faults.Refused:
    return faults.refusal(
        "6240",
        f"The name supplied already exists. : Another {what} is already using this"
        " name. Please use a different name.",
    )


def _rate(company: Company, detail: Json, when: datetime) -> Record:
    """The rate that a detail means: one that is there, or a new one."""
    if detail.get("TaxRateId"):
        return company.record("TaxRate", detail["TaxRateId"])
    value = detail["RateValue"]
    body = {
        "Name": detail["TaxRateName"],
        "Description": detail["TaxRateName"],
        "Active": True,
        "RateValue": value,
        "AgencyRef": {"value": detail["TaxAgencyId"]},
        "EffectiveTaxRate": [{"RateValue": value, "EffectiveDate": SINCE_EVER}],
        "SpecialTaxType": "NONE" if value else "ZERO_RATE",
        "DisplayType": "ReadOnly",
    }
    return _enter(company, "TaxRate", body, when)


def _enter(company: Company, entity: str, body: Json, when: datetime) -> Record:
    """Store a record that no rule is asked about."""
    kind = ENTITIES[entity]
    number = company.next_id(kind.family)
    while company.find(entity, number):  # codes of a data file have ids of their own
        number = company.next_id(kind.family)
    record = Record(kind, number, 0, when, when, body)
    company.put(record)
    company.names[entity, str(body["Name"]).casefold()] = (entity, number)
    return record


def _answer(code: Record, details: list[Json], made: list[Record]) -> Json:
    return {
        "TaxCode": code.body["Name"],
        "TaxCodeId": code.id,
        "TaxRateDetails": [
            {
                "TaxRateName": rate.body["Name"],
                "TaxRateId": rate.id,
                "RateValue": rate.body["RateValue"],
                "TaxAgencyId": rate.ref("AgencyRef"),
                "TaxApplicableOn": detail["TaxApplicableOn"],
            }
            for detail, rate in zip(details, made, strict=True)
        ],
    }
