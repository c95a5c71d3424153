"""The Desk keeps proposals until people have decided, and has them carried out."""

import logging
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from approvals import (
    lines,
    living,
    moves,
    notices,
    overtaking,
    revising,
    stages,
    undoing,
    waiting,
    witness,
)
from approvals.applying import Applier, policy_sentence
from approvals.approvers import Approvers, Members
from approvals.auditing import Audit
from approvals.button import Button, Buttons, not_ours
from approvals.confirming import Confirmer
from approvals.followed import Records
from approvals.hours import deadlines
from approvals.looking import Looking
from approvals.policy import Broken, Policy
from approvals.policy.versions import Versions
from approvals.port import Books, DeskSettings
from approvals.proposal import (
    Denied,
    Event,
    Halt,
    Happening,
    Notice,
    Person,
    Proposal,
    Role,
    Rule,
    Status,
    TrailLine,
    Verdict,
    Verified,
    WantedNotice,
    WantedTelling,
)
from approvals.reminding import Reminder
from approvals.stops import FROZEN, READONLY, Stops
from approvals.store import By, Renewal, Store, new_id
from approvals.tellings import Tellings
from approvals.trail import Facts
from approvals.undoing import Undoing
from qbo.books import Circumstances, Company, Draft, Shown
from qbo.faults import NotFound

__all__ = ["Books", "Desk", "DeskSettings", "actions"]

log = logging.getLogger(__name__)

# Of 100: what is read with less is asked again, unless the policy says otherwise.
ASK_AGAIN_BELOW = 50


class Desk:
    """Proposals: made, decided, carried out, and shown.

    `owner` names this process among all; `may_post` says whether a company has
    been confirmed. `policy` may be replaced while running. Every verb of a person
    takes the platform it came from, and where there (`where`), for the trail.
    """

    def __init__(  # noqa: PLR0913 - it is wired once, by name
        self,
        engine: AsyncEngine,
        books: Books,
        policy: Policy | Broken,
        trail_key: bytes,
        now: Callable[[], datetime],
        *,
        owner: str,
        may_post: Callable[[str], Awaitable[bool]],
        settings: DeskSettings | None = None,
        members: Members | None = None,
        platforms: Container[str] | None = None,
    ) -> None:
        """`members` gives everybody of a workspace, as they are at that moment.

        `platforms` are the names of those that are on; None: all of them.
        """
        self.policy = policy
        self._now = now
        self._settings = settings or DeskSettings()
        self._store = Store(engine, trail_key)
        self._buttons = Buttons(trail_key)
        self._looking = Looking(self._store, books, lambda: self.policy, now)
        self.approvers = Approvers(
            self._store, now, members, self._deny_while_stopped, self._rules
        )
        self._reminder = Reminder(self._store, self.approvers, now, platforms)
        self._applier = Applier(
            self._store,
            books,
            lambda: self.policy,
            now,
            owner=owner,
            may_post=may_post,
            settings=self._settings,
        )
        self._confirmer = Confirmer(
            self._applier,
            self._store,
            books,
            now,
            owner=owner,
            may_post=may_post,
            settings=self._settings,
        )

    # --- proposing ----------------------------------------------------------------

    async def reserve(self, workspace: str) -> str:
        """The number of the next proposal ("P-17"), to be the draft's `ref`."""
        return await self._store.reserve(workspace)

    async def propose(  # noqa: PLR0913 - all that a proposal is made of
        self,
        draft: Draft,
        circumstances: Circumstances,
        requester: Person,
        company: Company,
        *,
        places: Sequence[WantedNotice],
        words: str = "",
        conversation: str = "",
        inbox_id: str | None,
        platform: str,
        renews: str | None = None,
        undoes: str | None = None,
        already: int | None = None,
        confidence: int | None = None,
        doubts: tuple[str, ...] = (),
        where: str = "",
    ) -> Proposal:
        """Keep a draft until people have decided; its number is the draft's `ref`.

        The same event (`inbox_id`) again gives the same proposal back. `renews` is
        the id of the STALE proposal that this one takes up, which happens once:
        again, it gives the proposal back that did so. `confidence` is how surely
        the words were read, None where nobody read any; `doubts` say what lowered it.
        What is taken up was read as surely as before, where nothing else is said.
        `already` is how much of what it takes up, or back, was done when it was
        drafted (`overtaking.already`); None: as much as is done now.
        `undoes` is the id of the posted proposal that this one takes back, which one
        does at a time.

        Raises:
            Denied: the requester has no role here, the policy is broken, the company
                is read-only, the period is closed, or what it renews or undoes cannot
                be taken up or back by them.
            NotFound: what it renews or undoes is not there.
            NumberTaken: `ref` is another proposal's number.
            RequestReused: a request id of the draft is another's.
        """
        if draft.company != company.id:
            raise ValueError("the draft is for another company")
        if not requester.roles:
            raise Denied(
                "An administrator has to let you in before you can propose changes.",
                rule="role",
            )
        if Role.AUDITOR in requester.roles:
            raise Denied(moves.AUDITOR, rule="role")
        await self._deny_readonly(company)
        changed: tuple[Shown, ...] = ()
        stale = None
        if renews is not None:
            stale = await self.proposal(renews)
            moves.may_renew(stale, requester)
            if stale.company.id != company.id:
                raise ValueError("the draft renews one of another company")
            changed = revising.changes(stale.draft, draft)
            if confidence is None:
                # The words are those of before, and were read no more surely.
                confidence, doubts = stale.confidence, stale.doubts
        now = self._now()
        undo = await self._undoing(undoes, renews, requester, now)
        if already is None:
            original = undo[1] if undo else None
            already = await overtaking.already(self._store, stale, original)
        # Who takes up what others asked for gets no milder rule than they would.
        askers = await self._askers(requester, stale)
        rule = self._rule(draft, circumstances, askers, company, confidence)
        until = deadlines(rule, now)
        proposal = Proposal(
            id=new_id(),
            number=draft.ref,
            workspace=requester.workspace,
            company=company,
            draft=draft,
            circumstances=circumstances,
            revision=1,
            version=1,
            status=Status.PENDING,
            requester_id=requester.id,
            requester=requester.name,
            editor_id=requester.id,
            editor=requester.name,
            rule=rule,
            created_at=now,
            expires_at=until.expires_at,
            remind_at=until.remind_at,
            escalate_at=until.escalate_at,
            warn_at=stages.warning_at(now, until.expires_at),
            words=words,
            risks=await self._looking.judged(
                draft, circumstances, rule, company=company, requester=requester
            ),
            conversation=conversation,
            changes=changed,
            confidence=confidence,
            doubts=doubts,
            undoes=undo[1].number if undo else None,
        )
        return await self._store.insert(
            proposal,
            places,
            inbox_id,
            By.person(requester, platform, where or conversation),
            _drafted(proposal),
            renewal=Renewal(renews, requester) if renews is not None else None,
            undo=undo[0] if undo else None,
            already=already,
        )

    async def _undoing(
        self, undoes: str | None, renews: str | None, person: Person, at: datetime
    ) -> tuple[Undoing, Proposal] | None:
        """What a new proposal takes back: said, or what the one it renews took back.

        Raises:
            Denied: it cannot be undone by this person.
            NotFound: it is not there.
        """
        original, instead = None, None
        if undoes is not None:
            original = await self.proposal(undoes)
        elif renews is not None:
            stale = await self.proposal(renews)
            instead = stale.number
            if stale.undoes is not None:
                original = await self.by_number(stale.workspace, stale.undoes)
        if original is None:
            return None
        undoing.may_undo(original, person, at, instead)
        return Undoing(original.id, person, at, instead), original

    async def undoable(self, proposal_id: str, person: Person) -> Proposal:
        """A posted proposal that this person may undo now.

        Raises:
            Denied: it cannot be undone, not by them, or no longer.
            NotFound: no such proposal.
        """
        proposal = await self.proposal(proposal_id)
        undoing.may_undo(proposal, person, self._now())
        return proposal

    async def undone(self, proposal: Proposal) -> tuple[Proposal, ...]:
        """What has taken a proposal back so far, in part or whole."""
        return await self._store.undone(proposal.workspace, proposal.number)

    def _rules(self) -> tuple[Rule, ...]:
        """All rules of the policy; none while it is broken."""
        policy = self.policy
        if isinstance(policy, Broken):
            return ()
        return (*(match.rule for match in policy.matches), policy.default)

    def _rule(
        self,
        draft: Draft,
        circumstances: Circumstances,
        askers: Sequence[Person] | None,
        company: Company,
        confidence: int | None,
    ) -> Rule:
        """The rule for a draft; `askers` None where not all who asked are known."""
        policy = self.policy
        if isinstance(policy, Broken):
            said = f"{policy_sentence(policy)} So nothing of this was proposed."
            raise Denied(said, rule="policy")
        return policy.rule(draft, circumstances, askers, company, confidence)

    async def _askers(
        self, person: Person, proposal: Proposal | None
    ) -> tuple[Person, ...] | None:
        """All who ask once this person has; None: somebody of them is not known."""
        if proposal is None or moves.is_alone(proposal, person):
            return (person,)
        members = await self.approvers.members(proposal.workspace)
        known = {each.id: each for each in members} | {person.id: person}
        ids = moves.asking(proposal) | {person.id}
        if not ids <= known.keys():
            return None
        return tuple(sorted((known[each] for each in ids), key=lambda p: p.name))

    def asks_again(self, confidence: int) -> bool:
        """Whether what was read so unsurely is asked again, and not proposed."""
        policy = self.policy
        if isinstance(policy, Broken):
            return False  # nothing is proposed at all, and that is said
        return confidence < self.asks_again_below

    @property
    def asks_again_below(self) -> int:
        """The lowest confidence (0 to 100) with which something is proposed."""
        policy = self.policy
        least = None if isinstance(policy, Broken) else policy.ask_again_below
        return ASK_AGAIN_BELOW if least is None else least

    async def revise(  # noqa: PLR0913 - a draft, and all that goes with it
        self,
        proposal_id: str,
        draft: Draft,
        circumstances: Circumstances,
        person: Person,
        *,
        platform: str,
        words: str = "",
        inbox_id: str | None = None,
        where: str = "",
        revision: int | None = None,
        places: Sequence[WantedNotice] = (),
        confidence: int | None = None,
        doubts: tuple[str, ...] = (),
    ) -> Proposal:
        """Put another draft under the same number; earlier approvals are void.

        Whoever does so counts as a requester of it from then on. The same event
        (`inbox_id`) again changes nothing and gives the proposal back as it stands.
        `revision` is the one that was looked at: upon another one it is denied. At
        `places` a new message shows it, and the older ones there are locked.

        Raises:
            Denied: no longer PENDING, not this person's to change, or the draft is
                for another proposal or company.
            NotFound: no such proposal.
            RequestReused: a request id of the draft was used with other bytes.
        """
        while True:
            done = await self.by_inbox(inbox_id) if inbox_id is not None else None
            before = done or await self.proposal(proposal_id)
            moves.belongs(before, person)
            if done is not None:
                return done
            _deny_another(before, draft)
            await self._deny_readonly(before.company)
            if revision not in (None, before.revision):
                raise revising.overtaken(before)
            rule = self._rule(
                draft,
                circumstances,
                await self._askers(person, before),
                before.company,
                confidence,
            )
            after = moves.revised(
                before,
                draft,
                circumstances,
                person,
                rule=rule,
                risks=await self._looking.judged(
                    draft,
                    circumstances,
                    rule,
                    company=before.company,
                    but=before.id,
                ),
                at=self._now(),
                words=words,
                confidence=confidence,
                doubts=doubts,
            )
            if await self._store.save(
                before,
                after,
                Event.REVISE,
                at=self._now(),
                by=By.person(person, platform, where),
                facts=_drafted(after),
                inbox_id=inbox_id,
                places=places,
            ):
                return after

    # --- deciding -----------------------------------------------------------------

    async def decide(
        self,
        token: str,
        person: Person,
        *,
        platform: str,
        reason: str | None = None,
        message: str | None = None,
        place: str | None = None,
        where: str = "",
    ) -> Proposal:
        """One approver's word, from a signed press on the button with that token.

        `message` and `place` are those of the message that was pressed: a copy
        whose message id was lost is kept in step from then on. With the quorum
        met the proposal is APPROVED; `apply` carries it out.

        Raises:
            Denied: not theirs to decide, too late, or changed since.
        """
        button, before = await self._pressed(token)
        try:
            verdict = Verdict(button.verb)
        except ValueError:
            raise not_ours() from None
        moves.belongs(before, person)
        await self._adopt(button, message, place)
        while True:
            if button.revision != before.revision:
                raise _changed(before)
            after = await self.approvers.say(
                before,
                person,
                verdict,
                platform=platform,
                reason=reason,
                place=place,
                where=where,
            )
            if after is not None:
                return after
            before = await self.proposal(before.id)

    async def pressed(
        self,
        token: str,
        person: Person,
        *,
        message: str | None = None,
        place: str | None = None,
    ) -> tuple[str, Proposal]:
        """The verb of a button and the proposal that it stands on, as it is now.

        For verbs that `decide` does not take ("withdraw", "settle.there",
        "settle.not", "renew").

        Raises:
            Denied: not a button of ours ("token"), another revision's ("changed"),
                or another workspace's ("workspace").
        """
        button, proposal = await self._pressed(token)
        moves.belongs(proposal, person)
        await self._adopt(button, message, place)
        if button.revision != proposal.revision:
            raise _changed(proposal)
        return button.verb, proposal

    async def _pressed(self, token: str) -> tuple[Button, Proposal]:
        button = self._buttons.read(token)
        digests = await self._store.digests(button.proposal_id, button.revision)
        if not self._buttons.is_ours(button, digests):
            raise not_ours()
        return button, await self.proposal(button.proposal_id)

    async def _adopt(
        self, button: Button, message: str | None, place: str | None
    ) -> None:
        if not message or not button.notice_id:
            return
        notice = await self._store.notices.one(button.notice_id)
        if notice is None or (notice.message == message and not notice.gone):
            return
        await self._store.adopt(notice, message, place or notice.place, self._now())

    async def _deny_while_stopped(self, proposal: Proposal) -> None:
        policy = self.policy
        if isinstance(policy, Broken):
            raise Denied(policy_sentence(policy), rule="policy")
        company = proposal.company
        if halt := await self.readonly(company):
            said = waiting.readonly(company, halt, "nothing was approved")
            raise Denied(said, rule="readonly")
        for halt in await self._store.stops.of(company.id):
            if halt.kind == FROZEN:
                raise Denied(waiting.frozen(halt), rule="frozen")
        await self._looking.again(proposal)

    async def withdraw(
        self, proposal_id: str, person: Person, *, platform: str, where: str = ""
    ) -> Proposal:
        """Take a proposal back, by whoever asked for it, before it is claimed.

        Raises:
            Denied: not theirs, or too late.
            NotFound: no such proposal.
        """
        while True:
            before = await self.proposal(proposal_id)
            after = moves.withdrawn(before, person)
            if await self._store.save(
                before,
                after,
                Event.WITHDRAW,
                at=self._now(),
                by=By.person(person, platform, where),
            ):
                return after

    async def settle(
        self,
        proposal_id: str,
        person: Person,
        *,
        doc_number: str | None,
        platform: str,
        where: str = "",
    ) -> Proposal:
        """A person says how an unknown outcome ended, once the search has given up.

        With a number: "it is there", which is read live and has to match. None:
        "it is not there".

        Raises:
            Denied: not theirs to say, too early, or QuickBooks shows otherwise.
            BooksFault: QuickBooks could not be read; nothing was decided.
            NotFound: no such proposal.
        """
        proposal = await self.proposal(proposal_id)
        by = By.person(person, platform, where)
        return await self._confirmer.settle(proposal, person, doc_number, by)

    # --- carrying out -------------------------------------------------------------

    async def apply(self, proposal_id: str) -> Proposal:
        """Post an approved proposal to the books, at most once.

        Safe to call at any time: a proposal that is not approved, or has to wait
        before it is tried again, is returned as it stands. What QuickBooks says
        becomes a status: of a draft of several steps those that were made keep
        their receipts, and when a later one is refused the proposal is APPLIED
        with a `reason` that says what was not done.

        Raises:
            NotFound: no such proposal.
        """
        return await self._applier.apply(await self.proposal(proposal_id))

    async def confirm(self, proposal_id: str) -> Proposal:
        """Find out how an unknown outcome ended: search for it, or ask again.

        Asking again sends the same bytes with the same request id, between
        150 seconds and an hour after the first attempt; later a person tells.

        Raises:
            NotFound: no such proposal.
        """
        return await self._confirmer.confirm(await self.proposal(proposal_id))

    async def review(self, proposal_id: str) -> Proposal:
        """Read the records that a waiting proposal rests on; STALE if they moved.

        Raises:
            NotFound: no such proposal.
        """
        return await self._confirmer.review(await self.proposal(proposal_id))

    async def resume(self) -> tuple[str, ...]:
        """Do what time asks for: expiry, what was interrupted, what has to wait.

        Also looks whether a few of those that wait for people still rest on what
        they rested on. For the timetable. Returns the ids of the proposals that
        moved; what goes wrong with one does not keep the others waiting.
        """
        settings, now = self._settings, self._now()
        await self.approvers.end_overdue()
        touched = [
            proposal_id
            for proposal_id in await self._store.due(
                now,
                late=now - timedelta(minutes=settings.late_after_minutes),
                overdue=now - timedelta(hours=settings.stale_after_hours),
            )
            if await self._has_moved(proposal_id, self._confirmer.carry_on)
        ]
        since = now - timedelta(seconds=settings.review_seconds)
        for proposal_id in await self._store.to_review(now, since, settings.reviews):
            # Noted before: what cannot be read must not be first in every round.
            if not await self._store.look_at(proposal_id, now, since):
                continue
            if await self._has_moved(proposal_id, self._confirmer.review):
                touched.append(proposal_id)
            if await self._has_moved(proposal_id, self._reminder.look):
                touched.append(proposal_id)
        touched += [
            proposal_id
            for proposal_id in await self._reminder.due()
            if await self._has_moved(proposal_id, self._reminder.remind)
        ]
        return tuple(dict.fromkeys(touched))

    async def to_show(self) -> tuple[tuple[Proposal, str, tuple[Person, ...]], ...]:
        """Proposals to be shown to those whose turn has come; see `Approvers`.

        Where nobody can approve a step its card says so from then on, and the
        administrators are told.
        """
        found = await self.approvers.to_show()
        for proposal, _, _ in found:
            await self._reminder.look(proposal)
        return found

    async def _has_moved(
        self, proposal_id: str, work: Callable[[Proposal], Awaitable[Proposal]]
    ) -> bool:
        before = None
        try:
            before = await self.proposal(proposal_id)
            after = await work(before)
        except Exception:
            log.exception(
                "a proposal could not be carried on",
                extra={"proposal": before.number if before else proposal_id},
            )
            if before is None:
                return False
            after = await self.proposal(proposal_id)
        return after.version != before.version

    async def hurry(self, company: str) -> None:
        """Try what waits for a company at the next `resume` (it is back again)."""
        await self._store.hurry(company=company)

    # --- stopping -----------------------------------------------------------------

    @property
    def stops(self) -> Stops:
        """What stops a company, and letting it go on."""
        return self._store.stops

    async def readonly(self, company: Company) -> Halt | None:
        """Why nothing can be proposed for a company; None: it can."""
        for halt in await self._store.stops.of(company.id):
            if halt.kind == READONLY:
                return halt
        return self._applier.readonly_by(company)

    async def compare_readonly(self, company: Company, workspace: str) -> None:
        """Let a company's stops say what the setting and the policy say of it now."""
        await self._store.stops.compare(
            company, workspace, self._settings.readonly, self.policy, self._now()
        )

    async def _deny_readonly(self, company: Company) -> None:
        halt = await self.readonly(company)
        if halt is not None:
            raise Denied(
                waiting.readonly(company, halt, "nothing was proposed"), rule="readonly"
            )

    # --- reading ------------------------------------------------------------------

    async def proposal(self, proposal_id: str) -> Proposal:
        """One proposal as it stands.

        Raises:
            NotFound: no such proposal.
        """
        found = await self._store.proposal(proposal_id)
        if found is None:
            raise NotFound(
                "There is no such proposal.", kind="proposal", name=proposal_id
            )
        return found

    async def draft(self, proposal_id: str, revision: int) -> Draft:
        """What was proposed as one revision of a proposal.

        Raises:
            NotFound: no such revision.
        """
        found = await self._store.draft(proposal_id, revision)
        if found is None:
            raise NotFound(
                "There is no such revision.", kind="proposal", name=proposal_id
            )
        return found

    async def by_number(self, workspace: str, number: str) -> Proposal | None:
        """The proposal that people of a workspace call "P-17" (or "17")."""
        return await self._store.by_number(workspace, number)

    async def by_inbox(self, inbox_id: str) -> Proposal | None:
        """The proposal that an event has made or corrected, as it stands now."""
        return await self._store.by_inbox(inbox_id)

    async def proposals(
        self,
        workspace: str,
        *,
        statuses: Iterable[Status] | None = None,
        requester_id: str | None = None,
        limit: int = 50,
    ) -> tuple[Proposal, ...]:
        """Proposals of a workspace: the unconfirmed first, then the newest."""
        return await self._store.listed(workspace, statuses, requester_id, limit)

    async def since(self, workspace: str, at: datetime) -> tuple[Proposal, ...]:
        """All proposals of a workspace made since then, the oldest first."""
        return await self._store.since(workspace, at)

    @property
    def policies(self) -> Versions:
        """Every text of the policy that was in force."""
        return self._store.policies

    async def latest(
        self, workspace: str, conversation: str, requester_id: str
    ) -> Proposal | None:
        """The last thing that a person asked for in a conversation."""
        return await self._store.latest(workspace, conversation, requester_id)

    async def pulse(self, workspace: str) -> tuple[int, str]:
        """How many proposals wait for a person, and a text that any move changes."""
        return await self._store.pulse(workspace, (Status.PENDING, Status.UNCONFIRMED))

    async def trail(self, proposal_id: str) -> tuple[TrailLine, ...]:
        """Everything that happened to a proposal, the oldest first."""
        return await self._store.trail(proposal_id)

    async def verify(self, company: str) -> Verified:
        """Whether a company's trail is as it was written, and where it breaks first.

        A workspace's own affairs are under "workspace:" and its id.
        """
        return await self._store.verify(company)

    @property
    def audit(self) -> Audit:
        """What auditors read: every chain, and all there is of a proposal."""
        return self._store.audit

    # --- tellings -----------------------------------------------------------------

    @property
    def tellings(self) -> Tellings:
        """What people still have to be told."""
        return self._store.tellings

    # --- after it was posted ----------------------------------------------------------

    @property
    def records(self) -> Records:
        """The records that proposals have written, to follow what becomes of them."""
        return self._store.records

    async def lived(
        self,
        proposal: Proposal,
        happened: Sequence[Happening],
        tell: Sequence[WantedTelling],
    ) -> bool:
        """Note what has become of a posted one; False: it moved meanwhile."""
        return await self._store.save(
            proposal,
            living.lived(proposal, happened),
            Event.LIFE,
            at=self._now(),
            facts={"what": " | ".join(each.text for each in happened)},
            tell=tell,
        )

    # --- notices ------------------------------------------------------------------

    async def want(
        self,
        proposal_id: str,
        place: str,
        viewer_id: str | None = None,
        *,
        inbox_id: str | None = None,
    ) -> Notice:
        """Show a proposal at one more place; the same place twice is one notice.

        With an event (`inbox_id`) it is shown there by a message of its own, once
        for each event, also where one stands already.

        Raises:
            NotFound: no such proposal.
        """
        wanted = WantedNotice(place, viewer_id)
        notice = await self._store.want(
            proposal_id, wanted, self._now(), inbox_id or ""
        )
        if notice is None:
            raise NotFound(
                "There is no such proposal.", kind="proposal", name=proposal_id
            )
        return notice

    async def notices(self, proposal_id: str) -> tuple[Notice, ...]:
        """All notices of a proposal, the oldest first."""
        return await self._store.notices.of(proposal_id)

    async def lagging(self, limit: int = 100) -> tuple[tuple[Notice, Proposal], ...]:
        """Notices that show too old a version, each with its proposal as it is now."""
        found = await self._store.notices.lagging(self._now(), limit)
        proposals = await self._store.readable(notices.by_proposal(found))
        return tuple(
            (notice, proposals[notice.proposal_id])
            for notice in found
            if notice.proposal_id in proposals
        )

    async def sending(self, notice_id: str, *, seconds: int | None = None) -> bool:
        """Claim a notice before sending or editing; False: somebody else does."""
        return await self._store.notices.claim(
            notice_id, self._now(), seconds or self._settings.notice_seconds
        )

    async def unsent(self, notice_id: str, *, seconds: float = 30) -> None:
        """The platform did not take it: it lags on, and rests for a while."""
        until = self._now() + timedelta(seconds=seconds)
        await self._store.notices.rest(notice_id, until)

    async def sent(self, notice_id: str, message: str, version: int = 0) -> None:
        """The first message of a notice stands, made from that version."""
        await self._store.notices.sent(notice_id, message, version)

    async def shown(self, notice_id: str, version: int) -> None:
        """The message of a notice shows that version now."""
        await self._store.notices.shown(notice_id, version)

    async def rest(self, notice_ids: Sequence[str], seconds: float) -> None:
        """The place of these notices takes nothing for a while."""
        now = self._now()
        until = now + timedelta(seconds=seconds)
        await self._store.notices.rest_all(notice_ids, now, until)

    async def waiting_notices(self, limit: int) -> tuple[Notice, ...]:
        """Notices that show too old a version, without their proposals."""
        return await self._store.notices.lagging(self._now(), limit)

    async def notice(self, notice_id: str) -> tuple[Notice, Proposal] | None:
        """A notice and its proposal, both as they are now."""
        notice = await self._store.notices.one(notice_id)
        if notice is None:
            return None
        return notice, await self.proposal(notice.proposal_id)

    async def lags(self, notice_id: str) -> bool:
        """Whether a notice shows too old a version."""
        return await self._store.notices.lags(notice_id)

    async def gone(
        self, notice_id: str, why: str = "", tell: Sequence[WantedTelling] = ()
    ) -> bool:
        """The message of a notice can never be edited again; `tell` says so.

        False: that was known. A press that comes from it takes it up again.
        """
        notice = await self._store.notices.one(notice_id)
        if notice is None:
            return False
        return await self._store.give_up(notice, self._now(), why, tell)

    def token(self, notice_id: str, proposal: Proposal, verdict: str) -> str:
        """What a button of a card carries; opaque, and good for this revision only.

        `notice_id` may be empty on a page that is made afresh each time.
        """
        return self._buttons.text(notice_id, proposal, verdict)

    def actions(
        self, proposal: Proposal, viewer: Person | None, place: str | None = None
    ) -> tuple[str, ...]:
        """Which verbs make sense for a viewer; None: a place that several read.

        `place` is the text of the place where they stand.
        """
        return actions(proposal, viewer, stages.place_name(place))


def actions(
    proposal: Proposal, viewer: Person | None, place: str | None = None
) -> tuple[str, ...]:
    """The verbs that make sense on a card: pure, and no promise (the press decides).

    `place` is where the card is shown, as rules write it (None: that is left open).
    "approve", "reject", "withdraw", "settle.there", "settle.not", "renew", "undo";
    of several lines "drop" (leave some out) and "rest" (propose again what failed).
    """
    if viewer is not None and viewer.workspace != proposal.workspace:
        return ()
    if viewer is not None and Role.AUDITOR in viewer.roles:
        return ()
    asked = viewer is not None and moves.asked_for(proposal, viewer)
    may_decide = viewer is None or (Role.APPROVER in viewer.roles and not asked)
    verbs: tuple[str, ...] = ()
    match proposal.status:
        case Status.PENDING if asked:
            verbs = ("withdraw",)
        case Status.PENDING if waiting.bars_approval(proposal):
            verbs = tuple(
                v for v in stages.verbs(proposal, viewer, place) if v != "approve"
            )
        case Status.PENDING:
            verbs = stages.verbs(proposal, viewer, place)
        # Where several read, only while it waits: else it is a matter of a moment.
        case Status.APPROVED if not proposal.receipts and (
            asked or (viewer is None and proposal.waiting_since is not None)
        ):
            verbs = ("withdraw",)
        case Status.UNCONFIRMED if may_decide and proposal.doubted_at is not None:
            verbs = ("settle.there", "settle.not")
        case Status.STALE if (
            proposal.is_renewable
            and proposal.renewed_by is None
            and (asked or viewer is None)
        ):
            verbs = ("renew",)
    if asked or may_decide:
        verbs = (*verbs, *lines.verbs(proposal, asked=asked or viewer is None))
    return (*verbs, "undo") if undoing.offers(proposal, viewer) else verbs


def _drafted(proposal: Proposal) -> Facts:
    draft = proposal.draft
    return {
        "action": draft.action,
        "digest": draft.digest,
        "content": witness.content(proposal),
        "editor": proposal.editor_id,
        "quorum": proposal.rule.quorum,
        "rule": proposal.rule.label,
        "rule_name": proposal.rule.name or None,
        "policy": proposal.rule.digest or None,
        "expires_at": proposal.expires_at.isoformat(),
        "changes": revising.sentence(proposal.changes) or None,
    }


def _deny_another(proposal: Proposal, draft: Draft) -> None:
    """Deny a draft that is not for this proposal."""
    if draft.company != proposal.company.id:
        raise Denied(
            f"{proposal.number} is for {proposal.company.title}, and this is for"
            " another company, so nothing has been changed.",
            rule="another",
        )
    if draft.ref != proposal.number:
        raise Denied(
            f"That is a draft of {draft.ref}, not of {proposal.number}, so nothing has"
            " been changed.",
            rule="another",
        )


def _changed(proposal: Proposal) -> Denied:
    return Denied(
        f"{proposal.number} has changed since that card was made, so nothing was"
        " decided. Please look at its newest version.",
        rule="changed",
    )
