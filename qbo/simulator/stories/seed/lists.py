"""The lists of a new company, written through the same door as any client's.

A row of a data file may say which `id` it has; without one it takes the next.
Short rows are lists of their first members.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from qbo.simulator.books.company import SYSTEM_ACCOUNTS, Company, Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import Json
from qbo.simulator.rules.writes import Circumstances, create, enter

_TAXED_TYPES: Final = frozenset({"NonInventory", "Inventory"})
_COST_SHARE: Final = Decimal("0.55")
"""What an item of stock costs, as a share of its price, where no cost is given."""


@dataclass(frozen=True)
class Lister:
    """Makes the records of lists, on one day, in one company."""

    company: Company
    data: Json
    started: date
    around: Circumstances

    def rows(self, name: str, *members: str) -> Iterator[Json]:
        """The rows of a list as objects."""
        for row in self.data.get(name, ()):
            if isinstance(row, dict):
                yield row
            elif isinstance(row, list):
                yield dict(zip(members, row, strict=False))
            else:
                yield {members[0]: row}

    def make(self, entity: str, row: Json, body: Json) -> Record:
        """Create a record, with the row's own id where it has one."""
        company, kind = self.company, ENTITIES[entity]
        highest = company.sequences[kind.family]
        if "id" in row:
            company.sequences[kind.family] = int(row["id"]) - 1
        made = create(company, kind, body, self.around)
        if "id" in row:
            company.sequences[kind.family] = max(highest, int(row["id"]))
        return made

    def ref(self, entity: str, name: str) -> Json:
        """A reference by name or, where a row has ids, by id."""
        if self.company.find(entity, name):
            return {"value": name}
        return {"value": number_of(self.company, entity, name)}


def add(company: Company, data: Json, started: date, around: Circumstances) -> None:
    """Make all lists of a data file."""
    lister = Lister(company, data, started, around)
    for add_list in (_plain, _accounts, _items, _customers, _others):
        add_list(lister)


def number_of(company: Company, entity: str, name: str) -> str:
    """The id of the list record with that name, active or not."""
    kind = ENTITIES[entity]
    place = kind.family if kind.family == "Names" else entity
    return company.names[place, name.casefold()][1]


def _plain(lister: Lister) -> None:
    """Terms, payment methods, classes, locations."""
    for row in lister.rows("terms", "name", "days"):
        lister.make("Term", row, {"Name": row["name"], "DueDays": row["days"]})
    for row in lister.rows("payment_methods", "name"):
        card = row.get("card", "Card" in row["name"])
        kind = "CREDIT_CARD" if card else "NON_CREDIT_CARD"
        lister.make("PaymentMethod", row, {"Name": row["name"], "Type": kind})
    for row in lister.rows("classes", "name"):
        lister.make("Class", row, {"Name": row["name"]})
    for row in lister.rows("customer_types", "name"):
        enter(
            lister.company,
            ENTITIES["CustomerType"],
            {"Name": row["name"]},
            lister.around,
        )
    for row in lister.rows("departments", "name"):
        lister.make("Department", row, {"Name": row["name"]})


def _accounts(lister: Lister) -> None:
    """The data file's accounts, QuickBooks' own, and those of foreign currencies."""
    company = lister.company
    for row in lister.rows("accounts", "name", "type", "subtype"):
        body: Json = {"Name": row["name"], "AccountType": row["type"]}
        body["AccountSubType"] = row["subtype"]
        if "parent" in row:
            body |= {"SubAccount": True, "ParentRef": {"value": row["parent"]}}
        lister.make("Account", row, body)
    for subtype, (name, kind) in SYSTEM_ACCOUNTS.items():
        if not company.account_of(subtype):
            body = {"Name": name, "AccountType": kind, "AccountSubType": subtype}
            lister.make("Account", {}, body)
    currencies = {row.get("currency", "") for row in lister.rows("customers")}
    for currency in sorted(currencies - {""}):
        for kind in ("Accounts Receivable", "Accounts Payable"):
            main = company.record("Account", company.control(kind)).body
            body = {"Name": f"{main['Name']} - {currency}", "AccountType": kind}
            body["CurrencyRef"] = {"value": currency}
            lister.make("Account", {}, body)


def _items(lister: Lister) -> None:
    for row in lister.rows("items"):
        lister.make("Item", row, _item(lister, row))


def _item(lister: Lister, row: Json) -> Json:
    company, price = lister.company, Decimal(row["price"])
    bought = row["type"] in _TAXED_TYPES
    body: Json = {
        "Name": row["name"],
        "Description": row.get("description", row["name"]),
        "Type": row["type"],
        "UnitPrice": price,
        "IncomeAccountRef": lister.ref("Account", row["income"]),
        "Taxable": row.get("taxable", company.is_us and bought),
    }
    if bought or "cost" in row:
        usual = (price * _COST_SHARE).quantize(Decimal("0.01"))
        cost = company.account_of("SuppliesMaterialsCogs")
        body["ExpenseAccountRef"] = {"value": cost}
        body["PurchaseCost"] = Decimal(row["cost"]) if "cost" in row else usual
    if "expense" in row:
        body["ExpenseAccountRef"] = lister.ref("Account", row["expense"])
    if row["type"] == "Inventory":
        body["AssetAccountRef"] = {"value": company.account_of("Inventory")}
        body["QtyOnHand"] = Decimal(row["quantity"])
        body["InvStartDate"] = lister.started.isoformat()
        body["TrackQtyOnHand"] = True
    if "tax_code" in row:
        body["SalesTaxCodeRef"] = lister.ref("TaxCode", row["tax_code"])
    return body


def _customers(lister: Lister) -> None:
    address = lister.data["company"]["address"]
    for place, row in enumerate(lister.rows("customers"), start=1):
        lister.make("Customer", row, _customer(lister, row, place, address))


def _customer(lister: Lister, row: Json, place: int, address: Json) -> Json:
    terms = row.get("terms", lister.data["company"]["default_terms"])
    body: dict[str, Any] = {
        "DisplayName": row["name"],
        "SalesTermRef": lister.ref("Term", terms),
        "PreferredDeliveryMethod": "Email",
        "BillAddr": {**address, "Line1": f"{100 + 7 * place} Main Street"},
    }
    email = row.get("email") or f"customer{place}@{_domain(lister.data)}"
    body["PrimaryEmailAddr"] = {"Address": email}
    if "given" in row:
        body |= {"GivenName": row["given"], "FamilyName": row["family"]}
    else:
        body["CompanyName"] = row["name"]
    if "parent" in row:
        body |= {"ParentRef": lister.ref("Customer", row["parent"]), "Job": True}
    if "currency" in row:
        body["CurrencyRef"] = {"value": row["currency"]}
    if "tax_code" in row:
        body["DefaultTaxCodeRef"] = lister.ref("TaxCode", row["tax_code"])
    if "type" in row:
        body["CustomerTypeRef"] = lister.ref("CustomerType", row["type"])
    return body


def _domain(data: Json) -> str:
    return str(data["company"]["email"]).partition("@")[2]


def _others(lister: Lister) -> None:
    """Vendors and employees."""
    terms = {"value": number_of(lister.company, "Term", "Net 30")}
    for row in lister.rows("vendors", "name"):
        body: Json = {"DisplayName": row["name"], "TermRef": terms}
        if "currency" in row:
            body["CurrencyRef"] = {"value": row["currency"]}
        lister.make("Vendor", row, body)
    for row in lister.rows("employees", "given", "family"):
        names = {"GivenName": row["given"], "FamilyName": row["family"]}
        lister.make("Employee", row, names)
