"""The values of the approval rail, and its machine.

PENDING -approve, quorum met-> APPROVED -claim-> APPLYING -receipt-> APPLIED
and REJECTED, EXPIRED, WITHDRAWN, STALE, FAILED, UNCONFIRMED beside that line.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from qbo.books import Circumstances, Company, Draft, Receipt


class Status(StrEnum):
    """Where a proposal stands."""

    PENDING = "pending"
    APPROVED = "approved"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    STALE = "stale"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """What a person may do. A set of these; admin does not imply approver."""

    STAFF = "staff"
    APPROVER = "approver"
    ADMIN = "admin"


class Verdict(StrEnum):
    """One approver's word."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Person:
    """A human of one workspace. `id` is ours, not a platform's."""

    id: str
    workspace: str
    name: str
    roles: frozenset[Role] = frozenset()
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One approver's word on one revision; `platform` is where it was said."""

    person_id: str
    person: str
    verdict: Verdict
    revision: int
    at: datetime
    platform: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What applies to one draft: how many approvals, and for how long it waits.

    `label` is the rule as people read it ("any approver but the requester").
    """

    quorum: int
    hours: int
    label: str


@dataclass(frozen=True, slots=True)
class Risk:
    """One plain reason to look twice. `level` is "note" or "warning"."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft that waits for people, and all that became of it.

    `number` ("P-17") is what people call it; `revision` counts its drafts,
    `version` its moves. `requester_id` asked; `editor_id` made the current
    revision (the requester at first): neither may approve. `words` is what the
    requester wrote. `reason` says why it stands where it stands (rejected,
    failed, stale, waiting again). `moved` are the sentences of a STALE one.
    """

    id: str
    number: str
    workspace: str
    company: Company
    draft: Draft
    circumstances: Circumstances
    revision: int
    version: int
    status: Status
    requester_id: str
    requester: str
    editor_id: str
    editor: str
    rule: Rule
    created_at: datetime
    expires_at: datetime
    words: str = ""
    decisions: tuple[Decision, ...] = ()
    risks: tuple[Risk, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    reason: str | None = None
    moved: tuple[str, ...] = ()
    rebased: Draft | None = None
    approved_at: datetime | None = None
    first_attempt_at: datetime | None = None
    attempts: int = 0
    next_try_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that shows a proposal and is edited as it moves.

    `place` is opaque here. `message` is None until it was sent. It lags while
    `shown_version` is below the proposal's version. `viewer_id` is the person
    whose private copy it is, None for a place that several people read.
    """

    id: str
    proposal_id: str
    place: str
    message: str | None
    shown_version: int
    viewer_id: str | None = None


@dataclass(frozen=True, slots=True)
class WantedNotice:
    """A place where a proposal should be shown."""

    place: str
    viewer_id: str | None = None


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One thing that happened; `digest` chains it to the line before."""

    seq: int
    at: datetime
    proposal: str
    event: str
    who: str
    platform: str
    facts: str
    digest: str = field(default="")


class Denied(Exception):
    """The desk says no: not yours to decide, too late, changed since.

    `rule` is a stable word for tests and callers ("requester", "late",
    "changed", "role", "twice", "state", "frozen"); `sentence` is for people.
    """

    def __init__(self, sentence: str, *, rule: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule
