"""The port between Countersign and a place where people talk.

Three verbs towards a platform (send, edit, whisper) and one for files; two
values from it (a message, a press). Slack, Teams and the console are drawn on
the table together: threads, mentions and formatting are the adapter's own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from cards.card import Card
from qbo.books import Document


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a card can stand.

    `tenant` is the Slack team, the Teams tenant or the console's workspace;
    `conversation` the channel, conversation or console person; `thread` what
    the platform needs to answer in the same thread. `address` is opaque to
    everybody but the adapter (Teams keeps its service URL there).
    """

    platform: str
    tenant: str
    conversation: str
    thread: str = ""
    address: str = ""

    def text(self) -> str:
        """As one opaque text, for the store of notices."""
        return json.dumps(
            [self.platform, self.tenant, self.conversation, self.thread, self.address]
        )

    @staticmethod
    def parse(text: str) -> "Place":
        """The place that `text` wrote."""
        platform, tenant, conversation, thread, address = json.loads(text)
        return Place(platform, tenant, conversation, thread, address)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who did something, as the platform vouches for it.

    `user` is the platform's own id of the person within `tenant`. `name` and
    `email` are what the platform says of them; neither is proof of anything.
    `zone` is the person's IANA time zone where the platform knows it, `locale` their
    language and country ("en-GB"), `address` the network address they came from,
    where we know that ourselves. `guest` is True for whom the platform calls a
    guest, a stranger or no longer a member: such a person is refused. `vouched` is
    True where the platform's own directory told us, a few minutes ago at most, that
    this is a full member of the tenant; `is_email_verified` where it vouches for the
    address as well.
    """

    platform: str
    tenant: str
    user: str
    name: str = ""
    email: str | None = None
    zone: str = ""
    guest: bool = False
    address: str = ""
    vouched: bool = False
    is_email_verified: bool = False
    locale: str = ""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """Something a person wrote to us; the mention of us is already taken off.

    `event` is unique within platform and tenant; `second_key` a second name of
    the same message where the platform delivers it in two shapes (Slack:
    channel and ts). `private` is True where only this person and we read.
    """

    event: str
    sender: Sender
    place: Place
    text: str
    at: datetime
    private: bool = False
    second_key: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed by a person, from a signed interaction only.

    `message` is the id of the message that carries the button; `fields` what
    the person typed into the button's fields.
    """

    event: str
    sender: Sender
    place: Place
    message: str
    verb: str
    token: str
    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a press answers, for the presser alone.

    `sentence` is whispered (Slack ephemeral, the message of a Teams invoke, a
    line in the console). `card` replaces what the presser sees of the message.
    Both None: nothing to say.
    """

    sentence: str | None = None
    card: Card | None = None


class Gone(Exception):
    """The message or conversation is no more (deleted, uninstalled): stop trying."""


class SendFailed(Exception):
    """The platform did not take it; try again later. Text is for operators.

    `retry_after_seconds` is the platform's own wish where it is spoken to too fast:
    until then the whole place is left alone. `is_about_card`: it answered, and the
    card was the trouble rather than the place.
    """

    def __init__(
        self,
        why: str = "",
        *,
        retry_after_seconds: float | None = None,
        is_about_card: bool = False,
    ) -> None:
        super().__init__(why)
        self.retry_after_seconds = retry_after_seconds
        self.is_about_card = is_about_card


class ChatPlatform(Protocol):
    """What Countersign needs of a place where people talk.

    All raise `Gone` or `SendFailed`, nothing else.
    """

    name: str

    async def send(self, place: Place, card: Card) -> str:
        """Send a card; returns the message id that `edit` takes.

        The id is opaque to everybody but the adapter, and is the same text as
        the `message` of a press on that card.
        """
        ...

    async def edit(self, place: Place, message: str, card: Card) -> None:
        """Replace what a message of ours shows."""
        ...

    async def whisper(self, sender: Sender, place: Place, card: Card) -> None:
        """Show something to one person alone, as near to the place as possible."""
        ...

    async def deliver(self, place: Place, document: Document) -> None:
        """Hand over a file."""
        ...

    async def direct(self, sender: Sender) -> Place:
        """The place where one person is reached alone."""
        ...


@runtime_checkable
class Finding(Protocol):
    """A platform on which a message of ours can be found again by a mark.

    For a card that may have been sent, and whoever sent it is gone without a word.
    """

    async def send_marked(self, place: Place, card: Card, mark: str) -> str:
        """As `send`; the message carries a mark that nobody sees."""
        ...

    async def find(self, place: Place, mark: str, since: datetime) -> str | None:
        """The id of our message with that mark, sent at the place since then.

        None: there is none, or we may not look.
        """
        ...


class Hearer(Protocol):
    """What a platform needs of us (the Clerk)."""

    async def accept(self, event: ChatMessage | Press) -> bool:
        """Keep the event durably, before it is acknowledged.

        False when it was seen before: acknowledge, and do nothing more.
        """
        ...

    def begin(self, event: ChatMessage | Press) -> None:
        """Start the work of an accepted event and return at once.

        Answers come through `send`, `edit` and `whisper`. Never raises.
        """
        ...

    async def press(self, press: Press) -> Reply:
        """Do the work of an accepted press and say what it answers. Never raises."""
        ...
