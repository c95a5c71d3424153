"""Slack's requests become messages: signed ones, once, and kept before the answer."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.platform import Place
from bot.slack import LATE, NOT_KEPT, NOT_KNOWN, OUTSIDERS, WORKING, Slack
from tests.conftest import Clock
from tests.platforms.conftest import SlackMaker
from tests.platforms.hearing import RecordingHearer
from tests.platforms.slack_standin import BOT_USER, TEAM, SlackStandIn, user


async def test_a_mention_is_kept_acknowledged_and_begun(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    answer = await workspace.mention("U0SAM", "who owes us money?")

    assert (answer.status, answer.text) == (200, "")
    await workspace.until(lambda: hearer.begun)
    heard = hearer.message
    assert heard.text == "who owes us money?"
    assert heard.place.conversation == "C0FIN"
    assert heard.place.thread == heard.second_key.split("/")[1]
    assert heard.sender.tenant == TEAM
    assert (heard.sender.name, heard.sender.email) == ("Sam", "sam@harbour.example")
    assert (heard.sender.zone, heard.sender.locale) == ("America/New_York", "en-US")
    assert heard.at == clock.now
    assert not heard.private
    assert not heard.sender.guest
    assert hearer.order == ["kept", "begun"]


async def test_a_mention_in_a_thread_is_answered_in_that_thread(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    await workspace.mention("U0SAM", "and overdue?", thread_ts="1700000000.000001")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.place.thread == "1700000000.000001"


async def test_a_direct_message_is_private_and_flat(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    await workspace.dm("U0PRIYA", "help")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.private
    assert hearer.message.place == Place("slack", TEAM, "D0PRIYA")


async def test_the_same_event_delivered_again_is_begun_once(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "help"))
    again = workspace.signed(body) | {
        "X-Slack-Retry-Num": "1",
        "X-Slack-Retry-Reason": "http_timeout",
    }

    first = await workspace.post(body)
    second = await workspace.post(body, headers=again)

    assert (first.status, second.status) == (200, 200)
    await workspace.until(lambda: hearer.begun)
    assert len(hearer.begun) == 1


async def test_one_message_in_two_shapes_is_begun_once(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    body = workspace.mention_body("U0SAM", "help")
    other = {**body, "event_id": "EvOTHER"}

    await workspace.post(json.dumps(body))
    second = await workspace.post(json.dumps(other))

    assert second.status == 200
    await workspace.until(lambda: hearer.begun)
    assert len(hearer.begun) == 1


async def test_an_event_that_cannot_be_kept_is_asked_for_again(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "help"))
    hearer.broken = True
    refused = await workspace.post(body)
    hearer.broken = False
    repeated = await workspace.post(body)

    assert refused.status == 503
    assert refused.text == ""
    assert repeated.status == 200
    await workspace.until(lambda: hearer.begun)
    assert len(hearer.begun) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"bot_id": "B0OTHER"},
        {"user": BOT_USER},
        {"user": None},
        {"subtype": "bot_message"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"edited": {"user": "U0SAM", "ts": "1"}},
        {"ts": 17},
        {"channel": {"id": "D0SAM"}},
        {"channel_type": "channel"},
    ],
)
async def test_what_is_nothing_to_us_is_acknowledged_and_forgotten(
    change: dict[str, Any],
    slack: Slack,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
) -> None:
    answer = await workspace.post(
        json.dumps(workspace.dm_body("U0SAM", "help", **change))
    )

    assert answer.status == 200
    assert hearer.kept == []


async def test_another_bot_without_a_bot_id_is_ignored_by_its_own_profile(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.users["U0ROBOT"] = user("U0ROBOT", "Robot", None, is_bot=True)

    answer = await workspace.mention("U0ROBOT", "invoice Acme West for 10")

    assert answer.status == 200
    assert hearer.kept == []


async def test_a_message_with_a_file_is_heard(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    await workspace.dm("U0SAM", "record this bill", subtype="file_share")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.text == "record this bill"


async def test_events_nobody_waits_for_are_acknowledged(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    opened = {"type": "app_home_opened", "user": "U0SAM", "channel": "D0SAM"}

    answer = await workspace.post(json.dumps(workspace.envelope(opened)))

    assert answer.status == 200
    assert hearer.kept == []


async def test_slacks_challenge_is_answered(
    slack: Slack, workspace: SlackStandIn
) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c4t", "token": "x"})

    answer = await workspace.post(body)

    assert answer.status == 200
    assert answer.json == {"challenge": "c4t"}


# --- signatures -------------------------------------------------------------------


def _moved(clock: Clock, seconds: int) -> str:
    return str(int(clock.now.timestamp()) + seconds)


async def test_a_request_without_a_signature_is_refused(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "help"))

    answer = await workspace.post(body, headers={})

    assert answer.status == 401
    assert hearer.kept == []


@pytest.mark.parametrize(
    ("seconds", "status"), [(-301, 401), (301, 401), (-299, 200), (299, 200)]
)
async def test_a_signature_lasts_five_minutes(
    seconds: int, status: int, slack: Slack, workspace: SlackStandIn, clock: Clock
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "help"))
    headers = workspace.signed(body, at=_moved(clock, seconds))

    assert (await workspace.post(body, headers=headers)).status == status


@pytest.mark.parametrize("moment", ["", "soon", "1e9", "-5", "１７", "9" * 400])
async def test_a_timestamp_that_is_no_moment_is_refused(
    moment: str, slack: Slack, workspace: SlackStandIn
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "help"))

    answer = await workspace.post(body, headers=workspace.signed(body, at=moment))

    assert answer.status in {400, 401}
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("signature", ["v0=", "v0=" + "0" * 64, "é", "v1=abc"])
async def test_another_signature_is_refused(
    signature: str, slack: Slack, workspace: SlackStandIn
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "help"))
    headers = workspace.signed(body) | {"X-Slack-Signature": signature}

    assert (await workspace.post(body, headers=headers)).status in {400, 401}


async def test_a_signature_of_another_body_is_refused(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "help"))

    answer = await workspace.post(body + " ", headers=workspace.signed(body))

    assert answer.status == 401
    assert hearer.kept == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/json"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ('"text"', "application/json"),
        ("[" * 100_000, "application/json"),
        ("payload=%7B", "application/x-www-form-urlencoded"),
        ("payload=[]", "application/x-www-form-urlencoded"),
        ("no form at all", "application/x-www-form-urlencoded"),
        ("{}", "text/plain"),
        ("{}", "application/octet-stream"),
    ],
)
async def test_a_signed_body_that_is_nothing_is_refused_without_a_traceback(
    body: str, kind: str, slack: Slack, workspace: SlackStandIn
) -> None:
    headers = workspace.signed(body) | {"Content-Type": kind}

    answer = await workspace.post(body, headers=headers)

    assert answer.status == 400
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "event_callback"},
        {"type": "event_callback", "event": "app_mention"},
        {"type": "event_callback", "event": {"type": "app_mention"}},
        {"type": "block_actions", "actions": [5]},
        {"type": "block_actions", "actions": "x", "user": {}},
        {"type": "block_actions", "actions": [], "user": None, "team": None},
        {"type": "view_submission", "view": []},
        {"type": "event_callback", "event": {"type": "message", "user": {"id": 1}}},
        {"type": "event_callback", "team_id": 5, "authorizations": [5], "event": {}},
        {"type": 7, "event": []},
    ],
)
async def test_a_strange_shape_is_no_message_and_no_traceback(
    body: dict[str, Any],
    slack: Slack,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
) -> None:
    answer = await workspace.post(json.dumps(body))

    assert answer.status in {200, 400, 404}
    assert "Traceback" not in answer.text
    assert hearer.kept == []


async def test_a_body_beyond_all_measure_is_refused(
    slack: Slack, workspace: SlackStandIn
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "x" * 2**21))

    assert (await workspace.post(body)).status == 413


# --- commands ---------------------------------------------------------------------


async def test_a_command_is_kept_and_answered_at_once(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    answer = await workspace.command("U0SAM", "/countersign", "who owes us money")

    assert answer.status == 200
    assert answer.json == {"text": WORKING, "response_type": "ephemeral"}
    await workspace.until(lambda: hearer.begun)
    assert hearer.message.text == "who owes us money"
    assert hearer.message.place == Place("slack", TEAM, "C0FIN")
    assert hearer.order == ["kept", "begun"]


@pytest.mark.parametrize(
    ("command", "typed", "heard"),
    [
        ("/connect", "", "connect"),
        ("/connect", " sandbox ", "connect sandbox"),
        ("/countersign", "", "help"),
        ("/countersign", "Send &amp; Co", "Send & Co"),
    ],
)
async def test_commands_are_words(
    command: str,
    typed: str,
    heard: str,
    slack: Slack,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
) -> None:
    await workspace.command("U0ALEX", command, typed, channel="D0ALEX")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.text == heard
    assert hearer.message.private


async def test_a_command_we_do_not_have_is_no_message(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    answer = await workspace.command("U0SAM", "/remind", "me")

    assert answer.status == 200
    assert hearer.kept == []


async def test_a_command_of_nobody_is_no_message(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    answer = await workspace.command("", "/countersign", "help")

    assert answer.status == 200
    assert hearer.kept == []


async def test_a_command_of_a_program_is_no_message(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.users["U0ROBOT"] = user("U0ROBOT", "Robot", None, is_bot=True)

    answer = await workspace.command("U0ROBOT", "/countersign", "help")

    assert answer.status == 200
    assert hearer.kept == []


async def test_a_command_that_cannot_be_kept_gets_a_sentence(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.broken = True

    answer = await workspace.command("U0SAM", "/countersign", "help")

    assert answer.json == {"text": NOT_KEPT, "response_type": "ephemeral"}
    assert hearer.begun == []


async def test_a_command_that_is_kept_late_is_told_so_and_begun(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.busy = asyncio.Event()
    began = time.monotonic()

    answer = await workspace.command("U0SAM", "/countersign", "who owes us money")
    waited = time.monotonic() - began
    hearer.busy.set()

    assert answer.json == {"text": LATE, "response_type": "ephemeral"}
    assert waited < 3
    await workspace.until(lambda: hearer.begun)
    assert hearer.message.text == "who owes us money"


async def test_a_late_command_that_cannot_be_kept_is_told_by_its_response_url(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.channels["C0FIN"]["without"] = ["U0SAM"]
    hearer.busy = asyncio.Event()

    answer = await workspace.command("U0SAM", "/countersign", "help")
    hearer.broken = True
    hearer.busy.set()

    assert answer.json == {"text": LATE, "response_type": "ephemeral"}
    (told,) = await workspace.until(lambda: workspace.responses)
    assert (told["text"], told["response_type"]) == (NOT_KEPT, "ephemeral")
    assert hearer.begun == []


@pytest.mark.parametrize("command", ["/countersign", "/connect"])
async def test_a_command_that_nobody_answers_in_time_is_never_taken_as_done(
    command: str,
    slack: Slack,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.slack.ACK_SECONDS", 60)
    hearer.busy = asyncio.Event()

    answer = await workspace.command("U0SAM", command, "")
    hearer.busy.set()

    # Slack tells its own failure of anything but a 200.
    assert answer.status == 404


async def test_a_command_where_we_are_not_is_answered_directly(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.channels["C0ELSE"] = {"id": "C0ELSE", "is_member": False}

    await workspace.command("U0SAM", "/countersign", "help", channel="C0ELSE")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.private
    assert hearer.message.place == Place("slack", TEAM, "D0SAM")


# --- who it is --------------------------------------------------------------------


@pytest.mark.parametrize(
    "flag", ["is_restricted", "is_ultra_restricted", "is_stranger", "deleted"]
)
async def test_guests_are_called_guests(
    flag: str, slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.users["U0GUS"] = {**user("U0GUS", "Gus", None), flag: True}

    await workspace.mention("U0GUS", "help")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.sender.guest


async def test_somebody_of_another_team_keeps_that_teams_id(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.users["U0EVE"] = user("U0EVE", "Eve", None, team="T0ELSE")

    await workspace.mention("U0EVE", "who owes us money", team=TEAM)

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.sender.tenant == "T0ELSE"
    assert hearer.message.sender.guest


async def test_a_foreign_author_stays_foreign_whatever_the_directory_says(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    await workspace.mention("U0SAM", "help", user_team="T0ELSE")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.sender.tenant == "T0ELSE"


async def test_a_member_of_the_same_enterprise_grid_is_one_of_ours(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    grid = {"enterprise_id": "E1", "teams": ["T0SISTER", TEAM]}
    workspace.users["W0GINA"] = user(
        "W0GINA", "Gina", None, team="T0SISTER", enterprise_user=grid
    )

    await workspace.mention("W0GINA", "help", user_team="T0SISTER")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.sender.tenant == TEAM
    assert not hearer.message.sender.guest


async def test_what_slack_says_of_a_person_is_asked_for_every_five_minutes(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    await workspace.dm("U0SAM", "one")
    clock.advance(minutes=4)
    await workspace.dm("U0SAM", "two")
    assert len(workspace.called("users.info")) == 1

    clock.advance(minutes=2)
    workspace.users["U0SAM"]["is_restricted"] = True
    await workspace.dm("U0SAM", "three")

    await workspace.until(lambda: len(hearer.begun) == 3)
    assert len(workspace.called("users.info")) == 2
    assert hearer.begun[2].sender.guest


async def test_an_event_of_a_person_slack_does_not_name_is_asked_for_again(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.script("users.info", error="internal_error")
    body = json.dumps(workspace.mention_body("U0SAM", "help"))

    assert (await workspace.post(body)).status == 503
    assert hearer.kept == []
    assert (await workspace.post(body)).status == 200


async def test_a_command_of_a_person_slack_does_not_name_gets_a_sentence(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.script("users.info", delay=3.0)

    answer = await workspace.command("U0SAM", "/countersign", "help")

    assert answer.json == {"text": NOT_KNOWN, "response_type": "ephemeral"}
    assert hearer.kept == []


async def test_people_who_are_mentioned_are_named(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    await workspace.mention("U0SAM", "tell <@U0PRIYA> and <@U0NOBODY>")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.text == "tell @Priya and @U0NOBODY"


# --- channels that outsiders read -------------------------------------------------


async def test_in_a_channel_that_outsiders_read_we_answer_directly_and_say_so(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    body = workspace.mention_body("U0SAM", "who owes us money")
    body["is_ext_shared_channel"] = True

    await workspace.post(json.dumps(body))

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.place == Place("slack", TEAM, "D0SAM")
    assert hearer.message.private
    (told,) = await workspace.until(lambda: workspace.whispered("U0SAM"))
    assert told.text == OUTSIDERS
    assert told.channel == "C0FIN"


async def test_an_outsider_in_such_a_channel_is_heard_there(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    body = workspace.mention_body("U0EVE", "who owes us money", user_team="T0ELSE")
    body["is_ext_shared_channel"] = True

    await workspace.post(json.dumps(body))

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.sender.tenant == "T0ELSE"
    assert hearer.message.sender.guest
    assert hearer.message.place.conversation == "C0FIN"


async def test_a_command_in_such_a_channel_is_answered_directly(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.channels["C0FIN"]["is_ext_shared"] = True

    await workspace.command("U0SAM", "/countersign", "who owes us money")

    await workspace.until(lambda: hearer.begun)
    assert hearer.message.place.conversation == "D0SAM"


# --- the environment ----------------------------------------------------------------


async def test_bolts_own_environment_variables_change_nothing(
    make_slack: SlackMaker,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-another")
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "another")

    async with make_slack() as slack:
        await workspace.until(lambda: slack.ready)
        answer = await workspace.mention("U0SAM", "help")
        await workspace.until(lambda: hearer.begun)

    assert answer.status == 200
    assert {call.token for call in workspace.calls} == {"xoxb-stand-in"}


async def test_a_form_without_a_payload_is_refused_quietly(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    answer = await workspace.post(urlencode({"a": "b"}), form=True)

    assert answer.status in {200, 400, 404}
    assert hearer.kept == []
