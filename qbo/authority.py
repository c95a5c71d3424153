"""The hosts of Intuit that give, renew and revoke tokens, spoken to over HTTP.

Nothing is kept here but the discovery document. Bodies and tokens appear in no
error and no log.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx

from qbo import answers, oauth
from qbo.answers import Said
from qbo.books import Environment
from qbo.oauth import AppCheck, Endpoints, Grant, Keys, QuickBooksApp

_log = logging.getLogger(__name__)

USER_AGENT: Final = "Countersign/0.1"

REQUEST_SECONDS: Final = 15.0
_DOCUMENT_LIVES: Final = timedelta(days=1)
_FALLBACK_LIVES: Final = timedelta(minutes=5)

# Shaped like a refresh token, and nobody's.
_NOBODYS_TOKEN: Final = "AB11-countersign-checks-its-keys"  # noqa: S105 - no secret


_ASK_FOR_THE_END: Final = "x-include-refresh-token-hard-expires-in"


class NoAnswer(Exception):
    """The host was not reached, or its answer is lost or unreadable.

    After a request that rotates a token nobody knows whether it did.
    """


class BadGrant(Exception):
    """`invalid_grant`: the code or refresh token is not taken (any longer)."""


class BadKeys(Exception):
    """`invalid_client`: the client id or secret is wrong."""


class OtherNo(NoAnswer):
    """A definite no of another kind, such as a redirect URI that differs."""


class Authority:
    """Intuit's OAuth hosts, as their discovery document names them."""

    def __init__(self, http: httpx.AsyncClient, now: Callable[[], datetime]) -> None:
        self._http = http
        self._now = now
        self._known: dict[Environment, tuple[Endpoints, datetime]] = {}

    async def endpoints(self, app: QuickBooksApp) -> Endpoints:
        """The addresses to use: as discovered, at most a day ago, else Intuit's.

        Raises:
            NoAnswer: nothing can be discovered, and it is not Intuit that is meant.
        """
        if known := self._known.get(app.environment):
            found, until = known
            if self._now() < until:
                return found
        try:
            found, lives = await self._discovered(app), _DOCUMENT_LIVES
        except NoAnswer:
            if known:
                found = known[0]
            elif app.environment is Environment.SIMULATOR:
                raise
            else:
                found = oauth.FALLBACK
            lives = _FALLBACK_LIVES
            _log.warning("no discovery document for %s", app.environment)
        self._known[app.environment] = (found, self._now() + lives)
        return found

    async def _discovered(self, app: QuickBooksApp) -> Endpoints:
        said = await self._say(app, "GET", app.discovery_url)
        try:
            document = answers.read_json(said.body)
        except answers.Unreadable as wrong:
            raise NoAnswer from wrong
        found = oauth.endpoints(document, app) if said.is_success else None
        if found is None:
            raise NoAnswer
        return found

    async def exchange(self, app: QuickBooksApp, code: str) -> Grant:
        """Tokens for the code of a consent.

        Raises:
            BadGrant, BadKeys, OtherNo, NoAnswer: as they say.
        """
        return await self._granted(
            app,
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": app.redirect_uri,
            },
        )

    async def refresh(self, app: QuickBooksApp, refresh_token: str) -> Grant:
        """New tokens for a refresh token, which may be used up by this.

        Raises:
            BadGrant, BadKeys, OtherNo, NoAnswer: as they say.
        """
        return await self._granted(
            app, {"grant_type": "refresh_token", "refresh_token": refresh_token}
        )

    async def revoke(self, app: QuickBooksApp, token: str) -> bool:
        """End the whole connection that a token belongs to.

        Returns whether Intuit has confirmed it; a token it no longer knows counts,
        for then the connection has ended already.
        """
        try:
            found = await self.endpoints(app)
            said = await self._say(app, "POST", found.revocation, json={"token": token})
        except NoAnswer:
            return False
        return said.is_success or said.status == HTTPStatus.BAD_REQUEST

    async def check(self, app: QuickBooksApp) -> AppCheck:
        """Try the discovery document, and the keys with a token that is nobody's."""
        sentences = []
        try:
            found = await self._discovered(app)
            works = True
            sentences.append(f"The discovery document at {app.discovery_url} is fine.")
        except NoAnswer:
            works = False
            sentences.append(
                f"The discovery document at {app.discovery_url} cannot be read: check"
                " the address and the way there."
            )
            found = oauth.FALLBACK
        keys = Keys.UNTRIED
        if works or app.environment is not Environment.SIMULATOR:
            keys, sentence = await self._try_keys(app, found)
            sentences.append(sentence)
        return AppCheck(
            environment=app.environment,
            redirect_uri=app.redirect_uri,
            discovery_works=works,
            keys=keys,
            sentences=tuple(sentences),
        )

    async def _try_keys(self, app: QuickBooksApp, found: Endpoints) -> tuple[Keys, str]:
        try:
            await self._asked(
                app,
                found.token,
                {"grant_type": "refresh_token", "refresh_token": _NOBODYS_TOKEN},
            )
        except BadKeys:
            return Keys.WRONG, (
                "QuickBooks does not know this client id with this secret. Copy both"
                " again from the app's keys; development and production keys differ."
            )
        except BadGrant:
            return Keys.GOOD, "The client id and secret are right."
        except NoAnswer:
            pass
        return Keys.UNTRIED, (
            f"The token endpoint at {found.token} gave no usable answer, so the keys"
            " are untried."
        )

    async def _granted(self, app: QuickBooksApp, form: Mapping[str, str]) -> Grant:
        found = await self.endpoints(app)
        answer = await self._asked(app, found.token, form)
        made = oauth.grant(answer, self._now())
        if made is None:
            raise NoAnswer
        return made

    async def _asked(
        self, app: QuickBooksApp, url: str, form: Mapping[str, str]
    ) -> dict[str, Any]:
        said = await self._say(app, "POST", url, data=dict(form))
        try:
            answer = answers.read_json(said.body)
        except answers.Unreadable as wrong:
            if said.status == HTTPStatus.UNAUTHORIZED:
                raise BadKeys from wrong
            raise NoAnswer from wrong
        if said.is_success:
            return answer
        match answer.get("error"):
            case "invalid_grant":
                raise BadGrant
            case "invalid_client" | "unauthorized_client":
                raise BadKeys
            case _ if said.status == HTTPStatus.UNAUTHORIZED:
                raise BadKeys
            case _:
                _log.warning(
                    "the token endpoint said no: status=%s error=%s intuit_tid=%s",
                    said.status,
                    answers.cleaned(str(answer.get("error")), 40),
                    said.intuit_tid,
                )
                if said.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise OtherNo
                raise NoAnswer

    async def _say(
        self,
        app: QuickBooksApp,
        method: str,
        url: str,
        *,
        data: dict[str, str] | None = None,
        json: dict[str, str] | None = None,
    ) -> Said:
        is_secret = method == "POST"
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                response = await self._http.request(
                    method,
                    url,
                    data=data,
                    json=json,
                    headers={
                        "Accept": "application/json",
                        "User-Agent": USER_AGENT,
                        # Asks for the day on which consent ends in any case.
                        **({_ASK_FOR_THE_END: "true"} if is_secret else {}),
                    },
                    auth=(
                        httpx.BasicAuth(app.client_id, app.client_secret)
                        if is_secret
                        else None
                    ),
                    follow_redirects=False,
                    timeout=REQUEST_SECONDS,
                )
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as wrong:
            _log.warning(
                "no answer from %s: %s",
                httpx.URL(url).host if "://" in url else "nowhere",
                type(wrong).__name__,
            )
            # The cause may quote the request; its name says enough.
            raise NoAnswer from None
        return Said(response.status_code, response.headers, response.content)
