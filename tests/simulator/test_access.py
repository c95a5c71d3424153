"""OAuth over HTTP: discovery, tokens, revocation, the person's own data."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import jwt
import pytest

from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import plain
from tests.simulator.conftest import TODAY
from tests.simulator.consenting import (
    APP,
    ASKED,
    REALM,
    ask,
    connect,
    consent,
    exchange,
    person,
    refresh,
    switch,
    wait,
)


@pytest.fixture
async def web(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with plain(running.url) as client:
        yield client


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("kind", ["", "sandbox_"])
async def test_discovery_names_intuits_issuer_and_our_own_endpoints(
    web: httpx.AsyncClient, kind: str, slash: str
) -> None:
    answer = await web.get(f"/.well-known/openid_{kind}configuration{slash}")

    document = answer.json()
    assert document["issuer"] == "https://oauth.platform.intuit.com/op/v1"
    for name, value in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(str(web.base_url).rstrip("/"))
    assert document["response_types_supported"] == ["code"]
    assert {"aud", "exp", "iat", "iss", "realmid", "sub"} <= set(
        document["claims_supported"]
    )
    assert ("/sandbox-accounts/" in document["userinfo_endpoint"]) == bool(kind)


async def test_a_code_gives_tokens_that_open_that_company_only(
    web: httpx.AsyncClient,
) -> None:
    tokens = await connect(web)

    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert 8_640_000 <= int(tokens["x_refresh_token_expires_in"]) <= 8_726_400
    assert "x_refresh_token_hard_expires_in" not in tokens
    assert (await ask(web, tokens["access_token"])).status_code == 200
    other = await ask(web, tokens["access_token"], "9130350000000002")
    assert other.status_code == 403
    assert other.json()["fault"]["error"][0]["code"] == "3100"


async def test_a_code_works_once(web: httpx.AsyncClient) -> None:
    back = await consent(web)
    await exchange(web, back["code"])

    again = await exchange(web, back["code"])

    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert "intuit_tid" in again.headers


async def test_a_code_is_bound_to_its_redirect_uri(web: httpx.AsyncClient) -> None:
    back = await consent(web)
    form = {"grant_type": "authorization_code", "code": back["code"]}

    answer = await web.post(
        "/oauth2/v1/tokens/bearer",
        data={**form, "redirect_uri": "http://127.0.0.1:8790/other"},
        auth=APP,
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_wrong_credentials_are_told_apart_from_a_wrong_token(
    web: httpx.AsyncClient,
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "AB11nonsense"}

    wrong = await web.post(
        "/oauth2/v1/tokens/bearer", data=form, auth=("simulator-client", "wrong")
    )
    right = await refresh(web, "AB11nonsense")
    none = await web.post("/oauth2/v1/tokens/bearer", data=form)
    other = await web.post(
        "/oauth2/v1/tokens/bearer", data={"grant_type": "password"}, auth=APP
    )

    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})
    assert (right.status_code, right.json()["error"]) == (400, "invalid_grant")
    assert none.status_code == 401
    assert other.json() == {"error": "unsupported_grant_type"}


async def test_credentials_may_come_in_the_body(web: httpx.AsyncClient) -> None:
    tokens = await connect(web)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    app = {"client_id": APP[0], "client_secret": APP[1]}

    answer = await web.post("/oauth2/v1/tokens/bearer", data={**form, **app})

    assert answer.status_code == 200


async def test_a_refresh_gives_new_tokens_and_the_old_one_works_for_a_day(
    web: httpx.AsyncClient,
) -> None:
    first = await connect(web)
    second = (await refresh(web, first["refresh_token"])).json()
    within = await refresh(web, first["refresh_token"])
    await web.post("/_simulator/clock", json={"advance_seconds": 90_000})

    after = await refresh(web, first["refresh_token"])
    current = await refresh(web, second["refresh_token"])

    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert within.status_code == 200
    assert after.status_code == 400
    assert current.status_code == 200


async def test_under_strict_rotation_reuse_ends_the_connection(
    web: httpx.AsyncClient,
) -> None:
    strict = {"previous_refresh_grace_seconds": 0}
    await web.post("/_simulator/switches", json=strict)
    first = await connect(web)
    second = (await refresh(web, first["refresh_token"])).json()

    reused = await refresh(web, first["refresh_token"])

    assert reused.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }
    assert (await refresh(web, second["refresh_token"])).status_code == 400
    assert (await ask(web, second["access_token"])).status_code == 401


async def test_an_access_token_lives_an_hour(web: httpx.AsyncClient) -> None:
    tokens = await connect(web)
    await web.post("/_simulator/clock", json={"advance_seconds": 3_601})

    answer = await ask(web, tokens["access_token"])

    assert answer.status_code == 401
    body = answer.json()
    assert body["fault"]["type"] == "AUTHENTICATION"
    assert body["fault"]["error"][0]["code"] == "3200"
    assert body["fault"]["error"][0]["detail"] == "Token expired"


async def test_a_refresh_token_dies_of_idleness_and_after_five_years(
    web: httpx.AsyncClient,
) -> None:
    token = (await connect(web))["refresh_token"]
    left = []
    for _ in range(22):
        await web.post("/_simulator/clock", json={"advance_seconds": 80 * 86_400})
        answer = await refresh(web, token, hard=True)
        assert answer.status_code == 200
        token = answer.json()["refresh_token"]
        left.append(answer.json()["x_refresh_token_hard_expires_in"])

    await web.post("/_simulator/clock", json={"advance_seconds": 80 * 86_400})
    at_the_end = await refresh(web, token)
    idle = (await connect(web))["refresh_token"]
    await web.post("/_simulator/clock", json={"advance_seconds": 102 * 86_400})
    too_late = await refresh(web, idle)

    assert left == sorted(left, reverse=True)
    assert at_the_end.status_code == 400
    assert too_late.status_code == 400


async def test_revoking_ends_refresh_and_access(web: httpx.AsyncClient) -> None:
    tokens = await connect(web)
    form = {"token": tokens["refresh_token"]}

    revoked = await web.post("/v2/oauth2/tokens/revoke", json=form, auth=APP)
    again = await web.post("/v2/oauth2/tokens/revoke", json=form, auth=APP)
    wrong = await web.post("/v2/oauth2/tokens/revoke", json=form, auth=("a", "b"))

    assert (revoked.status_code, revoked.content) == (200, b"")
    assert again.status_code == 400
    assert wrong.status_code == 401
    assert (await refresh(web, tokens["refresh_token"])).status_code == 400
    assert (await ask(web, tokens["access_token"])).status_code == 401


async def test_the_switchboard_expires_tokens_and_ends_connections(
    web: httpx.AsyncClient,
) -> None:
    tokens = await connect(web)

    await web.post("/_simulator/tokens/expire")
    expired = await ask(web, tokens["access_token"])
    renewed = await refresh(web, tokens["refresh_token"])
    await web.post("/_simulator/tokens/expire", json={"revoke": True})

    assert expired.status_code == 401
    assert renewed.status_code == 200
    assert (await refresh(web, renewed.json()["refresh_token"])).status_code == 400


async def test_the_id_token_is_signed_and_plain_base64(web: httpx.AsyncClient) -> None:
    tokens = await connect(web, nonce="n-~>?")
    keys = jwt.PyJWKSet.from_dict((await web.get("/op/v1/jwks")).json())

    header, claims, _ = tokens["id_token"].split(".")
    key = keys[jwt.get_unverified_header(tokens["id_token"])["kid"]]
    checked = jwt.decode(
        tokens["id_token"],
        key.key,
        algorithms=["RS256"],
        audience=APP[0],
    )

    assert not set("-_") & set(header + claims)
    padded = claims + "=" * (-len(claims) % 4)
    assert json.loads(base64.b64decode(padded)) == checked
    assert checked["aud"] == [APP[0]]
    assert checked["realmid"] == REALM
    assert checked["nonce"] == "n-~>?"


async def test_the_discovered_userinfo_of_both_environments_answers(
    web: httpx.AsyncClient,
) -> None:
    tokens = await connect(web)

    for kind in ("", "sandbox_"):
        document = (await web.get(f"/.well-known/openid_{kind}configuration")).json()
        answer = await person(
            web, tokens["access_token"], document["userinfo_endpoint"]
        )
        assert answer.json()["email"] == "alex@harbourpine.example"


async def test_userinfo_tells_what_the_scopes_allow(web: httpx.AsyncClient) -> None:
    some = await connect(web)
    scope = "openid profile email phone address"
    every = await connect(web, scope=scope)
    none = await connect(web, scope="com.intuit.quickbooks.accounting")

    some_told = (await person(web, some["access_token"])).json()
    told = (await person(web, every["access_token"])).json()
    refused = await person(web, none["access_token"])
    nobody = await web.get("/v1/openid_connect/userinfo")
    wrong = await person(web, "a-token-that-nobody-has")

    assert set(some_told) == {"sub", "email", "emailVerified"}
    assert told["givenName"] == "Alex"
    assert told["phoneNumberVerified"] is False
    assert told["address"]["postalCode"] == "94043"
    assert [one.status_code for one in (refused, nobody, wrong)] == [401, 401, 401]


async def test_a_login_alone_has_no_company(web: httpx.AsyncClient) -> None:
    back = await consent(web, scope="openid email", realm="")
    tokens = (await exchange(web, back["code"])).json()

    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})

    assert set(back) == {"code", "state"}
    assert "realmid" not in claims
    assert (await ask(web, tokens["access_token"])).status_code == 403


async def test_a_code_is_too_old_after_ten_minutes(web: httpx.AsyncClient) -> None:
    late = await consent(web)
    early = await consent(web)
    await wait(web, 590)
    in_time = await exchange(web, early["code"])
    await wait(web, 15)

    too_late = await exchange(web, late["code"])

    assert in_time.status_code == 200
    assert (too_late.status_code, too_late.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(("grace", "status"), [(0, 401), (86_400, 200)])
async def test_a_code_used_twice_ends_the_connection_if_strict(
    web: httpx.AsyncClient, grace: int, status: int
) -> None:
    await switch(web, previous_refresh_grace_seconds=grace)
    back = await consent(web)
    tokens = (await exchange(web, back["code"])).json()

    await exchange(web, back["code"])

    assert (await ask(web, tokens["access_token"])).status_code == status


async def test_a_refresh_token_can_stay_the_same_for_a_day(
    web: httpx.AsyncClient,
) -> None:
    await switch(web, rotate_refresh_after_seconds=86_400)
    first = await connect(web)
    await wait(web, 3_600)
    same = (await refresh(web, first["refresh_token"])).json()
    await wait(web, 86_400)
    other = (await refresh(web, first["refresh_token"])).json()

    assert same["refresh_token"] == first["refresh_token"]
    assert same["access_token"] != first["access_token"]
    left = first["x_refresh_token_expires_in"] - same["x_refresh_token_expires_in"]
    assert 3_600 <= left <= 3_610
    assert other["refresh_token"] != first["refresh_token"]
    assert other["x_refresh_token_expires_in"] >= 8_726_390


async def test_near_the_hard_end_a_refresh_gives_no_more_time(
    web: httpx.AsyncClient,
) -> None:
    await switch(web, refresh_hard_seconds=9_000_000)
    token = (await connect(web))["refresh_token"]
    await wait(web, 5_000_000)

    answer = (await refresh(web, token, hard=True)).json()

    assert answer["x_refresh_token_expires_in"] <= 4_000_000
    assert (
        answer["x_refresh_token_hard_expires_in"]
        == answer["x_refresh_token_expires_in"]
    )


@pytest.mark.parametrize(("ends", "status"), [(True, 400), (False, 200)])
async def test_a_new_consent_may_end_the_old(
    web: httpx.AsyncClient, ends: bool, status: int
) -> None:
    await switch(web, new_consent_ends_the_old=ends)
    old = await connect(web)

    new = await connect(web)

    assert (await refresh(web, old["refresh_token"])).status_code == status
    assert (await refresh(web, new["refresh_token"])).status_code == 200


@pytest.mark.parametrize("form", ["json", "data"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_either_token_can_be_revoked_as_json_or_as_a_form(
    web: httpx.AsyncClient, kind: str, form: str
) -> None:
    tokens = await connect(web)

    body: dict[str, dict[str, str]] = {form: {"token": tokens[kind]}}
    answer = await web.post("/v2/oauth2/tokens/revoke", auth=APP, **body)  # type: ignore[arg-type]
    after = await ask(web, tokens["access_token"])

    assert answer.status_code == 200
    assert after.status_code == 401
    assert after.json()["fault"]["error"][0]["detail"] == "Token revoked"


async def test_a_refresh_token_of_another_app_is_refused() -> None:
    options = Options(port=0, today=TODAY, invoices=0, clients=("a:sa", "b:sb"))
    running = await start(options)

    async with plain(running.url) as web:
        tokens = await connect(web, ("a", "sa"))
        theirs = await refresh(web, tokens["refresh_token"], ("b", "sb"))
        ours = await refresh(web, tokens["refresh_token"], ("a", "sa"))

    await running.stop()
    assert theirs.status_code == 400
    assert theirs.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect Token type or clientID",
    }
    assert ours.status_code == 200


async def test_connections_outlive_a_restart(tmp_path: Path) -> None:
    options = Options(port=0, today=TODAY, invoices=0, data=tmp_path)
    first = await start(options)
    async with plain(first.url) as web:
        tokens = await connect(web)
        renewed = (await refresh(web, tokens["refresh_token"])).json()
        waiting = await consent(web)
        keys = (await web.get("/op/v1/jwks")).json()
        gone = await connect(web)
        revoking = {"token": gone["refresh_token"]}
        await web.post("/v2/oauth2/tokens/revoke", json=revoking, auth=APP)
    await first.stop()

    second = await start(options)
    async with plain(second.url) as web:
        await switch(web, previous_refresh_grace_seconds=0)
        alive = await ask(web, renewed["access_token"])
        code = await exchange(web, waiting["code"])
        keys_after = (await web.get("/op/v1/jwks")).json()
        dead = await ask(web, gone["access_token"])
        reused = await refresh(web, tokens["refresh_token"])
        ended = await ask(web, renewed["access_token"])
    await second.stop()

    assert alive.status_code == code.status_code == 200
    assert keys_after == keys
    assert dead.status_code == 401
    assert reused.status_code == 400
    assert ended.status_code == 401


async def test_a_fixed_token_pair_neither_expires_nor_changes(
    web: httpx.AsyncClient,
) -> None:
    access, given = "fixed-access-token-0001", "fixed-refresh-token-0001"
    await wait(web, 200 * 86_400)

    answer = (await refresh(web, given)).json()

    assert answer["refresh_token"] == given
    assert (await ask(web, answer["access_token"])).status_code == 200
    assert (await ask(web, access, "9130350000000002")).status_code == 200


async def test_every_answer_of_the_oauth_hosts_can_be_traced(
    web: httpx.AsyncClient,
) -> None:
    answers = [
        await web.get("/.well-known/openid_configuration"),
        await web.get("/connect/oauth2", params=ASKED),
        await web.post("/oauth2/v1/tokens/bearer", data={}),
        await web.post("/v2/oauth2/tokens/revoke", content=b"{", auth=APP),
        await web.get("/v1/openid_connect/userinfo"),
        await web.get("/nothing/here"),
    ]

    for answer in answers:
        assert answer.headers["intuit_tid"]
        assert answer.headers["Date"]
    kinds = {answer.headers["Content-Type"] for answer in answers[2:5]}
    assert kinds == {"application/json;charset=UTF-8"}
    assert answers[2].headers["Cache-Control"] == "no-cache, no-store"
