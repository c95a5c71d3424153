from datetime import date

import pytest

from bot.understanding import nearest, samples
from bot.understanding.conversation import interpret, is_lost
from bot.understanding.masking import masked

NAMES = samples.names("harbour-pine-us")
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("invocez zephyr cycls overdoo", "invoices for Zephyr Cycles"),
        ("gimme moneys owing tidewater hotel thing", "how much does Tidewater Hotel"),
        ("paymnts Acme West octobr blah", "payments for Acme West from 2026-10-01"),
    ],
)
def test_the_nearest_reading_comes_first(said: str, first: str) -> None:
    readings = nearest.readings(said, NAMES, TODAY)

    assert len(readings) == nearest.COUNT
    assert readings[0].startswith(first)
    for each in readings:
        assert interpret(each, NAMES, TODAY).kind in {"read", "write"}


@pytest.mark.parametrize(
    ("said", "lost"),
    [
        ("blorp flurb zork quickbooks", True),
        ("zork the quux of blorp today", True),
        ("tell me a joke", False),
        ("who owes us money", False),
        ("void an invoice", False),
    ],
)
def test_what_is_not_understood_is_told_from_what_is_refused(
    said: str,
    lost: bool,
) -> None:
    assert is_lost(said, NAMES, TODAY, interpret(said, NAMES, TODAY)) is lost


def test_what_is_kept_for_the_operator_has_no_names_sums_or_addresses() -> None:
    said = 'Acme West $1,250.00 thing 1042 bob@x.example "secret" on Tuesday 555-0199'

    assert masked(said, NAMES, TODAY) == (
        "‹name› ‹number› thing ‹number› ‹e-mail› ‹text› on ‹date› ‹phone›"
    )
