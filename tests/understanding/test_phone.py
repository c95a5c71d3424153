import pytest

from bot.understanding.text import parts, spelt_out
from tests.understanding.test_said import heard, shown, table


@pytest.mark.parametrize(("said", "means"), table("phone"))
def test_what_is_typed_on_a_phone_means_what_it_stands_for(
    said: str, means: str
) -> None:
    assert shown(heard(said)) == means


def test_a_spelling_that_is_a_name_of_the_books_is_that_name() -> None:
    assert spelt_out("mos", lambda _word: False) == "months"
    assert not spelt_out("mos", lambda word: word == "mos")


@pytest.mark.parametrize("said", ["N", "Del", "Da"])
def test_a_capital_makes_a_name_of_a_spelling(said: str) -> None:
    assert not spelt_out(said, lambda _word: False)


def test_one_word_may_stand_for_several() -> None:
    row = parts("howd we do", lambda _word: False)

    assert [part.symbol for part in row] == ["how", "did", "we", "do"]
    assert [(part.start, part.end) for part in row[:2]] == [(0, 4), (4, 4)]


@pytest.mark.parametrize("sum_", ["a and fifty dollars", "three thousand hundred"])
def test_a_number_with_a_word_left_out_is_no_number(sum_: str) -> None:
    made = heard(f"zephyr cycles paid {sum_}")

    assert made.kind == "clarify"
    assert "amount" not in made.arguments


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("change acme west terms to 17", "terms"),
        ("invoice zephyr 2 consulting duplicate", "action"),
        ("void 1061 wrong one 1062", "invoice"),
        ("void 1061 wrong customer should be zephyr", "action"),
        ("we did a job at patel pharmacy can you invoice them for 1", "action"),
    ],
)
def test_what_a_phone_leaves_doubtful_is_asked(said: str, about: str) -> None:
    made = heard(said)

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.about == about


def test_a_name_read_from_a_shorter_word_is_told() -> None:
    assert heard("what do we owe pac power").assumptions == (
        'I read "pac power" as Pacific Power.',
    )


def test_a_dozen_is_one_only_where_it_says_so() -> None:
    assert shown(heard("invoice zephyr a dozen garden lights")) == (
        'write invoice.create {"customer": "Zephyr Cycles", "lines": '
        '[{"item": "Garden Lights", "quantity": "12"}]}'
    )
    assert heard("invoice zephyr dozen garden lights").kind == "clarify"
