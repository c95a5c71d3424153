"""How surely a request was read, in numbers that can be explained."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding import samples
from bot.understanding.confidence import CONFIRMED, confidence, confirmed, together
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import Interpretation
from qbo.books import Name, Names

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "examples"
TODAY = date(2026, 11, 20)
NAMES = {company: samples.names(company) for company in samples.companies()}


def read(
    text: str,
    *history: str,
    names: Names = NAMES[samples.DEFAULT],
    today: date = TODAY,
) -> tuple[Interpretation, int, tuple[str, ...]]:
    context = Context()
    for earlier in history:
        context = followed(context, interpret(earlier, names, today, context))
    meant = interpret(text, names, today, context)
    return meant, *confidence(text, meant, names, today)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the labelled examples are not here")
def test_every_clean_example_of_a_write_is_surely_read() -> None:
    low, seen = [], 0
    with (FOLDER / "examples.jsonl").open(encoding="utf-8") as source:
        for line in source:
            example = json.loads(line)
            if example["expect"]["kind"] != "write":
                continue
            seen += 1
            _, score, doubts = read(
                example["text"],
                *(example.get("history") or ()),
                names=NAMES[example["company"]],
                today=date.fromisoformat(example["today"]),
            )
            if score < 85:
                low.append((example["text"], score, doubts))

    assert seen > 40
    assert low == []


@pytest.mark.parametrize(
    ("text", "score", "doubts"),
    [
        ("invoice Acme West for 10 hours consulting, net 30", 100, ()),
        (
            "invioce Acme West for 10 hours consulting, net 30",
            97,
            ("“invioce” was read as “invoice”.",),
        ),
        (
            "bill northgate schol for 3 consulting",
            92,
            ("“northgate schol” was read as Northgate School.",),
        ),
        (
            "invoice Acme West for 10 hours consulting because Dave said so",
            90,
            ("“Dave said” was not used.",),
        ),
        (
            "Tidewater Marina paid 1200 on 03/04 by check",
            82,
            (
                "“03/04” was read as 4 Mar 2026, month first.",
                "“1200” names no currency.",
            ),
        ),
        (
            "got 2 grand cash from paid media group yesterday",
            92,
            (
                "“2 grand” was read as 2,000.00.",
                "“2 grand” names no currency.",
                "“yesterday” was read as 19 Nov 2026.",
            ),
        ),
        (
            "invoice Acme West for 10 hours consulting because i guess luigi told us",
            75,
            (
                "“guess” sounds as if it were not sure.",
                "“luigi told” was not used.",
            ),
        ),
    ],
)
def test_typical_sentences_get_what_they_get(
    text: str, score: int, doubts: tuple[str, ...]
) -> None:
    meant, found, said = read(text)

    assert meant.kind == "write"
    assert (found, said) == (score, doubts)


def test_much_that_is_unsure_comes_to_less_than_half() -> None:
    meant, score, doubts = read(
        "northgate schol paid 2 grand cash on 03/04 because i suppose luigi said so"
    )

    assert meant.kind == "write"
    assert score == 46
    assert doubts[0] == "“suppose” sounds as if it were not sure."


def test_what_comes_from_an_earlier_message_is_said() -> None:
    meant, score, doubts = read(
        "make it 12 hours instead", "invoice Acme West for 10 hours consulting"
    )

    assert meant.corrects
    assert score == 95
    assert doubts == ("A part was taken from what was said before (Acme West).",)


def test_a_name_that_is_nearly_another_as_well_weighs_more() -> None:
    names = Names("Co", customers=(Name("Harborne"), Name("Harbourne")))
    meant = Interpretation("write", "customer.update", {"customer": "Harborne"})

    score, doubts = confidence("change harborn email to a@b.example", meant, names)

    assert doubts == (
        "“harborn” is nearly Harbourne as well.",
        "“harborn” was read as Harborne.",
    )
    assert score == 67


def test_a_name_that_fits_several_is_said_to_do_so() -> None:
    names = Names("Co", customers=(Name("Acme West"), Name("Acme East")))
    meant = Interpretation("write", "invoice.create", {"customer": "Acme West"})

    score, doubts = confidence("invoice acme", meant, names)

    assert (score, doubts) == (80, ("“acme” may be Acme West, or Acme East as well.",))


def test_any_assumption_that_is_not_told_otherwise_counts() -> None:
    names = NAMES[samples.DEFAULT]
    meant = Interpretation(
        "write",
        "invoice.create",
        {"customer": "Northgate School"},
        assumptions=(
            'I read "northgate schol" as Northgate School.',
            "A made-up assumption.",
        ),
    )

    score, doubts = confidence("invoice northgate schol", meant, names)

    assert score == 84
    assert sorted(doubts) == [
        "A made-up assumption.",
        "“northgate schol” was read as Northgate School.",
    ]


def test_words_in_a_memo_are_no_doubts() -> None:
    _, score, doubts = read(
        'invoice Acme West for 10 hours consulting, memo "maybe invioce 2k later"'
    )

    assert (score, doubts) == (100, ())


def test_it_takes_nothing_from_the_contract() -> None:
    meant, *_ = read("bill northgate schol for 3 consulting")

    assert set(meant.as_json()) == {
        "kind",
        "action",
        "arguments",
        "assumptions",
        "question",
        "reason",
    }


@given(st.text(max_size=80), st.sampled_from(sorted(NAMES)))
def test_it_is_between_0_and_100_whatever_was_said(text: str, company: str) -> None:
    _, score, doubts = read(text, names=NAMES[company])

    assert 0 <= score <= 100
    assert (score == 100) == (doubts == ())


def test_parts_read_apart_are_read_as_surely_as_the_less_sure_one() -> None:
    assert together((60, ("one",)), (95, ("two",))) == (60, ("one", "two"))
    assert together((95, ("one",)), (60, ("one",))) == (60, ("one",))
    assert together((None, ()), (95, ("two",))) == (95, ("two",))
    assert together((60, ("one",)), (None, ())) == (60, ("one",))
    assert together((None, ()), (None, ())) == (None, ())


def test_a_yes_to_a_reading_makes_it_no_surer_than_the_least() -> None:
    assert confirmed((12, ("one",)), 40) == (40, ("one", CONFIRMED))
    assert confirmed((80, ("one",)), 40) == (80, ("one",))
    assert confirmed((None, ()), 40) == (None, ())
