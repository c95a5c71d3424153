"""Wakes the open pages of a person in this process.

Pages also look by themselves about once a second, since the change may have
been made by another process; the bell only makes the usual case immediate.
"""

import asyncio
from collections import defaultdict

from bot.console.transcript import Reader


class Bell:
    """One bell for every person who has a page open."""

    def __init__(self) -> None:
        self._waiting: defaultdict[Reader, set[asyncio.Event]] = defaultdict(set)
        self.is_closing = False

    def ring(self, reader: Reader) -> None:
        """Wake this person's pages."""
        for event in self._waiting.get(reader, ()):
            event.set()

    def close(self) -> None:
        """Wake everybody for the last time: the server stops."""
        self.is_closing = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    def count(self, reader: Reader) -> int:
        """How many pages this person has open here."""
        return len(self._waiting.get(reader, ()))

    def listen(self, reader: Reader) -> asyncio.Event:
        """A new page of this person: set whenever something may have changed."""
        event = asyncio.Event()
        self._waiting[reader].add(event)
        return event

    def leave(self, reader: Reader, event: asyncio.Event) -> None:
        """The page is gone."""
        self._waiting[reader].discard(event)
        if not self._waiting[reader]:
            del self._waiting[reader]
