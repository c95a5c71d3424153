"""OAuth over HTTP: discovery, codes, the ID token, the person's own data."""

import base64
import json

import httpx
import jwt
import pytest

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
    wait,
)


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
