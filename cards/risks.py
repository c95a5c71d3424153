"""Reasons to look twice, assumptions, and how the party stands: a part of a card."""

from approvals.proposal import Proposal, Risk
from cards.card import Fact, Section
from cards.plain import line


def section(proposal: Proposal, *, live: bool) -> Section | None:
    """The lights while it is `live`, and the notes of the draft; None: nothing."""
    risks = proposal.risks if live else ()
    warnings = [(_word(risk), risk.text) for risk in risks if _word(risk)]
    notes = [risk.text for risk in risks if not _word(risk)]
    notes += proposal.draft.notes
    facts = _stands(proposal) if live else ()
    if not warnings and not notes and not facts:
        return None
    # Under a heading that says what they are, notes need no word of their own.
    texts = [f"Note: {note}" for note in notes] if risks else notes
    heading = "Look twice" if risks else "Notes"
    return Section(
        heading=heading, warnings=tuple(warnings), texts=tuple(texts), facts=facts
    )


def _word(risk: Risk) -> str:
    """What stands out before it; a note has none."""
    if risk.blocks:
        return "Stop"
    return "Warning" if risk.level == "warning" else ""


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
