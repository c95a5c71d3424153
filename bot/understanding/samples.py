"""The names of the sample companies, for trying understanding by itself."""

import json
from calendar import month_name
from decimal import Decimal
from importlib.resources import files
from typing import Any

from qbo.books import Company, Environment, Name, Names

DEFAULT = "harbour-pine-us"
_SAMPLES = (DEFAULT, "pennine-uk")
"""Two are connected here; the simulator has more companies, for other purposes."""

_CLASSIFICATIONS = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}


class UnknownCompany(LookupError):
    """There is no sample company of that name; `known` are those there are."""

    def __init__(self, company: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"there is no sample company {company!r}; there are: {', '.join(known)}"
        )
        self.known = known


def companies() -> tuple[str, ...]:
    """The sample companies by their short names."""
    return _SAMPLES


def _data(company: str) -> dict[str, Any]:
    known = companies()
    if company not in known:
        raise UnknownCompany(company, known)
    entry = files("qbo.simulator").joinpath("companies", f"{company}.json")
    data: dict[str, Any] = json.loads(
        entry.read_text(encoding="utf-8"), parse_float=Decimal
    )
    return data


def about(company: str = DEFAULT) -> Company:
    """A sample company itself.

    Raises:
        UnknownCompany: there is no such sample company.
    """
    said = _data(company)["company"]
    return Company(
        said["realm_id"],
        said["name"],
        Environment.SIMULATOR,
        said["country"],
        said["home_currency"],
    )


def prices(company: str = DEFAULT) -> dict[str, Decimal]:
    """What the items of a sample company cost, by their names.

    Raises:
        UnknownCompany: there is no such sample company.
    """
    return {
        item["name"]: Decimal(item["price"])
        for item in _data(company)["items"]
        if item.get("price") is not None
    }


def names(company: str = DEFAULT) -> Names:
    """All names of a sample company.

    Raises:
        UnknownCompany: there is no such sample company.
    """
    data = _data(company)
    about = data["company"]
    return Names(
        company=about["name"],
        country=about["country"],
        currency=about["home_currency"],
        fiscal_year_start_month=list(month_name).index(
            about["fiscal_year_start_month"]
        ),
        customers=tuple(_customer(entry) for entry in data["customers"]),
        vendors=tuple(Name(vendor) for vendor in data["vendors"]),
        items=tuple(
            Name(entry["name"], type=entry["type"], also=_sku(entry))
            for entry in data["items"]
        ),
        accounts=tuple(_account(*entry) for entry in data["accounts"]),
        terms=tuple(Name(term[0]) for term in data["terms"]),
        methods=tuple(Name(method) for method in data["payment_methods"]),
        companies=tuple(_data(known)["company"]["name"] for known in companies()),
    )


def _customer(entry: dict[str, Any]) -> Name:
    also: tuple[str, ...] = ()
    if "given" in entry and "family" in entry:
        also = (f"{entry['given']} {entry['family']}",)
    return Name(
        entry["name"],
        active=entry.get("active", True),
        parent=entry.get("parent"),
        also=tuple(form for form in also if form != entry["name"]),
    )


def _sku(entry: dict[str, Any]) -> tuple[str, ...]:
    return (entry["sku"],) if entry.get("sku") else ()


def _account(name: str, kind: str, _subtype: str) -> Name:
    return Name(name, type=kind, classification=_CLASSIFICATIONS[kind])
