from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import Context, interpret
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.questions import ask_action
from bot.understanding.sayings import SAYINGS
from qbo.books import Names

TODAY = date(2026, 11, 20)
COMPANIES = [samples.names("harbour-pine-us"), samples.names("pennine-uk")]
# Without a company in use there are no names to go by.
NOBODY = Names(company="")


def first_needed(action: str) -> set[str]:
    """What the action asks for first; alternatives are asked for by the first."""
    need = ACTIONS[action].missing({})
    if need is None:
        return set()
    return {need} if isinstance(need, str) else {need[0]}


def assert_means(made: Interpretation, action: str) -> None:
    assert made.action == action
    asked = made.question
    if asked is None:
        assert made.kind == ACTIONS[action].kind
    else:
        wanted = first_needed(action) or {"changes"}
        assert made.kind == "clarify"
        assert asked.about in wanted


def test_every_action_has_a_saying_and_no_two_share_one() -> None:
    assert list(SAYINGS) == list(ACTIONS)
    assert len(set(SAYINGS.values())) == len(SAYINGS)


@pytest.mark.parametrize("names", [*COMPANIES, NOBODY], ids=lambda n: n.company)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_saying_means_its_action(action: str, names: Names) -> None:
    assert_means(interpret(SAYINGS[action], names, TODAY), action)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_saying_answers_the_question_what_is_wanted(action: str) -> None:
    asked = ask_action((action, "help" if action != "help" else "invoices.list"))

    for said in (SAYINGS[action], action):
        made = interpret(said, COMPANIES[0], TODAY, Context(asked))

        assert_means(made, action)


def test_a_saying_keeps_what_was_understood_before_the_question() -> None:
    asked = ask_action(("invoice.show", "payment.record"), {"invoice": "1042"})

    show = interpret(SAYINGS["invoice.show"], COMPANIES[0], TODAY, Context(asked))
    pay = interpret(SAYINGS["payment.record"], COMPANIES[0], TODAY, Context(asked))

    assert show == Interpretation("read", "invoice.show", {"invoice": "1042"})
    assert pay.arguments == {"invoices": ["1042"]}
