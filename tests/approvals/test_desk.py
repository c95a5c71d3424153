"""What people do at the desk, and who may."""

import asyncio
from dataclasses import replace

import pytest

from approvals.policy import Broken, Policy
from approvals.proposal import Denied, Role, Rule, Status, WantedNotice
from approvals.store import NumberTaken, RequestReused
from qbo.books import Circumstances
from tests.approvals.far import (
    ALEX,
    COMPANY,
    LUIS,
    PRIYA,
    SAM,
    Rail,
    W,
    draft,
    person,
)


async def denied(awaitable: object) -> Denied:
    with pytest.raises(Denied) as caught:
        await awaitable  # type: ignore[misc]
    return caught.value


async def test_an_approved_proposal_is_posted_and_read_back(rail: Rail) -> None:
    proposal = await rail.proposed()
    assert proposal.status is Status.PENDING

    approved = await rail.press(proposal)
    applied = await rail.desk.apply(approved.id)

    assert approved.status is Status.APPROVED
    assert applied.status is Status.APPLIED
    assert [r.compared for r in applied.receipts] == [True]
    assert applied == await rail.desk.proposal(proposal.id)
    assert [body for _, body in rail.books.arrived] == [proposal.draft.steps[0].body]
    events = [line.event for line in await rail.desk.trail(proposal.id)]
    assert events == ["propose", "quorum", "claim", "attempt", "receipt", "compare"]
    assert (await rail.desk.verify(COMPANY.id)).sound
