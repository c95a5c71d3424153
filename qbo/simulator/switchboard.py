"""`/_simulator/...`: faults on order, the journal, the clock, switches, tokens.

Only a peer on this machine is answered: whoever can reach it can do anything.
"""

import ipaddress
from datetime import date
from typing import Any

from aiohttp import web

from qbo.simulator.api import STATE
from qbo.simulator.exact import Json, dumps, loads
from qbo.simulator.state import Simulator

PREFIX = "/_simulator"


def routes() -> list[web.RouteDef]:
    """The routes of the switchboard."""
    return [
        web.get(PREFIX, overview),
        web.get(f"{PREFIX}/faults", faults_listed),
        web.post(f"{PREFIX}/faults", fault_ordered),
        web.delete(f"{PREFIX}/faults", faults_cleared),
        web.get(f"{PREFIX}/requests", requests_listed),
        web.delete(f"{PREFIX}/requests", requests_cleared),
        web.get(f"{PREFIX}/clock", clock_read),
        web.post(f"{PREFIX}/clock", clock_moved),
        web.get(f"{PREFIX}/switches", switches_read),
        web.post(f"{PREFIX}/switches", switches_set),
        web.post(f"{PREFIX}/tokens/expire", tokens_expired),
        web.post(f"{PREFIX}/tokens/revoke", tokens_revoked),
    ]


def is_loopback(request: web.Request) -> bool:
    """Whether the peer is this machine itself."""
    try:
        peer = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return bool((mapped or peer).is_loopback)


async def overview(request: web.Request) -> web.StreamResponse:
    """What is served here."""
    state = request.app[STATE]
    companies = [
        {
            "realm": one.realm,
            "name": one.name,
            "address": f"{state.base}/v3/company/{one.realm}",
            "records": {name: len(rows) for name, rows in one.tables.items()},
        }
        for one in state.companies.values()
    ]
    return _json({"companies": companies, **_clock(state)})


async def faults_listed(request: web.Request) -> web.StreamResponse:
    """GET the orders."""
    return _json({"faults": request.app[STATE].orders.listed()})


async def fault_ordered(request: web.Request) -> web.StreamResponse:
    """POST an order."""
    wish = await _body(request)
    try:
        order = request.app[STATE].orders.add(wish)
    except (ValueError, TypeError) as wrong:
        raise _bad(str(wrong)) from None
    return _json(order.as_json(), 201)


async def faults_cleared(request: web.Request) -> web.StreamResponse:
    """DELETE all orders."""
    request.app[STATE].orders.clear()
    return _json({"faults": []})


async def requests_listed(request: web.Request) -> web.StreamResponse:
    """GET the journal; `after=` skips what was read before."""
    after = request.query.get("after", "0")
    lines = request.app[STATE].journal.lines(int(after) if after.isdigit() else 0)
    return _json({"requests": lines})


async def requests_cleared(request: web.Request) -> web.StreamResponse:
    """DELETE the journal."""
    request.app[STATE].journal.clear()
    return _json({"requests": []})


async def clock_read(request: web.Request) -> web.StreamResponse:
    """GET the simulated now."""
    return _json(_clock(request.app[STATE]))


async def clock_moved(request: web.Request) -> web.StreamResponse:
    """POST {"advance_seconds": n} or {"today": "2026-11-20"}."""
    state, wish = request.app[STATE], await _body(request)
    try:
        if set(wish) == {"advance_seconds"}:
            state.clock.advance(float(wish["advance_seconds"]))
        elif set(wish) == {"today"}:
            state.clock.move_to(date.fromisoformat(wish["today"]))
        else:
            raise _bad("either advance_seconds or today is wanted")
    except (ValueError, TypeError, OverflowError) as wrong:
        raise _bad(str(wrong)) from None
    return _json(_clock(state))


async def switches_read(request: web.Request) -> web.StreamResponse:
    """GET the switches."""
    return _json(request.app[STATE].switches.as_json())


async def switches_set(request: web.Request) -> web.StreamResponse:
    """POST some switches; the others stay."""
    state, wish = request.app[STATE], await _body(request)
    try:
        state.switches = state.switches.changed(wish)
    except ValueError as wrong:
        raise _bad(str(wrong)) from None
    return _json(state.switches.as_json())


async def tokens_expired(request: web.Request) -> web.StreamResponse:
    """POST: all access tokens expire; with {"revoke": true} all connections end."""
    state = request.app[STATE]
    wish = await _body(request) if request.can_read_body else {}
    if wish.get("revoke"):
        return _json({"revoked": state.authority.end_all()})
    return _json({"expired": state.authority.expire_accesses()})


async def tokens_revoked(request: web.Request) -> web.StreamResponse:
    """POST: all connections end, as if revoked in QuickBooks."""
    return _json({"revoked": request.app[STATE].authority.end_all()})


def _clock(state: Simulator) -> dict[str, Any]:
    return {
        "now": state.clock.now().isoformat(),
        "today": state.clock.today().isoformat(),
    }


async def _body(request: web.Request) -> Json:
    try:
        given = loads(await request.read())
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise _bad("a JSON object is wanted")
    return given


def _bad(sentence: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(
        text=dumps({"error": sentence}), content_type="application/json"
    )


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        text=dumps(body), status=status, content_type="application/json"
    )
