"""Numbers as people say them: "a hundred and fifty", "half an hour"."""

from decimal import Decimal

from bot.understanding.sentence import Sentence
from bot.understanding.text import Part

_HUNDRED = 100
_THOUSAND = 1000
_SIZES = {"hundred": _HUNDRED, "thousand": _THOUSAND, "grand": _THOUSAND}
_ARTICLES = frozenset(["a", "an", "one"])
_TEN = 10
_TWENTY = 20

# What is halved; months are periods as well.
_HALVED = (
    r"(?:hours?|days?|bags?|yards?|tons?|tonnes?|units?|pieces?|visits?|loads?"
    r"|sessions?)"
)
_HALF = Decimal("0.5")
_QUARTERS = (
    (r"3 quarters of an (?=hour )", Decimal("0.75")),
    (r"(?:an? )?quarter (?:of an )?(?=hour )", Decimal("0.25")),
    # Of "and a half hours" the number before it is missing.
    (rf"(?<!and a )(?:(?<!and )an? )?half (?:of )?(?:an? )?(?={_HALVED} )", _HALF),
)


def join_numbers(sentence: Sentence) -> None:
    """Make one number of several words, such as "two hundred and fifty"."""
    place = 0
    while place < len(sentence.parts):
        last, value = _spelt(sentence, place)
        if value is not None and last - place > 1:
            sentence.replace(place, last, "<n>", value).known = True
        place += 1
    # "A and fifty": a hundred or a thousand was left out.
    while (found := sentence.search(r"an? and {NUM}")) is not None:
        sentence.replace(found.first, found.last, "<bad>").known = True


def _spelt(sentence: Sentence, first: int) -> tuple[int, Decimal | None]:
    """The number that begins with a part, and where it ends; None if none does."""
    whole, current, last = 0, 0, first
    row = sentence.parts
    for place in range(first, len(row)):
        size = _SIZES.get(row[place].symbol)
        if size is not None:
            current = current or _is_article(row, place - 1, first)
            if not current or (size == _HUNDRED and current >= _HUNDRED):
                break
            current *= size
            if size == _THOUSAND:
                whole, current = whole + current, 0
        elif (small := _word_value(sentence, place)) is not None:
            if not _follows(current, small):
                break
            current += small
        elif not _joins(sentence, place, first):
            break
        else:
            continue
        last = place + 1
    value = whole + current
    return last, Decimal(value) if value else None


def _is_article(row: list[Part], place: int, first: int) -> int:
    """One, where "a" or "one" stands before "hundred"."""
    return int(place == first and row[place].symbol in _ARTICLES)


def _joins(sentence: Sentence, place: int, first: int) -> bool:
    """Whether "a" opens a number, or "and" goes on with one."""
    row = sentence.parts
    if place + 1 >= len(row):
        return False
    if row[place].symbol in _ARTICLES:
        return place == first and row[place + 1].symbol in _SIZES
    return (
        row[place].symbol == "and"
        and place > first
        and row[place - 1].symbol in _SIZES
        and _word_value(sentence, place + 1) is not None
    )


def _word_value(sentence: Sentence, place: int) -> int | None:
    """What a number written as a word counts; None for digits and other words."""
    value = sentence.parts[place].value
    if not isinstance(value, Decimal) or not sentence.said(place, place + 1).isalpha():
        return None
    return int(value)


def _follows(current: int, small: int) -> bool:
    """Whether a small number goes on with one: "twenty five", "two hundred five"."""
    if current % _HUNDRED == 0:
        return True
    tens = current % _HUNDRED
    return tens >= _TWENTY and tens % _TEN == 0 and 0 < small < _TEN


def join_halves(sentence: Sentence) -> None:
    """Read "half an hour", "an hour and a half", "2 and a half hours"."""
    source = rf"(?P<count>{{NUM}}|an?) (?P<unit>{_HALVED}) (?P<half>and a half)"
    while (found := sentence.search(source)) is not None:
        sentence.parts[slice(*found.groups["half"])] = []
        _number(sentence, found.first, found.first + 1, _counted(sentence, found.first))
    source = rf"(?P<count>{{NUM}}) (?:and a|and) half (?={_HALVED} )"
    while (found := sentence.search(source)) is not None:
        _number(sentence, found.first, found.last, _counted(sentence, found.first))
    for source, value in _QUARTERS:
        while (found := sentence.search(source)) is not None:
            _number(sentence, found.first, found.last, value)


def _counted(sentence: Sentence, place: int) -> Decimal:
    value = sentence.parts[place].value
    return (value if isinstance(value, Decimal) else Decimal(1)) + _HALF


def _number(sentence: Sentence, first: int, last: int, value: Decimal) -> None:
    sentence.replace(first, last, "<n>", value).known = True
