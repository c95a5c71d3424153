"""The main job end to end: ask, propose, approve, posted; and what may go wrong."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from approvals.proposal import Role, Status
from bot import app as program
from bot.platform import ChatMessage, Place, Sender, SendFailed
from tests.conversations.town import (
    ALEX,
    COMPANY,
    PRIYA,
    SAM,
    Town,
    eventually,
    text_of,
    town,
)

ASK = "invoice Acme West for 10 hours consulting, net 30"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


@pytest.fixture
async def place_on(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    """A town on each kind of database."""
    async with town(tmp_path, database_url=database_url) as made:
        yield made


async def _proposed(place: Town, words: str = ASK, number: str = "P-1") -> None:
    async with place.visit(SAM) as sam:
        await sam.say(words)
        await sam.sees(number)


async def _approved(place: Town, number: str = "P-1") -> None:
    async with place.visit(PRIYA) as priya:
        await priya.sees(number)
        await priya.press("approve")


async def test_a_question_is_answered_with_its_working(place_on: Town) -> None:
    async with place_on.visit(SAM) as sam:
        await sam.say("who owes us money")
        answer = await sam.sees("As of")

    assert "[SIMULATED]" in answer
    assert "As of" in answer


async def test_an_approved_invoice_is_in_the_books_once(place_on: Town) -> None:
    before = await place_on.invoices()

    await _proposed(place_on)
    assert await place_on.invoices() == before
    await _approved(place_on)
    applied = await place_on.status("P-1", Status.APPLIED)

    number = applied.receipts[0].doc_number
    found = await place_on.query(f"SELECT * FROM Invoice WHERE DocNumber = '{number}'")
    invoice = found["Invoice"][0]
    assert await place_on.invoices() == before + 1
    assert invoice["CustomerRef"]["name"] == "Acme West"
    assert invoice["Line"][0]["Amount"] == 1500
    assert "P-1" in invoice["PrivateNote"]
    async with place_on.visit(SAM) as sam:
        await sam.sees(f"Invoice {number}")


async def test_who_asked_cannot_approve_not_even_as_an_approver(place: Town) -> None:
    await place.parts.people.set_roles(SAM, {Role.STAFF, Role.APPROVER})
    await _proposed(place)
    async with place.visit(PRIYA) as priya:
        await priya.sees("P-1")
        token = priya.button("approve")["token"]

    async with place.visit(SAM) as sam:
        await sam.get("/console/")
        page = await sam.post(
            "/console/press", verb="approve", token=token, message="", event="e1"
        )

    assert "somebody else has to approve it" in text_of(page).split("notice")[-1]
    waiting = await place.proposal("P-1")
    assert waiting.status is Status.PENDING
    assert waiting.decisions == ()


async def test_a_rejection_needs_its_reason_and_posts_nothing(place: Town) -> None:
    before = await place.invoices()
    await _proposed(place)

    async with place.visit(PRIYA) as priya:
        await priya.sees("P-1")
        await priya.press("reject", reason="wrong customer")
        await priya.sees("wrong customer")

    assert (await place.proposal("P-1")).status is Status.REJECTED
    assert await place.invoices() == before


async def test_twenty_presses_at_once_are_one_application(place_on: Town) -> None:
    before = await place_on.invoices()
    await _proposed(place_on)
    async with place_on.visit(PRIYA) as priya:
        await priya.sees("P-1")
        button = priya.button("approve")

        await asyncio.gather(
            *(
                priya.post("/console/press", **button, event=f"press-{number}")
                for number in range(20)
            )
        )

    await place_on.status("P-1", Status.APPLIED)
    assert await place_on.invoices() == before + 1
    assert len(await place_on.requests("/invoice")) == 1


async def test_a_message_delivered_twice_is_one_proposal(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await sam.get("/console/")
        for _ in range(3):
            await sam.post("/console/say", text=ASK, event="the-same")
        await sam.sees("P-1")

    assert await place.parts.desk.by_number("main", "P-2") is None


async def test_a_dropped_reply_still_ends_in_one_invoice(place: Town) -> None:
    before = await place.invoices()
    await _proposed(place)
    await place.order(
        match={"entity": "Invoice", "operation": "create"},
        drop="after",
    )

    await _approved(place)
    await place.status("P-1", Status.UNCONFIRMED, Status.APPLIED)
    place.clock.advance(minutes=1)
    await place.parts.desk.resume()
    applied = await place.status("P-1", Status.APPLIED)

    assert applied.receipts[0].doc_number
    assert await place.invoices() == before + 1


async def test_a_lost_request_is_asked_again_with_the_same_id(place: Town) -> None:
    before = await place.invoices()
    await _proposed(place)
    await place.order(
        match={"entity": "Invoice", "operation": "create"},
        drop="before",
    )

    await _approved(place)
    await place.status("P-1", Status.UNCONFIRMED)
    for _ in range(4):
        place.clock.advance(minutes=2)
        await place.parts.desk.resume()
    await place.status("P-1", Status.APPLIED)

    assert await place.invoices() == before + 1
    posts = await place.requests("/invoice")
    assert len({post["requestid"] for post in posts}) == 1


async def test_a_repeated_customer_answered_with_a_duplicate_name_is_adopted(
    place: Town,
) -> None:
    """The first attempt worked, its reply was lost, and the books lag behind."""
    simulator = place.simulator.url
    await place.http.post(
        f"{simulator}/_simulator/switches", json={"requestid_ignored_for": "Customer"}
    )
    await _proposed(place, "add customer Blue Heron Cafe, email hello@heron.example")
    await place.order(match={"entity": "Customer", "operation": "create"}, drop="after")
    await _approved(place)
    await place.status("P-1", Status.UNCONFIRMED)

    # The search sees nothing yet, so the customer is asked for again: 6240.
    await place.order(
        match={"path": "/query"}, status=200, body={"QueryResponse": {}}, times=50
    )
    place.clock.advance(seconds=160)
    await place.parts.desk.resume()
    assert len(await place.requests("/customer")) == 2
    assert (await place.proposal("P-1")).status is Status.UNCONFIRMED
    await place.http.delete(f"{simulator}/_simulator/faults")
    place.clock.advance(minutes=5)
    await place.parts.desk.resume()
    await place.status("P-1", Status.APPLIED)

    found = await place.query(
        "SELECT * FROM Customer WHERE DisplayName = 'Blue Heron Cafe'"
    )
    assert len(found["Customer"]) == 1


async def test_a_definite_no_of_quickbooks_is_final(place: Town) -> None:
    before = await place.invoices()
    await _proposed(place)
    await place.order(
        match={"entity": "Invoice", "operation": "create"},
        status=400,
        code="6000",
        detail="Business Validation Error: made up",
    )

    await _approved(place)
    failed = await place.status("P-1", Status.FAILED)

    assert failed.reason
    assert await place.invoices() == before


async def test_quickbooks_being_down_is_said_and_nothing_is_lost(place: Town) -> None:
    await _proposed(place)
    await place.order(match={"path": "/v3/"}, status=503, times=100)

    await _approved(place)
    place.clock.advance(minutes=1)
    async with place.visit(SAM) as sam:
        await sam.say("who owes us money")
        said = await sam.sees("could not be reached|did not answer|not be read")

    assert "Traceback" not in said
    waiting = await place.proposal("P-1")
    assert waiting.status is Status.APPROVED
    assert waiting.reason
    await place.http.delete(f"{place.simulator.url}/_simulator/faults")
    place.clock.advance(minutes=30)
    await place.parts.desk.resume()
    await place.status("P-1", Status.APPLIED)


async def test_a_correction_is_the_next_revision(place: Town) -> None:
    await _proposed(place)
    async with place.visit(PRIYA) as priya:
        await priya.sees("P-1")
        old = priya.button("approve")
        async with place.visit(SAM) as sam:
            await sam.say("make it 12 hours")
            await sam.sees("1,800.00")

        page = await priya.post("/console/press", **old, event="late")

    assert "changed" in page
    revised = await place.proposal("P-1")
    assert revised.revision == 2
    assert revised.status is Status.PENDING


async def test_a_doubtful_customer_is_asked_about_and_a_button_answers(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("invoice Acme for 2 hours consulting")
        await sam.sees("Which|which")
        assert await place.parts.desk.by_number("main", "P-1") is None
        page = sam.page

        await sam.post(
            "/console/press",
            verb="say",
            token="Acme West",
            message="",
            event="choice",
        )
        await sam.sees("P-1")

    assert "Acme Corporation" in page


async def test_only_administrators_connect(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("connect")
        await sam.sees("for administrators")

    async with place.visit(ALEX) as alex:
        await alex.say("connection status")
        await alex.sees("Connected to QuickBooks")


async def test_a_disconnected_company_is_revoked_and_says_so(place: Town) -> None:
    async with place.visit(ALEX) as alex:
        await alex.say("disconnect")
        await alex.sees("Keep it")
        assert await place.parts.connection.may_post(COMPANY)
        await alex.press("disconnect.yes")
        await alex.sees("is disconnected")
        await alex.say("who owes us money")
        await alex.sees("No QuickBooks company is connected")

    revoked = await place.requests("/revoke")
    assert len(revoked) == 1
    assert not await place.parts.connection.may_post(COMPANY)


async def test_an_apology_comes_instead_of_a_very_late_answer(place: Town) -> None:
    message = ChatMessage(
        "interrupted",
        Sender("console", "main", SAM),
        Place("console", "main", SAM),
        "who owes us money",
        place.clock(),
    )
    await place.parts.clerk.accept(message)
    place.clock.advance(minutes=20)

    await place.parts.clerk.resume()

    async with place.visit(SAM) as sam:
        await sam.sees("Sorry, I was interrupted")


async def test_an_interrupted_question_is_answered_after_a_restart(
    place: Town,
) -> None:
    message = ChatMessage(
        "interrupted",
        Sender("console", "main", SAM),
        Place("console", "main", SAM),
        ASK,
        place.clock(),
    )
    await place.parts.clerk.accept(message)
    place.clock.advance(minutes=6)

    await place.parts.clerk.resume()
    await place.parts.clerk.resume()

    async with place.visit(SAM) as sam:
        await sam.sees("P-1")
    assert await place.parts.desk.by_number("main", "P-2") is None


async def test_a_renewal_is_made_once_however_often_it_is_pressed(place: Town) -> None:
    before = await place.invoices()
    await _proposed(place)
    await place.edit("Item", "Consulting", UnitPrice=160)
    await _approved(place)
    await place.status("P-1", Status.STALE)
    async with place.visit(SAM) as sam:
        await sam.sees("Out of date")
        button = sam.button("renew")
        for number in range(3):
            await sam.post("/console/press", **button, event=f"renew-{number}")
        await sam.sees("1,600.00")

    assert await place.parts.desk.by_number("main", "P-3") is None or all(
        each.status is not Status.PENDING for each in [await place.proposal("P-3")]
    )
    waiting = await place.parts.desk.proposals(
        "main", statuses=frozenset({Status.PENDING})
    )
    assert len(waiting) == 1
    assert await place.invoices() == before


async def test_a_correction_of_a_refused_request_leaves_the_one_before_alone(
    place: Town,
) -> None:
    await _proposed(place)

    async with place.visit(SAM) as sam:
        await sam.say(
            "invoice Fernwood Library for 3 hours consulting dated 2001-01-01"
        )
        await sam.sees("closed")
        await sam.say("make it 12 hours")
        await sam.sees("closed")

    first = await place.proposal("P-1")
    assert first.revision == 1
    assert "Acme West" in first.draft.heading


async def test_showing_a_proposal_again_shows_it_below(place: Town) -> None:
    await _proposed(place)

    async with place.visit(SAM) as sam:
        await sam.say("who owes us money")
        await sam.sees("As of")
        shown = text_of(sam.page).count("P-1 ")
        await sam.say("show P-1")
        await sam.sees(rf"(P-1 .*){{{shown + 1}}}")


async def test_a_card_that_cannot_be_drawn_keeps_no_other_waiting(
    place: Town,
) -> None:
    await _proposed(place)
    first = await place.proposal("P-1")
    broken = await place.parts.desk.want(first.id, "no place at all")
    await _proposed(place, "add customer Blue Heron Cafe", "P-2")

    await _approved(place, "P-2")

    await place.status("P-2", Status.APPLIED)
    assert broken.message is None


async def test_a_platform_that_takes_nothing_keeps_no_approved_change_waiting(
    place: Town,
) -> None:
    kept = 12
    for nth in range(kept):
        message = ChatMessage(
            f"waits-{nth}",
            Sender("console", "main", SAM),
            Place("console", "main", SAM),
            "which company is this",
            place.clock(),
        )
        await place.parts.clerk.accept(message)
    place.clock.advance(minutes=2)
    far = _FarOff(place)
    place.parts.voice.platforms = {"console": far}  # type: ignore[dict-item]

    async with asyncio.timeout(30):
        await program._catch_up(place.parts)

    assert far.asked == kept


class _FarOff:
    """A platform that takes ten seconds to take nothing."""

    def __init__(self, place: Town) -> None:
        self.asked = 0
        self._place = place

    async def send(self, *_: object) -> str:
        self.asked += 1
        self._place.clock.advance(seconds=10)
        raise SendFailed("it does not answer")


async def test_what_is_under_way_is_not_begun_again_when_the_clock_jumps(
    place: Town,
) -> None:
    async def begun() -> bool | None:
        return bool(place.parts.clerk._in_hand) or None

    await place.order(match={"operation": "report"}, delay_before_seconds=3)
    async with place.visit(SAM) as sam:
        await sam.say("profit and loss this year")
        await eventually(begun)
        place.clock.advance(minutes=2)
        await place.parts.clerk.resume()
        await sam.sees("Net Income")
        await place.parts.background.rest()
        await sam.sees("Net Income")

    assert text_of(sam.page).count("own profit and loss report") == 1


async def test_a_correction_that_a_stop_interrupted_is_not_made_again(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
        await sam.say("make it 12 hours instead")
        await sam.sees("10 → 12")
        await place.parts.background.rest()
        async with place.parts.engine.begin() as connection:
            await connection.execute(
                text(
                    "UPDATE inbox SET done_at = NULL"
                    " WHERE payload LIKE '%make it 12 hours%'"
                )
            )
        place.clock.advance(minutes=2)
        await place.parts.clerk.resume()
        await sam.sees("10 → 12")

        assert "What should stand on it" not in text_of(sam.page)
    assert (await place.proposal("P-1")).revision == 2
