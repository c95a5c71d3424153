"""Whether something posted can be undone, or was; and what an undo takes back."""

from approvals.proposal import Proposal, Status
from cards.card import Button, Fact, Section
from cards.plain import line, moment


def section(proposal: Proposal) -> Section | None:
    """The part of a card about undoing; None where there is nothing to say."""
    texts = []
    facts: tuple[Fact, ...] = ()
    if proposal.undoes:
        texts.append(f"This takes back {line(proposal.undoes)}.")
    if proposal.status is Status.APPLIED:
        texts += _taken_back(proposal)
        if not proposal.undone_by and proposal.undo_until is not None:
            facts = (Fact("Can be undone until", moment(proposal.undo_until)),)
    if not texts and not facts:
        return None
    return Section(texts=tuple(texts), facts=facts)


def _taken_back(proposal: Proposal) -> list[str]:
    texts = []
    it = "it"
    if proposal.undone_in_part:
        texts.append(f"Taken back only in part by {line(proposal.undone_in_part)}.")
        it = "the rest"
    if proposal.undone_by and proposal.undo_until is not None:
        texts.append(f"{line(proposal.undone_by)} proposes to take {it} back.")
    elif proposal.undone_by:
        rest = "The rest was taken" if proposal.undone_in_part else "Taken"
        texts.append(f"{rest} back by {line(proposal.undone_by)}.")
    return texts


def button(proposal: Proposal, verb: str, token: str) -> Button | None:
    """The button that proposes the reverse; None for other verbs."""
    if verb != "undo":
        return None
    return Button(
        "Undo",
        verb,
        token,
        confirm=f"Propose to take {proposal.number} back? Somebody else has to approve"
        " it.",
    )
