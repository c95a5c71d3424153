"""Teams, in and out.

In: an authenticated activity becomes a ChatMessage or a Press and is kept by the
Hearer before it is answered. A press is answered within its own request. Out:
cards become Adaptive Cards; what one person alone is to see goes to the chat
between that person and us.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import teams_activities as activities
from bot.platform import (
    ChatMessage,
    Gone,
    Hearer,
    Place,
    Press,
    Reply,
    Sender,
    SendFailed,
)
from bot.teams_activities import Malformed, Origin
from bot.teams_auth import (
    Credential,
    EntraCredential,
    Keys,
    NoCredential,
    TeamsSettings,
    Unauthorised,
    Validator,
    is_emulator,
    is_service,
)
from bot.teams_connector import TIMEOUT_SECONDS, Connector, Json, TooLarge
from bot.teams_people import Reference, TeamsPeople
from bot.teams_turns import Turns
from cards import teams as rendering
from cards.card import Card, Link, Section
from qbo.books import Document

__all__ = ["Teams", "TeamsSettings"]

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 256 * 1024
# Teams shows a failure after ten to fifteen seconds, and sends the press again.
INVOKE_SECONDS = 8.0
LOOKUP_SECONDS = 3.0
FACTS_KEPT = timedelta(minutes=5)
_REMEMBERED = 1000
PUBLIC_SERVICE = "https://smba.trafficmanager.net/teams/"

# https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
_CARD = "application/vnd.microsoft.card.adaptive"
_SENTENCE = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"

NOT_KEPT = "I could not note that down, so nothing was done. Please press again."
NOT_KNOWN = (
    "Teams did not tell me who you are just now, so nothing was done. Please press"
    " again in a moment."
)
NOT_UNDERSTOOD = "I do not understand this button. Nothing was done."
STILL_WORKING = "I am still working on it; the card will show how it ended."
HEARD_BEFORE = "This press has arrived before; the card shows how it ended."
RECEIVED = "Received."

FileLink = Callable[[Document], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What Teams says of a member of a conversation."""

    tenant: str
    name: str
    email: str | None
    guest: bool
    at: datetime


class Teams:
    """The ChatPlatform that is one bot in Teams."""

    name = "teams"

    def __init__(  # noqa: PLR0913 - the last four stand in for the world
        self,
        settings: TeamsSettings,
        hearer: Hearer,
        engine: AsyncEngine,
        now: Callable[[], datetime],
        *,
        credential: Credential | None = None,
        file_link: FileLink | None = None,
        session: aiohttp.ClientSession | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Nothing is asked of Microsoft before `start`.

        `credential` stands in for Entra. `file_link` gives a time-limited address
        where a document can be fetched; without it files cannot be handed over.
        `session` stays the caller's. `pause` waits between attempts.
        """
        self._settings = settings
        self._hearer = hearer
        self._now = now
        self._file_link = file_link
        self._given_session = session
        self._owned: aiohttp.ClientSession | None = None
        self._pause = pause
        self._people = TeamsPeople(engine, now)
        if credential is None:
            credential = (
                NoCredential()
                if settings.unauthenticated
                else EntraCredential(settings, now)
            )
        self._credential = credential
        self._connector = Connector(settings, credential, self._session, pause)
        self._keys = Keys(settings.openid_metadata_url, self._session, now)
        self._validator = Validator(settings.app_id, self._keys, now)
        self._turns = Turns(self._heard, self._pressed, self._met)
        self._facts: dict[tuple[str, str], _Facts] = {}
        self._answers: dict[str, asyncio.Task[Reply]] = {}
        self._work: set[asyncio.Task[Any]] = set()
        self._loading: asyncio.Task[None] | None = None

    # --- life ---------------------------------------------------------------------

    def state(self) -> str:
        """How things stand, in a sentence for operators."""
        if self._settings.unauthenticated:
            return "Teams is open to this machine only, without authentication."
        if not self._keys.loaded:
            return "Teams is not ready: the Bot Framework's keys are not loaded yet."
        if self._connector.fault:
            return f"Teams hears us not: {self._connector.fault}."
        return "Teams is ready."

    async def start(self) -> None:
        """Begin to load the keys, in the background."""
        if self._given_session is None:
            self._owned = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            )
        if not self._settings.unauthenticated:
            self._loading = asyncio.create_task(self._load_keys())

    async def stop(self, seconds: float = 10.0) -> None:
        """Let what is under way finish."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        if self._work:
            _, late = await asyncio.wait(tuple(self._work), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._owned is not None:
            await self._owned.close()

    async def check(self) -> tuple[bool, str]:
        """Whether Microsoft knows us and tells its keys, and a sentence about it."""
        if self._settings.unauthenticated:
            return True, "open to this machine only, without authentication."
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            keys = Keys(self._settings.openid_metadata_url, lambda: session, self._now)
            if not await keys.refresh():
                return False, "the Bot Framework's signing keys cannot be loaded."
        try:
            await self._credential.token(fresh=True)
        except SendFailed as failed:
            return False, f"Entra gives no token to the app ({failed})."
        return True, f"Entra knows the app {self._settings.app_id}."

    def routes(self, app: web.Application) -> None:
        """Answer the Bot Framework's requests at POST /api/messages."""
        app.router.add_post("/api/messages", self._request)

    def _session(self) -> aiohttp.ClientSession:
        session = self._given_session or self._owned
        if session is None:
            raise SendFailed("teams is not started")
        return session

    async def _load_keys(self) -> None:
        wait = 1.0
        while not await self._keys.refresh():
            await self._pause(wait)
            wait = min(wait * 2, 60.0)

    # --- in: HTTP -----------------------------------------------------------------

    async def _request(self, request: web.Request) -> web.Response:
        try:
            found = await self._believed(request)
            status, body = await self._turns.run(found)
        except _Refused as refused:
            return web.json_response({"error": str(refused)}, status=refused.status)
        except Malformed as wrong:
            return web.json_response({"error": str(wrong)}, status=400)
        except Exception as failed:  # noqa: BLE001 - nothing was kept: send it again
            _log_lost("an activity", failed)
            return web.json_response({"error": "not now"}, status=503)
        if body is None:
            return web.Response(status=status)
        return web.json_response(body, status=status)

    async def _believed(self, request: web.Request) -> dict[str, Any]:
        """The activity of a request that comes from the Bot Framework.

        Raises:
            _Refused, Malformed: it does not, or holds none.
        """
        if request.content_type != "application/json":
            raise _Refused(415, "JSON is wanted")
        found = activities.activity(await _read(request))
        try:
            await self._authorise(request, found)
        except Unauthorised as wrong:
            log.warning("a request was not believed", extra={"why": str(wrong)})
            raise _Refused(401, "not authorised") from None
        return found

    async def _authorise(self, request: web.Request, found: Json) -> None:
        if self._settings.unauthenticated:
            if not is_emulator(request):
                raise Unauthorised("not from this machine")
        else:
            header = request.headers.get("Authorization", "")
            await self._validator.check(header, found)
        # Our token would go there.
        if not is_service(activities.service(found), self._settings):
            raise Unauthorised("a service address that is not Microsoft's")

    # --- in: what activities do ---------------------------------------------------

    async def _heard(self, found: Json) -> None:
        """Keep a message, and begin its work."""
        said = activities.said(found, self._now())
        if said is None:
            return
        sender, _ = await self._sender(said.origin)
        message = ChatMessage(
            event=said.event,
            sender=sender,
            place=self._place(said.origin),
            text=said.text,
            at=said.at,
            private=said.origin.private,
        )
        if await self._hearer.accept(message):
            await self._seen(said.origin)
            self._hearer.begin(message)

    async def _pressed(self, found: Json) -> Mapping[str, Any]:
        """Do the work of a press; what its request is answered with."""
        try:
            pressed = activities.pressed(found, self._now())
        except Malformed as wrong:
            log.warning("a malformed press", extra={"why": str(wrong)})
            return _problem(400, "BadRequest", NOT_UNDERSTOOD)
        if pressed is None:
            return _problem(400, "BadRequest", NOT_UNDERSTOOD)
        # A press decides: who was let go a minute ago decides no more.
        sender, is_known = await self._sender(pressed.origin, fresh=True)
        if not (is_known or self._settings.unauthenticated):
            return _problem(500, "Unavailable", NOT_KNOWN)
        press = Press(
            event=pressed.event,
            sender=sender,
            place=self._place(pressed.origin),
            message=pressed.message,
            verb=pressed.verb,
            token=pressed.token,
            at=pressed.at,
            fields=pressed.fields,
        )
        try:
            is_new = await self._hearer.accept(press)
        except Exception as failed:  # noqa: BLE001 - the presser is told, and presses again
            _log_lost("a press", failed)
            return _problem(500, "Unavailable", NOT_KEPT)
        if is_new:
            work = self._later(self._hearer.press(press))
            _remember(self._answers, f"{sender.tenant}/{press.event}", work)
            await self._seen(pressed.origin)
        else:
            found_work = self._answers.get(f"{sender.tenant}/{press.event}")
            if found_work is None:
                return _told(HEARD_BEFORE)
            work = found_work
        return await _answered(work)

    async def _met(self, found: Json) -> None:
        """Remember whom an installation lets us reach, or no longer."""
        who = activities.origin(found)
        if who is None:
            return
        if activities.removed_us(found):
            await self._people.left(who.tenant, who.conversation)
        elif who.private or activities.added_us(found):
            await self._people.seen(who)

    async def _seen(self, origin: Origin) -> None:
        try:
            await self._people.seen(origin)
        except SQLAlchemyError as failed:
            # The message is kept; how to reach its author comes with the next one.
            _log_lost("a reference", failed)

    def _place(self, origin: Origin) -> Place:
        return Place(
            self.name,
            origin.tenant,
            origin.conversation,
            origin.thread,
            origin.service,
        )

    async def _sender(
        self, origin: Origin, *, fresh: bool = False
    ) -> tuple[Sender, bool]:
        """Who did it, and whether Teams itself vouched for it just now."""
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                facts = await self._facts_of(origin, fresh=fresh)
        except (SendFailed, Gone, TimeoutError) as failed:
            log.info("a member is not known", extra={"why": type(failed).__name__})
            return self._as_sender(origin, None), False
        return self._as_sender(origin, facts), True

    def _as_sender(self, origin: Origin, facts: _Facts | None) -> Sender:
        if facts is None:
            return Sender(
                self.name,
                origin.tenant,
                origin.user,
                origin.name,
                zone=origin.zone,
                locale=origin.locale,
            )
        return Sender(
            self.name,
            facts.tenant or origin.tenant,
            origin.user,
            facts.name or origin.name,
            facts.email,
            origin.zone,
            facts.guest or facts.tenant not in {"", origin.tenant},
            vouched=not facts.guest and facts.tenant == origin.tenant,
            # The address of a member in the roster of the tenant itself; nobody
            # writes it there but that tenant's administrators.
            is_email_verified=not facts.guest and facts.tenant == origin.tenant,
            locale=origin.locale,
        )

    async def _facts_of(self, origin: Origin, *, fresh: bool = False) -> _Facts:
        key = (origin.tenant, origin.user)
        known = self._facts.get(key)
        if not fresh and known is not None and self._now() - known.at < FACTS_KEPT:
            return known
        if fresh:
            # What cannot be read anew must not be believed the next time either.
            self._facts.pop(key, None)
        member = await self._connector.member(
            origin.service, origin.conversation, origin.account
        )
        facts = _member(member, origin, self._now())
        _remember(self._facts, key, facts)
        return facts

    # --- the ChatPlatform ---------------------------------------------------------

    async def send(self, place: Place, card: Card) -> str:
        """Send a card. See ChatPlatform."""
        conversation = _conversation(place)
        address = await self._service(place)
        try:
            return await self._connector.send(address, conversation, _message(card))
        except TooLarge:
            log.error("a card is too large for teams", exc_info=False)  # noqa: TRY400 - a fault in us
            return await self._connector.send(address, conversation, _text_only(card))

    async def edit(self, place: Place, message: str, card: Card) -> None:
        """Replace what a message of ours shows. See ChatPlatform."""
        if not message:
            raise Gone("that message has no id")
        conversation, address = _conversation(place), await self._service(place)
        try:
            await self._connector.update(address, conversation, message, _message(card))
        except TooLarge:
            log.error("a card is too large for teams", exc_info=False)  # noqa: TRY400 - a fault in us
            await self._connector.update(
                address, conversation, message, _text_only(card)
            )

    async def _service(self, place: Place) -> str:
        """Where a place is reached; a rule names a channel without saying so."""
        if place.address:
            return place.address
        try:
            return await self._people.service(place.tenant) or PUBLIC_SERVICE
        except SQLAlchemyError as failed:
            raise SendFailed(f"database: {type(failed).__name__}") from None

    async def whisper(self, sender: Sender, place: Place, card: Card) -> None:
        """Show something to one person alone: in the chat with us. See ChatPlatform."""
        # Nothing in a conversation of many is for one person alone.
        await self.send(await self._reach(sender, place.address), card)

    async def deliver(self, place: Place, document: Document) -> None:
        """Hand over a file, as a link that soon ends. See ChatPlatform."""
        if self._file_link is None:
            said = (
                f"{document.name} cannot be sent into Teams from here."
                " Ask for it in Countersign's console, or open it in QuickBooks."
            )
            await self.send(
                place,
                Card(title="A file", summary=said, sections=(Section(texts=(said,)),)),
            )
            return
        link = Link(f"Download {document.name}", await self._file_link(document))
        card = Card(
            title=document.name,
            summary=f"{document.name} is ready to download",
            links=(link,),
            footnotes=("The link works for a short while.",),
        )
        await self.send(place, card)

    async def direct(self, sender: Sender) -> Place:
        """The chat between one person and us. See ChatPlatform."""
        return await self._reach(sender, "")

    async def _reach(self, sender: Sender, near: str) -> Place:
        """The chat with one person; `near` is a service address that may serve."""
        try:
            known = await self._people.find(sender.tenant, sender.user)
            service = known.service if known else near
            if not service:
                service = await self._people.service(sender.tenant) or PUBLIC_SERVICE
            personal = known.personal if known else None
            if personal is None:
                personal = await self._open(sender, known, service)
        except SQLAlchemyError as failed:
            raise SendFailed(f"database: {type(failed).__name__}") from None
        return Place(self.name, sender.tenant, personal, "", service)

    async def _open(self, sender: Sender, known: Reference | None, service: str) -> str:
        bot = known.bot if known else f"28:{self._settings.app_id}"
        account = known.account if known else sender.user
        personal = await self._connector.create(
            service,
            {
                "isGroup": False,
                "bot": {"id": bot},
                "members": [{"id": account}],
                "tenantId": sender.tenant,
                "channelData": {"tenant": {"id": sender.tenant}},
            },
        )
        reference = Reference(account, service, bot, personal)
        await self._people.opened(sender.tenant, sender.user, reference)
        return personal

    def _later(self, work: Coroutine[Any, Any, Reply]) -> asyncio.Task[Reply]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task


class _Refused(Exception):
    """The request is answered with an HTTP status and nothing else is done."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


async def _read(request: web.Request) -> bytes:
    """The body, unless it is longer than an activity can be."""
    raw = b""
    while chunk := await request.content.read(BODY_BYTES_MAX + 1):
        raw += chunk
        if len(raw) > BODY_BYTES_MAX:
            raise _Refused(413, "too large")
    return raw


async def _answered(work: "asyncio.Task[Reply]") -> Mapping[str, Any]:
    """The answer of an invoke, in time; the work goes on if it takes longer."""
    done, _ = await asyncio.wait({work}, timeout=INVOKE_SECONDS)
    if not done:
        return _told(STILL_WORKING)
    reply = work.result()
    if reply.card is None:
        return _told(reply.sentence or RECEIVED)
    card = reply.card
    if reply.sentence:
        # One answer holds one thing: the sentence stands on the card then.
        first = Section(texts=(reply.sentence,))
        card = replace(card, sections=(first, *card.sections))
    return {"statusCode": 200, "type": _CARD, "value": rendering.content(card)}


def _told(sentence: str) -> Mapping[str, Any]:
    return {"statusCode": 200, "type": _SENTENCE, "value": sentence}


def _problem(status: int, code: str, sentence: str) -> Mapping[str, Any]:
    value = {"code": code, "message": sentence}
    return {"statusCode": status, "type": _ERROR, "value": value}


def _member(said: Json, origin: Origin, now: datetime) -> _Facts:
    """What a member of a conversation is to us.

    https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
    """

    def text(name: str) -> str:
        value = said.get(name)
        return value if isinstance(value, str) else ""

    principal = text("userPrincipalName")
    # A guest's principal name is made of the address at home.
    is_guest = "#EXT#" in principal.upper() or text("userRole").lower() in {
        "guest",
        "anonymous",
    }
    email = text("email") or ("" if is_guest else principal)
    return _Facts(
        tenant=text("tenantId") or origin.tenant,
        name=text("name"),
        email=email if "@" in email else None,
        guest=is_guest,
        at=now,
    )


def _conversation(place: Place) -> str:
    if not place.thread:
        return place.conversation
    return f"{place.conversation}{activities.ROOT}{place.thread}"


def _message(card: Card) -> Json:
    return {
        "type": "message",
        "summary": rendering.summary(card),
        "attachments": [{"contentType": _CARD, "content": rendering.content(card)}],
    }


def _text_only(card: Card) -> Json:
    text = rendering.summary(card)
    return {"type": "message", "textFormat": "plain", "summary": text, "text": text}


def _remember(kept: dict[Any, Any], key: Any, value: Any) -> None:
    """Keep something, and forget the oldest when there is much."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > _REMEMBERED:
        del kept[next(iter(kept))]


def _log_lost(what: str, failed: BaseException) -> None:
    # Only what kind of fault: the text of a database's may hold what was said.
    log.warning("%s could not be taken", what, extra={"why": type(failed).__name__})
