"""A figure that may be a year, a time or a number of something is never a sum."""

from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import Context, interpret
from bot.understanding.interpretation import Interpretation

TODAY = date(2026, 11, 20)


def heard(said: str) -> Interpretation:
    company = "pennine-uk" if said.startswith("[UK]") else "harbour-pine-us"
    words = said.removeprefix("[UK]")
    return interpret(words, samples.names(company), TODAY, Context())


@pytest.mark.parametrize(
    "said",
    [
        "Acme West paid all overdue invoices in full",
        "Acme West cleared all their overdue invoices in full",
        "Acme West paid all past due invoices in full",
        "Acme West paid all their invoices from October in full",
        "invoice Acme West for lawn mowing 2025",
        "invoice Acme West for 2 consulting 2026",
        "invoice Acme West for lawn mowing for 2025",
        "[UK]invoice Hebden House for ground rent 2026",
        "bill from Metro Water insurance 2026",
        "spent at Shell on fuel 2025",
        "spent on insurance for 2026",
        "invoice Acme West for consulting at 9am",
        "invoice Acme West for 3 hours consulting at 9 am",
        "invoice Acme West for consulting 3pm",
        "invoice Acme West for 2 lawn mowings 1042",
        "invoice Acme West for 2 lawn mowings 555",
        "invoice Acme West for 2 lawn mowings 30",
        "invoice Acme West for 10 hours 600",
    ],
)
def test_the_sum_is_asked_for(said: str) -> None:
    made = heard(said)

    assert made.kind == "clarify", made.arguments
    assert made.question is not None
    assert {made.question.about, *made.question.then} & {"amount", "lines"}
    assert "full" not in made.arguments
    assert "amount" not in made.arguments
    assert not any("amount" in line for line in made.arguments.get("lines", ()))


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("invoice Acme West for lawn mowing 450", "450.00"),
        ("invoice Acme West for lawn mowing at 2025", "2025.00"),
        ("invoice Acme West for 2 lawn mowings for 100", "100.00"),
        ("invoice Acme West for 2 lawn mowings at 50", "100.00"),
        ("invoice Acme West for 2 lawn mowings $100", "100.00"),
        ("invoice Acme West for 2 lawn mowings 1,042", "1042.00"),
        ("invoice Acme West for 2 lawn mowings 99.50", "99.50"),
        ("invoice Acme West for lawn mowing $2025", "2025.00"),
    ],
)
def test_a_figure_said_as_money_is_the_sum(said: str, amount: str) -> None:
    made = heard(said)

    assert made.kind == "write", made.question
    assert [line["amount"] for line in made.arguments["lines"]] == [amount]


def test_all_open_invoices_are_paid_in_full() -> None:
    made = heard("Acme West paid all their open invoices in full")

    assert made.kind == "write"
    assert made.arguments == {"customer": "Acme West", "full": True}


@pytest.mark.parametrize(
    "said",
    [
        "invoice Acme West $150 for lawn mowing and delivery",
        "invoice Acme West $150 for lawn mowing, delivery",
        "credit Acme West $150 for lawn mowing and delivery",
    ],
)
def test_one_sum_for_two_items_is_asked_about(said: str) -> None:
    made = heard(said)

    assert made.kind == "clarify", made.arguments
    assert made.question is not None
    assert made.question.about == "lines"


@pytest.mark.parametrize(
    "said",
    [
        "invoice Acme West for lawn mowing and delivery",
        "invoice Acme West for lawn mowing and delivery for $150",
        "invoice Acme West $150 for lawn mowing and $50 for delivery",
        "invoice Acme West $150 for lawn mowing and 2 deliveries",
        "invoice Acme West for 10 hours of consulting and delivery for $50",
        "invoice Acme West for 10 hours consulting at $150 and delivery",
        "invoice Acme West for discounted labor",
        "add 3 sprinkler heads and a delivery to invoice 1042",
    ],
)
def test_items_that_have_their_own_figures_are_written(said: str) -> None:
    assert heard(said).kind == "write"


def test_a_lower_price_names_no_item() -> None:
    made = heard("invoice Acme West for 3 hours discounted")

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.about == "item"
    assert made.question.choices == ("Discounted Labor",)


def test_invoices_that_a_sum_goes_against_are_no_sums() -> None:
    made = heard("Record a payment of 1,200.00 from Acme West against 1051 and 1052")

    assert made.kind == "write"
    assert made.arguments["amount"] == "1200.00"
    assert made.arguments["invoices"] == ["1051", "1052"]
    assert heard("Acme West paid 1200 against 1051 and 1052").kind == "clarify"


def test_digits_of_another_script_are_the_same_number() -> None:
    assert heard("void １０４２").arguments == {"invoice": "1042"}


def test_a_half_that_lost_its_number_is_asked_about() -> None:
    assert heard("invoice Acme West for and a half hours consulting").kind != "write"
    made = heard("invoice Acme West for two and a half hours consulting")
    assert made.arguments["lines"][0]["quantity"] == "2.5"
