"""Guests, outsiders, the deactivated and bots decide nothing, let in before or not.

Each was let in as an approver while all was well; then the platform calls them
something else, and the very next press is refused.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from approvals.proposal import Status
from tests.conversations.test_platforms import ASK, SLACK_PRIYA, SLACK_SAM, Office
from tests.conversations.test_platforms import _opened as opened
from tests.conversations.town import eventually
from tests.platforms import teams_standin
from tests.platforms.slack_standin import TEAM


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as made:
        yield made


async def _still_waits(office: Office) -> None:
    proposal = await office.place.proposal("P-1")
    assert proposal.status is Status.PENDING
    assert proposal.decisions == ()


SLACK_SAYS: tuple[dict[str, Any], ...] = (
    {"is_restricted": True},
    {"is_ultra_restricted": True},
    {"deleted": True},
    {"is_stranger": True},
    {"is_invited_user": True},
    {"is_bot": True},
    {"team_id": "T0OTHER"},
)
TEAMS_SAYS: tuple[dict[str, Any], ...] = (
    {"userRole": "guest"},
    {"userRole": "Anonymous"},
    {"userPrincipalName": "priya_else.example#EXT#@harbour.example"},
    {"tenantId": "11111111-2222-3333-4444-555555555555"},
)


async def test_in_slack_who_is_no_full_member_any_more_decides_nothing(
    office: Office,
) -> None:
    # Priya is heard and known a moment before.
    await office.slack.mention(SLACK_PRIYA, "which company is this")
    await office.slack.mention(SLACK_SAM, ASK)
    card = await office.slack_card("C0FIN", "P-1")
    usual = dict(office.slack.users[SLACK_PRIYA])

    for now in SLACK_SAYS:
        office.slack.users[SLACK_PRIYA] = usual | now
        await office.slack.press(SLACK_PRIYA, card, "Approve")
        await office.place.parts.background.rest()
        await _still_waits(office)

    office.slack.users[SLACK_PRIYA] = usual
    await office.slack.press(SLACK_PRIYA, card, "Approve")
    await office.place.status("P-1", Status.APPLIED)


async def test_a_press_from_another_slack_team_decides_nothing(office: Office) -> None:
    await office.slack.mention(SLACK_SAM, ASK)
    card = await office.slack_card("C0FIN", "P-1")
    body = office.slack.press_body(SLACK_PRIYA, card, "Approve")
    assert body["user"]["team_id"] == TEAM
    body["user"]["team_id"] = "T0OTHER"

    await office.slack.interact(body)

    await _still_waits(office)


async def test_in_teams_who_is_no_member_of_the_tenant_decides_nothing(
    office: Office,
) -> None:
    teams, sam, priya = office.teams, teams_standin.SAM, teams_standin.PRIYA
    await teams.post(
        teams.activity(priya, text="which company is this"), authorization=None
    )
    await teams.post(teams.activity(sam, text=ASK), authorization=None)
    card = await office.teams_card(priya, "P-1")
    usual = dict(teams.members[priya])

    for now in TEAMS_SAYS:
        teams.members[priya] = {**usual, **now}
        press = teams.press_activity(priya, card, "Approve")
        await teams.post(press, authorization=None)
        await office.place.parts.background.rest()
        await _still_waits(office)

    teams.members[priya] = usual
    await teams.post(teams.press_activity(priya, card, "Approve"), authorization=None)
    await office.place.status("P-1", Status.APPLIED)


async def test_whose_roles_were_taken_away_decides_nothing(office: Office) -> None:
    await office.slack.mention(SLACK_SAM, ASK)
    card = await office.slack_card("C0FIN", "P-1")
    await office.place.parts.people.set_roles("demo-priya", set())

    await office.slack.press(SLACK_PRIYA, card, "Approve")

    async def told() -> bool | None:
        return True if office.slack.whispered(SLACK_PRIYA) else None

    await eventually(told)
    await _still_waits(office)
