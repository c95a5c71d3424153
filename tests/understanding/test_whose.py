"""A customer named beside the number of an invoice is kept, to be compared."""

from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import Interpretation

TODAY = date(2026, 11, 20)
NAMES = samples.names()


@pytest.mark.parametrize(
    ("words", "whose"),
    [
        ("void 1042 for Acme West", ("Acme West",)),
        ("void tidewater's 1042", ("Tidewater Hotel", "Tidewater Marina")),
        ("send 1042 to acme west", ("Acme West",)),
        ("send the Acme West invoice 1042 to ap@acme.example", ("Acme West",)),
        ("in Harbour & Pine, void 1042 for Acme West", ("Acme West",)),
        ("void 1042", ()),
        ("email invoice 1042", ()),
    ],
)
def test_the_customer_is_no_argument_and_is_not_lost(
    words: str, whose: tuple[str, ...]
) -> None:
    made = interpret(words, NAMES, TODAY)

    assert made.kind == "write"
    assert made.arguments["invoice"] == "1042"
    assert "customer" not in made.arguments
    assert made.whose == whose
    assert Interpretation.from_json(made.as_json()) == made


@pytest.mark.parametrize(
    ("words", "whose"),
    [
        ("pay Quick Print bill 8647 in full from checking", ("Quick Print",)),
        ("pay Quick Print's bill 8647 in full", ("Quick Print",)),
        ("pay bill 8647 from quick print in full", ("Quick Print",)),
        ("pay bill 8647 in full", ()),
    ],
)
def test_the_vendor_named_beside_a_bill_is_not_lost(
    words: str, whose: tuple[str, ...]
) -> None:
    made = interpret(words, NAMES, TODAY)

    assert (made.kind, made.arguments["bill"]) == ("write", "8647")
    assert "vendor" not in made.arguments
    assert made.whose == whose


@pytest.mark.parametrize(
    ("words", "answer", "whose"),
    [
        ("pay Quick Print bill 8647", "in full", ("Quick Print",)),
        ("pay Quick Print bills 8647 and 8648 in full", "8648", ()),
    ],
)
def test_the_answer_is_of_the_same_vendor(
    words: str, answer: str, whose: tuple[str, ...]
) -> None:
    asked = interpret(words, NAMES, TODAY)
    made = interpret(answer, NAMES, TODAY, followed(Context(), asked))

    assert made.kind == "write"
    assert made.whose == whose
