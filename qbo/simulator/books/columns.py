"""What a table keeps of each record, so that finding one need not read its body.

A record's *keys* are a tuple: its number, its two times, and the fields that can be
filtered or sorted by. Texts are kept without case, times as seconds.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from qbo.simulator.entities import ENTITIES, Entity
from qbo.simulator.exact import Json
from qbo.simulator.fields import Field

ID: Final = "Id"
CREATED: Final = "MetaData.CreateTime"
UPDATED: Final = "MetaData.LastUpdatedTime"
_ALWAYS: Final = (ID, CREATED, UPDATED)
_ALSO: Final = frozenset(
    {"TxnDate", "DueDate", "TotalAmt", "Balance", "Deposit", "ExchangeRate"}
    | {"CustomerRef", "VendorRef", "EntityRef", "CurrencyRef", "DepositToAccountRef"}
    | {"ARAccountRef", "APAccountRef"}
)
"""Fields the books look at for every record of a kind, open to queries or not."""

_AS_IT_IS: Final = frozenset({"ref", "day", "money", "number", "flag"})
Keys = tuple[Any, ...]


class Columns:
    """The columns of one entity's table.

    `places` says where a path stands in the keys; `exact` are those of them whose
    key is the very value that the body has.
    """

    def __init__(self, entity: Entity) -> None:
        kept = [
            (path, field.kind)
            for path, field in _paths(entity.fields, "")
            if field.query or field.sort or path in _ALSO
        ]
        self.paths: tuple[str, ...] = (*_ALWAYS, *(path for path, _ in kept))
        self.places: Mapping[str, int] = {
            path: place for place, path in enumerate(self.paths)
        }
        self.exact: Mapping[str, int] = {
            path: self.places[path] for path, kind in kept if kind in _AS_IT_IS
        }
        self._readers = [
            (path if "." not in path else "", path, kind not in _AS_IT_IS)
            for path, kind in kept
        ]

    def read(self, body: Json) -> Iterator[Any]:
        """The keys that come from a body."""
        for name, path, fold in self._readers:
            value = plain(body.get(name)) if name else found(body, path)
            yield folded(value) if fold else value


def _paths(fields: Mapping[str, Field], above: str) -> Iterable[tuple[str, Field]]:
    for name, field in fields.items():
        yield f"{above}{name}", field
        if field.kind in {"group", "rows"}:
            yield from _paths(field.fields, f"{above}{name}.")


def found(body: Json, path: str) -> Any:
    """What stands at a dotted path; where rows are on the way, a tuple of it all."""
    if "." not in path:
        return plain(body.get(path))
    value: Any = body
    for part in path.split("."):
        if isinstance(value, list):
            value = [one.get(part) for one in value if isinstance(one, dict)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return tuple(map(plain, value)) if isinstance(value, list) else plain(value)


def plain(value: Any) -> Any:
    """A reference's id, an e-mail's address; anything else as it is."""
    if isinstance(value, dict):
        return value.get("value", value.get("Address"))
    return value


def folded(value: Any) -> Any:
    """A value as it compares: texts without case."""
    if isinstance(value, str):
        low = value.casefold()
        return value if low == value else low
    if isinstance(value, tuple):
        return tuple(map(folded, value))
    return value


ID_LENGTH: Final = 40
"""Ids have far fewer digits; a client's text may have more than can be counted."""


def number(text: str) -> int:
    """An id as it sorts: by number, and what is no number before all that are."""
    if text.isdecimal() and len(text) <= ID_LENGTH:
        return int(text)
    return int.from_bytes(text.encode()[:8].ljust(8), "big") - 2**64


COLUMNS: Final[Mapping[str, Columns]] = {
    name: Columns(entity) for name, entity in ENTITIES.items()
}
