"""Does the trail bear out what the tables say of a proposal? Asked before it is posted.

The tables can be written to by whoever holds the database; a line of the trail only
with a key that is not in it. Pure: the lines come from `Trail.vouched`.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from approvals.proposal import Event, Proposal, TrailLine, Verdict

_APPROVING: Final = {Event.APPROVE, Event.QUORUM}
_POSTED: Final = {
    *(Event.RECEIPT, Event.RECEIPT_STEP, Event.FOUND, Event.FOUND_STEP),
    *(Event.THERE, Event.THERE_STEP),
}
_DRAFTED: Final = {"propose", Event.REVISE, Event.ADOPT}


def content(p: Proposal) -> str:
    """A digest of all that will be sent; it stands in the line that proposes it."""
    steps = [
        [step.verb.value, step.path, [list(pair) for pair in step.query]]
        for step in p.draft.steps
    ]
    told = hashlib.sha256(json.dumps(steps).encode())
    for step in p.draft.steps:
        told.update(hashlib.sha256(step.body).digest())
    return told.hexdigest()


def bears_out(p: Proposal, lines: Iterable[TrailLine]) -> bool:
    """Whether people asked for and approved just this, and its step is not done yet."""
    told = [(line, _facts(line)) for line in lines]
    drafted = [(line, facts) for line, facts in told if line.event in _DRAFTED]
    if not drafted or drafted[0][0].who_id != p.requester_id:
        return False
    # Lines of before this was kept have none.
    if drafted[-1][1].get("content", content(p)) != content(p):
        return False
    words = {
        (line.event, line.who_id)
        for line, facts in told
        if line.event in _APPROVING and facts.get("revision") == p.revision
    }
    approvers = {
        word.person_id
        for word in p.decisions
        if word.verdict is Verdict.APPROVE and word.revision == p.revision
    }
    return (
        any(event == Event.QUORUM for event, _ in words)
        and approvers <= {person for _, person in words}
        and not any(
            line.event in _POSTED and facts.get("step") == p.step
            for line, facts in told
        )
    )


def _facts(line: TrailLine) -> dict[str, Any]:
    found = json.loads(line.facts)
    return found if isinstance(found, dict) else {}
