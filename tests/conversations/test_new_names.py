"""A new name: looked for first, made first, and taken meanwhile; over real buttons."""

import re
import secrets
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from approvals.proposal import Proposal, Status
from bot import app as program
from tests.conversations.town import PRIYA, SAM, Town, Visitor, text_of, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


async def press(visitor: Visitor, label: str) -> str:
    """Press the newest button with that label."""
    for form in reversed(re.findall(r"<form.*?</form>", visitor.page, re.DOTALL)):
        for button in re.findall(r"<button.*?</button>", form, re.DOTALL):
            if text_of(button).strip() != label:
                continue
            fields = dict(
                re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
            )
            fields |= dict(re.findall(r'data-(verb|token)="([^"]*)"', button))
            return await visitor.post(
                "/console/press",
                verb=unescape(fields["verb"]),
                token=unescape(fields["token"]),
                message=unescape(fields.get("message", "")),
                event=secrets.token_hex(8),
            )
    raise AssertionError(f"no button {label} on the page:\n{text_of(visitor.page)}")


async def approved(place: Town, number: str) -> None:
    async with place.visit(PRIYA) as priya:
        await priya.sees(number)
        await priya.press("approve")


async def _latest(place: Town) -> Proposal:
    found = await place.parts.desk.proposals(
        program.WORKSPACE, statuses=frozenset({Status.PENDING})
    )
    return max(found, key=lambda each: int(each.number.removeprefix("P-")))


async def test_a_missing_customer_is_made_first_and_the_invoice_goes_on(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("invoice Riverdale Farm for 10 hours consulting, net 15")
        await sam.sees("I know no customer called")
        await press(sam, "Create Riverdale Farm first")
        await sam.sees("P-1")
        await sam.say("make it net 60")
        await sam.sees("Changed in revision 2")
        await approved(place, "P-1")
        await place.status("P-1", Status.APPLIED)

        await sam.sees("Propose the invoice for Riverdale Farm")
        await press(sam, "Propose the invoice for Riverdale Farm")
        await sam.sees("P-2")

    named = "SELECT * FROM Customer WHERE DisplayName = 'Riverdale Farm'"
    made = await place.query(named)
    invoice = await place.proposal("P-2")
    assert len(made["Customer"]) == 1
    assert invoice.status is Status.PENDING
    assert invoice.draft.heading == "Invoice Riverdale Farm for $1,500.00"
    assert "Net 15" in {each.value for each in invoice.draft.shown}
    # What the approvers read are the words that were said, and how surely.
    assert invoice.words == "invoice Riverdale Farm for 10 hours consulting, net 15"
    assert invoice.confidence is not None


async def test_who_is_there_already_is_offered_before_anybody_is_asked(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("add customer Tidewater Hotell")
        page = await sam.sees("nearly the same name")
        assert "Use Tidewater Hotel" in page
        await press(sam, "Create Tidewater Hotell all the same")
        await sam.sees("P-2")

        await sam.say("add customer Shell Fleet")
        taken = await sam.sees("already has a vendor called Shell Fleet")
        assert "Create Shell Fleet all the same" not in taken
        await sam.say("add customer Old Mill Bakery")
        await sam.sees("the inactive customer Old Mill Bakery")
        await sam.say("invoice Old Mill Bakery for 2 hours consulting")
        await sam.sees("Which customer do you mean")
        await press(sam, "Make Old Mill Bakery active again")
        await sam.sees("Change customer Old Mill Bakery")

    insisted, revived = await place.proposal("P-2"), await _latest(place)
    assert insisted.draft.action == "customer.create"
    assert any("Tidewater Hotel, nearly" in each.text for each in insisted.risks)
    assert revived.draft.action == "customer.update"
    assert any("The request that waits" in note for note in revived.draft.notes)


async def test_a_name_taken_meanwhile_ends_failed_with_who_has_it(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("add customer Riverdale Farm")
        await sam.sees("P-1")
    by_hand = await place.by_hand("Vendor", {"DisplayName": "Riverdale Farm"})

    await approved(place, "P-1")
    failed = await place.status("P-1", Status.FAILED, Status.APPLIED)

    assert failed.status is Status.FAILED
    assert "a vendor called Riverdale Farm" in (failed.reason or "")
    assert f"QuickBooks id {by_hand['Id']}" in (failed.reason or "")
