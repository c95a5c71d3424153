"""Cards into Slack: sent, edited, whispered; files; and what Slack refuses."""

import asyncio
import logging

import pytest

from bot.platform import Gone, Place, Sender, SendFailed
from bot.slack import Slack
from cards.card import Button, Card
from qbo.books import Document
from tests.conftest import Clock
from tests.platforms.conftest import SlackMaker
from tests.platforms.hearing import RecordingHearer
from tests.platforms.slack_standin import TEAM, SlackStandIn

CARD = Card(
    title="Who owes us money",
    summary="[SIMULATED] Harbour & Pine: $3,410.00",
    buttons=(Button("Refresh", "say", "who owes us money"),),
)
THREAD = "1700000000.000001"
CHANNEL = Place("slack", TEAM, "C0FIN")
SAM = Sender("slack", TEAM, "U0SAM", "Sam")


async def test_a_card_is_sent_into_its_thread_without_previews(
    slack: Slack, workspace: SlackStandIn
) -> None:
    id_ = await slack.send(Place("slack", TEAM, "C0FIN", THREAD), CARD)

    (message,) = workspace.shown("C0FIN")
    assert id_ == f"C0FIN/{message.ts}"
    assert message.thread_ts == THREAD
    assert message.text.startswith("[SIMULATED] Harbour &amp; Pine")
    (args,) = workspace.called("chat.postMessage")
    assert (args["unfurl_links"], args["unfurl_media"]) == (False, False)


async def test_an_edit_replaces_text_and_blocks(
    slack: Slack, workspace: SlackStandIn
) -> None:
    id_ = await slack.send(CHANNEL, CARD)

    await slack.edit(CHANNEL, id_, Card(title="Paid", summary="Nobody owes us"))

    (message,) = workspace.shown("C0FIN")
    assert message.text == "Nobody owes us"
    assert message.buttons == {}


async def test_edits_of_one_message_keep_their_order(
    slack: Slack, workspace: SlackStandIn
) -> None:
    id_ = await slack.send(CHANNEL, CARD)
    workspace.script("chat.update", status=429, error="ratelimited", retry_after="0")

    await asyncio.gather(
        slack.edit(CHANNEL, id_, Card(title="first", summary="first")),
        slack.edit(CHANNEL, id_, Card(title="second", summary="second")),
    )

    (message,) = workspace.shown("C0FIN")
    assert message.text == "second"


async def test_a_whisper_in_a_channel_is_for_one_person(
    slack: Slack, workspace: SlackStandIn
) -> None:
    await slack.whisper(SAM, Place("slack", TEAM, "C0FIN", THREAD), CARD)

    (told,) = workspace.whispered("U0SAM")
    assert (told.channel, told.thread_ts) == ("C0FIN", THREAD)
    assert workspace.shown("C0FIN") == []


async def test_a_whisper_in_private_is_a_message(
    slack: Slack, workspace: SlackStandIn
) -> None:
    await slack.whisper(SAM, Place("slack", TEAM, "D0SAM"), CARD)

    assert len(workspace.shown("D0SAM")) == 1


async def test_who_is_not_in_the_channel_is_whispered_to_directly(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.channels["C0FIN"]["without"] = ["U0SAM"]

    await slack.whisper(SAM, CHANNEL, CARD)

    assert len(workspace.shown("D0SAM")) == 1


async def test_a_person_is_reached_alone(slack: Slack, workspace: SlackStandIn) -> None:
    place = await slack.direct(SAM)
    again = await slack.direct(SAM)

    assert place == again == Place("slack", TEAM, "D0SAM")
    assert len(workspace.called("conversations.open")) == 1


@pytest.mark.parametrize(
    "sender",
    [Sender("slack", TEAM, "U0NOBODY"), Sender("slack", "T0ELSE", "U0SAM")],
)
async def test_who_is_not_there_is_gone(sender: Sender, slack: Slack) -> None:
    with pytest.raises(Gone):
        await slack.direct(sender)


async def test_a_file_is_handed_over_in_the_thread(
    slack: Slack, workspace: SlackStandIn
) -> None:
    document = Document("Invoice 1042.pdf", "application/pdf", b"%PDF-1.7 ...")

    await slack.deliver(Place("slack", TEAM, "C0FIN", THREAD), document)

    assert workspace.files == [
        {
            "title": "Invoice 1042.pdf",
            "content": b"%PDF-1.7 ...",
            "channel": "C0FIN",
            "thread_ts": THREAD,
        }
    ]


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("files.getUploadURLExternal", "file_uploads_disabled"),
        ("files.completeUploadExternal", "file_type_not_allowed"),
    ],
)
async def test_a_file_slack_does_not_take_is_not_handed_over(
    method: str, error: str, slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script(method, error=error)

    with pytest.raises(SendFailed, match=error):
        await slack.deliver(CHANNEL, Document("a.pdf", "application/pdf", b"x"))


async def test_a_file_whose_upload_breaks_is_not_handed_over(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script("upload", status=500)

    with pytest.raises(SendFailed):
        await slack.deliver(CHANNEL, Document("a.pdf", "application/pdf", b"x"))
    assert workspace.files == []


# --- refusals ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action"]
)
async def test_a_place_that_is_no_more_is_gone(
    error: str, slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script("chat.postMessage", error=error)

    with pytest.raises(Gone):
        await slack.send(CHANNEL, CARD)


@pytest.mark.parametrize(
    "error", ["message_not_found", "cant_update_message", "edit_window_closed"]
)
async def test_a_message_that_is_no_more_is_gone(
    error: str, slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script("chat.update", error=error)

    with pytest.raises(Gone):
        await slack.edit(CHANNEL, "C0FIN/1.1", CARD)


async def test_a_message_that_was_deleted_is_gone(slack: Slack) -> None:
    with pytest.raises(Gone):
        await slack.edit(CHANNEL, "C0FIN/1700000000.000009", CARD)


@pytest.mark.parametrize("message", ["", "response/C0FIN", "nonsense"])
async def test_what_cannot_be_edited_is_gone(message: str, slack: Slack) -> None:
    with pytest.raises(Gone):
        await slack.edit(CHANNEL, message, CARD)


@pytest.mark.parametrize(
    "error", ["internal_error", "fatal_error", "invalid_auth", "something_new"]
)
async def test_any_other_refusal_may_be_tried_again(
    error: str, slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script("chat.postMessage", error=error)

    with pytest.raises(SendFailed, match=error):
        await slack.send(CHANNEL, CARD)


async def test_a_rate_limit_that_is_soon_over_is_waited_out(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script(
        "chat.postMessage", status=429, error="ratelimited", retry_after="0", times=2
    )

    await slack.send(CHANNEL, CARD)

    assert len(workspace.called("chat.postMessage")) == 3
    assert len(workspace.shown("C0FIN")) == 1


async def test_a_long_rate_limit_is_left_to_the_timetable(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script(
        "chat.postMessage", status=429, error="ratelimited", retry_after="3600"
    )

    with pytest.raises(SendFailed) as failed:
        await slack.send(CHANNEL, CARD)
    assert len(workspace.called("chat.postMessage")) == 1
    assert failed.value.retry_after_seconds == 3600
    assert not failed.value.is_about_card


async def test_a_server_fault_is_tried_once_more(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.script("chat.postMessage", status=503, error="down")

    await slack.send(CHANNEL, CARD)

    assert len(workspace.called("chat.postMessage")) == 2


async def test_a_slack_that_is_not_there_may_be_tried_again(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.channels["C0FIN"]["is_ext_shared"] = False
    await slack.send(CHANNEL, CARD)
    await workspace.stop()

    with pytest.raises(SendFailed):
        await slack.send(CHANNEL, CARD)

    await workspace.start()


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
async def test_blocks_that_slack_refuses_become_text_and_a_fault_in_the_log(
    error: str,
    slack: Slack,
    workspace: SlackStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    details = ["[ERROR] too long [json-pointer:/blocks/0/text]"]
    workspace.script("chat.postMessage", error=error, details=details)

    with caplog.at_level(logging.ERROR, "bot.slack_web"):
        id_ = await slack.send(CHANNEL, CARD)

    (message,) = workspace.shown("C0FIN")
    assert id_.endswith(message.ts)
    assert message.blocks == []
    assert "$3,410.00" in message.text
    (fault,) = caplog.records
    assert fault.__dict__["code"] == error
    assert fault.__dict__["details"] == tuple(details)
    assert "3,410" not in caplog.text


async def test_an_edit_whose_blocks_are_refused_leaves_no_dead_buttons(
    slack: Slack, workspace: SlackStandIn
) -> None:
    id_ = await slack.send(CHANNEL, CARD)
    workspace.script("chat.update", error="invalid_blocks")

    await slack.edit(CHANNEL, id_, Card(title="Paid", summary="Nobody owes us"))

    (message,) = workspace.shown("C0FIN")
    assert (message.text, message.blocks) == ("Nobody owes us", [])


# --- who reads along --------------------------------------------------------------


async def test_nothing_is_posted_where_outsiders_read(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.channels["C0FIN"]["is_ext_shared"] = True

    with pytest.raises(Gone):
        await slack.send(CHANNEL, CARD)
    with pytest.raises(Gone):
        await slack.deliver(CHANNEL, Document("a.pdf", "application/pdf", b"x"))
    assert workspace.shown("C0FIN") == []
    assert workspace.files == []


async def test_a_channel_that_is_being_opened_to_outsiders_is_closed_to_us(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.channels["C0FIN"]["is_pending_ext_shared"] = True

    with pytest.raises(Gone):
        await slack.send(CHANNEL, CARD)


async def test_a_channel_opened_to_outsiders_is_noticed_within_five_minutes(
    slack: Slack, workspace: SlackStandIn, clock: Clock
) -> None:
    await slack.send(CHANNEL, CARD)
    workspace.channels["C0FIN"]["is_ext_shared"] = True
    clock.advance(minutes=6)

    with pytest.raises(Gone):
        await slack.send(CHANNEL, CARD)


# --- commands where we are not ------------------------------------------------------


async def test_without_the_permission_to_ask_a_command_is_still_answered(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.scopes.discard("channels:read")
    workspace.channels["C0ELSE"] = {"id": "C0ELSE", "is_member": False}
    await workspace.command("U0SAM", "/countersign", "help", channel="C0ELSE")
    await workspace.until(lambda: hearer.begun)

    id_ = await slack.send(hearer.message.place, CARD)
    await slack.edit(hearer.message.place, id_, Card(title="New", summary="New"))

    (message,) = workspace.shown("D0SAM")
    assert id_ == f"D0SAM/{message.ts}"
    assert message.text == "New"


async def test_a_file_for_who_asked_where_we_are_not_is_handed_over_directly(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.scopes.discard("channels:read")
    workspace.channels["C0ELSE"] = {"id": "C0ELSE", "is_member": False}
    await workspace.command("U0SAM", "/countersign", "pdf 1042", channel="C0ELSE")
    await workspace.until(lambda: hearer.begun)

    await slack.deliver(
        hearer.message.place, Document("a.pdf", "application/pdf", b"x")
    )

    assert [file["channel"] for file in workspace.files] == ["D0SAM"]


async def test_a_file_for_a_place_that_is_no_more_is_gone(
    slack: Slack, workspace: SlackStandIn
) -> None:
    workspace.channels["C0FIN"]["is_archived"] = True

    with pytest.raises(Gone):
        await slack.deliver(CHANNEL, Document("a.pdf", "application/pdf", b"x"))


async def test_who_cannot_be_written_to_is_answered_by_the_response_url(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.scopes.discard("channels:read")
    workspace.channels["C0ELSE"] = {"id": "C0ELSE", "is_member": False}
    await workspace.command("U0SAM", "/countersign", "help", channel="C0ELSE")
    await workspace.until(lambda: hearer.begun)
    workspace.script("conversations.open", error="user_not_visible", times=9)

    id_ = await slack.send(hearer.message.place, CARD)

    assert workspace.responses[0]["response_type"] == "ephemeral"
    assert workspace.responses[0]["text"].startswith("[SIMULATED]")
    with pytest.raises(Gone):
        await slack.edit(hearer.message.place, id_, CARD)


async def test_a_response_url_serves_five_times_and_half_an_hour(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    workspace.scopes.discard("channels:read")
    workspace.channels["C0ELSE"] = {"id": "C0ELSE", "is_member": False}
    workspace.script("conversations.open", error="user_not_visible", times=99)
    await workspace.command("U0SAM", "/countersign", "help", channel="C0ELSE")
    await workspace.until(lambda: hearer.begun)
    place = hearer.message.place

    for _ in range(5):
        await slack.send(place, CARD)
    with pytest.raises(Gone):
        await slack.send(place, CARD)

    await workspace.command("U0SAM", "/countersign", "again", channel="C0ELSE")
    clock.advance(minutes=31)
    with pytest.raises(Gone):
        await slack.send(place, CARD)


async def test_no_response_url_is_written_down_anywhere(
    slack: Slack, workspace: SlackStandIn, hearer: RecordingHearer
) -> None:
    workspace.scopes.discard("channels:read")

    await workspace.command("U0SAM", "/countersign", "help")

    await workspace.until(lambda: hearer.begun)
    assert workspace.origin not in repr(hearer.kept)


# --- life -------------------------------------------------------------------------


async def test_before_start_nothing_can_be_sent(
    make_slack: SlackMaker, workspace: SlackStandIn
) -> None:
    workspace.script("auth.test", error="invalid_auth", times=99)

    async with make_slack(pause=_for_ever) as slack:
        with pytest.raises(SendFailed):
            await slack.direct(SAM)


async def _for_ever(_: float) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("thread", ["", THREAD])
async def test_a_card_is_found_again_by_its_mark(
    slack: Slack, workspace: SlackStandIn, clock: Clock, thread: str
) -> None:
    place = Place("slack", TEAM, workspace.dm_of("U0SAM"), thread)
    since = clock()
    await slack.send_marked(place, CARD, "n1")
    wanted = await slack.send_marked(place, CARD, "n2")
    await slack.send(place, CARD)

    assert await slack.find(place, "n2", since) == wanted
    assert await slack.find(place, "n3", since) is None
    clock.advance(minutes=5)
    assert await slack.find(place, "n2", clock()) is None


async def test_where_we_may_not_read_nothing_is_found(
    slack: Slack, workspace: SlackStandIn, clock: Clock
) -> None:
    await slack.send_marked(CHANNEL, CARD, "n1")

    assert await slack.find(CHANNEL, "n1", clock()) is None
    assert slack.state().startswith("Slack is ready in")
    assert "missing_scope" not in slack.state()
    workspace.scopes.add("channels:history")
    assert await slack.find(CHANNEL, "n1", clock()) is not None


async def test_a_failed_look_is_no_answer(
    slack: Slack, workspace: SlackStandIn, clock: Clock
) -> None:
    place = Place("slack", TEAM, workspace.dm_of("U0SAM"))
    workspace.script("conversations.history", error="internal_error")

    with pytest.raises(SendFailed):
        await slack.find(place, "n1", clock())
