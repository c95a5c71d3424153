"""The steps of a rule, as a file names them: who approves, and how many of them."""

import re
from itertools import combinations

from approvals.policy.choosing import DEFAULT_RULE
from approvals.policy.table import APPROVING, Table, is_email, no_person
from approvals.proposal import Role, Stage

QUORUM_MAX = 20
STEPS_MAX = 10
_CHANNELS = {
    "slack": re.compile(r"slack:[CG][A-Z0-9]{2,}"),
    "teams": re.compile(r"teams:\S{3,200}"),
}


def stages_of(table: Table) -> tuple[Stage, ...]:
    """The steps of a rule: its [[step]]s, else the one that it is itself."""
    steps = table.tables("step", STEPS_MAX)
    if not steps:
        return (_checked(table, ""),)
    for key in ("approvers", "quorum"):
        if table.has(key):
            table.wrong(key, f"This rule has steps, so “{key}” belongs into them.")
    for step in steps:
        step.knows(("approvers", "quorum", "label"), "step")
    stages = tuple(_checked(step, step.text("label") or "") for step in steps)
    _check_heads(table, stages)
    return stages


def _checked(table: Table, label: str) -> Stage:
    """One step, with no more approvals wanted than people are named."""
    quorum = table.count("quorum", 1, (1, QUORUM_MAX)) or 1
    roles: list[Role] = []
    people: list[str] = []
    channels: list[str] = []
    for each in table.names("approvers"):
        said = each.lower()
        kind = said.partition(":")[0]
        if kind in _CHANNELS and ":" in said:
            if _CHANNELS[kind].fullmatch(f"{kind}:{each.partition(':')[2]}"):
                channels.append(f"{kind}:{each.partition(':')[2]}")
            else:
                example = "slack:C0123ABCD" if kind == "slack" else "teams:19:…"
                table.wrong(
                    "approvers",
                    f"“{each}” is no channel; one is written like “{example}”.",
                    each,
                )
        elif said in APPROVING:
            roles.append(APPROVING[said])
        elif is_email(said):
            people.append(said)
        else:
            table.wrong("approvers", no_person(each), each)
    if len(channels) > 1:
        table.wrong("approvers", "A step is shown in one channel: name one.")
    people = list(dict.fromkeys(people))
    if people and not roles and quorum > len(people):
        table.wrong(
            "quorum" if table.has("quorum") else "approvers",
            f"{quorum} approvals are asked for, and only {len(people)}"
            f" {'person is' if len(people) == 1 else 'people are'} named.",
        )
    if not (roles or people or channels):
        roles = [Role.APPROVER]
    stage = Stage(
        quorum=quorum,
        roles=tuple(dict.fromkeys(roles)),
        people=tuple(people),
        channel=channels[0] if channels else None,
    )
    return Stage(
        stage.quorum, stage.roles, stage.people, stage.channel, label or told(stage)
    )


def _check_heads(table: Table, stages: tuple[Stage, ...]) -> None:
    """Each head counts once: whether the people named are enough for all steps."""
    named = [s for s in stages if s.people and not s.roles]
    for count in range(2, len(named) + 1):
        for some in combinations(named, count):
            people = {each for stage in some for each in stage.people}
            wanted = sum(stage.quorum for stage in some)
            if wanted > len(people) and all(s.quorum <= len(s.people) for s in some):
                table.wrong(
                    "step",
                    f"Each person decides once: the steps ask for {wanted} approvals of"
                    f" {', '.join(sorted(people))}, who are only {len(people)}.",
                )
                return


def told(stage: Stage) -> str:
    """A step as people read it."""
    who = [*stage.people]
    if Role.APPROVER in stage.roles:
        who.append("any approver")
    if Role.ADMIN in stage.roles:
        who.append("an administrator")
    if not who:
        who = [f"an approver in {stage.channel}"]
    if stage.roles == (Role.APPROVER,) and not stage.people:
        if stage.quorum == 1:
            return DEFAULT_RULE.label
        return f"{stage.quorum} approvers, none of them the requester"
    if len(who) == stage.quorum > 1:
        return f"{', '.join(who[:-1])} and {who[-1]}"
    listed = f"{', '.join(who[:-1])} or {who[-1]}" if len(who) > 1 else who[0]
    return f"{stage.quorum} of: {listed}" if stage.quorum > 1 else listed


def label_of(stages: tuple[Stage, ...]) -> str:
    """A rule as people read it: its steps in their order."""
    return ", then ".join(stage.label for stage in stages)
