"""Calls to the Bot Framework's connector service: one card, one file at a time.

The SDK's client works through threads, waits 100 seconds and gives up a throttled
message at once; this one shares our session and repeats what surely is not yet
there. https://learn.microsoft.com/azure/bot-service/rest-api/ ,
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

import asyncio
import logging
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.platform import Gone, SendFailed
from bot.teams_auth import Credential, TeamsSettings, is_service

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
ATTEMPTS = 4
WAIT_SECONDS_MAX = 15.0
# Where Teams throttles without saying for how long.
_THROTTLED_SECONDS = 10.0
# Refused before anything was done: safe to repeat, whatever it was.
_NOT_DONE = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.PRECONDITION_FAILED}
_CODE = re.compile(r"[A-Za-z0-9_. -]{1,60}", re.ASCII)

Json = Mapping[str, Any]


class TooLarge(SendFailed):
    """Teams does not take a message of that size."""


class Connector:
    """The few calls we make, with our token, to Microsoft's hosts only."""

    def __init__(
        self,
        settings: TeamsSettings,
        credential: Credential,
        session: Callable[[], aiohttp.ClientSession],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._credential = credential
        self._session = session
        self._pause = pause
        self.fault: str | None = None

    async def send(self, service: str, conversation: str, activity: Json) -> str:
        """Send an activity; its id."""
        path = f"v3/conversations/{quote(conversation, safe='')}/activities"
        answer = await self._call("POST", service, path, activity)
        return _id(answer)

    async def update(
        self, service: str, conversation: str, message: str, activity: Json
    ) -> None:
        """Replace an activity of ours."""
        path = (
            f"v3/conversations/{quote(conversation, safe='')}"
            f"/activities/{quote(message, safe='')}"
        )
        await self._call("PUT", service, path, activity)

    async def member(self, service: str, conversation: str, account: str) -> Json:
        """What Teams says of somebody in a conversation."""
        path = (
            f"v3/conversations/{quote(conversation, safe='')}"
            f"/members/{quote(account, safe='')}"
        )
        return await self._call("GET", service, path)

    async def create(self, service: str, parameters: Json) -> str:
        """Open a conversation; its id."""
        return _id(await self._call("POST", service, "v3/conversations", parameters))

    async def _call(
        self, verb: str, service: str, path: str, body: Json | None = None
    ) -> Json:
        """One call, repeated where that cannot do it twice.

        Raises:
            Gone: there is no such conversation or message, or not for us.
            TooLarge: the body is too large.
            SendFailed: anything else.
        """
        if not is_service(service, self._settings):
            raise SendFailed("not an address of the Bot Framework's")
        url = service.rstrip("/") + "/" + path
        fresh, last = False, _Outcome("nothing was tried", repeat=False)
        for attempt in range(ATTEMPTS):
            last = await self._once(verb, url, body, await self._headers(fresh=fresh))
            if last.said is not None:
                self.fault = None
                return last.said
            if last.status == HTTPStatus.UNAUTHORIZED and not fresh:
                fresh = True
                continue
            wait = 0.5 * 2**attempt * (1 + random.random())  # noqa: S311 - spreads calls
            wait = wait if last.after is None else last.after
            if not last.repeat or wait > WAIT_SECONDS_MAX or attempt + 1 == ATTEMPTS:
                break
            await self._pause(wait)
        raise self._failed(last)

    async def _once(
        self, verb: str, url: str, body: Json | None, headers: Mapping[str, str]
    ) -> "_Outcome":
        try:
            async with self._session().request(
                verb,
                url,
                json=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                allow_redirects=False,
            ) as answer:
                said, status = await _body(answer), answer.status
        except aiohttp.ClientConnectorError as failed:  # nothing was sent
            return _Outcome(type(failed).__name__, repeat=True)
        except (aiohttp.ClientError, TimeoutError) as failed:
            # A POST may have arrived; a second card would be one too many.
            return _Outcome(type(failed).__name__, repeat=verb != "POST")
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return _Outcome("", repeat=False, said=said)
        after = answer.headers.get("Retry-After", "")
        return _Outcome(
            f"{status} {_code(said)}".strip(),
            repeat=_may_repeat(verb, status),
            status=status,
            after=float(after) if after.isdecimal() else None,
        )

    async def _headers(self, *, fresh: bool) -> dict[str, str]:
        try:
            token = await self._credential.token(fresh=fresh)
        except SendFailed as failed:
            self.fault = str(failed)
            raise
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _failed(self, last: "_Outcome") -> Gone | SendFailed:
        why = f"teams: {last.why}"
        if last.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            return Gone(why)
        if last.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return TooLarge(why, is_about_card=True)
        self.fault = why
        if last.status == HTTPStatus.TOO_MANY_REQUESTS:
            return SendFailed(why, retry_after_seconds=last.after or _THROTTLED_SECONDS)
        return SendFailed(why)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one attempt ended: `said` when well, else why, and whether to repeat."""

    why: str
    repeat: bool
    status: int | None = None
    after: float | None = None
    said: Json | None = None


def _may_repeat(verb: str, status: int) -> bool:
    if status in _NOT_DONE:
        return True
    is_theirs = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return verb != "POST" and (is_theirs or status == HTTPStatus.REQUEST_TIMEOUT)


async def _body(answer: aiohttp.ClientResponse) -> Json:
    try:
        found = await answer.json(content_type=None)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _code(said: Json) -> str:
    error = said.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    # Their message may repeat what we sent; only the code goes into a log.
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _id(answer: Json) -> str:
    found = answer.get("id")
    if not isinstance(found, str) or not found:
        raise SendFailed("teams gave no id")
    return found
