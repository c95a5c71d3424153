"""Which customer, vendor, item or account a question is about."""

from dataclasses import replace

from bot.understanding.interpretation import ACTIONS
from bot.understanding.parties import (
    fits_of,
    likely,
    phrases,
    prefer_account,
    resolve,
    unresolved,
)
from bot.understanding.reading import ARGUMENT_LETTERS, Gathered, Reading
from bot.understanding.sentence import Sentence

# Words of other requests as well, and so known; here money is spent on them.
_BOUGHT = frozenset(
    {
        *("wages", "salary", "salaries", "payroll", "staff", "crew", "employee"),
        *("employees", "lawyer", "lawyers", "legal", "tax", "taxes", "lunch"),
        *("lunches", "dinner", "dinners", "coffee", "refunds", "transfers"),
    }
)


def resolve_all(
    reading: Reading, action: str, sentence: Sentence, gathered: Gathered
) -> None:
    """Find each name that the action takes, or note what is doubtful."""
    takes = ACTIONS[action].takes
    wanted = [name for name in ARGUMENT_LETTERS if name in takes]
    if not wanted:
        return
    places = {name: _places(sentence, name, wanted) for name in wanted}
    for name in filter(places.__getitem__, wanted):
        if name == "account" and action in {"spend.total", "expenses.list"}:
            _narrow(reading, sentence, places[name])
        resolve(sentence, name, gathered, places[name])
    if "account" in wanted:
        _uncategorized(reading, sentence, gathered)
    if any(name in gathered.arguments for name in wanted) or gathered.doubts:
        return
    if _common_words(reading, sentence, wanted, gathered):
        return
    if "invoice" in gathered.arguments or "bill" in gathered.arguments:
        return
    if "search" in takes:
        return
    letters = "".join(ARGUMENT_LETTERS[name] for name in wanted)
    about = wanted[0]
    if (
        len(wanted) > 1
        and sentence.has(r"(?:on|for|of|under|in) (?:the |our )?\S*")
        and ("account" in wanted)
    ):
        about = _about_unknown(sentence, letters)
    unresolved(reading, sentence, about, gathered, letters)


def _uncategorized(reading: Reading, sentence: Sentence, gathered: Gathered) -> None:
    """Such as "uncategorised expenses": the account of that name, however spelt."""
    if "account" in gathered.arguments or not sentence.has("uncategorized"):
        return
    found = [
        name
        for name in reading.index.books["a"].names
        if name.casefold().startswith("uncategori") and "xpense" in name
    ]
    if len(found) == 1:
        gathered.arguments["account"] = found[0]


def _common_words(
    reading: Reading, sentence: Sentence, wanted: list[str], gathered: Gathered
) -> bool:
    """A name said in common words only, where a name must stand: "on legal"."""
    found = sentence.search(
        r"(?:on|at|with|from|for|of) (?:(?:the|our|a) )*(?P<said>[a-z]+(?: "
        r"[a-z]+){0,2})"
    )
    if found is None:
        return False
    first, last = found.groups["said"]
    for end in range(last, first, -1):
        said = sentence.said(first, end)
        for argument in wanted:
            fit = reading.index.books[ARGUMENT_LETTERS[argument]].fit(said)
            names = fit.names
            if argument == "account" and len(names) > 1:
                names = prefer_account(reading, names, "expense") or names
            if len(names) == 1:
                gathered.arguments[argument] = names[0]
            elif names:
                gathered.doubt(argument, names, said)
            if names:
                return True
    spent_on = sentence.search(r"on (?:(?:the|our|a) )*(?P<said>[a-z]+)")
    if spent_on is None or "account" not in wanted:
        return False
    said = sentence.said(*spent_on.groups["said"])
    if said not in _BOUGHT:
        return False
    gathered.doubt("account", likely(reading, "a", said), said)
    return True


def _about_unknown(sentence: Sentence, letters: str) -> str:
    """Whether an unknown name is a vendor's or an account's, by its preposition."""
    for said in phrases(sentence, letters):
        before = sentence.parts[said.first - 1].symbol if said.first else ""
        if before in {"on", "under", "for", "category"}:
            return "account"
    return "vendor"


def _places(sentence: Sentence, name: str, wanted: list[str]) -> list[int]:
    """Where a name for an argument stands, when several arguments could take it."""
    letter = ARGUMENT_LETTERS[name]
    others = [ARGUMENT_LETTERS[other] for other in wanted if other != name]
    made = []
    for place, part in enumerate(sentence.parts):
        if not fits_of(part, letter):
            continue
        rivals = [other for other in others if fits_of(part, other)]
        if rivals and not _wins(sentence, place, letter, rivals):
            continue
        made.append(place)
    return made


def _wins(sentence: Sentence, place: int, letter: str, rivals: list[str]) -> bool:
    fits = sentence.parts[place].value
    before = sentence.parts[place - 1].symbol if place else ""
    if before in {"the", "our"} and place > 1:
        before = sentence.parts[place - 2].symbol
    if any(fits[rival].whole and not fits[letter].whole for rival in rivals):
        return False
    if all(fits[letter].whole and not fits[rival].whole for rival in rivals):
        return True
    if letter == "a":
        return before in {"on", "for", "under", "in", ""} or not {"v"} & set(rivals)
    return before not in {"on", "under"}


def _narrow(reading: Reading, sentence: Sentence, places: list[int]) -> None:
    """Money is spent on expense accounts: others that share a word are not meant."""
    for place in places:
        fits = sentence.parts[place].value
        names = prefer_account(reading, fits["a"].names, "expense")
        if names and len(names) < len(fits["a"].names):
            fits["a"] = replace(fits["a"], names=names)
