"""The far side of the port, as the adapters see it: it keeps what it hears."""

import asyncio
from dataclasses import dataclass, field

from bot.platform import ChatMessage, Press, Reply


class Unreadable(Exception):
    """The database cannot be read."""


@dataclass
class RecordingHearer:
    """A Hearer that remembers.

    `broken` makes `accept` fail as an unreadable database does; `reply` is what
    a press answers, after `slowly` seconds. `busy`, while it is clear, makes
    `accept` wait as a locked database does. `order` tells what came first.
    """

    kept: list[ChatMessage | Press] = field(default_factory=list)
    begun: list[ChatMessage | Press] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    finished: list[Press] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)
    broken: bool = False
    slowly: float = 0.0
    busy: asyncio.Event | None = None
    _known: set[tuple[str, str, str]] = field(default_factory=set)

    async def accept(self, event: ChatMessage | Press) -> bool:
        """Keep an event; False when it is known."""
        if self.busy is not None:
            await self.busy.wait()
        if self.broken:
            raise Unreadable
        platform, tenant = event.sender.platform, event.sender.tenant
        keys = {(platform, tenant, event.event)}
        if isinstance(event, ChatMessage) and event.second_key:
            keys.add((platform, tenant, event.second_key))
        if keys & self._known:
            return False
        self._known |= keys
        self.kept.append(event)
        self.order.append("kept")
        return True

    def begin(self, event: ChatMessage | Press) -> None:
        """Note that work began."""
        self.begun.append(event)
        self.order.append("begun")

    async def press(self, press: Press) -> Reply:
        """Note a press, and answer as told."""
        self.presses.append(press)
        await asyncio.sleep(self.slowly)
        self.finished.append(press)
        return self.reply

    @property
    def message(self) -> ChatMessage:
        """The one message that was begun."""
        (found,) = self.begun
        assert isinstance(found, ChatMessage)
        return found

    @property
    def pressed(self) -> Press:
        """The one press that was worked on."""
        (found,) = self.presses
        return found
