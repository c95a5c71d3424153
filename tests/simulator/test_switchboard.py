"""The switchboard: whom it answers, and that no wish brings it out of step."""

import json
from typing import Any

import httpx
import pytest

from tests.simulator.client import QuickBooks, fault

REALM = "9130350000000001"
DEEP = "[" * 100_000


async def ask(web: httpx.AsyncClient, **headers: str) -> int:
    answer = await web.get("/_simulator", headers=headers)
    return answer.status_code


@pytest.mark.parametrize(
    "host", ["localhost:8791", "127.0.0.1", "[::1]:80", "qbo.localhost"]
)
async def test_it_answers_by_the_names_of_this_machine(
    web: httpx.AsyncClient, host: str
) -> None:
    assert await ask(web, Host=host) == 200
    assert await ask(web, Origin=f"http://{host}") == 200


@pytest.mark.parametrize(
    "host", ["books.example.com", "127.0.0.1.example.com", "[::1", "10.0.0.1:80"]
)
async def test_a_web_page_from_elsewhere_is_turned_away(
    web: httpx.AsyncClient, host: str
) -> None:
    assert await ask(web, Host=host) == 403
    assert await ask(web, Origin=f"http://{host}") == 403
    assert await ask(web, Origin="null") == 403


@pytest.mark.parametrize(
    ("part", "body"),
    [
        *((part, DEEP) for part in ("faults", "clock", "switches", "webhooks")),
        ("switches", '{"entitled_scopes": "\\ud800"}'),
        ("switches", f'{{"latency_ms": 1{"0" * 400}}}'),
        ("webhooks", '{"url": "http://127.0.0.1:9/", "verifier": "\\ud800"}'),
        ("clock", '{"advance_seconds": 900000000000}'),
        ("clock", '{"advance_seconds": 1e999999999}'),
        ("clock", '{"today": "0001-01-01"}'),
        ("clock", '{"today": "9999-12-31"}'),
        ("people", '{"realm": {}}'),
        ("people", '{"person": [], "role": {}}'),
        ("plans", '{"plan": "Plus", "realm": []}'),
        (f"companies/{REALM}/make", '{"entity": [], "body": {}}'),
        (
            f"companies/{REALM}/merge",
            '{"entity": "Item", "into": "1", "from": "\\ud800"}',
        ),
    ],
)
async def test_a_wish_without_sense_is_refused_and_changes_nothing(
    books: QuickBooks, part: str, body: str
) -> None:
    before = (await books.http.get("/_simulator/switches")).text

    answer = await books.http.post(f"/_simulator/{part}", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert (await books.http.get("/_simulator/switches")).text == before
    assert (await books.http.get("/_simulator/webhooks")).json() == {"webhooks": []}
    assert (await books.http.get("/_simulator/clock")).json()["today"] == "2026-11-20"
    await books.report("ProfitAndLoss")


@pytest.mark.parametrize("after", ["²", "x", "-1", "9" * 5_000])
async def test_an_odd_place_to_begin_means_the_beginning(
    books: QuickBooks, after: str
) -> None:
    for part in ("requests", "deliveries"):
        answer = await books.http.get(f"/_simulator/{part}", params={"after": after})
        assert answer.status_code == 200


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1e401"])
async def test_numbers_that_would_fill_the_memory_are_refused(
    books: QuickBooks, number: str
) -> None:
    odd = (
        f'{{"BatchItemRequest": [{{"bId": {number}, "Query": "select * from Term"}}]}}'
    )
    body: dict[str, Any] = {
        "CustomerRef": {"value": await books.id("Customer", "May Chen")},
        "Line": [
            {
                "Amount": 1,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": await books.id("Item", "Consulting")},
                    "Qty": number,
                },
            }
        ],
    }

    batch = await books.http.post(f"{books.base}/batch", content=odd)

    assert fault(batch)[0] == "2010"
    assert fault(await books.post("invoice", body))[0] == "2080"
    assert fault(
        await books.http.post(
            f"{books.base}/invoice",
            content=json.dumps(body).replace(f'"{number}"', number),
        )
    )


@pytest.mark.parametrize(("depth", "status"), [(50, 200), (51, 400), (900, 400)])
async def test_what_is_nested_too_deeply_is_refused(
    books: QuickBooks, depth: int, status: int
) -> None:
    deep = "[" * (depth - 3) + "1" + "]" * (depth - 3)
    contact = f'[{{"OtherContact": {deep}}}]'
    text = f'{{"DisplayName": "Deep", "OtherContactInfo": {contact}}}'

    answer = await books.http.post(f"{books.base}/vendor", content=text)

    assert answer.status_code == status, answer.text
    if status == 200:
        change = {**answer.json()["Vendor"], "sparse": True, "AcctNum": "7"}
        assert (await books.make("Vendor", change))["AcctNum"] == "7"


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(
    books: QuickBooks,
) -> None:
    for path in ("customer", "query", "batch"):
        answer = await books.http.post(
            f"{books.base}/{path}", content=b"{}", headers={"Content-Encoding": "gzip"}
        )
        assert fault(answer)[0] == "2010"
    answer = await books.http.post(
        "/_simulator/clock", content=b"{}", headers={"Content-Encoding": "gzip"}
    )
    assert answer.json() == {"error": "a JSON object is wanted"}
