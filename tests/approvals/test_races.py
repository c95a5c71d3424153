"""Many at once: first decision wins, and one application."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from approvals import locks
from approvals.policy import Policy
from approvals.proposal import Denied, Person, Proposal, Role, Rule, Status
from bot import database
from qbo.books import Circumstances
from tests.approvals.far import (
    ALEX,
    COMPANY,
    KIM,
    LUIS,
    PRIYA,
    SAM,
    Rail,
    W,
    draft,
    person,
)


async def press_and_apply(
    rail: Rail, desk_nr: int, proposal: Proposal, who: Person
) -> str:
    """One press as a platform plays it: decide, then apply; what came of it."""
    desk = rail.desk if desk_nr % 2 else rail.another(f"process {desk_nr}")
    token = desk.token((await rail.notice(proposal)).id, proposal, "approve")
    try:
        await desk.decide(token, who, platform="slack")
    except Denied as no:
        await desk.apply(proposal.id)
        return no.rule
    await desk.apply(proposal.id)
    return "decided"


@pytest.mark.parametrize("same_person", [True, False])
async def test_twenty_simultaneous_presses_give_one_application(
    rail: Rail, same_person: bool
) -> None:
    proposal = await rail.proposed()
    people = [
        PRIYA if same_person else person(f"Approver{n}", Role.APPROVER)
        for n in range(20)
    ]

    ends = await asyncio.gather(
        *(press_and_apply(rail, n, proposal, who) for n, who in enumerate(people))
    )

    assert ends.count("decided") == 1
    assert set(ends) == {"decided", "twice" if same_person else "state"}
    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert len(applied.decisions) == 1
    assert len(rail.books.arrived) == 1
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_approve_and_reject_at_once_one_of_them_wins(rail: Rail) -> None:
    for _ in range(5):
        proposal = await rail.proposed()

        ends = await asyncio.gather(
            rail.press(proposal, "approve", PRIYA),
            rail.press(proposal, "reject", LUIS, reason="no"),
            rail.desk.withdraw(proposal.id, SAM, platform="slack"),
            return_exceptions=True,
        )

        moved = [end for end in ends if isinstance(end, Proposal)]
        now = await rail.desk.proposal(proposal.id)
        # An approved proposal can still be withdrawn; nothing else comes second.
        assert [p.status for p in moved] in (
            [now.status],
            [Status.APPROVED, Status.WITHDRAWN],
        )
        assert all(isinstance(e, Denied | Proposal) for e in ends)


async def test_a_quorum_of_two_needs_two_of_twenty(rail: Rail) -> None:
    rail.policy = rail.desk.policy = Policy(default=Rule(2, 72, "two"))
    proposal = await rail.proposed()
    people = [person(f"Approver{n}", Role.APPROVER) for n in range(20)]

    ends = await asyncio.gather(
        *(press_and_apply(rail, n, proposal, who) for n, who in enumerate(people))
    )

    assert ends.count("decided") == 2
    assert (await rail.desk.proposal(proposal.id)).approvals == 2
    assert len(rail.books.arrived) == 1


async def test_many_workers_apply_confirm_and_resume_one_proposal_once(
    rail: Rail,
) -> None:
    proposal = await rail.approved(send=True)
    desks = [rail.another(f"process {n}") for n in range(5)]

    await asyncio.gather(
        *(desk.apply(proposal.id) for desk in desks),
        *(desk.resume() for desk in desks),
        *(desk.confirm(proposal.id) for desk in desks),
    )

    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert len(rail.books.arrived) == 2


async def test_a_withdrawal_and_the_claim_do_not_both_win(rail: Rail) -> None:
    for _ in range(5):
        proposal = await rail.approved()
        before = len(rail.books.arrived)

        await asyncio.gather(
            rail.another().apply(proposal.id),
            rail.desk.withdraw(proposal.id, SAM, platform="slack"),
            return_exceptions=True,
        )

        now = await rail.desk.proposal(proposal.id)
        posted = len(rail.books.arrived) - before
        assert (now.status, posted) in {(Status.APPLIED, 1), (Status.WITHDRAWN, 0)}


async def test_a_revision_and_an_approval_do_not_both_win(rail: Rail) -> None:
    for n in range(5):
        proposal = await rail.proposed()
        other = draft(proposal.number, f"{n}.00")

        await asyncio.gather(
            rail.press(proposal),
            rail.desk.revise(
                proposal.id, other, Circumstances(), SAM, platform="slack"
            ),
            return_exceptions=True,
        )

        now = await rail.desk.proposal(proposal.id)
        assert (now.status, now.revision) in {
            (Status.APPROVED, 1),
            (Status.PENDING, 2),
        }


async def test_two_engines_on_one_database_are_two_processes(
    rail: Rail, database_url: str
) -> None:
    proposal = await rail.proposed()
    other = Rail(database.engine(database_url), rail.clock)
    other.books = rail.books
    other.desk = other.another("second engine")

    try:
        ends = await asyncio.gather(
            *(
                press_and_apply(side, 1, proposal, who)
                for side in (rail, other)
                for who in (PRIYA, LUIS)
            )
        )
    finally:
        await other.engine.dispose()

    assert ends.count("decided") == 1
    assert len(rail.books.arrived) == 1
    assert (await rail.desk.proposal(proposal.id)).status is Status.APPLIED


# --- what many proposals have in common -------------------------------------------


async def test_deputies_stops_and_words_at_once_wait_for_each_other(
    rail: Rail,
) -> None:
    """None is ever refused by the database for waiting in a circle."""
    dee, fin = person("Dee", Role.STAFF), person("Fin", Role.STAFF)
    rail.people([SAM, PRIYA, LUIS, ALEX, KIM, dee, fin])
    proposals = [await rail.proposed() for _ in range(6)]
    desks = [rail.another(f"process {nth}") for nth in range(4)]
    for desk in desks:
        desk.policy = rail.desk.policy
    until = rail.clock() + timedelta(days=2)

    async def words(nth: int) -> None:
        await rail.press(proposals[nth], by=LUIS)

    async def freeze(nth: int) -> None:
        stops = desks[nth % 4].stops
        await stops.freeze(COMPANY, ALEX, rail.clock())
        await stops.thaw(COMPANY, ALEX, rail.clock())
        await stops.thaw(COMPANY, KIM, rail.clock())

    async def deputies(nth: int) -> None:
        approvers = desks[nth % 4].approvers
        await approvers.delegate(PRIYA, (dee, fin)[nth % 2], until, platform="slack")
        await approvers.stop_delegating(PRIYA, PRIYA, platform="teams")

    async def rest(nth: int) -> None:
        desk = desks[nth % 4]
        each = [await desk.notices(one.id) for one in reversed(proposals)]
        await desk.rest([notice.id for some in each for notice in some], 0.0)
        await desk.hurry(COMPANY.id)
        await desk.approvers.changed(W)

    for nth in range(len(proposals)):
        ends = await asyncio.gather(
            words(nth),
            freeze(nth),
            *(deputies(nth + other) for other in range(3)),
            *(rest(nth + other) for other in range(2)),
            return_exceptions=True,
        )
        wrong = [end for end in ends if isinstance(end, Exception)]
        assert all(isinstance(end, Denied) for end in wrong), wrong

    assert (await rail.desk.verify(COMPANY.id)).sound
    assert (await rail.desk.verify(f"workspace:{W}")).sound
    for each in proposals:
        lines = await rail.desk.trail(each.id)
        now = await rail.desk.proposal(each.id)
        assert f'"version": {now.version}' in lines[-1].facts


async def test_two_words_about_no_proposal_wait_for_each_other(rail: Rail) -> None:
    dee, fin = person("Dee", Role.STAFF), person("Fin", Role.STAFF)
    rail.people([PRIYA, dee, fin])
    until = rail.clock() + timedelta(days=2)
    one, two = rail.desk.approvers, rail.another("second").approvers
    await one.delegate(PRIYA, dee, until, platform="slack")

    for _ in range(10):
        ends = await asyncio.gather(
            one.delegate(PRIYA, fin, until, platform="slack"),
            two.stop_delegating(PRIYA, PRIYA, platform="teams"),
            two.delegate(PRIYA, dee, until, platform="slack"),
            return_exceptions=True,
        )
        assert not [end for end in ends if isinstance(end, Exception)], ends


async def test_nothing_is_proposed_while_somebody_gets_a_deputy(rail: Rail) -> None:
    """Else it would be shown without the deputy, and never lag."""
    async with AsyncSession(rail.engine) as session, session.begin():
        await locks.hold_deputies(session, W, alone=True)
        making = asyncio.create_task(rail.proposed())
        await asyncio.sleep(0.3)
        assert not making.done()

    assert (await making).status is Status.PENDING
