"""The registered apps: keys, redirect URIs and whose keys they are."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

SANDBOX: Final = "sandbox"
PRODUCTION: Final = "production"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class App:
    """A registered app; without a redirect URI any loopback address will do.

    `environment` is the one its keys are for: Development keys open sandboxes only,
    Production keys real companies only. Empty is either, for the app that is known
    without being asked for.
    """

    id: str
    secret: str = field(repr=False)
    redirect_uris: tuple[str, ...] = ()
    environment: str = ""
    name: str = ""

    def allows(self, address: str) -> bool:
        """Whether a code may be sent there."""
        if self.redirect_uris:
            return address in self.redirect_uris
        try:
            parts = urlsplit(address)
            local = parts.hostname in LOOPBACK and parts.port != 0
        except ValueError:
            return False
        return (
            local
            and parts.scheme in {"http", "https"}
            and not (parts.query or parts.fragment or parts.username)
            and _is_plain(address)
        )

    def opens(self, environment: str) -> bool:
        """Whether its tokens are good for the API of an environment."""
        return self.environment in {"", environment}


def app_of(text: str, environment: str) -> App:
    """An app from `[NAME=]ID:SECRET[:REDIRECT_URI]`.

    Raises:
        ValueError: id or secret is missing, or a redirect URI that Intuit would not
            register.
    """
    name, mark, keys = text.partition("=")
    if not mark or ":" in name:
        name, keys = "", text
    number, _, rest = keys.partition(":")
    secret, _, redirect = rest.partition(":")
    if not number or not secret:
        raise ValueError("a client is given as [NAME=]ID:SECRET[:REDIRECT_URI]")
    if environment == PRODUCTION:
        _check_public(redirect)
    return App(number, secret, (redirect,) if redirect else (), environment, name)


def registered(apps: Iterable[App]) -> dict[str, App]:
    """Apps by id; one given several times has several redirect URIs.

    Raises:
        ValueError: the same id comes with two secrets or two environments.
    """
    known: dict[str, App] = {}
    for app in apps:
        before = known.setdefault(app.id, app)
        if (before.secret, before.environment) != (app.secret, app.environment):
            raise ValueError(f"the client {app.id} is given twice")
        uris = dict.fromkeys((*before.redirect_uris, *app.redirect_uris))
        name = before.name or app.name
        known[app.id] = App(app.id, app.secret, tuple(uris), app.environment, name)
    return known


def _check_public(address: str) -> None:
    """Production keys: https and a real domain."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme != "https" or not _is_domain(host):
        raise ValueError(
            "a production client has a redirect URI with https and a domain"
        )


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and not set(address) & set(" \\")


def _is_domain(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith(".localhost")
    return False
