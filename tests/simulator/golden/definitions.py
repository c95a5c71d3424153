"""Intuit's own definitions of its types, read into one small model.

The XML schema gives names, types, arrays and enumerations of everything; the pages of
the documentation add what is newer than the schema, and say what is required.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

GOLDEN: Final = Path(__file__).resolve().parents[4] / "shared" / "golden"
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_DOCUMENTED: Final = {
    "decimal": "number",
    "bigdecimal": "number",
    "integer": "number",
    "positive integer": "number",
    "boolean": "boolean",
    "date": "date",
}
_PLAIN: Final = {
    "xs:boolean": "boolean",
    "xs:decimal": "number",
    "xs:int": "number",
    "xs:integer": "number",
    "xs:long": "number",
    "xs:positiveInteger": "number",
    "xs:date": "date",
    "xs:dateTime": "moment",
}


@dataclass(frozen=True)
class Member:
    """One member of an object: its type, and whether it is an array."""

    type: str
    many: bool = False
    required: bool = False


@dataclass
class Model:
    """Objects with their members, and plain types with their values.

    `plain` maps a simple type to text, number, boolean, date or moment; `values` holds
    what an enumeration allows; `entities` maps the name of an element to its type.
    """

    objects: dict[str, dict[str, Member]] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)
    values: dict[str, frozenset[str]] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)


@cache
def schema() -> Model:
    """The XML schema."""
    roots = [parsed(path) for path in sorted((GOLDEN / "xsd").glob("*.xsd"))]
    model = Model(plain=dict(_PLAIN))
    groups = {
        one.get("name", ""): one for root in roots for one in root.iter(_tag("group"))
    }
    bases = {}
    for root in roots:
        for one in root.iter(_tag("element")):
            if one.get("substitutionGroup") == "IntuitObject":
                model.entities[one.attrib["name"]] = one.attrib["type"]
    for root in roots:
        for one in root.findall(_tag("simpleType")):
            _add_plain(model, one)
        for one in root.findall(_tag("complexType")):
            name = one.attrib["name"]
            model.objects[name] = dict(_members(model, one, groups))
            extended = one.find(f".//{_tag('extension')}")
            bases[name] = "" if extended is None else extended.attrib["base"]
    for name in model.objects:
        base = bases[name]
        while base in model.objects:
            model.objects[name] = {**model.objects[base], **model.objects[name]}
            base = bases[base]
    return model


@cache
def pages() -> Model:
    """The documentation's pages; the type of a line is the union of its kinds."""
    dump = json.loads((GOLDEN / "docs-types" / "qbTypesDump.json").read_text())
    kinds = {"text", "moment", *_DOCUMENTED.values()}
    model = Model(plain={one: one for one in kinds})
    for name, one in dump["Types"].items():
        model.objects[name] = {
            row["name"]: _documented(row, dump["Types"]) for row in one["attributes"]
        }
        if one["isMain"]:
            model.entities["ExchangeRate" if name == "Exchangerate" else name] = name
    for name, parts in [(row, row.split(" | ")) for row in _unions(model)]:
        model.objects[name] = _joined([model.objects[one] for one in parts])
    return model


def parsed(path: Path) -> ET.Element:
    """The root of one of our own XML files."""
    return ET.parse(path).getroot()  # noqa: S314 - no stranger writes into that folder


def _tag(name: str) -> str:
    return _XS + name


def _add_plain(model: Model, one: ET.Element) -> None:
    name = one.attrib["name"]
    restriction = one.find(_tag("restriction"))
    base = "" if restriction is None else restriction.attrib.get("base", "")
    model.plain[name] = _PLAIN.get(base, "text")
    allowed = {row.attrib["value"] for row in one.iter(_tag("enumeration"))}
    if allowed:
        model.values[name] = frozenset(allowed)


def _members(
    model: Model, one: ET.Element, groups: Mapping[str, ET.Element]
) -> Iterator[tuple[str, Member]]:
    """The members of an object as its definition has them, in place of their bases'."""
    if one.find(_tag("simpleContent")) is not None:
        yield "value", Member("xs:string")
    for part in one.iter():
        if part.tag == _tag("attribute"):
            yield part.attrib["name"], Member(part.attrib.get("type", "xs:string"))
        elif part.tag == _tag("group") and "ref" in part.attrib:
            yield from _members(model, groups[part.attrib["ref"]], groups)
        elif part.tag == _tag("any"):
            yield "*", Member("xs:anyType", many=True)
        elif part.tag == _tag("element") and part.get("ref") == "IntuitObject":
            many = part.get("maxOccurs") == "unbounded"
            for name, kind in model.entities.items():
                yield name, Member(kind, many)
        elif part.tag == _tag("element") and "name" in part.attrib:
            many = part.get("maxOccurs") == "unbounded"
            yield part.attrib["name"], Member(part.get("type", "xs:string"), many)


def _documented(row: Mapping[str, Any], types: Mapping[str, Any]) -> Member:
    kind = re.sub(r"\s+", " ", row["type"]).strip()
    if kind.endswith(("_DateTime", "_Date")):
        kind = "moment" if kind.endswith("Time") else "date"
    elif not all(one in types for one in kind.split(" | ")):
        kind = _DOCUMENTED.get(kind.lower(), "text")
    wanted = row.get("metaData", "").startswith("* Required")
    return Member(kind, bool(row.get("isList")), wanted)


def _unions(model: Model) -> set[str]:
    members = [one for row in model.objects.values() for one in row.values()]
    return {one.type for one in members if " | " in one.type}


def _joined(parts: list[dict[str, Member]]) -> dict[str, Member]:
    """All members of several kinds of lines; required is what every kind requires."""
    names = {name for part in parts for name in part}
    joined = {}
    for name in names:
        found = [part[name] for part in parts if name in part]
        everywhere = len(found) == len(parts) and all(one.required for one in found)
        joined[name] = Member(found[0].type, found[0].many, everywhere)
    return joined
