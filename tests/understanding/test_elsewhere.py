"""What is not done here is told where it is done."""

from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import interpret
from bot.understanding.elsewhere import where
from cards import talk

NAMES = samples.names("harbour-pine-us")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("reconcile the bank", "under Transactions, then Reconcile"),
        ("run payroll", "Payroll is run in QuickBooks"),
        ("create an estimate for Acme West", "under Sales"),
        ("set consulting price to 160", "under Products and services"),
        ("transfer 500 from checking to savings", "at your bank"),
        ("delete invoice 1042", "voided or made inactive"),
    ],
)
def test_a_refusal_says_where_it_is_done(words: str, said: str) -> None:
    made = interpret(words, NAMES, date(2026, 11, 20))

    assert (made.kind, made.reason) == ("refuse", "not_supported")
    assert said in where(words)
    card = talk.refusal("not_supported", where=where(words))
    assert card.sections[0].texts[0] == where(words)


def test_what_is_not_known_is_not_made_up() -> None:
    assert where("connect freshbooks") == ""
    assert len(talk.refusal("not_supported", where="").sections[0].texts) == 1
