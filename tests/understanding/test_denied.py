"""What denies, bounds or leaves out is asked about, never completed as it stands."""

import json
from datetime import date
from typing import Any

import pytest

from bot.understanding import samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import ACTIONS, Interpretation

TODAY = date(2026, 11, 20)
NAMES = samples.names()


def said(*turns: str) -> Interpretation:
    context = Context()
    for words in turns:
        made = interpret(words, NAMES, TODAY, context)
        context = followed(context, made)
    return made


@pytest.mark.parametrize(
    "words",
    [
        "invoice acme west for 10 hours consulting without delivery",
        "invoice tidewater hotel for half the hours of consulting",
        "acme west hasn't paid 500",
        "send all the overdue invoices out again except acme west",
        "void 1042 unless it is paid",
        "if acme west pays 500 record it",
        "acme west paid over 500",
        "acme west paid up to 500",
        "invoice acme west for over 10 hours consulting",
        "invoice acme west for up to 10 hours consulting",
        "credit acme west up to 200",
    ],
)
def test_choosing_the_action_completes_nothing_that_was_denied(words: str) -> None:
    asked = said(words)
    assert asked.kind == "clarify"
    assert asked.question is not None

    answers = ["1", *asked.question.choices, "yes"]
    for answer in answers:
        made = said(words, answer)
        assert made.kind != "write", (answer, made.arguments)


@pytest.mark.parametrize(
    ("turns", "arguments"),
    [
        (("send me overdue invoices",), {"status": "overdue"}),
        (("email me invoice 1042",), {"invoice": "1042"}),
    ],
)
def test_what_is_to_be_sent_to_oneself_is_shown(
    turns: tuple[str, ...], arguments: dict[str, Any]
) -> None:
    made = said(*turns)

    assert made.kind == "read", json.dumps(made.as_json())
    assert made.arguments == arguments


@pytest.mark.parametrize(
    "turns",
    [
        ("send 1042 to me",),
        ("send us invoice 1042",),
        ("email 1042 to me please",),
        ("show invoice 1042", "send it to me"),
        ("show invoice 1042", "email it to me"),
        ("show invoice 1042", "send me that"),
        ("can you send me the 1042 invoice",),
        ("send unpaid invoices to me",),
        ("send overdue invoices to my email",),
        ("forward me invoice 1042",),
    ],
)
def test_nothing_for_oneself_is_sent_to_customers(turns: tuple[str, ...]) -> None:
    assert said(*turns).kind != "write"


@pytest.mark.parametrize("answer", ["send it", "void it", "paid", "bill", "overdue"])
def test_a_word_of_a_request_is_no_customer(answer: str) -> None:
    made = said("record a payment of 300", answer)

    assert made.kind != "write", made.arguments


@pytest.mark.parametrize(
    "words",
    [
        "sales by customer excluding acme west",
        "everyone who owes us except acme west",
        "invoices not for acme west",
        "overdue invoices but not lakeside hoa",
        "expenses over 500 last month excluding rent",
        "unpaid invoices that aren't overdue",
    ],
)
def test_leaving_out_is_not_answered_with_the_opposite(words: str) -> None:
    made = said(words)

    assert made.kind == "clarify" or not (
        {"customer", "account", "vendor"} & made.arguments.keys()
        or made.arguments.get("status") == "overdue"
    ), made.arguments


def test_who_is_late_is_a_question_of_its_own() -> None:
    for words in ("whos late", "who is late", "who's overdue"):
        made = said("invoices for Tidewater Hotel", words)
        assert "customer" not in made.arguments, (words, made.action)
        assert made.action in ACTIONS
