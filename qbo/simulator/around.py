"""What happens around every request: journal, trace id, latency, faults on order."""

import asyncio
import logging
import re
import uuid
from typing import Any, Final

from aiohttp import web

from qbo.simulator import faults, switchboard
from qbo.simulator.api import REPLAYED, STATE, Handler, operation_of
from qbo.simulator.entities import BY_PATH, Entity
from qbo.simulator.exact import dumps, loads
from qbo.simulator.orders import Arrival, Order
from qbo.simulator.state import Simulator

logger = logging.getLogger(__name__)
_FROM = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)
_API: Final = re.compile(r"^/v3/company/(?P<realm>[^/]+)/(?P<rest>.+)$")
_GATEWAY: Final = frozenset({401, 403, 429})
_PLAIN_HEADERS: Final = {
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Expires": "0",
    "QBO-Version": "1975.100",
    "Strict-Transport-Security": "max-age=15552000",
}


@web.middleware
async def everything(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Wrap a handler in all that the gateway does."""
    state = request.app[STATE]
    if request.path.startswith(switchboard.PREFIX):
        if not switchboard.is_loopback(request):
            raise web.HTTPForbidden
        return await handler(request)
    trace = f"1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}"
    arrival = await _arrival(request)
    order = state.orders.take(arrival)
    line = state.journal.open(
        {
            "method": arrival.method,
            "path": arrival.path,
            "query": dict(request.query),
            "requestid": request.query.get("requestid"),
            "entity": arrival.entity,
            "operation": arrival.operation,
            "status": None,
            "dropped": None,
            "fault": order.id if order else None,
            "replayed": False,
            "time": state.clock.now().isoformat(),
            "intuit_tid": trace,
        }
    )
    response = await _with_order(request, handler, order, line)
    line["replayed"] = request.get(REPLAYED, False)
    line["status"] = None if line["dropped"] else response.status
    response.headers["intuit_tid"] = trace
    if arrival.path.startswith("/v3/"):
        for name, value in _PLAIN_HEADERS.items():
            response.headers.setdefault(name, value)
    return response


async def _with_order(
    request: web.Request, handler: Handler, order: Order | None, line: dict[str, Any]
) -> web.StreamResponse:
    state = request.app[STATE]
    latency = state.switches.latency_ms / 1_000
    if order is None:
        await asyncio.sleep(latency)
        return await _answer(request, handler)
    await asyncio.sleep(latency + order.delay_before_seconds)
    if order.drop == "before":
        return _cut(request, line, "before")
    response: web.StreamResponse
    if order.answers and order.when == "before":
        response = _ordered(state, order)
    else:
        response = await _answer(request, handler)
        if order.answers:
            response = _ordered(state, order)
    await asyncio.sleep(order.delay_after_seconds)
    if order.drop == "after":
        return _cut(request, line, "after")
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The handler's answer; what it refuses, and what breaks, as a fault."""
    state = request.app[STATE]
    try:
        return await handler(request)
    except faults.Refused as refused:
        return _fault(state, refused)
    except web.HTTPException as answer:
        if answer.status in {404, 405}:
            return web.Response(status=404, text="", content_type="text/html")
        return web.Response(
            status=answer.status, text=answer.text, headers=answer.headers
        )
    except Exception:
        logger.exception("the simulator itself failed at %s", request.path)
        return _fault(state, faults.broken("java.lang.NullPointerException"))


def _fault(state: Simulator, refused: faults.Refused) -> web.Response:
    headers = {}
    if refused.status == 429 and state.switches.retry_after_seconds:  # noqa: PLR2004
        headers["Retry-After"] = str(state.switches.retry_after_seconds)
    if refused.gateway and state.switches.gateway_xml:
        text, kind = _xml(refused), "application/xml"
    else:
        text, kind = dumps(refused.body(state.clock.now())), "application/json"
    return web.Response(
        text=text, status=refused.status, content_type=kind, headers=headers
    )


def _xml(refused: faults.Refused) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3">'
        f'<Fault type="{refused.kind}"><Error code="{refused.code}">'
        f"<Message>{refused.message}</Message></Error></Fault></IntuitResponse>"
    )


def _ordered(state: Simulator, order: Order) -> web.Response:
    """The answer an order asks for: its own body, or a fault in QuickBooks' shape."""
    status = order.status or 400
    if order.body is not None:
        plain = isinstance(order.body, str)
        return web.Response(
            text=order.body if plain else dumps(order.body),
            status=status,
            content_type="text/plain" if plain else "application/json",
            headers=order.headers,
        )
    usual = {401: "3200", 403: "3100", 429: "3001"}
    code = order.code or usual.get(status, "10000")
    detail = order.detail or "A fault on order"
    refused = faults.Refused(
        code,
        faults.MESSAGES.get(code, "A fault on order"),
        detail,
        status=status,
        kind=faults.SYSTEM if code == "10000" else faults.VALIDATION,
    )
    if status in _GATEWAY:
        known = {"3200": faults.not_authenticated(detail)}
        known["3100"], known["3001"] = faults.not_authorised(), faults.throttled()
        refused = known.get(code, refused)
        refused.gateway = True
        refused.status = status
    response = _fault(state, refused)
    response.headers.update(order.headers)
    return response


def _cut(request: web.Request, line: dict[str, Any], when: str) -> web.Response:
    """Close the connection without an answer."""
    line["dropped"] = when
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _arrival(request: web.Request) -> Arrival:
    """What a request is about, as far as its address and body tell."""
    method, path = request.method, request.path
    found = _API.match(path)
    if not found:
        return Arrival(method, path)
    parts = found["rest"].split("/")
    head = parts[0].lower()
    if head == "query":
        about = _FROM.search(await request.text() + request.query.get("query", ""))
        entity = BY_PATH.get(about[1].lower()) if about else None
        return Arrival(method, path, entity.name if entity else "", "query")
    if head in {"cdc", "reports"}:
        operation = head.removesuffix("s")
        return Arrival(method, path, "" if head == "cdc" else parts[-1], operation)
    entity = BY_PATH.get(head)
    if entity is None:
        return Arrival(method, path)
    return Arrival(method, path, entity.name, await _operation(request, entity, parts))


async def _operation(request: web.Request, entity: Entity, parts: list[str]) -> str:
    if len(parts) > 1 and parts[-1] in {"send", "pdf"}:
        return parts[-1]
    if request.method != "POST":
        return "read"
    try:
        given = loads(await request.read())
    except (ValueError, RecursionError):
        given = {}
    return operation_of(request, entity, given if isinstance(given, dict) else {})
