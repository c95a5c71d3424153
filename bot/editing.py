"""What is proposed as a form to fill in, and what was filled in as a change again.

A form is values: fields with kind, label, value and choices, so that a page, a
window in Slack and a dialog in Teams can each draw it in their own way. What is
left empty is filled in when it is drafted (the price list, the terms); the hints
say with what.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from approvals import moves
from approvals.proposal import Denied, Person, Proposal, Role
from bot import spending_forms
from bot.understanding.interpretation import Interpretation
from qbo import asks
from qbo.asks import (
    BillCreate,
    Change,
    CreditMemoCreate,
    CustomerCreate,
    CustomerUpdate,
    InvoiceCreate,
    InvoiceSend,
    InvoiceUpdate,
    ItemCreate,
    PaymentRecord,
    SaidLine,
    VendorUpdate,
)
from qbo.books import Draft, Line, Name, Names

LINES_MAX: Final = 40
TEXT_MAX: Final = 500
LONG_MAX: Final = 4000
_STAYS: Final = "Left empty: stays as it is."
ITEM_TYPES: Final = ("Service", "NonInventory")
_LINE_FIELDS = ("item", "account", "quantity", "rate", "amount", "description")
# What of a draft stands for a field that was left empty.
_SHOWN = {
    "date": ("Invoice date", "Bill date", "Payment date", "Date"),
    "due_date": ("Due date", "Due"),
    "terms": ("Terms",),
    "email": ("E-mail to", "E-mail on the invoice"),
    "method": ("Method",),
    "deposit_to": ("Deposit to", "Deposited to"),
    "pay_from": ("Paid from",),
}


class Kind(StrEnum):
    """What is typed into a field."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    YES = "yes"
    CHOICE = "choice"  # one of the choices, and nothing else


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing to fill in.

    `value` is what stands in it, as text ("yes" or "" where it is a YES). `choices`
    are offered; only a CHOICE takes nothing else. `hint` says what an empty one
    stands for. `error` is what is wrong with what was typed, None where nothing is.
    """

    id: str
    label: str
    kind: Kind = Kind.TEXT
    value: str = ""
    choices: tuple[str, ...] = ()
    hint: str = ""
    required: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document: its fields, and which line it was (None: a new one)."""

    number: int
    fields: tuple[FormField, ...]
    was: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A change as fields; `rows` are its lines where it has any, None where not.

    `errors` are about the whole of it.
    """

    action: str
    fields: tuple[FormField, ...]
    rows: tuple[Row, ...] | None = None
    errors: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with it, as far as can be seen here."""
        every = (*self.fields, *(f for row in self.rows or () for f in row.fields))
        return not self.errors and all(each.error is None for each in every)


def is_editable(change: Change) -> bool:
    """Whether a change has anything to fill in (a void has not)."""
    return isinstance(
        change,
        InvoiceCreate
        | InvoiceUpdate
        | InvoiceSend
        | CreditMemoCreate
        | PaymentRecord
        | CustomerCreate
        | CustomerUpdate
        | ItemCreate
        | spending_forms.Spending,
    )


def lines_of(change: Change) -> tuple[SaidLine, ...] | None:
    """The lines that a form of the change has; None where it has none.

    Of a changed invoice they are those that are changed, else those that are added.
    """
    match change:
        case InvoiceCreate() | BillCreate():
            return change.lines
        case CreditMemoCreate():
            return change.lines or None
        case InvoiceUpdate():
            return change.changes.lines or change.changes.add_lines or None
        case _:
            return None


def change_of(draft: Draft) -> Change | None:
    """The change that a draft was made from, where there is anything to fill in."""
    if not draft.change:
        return None
    try:
        change = asks.change_from(draft.change)
    except (KeyError, ValueError):
        return None
    return change if is_editable(change) else None


def as_meant(said: Interpretation, change: str) -> Interpretation:
    """What was said, as it is proposed by now (`change` is a draft's)."""
    stands = json.loads(change)
    company = {k: v for k, v in said.arguments.items() if k == "company"}
    own = {k: v for k, v in said.arguments.items() if k != "company"}
    try:
        is_same = (
            said.action is None
            or said.action != stands["action"]
            or said.action not in asks.CHANGES
            or asks.change(said.action, own) == asks.change_from(change)
        )
    except (KeyError, ValueError):
        return said
    if is_same:
        return said
    return replace(said, arguments={**stands["arguments"], **company})


def offered(proposal: Proposal, viewer: Person | None, now: datetime) -> bool:
    """Whether an edit makes sense for a viewer; no promise (saving decides)."""
    if viewer is None or Role.AUDITOR in viewer.roles:
        return False
    if any(halt.kind == "readonly" for halt in proposal.halts):
        return False
    try:
        moves.may_revise(proposal, viewer, now)
    except Denied:
        return False
    return change_of(proposal.draft) is not None


# --- a change as a form -----------------------------------------------------------


def form_of(change: Change, draft: Draft, names: Names) -> Form:
    """The form of what is proposed; `draft` says what the empty fields stand for.

    Raises:
        TypeError: the change has nothing to fill in.
    """
    values = dict(_values(change))
    rows, lines = None, lines_of(change)
    if lines is not None:
        rows = tuple(
            _bill_row(place, _line_values(line), names, place)
            if isinstance(change, BillCreate)
            else _row(
                place, _line_values(line), names, _priced(change, draft, place), place
            )
            for place, line in enumerate(lines)
        )
    return _staying(
        change, Form(change.action, _fields(change, values, draft, names), rows)
    )


def typed(
    change: Change, draft: Draft, names: Names, values: Mapping[str, str]
) -> Form:
    """The form with what was typed, and without a word on whether it is right."""
    rows, lines = None, lines_of(change)
    if lines is not None:
        rows = tuple(
            _bill_row(number, _of_row(values, number), names, was)
            if isinstance(change, BillCreate)
            else _row(
                number,
                _of_row(values, number),
                names,
                _priced(change, draft, was),
                was,
            )
            for number, was in numbers(values, len(lines))
        )
    return _staying(
        change, Form(change.action, _fields(change, values, draft, names), rows)
    )


def _staying(change: Change, form: Form) -> Form:
    """The form, where what is left empty of a line that is there stays as it is."""
    if not isinstance(change, InvoiceUpdate) or not change.changes.lines:
        return form
    return replace(
        form,
        rows=tuple(
            replace(
                row,
                fields=tuple(
                    replace(each, hint=_STAYS if each.hint else "")
                    for each in row.fields
                ),
            )
            for row in form.rows or ()
        ),
    )


def with_row(form: Form, names: Names) -> Form:
    """The form with one more, empty line."""
    rows = form.rows or ()
    number = max((row.number for row in rows), default=-1) + 1
    fresh = (
        _bill_row(number, {}, names, None)
        if form.action == BillCreate.action
        else _row(number, {}, names, (), None)
    )
    return replace(form, rows=(*rows, fresh))


def without_row(form: Form, number: int) -> Form:
    """The form without that line."""
    rows = tuple(row for row in form.rows or () if row.number != number)
    return replace(form, rows=rows)


def marked(form: Form, wrong: Mapping[str, str], *whole: str) -> Form:
    """The form with what is wrong beside each field; the rest is about all of it."""
    ids = {each.id for each in form.fields}
    ids |= {each.id for row in form.rows or () for each in row.fields}
    return replace(
        form,
        fields=_marked(form.fields, wrong),
        rows=None
        if form.rows is None
        else tuple(
            replace(row, fields=_marked(row.fields, wrong)) for row in form.rows
        ),
        errors=(*whole, *(say for about, say in wrong.items() if about not in ids)),
    )


def _marked(
    fields: Iterable[FormField], wrong: Mapping[str, str]
) -> tuple[FormField, ...]:
    return tuple(replace(each, error=wrong.get(each.id)) for each in fields)


def _values(change: Change) -> Iterable[tuple[str, str]]:
    """The fields of a change as texts."""
    about = (
        change.changes
        if isinstance(change, CustomerUpdate | VendorUpdate | InvoiceUpdate)
        else change
    )
    for name in about.__slots__:
        value = getattr(about, name)
        if name in ("lines", "add_lines", "remove_lines"):
            continue
        yield name, _text(value)
    if (
        isinstance(change, CustomerUpdate | VendorUpdate)
        and change.changes.active is False
    ):
        yield "active", "no"  # which is more than not said


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, tuple):
        return ", ".join(value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _line_values(line: SaidLine) -> Mapping[str, str]:
    return {name: _text(getattr(line, name)) for name in _LINE_FIELDS}


def _priced(change: Change, draft: Draft, was: int | None) -> Sequence[Line]:
    """The drafted line whose rate came from the price list; none where it was said.

    The lines of a changed invoice are drafted among those that stay.
    """
    lines = lines_of(change) or ()
    if was is None or isinstance(change, InvoiceUpdate):
        return ()
    if lines[was].rate or lines[was].amount:
        return ()
    return draft.lines[was : was + 1]


def _fields(
    change: Change, values: Mapping[str, str], draft: Draft, names: Names
) -> tuple[FormField, ...]:
    made: tuple[FormField, ...]
    match change:
        case InvoiceCreate():
            made = (
                _customer(names),
                FormField("date", "Invoice date", Kind.DAY),
                FormField("terms", "Terms", choices=_labels(names.terms)),
                FormField("due_date", "Due date", Kind.DAY),
                FormField("memo", "Memo (internal)", Kind.LONG),
                FormField("send", "E-mail it to the customer", Kind.YES),
                FormField("email", "E-mail address"),
            )
        case PaymentRecord():
            made = (
                replace(_customer(names), required=not change.invoices),
                FormField("amount", "Amount", Kind.MONEY),
                FormField("full", "Pays what is open in full", Kind.YES),
                FormField("date", "Date", Kind.DAY),
                FormField("method", "Method", choices=_labels(names.methods)),
                FormField("reference", "Reference"),
                FormField("invoices", "Invoices (numbers, with commas)"),
                FormField("deposit_to", "Deposit to", choices=_banks(names)),
            )
        case InvoiceUpdate():
            made = (
                FormField("due_date", "Due date", Kind.DAY),
                FormField("terms", "Terms", choices=_labels(names.terms)),
                FormField("memo", "Memo (internal)", Kind.LONG),
            )
        case CreditMemoCreate():
            made = (
                _customer(names),
                FormField("amount", "Amount before tax", Kind.MONEY),
                FormField("invoice", "For invoice (number)"),
                FormField("memo", "Memo (internal)", Kind.LONG),
            )
        case ItemCreate():
            made = (
                FormField("name", "Name", required=True),
                FormField("type", "Type", Kind.CHOICE, choices=("", *ITEM_TYPES)),
                FormField("price", "Price", Kind.MONEY),
                FormField("income_account", "Income account", choices=_incomes(names)),
            )
        case CustomerCreate():
            made = (
                FormField("name", "Name", required=True),
                *_about_customer(names),
                FormField("anyway", "Make it, whoever is like it", Kind.YES),
            )
        case CustomerUpdate():
            made = (
                FormField("name", "New name"),
                *_about_customer(names),
                FormField("active", "Active", Kind.CHOICE, choices=("", "yes", "no")),
            )
        case InvoiceSend():
            made = (FormField("email", "E-mail address"),)
        case _ if isinstance(change, spending_forms.Spending):
            made = tuple(map(_of_spec, spending_forms.fields(change, names)))
        case _:
            raise TypeError(change.action)
    # What was said stands in its field; without it, something else would.
    said = {name for name, text in _values(change) if text}
    shown = {each.label: each.value for each in draft.shown}
    return tuple(
        replace(
            each,
            value=values.get(each.id, ""),
            hint="" if each.id in said else _hint(each, change, shown),
        )
        for each in made
    )


def _of_spec(spec: spending_forms.Spec) -> FormField:
    return FormField(
        spec.id,
        spec.label,
        Kind(spec.kind),
        choices=spec.choices,
        required=spec.required,
    )


def _bill_row(
    number: int, values: Mapping[str, str], names: Names, was: int | None
) -> Row:
    hints = {"quantity": "Left empty: 1.", "amount": "Left empty: worked out."}
    return Row(
        number,
        tuple(
            replace(
                _of_spec(spec),
                id=f"line.{number}.{spec.id}",
                value=values.get(spec.id, ""),
                hint=hints.get(spec.id, "") if values.get("rate") else "",
            )
            for spec in spending_forms.line_fields(names)
        ),
        was,
    )


def _customer(names: Names) -> FormField:
    return FormField(
        "customer", "Customer", choices=_labels(names.customers), required=True
    )


def _about_customer(names: Names) -> tuple[FormField, ...]:
    return (
        FormField("email", "E-mail address"),
        FormField("phone", "Phone"),
        FormField("terms", "Terms", choices=_labels(names.terms)),
        FormField("address", "Address", Kind.LONG),
    )


def _labels(names: Iterable[Name]) -> tuple[str, ...]:
    return tuple(each.name for each in names if each.active)


def _banks(names: Names) -> tuple[str, ...]:
    kinds = {"Bank", "Other Current Asset"}
    return _labels(each for each in names.accounts if each.type in kinds)


def _incomes(names: Names) -> tuple[str, ...]:
    kinds = {"Income", "Other Income"}
    return _labels(each for each in names.accounts if each.type in kinds)


def _hint(made: FormField, change: Change, shown: Mapping[str, str]) -> str:
    """What a field stands for while it is empty."""
    if isinstance(change, CustomerUpdate | VendorUpdate | InvoiceUpdate):
        return _STAYS
    for label in _SHOWN.get(made.id, ()):
        if label in shown:
            return f"Left empty: {shown[label]}."
    return ""


def _row(
    number: int,
    values: Mapping[str, str],
    names: Names,
    shown: Sequence[Line],
    was: int | None,
) -> Row:
    line = shown[0] if shown else None
    price = "" if line is None or line.rate is None else f"{line.rate.normalize():f}"
    by_account = bool(values.get("account"))
    made = [
        FormField("item", "Item", choices=_labels(names.items), required=not by_account)
    ]
    if by_account:
        made.append(FormField("account", "Account", choices=_labels(names.accounts)))
    made += [
        FormField("quantity", "Quantity", Kind.NUMBER, hint="Left empty: 1."),
        FormField(
            "rate",
            "Rate",
            Kind.MONEY,
            hint=f"Left empty: {price or 'the price list'}.",
        ),
        FormField("amount", "Amount", Kind.MONEY, hint="Left empty: worked out."),
        FormField("description", "Description"),
    ]
    return Row(
        number,
        tuple(
            replace(each, id=f"line.{number}.{each.id}", value=values.get(each.id, ""))
            for each in made
        ),
        was,
    )


def numbers(values: Mapping[str, str], known: int) -> Iterable[tuple[int, int | None]]:
    """The numbers of the lines that were typed, and which line each was."""
    found = set()
    for name in values:
        matched = re.fullmatch(r"line\.([0-9]{1,3})\.[a-z]+", name)
        if matched is not None:
            found.add(int(matched[1]))
    for number in sorted(found)[: LINES_MAX + 1]:
        was = values.get(f"line.{number}.was", "")
        is_known = was.isascii() and was.isdigit() and int(was[:4]) < known
        yield number, int(was) if is_known else None


def _of_row(values: Mapping[str, str], number: int) -> Mapping[str, str]:
    return {
        name: values[key]
        for name in _LINE_FIELDS
        if (key := f"line.{number}.{name}") in values
    }
