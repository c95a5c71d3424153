"""What people have to be told is told, wherever they are, however long that takes."""

import asyncio
import re

import pytest

from approvals.proposal import Audience, Proposal, WantedTelling
from bot import tellings as kept
from bot.pace import Pace
from bot.platform import Gone, Place, Sender, SendFailed
from bot.tellings import Tellings
from qbo.books import Circumstances, Shown
from tests.approvals.far import ALEX, COMPANY, SAM, W, draft
from tests.bot.square import Square, Stopped, at


async def _told(
    square: Square, audience: Audience, conversation: str = "C1", **more: object
) -> Proposal:
    """A proposal asked for in a conversation, of which somebody is to be told."""
    number = await square.rail.desk.reserve(W)
    proposal = await square.rail.desk.propose(
        draft(number),
        Circumstances(),
        SAM,
        COMPANY,
        places=(),
        conversation=at(conversation),
        inbox_id=None,
        platform="slack",
    )
    telling = WantedTelling("test", audience, "This is told.", **more)  # type: ignore[arg-type]
    notice = await square.rail.desk.want(proposal.id, at("elsewhere"))
    await square.rail.desk.gone(notice.id, "made for this", (telling,))
    return proposal


def _another(square: Square) -> Tellings:
    return Tellings(square.voice, square.rail.desk, square.people, square.rail.clock)


async def _ended(square: Square) -> Proposal:
    """A proposal asked for in C1 that was rejected: its asker is told."""
    number = await square.rail.desk.reserve(W)
    proposal = await square.rail.desk.propose(
        draft(number),
        Circumstances(),
        SAM,
        COMPANY,
        places=(),
        conversation=at("C1"),
        inbox_id=None,
        platform="slack",
    )
    await square.rail.desk.want(proposal.id, at("elsewhere"))
    return await square.rail.press(proposal, "reject", reason="no")


async def test_the_asker_is_told_in_the_thread_once(square: Square) -> None:
    await _ended(square)

    for _ in range(3):
        await square.tellings.catch_up(20)

    (card,) = square.chat.at("C1")
    assert re.fullmatch(
        r"P-1 \(Invoice .*\) was rejected by Priya, so nothing was posted. Why: “no”",
        card.title,
    )
    assert square.chat.at("DSAM") == []


async def test_where_the_thread_is_gone_the_asker_is_told_alone(
    square: Square,
) -> None:
    await _ended(square)
    square.chat.faults["C1"] = [Gone("is_archived")]

    await square.tellings.catch_up(20)
    await square.tellings.catch_up(20)

    (card,) = square.chat.at("DSAM")
    assert "rejected" in card.title


async def test_a_platform_that_is_off_for_a_day_loses_no_telling(
    square: Square,
) -> None:
    await _ended(square)
    off = square.voice.platforms
    assert isinstance(off, dict)
    del off["slack"]
    for _ in range(24):
        await square.tellings.catch_up(5)
        square.rail.clock.advance(hours=1)

    off["slack"] = square.chat
    await _another(square).catch_up(20)

    assert len(square.chat.at("C1")) == 1


async def test_admins_are_told_at_each_place_once_though_one_fails(
    square: Square,
) -> None:
    await square.people.enrol(W, "Alba", ALEX.roles, person="alba")
    await square.people.identify("alba", Sender("slack", "T1", "ALBA"))
    await _told(square, Audience.ADMINS)
    square.chat.faults["DALEX"] = [SendFailed("down"), SendFailed("down")]

    for _ in range(4):
        await square.tellings.catch_up(5)
        square.rail.clock.advance(minutes=5)

    assert len(square.chat.at("DALBA")) == 1
    assert len(square.chat.at("DALEX")) == 1


async def test_who_takes_a_telling_up_says_nothing_again(square: Square) -> None:
    await square.people.enrol(W, "Alba", ALEX.roles, person="alba")
    await square.people.identify("alba", Sender("slack", "T1", "ALBA"))
    await _told(square, Audience.ADMINS)
    # Another process has read it too, and gets its turn only later.
    (telling,) = await square.rail.desk.tellings.waiting(square.rail.clock())
    square.chat.faults["DALEX"] = [SendFailed("down")]
    await square.tellings._work("lane", telling, {})
    square.rail.clock.advance(minutes=5)

    await _another(square)._work("lane", telling, {})

    assert len(square.chat.at("DALBA")) == 1
    assert len(square.chat.at("DALEX")) == 1


async def test_a_stop_between_saying_and_noting_says_it_twice_at_most(
    square: Square,
) -> None:
    await _ended(square)
    square.chat.stops = [Stopped()]
    (telling,) = await square.rail.desk.tellings.waiting(square.rail.clock())
    with pytest.raises(Stopped):
        await square.tellings._work("lane", telling, {})

    again = _another(square)
    for _ in range(3):
        await again.catch_up(20)
        square.rail.clock.advance(minutes=6)

    assert len(square.chat.at("C1")) == 2


async def test_several_processes_tell_once(square: Square) -> None:
    for _ in range(4):
        await _ended(square)

    await asyncio.gather(*(_another(square).catch_up(20) for _ in range(4)))

    assert len(square.chat.at("C1")) == 4


async def test_old_and_new_values_stand_side_by_side(square: Square) -> None:
    await _told(
        square,
        Audience.ADMINS,
        shown=(Shown("Total", "$1,800.00", "$1,500.00"),),
    )

    await square.tellings.catch_up(20)

    (card,) = square.chat.at("DALEX")
    (section,) = card.sections
    assert section.table is not None
    assert section.table.rows == (("Total", "$1,500.00", "$1,800.00"),)


async def test_what_nobody_could_be_told_is_seen_in_the_console(
    square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _told(square, Audience.ADMINS)
    square.chat.faults["DALEX"] = [SendFailed("down") for _ in range(9)]
    for _ in range(kept.LONG_TRIES):
        assert await square.tellings.untold(W) == ()
        await square.tellings.catch_up(5)
        square.rail.clock.advance(hours=2)

    (waiting,) = await square.tellings.untold(W)
    assert not waiting.gone
    monkeypatch.setattr(kept, "TRIES_MAX", 5)
    await square.tellings.catch_up(5)
    (lost,) = await square.tellings.untold(W)
    assert lost.gone
    assert lost.sentence == "This is told."


async def test_a_telling_waits_for_its_turn(square: Square) -> None:
    square.voice.pace = Pace()
    for _ in range(5):
        await _ended(square)
    before = asyncio.get_running_loop().time()

    await square.tellings.catch_up(5)
    # Three at once, then one a second.
    while len(square.chat.at("C1")) < 5:  # noqa: ASYNC110 - nobody tells us
        await asyncio.sleep(0.05)

    assert asyncio.get_running_loop().time() - before > 1.5
    assert Place.parse(at("C1")).platform == "slack"
