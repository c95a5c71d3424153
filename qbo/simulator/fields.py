"""Fields of entities: their kinds, and how a client's JSON becomes ours.

QuickBooks is strict about names (an unknown property is refused) and lenient about
values: an empty text stands for "not set" wherever it appears, numbers may come as
text, a reference's value may be a number.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from qbo.simulator import faults
from qbo.simulator.clock import YEARS, moment_of, stamp
from qbo.simulator.exact import ZERO, Json, cents, is_sane

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")

DIGITS_MAX: Final = 15
"""Digits before the point; more are a slip of the keyboard."""


@dataclass(frozen=True)
class Field:
    """One field: what it holds, and what may be done with it.

    `read_only` values are ignored when sent. `query` and `sort` say whether the
    query language may compare with it and order by it. `target` is the entity, or
    the family of entities, that a reference points at.
    """

    name: str
    kind: str
    limit: int = 0
    target: str = ""
    choices: tuple[str, ...] = ()
    fields: Mapping[str, "Field"] = field(default_factory=dict)
    read_only: bool = False
    query: bool = False
    sort: bool = False


def table(*parts: Field | Iterable[Field]) -> dict[str, Field]:
    """Fields by name, from fields and groups of fields."""
    flat: list[Field] = []
    for part in parts:
        flat.extend([part] if isinstance(part, Field) else part)
    return {one.name: one for one in flat}


def text(name: str, limit: int = 4000) -> Field:
    """A text of at most `limit` characters."""
    return Field(name, "text", limit=limit)


def number(name: str) -> Field:
    """A number kept with the digits it came with (quantity, rate, count)."""
    return Field(name, "number")


def money(name: str) -> Field:
    """An amount, rounded half-up to two places."""
    return Field(name, "money")


def flag(name: str) -> Field:
    """True or false."""
    return Field(name, "flag")


def day(name: str) -> Field:
    """A plain date."""
    return Field(name, "day")


def moment(name: str) -> Field:
    """A date-time, shown with the Pacific offset whatever it came with."""
    return Field(name, "moment")


def one_of(name: str, *choices: str) -> Field:
    """One of a fixed set of texts."""
    return Field(name, "choice", choices=choices)


def ref(name: str, target: str) -> Field:
    """A reference to another record."""
    return Field(name, "ref", target=target)


def group(name: str, *parts: Field | Iterable[Field]) -> Field:
    """An object with fields of its own."""
    return Field(name, "group", fields=table(*parts))


def rows(name: str, *parts: Field | Iterable[Field]) -> Field:
    """A list of objects."""
    return Field(name, "rows", fields=table(*parts))


def anything(name: str) -> Field:
    """Any JSON, kept as it came."""
    return Field(name, "anything")


def group_of_anything(name: str) -> Field:
    """An object whose members are not looked into."""
    return Field(name, "open")


def email(name: str) -> Field:
    """An e-mail address object; several addresses may be separated by commas."""
    return Field(name, "email", fields=table(text("Address", 100), contact()))


def contact() -> tuple[Field, ...]:
    """What telephone numbers, e-mail and web addresses have beside themselves."""
    return computed(text("Id"), flag("Default"), text("Tag"))


def computed(*parts: Field) -> tuple[Field, ...]:
    """The same fields, ignored when a client sends them."""
    return tuple(replace(part, read_only=True) for part in parts)


def filtered(*parts: Field) -> tuple[Field, ...]:
    """The same fields, open to WHERE."""
    return tuple(replace(part, query=True) for part in parts)


def sorted_by(*parts: Field) -> tuple[Field, ...]:
    """The same fields, open to WHERE and ORDERBY."""
    return tuple(replace(part, query=True, sort=True) for part in parts)


def cleaned(fields: Mapping[str, Field], given: Json) -> Json:
    """A client's object in our terms; what was emptied on purpose is None.

    Raises:
        Refused: a name is unknown or a value does not fit its field.
    """
    result: Json = {}
    for name, value in given.items():
        known = fields.get(name)
        if known is None:
            raise faults.bad_property()
        if known.read_only:
            continue
        if value is None or value in ("", [], {}):
            result[name] = None
        else:
            result[name] = _KINDS[known.kind](known, value)
    return result


def without_nothing(value: Json) -> Json:
    """The object without the members that are None."""
    return {name: part for name, part in value.items() if part is not None}


def _text(known: Field, value: Any) -> str:
    if isinstance(value, dict | list):
        raise faults.bad_property()
    result = _scalar(value)
    if len(result) > known.limit:
        raise faults.too_long(known.limit, len(result), known.name)
    return result


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(known: Field, value: Any) -> Decimal:
    if isinstance(value, bool | dict | list):
        raise faults.bad_property()
    try:
        result = Decimal(value if isinstance(value, int) else str(value).strip())
    except InvalidOperation:
        result = Decimal("NaN")
    if not result.is_finite() or not is_sane(result) or _is_too_large(result):
        raise faults.refusal("2080", f"Invalid Number : {value}", known.name)
    return result or ZERO


def _is_too_large(value: Decimal) -> bool:
    return bool(value) and value.adjusted() >= DIGITS_MAX


def _money(known: Field, value: Any) -> Decimal:
    return cents(_number(known, value))


def _flag(known: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise faults.refusal("2090", f"Invalid Boolean : {value}", known.name)


def _day(known: Field, value: Any) -> str:
    if isinstance(value, str):
        try:
            found = date.fromisoformat(value.strip()[:10])
            if found.year in YEARS:
                return found.isoformat()
        except ValueError:
            pass
    raise faults.refusal("2060", f"Invalid Date : {value}", known.name)


def _moment(known: Field, value: Any) -> str:
    try:
        return stamp(moment_of(value))
    except (AttributeError, ValueError, OverflowError):
        raise faults.refusal("2060", f"Invalid Date : {value}", known.name) from None


def _choice(known: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in known.choices:
        raise faults.refusal("2170", f"Invalid Enumeration: {value}", known.name)
    return value


_REF_MEMBERS: Final = {"value", "name", "type"}


def _ref(_known: Field, value: Any) -> Json | None:
    if not isinstance(value, dict) or set(value) - _REF_MEMBERS:
        raise faults.bad_property()
    target = value.get("value")
    if isinstance(target, dict | list):
        raise faults.bad_property()
    if target is None or target == "":
        return None
    result: Json = {"value": _scalar(target)}
    if isinstance(value.get("type"), str) and value["type"]:
        result["type"] = value["type"]
    return result


def _group(known: Field, value: Any) -> Json | None:
    if not isinstance(value, dict):
        raise faults.bad_property()
    return without_nothing(cleaned(known.fields, value)) or None


def _rows(known: Field, value: Any) -> list[Json]:
    if not isinstance(value, list):
        raise faults.bad_property()
    result = []
    for row in value:
        if not isinstance(row, dict):
            raise faults.bad_property()
        result.append(without_nothing(cleaned(known.fields, row)))
    return result


def _open(_known: Field, value: Any) -> Json:
    if not isinstance(value, dict):
        raise faults.bad_property()
    return value


def _email(known: Field, value: Any) -> Json | None:
    result = _group(known, value)
    if result and "Address" in result:
        for one in result["Address"].split(","):
            if not _EMAIL.fullmatch(one.strip()):
                raise faults.refusal(
                    "2210",
                    "Email Address does not conform to the syntax rules of RFC 822.",
                    known.name,
                )
    return result


_KINDS: Final[Mapping[str, Callable[[Field, Any], Any]]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "flag": _flag,
    "day": _day,
    "moment": _moment,
    "choice": _choice,
    "ref": _ref,
    "group": _group,
    "rows": _rows,
    "email": _email,
    "open": _open,
    "anything": lambda _known, value: value,
}
