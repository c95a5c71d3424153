"""What several rules ask for together, where the lines of one draft differ. Pure.

Nothing that one of the rules asks for is lost: each of its steps is a step of the
whole, with at least as many approvals. Steps with the same approvers are one.
"""

from collections.abc import Iterable, Sequence

from approvals.policy.matching import listed
from approvals.policy.values import Explained, Tried, called
from approvals.proposal import Rule, Stage

_NAMES_MAX = 3


def joined(found: Sequence[Explained]) -> Explained:
    """The rules found for each part of a draft as one; a single one is left as it is.

    The steps follow one another in the order in which the rules were found. Of all
    times the shortest holds; where the hours of work differ, every hour counts, so
    that nothing waits for longer than any of the rules lets it.
    """
    distinct: dict[tuple[object, ...], Rule] = {}
    for each in found:
        distinct.setdefault(_key(each.rule), each.rule)
    if len(distinct) == 1:
        return found[0]
    rules = list(distinct.values())
    stages = _stages(rules)
    names = _names(rules)
    hours = min(rule.hours for rule in rules)
    escalate = _before(hours, (rule.escalate_hours for rule in rules))
    told = [who for rule in rules for who in rule.escalate_to]
    undo = min(rule.undo_hours or 0 for rule in rules)
    working = {rule.working_hours for rule in rules}
    steps = ", then ".join(each.label or "an approver" for each in stages)
    rule = Rule(
        quorum=sum(stage.quorum for stage in stages),
        hours=hours,
        label=f"{steps} ({names} together)",
        stages=stages,
        remind_hours=_before(hours, (rule.remind_hours for rule in rules)),
        escalate_hours=escalate,
        escalate_to=tuple(dict.fromkeys(told)) if escalate else (),
        working_hours=working.pop() if len(working) == 1 else None,
        undo_hours=undo or None,
        confidence=max(rule.confidence or 0 for rule in rules) or None,
        allow_closed=all(rule.allow_closed for rule in rules),
        name=names,
        line=next((rule.line for rule in rules if rule.line), 0),
        digest=rules[0].digest,
        why=_why(rules),
    )
    return Explained(rule, _tried(found))


def _key(rule: Rule) -> tuple[object, ...]:
    """What tells one rule of the file from another, whatever made it apply."""
    return (rule.line, rule.name, rule.label, rule.hours, rule.steps)


def _stages(rules: Sequence[Rule]) -> tuple[Stage, ...]:
    """The steps of all rules, those with the same approvers once.

    A rule may have two steps with the same approvers: these stay two, or it would
    be made looser by another one.
    """
    stages: list[Stage] = []
    for rule in rules:
        taken: set[int] = set()
        for stage in _labelled(rule):
            place = next(
                (
                    at
                    for at, known in enumerate(stages)
                    if at not in taken and _approvers(known) == _approvers(stage)
                ),
                None,
            )
            if place is None:
                taken.add(len(stages))
                stages.append(stage)
                continue
            taken.add(place)
            if stage.quorum > stages[place].quorum:
                stages[place] = stage
    return tuple(stages)


def _labelled(rule: Rule) -> tuple[Stage, ...]:
    """The steps of a rule, each of which says by itself who approves."""
    if len(rule.steps) > 1 or rule.steps[0].label:
        return rule.steps
    only = rule.steps[0]
    return (Stage(only.quorum, only.roles, only.people, only.channel, rule.label),)


def _approvers(stage: Stage) -> tuple[object, ...]:
    return frozenset(stage.roles), frozenset(stage.people), stage.channel


def _before(ends: int, hours: Iterable[int | None]) -> int | None:
    """The shortest of these times; None where that is not before the end."""
    shortest = min((each for each in hours if each is not None), default=None)
    return shortest if shortest is not None and shortest < ends else None


def _names(rules: Sequence[Rule]) -> str:
    names = [rule.name or "the default" for rule in rules]
    left = len(names) - _NAMES_MAX
    if left > 0:
        names[_NAMES_MAX:] = [f"{left} more"]
    return listed(tuple(names), "and")


def _why(rules: Sequence[Rule]) -> tuple[str, ...]:
    several = listed(tuple(called(rule) for rule in rules), "and")
    lead = (
        f"Its lines fall under {len(rules)} rules, so what each of them asks for is"
        f" needed: {several}."
    )
    return tuple(dict.fromkeys([lead, *(why for rule in rules for why in rule.why)]))


def _tried(found: Sequence[Explained]) -> tuple[Tried, ...]:
    """Each rule that was tried for any of the parts, once, as far as it ever fitted."""
    best: dict[tuple[object, ...], Tried] = {}
    rank = {True: 2, None: 1, False: 0}
    for each in found:
        for tried in each.tried:
            known = best.get(_key(tried.rule))
            if known is None or rank[tried.fits] > rank[known.fits]:
                best[_key(tried.rule)] = tried
    return tuple(best.values())
