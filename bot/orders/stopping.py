"""Stopping a company's posting, and letting it go on."""

import re
from collections.abc import Sequence

from approvals.proposal import Role
from approvals.stops import FROZEN, READONLY, Lifted
from bot import stops
from bot.backstage import Asked, Backstage
from bot.orders.book import ADMINS, Order, order, vouched
from cards import stops as cards
from cards.card import Card
from qbo.books import Company

_WHAT = "Stopping a company and letting it go on"
_QUOTES = "\"'“”„‟‘’«» "
_REASON = r"(?:[\s:,]+(?P<reason>\S[\s\S]*))?"


def orders(back: Backstage) -> tuple[Order, ...]:
    """The orders about stopping."""
    work = _Stopping(back)
    return (
        order(
            rf"freeze(?P<all>\s+all)?(?!\w){_REASON}",
            work.freeze,
            'freeze "reason"',
            "Stop approving and posting at once (freeze all: every company).",
            ADMINS,
        ),
        order(
            r"(?:thaw|unfreeze)(?P<all>\s+all)?",
            work.thaw,
            "thaw",
            "Let approving and posting go on; it takes two administrators.",
            ADMINS,
        ),
        order(
            rf"read-?only\s+on(?P<all>\s+all)?(?!\w){_REASON}",
            work.readonly_on,
            'readonly on "reason"',
            "Let nothing be written at all; questions work.",
            ADMINS,
        ),
        order(
            r"read-?only\s+off(?P<all>\s+all)?",
            work.readonly_off,
            "readonly off",
            "Let it be written to again; it takes two administrators.",
            ADMINS,
        ),
    )


class _Stopping:
    """What each order does."""

    def __init__(self, back: Backstage) -> None:
        self._back = back

    async def freeze(self, asked: Asked, matched: re.Match[str]) -> Card:
        return await self._stop(asked, matched, FROZEN)

    async def readonly_on(self, asked: Asked, matched: re.Match[str]) -> Card:
        return await self._stop(asked, matched, READONLY)

    async def thaw(self, asked: Asked, matched: re.Match[str]) -> Card:
        return await self._lift(asked, matched, FROZEN)

    async def readonly_off(self, asked: Asked, matched: re.Match[str]) -> Card:
        return await self._lift(asked, matched, READONLY)

    async def _stop(self, asked: Asked, matched: re.Match[str], kind: str) -> Card:
        back = self._back
        # Stopping needs no platform's word: it must work when a platform does not.
        await back.admins_only(asked, _WHAT)
        reason = (matched["reason"] or "").strip(_QUOTES)
        found = await self._companies(asked, matched)
        if not found:
            return await back.unconnected(asked)
        stop = back.desk.stops.freeze if kind == FROZEN else back.desk.stops.readonly_on
        platform, now = asked.place.platform, back.now()
        new, waits = [], 0
        for company in found:
            if await stop(company, asked.person, now, reason=reason, platform=platform):
                new.append(company)
                waits += await back.desk.stops.waiting(company.id)
        back.background.later(back.show())
        if not new:
            return cards.already(found, kind)
        return cards.stopped(new, kind, reason, waits)

    async def _lift(self, asked: Asked, matched: re.Match[str], kind: str) -> Card:
        back, person = self._back, asked.person
        await back.admins_only(asked, _WHAT)
        vouched(asked)
        found = await self._companies(asked, matched)
        if not found:
            return await back.unconnected(asked)
        admins = await back.people.having(person.workspace, Role.ADMIN)
        lift = back.desk.stops.thaw if kind == FROZEN else back.desk.stops.readonly_off
        outcomes: list[tuple[Company, Lifted]] = []
        for company in found:
            outcome = await lift(
                company,
                person,
                back.now(),
                admins=frozenset(each.id for each in admins),
                platform=asked.place.platform,
            )
            outcomes.append((company, outcome))
        if any(outcome is Lifted.GOES_ON for _, outcome in outcomes):
            back.background.later(stops.go_on(back))
        else:
            back.background.later(back.show())
        company, outcome = _weightiest(outcomes)
        is_stopped = bool(await back.desk.stops.of(company.id))
        names = tuple(each.name for each in admins if each.id != person.id)
        return cards.lifted(company, kind, outcome, names, is_stopped=is_stopped)

    async def _companies(
        self, asked: Asked, matched: re.Match[str]
    ) -> tuple[Company, ...]:
        """The company that the conversation is about, or all of the workspace."""
        back = self._back
        if matched["all"]:
            known = await back.connection.companies(asked.person.workspace)
            return tuple(each.company for each in known)
        talk = await back.chatlog.talk(asked.place, asked.person.id)
        connected = await back.company(asked, talk.company)
        return (connected.company,) if connected else ()


def _weightiest(outcomes: Sequence[tuple[Company, Lifted]]) -> tuple[Company, Lifted]:
    """The outcome that has to be said: of several companies, what is still to do."""
    order_ = (Lifted.FIRST, Lifted.SAME, Lifted.GOES_ON, Lifted.NOTHING)
    return min(outcomes, key=lambda each: order_.index(each[1]))
