"""What words of one message belong to: each to what it was said of, or it is asked."""

import json
from datetime import date
from typing import Any

import pytest

from bot.understanding import samples
from bot.understanding.canonical import sentence
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import Interpretation

TODAY = date(2026, 11, 20)
NAMES = samples.names()


def said(*turns: str) -> Interpretation:
    context = Context()
    for words in turns:
        made = interpret(words, NAMES, TODAY, context)
        context = followed(context, made)
    return made


def asked(about: str, *turns: str) -> Interpretation:
    made = said(*turns)
    assert made.question is not None, json.dumps(made.as_json())
    assert made.question.about == about
    return made


def written(*turns: str) -> dict[str, Any]:
    made = said(*turns)
    assert made.kind == "write", json.dumps(made.as_json())
    return made.arguments


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("4 snow removals", {"Snow Clearing", "Tree Removal"}),
        ("$380 snow removal", {"Snow Clearing", "Tree Removal"}),
        ("snow removal, $190", {"Snow Clearing", "Tree Removal"}),
        ("garden lights installation", {"Garden Lights", "Patio Installation"}),
        ("garden design consulting", {"Garden Design", "Consulting"}),
        ("2 hours tree removal consulting", {"Tree Removal", "Consulting"}),
        ("consulting on tree removal", {"Consulting", "Tree Removal"}),
        ("consulting for garden design", {"Consulting", "Garden Design"}),
        ("3 hours consulting on the patio", {"Consulting", "Patio Installation"}),
        ("consulting (tree removal)", {"Consulting", "Tree Removal"}),
        ("consulting - tree removal", {"Consulting", "Tree Removal"}),
        ("consulting in garden design", {"Consulting", "Garden Design"}),
    ],
)
def test_two_items_that_nothing_joins_are_asked(words: str, choices: set[str]) -> None:
    made = asked("item", f"invoice Lakeside HOA {words}")

    assert made.question is not None
    assert set(made.question.choices) == choices


@pytest.mark.parametrize(
    "words",
    [
        "credit Acme West for snow removal",
        "add snow removal to 1042",
        "add 2 patio repairs to invoice 1042",
        "remove snow removal from 1042",
    ],
)
def test_so_they_are_wherever_items_stand(words: str) -> None:
    asked("item", words)


def test_the_item_that_is_answered_has_the_count_that_was_said() -> None:
    made = written("invoice Lakeside HOA 4 snow removals", "snow clearing")

    assert made["lines"] == [{"item": "Snow Clearing", "quantity": "4"}]


@pytest.mark.parametrize(
    "words",
    [
        "consulting 3 hours on patio installation",
        "consulting at 150 for tree removal",
        "consulting 300 for tree removal",
    ],
)
def test_a_count_between_two_items_is_asked(words: str) -> None:
    asked("lines", f"invoice Lakeside HOA {words}")


@pytest.mark.parametrize(
    ("words", "items"),
    [
        ("installation of the patio", ["Patio Installation"]),
        ("consulting and delivery", ["Consulting", "Delivery"]),
        ("consulting, delivery", ["Consulting", "Delivery"]),
        ("2 mowings 1 delivery", ["Lawn Mowing", "Delivery"]),
        ("$500 for consulting, $20 for delivery", ["Consulting", "Delivery"]),
    ],
)
def test_what_is_joined_makes_its_lines(words: str, items: list[str]) -> None:
    made = written(f"invoice Lakeside HOA {words}")

    assert [line["item"] for line in made["lines"]] == items


EXCHANGED = {"remove_lines": ["Consulting"], "add_lines": [{"item": "Delivery"}]}


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("remove consulting and add delivery on 1042", EXCHANGED),
        ("take off consulting, add delivery on invoice 1042", EXCHANGED),
        ("drop the consulting and put delivery on 1042", EXCHANGED),
        ("add delivery and remove consulting on 1042", EXCHANGED),
        ("add delivery, remove consulting on 1042", EXCHANGED),
        (
            "remove delivery and the consulting line from 1042",
            {"remove_lines": ["Delivery", "Consulting"]},
        ),
        (
            "remove delivery from invoice 1042 and put it to net 30",
            {"remove_lines": ["Delivery"], "terms": "Net 30"},
        ),
    ],
)
def test_each_line_goes_or_comes_as_was_said(
    words: str, changes: dict[str, Any]
) -> None:
    made = said(words)

    assert made.kind == "write", json.dumps(made.as_json())
    assert made.arguments == {"invoice": "1042", "changes": changes}


def test_what_goes_and_comes_reads_back_the_same() -> None:
    made = said("remove consulting and add 2 delivery at 40 on invoice 1042")

    assert written(sentence(made) or "") == made.arguments


@pytest.mark.parametrize(
    "words",
    [
        "add remove delivery to 1042",
        "remove consulting and make it delivery on 1042",
        "change delivery to consulting on invoice 1042",
        "swap delivery for consulting on invoice 1042",
    ],
)
def test_what_may_go_or_come_is_asked(words: str) -> None:
    asked("changes", words)


@pytest.mark.parametrize(
    "words",
    [
        "void it and 1043",
        "void this and 1043",
        "void it, 1043",
        "cancel it and invoice 1043",
        "send it and 1043",
        "send it, 1043 too",
        "send 1043 and it",
        "send it to bob@acme.example and 1043",
    ],
)
def test_it_and_a_number_are_two_invoices(words: str) -> None:
    made = asked("invoice", "show invoice 1042", words)

    assert made.question is not None
    assert made.question.choices == ("1042", "1043")
    asked("invoice", words)


@pytest.mark.parametrize(
    "words",
    ["pay it and 8842", "pay it, 8842 too", "pay it with 8842 from checking"],
)
def test_it_and_a_number_are_two_bills(words: str) -> None:
    made = asked("bill", "show bill 8841", words)

    assert made.question is not None
    assert made.question.choices == ("8841", "8842")
    asked("bill", words)


def test_a_sum_or_a_number_behind_it_is_told_apart() -> None:
    assert written("show bill 8841", "pay it, $300")["amount"] == "300.00"
    assert written("show bill 8841", "pay it 300")["amount"] == "300.00"
    asked("amount", "show bill 8841", "pay it 8842")


def test_it_and_an_invoice_are_no_single_payment() -> None:
    asked("invoices", "Zephyr Cycles paid it and 1043 in full")


def test_on_the_25_is_no_sum() -> None:
    asked("amount", "show bill 8841", "pay it on the 25")
    asked("date", "Acme West paid 300 on the 5")


@pytest.mark.parametrize(
    "words",
    [
        "can we void 1042?",
        "can I void 1042?",
        "could we send 1042",
        "will we void 1042",
        "can we pay bill 8841 in full?",
        "can we invoice Acme West for 2 consulting?",
        "can we record 500 from Zephyr Cycles today?",
    ],
)
def test_whether_we_may_is_a_question(words: str) -> None:
    asked("action", words)


def test_whether_you_can_is_a_wish() -> None:
    assert written("can you void 1042?") == {"invoice": "1042"}
    assert written("could you please send 1042") == {"invoice": "1042"}


@pytest.mark.parametrize(
    "words",
    [
        "net thirty couriers bill 300 job materials",
        "bill 300 job materials net thirty couriers",
    ],
)
def test_the_only_number_of_a_bill_is_its_sum(words: str) -> None:
    made = written(words)

    assert made["lines"] == [{"account": "Job Materials", "amount": "300.00"}]
    assert "reference" not in made


def test_beside_a_sum_it_is_the_number_of_the_bill() -> None:
    made = written("stone yard bill 300 job materials 450")

    assert made["reference"] == "300"
    assert made["lines"][0]["amount"] == "450.00"


@pytest.mark.parametrize(
    "words",
    [
        "apply Acme West credit 300 to 1042",
        "apply 300 credit from Acme West to 1042",
        "apply the credit to 1042 for Acme West 300",
        "apply credit memo 300 Acme West",
        "Acme West paid 300 from their credit",
        "Acme West paid 300 by credit",
        "Acme West paid in credit 300",
    ],
)
def test_a_credit_to_be_used_is_neither_given_nor_money(words: str) -> None:
    made = asked("action", words)

    assert made.question is not None
    assert "applied in QuickBooks" in made.question.text


def test_a_credit_given_and_a_credit_card_are_plain() -> None:
    given = written("apply a 75 credit to Patel Pharmacy")
    paid = written("Acme West paid 300 by credit card")

    assert given == {"customer": "Patel Pharmacy", "amount": "75.00"}
    assert paid["method"] == "Credit Card"


@pytest.mark.parametrize("words", ["2 hours cleaning", "3 moving", "3 grave"])
def test_another_word_is_no_slip(words: str) -> None:
    asked("item", f"invoice Acme West {words}")


@pytest.mark.parametrize("words", ["3 mowign", "3 lawn moving", "3 mowin"])
def test_a_slip_is_read_as_meant(words: str) -> None:
    lines = written(f"invoice Acme West {words}")["lines"]

    assert lines == [{"item": "Lawn Mowing", "quantity": "3"}]


def test_a_plural_may_be_a_longer_name_broken_off() -> None:
    made = asked("customer", "Jane Smiths paid 300")

    assert made.question is not None
    assert made.question.choices == ("Jane Smithson", "Smith, Jane")
    assert written("Zephyrs paid 300")["customer"] == "Zephyr Cycles"


def test_terms_and_a_day_that_differ_are_asked() -> None:
    made = asked("due_date", "invoice Acme West for consulting net 30 due Dec 5")

    assert made.question is not None
    assert made.question.choices == ("2026-12-05", "2026-12-20")
    same = written("invoice Acme West for consulting net 15 due Dec 5")
    assert (same["terms"], same["due_date"]) == ("Net 15", "2026-12-05")


def test_a_bare_number_behind_a_customer_may_be_an_invoice() -> None:
    asked("amount", "invoice Acme West 1042 for consulting")
    for sum_said in ("1500", "$1042"):
        made = written(f"invoice Acme West {sum_said} for consulting")
        assert "amount" in made["lines"][0]


def uk(words: str) -> Interpretation:
    return interpret(words, samples.names("pennine-uk"), TODAY, Context())


def test_what_and_joins_to_an_account_is_bought_too() -> None:
    for words, about in (
        ("bill from British Gas 90 electricity and gas", "lines"),
        ("spent 90 on electricity and gas", "account"),
    ):
        made = uk(words)
        assert made.question is not None, words
        assert made.question.about == about


def test_one_sum_for_two_accounts_is_asked_anew() -> None:
    asked("lines", "bill from stone yard 90 for fuel and tolls")
    asked("lines", "bill from stone yard 90 fuel & job materials")
    asked("amount", "bill from stone yard 90 for fuel and tolls", "Travel")


def test_numbers_apart_at_the_end_of_a_name_may_be_counts() -> None:
    made = uk("invoice brookside 1 12 key fobs")

    assert made.question is not None
    assert made.question.about == "quantity"
