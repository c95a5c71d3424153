"""Live updates over HTTP: what open pages are told, and from where they go on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Status
from bot.console.site import place
from tests.console.office import (
    ALEX,
    SAM,
    Browser,
    Office,
    opened,
    plain_card,
    proposal,
)

Event = tuple[str, int | None, dict[str, Any]]


class Following:
    """One open stream, read event by event."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def next(self, name: str) -> Event:
        """The next event of this name; others are passed over."""
        async with asyncio.timeout(8):
            while True:
                event, number, data = "message", None, ""
                while line := (await self._line()):
                    key, _, value = line.partition(": ")
                    if key == "event":
                        event = value
                    elif key == "id":
                        number = int(value)
                    elif key == "data":
                        data = value
                if data and event == name:
                    return event, number, json.loads(data)

    async def ended(self) -> bool:
        async with asyncio.timeout(8):
            return await self._reader.read() is not None

    async def _line(self) -> str:
        line = await self._reader.readline()
        assert line, "the stream ended"
        return line.decode().rstrip("\n")


@asynccontextmanager
async def following(
    browser: Browser, after: int = 0, last: str | None = None
) -> AsyncIterator[Following]:
    headers = {} if last is None else {"Last-Event-ID": last}
    url = f"{browser.office.url}/console/events?after={after}"
    async with browser.session.get(url, headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield Following(response.content)  # type: ignore[arg-type]


async def test_a_new_card_reaches_the_open_page_at_once(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        async with following(browser) as stream:
            await stream.next("proposals")
            before = asyncio.get_running_loop().time()

            known = await office.console.send(place(SAM), plain_card("Look\n\nhere"))

            _, number, data = await stream.next("message")
            waited = asyncio.get_running_loop().time() - before

    assert number == 1
    assert data["id"] == known
    assert "<article" in data["html"]
    # Well under the second after which pages look by themselves.
    assert waited < 0.8


async def test_an_edited_card_comes_again_under_its_id(office: Office) -> None:
    known = await office.console.send(place(SAM), plain_card("Waiting"))
    async with office.browser() as browser:
        await browser.be("sam")
        async with following(browser, after=1) as stream:
            await office.console.edit(place(SAM), known, plain_card("Applied"))

            _, number, data = await stream.next("message")

    assert (number, data["id"], data["born"], data["changed"]) == (2, known, 1, 2)
    assert "Applied" in data["html"]


async def test_a_page_that_was_away_gets_what_it_missed(office: Office) -> None:
    for title in ("one", "two", "three"):
        await office.console.send(place(SAM), plain_card(title))
    async with office.browser() as browser:
        await browser.be("sam")
        # What the browser itself remembers counts more than the address.
        async with following(browser, after=0, last="1") as stream:
            first = await stream.next("message")
            second = await stream.next("message")

    assert [first[1], second[1]] == [2, 3]


@pytest.mark.parametrize("last", ["x", "-1", "1; DROP", "9" * 30])
async def test_a_number_that_is_none_begins_from_the_start(
    office: Office, last: str
) -> None:
    await office.console.send(place(SAM), plain_card("one"))
    async with office.browser() as browser:
        await browser.be("sam")
        async with following(browser, last=last) as stream:
            assert (await stream.next("message"))[1] == 1


async def test_nobody_is_told_of_another_persons_messages(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        async with following(browser) as stream:
            await office.console.send(place(ALEX), plain_card("For Alex"))
            await office.console.send(place(SAM), plain_card("For Sam"))

            _, _, data = await stream.next("message")

    assert data["summary"].endswith("For Sam")


async def test_what_another_process_wrote_is_seen_within_about_a_second(
    engine: AsyncEngine,
) -> None:
    async with (
        opened(engine) as here,
        opened(engine) as there,
        here.browser() as browser,
    ):
        await browser.be("sam")
        async with following(browser) as stream:
            await stream.next("proposals")

            await there.console.send(place(SAM), plain_card("From elsewhere"))

            _, _, data = await stream.next("message")

    assert "From elsewhere" in data["html"]


async def test_the_badge_follows_the_proposals(office: Office) -> None:
    office.tray.held = [proposal("P-1")]
    async with office.browser() as browser:
        await browser.be("sam")
        async with following(browser) as stream:
            _, _, first = await stream.next("proposals")
            office.tray.move("P-1", Status.APPLIED)
            _, _, second = await stream.next("proposals")

    assert (first["waiting"], second["waiting"]) == (1, 0)
    assert first["stamp"] != second["stamp"]


async def test_a_stream_ends_when_its_person_signs_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.stream._ADMIT_SECONDS", 0)
    async with office.browser() as browser:
        await browser.be("sam")
        csrf = browser.csrf
        async with following(browser) as stream:
            await stream.next("proposals")

            await browser.post("/console/leave", csrf=csrf)

            await stream.next("ended")
            assert await stream.ended()


async def test_a_stream_is_for_the_signed_in_only(office: Office) -> None:
    async with office.browser() as browser:
        await browser.get("/console/events", headers={"X-Console": "script"})

    assert browser.status == 401


async def test_too_many_open_pages_of_one_person_are_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.stream._STREAMS_MAX", 1)
    async with office.browser() as browser:
        await browser.be("sam")
        async with following(browser) as stream:
            await stream.next("proposals")
            await browser.get("/console/events")
            assert browser.status == 429


async def test_the_server_stops_without_waiting_for_open_streams(
    engine: AsyncEngine,
) -> None:
    loop = asyncio.get_running_loop()
    async with opened(engine) as office:
        browser_scope = office.browser()
        browser = await browser_scope.__aenter__()
        await browser.be("sam")
        scope = following(browser)
        stream = await scope.__aenter__()
        await stream.next("proposals")
        before = loop.time()

    assert loop.time() - before < 5
    assert await stream.ended()
    await scope.__aexit__(None, None, None)
    await browser_scope.__aexit__(None, None, None)


async def test_a_browser_that_leaves_is_forgotten(office: Office) -> None:
    site = office.console._site
    async with office.browser() as browser:
        await browser.be("sam")
        reader = place(SAM)
        async with following(browser) as stream:
            await stream.next("proposals")
            assert len(site.bell._waiting) == 1
        async with asyncio.timeout(8):
            while site.bell._waiting:
                await office.console.send(reader, plain_card("x"))
                await asyncio.sleep(0.05)


async def test_a_browser_that_left_before_the_first_byte_is_no_failure(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def gone(
        _response: web.StreamResponse, _request: web.BaseRequest
    ) -> AbstractStreamWriter | None:
        raise aiohttp.ClientConnectionResetError

    async with office.browser() as browser:
        await browser.be("sam")
        with monkeypatch.context() as at_the_socket:
            at_the_socket.setattr(web.StreamResponse, "prepare", gone)

            with pytest.raises(aiohttp.ClientError):
                await browser.session.get(f"{office.url}/console/events?after=0")

    assert "console page failed" not in caplog.text
