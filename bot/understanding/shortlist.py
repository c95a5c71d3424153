"""The names of the books that a message could mean: all that anybody else is told.

Found by our own matcher: what was said in full, in part or misspelt, and what looks
like words that nobody knows. A name that holds more than a name (an e-mail address,
an amount, something like a token) is left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.names import index_of
from bot.understanding.parties import fits_of, phrases
from bot.understanding.reading import Reading
from bot.understanding.text import clean
from qbo.books import Names

LETTERS: Mapping[str, str] = {
    "customer": "c",
    "vendor": "v",
    "item": "i",
    "account": "a",
    "terms": "t",
    "method": "m",
    "company": "k",
}
# Of one list; several first names alike are still all told.
NAMES_MAX = 12
_NAME_LENGTH_MAX = 100
_LIKELY_MAX = 3
_PRIVATE = re.compile(
    r"@"  # an address
    r"|[$£€]\s?\d|\d[\d.,]*\s?[$£€]|\d[,.]\d{2}(?!\d)|\d{1,3}(?:,\d{3})+"  # a sum
    r"|[A-Za-z0-9_+/=-]{24,}|\d{9,}"  # a token, the number of an account
    r"|https?:|://"
)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Names by the argument that they can be, and the question before.

    `about` and `choices` are what was asked before these words; the choices are
    names or actions, never anything else.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about: str = ""
    choices: tuple[str, ...] = ()

    def has(self, argument: str, name: str) -> bool:
        """Whether that name was told as one of that kind."""
        return name in self.names.get(argument, ()) or (
            argument == self.about and name in self.choices
        )


def shortlist(
    words: str, names: Names, today: date, last: Interpretation | None = None
) -> Shortlist:
    """The names that some words could mean, and the question they may answer."""
    index = index_of(names)
    reading = Reading(clean(words), index, today)
    said = [
        reading.sentence.said(each.first, each.last)
        for each in phrases(reading.sentence, "cvia")
    ]
    found: dict[str, tuple[str, ...]] = {}
    for argument, letter in LETTERS.items():
        book = index.books[letter]
        fits = [name for p in reading.sentence.parts for name in fits_of(p, letter)]
        fits += _fitting(reading, letter) if letter in "tmk" else []
        likely = [n for each in said for n in book.likely(each, _LIKELY_MAX)]
        # Each word by itself too: "tidewatr thing" is like no name as a whole.
        likely += [
            name
            for each in said
            for word in each.split()
            if len(word) > _LIKELY_MAX
            for name in book.fit(word).names
        ]
        if told := told_of([*fits, *likely]):
            found[argument] = told
    about, choices = _asked_before(last, names)
    return Shortlist(found, about, choices)


def _fitting(reading: Reading, letter: str) -> list[str]:
    """Terms, methods and companies, which the grammar marks otherwise or not at all."""
    book = reading.index.books[letter]
    found: list[str] = []
    for part in reading.sentence.parts:
        if letter == "t" and part.symbol == "<terms>":
            found += [part.value[0]] if part.value[0] else list(book.names)
    for place in range(len(reading.raw.parts)):
        matched = book.match(reading.raw.parts, place)
        if matched is not None and (matched[1].whole or matched[2]):
            found += matched[1].names
    return found


def told_of(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some names that may be told to anybody else, each once."""
    fine = (
        name
        for name in dict.fromkeys(names)
        if len(name) <= _NAME_LENGTH_MAX and not _PRIVATE.search(name)
    )
    return tuple(fine)[:NAMES_MAX]


def _asked_before(
    last: Interpretation | None, names: Names
) -> tuple[str, tuple[str, ...]]:
    """What was asked, where its choices are names of the books or actions."""
    if last is None or last.kind != "clarify" or last.question is None:
        return "", ()
    asked = last.question
    index = index_of(names)
    known = {name for book in index.books.values() for name in book.names}
    choices = [each for each in asked.choices if each in known or each in ACTIONS]
    return asked.about, told_of(choices)
