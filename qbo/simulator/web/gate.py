"""The gateway in front of the API: token, company, rights, pace, in this order."""

import re
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from qbo.simulator import faults
from qbo.simulator.books.company import Company
from qbo.simulator.gateway import limits
from qbo.simulator.gateway.oauth import Chain
from qbo.simulator.people import NONE
from qbo.simulator.rules import plans
from qbo.simulator.web.state import STATE

READS: Final = web.RequestKey("reads", int)
"""How many metered reads a request is; set by what does several at once."""
FIELDS_MAX: Final = 100
_REALM: Final = web.RequestKey("realm", str)
_INSIDE: Final = web.RequestKey("inside", tuple)
APP: Final = web.RequestKey("app", str)
"""Whose token it was; empty for a fixed one."""
_KINDS: Final = {"batch": limits.BATCH, "reports": limits.REPORT}
_WELL: Final = range(200, 300)
_WHOLE: Final = re.compile(r"[+-]?\d{1,9}", re.ASCII)


def admitted(request: web.Request, weight: int = 1) -> Company:
    """The company a request is for, once the gateway has looked at it.

    `weight` is how many items a batch has.

    Raises:
        Refused: 401 for the token, 403 for the company or the keys, 401 or 403 with
            code 120 for the person, 429 for the pace, 400 for the minor version.
    """
    state, realm = request.app[STATE], request.match_info["realm"]
    chain = state.authority.chain_of(bearer(request))
    company = state.companies.get(realm)
    app = state.authority.apps.get(chain.consent.app)
    opens = app is None or app.opens(state.switches.environment)
    if company is None or not opens or not chain.covers(realm):
        raise faults.not_authorised()
    if not chain.fixed and state.rights.role(chain.consent.person, realm) == NONE:
        status = state.switches.rights_lost_status
        raise faults.without_rights(plans.plan_of(company), status)
    request[APP] = chain.consent.app
    _pace(request, chain, realm, weight)
    version = request.query.get("minorversion") or "0"
    if state.switches.minorversion_checked and not _WHOLE.fullmatch(version):
        raise faults.refusal("2080", f"Invalid Number : {version}", "minorversion")
    company.freeze()
    return company


def bearer(request: web.Request) -> str:
    """The access token a request carries.

    Raises:
        Refused: there is none.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise faults.not_authenticated("Malformed authorization header")
    return token.strip()


async def text_of(request: web.Request) -> str:
    """The body as text, whatever it says of itself; bytes that are none are marked."""
    return (await request.read()).decode(errors="replace")


async def form_of(request: web.Request) -> dict[str, str]:
    """The fields of a form; empty when the body is no form."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        pairs = parse_qsl(
            await text_of(request), keep_blank_values=True, max_num_fields=FIELDS_MAX
        )
    except ValueError:
        return {}
    return dict(pairs)


def leave(request: web.Request) -> None:
    """The request has been answered."""
    if inside := request.get(_INSIDE):
        request.app[STATE].limits.leave(*inside)


def count(request: web.Request, status: int) -> None:
    """Count a request that was answered well among the metered ones."""
    realm = request.get(_REALM)
    if realm and status in _WELL:
        usual = 1 if _is_read(request) else 0
        request.app[STATE].meter.count(realm, request.get(READS, usual))


def _is_read(request: web.Request) -> bool:
    return request.method == "GET" or request.path.endswith("/query")


def _pace(request: web.Request, chain: Chain, realm: str, weight: int) -> None:
    state, app = request.app[STATE], chain.consent.app
    if _is_read(request):
        state.meter.check()
    if state.switches.limits and _INSIDE not in request:
        part = request.path.split("/")[4]
        state.limits.admit(realm, app, _KINDS.get(part, limits.REQUEST), weight)
        state.limits.enter(realm, app)
        request[_INSIDE] = (realm, app)
    request[_REALM] = realm
