"""The page of evidence: each request with its own answer, and what is in the books."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.evidence import Evidence
from approvals.proposal import (
    Decision,
    Proposal,
    Stage,
    Status,
    TrailLine,
    Verdict,
    Verified,
    WantedNotice,
)
from cards.evidence import Sheet, sheet
from cards.exchanges import ExchangeSheet, exchanges
from cards.samples import several
from cards.samples.world import NOW
from qbo.books import Circumstances, Receipt, Shown, Verb
from qbo.faults import Refused, Unconfirmed
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
    step,
)
from tests.conftest import Clock

_WHY = "QuickBooks does not take that e-mail address."


@pytest.fixture
def rail(engine: AsyncEngine, clock: Clock) -> Rail:
    return Rail(engine, clock)


async def mails(rail: Rail, count: int = 3) -> Proposal:
    """Several e-mails in one proposal, each a thing of its own; approved."""
    number = await rail.desk.reserve(W)
    steps = tuple(
        replace(step(Verb.SEND, b"", f"invoice/{n}/send"), record_id=str(n))
        for n in range(1, count + 1)
    )
    made = replace(
        draft(number, action="invoice.send", steps=steps),
        independent=True,
        shown=tuple(Shown(f"Invoice {1040 + n}", "open") for n in range(count)),
    )
    proposal = await rail.desk.propose(
        made,
        Circumstances(),
        SAM,
        COMPANY,
        places=(WantedNotice("asked"),),
        inbox_id=None,
        platform="console",
    )
    return await rail.press(proposal)


async def evidence_of(rail: Rail, proposal: Proposal) -> Evidence:
    found = await rail.desk.audit.evidence(proposal.id)
    assert found is not None
    return found


async def shown(rail: Rail, proposal: Proposal) -> Sheet:
    return sheet(await evidence_of(rail, proposal), rail.clock())


def answered(exchange: ExchangeSheet) -> dict[str, str]:
    return {fact.label: fact.value for fact in exchange.answered}


def refusal() -> Refused:
    fault = Refused(_WHY, code="2210", intuit_tid="1-refused")
    fault.status, fault.response = 400, '{"Fault":{"code":"2210"}}'
    return fault


# --- one of several was refused ---------------------------------------------------


async def test_one_refused_of_several_stands_with_its_answer(rail: Rail) -> None:
    proposal = await mails(rail)
    rail.books.orders += [Order(), Order(before=refusal()), Order()]

    done = await rail.desk.apply(proposal.id)
    page = await shown(rail, done)

    assert done.status is Status.APPLIED
    said = answered(page.exchanges[1])
    assert said["Outcome"] == "QuickBooks refused this step; the others went on"
    assert said["HTTP status"] == "400"
    assert said["QuickBooks' code"] == "2210"
    assert said["intuit_tid"] == "1-refused"
    assert '"code": "2210"' in page.exchanges[1].response
    assert [answered(each)["Outcome"] for each in page.exchanges[::2]] == [
        "QuickBooks has taken this step",
        "QuickBooks has taken it",
    ]


async def test_what_was_refused_is_not_said_to_be_in_the_books(rail: Rail) -> None:
    proposal = await mails(rail)
    rail.books.orders += [Order(), Order(before=refusal()), Order()]

    page = await shown(rail, await rail.desk.apply(proposal.id))

    _, (name, facts, _), third = page.compared
    assert name == "Invoice 1041"
    assert [(each.label, each.value) for each in facts] == [("Not done", _WHY)]
    assert "E-mailed" in {each.label for each in third[1]}


def test_each_line_of_a_batch_has_its_row() -> None:
    parted = several._ended(Status.APPLIED, (2,), "3 of 4.")
    receipt = parted.receipts[0]
    odd = replace(receipt.parts[2], differences=("The memo is another one.",))
    parts = (*receipt.parts[:2], odd, receipt.parts[3])
    parted = replace(parted, receipts=(replace(receipt, parts=parts),))

    rows = sheet(_bare(parted), NOW).compared

    names = [name for name, _, _ in rows]
    assert names == [
        "Line 1, Acme West: Invoice 1189",
        "Line 2, Birch Lane Bakery",
        "Line 3, O'Connor & Sons: Invoice 1191",
        "Line 4, Müller Gärten: Invoice 1192",
    ]
    told = [{fact.label: fact.value for fact in facts} for _, facts, _ in rows]
    assert told[0]["QuickBooks' id"] == "401"
    assert told[0]["Read back and compared"] == "every field that was sent is equal"
    assert told[1]["Not done"].startswith("Number 1042 is already used")
    assert told[1]["QuickBooks' code"] == "6140"
    assert told[2]["Read back and compared"] == "not equal:"
    assert rows[2][2] == ("The memo is another one.",)


def test_an_e_mail_that_belongs_to_a_line_is_called_after_it() -> None:
    parted = several._ended(Status.APPLIED, (), None)
    plain = replace(parted.draft.steps[0], parts=(), verb=Verb.SEND)
    mail = replace(plain, path="invoice/{1.3.id}/send")
    steps = (*parted.draft.steps, mail)
    refused = Receipt(2, "Invoice", "", "", None, None, NOW, fault=_WHY)
    proposal = replace(
        parted,
        draft=replace(parted.draft, steps=steps),
        receipts=(*parted.receipts, refused),
    )

    name, facts, _ = sheet(_bare(proposal), NOW).compared[-1]

    assert (name, facts[0].value) == ("E-mail of line 3", _WHY)


def _bare(proposal: Proposal) -> Evidence:
    return Evidence(proposal, (), (), (), Verified("c", 0, None, ""))


# --- whom an administrator named --------------------------------------------------


async def test_who_was_named_instead_stands_beside_the_rule(rail: Rail) -> None:
    proposal = await rail.proposed()
    await rail.desk.approvers.reassign(proposal.id, ALEX, [KIM], platform="slack")
    await rail.press(await rail.desk.proposal(proposal.id), by=KIM)

    page = await shown(rail, proposal)

    rule = {fact.label: fact.value for fact in page.revisions[0].rule}
    assert rule["Rule"] == "any approver but the requester"
    assert rule["Step 1"] == "1 of anybody with the role approver"
    assert rule["Step 1 became"].startswith("Kim, named by Alex, 20 Nov 2026, ")
    assert rule["Step 1 became"].endswith("; it was any approver but the requester")
    assert page.decisions[0].marks == ("named by Alex",)


async def test_a_deputy_of_whom_was_named_is_marked_as_both(rail: Rail) -> None:
    proposal = await rail.proposed()
    named = Stage(1, (), named=(PRIYA.id,), named_by="Alex", label="Priya")
    word = Decision(
        LUIS.id,
        LUIS.name,
        Verdict.APPROVE,
        1,
        NOW,
        "slack",
        instead_of=PRIYA.name,
        instead_of_id=PRIYA.id,
    )
    proof = await evidence_of(rail, proposal)
    now = replace(proposal, rule=replace(proposal.rule, stages=(named,)))
    first = replace(proof.revisions[0], decisions=(word,))

    (said,) = sheet(replace(proof, proposal=now, revisions=(first,)), NOW).decisions

    assert said.marks == ("in the place of Priya, by delegation", "named by Alex")


async def test_nobody_else_is_marked_as_named(rail: Rail) -> None:
    proposal = await rail.approved()

    page = await shown(rail, proposal)

    assert page.decisions[0].marks == ()
    assert "Step 1 became" not in {fact.label for fact in page.revisions[0].rule}


async def test_a_deputy_of_today_is_not_on_the_card_of_then(rail: Rail) -> None:
    proposal = await rail.proposed()
    rail.clock.advance(hours=1)
    until = rail.clock() + timedelta(days=3)
    await rail.desk.approvers.delegate(PRIYA, LUIS, until, platform="slack")

    page = await shown(rail, proposal)

    then, now = (
        {fact.label for part in card.sections for fact in part.facts}
        for card in (page.revisions[0].card, page.card)
    )
    assert "In their place" in now - then


# --- answers that come late -------------------------------------------------------


async def overtaken(rail: Rail) -> tuple[Proposal, asyncio.Event, Any]:
    """A request whose process waits for its answer while the same was asked again."""
    proposal = await rail.approved()
    gate = asyncio.Event()
    rail.books.orders.append(Order(gate=gate))
    job = asyncio.create_task(rail.desk.apply(proposal.id))
    await asyncio.wait_for(rail.books.waiting.wait(), 5)
    other = rail.another()
    rail.books.orders.append(Order(before=Unconfirmed("No answer.")))
    rail.clock.advance(minutes=5)
    await other.resume()
    assert len(rail.books.arrived) == 2
    return proposal, gate, job


async def test_a_late_answer_stands_with_the_request_it_is_to(rail: Rail) -> None:
    proposal, gate, job = await overtaken(rail)
    rail.clock.advance(minutes=1)
    gate.set()
    await asyncio.wait_for(job, 5)

    page = await shown(rail, proposal)

    first, second = (answered(each) for each in page.exchanges)
    assert first["Outcome"] == "QuickBooks has taken it"
    assert first["intuit_tid"] == "1-1189"
    assert "; came late, after the process that asked had stopped" in first["Noted"]
    assert first["Noted"].endswith(" and request 2 had been sent")
    assert second["Outcome"].startswith("No answer that can be read came back")


async def test_two_answers_that_cross_each_stand_with_their_request(
    rail: Rail,
) -> None:
    """The first answer comes while the second request is still on its way."""
    proposal = await rail.approved()
    jobs, gates = [], [asyncio.Event(), asyncio.Event()]
    for desk, gate in zip((rail.desk, rail.another()), gates, strict=True):
        rail.books.waiting.clear()
        rail.books.orders.append(Order(gate=gate))
        jobs.append(asyncio.create_task(desk.resume()))
        await asyncio.wait_for(rail.books.waiting.wait(), 5)
        rail.clock.advance(minutes=5)
    for gate, job in zip(gates, jobs, strict=True):
        rail.clock.advance(seconds=30)
        gate.set()
        await asyncio.wait_for(job, 5)

    first, second = (answered(each) for each in (await shown(rail, proposal)).exchanges)

    assert first["Outcome"] == "QuickBooks has taken it"
    assert first["Noted"].endswith(" and request 2 had been sent")
    assert second["Outcome"] == "A late answer: QuickBooks has taken it"


async def test_what_a_search_found_is_told_with_the_request(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(after=Unconfirmed("No answer.")))
    await rail.desk.apply(proposal.id)
    rail.clock.advance(minutes=5)
    await rail.desk.resume()

    (only,) = (await shown(rail, proposal)).exchanges

    assert only.answered[1].value.startswith("No answer that can be read came back")
    assert (
        "A search found it in QuickBooks: Invoice 1189 (id 2189), "
        in (answered(only)["After that"])
    )


async def test_what_a_person_told_is_told_with_the_request(rail: Rail) -> None:
    proposal = await mails(rail, 2)
    rail.books.orders.append(Order(before=Unconfirmed("No answer.")))
    rail.books.orders.append(Order())
    await rail.desk.apply(proposal.id)
    rail.confirmed = False
    rail.clock.advance(hours=2)
    await rail.desk.resume()
    rail.confirmed = True
    await rail.desk.settle(proposal.id, PRIYA, doc_number=None, platform="slack")

    first, second = (await shown(rail, proposal)).exchanges

    said = [each.value for each in first.answered if each.label == "After that"]
    assert [each.partition(",")[0] for each in said] == [
        "It could not be found out: people were asked",
        "Priya said that it is not in QuickBooks",
    ]
    assert "After that" not in answered(second)


async def test_an_interrupted_request_says_what_followed(rail: Rail) -> None:
    proposal, gate, job = await overtaken(rail)
    found = await evidence_of(rail, proposal)
    gate.set()
    await asyncio.wait_for(job, 5)

    first = sheet(found, NOW).exchanges[0]

    assert "none was noted" in answered(first)["Answer"]
    said = [each.value for each in first.answered if each.label == "After that"]
    assert said[0].startswith("The process that asked had stopped")
    assert said[1].startswith("A search did not find it: the same was asked again")


async def test_an_answer_that_is_nobodys_stands_by_itself(rail: Rail) -> None:
    """Nothing is left of what was noted beside the trail."""
    proposal, gate, job = await overtaken(rail)
    rail.clock.advance(minutes=1)
    gate.set()
    await asyncio.wait_for(job, 5)
    proof = await evidence_of(rail, proposal)

    made = sheet(replace(proof, attempts=()), NOW).exchanges

    assert [each.heading for each in made] == [
        "Request 1, step 1",
        "Request 2, step 1",
        "An answer by itself, step 1",
    ]
    alone = made[2]
    assert alone.asked[0].value == "request 1 or request 2"
    assert answered(alone)["intuit_tid"] == "1-1189"
    assert "came late, after " in answered(alone)["Noted"]


async def test_a_receipt_that_follows_a_late_one_is_no_answer(rail: Rail) -> None:
    """Proof that came after a person had said no is told once."""
    proposal = await mails(rail, 2)
    gate = asyncio.Event()
    rail.books.orders.append(Order(gate=gate))
    job = asyncio.create_task(rail.desk.apply(proposal.id))
    await asyncio.wait_for(rail.books.waiting.wait(), 5)
    other = rail.another()
    rail.confirmed = False
    for _ in range(3):
        rail.clock.advance(hours=1)
        await other.resume()
    rail.confirmed = True
    await other.settle(proposal.id, PRIYA, doc_number=None, platform="slack")
    gate.set()
    await asyncio.wait_for(job, 5)
    found = await evidence_of(rail, proposal)
    events = [each.event for each in found.lines]
    assert events.index("late-receipt") < events.index("receipt", -3)

    for attempts in (found.attempts, ()):
        made = sheet(replace(found, attempts=attempts), NOW).exchanges
        late = [e for e in made if "A late answer" in answered(e).get("Outcome", "")]
        assert len(made) - len(found.attempts) in {0, 1}
        assert len(late) == 1
        assert "Priya had said that it is not there" in answered(late[0])["Noted"]


@pytest.mark.parametrize(
    ("event", "facts", "words"),
    [
        ("receipt", {"lines": "1: 1042 (id 7); 2: not posted (6140)"}, "for each line"),
        ("part", {"record_id": "7"}, "has taken this step; the rest was not done"),
        ("part", {"fault": "Refused", "code": "6240"}, "refused this step"),
        ("lost", {"fault": "Unconfirmed"}, "No answer that can be read"),
        ("lost", {"fault": "Refused", "status": 400}, "does not tell whether"),
        ("late-fault", {"fault": "unknown"}, "No answer that can be read"),
        ("late-fault", {"fault": "Unconfirmed", "status": 503}, "does not tell"),
        ("late-fault", {"fault": "Refused", "status": 400}, "did not take it"),
    ],
)
def test_an_answer_is_called_what_it_is(
    event: str, facts: dict[str, object], words: str
) -> None:
    sent, back = {"step": 1}, {"step": 1, **facts}

    (only,) = exchanges(((_line("attempt"), sent), (_line(event), back)), ())

    assert words in answered(only)["Outcome"]
    assert answered(only).get("Lines") == facts.get("lines")
    assert answered(only).get("QuickBooks' code") == facts.get("code")


def _line(event: str) -> TrailLine:
    return TrailLine(1, NOW, "P-1", event, "Countersign", "countersign", "{}")


def test_nothing_was_said_without_a_trail() -> None:
    assert exchanges((), ()) == ()
