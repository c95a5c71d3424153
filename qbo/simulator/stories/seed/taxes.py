"""A new company's tax agencies, rates and codes.

A data file either lists codes with one rate each, in which case every code gets a
rate for sales and one for purchases, or it lists agencies, rates and codes apart.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator.books.company import Company
from qbo.simulator.exact import Json
from qbo.simulator.rules.taxservice import SINCE_EVER

Put = Callable[[str, str, Json], None]
"""Stores a record: entity, id, body."""

_PSEUDO: Final[Mapping[str, tuple[bool, bool]]] = {
    "TAX": (True, False),
    "NON": (False, False),
    "CustomSalesTax": (True, True),
}
"""The pseudo codes of companies in the US: taxable, and a group."""
_AGENCIES: Final = {"US": "State Tax Authority"}
_VAT_AGENCY: Final = "HM Revenue & Customs"


def add(put: Put, data: Json) -> str:
    """Store a data file's taxes.

    Gives the id of the code that automated sales tax uses, or an empty text.
    """
    us = data["company"]["country"] == "US"
    if us:
        for name, (taxable, grouped) in _PSEUDO.items():
            put("TaxCode", name, _code(name, name, taxable=taxable, grouped=grouped))
    if "tax_rates" in data:
        _add_apart(put, data)
        return ""
    name = _AGENCIES.get("US" if us else "", _VAT_AGENCY)
    put("TaxAgency", "1", _agency(name, not us))
    if us:
        percent = next(one["rate"] for one in data["tax_codes"] if one["taxable"])
        _add_us_code(put, Decimal(percent))
        return "2"
    _add_short(put, data["tax_codes"])
    return ""


def tie_accounts(company: Company, data: Json) -> None:
    """Note the payable accounts of agencies, where the data file names them.

    The others' are found by the agency's name.
    """
    for one in data.get("tax_agencies", ()):
        if "account" in one:
            _, number = company.names["Account", one["account"].casefold()]
            company.record("TaxAgency", one["id"]).notes["account"] = number


def _add_apart(put: Put, data: Json) -> None:
    us = data["company"]["country"] == "US"
    for one in data["tax_agencies"]:
        put("TaxAgency", one["id"], _agency(one["name"], one.get("refunds", not us)))
    names = {one["id"]: one["name"] for one in data["tax_rates"]}
    for one in data["tax_rates"]:
        rate = _rate(one["name"], Decimal(one["rate"]), one["agency"], dated=not us)
        put("TaxRate", one["id"], rate)
    for one in data["tax_codes"]:
        sales, purchases = one.get("sales", []), one.get("purchases", [])
        body = _code(
            one["name"],
            one.get("description", one["name"]),
            taxable=one.get("taxable", True),
            grouped=True,
        )
        body["SalesTaxRateList"] = _rate_list(sales, names)
        body["PurchaseTaxRateList"] = _rate_list(purchases, names)
        put("TaxCode", one["id"], body)


def _add_us_code(put: Put, percent: Decimal) -> None:
    name = "Fernwood sales tax"
    put("TaxRate", "3", _rate(name, percent, "1"))
    words = f"Sales tax {percent.normalize()} %"
    body = _code("Fernwood", words, taxable=True, grouped=True)
    body["SalesTaxRateList"] = _rate_list(["3"], {"3": name})
    body["PurchaseTaxRateList"] = _rate_list([], {})
    put("TaxCode", "2", body)


def _add_short(put: Put, codes: list[Json]) -> None:
    """Store codes with a rate each side.

    A reverse charge is nothing in sales; in purchases its tax is owed and reclaimed.
    """
    for place, code in enumerate(codes, start=1):
        sales, purchases = str(2 * place), [str(2 * place - 1)]
        name, percent = code["name"], Decimal(code["rate"])
        reverse, taxable = code.get("reverse", False), code["taxable"]
        sold = Decimal(0) if reverse else percent
        names = {sales: f"{name} (Sales)", purchases[0]: f"{name} (Purchase)"}
        put("TaxRate", sales, _rate(names[sales], sold, "1"))
        put("TaxRate", purchases[0], _rate(names[purchases[0]], percent, "1"))
        if reverse:
            purchases.append(str(2 * len(codes) + place))
            names[purchases[1]] = f"{name} (Reverse)"
            taken = _rate(names[purchases[1]], -percent, "1")
            put(
                "TaxRate",
                purchases[1],
                {**taken, "SpecialTaxType": "REVERSE_CHARGE"},
            )
        body = _code(name, name, taxable=taxable, grouped=True)
        body["SalesTaxRateList"] = _rate_list([sales], names)
        body["PurchaseTaxRateList"] = _rate_list(purchases, names)
        put("TaxCode", str(place), body)


def _agency(name: str, refunds: bool) -> Json:  # noqa: FBT001
    """An agency; whether it gives back the tax of purchases."""
    return {
        "DisplayName": name,
        "TaxTrackedOnSales": True,
        "TaxTrackedOnPurchases": refunds,
    }


def _code(name: str, words: str, *, taxable: bool, grouped: bool) -> Json:
    return {
        "Name": name,
        "Description": words,
        "Active": True,
        "Hidden": False,
        "Taxable": taxable,
        "TaxGroup": grouped,
    }


def _rate(name: str, percent: Decimal, agency: str, *, dated: bool = True) -> Json:
    """A rate, with the day since when it is so, unless that is left out.

    The sandbox leaves it out: connectors' schemas want the numbers in it as texts.
    """
    since = {"RateValue": percent, "EffectiveDate": SINCE_EVER}
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": agency},
        **({"EffectiveTaxRate": [since]} if dated else {}),
        "SpecialTaxType": "NONE" if percent else "ZERO_RATE",
        "DisplayType": "ReadOnly",
    }


def _rate_list(numbers: Iterable[str], names: Mapping[str, str]) -> Json:
    details = [
        {
            "TaxRateRef": {"value": number, "name": names[number]},
            "TaxTypeApplicable": "TaxOnAmount",
            "TaxOrder": 0,
        }
        for number in numbers
    ]
    return {"TaxRateDetail": details}
