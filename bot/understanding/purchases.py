"""What people buy, and the words of the accounts that it is often put under.

It orders what is offered where an account is asked for, and tells a thing that was
bought from somebody's name; it never decides on an account.
"""

from bot.understanding.names import Book, words_of
from bot.understanding.text import singular

_BOUGHT = {
    "meal entertainment food": (
        "snack snacks lunch lunches dinner dinners breakfast coffee coffees tea drinks"
        " meal meals food pizza sandwich sandwiches groceries catering restaurant"
    ),
    "fuel automobile vehicle car": "petrol gas diesel gasoline fuel oil tyres tires",
    "travel automobile": (
        "parking toll tolls taxi taxis cab cabs uber train trains bus flight flights"
        " hotel hotels airfare mileage fare fares ticket tickets"
    ),
    "office postage stationery supplies": (
        "stamps stamp postage envelopes paper stationery toner ink pens printer"
        " staples courier shipping"
    ),
    "software subscription": "software app apps licence license licences saas hosting",
    "telephone phone mobile": "phone phones sim broadband internet",
    "repair maintenance": "repairs repair servicing plumber",
    "utilities electricity water": "electricity electric gas water power heating",
    "advertising marketing": "ads ad advert adverts flyers leaflets posters",
    "material supplies": "tools timber lumber nails screws paint",
}
_WORDS: dict[str, tuple[str, ...]] = {}
for _accounts, _things in _BOUGHT.items():
    for _thing in _things.split():
        _WORDS[_thing] = (*_WORDS.get(_thing, ()), *_accounts.split())

_KINDS = frozenset({"Expense", "Other Expense", "Cost of Goods Sold"})
_COUNT = 5


def is_thing(said: str) -> bool:
    """Whether the words name a thing that is bought, rather than a seller."""
    words = said.casefold().split()
    return bool(words) and all(word in _WORDS for word in words)


def accounts(book: Book, said: str) -> tuple[str, ...]:
    """The accounts that something bought may belong to, the likeliest first."""
    wanted = [
        wanted for word in said.casefold().split() for wanted in _WORDS.get(word, ())
    ]
    fits = [
        name
        for each in dict.fromkeys(wanted)
        for name, known in book.names.items()
        if known.type in _KINDS and each in _singular(name)
    ]
    near = [name for name in book.likely(said) if book.names[name].type in _KINDS]
    return tuple(dict.fromkeys((*fits, *near)))[:_COUNT]


def _singular(name: str) -> frozenset[str]:
    return frozenset(singular(word) for word in words_of(name)[0]) | frozenset(
        words_of(name)[0]
    )
