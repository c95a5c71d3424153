"""Corrections, edits and what moved meanwhile, through the whole program."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.proposal import Status
from bot.understanding.confidence import CONFIRMED
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


async def _proposed(place: Town, text: str = ASK) -> None:
    async with place.visit(SAM) as sam:
        await sam.say(text)
        await sam.sees("P-1")


async def test_a_correction_locks_the_card_above_and_shows_what_differs(
    place_on: Town,
) -> None:
    await _proposed(place_on)
    async with place_on.visit(SAM) as sam:
        await sam.say("make it 12 hours instead")
        shown = await sam.sees("P-1 was changed; revision 2 is below")
        page = sam.page
    async with place_on.visit(PRIYA) as priya:
        private = await priya.sees("Changed in revision 2")
        await priya.press("approve")
    applied = await place_on.status("P-1", Status.APPLIED)

    old, new = shown.split("P-1 was changed; revision 2 is below", 1)
    assert "What it was" in new
    assert "Quantity" not in old
    # One copy in the thread can be pressed, and it is the newer one.
    assert page.count('data-verb="withdraw"') == 1
    assert page.index("P-1 was changed") < page.index('data-verb="withdraw"')
    for told in (new, private):
        assert "Line 1, quantity 10 → 12" in told
        assert "Line 1, amount $1,500.00 → $1,800.00" in told
        assert "Changed by Sam Rivera" in told
    assert applied.revision == 2
    assert applied.draft.lines[0].quantity == 12
    assert "make it 12 hours instead" in applied.words


async def test_an_edit_by_somebody_else_stays_when_a_correction_follows(
    place: Town,
) -> None:
    await _proposed(place)
    async with place.visit(PRIYA) as priya:
        page = await priya.get("/console/proposals/P-1/edit")
        assert "cannot approve P-1" in text_of(page)
        await priya.post(
            "/console/proposals/P-1/edit",
            **{
                "revision": "1",
                "event": "e1",
                "do": "save",
                "customer": "Acme West",
                "terms": "Net 30",
                "line.0.item": "Consulting",
                "line.0.quantity": "10",
                "line.0.rate": "160",
            },
        )
        assert "revision 2 of P-1 waits" in text_of(priya.page)
    async with place.visit(SAM) as sam:
        told = await sam.sees("Priya Nair changed P-1")
        await sam.say("make it 12 hours instead")
        shown = await sam.sees("Changed in revision 3")
        await sam.sees("P-1 was changed; revision 3 is below")
    third = await place.proposal("P-1")

    assert "so somebody else has to approve it" in told
    assert "Line 1, rate" not in shown.split("Changed in revision 3")[1]
    assert third.draft.lines[0].rate == 160
    assert str(third.draft.total) == "$1,920.00"
    # Priya made a revision of it, so she never approves it.
    async with place.visit(PRIYA) as priya:
        page = await priya.get("/console/proposals/P-1")
    assert 'data-verb="approve"' not in page


async def test_a_press_on_records_that_moved_posts_nothing_and_offers_the_same_anew(
    place_on: Town,
) -> None:
    before = await place_on.invoices()
    await _proposed(place_on)
    await place_on.edit("Item", "Consulting", UnitPrice=160)

    async with place_on.visit(PRIYA) as priya:
        await priya.sees("P-1")
        await priya.press("approve")
    stale = await place_on.status("P-1", Status.STALE)
    assert await place_on.invoices() == before
    async with place_on.visit(SAM) as sam:
        card = await sam.sees("As it would be proposed afresh")
        await sam.press("renew")
        await sam.sees("P-2")
        renewed = await sam.sees("Changed against the one that went out of date")
    async with place_on.visit(PRIYA) as priya:
        await priya.sees("P-2")
        await priya.press("approve")
    await place_on.status("P-2", Status.APPLIED)

    assert any("was 150 and is now 160" in each for each in stale.moved)
    assert stale.receipts == ()
    for shown in (card, renewed):
        assert "Line 1, rate 150 → 160" in shown
        assert "Line 1, amount $1,500.00 → $1,600.00" in shown
    assert await place_on.invoices() == before + 1


async def test_a_question_about_a_correction_names_the_proposal_that_is_over(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("invoice Acme West $450 for consulting")
        await sam.sees("P-1")
    async with place.visit(PRIYA) as priya:
        await priya.sees("P-1")
        await priya.press("reject", reason="too much")
    await place.status("P-1", Status.REJECTED)
    async with place.visit(SAM) as sam:
        await sam.say("make it 15 hours")
        await sam.sees("P-1 is already rejected, so I cannot change it. For a second")


async def test_what_is_read_too_unsurely_is_asked_and_proposed_on_a_yes(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say(
            "northgate schol paid 2 grand cash on 03/04 because i suppose luigi said so"
        )
        asked = await sam.sees("I am not sure that I understood you")
        none = await place.parts.desk.by_number("main", "P-1")
        await sam.press("second")
        await sam.sees("P-1")
    proposal = await place.proposal("P-1")

    assert none is None
    assert "“suppose” sounds as if it were not sure." in asked
    assert "customer Northgate School; amount 2000.00" in asked
    assert "Nothing has been proposed or changed." in asked
    # A yes to our reading does not make the words any surer.
    assert proposal.confidence == place.parts.desk.asks_again_below
    assert "“suppose” sounds as if it were not sure." in proposal.doubts
    assert proposal.doubts[-1] == CONFIRMED
    assert "luigi said so" in proposal.words


async def test_a_correction_does_not_make_what_it_leaves_any_surer(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("bill northgate schol for 3 consulting")
        await sam.sees("Read with 92 % certainty")
        await sam.say("make it 12 hours instead")
        await sam.sees("Changed in revision 2")
    proposal = await place.proposal("P-1")

    assert proposal.revision == 2
    assert proposal.confidence is not None
    assert proposal.confidence <= 92
    assert "“northgate schol” was read as Northgate School." in proposal.doubts


async def test_how_surely_it_was_read_stands_on_the_card(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("bill northgate schol for 3 consulting")
        shown = await sam.sees("Read with")
    proposal = await place.proposal("P-1")

    assert (
        "Read with 92 % certainty: “northgate schol” was read as Northgate School."
        in shown
    )
    assert proposal.confidence == 92
