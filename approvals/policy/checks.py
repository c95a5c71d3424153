"""Mistakes that only show when rules are read beside each other. Pure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from approvals.policy.matching import Match, is_like
from approvals.policy.values import Mistake

_LISTS = (
    *("actions", "customers", "vendors", "accounts", "items", "classes"),
    *("requesters", "companies"),
)
_ENDLESS = Decimal("Infinity")


def mistakes_between(
    matches: Sequence[Match], whole: Sequence[Match]
) -> Iterator[Mistake]:
    """Two rules of one name, and rules that can never match.

    `whole` are the rules in which nothing else is wrong: of the others it is not
    known yet what they take.
    """
    names: dict[str, Match] = {}
    for match in matches:
        rule = match.rule
        first = names.setdefault(rule.name.casefold(), match)
        if first is not match:
            yield Mistake(
                rule.line,
                f"There is a rule “{rule.name}” already, on line {first.rule.line}."
                " Give each its own name.",
            )
    for at, match in enumerate(whole):
        rule = match.rule
        for earlier in whole[:at]:
            if takes_all(earlier, match):
                yield Mistake(
                    rule.line,
                    f"Rule “{rule.name}” can never match: rule “{earlier.rule.name}”"
                    f" (line {earlier.rule.line}) stands before it and takes all that"
                    " it is for. Put the narrower rule first.",
                )
                break


def takes_all(earlier: Match, later: Match) -> bool:
    """Whether everything that the later rule is for falls under the earlier one.

    Said only where it is certain: patterns that overlap in part take nothing.
    """
    least, below = earlier.minimum or Decimal(0), earlier.below or _ENDLESS
    if least > (later.minimum or Decimal(0)) or below < (later.below or _ENDLESS):
        return False
    return all(
        _covers(getattr(earlier, name), getattr(later, name), with_parts=name in _TREES)
        for name in _LISTS
    )


_TREES = frozenset({"accounts"})


def _covers(
    earlier: tuple[str, ...], later: tuple[str, ...], *, with_parts: bool
) -> bool:
    if not earlier:
        return True
    return bool(later) and all(
        any(_takes(one, other, with_parts=with_parts) for one in earlier)
        for other in later
    )


def _takes(one: str, other: str, *, with_parts: bool) -> bool:
    """Whether a pattern takes all that another takes; a "*" takes a "*" as well."""
    if one.casefold() == other.casefold():
        return True
    # A "?" is one letter, and must not take the "*" that stands for many.
    if "?" in one and ("*" in other or "?" in other):
        return False
    if is_like(one, other):
        return True
    above = other.rpartition(":")[0]
    return with_parts and bool(above) and _takes(one, above, with_parts=True)
