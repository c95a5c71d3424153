"""Sample cards made from invented values: every answer, every proposal, all talk.

For looking at (`countersign cards`) and for the tests of the renderers. The keys
are names of files: "answers/invoices", "proposals/pending-approver", "talk/help".
"""

from cards.card import Card
from cards.samples import (
    answered,
    audited,
    deputed,
    lived,
    looked,
    modelled,
    policed,
    proposed,
    said,
    several,
    sold,
    spent,
    stopped,
)


def gallery() -> dict[str, Card]:
    """All sample cards by name, in the order of a walk through the product."""
    return {
        **said.cards(),
        **answered.cards(),
        **proposed.cards(),
        **deputed.cards(),
        **several.cards(),
        **spent.cards(),
        **sold.cards(),
        **lived.cards(),
        **looked.cards(),
        **modelled.cards(),
        **stopped.cards(),
        **policed.cards(),
        **audited.cards(),
    }
