"""Slack, in and out; the only file that imports slack_bolt.

In: a signed request becomes a ChatMessage or a Press, is kept by the Hearer,
then acknowledged, then worked on. Out: cards become Block Kit. A message id is
"channel/ts", so that an edit finds a message wherever it was sent in the end.

Nothing with content is posted where people of other organisations read along.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import slack_events
from bot.platform import ChatMessage, Gone, Hearer, Place, Press, Sender, SendFailed
from bot.slack_events import Origin, Pressed, Words
from bot.slack_web import TIMEOUT_SECONDS, Signatures, Team, Web, quiet
from cards import pictures
from cards import slack as rendering
from cards.card import Card
from cards.sheets import file_name
from qbo.books import Document

log = logging.getLogger(__name__)

_T = TypeVar("_T")

# Slack waits three seconds for an acknowledgement; looking people up and keeping
# the event have to fit, or the keeping goes on after an answer that says so.
LOOKUP_SECONDS = 2.0
ACK_SECONDS = 2.5
MENTIONS_MAX = 5
_EDITS_REMEMBERED = 10_000

NOT_KEPT = (
    "I could not note that down, so nothing was done. Please try again in a moment."
)
LATE = (
    "Noting that down takes longer than usual; nothing was done yet. If nothing"
    " follows here within a minute, please send it again."
)
LATE_FORM = (
    "Noting that down takes longer than usual. Please press again in a moment; it"
    " counts once."
)
NOT_KNOWN = (
    "Slack did not tell me who you are just now, so nothing was done. Please try"
    " again in a moment."
)
NO_FORM = "The form could not be opened, so nothing was done. Please press again."
OUTSIDERS = (
    "People outside your organisation read this channel, so I answer you in a"
    " direct message."
)
WORKING = "Working on it …"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to reach one Slack app in one workspace.

    `signing_secret` is None where only Socket Mode is used; `app_token` turns
    Socket Mode on.
    """

    bot_token: str = field(repr=False)
    signing_secret: str | None = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    api_url: str = "https://slack.com/api/"


class Slack:
    """The ChatPlatform that is one Slack workspace."""

    name = "slack"

    def __init__(
        self,
        settings: SlackSettings,
        hearer: Hearer,
        now: Callable[[], datetime],
        *,
        session: aiohttp.ClientSession | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_ready: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """Nothing is asked of Slack before `start`.

        `on_ready` is told the team's id before the first event is heard; when it
        fails, we are not ready and it is told again.
        `session` is used for every call and stays the caller's; without one,
        `start` makes one and `stop` closes it. `pause` waits between attempts
        to introduce ourselves.
        """
        self._settings = settings
        self._hearer = hearer
        self._now = now
        self._session = session
        self._owned: aiohttp.ClientSession | None = None
        self._pause = pause
        self._on_ready = on_ready
        self._signatures = (
            Signatures(settings.signing_secret, now)
            if settings.signing_secret
            else None
        )
        self._known: Team | None = None
        self._started: tuple[Web, AsyncApp] | None = None
        self._socket: AsyncSocketModeHandler | None = None
        self._introduction: asyncio.Task[None] | None = None
        self._work: set[asyncio.Task[Any]] = set()
        self._edits: Counter[str] = Counter()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # --- life ---------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether Slack has confirmed the token; until then nothing is heard."""
        return self._known is not None

    @property
    def team(self) -> Team | None:
        """The team we are installed in; None until `ready`."""
        return self._known

    def state(self) -> str:
        """How things stand, in a sentence for operators."""
        fault = self._started[0].fault if self._started else None
        if self._known is None:
            why = f" ({fault})" if fault else ""
            return f"Slack is not ready: the bot token is not confirmed yet{why}."
        said = f"Slack is ready in {self._known.name} ({self._known.id})."
        return f"{said} It last refused something with {fault}." if fault else said

    async def start(self) -> None:
        """Introduce ourselves to Slack in the background, until that succeeds."""
        session = self._session
        if session is None:
            session = self._owned = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            )
        settings = self._settings
        calls = Web(settings.api_url, settings.bot_token, session, self._now)
        self._started = calls, self._make_bolt(calls)
        self._introduction = asyncio.create_task(self._introduce(calls))

    async def stop(self, seconds: float = 10.0) -> None:
        """Hear nothing more, and let what is under way finish."""
        self._known = None
        if self._introduction is not None:
            self._introduction.cancel()
            await asyncio.gather(self._introduction, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        if self._work:
            _, late = await asyncio.wait(tuple(self._work), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._owned is not None:
            await self._owned.close()

    async def check(self) -> tuple[bool, str]:
        """Whether Slack takes the token, and a sentence for operators."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            settings = self._settings
            calls = Web(settings.api_url, settings.bot_token, session, self._now)
            try:
                team = await calls.introduce()
            except (SendFailed, Gone) as failed:
                return False, f"the bot token does not work ({failed})."
        return True, f"installed in {team.name} ({team.id})."

    def routes(self, app: web.Application) -> None:
        """Answer Slack's requests at POST /slack/events."""
        app.router.add_post("/slack/events", self._request)

    @property
    def _team(self) -> Team:
        if self._known is None:
            raise SendFailed("slack is not ready")
        return self._known

    @property
    def _web(self) -> Web:
        if self._started is None:
            raise SendFailed("slack is not started")
        return self._started[0]

    def _make_bolt(self, calls: Web) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=self._team.id,
                bot_token=self._settings.bot_token,
                bot_id=self._team.bot,
                bot_user_id=self._team.bot_user,
            )

        # The signature is checked by `_request` (by our clock, and over the raw
        # bytes); `authorize` is ours, since Bolt's own answers 200 with an
        # apology when auth.test fails, and the event is lost.
        bolt = AsyncApp(
            client=calls.client(None),
            authorize=authorize,
            signing_secret="",
            request_verification_enabled=False,
            ssl_check_enabled=False,
            logger=quiet,
        )
        # When a listener is late, Bolt asks the next one that fits: what is ours
        # must never come to those that acknowledge and do nothing.
        commands = "(?:" + "|".join(slack_events.COMMANDS) + ")$"
        buttons = f"(?:{rendering.ASKING}|{rendering.ACTION})"
        for kind in ("app_mention", "message"):
            bolt.event(kind, middleware=[self._keep_words])(self._begin)
        bolt.event(re.compile(""))(_nothing)
        bolt.command(re.compile(f"^{commands}"))(self._on_command)
        bolt.command(re.compile(f"^(?!{commands})"))(_nothing)
        bolt.action(re.compile(f"^{rendering.ASKING}"))(self._on_asking)
        bolt.action(re.compile(f"^{rendering.ACTION}"))(self._on_press)
        bolt.action(re.compile(f"^(?!{buttons})"))(_nothing)
        bolt.view(rendering.MODAL)(self._on_form)
        return bolt

    async def _introduce(self, calls: Web) -> None:
        wait = 1.0
        while self._known is None:
            try:
                team = await calls.introduce()
                if self._on_ready is not None:
                    await self._on_ready(team.id)
                self._known = team
            except (SendFailed, Gone) as failed:
                log.warning("slack is not ready", extra={"why": str(failed)})
            except Exception:
                calls.fault = "a fault of our own, see the log"
                log.exception("slack is not ready")
            if self._known is None:
                await self._pause(wait)
                wait = min(wait * 2, 60.0)
        if self._settings.app_token and self._started:
            bolt = self._started[1]
            self._socket = AsyncSocketModeHandler(
                bolt, self._settings.app_token, logger=quiet
            )
            await self._socket.connect_async()  # type: ignore[no-untyped-call]

    # --- in: HTTP -----------------------------------------------------------------

    async def _request(self, request: web.Request) -> web.Response:
        if self._known is None or self._started is None:
            return web.Response(status=503, headers={"Retry-After": "5"})
        raw = await request.read()
        if self._signatures is None or not self._signatures.good(raw, request.headers):
            return web.json_response({"error": "not signed by Slack"}, status=401)
        if not slack_events.is_readable(request.content_type, raw):
            return web.json_response({"error": "not understood"}, status=400)
        try:
            heard = AsyncBoltRequest(
                body=raw.decode(),
                query=request.query_string,
                headers=dict(request.headers),
            )
        except Exception as wrong:  # noqa: BLE001 - Bolt trusts shapes; we do not
            log.warning("a malformed request", extra={"why": type(wrong).__name__})
            return web.json_response({"error": "not understood"}, status=400)
        return await to_aiohttp_response(await self._started[1].async_dispatch(heard))

    # --- in: messages and commands ------------------------------------------------

    async def _keep_words(
        self,
        body: dict[str, Any],
        context: AsyncBoltContext,
        ack: AsyncAck,
        next_: Callable[[], Awaitable[None]],
    ) -> BoltResponse | None:
        """Keep an event before Bolt acknowledges it; what fails is sent again."""
        said = slack_events.words(body, self._team.bot_user)
        if said is None:
            return await ack()
        try:
            message = await self._message(said)
            if message is None or not await self._hearer.accept(message):
                return await ack()
        except Exception as failed:  # noqa: BLE001 - whatever it was: Slack repeats
            _log_lost("an event", failed)
            return BoltResponse(status=503)
        context["message"] = message
        if message.private and not said.origin.private:
            self._later(self._tell(said.origin, OUTSIDERS))
        await next_()
        return None

    async def _begin(self, context: AsyncBoltContext) -> None:
        self._hearer.begin(context["message"])

    async def _on_command(self, body: dict[str, Any], ack: AsyncAck) -> None:
        by = _from_now(ACK_SECONDS)
        said = slack_events.command(body, self._now())
        if said is None:
            await ack()
            return
        self._keep_url(said.origin)
        try:
            message = await self._message(said)
        except (SendFailed, Gone, TimeoutError) as failed:
            _log_lost("a command", failed)
            await ack(NOT_KNOWN, response_type="ephemeral")
            return
        if message is None:
            await ack()
            return
        keeping = self._later(self._keep(message, "a command"))
        if not await _ended(keeping, by):
            await ack(LATE, response_type="ephemeral")
            self._later(self._begin_late(keeping, message, said.origin))
            return
        fresh = await keeping
        await ack(NOT_KEPT if fresh is None else WORKING, response_type="ephemeral")
        if fresh:
            self._hearer.begin(message)

    async def _begin_late(
        self, keeping: asyncio.Task[bool | None], message: ChatMessage, origin: Origin
    ) -> None:
        fresh = await keeping
        if fresh is None:
            await self._tell(origin, NOT_KEPT)
        elif fresh:
            self._hearer.begin(message)

    async def _keep(self, event: ChatMessage | Press, what: str) -> bool | None:
        """Keep what Slack does not send again; None when that failed.

        It is never given up half-way: whether it was kept would not be known.
        """
        try:
            return await self._hearer.accept(event)
        except Exception as failed:  # noqa: BLE001 - whatever it was: a person is told
            _log_lost(what, failed)
            return None

    async def _message(self, said: Words) -> ChatMessage | None:
        """The message that `said` means; None when a program wrote it.

        Raises:
            SendFailed, Gone, TimeoutError: Slack does not say who that is.
        """
        async with asyncio.timeout(LOOKUP_SECONDS):
            sender = await self._sender(said.origin)
            if sender is None:
                return None
            place, private = await self._place(said.origin, sender)
            names = await self._names(said.raw)
        return ChatMessage(
            event=said.event,
            sender=sender,
            place=place,
            text=slack_events.plain(said.raw, self._team.bot_user, names),
            at=said.at,
            private=private,
            second_key=said.second_key,
        )

    async def _place(self, origin: Origin, sender: Sender) -> tuple[Place, bool]:
        """Where an answer belongs, and whether only the asker reads there."""
        here = self._here(origin)
        if origin.private:
            return here, True
        if origin.shared is not None:
            self._web.learn_channel(origin.channel, shared=origin.shared)
        channel = await self._web.channel(origin.channel)
        is_ours = sender.tenant == self._team.id
        if is_ours and (channel.shared or channel.member is False):
            return await self.direct(sender), True
        if channel.member is None:
            # We learn it when we send; the asker is then found by this address.
            return _addressed(here, origin.user), False
        return here, False

    def _here(self, origin: Origin) -> Place:
        return Place(self.name, self._team.id, origin.channel, origin.thread)

    async def _names(self, raw: str) -> Mapping[str, str]:
        others = slack_events.mentioned(raw) - {self._team.bot_user}
        found: dict[str, str] = {}
        for user in sorted(others)[:MENTIONS_MAX]:
            try:
                found[user] = (await self._web.facts(user)).name
            except (SendFailed, Gone):
                continue  # the id stands in the text then
        return found

    async def _sender(self, origin: Origin, *, fresh: bool = False) -> Sender | None:
        """Who did it, or None when it was a program.

        Somebody of another organisation keeps that organisation's team id as
        tenant, so that nobody takes them for one of ours.

        Raises:
            SendFailed, Gone: Slack does not say.
        """
        ours = self._team.id
        try:
            facts = await self._web.facts(origin.user, fresh=fresh)
        except Gone:
            if origin.team == ours:
                raise
            return Sender(self.name, origin.team, origin.user, origin.name, guest=True)
        if facts.bot:
            return None
        # Both the signed request and Slack's directory have to call them ours; a
        # person of an Enterprise Grid belongs to several teams at once.
        if origin.team != ours and origin.team not in facts.teams:
            tenant = origin.team
        elif ours in facts.teams:
            tenant = ours
        else:
            tenant = min(facts.teams, default=origin.team)
        return Sender(
            self.name,
            tenant,
            origin.user,
            facts.name or origin.name,
            facts.email,
            facts.zone,
            facts.guest or tenant != ours,
            vouched=not facts.guest and tenant == ours,
            is_email_verified=(facts.confirmed and not facts.guest and tenant == ours),
            locale=facts.locale,
        )

    # --- in: buttons and forms ----------------------------------------------------

    async def _on_asking(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """A button that asks something first: open its form within three seconds."""
        await ack()
        press = slack_events.pressed(body)
        if press is None:
            return
        self._keep_url(press.origin)
        try:
            button = rendering.asking(press.value, press.label, press.verb)
            view = rendering.modal(button, metadata=slack_events.metadata(press))
            await self._web.open_form(press.trigger, view)
        except (SendFailed, Gone, ValueError) as failed:
            _log_lost("a form", failed)
            await self._tell(press.origin, NO_FORM)

    async def _on_press(self, body: dict[str, Any], ack: AsyncAck) -> None:
        pressed = slack_events.pressed(body)
        if pressed is None:
            await ack()
            return
        self._keep_url(pressed.origin)
        sentence = await self._keep_press(pressed, ack, ack)
        if sentence is not None:
            # Slack marks the button as failed, and the sentence says why.
            ack.response = BoltResponse(status=503)
            await self._tell(pressed.origin, sentence)

    async def _on_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        pressed = slack_events.submitted(body, self._now())
        if pressed is None:
            await ack()
            return
        block = slack_events.first_input(body)

        async def say(sentence: str) -> None:
            # The form stays open with what was typed.
            await ack(response_action="errors", errors={block: sentence})

        async def late() -> None:
            # Sent again, it is the same press (see `submitted`).
            await (say(LATE_FORM) if block else ack())

        sentence = await self._keep_press(pressed, ack, late)
        if sentence is None:
            return
        if block:
            await say(sentence)
        else:
            ack.response = BoltResponse(status=503)

    async def _keep_press(
        self, pressed: Pressed, ack: AsyncAck, late: Callable[[], Awaitable[Any]]
    ) -> str | None:
        """Keep and acknowledge a press; a sentence when it could not be kept.

        `late` acknowledges what is not kept in time; the keeping then goes on,
        and who pressed is told when it fails after all.
        """
        by = _from_now(ACK_SECONDS)
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                # A press decides: who was let go a minute ago decides no more.
                sender = await self._sender(pressed.origin, fresh=True)
        except (SendFailed, Gone, TimeoutError) as failed:
            _log_lost("a press", failed)
            return NOT_KNOWN
        if sender is None:
            await ack()
            return None
        press = Press(
            event=pressed.event,
            sender=sender,
            place=self._here(pressed.origin),
            message=f"{pressed.origin.channel}/{pressed.ts}",
            verb=pressed.verb,
            token=pressed.value,
            at=pressed.at,
            fields=pressed.fields,
        )
        keeping = self._later(self._keep(press, "a press"))
        if not await _ended(keeping, by):
            await late()
            self._later(self._answer_late(keeping, press, pressed))
            return None
        fresh = await keeping
        if fresh is None:
            return NOT_KEPT
        await ack()
        if fresh:
            self._later(self._answer(press, pressed))
        return None

    async def _answer_late(
        self, keeping: asyncio.Task[bool | None], press: Press, pressed: Pressed
    ) -> None:
        fresh = await keeping
        if fresh is None:
            await self._tell(pressed.origin, NOT_KEPT)
        elif fresh:
            await self._answer(press, pressed)

    async def _answer(self, press: Press, pressed: Pressed) -> None:
        """Do the work of a press, and show the presser what it answers.

        A Slack message looks the same to everybody: a card for the presser's
        eyes replaces it only where nobody else reads, and never over an edit
        that came in between and knows better.
        """
        edits = self._edits[press.message]
        reply = await self._hearer.press(press)
        try:
            if reply.card and pressed.origin.private and not pressed.ephemeral:
                async with self._turn(press.message):
                    if self._edits[press.message] == edits:
                        payload = rendering.payload(reply.card)
                        await self._web.update(press.message, payload)
            if reply.sentence:
                await self._tell(pressed.origin, reply.sentence)
        except (Gone, SendFailed) as failed:
            log.warning("could not answer a press", extra={"why": str(failed)})

    # --- the ChatPlatform ---------------------------------------------------------

    async def send(self, place: Place, card: Card) -> str:
        """Send a card; the id is "channel/ts". See ChatPlatform."""
        message = await self._send(place, rendering.payload(card))
        await self._send_pictures(place, message, card)
        return message

    async def send_marked(self, place: Place, card: Card, mark: str) -> str:
        """Send a card that can be found again. See Finding."""
        payload = slack_events.marked(rendering.payload(card), mark)
        return await self._send(place, payload)

    async def find(self, place: Place, mark: str, since: datetime) -> str | None:
        """Find a card again, where we may read. See Finding."""
        try:
            return await self._web.find(
                place.conversation, place.thread, slack_events.mark_id(mark), since
            )
        except Gone:
            return None

    async def _send(self, place: Place, payload: Mapping[str, Any]) -> str:
        await self._refuse_outsiders(place.conversation)
        try:
            return await self._web.post(place.conversation, place.thread, payload)
        except Gone:
            if not place.address:
                raise
        return await self._to_asker(place, payload)

    async def _send_pictures(self, place: Place, message: str, card: Card) -> None:
        """Let a picture of each chart follow the card.

        The card holds the same numbers: a picture that does not arrive is let go.
        """
        channel = message.partition("/")[0]
        if channel == "response":
            return
        thread = place.thread if channel == place.conversation else ""
        for chart in card.charts:
            content = await asyncio.to_thread(pictures.png, chart)
            document = Document(f"{file_name(chart.title)}.png", "image/png", content)
            try:
                await self._web.upload(channel, thread, document, alt=chart.text)
            except (Gone, SendFailed) as failed:
                log.warning("a chart was not sent", extra={"why": str(failed)})

    async def edit(self, place: Place, message: str, card: Card) -> None:
        """Replace what a message of ours shows. See ChatPlatform."""
        del place  # the id knows the channel
        async with self._turn(message):
            if len(self._edits) > _EDITS_REMEMBERED:
                self._edits.clear()
            self._edits[message] += 1
            await self._web.update(message, rendering.payload(card))

    async def whisper(self, sender: Sender, place: Place, card: Card) -> None:
        """Show something to one person alone. See ChatPlatform."""
        payload = rendering.payload(card)
        channel, thread = place.conversation, place.thread
        if channel.startswith("D"):
            await self._web.post(channel, thread, payload)
            return
        try:
            await self._web.ephemeral(channel, thread, sender.user, payload)
        except Gone:
            await self._to_asker(_addressed(place, sender.user), payload)

    async def deliver(self, place: Place, document: Document) -> None:
        """Hand over a file, in the thread. See ChatPlatform."""
        await self._refuse_outsiders(place.conversation)
        try:
            await self._web.upload(place.conversation, place.thread, document)
        except Gone:
            if not place.address:
                raise
            channel = await self._web.opened(place.address)
            await self._web.upload(channel, "", document)

    async def direct(self, sender: Sender) -> Place:
        """The direct messages with one person. See ChatPlatform."""
        if sender.tenant != self._team.id:
            raise Gone("that person is not of this Slack team")
        return Place(self.name, sender.tenant, await self._web.opened(sender.user))

    async def _refuse_outsiders(self, channel: str) -> None:
        if not channel.startswith("D") and (await self._web.channel(channel)).shared:
            raise Gone("people of other organisations read that channel")

    async def _to_asker(self, place: Place, payload: Mapping[str, Any]) -> str:
        """Answer a person directly because the place does not take it.

        The last resort is the response_url of what that person did there.
        """
        user = place.address
        try:
            return await self._web.post(await self._web.opened(user), "", payload)
        except (Gone, SendFailed):
            if not await self._web.respond(place.conversation, user, payload):
                raise
            return f"response/{place.conversation}"

    async def _tell(self, origin: Origin, sentence: str) -> None:
        """Say a sentence to one person alone; what fails is logged."""
        payload, channel, user = _spoken(sentence), origin.channel, origin.user
        try:
            await self._web.ephemeral(channel, origin.thread, user, payload)
        except (Gone, SendFailed) as failed:
            if not await self._web.respond(channel, user, payload):
                log.warning("could not tell a person", extra={"why": str(failed)})

    def _keep_url(self, origin: Origin) -> None:
        self._web.keep_url(origin.channel, origin.user, origin.response_url)

    def _turn(self, message: str) -> asyncio.Lock:
        """One edit of a message at a time, in the order they were asked for."""
        return self._turns.setdefault(message, asyncio.Lock())

    def _later(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task


async def _nothing(ack: AsyncAck) -> None:
    # Acknowledged, since Slack counts anything else as a failed delivery.
    await ack()


def _from_now(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _ended(task: asyncio.Task[Any], by: float) -> bool:
    """Whether a task ends in time; it goes on when it does not."""
    left = by - asyncio.get_running_loop().time()
    done, _ = await asyncio.wait((task,), timeout=max(left, 0))
    return bool(done)


def _spoken(sentence: str) -> dict[str, Any]:
    """A sentence as a message; names in it stay text."""
    escaped = sentence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = {"type": "plain_text", "text": sentence[:3000], "emoji": False}
    return {"text": escaped, "blocks": [{"type": "section", "text": plain}]}


def _addressed(place: Place, user: str) -> Place:
    return Place(place.platform, place.tenant, place.conversation, place.thread, user)


def _log_lost(what: str, failed: BaseException) -> None:
    # Only what kind of fault: the text of a database's may hold what was said.
    log.warning("%s could not be taken", what, extra={"why": type(failed).__name__})
