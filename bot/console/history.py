"""A line of the trail in words.

The trail keeps short stable words and facts as JSON; here they become what a
person reads. A word that is not known here is shown as it stands.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.proposal import TrailLine

_WORDS: Mapping[str, str] = {
    "propose": "Proposed",
    "approve": "Approved, and more approvals are needed",
    "quorum": "Approved",
    "reject": "Rejected",
    "withdraw": "Withdrawn",
    "expire": "Expired: nobody approved it in time",
    "renew": "Proposed anew",
    "revise": "Changed before approval; earlier approvals no longer count",
    "moved": "The books moved, so it no longer fits",
    "overdue": "Not posted within the time allowed",
    "hold": "Held back; nothing was sent",
    "claim": "Taken in hand for posting",
    "adopt": "Brought up to date; nothing that was shown differs",
    "attempt": "Sent to QuickBooks",
    "receipt": "Posted",
    "receipt-step": "One step posted",
    "refused": "QuickBooks refused it",
    "outdated": "Edited in QuickBooks in between",
    "part": "Posted in part",
    "not-taken": "QuickBooks did not take it; it is tried again",
    "lost": "QuickBooks did not answer; the outcome is unknown",
    "lapse": "Interrupted after sending; the outcome is unknown",
    "lapse-unsent": "Interrupted before sending",
    "found": "Found in QuickBooks",
    "found-step": "One step found in QuickBooks",
    "again": "Asked again under the same request",
    "doubt": "Could not be found out; a person has to tell",
    "there": "Somebody found it in QuickBooks",
    "there-step": "Somebody found one step in QuickBooks",
    "not-there": "Somebody found that it is not in QuickBooks",
    "compare": "Read back and compared",
    "refused-step": "QuickBooks refused one step",
    "not-there-step": "Somebody found that one step is not in QuickBooks",
    "searched": "Looked for in QuickBooks, and not found yet",
    "reassign": "Others were named to approve",
    "remind": "The approvers were told again",
    "escalate": "Others were told that it waits",
    "late": "The administrators were told that it waits",
    "halt": "The company was stopped, or goes on",
    "deputy": "Who decides in an approver's place has changed",
    "life": "Something became of it in QuickBooks",
    "undo": "Its undo was proposed, or ended",
    "look": "A reason to look twice that its card did not show",
    "late-receipt": "A late answer of QuickBooks was kept",
    "late-fault": "A late refusal of QuickBooks was kept",
}
# An event with several meanings, and the fact that tells which one it was.
_KINDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("halt", "stop"): {
        "freeze": "The company was frozen",
        "thaw-first": "A first administrator wants the company to go on",
        "thaw": "The company is no longer frozen",
        "readonly-on": "The company was made read-only",
        "readonly-off-first": "A first administrator wants it written to again",
        "readonly-off": "The company is no longer read-only",
    },
    ("deputy", "how"): {
        "begun": "Somebody decides in an approver's place",
        "ended": "An approver decides for themselves again",
        "over": "The time of deciding in an approver's place is over",
    },
    ("undo", "undo"): {
        "taken": "Its undo was proposed or posted",
        "free": "Its undo ended; what it did not take back stands",
        "over": "The time to undo it is over",
    },
}
# What we do by ourselves happens on no platform, and at the server the name says it.
_PLATFORMS = {
    "slack": "Slack",
    "teams": "Teams",
    "console": "the console",
    "countersign": "",
    "server": "",
}
# Said in the line itself, or of no use beside it.
_SILENT = frozenset({"reason", "from", "to", "version"})
# Whole documents: the page of evidence shows them.
_LONG = frozenset({"request", "response"})


@dataclass(frozen=True, slots=True)
class Told:
    """One line in words: `reason` as it was given, `facts` for who looks closer."""

    event: str
    who: str
    platform: str
    at: datetime
    reason: str
    facts: tuple[tuple[str, str], ...]


def told(line: TrailLine) -> Told:
    """What a line of the trail tells."""
    try:
        facts: Any = json.loads(line.facts) if line.facts else {}
    except ValueError:
        facts = {"facts": line.facts}
    if not isinstance(facts, dict):
        facts = {"facts": facts}
    reason = facts.get("reason")
    return Told(
        event=_event(line.event, facts),
        who=line.who,
        platform=_PLATFORMS.get(line.platform, line.platform),
        at=line.at,
        reason=reason if isinstance(reason, str) else "",
        facts=tuple(
            (name.replace("_", " "), str(value))
            for name, value in facts.items()
            if name not in _SILENT | _LONG and value not in (None, "")
        ),
    )


def _event(event: str, facts: Mapping[str, Any]) -> str:
    for (name, fact), kinds in _KINDS.items():
        if name == event and (said := kinds.get(str(facts.get(fact)))):
            return said
    return _WORDS.get(event, event.replace("-", " ").capitalize())
