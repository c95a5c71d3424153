"""Every meaning can be said in one sentence that means just that again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding import canonical, samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.questions import ask_action
from qbo.books import Names
from tests.understanding.meanings import TODAY, Meanings
from tests.understanding.valid import check

HARBOUR = samples.names("harbour-pine-us")
PENNINE = samples.names("pennine-uk")
SEEDS = st.integers(0, 2**32)
COMPANIES = st.sampled_from([HARBOUR, PENNINE])


@pytest.mark.parametrize("action", ACTIONS)
@settings(max_examples=12, deadline=None)
@given(SEEDS, COMPANIES)
def test_what_is_said_back_means_the_same(action: str, seed: int, names: Names) -> None:
    meant = Meanings(seed, names).of(action)
    check(meant, names)

    said = canonical.sentence(meant)

    assert said is not None
    read = interpret(said, names, TODAY)
    assert (read.kind, read.action, read.arguments) == (
        meant.kind,
        meant.action,
        meant.arguments,
    ), said


@settings(max_examples=60, deadline=None)
@given(SEEDS, SEEDS, COMPANIES, st.sampled_from(sorted(ACTIONS)))
def test_a_whole_request_means_the_same_after_any_other(
    seed: int, other: int, names: Names, action: str
) -> None:
    meant = Meanings(seed, names).of(action)
    before = Meanings(other, names).of(sorted(ACTIONS)[other % len(ACTIONS)])
    said, earlier = canonical.sentence(meant), canonical.sentence(before)
    assert said is not None
    assert earlier is not None

    context = followed(Context(), interpret(earlier, names, TODAY))
    read = interpret(said, names, TODAY, context)

    if read.kind == "write":
        assert (read.action, read.arguments) == (meant.action, meant.arguments), earlier


def test_the_company_of_a_request_stands_in_its_sentence() -> None:
    meant = Interpretation(
        "read", "receivables.list", {"company": "Pennine Property Care"}
    )

    said = canonical.sentence(meant)

    assert said == "in Pennine Property Care, who owes us money"
    assert interpret(said, HARBOUR, TODAY).arguments == meant.arguments


def test_a_question_has_no_sentence() -> None:
    assert canonical.sentence(ask_action(("help",))) is None
