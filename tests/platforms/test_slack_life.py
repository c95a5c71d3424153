"""Slack's beginning and end: the token confirmed, Socket Mode, a quiet stop."""

import asyncio
import json

import pytest

from bot.platform import Place, Reply
from bot.slack import Slack, SlackSettings
from cards.card import Button, Card
from tests.conftest import Clock
from tests.platforms.conftest import SlackMaker
from tests.platforms.hearing import RecordingHearer
from tests.platforms.slack_standin import APP_TOKEN, SECRET, TEAM, TOKEN, SlackStandIn


async def test_until_slack_confirms_the_token_every_request_is_asked_for_again(
    make_slack: SlackMaker, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    waited: list[float] = []
    tried, go_on = asyncio.Event(), asyncio.Event()

    async def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            tried.set()
            await go_on.wait()

    workspace.script("auth.test", error="invalid_auth", times=3)
    async with make_slack(pause=pause) as slack:
        await tried.wait()
        before = await workspace.mention("U0SAM", "help")
        said = slack.state()
        go_on.set()
        await workspace.until(lambda: slack.ready)
        after = await workspace.mention("U0SAM", "help")

        assert before.status == 503
        assert said == (
            "Slack is not ready: the bot token is not confirmed yet"
            " (slack declined: invalid_auth)."
        )
        assert waited == [1.0, 2.0, 4.0]
        assert after.status == 200
        assert slack.state() == f"Slack is ready in Harbour & Pine ({TEAM})."
        assert slack.team is not None
        assert (slack.team.id, slack.team.bot_user) == (TEAM, "U0BOT")


async def test_an_answer_that_does_not_name_us_is_not_good_enough(
    make_slack: SlackMaker, workspace: SlackStandIn
) -> None:
    stopped = asyncio.Event()

    async def pause(_: float) -> None:
        stopped.set()
        await asyncio.Event().wait()

    workspace.script("auth.test", status=404)
    async with make_slack(pause=pause) as slack:
        await stopped.wait()
        assert not slack.ready


async def test_our_team_is_told_before_the_first_request_is_heard(
    make_slack: SlackMaker, workspace: SlackStandIn
) -> None:
    told: list[str] = []

    async def pause(_: float) -> None:
        await asyncio.sleep(0)

    async def known(team: str) -> None:
        told.append(team)
        if len(told) == 1:
            raise OSError("the database cannot be read")

    async with make_slack(pause=pause, on_ready=known) as slack:
        assert not slack.ready
        await workspace.until(lambda: slack.ready)

    assert told == [TEAM, TEAM]


async def test_a_missing_permission_is_in_the_state(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.scopes.discard("users:read")

    answer = await workspace.mention("U0SAM", "help")

    assert answer.status == 503
    assert "missing_scope" in slack.state()


async def test_a_token_that_works_again_is_no_longer_in_the_state(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script("users.info", error="token_revoked")
    await workspace.mention("U0SAM", "help")
    assert "token_revoked" in slack.state()

    await workspace.mention("U0SAM", "help")

    assert "token_revoked" not in slack.state()


async def test_a_press_under_way_is_finished_before_the_stop(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(sentence="Approved.")
    hearer.slowly = 0.2
    card = Card(title="x", summary="x", buttons=(Button("Approve", "approve", "t"),))
    await slack.send(Place("slack", TEAM, "C0FIN"), card)
    (message,) = workspace.shown("C0FIN")

    await workspace.press("U0PRIYA", message, "Approve")
    await slack.stop()

    assert len(workspace.whispered("U0PRIYA")) == 1
    assert (await workspace.mention("U0SAM", "help")).status == 503


async def test_without_a_signing_secret_no_request_is_believed(
    make_slack: SlackMaker, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    async with make_slack({"signing_secret": None}) as slack:
        await workspace.until(lambda: slack.ready)

        answer = await workspace.mention("U0SAM", "help")

    assert answer.status == 401
    assert hearer.kept == []


async def test_nothing_secret_is_shown_of_the_settings() -> None:
    shown = repr(SlackSettings(TOKEN, SECRET, APP_TOKEN))

    assert not any(secret in shown for secret in (TOKEN, SECRET, APP_TOKEN))


async def test_a_token_can_be_checked_beforehand(
    make_slack: SlackMaker, workspace: SlackStandIn
) -> None:
    async with make_slack() as slack:
        good = await slack.check()
        workspace.script("auth.test", error="token_revoked")
        bad = await slack.check()

    assert good == (True, f"installed in Harbour & Pine ({TEAM}).")
    assert bad[0] is False
    assert "token_revoked" in bad[1]


# --- Socket Mode --------------------------------------------------------------------


async def test_over_socket_mode_events_are_kept_then_acknowledged(
    make_slack: SlackMaker, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    settings = {"signing_secret": None, "app_token": APP_TOKEN}
    async with make_slack(settings):
        await asyncio.wait_for(workspace.connected.wait(), 5)
        assert workspace.link is not None
        frame = {
            "envelope_id": "e1",
            "type": "events_api",
            "accepts_response_payload": False,
            "payload": workspace.mention_body("U0SAM", "who owes us money"),
        }

        await workspace.link.send_json(frame)

        await workspace.until(lambda: hearer.begun and workspace.acks)
        assert hearer.message.text == "who owes us money"
        assert workspace.acks == [{"envelope_id": "e1"}]


async def test_over_socket_mode_what_is_not_kept_is_not_acknowledged(
    make_slack: SlackMaker, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    settings = {"signing_secret": None, "app_token": APP_TOKEN}
    async with make_slack(settings):
        await asyncio.wait_for(workspace.connected.wait(), 5)
        assert workspace.link is not None
        lost = workspace.mention_body("U0SAM", "lost for now")
        kept = workspace.mention_body("U0SAM", "kept")
        hearer.broken = True
        await workspace.link.send_json(
            {"envelope_id": "lost", "type": "events_api", "payload": lost}
        )
        await workspace.until(lambda: workspace.called("users.info"))
        await asyncio.sleep(0.1)
        hearer.broken = False
        await workspace.link.send_json(
            {"envelope_id": "kept", "type": "events_api", "payload": kept}
        )

        await workspace.until(lambda: workspace.acks)
        assert workspace.acks == [{"envelope_id": "kept"}]


# --- what operators read --------------------------------------------------------------


async def test_what_people_say_is_in_no_log(
    slack: Slack,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = json.dumps(workspace.mention_body("U0SAM", "the secret acquisition"))
    caplog.set_level("INFO")

    await workspace.post(body, headers={})
    hearer.broken = True
    await workspace.post(body)
    hearer.broken = False
    await workspace.post(body)

    assert "secret acquisition" not in caplog.text
    assert TOKEN not in caplog.text
