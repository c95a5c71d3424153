"""Carrying out what was approved: at most once, and honest about how it ended.

A worker claims with a lease, reads the records afresh, commits an attempt row,
sends one request, commits the receipt, and reads back. Every line of this file is
a place where the process may stop: what is then in the database says what to do
next, and `resume` does it.

    claim (lease) -> check -> attempt row -> POST -> receipt row -> read-back
       |              |          |            |         `- repeated until read
       |              |          |            `- UNCONFIRMED: search, or ask again
       |              |          `- may have left: UNCONFIRMED when the lease ends
       `--------------`- nothing has left: APPROVED again when the lease ends
"""

import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from approvals import moves
from approvals.policy import Broken, Policy
from approvals.proposal import Denied, Event, Person, Proposal, Status
from approvals.store import OURSELVES, By, Outcome, RequestReused, Store
from approvals.trail import Facts
from qbo.books import Draft, Receipt, Standing, Verb
from qbo.faults import BooksFault, NotFound, Refused

log = logging.getLogger(__name__)


class Books(Protocol):
    """What is needed of the ledger. `step` counts from 1.

    All raise faults of `qbo.faults`. `post` sends exactly the step's bytes with
    its request id, once. `find` searches live: a receipt only for what is found
    and equal, None for what is certainly not there.
    """

    async def check(self, draft: Draft) -> Standing:
        """Whether the draft still rests on what it rested on, read live."""
        ...

    async def post(
        self, draft: Draft, step: int, receipts: Sequence[Receipt]
    ) -> Receipt:
        """Post one step."""
        ...

    async def find(
        self,
        draft: Draft,
        step: int,
        receipts: Sequence[Receipt],
        first_attempt_at: datetime,
    ) -> Receipt | None:
        """Search for what an earlier attempt at a step may have made."""
        ...

    async def read_back(self, draft: Draft, receipt: Receipt) -> Receipt:
        """Read what was posted and compare; the receipt with what differs."""
        ...

    async def match(self, draft: Draft, doc_number: str) -> Receipt | None:
        """Read the document that a person names; None where it does not match."""
        ...


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """The times of the rail.

    The lease is longer than the client's total time-out for one write (130 s),
    and so is `repost_after_seconds`, within which the first request may still be
    on its way. QuickBooks keeps a request id for a while only: after
    `repost_until_seconds` nothing is sent again and a person decides.
    """

    lease_seconds: int = 180
    repost_after_seconds: int = 150
    repost_until_seconds: int = 3600
    stale_after_hours: int = 24
    search_seconds: int = 15
    search_doubted_seconds: int = 3600
    patience_seconds: int = 30
    patience_max_seconds: int = 900
    notice_seconds: int = 60


class Applier:
    """Posts approved proposals, and finds out how unknown outcomes ended."""

    def __init__(
        self,
        store: Store,
        books: Books,
        policy: Callable[[], Policy | Broken],
        now: Callable[[], datetime],
        owner: str,
        may_post: Callable[[str], Awaitable[bool]],
        settings: DeskSettings,
    ) -> None:
        self._store = store
        self._books = books
        self._policy = policy
        self._now = now
        self._owner = owner
        self._may_post = may_post
        self._settings = settings

    # --- applying -----------------------------------------------------------------

    async def apply(self, proposal: Proposal) -> Proposal:
        """Post an approved proposal; one in any other status is returned as it is."""
        while proposal.status is Status.APPROVED and self._is_due(proposal):
            proposal = await self._try(proposal)
        if proposal.status is Status.APPLIED and self._is_due(proposal):
            proposal = await self._compare(proposal)
        return proposal

    def _is_due(self, proposal: Proposal) -> bool:
        return proposal.next_try_at is None or proposal.next_try_at <= self._now()

    async def _try(self, proposal: Proposal) -> Proposal:
        """Claim and carry out; or say why not now."""
        assert proposal.approved_at is not None, "approved at no time"
        hours = self._settings.stale_after_hours
        if self._now() >= proposal.approved_at + timedelta(hours=hours):
            event, after = moves.overdue(proposal, hours)
            return await self._saved(proposal, after, event)
        if not await self._may_post(proposal.company.id):
            return await self._hold(
                proposal,
                f"{proposal.company.title} is not confirmed yet: an administrator has"
                " to say yes first. Nothing has been posted.",
            )
        lease = f"{self._owner}/{uuid.uuid4().hex}"
        after = moves.claimed(proposal, lease, self._lease_end())
        if not await self._store.save(
            proposal,
            after,
            Event.CLAIM,
            at=self._now(),
            facts={"lease": lease},
            guards=self._is_policy_sound(),
        ):
            return await self._barred(proposal)
        return await self._carry_out(after)

    def _lease_end(self) -> datetime:
        return self._now() + timedelta(seconds=self._settings.lease_seconds)

    def _is_policy_sound(self) -> bool:
        return isinstance(self._policy(), Policy)

    async def _barred(self, proposal: Proposal) -> Proposal:
        """A guarded move was not made: somebody was first, or posting is stopped."""
        current = await self._again(proposal)
        if current.version != proposal.version:
            return current
        policy = self._policy()
        if isinstance(policy, Broken):
            return await self._hold(proposal, policy_sentence(policy))
        frozen_by = await self._store.frozen_by(proposal.workspace)
        if frozen_by is None:
            return current  # thawed in between: the next round claims it
        return await self._hold(proposal, frozen_sentence(frozen_by))

    async def _hold(
        self, proposal: Proposal, reason: str, fault: BooksFault | None = None
    ) -> Proposal:
        """Nothing went out: approved (still, or again), with the reason."""
        until = self._patience(proposal, fault)
        if proposal.status is Status.APPROVED and proposal.reason == reason:
            # Said already: no new version, so that no message is edited for it.
            await self._store.postpone(proposal, until)
            return await self._again(proposal)
        return await self._saved(
            proposal, moves.held(proposal, reason, until), Event.HOLD
        )

    def _patience(self, proposal: Proposal, fault: BooksFault | None) -> datetime:
        return self._now() + moves.patience(
            fault,
            proposal.holds,
            self._settings.patience_seconds,
            self._settings.patience_max_seconds,
        )

    async def _carry_out(self, proposal: Proposal) -> Proposal:
        """Check, then post step by step, for as long as the lease is ours."""
        lease = proposal.lease_owner
        assert lease is not None, "carried out without a lease"
        if not proposal.receipts and proposal.attempts == 0:
            proposal = await self._checked(proposal)
        while self._is_held(proposal, lease):
            proposal = await self._step(proposal, lease)
        return proposal

    def _is_held(self, proposal: Proposal, lease: str) -> bool:
        return (
            proposal.status is Status.APPLYING
            and proposal.lease_owner == lease
            and proposal.lease_until is not None
            and proposal.lease_until > self._now()
        )

    async def _checked(self, proposal: Proposal) -> Proposal:
        """Read the records it rests on, before anything leaves."""
        standing = await self._standing(proposal)
        if isinstance(standing, BooksFault):
            return await self._hold(proposal, standing.sentence, standing)
        rebased = standing.rebased
        if standing.moved:
            return await self._saved(
                proposal, moves.stale(proposal, standing), Event.MOVED
            )
        if rebased is None or rebased == proposal.draft:
            return proposal
        if not moves.is_same_to_people(proposal.draft, rebased):
            differs = Standing(
                ("The records behind it have changed, and so would what is posted.",),
                rebased,
            )
            return await self._saved(
                proposal, moves.stale(proposal, differs), Event.MOVED
            )
        try:
            return await self._saved(
                proposal,
                moves.adopted(proposal, rebased),
                Event.ADOPT,
                {"digest_before": proposal.draft.digest, "digest": rebased.digest},
            )
        except RequestReused:
            return await self._saved(
                proposal, moves.stale(proposal, _REUSED), Event.MOVED
            )

    async def _standing(self, proposal: Proposal) -> Standing | BooksFault:
        try:
            return await self._books.check(proposal.draft)
        except (NotFound, Refused) as gone:
            # Definite: it cannot be posted as it is, and waiting does not help.
            return Standing((gone.sentence,))
        except BooksFault as fault:
            return fault

    async def _step(self, proposal: Proposal, lease: str) -> Proposal:
        """One attempt at the step under way."""
        before, proposal = (
            proposal,
            moves.attempted(proposal, self._now(), self._lease_end()),
        )
        step = proposal.step
        if not await self._store.save(
            before,
            proposal,
            Event.ATTEMPT,
            at=self._now(),
            facts={
                "step": step,
                "digest": proposal.request.digest,
                "request_id": proposal.request.request_id,
            },
            guards=self._is_policy_sound(),
        ):
            return await self._barred_before_attempt(before)
        if not self._is_held(proposal, lease):
            return proposal  # the process stood still: too late to send
        try:
            receipt = await self._books.post(proposal.draft, step, proposal.receipts)
        except BooksFault as fault:
            return await self._faulted(proposal, fault)
        except Exception:
            # A fault in us, with a request that may have left: unknown, not failed.
            await self._faulted(proposal, None)
            raise
        return await self._received(proposal, receipt)

    async def _barred_before_attempt(self, proposal: Proposal) -> Proposal:
        if proposal.attempts == 0:
            return await self._barred(proposal)
        # Asking again was stopped: it is as unknown as before.
        current = await self._again(proposal)
        if current.version != proposal.version:
            return current
        after = moves.lost(proposal, self._patience(proposal, None))
        return await self._saved(proposal, after, Event.LOST)

    async def _faulted(self, attempted: Proposal, fault: BooksFault | None) -> Proposal:
        """Record how an attempt ended without a receipt; None: a fault in us."""
        lease, step = attempted.lease_owner or "", attempted.step
        outcome = Outcome(step, lease, type(fault).__name__ if fault else "unknown")
        facts: Facts = {
            "step": step,
            "fault": outcome.word,
            "code": getattr(fault, "code", None),
            "intuit_tid": getattr(fault, "intuit_tid", None),
        }
        proposal = await self._again(attempted)
        while (
            proposal.status is Status.APPLYING
            and proposal.lease_owner == lease
            and proposal.step == step
        ):
            until = self._after_fault(proposal, fault)
            event, after = (
                (Event.LOST, moves.lost(proposal, until))
                if fault is None
                else moves.faulted(proposal, fault, until)
            )
            if await self._store.save(
                proposal, after, event, at=self._now(), facts=facts, outcome=outcome
            ):
                return await self._explained(after) if after.moved else after
            proposal = await self._again(proposal)
        # Taken over meanwhile: noted, and left to whoever has it now.
        await self._store.note(
            proposal, "late-fault", at=self._now(), facts=facts, outcome=outcome
        )
        return proposal

    def _after_fault(self, proposal: Proposal, fault: BooksFault | None) -> datetime:
        if proposal.attempts == 1 and moves.is_unknown(fault):
            return self._now() + timedelta(seconds=self._settings.search_seconds)
        return self._patience(proposal, fault)

    async def _explained(self, proposal: Proposal) -> Proposal:
        """After 5010: read what moved, and offer the same upon it."""
        try:
            standing = await self._books.check(proposal.draft)
        except BooksFault:
            return proposal
        if not standing.moved and standing.rebased is None:
            return proposal
        standing = replace(standing, moved=standing.moved or proposal.moved)
        return await self._saved(proposal, moves.stale(proposal, standing), Event.MOVED)

    async def _received(self, attempted: Proposal, receipt: Receipt) -> Proposal:
        """Record a receipt: first of all, and whoever holds the proposal now."""
        lease, step = attempted.lease_owner or "", attempted.step
        receipt = replace(receipt, step=step)
        outcome = Outcome(step, lease, "receipt", receipt)
        facts = _facts(receipt)
        proposal = await self._again(attempted)
        while proposal.step == step:
            event, after = moves.received(proposal, receipt)
            if await self._store.save(
                proposal, after, event, at=self._now(), facts=facts, outcome=outcome
            ):
                return after
            proposal = await self._again(proposal)
        known = proposal.receipts[step - 1]
        await self._store.note(
            proposal, "late-receipt", at=self._now(), facts=facts, outcome=outcome
        )
        if known.record_id != receipt.record_id:
            return await self._twice(proposal, receipt)
        return proposal

    async def _twice(self, proposal: Proposal, receipt: Receipt) -> Proposal:
        """QuickBooks made a second record after all: said on the proposal."""
        said = (
            f"QuickBooks holds it twice: also as {receipt.entity}"
            f" {receipt.doc_number or receipt.record_id}. One of them may have to be"
            " voided."
        )
        while proposal.status is Status.APPLIED:
            known = proposal.receipts[receipt.step - 1]
            after = moves.compared(
                proposal, replace(known, differences=(*known.differences, said))
            )
            if await self._store.save(
                proposal, after, Event.COMPARE, at=self._now(), facts=_facts(receipt)
            ):
                return after
            proposal = await self._again(proposal)
        return proposal

    # --- reading back -------------------------------------------------------------

    async def _compare(self, proposal: Proposal) -> Proposal:
        """Read back what has not been compared; never leads to a request."""
        for receipt in proposal.receipts:
            if receipt.compared or proposal.status is not Status.APPLIED:
                continue
            try:
                read = await self._books.read_back(proposal.draft, receipt)
            except NotFound as gone:
                read = replace(receipt, compared=True, differences=(gone.sentence,))
            except BooksFault as fault:
                await self._store.postpone(proposal, self._patience(proposal, fault))
                return await self._again(proposal)
            after = moves.compared(proposal, read)
            facts: Facts = {
                "step": receipt.step,
                "record_id": read.record_id,
                "differences": " ".join(read.differences) or None,
            }
            if not await self._store.save(
                proposal, after, Event.COMPARE, at=self._now(), facts=facts
            ):
                return await self._again(proposal)  # another one reads it back
            proposal = after
        return proposal

    # --- confirming ---------------------------------------------------------------

    async def confirm(self, proposal: Proposal) -> Proposal:
        """Find out how an unknown outcome ended: search, or ask again."""
        if proposal.status is Status.UNCONFIRMED:
            proposal = await self._searched(proposal)
        return await self.apply(proposal)

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
        if receipt is not None:
            event, after = moves.found(proposal, receipt)
            return await self._saved(proposal, after, event, _facts(receipt))
        age = (self._now() - proposal.first_attempt_at).total_seconds()
        settings = self._settings
        is_time = settings.repost_after_seconds <= age <= settings.repost_until_seconds
        if (
            not is_time
            or proposal.doubted_at is not None
            or not await self._may_post(proposal.company.id)
        ):
            return await self._wait(proposal, None)
        lease = f"{self._owner}/{uuid.uuid4().hex}"
        after = moves.again(proposal, lease, self._lease_end())
        if not await self._store.save(
            proposal,
            after,
            Event.AGAIN,
            at=self._now(),
            facts={"lease": lease},
            guards=self._is_policy_sound(),
        ):
            current = await self._again(proposal)
            if current.version != proposal.version:
                return current
            return await self._wait(proposal, None)
        return await self._carry_out(after)

    async def _wait(self, proposal: Proposal, fault: BooksFault | None) -> Proposal:
        """Search again later; when it is too late to ask again, ask people."""
        assert proposal.first_attempt_at is not None, "unconfirmed, never attempted"
        settings, now = self._settings, self._now()
        until = proposal.first_attempt_at + timedelta(
            seconds=settings.repost_until_seconds
        )
        if proposal.doubted_at is None and now > until:
            return await self._saved(
                proposal, moves.doubted(proposal, now), Event.DOUBT
            )
        if proposal.doubted_at is not None:
            next_try = now + timedelta(seconds=settings.search_doubted_seconds)
        else:
            next_try = self._patience(proposal, fault)
            repost = proposal.first_attempt_at + timedelta(
                seconds=settings.repost_after_seconds
            )
            if fault is None and now < repost < next_try:
                next_try = repost
        await self._store.postpone(proposal, next_try)
        return await self._again(proposal)

    # --- a person tells -----------------------------------------------------------

    async def settle(
        self, proposal: Proposal, person: Person, doc_number: str | None, platform: str
    ) -> Proposal:
        """A person says "it is there (number)", which is read, or "it is not"."""
        by = By.person(person, platform)
        while True:
            moves.may_settle(proposal, person)
            if doc_number is None:
                event, after = moves.settled_not(proposal, person)
                facts: Facts = {"step": proposal.step, "there": "no"}
            else:
                receipt = await self._named(proposal, doc_number)
                event, after = moves.settled_there(proposal, receipt, person)
                facts = _facts(receipt)
            if await self._store.save(
                proposal, after, event, at=self._now(), by=by, facts=facts
            ):
                return await self.apply(after)
            proposal = await self._again(proposal)

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
        else:
            found = await self._books.match(proposal.draft, number)
            why = f"“{number}” in QuickBooks is not what was approved as"
            why += f" {proposal.number}, or is not there"
        if found is None:
            raise Denied(f"{why}. Nothing has been decided.", rule="match")
        return replace(found, step=proposal.step)

    # --- time ---------------------------------------------------------------------

    async def carry_on(self, proposal: Proposal) -> Proposal:
        """Whatever is to be done about a proposal now, done."""
        now = self._now()
        match proposal.status:
            case Status.PENDING if now >= proposal.expires_at:
                return await self._saved(
                    proposal, moves.expired(proposal, now), Event.EXPIRE
                )
            case Status.APPLYING if proposal.lease_until and (
                proposal.lease_until <= now
            ):
                event, after = moves.lapsed(proposal, now)
                lapsed = await self._saved(
                    proposal, after, event, {"lease": proposal.lease_owner}
                )
                return await self.carry_on(lapsed) if lapsed is after else lapsed
            case Status.UNCONFIRMED if self._is_due(proposal):
                return await self.confirm(proposal)
            case Status.APPROVED | Status.APPLIED:
                return await self.apply(proposal)
        return proposal

    async def review(self, proposal: Proposal) -> Proposal:
        """Whether one that waits still rests on what it rested on; STALE if not."""
        if proposal.status not in {Status.PENDING, Status.APPROVED}:
            return proposal
        if proposal.receipts:
            return proposal
        standing = await self._standing(proposal)
        if isinstance(standing, BooksFault) or not standing.moved:
            return proposal
        return await self._saved(proposal, moves.stale(proposal, standing), Event.MOVED)

    # --- saving -------------------------------------------------------------------

    async def _saved(
        self,
        before: Proposal,
        after: Proposal,
        event: Event,
        facts: Facts | None = None,
    ) -> Proposal:
        """Make a move of our own; where somebody was first, what they made of it."""
        told: Facts = {"reason": after.reason, **(facts or {})}
        if await self._store.save(
            before, after, event, at=self._now(), by=OURSELVES, facts=told
        ):
            return after
        return await self._again(before)

    async def _again(self, proposal: Proposal) -> Proposal:
        """The proposal as it stands now."""
        current = await self._store.proposal(proposal.id)
        assert current is not None, "a proposal that was there is gone"
        return current


_REUSED = Standing(
    ("The records behind it have changed, and it could not be drafted anew.",)
)


def policy_sentence(broken: Broken) -> str:
    """Why nothing can be written while the policy is broken."""
    where = f" (line {broken.line})" if broken.line else ""
    return (
        f"The approval policy cannot be followed{where}: {broken.sentence} Until it is"
        " mended nothing can be proposed, approved or posted; questions work."
    )


def frozen_sentence(person: str) -> str:
    """Why nothing is posted while a workspace is frozen."""
    return (
        f"Posting has been stopped by {person}. Nothing is posted until an"
        " administrator lets it go on."
    )


def _facts(receipt: Receipt) -> Facts:
    return {
        "step": receipt.step,
        "entity": receipt.entity,
        "record_id": receipt.record_id,
        "sync_token": receipt.sync_token,
        "doc_number": receipt.doc_number,
        "intuit_tid": receipt.intuit_tid,
    }
