"""Who approves, done: words said, deputies, people named instead, and forced words.

Reads, decides by `deciding`, and writes with the one guarded move of the store. Who
the people of a workspace are is asked afresh each time, never remembered.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime

from approvals import deciding, moves, stages
from approvals.delegations import stands
from approvals.proposal import (
    Delegation,
    Denied,
    Event,
    Person,
    Proposal,
    Role,
    Rule,
    Verdict,
    WantedNotice,
)
from approvals.store import By, Store
from qbo.faults import NotFound

Members = Callable[[str], Awaitable[Sequence[Person]]]


class Approvers:
    """The people's side of the Desk.

    `members` gives everybody of a workspace as they are now, with their roles and
    the addresses that are known to be theirs; None where nobody keeps people.
    `deny` denies what must not be approved just now (stopped, or no sound policy).
    `rules` are those of the policy, for whoever they name.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        members: Members | None,
        deny: Callable[[Proposal], Awaitable[None]],
        rules: Callable[[], Iterable[Rule]],
    ) -> None:
        self._rules = rules
        self._store = store
        self._now = now
        self._members = members
        self._deny = deny

    async def members(self, workspace: str) -> tuple[Person, ...]:
        """Everybody of a workspace as they are now; empty where nobody keeps them."""
        if self._members is None:
            return ()
        return tuple(await self._members(workspace))

    async def _proposal(self, proposal_id: str) -> Proposal:
        found = await self._store.proposal(proposal_id)
        if found is None:
            raise NotFound(
                "There is no such proposal.", kind="proposal", name=proposal_id
            )
        return found

    # --- deciding -----------------------------------------------------------------

    async def say(
        self,
        before: Proposal,
        person: Person,
        verdict: Verdict,
        *,
        platform: str,
        reason: str | None,
        place: str | None,
        where: str,
    ) -> Proposal | None:
        """One approver's word; None: it has moved meanwhile, look again.

        Raises:
            Denied: not theirs to decide, or not now.
        """
        now = self._now()
        event, after = deciding.decided(
            before,
            person,
            verdict,
            at=now,
            platform=platform,
            reason=reason,
            where=where,
            place=stages.place_name(place),
            absent=await self._absent(before, person, now),
        )
        if verdict is Verdict.APPROVE:
            await self._deny(before)
        word = after.decisions[-1]
        only_if = None
        if word.instead_of_id is not None:
            only_if = stands(before.workspace, word.instead_of_id, person.id, now)
        facts: dict[str, str | int | None] = {
            "reason": word.reason,
            "digest": before.draft.digest,
            **_by_right(before, word.stage),
            "instead_of": word.instead_of,
        }
        saved = await self._store.save(
            before,
            after,
            event,
            at=now,
            by=By.person(person, platform, where),
            facts=facts,
            only_if=only_if,
        )
        return after if saved else None

    async def _absent(
        self, proposal: Proposal, person: Person, at: datetime
    ) -> tuple[Person, ...]:
        """Those in whose place a person decides now, as they are now."""
        away = {d.person_id for d in stages.standing_in(proposal, person.id, at)}
        if not away:
            return ()
        members = await self.members(proposal.workspace)
        return tuple(each for each in members if each.id in away)

    async def force(
        self,
        proposal_id: str,
        admin: Person,
        reason: str,
        *,
        instead_of: Person | None = None,
        platform: str,
        where: str = "",
        revision: int | None = None,
    ) -> Proposal:
        """An administrator approves one step in an absent approver's place.

        Without `instead_of` it has to be plain who is meant: only one can be.
        `revision` is the one that was pressed on, None for words.

        Raises:
            Denied: not theirs to do, no reason, or nobody (or several) meant.
            NotFound: no such proposal.
        """
        while True:
            before = await self._proposal(proposal_id)
            _same(before, revision)
            members = await self.members(before.workspace)
            absent = members if instead_of is None else (instead_of,)
            now = self._now()
            event, after = deciding.forced(
                before,
                admin,
                absent,
                at=now,
                platform=platform,
                reason=reason,
                where=where,
            )
            await self._deny(before)
            word = after.decisions[-1]
            facts: dict[str, str | int | None] = {
                "reason": word.reason,
                "digest": before.draft.digest,
                **_by_right(before, word.stage),
                "instead_of": word.instead_of,
                "forced": "yes",
            }
            if await self._store.save(
                before,
                after,
                event,
                at=now,
                by=By.person(admin, platform, where),
                facts=facts,
            ):
                return after

    async def reassign(
        self,
        proposal_id: str,
        admin: Person,
        people: Sequence[Person],
        *,
        platform: str,
        where: str = "",
        revision: int | None = None,
    ) -> Proposal:
        """An administrator names who approves the step under way instead.

        Raises:
            Denied: not theirs to do, or not to these people.
            NotFound: no such proposal.
        """
        while True:
            before = await self._proposal(proposal_id)
            _same(before, revision)
            now = self._now()
            after = deciding.reassigned(before, admin, people, now)
            names = ", ".join(person.name for person in people)
            if await self._store.save(
                before,
                after,
                Event.REASSIGN,
                at=now,
                by=By.person(admin, platform, where),
                facts={
                    "to": names,
                    "instead_of": _meant(before),
                    **_by_right(before, stages.under_way(before) or 1),
                },
            ):
                return after

    # --- deputies -----------------------------------------------------------------

    def may_decide(self, person: Person) -> bool:
        """Whether a person decides about anything: by role, or named by the policy."""
        if not stages.may_stand_in(person):
            return False
        if person.roles & {Role.APPROVER, Role.ADMIN}:
            return True
        return any(
            stages.is_meant(stage, person)
            for rule in self._rules()
            for stage in rule.steps
        )

    async def delegate(
        self,
        person: Person,
        delegate: Person,
        until: datetime,
        *,
        platform: str,
        last_day: date | None = None,
    ) -> tuple[Delegation, str | None]:
        """Let somebody decide in a person's place until a time (aware, UTC).

        `last_day` is what that time is to the person: the end of this day.

        Returns:
            What stands then, and the name of the deputy whom it replaced, who is told.

        Raises:
            Denied: to somebody who never can, passed on, or round in a circle.
        """
        if Role.AUDITOR in person.roles or not person.roles:
            raise Denied(moves.AUDITOR, rule="role")
        made, replaced = await self._store.deputies.begin(
            person,
            delegate,
            until,
            self._now(),
            platform=platform,
            last_day=last_day,
        )
        await self._store.turns.again(person.workspace)
        return made, replaced

    async def stop_delegating(
        self, absent: Person, by: Person, *, platform: str
    ) -> Delegation | None:
        """End what a person has delegated: they themselves, or an administrator.

        Returns:
            What was ended; None: nothing was in force.

        Raises:
            Denied: somebody else's, and not by an administrator.
        """
        if by.id != absent.id and (
            Role.ADMIN not in by.roles or by.workspace != absent.workspace
        ):
            raise Denied(
                f"Only {absent.name} or an administrator can end that. Nothing has"
                " been changed.",
                rule="role",
            )
        return await self._store.deputies.end(
            absent, by, self._now(), platform=platform
        )

    async def end_overdue(self) -> None:
        """Let no card name a deputy any longer whose time is over."""
        await self._store.deputies.end_overdue(self._now())

    async def deputies(self, workspace: str) -> tuple[Delegation, ...]:
        """Who decides in whose place just now."""
        return await self._store.deputies.of(workspace, self._now())

    # --- whose turn it is ---------------------------------------------------------

    async def to_show(self) -> tuple[tuple[Proposal, str, tuple[Person, ...]], ...]:
        """Proposals that have to be shown to those whose turn has come.

        Each with its turn (for `shown`) and those people.
        """
        due = await self._store.turns.to_show()
        if not due:
            return ()
        proposals = await self._store.readable([each for each, _ in due])
        found = []
        for proposal_id, turn in due:
            proposal = proposals.get(proposal_id)
            if proposal is None or stages.turn(proposal) != turn:
                continue  # it has passed on; the next round finds it
            people = stages.awaited(
                proposal, await self.members(proposal.workspace), self._now()
            )
            found.append((proposal, turn, people))
        return tuple(found)

    async def shown(
        self, proposal: Proposal, turn: str, places: Iterable[WantedNotice]
    ) -> bool:
        """Want it shown at these places; False: the turn has passed on."""
        return await self._store.turns.shown(proposal.id, turn, places, self._now())

    async def changed(self, workspace: str) -> None:
        """Roles have changed: let what waits be shown to whoever may decide now."""
        await self._store.turns.again(workspace)


def _by_right(proposal: Proposal, stage: int) -> dict[str, str | int | None]:
    """Which step it was, where there are several."""
    steps = proposal.rule.steps
    if len(steps) == 1:
        return {}
    return {"step": stage, "step_name": steps[stage - 1].label or None}


def _meant(proposal: Proposal) -> str:
    number = stages.under_way(proposal) or 1
    return proposal.rule.steps[number - 1].label or proposal.rule.label


def _same(proposal: Proposal, revision: int | None) -> None:
    if revision is not None and revision != proposal.revision:
        raise Denied(
            f"{proposal.number} has changed since that card was made, so nothing was"
            " decided. Please look at its newest version.",
            rule="changed",
        )
