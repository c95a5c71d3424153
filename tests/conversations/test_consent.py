"""`/connect`: the link, QuickBooks' page, and what the chat says afterwards."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from bot.demo import ConsentForm
from qbo.connection import State
from tests.conversations.town import ALEX, COMPANY, SAM, Town, Visitor, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town in which no company is connected yet."""
    async with town(tmp_path, connected=False) as made:
        yield made


async def _link(alex: Visitor) -> str:
    await alex.say("connect")
    await alex.sees("Connect a QuickBooks company")
    found = re.findall(r'href="([^"]+/oauth/quickbooks/start[^"]+)"', alex.page)
    return unescape(found[-1])


async def _begun(browser: httpx.AsyncClient, link: str) -> httpx.Response:
    """Open the link as a person does: look, then press its one button."""
    page = await browser.get(link)
    form = ConsentForm.of(page.text)
    return await browser.post(urljoin(link, form.action), data=form.fields)


async def _agreed(browser: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    form = ConsentForm.of(page.text)
    return await browser.post(
        urljoin(str(page.url), form.action), data=form.with_first_company()
    )


async def _cancelled(
    browser: httpx.AsyncClient, page: httpx.Response
) -> httpx.Response:
    form = ConsentForm.of(page.text)
    name, value = re.findall(
        r'<button[^>]*name="([^"]+)"[^>]*value="([^"]+)"', page.text
    )[-1]
    return await browser.post(
        urljoin(str(page.url), form.action), data={**form.fields, name: value}
    )


def _browser() -> httpx.AsyncClient:
    return httpx.AsyncClient(follow_redirects=True, timeout=30)


async def test_without_a_company_people_are_told_whom_to_ask(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("who owes us money")
        await sam.sees("No QuickBooks company is connected")
        await sam.say("connect")
        await sam.sees("for administrators. Ask Alex Morgan")


async def test_a_company_is_connected_and_confirmed_in_the_chat(place: Town) -> None:
    async with place.visit(ALEX) as alex, _browser() as browser:
        link = await _link(alex)

        back = await _agreed(browser, await _begun(browser, link))
        asked = await alex.sees("Is this the right company")
        assert not await place.parts.connection.may_post(COMPANY)
        async with place.visit(SAM) as sam:
            await sam.say("add customer Blue Heron Cafe")
            await sam.sees("waits for the yes")
        await alex.get("/console/")
        await alex.press("connect.yes")
        await alex.sees("is connected")

    assert back.status_code == httpx.codes.OK
    assert "Harbour & Pine Landscaping" in unescape(back.text)
    assert "Harbour & Pine Landscaping" in asked
    assert "simulator" in asked
    assert await place.parts.connection.may_post(COMPANY)


async def test_a_cancelled_consent_gets_a_plain_sentence_in_the_chat(
    place: Town,
) -> None:
    async with place.visit(ALEX) as alex, _browser() as browser:
        link = await _link(alex)

        back = await _cancelled(browser, await _begun(browser, link))
        await alex.sees("cancelled|nothing was connected|not connected")

    assert back.status_code == httpx.codes.BAD_REQUEST
    assert "Traceback" not in back.text
    assert await place.parts.connection.companies("main") == ()


async def test_a_link_works_once_in_one_browser(place: Town) -> None:
    async with place.visit(ALEX) as alex, _browser() as browser, _browser() as other:
        link = await _link(alex)
        page = await _begun(browser, link)

        stolen = await _begun(other, link)
        await _agreed(browser, page)
        again = await _begun(other, link)

    assert stolen.status_code == httpx.codes.BAD_REQUEST
    assert again.status_code == httpx.codes.BAD_REQUEST


async def test_looking_at_a_link_does_not_use_it_up(place: Town) -> None:
    async with place.visit(ALEX) as alex, _browser() as preview, _browser() as browser:
        link = await _link(alex)
        for _ in range(3):
            assert (await preview.get(link)).status_code == httpx.codes.OK

        await _agreed(browser, await _begun(browser, link))
        await alex.sees("Is this the right company")


async def test_a_state_that_somebody_made_up_is_refused(place: Town) -> None:
    async with _browser() as browser:
        for query in (
            "",
            "?code=x&state=y&realmId=1",
            "?error=access_denied&state=z",
            "?state=%00&code=%ff",
        ):
            back = await browser.get(f"{place.url}/oauth/quickbooks/callback{query}")
            assert back.status_code == httpx.codes.BAD_REQUEST
            assert "connected" in back.text


async def test_saying_no_forgets_the_company(place: Town) -> None:
    async with place.visit(ALEX) as alex, _browser() as browser:
        await _agreed(browser, await _begun(browser, await _link(alex)))
        await alex.sees("Is this the right company")

        await alex.press("connect.no")
        await alex.sees("is disconnected")

    known = await place.parts.connection.companies("main")
    assert all(each.state is State.DISCONNECTED for each in known)
    assert await place.requests("/revoke")
