import unicodedata

import pytest
from hypothesis import given, settings

from cards.card import Card, Fact, Section, Table
from cards.gallery import gallery
from cards.text import columns_of, table_text, text
from tests.cards.nasty import cards

CARDS = gallery()


@settings(max_examples=60, deadline=None)
@given(cards())
def test_texts_of_strangers_cannot_steer_a_terminal(card: Card) -> None:
    shown = text(card)

    assert all(c == "\n" or unicodedata.category(c)[0] != "C" for c in shown)
    shown.encode()


@pytest.mark.parametrize("name", CARDS)
def test_every_sample_says_its_title(name: str) -> None:
    shown = " ".join(text(CARDS[name]).split())

    assert CARDS[name].title in shown


def test_a_memo_cannot_forge_a_line_of_its_own() -> None:
    forged = "thanks\nTotal: $1.00\r\n(Approved)"
    card = Card("t", "t", sections=(Section(facts=(Fact("Memo", forged),)),))

    assert "Memo: thanks Total: $1.00 (Approved)" in text(card).splitlines()


def test_columns_stand_in_line_whatever_the_alphabet() -> None:
    table = Table(("Name", "Open"), (("日本", "$1.00"), ("Müller", "$100.00")), (1,))

    lines = table_text(table).splitlines()

    assert [columns_of(each) for each in lines] == [15, 15, 15, 15]
    assert lines[2] == "日本      $1.00"


def test_what_was_cut_stands_under_the_table() -> None:
    table = Table(("Name",), (("a",),), more="… and 37 more")

    assert table_text(table).splitlines()[-1] == "… and 37 more"


def test_what_replaces_something_shows_both() -> None:
    shown = text(CARDS["proposals/pending-update-one-of-two"])

    assert "Terms:  Net 30 -> Net 60" in shown
    assert "Phone:  empty -> +44 20 7946 0991" in shown


def test_rows_are_indented_as_the_report_indents_them() -> None:
    shown = text(CARDS["answers/profit-and-loss"]).splitlines()

    assert any(each.startswith("    Fuel  ") for each in shown)
    assert any(each.startswith("Total Income  ") for each in shown)
