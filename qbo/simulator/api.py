"""The accounting API over HTTP: `/v3/company/{realm}/...`."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from qbo.simulator import faults, pdf, query, reports, writes
from qbo.simulator.clock import moment_of, stamp_ms
from qbo.simulator.company import Company, Record
from qbo.simulator.entities import (
    BY_PATH,
    CREATE,
    DELETE,
    PDF,
    SEND,
    UPDATE,
    VOID,
    Entity,
)
from qbo.simulator.exact import Json, dumps, loads
from qbo.simulator.gate import admitted
from qbo.simulator.replay import Remembered
from qbo.simulator.state import STATE

REPLAYED: Final = web.RequestKey("replayed", bool)
CDC_DAYS: Final = 30
CDC_MAX: Final = 1_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes() -> list[web.RouteDef]:
    """The routes of the API."""
    base = "/v3/company/{realm}"
    return [
        web.get(f"{base}/query", run_query),
        web.post(f"{base}/query", run_query),
        web.get(f"{base}/cdc", changes),
        web.get(f"{base}/reports/{{report}}", report),
        web.get(f"{base}/{{entity}}/{{id}}/pdf", printed),
        web.post(f"{base}/{{entity}}/{{id}}/send", sent),
        web.get(f"{base}/{{entity}}/{{id}}", read),
        web.get(f"{base}/{{entity}}", read_single),
        web.post(f"{base}/{{entity}}", write),
    ]


def entity_of(request: web.Request) -> Entity:
    """The entity named in the path.

    Raises:
        HTTPNotFound: there is none of that name.
    """
    entity = BY_PATH.get(request.match_info["entity"].lower())
    if entity is None:
        raise web.HTTPNotFound
    return entity


async def read(request: web.Request) -> web.StreamResponse:
    """GET one record by id; a company's own info goes by the realm too."""
    company, entity = admitted(request), entity_of(request)
    number = request.match_info["id"]
    if entity.single and number == company.realm:
        number = "1"
    record = company.find(entity.name, number)
    if record is None:
        raise faults.not_found()
    if "invoiceLink" in includes(request) and entity.name == "Invoice":
        link = f"https://connect.intuit.com/portal/asei/simulated-{record.id}"
        body = {**record.json(), "InvoiceLink": link}
        return _json(request, f'"{entity.name}":{dumps(body)}')
    return _json(request, f'"{entity.name}":{record.rendered()}')


async def read_single(request: web.Request) -> web.StreamResponse:
    """GET what a company has only one of: preferences, company info."""
    company, entity = admitted(request), entity_of(request)
    if not entity.single:
        raise faults.unsupported("read")
    text = company.record(entity.name, "1").rendered()
    return _json(request, f'"{entity.name}":{text}')


async def run_query(request: web.Request) -> web.StreamResponse:
    """GET or POST a statement of the query language."""
    company, state = admitted(request), request.app[STATE]
    statement = request.query.get("query", "")
    if request.method == "POST":
        statement = (await request.text()) or statement
    page = query.run(company, statement, over_the_cap=state.switches.over_the_cap)
    if page.count_only:
        return _json(request, f'"QueryResponse":{{"totalCount":{page.total}}}')
    return _json(request, f'"QueryResponse":{rendered_page(page)}')


def rendered_page(page: query.Page) -> str:
    """The QueryResponse object; with no rows it is empty."""
    if not page.rows:
        return "{}"
    rows = ",".join(record.rendered() for record in page.rows)
    return (
        f'{{"{page.entity.name}":[{rows}],"startPosition":{page.start},'
        f'"maxResults":{len(page.rows)}}}'
    )


async def write(request: web.Request) -> web.StreamResponse:
    """POST a create, update, delete or void."""
    company, entity = admitted(request), entity_of(request)
    given = await body_of(request)
    state = request.app[STATE]
    again = "allowduplicatedocnum" in includes(request)
    around = state.around(allow_duplicates=again)
    operation = operation_of(request, entity, given)

    def work() -> str:
        if operation == DELETE:
            record = writes.delete(company, entity, given, around)
            gone = {"domain": "QBO", "status": "Deleted", "Id": record.id}
            return f'"{entity.name}":{dumps(gone)}'
        if operation == VOID:
            _odd_voids(request, entity)
            record = writes.void(company, entity, given, around)
        else:
            record = writes.write(company, entity, given, around)
        return f'"{entity.name}":{record.rendered()}'

    return _once(request, company, entity, work)


async def sent(request: web.Request) -> web.StreamResponse:
    """POST .../send: e-mail a document."""
    company, entity = admitted(request), entity_of(request)
    record = _document(company, entity, request.match_info["id"], SEND)
    address = request.query.get("sendTo")
    around = request.app[STATE].around()

    def work() -> str:
        done = writes.send(company, record, address, around)
        return f'"{entity.name}":{done.rendered()}'

    return _once(request, company, entity, work)


async def printed(request: web.Request) -> web.StreamResponse:
    """GET .../pdf: a document on paper."""
    company, entity = admitted(request), entity_of(request)
    record = _document(company, entity, request.match_info["id"], PDF)
    name = f"{entity.name}_{record.body.get('DocNumber', record.id)}.pdf"
    return web.Response(
        body=pdf.document(company, record),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def changes(request: web.Request) -> web.StreamResponse:
    """GET .../cdc: what changed since a moment, with the deleted as stubs."""
    company = admitted(request)
    state = request.app[STATE]
    since_text = request.query.get("changedSince", "")
    try:
        since = moment_of(since_text)
    except ValueError:
        raise faults.refusal(
            "2060", f"Invalid Date : {since_text}", "changedSince"
        ) from None
    if state.clock.now() - since > timedelta(days=CDC_DAYS):
        raise faults.refusal(
            "500",
            f"Operation cdc with changedSince date {since_text} which is older than"
            " fixed days is not supported.",
            "Operation",
        )
    # LastUpdatedTime has whole seconds, so the moment asked for is cut to its second.
    since = since.replace(microsecond=0)
    answers, room = [], CDC_MAX
    for entity in list(_watched(request.query.get("entities", ""))):
        found = _changed(company, entity, since.timestamp())[:room]
        room -= len(found)
        text = ",".join(
            dumps(one.tombstone()) if one.deleted else one.rendered() for one in found
        )
        answers.append(
            f'{{"{entity.name}":[{text}],"startPosition":1,"maxResults":{len(found)}}}'
            if found
            else "{}"
        )
    return _json(request, f'"CDCResponse":[{{"QueryResponse":[{",".join(answers)}]}}]')


async def report(request: web.Request) -> web.StreamResponse:
    """GET .../reports/{name}."""
    company, state = admitted(request), request.app[STATE]
    made = reports.make(
        company,
        request.match_info["report"],
        dict(request.query),
        state.clock.now(),
        state.switches.reports_style,
    )
    return web.Response(text=dumps(made), content_type="application/json")


async def body_of(request: web.Request) -> Json:
    """The JSON object a request carries.

    Raises:
        Refused: it is no JSON object.
    """
    raw = await request.read()
    try:
        given = loads(raw)
        if b"\\ud" in raw.lower():
            dumps(given).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
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
    if wish == DELETE:
        return DELETE
    if wish == VOID:
        return VOID
    if "void" in includes(request) and entity.void_by_include:
        return VOID
    return UPDATE if writes.identified(dict(given)) or entity.single else CREATE


def _odd_voids(request: web.Request, entity: Entity) -> None:
    """What QuickBooks answers to `operation=void` where there is none.

    Observed: a bill gives 200 with a SystemFault in it, a journal entry 200 and an
    empty batch; what is voided by `include=void` does not know the operation.
    """
    if request.query.get("operation", "").lower() != VOID:
        return
    if entity.name == "Bill":
        fault = faults.broken("java.lang.UnsupportedOperationException")
        fault.status = 200
        raise fault
    if entity.name == "JournalEntry":
        raise OddAnswer('"BatchItemResponse":[]')
    if entity.void_by_include:
        raise faults.unsupported("void")


class OddAnswer(Exception):
    """A 200 that says nothing: the members of its JSON."""


def _once(
    request: web.Request, company: Company, entity: Entity, work: Callable[[], str]
) -> web.StreamResponse:
    """Do a write at most once per request id, and make it durable before answering.

    Nothing here waits, so writes of a company follow each other.
    """
    state = request.app[STATE]
    number = request.query.get("requestid", "")
    replays = state.replays[company.realm]
    if number and (known := replays.find(number, entity.name)):
        request[REPLAYED] = True
        return web.Response(
            text=known.body, status=known.status, content_type="application/json"
        )
    status = 200
    try:
        text = _enveloped(request, work())
    except OddAnswer as odd:
        text = _enveloped(request, str(odd))
    except faults.Refused as refused:
        if not (number and state.switches.requestid_replays_faults):
            raise
        text, status = dumps(refused.body(state.clock.now())), refused.status
    remembered = []
    if number and not replays.ignores(entity.name):
        answer = Remembered(state.clock.now().timestamp(), status, text)
        replays.keep(number, answer)
        remembered.append((number, answer))
    state.storage.save(company, remembered)
    return web.Response(text=text, status=status, content_type="application/json")


def _document(company: Company, entity: Entity, number: str, operation: str) -> Record:
    if operation not in entity.operations:
        raise faults.unsupported(operation)
    record = company.find(entity.name, number)
    if record is None:
        raise faults.not_found()
    return record


def _watched(names: str) -> Iterable[Entity]:
    for name in filter(None, (one.strip() for one in names.split(","))):
        entity = BY_PATH.get(name.lower())
        if entity is None or not entity.in_cdc:
            raise faults.refusal(
                "500", f"Entity {name} is not supported by cdc.", "Operation"
            )
        yield entity
    if not names.strip():
        raise faults.missing("entities")


def _changed(company: Company, entity: Entity, since: float) -> list[Record]:
    living = company.tables[entity.name].values()
    dead = (one for one in company.graves.values() if one.entity is entity)
    found = [one for one in (*living, *dead) if one.updated.timestamp() >= since]
    found.sort(key=lambda one: one.updated)
    return found


def _enveloped(request: web.Request, member: str) -> str:
    now = stamp_ms(request.app[STATE].clock.now())
    return f'{{{member},"time":{json.dumps(now)}}}'


def _json(request: web.Request, member: str) -> web.Response:
    return web.Response(
        text=_enveloped(request, member), content_type="application/json"
    )
