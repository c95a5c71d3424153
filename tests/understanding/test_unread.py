import pytest

from bot.understanding.interpretation import Interpretation
from tests.understanding.test_said import heard


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ("bills due nezt week", "nezt week"),
        ("P&L this month vs blurgh", "vs blurgh"),
        ("P&L Q1 vs Q2 vs Q3", "vs Q3"),
        ("payments in September and October", "October"),
        ("invoices this month vs last month", "vs last month"),
        ("balance sheet for Acme West", "Acme West"),
        ("what do we charge for consulting in September", "September"),
    ],
)
def test_what_would_narrow_an_answer_is_asked_about(said: str, unread: str) -> None:
    made = heard(said)

    assert made.kind == "clarify"
    assert made.question is not None
    assert f'"{unread}"' in made.question.text


def test_the_question_keeps_what_was_read() -> None:
    made = heard("bills for Metro Water due nezt week")

    assert made.arguments == {"vendor": "Metro Water"}
    assert made.question is not None
    assert made.question.choices == ("bills.list",)


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ("overdue invoices frobnicated", "frobnicated"),
        ("who owes us money this month", "this month"),
        ("show me wats waiting on priya to approve", "priya"),
        ("overdue invoices gazump frobnicated", "gazump frobnicated"),
    ],
)
def test_what_narrows_nothing_is_told(said: str, unread: str) -> None:
    made = heard(said)

    assert made.kind == "read"
    assert made.assumptions[-1] == f'I made nothing of "{unread}".'


@pytest.mark.parametrize(
    "said",
    [
        "are we profitable this year?",
        "who owes us money right now",
        "any invoices still open for Zephyr Cycles",
        "P&L this month vs last",
        "compare sales in Q3 with Q2",
        "payments from May in May",
        "bills over 500 due next week",
        "invoices older than 60 days",
        "find customers called Quizzical",
    ],
)
def test_what_was_read_is_not_told_as_unread(said: str) -> None:
    assert not _unread(heard(said))


def _unread(made: Interpretation) -> bool:
    texts = [*made.assumptions, made.question.text if made.question else ""]
    return any("I made nothing of" in text for text in texts)


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ("spend by customer last month", "by customer"),
        ("sales by week", "by week"),
        ("cash flow by month", "by month"),
        ("sales by customer by month", "by month"),
        ("inactive customers", "inactive"),
        ("overdue payments", "overdue"),
        ("expenses over 100 without receipts", "without receipts"),
        ("proposals over 500", "over 500"),
        ("bills over 500 sorted by vendor", "sorted by vendor"),
        ("sales tax collected last month", "sales tax"),
        ("invoices for Zephyr Cycles||only those due nezt week", "nezt week"),
    ],
)
def test_known_words_that_an_answer_has_no_place_for_are_asked_about(
    said: str, unread: str
) -> None:
    made = heard(said)

    assert made.kind == "clarify"
    assert made.question is not None
    assert unread in made.question.text


@pytest.mark.parametrize("yes", ["yes", "ok, show it", "sure", "yes please"])
def test_a_yes_shows_it_without_what_was_unread(yes: str) -> None:
    made = heard(f"bills for Metro Water due nezt week||{yes}")

    assert (made.kind, made.action) == ("read", "bills.list")
    assert made.arguments == {"vendor": "Metro Water"}


def test_a_yes_to_a_write_that_was_offered_is_none() -> None:
    assert heard("invoice zephyr 2 consulting duplicate||yes").kind == "clarify"
