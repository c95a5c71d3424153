"""How well requests are understood that were written before the grammar."""

import json
from dataclasses import dataclass

import pytest

from bot.understanding.interpretation import Interpretation
from tests.understanding.test_said import heard, rows


@dataclass(frozen=True, slots=True)
class Score:
    """How many requests were read exactly, and which ones dangerously."""

    asked: int
    exact: int
    action: int
    dangerous: tuple[str, ...]
    missed: tuple[str, ...]


def score(name: str) -> Score:
    exact, action = 0, 0
    dangerous, missed = [], []
    asked = [each.values for each in rows(name)]
    for said, means in asked:
        made = heard(str(said))
        right = is_exact(made, str(means))
        exact += right
        action += is_action(made, str(means))
        if not right:
            missed.append(f"{said}: {made}")
        if made.kind == "write" and not right:
            dangerous.append(f"{said}: {made}")
    return Score(len(asked), exact, action, tuple(dangerous), tuple(missed))


def is_exact(made: Interpretation, means: str) -> bool:
    kind, *rest = means.split(" ", 2)
    if kind != made.kind:
        return False
    if kind == "refuse":
        return made.reason == rest[0]
    if kind == "clarify":
        about, choices = rest[1].split(" ", 1)
        asked = made.question
        return (
            asked is not None
            and asked.about == about
            and set(json.loads(choices)) <= set(asked.choices)
        )
    return made.action == rest[0] and made.arguments == json.loads(rest[1])


def is_action(made: Interpretation, means: str) -> bool:
    kind, *rest = means.split(" ", 2)
    if kind != made.kind:
        return False
    return kind == "refuse" or rest[0] in {"-", made.action}


@pytest.mark.parametrize(
    ("name", "exact", "action"), [("asked", 0.98, 0.99), ("held_out", 0.94, 0.96)]
)
def test_requests_are_understood_and_none_dangerously(
    name: str, exact: float, action: float
) -> None:
    made = score(name)

    assert made.dangerous == ()
    assert made.exact >= exact * made.asked, made.missed if name == "asked" else ""
    assert made.action >= action * made.asked


def test_the_score_tells_a_right_reading_from_a_wrong_one() -> None:
    made = heard("void invoice 1042")

    assert is_exact(made, 'write invoice.void {"invoice": "1042"}')
    assert not is_exact(made, 'write invoice.void {"invoice": "1043"}')
    assert not is_exact(made, 'read invoice.show {"invoice": "1042"}')
    assert is_action(made, 'write invoice.void {"invoice": "1043"}')
    assert not is_action(made, "refuse not_supported")
