"""Undoing what was posted, spoken and pressed, against the simulated QuickBooks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from approvals.proposal import Proposal, Status
from tests.conversations.town import PRIYA, SAM, Town, text_of, town

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


async def done(place: Town, text: str, number: str) -> Proposal:
    """Asked by Sam, approved by Priya, posted and read back."""
    async with place.visit(SAM) as sam:
        await sam.say(text)
        await sam.sees(number)
    return await approved(place, number)


async def approved(place: Town, number: str) -> Proposal:
    await place.status(number, Status.PENDING)
    async with place.visit(PRIYA) as priya:
        await priya.sees(number)
        await priya.press("approve")
    await place.status(number, Status.APPLIED)
    place.clock.advance(minutes=1)
    await place.parts.desk.resume()
    return await place.proposal(number)


async def record(place: Town, entity: str, record_id: str) -> dict[str, Any]:
    found = await place.query(f"SELECT * FROM {entity} WHERE Id = '{record_id}'")
    (one,) = found[entity]
    return dict(one)


async def test_a_pressed_undo_voids_the_invoice_after_an_approval(
    place_on: Town,
) -> None:
    posted = await done(place_on, ASK, "P-1")
    async with place_on.visit(SAM) as sam:
        await sam.sees("Can be undone until")
        await sam.press("undo")
        card = await sam.sees("P-2")
    await approved(place_on, "P-2")

    number = posted.receipts[0].doc_number
    assert f"Undo P-1: void invoice {number} of Acme West" in card
    voided = await record(place_on, "Invoice", posted.receipts[0].record_id)
    assert voided["TotalAmt"] == voided["Balance"] == 0
    undo = await place_on.proposal("P-2")
    original = await place_on.proposal("P-1")
    assert (undo.undoes, original.undone_by) == ("P-1", "P-2")
    assert undo.receipts[0].differences == ()
    async with place_on.visit(SAM) as sam:
        await sam.sees("Taken back by P-2")


async def test_undo_without_a_number_means_what_was_done_last(place: Town) -> None:
    await done(place, ASK, "P-1")
    async with place.visit(SAM) as sam:
        await sam.say("undo that")
        card = await sam.sees("P-2")
    assert "Undo P-1: void invoice" in card
    assert (await place.status("P-2", Status.PENDING)).undoes == "P-1"


async def test_who_undoes_cannot_approve_it(place: Town) -> None:
    await done(place, ASK, "P-1")
    async with place.visit(PRIYA) as priya:
        await priya.sees("Can be undone until")
        await priya.press("undo")
        shown = await priya.sees("P-2")

    assert "You asked for this" in shown
    undo = await place.proposal("P-2")
    assert undo.requester_id == PRIYA


async def test_a_second_undo_is_denied_until_the_first_has_ended(place: Town) -> None:
    await done(place, ASK, "P-1")
    async with place.visit(SAM) as sam:
        await sam.say("undo P-1")
        await sam.sees("P-2")
        await sam.say("undo 1")
        await sam.sees("P-2 proposes to take P-1 back already")
    async with place.visit(PRIYA) as priya:
        await priya.sees("P-2")
        await priya.press("reject", reason="it is right")
    await place.status("P-2", Status.REJECTED)
    assert (await place.proposal("P-1")).undone_by is None

    async with place.visit(SAM) as sam:
        await sam.say("undo P-1")
        await place.status("P-3", Status.PENDING)
    await approved(place, "P-3")
    async with place.visit(SAM) as sam:
        await sam.say("undo P-1")
        await sam.sees("P-1 was taken back by P-3 already")

    assert (await place.proposal("P-1")).undone_by == "P-3"


async def test_an_undo_after_a_part_payment_is_a_credit_memo(place: Town) -> None:
    posted = await done(place, ASK, "P-1")
    number = posted.receipts[0].doc_number
    await done(place, f"Acme West paid 500 for invoice {number}", "P-2")

    async with place.visit(SAM) as sam:
        await sam.say("undo P-1")
        shown = await sam.sees("P-3")
    undo = await approved(place, "P-3")

    assert f"$500.00 of invoice {number} is paid" in shown
    memo = await record(place, "CreditMemo", undo.receipts[0].record_id)
    assert memo["TotalAmt"] == 1500
    assert "Ref P-3" in memo["PrivateNote"]
    invoice = await record(place, "Invoice", posted.receipts[0].record_id)
    assert (invoice["TotalAmt"], invoice["Balance"]) == (1500, 1000)


async def test_a_payment_is_taken_back_and_the_invoice_open_again(
    place: Town,
) -> None:
    posted = await done(place, ASK, "P-1")
    number = posted.receipts[0].doc_number
    paid = await done(place, f"Acme West paid 500 for invoice {number}", "P-2")

    async with place.visit(SAM) as sam:
        await sam.say("undo P-2")
        shown = await sam.sees("P-3")
    await approved(place, "P-3")

    assert f"Open on invoice {number}" in shown
    invoice = await record(place, "Invoice", posted.receipts[0].record_id)
    payment = await record(place, "Payment", paid.receipts[0].record_id)
    assert invoice["Balance"] == 1500
    assert payment["TotalAmt"] == 0


async def test_a_customer_gets_back_what_was_changed(place: Town) -> None:
    found = await place.query("SELECT * FROM Customer WHERE DisplayName = 'Acme West'")
    before = found["Customer"][0]["PrimaryEmailAddr"]["Address"]
    posted = await done(
        place, "change the email of Acme West to new@acme.example", "P-1"
    )
    customer_id = posted.receipts[0].record_id
    changed = await record(place, "Customer", customer_id)

    async with place.visit(SAM) as sam:
        await sam.say("undo P-1")
        await sam.sees("P-2")
    await approved(place, "P-2")

    assert changed["PrimaryEmailAddr"]["Address"] == "new@acme.example"
    after = await record(place, "Customer", customer_id)
    assert after["PrimaryEmailAddr"]["Address"] == before


async def test_what_cannot_be_undone_is_said_plainly(place: Town) -> None:
    posted = await done(place, ASK, "P-1")
    number = posted.receipts[0].doc_number
    await done(place, f"send invoice {number}", "P-2")
    await done(place, f"void invoice {number}", "P-3")

    async with place.visit(SAM) as sam:
        await sam.say("undo P-2")
        await sam.sees("An e-mail that went out cannot be called back")
        await sam.say("undo P-3")
        await sam.sees("QuickBooks cannot bring back what was voided")
        await sam.say("undo P-1")
        await sam.sees("voided already; there is nothing to undo")

    waiting = await place.parts.desk.proposals(
        "main", statuses=frozenset({Status.PENDING})
    )
    assert waiting == ()


async def test_after_its_time_the_undo_is_offered_no_longer(place: Town) -> None:
    await done(place, ASK, "P-1")
    place.clock.advance(hours=25)
    await place.parts.desk.resume()
    await place.parts.notices.catch_up()

    async with place.visit(SAM) as sam:
        await sam.get("/console/")
        assert "Can be undone until" not in text_of(sam.page)
        await sam.say("undo P-1")
        await sam.sees("The time in which P-1 could be undone from here is over")

    assert (await place.proposal("P-1")).undo_until is None
