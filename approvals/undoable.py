"""What of a posted proposal can be undone, and until when. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from approvals.proposal import Proposal
from qbo.books import Receipt, Step, Verb

_REVERSIBLE: Final = frozenset(
    {
        (Verb.CREATE, "Invoice"),
        (Verb.CREATE, "Payment"),
        (Verb.UPDATE, "Invoice"),
        (Verb.CREATE, "CreditMemo"),
        (Verb.CREATE, "Item"),
        (Verb.CREATE, "Customer"),
        (Verb.UPDATE, "Customer"),
        (Verb.CREATE, "Vendor"),
        (Verb.UPDATE, "Vendor"),
        (Verb.CREATE, "Bill"),
        (Verb.CREATE, "BillPayment"),
        (Verb.CREATE, "Purchase"),
        (Verb.UPDATE, "Purchase"),
    }
)


def why_not(proposal: Proposal) -> str | None:
    """Why a proposal of that kind is never undone, in a sentence; None: it can be."""
    if proposal.undoes is not None:
        return (
            f"{proposal.number} itself takes back {proposal.undoes}. An undo is not"
            " undone: ask for it anew."
        )
    kinds = [each for step in proposal.draft.steps for each in _kinds(step)]
    if all(verb is Verb.SEND for verb, _ in kinds):
        return (
            "An e-mail that went out cannot be called back. Write to the customer, or"
            " send a corrected document."
        )
    if any(verb is Verb.VOID for verb, _ in kinds):
        return (
            "QuickBooks cannot bring back what was voided. Enter it anew if it was"
            " right after all."
        )
    if any(verb is Verb.DELETE for verb, _ in kinds):
        return (
            "QuickBooks cannot bring back what was deleted. Enter it anew if it was"
            " right after all."
        )
    if any(kind not in _REVERSIBLE for kind in kinds if kind[0] is not Verb.SEND):
        return f"{proposal.number} cannot be undone from here. Do it in QuickBooks."
    return None


def _kinds(step: Step) -> Sequence[tuple[Verb, str]]:
    """What a step does, and to which kind of record; of a batch each line."""
    if step.parts:
        return [(part.verb, part.entity) for part in step.parts]
    return [(step.verb, step.entity)]


def until(proposal: Proposal, receipts: Sequence[Receipt]) -> datetime | None:
    """Until when it can be undone, counted from its last receipt; None: never."""
    hours = proposal.rule.undo_hours
    posted = [each.posted_at for each in receipts if not each.is_nothing]
    if not hours or not posted or why_not(proposal) is not None:
        return None
    return max(posted) + timedelta(hours=hours)


def is_over(proposal: Proposal, at: datetime) -> bool:
    """Whether an undo that nobody asked for is offered no longer."""
    return (
        proposal.undo_until is not None
        and proposal.undone_by is None
        and at >= proposal.undo_until
    )
