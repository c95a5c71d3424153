"""Names of the books, found in what people type.

A phrase fits a name when each of its words is a word of that name; a name whose
words were all said beats one that was said in part, and whole words beat
misspelt ones. What fits several names equally well fits them all.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.understanding import vocabulary
from bot.understanding.text import SHORT, Part, fold, parts, singular
from qbo.books import Name, Names

LISTS = {"c": "customers", "v": "vendors", "i": "items", "a": "accounts"}

# Words of a name that people leave out.
_OPTIONAL = frozenset(
    ["the", "and", "ltd", "llc", "llp", "inc", "limited", "plc", "corp"]
)
_ABBREVIATIONS = {"bros": "brothers", "corp": "corporation", "saint": "st"}
_BRIDGES = frozenset(["-", ".", "/", "(", ")", "'"])
_NEAR_WORDS_MAX = 12
_NEAR_KEPT = 2000
_TINY = 3
_LONG = 9
_WORD_MAX = 24
_PHRASE_MAX = 80


@dataclass(frozen=True, slots=True)
class Fit:
    """The names that a phrase fits, in alphabetical order.

    `whole` says that a name was said in full, `near` that it was misspelt.
    """

    names: tuple[str, ...]
    whole: bool = False
    near: bool = False

    @property
    def only(self) -> str | None:
        """The name, where there is exactly one."""
        return self.names[0] if len(self.names) == 1 else None


@dataclass(frozen=True, slots=True)
class _Entry:
    name: Name
    words: tuple[str, ...]
    needed: frozenset[int]
    comma: bool


class _Path(NamedTuple):
    """How far one entry's words have been said; made by the hundred, so a tuple."""

    used: tuple[int, ...]
    cost: int = 0


def words_of(name: str) -> tuple[tuple[str, ...], frozenset[int]]:
    """The words of a name, and the places of those that have to be said."""
    words: list[str] = []
    needed: set[int] = set()
    depth = 0
    for part in parts(name, lambda _word: True):
        if part.symbol in {"(", ")"}:
            depth += 1 if part.symbol == "(" else -1
        for word in _split(part, name):
            if depth <= 0 and word not in _OPTIONAL:
                needed.add(len(words))
            words.append(word)
    return tuple(words), frozenset(needed or range(len(words)))


def _split(part: Part, text: str) -> list[str]:
    """A part's words; numbers with a dash or a unit are several."""
    if not part.fold:
        return []
    if part.symbol == "<code>":
        # A stock-keeping unit is one word, however it is made up.
        return [part.fold]
    said = text[part.start : part.end]
    spaced = "".join(
        character if character.isalnum() or character in "'.’&" else " "
        for character in said
    )
    return [
        "and" if word == "&" else fold(word) for word in spaced.split() if fold(word)
    ]


class Book:
    """The index of one list of names."""

    def __init__(self, names: Iterable[Name], *, plurals: bool) -> None:
        self.entries: list[_Entry] = []
        self.postings: dict[str, set[int]] = {}
        self.joined: dict[str, tuple[str, str]] = {}
        self.names = {name.name: name for name in names}
        self._plurals = plurals
        self._near: dict[str, tuple[tuple[str, int], ...]] = {}
        self._placed: dict[str, Mapping[int, tuple[int, ...]]] = {}
        self._first: dict[tuple[str, int], dict[int, _Path]] = {}
        # Once for all questions: taking names apart is what takes long.
        self._plain: dict[str, str] = {}
        for name in self.names.values():
            for form in (name.name, *name.also):
                self._add(name, form)
            for form in name.also:
                if "-" in form:
                    # "spr-104" is typed of "SPR-104".
                    self._add(name, form.casefold())
        self._vocabulary = [
            word for word in self.postings if len(word) >= SHORT and not word.isdigit()
        ]

    def _add(self, name: Name, form: str) -> None:
        words, needed = words_of(form)
        if not words:
            return
        self._plain.setdefault(name.name, " ".join(words))
        place = len(self.entries)
        self.entries.append(_Entry(name, words, needed, "," in form))
        for word in words:
            for variant in {word, singular(word)} if self._plurals else {word}:
                self.postings.setdefault(variant, set()).add(place)
        for raw in form.split():
            # "June Flowers" is said of "June's Flowers".
            bare = raw.replace("’", "'")
            if bare.casefold().endswith("'s"):
                self.postings.setdefault(fold(bare[:-2]), set()).add(place)
        for one, two in itertools.pairwise(words):
            if len(one + two) > SHORT:
                self.joined.setdefault(one + two, (one, two))

    def has(self, word: str) -> bool:
        """Whether it is a word of some name here."""
        return word in self.postings or word in self.joined

    def _keys(self, part: Part) -> tuple[tuple[str, int], ...]:
        """The words of names that a part may stand for, with their distance."""
        word = _ABBREVIATIONS.get(part.fold, part.fold)
        found = word if word in self.postings else None
        if found is None and part.possessive and word[:-1] in self.postings:
            found = word[:-1]
        if found is None and singular(word) in self.postings:
            found = singular(word)
            if not self._plurals and not part.possessive and found != word:
                return self._or_longer(found, word)
        if found is not None:
            return ((found, 0),)
        if (
            part.known
            or word in vocabulary.EVERYDAY
            or len(word) < SHORT
            or len(word) > _WORD_MAX
            or not word.isalpha()
        ):
            return ()
        if word not in self._near:
            if len(self._near) > _NEAR_KEPT:
                self._near.clear()
            reach = 2 if len(word) >= _LONG else 1
            self._near[word] = tuple(
                (near, int(distance))
                # Of short words only swapped letters are slips.
                for near, distance, _ in process.extract(
                    word,
                    self._vocabulary,
                    scorer=OSA.distance,
                    score_cutoff=reach,
                    limit=_NEAR_WORDS_MAX,
                )
                if len(word) > SHORT or sorted(word) == sorted(near)
            )
        return self._near[word]

    def _or_longer(self, found: str, word: str) -> tuple[tuple[str, int], ...]:
        """A name's word said with an "s", and the words that may have broken off so.

        "Jane Smiths" is Jane Smith, or Jane Smithson.
        """
        if word not in self._near:
            longer = (own for own in self._vocabulary if own.startswith(word))
            self._near[word] = ((found, 0), *((own, 0) for own in longer))
        return self._near[word]

    def _positions(self, key: str) -> Mapping[int, tuple[int, ...]]:
        """Where a word stands in each entry that has it."""
        found = self._placed.get(key)
        if found is None:
            found = self._placed[key] = {
                place: tuple(self._places(self.entries[place], key))
                for place in self.postings.get(key, ())
            }
        return found

    def _places(self, entry: _Entry, key: str) -> Iterator[int]:
        for place, word in enumerate(entry.words):
            if (
                word == key
                or (self._plurals and singular(word) == key)
                or (word[:-1] == key and word.endswith("s"))
            ):
                yield place

    def _step(
        self, paths: dict[int, _Path] | None, part: Part, key: str, cost: int
    ) -> dict[int, _Path]:
        """The paths that go on with one more word."""
        if paths is None:
            return self._begun(key, cost)
        positions = self._positions(key)
        weak = part.known or len(key) < _TINY or key.isdigit()
        made: dict[int, _Path] = {}
        for place in positions.keys() & paths.keys():
            path = paths[place]
            at = self._next(self.entries[place], path, positions[place], key, weak=weak)
            if at is not None:
                made[place] = _Path((*path.used, at), path.cost + cost)
        return made

    def _begun(self, key: str, cost: int) -> dict[int, _Path]:
        """The paths that begin with a word; kept, as many messages share them."""
        found = self._first.get((key, cost))
        if found is None:
            found = self._first[key, cost] = {
                place: _Path(open_[:1], cost)
                for place, open_ in self._positions(key).items()
                if open_
            }
        return found

    def _next(
        self,
        entry: _Entry,
        path: _Path,
        positions: tuple[int, ...],
        key: str,
        *,
        weak: bool,
    ) -> int | None:
        """Which of a word's places in an entry goes on with a path."""
        after = path.used[-1] + 1
        while (
            after < len(entry.words)
            and after not in entry.needed
            and entry.words[after] != key
        ):
            after += 1
        if after in positions and after not in path.used:
            return after
        # Common words belong to a name only in their own place.
        if weak and not entry.comma:
            return None
        return next((place for place in positions if place not in path.used), None)

    def _advance(
        self, paths: dict[int, _Path] | None, said: Sequence[Part], at: int
    ) -> tuple[dict[int, _Path], int]:
        """The paths after the part at `at`, and how many parts that took."""
        part = said[at]
        if part.fold in self.joined and part.fold not in self.postings:
            one, two = self.joined[part.fold]
            first = self._step(paths, part, one, 0)
            return (self._step(first, part, two, 0) if first else {}), 1
        made: dict[int, _Path] = {}
        keys = self._keys(part)
        if len(keys) == 1:
            made = self._step(paths, part, *keys[0])
        for key, cost in keys if len(keys) > 1 else ():
            for place, path in self._step(paths, part, key, cost).items():
                if place not in made or path.cost < made[place].cost:
                    made[place] = path
        if not made and at + 1 < len(said) and part.fold and said[at + 1].fold:
            both = part.fold + said[at + 1].fold
            if both in self.postings and not both.isdigit():
                return self._step(paths, part, both, 0), 2
        return made, 1

    def match(  # noqa: C901, PLR0912 - one walk, with its reasons to stop
        self, said: Sequence[Part], at: int
    ) -> tuple[int, Fit, bool] | None:
        """The longest fit that begins at a part.

        Returns where it ends, what it fits, and whether it holds a word that is
        not one of the grammar's own (only such a phrase is surely a name).
        """
        paths: dict[int, _Path] | None = None
        end, distinct, opened = at, False, False
        place = at
        best: tuple[int, dict[int, _Path], bool] | None = None
        while place < len(said):
            part = said[place]
            if part.symbol.startswith("<") and part.symbol not in {"<n>", "<code>"}:
                break
            if not part.fold:
                if paths and (
                    part.symbol in _BRIDGES
                    or (
                        part.symbol == "," and any(self.entries[e].comma for e in paths)
                    )
                ):
                    place += 1
                    continue
                break
            if paths is not None and part.fold == "and" and place + 1 < len(said):
                further, took = self._advance(paths, said, place)
                if not further:
                    # "&" that the name does not have, or has elsewhere.
                    further, took = self._advance(paths, said, place + 1)
                    took += 1
                    if not any("and" in self.entries[e].words for e in further):
                        break
            else:
                further, took = self._advance(paths, said, place)
            if not further:
                break
            for step in range(place, min(place + took, len(said))):
                one = said[step]
                if one.symbol == "<code>":
                    distinct = True
                if (
                    not one.known
                    and len(one.fold) >= _TINY
                    and not one.fold.isdigit()
                    and not self._is_slip_of_a_common_word(one)
                ):
                    distinct = True
            paths = further
            place += took
            end = place
            opened = opened or any(one.symbol == "(" for one in said[at:end])
            if opened and end < len(said) and said[end].symbol == ")":
                # "Soil (per yard)" with its closing bracket.
                end += 1
                place = end
                opened = False
            if any(self._is_whole(e, p) for e, p in paths.items()):
                best = (end, paths, distinct)
        if paths is None:
            return None
        if best is not None and best[0] == end:
            whole = {e: p for e, p in best[1].items() if self._is_whole(e, p)}
            return end, self._fit(whole, whole=True), distinct
        return end, self._fit(paths, whole=False), distinct

    def _is_slip_of_a_common_word(self, part: Part) -> bool:
        """Whether it stands, misspelt, for words such as "bill" or "west" only."""
        keys = self._keys(part)
        return any(cost for _, cost in keys) and all(
            key in vocabulary.KNOWN for key, _ in keys
        )

    def _is_whole(self, place: int, path: _Path) -> bool:
        needed = self.entries[place].needed
        return len(needed) <= len(path.used) and needed.issubset(path.used)

    def _fit(self, paths: dict[int, _Path], *, whole: bool) -> Fit:
        least = min(path.cost for path in paths.values())
        names = {
            self.entries[place].name.name
            for place, path in paths.items()
            if path.cost == least
        }
        return Fit(tuple(sorted(names, key=str.casefold)), whole, least > 0)

    def fit(self, phrase: str) -> Fit:
        """The names that a whole phrase fits, weak words included."""
        said = parts(phrase, lambda _word: True)
        said = [part for part in said if part.symbol not in {",", "?", "!", "."}]
        while said and said[0].fold in {"the", "a", "an"} and len(said) > 1:
            found = self.match(said, 0)
            if found and found[0] == len(said):
                return found[1]
            said = said[1:]
        for part in said:
            part.known = part.fold in vocabulary.KNOWN
        if not said:
            return Fit(())
        found = self.match(said, 0)
        return found[1] if found and found[0] == len(said) else Fit(())

    def likely(self, phrase: str, limit: int = 5) -> tuple[str, ...]:
        """Names that look like a phrase that fits none, best first."""
        wanted = " ".join(words_of(phrase)[0])
        if not wanted or len(wanted) > _PHRASE_MAX:
            return ()
        found = process.extract(
            wanted,
            self._plain,
            scorer=OSA.normalized_similarity,
            score_cutoff=0.5,
            limit=limit,
        )
        return tuple(name for _, _, name in found)


class Index:
    """All names of one company, ready to be looked up."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.books: dict[str, Book] = {
            "c": Book(names.customers, plurals=False),
            "v": Book(names.vendors, plurals=False),
            "i": Book(names.items, plurals=True),
            "a": Book(names.accounts, plurals=True),
            "t": Book(names.terms, plurals=False),
            "m": Book(names.methods, plurals=False),
            "k": Book([Name(company) for company in names.companies], plurals=False),
        }

    def is_name_word(self, word: str) -> bool:
        """Whether it is a word of some customer, vendor, item or account."""
        return any(self.books[key].has(word) for key in LISTS)


_indexes: list[Index] = []


def index_of(names: Names) -> Index:
    """The index of these names, built once for as long as they are in use."""
    for index in _indexes:
        if index.names is names:
            return index
    for _place, index in enumerate(_indexes):
        if index.names == names:
            return index
    made = Index(names)
    _indexes.insert(0, made)
    del _indexes[8:]
    return made
