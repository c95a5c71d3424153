"""The pace at which one company's books may be asked, over all processes.

Intuit allows 500 requests a minute, 10 a second and 10 at once for a company, and of
batches 40 a minute ("Limits and throttles"). Each process that is busy with a company
says so in a row about every 20 seconds and takes its share of the pace; requests
themselves are counted in memory, so that a read costs no commit. Writes are rarer and
dearer: one at a time for a company, under a lease in a row.
"""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import Field, SQLModel, col

from qbo.books import Environment
from qbo.faults import Throttled, Unreachable

_log = logging.getLogger(__name__)

_HERE_AGAIN_SECONDS: Final = 20.0
_GONE_AFTER_SECONDS: Final = 60.0
_GLANCE_SECONDS: Final = 1.0
_FIRST_PAUSE_SECONDS: Final = 2.0
_LONGEST_PAUSE_SECONDS: Final = 60.0
_FORGIVEN_AFTER_SECONDS: Final = 120.0
_HOUR_SECONDS: Final = 3600.0
_TURN_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """What one company allows, all processes together."""

    per_minute: int
    per_second: int
    at_once: int
    batches_per_minute: int = 36

    def shared(self, processes: int) -> "Pace":
        """The part of one of so many processes; at least one of each."""
        return Pace(
            max(1, self.per_minute // processes),
            max(1, self.per_second // processes),
            max(1, self.at_once // processes),
            max(1, self.batches_per_minute // processes),
        )


# A little under what Intuit allows, since other vendors' requests count as well. A
# simulated company limits nobody unless told to; then the pauses after 429 do.
PACES: Final[Mapping[Environment, Pace]] = {
    Environment.PRODUCTION: Pace(per_minute=450, per_second=9, at_once=8),
    Environment.SANDBOX: Pace(per_minute=450, per_second=9, at_once=8),
    Environment.SIMULATOR: Pace(60_000, 1_000, 8, batches_per_minute=60_000),
}


class _PaceRow(SQLModel, table=True):
    """What all processes know of a company's pace. Times are Unix seconds."""

    __tablename__ = "quickbooks_pace"

    company: str = Field(primary_key=True, max_length=80)
    paused_until: float = 0.0
    paused_at: float = 0.0
    pause_seconds: float = 0.0
    writer: str | None = Field(default=None, max_length=40)
    writer_until: float = 0.0


class _BusyRow(SQLModel, table=True):
    """A process that has lately asked a company's books. Times are Unix seconds."""

    __tablename__ = "quickbooks_pace_process"

    company: str = Field(primary_key=True, max_length=80)
    process: str = Field(primary_key=True, max_length=40)
    seen_at: float


@dataclass(slots=True)
class _Gate:
    """What this process remembers of one company; times are Unix seconds."""

    share: Pace
    ends: deque[float] = field(default_factory=deque)
    batches: deque[float] = field(default_factory=deque)
    in_flight: int = 0
    paused_until: float = 0.0
    said_at: float = 0.0
    looked_at: float = 0.0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Governor:
    """Lets requests through at each company's pace.

    `clock` gives Unix seconds. It is the machine's and not the product's `now`,
    since the pace is kept against Intuit's clock on the wall, also where the
    calendar is made to stand still. The processes' clocks should agree within a
    second or so; the writer's lease has room for more.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        paces: Mapping[Environment, Pace] = PACES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._readonly = engine.execution_options(readonly=True)
        self._paces = paces
        self._clock = clock
        self._process = secrets.token_hex(12)
        self._gates: dict[str, _Gate] = {}

    @asynccontextmanager
    async def reading(
        self, company: str, *, patience_seconds: float
    ) -> AsyncIterator[None]:
        """Hold one of the places of a company while a request is out.

        Raises:
            Throttled: the turn would come later than the patience lasts.
            Unreachable: our own database cannot be read.
        """
        gate = await self._entered(company, patience_seconds)
        try:
            yield
        finally:
            gate.in_flight -= 1
            gate.ends.append(self._clock())
            gate.changed.set()

    @asynccontextmanager
    async def writing(
        self,
        company: str,
        *,
        patience_seconds: float,
        lease_seconds: float,
        is_batch: bool = False,
    ) -> AsyncIterator[None]:
        """Be the only writer of a company, over all processes.

        Batches have a pace of their own beside that of all requests.

        The lease must outlive the request; a process that dies with it keeps
        others out only until it runs out.

        Raises:
            Throttled: another write did not end within the patience.
            Unreachable: our own database cannot be read.
        """
        gate = self._gate(company)
        end = self._clock() + patience_seconds
        try:
            async with asyncio.timeout(patience_seconds):
                await gate.writing.acquire()
        except TimeoutError as wrong:
            raise _busy() from wrong
        try:
            # Also where taking the lease is broken off: it may be in the row already.
            await self._lease(company, end, lease_seconds)
            if is_batch:
                await self._batch_turn(gate, end)
            left = max(end - self._clock(), 0.0)
            async with self.reading(company, patience_seconds=left):
                try:
                    yield
                finally:
                    if is_batch:
                        gate.batches.append(self._clock())
        finally:
            await self._release(company)
            gate.writing.release()

    async def pause(self, company: str, seconds: float | None) -> float:
        """Stop asking a company for a while, in all processes; after a 429.

        Without a time from QuickBooks it is 2 s at first and doubles to a minute
        while the 429s go on. Returns how long the pause is.
        """
        now = self._clock()
        try:
            async with self._engine.begin() as connection:
                await _ensure(connection, company)
                row = (
                    await connection.execute(
                        select(
                            col(_PaceRow.paused_until),
                            col(_PaceRow.paused_at),
                            col(_PaceRow.pause_seconds),
                        )
                        .where(col(_PaceRow.company) == company)
                        .with_for_update()
                    )
                ).one()
                length = _pause_length(seconds, row.paused_at, row.pause_seconds, now)
                # Several requests that were out together earn one pause, not many.
                if row.paused_until <= now or seconds is not None:
                    until = max(now + length, row.paused_until)
                    await connection.execute(
                        update(_PaceRow)
                        .where(col(_PaceRow.company) == company)
                        .values(paused_until=until, paused_at=now, pause_seconds=length)
                    )
                else:
                    until = row.paused_until
        except SQLAlchemyError as wrong:
            # The fault that led here says more than this one would.
            _log.warning("a pause could not be kept: %s", type(wrong).__name__)
            until = now + _pause_length(seconds, 0.0, 0.0, now)
        gate = self._gate(company)
        gate.paused_until = max(gate.paused_until, until)
        return gate.paused_until - now

    def _gate(self, company: str) -> _Gate:
        if company not in self._gates:
            self._gates[company] = _Gate(share=self._pace(company))
        return self._gates[company]

    def _pace(self, company: str) -> Pace:
        return self._paces[Environment(company.partition(":")[0])]

    async def _entered(self, company: str, patience_seconds: float) -> _Gate:
        """Wait for a place and take it; nothing awaits between the two."""
        gate = self._gate(company)
        end = self._clock() + patience_seconds
        while True:
            await self._glance(company, gate)
            now = self._clock()
            if gate.paused_until > now:
                if gate.paused_until > end:
                    raise _patience(gate.paused_until - now)
                await asyncio.sleep(gate.paused_until - now)
                continue
            wait = self._wait(gate, now)
            if wait == 0:
                gate.in_flight += 1
                return gate
            if now + (wait or 0.0) > end:
                raise _patience(wait or _FIRST_PAUSE_SECONDS).waiting("pace")
            if wait is not None:
                await asyncio.sleep(wait)
                continue
            gate.changed.clear()
            try:
                async with asyncio.timeout(end - now):
                    await gate.changed.wait()
            except TimeoutError as wrong:
                raise _patience(_FIRST_PAUSE_SECONDS).waiting("pace") from wrong

    async def _batch_turn(self, gate: _Gate, end: float) -> None:
        """Wait until one more batch may leave; only the writer is here."""
        while len(gate.batches) >= gate.share.batches_per_minute:
            now = self._clock()
            room = gate.batches[-gate.share.batches_per_minute] + 60.0
            if room <= now:
                gate.batches.popleft()
                continue
            if room > end:
                raise _patience(room - now)
            await asyncio.sleep(room - now)

    @staticmethod
    def _wait(gate: _Gate, now: float) -> float | None:
        """Seconds until one more may start; None: not before one that is out ends.

        A request may arrive at QuickBooks at any moment between its start and its
        end. So it counts until a second (a minute) after its end: then no second
        over there sees more than the share, however long the way.
        """
        share, ends = gate.share, gate.ends
        if gate.in_flight >= min(share.at_once, share.per_second, share.per_minute):
            return None
        while ends and ends[0] <= now - 60.0:
            ends.popleft()
        waits = [0.0]
        for count, seconds in ((share.per_minute, 60.0), (share.per_second, 1.0)):
            room = count - gate.in_flight
            if len(ends) >= room:
                waits.append(ends[-room] + seconds - now)
        return max(waits)

    async def _glance(self, company: str, gate: _Gate) -> None:
        """See, at most once a second, what the other processes say."""
        try:
            await self._look(company, gate)
        except SQLAlchemyError as wrong:
            raise _blind(wrong) from wrong

    async def _look(self, company: str, gate: _Gate) -> None:
        if 0 <= self._clock() - gate.looked_at < _GLANCE_SECONDS:
            return
        async with gate.looking:
            now = self._clock()
            if 0 <= now - gate.looked_at < _GLANCE_SECONDS:
                return
            if not 0 <= now - gate.said_at < _HERE_AGAIN_SECONDS:
                async with self._engine.begin() as connection:
                    await self._say_busy(connection, company, now)
                gate.said_at = now
            async with self._readonly.connect() as connection:
                processes = await connection.scalar(
                    select(func.count())
                    .select_from(_BusyRow)
                    .where(
                        col(_BusyRow.company) == company,
                        col(_BusyRow.seen_at) > now - _GONE_AFTER_SECONDS,
                    )
                )
                paused_until = await connection.scalar(
                    select(col(_PaceRow.paused_until)).where(
                        col(_PaceRow.company) == company
                    )
                )
            gate.share = self._pace(company).shared(max(1, processes or 0))
            gate.paused_until = max(gate.paused_until, paused_until or 0.0)
            gate.looked_at = now

    async def _say_busy(
        self, connection: AsyncConnection, company: str, now: float
    ) -> None:
        await connection.execute(
            delete(_BusyRow).where(
                col(_BusyRow.company) == company,
                or_(
                    col(_BusyRow.process) == self._process,
                    col(_BusyRow.seen_at) < now - 10 * _GONE_AFTER_SECONDS,
                ),
            )
        )
        await connection.execute(
            insert(_BusyRow).values(company=company, process=self._process, seen_at=now)
        )

    async def _lease(self, company: str, end: float, lease_seconds: float) -> None:
        while True:
            now = self._clock()
            try:
                is_taken = await self._leased(company, now, lease_seconds)
            except SQLAlchemyError as wrong:
                raise _blind(wrong) from wrong
            if is_taken:
                return
            if now + _TURN_POLL_SECONDS > end:
                raise _busy()
            await asyncio.sleep(_TURN_POLL_SECONDS)

    async def _leased(self, company: str, now: float, lease_seconds: float) -> bool:
        async with self._engine.begin() as connection:
            await _ensure(connection, company)
            taken = await connection.execute(
                update(_PaceRow)
                .where(
                    col(_PaceRow.company) == company,
                    or_(
                        col(_PaceRow.writer).is_(None),
                        col(_PaceRow.writer_until) < now,
                    ),
                )
                .values(writer=self._process, writer_until=now + lease_seconds)
            )
        return bool(taken.rowcount)

    async def _release(self, company: str) -> None:
        try:
            async with self._engine.begin() as connection:
                await connection.execute(
                    update(_PaceRow)
                    .where(
                        and_(
                            col(_PaceRow.company) == company,
                            col(_PaceRow.writer) == self._process,
                        )
                    )
                    .values(writer=None)
                )
        except SQLAlchemyError as wrong:
            # What the write brought back must not be lost over this; the lease ends
            # by itself.
            _log.warning("a lease could not be given back: %s", type(wrong).__name__)


async def _ensure(connection: AsyncConnection, company: str) -> None:
    """Make the company's row where there is none yet."""
    known = await connection.scalar(
        select(func.count())
        .select_from(_PaceRow)
        .where(col(_PaceRow.company) == company)
    )
    if known:
        return
    try:
        async with connection.begin_nested():
            await connection.execute(insert(_PaceRow).values(company=company))
    except IntegrityError:
        _log.debug("another process made the row of %s first", company)


def _pause_length(
    asked: float | None, paused_at: float, pause_seconds: float, now: float
) -> float:
    if asked is not None:
        return min(asked, _HOUR_SECONDS)
    if pause_seconds <= 0 or now - paused_at > _FORGIVEN_AFTER_SECONDS:
        return _FIRST_PAUSE_SECONDS
    return min(pause_seconds * 2, _LONGEST_PAUSE_SECONDS)


def _patience(seconds: float) -> Throttled:
    return Throttled(
        "QuickBooks asks for a little patience: too many requests at once. Nothing was"
        " changed; please try again in a minute.",
        retry_after_seconds=max(seconds, 0.0),
    )


def _blind(wrong: SQLAlchemyError) -> Unreachable:
    _log.error("the pace cannot be read: %s", type(wrong).__name__)
    return Unreachable(
        "I cannot reach my own database just now, so QuickBooks was not asked. Nothing"
        " was changed; please try again in a few minutes."
    ).waiting("database")


def _busy() -> Throttled:
    return Throttled(
        "Another change to these books is on its way, so this one was not sent yet."
        " Nothing was changed.",
        retry_after_seconds=_FIRST_PAUSE_SECONDS,
    ).waiting("turn")
