"""What is reported, to be kept in mind or quoted is no order to write."""

from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import Context, interpret
from bot.understanding.interpretation import Interpretation

TODAY = date(2026, 11, 20)


def heard(said: str) -> Interpretation:
    return interpret(said, samples.names(), TODAY, Context())


@pytest.mark.parametrize(
    "said",
    [
        "issue with 1042",
        "issue with invoice 1042",
        "issue on 1042",
        "hi, an issue about invoice 1042",
        "Acme West ordered 20 mulch",
        "> invoice Acme West for 2 lawn mowings",
    ],
)
def test_it_writes_nothing(said: str) -> None:
    assert heard(said).kind != "write"


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("make sure Zephyr Cycles paid $500", "payment.record"),
        ("be sure Zephyr Cycles paid $500", "payment.record"),
        ("please make certain that Zephyr Cycles paid $500", "payment.record"),
        ("remember Acme West paid $500", "payment.record"),
        ("> Zephyr Cycles paid $500", "payment.record"),
        ("remember to void 1042", "invoice.void"),
        ("remember to invoice Acme West for 2 lawn mowings", "invoice.create"),
    ],
)
def test_it_is_asked_whether_it_is_wanted(said: str, action: str) -> None:
    made = heard(said)

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.choices == (action,)


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("issue invoice 1042", "invoice.send"),
        ("issue an invoice for Zephyr Cycles for 2 lawn mowings", "invoice.create"),
        ("make an invoice for Zephyr Cycles for 2 lawn mowings", "invoice.create"),
        ("Zephyr Cycles paid $500", "payment.record"),
    ],
)
def test_an_order_stays_one(said: str, action: str) -> None:
    made = heard(said)

    assert (made.kind, made.action) == ("write", action)


def test_void_is_known_with_its_letters_swapped() -> None:
    made = heard("viod 1037")

    assert (made.action, made.arguments) == ("invoice.void", {"invoice": "1037"})


def test_what_a_company_should_do_is_not_its_books() -> None:
    made = heard("should we form a new LLC for the snow business?")

    assert (made.kind, made.reason) == ("refuse", "out_of_scope")


def test_what_we_owe_and_is_overdue_is_listed() -> None:
    made = heard("who do we owe thats overdue")

    assert (made.action, made.arguments) == ("payables.list", {"overdue": True})
