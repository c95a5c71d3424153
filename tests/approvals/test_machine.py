"""The machine is its table: every pair of states, and every move along it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from approvals import deciding, moves
from approvals.proposal import (
    MACHINE,
    Decision,
    Denied,
    Event,
    Proposal,
    Rule,
    Status,
    Verdict,
)
from approvals.waiting import Wait
from qbo.books import Circumstances, Receipt, Standing
from qbo.faults import BooksFault, Refused, Stale, Throttled, Unconfirmed
from tests.approvals.far import COMPANY, LUIS, PRIYA, SAM, W, draft, step

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=180)
LONG_AGO = NOW - timedelta(days=90)
FROZEN = Wait("frozen", "frozen")
RECEIPT = Receipt(1, "Invoice", "9", "0", "1189", "1-tid", NOW)

P, A, G, D, F, U, S, R, E, W_ = (
    Status.PENDING,
    Status.APPROVED,
    Status.APPLYING,
    Status.APPLIED,
    Status.FAILED,
    Status.UNCONFIRMED,
    Status.STALE,
    Status.REJECTED,
    Status.EXPIRED,
    Status.WITHDRAWN,
)
# Written down a second time, by hand, from the rules: which states can follow.
FOLLOWS = {
    P: {P, A, R, W_, E, S},
    A: {A, G, W_, S, D},
    G: {G, A, D, F, S, U},
    U: {U, A, G, D, F},
    F: {D, F},
    D: {D},
    S: {S},
    R: set(),
    E: set(),
    W_: set(),
}


# The same from the other side: for each event all that it can do.
DOES = {
    # People's words.
    Event.APPROVE: {P: P},
    Event.QUORUM: {P: A},
    Event.REJECT: {P: R},
    Event.WITHDRAW: {P: W_, A: W_},
    Event.REVISE: {P: P},
    Event.RENEW: {S: S, D: D, F: F},
    Event.REASSIGN: {P: P},
    Event.UNDO: {D: D},
    Event.THERE: {U: D},
    Event.THERE_STEP: {U: A},
    Event.NOT_THERE: {U: F},
    Event.NOT_THERE_STEP: {U: A},
    # Time and the records.
    Event.EXPIRE: {P: E},
    Event.OVERDUE: {A: S},
    Event.MOVED: {P: S, A: S, G: S, S: S},
    Event.ADOPT: {G: G},
    Event.HOLD: {A: A, G: A},
    Event.REMIND: {P: P},
    Event.ESCALATE: {P: P},
    Event.LATE: {A: A},
    Event.HALT: {P: P, A: A, U: U},
    Event.DEPUTY: {P: P},
    Event.LOOK: {P: P},
    Event.LIFE: {D: D},
    # A request: it leaves, and how that ended.
    Event.CLAIM: {A: G},
    Event.AGAIN: {U: G},
    Event.ATTEMPT: {G: G},
    Event.RECEIPT: {G: D, U: D, F: D, D: D},
    Event.RECEIPT_STEP: {G: G, U: A},
    Event.REFUSED: {G: F},
    Event.REFUSED_STEP: {G: G},
    Event.OUTDATED: {G: S},
    Event.PART: {A: D, G: D, U: D, F: D, D: D},
    Event.NOT_TAKEN: {G: A},
    Event.LOST: {G: U},
    Event.LAPSE: {G: U},
    Event.LAPSE_UNSENT: {G: A},
    Event.FOUND: {U: D},
    Event.FOUND_STEP: {U: A},
    Event.SEARCHED: {U: U},
    Event.DOUBT: {U: U},
    Event.COMPARE: {D: D},
}


def proposal(status: Status, *, steps: int = 1, receipts: int = 0) -> Proposal:
    """A proposal in that status, as it could have come to be there."""
    has_left = status is Status.UNCONFIRMED
    made = draft(steps=tuple(step(body=b"%d" % n) for n in range(steps)))
    return Proposal(
        id="p",
        number="P-1",
        workspace=W,
        company=COMPANY,
        draft=made,
        circumstances=Circumstances(),
        revision=1,
        version=7,
        status=status,
        requester_id=SAM.id,
        requester=SAM.name,
        editor_id=SAM.id,
        editor=SAM.name,
        rule=Rule(1, 72, "any approver but the requester"),
        created_at=LONG_AGO,
        expires_at=NOW + timedelta(hours=1),
        receipts=tuple(replace(RECEIPT, step=n + 1) for n in range(receipts)),
        attempts=1 if has_left else 0,
        approved_at=LONG_AGO,
        first_attempt_at=LONG_AGO if has_left else None,
        lease_owner="me" if status is Status.APPLYING else None,
        lease_until=NOW if status is Status.APPLYING else None,
        doubted_at=NOW if has_left else None,
    )


def test_every_pair_of_states_is_as_the_rules_say() -> None:
    for before, after in product(Status, Status):
        can = any(MACHINE.get((before, event)) is after for event in Event)
        assert can == (after in FOLLOWS[before]), (before, after)


def test_every_event_does_what_the_rules_say_and_nothing_else() -> None:
    for status, event in product(Status, Event):
        assert MACHINE.get((status, event)) is DOES[event].get(status), (status, event)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_a_move_is_what_the_table_says_or_denied(status: Status, event: Event) -> None:
    before = proposal(status)
    target = MACHINE.get((status, event))

    if target is None:
        with pytest.raises(Denied) as no:
            moves.moved(before, event)
        assert no.value.rule == "state"
        assert no.value.sentence.startswith(("P-1 ", "The records behind P-1 "))
        return
    after = moves.moved(before, event)

    assert after.status is target
    assert after.version == before.version + 1
    assert after.lease_owner is None or target is Status.APPLYING


def test_what_has_ended_without_a_write_never_moves_again() -> None:
    for status in (R, E, W_):
        assert not [event for event in Event if (status, event) in MACHINE]


def test_nothing_leads_to_a_request_but_two_claims() -> None:
    into = {
        (before, event)
        for (before, event), after in MACHINE.items()
        if after is G and before is not G
    }

    assert into == {(A, Event.CLAIM), (U, Event.AGAIN)}


def test_a_posted_or_failed_proposal_never_leads_to_a_request() -> None:
    reached = {D, F, S}
    for _ in Status:
        reached |= {
            after for (before, _event), after in MACHINE.items() if before in reached
        }

    assert reached == {D, F, S}


Move = Callable[[Proposal], object]
FAULT: BooksFault = Refused("No.", code="1")
MOVES: dict[str, tuple[Move, set[Status]]] = {
    "decided": (
        lambda p: deciding.decided(p, PRIYA, Verdict.APPROVE, at=NOW, platform="slack"),
        {P},
    ),
    "rejected": (
        lambda p: deciding.decided(
            p, PRIYA, Verdict.REJECT, at=NOW, platform="slack", reason="no"
        ),
        {P},
    ),
    "revised": (
        lambda p: moves.revised(
            p,
            draft(),
            Circumstances(),
            SAM,
            rule=p.rule,
            risks=(),
            at=NOW,
        ),
        {P},
    ),
    "withdrawn": (lambda p: moves.withdrawn(p, SAM), {P, A}),
    "expired": (lambda p: moves.expired(p, p.expires_at), {P}),
    "overdue": (lambda p: moves.overdue(p, 24), {A}),
    "claimed": (lambda p: moves.claimed(p, "me", LATER), {A}),
    "again": (lambda p: moves.again(p, "me", LATER), {U}),
    "late": (lambda p: moves.late(replace(p, waiting_since=NOW), NOW), {A}),
    "searched": (lambda p: moves.searched(p, LATER), {U}),
    "held": (lambda p: moves.held(p, FROZEN, NOW, LATER), {A, G}),
    "stale": (lambda p: moves.stale(p, Standing(("moved",))), {P, A, G, S}),
    "adopted": (lambda p: moves.adopted(p, p.draft), {G}),
    "attempted": (lambda p: moves.attempted(p, NOW, LATER), {G}),
    "received": (lambda p: moves.received(p, RECEIPT), {G, U, F, D}),
    "found": (lambda p: moves.found(p, RECEIPT), {U}),
    "lost": (lambda p: moves.lost(p, LATER), {G}),
    "doubted": (lambda p: moves.doubted(p, NOW), {U}),
    "settled there": (lambda p: moves.settled_there(p, RECEIPT, LUIS), {U}),
    "settled not": (lambda p: moves.settled_not(p, LUIS), {U}),
    "compared": (lambda p: moves.compared(p, RECEIPT), {D}),
    "renewed": (lambda p: moves.renewed(p, "P-2"), {S, D, F}),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", MOVES)
def test_each_move_starts_only_where_the_rules_let_it(
    name: str, status: Status
) -> None:
    move, allowed = MOVES[name]
    before = proposal(status)

    if status in allowed:
        after = move(before)
        after = after[1] if isinstance(after, tuple) else after
        assert isinstance(after, Proposal)
        assert after.version == before.version + 1
    else:
        with pytest.raises(Denied) as no:
            move(before)
        assert no.value.rule == "state"


@pytest.mark.parametrize(
    ("fault", "attempts", "receipts", "event", "status"),
    [
        (FAULT, 1, 0, Event.REFUSED, F),
        (FAULT, 1, 1, Event.PART, D),
        (FAULT, 2, 0, Event.LOST, U),
        (FAULT, 2, 1, Event.LOST, U),
        (Stale("s", code="5010"), 1, 0, Event.OUTDATED, S),
        (Stale("s", code="5010"), 1, 1, Event.PART, D),
        (Stale("s", code="5010"), 2, 0, Event.LOST, U),
        (Throttled("t", retry_after_seconds=1), 1, 0, Event.NOT_TAKEN, A),
        (Throttled("t", retry_after_seconds=1), 1, 1, Event.NOT_TAKEN, A),
        (Throttled("t", retry_after_seconds=1), 2, 0, Event.LOST, U),
        (Unconfirmed("u"), 1, 0, Event.LOST, U),
        (BooksFault("?"), 1, 0, Event.LOST, U),
    ],
)
def test_only_a_first_attempt_takes_a_fault_for_an_answer(
    fault: BooksFault, attempts: int, receipts: int, event: Event, status: Status
) -> None:
    before = replace(
        proposal(G, steps=2, receipts=receipts), attempts=attempts, first_attempt_at=NOW
    )

    happened, after = moves.faulted(before, fault, NOW, LATER)

    assert (happened, after.status) == (event, status)


def test_a_lease_that_ended_is_unknown_only_after_an_attempt() -> None:
    before = replace(proposal(G), lease_until=NOW)

    unsent = moves.lapsed(before, NOW)
    sent = moves.lapsed(replace(before, attempts=1, first_attempt_at=NOW), NOW)

    assert (unsent[0], unsent[1].status) == (Event.LAPSE_UNSENT, A)
    assert (sent[0], sent[1].status) == (Event.LAPSE, U)
    with pytest.raises(AssertionError):
        moves.lapsed(before, NOW - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("status", "event", "after"),
    [
        (G, Event.RECEIPT_STEP, G),
        (U, Event.RECEIPT_STEP, A),
        (F, Event.PART, D),
    ],
)
def test_a_receipt_with_more_steps_to_come(
    status: Status, event: Event, after: Status
) -> None:
    happened, moved = moves.received(proposal(status, steps=2), RECEIPT)

    assert (happened, moved.status) == (event, after)
    assert (moved.attempts, moved.first_attempt_at) == (0, None)
    assert moved.step == 2


def test_a_quorum_counts_people_not_presses() -> None:
    before = replace(
        proposal(P),
        rule=Rule(2, 72, "two"),
        decisions=(Decision(LUIS.id, "Luis", Verdict.APPROVE, 1, NOW, "slack"),),
    )

    with pytest.raises(Denied) as no:
        deciding.decided(before, LUIS, Verdict.APPROVE, at=NOW, platform="teams")
    event, after = deciding.decided(
        before, PRIYA, Verdict.APPROVE, at=NOW, platform="teams"
    )

    assert no.value.rule == "twice"
    assert (event, after.status, after.approvals) == (Event.QUORUM, A, 2)


def test_reasons_are_cut_before_they_are_kept() -> None:
    _, after = deciding.decided(
        proposal(P), PRIYA, Verdict.REJECT, at=NOW, platform="slack", reason="x" * 9999
    )

    assert len(after.reason or "") == moves.REASON_MAX


def test_patience_is_bounded() -> None:
    waits = [moves.patience(None, n, 30, 900).total_seconds() for n in (0, 1, 5, 99)]

    assert waits == [30, 60, 900, 900]


def test_what_may_be_in_the_books_is_neither_held_nor_stale() -> None:
    under_way = replace(proposal(G), attempts=1, first_attempt_at=NOW)

    with pytest.raises(AssertionError):
        moves.held(under_way, FROZEN, NOW, LATER)
    with pytest.raises(AssertionError):
        moves.stale(under_way, Standing(("moved",)))
