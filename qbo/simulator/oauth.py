"""OAuth as Intuit does it: apps, codes, and chains of tokens.

A *chain* is everything that follows from one consent: the refresh tokens one after
the other and the access tokens made with them. Times here are simulated ones.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from qbo.simulator.exact import Json
from qbo.simulator.switches import Switches

ACCOUNTING: Final = "com.intuit.quickbooks.accounting"
SCOPES: Final = (
    ACCOUNTING,
    "com.intuit.quickbooks.payment",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
)
CODE_SECONDS: Final = 600
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass
class Denied(Exception):
    """A request to the token endpoints that is turned away."""

    status: int
    error: str
    description: str = ""

    def body(self) -> Json:
        """The answer as JSON."""
        if not self.description:
            return {"error": self.error}
        return {"error": self.error, "error_description": self.description}


@dataclass(frozen=True)
class App:
    """A registered app; without a redirect URI any loopback address will do."""

    id: str
    secret: str = field(repr=False)
    redirect_uri: str | None = None

    def allows(self, address: str) -> bool:
        """Whether a code may be sent there."""
        if self.redirect_uri is not None:
            return address == self.redirect_uri
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK


@dataclass(frozen=True)
class Code:
    """An authorization code, good once and for a few minutes."""

    app: str
    realm: str
    redirect_uri: str
    scopes: tuple[str, ...]
    expires: float


@dataclass
class Refresh:
    """One refresh token: when it was made, when last used, when replaced."""

    issued: float
    used: float
    replaced: float | None = None


@dataclass
class Chain:
    """One connection of an app to a company."""

    id: str
    app: str
    realm: str
    scopes: tuple[str, ...]
    consented: float
    refreshes: dict[str, Refresh] = field(default_factory=dict, repr=False)
    accesses: dict[str, float] = field(default_factory=dict, repr=False)
    ended: bool = False

    def as_json(self) -> Json:
        """The chain for storage."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Json) -> "Chain":
        """A chain from storage."""
        refreshes = {key: Refresh(**one) for key, one in data["refreshes"].items()}
        scopes = tuple(data["scopes"])
        return cls(**{**data, "scopes": scopes, "refreshes": refreshes})


@dataclass(frozen=True)
class Grant:
    """What an access token is good for; no realm means every company."""

    app: str
    realm: str | None
    scopes: tuple[str, ...]


class Authority:
    """Keeps apps, codes and chains; `save` is called with each chain that changed."""

    def __init__(
        self,
        apps: Iterable[App],
        now: Callable[[], datetime],
        switches: Callable[[], Switches],
        save: Callable[[Chain], None],
    ) -> None:
        self.apps = {app.id: app for app in apps}
        self._now, self._switches, self._save = now, switches, save
        self.codes: dict[str, Code] = {}
        self.used_codes: dict[str, str] = {}
        self.chains: dict[str, Chain] = {}
        self._by_refresh: dict[str, Chain] = {}
        self._by_access: dict[str, Chain] = {}
        self.fixed: dict[str, str | None] = {}

    def fix(self, access: str, refresh: str | None) -> None:
        """Accept a token pair that never expires, for every company."""
        self.fixed[access] = refresh

    def load(self, chain: Chain) -> None:
        """Take a chain over from storage."""
        self.chains[chain.id] = chain
        for value in chain.refreshes:
            self._by_refresh[value] = chain
        for value in chain.accesses:
            self._by_access[value] = chain

    def authorise(self, app_id: str, realm: str, redirect: str, scope: str) -> str:
        """A person has consented: a code for the app."""
        value = f"AB1{secrets.token_hex(20)}"
        expires = self._time() + CODE_SECONDS
        self.codes[value] = Code(app_id, realm, redirect, tuple(scope.split()), expires)
        return value

    def app(self, app_id: str, secret: str) -> App:
        """The app with these credentials.

        Raises:
            Denied: there is none.
        """
        app = self.apps.get(app_id)
        if app is None or not secrets.compare_digest(
            app.secret.encode(), secret.encode()
        ):
            raise Denied(401, "invalid_client")
        return app

    def exchange(self, app: App, value: str, redirect: str) -> Chain:
        """Turn a code into a new chain; a code used twice ends what it began.

        Raises:
            Denied: the code is unknown, used, late, another app's, or the redirect
                URI is not the one it was made for.
        """
        if value in self.used_codes:
            chain = self.chains[self.used_codes[value]]
            if self._switches().previous_refresh_grace_seconds == 0:
                self.end(chain)
            raise Denied(400, "invalid_grant", "Token invalid")
        code = self.codes.get(value)
        if code is None or code.app != app.id or code.expires < self._time():
            raise Denied(400, "invalid_grant", "Token invalid")
        if code.redirect_uri != redirect:
            raise Denied(400, "invalid_request", "redirect_uri does not match")
        del self.codes[value]
        if self._switches().new_consent_ends_the_old:
            for other in self.chains.values():
                if (other.app, other.realm) == (app.id, code.realm):
                    self.end(other)
        number = secrets.token_hex(8)
        chain = Chain(number, app.id, code.realm, code.scopes, self._time())
        self.chains[number] = chain
        self.used_codes[value] = number
        self._new_refresh(chain)
        self._new_access(chain)
        self._save(chain)
        return chain

    def refresh(self, app: App, value: str) -> Chain:
        """Give a chain a new access token, and as a rule a new refresh token.

        Raises:
            Denied: the token is wrong, expired, revoked, or was replaced too long ago.
        """
        wrong = Denied(400, "invalid_grant", "Incorrect or invalid refresh token")
        if value in self.fixed.values() and value:
            return self._fixed_chain(app)
        chain = self._by_refresh.get(value)
        if chain is None or chain.ended:
            raise wrong
        if chain.app != app.id:
            raise Denied(400, "invalid_grant", "Incorrect Token type or clientID")
        token, now, rules = chain.refreshes[value], self._time(), self._switches()
        if self.refresh_left(chain, value) <= 0:
            raise wrong
        if token.replaced is not None:
            grace = rules.previous_refresh_grace_seconds
            if now - token.replaced > grace or grace == 0:
                if grace == 0:
                    self.end(chain)
                raise wrong
        elif now - token.issued >= rules.rotate_refresh_after_seconds:
            token.replaced = now
            self._new_refresh(chain)
        token.used = now
        self._new_access(chain)
        self._save(chain)
        return chain

    def _fixed_chain(self, app: App) -> Chain:
        chain = Chain(secrets.token_hex(8), app.id, "", (ACCOUNTING,), self._time())
        self.chains[chain.id] = chain
        self._new_refresh(chain)
        self._new_access(chain)
        self._save(chain)
        return chain

    def answer(self, chain: Chain, *, hard: bool) -> Json:
        """The token endpoint's answer for a chain as it stands."""
        refresh = next(reversed(chain.refreshes))
        access = next(reversed(chain.accesses))
        answer: Json = {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": self._switches().access_token_seconds,
            "refresh_token": refresh,
            "x_refresh_token_expires_in": self.refresh_left(chain, refresh),
        }
        if hard:
            answer["x_refresh_token_hard_expires_in"] = self._hard_left(chain)
        return answer

    def refresh_left(self, chain: Chain, value: str) -> int:
        """Seconds a refresh token has left: the rolling period, within the hard end."""
        used = chain.refreshes[value].used
        idle = used + self._switches().refresh_idle_seconds - self._time()
        return int(min(idle, self._hard_left(chain)))

    def _hard_left(self, chain: Chain) -> int:
        end = chain.consented + self._switches().refresh_hard_seconds
        return int(end - self._time())

    def grant(self, access: str) -> Grant | None:
        """What an access token is good for now; None when it is not."""
        if access in self.fixed:
            return Grant("", None, SCOPES)
        chain = self._by_access.get(access)
        if chain is None or chain.ended or chain.accesses[access] <= self._time():
            return None
        return Grant(chain.app, chain.realm or None, chain.scopes)

    def revoke(self, app: App, value: str) -> None:
        """End the chain that a token belongs to.

        Raises:
            Denied: the token is unknown or was revoked before.
        """
        chain = self._by_refresh.get(value) or self._by_access.get(value)
        if chain is None or chain.ended or chain.app != app.id:
            raise Denied(400, "invalid_request")
        self.end(chain)

    def end(self, chain: Chain) -> None:
        """End a chain: nothing of it works any more."""
        chain.ended = True
        self._save(chain)

    def expire_accesses(self) -> int:
        """Let all access tokens expire now; gives how many there were."""
        count = 0
        for chain in self.chains.values():
            for value, expires in chain.accesses.items():
                if expires > self._time():
                    chain.accesses[value] = self._time()
                    count += 1
            self._save(chain)
        return count

    def end_all(self) -> int:
        """End all chains; gives how many there were."""
        living = [chain for chain in self.chains.values() if not chain.ended]
        for chain in living:
            self.end(chain)
        return len(living)

    def _new_refresh(self, chain: Chain) -> None:
        value = f"AB11{secrets.token_hex(23)}"
        chain.refreshes[value] = Refresh(self._time(), self._time())
        self._by_refresh[value] = chain

    def _new_access(self, chain: Chain) -> None:
        value = (
            f"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..{secrets.token_hex(96)}"
        )
        chain.accesses[value] = self._time() + self._switches().access_token_seconds
        self._by_access[value] = chain
        for old, expires in list(chain.accesses.items()):
            if expires <= self._time():
                del chain.accesses[old], self._by_access[old]

    def _time(self) -> float:
        return self._now().timestamp()


def discovery(base: str) -> dict[str, Any]:
    """The discovery document, with endpoints below `base`.

    The issuer is Intuit's own text, which clients compare with.
    """
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{base}/connect/oauth2",
        "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{base}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
        ],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }


ISSUER: Final = "https://oauth.platform.intuit.com/op/v1"
USER: Final[Json] = {
    "sub": "1182d6ec-60a1-4aa3-a7d5-000000000001",
    "email": "alex@harbourpine.example",
    "emailVerified": True,
    "givenName": "Alex",
    "familyName": "Morgan",
}
