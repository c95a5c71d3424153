"""How posting goes, and how every fault ends: told apart, and never twice."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from approvals.proposal import Denied, Proposal, Status, WantedNotice
from approvals.waiting import upon
from qbo.books import Circumstances, Draft, Shown, Standing, Verb
from qbo.faults import (
    Ambiguous,
    BooksFault,
    Disconnected,
    Forbidden,
    NotFound,
    Refused,
    Stale,
    Throttled,
    Unconfirmed,
    Unreachable,
)
from tests.approvals.far import (
    ALEX,
    COMPANY,
    LUIS,
    PRIYA,
    SAM,
    Killed,
    Order,
    Rail,
    draft,
    step,
)
from tests.conftest import Clock

NOT_TAKEN = [
    Throttled("QuickBooks asks for patience.", retry_after_seconds=5),
    Disconnected("The connection has ended.", company=COMPANY.id),
    Forbidden("QuickBooks does not allow it."),
    Unreachable("QuickBooks could not be reached."),
]
LOST = Unconfirmed("QuickBooks did not answer.", intuit_tid="1-lost")
REFUSED = Refused("There is no such customer.", code="2500", intuit_tid="1-no")
STALE = Stale("It was edited in between.", code="5010")


def request_ids(rail: Rail) -> list[str]:
    return [request_id for request_id, _ in rail.books.arrived]


async def events(rail: Rail, proposal: Proposal) -> list[str]:
    return [line.event for line in await rail.desk.trail(proposal.id)]


async def test_a_refusal_of_the_first_attempt_is_final(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=REFUSED))

    failed = await rail.desk.apply(proposal.id)

    assert failed.status is Status.FAILED
    assert failed.reason is not None
    assert failed.reason.startswith("There is no such customer. (To quote: QuickBooks")
    assert (await rail.settle_down(rail.desk, proposal)).status is Status.FAILED
    assert len(rail.books.arrived) == 1
    assert '"intuit_tid": "1-no"' in (await rail.desk.trail(proposal.id))[-1].facts


@pytest.mark.parametrize("fault", NOT_TAKEN, ids=lambda f: type(f).__name__)
async def test_what_was_not_taken_is_posted_later_with_the_same_id(
    rail: Rail, fault: BooksFault
) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=fault))

    waiting = await rail.desk.apply(proposal.id)

    assert waiting.status is Status.APPROVED
    assert waiting.reason == upon(fault).sentence
    assert waiting.attempts == 0
    assert await rail.desk.apply(proposal.id) == waiting
    assert await rail.desk.resume() == ()
    rail.clock.advance(seconds=30)
    assert await rail.desk.resume() == (proposal.id,)
    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert applied.reason is None
    assert len(set(request_ids(rail))) == 1
    assert len(rail.books.arrived) == 2


async def test_after_a_request_not_taken_a_refusal_is_still_final(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders += [Order(before=NOT_TAKEN[0]), Order(before=REFUSED)]

    await rail.desk.apply(proposal.id)
    rail.clock.advance(minutes=1)

    assert (await rail.desk.apply(proposal.id)).status is Status.FAILED


async def test_patience_grows_and_honours_quickbooks_wish(rail: Rail) -> None:
    proposal = await rail.approved()
    unreachable = NOT_TAKEN[3]
    rail.books.standings += [unreachable, unreachable, unreachable]
    waits = []
    for _ in range(3):
        waiting = await rail.desk.apply(proposal.id)
        assert waiting.next_try_at is not None
        waits.append(waiting.next_try_at - rail.clock())
        rail.clock.now = waiting.next_try_at
    rail.books.standings.append(Throttled("Patience.", retry_after_seconds=1200))
    throttled = await rail.desk.apply(proposal.id)

    assert [w.total_seconds() for w in waits] == [30, 60, 120]
    assert throttled.next_try_at == rail.clock() + timedelta(seconds=1200)
    assert rail.books.arrived == []


@pytest.mark.parametrize("fault", [*NOT_TAKEN, LOST], ids=lambda f: type(f).__name__)
async def test_unreadable_books_leave_it_approved(
    rail: Rail, fault: BooksFault
) -> None:
    proposal = await rail.approved()
    rail.books.standings.append(fault)

    held = await rail.desk.apply(proposal.id)

    assert (held.status, held.reason) == (Status.APPROVED, upon(fault).sentence)
    assert held.lease_owner is None
    assert rail.books.arrived == []


@pytest.mark.parametrize(
    "gone", [NotFound("Invoice 9 is gone.", kind="invoice", name="9"), REFUSED]
)
async def test_a_record_that_is_gone_makes_it_stale(
    rail: Rail, gone: BooksFault
) -> None:
    proposal = await rail.approved()
    rail.books.standings.append(gone)

    stale = await rail.desk.apply(proposal.id)

    assert (stale.status, stale.moved) == (Status.STALE, (gone.sentence,))
    assert rail.books.arrived == []


async def test_moved_records_make_it_stale_and_offer_the_same_anew(rail: Rail) -> None:
    proposal = await rail.approved()
    rebased = replace(draft(proposal.number), shown=(Shown("Price", "160.00"),))
    rail.books.standings.append(Standing(("The price is 160.00 now.",), rebased))

    stale = await rail.desk.apply(proposal.id)

    assert stale.status is Status.STALE
    assert stale.moved == ("The price is 160.00 now.",)
    assert (await rail.desk.proposal(proposal.id)).rebased == rebased
    assert rail.desk.actions(stale, SAM) == ("renew",)
    assert rail.desk.actions(stale, PRIYA) == ()
    assert rail.books.arrived == []


async def test_a_rebased_draft_that_shows_the_same_is_adopted(rail: Rail) -> None:
    proposal = await rail.approved()
    other = step(body=b'{"SyncToken":"2","Line":[]}')
    rebased = replace(proposal.draft, steps=(other,), digest="rebased digest")
    rail.books.standings.append(Standing(rebased=rebased))

    applied = await rail.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED
    assert rail.books.arrived == [(other.request_id, other.body)]
    adopted = [
        line for line in await rail.desk.trail(proposal.id) if line.event == "adopt"
    ]
    assert '"digest": "rebased digest"' in adopted[0].facts
    assert proposal.draft.digest in adopted[0].facts


async def test_a_rebased_draft_that_shows_something_else_is_not(rail: Rail) -> None:
    proposal = await rail.approved()
    rebased = replace(draft(proposal.number), notes=("Another tax code.",))
    rail.books.standings.append(Standing(rebased=rebased))

    stale = await rail.desk.apply(proposal.id)

    assert stale.status is Status.STALE
    assert stale.rebased == rebased
    assert rail.books.arrived == []


async def test_a_rebased_draft_with_a_used_request_id_is_not_adopted(
    rail: Rail,
) -> None:
    proposal = await rail.approved()
    same_id = replace(proposal.draft.steps[0], body=b"other", digest="other")
    rebased = replace(proposal.draft, steps=(same_id,), digest="rebased")
    rail.books.standings.append(Standing(rebased=rebased))

    assert (await rail.desk.apply(proposal.id)).status is Status.STALE
    assert rail.books.arrived == []


async def test_edited_in_between_is_stale_and_says_what_moved(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=STALE))
    rebased = replace(draft(proposal.number), notes=("now",))
    rail.books.standings += [Standing(), Standing(("The due date moved.",), rebased)]

    stale = await rail.desk.apply(proposal.id)

    assert stale.status is Status.STALE
    assert stale.moved == ("The due date moved.",)
    assert stale.rebased == rebased


async def test_edited_in_between_is_stale_also_when_nothing_more_is_known(
    rail: Rail,
) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=STALE))
    rail.books.standings += [Standing(), NOT_TAKEN[3]]

    stale = await rail.desk.apply(proposal.id)

    assert (stale.status, stale.moved) == (Status.STALE, (STALE.sentence,))


async def test_a_lost_reply_is_found_by_the_search(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(after=LOST))

    unknown = await rail.desk.apply(proposal.id)

    assert unknown.status is Status.UNCONFIRMED
    assert "may or may not have been posted" in (unknown.reason or "")
    assert await rail.desk.resume() == ()
    rail.clock.advance(seconds=15)
    assert await rail.desk.resume() == (proposal.id,)
    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert applied.receipts[0].compared
    assert applied.reason is None
    assert len(rail.books.arrived) == 1


async def test_what_is_not_found_is_asked_again_with_the_same_bytes(
    rail: Rail,
) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=LOST))
    await rail.desk.apply(proposal.id)

    for seconds in (20, 60, 60):
        rail.clock.advance(seconds=seconds)
        early = await rail.desk.confirm(proposal.id)
        assert early.status is Status.UNCONFIRMED
    assert len(rail.books.arrived) == 1
    rail.clock.advance(seconds=10)
    applied = await rail.desk.confirm(proposal.id)

    assert applied.status is Status.APPLIED
    assert len(rail.books.arrived) == 2
    assert rail.books.arrived[0] == rail.books.arrived[1]
    assert len(rail.books.records) == 1


async def test_asking_again_does_not_look_at_what_moved_meanwhile(
    rail: Rail,
) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=LOST))
    await rail.desk.apply(proposal.id)
    # It may be our own request that moved them; stale would say "not posted".
    rail.books.standings.append(Standing(("The customer's name moved.",)))

    rail.clock.advance(seconds=200)

    assert (await rail.desk.confirm(proposal.id)).status is Status.APPLIED


@pytest.mark.parametrize(
    "fault", [*NOT_TAKEN, LOST, REFUSED, STALE], ids=lambda f: type(f).__name__
)
async def test_any_fault_on_a_later_attempt_is_no_answer(
    rail: Rail, fault: BooksFault
) -> None:
    proposal = await rail.approved()
    # A slow write of the first attempt: done after the search, before the second.
    rail.books.orders.append(Order(before=LOST))
    await rail.desk.apply(proposal.id)
    rail.clock.advance(seconds=160)
    rail.books.orders.append(Order(after=fault))

    again = await rail.desk.confirm(proposal.id)

    assert again.status is Status.UNCONFIRMED
    assert again.attempts == 2
    rail.clock.advance(minutes=5)
    assert (await rail.desk.confirm(proposal.id)).status is Status.APPLIED
    assert len(rail.books.records) == 1


async def test_after_an_hour_nothing_is_sent_and_a_person_tells(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=LOST))
    await rail.desk.apply(proposal.id)
    too_early = rail.desk.settle(
        proposal.id, PRIYA, doc_number=None, platform="console"
    )
    with pytest.raises(Denied) as early:
        await too_early
    assert early.value.rule == "early"

    rail.clock.advance(seconds=3601)
    doubted = await rail.desk.confirm(proposal.id)

    assert doubted.status is Status.UNCONFIRMED
    assert doubted.doubted_at == rail.clock()
    assert rail.desk.actions(doubted, PRIYA) == ("settle.there", "settle.not")
    assert rail.desk.actions(doubted, None) == ("settle.there", "settle.not")
    assert rail.desk.actions(doubted, SAM) == ()
    for who, rule in ((SAM, "requester"), (ALEX, "role")):
        with pytest.raises(Denied) as no:
            await rail.desk.settle(proposal.id, who, doc_number=None, platform="slack")
        assert no.value.rule == rule
    failed = await rail.desk.settle(
        proposal.id, PRIYA, doc_number=None, platform="console"
    )
    assert failed.status is Status.FAILED
    assert failed.reason == "Priya looked in QuickBooks and did not find it."
    assert len(rail.books.arrived) == 1


async def test_it_is_there_must_match_what_is_read(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(after=LOST))
    await rail.desk.apply(proposal.id)
    rail.books.finding += [NOT_TAKEN[3]] * 100
    rail.clock.advance(hours=2)
    assert (await rail.desk.confirm(proposal.id)).doubted_at is not None

    with pytest.raises(Denied) as wrong:
        await rail.desk.settle(proposal.id, LUIS, doc_number="77", platform="slack")
    with pytest.raises(Denied, match="give the number"):
        await rail.desk.settle(proposal.id, LUIS, doc_number=" ", platform="slack")
    right = await rail.desk.settle(
        proposal.id, LUIS, doc_number=" #1189", platform="slack"
    )

    assert wrong.value.rule == "match"
    assert right.status is Status.APPLIED
    assert right.receipts[0].doc_number == "1189"
    assert right.reason == "Found in QuickBooks by Luis."
    last = [x for x in await rail.desk.trail(proposal.id) if x.event == "there"]
    assert last[0].who == "Luis"


async def test_a_search_that_finds_it_late_needs_no_person(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(after=LOST))
    await rail.desk.apply(proposal.id)
    rail.books.finding += [NOT_TAKEN[3]]
    rail.clock.advance(hours=2)
    await rail.desk.resume()

    rail.clock.advance(hours=1)
    await rail.desk.resume()

    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert applied.doubted_at is None


async def test_a_frozen_proposal_is_searched_for_and_never_posted_again(
    rail: Rail,
) -> None:
    lost, made = await rail.approved(), await rail.approved()
    rail.books.orders += [Order(before=LOST), Order(after=LOST)]
    await rail.desk.apply(lost.id)
    await rail.desk.apply(made.id)
    await rail.frozen()

    rail.clock.advance(minutes=10)
    await rail.desk.resume()

    assert (await rail.desk.proposal(lost.id)).status is Status.UNCONFIRMED
    assert (await rail.desk.proposal(made.id)).status is Status.APPLIED
    assert len(rail.books.arrived) == 2
    await rail.thawed()
    await rail.desk.resume()
    assert (await rail.desk.proposal(lost.id)).status is Status.APPLIED


async def test_nothing_is_posted_before_the_company_is_confirmed(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.confirmed = False

    held = await rail.desk.apply(proposal.id)
    rail.clock.advance(minutes=1)
    again = await rail.desk.apply(proposal.id)

    assert held.status is Status.APPROVED
    assert "is not confirmed yet" in (held.reason or "")
    # Said once: the same reason again makes no new version for messages to show.
    assert again.version == held.version
    assert again.next_try_at == rail.clock() + timedelta(seconds=60)
    rail.confirmed = True
    await rail.desk.hurry(COMPANY.id)
    assert (await rail.desk.apply(proposal.id)).status is Status.APPLIED


async def test_approved_and_not_posted_within_a_day_is_stale(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.standings += [NOT_TAKEN[3]]
    await rail.desk.apply(proposal.id)

    rail.clock.advance(hours=24)
    await rail.desk.resume()

    stale = await rail.desk.proposal(proposal.id)
    assert stale.status is Status.STALE
    assert "within 24 hours" in (stale.reason or "")
    assert rail.books.arrived == []


async def test_a_missing_read_back_is_repeated_and_never_posts(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.reading += [NOT_TAKEN[3], NOT_TAKEN[3]]
    rail.books.differences = ("The due date came back as 2026-12-21.",)

    posted = await rail.desk.apply(proposal.id)

    assert posted.status is Status.APPLIED
    assert not posted.receipts[0].compared
    assert await rail.desk.apply(proposal.id) == posted
    rail.clock.advance(seconds=30)
    assert await rail.desk.resume() == ()
    rail.clock.advance(seconds=60)
    assert await rail.desk.resume() == (proposal.id,)
    compared = await rail.desk.proposal(proposal.id)
    assert compared.receipts[0].differences == rail.books.differences
    assert len(rail.books.arrived) == 1


async def test_a_record_deleted_before_the_read_back_is_said(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.reading.append(NotFound("Gone.", kind="invoice", name="1189"))

    applied = await rail.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED
    assert applied.receipts[0].compared
    assert applied.receipts[0].differences == ("Gone.",)


async def test_a_fault_in_us_after_sending_is_unknown_not_failed(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(after=KeyError("in us")))

    with pytest.raises(KeyError):
        await rail.desk.apply(proposal.id)

    assert (await rail.desk.proposal(proposal.id)).status is Status.UNCONFIRMED
    rail.clock.advance(minutes=1)
    await rail.desk.resume()
    assert (await rail.desk.proposal(proposal.id)).status is Status.APPLIED


async def test_what_goes_wrong_with_one_does_not_keep_the_others(rail: Rail) -> None:
    bad, good = await rail.approved(), await rail.approved()
    rail.books.standings.append(KeyError("in us"))

    assert set(await rail.desk.resume()) == {bad.id, good.id}

    assert (await rail.desk.proposal(bad.id)).status is Status.APPLYING
    assert (await rail.desk.proposal(good.id)).status is Status.APPLIED


async def test_review_finds_what_moved_before_anybody_approves(rail: Rail) -> None:
    still, moved = await rail.proposed(), await rail.proposed()
    rail.books.standings += [NOT_TAKEN[3], Standing(), Standing(("It moved.",))]

    assert await rail.desk.review(still.id) == still
    assert await rail.desk.review(still.id) == still
    stale = await rail.desk.review(moved.id)

    assert (stale.status, stale.moved) == (Status.STALE, ("It moved.",))
    assert await rail.desk.review(moved.id) == stale


# --- several steps ----------------------------------------------------------------


async def test_both_steps_are_done_once_each_in_order(rail: Rail) -> None:
    proposal = await rail.approved(send=True)

    applied = await rail.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED
    assert [r.step for r in applied.receipts] == [1, 2]
    assert request_ids(rail) == [s.request_id for s in proposal.draft.steps]
    assert "receipt-step" in await events(rail, proposal)


async def test_a_refused_e_mail_leaves_the_invoice_shown_as_posted(rail: Rail) -> None:
    proposal = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(before=Refused("No address.", code="6000"))]

    applied = await rail.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED
    assert not applied.is_complete
    assert [r.doc_number for r in applied.receipts] == ["1189"]
    assert applied.reason == (
        "Invoice 1189 was posted, but was not e-mailed. No address."
        " (To quote: QuickBooks 6000.)"
    )
    assert (await rail.settle_down(rail.desk, proposal)).version == applied.version
    assert len(rail.books.arrived) == 2


async def test_an_e_mail_not_taken_is_sent_later_and_the_invoice_stays(
    rail: Rail,
) -> None:
    proposal = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(before=NOT_TAKEN[0])]

    waiting = await rail.desk.apply(proposal.id)

    assert waiting.status is Status.APPROVED
    assert len(waiting.receipts) == 1
    assert rail.desk.actions(waiting, SAM) == ()
    with pytest.raises(Denied, match="posted already"):
        await rail.desk.withdraw(proposal.id, SAM, platform="slack")
    # The records it rested on are its own work now: they are not checked again.
    rail.books.standings.append(Standing(("The invoice is new.",)))
    rail.clock.advance(minutes=1)
    applied = await rail.desk.apply(proposal.id)
    assert applied.status is Status.APPLIED
    assert len(applied.receipts) == 2
    assert len(rail.books.records) == 2


async def test_an_e_mail_never_taken_within_a_day_is_given_up_plainly(
    rail: Rail,
) -> None:
    proposal = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(before=NOT_TAKEN[2])]
    await rail.desk.apply(proposal.id)

    rail.clock.advance(hours=25)
    await rail.desk.resume()

    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert "was not e-mailed" in (applied.reason or "")
    assert "does not allow it" in (applied.reason or "")


async def test_an_e_mail_is_never_repeated_before_quickbooks_is_asked(
    rail: Rail,
) -> None:
    proposal = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(after=LOST)]

    unknown = await rail.desk.apply(proposal.id)

    assert unknown.status is Status.UNCONFIRMED
    assert "The e-mail may or may not have gone out" in (unknown.reason or "")
    assert len(unknown.receipts) == 1
    rail.books.finding += [NOT_TAKEN[3]] * 3
    for _ in range(3):
        rail.clock.advance(minutes=4)
        await rail.desk.resume()
    assert len(rail.books.arrived) == 2
    rail.clock.advance(minutes=10)
    await rail.desk.resume()
    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert applied.is_complete
    assert len(rail.books.arrived) == 2


async def test_nobody_knows_about_the_e_mail_a_person_tells(rail: Rail) -> None:
    proposal = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(before=LOST)]
    await rail.desk.apply(proposal.id)
    rail.clock.advance(hours=2)
    await rail.desk.resume()

    with pytest.raises(Denied, match="does not show that it was e-mailed"):
        await rail.desk.settle(proposal.id, LUIS, doc_number="1189", platform="slack")
    applied = await rail.desk.settle(
        proposal.id, LUIS, doc_number=None, platform="slack"
    )

    assert applied.status is Status.APPLIED
    assert not applied.is_complete
    assert (applied.reason or "").startswith("Invoice 1189 was posted, but was not")


async def test_a_lost_first_step_is_found_and_the_second_goes_on(rail: Rail) -> None:
    proposal = await rail.approved(send=True)
    rail.books.orders.append(Order(after=LOST))
    await rail.desk.apply(proposal.id)

    rail.clock.advance(minutes=1)
    await rail.desk.resume()

    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert applied.is_complete
    assert "found-step" in await events(rail, proposal)
    assert len(rail.books.arrived) == 2


async def test_some_of_several_e_mails_are_told_apart(rail: Rail) -> None:
    mails = tuple(step(Verb.SEND, b"", f"invoice/{n}/send") for n in (1, 2, 3))
    number = await rail.desk.reserve("w1")
    made = draft(number, action="invoice.send", steps=mails)
    proposal = await _proposed(rail, made)
    await rail.press(proposal)
    rail.books.orders += [Order(), Order(before=REFUSED)]

    applied = await rail.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED
    assert (applied.reason or "").startswith(
        "Invoice 1189 was e-mailed, but the others were not."
    )


async def _proposed(rail: Rail, made: Draft) -> Proposal:
    return await rail.desk.propose(
        made,
        Circumstances(),
        SAM,
        COMPANY,
        places=(WantedNotice("asked"),),
        inbox_id=None,
        platform="console",
    )


# --- a lease that runs out --------------------------------------------------------


async def test_only_an_expired_lease_is_taken_over(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(after=Killed()))
    with pytest.raises(Killed):
        await rail.desk.apply(proposal.id)
    second = rail.another()

    rail.clock.advance(seconds=179)
    assert await second.resume() == ()
    assert (await second.apply(proposal.id)).status is Status.APPLYING
    assert (await second.confirm(proposal.id)).status is Status.APPLYING
    rail.clock.advance(seconds=1)
    assert await second.resume() == (proposal.id,)

    applied = await second.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert len(rail.books.arrived) == 1


@pytest.mark.parametrize("send", [False, True])
async def test_a_receipt_after_a_take_over_is_recorded(rail: Rail, send: bool) -> None:
    proposal = await rail.approved(send=send)
    gate = asyncio.Event()
    rail.books.orders.append(Order(gate=gate))
    slow = asyncio.create_task(rail.desk.apply(proposal.id))
    await rail.books.waiting.wait()
    rail.clock.advance(seconds=200)
    second = rail.another()
    rail.books.finding.append(NOT_TAKEN[3])
    await second.resume()
    assert (await second.proposal(proposal.id)).status is Status.UNCONFIRMED

    gate.set()
    applied = await slow

    assert applied.status is Status.APPLIED
    assert applied.is_complete
    assert applied == await second.proposal(proposal.id)
    assert len(rail.books.records) == (2 if send else 1)


@pytest.mark.parametrize("send", [False, True])
async def test_both_workers_get_the_receipt_of_one_record(
    rail: Rail, send: bool
) -> None:
    proposal = await rail.approved(send=send)
    first, second = asyncio.Event(), asyncio.Event()
    rail.books.orders += [Order(gate=first), Order(gate=second)]
    slow = asyncio.create_task(rail.desk.apply(proposal.id))
    await rail.books.waiting.wait()
    rail.books.waiting.clear()
    rail.clock.advance(seconds=200)
    taking = asyncio.create_task(rail.another().resume())
    await rail.books.waiting.wait()

    first.set()
    await slow
    second.set()
    await taking

    applied = await rail.desk.proposal(proposal.id)
    assert applied.status is Status.APPLIED
    assert applied.is_complete
    assert len(rail.books.records) == (2 if send else 1)
    assert "late-receipt" in await events(rail, proposal)
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_a_second_record_is_said_on_the_proposal(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.remembers = False
    first = asyncio.Event()
    rail.books.orders += [Order(gate=first), Order()]
    slow = asyncio.create_task(rail.desk.apply(proposal.id))
    await rail.books.waiting.wait()
    rail.clock.advance(seconds=200)
    await rail.another().resume()

    first.set()
    applied = await slow

    assert applied.status is Status.APPLIED
    assert len(applied.receipts) == 1
    assert "holds it twice" in applied.receipts[0].differences[0]


async def test_a_fault_after_a_take_over_is_noted_and_moves_nothing(
    rail: Rail,
) -> None:
    proposal = await rail.approved()
    gate = asyncio.Event()
    rail.books.orders.append(Order(gate=gate, after=REFUSED))
    slow = asyncio.create_task(rail.desk.apply(proposal.id))
    await rail.books.waiting.wait()
    rail.clock.advance(seconds=200)
    rail.books.finding.append(NOT_TAKEN[3])
    await rail.another().resume()

    gate.set()
    late = await slow

    assert late.status is Status.UNCONFIRMED
    assert (await events(rail, proposal))[-1] == "late-fault"


async def test_a_receipt_after_a_person_said_no_is_proof(rail: Rail) -> None:
    proposal = await rail.approved()
    gate = asyncio.Event()
    rail.books.orders.append(Order(gate=gate))
    slow = asyncio.create_task(rail.desk.apply(proposal.id))
    await rail.books.waiting.wait()
    rail.clock.advance(hours=2)
    second = rail.another()
    await second.resume()
    await second.settle(proposal.id, LUIS, doc_number=None, platform="slack")

    gate.set()
    applied = await slow

    assert applied.status is Status.APPLIED
    assert len(applied.receipts) == 1
    assert len(rail.books.records) == 1


@pytest.mark.parametrize("told_not", [True, False])
async def test_a_late_receipt_of_a_part_is_kept(rail: Rail, told_not: bool) -> None:
    proposal = await rail.approved(send=True)
    gate = asyncio.Event()
    orders = [Order(gate=gate)] if told_not else [Order(), Order(gate=gate)]
    rail.books.orders += orders
    slow = asyncio.create_task(rail.desk.apply(proposal.id))
    await rail.books.waiting.wait()
    rail.clock.advance(hours=2)
    second = rail.another()
    await second.resume()
    await second.settle(proposal.id, LUIS, doc_number=None, platform="slack")

    gate.set()
    applied = await slow

    assert applied.status is Status.APPLIED
    assert len(applied.receipts) == len(orders)


async def test_a_process_that_stood_still_does_not_send(rail: Rail) -> None:
    unsent = []
    for look in range(1, 12):
        proposal = await rail.approved()
        before = len(rail.books.arrived)
        standing_still = _Jumping(rail.clock, look)

        left = await rail.another("slow", clock=standing_still).apply(proposal.id)

        rail.clock.now = standing_still.now
        if left.status is Status.APPLYING:
            unsent.append(left)
            assert len(rail.books.arrived) == before
        await rail.settle_down(rail.another(), proposal)
        assert len(rail.books.arrived) == before + 1

    # Before the attempt's row, and between its commit and the request.
    assert {p.attempts for p in unsent} == {0, 1}
    assert len(rail.books.records) == 11


class _Jumping(Clock):
    """A clock that jumps by five minutes at one of the looks at it."""

    def __init__(self, clock: Clock, jump_at: int) -> None:
        self.now = clock.now
        self.looks = 0
        self.jump_at = jump_at

    def __call__(self) -> datetime:
        self.looks += 1
        if self.looks == self.jump_at:
            self.advance(minutes=5)
        return self.now


async def test_where_the_search_finds_something_else_a_person_is_asked_early(
    rail: Rail,
) -> None:
    proposal = await rail.approved()
    rail.books.orders.append(Order(before=LOST))
    await rail.desk.apply(proposal.id)
    unclear = Ambiguous("QuickBooks has two that look like it.", about="invoice")
    rail.books.finding += [unclear, unclear]

    rail.clock.advance(seconds=100)
    early = await rail.desk.confirm(proposal.id)
    rail.clock.advance(seconds=100)
    doubted = await rail.desk.confirm(proposal.id)

    assert early.doubted_at is None
    assert doubted.doubted_at == rail.clock()
    assert "two that look like it. Please look" in (doubted.reason or "")
    # People have been asked: from here on nothing is sent again by itself.
    rail.clock.advance(minutes=10)
    assert (await rail.desk.confirm(proposal.id)).status is Status.UNCONFIRMED
    assert len(rail.books.arrived) == 1


async def test_a_freeze_between_claim_and_request_holds_it(rail: Rail) -> None:
    proposal = await rail.approved()
    rail.books.meanwhile = rail.frozen

    held = await rail.desk.apply(proposal.id)

    assert held.status is Status.APPROVED
    assert "stopped by Alex" in (held.reason or "")
    assert rail.books.arrived == []


async def test_a_take_over_between_claim_and_request_leaves_it_alone(
    rail: Rail,
) -> None:
    proposal = await rail.approved()

    async def slept() -> None:
        rail.books.meanwhile = None
        rail.clock.advance(seconds=181)
        await rail.another().resume()

    rail.books.meanwhile = slept

    applied = await rail.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED
    assert len(rail.books.arrived) == 1
