"""The one UPDATE by which a proposal moves: each condition alone holds it back."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, literal, text
from sqlalchemy.exc import IntegrityError

from approvals import moves
from approvals.proposal import (
    Audience,
    Event,
    Proposal,
    Rule,
    Status,
    WantedNotice,
    WantedTelling,
)
from approvals.store import By, Store
from tests.approvals.far import COMPANY, SAM, Rail, W

TOLD = WantedTelling("late", Audience.ADMINS, "It waits.", "k")


@pytest.fixture
def store(rail: Rail) -> Store:
    return rail.desk._store


async def whole(rail: Rail) -> list[tuple[Any, ...]]:
    """Everything that a move could leave behind, row by row."""
    found: list[tuple[Any, ...]] = []
    async with rail.engine.connect() as connection:
        for table in (
            *("proposal", "proposal_revision", "proposal_decision", "proposal_head"),
            *("proposal_attempt", "proposal_receipt", "notice", "telling", "trail"),
        ):
            rows = await connection.execute(text(f"SELECT * FROM {table}"))
            found += [(table, *row) for row in rows]
    return sorted(found, key=repr)


Doctored = Callable[[Proposal], Proposal]


@pytest.mark.parametrize(
    "doctored",
    [
        lambda p: replace(p, id="another"),
        lambda p: replace(p, version=p.version + 1),
        lambda p: replace(p, version=p.version - 1),
        lambda p: replace(p, status=Status.APPLYING),
    ],
)
async def test_a_move_of_what_it_is_not_any_more_changes_nothing(
    rail: Rail, store: Store, doctored: Doctored
) -> None:
    proposal = await rail.approved()
    before = doctored(proposal)
    after = replace(
        moves.withdrawn(proposal, SAM), id=before.id, version=before.version + 1
    )
    was = await whole(rail)

    saved = await store.save(
        before, after, Event.WITHDRAW, at=rail.clock(), tell=(TOLD,)
    )

    assert saved is False
    assert await whole(rail) == was


async def test_a_move_is_one_version_and_no_other(rail: Rail, store: Store) -> None:
    before = await rail.approved()
    after = moves.withdrawn(before, SAM)

    for version in (before.version, before.version + 2):
        with pytest.raises(AssertionError):
            await store.save(
                before,
                replace(after, version=version),
                Event.WITHDRAW,
                at=rail.clock(),
            )
    assert await store.proposal(before.id) == before


async def test_what_has_to_hold_as_well_holds_it_back(rail: Rail, store: Store) -> None:
    before = await rail.approved()
    after = moves.withdrawn(before, SAM)

    async def saved(*, stands: bool) -> bool:
        return await store.save(
            before,
            after,
            Event.WITHDRAW,
            at=rail.clock(),
            only_if=literal(stands) == literal(True),
        )

    assert await saved(stands=False) is False
    assert (await rail.desk.proposal(before.id)).status is Status.APPROVED
    assert await saved(stands=True) is True
    assert (await rail.desk.proposal(before.id)).status is Status.WITHDRAWN


async def claim(rail: Rail, before: Proposal, *, guards: bool | None = True) -> bool:
    after = moves.claimed(before, "me", rail.clock() + timedelta(minutes=3))
    return await rail.desk._store.save(
        before, after, Event.CLAIM, at=rail.clock(), guards=guards
    )


async def test_a_claim_needs_what_the_guards_say(rail: Rail) -> None:
    before = await rail.approved()

    assert await claim(rail, before, guards=False) is False
    assert (await rail.desk.proposal(before.id)).status is Status.APPROVED
    assert await claim(rail, before) is True
    assert await claim(rail, before) is False


async def test_a_claim_waits_while_its_own_company_is_stopped(rail: Rail) -> None:
    before = await rail.approved()
    other = replace(COMPANY, realm="9131", name="Another")
    await rail.frozen()

    assert await claim(rail, before) is False

    await rail.thawed()
    await rail.frozen(other)
    now = await rail.desk.proposal(before.id)
    assert await claim(rail, now) is True


async def counted(rail: Rail, approvals: int, quorum: int) -> None:
    async with rail.engine.begin() as connection:
        await connection.execute(
            text("UPDATE proposal SET approvals = :approvals, quorum = :quorum"),
            {"approvals": approvals, "quorum": quorum},
        )


async def test_the_database_itself_counts_the_approvals_of_a_claim(rail: Rail) -> None:
    proposal = await rail.approved()

    for approvals, quorum in ((0, 1), (1, 2)):
        with pytest.raises(IntegrityError):
            await counted(rail, approvals, quorum)
    await counted(rail, 2, 2)

    assert await claim(rail, proposal) is True


async def test_only_what_leads_to_a_request_is_held_back_by_a_stop(
    rail: Rail, store: Store
) -> None:
    proposal = await rail.approved()
    await rail.frozen()
    before = await rail.desk.proposal(proposal.id)

    after = moves.withdrawn(before, SAM)

    assert await store.save(before, after, Event.WITHDRAW, at=rail.clock())


async def test_a_move_keeps_its_line_its_tellings_and_its_messages(
    rail: Rail, store: Store
) -> None:
    before = await rail.approved()
    after = moves.withdrawn(before, SAM)
    at = rail.clock() + timedelta(minutes=5)
    by = By(SAM.id, "Sam", "slack", "slack:C1/7")

    assert await store.save(
        before,
        after,
        Event.WITHDRAW,
        at=at,
        by=by,
        facts={"why": "wrong month"},
        inbox_id="event 9",
        tell=(TOLD,),
        places=(WantedNotice("elsewhere"),),
    )

    line = (await rail.desk.trail(before.id))[-1]
    assert (line.event, line.who, line.platform, line.at) == (
        *("withdraw", "Sam", "slack"),
        at,
    )
    for fact in (
        '"from":"approved"',
        '"to":"withdrawn"',
        '"version":3',
        '"revision":1',
        '"where":"slack:C1/7"',
        '"why":"wrong month"',
    ):
        assert fact in line.facts.replace(": ", ":")
    told = await rail.desk.tellings.waiting(at)
    assert [(t.kind, t.created_at) for t in told if t.kind == "late"] == [("late", at)]
    notices = await rail.desk.notices(before.id)
    assert {each.place for each in notices} == {"asked", "elsewhere"}
    lagging = await store.notices.lagging(at, 10)
    assert {each.place for each in lagging} >= {"asked", "elsewhere"}


async def test_a_move_that_breaks_a_rule_of_the_database_is_no_race(
    rail: Rail, store: Store
) -> None:
    before = await rail.approved()
    word = before.decisions[0]
    after = replace(moves.withdrawn(before, SAM), decisions=(word, word))

    with pytest.raises(IntegrityError):
        await store.save(before, after, Event.WITHDRAW, at=rail.clock())
    assert await store.proposal(before.id) == before


async def test_whoever_was_first_meanwhile_keeps_it(rail: Rail, store: Store) -> None:
    """The database says no to ours, and another's move is saved before we look."""
    if rail.engine.dialect.name == "postgresql":
        return  # the row stays locked there: nobody comes in between
    before = await rail.approved()
    word = before.decisions[0]
    after = replace(moves.withdrawn(before, SAM), decisions=(word, word))

    turns = iter([True])

    def first(*_: Any) -> None:
        if not next(turns, False):
            return
        with closing(sqlite3.connect(str(rail.engine.url.database))) as other:
            other.execute("UPDATE proposal SET version = version + 1")
            other.commit()

    event.listen(rail.engine.sync_engine.pool, "checkin", first)

    assert not await store.save(before, after, Event.WITHDRAW, at=rail.clock())
    assert (await rail.desk.proposal(before.id)).status is Status.APPROVED


async def test_the_same_event_makes_one_revision_only(rail: Rail, store: Store) -> None:
    first = await rail.proposed(inbox_id="event 1")
    before = await rail.proposed(inbox_id="event 2")
    rule: Rule = before.rule

    def after(words: str) -> Proposal:
        draft = replace(before.draft, heading=words)
        return moves.revised(
            before,
            draft,
            before.circumstances,
            SAM,
            rule=rule,
            risks=(),
            at=rail.clock(),
        )

    async def saved(words: str, inbox_id: str | None) -> bool:
        return await store.save(
            before, after(words), Event.REVISE, at=rail.clock(), inbox_id=inbox_id
        )

    # Another process revised the first one by that event.
    once = moves.revised(
        first,
        replace(first.draft, heading="one"),
        first.circumstances,
        SAM,
        rule=rule,
        risks=(),
        at=rail.clock(),
    )
    assert await store.save(
        first, once, Event.REVISE, at=rail.clock(), inbox_id="event 3"
    )
    assert await saved("two", "event 3") is False
    assert (await rail.desk.proposal(before.id)).revision == 1
    assert await saved("three", "event 4") is True
    assert (await rail.desk.proposal(before.id)).draft.heading == "three"


async def test_who_came_first_is_told_from_a_broken_rule(
    rail: Rail, store: Store
) -> None:
    made = await rail.press(await rail.proposed(inbox_id="event 1"))
    applied = await rail.desk.apply(made.id)
    before = await rail.approved()
    after = replace(before, receipts=applied.receipts)

    assert applied.receipts
    # Another proposal has created that record, or the same event has made one.
    assert await store._is_overtaken(before, after, None) is True
    assert await store._is_overtaken(before, before, "event 1") is True
    for was, now, inbox_id in (
        (before, before, None),
        (before, before, "event 9"),
        (after, after, None),
        (replace(applied, receipts=()), applied, None),
    ):
        assert await store._is_overtaken(was, now, inbox_id) is False


# --- without a move ---------------------------------------------------------------


async def test_only_what_has_not_moved_is_postponed(rail: Rail, store: Store) -> None:
    before = await rail.approved()
    other = await rail.approved()
    until = rail.clock() + timedelta(minutes=7)

    await store.postpone(replace(before, version=before.version - 1), until)
    assert await store.proposal(before.id) == before
    await store.postpone(before, until)

    now = await rail.desk.proposal(before.id)
    assert now == replace(before, next_try_at=until, holds=1)
    assert (await rail.desk.proposal(other.id)).next_try_at != until


async def test_one_process_reviews_it_at_a_time(rail: Rail, store: Store) -> None:
    proposal = await rail.approved()
    made = rail.clock()
    later = made + timedelta(hours=1)

    assert not await store.look_at(proposal.id, later, made - timedelta(seconds=1))
    assert not await store.look_at("another", later, made)
    assert await store.look_at(proposal.id, later, made)
    assert not await store.look_at(proposal.id, later, made)
    assert await store.look_at(proposal.id, later, later)


@pytest.mark.parametrize(
    ("where", "is_hurried"),
    [
        ({"workspace": W}, True),
        ({"company": COMPANY.id}, True),
        ({"workspace": "w2"}, False),
        ({"company": "another"}, False),
        ({}, False),
    ],
)
async def test_only_what_waits_for_another_try_there_is_hurried(
    rail: Rail, store: Store, where: dict[str, str], is_hurried: bool
) -> None:
    until = rail.clock() + timedelta(minutes=7)
    waiting, pending = await rail.approved(), await rail.proposed()
    for each in (waiting, pending):
        await store.postpone(each, until)

    await store.hurry(**where)

    assert (await rail.desk.proposal(pending.id)).next_try_at == until
    now = await rail.desk.proposal(waiting.id)
    assert now.next_try_at == (None if is_hurried else until)


async def test_a_note_leaves_a_line_and_moves_nothing(rail: Rail, store: Store) -> None:
    before = await rail.approved()
    at = rail.clock() + timedelta(minutes=1)

    await store.note(before, "seen", at=at, facts={"by": "chance"})

    assert await store.proposal(before.id) == before
    line = (await rail.desk.trail(before.id))[-1]
    assert (line.event, line.who, line.at) == ("seen", "Countersign", at)
    assert '"by"' in line.facts
