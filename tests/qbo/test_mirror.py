"""The rows of the mirror: exact sums, newer over older, one freshening at a time."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from qbo.mirror import LINES, PART_ROWS, RECORDS, Mirror, amount, is_older, units
from tests.conftest import Clock

COMPANY = "simulator:1"


@pytest.fixture
def mirror(engine: AsyncEngine, clock: Clock) -> Mirror:
    return Mirror(engine, clock)


def invoice(number: str, token: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "Id": number,
        "SyncToken": str(token),
        "TxnDate": "2026-11-01",
        "DocNumber": f"10{number}",
        "CustomerRef": {"value": "7", "name": "Lee Ltd"},
        "TotalAmt": Decimal("10.00"),
        "Balance": Decimal("10.00"),
        "Line": [
            {
                "Amount": Decimal("10.00"),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": "3"}},
            }
        ],
        **fields,
    }


@given(
    st.decimals(
        min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=4, allow_nan=False
    )
)
def test_an_amount_survives_being_an_integer(value: Decimal) -> None:
    assert amount(units(value)) == value


async def test_a_record_is_kept_digit_for_digit(mirror: Mirror) -> None:
    record = invoice("1", TotalAmt=Decimal("1234567.10"))

    await mirror.put(COMPANY, "Invoice", [record])

    kept = await mirror.record(COMPANY, "Invoice", "1")
    assert kept == record
    assert str(kept["TotalAmt"]) == "1234567.10"


async def test_many_records_are_kept_in_parts_that_let_others_in(
    mirror: Mirror, engine: AsyncEngine
) -> None:
    many = [invoice(str(number)) for number in range(PART_ROWS * 2 + 1)]
    commits: list[bool] = []
    event.listen(engine.sync_engine, "commit", lambda _: commits.append(True))

    first = await mirror.put(COMPANY, "Invoice", many)
    again = await mirror.put(COMPANY, "Invoice", [*many, invoice("0", 1)])

    assert len(commits) == 6
    assert len(first) == len(many)
    assert again == {"0"}
    assert await mirror.count(COMPANY) == len(many)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.decimals(min_value=Decimal("-9e8"), max_value=Decimal("9e8"), places=2),
        min_size=1,
        max_size=30,
    )
)
async def test_the_database_adds_amounts_exactly(
    mirror: Mirror, amounts: list[Decimal]
) -> None:
    await mirror.forget(COMPANY)
    await mirror.put(
        COMPANY,
        "Invoice",
        [invoice(str(n), TotalAmt=each) for n, each in enumerate(amounts)],
    )

    rows = await mirror.rows(
        select(func.sum(RECORDS.c.total)).where(RECORDS.c.company == COMPANY)
    )

    assert amount(rows[0][0]) == sum(amounts)


async def test_an_older_reading_does_not_undo_a_newer_one(mirror: Mirror) -> None:
    await mirror.put(COMPANY, "Invoice", [invoice("1", 3, Balance=Decimal("4.00"))])

    changed = await mirror.put(COMPANY, "Invoice", [invoice("1", 2)])

    kept = await mirror.record(COMPANY, "Invoice", "1")
    assert changed == frozenset()
    assert kept is not None
    assert kept["SyncToken"] == "3"
    assert kept["Balance"] == 4


async def test_a_balance_may_move_without_a_new_version(mirror: Mirror) -> None:
    await mirror.put(COMPANY, "Customer", [{"Id": "7", "SyncToken": "1", "Balance": 5}])

    changed = await mirror.put(
        COMPANY, "Customer", [{"Id": "7", "SyncToken": "1", "Balance": 9}]
    )

    assert changed == frozenset({"7"})


async def test_what_was_delivered_twice_changes_nothing(mirror: Mirror) -> None:
    assert await mirror.put(COMPANY, "Invoice", [invoice("1")]) == {"1"}
    assert await mirror.put(COMPANY, "Invoice", [invoice("1")]) == frozenset()


async def test_the_lines_follow_their_record(mirror: Mirror) -> None:
    await mirror.put(COMPANY, "Invoice", [invoice("1"), invoice("2")])
    shorter = invoice("1", 1)
    shorter["Line"] = []

    await mirror.put(COMPANY, "Invoice", [shorter])

    rows = await mirror.rows(select(LINES.c.record_id, LINES.c.item_id))
    assert [tuple(row) for row in rows] == [("2", "3")]


async def test_what_a_whole_reading_does_not_meet_is_dropped(
    mirror: Mirror, clock: Clock
) -> None:
    await mirror.put(COMPANY, "Invoice", [invoice("1"), invoice("2")])
    clock.advance(seconds=1)
    begun = clock()
    await mirror.put(COMPANY, "Invoice", [invoice("2")])

    gone = await mirror.remove_unseen(COMPANY, "Invoice", begun)

    assert gone == 1
    assert await mirror.count(COMPANY) == 1
    assert await mirror.record(COMPANY, "Invoice", "2") is not None


async def test_companies_do_not_see_each_other_s_rows(mirror: Mirror) -> None:
    await mirror.put(COMPANY, "Invoice", [invoice("1")])
    await mirror.put("simulator:2", "Invoice", [invoice("1", 5), invoice("2")])

    await mirror.forget("simulator:2")

    assert await mirror.count(COMPANY) == 1
    assert await mirror.count("simulator:2") == 0
    kept = await mirror.record(COMPANY, "Invoice", "1")
    assert kept is not None
    assert kept["SyncToken"] == "0"


async def test_one_owner_at_a_time_freshens_a_company(
    mirror: Mirror, clock: Clock
) -> None:
    assert await mirror.claim(COMPANY, "a", 60)
    assert not await mirror.claim(COMPANY, "b", 60)
    assert await mirror.claim("simulator:2", "b", 60)

    await mirror.release(COMPANY, "b")
    assert not await mirror.claim(COMPANY, "b", 60)

    clock.advance(seconds=61)
    assert await mirror.claim(COMPANY, "b", 60)
    await mirror.release(COMPANY, "b")
    assert await mirror.claim(COMPANY, "a", 60)


async def test_rows_are_old_after_a_while_and_after_we_wrote(
    mirror: Mirror, clock: Clock
) -> None:
    assert is_older(await mirror.state(COMPANY), clock(), 30)

    await mirror.advance(COMPANY, fresh_at=clock(), cursor=clock(), changed=True)
    assert not is_older(await mirror.state(COMPANY), clock(), 30)

    clock.advance(seconds=1)
    await mirror.mark_outdated(COMPANY)
    assert is_older(await mirror.state(COMPANY), clock(), 30)

    clock.advance(seconds=1)
    await mirror.advance(COMPANY, fresh_at=clock(), cursor=clock(), changed=False)
    assert not is_older(await mirror.state(COMPANY), clock(), 30)

    clock.advance(seconds=31)
    assert is_older(await mirror.state(COMPANY), clock(), 30)


async def test_the_version_counts_changes_only(mirror: Mirror, clock: Clock) -> None:
    await mirror.advance(COMPANY, fresh_at=clock(), cursor=clock(), changed=True)
    await mirror.advance(COMPANY, fresh_at=clock(), cursor=clock(), changed=False)

    assert (await mirror.state(COMPANY)).version == 1
