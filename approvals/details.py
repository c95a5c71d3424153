"""What a move saves beside the proposal's own row, in the same transaction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from approvals import followed, rows
from approvals.evidence import beside_text
from approvals.proposal import Event, Proposal
from approvals.rows import (
    AttemptRow,
    PartRow,
    ProposalRow,
    ReceiptRow,
    RequestRow,
    RevisionRow,
)
from qbo.books import (
    Receipt,
    Verb,
    circumstances_text,
    draft_text,
    receipts_text,
)


class RecordTaken(Exception):
    """The record was created for another proposal; `sentence` says for which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class RequestReused(Exception):
    """A request id was given other bytes: QuickBooks would drop the write."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the attempt at a step under one lease ended: in a word, with the receipt.

    `response` is the body of QuickBooks' answer, empty where none came.
    """

    step: int
    lease: str
    word: str
    receipt: Receipt | None = None
    response: str = ""
    intuit_tid: str | None = None


async def keep_revision(
    session: AsyncSession, p: Proposal, inbox_id: str | None = None
) -> None:
    """Keep the draft of the current revision, whole, and its request ids."""
    session.add(
        RevisionRow(
            proposal_id=p.id,
            revision=p.revision,
            editor_id=p.editor_id,
            inbox_id=inbox_id,
            digest=p.draft.digest,
            draft=draft_text(p.draft),
            circumstances=circumstances_text(p.circumstances),
            beside=beside_text(p),
        )
    )
    await _keep_requests(session, p)


async def _keep_requests(session: AsyncSession, p: Proposal) -> None:
    """Note which bytes belong to which request id, for ever.

    Raises:
        RequestReused: the id belongs to other bytes, or to another proposal.
    """
    for number, step in enumerate(p.draft.steps, start=1):
        digest = _request_digest(p, number)
        known = await session.get(RequestRow, step.request_id)
        if known is None:
            session.add(
                RequestRow(
                    request_id=step.request_id,
                    digest=digest,
                    proposal_id=p.id,
                    revision=p.revision,
                    step=number,
                )
            )
            await session.flush()
        elif (known.digest, known.proposal_id) != (digest, p.id):
            raise RequestReused(step.request_id)


async def is_as_approved(session: AsyncSession, p: Proposal) -> bool:
    """Whether the bytes of all its steps are those noted when it was proposed.

    Only the row of its revision holds the bytes, and could be changed alone.
    """
    for number, step in enumerate(p.draft.steps, start=1):
        known = await session.get(RequestRow, step.request_id)
        if known is None or (known.digest, known.proposal_id, known.step) != (
            _request_digest(p, number),
            p.id,
            number,
        ):
            return False
    return True


def _request_digest(p: Proposal, number: int) -> str:
    step = p.draft.steps[number - 1]
    told = b"\0".join((step.digest.encode(), step.path.encode(), step.body))
    return hashlib.sha256(told).hexdigest()


async def keep_details(
    session: AsyncSession,
    before: Proposal,
    after: Proposal,
    event: Event,
    at: datetime,
    inbox_id: str | None,
) -> None:
    """Save what a move adds beside the proposal's own row."""
    if after.revision != before.revision:
        await keep_revision(session, after, inbox_id)
    elif after.draft != before.draft:
        await session.execute(
            update(RevisionRow)
            .where(
                col(RevisionRow.proposal_id) == after.id,
                col(RevisionRow.revision) == after.revision,
            )
            .values(adopted=draft_text(after.draft), adopted_digest=after.draft.digest)
        )
        await _keep_requests(session, after)
    if after.revision == before.revision:
        for word in after.decisions[len(before.decisions) :]:
            session.add(rows.decision_row(after, word))
            session.add_all(rows.head_rows(after, word))
    for receipt in after.receipts:
        if receipt in before.receipts:
            continue
        await followed.keep(session, after, receipt)
        row = await _receipt_row(session, after, receipt, event)
        if receipt.step <= len(before.receipts):
            await session.merge(row)
        else:
            session.add(row)
    if event is Event.ATTEMPT:
        await _keep_attempt(session, after, at)
    await session.flush()


# A person's word or a search says these; all others rest on QuickBooks' answer.
_SAID = frozenset({Event.FOUND, Event.FOUND_STEP, Event.THERE, Event.THERE_STEP})


async def _receipt_row(
    session: AsyncSession, p: Proposal, receipt: Receipt, event: Event
) -> ReceiptRow:
    """The row of a receipt.

    Raises:
        RecordTaken: it is of a record that another proposal has created.
    """
    row = ReceiptRow(
        proposal_id=p.id, step=receipt.step, receipt=receipts_text((receipt,))
    )
    for key, made in _created(p, receipt):
        other = await _owner(session, p, made)
        if other is not None:
            if event not in _SAID:
                continue
            name = f"{made.entity} {made.doc_number or made.record_id}"
            raise RecordTaken(
                f"{name} was posted for {other}, so it is not what became of"
                f" {p.number}."
            )
        if key:
            await session.merge(_part_row(p, key, made))
        else:
            row.company_id = p.company.id
            row.entity = made.entity
            row.record_id = made.record_id
    return row


def _part_row(p: Proposal, key: str, made: Receipt) -> PartRow:
    return PartRow(
        proposal_id=p.id,
        step=made.step,
        key=key,
        company_id=p.company.id,
        entity=made.entity,
        record_id=made.record_id,
    )


def _created(p: Proposal, receipt: Receipt) -> list[tuple[str, Receipt]]:
    """The records that a step has created, with the keys of their lines, if any."""
    step = p.draft.steps[receipt.step - 1]
    if step.verb is not Verb.CREATE:
        return []
    keys = [each.key for each in receipt.parts if each.is_posted] or [""]
    return list(zip(keys, receipt.singles, strict=False))


async def taken_by(session: AsyncSession, p: Proposal, receipt: Receipt) -> str | None:
    """The number of another proposal that has created a record of a receipt."""
    for _, made in _created(p, receipt):
        number = await _owner(session, p, made)
        if number is not None:
            return number
    return None


async def _owner(session: AsyncSession, p: Proposal, made: Receipt) -> str | None:
    for kind in (ReceiptRow, PartRow):
        number: str | None = await session.scalar(
            select(col(ProposalRow.number))
            .join(kind, col(kind.proposal_id) == col(ProposalRow.id))
            .where(
                col(kind.company_id) == p.company.id,
                col(kind.entity) == made.entity,
                col(kind.record_id) == made.record_id,
                col(kind.proposal_id) != p.id,
            )
        )
        if number is not None:
            return number
    return None


async def _keep_attempt(session: AsyncSession, p: Proposal, at: datetime) -> None:
    earlier = await session.scalar(
        select(func.coalesce(func.max(AttemptRow.number), 0)).where(
            col(AttemptRow.proposal_id) == p.id, col(AttemptRow.step) == p.step
        )
    )
    assert p.lease_owner is not None, "an attempt without a lease"
    session.add(
        AttemptRow(
            proposal_id=p.id,
            step=p.step,
            number=(earlier or 0) + 1,
            request_id=p.request.request_id,
            digest=p.request.digest,
            lease_owner=p.lease_owner,
            started_at=at,
        )
    )


async def keep_outcome(
    session: AsyncSession, proposal_id: str, outcome: Outcome, at: datetime
) -> None:
    """Note how the attempt at a step under one lease ended."""
    row = await session.scalar(
        select(AttemptRow).where(
            col(AttemptRow.proposal_id) == proposal_id,
            col(AttemptRow.step) == outcome.step,
            col(AttemptRow.lease_owner) == outcome.lease,
        )
    )
    assert row is not None, "the outcome of an attempt that was never begun"
    row.ended_at, row.outcome = at, outcome.word
    row.receipt = receipts_text((outcome.receipt,)) if outcome.receipt else None
    row.response = outcome.response or None
    row.intuit_tid = outcome.intuit_tid
    await session.flush()
