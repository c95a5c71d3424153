"""What the trail keeps of what was said to QuickBooks, and of its answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from approvals import exchange
from approvals.proposal import Proposal
from approvals.rows import AttemptRow, ReceiptRow
from qbo.books import Receipt, Verb
from qbo.faults import Refused, Unconfirmed
from tests.approvals.far import PRIYA, Order, Rail, step

BODY = '{"Invoice":{"Id":"2190","PrivateNote":"Ref P-1"}}'
RECEIPT = Receipt(
    step=1,
    entity="Invoice",
    record_id="2190",
    sync_token="0",
    doc_number="1189",
    intuit_tid="1-abc",
    posted_at=datetime(2026, 11, 20, tzinfo=UTC),
    response=BODY,
    status=200,
)


async def facts(rail: Rail, proposal: Proposal) -> dict[str, dict[str, Any]]:
    lines = await rail.desk.trail(proposal.id)
    return {line.event: json.loads(line.facts) for line in lines}


def test_a_request_is_told_with_the_path_it_really_went_to() -> None:
    mail = replace(
        step(Verb.SEND, b"", "invoice/{1.id}/send"),
        query=(("sendTo", "a&b@c.example"),),
    )

    told = exchange.asked(mail, (RECEIPT,))

    assert told["path"] == "invoice/2190/send"
    assert told["query"] == "sendTo=a%26b%40c.example"
    assert told["request_id"] == mail.request_id
    assert "request" not in told


def test_a_long_body_is_cut_visibly_and_known_by_its_digest() -> None:
    body = b"a" * (exchange.BODY_CHARACTERS_MAX + 10)

    told = exchange.asked(step(body=body))

    assert str(told["request"]).endswith("a… and 10 more characters")
    assert told["request_sha256"] is not None
    assert exchange.asked(step(body=b"{}"))["request_sha256"] is None


async def test_a_write_is_in_the_trail_word_for_word(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.records[proposal.draft.steps[0].request_id] = RECEIPT

    await rail.desk.apply(proposal.id)

    told = await facts(rail, proposal)
    request = proposal.draft.steps[0]
    assert told["attempt"]["method"] == "POST"
    assert told["attempt"]["path"] == "invoice"
    assert told["attempt"]["request"] == request.body.decode()
    assert told["attempt"]["request_id"] == request.request_id
    assert told["attempt"]["digest"] == request.digest
    assert told["receipt"]["response"] == BODY
    assert told["receipt"]["status"] == 200
    assert told["receipt"]["intuit_tid"] == "1-abc"
    assert (await rail.desk.verify(proposal.company.id)).sound


async def test_an_answer_is_kept_once_and_not_with_every_card(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.records[proposal.draft.steps[0].request_id] = RECEIPT

    done = await rail.desk.apply(proposal.id)
    again = await rail.desk.proposal(proposal.id)

    assert done.receipts == again.receipts
    assert done.receipts[0].response == ""
    async with AsyncSession(rail.engine) as session:
        (attempt,) = await session.scalars(select(AttemptRow))
        (receipt,) = await session.scalars(select(ReceiptRow))
    assert (attempt.response, attempt.intuit_tid) == (BODY, "1-abc")
    assert attempt.receipt is not None
    assert "PrivateNote" not in receipt.receipt + attempt.receipt


async def test_a_refusal_is_in_the_trail_word_for_word(rail: Rail) -> None:
    no = Refused("QuickBooks said no.", code="6000", intuit_tid="1-no")
    no.status, no.response = 400, '{"Fault":{"Error":[{"Detail":"nul \0 here"}]}}'
    rail.books.orders.append(Order(before=no))
    proposal = await rail.approved()

    await rail.desk.apply(proposal.id)

    told = (await facts(rail, proposal))["refused"]
    assert (told["status"], told["intuit_tid"], told["code"]) == (400, "1-no", "6000")
    assert "nul � here" in told["response"]
    assert told["response_sha256"]


async def test_no_answer_leaves_no_answer_in_the_trail(rail: Rail) -> None:
    rail.books.orders.append(Order(after=Unconfirmed("Nobody knows.")))
    proposal = await rail.approved()

    await rail.desk.apply(proposal.id)

    told = (await facts(rail, proposal))["lost"]
    assert not {"response", "status", "intuit_tid"} & set(told)


async def test_the_trail_says_where_a_decision_was_made(rail: Rail) -> None:
    proposal = await rail.proposed()
    notice = await rail.notice(proposal)
    token = rail.desk.token(notice.id, proposal, "approve")
    where = "conversation C0FIN, message C0FIN/1.2, from 203.0.113.7"

    await rail.desk.decide(token, PRIYA, platform="slack", where=where)

    told = await facts(rail, proposal)
    again = await rail.desk.proposal(proposal.id)
    assert told["quorum"]["where"] == where
    assert told["propose"]["where"] == "c1"
    assert again.decisions[0].where == where


async def test_an_attempt_says_when_it_began_and_how_and_when_it_ended(
    rail: Rail,
) -> None:
    done = await rail.desk.apply((await rail.approved()).id)
    lost = await rail.approved()
    rail.books.orders.append(Order(after=Unconfirmed("?")))
    lost = await rail.desk.apply(lost.id)

    for proposal, outcome in ((done, "receipt"), (lost, "Unconfirmed")):
        found = await rail.desk.audit.evidence(proposal.id)
        assert found is not None
        (attempt,) = found.attempts
        assert attempt.outcome == outcome
        assert attempt.started_at == attempt.ended_at == rail.clock()
