"""Intuit's own OAuth client, from end to end."""

import httpx
import pytest
from intuitlib.client import AuthClient
from intuitlib.exceptions import AuthClientError

from qbo.simulator.serve import CLIENT_ID
from tests.simulator.clients.conftest import REDIRECT, Served
from tests.simulator.clients.consenting import consented


def connected(app: AuthClient) -> AuthClient:
    back = consented(app)
    app.get_bearer_token(back["code"], realm_id=back["realmId"])
    return app


def company(served: Served, app: AuthClient) -> httpx.Response:
    """A call of the API with the app's token."""
    headers = {"Authorization": f"Bearer {app.access_token}"}
    address = f"{served.url}/v3/company/{served.realm}/companyinfo/{served.realm}"
    return httpx.get(address, headers=headers)


def test_a_person_connects_and_the_token_opens_the_company(
    served: Served, app: AuthClient
) -> None:
    back = consented(app)
    assert back["state"] == "kept+as/it=is"
    assert back["realmId"] == served.realm

    app.get_bearer_token(back["code"], realm_id=back["realmId"])

    assert app.expires_in == 3600
    assert app.x_refresh_token_expires_in == pytest.approx(8_726_400, abs=60)
    assert app.id_token, "the library checked its signature and its claims"
    assert company(served, app).json()["CompanyInfo"]["Id"]


def test_a_person_who_cancels_gives_no_code(app: AuthClient) -> None:
    back = consented(app, press="cancel")

    assert back["error"] == "access_denied"
    assert "code" not in back


def test_a_code_works_once(app: AuthClient) -> None:
    back = consented(app)
    app.get_bearer_token(back["code"], realm_id=back["realmId"])

    with pytest.raises(AuthClientError) as refused:
        app.get_bearer_token(back["code"], realm_id=back["realmId"])

    assert refused.value.status_code == 400
    assert b"invalid_grant" in refused.value.content
    assert refused.value.intuit_tid


def test_a_refresh_gives_a_new_token_and_the_old_one_still_works(
    served: Served, app: AuthClient
) -> None:
    first = connected(app).refresh_token
    access = app.access_token

    app.refresh()
    assert app.access_token != access
    app.refresh(refresh_token=first)

    assert company(served, app).status_code == 200


def test_the_person_can_be_asked_about(app: AuthClient) -> None:
    info = connected(app).get_user_info().json()

    assert info["sub"]
    assert "@" in info["email"]
    assert info["emailVerified"] is True


def test_a_wrong_secret_is_turned_away(served: Served) -> None:
    address = f"{served.url}/.well-known/openid_sandbox_configuration/"

    with (
        AuthClient(CLIENT_ID, "wrong", REDIRECT, address) as stranger,
        pytest.raises(AuthClientError) as refused,
    ):
        stranger.refresh(refresh_token="any")

    assert refused.value.status_code == 401
    assert b"invalid_client" in refused.value.content


def test_nothing_works_after_revoking(served: Served, app: AuthClient) -> None:
    token = connected(app).refresh_token

    assert app.revoke() is True

    assert company(served, app).status_code == 401
    with pytest.raises(AuthClientError) as refused:
        app.refresh(refresh_token=token)
    assert b"invalid_grant" in refused.value.content
