"""Slack's Web API, done well; the only file that imports slack_sdk.

Calls answer with plain mappings and raise `Gone` or `SendFailed`. What Slack
says of people and channels is remembered for five minutes.
https://docs.slack.dev/apis/web-api/
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.platform import Gone, SendFailed
from qbo.books import Document

if TYPE_CHECKING:
    from slack_sdk.http_retry.async_handler import AsyncRetryHandler
    from slack_sdk.http_retry.request import HttpRequest
    from slack_sdk.http_retry.response import HttpResponse
    from slack_sdk.http_retry.state import RetryState

log = logging.getLogger(__name__)
# Bolt and the SDK write the bodies of requests below ERROR; those hold the books.
quiet = logging.getLogger(f"{__name__}.sdk")
quiet.setLevel(logging.ERROR)

TIMEOUT_SECONDS = 10
UPLOAD_SECONDS = 60
RETRY_AFTER_SECONDS_MAX = 30
FACTS_KEPT = timedelta(minutes=5)
# A response_url serves five times in half an hour.
# https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
RESPONSE_URL_KEPT = timedelta(minutes=29)
RESPONSE_URL_USES = 5
_REMEMBERED = 10_000
# https://docs.slack.dev/reference/methods/chat.update: longer text is refused.
_TEXT_MAX = 4000
# https://docs.slack.dev/reference/methods/files.getUploadURLExternal
_ALT_MAX = 1000
_MOMENT_DIGITS = 11  # seconds until the year 5138

# https://docs.slack.dev/reference/methods/chat.postMessage#errors and its like.
_GONE = {
    "cannot_dm_bot",
    "cant_update_message",
    "channel_is_limited_access",
    "channel_not_found",
    "edit_window_closed",
    "is_archived",
    "message_not_found",
    "messages_tab_disabled",
    "not_in_channel",
    "cannot_reply_to_message",
    "posting_to_channel_denied",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "user_disabled",
    "user_not_found",
    "user_not_in_channel",
    "user_not_visible",
}
_BAD_BLOCKS = {
    "block_mismatch",
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
}
# What an operator has to put right: it is said in the state.
_TOKEN_FAULTS = {
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "token_expired",
    "token_revoked",
}
# Where a message of ours cannot be looked for.
_UNREADABLE = {"missing_scope", "no_permission", "thread_not_found", "unknown_method"}
_CLOCKS_SECONDS = 60
_LOOKED_AT = 200
_CONFIGURATION = _TOKEN_FAULTS | {"missing_scope", "no_permission"}


@dataclass(frozen=True, slots=True)
class Team:
    """The Slack team the app is installed in, and what we are called there."""

    id: str
    name: str
    bot_user: str
    bot: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What Slack says of a user; `teams` are all teams the person belongs to.

    `confirmed` is whether Slack says that the address was confirmed.
    """

    name: str
    email: str | None
    zone: str
    teams: frozenset[str]
    guest: bool
    bot: bool
    confirmed: bool
    at: datetime
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """Whether outsiders read a channel, and whether we are in it (None: unknown)."""

    shared: bool
    member: bool | None
    at: datetime


class Declined(SendFailed):
    """Slack answered with an error that has a code."""

    def __init__(
        self,
        code: str,
        details: tuple[str, ...] = (),
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(
            f"slack declined: {code}",
            retry_after_seconds=retry_after_seconds,
            is_about_card=retry_after_seconds is None and code not in _CONFIGURATION,
        )
        self.code = code
        self.details = details


class _ShortRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits out a rate limit when that is soon over."""

    async def _can_retry_async(
        self,
        *,
        state: "RetryState",
        request: "HttpRequest",
        response: "HttpResponse | None" = None,
        error: Exception | None = None,
    ) -> bool:
        del state, request, error
        if response is None or response.status_code != 429:  # noqa: PLR2004 - HTTP
            return False
        asked = {name.lower(): value for name, value in response.headers.items()}
        wait = asked.get("retry-after", ["1"])[0]
        return wait.isdigit() and int(wait) <= RETRY_AFTER_SECONDS_MAX


class _Clock:
    """Our clock, as the SDK's signature check asks for it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now().timestamp()


class Signatures:
    """Tells requests that Slack signed within five minutes from all others.

    https://docs.slack.dev/authentication/verifying-requests-from-slack/
    """

    def __init__(self, secret: str, now: Callable[[], datetime]) -> None:
        self._verifier = SignatureVerifier(secret, _Clock(now))  # type: ignore[arg-type]

    def good(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the headers sign these bytes, and lately. Never raises."""
        moment = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        is_number = (
            moment.isascii() and moment.isdigit() and len(moment) <= _MOMENT_DIGITS
        )
        if not (is_number and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(raw, moment, signature)
        except ValueError:  # bytes that are no text
            return False


class Web:
    """The calls we make, with one token over one session."""

    def __init__(
        self,
        url: str,
        token: str,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._url = url
        self._now = now
        self._client = self.client(token)
        self._people: dict[str, Facts] = {}
        self._channels: dict[str, Channel] = {}
        self._direct: dict[str, str] = {}
        self._urls: dict[tuple[str, str], tuple[str, datetime, int]] = {}
        self.fault: str | None = None

    def client(self, token: str | None) -> AsyncWebClient:
        """A client with our time-out and retries, for Bolt too."""
        retries: list[AsyncRetryHandler] = [
            AsyncConnectionErrorRetryHandler(),
            _ShortRateLimit(max_retry_count=2),
            AsyncServerErrorRetryHandler(),
        ]
        return AsyncWebClient(
            token=token,
            base_url=self._url,
            timeout=TIMEOUT_SECONDS,
            session=self._session,
            retry_handlers=retries,
            logger=quiet,
        )

    async def introduce(self) -> Team:
        """Who we are, as `auth.test` says it; why it fails is kept as `fault`."""
        try:
            answer = await self._asked(self._client.auth_test())
        except SendFailed as failed:
            self.fault = str(failed)
            raise
        team, user = answer.get("team_id"), answer.get("user_id")
        if not (isinstance(team, str) and isinstance(user, str)):
            self.fault = "auth.test did not say who we are"
            raise SendFailed(self.fault)
        self.fault = None
        name, bot = str(answer.get("team", team)), str(answer.get("bot_id"))
        return Team(team, name, user, bot)

    async def open_form(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a form for whoever pressed within the last three seconds."""
        await self._asked(self._client.views_open(trigger_id=trigger, view=dict(view)))

    async def facts(self, user: str, *, fresh: bool = False) -> Facts:
        """What Slack says of a user, at most five minutes old, or this moment."""
        known = self._people.get(user)
        if not fresh and known is not None and self._now() - known.at < FACTS_KEPT:
            return known
        if fresh:
            # What cannot be read anew must not be believed the next time either.
            self._people.pop(user, None)
        answer = await self._asked(
            self._client.users_info(user=user, include_locale=True)
        )
        facts = _facts(answer.get("user"), self._now())
        _remember(self._people, user, facts)
        return facts

    async def channel(self, channel: str) -> Channel:
        """Who reads a channel; without the permission to ask, not known."""
        known = self._channels.get(channel)
        if known is not None and self._now() - known.at < FACTS_KEPT:
            return known
        try:
            answer = await self._asked(
                self._client.conversations_info(channel=channel), quietly=True
            )
        except Gone:
            found = Channel(shared=False, member=False, at=self._now())
        except Declined as declined:
            if declined.code != "missing_scope":
                raise
            found = Channel(shared=False, member=None, at=self._now())
        else:
            about = answer.get("channel")
            about = about if isinstance(about, Mapping) else {}
            found = Channel(
                shared=bool(
                    about.get("is_ext_shared") or about.get("is_pending_ext_shared")
                ),
                member=about.get("is_member") is not False,
                at=self._now(),
            )
        _remember(self._channels, channel, found)
        return found

    def learn_channel(self, channel: str, *, shared: bool) -> None:
        """Remember what an event said of a channel that we are in."""
        found = Channel(shared=shared, member=True, at=self._now())
        _remember(self._channels, channel, found)

    async def opened(self, user: str) -> str:
        """The channel of the direct messages with a user."""
        if user not in self._direct:
            answer = await self._asked(self._client.conversations_open(users=user))
            channel = answer.get("channel")
            found = channel.get("id") if isinstance(channel, Mapping) else None
            if not isinstance(found, str):
                raise SendFailed("slack opened no conversation")
            _remember(self._direct, user, found)
        return self._direct[user]

    async def post(self, channel: str, thread: str, payload: Mapping[str, Any]) -> str:
        """Post a message; its id is "channel/ts"."""
        answer = await self._shown(
            self._client.chat_postMessage,
            payload,
            channel=channel,
            thread_ts=thread or None,
            unfurl_links=False,
            unfurl_media=False,
        )
        return f"{channel}/{answer.get('ts')}"

    async def find(
        self, channel: str, thread: str, block: str, since: datetime
    ) -> str | None:
        """The message of ours with a block of that id; None: none that we may read.

        In direct messages the app reads its own; in channels only with the scopes
        channels:history and groups:history.
        https://docs.slack.dev/reference/methods/conversations.history
        """
        where: dict[str, Any] = {
            "channel": channel,
            # Their clock and ours differ a little.
            "oldest": f"{since.timestamp() - _CLOCKS_SECONDS:.6f}",
            "limit": _LOOKED_AT,
        }
        call = (
            self._client.conversations_replies(ts=thread, **where)
            if thread
            else self._client.conversations_history(**where)
        )
        try:
            answer = await self._asked(call, quietly=True)
        except Declined as declined:
            if declined.code in _UNREADABLE:
                return None
            raise
        for message in answer.get("messages") or ():
            blocks = message.get("blocks") if isinstance(message, Mapping) else None
            for each in blocks if isinstance(blocks, list) else ():
                if isinstance(each, Mapping) and each.get("block_id") == block:
                    return f"{channel}/{message.get('ts')}"
        return None

    async def update(self, message: str, payload: Mapping[str, Any]) -> None:
        """Replace what a message of ours shows."""
        channel, _, ts = message.partition("/")
        if not ts or channel == "response":
            raise Gone("that answer cannot be edited")
        await self._shown(self._client.chat_update, payload, channel=channel, ts=ts)

    async def ephemeral(
        self, channel: str, thread: str, user: str, payload: Mapping[str, Any]
    ) -> None:
        """Show something to one person among those in a channel."""
        await self._shown(
            self._client.chat_postEphemeral,
            payload,
            channel=channel,
            user=user,
            thread_ts=thread or None,
        )

    async def upload(
        self, channel: str, thread: str, document: Document, *, alt: str = ""
    ) -> None:
        """Share a file in a channel or thread; `alt` tells a picture in words.

        https://docs.slack.dev/messaging/working-with-files/#upload
        """
        slot = await self._asked(
            self._client.files_getUploadURLExternal(
                filename=document.name,
                length=len(document.content),
                alt_txt=alt[:_ALT_MAX] or None,
            )
        )
        try:
            async with self._session.post(
                str(slot.get("upload_url")),
                data=document.content,
                headers={"Content-Type": "application/octet-stream"},
                timeout=aiohttp.ClientTimeout(total=UPLOAD_SECONDS),
            ) as answer:
                if answer.status != 200:  # noqa: PLR2004 - HTTP
                    raise SendFailed(f"slack's upload answered {answer.status}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as failed:
            raise SendFailed(
                f"slack's upload failed: {type(failed).__name__}"
            ) from None
        await self._asked(
            self._client.files_completeUploadExternal(
                files=[{"id": str(slot.get("file_id")), "title": document.name}],
                channel_id=channel,
                thread_ts=thread or None,
            )
        )

    def keep_url(self, channel: str, user: str, url: str) -> None:
        """Keep a response_url in memory for as long as it serves."""
        if url:
            until = self._now() + RESPONSE_URL_KEPT
            kept = (url, until, RESPONSE_URL_USES)
            _remember(self._urls, (channel, user), kept)

    async def respond(
        self, channel: str, user: str, payload: Mapping[str, Any]
    ) -> bool:
        """Answer a person by the response_url of what they did there, if it serves."""
        url, until, left = self._urls.pop((channel, user), ("", self._now(), 0))
        if not left or until < self._now():
            return False
        self._urls[(channel, user)] = (url, until, left - 1)
        body = {**payload, "response_type": "ephemeral", "replace_original": False}
        try:
            async with self._session.post(url, json=body) as answer:
                return answer.status == 200  # noqa: PLR2004 - HTTP
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False

    async def _shown(
        self,
        method: Callable[..., Awaitable[AsyncSlackResponse]],
        payload: Mapping[str, Any],
        **where: Any,
    ) -> Mapping[str, Any]:
        """Call a method with a card; blocks that Slack refuses become text."""
        try:
            return await self._asked(method(**where, **payload))
        except Declined as declined:
            if declined.code not in _BAD_BLOCKS:
                raise
            log.error(  # noqa: TRY400 - a fault in us, told by its facts
                "slack refused the blocks of a card",
                extra={"code": declined.code, "details": declined.details},
            )
        text = str(payload["text"])[:_TEXT_MAX]
        return await self._asked(method(**where, text=text, blocks=[]))

    async def _asked(
        self, call: Awaitable[AsyncSlackResponse], *, quietly: bool = False
    ) -> Mapping[str, Any]:
        """What Slack answers.

        Raises:
            Gone: there is no such place, person or message any more.
            SendFailed: anything else; `Declined` where Slack gave a code.
        """
        try:
            data = (await call).data
        except SlackApiError as refused:
            code, details = _refusal(refused)
            if code in _CONFIGURATION and not quietly:
                self.fault = code
            if code in _GONE:
                raise Gone(f"slack: {code}") from None
            raise Declined(code, details, _retry_after(refused)) from None
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as failed:
            raise SendFailed(
                f"slack could not be reached: {type(failed).__name__}"
            ) from None
        if self.fault in _TOKEN_FAULTS:
            self.fault = None  # somebody has put it right
        return data if isinstance(data, dict) else {}


def _facts(user: Any, now: datetime) -> Facts:
    about = user if isinstance(user, Mapping) else {}
    profile = about.get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    grid = about.get("enterprise_user")
    grid_teams = grid.get("teams") if isinstance(grid, Mapping) else None
    name = next(
        (
            text
            for text in (
                profile.get("real_name"),
                about.get("real_name"),
                profile.get("display_name"),
                about.get("name"),
            )
            if isinstance(text, str) and text
        ),
        "",
    )
    email, zone = profile.get("email"), about.get("tz")
    locale = about.get("locale")
    return Facts(
        name=name,
        email=email if isinstance(email, str) and email else None,
        # Some workspaces let people edit their address; only one that Slack has
        # confirmed is believed to be theirs.
        confirmed=about.get("is_email_confirmed") is True,
        zone=zone if isinstance(zone, str) else "",
        locale=locale if isinstance(locale, str) else "",
        teams=frozenset(
            team
            for team in (
                about.get("team_id"),
                *(grid_teams if isinstance(grid_teams, list) else ()),
            )
            if isinstance(team, str)
        ),
        guest=any(
            about.get(flag) is True
            for flag in (
                "deleted",
                "is_restricted",
                "is_ultra_restricted",
                "is_stranger",
                "is_invited_user",
            )
        ),
        bot=about.get("is_bot") is True or about.get("is_workflow_bot") is True,
        at=now,
    )


def _refusal(refused: SlackApiError) -> tuple[str, tuple[str, ...]]:
    """The code of a refusal, and what Slack says of the blocks."""
    data = getattr(refused.response, "data", None)
    if not isinstance(data, dict):
        return "an answer that is not JSON", ()
    about = data.get("response_metadata")
    messages = about.get("messages") if isinstance(about, dict) else None
    details = messages if isinstance(messages, list) else []
    return str(data.get("error", "no reason")), tuple(map(str, details[:5]))


def _retry_after(refused: SlackApiError) -> float | None:
    """How long Slack wants to be left alone; None where it is not that."""
    if getattr(refused.response, "status_code", None) != 429:  # noqa: PLR2004 - HTTP
        return None
    headers = getattr(refused.response, "headers", None) or {}
    asked = {str(name).lower(): value for name, value in dict(headers).items()}
    wait = str(asked.get("retry-after", ""))
    return float(wait) if wait.isdecimal() else 1.0


def _remember(kept: dict[Any, Any], key: Any, value: Any) -> None:
    """Keep a fact, and forget the oldest when there are very many."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > _REMEMBERED:
        del kept[next(iter(kept))]
