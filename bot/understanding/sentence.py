"""A message as a row of parts, rewritten step by step into what it means.

Names, dates, amounts and numbers of documents each become one part with a tag
and a value; the grammar's patterns are then matched against the row of symbols.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.understanding.names import LISTS, Fit, Index
from bot.understanding.text import Part, parts

# What patterns may say in braces.
_MACROS = {
    "{C}": r"<name:[a-z]*c[a-z]*>",
    "{V}": r"<name:[a-z]*v[a-z]*>",
    "{I}": r"<name:[a-z]*i[a-z]*>",
    "{A}": r"<name:[a-z]*a[a-z]*>",
    "{PARTY}": r"<name:[a-z]*[cv][a-z]*>",
    "{NAME}": r"<name:[a-z]+>",
    "{DATE}": r"<date>",
    "{MONEY}": r"(?:<m>|<n>|\d+)",
    "{NUM}": r"(?:<n>|\d+)",
    "{UNIT}": r"(?:hours?|days?|bags?|yards?|tons?|tonnes?|units?|pieces?|visits?"
    r"|boxe?s?|loads?|months?|sessions?)",
    "{DOC}": r"(?:<inv>|<doc:i>)",
}


@lru_cache(maxsize=2048)
def pattern(source: str) -> re.Pattern[str]:
    """A pattern over symbols; a space in it stands between two parts."""
    for macro, meaning in _MACROS.items():
        source = source.replace(macro, meaning)
    # A pattern may take the space behind it, as those do that end a message.
    return re.compile(f"(?<= )(?:{source})(?:(?= )|(?<= ))")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a pattern matched: parts `first` up to and without `last`."""

    first: int
    last: int
    groups: dict[str, tuple[int, int]]

    def at(self, group: str) -> int | None:
        """The first part of a named group, None where it took no part."""
        span = self.groups.get(group)
        return None if span is None else span[0]


class Sentence:
    """The parts of one message, and its text."""

    def __init__(self, text: str, index: Index, row: list[Part] | None = None) -> None:
        self.text = text
        self.index = index
        self.parts = parts(text, index.is_name_word) if row is None else row
        self._gist: str | None = None
        self._offsets: list[int] = []

    @property
    def gist(self) -> str:
        """The symbols in a row, a space before and after each."""
        if self._gist is None:
            self._offsets, symbols, offset = [], [" "], 1
            for part in self.parts:
                self._offsets.append(offset)
                symbols.append(part.symbol + " ")
                offset += len(part.symbol) + 1
            self._gist = "".join(symbols)
        return self._gist

    def changed(self) -> None:
        """Forget the gist after parts were changed."""
        self._gist = None

    def has(self, source: str) -> bool:
        """Whether a pattern matches anywhere."""
        return pattern(source).search(self.gist) is not None

    def search(self, source: str, after: int = 0) -> Found | None:
        """The first match of a pattern from part `after` on."""
        gist = self.gist
        if after >= len(self.parts):
            return None
        # One character earlier: the space that the match has to follow.
        match = pattern(source).search(gist, self._offsets[after])
        return None if match is None else self._found(match)

    def each(self, source: str) -> Iterator[Found]:
        """All matches of a pattern, in order; the parts must not change meanwhile."""
        for match in pattern(source).finditer(self.gist):
            yield self._found(match)

    def _found(self, match: re.Match[str]) -> Found:
        groups = {
            name: (self._place(match.start(name)), self._place(match.end(name)))
            for name, value in match.groupdict().items()
            if value
        }
        return Found(self._place(match.start()), self._place(match.end()), groups)

    def _place(self, offset: int) -> int:
        return bisect_left(self._offsets, offset)

    def replace(self, first: int, last: int, symbol: str, value: Any = None) -> Part:
        """Make one part of several."""
        row = self.parts[first:last]
        made = Part(
            symbol,
            row[0].start,
            row[-1].end,
            " ".join(part.fold for part in row if part.fold),
            value,
            possessive=row[-1].possessive,
        )
        self.parts[first:last] = [made]
        self.changed()
        return made

    def drop(self, first: int, last: int) -> None:
        """Take parts out of the row; a bar keeps their neighbours apart."""
        start, end = self.parts[first].start, self.parts[last - 1].end
        self.parts[first:last] = [Part("|", start, end)]
        self.changed()

    def said(self, first: int, last: int) -> str:
        """The typed text of some parts."""
        if first >= last:
            return ""
        return self.text[self.parts[first].start : self.parts[last - 1].end]

    def copy(self) -> "Sentence":
        """The same message, to be rewritten in another way."""
        row = [
            Part(
                part.symbol,
                part.start,
                part.end,
                part.fold,
                part.value,
                part.known,
                part.possessive,
            )
            for part in self.parts
        ]
        return Sentence(self.text, self.index, row)


def mark_names(sentence: Sentence) -> None:
    """Make one part of every name of a customer, vendor, item or account."""
    at = 0
    while at < len(sentence.parts):
        found = _longest(sentence, at)
        if found is None:
            at += 1
            continue
        end, fits = found
        letters = "".join(sorted(fits))
        sentence.replace(at, end, f"<name:{letters}>", fits)
        at += 1


def _longest(sentence: Sentence, at: int) -> tuple[int, dict[str, Fit]] | None:
    row = sentence.parts
    fits: dict[str, Fit] = {}
    longest = at
    # "And" and "of" join what stands before with a name; none begins with them.
    is_tag = row[at].symbol[:1] == "<" and row[at].symbol != "<code>"
    if is_tag or row[at].fold in {"", "and", "of"}:
        return None
    for letter in LISTS:
        found = sentence.index.books[letter].match(row, at)
        if found is None:
            continue
        end, fit, distinct = found
        several = end - at > 1
        # Common words are a name only where a name of several words was said in full.
        if not distinct and not (fit.whole and several):
            continue
        if letter == "a" and _is_control_account(sentence.index, fit):
            continue
        if end > longest:
            longest, fits = end, {}
        if end == longest:
            fits[letter] = fit
    if not fits:
        return None
    if any(not fit.near for fit in fits.values()):
        fits = {letter: fit for letter, fit in fits.items() if not fit.near}
    return longest, fits


def _is_control_account(index: Index, fit: Fit) -> bool:
    """Whether "receivables" or "payables" is meant, which have words of their own."""
    types = {index.books["a"].names[name].type for name in fit.names}
    return bool(types & {"Accounts Receivable", "Accounts Payable"})
