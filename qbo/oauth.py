"""Intuit's OAuth as values: addresses, grants, what can go wrong; pure.

Facts: developer.intuit.com, "OAuth 2.0", and the discovery documents.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from qbo.books import Company, Environment
from qbo.faults import BooksFault

SCOPE: Final = "com.intuit.quickbooks.accounting"

# Tokens are opaque; Intuit says up to 4,096 characters for access and 512 for
# refresh tokens. What is longer or holds spaces does not belong into a header.
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8192}")

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Addresses(NamedTuple):
    """Where an environment's API and its discovery document are."""

    api_url: str
    discovery_url: str


INTUIT: Final[Mapping[Environment, Addresses]] = {
    Environment.PRODUCTION: Addresses(
        "https://quickbooks.api.intuit.com",
        "https://developer.api.intuit.com/.well-known/openid_configuration",
    ),
    Environment.SANDBOX: Addresses(
        "https://sandbox-quickbooks.api.intuit.com",
        "https://developer.api.intuit.com/.well-known/openid_sandbox_configuration",
    ),
}
"""Intuit's own addresses. A simulated QuickBooks is wherever it was started."""


@dataclass(frozen=True, slots=True)
class QuickBooksApp:
    """One key pair of Intuit's developer portal, and where it is used.

    `redirect_uri` is registered there byte for byte. `api_url` and
    `discovery_url` are Intuit's own unless the simulator or a proxy is meant.
    """

    environment: Environment
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    api_url: str
    discovery_url: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of a discovery document that are used."""

    authorization: str
    token: str
    revocation: str


# Used when Intuit's discovery document cannot be read; the same for both kinds.
FALLBACK: Final = Endpoints(
    authorization="https://appcenter.intuit.com/connect/oauth2",
    token="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106 - an address
    revocation="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint gives. Times are when each part ends (UTC)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime
    refresh_hard_expires_at: datetime | None


class State(StrEnum):
    """How a company's connection stands.

    CONFIRMING: consented, but the admin has not yet said that it is the right
    company, so nothing can be posted. ENDED: Intuit takes its tokens no longer.
    """

    CONFIRMING = "confirming"
    CONNECTED = "connected"
    ENDED = "ended"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Connected:
    """A company and how its connection stands; no tokens. Times are UTC.

    `refresh_hard_expires_at` is when consent has to be given anew in any case;
    None while Intuit does not say. `last_renewed_at` is None before the first
    renewal.
    """

    company: Company
    workspace: str
    state: State
    connected_by: str
    connected_at: datetime
    access_expires_at: datetime
    refresh_expires_at: datetime
    refresh_hard_expires_at: datetime | None
    ended_reason: str | None
    last_renewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A single-use link's token, for one admin's eyes only."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Start:
    """Where to send the browser, and the cookie that it must bring back."""

    url: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Completed:
    """A consent that went through.

    `is_new`: the admin still has to say "Yes, <company>, <environment>". `origin`
    is what the invitation kept: where to answer.
    """

    connected: Connected
    origin: str
    person_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the timetable did for one company; `problem` is None when it worked."""

    connected: Connected
    has_ended: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Disconnection:
    """A disconnected company; `is_revoked`: Intuit has confirmed the end."""

    connected: Connected
    is_revoked: bool
    sentence: str


class Keys(StrEnum):
    """What the token endpoint says of a client id and secret."""

    GOOD = "good"
    WRONG = "wrong"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class AppCheck:
    """What an operator wants to know of a key pair; a sentence for each answer.

    `discovery_works` and `keys` are told apart, so that a wrong secret does not
    look like a wrong address.
    """

    environment: Environment
    redirect_uri: str
    discovery_works: bool
    keys: Keys
    sentences: tuple[str, ...]

    @property
    def works(self) -> bool:
        """Whether a consent could go through."""
        return self.discovery_works and self.keys is Keys.GOOD


class ConsentFault(BooksFault):
    """Consent did not go through. `origin`: where to answer, where that is known."""

    usual: ClassVar[str] = "QuickBooks was not connected."

    def __init__(self, sentence: str = "", *, origin: str | None = None) -> None:
        super().__init__(sentence or self.usual)
        self.origin = origin


class UnknownLink(ConsentFault):
    """A link that was never given out."""

    usual = (
        "This link is not one of mine, so nothing was connected. Ask for a new one"
        " with /connect."
    )


class ExpiredLink(ConsentFault):
    """A link, or the consent that it began, that took too long."""

    usual = (
        "This link is too old, so nothing was connected. Ask for a new one with"
        " /connect."
    )


class UsedLink(ConsentFault):
    """A link, or its way back, that was used before."""

    usual = (
        "This link has been used already and works only once. If QuickBooks is not"
        " connected, ask for a new one with /connect."
    )


class OtherBrowser(ConsentFault):
    """The way back in another browser than the one that began."""

    usual = (
        "This did not begin in this browser, so nothing was connected. Ask for a new"
        " link with /connect and stay in one browser."
    )


class UnknownState(ConsentFault):
    """A way back that nobody began."""

    usual = (
        "I did not ask QuickBooks for this, so nothing was connected. Ask for a link"
        " with /connect."
    )


class ConsentCancelled(ConsentFault):
    """The person said no at Intuit."""

    usual = (
        "You cancelled at QuickBooks, so nothing was connected. Ask for a new link"
        " with /connect whenever you like."
    )


class ConsentHalfFinished(ConsentFault):
    """Intuit sent the person back without a company or without its word."""

    usual = (
        "QuickBooks sent you back before a company was chosen, so nothing was"
        " connected. Ask for a new link with /connect."
    )


class ExchangeRefused(ConsentFault):
    """Intuit would not give tokens for this consent."""

    usual = (
        "QuickBooks did not complete the connection, so nothing was connected. Ask"
        " for a new link with /connect."
    )


class ConsentUnreachable(ConsentFault):
    """QuickBooks could not be reached in the middle of a consent."""

    usual = (
        "QuickBooks cannot be reached just now, so nothing was connected. Ask for a"
        " new link with /connect in a few minutes."
    )


class ConnectedElsewhere(ConsentFault):
    """The company belongs to another workspace."""

    usual = (
        "This company is connected in another workspace, so it was not connected"
        " here. Disconnect it there first."
    )


class NotConfigured(ConsentFault):
    """There are no keys for this kind of QuickBooks."""

    usual = (
        "QuickBooks is not set up here yet. Whoever runs Countersign can do that with"
        " `countersign check`."
    )


class NotTheirs(ConsentFault):
    """Somebody else than the admin who connected would confirm it."""

    usual = (
        "Only the administrator who connected this company can say whether it is the"
        " right one. Nothing was changed."
    )


class NothingToConfirm(ConsentFault):
    """There is no connection that waits for its confirmation."""

    usual = "This company does not wait to be confirmed. Nothing was changed."


def authorize_url(endpoints: Endpoints, app: QuickBooksApp, state: str) -> str:
    """The address of Intuit's consent page, which does not support PKCE."""
    query = urlencode(
        {
            "client_id": app.client_id,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": app.redirect_uri,
            "state": state,
        }
    )
    mark = "&" if "?" in endpoints.authorization else "?"
    return f"{endpoints.authorization}{mark}{query}"


def endpoints(document: Mapping[str, Any], app: QuickBooksApp) -> Endpoints | None:
    """The addresses that a discovery document names, if all can be trusted.

    Secrets are sent there: behind Intuit's own document they must be Intuit's, and
    elsewhere on https or on this machine.
    """
    found = [
        document.get(f"{name}_endpoint")
        for name in ("authorization", "token", "revocation")
    ]
    is_intuits = _is_intuits(app.discovery_url)
    for url in found:
        if not isinstance(url, str):
            return None
        parts = urlsplit(url)
        if is_intuits and not _is_intuits(url):
            return None
        if parts.scheme != "https" and not (
            parts.scheme == "http"
            and (
                parts.hostname in _LOOPBACK or app.environment is Environment.SIMULATOR
            )
        ):
            return None
    return Endpoints(*(str(url) for url in found))


def _is_intuits(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and (
        host == "intuit.com" or host.endswith(".intuit.com")
    )


def grant(answer: Mapping[str, Any], now: datetime) -> Grant | None:
    """The grant in a token endpoint's answer; None where it is none."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not (isinstance(access, str) and _TOKEN.fullmatch(access)):
        return None
    if not (isinstance(refresh, str) and _TOKEN.fullmatch(refresh)):
        return None
    lives = _seconds(answer.get("expires_in"))
    rolls = _seconds(answer.get("x_refresh_token_expires_in"))
    hard = _seconds(answer.get("x_refresh_token_hard_expires_in"))
    return Grant(
        access_token=access,
        refresh_token=refresh,
        access_expires_at=now + timedelta(seconds=3600 if lives is None else lives),
        refresh_expires_at=now
        + (timedelta(days=100) if rolls is None else timedelta(seconds=rolls)),
        refresh_hard_expires_at=None if hard is None else now + timedelta(seconds=hard),
    )


def _seconds(value: Any) -> int | None:
    """A sensible number of seconds, at most twenty years; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return min(value, 20 * 366 * 86_400)
