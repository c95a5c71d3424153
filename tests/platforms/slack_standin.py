"""A strict stand-in for Slack: its Web API, and the requests it signs.

The real adapter speaks to it over HTTP on loopback. It keeps a workspace (users,
channels, messages, files, forms), refuses what Slack refuses, and plays people:
`mention`, `dm`, `command`, `press` and `submit` send signed requests to
`events_url`. Times come from `now`, so that tests can move them.
"""

import asyncio
import hashlib
import hmac
import io
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

TEAM = "T0HARBOUR"
BOT_USER = "U0BOT"
BOT = "B0BOT"
APP = "A0COUNTERSIGN"
TOKEN = "xoxb-stand-in"
APP_TOKEN = "xapp-stand-in"
SECRET = "a signing secret"

# https://docs.slack.dev/reference/methods: what each method cannot do without.
REQUIRED = {
    "auth.test": set[str](),
    "users.info": {"user"},
    "conversations.info": {"channel"},
    "conversations.open": {"users"},
    "conversations.history": {"channel"},
    "conversations.replies": {"channel", "ts"},
    "chat.postMessage": {"channel", "text"},
    "chat.update": {"channel", "ts", "text"},
    "chat.postEphemeral": {"channel", "user", "text"},
    "views.open": {"trigger_id", "view"},
    "files.getUploadURLExternal": {"filename", "length"},
    "files.completeUploadExternal": {"files"},
    "apps.connections.open": set[str](),
}


@dataclass(frozen=True)
class Call:
    """One call of the Web API, as it arrived."""

    method: str
    args: Mapping[str, Any]
    token: str


@dataclass
class Message:
    """Something the bot posted, as it stands now."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    edits: int = 0

    @property
    def buttons(self) -> dict[str, dict[str, Any]]:
        """The buttons by their label."""
        return {
            element["text"]["text"]: element
            for block in self.blocks
            if block["type"] == "actions"
            for element in block["elements"]
        }

    @property
    def everything(self) -> str:
        """All it holds, as one text to search in."""
        return json.dumps([self.text, self.blocks], ensure_ascii=False)


@dataclass
class Script:
    """What a method answers instead, and how often."""

    error: str = ""
    status: int = 200
    retry_after: str | None = None
    delay: float = 0.0
    times: int = 1
    details: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What Countersign answered to a request."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The answer's JSON."""
        return json.loads(self.text)


def user(
    id_: str, name: str, email: str | None, *, team: str = TEAM, **flags: Any
) -> dict[str, Any]:
    """A user as users.info tells of one."""
    return {
        "id": id_,
        "team_id": team,
        "name": name.lower(),
        "real_name": name,
        "tz": "America/New_York",
        "locale": "en-US",
        "deleted": False,
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_email_confirmed": True,
        "profile": {"real_name": name, "display_name": name.lower(), "email": email},
        **flags,
    }


class SlackStandIn:
    """One Slack workspace with one app in it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.calls: list[Call] = []
        self.messages: dict[tuple[str, str], Message] = {}
        self.responses: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.acks: list[dict[str, Any]] = []
        self.scripts: dict[str, list[Script]] = {}
        self.scopes = {"channels:read", "users:read", "im:history"}
        self.users = {
            each["id"]: each
            for each in (
                user("U0SAM", "Sam", "sam@harbour.example"),
                user("U0PRIYA", "Priya", "priya@harbour.example"),
                user("U0ALEX", "Alex", "alex@harbour.example"),
            )
        }
        self.channels: dict[str, dict[str, Any]] = {
            "C0FIN": {"id": "C0FIN", "is_member": True, "is_ext_shared": False}
        }
        self.events_url = ""
        self.link: web.WebSocketResponse | None = None
        self.connected = asyncio.Event()
        self._numbers = itertools.count(1)
        self._uploads: dict[str, tuple[int, bytes | None]] = {}
        self._triggers: set[str] = set()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.origin = ""

    # --- its life -------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"{self.origin}/api/"

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/api/{method}", self._api)
        app.router.add_get("/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_post("/response/{number}", self._response)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Listen no more."""
        assert self._session is not None
        assert self._runner is not None
        await self._session.close()
        await self._runner.cleanup()

    def script(self, method: str, **what: Any) -> None:
        """Let the next calls of a method fail as said."""
        self.scripts.setdefault(method, []).append(Script(**what))

    def called(self, method: str) -> list[Mapping[str, Any]]:
        """What a method was called with, each time."""
        return [call.args for call in self.calls if call.method == method]

    def shown(self, channel: str) -> list[Message]:
        """The messages of a channel, oldest first, without the ephemeral ones."""
        return [
            message
            for (where, _), message in self.messages.items()
            if where == channel and message.ephemeral_to is None
        ]

    def whispered(self, who: str) -> list[Message]:
        """What one user was shown alone in channels."""
        return [each for each in self.messages.values() if each.ephemeral_to == who]

    @staticmethod
    def dm_of(who: str) -> str:
        """The channel of the direct messages with a user."""
        return "D" + who[1:]

    async def until(self, what: Callable[[], Any], seconds: float = 5.0) -> Any:
        """Wait until something is so, and return it."""
        async with asyncio.timeout(seconds):
            while not (found := what()):  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(0.01)
        return found

    # --- people doing things ----------------------------------------------------------

    def signed(self, body: str, *, at: str | None = None) -> dict[str, str]:
        """The headers with which Slack signs a body."""
        moment = at if at is not None else str(int(self.now().timestamp()))
        base = f"v0:{moment}:{body}".encode()
        mac = hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
        return {
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": f"v0={mac}",
        }

    async def post(
        self, body: str, *, form: bool = False, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request to Countersign; signed unless `headers` are given."""
        assert self._session is not None
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        sent = dict(self.signed(body) if headers is None else headers)
        sent.setdefault("Content-Type", kind)
        async with self._session.post(
            self.events_url, data=io.BytesIO(body.encode()), headers=sent
        ) as answer:
            return Answer(answer.status, await answer.text())

    def ts(self) -> str:
        """A new message id."""
        return f"{int(self.now().timestamp())}.{next(self._numbers):06d}"

    def envelope(self, event: Mapping[str, Any], **top: Any) -> dict[str, Any]:
        """An event as the Events API wraps it."""
        return {
            "token": "deprecated",
            "team_id": TEAM,
            "api_app_id": APP,
            "type": "event_callback",
            "event_id": f"Ev{next(self._numbers):06d}",
            "event_time": int(self.now().timestamp()),
            "is_ext_shared_channel": False,
            "event": dict(event),
            **top,
        }

    def mention_body(
        self, who: str, text: str, channel: str = "C0FIN", **more: Any
    ) -> dict[str, Any]:
        """The event of a message that mentions the bot."""
        ts = self.ts()
        return self.envelope(
            {
                "type": "app_mention",
                "user": who,
                "text": f"<@{BOT_USER}> {text}",
                "ts": ts,
                "event_ts": ts,
                "channel": channel,
                "team": TEAM,
                **more,
            }
        )

    def dm_body(self, who: str, text: str, **more: Any) -> dict[str, Any]:
        """The event of a direct message."""
        ts = self.ts()
        return self.envelope(
            {
                "type": "message",
                "channel_type": "im",
                "user": who,
                "text": text,
                "ts": ts,
                "event_ts": ts,
                "channel": self.dm_of(who),
                "team": TEAM,
                **more,
            }
        )

    async def mention(self, who: str, text: str, **more: Any) -> Answer:
        """Somebody mentions the bot in a channel."""
        return await self.post(json.dumps(self.mention_body(who, text, **more)))

    async def dm(self, who: str, text: str, **more: Any) -> Answer:
        """Somebody writes to the bot directly."""
        return await self.post(json.dumps(self.dm_body(who, text, **more)))

    async def command(
        self, who: str, command: str, text: str, channel: str = "C0FIN", **more: Any
    ) -> Answer:
        """Somebody types a slash command."""
        fields = {
            "token": "deprecated",
            "team_id": TEAM,
            "channel_id": channel,
            "user_id": who,
            "user_name": who.lower(),
            "command": command,
            "text": text,
            "api_app_id": APP,
            "response_url": self.response_url(),
            "trigger_id": self.trigger(),
            **more,
        }
        return await self.post(urlencode(fields), form=True)

    def response_url(self) -> str:
        """A fresh response_url."""
        return f"{self.origin}/response/{next(self._numbers)}"

    def trigger(self) -> str:
        """A fresh trigger, good for one form."""
        trigger = f"trigger.{next(self._numbers)}"
        self._triggers.add(trigger)
        return trigger

    def press_body(
        self, who: str, message: Message, label: str, **more: Any
    ) -> dict[str, Any]:
        """The interaction of pressing a button of a message."""
        button = message.buttons[label]
        moment = self.ts()
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral_to is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        return {
            "type": "block_actions",
            "team": {"id": TEAM, "domain": "harbour"},
            "user": {"id": who, "username": who, "name": who, "team_id": TEAM},
            "api_app_id": APP,
            "token": "deprecated",
            "trigger_id": self.trigger(),
            "container": container,
            "channel": {"id": message.channel, "name": "finance"},
            "message": {"ts": message.ts, "bot_id": BOT, "blocks": message.blocks},
            "state": {"values": {}},
            "response_url": self.response_url(),
            "actions": [
                {
                    "type": "button",
                    "block_id": "b",
                    "action_ts": moment,
                    **{
                        key: button[key]
                        for key in ("action_id", "value", "text")
                        if key in button
                    },
                }
            ],
            **more,
        }

    async def interact(self, payload: Mapping[str, Any]) -> Answer:
        """Send an interaction."""
        return await self.post(urlencode({"payload": json.dumps(payload)}), form=True)

    async def press(
        self, who: str, message: Message, label: str, **more: Any
    ) -> Answer:
        """Somebody presses a button."""
        return await self.interact(self.press_body(who, message, label, **more))

    def submit_body(
        self, who: str, view: Mapping[str, Any], values: Mapping[str, str]
    ) -> dict[str, Any]:
        """The interaction of sending a form; `values` by the inputs' labels."""
        state: dict[str, Any] = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            element = block["element"]
            typed = values.get(block["label"]["text"])
            state[block["block_id"]] = {
                element["action_id"]: {"type": element["type"], "value": typed}
            }
        return {
            "type": "view_submission",
            "team": {"id": TEAM, "domain": "harbour"},
            "user": {"id": who, "name": who, "team_id": TEAM},
            "api_app_id": APP,
            "trigger_id": self.trigger(),
            "response_urls": [],
            "view": {**view, "state": {"values": state}},
        }

    async def submit(
        self, who: str, view: Mapping[str, Any], values: Mapping[str, str]
    ) -> Answer:
        """Somebody sends a form."""
        return await self.interact(self.submit_body(who, view, values))

    # --- the Web API ------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        args: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            args.update(await request.json())
        else:
            args.update(await request.post())
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append(Call(method, args, given))
        scripted = self._scripted(method)
        if scripted is not None:
            await asyncio.sleep(scripted.delay)
            if scripted.error or scripted.status != 200:
                headers = {}
                if scripted.retry_after is not None:
                    headers["Retry-After"] = scripted.retry_after
                body = {
                    "ok": False,
                    "error": scripted.error,
                    "response_metadata": {"messages": scripted.details},
                }
                return web.json_response(body, status=scripted.status, headers=headers)
        return web.json_response(self._answer(method, args, given))

    def _scripted(self, method: str) -> Script | None:
        scripts = self.scripts.get(method, [])
        if not scripts:
            return None
        scripts[0].times -= 1
        return scripts.pop(0) if scripts[0].times == 0 else scripts[0]

    def _answer(self, method: str, args: dict[str, Any], token: str) -> dict[str, Any]:
        if method not in REQUIRED:
            return _no("unknown_method")
        wanted = APP_TOKEN if method == "apps.connections.open" else TOKEN
        if token != wanted:
            return _no("invalid_auth")
        if any(args.get(name) in {None, ""} for name in REQUIRED[method] - {"view"}):
            return _no("invalid_arguments")
        answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "auth.test": self._auth_test,
            "users.info": self._users_info,
            "conversations.info": self._conversations_info,
            "conversations.open": self._conversations_open,
            "conversations.history": self._history,
            "conversations.replies": self._history,
            "chat.postMessage": self._post_message,
            "chat.update": self._chat_update,
            "chat.postEphemeral": self._post_ephemeral,
            "views.open": self._views_open,
            "files.getUploadURLExternal": self._upload_slot,
            "files.completeUploadExternal": self._upload_complete,
            "apps.connections.open": self._connections_open,
        }
        return answers[method](args)

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "ok": True,
            "url": "https://harbour.slack.example/",
            "team": "Harbour & Pine",
            "user": "countersign",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
        }

    def _users_info(self, args: dict[str, Any]) -> dict[str, Any]:
        if "users:read" not in self.scopes:
            return _no("missing_scope")
        found = self.users.get(args["user"])
        return {"ok": True, "user": found} if found else _no("user_not_found")

    def _conversations_info(self, args: dict[str, Any]) -> dict[str, Any]:
        if "channels:read" not in self.scopes:
            return _no("missing_scope")
        found = self.channels.get(args["channel"])
        return {"ok": True, "channel": found} if found else _no("channel_not_found")

    def _conversations_open(self, args: dict[str, Any]) -> dict[str, Any]:
        found = self.users.get(args["users"])
        if found is None:
            return _no("user_not_found")
        if found["is_bot"]:
            return _no("cannot_dm_bot")
        return {"ok": True, "channel": {"id": self.dm_of(args["users"])}}

    def _history(self, args: dict[str, Any]) -> dict[str, Any]:
        channel, thread = args["channel"], args.get("ts")
        wanted = "im:history" if channel.startswith("D") else "channels:history"
        if wanted not in self.scopes:
            return _no("missing_scope")
        oldest = float(args.get("oldest") or 0)
        found = [
            each
            for each in self.shown(channel)
            if each.thread_ts == thread and float(each.ts) > oldest
        ]
        limit = int(args.get("limit") or 100)
        return {
            "ok": True,
            "messages": [
                {"type": "message", "bot_id": BOT, "ts": m.ts, "blocks": m.blocks}
                for m in reversed(found[-limit:])
            ],
        }

    def _reaches(self, channel: str) -> str | None:
        if channel.startswith("D"):
            known = "U" + channel[1:] in self.users
            return None if known else "channel_not_found"
        found = self.channels.get(channel)
        if found is None:
            return "channel_not_found"
        if found.get("is_archived"):
            return "is_archived"
        return None if found["is_member"] else "not_in_channel"

    def _post_message(self, args: dict[str, Any]) -> dict[str, Any]:
        return self._put(args, None)

    def _post_ephemeral(self, args: dict[str, Any]) -> dict[str, Any]:
        outside = self.channels.get(args["channel"], {}).get("without", ())
        if args["user"] in outside:
            return _no("user_not_in_channel")
        answer = self._put(args, args["user"])
        return {"ok": True, "message_ts": answer["ts"]} if answer["ok"] else answer

    def _put(self, args: dict[str, Any], ephemeral_to: str | None) -> dict[str, Any]:
        wrong = self._reaches(args["channel"]) or _bad_blocks(args)
        if wrong:
            return _no(wrong)
        message = Message(
            args["channel"],
            self.ts(),
            args["text"],
            args.get("blocks") or [],
            args.get("thread_ts"),
            ephemeral_to,
        )
        self.messages[(message.channel, message.ts)] = message
        return {"ok": True, "channel": message.channel, "ts": message.ts}

    def _chat_update(self, args: dict[str, Any]) -> dict[str, Any]:
        message = self.messages.get((args["channel"], args["ts"]))
        if message is None or message.ephemeral_to is not None:
            return _no("message_not_found")
        wrong = self._reaches(args["channel"]) or _bad_blocks(args)
        if wrong:
            return _no(wrong)
        if len(args["text"]) > 4000:
            return _no("msg_too_long")
        message.text, message.edits = args["text"], message.edits + 1
        if "blocks" in args:
            message.blocks = args["blocks"]
        return {"ok": True, "channel": message.channel, "ts": message.ts}

    def _views_open(self, args: dict[str, Any]) -> dict[str, Any]:
        if args["trigger_id"] not in self._triggers:
            return _no("exchanged_trigger_id")
        self._triggers.discard(args["trigger_id"])
        view = args["view"]
        view = json.loads(view) if isinstance(view, str) else view
        if view.get("type") != "modal" or not view.get("blocks"):
            return _no("invalid_arguments")
        if len(view["title"]["text"]) > 24 or len(view["private_metadata"]) > 3000:
            return _no("invalid_arguments")
        opened = {**view, "id": f"V{next(self._numbers)}", "hash": "h"}
        self.views.append(opened)
        return {"ok": True, "view": opened}

    def _upload_slot(self, args: dict[str, Any]) -> dict[str, Any]:
        file = f"F{next(self._numbers):06d}"
        self._uploads[file] = (int(args["length"]), None)
        return {
            "ok": True,
            "file_id": file,
            "upload_url": f"{self.origin}/upload/{file}",
        }

    def _upload_complete(self, args: dict[str, Any]) -> dict[str, Any]:
        wrong = self._reaches(args["channel_id"])
        if wrong:
            return _no(wrong)
        files = args["files"]
        for each in json.loads(files) if isinstance(files, str) else files:
            length, content = self._uploads[each["id"]]
            if content is None or len(content) != length:
                return _no("file_not_found")
            self.files.append(
                {
                    "title": each["title"],
                    "content": content,
                    "channel": args["channel_id"],
                    "thread_ts": args.get("thread_ts"),
                }
            )
        return {"ok": True, "files": [{"id": "F"}]}

    def _connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "url": self.origin.replace("http", "ws", 1) + "/link"}

    # --- beside the Web API -----------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        file = request.match_info["file"]
        if scripted := self._scripted("upload"):
            return web.Response(status=scripted.status)
        length, _ = self._uploads[file]
        self._uploads[file] = (length, await request.read())
        return web.Response(text="OK - 1")

    async def _response(self, request: web.Request) -> web.Response:
        self.responses.append(await request.json())
        return web.Response(text="ok")

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        self.link = web.WebSocketResponse()
        await self.link.prepare(request)
        await self.link.send_json({"type": "hello", "num_connections": 1})
        self.connected.set()
        async for frame in self.link:
            if frame.type is WSMsgType.TEXT:
                self.acks.append(json.loads(frame.data))
        return self.link


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}


def _bad_blocks(args: Mapping[str, Any]) -> str | None:
    blocks = args.get("blocks")
    if blocks is None:
        return None
    if not isinstance(blocks, list) or len(blocks) > 50:
        return "invalid_blocks_format"
    if not all(isinstance(each, dict) and each.get("type") for each in blocks):
        return "invalid_blocks"
    return None
