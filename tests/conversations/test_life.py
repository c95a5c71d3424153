"""What becomes of a posted invoice in QuickBooks, and what people hear of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.proposal import Happening, Proposal, Status
from tests.conversations.town import (
    ALEX,
    COMPANY,
    PRIYA,
    REALM,
    SAM,
    Town,
    eventually,
    text_of,
    town,
)

ASK = "invoice Acme West for 10 hours consulting, net 30"


@pytest.fixture
async def place(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, database_url=database_url) as made:
        yield made


async def _posted(place: Town, words: str = ASK, number: str = "P-1") -> Proposal:
    async with place.visit(SAM) as sam:
        await sam.say(words)
        await sam.sees(number)
    await _approved(place, number)
    await place.status(number, Status.APPLIED)

    async def compared() -> Proposal | None:
        found = await place.proposal(number)
        return found if found.receipts[0].compared else None

    applied = await eventually(compared)
    assert applied.receipts[0].differences == ()
    return applied


async def _approved(place: Town, number: str) -> None:
    async with place.visit(PRIYA) as priya:
        await priya.sees(number)
        await priya.press("approve")


def _id(proposal: Proposal) -> str:
    return proposal.receipts[0].record_id


async def _life(place: Town, number: str = "P-1") -> list[str]:
    return [each.text for each in (await place.proposal(number)).life]


async def _kinds(place: Town, number: str = "P-1") -> list[str]:
    found: tuple[Happening, ...] = (await place.proposal(number)).life
    return [each.kind for each in found]


async def _chat(place: Town, person: str) -> str:
    async with place.visit(person) as visitor:
        await visitor.get("/console/")
        return text_of(visitor.page)


async def test_an_invoice_paid_in_two_parts_says_so_and_its_asker_is_told_once(
    place: Town,
) -> None:
    invoice = _id(await _posted(place))
    await place.looked()
    assert await _life(place) == []

    await place.pay(invoice, "1000", "2026-11-23")
    await place.looked()
    await place.looked()
    assert await _life(place) == ["Part-paid: $500.00 of $1,500.00 open, 23 Nov 2026"]
    second = await place.pay(invoice, "500", "2026-11-24")
    await place.looked()

    assert (await _life(place))[1:] == ["Paid in full, 24 Nov 2026"]
    for person in (SAM, PRIYA):
        assert "Paid in full, 24 Nov 2026" in await _chat(place, person)
    told = "is paid in full, 24 Nov 2026."
    assert (await _chat(place, SAM)).count(told) == 1
    assert told not in await _chat(place, PRIYA)

    # The payment goes again, and comes again: the card follows, nobody is told twice.
    await place.undo("Payment", second, "delete")
    await place.looked()
    await place.pay(invoice, "500", "2026-11-25")
    await place.looked()
    assert await _kinds(place) == ["part-paid", "paid", "part-paid", "paid"]
    assert (await _chat(place, SAM)).count("is paid in full") == 1
    assert "not by a proposal" not in await _chat(place, ALEX)


async def test_an_invoice_e_mailed_by_hand_says_so(place: Town) -> None:
    invoice = _id(await _posted(place))
    token = await place.parts.connection.token(COMPANY)
    answer = await place.http.post(
        f"{place.simulator.url}/v3/company/{REALM}/invoice/{invoice}/send",
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/octet-stream",
            "Accept": "application/json",
        },
    )
    answer.raise_for_status()
    await place.looked()

    assert await _kinds(place) == ["sent"]
    assert (await _life(place))[0].startswith("E-mailed from QuickBooks, ")


@pytest.mark.parametrize(
    ("operation", "said"), [("void", "Voided"), ("delete", "Deleted")]
)
async def test_what_is_undone_by_hand_shows_and_the_admins_hear_of_it_once(
    place: Town, operation: str, said: str
) -> None:
    invoice = _id(await _posted(place))
    await place.looked()

    await place.undo("Invoice", invoice, operation)
    await place.looked()
    await place.looked()

    assert await _kinds(place) == [f"{said.lower()}"]
    for person in (SAM, PRIYA):
        assert f"{said} in QuickBooks, " in await _chat(place, person)
    heard = await _chat(place, ALEX)
    assert heard.count(f"was {said.lower()} in QuickBooks after it was posted") == 1
    assert "$1,500.00" in heard
    assert "after it was posted" not in await _chat(place, SAM)


async def test_a_changed_amount_is_reported_with_old_and_new_once_each_time(
    place: Town,
) -> None:
    applied = await _posted(place)
    invoice = _id(applied)
    await place.looked()
    record = await place.document("Invoice", invoice)
    (line,) = [e for e in record["Line"] if e["DetailType"] == "SalesItemLineDetail"]
    more = {
        **line,
        "Amount": 1800.0,
        "SalesItemLineDetail": {**line["SalesItemLineDetail"], "Qty": 12},
    }

    await place.change("Invoice", invoice, Line=[more])
    await place.looked()
    await place.looked()
    heard = await _chat(place, ALEX)
    await place.change("Invoice", invoice, Line=[line])
    await place.looked()
    await place.change("Invoice", invoice, Line=[more])
    await place.looked()

    assert await _kinds(place) == ["changed", "restored", "changed"]
    for words in ("As posted", "In QuickBooks now", "$1,500.00", "$1,800.00"):
        assert words in heard
    # Looked at twice it is told once; changed once more it is told once more.
    assert heard.count("was changed in QuickBooks") == 1
    assert (await _chat(place, ALEX)).count("was changed in QuickBooks") == 2
    assert "Changed in QuickBooks, " in await _chat(place, SAM)
    assert "$1,500.00 → $1,800.00" in " ".join(await _life(place))


async def test_what_a_later_proposal_does_is_not_reported(place: Town) -> None:
    applied = await _posted(place)
    number = applied.receipts[0].doc_number
    await place.looked()

    await _posted(place, f"void invoice {number}", "P-2")
    await place.looked()

    assert (await _life(place))[0].endswith("(P-2)")
    assert await _kinds(place) == ["voided"]
    assert await _kinds(place, "P-2") == []
    assert "after it was posted" not in await _chat(place, ALEX)


async def test_a_payment_of_ours_shows_on_the_invoice_and_alarms_nobody(
    place: Town,
) -> None:
    applied = await _posted(place)
    number = applied.receipts[0].doc_number
    await place.looked()

    await _posted(place, f"Acme West paid 1500 for invoice {number}", "P-2")
    await place.looked()

    assert await _kinds(place) == ["paid"]
    assert "after it was posted" not in await _chat(place, ALEX)


async def test_a_customer_changed_by_hand_is_reported_by_the_fields_that_were_set(
    place: Town,
) -> None:
    await _posted(place, "add customer Birch Lane Bakery, email a@birch.example", "P-1")
    await place.looked()

    await place.edit(
        "Customer",
        "Birch Lane Bakery",
        PrimaryEmailAddr={"Address": "evil@birch.example"},
        Notes="a note that nobody proposed",
    )
    await place.looked()

    heard = await _chat(place, ALEX)
    assert "a@birch.example" in heard
    assert "evil@birch.example" in heard
    assert "a note that nobody proposed" not in heard
    assert await _kinds(place) == ["changed"]


async def test_a_stop_after_the_change_was_noted_loses_nothing_and_doubles_nothing(
    place: Town,
) -> None:
    invoice = _id(await _posted(place))
    await place.looked()
    await place.undo("Invoice", invoice, "void")
    await place.parts.ledger.sync(COMPANY)
    # Noted, and stopped before anybody looked; then two processes look at once.
    await place.parts.follower._note(COMPANY)

    await asyncio.gather(*(place.parts.follower.catch_up() for _ in range(4)))
    await place.looked()

    assert await _kinds(place) == ["voided"]
    assert (await _chat(place, ALEX)).count("after it was posted") == 1
    trail = [
        line.event
        for line in await place.parts.desk.trail((await place.proposal("P-1")).id)
    ]
    assert trail.count("life") == 1


async def test_a_record_is_followed_only_for_so_long(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, COUNTERSIGN_WATCH_DAYS="10") as place:
        invoice = _id(await _posted(place))
        await place.looked()
        place.clock.advance(days=11)

        await place.undo("Invoice", invoice, "void")
        await place.looked()

        assert await _life(place) == []
