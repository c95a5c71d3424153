"""The console as a platform: what is sent, edited, whispered and delivered."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.console.site import place
from bot.console.transcript import Reader, Transcript
from bot.platform import Gone, Place, Sender, SendFailed
from cards import access, connections
from cards.card import Card, Section, Table
from qbo.books import Document
from tests.console.office import ALEX, COMPANY, NOW, SAM, Clock, Office, W, plain_card

_ROWS = "SELECT text, card FROM console_message"
SENDER = Sender("console", W, "sam", "Sam")


async def test_a_card_is_shown_to_its_person_alone(office: Office) -> None:
    await office.console.send(place(SAM), plain_card("For Sam"))
    async with office.browser() as sam, office.browser() as alex:
        await sam.be("sam")
        await alex.be("alex")

    assert "For Sam" in sam.text
    assert "For Sam" not in alex.text


async def test_an_edit_changes_the_message_in_its_place(office: Office) -> None:
    first = await office.console.send(place(SAM), plain_card("Waiting"))
    await office.console.send(place(SAM), plain_card("Something else"))

    await office.console.edit(place(SAM), first, plain_card("Applied"))

    async with office.browser() as browser:
        await browser.be("sam")
    assert "Waiting" not in browser.text
    assert browser.text.index("Applied") < browser.text.index("Something else")


async def test_editing_what_is_not_there_or_anothers_says_it_is_gone(
    office: Office,
) -> None:
    alexs = await office.console.send(place(ALEX), plain_card("For Alex"))

    with pytest.raises(Gone):
        await office.console.edit(place(SAM), "nothing", plain_card("x"))
    with pytest.raises(Gone):
        await office.console.edit(place(SAM), alexs, plain_card("x"))


async def test_a_whisper_is_marked_as_seen_by_one_person_only(office: Office) -> None:
    await office.console.whisper(SENDER, place(SAM), plain_card("Between us"))

    async with office.browser() as browser:
        await browser.be("sam")
    assert "Between us" in browser.text
    assert "Only you see this" in browser.text


PASSING = (
    access.console_link("https://books.example/console/enter?token=s3cret", 15),
    connections.invitation("https://books.example/oauth?link=s3cret", 10),
    access.link_code("s3cret", "Slack", 10),
)


@pytest.mark.parametrize("card", PASSING, ids=lambda card: card.title)
async def test_a_whispered_secret_is_shown_for_fifteen_minutes(
    office: Office, card: Card
) -> None:
    await office.console.whisper(SENDER, place(SAM), card)
    await office.console.whisper(SENDER, place(SAM), plain_card("Not yours to decide"))
    async with office.browser() as browser:
        await browser.be("sam")
        office.clock.now = NOW + timedelta(minutes=14, seconds=59)
        before = await browser.get("/console/")
        office.clock.now = NOW + timedelta(minutes=15)
        after = await browser.get("/console/")
        (first, *_) = re.findall(r'id="m-([0-9a-f]+)"', after)
        pressed = await browser.post(
            "/console/press", {"X-Console": "script"}, verb="x", message=first
        )

    assert "s3cret" in before
    assert "s3cret" not in after + pressed
    assert "This link is no longer shown." in after
    assert "Not yours to decide" in after


@pytest.mark.parametrize("card", PASSING, ids=lambda card: card.title)
async def test_a_whispered_secret_is_not_kept_for_ever(
    office: Office, engine: AsyncEngine, card: Card
) -> None:
    async def kept(what: str) -> int:
        async with engine.connect() as connection:
            rows = (await connection.execute(text(_ROWS))).all()
        return sum(what in f"{row.text} {row.card}" for row in rows)

    lasting = replace(card, title="For good", summary="For good")
    harmless = plain_card('"links":[{')
    await office.console.whisper(SENDER, place(SAM), card)
    await office.console.whisper(SENDER, place(SAM), harmless)
    await office.console.send(place(ALEX), lasting)
    office.clock.now = NOW + timedelta(minutes=10)
    await office.console.whisper(SENDER, place(SAM), card)
    await office.console.tidy()
    assert await kept("s3cret") == 3

    office.clock.now = NOW + timedelta(minutes=16)
    await office.console.tidy()
    assert await kept("s3cret") == 2
    assert await kept("This link is no longer shown.") == 1

    office.clock.now = NOW + timedelta(days=1)
    await office.console.tidy()
    await office.console.tidy()
    assert await kept("s3cret") == 1
    assert await kept("For good") == 1
    assert await kept(harmless.summary) == 1
    # Three whispers and two blankings: open pages hear of each once.
    assert await Transcript(engine, office.clock).number(Reader(W, "sam")) == 5


async def test_a_file_is_fetched_by_its_person_and_nobody_else(office: Office) -> None:
    document = Document("Invoice 1042 “Ä”.pdf", "application/pdf", b"%PDF-1.4 bytes")
    await office.console.deliver(place(SAM), document)

    async with office.browser() as sam, office.browser() as alex:
        await sam.be("sam")
        path = sam.text.partition('class="file" href="')[2].partition('"')[0]
        await sam.get(path)
        assert sam.text == "%PDF-1.4 bytes"
        assert sam.headers["Content-Type"] == "application/pdf"
        assert sam.headers["Content-Disposition"].startswith("attachment;")
        await alex.be("alex")
        await alex.get(path)
        assert alex.status == 404


async def test_a_file_of_a_type_that_browsers_would_run_is_only_bytes(
    office: Office,
) -> None:
    document = Document("a.html", "text/html", b"<script>alert(1)</script>")
    await office.console.deliver(place(SAM), document)

    async with office.browser() as browser:
        await browser.be("sam")
        path = browser.text.partition('class="file" href="')[2].partition('"')[0]
        await browser.get(path)

    assert browser.headers["Content-Type"] == "application/octet-stream"
    assert browser.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_direct_place_of_a_sender_is_their_own_console(
    office: Office,
) -> None:
    assert await office.console.direct(SENDER) == Place("console", W, "sam")


async def test_a_database_that_does_not_take_it_is_a_failed_sending(
    office: Office, engine: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE console_file"))
        await connection.execute(text("DROP TABLE console_message"))

    card = plain_card("x")
    with pytest.raises(SendFailed):
        await office.console.send(place(SAM), card)
    with pytest.raises(SendFailed):
        await office.console.edit(place(SAM), "m", card)
    with pytest.raises(SendFailed):
        await office.console.deliver(place(SAM), Document("a", "b", b"c"))


async def test_a_card_of_another_version_is_shown_by_its_summary(
    office: Office, engine: AsyncEngine
) -> None:
    await office.console.send(place(SAM), plain_card("Seen before"))
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE console_message SET card = '{}'"))

    async with office.browser() as browser:
        await browser.be("sam")

    assert '<p class="bubble">' in browser.text
    assert "Seen before" in browser.text


async def test_changes_made_at_once_have_numbers_of_their_own(
    engine: AsyncEngine,
) -> None:
    reader = Reader(W, "sam")
    one, two = Transcript(engine, Clock()), Transcript(engine, Clock())

    await asyncio.gather(
        *(each.show(reader, plain_card("x")) for each in (one, two) * 6)
    )

    changed = await one.changed(reader, 0)
    assert [each.changed for each in changed] == list(range(1, 13))
    assert await two.number(reader) == 12


async def test_one_event_said_twice_at_once_is_one_message(engine: AsyncEngine) -> None:
    reader = Reader(W, "sam")
    transcript = Transcript(engine, Clock())

    await asyncio.gather(*(transcript.said(reader, "e", "hello") for _ in range(5)))

    page = await transcript.page(reader, limit=10)
    assert [each.text for each in page.messages] == ["hello"]


async def test_a_change_is_found_after_the_number_seen_before_it(
    engine: AsyncEngine,
) -> None:
    reader = Reader(W, "sam")
    transcript = Transcript(engine, Clock())
    first = await transcript.show(reader, plain_card("one"))
    await transcript.show(reader, plain_card("two"))
    seen = (await transcript.page(reader, limit=10)).number

    await transcript.replace(reader, first, plain_card("one, changed"))

    assert [each.id for each in await transcript.changed(reader, seen)] == [first]
    assert await transcript.changed(Reader(W, "alex"), 0) == ()


async def test_a_card_that_cannot_be_drawn_takes_no_other_message_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.console.send(place(SAM), plain_card("First"))
    await office.console.deliver(place(SAM), Document("a.pdf", "application/pdf", b"x"))
    # Style is a closed list: what is not in it breaks the drawing.
    monkeypatch.setattr("cards.html._WIDE", None)
    table = Section(table=Table(("a",), (("b",),)))
    await office.console.send(
        place(SAM), replace(plain_card("Broken"), sections=(table,))
    )

    async with office.browser() as browser:
        await browser.be("sam")

    assert browser.status == 200
    assert "First" in browser.text
    assert "a.pdf" in browser.text
    assert f'<p class="bubble">{COMPANY.title}: Broken'.replace("&", "&amp;") in (
        browser.text
    )
