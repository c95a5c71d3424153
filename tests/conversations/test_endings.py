"""How a proposal ends or waits, end to end: what its card says, and who is told."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.proposal import Proposal, Status
from bot import app as program
from bot import stops
from qbo.connection import State
from tests.conversations.town import (
    ALEX,
    COMPANY,
    PRIYA,
    SAM,
    Town,
    eventually,
    town,
)

ASK = "invoice Acme West for 10 hours consulting, net 30"
CREATE = {"entity": "Invoice", "operation": "create"}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


async def proposed(place: Town, text: str = ASK, number: str = "P-1") -> None:
    async with place.visit(SAM) as sam:
        await sam.say(text)
        await sam.sees(number)


async def approved(place: Town, number: str = "P-1") -> None:
    async with place.visit(PRIYA) as priya:
        await priya.sees(number)
        await priya.press("approve")


async def held(place: Town, number: str = "P-1") -> Proposal:
    """The proposal, once it waits."""

    async def looked() -> Proposal | None:
        found = await place.proposal(number)
        return found if found.waiting_since is not None else None

    return await eventually(looked)


async def down(place: Town) -> None:
    await place.order(match={"path": "/v3/"}, status=503, times=10_000)


async def well(place: Town) -> None:
    await place.http.delete(f"{place.simulator.url}/_simulator/faults")


async def test_the_card_is_posted_soon_after_the_last_approval(place: Town) -> None:
    """It is posted and shown by the press itself, not by the timetable's minute."""
    await proposed(place)
    began = time.monotonic()

    await approved(place)
    applied = await place.status("P-1", Status.APPLIED)
    async with place.visit(SAM) as sam:
        shown = await sam.sees(f"Invoice {applied.receipts[0].doc_number} is in")
        took = time.monotonic() - began
        told = await sam.sees(
            rf"posted to QuickBooks as Invoice {applied.receipts[0].doc_number},"
            r" \$1,500\.00"
        )

    print(f"posted and shown {took:.2f} s after the press")  # noqa: T201 - the figure
    assert took < 45
    assert "equal" in shown
    assert told.count("posted to QuickBooks as Invoice") == 1


async def test_a_refusal_says_why_and_what_to_do_with_a_code_to_quote(
    place: Town,
) -> None:
    await proposed(place)
    await place.order(
        match=CREATE, status=400, code="6210", detail="Account Period Closed"
    )

    await approved(place)
    await place.status("P-1", Status.FAILED)

    async with place.visit(SAM) as sam:
        said = await sam.sees("was not posted. The books are closed for that date")
    assert "Use a later date" in said
    assert "To quote: QuickBooks 6210" in said


async def test_an_unknown_outcome_is_told_and_what_is_searched_is_said(
    place: Town,
) -> None:
    await proposed(place)
    await place.order(match=CREATE, drop="before")

    await approved(place)
    await place.status("P-1", Status.UNCONFIRMED)

    async with place.visit(SAM) as sam:
        said = await sam.sees("I am searching for it there")
        assert (
            "the mark “Ref P-1”, the number, the total $1,500.00 and the date" in said
        )
        await sam.sees(r"I look again at about \d\d:\d\d UTC")
    async with place.visit(ALEX) as alex:
        await alex.sees("may or may not have been posted")
    for _ in range(4):
        place.clock.advance(minutes=2)
        await program._catch_up(place.parts)
    await place.status("P-1", Status.APPLIED)


async def test_an_equal_record_without_our_mark_is_for_people(place: Town) -> None:
    """The first attempt worked; somebody took the mark off before it was found."""
    before = await place.invoices()
    await proposed(place)
    await place.order(match=CREATE, drop="after")
    await approved(place)
    await place.status("P-1", Status.UNCONFIRMED)
    found = await place.query("SELECT * FROM Invoice ORDERBY Id DESC MAXRESULTS 1000")
    made = next(
        each for each in found["Invoice"] if "Ref P-1" in each.get("PrivateNote", "")
    )
    token = await place.parts.connection.token(COMPANY)
    await place.http.post(
        f"{place.simulator.url}/v3/company/{COMPANY.partition(':')[2]}/invoice",
        json={
            "Id": made["Id"],
            "SyncToken": made["SyncToken"],
            "sparse": True,
            "PrivateNote": "",
        },
        headers={"Authorization": f"Bearer {token}"},
    )

    for _ in range(3):
        place.clock.advance(minutes=3)
        await program._catch_up(place.parts)

    doubted = await place.proposal("P-1")
    assert doubted.status is Status.UNCONFIRMED
    assert doubted.doubted_at is not None
    assert await place.invoices() == before + 1
    async with place.visit(SAM) as sam:
        await sam.sees("Please look in QuickBooks")
    async with place.visit(PRIYA) as priya:
        await priya.get("/console/")
        await priya.press("settle.there", doc_number=made["DocNumber"])
    await place.status("P-1", Status.APPLIED)
    assert await place.invoices() == before + 1


async def test_a_429_is_waited_out_and_the_card_says_until_when(place: Town) -> None:
    """The pace is kept by the clock on the wall, so this waits for it."""
    before = await place.invoices()
    await proposed(place)
    await place.order(
        match={"path": "/v3/"},
        status=429,
        headers={"Retry-After": "21"},
        code="003001",
        times=50,
    )

    await approved(place)
    waits = await held(place)
    async with place.visit(SAM) as sam:
        said = await sam.sees("QuickBooks asks us to slow down")
        assert "Nothing was posted yet; I try again at about" in said
        assert "Withdraw" in said
    await well(place)

    assert (waits.status, waits.waiting_for) == (Status.APPROVED, "slow-down")
    assert await place.requests("/invoice") == []
    await asyncio.sleep(22)
    place.clock.advance(minutes=1)
    await program._catch_up(place.parts)
    await place.status("P-1", Status.APPLIED)
    assert await place.invoices() == before + 1


async def test_quickbooks_down_for_twenty_minutes_is_told_to_the_administrators(
    place: Town,
) -> None:
    await proposed(place)
    await down(place)
    await approved(place)
    await held(place)
    async with place.visit(ALEX) as alex:
        await alex.get("/console/")
        assert "has been waiting for" not in alex.page

    for _ in range(4):
        place.clock.advance(minutes=5)
        await place.parts.desk.resume()
    await place.parts.back.show()

    late = await place.proposal("P-1")
    assert late.told_late_at is not None
    async with place.visit(ALEX) as alex:
        told = await alex.sees("is approved and has been waiting for")
        assert "QuickBooks cannot be reached" in told
        assert told.count("is approved and has been waiting for") == 1
    await well(place)
    place.clock.advance(minutes=16)
    await place.parts.desk.resume()
    applied = await place.status("P-1", Status.APPLIED)
    assert applied.waiting_since is None


async def test_after_a_day_it_is_asked_again_and_may_be_proposed_afresh(
    place: Town,
) -> None:
    before = await place.invoices()
    await proposed(place)
    await down(place)
    await approved(place)
    await held(place)
    place.clock.advance(hours=24)
    await place.parts.desk.resume()
    await place.parts.back.show()

    stale = await place.status("P-1", Status.STALE)
    assert (stale.moved, stale.rebased) == ((), None)
    await well(place)
    async with place.visit(SAM) as sam:
        said = await sam.sees("could not be posted within 24 hours")
        assert "It can be proposed afresh." in said
        await sam.press("renew")
        await sam.sees("P-2")
    assert (await place.proposal("P-2")).status is Status.PENDING
    assert (await place.proposal("P-1")).renewed_by == "P-2"
    assert await place.invoices() == before


async def test_a_waiting_one_may_be_withdrawn(place: Town) -> None:
    await proposed(place)
    await down(place)
    await approved(place)
    await held(place)

    async with place.visit(SAM) as sam:
        await sam.sees("QuickBooks cannot be reached")
        await sam.press("withdraw")

    await place.status("P-1", Status.WITHDRAWN)


async def test_an_ended_connection_is_told_once_and_shown_on_the_cards(
    place: Town,
) -> None:
    await proposed(place)
    revoked = await place.http.post(
        f"{place.simulator.url}/_simulator/tokens/revoke", json={}
    )
    revoked.raise_for_status()
    place.clock.advance(hours=2)
    await place.parts.connection.renew_due()
    assert (await place.parts.connection.company(COMPANY)).state is State.ENDED

    for _ in range(2):
        await program._catch_up(place.parts)

    async with place.visit(ALEX) as alex:
        told = await alex.sees("to QuickBooks has ended")
        assert told.count("to QuickBooks has ended") == 1
        assert "Reconnect" in told
    async with place.visit(SAM) as sam:
        await sam.sees("nothing can be posted until an administrator renews")


async def test_a_stop_between_an_ending_and_its_telling_loses_nothing(
    place: Town,
) -> None:
    """Taken and wanted in one transaction: whoever comes next tells it."""
    parts = place.parts
    revoked = await place.http.post(
        f"{place.simulator.url}/_simulator/tokens/revoke", json={}
    )
    revoked.raise_for_status()
    place.clock.advance(hours=2)
    await parts.connection.renew_due()

    async def stopped() -> None:
        async with parts.engine.begin() as connection:
            (ended,) = await parts.connection.take_endings(connection)
            await parts.desk.stops.told_of_ending(
                connection, ended.company, ended.workspace, place.clock()
            )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await stopped()
    for _ in range(2):
        await stops.take_endings(parts.back, parts.engine)

    waiting = await parts.desk.tellings.waiting(place.clock())
    assert [each.kind for each in waiting].count("connection-ended") == 1
