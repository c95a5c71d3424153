"""OAuth over HTTP."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import plain
from tests.simulator.conftest import TODAY

REALM = "9130350000000001"
APP = ("simulator-client", "simulator-secret")
BACK = "http://127.0.0.1:8790/oauth/quickbooks/callback"
ASKED = {
    "client_id": APP[0],
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting openid email",
    "redirect_uri": BACK,
    "state": "state-1 &+",
}


@pytest.fixture
async def web(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with plain(running.url) as client:
        yield client


async def consent(web: httpx.AsyncClient, **changes: str) -> dict[str, str]:
    """Press Connect; the parameters that come back to the app."""
    form = {**ASKED, "realm": REALM, "decision": "allow", **changes}
    answer = await web.post("/connect/oauth2", data=form)
    assert answer.status_code == 302, answer.text
    found = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in found.items()}


async def exchange(web: httpx.AsyncClient, code: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
    }
    return await web.post("/oauth2/v1/tokens/bearer", data=form, auth=APP)


async def refresh(web: httpx.AsyncClient, token: str, **headers: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await web.post(
        "/oauth2/v1/tokens/bearer", data=form, auth=APP, headers=headers
    )


async def connect(web: httpx.AsyncClient) -> dict[str, Any]:
    back = await consent(web)
    answer = await exchange(web, back["code"])
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def ask(
    web: httpx.AsyncClient, access: str, realm: str = REALM
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {access}"}
    return await web.get(f"/v3/company/{realm}/companyinfo/{realm}", headers=headers)


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


async def test_the_consent_page_lists_the_app_the_scopes_and_the_companies(
    web: httpx.AsyncClient,
) -> None:
    answer = await web.get("/connect/oauth2", params=ASKED)

    assert answer.status_code == 200
    assert "simulator-client" in answer.text
    assert "Harbour &amp; Pine Landscaping" in answer.text
    assert "Pennine Property Care" in answer.text
    assert "(accounting)" in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": "https://attacker.example/"},
        {"response_type": "token"},
        {"scope": "everything"},
        {"scope": ""},
        {"state": ""},
    ],
)
async def test_a_wrong_request_for_consent_leads_nowhere(
    web: httpx.AsyncClient, change: dict[str, str]
) -> None:
    shown = await web.get("/connect/oauth2", params={**ASKED, **change})
    form = {**ASKED, **change, "realm": REALM, "decision": "allow"}
    pressed = await web.post("/connect/oauth2", data=form)

    assert shown.status_code == pressed.status_code == 400
    assert "location" not in pressed.headers


async def test_what_a_request_carries_is_shown_as_text(web: httpx.AsyncClient) -> None:
    answer = await web.get("/connect/oauth2", params={**ASKED, "state": '"><script>'})

    assert "<script>" not in answer.text


async def test_consent_comes_back_with_code_state_and_company(
    web: httpx.AsyncClient,
) -> None:
    back = await consent(web)

    assert set(back) == {"code", "state", "realmId"}
    assert back["state"] == ASKED["state"]
    assert back["realmId"] == REALM


async def test_cancelled_consent_comes_back_without_a_code(
    web: httpx.AsyncClient,
) -> None:
    back = await consent(web, decision="cancel")

    assert back == {"error": "access_denied", "state": ASKED["state"]}


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
    hard = {"x-include-refresh-token-hard-expires-in": "true"}
    token = (await connect(web))["refresh_token"]
    left = []
    for _ in range(22):
        await web.post("/_simulator/clock", json={"advance_seconds": 80 * 86_400})
        answer = await refresh(web, token, **hard)
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
    tokens = await connect(web)
    keys = jwt.PyJWKSet.from_dict((await web.get("/op/v1/jwks")).json())

    header, claims, _ = tokens["id_token"].split(".")
    key = keys[jwt.get_unverified_header(tokens["id_token"])["kid"]]
    checked = jwt.decode(
        tokens["id_token"],
        key.key,
        algorithms=["RS256"],
        audience=APP[0],
        options={"verify_exp": False, "verify_iat": False},
    )

    assert not set("-_") & set(header + claims)
    padded = claims + "=" * (-len(claims) % 4)
    assert json.loads(base64.b64decode(padded)) == checked
    assert checked["aud"] == [APP[0]]
    assert checked["realmid"] == REALM


async def test_userinfo_tells_who_consented(web: httpx.AsyncClient) -> None:
    tokens = await connect(web)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    person = await web.get("/v1/openid_connect/userinfo", headers=headers)
    nobody = await web.get("/v1/openid_connect/userinfo")

    assert person.json()["emailVerified"] is True
    assert "givenName" not in person.json()
    assert nobody.status_code == 401


async def test_an_app_given_on_the_command_line_has_one_redirect_uri() -> None:
    options = Options(
        port=0, today=TODAY, invoices=0, clients=(f"my-app:my-secret:{BACK}",)
    )
    running = await start(options)

    async with plain(running.url) as web:
        mine = {**ASKED, "client_id": "my-app"}
        allowed = await web.get("/connect/oauth2", params=mine)
        other = await web.get(
            "/connect/oauth2", params={**mine, "redirect_uri": "http://127.0.0.1/"}
        )
        usual = await web.get("/connect/oauth2", params=ASKED)

    await running.stop()
    assert allowed.status_code == 200
    assert other.status_code == 400
    assert usual.status_code == 400


async def test_a_call_without_a_token_is_malformed(web: httpx.AsyncClient) -> None:
    answer = await web.get(f"/v3/company/{REALM}/query", params={"query": "x"})
    short = await ask(web, "short")

    assert answer.status_code == short.status_code == 401
    detail = short.json()["fault"]["error"][0]["detail"]
    assert detail == "Malformed bearer token: too short or too long"


async def test_the_gateway_can_answer_in_xml(web: httpx.AsyncClient) -> None:
    await web.post("/_simulator/switches", json={"gateway_xml": True})

    answer = await ask(web, "some-token-that-is-not-known")

    assert answer.status_code == 401
    assert "errorCode=003200" in answer.text
    assert answer.headers["content-type"].startswith("application/xml")
