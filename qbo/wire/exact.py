"""JSON in which money stays exact, and the digests that bind it.

Amounts leave as JSON numbers with exactly their digits and come in as `Decimal`;
no float anywhere. The same value always gives the same bytes.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from json.encoder import encode_basestring_ascii
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

CENT = Decimal("0.01")


def dumps(value: Any) -> str:
    """JSON text in ASCII; a Decimal becomes a number with exactly its digits.

    Raises:
        TypeError: something JSON has no form for, or a float.
        ValueError: a Decimal that is not finite.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _write(value: Any, parts: list[str]) -> None:
    kind = type(value)
    if kind is str:
        parts.append(encode_basestring_ascii(value))
    elif kind is dict:
        mark = "{"
        for name, inner in value.items():
            parts.append(f"{mark}{encode_basestring_ascii(name)}:")
            _write(inner, parts)
            mark = ","
        parts.append("{}" if mark == "{" else "}")
    elif kind is list or kind is tuple:
        mark = "["
        for inner in value:
            parts.append(mark)
            _write(inner, parts)
            mark = ","
        parts.append("[]" if mark == "[" else "]")
    elif kind is Decimal:
        parts.append(_digits(value))
    elif value is None or kind is bool or kind is int:
        parts.append(json.dumps(value))
    else:
        raise TypeError(f"{kind.__name__} has no exact form in JSON")


def _digits(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("only finite numbers can be written")
    # "-0" would be read back as another text than "0".
    return f"{value:f}" if value else f"{abs(value):f}"


def loads(text: str | bytes) -> Any:
    """Read JSON; a number with a fraction or an exponent becomes a Decimal.

    Raises:
        ValueError: the text is not JSON (NaN and Infinity are not JSON either).
    """
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def number(value: object) -> Decimal:
    """A JSON number, or a number given as text, as a Decimal; absent is zero.

    Raises:
        decimal.InvalidOperation: a text that is no number.
    """
    if value is None or value == "":
        return Decimal(0)
    return value if isinstance(value, Decimal) else Decimal(str(value))


def cents(value: Decimal) -> Decimal:
    """Round to two places, a half away from zero, as QuickBooks does (its 6070)."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def canonical(value: Any) -> str:
    """One text for one meaning: 50, 50.0 and 50.00 agree, and so do key orders.

    An absent value, null and an empty text have the same meaning.
    """
    return dumps(_canonical(value))


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _canonical(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        # Not normalize(): that rounds to the context's precision.
        plain = f"{Decimal(value):f}"
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return Decimal(plain) or Decimal(0)
    return None if value == "" else value


def at(record: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of a record, None where there is none."""
    found: Any = record
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def request_id() -> str:
    """A new request id: 32 hex characters, never used twice."""
    return uuid.uuid4().hex


def step_digest(
    place: tuple[str, str],
    method: str,
    path: str,
    query: Sequence[tuple[str, str]],
    body: bytes,
) -> str:
    """The SHA-256 (hex) of one request; `place` is environment and realm.

    The parts are framed as JSON before the body, so that no two different
    requests run into the same text.
    """
    frame = dumps([*place, method, path, [list(pair) for pair in query]])
    return hashlib.sha256(frame.encode() + b"\n" + body).hexdigest()


def draft_digest(digests: Iterable[str]) -> str:
    """The SHA-256 (hex) that binds the digests of the steps, in their order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
