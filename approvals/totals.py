"""What a draft amounts to in the company's own currency: the one place that says.

Every limit is compared with this, so that no two parts of the rail can differ about
how large a change is. Pure.
"""

from decimal import Decimal

from qbo.books import Draft

# Lists of names: a record of these moves no money by itself.
_NAMES = frozenset(
    {"Customer", "Vendor", "Item", "Account", "Class", "Term", "PaymentMethod"}
)
# Unless it opens with a balance or with stock.
_OPENINGS = (b'"Balance"', b'"OpeningBalance"', b'"QtyOnHand"')


def total_of(draft: Draft) -> Decimal | None:
    """How much a draft moves, in the company's currency and without a sign.

    None where that cannot be computed (a foreign currency without a rate): then the
    strictest rule applies. What only touches lists of names moves nothing: 0.
    """
    if draft.home_total is not None:
        return abs(draft.home_total.amount)
    if draft.total is None and draft.steps and _only_names(draft):
        return Decimal(0)
    return None


def _only_names(draft: Draft) -> bool:
    return all(
        step.entity in _NAMES and not any(word in step.body for word in _OPENINGS)
        for step in draft.steps
    )
