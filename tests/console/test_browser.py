"""The console in a real browser: keyboard, live updates, phone, dark, no script."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Status
from bot.console.site import place
from bot.platform import ChatMessage, Press, Reply
from cards.card import Button, Card, Fact, Field, Section, Style, Table
from tests.console.office import (
    COMPANY,
    PRIYA,
    SAM,
    Office,
    opened,
    plain_card,
    proposal,
)

pytestmark = [
    pytest.mark.browser,
    # What differs between databases is tested without a browser.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

EVIL = (
    '</p></article><script>document.title="taken"</script><img src=x onerror=alert(1)>'
)


@pytest.fixture
async def page(office: Office, browser: Browser) -> AsyncIterator[Page]:
    """A page whose errors and refused scripts fail the test."""
    context = await browser.new_context(viewport={"width": 1000, "height": 700})
    shown = await context.new_page()
    wrong: list[str] = []
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on(
        "console",
        lambda said: wrong.append(said.text) if said.type == "error" else None,
    )
    await shown.goto(f"{office.url}/console/")
    yield shown
    await context.close()
    # What the network says of a server that was stopped on purpose is no error.
    assert [each for each in wrong if "net::ERR_" not in each] == []


async def be(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).first.click()
    await expect(page.get_by_role("heading", level=1)).to_be_attached()


def answering(office: Office, card: Card) -> None:
    async def answer(message: ChatMessage) -> None:
        await asyncio.sleep(0.1)
        await office.console.send(message.place, card)

    office.listener.answer = answer


async def test_a_question_is_asked_and_answered_by_keyboard_without_reload(
    office: Office, page: Page
) -> None:
    answering(office, plain_card("Acme West owes us $3,410.00."))
    # The first persona is reached and chosen without a mouse.
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("Skip to the content")).to_be_focused()
    await page.get_by_role("button", name="Sam").focus()
    await page.keyboard.press("Enter")
    box = page.get_by_label("Your question or request")
    await expect(box).to_be_focused()
    await page.evaluate("window.kept = true")

    await page.keyboard.type("who owes")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("us money")
    await page.keyboard.press("Enter")

    await expect(
        page.locator("main").get_by_text("Acme West owes us $3,410.00.")
    ).to_be_visible()
    await expect(page.locator(".message-said .bubble")).to_have_text(
        "who owes\nus money"
    )
    await expect(box).to_have_value("")
    await expect(box).to_be_focused()
    await expect(page.locator("#working")).to_be_hidden()
    await expect(page.locator("#announcer")).to_contain_text("Acme West owes us")
    assert await page.evaluate("window.kept") is True
    (message,) = office.listener.begun
    assert isinstance(message, ChatMessage)
    assert message.text == "who owes\nus money"
    assert message.sender.zone


async def test_a_suggestion_is_asked_by_one_click(office: Office, page: Page) -> None:
    await be(page, "Sam")

    await page.get_by_role("button", name="who owes us money").click()

    await expect(page.locator(".message-said")).to_have_count(1)
    await expect(page.locator("#welcome")).to_be_hidden()
    await expect(page.locator("#working")).to_be_visible()


async def test_an_edit_changes_the_card_on_the_open_page(
    office: Office, page: Page
) -> None:
    known = await office.console.send(place(SAM), plain_card("Waiting for approval"))
    await be(page, "Sam")
    await expect(page.get_by_text("Waiting for approval")).to_be_visible()

    await office.console.edit(place(SAM), known, plain_card("Invoice 1189 is posted"))

    await expect(page.locator(".card-title")).to_have_text("Invoice 1189 is posted")
    await expect(page.get_by_text("Waiting for approval")).to_have_count(0)
    await expect(page.locator(".message")).to_have_count(1)


def decision_card(title: str) -> Card:
    reason = Field("reason", "Why not?", multiline=True)
    return plain_card(
        title,
        Button("Approve", "approve", "t-yes", Style.PRIMARY, confirm="For $1,500.00?"),
        Button("Reject", "reject", "t-no", Style.DANGER, asks=(reason,)),
    )


async def test_an_edit_keeps_the_words_and_the_focus_of_whoever_is_typing(
    office: Office, page: Page
) -> None:
    known = await office.console.send(place(PRIYA), decision_card("First"))
    await be(page, "Priya")
    await page.locator("summary", has_text="Reject").click()
    field = page.get_by_label("Why not?")
    await field.fill("The rate is")

    await office.console.edit(place(PRIYA), known, decision_card("Second"))

    await expect(page.locator("main").get_by_text("Second")).to_be_visible()
    await expect(field).to_be_visible()
    await expect(field).to_be_focused()
    await expect(field).to_have_value("The rate is")


async def test_a_press_is_confirmed_first_and_answered_without_reload(
    office: Office, page: Page
) -> None:
    async def reply(press: Press) -> Reply:
        await office.console.edit(press.place, press.message, plain_card("Approved"))
        return Reply("Thank you; it is being entered.")

    office.listener.reply = reply
    await office.console.send(place(PRIYA), decision_card("Invoice Acme West"))
    await be(page, "Priya")
    await page.evaluate("window.kept = true")

    await page.locator("summary", has_text="Approve").click()
    assert office.listener.pressed == []
    await expect(page.get_by_text("For $1,500.00?")).to_be_visible()
    await page.get_by_role("button", name="Approve").click()

    await expect(page.get_by_text("Thank you; it is being entered.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Approved")).to_be_visible()
    assert await page.evaluate("window.kept") is True
    (press,) = office.listener.pressed
    assert (press.verb, press.token) == ("approve", "t-yes")


async def test_a_reason_is_asked_for_and_sent_along(office: Office, page: Page) -> None:
    await office.console.send(place(PRIYA), decision_card("Invoice Acme West"))
    await be(page, "Priya")
    await page.locator("summary", has_text="Reject").click()

    await page.get_by_role("button", name="Reject").click()
    assert office.listener.pressed == []
    await page.get_by_label("Why not?").fill("The rate is 120.")
    await page.get_by_role("button", name="Reject").click()

    await expect(page.get_by_role("button", name="Reject")).to_be_enabled()
    (press,) = office.listener.pressed
    assert press.fields == {"reason": "The rate is 120."}


async def test_two_clicks_are_one_press(office: Office, page: Page) -> None:
    held = asyncio.Event()

    async def reply(press: Press) -> Reply:
        await held.wait()
        return Reply("Done.")

    office.listener.reply = reply
    await office.console.send(place(SAM), plain_card("x", Button("Go", "go", "t")))
    await be(page, "Sam")

    await page.evaluate(
        "const b = document.querySelector('[data-verb=go]'); b.click(); b.click();"
    )
    await expect(page.get_by_role("button", name="Go")).to_be_disabled()
    held.set()

    await expect(page.get_by_text("Done.")).to_be_visible()
    assert len(office.listener.pressed) == 1


async def test_words_that_could_not_be_sent_stay_in_the_box(
    office: Office, page: Page
) -> None:
    await be(page, "Sam")
    await page.route("**/console/say", lambda route: route.abort())

    box = page.get_by_label("Your question or request")
    await box.fill("who owes us money")
    await box.press("Enter")

    await expect(page.get_by_text("cannot be reached just now")).to_be_visible()
    await expect(box).to_have_value("who owes us money")
    await page.unroute("**/console/say")
    await box.press("Enter")
    await expect(page.locator(".message-said")).to_have_count(1)
    await expect(box).to_have_value("")


async def test_the_page_says_quietly_that_it_is_cut_off_and_finds_back(
    engine: AsyncEngine, browser: Browser
) -> None:
    context = await browser.new_context()
    async with opened(engine) as office:
        page = await context.new_page()
        await page.goto(f"{office.url}/console/")
        await be(page, "Sam")
        await expect(page.locator("#offline")).to_be_hidden()
        port = office.port
    await expect(page.locator("#offline")).to_be_visible()

    async with opened(engine, port=port) as office:
        await office.console.send(place(SAM), plain_card("While you were away"))

        await expect(page.locator(".card-title")).to_have_text(
            "While you were away", timeout=15_000
        )
        await expect(page.locator("#offline")).to_be_hidden()
        await context.close()


async def test_a_waiting_proposal_appears_and_moves_on_the_open_page(
    office: Office, page: Page
) -> None:
    await be(page, "Priya")
    await page.get_by_role("link", name="Proposals").click()
    await expect(page.get_by_text("Nothing waits")).to_be_visible()

    office.tray.held = [proposal("P-1")]
    await expect(page.locator("#waiting")).to_have_text("1 waiting")
    await expect(page.locator("#p-P-1")).to_be_visible()
    office.tray.held = [*office.tray.held, proposal("P-2")]
    await expect(page.locator(".proposals > li")).to_have_count(2)
    assert await page.locator(".proposals > li").first.get_attribute("id") == "p-P-2"

    office.tray.move("P-2", Status.APPLIED)
    await expect(page.locator("#p-P-2")).to_have_count(0)
    office.tray.move("P-1", Status.APPLIED)
    await expect(page.get_by_text("Nothing waits")).to_be_visible()
    await expect(page.locator("#waiting")).to_be_hidden()


async def test_a_proposal_is_approved_on_its_page_without_reload(
    office: Office, page: Page
) -> None:
    async def reply(press: Press) -> Reply:
        office.tray.move("P-1", Status.APPLIED)
        return Reply("Approved.")

    office.listener.reply = reply
    office.tray.held = [proposal("P-1")]
    await be(page, "Priya")
    await page.goto(f"{office.url}/console/proposals/P-1")
    await page.evaluate("window.kept = true")

    await page.get_by_role("button", name="Approve").click()

    await expect(page.locator("#notice")).to_have_text("Approved.")
    await expect(page.locator(".card-status")).to_have_text("Applied")
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert await page.evaluate("window.kept") is True


async def test_what_the_connection_test_brings_is_shown_on_the_page(
    office: Office, page: Page
) -> None:
    async def reply(press: Press) -> Reply:
        await office.console.send(press.place, plain_card("The connection works"))
        return Reply()

    office.listener.reply = reply
    await be(page, "Alex")
    await page.get_by_role("link", name="Connection").click()

    await page.get_by_role("button", name="Test").click()

    await expect(
        page.locator("main").get_by_text("The connection works")
    ).to_be_visible()
    await expect(page).to_have_url(re.compile("/console/connection$"))
    await page.locator("summary", has_text="Disconnect").click()
    await page.get_by_role("button", name="Yes, disconnect").click()
    await expect(page.locator(".message")).to_have_count(2)
    assert [each.verb for each in office.listener.pressed] == [
        "connection.test",
        "disconnect",
    ]


async def test_the_connection_page_shows_what_a_button_changed(
    office: Office, page: Page
) -> None:
    async def reply(press: Press) -> Reply:
        held = office.switchboard.held[0]
        office.switchboard.held = (replace(held, detail="Brought up to date."),)
        await office.console.send(press.place, plain_card("42 records changed"))
        return Reply("Synced.")

    office.listener.reply = reply
    await be(page, "Alex")
    await page.get_by_role("link", name="Connection").click()
    await page.evaluate("window.kept = true")

    await page.get_by_role("button", name="Sync now").press("Enter")

    await expect(page.get_by_text("Brought up to date.")).to_be_visible()
    await expect(page.locator("#notice")).to_have_text("Synced.")
    await expect(page.get_by_role("button", name="Sync now")).to_be_focused()
    assert await page.evaluate("window.kept") is True


async def test_a_proposal_that_left_the_list_is_not_simply_gone(
    office: Office, page: Page
) -> None:
    async def reply(press: Press) -> Reply:
        office.tray.move("P-1", Status.APPROVED)
        return Reply()

    office.listener.reply = reply
    office.tray.held = [proposal("P-1")]
    await be(page, "Priya")
    await page.get_by_role("link", name="Proposals").click()

    await page.get_by_role("button", name="Approve").click()

    await expect(page.locator("#notice")).to_contain_text("P-1 has moved on")
    await expect(page.get_by_text("Nothing waits")).to_be_visible()


async def test_text_of_strangers_is_shown_as_text(office: Office, page: Page) -> None:
    card = Card(
        EVIL,
        EVIL,
        COMPANY.title,
        sections=(
            Section(
                texts=(EVIL,),
                facts=(Fact(EVIL, EVIL, EVIL),),
                table=Table((EVIL,), ((EVIL,),), caption=EVIL, more=EVIL),
            ),
        ),
        buttons=(Button(EVIL, 'x" autofocus onfocus="alert(1)', EVIL),),
    )
    known = await office.console.send(place(SAM), card)
    await be(page, "Sam")
    box = page.get_by_label("Your question or request")
    await box.fill(EVIL)
    await box.press("Enter")
    await expect(page.locator(".bubble")).to_have_text(EVIL)

    await office.console.edit(place(SAM), known, card)
    await expect(page.locator(".message-changed")).to_have_count(1)
    await page.reload()

    await expect(page.locator(".bubble")).to_have_text(EVIL)
    assert await page.locator(".transcript img").count() == 0
    assert await page.locator(".transcript script").count() == 0
    assert await page.locator(".transcript [onfocus]").count() == 0
    assert "taken" not in await page.title()


def _wide_card() -> Card:
    columns = ("Customer", "Current", "1-30", "31-60", "61-90", "Over 90", "Total")
    row = ("A very long customer name that goes on", *(["$10,000.00"] * 6))
    return Card(
        "Customers owe us $120,000.00, and this title is long enough to wrap",
        "aging",
        COMPANY.title,
        status="P-17 · Waiting for approval",
        sections=(
            Section(
                texts=("x" * 120,),
                facts=(Fact("Address", "https://example.com/" + "a" * 90),),
                table=Table(columns, (row,) * 3, numeric=(1, 2, 3, 4, 5, 6)),
            ),
        ),
        buttons=tuple(Button(f"Button number {i}", "say", "x") for i in range(4)),
    )


@pytest.mark.parametrize("script", [True, False])
async def test_nothing_is_wider_than_a_phone(
    office: Office, browser: Browser, *, script: bool
) -> None:
    office.tray.held = [proposal("P-1"), proposal("P-2", Status.APPLIED)]
    await office.console.send(place(PRIYA), _wide_card())
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=script
    )
    page = await context.new_page()
    await page.goto(f"{office.url}/console/")
    await be(page, "Alex")
    for path in ("", "connection", "people", "proposals?show=all", "proposals/P-1"):
        await page.goto(f"{office.url}/console/{path}")
        for widest in (await _widest(page), await _widest(page, "main")):
            assert widest <= 360, path
    await page.goto(f"{office.url}/console/")
    await page.locator(".who summary").click()
    await page.get_by_role("button", name="Priya").click()
    await expect(page.locator(".card-table")).to_be_visible()
    assert await _widest(page) <= 360
    scroll = page.locator(".card-scroll")
    # The table scrolls within its card instead.
    inner = await scroll.evaluate("each => each.scrollWidth - each.clientWidth")
    assert inner > 0
    await context.close()


async def _widest(page: Page, within: str = "html") -> int:
    found = await page.locator(within).evaluate("each => each.scrollWidth")
    assert isinstance(found, int)
    return found


def _luminance(colour: str) -> float:
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    shares = [
        each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4
        for each in (red, green, blue)
    ]
    return 0.2126 * shares[0] + 0.7152 * shares[1] + 0.0722 * shares[2]


# Of every text: its colour, the first ground behind it that is not transparent,
# and its words.
_COLOURS = """elements => elements
  .filter(each => each.checkVisibility() && each.textContent.trim())
  .map(each => {
    const of = some => getComputedStyle(some).backgroundColor;
    let behind = each;
    while (behind.parentElement && of(behind) === "rgba(0, 0, 0, 0)") {
      behind = behind.parentElement;
    }
    return [getComputedStyle(each).color, of(behind), each.textContent.trim()];
  })"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_stands_out_from_its_ground_in_light_and_dark(
    office: Office, browser: Browser, scheme: str
) -> None:
    office.tray.held = [
        proposal("P-1"),
        proposal("P-2", Status.APPLIED),
    ]
    await office.console.send(place(SAM), decision_card("A card"))
    context = await browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light"
    )
    page = await context.new_page()
    await page.goto(f"{office.url}/console/")
    await be(page, "Alex")
    for path in ("", "connection", "people", "proposals?show=all", "proposals/P-1"):
        await page.goto(f"{office.url}/console/{path}")
        texts = page.locator(
            "main :is(p, h1, h2, h3, h4, a, dt, dd, th, td, label, small, button,"
            " summary, .quiet, .badge, .bubble), header :is(a, .mark, .count, p),"
            " .composer .hint"
        )
        found = await texts.evaluate_all(_COLOURS)
        assert len(found) > 10
        for colour, ground, text in found:
            lighter, darker = sorted(
                (_luminance(colour), _luminance(ground)), reverse=True
            )
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (path, text, colour)
    ((_, ground, _),) = await page.locator("body").evaluate_all(_COLOURS)
    assert (_luminance(ground) < 0.1) == (scheme == "dark")
    await context.close()


async def test_everything_works_without_a_script(
    office: Office, browser: Browser
) -> None:
    async def reply(press: Press) -> Reply:
        return Reply(f"Heard: {press.fields['reason']}")

    office.listener.reply = reply
    answering(office, decision_card("Acme West owes us $3,410.00."))
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{office.url}/console/")
    await be(page, "Priya")

    await page.get_by_label("Your question or request").fill("who owes us money")
    await page.get_by_role("button", name="Send").click()
    # The page renews itself until the answer is there.
    await expect(
        page.locator("main").get_by_text("Acme West owes us $3,410.00.")
    ).to_be_visible(timeout=10_000)
    await page.locator("summary", has_text="Reject").click()
    await page.get_by_label("Why not?").fill("too much")
    await page.get_by_role("button", name="Reject").click()

    await expect(page.get_by_text("Heard: too much")).to_be_visible()
    await page.locator(".who summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("Who are you?")).to_be_visible()
    await context.close()


async def test_a_sign_in_link_is_followed_by_a_click(
    engine: AsyncEngine, browser: Browser
) -> None:
    async with opened(engine, demo=False) as office:
        link = await office.console.entrance(PRIYA)
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(link)

        await page.get_by_role("button", name="Continue").click()

        await expect(page.get_by_text("Hello Priya.")).to_be_visible()
        assert "token" not in page.url
        await page.goto(link)
        await expect(page.get_by_text("no longer works")).to_be_visible()
        await context.close()


async def test_whoever_signed_out_elsewhere_is_led_to_the_door(
    office: Office, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.stream._ADMIT_SECONDS", 0)
    await be(page, "Sam")
    other = await page.context.new_page()
    await other.goto(f"{office.url}/console/")
    await other.locator(".who summary").click()

    await other.get_by_role("button", name="Sign out").click()

    await expect(page.get_by_text("Who are you?")).to_be_visible()


async def test_new_messages_do_not_pull_away_whoever_reads_above(
    office: Office, page: Page
) -> None:
    for number in range(15):
        await office.console.send(place(SAM), decision_card(f"Card {number}"))
    await be(page, "Sam")
    await page.evaluate("window.scrollTo(0, 0)")

    await office.console.send(place(SAM), plain_card("The newest"))

    newer = page.get_by_role("button", name="New messages below")
    await expect(newer).to_be_visible()
    assert await page.evaluate("window.scrollY") == 0
    await newer.click()
    await expect(page.locator(".card", has_text="The newest")).to_be_in_viewport()
    await expect(newer).to_be_hidden()


async def test_whoever_has_asked_is_taken_to_the_answer(
    office: Office, page: Page
) -> None:
    for number in range(15):
        await office.console.send(place(SAM), decision_card(f"Card {number}"))
    await be(page, "Sam")
    await page.get_by_label("Your question or request").fill("who owes us money")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message", has_text="who owes us money")).to_be_visible()
    # As while it is still on its way down to the person's own words.
    await page.evaluate("window.scrollTo({top: 400, behavior: 'instant'})")

    await office.console.send(place(SAM), plain_card("Here it is"))

    await expect(page.locator(".card", has_text="Here it is")).to_be_in_viewport()
    # Whoever scrolls away meanwhile stays where they are.
    await page.evaluate(
        "window.dispatchEvent(new WheelEvent('wheel'));"
        "window.scrollTo({top: 0, behavior: 'instant'})"
    )
    await expect(page.locator(".card", has_text="Here it is")).not_to_be_in_viewport()
    await office.console.send(place(SAM), plain_card("And more"))
    newer = page.get_by_role("button", name="New messages below")
    await expect(newer).to_be_visible()


async def test_movement_is_left_out_for_those_who_ask_for_that(
    office: Office, browser: Browser
) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{office.url}/console/")
    await be(page, "Sam")

    await office.console.send(place(SAM), plain_card("Here"))

    moving = await page.locator(".message").evaluate(
        "each => getComputedStyle(each).animationName"
    )
    assert moving == "none"
    await context.close()


async def test_where_the_keyboard_is_can_always_be_seen(
    office: Office, page: Page
) -> None:
    await office.console.send(place(SAM), decision_card("A card"))
    await be(page, "Sam")
    await page.locator(".brand").focus()
    seen = 0
    for _ in range(8):
        await page.keyboard.press("Tab")
        width = await page.evaluate(
            "getComputedStyle(document.activeElement).outlineWidth"
        )
        box = await page.evaluate("document.activeElement.id")
        assert width == "3px" or box == "text"
        seen += 1
    assert seen == 8
