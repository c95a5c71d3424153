"""Who has to be told of a move, and in which words. Pure.

Everybody who saw a card sees it change. Beside that the asker is told how it ended,
in the thread where they asked, and the administrators what needs their hand.
"""

from approvals import revising
from approvals.proposal import Audience, Event, Proposal, Status, WantedTelling

# The words of an ending, for whoever asked.
_ENDINGS = {
    Status.APPLIED: "{n} ({what}) is posted to QuickBooks.",
    Status.FAILED: "{n} ({what}) was not posted. {why}",
    Status.REJECTED: "{n} ({what}) was rejected, so nothing was posted. {why}",
    Status.EXPIRED: "{n} ({what}) expired: nobody decided in time. Nothing was posted."
    " Ask again for a fresh proposal.",
    Status.STALE: "{n} ({what}) is out of date, so it was not posted. {why}",
}


def told(
    before: Proposal | None, after: Proposal, event: Event | None
) -> tuple[WantedTelling, ...]:
    """Who is told of one move; `before` and `event` are None for a new proposal."""
    if before is None or event is None:
        return ()
    if event is Event.REVISE:
        return revising.told(before, after)
    return (*_ending(before, after), *_alarms(before, after))


def _ending(before: Proposal, after: Proposal) -> tuple[WantedTelling, ...]:
    """The asker learns how it ended, once for each ending."""
    if after.status is before.status or after.status not in _ENDINGS:
        return ()
    sentence = _ENDINGS[after.status].format(
        n=after.number, what=after.draft.heading, why=after.reason or ""
    )
    key = f"{after.status.value}.{after.revision}"
    return (WantedTelling("ended", Audience.ASKER, sentence.strip(), key),)


def _alarms(before: Proposal, after: Proposal) -> tuple[WantedTelling, ...]:
    """The administrators learn that something was posted otherwise than approved."""
    known = {r.step: r.differences for r in before.receipts}
    return tuple(
        WantedTelling(
            "differs",
            Audience.ADMINS,
            f"{after.number} ({after.draft.heading}) was posted, but QuickBooks shows"
            f" it otherwise than it was approved: {' '.join(receipt.differences)}",
            f"{receipt.step}",
        )
        for receipt in after.receipts
        if receipt.differences and receipt.differences != known.get(receipt.step)
    )
