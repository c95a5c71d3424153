"""All there is of one proposal, as values: for auditors, and to be printed."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from approvals.proposal import Decision, Proposal, Risk, Rule, TrailLine, Verified
from qbo.books import Shown


@dataclass(frozen=True, slots=True)
class Beside:
    """What stood on the card of a revision beside its draft."""

    rule: Rule
    risks: tuple[Risk, ...]
    changes: tuple[Shown, ...]
    words: str
    editor: str
    expires_at: datetime
    confidence: int | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision as it was put before the approvers.

    `proposal` is the proposal as its card showed it then: PENDING, undecided. It is
    whole where `is_whole`; of a revision from before all of it was kept, the rule
    and the lights are those of the current one. `adopted` is the digest of the draft
    that took its place when only what nobody is shown had moved in QuickBooks.
    """

    proposal: Proposal
    decisions: tuple[Decision, ...]
    digest: str
    at: datetime | None
    is_whole: bool
    adopted: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to QuickBooks, noted before it left, and how it ended.

    `outcome` is None where the process stopped before it knew.
    """

    step: int
    number: int
    request_id: str
    digest: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    intuit_tid: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All there is of one proposal, read at one moment."""

    proposal: Proposal
    revisions: tuple[Revision, ...]
    attempts: tuple[Attempt, ...]
    lines: tuple[TrailLine, ...]
    verified: Verified


_BESIDE = TypeAdapter(Beside)


def beside_text(p: Proposal) -> str:
    """What stands on a proposal's card beside the draft, as JSON text."""
    return _BESIDE.dump_json(
        Beside(
            rule=p.rule,
            risks=p.risks,
            changes=p.changes,
            words=p.words,
            editor=p.editor,
            expires_at=p.expires_at,
            confidence=p.confidence,
            doubts=p.doubts,
        )
    ).decode()


def beside_from(text: str) -> Beside:
    """What `beside_text` wrote.

    Raises:
        pydantic.ValidationError: the text is something else.
    """
    return _BESIDE.validate_json(text)
