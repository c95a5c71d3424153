"""Slack's stand-in between people and two servers, either of which may be dead.

It signs what people do and sends it to one of the servers at random, again where
nobody took it, as Slack does; sometimes to both at once, as networks do. Every
message is kept with its latest content.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.platforms.slack_standin import Answer, Message, SlackStandIn

# Slack gives up after three; people do not notice, and ask again.
_TRIES = 6
_PAUSE_SECONDS = 0.7
_WELL = 200
# How the badge of a proposal's card begins: "P-17 · Waiting for approval".
CARD = re.compile(r"\bP-(\d+) · ")


@dataclass
class Delivered:
    """What went to the servers so far."""

    acknowledged: int = 0
    refused: int = 0
    unheard: int = 0
    doubled: int = 0


@dataclass
class ChaosSlack(SlackStandIn):
    """The stand-in, with two servers behind one address."""

    now: Callable[[], datetime]
    chance: Random
    servers: list[str] = field(default_factory=list)
    delivered: Delivered = field(default_factory=Delivered)
    views_by_trigger: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.now)

    async def post(
        self, body: str, *, form: bool = False, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request to one of the servers; status 0 where none was there."""
        self.events_url = self.chance.choice(self.servers)
        try:
            async with asyncio.timeout(10):
                answer = await super().post(body, form=form, headers=headers)
        except (aiohttp.ClientError, OSError, TimeoutError):
            self.delivered.unheard += 1
            return Answer(0, "")
        if answer.status == _WELL:
            self.delivered.acknowledged += 1
        else:
            self.delivered.refused += 1
        return answer

    async def deliver(self, body: str, *, twice: bool) -> bool:
        """An event, until it is acknowledged; `twice`: more often than that."""
        for _ in range(_TRIES):
            times = 2 if twice else 1
            answers = await asyncio.gather(*(self.post(body) for _ in range(times)))
            self.delivered.doubled += times - 1
            if any(answer.status == _WELL for answer in answers):
                return True
            await asyncio.sleep(_PAUSE_SECONDS)
        return False

    async def press_once(
        self, who: str, message: Message, label: str, *, times: int = 1
    ) -> str:
        """Press a button once, delivered so often; the trigger that it carried."""
        if label not in message.buttons:
            return ""  # the card moved on under the finger
        payload = self.press_body(who, message, label)
        body = urlencode({"payload": json.dumps(payload)})
        await asyncio.gather(*(self.post(body, form=True) for _ in range(times)))
        self.delivered.doubled += times - 1
        return str(payload["trigger_id"])

    def _views_open(self, args: dict[str, Any]) -> dict[str, Any]:
        answer = super()._views_open(args)
        if answer["ok"]:
            self.views_by_trigger[args["trigger_id"]] = answer["view"]
        return answer

    def in_thread(self, ts: str) -> Sequence[Message]:
        """The messages of a thread, the oldest first, whispered ones too."""
        return [each for each in self.messages.values() if each.thread_ts == ts]

    def cards_of(self, number: str) -> list[Message]:
        """All messages that show the card of a proposal."""
        return [each for each in self.messages.values() if number_of(each) == number]


def number_of(message: Message) -> str | None:
    """The number of the proposal whose card a message shows; None: it shows none."""
    found = CARD.search(message.everything)
    return f"P-{found[1]}" if found else None
