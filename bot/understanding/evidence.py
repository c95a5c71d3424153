"""What a person's own words bear out: names, numbers, days, each found by our grammar.

Somebody else (a language model) says what a message means. Here each value of that
is looked for in the words, by the same matcher of names and the same grammar of
money, quantities and dates that reads them otherwise. What was found is marked as
used, so that nothing with a meaning is passed over in silence.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.understanding import vocabulary
from bot.understanding.marks import AMOUNT_MAX, amount_at
from bot.understanding.moments import When, distance
from bot.understanding.names import index_of
from bot.understanding.parties import fits_of, is_unknown, phrases, prefer_account
from bot.understanding.periods import up_to
from bot.understanding.reading import Doubt, Reading, near_assumption
from bot.understanding.text import Part, clean
from qbo.books import Names

QUANTITY, RATE, AMOUNT = "quantity", "rate", "amount"
_EITHER = frozenset({QUANTITY, AMOUNT})
# Parts that mean something: a write has to use every one that was said.
_TELLING = frozenset(
    [
        *("<m>", "<n>", "<bad>", "<foreign>", "<neg>", "<date>", "<e>", "<phone>"),
        *("<code>", "<terms>", "<p>", "<ref>", "<q>", "<memo>", "<described>", "<inv>"),
        "%",
    ]
)
_EACH = frozenset(["each", "apiece", "per", "hourly", "daily", "/"])
_WHOLE = frozenset(["total", "all", "altogether", "overall"])
# Words before a bare number that is the number of a document.
_OF_DOCUMENTS = frozenset(
    ["for", "against", "on", "towards", "toward", "invoice", "invoices", "bill", "#"]
)
_COUNTED = frozenset(["x", "times", "of"])
# Between a number and the thing that is counted.
_LINKS = frozenset(["of", "for", "the", "our", "some", "more", "extra", "a", "an"])
# Words before a name, and between two of them.
_SLOTS = frozenset(["for", "from", "to", "with", "by", "customer", "vendor", "called"])
_JOINING = frozenset(["and", ",", "or", "plus"])
# What is no part of a name or an address.
_NO_TEXT = frozenset(["<m>", "<e>", "<date>", "<phone>", "<terms>", "<neg>", "<p>"])
_TEXT_MAX = 500
_CHOICES_MAX = 5


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was said and not used: a number, name, date, other or stray."""

    said: str
    kind: str


class Evidence:
    """One message, and what in it was made use of."""

    def __init__(
        self, words: str, names: Names, today: date, *, years: bool = False
    ) -> None:
        self.index = index_of(names)
        self.reading = Reading(clean(words), self.index, today)
        # In a question a bare "2025" is a year.
        reading = self.reading
        self.sentence = reading.for_reading() if years else reading.sentence
        self.parts = self.sentence.parts
        self.used: set[int] = set()
        self.assumptions: list[str] = []

    def has(self, source: str) -> bool:
        """Whether a pattern of the grammar matches anywhere."""
        return self.sentence.has(source)

    # --- names --------------------------------------------------------------------

    def name(
        self, argument: str, letter: str, value: str, use: str = ""
    ) -> int | Doubt:
        """The part that says a name of one list, else the doubt about it.

        `use` is what an account serves: of several that fit, one may be the only
        one that can.
        """
        known = self.index.books[letter].names.get(value)
        places = [
            place
            for place, part in enumerate(self.parts)
            if value in fits_of(part, letter)
        ]
        if known is None or not places:
            # Offered is what the person said, and never what somebody made up.
            return Doubt(argument, self._names_said(letter), "")
        for place in places:
            fits = fits_of(self.parts[place], letter)
            if len(fits) > 1 and use:
                fits = prefer_account(self.reading, fits, use)
            if fits == (value,) and not self._may_be_longer(place, letter):
                self._note_near(place, letter)
                self.used.update(places)
                return place
        said = self.sentence.said(places[0], places[0] + 1)
        return Doubt(argument, fits_of(self.parts[places[0]], letter), said)

    def _names_said(self, letter: str) -> tuple[str, ...]:
        said = (name for part in self.parts for name in fits_of(part, letter))
        return tuple(dict.fromkeys(said))[:_CHOICES_MAX]

    def _may_be_longer(self, place: int, letter: str) -> bool:
        """Whether an unknown word beside a name said in part may belong to it."""
        if self.parts[place].value[letter].whole:
            return False
        beside = (place + 1, place - 1)
        return any(
            0 <= at < len(self.parts) and is_unknown(self.parts[at]) for at in beside
        )

    def _note_near(self, place: int, letter: str) -> None:
        said = self.sentence.said(place, place + 1)
        note = near_assumption(self.parts[place].value[letter], said)
        if note and note not in self.assumptions:
            self.assumptions.append(note)

    # --- numbers ------------------------------------------------------------------

    def number(self, value: str, role: str) -> int | None:
        """The part that says a number in a role and in no other; None: none does."""
        wanted = Decimal(value)
        if not 0 < wanted < AMOUNT_MAX:
            return None
        for place in range(len(self.parts)):
            if place in self.used or self._value(place) != wanted:
                continue
            if self.roles(place) == {role}:
                self.used.add(place)
                return place
        return None

    def only_sum(self, value: str) -> int | None:
        """The part that says a sum, where no other number may be one."""
        sums = [
            place
            for place in range(len(self.parts))
            if place not in self.used
            and self._value(place) is not None
            and AMOUNT in self.roles(place)
        ]
        if len(sums) != 1 or amount_at(self.sentence, sums[0]) != Decimal(value):
            return None
        self.used.add(sums[0])
        return sums[0]

    def is_said(self, value: str) -> bool:
        """Whether a number was said at all, in whatever role."""
        wanted = Decimal(value)
        found = [p for p in range(len(self.parts)) if self._value(p) == wanted]
        self.used.update(found)
        return bool(found)

    def roles(self, place: int) -> frozenset[str]:
        """What a number may be: by its sign, and by the words around it."""
        before, after = self._symbol(place - 1), self._symbol(place + 1)
        beyond = self._symbol(place + 2)
        whole = after in _WHOLE or (after == "in" and beyond in _WHOLE)
        of_each = after in _EACH or (
            after in {"a", "an"} and beyond in vocabulary.UNITS
        )
        if of_each or (before == "at" and not whole):
            return frozenset({RATE})
        if whole or self.parts[place].symbol == "<m>":
            return frozenset({AMOUNT})
        if after in vocabulary.UNITS or after in _COUNTED or before == "x":
            return frozenset({QUANTITY})
        if self._counts_a_thing(place + 1):
            return frozenset({QUANTITY})
        return _EITHER

    def _counts_a_thing(self, place: int) -> bool:
        """Whether an item is named from that part on, as in "3 of the gate hinges"."""
        while self._symbol(place) in _LINKS:
            place += 1
        return 0 < place < len(self.parts) and bool(fits_of(self.parts[place], "i"))

    def is_one(self, place: int) -> bool:
        """Whether a thing is named as one: "a delivery", "an hour of consulting"."""
        at = place - 1
        while self._symbol(at) in vocabulary.UNITS | {"of"}:
            at -= 1
        return self._symbol(at) in {"a", "an"}

    def _value(self, place: int) -> Decimal | None:
        part = self.parts[place]
        if part.symbol == "<m>":
            said = part.value[0]
            return said if isinstance(said, Decimal) else None
        if part.symbol != "<n>" and not part.symbol.isdigit():
            return None
        return part.value if isinstance(part.value, Decimal) else None

    def document(self, tag: str, value: str, *, beside: bool = False) -> bool:
        """Whether the number of a document was said, as one or by itself.

        Where another number may stand `beside` it, a bare one needs a word before it.
        """
        bare = [at for at, part in enumerate(self.parts) if part.symbol.isdigit()]
        loose = beside and len([at for at in bare if at not in self.used]) > 1
        places = [
            place
            for place, part in enumerate(self.parts)
            if (part.symbol == tag and str(part.value) == value)
            or (
                part.symbol == value
                and place not in self.used
                and not (loose and self._symbol(place - 1) not in _OF_DOCUMENTS)
            )
        ]
        self.used.update(places[:1])
        return bool(places)

    def follows(self, place: int, words: frozenset[str]) -> bool:
        """Whether a part stands behind one of these words."""
        at = place - 1
        while self._symbol(at) in {"the", "our", "my"}:
            at -= 1
        return self._symbol(at) in words

    # --- days ---------------------------------------------------------------------

    def day(self, value: str, *, ahead: bool, since: str | None = None) -> bool:
        """Whether a day follows from the one date that was said.

        `since` is a document's date, from which "in 30 days" counts.
        """
        found = self._dates()
        if len(found) != 1:
            return False
        when: When = self.parts[found[0]].value
        if not when.exists or not _is_one_day(when, ahead=ahead):
            return False
        if ahead and when.relative is not None:
            start = date.fromisoformat(since) if since else self.reading.today
            try:
                day: date | None = distance(start, *when.relative)
            except OverflowError:
                return False
        else:
            day = when.ahead.end if ahead else when.behind.start
        if day is None or day.isoformat() != value:
            return False
        self.used.update(found)
        return True

    def span(self, *, ahead: bool) -> dict[str, str] | None:
        """The days of the one date that was said; None where it is not just one."""
        found = self._dates()
        if len(found) != 1 or not self.parts[found[0]].value.exists:
            return None
        self.used.update(found)
        return self.reading.period_json(self.parts[found[0]].value, ahead=ahead)

    def use_span(self, said: dict[str, str], *, totals: bool = False) -> bool:
        """Whether one of the dates in the words means just these days.

        Of `totals` a day may be the last of them.
        """
        found = []
        for place in self._dates():
            when: When = self.parts[place].value
            spans = [when.behind, when.ahead]
            if totals:
                spans = [up_to(self.reading, self.reading.sentence, when)]
            if when.exists and said in [span.as_json() for span in spans]:
                found.append(place)
        self.used.update(found)
        return bool(found)

    def use_end(self, said: str) -> bool:
        """Whether one of the dates in the words ends on that day."""
        found = [
            place
            for place in self._dates()
            if (when := self.parts[place].value).exists
            and any(
                end is not None and end.isoformat() == said
                for end in (when.behind.end, when.ahead.end)
            )
        ]
        self.used.update(found)
        return bool(found)

    @property
    def has_dates(self) -> bool:
        """Whether the words name any days."""
        return bool(self._dates())

    def _dates(self) -> list[int]:
        return [at for at, part in enumerate(self.parts) if part.symbol == "<date>"]

    # --- text ---------------------------------------------------------------------

    def tagged(self, value: str, *symbols: str) -> bool:
        """Whether a part of such a kind says just this: an address, a memo."""
        places = [
            place
            for place, part in enumerate(self.parts)
            if part.symbol in symbols and _said(part) == value.strip()
        ]
        self.used.update(places)
        return bool(places)

    def text(self, value: str) -> bool:
        """Whether some words were said just so; what they cover is used."""
        if not value.strip() or len(value) > _TEXT_MAX:
            return False
        source = r"\s+".join(re.escape(word) for word in value.split())
        found = re.search(rf"(?<!\w){source}(?!\w)", self.reading.text, re.IGNORECASE)
        if found is None:
            return False
        places = self._within(found.start(), found.end())
        if any(self.parts[at].symbol in _NO_TEXT for at in places):
            return False
        self.used.update(places)
        return True

    def new_name(self, value: str) -> bool:
        """Whether these words were said as one name: no more of them beside it."""
        found = self.reading.text.casefold().find(value.casefold())
        before = set(self.used)
        if found < 0 or not self.text(value):
            return False
        places = self._within(found, found + len(value))
        # Nowhere: they are only a piece of somebody's name.
        beside = (min(places) - 1, max(places) + 1) if places else ()
        if not places or any(self._goes_on(at) for at in beside):
            self.used = before
            return False
        return True

    def _within(self, start: int, end: int) -> list[int]:
        return [
            place
            for place, part in enumerate(self.parts)
            if start <= part.start and part.end <= end
        ]

    def _goes_on(self, place: int) -> bool:
        """Whether a word may belong to the name beside it: unknown, or a capital."""
        if not 0 <= place < len(self.parts) or not self.parts[place].fold:
            return False
        part = self.parts[place]
        capital = self.reading.text[part.start].isupper() and place > 0
        return capital or is_unknown(part) or part.symbol.startswith("<name:")

    # --- what is left -------------------------------------------------------------

    def left(self) -> list[Left]:
        """What was said with a meaning, and made no use of."""
        found = [
            Left(self.sentence.said(place, place + 1), kind)
            for place, part in enumerate(self.parts)
            if place not in self.used and (kind := self._kind(place, part))
        ]
        for said in phrases(self.sentence, "cvia"):
            # Unknown words where a name stands: somebody whom nobody knows.
            unused = not set(range(said.first, said.last)) <= self.used
            if unused and self._names_somebody(said.first, said.last):
                found.append(Left(self.sentence.said(said.first, said.last), "stray"))
        return found

    def _kind(self, place: int, part: Part) -> str:
        if part.symbol.startswith("<name:"):
            return "name"
        if part.symbol == "<date>":
            return "date"
        if self._value(place) is not None:
            return "number"
        is_telling = part.symbol in _TELLING or part.symbol.startswith("<doc:")
        return "other" if is_telling else ""

    def _names_somebody(self, first: int, last: int) -> bool:
        if first and self.reading.text[self.parts[first].start].isupper():
            return True
        before, after = self._symbol(first - 1), self._symbol(last)
        if after in _JOINING and self._symbol(last + 1).startswith("<name:"):
            return True
        return before in _SLOTS | _JOINING and not after.startswith("<name:")

    def _symbol(self, place: int) -> str:
        return self.parts[place].symbol if 0 <= place < len(self.parts) else ""


def _is_one_day(when: When, *, ahead: bool) -> bool:
    """Whether it is a day, on that side of today; "by Friday" is one ahead."""
    if ahead:
        return when.grain == "day" and when.mode in {"", "by"}
    return when.is_day and when.mode in {"", "as of"}


def _said(part: Part) -> str:
    value = part.value[0] if isinstance(part.value, tuple) else part.value
    return str(value).strip()
