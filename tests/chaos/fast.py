"""Time that goes faster for a whole process, time-outs and all.

Leases, time-outs and rests stay what they are in production, in relation to each
other too: the process merely lives faster. `hasten` comes before every other import.
"""

import asyncio
import os
import selectors
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")

SPEED, EPOCH = "CHAOS_SPEED", "CHAOS_EPOCH"
READY = "ready at"
_real_time, _real_monotonic = time.time, time.monotonic


def environ(speed: float, epoch: float) -> dict[str, str]:
    """What tells a process how fast it lives, and since when."""
    return {SPEED: str(speed), EPOCH: str(epoch)}


def clock(speed: float, epoch: float) -> Callable[[], datetime]:
    """The fast clock, for who is not fast: all processes of a run show the same."""

    def now() -> datetime:
        return datetime.fromtimestamp(epoch + (_real_time() - epoch) * speed, UTC)

    return now


def hasten() -> float:
    """Make this process fast, as its environment says; gives the speed."""
    speed, epoch = float(os.environ[SPEED]), float(os.environ[EPOCH])
    time.time = lambda: epoch + (_real_time() - epoch) * speed
    time.monotonic = lambda: _real_monotonic() * speed
    return speed


def now() -> datetime:
    """The clock of a fast process."""
    return datetime.fromtimestamp(time.time(), UTC)


def run(work: Coroutine[Any, Any, T], speed: float) -> T:
    """Run in an event loop that waits as much shorter as its clock goes faster."""

    class Selector(selectors.DefaultSelector):
        def select(
            self, timeout: float | None = None
        ) -> list[tuple[selectors.SelectorKey, int]]:
            return super().select(timeout / speed if timeout else timeout)

    def loop() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(Selector())

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(work)
