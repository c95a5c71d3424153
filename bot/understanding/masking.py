"""A message without what is nobody's business but its writer's.

What was not understood is kept for the operator: which words, not whose, and not
how much. Sums, numbers, days, addresses, quotes and names of the books go.
"""

import re
from datetime import date

from bot.understanding.names import index_of
from bot.understanding.reading import Reading
from bot.understanding.text import LENGTH_MAX, clean
from qbo.books import Names

WORDS_MAX = 200
_TAGS = {
    "<e>": "‹e-mail›",
    "<phone>": "‹phone›",
    "<q>": "‹text›",
    "<memo>": "‹text›",
    "<described>": "‹text›",
    "<date>": "‹date›",
    "<terms>": "‹terms›",
}
_NUMBERS = re.compile(r"[$£€]?\d[\d.,/-]*")
_ADDRESSES = re.compile(r"\S*@\S*")


def masked(text: str, names: Names, today: date) -> str:
    """The words of a message in lower case, with tags for what is left out."""
    reading = Reading(clean(text[:LENGTH_MAX]), index_of(names), today)
    said = reading.text
    for part in reversed(reading.sentence.parts):
        tag = _tag(part.symbol)
        if tag is not None:
            said = f"{said[: part.start]}{tag}{said[part.end :]}"
    said = _ADDRESSES.sub("‹e-mail›", said.casefold())
    return _NUMBERS.sub("‹number›", said)[:WORDS_MAX]


def _tag(symbol: str) -> str | None:
    if symbol.startswith("<name:"):
        return "‹name›"
    if symbol in _TAGS:
        return _TAGS[symbol]
    if symbol.startswith("<") and symbol not in {"<?>", "<weak>"}:
        return "‹number›"
    return None
