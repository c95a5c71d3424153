"""The connection to each company in QuickBooks: consent, tokens, expiry, the end.

    invite → begin → (Intuit's consent page) → complete → confirm
                                                        └ refuse

`Connection` is the one door. Below it: `oauth` (values, pure), `authority` (Intuit's
OAuth hosts), `invitations` (links), `vault` (tokens).
"""

import calendar
import logging
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx
from cryptography.fernet import MultiFernet
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qbo import answers, oauth
from qbo.answers import Said
from qbo.authority import (
    USER_AGENT,
    Authority,
    BadGrant,
    BadKeys,
    NoAnswer,
    OtherNo,
)
from qbo.books import Company, Environment
from qbo.faults import BooksFault, Disconnected, Forbidden, Refused, Unreachable
from qbo.invitations import Invitations, Invited
from qbo.oauth import (
    INTUIT,
    AppCheck,
    Completed,
    Connected,
    ConnectedElsewhere,
    ConsentCancelled,
    ConsentFault,
    ConsentHalfFinished,
    ConsentUnreachable,
    Disconnection,
    ExchangeRefused,
    ExpiredLink,
    Grant,
    Invitation,
    Keys,
    NotConfigured,
    NothingToConfirm,
    NotTheirs,
    OtherBrowser,
    QuickBooksApp,
    Renewal,
    Start,
    State,
    UnknownLink,
    UnknownState,
    UsedLink,
)
from qbo.vault import NEVER_CONNECTED, Vault

__all__ = [
    "INTUIT",
    "USER_AGENT",
    "AppCheck",
    "Bearer",
    "Completed",
    "Connected",
    "ConnectedElsewhere",
    "Connection",
    "ConsentCancelled",
    "ConsentFault",
    "ConsentHalfFinished",
    "ConsentUnreachable",
    "Disconnection",
    "ExchangeRefused",
    "ExpiredLink",
    "Invitation",
    "Keys",
    "NotConfigured",
    "NotTheirs",
    "NothingToConfirm",
    "OtherBrowser",
    "QuickBooksApp",
    "Renewal",
    "Start",
    "State",
    "UnknownLink",
    "UnknownState",
    "UsedLink",
]

_log = logging.getLogger(__name__)

# The timetable renews this long before an access token ends (they live an hour).
_RENEW_AHEAD: Final = timedelta(minutes=10)

_READ_SECONDS: Final = 15.0

# Intuit's are digits; anything that would change an address is refused.
_REALM: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")

_NO_ACCESS: Final = (
    "QuickBooks gave no access to this company's books, so nothing was connected. Ask"
    " for a new link with /connect and choose the company again."
)
_UNCONFIRMED_COMPANY: Final = (
    "Nobody has said yet that this is the right company, so nothing was posted. The"
    " administrator who connected it can do that under Connections."
)
_NOT_OUR_KEYS: Final = (
    "QuickBooks does not accept Countersign's own keys, so nothing was connected."
    " Whoever runs Countersign can find out more with `countersign check`."
)


class Connection:
    """Connects companies, and gives out tokens that are valid.

    `apps` are the key pairs by environment; the first is meant where nobody names
    one. `keys` seal the tokens, the newest first. `company` arguments are
    `Company.id`.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        apps: Mapping[Environment, QuickBooksApp],
        keys: MultiFernet,
        http: httpx.AsyncClient,
        now: Callable[[], datetime],
    ) -> None:
        self._apps = apps
        self._http = http
        self._now = now
        self._authority = Authority(http, now)
        self._invitations = Invitations(engine, now)
        self._vault = Vault(engine, apps, keys, self._authority, now)

    # Consent.

    async def invite(
        self,
        workspace: str,
        person_id: str,
        environment: Environment | None = None,
        origin: str = "",
    ) -> Invitation:
        """A single-use consent link for one admin; it lives ten minutes.

        `origin` is kept with it untouched: where to answer.

        Raises:
            NotConfigured: there are no keys for that kind of QuickBooks.
        """
        if environment is None:
            environment = next(iter(self._apps), None)
        if environment is None or environment not in self._apps:
            raise NotConfigured
        return await self._invitations.invite(
            Invited(workspace, person_id, environment, origin)
        )

    async def begin(self, token: str, cookie: str | None = None) -> Start:
        """Open a link: where to send the browser, and the cookie that binds it.

        The first browser to open a link keeps it; with its cookie it may open it
        again. Whoever serves the link should ask for a press first, since chats
        fetch links to show previews.

        Raises:
            UnknownLink, UsedLink, ExpiredLink, NotConfigured, ConsentUnreachable:
                as they say; each is a `ConsentFault`.
        """
        invited = await self._invitations.look(token, cookie)
        app = self._app(invited)
        try:
            found = await self._authority.endpoints(app)
        except NoAnswer:
            raise ConsentUnreachable(origin=invited.origin) from None
        state, kept = await self._invitations.opened(token, cookie)
        return Start(oauth.authorize_url(found, app, state), kept)

    async def complete(
        self, params: Mapping[str, str], cookie: str | None
    ) -> Completed:
        """Take Intuit's redirect: exchange the code, see which company it is.

        A first connection waits for `confirm`; until then nothing can be posted.

        Raises:
            ConsentFault: one of its kinds. Once the state and the browser are
                known to be right it carries the invitation's `origin`.
        """
        invited = await self._invitations.finished(params.get("state", ""), cookie)
        try:
            return await self._complete(invited, params)
        except ConsentFault as fault:
            fault.origin = invited.origin
            raise

    async def _complete(self, invited: Invited, params: Mapping[str, str]) -> Completed:
        app = self._app(invited)
        if error := params.get("error"):
            if error == "access_denied":
                raise ConsentCancelled
            _log.warning("consent failed: error=%s", answers.cleaned(error, 40))
            raise ExchangeRefused
        code, realm = params.get("code", ""), params.get("realmId", "")
        if not code or not _REALM.fullmatch(realm):
            raise ConsentHalfFinished
        grant = await self._exchanged(app, code)
        try:
            company = await self._seen(app, realm, grant)
            connected, is_new = await self._vault.keep(
                company, grant, workspace=invited.workspace, person_id=invited.person_id
            )
        except ConnectedElsewhere:
            # Revoking would end the other workspace's connection as well.
            raise
        except ConsentFault:
            known = await self._vault.find(f"{app.environment}:{realm}")
            if known is None or known.state is State.DISCONNECTED:
                await self._authority.revoke(app, grant.refresh_token)
            raise
        _log.info("connected %s, new=%s", company.id, is_new)
        return Completed(connected, invited.origin, invited.person_id, is_new)

    async def _exchanged(self, app: QuickBooksApp, code: str) -> Grant:
        try:
            return await self._authority.exchange(app, code)
        except (BadGrant, OtherNo):
            raise ExchangeRefused from None
        except BadKeys:
            raise ExchangeRefused(_NOT_OUR_KEYS) from None
        except NoAnswer:
            raise ConsentUnreachable from None

    async def _seen(self, app: QuickBooksApp, realm: str, grant: Grant) -> Company:
        """The company that a fresh grant opens; proves that it opens this one."""
        try:
            return await self._read_company(app, realm, grant.access_token)
        except (Refused, Forbidden, Disconnected):
            raise ExchangeRefused(_NO_ACCESS) from None
        except BooksFault:
            raise ConsentUnreachable from None

    async def confirm(self, company: str, person_id: str) -> Connected:
        """The same admin's "Yes, <company>, <environment>"; twice is once.

        Raises:
            NotTheirs, NothingToConfirm: as they say.
        """
        return await self._vault.confirm(company, person_id)

    async def refuse(self, company: str, person_id: str) -> Disconnection:
        """The same admin's "no": revoke at Intuit and forget the company.

        Raises:
            NotTheirs, NothingToConfirm: as they say.
        """
        connected = await self._vault.confirmable(company, person_id)
        is_revoked = await self._revoked(connected)
        await self._vault.drop(company)
        return _disconnection(connected, is_revoked=is_revoked)

    # What is connected.

    async def company(self, company: str) -> Connected:
        """A company's connection, in whatever state.

        Raises:
            Disconnected: there never was one.
        """
        connected = await self._vault.find(company)
        if connected is None:
            raise Disconnected(NEVER_CONNECTED, company=company)
        return connected

    async def companies(self, workspace: str) -> tuple[Connected, ...]:
        """A workspace's companies by name, in whatever state."""
        return await self._vault.all(workspace)

    async def all(self) -> tuple[Connected, ...]:
        """Every company by name, in whatever state."""
        return await self._vault.all()

    async def may_post(self, company: str) -> bool:
        """Whether anything can be posted: connected, and confirmed by its admin."""
        connected = await self._vault.find(company)
        return connected is not None and connected.state is State.CONNECTED

    async def check_may_post(self, company: str) -> None:
        """Pass only where something can be posted.

        Raises:
            Disconnected: the connection has ended, or never began.
            Forbidden: its admin has not yet said that it is the right company.
        """
        connected = await self._vault.find(company)
        if connected is None or connected.state is State.DISCONNECTED:
            raise Disconnected(NEVER_CONNECTED, company=company)
        if connected.state is State.ENDED:
            raise Disconnected(answers.ENDED, company=company)
        if connected.state is State.CONFIRMING:
            raise Forbidden(_UNCONFIRMED_COMPANY)

    # Tokens.

    async def token(self, company: str, *, stale: str | None = None) -> str:
        """A valid access token; `stale` is one that QuickBooks answered with 401.

        One renewal happens at a time, over all tasks and processes.

        Raises:
            Disconnected: the connection has ended, or never began.
            Unreachable, Forbidden: it cannot be renewed just now.
        """
        return await self._vault.token(company, stale=stale)

    def bearer(self, company: str) -> "Bearer":
        """Authentication for one request to a company's books."""
        return Bearer(self, company)

    def company_url(self, company: str) -> str:
        """The address under which a company's books are, without a slash at the end.

        Raises:
            Disconnected: there are no keys for that kind of QuickBooks.
        """
        environment, _, realm = company.partition(":")
        app = self._apps.get(Environment(environment))
        if app is None:
            raise Disconnected(NEVER_CONNECTED, company=company)
        return _company_url(app, realm)

    async def renew_due(self) -> tuple[Renewal, ...]:
        """Renew every connection whose access token ends within ten minutes.

        The timetable's. Since access tokens live an hour, no refresh token lies
        idle for the hundred days after which it would end.
        """
        due = [
            connected
            for connected in await self._vault.all()
            if connected.state in {State.CONFIRMING, State.CONNECTED}
            and connected.access_expires_at - self._now() <= _RENEW_AHEAD
        ]
        return tuple([await self._renewed(connected) for connected in due])

    async def _renewed(self, connected: Connected) -> Renewal:
        company, problem = connected.company.id, None
        try:
            await self._vault.token(company, margin=_RENEW_AHEAD)
        except BooksFault as fault:
            problem = fault.sentence
        now_is = await self._vault.find(company) or connected
        if now_is.last_renewed_at == connected.last_renewed_at and problem is None:
            # The old token was good enough to go on with, but it was not renewed.
            problem = answers.UNREACHABLE
        return Renewal(now_is, now_is.state is State.ENDED, problem)

    async def take_endings(
        self, within: AsyncConnection | None = None
    ) -> tuple[Connected, ...]:
        """Connections that ended and whose admins were not told; each comes once.

        `within` is the caller's writing transaction, so that the message can be
        kept together with the taking; without it they are taken at once.
        """
        return await self._vault.take_endings(within)

    async def settle(self) -> None:
        """Wait for renewals that are under way; call it before the program ends."""
        await self._vault.settle()

    # Looking after them.

    async def test(self, company: str) -> Company:
        """Read which company it is, live, and keep what QuickBooks says.

        Raises:
            Disconnected, Forbidden, Refused, Throttled, Unreachable: as in
                `qbo.faults`.
        """
        connected = await self.company(company)
        app = self._apps.get(connected.company.environment)
        if app is None:
            raise Disconnected(NEVER_CONNECTED, company=company)
        realm = connected.company.realm
        token = await self.token(company)
        try:
            seen = await self._read_company(app, realm, token)
        except Disconnected:
            token = await self.token(company, stale=token)
            seen = await self._read_company(app, realm, token)
        await self._vault.learn(seen)
        return seen

    async def disconnect(self, company: str, person_id: str) -> Disconnection:
        """End a connection: revoke it at Intuit, then forget its tokens.

        They are forgotten also when Intuit cannot be reached; the sentence says so.

        Raises:
            Disconnected: there never was one.
        """
        connected = await self.company(company)
        is_revoked = await self._revoked(connected)
        await self._vault.disconnect(company, person_id)
        _log.info("disconnected %s, revoked=%s", company, is_revoked)
        return _disconnection(await self.company(company), is_revoked=is_revoked)

    async def _revoked(self, connected: Connected) -> bool:
        if connected.state is State.ENDED:
            return True
        app = self._apps.get(connected.company.environment)
        token = await self._vault.refresh_token(connected.company.id)
        if app is None or token is None:
            return connected.state is State.DISCONNECTED
        return await self._authority.revoke(app, token)

    async def check_app(self, environment: Environment) -> AppCheck:
        """For an operator: is the discovery document there, are the keys right?

        Raises:
            NotConfigured: there are no keys for that kind of QuickBooks.
        """
        if environment not in self._apps:
            raise NotConfigured
        return await self._authority.check(self._apps[environment])

    def _app(self, invited: Invited) -> QuickBooksApp:
        app = self._apps.get(invited.environment)
        if app is None:
            raise NotConfigured(origin=invited.origin)
        return app

    async def _read_company(
        self, app: QuickBooksApp, realm: str, token: str
    ) -> Company:
        info = await self._read(app, realm, token, f"companyinfo/{quote(realm)}")
        preferences = await self._read(app, realm, token, "preferences")
        return company_of(app.environment, realm, info, preferences)

    async def _read(
        self, app: QuickBooksApp, realm: str, token: str, path: str
    ) -> dict[str, Any]:
        try:
            response = await self._http.get(
                f"{_company_url(app, realm)}/{path}",
                params={"minorversion": "75"},
                headers={
                    "Accept": "application/json",
                    "Authorization": f"Bearer {token}",
                    "User-Agent": USER_AGENT,
                },
                follow_redirects=False,
                timeout=_READ_SECONDS,
            )
        except httpx.HTTPError:
            raise Unreachable(answers.UNREACHABLE) from None
        said = Said(response.status_code, response.headers, response.content)
        company = f"{app.environment}:{realm}"
        no = answers.judged(said, company=company, is_write=False, now=self._now())
        if no is not None:
            raise no
        try:
            return answers.read_json(said.body)
        except answers.Unreadable:
            raise Unreachable(answers.UNREADABLE, intuit_tid=said.intuit_tid) from None


class Bearer(httpx.Auth):
    """Carries a company's token on one request, and a fresh one after a 401.

    `is_out` is True while the request is out without an answer, so that whoever
    sent it can tell "certainly not taken" from "nobody knows".
    """

    def __init__(self, connection: Connection, company: str) -> None:
        self._connection = connection
        self._company = company
        self.is_out = False

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send with the token; send once more where a fresh one may help."""
        token = await self._connection.token(self._company)
        request.headers["Authorization"] = f"Bearer {token}"
        self.is_out = True
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return
        # A 401 is certain: the request was not taken, whatever happens from here.
        self.is_out = False
        said = Said(response.status_code, response.headers, await response.aread())
        if not answers.is_stale_token(said):
            return
        token = await self._connection.token(self._company, stale=token)
        request.headers["Authorization"] = f"Bearer {token}"
        self.is_out = True
        yield request


def company_of(
    environment: Environment,
    realm: str,
    info: Mapping[str, Any],
    preferences: Mapping[str, Any],
) -> Company:
    """A company as its CompanyInfo and Preferences describe it; all untrusted."""
    info = _inner(info, "CompanyInfo")
    preferences = _inner(preferences, "Preferences")
    currency = _inner(_inner(preferences, "CurrencyPrefs"), "HomeCurrency")
    closed = _inner(preferences, "AccountingInfoPrefs").get("BookCloseDate")
    country = answers.cleaned(str(info.get("Country") or "US"), 40)
    months = {name: number for number, name in enumerate(calendar.month_name) if name}
    return Company(
        realm=realm,
        name=answers.cleaned(str(info.get("CompanyName") or f"Company {realm}")),
        environment=environment,
        country=country,
        currency=_currency(currency.get("value"), country),
        fiscal_year_start_month=months.get(
            str(info.get("FiscalYearStartMonth") or "January").title(), 1
        ),
        custom_txn_numbers=_inner(preferences, "SalesFormsPrefs").get(
            "CustomTxnNumbers"
        )
        is True,
        book_close_date=_day(closed),
    )


def _inner(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _currency(value: Any, country: str) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Z]{3}", value):
        return value
    return {"GB": "GBP", "UK": "GBP", "CA": "CAD", "AU": "AUD"}.get(country, "USD")


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _company_url(app: QuickBooksApp, realm: str) -> str:
    return f"{app.api_url.rstrip('/')}/v3/company/{quote(realm, safe='')}"


def _disconnection(connected: Connected, *, is_revoked: bool) -> Disconnection:
    name = connected.company.title
    sentence = (
        f"{name} is disconnected."
        if is_revoked
        else f"{name} is disconnected here, but QuickBooks did not confirm it. Remove"
        " Countersign under Apps in QuickBooks as well."
    )
    return Disconnection(connected, is_revoked, sentence)
