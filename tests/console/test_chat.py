"""What is said and pressed in the console, over HTTP, without a script."""

from bot.platform import ChatMessage, Press, Reply, Sender
from cards.card import Button
from tests.console.office import PRIYA, SAM, W, Office, plain_card
from bot.console.site import place


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
    assert message.sender == Sender("console", W, "sam", "Sam", "sam@example.com")
    assert message.place == place(SAM)
