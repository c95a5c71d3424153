"""Cards about the language model that may help to read a message."""

from collections.abc import Sequence

from cards.card import Card, Fact, Section
from cards.plain import line
from cards.talk import said_button, sentence

_SENT = (
    "A model is asked only when I am not sure what you mean. It is sent your words,"
    " the day, and names that these could mean; nothing else of the books."
)
_NONE = (
    "No language model is set up here: I understand requests by myself, and what you"
    " write goes nowhere else."
)


def standing(
    used: str | None,
    choices: Sequence[tuple[str, str]],
    *,
    is_own_choice: bool,
    gone: str | None = None,
    tokens: int,
    budget: int,
) -> Card:
    """Which model is asked for a person, what else could be, and what was used.

    `choices` are the words to choose one with, and its title.
    """
    if used is None:
        text = "No language model is asked about what you write."
    else:
        text = f"When I am not sure what you mean, I ask {line(used)}."
    left = max(0, budget - tokens)
    facts = (
        Fact("Chosen by", "you" if is_own_choice else "the operator"),
        Fact("Used this month", f"{tokens:,} of {budget:,} tokens, by everybody"),
    )
    notes = [] if left else ["This month's budget is used up, so it is not asked now."]
    if gone is not None:
        notes.append(f"You chose {line(gone)}, which is not set up here any more.")
    words = [f"“model {word}”: {line(title)}" for word, title in choices]
    words += ["“model off”: none of them", "“model reset”: as the operator chose"]
    return Card(
        title=text,
        summary=text,
        sections=(
            Section(texts=(_SENT, *notes), facts=facts),
            Section(heading="What you can say", texts=tuple(words)),
        ),
        buttons=tuple(
            said_button(f"model {word}")
            for word in (*(word for word, _ in choices), "off", "reset")
        ),
    )


def none() -> Card:
    """Told to who asks about models where the operator has set up none."""
    return sentence(_NONE)
