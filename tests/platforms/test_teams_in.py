"""Teams' activities become messages and presses: kept once, answered in time."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot import teams as teams_module
from bot.platform import Place, Reply
from bot.teams import (
    HEARD_BEFORE,
    NOT_KEPT,
    NOT_KNOWN,
    NOT_UNDERSTOOD,
    RECEIVED,
    STILL_WORKING,
    Teams,
)
from cards.card import Button, Card, Field
from tests.conftest import Clock
from tests.platforms.conftest import TeamsMaker
from tests.platforms.hearing import RecordingHearer
from tests.platforms.teams_standin import (
    BOT,
    CHANNEL,
    PRIYA,
    SAM,
    TENANT,
    Message,
    TeamsStandIn,
    member,
)

CARD = Card(
    title="Invoice for Acme West",
    summary="[SIMULATED] Harbour & Pine: invoice for Acme West, $1,200.00",
    buttons=(
        Button("Approve", "approve", "t0k3n"),
        Button("Reject", "reject", "n0", asks=(Field("reason", "Why not?"),)),
    ),
)
DONE = Card(title="Approved by Priya", summary="[SIMULATED] Approved")
ADAPTIVE = "application/vnd.microsoft.card.adaptive"
SENTENCE = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"
THREAD = f"{CHANNEL};messageid=1700000000001"


async def test_a_personal_message_is_kept_and_begun(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    answer = await tenant.message(SAM, "who owes us money?")

    assert (answer.status, answer.text) == (200, "")
    heard = hearer.message
    assert heard.text == "who owes us money?"
    assert heard.private
    assert heard.place == Place("teams", TENANT, f"a:{SAM}", "", tenant.service_url)
    assert (heard.sender.tenant, heard.sender.user) == (TENANT, SAM)
    assert (heard.sender.name, heard.sender.email) == ("Sam", "sam@harbour.example")
    assert (heard.sender.zone, heard.sender.locale) == ("Europe/Berlin", "en-US")
    assert heard.at == clock.now
    assert not heard.sender.guest
    assert hearer.order == ["kept", "begun"]


async def test_a_mention_in_a_channel_is_answered_in_its_thread(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    await tenant.message(SAM, "who owes us money?", THREAD)

    heard = hearer.message
    assert heard.text == "who owes us money?"
    assert not heard.private
    assert (heard.place.conversation, heard.place.thread) == (CHANNEL, "1700000000001")


def _mention(text: str, id_: str = BOT, name: str = "Countersign") -> dict[str, Any]:
    return {"type": "mention", "text": text, "mentioned": {"id": id_, "name": name}}


@pytest.mark.parametrize(
    ("text", "entities", "heard"),
    [
        ("<at>Countersign</at> show Countersign", [], "show Countersign"),
        ("<at>Countersign</at>&nbsp;help", [], "help"),
        ("<at>Countersign</at>\u00a0 Send &amp; Co", [], "Send & Co"),
        ("5 &lt; 6 &quot;x&quot;", [], '5 < 6 "x"'),
        (
            '<at id="0">Countersign</at> hi',
            [_mention('<at id="0">Countersign</at>')],
            "hi",
        ),
        (
            "<at>Countersign</at> ask <at>Ada</at>",
            [_mention("<at>Ada</at>", "29:ada", "Ada Lovelace")],
            "ask @Ada Lovelace",
        ),
        ("one\r\n\r\n two ", [], "one\ntwo"),
        ("&lt;at&gt;Countersign&lt;/at&gt; typed", [], "<at>Countersign</at> typed"),
    ],
)
async def test_a_message_reads_as_its_author_saw_it(
    text: str,
    entities: list[dict[str, Any]],
    heard: str,
    teams: Teams,
    tenant: TeamsStandIn,
    hearer: RecordingHearer,
) -> None:
    ours = _mention("<at>Countersign</at>")

    await tenant.post(tenant.activity(SAM, text=text, entities=[ours, *entities]))

    assert hearer.message.text == heard


async def test_the_same_activity_delivered_again_is_begun_once(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    activity = tenant.activity(SAM, text="help")

    statuses = [(await tenant.post(activity)).status for _ in range(2)]

    assert statuses == [200, 200]
    assert len(hearer.begun) == 1


async def test_a_message_that_cannot_be_kept_is_not_taken(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    activity = tenant.activity(SAM, text="help")
    hearer.broken = True
    refused = await tenant.post(activity)
    hearer.broken = False
    taken = await tenant.post(activity)

    assert (refused.status, taken.status) == (503, 200)
    assert len(hearer.begun) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"from": {"id": "28:another", "aadObjectId": SAM}},
        {"from": {"id": "29:x", "role": "bot", "aadObjectId": SAM}},
        {"from": {"id": "29:x"}},
        {"from": {"id": "29:x", "aadObjectId": "../../etc"}},
        {"from": None},
        {"text": None, "value": {"token": "x"}},
        {"type": "messageReaction"},
        {"type": "messageUpdate"},
        {"type": "messageDelete"},
        {"type": "typing"},
        {"type": "event"},
        {"type": "somethingNew"},
    ],
)
async def test_what_is_nothing_to_us_is_taken_and_forgotten(
    change: dict[str, Any], teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    answer = await tenant.post({**tenant.activity(SAM, text="help"), **change})

    assert answer.status == 200
    assert hearer.kept == []


async def test_a_message_of_a_person_teams_does_not_name_is_still_heard(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    tenant.script("member", status=500, times=9)

    answer = await tenant.message(SAM, "help")

    assert answer.status == 200
    assert (hearer.message.sender.name, hearer.message.sender.email) == ("Sam", None)


@pytest.mark.parametrize(
    ("change", "email"),
    [
        ({"userRole": "guest"}, "gus@else.example"),
        ({"userPrincipalName": "gus_else.example#EXT#@harbour.example"}, None),
        ({"userRole": "anonymous"}, "gus@else.example"),
    ],
)
async def test_guests_are_called_guests(
    change: Mapping[str, Any],
    email: str | None,
    teams: Teams,
    tenant: TeamsStandIn,
    hearer: RecordingHearer,
) -> None:
    gus = "aaaaaaaa-0000-4000-8000-000000000909"
    tenant.members[gus] = member(gus, "Gus", email, **change)

    await tenant.message(gus, "help")

    assert hearer.message.sender.guest
    assert hearer.message.sender.email == email


async def test_somebody_of_another_tenant_keeps_that_tenants_id(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    eve = "bbbbbbbb-0000-4000-8000-00000000000e"
    tenant.members[eve] = member(eve, "Eve", None, tenantId="another-tenant")

    await tenant.message(eve, "who owes us money", THREAD)

    assert hearer.message.sender.tenant == "another-tenant"
    assert hearer.message.sender.guest


async def test_what_teams_says_of_a_person_is_asked_for_every_five_minutes(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    await tenant.message(SAM, "one")
    await tenant.message(SAM, "two")
    assert len(tenant.called("member")) == 1

    clock.advance(minutes=6)
    await tenant.message(SAM, "three")

    assert len(tenant.called("member")) == 2


# --- presses ----------------------------------------------------------------------


async def _sent(teams: Teams, tenant: TeamsStandIn, user: str = PRIYA) -> Message:
    conversation = tenant.chat_of(user)
    tenant.conversations.add(conversation)
    place = Place("teams", TENANT, conversation, "", tenant.service_url)
    await teams.send(place, CARD)
    return tenant.shown(conversation)[-1]


async def test_a_press_is_kept_worked_on_and_answered_with_a_card(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    hearer.reply = Reply(card=DONE)
    message = await _sent(teams, tenant)

    answer = await tenant.press(PRIYA, message, "Approve")

    assert answer.status == 200
    assert answer.json["statusCode"] == 200
    assert answer.json["type"] == ADAPTIVE
    assert "Approved by Priya" in str(answer.json["value"])
    press = hearer.pressed
    assert (press.verb, press.token, press.fields) == ("approve", "t0k3n", {})
    assert press.message == message.id
    assert press.place == Place(
        "teams", TENANT, message.conversation, "", tenant.service_url
    )
    assert (press.sender.user, press.sender.name) == (PRIYA, "Priya")
    assert press.at == clock.now


async def test_what_was_typed_into_the_card_comes_with_the_press(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    message = await _sent(teams, tenant)

    await tenant.press(PRIYA, message, "Reject", {"reason": "Too <dear>"})

    assert hearer.pressed.token == "n0"
    assert hearer.pressed.fields == {"reason": "Too <dear>"}


async def test_a_card_in_a_thread_is_pressed_in_that_thread(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    place = Place("teams", TENANT, CHANNEL, "1700000000001", tenant.service_url)
    id_ = await teams.send(place, CARD)
    (message,) = tenant.shown(THREAD)

    await tenant.press(PRIYA, message, "Approve")

    assert (hearer.pressed.place, hearer.pressed.message) == (place, id_)


async def test_a_sentence_is_answered_within_the_press(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(sentence="You asked for this, so somebody else decides.")
    message = await _sent(teams, tenant, SAM)

    answer = await tenant.press(SAM, message, "Approve")

    assert answer.json == {
        "statusCode": 200,
        "type": SENTENCE,
        "value": "You asked for this, so somebody else decides.",
    }


async def test_a_sentence_and_a_card_are_answered_as_one_card(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    hearer.reply = Reply(sentence="Priya was first.", card=DONE)
    message = await _sent(teams, tenant, SAM)

    answer = await tenant.press(SAM, message, "Approve")

    assert answer.json["type"] == ADAPTIVE
    assert "Priya was first." in str(answer.json["value"])
    assert "Approved by Priya" in str(answer.json["value"])


async def test_an_answer_is_never_empty(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    message = await _sent(teams, tenant)

    answer = await tenant.press(PRIYA, message, "Approve")

    assert answer.json["value"] == RECEIVED


async def test_a_press_that_takes_long_is_answered_in_time_and_goes_on(
    teams: Teams,
    tenant: TeamsStandIn,
    hearer: RecordingHearer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teams_module, "INVOKE_SECONDS", 0.05)
    hearer.slowly = 0.3
    hearer.reply = Reply(card=DONE)
    message = await _sent(teams, tenant)
    activity = tenant.press_activity(PRIYA, message, "Approve")

    first = await tenant.post(activity)
    monkeypatch.setattr(teams_module, "INVOKE_SECONDS", 5.0)
    again = await tenant.post(activity)

    assert first.json["value"] == STILL_WORKING
    assert again.json["type"] == ADAPTIVE
    assert len(hearer.presses) == 1


async def test_twenty_deliveries_of_one_press_are_worked_on_once(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    hearer.slowly = 0.05
    hearer.reply = Reply(card=DONE)
    message = await _sent(teams, tenant)
    activity = tenant.press_activity(PRIYA, message, "Approve")

    answers = await asyncio.gather(*(tenant.post(activity) for _ in range(20)))

    assert {answer.status for answer in answers} == {200}
    assert {answer.json["type"] for answer in answers} == {ADAPTIVE}
    assert len(hearer.presses) == 1


async def test_a_press_that_another_process_heard_is_not_worked_on_again(
    make_teams: TeamsMaker, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    async with make_teams() as teams:
        message = await _sent(teams, tenant)
        activity = tenant.press_activity(PRIYA, message, "Approve")
        await tenant.post(activity)
    async with make_teams():
        again = await tenant.post(activity)

    assert again.json["value"] == HEARD_BEFORE
    assert len(hearer.presses) == 1


async def test_two_presses_without_an_id_are_told_apart(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer, clock: Clock
) -> None:
    message = await _sent(teams, tenant)
    first = tenant.press_activity(PRIYA, message, "Approve", id=None)
    clock.advance(seconds=1)
    second = tenant.press_activity(PRIYA, message, "Approve", id=None)

    for activity in (first, first, second):
        await tenant.post(activity)

    assert len(hearer.presses) == 2


async def test_a_press_that_cannot_be_kept_says_so(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    hearer.broken = True
    message = await _sent(teams, tenant)

    answer = await tenant.press(PRIYA, message, "Approve")

    assert answer.status == 200
    assert answer.json["statusCode"] == 500
    assert answer.json["type"] == ERROR
    assert answer.json["value"]["message"] == NOT_KEPT
    assert hearer.presses == []


@pytest.mark.parametrize("status", [404, 500])
async def test_nobody_decides_whom_teams_does_not_name(
    status: int, teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    tenant.script("member", status=status, times=9)
    message = await _sent(teams, tenant)

    answer = await tenant.press(PRIYA, message, "Approve")

    assert answer.json["value"]["message"] == NOT_KNOWN
    assert hearer.kept == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "approve",
        {},
        {"action": None},
        {"action": {"type": "Action.Submit", "verb": "approve", "data": {}}},
        {"action": {"type": "Action.Execute", "data": {"token": "x"}}},
        {"action": {"type": "Action.Execute", "verb": "Robert'); DROP", "data": {}}},
        {"action": {"type": "Action.Execute", "verb": "approve" * 99 + "!"}},
        {"action": {"type": "Action.Execute", "verb": "a", "data": {"token": 5}}},
        {
            "action": {
                "type": "Action.Execute",
                "verb": "a",
                "data": {"token": "x" * 9999},
            }
        },
        {
            "action": {"type": "Action.Execute", "verb": "a", "data": {"token": "x"}},
            "trigger": "automatic",
        },
    ],
)
async def test_a_malformed_press_is_answered_with_a_sentence(
    value: Any, teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    invoke = tenant.activity(
        PRIYA, type="invoke", name="adaptiveCard/action", value=value
    )

    answer = await tenant.post(invoke)

    assert answer.status == 200
    assert answer.json["statusCode"] == 400
    assert answer.json["value"]["message"] == NOT_UNDERSTOOD
    assert hearer.kept == []


async def test_fields_that_are_no_text_are_made_text_or_left_out(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    message = await _sent(teams, tenant)
    activity = tenant.press_activity(PRIYA, message, "Approve")
    activity["value"]["action"]["data"].update(
        {"amount": 12.50, "yes": True, "n": 7, "deep": {"a": 1}, "list": [1]}
    )

    await tenant.post(activity)

    assert hearer.pressed.fields == {"amount": "12.5", "yes": "true", "n": "7"}


async def test_a_press_of_a_program_is_refused(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    message = await _sent(teams, tenant)
    activity = tenant.press_activity(PRIYA, message, "Approve")
    activity["from"] = {"id": "28:another"}

    answer = await tenant.post(activity)

    assert answer.json["statusCode"] == 400
    assert hearer.kept == []


@pytest.mark.parametrize("name", ["task/fetch", "composeExtension/query", "", None, 5])
async def test_other_invokes_are_not_ours(
    name: Any, teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    answer = await tenant.post(tenant.activity(SAM, type="invoke", name=name))

    assert answer.status == 501
    assert hearer.kept == []


async def test_a_press_under_way_is_finished_before_the_stop(
    make_teams: TeamsMaker,
    tenant: TeamsStandIn,
    hearer: RecordingHearer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teams_module, "INVOKE_SECONDS", 0.01)
    hearer.slowly = 0.2

    async with make_teams() as teams:
        message = await _sent(teams, tenant)
        await tenant.press(PRIYA, message, "Approve")
        assert hearer.finished == []
        await teams.stop()

        assert len(hearer.finished) == 1
