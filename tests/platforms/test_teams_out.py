"""Cards into Teams: sent, edited, whispered; whom we reach; what is refused."""

import logging
import threading
from datetime import timedelta
from typing import Any

import msal
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.platform import Gone, Place, Sender, SendFailed
from bot.teams import Teams
from bot.teams_activities import Origin
from bot.teams_auth import EntraCredential, TeamsSettings
from bot.teams_people import Reference, TeamsPeople
from cards.card import Button, Card, Section
from qbo.books import Document
from tests.conftest import Clock
from tests.platforms.conftest import KnownCredential, TeamsMaker
from tests.platforms.hearing import RecordingHearer
from tests.platforms.teams_standin import (
    APP,
    BOT,
    CHANNEL,
    PRIYA,
    SAM,
    TENANT,
    TOKEN,
    TeamsStandIn,
)

CARD = Card(
    title="Who owes us money",
    summary="[SIMULATED] Harbour & Pine: $3,410.00",
    buttons=(Button("Refresh", "say", "who owes us money"),),
)
HUGE = Card(
    title="All",
    summary="[SIMULATED] All of it",
    sections=(Section(texts=("x" * 60_000,)),),
)


def _channel(tenant: TeamsStandIn, thread: str = "") -> Place:
    return Place("teams", TENANT, CHANNEL, thread, tenant.service_url)


def _sender(user: str, tenant: str = TENANT) -> Sender:
    return Sender("teams", tenant, user)


async def test_a_card_is_sent_with_its_notification(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    id_ = await teams.send(_channel(tenant), CARD)

    (message,) = tenant.shown(CHANNEL)
    assert message.id == id_
    assert message.activity["summary"].startswith("[SIMULATED] Harbour & Pine")
    assert list(message.buttons) == ["Refresh"]
    assert {call.token for call in tenant.calls} == {TOKEN}


async def test_an_answer_stays_in_its_thread(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await teams.send(_channel(tenant, "1700000000001"), CARD)

    assert len(tenant.shown(f"{CHANNEL};messageid=1700000000001")) == 1


async def test_an_edit_replaces_the_card(teams: Teams, tenant: TeamsStandIn) -> None:
    place = _channel(tenant)
    id_ = await teams.send(place, CARD)

    await teams.edit(place, id_, Card(title="Nobody owes us", summary="Nobody"))

    (message,) = tenant.shown(CHANNEL)
    assert message.edits == 1
    assert message.buttons == {}
    assert "Nobody owes us" in message.everything


async def test_a_whisper_goes_to_the_chat_with_that_person(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await teams.whisper(_sender(SAM), _channel(tenant), CARD)

    assert len(tenant.shown(tenant.chat_of(SAM))) == 1
    assert tenant.shown(CHANNEL) == []


# --- whom we reach ----------------------------------------------------------------


async def test_who_installed_us_is_reached_in_that_chat(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    answer = await tenant.install(PRIYA)

    place = await teams.direct(_sender(PRIYA))

    assert answer.status == 200
    assert place == Place("teams", TENANT, f"a:{PRIYA}", "", tenant.service_url)
    assert tenant.created == []


async def test_who_wrote_to_us_is_reached_where_they_were_answered(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    await tenant.message(SAM, "help")

    assert await teams.direct(_sender(SAM)) == hearer.message.place
    assert tenant.created == []


async def test_who_is_known_from_a_channel_only_gets_a_chat_once(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await tenant.message(SAM, "help", CHANNEL)

    first = await teams.direct(_sender(SAM))
    second = await teams.direct(_sender(SAM))

    assert first == second
    (created,) = tenant.created
    assert created["members"] == [{"id": f"29:{SAM}"}]
    assert created["bot"] == {"id": BOT}
    assert created["tenantId"] == TENANT
    assert created["channelData"] == {"tenant": {"id": TENANT}}
    assert created["isGroup"] is False


async def test_who_never_wrote_is_reached_by_the_tenants_last_address(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await tenant.message(SAM, "help")

    place = await teams.direct(_sender(PRIYA))

    assert place.conversation == f"a:{PRIYA}"
    assert tenant.created[0]["members"] == [{"id": PRIYA}]


@pytest.mark.parametrize(
    "sender",
    [_sender("aaaaaaaa-0000-4000-8000-000000000bad"), _sender(SAM, "another")],
)
async def test_who_cannot_be_reached_is_gone(
    sender: Sender, teams: Teams, tenant: TeamsStandIn, credential: KnownCredential
) -> None:
    await tenant.message(PRIYA, "help")
    await teams._people.opened(
        sender.tenant,
        sender.user,
        Reference(sender.user, tenant.service_url, BOT, None),
    )

    with pytest.raises(Gone):
        await teams.direct(sender)


async def test_who_uninstalled_us_is_no_longer_reached_in_that_chat(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await tenant.install(PRIYA)
    await tenant.uninstall(PRIYA)

    await teams.direct(_sender(PRIYA))

    assert len(tenant.created) == 1


@pytest.mark.parametrize("change", ["membersAdded", "membersRemoved"])
async def test_updates_of_a_chat_tell_of_us_too(
    change: str, teams: Teams, tenant: TeamsStandIn
) -> None:
    await tenant.install(PRIYA)
    update = tenant.activity(PRIYA, type="conversationUpdate")
    update[change] = [{"id": BOT}]

    answer = await tenant.post(update)
    await teams.direct(_sender(PRIYA))

    assert answer.status == 200
    assert len(tenant.created) == (1 if change == "membersRemoved" else 0)


async def test_an_update_about_somebody_else_changes_nothing(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await tenant.install(PRIYA)
    update = tenant.activity(
        SAM, CHANNEL, type="conversationUpdate", membersRemoved=[{"id": "29:x"}]
    )

    assert (await tenant.post(update)).status == 200
    await teams.direct(_sender(PRIYA))
    assert tenant.created == []


# --- refusals ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 404])
async def test_a_conversation_that_is_no_more_is_gone(
    status: int, teams: Teams, tenant: TeamsStandIn
) -> None:
    tenant.script("send", status=status, error="BotNotInConversationRoster")

    with pytest.raises(Gone, match="BotNotInConversationRoster"):
        await teams.send(_channel(tenant), CARD)


@pytest.mark.parametrize("message", ["", "1600000000009", "../../x", "a/b?c"])
async def test_a_message_that_is_no_more_is_gone(
    message: str, teams: Teams, tenant: TeamsStandIn
) -> None:
    with pytest.raises(Gone):
        await teams.edit(_channel(tenant), message, CARD)


@pytest.mark.parametrize("status", [429, 412])
async def test_what_was_surely_not_sent_is_sent_again(
    status: int, teams: Teams, tenant: TeamsStandIn
) -> None:
    tenant.script("send", status=status, times=3)

    await teams.send(_channel(tenant), CARD)

    assert len(tenant.called("send")) == 4
    assert len(tenant.shown(CHANNEL)) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503])
async def test_what_may_have_been_sent_is_not_sent_again(
    status: int, teams: Teams, tenant: TeamsStandIn
) -> None:
    tenant.script("send", status=status)

    with pytest.raises(SendFailed):
        await teams.send(_channel(tenant), CARD)
    assert len(tenant.called("send")) == 1


@pytest.mark.parametrize("status", [408, 412, 429, 500, 502, 503])
async def test_an_edit_is_repeated_since_twice_is_the_same(
    status: int, teams: Teams, tenant: TeamsStandIn
) -> None:
    place = _channel(tenant)
    id_ = await teams.send(place, CARD)
    tenant.script("update", status=status, times=2)

    await teams.edit(place, id_, CARD)

    assert len(tenant.called("update")) == 3


async def test_after_four_attempts_the_timetable_goes_on(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    tenant.script("send", status=429, times=99)

    with pytest.raises(SendFailed):
        await teams.send(_channel(tenant), CARD)
    assert len(tenant.called("send")) == 4
    assert teams.state() == "Teams hears us not: teams: 429."


async def test_we_wait_as_long_as_teams_asks(
    make_teams: TeamsMaker, tenant: TeamsStandIn
) -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    async with make_teams(pause=pause) as teams:
        tenant.script("send", status=429, retry_after="7")
        await teams.send(_channel(tenant), CARD)
        tenant.script("send", status=429, retry_after="600")
        with pytest.raises(SendFailed) as failed:
            await teams.send(_channel(tenant), CARD)

    assert waited == [7.0]
    assert failed.value.retry_after_seconds == 600


async def test_a_token_that_is_refused_is_renewed_once(
    teams: Teams, tenant: TeamsStandIn, credential: KnownCredential
) -> None:
    tenant.script("send", status=401)
    await teams.send(_channel(tenant), CARD)
    assert credential.fresh == 1

    credential.given = "expired"
    with pytest.raises(SendFailed):
        await teams.send(_channel(tenant), CARD)
    assert credential.fresh == 2


async def test_nothing_goes_to_a_host_that_is_not_microsofts(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    evil = Place("teams", TENANT, CHANNEL, "", "https://evil.example/")

    with pytest.raises(SendFailed, match="not an address"):
        await teams.send(evil, CARD)


async def test_a_connector_that_is_not_there_may_be_tried_again(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await tenant.stop()

    with pytest.raises(SendFailed):
        await teams.send(_channel(tenant), CARD)

    await tenant.start()


async def test_a_card_that_is_too_large_becomes_its_summary(
    teams: Teams,
    tenant: TeamsStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tenant.script("send", status=413)
    place = _channel(tenant)

    with caplog.at_level(logging.ERROR, "bot.teams"):
        id_ = await teams.send(place, CARD)
    tenant.script("update", status=413)
    await teams.edit(place, id_, CARD)

    (message,) = tenant.shown(CHANNEL)
    assert message.activity["text"] == "[SIMULATED] Harbour & Pine: $3,410.00"
    assert "attachments" not in message.activity
    assert "too large" in caplog.text


async def test_the_largest_card_is_one_that_teams_takes(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await teams.send(_channel(tenant), HUGE)

    (message,) = tenant.shown(CHANNEL)
    assert "attachments" in message.activity


# --- files ------------------------------------------------------------------------

INVOICE = Document("Invoice 1042.pdf", "application/pdf", b"%PDF-1.7")


async def test_a_file_is_handed_over_as_a_link(
    make_teams: TeamsMaker, tenant: TeamsStandIn
) -> None:
    async def link(document: Document) -> str:
        return f"https://countersign.example/files/{len(document.content)}"

    async with make_teams(file_link=link) as teams:
        await teams.deliver(_channel(tenant), INVOICE)

    (message,) = tenant.shown(CHANNEL)
    assert "https://countersign.example/files/8" in message.everything
    assert "Invoice 1042.pdf" in message.everything


async def test_without_links_a_sentence_says_where_the_file_is(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await teams.deliver(_channel(tenant), INVOICE)

    (message,) = tenant.shown(CHANNEL)
    assert "cannot be sent into Teams from here" in message.activity["summary"]


# --- the emulator -------------------------------------------------------------------


async def test_towards_the_emulator_no_token_is_sent(
    make_teams: TeamsMaker, tenant: TeamsStandIn
) -> None:
    tenant.wants_token = False
    local = {"unauthenticated": True, "app_id": "", "tenant_id": ""}

    async with make_teams(local, credential=None) as teams:
        await teams.send(_channel(tenant), CARD)
        assert "this machine only" in teams.state()

    assert {call.token for call in tenant.calls} == {""}


# --- what is kept -----------------------------------------------------------------


def _origin(**change: Any) -> Origin:
    facts: dict[str, Any] = {
        "tenant": TENANT,
        "user": SAM,
        "account": "29:sam",
        "name": "Sam",
        "zone": "",
        "conversation": "a:sam",
        "thread": "",
        "kind": "personal",
        "service": "https://smba.trafficmanager.net/emea/",
        "bot": BOT,
    }
    return Origin(**{**facts, **change})


async def test_how_to_reach_people_is_kept(engine: AsyncEngine, clock: Clock) -> None:
    people = TeamsPeople(engine, clock)

    await people.seen(_origin())
    await people.seen(_origin(conversation=CHANNEL, kind="channel"))

    service = "https://smba.trafficmanager.net/emea/"
    assert await people.find(TENANT, SAM) == Reference("29:sam", service, BOT, "a:sam")
    assert await people.service(TENANT) == service
    assert await people.find(TENANT, PRIYA) is None
    assert await people.service("another") is None


async def test_the_newest_address_counts(engine: AsyncEngine, clock: Clock) -> None:
    people = TeamsPeople(engine, clock)
    moved = "https://smba.trafficmanager.net/amer/"

    await people.seen(_origin())
    clock.advance(minutes=1)
    await people.seen(_origin(service=moved))

    found = await people.find(TENANT, SAM)
    assert found is not None
    assert found.service == moved
    assert await people.service(TENANT) == moved


async def test_leaving_one_chat_leaves_the_others(
    engine: AsyncEngine, clock: Clock
) -> None:
    people = TeamsPeople(engine, clock)
    await people.seen(_origin())
    await people.seen(_origin(user=PRIYA, conversation="a:priya"))

    await people.left(TENANT, "a:sam")

    sam, priya = await people.find(TENANT, SAM), await people.find(TENANT, PRIYA)
    assert sam is not None
    assert priya is not None
    assert (sam.personal, priya.personal) == (None, "a:priya")


# --- what operators check -----------------------------------------------------------


async def test_what_microsoft_is_asked_can_be_checked_beforehand(
    make_teams: TeamsMaker, tenant: TeamsStandIn, clock: Clock
) -> None:
    class Refused(KnownCredential):
        async def token(self, *, fresh: bool = False) -> str:
            raise SendFailed(f"no Entra token: invalid_client, {fresh}")

    async with make_teams() as teams:
        good = await teams.check()
        tenant.script("openid", status=500)
        without_keys = await teams.check()
    async with make_teams(credential=Refused()) as teams:
        without_token = await teams.check()

    assert good == (True, f"Entra knows the app {APP}.")
    assert without_keys == (
        False,
        "the Bot Framework's signing keys cannot be loaded.",
    )
    assert without_token[0] is False
    assert "invalid_client, True" in without_token[1]


# --- Entra ------------------------------------------------------------------------


class Entra:
    """What MSAL's client is to us: it blocks, and counts."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.threads: list[str] = []
        self.asked: list[dict[str, Any]] = []

    def acquire_token_for_client(self, **asked: Any) -> dict[str, Any]:
        self.threads.append(threading.current_thread().name)
        self.asked.append(asked)
        return self.answers.pop(0)


def _settings(**more: Any) -> TeamsSettings:
    facts: dict[str, Any] = {"app_type": "SingleTenant", "password": "a client secret"}
    return TeamsSettings(app_id=APP, tenant_id=TENANT, **{**facts, **more})


def _entra(
    monkeypatch: pytest.MonkeyPatch, *answers: dict[str, Any]
) -> tuple[Entra, list[tuple[Any, Any]]]:
    entra, made = Entra(*answers), list[tuple[Any, Any]]()

    def client(*args: Any, **more: Any) -> Entra:
        made.append((args, more))
        return entra

    monkeypatch.setattr(msal, "ConfidentialClientApplication", client)
    monkeypatch.setattr(msal, "ManagedIdentityClient", client)
    return entra, made


async def test_one_token_serves_until_five_minutes_before_its_end(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    entra, made = _entra(
        monkeypatch,
        {"access_token": "one", "expires_in": 3600},
        {"access_token": "two", "expires_in": 3600},
        {"access_token": "three", "expires_in": 3600},
    )
    credential = EntraCredential(_settings(), clock)

    given = [await credential.token() for _ in range(3)]
    clock.now += timedelta(minutes=54)
    given.append(await credential.token())
    clock.now += timedelta(minutes=2)
    given.append(await credential.token())
    given.append(await credential.token(fresh=True))

    assert given == ["one", "one", "one", "one", "two", "three"]
    assert len(made) == 1
    assert {name.split("_")[0] for name in entra.threads} == {"entra"}
    assert entra.asked[0] == {"scopes": ["https://api.botframework.com/.default"]}
    assert made[0][1]["authority"] == f"https://login.microsoftonline.com/{TENANT}"


@pytest.mark.parametrize(
    ("more", "authority", "credential"),
    [
        ({"app_type": "MultiTenant"}, "botframework.com", "a client secret"),
        (
            {"certificate": "KEY", "certificate_thumbprint": "AB"},
            TENANT,
            {"private_key": "KEY", "thumbprint": "AB"},
        ),
        (
            {"certificate": "KEY BEGIN CERTIFICATE", "certificate_thumbprint": "AB"},
            TENANT,
            {
                "private_key": "KEY BEGIN CERTIFICATE",
                "thumbprint": "AB",
                "public_certificate": "KEY BEGIN CERTIFICATE",
            },
        ),
    ],
)
async def test_each_kind_of_app_asks_entra_in_its_way(
    more: dict[str, Any],
    authority: str,
    credential: object,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
) -> None:
    _, made = _entra(monkeypatch, {"access_token": "one", "expires_in": 3600})

    await EntraCredential(_settings(**more), clock).token()

    ((args, given),) = made
    assert args == (APP,)
    assert given["authority"] == f"https://login.microsoftonline.com/{authority}"
    assert given["client_credential"] == credential


async def test_a_managed_identity_needs_no_secret(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    entra, _ = _entra(monkeypatch, {"access_token": "one", "expires_in": "3600"})
    settings = _settings(app_type="UserAssignedMSI", password=None)

    assert await EntraCredential(settings, clock).token() == "one"
    assert entra.asked == [{"resource": "https://api.botframework.com"}]


async def test_a_refusal_of_entras_is_said_without_its_text(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    _entra(
        monkeypatch,
        {"error": "invalid_client", "error_description": "AADSTS7000215 secret"},
    )

    with pytest.raises(SendFailed, match=r"^no Entra token: invalid_client$"):
        await EntraCredential(_settings(), clock).token()


async def test_an_entra_that_is_not_there_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def client(*args: Any, **more: Any) -> Entra:
        raise ValueError("authority cannot be reached")

    monkeypatch.setattr(msal, "ConfidentialClientApplication", client)

    with pytest.raises(SendFailed, match="ValueError"):
        await EntraCredential(_settings(), clock).token()
