"""What posting a proposal will do to the books: a part of a card."""

from approvals.proposal import Proposal
from cards.card import Fact, Section

_ALONE = "This proposal alone, on the books as they were when it was prepared."


def section(proposal: Proposal, *, live: bool) -> Section | None:
    """The effects while it is `live`; None where there are none to show."""
    effects = proposal.circumstances.effects
    if not live or not effects:
        return None
    return Section(
        heading="What it does",
        texts=(_ALONE,),
        facts=tuple(Fact(each.label, each.value, each.before) for each in effects),
    )
