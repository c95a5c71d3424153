from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from cards import slack
from cards.card import Button, Card, Fact, Field, Section, Style, Table
from cards.gallery import gallery
from cards.plain import line
from tests.cards.nasty import FRAGMENTS, cards, full_of

CARDS = gallery()
# Where a button may lead: ourselves, or the posted record in QuickBooks.
OURS = ("https://countersign.", "https://qbo.intuit.com/app/")
TYPES = {
    *("context", "header", "section", "rich_text", "table", "actions", "divider"),
    *("rich_text_section", "rich_text_preformatted", "text", "link"),
    *("plain_text", "raw_text", "button"),
}


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in some JSON."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)


def visible(message: dict[str, Any]) -> str:
    return "\n".join(
        part["text"]
        for part in parts(message["blocks"])
        if isinstance(part.get("text"), str)
    )


def check(message: dict[str, Any]) -> None:
    """What must hold for every message."""
    blocks = message["blocks"]
    assert 1 <= len(blocks) <= slack.BLOCKS_MAX
    assert len(visible(message)) <= slack.CHARACTERS_MAX
    assert len([b for b in blocks if b["type"] == "table"]) <= 1
    for part in parts(blocks):
        if "type" in part:
            assert part["type"] in TYPES
        if part.get("type") == "plain_text":
            assert part["emoji"] is False
            assert 1 <= len(part["text"]) <= slack.TEXT_MAX
        if part.get("type") == "context":
            assert len(part["elements"]) <= slack.CONTEXT_ELEMENTS_MAX
        if part.get("type") == "button":
            assert len(part["text"]["text"]) <= slack.BUTTON_TEXT_MAX
            assert 0 < len(part.get("value", "x")) <= slack.BUTTON_VALUE_MAX
        if part.get("type") == "actions":
            ids = [each["action_id"] for each in part["elements"]]
            assert len(ids) == len(set(ids)) <= slack.ACTIONS_ELEMENTS_MAX
        if part.get("type") == "link":
            assert part["url"].startswith(OURS)


@pytest.mark.parametrize("name", CARDS)
def test_every_sample_is_a_message_within_slacks_limits(name: str) -> None:
    check(slack.payload(CARDS[name]))


@settings(max_examples=60, deadline=None)
@given(cards())
def test_texts_of_strangers_stay_literal_and_within_the_limits(card: Card) -> None:
    message = slack.payload(card)

    check(message)
    text = message["text"]
    for escaped in ("&amp;", "&lt;", "&gt;"):
        text = text.replace(escaped, "")
    assert not set(text) & set("<>&*_~`{}|@#")
    assert "://" not in text
    message_text = str(message)
    message_text.encode()


def test_a_customer_name_cannot_mention_the_channel() -> None:
    card = Card(
        title="<!channel> pays",
        summary="<!channel> <@U1> *pays*",
        sections=(
            Section(
                texts=("<!channel> *b* [a](b)",),
                facts=(Fact("Name", "<@U1>"),),
                table=Table(("Name",), (("<!here>",),)),
            ),
        ),
    )

    message = slack.payload(card)

    assert "<" not in message["text"].replace("&lt;", "")
    runs = [part for part in parts(message["blocks"]) if part.get("type") == "text"]
    assert {"type": "text", "text": "<!channel> *b* [a](b)"} in runs
    assert {"type": "text", "text": "<@U1>"} in runs
    assert not [p for p in parts(message) if p.get("type") in {"mrkdwn", "user"}]


def test_an_address_in_small_print_is_no_link() -> None:
    note = "See https://evil.example/pay, evil.example or a@evil.example"

    message = slack.payload(Card("t", "t", banner=note, footnotes=(note,)))

    assert "://" not in visible(message)
    assert "evil.example" not in visible(message)


def test_a_button_says_its_verb_and_carries_its_token() -> None:
    message = slack.payload(CARDS["proposals/pending-approver"])

    buttons = {
        part["action_id"]: part
        for part in parts(message["blocks"])
        if part.get("type") == "button"
    }
    assert set(buttons) == {"cs:approve", "cs-ask:reject"}
    assert buttons["cs:approve"]["value"] == "P-17.1.approve"
    assert "$1,500.00" in buttons["cs:approve"]["confirm"]["text"]["text"]
    assert buttons["cs:approve"]["style"] == "primary"
    assert "confirm" not in buttons["cs-ask:reject"]


def test_equal_verbs_on_one_card_have_their_own_ids() -> None:
    card = Card(
        "Which?",
        "Which?",
        buttons=tuple(Button(name, "say", name) for name in "abc"),
    )

    message = slack.payload(card)

    ids = [part["action_id"] for part in parts(message) if "action_id" in part]
    assert ids == ["cs:say", "cs:say#2", "cs:say#3"]


def test_there_is_one_primary_button_at_most() -> None:
    two = tuple(Button(n, n, style=Style.PRIMARY) for n in ("a", "b"))

    message = slack.payload(Card("t", "t", buttons=two))

    styles = [part.get("style") for part in parts(message) if "action_id" in part]
    assert styles == ["primary", None]


def test_a_long_table_is_cut_and_says_so_and_keeps_its_total() -> None:
    rows = (*((f"Row {n}", "1.00") for n in range(300)), ("Total", "300.00"))
    table = Table(("What", "Amount"), rows, (1,), emphasis=(300,), more="… and 9 more")

    message = slack.payload(Card("t", "t", sections=(Section(table=table),)))

    check(message)
    drawn = next(b for b in message["blocks"] if b["type"] == "table")
    assert len(drawn["rows"]) == slack.TABLE_ROWS_MAX
    assert "Total" in str(drawn["rows"][-1])
    assert "… and 9 more; … and 202 more rows do not fit here" in visible(message)


def test_a_table_of_many_columns_is_cut_and_says_so() -> None:
    columns = tuple(f"C{n}" for n in range(30))

    message = slack.payload(
        Card("t", "t", sections=(Section(table=Table(columns, (columns,))),))
    )

    check(message)
    assert "… and 10 more columns do not fit here" in visible(message)
    assert "C29" in visible(message)


def test_a_card_that_does_not_fit_says_that_it_is_not_all() -> None:
    sections = tuple(
        Section(heading=f"Part {n}", texts=("word " * 200,)) for n in range(60)
    )

    message = slack.payload(Card("t", "t", sections=sections, footnotes=("the end",)))

    check(message)
    assert "This is not all" in visible(message)
    assert visible(message).endswith("the end")


def test_a_second_table_is_drawn_in_letters() -> None:
    table = Table(("Name", "Amount"), (("Acme West", "$1.00"),), (1,))

    message = slack.payload(Card("t", "t", sections=(Section(table=table),) * 2))

    check(message)
    assert "Acme West   $1.00" in visible(message)


def test_a_long_title_is_shown_whole() -> None:
    sentence = "QuickBooks did not answer. " * 12

    message = slack.payload(Card(sentence, "s"))

    assert message["blocks"][0]["type"] == "section"
    assert visible(message) == line(sentence)


def test_a_form_asks_what_the_button_asks() -> None:
    button = slack.asking("token", "Reject", "reject")

    view = slack.modal(button, metadata="[1]")

    assert view["private_metadata"] == "[1]"
    assert view["callback_id"] == slack.MODAL
    (asked,) = view["blocks"]
    assert asked["block_id"] == asked["element"]["action_id"] == "reason"
    assert asked["optional"] is False


def test_a_form_of_strangers_texts_stays_within_the_limits() -> None:
    field = Field("f", "<!channel>" * 500, required=False, max_length=9000)
    view = slack.modal(Button("x" * 99, "v", asks=(field,), confirm="sure?"))

    assert len(view["title"]["text"]) == slack.MODAL_TITLE_MAX
    assert len(view["blocks"][1]["label"]["text"]) == slack.LABEL_MAX
    assert view["blocks"][1]["element"]["max_length"] == slack.INPUT_MAX


def test_a_verb_that_asks_nothing_has_no_form() -> None:
    with pytest.raises(ValueError, match="asks nothing"):
        slack.asking("token", "Approve", "approve")


@pytest.mark.parametrize("text", [*(each * 200 for each in FRAGMENTS), "long " * 900])
def test_a_card_that_is_full_everywhere_stays_within_the_limits(text: str) -> None:
    check(slack.payload(full_of(text)))


def test_more_buttons_than_fit_are_counted() -> None:
    many = tuple(Button("a name " * 9, "say", "a name " * 90) for _ in range(90))

    made = slack.payload(Card("t", "t", buttons=many))

    check(made)
    shown = [p for p in parts(made) if "action_id" in p or "verb" in p]
    assert 0 < len(shown) < 90
    assert f"… and {90 - len(shown)} more; type it instead." in visible(made)
