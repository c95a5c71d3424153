"""Files over HTTP: `upload`, `download`, and the links that need no token."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import Json, dumps
from qbo.simulator.rules import attachments, writes
from qbo.simulator.web import gate, multipart, replies
from qbo.simulator.web.multipart import Part
from qbo.simulator.web.state import STATE

_UNNAMED: Final = "attachment"


async def upload(request: web.Request) -> web.StreamResponse:
    """POST .../upload: several files at once, each with its metadata or without.

    Each file is for itself: one that is refused carries its fault and stops no other.
    """
    company = gate.admitted(request)
    raw = await _read(request)
    pairs = _pairs(multipart.parts(request.headers.get("Content-Type", ""), raw))
    entity = ENTITIES[attachments.NAME]

    def work() -> str:
        answers = [_answer(request, company, *pair) for pair in pairs]
        return f'"AttachableResponse":{replies.listed(answers)}'

    return replies.once(request, company, entity, work)


async def download(request: web.Request) -> web.StreamResponse:
    """GET .../download/{id}: the address of the file, as text."""
    company = gate.admitted(request)
    record = company.find(attachments.NAME, request.match_info["id"])
    base = replies.origin(request)
    links = request.app[STATE].links.of(base, company, record) if record else {}
    if not links:
        raise faults.not_found()
    return web.Response(text=links["TempDownloadUri"], content_type="text/plain")


async def linked(request: web.Request) -> web.StreamResponse:
    """GET a link: the bytes, without a token and for as long as it is good."""
    state = request.app[STATE]
    realm, number = request.match_info["realm"], request.match_info["id"]
    if not state.links.opens(realm, number, request.query):
        return web.Response(status=HTTPStatus.FORBIDDEN, text="AccessDenied")
    company = state.companies.get(realm)
    record = company.find(attachments.NAME, number) if company else None
    content = state.storage.file(realm, number) if record else None
    if record is None or content is None:
        return web.Response(status=HTTPStatus.NOT_FOUND, text="NoSuchKey")
    headers = {"Content-Type": _header(record.body["ContentType"])}
    return web.Response(body=content, headers=headers)


async def _read(request: web.Request) -> bytes:
    """The body, if it is not too large."""
    most = request.app[STATE].switches.upload_bytes_max
    too_large = faults.refusal(
        "6030", f"Upload request size exceeds allowed limit of {most:,} bytes."
    )
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    if len(raw) > most:
        raise too_large
    return raw


def _pairs(parts: list[Part]) -> list[tuple[Part | None, Part | None]]:
    """Metadata and content of each file: `file_metadata_01` and `file_content_01`."""
    found: dict[str, dict[str, Part]] = {}
    for part in parts:
        for kind in ("metadata", "content"):
            head = f"file_{kind}"
            if part.name.startswith(head):
                found.setdefault(part.name.removeprefix(head), {})[kind] = part
    if not found:
        raise faults.refusal("2010", "No file_content or file_metadata was sent.", None)
    return [(one.get("metadata"), one.get("content")) for one in found.values()]


def _answer(
    request: web.Request, company: Company, metadata: Part | None, content: Part | None
) -> str:
    try:
        record = _stored(request, company, metadata, content)
    except faults.Refused as refused:
        return dumps({"Fault": refused.fault()})
    return f"{{{replies.member(request, company, record)}}}"


def _stored(
    request: web.Request, company: Company, metadata: Part | None, content: Part | None
) -> Record:
    given = _metadata(metadata) if metadata else {}
    if content is not None:
        name = given.get("FileName") or content.filename or _UNNAMED
        kind = given.get("ContentType") or content.content_type
        given = {**given, "FileName": name, "ContentType": kind}
        attachments.check_type(name)
    around = request.app[STATE].around()
    record = writes.write(company, ENTITIES[attachments.NAME], given, around)
    if content is not None:
        attachments.put_file(company, record, content.content, content.content_type)
    return record


def _metadata(part: Part) -> Json:
    try:
        return replies.object_of(part.content)
    except faults.Refused:
        raise faults.refusal("6040", "The metadata must be an Attachable.") from None


def _header(text: object) -> str:
    """A content type fit for a header, whatever a client called it."""
    plain = str(text)
    return plain if plain.isascii() and plain.isprintable() else attachments.PLAIN_TYPE
