"""Answers and corrections, over a restart between any two messages."""

import json
from datetime import date

import pytest

from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import Interpretation
from tests.understanding.test_said import COMPANIES, TODAY, shown, table
from tests.understanding.valid import check


def heard(said: str, today: date = TODAY) -> Interpretation:
    names = COMPANIES[said.startswith("[UK]")]
    context = Context()
    for message in said.removeprefix("[UK]").split("||"):
        made = interpret(message, names, today, context)
        check(made, names)
        kept = json.dumps(followed(context, made).as_json())
        context = Context.from_json(json.loads(kept))
    return made


@pytest.mark.parametrize(("said", "means"), table("answered_again"))
def test_an_answer_is_not_taken_for_another(said: str, means: str) -> None:
    made = heard(said)

    if made.question is None:
        assert shown(made) == means
        return
    kind, action, about, arguments = means.split(" ", 3)
    assert (made.kind, made.action or "-") == (kind, action)
    assert made.question.about == about
    assert made.arguments == json.loads(arguments)


def test_days_in_question_are_offered() -> None:
    made = heard("Zephyr paid 300 last quarter || the 15th")

    assert made.question is not None
    assert made.question.choices == ("2026-07-15", "2026-08-15", "2026-09-15")
