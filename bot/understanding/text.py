"""Text becomes parts: words, numbers, quotes, addresses, marks.

A part has a `symbol`, what the grammar's patterns see: the word itself in its
plain form, or a tag such as `<q>` for what must never be read as grammar.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.understanding import vocabulary

# Longer messages are no requests; the caller asks to say it shorter.
LENGTH_MAX = 2000
PARTS_MAX = 300
# Words of this length are too short for a slip to be told from another word.
SHORT = 4
_LONG = 8
_WORD_MAX = 16

_TYPOGRAPHIC = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "‛": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "‑": "-",
        "\u00a0": " ",
        "×": "x",
    }
)

_TOKEN = re.compile(
    r"""
      (?P<quote>"[^"]*"|(?<![^\s(:,])'[^'\s][^']*'(?![^\s.,;:!?)]))
    | (?P<email>[\w.+%-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<iso>\d{4}-\d{1,2}-\d{1,2}(?![\d-]))
    | (?P<numeric>\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?(?![\d/])
        |\d{1,2}[.-]\d{1,2}[.-]\d{4}(?!\d))
    | (?P<phone>\+\d[\d\ ()-]{6,}\d|\(?\b\d{3}\)?[\ .-]?\d{3}[\ .-]\d{4}\b
        |\b\d{3}-\d{4}\b|\b0\d{2,4}[\ -]\d{3,4}[\ -]?\d{3,4}\b)
    | (?P<proposal>\b[pP]-?\d{1,9}\b)
    | (?P<numbered>\b(?:[iI][nN][vV](?:oice)?)[-#]?\d{1,12}\b)
    | (?P<code>\b[A-Z]{1,6}-\d[\dA-Z-]*\b|\b\d+-[A-Z]+\b)
    | (?P<span>\b(?:[fF][yY]|[cC][yY])\ ?'?(?:\d{4}|\d{2})\b|\b[qQhH][1-4]\b)
    | (?P<negative>(?<![\w)\]])-\s?[$£€]?\d+(?:,\d+)*(?:\.\d+)?)
    | (?P<money>[$£€]\s?\d+(?:,\d+)*(?:\.\d+)?(?:\s?[kK]\b|\s?[mM]\b)?
        |\d+(?:,\d+)*(?:\.\d+)?(?:[kK])?\s?[$£€](?!\d)
        |\d+(?:,\d+)*(?:\.\d+)?[kK]\b)
    | (?P<ordinal>\b\d{1,2}(?:st|nd|rd|th)\b)
    | (?P<number>\d+(?:,\d+)*(?:\.\d+)?|\.\d+)
    | (?P<short>\b[wW]/[oO]\b|\b[bB]4\b
        |\b[pP]\s?&\s?[lL]s?\b|\b[pP]/[lL]\b|\b[aA]/[rR]\b|\b[aA]/[pP]\b
        |\b[wW]/(?=\s|\w)|\b[eE]-[mM]ail(?:s|ed|ing)?\b|\b[cC]ash-?[fF]low\b)
    | (?P<genitive>(?<=\d)'s\b)
    | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*'?)
    | (?P<mark>\S)
    """,
    re.VERBOSE,
)

_MARKS = {"&": "and", "@": "at", "+": "plus", "#": "#", ">": "over", "<": "under"}
_SHORT = {
    "p&l": "pnl",
    "p&ls": "pnl",
    "p/l": "pnl",
    "a/r": "ar",
    "a/p": "ap",
    "w/": "with",
    "w/o": "without",
    "b4": "before",
}


@dataclass(slots=True)
class Part:
    """One piece of a message. `start` and `end` are its place in the text.

    `fold` is how names compare it; `possessive` says that it ended in "'s".
    `known` is False for a word that the grammar does not know.
    """

    symbol: str
    start: int
    end: int
    fold: str = ""
    value: Any = None
    known: bool = True
    possessive: bool = False
    used: bool = False


def clean(text: str) -> str:
    """The text in one line, without control characters and typographic variants."""
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)
    # Digits of other scripts, such as full-width ones, are read as what they are.
    plain = "".join(
        str(unicodedata.digit(character))
        if unicodedata.category(character) == "Nd"
        else character
        for character in plain
    )
    shown = "".join(
        " "
        if character.isspace()
        or (
            unicodedata.category(character)[0] == "C"
            # A zero-width joiner is "Cf": it separates nothing a person sees.
            and unicodedata.category(character) != "Cf"
        )
        else character
        for character in plain
        if unicodedata.category(character) not in {"Cf", "Cs"}
    )
    return " ".join(shown.split())


def fold(word: str) -> str:
    """A word as names are compared: no case, accents, apostrophes or dots."""
    spread = unicodedata.normalize("NFKD", word.casefold())
    return "".join(
        character
        for character in spread
        if not unicodedata.combining(character) and character not in "'.’"
    )


def singular(word: str) -> str:
    """A plural without its ending; a word in the singular stays as it is."""
    if len(word) > SHORT and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > SHORT and word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    if (
        len(word) >= SHORT
        and word.endswith("s")
        and not word.endswith(("ss", "us", "is"))
    ):
        return word[:-1]
    return word


_KEYWORDS = sorted(vocabulary.KEYWORDS)


@lru_cache(maxsize=4096)
def keyword(word: str) -> str | None:
    """The keyword that a mistyped word means, if it can mean only that one."""
    if word in vocabulary.NOT_SLIPS or len(word) < SHORT or len(word) > _WORD_MAX:
        return None
    reach = 2 if len(word) >= _LONG else 1
    near = process.extract(
        word, _KEYWORDS, scorer=OSA.distance, score_cutoff=reach, limit=4
    )
    if not near:
        return None
    best = min(distance for _, distance, _ in near)
    fits = [found for found, distance, _ in near if distance == best]
    if SHORT in {len(word), len(fits[0])}:
        # Of short words only swapped letters are slips; much else is a word.
        fits = [found for found in fits if sorted(found) == sorted(word)]
    # A plural beside its singular is the same slip.
    stems = {singular(found) for found in fits}
    return fits[0] if len(stems) == 1 else None


def _number(text: str) -> Decimal | None:
    """The exact value of typed digits; None where they could mean two things."""
    digits = text.strip()
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?|\.\d+", digits) is None:
        return None
    return Decimal(digits.replace(",", ""))


def _money(text: str) -> tuple[Decimal | None, str | None]:
    sign = next((symbol for symbol in "$£€" if symbol in text), None)
    bare = text.strip("$£€ ")
    factor = 1
    if bare[-1:] in "kKmM" and bare[-1:]:
        factor = 1000 if bare[-1] in "kK" else 1_000_000
        bare = bare[:-1].strip()
    value = _number(bare)
    return (None if value is None else times(value, factor)), sign


def times(value: Decimal, factor: int) -> Decimal:
    """So many thousands or millions, without the zeros behind the point."""
    if factor == 1:
        return value
    return Decimal(format((value * factor).normalize(), "f"))


def parts(text: str, is_name_word: Callable[[str], bool]) -> list[Part]:
    """The parts of a cleaned text, in order.

    `is_name_word` tells the words of the books' names: they are never taken for
    a mistyped keyword.
    """
    made: list[Part] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind == "genitive":
            # "Invoice 1042's due date" is the due date of invoice 1042.
            continue
        said = match.group()
        opens = not match.start()
        if kind == "word" and (meant := spelt_out(said, is_name_word, opens=opens)):
            made += _typed_as(meant, match.start(), match.end())
            continue
        part = Part("", match.start(), match.end(), fold(said))
        _fill(part, kind, said, is_name_word)
        if kind in {"number", "money"} and _is_torn(text, match.start()):
            part.symbol, part.value = "<bad>", (None, None) if kind == "money" else None
        made.append(part)
        if len(made) > PARTS_MAX:
            break
    return made


def spelt_out(
    said: str, is_name_word: Callable[[str], bool], *, opens: bool = False
) -> str:
    """The words that one typed in haste stands for; empty where it stands for itself.

    A capital makes it a name, and one letter an initial: "Del", "N".
    """
    word = fold(said)
    if said[0].isupper() and (len(said) == 1 or not said.isupper()) and not opens:
        return ""
    meant = vocabulary.SPELLINGS.get(word, "")
    if not meant and word.endswith("in") and word not in vocabulary.KNOWN:
        # "Comin", "owin": the verbs of the lexicon.
        meant = f"{word}g" if f"{word}g" in vocabulary.KNOWN else ""
    return "" if meant and is_name_word(word) else meant


def _typed_as(meant: str, start: int, end: int) -> list[Part]:
    """The words that one stands for: the first of them where it was typed."""
    words = meant.split()
    made = [Part(words[0], start, end, words[0])]
    return made + [Part(word, end, end, word) for word in words[1:]]


def _is_torn(text: str, start: int) -> bool:
    """Whether digits hang on a comma, as in ",250": something is missing there."""
    return (
        start > 0 and text[start - 1] == "," and (start == 1 or text[start - 2] != " ")
    )


def _fill(  # noqa: C901, PLR0912 - one branch a kind of token
    part: Part, kind: str, said: str, is_name_word: Callable[[str], bool]
) -> None:
    if kind == "quote":
        part.symbol, part.value = "<q>", said[1:-1].strip()
    elif kind == "email":
        part.symbol, part.value = "<e>", said.rstrip(".")
    elif kind in {"iso", "numeric"}:
        part.symbol = said
    elif kind == "phone":
        part.symbol, part.value = "<phone>", said
    elif kind == "proposal":
        part.symbol, part.value = "<p>", "P-" + re.sub(r"\D", "", said)
    elif kind == "numbered":
        part.symbol, part.value = "<inv>", re.sub(r"\D", "", said)
    elif kind == "code":
        part.symbol, part.value = "<code>", said
    elif kind == "span":
        part.symbol = re.sub(r"[ ']", "", said.casefold())
    elif kind == "negative":
        part.symbol = "<neg>"
    elif kind == "money":
        value, sign = _money(said)
        part.symbol = "<m>" if value is not None else "<bad>"
        part.value = (value, sign)
    elif kind == "ordinal":
        part.symbol = said.casefold()
        part.value = Decimal(said[:-2])
        if part.symbol[-2:] != _ending(int(said[:-2])):
            # "1th" may be the 1st, or the 11th.
            part.symbol, part.known = "<?>", False
    elif kind == "number":
        number = _number(said)
        part.value = number
        part.symbol = said if said.isdigit() else "<n>"
        if number is None:
            part.symbol = "<bad>"
    elif kind == "short":
        key = re.sub(r"\s", "", said.casefold())
        part.symbol = _SHORT.get(key, key.replace("-", ""))
        part.symbol = "email" if part.symbol == "emails" else part.symbol
    elif kind == "mark":
        part.symbol = _MARKS.get(said, said)
        part.fold = "and" if said == "&" else ""
    else:
        _fill_word(part, said, is_name_word)


def _ending(number: int) -> str:
    """What is written behind a number that counts a place."""
    if number % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _fill_word(part: Part, said: str, is_name_word: Callable[[str], bool]) -> None:
    low = said.casefold()
    part.possessive = low.endswith(("'s", "s'"))
    word = part.fold
    if word.isascii() is False and not word.isalpha():
        part.known = False
        part.symbol = "<?>"
        return
    word = vocabulary.SLANG.get(word, word)
    if word in vocabulary.NUMBERS:
        part.symbol = str(vocabulary.NUMBERS[word])
        part.value = Decimal(vocabulary.NUMBERS[word])
        return
    part.symbol = word
    part.known = word in vocabulary.KNOWN
    if part.possessive and word[:-1] in vocabulary.KNOWN:
        # "today's", "vendor's": the word itself, and whose it is.
        part.symbol, part.known = word[:-1], True
    if not part.known and not is_name_word(part.fold):
        meant = keyword(word)
        if meant is not None:
            part.symbol, part.known = meant, True
