"""Limits of the gateway, and the metering of reads."""

import asyncio
from pathlib import Path

import httpx

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks
from tests.simulator.conftest import TODAY
from tests.simulator.consenting import REALM, ask, connect, person, refresh

PENNINE = "9130350000000002"
LIMITS = (
    "requests_per_minute",
    "requests_per_second",
    "calls_per_minute",
    "batches_per_minute",
    "batches_per_minute_of_all_apps",
)


async def limit(web: httpx.AsyncClient, **limits: int | str) -> None:
    """Switch the limits on, all off but these."""
    off = dict.fromkeys(LIMITS, 0)
    wish = {"limits": True, **off, **limits}
    answer = await web.post("/_simulator/switches", json=wish)
    assert answer.status_code == 200, answer.text


async def minute(web: httpx.AsyncClient) -> None:
    """Let a minute pass."""
    await web.post("/_simulator/clock", json={"advance_seconds": 60})


async def statuses(
    books: QuickBooks, times: int, path: str = "preferences"
) -> list[int]:
    return [(await books.get(path)).status_code for _ in range(times)]


async def test_nothing_is_limited_unless_asked(books: QuickBooks) -> None:
    assert await statuses(books, 30) == [200] * 30


async def test_too_many_requests_a_minute_are_throttled(books: QuickBooks) -> None:
    await limit(books.http, requests_per_minute=3)

    first = await statuses(books, 3)
    answer = await books.get("preferences")
    await minute(books.http)
    later = await books.get("preferences")

    assert first == [200] * 3
    assert answer.status_code == 429
    assert answer.json()["fault"] == {
        "error": [
            {
                "message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
                "detail": "The request limit was reached. Try again later",
                "code": "3001",
                "element": None,
            }
        ],
        "type": "SERVICE",
    }
    assert "Retry-After" not in answer.headers
    assert later.status_code == 200


async def test_a_refused_request_is_not_counted(books: QuickBooks) -> None:
    await limit(books.http, requests_per_minute=2)
    await statuses(books, 2)
    await books.http.post("/_simulator/clock", json={"advance_seconds": 50})
    await statuses(books, 5)
    await books.http.post("/_simulator/clock", json={"advance_seconds": 10})

    assert await statuses(books, 2) == [200, 200]


async def test_a_clock_moved_back_holds_nobody_up(books: QuickBooks) -> None:
    await limit(books.http, requests_per_minute=2)
    await statuses(books, 2)

    await books.http.post("/_simulator/clock", json={"today": "2026-11-01"})

    assert await statuses(books, 1) == [200]


async def test_the_minute_is_one_for_all_apps_the_second_is_each_apps_own(
    web: httpx.AsyncClient, books: QuickBooks
) -> None:
    token = (await connect(web))["access_token"]
    await limit(web, requests_per_second=2)
    ours = await statuses(books, 3)
    theirs = await ask(web, token)
    await minute(web)
    await limit(web, requests_per_minute=2)
    await statuses(books, 2)
    together = await ask(web, token)

    assert ours == [200, 200, 429]
    assert theirs.status_code == 200
    assert together.status_code == 429


async def test_companies_have_their_own_limits(
    books: QuickBooks, uk_books: QuickBooks
) -> None:
    await limit(books.http, requests_per_minute=1)

    assert await statuses(books, 2) == [200, 429]
    assert await statuses(uk_books, 2) == [200, 429]


async def test_calls_of_all_endpoints_count_together(web: httpx.AsyncClient) -> None:
    tokens = await connect(web)
    await limit(web, calls_per_minute=3)

    answers = [
        await ask(web, tokens["access_token"]),
        await person(web, tokens["access_token"]),
        await refresh(web, tokens["refresh_token"]),
        await ask(web, tokens["access_token"]),
        await person(web, tokens["access_token"]),
    ]

    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]


async def test_reports_can_have_a_limit_of_their_own(books: QuickBooks) -> None:
    await limit(books.http, reports_per_minute=1)

    assert await statuses(books, 2, "reports/BalanceSheet") == [200, 429]
    assert await statuses(books, 1) == [200]


async def batch(books: QuickBooks, items: int = 1) -> int:
    rows = [{"bId": str(n), "Query": "select * from Term"} for n in range(items)]
    answer = await books.post("batch", {"BatchItemRequest": rows})
    return answer.status_code


async def test_batches_have_limits_of_their_own(
    web: httpx.AsyncClient, books: QuickBooks
) -> None:
    token = (await connect(web))["access_token"]
    await limit(web, batches_per_minute=2, batches_per_minute_of_all_apps=3)

    async with QuickBooks(str(web.base_url), REALM, token) as theirs:
        ours = [await batch(books) for _ in range(3)]
        others = [await batch(theirs) for _ in range(2)]

    assert ours == [200, 200, 429]
    assert others == [200, 429]
    assert await statuses(books, 1) == [200]


async def test_a_batch_counts_once_or_as_often_as_it_has_items(
    books: QuickBooks,
) -> None:
    await limit(books.http, requests_per_minute=10)
    once = [await batch(books, 8), *await statuses(books, 3)]
    await minute(books.http)
    await limit(books.http, requests_per_minute=10, batch_weight="items")
    each = [await batch(books, 8), *await statuses(books, 3)]

    assert once == [200, 200, 200, 200]
    assert each == [200, 200, 200, 429]


async def test_the_queries_of_a_batch_are_metered(books: QuickBooks) -> None:
    await batch(books, 8)

    months = (await books.http.get("/_simulator/meter")).json()["months"]

    assert months["2026-11"][REALM]["reads"] == 8


async def test_only_so_many_requests_are_answered_at_once(books: QuickBooks) -> None:
    await limit(books.http, requests_at_once=2)
    await books.order(
        match={"path": "/v3/"}, times=None, when="after", delay_after_seconds=0.4
    )

    together = await asyncio.gather(*(books.get("preferences") for _ in range(3)))
    await books.http.delete("/_simulator/faults")

    assert sorted(one.status_code for one in together) == [200, 200, 429]
    assert await statuses(books, 3) == [200] * 3


async def test_those_who_wait_for_a_slow_server_are_inside(books: QuickBooks) -> None:
    await limit(books.http, requests_at_once=2, latency_ms=300)

    together = await asyncio.gather(*(books.get("preferences") for _ in range(3)))

    assert sorted(one.status_code for one in together) == [200, 200, 429]


async def test_good_reads_and_writes_are_metered_by_month_and_company(
    books: QuickBooks, uk_books: QuickBooks
) -> None:
    await books.get("preferences")
    await books.query("select * from Term")
    await books.http.post(f"{books.base}/query", content="select * from Term")
    await books.get("reports/BalanceSheet")
    await books.make("Term", {"Name": "Net 17", "DueDays": 17})
    await books.get("invoice/999999")
    await uk_books.get("preferences")
    await books.http.post("/_simulator/clock", json={"today": "2026-12-02"})
    await books.get("preferences")

    months = (await books.http.get("/_simulator/meter")).json()["months"]

    assert months == {
        "2026-11": {
            REALM: {"reads": 4, "writes": 1},
            PENNINE: {"reads": 1, "writes": 0},
        },
        "2026-12": {REALM: {"reads": 1, "writes": 0}},
    }
    assert (await books.http.delete("/_simulator/meter")).json() == {"months": {}}


async def test_the_meter_can_stop_reads_until_next_month(books: QuickBooks) -> None:
    await books.switch(reads_per_month=2)

    reads = await statuses(books, 3)
    write = await books.post("term", {"Name": "Net 17", "DueDays": 17})
    await books.http.post("/_simulator/clock", json={"today": "2026-12-02"})

    assert reads == [200, 200, 429]
    assert write.status_code == 200
    assert await statuses(books, 1) == [200]


async def test_the_meter_outlives_a_restart(tmp_path: Path) -> None:
    options = Options(port=0, today=TODAY, invoices=0, tokens=(TOKEN,), data=tmp_path)
    counts = []
    for _ in range(2):
        running = await start(options)
        async with QuickBooks(running.url, REALM) as books:
            await books.get("preferences")
            answer = await books.http.get("/_simulator/meter")
        await running.stop()
        counts.append(answer.json()["months"]["2026-11"][REALM]["reads"])

    assert counts == [1, 2]
