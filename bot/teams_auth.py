"""Who speaks to us in Teams' name, and how we show that we are ourselves.

Inbound: the Bot Framework signs every request with a JSON web token; what has to
hold is listed in Microsoft's "Authenticate with the Bot Connector API",
https://learn.microsoft.com/azure/bot-service/rest-api/ .
The SDK's own check blocks the loop, misses new keys for a day and lets tokens
without an expiry pass; this one does not. Outbound: one Entra token for all
calls, fetched beside the loop and kept until shortly before it ends.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import aiohttp
import jwt
import msal
import requests
from aiohttp import web

from bot.local import NAMES, is_local
from bot.platform import SendFailed

log = logging.getLogger(__name__)

ISSUER = "https://api.botframework.com"
METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
CHANNEL = "msteams"
SCOPE = "https://api.botframework.com"
SKEW = timedelta(minutes=5)
KEYS_KEPT = timedelta(hours=24)
# A token with an unknown key makes us look for new keys, at most this often.
KEYS_REFRESHED = timedelta(minutes=1)
KEYS_SECONDS = 5
KEYS_BYTES_MAX = 512 * 1024
TOKEN_SECONDS = 15
TOKEN_SPARE = timedelta(minutes=5)

# Where the connector service lives, public and government clouds.
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
SERVICE_HOSTS = (
    "botframework.com",
    "botframework.azure.us",
    "smba.trafficmanager.net",
    "teams.microsoft.com",
    "teams.microsoft.us",
    "infra.gcc.teams.microsoft.com",
    "infra.gov.teams.microsoft.us",
)
AppType = Literal["SingleTenant", "UserAssignedMSI", "MultiTenant"]


@dataclass(frozen=True, slots=True)
class TeamsSettings:
    """How to be one bot in Teams.

    `certificate` is a PEM text with the private key (and the public certificate,
    if it is to be sent along). `unauthenticated` serves the emulator: requests
    without a token, from this machine only. `extra_hosts` are service hosts
    beside Microsoft's; http is taken from loopback hosts among them.
    """

    app_type: AppType
    app_id: str
    tenant_id: str
    password: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)
    certificate_thumbprint: str | None = None
    openid_metadata_url: str = METADATA
    unauthenticated: bool = False
    extra_hosts: frozenset[str] = frozenset()


class Unauthorised(Exception):
    """The request does not prove that it comes from the Bot Framework.

    Its text is for operators; the caller is told nothing.
    """


class Credential(Protocol):
    """Gives the token that outbound calls carry."""

    async def token(self, *, fresh: bool = False) -> str:
        """A bearer token, "" where none is needed.

        Raises:
            SendFailed: none can be had now.
        """
        ...


def is_service(url: str, settings: TeamsSettings) -> bool:
    """Whether our token may be sent there: it is a secret, so only to Microsoft."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if host in settings.extra_hosts or (settings.unauthenticated and host in NAMES):
        return parts.scheme == "https" or (parts.scheme == "http" and host in NAMES)
    return (
        parts.scheme == "https"
        and port in {None, 443}
        and any(host == known or host.endswith(f".{known}") for known in SERVICE_HOSTS)
    )


def is_emulator(request: web.Request) -> bool:
    """Whether a program on this machine asks, and no page in a browser of it.

    Browsers name the page's origin with every POST; no program needs to.
    """
    return (
        is_local(request.remote, request.headers.items())
        and "Origin" not in request.headers
        and all(site == "none" for site in request.headers.getall("Sec-Fetch-Site", ()))
    )


class Keys:
    """The keys with which the Bot Framework signs, fetched when they are needed."""

    def __init__(
        self,
        url: str,
        session: Callable[[], aiohttp.ClientSession],
        now: Callable[[], datetime],
    ) -> None:
        self._url = url
        self._session = session
        self._now = now
        self._keys: Mapping[str, Mapping[str, Any]] = {}
        self._tried_at: datetime | None = None
        self._fetched_at: datetime | None = None
        self._turn = asyncio.Lock()

    @property
    def loaded(self) -> bool:
        """Whether any keys are known."""
        return bool(self._keys)

    async def find(self, kid: str) -> Mapping[str, Any] | None:
        """The key of that id; new keys are looked for when it is not known."""
        if kid in self._keys and not self._old():
            return self._keys[kid]
        async with self._turn:
            if (kid not in self._keys or self._old()) and self._may_try():
                await self._refresh()
        return self._keys.get(kid)

    async def refresh(self) -> bool:
        """Fetch the keys; False when that fails, and the old ones stay."""
        async with self._turn:
            return await self._refresh()

    async def _refresh(self) -> bool:
        self._tried_at = self._now()
        try:
            about = await self._fetched(self._url)
            keys = (await self._fetched(str(about["jwks_uri"])))["keys"]
            found = {
                key["kid"]: key
                for key in keys
                if isinstance(key.get("kid"), str) and key.get("kty") == "RSA"
            }
        except (
            aiohttp.ClientError,
            TimeoutError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as wrong:
            log.warning("no signing keys", extra={"why": type(wrong).__name__})
            return False
        self._keys, self._fetched_at = found, self._now()
        return True

    def _old(self) -> bool:
        return self._fetched_at is None or self._now() - self._fetched_at > KEYS_KEPT

    def _may_try(self) -> bool:
        return self._tried_at is None or self._now() - self._tried_at > KEYS_REFRESHED

    async def _fetched(self, url: str) -> Any:
        timeout = aiohttp.ClientTimeout(total=KEYS_SECONDS)
        async with self._session().get(url, timeout=timeout) as answer:
            answer.raise_for_status()
            raw = await answer.content.read(KEYS_BYTES_MAX)
            while chunk := await answer.content.read(KEYS_BYTES_MAX):
                raw += chunk
                if len(raw) > KEYS_BYTES_MAX:
                    raise ValueError("too long")
        return json.loads(raw)


class Validator:
    """Believes a request whose token is the Bot Framework's, for us, for this."""

    def __init__(self, app_id: str, keys: Keys, now: Callable[[], datetime]) -> None:
        self._app_id = app_id
        self._keys = keys
        self._now = now

    async def check(self, header: str, activity: Mapping[str, Any]) -> None:
        """Believe, or not.

        Raises:
            Unauthorised: the token does not hold.
        """
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer" or not token:
            raise Unauthorised("no bearer token")
        if activity.get("channelId") != CHANNEL:
            raise Unauthorised("another channel")
        try:
            claims = await self._claims(token)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as wrong:
            raise Unauthorised(type(wrong).__name__) from None
        self._check_moment(claims)
        if not isinstance(claims.get("aud"), str):
            raise Unauthorised("more than one audience")
        said = claims.get("serviceurl", claims.get("serviceUrl"))
        url = activity.get("serviceUrl")
        if not (isinstance(said, str) and isinstance(url, str) and said and url):
            raise Unauthorised("no service address")
        if said.rstrip("/") != url.rstrip("/"):
            raise Unauthorised("another service address")

    async def _claims(self, token: str) -> Mapping[str, Any]:
        head = jwt.get_unverified_header(token)
        kid = head.get("kid")
        if head.get("alg") != "RS256" or not isinstance(kid, str):
            raise Unauthorised("not signed with RS256 and a named key")
        key = await self._keys.find(kid)
        if key is None:
            raise Unauthorised("an unknown key")
        endorsed = key.get("endorsements")
        if not isinstance(endorsed, list) or CHANNEL not in endorsed:
            raise Unauthorised("a key that is not endorsed for Teams")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            jwt.PyJWK.from_dict(dict(key), algorithm="RS256"),
            algorithms=["RS256"],
            audience=self._app_id,
            issuer=ISSUER,
            # The moments are checked by our own clock, below.
            options={
                "require": ["exp", "nbf", "iss", "aud"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_sub": False,
            },
        )
        return claims

    def _check_moment(self, claims: Mapping[str, Any]) -> None:
        now, skew = self._now().timestamp(), SKEW.total_seconds()
        ends, begins = claims.get("exp"), claims.get("nbf")
        if not isinstance(ends, int | float) or ends < now - skew:
            raise Unauthorised("expired")
        if not isinstance(begins, int | float) or begins > now + skew:
            raise Unauthorised("not yet")


class NoCredential:
    """For the emulator, which asks for no token."""

    async def token(self, *, fresh: bool = False) -> str:
        """No token."""
        del fresh
        return ""


class EntraCredential:
    """One Entra token, kept until five minutes before it ends.

    MSAL blocks, so it works in a thread of its own.
    https://learn.microsoft.com/entra/msal/python/
    """

    def __init__(self, settings: TeamsSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="entra")
        self._client: Any = None
        self._kept = ""
        self._until: datetime | None = None

    async def token(self, *, fresh: bool = False) -> str:
        """A bearer token. See Credential."""
        async with self._turn:
            if not fresh and self._until is not None and self._now() < self._until:
                return self._kept
            loop = asyncio.get_running_loop()
            try:
                async with asyncio.timeout(TOKEN_SECONDS):
                    answer = await loop.run_in_executor(self._thread, self._acquire)
            except (requests.RequestException, OSError, ValueError) as failed:
                # ValueError is MSAL's for an authority or key that cannot be used.
                raise SendFailed(f"no Entra token: {type(failed).__name__}") from None
            token, lasts = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str):
                raise SendFailed(f"no Entra token: {answer.get('error', 'no reason')}")
            seconds = int(lasts) if isinstance(lasts, int | str) else 0
            self._kept = token
            self._until = self._now() + timedelta(seconds=seconds) - TOKEN_SPARE
            return token

    def _acquire(self) -> dict[str, Any]:
        if self._client is None:
            self._client = self._make()
        if self._settings.app_type == "UserAssignedMSI":
            found = self._client.acquire_token_for_client(resource=SCOPE)
        else:
            found = self._client.acquire_token_for_client(scopes=[f"{SCOPE}/.default"])
        return found if isinstance(found, dict) else {}

    def _make(self) -> Any:
        settings = self._settings
        if settings.app_type == "UserAssignedMSI":
            return msal.ManagedIdentityClient(
                msal.UserAssignedManagedIdentity(client_id=settings.app_id),
                http_client=requests.Session(),
            )
        secret: str | dict[str, str] | None = settings.password
        if settings.certificate:
            secret = {
                "private_key": settings.certificate,
                "thumbprint": settings.certificate_thumbprint or "",
            }
            if "BEGIN CERTIFICATE" in settings.certificate:
                secret["public_certificate"] = settings.certificate
        tenant = (
            "botframework.com"
            if settings.app_type == "MultiTenant"
            else settings.tenant_id
        )
        return msal.ConfidentialClientApplication(
            settings.app_id,
            authority=f"https://login.microsoftonline.com/{tenant}",
            client_credential=secret,
            timeout=TOKEN_SECONDS,
        )
