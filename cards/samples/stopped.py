"""Sample cards of what waits and of what is stopped, and of unusual endings."""

from dataclasses import replace
from datetime import timedelta

from approvals import waiting
from approvals.proposal import Halt, Status
from approvals.stops import FROZEN, READONLY, Lifted
from cards import connections, stops
from cards.card import Card
from cards.samples.proposed import APPROVED, PENDING, RECEIPT, show
from cards.samples.world import HARBOUR, NOW, PRIYA, REAL, SAM
from qbo.books import Shown
from qbo.faults import Throttled

_FROZEN = Halt("frozen", "Alex Berg", NOW, "two payments look wrong")
_LIFTING = replace(_FROZEN, lifting="Kim Ode")
_READONLY = Halt("readonly", "the setting COUNTERSIGN_READONLY", NOW)
_GONE = Halt("disconnected", "QuickBooks", NOW)


def cards() -> dict[str, Card]:
    """All of them by name."""
    return {**_proposals(), **_answers()}


def _proposals() -> dict[str, Card]:
    slow = waiting.upon(Throttled("", retry_after_seconds=60))
    waits = replace(
        APPROVED,
        reason=slow.sentence,
        waiting_for=slow.kind,
        waiting_since=NOW,
        next_try_at=NOW + timedelta(minutes=2),
    )
    unknown = replace(
        APPROVED,
        status=Status.UNCONFIRMED,
        first_attempt_at=NOW,
        next_try_at=NOW + timedelta(seconds=15),
    )
    differing = replace(
        RECEIPT,
        differences=("Due date: sent 2026-12-20, in QuickBooks 2026-12-21.",),
        differing=(Shown("Due date", "2026-12-21", "2026-12-20"),),
    )
    applied = replace(APPROVED, status=Status.APPLIED, receipts=(differing,))
    halted = waiting.halted(_GONE)
    return {
        "proposals/pending-frozen": show(
            replace(PENDING, halts=(_FROZEN,)), PRIYA, "reject"
        ),
        "proposals/pending-thawing": show(replace(PENDING, halts=(_LIFTING,)), SAM),
        "proposals/pending-readonly": show(replace(PENDING, halts=(_READONLY,)), SAM),
        "proposals/approved-slow": show(waits, SAM, "withdraw"),
        "proposals/approved-disconnected": show(
            replace(
                APPROVED,
                reason=halted.sentence,
                waiting_for=halted.kind,
                waiting_since=NOW,
                halts=(_GONE,),
            ),
            SAM,
            "withdraw",
        ),
        "proposals/unconfirmed-frozen": show(replace(unknown, halts=(_FROZEN,)), PRIYA),
        "proposals/unconfirmed-searching": show(unknown, SAM),
        "proposals/applied-otherwise": show(replace(applied, company=REAL), SAM),
        "proposals/stale-overdue": show(
            replace(
                APPROVED,
                status=Status.STALE,
                reason="It was approved, but could not be posted within 24 hours, so"
                " nothing was posted. QuickBooks cannot be reached.",
            ),
            SAM,
            "renew",
        ),
        "proposals/failed-quoted": show(
            replace(
                APPROVED,
                status=Status.FAILED,
                reason="The books are closed for that date, so nothing was changed. Use"
                " a later date, or have the closing date moved in QuickBooks. (To"
                " quote: QuickBooks 6210.)",
            ),
            SAM,
        ),
    }


def _answers() -> dict[str, Card]:
    both = (HARBOUR, REAL)
    return {
        "stops/frozen": stops.stopped((HARBOUR,), FROZEN, "audit on Monday", 3),
        "stops/frozen-all": stops.stopped(both, FROZEN, "", 4),
        "stops/readonly": stops.stopped((HARBOUR,), READONLY, "", 0),
        "stops/already": stops.already((HARBOUR,), FROZEN),
        "stops/first": stops.lifted(
            HARBOUR, FROZEN, Lifted.FIRST, ("Kim Ode",), is_stopped=True
        ),
        "stops/alone": stops.lifted(
            HARBOUR, READONLY, Lifted.SAME, (), is_stopped=True
        ),
        "stops/goes-on": stops.lifted(
            HARBOUR, FROZEN, Lifted.GOES_ON, (), is_stopped=False
        ),
        "connection/ask-disconnect-waiting": connections.ask_disconnect(
            HARBOUR, waits=3
        ),
    }
