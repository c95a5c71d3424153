"""The timetable: what is done without anybody asking.

The only file that imports apscheduler. Each process has its own timetable in
memory; rows are claimed, jobs are not, so that two processes never do the same
work twice.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Every:
    """A job that is done again and again; never twice at once in one process."""

    name: str
    seconds: float
    job: Job


@dataclass(frozen=True, slots=True)
class Daily:
    """A job that is done once a day, at that hour and minute UTC."""

    name: str
    hour: int
    minute: int
    job: Job


class Timetable:
    """Jobs and their times. One job's fault never stops another, nor its next run."""

    def __init__(self, jobs: tuple[Every | Daily, ...]) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for job in jobs:
            trigger = (
                IntervalTrigger(seconds=job.seconds, timezone="UTC")
                if isinstance(job, Every)
                else CronTrigger(hour=job.hour, minute=job.minute, timezone="UTC")
            )
            self._scheduler.add_job(
                _guarded,
                trigger,
                args=(job.name, job.job),
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Begin; needs the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; a job under way is left to finish."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


async def _guarded(name: str, job: Job) -> None:
    try:
        await job()
    except Exception:
        log.exception("timetable job failed", extra={"job": name})
