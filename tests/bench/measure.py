"""A measurement beside its baseline."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement and what it is compared with, in milliseconds (medians)."""

    what: str
    milliseconds: float
    baseline: str
    baseline_milliseconds: float

    @property
    def ratio(self) -> float:
        """How many times the baseline it takes."""
        return self.milliseconds / self.baseline_milliseconds


async def median(work: Work, rounds: int) -> float:
    await work()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)
