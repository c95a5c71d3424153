"""Hold JSON against Intuit's definitions."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tests.simulator.client import Json
from tests.simulator.golden.definitions import Member, Model, pages, schema

_FORMS: Final = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "moment": re.compile(
        r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?([+-]\d{2}:\d{2}|Z)"
    ),
}
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,),
    "date": (str,),
    "moment": (str,),
    "boolean": (bool,),
    "number": (int, float, Decimal),
}


def check(entity: str, record: Json) -> list[str]:
    """How a record differs from its definition, one line each; empty: not at all.

    A line is a path and what is wrong there: a member neither the schema nor the
    pages know, a value of another type, a value that its enumeration does not have, a
    member that the pages require.
    """
    sides = [
        Side(model, model.entities[entity])
        for model in (schema(), pages())
        if entity in model.entities
    ]
    return sorted(set(_object(entity, record, sides)))


def check_type(kind: str, value: Json) -> list[str]:
    """The same for an object that is no entity: a report, a fault, a response."""
    return sorted(set(_object(kind, value, [Side(schema(), kind)])))


class Side:
    """One model's view of one object."""

    def __init__(self, model: Model, kind: str) -> None:
        self.model = model
        self.members = model.objects[kind]

    def inner(self, member: Member) -> "Side | None":
        """The view of a member that is an object itself."""
        return (
            Side(self.model, member.type) if member.type in self.model.objects else None
        )


def _object(path: str, record: Json, sides: list[Side]) -> Iterator[str]:
    for name, value in record.items():
        here = f"{path}.{name}"
        known = [(side, side.members[name]) for side in sides if name in side.members]
        if known:
            yield from _member(here, value, known)
        elif not any("*" in side.members for side in sides):
            yield f"{here}: no such member"
    for side in sides:
        for name, member in side.members.items():
            if member.required and name not in record:
                yield f"{path}.{name}: is required"


def _member(path: str, value: Any, known: list[tuple[Side, Member]]) -> Iterator[str]:
    many = any(member.many for _, member in known)
    if isinstance(value, list) != many:
        yield f"{path}: {'one value' if many else 'an array'} where it is the other way"
        return
    sides = [found for side, member in known if (found := side.inner(member))]
    if not known[0][0].inner(known[0][1]):
        sides = []
    for one in value if many else [value]:
        here = f"{path}[]" if many else path
        if sides and isinstance(one, dict):
            yield from _object(here, one, sides)
        elif sides:
            yield f"{here}: {_name(one)} where an object belongs"
        else:
            yield from _plain(here, one, *known[0])


def _plain(path: str, value: Any, side: Side, member: Member) -> Iterator[str]:
    kind = side.model.plain.get(member.type, "text")
    if isinstance(value, bool) != (kind == "boolean") or not isinstance(
        value, _TYPES[kind]
    ):
        yield f"{path}: {_name(value)} where {kind} belongs"
        return
    form = _FORMS.get(kind)
    if form and not form.fullmatch(str(value)):
        yield f"{path}: {value!r} is no {kind}"
    allowed = side.model.values.get(member.type)
    if allowed and value not in allowed:
        yield f"{path}: {value!r} is not one of {member.type}"


def _name(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {str: "text", dict: "an object", list: "an array", type(None): "null"}
    return names.get(type(value), "number")


def paths(value: Any, path: str = "") -> set[str]:
    """The paths of all members: `Line[].Amount`."""
    found: set[str] = set()
    if isinstance(value, dict):
        for name, one in value.items():
            here = f"{path}.{name}" if path else name
            found |= {here} | paths(one, here)
    elif isinstance(value, list):
        for one in value:
            found |= paths(one, f"{path}[]")
    return found
