"""Whom Teams' endpoint believes: the Bot Framework, for us, about this activity."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest

from bot.teams import Teams
from bot.teams_auth import TeamsSettings, is_service
from tests.conftest import Clock
from tests.platforms.conftest import TeamsMaker
from tests.platforms.hearing import RecordingHearer
from tests.platforms.teams_standin import APP, ISSUER, SAM, TENANT, TeamsStandIn


async def test_a_good_token_is_believed(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    answer = await tenant.message(SAM, "help")

    assert (answer.status, answer.text) == (200, "")
    assert len(hearer.begun) == 1


@pytest.mark.parametrize(
    "token",
    [
        pytest.param({"aud": "someone-else"}, id="another audience"),
        pytest.param({"aud": [APP, "x"]}, id="several audiences"),
        pytest.param({"aud": [APP]}, id="a list of audiences"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"iss": "https://evil.example"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"exp": None}, id="no expiry"),
        pytest.param({"nbf": None}, id="no beginning"),
        pytest.param({"exp": "soon"}, id="an expiry that is no number"),
        pytest.param({"serviceurl": None}, id="no service address"),
        pytest.param({"serviceurl": ""}, id="an empty service address"),
        pytest.param(
            {"serviceurl": "https://smba.trafficmanager.net/evil/"},
            id="another service address",
        ),
        pytest.param({"key": "foreign"}, id="a foreign key under our kid"),
        pytest.param({"key": "foreign", "kid": "foreign"}, id="an unknown kid"),
        pytest.param({"kid": None}, id="no kid"),
        pytest.param(
            {"key": "unendorsed", "kid": "unendorsed"}, id="an unendorsed key"
        ),
    ],
)
async def test_a_token_that_does_not_hold_is_refused(
    token: dict[str, Any], teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    activity = tenant.activity(SAM, text="invoice Acme West for 10")

    answer = await tenant.post(
        activity, authorization=f"Bearer {tenant.token(**token)}"
    )

    assert answer.status == 401
    assert answer.json == {"error": "not authorised"}
    assert hearer.kept == []


@pytest.mark.parametrize(
    ("claim", "minutes", "status"),
    [("exp", -6, 401), ("exp", -4, 200), ("nbf", 6, 401), ("nbf", 4, 200)],
)
async def test_clocks_may_differ_by_five_minutes(
    claim: str,
    minutes: int,
    status: int,
    teams: Teams,
    tenant: TeamsStandIn,
    clock: Clock,
) -> None:
    moment = int((clock.now + timedelta(minutes=minutes)).timestamp())
    claims: dict[str, Any] = {claim: moment}

    answer = await tenant.post(
        tenant.activity(SAM, text="help"),
        authorization=f"Bearer {tenant.token(**claims)}",
    )

    assert answer.status == status


def _forged(tenant: TeamsStandIn, algorithm: str) -> str:
    now = int(tenant.now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": APP,
        "exp": now + 60,
        "nbf": now - 60,
        "serviceurl": tenant.service_url,
    }
    key = "" if algorithm == "none" else "k" * 32
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "first"})


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_another_algorithm_is_refused(
    algorithm: str, teams: Teams, tenant: TeamsStandIn
) -> None:
    forged = _forged(tenant, algorithm)

    answer = await tenant.post(
        tenant.activity(SAM, text="help"), authorization=f"Bearer {forged}"
    )

    assert answer.status == 401


@pytest.mark.parametrize(
    "header",
    [None, "Bearer ", "Bearer abc", "Bearer a.b.c", "bearer {}", "{}", "Basic {}"],
)
async def test_a_header_that_holds_no_bearer_token_is_refused(
    header: str | None, teams: Teams, tenant: TeamsStandIn
) -> None:
    given = header.format(tenant.token()) if header else None

    answer = await tenant.post(tenant.activity(SAM, text="help"), authorization=given)

    assert answer.status == 401


@pytest.mark.parametrize(
    "change",
    [
        {"channelId": "webchat"},
        {"channelId": None},
        {"serviceUrl": None},
        {"serviceUrl": "https://evil.example/"},
        {"serviceUrl": 5},
    ],
)
async def test_a_token_holds_for_its_own_activity_only(
    change: dict[str, Any], teams: Teams, tenant: TeamsStandIn
) -> None:
    answer = await tenant.post(tenant.activity(SAM, text="help", **change))

    assert answer.status == 401


async def test_a_service_that_is_not_microsofts_is_refused_whatever_the_token_says(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    evil = "https://smba.trafficmanager.net.evil.example/"
    activity = tenant.activity(SAM, text="help", serviceUrl=evil)

    answer = await tenant.post(
        activity, authorization=f"Bearer {tenant.token(serviceurl=evil)}"
    )

    assert answer.status == 401
    assert hearer.kept == []


# --- keys -------------------------------------------------------------------------


async def test_a_new_key_is_found_when_it_is_first_used(
    teams: Teams, tenant: TeamsStandIn, clock: Clock
) -> None:
    await tenant.message(SAM, "help")
    tenant.published["rotated"] = ["msteams"]
    clock.advance(minutes=2)

    answer = await tenant.post(
        tenant.activity(SAM, text="help"),
        authorization=f"Bearer {tenant.token(key='rotated', kid='rotated')}",
    )

    assert answer.status == 200


async def test_unknown_keys_do_not_make_us_ask_again_and_again(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    await tenant.message(SAM, "help")
    before = len(tenant.fetched)

    for _ in range(5):
        await tenant.post(
            tenant.activity(SAM, text="help"),
            authorization=f"Bearer {tenant.token(key='foreign', kid='foreign')}",
        )

    assert len(tenant.fetched) == before


async def test_keys_that_are_a_day_old_are_fetched_again(
    teams: Teams, tenant: TeamsStandIn, clock: Clock
) -> None:
    await tenant.message(SAM, "help")
    before = len(tenant.fetched)
    clock.advance(hours=25)

    answer = await tenant.message(SAM, "help")

    assert answer.status == 200
    assert len(tenant.fetched) == before + 2


async def test_old_keys_serve_while_new_ones_cannot_be_had(
    teams: Teams, tenant: TeamsStandIn, clock: Clock
) -> None:
    await tenant.message(SAM, "help")
    clock.advance(hours=25)
    tenant.script("openid", status=500)

    assert (await tenant.message(SAM, "help")).status == 200


async def test_slow_keys_do_not_hold_up_anything_else(
    make_teams: TeamsMaker, tenant: TeamsStandIn
) -> None:
    tenant.metadata_delay = 0.5
    longest, last = 0.0, time.monotonic()

    async with make_teams():
        asked = asyncio.create_task(tenant.message(SAM, "help"))
        while not asked.done():
            await asyncio.sleep(0.01)
            longest, last = (
                max(longest, time.monotonic() - last),
                time.monotonic(),
            )
        answer = await asked

    assert answer.status == 200
    assert longest < 0.4


async def test_without_keys_we_say_so_and_try_again(
    make_teams: TeamsMaker, tenant: TeamsStandIn
) -> None:
    tried, go_on = asyncio.Event(), asyncio.Event()

    async def pause(_: float) -> None:
        tried.set()
        await go_on.wait()

    tenant.script("openid", status=500)
    async with make_teams(pause=pause) as teams:
        await tried.wait()
        assert "not ready" in teams.state()
        go_on.set()
        await tenant.until(lambda: teams.state() == "Teams is ready.")


# --- bodies -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"a": 1}',
        b'{"type": 5}',
        b"\xff\xfe",
        b"[" * 50_000,
    ],
)
async def test_a_body_that_is_no_activity_is_refused(
    body: bytes, teams: Teams, tenant: TeamsStandIn
) -> None:
    answer = await tenant.post(body)

    assert answer.status == 400
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "more",
    [
        {"conversation": {"id": "a:\ud83d", "conversationType": "personal"}},
        {"conversation": {"id": "a:\0", "conversationType": "personal"}},
        {"timestamp": "2026-11-20T15:00:00\ud83dZ"},
        {"text": "half a smile \ud83d"},
        {"channelData": {"tenant": {"id": "t"}, "list": [{"\udc00": 1}]}},
        {"timestamp": "9999-12-31T23:59:59-23:00"},
        {"timestamp": "0001-01-01T00:00:00+23:00"},
    ],
)
async def test_an_activity_that_cannot_be_kept_ever_is_not_asked_for_again(
    more: dict[str, Any], teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    activity = {**tenant.activity(SAM, text="help"), **more}
    activity["conversation"].setdefault("tenantId", TENANT)

    answer = await tenant.post(activity)

    assert answer.status == 400
    assert hearer.kept == []


async def test_a_whole_smile_is_heard(
    teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    answer = await tenant.post(tenant.activity(SAM, text="thanks \U0001f600"))

    assert answer.status == 200
    assert hearer.message.text == "thanks \U0001f600"


async def test_a_body_beyond_256_kilobytes_is_refused(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    activity = tenant.activity(SAM, text="x" * 300_000)

    assert (await tenant.post(activity)).status == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
async def test_another_content_type_is_refused(
    kind: str, teams: Teams, tenant: TeamsStandIn
) -> None:
    answer = await tenant.post(
        tenant.activity(SAM, text="help"), headers={"Content-Type": kind}
    )

    assert answer.status == 415


@pytest.mark.parametrize(
    "change",
    [
        {"channelData": {"tenant": {"id": "another"}}},
        {"channelData": None, "conversation": {"id": "a:x"}},
        {"conversation": None},
        {"conversation": {"tenantId": TENANT}},
        {"conversation": "a:x"},
    ],
)
async def test_an_activity_without_one_tenant_and_one_place_is_refused(
    change: dict[str, Any], teams: Teams, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    activity = {**tenant.activity(SAM, text="help"), **change}

    answer = await tenant.post(activity)

    assert answer.status == 400
    assert hearer.kept == []


# --- without authentication, for the emulator -----------------------------------------

LOCAL = {"unauthenticated": True, "app_id": "", "tenant_id": ""}


async def test_the_emulator_on_this_machine_needs_no_token(
    make_teams: TeamsMaker, tenant: TeamsStandIn, hearer: RecordingHearer
) -> None:
    async with make_teams(LOCAL):
        answer = await tenant.post(
            tenant.activity(SAM, text="help"), authorization=None
        )

    assert answer.status == 200
    assert len(hearer.begun) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "countersign.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "evil.example:80"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Port": "443"},
        {"Cf-Connecting-Ip": "127.0.0.1"},
        {"X-Client-Ip": "127.0.0.1"},
        {"True-Client-Ip": "127.0.0.1"},
        {"X-Original-Host": "countersign.example"},
        {"ngrok-trace-id": "7f3a"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_what_came_through_a_proxy_or_a_page_is_not_from_this_machine(
    headers: dict[str, str],
    make_teams: TeamsMaker,
    tenant: TeamsStandIn,
    hearer: RecordingHearer,
) -> None:
    async with make_teams(LOCAL):
        answer = await tenant.post(
            tenant.activity(SAM, text="help"), authorization=None, headers=headers
        )

    assert answer.status == 401
    assert hearer.kept == []


async def test_without_the_switch_even_this_machine_needs_a_token(
    teams: Teams, tenant: TeamsStandIn
) -> None:
    answer = await tenant.post(tenant.activity(SAM, text="help"), authorization=None)

    assert answer.status == 401


# --- where our own token goes -------------------------------------------------------


def _settings(**more: Any) -> TeamsSettings:
    return TeamsSettings("SingleTenant", APP, TENANT, password="secret", **more)


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://smba.trafficmanager.net/teams/", True),
        ("https://smba.trafficmanager.net:443/emea/", True),
        ("https://eu.api.botframework.com/", True),
        ("https://smba.infra.gcc.teams.microsoft.com/gcc", True),
        ("https://smba.infra.gov.teams.microsoft.us/gcch", True),
        ("http://smba.trafficmanager.net/teams/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://other.trafficmanager.net/", False),
        ("https://evilbotframework.com/", False),
        ("https://botframework.com.evil.example/", False),
        ("https://user@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://127.0.0.1/", False),
        ("http://localhost:3978/", False),
        ("https://[::1", False),
        ("https://host:port/", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_our_token_goes_to_microsofts_hosts_only(url: str, is_theirs: bool) -> None:
    assert is_service(url, _settings()) is is_theirs


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("http://127.0.0.1:9000/", True),
        ("https://proxy.example/", True),
        ("http://proxy.example/", False),
        ("http://localhost/", False),
    ],
)
def test_extra_hosts_are_taken_and_http_from_loopback_only(
    url: str, is_theirs: bool
) -> None:
    hosts = frozenset({"127.0.0.1", "proxy.example"})

    assert is_service(url, _settings(extra_hosts=hosts)) is is_theirs


def test_nothing_secret_is_shown_of_the_settings() -> None:
    shown = repr(_settings(certificate="-----BEGIN PRIVATE KEY-----"))

    assert "secret" not in shown
    assert "PRIVATE" not in shown


async def test_a_refused_request_leaves_no_token_in_the_log(
    teams: Teams, tenant: TeamsStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    token = tenant.token(aud="someone-else")

    await tenant.post(
        tenant.activity(SAM, text="a secret wish"), authorization=f"Bearer {token}"
    )

    assert "was not believed" in caplog.text
    logged = caplog.text + json.dumps([str(each.__dict__) for each in caplog.records])
    assert token not in logged
    assert "a secret wish" not in logged
