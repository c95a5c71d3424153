"""Reading a statement of the query language.

There is no OR, no NOT and no parentheses outside IN. Keywords, entities and fields
are read in any case.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from qbo.simulator import faults
from qbo.simulator.books.columns import CREATED, ID, UPDATED
from qbo.simulator.books.table import Key
from qbo.simulator.entities import BY_PATH, ENTITIES, Entity
from qbo.simulator.fields import Field
from qbo.simulator.query.literals import typed

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1000

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<number>-?(?:\d+(?:\.\d+)?|\.\d+)(?![\w.-]))
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
_KINDS: Final = {"text": "STRING", "number": "NUMBER"}
_SIGNS: Final = ("=", "!=", "<>", "<", ">", "<=", ">=", "like", "in")


class Token(NamedTuple):
    """A piece of a statement and where it stands."""

    kind: str
    text: str
    at: int

    @property
    def shown(self) -> str:
        """The piece as faults show it."""
        if self.kind == "sign":
            return f'"{self.text}"'
        word = self.text.lower() in _KEYWORDS
        return f"<{self.text.upper() if word else _KINDS.get(self.kind, 'IDENTIFIER')}>"


class Condition(NamedTuple):
    """One comparison; `value` is a tuple for IN.

    `many`: the field stands in rows, and one of them has to fit.
    """

    path: str
    field: Field
    sign: str
    value: Any
    many: bool


@dataclass(frozen=True)
class Query:
    """A statement, read and checked; `paths` are the fields asked for, none for all."""

    entity: Entity
    count: bool
    paths: tuple[str, ...]
    conditions: tuple[Condition, ...]
    orders: tuple[Key, ...]
    start: int
    size: int


def read(statement: str, *, over_the_cap: str = "cap") -> Query:
    """Read a statement.

    Raises:
        Refused: 4000 when it cannot be read, 4001 when it asks for what is not there.
    """
    return _Parser(statement, over_the_cap).query()


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
        paths = [_path(entity, one)[0] for one in wanted if one not in {"*", "count"}]
        conditions = tuple(self._where(entity))
        orders = tuple(self._orders(entity))
        start, size = self._paging()
        if self._peek() == ";":
            self.place += 1
        if self.place < len(self.tokens):
            raise self._unexpected("<EOF>")
        return Query(
            entity,
            "count" in wanted,
            () if "*" in wanted else tuple(paths),
            conditions,
            orders,
            start,
            size,
        )

    # Tokens

    def _split(self) -> Iterator[Token]:
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
        return faults.refusal(
            "4000",
            f"Error parsing query. QueryParserError: Lexical error at"
            f' {self._where_is(place)}.  Encountered: "{text[place]}"'
            f" ({ord(text[place])})",
            None,
        )

    def _where_is(self, place: int) -> str:
        line = self.statement.count("\n", 0, place) + 1
        column = place - self.statement.rfind("\n", 0, place)
        return f"line {line}, column {column}"

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
        names = {"word": "IDENTIFIER", **_KINDS}
        raise self._unexpected(*(f"<{names[kind]}>" for kind in kinds))

    def _unexpected(self, *wanted: str) -> faults.Refused:
        if self.place < len(self.tokens):
            token = self.tokens[self.place]
            found, place = f'" {token.shown} "{token.text} ""', token.at
        else:
            found, place = '"<EOF>"', len(self.statement)
        options = "\n".join(f"    {one} ..." for one in wanted)
        return faults.refusal(
            "4000",
            f"QueryParserError: Encountered {found} at {self._where_is(place)}."
            f"\nWas expecting one of:\n{options}",
            None,
        )

    # Clauses

    def _projection(self) -> list[str]:
        if self._peek() == "count":
            self.place += 1
            for sign in "(*)":
                self._take(sign)
            return ["count"]
        wanted = []
        while True:
            if self._peek() == "*":
                self.place += 1
                wanted.append("*")
            else:
                wanted.append(self._name())
            if self._peek() != ",":
                return wanted
            self.place += 1

    def _entity(self) -> Entity:
        word = self._next("word").text
        entity = BY_PATH.get(word.lower()) or _BY_KEY.get(word.lower())
        if entity is None:
            raise invalid(f"Entity {word} not found")
        return entity

    def _name(self) -> str:
        """The name of a field; a keyword is none."""
        word = self._next("word").text
        if word.lower() in _KEYWORDS:
            self.place -= 1
            raise self._unexpected("<IDENTIFIER>")
        return word

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
        word = self._name()
        path, known = _path(entity, word)
        if not known.query:
            raise invalid(f"property '{word}' is not queryable")
        sign = self._take(*_SIGNS)
        sign = "!=" if sign == "<>" else sign
        if path == ID and sign not in {"=", "in", "!="}:
            raise invalid(f"Operator {sign} is not supported for property 'Id'")
        above = entity.fields.get(path.partition(".")[0])
        many = above is not None and above is not known and above.kind == "rows"
        if sign != "in":
            value = self._value(entity, known, word, sign)
            return Condition(path, known, sign, value, many)
        self._take("(")
        values = [self._value(entity, known, word, sign)]
        while self._take(",", ")") == ",":
            values.append(self._value(entity, known, word, sign))
        return Condition(path, known, sign, tuple(values), many)

    def _value(self, entity: Entity, known: Field, word: str, sign: str) -> Any:
        if self._peek() in {"true", "false"}:
            raw = self._next("word").text
        else:
            token = self._next("text", "number")
            raw = token.text
            if token.kind == "text":
                raw = re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL)
        if sign == "like":
            return raw.casefold()
        value = typed(entity, known, raw)
        if value is None:
            raise invalid(f"Invalid value '{raw}' for property '{word}'")
        return value

    def _orders(self, entity: Entity) -> Iterable[Key]:
        if self._peek() == "order":
            self.place += 1
            self._take("by")
        elif self._peek() == "orderby":
            self.place += 1
        else:
            return
        while True:
            word = self._name()
            path, known = _path(entity, word)
            if not known.sort:
                raise invalid(f"property '{word}' is not sortable")
            down = self._peek() in {"asc", "desc"} and self._take("asc", "desc")
            yield Key(path, down == "desc")
            if self._peek() != ",":
                return
            self.place += 1

    def _paging(self) -> tuple[int, int]:
        found = {"startposition": 1, "maxresults": PAGE_DEFAULT}
        while self._peek() in found:
            word = self._take(*found)
            found[word] = self._count()
        size = found["maxresults"]
        if size > PAGE_MAX and self.over_the_cap == "fault":
            raise invalid(f"value {size} is too large. Max allowed value is {PAGE_MAX}")
        return found["startposition"], min(size, PAGE_MAX)

    def _count(self) -> int:
        token = self._next("number", "text")
        digits = token.text.strip("'")
        if not _WHOLE.fullmatch(digits):
            self.place -= 1
            raise self._unexpected("<INTEGER>")
        if int(digits) < 1:
            raise invalid(f"value {digits} is too small. Min allowed value is 1")
        return int(digits)


_WHOLE: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_ID: Final = Field(ID, "id", query=True, sort=True)
_TIMES: Final[Mapping[str, tuple[str, Field]]] = {
    path.lower(): (path, Field(path, "moment", query=True, sort=True))
    for path in (CREATED, UPDATED)
}
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "ref": ("value", "name", "type"),
    "email": ("Address",),
}
"""What may stand behind the dot of a field that compares as a whole."""

_BY_KEY: Final = {one.key.lower(): one for one in ENTITIES.values()}


def _path(entity: Entity, word: str) -> tuple[str, Field]:
    """A field as the statement spells it: its proper path, and what it is.

    Raises:
        Refused: the entity has no such field.
    """
    low = word.lower()
    if low == "id":
        return ID, _ID
    if low in _TIMES:
        return _TIMES[low]
    proper: list[str] = []
    fields, known = entity.fields, None
    rest = low.split(".")
    while rest and (fields or known is None):
        name = next((name for name in fields if name.lower() == rest[0]), None)
        if name is None:
            break
        known, rest = fields[name], rest[1:]
        fields = {} if known.kind in _PARTS else known.fields
        proper.append(name)
    if known is not None and rest:
        known, rest = _part(known, rest, proper)
    if known is None or rest:
        raise invalid(f"Property {word} not found for Entity {entity.name}")
    return ".".join(proper), known


def _part(known: Field, rest: list[str], proper: list[str]) -> tuple[Field, list[str]]:
    """Read what stands behind a reference or an address."""
    for part in _PARTS.get(known.kind, ()):
        if [part.lower()] == rest:
            if part in {"value", "Address"}:
                return known, []
            proper.append(part)
            kind = "choice" if part == "type" and known.target == "" else "text"
            return Field(part, kind), []
    return known, rest
