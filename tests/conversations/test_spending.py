"""Bills and expenses from a sentence to the books, through the whole program."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.proposal import Status
from tests.conversations.town import PRIYA, SAM, Town, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


async def test_a_bill_is_corrected_and_posted_and_an_expense_is_chosen(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("bill from Metro Water 86.20 for utilities, ref T-9")
        await sam.sees("Bill from Metro Water for .86.20")
        await sam.say("no, 450")
        await sam.sees("P-1 was changed; revision 2 is below")
    async with place.visit(PRIYA) as priya:
        await priya.sees("Changed in revision 2")
        await priya.press("approve")
    bill = await place.status("P-1", Status.APPLIED)
    async with place.visit(SAM) as sam:
        await sam.say("put the Zoom expense under travel")
        await sam.sees("Which one do you mean?")
        await sam.say("the second one")
        await sam.sees("under Travel")
    async with place.visit(PRIYA) as priya:
        await priya.sees("under Travel")
        await priya.press("approve")
    # The number of the question is not used again.
    other = await place.status("P-3", Status.APPLIED)

    assert bill.revision == 2
    assert str(bill.draft.total) == "$450.00"
    assert bill.receipts[0].doc_number == "T-9"
    assert other.draft.action == "expense.categorize"
    assert [each.entity for each in other.receipts] == ["Purchase"]
