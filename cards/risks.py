"""Reasons to look twice, assumptions, and how the party stands: a part of a card."""

from approvals.proposal import Proposal, Risk
from cards.card import Fact, Section
from cards.plain import line


def section(proposal: Proposal, *, live: bool) -> Section | None:
    """The lights while it is `live`, and the notes of the draft; None: nothing."""
    risks = proposal.risks if live else ()
    texts = [_said(risk) for risk in risks]
    texts += [f"Note: {note}" for note in proposal.draft.notes]
    facts = _stands(proposal) if live else ()
    if not texts and not facts:
        return None
    heading = "Look twice" if risks else "Notes"
    return Section(heading=heading, texts=tuple(texts), facts=facts)


def _said(risk: Risk) -> str:
    if risk.blocks:
        return f"Stop: {risk.text}"
    return f"Warning: {risk.text}" if risk.level == "warning" else f"Note: {risk.text}"


def _stands(proposal: Proposal) -> tuple[Fact, ...]:
    """What the party has open, and what of that is overdue."""
    around = proposal.circumstances
    stands = "; ".join(
        f"{amount} {word}"
        for amount, word in (
            (around.party_open, "open"),
            (around.party_overdue, "overdue"),
        )
        if amount is not None and (amount.amount or word == "open")
    )
    if not around.party or not stands:
        return ()
    return (Fact(f"{line(around.party)} before this", stands),)
