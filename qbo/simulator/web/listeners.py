"""`/_simulator/webhooks` and `/_simulator/deliveries`: who listens, what they got."""

from typing import Final

from aiohttp import web

from qbo.simulator.web.board import PREFIX, after_of, bad, shown, wish_of
from qbo.simulator.web.state import STATE

_WEBHOOKS: Final = f"{PREFIX}/webhooks"
_DELIVERIES: Final = f"{PREFIX}/deliveries"


def routes() -> list[web.RouteDef]:
    """The routes for webhooks."""
    return [
        web.get(_WEBHOOKS, endpoints_listed),
        web.post(_WEBHOOKS, endpoint_registered),
        web.delete(_WEBHOOKS, endpoints_removed),
        web.delete(f"{_WEBHOOKS}/{{id}}", endpoints_removed),
        web.get(_DELIVERIES, deliveries_listed),
        web.post(_DELIVERIES, delivery_ordered),
        web.delete(_DELIVERIES, deliveries_forgotten),
    ]


async def endpoints_listed(request: web.Request) -> web.StreamResponse:
    """GET the endpoints, verifier tokens included."""
    endpoints = request.app[STATE].outbox.endpoints.values()
    return shown({"webhooks": [one.as_json() for one in endpoints]})


async def endpoint_registered(request: web.Request) -> web.StreamResponse:
    """POST an endpoint: url, and verifier, app, entities, operations as wanted.

    The same address again changes it, and enables it when it was disabled.
    """
    state, wish = request.app[STATE], await wish_of(request)
    try:
        endpoint = state.outbox.register(wish)
    except ValueError as wrong:
        raise bad(str(wrong)) from None
    state.courier.wake()
    return shown(endpoint.as_json(), 201)


async def endpoints_removed(request: web.Request) -> web.StreamResponse:
    """DELETE one endpoint or all, and what was on its way there."""
    state = request.app[STATE]
    number = request.match_info.get("id")
    known = list(state.outbox.endpoints)
    if number is not None and number not in known:
        raise web.HTTPNotFound
    for one in known if number is None else [number]:
        state.outbox.remove(one)
    state.courier.wake()
    return await endpoints_listed(request)


async def deliveries_listed(request: web.Request) -> web.StreamResponse:
    """GET the deliveries; `after=` skips what was read before."""
    rows = request.app[STATE].outbox.listed(after_of(request))
    return shown({"deliveries": rows})


async def delivery_ordered(request: web.Request) -> web.StreamResponse:
    """POST {"next": "twice"}, "held" or "lost"; or {"again": 7}, a delivery's id.

    "held" keeps the next event back until another has overtaken it. With "endpoint"
    for one endpoint only.
    """
    state, wish = request.app[STATE], await wish_of(request)
    try:
        if set(wish) == {"again"} and type(wish["again"]) is int:
            state.outbox.repeat(wish["again"])
        elif "next" in wish and set(wish) <= {"next", "endpoint"}:
            state.outbox.wish(str(wish["next"]), str(wish.get("endpoint", "")))
        else:
            raise bad("either next (and endpoint) or again is wanted")
    except ValueError as wrong:
        raise bad(str(wrong)) from None
    state.courier.wake()
    return await deliveries_listed(request)


async def deliveries_forgotten(request: web.Request) -> web.StreamResponse:
    """DELETE what was delivered or lost from the list."""
    request.app[STATE].outbox.forget_finished()
    return await deliveries_listed(request)
