"""A stop between any two lines loses nothing and posts nothing twice.

The process is killed at each look at the clock (there is one before and after
every commit), before each commit, and on the far side of each request; then
another process resumes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import Connection, event

from approvals.proposal import Proposal, Status
from qbo.faults import Unconfirmed
from tests.approvals.far import COMPANY, LUIS, Killed, Order, Rail
from tests.conftest import Clock

LOST = Unconfirmed("QuickBooks did not answer.")


class _DeadlyClock(Clock):
    """A clock that kills whoever looks at it for the nth time."""

    def __init__(self, clock: Clock, deadly: int) -> None:
        self._clock = clock
        self._left = deadly

    def __call__(self) -> datetime:
        self._left -= 1
        if self._left == 0:
            raise Killed
        return self._clock()


@contextmanager
def deadly_commit(rail: Rail, nth: int) -> Iterator[None]:
    """Kill before the nth commit of the engine."""
    left = nth

    def on_commit(connection: Connection) -> None:
        nonlocal left
        if not connection.get_execution_options().get("readonly"):
            left -= 1
            if left == 0:
                raise Killed

    event.listen(rail.engine.sync_engine, "commit", on_commit)
    try:
        yield
    finally:
        event.remove(rail.engine.sync_engine, "commit", on_commit)


async def assert_one_application(rail: Rail, proposal: Proposal) -> None:
    """Once resumed, each step stands in the books once, and the proposal says so."""
    ended = await rail.settle_down(rail.another("resumer"), proposal)
    ids = [s.request_id for s in proposal.draft.steps]
    made = [rail.books.records.get(request_id) for request_id in ids]
    assert ended.status is Status.APPLIED
    assert all(made)
    assert [r.record_id for r in ended.receipts] == [m.record_id for m in made if m]
    assert all(r.compared for r in ended.receipts)
    assert not [key for key in rail.books.records if key.startswith("again")]


@pytest.mark.parametrize("send", [False, True])
async def test_killed_at_any_look_at_the_clock(rail: Rail, send: bool) -> None:
    kills = 0
    for look in range(1, 60):
        proposal = await rail.approved(send=send)
        deadly = rail.another(f"deadly {look}", clock=_DeadlyClock(rail.clock, look))
        try:
            await deadly.apply(proposal.id)
        except Killed:
            kills += 1
        else:
            break
        await assert_one_application(rail, proposal)

    assert kills >= (15 if send else 10)
    assert (await rail.desk.verify(COMPANY.id)).sound


@pytest.mark.parametrize("send", [False, True])
async def test_killed_before_any_commit(rail: Rail, send: bool) -> None:
    kills = 0
    for nth in range(1, 60):
        proposal = await rail.approved(send=send)
        try:
            with deadly_commit(rail, nth):
                await rail.desk.apply(proposal.id)
        except Killed:
            kills += 1
        else:
            break
        await assert_one_application(rail, proposal)

    # claim, attempt and receipt of each step, comparison of each step
    assert kills == (7 if send else 4)
    assert (await rail.desk.verify(COMPANY.id)).sound


@pytest.mark.parametrize("nth", [0, 1])
@pytest.mark.parametrize("after_the_write", [False, True])
async def test_killed_while_a_request_is_on_its_way(
    rail: Rail, nth: int, after_the_write: bool
) -> None:
    proposal = await rail.approved(send=True)
    deadly = Order(after=Killed()) if after_the_write else Order(before=Killed())
    rail.books.orders += [Order()] * nth + [deadly]

    with pytest.raises(Killed):
        await rail.desk.apply(proposal.id)

    assert (await rail.desk.proposal(proposal.id)).status is Status.APPLYING
    await assert_one_application(rail, proposal)


@pytest.mark.parametrize("where", ["check", "read back"])
async def test_killed_while_reading(rail: Rail, where: str) -> None:
    proposal = await rail.approved()
    if where == "check":
        rail.books.standings.append(Killed())
    else:
        rail.books.reading.append(Killed())

    with pytest.raises(Killed):
        await rail.desk.apply(proposal.id)

    await assert_one_application(rail, proposal)


@pytest.mark.parametrize("was_written", [False, True])
async def test_killed_while_confirming(rail: Rail, was_written: bool) -> None:
    kills = 0
    for look in range(1, 60):
        proposal = await rail.approved()
        order = Order(after=LOST) if was_written else Order(before=LOST)
        rail.books.orders.append(order)
        await rail.desk.apply(proposal.id)
        rail.clock.advance(seconds=200)
        deadly = rail.another(f"deadly {look}", clock=_DeadlyClock(rail.clock, look))
        try:
            await deadly.confirm(proposal.id)
        except Killed:
            kills += 1
        else:
            break
        await assert_one_application(rail, proposal)

    assert kills >= (2 if was_written else 8)


async def test_killed_while_deciding(rail: Rail) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)
    token = rail.desk.token(notice.id, proposal, "approve")

    with deadly_commit(rail, 1), pytest.raises(Killed):
        await rail.desk.decide(token, LUIS, platform="slack")

    assert await rail.desk.proposal(proposal.id) == proposal
    assert len(await rail.desk.trail(proposal.id)) == 1
    await rail.desk.decide(token, LUIS, platform="slack")
    await assert_one_application(rail, proposal)


async def test_killed_while_proposing_leaves_nothing_half(rail: Rail) -> None:
    with deadly_commit(rail, 2), pytest.raises(Killed):
        await rail.proposed(inbox_id="event")  # the first commit is the number's

    assert await rail.desk.proposals("w1") == ()
    assert await rail.desk.lagging() == ()
    assert (await rail.desk.verify(COMPANY.id)).seq == 0
    proposal = await rail.proposed(inbox_id="event")
    assert proposal.number == "P-2"
