"""The forms of what is bought and paid: which fields they have, and how they are read.

What is typed comes back as a change; every mistake is said by the id of its field.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, Protocol, TypeAlias

from qbo.asks import (
    BillCreate,
    BillPay,
    CustomerChanges,
    ExpenseCategorize,
    ExpenseCreate,
    SaidLine,
    VendorCreate,
    VendorUpdate,
)
from qbo.books import Name, Names
from qbo.wire.exact import cents

Spending: TypeAlias = (
    BillCreate
    | BillPay
    | ExpenseCreate
    | ExpenseCategorize
    | VendorCreate
    | VendorUpdate
)
_LONG_MAX: Final = 4000
_PAYERS: Final = frozenset({"Bank", "Credit Card"})
_NO_COSTS: Final = _PAYERS | {"Accounts Payable", "Accounts Receivable"}


class Given(Protocol):
    """What was typed, read field by field; what cannot be read is noted."""

    @property
    def names(self) -> Names:
        """The names of the company's books."""

    def text(self, name: str, limit: int = ...) -> str | None:
        """A text; None where nothing was typed."""

    def yes(self, name: str) -> bool:
        """Whether it was ticked."""

    def number(self, name: str, *, money: bool) -> Decimal | None:
        """A number that is more than nothing."""

    def cents(self, name: str) -> Decimal | None:
        """A sum of money."""

    def day(self, name: str) -> date | None:
        """A day."""

    def email(self, name: str) -> str | None:
        """One e-mail address."""

    def named(self, name: str, known: Sequence[Name], noun: str) -> str | None:
        """A name of the company's own, exactly."""

    def say(self, about: str, sentence: str) -> None:
        """Note what is wrong with a field."""


class Spec(NamedTuple):
    """One field of a form; `kind` is what is typed into it ("text", "money")."""

    id: str
    label: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


def _labels(names: Iterable[Name]) -> tuple[str, ...]:
    return tuple(each.name for each in names if each.active)


def costs(names: Names) -> tuple[str, ...]:
    """The accounts that something can be bought on."""
    return _labels(each for each in names.accounts if each.type not in _NO_COSTS)


def _payers(names: Names) -> tuple[str, ...]:
    return _labels(each for each in names.accounts if each.type in _PAYERS)


def fields(change: Spending, names: Names) -> tuple[Spec, ...]:
    """The fields of a form, without its lines."""
    vendors, terms = _labels(names.vendors), _labels(names.terms)
    about = (
        Spec("email", "E-mail address"),
        Spec("phone", "Phone"),
        Spec("terms", "Terms", choices=terms),
    )
    match change:
        case BillCreate():
            return (
                Spec("vendor", "Vendor", choices=vendors, required=True),
                Spec("reference", "The vendor's number"),
                Spec("date", "Bill date", "day"),
                Spec("terms", "Terms", choices=terms),
                Spec("due_date", "Due date", "day"),
                Spec("memo", "Memo (internal)", "long"),
            )
        case BillPay():
            return (
                Spec("bill", "Bill (number)"),
                Spec("vendor", "Vendor", choices=vendors),
                Spec("amount", "Amount", "money"),
                Spec("full", "Pays what is open in full", "yes"),
                Spec("date", "Date", "day"),
                Spec("pay_from", "Paid from", choices=_payers(names)),
            )
        case ExpenseCreate():
            return (
                Spec("amount", "Amount, with any tax", "money", required=True),
                Spec("account", "Account", choices=costs(names), required=True),
                Spec("vendor", "Vendor", choices=vendors),
                Spec("date", "Date", "day"),
                Spec("pay_from", "Paid from", choices=_payers(names)),
                Spec("memo", "Memo (internal)", "long"),
            )
        case ExpenseCategorize():
            return (Spec("account", "Account", choices=costs(names), required=True),)
        case VendorCreate():
            anyway = Spec("anyway", "Make it, whoever is like it", "yes")
            return (Spec("name", "Name", required=True), *about, anyway)
        case VendorUpdate():
            return (
                Spec("name", "New name"),
                *about,
                Spec("address", "Address", "long"),
                Spec("active", "Active", "choice", ("", "yes", "no")),
            )


def line_fields(names: Names) -> tuple[Spec, ...]:
    """The fields of one line of a bill."""
    return (
        Spec("account", "Account", choices=costs(names), required=True),
        Spec("quantity", "Quantity", "number"),
        Spec("rate", "Rate", "money"),
        Spec("amount", "Amount", "money"),
        Spec("description", "Description"),
    )


# --- read again -------------------------------------------------------------------


def changed(
    change: Spending, given: Given, rows: Iterable[int], rows_max: int
) -> Spending:
    """The change that was filled in; `rows` are the numbers of a bill's lines."""
    names = given.names
    match change:
        case BillCreate():
            return _bill(given, tuple(rows), rows_max)
        case BillPay():
            return _payment(given)
        case ExpenseCreate():
            return _expense(given)
        case ExpenseCategorize():
            account = given.named("account", names.accounts, "account")
            if account is None:
                given.say("account", "Which account should they go under?")
            return replace(change, account=account or "")
        case VendorCreate():
            name = given.text("name")
            if not name:
                given.say("name", "A vendor needs a name.")
            return replace(
                change,
                name=name or "",
                email=given.email("email"),
                phone=given.text("phone"),
                terms=given.named("terms", names.terms, "terms"),
                anyway=given.yes("anyway"),
            )
        case VendorUpdate():
            return replace(change, changes=_changes(given))


def _bill(given: Given, rows: Sequence[int], rows_max: int) -> BillCreate:
    names = given.names
    vendor = given.named("vendor", names.vendors, "vendor")
    if vendor is None:
        given.say("vendor", "Whose bill is it?")
    if not rows:
        given.say("lines", "A bill needs at least one line.")
    if len(rows) > rows_max:
        given.say("lines", f"A form holds at most {rows_max} lines.")
    day, due = given.day("date"), given.day("due_date")
    if day is not None and due is not None and due < day:
        given.say("due_date", "It is due before it is dated.")
    return BillCreate(
        vendor=vendor or "",
        lines=tuple(_line(given, number) for number in rows),
        date=day,
        due_date=due,
        terms=given.named("terms", names.terms, "terms"),
        reference=given.text("reference"),
        memo=given.text("memo", _LONG_MAX),
    )


def _line(given: Given, row: int) -> SaidLine:
    def at(name: str) -> str:
        return f"line.{row}.{name}"

    account = given.named(at("account"), given.names.accounts, "account")
    if account is None:
        given.say(at("account"), "Which account is it for?")
    quantity = given.number(at("quantity"), money=False)
    rate = given.number(at("rate"), money=True)
    amount = given.cents(at("amount"))
    if amount is None and rate is None:
        given.say(at("amount"), "How much is it?")
    check_product(given, at("amount"), quantity, rate, amount)
    return SaidLine(
        account=account,
        quantity=quantity,
        rate=rate,
        amount=amount,
        description=given.text(at("description"), _LONG_MAX),
    )


def check_product(
    given: Given,
    name: str,
    quantity: Decimal | None,
    rate: Decimal | None,
    amount: Decimal | None,
) -> None:
    """Say it at that field if a line's amount is not its quantity times its rate."""
    if amount is None or rate is None:
        return
    product = cents((quantity or Decimal(1)) * rate)
    if product != amount:
        given.say(
            name,
            f"{quantity or 1} times {rate} is {product:,}, not {amount:,}. Leave one"
            " of them empty, or make them fit.",
        )


def _payment(given: Given) -> BillPay:
    bill = (given.text("bill") or "").lstrip("#").strip() or None
    vendor = given.named("vendor", given.names.vendors, "vendor")
    if bill is None and vendor is None:
        given.say("bill", "Which bill is paid? Or name the vendor.")
    amount, full = given.cents("amount"), given.yes("full")
    if amount is None and not full and not given.text("amount"):
        given.say("amount", "How much is paid? Or tick that it pays in full.")
    if amount is not None and full:
        given.say("full", "Give an amount, or tick this, but not both.")
    return BillPay(
        bill=bill,
        vendor=vendor,
        amount=amount,
        full=full,
        date=given.day("date"),
        pay_from=given.named("pay_from", given.names.accounts, "account"),
    )


def _expense(given: Given) -> ExpenseCreate:
    amount = given.cents("amount")
    if amount is None and not given.text("amount"):
        given.say("amount", "How much was spent?")
    account = given.named("account", given.names.accounts, "account")
    if account is None:
        given.say("account", "Which account is it for?")
    return ExpenseCreate(
        amount=amount or Decimal(0),
        account=account or "",
        vendor=given.named("vendor", given.names.vendors, "vendor"),
        date=given.day("date"),
        pay_from=given.named("pay_from", given.names.accounts, "account"),
        memo=given.text("memo", _LONG_MAX),
    )


def _changes(given: Given) -> CustomerChanges:
    active = given.text("active")
    if active not in (None, "yes", "no"):
        given.say("active", "Choose yes or no, or leave it empty.")
    made = CustomerChanges(
        name=given.text("name"),
        email=given.email("email"),
        phone=given.text("phone"),
        terms=given.named("terms", given.names.terms, "terms"),
        address=given.text("address", _LONG_MAX),
        active=None if active is None else active == "yes",
    )
    if made == CustomerChanges():
        given.say("name", "Change at least one thing, or withdraw the proposal.")
    return made
