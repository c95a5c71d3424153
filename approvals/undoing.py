"""Taking back what was posted: a new proposal, and what it does to the old one.

An undo is a proposal like any other: it has its own approvers, and whoever wants it
is its requester. The one that it takes back names it (`undone_by`), so that there is
one at a time; when the undo ends without being posted, it is free again. Both are
moved in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from approvals import moves, notices, rows, undoable
from approvals.proposal import (
    Audience,
    Denied,
    Event,
    Person,
    Proposal,
    Role,
    Status,
    WantedTelling,
)
from approvals.rows import ProposalRow

_ENDED = frozenset(
    {
        *(Status.REJECTED, Status.EXPIRED, Status.WITHDRAWN),
        *(Status.FAILED, Status.STALE),
    }
)


@dataclass(frozen=True, slots=True)
class Undoing:
    """The posted proposal that a new one takes back, and who wants that.

    `instead` is the number of the undo that the new one takes up, where there is one.
    """

    original_id: str
    person: Person
    at: datetime
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A proposal that moved along with another one, and what is told of it."""

    before: Proposal
    after: Proposal
    told: tuple[WantedTelling, ...] = ()


def may_undo(
    proposal: Proposal, person: Person, at: datetime, instead: str | None = None
) -> None:
    """Deny whoever must not undo a proposal, and what cannot be undone, or no longer.

    Raises:
        Denied: not posted ("state"), never possible ("undo"), not theirs ("role"),
            being undone already ("twice"), or too late ("late").
    """
    moves.belongs(proposal, person)
    number = proposal.number
    if proposal.status is not Status.APPLIED:
        raise Denied(moves.stands(proposal), rule="state")
    if sentence := undoable.why_not(proposal):
        raise Denied(sentence, rule="undo")
    if not _is_theirs(proposal, person):
        raise Denied(
            f"Only {proposal.requester}, an approver or an administrator can undo"
            f" {number}.",
            rule="role",
        )
    if proposal.undone_by not in {None, instead}:
        done = (
            f"{number} was taken back by {proposal.undone_by} already."
            if proposal.undo_until is None
            else f"{proposal.undone_by} proposes to take {number} back already."
        )
        raise Denied(f"{done} Please look there.", rule="twice")
    if proposal.undo_until is None or at >= proposal.undo_until:
        raise Denied(
            f"The time in which {number} could be undone from here is over. Nothing has"
            " been changed. What is right now can be asked for in words, as any other"
            " change.",
            rule="late",
        )


def offers(proposal: Proposal, viewer: Person | None) -> bool:
    """Whether a card offers the undo to a viewer; None: a place several people read."""
    if proposal.status is not Status.APPLIED or proposal.undo_until is None:
        return False
    if proposal.undone_by is not None:
        return False
    return viewer is None or _is_theirs(proposal, viewer)


def _is_theirs(proposal: Proposal, person: Person) -> bool:
    return moves.asked_for(proposal, person) or bool(
        person.roles & {Role.APPROVER, Role.ADMIN}
    )


def over(proposal: Proposal) -> Proposal:
    """The time for undoing it is over, and nobody did: it is offered no longer."""
    return moves.moved(proposal, Event.UNDO, undo_until=None)


# --- in the store's transactions ------------------------------------------------------


async def locked(session: AsyncSession, undo: Undoing | None) -> Proposal | None:
    """The proposal that is to be taken back, locked; None: none is."""
    if undo is None:
        return None
    found = await _one(session, col(ProposalRow.id) == undo.original_id)
    assert found is not None, "undid a proposal that is not there"
    return found


async def taken_back(
    session: AsyncSession, original: Proposal, undo: Undoing, by: Proposal
) -> Touched:
    """The proposal that a new one takes back, moved.

    Raises:
        Denied: it cannot be undone by this person, or is being undone already.
    """
    may_undo(original, undo.person, undo.at, undo.instead)
    after = moves.moved(original, Event.UNDO, undone_by=by.number)
    await _save(session, after)
    return Touched(original, after, _told(original, by, "is to be taken back"))


async def followed(
    session: AsyncSession, before: Proposal, after: Proposal
) -> Touched | None:
    """What a move of an undo does to the proposal that it takes back.

    One that ended without being posted frees it; one that was posted closes it. One
    that was done in part does neither: what it left can be taken back by another.
    """
    is_posted = after.status is Status.APPLIED
    # Proof that came late may complete one that was believed to be done in part.
    is_new = (after.status, after.is_complete) != (before.status, before.is_complete)
    if after.undoes is None or not is_new:
        return None
    if not is_posted and after.status not in _ENDED:
        return None
    original = await _one(
        session,
        (col(ProposalRow.workspace) == after.workspace)
        & (col(ProposalRow.number) == after.undoes),
    )
    assert original is not None, "the undo of a proposal that is not there"
    if original.undone_by not in {after.number, None if is_posted else after.number}:
        return None  # another one takes it back by now
    is_whole = is_posted and after.is_complete
    in_part = original.undone_in_part
    if is_posted:
        # The one that was completed late is the last that took a part no longer.
        in_part = after.number if not is_whole else _but(in_part, after.number)
    changed = moves.moved(
        original,
        Event.UNDO,
        undone_by=after.number if is_whole else None,
        undo_until=None if is_whole else original.undo_until,
        undone_in_part=in_part,
    )
    await _save(session, changed)
    what = "was taken back" if is_whole else "was taken back only in part"
    told = _told(original, after, what) if is_posted else ()
    return Touched(original, changed, told)


def _but(number: str | None, other: str) -> str | None:
    return None if number == other else number


def _told(original: Proposal, undo: Proposal, what: str) -> tuple[WantedTelling, ...]:
    """Who asked for the original learns of it, unless they undo it themselves."""
    if undo.requester_id == original.requester_id:
        return ()
    sentence = (
        f"{original.number} ({original.draft.heading}) {what}: {undo.requester} has"
        f" proposed {undo.number}."
    )
    key = f"{undo.number}.{undo.status.value}"
    if undo.status is Status.APPLIED and not undo.is_complete:
        key += ".part"
    return (WantedTelling("undo", Audience.ASKER, sentence, key),)


async def _one(session: AsyncSession, where: ColumnElement[bool]) -> Proposal | None:
    return await rows.first(session, select(ProposalRow).where(where).with_for_update())


async def _save(session: AsyncSession, after: Proposal) -> None:
    """Write a locked row."""
    await session.execute(
        update(ProposalRow)
        .where(col(ProposalRow.id) == after.id)
        .values(rows.columns(after))
    )
    await notices.outdate(session, (after.id,), after.version)
