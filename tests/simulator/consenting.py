"""The steps of OAuth as an app and the person in front of it take them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.simulator.client import Json

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


async def consent(web: httpx.AsyncClient, **changes: str) -> dict[str, str]:
    """Press Connect; the parameters that come back to the app."""
    form = {**ASKED, "realm": REALM, "decision": "allow", **changes}
    answer = await web.post("/connect/oauth2", data=form)
    assert answer.status_code == 302, answer.text
    found = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in found.items()}


async def exchange(
    web: httpx.AsyncClient,
    code: str,
    app: tuple[str, str] = APP,
    redirect_uri: str = BACK,
) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
    }
    return await web.post("/oauth2/v1/tokens/bearer", data=form, auth=app)


async def refresh(
    web: httpx.AsyncClient,
    token: str,
    app: tuple[str, str] = APP,
    *,
    hard: bool = False,
) -> httpx.Response:
    """Refresh; `hard` asks for the hard end too."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    headers = {"x-include-refresh-token-hard-expires-in": "true"} if hard else {}
    return await web.post(
        "/oauth2/v1/tokens/bearer", data=form, auth=app, headers=headers
    )


async def connect(
    web: httpx.AsyncClient, app: tuple[str, str] = APP, **changes: str
) -> Json:
    """Consent and fetch the tokens."""
    back = await consent(web, client_id=app[0], **changes)
    where = changes.get("redirect_uri", BACK)
    answer = await exchange(web, back["code"], app, where)
    assert answer.status_code == 200, answer.text
    tokens: Json = answer.json()
    return tokens


async def ask(
    web: httpx.AsyncClient, access: str, realm: str = REALM, **params: str
) -> httpx.Response:
    """Read the company's own record."""
    return await web.get(
        f"/v3/company/{realm}/companyinfo/{realm}",
        headers={"Authorization": f"Bearer {access}"},
        params=params,
    )


async def person(
    web: httpx.AsyncClient, access: str, path: str = "/v1/openid_connect/userinfo"
) -> httpx.Response:
    """Ask who consented."""
    return await web.get(path, headers={"Authorization": f"Bearer {access}"})


async def switch(web: httpx.AsyncClient, **switches: Any) -> None:
    answer = await web.post("/_simulator/switches", json=switches)
    assert answer.status_code == 200, answer.text


async def wait(web: httpx.AsyncClient, seconds: float) -> None:
    """Let simulated time pass."""
    await web.post("/_simulator/clock", json={"advance_seconds": seconds})
