"""From a request to its reply: what it asks for, how a write is made, what is said.

What single writes, batches and uploads have in common. A write happens at most once
for each request id, and is on disk, with the events it makes, before its reply leaves.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from aiohttp import web

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.clock import stamp_ms
from qbo.simulator.entities import BY_PATH, CREATE, DELETE, UPDATE, VOID, Entity
from qbo.simulator.entities.lists import EXCHANGE_RATE
from qbo.simulator.exact import Json, dumps, received
from qbo.simulator.gateway.replay import Remembered
from qbo.simulator.query import evaluation as query
from qbo.simulator.rules import attachments, plans, writes
from qbo.simulator.rules.writes import Circumstances
from qbo.simulator.web import gate
from qbo.simulator.web.state import STATE

REPLAYED: Final = web.RequestKey("replayed", bool)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OddAnswer(Exception):
    """A 200 that says nothing: the members of its JSON."""


# What a request asks for


def entity_of(request: web.Request) -> Entity:
    """The entity named in the path.

    Raises:
        HTTPNotFound: there is none of that name.
    """
    entity = BY_PATH.get(request.match_info["entity"].lower())
    if entity is None:
        raise web.HTTPNotFound
    return entity


async def body_of(request: web.Request) -> Json:
    """The JSON object a request carries.

    Raises:
        Refused: it is no JSON object.
    """
    return object_of(await request.read())


def object_of(raw: bytes) -> Json:
    """The JSON object that bytes are.

    Raises:
        Refused: they are none.
    """
    try:
        given = received(raw)
    except ValueError:
        raise faults.bad_property() from None
    if not isinstance(given, dict):
        raise faults.bad_property()
    return given


def includes(request: web.Request) -> set[str]:
    """What `include=` asks for."""
    return set(",".join(request.query.getall("include", [])).split(","))


def operation_of(request: web.Request, entity: Entity, given: Mapping[str, Any]) -> str:
    """What a POST to an entity wants."""
    wish = request.query.get("operation", "").lower()
    if wish in {DELETE, VOID}:
        return wish
    if VOID in includes(request):
        return VOID
    return UPDATE if writes.identified(dict(given)) or entity.single else CREATE


# What a write does


def carried_out(
    company: Company,
    entity: Entity,
    operation: str,
    given: Json,
    around: Circumstances,
) -> Record:
    """Do one write; a deleted record is marked as such.

    Raises:
        Refused: a rule objects; nothing has changed then.
    """
    if operation == DELETE:
        return writes.delete(company, entity, given, around)
    if operation == VOID:
        return writes.void(company, entity, given, around)
    return writes.write(company, entity, given, around)


def check_operation(wish: str, entity: Entity, given: Json) -> None:
    """Refuse an operation that is none, and an update that does not say of what.

    A single record needs no Id, a rate goes by its currency and its day, and a template
    has its Id inside.
    """
    if wish not in {"", CREATE, UPDATE, DELETE, VOID}:
        raise faults.unsupported(wish)
    without_id = entity.single or entity.wrapped or entity is EXCHANGE_RATE
    if wish == UPDATE and not without_id and not writes.identified(given):
        raise faults.missing("Id")


def check_plain_void(entity: Entity) -> None:
    """What QuickBooks answers to `operation=void` where there is none.

    Observed: a bill gives 200 with a SystemFault in it, a journal entry 200 and an
    empty batch; what is voided by `include=void` does not know the operation.
    """
    if entity.name == "Bill":
        fault = faults.broken("java.lang.UnsupportedOperationException")
        fault.status = 200
        raise fault
    if entity.name == "JournalEntry":
        raise OddAnswer('"BatchItemResponse":[]')
    if entity.void_by_include:
        raise faults.unsupported("void")


def once(
    request: web.Request,
    company: Company,
    entity: Entity,
    work: Callable[[], str],
    *,
    bare: bool = False,
) -> web.StreamResponse:
    """Do a write at most once per request id, and make it durable before answering.

    Nothing here waits, so writes of a company follow each other. A `bare` answer is
    what the work gave, without time around it.
    """
    state = request.app[STATE]
    number = request.query.get("requestid", "")
    replays = state.replays[company.realm]
    if number and (known := replays.find(number, entity.name)):
        request[REPLAYED] = True
        if company.touched:  # its write could not be stored then
            state.commit(company, [(number, known)], request.get(gate.APP, ""))
        return web.Response(
            text=known.body, status=known.status, content_type="application/json"
        )
    status = 200
    try:
        text = work() if bare else enveloped(request, work())
    except OddAnswer as odd:
        text = enveloped(request, str(odd))
    except faults.Refused as refused:
        if not (number and state.switches.requestid_replays_faults):
            raise
        text, status = dumps(refused.body(state.clock.now())), refused.status
    remembered = []
    if number and not replays.ignores(entity.name):
        answer = Remembered(state.clock.now().timestamp(), status, text)
        replays.keep(number, answer)
        remembered.append((number, answer))
    state.commit(company, remembered, request.get(gate.APP, ""))
    return web.Response(text=text, status=status, content_type="application/json")


# What is said


def shown(request: web.Request, company: Company, record: Record) -> str:
    """A record as JSON; an attached file comes with links that soon expire."""
    if record.entity.name == attachments.NAME:
        links = request.app[STATE].links.of(origin(request), company, record)
        return dumps({**record.json(), **links})
    return record.rendered()


def member(request: web.Request, company: Company, record: Record) -> str:
    """The one member of an answer: the record under its entity's name."""
    if record.deleted:
        text = dumps({"domain": "QBO", "status": "Deleted", "Id": record.id})
    else:
        text = shown(request, company, record)
    return f'"{record.entity.key}":{text}'


def answered(request: web.Request, company: Company, statement: str) -> str:
    """The member QueryResponse for a statement.

    Raises:
        Refused: it cannot be read, or asks for what is not there.
    """
    found = query.run(company, statement, request.app[STATE].switches)
    return f'"QueryResponse":{_page(request, company, found)}'


def _page(request: web.Request, company: Company, found: query.Page) -> str:
    """The QueryResponse object; with no rows it is empty."""
    check_readable(request, company, found.entity)
    if found.count_only:
        return f'{{"totalCount":{found.total}}}'
    if not found.rows:
        return "{}"
    rows = ",".join(
        dumps(query.projected(record, found.paths))
        if found.paths
        else shown(request, company, record)
        for record in found.rows
    )
    return (
        f'{{"{found.entity.key}":[{rows}],"startPosition":{found.start},'
        f'"maxResults":{len(found.rows)}}}'
    )


def check_readable(request: web.Request, company: Company, entity: Entity) -> None:
    """By a switch, refuse to show what the company's plan lacks."""
    if request.app[STATE].switches.plan_refuses_reads:
        plans.check_read(company, entity)


def origin(request: web.Request) -> str:
    """The simulator's own address as the client reached it."""
    return f"{request.scheme}://{request.host}"


def enveloped(request: web.Request, *members: str) -> str:
    """Members of JSON with the time behind them, as a whole object."""
    now = stamp_ms(request.app[STATE].clock.now())
    return f'{{{",".join(members)},"time":{json.dumps(now)}}}'


def reply(request: web.Request, *members: str) -> web.Response:
    """The answer to something that went well."""
    text = enveloped(request, *members)
    return web.Response(text=text, content_type="application/json")


def listed(rows: Iterable[str]) -> str:
    """A list of JSON texts as one."""
    return f"[{','.join(rows)}]"
