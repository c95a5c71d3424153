"""What Slack's requests mean: bodies in, plain values out. Nothing here waits.

Bodies are signed by Slack, but what people wrote in them is not to be trusted,
and a shape that Slack does not document is treated as nothing at all.
Shapes: https://docs.slack.dev/apis/events-api/ ,
https://docs.slack.dev/interactivity/handling-user-interaction/ .
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from cards.slack import ACTION, ASKING, MODAL

COMMANDS = ("/countersign", "/connect")

# A form keeps what it needs to become a press in its private metadata, which
# holds 3,000 characters (https://docs.slack.dev/reference/views/modal-views/).
_METADATA_MAX = 3000
_TOKEN = re.compile(r"<([^<>]*)>")
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


# Where Slack documents an object; anything else there is no request of Slack's.
_OBJECTS = ("event", "user", "team", "enterprise", "channel", "container", "view")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did it and where, as the body says.

    `team` is the person's own team; `home` the team the app is installed in.
    `thread` is the ts of the thread's first message, "" outside threads.
    `shared` is True where people of other organisations read along, None where
    the body does not tell. `response_url` lets whoever holds it answer: it is
    kept in memory only.
    """

    user: str
    team: str
    home: str
    channel: str
    thread: str = ""
    name: str = ""
    shared: bool | None = None
    response_url: str = field(default="", repr=False)

    @property
    def private(self) -> bool:
        """Whether only this person and we read there."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Words:
    """Something written to us; `raw` still has Slack's tokens and escapes."""

    origin: Origin
    event: str
    second_key: str
    raw: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button pressed, or a form sent.

    `ts` is the message that carries the button. `value` is the button's value,
    `label` its text, `trigger` what opens a form within three seconds.
    """

    origin: Origin
    event: str
    ts: str
    verb: str
    value: str
    at: datetime
    label: str = ""
    trigger: str = field(default="", repr=False)
    ephemeral: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


def is_readable(content_type: str, raw: bytes) -> bool:
    """Whether a body is what Slack sends: a JSON object, or a form with one."""
    try:
        text = raw.decode()
        if content_type == "application/json":
            return _is_shaped(json.loads(text))
        if content_type != "application/x-www-form-urlencoded":
            return False
        form = parse_qs(text, strict_parsing=True, max_num_fields=100)
        return all(_is_shaped(json.loads(each)) for each in form.get("payload", ()))
    except (ValueError, RecursionError):
        return False


def _is_shaped(body: Any) -> bool:
    if not isinstance(body, dict):
        return False
    actions = body.get("actions", [{}])
    return (
        all(isinstance(body.get(name, {}), dict | None) for name in _OBJECTS)
        and isinstance(actions, list)
        and bool(actions)
        and all(isinstance(action, dict) for action in actions)
    )


def words(body: Mapping[str, Any], bot_user: str) -> Words | None:
    """The message that an event tells of, or None when it is nothing to us.

    Nothing to us are our own and other bots' messages, edits, deletions, joins
    and whatever else carries a subtype, and messages in channels that do not
    mention us (they come as `app_mention` when they do).
    """
    event = _mapping(body.get("event"))
    kind, user = _text(event.get("type")), _text(event.get("user"))
    channel, ts = _text(event.get("channel")), _text(event.get("ts"))
    if not (user and channel and ts) or user == bot_user or event.get("bot_id"):
        return None
    if event.get("subtype") not in {None, "file_share"} or event.get("edited"):
        return None
    if kind != "app_mention" and not (
        kind == "message" and event.get("channel_type") == "im"
    ):
        return None
    home = _text(body.get("team_id"))
    root = _text(event.get("thread_ts"))
    # In a channel the answer opens a thread under the question; a direct message
    # is answered beside it, unless the person wrote in a thread there.
    thread = root if channel.startswith("D") else root or ts
    return Words(
        Origin(
            user=user,
            # In channels shared between organisations these name the author's own.
            team=_text(event.get("user_team") or event.get("team")) or home,
            home=home,
            channel=channel,
            thread=thread,
            shared=body.get("is_ext_shared_channel") is True,
        ),
        event=_text(body.get("event_id")) or f"{channel}/{ts}",
        second_key=f"{channel}/{ts}",
        raw=_text(event.get("text")),
        at=_time(ts),
    )


def command(body: Mapping[str, Any], at: datetime) -> Words | None:
    """What a slash command says; `/connect` is the word "connect"."""
    user, channel = _text(body.get("user_id")), _text(body.get("channel_id"))
    if not (user and channel):
        return None
    said = _text(body.get("text")).strip()
    if _text(body.get("command")) == "/connect":
        raw = f"connect {said}".strip()
    else:
        raw = said or "help"
    home = _text(body.get("team_id"))
    return Words(
        Origin(
            user=user,
            team=home,
            home=home,
            channel=channel,
            name=_text(body.get("user_name")),
            response_url=_text(body.get("response_url")),
        ),
        # Slack gives a command no id, and does not repeat it either.
        event=f"command/{_text(body.get('trigger_id')) or f'{channel}/{at}'}",
        second_key="",
        raw=raw,
        at=at,
    )


def pressed(body: Mapping[str, Any]) -> Pressed | None:
    """The button of ours that an interaction presses, or None."""
    actions = body.get("actions")
    action = _mapping(actions[0]) if isinstance(actions, list) and actions else {}
    name = _text(action.get("action_id"))
    container = _mapping(body.get("container"))
    channel = _text(
        container.get("channel_id") or _mapping(body.get("channel")).get("id")
    )
    ts = _text(container.get("message_ts"))
    user = _mapping(body.get("user"))
    who, when = _text(user.get("id")), _text(action.get("action_ts"))
    asking = name.startswith(ASKING)
    if not (who and channel and ts and (asking or name.startswith(ACTION))):
        return None
    home = _text(_mapping(body.get("team")).get("id")) or _text(user.get("team_id"))
    thread = _text(
        container.get("thread_ts") or _mapping(body.get("message")).get("thread_ts")
    )
    if thread == ts:  # the card began that thread; it was not written into it
        thread = ""
    return Pressed(
        Origin(
            user=who,
            team=_text(user.get("team_id")) or home,
            home=home,
            channel=channel,
            thread=thread,
            name=_text(user.get("name")),
            response_url=_text(body.get("response_url")),
        ),
        event=f"press/{channel}/{ts}/{when}/{who}/{name}",
        ts=ts,
        # A renderer tells equal verbs on one card apart by a number behind "#".
        verb=name.split(":", 1)[1].partition("#")[0],
        value=_text(action.get("value")),
        at=_time(when),
        label=_text(_mapping(action.get("text")).get("text")),
        trigger=_text(body.get("trigger_id")),
        ephemeral=container.get("is_ephemeral") is True,
    )


def mark_id(mark: str) -> str:
    """The id of the block that carries a mark (at most 255 characters)."""
    return f"mark.{mark}"


def marked(payload: Mapping[str, Any], mark: str) -> Mapping[str, Any]:
    """A message whose first block carries a mark."""
    first, *others = payload["blocks"]
    return {**payload, "blocks": [{**first, "block_id": mark_id(mark)}, *others]}


def metadata(press: Pressed) -> str:
    """What a form keeps of the press that opened it, for `submitted` to read.

    Raises:
        ValueError: it is longer than Slack keeps.
    """
    origin = press.origin
    text = json.dumps(
        [origin.channel, press.ts, origin.thread, press.verb, press.value]
    )
    if len(text) > _METADATA_MAX:
        raise ValueError("the button's token is too long for a form")
    return text


def submitted(body: Mapping[str, Any], at: datetime) -> Pressed | None:
    """The press that a sent form completes, or None when it is no form of ours."""
    view = _mapping(body.get("view"))
    user = _mapping(body.get("user"))
    who = _text(user.get("id"))
    try:
        channel, ts, thread, verb, token = map(
            _text, json.loads(_text(view.get("private_metadata")))
        )
    except (ValueError, TypeError):
        return None
    is_ours = _text(view.get("callback_id")) == MODAL
    if not (is_ours and who and channel and ts and verb):
        return None
    home = _text(view.get("app_installed_team_id")) or _text(
        _mapping(body.get("team")).get("id")
    )
    return Pressed(
        Origin(
            user=who,
            team=_text(user.get("team_id")) or home,
            home=home,
            channel=channel,
            thread=thread,
            name=_text(user.get("name")),
        ),
        # A form is sent once: what follows a refusal of it carries the same id,
        # and nothing was kept of the first attempt.
        event=f"form/{_text(view.get('id'))}",
        ts=ts,
        verb=verb,
        value=token,
        at=at,
        fields=_typed(view),
    )


def first_input(body: Mapping[str, Any]) -> str:
    """The block id of a form's first input, where an error can be shown."""
    blocks = _mapping(body.get("view")).get("blocks")
    for block in blocks if isinstance(blocks, list) else ():
        found = _mapping(block)
        if found.get("type") == "input" and _text(found.get("block_id")):
            return _text(found.get("block_id"))
    return ""


def mentioned(raw: str) -> frozenset[str]:
    """The ids of the users whom a text mentions."""
    return frozenset(_USER.findall(raw))


def plain(raw: str, bot_user: str, names: Mapping[str, str]) -> str:
    """A message as its author saw it, without the mention of us.

    Tokens become text: people by `names` (id to name), channels, groups and
    dates by their label, links as they were written. Escapes are undone last,
    so that what somebody typed as `&lt;@U1&gt;` is never taken for a token.
    https://docs.slack.dev/messaging/formatting-message-text/
    """

    def shown(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        if target.startswith("@"):
            if target[1:] == bot_user:
                return ""
            return "@" + (names.get(target[1:]) or label or target[1:])
        if target.startswith("#"):
            return "#" + (label or target[1:])
        if target.startswith("!"):
            return label or "@" + target[1:].partition("^")[0]
        return label or target.removeprefix("mailto:").removeprefix("tel:")

    text = _TOKEN.sub(shown, raw)
    # Only the three that Slack writes; `&copy;` was typed as it stands.
    for escape in ("&lt;", "&gt;", "&amp;"):
        text = text.replace(escape, html.unescape(escape))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _typed(view: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    values = _mapping(_mapping(view.get("state")).get("values"))
    for inputs in values.values():
        for name, typed in _mapping(inputs).items():
            value = _mapping(typed).get("value")
            if isinstance(value, str):
                found[str(name)] = value
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(ts: str) -> datetime:
    """The moment of a ts ("1700000000.000100", seconds); its id stays a text."""
    try:
        return datetime.fromtimestamp(int(ts.partition(".")[0]), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
