"""Asking about the approval policy in chat: what it says, and what it would ask."""

import re

from approvals.policy import Broken, Policy
from approvals.proposal import Denied, Person, Role
from bot import verdicts
from bot.backstage import Asked, Backstage
from bot.orders.book import ADMINS, OVERSEERS, Order, order
from cards import policy as cards
from cards import talk
from cards.card import Card
from qbo.faults import NotFound

DAYS = 90
DAYS_MAX = 3660
_QUOTES = "\"'“”„‘’` "


class Policing:
    """What can be asked about the policy, and having it read again."""

    def __init__(self, back: Backstage) -> None:
        self._back = back

    async def show(self, asked: Asked, matched: re.Match[str]) -> Card:
        """What the policy says, or every mistake in it."""
        del matched
        _may_read(asked)
        policy, file = self._back.desk.policy, self._back.policies.file
        if isinstance(policy, Broken):
            return cards.broken(policy, file)
        return cards.rules(policy, file)

    async def test(self, asked: Asked, matched: re.Match[str]) -> Card:
        """What it would ask of whom for some words."""
        _may_read(asked)
        policy = _sound(self._back)
        if policy is None:
            return await self.show(asked, matched)
        talking = await self._back.chatlog.talk(asked.place, asked.person.id)
        connected = await self._back.company(asked, talking.company)
        trying = verdicts.Trying(
            matched["words"].strip(_QUOTES),
            await _requester(self._back, asked, matched["email"]),
            asked.today,
            connected.company if connected else None,
        )
        try:
            return await verdicts.tried(policy, trying, self._back.ledger)
        except verdicts.Unclear as unclear:
            return talk.sentence(f"{unclear.sentence} (Nothing has been changed.)")

    async def replay(self, asked: Asked, matched: re.Match[str]) -> Card:
        """What it would have asked in the last days."""
        _may_read(asked)
        policy = _sound(self._back)
        if policy is None:
            return await self.show(asked, matched)
        return await verdicts.replay(
            policy,
            self._back.desk,
            self._back.people,
            workspace=asked.person.workspace,
            now=self._back.now(),
            days=min(DAYS_MAX, max(1, int(matched["days"] or DAYS))),
        )

    async def versions(self, asked: Asked, matched: re.Match[str]) -> Card:
        """Every policy that was in force."""
        del matched
        _may_read(asked)
        return cards.versions(await self._back.desk.policies.all())

    async def reload(self, asked: Asked, matched: re.Match[str]) -> Card:
        """Read the file again, now."""
        del matched
        await self._back.admins_only(asked, "Reading the policy again")
        has_changed = await self._back.policies.look()
        await self._back.show()
        policy, file = self._back.desk.policy, self._back.policies.file
        if isinstance(policy, Broken):
            return cards.broken(policy, file)
        if not file:
            return talk.sentence("No policy file is named: the built-in default holds.")
        word = "has changed and is in force now" if has_changed else "has not changed"
        return talk.sentence(f"{file} {word}.")


def orders(back: Backstage) -> tuple[Order, ...]:
    """The orders about the policy; for administrators, and for auditors to read."""
    does = Policing(back)
    return (
        order(
            "policy(?: check)?",
            does.show,
            "policy",
            "The approval rules, in order.",
            OVERSEERS,
        ),
        order(
            r"policy test\s+(?P<words>.+?)(?:\s+as\s+(?P<email>[^\s@]+@[^\s@]+))?",
            does.test,
            "policy test invoice Acme West 12000",
            "Whom the policy would ask, and why. Nothing is proposed.",
            OVERSEERS,
        ),
        order(
            r"policy replay(?:\s+(?:--days\s+)?(?P<days>\d{1,4})(?:\s+days)?)?",
            does.replay,
            "policy replay 90",
            "What the policy would have asked for the last days' proposals.",
            OVERSEERS,
        ),
        order(
            "policy versions",
            does.versions,
            "policy versions",
            "What was in force.",
            OVERSEERS,
        ),
        order(
            "policy reload",
            does.reload,
            "policy reload",
            "Read the policy file again.",
            ADMINS,
        ),
    )


def _may_read(asked: Asked) -> None:
    if not asked.person.roles & {Role.ADMIN, Role.AUDITOR}:
        raise Denied(
            "The approval policy is for administrators and auditors to look at. Nothing"
            " has been changed.",
            rule="role",
        )


def _sound(back: Backstage) -> Policy | None:
    policy = back.desk.policy
    return policy if isinstance(policy, Policy) else None


async def _requester(back: Backstage, asked: Asked, email: str | None) -> Person:
    if email is None:
        return asked.person
    wanted = email.lower()
    for person in await back.people.people(asked.person.workspace):
        if person.email and person.email.lower() == wanted:
            return person
    raise NotFound(
        f"Nobody here has the address {email}. (Nothing has been changed.)",
        kind="person",
        name=email,
    )
