"""The lines of a proposal that does several things at once. Pure.

A line is an invoice of a batch, or one e-mail of several: things of their own, that
people approve together and that end each for itself. `lines` is where each stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from approvals.proposal import Proposal, Status
from qbo.books import Draft, Money, PartReceipt, Receipt, Step, Verb
from qbo.faults import LinesRefused, Refused

_REASONS_MAX: Final = 3
_SEVERAL: Final = 2


class Stand(StrEnum):
    """Where one line stands."""

    WAITING = "waiting"  # not sent yet
    UNKNOWN = "unknown"  # sent, and nobody knows
    DONE = "done"
    FAILED = "failed"  # refused, or certainly not there
    LEFT = "left"  # never sent, and it will not be


@dataclass(frozen=True, slots=True)
class LineState:
    """One line and what became of it.

    `number` counts from 1 as people do; `name` is what the line is called ("Acme
    West", "Invoice 1042"), `what` the rest of it. `said` is the number that
    QuickBooks gave it, or why it was not done; `mailed` what became of the e-mail
    that belongs to an invoice of a batch, "" where none does. `document` is the
    number of the invoice that is e-mailed, which people know it by.
    """

    number: int
    name: str
    what: str
    when: str
    amount: Money | None
    stand: Stand
    said: str = ""
    mailed: str = ""
    differences: tuple[str, ...] = ()
    document: str = ""
    more: str = ""


def has_several(draft: Draft) -> bool:
    """Whether a draft is a list of things that can be told apart, and left out."""
    if any(step.parts for step in draft.steps):
        return True
    return draft.independent and len(draft.steps) >= _SEVERAL


def lines(proposal: Proposal) -> tuple[LineState, ...]:
    """Every line of a proposal of several, in the order in which they are shown."""
    draft = proposal.draft
    if any(step.parts for step in draft.steps):
        return tuple(_batched(proposal))
    return tuple(_mailed(proposal))


def _batched(proposal: Proposal) -> list[LineState]:
    mails = {
        step.path.partition("{")[2].partition("}")[0]: place
        for place, step in enumerate(proposal.draft.steps, start=1)
        if step.verb is Verb.SEND
    }
    found = []
    for place, step in enumerate(proposal.draft.steps, start=1):
        given = _receipt(proposal, place)
        of_key = {each.key: each for each in given.parts} if given else {}
        for part in step.parts:
            made = of_key.get(part.key)
            mail = mails.get(f"{place}.{part.key}.id")
            found.append(
                LineState(
                    number=int(part.key),
                    name=part.party,
                    what=part.what,
                    when=part.when,
                    amount=made.total if made and made.total else part.total,
                    stand=_stand(proposal, place, made),
                    said=_part_said(made),
                    mailed=_mail(proposal, mail) if mail else "",
                    differences=made.differences if made else (),
                    more=part.more,
                )
            )
    return found


def _mailed(proposal: Proposal) -> list[LineState]:
    found = []
    for place, step in enumerate(proposal.draft.steps, start=1):
        given = _receipt(proposal, place)
        facts = proposal.draft.shown[place - 1 : place]
        name = facts[0].label if facts else f"{step.entity} {step.record_id}"
        made = (
            None
            if given is None
            else PartReceipt(str(place), given.record_id)
            if given.fault is None
            else PartReceipt(str(place), fault=given.fault)
        )
        found.append(
            LineState(
                number=place,
                name=name,
                what=facts[0].value if facts else "",
                when="",
                amount=None,
                stand=_stand(proposal, place, made),
                said=(made.fault or "") if made else "",
                differences=given.differences if given else (),
                document=name.removeprefix(f"{step.entity} "),
            )
        )
    return found


def _receipt(proposal: Proposal, place: int) -> Receipt | None:
    return next((each for each in proposal.receipts if each.step == place), None)


def _stand(proposal: Proposal, place: int, made: PartReceipt | None) -> Stand:
    if made is not None:
        return Stand.DONE if made.is_posted else Stand.FAILED
    if proposal.status in {Status.PENDING, Status.APPROVED, Status.APPLYING}:
        return Stand.WAITING
    if proposal.status is Status.UNCONFIRMED:
        return Stand.UNKNOWN if place == proposal.step else Stand.WAITING
    return Stand.LEFT


def _part_said(made: PartReceipt | None) -> str:
    if made is None:
        return ""
    return made.fault or made.doc_number or made.record_id


def _mail(proposal: Proposal, place: int) -> str:
    given = _receipt(proposal, place)
    if given is not None:
        return "e-mailed" if given.fault is None else given.fault
    stand = _stand(proposal, place, None)
    return {
        Stand.WAITING: "to be e-mailed",
        Stand.UNKNOWN: "perhaps e-mailed",
        Stand.LEFT: "not e-mailed",
    }[stand]


# --- what becomes of them -------------------------------------------------------


def refusal(proposal: Proposal, fault: Refused) -> Receipt:
    """The receipt of a step that QuickBooks refused, and that others go on after."""
    parts = fault.parts if isinstance(fault, LinesRefused) else ()
    made = not_done(proposal, fault.sentence)
    return replace(made, parts=parts or made.parts, intuit_tid=fault.intuit_tid)


def not_done(proposal: Proposal, why: str) -> Receipt:
    """The receipt of a step that was not done, for good, and why."""
    step, at = proposal.request, proposal.first_attempt_at
    assert at is not None, "a step that ended before it was tried"
    return Receipt(
        step=proposal.step,
        entity=step.entity,
        record_id=step.record_id or "",
        sync_token="",
        doc_number=None,
        intuit_tid=None,
        posted_at=at,
        compared=True,
        parts=tuple(PartReceipt(part.key, fault=why) for part in step.parts),
        fault=why,
    )


def with_late(known: Receipt, late: Receipt) -> Receipt:
    """A receipt that said "not done" of something, after proof of the contrary."""
    if not known.parts:
        return replace(late, step=known.step)
    proven = {each.key: each for each in late.parts if each.is_posted}
    parts = tuple(
        each if each.is_posted else proven.get(each.key, each) for each in known.parts
    )
    return replace(late, step=known.step, parts=parts, compared=False, fault=None)


def adds(known: Receipt, late: Receipt) -> bool:
    """Whether a late receipt proves something of which the known one says the no."""
    if not known.parts:
        return known.fault is not None and late.fault is None
    proven = {each.key for each in late.parts if each.is_posted}
    return any(each.key in proven for each in known.parts if not each.is_posted)


def differs(known: Receipt, late: Receipt) -> bool:
    """Whether two receipts of one step are of other records."""
    if not known.parts:
        return known.record_id != late.record_id
    ids = {each.key: each.record_id for each in late.parts if each.is_posted}
    return any(
        ids.get(each.key, each.record_id) != each.record_id for each in known.parts
    )


def facts(receipt: Receipt) -> dict[str, str | int | None]:
    """What the trail keeps of a receipt beside the first record's own."""
    told: dict[str, str | int | None] = {}
    if receipt.parts:
        told["lines"] = "; ".join(
            f"{each.key}: {each.doc_number or ''} (id {each.record_id})"
            if each.is_posted
            else f"{each.key}: not posted ({each.code or 'not found'})"
            for each in receipt.parts
        )
    if receipt.fault is not None:
        told["refused"] = receipt.fault
    return told


def is_done(receipts: Sequence[Receipt]) -> bool:
    """Whether anything of these steps is in the books, or was e-mailed."""
    return any(not each.is_nothing for each in receipts)


def ending(draft: Draft, receipts: Sequence[Receipt]) -> str | None:
    """What was not done, in one text; None where all was."""
    undone = _undone(draft, receipts)
    if not undone:
        return None
    total = sum(_weight(step) for step in draft.steps)
    done = total - len(undone)
    noun, verb = _words(draft)
    reasons = "; ".join(f"{who}: {why}" for who, why in undone[:_REASONS_MAX])
    left = len(undone) - _REASONS_MAX
    more = f"; and {left} more" if left > 0 else ""
    if not done:
        return f"None of the {total} {noun} was {verb}. {reasons}{more}"
    were = "was" if done == 1 else "were"
    return f"{done} of {total} {noun} {were} {verb}, {len(undone)} not. {reasons}{more}"


def _words(draft: Draft) -> tuple[str, str]:
    if all(step.verb is Verb.SEND for step in draft.steps):
        return "invoices", "e-mailed"
    if all(step.entity == "Purchase" for step in draft.steps):
        return "expenses", "changed"
    if any(step.verb is Verb.SEND for step in draft.steps):
        return "postings and e-mails", "done"
    return "invoices", "posted"


def _weight(step: Step) -> int:
    return len(step.parts) or 1


def _undone(draft: Draft, receipts: Sequence[Receipt]) -> list[tuple[str, str]]:
    """Who or what each thing is that was not done, and why."""
    found = []
    given = {each.step: each for each in receipts}
    for place, step in enumerate(draft.steps, start=1):
        made = given.get(place)
        if step.parts:
            of_key = {each.key: each for each in made.parts} if made else {}
            for part in step.parts:
                each = of_key.get(part.key)
                if each is None or not each.is_posted:
                    why = each.fault if each else "It was not sent."
                    found.append((f"Line {part.key} ({part.party})", why or ""))
        elif made is None or made.fault is not None:
            what = _mail_name(draft, place, step)
            found.append((what, made.fault or "" if made else "It was not sent."))
    return found


def _mail_name(draft: Draft, place: int, step: Step) -> str:
    if "{" in step.path:
        return f"E-mail of line {step.path.partition('.')[2].partition('.')[0]}"
    return draft.shown[place - 1].label if place <= len(draft.shown) else step.entity


def rest_places(proposal: Proposal) -> tuple[int, ...]:
    """The lines (from 0) that were certainly not done, and may be asked for again."""
    return tuple(
        each.number - 1
        for each in lines(proposal)
        if each.stand in {Stand.FAILED, Stand.LEFT}
    )


def has_rest(proposal: Proposal) -> bool:
    """Whether it has ended with lines that were not done, proposed again or not."""
    return (
        proposal.status in {Status.APPLIED, Status.FAILED}
        and has_several(proposal.draft)
        and bool(rest_places(proposal))
    )


def verbs(proposal: Proposal, *, asked: bool) -> tuple[str, ...]:
    """What of several lines can be pressed; `asked`: by whoever asked for it.

    Nothing of an undo: it takes back all that was posted, or is asked for anew.
    """
    if proposal.undoes is not None:
        return ()
    if proposal.status is Status.PENDING and has_several(proposal.draft):
        return ("drop",)
    may_be = asked and proposal.renewed_by is None
    return ("rest",) if may_be and has_rest(proposal) else ()


def certain_after(last_attempt_at: datetime, seconds: int, now: datetime) -> bool:
    """Whether a request can no longer be at work, so that what is absent stays so."""
    return (now - last_attempt_at).total_seconds() >= seconds
