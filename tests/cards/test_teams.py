import json
from typing import Any

import pytest
from hypothesis import given, settings

from cards import teams
from cards.card import Button, Card, Fact, Field, Link, Section, Table
from cards.gallery import gallery
from tests.cards.nasty import FRAGMENTS, cards, full_of
from tests.cards.test_slack import parts

CARDS = gallery()
# Where a button may lead: ourselves, or the posted record in QuickBooks.
OURS = ("https://countersign.", "https://qbo.intuit.com/app/")
TYPES = {
    *("AdaptiveCard", "RichTextBlock", "TextRun", "ColumnSet", "Column"),
    *("Table", "TableRow", "TableCell", "Container", "ActionSet"),
    *("Action.Execute", "Action.ShowCard", "Action.OpenUrl", "Input.Text"),
    *("Chart.VerticalBar", "Chart.HorizontalBar", "Chart.VerticalBar.Grouped"),
}


def visible(content: dict[str, Any]) -> str:
    return "\n".join(
        part["text"] for part in parts(content["body"]) if part.get("type") == "TextRun"
    )


def check(content: dict[str, Any]) -> None:
    """What must hold for every card."""
    assert content["version"] == "1.5"
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode("utf-16-le")) // 2 <= teams.CHARACTERS_MAX
    assert len(content.get("actions", [])) <= teams.ACTIONS_MAX
    assert not set(content["fallbackText"]) & set("*_~`<>{}|@#")
    for part in parts(content):
        assert part.get("type", "TextRun") in TYPES
        if part.get("type") == "TextRun":
            assert part["text"]
            assert "{{" not in part["text"]
            assert "<at>" not in part["text"]
        for key in ("title", "label", "placeholder", "errorMessage"):
            assert "{{" not in part.get(key, "")
        if "url" in part:
            assert part["url"].startswith(OURS)
        assert "entities" not in part


@pytest.mark.parametrize("name", CARDS)
def test_every_sample_is_a_card_within_teams_limits(name: str) -> None:
    check(teams.content(CARDS[name]))


@settings(max_examples=60, deadline=None)
@given(cards())
def test_texts_of_strangers_stay_literal_and_within_the_limits(card: Card) -> None:
    content = teams.content(card)

    check(content)
    json.dumps(content, ensure_ascii=False).encode()
    assert not set(teams.summary(card)) & set("*_~`<>{}|@#")


def test_a_customer_name_cannot_be_markup_or_a_mention_or_a_macro() -> None:
    name = "[a](b) *c* <at>Priya</at> {{DATE(x)}} {{{{"
    card = Card("t", "t", sections=(Section(facts=(Fact("Name", name),)),))

    runs = [p["text"] for p in parts(teams.content(card)) if p.get("type") == "TextRun"]

    assert "[a](b) *c* ‹at>Priya‹/at> { {DATE(x)}} { { { {" in runs


def test_a_button_that_confirms_or_asks_unfolds_before_it_counts() -> None:
    actions = teams.content(CARDS["proposals/pending-approver"])["actions"]

    approve, reject, console = actions
    assert approve["type"] == reject["type"] == "Action.ShowCard"
    (yes,) = approve["card"]["actions"]
    assert (yes["verb"], yes["data"]) == ("approve", {"token": "P-17.1.approve"})
    assert "$1,500.00" in str(approve["card"]["body"])
    (reason,) = reject["card"]["body"]
    assert (reason["id"], reason["isRequired"]) == ("reason", True)
    assert reject["card"]["actions"][0]["verb"] == "reject"
    assert console["type"] == "Action.OpenUrl"


def test_a_plain_button_ignores_inputs_of_others() -> None:
    (action,) = teams.content(Card("t", "t", buttons=(Button("Go", "go", "1"),)))[
        "actions"
    ]

    assert action["associatedInputs"] == "none"


def test_many_buttons_stand_in_rows() -> None:
    content = teams.content(CARDS["talk/question-many"])

    assert "actions" not in content
    rows = [each for each in content["body"] if each["type"] == "ActionSet"]
    assert [len(row["actions"]) for row in rows] == [6, 6, 6, 2]


def test_an_address_that_teams_does_not_open_is_shown() -> None:
    card = Card("t", "t", links=(Link("Open", "http://127.0.0.1:8790/x"),))

    content = teams.content(card)

    assert "actions" not in content
    assert "Open: http://127.0.0.1:8790/x" in visible(content)


def test_a_long_table_is_cut_and_says_so_and_keeps_its_total() -> None:
    rows = (*((f"Row {n}", "1.00") for n in range(300)), ("Total", "300.00"))
    table = Table(("What", "Amount"), rows, (1,), emphasis=(300,), more="… and 9 more")

    content = teams.content(Card("t", "t", sections=(Section(table=table),)))

    check(content)
    drawn = next(each for each in content["body"] if each["type"] == "Table")
    assert "Total" in str(drawn["rows"][-1])
    left = 301 - (len(drawn["rows"]) - 1)
    assert f"… and 9 more; … and {left} more rows do not fit here" in visible(content)


def test_a_table_of_many_columns_is_cut_and_says_so() -> None:
    columns = tuple(f"C{n}" for n in range(13))

    content = teams.content(
        Card("t", "t", sections=(Section(table=Table(columns, (columns,))),))
    )

    check(content)
    assert "… and 5 earlier columns do not fit here" in visible(content)
    assert "C12" in visible(content)


def test_a_card_that_does_not_fit_says_that_it_is_not_all() -> None:
    sections = tuple(
        Section(heading=f"Part {n}", texts=("word " * 200,)) for n in range(60)
    )

    content = teams.content(Card("t", "t", sections=sections, footnotes=("the end",)))

    check(content)
    assert "This is not all" in visible(content)
    assert visible(content).endswith("the end")


def test_a_wide_table_has_lines_for_narrow_screens() -> None:
    content = teams.content(CARDS["answers/aging"])

    wide, narrow = (each for each in content["body"] if "targetWidth" in each)
    assert (wide["type"], wide["targetWidth"]) == ("Table", "atLeast:standard")
    assert (narrow["type"], narrow["targetWidth"]) == ("Container", "atMost:narrow")
    assert "Bright Star Dental" in str(narrow)
    assert "1 - 30 $120.00" in str(narrow)


def test_two_fields_of_one_card_cannot_share_an_id() -> None:
    asking = Button("Go", "go", asks=(Field("reason", "Why?"),))

    with pytest.raises(AssertionError):
        teams.content(Card("t", "t", buttons=(asking, asking)))


@pytest.mark.parametrize("text", [*(each * 200 for each in FRAGMENTS), "long " * 900])
def test_a_card_that_is_full_everywhere_stays_within_the_limits(text: str) -> None:
    check(teams.content(full_of(text)))


def test_more_buttons_than_fit_are_counted() -> None:
    many = tuple(Button("a name " * 9, "say", "a name " * 90) for _ in range(90))

    made = teams.content(Card("t", "t", buttons=many))

    check(made)
    shown = [p for p in parts(made) if "action_id" in p or "verb" in p]
    assert 0 < len(shown) < 90
    assert f"… and {90 - len(shown)} more; type it instead." in visible(made)
