from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings

from cards.card import Button, Card, Fact, Link, Section
from cards.gallery import gallery
from cards.html import html
from cards.plain import line
from tests.cards.nasty import cards

CARDS = gallery()
OURS = {"verb", "id", "url", "token", "links"}


class Reader(HTMLParser):
    """The elements of a page with their attributes' names, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.values += [(tag, name, value or "") for name, value in attrs]
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def harmless(value: Any, name: str = "") -> Any:
    """The same card with every text of strangers replaced by as many "x"."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return value if name in OURS or not line(value) else "x" * len(value)
    if isinstance(value, tuple):
        within = name if name in OURS else ""
        return tuple(harmless(each, within) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{f.name: harmless(getattr(value, f.name), f.name) for f in fields(value)},
        )
    return value


@settings(max_examples=60, deadline=None)
@given(cards())
def test_texts_of_strangers_make_no_element_and_no_attribute(card: Card) -> None:
    card = replace(card, banner=None)

    page = Reader(html(card))

    assert page.elements == Reader(html(harmless(card))).elements
    assert not page.open
    str(html(card)).encode()


@pytest.mark.parametrize("name", CARDS)
def test_every_sample_is_well_formed_and_without_script(name: str) -> None:
    page = Reader(html(CARDS[name]))

    assert not page.open
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "style", "iframe", "object", "img"}
    names = {name for _, names in page.elements for name in names}
    assert not [name for name in names if name.startswith("on") or name == "style"]


def test_a_script_in_a_name_arrives_as_text() -> None:
    nasty = "<script>alert(1)</script>"
    card = Card(nasty, nasty, sections=(Section(facts=(Fact(nasty, nasty, nasty),)),))

    page = Reader(html(card))

    assert page.texts.count(nasty) == 4
    assert "<script" not in html(card)


def test_buttons_work_without_a_script() -> None:
    page = Reader(html(CARDS["proposals/pending-approver"]))

    assert page.elements.count(("form", ("class", "method", "action"))) == 2
    assert ("input", "value", "approve") in page.values
    assert ("input", "value", "P-17.1.approve") in page.values
    assert ("button", "data-verb", "reject") in page.values
    assert ("textarea", "name", "reason") in page.values
    assert [tag for tag, _ in page.elements].count("details") == 2


def test_what_replaces_something_says_so_to_a_screen_reader() -> None:
    page = html(CARDS["proposals/pending-update-one-of-two"])

    assert '<del class="card-before"><bdi>Net 30</bdi></del>' in page
    assert '<ins class="card-after"><bdi>Net 60</bdi></ins>' in page
    assert '<del class="card-before"><bdi>empty</bdi></del>' in page


def test_a_name_cannot_turn_the_order_of_its_neighbours() -> None:
    card = Card("\u202eevil\u2066", "s", banner="שלום")

    page = html(card)

    assert '<bdi class="card-name">שלום</bdi>' in page
    assert "\u202e" not in page


def test_totals_and_numbers_can_be_told_apart_by_a_style_sheet() -> None:
    page = html(CARDS["answers/profit-and-loss"])

    assert '<tr class="card-strong"><th scope="row"><bdi>Net Income</bdi>' in page
    assert '<td class="card-number"><bdi>£41,637.60</bdi></td>' in page
    assert '<th scope="row" class="card-indent-2"><bdi>Fuel</bdi></th>' in page


def test_a_link_that_is_no_web_address_is_never_made() -> None:
    with pytest.raises(AssertionError):
        html(Card("t", "t", links=(Link("x", "javascript:alert(1)"),)))


def test_the_heading_fits_where_the_card_stands() -> None:
    page = html(Card("t", "t", sections=(Section(heading="h"),)), level=2)

    assert '<h2 class="card-title">' in page
    assert '<h3 class="card-heading">' in page


def test_a_press_goes_where_the_page_says() -> None:
    card = Card("t", "t", buttons=(Button("Go", "go", "1"),))

    assert 'action="/elsewhere"' in html(card, action="/elsewhere")
