"""Which customer, vendor, item or account a message means."""

import re
from dataclasses import dataclass

from bot.understanding import purchases
from bot.understanding.names import words_of
from bot.understanding.reading import (
    ARGUMENT_LETTERS,
    Gathered,
    Reading,
    near_assumption,
)
from bot.understanding.sentence import Sentence
from bot.understanding.text import Part

# Words after which a name stands.
_SLOTS = frozenset(
    [
        "for",
        "from",
        "at",
        "with",
        "by",
        "to",
        "of",
        "on",
        "about",
        "called",
        "named",
        "customer",
        "vendor",
        "does",
        "did",
        "has",
        "have",
        "do",
        "is",
        "was",
        "show",
        "me",
        "up",
        "see",
        "open",
        "invoice",
        "bill",
        "charge",
        "pay",
        "owe",
        "against",
        "via",
        "item",
        "account",
        "in",
        "using",
        "under",
        "for:",
        "and",
        "vs",
    ]
)


@dataclass(frozen=True, slots=True)
class Said:
    """Parts that are, or ought to be, a name: from `first` up to without `last`."""

    first: int
    last: int


def is_unknown(part: Part) -> bool:
    """Whether it is a word that neither grammar nor books know."""
    return (not part.known and part.symbol != "<memo>") or part.symbol == "<?>"


def fits_of(part: Part, letter: str) -> tuple[str, ...]:
    """The names of one list that a part fits."""
    if not part.symbol.startswith("<name:") or not isinstance(part.value, dict):
        return ()
    fit = part.value.get(letter)
    return fit.names if fit else ()


def phrases(sentence: Sentence, letters: str) -> list[Said]:
    """Runs of unknown words and of names that fit none of the lists asked."""
    made: list[Said] = []
    place = 0
    row = sentence.parts
    while place < len(row):
        if not _is_foreign(row[place], letters):
            place += 1
            continue
        first = place
        while place < len(row) and (
            _is_foreign(row[place], letters)
            or (
                row[place].symbol in {"and", "of", "'", "-"}
                and place + 1 < len(row)
                and _is_foreign(row[place + 1], letters)
                and is_unknown(row[place + 1])
            )
        ):
            place += 1
        made.append(Said(first, place))
    return made


def _is_foreign(part: Part, letters: str) -> bool:
    if part.symbol.startswith("<name:"):
        return not any(fits_of(part, letter) for letter in letters)
    return is_unknown(part)


def in_slot(sentence: Sentence, said: Said) -> bool:
    """Whether the words before (or a possessive) say that a name stands here."""
    before = said.first - 1
    while before >= 0 and sentence.parts[before].symbol in {"the", "our", "a", "any"}:
        before -= 1
    last = sentence.parts[said.last - 1]
    return (
        (before >= 0 and sentence.parts[before].symbol in _SLOTS)
        or before < 0
        or last.possessive
        or sentence.text[sentence.parts[said.first].start].isupper()
    )


def prefer_account(
    reading: Reading, names: tuple[str, ...], use: str
) -> tuple[str, ...]:
    """Of several accounts, those that can serve the use at hand."""
    known = reading.index.books["a"].names
    kinds: dict[str, frozenset[str]] = {
        "expense": frozenset({"Expense", "Other Expense", "Cost of Goods Sold"}),
        "pay_from": frozenset({"Bank", "Credit Card"}),
        "deposit_to": frozenset({"Bank", "Other Current Asset"}),
        "income_account": frozenset({"Income", "Other Income"}),
    }
    if use not in kinds:
        return names
    return tuple(n for n in names if known[n].type in kinds[use])


def resolve(
    sentence: Sentence,
    argument: str,
    gathered: Gathered,
    parts: list[int] | None = None,
    *,
    strict: bool = False,
) -> int | None:
    """Find the one name for an argument, or note the doubt about it.

    `parts` are the places to look at (all, when None). `strict` makes an unknown
    word beside a name a doubt even where the name was said in full: a write is
    never guessed. Returns the place of the name.
    """
    letter = ARGUMENT_LETTERS[argument]
    places = [
        place
        for place in (range(len(sentence.parts)) if parts is None else parts)
        if fits_of(sentence.parts[place], letter)
    ]
    if not places:
        return None
    options: set[tuple[str, ...]] = {
        fits_of(sentence.parts[place], letter) for place in places
    }
    if len(options) > 1:
        singles: set[tuple[str, ...]] = {names for names in options if len(names) == 1}
        common = set.intersection(*(set(names) for names in options))
        if len(singles) != 1 or not common:
            choices = sorted({name for names in options for name in names})
            gathered.doubt(argument, tuple(choices))
            return places[0]
        options = singles
        places = [p for p in places if fits_of(sentence.parts[p], letter) in singles]
    place = places[0]
    part = sentence.parts[place]
    fit = part.value[letter]
    said = sentence.said(place, place + 1)
    beside = _unknown_beside(sentence, place)
    if beside is not None and not strict and not fit.whole:
        short = _shortened(fit.names, sentence.parts[beside].fold)
        if len(short) == 1:
            # "Pac power": what it is short for makes it that one.
            sentence.parts[beside].known = True
            phrase = sentence.said(min(place, beside), max(place, beside) + 1)
            gathered.arguments[argument] = short[0]
            gathered.assumptions.append(f'I read "{phrase}" as {short[0]}.')
            return place
    if beside is not None and (strict or not fit.whole):
        phrase = sentence.said(min(place, beside), max(place, beside) + 1)
        gathered.doubt(argument, fit.names, phrase)
        return place
    if strict and _ends_with_count(sentence, place):
        gathered.doubt("quantity")
    if len(fit.names) > 1 or (strict and _swallows_number(sentence, place)):
        gathered.doubt(argument, fit.names, said)
        return place
    gathered.arguments[argument] = fit.names[0]
    note = near_assumption(fit, said)
    if note:
        gathered.assumptions.append(note)
    return place


_LETTERS_MIN = 3
_LEFT_OUT_MAX = 2


def _shortened(names: tuple[str, ...], word: str) -> tuple[str, ...]:
    """The names that have a word of which another is a shorter form."""
    return tuple(
        name
        for name in names
        if any(_is_short_for(word, whole) for whole in words_of(name)[0])
    )


def _is_short_for(word: str, whole: str) -> bool:
    """Whether it is how a word begins, or all of it but a letter or two: "htl"."""
    if len(word) < _LETTERS_MIN or word[0] != whole[:1]:
        return False
    if whole.startswith(word):
        return True
    letters = iter(whole)
    in_order = all(letter in letters for letter in word)
    return in_order and len(whole) - len(word) <= _LEFT_OUT_MAX


def _swallows_number(sentence: Sentence, place: int) -> bool:
    """Whether a name said in part ends with a number that may be a quantity."""
    part = sentence.parts[place]
    if any(fit.whole for fit in part.value.values()) or not part.fold[-1:].isdigit():
        return False
    after = sentence.parts[place + 1 : place + 2]
    return bool(after) and after[0].symbol.startswith("<name:")


def _ends_with_count(sentence: Sentence, place: int) -> bool:
    """Whether the last of a name's numbers may be how many: "brookside 1 12 key fobs".

    Written apart, unlike in the name, they may be the name's own or not.
    """
    part = sentence.parts[place]
    after = sentence.parts[place + 1 : place + 2]
    apart = re.search(r"\d\s+\d+$", sentence.text[part.start : part.end])
    return bool(apart and after) and after[0].symbol.startswith("<name:")


def _unknown_beside(sentence: Sentence, place: int) -> int | None:
    row = sentence.parts
    if (
        place + 1 < len(row)
        and is_unknown(row[place + 1])
        and not (row[place].possessive)
    ):
        return place + 1
    if place and is_unknown(row[place - 1]) and not row[place - 1].possessive:
        return place - 1
    return None


def likely(reading: Reading, letter: str, phrase: str) -> tuple[str, ...]:
    """Names that words may mean which fit none; of a thing bought, its accounts."""
    book = reading.index.books[letter]
    if letter == "a" and purchases.is_thing(phrase):
        return purchases.accounts(book, phrase)
    return book.likely(phrase)


def unresolved(
    reading: Reading,
    sentence: Sentence,
    argument: str,
    gathered: Gathered,
    letters: str | None = None,
) -> bool:
    """Note a doubt where a name stands that no list of the action knows."""
    letter = ARGUMENT_LETTERS[argument]
    for said in phrases(sentence, letters or letter):
        if not in_slot(sentence, said):
            continue
        phrase = sentence.said(said.first, said.last)
        phrase = phrase.removesuffix("'s").removesuffix("'")
        gathered.doubt(argument, likely(reading, letter, phrase), phrase)
        return True
    return False
