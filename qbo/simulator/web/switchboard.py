"""`/_simulator/...`: faults on order, the journal, the clock, switches, tokens.

Only a peer on this machine is answered, and no web page from elsewhere that is read on
it: whoever can reach it can do anything.
"""

import ipaddress
from datetime import date
from typing import Any

from aiohttp import web

from qbo.simulator.exact import Json
from qbo.simulator.people import PEOPLE
from qbo.simulator.rules import plans
from qbo.simulator.web import deliveries
from qbo.simulator.web.board import PREFIX, after_of, bad, shown, wish_of
from qbo.simulator.web.state import STATE, Simulator

__all__ = ["PREFIX", "is_welcome", "routes"]


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
        web.get(f"{PREFIX}/people", people_listed),
        web.post(f"{PREFIX}/people", role_given),
        web.get(f"{PREFIX}/plans", plans_listed),
        web.post(f"{PREFIX}/plans", plan_given),
        web.get(f"{PREFIX}/meter", meter_read),
        web.delete(f"{PREFIX}/meter", meter_reset),
    ]


def is_loopback(request: web.Request) -> bool:
    """Whether the peer is this machine itself."""
    try:
        peer = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return bool((mapped or peer).is_loopback)


def is_welcome(request: web.Request) -> bool:
    """Whether a request comes from this machine and was meant for it.

    A web page that somebody reads here can send requests too: by a name of its own
    that leads here (then it is in Host), or across (then its Origin says so).
    """
    origin = request.headers.get("Origin")
    return (
        is_loopback(request)
        and _is_local(f"//{request.headers.get('Host', 'localhost')}")
        and (origin is None or _is_local(origin))
    )


def _is_local(address: str) -> bool:
    try:
        return deliveries.is_loopback(address)
    except ValueError:
        return False


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
    return shown({"companies": companies, **_clock(state)})


async def faults_listed(request: web.Request) -> web.StreamResponse:
    """GET the orders."""
    return shown({"faults": request.app[STATE].orders.listed()})


async def fault_ordered(request: web.Request) -> web.StreamResponse:
    """POST an order."""
    wish = await wish_of(request)
    try:
        order = request.app[STATE].orders.add(wish)
    except (ValueError, TypeError) as wrong:
        raise bad(str(wrong)) from None
    return shown(order.as_json(), 201)


async def faults_cleared(request: web.Request) -> web.StreamResponse:
    """DELETE all orders."""
    request.app[STATE].orders.clear()
    return shown({"faults": []})


async def requests_listed(request: web.Request) -> web.StreamResponse:
    """GET the journal; `after=` skips what was read before."""
    lines = request.app[STATE].journal.lines(after_of(request))
    return shown({"requests": lines})


async def requests_cleared(request: web.Request) -> web.StreamResponse:
    """DELETE the journal."""
    request.app[STATE].journal.clear()
    return shown({"requests": []})


async def clock_read(request: web.Request) -> web.StreamResponse:
    """GET the simulated now."""
    return shown(_clock(request.app[STATE]))


async def clock_moved(request: web.Request) -> web.StreamResponse:
    """POST {"advance_seconds": n} or {"today": "2026-11-20"}."""
    state, wish = request.app[STATE], await wish_of(request)
    try:
        if set(wish) == {"advance_seconds"}:
            state.clock.advance(float(wish["advance_seconds"]))
        elif set(wish) == {"today"}:
            state.clock.move_to(date.fromisoformat(wish["today"]))
        else:
            raise bad("either advance_seconds or today is wanted")
    except (ValueError, TypeError, OverflowError):
        raise bad(
            "advance_seconds is a number of seconds, today a day as 2026-11-20"
        ) from None
    state.courier.wake()
    return shown(_clock(state))


async def switches_read(request: web.Request) -> web.StreamResponse:
    """GET the switches."""
    return shown(request.app[STATE].switches.as_json())


async def switches_set(request: web.Request) -> web.StreamResponse:
    """POST some switches; the others stay."""
    state, wish = request.app[STATE], await wish_of(request)
    try:
        state.switches = state.switches.changed(wish)
    except ValueError as wrong:
        raise bad(str(wrong)) from None
    state.courier.wake()
    return shown(state.switches.as_json())


async def tokens_expired(request: web.Request) -> web.StreamResponse:
    """POST: all access tokens expire; with {"revoke": true} all connections end."""
    state = request.app[STATE]
    wish = await wish_of(request)
    if wish.get("revoke"):
        return shown({"revoked": state.authority.end_all()})
    return shown({"expired": state.authority.expire_accesses()})


async def tokens_revoked(request: web.Request) -> web.StreamResponse:
    """POST: all connections end, as if revoked in QuickBooks."""
    return shown({"revoked": request.app[STATE].authority.end_all()})


async def people_listed(request: web.Request) -> web.StreamResponse:
    """GET who can sign in, and their role in each company."""
    state = request.app[STATE]
    people = [
        {
            "person": one.id,
            "name": one.name,
            "email": one.email,
            "roles": {
                realm: state.rights.role(one.id, realm) for realm in _realms(state)
            },
        }
        for one in PEOPLE.values()
    ]
    return shown({"people": people})


async def role_given(request: web.Request) -> web.StreamResponse:
    """POST {"person": "alex", "role": "none"}; with "realm" for one company only."""
    state, wish = request.app[STATE], await wish_of(request)
    try:
        for realm in _realms(state, wish):
            state.rights.give(str(wish.get("person")), realm, str(wish.get("role")))
    except ValueError as wrong:
        raise bad(str(wrong)) from None
    return await people_listed(request)


async def plans_listed(request: web.Request) -> web.StreamResponse:
    """GET the companies' plans and how their subscriptions stand."""
    companies = request.app[STATE].companies.values()
    return shown({"companies": [plans.subscription(one) for one in companies]})


async def plan_given(request: web.Request) -> web.StreamResponse:
    """POST {"plan": "Essentials"} or {"status": "EXPIRED"}; "realm" as for a role."""
    state, wish = request.app[STATE], await wish_of(request)
    now = state.clock.now()
    if not {"plan", "status"} & wish.keys():
        raise bad("plan or status is wanted")
    try:
        for realm in _realms(state, wish):
            company = state.companies[realm]
            if "plan" in wish:
                plans.give(company, str(wish["plan"]), now)
            if "status" in wish:
                plans.set_status(company, str(wish["status"]), now)
            state.commit(company)
    except ValueError as wrong:
        raise bad(str(wrong)) from None
    return await plans_listed(request)


async def meter_read(request: web.Request) -> web.StreamResponse:
    """GET how many requests were answered well: by month and realm."""
    return shown({"months": request.app[STATE].meter.as_json()})


async def meter_reset(request: web.Request) -> web.StreamResponse:
    """DELETE all counts."""
    request.app[STATE].meter.reset()
    return shown({"months": {}})


def _realms(state: Simulator, wish: Json | None = None) -> list[str]:
    """The realm a wish names, or all.

    Raises:
        ValueError: there is no such company.
    """
    realm = (wish or {}).get("realm")
    if realm is None:
        return list(state.companies)
    if str(realm) not in state.companies:
        raise ValueError(f"there is no company {realm}")
    return [str(realm)]


def _clock(state: Simulator) -> dict[str, Any]:
    return {
        "now": state.clock.now().isoformat(),
        "today": state.clock.today().isoformat(),
    }
