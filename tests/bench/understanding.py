"""How long a message takes to be understood among the names of a large company."""

import time
from datetime import date
from itertools import product
from pathlib import Path
from random import Random

from rapidfuzz import process

from bot.understanding import samples
from bot.understanding.conversation import interpret
from qbo.books import Name, Names
from tests.bench.measure import Row, median

TODAY = date(2026, 11, 20)
CUSTOMERS, VENDORS, ITEMS = 10_000, 2_000, 1_000
SAID = Path(__file__).parents[1] / "understanding" / "said"
_FIRST = """
    North South Green Silver Upper Old New Far East West Little Great Red Blue Golden
    Lower Stone River Lake Hill
"""
_SECOND = """
    Harbour Valley Bridge Field Garden Forest Meadow Station Market Quarry Orchard
    Castle Mill Ferry Chapel Tower Mountain Canal Abbey Priory Haven Marsh Copse Dale
    Ridge
"""
_THIRD = """
    Hotel Bakery School Dental Motors Books Studio Partners Holdings Surgery Pharmacy
    Nursery Lofts Robotics Cycles Library Council Marina Kitchens Joinery
"""


def large() -> Names:
    """The names of a large company, a sample company's own among them."""
    own = samples.names("harbour-pine-us")
    made = sorted(
        " ".join(words)
        for words in product(_FIRST.split(), _SECOND.split(), _THIRD.split())
    )
    Random(1).shuffle(made)  # noqa: S311 - the same names each time

    def filled(known: tuple[Name, ...], count: int, kind: str = "") -> tuple[Name, ...]:
        more = count - len(known)
        return known + tuple(Name(f"{name}{kind}") for name in made[:more])

    return Names(
        "Many",
        customers=filled(own.customers, CUSTOMERS),
        vendors=filled(own.vendors, VENDORS, " Supply"),
        items=filled(own.items, ITEMS, " Visit"),
        accounts=own.accounts,
        terms=own.terms,
        methods=own.methods,
    )


def messages() -> list[str]:
    """What people say, out of the tables of tests."""
    said: list[str] = []
    for name in ("asked", "held_out", "reads", "writes", "clarify", "commands"):
        lines = (SAID / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        said += [
            line.split("||")[-1].strip()
            for line in lines
            if line and not line.startswith((" ", "#", "[UK]"))
        ]
    return said


async def rows() -> list[Row]:
    """The middle and the slowest hundredth, beside one fuzzy search of the names."""
    names = large()
    choices = [name.name for name in names.customers]

    async def plain() -> object:
        return process.extractOne("Green Orchrd Studio", choices)

    baseline = "one fuzzy search of 10,000 names (rapidfuzz)"
    searched = await median(plain, 20)
    interpret("help", names, TODAY)
    taken = sorted(_milliseconds(said, names) for said in messages())
    what = f"understand a message, {CUSTOMERS:,} customers"
    return [
        Row(f"{what}: median", taken[len(taken) // 2], baseline, searched),
        Row(
            f"{what}: 99th percentile",
            taken[len(taken) * 99 // 100],
            baseline,
            searched,
        ),
    ]


def _milliseconds(said: str, names: Names) -> float:
    begun = time.process_time()
    interpret(said, names, TODAY)
    return (time.process_time() - begun) * 1000
