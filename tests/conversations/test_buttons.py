"""What the buttons of answers do, in the console."""

import csv
import io
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook

from approvals.proposal import Status
from bot import app as program
from tests.conversations.town import (
    PRIYA,
    SAM,
    Town,
    Visitor,
    eventually,
    text_of,
    town,
)

PICTURE = b"\x89PNG"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        yield made


async def _file(sam: Visitor, ending: str) -> tuple[str, bytes]:
    """The newest file with that ending in the transcript: its name and content."""

    async def looked() -> tuple[str, str] | None:
        await sam.get("/console/")
        links = re.findall(
            r'href="(/console/files/[^"]+)" download>.*?<span>([^<]*)<',
            sam.page,
            re.DOTALL,
        )
        found = [pair for pair in links if pair[1].endswith(ending)]
        return found[-1] if found else None

    address, name = await eventually(looked, lambda: sam.page)
    answer = await sam._browser.get(address)
    assert answer.status_code == httpx.codes.OK
    return unescape(name), answer.content


async def test_files_and_charts_hold_all_rows_and_are_for_their_reader(
    place: Town,
) -> None:
    wanted = await place.query(
        "SELECT * FROM Invoice WHERE Balance > '0' MAXRESULTS 999"
    )
    numbers = {each["DocNumber"] for each in wanted["Invoice"]}
    async with place.visit(SAM) as sam:
        await sam.say("open invoices")
        await sam.sees("As of")

        await sam.press("answer.csv")
        name, content = await _file(sam, "csv")
        await sam.press("answer.xlsx")
        _, book = await _file(sam, "xlsx")
        await sam.press("answer.chart")
        await sam.sees("Open invoices 39|Open invoices")
        page = await sam.get("/console/")
        address = unescape(re.findall(r'<img src="(/console/charts/[^"]+)"', page)[-1])
        picture = await sam._browser.get(address)
        async with place.visit(PRIYA) as priya:
            foreign = await priya._browser.get(address)

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    head = next(at for at, row in enumerate(rows) if row[:1] == ["Invoice"])
    assert re.fullmatch(r"Open invoices \d{4}-\d\d-\d\d\.csv", name)
    assert rows[0] == ["Company", "Harbour & Pine Landscaping [SIMULATED]"]
    assert {row[0] for row in rows[head + 1 : -1]} == numbers
    assert len(numbers) > 20
    sheet = load_workbook(io.BytesIO(book))["Rows"]
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {*numbers, "Total"}
    assert picture.content.startswith(PICTURE)
    assert foreign.status_code == httpx.codes.NOT_FOUND


async def test_a_customer_read_anew_is_whole_and_found_by_its_new_name(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        found = await place.query("SELECT * FROM Invoice WHERE Balance > '0'")
        due = max(found["Invoice"], key=lambda each: each["Balance"])
        name = due["CustomerRef"]["name"]
        await sam.say(f"show me {name}")
        await sam.sees("Outstanding")
        before = text_of(sam.page)
        await place.pay(due["Id"], str(due["Balance"]), "2026-11-20")
        await place.edit("Customer", name, DisplayName="Renamed Meanwhile")

        await sam.press("answer.refresh")
        shown = await sam.sees("Read from QuickBooks at")

    assert "Renamed Meanwhile" in shown
    assert "journal entries" not in shown
    assert before.count("Overdue") >= shown.count("Overdue")


async def test_a_record_is_read_anew_and_a_reminder_is_proposed_once(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("overdue invoices")
        await sam.sees("As of")
        found = await place.query("SELECT * FROM Invoice WHERE Balance > '0'")
        due = min(found["Invoice"], key=lambda each: each["DueDate"])
        await sam.say(f"show invoice {due['DocNumber']}")
        await sam.sees(f"Invoice {due['DocNumber']} for")
        await place.change("Invoice", due["Id"], PrivateNote="Called on Monday")
        before = len(await place.requests(f"/invoice/{due['Id']}", "GET"))

        await sam.press("answer.refresh")
        shown = await sam.sees("Called on Monday")
        reads = len(await place.requests(f"/invoice/{due['Id']}", "GET")) - before
        button = sam.button("answer.propose")
        await sam.press("answer.propose")
        proposal = await place.status("P-1", Status.PENDING)
        await sam.get("/console/")
        again = await sam.post("/console/press", **button, event="another")
        forged = {**button, "verb": "answer.csv"}
        await sam.post("/console/press", **forged, event="forged")

    assert reads == 1
    assert "Read from QuickBooks at" in shown
    assert shown.count(f"Invoice {due['DocNumber']} for") == 1
    assert proposal.draft.change is not None
    assert "invoice.send" in proposal.draft.change
    assert "P-1 was proposed by this button before" in text_of(again)
    assert "I do not know that button" in text_of(sam.page)
    assert len(await place.parts.desk.proposals(program.WORKSPACE)) == 1
