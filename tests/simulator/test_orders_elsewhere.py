"""Faults on order beyond single calls: the steps of OAuth, batches, their items."""

from typing import Any

import httpx
import pytest

from tests.simulator.client import QuickBooks, fault
from tests.simulator.consenting import (
    APP,
    ASKED,
    connect,
    exchange,
    refresh,
    switch,
)

UNKNOWN = "some-token-that-is-not-known"
PENNINE = "9130350000000002"


@pytest.mark.parametrize(
    ("step", "order", "status", "body"),
    [
        ("discovery", {"status": 503}, 503, {"error": "server_error"}),
        ("exchange", {"status": 400}, 400, {"error": "invalid_grant"}),
        ("refresh", {"status": 401}, 401, {"error": "invalid_client"}),
        (
            "revoke",
            {"status": 400, "code": "invalid_request", "detail": "No."},
            400,
            {"error": "invalid_request", "error_description": "No."},
        ),
        ("userinfo", {"status": 401, "body": {"no": 1}}, 401, {"no": 1}),
        ("jwks", {"status": 500}, 500, {"error": "server_error"}),
    ],
)
async def test_each_step_of_oauth_can_fail_on_order(
    web: httpx.AsyncClient,
    step: str,
    order: dict[str, Any],
    status: int,
    body: dict[str, str],
) -> None:
    order = {"match": {"operation": step}, **order}
    steps = {
        "discovery": web.get("/.well-known/openid_configuration/"),
        "exchange": exchange(web, "AB1"),
        "refresh": refresh(web, "AB11"),
        "revoke": web.post("/v2/oauth2/tokens/revoke", json={"token": "x"}, auth=APP),
        "userinfo": web.get("/v1/openid_connect/userinfo"),
        "jwks": web.get("/op/v1/jwks"),
    }
    await web.post("/_simulator/faults", json=order)

    found = {name: await asked for name, asked in steps.items()}

    assert found[step].status_code == status
    assert found[step].json() == body
    listed = (await web.get("/_simulator/faults")).json()["faults"]
    assert listed[0]["hits"] == 1


async def test_the_consent_page_can_fail_on_order(web: httpx.AsyncClient) -> None:
    order = {"match": {"operation": "authorize"}, "status": 502, "body": "Bad gateway"}
    await web.post("/_simulator/faults", json=order)

    first = await web.get("/connect/oauth2", params=ASKED)
    second = await web.get("/connect/oauth2", params=ASKED)

    assert (first.status_code, first.text) == (502, "Bad gateway")
    assert second.status_code == 200


async def test_a_rotation_whose_reply_is_lost_has_happened(
    web: httpx.AsyncClient,
) -> None:
    await switch(web, previous_refresh_grace_seconds=0)
    token = (await connect(web))["refresh_token"]
    order = {"match": {"operation": "refresh"}, "drop": "after"}
    await web.post("/_simulator/faults", json=order)

    with pytest.raises(httpx.RemoteProtocolError):
        await refresh(web, token)

    assert (await refresh(web, token)).status_code == 400


async def test_a_refresh_dropped_before_it_was_looked_at_has_not_happened(
    web: httpx.AsyncClient,
) -> None:
    await switch(web, previous_refresh_grace_seconds=0)
    token = (await connect(web))["refresh_token"]
    order = {"match": {"operation": "refresh"}, "drop": "before"}
    await web.post("/_simulator/faults", json=order)

    with pytest.raises(httpx.RemoteProtocolError):
        await refresh(web, token)

    assert (await refresh(web, token)).status_code == 200


async def test_a_fault_inside_a_200_may_come_before_or_after_the_write(
    books: QuickBooks,
) -> None:
    match = {"entity": "Term", "operation": "create"}
    inside = {"match": match, "status": 200, "code": "10000", "detail": "Oops"}
    await books.order(**inside)
    before = await books.post("term", {"Name": "Net 17", "DueDays": 17})
    count_before = await books.count("Term", "where Name = 'Net 17'")
    await books.order(**inside, when="after")
    after = await books.post("term", {"Name": "Net 17", "DueDays": 17})

    for answer in (before, after):
        assert fault(answer, 200) == ("10000", "Oops")
        assert answer.json()["Fault"]["type"] == "SystemFault"
    assert count_before == 0
    assert await books.count("Term", "where Name = 'Net 17'") == 1


async def test_an_item_of_a_batch_can_fail_on_order_before_or_after_its_write(
    books: QuickBooks,
) -> None:
    match = {"entity": "Term", "operation": "create"}
    inside = {"match": match, "code": "6000", "detail": "No."}
    rows: list[dict[str, Any]] = [
        {"bId": "a", "Query": "select * from Term"},
        {"bId": "b", "operation": "create", "Term": {"Name": "Net 17", "DueDays": 17}},
        {"bId": "c", "operation": "create", "Term": {"Name": "Net 18", "DueDays": 18}},
    ]
    await books.order(**inside)
    await books.order(**inside, when="after")
    await books.order(match=match, drop="after")

    answer = await books.post("batch", {"BatchItemRequest": rows})

    query, before, after = answer.json()["BatchItemResponse"]
    assert "QueryResponse" in query
    assert before["Fault"]["Error"][0]["Detail"] == "No."
    assert after["Fault"]["Error"][0]["code"] == "6000"
    assert await books.count("Term", "where Name = 'Net 17'") == 0
    assert await books.count("Term", "where Name = 'Net 18'") == 1


async def test_queries_in_a_batch_and_whole_batches_can_be_met(
    books: QuickBooks,
) -> None:
    rows = [{"bId": "a", "Query": "select * from Term"}]
    await books.order(match={"entity": "Term", "operation": "query"}, body={"x": 1})
    item = await books.post("batch", {"BatchItemRequest": rows})
    await books.order(match={"operation": "batch"}, status=503)
    whole = await books.post("batch", {"BatchItemRequest": rows})

    assert item.json()["BatchItemResponse"] == [{"bId": "a", "x": 1}]
    assert whole.status_code == 503


async def test_an_order_for_code_120_is_the_services_own(books: QuickBooks) -> None:
    await books.order(match={}, status=401, code="120")

    answer = await books.get("preferences")

    assert fault(answer, 401)[0] == "120"
