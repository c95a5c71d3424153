"""Answers that QuickBooks really gave, as JSON."""

import json
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any, Final
from xml.etree import ElementTree as ET

from tests.simulator.client import Json
from tests.simulator.golden.definitions import GOLDEN, Member, parsed, schema

_FOLDER: Final = GOLDEN / "quickbooks-ruby"
_REQUESTS: Final = frozenset(
    {
        "bill_create_request.xml",
        "invoice_sparse_create_request.xml",
        "purchase_create.xml",
    }
)


@cache
def records() -> dict[str, list[Json]]:
    """All recorded records by entity; stubs of deleted ones are left out."""
    found: dict[str, list[Json]] = {}
    for root in answers().values():
        for entity, record in _records(root):
            found.setdefault(entity, []).append(record)
    for name in ("invoice", "estimate"):
        for path in (GOLDEN / "sandbox-json").glob(f"{name}.json"):
            rows = json.loads(path.read_text(), parse_float=Decimal)
            found.setdefault(name.title(), []).extend(rows)
    return found


@cache
def answers() -> dict[str, ET.Element]:
    """The recorded XML by file; what was trimmed until it is no XML is left out."""
    found = {}
    for path in sorted(_FOLDER.glob("*.xml")):
        if path.name not in _REQUESTS:
            with suppress(ET.ParseError):
                found[path.stem] = parsed(path)
    return found


def whole(name: str, kind: str) -> Json:
    """A whole recorded answer by the name of its file, as an object of that type."""
    made: Json = _value(answers()[name], kind)
    return made


def reports() -> list[str]:
    """The names of the files that hold a report."""
    return [name for name, root in answers().items() if _local(root) == "Report"]


def _records(element: ET.Element) -> Iterator[tuple[str, Json]]:
    """The entities directly below the envelopes, or the root itself."""
    name = _local(element)
    kind = schema().entities.get(name)
    inside = {_local(one) for one in element}
    if kind and "Id" in inside:
        if element.get("status") != "Deleted" and "MetaData" in inside:
            yield name, _value(element, kind)
        return
    for one in element:
        yield from _records(one)


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: ET.Element, kind: str) -> Any:
    members = schema().objects.get(kind)
    if members is None:
        return _plain(element.text or "", schema().plain.get(kind, "text"))
    made: Json = {}
    for name, text in element.attrib.items():
        if name.startswith("{"):
            continue
        member = members.get(name, Member("xs:string"))
        made[name] = _plain(text, schema().plain.get(member.type, "text"))
    text = (element.text or "").strip()
    if "value" in members and text:
        made["value"] = text
    for one in element:
        name = _local(one)
        member = members.get(name, Member("xs:string"))
        value = _value(one, member.type)
        if member.many:
            made.setdefault(name, []).append(value)
        else:
            made[name] = value
    return made


def _plain(text: str, kind: str) -> Any:
    text = text.strip()
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    if kind == "number" and text:
        return Decimal(text)
    return text
