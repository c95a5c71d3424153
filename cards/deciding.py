"""How a proposal's card shows its deciding: the steps, who has decided, and for whom.

Only what is so is shown; who may press what is never decided here.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from approvals import stages
from approvals.proposal import Decision, Proposal, Status, Verdict
from cards import deputies
from cards.card import Fact, Section
from cards.plain import count, line, moment

_PLATFORMS = {"slack": "Slack", "teams": "Teams", "console": "the console"}
# A card is for deciding; who stands in for everybody is told by “who stands in”.
_DEPUTIES_MAX = 3
_OVER = frozenset({Status.REJECTED, Status.EXPIRED, Status.WITHDRAWN, Status.STALE})


def progress(proposal: Proposal) -> str | None:
    """The badge while some, but not all, approvals are there."""
    wanted = proposal.rule.approvals
    if proposal.status is not Status.PENDING or wanted < 2:  # noqa: PLR2004 - several
        return None
    given = sum(1 for each in stages.words(proposal) if each.verdict is Verdict.APPROVE)
    return f"Waiting for approval, {given} of {wanted}"


def wanted(proposal: Proposal, now: datetime) -> tuple[Fact, ...]:
    """Who must approve: the rule, each of its steps where there are several, deputies.

    `now` (aware, UTC) tells which deputies still decide for somebody.
    """
    rule = proposal.rule
    facts = [
        Fact(
            "To be approved by",
            f"{line(rule.label)} ({count(rule.approvals, 'approval')})",
        )
    ]
    facts += _deputies(proposal, now)
    facts += _steps(proposal)
    if rule.line:
        # A policy file says so; what goes without saying is not said.
        facts.append(Fact("Why they", " ".join(line(each) for each in rule.why)))
    return tuple(facts)


def _deputies(proposal: Proposal, now: datetime) -> Iterator[Fact]:
    """Who decides in whose place in the step under way."""
    found = [
        f"{line(each.delegate)} decides for {line(each.person)} until"
        f" {deputies.until(each)}"
        for each in stages.deputies(proposal, now)
    ]
    if found:
        left = len(found) - _DEPUTIES_MAX
        more = f"; and {count(left, 'more', 'more')}" if left > 0 else ""
        yield Fact("In their place", "; ".join(found[:_DEPUTIES_MAX]) + more)


def _steps(proposal: Proposal) -> Iterable[Fact]:
    steps = proposal.rule.steps
    if len(steps) == 1:
        return
    now = stages.under_way(proposal)
    for number, stage in enumerate(steps, start=1):
        given = stages.given(proposal, number)
        if given >= stage.quorum:
            stands = "complete"
        elif number == now:
            stands = f"now, {given} of {stage.quorum}"
        else:
            stands = "later"
        what = line(stage.label) or "any approver"
        yield Fact(f"Step {number}", f"{what} ({stands})")


def decisions(proposal: Proposal) -> Section | None:
    """Who has decided what, in whose place, and who was named instead."""
    texts = [text(each, proposal) for each in proposal.decisions]
    texts += [
        f"{line(stage.named_by)} named who approves"
        f"{f' step {number}' if len(proposal.rule.steps) > 1 else ''}:"
        f" {line(stage.label.removesuffix(f', named by {stage.named_by}'))}."
        for number, stage in enumerate(proposal.rule.steps, start=1)
        if stage.named and proposal.status not in _OVER
    ]
    return Section(heading="Decisions", texts=tuple(texts)) if texts else None


def text(decision: Decision, proposal: Proposal) -> str:
    """One decision as a line."""
    word = "Approved" if decision.verdict is Verdict.APPROVE else "Rejected"
    who = line(decision.person)
    if decision.instead_of:
        who += f" for {line(decision.instead_of)}"
    said = f"{word} by {who}"
    if decision.forced:
        said = (
            f"Forced: approved by {line(decision.person)} in the place of"
            f" {line(decision.instead_of or '')}"
        )
    if len(proposal.rule.steps) > 1 and decision.revision == proposal.revision:
        said += f" (step {decision.stage})"
    said += f", {moment(decision.at)}"
    if decision.platform:
        said += f", in {_PLATFORMS.get(decision.platform, decision.platform)}"
    if decision.reason:
        said += f": “{line(decision.reason)}”"
    if decision.revision != proposal.revision:
        said += f" (on revision {decision.revision}, no longer counts)"
    return said
