"""One message, prepared: its parts rewritten, its calendar, its company's names."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bot.understanding.dates import mark_dates, mark_years
from bot.understanding.days import Calendar
from bot.understanding.marks import mark_memo, mark_money, mark_numbers
from bot.understanding.moments import When
from bot.understanding.names import Fit, Index
from bot.understanding.sentence import Sentence, mark_names
from bot.understanding.spoken import join_halves, join_numbers

ARGUMENT_LETTERS = {"customer": "c", "vendor": "v", "item": "i", "account": "a"}
NOUNS = {letter: noun for noun, letter in ARGUMENT_LETTERS.items()}


@dataclass(slots=True)
class Doubt:
    """What must be asked before going on."""

    about: str
    choices: tuple[str, ...] = ()
    said: str = ""


@dataclass(slots=True)
class Gathered:
    """What was understood for one action, and what is doubtful in it.

    `whose` as of an `Interpretation`.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    whose: tuple[str, ...] = ()

    def doubt(self, about: str, choices: tuple[str, ...] = (), said: str = "") -> None:
        """Note a doubt; the first about each argument counts."""
        if all(known.about != about for known in self.doubts):
            self.doubts.append(Doubt(about, choices, said))


class Reading:
    """A message ready for the grammar."""

    def __init__(self, text: str, index: Index, today: date) -> None:
        self.index = index
        self.today = today
        self.calendar = Calendar(
            today,
            index.names.fiscal_year_start_month,
            month_first=index.names.country == "US",
        )
        self.raw = Sentence(text, index)
        for found in list(self.raw.each(r"(?:\? )*\?")):
            for place in range(found.first, found.last):
                self.raw.parts[place].symbol = "?"
        sentence = self.raw.copy()
        _join_compounds(sentence)
        _join_dozens(sentence)
        mark_memo(sentence)
        self.company = _take_company(sentence)
        mark_names(sentence)
        _drop_farewell(sentence)
        _join_shorthand(sentence)
        join_numbers(sentence)
        join_halves(sentence)
        mark_numbers(sentence)
        mark_dates(sentence, self.calendar)
        mark_money(sentence)
        self.sentence = sentence

    @property
    def text(self) -> str:
        """The cleaned text."""
        return self.raw.text

    def for_reading(self) -> Sentence:
        """A copy in which bare years are years."""
        made = self.sentence.copy()
        mark_years(made, self.calendar)
        return made

    @property
    def is_question(self) -> bool:
        """Whether it asks rather than tells ("can you …" tells)."""
        if self.sentence.has(r"pdf|printout|print|download"):
            return True
        place = _lead(self.sentence)
        if place >= len(self.sentence.parts):
            return False
        if self.sentence.has(
            r"do (?:a|an|the|up|another|me an?) (?:\S+ )?(?:invoice|bill)"
        ):
            return False
        symbol = self.sentence.parts[place].symbol
        before = self.sentence.parts[place - 1].symbol if place else ""
        if symbol in {"have", "had", "do", "did"} and before in {"i", "we"}:
            # "We have a new customer" tells, "have we …" asks.
            return False
        return symbol in _ASKING

    def period_json(self, when: When, *, ahead: bool = False) -> dict[str, str]:
        """A `When` as the contract's period."""
        return (when.ahead if ahead else when.behind).as_json()


_ASKING = frozenset(
    [
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "how",
        "when",
        "where",
        "why",
        "did",
        "does",
        "do",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "any",
        "anything",
        "anyone",
        "anybody",
        "show",
        "list",
        "tell",
        "see",
        "view",
        "find",
        "search",
        "display",
        "check",
        "look",
        "hows",
        "whos",
        "whats",
        "wheres",
        "top",
    ]
)
_LEADS = frozenset(
    [
        "and",
        "so",
        "hey",
        "hi",
        "hello",
        "ok",
        "okay",
        "please",
        "now",
        ",",
        "!",
        ".",
        "quick",
        "quickly",
        "just",
        "also",
        "then",
        "but",
        "can",
        "could",
        "you",
        "would",
        "i",
        "we",
        "want",
        "need",
        "to",
        "like",
        "'d",
        "us",
        "let",
        "me",
        "for",
    ]
)


def _lead(sentence: Sentence) -> int:
    place = 0
    while place < len(sentence.parts) and sentence.parts[place].symbol in _LEADS:
        place += 1
    return place


def _take_company(sentence: Sentence) -> str | None:
    """The connected company that a request is about, taken out: "in Pennine, …"."""
    book = sentence.index.books["k"]
    for place in range(1, len(sentence.parts)):
        before = sentence.parts[place - 1].symbol
        if before not in {"in", "at", "for", "of"}:
            continue
        found = book.match(sentence.parts, place)
        if found is None:
            continue
        end, fit, distinct = found
        sure = fit.whole or (distinct and before == "in")
        if fit.only is None or fit.near or not sure or end - place < 1:
            continue
        longer = any(
            (other := sentence.index.books[letter].match(sentence.parts, place))
            and other[0] > end
            for letter in NOUNS
        )
        if not longer:
            sentence.drop(place - 1, end)
            return fit.only
    return None


# Several words that mean one thing, which the parts of may not be read singly.
_COMPOUNDS = (
    (r"credit (?:memos|notes)", "creditmemos"),
    (r"credit (?:memo|note)", "creditmemo"),
    (
        (
            r"(?:profit|profits) (?:and|&|/|or) loss(?:es)?|pnl|income statement"
            r"|profit loss"
        ),
        "pnl",
    ),
    (r"p and l|pl|p l", "pnl"),
    (r"balance ?sheet|balancesheet", "balancesheet"),
    (r"cash ?flows?|cashflows?", "cashflow"),
    (r"account(?:s)? receivables?", "receivables"),
    (r"account(?:s)? payables?", "payables"),
    (r"year over year|year on year", "yoy"),
    (r"past (?:its |their )?due(?: date)?", "overdue"),
    (r"any 1(?= (?:paid|pay|owes?|late|overdue|behind|has|have) )", "anyone"),
    (r"un - paid|un paid|not (?:been |yet |fully |yet been )*paid(?: yet)?", "unpaid"),
    (r"over due", "overdue"),
    (
        (
            r"(?:going|go|goes|become|becomes|becoming|turn|turns|turning|fall|falls|"
            r"falling|about)(?: to (?:be|go|become))? overdue"
        ),
        "due",
    ),
    (r"same time last year", "yoy"),
    (r"slow(?:est)? (?:- )?paying", "late"),
    (
        (
            r"(?:haven|havent|hasn|hasnt|have not|has not|not been|wasn't|werent|wasnt|"
            r"not)"
            r" (?:t |we |yet |been |gone )*(?:sent|emailed|issued)(?: out)?(?: yet)?"
        ),
        "unsent",
    ),
    (r"un - sent|un sent|never sent|not (?:yet )?sent", "unsent"),
    (r"most recent", "newest"),
    (r"set up|setup", "create"),
    (r"charts? of accounts", "chartofaccounts"),
    (r"sign - off|sign off|signoff", "approval"),
)


_DOZEN = 12


def _join_dozens(sentence: Sentence) -> None:
    """Read "two dozen" and "half a dozen" as the numbers that they are."""
    source = r"(?P<count>{NUM}|half) (?:a )?dozens?(?: of)?|an? dozen(?: of)?"
    after = 0
    while (found := sentence.search(source, after)) is not None:
        after = found.first + 1
        count = Decimal(1)
        if "count" in found.groups:
            part = sentence.parts[found.groups["count"][0]]
            count = Decimal("0.5") if part.symbol == "half" else part.value
        value = count * _DOZEN
        whole = value == value.to_integral()
        made = sentence.replace(
            found.first, found.last, str(int(value)) if whole else "<n>", value
        )
        made.known = True
    while (found := sentence.search(r"dozens?(?: of)?")) is not None:
        # How many dozens was not said, or left out.
        sentence.replace(found.first, found.last, "<vague>")


_FAREWELL = (
    r"(?:(?:[.,!;]|-) )*(?:(?:with )?(?:many|much|kind|kindest|best|warm|warmest) "
    r"(?:thanks|appreciated|obliged|regards)|regards)"
    r"(?: (?:[.,!]|again))*(?: (?P<name>[a-z]\S*))?(?: [.!])* $"
)


def _drop_farewell(sentence: Sentence) -> None:
    """Leave out how a message ends that a letter could end with."""
    found = sentence.search(_FAREWELL)
    if found is None or not found.first:
        return
    name = found.at("name")
    # "Many thanks, Sam" is a name; "many thanks, cancel" is more than that.
    if name is None or not sentence.parts[name].known:
        del sentence.parts[found.first :]
        sentence.changed()


def _join_shorthand(sentence: Sentence) -> None:
    """Read "invoice 4 Nguyen Family" and "3 trimmings n 1 delivery" as they sound."""
    for source, word in (
        (
            (
                r"(?:invoices?|bills?|payments?|terms|email|phone|balance|sales"
                r"|aging) (?P<at>4) (?:the )?{PARTY}"
            ),
            "for",
        ),
        (r"(?P<at>real) (?:quick|quickly|fast|soon)", "quick"),
        (r"(?P<at>n) (?=\d|<n>|an? )", "and"),
    ):
        for found in list(sentence.each(source)):
            part = sentence.parts[found.groups["at"][0]]
            part.symbol, part.known = word, True
    sentence.changed()


def _join_compounds(sentence: Sentence) -> None:
    for source, symbol in _COMPOUNDS:
        after = 0
        while (found := sentence.search(source, after)) is not None:
            sentence.replace(found.first, found.last, symbol).known = True
            after = found.first + 1


def near_assumption(fit: Fit, said: str) -> str | None:
    """The sentence that a misspelt name was taken for one of the books."""
    if not fit.near or fit.only is None:
        return None
    return f'I read "{said}" as {fit.only}.'
