"""Two years of business, told from a fixed seed through the same door as any write.

The same seed and the same today give the same books.
"""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Final

from dateutil.relativedelta import relativedelta

from qbo.simulator.books.company import Company
from qbo.simulator.stories import bulk, harbour, monthly, sandbox
from qbo.simulator.stories import seed as seeding
from qbo.simulator.stories.teller import MONTHS, Teller

_TELLERS: Final[Mapping[str, Callable[[Teller, int | None], None]]] = {
    "harbour-pine-us": harbour.tell,
    "sandbox-us": sandbox.tell,
}
"""Companies with a story of their own; the others' stories are in their files."""

_WHOLE: Final = frozenset({"sandbox-us"})
"""Stories in which one thing leads to the next: told whole or not at all."""

TOLD_MAX: Final = 1_000
"""More invoices than these are no story: they are struck from samples."""


def told(
    slug: str, today: date, *, invoices: int | None, seed: int, months: int = MONTHS
) -> Company:
    """A company with its story up to today; more invoices than usual on request.

    The story begins so many `months` before today. With no invoices at all there is
    none: lists and accounts, empty books.
    """
    months = MONTHS if slug in _WHOLE else months
    started = today - relativedelta(months=months)
    company = seeding.empty_company(slug, started)
    if invoices == 0:
        return company
    teller = Teller(company, today, Random(seed), months)  # noqa: S311 - no secret
    asked = invoices if (invoices or 0) <= TOLD_MAX else None
    if slug in _TELLERS:
        _TELLERS[slug](teller, asked)
    else:
        monthly.tell(teller, asked, seeding.data_of(slug)["story"])
    bulk.add(company, today, invoices or 0, seed)
    company.touched.clear()
    return company
