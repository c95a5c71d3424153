"""What each event makes of a proposal: pure, and only along the machine.

A move returns the next proposal, one version up, or denies. Nothing here waits,
and no time is taken but the one that is given.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from approvals import lines, revising, stages, undoable, waiting
from approvals.hours import deadlines
from approvals.proposal import (
    MACHINE,
    Denied,
    Event,
    Person,
    Proposal,
    Risk,
    Role,
    Rule,
    Status,
)
from approvals.waiting import Wait
from qbo.books import Circumstances, Draft, Receipt, Standing, Verb
from qbo.faults import BooksFault, NotTaken, Refused, Stale, Throttled

REASON_MAX = 500
AUDITOR = "An auditor reads everything and decides nothing. Nothing has been changed."

_STANDS = {
    Status.PENDING: "{n} is still waiting for approval.",
    Status.APPROVED: "{n} has been approved already and is about to be posted.",
    Status.APPLYING: "{n} is being posted right now.",
    Status.APPLIED: "{n} has been posted to QuickBooks already.",
    Status.FAILED: "{n} has failed, and that is final. Ask again for a fresh proposal.",
    Status.UNCONFIRMED: "{n} was sent to QuickBooks, and I am finding out how that"
    " ended.",
    Status.STALE: "The records behind {n} have changed, so it cannot go on. Ask again"
    " for a fresh proposal.",
    Status.REJECTED: "{n} has been rejected already. Nothing was posted.",
    Status.EXPIRED: "{n} has expired. Nothing was posted. Ask again for a fresh"
    " proposal.",
    Status.WITHDRAWN: "{n} has been withdrawn. Nothing was posted.",
}


# Held up before it could be posted; what got on is held up no longer.
_ON_THE_WAY = frozenset({Status.APPROVED, Status.APPLYING})
_GOT_ON = frozenset(
    {
        *(Event.RECEIPT_STEP, Event.FOUND_STEP, Event.THERE_STEP),
        *(Event.REFUSED_STEP, Event.NOT_THERE_STEP),
    }
)


def stands(proposal: Proposal) -> str:
    """One sentence on where a proposal stands, as an answer to a late wish."""
    if proposal.renewed_by is not None:
        if proposal.status is not Status.STALE:
            return (
                f"What was not done of {proposal.number} has been proposed again as"
                f" {proposal.renewed_by}. Please look there."
            )
        return (
            f"{proposal.number} has been proposed anew as {proposal.renewed_by}."
            " Please look there."
        )
    return _STANDS[proposal.status].format(n=proposal.number)


def moved(proposal: Proposal, event: Event, **changes: Any) -> Proposal:
    """The proposal one version on, with the status that the machine gives.

    Raises:
        Denied: the machine knows no such move ("state").
    """
    status = MACHINE.get((proposal.status, event))
    if status is None:
        raise Denied(stands(proposal), rule="state")
    if status is not Status.APPLYING:
        changes |= {"lease_owner": None, "lease_until": None}
    if status not in _ON_THE_WAY or event in _GOT_ON:
        changes |= {"waiting_since": None, "waiting_for": "", "told_late_at": None}
    if status is Status.APPLIED and proposal.status is not Status.APPLIED:
        receipts = changes.get("receipts", proposal.receipts)
        changes["undo_until"] = undoable.until(proposal, receipts)
    return replace(proposal, status=status, version=proposal.version + 1, **changes)


# --- what people do -------------------------------------------------------------


def belongs(proposal: Proposal, person: Person) -> None:
    """Deny a person of another workspace, and an auditor, who does nothing at all."""
    if person.workspace != proposal.workspace:
        raise Denied(
            "That proposal does not belong to this workspace.", rule="workspace"
        )
    if Role.AUDITOR in person.roles:
        raise Denied(AUDITOR, rule="role")


def asked_for(proposal: Proposal, person: Person) -> bool:
    """Whether this person asked for it (or for what it renews), or ever changed it."""
    return person.id in asking(proposal)


def asking(proposal: Proposal) -> frozenset[str]:
    """Everybody who asked for it (or for what it renews), or ever changed it."""
    return frozenset((proposal.requester_id, proposal.editor_id, *proposal.askers))


def is_alone(proposal: Proposal, person: Person) -> bool:
    """Whether all of it, as it is after this person's change, is this person's."""
    return asking(proposal) <= {person.id}


def may_revise(proposal: Proposal, person: Person, at: datetime) -> None:
    """Deny whoever must not change a proposal, and what waits no longer.

    Raises:
        Denied: not this person's to change, or no longer possible.
    """
    belongs(proposal, person)
    if not asked_for(proposal, person) and Role.APPROVER not in person.roles:
        raise Denied(
            f"Only {proposal.requester} or an approver can change {proposal.number}.",
            rule="role",
        )
    if proposal.status is not Status.PENDING:
        raise Denied(stands(proposal), rule="state")
    if at >= proposal.expires_at:
        raise Denied(
            f"{proposal.number} has expired, so it can no longer be changed. Nothing"
            " was posted. Ask again for a fresh proposal.",
            rule="late",
        )


def revised(  # noqa: PLR0913 - a draft, and all that goes with it
    proposal: Proposal,
    draft: Draft,
    circumstances: Circumstances,
    person: Person,
    *,
    rule: Rule,
    risks: tuple[Risk, ...],
    at: datetime,
    words: str = "",
    confidence: int | None = None,
    doubts: tuple[str, ...] = (),
) -> Proposal:
    """The next revision: a new draft, earlier decisions void, the time anew.

    Raises:
        Denied: not this person's to change, or no longer possible.
    """
    may_revise(proposal, person, at)
    until = deadlines(rule, at)
    return moved(
        proposal,
        Event.REVISE,
        draft=draft,
        circumstances=circumstances,
        revision=proposal.revision + 1,
        editor_id=person.id,
        editor=person.name,
        askers=_askers(proposal),
        rule=rule,
        risks=risks,
        decisions=(),
        reason=None,
        expires_at=until.expires_at,
        remind_at=until.remind_at,
        escalate_at=until.escalate_at,
        reminded=0,
        warn_at=stages.warning_at(at, until.expires_at),
        words=words or proposal.words,
        changes=revising.changes(proposal.draft, draft),
        confidence=confidence,
        doubts=doubts,
    )


def _askers(proposal: Proposal) -> tuple[str, ...]:
    """All who asked but the requester, with whom the next revision replaces.

    What they wrote may stand in it still: it stays theirs, and not to be approved by
    them, whoever changes something else of it afterwards.
    """
    if proposal.editor_id in {proposal.requester_id, *proposal.askers}:
        return proposal.askers
    return (*proposal.askers, proposal.editor_id)


def may_renew(proposal: Proposal, person: Person) -> None:
    """Deny whoever did not ask for a STALE proposal, and what cannot be taken up.

    Raises:
        Denied: somebody else's, or there is nothing to take up.
    """
    belongs(proposal, person)
    if not asked_for(proposal, person):
        raise Denied(
            f"Only {proposal.requester} can propose {proposal.number} anew.",
            rule="requester",
        )
    if not proposal.is_renewable and not lines.has_rest(proposal):
        raise Denied(stands(proposal), rule="state")


def renewed(proposal: Proposal, number: str) -> Proposal:
    """A STALE one that was taken up, as the proposal of that number.

    Raises:
        Denied: it is not STALE, or was taken up before.
    """
    if proposal.renewed_by is not None:
        raise Denied(stands(proposal), rule="state")
    return moved(proposal, Event.RENEW, renewed_by=number)


def withdrawn(proposal: Proposal, person: Person) -> Proposal:
    """Taken back by whoever asked for it, before it is claimed.

    Raises:
        Denied: somebody else's, or no longer possible.
    """
    belongs(proposal, person)
    if not asked_for(proposal, person):
        raise Denied(
            f"Only {proposal.requester} can withdraw {proposal.number}. An approver"
            " can reject it.",
            rule="requester",
        )
    if proposal.status is Status.APPLIED:
        raise Denied(
            f"{stands(proposal)} To take it back, say “undo {proposal.number}”.",
            rule="state",
        )
    if proposal.receipts:
        raise Denied(
            f"A part of {proposal.number} has been posted already, so it can no longer"
            " be withdrawn.",
            rule="state",
        )
    return moved(proposal, Event.WITHDRAW, reason=f"Withdrawn by {person.name}.")


def may_settle(proposal: Proposal, person: Person) -> None:
    """Deny whoever must not say how an unknown outcome ended, or not yet.

    Raises:
        Denied: not this person's to say, or not now.
    """
    belongs(proposal, person)
    if proposal.status is not Status.UNCONFIRMED:
        raise Denied(stands(proposal), rule="state")
    if asked_for(proposal, person):
        raise Denied(
            "You asked for this, so somebody else has to say how it ended.",
            rule="requester",
        )
    if Role.APPROVER not in person.roles:
        raise Denied(f"Only approvers say how {proposal.number} ended.", rule="role")
    if proposal.doubted_at is None:
        raise Denied(
            f"I am still finding out how {proposal.number} ended and will update this"
            " message. If I cannot, I will ask.",
            rule="early",
        )


def settled_there(
    proposal: Proposal, receipt: Receipt, person: Person
) -> tuple[Event, Proposal]:
    """A person says that it is there, and it was read live and is equal."""
    event, after = _with_receipt(proposal, receipt, Event.THERE, Event.THERE_STEP)
    said = (f"Found in QuickBooks by {person.name}.", after.reason)
    return event, replace(after, reason=" ".join(each for each in said if each))


def settled_not(proposal: Proposal, person: Person) -> tuple[Event, Proposal]:
    """A person says that it is not there."""
    said = f"{person.name} looked in QuickBooks and did not find it."
    if lines.has_several(proposal.draft):
        receipt = lines.not_done(proposal, said)
        return _not_done(proposal, receipt, Event.NOT_THERE_STEP, Event.NOT_THERE)
    if proposal.receipts:
        return Event.PART, _part(proposal, said)
    return Event.NOT_THERE, moved(
        proposal, Event.NOT_THERE, reason=said, next_try_at=None
    )


# --- what time does -------------------------------------------------------------


def expired(proposal: Proposal, at: datetime) -> Proposal:
    """Nobody decided in time: silence is no."""
    assert at >= proposal.expires_at, "expired before its time"
    return moved(
        proposal, Event.EXPIRE, reason="Nobody decided in time. Nothing was posted."
    )


def overdue(proposal: Proposal, hours: int) -> tuple[Event, Proposal]:
    """Approved long ago and not posted: it does not stand any longer."""
    why = proposal.reason or "QuickBooks could not be used."
    if proposal.is_begun:
        return Event.PART, _part(proposal, why)
    return Event.OVERDUE, moved(
        proposal,
        Event.OVERDUE,
        reason=f"It was approved, but could not be posted within {hours} hours, so"
        f" nothing was posted. {why}",
        next_try_at=None,
    )


def lapsed(proposal: Proposal, at: datetime) -> tuple[Event, Proposal]:
    """The worker that held it is gone, or too slow: its lease has ended."""
    assert proposal.lease_until is not None, "applying without a lease"
    assert at >= proposal.lease_until, "a running lease was taken over"
    if proposal.attempts == 0:
        return Event.LAPSE_UNSENT, moved(
            proposal,
            Event.LAPSE_UNSENT,
            next_try_at=None,
            reason="Posting was interrupted before anything was sent; I am trying"
            " again.",
        )
    return Event.LAPSE, moved(
        proposal, Event.LAPSE, reason=_unknown(proposal), next_try_at=at
    )


def doubted(proposal: Proposal, at: datetime, why: str = "") -> Proposal:
    """Nothing more can be found out here: only a person can tell."""
    told = why or "I could not find out whether it was posted."
    return moved(
        proposal,
        Event.DOUBT,
        doubted_at=at,
        reason=f"QuickBooks did not answer. {told} Please look in QuickBooks and say"
        " whether it is there.",
    )


# --- what applying does ---------------------------------------------------------


def claimed(proposal: Proposal, lease: str, until: datetime) -> Proposal:
    """Taken by one worker, to post it."""
    return moved(
        proposal, Event.CLAIM, lease_owner=lease, lease_until=until, next_try_at=None
    )


def again(proposal: Proposal, lease: str, until: datetime) -> Proposal:
    """Taken by one worker, to ask again with the same bytes and request id."""
    return moved(
        proposal, Event.AGAIN, lease_owner=lease, lease_until=until, next_try_at=None
    )


def held(
    proposal: Proposal, wait: Wait, at: datetime, next_try_at: datetime
) -> Proposal:
    """Not now; nothing went out."""
    assert not _is_under_way(proposal), "held with a request under way"
    return moved(
        proposal,
        Event.HOLD,
        next_try_at=next_try_at,
        holds=proposal.holds + 1,
        **_waiting(proposal, wait, at),
    )


def _waiting(proposal: Proposal, wait: Wait, at: datetime) -> dict[str, Any]:
    return {
        "reason": wait.sentence,
        "waiting_for": wait.kind,
        "waiting_since": proposal.waiting_since or at,
    }


def late(proposal: Proposal, at: datetime) -> Proposal:
    """It has waited for so long that the administrators are told, once."""
    assert proposal.waiting_since is not None, "late without waiting"
    return moved(proposal, Event.LATE, told_late_at=at)


def searched(proposal: Proposal, next_try_at: datetime) -> Proposal:
    """Looked for in QuickBooks and not found yet; when it is looked for again."""
    return moved(
        proposal, Event.SEARCHED, next_try_at=next_try_at, holds=proposal.holds + 1
    )


def stale(proposal: Proposal, standing: Standing) -> Proposal:
    """What it rests on has moved; no request is under way."""
    assert not _is_under_way(proposal), "stale with a request under way"
    return moved(
        proposal,
        Event.MOVED,
        reason=" ".join(standing.moved) or proposal.reason,
        moved=standing.moved,
        rebased=standing.rebased,
        next_try_at=None,
    )


def altered(
    proposal: Proposal, sentence: str, next_try_at: datetime
) -> tuple[Event, Proposal]:
    """What is stored is not what was approved, so no request may leave.

    With one under way it is as unknown as before; what is posted already stays.
    """
    if _is_under_way(proposal):
        return Event.LOST, lost(proposal, next_try_at)
    if proposal.receipts:
        return Event.PART, _part(proposal, sentence)
    return Event.MOVED, stale(proposal, Standing((sentence,)))


def _is_under_way(proposal: Proposal) -> bool:
    return proposal.status is Status.APPLYING and proposal.attempts > 0


def adopted(proposal: Proposal, draft: Draft) -> Proposal:
    """The same change upon records that moved in nothing that was shown."""
    assert is_same_to_people(proposal.draft, draft), "adopted another change"
    return moved(proposal, Event.ADOPT, draft=draft)


def as_people_see(proposal: Proposal, standing: Standing) -> Standing:
    """How it stands, with a sentence also where only what is shown would differ."""
    rebased = standing.rebased
    if standing.moved or rebased is None or is_same_to_people(proposal.draft, rebased):
        return standing
    return replace(
        standing,
        moved=("The records behind it have changed, and so would what is posted.",),
    )


def is_same_to_people(approved: Draft, rebased: Draft) -> bool:
    """Whether two drafts show people exactly the same."""
    return _as_shown(approved) == _as_shown(rebased)


def _as_shown(draft: Draft) -> tuple[object, ...]:
    return (
        draft.action,
        draft.company,
        draft.ref,
        draft.today,
        draft.heading,
        draft.shown,
        draft.lines,
        draft.total,
        draft.notes,
        tuple((s.verb, s.entity, s.method, s.record_id) for s in draft.steps),
    )


def attempted(proposal: Proposal, at: datetime, until: datetime) -> Proposal:
    """A request is about to leave; the lease starts anew."""
    return moved(
        proposal,
        Event.ATTEMPT,
        attempts=proposal.attempts + 1,
        first_attempt_at=proposal.first_attempt_at or at,
        lease_until=until,
    )


def received(proposal: Proposal, receipt: Receipt) -> tuple[Event, Proposal]:
    """QuickBooks has answered: this step is in the books."""
    is_over = proposal.status in {Status.FAILED, Status.APPLIED}
    if is_over and _has_more(proposal):
        known = replace(proposal, receipts=(*proposal.receipts, receipt))
        return Event.PART, _part(known, "QuickBooks' answer came too late.")
    return _with_receipt(proposal, receipt, Event.RECEIPT, Event.RECEIPT_STEP)


def found(proposal: Proposal, receipt: Receipt) -> tuple[Event, Proposal]:
    """A search found this step in the books, equal to what was approved."""
    return _with_receipt(proposal, receipt, Event.FOUND, Event.FOUND_STEP)


def _has_more(proposal: Proposal) -> bool:
    return proposal.step < len(proposal.draft.steps)


def _with_receipt(
    proposal: Proposal, receipt: Receipt, last: Event, more: Event
) -> tuple[Event, Proposal]:
    event = more if _has_more(proposal) else last
    receipts = (*proposal.receipts, replace(receipt, step=proposal.step))
    reason = None
    if event is last and lines.has_several(proposal.draft):
        reason = lines.ending(proposal.draft, receipts)
    after = moved(
        proposal,
        event,
        receipts=receipts,
        # The next step has had no attempt yet.
        attempts=0,
        first_attempt_at=None,
        doubted_at=None,
        next_try_at=None,
        holds=0,
        reason=reason,
    )
    return event, after


def faulted(
    proposal: Proposal, fault: BooksFault, at: datetime, next_try_at: datetime
) -> tuple[Event, Proposal]:
    """What a fault makes of it: only on a first attempt is a fault an answer.

    On a later one it may only mean that the first attempt worked.
    """
    if proposal.attempts == 1:
        match fault:
            case Refused() if lines.has_several(proposal.draft):
                receipt = lines.refusal(proposal, fault)
                return _not_done(proposal, receipt, Event.REFUSED_STEP, Event.REFUSED)
            case Refused() if proposal.receipts:
                return Event.PART, _part(proposal, _refusal(fault))
            case Stale():
                return Event.OUTDATED, moved(
                    proposal,
                    Event.OUTDATED,
                    reason=fault.sentence,
                    moved=(fault.sentence,),
                )
            case Refused():
                return Event.REFUSED, moved(
                    proposal, Event.REFUSED, reason=_refusal(fault)
                )
            case NotTaken():
                return Event.NOT_TAKEN, moved(
                    proposal,
                    Event.NOT_TAKEN,
                    attempts=0,
                    first_attempt_at=None,
                    next_try_at=next_try_at,
                    holds=proposal.holds + 1,
                    **_waiting(proposal, waiting.upon(fault), at),
                )
    return Event.LOST, lost(proposal, next_try_at)


def _not_done(
    proposal: Proposal, receipt: Receipt, more: Event, nothing: Event
) -> tuple[Event, Proposal]:
    """One of several things was not done, for good; the others go on."""
    receipts = (*proposal.receipts, receipt)
    if _has_more(proposal):
        event, reason = more, None
    else:
        event = Event.PART if lines.is_done(receipts) else nothing
        reason = lines.ending(proposal.draft, receipts)
    return event, moved(
        proposal,
        event,
        receipts=receipts,
        attempts=0,
        first_attempt_at=None,
        doubted_at=None,
        next_try_at=None,
        holds=0,
        reason=reason,
    )


def corrected(proposal: Proposal, late: Receipt) -> tuple[Event, Proposal]:
    """Proof has come that something was done of which the contrary was believed."""
    receipts = tuple(
        lines.with_late(known, late) if known.step == late.step else known
        for known in proposal.receipts
    )
    reason = lines.ending(proposal.draft, receipts)
    return Event.RECEIPT, moved(
        proposal, Event.RECEIPT, receipts=receipts, reason=reason, next_try_at=None
    )


def _refusal(fault: Refused) -> str:
    """Why QuickBooks refused it, with its code to quote where there is one."""
    if not fault.code.isdigit():
        return fault.sentence
    return f"{fault.sentence} (To quote: QuickBooks {fault.code}.)"


def lost(proposal: Proposal, next_try_at: datetime) -> Proposal:
    """A request left, and nobody knows how it ended."""
    return moved(
        proposal, Event.LOST, reason=_unknown(proposal), next_try_at=next_try_at
    )


def _unknown(proposal: Proposal) -> str:
    if proposal.request.verb is Verb.SEND:
        return (
            "QuickBooks did not answer. The e-mail may or may not have gone out; I am"
            " checking and will update this message."
        )
    return (
        "QuickBooks did not answer. It may or may not have been posted; I am checking"
        " and will update this message."
    )


def _part(proposal: Proposal, why: str) -> Proposal:
    """Posted up to here and no further, for good."""
    assert proposal.receipts, "a part without a receipt"
    if lines.has_several(proposal.draft):
        left = lines.ending(proposal.draft, proposal.receipts) or ""
        return _parted(proposal, f"{left} {why}")
    what = _labels(proposal.receipts)
    rest = (
        "was not e-mailed"
        if all(
            s.verb is Verb.SEND for s in proposal.draft.steps[len(proposal.receipts) :]
        )
        else "the rest was not done"
    )
    emailed = all(
        proposal.draft.steps[r.step - 1].verb is Verb.SEND for r in proposal.receipts
    )
    done = f"{what} {'was e-mailed' if emailed else 'was posted'}"
    if emailed:
        rest = "the others were not"
    return _parted(proposal, f"{done}, but {rest}. {why}")


def _parted(proposal: Proposal, reason: str) -> Proposal:
    return moved(
        proposal,
        Event.PART,
        reason=reason,
        attempts=0,
        first_attempt_at=None,
        doubted_at=None,
        next_try_at=None,
        holds=0,
    )


def _labels(receipts: Sequence[Receipt]) -> str:
    seen = dict.fromkeys(f"{r.entity} {r.doc_number or r.record_id}" for r in receipts)
    return ", ".join(seen)


def compared(proposal: Proposal, receipt: Receipt) -> Proposal:
    """One receipt after the record was read back."""
    receipts = tuple(
        receipt if known.step == receipt.step else known for known in proposal.receipts
    )
    return moved(proposal, Event.COMPARE, receipts=receipts, holds=0, next_try_at=None)


def patience(
    fault: BooksFault | None, holds: int, shortest: int, longest: int
) -> timedelta:
    """How long to wait before trying again: doubled each time, within bounds.

    QuickBooks' own wish (Throttled) is honoured where it is longer.
    """
    seconds = float(min(longest, shortest * 2 ** min(holds, 16)))
    if isinstance(fault, Throttled):
        seconds = max(seconds, fault.retry_after_seconds)
    return timedelta(seconds=seconds)


def moment(at: datetime) -> str:
    """A time as a sentence has it."""
    return f"{at:%d %b %Y, %H:%M} UTC"


def is_unknown(fault: BooksFault | None) -> bool:
    """Whether after this fault nobody knows how a first attempt ended."""
    return not isinstance(fault, Refused | NotTaken)
