"""What waits for people is looked at, a few in each round."""

from dataclasses import replace

from approvals.proposal import Proposal, Status
from qbo.books import Shown, Standing
from qbo.faults import Throttled
from tests.approvals.far import SAM, Rail

MOVED = Standing(("The rate is 160.00 now.",))


async def waiting(rail: Rail, number: int) -> list[Proposal]:
    made = [await rail.proposed() for _ in range(number)]
    rail.clock.advance(minutes=10)
    return made


async def numbers(rail: Rail, status: Status) -> list[str]:
    found = await rail.desk.proposals("w1", statuses={status})
    return sorted(p.number for p in found)


async def test_what_waits_becomes_stale_while_people_still_wait(rail: Rail) -> None:
    (proposal,) = await waiting(rail, 1)
    rail.books.standings.append(MOVED)

    touched = await rail.desk.resume()

    stale = await rail.desk.proposal(proposal.id)
    assert touched == (proposal.id,)
    assert (stale.status, stale.moved) == (Status.STALE, MOVED.moved)


async def test_what_would_be_posted_otherwise_is_stale_as_well(rail: Rail) -> None:
    (proposal,) = await waiting(rail, 1)
    rebased = replace(proposal.draft, shown=(Shown("Customer", "Zebra Holdings"),))
    rail.books.standings.append(Standing(rebased=rebased))

    await rail.desk.resume()

    stale = await rail.desk.proposal(proposal.id)
    assert (stale.status, stale.rebased) == (Status.STALE, rebased)
    assert rail.desk.actions(stale, SAM) == ("renew",)


async def test_a_few_are_looked_at_in_a_round_and_each_in_its_turn(rail: Rail) -> None:
    await waiting(rail, 7)
    rail.books.standings += [Standing()] * 5 + [MOVED] * 2

    assert await rail.desk.resume() == ()
    assert len(rail.books.standings) == 2
    assert len(await rail.desk.resume()) == 2
    rail.books.standings.append(MOVED)
    assert await rail.desk.resume() == ()  # all were looked at just now

    assert await numbers(rail, Status.STALE) == ["P-6", "P-7"]
    rail.clock.advance(minutes=5)
    await rail.desk.resume()
    assert await numbers(rail, Status.STALE) == ["P-1", "P-6", "P-7"]


async def test_books_that_cannot_be_read_change_nothing(rail: Rail) -> None:
    (proposal,) = await waiting(rail, 1)
    rail.books.standings += [
        Throttled("QuickBooks is busy.", retry_after_seconds=9),
        ValueError("a fault of ours"),
    ]

    for _ in range(2):
        assert await rail.desk.resume() == ()
        rail.clock.advance(minutes=5)

    assert rail.books.standings == []
    assert await rail.desk.proposal(proposal.id) == proposal
