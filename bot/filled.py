"""What was filled into a form as a change again, or what is wrong with it.

Every mistake is said by the id of its field, so that it stands beside it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from bot import spending_forms
from bot.editing import ITEM_TYPES, LINES_MAX, LONG_MAX, TEXT_MAX, numbers
from bot.understanding.names import index_of
from qbo.asks import (
    BillCreate,
    Change,
    CreditMemoCreate,
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceChanges,
    InvoiceCreate,
    InvoiceSend,
    InvoiceUpdate,
    ItemCreate,
    PaymentRecord,
    SaidLine,
)
from qbo.books import Name, Names
from qbo.wire.exact import cents

_AMOUNT_MAX = Decimal(10) ** 12
_SIGNS = str.maketrans("", "", "$£€")
_BETWEEN = str.maketrans("", "", ", \u00a0")
# Between thousands alone: "10 5" is not one number.
_GROUPED = re.compile(
    r"\d{1,3}([, \u00a0])\d{3}(\1\d{3})*(\.\d+)?|\d+(\.\d*)?|\.\d+", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


@dataclass(slots=True)
class _Wrong:
    """What is wrong, by the id of the field."""

    found: dict[str, str] = field(default_factory=dict)

    def say(self, about: str, sentence: str) -> None:
        self.found.setdefault(about, sentence)


def changed(
    change: Change, names: Names, values: Mapping[str, str]
) -> tuple[Change | None, Mapping[str, str]]:
    """The change that was filled in, or None and what is wrong with it, by field.

    What only drafting can find (a missing price, an e-mail address) is not looked
    for here.
    """
    wrong = _Wrong()
    given = _Given(values, names, wrong)
    made: Change
    match change:
        case InvoiceCreate():
            made = _invoice(change, given)
        case InvoiceUpdate():
            made = replace(change, changes=_invoice_changes(change, given))
        case CreditMemoCreate():
            made = _credit(change, given)
        case ItemCreate():
            made = _item(given)
        case PaymentRecord():
            made = _payment(given)
        case CustomerCreate():
            name = given.text("name")
            if not name:
                wrong.say("name", "A customer needs a name.")
            made = CustomerCreate(
                name or "",
                email=given.email("email"),
                phone=given.text("phone"),
                terms=given.named("terms", names.terms, "terms"),
                address=given.text("address", LONG_MAX),
                anyway=given.yes("anyway"),
                then=change.then,
            )
        case CustomerUpdate():
            made = replace(change, changes=_changes(given))
        case InvoiceSend():
            made = replace(change, email=given.email("email"))
        case _:
            made = _spending(change, given)
    return (None, wrong.found) if wrong.found else (made, {})


def _spending(change: Change, given: "_Given") -> Change:
    if not isinstance(change, spending_forms.Spending):
        raise TypeError(change.action)
    known = len(change.lines) if isinstance(change, BillCreate) else 0
    rows = [number for number, _ in numbers(given.values, known)]
    return spending_forms.changed(change, given, rows, LINES_MAX)


class _Given:
    """What was typed, read field by field; what cannot be read is noted."""

    def __init__(self, values: Mapping[str, str], names: Names, wrong: _Wrong) -> None:
        self.values = values
        self.names = names
        self.wrong = wrong

    def say(self, about: str, sentence: str) -> None:
        """Note what is wrong with a field; what was said of it first stands."""
        self.wrong.say(about, sentence)

    def text(self, name: str, limit: int = TEXT_MAX) -> str | None:
        """A text; None where nothing was typed."""
        said = self.values.get(name, "").strip()
        if len(said) > limit:
            self.wrong.say(name, f"That is longer than {limit:,} letters.")
        return said or None

    def yes(self, name: str) -> bool:
        """Whether it was ticked."""
        return self.values.get(name, "") == "yes"

    def number(self, name: str, *, money: bool) -> Decimal | None:
        """A number that is more than nothing; money is exact to the cent at most."""
        said = self.text(name)
        if said is None:
            return None
        bare = said.translate(_SIGNS).strip()
        try:
            if _GROUPED.fullmatch(bare) is None:
                raise InvalidOperation  # noqa: TRY301 - one way out for each bad number
            value = Decimal(bare.translate(_BETWEEN))
        except InvalidOperation:
            like = "1,500.00" if money else "12 or 2.5"
            self.wrong.say(name, f"“{said}” is not a number. Write it like {like}.")
            return None
        if not 0 < value < _AMOUNT_MAX:
            self.wrong.say(name, "It has to be more than nothing, and not that much.")
            return None
        return value

    def cents(self, name: str) -> Decimal | None:
        """A sum of money."""
        value = self.number(name, money=True)
        if value is not None and value != cents(value):
            self.wrong.say(name, "A sum has two digits behind the point.")
            return None
        return None if value is None else cents(value)

    def day(self, name: str) -> date | None:
        """A day, written as YYYY-MM-DD (which is what browsers send)."""
        said = self.text(name)
        if said is None:
            return None
        try:
            if _DAY.fullmatch(said) is None:
                raise ValueError  # noqa: TRY301 - one way out for each bad day
            return date.fromisoformat(said)
        except ValueError:
            self.wrong.say(
                name, f"“{said}” is not a day. Write it like 2026-12-20 (YYYY-MM-DD)."
            )
            return None

    def email(self, name: str) -> str | None:
        """One e-mail address."""
        said = self.text(name)
        if said is not None and _EMAIL.fullmatch(said) is None:
            self.wrong.say(name, f"“{said}” is not one e-mail address.")
        return said

    def named(self, name: str, known: Sequence[Name], noun: str) -> str | None:
        """A name of the company's own, exactly."""
        said = self.text(name)
        if said is None:
            return None
        for each in known:
            if each.name.casefold() == said.casefold():
                if not each.active:
                    self.wrong.say(name, f"{each.name} is inactive in QuickBooks.")
                return each.name
        letter = {"customer": "c", "item": "i", "account": "a", "terms": "t"}
        letter["vendor"] = "v"
        book = index_of(self.names).books[letter.get(noun, "m")]
        likely = ", ".join(book.likely(said, 3))
        meant = f" Did you mean {likely}?" if likely else ""
        what = "terms" if noun == "terms" else f"{noun}"
        self.wrong.say(name, f"QuickBooks has no {what} called “{said}”.{meant}")
        return said


def _invoice(change: InvoiceCreate, given: _Given) -> InvoiceCreate:
    customer = given.named("customer", given.names.customers, "customer")
    if customer is None:
        given.wrong.say("customer", "Which customer is it for?")
    lines = _lines(given, change.lines)
    day, due = given.day("date"), given.day("due_date")
    if day is not None and due is not None and due < day:
        given.wrong.say("due_date", "It is due before it is dated.")
    return InvoiceCreate(
        customer=customer or "",
        lines=lines,
        date=day,
        due_date=due,
        terms=given.named("terms", given.names.terms, "terms"),
        memo=given.text("memo", LONG_MAX),
        send=given.yes("send"),
        email=given.email("email"),
    )


def _lines(
    given: _Given, had: Sequence[SaidLine], noun: str = "invoice"
) -> tuple[SaidLine, ...]:
    """The lines that were typed, each with the one that it was."""
    lines = tuple(
        _line(given, number, had[was] if was is not None else None)
        for number, was in numbers(given.values, len(had))
    )
    if not lines:
        article = "An" if noun[0] in "aeiou" else "A"
        given.wrong.say("lines", f"{article} {noun} needs at least one line.")
    if len(lines) > LINES_MAX:
        given.wrong.say("lines", f"A form holds at most {LINES_MAX} lines.")
    return lines


def _invoice_changes(change: InvoiceUpdate, given: _Given) -> InvoiceChanges:
    had = change.changes
    made = replace(
        had,
        due_date=given.day("due_date"),
        terms=given.named("terms", given.names.terms, "terms"),
        memo=given.text("memo", LONG_MAX),
    )
    if had.lines:
        made = replace(made, lines=_lines(given, had.lines))
    elif had.add_lines:
        made = replace(made, add_lines=_lines(given, had.add_lines))
    if made == InvoiceChanges():
        given.wrong.say(
            "due_date", "Change at least one thing, or withdraw the proposal."
        )
    return made


def _credit(change: CreditMemoCreate, given: _Given) -> CreditMemoCreate:
    customer = given.named("customer", given.names.customers, "customer")
    if customer is None:
        given.wrong.say("customer", "Which customer is it for?")
    lines = _lines(given, change.lines, "credit memo") if change.lines else ()
    amount = given.cents("amount")
    if amount is None and not lines and "amount" not in given.wrong.found:
        given.wrong.say("amount", "How much is credited?")
    invoice = given.text("invoice")
    return CreditMemoCreate(
        customer=customer or "",
        lines=lines,
        amount=amount,
        memo=given.text("memo", LONG_MAX),
        invoice=invoice.lstrip("#") if invoice else None,
    )


def _item(given: _Given) -> ItemCreate:
    name = given.text("name")
    if not name:
        given.wrong.say("name", "An item needs a name.")
    kind = given.text("type")
    if kind is not None and kind not in ITEM_TYPES:
        given.wrong.say("type", f"Choose {' or '.join(ITEM_TYPES)}.")
    return ItemCreate(
        name or "",
        type=kind,
        price=given.cents("price"),
        income_account=given.named("income_account", given.names.accounts, "account"),
    )


def _line(given: _Given, number: int, was: SaidLine | None) -> SaidLine:
    def at(name: str) -> str:
        return f"line.{number}.{name}"

    item = given.named(at("item"), given.names.items, "item")
    account = given.named(at("account"), given.names.accounts, "account")
    if item is None and account is None:
        given.wrong.say(at("item"), "Which item is it?")
    quantity = given.number(at("quantity"), money=False)
    rate = given.number(at("rate"), money=True)
    amount = given.cents(at("amount"))
    if (
        was is not None
        and amount == was.amount
        and rate is not None
        and (quantity, rate) != (was.quantity, was.rate)
    ):
        # The amount that stood there belongs to what it was worked out from.
        amount = None
    spending_forms.check_product(given, at("amount"), quantity, rate, amount)
    return SaidLine(
        item=item,
        account=account,
        quantity=quantity,
        rate=rate,
        amount=amount,
        description=given.text(at("description"), LONG_MAX),
    )


def _payment(given: _Given) -> PaymentRecord:
    numbers = tuple(
        dict.fromkeys(
            each.strip().lstrip("#")
            for each in (given.text("invoices") or "").split(",")
            if each.strip()
        )
    )
    customer = given.named("customer", given.names.customers, "customer")
    if customer is None and not numbers:
        given.wrong.say("customer", "Who paid?")
    amount, full = given.cents("amount"), given.yes("full")
    if amount is None and not full and "amount" not in given.wrong.found:
        given.wrong.say("amount", "How much was paid? Or tick that it pays in full.")
    if amount is not None and full:
        given.wrong.say("full", "Give an amount, or tick this, but not both.")
    return PaymentRecord(
        customer=customer,
        amount=amount,
        full=full,
        date=given.day("date"),
        method=given.named("method", given.names.methods, "payment method"),
        reference=given.text("reference"),
        invoices=numbers,
        deposit_to=given.named("deposit_to", given.names.accounts, "account"),
    )


def _changes(given: _Given) -> CustomerChanges:
    active = given.text("active")
    if active not in (None, "yes", "no"):
        given.wrong.say("active", "Choose yes or no, or leave it empty.")
    made = CustomerChanges(
        name=given.text("name"),
        email=given.email("email"),
        phone=given.text("phone"),
        terms=given.named("terms", given.names.terms, "terms"),
        address=given.text("address", LONG_MAX),
        active=None if active is None else active == "yes",
    )
    if made == CustomerChanges():
        given.wrong.say("name", "Change at least one thing, or withdraw the proposal.")
    return made
