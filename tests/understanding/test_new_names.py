"""New names: words of a sentence are no part of one, unless plainly meant so."""

import pytest

from tests.understanding.test_said import heard

DOUBTFUL = [
    "new customer wants a quote",
    "new customer rang about an invoice",
    "new customer needs an invoice for 2 lawn mowings",
    "new customer is unhappy",
    "new customer enquiry from Bob",
    "new customer called yesterday",
    "new customer set up",
    "new customer setup for Bob Miller",
    "new customer form",
    "new customer list",
    "new customer details",
    "new customer count",
    "new customer invoice",
    "new customer payment $50",
    "new customer Bob Miller paid $50 cash",
    "new vendor invoices",
    "new vendor list",
    "new vendor to pay",
    "new vendor payment 500",
    "new vendor wants a deposit",
    "new vendor sent a bill for 500",
    "new vendor bill from Metro Water",
    "new vendor called Foo sent a bill for 500 utilities",
    "new vendor Foo bill 500 utilities",
    "add vendor to bill 8841",
    "add vendor Foo under Metro Water",
    "add customer Foo like Acme West",
    "add customer Foo under Acme Corporation",
    "add customer Foo instead of Bar",
    "add customer Foo with balance 500",
    "add customer Foo currency EUR",
    "add customer Foo due in 30",
    "add customer Foo as vendor",
    "add customer to 1042",
    "add customer from Acme West",
    "add customer as Bob",
    "add customer details for Bob",
    "add customer notes",
    "add customer Bob again",
    "add customer Bob back",
    "add customer Bob to the list",
    "add customer Bob to Acme West",
    "add customer Bob by Friday",
    "add customer Bob on Monday",
    "add customer bob miller tomorrow",
    "add customer Bob at Acme West",
    "add customer Bob from Acme West",
    "add customer Bob c/o Acme West",
    "add customer Bob he is at 12 Main St",
    "add customer Bob who lives at 12 Main St",
    "add customer Bob taxable",
    "add customer Bob tax exempt",
    "add customer Bob plus Amy",
    "add customer 500",
    "add customer 1042",
    "add customer P-17",
    "add customer Bob with no terms",
    "add customer Bob no email",
    "add item Edging like lawn mowing",
    "add item Edging instead of lawn mowing",
    "add item Edging tomorrow price 40",
    "new item request from Bob",
    "new service for Acme West at 40",
]
DOUBTFUL_CHANGES = [
    "rename Zephyr Cycles to Zephyr Bikes tomorrow",
    "rename Zephyr Cycles to something better",
    "rename Zephyr Cycles to Zephyr Bikes in January",
    "change Zephyr Cycles' address to same as Acme West",
    "change Zephyr Cycles' address to the one on 1042",
    "change Zephyr Cycles' address to 12 Main St, invoice them for 2 lawn mowings",
]
NAMES = [
    "Bill's Plumbing",
    "Back Bay Books",
    "Tax Matters Ltd",
    "At Home Cleaning",
    "Friday Coffee Co",
    "Due South Ltd",
    "Smith & Sons",
    "Smith and Sons",
    "Paid Media Group",
    "21 Club",
    "House of Cards",
    "The Invoice People",
    "jim beam",
    "van der Berg Ltd",
]


@pytest.mark.parametrize("said", DOUBTFUL)
def test_what_may_be_more_than_a_name_is_asked_about(said: str) -> None:
    made = heard(said)

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.about == "name"
    assert "name" not in made.arguments


@pytest.mark.parametrize("said", DOUBTFUL_CHANGES)
def test_a_new_name_or_address_that_may_be_more_is_asked_about(said: str) -> None:
    made = heard(said)

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.about == "changes"


@pytest.mark.parametrize("noun", ["customer", "vendor"])
@pytest.mark.parametrize("name", NAMES)
def test_a_plain_name_is_taken(noun: str, name: str) -> None:
    assert heard(f"new {noun} {name}").arguments == {"name": name}


@pytest.mark.parametrize("said", ["ask Dana", "Bob and Amy", "Foo under Bar"])
def test_an_answer_that_may_be_more_than_a_name_is_asked_about(said: str) -> None:
    made = heard(f"add a new customer || {said}")

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.choices == (said,)


@pytest.mark.parametrize("name", ["Bob again", "Foo like Bar", "P-17"])
def test_the_name_as_said_is_one_press_away(name: str) -> None:
    asked = heard(f"new customer {name}, net 30")

    assert asked.question is not None
    assert asked.question.choices == (name,)
    made = heard(f"new customer {name}, net 30||{name}")
    assert made.kind == "write"
    assert made.arguments == {"name": name, "terms": "Net 30"}


def test_in_quotes_every_word_is_part_of_the_name() -> None:
    assert heard('add customer "Bob again"').arguments == {"name": "Bob again"}


@pytest.mark.parametrize("said", ["Bob with no terms", "Bob no email"])
def test_a_name_that_was_cut_short_is_not_offered(said: str) -> None:
    asked = heard(f"add customer {said}")

    assert asked.question is not None
    assert asked.question.choices == ()


def test_a_known_customer_with_a_word_behind_is_no_new_one() -> None:
    assert heard("make customer Lakeside HOA iactive").kind == "clarify"
