from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import interpret
from bot.understanding.names import index_of
from qbo.books import Name, Names

HARBOUR = samples.names("harbour-pine-us")
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "customer"),
    [
        ("tidewater hotel", "Tidewater Hotel"),
        ("Tidewater Hotel's", "Tidewater Hotel"),
        ("muller garten", "Müller Gärten"),
        ("MÜLLER GÄRTEN", "Müller Gärten"),
        ("o’connor & sons", "O'Connor & Sons"),
        ("oconnor and sons", "O'Connor & Sons"),
        ("st annes parish", "St. Anne's Parish"),
        ("Jane Smith", "Smith, Jane"),
        ("Smith, Jane", "Smith, Jane"),
        ("Tom Ashby", "Ashby, Tom"),
        ("bright star", "Bright Star Dental"),
        ("brightstar dental", "Bright Star Dental"),
        ("tide water marina", "Tidewater Marina"),
        ("overdue books cafe", "Overdue Books Café"),
        ("june flowers", "June's Flowers"),
        ("7 oaks", "7 Oaks Care Home"),
        ("7oaks care home", "7 Oaks Care Home"),
        ("kowalski bros", "Kowalski Brothers"),
        ("Smithson", "Jane Smithson"),
        ("Linh Nguyen", "Nguyen Family"),
        ("Kowalsky Brothers", "Kowalski Brothers"),
        ("Patel Pharmcy", "Patel Pharmacy"),
    ],
)
def test_a_customer_is_found_however_it_is_written(said: str, customer: str) -> None:
    made = interpret(f"invoices for {said} last month", HARBOUR, TODAY)

    assert made.kind == "read"
    assert made.arguments["customer"] == customer


@pytest.mark.parametrize(
    ("said", "choices"),
    [
        ("Acme", ("Acme Corporation", "Acme West")),
        ("Northgate", ("Northgate School", "Northgate Surgery")),
        ("Smith", ("Smith Holdings", "Smith, Jane")),
        ("Fernwood", ("City of Fernwood", "Fernwood Library")),
        ("Bright", ("Bright Star Dental", "Bright Start Nursery")),
        ("Acme Corporation Holdings", ("Acme Corporation",)),
        ("Tidewater Bakery", ()),
    ],
)
def test_a_doubtful_customer_is_asked_for(said: str, choices: tuple[str, ...]) -> None:
    made = interpret(f"invoice {said} for 2 lawn mowings", HARBOUR, TODAY)

    assert made.question is not None
    assert made.question.about == "customer"
    assert set(choices) <= set(made.question.choices)
    assert "customer" not in made.arguments


def test_a_misspelt_name_is_taken_and_said() -> None:
    made = interpret("invoice Zepyhr Cycles for 2 lawn mowings", HARBOUR, TODAY)

    assert made.arguments["customer"] == "Zephyr Cycles"
    assert made.assumptions == ('I read "Zepyhr Cycles" as Zephyr Cycles.',)


def test_a_misspelling_of_two_names_is_asked_about() -> None:
    names = Names(
        "Two", customers=(Name("Harlow"), Name("Marlow")), items=HARBOUR.items
    )

    made = interpret("invoice Barlow for 2 lawn mowings", names, TODAY)

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.choices == ("Harlow", "Marlow")


@pytest.mark.parametrize(
    "name",
    [
        *("Void Gallery", "Send & Co", "Paid Media Group", "Overdue Books Café"),
        *("May Chen", "March Hare Books", "June's Flowers", "Bill Hartley"),
        *(
            "7 Oaks Care Home",
            "Delta 9 Robotics",
            "City of Fernwood",
            "Sunny Day Preschool",
        ),
    ],
)
def test_words_inside_a_name_are_no_grammar(name: str) -> None:
    listed = interpret(f"overdue invoices for {name}", HARBOUR, TODAY)
    shown = interpret(f"show me {name}", HARBOUR, TODAY)
    billed = interpret(f"bill {name} for 2 lawn mowings", HARBOUR, TODAY)
    paid = interpret(f"{name} paid 250 by check", HARBOUR, TODAY)

    assert listed.arguments == {"status": "overdue", "customer": name}
    assert (shown.action, shown.arguments) == ("customer.show", {"customer": name})
    lines = [{"item": "Lawn Mowing", "quantity": "2"}]
    assert billed.arguments == {"customer": name, "lines": lines}
    assert (paid.action, paid.arguments) == (
        "payment.record",
        {"customer": name, "amount": "250.00", "method": "Check"},
    )


@pytest.mark.parametrize("action", ["invoice", "credit memo for"])
def test_an_inactive_customer_is_asked_about_before_a_write(action: str) -> None:
    made = interpret(f"{action} Old Mill Bakery for 2 lawn mowings", HARBOUR, TODAY)

    assert made.question is not None
    assert made.question.about == "customer"


def test_an_item_may_be_named_by_its_sku_and_an_account_by_its_number() -> None:
    names = Names(
        "Numbers",
        customers=(Name("Acme West"),),
        items=(Name("Sprinkler Head", also=("SPR-104",), type="Inventory"),),
        accounts=(
            Name("Fuel", also=("6120",), type="Expense", classification="Expense"),
        ),
    )

    billed = interpret("invoice Acme West for 3 SPR-104", names, TODAY)
    typed = interpret("invoice acme west for 3 spr-104", names, TODAY)
    account = interpret("balance of account 6120", names, TODAY)

    assert billed.arguments["lines"] == [{"item": "Sprinkler Head", "quantity": "3"}]
    assert typed.arguments == billed.arguments
    assert account.arguments == {"account": "Fuel"}


def test_the_index_of_the_same_names_is_built_once() -> None:
    again = samples.names("harbour-pine-us")

    assert index_of(HARBOUR) is index_of(HARBOUR)
    assert index_of(again) is index_of(HARBOUR)
