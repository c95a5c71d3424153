"""JSON and money without a float anywhere: what came in goes out digit for digit."""

import json
import re
import secrets
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

Json = dict[str, Any]

ZERO = Decimal(0)
CENT = Decimal("0.01")
ADJUSTED_MAX = 400
"""A number has at most so many digits before or noughts after the point."""
DEPTH_MAX = 50
"""Objects and lists within each other; what QuickBooks knows has no more than ten."""
_TOO_DEEP = "nested too deeply"

# A Decimal leaves the encoder as a marked string and loses its quotation marks
# afterwards. The mark is random, so no text from outside can imitate it.
_MARK = f"@{secrets.token_hex(12)}:"
_BOOKS = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


def loads(text: str | bytes) -> Any:
    """Read JSON; numbers with a fraction become Decimal.

    Raises:
        ValueError: the text is not JSON (NaN and Infinity are not JSON either).
    """
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def received(raw: bytes) -> Any:
    """Read JSON that somebody sent.

    Raises:
        ValueError: it is not JSON, too deep, no text (half a surrogate pair), or has a
            number whose digits would fill the memory.
    """
    try:
        given = json.loads(raw, parse_float=_sane, parse_constant=_no_constant)
        if b"\\ud" in raw.lower():
            dumps(given).encode()
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    _check_depth(given)
    return given


def thawed(text: str) -> Json:
    """Read an object as the books hold it: every number a Decimal."""
    made: Json = _BOOKS.decode(text)
    return made


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Write JSON; a Decimal becomes a number with exactly its digits."""
    text = json.dumps(
        value,
        default=_marked,
        ensure_ascii=False,
        separators=(",", ":") if indent is None else None,
        indent=indent,
    )
    return _MARKED.sub(r"\1", text)


def cents(value: Decimal) -> Decimal:
    """Round to two places, a half away from zero, as QuickBooks does."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def amount_text(value: Decimal) -> str:
    """An amount as reports print it: two places, no thousands separator."""
    rounded = cents(value)
    return f"{rounded or ZERO:.2f}"


def grouped(value: Decimal) -> str:
    """An amount as fault texts print it: 1,861.07."""
    return f"{value:,f}"


def is_sane(value: Decimal) -> bool:
    """Whether a number can be written out: 1e999999999 has a gigabyte of digits."""
    return not value or abs(value.adjusted()) <= ADJUSTED_MAX


def _check_depth(given: Any) -> None:
    level = [given]
    for _ in range(DEPTH_MAX):
        level = [
            part
            for one in level
            if isinstance(one, dict | list)
            for part in (one.values() if isinstance(one, dict) else one)
        ]
    if any(isinstance(one, dict | list) for one in level):
        raise ValueError(_TOO_DEEP)


def _sane(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("Infinity")
    if not (value.is_finite() and is_sane(value)):
        raise ValueError("a number out of all bounds")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _marked(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{value:f}" if value else f"{_MARK}0"
    raise TypeError(f"{type(value).__name__} has no JSON form")
