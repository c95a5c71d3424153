"""A card that may have been sent is looked for before it is sent again."""

from datetime import datetime

import pytest

from approvals.proposal import WantedNotice
from bot.notices import Notices
from bot.platform import Finding, Place, SendFailed
from cards.card import Card
from qbo.books import Circumstances
from tests.approvals.far import SAM, draft
from tests.bot.square import Chat, Square, Stopped, at


class Remembering(Chat):
    """A platform on which messages are found again by their mark."""

    marks: dict[str, str]
    looked: list[str]
    deaf: int = 0

    async def send_marked(self, place: Place, card: Card, mark: str) -> str:
        message = f"m{len(self.shown) + 1}"
        try:
            return await self.send(place, card)
        finally:
            if message in self.shown:
                self.marks[mark] = message

    async def find(self, place: Place, mark: str, since: datetime) -> str | None:
        assert since.tzinfo is not None
        assert place.conversation
        self.looked.append(mark)
        if self.deaf:
            self.deaf -= 1
            raise SendFailed("history is out of reach")
        return self.marks.get(mark)


@pytest.fixture
def chat(square: Square) -> Remembering:
    made = Remembering()
    made.marks, made.looked = {}, []
    assert isinstance(made, Finding)
    square.chat = made
    square.voice.platforms["slack"] = made  # type: ignore[index]
    return made


async def _stopped_after_sending(square: Square, notice: str) -> Notices:
    square.chat.stops = [Stopped()]
    with pytest.raises(Stopped):
        await square.notices._show(notice, "lane")
    square.rail.clock.advance(seconds=61)
    return square.another()


async def test_a_stop_between_sending_and_noting_sends_once(
    square: Square, chat: Remembering
) -> None:
    proposal = await square.proposed()
    notice = await square.notice(proposal)
    again = await _stopped_after_sending(square, notice.id)

    await square.quiet(again)
    await square.rail.press(proposal)
    await square.quiet(again)
    await again.stop()

    assert list(chat.shown) == ["m1"]
    assert chat.shown["m1"][-1].status == "P-1 · Approved"
    assert await square.rail.desk.waiting_notices(10) == ()


async def test_what_was_not_sent_is_sent_after_looking(
    square: Square, chat: Remembering
) -> None:
    await square.proposed()
    chat.faults["C1"] = [SendFailed("down")]

    await square.notices.catch_up(0.2)
    square.rail.clock.advance(seconds=61)
    again = square.another()
    await square.quiet(again)
    await again.stop()

    assert len(chat.looked) == 1
    assert list(chat.shown) == ["m1"]


async def test_the_first_time_nobody_looks(square: Square, chat: Remembering) -> None:
    await square.proposed()

    await square.quiet()

    assert chat.looked == []
    assert len(chat.shown) == 1


async def test_while_nobody_can_look_nothing_is_sent_twice(
    square: Square, chat: Remembering
) -> None:
    notice = await square.notice(await square.proposed())
    again = await _stopped_after_sending(square, notice.id)
    chat.deaf = 1

    await again.catch_up(0.2)
    assert list(chat.shown) == ["m1"]
    square.rail.clock.advance(seconds=61)
    third = square.another()
    await square.quiet(third)
    await again.stop()
    await third.stop()

    assert list(chat.shown) == ["m1"]
    assert await square.rail.desk.waiting_notices(10) == ()


@pytest.mark.parametrize("was_sent", [True, False])
async def test_a_card_that_was_replaced_meanwhile_is_locked_or_never_sent(
    square: Square, chat: Remembering, was_sent: bool
) -> None:
    proposal = await square.proposed()
    notice = await square.notice(proposal)
    again = await _stopped_after_sending(square, notice.id)
    if not was_sent:
        chat.marks.clear()
        chat.shown.clear()

    await square.rail.desk.revise(
        proposal.id,
        draft("P-1", "1800.00"),
        Circumstances(),
        SAM,
        platform="slack",
        places=(WantedNotice(at("C1")),),
    )
    for _ in range(3):
        await square.quiet(again)
    await again.stop()

    said = [card.status for card in chat.at("C1")]
    locked, waiting = "P-1 · Changed", "P-1 · Waiting for approval"
    assert said == ([locked, waiting] if was_sent else [waiting])
    assert await square.rail.desk.waiting_notices(10) == ()
