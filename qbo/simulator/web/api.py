"""The accounting API over HTTP: `/v3/company/{realm}/...`."""

from aiohttp import web

from qbo.simulator import faults, reports
from qbo.simulator.books.company import Company, Record
from qbo.simulator.entities import PDF, SEND, VOID, Entity
from qbo.simulator.entities.lists import EXCHANGE_RATE, TAX_CODE
from qbo.simulator.exact import dumps
from qbo.simulator.fields import cleaned
from qbo.simulator.rules import exchange, taxservice, writes
from qbo.simulator.web import batch, cdc, gate, replies, uploads
from qbo.simulator.web.gate import admitted
from qbo.simulator.web.replies import (
    REPLAYED,
    Handler,
    body_of,
    entity_of,
    includes,
    operation_of,
    reply,
)
from qbo.simulator.web.state import STATE

__all__ = [
    "REPLAYED",
    "STATE",
    "Handler",
    "admitted",
    "body_of",
    "entity_of",
    "operation_of",
    "routes",
]


def routes() -> list[web.RouteDef]:
    """The routes of the API."""
    base = "/v3/company/{realm}"
    return [
        web.get(f"{base}/query", run_query),
        web.post(f"{base}/query", run_query),
        web.get(f"{base}/cdc", changes),
        web.post(f"{base}/batch", batch.run),
        web.post(f"{base}/upload", uploads.upload),
        web.get(f"{base}/download/{{id}}", uploads.download),
        web.get(f"{base}/attachable-thumbnail/{{id}}", uploads.download),
        web.get("/attachments/{realm}/{id}/{name}", uploads.linked),
        web.get(f"{base}/reports/{{report}}", report),
        web.get(f"{base}/exchangerate", exchange_rate),
        web.post(f"{base}/taxservice/taxcode", tax_code_made),
        web.get(f"{base}/{{entity}}/{{id}}/pdf", printed),
        web.post(f"{base}/{{entity}}/{{id}}/send", sent),
        web.get(f"{base}/{{entity}}/{{id}}", read),
        web.get(f"{base}/{{entity}}", read_single),
        web.post(f"{base}/{{entity}}", write),
    ]


async def read(request: web.Request) -> web.StreamResponse:
    """GET one record by id; a company's own info goes by the realm too."""
    company, entity = admitted(request), entity_of(request)
    replies.check_readable(request, company, entity)
    number = request.match_info["id"]
    if entity.single and number == company.realm:
        number = "1"
    record = company.find(entity.name, number)
    if record is None:
        raise faults.not_found()
    if "invoiceLink" in includes(request) and entity.name == "Invoice":
        link = f"https://connect.intuit.com/portal/asei/simulated-{record.id}"
        body = {**record.json(), "InvoiceLink": link}
        return reply(request, f'"{entity.key}":{dumps(body)}')
    return reply(request, replies.member(request, company, record))


async def read_single(request: web.Request) -> web.StreamResponse:
    """GET what a company has only one of: preferences, company info."""
    company, entity = admitted(request), entity_of(request)
    if not entity.single:
        raise faults.unsupported("read")
    record = company.record(entity.name, "1")
    return reply(request, replies.member(request, company, record))


async def exchange_rate(request: web.Request) -> web.StreamResponse:
    """GET the rate of a currency, as of a day or as of today."""
    company = admitted(request)
    wish = {name.lower(): value for name, value in request.query.items()}
    code, day = wish.get("sourcecurrencycode", ""), wish.get("asofdate", "")
    if not code:
        raise faults.missing("sourcecurrencycode")
    known = {"AsOfDate": EXCHANGE_RATE.fields["AsOfDate"]}
    day = cleaned(known, {"AsOfDate": day})["AsOfDate"]
    today = request.app[STATE].clock.today().isoformat()
    record = exchange.on_day(company, code.upper(), day or today)
    if record is None:
        raise faults.not_found()
    return reply(request, replies.member(request, company, record))


async def tax_code_made(request: web.Request) -> web.StreamResponse:
    """POST a new tax code with its rates; the answer has no envelope."""
    company, given = admitted(request), await body_of(request)
    when = request.app[STATE].clock.now()

    def work() -> str:
        return dumps(taxservice.create(company, given, when))

    return replies.once(request, company, TAX_CODE, work, bare=True)


async def run_query(request: web.Request) -> web.StreamResponse:
    """GET or POST a statement of the query language."""
    company = admitted(request)
    statement = request.query.get("query", "")
    if request.method == "POST":
        statement = (await gate.text_of(request)) or statement
    return reply(request, replies.answered(request, company, statement))


async def write(request: web.Request) -> web.StreamResponse:
    """POST a create, update, delete or void."""
    company, entity = admitted(request), entity_of(request)
    given = await body_of(request)
    again = "allowduplicatedocnum" in includes(request)
    around = request.app[STATE].around(allow_duplicates=again)
    operation = operation_of(request, entity, given)

    wish = request.query.get("operation", "").lower()

    def work() -> str:
        replies.check_operation(wish, entity, given)
        if wish == VOID:
            replies.check_plain_void(entity)
        record = replies.carried_out(company, entity, operation, given, around)
        return replies.member(request, company, record)

    return replies.once(request, company, entity, work)


async def sent(request: web.Request) -> web.StreamResponse:
    """POST .../send: e-mail a document."""
    company, entity = admitted(request), entity_of(request)
    record = _document(company, entity, request.match_info["id"], SEND)
    address = request.query.get("sendTo")
    around = request.app[STATE].around()

    def work() -> str:
        done = writes.send(company, record, address, around)
        return replies.member(request, company, done)

    return replies.once(request, company, entity, work)


async def printed(request: web.Request) -> web.StreamResponse:
    """GET .../pdf: a document on paper."""
    # Half a second of every start, and few runs print anything.
    from qbo.simulator.web import pdf  # noqa: PLC0415

    company, entity = admitted(request), entity_of(request)
    record = _document(company, entity, request.match_info["id"], PDF)
    name = f"{entity.name}_{record.body.get('DocNumber', record.id)}.pdf"
    return web.Response(
        body=pdf.document(company, record),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def changes(request: web.Request) -> web.StreamResponse:
    """GET .../cdc: what changed since a moment."""
    company = admitted(request)
    answer = cdc.changes(
        company,
        request.query.get("entities", ""),
        request.query.get("changedSince", ""),
        request.app[STATE].clock.now(),
        lambda record: replies.shown(request, company, record),
    )
    return reply(request, answer)


async def report(request: web.Request) -> web.StreamResponse:
    """GET .../reports/{name}."""
    company, state = admitted(request), request.app[STATE]
    made = reports.make(
        company,
        request.match_info["report"],
        dict(request.query),
        state.clock.now(),
        state.switches,
    )
    return web.Response(text=dumps(made), content_type="application/json")


def _document(company: Company, entity: Entity, number: str, operation: str) -> Record:
    if operation not in entity.operations:
        raise faults.unsupported(operation)
    record = company.find(entity.name, number)
    if record is None:
        raise faults.not_found()
    return record
