"""Messages are kept in step with their proposals, at a pace, whatever a place does."""

import asyncio

import pytest

from bot import notices as kept
from bot.notices import backoff_seconds
from bot.platform import Gone, SendFailed
from tests.approvals.far import PRIYA
from tests.bot.square import Square, Stopped, at


async def test_many_moves_are_one_edit_of_the_newest(square: Square) -> None:
    proposal = await square.proposed()
    await square.quiet()
    notice = await square.notice(proposal)

    await square.rail.press(proposal)
    await square.rail.desk.apply(proposal.id)
    await square.quiet()

    now = await square.rail.desk.proposal(proposal.id)
    (cards,) = square.chat.shown.values()
    assert len(cards) == 2
    assert cards[-1] == square.notices.card(now, notice.id, None)
    assert (await square.notice(proposal)).shown_version == now.version


async def test_what_moves_during_an_edit_is_edited_again(square: Square) -> None:
    proposal = await square.proposed()
    square.chat.gates["C1"] = asyncio.Event()
    await square.notices.catch_up(0.2)

    await square.rail.press(proposal)
    square.chat.gates["C1"].set()
    await square.quiet()

    (cards,) = square.chat.shown.values()
    assert [card.status for card in cards] == [
        "P-1 · Waiting for approval",
        "P-1 · Approved",
    ]


async def test_a_dead_place_keeps_no_other_waiting(square: Square) -> None:
    square.chat.gates["C1"] = asyncio.Event()
    for _ in range(3):
        await square.proposed("C1", "C2", "C3")

    await square.notices.catch_up(1.0)

    assert len(square.chat.at("C2")) == len(square.chat.at("C3")) == 3
    assert square.chat.at("C1") == []
    square.chat.gates["C1"].set()


async def test_a_failed_send_is_tried_again_later_each_time(square: Square) -> None:
    proposal = await square.proposed()
    square.chat.faults["C1"] = [SendFailed("down") for _ in range(4)]
    waited = []
    for _ in range(4):
        await square.notices.catch_up(0.2)
        await square.notices.stop()
        square.notices = square.another()
        start = square.rail.clock()
        while not await square.rail.desk.waiting_notices(10):
            square.rail.clock.advance(seconds=5)
        waited.append((square.rail.clock() - start).total_seconds())
    await square.quiet()

    assert waited == [15, 30, 60, 120]
    assert len(square.chat.at("C1")) == 1
    assert (await square.notice(proposal)).tries == 0


async def test_a_platforms_own_wish_rests_the_whole_place(square: Square) -> None:
    await square.proposed("C1")
    await square.proposed("C1", "C2")
    square.chat.faults["C1"] = [SendFailed("429", retry_after_seconds=300)]

    await square.notices.catch_up(0.5)
    assert square.chat.at("C1") == []
    assert len(square.chat.at("C2")) == 1
    square.rail.clock.advance(seconds=299)
    await square.quiet()
    assert square.chat.at("C1") == []
    square.rail.clock.advance(seconds=2)
    await square.quiet()

    assert len(square.chat.at("C1")) == 2


async def test_a_card_that_is_refused_keeps_its_place_open(square: Square) -> None:
    await square.proposed()
    square.rail.clock.advance(seconds=1)
    await square.proposed()
    square.chat.faults["C1"] = [SendFailed("invalid", is_about_card=True)]

    await square.notices.catch_up(0.5)

    assert len(square.chat.at("C1")) == 1


async def test_a_stop_between_sending_and_noting_sends_twice_at_most(
    square: Square,
) -> None:
    proposal = await square.proposed()
    notice = await square.notice(proposal)
    square.chat.stops = [Stopped()]
    with pytest.raises(Stopped):
        await square.notices._show(notice.id, "lane")
    again = square.another()
    await square.quiet(again)
    assert len(square.chat.shown) == 1  # its claim has not run out yet

    square.rail.clock.advance(seconds=61)
    await square.quiet(again)
    await square.quiet(again)

    assert len(square.chat.shown) == 2
    # A press on the first copy tells of it: from then on both are in step.
    await square.rail.desk.decide(
        square.rail.desk.token(notice.id, proposal, "approve"),
        PRIYA,
        platform="slack",
        message="m1",
        place=at("C1"),
    )
    await square.quiet(again)
    await again.stop()
    assert {card.status for card in square.chat.at("C1")} == {"P-1 · Approved"}


async def test_a_stop_between_editing_and_noting_edits_again(square: Square) -> None:
    proposal = await square.proposed()
    await square.quiet()
    notice = await square.notice(proposal)
    await square.rail.press(proposal)
    square.chat.stops = [Stopped()]
    with pytest.raises(Stopped):
        await square.notices._show(notice.id, "lane")

    square.rail.clock.advance(seconds=61)
    await square.quiet()

    (cards,) = square.chat.shown.values()
    assert [card.status for card in cards][-2:] == ["P-1 · Approved"] * 2
    assert await square.rail.desk.waiting_notices(10) == ()


async def test_two_processes_never_send_twice(square: Square) -> None:
    for _ in range(5):
        await square.proposed("C1", "C2")
    several = [square.another() for _ in range(4)]

    await asyncio.gather(*(each.catch_up(20) for each in several))

    assert len(square.chat.shown) == 10
    for each in several:
        await each.stop()


async def test_what_can_never_be_updated_is_in_the_trail_and_told_once_a_day(
    square: Square,
) -> None:
    several = [await square.proposed() for _ in range(3)]
    await square.quiet()
    for proposal in several:
        await square.rail.press(proposal)
    square.chat.faults["C1"] = [Gone("message_not_found") for _ in range(3)]

    await square.quiet()
    await square.tellings.catch_up(20)
    await square.tellings.catch_up(20)

    for proposal in several:
        trail = await square.rail.desk.trail(proposal.id)
        (given_up,) = [line for line in trail if line.event == "given-up"]
        assert "message_not_found" in given_up.facts
        assert (await square.notice(proposal)).gone
    (told,) = square.chat.at("DALEX")
    assert "can no longer be updated" in told.title
    assert (await square.rail.desk.verify(several[0].company.id)).sound


async def test_a_press_from_a_message_given_up_takes_it_up_again(
    square: Square,
) -> None:
    proposal = await square.proposed()
    await square.quiet()
    notice = await square.notice(proposal)
    await square.rail.desk.gone(notice.id, "gone")

    approved = await square.rail.desk.decide(
        square.rail.desk.token(notice.id, proposal, "approve"),
        PRIYA,
        platform="slack",
        message="m1",
        place=at("C1"),
    )
    await square.quiet()

    assert not (await square.notice(proposal)).gone
    assert (await square.notice(proposal)).shown_version == approved.version


async def test_what_is_never_taken_is_given_up_after_eight_days(
    square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "TRIES_MAX", 3)
    proposal = await square.proposed()
    square.chat.faults["C1"] = [SendFailed("down") for _ in range(3)]

    for _ in range(3):
        notices = square.another()
        await notices.catch_up(0.2)
        await notices.stop()
        square.rail.clock.advance(hours=1)

    assert (await square.notice(proposal)).gone
    assert sum(map(backoff_seconds, range(200))) > 7 * 24 * 3600


async def test_a_platform_that_is_off_loses_nothing(square: Square) -> None:
    proposal = await square.proposed()
    off = square.voice.platforms
    assert isinstance(off, dict)
    del off["slack"]
    await square.notices.catch_up(0.2)
    assert not (await square.notice(proposal)).gone

    await square.notices.stop()
    off["slack"] = square.chat
    square.rail.clock.advance(days=1)
    await square.quiet(square.another())

    assert len(square.chat.at("C1")) == 1
