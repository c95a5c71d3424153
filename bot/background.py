"""Work that goes on after the caller was answered."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """Tasks of ours, kept until they end; what a stop cuts off, the timetable finds."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Start something and return at once; its fault is logged."""
        task = asyncio.get_running_loop().create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def rest(self, seconds: float = 20.0) -> None:
        """Wait for what is under way, then let go of what takes longer."""
        while self._tasks:
            done, left = await asyncio.wait(tuple(self._tasks), timeout=seconds)
            if not done:
                for task in left:
                    task.cancel()
                await asyncio.gather(*left, return_exceptions=True)
                return


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("work in the background failed")
