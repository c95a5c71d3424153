"""The inbox of events, and where talk stands."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.chatlog import Chatlog, Talk
from bot.platform import ChatMessage, Place, Press, Sender
from tests.conftest import Clock

SENDER = Sender("slack", "T1", "U1", "Sam")
PLACE = Place("slack", "T1", "C1", "171.1")
MESSAGE = ChatMessage(
    "Ev1",
    SENDER,
    PLACE,
    "who owes us money",
    datetime(2026, 11, 20, 14, tzinfo=UTC),
    second_key="C1:171.1",
)
PRESS = Press(
    "171.2:approve",
    SENDER,
    PLACE,
    "171.1",
    "reject",
    "token",
    datetime(2026, 11, 20, 14, tzinfo=UTC),
    {"reason": "twice"},
)


@pytest.fixture
def chatlog(engine: AsyncEngine, clock: Clock) -> Chatlog:
    return Chatlog(engine, clock)


async def test_an_event_is_kept_once(chatlog: Chatlog) -> None:
    first = await chatlog.keep(MESSAGE)
    again = await chatlog.keep(MESSAGE)

    assert first is not None
    assert again is None
    assert await chatlog.row_of(MESSAGE) == first


async def test_one_message_in_two_shapes_is_kept_once(chatlog: Chatlog) -> None:
    await chatlog.keep(MESSAGE)

    assert await chatlog.keep(replace(MESSAGE, event="Ev2")) is None


async def test_the_same_event_of_another_team_is_another(chatlog: Chatlog) -> None:
    await chatlog.keep(MESSAGE)
    other = replace(MESSAGE, sender=replace(SENDER, tenant="T2"))

    assert await chatlog.keep(other) is not None


async def test_presses_without_a_second_key_do_not_hide_each_other(
    chatlog: Chatlog,
) -> None:
    assert await chatlog.keep(PRESS) is not None
    assert await chatlog.keep(replace(PRESS, event="171.3:approve")) is not None


async def test_of_twenty_deliveries_at_once_one_is_kept(chatlog: Chatlog) -> None:
    kept = await asyncio.gather(*(chatlog.keep(MESSAGE) for _ in range(20)))

    assert sum(each is not None for each in kept) == 1


async def test_what_a_stop_interrupted_is_found_whole_and_once(
    chatlog: Chatlog, clock: Clock
) -> None:
    await chatlog.keep(MESSAGE)
    await chatlog.keep(PRESS)
    assert await chatlog.interrupted(clock()) is None
    clock.advance(minutes=2)

    found = [await chatlog.interrupted(clock()) for _ in range(3)]

    assert [each and each.event for each in found] == [MESSAGE, PRESS, None]


async def test_in_one_round_each_is_found_once_however_long_it_takes(
    chatlog: Chatlog, clock: Clock
) -> None:
    await chatlog.keep(MESSAGE)
    clock.advance(minutes=2)
    began = clock()

    first = await chatlog.interrupted(began)
    clock.advance(minutes=5)

    assert first is not None
    assert await chatlog.interrupted(began) is None
    assert await chatlog.interrupted(clock()) is not None


async def test_an_event_that_cannot_be_read_keeps_no_other_waiting(
    chatlog: Chatlog, clock: Clock, engine: AsyncEngine
) -> None:
    unread = await chatlog.keep(MESSAGE)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE inbox SET payload = '{}'"))
    await chatlog.keep(PRESS)
    clock.advance(minutes=2)

    found = [await chatlog.interrupted(clock()) for _ in range(2)]
    clock.advance(days=2)
    await chatlog.interrupted(clock())
    async with engine.connect() as connection:
        done = await connection.scalar(
            text("SELECT done_at FROM inbox WHERE id = :id"), {"id": unread}
        )

    assert [each and each.event for each in found] == [PRESS, None]
    assert done is not None


async def test_what_is_still_worked_on_is_taken_by_nobody_else(
    chatlog: Chatlog, clock: Clock
) -> None:
    row = await chatlog.keep(MESSAGE)
    assert row is not None
    clock.advance(minutes=1)
    await chatlog.hold(row)
    clock.advance(minutes=1)

    assert await chatlog.interrupted(clock()) is None

    clock.advance(minutes=1)

    assert await chatlog.interrupted(clock()) is not None


async def test_what_is_done_is_not_found_again(chatlog: Chatlog, clock: Clock) -> None:
    row = await chatlog.keep(MESSAGE)
    assert row is not None
    await chatlog.done(row)
    clock.advance(minutes=6)

    assert await chatlog.interrupted(clock()) is None


async def test_finished_events_are_forgotten_after_a_month(
    chatlog: Chatlog, clock: Clock
) -> None:
    row = await chatlog.keep(MESSAGE)
    await chatlog.keep(PRESS)
    assert row is not None
    await chatlog.done(row)
    clock.advance(days=31)

    assert await chatlog.tidy() == 1
    assert await chatlog.row_of(MESSAGE) is None
    assert await chatlog.row_of(PRESS) is not None


async def test_talk_goes_on_by_place_thread_and_person(chatlog: Chatlog) -> None:
    talk = Talk("simulator:1", {"last": None}, {"kind": "write"})

    await chatlog.remember(PLACE, "sam", talk)

    assert await chatlog.talk(PLACE, "sam") == talk
    assert await chatlog.talk(PLACE, "priya") == Talk()
    assert await chatlog.talk(replace(PLACE, thread="9.9"), "sam") == Talk()


async def test_a_disconnected_company_is_used_nowhere(chatlog: Chatlog) -> None:
    await chatlog.remember(PLACE, "sam", Talk("simulator:1", {"last": None}))

    await chatlog.forget_company("simulator:1")

    assert (await chatlog.talk(PLACE, "sam")).company is None
