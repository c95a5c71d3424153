"""A company is stopped at once, by one, and goes on by two; or by what is so itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals import details, stops
from approvals import store as store_module
from approvals.desk import DeskSettings
from approvals.policy import Broken, Policy
from approvals.proposal import Denied, Event, Person, Status
from approvals.stops import (
    BY_POLICY,
    BY_SETTING,
    DISCONNECTED,
    FROZEN,
    Lifted,
)
from bot import database
from qbo.books import Circumstances
from qbo.faults import NotTaken, Unconfirmed
from tests.approvals.far import (
    ALEX,
    COMPANY,
    KIM,
    LUIS,
    PRIYA,
    SAM,
    Order,
    Rail,
    W,
    draft,
)
from tests.conftest import Clock

OTHER = replace(COMPANY, realm="9131", name="Another")


async def lifted(rail: Rail, by: Person, **more: frozenset[str]) -> Lifted:
    return await rail.desk.stops.thaw(
        COMPANY, by, rail.clock(), platform="slack", **more
    )


async def events(rail: Rail) -> list[tuple[str, str]]:
    """The company's trail: what happened, and by whom."""
    async with rail.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT event, who FROM trail WHERE chain = :chain ORDER BY seq"),
            {"chain": COMPANY.id},
        )
        return [(row.event, row.who) for row in found]


async def told(rail: Rail) -> list[str]:
    return [each.sentence for each in await rail.desk.tellings.waiting(rail.clock())]


async def test_a_freeze_stops_approving_and_posting_at_once(rail: Rail) -> None:
    waits, approved = await rail.proposed(), await rail.approved()

    assert await rail.desk.stops.freeze(
        COMPANY, ALEX, rail.clock(), reason=" odd \n payments ", platform="slack"
    )
    assert not await rail.desk.stops.freeze(COMPANY, KIM, rail.clock())
    held = await rail.desk.apply(approved.id)
    with pytest.raises(Denied) as no:
        await rail.press(waits)

    assert held.status is Status.APPROVED
    assert held.waiting_for == "frozen"
    assert held.reason == (
        "Posting has been stopped by Alex (“odd payments”). Nothing has been posted."
    )
    assert no.value.rule == "frozen"
    assert "two administrators have said `thaw`" in no.value.sentence
    assert rail.books.arrived == []
    # Proposing, rejecting and withdrawing go on.
    another = await rail.proposed()
    assert (await rail.desk.proposal(another.id)).halts[0].reason == "odd payments"
    rejected = await rail.press(waits, "reject", reason="no")
    assert rejected.status is Status.REJECTED
    taken = await rail.desk.withdraw(approved.id, SAM, platform="slack")
    assert taken.status is Status.WITHDRAWN


async def test_two_administrators_let_it_go_on_and_one_twice_does_not(
    rail: Rail,
) -> None:
    approved = await rail.approved()
    await rail.frozen()

    assert await lifted(rail, ALEX) is Lifted.FIRST
    assert await lifted(rail, ALEX) is Lifted.SAME
    rail.clock.advance(minutes=30)
    await rail.desk.resume()
    assert (await rail.desk.proposal(approved.id)).status is Status.APPROVED
    # Another process, as after a crash between the first and the second word.
    restarted = rail.another("after the crash")
    assert (await restarted.stops.of(COMPANY.id))[0].lifting == "Alex"
    assert (
        await restarted.stops.thaw(COMPANY, KIM, rail.clock(), platform="teams")
        is Lifted.GOES_ON
    )
    await restarted.resume()

    assert (await restarted.proposal(approved.id)).status is Status.APPLIED
    assert await lifted(rail, KIM) is Lifted.NOTHING
    assert [each for each in await events(rail) if each[0] not in _MOVES] == [
        ("freeze", "Alex"),
        ("thaw-first", "Alex"),
        ("thaw", "Kim"),
    ]
    assert (await rail.desk.verify(COMPANY.id)).sound
    assert len([s for s in await told(rail) if "Harbour & Pine" in s]) == 3


_MOVES = {each.value for each in Event} | {"propose"}


async def test_a_first_word_counts_for_a_day_and_for_an_administrator(
    rail: Rail,
) -> None:
    await rail.frozen()
    assert await lifted(rail, ALEX) is Lifted.FIRST
    rail.clock.advance(hours=24)
    assert await lifted(rail, KIM) is Lifted.FIRST
    # Kim is no administrator any more.
    assert await lifted(rail, ALEX, admins=frozenset({ALEX.id})) is Lifted.FIRST
    # Frozen again: what was said for going on no longer counts.
    await rail.frozen(by=KIM)
    assert await lifted(rail, KIM) is Lifted.FIRST

    assert await rail.desk.stops.of(COMPANY.id)


async def test_only_administrators_of_its_workspace_lift_it(rail: Rail) -> None:
    stranger = replace(ALEX, id="stranger", workspace="w2")
    for by in (SAM, PRIYA, LUIS):
        with pytest.raises(Denied, match="Only administrators"):
            await rail.desk.stops.freeze(COMPANY, by, rail.clock())
    await rail.frozen()
    for by, rule in ((PRIYA, "role"), (stranger, "workspace")):
        with pytest.raises(Denied) as no:
            await lifted(rail, by)
        assert no.value.rule == rule

    assert (await rail.desk.stops.of(COMPANY.id))[0].lifting is None


async def test_one_companys_freeze_is_not_anothers(rail: Rail) -> None:
    approved = await rail.approved()

    await rail.frozen(OTHER)

    assert (await rail.desk.apply(approved.id)).status is Status.APPLIED
    assert (await rail.desk.proposal(approved.id)).halts == ()


async def test_the_server_lifts_it_alone_and_the_trail_says_so(rail: Rail) -> None:
    approved = await rail.approved()
    await rail.frozen()

    for is_first in (True, False):
        assert is_first is await rail.desk.stops.by_server(
            COMPANY,
            W,
            FROZEN,
            rail.clock(),
            on=False,
            operator="ops at the server",
            reason="Alex is away",
        )
    await rail.desk.resume()

    assert (await rail.desk.proposal(approved.id)).status is Status.APPLIED
    assert ("thaw", "ops at the server") in await events(rail)
    async with rail.engine.connect() as connection:
        facts, platform = (
            await connection.execute(
                text("SELECT facts, platform FROM trail WHERE event = 'thaw'")
            )
        ).one()
    assert platform == "server"
    assert "Alex is away" in facts
    assert '"alone": "at the server"' in facts
    assert any("by one alone" in each for each in await told(rail))


async def test_every_card_that_has_not_ended_lags_when_it_is_stopped(
    rail: Rail,
) -> None:
    ended = await rail.press(await rail.proposed(), "reject", reason="no")
    lost = await rail.approved()
    rail.books.orders.append(Order(after=Unconfirmed("?")))
    lost = await rail.desk.apply(lost.id)
    open_ = [await rail.proposed(), await rail.approved(), lost]

    await rail.frozen()

    for before in (ended, *open_):
        now = await rail.desk.proposal(before.id)
        assert now.version == before.version + (before is not ended)
        assert [halt.kind for halt in now.halts] == ["frozen"]
    lagging = {p.id for _, p in await rail.desk.lagging()}
    assert {p.id for p in open_} <= lagging
    lines = await rail.desk.trail(open_[0].id)
    assert [each.event for each in lines] == ["propose", "halt"]
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_one_that_cannot_be_read_keeps_nobody_waiting(rail: Rail) -> None:
    garbled, good, third = [await rail.proposed() for _ in range(3)]
    async with rail.engine.begin() as connection:
        await connection.execute(
            text("UPDATE proposal_revision SET draft = '{' WHERE proposal_id = :id"),
            {"id": garbled.id},
        )
    until = rail.clock() + timedelta(days=1)

    await rail.frozen()
    await rail.desk.approvers.delegate(PRIYA, KIM, until, platform="slack")

    assert (await rail.desk.proposal(good.id)).halts
    shown = {proposal.id for _, proposal in await rail.desk.lagging()}
    assert shown == {good.id, third.id}
    await rail.thawed()
    await rail.press(good)
    await rail.desk.resume()
    assert (await rail.desk.proposal(good.id)).status is Status.APPLIED
    rail.clock.advance(hours=80)
    await rail.desk.resume()
    assert (await rail.desk.proposal(third.id)).status is Status.EXPIRED
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_a_card_offers_no_approval_that_would_be_refused(rail: Rail) -> None:
    made = await rail.proposed()

    async def offered() -> tuple[str, ...]:
        return rail.desk.actions(await rail.desk.proposal(made.id), PRIYA)

    assert await offered() == ("approve", "reject")
    await rail.frozen()
    assert await offered() == ("reject",)
    await rail.thawed()
    assert await offered() == ("approve", "reject")
    await rail.desk.stops.readonly_on(COMPANY, ALEX, rail.clock())
    assert await offered() == ("reject",)
    await rail.desk.stops.readonly_off(COMPANY, ALEX, rail.clock())
    await rail.desk.stops.readonly_off(COMPANY, KIM, rail.clock())
    gone = ("disconnected", rail.clock())
    assert await rail.desk.stops.found(COMPANY, W, *gone, stands=True)
    assert await offered() == ("approve", "reject")


async def test_a_freeze_and_a_claim_at_once_leave_no_way_between(rail: Rail) -> None:
    """Whoever is first: nothing is claimed after it stands."""
    for _ in range(5):
        proposals = [await rail.approved() for _ in range(3)]
        await asyncio.gather(
            rail.frozen(), *(rail.desk.apply(each.id) for each in proposals)
        )
        arrived = len(rail.books.arrived)
        rail.clock.advance(hours=1)
        await rail.desk.resume()
        assert len(rail.books.arrived) == arrived
        await rail.thawed()
        await rail.desk.resume()
        for each in proposals:
            assert (await rail.desk.proposal(each.id)).status is Status.APPLIED

    assert len(rail.books.arrived) == 15
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_read_only_takes_no_proposal_and_no_approval(rail: Rail) -> None:
    waits, approved = await rail.proposed(), await rail.approved()
    await rail.desk.stops.readonly_on(COMPANY, ALEX, rail.clock(), reason="audit")

    for work in (
        rail.proposed(),
        rail.press(waits),
        rail.desk.revise(
            waits.id,
            draft(waits.number, "2.00"),
            Circumstances(),
            SAM,
            platform="slack",
        ),
    ):
        with pytest.raises(Denied) as no:
            await work
        assert no.value.rule == "readonly"
        assert "by Alex (“audit”)" in no.value.sentence
        assert "`readonly off`" in no.value.sentence
    held = await rail.desk.apply(approved.id)

    assert (held.status, held.waiting_for) == (Status.APPROVED, "readonly")
    assert rail.books.arrived == []
    off = rail.desk.stops.readonly_off
    assert await off(COMPANY, ALEX, rail.clock()) is Lifted.FIRST
    assert await off(COMPANY, KIM, rail.clock()) is Lifted.GOES_ON
    await rail.desk.resume()
    assert (await rail.desk.proposal(approved.id)).status is Status.APPLIED


async def test_a_setting_makes_it_read_only_before_any_row_says_so(rail: Rail) -> None:
    approved = await rail.approved()
    named = DeskSettings(readonly=(COMPANY.realm,))
    desk = rail.another("set", settings=named)

    held = await desk.apply(approved.id)

    assert (held.status, held.waiting_for) == (Status.APPROVED, "readonly")
    assert "COUNTERSIGN_READONLY" in (held.reason or "")
    await desk.compare_readonly(COMPANY, W)
    await desk.compare_readonly(COMPANY, W)
    assert [h.kind for h in (await desk.proposal(approved.id)).halts] == ["readonly"]
    # Nobody lifts by an order what the setting says.
    off = await desk.stops.readonly_off(COMPANY, ALEX, rail.clock())
    assert off is Lifted.NOTHING
    await rail.desk.compare_readonly(COMPANY, W)  # a start without the setting
    await rail.desk.resume()
    assert (await rail.desk.proposal(approved.id)).status is Status.APPLIED
    assert [each for each, _ in await events(rail) if each.startswith("readonly")] == [
        "readonly-on",
        "readonly-off",
    ]
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_the_policy_makes_it_read_only_and_a_broken_one_changes_nothing(
    rail: Rail,
) -> None:
    approved = await rail.approved()
    rail.desk.policy = replace(Policy(), readonly=(COMPANY.name,))

    held = await rail.desk.apply(approved.id)
    await rail.desk.compare_readonly(COMPANY, W)
    with pytest.raises(Denied, match="Whoever keeps the approval policy"):
        await rail.proposed()
    rail.desk.policy = Broken(1, "No.")
    await rail.desk.compare_readonly(COMPANY, W)

    assert held.waiting_for == "readonly"
    assert [h.kind for h in await rail.desk.stops.of(COMPANY.id)] == ["readonly"]
    rail.desk.policy = Policy()
    await rail.desk.compare_readonly(COMPANY, W)
    await rail.desk.resume()
    assert (await rail.desk.proposal(approved.id)).status is Status.APPLIED


@pytest.mark.parametrize(
    ("named", "is_meant"),
    [
        ((), False),
        (("9131",), False),
        (("9130",), True),
        (("all",), True),
        (("harbour & pine landscaping",), True),
        ((COMPANY.id,), True),
    ],
)
def test_a_setting_names_companies_in_several_ways(
    named: tuple[str, ...], is_meant: bool
) -> None:
    assert stops.is_readonly(named, COMPANY) is is_meant


async def test_what_is_found_to_be_so_is_a_row_and_ends_as_one(rail: Rail) -> None:
    approved = await rail.approved()
    found = rail.desk.stops.found

    async def say(kind: str, *, stands: bool) -> bool:
        return await found(COMPANY, W, kind, rail.clock(), stands=stands)

    assert await say(DISCONNECTED, stands=True)
    assert not await say(DISCONNECTED, stands=True)
    waits = await rail.desk.proposal(approved.id)
    assert [halt.kind for halt in waits.halts] == ["disconnected"]
    # It may be approved all the same: it goes on once the connection is renewed.
    assert (await rail.press(await rail.proposed())).status is Status.APPROVED
    assert (await rail.desk.apply(approved.id)).waiting_for == "disconnected"
    assert await say(DISCONNECTED, stands=False)
    assert not await say(DISCONNECTED, stands=False)
    assert await say(BY_POLICY, stands=True)
    assert await say(BY_SETTING, stands=True)
    assert await rail.desk.readonly(COMPANY) is not None


async def test_a_frozen_workspace_stays_so_over_the_migration(
    database_url: str, clock: Clock
) -> None:
    engine = database.engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgraded, "0001")
            await connection.execute(
                text(
                    'INSERT INTO "freeze" (workspace, person_id, person, at)'
                    " VALUES ('w1', 'alex', 'Alex', '2026-11-20 15:00:00+00:00')"
                )
            )
            await connection.execute(text(_PROPOSAL))
        await database.migrate(engine)
        assert await _stops(engine) == [(COMPANY.id, "frozen", "w1", "Alex")]
        desk = Rail(engine, clock).desk
        assert [h.kind for h in await desk.stops.of(COMPANY.id)] == ["frozen"]
    finally:
        await engine.dispose()


def _upgraded(connection: Connection, revision: str) -> None:
    scripts = database._scripts()
    scripts.attributes["connection"] = connection
    command.upgrade(scripts, revision)


async def _stops(engine: AsyncEngine) -> list[tuple[str, ...]]:
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT company_id, kind, workspace, person FROM company_stop")
        )
        return [tuple(row) for row in found]


_PROPOSAL = """
INSERT INTO proposal (id, number, ordinal, workspace, company_id, company,
 requester_id, requester, askers, conversation, created_at, reviewed_at, revision,
 version, status, editor_id, editor, quorum, hours, rule, approvals, receipted,
 uncompared, expires_at, words, risks, moved, attempts, holds)
VALUES ('p', 'P-1', 1, 'w1', 'simulator:9130', '{}', 'sam', 'Sam', '[]', '',
 '2026-11-20 15:00:00+00:00', '2026-11-20 15:00:00+00:00', 1, 1, 'pending', 'sam',
 'Sam', 1, 72, '', 0, 0, 0, '2026-11-23 15:00:00+00:00', '', '[]', '[]', 0, 0)
"""


async def test_a_stop_stands_after_what_was_being_begun_and_not_within(
    rail: Rail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that is being saved is saved before the stop is told to stand."""
    made = await rail.approved()
    reached, go_on = asyncio.Event(), asyncio.Event()
    kept = details.keep_details

    async def slowly(*args: Any) -> None:
        if Event.ATTEMPT in args:
            reached.set()
            await asyncio.wait_for(go_on.wait(), 10)
        await kept(*args)

    monkeypatch.setattr(store_module, "keep_details", slowly)
    posting = asyncio.create_task(rail.desk.apply(made.id))
    await asyncio.wait_for(reached.wait(), 10)
    stopping = asyncio.create_task(rail.frozen())
    done, _ = await asyncio.wait({stopping}, timeout=0.5)
    assert not done
    go_on.set()
    await asyncio.gather(posting, stopping)

    told = [each for each, _ in await events(rail)]
    assert told.index("attempt") < told.index("freeze")


async def test_what_waits_for_its_turn_does_not_leave_once_it_is_stopped(
    rail: Rail,
) -> None:
    await rail.desk.stops.last_look(COMPANY.id)
    await rail.frozen()

    with pytest.raises(NotTaken, match="Posting has been stopped by Alex"):
        await rail.desk.stops.last_look(COMPANY.id)


async def test_while_it_is_disconnected_the_reason_is_that(rail: Rail) -> None:
    made = await rail.approved()
    gone = ("disconnected", rail.clock())
    await rail.desk.stops.found(COMPANY, W, *gone, stands=True)
    rail.confirmed = False

    held = await rail.desk.apply(made.id)

    assert (held.status, held.waiting_for) == (Status.APPROVED, "disconnected")
    assert "renews the connection" in (held.reason or "")
