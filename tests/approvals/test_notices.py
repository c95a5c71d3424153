"""Notices: wanted with the proposal, lagging with each move, never lost."""

import asyncio
from dataclasses import replace

import pytest

from approvals.proposal import Denied, WantedNotice
from qbo.faults import NotFound
from tests.approvals.far import PRIYA, SAM, Rail

PLACES = (WantedNotice("asked"), WantedNotice("approvers"), WantedNotice("dm", "priya"))


async def test_wanted_notices_lag_from_the_first_moment(rail: Rail) -> None:
    proposal = await rail.proposed(places=(*PLACES, PLACES[0]))

    lagging = await rail.desk.lagging()

    assert {(n.place, n.viewer_id) for n, _ in lagging} == {
        ("asked", None),
        ("approvers", None),
        ("dm", "priya"),
    }
    assert all(p == proposal and n.message is None for n, p in lagging)


async def test_a_shown_notice_lags_again_after_a_move(rail: Rail) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)

    await rail.desk.sent(notice.id, "m1", proposal.version)
    assert await rail.desk.lagging() == ()
    approved = await rail.press(proposal)
    ((lags, now),) = await rail.desk.lagging()
    await rail.desk.shown(notice.id, approved.version)

    assert (lags.message, lags.shown_version, now) == ("m1", 1, approved)
    assert await rail.desk.lagging() == ()
    # An edit that was overtaken by a newer one is not noted.
    await rail.desk.shown(notice.id, 1)
    assert await rail.desk.lagging() == ()


async def test_one_of_two_processes_sends_the_first_message(rail: Rail) -> None:
    notice = await rail.notice(await rail.proposed())
    desks = [rail.desk, *(rail.another(f"p{n}") for n in range(7))]

    won = await asyncio.gather(*(desk.sending(notice.id) for desk in desks))

    assert sum(won) == 1
    assert await rail.desk.lagging() == ()
    rail.clock.advance(seconds=60)
    assert len(await rail.desk.lagging()) == 1
    assert await rail.desk.sending(notice.id)


async def test_a_card_made_from_an_older_version_is_not_shown_later(
    rail: Rail,
) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)
    slow, quick = rail.desk, rail.another()
    await slow.lagging()  # and makes its card from what it read
    await rail.press(proposal)

    assert await quick.sending(notice.id)
    await quick.sent(notice.id, "m1", 2)

    assert not await slow.sending(notice.id)


async def test_what_a_platform_did_not_take_rests_and_lags_on(rail: Rail) -> None:
    notice = await rail.notice(await rail.proposed())
    await rail.desk.sending(notice.id)

    await rail.desk.unsent(notice.id, seconds=30)

    assert await rail.desk.lagging() == ()
    rail.clock.advance(seconds=30)
    assert len(await rail.desk.lagging()) == 1


async def test_a_message_that_is_gone_is_given_up(rail: Rail) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)

    await rail.desk.gone(notice.id)
    await rail.press(proposal)

    assert await rail.desk.lagging() == ()
    assert not await rail.desk.sending(notice.id)


async def test_one_more_place_is_wanted_once(rail: Rail) -> None:
    proposal = await rail.proposed(places=())

    several = await asyncio.gather(
        *(rail.desk.want(proposal.id, "dm", "sam") for _ in range(5))
    )
    other = await rail.desk.want(proposal.id, "dm")

    assert len({n.id for n in several}) == 1
    assert other.id != several[0].id
    assert len(await rail.desk.lagging()) == 2
    with pytest.raises(NotFound):
        await rail.desk.want("none", "dm")


async def test_a_press_adopts_the_copy_whose_message_id_was_lost(rail: Rail) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)
    assert await rail.desk.sending(notice.id)  # sent, and killed before `sent`
    token = rail.desk.token(notice.id, proposal, "approve")

    approved = await rail.desk.decide(
        token, PRIYA, platform="slack", message="m1", place="asked"
    )

    (adopted,) = await rail.desk.notices(proposal.id)
    assert (adopted.id, adopted.message) == (notice.id, "m1")
    rail.clock.advance(minutes=2)
    ((lags, now),) = await rail.desk.lagging()
    assert (lags.message, now) == ("m1", approved)


async def test_a_press_on_a_second_copy_keeps_both_in_step(rail: Rail) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)
    await rail.desk.sent(notice.id, "m2", proposal.version)
    token = rail.desk.token(notice.id, proposal, "approve")

    for _ in range(2):
        with pytest.raises(Denied):  # also a denied press tells of its copy
            await rail.desk.decide(
                token, SAM, platform="slack", message="m1", place="asked"
            )
    await rail.press(proposal)

    assert {n.message for n in await rail.desk.notices(proposal.id)} == {"m1", "m2"}
    assert {n.message for n, _ in await rail.desk.lagging()} == {"m1", "m2"}
    await rail.desk.pressed(
        rail.desk.token(notice.id, proposal, "withdraw"),
        SAM,
        message="m3",
        place="asked",
    )
    assert len(await rail.desk.notices(proposal.id)) == 3


async def test_a_press_from_another_workspace_adopts_no_message(rail: Rail) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)
    stranger = replace(SAM, workspace="w2")
    token = rail.desk.token(notice.id, proposal, "withdraw")

    with pytest.raises(Denied) as no:
        await rail.desk.pressed(token, stranger, message="theirs", place="there")

    assert no.value.rule == "workspace"
    assert await rail.desk.notices(proposal.id) == (notice,)


async def test_an_event_gets_a_message_of_its_own_once(rail: Rail) -> None:
    proposal = await rail.proposed()
    first = await rail.notice(proposal)
    await rail.desk.sent(first.id, "m1", proposal.version)

    several = await asyncio.gather(
        *(rail.desk.want(proposal.id, "asked", inbox_id="event 1") for _ in range(4))
    )
    other = await rail.desk.want(proposal.id, "asked", inbox_id="event 2")
    same = await rail.desk.want(proposal.id, "asked")

    (own,) = {n.id for n in several}
    assert same.id == first.id
    assert len({own, other.id, first.id}) == 3
    assert {n.id for n, _ in await rail.desk.lagging()} == {own, other.id}


async def test_the_newest_lag_first_and_no_more_than_asked_for(rail: Rail) -> None:
    await rail.proposed()
    rail.clock.advance(minutes=1)
    newest = await rail.proposed()

    ((_, first),) = await rail.desk.lagging(limit=1)

    assert first == newest
