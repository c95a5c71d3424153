"""The rows of proposals, and how they become values. Only the store knows them."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    Index,
    UniqueConstraint,
    and_,
    bindparam,
    false,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals import delegations, stages
from approvals.proposal import (
    Decision,
    Halt,
    Happening,
    Proposal,
    Risk,
    Rule,
    Status,
    Verdict,
)
from approvals.risk import likeness
from qbo.books import (
    Company,
    Draft,
    Receipt,
    Shown,
    circumstances_from,
    draft_from,
    draft_text,
    receipts_from,
)
from qbo.columns import UtcTime

log = logging.getLogger(__name__)

_COMPANY = TypeAdapter(Company)
_RISKS = TypeAdapter(tuple[Risk, ...])
_TEXTS = TypeAdapter(tuple[str, ...])
_RULE = TypeAdapter(Rule)
_SHOWN = TypeAdapter(tuple[Shown, ...])
_LIFE = TypeAdapter(tuple[Happening, ...])


class CounterRow(SQLModel, table=True):
    """The last number given in a workspace."""

    __tablename__ = "proposal_counter"
    workspace: str = Field(primary_key=True)
    last: int


class StopRow(SQLModel, table=True):
    """A company in which nothing is posted just now; a row for each reason why.

    `kind` is a `Halt`'s; what is so by a setting or by the policy has its own
    ("readonly-setting"). `seq` is the number of the line of the company's trail
    that tells of it, None where it comes from a time before that.
    """

    __tablename__ = "company_stop"
    company_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    workspace: str
    person_id: str
    person: str
    reason: str
    at: datetime = Field(sa_type=UtcTime)
    # The first of the two administrators who let it go on.
    lifting_id: str | None = None
    lifting: str | None = None
    lifting_at: datetime | None = Field(default=None, sa_type=UtcTime)
    seq: int | None = None


class ProposalRow(SQLModel, table=True):
    """A proposal: what it is, and where it stands."""

    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("workspace", "number"),
        Index("ix_proposal_status", "status", "next_try_at"),
        Index("ix_proposal_workspace", "workspace", "status", "created_at"),
        Index("ix_proposal_conversation", "workspace", "conversation", "requester_id"),
        Index("ix_proposal_likeness", "company_id", "likeness"),
        # Nothing is on its way to the books without enough approvals, or done
        # without a receipt, whatever the program believes.
        CheckConstraint(
            "status NOT IN ('approved', 'applying', 'applied', 'unconfirmed',"
            " 'failed') OR approvals >= quorum",
            name="ck_proposal_quorum",
        ),
        CheckConstraint(
            "status <> 'applied' OR receipted >= 1", name="ck_proposal_receipt"
        ),
        CheckConstraint(
            "status <> 'applying' OR (lease_owner IS NOT NULL"
            " AND lease_until IS NOT NULL)",
            name="ck_proposal_lease",
        ),
        CheckConstraint("quorum >= 1", name="ck_proposal_human"),
    )
    id: str = Field(primary_key=True)
    number: str
    ordinal: int
    workspace: str
    company_id: str = Field(index=True)
    company: str
    requester_id: str
    requester: str
    inbox_id: str | None = Field(default=None, unique=True)
    # The STALE proposal that this one takes up; each is taken up once.
    renews: str | None = Field(default=None, unique=True, foreign_key="proposal.id")
    # Ids as a JSON list: who asked for what this one takes up, or changed it before.
    askers: str
    conversation: str
    created_at: datetime = Field(sa_type=UtcTime)
    # When the records that it rests on were last looked at while it waited.
    reviewed_at: datetime = Field(sa_type=UtcTime)
    revision: int
    version: int
    status: str
    editor_id: str
    editor: str
    quorum: int
    hours: int
    rule: str
    approvals: int
    receipted: int
    uncompared: int
    expires_at: datetime = Field(sa_type=UtcTime)
    words: str
    risks: str
    reason: str | None = None
    moved: str
    rebased: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcTime)
    first_attempt_at: datetime | None = Field(default=None, sa_type=UtcTime)
    attempts: int
    holds: int
    next_try_at: datetime | None = Field(default=None, sa_type=UtcTime)
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcTime)
    doubted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    renewed_by: str | None = None
    # The rule whole, as JSON; before there was that, quorum, hours and label.
    rule_whole: str | None = None
    changes: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    confidence: int | None = None
    doubts: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    remind_at: datetime | None = Field(default=None, sa_type=UtcTime)
    escalate_at: datetime | None = Field(default=None, sa_type=UtcTime)
    waiting_since: datetime | None = Field(default=None, sa_type=UtcTime)
    waiting_for: str = Field(default="", sa_column_kwargs={"server_default": ""})
    told_late_at: datetime | None = Field(default=None, sa_type=UtcTime)
    # The numbers of the proposals that it takes back, or that take it back.
    undoes: str | None = None
    undone_by: str | None = None
    undo_until: datetime | None = Field(default=None, sa_type=UtcTime)
    undone_in_part: str | None = None
    # Lines done of what it takes up (things taken back by other undos) when drafted.
    already: int | None = None
    life: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    reminded: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    warn_at: datetime | None = Field(default=None, sa_type=UtcTime)
    # Whose turn it is, and whose turn it was when the card was last shown to those.
    turn: str = Field(default="", sa_column_kwargs={"server_default": ""})
    turn_shown: str = Field(default="", sa_column_kwargs={"server_default": ""})
    # What it shares with those of the same party and amount; empty: with none.
    likeness: str = Field(default="", sa_column_kwargs={"server_default": ""})


class RevisionRow(SQLModel, table=True):
    """A draft that was proposed, whole."""

    __tablename__ = "proposal_revision"
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    revision: int = Field(primary_key=True)
    editor_id: str
    # The event that asked for a correction; the first draft's is the proposal's.
    inbox_id: str | None = Field(default=None, unique=True)
    digest: str
    draft: str
    circumstances: str
    # What stood on its card beside them, as JSON (`evidence.Beside`).
    beside: str | None = None
    # A rebased draft in which nothing shown differs; what was approved stays too.
    adopted_digest: str | None = None
    adopted: str | None = None


class RequestRow(SQLModel, table=True):
    """Which bytes a request id belongs to, for ever."""

    __tablename__ = "proposal_request"
    request_id: str = Field(primary_key=True)
    digest: str
    proposal_id: str = Field(foreign_key="proposal.id")
    revision: int
    step: int


class DecisionRow(SQLModel, table=True):
    """One person's one word on one revision."""

    __tablename__ = "proposal_decision"
    __table_args__ = (
        CheckConstraint(
            "verdict <> 'approve' OR (person_id <> requester_id"
            " AND person_id <> editor_id"
            " AND replace(askers, '\"' || person_id || '\"', '') = askers)",
            name="ck_decision_other",
        ),
    )
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    revision: int = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    person: str
    requester_id: str
    editor_id: str
    askers: str
    verdict: str
    at: datetime = Field(sa_type=UtcTime)
    platform: str
    reason: str | None = None
    stage: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    instead_of: str | None = None
    forced: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    # The conversation and message there, and the address, as people read it.
    place: str = Field(default="", sa_column_kwargs={"server_default": ""})
    instead_of_id: str | None = None


class HeadRow(SQLModel, table=True):
    """A head that a decision has used up: who decided, and in whose place.

    No head counts twice on one revision, whichever way; and none of them asked.
    """

    __tablename__ = "proposal_head"
    __table_args__ = (
        CheckConstraint(
            "person_id <> requester_id AND person_id <> editor_id"
            " AND replace(askers, '\"' || person_id || '\"', '') = askers",
            name="ck_head_other",
        ),
    )
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    revision: int = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    requester_id: str
    editor_id: str
    askers: str


class AttemptRow(SQLModel, table=True):
    """One request to QuickBooks, noted before it left."""

    __tablename__ = "proposal_attempt"
    # A lease is good for one attempt at a step.
    __table_args__ = (UniqueConstraint("proposal_id", "step", "lease_owner"),)
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    step: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    request_id: str
    digest: str
    lease_owner: str
    started_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    outcome: str | None = None
    receipt: str | None = None
    # The body of QuickBooks' answer, whatever it said; None where none came.
    response: str | None = None
    intuit_tid: str | None = None


class ReceiptRow(SQLModel, table=True):
    """The one receipt of one step.

    What a step has created is no other proposal's: `company_id`, `entity` and
    `record_id` are set for it alone, and unique. (Two receipts from QuickBooks
    itself for one record are both kept; the later one leaves them empty.)
    """

    __tablename__ = "proposal_receipt"
    __table_args__ = (UniqueConstraint("company_id", "entity", "record_id"),)
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    step: int = Field(primary_key=True)
    receipt: str
    company_id: str | None = None
    entity: str | None = None
    record_id: str | None = None


class PartRow(SQLModel, table=True):
    """A record that one line of a batch has created: no other proposal's, ever."""

    __tablename__ = "proposal_part"
    __table_args__ = (UniqueConstraint("company_id", "entity", "record_id"),)
    proposal_id: str = Field(primary_key=True, foreign_key="proposal.id")
    step: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    company_id: str
    entity: str
    record_id: str


def ordinal(number: str) -> int:
    """The digits of a proposal's number, to sort by."""
    digits = "".join(c for c in number if c.isascii() and c.isdigit())
    return int(digits[-9:] or 0)


def columns(p: Proposal) -> Mapping[str, Any]:
    """The columns of a proposal that a move may change."""
    return {
        "revision": p.revision,
        "version": p.version,
        "status": p.status.value,
        "editor_id": p.editor_id,
        "editor": p.editor,
        "askers": askers_text(p),
        "quorum": p.rule.approvals,
        "hours": p.rule.hours,
        "rule": p.rule.label,
        "approvals": p.approvals,
        "receipted": len(p.receipts),
        "uncompared": sum(not r.compared for r in p.receipts),
        "expires_at": p.expires_at,
        "words": p.words,
        "risks": _RISKS.dump_json(p.risks).decode(),
        "reason": p.reason,
        "moved": _TEXTS.dump_json(p.moved).decode(),
        "rebased": draft_text(p.rebased) if p.rebased else None,
        "approved_at": p.approved_at,
        "first_attempt_at": p.first_attempt_at,
        "attempts": p.attempts,
        "holds": p.holds,
        "next_try_at": p.next_try_at,
        "lease_owner": p.lease_owner,
        "lease_until": p.lease_until,
        "doubted_at": p.doubted_at,
        "renewed_by": p.renewed_by,
        "rule_whole": _RULE.dump_json(p.rule).decode(),
        "changes": _SHOWN.dump_json(p.changes).decode(),
        "confidence": p.confidence,
        "doubts": _TEXTS.dump_json(p.doubts).decode(),
        "remind_at": p.remind_at,
        "escalate_at": p.escalate_at,
        "waiting_since": p.waiting_since,
        "waiting_for": p.waiting_for,
        "told_late_at": p.told_late_at,
        "undoes": p.undoes,
        "undone_by": p.undone_by,
        "undo_until": p.undo_until,
        "undone_in_part": p.undone_in_part,
        "life": _LIFE.dump_json(p.life).decode(),
        "reminded": p.reminded,
        "warn_at": p.warn_at,
        "turn": stages.turn(p),
        "likeness": likeness(p.draft, p.circumstances),
    }


def decision_row(p: Proposal, word: Decision) -> DecisionRow:
    """The row of one decision on a proposal."""
    return DecisionRow(
        proposal_id=p.id,
        revision=word.revision,
        person_id=word.person_id,
        person=word.person,
        requester_id=p.requester_id,
        editor_id=p.editor_id,
        askers=askers_text(p),
        verdict=word.verdict.value,
        at=word.at,
        platform=word.platform,
        reason=word.reason,
        stage=word.stage,
        instead_of=word.instead_of,
        forced=word.forced,
        place=word.where,
        instead_of_id=word.instead_of_id,
    )


def head_rows(p: Proposal, word: Decision) -> tuple[HeadRow, ...]:
    """The heads that one decision uses up."""
    return tuple(
        HeadRow(
            proposal_id=p.id,
            revision=word.revision,
            person_id=person_id,
            requester_id=p.requester_id,
            editor_id=p.editor_id,
            askers=askers_text(p),
        )
        for person_id in (word.person_id, word.instead_of_id)
        if person_id is not None
    )


# Every press and every card reads proposals: their statements are built once.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PROPOSALS = select(ProposalRow).where(col(ProposalRow.id).in_(_IDS))
_REVISIONS = (
    select(RevisionRow)
    .join(
        ProposalRow,
        and_(
            col(ProposalRow.id) == col(RevisionRow.proposal_id),
            col(ProposalRow.revision) == col(RevisionRow.revision),
        ),
    )
    .where(col(RevisionRow.proposal_id).in_(_IDS))
)
_DECISIONS = (
    select(DecisionRow)
    .where(col(DecisionRow.proposal_id).in_(_IDS))
    .order_by(col(DecisionRow.at), col(DecisionRow.person_id))
)
_RECEIPTS = (
    select(ReceiptRow)
    .where(col(ReceiptRow.proposal_id).in_(_IDS))
    .order_by(col(ReceiptRow.step))
)
_STOPS = (
    select(StopRow)
    .where(col(StopRow.company_id).in_(_IDS))
    .order_by(col(StopRow.at), col(StopRow.kind))
)


async def first(session: AsyncSession, query: Any) -> Proposal | None:
    """The proposal of the first row of a query."""
    row = await session.scalar(query)
    if row is None:
        return None
    return (await values(session, [row]))[0]


async def values(
    session: AsyncSession, rows: Sequence[ProposalRow]
) -> tuple[Proposal, ...]:
    """The proposals of these rows, in their order, with all that belongs to them."""
    ids = {"ids": [row.id for row in rows]}
    revisions = {
        (r.proposal_id, r.revision): r for r in await session.scalars(_REVISIONS, ids)
    }
    decisions: dict[tuple[str, int], list[Decision]] = {}
    for d in await session.scalars(_DECISIONS, ids):
        decisions.setdefault((d.proposal_id, d.revision), []).append(decision(d))
    receipts: dict[str, list[Receipt]] = {}
    for r in await session.scalars(_RECEIPTS, ids):
        receipts.setdefault(r.proposal_id, []).extend(receipts_from(r.receipt))
    stops = await halts(session, {row.company_id for row in rows})
    away = await delegations.in_force(session, {row.workspace for row in rows})
    return tuple(
        replace(
            _value(
                row,
                revisions[row.id, row.revision],
                decisions.get((row.id, row.revision), ()),
                receipts.get(row.id, ()),
            ),
            halts=stops.get(row.company_id, ()),
            delegations=away.get(row.workspace, ()),
        )
        for row in rows
    )


async def several(session: AsyncSession, ids: Collection[str]) -> dict[str, Proposal]:
    """Proposals as they stand, by id."""
    found = await session.scalars(_PROPOSALS, {"ids": list(ids)})
    return {each.id: each for each in await values(session, list(found))}


async def readable(session: AsyncSession, ids: Collection[str]) -> dict[str, Proposal]:
    """Those of them that can be read: one that cannot keeps no other waiting."""
    try:
        return await several(session, ids)
    except (ValueError, TypeError):
        found: dict[str, Proposal] = {}
        for each in ids:
            try:
                found |= await several(session, (each,))
            except (ValueError, TypeError):
                log.exception("a proposal cannot be read", extra={"id": each})
        return found


async def halts(
    session: AsyncSession, companies: Collection[str]
) -> dict[str, tuple[Halt, ...]]:
    """What stops these companies just now, the oldest first; none: not in it."""
    found: dict[str, tuple[Halt, ...]] = {}
    if not companies:
        return found
    for row in await session.scalars(_STOPS, {"ids": list(companies)}):
        halt = Halt(
            row.kind.partition("-")[0], row.person, row.at, row.reason, row.lifting
        )
        found[row.company_id] = (*found.get(row.company_id, ()), halt)
    return found


def decision(row: DecisionRow) -> Decision:
    """The decision that a row keeps."""
    return Decision(
        person_id=row.person_id,
        person=row.person,
        verdict=Verdict(row.verdict),
        revision=row.revision,
        at=row.at,
        platform=row.platform,
        reason=row.reason,
        stage=row.stage,
        instead_of=row.instead_of,
        forced=row.forced,
        where=row.place,
        instead_of_id=row.instead_of_id,
    )


def _draft(revision: RevisionRow) -> Draft:
    return draft_from(revision.adopted or revision.draft)


def _value(
    row: ProposalRow,
    revision: RevisionRow,
    decisions: Iterable[Decision],
    receipts: Iterable[Receipt],
) -> Proposal:
    return Proposal(
        id=row.id,
        number=row.number,
        workspace=row.workspace,
        company=_COMPANY.validate_json(row.company),
        draft=_draft(revision),
        circumstances=circumstances_from(revision.circumstances),
        revision=row.revision,
        version=row.version,
        status=Status(row.status),
        requester_id=row.requester_id,
        requester=row.requester,
        editor_id=row.editor_id,
        editor=row.editor,
        rule=_RULE.validate_json(row.rule_whole)
        if row.rule_whole
        else Rule(row.quorum, row.hours, row.rule),
        created_at=row.created_at,
        expires_at=row.expires_at,
        words=row.words,
        decisions=tuple(decisions),
        risks=_RISKS.validate_json(row.risks),
        receipts=tuple(receipts),
        reason=row.reason,
        moved=_TEXTS.validate_json(row.moved),
        rebased=draft_from(row.rebased) if row.rebased else None,
        approved_at=row.approved_at,
        first_attempt_at=row.first_attempt_at,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        conversation=row.conversation,
        holds=row.holds,
        doubted_at=row.doubted_at,
        askers=_TEXTS.validate_json(row.askers),
        renewed_by=row.renewed_by,
        changes=_SHOWN.validate_json(row.changes),
        confidence=row.confidence,
        doubts=_TEXTS.validate_json(row.doubts),
        remind_at=row.remind_at,
        escalate_at=row.escalate_at,
        waiting_since=row.waiting_since,
        waiting_for=row.waiting_for,
        told_late_at=row.told_late_at,
        undoes=row.undoes,
        undone_by=row.undone_by,
        undo_until=row.undo_until,
        undone_in_part=row.undone_in_part,
        life=_LIFE.validate_json(row.life),
        reminded=row.reminded,
        warn_at=row.warn_at,
    )


def askers_text(p: Proposal) -> str:
    """The ids of those who asked beside its requester and editor, as a JSON list."""
    return _TEXTS.dump_json(p.askers).decode()


def company_text(company: Company) -> str:
    """A company as JSON text."""
    return _COMPANY.dump_json(company).decode()
