"""The same story through Slack and through Teams, and across both.

Slack's requests are signed and its Web API is a stand-in; the Bot Framework's
connector is a stand-in too.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import ascii_letters, digits
from typing import Any

import pytest

from approvals.proposal import Role, Status
from bot import app as program
from bot.platform import Sender
from tests.conversations.town import Town, eventually, town
from tests.platforms import slack_standin, teams_standin
from tests.platforms.slack_standin import SlackStandIn
from tests.platforms.teams_standin import TeamsStandIn

OPAQUE = {*ascii_letters, *digits, *"~-_="}
ASK = "invoice Acme West for 10 hours consulting, net 30"
SLACK_SAM, SLACK_PRIYA, SLACK_ALEX = "U0SAM", "U0PRIYA", "U0ALEX"


@dataclass
class Office:
    """A town with Slack and Teams in it, in which Sam and Priya are known."""

    place: Town
    slack: SlackStandIn
    teams: TeamsStandIn

    async def slack_card(self, channel: str, words: str) -> slack_standin.Message:
        """The newest message of a channel that has these words."""

        async def looked() -> slack_standin.Message | None:
            found = [m for m in self.slack.shown(channel) if words in m.everything]
            return found[-1] if found else None

        return await eventually(looked, lambda: _all(self.slack.shown(channel)))

    async def teams_card(self, user: str, words: str) -> teams_standin.Message:
        """The newest message of a personal chat that has these words."""
        chat = self.teams.chat_of(user)

        async def looked() -> teams_standin.Message | None:
            found = [m for m in self.teams.shown(chat) if words in m.everything]
            return found[-1] if found else None

        return await eventually(looked, lambda: _all(self.teams.shown(chat)))


def _all(messages: list[Any]) -> str:
    return "\n".join(each.everything for each in messages)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[Office]:
    clock = town_clock()
    slack, teams = SlackStandIn(clock), TeamsStandIn(clock)
    teams.wants_token = False
    await slack.start()
    await teams.start()
    try:
        async with town(
            folder,
            SLACK_BOT_TOKEN=slack_standin.TOKEN,
            SLACK_SIGNING_SECRET=slack_standin.SECRET,
            SLACK_API_URL=slack.api_url,
        ) as place:
            slack.events_url = f"{place.url}/slack/events"
            teams.messages_url = f"{place.url}/api/messages"
            await _acquainted(place)
            yield Office(place, slack, teams)
    finally:
        await slack.stop()
        await teams.stop()


def town_clock() -> Any:
    """The real clock, for the stand-ins."""
    from tests.conversations.town import RunningClock

    return RunningClock()


async def _acquainted(place: Town) -> None:
    people = place.parts.people
    await people.bind("teams", teams_standin.TENANT, program.WORKSPACE)
    for person, slack, teams in (
        ("demo-sam", SLACK_SAM, teams_standin.SAM),
        ("demo-priya", SLACK_PRIYA, teams_standin.PRIYA),
    ):
        await people.identify(person, Sender("slack", slack_standin.TEAM, slack))
        await people.identify(person, Sender("teams", teams_standin.TENANT, teams))

    async def ready() -> bool | None:
        return True if place.parts.slack and place.parts.slack.ready else None

    await eventually(ready)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with _opened(tmp_path) as made:
        yield made


async def _books_have_one_more(office: Office, before: int) -> str:
    applied = await office.place.status("P-1", Status.APPLIED)
    number = applied.receipts[0].doc_number
    assert number is not None
    assert await office.place.invoices() == before + 1
    return number


async def test_the_story_in_slack(office: Office) -> None:
    before = await office.place.invoices()

    assert (await office.slack.mention(SLACK_SAM, "who owes us money")).status == 200
    answer = await office.slack_card("C0FIN", "As of")
    await office.slack.mention(SLACK_SAM, ASK)
    card = await office.slack_card("C0FIN", "P-1")
    pressed = await office.slack.press(SLACK_PRIYA, card, "Approve")

    number = await _books_have_one_more(office, before)
    assert "[SIMULATED]" in answer.everything
    assert pressed.status == 200
    await office.slack_card("C0FIN", f"Invoice {number}")
    # Priya's own copy is in step with it.
    await office.slack_card(office.slack.dm_of(SLACK_PRIYA), f"Invoice {number}")


async def test_in_slack_a_chart_follows_and_others_go_on_with_the_answer(
    office: Office,
) -> None:
    await office.slack.mention(SLACK_SAM, "A/R aging")
    card = await office.slack_card("C0FIN", "Customers owe us")

    async def followed() -> Any:
        found = office.slack.called("files.completeUploadExternal")
        return found[-1] if found else None

    shared = await eventually(followed)
    slot = office.slack.called("files.getUploadURLExternal")[-1]
    await office.slack.press(SLACK_PRIYA, card, "Same a year earlier")
    await office.slack_card("C0FIN", f" {datetime.now(UTC).year - 1}")

    assert shared["channel_id"] == "C0FIN"
    assert slot["alt_txt"].startswith("Chart: Customers owe us, by days overdue.")
    assert slot["filename"].endswith(".png")
    # Not in the books, and not in the hands of whoever sends a press.
    values = "".join(each.get("value", "") for each in card.buttons.values())
    assert set(values) <= OPAQUE


async def test_who_asked_in_slack_cannot_approve_and_is_told_alone(
    office: Office,
) -> None:
    await office.slack.mention(SLACK_SAM, ASK)
    card = await office.slack_card("C0FIN", "P-1")

    await office.slack.press(SLACK_SAM, card, "Approve")

    async def told() -> bool | None:
        return True if office.slack.whispered(SLACK_SAM) else None

    await eventually(told)
    assert (await office.place.proposal("P-1")).status is Status.PENDING


async def test_a_rejection_in_slack_asks_the_reason_in_a_form(office: Office) -> None:
    await office.slack.mention(SLACK_SAM, ASK)
    card = await office.slack_card("C0FIN", "P-1")

    await office.slack.press(SLACK_PRIYA, card, "Reject")

    async def opened() -> Any:
        return office.slack.views[-1] if office.slack.views else None

    view = await eventually(opened)
    label = next(b["label"]["text"] for b in view["blocks"] if b["type"] == "input")
    await office.slack.submit(SLACK_PRIYA, view, {label: "wrong customer"})

    await office.place.status("P-1", Status.REJECTED)
    await office.slack_card("C0FIN", "wrong customer")


async def test_the_same_slack_event_again_is_answered_once(office: Office) -> None:
    import json

    body = json.dumps(office.slack.mention_body(SLACK_SAM, ASK))

    answers = [await office.slack.post(body) for _ in range(4)]
    await office.slack_card("C0FIN", "P-1")

    assert {answer.status for answer in answers} == {200}
    assert await office.place.parts.desk.by_number("main", "P-2") is None


async def test_the_story_in_teams(office: Office) -> None:
    before = await office.place.invoices()
    teams, sam, priya = office.teams, teams_standin.SAM, teams_standin.PRIYA
    await teams.post(teams.activity(priya, text="help"), authorization=None)
    await office.teams_card(priya, "What I can do")
    await teams.post(teams.activity(sam, text="who owes us money"), authorization=None)
    answer = await office.teams_card(sam, "As of")

    await teams.post(teams.activity(sam, text=ASK), authorization=None)
    await office.teams_card(sam, "P-1")
    card = await office.teams_card(priya, "P-1")
    pressed = await teams.post(
        teams.press_activity(priya, card, "Approve"), authorization=None
    )

    number = await _books_have_one_more(office, before)
    assert "[SIMULATED]" in answer.everything
    assert pressed.status == 200
    assert pressed.json["statusCode"] == 200
    await office.teams_card(sam, f"Invoice {number}")
    await office.teams_card(priya, f"Invoice {number}")


async def test_what_is_said_in_the_thread_of_a_card_changes_it(office: Office) -> None:
    await office.slack.mention(SLACK_SAM, ASK)
    card = await office.slack_card("C0FIN", "P-1")
    # Elsewhere in the channel Sam goes on to something else.
    await office.slack.mention(SLACK_SAM, "void invoice 1042")
    await office.slack_card("C0FIN", "P-2")

    await office.slack.mention(
        SLACK_SAM, "make it 12 hours", thread_ts=card.thread_ts or card.ts
    )

    shown = await office.slack_card("C0FIN", "Revision 2; approvals of earlier")
    changed = await office.place.status("P-1", Status.PENDING)
    assert changed.revision == 2
    assert changed.draft.lines[0].quantity == 12
    assert (await office.place.status("P-2", Status.PENDING)).revision == 1
    assert (shown.thread_ts or shown.ts) == (card.thread_ts or card.ts)


async def test_asked_in_slack_and_approved_in_teams(office: Office) -> None:
    before = await office.place.invoices()
    teams, priya = office.teams, teams_standin.PRIYA
    # Teams lets us write first only to whom we have met there.
    await teams.post(teams.activity(priya, text="help"), authorization=None)
    await office.teams_card(priya, "What I can do")

    await office.slack.mention(SLACK_SAM, ASK)
    in_slack = await office.slack_card("C0FIN", "P-1")
    late = office.slack.press_body(SLACK_PRIYA, in_slack, "Approve")
    in_teams = await office.teams_card(priya, "P-1")
    await teams.post(
        teams.press_activity(priya, in_teams, "Approve"), authorization=None
    )

    number = await _books_have_one_more(office, before)
    await office.slack_card("C0FIN", f"Invoice {number}")
    await office.slack_card(office.slack.dm_of(SLACK_PRIYA), f"Invoice {number}")
    await office.teams_card(priya, f"Invoice {number}")
    # A press on the copy that was slower comes too late, and is told so alone.
    await office.slack.interact(late)

    async def told() -> bool | None:
        return True if office.slack.whispered(SLACK_PRIYA) else None

    await eventually(told)
    assert await office.place.invoices() == before + 1


async def test_an_unknown_member_is_told_and_an_admin_lets_them_in(
    office: Office,
) -> None:
    people = office.place.parts.people
    await people.identify("demo-alex", Sender("slack", slack_standin.TEAM, SLACK_ALEX))
    office.slack.users["U0NEW"] = slack_standin.user("U0NEW", "Dana", "dana@x.example")

    await office.slack.dm("U0NEW", "who owes us money")
    told = await office.slack_card(office.slack.dm_of("U0NEW"), "do not have access")
    card = await office.slack_card(office.slack.dm_of(SLACK_ALEX), "Give Dana access")
    await office.slack.press(SLACK_ALEX, card, "Give access as staff")
    await office.slack_card(office.slack.dm_of("U0NEW"), "now have access")
    await office.slack.dm("U0NEW", "who owes us money")

    await office.slack_card(office.slack.dm_of("U0NEW"), "As of")
    assert "owe" not in told.everything
    known = await people.recognise(Sender("slack", slack_standin.TEAM, "U0NEW"))
    assert getattr(known, "roles", None) == {Role.STAFF}


async def test_somebody_of_another_organisation_sees_no_books(office: Office) -> None:
    teams = office.teams
    activity = teams.activity(teams_standin.SAM, text="who owes us money")
    activity["channelData"]["tenant"]["id"] = "99999999-9999-4999-8999-999999999999"
    activity["conversation"]["tenantId"] = "99999999-9999-4999-8999-999999999999"

    await teams.post(activity, authorization=None)

    message = await office.teams_card(teams_standin.SAM, "other organisations")
    assert "As of" not in message.everything


async def test_a_tenant_of_no_workspace_is_turned_away(office: Office) -> None:
    from sqlalchemy import text

    teams = office.teams
    async with office.place.parts.engine.begin() as connection:
        await connection.execute(text("DELETE FROM tenant WHERE platform = 'teams'"))

    await teams.post(
        teams.activity(teams_standin.SAM, text="who owes us money"), authorization=None
    )

    message = await office.teams_card(teams_standin.SAM, "do not know this team")
    assert "As of" not in message.everything


async def test_a_code_from_slack_entered_in_teams_makes_one_person(
    office: Office,
) -> None:
    import re

    people, teams = office.place.parts.people, office.teams
    await people.identify("demo-alex", Sender("slack", slack_standin.TEAM, SLACK_ALEX))

    await office.slack.dm(SLACK_ALEX, "link")
    shown = await office.slack_card(office.slack.dm_of(SLACK_ALEX), "Your code")
    code = re.search(r"[A-Z0-9]{5}-[A-Z0-9]{5}", shown.everything)
    assert code is not None
    await teams.post(
        teams.activity(teams_standin.ALEX, text=f"link {code[0]}"), authorization=None
    )
    await office.teams_card(teams_standin.ALEX, "one person")

    known = await people.recognise(
        Sender("teams", teams_standin.TENANT, teams_standin.ALEX)
    )
    assert getattr(known, "id", None) == "demo-alex"


async def test_connect_in_slack_whispers_the_link(office: Office) -> None:
    people = office.place.parts.people
    await people.identify("demo-alex", Sender("slack", slack_standin.TEAM, SLACK_ALEX))

    await office.slack.command(SLACK_ALEX, "/connect", "")
    await office.slack.command(SLACK_SAM, "/connect", "")

    async def whispered() -> str | None:
        found = [
            each.everything
            for each in office.slack.messages.values()
            if "/oauth/quickbooks/start?link=" in each.everything
        ]
        return found[0] if found else None

    await eventually(whispered)
    in_channel = _all(office.slack.shown("C0FIN"))
    assert "/oauth/quickbooks/start" not in in_channel
