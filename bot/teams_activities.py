"""What Teams' activities mean: JSON in, plain values out. Nothing here waits.

The SDK's models drop what they do not know (the tenant, the mentions), so the
JSON itself is read. https://learn.microsoft.com/microsoftteams/platform/bots/
"""

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

ROOT = ";messageid="
TOKEN_MAX = 4000
FIELD_MAX = 4000
_VERB = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.ASCII)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
# An Entra object id, or what the emulator has for one.
_PERSON = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


class Malformed(Exception):
    """The activity is not what Teams sends; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did it and where.

    `user` is the person's Entra object id, `account` what this bot has to call
    that person ("29:…"). `conversation` is without the thread; `thread` is the
    id of the channel thread's first message. `service` ends with a slash.
    """

    tenant: str
    user: str
    account: str
    name: str
    zone: str
    conversation: str
    thread: str
    kind: str
    service: str
    bot: str
    locale: str = ""

    @property
    def private(self) -> bool:
        """Whether only this person and we read there."""
        return self.kind == "personal"


@dataclass(frozen=True, slots=True)
class Said:
    """A message to us, the mention of us taken off."""

    origin: Origin
    event: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a card; `message` is the id of the card's message."""

    origin: Origin
    event: str
    message: str
    verb: str
    token: str
    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)


def activity(raw: bytes) -> dict[str, Any]:
    """The activity that a body holds.

    Raises:
        Malformed: it holds none.
    """
    try:
        found = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise Malformed("no activity")
    if not _is_text_throughout(found):
        raise Malformed("a text that is none")
    return found


def _is_text_throughout(found: dict[str, Any]) -> bool:
    """Whether every text can be written down.

    JSON can spell half a character (a lone surrogate), which no encoding takes,
    and a NUL, which PostgreSQL does not keep.
    """
    waiting: list[Any] = [found]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str) and _NO_TEXT.search(each):
            return False
    return True


def service(found: Mapping[str, Any]) -> str:
    """The address of the connector service, always with a slash at the end."""
    url = _text(found.get("serviceUrl"))
    return url.rstrip("/") + "/" if url else ""


def origin(found: Mapping[str, Any]) -> Origin | None:
    """Who did it and where; None when a program did it or nobody can be named.

    Raises:
        Malformed: the tenant or the conversation is missing, or there are two.
    """
    sender, recipient = _mapping(found.get("from")), _mapping(found.get("recipient"))
    conversation = _mapping(found.get("conversation"))
    channel_data = _mapping(found.get("channelData"))
    tenants = {
        _text(_mapping(channel_data.get("tenant")).get("id")),
        _text(conversation.get("tenantId")),
    } - {""}
    place = _text(conversation.get("id"))
    if len(tenants) != 1 or not place:
        raise Malformed("no tenant, two tenants, or no conversation")
    account, user = _text(sender.get("id")), _text(sender.get("aadObjectId"))
    if sender.get("role") == "bot" or account.startswith("28:"):
        return None
    if not account or not _PERSON.fullmatch(user):
        return None
    base, _, thread = place.partition(ROOT)
    kind = _text(conversation.get("conversationType"))
    return Origin(
        tenant=tenants.pop(),
        user=user,
        account=account,
        name=_text(sender.get("name")),
        zone=_client(found, "timezone"),
        conversation=base,
        thread=thread,
        kind=kind or ("groupChat" if conversation.get("isGroup") else "personal"),
        service=service(found),
        bot=_text(recipient.get("id")),
        locale=_text(found.get("locale")) or _client(found, "locale"),
    )


def said(found: Mapping[str, Any], now: datetime) -> Said | None:
    """The message of a message activity; None when it is nothing to us.

    Raises:
        Malformed: see `origin`, and a moment outside all years.
    """
    who = origin(found)
    if who is None or not (
        isinstance(found.get("text"), str) or found.get("attachments")
    ):
        return None
    return Said(who, _event(found, who), _plain(found), _moment(found, now))


def pressed(found: Mapping[str, Any], now: datetime) -> Pressed | None:
    """The press of an `adaptiveCard/action` invoke; None from a program.

    Inputs come merged into the action's data, beside the token. An automatic
    refresh is nobody's press.

    Raises:
        Malformed: it is no press of a button of ours.
    """
    value = _mapping(found.get("value"))
    action = _mapping(value.get("action"))
    verb, data = _text(action.get("verb")), _mapping(action.get("data"))
    if action.get("type") != "Action.Execute" or not _VERB.fullmatch(verb):
        raise Malformed("no Action.Execute with a verb")
    if value.get("trigger") == "automatic":
        raise Malformed("nobody pressed")
    token = data.get("token", "")
    if not isinstance(token, str) or len(token) > TOKEN_MAX:
        raise Malformed("no token")
    who = origin(found)
    if who is None:
        return None
    return Pressed(
        who,
        # The emulator gives an invoke no id; then its moment and content do.
        _event(found, who, verb, token),
        _text(found.get("replyToId")),
        verb,
        token,
        _moment(found, now),
        {
            str(name): typed[:FIELD_MAX]
            for name, given in data.items()
            if name != "token" and (typed := _typed(given)) is not None
        },
    )


def added_us(found: Mapping[str, Any]) -> bool:
    """Whether an update tells that we were installed, or met, in a conversation."""
    if found.get("type") == "installationUpdate":
        return _text(found.get("action")).startswith("add")
    us = _mapping(found.get("recipient")).get("id")
    return any(_mapping(each).get("id") == us for each in _list(found, "membersAdded"))


def removed_us(found: Mapping[str, Any]) -> bool:
    """Whether an update tells that we were uninstalled from a conversation."""
    if found.get("type") == "installationUpdate":
        return _text(found.get("action")).startswith("remove")
    us = _mapping(found.get("recipient")).get("id")
    return any(
        _mapping(each).get("id") == us for each in _list(found, "membersRemoved")
    )


def _plain(found: Mapping[str, Any]) -> str:
    """The text as its author saw it: entities decide what a mention is.

    The mention of us is taken off once, literally; other people's names stay.
    """
    text = _text(found.get("text"))
    us = _mapping(found.get("recipient")).get("id")
    for each in _list(found, "entities"):
        entity = _mapping(each)
        shown, mentioned = _text(entity.get("text")), _mapping(entity.get("mentioned"))
        if entity.get("type") != "mention" or not shown:
            continue
        is_us = us is not None and mentioned.get("id") == us
        name = "" if is_us else "@" + _text(mentioned.get("name"))
        text = text.replace(shown, name, 1)
    # Teams escapes what was typed, and puts a no-break space behind a mention.
    lines = (" ".join(line.split()) for line in html.unescape(text).splitlines())
    return "\n".join(line for line in lines if line)


def _event(found: Mapping[str, Any], who: Origin, *more: str) -> str:
    if known := _text(found.get("id")):
        return f"{who.conversation}/{known}"
    facts = [
        *(_text(found.get(name)) for name in ("timestamp", "localTimestamp")),
        _text(found.get("replyToId")),
        who.user,
        *more,
    ]
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return f"{who.conversation}/{digest[:32]}"


def _moment(found: Mapping[str, Any], now: datetime) -> datetime:
    """The activity's moment; ours where it gives none.

    Raises:
        Malformed: it lies outside all years.
    """
    try:
        moment = datetime.fromisoformat(_text(found.get("timestamp")))
    except ValueError:
        return now
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Malformed("a moment outside all years") from None


def _client(found: Mapping[str, Any], name: str) -> str:
    for each in _list(found, "entities"):
        entity = _mapping(each)
        if entity.get("type") == "clientInfo":
            return _text(entity.get(name))
    return ""


def _typed(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | Decimal) else None


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found.get(name)
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
