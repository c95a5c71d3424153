"""Faults on order, the journal, clock, switches and limits."""

import asyncio
import time

import httpx
import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, fault, sales_line
from tests.simulator.conftest import TODAY


async def body(books: QuickBooks) -> dict[str, object]:
    line = sales_line(await books.id("Item", "Hours"), "60")
    return {
        "CustomerRef": {"value": await books.id("Customer", "May Chen")},
        "Line": [line],
    }


CREATE = {"entity": "Invoice", "operation": "create"}


async def test_a_reply_dropped_after_the_write_leaves_the_write(
    books: QuickBooks,
) -> None:
    sale = await body(books)
    await books.order(match=CREATE, drop="after")

    with pytest.raises(httpx.RemoteProtocolError):
        await books.post("invoice", sale, requestid="r-1")
    again = await books.post("invoice", sale, requestid="r-1")

    assert again.status_code == 200
    assert await books.count("Invoice") == 1


async def test_a_request_dropped_before_the_write_writes_nothing(
    books: QuickBooks,
) -> None:
    sale = await body(books)
    await books.order(match=CREATE, drop="before")

    with pytest.raises(httpx.RemoteProtocolError):
        await books.post("invoice", sale)

    assert await books.count("Invoice") == 0
    line = next(one for one in await books.arrived() if one["operation"] == "create")
    assert (line["dropped"], line["status"]) == ("before", None)


async def test_a_server_error_may_come_before_or_after_the_write(
    books: QuickBooks,
) -> None:
    sale = await body(books)
    await books.order(match=CREATE, status=503)
    before = await books.post("invoice", sale)
    count_before = await books.count("Invoice")
    await books.order(match=CREATE, status=500, when="after")
    after = await books.post("invoice", sale)

    assert (before.status_code, count_before) == (503, 0)
    assert (after.status_code, await books.count("Invoice")) == (500, 1)
    assert after.json()["Fault"]["Error"][0]["code"] == "10000"


@pytest.mark.parametrize(
    ("status", "code"), [(401, "3200"), (403, "3100"), (429, "3001")]
)
async def test_gateway_faults_speak_the_gateways_dialect(
    books: QuickBooks, status: int, code: str
) -> None:
    await books.order(match={"path": "/v3/"}, status=status)

    answer = await books.get("preferences")

    assert answer.status_code == status
    assert answer.json()["fault"]["error"][0]["code"] == code
    assert (await books.get("preferences")).status_code == 200


async def test_an_order_says_code_and_detail_or_the_whole_body(
    books: QuickBooks,
) -> None:
    await books.order(match={}, status=400, code="6000", detail="No.")
    first = await books.get("preferences")
    await books.order(match={}, status=502, body="<html>Bad gateway</html>")
    second = await books.get("preferences")
    await books.order(match={}, status=200, body={"Fault": {"Error": []}})
    third = await books.get("preferences")

    assert fault(first) == ("6000", "No.")
    assert (second.status_code, second.text) == (502, "<html>Bad gateway</html>")
    assert third.json() == {"Fault": {"Error": []}}


async def test_an_order_meets_what_it_matches_as_often_as_asked(
    books: QuickBooks,
) -> None:
    match = {"method": "GET", "path": r"/query$", "entity": "vendor"}
    await books.order(match=match, status=500, times=2)

    answers = [
        (await books.get("query", query=f"select * from {entity}")).status_code
        for entity in ("Customer", "Vendor", "Vendor", "Vendor")
    ]

    assert answers == [200, 500, 500, 200]
    listed = (await books.http.get("/_simulator/faults")).json()["faults"]
    assert listed[0]["hits"] == 2


async def test_cleared_orders_are_gone(books: QuickBooks) -> None:
    await books.order(match={}, status=500, times=None)
    assert (await books.get("preferences")).status_code == 500

    await books.http.delete("/_simulator/faults")

    assert (await books.get("preferences")).status_code == 200


async def test_a_delay_after_the_write_holds_only_its_own_request(
    books: QuickBooks,
) -> None:
    sale = await body(books)
    await books.order(match=CREATE, delay_after_seconds=0.5)
    held = asyncio.create_task(books.post("invoice", sale))
    await asyncio.sleep(0.1)

    began = time.monotonic()
    count = await books.count("Invoice")
    waited = time.monotonic() - began

    assert count == 1
    assert not held.done()
    assert waited < 0.4
    assert (await held).status_code == 200


async def test_a_delay_before_the_write_comes_before_it(books: QuickBooks) -> None:
    sale = await body(books)
    await books.order(match=CREATE, delay_before_seconds=0.4)
    held = asyncio.create_task(books.post("invoice", sale))
    await asyncio.sleep(0.1)

    assert await books.count("Invoice") == 0
    line = [one for one in await books.arrived() if one["operation"] == "create"]
    assert line[0]["status"] is None
    assert (await held).status_code == 200


async def test_orders_reach_the_token_endpoint(books: QuickBooks) -> None:
    await books.order(match={"path": "/oauth2/v1/tokens/bearer"}, status=503)

    answer = await books.http.post("/oauth2/v1/tokens/bearer", data={})

    assert answer.status_code == 503


@pytest.mark.parametrize(
    "order",
    [
        {"colour": "red"},
        {"match": {"colour": "red"}},
        {"match": []},
        {"drop": "sometimes"},
        {"when": "later"},
        {"delay_after_seconds": -1},
        {"delay_before_seconds": "long"},
        {"times": "twice"},
        {"match": {"path": "("}},
        {"status": 99},
        {"status": 600},
        {"delay_before_seconds": 10**400},
        {"detail": 5},
        {"headers": "Retry-After"},
        {"headers": {"Retry-After": 5}},
        {"headers": {"X": "a\r\nSet-Cookie: b"}},
        {"headers": {"X:": "a"}},
    ],
)
async def test_an_order_that_has_no_sense_is_refused(
    books: QuickBooks, order: dict[str, object]
) -> None:
    answer = await books.http.post("/_simulator/faults", json=order)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_the_journal_tells_what_arrived_and_no_secrets(
    books: QuickBooks,
) -> None:
    await books.http.delete("/_simulator/requests")
    await books.get("query", query="select * from Bill")
    await books.get("invoice/7", code="secret-code", client_secret="secret-word")
    await books.post("invoice", {"Id": "7"}, operation="delete", requestid="r-9")

    lines = await books.arrived()

    assert [(one["entity"], one["operation"], one["status"]) for one in lines] == [
        ("Bill", "query", 200),
        ("Invoice", "read", 400),
        ("Invoice", "delete", 400),
    ]
    assert lines[2]["requestid"] == "r-9"
    assert "secret-" not in str(lines)
    later = await books.http.get(
        "/_simulator/requests", params={"after": lines[1]["number"]}
    )
    assert later.json()["requests"] == lines[2:]


async def test_the_clock_moves(books: QuickBooks) -> None:
    await books.http.post("/_simulator/clock", json={"today": "2027-02-01"})
    invoice = await books.invoice()
    bad = await books.http.post("/_simulator/clock", json={"today": "soon"})
    none = await books.http.post("/_simulator/clock", json={})

    assert invoice["TxnDate"] == "2027-02-01"
    assert bad.status_code == none.status_code == 400


async def test_unknown_switches_are_refused(books: QuickBooks) -> None:
    unknown = await books.http.post("/_simulator/switches", json={"colour": 1})
    wrong = await books.http.post("/_simulator/switches", json={"limits": "yes"})
    known = await books.http.get("/_simulator/switches")

    assert unknown.status_code == wrong.status_code == 400
    assert known.json()["previous_refresh_grace_seconds"] == 86_400


async def test_ten_requests_a_second_are_the_limit() -> None:
    options = Options(port=0, today=TODAY, invoices=0, tokens=(TOKEN,), limits=True)
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as books:
        await books.switch(retry_after_seconds=60)
        answers = [await books.get("preferences") for _ in range(12)]
        await asyncio.sleep(1.05)
        later = await books.get("preferences")
    await running.stop()

    assert answers[0].status_code == later.status_code == 200
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == "60"


async def test_the_overview_names_the_companies(books: QuickBooks) -> None:
    overview = (await books.http.get("/_simulator")).json()

    assert [one["name"] for one in overview["companies"]] == [
        "Harbour & Pine Landscaping",
        "Pennine Property Care",
    ]
    assert overview["today"] == "2026-11-20"


async def test_an_ordered_page_may_be_html(books: QuickBooks) -> None:
    order = {
        "status": 503,
        "headers": {"content-type": "text/html"},
        "body": "<p>down for maintenance</p>",
    }
    await books.http.post("/_simulator/faults", json=order)

    answer = await books.get("preferences")

    assert answer.status_code == 503
    assert answer.headers.get_list("content-type") == ["text/html"]
    assert answer.text == "<p>down for maintenance</p>"


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_an_ordered_detail_is_what_the_gateway_says(
    books: QuickBooks, status: int
) -> None:
    order = {"status": status, "detail": "so it was ordered"}
    await books.http.post("/_simulator/faults", json=order)

    answer = await books.get("preferences")

    assert answer.json()["fault"]["error"][0]["detail"] == "so it was ordered"


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"match": {"operation": "raed"}, "status": 500},
        {"match": {"entity": "Invoices"}, "status": 500},
        {"times": 0, "status": 500},
        {"detail": "without an effect"},
        {"headers": {"X-Alone": "1"}},
    ],
)
async def test_an_order_that_would_never_do_anything_is_refused(
    books: QuickBooks, order: dict[str, object]
) -> None:
    answer = await books.http.post("/_simulator/faults", json=order)

    assert answer.status_code == 400
    listed = await books.http.get("/_simulator/faults")
    assert listed.json() == {"faults": []}
