"""Asking in chat whether the trail is as it was written."""

import re

from approvals.proposal import Denied, Role
from bot import audit
from bot.backstage import Asked, Backstage
from bot.orders.book import OVERSEERS, Order, order
from cards import trail
from cards.card import Card


def orders(back: Backstage) -> tuple[Order, ...]:
    """The orders about the trail."""

    async def verify(asked: Asked, matched: re.Match[str]) -> Card:
        del matched
        if not asked.person.roles & {Role.ADMIN, Role.AUDITOR}:
            raise Denied(
                "Checking the trail is for administrators and auditors. Nothing has"
                " been changed.",
                rule="role",
            )
        workspace = asked.person.workspace
        known = await back.connection.companies(workspace)
        companies = {each.company.id: each.company.title for each in known}
        found = await audit.of_workspace(back.desk.audit, companies, workspace)
        return trail.checked(
            [(each.name, each.found.seq, each.sound, each.sentences) for each in found]
        )

    return (
        order(
            r"(?:audit\s+)?verify(?:\s+the)?(?:\s+(?:audit\s+)?trail)?|audit(?:\s+trail)?",
            verify,
            "audit verify",
            "Check that every line of the trail is as it was written.",
            OVERSEERS,
        ),
    )
