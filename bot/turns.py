"""Showing a waiting proposal to those whose turn it is to decide.

The rail says whose turn it is; where those people are reached is known here. It is
called before every catching up, so that a stop in between loses nobody.
"""

from collections.abc import Iterable

from approvals import stages
from approvals.desk import Desk
from approvals.proposal import Person, Proposal, WantedNotice
from bot.people import People
from bot.platform import Place
from bot.voice import Voice


async def show_turns(desk: Desk, people: People, voice: Voice) -> None:
    """Want a message for everybody whose turn has come and who has none yet."""
    for proposal, turn, persons in await desk.to_show():
        places = await _places(proposal, persons, people, voice)
        await desk.approvers.shown(proposal, turn, places)


async def _places(
    proposal: Proposal, persons: Iterable[Person], people: People, voice: Voice
) -> tuple[WantedNotice, ...]:
    """Each of them privately, on every platform; and the channel of the step."""
    found: dict[str, WantedNotice] = {}
    number = stages.under_way(proposal)
    channel = proposal.rule.steps[number - 1].channel if number else None
    if channel:
        platform, _, conversation = channel.partition(":")
        for tenant in await people.tenants(proposal.workspace, platform):
            place = Place(platform, tenant, conversation).text()
            found[place] = WantedNotice(place)
    for person in persons:
        for each in await voice.private_places(person):
            found.setdefault(each.text(), WantedNotice(each.text(), person.id))
    return tuple(found.values())
