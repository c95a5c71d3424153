"""A stored draft that somebody has changed in the database is never posted."""

from sqlalchemy import text

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
