"""A record is what one proposal has made, and no other's."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from approvals.proposal import Proposal, Status
from qbo.faults import Unconfirmed
from tests.approvals.far import LUIS, Order, Rail
from tests.approvals.test_desk import denied


async def doubted(rail: Rail, number: int = 1) -> list[Proposal]:
    """Proposals of which nobody knows how they ended, and a person has to tell."""
    made = [await rail.approved() for _ in range(number)]
    for proposal in made:
        rail.books.orders.append(Order(before=Unconfirmed("lost")))
        await rail.desk.apply(proposal.id)
    rail.clock.advance(minutes=70)
    await rail.desk.resume()
    return [await rail.desk.proposal(p.id) for p in made]


async def test_a_record_of_another_proposal_settles_nothing(rail: Rail) -> None:
    other = await rail.desk.apply((await rail.approved()).id)
    (unknown,) = await doubted(rail)
    rail.books.by_hand["1189"] = other.receipts[0]

    said = await denied(
        rail.desk.settle(unknown.id, LUIS, doc_number="1189", platform="slack"),
        "match",
    )

    assert said == (
        "Invoice 1189 was posted for P-1, so it is not what became of P-2. Nothing"
        " has been decided."
    )
    after = await rail.desk.proposal(unknown.id)
    assert (after.status, after.receipts) == (Status.UNCONFIRMED, ())


async def test_two_proposals_never_settle_with_one_record(rail: Rail) -> None:
    one, two = await doubted(rail, 2)
    made = rail.books._write(one.request, 1)
    rail.books.records.clear()
    rail.books.by_hand["1189"] = made

    ended = await asyncio.gather(
        *(
            desk.settle(p.id, LUIS, doc_number="1189", platform="slack")
            for desk, p in ((rail.desk, one), (rail.another(), two))
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(p, Proposal) for p in ended) == 1
    now = [(await rail.desk.proposal(p.id)).status for p in (one, two)]
    assert sorted(now) == [Status.APPLIED, Status.UNCONFIRMED]


async def test_a_search_that_finds_anothers_record_asks_people(rail: Rail) -> None:
    other = await rail.desk.apply((await rail.approved()).id)
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=Unconfirmed("lost")))
    lost = await rail.desk.apply(proposal.id)
    rail.books.records[lost.request.request_id] = other.receipts[0]

    for _ in range(3):
        rail.clock.advance(minutes=2)
        await rail.desk.resume()

    asked = await rail.desk.proposal(proposal.id)
    assert asked.status is Status.UNCONFIRMED
    assert asked.doubted_at is not None
    assert "Invoice 1189 was posted for P-1" in (asked.reason or "")
    assert len(rail.books.arrived) == 2


async def test_quickbooks_own_answer_counts_also_when_a_person_was_wrong(
    rail: Rail,
) -> None:
    wrong, right = await doubted(rail, 2)
    rail.clock.advance(minutes=1)
    made = rail.books._write(right.request, 1)
    rail.books.records.clear()
    rail.books.by_hand["1189"] = made
    await rail.desk.settle(wrong.id, LUIS, doc_number="1189", platform="slack")
    rail.books.records["elsewhere"] = made
    third = await rail.approved()
    rail.books.records[third.request.request_id] = replace(made)

    posted = await rail.desk.apply(third.id)

    assert posted.status is Status.APPLIED
    assert posted.receipts[0].record_id == made.record_id
    assert posted.receipts[0].compared


async def test_also_the_database_refuses_a_record_twice(rail: Rail) -> None:
    await rail.desk.apply((await rail.approved()).id)
    other = await rail.approved()
    statement = (
        "INSERT INTO proposal_receipt (proposal_id, step, receipt, company_id, entity,"
        f" record_id) SELECT '{other.id}', 1, receipt, company_id, entity, record_id"
        " FROM proposal_receipt"
    )

    with pytest.raises(IntegrityError):
        async with rail.engine.begin() as connection:
            await connection.execute(text(statement))
