"""Faults on order, and the journal of what arrived."""

import itertools
import re
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from qbo.simulator import faults
from qbo.simulator.entities import BY_PATH, ENTITIES
from qbo.simulator.exact import Json
from qbo.simulator.reports import NAMES as REPORTS

JOURNAL_MAX: Final = 20_000
DELAY_MAX: Final = 600
STATUSES: Final = range(200, 600)
OPERATIONS: Final = frozenset(
    {
        *("create", "update", "delete", "void", "read", "query", "cdc", "report"),
        *("send", "pdf", "batch", "upload", "download"),
        *("discovery", "authorize", "exchange", "refresh", "revoke", "userinfo"),
        *("jwks", "token"),
    }
)
"""What a request can be about."""
_MATCHED: Final = frozenset(
    {*(name.lower() for name in ENTITIES), *(name.lower() for name in REPORTS)}
)
_EFFECTS: Final = (
    *("status", "code", "body", "drop"),
    *("delay_before_seconds", "delay_after_seconds"),
)
_HEADER: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_FROM: Final = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)
_SECRET: Final = frozenset(
    {
        *("code", "token", "refresh_token", "access_token", "id_token"),
        *("client_secret", "assertion", "password", "signature"),
    }
)


@dataclass(frozen=True)
class Arrival:
    """A request, or an item of a batch, as faults are matched against it."""

    method: str
    path: str
    entity: str = ""
    operation: str = ""
    is_item: bool = False


@dataclass
class Order:
    """A fault on order: which requests it meets, and what happens to them."""

    id: int
    match: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    code: str | None = None
    detail: str | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    when: str = "before"
    delay_before_seconds: float = 0
    delay_after_seconds: float = 0
    drop: str | None = None
    times: int | None = 1
    hits: int = 0

    def meets(self, arrival: Arrival) -> bool:
        """Whether this order is for that request.

        Items of a batch can be given another answer; only whole requests are cut.
        """
        wanted = self.match
        if arrival.is_item and (self.drop or not self.answers):
            return False
        return (
            wanted.get("method", arrival.method).upper() == arrival.method
            and _same(wanted.get("entity"), arrival.entity)
            and _same(wanted.get("operation"), arrival.operation)
            and _on_path(wanted.get("path"), arrival.path)
        )

    @property
    def refusal(self) -> faults.Refused:
        """The fault it orders, in QuickBooks' own shape."""
        return faults.ordered(self.status or 400, self.code, self.detail)

    @property
    def spent(self) -> bool:
        """Whether it has happened as often as was asked."""
        return self.times is not None and self.hits >= self.times

    @property
    def answers(self) -> bool:
        """Whether it puts an answer of its own in place of the real one."""
        return self.status is not None or self.body is not None or self.code is not None

    def as_json(self) -> Json:
        """The order as the switchboard shows it."""
        return asdict(self)


class Orders:
    """All faults on order, oldest first."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._orders: list[Order] = []

    def add(self, wish: Json) -> Order:
        """Take an order.

        Raises:
            ValueError: a member is unknown or has no sense.
        """
        allowed = set(Order.__dataclass_fields__) - {"id", "hits"}
        if unknown := set(wish) - allowed:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        match = wish.get("match", {})
        known = {"method", "path", "entity", "operation"}
        if not isinstance(match, dict) or set(match) - known:
            raise ValueError("match has method, path, entity, operation")
        if wish.get("drop") not in {None, "before", "after"}:
            raise ValueError('drop is "before", "after" or null')
        if wish.get("when", "before") not in {"before", "after"}:
            raise ValueError('when is "before" or "after"')
        _check_match(match)
        _check_numbers(wish)
        _check_texts(wish)
        if not set(wish) & set(_EFFECTS):
            raise ValueError(f"nothing would happen; say {' or '.join(_EFFECTS)}")
        try:
            re.compile(str(match.get("path", "")))
        except re.error as wrong:
            raise ValueError(f"path is no pattern: {wrong}") from None
        plain = {**wish, "match": {key: str(value) for key, value in match.items()}}
        if plain.get("code") is not None:
            plain["code"] = str(plain["code"])
        order = Order(next(self._numbers), **plain)
        self._orders.append(order)
        return order

    def take(self, arrival: Arrival) -> Order | None:
        """The first order for this request; it counts as happened."""
        for order in self._orders:
            if not order.spent and order.meets(arrival):
                order.hits += 1
                return order
        return None

    def clear(self) -> None:
        """Cancel all orders."""
        self._orders.clear()

    def listed(self) -> list[Json]:
        """All orders, spent ones too."""
        return [order.as_json() for order in self._orders]


class Journal:
    """The requests that arrived, without tokens, the newest last."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lines: deque[Json] = deque(maxlen=JOURNAL_MAX)

    def open(self, line: Json) -> Json:
        """Add a line when a request arrives; what becomes of it is filled in later.

        Secrets in the query are blotted out.
        """
        query = {
            key: "..." if key.lower() in _SECRET else value
            for key, value in line.get("query", {}).items()
        }
        kept = {"number": next(self._numbers), **line, "query": query}
        self._lines.append(kept)
        return kept

    def lines(self, after: int = 0) -> list[Json]:
        """The lines after a number."""
        return [line for line in self._lines if line["number"] > after]

    def clear(self) -> None:
        """Forget what arrived."""
        self._lines.clear()


def entity_in(statement: str) -> str:
    """The entity that a statement of the query language asks for, or nothing."""
    about = _FROM.search(statement)
    entity = BY_PATH.get(about[1].lower()) if about else None
    return entity.name if entity else ""


def _check_match(match: Json) -> None:
    """A word that no request has would never be met, and nobody would know."""
    operation, entity = match.get("operation"), match.get("entity")
    if operation is not None and str(operation).lower() not in OPERATIONS:
        raise ValueError(f"operation is one of: {', '.join(sorted(OPERATIONS))}")
    if entity is not None and str(entity).lower() not in _MATCHED:
        raise ValueError(f"there is no entity or report {entity!r}")


def _check_numbers(wish: Json) -> None:
    for name in ("delay_before_seconds", "delay_after_seconds"):
        if name in wish:
            wish[name] = _seconds(wish[name])
            if not 0 <= wish[name] <= DELAY_MAX:
                raise ValueError(f"{name} is between 0 and {DELAY_MAX}")
    for name in ("status", "times"):
        if wish.get(name) is not None and type(wish[name]) is not int:
            raise ValueError(f"{name} is a whole number")
    if wish.get("times") is not None and wish["times"] < 1:
        raise ValueError("times is 1 or more, or null for ever")
    if wish.get("status") is not None and wish["status"] not in STATUSES:
        raise ValueError(f"status is from {STATUSES[0]} to {STATUSES[-1]}")


def _check_texts(wish: Json) -> None:
    """What goes into an answer has to be fit for one."""
    if wish.get("detail") is not None and type(wish["detail"]) is not str:
        raise ValueError("detail is a text")
    headers = wish.get("headers", {})
    if type(headers) is not dict:
        raise ValueError("headers is an object")
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or not _is_printable(value):
            raise ValueError(f"{name} is no header with a text in it")


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return DELAY_MAX + 1


def _is_printable(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _same(wanted: str | None, found: str) -> bool:
    return wanted is None or wanted.lower() == found.lower()


def _on_path(wanted: str | None, path: str) -> bool:
    if wanted is None:
        return True
    return path.startswith(wanted) or re.search(wanted, path) is not None
