"""Attachments: notes and files, what they hang on, and the links to their bytes."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.entities import BY_PATH
from qbo.simulator.exact import Json
from qbo.simulator.rules.draft import Draft, Rule

NAME: Final = "Attachable"
LINK_SECONDS: Final = 900
_SECONDS: Final = re.compile(r"\d{1,12}", re.ASCII)
PLAIN_TYPE: Final = "application/octet-stream"
_TYPES: Final = frozenset(
    {"ai", "csv", "doc", "docx", "eps", "gif", "jpeg", "jpg", "ods", "pages", "pdf"}
    | {"png", "rtf", "tif", "tiff", "txt", "xls", "xlsx", "xml"}
)
"""What files may be, by the end of their names."""
_BEARERS: Final = frozenset({"Account", "Customer", "Employee", "Item", "Vendor"})
"""What can have attachments besides transactions."""


def attachable(draft: Draft) -> None:
    """A note, a file or both; what it hangs on has to be there.

    Raises:
        Refused: it is neither, or hangs on what is unknown or cannot carry it.
    """
    body = draft.body
    if draft.old and draft.notes.get("file"):
        for name in ("FileName", "ContentType"):
            body.setdefault(name, draft.old.body[name])
    if not body.get("Note") and not body.get("FileName"):
        raise faults.business("You must have at least a note string or file attachment")
    for reference in references(body):
        _bearer(draft.company, reference)


RULES: Final[Mapping[str, Rule]] = {NAME: attachable}


def check_type(name: str) -> None:
    """Refuse a file whose name says that it is of a kind that is not kept."""
    _, dot, ending = name.rpartition(".")
    if dot and ending.lower() not in _TYPES:
        raise faults.business(f"Files of the type {ending} cannot be attached.")


def bearers(company: Company, record: Record) -> list[Record]:
    """What an attachment hangs on."""
    return [_bearer(company, reference) for reference in references(record.body)]


def put_file(
    company: Company, record: Record, content: bytes, content_type: str
) -> None:
    """Give an attachment its bytes; they are stored with the write."""
    address = f"/v3/company/{company.realm}/download/{record.id}"
    record.body.setdefault("ContentType", content_type or PLAIN_TYPE)
    record.body["FileAccessUri"] = address
    record.body["Size"] = len(content)
    if record.body["ContentType"].startswith("image/"):
        small = address.replace("/download/", "/attachable-thumbnail/")
        record.body["ThumbnailFileAccessUri"] = small
    record.notes["file"] = True
    company.files[record.id] = content
    company.touch(record)


class Links:
    """Addresses that give a file to whoever has them, for a quarter of an hour."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._key = secrets.token_bytes(32)

    def of(self, base: str, company: Company, record: Record) -> Json:
        """The members that an attached file has besides what is stored."""
        if not record.notes.get("file"):
            return {}
        expires = int(self._now().timestamp()) + LINK_SECONDS
        signed = self._signature(company.realm, record.id, expires)
        place = f"{company.realm}/{record.id}/{quote(record.body['FileName'], safe='')}"
        query = urlencode({"Expires": expires, "Signature": signed})
        address = f"{base}/attachments/{place}?{query}"
        links = {"TempDownloadUri": address}
        if "ThumbnailFileAccessUri" in record.body:
            links["ThumbnailTempDownloadUri"] = address
        return links

    def opens(self, realm: str, number: str, query: Mapping[str, str]) -> bool:
        """Whether a link is one of ours and still good."""
        expires = query.get("Expires", "")
        if not _SECONDS.fullmatch(expires) or int(expires) < self._now().timestamp():
            return False
        wanted = self._signature(realm, number, int(expires))
        given = query.get("Signature", "").encode()
        return hmac.compare_digest(wanted.encode(), given)

    def _signature(self, realm: str, number: str, expires: int) -> str:
        text = f"{realm}/{number}/{expires}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def references(body: Json) -> Iterator[Json]:
    """What an attachment's body says it hangs on: type and value."""
    for row in body.get("AttachableRef") or ():
        if "EntityRef" in row:
            yield row["EntityRef"]


def _bearer(company: Company, reference: Json) -> Record:
    kind = reference.get("type")
    if not kind:
        raise faults.missing("AttachableRef.EntityRef.type")
    entity = BY_PATH.get(kind.lower())
    if entity is None or not (entity.transaction or entity.name in _BEARERS):
        raise faults.refusal("6050", f"Entity type {kind} cannot have attachments.")
    record = company.find(entity.name, reference["value"])
    if record is None:
        raise faults.bad_reference(entity.family, reference["value"])
    return record
