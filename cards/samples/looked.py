"""Sample cards of lights, effects and undoing."""

from dataclasses import replace
from datetime import date, timedelta

from approvals.proposal import Proposal, Risk, Status
from cards.card import Card
from cards.samples import proposed
from cards.samples.world import HARBOUR, NOW, PRIYA, SAM, usd
from qbo.books import Circumstances, Shown, Verb

_LIGHTS = (
    Risk(
        "warning",
        "Possible duplicate: Invoice 1188, same customer and amount, 3 days earlier."
        " Check that it is not the same thing twice.",
        "duplicate",
    ),
    Risk(
        "warning",
        "Possible duplicate: P-15 by Priya Nair is for Acme West, $1,500.00, as well"
        " and has not ended yet. Check that it is not the same thing twice.",
        "duplicate",
    ),
    Risk(
        "warning",
        "$4,900.00 is just under $5,000.00, from which the policy asks for more. Check"
        " that nothing was split or trimmed to stay below it.",
        "just-under",
    ),
    Risk(
        "warning",
        "Acme West was changed lately: the e-mail was west@acme.example and is"
        " billing@acme-west.example (noticed 18 Nov 2026). Check with them, by a number"
        " that you knew before, that they wanted it.",
        "changed",
    ),
    Risk(
        "note",
        "Consulting at $120.00, and the price list says $150.00. Check that this was"
        " agreed.",
        "price",
    ),
    Risk("note", "Dated a Saturday (14 Nov 2026).", "weekend"),
)
_EFFECTS = (
    Shown("Balance of Acme West", "$4,910.00", "$3,410.00"),
    Shown("Tax", "none (estimate)"),
    Shown("Period", "November 2026, quarter 4 of fiscal year 2026, open"),
    Shown("Due", "20 Dec 2026 (the customer's terms Net 30)"),
)
_AROUND = Circumstances(
    party="Acme West",
    party_open=usd("3410.00"),
    party_overdue=usd("1250.00"),
    amount=usd("1500.00"),
    effects=_EFFECTS,
)
_POSTED = replace(
    proposed.APPROVED, status=Status.APPLIED, receipts=(proposed.RECEIPT,)
)
_BLOCKED = Risk(
    "warning",
    "The books are closed up to 30 Nov 2026, and this is dated 20 Nov 2026. It cannot"
    " be posted. Use a later date, or have the closing date moved in QuickBooks.",
    "closed-period",
    blocks=True,
)


def cards() -> dict[str, Card]:
    """All of them by name."""
    looked = replace(proposed.PENDING, circumstances=_AROUND, risks=_LIGHTS)
    made = {
        "lights": proposed.show(looked, PRIYA, "approve", "reject"),
        "lights-closed": proposed.show(
            replace(looked, risks=(_BLOCKED,)), PRIYA, "approve", "reject"
        ),
        **_undo(),
    }
    return {f"proposals/{name}": each for name, each in made.items()}


def _undo() -> dict[str, Card]:
    applied = replace(
        _POSTED, undo_until=NOW + timedelta(hours=25), circumstances=_AROUND
    )
    undo = _undoing()
    return {
        "applied-can-be-undone": proposed.show(applied, SAM, "undo"),
        "applied-being-undone": proposed.show(replace(applied, undone_by="P-18"), SAM),
        "applied-undone": proposed.show(
            replace(applied, undone_by="P-18", undo_until=None), SAM
        ),
        "applied-undone-in-part": proposed.show(
            replace(applied, undone_in_part="P-18"), SAM, "undo"
        ),
        "applied-undoing-the-rest": proposed.show(
            replace(applied, undone_in_part="P-18", undone_by="P-19"), SAM
        ),
        "applied-undone-in-parts": proposed.show(
            replace(applied, undone_in_part="P-18", undone_by="P-19", undo_until=None),
            SAM,
        ),
        "undo": proposed.show(undo, PRIYA, "approve", "reject"),
        "undo-posted": proposed.show(
            replace(_POSTED, number="P-18", undoes="P-17", draft=undo.draft),
            SAM,
        ),
    }


def _undoing() -> Proposal:
    draft = replace(
        proposed.INVOICE,
        action="invoice.void",
        ref="P-18",
        heading="Undo P-17: void invoice 1189 of Acme West, $1,500.00",
        steps=(replace(proposed.INVOICE.steps[0], verb=Verb.VOID),),
        shown=(
            Shown("Invoice", "1189"),
            Shown("Customer", "Acme West"),
            Shown("Invoice date", "20 Nov 2026"),
            Shown("Total", "$0.00", "$1,500.00"),
            Shown("Open balance", "$0.00", "$1,500.00"),
        ),
        notes=(
            (
                "It is voided: the amounts become zero and the record stays. A voided"
                " invoice cannot be brought back."
            ),
        ),
    )
    around = Circumstances(
        party="Acme West",
        party_open=usd("4910.00"),
        dates=(date(2026, 11, 20),),
        effects=(
            Shown("Balance of Acme West", "$3,410.00", "$4,910.00"),
            Shown("Income of November 2026", "falls by $1,500.00 (accrual basis)"),
            Shown("Period", "November 2026, quarter 4 of fiscal year 2026, open"),
        ),
    )
    return replace(
        proposed.PENDING,
        company=HARBOUR,
        number="P-18",
        status=Status.PENDING,
        draft=draft,
        circumstances=around,
        risks=(),
        words="undo P-17",
        undoes="P-17",
    )
