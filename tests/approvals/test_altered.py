"""A stored draft that somebody has changed in the database is never posted."""

import pytest
from sqlalchemy import text

from approvals import details
from approvals.proposal import Audience, Proposal, Status
from qbo.faults import NotTaken, Unconfirmed
from tests.approvals.far import Order, Rail

SAID = "is not what was approved: somebody has changed it in the database."


async def alter(rail: Rail, proposal: Proposal) -> None:
    """As somebody does who can write to the tables: other bytes, same digests."""
    async with rail.engine.begin() as connection:
        stored = await connection.scalar(text("SELECT draft FROM proposal_revision"))
        body = proposal.draft.steps[-1].path
        changed = str(stored).replace(body, body.replace("invoice", "payment"))
        assert changed != stored
        await connection.execute(
            text("UPDATE proposal_revision SET draft = :draft"), {"draft": changed}
        )


async def admins_hear(rail: Rail) -> bool:
    told = await rail.desk.tellings.waiting(rail.clock())
    return any(x.audience is Audience.ADMINS and SAID in x.sentence for x in told)


async def test_nothing_leaves_of_a_draft_changed_after_its_approval(rail: Rail) -> None:
    proposal = await rail.approved()
    await alter(rail, proposal)

    ended = await rail.desk.apply(proposal.id)

    assert ended.status is Status.STALE
    assert SAID in (ended.reason or "")
    assert not ended.is_renewable
    assert rail.books.arrived == []
    assert await admins_hear(rail)


async def test_a_later_step_that_was_changed_is_not_done(rail: Rail) -> None:
    proposal = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(before=NotTaken("Not just now."))]
    await rail.desk.apply(proposal.id)
    await alter(rail, proposal)

    ended = await rail.settle_down(rail.another(), proposal)

    assert ended.status is Status.APPLIED
    assert len(ended.receipts) == 1
    assert SAID in (ended.reason or "")
    assert await admins_hear(rail)


async def test_what_was_changed_is_not_asked_for_again(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=Unconfirmed("No answer.")))
    await rail.desk.apply(proposal.id)
    await alter(rail, proposal)

    ended = await rail.settle_down(rail.desk, proposal)

    assert ended.status is Status.UNCONFIRMED
    assert len(rail.books.arrived) == 1
    assert await admins_hear(rail)


# --- the tables against the trail ---------------------------------------------------


async def change(rail: Rail, *statements: str, **values: str) -> None:
    async with rail.engine.begin() as connection:
        for each in statements:
            await connection.execute(text(each), values)


async def is_refused(rail: Rail, proposal_id: str) -> bool:
    arrived = len(rail.books.arrived)
    ended = await rail.desk.apply(proposal_id)
    return SAID in (ended.reason or "") and len(rail.books.arrived) == arrived


async def test_an_approval_that_only_the_tables_know_posts_nothing(rail: Rail) -> None:
    made, _ = await rail.proposed(), await rail.approved()
    await change(
        rail,
        "UPDATE proposal_decision SET proposal_id = :made",
        "UPDATE proposal SET status = 'approved', approvals = 1,"
        " approved_at = expires_at WHERE id = :made",
        made=made.id,
    )

    assert await is_refused(rail, made.id)
    assert await admins_hear(rail)


async def test_bytes_changed_with_their_digest_are_not_posted(rail: Rail) -> None:
    proposal = await rail.approved()
    await alter(rail, proposal)
    altered = await rail.desk.proposal(proposal.id)
    digest = details._request_digest(altered, 1)
    await change(
        rail,
        "UPDATE proposal_request SET digest = :digest WHERE step = 1",
        digest=digest,
    )

    assert await is_refused(rail, proposal.id)


async def test_what_was_posted_is_not_posted_again_when_the_tables_forget(
    rail: Rail,
) -> None:
    done = await rail.desk.apply((await rail.approved()).id)
    assert done.status is Status.APPLIED
    await change(
        rail,
        "DELETE FROM proposal_receipt",
        "DELETE FROM proposal_attempt",
        "UPDATE proposal SET status = 'approved', next_try_at = NULL",
    )

    assert await is_refused(rail, done.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE proposal SET requester_id = 'eve', requester = 'Eve'",
        "UPDATE proposal_decision SET person_id = 'eve', person = 'Eve'",
    ],
)
async def test_persons_who_were_exchanged_are_noticed(
    rail: Rail, statement: str
) -> None:
    proposal = await rail.approved()
    await change(rail, statement)

    assert await is_refused(rail, proposal.id)
