"""Stopping a workspace's posting, and letting it go on."""

import re

from bot.backstage import Asked, Backstage
from bot.orders.book import Order, order
from cards import talk
from cards.card import Card


def orders(back: Backstage) -> tuple[Order, ...]:
    """The orders about stopping."""

    async def freeze(asked: Asked, matched: re.Match[str]) -> Card:
        del matched
        await back.admins_only(asked, "Stopping and starting to post")
        await back.desk.freeze(
            asked.person.workspace, asked.person, platform=asked.place.platform
        )
        return talk.sentence(
            "Nothing is approved or posted any more until an administrator says"
            " `thaw`. What has an unknown outcome is still looked for."
        )

    async def thaw(asked: Asked, matched: re.Match[str]) -> Card:
        del matched
        await back.admins_only(asked, "Stopping and starting to post")
        await back.desk.thaw(
            asked.person.workspace, asked.person, platform=asked.place.platform
        )
        return talk.sentence("Approving and posting go on.")

    return (
        order("freeze", freeze, "freeze", "Stop approving and posting at once."),
        order("thaw", thaw, "thaw", "Let approving and posting go on."),
    )
