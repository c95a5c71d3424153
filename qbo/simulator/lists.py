"""The rules for lists: customers, vendors, accounts, items and what names them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.company import DELETED_SUFFIX, Company, Record
from qbo.simulator.draft import CURRENCY_NAMES, Draft, Rule
from qbo.simulator.entities.lists import ACCOUNT_TYPES
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.ledger import Entry, Posting, merged

_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_LEVELS_MAX = 5


def person(draft: Draft) -> None:
    """What customers and vendors share: a display name, and what follows from it."""
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
    body.setdefault("PrintOnCheckName", body.get("CompanyName") or body["DisplayName"])
    number_addresses(draft, "BillAddr", "ShipAddr", "OtherAddr")
    currency = draft.ref("CurrencyRef") or draft.company.home
    if currency not in CURRENCY_NAMES or (
        currency != draft.company.home and not draft.company.multi_currency
    ):
        raise faults.business("The currency is not in use in this company.")
    if draft.old and draft.old.ref("CurrencyRef") != currency:
        raise faults.business("The currency of a name cannot be changed.")
    body["CurrencyRef"] = {"value": currency, "name": CURRENCY_NAMES[currency]}
    body.setdefault("Balance", ZERO)


def customer(draft: Draft) -> None:
    """A customer, or a job below one."""
    person(draft)
    body = draft.body
    body.pop("OpenBalanceDate", None)
    body.setdefault("Taxable", draft.company.is_us)
    body.setdefault("BillWithParent", False)
    body.setdefault("IsProject", False)
    body.setdefault("PreferredDeliveryMethod", "None")
    body.setdefault("BalanceWithJobs", body["Balance"])
    has_parent = place_below_parent(draft, "DisplayName")
    body["Job"] = has_parent
    if not has_parent:
        body.pop("Level", None)


def vendor(draft: Draft) -> None:
    """A vendor."""
    person(draft)
    draft.body.setdefault("Vendor1099", False)


def account(draft: Draft) -> None:
    """An account: its type follows from the sub-type or the other way round."""
    body = draft.body
    kind, subtype = body.get("AccountType"), body.get("AccountSubType")
    if not kind and not subtype:
        raise faults.refusal(
            "6010",
            "Invalid Account.AccountType && Account.SubType : either must be given",
            "AccountType",
        )
    if not kind:
        body["AccountType"] = kind = _type_of(draft.company, str(subtype))
    body.setdefault("AccountSubType", _SUBTYPES[str(kind)])
    body["Classification"] = ACCOUNT_TYPES[str(kind)]
    body.setdefault("CurrentBalance", ZERO)
    body.setdefault("CurrentBalanceWithSubAccounts", ZERO)
    home = draft.company.home
    body.setdefault("CurrencyRef", {"value": home, "name": CURRENCY_NAMES[home]})
    activity(draft)
    body["SubAccount"] = place_below_parent(draft, "Name")
    body.pop("Level", None)
    if draft.changed("Name") or draft.changed("ParentRef"):
        check_name(draft, "Name", ':"', "FullyQualifiedName")


def item(draft: Draft) -> None:
    """A product or service; stock of an inventory item starts with its own posting."""
    body = draft.body
    kind = body.setdefault("Type", "Service")
    activity(draft)
    body.setdefault("Taxable", False)
    body.setdefault("UnitPrice", ZERO)
    body.setdefault("PurchaseCost", ZERO)
    body["TrackQtyOnHand"] = kind == "Inventory"
    if kind == "Inventory":
        draft.require("AssetAccountRef", "IncomeAccountRef", "ExpenseAccountRef")
        draft.require("InvStartDate", "QtyOnHand")
        if draft.old:
            body["QtyOnHand"] = draft.old.body["QtyOnHand"]
    elif kind in {"Service", "NonInventory"} and not body.get("ExpenseAccountRef"):
        draft.require("IncomeAccountRef")
    _check_income(draft)
    body["SubItem"] = place_below_parent(draft, "Name")
    if not body["SubItem"]:
        body.pop("Level", None)
    if draft.changed("Name") or draft.changed("ParentRef"):
        check_name(draft, "Name", ":\t\n", "FullyQualifiedName")


def opening_stock(company: Company, record: Record) -> None:
    """Put an inventory item's first quantity and value into the books.

    Both are noted on the record: they stay what they were on the first day.
    """
    body = record.body
    if body["Type"] != "Inventory":
        return
    record.notes.setdefault("opening", body["QtyOnHand"])
    opening: Decimal = record.notes["opening"]
    value = record.notes.setdefault("value", cents(opening * body["PurchaseCost"]))
    key = f"Item:{record.id}"
    equity = company.account_of("OpeningBalanceEquity")
    entries = (
        Entry(body["AssetAccountRef"]["value"], value, item=record.id),
        Entry(equity, -value),
    )
    started = date.fromisoformat(body["InvStartDate"])
    company.post(Posting(key, "Inventory Starting Value", started, merged(entries)))
    company.move_stock(key, [(record.id, opening)])


def term(draft: Draft) -> None:
    """Payment terms: so many days, or a day of the month."""
    body = draft.body
    activity(draft)
    check_name(draft, "Name", "")
    by_date = "DayOfMonthDue" in body
    body["Type"] = "DATE_DRIVEN" if by_date else "STANDARD"
    if not by_date:
        body.setdefault("DueDays", ZERO)
    for name, most in _TERM_LIMITS.items():
        if not 0 <= body.get(name, ZERO) <= most:
            raise faults.refusal("2080", f"Invalid Number : {body[name]}", name)


_TERM_LIMITS = {"DueDays": 999, "DayOfMonthDue": 31, "DueNextMonthDays": 999}


def plain_name(draft: Draft) -> None:
    """A list that is little more than names."""
    activity(draft)
    if "FullyQualifiedName" in draft.entity.fields:
        place_below_parent(draft, "Name")
        draft.body.pop("Level", None)
    check_name(draft, "Name", "")


def payment_method(draft: Draft) -> None:
    """A way to pay."""
    plain_name(draft)
    draft.body.setdefault("Type", "NON_CREDIT_CARD")


def activity(draft: Draft) -> None:
    """Active by default; a name made inactive is marked and thereby free again."""
    body, name = draft.body, draft.entity.name_field
    body.setdefault("Active", True)
    if body["Active"] or not draft.changed("Active") or draft.old is None:
        return
    plain = DELETED_SUFFIX.sub("", body[name])
    marked, count = f"{plain} (deleted)", 0
    while (_space(draft), marked.casefold()) in draft.company.names:
        count += 1
        marked = f"{plain} (deleted {count})"
    body[name] = marked


def check_name(
    draft: Draft, name: str, forbidden: str, unique: str | None = None
) -> None:
    """Refuse a name with forbidden characters, or one that is taken."""
    shown = draft.body[name]
    if any(sign in shown for sign in forbidden):
        raise faults.business(f"{name} has a character that is not allowed.")
    wanted = draft.body[unique or name]
    taken = draft.company.names.get((_space(draft), wanted.casefold()))
    if taken and (draft.old is None or taken != (draft.entity.name, draft.old.id)):
        raise faults.duplicate_name(taken[1])


def name_of(record: Record) -> tuple[str, str]:
    """The place of a record's name among those that must be unique."""
    name = "FullyQualifiedName" if record.entity.name in _BY_FULL_NAME else None
    text = record.body.get(name or record.entity.name_field, "")
    return _space_of(record.entity.name, record.entity.family), str(text).casefold()


def place_below_parent(draft: Draft, name: str) -> bool:
    """Set FullyQualifiedName (and Level); True when there is a parent.

    Raises:
        Refused: the parent is unknown, or the tree would loop or grow too deep.
    """
    body = draft.body
    body["FullyQualifiedName"] = body[name]
    number = draft.ref("ParentRef")
    if not number:
        return False
    parent = draft.company.find(draft.entity.name, number)
    if parent is None:
        raise faults.bad_reference(draft.entity.family, number)
    above = [parent, *draft.company.ancestors(parent)]
    if draft.old and draft.old.id in {one.id for one in above}:
        raise faults.business("A record cannot be below itself.")
    if len(above) >= _LEVELS_MAX:
        raise faults.business("There can be no more than five levels.")
    body["FullyQualifiedName"] = f"{parent.body['FullyQualifiedName']}:{body[name]}"
    body["Level"] = Decimal(len(above))
    return True


def number_addresses(draft: Draft, *names: str) -> None:
    """Give every address the id that QuickBooks gives it."""
    for name in names:
        address = draft.body.get(name)
        if address:
            before: Json = (draft.old.body.get(name) if draft.old else None) or {}
            address["Id"] = before.get("Id") or draft.company.next_id("Addresses")


_BY_FULL_NAME = frozenset({"Account", "Item", "Class"})


def _space(draft: Draft) -> str:
    return _space_of(draft.entity.name, draft.entity.family)


def _space_of(entity: str, family: str) -> str:
    return family if family == "Names" else entity


def _check_income(draft: Draft) -> None:
    number = draft.ref("IncomeAccountRef")
    income = draft.company.find("Account", number) if number else None
    kind = income.body["AccountType"] if income else ""
    if kind in {"Accounts Receivable", "Accounts Payable"}:
        raise faults.refusal(
            "6430",
            "Invalid account type: you need to select a different type of account.",
            "IncomeAccountRef",
        )


_SUBTYPES = {
    "Bank": "Checking",
    "Accounts Receivable": "AccountsReceivable",
    "Other Current Asset": "OtherCurrentAssets",
    "Fixed Asset": "FurnitureAndFixtures",
    "Other Asset": "OtherLongTermAssets",
    "Accounts Payable": "AccountsPayable",
    "Credit Card": "CreditCard",
    "Other Current Liability": "OtherCurrentLiabilities",
    "Long Term Liability": "OtherLongTermLiabilities",
    "Equity": "OwnersEquity",
    "Income": "ServiceFeeIncome",
    "Other Income": "OtherMiscellaneousIncome",
    "Cost of Goods Sold": "SuppliesMaterialsCogs",
    "Expense": "OtherMiscellaneousServiceCost",
    "Other Expense": "OtherMiscellaneousExpense",
}
_TYPES = {
    **{subtype: kind for kind, subtype in _SUBTYPES.items()},
    "Savings": "Bank",
    "CashOnHand": "Bank",
    "UndepositedFunds": "Other Current Asset",
    "Inventory": "Other Current Asset",
    "PrepaidExpenses": "Other Current Asset",
    "SalesTaxPayable": "Other Current Liability",
    "LoanPayable": "Other Current Liability",
    "NotesPayable": "Long Term Liability",
    "RetainedEarnings": "Equity",
    "OpeningBalanceEquity": "Equity",
    "SalesOfProductIncome": "Income",
    "DiscountsRefundsGiven": "Income",
    "OtherPrimaryIncome": "Income",
    "InterestEarned": "Other Income",
    "AdvertisingPromotional": "Expense",
    "Travel": "Expense",
    "Utilities": "Expense",
    "Insurance": "Expense",
    "BankCharges": "Expense",
    "RentOrLeaseOfBuildings": "Expense",
    "LegalProfessionalFees": "Expense",
    "OfficeGeneralAdministrativeExpenses": "Expense",
    "RepairMaintenance": "Expense",
    "Depreciation": "Other Expense",
    "ExchangeGainOrLoss": "Other Expense",
}


def _type_of(company: Company, subtype: str) -> str:
    for record in company.records("Account"):
        if record.body["AccountSubType"] == subtype:
            return str(record.body["AccountType"])
    if subtype not in _TYPES:
        raise faults.refusal(
            "2170", f"Invalid Enumeration: {subtype}", "AccountSubType"
        )
    return _TYPES[subtype]


RULES: Final[Mapping[str, Rule]] = {
    "Customer": customer,
    "Vendor": vendor,
    "Account": account,
    "Item": item,
    "Term": term,
    "PaymentMethod": payment_method,
    "Class": plain_name,
}
