"""A strict stand-in for the Bot Framework: keys, tokens, and the connector service.

The real adapter speaks to it over HTTP on loopback. It keeps conversations and
messages, refuses what the service refuses, and plays people: `message`, `press`,
`install` and `uninstall` send activities with a signed token to `messages_url`.
Times come from `now`, so that tests can move them.
"""

import asyncio
import io
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.platforms.slack_standin import Answer, Call, Script

APP = "11111111-2222-4333-8444-555555555555"
BOT = f"28:{APP}"
TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
SAM = "aaaaaaaa-0000-4000-8000-00000000005a"
PRIYA = "aaaaaaaa-0000-4000-8000-00000000009a"
ALEX = "aaaaaaaa-0000-4000-8000-0000000000a1"
TOKEN = "an outbound token"
ISSUER = "https://api.botframework.com"
CHANNEL = "19:finance@thread.tacv2"

# Making keys is slow; these serve all tests.
KEYS = {
    name: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for name in ("first", "unendorsed", "rotated", "foreign")
}


@dataclass
class Message:
    """Something the bot sent, as it stands now."""

    conversation: str
    id: str
    activity: dict[str, Any]
    edits: int = 0

    @property
    def card(self) -> dict[str, Any]:
        """The Adaptive Card."""
        (attachment,) = self.activity["attachments"]
        card: dict[str, Any] = attachment["content"]
        return card

    @property
    def buttons(self) -> dict[str, dict[str, Any]]:
        """The Action.Execute of each button, by the label people see."""
        return actions(self.card)

    @property
    def everything(self) -> str:
        """All it holds, as one text to search in."""
        return json.dumps(self.activity, ensure_ascii=False)


def actions(card: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The Action.Execute of each button of a card, by the label people see."""
    found: dict[str, dict[str, Any]] = {}

    def look(part: Any, label: str | None) -> None:
        if isinstance(part, list):
            for each in part:
                look(each, label)
        elif isinstance(part, dict):
            if part.get("type") == "Action.Execute":
                found[label or part["title"]] = part
            inside = part["title"] if part.get("type") == "Action.ShowCard" else label
            for each in part.values():
                look(each, inside)

    look(dict(card), None)
    return found


def member(user: str, name: str, email: str | None, **more: Any) -> dict[str, Any]:
    """A member as the connector tells of one."""
    return {
        "id": f"29:{user}",
        "aadObjectId": user,
        "name": name,
        "email": email,
        "userPrincipalName": email,
        "tenantId": TENANT,
        "userRole": "user",
        **more,
    }


class TeamsStandIn:
    """One tenant with one bot in it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.messages: dict[tuple[str, str], Message] = {}
        self.calls: list[Call] = []
        self.scripts: dict[str, list[Script]] = {}
        self.members = {
            each["aadObjectId"]: each
            for each in (
                member(SAM, "Sam", "sam@harbour.example"),
                member(PRIYA, "Priya", "priya@harbour.example"),
                member(ALEX, "Alex", "alex@harbour.example"),
            )
        }
        self.conversations: set[str] = {CHANNEL}
        self.created: list[dict[str, Any]] = []
        self.published = {"first": ["msteams"], "unendorsed": list[str]()}
        self.metadata_delay = 0.0
        self.fetched: list[str] = []
        self.messages_url = ""
        self.wants_token = True
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.origin = ""

    # --- its life -------------------------------------------------------------------

    @property
    def service_url(self) -> str:
        """Where the bot sends to."""
        return f"{self.origin}/teams/"

    @property
    def openid_url(self) -> str:
        """Where the keys are told of."""
        return f"{self.origin}/openid"

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        app = web.Application(client_max_size=2**24)
        app.router.add_get("/openid", self._openid)
        app.router.add_get("/keys", self._keys)
        base = "/teams/v3/conversations"
        app.router.add_post(base, self._create)
        app.router.add_post(base + "/{conversation}/activities", self._send)
        app.router.add_put(base + "/{conversation}/activities/{id}", self._update)
        app.router.add_get(base + "/{conversation}/members/{id}", self._member)
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
        """Let the next calls ("send", "update", "create", "member") fail as said."""
        self.scripts.setdefault(method, []).append(Script(**what))

    def called(self, method: str) -> list[Mapping[str, Any]]:
        """What a method was called with, each time."""
        return [call.args for call in self.calls if call.method == method]

    def shown(self, conversation: str) -> list[Message]:
        """The messages of a conversation, oldest first."""
        return [
            message
            for (where, _), message in self.messages.items()
            if where == conversation
        ]

    @staticmethod
    def chat_of(user: str) -> str:
        """The personal chat of a user with the bot."""
        return f"a:{user}"

    async def until(self, what: Callable[[], Any], seconds: float = 5.0) -> Any:
        """Wait until something is so, and return it."""
        async with asyncio.timeout(seconds):
            while not (found := what()):  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(0.01)
        return found

    # --- tokens and activities --------------------------------------------------------

    def token(
        self, *, key: str = "first", kid: str | None = "first", **claims: Any
    ) -> str:
        """A token as the Bot Framework signs it; a claim of None is left out."""
        now = int(self.now().timestamp())
        all_claims = {
            "iss": ISSUER,
            "aud": APP,
            "exp": now + 3600,
            "nbf": now - 60,
            "serviceurl": self.service_url,
            **claims,
        }
        return jwt.encode(
            {name: value for name, value in all_claims.items() if value is not None},
            KEYS[key],
            algorithm="RS256",
            headers={"kid": kid} if kid is not None else {},
        )

    def activity(
        self, user: str, conversation: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """An activity of a user; in the personal chat unless said."""
        place = conversation or self.chat_of(user)
        self.conversations.add(place.partition(";")[0])
        kind = "personal" if place.startswith("a:") else "channel"
        name = self.members.get(user, {}).get("name", "Somebody")
        number = next(self._numbers)
        return {
            "type": "message",
            "id": f"17{number:011d}",
            "timestamp": self.now().isoformat().replace("+00:00", "Z"),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": f"29:{user}", "name": name, "aadObjectId": user},
            "conversation": {
                "id": place,
                "conversationType": kind,
                "tenantId": TENANT,
            },
            "recipient": {"id": BOT, "name": "Countersign"},
            "entities": [
                {"type": "clientInfo", "locale": "en-US", "timezone": "Europe/Berlin"}
            ],
            "channelData": {"tenant": {"id": TENANT}},
            **more,
        }

    async def post(
        self,
        activity: Mapping[str, Any] | bytes,
        *,
        authorization: str | None = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send an activity; with a good token unless said (None: without)."""
        assert self._session is not None
        raw = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if authorization is not None:
            sent["Authorization"] = authorization or f"Bearer {self.token()}"
        async with self._session.post(
            self.messages_url, data=io.BytesIO(raw), headers=sent
        ) as answer:
            return Answer(answer.status, await answer.text())

    async def message(
        self, user: str, text: str, conversation: str | None = None, **more: Any
    ) -> Answer:
        """Somebody writes to the bot; mentioning it, outside the personal chat."""
        activity = self.activity(user, conversation, text=text)
        if conversation is not None and not conversation.startswith("a:"):
            activity["text"] = f"<at>Countersign</at>&nbsp;{text}"
            activity["entities"].append(
                {
                    "type": "mention",
                    "text": "<at>Countersign</at>",
                    "mentioned": {"id": BOT, "name": "Countersign"},
                }
            )
        return await self.post({**activity, **more})

    def press_activity(
        self,
        user: str,
        message: Message,
        label: str,
        typed: Mapping[str, str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """The invoke of pressing a button; `typed` by the ids of its inputs."""
        button = message.buttons[label]
        value = {
            "action": {
                "type": "Action.Execute",
                "id": "",
                "title": button["title"],
                "verb": button["verb"],
                "data": {**button["data"], **(typed or {})},
            },
            "trigger": "manual",
        }
        return self.activity(
            user,
            message.conversation,
            type="invoke",
            name="adaptiveCard/action",
            replyToId=message.id,
            value=value,
            **more,
        )

    async def press(
        self,
        user: str,
        message: Message,
        label: str,
        typed: Mapping[str, str] | None = None,
    ) -> Answer:
        """Somebody presses a button."""
        return await self.post(self.press_activity(user, message, label, typed))

    async def install(self, user: str) -> Answer:
        """Somebody installs the bot for themselves."""
        return await self.post(
            self.activity(user, type="installationUpdate", action="add")
        )

    async def uninstall(self, user: str) -> Answer:
        """Somebody removes the bot."""
        return await self.post(
            self.activity(user, type="installationUpdate", action="remove")
        )

    # --- keys -------------------------------------------------------------------------

    async def _openid(self, request: web.Request) -> web.Response:
        self.fetched.append(request.path)
        await asyncio.sleep(self.metadata_delay)
        if refused := self._scripted("openid"):
            return web.json_response({}, status=refused.status)
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.origin}/keys"})

    async def _keys(self, request: web.Request) -> web.Response:
        self.fetched.append(request.path)
        keys = []
        for kid, endorsements in self.published.items():
            public = KEYS[kid].public_key()
            key = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
            keys.append({**key, "kid": kid, "endorsements": endorsements})
        return web.json_response({"keys": keys})

    # --- the connector service --------------------------------------------------------

    def _scripted(self, method: str) -> Script | None:
        scripts = self.scripts.get(method, [])
        if not scripts:
            return None
        scripts[0].times -= 1
        return scripts.pop(0) if scripts[0].times == 0 else scripts[0]

    async def _asked(
        self, method: str, request: web.Request
    ) -> tuple[dict[str, Any], web.Response | None]:
        body = await request.json() if request.can_read_body else {}
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append(Call(method, {**request.match_info, "body": body}, given))
        if scripted := self._scripted(method):
            await asyncio.sleep(scripted.delay)
            if scripted.status != 200:
                headers = {}
                if scripted.retry_after is not None:
                    headers["Retry-After"] = scripted.retry_after
                return body, _no(scripted.status, scripted.error, headers)
        if self.wants_token and given != TOKEN:
            return body, _no(401, "Unauthorized")
        conversation = request.match_info.get("conversation")
        if conversation is not None and (
            conversation.partition(";")[0] not in self.conversations
        ):
            return body, _no(404, "ConversationNotFound")
        return body, None

    async def _create(self, request: web.Request) -> web.Response:
        body, refused = await self._asked("create", request)
        if refused is not None:
            return refused
        (wanted,) = body["members"]
        user = wanted["id"].removeprefix("29:")
        tenant = body["channelData"]["tenant"]["id"]
        if body["isGroup"] or tenant != TENANT or user not in self.members:
            return _no(403, "BotNotInConversationRoster")
        self.created.append(body)
        self.conversations.add(self.chat_of(user))
        return web.json_response({"id": self.chat_of(user)}, status=201)

    async def _send(self, request: web.Request) -> web.Response:
        body, refused = await self._asked("send", request)
        refused = refused or _bad(body)
        if refused is not None:
            return refused
        message = Message(
            request.match_info["conversation"], f"16{next(self._numbers):011d}", body
        )
        self.messages[(message.conversation, message.id)] = message
        return web.json_response({"id": message.id}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        body, refused = await self._asked("update", request)
        refused = refused or _bad(body)
        if refused is not None:
            return refused
        key = request.match_info["conversation"], request.match_info["id"]
        message = self.messages.get(key)
        if message is None:
            return _no(404, "ActivityNotFoundInConversation")
        message.activity, message.edits = body, message.edits + 1
        return web.json_response({"id": message.id})

    async def _member(self, request: web.Request) -> web.Response:
        _, refused = await self._asked("member", request)
        if refused is not None:
            return refused
        found = self.members.get(request.match_info["id"].removeprefix("29:"))
        if found is None:
            return _no(404, "MemberNotFoundInConversation")
        return web.json_response(found)


def _no(
    status: int, code: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = {"error": {"code": code, "message": f"{code} (the stand-in says so)"}}
    return web.json_response(body, status=status, headers=headers)


def _bad(body: Mapping[str, Any]) -> web.Response | None:
    """What the service does not take as a message."""
    if len(json.dumps(body)) * 2 > 100 * 1024:
        return _no(413, "MessageSizeTooBig")
    attachments = body.get("attachments", [])
    good = (
        body.get("type") == "message"
        and bool(attachments or body.get("text"))
        and all(
            each.get("contentType") == "application/vnd.microsoft.card.adaptive"
            and each["content"].get("type") == "AdaptiveCard"
            and each["content"].get("version") == "1.5"
            and bool(each["content"].get("body"))
            for each in attachments
        )
    )
    return None if good else _no(400, "BadSyntax")
