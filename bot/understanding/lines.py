"""The lines of a document: items sold, or accounts charged.

Everything else (who, when, memo, terms) has been taken out of the sentence
before, so that what is left is lines and the words between them.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rapidfuzz.distance import Hamming

from bot.understanding import vocabulary
from bot.understanding.marks import CENT, amount_at, money, quantity
from bot.understanding.names import Fit
from bot.understanding.parties import fits_of, is_unknown, prefer_account
from bot.understanding.reading import Gathered, Reading, near_assumption
from bot.understanding.sentence import Found, Sentence
from bot.understanding.text import Part, singular

_EACH = (
    r"(?:each|apiece|a piece|per (?:{UNIT}|{I}|item|head|one)|an? {UNIT}|/ {UNIT}"
    r"|hourly|daily)"
)
_RATE = (
    rf"(?: ,| -| \|)?(?: (?:at|for|charged at|priced at|rate|at a rate of|@))"
    rf" (?P<rate>{{MONEY}}) {_EACH}"
    rf"|(?: ,)? (?P<rate2>{{MONEY}}) {_EACH}"
    r"|(?: ,)? (?:at|at a rate of|charged at|priced at|rate|rate of) (?P<rate3>{MONEY})"
    r"(?! (?:in )?(?:total|all|altogether|overall)(?= ))"
)
_SUM = (
    r"(?: ,| -)? (?:for|=|:|-|totalling|totaling|total|worth|costing) (?P<sum>{MONEY})"
    r"(?! {UNIT})(?: total| in total)?|(?: \()? (?P<sum2><m>|<n>)(?: \))?"
    r"(?: total)?|(?: ,| -|,) (?P<sum4><m>)"
    r"(?! (?:for|of|worth|in|on|each|per|an?|to|from|{I})(?= ))|(?: =| :)? "
    r"(?P<sum3>\d+)(?! (?:x|{UNIT}|of|more|{I})(?= ))"
)
_PRICE = rf"(?:{_RATE}|{_SUM})?"
_QUANTITY = r"(?P<count>{NUM}|<vague>|a|an|one)"
_UNIT = r"(?: (?:{UNIT}|x|times))?(?: (?:of|for|worth of|more|extra|additional))*"
_DETERMINERS = r"(?:(?:the|some|a|an|our|more) )*"

_ITEM_LINES: tuple[str, ...] = (
    # "$500 for consulting"
    (
        rf"(?<! at )(?P<sum><m>)(?: (?:of|for|worth of|in|on))? {_DETERMINERS}"
        r"(?P<item>{I})"
    ),
    (
        rf"(?<! at )(?P<sum><n>|\d+) (?:for|worth of|on) {_DETERMINERS}(?P<item>{{I}})"
        r"(?! at (?=\d|<))"
    ),
    # "10 hours of consulting at 150", "2 lawn mowings"
    rf"{_QUANTITY}{_UNIT} (?P<item>{{I}})(?: {{UNIT}})?{_PRICE}",
    # "consulting for 10 hours at 150", "key fobs x 12"
    (
        rf"(?P<item>{{I}})(?: ,| :| -)?(?: for| of)? (?P<count>{{NUM}}|<vague>) "
        rf"{{UNIT}}{_PRICE}"
    ),
    (
        rf"(?P<item>{{I}}) (?:x|times|qty|quantity|\( x?|, x|, qty|, quantity)(?: of| "
        rf":)? "
        rf"(?P<count>{{NUM}})(?: \))?{_PRICE}"
    ),
    # "consulting at 150", "consulting 500", "delivery"
    rf"(?P<item>{{I}}){_PRICE}",
)
# "10 hours at 60": the item Hours, where no other item is named.
_UNIT_LINE = rf"{_QUANTITY} (?P<unit>{{UNIT}}){_PRICE}"

_ACCOUNT_LINES: tuple[str, ...] = (
    (
        r"(?P<sum>{MONEY})(?: (?:for|to|on|of|in|under|as|against|-|,|:|into|worth of"
        r"|should go to|goes to|go to|coded to|charged to))* (?:(?:the|some|our) )*"
        r"(?P<item>{A})"
    ),
    r"(?P<item>{A})(?: (?:for|:|,|-|=|of|expense|expenses|at))* (?P<sum>{MONEY})",
)


# Two items that nothing tells apart: "snow removal", "consulting on tree removal".
_RUN = (
    r"(?P<one>{I})(?: \|)*(?: (?:on|for|of|in|at|about|during|:|-|\())?"
    r"(?: (?:the|our|their|his|her|its|your|my))* (?P<two>{I})"
)
# The count or price of "consulting 3 hours for tree removal" may be that of either.
_BETWEEN = (
    r"(?<!<m> for )(?<!<m> of )(?<!<m> )"
    r"{I}(?: (?:at|for|of|x|-|:|=))?(?: {NUM}(?: {UNIT})?| <m>)"
    rf"(?: {_EACH})?(?: \|)*"
    r" (?:on|for) (?:(?:the|our|their) )*{I}"
)

# Words for a lower price, and words of names.
_REBATES = frozenset(["discounted", "discount", "discounts", "reduced", "rebate"])
# The words that make the bare number behind them a price, whatever it looks like.
_PRICING = frozenset(
    ["at", "=", ":", "total", "totalling", "totaling", "worth", "costing"]
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# "At 9 am": when it was done, and no rate.
_CLOCK = r"(?:at )?\d{1,2} (?:am|pm|a \. m|p \. m|o'clock|oclock|o clock)(?= )"

# "$150 for mowing and delivery": for both together, or the price of the one?
_AND = r"(?: \|)*(?: (?:,|and|plus|also|\||as well as))+(?: (?:the|a|an|some|our))*"
_ONE_SUM = (
    r"(?<! at )(?:<m>(?: (?:for|of|on|in|worth of))*|{MONEY} (?:for|worth of))"
    rf"(?: (?:the|a|an|some|our))* {{I}}{_AND}"
    r" {I}(?! (?:(?:at|for|:|=|-|,|x|of) )*(?:{MONEY}|<vague>)(?= ))"
)

_MANY = 100
_PLACES = -2
_UNIT_WORDS = frozenset(singular(word) for word in vocabulary.UNITS) | {"x"}
# What anything is counted by, and what any service is.
_PIECES = frozenset(["unit", "piece", "pc", "x"])
_HOURS = frozenset(["hour", "visit", "session"])
_RATES = {"hourly": "hour", "daily": "day"}


def priced(
    line: dict[str, Any],
    count: Decimal | None,
    rate: Decimal | None,
    *,
    open_count: bool = False,
) -> dict[str, Any]:
    """The line with quantity and rate, and the amount that follows from both.

    A rate alone is that of one, unless the count is left open.
    """
    if rate is not None and count is None and not open_count:
        count = Decimal(1)
    if count is not None:
        line["quantity"] = quantity(count)
    if rate is not None:
        line["rate"] = money(rate)
    if count is not None and rate is not None:
        total = (count * rate).quantize(CENT, ROUND_HALF_UP)
        line["amount"] = money(total)
    return line


def _number(found: Found, *groups: str) -> int | None:
    return next((found.at(g) for g in groups if found.at(g) is not None), None)


def _count(sentence: Sentence, place: int | None) -> Decimal | None:
    if place is None:
        return None
    part = sentence.parts[place]
    if part.symbol in {"a", "an", "one"}:
        return Decimal(1)
    return part.value if isinstance(part.value, Decimal) else None


def _line(
    reading: Reading,
    sentence: Sentence,
    found: Found,
    letter: str,
    gathered: Gathered,
    *,
    open_count: bool = False,
) -> dict[str, Any]:
    line: dict[str, Any] = {}
    place = found.at("item")
    if place is not None:
        _name(reading, sentence, place, letter, line, gathered)
    count_at = found.at("count")
    count = _count(sentence, count_at)
    if count_at is not None and (count is None or count <= 0):
        gathered.doubt("quantity", said=sentence.said(count_at, count_at + 1))
        return line
    rate_at = _number(found, "rate", "rate2", "rate3")
    if _is_sum_rather(reading, line, count, sentence, found) or (
        count is not None and _is_other_unit(line, sentence, found)
    ):
        gathered.doubt("quantity")
        return line
    if rate_at is not None:
        rate = amount_at(sentence, rate_at)
        if rate is None:
            gathered.doubt("amount")
            return line
        return priced(line, count, rate, open_count=open_count)
    priced(line, count, None)
    sum_at = _number(found, "sum", "sum2", "sum3", "sum4")
    if sum_at is not None and _is_stray(sentence, found, sum_at, count):
        gathered.doubt("amount")
    elif sum_at is not None:
        _summed(sentence, sum_at, count, line, gathered)
    return line


def _is_stray(
    sentence: Sentence, found: Found, place: int, count: Decimal | None
) -> bool:
    """Whether a bare number behind what is sold may be no sum at all.

    "Ground rent 2026" names a year; "2 lawn mowings 1042" has its count already, and
    no sign, cents or word says that the other number is money.
    """
    said = sentence.said(place, place + 1)
    if place <= found.first or not said.isdigit():
        return False
    before = sentence.parts[place - 1].symbol
    if before in _PRICING:
        return False
    return _YEAR.fullmatch(said) is not None or (
        count is not None and before not in {"for", "-"}
    )


def _name(
    reading: Reading,
    sentence: Sentence,
    place: int,
    letter: str,
    line: dict[str, Any],
    gathered: Gathered,
) -> None:
    """What the line is of, as far as it is plain."""
    part = sentence.parts[place]
    noun = "item" if letter == "i" else "account"
    names = fits_of(part, letter)
    if letter == "a":
        names = prefer_account(reading, names, "expense") or names
    said = sentence.said(place, place + 1)
    if len(names) != 1 or (letter == "i" and _is_word_rather(part, said)):
        gathered.doubt(noun, names, said)
        return
    line[noun] = names[0]
    note = near_assumption(part.value[letter], said)
    if note:
        gathered.assumptions.append(note)


def _is_word_rather(part: Part, said: str) -> bool:
    """Whether the one word for an item may be another word, spelt as it should be.

    "Moving" is one letter from Lawn Mowing, and more likely a job of its own; "mowign"
    is a slip of the fingers, and "lawn moving" has the rest of the name beside it.
    "3 hours discounted" asks for a lower price, of whatever it was.
    """
    fit: Fit = part.value["i"]
    word = said.casefold()
    if word in _REBATES and not fit.whole:
        return True
    if not fit.near or not word.isalpha() or not word.endswith("ing"):
        return False
    return any(
        Hamming.distance(word, own, pad=True) == 1 and own.endswith("ing")
        for name in fit.names
        for own in name.casefold().split()
        if len(own) == len(word) and own != name.casefold()
    )


def _summed(
    sentence: Sentence,
    place: int,
    count: Decimal | None,
    line: dict[str, Any],
    gathered: Gathered,
) -> None:
    """The amount of a line, as far as it is one."""
    total = amount_at(sentence, place)
    if total is None:
        gathered.doubt("amount")
    elif _is_count_rather(sentence, place, count):
        gathered.doubt("quantity")
    else:
        line["amount"] = money(total)


def _is_sum_rather(
    reading: Reading,
    line: dict[str, Any],
    count: Decimal | None,
    sentence: Sentence,
    found: Found,
) -> bool:
    """Whether "500 consulting" may be a sum rather than five hundred of a service."""
    if count is None or "item" not in line:
        return False
    if any(
        part.symbol.rstrip("s") in _UNIT_WORDS
        for part in sentence.parts[found.first : found.last]
    ):
        return False
    known = reading.index.books["i"].names[line["item"]]
    # Two places behind the point are how sums are written.
    return count.as_tuple().exponent == _PLACES or (
        count >= _MANY and known.type == "Service"
    )


def _is_other_unit(line: dict[str, Any], sentence: Sentence, found: Found) -> bool:
    """Whether "2 days of consulting" leaves open how many that are at its price.

    Most services are priced by the hour or the piece; what is priced otherwise says
    so in its name ("Day Rate", "Mulch (per bag)"), or in the request ("2 days at
    900"), there by the same unit as is counted.
    """
    rate_at = _number(found, "rate", "rate2", "rate3")
    if rate_at is None and _number(found, "sum", "sum2", "sum3", "sum4") is not None:
        return False
    row = sentence.parts
    counted = _units(row[found.first : rate_at or found.last])
    each = _units(row[rate_at : found.last]) if rate_at is not None else set()
    fine = _own_units(str(line.get("item", "")))
    if rate_at is not None:
        return not each <= fine | counted
    return not counted <= fine


def counts_otherwise(item: str, row: list[Part]) -> bool:
    """Whether parts such as "2 days" leave open how many of an item are meant."""
    return not _units(row) <= _own_units(item)


def same_units(row: list[Part], other: list[Part]) -> bool:
    """Whether both name the same units."""
    return _units(row) == _units(other)


def _own_units(item: str) -> set[str]:
    """The units that an item is priced by, as its name says."""
    name = item.casefold()
    own = {singular(word) for word in re.findall(r"\w+", name)}
    return own | _PIECES | (set() if "(per " in name else _HOURS)


def _units(row: list[Part]) -> set[str]:
    """The units among some parts of a line, in the singular."""
    said = {_RATES.get(part.symbol, singular(part.symbol)) for part in row}
    return said & _UNIT_WORDS


_FEW = 20


def _is_count_rather(sentence: Sentence, place: int, count: Decimal | None) -> bool:
    """Whether the bare number in "delivery 2" is hardly a price."""
    part = sentence.parts[place]
    return part.symbol.isdigit() and count is None and int(part.symbol) < _FEW


def take(
    reading: Reading,
    sentence: Sentence,
    letter: str,
    gathered: Gathered,
    *,
    open_count: bool = False,
) -> list[dict[str, Any]]:
    """The lines of a sentence, taken out of it, in the order said.

    `open_count` leaves a rate said alone without the quantity 1 that it has in a
    new line.
    """
    _settle_rivals(sentence, letter)
    while (found := sentence.search(_CLOCK)) is not None:
        gathered.doubt("amount")
        sentence.drop(found.first, found.last)
    if letter == "i":
        join_runs(sentence)
        if sentence.has(_BETWEEN) or sentence.has(_ONE_SUM):
            gathered.doubt("lines")
    sources = _ITEM_LINES if letter == "i" else _ACCOUNT_LINES
    made: list[tuple[int, dict[str, Any]]] = []
    after = 0
    while after < len(sentence.parts):
        matches = [
            (found.first, place, found)
            for place, source in enumerate(sources)
            if (found := sentence.search(source, after)) is not None
        ]
        if not matches:
            break
        _, _, found = min(matches, key=lambda match: match[:2])
        start = sentence.parts[found.first].start
        line = _line(reading, sentence, found, letter, gathered, open_count=open_count)
        made.append((start, line))
        sentence.drop(found.first, found.last)
        after = found.first
    if letter == "i":
        _take_units(reading, sentence, gathered, made)
    elif not made:
        _take_pair(reading, sentence, gathered, made)
    _describe(sentence, made)
    return [line for _, line in sorted(made, key=lambda each: each[0]) if line]


def _settle_rivals(sentence: Sentence, letter: str) -> None:
    """A name said in full on another list is no line of this one."""
    for part in sentence.parts:
        if part.symbol.startswith("<name:") and letter in part.value:
            fits = part.value
            others = [fit for key, fit in fits.items() if key not in "ia"]
            if any(fit.whole for fit in others) and not fits[letter].whole:
                part.symbol = (
                    "<name:" + "".join(sorted(set(part.symbol[6:-1]) - {letter})) + ">"
                )
    sentence.changed()


def join_runs(sentence: Sentence) -> None:
    """Make one name of several items in a row that nothing tells apart.

    "Snow removal" is one thing that the person calls so: where no item is meant by
    all of its words, it may be any that is meant by some of them, never one each.
    """
    while (found := sentence.search(_RUN)) is not None:
        one, two = (
            fits_of(sentence.parts[found.groups[side][0]], "i")
            for side in ("one", "two")
        )
        both = [name for name in one if name in two]
        names = both or dict.fromkeys((*one, *two))
        sentence.replace(found.first, found.last, "<name:i>", {"i": Fit(tuple(names))})


def _take_units(
    reading: Reading,
    sentence: Sentence,
    gathered: Gathered,
    made: list[tuple[int, dict[str, Any]]],
) -> None:
    found = sentence.search(_UNIT_LINE)
    if found is None or made or any(is_unknown(part) for part in sentence.parts):
        return
    place = found.groups["unit"][0]
    fit = reading.index.books["i"].fit(sentence.parts[place].symbol)
    if not fit.whole or fit.only is None:
        return
    line = _line(reading, sentence, found, "i", gathered)
    start = sentence.parts[found.first].start
    sentence.drop(found.first, found.last)
    made.append((start, {"item": fit.only, **line}))


def _take_pair(
    reading: Reading,
    sentence: Sentence,
    gathered: Gathered,
    made: list[tuple[int, dict[str, Any]]],
) -> None:
    """One account and one sum, wherever they stand."""
    accounts = list(sentence.each(r"(?P<item>{A})"))
    sums = list(sentence.each(r"(?P<sum>{MONEY})"))
    if len(accounts) != 1 or len(sums) > 1:
        return
    joined = Found(
        accounts[0].first,
        accounts[0].last,
        accounts[0].groups | (sums[0].groups if sums else {}),
    )
    line = _line(reading, sentence, joined, "a", gathered)
    start = sentence.parts[accounts[0].first].start
    for found in sorted([*accounts, *sums], key=lambda each: -each.first):
        sentence.drop(found.first, found.last)
    made.append((start, line))


def _describe(sentence: Sentence, made: list[tuple[int, dict[str, Any]]]) -> None:
    """A description belongs to the line before it."""
    found = sentence.search(r"<described>")
    if found is None or not made:
        return
    at = sentence.parts[found.first].start
    earlier = [line for start, line in made if start < at] or [made[0][1]]
    earlier[-1]["description"] = str(sentence.parts[found.first].value)
    sentence.drop(found.first, found.last)
