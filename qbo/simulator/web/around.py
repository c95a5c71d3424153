"""What happens around every request: journal, trace id, latency, faults on order."""

import asyncio
import logging
import re
import uuid
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict

from qbo.simulator import faults
from qbo.simulator.entities import BY_PATH, Entity
from qbo.simulator.exact import dumps, received
from qbo.simulator.gateway.identity import SANDBOX_USERINFO, USERINFO
from qbo.simulator.gateway.oauth import Denied
from qbo.simulator.gateway.orders import Arrival, Order, entity_in
from qbo.simulator.web import gate, switchboard
from qbo.simulator.web.api import REPLAYED, Handler, operation_of
from qbo.simulator.web.state import STATE, Simulator

logger = logging.getLogger(__name__)
_API: Final = re.compile(r"^/v3/company/(?P<realm>[^/]+)/(?P<rest>.+)$")
_WHOLE: Final = frozenset({"batch", "upload", "download"})
_STEPS: Final = {
    "/.well-known/openid_configuration": "discovery",
    "/.well-known/openid_sandbox_configuration": "discovery",
    "/connect/oauth2": "authorize",
    "/oauth2/v1/tokens/bearer": "token",
    "/v2/oauth2/tokens/revoke": "revoke",
    USERINFO: "userinfo",
    SANDBOX_USERINFO: "userinfo",
    "/op/v1/jwks": "jwks",
}
_GRANTS: Final = {"authorization_code": "exchange", "refresh_token": "refresh"}
_NOWHERE: Final = (
    "The simulated QuickBooks has no such address. The API is at"
    " /v3/company/{realm}/..., the OAuth endpoints are named in"
    " /.well-known/openid_sandbox_configuration, and GET /_simulator lists the"
    " companies.\n"
)
"""Intuit's hosts answer an empty page."""
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
        if not switchboard.is_welcome(request):
            raise web.HTTPForbidden
        return await handler(request)
    trace = f"1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}"
    try:
        arrival = await _arrival(request)
    except web.RequestPayloadError:  # which the handler will meet too
        arrival = Arrival(request.method, request.path)
    order = state.orders.take(arrival)
    line = state.journal.open(
        {
            "method": arrival.method,
            "path": arrival.path,
            "query": dict(request.query),
            "requestid": request.query.get("requestid"),
            "entity": arrival.entity,
            "operation": arrival.operation,
            "app": None,
            "status": None,
            "dropped": None,
            "fault": order.id if order else None,
            "replayed": False,
            "time": state.clock.now().isoformat(),
            "intuit_tid": trace,
        }
    )
    try:
        response = await _with_order(request, handler, order, line)
    finally:
        gate.leave(request)
    gate.count(request, response.status)
    _let_go_of_the_rest(request, response)
    line["app"] = request.get(gate.APP)
    line["replayed"] = request.get(REPLAYED, False)
    line["status"] = None if line["dropped"] else response.status
    _dress(response, arrival.path, trace)
    return response


def _let_go_of_the_rest(request: web.Request, response: web.StreamResponse) -> None:
    """Say that the connection ends here, where a body was not read to its end."""
    if request.can_read_body and not request.content.is_eof():
        response.force_close()


def _dress(response: web.StreamResponse, path: str, trace: str) -> None:
    """Put on the headers that all answers of a host have."""
    headers = response.headers
    headers["intuit_tid"] = trace
    if response.content_type == "application/json":
        headers["Content-Type"] = "application/json;charset=UTF-8"
    if path.startswith("/v3/"):
        for name, value in _PLAIN_HEADERS.items():
            headers.setdefault(name, value)
    else:
        headers["x-amzn-trace-id"] = f"Root={trace}"
        headers["x-spanid"] = uuid.uuid4().hex[:16]


async def _with_order(
    request: web.Request, handler: Handler, order: Order | None, line: dict[str, Any]
) -> web.StreamResponse:
    state = request.app[STATE]
    latency = state.switches.latency_ms / 1_000
    # Waiting behind the gate, so that those who wait are inside together.
    if order is None:
        response = await _answer(request, handler)
        await asyncio.sleep(latency)
        return response
    await asyncio.sleep(order.delay_before_seconds)
    if order.drop == "before":
        return _cut(request, line, "before")
    if order.answers and order.when == "before":
        response = _ordered(request, order)
    else:
        response = await _answer(request, handler)
        if order.answers:
            response = _ordered(request, order)
    await asyncio.sleep(latency + order.delay_after_seconds)
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
    except web.RequestPayloadError:  # a body that is not compressed as it says
        return _fault(state, faults.bad_property())
    except web.HTTPException as answer:
        if answer.status in {404, 405}:
            return web.Response(status=404, text=_NOWHERE, content_type="text/plain")
        return web.Response(
            status=answer.status, text=answer.text, headers=answer.headers
        )
    except Exception:
        logger.exception("the simulator itself failed at %s", request.path)
        return _fault(state, faults.broken("java.lang.NullPointerException"))


def _fault(state: Simulator, refused: faults.Refused) -> web.Response:
    headers, rules = {}, state.switches
    if refused.status == 429 and rules.retry_after_seconds:  # noqa: PLR2004
        headers["Retry-After"] = str(rules.retry_after_seconds)
    newer, now = rules.gateway_form == "newer", state.clock.now()
    kind = "application/json"
    if refused.gateway and rules.gateway_xml:
        text, kind = refused.xml(now, newer=newer), "application/xml"
    elif refused.gateway and newer:
        text = dumps(refused.newer())
    else:
        text = dumps(refused.body(now))
    return web.Response(
        text=text, status=refused.status, content_type=kind, headers=headers
    )


def _ordered(request: web.Request, order: Order) -> web.Response:
    """The answer an order asks for: its own body, or an error as this host has it."""
    status = order.status or 400
    if order.body is not None:
        plain = isinstance(order.body, str)
        usual_kind = "text/plain" if plain else "application/json"
        body = order.body if plain else dumps(order.body)
        headers = CIMultiDict({"Content-Type": f"{usual_kind}; charset=utf-8"})
        headers.update(order.headers)
        return web.Response(body=body.encode(), status=status, headers=headers)
    if _API.match(request.path):
        response = _fault(request.app[STATE], order.refusal)
    else:
        usual = {400: "invalid_grant", 401: "invalid_client"}
        error = order.code or usual.get(status, "server_error")
        denied = Denied(status, error, order.detail or "")
        response = web.Response(
            text=dumps(denied.body()), status=status, content_type="application/json"
        )
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
        return Arrival(method, path, "", await _step(request))
    parts = found["rest"].split("/")
    head = parts[0].lower()
    if head == "query":
        statement = await gate.text_of(request) + request.query.get("query", "")
        return Arrival(method, path, entity_in(statement), "query")
    if head in _WHOLE:
        return Arrival(method, path, "", head)
    if head in {"cdc", "reports"}:
        operation = head.removesuffix("s")
        return Arrival(method, path, "" if head == "cdc" else parts[-1], operation)
    entity = BY_PATH.get(head)
    if entity is None:
        return Arrival(method, path)
    return Arrival(method, path, entity.name, await _operation(request, entity, parts))


async def _step(request: web.Request) -> str:
    """Which step of OAuth a request is."""
    step = _STEPS.get(request.path.rstrip("/"), "")
    if step == "token":
        form = await gate.form_of(request)
        step = _GRANTS.get(form.get("grant_type", ""), step)
    return step


async def _operation(request: web.Request, entity: Entity, parts: list[str]) -> str:
    if len(parts) > 1 and parts[-1] in {"send", "pdf"}:
        return parts[-1]
    if request.method != "POST":
        return "read"
    try:
        given = received(await request.read())
    except ValueError:
        given = {}
    return operation_of(request, entity, given if isinstance(given, dict) else {})
