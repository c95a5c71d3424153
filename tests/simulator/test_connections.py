"""The life of a connection: rotation, expiry, revocation, restarts."""

from pathlib import Path

import httpx
import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import plain
from tests.simulator.conftest import TODAY
from tests.simulator.consenting import (
    APP,
    ask,
    connect,
    consent,
    exchange,
    refresh,
    switch,
    wait,
)


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
