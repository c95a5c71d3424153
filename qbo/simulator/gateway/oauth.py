"""OAuth as Intuit does it: codes, and chains of tokens.

A *chain* is everything that follows from one consent: first a code, then the refresh
tokens one after the other and the access tokens made with them.

    consent -> code -> refresh, access -> refresh, access -> ... -> ended

Times here are simulated ones.
"""

import math
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from qbo.simulator import faults
from qbo.simulator.exact import Json
from qbo.simulator.gateway.apps import App, registered
from qbo.simulator.switches import Switches

ACCOUNTING: Final = "com.intuit.quickbooks.accounting"
PAYMENT: Final = "com.intuit.quickbooks.payment"
CODE_SECONDS: Final = 600
EVERY_COMPANY: Final = "*"
TOKEN_LENGTHS: Final = range(16, 4_097)
_DAY: Final = 86_400


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


@dataclass
class Refresh:
    """One refresh token: when it was made, and when it was replaced."""

    issued: float
    replaced: float | None = None


@dataclass(frozen=True)
class Consent:
    """What a person agreed to.

    `realm` is empty where no company was chosen, which is so for a login alone.
    """

    app: str
    realm: str
    scopes: tuple[str, ...]
    person: str
    redirect_uri: str = ""
    nonce: str = ""


@dataclass
class Chain:
    """One connection of an app to a company. A fixed one never expires or rotates."""

    consent: Consent
    code: str
    consented: float
    refreshes: dict[str, Refresh] = field(default_factory=dict, repr=False)
    accesses: dict[str, float] = field(default_factory=dict, repr=False)
    ended: bool = False
    fixed: bool = False

    @property
    def living(self) -> bool:
        """Whether there are tokens that may still work."""
        return bool(self.accesses) and not self.ended

    def covers(self, realm: str) -> bool:
        """Whether it opens the books of a company."""
        consent = self.consent
        return consent.realm in {EVERY_COMPANY, realm} and ACCOUNTING in consent.scopes

    def as_json(self) -> Json:
        """The chain for storage."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Json) -> "Chain":
        """A chain from storage."""
        consent = {**data["consent"], "scopes": tuple(data["consent"]["scopes"])}
        refreshes = {
            value: Refresh(float(one["issued"]), _moment(one["replaced"]))
            for value, one in data["refreshes"].items()
        }
        return cls(
            Consent(**consent),
            data["code"],
            float(data["consented"]),
            refreshes,
            {value: float(expires) for value, expires in data["accesses"].items()},
            data["ended"],
        )


class Authority:
    """Keeps apps and chains; `save` is called with each chain that changed."""

    def __init__(
        self,
        apps: Iterable[App],
        now: Callable[[], datetime],
        switches: Callable[[], Switches],
        save: Callable[[Chain], None],
    ) -> None:
        self.apps = registered(apps)
        self._now, self._switches, self._save = now, switches, save
        self._chains: dict[str, Chain] = {}
        self._by_refresh: dict[str, Chain] = {}
        self._by_access: dict[str, Chain] = {}

    def fix(self, access: str, refresh: str) -> None:
        """Accept a token pair that never expires, for every company and any app.

        Raises:
            ValueError: the gateway would refuse an access token of that length.
        """
        if len(access) not in TOKEN_LENGTHS:
            raise ValueError(
                f"a token has from {TOKEN_LENGTHS[0]} to {TOKEN_LENGTHS[-1]} characters"
            )
        scopes = tuple(self._switches().entitled_scopes.split())
        consent = Consent("", EVERY_COMPANY, scopes, "alex")
        chain = Chain(consent, f"fixed {access}", self._time(), fixed=True)
        chain.accesses[access] = self._time()
        if refresh:
            chain.refreshes[refresh] = Refresh(self._time())
        self.load(chain)

    def load(self, chain: Chain) -> None:
        """Take a chain over from storage."""
        self._chains[chain.code] = chain
        for value in chain.refreshes:
            self._by_refresh[value] = chain
        for value in chain.accesses:
            self._by_access[value] = chain

    def authorise(self, consent: Consent) -> str:
        """A person has consented: a code for the app."""
        chain = Chain(consent, f"AB1{secrets.token_hex(20)}", self._time())
        self.load(chain)
        self._save(chain)
        return chain.code

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
        """Turn a code into tokens. Under strict rotation a code used twice ends all.

        Raises:
            Denied: the code is unknown, used, late, another app's, or the redirect
                URI is not the one it was made for.
        """
        chain = self._chains.get(value)
        if chain is None or chain.consent.app != app.id:
            raise Denied(400, "invalid_grant", "Token invalid")
        if chain.refreshes:
            if self._is_strict():
                self.end(chain)
            raise Denied(400, "invalid_grant", "Token invalid")
        if chain.ended or chain.consented + CODE_SECONDS < self._time():
            raise Denied(400, "invalid_grant", "Token invalid")
        if chain.consent.redirect_uri != redirect:
            raise Denied(400, "invalid_request", "redirect_uri does not match")
        if self._switches().new_consent_ends_the_old:
            self._end_others(chain.consent)
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
        chain = self._by_refresh.get(value)
        if chain is None:
            raise wrong
        if chain.consent.app not in {"", app.id}:
            raise Denied(400, "invalid_grant", "Incorrect Token type or clientID")
        if chain.ended or self.refresh_left(chain, value) <= 0:
            raise wrong
        if not chain.fixed:
            self._rotate(chain, chain.refreshes[value], wrong)
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
        rules = self._switches()
        if chain.fixed:
            return rules.refresh_idle_seconds
        idle = chain.refreshes[value].issued + rules.refresh_idle_seconds - self._time()
        return min(math.ceil(idle), self._hard_left(chain))

    def chain_of(self, access: str) -> Chain:
        """The chain of an access token that is good now.

        Raises:
            Refused: it is not; 401 as the gateway says it.
        """
        if len(access) not in TOKEN_LENGTHS:
            raise faults.not_authenticated(
                "Malformed bearer token: too short or too long"
            )
        chain = self._by_access.get(access)
        if chain is None:
            raise faults.not_authenticated("Invalid token")
        if chain.ended:
            raise faults.not_authenticated("Token revoked")
        if not chain.fixed and chain.accesses[access] <= self._time():
            raise faults.not_authenticated("Token expired")
        return chain

    def connected(self, app: str, realm: str) -> bool:
        """Whether an app may see a company; an empty name is any app."""
        return any(
            one.living and one.covers(realm)
            for one in self._chains.values()
            if not app or one.consent.app in {"", app}
        )

    def revoke(self, app: App, value: str) -> None:
        """End the chain that a token belongs to.

        Raises:
            Denied: the token is unknown, another app's, or was revoked before.
        """
        chain = self._by_refresh.get(value) or self._by_access.get(value)
        if chain is None or chain.ended or chain.consent.app not in {"", app.id}:
            raise Denied(400, "invalid_request")
        self.end(chain)

    def end(self, chain: Chain) -> None:
        """End a chain: nothing of it works any more."""
        chain.ended = True
        self._save(chain)

    def expire_accesses(self) -> int:
        """Let all access tokens expire now; gives how many there were."""
        now, count = self._time(), 0
        for chain in self._connections():
            fresh = [value for value, until in chain.accesses.items() if until > now]
            chain.accesses.update(dict.fromkeys(fresh, now))
            count += len(fresh)
            self._save(chain)
        return count

    def end_all(self) -> int:
        """End all connections but the fixed ones; gives how many there were."""
        living = self._connections()
        for chain in living:
            self.end(chain)
        return len(living)

    def disconnect(self, realm: str, app: str = "") -> int:
        """End the connections (of an app) to a company; gives how many there were."""
        ended = [
            one
            for one in self._connections()
            if one.consent.realm == realm and app in {"", one.consent.app}
        ]
        for chain in ended:
            self.end(chain)
        return len(ended)

    def _connections(self) -> list[Chain]:
        return [one for one in self._chains.values() if one.living and not one.fixed]

    def _end_others(self, consent: Consent) -> None:
        for other in self._connections():
            same = other.consent.app == consent.app
            if same and other.consent.realm == consent.realm:
                self.end(other)

    def _is_strict(self) -> bool:
        return self._switches().previous_refresh_grace_seconds == 0

    def _hard_left(self, chain: Chain) -> int:
        end = chain.consented + self._switches().refresh_hard_seconds
        return math.ceil(end - self._time())

    def _rotate(self, chain: Chain, token: Refresh, wrong: Denied) -> None:
        """Replace a refresh token when its time has come; a replaced one has a grace.

        Raises:
            Denied: its grace is over.
        """
        now, rules = self._time(), self._switches()
        if token.replaced is None:
            if now - token.issued >= rules.rotate_refresh_after_seconds:
                token.replaced = now
                self._new_refresh(chain)
            return
        if self._is_strict():
            self.end(chain)
            raise wrong
        if now - token.replaced > rules.previous_refresh_grace_seconds:
            raise wrong

    def _new_refresh(self, chain: Chain) -> None:
        value = f"AB11{secrets.token_hex(23)}"
        chain.refreshes[value] = Refresh(self._time())
        self._by_refresh[value] = chain
        ancient = self._time() - self._switches().refresh_idle_seconds
        for old, token in list(chain.refreshes.items()):
            if token.issued < ancient:
                del chain.refreshes[old], self._by_refresh[old]

    def _new_access(self, chain: Chain) -> None:
        value = (
            f"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..{secrets.token_hex(96)}"
        )
        for old, expires in list(chain.accesses.items()):
            if expires + _DAY <= self._time() and not chain.fixed:
                del chain.accesses[old], self._by_access[old]
        chain.accesses[value] = self._time() + self._switches().access_token_seconds
        self._by_access[value] = chain

    def _time(self) -> float:
        return self._now().timestamp()


def _moment(value: object) -> float | None:
    return None if value is None else float(str(value))
