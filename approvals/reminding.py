"""Reminding: who waits for whom is said again, to others as well, and before expiry.

What is told is saved with the move that notes it, so that each is told at least once
and a reminder is never forgotten by a stop in between.
"""

from collections.abc import Callable, Container, Sequence
from datetime import datetime, timedelta

from approvals import deciding, stages
from approvals.approvers import Approvers
from approvals.proposal import (
    Audience,
    Event,
    Proposal,
    Status,
    WantedTelling,
)
from approvals.store import Store

# The approvers of a step are told again so often at most.
REMINDERS_MAX = 5
_HOUR = timedelta(hours=1)
_DAYS = timedelta(hours=48)


class Reminder:
    """Tells people that a proposal waits for them, or that it waits too long."""

    def __init__(
        self,
        store: Store,
        approvers: Approvers,
        now: Callable[[], datetime],
        platforms: Container[str] | None = None,
    ) -> None:
        self._platforms = platforms
        self._store = store
        self._approvers = approvers
        self._now = now

    async def due(self) -> tuple[str, ...]:
        """The ids of proposals of which somebody has to be told now."""
        return await self._store.turns.to_remind(self._now())

    async def remind(self, proposal: Proposal) -> Proposal:
        """Tell whoever is due of a proposal that waits; it as it stands then."""
        now = self._now()
        if proposal.status is not Status.PENDING or now >= proposal.expires_at:
            return proposal
        if _is_due(proposal.warn_at, now):
            after = deciding.warned(proposal)
            if not await self._saved(proposal, after, (_warning(proposal),), now):
                return proposal
            proposal = after
        if _is_due(proposal.escalate_at, now):
            after = deciding.escalated(proposal)
            told = await self._escalation(proposal, now)
            if not await self._saved(
                proposal, after, (told,), now, event=Event.ESCALATE
            ):
                return proposal
            proposal = after
        if _is_due(proposal.remind_at, now):
            after = deciding.reminded(proposal, now, REMINDERS_MAX)
            wanted = await self._reminder(proposal, now)
            if await self._saved(proposal, after, wanted, now):
                proposal = after
        return proposal

    async def look(self, proposal: Proposal) -> Proposal:
        """Notice that nobody can give what a step needs, or that somebody can again."""
        if proposal.status is not Status.PENDING:
            return proposal
        members = await self._approvers.members(proposal.workspace)
        if not members:
            return proposal
        sentence = stages.stuck(proposal, members, self._platforms)
        if not sentence and not stages.is_stuck(proposal):
            return proposal
        if sentence == proposal.reason:
            return proposal
        now = self._now()
        after = deciding.noticed_stuck(proposal, sentence)
        wanted: tuple[WantedTelling, ...] = ()
        if sentence:
            key = f"{proposal.revision}.{proposal.version}"
            said = f"{proposal.number} ({proposal.draft.heading}) waits in vain."
            wanted = (
                WantedTelling("stuck", Audience.ADMINS, f"{said} {sentence}", key),
            )
        if not await self._saved(proposal, after, wanted, now, event=Event.ESCALATE):
            return proposal
        if not sentence:
            await self._approvers.changed(proposal.workspace)
        return after

    async def _saved(
        self,
        before: Proposal,
        after: Proposal,
        tell: Sequence[WantedTelling],
        at: datetime,
        event: Event = Event.REMIND,
    ) -> bool:
        facts: dict[str, str | int | None] = {
            "told": ", ".join(each.audience.value for each in tell) or None,
            "about": ", ".join(each.kind for each in tell) or None,
            "reason": after.reason,
        }
        return await self._store.save(
            before, after, event, at=at, facts=facts, tell=tell
        )

    async def _reminder(
        self, proposal: Proposal, now: datetime
    ) -> tuple[WantedTelling, ...]:
        members = await self._approvers.members(proposal.workspace)
        people = stages.awaited(proposal, members, now)
        if not people:
            return ()
        step = stages.step_text(proposal)
        return (
            WantedTelling(
                "remind",
                Audience.PEOPLE,
                f"{_named(proposal)} waits for your approval"
                f"{f', {step}' if step else ''}. {_how_long(proposal, now)}",
                f"{_turn(proposal)}.{proposal.reminded + 1}",
                tuple(person.id for person in people),
            ),
        )

    async def _escalation(self, proposal: Proposal, now: datetime) -> WantedTelling:
        """To whom the rule names; where that is nobody, to the administrators."""
        members = await self._approvers.members(proposal.workspace)
        wanted = {each.lower() for each in proposal.rule.escalate_to}
        people = [
            person
            for person in members
            if (person.email or "").lower() in wanted
            or wanted & {role.value for role in person.roles}
        ]
        waits_for = ", ".join(
            person.name for person in stages.eligible(proposal, members)[:6]
        )
        sentence = (
            f"{_named(proposal)}, asked by {proposal.requester}, is still not approved."
            f" {_how_long(proposal, now)}"
            + (f" It waits for {waits_for}." if waits_for else "")
        )
        return WantedTelling(
            "escalate",
            Audience.PEOPLE if people else Audience.ADMINS,
            sentence,
            _turn(proposal),
            tuple(person.id for person in people),
        )


def _warning(proposal: Proposal) -> WantedTelling:
    return WantedTelling(
        "expiring",
        Audience.ASKER,
        f"{_named(proposal)} still waits for approval and expires on"
        f" {_clock(proposal.expires_at)}. After that nothing can be posted for it, and"
        " it has to be asked again.",
        f"{proposal.revision}",
    )


def _named(proposal: Proposal) -> str:
    return f"{proposal.number} ({proposal.draft.heading})"


def _turn(proposal: Proposal) -> str:
    return f"{proposal.revision}.{stages.under_way(proposal)}"


def _how_long(proposal: Proposal, now: datetime) -> str:
    return (
        f"It was asked {_span(now - proposal.created_at)} ago and expires on"
        f" {_clock(proposal.expires_at)}."
    )


def _span(passed: timedelta) -> str:
    if passed < _HOUR:
        return "less than an hour"
    hours = round(passed / _HOUR)
    if passed < _DAYS:
        return f"{hours} hour{'s' if hours != 1 else ''}"
    return f"{round(hours / 24)} days"


def _clock(at: datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def _is_due(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now
