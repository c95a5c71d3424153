"""The pace of requests, over all processes; each Governor stands for a process."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from qbo.books import Environment
from qbo.faults import Throttled, Unreachable
from qbo.governor import PACES, Governor, Pace

COMPANY = "production:1"
OTHER = "production:2"


class Wall:
    """A clock on the wall that tests move, in Unix seconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


def governor(engine: AsyncEngine, clock: Callable[[], float], pace: Pace) -> Governor:
    return Governor(engine, paces={Environment.PRODUCTION: pace}, clock=clock)


async def read(governor: Governor, patience: float = 0.0) -> None:
    async with governor.reading(COMPANY, patience_seconds=patience):
        pass


async def passed(asked: Callable[[], Awaitable[None]]) -> int:
    """How many requests go through before one would have to wait."""
    count = 0
    while True:
        try:
            await asked()
        except Throttled:
            return count
        count += 1


async def test_a_second_and_a_minute_have_their_limits(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, Pace(per_minute=20, per_second=5, at_once=8))

    in_seconds = []
    for _ in range(6):
        in_seconds.append(await passed(lambda: read(one)))
        wall.now += 1.0

    assert in_seconds == [5, 5, 5, 5, 0, 0]


async def test_what_was_a_minute_ago_is_forgotten(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, Pace(per_minute=3, per_second=5, at_once=8))
    assert await passed(lambda: read(one)) == 3

    wall.now += 60.0

    assert await passed(lambda: read(one)) == 3


async def test_one_company_does_not_slow_another(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, Pace(per_minute=3, per_second=3, at_once=8))
    await passed(lambda: read(one))

    async with one.reading(OTHER, patience_seconds=0):
        pass


async def test_who_waits_is_let_through_in_time(engine: AsyncEngine) -> None:
    one = governor(engine, time.time, Pace(per_minute=100, per_second=2, at_once=8))
    began = time.monotonic()

    await asyncio.gather(*(read(one, patience=5) for _ in range(4)))

    assert 0.9 < time.monotonic() - began < 4


async def test_only_so_many_requests_are_out_at_once(engine: AsyncEngine) -> None:
    one = governor(engine, time.time, Pace(per_minute=100, per_second=100, at_once=3))
    out = most = 0

    async def ask() -> None:
        nonlocal out, most
        async with one.reading(COMPANY, patience_seconds=5):
            out += 1
            most = max(most, out)
            await asyncio.sleep(0.02)
            out -= 1

    await asyncio.gather(*(ask() for _ in range(12)))

    assert most == 3


async def test_a_place_is_given_back_when_a_request_fails(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, Pace(per_minute=100, per_second=100, at_once=1))

    with pytest.raises(ValueError, match="lost"):
        async with one.reading(COMPANY, patience_seconds=0):
            raise ValueError("lost")

    await read(one)


async def test_processes_share_the_pace(engine: AsyncEngine, wall: Wall) -> None:
    pace = Pace(per_minute=40, per_second=8, at_once=8)
    one, two = governor(engine, wall, pace), governor(engine, wall, pace)
    await read(one)
    await read(two)

    wall.now += 60.0
    await read(one)
    await read(two)
    wall.now += 1.5

    assert await passed(lambda: read(one)) == 4
    assert await passed(lambda: read(two)) == 4


async def test_a_process_that_is_gone_leaves_its_share(
    engine: AsyncEngine, wall: Wall
) -> None:
    pace = Pace(per_minute=40, per_second=8, at_once=8)
    one, two = governor(engine, wall, pace), governor(engine, wall, pace)
    await read(one)
    await read(two)

    wall.now += 120.0

    assert await passed(lambda: read(one)) == 8


async def test_a_pause_holds_in_every_process(engine: AsyncEngine, wall: Wall) -> None:
    pace = Pace(per_minute=100, per_second=100, at_once=8)
    one, two = governor(engine, wall, pace), governor(engine, wall, pace)
    await read(two)

    assert await one.pause(COMPANY, 30.0) == 30.0
    wall.now += 1.5

    for each in (one, two):
        with pytest.raises(Throttled) as caught:
            await read(each)
        assert caught.value.retry_after_seconds == pytest.approx(28.5)
    wall.now += 29
    await read(one)
    await read(two)


async def test_pauses_grow_while_the_refusals_go_on(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, PACES[Environment.PRODUCTION])

    lengths = []
    for _ in range(7):
        lengths.append(await one.pause(COMPANY, None))
        wall.now += lengths[-1] + 1
    wall.now += 600

    assert lengths == [2, 4, 8, 16, 32, 60, 60]
    assert await one.pause(COMPANY, None) == 2


async def test_requests_refused_together_earn_one_pause(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, PACES[Environment.PRODUCTION])

    lengths = [await one.pause(COMPANY, None) for _ in range(5)]

    assert lengths == [2, 2, 2, 2, 2]


async def test_a_strangely_long_pause_is_cut_to_an_hour(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, PACES[Environment.PRODUCTION])

    assert await one.pause(COMPANY, 999_999.0) == 3600.0


async def test_one_write_is_out_at_a_time_over_all_processes(
    engine: AsyncEngine,
) -> None:
    pace = Pace(per_minute=100, per_second=100, at_once=8)
    processes = [governor(engine, time.time, pace) for _ in range(3)]
    out = most = done = 0

    async def write(each: Governor) -> None:
        nonlocal out, most, done
        async with each.writing(COMPANY, patience_seconds=20, lease_seconds=60):
            out += 1
            most = max(most, out)
            await asyncio.sleep(0.01)
            out -= 1
            done += 1

    await asyncio.gather(*(write(each) for each in processes for _ in range(3)))

    assert (most, done) == (1, 9)


async def test_a_writer_that_died_is_waited_for_until_its_lease_ends(
    engine: AsyncEngine, wall: Wall
) -> None:
    pace = Pace(per_minute=100, per_second=100, at_once=8)
    dead, alive = governor(engine, wall, pace), governor(engine, wall, pace)
    held = dead.writing(COMPANY, patience_seconds=0, lease_seconds=140)
    await held.__aenter__()

    async def write() -> None:
        async with alive.writing(COMPANY, patience_seconds=0, lease_seconds=140):
            pass

    with pytest.raises(Throttled) as caught:
        await write()
    assert "not sent" in caught.value.sentence
    wall.now += 141
    await write()


async def test_a_late_writer_does_not_give_back_another_ones_lease(
    engine: AsyncEngine, wall: Wall
) -> None:
    pace = Pace(per_minute=100, per_second=100, at_once=8)
    late, next_one, third = (governor(engine, wall, pace) for _ in range(3))
    held = late.writing(COMPANY, patience_seconds=0, lease_seconds=10)
    await held.__aenter__()
    wall.now += 11

    async with next_one.writing(COMPANY, patience_seconds=0, lease_seconds=10):
        await held.__aexit__(None, None, None)

        with pytest.raises(Throttled):
            async with third.writing(COMPANY, patience_seconds=0, lease_seconds=10):
                pass


async def test_reads_cost_hardly_any_commits(engine: AsyncEngine, wall: Wall) -> None:
    one = governor(engine, wall, Pace(per_minute=9_000, per_second=500, at_once=8))
    commits = 0

    def count(_: object) -> None:
        nonlocal commits
        commits += 1

    event.listen(engine.sync_engine, "commit", count)
    for _ in range(10):
        for _ in range(50):
            await read(one)
        wall.now += 1.0

    assert commits == 1


async def test_a_request_counts_until_a_second_after_its_end(
    engine: AsyncEngine, wall: Wall
) -> None:
    one = governor(engine, wall, Pace(per_minute=100, per_second=2, at_once=8))
    async with one.reading(COMPANY, patience_seconds=0):
        wall.now += 5.0
        await read(one)
        # One is out and one has just ended: both may be arriving now.
        with pytest.raises(Throttled):
            await read(one)

    wall.now += 0.9
    assert await passed(lambda: read(one)) == 0
    wall.now += 0.2
    assert await passed(lambda: read(one)) == 2


async def test_an_unreadable_database_stops_requests_with_a_sentence(
    engine: AsyncEngine, wall: Wall
) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE quickbooks_pace"))
    one = governor(engine, wall, Pace(per_minute=100, per_second=100, at_once=8))

    with pytest.raises(Unreachable, match="my own database"):
        await read(one)
    with pytest.raises(Unreachable, match="my own database"):
        async with one.writing(COMPANY, patience_seconds=0, lease_seconds=1):
            pass
    # A pause that cannot be kept still holds in this process.
    assert await one.pause(COMPANY, 5.0) == 5.0


async def test_a_writer_that_gives_up_leaves_no_lease(
    engine: AsyncEngine, wall: Wall
) -> None:
    pace = Pace(per_minute=100, per_second=100, at_once=8)
    one, two = governor(engine, wall, pace), governor(engine, wall, pace)
    entered = asyncio.Event()

    async def write(each: Governor) -> None:
        async with each.writing(COMPANY, patience_seconds=0, lease_seconds=140):
            entered.set()
            await asyncio.sleep(60)

    writing = asyncio.create_task(write(one))
    await entered.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    async with two.writing(COMPANY, patience_seconds=0, lease_seconds=140):
        pass
