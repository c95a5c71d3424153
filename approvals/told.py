"""Who has to be told of a move, and in which words. Pure.

Everybody who saw a card sees it change. Beside that the asker is told how it ended,
in the thread where they asked, and the administrators what needs their hand.
"""

from approvals import revising, waiting
from approvals.proposal import (
    Audience,
    Decision,
    Event,
    Proposal,
    Status,
    Verdict,
    WantedTelling,
)
from qbo.books import Verb

# The words of an ending, for whoever asked.
_ENDINGS = {
    Status.APPLIED: "{n} ({what}) is posted to QuickBooks.",
    Status.FAILED: "{n} ({what}) was not posted. {why}",
    Status.REJECTED: "{n} ({what}) was rejected{by}, so nothing was posted. {why}",
    Status.EXPIRED: "{n} ({what}) expired: nobody decided in time. Nothing was posted."
    " Ask again for a fresh proposal.",
    Status.STALE: "{n} ({what}) is out of date, so it was not posted. {why}",
}

_NOUNS = {"CreditMemo": "Credit memo", "Purchase": "Expense"}


def told(
    before: Proposal | None, after: Proposal, event: Event | None
) -> tuple[WantedTelling, ...]:
    """Who is told of one move; `before` and `event` are None for a new proposal."""
    if before is None or event is None:
        return ()
    if event is Event.REVISE:
        return revising.told(before, after)
    return (
        *_ending(before, after),
        *_unknown(before, after, event),
        *_late(after, event),
        *_alarms(before, after),
    )


def _ending(before: Proposal, after: Proposal) -> tuple[WantedTelling, ...]:
    """The asker learns how it ended, once for each ending."""
    if after.status is before.status or after.status not in _ENDINGS:
        return ()
    words = _ENDINGS[after.status]
    if after.status is Status.APPLIED:
        words = _posted(after)
    elif after.status is Status.STALE and not after.moved:
        words = "{n} ({what}) was not posted. {why} It can be proposed afresh."
    why, by = after.reason or "", ""
    if after.status is Status.REJECTED:
        against = [d for d in after.decisions if d.verdict is Verdict.REJECT]
        by = f" by {_speaker(against[-1])}" if against else ""
        why = f"Why: “{why}”" if why else ""
    sentence = words.format(n=after.number, what=after.draft.heading, why=why, by=by)
    key = f"{after.status.value}.{after.revision}"
    return (WantedTelling("ended", Audience.ASKER, sentence.strip(), key),)


def _speaker(decision: Decision) -> str:
    """Who decided, and in whose place ("Luis Ortega for Priya Nair")."""
    absent = f" for {decision.instead_of}" if decision.instead_of else ""
    return f"{decision.person}{absent}"


def _posted(after: Proposal) -> str:
    if not after.is_complete:
        return "{n} ({what}) was posted only in part. {why}"
    if len(after.receipts) != 1 or after.receipts[0].parts:
        return _ENDINGS[Status.APPLIED]
    receipt = after.receipts[0]
    verb = after.draft.steps[0].verb
    if verb is not Verb.CREATE or not receipt.doc_number:
        return "{n} ({what}) is done in QuickBooks."
    total = f", {receipt.total}" if receipt.total else ""
    noun = _NOUNS.get(receipt.entity, receipt.entity)
    name = f"{noun} {receipt.doc_number}{total}"
    return f"{{n}} ({{what}}) is posted to QuickBooks as {_plain(name)}."


def _plain(text: str) -> str:
    """Somebody else's text where braces would mean something."""
    return text.replace("{", "{{").replace("}", "}}")


def _unknown(
    before: Proposal, after: Proposal, event: Event
) -> tuple[WantedTelling, ...]:
    """An outcome that nobody knows: said to the asker and to the administrators.

    Once when it begins, and once when only a person can tell how it ended.
    """
    name = f"{after.number} ({after.draft.heading})"
    if event is Event.DOUBT:
        kind, said = "doubt", f"{name}: {after.reason or ''}"
    elif after.status is Status.UNCONFIRMED is not before.status:
        kind = "unconfirmed"
        said = (
            f"{name}: QuickBooks did not answer, so it may or may not have been posted."
            " I am searching for it there, and its card says what comes of that."
        )
    else:
        return ()
    key = f"{after.revision}.{after.step}"
    return tuple(
        WantedTelling(kind, whom, said.strip(), key)
        for whom in (Audience.ASKER, Audience.ADMINS)
    )


def _late(after: Proposal, event: Event) -> tuple[WantedTelling, ...]:
    """The administrators learn that an approved one is held up for long."""
    if event is not Event.LATE or after.told_late_at is None:
        return ()
    since = after.waiting_since or after.told_late_at
    minutes = int((after.told_late_at - since).total_seconds() // 60)
    said = (
        f"{after.number} ({after.draft.heading}) is approved and has been waiting for"
        f" {minutes} minutes. {after.reason or ''} {waiting.until(after)}"
    )
    key = f"{after.revision}.{after.step}"
    return (WantedTelling("late", Audience.ADMINS, " ".join(said.split()), key),)


def _alarms(before: Proposal, after: Proposal) -> tuple[WantedTelling, ...]:
    """The administrators learn that something was posted otherwise than approved."""
    known = {r.step: r.differences for r in before.receipts}
    return tuple(
        WantedTelling(
            "differs",
            Audience.ADMINS,
            f"{after.number} ({after.draft.heading}) was posted, but QuickBooks shows"
            f" it otherwise than it was approved: {' '.join(receipt.differences)}",
            # What differs anew is told anew: it may be there twice.
            f"{receipt.step}.{len(receipt.differences)}",
        )
        for receipt in after.receipts
        if receipt.differences and receipt.differences != known.get(receipt.step)
    )
