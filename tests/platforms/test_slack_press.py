"""Buttons and forms in Slack: kept, acknowledged, worked on, answered."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.platform import Place, Reply
from bot.slack import LATE_FORM, NO_FORM, NOT_KEPT, NOT_KNOWN, Slack
from cards.card import Button, Card, Field, Style
from tests.conftest import Clock
from tests.platforms.hearing import RecordingHearer
from tests.platforms.slack_standin import TEAM, Message, SlackStandIn, user

CARD = Card(
    title="Invoice for Acme West",
    summary="[SIMULATED] Harbour & Pine: invoice for Acme West, $1,200.00",
    buttons=(
        Button("Approve", "approve", "t0k3n", Style.PRIMARY),
        Button("Reject", "reject", "n0", asks=(Field("reason", "Why not?"),)),
    ),
)
DONE = Card(title="Approved by Priya", summary="[SIMULATED] Approved")


async def _posted(
    slack: Slack, workspace: SlackStandIn, channel: str, thread: str = ""
) -> Message:
    await slack.send(Place("slack", TEAM, channel, thread), CARD)
    return workspace.shown(channel)[-1]


async def test_a_press_is_kept_acknowledged_and_worked_on(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    place = Place("slack", TEAM, "C0FIN", "1700000000.000001")
    sent = await slack.send(place, CARD)
    (message,) = workspace.shown("C0FIN")

    answer = await workspace.press("U0PRIYA", message, "Approve")

    assert (answer.status, answer.text) == (200, "")
    await workspace.until(lambda: hearer.presses)
    press = hearer.pressed
    assert (press.verb, press.token) == ("approve", "t0k3n")
    assert press.message == sent
    assert press.place == place
    assert press.at == clock.now
    assert (press.sender.user, press.sender.name) == ("U0PRIYA", "Priya")
    assert hearer.order == ["kept"]


async def test_a_card_that_began_a_thread_is_pressed_where_it_stands(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    body = workspace.press_body("U0PRIYA", message, "Approve")
    body["message"]["thread_ts"] = message.ts

    await workspace.interact(body)

    await workspace.until(lambda: hearer.presses)
    assert hearer.pressed.place == Place("slack", TEAM, "C0FIN")


async def test_a_sentence_is_for_the_presser_alone(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(sentence="You asked for this, <@U0SAM> & co.")
    message = await _posted(slack, workspace, "C0FIN", "1700000000.000001")

    await workspace.press("U0SAM", message, "Approve")

    (told,) = await workspace.until(lambda: workspace.whispered("U0SAM"))
    assert told.text == "You asked for this, &lt;@U0SAM&gt; &amp; co."
    assert told.blocks[0]["text"]["type"] == "plain_text"
    assert told.blocks[0]["text"]["text"] == "You asked for this, <@U0SAM> & co."
    assert told.thread_ts == "1700000000.000001"
    assert message.edits == 0


async def test_where_slack_whispers_to_nobody_the_response_url_serves(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(sentence="Not yours to decide.")
    workspace.channels["C0FIN"]["without"] = ["U0SAM"]
    message = await _posted(slack, workspace, "C0FIN")

    await workspace.press("U0SAM", message, "Approve")

    (told,) = await workspace.until(lambda: workspace.responses)
    assert told["text"] == "Not yours to decide."
    assert told["response_type"] == "ephemeral"
    assert told["replace_original"] is False


async def test_in_private_the_card_of_an_answer_replaces_the_message(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(card=DONE)
    message = await _posted(slack, workspace, "D0PRIYA")

    await workspace.press("U0PRIYA", message, "Approve")

    await workspace.until(lambda: message.edits)
    assert "Approved by Priya" in message.everything
    assert message.buttons == {}


async def test_what_others_read_too_is_not_replaced_by_one_persons_card(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(card=DONE)
    message = await _posted(slack, workspace, "C0FIN")

    await workspace.press("U0PRIYA", message, "Approve")
    await workspace.until(lambda: hearer.presses)
    await slack.stop()

    assert message.edits == 0


async def test_the_card_of_an_answer_never_overwrites_a_later_edit(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(card=DONE)
    hearer.slowly = 0.2
    message = await _posted(slack, workspace, "D0PRIYA")
    newest = replace(DONE, title="Invoice 1189 was posted")

    await workspace.press("U0PRIYA", message, "Approve")
    await workspace.until(lambda: hearer.presses)
    await slack.edit(Place("slack", TEAM, "D0PRIYA"), f"D0PRIYA/{message.ts}", newest)
    await slack.stop()

    assert message.edits == 1
    assert "Invoice 1189 was posted" in message.everything


async def test_the_same_press_delivered_again_is_worked_on_once(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    body = workspace.press_body("U0PRIYA", message, "Approve")

    first = await workspace.interact(body)
    second = await workspace.interact(body)

    assert (first.status, second.status) == (200, 200)
    await workspace.until(lambda: hearer.presses)
    assert len(hearer.presses) == 1


async def test_a_press_that_cannot_be_kept_fails_and_says_so(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.broken = True
    message = await _posted(slack, workspace, "C0FIN")

    answer = await workspace.press("U0PRIYA", message, "Approve")

    assert answer.status == 503
    (told,) = await workspace.until(lambda: workspace.whispered("U0PRIYA"))
    assert told.text == NOT_KEPT
    assert hearer.presses == []


async def test_nobody_decides_whom_slack_does_not_name(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.script("users.info", error="fatal_error")
    message = await _posted(slack, workspace, "C0FIN")

    answer = await workspace.press("U0PRIYA", message, "Approve")

    assert answer.status == 503
    (told,) = await workspace.until(lambda: workspace.whispered("U0PRIYA"))
    assert told.text == NOT_KNOWN
    assert hearer.kept == []


async def test_a_presser_of_another_team_keeps_that_teams_id(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    stranger = {"id": "U0EVE", "name": "eve", "team_id": "T0ELSE"}

    await workspace.press("U0EVE", message, "Approve", user=stranger)

    await workspace.until(lambda: hearer.presses)
    assert hearer.pressed.sender.tenant == "T0ELSE"
    assert hearer.pressed.sender.guest
    assert hearer.pressed.place.tenant == TEAM


async def test_a_guest_who_presses_is_called_a_guest(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.users["U0GUS"] = user("U0GUS", "Gus", None, is_restricted=True)
    message = await _posted(slack, workspace, "C0FIN")

    await workspace.press("U0GUS", message, "Approve")

    await workspace.until(lambda: hearer.presses)
    assert hearer.pressed.sender.guest


async def test_on_an_enterprise_grid_without_a_team_the_users_team_counts(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")

    await workspace.press("U0PRIYA", message, "Approve", team=None)

    await workspace.until(lambda: hearer.presses)
    assert hearer.pressed.sender.tenant == TEAM


async def test_equal_verbs_on_one_card_are_told_apart(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    choices = tuple(Button(name, "say", name) for name in ("Acme West", "Acme East"))
    card = Card(title="Which Acme?", summary="Which Acme?", buttons=choices)
    await slack.send(Place("slack", TEAM, "D0SAM"), card)
    (message,) = workspace.shown("D0SAM")

    await workspace.press("U0SAM", message, "Acme East")

    await workspace.until(lambda: hearer.presses)
    assert (hearer.pressed.verb, hearer.pressed.token) == ("say", "Acme East")


@pytest.mark.parametrize(
    "action",
    [
        {"action_id": "somebody_elses", "value": "x", "action_ts": "1.0"},
        {"action_id": "cs-ask:approve", "value": "x", "action_ts": "1.0"},
    ],
)
async def test_a_button_that_is_not_ours_is_acknowledged_and_forgotten(
    action: dict[str, Any],
    slack: Slack,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    body = workspace.press_body("U0PRIYA", message, "Approve")
    body["actions"] = [{"type": "button", "block_id": "b", **action}]

    answer = await workspace.interact(body)

    assert answer.status == 200
    assert hearer.kept == []


# --- forms ------------------------------------------------------------------------


async def test_a_button_that_asks_opens_a_form_and_the_form_is_the_press(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    place = Place("slack", TEAM, "C0FIN", "1700000000.000001")
    sent = await slack.send(place, CARD)
    (message,) = workspace.shown("C0FIN")

    await workspace.press("U0PRIYA", message, "Reject")
    (view,) = await workspace.until(lambda: workspace.views)
    answer = await workspace.submit(
        "U0PRIYA", view, {"Why not?": "The price is <wrong> & old"}
    )

    assert (answer.status, answer.text) == (200, "")
    await workspace.until(lambda: hearer.presses)
    press = hearer.pressed
    assert (press.verb, press.token) == ("reject", "n0")
    assert press.fields == {"reason": "The price is <wrong> & old"}
    assert (press.place, press.message) == (place, sent)
    assert press.sender.user == "U0PRIYA"


async def test_what_a_form_answers_is_whispered_where_the_card_stands(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(sentence="Priya was first.")
    message = await _posted(slack, workspace, "C0FIN")

    await workspace.press("U0PRIYA", message, "Reject")
    (view,) = await workspace.until(lambda: workspace.views)
    await workspace.submit("U0PRIYA", view, {"Why not?": "No"})

    (told,) = await workspace.until(lambda: workspace.whispered("U0PRIYA"))
    assert (told.text, told.channel) == ("Priya was first.", "C0FIN")


async def test_a_form_sent_twice_is_worked_on_once(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    await workspace.press("U0PRIYA", message, "Reject")
    (view,) = await workspace.until(lambda: workspace.views)

    await workspace.submit("U0PRIYA", view, {"Why not?": "No"})
    again = await workspace.submit("U0PRIYA", view, {"Why not?": "No"})

    assert again.status == 200
    await workspace.until(lambda: hearer.presses)
    assert len(hearer.presses) == 1


async def test_a_form_that_cannot_be_kept_stays_open_with_its_words(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    await workspace.press("U0PRIYA", message, "Reject")
    (view,) = await workspace.until(lambda: workspace.views)
    hearer.broken = True

    answer = await workspace.submit("U0PRIYA", view, {"Why not?": "No"})

    assert answer.status == 200
    assert answer.json == {
        "response_action": "errors",
        "errors": {"reason": NOT_KEPT},
    }
    assert hearer.presses == []


async def test_a_form_without_inputs_that_cannot_be_kept_fails(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    await workspace.press("U0PRIYA", message, "Reject")
    (view,) = await workspace.until(lambda: workspace.views)
    hearer.broken = True

    answer = await workspace.submit("U0PRIYA", {**view, "blocks": []}, {})

    assert answer.status == 503


async def test_a_press_that_is_kept_late_is_worked_on(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(sentence="Approved.")
    message = await _posted(slack, workspace, "C0FIN")
    hearer.busy = asyncio.Event()

    answer = await workspace.press("U0PRIYA", message, "Approve")
    hearer.busy.set()

    assert (answer.status, answer.text) == (200, "")
    (told,) = await workspace.until(lambda: workspace.whispered("U0PRIYA"))
    assert told.text == "Approved."


async def test_a_late_press_that_cannot_be_kept_is_told_and_not_worked_on(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    hearer.busy = asyncio.Event()

    answer = await workspace.press("U0PRIYA", message, "Approve")
    hearer.broken = True
    hearer.busy.set()

    assert answer.status == 200
    (told,) = await workspace.until(lambda: workspace.whispered("U0PRIYA"))
    assert told.text == NOT_KEPT
    assert hearer.presses == []


async def test_a_form_that_is_kept_late_stays_open_and_counts_once(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    await workspace.press("U0PRIYA", message, "Reject")
    (view,) = await workspace.until(lambda: workspace.views)
    hearer.busy = asyncio.Event()

    answer = await workspace.submit("U0PRIYA", view, {"Why not?": "No"})
    hearer.busy.set()
    await workspace.until(lambda: hearer.presses)
    again = await workspace.submit("U0PRIYA", view, {"Why not?": "No"})

    assert answer.json == {
        "response_action": "errors",
        "errors": {"reason": LATE_FORM},
    }
    assert (again.status, again.text) == (200, "")
    assert len(hearer.presses) == 1


async def test_a_form_without_inputs_that_is_kept_late_is_worked_on(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    message = await _posted(slack, workspace, "C0FIN")
    await workspace.press("U0PRIYA", message, "Reject")
    (view,) = await workspace.until(lambda: workspace.views)
    hearer.busy = asyncio.Event()

    answer = await workspace.submit("U0PRIYA", {**view, "blocks": []}, {})
    hearer.busy.set()

    assert (answer.status, answer.text) == (200, "")
    await workspace.until(lambda: hearer.presses)
    assert hearer.pressed.verb == "reject"


async def test_a_press_that_nobody_answers_in_time_is_never_taken_as_done(
    slack: Slack,
    workspace: SlackStandIn,
    hearer: RecordingHearer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.slack.ACK_SECONDS", 60)
    message = await _posted(slack, workspace, "C0FIN")
    hearer.busy = asyncio.Event()

    answer = await workspace.press("U0PRIYA", message, "Approve")
    hearer.busy.set()

    assert answer.status == 404


async def test_a_program_presses_nothing(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.users["U0ROBOT"] = user("U0ROBOT", "Robot", None, is_workflow_bot=True)
    message = await _posted(slack, workspace, "C0FIN")

    answer = await workspace.press("U0ROBOT", message, "Approve")

    assert answer.status == 200
    assert hearer.kept == []


async def test_a_form_that_does_not_open_is_explained(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script("views.open", error="expired_trigger_id")
    message = await _posted(slack, workspace, "C0FIN")

    answer = await workspace.press("U0PRIYA", message, "Reject")

    assert answer.status == 200
    (told,) = await workspace.until(lambda: workspace.whispered("U0PRIYA"))
    assert told.text == NO_FORM


@pytest.mark.parametrize(
    "metadata", ["", "{}", "[]", "[1,2,3,4,5]", "nonsense", '["a"]', "null", "7"]
)
async def test_a_form_that_is_not_ours_is_no_press_and_no_traceback(
    metadata: str, slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "cs-ask",
        "private_metadata": metadata,
        "blocks": [],
    }

    answer = await workspace.submit("U0PRIYA", view, {})

    assert answer.status == 200
    assert hearer.kept == []


async def test_a_form_keeps_no_secret_that_could_answer_for_us(
    slack: Slack, workspace: SlackStandIn
) -> None:
    message = await _posted(slack, workspace, "C0FIN")

    await workspace.press("U0PRIYA", message, "Reject")

    (view,) = await workspace.until(lambda: workspace.views)
    assert workspace.origin not in json.dumps(view)
