"""Whatever happens in whatever order: never twice, never APPLIED without a receipt.

Stories of faults, stops, slow requests, take-overs, freezes and people's words are
made up, played by two processes on one database, and checked after every line.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from approvals.desk import Desk
from approvals.proposal import Denied, Proposal, Status
from bot import database
from qbo.books import Standing
from qbo.faults import (
    BooksFault,
    Disconnected,
    Refused,
    Stale,
    Throttled,
    Unconfirmed,
    Unreachable,
)
from tests.approvals.far import (
    COMPANY,
    LUIS,
    SAM,
    Killed,
    Order,
    Rail,
    step,
)
from tests.conftest import Clock

LOST = Unconfirmed("lost")
NOT_TAKEN: tuple[BooksFault, ...] = (
    Throttled("patience", retry_after_seconds=60),
    Disconnected("ended", company=COMPANY.id),
    Unreachable("unreachable"),
)
DEFINITE: tuple[BooksFault, ...] = (
    Refused("no", code="6000"),
    Stale("moved", code="5010"),
)
OVER_WITHOUT_A_WRITE = {
    Status.STALE,
    Status.WITHDRAWN,
    Status.REJECTED,
    Status.EXPIRED,
}

orders = st.one_of(
    st.just(("fine", LOST)),
    st.tuples(st.just("before"), st.sampled_from([LOST, *NOT_TAKEN, *DEFINITE])),
    st.just(("after", LOST)),
    st.just(("killed before", LOST)),
    st.just(("killed after", LOST)),
    st.just(("slow", LOST)),
)
lines = st.one_of(
    st.tuples(st.just("order"), orders),
    st.tuples(st.just("apply"), st.integers(0, 1)),
    st.tuples(st.just("confirm"), st.integers(0, 1)),
    st.tuples(st.just("resume"), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 100, 160, 200, 1000, 3700])),
    st.tuples(st.just("blind"), st.integers(1, 3)),
    st.tuples(st.just("moved"), st.booleans()),
    st.tuples(st.just("rebased"), st.just(0)),
    st.tuples(st.just("freeze"), st.booleans()),
    st.tuples(st.just("settle"), st.booleans()),
    st.tuples(st.just("withdraw"), st.just(0)),
    st.tuples(st.just("open"), st.just(0)),
)


@dataclass
class Story:
    """One proposal through one made-up story."""

    rail: Rail
    proposal: Proposal
    gates: list[asyncio.Event] = field(default_factory=list)
    tasks: list[asyncio.Task[object]] = field(default_factory=list)
    said_not: bool = False

    async def play(self, kind: str, what: Any) -> None:
        match kind:
            case "apply" | "confirm" | "resume":
                await self.work(kind, (self.rail.desk, self.rail.another())[what])
            case "order" | "blind" | "moved" | "rebased":
                self.happen(kind, what)
            case "wait":
                self.rail.clock.advance(seconds=what)
            case "open":
                self.open()
            case _:
                await self.say(kind, yes=bool(what))
        await self.check()

    def happen(self, kind: str, what: Any) -> None:
        """Something on the far side."""
        books = self.rail.books
        if kind == "order":
            books.orders.append(self.order(*what))
        elif kind == "blind":
            books.finding += [NOT_TAKEN[2]] * what
            books.reading += [NOT_TAKEN[2]] * what
        elif kind == "moved":
            books.standings.append(Standing(("moved",)) if what else Standing())
        else:
            fresh = tuple(
                replace(old, request_id=step().request_id)
                for old in self.proposal.draft.steps
            )
            rebased = replace(self.proposal.draft, steps=fresh, digest="rebased")
            books.standings.append(Standing(rebased=rebased))

    async def work(self, kind: str, desk: Desk) -> None:
        if kind == "resume":
            await self.start(desk.resume())
        elif kind == "apply":
            await self.start(desk.apply(self.proposal.id))
        else:
            await self.start(desk.confirm(self.proposal.id))

    def order(self, kind: str, fault: BooksFault) -> Order:
        match kind:
            case "before":
                return Order(before=fault)
            case "after":
                return Order(after=fault)
            case "killed before":
                return Order(before=Killed())
            case "killed after":
                return Order(after=Killed())
            case "slow":
                self.gates.append(asyncio.Event())
                return Order(gate=self.gates[-1])
        return Order()

    def open(self) -> None:
        for gate in self.gates:
            gate.set()

    async def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Run until it ends, or waits for a slow request."""
        self.rail.books.waiting.clear()
        task = asyncio.ensure_future(_survived(work))
        waiting = asyncio.ensure_future(self.rail.books.waiting.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self.tasks.append(task)
        if task.done():
            await task

    async def say(self, kind: str, *, yes: bool) -> None:
        """What people say, allowed or not."""
        desk, proposal = self.rail.desk, self.proposal
        try:
            if kind == "freeze":
                await (self.rail.frozen if yes else self.rail.thawed)()
            elif kind == "withdraw":
                await desk.withdraw(proposal.id, SAM, platform="slack")
            else:
                made = [r.doc_number for r in self.rail.books.records.values()]
                number = (made or ["1"])[-1] if yes else None
                await desk.settle(
                    proposal.id, LUIS, doc_number=number, platform="slack"
                )
                self.said_not = self.said_not or number is None
        except (Denied, BooksFault, Killed):
            pass

    async def check(self) -> None:
        now = await self.rail.desk.proposal(self.proposal.id)
        books = self.rail.books
        # Never more records than steps, under whatever request ids.
        assert len(books.records) <= len(now.draft.steps)
        # A request id always comes with the same bytes.
        assert len(set(books.arrived)) == len({i for i, _ in books.arrived})
        for receipt in now.receipts:
            assert receipt.record_id in {r.record_id for r in books.records.values()}
        if now.status is Status.APPLIED:
            assert now.receipts
            assert now.is_complete or now.reason
        if now.status in OVER_WITHOUT_A_WRITE:
            assert not books.records
        if now.status is Status.FAILED and not self.said_not:
            assert not books.records
        # Asked again only while the first request cannot still be on its way, and
        # only for as long as QuickBooks keeps its id.
        assert not books.ill_timed

    async def end(self) -> None:
        """With the far side well again, all comes to an end, and to a true one."""
        books = self.rail.books
        self.open()
        await asyncio.gather(*self.tasks)
        books.orders.clear()
        books.finding.clear()
        books.reading.clear()
        books.standings.clear()
        await self.rail.thawed()
        desk = self.rail.another("the last")
        now = await self.rail.settle_down(desk, self.proposal)
        await self.check()
        if now.status is Status.UNCONFIRMED:
            assert now.doubted_at is not None
            assert now.request.request_id not in books.records
        else:
            assert now.status in {
                Status.APPLIED,
                Status.FAILED,
                *OVER_WITHOUT_A_WRITE,
            }
            assert len(now.receipts) == len(books.records)
        assert (await desk.verify(COMPANY.id)).sound


async def _survived(work: Coroutine[Any, Any, object]) -> object:
    try:
        return await work
    except Killed:
        return None


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables in it, to be copied for each story."""
    path = tmp_path_factory.mktemp("rail") / "empty.db"

    async def make() -> None:
        engine = database.engine(f"sqlite:///{path}")
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        await engine.dispose()

    asyncio.run(make())
    return path


async def play(empty: Path, story: list[tuple[str, Any]], *, send: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(empty, folder)
        engine = database.engine(f"sqlite:///{path}")
        try:
            rail = Rail(engine, Clock())
            told = Story(rail, await rail.approved(send=send))
            for kind, what in story:
                await told.play(kind, what)
            await told.end()
        finally:
            await engine.dispose()


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(story=st.lists(lines, max_size=14), send=st.booleans())
def test_no_story_posts_twice_or_ends_untrue(
    empty: Path, story: list[tuple[str, Any]], send: bool
) -> None:
    asyncio.run(play(empty, story, send=send))
