"""OAuth over HTTP: discovery, consent, tokens, revocation, the person's own data."""

import base64
import binascii
import json
from typing import Final
from urllib.parse import unquote, urlencode

from aiohttp import web

from qbo.simulator import consent
from qbo.simulator.api import STATE
from qbo.simulator.exact import Json
from qbo.simulator.identity import Signer
from qbo.simulator.oauth import SCOPES, USER, App, Authority, Chain, Denied, discovery

SIGNER: Final = web.AppKey("signer", Signer)
_KEPT: Final = ("client_id", "redirect_uri", "scope", "state", "response_type")
_FRESH: Final = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}


def routes() -> list[web.RouteDef]:
    """The routes of OAuth, at the paths that Intuit's clients use."""
    documents = ("openid_configuration", "openid_sandbox_configuration")
    return [
        *(
            web.get(f"/.well-known/{name}{slash}", described)
            for name in documents
            for slash in ("", "/")
        ),
        web.get("/connect/oauth2", asked),
        web.post("/connect/oauth2", decided),
        web.post("/oauth2/v1/tokens/bearer", tokens),
        web.post("/v2/oauth2/tokens/revoke", revoked),
        web.get("/v1/openid_connect/userinfo", person),
        web.get("/op/v1/jwks", keys),
    ]


async def described(request: web.Request) -> web.StreamResponse:
    """The discovery document."""
    return _json(discovery(f"{request.scheme}://{request.host}"))


async def asked(request: web.Request) -> web.StreamResponse:
    """The consent page, or why there is none."""
    state = request.app[STATE]
    wishes = {name: request.query.get(name, "") for name in _KEPT}
    trouble = _trouble(state.authority, wishes)
    if trouble:
        return _page(consent.problem(trouble), 400)
    companies = [(one.realm, one.name) for one in state.companies.values()]
    return _page(consent.page(wishes["client_id"], wishes["scope"], companies, wishes))


async def decided(request: web.Request) -> web.StreamResponse:
    """What the person pressed: back to the app, with a code or without."""
    state = request.app[STATE]
    form = await request.post()
    wishes = {name: str(form.get(name, "")) for name in _KEPT}
    trouble = _trouble(state.authority, wishes)
    if trouble:
        return _page(consent.problem(trouble), 400)
    back = {"state": wishes["state"]}
    realm = str(form.get("realm", ""))
    if form.get("decision") != "allow":
        back = {"error": "access_denied", **back}
    elif realm not in state.companies:
        return _page(consent.problem("There is no such company here."), 400)
    else:
        code = state.authority.authorise(
            wishes["client_id"], realm, wishes["redirect_uri"], wishes["scope"]
        )
        back = {"code": code, **back, "realmId": realm}
    address = wishes["redirect_uri"]
    mark = "&" if "?" in address else "?"
    raise web.HTTPFound(f"{address}{mark}{urlencode(back)}")


async def tokens(request: web.Request) -> web.StreamResponse:
    """Exchange a code, or refresh."""
    state = request.app[STATE]
    form = {name: str(value) for name, value in (await request.post()).items()}
    try:
        app = _app(state.authority, request, form)
        chain = _granted(state.authority, app, form)
    except Denied as denied:
        return _json(denied.body(), denied.status)
    wish = request.headers.get("x-include-refresh-token-hard-expires-in", "")
    answer = state.authority.answer(chain, hard=wish.lower() == "true")
    if "openid" in chain.scopes and form.get("grant_type") == "authorization_code":
        issued = int(state.clock.now().timestamp())
        signer = request.app[SIGNER]
        answer["id_token"] = signer.id_token(chain.app, chain.realm, issued)
    return _json(answer)


async def revoked(request: web.Request) -> web.StreamResponse:
    """End a connection."""
    authority = request.app[STATE].authority
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.text())
        except ValueError:
            given = None
        form = given if isinstance(given, dict) else {}
    else:
        form = dict(await request.post())
    form = {str(name): str(value) for name, value in form.items()}
    try:
        app = _app(authority, request, form)
        authority.revoke(app, form.get("token", ""))
    except Denied as denied:
        return _json(denied.body(), denied.status)
    return web.Response()


async def person(request: web.Request) -> web.StreamResponse:
    """Who consented."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    authority = request.app[STATE].authority
    grant = authority.grant(token.strip()) if scheme.lower() == "bearer" else None
    if grant is None or "openid" not in grant.scopes:
        return _json({"error": "invalid_token"}, 401)
    shown = {"sub": USER["sub"]}
    if "email" in grant.scopes:
        shown.update({name: USER[name] for name in ("email", "emailVerified")})
    if "profile" in grant.scopes:
        shown.update({name: USER[name] for name in ("givenName", "familyName")})
    return _json(shown)


async def keys(request: web.Request) -> web.StreamResponse:
    """The key that ID tokens are signed with."""
    return _json(request.app[SIGNER].keys())


def _trouble(authority: Authority, wishes: dict[str, str]) -> str:
    """Why there can be no consent; an empty text when there can."""
    app = authority.apps.get(wishes["client_id"])
    if app is None:
        return "The client_id is not known here."
    if not app.allows(wishes["redirect_uri"]):
        return "The redirect_uri is not one that was registered for this app."
    if wishes["response_type"] != "code":
        return "The response_type has to be code."
    scopes = wishes["scope"].split()
    if not scopes or set(scopes) - set(SCOPES):
        return "Invalid permissions requested."
    if not wishes["state"]:
        return "The state is missing."
    return ""


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
    needed = {
        "authorization_code": ("code", "redirect_uri"),
        "refresh_token": ("refresh_token",),
    }
    if kind not in needed:
        raise Denied(400, "unsupported_grant_type" if kind else "invalid_request")
    for name in needed[kind]:
        if not form.get(name):
            raise Denied(400, "invalid_request", f"{name} is missing")
    if kind == "refresh_token":
        return authority.refresh(app, form["refresh_token"])
    return authority.exchange(app, form["code"], form["redirect_uri"])


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(
        text=json.dumps(body),
        status=status,
        content_type="application/json",
        headers=_FRESH,
    )


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=text, status=status, content_type="text/html", headers=consent.HEADERS
    )
