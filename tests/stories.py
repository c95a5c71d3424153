"""Stories of the sample companies, each told once a process and copied after that.

What a story says does not depend on who tells it when (`tests/simulator/test_story`),
so tests that only need somebody's books start from a copy.
"""

import pickle
from datetime import date
from functools import cache
from typing import Any

from qbo.simulator.books.company import Company
from qbo.simulator.stories import telling


def told(slug: str, today: date, **how: Any) -> Company:
    """What `telling.told` makes of the same."""
    company = pickle.loads(_kept(slug, today, tuple(sorted(how.items()))))  # noqa: S301 - our own
    assert isinstance(company, Company)
    return company


@cache
def _kept(slug: str, today: date, how: tuple[tuple[str, Any], ...]) -> bytes:
    return pickle.dumps(telling.told(slug, today, **dict(how)))
