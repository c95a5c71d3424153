"""The query language: SELECT, COUNT, WHERE, ORDERBY, STARTPOSITION, MAXRESULTS.

There is no OR, no NOT and no parentheses outside IN. Keywords, entities and fields
are read in any case. Texts compare without case; `%` is LIKE's only wildcard.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from qbo.simulator import faults
from qbo.simulator.clock import moment_of
from qbo.simulator.company import Company, Record
from qbo.simulator.draft import PSEUDO_CODES
from qbo.simulator.entities import BY_PATH, Entity
from qbo.simulator.fields import Field

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1000

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.-]))
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<sign><=|>=|!=|<>|[=<>(),*;])
    )""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS: Final = frozenset(
    {"select", "count", "from", "where", "and", "or", "not", "in", "like"}
    | {"order", "by", "orderby", "asc", "desc", "startposition", "maxresults"}
    | {"true", "false"}
)


class Token(NamedTuple):
    """A piece of a statement and where it stands."""

    kind: str
    text: str
    at: int


class Condition(NamedTuple):
    """One comparison; `value` is a tuple for IN."""

    path: str
    field: Field
    sign: str
    value: Any


class Order(NamedTuple):
    """One field to sort by."""

    path: str
    descending: bool


@dataclass(frozen=True)
class Query:
    """A statement, read and checked."""

    entity: Entity
    count: bool
    conditions: tuple[Condition, ...]
    orders: tuple[Order, ...]
    start: int
    size: int


class Page(NamedTuple):
    """What a query found: all that match, or the rows of one page."""

    entity: Entity
    total: int
    start: int
    rows: list[Record]
    count_only: bool


def run(company: Company, statement: str, *, over_the_cap: str = "cap") -> Page:
    """Answer a statement from a company's records.

    Raises:
        Refused: 4000 when it cannot be read, 4001 when it asks for what is not there.
    """
    query = _Parser(statement, over_the_cap).query()
    rows = _matching(company, query)
    if query.count:
        return Page(query.entity, len(rows), query.start, [], count_only=True)
    first = query.start - 1
    page = rows[first : first + query.size]
    if query.entity.name == "TaxCode":
        page = _with_pseudo_codes(rows, first, query.size)
    return Page(query.entity, len(rows), query.start, page, count_only=False)


def _with_pseudo_codes(rows: list[Record], first: int, size: int) -> list[Record]:
    """TAX, NON and CustomSalesTax come beside the first page, not as part of it."""
    pseudo = [one for one in rows if one.id in PSEUDO_CODES]
    pseudo.sort(key=lambda one: one.body["Name"], reverse=True)
    pseudo.sort(key=lambda one: one.body["TaxGroup"])
    real = [one for one in rows if one.id not in PSEUDO_CODES]
    return [*(pseudo if first == 0 else ()), *real[first : first + size]]


def _matching(company: Company, query: Query) -> list[Record]:
    for one in query.conditions:
        if one.path == "Id" and one.sign in {"=", "in"}:
            wanted = one.value if one.sign == "in" else (one.value,)
            found = (company.find(query.entity.name, str(number)) for number in wanted)
            rows = [record for record in found if record is not None]
            break
    else:
        rows = company.newest_first(query.entity)
    tests = [_test(one) for one in query.conditions]
    if query.entity.has_active and all(c.path != "Active" for c in query.conditions):
        tests.append(lambda record: bool(record.body.get("Active", True)))
    if tests:
        rows = [record for record in rows if all(test(record) for test in tests)]
    if query.orders:
        rows = list(rows)
        for order in reversed(query.orders):
            rows.sort(key=_sort_key(order.path), reverse=order.descending)
    return rows


def _sort_key(path: str) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        value = record.value(path)
        if path == "Id":
            number = str(value)
            value = (number.isdigit(), int(number) if number.isdigit() else 0, number)
        elif isinstance(value, str):
            value = value.casefold()
        return value is not None, value

    return key


_SIGNS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _test(condition: Condition) -> Callable[[Record], bool]:
    path, sign, wanted = condition.path, condition.sign, condition.value
    if sign == "like":
        pattern = _like(str(wanted))
        return lambda record: bool(pattern.fullmatch(_plain(record.value(path))))
    if sign == "in":
        options = frozenset(_folded(one) for one in wanted)
        return lambda record: _folded(record.value(path)) in options
    compare, folded = _SIGNS[sign], _folded(wanted)

    def test(record: Record) -> bool:
        value = record.value(path)
        if value is None:
            return sign == "!=" or (sign == "=" and folded == "")
        return compare(_folded(value), folded)

    return test


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _plain(value: Any) -> str:
    return "" if value is None else str(value).casefold()


def _like(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in pattern.casefold().split("%"))
    return re.compile(".*".join(parts), re.DOTALL)


def invalid(detail: str) -> faults.Refused:
    """4001 with QuickBooks' prefix."""
    return faults.refusal("4001", f"QueryValidationError: {detail}", None)


class _Parser:
    """Reads one statement from left to right."""

    def __init__(self, statement: str, over_the_cap: str) -> None:
        self.statement = statement
        self.over_the_cap = over_the_cap
        self.tokens = list(self._split())
        self.place = 0

    def query(self) -> Query:
        """Read the whole statement."""
        self._take("select")
        wanted = self._projection()
        self._take("from")
        entity = self._entity()
        for name in wanted - {"*", "count"}:
            self._path(entity, name)
        conditions = tuple(self._where(entity))
        orders = tuple(self._orders(entity))
        start, size = self._paging()
        if self._peek() == ";":
            self.place += 1
        if self.place < len(self.tokens):
            raise self._unexpected("<EOF>")
        return Query(entity, "count" in wanted, conditions, orders, start, size)

    def _split(self) -> Iterable[Token]:
        place, text = 0, self.statement.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found:
                raise self._lexical(text, place)
            kind = str(found.lastgroup)
            yield Token(kind, found[kind], found.start(kind))
            place = found.end()

    def _lexical(self, text: str, place: int) -> faults.Refused:
        place += len(text[place:]) - len(text[place:].lstrip())
        line = text.count("\n", 0, place) + 1
        column = place - (text.rfind("\n", 0, place) + 1) + 1
        return faults.refusal(
            "4000",
            f"Error parsing query. QueryParserError: Lexical error at line {line},"
            f' column {column}.  Encountered: "{text[place]}" ({ord(text[place])})',
            None,
        )

    def _peek(self) -> str:
        if self.place >= len(self.tokens):
            return ""
        token = self.tokens[self.place]
        return token.text if token.kind == "text" else token.text.lower()

    def _take(self, *words: str) -> str:
        word = self._peek()
        if word not in words:
            raise self._unexpected(*(f'"{one}"' for one in words))
        self.place += 1
        return word

    def _next(self, *kinds: str) -> Token:
        if self.place < len(self.tokens) and self.tokens[self.place].kind in kinds:
            self.place += 1
            return self.tokens[self.place - 1]
        raise self._unexpected(*(f"<{kind.upper()}>" for kind in kinds))

    def _unexpected(self, *wanted: str) -> faults.Refused:
        if self.place < len(self.tokens):
            token = self.tokens[self.place]
            known = token.text.lower() in _KEYWORDS
            kind = token.text.upper() if known else "IDENTIFIER"
            found, place = f'" <{kind}> "{token.text} ""', token.at
        else:
            found, place = '"<EOF>"', len(self.statement)
        line = self.statement.count("\n", 0, place) + 1
        column = place - (self.statement.rfind("\n", 0, place) + 1) + 1
        options = "\n".join(f"    {one} ..." for one in wanted)
        return faults.refusal(
            "4000",
            f"QueryParserError: Encountered {found} at line {line}, column {column}."
            f"\nWas expecting one of:\n{options}",
            None,
        )

    def _projection(self) -> set[str]:
        if self._peek() == "count":
            self.place += 1
            for sign in "(*)":
                self._take(sign)
            return {"count"}
        wanted = set()
        while True:
            if self._peek() == "*":
                self.place += 1
                wanted.add("*")
            else:
                wanted.add(self._next("word").text)
            if self._peek() != ",":
                return wanted
            self.place += 1

    def _entity(self) -> Entity:
        word = self._next("word").text
        entity = BY_PATH.get(word.lower())
        if entity is None:
            raise invalid(f"Entity {word} not found")
        return entity

    def _path(self, entity: Entity, word: str) -> tuple[str, Field]:
        """A field as the statement spells it: its proper path, and what it is.

        Raises:
            Refused: the entity has no such field.
        """
        low = word.lower()
        if low == "id":
            return "Id", _ID
        if low in _TIMES:
            return _TIMES[low]
        head, _, rest = low.partition(".")
        for name, known in entity.fields.items():
            if name.lower() == head and (
                not rest
                or (rest == "value" and known.kind == "ref")
                or rest in {part.lower() for part in known.fields}
            ):
                return self._inner(name, known, rest)
        raise invalid(f"Property {word} not found for Entity {entity.name}")

    @staticmethod
    def _inner(name: str, known: Field, rest: str) -> tuple[str, Field]:
        if not rest or known.kind in {"ref", "email"}:
            return name, known
        part = next(p for p in known.fields if p.lower() == rest)
        return f"{name}.{part}", known.fields[part]

    def _where(self, entity: Entity) -> Iterable[Condition]:
        if self._peek() != "where":
            return
        self.place += 1
        while True:
            yield self._condition(entity)
            if self._peek() != "and":
                return
            self.place += 1

    def _condition(self, entity: Entity) -> Condition:
        word = self._next("word").text
        if word.lower() in _KEYWORDS:
            self.place -= 1
            raise self._unexpected("<IDENTIFIER>")
        path, known = self._path(entity, word)
        if not known.query:
            raise invalid(f"property '{word}' is not queryable")
        sign = self._take("=", "!=", "<>", "<", ">", "<=", ">=", "like", "in")
        sign = "!=" if sign == "<>" else sign
        if path == "Id" and sign not in {"=", "in", "!="}:
            raise invalid(f"Operator {sign} is not supported for property 'Id'")
        if sign != "in":
            return Condition(path, known, sign, self._value(entity, known, word, sign))
        self._take("(")
        values = [self._value(entity, known, word, sign)]
        while self._take(",", ")") == ",":
            values.append(self._value(entity, known, word, sign))
        return Condition(path, known, sign, tuple(values))

    def _value(self, entity: Entity, known: Field, word: str, sign: str) -> Any:
        if self._peek() in {"true", "false"}:
            raw = self._next("word").text
        else:
            token = self._next("text", "number")
            raw = token.text
            if token.kind == "text":
                raw = re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL)
        if sign == "like":
            return raw
        value = _typed(entity, known, raw)
        if value is None:
            raise invalid(f"Invalid value '{raw}' for property '{word}'")
        return value

    def _orders(self, entity: Entity) -> Iterable[Order]:
        if self._peek() == "order":
            self.place += 1
            self._take("by")
        elif self._peek() == "orderby":
            self.place += 1
        else:
            return
        while True:
            word = self._next("word").text
            path, known = self._path(entity, word)
            if not known.sort:
                raise invalid(f"property '{word}' is not sortable")
            down = self._peek() in {"asc", "desc"} and self._take("asc", "desc")
            yield Order(path, down == "desc")
            if self._peek() != ",":
                return
            self.place += 1

    def _paging(self) -> tuple[int, int]:
        found = {"startposition": 1, "maxresults": PAGE_DEFAULT}
        while self._peek() in found:
            word = self._take(*found)
            token = self._next("number", "text")
            digits = token.text.strip("'")
            if not digits.isdigit():
                self.place -= 1
                raise self._unexpected("<INTEGER>")
            if int(digits) < 1:
                raise invalid(f"value {digits} is too small. Min allowed value is 1")
            found[word] = int(digits)
        size = found["maxresults"]
        if size > PAGE_MAX and self.over_the_cap == "fault":
            raise invalid(f"value {size} is too large. Max allowed value is {PAGE_MAX}")
        return found["startposition"], min(size, PAGE_MAX)


_ID: Final = Field("Id", "id", query=True, sort=True)
_TIMES: Final[Mapping[str, tuple[str, Field]]] = {
    f"metadata.{name.lower()}": (
        f"MetaData.{name}",
        Field(name, "moment", query=True, sort=True),
    )
    for name in ("CreateTime", "LastUpdatedTime")
}


def _typed(entity: Entity, known: Field, raw: str) -> Any:
    """A literal in its field's own type, or None when it does not fit."""
    if known.kind in {"number", "money"}:
        return _decimal(raw)
    if known.kind == "flag":
        return {"true": True, "false": False}.get(raw.lower())
    if known.kind == "id":
        plain = entity.name == "TaxCode" or raw.isdigit()
        return raw if plain else None
    if known.kind == "moment":
        return _moment(raw)
    if known.kind == "day":
        return _day(raw)
    return raw


def _decimal(raw: str) -> Decimal | None:
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _moment(raw: str) -> datetime | None:
    try:
        return moment_of(raw)
    except ValueError:
        return None


def _day(raw: str) -> str | None:
    try:
        return date.fromisoformat(raw[:10]).isoformat()
    except ValueError:
        return None
