"""Deciding: who may, by which right, and what their word makes of a proposal. Pure.

A person decides in their own right, or as the deputy of somebody who may; an
administrator may name others for the step under way, or decide one step in an absent
approver's place. Nobody decides what they asked for, and no head counts twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from approvals import hours, moves, stages
from approvals.proposal import (
    Decision,
    Denied,
    Event,
    Person,
    Proposal,
    Role,
    Rule,
    Status,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Right:
    """Why somebody may decide: in which step, and in whose place if not their own."""

    stage: int
    instead_of: Person | None = None


# --- what people do -------------------------------------------------------------


def decided(  # noqa: PLR0913 - one word, and all that is kept of it
    proposal: Proposal,
    person: Person,
    decision: Verdict,
    *,
    at: datetime,
    platform: str,
    reason: str | None = None,
    where: str = "",
    place: str | None = None,
    absent: Sequence[Person] = (),
) -> tuple[Event, Proposal]:
    """The proposal after one approver's word, and what that word brought about.

    `place` is the channel it was said in ("slack:C0123"); `absent` are those in
    whose place the person decides just now.

    Raises:
        Denied: not this person's to decide, or not now.
    """
    moves.belongs(proposal, person)
    deny_who_never(proposal, person, decision)
    _is_open(proposal, at)
    by = right(proposal, person, decision, place=place, absent=absent)
    said = (reason or "").strip()[: moves.REASON_MAX] or None
    word = Decision(
        person.id,
        person.name,
        decision,
        proposal.revision,
        at,
        platform,
        said,
        stage=by.stage,
        instead_of=by.instead_of.name if by.instead_of else None,
        where=where,
        instead_of_id=by.instead_of.id if by.instead_of else None,
    )
    if decision is Verdict.REJECT:
        if said is None:
            raise Denied(
                f"Please say why {proposal.number} is rejected, so that the requester"
                " knows. Nothing has been decided.",
                rule="reason",
            )
        return Event.REJECT, moves.moved(
            proposal,
            Event.REJECT,
            decisions=(*proposal.decisions, word),
            reason=said,
        )
    return _approved(proposal, word, at)


def _approved(
    proposal: Proposal, word: Decision, at: datetime
) -> tuple[Event, Proposal]:
    """One approval more; with the last step full, all that were needed."""
    heard = replace(proposal, decisions=(*proposal.decisions, word))
    now = stages.under_way(heard)
    if now is None:
        return Event.QUORUM, moves.moved(
            heard,
            Event.QUORUM,
            approved_at=at,
            reason=None,
            remind_at=None,
            escalate_at=None,
        )
    changes: dict[str, Any] = {"reason": None}
    if now != word.stage:
        changes |= _times(proposal.rule, at)
    return Event.APPROVE, moves.moved(heard, Event.APPROVE, **changes)


def _times(rule: Rule, at: datetime) -> dict[str, Any]:
    """When those whose turn begins at `at` are told again, and others as well."""
    then = hours.deadlines(rule, at)
    return {
        "remind_at": then.remind_at,
        "escalate_at": then.escalate_at,
        "reminded": 0,
    }


def _is_open(proposal: Proposal, at: datetime) -> None:
    """Deny what can no longer be decided."""
    if proposal.status is not Status.PENDING:
        raise Denied(moves.stands(proposal), rule="state")
    if at >= proposal.expires_at:
        raise Denied(
            f"{proposal.number} expired on {moves.moment(proposal.expires_at)}, so it"
            " can no longer be decided. Nothing was posted. Ask again for a fresh"
            " proposal.",
            rule="late",
        )


# --- what an administrator does -------------------------------------------------


def forced(
    proposal: Proposal,
    admin: Person,
    absent: Sequence[Person],
    *,
    at: datetime,
    platform: str,
    reason: str,
    where: str = "",
) -> tuple[Event, Proposal]:
    """An administrator approves one step in an absent approver's place, marked so.

    Raises:
        Denied: their own request, decided before, no reason, or nobody is meant.
    """
    moves.belongs(proposal, admin)
    _is_open(proposal, at)
    by = force_right(proposal, admin, absent, reason)
    assert by.instead_of is not None, "forced in nobody's place"
    word = Decision(
        admin.id,
        admin.name,
        Verdict.APPROVE,
        proposal.revision,
        at,
        platform,
        reason.strip()[: moves.REASON_MAX],
        stage=by.stage,
        instead_of=by.instead_of.name,
        forced=True,
        where=where,
        instead_of_id=by.instead_of.id,
    )
    return _approved(proposal, word, at)


def reassigned(
    proposal: Proposal, admin: Person, people: Sequence[Person], at: datetime
) -> Proposal:
    """Others than the rule says approve the step under way.

    Raises:
        Denied: not this administrator's to do, or not to these people.
    """
    moves.belongs(proposal, admin)
    _is_open(proposal, at)
    rule, _ = named_rule(proposal, admin, people)
    return moves.moved(
        proposal, Event.REASSIGN, rule=rule, reason=None, **_times(rule, at)
    )


# --- what waiting does ----------------------------------------------------------


def reminded(proposal: Proposal, at: datetime, most: int) -> Proposal:
    """Those whose turn it is were told again; `most` times in all."""
    count = proposal.reminded + 1
    again = hours.deadlines(proposal.rule, at).remind_at if count < most else None
    return moves.moved(proposal, Event.REMIND, remind_at=again, reminded=count)


def warned(proposal: Proposal) -> Proposal:
    """The asker was told that it will expire."""
    return moves.moved(proposal, Event.REMIND, warn_at=None)


def escalated(proposal: Proposal) -> Proposal:
    """Others than the approvers were told that it waits."""
    return moves.moved(proposal, Event.ESCALATE, escalate_at=None)


def noticed_stuck(proposal: Proposal, sentence: str) -> Proposal:
    """Nobody can give what a step needs (or, empty, somebody can again)."""
    return moves.moved(proposal, Event.ESCALATE, reason=sentence or None)


# --- may this person decide? ----------------------------------------------------


def right(
    proposal: Proposal,
    person: Person,
    verdict: Verdict,
    *,
    place: str | None = None,
    absent: Sequence[Person] = (),
) -> Right:
    """By which right a person decides, their own before another's.

    `absent` are those in whose place this person decides just now, as they are now.

    Raises:
        Denied: they may not.
    """
    deny_who_never(proposal, person, verdict)
    number = stages.under_way(proposal)
    if number is None:
        raise Denied(f"{proposal.number} has all its approvals.", rule="state")
    steps = proposal.rule.steps
    open_to = (
        range(number, len(steps) + 1)
        if verdict is Verdict.REJECT
        else range(number, number + 1)
    )
    for each in open_to:
        if stages.is_meant(steps[each - 1], person, place=place or ""):
            return Right(each)
    used = stages.heads(proposal)
    for each in open_to:
        for other in absent:
            if (
                other.workspace == proposal.workspace
                and stages.is_meant(steps[each - 1], other, place=place or "")
                and not stages.has_asked(proposal, other.id)
                and other.id not in used
                # Nobody names somebody and then decides in their place.
                and steps[each - 1].named_by_id != person.id
            ):
                return Right(each, other)
    raise _not_meant(proposal, person, number)


def deny_who_never(proposal: Proposal, person: Person, verdict: Verdict) -> None:
    """Deny whoever cannot decide about it, whatever its rule says.

    Raises:
        Denied: an asker, an auditor, nobody's role, or one who has decided.
    """
    if stages.has_asked(proposal, person.id):
        yours = (
            "You asked for this"
            if person.id == proposal.requester_id
            else f"You made the latest change to {proposal.number}"
            if person.id == proposal.editor_id
            else f"You asked for what {proposal.number} proposes anew"
            if proposal.revision == 1
            else f"You changed {proposal.number} earlier, or asked for it"
        )
        wish = (
            "so somebody else has to approve it."
            if verdict is Verdict.APPROVE
            else "so it is not yours to reject. You can withdraw it."
        )
        raise Denied(f"{yours}, {wish}", rule="requester")
    if Role.AUDITOR in person.roles:
        raise Denied(moves.AUDITOR, rule="role")
    for word in stages.words(proposal):
        if word.person_id == person.id:
            raise Denied(
                f"You have decided about {proposal.number} already.", rule="twice"
            )
        if word.instead_of_id == person.id:
            raise Denied(
                f"{word.person} has decided about {proposal.number} in your place"
                " already.",
                rule="twice",
            )


def _not_meant(proposal: Proposal, person: Person, number: int) -> Denied:
    """Why somebody who is not meant by the step under way may not decide."""
    n, steps = proposal.number, proposal.rule.steps
    stage = steps[number - 1]
    if stages.is_meant(stage, person):
        return Denied(
            f"{n} is decided in its own channel. Please press there. Nothing has been"
            " decided.",
            rule="place",
        )
    meant = [
        k for k, each in enumerate(steps, start=1) if stages.is_meant(each, person)
    ]
    later = [k for k in meant if k > number]
    if later:
        return Denied(
            f"{n} waits for {stages.step_name(proposal, number)} first. I show it to"
            f" you when it is your turn, in {stages.step_name(proposal, later[0])}.",
            rule="turn",
        )
    if meant:
        return Denied(
            f"Your step of {n}, {stages.step_name(proposal, meant[-1])}, is complete,"
            " and what is left is for others.",
            rule="turn",
        )
    if stage.named:
        return Denied(
            f"{stage.named_by} has named others to approve {n}, so it is not yours to"
            " decide.",
            rule="role",
        )
    if Role.APPROVER in person.roles:
        return Denied(
            f"{n} is to be approved by {stage.label or proposal.rule.label}, so it is"
            " not yours to decide.",
            rule="role",
        )
    return Denied(
        f"Only approvers decide about {n}. An administrator can make you one.",
        rule="role",
    )


# --- an administrator's hand ----------------------------------------------------


def named_rule(
    proposal: Proposal, admin: Person, people: Sequence[Person]
) -> tuple[Rule, int]:
    """The rule with the people named for the step under way, and that step.

    Approvals that were given stay; the quorum stays as it is.

    Raises:
        Denied: not this administrator's to do, or not to these people.
    """
    _admins_only(proposal, admin, "say who approves it instead")
    number = stages.under_way(proposal)
    if number is None:
        raise Denied(f"{proposal.number} has all its approvals.", rule="state")
    used = stages.heads(proposal)
    for person in people:
        if person.workspace != proposal.workspace or not person.roles:
            raise Denied(
                f"{person.name} is not let in here, so {proposal.number} stays as it"
                " was.",
                rule="role",
            )
        if person.id == admin.id:
            raise Denied(
                "You cannot name yourself. In an absent approver's place you decide"
                f" with “force {proposal.number} …”, which is marked.",
                rule="self",
            )
        if Role.AUDITOR in person.roles:
            raise Denied(
                f"{person.name} is an auditor and decides nothing, so"
                f" {proposal.number} stays as it was.",
                rule="role",
            )
        if stages.has_asked(proposal, person.id):
            raise Denied(
                f"{person.name} asked for {proposal.number}, so somebody else has to"
                " approve it.",
                rule="requester",
            )
        if person.id in used:
            raise Denied(
                f"{person.name} has decided about {proposal.number} already.",
                rule="twice",
            )
    named = tuple(dict.fromkeys(person.id for person in people))
    if len(named) < stages.missing(proposal):
        raise Denied(
            f"{proposal.number} still needs {stages.missing(proposal)} approvals in"
            " this step, so please name that many people. Nothing has been changed.",
            rule="few",
        )
    names = ", ".join(dict.fromkeys(person.name for person in people))
    rule, steps = proposal.rule, list(proposal.rule.steps)
    steps[number - 1] = replace(
        steps[number - 1],
        roles=(),
        people=(),
        channel=None,
        named=named,
        named_by=admin.name,
        named_by_id=admin.id,
        label=f"{names}, named by {admin.name}",
    )
    label = steps[0].label if len(steps) == 1 else rule.label
    return replace(rule, stages=tuple(steps), label=label), number


def force_right(
    proposal: Proposal, admin: Person, absent: Sequence[Person], reason: str
) -> Right:
    """By which right an administrator decides in an absent approver's place.

    `absent` are those who could be meant: all who may approve in the step under
    way, or the one whom the administrator named.

    Raises:
        Denied: their own request, decided before, no reason, or nobody is meant.
    """
    _admins_only(proposal, admin, "decide in an absent approver's place")
    deny_who_never(proposal, admin, Verdict.APPROVE)
    n, number = proposal.number, stages.under_way(proposal)
    if not reason.strip():
        raise Denied(
            f"Please say why {n} is decided in somebody's place. Nothing has been"
            " decided.",
            rule="reason",
        )
    if number is None:
        raise Denied(f"{n} has all its approvals.", rule="state")
    stage = proposal.rule.steps[number - 1]
    if stages.is_meant(stage, admin):
        raise Denied(
            f"You may approve {n} yourself, so please press Approve. Nothing has been"
            " decided.",
            rule="self",
        )
    found = [p for p in stages.eligible(proposal, absent, number) if p.id != admin.id]
    if not found:
        raise Denied(
            "There is nobody in whose place you could decide in this step of"
            f" {n}. Name somebody with “reassign {n} to …”. Nothing has been decided.",
            rule="nobody",
        )
    if len(found) > 1:
        names = " or ".join(person.name for person in found[:6])
        raise Denied(
            f"In whose place: {names}? Say “force {n} for {found[0].name}: why”."
            " Nothing has been decided.",
            rule="who",
        )
    return Right(number, found[0])


def _admins_only(proposal: Proposal, admin: Person, what: str) -> None:
    if Role.ADMIN not in admin.roles or Role.AUDITOR in admin.roles:
        raise Denied(
            f"Only administrators can {what}. Nothing has been changed.", rule="role"
        )
    if stages.has_asked(proposal, admin.id):
        raise Denied(
            f"You asked for {proposal.number}, so another administrator has to {what}."
            " Nothing has been changed.",
            rule="requester",
        )
