"""Sample cards about the language model that may help to read a message."""

from dataclasses import replace

from cards import model
from cards.card import Card
from cards.samples.proposed import PENDING, show
from cards.samples.world import PRIYA

_CHOICES = (
    ("anthropic", "Anthropic (claude-haiku-4-5)"),
    ("openai", "OpenAI (gpt-5-mini)"),
)


def cards() -> dict[str, Card]:
    """All of them by name."""
    helped = replace(
        PENDING,
        confidence=70,
        doubts=(
            f"Read with the help of a language model: {_CHOICES[0][1]}.",
            "“usual” was not used.",
        ),
    )
    return {
        "proposals/pending-read-with-model": show(helped, PRIYA, "approve", "reject"),
        "model/standing": model.standing(
            _CHOICES[0][1],
            _CHOICES,
            is_own_choice=False,
            tokens=412_760,
            budget=2_000_000,
        ),
        "model/used-up": model.standing(
            _CHOICES[0][1],
            _CHOICES[:1],
            is_own_choice=False,
            gone="OpenAI",
            tokens=2_000_000,
            budget=2_000_000,
        ),
        "model/off": model.standing(
            None, _CHOICES, is_own_choice=True, tokens=0, budget=2_000_000
        ),
        "model/none": model.none(),
    }
