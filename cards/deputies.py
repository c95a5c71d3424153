"""Cards about who decides in whose place."""

from collections.abc import Sequence
from datetime import date

from approvals import stages
from approvals.proposal import Delegation, Proposal
from cards.card import Card, Section, Table, Tone
from cards.plain import banner, day, line, moment, summary
from cards.talk import sentence


def began(delegate: str, until: date, before: str | None = None) -> Card:
    """Told to whoever is away: it is done; `before` is who decided until now."""
    instead = f", and {line(before)} no longer does" if before else ""
    return sentence(
        f"Until the end of {day(until)} {line(delegate)} decides in your place"
        f"{instead}. What they ask for themselves they cannot decide. Say “stop"
        " delegating” to end it sooner.",
        tone=Tone.GOOD,
    )


def chosen(person: str, until: date) -> Card:
    """Told to the deputy."""
    return sentence(
        f"{line(person)} lets you decide in their place until the end of {day(until)}."
        " What waits for them is shown to you; a word of yours counts once, and not for"
        " what you have asked yourself."
    )


def over(person: str) -> Card:
    """Told to the deputy when it is ended early."""
    return sentence(f"{line(person)} decides for themselves again, as of now.")


def ended(person: str, delegate: str) -> Card:
    """Told to who has ended it."""
    return sentence(
        f"Done: {line(delegate)} no longer decides in the place of {line(person)}."
    )


def until(delegation: Delegation) -> str:
    """Until when it stands: the end of a day, or a time where the day is not known."""
    if delegation.last_day is None:
        return moment(delegation.until)
    return f"the end of {day(delegation.last_day)}"


def listing(found: Sequence[Delegation]) -> Card:
    """Who stands in for whom, and until when."""
    if not found:
        return sentence("Nobody decides in anybody's place just now.")
    text = "Who decides in whose place"
    rows = tuple(
        (line(each.person), line(each.delegate), until(each)) for each in found
    )
    return Card(
        title=text,
        summary=text,
        sections=(Section(table=Table(("Away", "Decides for them", "Until"), rows)),),
    )


def reassigned(proposal: Proposal) -> Card:
    """Told to the administrator: who approves it now."""
    number = stages.under_way(proposal) or 1
    stage = proposal.rule.steps[number - 1]
    text = f"{proposal.number} is now to be approved by {line(stage.label)}."
    return _about(proposal, text)


def forced(proposal: Proposal) -> Card:
    """Told to the administrator: in whose place, and what is still needed."""
    word = proposal.decisions[-1]
    text = (
        f"You approved {proposal.number} in the place of"
        f" {line(word.instead_of or 'somebody')}. It is marked as forced."
    )
    step = stages.step_text(proposal)
    left = stages.missing(proposal)
    if left:
        text += (
            f" It still needs {left} more in {step}."
            if step
            else (f" It still needs {left} more.")
        )
    return _about(proposal, text)


def _about(proposal: Proposal, text: str) -> Card:
    return Card(
        title=text,
        summary=summary(proposal.company, text),
        banner=banner(proposal.company),
        tone=Tone.WARNING,
    )
