"""How surely a request was read, from 0 to 100, and what made it less sure.

Pure and explainable: it starts at 100, and every named thing takes something off.
The words are looked at again beside what they were taken to mean; so it needs
nothing from the grammar that read them, and says the same of any other reader.

What is taken off: a name matched only nearly (8), more where another name was
nearly as near (25) or fits as well (20); a name said in part (4); a misspelt word
(3 each); words that were not used (10), words of doubt (15 each); an amount that
had to be worked out ("1.5k", no currency: 3 each); a day not said in full (2 to 3),
or that another country reads as another day (15); what was taken from an earlier
message (5); any other assumption (8).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from rapidfuzz.distance import OSA

from bot.understanding import vocabulary
from bot.understanding.interpretation import Interpretation
from bot.understanding.moments import When
from bot.understanding.names import LISTS, Book, Fit, index_of, words_of
from bot.understanding.reading import Reading, near_assumption
from bot.understanding.sayings import SAYINGS
from bot.understanding.text import Part, clean, fold, keyword
from qbo.books import Names

NEARLY = 8
NEAR_ANOTHER = 25
SEVERAL = 20
IN_PART = 4
MISSPELT = 3
NOT_USED = 10
HEDGE = 15
AMOUNT = 3
DAY = 2
DAY_ALONE = 3
DAY_EITHER = 15
BEFORE = 5
ASSUMED = 8
_ALIKE = 0.1  # how much less like what was said another name may be, to be near
_TRUSTED = 100
_SIZES = frozenset("kKmM")
_SIZE_WORDS = ("grand", "thousand", "hundred", "million")
# Words of doubt that the grammar passes over.
_HEDGES = frozenset(
    [
        *("maybe", "perhaps", "probably", "possibly", "guess", "guessing", "unsure"),
        *("roughly", "approximately", "approx", "suppose", "presumably", "somewhere"),
        *("or something", "i think", "not sure", "don't know", "dont know"),
    ]
)
_PARTIES = ("customer", "vendor")
CONFIRMED = "It was asked about, and what I understood was confirmed with a yes."
_DOUBTS_MAX = 12
# A confidence, None where nobody read words, and what lowered it.
Sure = tuple[int | None, tuple[str, ...]]
# Kinds of text that is data, in which no word has to be understood.
_DATA = frozenset(["<q>", "<memo>", "<described>", "<e>", "<phone>", "<ref>", "<code>"])


@dataclass(frozen=True, slots=True)
class _Lowered:
    by: int
    why: str


def confidence(
    words: str, meant: Interpretation, names: Names, today: date | None = None
) -> tuple[int, tuple[str, ...]]:
    """How surely `words` mean `meant`, and the sentences on what lowered that.

    The heaviest reason comes first. `today` is the day that relative dates count
    from.
    """
    looked = _Looked(clean(words), meant, names, today or date(2026, 1, 1))
    found: dict[str, _Lowered] = {}
    for each in looked.lowered():
        known = found.get(each.why)
        if known is None or known.by < each.by:
            found[each.why] = each
    ordered = sorted(found.values(), key=lambda each: -each.by)
    score = max(0, _TRUSTED - sum(each.by for each in ordered))
    return score, tuple(each.why for each in ordered)


def has_unused(words: str, meant: Interpretation, names: Names, today: date) -> bool:
    """Whether there are words that nothing was made of."""
    return next(_Looked(clean(words), meant, names, today).unused(), None) is not None


def together(earlier: Sure, now: Sure) -> Sure:
    """How surely something is read of which one part was read earlier, one now.

    As surely as the less sure part: a correction says nothing about what it does not
    touch, and who is to approve sees what was doubted of either. None: no words.
    """
    read = [each for each in (earlier, now) if each[0] is not None]
    if not read:
        return None, ()
    score = min(each[0] for each in read if each[0] is not None)
    doubts = dict.fromkeys(doubt for each in read for doubt in each[1])
    return score, tuple(doubts)[:_DOUBTS_MAX]


def confirmed(asked: Sure, least: int) -> Sure:
    """How surely something is read that was asked about, and said yes to.

    A yes to our own reading makes it no surer than the least that is proposed at all.
    """
    score, doubts = asked
    if score is None or score >= least:
        return asked
    return least, (*doubts, CONFIRMED)


def reading_of(meant: Interpretation) -> str:
    """A meaning as one line to say yes or no to: "Record a payment: customer ..."."""
    what = SAYINGS.get(meant.action or "", meant.action or "")
    said = [_told(name, value) for name, value in meant.arguments.items()]
    return f"{what[:1].upper()}{what[1:]}: {'; '.join(each for each in said if each)}"


def _told(name: str, value: Any) -> str:
    label = name.replace("_", " ")
    if isinstance(value, bool):
        return label if value else f"not {label}"
    if isinstance(value, dict):
        return ", ".join(_told(each, value[each]) for each in value)
    if isinstance(value, list):
        return ", ".join(
            _line(each) if isinstance(each, dict) else f"{label} {each}"
            for each in value
        )
    return f"{label} {value}"


def _line(said: dict[str, Any]) -> str:
    """A line as it was understood: "12 x Consulting at 150.00, 1800.00"."""
    what = str(said.get("item") or said.get("account") or "")
    text = f"{said['quantity']} x {what}" if "quantity" in said else what
    if "rate" in said:
        text += f" at {said['rate']}"
    rest = [said[each] for each in ("amount", "description") if each in said]
    return ", ".join((text, *rest))


class _Looked:
    """The words once more, beside what they were taken to mean."""

    def __init__(
        self, text: str, meant: Interpretation, names: Names, today: date
    ) -> None:
        self.text = text
        self.meant = meant
        self.index = index_of(names)
        self.reading = Reading(text, self.index, today)
        self.values = frozenset(_texts(meant.arguments))
        self.used = {word for value in self.values for word in words_of(value)[0]}
        self.names = [
            (each.start, each.end)
            for each in self.reading.sentence.parts
            if each.symbol.startswith("<name:")
        ]
        self.month_first = names.country == "US"

    def lowered(self) -> Iterator[_Lowered]:
        """Every thing that takes something off."""
        yield from self._names()
        yield from self._spelling()
        yield from self.unused()
        yield from self._hedges()
        yield from self._amounts()
        yield from self._days()
        yield from self._before()
        yield from self._assumptions()

    # --- names ------------------------------------------------------------------

    def _names(self) -> Iterator[_Lowered]:
        for part, letter, fit in self._fits():
            chosen = [name for name in fit.names if name in self.values]
            if len(chosen) != 1:
                continue
            said, name = self._said(part), chosen[0]
            if fit.near:
                yield _Lowered(NEARLY, f"“{said}” was read as {name}.")
                yield from self._near_another(said, name, self.index.books[letter])
            elif len(fit.names) > 1 and not self._is_named_elsewhere(part, name):
                others = ", ".join(each for each in fit.names if each != name)
                yield _Lowered(SEVERAL, f"“{said}” may be {name}, or {others} as well.")
            elif not fit.whole and not self._is_whole(part, name):
                yield _Lowered(IN_PART, f"“{said}” was taken for {name}.")

    def _fits(self) -> Iterator[tuple[Part, str, Fit]]:
        """The names found in the words, each in the lists of which it is one."""
        for part in self.reading.sentence.parts:
            if not part.symbol.startswith("<name:") or not isinstance(part.value, dict):
                continue
            for letter, fit in part.value.items():
                if letter in LISTS:
                    yield part, letter, fit

    def _near_another(self, said: str, name: str, book: Book) -> Iterator[_Lowered]:
        like = _likeness(said, name)
        for other in book.likely(said):
            if other != name and _likeness(said, other) >= like - _ALIKE:
                yield _Lowered(NEAR_ANOTHER, f"“{said}” is nearly {other} as well.")
                return

    def _is_named_elsewhere(self, part: Part, name: str) -> bool:
        """Whether a name was said in other words that mean it alone."""
        return any(
            fit.names == (name,) for other, _, fit in self._fits() if other is not part
        )

    def _is_whole(self, part: Part, name: str) -> bool:
        """Whether all of a name was said, but for a plural or its little words."""
        said = set(words_of(self._said(part))[0])
        words, needed = words_of(name)
        return all(
            words[place] in said or f"{words[place]}s" in said for place in needed
        )

    # --- words ------------------------------------------------------------------

    def _spelling(self) -> Iterator[_Lowered]:
        """Words that were taken for one that is spelt nearly like that."""
        data = self._data()
        for part in self.reading.raw.parts:
            word = part.fold
            if (
                not word.isalpha()
                or word in vocabulary.KNOWN
                or word in vocabulary.SLANG
                or _is_within(part, data)
                or self._is_in_name(part)
            ):
                continue
            if part.known and part.symbol == keyword(word) != word:
                yield _Lowered(
                    MISSPELT, f"“{self._said(part)}” was read as “{part.symbol}”."
                )

    def unused(self) -> Iterator[_Lowered]:
        """Words that nothing was made of."""
        data = self._data()
        runs = groupby(
            self.reading.sentence.parts,
            key=lambda part: (
                not part.known
                and not part.symbol.startswith("<")
                and part.fold not in self.used
                and part.fold not in _HEDGES
                and not _is_within(part, data)
            ),
        )
        for is_unused, run in runs:
            if is_unused:
                row = list(run)
                said = self.text[row[0].start : row[-1].end]
                yield _Lowered(NOT_USED, f"“{said}” was not used.")

    def _hedges(self) -> Iterator[_Lowered]:
        data = self._data()
        spoken = [part for part in self.reading.raw.parts if not _is_within(part, data)]
        for place, one in enumerate(spoken):
            pair = " ".join(each.fold for each in spoken[place : place + 2])
            for said in dict.fromkeys((one.fold, pair)):
                if said in _HEDGES and not self._is_in_name(one):
                    yield _Lowered(HEDGE, f"“{said}” sounds as if it were not sure.")

    def _data(self) -> list[tuple[int, int]]:
        """Where quoted texts, memos, addresses and the like stand."""
        return [
            (part.start, part.end)
            for part in self.reading.sentence.parts
            if part.symbol in _DATA
        ]

    def _is_in_name(self, part: Part) -> bool:
        return part.fold in self.used or _is_within(part, self.names)

    # --- sums and days ------------------------------------------------------------

    def _amounts(self) -> Iterator[_Lowered]:
        sums = {value for value in self.values if _is_sum(value)}
        for part in self.reading.sentence.parts:
            said = self._said(part)
            value = part.value[0] if part.symbol == "<m>" else part.value
            if not isinstance(value, Decimal) or not _stands_for(value, sums):
                continue
            sign = part.value[1] if part.symbol == "<m>" else None
            worked_out = part.symbol == "<m>" and (
                said[-1:] in _SIZES
                or any(word in said.casefold() for word in _SIZE_WORDS)
            )
            if worked_out:
                yield _Lowered(AMOUNT, f"“{said}” was read as {value:,.2f}.")
            if sign is None and (part.symbol == "<m>" or self._is_money(part)):
                yield _Lowered(
                    AMOUNT,
                    f"“{said}” names no currency.",
                )

    def _is_money(self, part: Part) -> bool:
        """Whether a bare number was taken for a sum, not for a quantity or number."""
        return part.symbol == "<n>" or part.symbol.isdigit()

    def _days(self) -> Iterator[_Lowered]:
        used = {value for value in self.values if _is_day(value)}
        for part in self.reading.sentence.parts:
            when = part.value
            if part.symbol != "<date>" or not isinstance(when, When):
                continue
            days = {
                each.isoformat()
                for each in (when.behind.start, when.ahead.start, when.ahead.end)
                if each is not None
            }
            said = self._said(part)
            meant = next(iter(sorted(days & used)), None)
            if meant is None or meant in said:
                continue
            if _is_either(said):
                yield _Lowered(
                    DAY_EITHER,
                    f"“{said}” was read as {_long(meant)}, month"
                    f" {'first' if self.month_first else 'second'}.",
                )
            elif not any(sign.isdigit() for sign in said):
                yield _Lowered(DAY, f"“{said}” was read as {_long(meant)}.")
            elif meant[:4] not in said:
                yield _Lowered(DAY_ALONE, f"“{said}” was read as {_long(meant)}.")

    # --- the rest -----------------------------------------------------------------

    def _before(self) -> Iterator[_Lowered]:
        """What the words themselves do not say comes from an earlier message."""
        said = set(words_of(self.text)[0])
        unsaid = [
            name
            for argument in (*_PARTIES, "invoice", "bill")
            if isinstance(name := self.meant.arguments.get(argument), str)
            and not said & set(words_of(name)[0])
            and not any(name in fit.names for _, _, fit in self._fits())
        ]
        if unsaid or self.meant.corrects:
            what = f" ({', '.join(unsaid)})" if unsaid else ""
            yield _Lowered(BEFORE, f"A part was taken from what was said before{what}.")

    def _assumptions(self) -> Iterator[_Lowered]:
        told = {
            near_assumption(replaced, self._said(part))
            for part, _, fit in self._fits()
            for replaced in [Fit(fit.names, fit.whole, near=True)]
        }
        for each in self.meant.assumptions:
            if each not in told:
                yield _Lowered(ASSUMED, each)

    def _said(self, part: Part) -> str:
        return self.text[part.start : part.end]


def _texts(value: Any) -> Iterator[str]:
    """All texts in the arguments of a meaning."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _is_within(part: Part, spans: list[tuple[int, int]]) -> bool:
    return any(start <= part.start and part.end <= end for start, end in spans)


def _is_sum(value: str) -> bool:
    whole, dot, cents = value.partition(".")
    return bool(dot) and whole.isdigit() and len(cents) == 2  # noqa: PLR2004 - cents


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _stands_for(value: Decimal, sums: set[str]) -> bool:
    return any(Decimal(each) == value for each in sums)


def _is_either(said: str) -> bool:
    """Whether digits name a day and a month in an order that differs by country."""
    numbers = said.replace(".", "/").replace("-", "/").split("/")
    if len(numbers) < 2 or not all(each.isdigit() for each in numbers):  # noqa: PLR2004
        return False
    day, month = int(numbers[0]), int(numbers[1])
    return max(day, month) <= 12 and day != month  # noqa: PLR2004 - months


def _long(day: str) -> str:
    known = date.fromisoformat(day)
    return f"{known.day} {known:%b %Y}"


def _likeness(said: str, name: str) -> float:
    return float(OSA.normalized_similarity(fold(said), " ".join(words_of(name)[0])))
