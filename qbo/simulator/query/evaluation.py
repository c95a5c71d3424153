"""Answering a statement of the query language from a company's tables.

Texts compare without case; `%` is LIKE's only wildcard. Nothing here reads a body:
all that can be asked for stands in the records' keys.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import compress, islice, tee
from typing import Any, Final, NamedTuple

from qbo.simulator.books.columns import COLUMNS, ID, UPDATED, Keys, number
from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.table import Key, Ordered, Spec, Table
from qbo.simulator.entities import Entity
from qbo.simulator.exact import Json
from qbo.simulator.query.statement import Condition, Query, read
from qbo.simulator.rules import exchange
from qbo.simulator.rules.draft import PSEUDO_CODES
from qbo.simulator.switches import Switches

Test = tuple[Callable[[Keys], Any], Callable[[Any], bool]]
"""What to take from the keys, and what it has to be."""
_KEYS: Final = operator.attrgetter("keys")
_FEW: Final = 16
"""An index is taken when it leaves less than one record in so many."""


class Page(NamedTuple):
    """What a query found: how many match, or the rows of one page.

    `paths` are the fields to show, where the projection is to be honoured.
    """

    entity: Entity
    total: int
    start: int
    rows: list[Record]
    count_only: bool
    paths: tuple[str, ...] = ()


def run(company: Company, statement: str, rules: Switches) -> Page:
    """Answer a statement from a company's records.

    Raises:
        Refused: 4000 when it cannot be read, 4001 when it asks for what is not there.
    """
    query = read(statement, over_the_cap=rules.over_the_cap)
    entity = query.entity
    spec = query.orders or usual_order(entity, rules.default_order)
    found = _Found(_table_of(company, query), query, spec)
    if query.count:
        return Page(entity, found.count(), query.start, [], count_only=True)
    first = query.start - 1
    if entity.name == "TaxCode":
        rows = _with_pseudo_codes(list(found.page(0, len(found.table))), query)
    else:
        rows = list(found.page(first, query.size))
    paths = query.paths if rules.projection == "honoured" else ()
    return Page(entity, len(rows), query.start, rows, count_only=False, paths=paths)


def _table_of(company: Company, query: Query) -> Table:
    """The table a query looks through; of rates of exchange, those of one day."""
    name = query.entity.name
    days = [one for one in query.conditions if one.path == "AsOfDate"]
    if name != "ExchangeRate" or any(one.sign != "=" for one in days):
        return company.tables[name]
    return exchange.table_of(company, str(days[0].value) if days else "")


def warm(company: Company, rules: Switches) -> None:
    """Sort as most queries ask for it, so that the first one need not wait."""
    for table in company.tables.values():
        table.order(usual_order(table.entity, rules.default_order))
        table.order((Key(UPDATED),))


def usual_order(entity: Entity, switch: str) -> Spec:
    """The order of a query without ORDERBY.

    Observed: transactions come newest first, lists by name. Intuit promises neither,
    so a switch makes it the order of ids.
    """
    if switch == "observed":
        if entity.transaction and "TxnDate" in entity.fields:
            return (Key("TxnDate", descending=True),)
        for name in ("FullyQualifiedName", entity.name_field):
            if name in COLUMNS[entity.name].places:
                return (Key(name),)
    return (Key(ID),)


def projected(record: Record, paths: Iterable[str]) -> Json:
    """The fields of a record that a statement names, as a partial object."""
    whole, part = record.json(), {"domain": "QBO", "sparse": True}
    for path in paths:
        _copy(whole, part, path)
    return part


def _copy(whole: Json, part: Json, path: str) -> None:
    name, _, rest = path.partition(".")
    if name not in whole:
        return
    if rest and isinstance(whole[name], dict):
        _copy(whole[name], part.setdefault(name, {}), rest)
    else:
        part[name] = whole[name]


def _with_pseudo_codes(rows: list[Record], query: Query) -> list[Record]:
    """TAX, NON and CustomSalesTax come beside the first page, not as part of it."""
    first = query.start - 1
    pseudo = [one for one in rows if one.id in PSEUDO_CODES]
    pseudo.sort(key=lambda one: one.body["Name"], reverse=True)
    pseudo.sort(key=lambda one: one.body["TaxGroup"])
    real = [one for one in rows if one.id not in PSEUDO_CODES]
    return [*(pseudo if first == 0 else ()), *real[first : first + query.size]]


class _Found:
    """The records a query speaks of, found as far as they are asked for."""

    def __init__(self, table: Table, query: Query, spec: Spec) -> None:
        self.table = table
        self.counts = query.count
        self._conditions = list(query.conditions)
        self._tests: list[Test] = []
        if query.entity.has_active and all(
            one.path != "Active" for one in query.conditions
        ):
            place = COLUMNS[query.entity.name].places["Active"]
            active = operator.itemgetter(place)
            self._tests.append((active, lambda key: key is not False))
        rows = self._by_id(spec)
        rows = self._by_index(spec) if rows is None else rows
        self._rows = self._narrowed(spec) if rows is None else rows
        self._tests += _tests(query.entity, self._conditions)

    def page(self, skip: int, size: int) -> Iterator[Record]:
        """Some of them."""
        if not self._tests:
            return self._rows.page(skip, size)
        return islice(self._matching(), skip, skip + size)

    def count(self) -> int:
        """How many they are."""
        return sum(1 for _ in self._matching()) if self._tests else len(self._rows)

    def _matching(self) -> Iterator[Record]:
        rows = iter(self._rows)
        for part, fits in self._tests:
            rows, again = tee(rows)
            rows = compress(rows, map(fits, map(part, map(_KEYS, again))))
        return rows

    def _by_id(self, spec: Spec) -> Ordered | None:
        """Those that an id or a list of ids names."""
        for one in self._conditions:
            if one.path == ID and one.sign in {"=", "in"}:
                wanted = one.value if one.sign == "in" else (one.value,)
                rows = {self.table.get(number): None for number in wanted}
                self._conditions.remove(one)
                return self.table.arranged(filter(None, rows), spec)
        return None

    def _by_index(self, spec: Spec) -> Ordered | None:
        """Those that the narrowest of the conditions leaves, where these are few.

        To count them they need not be few, nor sorted.
        """
        found = [
            (self.table.order((Key(one.path),)).between(one.sign, one.value), one)
            for one in self._conditions
            if one.sign in _BOUNDS and one.field.kind in _INDEXED and _simple(one)
        ]
        if not found:
            return None
        rows, narrowest = min(found, key=lambda one: len(one[0]))
        if not self.counts and len(rows) * _FEW >= len(self.table):
            return None
        self._conditions.remove(narrowest)
        return rows if self.counts else self.table.arranged(rows, spec)

    def _narrowed(self, spec: Spec) -> Ordered:
        """All, in order, within the bounds set to what they are ordered by."""
        rows = self.table.order(spec)
        for one in list(self._conditions):
            if one.path == spec[0].path and one.sign in _BOUNDS and _simple(one):
                rows = rows.between(one.sign, one.value)
                self._conditions.remove(one)
        return rows


_INDEXED: Final = frozenset(
    {"text", "email", "ref", "day", "money", "number", "moment"}
)
_BOUNDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _simple(condition: Condition) -> bool:
    """Whether a comparison is with one thing that is there."""
    return condition.value != "" and not condition.many


def _tests(entity: Entity, conditions: Iterable[Condition]) -> Iterator[Test]:
    """What a record has to pass; what is asked of rows, one row has to pass whole."""
    places = COLUMNS[entity.name].places
    of_rows: dict[str, list[Condition]] = {}
    for one in conditions:
        if one.many:
            of_rows.setdefault(one.path.partition(".")[0], []).append(one)
        else:
            yield operator.itemgetter(places[one.path]), _fits(one)
    for together in of_rows.values():
        # Doubled, since a getter of a single place gives no tuple.
        columns = [places[one.path] for one in together for _ in range(2)]
        yield operator.itemgetter(*columns), _fits_rows(together)


def _fits_rows(conditions: Iterable[Condition]) -> Callable[[Any], bool]:
    parts = [_fits(one) for one in conditions]

    def fits(columns: tuple[Any, ...]) -> bool:
        return any(
            all(part(key) for part, key in zip(parts, row, strict=True))
            for row in zip(*(column or () for column in columns[::2]), strict=True)
        )

    return fits


def _fits(condition: Condition) -> Callable[[Any], bool]:
    """What one key has to be."""
    sign, wanted = condition.sign, condition.value
    if sign == "like":
        return _like(wanted)
    if condition.field.kind == "id":
        wanted = {number(one) for one in wanted} if sign == "in" else number(wanted)
    if sign == "in":
        options = frozenset(wanted) | ({None} if "" in wanted else frozenset())
        return lambda key: key in options
    if wanted == "" and sign in {"=", "!="}:
        return lambda key: (not key) == (sign == "=")
    if sign == "!=":
        return lambda key: bool(key != wanted)
    compare = _BOUNDS[sign]
    return lambda key: key is not None and compare(key, wanted)


def _like(pattern: str) -> Callable[[Any], bool]:
    """What LIKE finds; the commonest patterns need no regular expression."""
    if "%" not in pattern:
        return lambda key: _plain(key) == pattern
    first, *inner, last = pattern.split("%")
    if not inner and not last:
        return lambda key: _plain(key).startswith(first)
    if not inner and not first:
        return lambda key: _plain(key).endswith(last)
    if len(inner) == 1 and not first and not last:
        return lambda key: inner[0] in _plain(key)
    parts = (re.escape(part) for part in (first, *inner, last))
    matches = re.compile(".*".join(parts), re.DOTALL).fullmatch
    return lambda key: matches(_plain(key)) is not None


def _plain(key: Any) -> str:
    if isinstance(key, str):
        return key
    return "" if key is None else str(key).casefold()
