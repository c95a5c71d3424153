"""The values of the approval rail, and its machine.

PENDING -approve, quorum met-> APPROVED -claim-> APPLYING -receipt-> APPLIED
and REJECTED, EXPIRED, WITHDRAWN, STALE, FAILED, UNCONFIRMED beside that line.
`MACHINE` is that machine: what it does not name cannot happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from qbo.books import Circumstances, Company, Draft, Receipt, Shown, Step


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


class Event(StrEnum):
    """What can happen to a proposal; also the word for it in the trail.

    A draft of several steps is posted step by step. The events that end in
    `_STEP` tell of a receipt with more steps to come; PART tells that the steps
    before were posted and this one was not, for good.
    """

    APPROVE = "approve"  # one approval, and more are needed
    QUORUM = "quorum"  # the approval that was still missing
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    REVISE = "revise"
    MOVED = "moved"  # the records it rests on moved
    OVERDUE = "overdue"  # approved, and not posted within the time allowed
    HOLD = "hold"  # cannot be posted just now; nothing went out
    CLAIM = "claim"
    ADOPT = "adopt"  # rebased, and nothing that was shown differs
    ATTEMPT = "attempt"  # a request is about to leave
    RECEIPT = "receipt"
    RECEIPT_STEP = "receipt-step"
    REFUSED = "refused"
    REFUSED_STEP = "refused-step"  # a thing of its own: the others go on
    OUTDATED = "outdated"  # QuickBooks' 5010: edited in between
    PART = "part"
    NOT_TAKEN = "not-taken"
    LOST = "lost"  # nobody knows how the request ended
    LAPSE = "lapse"  # the lease ended after a request may have left
    LAPSE_UNSENT = "lapse-unsent"  # the lease ended before one did
    FOUND = "found"
    FOUND_STEP = "found-step"
    AGAIN = "again"  # claimed to ask again: the same bytes, the same request id
    DOUBT = "doubt"  # nothing more to find out: a person has to tell
    THERE = "there"
    THERE_STEP = "there-step"
    NOT_THERE = "not-there"
    NOT_THERE_STEP = "not-there-step"
    COMPARE = "compare"
    RENEW = "renew"  # the same is proposed anew, upon the records as they are
    REASSIGN = "reassign"  # an administrator names who approves instead
    REMIND = "remind"  # it waits for long: the approvers are told again
    ESCALATE = "escalate"  # it waits for too long: others are told as well
    HALT = "halt"  # the company was stopped, or goes on: its cards say so
    DEPUTY = "deputy"  # another decides in an approver's place, or no longer does
    SEARCHED = "searched"  # looked for in QuickBooks, and not found yet
    LATE = "late"  # approved, and not posted for long: the administrators are told
    LIFE = "life"  # something became of the posted document in QuickBooks
    UNDO = "undo"  # its reverse is proposed, or is no longer
    LOOK = "look"  # a reason to look twice that its card did not show yet


_P, _A, _G, _U = (
    Status.PENDING,
    Status.APPROVED,
    Status.APPLYING,
    Status.UNCONFIRMED,
)

MACHINE: Mapping[tuple[Status, Event], Status] = MappingProxyType(
    {
        (_P, Event.APPROVE): _P,
        (_P, Event.QUORUM): _A,
        (_P, Event.REJECT): Status.REJECTED,
        (_P, Event.WITHDRAW): Status.WITHDRAWN,
        (_P, Event.EXPIRE): Status.EXPIRED,
        (_P, Event.REVISE): _P,
        (_P, Event.MOVED): Status.STALE,
        (_A, Event.WITHDRAW): Status.WITHDRAWN,
        (_A, Event.MOVED): Status.STALE,
        (_A, Event.OVERDUE): Status.STALE,
        (_A, Event.HOLD): _A,
        (_A, Event.CLAIM): _G,
        # A later step could not be made within the time allowed.
        (_A, Event.PART): Status.APPLIED,
        (_G, Event.ADOPT): _G,
        (_G, Event.MOVED): Status.STALE,
        (_G, Event.HOLD): _A,
        (_G, Event.ATTEMPT): _G,
        (_G, Event.RECEIPT): Status.APPLIED,
        (_G, Event.RECEIPT_STEP): _G,
        (_G, Event.REFUSED): Status.FAILED,
        (_G, Event.REFUSED_STEP): _G,
        (_G, Event.OUTDATED): Status.STALE,
        (_G, Event.PART): Status.APPLIED,
        (_G, Event.NOT_TAKEN): _A,
        (_G, Event.LOST): _U,
        (_G, Event.LAPSE): _U,
        (_G, Event.LAPSE_UNSENT): _A,
        (_U, Event.FOUND): Status.APPLIED,
        (_U, Event.FOUND_STEP): _A,
        (_U, Event.AGAIN): _G,
        (_U, Event.DOUBT): _U,
        (_U, Event.THERE): Status.APPLIED,
        (_U, Event.THERE_STEP): _A,
        (_U, Event.NOT_THERE): Status.FAILED,
        (_U, Event.NOT_THERE_STEP): _A,
        (_U, Event.PART): Status.APPLIED,
        # A receipt is proof, however late: after a take-over, and even after a
        # person has said that it is not there.
        (_U, Event.RECEIPT): Status.APPLIED,
        (_U, Event.RECEIPT_STEP): _A,
        (Status.FAILED, Event.RECEIPT): Status.APPLIED,
        (Status.FAILED, Event.PART): Status.APPLIED,
        (Status.APPLIED, Event.RECEIPT): Status.APPLIED,
        (Status.APPLIED, Event.PART): Status.APPLIED,
        # After 5010 the records are read again, to say what moved.
        (Status.STALE, Event.MOVED): Status.STALE,
        (Status.STALE, Event.RENEW): Status.STALE,
        # What was not done of several lines is proposed again.
        (Status.APPLIED, Event.RENEW): Status.APPLIED,
        (Status.FAILED, Event.RENEW): Status.FAILED,
        (Status.APPLIED, Event.COMPARE): Status.APPLIED,
        (_P, Event.REASSIGN): _P,
        (_P, Event.REMIND): _P,
        (_P, Event.ESCALATE): _P,
        (_P, Event.HALT): _P,
        (_P, Event.DEPUTY): _P,
        (_A, Event.HALT): _A,
        (_U, Event.HALT): _U,
        (_U, Event.SEARCHED): _U,
        (_A, Event.LATE): _A,
        (Status.APPLIED, Event.LIFE): Status.APPLIED,
        (Status.APPLIED, Event.UNDO): Status.APPLIED,
        (_P, Event.LOOK): _P,
    }
)


class Role(StrEnum):
    """What a person may do. A set of these; admin does not imply approver.

    An auditor reads everything and decides nothing.
    """

    STAFF = "staff"
    APPROVER = "approver"
    ADMIN = "admin"
    AUDITOR = "auditor"


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
    """One approver's word on one revision; `platform` is where it was said.

    `stage` is the step of the rule that it counts for, from 1. `instead_of` is the
    name of the person in whose place it was said, by delegation, or by an
    administrator where it was `forced`; `instead_of_id` is our id of that person.
    `where` is the conversation and the message
    there, and the address it came from where that is known.
    """

    person_id: str
    person: str
    verdict: Verdict
    revision: int
    at: datetime
    platform: str
    reason: str | None = None
    stage: int = 1
    instead_of: str | None = None
    forced: bool = False
    where: str = ""
    instead_of_id: str | None = None


@dataclass(frozen=True, slots=True)
class Delegation:
    """Somebody decides in the place of somebody else, until a time (aware, UTC).

    `person_id` is who is away, `delegate_id` who decides in their place. `last_day`
    is its last whole day where the person who is away lives; None: not known.
    """

    id: str
    workspace: str
    person_id: str
    person: str
    delegate_id: str
    delegate: str
    until: datetime
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a rule: who may approve in it, and how many of them must.

    Anybody is meant who has one of `roles`, or one of the e-mail addresses (lower
    case) in `people`. `channel` is a place ("slack:C0123") where the card is shown
    as well; with no people and no roles those decide who have the approver's role
    and press there. `label` is the step as people read it.

    `named` are our ids of persons whom an administrator has named for this one
    proposal: then they decide and nobody else. `named_by` is that administrator's
    name, `named_by_id` our id of them: they decide in nobody's place then.
    """

    quorum: int = 1
    roles: tuple[Role, ...] = (Role.APPROVER,)
    people: tuple[str, ...] = ()
    channel: str | None = None
    label: str = ""
    named: tuple[str, ...] = ()
    named_by: str = ""
    named_by_id: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What applies to one draft, as it was when that was proposed.

    `quorum` is how many approvals it takes in all, `hours` how long it waits,
    `label` the rule as people read it ("any approver but the requester").
    `stages` are its steps in their order; empty is one step of any approvers.

    Times are in hours from the proposal on, None where nothing is done; with
    `working_hours` ("Mon-Fri 09:00-17:00 Europe/London") only those hours count.
    `escalate_to` are e-mail addresses or roles who are told then. For `undo_hours`
    after it was posted an undo is offered. Below `confidence` (0 to 100) one more
    approver is asked for. `allow_closed` lets it post into a closed period.
    `name`, `line` and `digest` say which rule of which policy it was (line 0: the
    built-in one); `why` says in sentences why it is this rule.
    """

    quorum: int
    hours: int
    label: str
    stages: tuple[Stage, ...] = ()
    remind_hours: int | None = None
    escalate_hours: int | None = None
    escalate_to: tuple[str, ...] = ()
    working_hours: str | None = None
    undo_hours: int | None = None
    confidence: int | None = None
    allow_closed: bool = False
    name: str = ""
    line: int = 0
    digest: str = ""
    why: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Stage, ...]:
        """The steps of the rule, at least one."""
        return self.stages or (Stage(self.quorum),)

    @property
    def approvals(self) -> int:
        """How many approvals it takes, over all its steps."""
        return sum(stage.quorum for stage in self.steps)


@dataclass(frozen=True, slots=True)
class Halt:
    """A company in which nothing is posted just now, and why.

    `kind` is "frozen", "readonly" or "disconnected". `lifting` is the name of the
    first of the two administrators who let it go on, once there is one.
    """

    kind: str
    person: str
    at: datetime
    reason: str = ""
    lifting: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of a posted document in QuickBooks, after it was posted.

    `kind` is "sent", "part-paid", "paid", "open" (not paid any more), "voided",
    "unvoided", "deleted", "back", "changed" or "restored"; `at` is when we saw it;
    `text` says it ("Paid in full, 20 Nov 2026"). Two of one kind and `key` are the
    same thing, seen twice.
    """

    kind: str
    step: int
    at: datetime
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """One plain reason to look twice. `level` is "note" or "warning".

    `kind` is a stable word for it ("duplicate", "closed-period"); `blocks` is True
    where it must not be posted, whoever approves.
    """

    level: str
    text: str
    kind: str = ""
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft that waits for people, and all that became of it.

    `number` ("P-17") is what people call it; `revision` counts its drafts,
    `version` its moves. `requester_id` asked; `editor_id` made the current
    revision (the requester at first): neither may approve. `words` is what the
    requester wrote. `reason` says why it stands where it stands (rejected,
    failed, stale, waiting again, or which part of an APPLIED one was not done).
    `moved` are the sentences of a STALE one. `renewed_by` is the number of the
    proposal that took up a STALE one, which happens once; `askers` are the ids of
    all who asked for what this one renews, or made an earlier revision of it, so that
    none of them approves it here.

    A draft of several steps gets its receipts one by one. `first_attempt_at` and
    `attempts` speak of the step under way, and only of attempts that QuickBooks
    may have taken; `holds` counts how often in a row it could not be posted or
    compared just then. `doubted_at`: since when only a person can tell how it
    ended. An APPLIED proposal with fewer receipts than steps is done in part, and
    `reason` says what was not done: posted things stay shown as posted.

    `changes` is what the current revision changed against the one before it.
    `confidence` (0 to 100) is how surely the request was read, `doubts` what
    lowered it; None where nobody read words. `remind_at` and `escalate_at` are
    when the approvers are told again, and others as well. `waiting_since`: since
    when an approved one is held up, and `waiting_for` is the word for what
    (`waiting.Wait`); `told_late_at`: when the administrators were told of that.
    `undoes` and `undone_by` are the numbers of the proposals that it
    takes back, or that take it back; `undo_until` is how long that is offered.
    `undone_in_part` is the number of the last one that took only a part of it back.
    `life` is what became of it in QuickBooks. `halts` are what stops its company
    just now; they are the company's, and no part of what a move saves. Neither are
    `delegations`, the workspace's own in force. `reminded` counts how often the
    approvers of the step under way were told again; `warn_at` is when the asker is
    told that it will expire.
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
    holds: int = 0
    doubted_at: datetime | None = None
    askers: tuple[str, ...] = ()
    renewed_by: str | None = None
    changes: tuple[Shown, ...] = ()
    confidence: int | None = None
    doubts: tuple[str, ...] = ()
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    waiting_since: datetime | None = None
    waiting_for: str = ""
    told_late_at: datetime | None = None
    undoes: str | None = None
    undone_by: str | None = None
    undo_until: datetime | None = None
    undone_in_part: str | None = None
    life: tuple[Happening, ...] = ()
    halts: tuple[Halt, ...] = ()
    reminded: int = 0
    warn_at: datetime | None = None
    delegations: tuple[Delegation, ...] = ()

    @property
    def step(self) -> int:
        """The number of the step under way, counted from 1."""
        return len(self.receipts) + 1

    @property
    def request(self) -> Step:
        """The request of the step under way."""
        return self.draft.steps[self.step - 1]

    @property
    def approvals(self) -> int:
        """How many people have approved this revision."""
        return len(
            {d.person_id for d in self.decisions if d.verdict is Verdict.APPROVE}
        )

    @property
    def is_renewable(self) -> bool:
        """Whether it is STALE and can be taken up: rebased, or nothing has moved.

        Nothing has moved where it was approved and could not be posted in time.
        """
        return (
            self.status is Status.STALE
            and not self.receipts
            and (self.rebased is not None or not self.moved)
        )

    @property
    def is_complete(self) -> bool:
        """Whether every step has its receipt, and nothing of them was left out."""
        return len(self.receipts) >= len(self.draft.steps) and all(
            receipt.is_whole for receipt in self.receipts
        )

    @property
    def is_begun(self) -> bool:
        """Whether anything of it is in the books, or was e-mailed."""
        return any(not receipt.is_nothing for receipt in self.receipts)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that shows a proposal and is edited as it moves.

    `place` is opaque here. `message` is None until it was sent. It lags while
    `shown_version` is below the proposal's version. `viewer_id` is the person
    whose private copy it is, None for a place that several people read. `tries`
    counts how often in a row its platform did not take it; `gone`: it was given up.
    `superseded_by` is the revision for which a newer message stands at the same
    place: this one is locked, and shows the revision before that. `claims` counts
    who has set about to send its first message; `since` is when it was wanted.
    """

    id: str
    proposal_id: str
    place: str
    message: str | None
    shown_version: int
    viewer_id: str | None = None
    tries: int = 0
    gone: bool = False
    superseded_by: int | None = None
    claims: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantedNotice:
    """A place where a proposal should be shown."""

    place: str
    viewer_id: str | None = None


class Audience(StrEnum):
    """Who is told something."""

    ASKER = "asker"  # in the thread where it was asked
    ADMINS = "admins"
    PEOPLE = "people"  # the persons named, each alone


@dataclass(frozen=True, slots=True)
class WantedTelling:
    """Something that somebody has to be told, saved with the move that is told.

    `kind` ("posted", "differs", "late", "remind", "gone", ...) and `key` make it
    unique for its proposal: what was told once is not told again. `people` are our
    ids of persons, for that audience. `sentence` is all that is said, but for the
    values that stand below it as a table (`shown`), the old ones beside the new.
    """

    kind: str
    audience: Audience
    sentence: str
    key: str = ""
    people: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """Something still to be told. `proposal_id` is None where it is of a company.

    `conversation` is the place where its proposal was asked for. `said` are the
    places where it was said already; `gone`: nobody more could be reached.
    """

    id: str
    workspace: str
    company: str
    proposal_id: str | None
    number: str
    conversation: str
    kind: str
    audience: Audience
    sentence: str
    people: tuple[str, ...]
    tries: int
    created_at: datetime
    shown: tuple[Shown, ...] = ()
    said: tuple[str, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One thing that happened; `digest` chains it to the line before.

    `proposal` is the number people see, empty where no proposal is meant;
    `facts` are a JSON object. `before` is the digest of the line before; it, `chain`
    and the two ids are filled where whole chains are read.
    """

    seq: int
    at: datetime
    proposal: str
    event: str
    who: str
    platform: str
    facts: str
    digest: str = field(default="")
    chain: str = ""
    proposal_id: str = ""
    who_id: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of one trail found.

    `seq` is the last line's number: compare it with one written down elsewhere.
    `broken_at` is the number of the first line that is not as it was written,
    or is missing; None when all is sound. `sentence` says it in words. `broken` is
    that line as it stands there now, None where it is missing; `last` the last one
    that is as it was written.
    """

    chain: str
    seq: int
    broken_at: int | None
    sentence: str
    broken: TrailLine | None = None
    last: TrailLine | None = None

    @property
    def sound(self) -> bool:
        """Whether every line is as it was written."""
        return self.broken_at is None


class Denied(Exception):
    """The desk says no: not yours to decide, too late, changed since.

    `rule` is a stable word for tests and callers: "workspace" (another one's),
    "token" (not a button of ours), "changed" (another revision), "requester",
    "role", "twice", "state" (not possible as it stands), "late" (expired),
    "early" (the search still goes on), "reason" (one is needed), "match"
    (QuickBooks does not show it), "another" (a draft of another proposal or
    company), "frozen", "readonly", "policy", "closed" (a closed
    period), "look" (a new reason to look twice). `sentence` is for people.
    """

    def __init__(self, sentence: str, *, rule: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule
