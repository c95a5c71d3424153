"""Who may decide, and what is denied, without a database: each case with its words."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approvals import deciding, stages
from approvals.deciding import Right
from approvals.moves import AUDITOR
from approvals.proposal import (
    Decision,
    Delegation,
    Denied,
    Event,
    Person,
    Proposal,
    Role,
    Rule,
    Stage,
    Status,
    Verdict,
)
from qbo.books import Circumstances
from tests.approvals.far import ALEX, COMPANY, KIM, LUIS, PRIYA, SAM, W, draft, person

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)
APPROVE, REJECT = Verdict.APPROVE, Verdict.REJECT
BEN, CLEO = person("Ben", Role.APPROVER), person("Cleo", Role.APPROVER)
ANA = replace(person("Ana", Role.STAFF), email="Ana@Books.example")
EDITOR, OLDER = person("Ed", Role.APPROVER), person("Ola", Role.APPROVER)
OMAR = person("Omar", Role.APPROVER, Role.ADMIN, Role.AUDITOR)
NOBODY = person("Nobody")
STRANGER = person("Stranger", Role.APPROVER, Role.ADMIN, workspace="w2")
FINANCE = Stage(1, (Role.APPROVER,), label="Finance")
BY_ANA = Stage(1, (), ("ana@books.example",), label="Ana")
CHANNEL = Stage(1, (), (), "slack:C0FIN", label="the channel")


def said(who: Person, verdict: Verdict = APPROVE, **more: Any) -> Decision:
    return Decision(
        who.id,
        who.name,
        verdict,
        more.pop("revision", 2),
        NOW - timedelta(hours=1),
        "slack",
        **more,
    )


def proposal(*steps: Stage, **more: Any) -> Proposal:
    given: dict[str, Any] = {
        "id": "p",
        "number": "P-1",
        "workspace": W,
        "company": COMPANY,
        "draft": draft(),
        "circumstances": Circumstances(),
        "revision": 2,
        "version": 7,
        "status": Status.PENDING,
        "requester_id": SAM.id,
        "requester": SAM.name,
        "editor_id": EDITOR.id,
        "editor": EDITOR.name,
        "askers": (OLDER.id,),
        "rule": Rule(
            sum(each.quorum for each in steps) or 1,
            72,
            "any approver",
            stages=steps,
            remind_hours=8,
            escalate_hours=24,
        ),
        "created_at": NOW,
        "expires_at": SOON,
        "reason": "before",
        "remind_at": NOW,
        "escalate_at": NOW,
        "reminded": 2,
        "warn_at": NOW,
    }
    return Proposal(**(given | more))


def denied(rule: str, act: Any, *given: Any, **more: Any) -> str:
    with pytest.raises(Denied) as no:
        act(*given, **more)
    assert no.value.rule == rule
    return no.value.sentence


def decide(
    before: Proposal, who: Person, verdict: Verdict = APPROVE, **more: Any
) -> tuple[Event, Proposal]:
    given: dict[str, Any] = {"at": NOW, "platform": "teams", "where": "there"}
    return deciding.decided(before, who, verdict, **(given | more))


def force(
    before: Proposal, who: Person, absent: list[Person], reason: str, **more: Any
) -> tuple[Event, Proposal]:
    given: dict[str, Any] = {"at": NOW, "platform": "teams", "where": "there"}
    return deciding.forced(before, who, absent, reason=reason, **(given | more))


# --- one word ---------------------------------------------------------------------


def test_the_last_approval_ends_the_waiting() -> None:
    before = proposal()

    event, after = decide(before, PRIYA, reason="  fine  ")

    word = Decision("priya", "Priya", APPROVE, 2, NOW, "teams", "fine", where="there")
    assert event is Event.QUORUM
    assert after == replace(
        before,
        status=Status.APPROVED,
        version=8,
        decisions=(word,),
        approved_at=NOW,
        reason=None,
        remind_at=None,
        escalate_at=None,
    )


def test_an_approval_within_a_step_leaves_its_times() -> None:
    before = proposal(replace(FINANCE, quorum=2))

    event, after = decide(before, PRIYA)

    assert (event, after.status, after.reason) == (Event.APPROVE, Status.PENDING, None)
    assert (after.remind_at, after.escalate_at, after.reminded) == (NOW, NOW, 2)
    assert after.decisions[0].reason is None


def test_the_next_step_has_its_own_times() -> None:
    before = proposal(FINANCE, BY_ANA)

    event, after = decide(before, PRIYA)

    assert (event, after.status) == (Event.APPROVE, Status.PENDING)
    assert after.remind_at == NOW + timedelta(hours=8)
    assert after.escalate_at == NOW + timedelta(hours=24)
    assert (after.reminded, after.reason) == (0, None)


def test_a_word_in_anothers_place_names_them() -> None:
    before = proposal(FINANCE, BY_ANA, decisions=(said(PRIYA),))

    _, after = decide(before, KIM, absent=[ANA])

    assert after.decisions[-1] == Decision(
        "kim",
        "Kim",
        APPROVE,
        2,
        NOW,
        "teams",
        stage=2,
        instead_of="Ana",
        instead_of_id="ana",
        where="there",
    )


def test_a_rejection_needs_its_reason_and_is_final() -> None:
    before = proposal(FINANCE, BY_ANA)

    event, after = decide(before, ANA, REJECT, reason=" too much ")

    assert event is Event.REJECT
    assert (after.status, after.reason) == (Status.REJECTED, "too much")
    assert [(d.verdict, d.reason, d.stage) for d in after.decisions] == [
        (REJECT, "too much", 2)
    ]
    for reason in (None, "", "  "):
        assert denied("reason", decide, before, PRIYA, REJECT, reason=reason) == (
            "Please say why P-1 is rejected, so that the requester knows. Nothing has"
            " been decided."
        )


def test_earlier_words_stay_beside_a_rejection() -> None:
    before = proposal(replace(FINANCE, quorum=2), decisions=(said(PRIYA),))

    _, after = decide(before, LUIS, REJECT, reason="no")

    assert [d.person_id for d in after.decisions] == ["priya", "luis"]


def test_what_has_expired_or_ended_is_decided_no_more() -> None:
    before = proposal()
    ended = replace(before, status=Status.WITHDRAWN)
    late = (
        "P-1 expired on 20 Nov 2026, 16:00 UTC, so it can no longer be decided."
        " Nothing was posted. Ask again for a fresh proposal."
    )

    assert decide(before, PRIYA, at=SOON - timedelta(seconds=1))
    assert denied("late", decide, before, PRIYA, at=SOON) == late
    assert denied("state", decide, ended, PRIYA) == (
        "P-1 has been withdrawn. Nothing was posted."
    )
    by = {"reason": "away", "at": SOON}
    assert denied("late", force, before, ALEX, [PRIYA], **by) == late
    denied("state", force, ended, ALEX, [PRIYA], "away")
    denied("late", deciding.reassigned, before, ALEX, [PRIYA], SOON)
    denied("state", deciding.reassigned, ended, ALEX, [PRIYA], NOW)


# --- who never --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "yours"),
    [
        (SAM, "You asked for this"),
        (EDITOR, "You made the latest change to P-1"),
        (OLDER, "You asked for what P-1 proposes anew"),
    ],
)
def test_nobody_decides_what_they_asked_for(who: Person, yours: str) -> None:
    before = proposal(revision=1)
    approver = replace(who, roles=frozenset({Role.APPROVER}))

    assert denied("requester", decide, before, approver) == (
        f"{yours}, so somebody else has to approve it."
    )
    assert denied("requester", deciding.right, before, approver, APPROVE) == (
        f"{yours}, so somebody else has to approve it."
    )
    assert denied("requester", decide, before, approver, REJECT) == (
        f"{yours}, so it is not yours to reject. You can withdraw it."
    )


def test_no_auditor_and_no_stranger_decides() -> None:
    assert denied("role", decide, proposal(), OMAR) == AUDITOR
    assert denied("role", deciding.deny_who_never, proposal(), OMAR, APPROVE) == AUDITOR
    denied("workspace", decide, proposal(), STRANGER)
    denied("workspace", force, proposal(), STRANGER, [PRIYA], "away")
    denied("workspace", deciding.reassigned, proposal(), STRANGER, [PRIYA], NOW)


def test_no_head_counts_twice() -> None:
    two = replace(FINANCE, quorum=2)
    own = proposal(two, decisions=(said(PRIYA),))
    lent = proposal(
        two, decisions=(said(KIM, instead_of="Luis", instead_of_id=LUIS.id),)
    )
    older = proposal(two, decisions=(said(PRIYA, revision=1),))

    assert denied("twice", decide, own, PRIYA) == "You have decided about P-1 already."
    assert denied("twice", decide, lent, KIM) == "You have decided about P-1 already."
    assert denied("twice", decide, lent, LUIS) == (
        "Kim has decided about P-1 in your place already."
    )
    assert decide(older, PRIYA)[0] is Event.APPROVE
    denied("role", decide, own, KIM, absent=[PRIYA])
    denied("role", decide, lent, ALEX, absent=[LUIS])


# --- by which right ---------------------------------------------------------------


def test_the_own_right_comes_before_anothers() -> None:
    before = proposal(FINANCE, BY_ANA)

    assert deciding.right(before, PRIYA, APPROVE, absent=[LUIS]) == Right(1)
    assert deciding.right(before, ALEX, APPROVE, absent=[NOBODY, LUIS, BEN]) == Right(
        1, LUIS
    )
    assert deciding.right(before, ANA, REJECT) == Right(2)
    assert deciding.right(before, KIM, REJECT, absent=[ANA]) == Right(2, ANA)
    denied("turn", deciding.right, before, ANA, APPROVE)
    denied("role", deciding.right, before, KIM, APPROVE, absent=[ANA])


@pytest.mark.parametrize("absent", [STRANGER, EDITOR, OLDER, OMAR, NOBODY, ALEX])
def test_nobody_decides_for_one_who_may_not(absent: Person) -> None:
    denied("role", deciding.right, proposal(), KIM, APPROVE, absent=[absent])


def test_where_all_steps_are_full_there_is_no_right() -> None:
    full = proposal(FINANCE, decisions=(said(PRIYA),))

    for act in (
        lambda: deciding.right(full, LUIS, APPROVE),
        lambda: deciding.named_rule(full, ALEX, [LUIS]),
        lambda: deciding.force_right(full, ALEX, [LUIS], "away"),
    ):
        assert denied("state", act) == "P-1 has all its approvals."


def test_a_channel_is_decided_in_it() -> None:
    before = proposal(CHANNEL)
    place = "slack:C0FIN"

    assert decide(before, PRIYA, place=place)[0] is Event.QUORUM
    assert deciding.right(before, PRIYA, APPROVE, place=place) == Right(1)
    assert deciding.right(before, KIM, APPROVE, place=place, absent=[PRIYA]) == Right(
        1, PRIYA
    )
    for elsewhere in ("slack:C0ANY", "", None):
        assert denied(
            "place", deciding.right, before, PRIYA, APPROVE, place=elsewhere
        ) == (
            "P-1 is decided in its own channel. Please press there. Nothing has been"
            " decided."
        )
        denied(
            "role",
            deciding.right,
            before,
            KIM,
            APPROVE,
            place=elsewhere,
            absent=[PRIYA],
        )


def test_whoever_is_not_meant_is_told_why() -> None:
    first = proposal(FINANCE, BY_ANA, BY_ANA)
    second = replace(first, decisions=(said(PRIYA),))
    named = proposal(replace(FINANCE, named=("kim",), named_by="Alex"))
    unlabelled = proposal(replace(BY_ANA, label=""))

    assert denied("turn", decide, first, ANA) == (
        "P-1 waits for step 1 of 3 (Finance) first. I show it to you when it is your"
        " turn, in step 2 of 3 (Ana)."
    )
    assert denied("turn", decide, second, LUIS) == (
        "Your step of P-1, step 1 of 3 (Finance), is complete, and what is left is for"
        " others."
    )
    assert denied("role", decide, named, LUIS) == (
        "Alex has named others to approve P-1, so it is not yours to decide."
    )
    assert denied("role", decide, proposal(BY_ANA), LUIS) == (
        "P-1 is to be approved by Ana, so it is not yours to decide."
    )
    assert denied("role", decide, unlabelled, LUIS) == (
        "P-1 is to be approved by any approver, so it is not yours to decide."
    )
    assert denied("role", decide, first, KIM) == (
        "Only approvers decide about P-1. An administrator can make you one."
    )


# --- an administrator's hand ------------------------------------------------------


def test_an_administrator_names_others_and_the_times_begin_anew() -> None:
    before = proposal(replace(CHANNEL, quorum=2), decisions=(said(BEN),))

    after = deciding.reassigned(before, ALEX, [LUIS, PRIYA, LUIS], NOW)

    (stage,) = after.rule.stages
    assert stage == Stage(
        2,
        (),
        (),
        None,
        "Luis, Priya, named by Alex",
        named=("luis", "priya"),
        named_by="Alex",
        named_by_id="alex",
    )
    assert after == replace(
        before,
        version=8,
        rule=replace(before.rule, stages=(stage,), label=stage.label),
        reason=None,
        remind_at=NOW + timedelta(hours=8),
        escalate_at=NOW + timedelta(hours=24),
        reminded=0,
    )


def test_of_several_steps_only_the_one_under_way_is_for_others() -> None:
    before = proposal(FINANCE, BY_ANA, decisions=(said(PRIYA),))

    rule, number = deciding.named_rule(before, ALEX, [LUIS])

    assert number == 2
    assert rule.stages[0] == FINANCE
    assert (rule.stages[1].named, rule.stages[1].people) == (("luis",), ())
    two = replace(FINANCE, quorum=2)
    more = proposal(BY_ANA, two, decisions=(said(ANA),))
    second = deciding.named_rule(more, ALEX, [LUIS, PRIYA])[0].stages[1]
    assert (second.quorum, second.roles) == (2, ())
    assert rule.label == "any approver"


@pytest.mark.parametrize(
    ("who", "rule", "words"),
    [
        (STRANGER, "role", "Stranger is not let in here, so P-1 stays as it was."),
        (NOBODY, "role", "Nobody is not let in here, so P-1 stays as it was."),
        (
            ALEX,
            "self",
            (
                "You cannot name yourself. In an absent approver's place you decide"
                " with “force P-1 …”, which is marked."
            ),
        ),
        (
            OMAR,
            "role",
            "Omar is an auditor and decides nothing, so P-1 stays as it was.",
        ),
        (
            SAM,
            "requester",
            "Sam asked for P-1, so somebody else has to approve it.",
        ),
        (BEN, "twice", "Ben has decided about P-1 already."),
    ],
)
def test_some_cannot_be_named(who: Person, rule: str, words: str) -> None:
    before = proposal(replace(FINANCE, quorum=2), decisions=(said(BEN),))

    assert denied(rule, deciding.named_rule, before, ALEX, [LUIS, who]) == words


def test_as_many_are_named_as_are_needed() -> None:
    before = proposal(replace(FINANCE, quorum=3), decisions=(said(BEN),))

    assert denied("few", deciding.named_rule, before, ALEX, [LUIS, LUIS]) == (
        "P-1 still needs 2 approvals in this step, so please name that many people."
        " Nothing has been changed."
    )
    assert deciding.named_rule(before, ALEX, [LUIS, PRIYA])[1] == 1


def test_only_another_administrator_has_a_hand_in_it() -> None:
    before = proposal(BY_ANA)
    asker = replace(SAM, roles=frozenset({Role.ADMIN}))
    both = replace(OMAR, roles=frozenset({Role.ADMIN, Role.AUDITOR}))
    names = "say who approves it instead"
    decides = "decide in an absent approver's place"

    for who in (PRIYA, both):
        assert denied("role", deciding.named_rule, before, who, [LUIS]) == (
            f"Only administrators can {names}. Nothing has been changed."
        )
        assert denied("role", deciding.force_right, before, who, [ANA], "away") == (
            f"Only administrators can {decides}. Nothing has been changed."
        )
    assert denied("requester", deciding.named_rule, before, asker, [LUIS]) == (
        f"You asked for P-1, so another administrator has to {names}. Nothing has been"
        " changed."
    )
    assert denied("requester", deciding.force_right, before, asker, [ANA], "away") == (
        f"You asked for P-1, so another administrator has to {decides}. Nothing has"
        " been changed."
    )


def test_a_forced_word_is_marked_and_names_whose_place_it_was() -> None:
    before = proposal(FINANCE, BY_ANA, decisions=(said(PRIYA),))

    event, after = force(before, ALEX, [LUIS, ANA], "  on leave  ")

    assert event is Event.QUORUM
    assert after.decisions[-1] == Decision(
        "alex",
        "Alex",
        APPROVE,
        2,
        NOW,
        "teams",
        "on leave",
        stage=2,
        instead_of="Ana",
        forced=True,
        where="there",
        instead_of_id="ana",
    )
    assert after.approved_at == NOW
    first = force(proposal(FINANCE, BY_ANA), ALEX, [PRIYA], "away")[1]
    assert first.remind_at == NOW + timedelta(hours=8)
    long = force(before, ALEX, [ANA], "x" * 999)[1].decisions[-1].reason
    assert long == "x" * 500


def test_a_forced_word_needs_one_absent_approver_and_a_reason() -> None:
    before = proposal()
    many = [person(f"A{n}", Role.APPROVER) for n in range(8)]
    both = replace(ALEX, roles=frozenset({Role.ADMIN, Role.APPROVER}))
    twice = proposal(replace(FINANCE, quorum=2), decisions=(said(ALEX),))

    assert denied("reason", force, before, ALEX, [PRIYA], " ") == (
        "Please say why P-1 is decided in somebody's place. Nothing has been decided."
    )
    assert denied("self", force, before, both, [PRIYA], "away") == (
        "You may approve P-1 yourself, so please press Approve. Nothing has been"
        " decided."
    )
    assert denied("nobody", force, before, ALEX, [KIM, ALEX, EDITOR], "away") == (
        "There is nobody in whose place you could decide in this step of P-1. Name"
        " somebody with “reassign P-1 to …”. Nothing has been decided."
    )
    assert denied("who", force, before, ALEX, many, "away") == (
        "In whose place: A0 or A1 or A2 or A3 or A4 or A5? Say “force P-1 for A0:"
        " why”. Nothing has been decided."
    )
    denied("who", force, before, ALEX, many[:2], "away")
    denied("twice", force, twice, ALEX, [PRIYA], "away")
    # Whoever is meant by another step alone may do it.
    second = proposal(FINANCE, BY_ANA, decisions=(said(PRIYA),))
    assert force(second, both, [ANA], "away")[0] is Event.QUORUM


def test_where_it_was_said_may_be_unknown() -> None:
    _, own = deciding.decided(proposal(), PRIYA, APPROVE, at=NOW, platform="slack")
    _, hand = deciding.forced(
        proposal(), ALEX, [PRIYA], at=NOW, platform="slack", reason="away"
    )

    assert own.decisions[0].where == hand.decisions[0].where == ""


# --- what waiting does ------------------------------------------------------------


def test_a_reminder_counts_and_the_last_one_sets_no_other() -> None:
    before = proposal()

    third, last = (deciding.reminded(before, NOW, most) for most in (4, 3))

    assert (third.reminded, third.remind_at) == (3, NOW + timedelta(hours=8))
    assert last == replace(before, version=8, reminded=3, remind_at=None)


def test_what_was_told_is_told_once() -> None:
    before = proposal()

    assert deciding.warned(before) == replace(before, version=8, warn_at=None)
    assert deciding.escalated(before) == replace(before, version=8, escalate_at=None)
    assert deciding.noticed_stuck(before, "S.") == replace(
        before, version=8, reason="S."
    )
    assert deciding.noticed_stuck(before, "").reason is None


# --- steps ------------------------------------------------------------------------


def test_approvals_count_by_step_head_and_revision() -> None:
    before = proposal(
        replace(FINANCE, quorum=2),
        BY_ANA,
        decisions=(
            said(PRIYA),
            said(PRIYA),
            said(BEN, revision=1),
            said(LUIS, REJECT),
            said(CLEO, stage=2),
        ),
    )

    assert (stages.given(before, 1), stages.given(before, 2)) == (1, 1)
    assert (stages.under_way(before), stages.missing(before)) == (1, 1)
    assert stages.heads(before) == {"priya", "luis", "cleo"}
    full = proposal(FINANCE, decisions=(said(BEN),))
    assert (stages.under_way(full), stages.missing(full)) == (None, 0)
    three = proposal(replace(FINANCE, quorum=3), decisions=(said(BEN),))
    assert stages.missing(three) == 2


MEANT: list[tuple[Stage, Person, str | None, bool]] = [
    (FINANCE, PRIYA, None, True),
    (FINANCE, KIM, None, False),
    (FINANCE, OMAR, None, False),
    (FINANCE, NOBODY, None, False),
    (Stage(1, (Role.ADMIN, Role.APPROVER)), KIM, "x", True),
    (BY_ANA, ANA, None, True),
    (BY_ANA, replace(ANA, email=None), None, False),
    (BY_ANA, replace(ANA, roles=frozenset()), None, False),
    (BY_ANA, PRIYA, None, False),
    (replace(BY_ANA, roles=(Role.APPROVER,)), PRIYA, None, True),
    (CHANNEL, PRIYA, None, True),
    (CHANNEL, PRIYA, "slack:C0FIN", True),
    (CHANNEL, PRIYA, "slack:C0ANY", False),
    (CHANNEL, KIM, "slack:C0FIN", False),
    (replace(FINANCE, channel="slack:C0FIN"), PRIYA, "x", True),
    (replace(FINANCE, named=("kim",)), KIM, None, True),
    (replace(FINANCE, named=("kim",)), PRIYA, None, False),
    (replace(FINANCE, named=("omar",)), OMAR, None, False),
]


@pytest.mark.parametrize(("stage", "who", "place", "is_meant"), MEANT)
def test_whom_a_step_is_for(
    stage: Stage, who: Person, place: str | None, is_meant: bool
) -> None:
    assert stages.is_meant(stage, who, place=place) is is_meant


def test_who_may_still_approve() -> None:
    everybody = [PRIYA, LUIS, SAM, EDITOR, OLDER, STRANGER, KIM, OMAR, BEN, ANA]
    lent = said(KIM, instead_of="Luis", instead_of_id="luis")
    two = replace(FINANCE, quorum=3)
    before = proposal(two, BY_ANA, decisions=(said(PRIYA), lent))

    assert stages.eligible(before, everybody) == (BEN,)
    assert stages.eligible(before, everybody, 2) == (ANA,)
    full = proposal(FINANCE, decisions=(said(PRIYA),))
    assert stages.eligible(full, everybody) == ()


def test_whose_turn_it_is_is_told_apart() -> None:
    before = proposal(FINANCE, BY_ANA)
    other = [
        replace(before, revision=3),
        replace(before, decisions=(said(PRIYA),)),
        proposal(replace(FINANCE, channel="slack:C0FIN"), BY_ANA),
        proposal(replace(FINANCE, people=("x@y.z",)), BY_ANA),
        proposal(replace(FINANCE, named=("kim",)), BY_ANA),
        proposal(replace(FINANCE, roles=()), BY_ANA),
    ]
    turns = {stages.turn(each) for each in (before, *other)}

    assert len(turns) == 7
    assert stages.turn(before) == stages.turn(replace(before, version=99))
    assert stages.turn(before).startswith("2.1.")
    assert len(stages.turn(before)) == len("2.1.") + 12
    assert stages.turn(replace(before, status=Status.APPROVED)) == ""
    assert stages.turn(proposal(FINANCE, decisions=(said(PRIYA),))) == ""


def test_an_administrators_hands() -> None:
    both = person("Both", Role.ADMIN, Role.APPROVER)
    asker = replace(SAM, roles=frozenset({Role.ADMIN}))
    before = proposal()
    two = proposal(replace(FINANCE, quorum=2), decisions=(said(ALEX),))

    assert stages.hands(before, ALEX) == ("reassign", "force")
    assert stages.hands(before, both) == ("reassign",)
    assert stages.hands(two, ALEX) == ("reassign",)
    assert stages.hands(two, KIM) == ("reassign", "force")
    for who in (PRIYA, asker, STRANGER):
        assert stages.hands(before, who) == ()
    second = proposal(FINANCE, BY_ANA, decisions=(said(PRIYA),))
    third = proposal(BY_ANA, FINANCE, decisions=(said(ANA),))
    assert stages.hands(second, both) == ("reassign", "force")
    assert stages.hands(third, both) == ("reassign",)
    assert stages.hands(replace(before, status=Status.APPROVED), ALEX) == ()
    assert stages.hands(proposal(FINANCE, decisions=(said(PRIYA),)), ALEX) == ()


def lent(who: Person, to: Person, until: datetime = SOON) -> Delegation:
    return Delegation("d", W, who.id, who.name, to.id, to.name, until)


def test_a_deputy_stands_in_until_the_time_is_over() -> None:
    mine, other = lent(PRIYA, KIM), lent(LUIS, ALEX)
    before = proposal(delegations=(mine, other))

    assert stages.standing_in(before, "kim", SOON - timedelta(seconds=1)) == (mine,)
    assert stages.standing_in(before, "kim", SOON) == ()


def test_whose_word_is_awaited() -> None:
    auditor = person("Aud", Role.AUDITOR)
    everybody = [PRIYA, KIM, ALEX, SAM, NOBODY, auditor, LUIS]
    to = (KIM, SAM, NOBODY, auditor, LUIS)
    before = proposal(delegations=tuple(lent(PRIYA, each) for each in to))
    over = proposal(delegations=(lent(PRIYA, KIM, NOW),))
    used = proposal(
        replace(FINANCE, quorum=2),
        delegations=(lent(PRIYA, KIM),),
        decisions=(said(KIM),),
    )
    nothing = proposal(delegations=(lent(ANA, KIM),))

    assert stages.awaited(before, everybody, NOW) == (PRIYA, LUIS, KIM)
    for each in (over, used, nothing):
        assert stages.awaited(each, everybody, NOW) == (PRIYA, LUIS)
    assert stages.awaited(before, [KIM], NOW) == ()


def test_what_a_viewer_may_say() -> None:
    both = ("approve", "reject")
    before = proposal(FINANCE, BY_ANA, delegations=(lent(LUIS, KIM), lent(SAM, ALEX)))
    used = replace(
        before,
        rule=replace(before.rule, stages=(replace(FINANCE, quorum=2), BY_ANA)),
        decisions=(said(LUIS),),
    )
    full = proposal(FINANCE, decisions=(said(PRIYA),))
    auditor = person("Aud", Role.AUDITOR)
    watched = replace(before, delegations=(lent(LUIS, auditor),))

    assert stages.verbs(before, None) == both
    assert stages.verbs(before, PRIYA) == both
    assert stages.verbs(before, KIM) == both
    assert stages.verbs(before, ANA) == ("reject",)
    for who in (SAM, EDITOR, OLDER, ALEX, NOBODY, OMAR):
        assert stages.verbs(before, who) == ()
    assert stages.verbs(used, KIM) == stages.verbs(used, LUIS) == ()
    assert stages.verbs(full, None) == stages.verbs(full, LUIS) == ()
    assert stages.verbs(watched, auditor) == ()
    # The step that is over gives no word any more.
    second = replace(before, decisions=(said(PRIYA),), delegations=())
    assert stages.verbs(second, LUIS) == ()
    assert stages.verbs(second, ANA) == both


def test_what_is_decided_in_a_channel_is_offered_there_alone() -> None:
    both = ("approve", "reject")
    channel = proposal(CHANNEL, delegations=(lent(PRIYA, KIM),))
    first = proposal(CHANNEL, FINANCE)
    last = proposal(FINANCE, CHANNEL)

    for who in (None, PRIYA, KIM):
        assert stages.verbs(channel, who) == both
        assert stages.verbs(channel, who, "slack:C0FIN") == both
        assert stages.verbs(channel, who, "slack:C0ANY") == ()
        assert stages.verbs(channel, who, "console:priya") == ()
    assert stages.verbs(first, PRIYA, "console:priya") == ("reject",)
    assert stages.verbs(last, PRIYA, "console:priya") == both


def test_a_step_that_nobody_can_fill_is_said() -> None:
    two = replace(FINANCE, quorum=2)
    tail = (
        " An administrator can name others with “reassign P-1 to …”, or give somebody"
        " the role."
    )

    assert stages.stuck(proposal(), [SAM, KIM]) == (
        "Nobody can approve (0 of the 1 still needed)." + tail
    )
    assert stages.stuck(proposal(two), [PRIYA, KIM]) == (
        "Too few people can approve (1 of the 2 still needed)." + tail
    )
    assert stages.stuck(proposal(FINANCE, BY_ANA), [PRIYA]) == (
        "Nobody can approve step 2 of 2 (Ana) (0 of the 1 still needed)." + tail
    )
    assert stages.stuck(proposal(FINANCE, two), [PRIYA]) == (
        "Too few people can approve step 2 of 2 (Finance) (1 of the 2 still needed)."
        + tail
    )
    one = proposal(two, decisions=(said(PRIYA),))
    assert stages.stuck(one, [PRIYA, LUIS]) == ""
    assert stages.stuck(proposal(two), [PRIYA, LUIS]) == ""
    assert stages.stuck(proposal(), []) == ""
    channel = proposal(CHANNEL)
    assert stages.stuck(channel, [PRIYA]) == ""
    assert stages.stuck(channel, [PRIYA], {"console", "slack"}) == ""
    assert stages.stuck(proposal(FINANCE), [PRIYA], {"console"}) == ""
    assert stages.stuck(channel, [PRIYA], {"console"}).startswith(
        "Nobody can approve (0 of the 1 still needed; it is decided in slack:C0FIN,"
        " which is off). An administrator can name others with"
    )
    assert stages.stuck(proposal(status=Status.STALE), [SAM]) == ""
    assert stages.stuck(proposal(FINANCE, decisions=(said(PRIYA),)), [SAM]) == ""


def test_being_stuck_is_known_by_its_words() -> None:
    assert stages.is_stuck(proposal(reason="Nobody can approve step 1."))
    assert stages.is_stuck(proposal(reason="Too few people can approve (1)."))
    assert not stages.is_stuck(proposal(reason="The rate moved."))
    assert not stages.is_stuck(proposal(reason=None))


def test_a_step_has_a_name() -> None:
    unnamed = proposal(replace(FINANCE, label=""), BY_ANA)

    assert stages.step_text(unnamed) == "step 1 of 2"
    assert stages.step_text(replace(unnamed, decisions=(said(PRIYA),))) == (
        "step 2 of 2 (Ana)"
    )
    assert stages.step_text(proposal(FINANCE)) == ""
    full = (said(PRIYA), said(ANA, stage=2))
    assert stages.step_text(replace(unnamed, decisions=full)) == ""


@pytest.mark.parametrize(("hours", "before"), [(4, 1), (96, 24), (97, 24), (80, 20)])
def test_the_asker_is_warned_a_day_before_or_in_the_last_quarter(
    hours: int, before: int
) -> None:
    ends = NOW + timedelta(hours=hours)

    assert stages.warning_at(NOW, ends) == ends - timedelta(hours=before)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (None, None),
        (json.dumps(["slack", "T1", "C0FIN", ""]), "slack:C0FIN"),
        ("not json", ""),
        ("[]", ""),
        ("7", ""),
        ("{}", ""),
    ],
)
def test_a_place_is_known_by_its_platform_and_channel(
    place: str | None, name: str | None
) -> None:
    assert stages.place_name(place) == name
