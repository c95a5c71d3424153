"""Looking twice: the lights judged when proposing, at each press, and before posting.

What blocks is denied at once. A warning that was not on the card when somebody
pressed Approve is put on it first, and the press has to be made again: nobody
approves past a reason that they could not have seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from approvals import moves, risk
from approvals.policy import Broken, Policy, strictness
from approvals.port import Books
from approvals.proposal import (
    Denied,
    Event,
    Person,
    Proposal,
    Risk,
    Rule,
)
from approvals.store import OURSELVES, Store
from qbo.books import Circumstances, Company, Draft, Money, Standing
from qbo.faults import BooksFault

_LATELY: Final = timedelta(days=30)
_JUST_UNDER: Final = Decimal("0.95")


class Looking:
    """Judges drafts with all that the rail knows: the policy and other proposals."""

    def __init__(
        self,
        store: Store,
        books: Books,
        policy: Callable[[], Policy | Broken],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._books = books
        self._policy = policy
        self._now = now

    async def lights(
        self,
        draft: Draft,
        circumstances: Circumstances,
        rule: Rule,
        *,
        company: Company,
        requester: Person | None = None,
        but: str = "",
    ) -> tuple[Risk, ...]:
        """The lights of a draft; `but` is the id of its own proposal."""
        others = await self._store.alike(
            company.id,
            risk.likeness(draft, circumstances),
            self._now() - _LATELY,
            but,
        )
        policy = self._policy()
        limits = (
            limits_above(policy, draft, circumstances, requester, company)
            if isinstance(policy, Policy)
            else ()
        )
        return risk.risks(draft, circumstances, rule=rule, limits=limits, others=others)

    async def judged(
        self,
        draft: Draft,
        circumstances: Circumstances,
        rule: Rule,
        *,
        company: Company,
        requester: Person | None = None,
        but: str = "",
    ) -> tuple[Risk, ...]:
        """The lights of a draft that is to be proposed.

        Raises:
            Denied: it must not be posted, whoever approves ("closed").
        """
        found = await self.lights(
            draft, circumstances, rule, company=company, requester=requester, but=but
        )
        _deny_blocked(found, "Nothing has been proposed.")
        return found

    async def again(self, proposal: Proposal) -> None:
        """Judge a proposal that somebody is about to approve, on the books as now.

        Where the books cannot be read just now, what stands on the card holds; they
        are read again before anything is posted.

        Raises:
            Denied: it must not be posted ("closed"), or there is a reason to look
                twice that the card did not show ("look"); it shows it from now on.
        """
        try:
            facts = await self._books.circumstances(proposal.draft)
        except BooksFault:
            facts = None
        if facts is None:
            _deny_blocked(proposal.risks, "Nothing has been decided.")
            return
        found = await self.lights(
            proposal.draft,
            facts,
            proposal.rule,
            company=proposal.company,
            but=proposal.id,
        )
        # The lights of a list are those of its lines, judged when it was made.
        is_list = any(step.parts for step in proposal.draft.steps)
        new = [
            each
            for each in found
            if (each.blocks or (each.level == "warning" and not is_list))
            and risk.is_new(each, proposal.risks)
        ]
        if new:
            # Where somebody was first, their move is met when the word is saved.
            await self._store.save(
                proposal,
                moves.moved(
                    proposal,
                    Event.LOOK,
                    risks=(*new, *proposal.risks) if is_list else found,
                ),
                Event.LOOK,
                at=self._now(),
                by=OURSELVES,
                facts={"new": " ".join(each.text for each in new)},
            )
        _deny_blocked(found, "Nothing has been decided.")
        if new:
            raise Denied(
                f"Something about {proposal.number} is new since that card was made:"
                f" {' '.join(each.text for each in new)} Nothing has been decided."
                " Please look again, and press once more.",
                rule="look",
            )


def _deny_blocked(found: Sequence[Risk], what: str) -> None:
    """Deny what must not be posted.

    Raises:
        Denied: one of the lights blocks ("closed").
    """
    for each in found:
        if each.blocks:
            raise Denied(f"{each.text} {what}", rule="closed")


async def also_open(books: Books, proposal: Proposal, standing: Standing) -> Standing:
    """How a draft stands, where its period may have been closed meanwhile.

    Raises:
        BooksFault: the books cannot be read.
    """
    if standing.moved:
        return standing
    facts = await books.circumstances(proposal.draft)
    if facts is None:
        return standing
    found = risk.risks(proposal.draft, facts, rule=proposal.rule)
    closed = tuple(each.text for each in found if each.blocks)
    return Standing(closed) if closed else standing


def limits_above(
    policy: Policy,
    draft: Draft,
    circumstances: Circumstances,
    requester: Person | None,
    company: Company,
) -> tuple[Decimal, ...]:
    """The totals, within five per cent above a draft's, that ask for a stricter rule.

    Each bound of a rule is tried: the same draft with that total gets the rule that
    the policy itself says.
    """
    total = draft.home_total
    if total is None or total.amount <= 0:
        return ()
    bounds = {
        bound
        for match in policy.matches
        for bound in (match.minimum, match.below)
        if bound is not None and total.amount < bound <= total.amount / _JUST_UNDER
    }
    rest = (circumstances, requester, company)
    now = strictness(policy.rule(draft, *rest))

    def asked(bound: Decimal) -> tuple[int, int, int]:
        larger = replace(draft, home_total=Money(bound, total.currency))
        return strictness(policy.rule(larger, *rest))

    return tuple(sorted(bound for bound in bounds if asked(bound) > now))
