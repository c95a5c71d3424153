"""OAuth over HTTP: discovery, consent, tokens, revocation, the person's own data."""

import base64
import binascii
import json
from typing import Final
from urllib.parse import unquote, urlencode

from aiohttp import web

from qbo.simulator import faults
from qbo.simulator.exact import Json, dumps
from qbo.simulator.gateway import limits
from qbo.simulator.gateway.apps import App
from qbo.simulator.gateway.identity import SANDBOX_USERINFO, USERINFO, discovery
from qbo.simulator.gateway.oauth import (
    ACCOUNTING,
    PAYMENT,
    Authority,
    Chain,
    Consent,
    Denied,
)
from qbo.simulator.people import ADMINISTRATOR, PEOPLE
from qbo.simulator.web import consent
from qbo.simulator.web.gate import bearer, form_of
from qbo.simulator.web.state import STATE, Simulator

_KEPT: Final = (
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_type",
    "nonce",
)
_FRESH: Final = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}
_HARD: Final = "x-include-refresh-token-hard-expires-in"
_NEEDED: Final = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
}


class Odd(Exception):
    """A request for consent that leads to a page and nowhere else."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


def routes() -> list[web.RouteDef]:
    """The routes of OAuth, at the paths that Intuit's clients use."""
    documents = {
        "openid_configuration": described,
        "openid_sandbox_configuration": described_sandbox,
    }
    return [
        *(
            web.get(f"/.well-known/{name}{slash}", handler)
            for name, handler in documents.items()
            for slash in ("", "/")
        ),
        web.get("/connect/oauth2", asked),
        web.post("/connect/oauth2", decided),
        web.post("/oauth2/v1/tokens/bearer", tokens),
        web.post("/v2/oauth2/tokens/revoke", revoked),
        web.get(USERINFO, person),
        web.get(SANDBOX_USERINFO, person),
        web.get("/op/v1/jwks", keys),
    ]


async def described(request: web.Request) -> web.StreamResponse:
    """The discovery document of production."""
    return _json(discovery(f"{request.scheme}://{request.host}", USERINFO))


async def described_sandbox(request: web.Request) -> web.StreamResponse:
    """The discovery document of the sandbox."""
    return _json(discovery(f"{request.scheme}://{request.host}", SANDBOX_USERINFO))


async def asked(request: web.Request) -> web.StreamResponse:
    """The consent page, or why there is none; a switch answers in its place."""
    state = request.app[STATE]
    wishes = {name: request.query.get(name, "") for name in _KEPT}
    try:
        app = _checked(state, wishes)
        if state.switches.consent != "page":
            return _back(wishes, _answered(state, wishes, {}, state.switches.consent))
    except Odd as odd:
        return _page(consent.problem(odd.sentence), odd.status)
    companies = []
    if _is_for_a_company(wishes):
        companies = [(one.realm, one.name) for one in state.companies.values()]
    first = state.switches.consent_company
    companies.sort(key=lambda one: one[0] != first)
    people = [(one.id, f"{one.name} ({one.email})") for one in PEOPLE.values()]
    people.sort(key=lambda one: one[0] != state.switches.signed_in)
    scopes = wishes["scope"].split()
    return _page(consent.page(app.name or app.id, scopes, companies, people, wishes))


async def decided(request: web.Request) -> web.StreamResponse:
    """What the person pressed: back to the app, with a code or without."""
    state = request.app[STATE]
    form = await form_of(request)
    wishes = {name: form.get(name, "") for name in _KEPT}
    decision = "approve" if form.get("decision") == "allow" else "deny"
    try:
        _checked(state, wishes)
        return _back(wishes, _answered(state, wishes, form, decision))
    except Odd as odd:
        return _page(consent.problem(odd.sentence), odd.status)


async def tokens(request: web.Request) -> web.StreamResponse:
    """Exchange a code, or refresh."""
    state = request.app[STATE]
    form = await form_of(request)
    try:
        app = _app(state.authority, request, form)
        chain = _granted(state.authority, app, form)
    except Denied as denied:
        return _json(denied.body(), denied.status)
    _pace(state, chain)
    wish = request.headers.get(_HARD, "")
    answer = state.authority.answer(chain, hard=wish.lower() == "true")
    if "openid" in chain.consent.scopes and form["grant_type"] == "authorization_code":
        answer["id_token"] = state.signer.id_token(chain)
    return _json(answer)


async def revoked(request: web.Request) -> web.StreamResponse:
    """End a connection; the token comes as JSON or as a form."""
    authority = request.app[STATE].authority
    given: object = await form_of(request)
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.read())
        except (ValueError, RecursionError):
            given = None
    parts = given if isinstance(given, dict) else {}
    form = {str(name): str(value) for name, value in parts.items()}
    try:
        app = _app(authority, request, form)
        authority.revoke(app, form.get("token", ""))
    except Denied as denied:
        return _json(denied.body(), denied.status)
    return web.Response()


async def person(request: web.Request) -> web.StreamResponse:
    """Who consented."""
    state = request.app[STATE]
    try:
        chain = state.authority.chain_of(bearer(request))
    except faults.Refused:
        return _json({"error": "invalid_token"}, 401)
    if "openid" not in chain.consent.scopes:
        return _json({"error": "insufficient_scope"}, 401)
    _pace(state, chain)
    return _json(PEOPLE[chain.consent.person].shown(chain.consent.scopes))


async def keys(request: web.Request) -> web.StreamResponse:
    """The key that ID tokens are signed with."""
    return _json(request.app[STATE].signer.keys())


def _checked(state: Simulator, wishes: dict[str, str]) -> App:
    """The app that asks, if it may ask for this and be answered there.

    Raises:
        Odd: it may not.
        HTTPFound: by a switch, for a scope; the app hears of it.
    """
    app = state.authority.apps.get(wishes["client_id"])
    if app is None:
        raise Odd("The client_id is not known here.")
    if not app.allows(wishes["redirect_uri"]):
        raise Odd("The redirect_uri is not one that was registered for this app.")
    if wishes["response_type"] != "code":
        raise Odd("The response_type has to be code.")
    if not wishes["state"]:
        raise Odd("The state is missing.")
    scopes = set(wishes["scope"].split())
    if not scopes or scopes - set(state.switches.entitled_scopes.split()):
        if state.switches.invalid_scope == "callback":
            raise _found(wishes, {"error": "invalid_scope", "state": wishes["state"]})
        raise Odd("Invalid permissions requested.")
    return app


def _answered(
    state: Simulator, wishes: dict[str, str], form: dict[str, str], decision: str
) -> dict[str, str]:
    """The parameters that go back to the app.

    Raises:
        Odd: the company or the person is unknown, or the person may not connect it.
    """
    if decision == "deny":
        return {"error": "access_denied", "state": wishes["state"]}
    who = form.get("person") or state.switches.signed_in
    if who not in PEOPLE:
        raise Odd("Nobody of that name can sign in here.")
    realm = ""
    if _is_for_a_company(wishes):
        usual = state.switches.consent_company or next(iter(state.companies), "")
        realm = form.get("realm") or usual
        if realm not in state.companies:
            raise Odd("There is no such company here.")
        if state.rights.role(who, realm) != ADMINISTRATOR:
            raise Odd(
                f"{PEOPLE[who].name} is not an administrator of"
                f" {state.companies[realm].name}. Only an administrator can connect an"
                " app to a company.",
                403,
            )
    scopes = tuple(dict.fromkeys(wishes["scope"].split()))
    client, back, nonce = (
        wishes[name] for name in ("client_id", "redirect_uri", "nonce")
    )
    code = state.authority.authorise(Consent(client, realm, scopes, who, back, nonce))
    found = {"code": code, "state": wishes["state"], "realmId": realm}
    return {name: value for name, value in found.items() if value}


def _is_for_a_company(wishes: dict[str, str]) -> bool:
    return bool({ACCOUNTING, PAYMENT} & set(wishes["scope"].split()))


def _back(wishes: dict[str, str], parameters: dict[str, str]) -> web.StreamResponse:
    raise _found(wishes, parameters)


def _found(wishes: dict[str, str], parameters: dict[str, str]) -> web.HTTPFound:
    address = wishes["redirect_uri"]
    mark = "&" if "?" in address else "?"
    return web.HTTPFound(f"{address}{mark}{urlencode(parameters)}")


def _app(authority: Authority, request: web.Request, form: dict[str, str]) -> App:
    """The app that asks, by Basic or by the members of the body."""
    scheme, _, blob = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return authority.app(form.get("client_id", ""), form.get("client_secret", ""))
    try:
        text = base64.b64decode(blob, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Denied(401, "invalid_client") from None
    number, _, secret = text.partition(":")
    return authority.app(unquote(number), unquote(secret))


def _granted(authority: Authority, app: App, form: dict[str, str]) -> Chain:
    kind = form.get("grant_type")
    if kind not in _NEEDED:
        raise Denied(400, "unsupported_grant_type" if kind else "invalid_request")
    for name in _NEEDED[kind]:
        if not form.get(name):
            raise Denied(400, "invalid_request", f"{name} is missing")
    if kind == "refresh_token":
        return authority.refresh(app, form["refresh_token"])
    return authority.exchange(app, form["code"], form["redirect_uri"])


def _pace(state: Simulator, chain: Chain) -> None:
    """Count a call among those of all endpoints together."""
    if state.switches.limits:
        consent = chain.consent
        state.limits.admit(consent.realm, consent.app, limits.OAUTH)


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(
        text=dumps(body),
        status=status,
        content_type="application/json",
        headers=_FRESH,
    )


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=text, status=status, content_type="text/html", headers=consent.HEADERS
    )
