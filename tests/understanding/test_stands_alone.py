from datetime import date
from pathlib import Path

import pytest

from bot.understanding import samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import ACTIONS

TODAY = date(2026, 11, 20)
NAMES = samples.names("harbour-pine-us")
SAID = Path(__file__).parent / "said"


def lines(name: str) -> list[str]:
    text = (SAID / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


WISHES = lines("alone")
ALONE = {said: interpret(said, NAMES, TODAY) for said in WISHES}


def test_every_write_is_wished_for_in_two_ways_at_least() -> None:
    wished = [made.action for made in ALONE.values()]

    for action, shape in ACTIONS.items():
        if shape.kind == "write":
            assert wished.count(action) >= 2, action


@pytest.mark.parametrize("first", WISHES)
def test_a_write_holds_nothing_of_the_write_before_it(first: str) -> None:
    before = ALONE[first]
    context = followed(Context(), before)
    # All of the same action, and one of each other.
    ones = {made.action: said for said, made in ALONE.items()}

    for second in WISHES:
        if ALONE[second].action != before.action and second not in ones.values():
            continue
        made = interpret(second, NAMES, TODAY, context)

        assert made == ALONE[second], f"{first} || {second}"
        assert not made.corrects


@pytest.mark.parametrize("said", lines("names_another"))
def test_what_names_another_does_not_correct(said: str) -> None:
    first, second = said.split(" || ")
    before = interpret(first, NAMES, TODAY)
    assert ACTIONS[before.action or "help"].kind == "write"

    made = interpret(second, NAMES, TODAY, followed(Context(), before))

    assert not made.corrects
    assert made == interpret(second, NAMES, TODAY)
