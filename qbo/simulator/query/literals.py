"""What a literal of the query language means for the field it is compared with."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from qbo.simulator.books.columns import folded
from qbo.simulator.clock import moment_of
from qbo.simulator.entities import Entity
from qbo.simulator.fields import Field

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def typed(entity: Entity, known: Field, raw: str) -> Any:
    """A literal as the keys of a table have it, or None when it fits no such field."""
    if known.kind == "id":
        listed = entity.name == "TaxCode" or raw.isdecimal()
        return raw if listed else None
    if known.target == "Currency":
        return raw.upper()
    read = _KINDS.get(known.kind)
    return folded(raw) if read is None else read(raw)


def _decimal(raw: str) -> Decimal | None:
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _seconds(raw: str) -> float | None:
    try:
        return moment_of(raw).timestamp()
    except ValueError:
        return None


def _day(raw: str) -> str | None:
    """The day of a date or date-time as it is written, whatever its offset."""
    try:
        if not _DAY.fullmatch(raw):
            moment_of(raw)
        return date.fromisoformat(raw[:10]).isoformat()
    except ValueError:
        return None


_KINDS: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _decimal,
    "money": _decimal,
    "flag": lambda raw: {"true": True, "false": False}.get(raw.lower()),
    "moment": _seconds,
    "day": _day,
    "ref": str,
}
