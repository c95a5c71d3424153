"""Proposals changed in words that name them, and what is not understood."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.proposal import Status
from tests.conversations.town import ALEX, SAM, Town, text_of, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


async def test_a_proposal_is_changed_by_its_number_and_by_an_answer(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("invoice Acme West for 10 hours consulting, net 30")
        await sam.sees("P-1")
        await sam.say("make P-1 12 hours")
        shown = await sam.sees("P-1 was changed; revision 2 is below")
        assert "Line 1, quantity 10 → 12" in shown

        await sam.say("void invoice 1042")
        await sam.sees("P-2")
        await sam.say("make it 14 hours instead")
        asked = await sam.sees(r"Which proposal\? Please")
        assert "P-1" in asked
        await sam.say("P-1")
        await sam.sees("Line 1, quantity 12 → 14")

        await sam.say("change the due date of P-2 to Dec 15")
        await sam.sees("P-2 has no due date to change. Nothing has been changed.")
    changed = await place.status("P-1", Status.PENDING)
    assert changed.revision == 3
    assert changed.draft.lines[0].quantity == 14


async def test_an_invoice_of_somebody_else_is_asked_about(place: Town) -> None:
    found = await place.query("SELECT * FROM Invoice WHERE DocNumber = '1042'")
    owner = found["Invoice"][0]["CustomerRef"]["name"]
    other = "Acme West" if owner != "Acme West" else "Tidewater Hotel"
    async with place.visit(SAM) as sam:
        await sam.say(f"void 1042 for {other}")
        asked = await sam.sees("Which invoice do you mean")
        await sam.say(f"void 1042 for {owner}")
        await sam.sees("P-2")
    assert f"Invoice 1042 is of {owner}, not of {other}." in asked
    assert "Nothing has been proposed" in asked
    assert (await place.status("P-2", Status.PENDING)).draft.action == "invoice.void"


async def test_a_bill_of_another_vendor_is_asked_about(place: Town) -> None:
    found = await place.query("SELECT * FROM Bill WHERE Balance > '0'")
    bill = next(each for each in found["Bill"] if each.get("DocNumber", "").isdigit())
    number, owner = bill["DocNumber"], bill["VendorRef"]["name"]
    other = "Quick Print" if owner != "Quick Print" else "Metro Water"
    async with place.visit(SAM) as sam:
        await sam.say(f"pay {other} bill {number} in full from checking")
        asked = await sam.sees("Which bill do you mean")
    assert f"Bill {number} is of {owner}, not of {other}." in asked
    assert "Nothing has been proposed" in asked


async def test_what_was_said_half_an_hour_ago_is_no_longer_corrected(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("invoice Acme West for 10 hours consulting, net 30")
        await sam.sees("P-1")
        place.clock.advance(minutes=31)
        await sam.say("make it 12 hours")
        await sam.sees(r"Which proposal\? Please")
    assert (await place.status("P-1", Status.PENDING)).revision == 1


async def test_help_teaches_with_these_books_and_misses_are_counted_masked(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("help")
        guide = await sam.sees("What I can do")
        assert "Fixed words" in guide
        assert "delegate Luis until Friday" in guide
        assert "freeze" not in guide, "words that Sam may not give"
        await sam.say("invocez zephyr cycls overdoo 1042 for $55.10 bob@x.example")
        await sam.sees("I am not sure what you mean")
        page = text_of(sam.page)
    async with place.visit(ALEX) as alex:
        await alex.say("help")
        assert 'freeze "reason"' in await alex.sees("What I can do")
        # As one would say it in Slack.
        await alex.say('/countersign freeze "a look at the trail"')
        await alex.sees("a look at the trail")
        # Words that begin as an order and are none: which there are.
        await alex.say("policy banana")
        listed = await alex.sees("I know these words")
        assert "“policy replay 90”" in listed
        assert "freeze" not in listed.rpartition("I know these words")[2]
    counted = await place.parts.back.misses.counted()

    assert "Nothing has been changed." in page
    assert [(each.times, each.words) for each in counted] == [
        (1, "invocez ‹name› overdoo ‹number› for ‹number› ‹e-mail›")
    ]
