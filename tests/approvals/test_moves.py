"""What each move changes, field by field, and that it changes nothing else."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approvals import moves
from approvals.proposal import (
    Decision,
    Denied,
    Event,
    Person,
    Proposal,
    Risk,
    Role,
    Rule,
    Status,
    Verdict,
)
from approvals.waiting import Wait
from qbo.books import (
    Circumstances,
    Draft,
    Part,
    PartReceipt,
    Receipt,
    Shown,
    Standing,
    Step,
    Verb,
)
from qbo.faults import BooksFault, Refused, Stale, Throttled, Unconfirmed
from tests.approvals.far import ALEX, COMPANY, LUIS, PRIYA, SAM, W, draft, person, step

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=5)
LATER = NOW + timedelta(seconds=180)
RECEIPT = Receipt(1, "Invoice", "9", "0", "1189", "1-tid", NOW)
UNDO_UNTIL = NOW + timedelta(hours=24)
DREW = person("Drew", Role.STAFF)
OMAR = person("Omar", Role.APPROVER, Role.AUDITOR)
STRANGER = person("Priya", Role.APPROVER, workspace="w2")
WAIT = Wait("pace", "Going slowly.")

FREE: dict[str, Any] = {"lease_owner": None, "lease_until": None}
GOING: dict[str, Any] = {
    "waiting_since": None,
    "waiting_for": "",
    "told_late_at": None,
}
DONE: dict[str, Any] = {
    "attempts": 0,
    "first_attempt_at": None,
    "doubted_at": None,
    "next_try_at": None,
    "holds": 0,
}


def mail(path: str = "invoice/{1.id}/send") -> Step:
    return step(Verb.SEND, b"", path)


def proposal(status: Status, made: Draft | None = None, **more: Any) -> Proposal:
    """A proposal in which every field that a move could clear is filled."""
    given: dict[str, Any] = {
        "id": "p",
        "number": "P-1",
        "workspace": W,
        "company": COMPANY,
        "draft": made or draft(),
        "circumstances": Circumstances(),
        "revision": 3,
        "version": 7,
        "status": status,
        "requester_id": SAM.id,
        "requester": SAM.name,
        "editor_id": DREW.id,
        "editor": DREW.name,
        "rule": Rule(1, 72, "any approver but the requester", undo_hours=24),
        "created_at": BEFORE,
        "expires_at": NOW + timedelta(hours=1),
        "words": "invoice acme",
        "reason": "as it was",
        "first_attempt_at": BEFORE,
        "attempts": 1,
        "next_try_at": BEFORE,
        "lease_owner": "me",
        "lease_until": NOW,
        "holds": 3,
        "doubted_at": BEFORE,
        "askers": ("kim",),
        "waiting_since": BEFORE,
        "waiting_for": "turn",
        "told_late_at": BEFORE,
        "warn_at": NOW,
        "reminded": 2,
        "confidence": 40,
        "doubts": ("who",),
    }
    return Proposal(**(given | more))


def changed(before: Proposal, after: Proposal) -> dict[str, Any]:
    """What differs, but for the version, which is one more."""
    assert after.version == before.version + 1
    names = [f.name for f in fields(Proposal) if f.name != "version"]
    return {
        name: getattr(after, name)
        for name in names
        if getattr(after, name) != getattr(before, name)
    }


def ended(
    before: Proposal, result: tuple[Event, Proposal], event: Event
) -> dict[str, Any]:
    assert result[0] is event
    return changed(before, result[1])


# --- time, and taking -------------------------------------------------------------


def test_a_claim_takes_it_and_ends_the_wait_for_another_try() -> None:
    before = proposal(Status.APPROVED, lease_owner=None, lease_until=None)

    after = moves.claimed(before, "you", LATER)

    assert changed(before, after) == {
        "status": Status.APPLYING,
        "lease_owner": "you",
        "lease_until": LATER,
        "next_try_at": None,
    }


def test_asking_again_keeps_since_when_it_is_not_known() -> None:
    before = proposal(Status.UNCONFIRMED)

    after = moves.again(before, "you", LATER)

    assert changed(before, after) == {
        "status": Status.APPLYING,
        "lease_owner": "you",
        "lease_until": LATER,
        "next_try_at": None,
    }


def test_an_attempt_counts_and_holds_the_lease_for_longer() -> None:
    first = proposal(Status.APPLYING, attempts=0, first_attempt_at=None)
    second = proposal(Status.APPLYING, attempts=1)

    assert changed(first, moves.attempted(first, NOW, LATER)) == {
        "attempts": 1,
        "first_attempt_at": NOW,
        "lease_until": LATER,
    }
    assert changed(second, moves.attempted(second, NOW, LATER)) == {
        "attempts": 2,
        "lease_until": LATER,
    }


def test_a_hold_counts_and_keeps_since_when_it_waits() -> None:
    before = proposal(Status.APPLYING, attempts=0)
    fresh = replace(before, waiting_since=None, holds=0)
    later = {"next_try_at": LATER, "waiting_for": "pace", "reason": "Going slowly."}

    assert changed(before, moves.held(before, WAIT, NOW, LATER)) == {
        "status": Status.APPROVED,
        "holds": 4,
        **later,
        **FREE,
    }
    assert changed(fresh, moves.held(fresh, WAIT, NOW, LATER)) == {
        "status": Status.APPROVED,
        "holds": 1,
        "waiting_since": NOW,
        **later,
        **FREE,
    }


def test_what_is_held_before_it_is_claimed_stays_approved() -> None:
    before = proposal(Status.APPROVED, lease_owner=None, lease_until=None)

    assert changed(before, moves.held(before, WAIT, NOW, LATER)) == {
        "holds": 4,
        "next_try_at": LATER,
        "waiting_for": "pace",
        "reason": "Going slowly.",
    }


def test_it_expires_no_moment_early() -> None:
    before = proposal(Status.PENDING, expires_at=NOW)

    with pytest.raises(AssertionError):
        moves.expired(before, NOW - timedelta(seconds=1))
    assert changed(before, moves.expired(before, NOW)) == {
        "status": Status.EXPIRED,
        "reason": "Nobody decided in time. Nothing was posted.",
        **FREE,
        **GOING,
    }


def test_an_overdue_one_is_stale_unless_a_part_is_posted() -> None:
    before = proposal(Status.APPROVED)
    begun = proposal(
        Status.APPROVED,
        draft(send=True),
        receipts=(RECEIPT,),
        reason="QuickBooks is closed.",
    )

    assert ended(before, moves.overdue(before, 24), Event.OVERDUE) == {
        "status": Status.STALE,
        "reason": "It was approved, but could not be posted within 24 hours, so nothing"
        " was posted. as it was",
        "next_try_at": None,
        **FREE,
        **GOING,
    }
    assert ended(begun, moves.overdue(begun, 24), Event.PART) == {
        "status": Status.APPLIED,
        "reason": "Invoice 1189 was posted, but was not e-mailed. QuickBooks is"
        " closed.",
        "undo_until": UNDO_UNTIL,
        **DONE,
        **FREE,
        **GOING,
    }


def test_a_lease_that_ended_before_anything_was_sent_is_tried_again_at_once() -> None:
    before = proposal(Status.APPLYING, attempts=0)

    assert ended(before, moves.lapsed(before, NOW), Event.LAPSE_UNSENT) == {
        "status": Status.APPROVED,
        "next_try_at": None,
        "reason": "Posting was interrupted before anything was sent; I am trying"
        " again.",
        **FREE,
    }


def test_a_lease_that_ended_after_an_attempt_is_looked_for_at_once() -> None:
    before = proposal(Status.APPLYING)
    mailed = proposal(Status.APPLYING, draft(send=True), receipts=(RECEIPT,))

    assert ended(before, moves.lapsed(before, NOW), Event.LAPSE) == {
        "status": Status.UNCONFIRMED,
        "next_try_at": NOW,
        "reason": "QuickBooks did not answer. It may or may not have been posted; I am"
        " checking and will update this message.",
        **FREE,
        **GOING,
    }
    assert moves.lapsed(mailed, NOW)[1].reason == (
        "QuickBooks did not answer. The e-mail may or may not have gone out; I am"
        " checking and will update this message."
    )


def test_a_lost_reply_is_looked_for_when_told() -> None:
    before = proposal(Status.APPLYING)

    found = changed(before, moves.lost(before, LATER))

    assert found.pop("reason").startswith("QuickBooks did not answer.")
    assert found == {
        "status": Status.UNCONFIRMED,
        "next_try_at": LATER,
        **FREE,
        **GOING,
    }


def test_a_doubt_says_since_when_and_why() -> None:
    before = proposal(Status.UNCONFIRMED)
    tail = " Please look in QuickBooks and say whether it is there."
    why = "QuickBooks did not answer. {} Please look in QuickBooks and say whether it"
    unknown = "I could not find out whether it was posted."

    assert changed(before, moves.doubted(before, NOW)) == {
        "doubted_at": NOW,
        "reason": why.format(unknown) + " is there.",
        **FREE,
        **GOING,
    }
    assert moves.doubted(before, NOW, "Two look alike.").reason == (
        "QuickBooks did not answer. Two look alike." + tail
    )


def test_a_search_in_vain_counts_and_says_when_it_goes_on() -> None:
    before = proposal(Status.UNCONFIRMED, holds=2)

    assert changed(before, moves.searched(before, LATER)) == {
        "holds": 3,
        "next_try_at": LATER,
        **FREE,
        **GOING,
    }


def test_the_administrators_are_told_of_a_wait_once_it_is_one() -> None:
    before = proposal(Status.APPROVED)

    assert changed(before, moves.late(before, NOW)) == {"told_late_at": NOW, **FREE}
    with pytest.raises(AssertionError):
        moves.late(replace(before, waiting_since=None), NOW)


# --- the records behind it --------------------------------------------------------


def test_what_moved_is_kept_with_what_it_would_be_now() -> None:
    before = proposal(Status.APPROVED)
    now = draft(amount="1600.00")
    standing = Standing(("The rate moved.", "The date moved."), now)

    assert changed(before, moves.stale(before, standing)) == {
        "status": Status.STALE,
        "reason": "The rate moved. The date moved.",
        "moved": ("The rate moved.", "The date moved."),
        "rebased": now,
        "next_try_at": None,
        **FREE,
        **GOING,
    }
    assert moves.stale(before, Standing((), now)).reason == "as it was"


def test_only_a_draft_that_reads_the_same_is_adopted() -> None:
    before = proposal(Status.APPLYING, attempts=0)
    same = replace(before.draft, digest="another")

    assert changed(before, moves.adopted(before, same)) == {"draft": same}
    with pytest.raises(AssertionError):
        moves.adopted(before, replace(before.draft, shown=(Shown("Due", "today"),)))


@pytest.mark.parametrize(
    "other",
    [
        {"action": "payment.create"},
        {"ref": "P-2"},
        {"heading": "Another"},
        {"shown": ()},
        {"total": None},
        {"notes": ("A note.",)},
        {"today": datetime(2026, 11, 21, tzinfo=UTC).date()},
        {"realm": "another"},
        {"steps": ()},
    ],
)
def test_a_draft_that_people_would_see_otherwise_is_another(
    other: dict[str, Any],
) -> None:
    made = draft()

    assert moves.is_same_to_people(made, replace(made, **other)) is False
    assert moves.is_same_to_people(made, replace(made, digest="another")) is True


@pytest.mark.parametrize(
    "other", [{"verb": Verb.VOID}, {"entity": "Bill"}, {"record_id": "7"}]
)
def test_a_request_for_something_else_is_another_draft(other: dict[str, Any]) -> None:
    made = draft()
    changed_step = replace(made.steps[0], **other)

    assert not moves.is_same_to_people(made, replace(made, steps=(changed_step,)))


def test_what_only_the_shown_differs_in_gets_a_sentence() -> None:
    before = proposal(Status.APPROVED)
    told = Standing(("The rate moved.",), draft(amount="1600.00"))
    same = Standing((), replace(before.draft, digest="another"))
    other = Standing((), replace(before.draft, heading="Another"))

    assert moves.as_people_see(before, told) is told
    assert moves.as_people_see(before, same) is same
    assert moves.as_people_see(before, Standing()) == Standing()
    seen = moves.as_people_see(before, other)
    assert seen.rebased is other.rebased
    assert seen.moved == (
        "The records behind it have changed, and so would what is posted.",
    )


# --- answers ----------------------------------------------------------------------


def test_the_last_receipt_ends_it_and_begins_the_time_for_undoing() -> None:
    before = proposal(Status.APPLYING)

    assert ended(before, moves.received(before, RECEIPT), Event.RECEIPT) == {
        "status": Status.APPLIED,
        "receipts": (RECEIPT,),
        "reason": None,
        "undo_until": UNDO_UNTIL,
        **DONE,
        **FREE,
        **GOING,
    }


def test_a_receipt_with_more_to_come_goes_on_with_a_fresh_step() -> None:
    before = proposal(Status.APPLYING, draft(send=True))
    unsure = proposal(Status.UNCONFIRMED, draft(send=True))

    assert ended(before, moves.received(before, RECEIPT), Event.RECEIPT_STEP) == {
        "receipts": (RECEIPT,),
        "reason": None,
        **DONE,
        **GOING,
    }
    assert ended(unsure, moves.found(unsure, RECEIPT), Event.FOUND_STEP) == {
        "status": Status.APPROVED,
        "receipts": (RECEIPT,),
        "reason": None,
        **DONE,
        **FREE,
        **GOING,
    }


def test_what_is_left_of_several_is_said_at_their_end_only() -> None:
    before = proposal(Status.APPLYING, mails())

    event, after = moves.received(before, RECEIPT)

    assert (event, after.reason) == (Event.RECEIPT_STEP, None)


def test_a_later_step_that_is_refused_says_why_beside_what_was_posted() -> None:
    before = proposal(Status.APPLYING, draft(send=True), receipts=(RECEIPT,))
    refused = Refused("No address.", code="6000")

    _, after = moves.faulted(before, refused, NOW, LATER)

    assert after.reason == (
        "Invoice 1189 was posted, but was not e-mailed. No address. (To quote:"
        " QuickBooks 6000.)"
    )


def test_a_receipt_belongs_to_the_step_under_way() -> None:
    before = proposal(Status.UNCONFIRMED, draft(send=True), receipts=(RECEIPT,))

    event, after = moves.found(before, replace(RECEIPT, step=9))

    assert event is Event.FOUND
    assert [each.step for each in after.receipts] == [1, 2]


@pytest.mark.parametrize("status", [Status.FAILED, Status.APPLIED])
def test_an_answer_that_comes_too_late_ends_it_in_part(status: Status) -> None:
    before = proposal(status, draft(send=True), undo_until=UNDO_UNTIL)

    found = ended(before, moves.received(before, RECEIPT), Event.PART)

    assert found["receipts"] == (RECEIPT,)
    assert found["reason"] == (
        "Invoice 1189 was posted, but was not e-mailed. QuickBooks' answer came too"
        " late."
    )


def test_a_read_back_takes_the_place_of_its_own_receipt_only() -> None:
    second = replace(RECEIPT, step=2, record_id="10")
    before = proposal(Status.APPLIED, receipts=(RECEIPT, second))
    read = replace(second, compared=True)

    assert changed(before, moves.compared(before, read)) == {
        "receipts": (RECEIPT, read),
        "holds": 0,
        "next_try_at": None,
        **FREE,
        **GOING,
    }


@pytest.mark.parametrize(
    ("code", "said"),
    [("6000", "No. (To quote: QuickBooks 6000.)"), ("", "No."), ("own", "No.")],
)
def test_a_refusal_is_final_and_has_its_code_to_quote(code: str, said: str) -> None:
    before = proposal(Status.APPLYING)
    result = moves.faulted(before, Refused("No.", code=code), NOW, LATER)

    assert ended(before, result, Event.REFUSED) == {
        "status": Status.FAILED,
        "reason": said,
        **FREE,
        **GOING,
    }


def test_an_edit_in_between_is_stale_with_its_sentence() -> None:
    before = proposal(Status.APPLYING)
    result = moves.faulted(before, Stale("Edited.", code="5010"), NOW, LATER)

    assert ended(before, result, Event.OUTDATED) == {
        "status": Status.STALE,
        "reason": "Edited.",
        "moved": ("Edited.",),
        **FREE,
        **GOING,
    }


def test_what_was_not_taken_is_as_if_it_had_never_left() -> None:
    before = proposal(Status.APPLYING, waiting_since=None)
    fault = Throttled("Slow.", retry_after_seconds=60)
    found = ended(before, moves.faulted(before, fault, NOW, LATER), Event.NOT_TAKEN)

    assert found.pop("reason") == "QuickBooks asks us to slow down."
    assert found == {
        "status": Status.APPROVED,
        "attempts": 0,
        "first_attempt_at": None,
        "next_try_at": LATER,
        "holds": 4,
        "waiting_for": "slow-down",
        "waiting_since": NOW,
        **FREE,
    }


def test_no_answer_is_never_taken_for_one() -> None:
    before = proposal(Status.APPLYING)

    event, after = moves.faulted(before, Unconfirmed("?"), NOW, LATER)

    assert (event, after.status, after.next_try_at) == (
        Event.LOST,
        Status.UNCONFIRMED,
        LATER,
    )
    assert (after.attempts, after.first_attempt_at) == (1, BEFORE)


@pytest.mark.parametrize(
    ("fault", "holds", "seconds"),
    [
        (None, 0, 30),
        (None, 1, 60),
        (None, 2, 120),
        (None, 16, 900),
        (Throttled("t", retry_after_seconds=600), 0, 600),
        (Throttled("t", retry_after_seconds=5), 0, 30),
        (Throttled("t", retry_after_seconds=5000), 9, 5000),
    ],
)
def test_a_wait_doubles_and_quickbooks_own_wish_is_kept(
    fault: BooksFault | None, holds: int, seconds: int
) -> None:
    assert moves.patience(fault, holds, 30, 900) == timedelta(seconds=seconds)


def test_the_longest_doubling_is_the_sixteenth() -> None:
    assert moves.patience(None, 99, 1, 10**9) == timedelta(seconds=2**16)


@pytest.mark.parametrize(
    ("fault", "unknown"),
    [
        (None, True),
        (Unconfirmed("?"), True),
        (Refused("No.", code="1"), False),
        (Throttled("t", retry_after_seconds=5), False),
    ],
)
def test_only_a_no_says_that_nothing_was_posted(
    fault: BooksFault | None, unknown: bool
) -> None:
    assert moves.is_unknown(fault) is unknown


# --- several things at once -------------------------------------------------------


def batch() -> Draft:
    parts = tuple(Part(str(n), Verb.CREATE, "Invoice", f"Party {n}") for n in (1, 2))
    return draft(steps=(replace(step(), parts=parts), mail()))


def part_receipt(*posted: bool) -> Receipt:
    parts = tuple(
        PartReceipt(str(n), record_id=str(n))
        if was
        else PartReceipt(str(n), fault="No.")
        for n, was in enumerate(posted, start=1)
    )
    return replace(RECEIPT, parts=parts)


def mails() -> Draft:
    return replace(
        draft(steps=(mail("invoice/1/send"), mail("invoice/2/send"))),
        independent=True,
        shown=(Shown("Invoice 1", "Acme"), Shown("Invoice 2", "Birch")),
    )


def test_one_refused_of_several_leaves_the_others_to_go_on() -> None:
    before = proposal(Status.APPLYING, mails())
    result = moves.faulted(before, Refused("No.", code="6000"), NOW, LATER)

    found = ended(before, result, Event.REFUSED_STEP)

    assert [each.fault for each in found.pop("receipts")] == ["No."]
    assert found == {"reason": None, **DONE, **GOING}


def test_the_last_refused_of_several_ends_it_in_part_or_failed() -> None:
    sent = replace(RECEIPT, doc_number=None)
    refused = replace(RECEIPT, fault="No.")
    some = proposal(Status.APPLYING, mails(), receipts=(sent,))
    none = proposal(Status.APPLYING, mails(), receipts=(refused,))
    fault = Refused("Never.", code="own")

    part = ended(some, moves.faulted(some, fault, NOW, LATER), Event.PART)
    failed = ended(none, moves.faulted(none, fault, NOW, LATER), Event.REFUSED)

    assert part["status"] is Status.APPLIED
    assert part["reason"] == "1 of 2 invoices was e-mailed, 1 not. Invoice 2: Never."
    assert failed["status"] is Status.FAILED
    assert failed["reason"].startswith("None of the 2 invoices was e-mailed.")
    for found in (part, failed):
        assert {name: found[name] for name in DONE} == DONE


def test_a_person_who_did_not_find_it_ends_only_what_was_looked_for() -> None:
    one = proposal(Status.UNCONFIRMED)
    second = proposal(Status.UNCONFIRMED, draft(send=True), receipts=(RECEIPT,))
    several = proposal(Status.UNCONFIRMED, mails())
    said = "Luis looked in QuickBooks and did not find it."

    assert ended(one, moves.settled_not(one, LUIS), Event.NOT_THERE) == {
        "status": Status.FAILED,
        "reason": said,
        "next_try_at": None,
        **FREE,
        **GOING,
    }
    part = ended(second, moves.settled_not(second, LUIS), Event.PART)
    assert (part["status"], part["reason"]) == (
        Status.APPLIED,
        f"Invoice 1189 was posted, but was not e-mailed. {said}",
    )
    step_ = ended(several, moves.settled_not(several, LUIS), Event.NOT_THERE_STEP)
    assert step_["status"] is Status.APPROVED
    assert [each.fault for each in step_["receipts"]] == [said]
    last = replace(several, receipts=(replace(RECEIPT, fault="No."),))
    none = ended(last, moves.settled_not(last, LUIS), Event.NOT_THERE)
    assert none["status"] is Status.FAILED


def test_a_person_who_found_it_is_named() -> None:
    one = proposal(Status.UNCONFIRMED)
    first = proposal(Status.UNCONFIRMED, draft(send=True))
    lines = replace(batch(), steps=batch().steps[:1])
    several = proposal(Status.UNCONFIRMED, lines)

    event, after = moves.settled_there(one, RECEIPT, LUIS)
    more, _ = moves.settled_there(first, RECEIPT, LUIS)
    _, part = moves.settled_there(several, part_receipt(True, False), LUIS)

    assert (event, after.reason) == (Event.THERE, "Found in QuickBooks by Luis.")
    assert more is Event.THERE_STEP
    assert part.reason == (
        "Found in QuickBooks by Luis. 1 of 2 invoices was posted, 1 not."
        " Line 2 (Party 2): No."
    )


def test_late_proof_takes_the_place_of_the_no_of_its_own_step() -> None:
    no = replace(RECEIPT, step=1, fault="No.", record_id="")
    sent = replace(RECEIPT, step=2, record_id="10")
    before = proposal(
        Status.APPLIED, mails(), receipts=(no, sent), undo_until=UNDO_UNTIL
    )

    found = ended(before, moves.corrected(before, RECEIPT), Event.RECEIPT)

    assert found == {
        "receipts": (RECEIPT, sent),
        "reason": None,
        "next_try_at": None,
        **FREE,
        **GOING,
    }


def test_late_proof_leaves_what_is_not_done_of_the_others() -> None:
    no = replace(RECEIPT, fault="No.", record_id="")
    before = proposal(Status.APPLIED, mails(), receipts=(no, replace(no, step=2)))

    _, after = moves.corrected(before, RECEIPT)

    assert after.reason == "1 of 2 invoices was e-mailed, 1 not. Invoice 2: No."


def test_what_was_overdue_of_several_says_what_is_left() -> None:
    before = proposal(Status.APPROVED, mails(), receipts=(RECEIPT,), reason=None)

    _, after = moves.overdue(before, 24)

    assert after.reason == (
        "1 of 2 invoices was e-mailed, 1 not. Invoice 2: It was not sent. QuickBooks"
        " could not be used."
    )


def test_what_was_done_in_part_is_said_as_what_it_was() -> None:
    third = draft(steps=(step(), step(), mail()))
    mixed = proposal(Status.APPROVED, third, receipts=(RECEIPT,))
    twice = (RECEIPT, replace(RECEIPT, step=2, doc_number=None))
    mailed = draft(steps=(mail(), mail()))
    sent = proposal(Status.APPROVED, mailed, receipts=(RECEIPT,))

    assert moves.overdue(mixed, 24)[1].reason == (
        "Invoice 1189 was posted, but the rest was not done. as it was"
    )
    assert moves.overdue(replace(mixed, receipts=twice), 24)[1].reason == (
        "Invoice 1189, Invoice 9 was posted, but was not e-mailed. as it was"
    )
    assert moves.overdue(sent, 24)[1].reason == (
        "Invoice 1189 was e-mailed, but the others were not. as it was"
    )


# --- people -----------------------------------------------------------------------


def test_a_revision_begins_everything_anew() -> None:
    word = Decision(LUIS.id, "Luis", Verdict.APPROVE, 3, BEFORE, "slack")
    before = proposal(
        Status.PENDING, decisions=(word,), risks=(Risk("note", "Once.", "date"),)
    )
    risk = Risk("warning", "Look.", "size")
    now = draft(amount="1600.00")
    facts = Circumstances(party="Acme West")
    rule = Rule(2, 48, "two", remind_hours=8, escalate_hours=24)

    after = moves.revised(
        before, now, facts, PRIYA, rule=rule, risks=(risk,), at=NOW, words="more",
        confidence=80, doubts=("price",),
    )  # fmt: skip

    found = changed(before, after)
    assert found.pop("changes")
    # Who is among the askers from then on has tests of its own.
    assert "kim" in found.pop("askers", before.askers)
    assert found == {
        "draft": now,
        "circumstances": facts,
        "revision": 4,
        "editor_id": PRIYA.id,
        "editor": PRIYA.name,
        "rule": rule,
        "risks": (risk,),
        "decisions": (),
        "reason": None,
        "expires_at": NOW + timedelta(hours=48),
        "remind_at": NOW + timedelta(hours=8),
        "escalate_at": NOW + timedelta(hours=24),
        "reminded": 0,
        "warn_at": NOW + timedelta(hours=36),
        "words": "more",
        "confidence": 80,
        "doubts": ("price",),
        **FREE,
        **GOING,
    }


def test_a_revision_by_a_form_keeps_the_words_and_has_no_doubts() -> None:
    before = proposal(Status.PENDING)

    after = moves.revised(
        before, before.draft, Circumstances(), SAM, rule=before.rule, risks=(), at=NOW
    )

    assert (after.words, after.confidence, after.doubts) == ("invoice acme", None, ())


def deny(rule: str, act: Any, *given: Any) -> str:
    with pytest.raises(Denied) as no:
        act(*given)
    assert no.value.rule == rule
    assert str(no.value) == no.value.sentence
    return no.value.sentence


def test_whoever_asked_or_approves_may_change_it_until_it_expires() -> None:
    before = proposal(Status.PENDING)
    last = before.expires_at - timedelta(seconds=1)

    for each in (SAM, DREW, LUIS, person("Kim")):
        moves.may_revise(before, each, last)
    deny("role", moves.may_revise, before, ALEX, NOW)
    assert deny("role", moves.may_revise, before, OMAR, NOW) == moves.AUDITOR
    deny("workspace", moves.may_revise, before, STRANGER, NOW)
    deny("late", moves.may_revise, before, SAM, before.expires_at)
    posting = replace(before, status=Status.APPLYING)
    assert deny("state", moves.may_revise, posting, SAM, NOW) == (
        "P-1 is being posted right now."
    )


def test_only_whoever_asked_withdraws_and_only_before_anything_is_posted() -> None:
    before = proposal(Status.APPROVED)

    assert changed(before, moves.withdrawn(before, DREW)) == {
        "status": Status.WITHDRAWN,
        "reason": "Withdrawn by Drew.",
        **FREE,
        **GOING,
    }
    deny("requester", moves.withdrawn, before, PRIYA)
    deny("workspace", moves.withdrawn, before, replace(SAM, workspace="w2"))
    deny("role", moves.withdrawn, before, replace(SAM, roles=OMAR.roles))
    begun = replace(before, receipts=(RECEIPT,))
    assert "posted already" in deny("state", moves.withdrawn, begun, SAM)


def test_only_another_approver_settles_and_only_a_doubt() -> None:
    before = proposal(Status.UNCONFIRMED)

    moves.may_settle(before, LUIS)
    deny("workspace", moves.may_settle, before, STRANGER)
    deny("role", moves.may_settle, before, OMAR)
    deny("role", moves.may_settle, before, ALEX)
    asker = replace(DREW, roles=frozenset({Role.APPROVER}))
    deny("requester", moves.may_settle, before, asker)
    deny("early", moves.may_settle, replace(before, doubted_at=None), LUIS)
    posting = replace(before, status=Status.APPLYING)
    assert deny("state", moves.may_settle, posting, LUIS) == (
        "P-1 is being posted right now."
    )


def test_only_whoever_asked_takes_up_what_went_out_of_date() -> None:
    moved = proposal(Status.STALE, moved=("The rate moved.",))
    rebased = replace(moved, rebased=draft())
    unmoved = replace(moved, moved=())

    for each in (rebased, unmoved):
        moves.may_renew(each, SAM)
        deny("requester", moves.may_renew, each, LUIS)
        deny("workspace", moves.may_renew, each, replace(SAM, workspace="w2"))
        deny("state", moves.may_renew, replace(each, receipts=(RECEIPT,)), SAM)
        deny("state", moves.may_renew, replace(each, status=Status.EXPIRED), SAM)
    assert deny("state", moves.may_renew, moved, SAM) == (
        "The records behind P-1 have changed, so it cannot go on. Ask again for a fresh"
        " proposal."
    )


def test_what_was_left_of_several_is_taken_up_though_nothing_is_stale() -> None:
    refused = replace(RECEIPT, step=2, fault="No.")
    left = proposal(Status.APPLIED, mails(), receipts=(RECEIPT, refused))
    whole = replace(left, receipts=(RECEIPT, replace(RECEIPT, step=2)))

    moves.may_renew(left, SAM)
    deny("state", moves.may_renew, whole, SAM)


def test_it_is_taken_up_once() -> None:
    before = proposal(Status.STALE)

    after = moves.renewed(before, "P-2")

    assert changed(before, after) == {"renewed_by": "P-2", **FREE, **GOING}
    assert deny("state", moves.renewed, after, "P-3") == (
        "P-1 has been proposed anew as P-2. Please look there."
    )
    rest = replace(after, status=Status.APPLIED)
    assert deny("state", moves.renewed, rest, "P-3") == (
        "What was not done of P-1 has been proposed again as P-2. Please look there."
    )


def test_an_asker_is_whoever_asked_edited_or_asked_for_what_it_renews() -> None:
    before = proposal(Status.PENDING)
    who: list[Person] = [SAM, DREW, person("Kim"), LUIS]

    assert [moves.asked_for(before, each) for each in who] == [True, True, True, False]
