"""Sample cards of steps, deputies, people named instead and forced words."""

from dataclasses import replace
from datetime import date, timedelta

from approvals.proposal import Decision, Delegation, Rule, Stage, Verdict
from cards import deputies
from cards.card import Card
from cards.samples.proposed import PENDING, show
from cards.samples.world import ALEX, NOW, PRIYA

_HOUR = timedelta(hours=1)
_LUIS = "p-luis"
_FINANCE = Stage(1, label="Finance")
_HEAD = Stage(2, (), ("mara@harbour.example", "ines@harbour.example"), label="Heads")
_RULE = Rule(3, 48, "Finance, then Heads", stages=(_FINANCE, _HEAD))
_FOR_PRIYA = Decision(
    _LUIS,
    "Luis Ortega",
    Verdict.APPROVE,
    1,
    NOW + _HOUR,
    "slack",
    instead_of=PRIYA.name,
    instead_of_id=PRIYA.id,
)
_FORCED = Decision(
    ALEX.id,
    ALEX.name,
    Verdict.APPROVE,
    1,
    NOW + 2 * _HOUR,
    "console",
    "She is in hospital.",
    stage=2,
    instead_of="Mara Lind",
    instead_of_id="p-mara",
    forced=True,
)


def cards() -> dict[str, Card]:
    """All of them by name."""
    stepped = replace(PENDING, rule=_RULE, risks=())
    deputed = replace(stepped, decisions=(_FOR_PRIYA,))
    forced = replace(stepped, decisions=(_FOR_PRIYA, _FORCED))
    named = replace(
        _HEAD,
        people=(),
        named=(_LUIS, "p-ana"),
        named_by=ALEX.name,
        label=f"Luis Ortega, Ana Sousa, named by {ALEX.name}",
    )
    reassigned = replace(
        PENDING,
        rule=replace(_RULE, stages=(_FINANCE, named)),
        risks=(),
        decisions=(replace(_FOR_PRIYA, person="Priya Nair", instead_of=None),),
    )
    stuck = replace(
        PENDING,
        risks=(),
        reason="Nobody can approve (0 of the 1 still needed). An administrator can name"
        " others with “reassign P-17 to …”, or give somebody the role.",
    )
    delegation = Delegation(
        "d-1", "w", PRIYA.id, PRIYA.name, _LUIS, "Luis Ortega", NOW + 48 * _HOUR
    )
    found = {
        "pending-delegated": show(
            replace(PENDING, risks=(), delegations=(delegation,)), None, "approve"
        ),
        "pending-steps": show(stepped, PRIYA, "approve", "reject"),
        "pending-deputy": show(deputed, None, "approve", "reject"),
        "pending-forced": show(forced, None, "approve", "reject"),
        "pending-reassigned": show(reassigned, ALEX, "reassign", "force"),
        "pending-stuck": show(stuck, ALEX, "reassign"),
    }
    return {
        **{f"proposals/{name}": card for name, card in found.items()},
        "deputies/began": deputies.began("Luis Ortega", date(2026, 11, 27)),
        "deputies/chosen": deputies.chosen(PRIYA.name, date(2026, 11, 27)),
        "deputies/over": deputies.over(PRIYA.name),
        "deputies/ended": deputies.ended(PRIYA.name, "Luis Ortega"),
        "deputies/listing": deputies.listing((delegation,)),
        "deputies/nobody": deputies.listing(()),
        "deputies/reassigned": deputies.reassigned(reassigned),
        "deputies/forced": deputies.forced(forced),
    }
