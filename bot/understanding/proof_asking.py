"""What is asked where a write that somebody else read is not borne out in full."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.understanding.confidence import reading_of
from bot.understanding.evidence import Left
from bot.understanding.interpretation import Interpretation
from bot.understanding.questions import ask_action

_SHOWN_MAX = 60
_NAMED_MAX = 6
# What a question's answer would bring, of what was said and not used.
_ASKED_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("quantity", "amount", "price", "invoice", "bill"), ("number",)),
    **dict.fromkeys(("date", "due_date", "period"), ("date",)),
    **dict.fromkeys(("customer", "vendor"), ("name", "stray")),
    **dict.fromkeys(("item", "account", "lines"), ("name", "stray", "number")),
}


def answers_all(asked: Interpretation, left: Sequence[Left]) -> bool:
    """Whether the answer to a question brings all that was said and not used."""
    about = asked.question.about if asked.question else ""
    return all(each.kind in _ASKED_OF.get(about, ()) for each in left)


def did_you_mean(
    choices: tuple[str, ...], understood: Interpretation, left: Sequence[Left] = ()
) -> Interpretation:
    """The question which of these is wanted, with what is understood so far.

    `left` is what was said and would be left out; it is named.
    """
    asked = ask_action(choices, dict(understood.arguments))
    if asked.question is None:
        return asked
    said = ", ".join(
        dict.fromkeys(f"“{each.said[:_SHOWN_MAX]}”" for each in left[:_NAMED_MAX])
    )
    text = f"I made nothing of {said}. " if said else ""
    if len(choices) == 1:
        told = reading_of(replace(understood, action=choices[0])).removesuffix(": ")
        text += f"Did you mean this? {told}."
    else:
        text += asked.question.text
    return replace(asked, question=replace(asked.question, text=text))
