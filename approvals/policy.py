"""Who may approve what, how many of them, and how long a proposal waits.

Read from one TOML file; without it any approver but the requester decides, alone,
within 72 hours. No file can loosen what `moves` enforces: a human approval, never
the requester's, one decision a person.

    [[rule]]
    action = "invoice.void"      # or a list; "payment.*" for a family; none: all
    minimum = 5000               # the total at least, in the company's currency
    quorum = 2
    hours = 24
    label = "two approvers, since it is a void over 5,000"

The first rule that matches wins; `[default]` (quorum, hours, label) stands last.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from approvals.proposal import Rule
from qbo.books import Draft

DEFAULT_RULE = Rule(1, 72, "any approver but the requester")
QUORUM_MAX = 20
HOURS_MAX = 24 * 90

_LINE = re.compile(r"\(at line (\d+)")
_ACTION = re.compile(r"^[a-z_]+(\.[a-z_*]+)?$|^\*$")


@dataclass(frozen=True, slots=True)
class Match:
    """One rule of the file, and the drafts that it is for.

    `actions` empty: every action. `minimum` None: any total. A draft whose total
    is not known counts as large: it falls under every minimum.
    """

    rule: Rule
    actions: tuple[str, ...] = ()
    minimum: Decimal | None = None

    def fits(self, draft: Draft) -> bool:
        """Whether this rule is for that draft."""
        if self.actions and not any(
            fnmatchcase(draft.action, action) for action in self.actions
        ):
            return False
        if self.minimum is None or draft.total is None:
            return True
        return draft.total.amount >= self.minimum


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules, in the order in which they are tried."""

    matches: tuple[Match, ...] = ()
    default: Rule = DEFAULT_RULE

    def rule(self, draft: Draft) -> Rule:
        """The rule for one draft."""
        for match in self.matches:
            if match.fits(draft):
                return match.rule
        return self.default


@dataclass(frozen=True, slots=True)
class Broken:
    """A policy file that cannot be followed: nothing is written while it stands.

    `line` is where it is wrong (0: the file as a whole).
    """

    line: int
    sentence: str


class _Wrong(Exception):
    """A mistake in the file, at a table (its number among its kind) and a key."""

    def __init__(self, sentence: str, table: str, nth: int, key: str) -> None:
        super().__init__(sentence)
        self.sentence, self.table, self.nth, self.key = sentence, table, nth, key


def load(path: Path | None) -> Policy | Broken:
    """The policy of a file; None: no file was named, and the default holds."""
    if path is None:
        return Policy()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return Broken(0, f"The policy file {path.name} cannot be read.")
    return parse(text)


def parse(text: str) -> Policy | Broken:
    """The policy that a TOML text says."""
    try:
        said = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as wrong:
        at = _LINE.search(str(wrong))
        line = int(at[1]) if at else text.count("\n") + 1
        return Broken(line, f"This is not TOML: {str(wrong).split(' (at ')[0]}.")
    try:
        return _policy(said)
    except _Wrong as wrong:
        return Broken(_line_of(text, wrong), wrong.sentence)


def _policy(said: Mapping[str, Any]) -> Policy:
    for key in said:
        if key not in {"rule", "default"}:
            raise _Wrong(f"There is no “{key}” in a policy.", key, 0, key)
    tables = said.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise _Wrong("Rules are written as [[rule]].", "rule", 0, "rule")
    default = said.get("default", {})
    if not isinstance(default, dict):
        raise _Wrong("The default is written as [default].", "default", 0, "default")
    return Policy(
        tuple(_match(table, nth) for nth, table in enumerate(tables)),
        _rule(default, "default", 0),
    )


def _match(table: Mapping[str, Any], nth: int) -> Match:
    actions = table.get("action", [])
    actions = [actions] if isinstance(actions, str) else actions
    if not isinstance(actions, list) or not all(
        isinstance(a, str) and _ACTION.match(a) for a in actions
    ):
        raise _Wrong(
            'An action is written like "invoice.void" or "payment.*".',
            "rule", nth, "action",
        )  # fmt: skip
    if "action" in table and not actions:
        raise _Wrong("This rule names no action.", "rule", nth, "action")
    minimum = table.get("minimum")
    if minimum is not None:
        if isinstance(minimum, bool) or not isinstance(minimum, int | Decimal):
            raise _Wrong(
                "A minimum is a plain number, such as 5000.", "rule", nth, "minimum"
            )
        minimum = Decimal(minimum)
        if not minimum.is_finite() or minimum < 0:
            raise _Wrong("A minimum is a number from 0 up.", "rule", nth, "minimum")
    return Match(_rule(table, "rule", nth), tuple(actions), minimum)


def _rule(table: Mapping[str, Any], kind: str, nth: int) -> Rule:
    known = {"quorum", "hours", "label"}
    known |= {"action", "minimum"} if kind == "rule" else set()
    for key in table:
        if key not in known:
            raise _Wrong(f"A rule has no “{key}”.", kind, nth, key)
    quorum = _count(table, "quorum", kind, nth, (DEFAULT_RULE.quorum, QUORUM_MAX))
    hours = _count(table, "hours", kind, nth, (DEFAULT_RULE.hours, HOURS_MAX))
    label = table.get("label", _label(quorum))
    if not isinstance(label, str) or not label.strip():
        raise _Wrong("A label is a text in quotes.", kind, nth, "label")
    return Rule(quorum, hours, label.strip())


def _count(
    table: Mapping[str, Any], key: str, kind: str, nth: int, bounds: tuple[int, int]
) -> int:
    default, most = bounds
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Wrong(f"“{key}” is a whole number.", kind, nth, key)
    if not 1 <= value <= most:
        raise _Wrong(f"“{key}” is from 1 to {most}.", kind, nth, key)
    return value


def _label(quorum: int) -> str:
    if quorum == 1:
        return DEFAULT_RULE.label
    return f"{quorum} approvers, none of them the requester"


def _line_of(text: str, wrong: _Wrong) -> int:
    """The line of a key in the nth table of a kind; the table's where it has none."""
    header = re.compile(rf"^\s*\[\[?\s*{re.escape(wrong.table)}\s*\]\]?")
    key = re.compile(rf"^\s*[\"']?{re.escape(wrong.key)}[\"']?\s*[=.\]]")
    seen, found = -1, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header.match(line):
            seen += 1
            if seen == wrong.nth:
                found = number
        elif line.lstrip().startswith("["):
            if seen == wrong.nth:
                break
        elif (seen == wrong.nth or wrong.table == wrong.key) and key.match(line):
            return number
    return found or 1
