"""What is said and pressed in the console, over HTTP, without a script."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Person, Role
from bot.console.site import back_address, place
from bot.platform import ChatMessage, Press, Reply, Sender
from cards.card import Button
from tests.console.office import ALEX, NOW, SAM, Browser, Office, W, opened, plain_card


async def test_what_is_said_is_heard_once_and_stands_in_the_transcript(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        await browser.post("/console/say", text="who owes us money", event="e1")
        page = await browser.post("/console/say", text="who owes us money", event="e1")

    assert page.count('<p class="bubble">who owes us money</p>') == 1
    assert len(office.listener.begun) == 1
    message = office.listener.begun[0]
    assert isinstance(message, ChatMessage)
    assert message.text == "who owes us money"
    assert message.private
    assert message.at == NOW
    assert message.sender == Sender(
        "console",
        W,
        "sam",
        "Sam",
        "sam@example.com",
        address="127.0.0.1",
        vouched=True,
    )
    assert message.place == place(SAM)


async def test_the_same_form_of_two_people_is_two_messages(office: Office) -> None:
    async with office.browser() as sam, office.browser() as alex:
        await sam.be("sam")
        await alex.be("alex")

        await sam.post("/console/say", text="hello", event="same")
        await alex.post("/console/say", text="hello", event="same")

    events = {each.event for each in office.listener.begun}
    assert len(events) == 2


async def test_words_that_were_kept_but_not_heard_are_heard_when_sent_again(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        csrf = browser.csrf
        office.listener.fails = True
        await browser.post("/console/say", text="hello", event="e1")
        assert browser.status == 500
        office.listener.fails = False

        page = await browser.post("/console/say", text="hello", event="e1", csrf=csrf)

    assert page.count('<p class="bubble">hello</p>') == 1
    assert len(office.listener.begun) == 1


async def test_a_failure_shows_a_sentence_and_a_reference_and_no_secret(
    office: Office,
) -> None:
    office.listener.fails = True
    async with office.browser() as browser:
        await browser.be("sam")

        page = await browser.post("/console/say", text="hello", event="e1")

    assert "That is a fault in me" in page
    assert "Reference" in page
    assert "books@example.com" in page
    assert "hunter2" not in page
    assert "Traceback" not in page


async def test_without_a_support_address_an_error_names_the_administrators(
    engine: AsyncEngine,
) -> None:
    async with opened(engine, support="") as office, office.browser() as browser:
        office.listener.fails = True
        office.crew.known["kim"] = Person("kim", W, "Kim <b>", frozenset({Role.ADMIN}))
        await browser.be("sam")

        page = await browser.post("/console/say", text="hello", event="e1")
        said = await browser.post(
            "/console/say", {"X-Console": "script"}, text="hello", event="e2", csrf=""
        )
        await browser.get("/console/")
        told = await browser.post(
            "/console/say", {"X-Console": "script"}, text="hello", event="e3"
        )

    assert "Help: ask Alex or Kim &lt;b&gt;." in page
    assert "Eve" not in page
    assert "Help" not in said
    assert "Help: ask Alex or Kim" in told


async def test_an_error_page_stands_when_nobody_can_be_named(
    engine: AsyncEngine,
) -> None:
    async with opened(engine, support="") as office, office.browser() as browser:
        await browser.be("sam")
        office.listener.fails = office.crew.fails = True

        page = await browser.post("/console/say", text="hello", event="e1")

    assert browser.status == 500
    assert "Reference" in page
    assert "An administrator can look it up in the log." in page
    assert "hunter2" not in page


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
async def test_nothing_and_too_much_are_not_sent(office: Office, text: str) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        await browser.post("/console/say", text=text, event="e1")

    assert browser.status == 400
    assert office.listener.accepted == []


async def test_the_longest_text_is_taken_with_its_line_ends(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        await browser.post("/console/say", text="a\r\n" * 1333 + "b", event="e1")

    assert browser.status == 200
    message = office.listener.begun[0]
    assert isinstance(message, ChatMessage)
    assert message.text == "a\n" * 1333 + "b"


async def test_the_page_renews_itself_without_a_script_while_an_answer_is_due(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        page = await browser.post("/console/say", text="hello", event="e1")
        assert (
            '<meta http-equiv="refresh" content="2;url=/console/?look=1#latest">'
            in page
        )
        with_script = {"Cookie": "countersign_script=1"}
        assert "http-equiv" not in await browser.get("/console/", with_script)

        await office.console.send(place(SAM), plain_card("Hello Sam"))
        page = await browser.get("/console/")

    assert "Hello Sam" in page
    assert "http-equiv" not in page


async def test_the_page_stops_waiting_for_an_answer_that_never_came(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        await browser.post("/console/say", text="hello", event="e1")

        office.clock.now = NOW.replace(minute=5)
        page = await browser.get("/console/")

    assert "http-equiv" not in page


async def test_a_time_zone_that_exists_goes_with_the_message(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        await browser.post("/console/say", text="a", event="1", zone="America/New_York")
        await browser.post("/console/say", text="b", event="2", zone="../etc/passwd")

    zones = [each.sender.zone for each in office.listener.begun]
    assert zones == ["America/New_York", ""]


async def _pressed(
    office: Office, browser: Browser, *, verb: str, reason: str = ""
) -> str:
    message = await office.console.send(
        place(SAM), plain_card("Approve this?", Button("Yes", "approve", "t-1"))
    )
    await browser.be("sam")
    return await browser.post(
        "/console/press", message=message, verb=verb, token="t-1", reason=reason
    )


async def test_a_press_carries_its_verb_token_message_and_fields(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await _pressed(office, browser, verb="reject", reason=" too\r\nlate ")

    (press,) = office.listener.pressed
    assert (press.verb, press.token) == ("reject", "t-1")
    assert press.fields == {"reason": "too\nlate"}
    assert press.place == place(SAM)
    assert press.sender.user == "sam"
    assert press.message
    assert office.listener.accepted == [press]


async def test_the_sentence_of_a_press_is_shown_once(office: Office) -> None:
    async def reply(press: Press) -> Reply:
        return Reply(f"Not <b>yours</b>: {press.token}")

    office.listener.reply = reply
    async with office.browser() as browser:
        first = await _pressed(office, browser, verb="approve")
        second = await browser.get("/console/")

    assert "Not &lt;b&gt;yours&lt;/b&gt;: t-1" in first
    assert "yours" not in second


async def test_the_card_of_a_press_takes_the_place_of_the_pressed_one(
    office: Office,
) -> None:
    async def reply(press: Press) -> Reply:
        return Reply(card=plain_card("Approved by Priya"))

    office.listener.reply = reply
    async with office.browser() as browser:
        page = await _pressed(office, browser, verb="approve")

    assert "Approved by Priya" in page
    assert "Approve this?" not in page


async def test_a_card_of_a_press_on_no_message_of_theirs_is_shown_anew(
    office: Office,
) -> None:
    async def reply(press: Press) -> Reply:
        return Reply(card=plain_card("Here it is"))

    office.listener.reply = reply
    alexs = await office.console.send(place(ALEX), plain_card("For Alex"))
    async with office.browser() as sam, office.browser() as alex:
        await sam.be("sam")
        page = await sam.post("/console/press", verb="x", token="", message=alexs)
        await alex.be("alex")

        assert "Here it is" in page
        assert "For Alex" in alex.text
        assert "Here it is" not in alex.text


async def test_a_press_seen_before_does_nothing_more(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        await browser.post("/console/press", verb="approve", token="t", event="p1")
        await browser.post("/console/press", verb="approve", token="t", event="p1")

    assert len(office.listener.pressed) == 1


async def test_a_choice_pressed_stands_among_what_was_said(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        page = await browser.post("/console/press", verb="say", token="Acme West")

    assert '<p class="bubble">Acme West</p>' in page
    assert office.listener.pressed[0].verb == "say"


async def test_a_press_without_a_verb_is_refused(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")

        await browser.post("/console/press", token="t")

    assert browser.status == 400
    assert office.listener.accepted == []


async def test_earlier_messages_are_a_page_away(office: Office) -> None:
    for number in range(45):
        await office.console.send(place(SAM), plain_card(f"Card number {number:02}"))
    async with office.browser() as browser:
        await browser.be("sam")
        latest = browser.text
        older = await browser.get("/console/?before=6")

    assert "Card number 44" in latest
    assert "Card number 04" not in latest
    assert "/console/?before=6" in latest
    assert "Card number 04" in older
    assert "Card number 05" not in older


@pytest.mark.parametrize("before", ["-1", "x", "1e9", "9" * 40, "٣"])
async def test_a_page_that_cannot_be_counted_is_the_latest(
    office: Office, before: str
) -> None:
    await office.console.send(place(SAM), plain_card("The latest"))
    async with office.browser() as browser:
        await browser.be("sam")

        page = await browser.get(f"/console/?before={before}")

    assert browser.status == 200
    assert "The latest" in page


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("/console/proposals?show=all", "/console/proposals?show=all"),
        ("//evil.example/console/", "/console/"),
        ("https://evil.example/", "/console/"),
        ("/console//evil.example", "/console/"),
        ("/console/\\evil.example", "/console/"),
        ("/console/\r\nSet-Cookie: a=b", "/console/"),
        ("/elsewhere", "/console/"),
        (None, "/console/"),
    ],
)
def test_a_form_leads_back_to_the_console_only(given: object, meant: str) -> None:
    assert back_address(given) == meant
