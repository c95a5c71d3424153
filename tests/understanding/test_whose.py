"""A customer named beside the number of an invoice is kept, to be compared."""

from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import interpret
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
