"""Corrections, edits and what moved meanwhile, through the whole program."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.proposal import Status
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
    assert (applied.revision, applied.draft.lines[0].quantity) == (2, 12)
    assert "make it 12 hours instead" in applied.words
