"""What every interpretation must be, whatever was said."""

import json
import re
from datetime import date
from typing import Any

from bot.understanding.interpretation import ACTIONS, KINDS, REASONS, Interpretation
from qbo.books import Name, Names

_MONEY = re.compile(r"\d+\.\d\d")
_QUANTITY = re.compile(r"\d+(\.\d*[1-9])?")
_LISTS = {
    "customer": "customers",
    "vendor": "vendors",
    "item": "items",
    "account": "accounts",
    "terms": "terms",
    "method": "methods",
    "deposit_to": "accounts",
    "pay_from": "accounts",
    "income_account": "accounts",
}
_DATES = {"date", "due_date", "as_of"}
_MONIES = {"amount", "rate", "price", "min_amount", "max_amount"}


def check(made: Interpretation, names: Names) -> None:
    """Fail unless it keeps the contract's form and names only what is in the books."""
    assert made.kind in KINDS
    assert Interpretation.from_json(json.loads(json.dumps(made.as_json()))) == made
    assert (made.question is not None) == (made.kind == "clarify")
    assert (made.reason is not None) == (made.kind == "refuse")
    if made.kind == "refuse":
        assert made.reason in REASONS
        assert made.action is None
        return
    if made.action is None:
        assert made.kind == "clarify"
        return
    shape = ACTIONS[made.action]
    if made.kind != "clarify":
        assert shape.kind == made.kind
        assert shape.missing(made.arguments) is None
    extra = {"company"} if shape.kind != "command" else set()
    assert set(made.arguments) <= set(shape.takes) | extra
    _walk(made.arguments, names)


def _walk(value: Any, names: Names) -> None:
    if isinstance(value, list):
        for each in value:
            _walk(each, names)
        return
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        _leaf(key, inner, names)
        _walk(inner, names)


def _leaf(key: str, value: Any, names: Names) -> None:
    if key in _LISTS:
        known: tuple[Name, ...] = getattr(names, _LISTS[key])
        assert value in {name.name for name in known}, (key, value)
    elif key == "company":
        assert value in names.companies
    elif key in _DATES or (key == "compare_to" and isinstance(value, str)):
        date.fromisoformat(value)
    elif key in {"period", "due", "compare_to"}:
        assert value, key
        assert set(value) <= {"start", "end"}
        days = [
            date.fromisoformat(value[end]) for end in ("start", "end") if end in value
        ]
        assert days == sorted(days)
    elif key in _MONIES:
        assert _MONEY.fullmatch(value), (key, value)
    elif key == "quantity":
        assert _QUANTITY.fullmatch(value), value
    elif key in {"limit", "min_days_overdue"}:
        assert type(value) is int
        assert value > 0
