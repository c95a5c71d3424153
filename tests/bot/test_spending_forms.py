"""Bills, payments, expenses and vendors as forms, and back again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot import editing, filled
from bot.editing import form_of
from bot.editor import values_of
from qbo.asks import (
    BillCreate,
    BillPay,
    Change,
    CustomerChanges,
    ExpenseCategorize,
    ExpenseCreate,
    Period,
    SaidLine,
    VendorCreate,
    VendorUpdate,
    change_text,
)
from qbo.books import Name, Names, Shown
from tests.approvals.far import draft

NAMES = Names(
    "Harbour & Pine",
    vendors=(Name("Shell Fleet"), Name("Metro Water"), Name("Gone", active=False)),
    accounts=(
        Name("Checking", type="Bank"),
        Name("Visa", type="Credit Card"),
        Name("Creditors", type="Accounts Payable"),
        Name("Fuel", type="Expense"),
        Name("Utilities", type="Expense"),
    ),
    terms=(Name("Net 30"),),
)
BILL = BillCreate(
    "Metro Water",
    (
        SaidLine(account="Utilities", amount=Decimal("86.20"), description="May"),
        SaidLine(account="Fuel", quantity=Decimal(3), rate=Decimal("10.50")),
    ),
    date=date(2026, 11, 20),
    terms="Net 30",
    reference="4471",
)
CHANGES: tuple[Change, ...] = (
    BILL,
    BillPay(bill="8841", amount=Decimal("10.00"), pay_from="Visa"),
    BillPay(vendor="Metro Water", full=True),
    ExpenseCreate(Decimal("64.30"), "Fuel", vendor="Shell Fleet", memo="trip"),
    ExpenseCategorize("Fuel", vendor="Shell Fleet", period=Period(date(2026, 1, 1))),
    ExpenseCategorize("Fuel", expenses=("12", "13")),
    VendorCreate("Orchard", email="a@b.example", terms="Net 30", anyway=True),
    VendorUpdate("Shell Fleet", CustomerChanges(phone="555", active=False)),
)


def filled_in(change: Change, **values: str) -> tuple[Change | None, dict[str, str]]:
    """What comes of a form in which some fields are typed over."""
    made = replace(draft("P-1"), change=change_text(change))
    form = form_of(change, made, NAMES)
    sent = {**values_of(form), **{k.replace("__", "."): v for k, v in values.items()}}
    found, wrong = filled.changed(change, NAMES, sent)
    return found, dict(wrong)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.action)
def test_a_form_that_nobody_touched_is_the_same_change(change: Change) -> None:
    assert filled_in(change) == (change, {})


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.action)
def test_it_can_be_edited(change: Change) -> None:
    assert editing.is_editable(change)


def test_accounts_are_offered_that_fit() -> None:
    made = replace(
        draft("P-1"),
        change=change_text(CHANGES[3]),
        shown=(Shown("Paid from", "Visa (card)"),),
    )

    form = form_of(CHANGES[3], made, NAMES)

    fields = {each.id: each for each in form.fields}
    assert fields["account"].choices == ("Fuel", "Utilities")
    assert fields["pay_from"].choices == ("Checking", "Visa")
    assert fields["pay_from"].hint == "Left empty: Visa (card)."
    assert fields["vendor"].choices == ("Shell Fleet", "Metro Water")


def test_a_bill_s_line_more_has_an_account() -> None:
    made = replace(draft("P-1"), change=change_text(BILL))

    form = editing.with_row(form_of(BILL, made, NAMES), NAMES)

    assert form.rows is not None
    assert [each.id for each in form.rows[-1].fields] == [
        f"line.2.{name}"
        for name in ("account", "quantity", "rate", "amount", "description")
    ]


@pytest.mark.parametrize(
    ("change", "values", "field", "said"),
    [
        (BILL, {"vendor": ""}, "vendor", "Whose bill"),
        (BILL, {"vendor": "Gone"}, "vendor", "inactive"),
        (BILL, {"line__0__account": ""}, "line.0.account", "Which account"),
        (BILL, {"line__0__amount": ""}, "line.0.amount", "How much"),
        (BILL, {"line__1__amount": "30"}, "line.1.amount", "3 times 10.50 is 31.50"),
        (BILL, {"due_date": "2026-11-01"}, "due_date", "before it is dated"),
        (CHANGES[1], {"bill": ""}, "bill", "Which bill"),
        (CHANGES[1], {"amount": ""}, "amount", "How much"),
        (CHANGES[1], {"full": "yes"}, "full", "not both"),
        (CHANGES[3], {"amount": ""}, "amount", "How much was spent"),
        (CHANGES[3], {"account": "Fule"}, "account", "Did you mean Fuel"),
        (CHANGES[5], {"account": ""}, "account", "Which account"),
        (CHANGES[6], {"name": ""}, "name", "needs a name"),
        (CHANGES[7], {"phone": "", "active": ""}, "name", "at least one thing"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    change: Change, values: dict[str, str], field: str, said: str
) -> None:
    made, wrong = filled_in(change, **values)

    assert made is None
    assert said in wrong[field]
