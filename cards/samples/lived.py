"""Sample cards of what became of posted documents, and of what people are told."""

from dataclasses import replace
from datetime import timedelta

from approvals.proposal import Audience, Happening, Status, Telling
from cards import life
from cards.card import Card
from cards.samples.proposed import APPROVED, RECEIPT, show
from cards.samples.world import HARBOUR, NOW, PRIYA, SAM
from qbo.books import Shown

_POSTED = replace(APPROVED, status=Status.APPLIED, receipts=(RECEIPT,))
_TOLD = Telling(
    id="t",
    workspace="main",
    company=HARBOUR.id,
    proposal_id="p",
    number="P-17",
    conversation="",
    kind="changed",
    audience=Audience.ADMINS,
    sentence="Invoice 1189 (P-17, Invoice Acme West for $1,500.00) was changed in"
    " QuickBooks after it was posted, and not by a proposal. Please look whether that"
    " is right.",
    people=(),
    tries=0,
    created_at=NOW,
    shown=(
        Shown("Line 1, quantity", "12", "10"),
        Shown("Total", "$1,800.00", "$1,500.00"),
    ),
)


def _since(*happened: tuple[str, str]) -> tuple[Happening, ...]:
    return tuple(
        Happening(kind, 1, NOW + timedelta(days=number), text)
        for number, (kind, text) in enumerate(happened)
    )


def cards() -> dict[str, Card]:
    """All of them by name."""
    part = ("part-paid", "Part-paid: $500.00 of $1,500.00 open, 23 Nov 2026")
    sent = ("sent", "E-mailed from QuickBooks, 21 Nov 2026")
    paid = ("paid", "Paid in full, 24 Nov 2026")
    lives = {
        "part-paid": _since(sent, part),
        "paid": _since(sent, part, paid),
        "voided": _since(("voided", "Voided in QuickBooks, 24 Nov 2026 (P-21)")),
        "deleted": _since(sent, ("deleted", "Deleted in QuickBooks, 24 Nov 2026")),
        "changed": _since(
            (
                "changed",
                (
                    "Changed in QuickBooks, 24 Nov 2026: Line 1, quantity 10 → 12;"
                    " Total $1,500.00 → $1,800.00"
                ),
            )
        ),
        "long-life": _since(*([part, paid] * 5)),
    }
    return {
        **{
            f"life/{name}": show(replace(_POSTED, life=happened), SAM)
            for name, happened in lives.items()
        },
        "life/told-changed": life.told(_TOLD, HARBOUR),
        "life/told-paid": life.told(
            replace(
                _TOLD,
                shown=(),
                sentence="Invoice 1189 (P-17, Invoice Acme West for $1,500.00) is paid"
                " in full, 24 Nov 2026.",
            ),
            HARBOUR,
        ),
        "life/told-given-up": life.told(
            replace(
                _TOLD,
                number="",
                shown=(),
                sentence=life.given_up("P-17", "slack", PRIYA),
            )
        ),
    }
