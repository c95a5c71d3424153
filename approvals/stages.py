"""Where a proposal stands among the steps of its rule, and whom each is for. Pure.

The step under way is the first one whose quorum is not met by the decisions on the
current revision. A head counts once over all steps: whoever has decided, and whoever
somebody has decided for, is used up for that revision.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta

from approvals.proposal import (
    Decision,
    Delegation,
    Person,
    Proposal,
    Role,
    Stage,
    Status,
    Verdict,
)


def words(proposal: Proposal) -> tuple[Decision, ...]:
    """The decisions that count: those on the current revision."""
    return tuple(d for d in proposal.decisions if d.revision == proposal.revision)


def given(proposal: Proposal, stage: int) -> int:
    """How many approvals a step has (steps count from 1)."""
    return len(
        {
            word.person_id
            for word in words(proposal)
            if word.verdict is Verdict.APPROVE and word.stage == stage
        }
    )


def under_way(proposal: Proposal) -> int | None:
    """The number of the step under way, from 1; None when all are full."""
    for number, stage in enumerate(proposal.rule.steps, start=1):
        if given(proposal, number) < stage.quorum:
            return number
    return None


def missing(proposal: Proposal) -> int:
    """How many approvals the step under way still lacks."""
    number = under_way(proposal)
    if number is None:
        return 0
    return proposal.rule.steps[number - 1].quorum - given(proposal, number)


def heads(proposal: Proposal) -> frozenset[str]:
    """Our ids of all who have decided, or for whom somebody has."""
    found: set[str] = set()
    for word in words(proposal):
        found.add(word.person_id)
        if word.instead_of_id is not None:
            found.add(word.instead_of_id)
    return frozenset(found)


def turn(proposal: Proposal) -> str:
    """A text that differs whenever others have to be shown the card: whose turn it is.

    Empty when nobody's is.
    """
    number = under_way(proposal)
    if proposal.status is not Status.PENDING or number is None:
        return ""
    stage = proposal.rule.steps[number - 1]
    who = json.dumps([stage.roles, stage.people, stage.channel, stage.named])
    digest = hashlib.sha256(who.encode()).hexdigest()[:12]
    return f"{proposal.revision}.{number}.{digest}"


# --- who is meant by a step -----------------------------------------------------


def has_asked(proposal: Proposal, person_id: str) -> bool:
    """Whether a person asked for it (or what it renews), or ever changed it."""
    return person_id in {
        proposal.requester_id,
        proposal.editor_id,
        *proposal.askers,
    }


def is_meant(stage: Stage, person: Person, *, place: str | None = None) -> bool:
    """Whether a step is for that person, pressing at `place` (None: anywhere).

    `place` is "slack:C0123"; it matters only for a step that names nobody but a
    channel. An auditor, and who has no roles at all, is never meant.
    """
    if not person.roles or Role.AUDITOR in person.roles:
        return False
    if stage.named:
        return person.id in stage.named
    if not stage.roles and not stage.people:
        return Role.APPROVER in person.roles and is_decided_at(stage, place)
    by_role = any(role in person.roles for role in stage.roles)
    return by_role or (person.email or "").lower() in stage.people


def is_decided_at(stage: Stage, place: str | None) -> bool:
    """Whether a step can be decided at a place ("slack:C0123"; None: anywhere).

    One that names nobody but a channel is decided there alone.
    """
    is_bound = not (stage.named or stage.roles or stage.people)
    return place is None or not is_bound or place == stage.channel


def eligible(
    proposal: Proposal, members: Iterable[Person], number: int | None = None
) -> tuple[Person, ...]:
    """Who of the workspace may still approve in a step (None: the one under way)."""
    number = number or under_way(proposal)
    if number is None:
        return ()
    stage, used = proposal.rule.steps[number - 1], heads(proposal)
    return tuple(
        person
        for person in members
        if person.workspace == proposal.workspace
        and is_meant(stage, person)
        and not has_asked(proposal, person.id)
        and person.id not in used
    )


def hands(proposal: Proposal, viewer: Person) -> tuple[str, ...]:
    """What an administrator may do about a step that waits: "reassign", "force"."""
    number = under_way(proposal)
    if (
        proposal.status is not Status.PENDING
        or number is None
        or viewer.workspace != proposal.workspace
        or Role.ADMIN not in viewer.roles
        or has_asked(proposal, viewer.id)
    ):
        return ()
    is_used = viewer.id in heads(proposal)
    if is_used or is_meant(proposal.rule.steps[number - 1], viewer):
        return ("reassign",)
    return ("reassign", "force")


def standing_in(
    proposal: Proposal, person_id: str, at: datetime
) -> tuple[Delegation, ...]:
    """The delegations in force by which a person decides for others."""
    return tuple(
        each
        for each in proposal.delegations
        if each.delegate_id == person_id and at < each.until
    )


def deputies(proposal: Proposal, at: datetime | None) -> tuple[Delegation, ...]:
    """Who decides in whose place in the step under way, as far as can be told here.

    At a time; None: those whose time is over too.

    Of a step for a role or an address it is not known here whom it means: there all
    are given who have a deputy. Only who may decide at all can have one.
    """
    number = under_way(proposal)
    if number is None:
        return ()
    named, out = proposal.rule.steps[number - 1].named, heads(proposal)
    return tuple(
        each
        for each in proposal.delegations
        if (at is None or at < each.until)
        and (not named or each.person_id in named)
        and not {each.person_id, each.delegate_id} & out
        and not has_asked(proposal, each.person_id)
        and not has_asked(proposal, each.delegate_id)
    )


def awaited(
    proposal: Proposal, members: Sequence[Person], at: datetime
) -> tuple[Person, ...]:
    """Whose word the step under way waits for: who may approve, and who for them."""
    own = eligible(proposal, members)
    absent = {person.id for person in own}
    used = heads(proposal)
    deputies = {
        each.delegate_id
        for each in proposal.delegations
        if each.person_id in absent and at < each.until
    }
    return own + tuple(
        person
        for person in members
        if person.id in deputies - absent - used
        and may_stand_in(person)
        and not has_asked(proposal, person.id)
    )


def verbs(
    proposal: Proposal, viewer: Person | None, place: str | None = None
) -> tuple[str, ...]:
    """Which words a viewer may say now (None: a place that several people read).

    `place` is where the card is shown ("slack:C0123"; None: that is left open).
    A promise it is not: the press decides, and it knows for whom a deputy decides.
    """
    number = under_way(proposal)
    if number is None:
        return ()
    open_to = [
        at
        for at, stage in enumerate(proposal.rule.steps[number - 1 :])
        if is_decided_at(stage, place)
        and (viewer is None or _may_speak(proposal, stage, viewer, is_now=at == 0))
    ]
    if not open_to:
        return ()
    return ("approve", "reject") if open_to[0] == 0 else ("reject",)


def _may_speak(
    proposal: Proposal, stage: Stage, viewer: Person, *, is_now: bool
) -> bool:
    """Whether a step is for this viewer: by right, or now as somebody's deputy."""
    if has_asked(proposal, viewer.id) or viewer.id in heads(proposal):
        return False
    deputy = may_stand_in(viewer) and any(
        each.delegate_id == viewer.id
        and not has_asked(proposal, each.person_id)
        and each.person_id not in heads(proposal)
        for each in proposal.delegations
    )
    return (deputy and is_now) or is_meant(stage, viewer)


def may_stand_in(person: Person) -> bool:
    """Whether a person can decide in anybody's place."""
    return bool(person.roles) and Role.AUDITOR not in person.roles


def stuck(
    proposal: Proposal,
    members: Sequence[Person],
    platforms: Container[str] | None = None,
) -> str:
    """A sentence where a step can never get its approvals; else empty.

    All steps that are not over are looked at, so that it is known at once. In a
    channel of a platform that is not among `platforms` (None: all are there) nobody
    can press.
    """
    first = under_way(proposal)
    if proposal.status is not Status.PENDING or first is None or not members:
        return ""
    steps = proposal.rule.steps
    for number in range(first, len(steps) + 1):
        stage = steps[number - 1]
        wanted = stage.quorum - given(proposal, number)
        there, why = len(eligible(proposal, members, number)), ""
        if _is_off(stage, platforms):
            there, why = 0, f"; it is decided in {stage.channel}, which is off"
        if there < wanted:
            which = f" {step_name(proposal, number)}" if len(steps) > 1 else ""
            who = "Nobody" if not there else "Too few people"
            return (
                f"{who} can approve{which} ({there} of the {wanted} still needed{why})."
                " An administrator can name others with “reassign"
                f" {proposal.number} to …”, or give somebody the role."
            )
    return ""


def _is_off(stage: Stage, platforms: Container[str] | None) -> bool:
    platform = (stage.channel or "").partition(":")[0]
    is_bound = not is_decided_at(stage, "")
    return platforms is not None and is_bound and platform not in platforms


STUCK = ("Nobody can approve", "Too few people can approve")


def is_stuck(proposal: Proposal) -> bool:
    """Whether the proposal says of itself that nobody can approve it."""
    return bool(proposal.reason) and str(proposal.reason).startswith(STUCK)


def step_name(proposal: Proposal, number: int) -> str:
    """A step as people read it ("step 2 of 3 (Finance)")."""
    stage = proposal.rule.steps[number - 1]
    name = f" ({stage.label})" if stage.label else ""
    return f"step {number} of {len(proposal.rule.steps)}{name}"


def step_text(proposal: Proposal) -> str:
    """The step under way as people read it ("step 2 of 3 (Finance)")."""
    number = under_way(proposal)
    if number is None or len(proposal.rule.steps) == 1:
        return ""
    return step_name(proposal, number)


def warning_at(begun: datetime, expires_at: datetime) -> datetime:
    """When the asker is told that it will expire: a day before, or the last quarter."""
    return expires_at - min(timedelta(hours=24), (expires_at - begun) / 4)


def place_name(place: str | None) -> str | None:
    """The channel of a place's text, as rules write it ("slack:C0123")."""
    if place is None:
        return None
    try:
        found = json.loads(place)
        platform, conversation = found[0], found[2]
    except (ValueError, TypeError, IndexError, KeyError):
        return ""
    return f"{platform}:{conversation}"
