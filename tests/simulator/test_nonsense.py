"""Whatever a client sends, the server says no in its own words and goes on."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.client import QuickBooks
from tests.simulator.test_entities import NAMES, TRANSACTIONS, body_for
from tests.simulator.test_reports_random import company

LEAVES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(
            None,
            True,
            "",
            "x",
            "-1",
            "0",
            0,
            -5,
            10**30,
            1.5,
            "9999-12-31",
            "2026-11-20",
        ),
        *([], [None], [1], {}, {"value": "1"}, {"value": {}}, {"value": 9}, {"x": 1}),
        *("\x00", "'", "TAX", "€", "\ud800", "Infinity", ["x"], [{}], [[]]),
    ]
)
KINDS = (*NAMES, *TRANSACTIONS, "TimeActivity")
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), LEAVES), min_size=1, max_size=3)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every member of a body."""
    found = [path] if path else []
    members: Any = []
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for name, part in members:
        found += places(part, (*path, name))
    return found


def changed(body: Any, place: int, leaf: Any) -> Any:
    body = json.loads(json.dumps(body, default=float))
    paths = places(body)
    *way, last = paths[place % len(paths)]
    part = body
    for step in way:
        part = part[step]
    part[last] = leaf
    return body


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(KINDS), CHANGES), min_size=10, max_size=20))
def test_no_body_breaks_the_server(
    tries: list[tuple[str, list[tuple[int, Any]]]],
) -> None:
    async def story() -> None:
        async with company(0) as books:
            bodies = {one: await body_for(books, one) for one in KINDS}
            for entity, changes in tries:
                body = bodies[entity]
                for place, leaf in changes:
                    body = changed(body, place, leaf)
                answer = await books.http.post(
                    f"{books.base}/{entity.lower()}", content=json.dumps(body)
                )
                assert answer.status_code in {200, 400}, (entity, body, answer.text)
            await still_alive(books)

    asyncio.run(story())


PREFERENCES: list[dict[str, Any]] = [
    {"AccountingInfoPrefs": {"BookCloseDate": "soon"}},
    {"AccountingInfoPrefs": "x"},
    {"SalesFormsPrefs": {"CustomTxnNumbers": {"value": "x"}}},
    {"OtherPrefs": {"NameValue": "x"}},
    {"OtherPrefs": {"NameValue": ["x"]}},
    {"TaxPrefs": {"TaxGroupCodeRef": 5}},
    {"CurrencyPrefs": {"HomeCurrency": None}},
    {"CurrencyPrefs": []},
    {"ReportPrefs": {"ReportBasis": "Guess"}},
    {"AccountingInfoPrefs": None, "SalesFormsPrefs": None, "ReportPrefs": None},
]


async def test_no_preference_breaks_the_server(books: QuickBooks) -> None:
    for change in PREFERENCES:
        prefs = (await books.get("preferences")).json()["Preferences"]
        wish = {"SyncToken": prefs["SyncToken"], "sparse": True, **change}
        answer = await books.post("preferences", wish)
        assert answer.status_code in {200, 400}, change
        await still_alive(books)
    info = (await books.get("companyinfo/1")).json()["CompanyInfo"]
    wish = {"SyncToken": info["SyncToken"], "FiscalYearStartMonth": "Brumaire"}
    assert (await books.post("companyinfo", wish)).status_code == 400
    await still_alive(books)


async def test_no_query_string_breaks_the_server(books: QuickBooks) -> None:
    odd = ("", "x", "9999-12-31", "0001-01-01", "-1", "é", "%", "'", "NaN", "²", "٣")
    for value in odd:
        answers = [
            await books.get("query", query=value),
            await books.get(
                "query", query=f"select * from Invoice where TxnDate > '{value}'"
            ),
            await books.get(
                "query", query=f"select * from Invoice where Balance > '{value}'"
            ),
            await books.get("cdc", entities="Invoice", changedSince=value),
            await books.get("cdc", entities=value, changedSince="2026-11-20"),
            await books.get("reports/ProfitAndLoss", end_date=value),
            await books.get("reports/BalanceSheet", start_date=value, date_macro=value),
            await books.get(
                "reports/AgedReceivables", report_date=value, num_periods=value
            ),
            await books.get("invoice/" + (value or "0")),
        ]
        statuses = {answer.status_code for answer in answers}
        assert statuses <= {200, 400}, (value, [a.text for a in answers])


async def test_no_endless_number_breaks_a_query(books: QuickBooks) -> None:
    endless = "9" * 5_000
    for part in (
        f"startposition {endless}",
        f"maxresults {endless}",
        f"where Id > '{endless}'",
        f"where Id = '{endless}'",
        f"where Balance > '{endless}'",
        f"where TotalAmt = {endless}",
        f"where DocNumber = '{endless}'",
    ):
        statement = f"select * from Invoice {part}"
        answer = await books.http.post(f"{books.base}/query", content=statement)
        assert answer.status_code in {200, 400}, part


async def still_alive(books: QuickBooks) -> None:
    """The reports still come, and an invoice can still be made."""
    for name in ("ProfitAndLoss", "BalanceSheet", "AgedReceivables"):
        await books.report(name)
    await books.invoice(TxnDate="2026-11-20")
