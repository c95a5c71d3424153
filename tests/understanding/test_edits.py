"""A slip of the finger makes a write the same write, or a question: never another."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding import canonical, samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.names import index_of
from tests.understanding.meanings import TODAY, Meanings

COMPANIES = {
    False: samples.names("harbour-pine-us"),
    True: samples.names("pennine-uk"),
}
SEEDS = st.integers(0, 2**32)
WRITES = sorted(name for name, shape in ACTIONS.items() if shape.kind == "write")
SAID = Path(__file__).parent / "said"
# What stands for itself: with another of these, other things are said.
_FREE = frozenset({"name", "email", "phone", "address", "memo", "description"})
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Without these a number says something else, and nobody can see what was left out.
_CARRYING = frozenset(
    [
        "due",
        "net",
        "dated",
        "each",
        "at",
        "grand",
        "k",
        "dozen",
        "check",
        "cheque",
        "reference",
        "ref",
        "limit",
        "not",
        "no",
        "instead",
        "x",
        "a",
        "an",
        "one",
    ]
)


def edited(text: str, rng: Random) -> str:
    """The text with one slip in a word that is no number, no address and no quote."""
    words = text.split(" ")
    places = [
        place
        for place, word in enumerate(words)
        if re.fullmatch(r"[^\W\d_]+(?:['’][^\W\d_]+)*[,.:;!?]?", word)
        and text[: len(" ".join(words[:place]))].count('"') % 2 == 0
    ]
    kind = rng.choice(("drop", "twice", "swap", "slip", "case", "marks", "thousands"))
    if kind == "case":
        return rng.choice((text.lower(), text.upper(), text.title()))
    if kind == "marks":
        return re.sub(r"(?<!\d)[,:;!?]|[,:;!?](?!\d)", "", text)
    if kind == "thousands":
        return re.sub(r"(?<=\d),(?=\d{3})", "", text)
    if not places:
        return text
    at = rng.choice(places)
    if kind == "drop":
        plain = words[at].strip(",.:;!?")
        if plain.casefold() in _CARRYING or not plain.islower() or is_name(plain):
            return text
        del words[at]
    elif kind == "twice":
        words.insert(at, words[at])
    elif (
        kind == "swap"
        and at + 1 in places
        and not any(is_name(word) for word in words[at : at + 2])
    ):
        words[at], words[at + 1] = words[at + 1], words[at]
    elif kind == "slip":
        words[at] = _slip(words[at], rng)
    return " ".join(words)


def is_name(word: str) -> bool:
    """Whether a word is one of some name: without it, another name is said."""
    return any(
        index_of(names).is_name_word(word.strip(",.:;!?").casefold())
        for names in COMPANIES.values()
    )


def _slip(word: str, rng: Random) -> str:
    """A word with a letter left out, typed twice, swapped or mistaken."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + rng.choice(_LETTERS) + word[at + 1 :],
        )
    )


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _FREE:
                yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield (*path, str(value).casefold())


def is_another(made: Interpretation, meant: Interpretation) -> bool:
    """Whether a write says anything that was not said before the slip."""
    if made.kind != "write":
        return False
    if made.action != meant.action:
        return True
    new = Counter(leaves(made.arguments)) - Counter(leaves(meant.arguments))
    return bool(new)


def heard(said: str, text: str | None = None) -> Interpretation:
    """A conversation's last message, or `text` in its place."""
    names = COMPANIES[said.startswith("[UK]")]
    *before, last = said.removeprefix("[UK]").split("||")
    context = Context()
    for message in before:
        context = followed(context, interpret(message, names, TODAY, context))
    return interpret(last if text is None else text, names, TODAY, context)


@pytest.mark.parametrize("action", WRITES)
@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans())
def test_a_slip_makes_no_other_write(action: str, seed: int, uk: bool) -> None:
    meant = Meanings(seed, COMPANIES[uk]).of(action)
    said = canonical.sentence(meant)
    assert said is not None

    text = edited(said, Random(seed))  # noqa: S311 - test data
    made = interpret(text, COMPANIES[uk], TODAY)

    assert not is_another(made, meant), (said, text, made)


def wished() -> list[str]:
    """What people said to change the books, in the tables."""
    found = []
    for name in ("writes", "asked", "conversations"):
        lines = (SAID / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        found += [
            said
            for said, means in pairwise(lines)
            if means.startswith(("    write ", "    corrected "))
        ]
    return found


WISHED = wished()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WISHED), SEEDS)
def test_a_slip_in_what_people_said_makes_no_other_write(said: str, seed: int) -> None:
    last = said.removeprefix("[UK]").split("||")[-1].strip()

    text = edited(last, Random(seed))  # noqa: S311 - test data
    made, meant = heard(said, text), heard(said)

    assert not is_another(made, meant), (said, text, made)


def test_another_write_is_told_from_the_same() -> None:
    meant = heard("invoice Acme West for 2 hours consulting, net 30")

    assert is_another(heard("invoice Acme West for 3 hours consulting"), meant)
    assert is_another(heard("invoice Lakeside HOA for 2 hours consulting"), meant)
    assert is_another(heard("void invoice 1042"), meant)
    assert not is_another(heard("invoice Acme West for 2 hours consulting"), meant)
    assert not is_another(heard("who owes us money"), meant)
    assert json.loads(json.dumps(meant.as_json()))["kind"] == "write"
