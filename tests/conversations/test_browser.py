"""A person at the console: question, proposal, approval, the posted invoice."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.conversations.town import town

pytestmark = pytest.mark.browser


async def _be(page: Page, name: str, url: str) -> None:
    await page.goto(f"{url}/console/")
    if await page.locator("details.who").count():
        await page.locator("details.who summary").click()
        await page.locator(f"button.who-choice:has-text('{name}')").first.click()
    else:
        await page.get_by_role("button", name=name).first.click()
    await expect(page.locator("details.who")).to_contain_text(name)


async def _say(page: Page, text: str) -> None:
    await page.locator("textarea[name=text]").fill(text)
    await page.keyboard.press("Enter")


async def test_a_person_asks_proposes_and_another_approves(
    browser: Browser, tmp_path: Path
) -> None:
    async with town(tmp_path) as place:
        before = await place.invoices()
        context = await browser.new_context()
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))

        await _be(page, "Sam", place.url)
        await _say(page, "who owes us money")
        main = page.locator("#main")
        await expect(main).to_contain_text("As of")
        await expect(main).to_contain_text("customers owe us")
        await _say(page, "invoice Acme West for 10 hours consulting, net 30")
        await expect(main).to_contain_text("P-1")
        await expect(main).to_contain_text("$1,500.00")
        await expect(main).to_contain_text("Waiting for approval")
        assert await place.invoices() == before

        # Sam's page stays open; Priya decides in her own browser.
        other = await browser.new_context()
        hers = await other.new_page()
        await _be(hers, "Priya", place.url)
        await hers.locator("summary", has_text="Approve").last.click()
        await hers.locator("button[data-verb=approve]:visible").last.click()
        posted = page.get_by_text(re.compile(r"Invoice \d{4}")).first
        await expect(posted).to_be_visible()
        shown = re.search(r"Invoice (\d{4})", await main.inner_text())

        assert shown is not None
        found = await place.query(
            f"SELECT * FROM Invoice WHERE DocNumber = '{shown[1]}'"
        )
        (invoice,) = found["Invoice"]
        assert invoice["CustomerRef"]["name"] == "Acme West"
        assert invoice["TotalAmt"] == 1500
        assert await place.invoices() == before + 1
        assert faults == []
