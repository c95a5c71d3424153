"""Drafts that make a product or service."""

from typing import Final

from sqlalchemy import select

from qbo import lookup
from qbo.asks import ItemCreate
from qbo.books import Draft, Money
from qbo.drafting.assembly import Around, Making, reference
from qbo.drafting.party import checked_name
from qbo.faults import Ambiguous
from qbo.lookup import preflight
from qbo.mirror import RECORDS
from qbo.wire import records
from qbo.wire.exact import Json, loads

NAME_MAX: Final = 100
_TYPES: Final = {"service": "Service", "noninventory": "NonInventory"}
_SHOWN: Final = {"Service": "Service", "NonInventory": "Non-inventory"}
# What QuickBooks takes for the income of an item (its error 6430 says no to others).
_INCOME: Final = ("Income", "Other Income")
# What QuickBooks itself gives a new item of that type.
_DEFAULTS: Final = {
    "Service": ("ServiceFeeIncome", "OtherPrimaryIncome"),
    "NonInventory": ("SalesOfProductIncome", "OtherPrimaryIncome"),
}
_CHOICES_MAX: Final = 8
C: Final = RECORDS.c


async def create(around: Around, change: ItemCreate) -> Draft:
    """A new service or non-inventory product.

    Raises:
        NotFound: there is no such account.
        Ambiguous: the name cannot be one, or the account has to be asked for.
        Refused: the name is taken, or QuickBooks needs more for it ("preflight").
    """
    making = Making(around, change)
    name = checked_name(change.name, NAME_MAX)
    kind = _kind(making, change, name)
    twin = await _twin(around, name)
    account = await _account(around, making, change, kind)
    body: Json = {"Name": name, "Type": kind, "IncomeAccountRef": reference(account)}
    price = change.price
    if price is not None:
        if price < 0:
            raise Ambiguous(f"What should {name} cost?", about="price")
        body["UnitPrice"] = price
    making.show("Name", name)
    making.show("Type", _SHOWN[kind])
    home = around.company.currency
    making.show("Price", "(none)" if price is None else str(Money(price, home)))
    making.show("Income account", records.label(account))
    making.rest_on("Account", account, f"Account {records.label(account)}")
    if price is None:
        making.notes.append("Without a price, it has to be said on each invoice.")
    making.notes.append(_tax_note(around, account, body))
    if twin:
        making.notes.append(
            f"QuickBooks has an inactive item called {name} as well; it stays as it is."
        )
    making.create("Item", body)
    return making.made(f"New item {name}")


def _kind(making: Making, change: ItemCreate, name: str) -> str:
    """The type as QuickBooks calls it; a service where none was said."""
    if change.type is None:
        making.notes.append("It is a service, as no type was said.")
        return "Service"
    said = change.type.replace("-", "").replace(" ", "").casefold()
    if said == "inventory":
        raise preflight(
            f"For {name} as an inventory item QuickBooks needs more than can be said"
            " here: the stock there is, as of which day, and the accounts for stock and"
            " cost. Make it in QuickBooks itself, under Sales, then Products and"
            " services."
        )
    if said not in _TYPES:
        raise preflight(
            f"{change.type} is no type that can be made here. It may be a service or"
            " non-inventory; make others in QuickBooks itself, under Sales, then"
            " Products and services."
        )
    return _TYPES[said]


async def _twin(around: Around, name: str) -> bool:
    """Whether an inactive item has the name, which is free then.

    Raises:
        Refused: an active one has it ("preflight").
    """
    rows = await around.mirror.rows(
        select(C.name, C.active).where(
            C.company == around.company.id,
            C.entity == "Item",
            C.name_key == name.casefold(),
        )
    )
    for row in rows:
        if row.active:
            raise preflight(
                f"QuickBooks already has an item called {row.name}. Use it, or choose"
                " another name."
            )
    return bool(rows)


async def _account(
    around: Around, making: Making, change: ItemCreate, kind: str
) -> Json:
    """The account of its income: what was said, else the company's default."""
    if change.income_account is not None:
        account = await lookup.active(
            around.mirror,
            around.company.id,
            "Account",
            change.income_account,
            about="income_account",
        )
        if account.get("AccountType") not in _INCOME:
            known = await _incomes(around)
            raise Ambiguous(
                f"{records.label(account)} is no income account. Which one should the"
                " income go to?",
                about="income_account",
                choices=tuple(map(records.label, known[:_CHOICES_MAX])),
            )
        return account
    known = await _incomes(around)
    for subtype in _DEFAULTS[kind]:
        fitting = [each for each in known if each.get("AccountSubType") == subtype]
        if len(fitting) == 1:
            return _assumed(making, fitting[0], "the company's default for that type")
        if fitting:
            break
    if len(known) == 1:
        return _assumed(making, known[0], "the company's only income account")
    if not known:
        raise preflight(
            "The company has no income account in QuickBooks, and an item needs one."
            " Make one there first (Accounting, then Chart of accounts)."
        )
    names = tuple(map(records.label, known[:_CHOICES_MAX]))
    raise Ambiguous(
        f"Which income account should the income of {change.name.strip()} go to?",
        about="income_account",
        choices=names,
    )


def _assumed(making: Making, account: Json, why: str) -> Json:
    making.notes.append(
        f"Its income goes to {records.label(account)}, {why}, as none was said."
    )
    return account


async def _incomes(around: Around) -> list[Json]:
    """The active income accounts, those of most items first."""
    rows = await around.mirror.rows(
        select(C.raw)
        .where(
            C.company == around.company.id,
            C.entity == "Account",
            C.kind == "Income",
            C.active,
        )
        .order_by(C.name_key, C.id)
    )
    found = [loads(row.raw) for row in rows]
    items = await around.mirror.found(
        select(C.raw).where(
            C.company == around.company.id, C.entity == "Item", C.active
        )
    )
    used = [records.ref_id(each, "IncomeAccountRef") for each in items]
    found = [each for each in found if each.get("AccountSubType") not in _NO_SALES]
    return sorted(found, key=lambda each: -used.count(str(each["Id"])))


_NO_SALES: Final = frozenset({"DiscountsRefundsGiven", "UnappliedCashPaymentIncome"})


def _tax_note(around: Around, account: Json, body: Json) -> str:
    """The tax code that the account gives it, or that it has none."""
    if around.company.country.upper() in ("US", "USA"):
        return "It is not taxable, until somebody says so in QuickBooks."
    code = records.ref_id(account, "TaxCodeRef")
    if code:
        body["SalesTaxCodeRef"] = {"value": code}
        return "It gets the tax code of its income account."
    return (
        "It has no tax code yet: give it one in QuickBooks before it is invoiced,"
        " unless the customer or the company has a default."
    )
