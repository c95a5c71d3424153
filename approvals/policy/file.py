"""Reading a policy file, and every mistake in it with its line.

docs/policy.md is its page for people, docs/policy.example.toml an example.
"""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal, DecimalException
from pathlib import Path

from approvals.policy.checks import mistakes_between
from approvals.policy.choosing import DEFAULT_RULE, Policy
from approvals.policy.lines import Lines
from approvals.policy.matching import Match
from approvals.policy.stages import label_of, stages_of
from approvals.policy.table import HOURS_MAX, Table
from approvals.policy.values import Broken, Mistake
from approvals.proposal import Rule

_EMPTY = (
    "The policy file says nothing. Write at least one rule into it, or take"
    " COUNTERSIGN_POLICY away for the built-in one."
)
_LINE = re.compile(r"\(at line (\d+)")
_RULE_MAX = 500
_PERCENT = 100

_LISTS = {
    "customers": "customer",
    "vendors": "vendor",
    "accounts": "account",
    "items": "item",
    "classes": "tracking_class",
    "requesters": "requester",
    "companies": "company",
}
CONDITIONS = (
    *("operation", "action", "total_from", "minimum", "total_below"),
    *_LISTS.values(),
)
ASKS = (
    *("label", "approvers", "quorum", "step", "hours"),
    *("remind_after_hours", "escalate_after_hours", "escalate_to", "working_hours"),
    *("undo_hours", "closed_period", "extra_approver_below"),
)


def load(path: Path | None) -> Policy | Broken:
    """The policy of a file; None: no file was named, and the default holds."""
    if path is None:
        return Policy()
    try:
        content = path.read_bytes()
    except OSError as wrong:
        why = (wrong.strerror or "it is not there").lower()
        return Broken(0, f"The policy file {path.name} cannot be read ({why}).")
    digest = hashlib.sha256(content).hexdigest()
    try:
        # Notepad begins a file with a mark that is no part of the text.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        sentence = f"The policy file {path.name} cannot be read: it is not UTF-8 text."
        return Broken(line, sentence, digest=digest)
    if not text.strip():
        # More likely cut off on its way to the disk than meant.
        return Broken(1, _EMPTY, digest=digest)
    return parse(text, digest=digest)


def parse(text: str, *, digest: str | None = None) -> Policy | Broken:
    """The policy that a TOML text says; `digest` is that of the file's bytes."""
    if digest is None:
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    try:
        said = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, DecimalException, RecursionError) as wrong:
        at = _LINE.search(str(wrong))
        line = int(at[1]) if at else text.count("\n") + 1
        why = str(wrong).split(" (at ")[0] if at else _why(wrong)
        return Broken(line, f"This is not TOML: {why}.", digest=digest, text=text)
    mistakes: list[Mistake] = []
    policy = _policy(Table(said, (), Lines(text.replace("\r\n", "\n")), mistakes))
    if mistakes:
        # Those of one line in the order in which they were found, every time.
        found = sorted(dict.fromkeys(mistakes), key=lambda each: each.line)
        first, *others = found
        return Broken(first.line, first.sentence, tuple(others), digest, text)
    return Policy(
        policy.matches,
        policy.default,
        digest,
        policy.ask_again_below,
        policy.readonly,
        policy.readonly_line,
        text,
    )


def _why(wrong: Exception) -> str:
    if isinstance(wrong, tomllib.TOMLDecodeError):
        return str(wrong).split(" (at ")[0]
    return "a number or a nesting in it is beyond all bounds"


def _policy(top: Table) -> Policy:
    top.knows(("rule", "default", "confidence", "readonly", "working_hours"), "policy")
    shared = top.hours_text("working_hours")
    confidence = top.table("confidence")
    confidence.knows(("ask_again_below", "extra_approver_below"), "confidence")
    again = confidence.count("ask_again_below", None, (1, _PERCENT))
    extra = confidence.count("extra_approver_below", None, (1, _PERCENT))
    if again is not None and extra is not None and extra <= again:
        confidence.wrong(
            "extra_approver_below",
            f"Below {again} it is asked again, so one more approver below {extra} would"
            " never be asked for.",
        )
    readonly = top.table("readonly")
    readonly.knows(("companies",), "readonly")
    companies = readonly.names("companies")
    for each in companies:
        if "*" in each or "?" in each:
            readonly.wrong(
                "companies",
                f"“{each}” is no company: write its whole name or its realm id, or"
                ' "all".',
                each,
            )
    matches = tuple(
        _match(table, nth, shared, extra)
        for nth, table in enumerate(top.tables("rule", _RULE_MAX), start=1)
    )
    default = top.table("default")
    default.knows(ASKS, "default")
    last = _rule(default, "", shared, extra)
    whole = [m for m in matches if not _has_mistake(m, matches, top.mistakes)]
    top.mistakes.extend(mistakes_between(matches, whole))
    return Policy(
        matches,
        last,
        ask_again_below=again,
        readonly=companies,
        readonly_line=readonly.line("companies") if companies else 0,
    )


def _has_mistake(
    match: Match, matches: Sequence[Match], mistakes: Sequence[Mistake]
) -> bool:
    """Whether something is wrong in that rule itself, so that it is not yet one."""
    starts = sorted(each.rule.line for each in matches)
    after = [line for line in starts if line > match.rule.line]
    end = after[0] if after else None
    return any(
        match.rule.line <= each.line and (end is None or each.line < end)
        for each in mistakes
    )


def _match(table: Table, nth: int, shared: str | None, extra: int | None) -> Match:
    table.knows(("name", *CONDITIONS, *ASKS), "rule")
    name = table.text("name") or f"Rule {nth}"
    for one, other in (("operation", "action"), ("total_from", "minimum")):
        if table.has(one) and table.has(other):
            table.wrong(other, f"“{other}” is the older word for “{one}”: use one.")
    operation = "operation" if table.has("operation") else "action"
    least = "total_from" if table.has("total_from") else "minimum"
    minimum, below = table.amount(least), table.amount("total_below")
    if below is not None and below <= (minimum or 0):
        table.wrong(
            "total_below",
            f"No total is at least {minimum or 0} and below {below}, so this rule can"
            " never match.",
        )
    return Match(
        _rule(table, name, shared, extra),
        table.operations(operation),
        minimum,
        below,
        **{field: table.names(key) for field, key in _LISTS.items()},
    )


def _rule(table: Table, name: str, shared: str | None, extra: int | None) -> Rule:
    stages = stages_of(table)
    hours = table.count("hours", DEFAULT_RULE.hours, (1, HOURS_MAX))
    remind = table.count("remind_after_hours", None, (1, HOURS_MAX))
    escalate = table.count("escalate_after_hours", None, (1, HOURS_MAX))
    _check_times(table, hours, remind, escalate)
    told = table.people_or_roles("escalate_to")
    if told and escalate is None:
        table.wrong(
            "escalate_to", "“escalate_to” needs “escalate_after_hours”: after how long?"
        )
    undo = table.count("undo_hours", DEFAULT_RULE.undo_hours, (0, HOURS_MAX))
    label = table.text("label") or label_of(stages)
    return Rule(
        quorum=sum(stage.quorum for stage in stages),
        hours=hours or DEFAULT_RULE.hours,
        label=label,
        stages=stages,
        remind_hours=remind,
        escalate_hours=escalate,
        escalate_to=(told or ("admin",)) if escalate else (),
        working_hours=table.hours_text("working_hours") or shared,
        undo_hours=undo or None,
        confidence=table.count("extra_approver_below", extra, (0, _PERCENT)) or None,
        allow_closed=table.choice("closed_period", ("block", "allow")) == "allow",
        name=name,
        line=table.line(None) if table.is_there else 0,
    )


def _check_times(
    table: Table, hours: int | None, remind: int | None, escalate: int | None
) -> None:
    ends = hours or DEFAULT_RULE.hours
    if remind is not None and remind >= ends:
        table.wrong(
            "remind_after_hours",
            f"A reminder after {remind} hours never comes: the proposal expires after"
            f" {ends}.",
        )
    if escalate is not None and escalate >= ends:
        table.wrong(
            "escalate_after_hours",
            f"An escalation after {escalate} hours never comes: the proposal expires"
            f" after {ends}.",
        )
    elif remind is not None and escalate is not None and escalate <= remind:
        table.wrong(
            "escalate_after_hours",
            f"The escalation (after {escalate} hours) comes before the reminder (after"
            f" {remind}): remind first.",
        )
