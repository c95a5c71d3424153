"""A change as a form, and back again, without losing or inventing anything."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Person, Role, Status
from bot import editing, filled
from bot.editing import Form, Kind, form_of, offered, typed
from bot.editor import values_of
from bot.understanding import samples
from bot.understanding.conversation import Context, followed, interpret
from qbo import asks
from qbo.asks import (
    Change,
    CreditMemoCreate,
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceChanges,
    InvoiceCreate,
    InvoiceSend,
    InvoiceUpdate,
    InvoiceVoid,
    ItemCreate,
    PaymentRecord,
    SaidLine,
    change_text,
)
from qbo.books import Line, Money, Name, Names, Shown
from tests.approvals.far import LUIS, PRIYA, SAM, Rail, draft
from tests.conftest import Clock

NAMES = Names(
    "Harbour & Pine",
    customers=(Name("Acme West"), Name("Northgate School"), Name("Gone", active=False)),
    items=(Name("Consulting"), Name("Design")),
    accounts=(Name("Checking", type="Bank"), Name("Fuel", type="Expense")),
    terms=(Name("Net 30"), Name("Net 60")),
    methods=(Name("Check"), Name("Cash")),
)
SAID = InvoiceCreate(
    "Acme West",
    (
        SaidLine(
            item="Consulting",
            quantity=Decimal(10),
            rate=Decimal("150.00"),
            amount=Decimal("1500.00"),
        ),
    ),
    terms="Net 30",
)
DRAFT = replace(
    draft("P-1"),
    change=change_text(SAID),
    shown=(
        Shown("Invoice date", "20 Nov 2026"),
        Shown("Due date", "20 Dec 2026"),
        Shown("E-mail on the invoice", "ap@acme.example"),
    ),
    lines=(Line(Money(Decimal(1500), "USD"), item="Consulting", rate=Decimal(150)),),
)


def filled_in(change: Change, **values: str) -> tuple[Change | None, dict[str, str]]:
    """What comes of a form in which some fields are typed over."""
    form = form_of(change, DRAFT, NAMES)
    sent = {**values_of(form), **{k.replace("__", "."): v for k, v in values.items()}}
    made, wrong = filled.changed(change, NAMES, sent)
    return made, dict(wrong)


def value(form: Form, name: str) -> editing.FormField:
    every = (*form.fields, *(f for row in form.rows or () for f in row.fields))
    return next(each for each in every if each.id == name)


@pytest.mark.parametrize(
    "change",
    [
        SAID,
        InvoiceCreate(
            "Northgate School",
            (
                SaidLine(item="Consulting", quantity=Decimal("2.5")),
                SaidLine(item="Design", amount=Decimal("45.00"), description="logo"),
                SaidLine(account="Fuel", amount=Decimal("9.99")),
            ),
            date=date(2026, 11, 20),
            due_date=date(2026, 12, 5),
            memo="two\nlines",
            send=True,
            email="ap@acme.example",
        ),
        PaymentRecord(
            "Acme West",
            Decimal("500.00"),
            date=date(2026, 11, 19),
            method="Check",
            reference="2231",
            invoices=("1042", "1043"),
            deposit_to="Checking",
        ),
        PaymentRecord(invoices=("1042",), full=True),
        CustomerCreate("Blue Heron", "a@b.example", "555-0199", "Net 30", "1 Quay"),
        CustomerUpdate("Acme West", CustomerChanges(email="a@b.example", active=True)),
        CustomerUpdate("Acme West", CustomerChanges(active=False)),
        CustomerCreate("Blue Heron", anyway=True, then='{"action": "x"}'),
        InvoiceUpdate(
            "1042",
            InvoiceChanges(
                date(2026, 12, 5), "Net 60", "PO 55", remove_lines=("Design",)
            ),
        ),
        InvoiceUpdate(
            "1042",
            InvoiceChanges(lines=(SaidLine(item="Design", quantity=Decimal(2)),)),
        ),
        CreditMemoCreate(
            "Acme West",
            (SaidLine(item="Design"),),
            Decimal("75.00"),
            memo="late",
            invoice="1042",
        ),
        CreditMemoCreate("Acme West", amount=Decimal("75.00")),
        ItemCreate("Stump Grinding", "NonInventory", Decimal("220.00"), "Fuel"),
        ItemCreate("Stump Grinding"),
        InvoiceSend(invoice="1042", email="a@b.example"),
        InvoiceSend(status="unsent", customer="Acme West"),
    ],
)
def test_a_form_sent_back_untouched_is_the_same_change(change: Change) -> None:
    made, wrong = filled_in(change)

    assert wrong == {}
    assert made == change


def test_an_inactive_customer_is_not_taken_for_left_empty() -> None:
    change = CustomerUpdate("Acme West", CustomerChanges(active=False))

    assert value(form_of(change, DRAFT, NAMES), "active").value == "no"


def test_twelve_hours_take_the_amount_with_them() -> None:
    made, wrong = filled_in(SAID, line__0__quantity="12")

    assert wrong == {}
    assert isinstance(made, InvoiceCreate)
    assert made.lines[0] == SaidLine(
        item="Consulting", quantity=Decimal(12), rate=Decimal("150.00")
    )


@pytest.mark.parametrize("typed", ["1,200.00", "1 200.00", "$ 1200", "1\u00a0200"])
def test_a_gap_stands_between_thousands(typed: str) -> None:
    made, _ = filled_in(SAID, line__0__rate=typed)

    assert isinstance(made, InvoiceCreate)
    assert made.lines[0].rate == Decimal(1200)


@pytest.mark.parametrize("typed", ["10 5", "1 20.00", "1,200 500", "1, 200"])
def test_two_numbers_are_not_taken_for_one(typed: str) -> None:
    _, wrong = filled_in(SAID, line__0__rate=typed)

    assert "is not a number" in wrong["line.0.rate"]


def test_an_amount_that_does_not_fit_is_told_beside_it() -> None:
    _, wrong = filled_in(SAID, line__0__quantity="12", line__0__amount="1,700")

    assert wrong == {
        "line.0.amount": "12 times 150.00 is 1,800.00, not 1,700.00. Leave one of them"
        " empty, or make them fit."
    }


def test_half_a_cent_goes_up_as_in_quickbooks() -> None:
    given = {"line__0__quantity": "0.5", "line__0__rate": "1.01"}

    _, wrong = filled_in(SAID, **given, line__0__amount="0.51")
    assert wrong == {}

    _, wrong = filled_in(SAID, **given, line__0__amount="0.50")
    assert wrong["line.0.amount"].startswith("0.5 times 1.01 is 0.51, not 0.50.")


def test_every_mistake_is_told_at_once_beside_its_field() -> None:
    made, wrong = filled_in(
        SAID,
        customer="Acme Wst",
        date="20.11.2026",
        due_date="soon",
        terms="Net 45",
        email="nobody",
        line__0__item="",
        line__0__quantity="ten",
        line__0__rate="-5",
    )

    assert made is None
    assert set(wrong) == {
        *("customer", "date", "due_date", "terms", "email"),
        *("line.0.item", "line.0.quantity", "line.0.rate"),
    }
    assert wrong["customer"].startswith("QuickBooks has no customer called “Acme Wst”.")
    assert "Did you mean Acme West" in wrong["customer"]
    assert wrong["line.0.quantity"] == (
        "“ten” is not a number. Write it like 12 or 2.5."
    )


@pytest.mark.parametrize(
    ("typed_", "read"),
    [
        ("$1,800", Decimal("1800.00")),
        ("1800.5", Decimal("1800.50")),
        ("1,80", None),
        ("1800.555", None),
        ("0", None),
        ("1e3", None),
        ("NaN", None),
        ("٣", None),
        ("9" * 30, None),
    ],
)
def test_sums_are_read_exactly_or_not_at_all(typed_: str, read: Decimal | None) -> None:
    change = PaymentRecord("Acme West", Decimal("5.00"))

    made, wrong = filled_in(change, amount=typed_)

    if read is None:
        assert "amount" in wrong
    else:
        assert made == replace(change, amount=read)


def test_lines_are_added_and_taken_away() -> None:
    form = editing.with_row(form_of(SAID, DRAFT, NAMES), NAMES)
    assert [row.was for row in form.rows or ()] == [0, None]

    sent = {**values_of(form), "line.1.item": "design", "line.1.amount": "40"}
    made, wrong = filled.changed(SAID, NAMES, sent)
    alone = editing.without_row(form, 0)
    none, told = filled.changed(SAID, NAMES, values_of(editing.without_row(alone, 1)))

    assert wrong == {}
    assert isinstance(made, InvoiceCreate)
    assert made.lines[1] == SaidLine(item="Design", amount=Decimal("40.00"))
    assert (none, told) == (None, {"lines": "An invoice needs at least one line."})


def test_what_an_empty_field_stands_for_is_said() -> None:
    form = form_of(SAID, DRAFT, NAMES)
    lines = (SaidLine(item="Consulting", quantity=Decimal(10)),)
    short = form_of(InvoiceCreate("Acme West", lines), DRAFT, NAMES)

    assert value(form, "due_date").hint == "Left empty: 20 Dec 2026."
    assert value(short, "line.0.rate").hint == "Left empty: 150."
    # What was said would not come again by itself.
    assert value(form, "terms").hint == ""
    assert value(form, "line.0.rate").hint == "Left empty: the price list."
    assert value(form, "customer").choices == ("Acme West", "Northgate School")
    assert value(form, "send").kind is Kind.YES


def test_what_was_typed_stays_with_its_mistake() -> None:
    sent = {**values_of(form_of(SAID, DRAFT, NAMES)), "line.0.quantity": "ten"}

    form = editing.marked(
        typed(SAID, DRAFT, NAMES, sent), filled.changed(SAID, NAMES, sent)[1], "Whole."
    )

    assert value(form, "line.0.quantity").value == "ten"
    assert value(form, "line.0.quantity").error
    assert form.errors == ("Whole.",)
    assert not form.is_sound
    assert typed(SAID, DRAFT, NAMES, sent).is_sound


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("customer", "date", "due_date", "terms", "memo", "send", "email"),
                *("line.0.item", "line.0.amount", "line.7.rate", "line.0.was"),
                *("line.999999.item", "line.x.item", "line.1.was", "other"),
            ]
        ),
        st.text(max_size=12),
        max_size=8,
    )
)
def test_whatever_is_sent_is_a_change_or_is_told(values: dict[str, str]) -> None:
    made, wrong = filled.changed(SAID, NAMES, values)

    assert (made is None) == bool(wrong)
    typed(SAID, DRAFT, NAMES, values)


async def test_it_is_offered_to_whoever_may_change_it_while_it_waits(
    engine: AsyncEngine, clock: Clock
) -> None:
    rail = Rail(engine, clock)
    waiting = replace(await rail.proposed(), draft=DRAFT)
    auditor = Person("ann", PRIYA.workspace, "Ann", frozenset({Role.AUDITOR}))
    other = Person("mia", PRIYA.workspace, "Mia", frozenset({Role.STAFF}))
    now = rail.clock()

    assert offered(waiting, SAM, now)
    assert offered(waiting, LUIS, now)
    assert not offered(waiting, other, now)
    assert not offered(waiting, auditor, now)
    assert not offered(waiting, None, now)
    assert not offered(waiting, replace(PRIYA, workspace="w2"), now)
    assert not offered(replace(waiting, status=Status.APPROVED), SAM, now)
    assert not offered(replace(waiting, expires_at=now), SAM, now)
    void = replace(DRAFT, change=change_text(InvoiceVoid("1042")))
    assert not offered(replace(waiting, draft=void), SAM, now)
    assert not offered(replace(waiting, draft=replace(DRAFT, change="")), SAM, now)


def test_a_correction_after_an_edit_by_form_keeps_the_edit() -> None:
    names = samples.names()
    today = date(2026, 11, 20)
    said = interpret("invoice Acme West for 10 hours consulting", names, today)
    lines = (SaidLine(item="Consulting", quantity=Decimal(10), rate=Decimal(160)),)
    edited = change_text(InvoiceCreate("Acme West", lines, memo="June"))

    stands = editing.as_meant(said, edited)
    context = followed(Context(), stands)
    meant = interpret("make it 12 hours instead", names, today, context)

    assert editing.as_meant(stands, edited) is stands
    assert editing.as_meant(said, change_text(InvoiceVoid("1042"))) is said
    assert meant.corrects
    made = asks.change("invoice.create", meant.arguments)
    assert isinstance(made, InvoiceCreate)
    assert made.memo == "June"
    assert (made.lines[0].quantity, made.lines[0].rate) == (Decimal(12), Decimal(160))
