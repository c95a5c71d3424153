"""Finding out how an unknown outcome ended, and all that time has to do with.

A request that nobody heard back from is searched for. What is certainly not there
is asked for again, with the same bytes and the same request id, while QuickBooks
still knows that id; later only a person can tell.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from approvals import lines, moves, undoable, undoing
from approvals.applying import Applier, facts_of
from approvals.details import RecordTaken
from approvals.port import Books, DeskSettings
from approvals.proposal import Denied, Event, Person, Proposal, Status
from approvals.store import By, Store
from qbo.books import Receipt, Verb
from qbo.faults import Ambiguous, BooksFault


class Confirmer:
    """Carries on with proposals that wait, were interrupted, or are unconfirmed."""

    def __init__(
        self,
        applier: Applier,
        store: Store,
        books: Books,
        now: Callable[[], datetime],
        *,
        owner: str,
        may_post: Callable[[str], Awaitable[bool]],
        settings: DeskSettings,
    ) -> None:
        self._applier = applier
        self._store = store
        self._books = books
        self._now = now
        self._owner = owner
        self._may_post = may_post
        self._settings = settings

    # --- confirming ---------------------------------------------------------------

    async def confirm(self, proposal: Proposal) -> Proposal:
        """Find out how an unknown outcome ended: search, or ask again."""
        if proposal.status is Status.UNCONFIRMED:
            proposal = await self._searched(proposal)
        return await self._applier.apply(proposal)

    async def _searched(self, proposal: Proposal) -> Proposal:
        assert proposal.first_attempt_at is not None, "unconfirmed, never attempted"
        try:
            receipt = await self._books.find(
                proposal.draft,
                proposal.step,
                proposal.receipts,
                proposal.first_attempt_at,
            )
        except BooksFault as fault:
            return await self._wait(proposal, fault)
        settings, now = self._settings, self._now()
        last = await self._store.last_attempt_at(proposal)
        is_over = lines.certain_after(
            last or proposal.first_attempt_at, settings.repost_after_seconds, now
        )
        if receipt is not None:
            # What is missing of several lines may still come while it is at work.
            if receipt.is_whole or is_over:
                return await self._found(proposal, receipt)
            return await self._wait(proposal, None)
        age = (now - proposal.first_attempt_at).total_seconds()
        is_time = is_over and age <= settings.repost_until_seconds
        if (
            not is_time
            or proposal.doubted_at is not None
            or not await self._may_post(proposal.company.id)
        ):
            return await self._wait(proposal, None)
        return await self._again(proposal)

    async def _again(self, proposal: Proposal) -> Proposal:
        """What is certainly not there is asked for with the same bytes and id."""
        lease = f"{self._owner}/{uuid.uuid4().hex}"
        after = moves.again(proposal, lease, self._applier.lease_end())
        if not await self._store.save(
            proposal,
            after,
            Event.AGAIN,
            at=self._now(),
            facts={"lease": lease},
            guards=self._applier.may_go_on(proposal),
        ):
            current = await self._applier.current(proposal)
            if current.version != proposal.version:
                return current
            return await self._wait(proposal, None)
        return await self._applier.carry_out(after)

    async def _found(self, proposal: Proposal, receipt: Receipt) -> Proposal:
        """A search has found it, unless that is what another proposal has made."""
        event, after = moves.found(proposal, receipt)
        try:
            return await self._applier.saved(proposal, after, event, facts_of(receipt))
        except RecordTaken as taken:
            fault = Ambiguous(taken.sentence, about="document")
            return await self._wait(proposal, fault)

    async def _wait(self, proposal: Proposal, fault: BooksFault | None) -> Proposal:
        """Search again later; when it is too late to ask again, ask people."""
        assert proposal.first_attempt_at is not None, "unconfirmed, never attempted"
        settings, now = self._settings, self._now()
        # Where the search itself says that a person has to look, one is asked as
        # soon as the first request can no longer be on its way.
        is_for_people = isinstance(fault, Ambiguous)
        until = proposal.first_attempt_at + timedelta(
            seconds=settings.repost_after_seconds
            if is_for_people
            else settings.repost_until_seconds
        )
        if proposal.doubted_at is None and now > until:
            why = fault.sentence if fault is not None and is_for_people else ""
            return await self._applier.saved(
                proposal, moves.doubted(proposal, now, why), Event.DOUBT
            )
        if proposal.doubted_at is not None:
            # Its card asks people, and names no time: no message is edited for it.
            next_try = now + timedelta(seconds=settings.search_doubted_seconds)
            await self._store.postpone(proposal, next_try)
            return await self._applier.current(proposal)
        next_try = self._applier.patience(proposal, fault)
        repost = proposal.first_attempt_at + timedelta(
            seconds=settings.repost_after_seconds
        )
        if fault is None and now < repost < next_try:
            next_try = repost
        return await self._applier.saved(
            proposal, moves.searched(proposal, next_try), Event.SEARCHED
        )

    # --- a person tells -----------------------------------------------------------

    async def settle(
        self, proposal: Proposal, person: Person, doc_number: str | None, by: By
    ) -> Proposal:
        """A person says "it is there (number)", which is read, or "it is not"."""
        while True:
            moves.may_settle(proposal, person)
            if doc_number is None:
                event, after = moves.settled_not(proposal, person)
                facts = facts_of(None)
            else:
                receipt = await self._named(proposal, doc_number)
                event, after = moves.settled_there(proposal, receipt, person)
                facts = facts_of(receipt)
            try:
                is_saved = await self._store.save(
                    proposal, after, event, at=self._now(), by=by, facts=facts
                )
            except RecordTaken as taken:
                raise Denied(
                    f"{taken.sentence} Nothing has been decided.", rule="match"
                ) from None
            if is_saved:
                return await self._applier.apply(after)
            proposal = await self._applier.current(proposal)

    async def _named(self, proposal: Proposal, doc_number: str) -> Receipt:
        """The record that a person names, read live."""
        number = doc_number.strip().lstrip("#")[:40]
        if proposal.request.verb is Verb.SEND:
            # A number says nothing about an e-mail: QuickBooks' own note of it does.
            assert proposal.first_attempt_at is not None, "never attempted"
            found = await self._books.find(
                proposal.draft,
                proposal.step,
                proposal.receipts,
                proposal.first_attempt_at,
            )
            why = "QuickBooks does not show that it was e-mailed"
        elif not number:
            raise Denied(
                "Please give the number that QuickBooks shows. Nothing has been"
                " decided.",
                rule="match",
            )
        else:
            found = await self._books.match(
                proposal.draft, number, first_attempt_at=proposal.first_attempt_at
            )
            why = f"“{number}” in QuickBooks is not what was approved as"
            why += f" {proposal.number}, or is not there"
        if found is None:
            raise Denied(f"{why}. Nothing has been decided.", rule="match")
        if proposal.request.parts and found.step != proposal.step:
            raise Denied(f"{why}. Nothing has been decided.", rule="match")
        return replace(found, step=proposal.step)

    # --- time ---------------------------------------------------------------------

    async def carry_on(self, proposal: Proposal) -> Proposal:
        """Whatever is to be done about a proposal now, done."""
        now = self._now()
        match proposal.status:
            case Status.PENDING if now >= proposal.expires_at:
                return await self._applier.saved(
                    proposal, moves.expired(proposal, now), Event.EXPIRE
                )
            case Status.APPLYING if proposal.lease_until and (
                proposal.lease_until <= now
            ):
                event, after = moves.lapsed(proposal, now)
                lapsed = await self._applier.saved(
                    proposal, after, event, {"lease": proposal.lease_owner}
                )
                return await self.carry_on(lapsed) if lapsed is after else lapsed
            case Status.UNCONFIRMED if self._applier.is_due(proposal):
                return await self.confirm(proposal)
            case Status.APPROVED:
                return await self._applier.apply(await self._applier.in_time(proposal))
            case Status.APPLIED:
                return await self._posted(proposal, now)
        return proposal

    async def _posted(self, proposal: Proposal, now: datetime) -> Proposal:
        """What is posted is read back, and offers its undo no longer than it may."""
        read = await self._applier.apply(proposal)
        if not undoable.is_over(read, now):
            return read
        return await self._applier.saved(
            read, undoing.over(read), Event.UNDO, {"undo": "over"}
        )

    async def review(self, proposal: Proposal) -> Proposal:
        """Whether one that waits still rests on what it rested on; STALE if not."""
        if proposal.status not in {Status.PENDING, Status.APPROVED}:
            return proposal
        if proposal.receipts:
            return proposal
        standing = await self._applier.standing(proposal)
        if isinstance(standing, BooksFault):
            return proposal
        standing = moves.as_people_see(proposal, standing)
        if not standing.moved:
            return proposal
        return await self._applier.saved(
            proposal, moves.stale(proposal, standing), Event.MOVED
        )
