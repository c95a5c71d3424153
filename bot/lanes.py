"""Work in lanes: one thing at a time in each, many lanes at once, within bounds.

What one place keeps waiting for does not keep the others waiting. Whoever puts work
in waits for it as long as they like; it goes on after that.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class _Lane(Generic[T]):
    """What waits in one lane, and who does it."""

    name: str
    waiting: dict[str, T] = field(default_factory=dict)
    worker: asyncio.Task[None] | None = None
    resting: bool = False


class Lanes(Generic[T]):
    """Does `work` for each thing put in, in the order of its lane.

    `work` is given the lane, the thing and what else waits there (which it may
    take out); it never raises on purpose. Lanes of one `group` (a platform) share
    `at_once` turns, which `work` takes by `turn`.
    """

    def __init__(
        self,
        work: Callable[[str, T, dict[str, T]], Awaitable[None]],
        *,
        at_once: int = 8,
    ) -> None:
        self._work = work
        self._at_once = at_once
        self._lanes: dict[str, _Lane[T]] = {}
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._stopped = asyncio.Event()
        self._stirred = asyncio.Event()

    def put(self, lane: str, key: str, thing: T) -> None:
        """Let a thing be done in a lane; the same key again replaces what waits."""
        if self._stopped.is_set():
            return
        found = self._lanes.setdefault(lane, _Lane(lane))
        found.waiting[key] = thing
        if found.worker is None:
            found.worker = asyncio.create_task(self._run(found))

    def turn(self, group: str) -> asyncio.Semaphore:
        """A turn of a group: held while something is really under way."""
        return self._turns.setdefault(group, asyncio.Semaphore(self._at_once))

    async def settle(self, seconds: float) -> None:
        """Wait until nothing is left to do just now, or for so long."""
        end = asyncio.get_running_loop().time() + seconds
        while any(not lane.resting for lane in self._lanes.values()):
            self._stirred.clear()
            left = end - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._stirred.wait(), left)
            except TimeoutError:
                return

    async def rest(self, lane: str, seconds: float) -> bool:
        """Wait within `work`; False: we stop, and nothing more is to be begun.

        Nobody waits for a lane that rests.
        """
        if self._stopped.is_set():
            return False
        found = self._lanes[lane]
        found.resting = True
        self._stirred.set()
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return True
        finally:
            found.resting = False
        return False

    async def stop(self, seconds: float = 10.0) -> None:
        """Begin nothing more, and wait for what is under way."""
        self._stopped.set()
        workers = [each.worker for each in self._lanes.values() if each.worker]
        if not workers:
            return
        _, left = await asyncio.wait(workers, timeout=seconds)
        for worker in left:
            worker.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _run(self, lane: _Lane[T]) -> None:
        try:
            while lane.waiting and not self._stopped.is_set():
                key = next(iter(lane.waiting))
                thing = lane.waiting.pop(key)
                try:
                    await self._work(lane.name, thing, lane.waiting)
                except Exception:
                    log.exception("work in a lane failed")
        finally:
            # No await between the last look and this: nothing is put in between.
            lane.worker = None
            del self._lanes[lane.name]
            self._stirred.set()
