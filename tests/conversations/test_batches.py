"""Several invoices at once, from a file to the books, over HTTP only."""

import re
import secrets
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
import pytest_asyncio

from approvals import lines
from approvals.lines import Stand
from approvals.proposal import Status
from tests.conversations.town import (
    PRIYA,
    SAM,
    Town,
    Visitor,
    eventually,
    text_of,
    town,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAD = "Invoice,Customer,Date,Terms,Item,Quantity,Rate,Amount,Send\n"
GOOD = HEAD + (
    "1,Acme West,2026-11-20,Net 30,Consulting,10,150.00,,\n"
    "1,Acme West,,,Lawn Mowing,,,80.00,\n"
    "2,Acme West,2026-11-20,,Consulting,,,25.00,\n"
    "3,O'Connor & Sons,2026-11-20,,Consulting,,,31.00,\n"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(tmp_path_factory.mktemp("several")) as running:
        yield running


async def upload(
    visitor: Visitor, content: str, *, event: str = "", name: str = "october.csv"
) -> httpx.Response:
    """Hand a file in, with the token of the upload page."""
    page = await visitor.get("/console/upload")
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    browser = visitor._browser
    return await browser.post(
        "/console/upload",
        data={"csrf": unescape(found[1]), "event": event or secrets.token_hex(8)},
        files={"file": (name, content.encode(), "text/csv")},
        headers={"Origin": str(browser.base_url).rstrip("/")},
    )


async def newest(place: Town) -> str:
    """The number of the last proposal."""
    found = await place.parts.desk.proposals("main", limit=1)
    return max(
        (each.number for each in found),
        key=lambda number: int(number.removeprefix("P-")),
        default="P-0",
    )


async def item_names(place: Town) -> list[str]:
    found = await place.query("SELECT * FROM Item MAXRESULTS 100")
    return [each["Name"] for each in found["Item"]]


async def uploaded(place: Town, visitor: Visitor, content: str) -> str:
    """The number of the proposal that a file has become."""
    before = await newest(place)
    await upload(visitor, content)

    async def looked() -> str | None:
        now = await newest(place)
        return now if now != before else None

    return await eventually(looked, lambda: text_of(visitor.page))


async def test_a_file_becomes_one_proposal_and_is_posted(place: Town) -> None:
    before = await place.invoices()
    async with place.visit(SAM) as sam, place.visit(PRIYA) as priya:
        number = await uploaded(place, sam, GOOD)
        shown = text_of(await sam.get(f"/console/proposals/{number}"))
        await priya.get(f"/console/proposals/{number}")
        await priya.press("approve")
        applied = await place.status(number, Status.APPLIED)
        after = text_of(await sam.get(f"/console/proposals/{number}"))
        await sam.sees(f"{number} .* is posted to QuickBooks")

    assert "3 invoices for" in shown
    assert "All 3 lines" in shown
    assert "Upload of “october.csv” (4 rows)" in shown
    assert "From the file: its invoice numbers only say" in shown
    assert applied.is_complete
    assert await place.invoices() == before + 3
    assert "All 3 invoices are in QuickBooks." in after


async def test_a_double_submit_makes_one_proposal(place: Town) -> None:
    async with place.visit(SAM) as sam:
        before = len(await place.parts.desk.proposals("main", limit=100))
        event = secrets.token_hex(8)
        for _ in range(3):
            answer = await upload(sam, GOOD, event=event)
            assert answer.status_code == httpx.codes.OK
        await sam.sees("very same file was proposed as")

    after = len(await place.parts.desk.proposals("main", limit=100))
    assert after == before + 1


async def test_nothing_is_proposed_while_a_row_cannot_be_read(place: Town) -> None:
    bad = HEAD + (
        "1,Acme Wst,2026-11-20,,Consulting,,,25.00,\n"
        "2,Acme West,20/20/2026,,Consulting,,,25.00,\n"
        "3,Acme West,2026-11-20,,Consultng,,,25.00,\n"
        "3,Acme West,2026-11-20,,Consulting,2,3.00,7.00,\n"
        "4,Old Mill Bakery,2026-11-20,,Consulting,,,=1+1,\n"
        "5,Acme West,2026-11-20,,Consulting,,,5.00,\n"
        "6,Old Mill Bakery,2026-11-20,,Consulting,,,5.00,\n"
    )
    async with place.visit(SAM) as sam:
        before = await newest(place)
        await upload(sam, bad, name="bad.csv")
        shown = await sam.sees("was not proposed")
        link = re.findall(r'href="(/console/files/[^"]+)"', sam.page)[-1]
        table = await sam.get(unescape(link))

    assert await newest(place) == before
    assert "6 of 7 rows cannot be read" in shown
    assert "There is no customer called Acme Wst" in shown
    assert "There is no such day." in shown
    assert "There is no item called Consultng" in shown
    assert "That is a formula" in shown
    assert "inactive" in shown
    rows = table.lstrip("\ufeff").splitlines()
    assert rows[0].startswith("Row,Column")
    assert any(
        row.startswith("2,Customer,Acme Wst") and "Acme West" in row for row in rows
    )
    assert any("'=1+1" in row for row in rows)


async def test_a_file_without_headings_is_answered_plainly(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await upload(sam, "hello\nworld\n", name="x.csv")
        await sam.sees("“x.csv”: The first row does not name the columns")
        await upload(sam, "PK\x03\x04", name="x.xlsx")
        await sam.sees("“x.xlsx”: That is an Excel workbook")


async def test_lines_are_left_out_by_ticking_and_in_words(place: Town) -> None:
    before = await place.invoices()
    async with place.visit(SAM) as sam, place.visit(PRIYA) as priya:
        number = await uploaded(place, sam, GOOD.replace("31.00", "32.00"))
        await priya.get(f"/console/proposals/{number}")
        old = priya.button("approve")
        page = await sam.get(f"/console/proposals/{number}")
        token = re.findall(r'name="token" value="([^"]+)"', page)[-1]
        await sam.post(
            f"/console/proposals/{number}/lines",
            token=unescape(token),
            event=secrets.token_hex(8),
            line="2",
        )
        second = await place.proposal(number)
        await sam.say(f"leave out line 2 from {number}")

        async def third() -> bool | None:
            return (await place.proposal(number)).revision == 3 or None

        await eventually(third, lambda: text_of(sam.page))
        revised = await place.proposal(number)
        await priya.post("/console/press", **old, event=secrets.token_hex(8))
        denied = text_of(priya.page)
        await priya.get(f"/console/proposals/{number}")
        await priya.press("approve")
        applied = await place.status(number, Status.APPLIED)

    assert second.revision == 2
    assert [each.name for each in lines.lines(second)] == [
        "Acme West",
        "O'Connor & Sons",
    ]
    assert revised.draft.heading.startswith("1 invoice for ")
    assert any("removed" in each.value for each in second.changes)
    assert any(note.startswith("From the file: ") for note in revised.draft.notes)
    assert "has changed since" in denied
    assert applied.is_complete
    assert await place.invoices() == before + 1


async def test_what_cannot_be_left_out_is_said(place: Town) -> None:
    async with place.visit(SAM) as sam:
        number = await uploaded(place, sam, GOOD.replace("31.00", "33.00"))
        await sam.say(f"leave out 7 from {number}")
        await sam.sees(f"{number} has no line “7”. Its lines have the numbers 1 to 3")
        await sam.say(f"leave out 1-3 from {number}")
        await sam.sees("leave nothing of")
        await sam.say("without O'Connor & Sons")
        assert (await place.proposal(number)).revision == 1
        await sam.say("leave out O'Connor & Sons")

        async def second() -> bool | None:
            return (await place.proposal(number)).revision == 2 or None

        await eventually(second, lambda: text_of(sam.page))


async def test_what_lines_were_left_out_of_is_spoken_of_from_then_on(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        older = await uploaded(place, sam, GOOD.replace("31.00", "37.00"))
        newer = await uploaded(place, sam, GOOD.replace("31.00", "38.00"))
        await sam.say(f"leave out 3 from {older}")
        await sam.sees(f"{older} was changed; revision 2 is below")
        await sam.say("leave out 1")

        async def third() -> bool | None:
            return (await place.proposal(older)).revision == 3 or None

        await eventually(third, lambda: text_of(sam.page))
    assert (await place.proposal(newer)).revision == 1


async def test_the_rest_is_proposed_again_and_posted(place: Town) -> None:
    before = await place.invoices()
    async with place.visit(SAM) as sam, place.visit(PRIYA) as priya:
        number = await uploaded(place, sam, GOOD.replace("31.00", "34.00"))
        await place.order(
            match={"path": "batch", "entity": "Invoice", "operation": "create"},
            status=400,
            code="6000",
            detail="Not today",
            times=2,
        )
        await priya.get(f"/console/proposals/{number}")
        await priya.press("approve")
        parted = await place.status(number, Status.APPLIED)
        shown = text_of(await sam.get(f"/console/proposals/{number}"))
        await sam.sees("was posted only in part")
        await sam.get(f"/console/proposals/{number}")
        await sam.press("rest")
        again = await eventually(lambda: _renewed(place, number))
        await priya.get(f"/console/proposals/{again}")
        await priya.press("approve")
        applied = await place.status(again, Status.APPLIED)
        pointer = text_of(await sam.get(f"/console/proposals/{number}"))

    stands = [each.stand for each in lines.lines(parted)]
    assert stands == [Stand.FAILED, Stand.FAILED, Stand.DONE]
    assert "Partly posted" in shown
    assert "1 of 3 invoices was posted, 2 not." in shown
    assert "Not today" in shown
    assert applied.is_complete
    assert f"proposed again as {again}" in pointer
    assert await place.invoices() == before + 3


async def _renewed(place: Town, number: str) -> str | None:
    return (await place.proposal(number)).renewed_by


async def test_all_unsent_invoices_are_one_proposal(place: Town) -> None:
    async with place.visit(SAM) as sam, place.visit(PRIYA) as priya:
        await place.edit(
            "Customer", "Acme West", PrimaryEmailAddr={"Address": "west@acme.example"}
        )
        before = await newest(place)
        await sam.say("send all unsent invoices for Acme West")

        async def looked() -> str | None:
            now = await newest(place)
            return now if now != before else None

        number = await eventually(looked, lambda: text_of(sam.page))
        proposal = await place.proposal(number)
        count = len(lines.lines(proposal))
        first = lines.lines(proposal)[0].document
        await sam.say(f"without {first}")

        async def second() -> bool | None:
            return (await place.proposal(number)).revision == 2 or None

        await eventually(second, lambda: text_of(sam.page))
        fewer = await place.proposal(number)
        sent = await place.requests("/send")
        await place.order(match={"path": "send"}, status=400, code="2210")
        await priya.get(f"/console/proposals/{number}")
        await priya.press("approve")
        applied = await place.status(number, Status.APPLIED)

    assert count >= 3
    assert fewer.confidence == proposal.confidence is not None
    states = lines.lines(applied)
    assert len(states) == len(lines.lines(fewer)) == count - 1
    assert first not in {each.document for each in states}
    assert [each.stand for each in states] == [
        Stand.FAILED,
        *[Stand.DONE] * (count - 2),
    ]
    assert len(await place.requests("/send")) == len(sent) + count - 1
