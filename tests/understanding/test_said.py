import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.understanding import samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import Interpretation
from tests.understanding.valid import check

TODAY = date(2026, 11, 20)
SAID = Path(__file__).parent / "said"
COMPANIES = {
    False: samples.names("harbour-pine-us"),
    True: samples.names("pennine-uk"),
}


def table(name: str) -> list[Any]:
    return list(rows(name))


def rows(name: str) -> Iterator[Any]:
    message = ""
    for line in (SAID / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("    "):
            yield pytest.param(message, line.strip(), id=message)
        else:
            message = line


def heard(said: str) -> Interpretation:
    names = COMPANIES[said.startswith("[UK]")]
    context = Context()
    for message in said.removeprefix("[UK]").split("||"):
        made = interpret(message, names, TODAY, context)
        check(made, names)
        context = followed(context, made)
    return made


def shown(made: Interpretation) -> str:
    """One line, as the tables write it."""
    arguments = json.dumps(made.arguments, ensure_ascii=False)
    if made.kind == "refuse":
        return f"refuse {made.reason}"
    kind = "corrected" if made.corrects and made.kind == "write" else made.kind
    return f"{kind} {made.action} {arguments}"


@pytest.mark.parametrize(("said", "means"), table("reads"))
def test_a_question_means_one_read(said: str, means: str) -> None:
    assert shown(heard(said)) == means


@pytest.mark.parametrize(("said", "means"), table("writes"))
def test_a_wish_means_one_write(said: str, means: str) -> None:
    assert shown(heard(said)) == means


@pytest.mark.parametrize(("said", "means"), table("commands"))
def test_a_command_is_obeyed_and_the_rest_refused(said: str, means: str) -> None:
    assert shown(heard(said)) == means


@pytest.mark.parametrize(("said", "means"), table("clarify"))
def test_a_doubtful_message_is_asked_about(said: str, means: str) -> None:
    kind, action, about, choices = means.split(" ", 3)

    made = heard(said)

    assert made.kind == kind
    assert (made.action or "-") == action
    assert made.question is not None
    assert made.question.about == about
    assert list(made.question.choices) == json.loads(choices)
    assert about not in made.arguments or about == "lines"


@pytest.mark.parametrize(("said", "means"), table("conversations"))
def test_a_message_carries_on_the_one_before(said: str, means: str) -> None:
    made = heard(said)

    if made.question is not None:
        kind, action, about, arguments = means.split(" ", 3)
        assert (made.kind, made.action or "-") == (kind, action)
        assert made.question.about == about
        assert made.arguments == json.loads(arguments)
    else:
        assert shown(made) == means


def test_a_record_that_the_books_no_longer_have_is_not_meant() -> None:
    context = Context(shown=(("customer", "Sold Long Ago"),))

    made = interpret("their invoices", COMPANIES[False], TODAY, context)

    check(made, COMPANIES[False])
    assert "customer" not in made.arguments


def test_a_conversation_kept_before_writes_were_is_read() -> None:
    kept = Context(shown=(("invoice", "1042"),)).as_json()
    del kept["write"]

    assert Context.from_json(kept) == Context(shown=(("invoice", "1042"),))


@pytest.mark.parametrize(
    "said",
    [
        "Acme West paid 500, not sure if by check",
        "invoice Acme West for 3 hours consulting or maybe 4",
        "invoice Acme West for 3 hours consulting unless they cancelled",
        "void invoice 1042 if it is a duplicate",
        "never void invoice 1042",
        "pay bill 8841 in full when the money is there",
        "record a payment of 300 from May Chen and 200 from Acme West",
        "invoice Acme West for 3 hours consulting for project 7",
        "change Acme West's email to a@b.example or c@d.example",
        "send all unsent invoices except the one for Zephyr Cycles",
        "spent about 40 on fuel",
        "Acme West paid -500",
        "Acme West paid €500",
        "Acme West paid 12.345",
        "Acme West paid 0",
        "invoice Acme West for 0 hours consulting",
        "invoice Acme West for -3 hours consulting",
        "credit Patel Pharmacy 75 or 80",
        "enter a bill from Quick Print for 120 or 130, advertising",
        "what if I void invoice 1042",
        "make a payment of 60 to Quick Print",
        "payment of 500 sent to Acme West",
        "Acme West was paid 500",
        "Acme West got paid 500",
        "remove a@b.example from Tidewater Hotel",
        "invoice Acme West 3 hours consulting at 90 total",
        "invoice Acme West 3 hours consulting at 90 in total",
        "invoice Acme West soil 3 mulch 4",
        "create item Leaf Blowing 45",
        "add item Leaf Blowing 45/hr",
        "add item Leaf Blowing 45 an hour income account Landscaping Services",
        "add customer Dave Jones and invoice him 2 hours consulting",
        "add customer Dave Jones owes 500",
        "add customer Foo Bar with discount 10%",
        "add vendor Dave's Trucks and pay him 50",
        "add customer Foo and vendor Bar",
        "send Acme West 500",
        "email Acme West 500",
        "void payment 1042",
        "void credit memo 1042",
        "void expense 1042",
        "invoice Acme West for 10 hours consulting || they paid 500",
        "invoice Acme West for 10 hours consulting || he paid 500",
        "credit Acme West 100 || they paid 50",
    ],
)
def test_a_write_is_never_guessed(said: str) -> None:
    assert heard(said).kind != "write"
