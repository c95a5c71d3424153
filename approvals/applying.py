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
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from approvals import exchange, lines, moves, overtaking, stops, waiting, witness
from approvals.details import Outcome, RequestReused
from approvals.looking import also_open
from approvals.policy import Broken, Policy
from approvals.port import Books, DeskSettings
from approvals.proposal import (
    Audience,
    Event,
    Halt,
    Proposal,
    Status,
    WantedTelling,
)
from approvals.store import OURSELVES, Store
from approvals.trail import Facts
from approvals.waiting import Wait
from qbo.books import Company, Receipt, Standing
from qbo.faults import BooksFault, NotFound, Refused, Unconfirmed

log = logging.getLogger(__name__)


class Applier:
    """Posts approved proposals, and finds out how unknown outcomes ended."""

    def __init__(
        self,
        store: Store,
        books: Books,
        policy: Callable[[], Policy | Broken],
        now: Callable[[], datetime],
        *,
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
        while proposal.status is Status.APPROVED and self.is_due(proposal):
            proposal = await self._try(proposal)
        if proposal.status is Status.APPLIED and self.is_due(proposal):
            proposal = await self._compare(proposal)
        return proposal

    def is_due(self, proposal: Proposal) -> bool:
        """Whether it may be tried now."""
        return proposal.next_try_at is None or proposal.next_try_at <= self._now()

    async def in_time(self, proposal: Proposal) -> Proposal:
        """An approved one that waits for too long: told, and STALE in the end."""
        assert proposal.approved_at is not None, "approved at no time"
        now, settings = self._now(), self._settings
        hours = settings.stale_after_hours
        if now >= proposal.approved_at + timedelta(hours=hours):
            event, after = moves.overdue(proposal, hours)
            return await self.saved(proposal, after, event)
        since = proposal.waiting_since
        if since is None or proposal.told_late_at is not None:
            return proposal
        if now < since + timedelta(minutes=settings.late_after_minutes):
            return proposal
        return await self.saved(proposal, moves.late(proposal, now), Event.LATE)

    async def _try(self, proposal: Proposal) -> Proposal:
        """Claim and carry out; or say why not now."""
        before, proposal = proposal, await self.in_time(proposal)
        if proposal.version != before.version:
            return proposal
        if not await self._may_post(proposal.company.id):
            bar = await self._bar(proposal.company)
            wait = bar or waiting.unconfirmed(proposal.company)
            return await self._hold(proposal, wait)
        lease = f"{self._owner}/{uuid.uuid4().hex}"
        after = moves.claimed(proposal, lease, self.lease_end())
        if not await self._store.save(
            proposal,
            after,
            Event.CLAIM,
            at=self._now(),
            facts={"lease": lease},
            guards=self.may_go_on(proposal),
        ):
            return await self._barred(proposal)
        return await self.carry_out(after)

    async def _bar(self, company: Company) -> Wait | None:
        """What forbids to post to a company just now: the policy, or what stops it."""
        policy = self._policy()
        if isinstance(policy, Broken):
            return waiting.broken(policy_sentence(policy))
        halts = await self._store.stops.of(company.id)
        halt = halts[0] if halts else self.readonly_by(company)
        return waiting.halted(halt) if halt is not None else None

    def lease_end(self) -> datetime:
        """When a lease that begins now ends."""
        return self._now() + timedelta(seconds=self._settings.lease_seconds)

    def may_go_on(self, proposal: Proposal) -> bool:
        """Whether the policy can be followed, and nothing set forbids to write."""
        policy = self._policy()
        if isinstance(policy, Broken):
            return False
        return self.readonly_by(proposal.company) is None

    def readonly_by(self, company: Company) -> Halt | None:
        """What the setting or the policy says of a company as it is now."""
        return stops.set_readonly(
            self._settings.readonly, self._policy(), company, self._now()
        )

    async def _barred(self, proposal: Proposal) -> Proposal:
        """A guarded move was not made: somebody was first, or posting is stopped."""
        current = await self.current(proposal)
        if current.version != proposal.version:
            return current
        wait = await self._bar(proposal.company)
        if wait is None:
            return current  # let go on in between: the next round claims it
        return await self._hold(proposal, wait)

    async def _hold(
        self, proposal: Proposal, wait: Wait, fault: BooksFault | None = None
    ) -> Proposal:
        """Nothing went out: approved (still, or again), with the reason."""
        until = self.patience(proposal, fault)
        is_said = proposal.status is Status.APPROVED and (
            proposal.reason == wait.sentence and proposal.waiting_since is not None
        )
        if is_said and not waiting.is_timed(wait):
            # Said already: no new version, so that no message is edited for it.
            await self._store.postpone(proposal, until)
            return await self.current(proposal)
        return await self.saved(
            proposal, moves.held(proposal, wait, self._now(), until), Event.HOLD
        )

    def patience(self, proposal: Proposal, fault: BooksFault | None) -> datetime:
        """When to try again, after so many tries in vain."""
        return self._now() + moves.patience(
            fault,
            proposal.holds,
            self._settings.patience_seconds,
            self._settings.patience_max_seconds,
        )

    async def carry_out(self, proposal: Proposal) -> Proposal:
        """Check, then post step by step, for as long as the lease is ours."""
        lease = proposal.lease_owner
        assert lease is not None, "carried out without a lease"
        if not proposal.receipts and proposal.attempts == 0:
            proposal = await self._checked(proposal)
        while self._is_held(proposal, lease):
            proposal = await self._step(proposal, lease)
        if proposal.status is Status.APPLYING:
            return await self.current(proposal)  # another worker's by now, perhaps
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
        standing = await self.standing(proposal)
        if isinstance(standing, BooksFault):
            return await self._hold(proposal, waiting.upon(standing), standing)
        standing = moves.as_people_see(proposal, standing)
        rebased = standing.rebased
        if standing.moved:
            return await self.saved(
                proposal, moves.stale(proposal, standing), Event.MOVED
            )
        if rebased is None or rebased == proposal.draft:
            return proposal
        try:
            after = moves.adopted(proposal, rebased)
            return await self.saved(
                proposal,
                after,
                Event.ADOPT,
                {
                    "digest_before": proposal.draft.digest,
                    "digest": rebased.digest,
                    "content": witness.content(after),
                },
            )
        except RequestReused:
            return await self.saved(
                proposal, moves.stale(proposal, _REUSED), Event.MOVED
            )

    async def standing(self, proposal: Proposal) -> Standing | BooksFault:
        """What it rests on, read live; the fault where that cannot be read."""
        try:
            standing = await self._books.check(proposal.draft)
            standing = await also_open(self._books, proposal, standing)
        except (NotFound, Refused) as gone:
            # Definite: it cannot be posted as it is, and waiting does not help.
            return Standing((gone.sentence,))
        except BooksFault as fault:
            return fault
        # Last, since a late answer may come while the records are being read.
        late = await overtaking.overtaken(self._store, proposal)
        return Standing((late,)) if late else standing

    async def _step(self, proposal: Proposal, lease: str) -> Proposal:
        """One attempt at the step under way."""
        if not await self._store.is_as_approved(proposal):
            return await self._altered(proposal)
        before, proposal = (
            proposal,
            moves.attempted(proposal, self._now(), self.lease_end()),
        )
        step = proposal.step
        if not await self._store.save(
            before,
            proposal,
            Event.ATTEMPT,
            at=self._now(),
            facts={"step": step, **exchange.asked(proposal.request, proposal.receipts)},
            guards=self.may_go_on(before),
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

    async def _altered(self, proposal: Proposal) -> Proposal:
        """What is stored is not what was approved: nothing of it leaves, ever."""
        sentence = (
            f"What is stored of {proposal.number} is not what was approved: somebody"
            " has changed it in the database. Nothing of that was sent to QuickBooks."
        )
        tell = (WantedTelling("altered", Audience.ADMINS, sentence),)
        event, after = moves.altered(proposal, sentence, self.patience(proposal, None))
        facts: Facts = {"reason": sentence, "altered": "yes"}
        if await self._store.save(
            proposal, after, event, at=self._now(), facts=facts, tell=tell
        ):
            return after
        return await self.current(proposal)

    async def _barred_before_attempt(self, proposal: Proposal) -> Proposal:
        if proposal.attempts == 0:
            return await self._barred(proposal)
        # Asking again was stopped: it is as unknown as before.
        current = await self.current(proposal)
        if current.version != proposal.version:
            return current
        after = moves.lost(proposal, self.patience(proposal, None))
        return await self.saved(proposal, after, Event.LOST)

    async def _faulted(self, attempted: Proposal, fault: BooksFault | None) -> Proposal:
        """Record how an attempt ended without a receipt; None: a fault in us."""
        lease, step = attempted.lease_owner or "", attempted.step
        outcome = Outcome(
            step,
            lease,
            type(fault).__name__ if fault else "unknown",
            response=exchange.bounded(fault.response) if fault else "",
            intuit_tid=fault.intuit_tid if fault else None,
        )
        facts: Facts = {
            "step": step,
            "fault": outcome.word,
            "code": getattr(fault, "code", None),
            **exchange.answered(fault),
        }
        proposal = await self.current(attempted)
        while (
            proposal.status is Status.APPLYING
            and proposal.lease_owner == lease
            and proposal.step == step
        ):
            until = self._after_fault(proposal, fault)
            event, after = (
                (Event.LOST, moves.lost(proposal, until))
                if fault is None
                else moves.faulted(proposal, fault, self._now(), until)
            )
            if await self._store.save(
                proposal, after, event, at=self._now(), facts=facts, outcome=outcome
            ):
                return await self._explained(after) if after.moved else after
            proposal = await self.current(proposal)
        # Taken over meanwhile: noted, and left to whoever has it now.
        await self._store.note(
            proposal, "late-fault", at=self._now(), facts=facts, outcome=outcome
        )
        return proposal

    def _after_fault(self, proposal: Proposal, fault: BooksFault | None) -> datetime:
        if proposal.attempts == 1 and moves.is_unknown(fault):
            return self._now() + timedelta(seconds=self._settings.search_seconds)
        return self.patience(proposal, fault)

    async def _explained(self, proposal: Proposal) -> Proposal:
        """After 5010: read what moved, and offer the same upon it."""
        try:
            standing = await self._books.check(proposal.draft)
        except BooksFault:
            return proposal
        if not standing.moved and standing.rebased is None:
            return proposal
        standing = replace(standing, moved=standing.moved or proposal.moved)
        return await self.saved(proposal, moves.stale(proposal, standing), Event.MOVED)

    async def _received(self, attempted: Proposal, receipt: Receipt) -> Proposal:
        """Record a receipt: first of all, and whoever holds the proposal now."""
        if attempted.attempts > 1 and not receipt.is_whole:
            # The lines it says no to may be there by the first attempt: searched for.
            unclear = Unconfirmed("QuickBooks refused lines that it may have taken.")
            unclear.status, unclear.response = receipt.status, receipt.response
            unclear.intuit_tid = receipt.intuit_tid
            return await self._faulted(attempted, unclear)
        lease, step = attempted.lease_owner or "", attempted.step
        facts = {**facts_of(receipt), **exchange.answered(receipt), "step": step}
        said, tid = exchange.bounded(receipt.response), receipt.intuit_tid
        # From here on it is carried about with every card: without the answer.
        receipt = replace(receipt, step=step, response="", status=None)
        outcome = Outcome(step, lease, "receipt", receipt, said, tid)
        proposal = await self.current(attempted)
        while proposal.step == step:
            event, after = moves.received(proposal, receipt)
            if await self._store.save(
                proposal, after, event, at=self._now(), facts=facts, outcome=outcome
            ):
                await self._overtake(after)
                return after
            proposal = await self.current(proposal)
        known = proposal.receipts[step - 1]
        await self._store.note(
            proposal, "late-receipt", at=self._now(), facts=facts, outcome=outcome
        )
        if lines.adds(known, receipt):
            return await self._corrected(proposal, receipt)
        if lines.differs(known, receipt):
            return await self._twice(proposal, receipt)
        return proposal

    async def _corrected(self, proposal: Proposal, receipt: Receipt) -> Proposal:
        """What was said not to be done was done after all: a receipt is proof."""
        while proposal.status in {Status.APPLIED, Status.FAILED}:
            if not lines.adds(proposal.receipts[receipt.step - 1], receipt):
                break
            event, after = moves.corrected(proposal, receipt)
            if await self._store.save(
                proposal, after, event, at=self._now(), facts=facts_of(receipt)
            ):
                await self._overtake(after)
                return after
            proposal = await self.current(proposal)
        return proposal

    async def _overtake(self, proposal: Proposal) -> None:
        """What was to do again what is done now goes on no more.

        After a stop before this the check says so before anything leaves.
        """
        rest = await overtaking.in_the_way(self._store, proposal)
        late = await overtaking.overtaken(self._store, rest) if rest else None
        if rest and late:
            after = moves.stale(rest, Standing((late,)))
            await self.saved(rest, after, Event.MOVED)

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
                proposal, after, Event.COMPARE, at=self._now(), facts=facts_of(receipt)
            ):
                return after
            proposal = await self.current(proposal)
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
                await self._store.postpone(proposal, self.patience(proposal, fault))
                return await self.current(proposal)
            after = moves.compared(proposal, read)
            facts: Facts = {
                "step": receipt.step,
                "record_id": read.record_id,
                "differences": " ".join(read.differences) or None,
            }
            if not await self._store.save(
                proposal, after, Event.COMPARE, at=self._now(), facts=facts
            ):
                return await self.current(proposal)  # another one reads it back
            proposal = after
        return proposal

    # --- saving -------------------------------------------------------------------

    async def saved(
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
        return await self.current(before)

    async def current(self, proposal: Proposal) -> Proposal:
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
    others = ""
    if broken.others:
        lines = ", ".join(f"{line}" for line in sorted({m.line for m in broken.others}))
        word = "line" if len({m.line for m in broken.others}) == 1 else "lines"
        others = f" There is more to mend in {word} {lines}."
    return (
        f"The approval policy cannot be followed{where}: {broken.sentence}{others}"
        " Until it is mended nothing can be proposed, approved or posted; questions"
        " work."
    )


def facts_of(receipt: Receipt | None) -> Facts:
    """A receipt in the trail; None: there is none."""
    if receipt is None:
        return {"receipt": "none"}
    return {
        "step": receipt.step,
        "entity": receipt.entity,
        "record_id": receipt.record_id,
        "sync_token": receipt.sync_token,
        "doc_number": receipt.doc_number,
        "intuit_tid": receipt.intuit_tid,
        **lines.facts(receipt),
    }
