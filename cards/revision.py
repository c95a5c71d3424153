"""What a revision changed; and the card of an older one, locked."""

from dataclasses import replace

from approvals.proposal import Proposal, Status
from approvals.revising import changes
from cards.card import Button, Card, Fact, Section, Style, Tone
from cards.plain import banner, cut, line, summary
from qbo.books import Company, Draft, Shown

_LIVE = frozenset(
    {Status.PENDING, Status.APPROVED, Status.APPLYING, Status.UNCONFIRMED}
)
# As much as a button's label may hold on every platform.
_LABEL_MAX = 70


def section(proposal: Proposal) -> Section | None:
    """What the current revision changed, old beside new, and who changed it.

    For one that takes up a proposal gone out of date: how it differs from that.
    """
    if proposal.status not in _LIVE:
        return None
    if proposal.revision > 1:
        heading = f"Changed in revision {proposal.revision}"
        by: tuple[str, ...] = (f"Changed by {line(proposal.editor)}.",)
        same = f"Nothing that is posted differs from revision {proposal.revision - 1}."
    elif proposal.changes:
        heading = "Changed against the one that went out of date"
        by, same = (), ""
    else:
        return None
    if not proposal.changes:
        return Section(heading=heading, texts=(*by, same))
    return Section(heading=heading, texts=by, facts=facts(proposal.changes))


def facts(changed: tuple[Shown, ...]) -> tuple[Fact, ...]:
    """Changes as facts of a card."""
    return tuple(Fact(each.label, each.value, each.before) for each in changed)


def rebased(proposal: Proposal) -> Section | None:
    """What the same would be by now, beside what was proposed and went out of date."""
    if proposal.status is not Status.STALE or proposal.rebased is None:
        return None
    if proposal.renewed_by is not None:
        return None
    changed = changes(proposal.draft, proposal.rebased)
    if not changed:
        return None
    return Section(heading="As it would be proposed afresh", facts=facts(changed))


def certainty(proposal: Proposal) -> Section | None:
    """How surely the request was read, and what lowered that."""
    if proposal.confidence is None or proposal.status not in _LIVE:
        return None
    doubts = tuple(line(each) for each in proposal.doubts)
    text = f"Read with {proposal.confidence} % certainty"
    if len(doubts) == 1:
        return Section(texts=(f"{text}: {doubts[0]}",))
    return Section(texts=(f"{text}{':' if doubts else '.'}", *doubts))


def unsure(
    confidence: int,
    doubts: tuple[str, ...],
    reading: str,
    token: str,
    *,
    company: Company | None = None,
) -> Card:
    """A request that was read too unsurely to be proposed: is this what was meant?

    `token` is the opaque text of the button that says yes to just this one.
    """
    text = "I am not sure that I understood you."
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        status="Question",
        sections=(
            Section(
                heading=f"Read with {confidence} % certainty",
                texts=tuple(line(each) for each in doubts),
            ),
            Section(heading="What I understood", texts=(f"{line(reading)}.",)),
            Section(texts=("If it is something else, please say it again.",)),
        ),
        buttons=(
            Button(
                cut(f"Yes: {line(reading)}", _LABEL_MAX),
                "second",
                token,
                Style.PRIMARY,
            ),
        ),
        footnotes=("Nothing has been proposed or changed.",),
    )


def locked(proposal: Proposal, draft: Draft, revision: int, content: Section) -> Card:
    """The card of a revision that a newer one has replaced, further below.

    `draft` is what it was and `content` what it showed of that, `revision` the
    number of the newer one. It has no buttons, and never changes again.
    """
    told = f"{proposal.number} was changed; revision {revision} is below."
    return Card(
        title=line(draft.heading),
        summary=summary(proposal.company, told),
        banner=banner(proposal.company),
        status=f"{proposal.number} · Changed",
        tone=Tone.MUTED,
        sections=(
            Section(texts=(told, "This one can no longer be decided.")),
            replace(content, heading="What it was"),
        ),
    )
