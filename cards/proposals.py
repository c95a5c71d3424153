"""A proposal as a card: in each status, for each viewer.

The facts, lines and total are the draft's own, made from the bytes that will be
posted. What may be pressed is given (`actions`), never decided here.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from approvals import lines
from approvals.proposal import Person, Proposal, Status
from cards import (
    asking,
    batch,
    deciding,
    effect,
    life,
    revision,
    risks,
    stops,
    undone,
)
from cards.amounts import lines_table
from cards.card import Button, Card, Fact, Link, Section, Style, Table, Tone
from cards.outcome import links as posted_links
from cards.outcome import outcome, posted_name
from cards.plain import banner, count, cut, day, line, moment, summary, title
from cards.talk import said_button
from qbo.books import Company, Draft, Money, Receipt

_BADGES: dict[Status, tuple[str, Tone]] = {
    Status.PENDING: ("Waiting for approval", Tone.WARNING),
    Status.APPROVED: ("Approved", Tone.PLAIN),
    Status.APPLYING: ("Posting", Tone.PLAIN),
    Status.APPLIED: ("Posted", Tone.GOOD),
    Status.FAILED: ("Not posted", Tone.BAD),
    Status.UNCONFIRMED: ("Outcome unknown", Tone.WARNING),
    Status.STALE: ("Out of date", Tone.WARNING),
    Status.REJECTED: ("Rejected", Tone.BAD),
    Status.EXPIRED: ("Expired", Tone.MUTED),
    Status.WITHDRAWN: ("Withdrawn", Tone.MUTED),
}
_NEWS: dict[Status, str] = {
    Status.PENDING: "waits for approval",
    Status.APPROVED: "is approved",
    Status.APPLYING: "is being posted",
    Status.APPLIED: "is posted",
    Status.FAILED: "was not posted",
    Status.UNCONFIRMED: "may or may not have been posted",
    Status.STALE: "is out of date and was not posted",
    Status.REJECTED: "was rejected",
    Status.EXPIRED: "expired",
    Status.WITHDRAWN: "was withdrawn",
}
_LIVE = frozenset(
    {Status.PENDING, Status.APPROVED, Status.APPLYING, Status.UNCONFIRMED}
)
_CONTENT: dict[Status, str] = {
    Status.PENDING: "What will be posted",
    Status.APPROVED: "What will be posted",
    Status.APPLYING: "What will be posted",
    Status.UNCONFIRMED: "What was approved",
    Status.APPLIED: "What was approved",
    Status.FAILED: "What was approved",
}
_PAYMENT = "payment.record"
# What stands above the lines of what is paid, which are documents.
_PAID = {_PAYMENT: "Invoice", "bill.pay": "Bill"}
_LISTED_MAX = 20
_HEADING_MAX = 150


def card(
    proposal: Proposal,
    *,
    viewer: Person | None,
    actions: tuple[str, ...],
    token: Callable[[str], str],
    now: datetime,
    links: tuple[Link, ...] = (),
) -> Card:
    """A proposal as `viewer` sees it; None is a place that several people read.

    `actions` are the verbs that make sense for the viewer, `token` gives each
    button its opaque text. `now` (aware, UTC) tells how long it still waits.
    """
    badge, tone = _badge(proposal)
    heading = line(proposal.draft.heading)
    told = outcome(proposal, actions)
    news = f"{proposal.number} {_news(proposal)}: {heading}"
    if proposal.status is Status.PENDING:
        news += f" (asked by {line(proposal.requester)})"
    sections = (
        stops.section(proposal),
        told,
        batch.undone(proposal),
        life.section(proposal),
        undone.section(proposal),
        revision.section(proposal),
        revision.rebased(proposal),
        _content(proposal),
        revision.certainty(proposal),
        effect.section(proposal, live=proposal.status in _LIVE),
        risks.section(proposal, live=proposal.status in _LIVE),
        _asked(proposal, viewer, now),
        deciding.decisions(proposal),
    )
    return Card(
        title=heading,
        summary=summary(proposal.company, news),
        banner=banner(proposal.company),
        status=f"{proposal.number} · {deciding.progress(proposal) or badge}",
        tone=tone,
        sections=tuple(section for section in sections if section is not None),
        buttons=tuple(_button(proposal, verb, token(verb)) for verb in actions),
        links=(*posted_links(proposal), *links),
        footnotes=_footnotes(proposal),
    )


def _badge(proposal: Proposal) -> tuple[str, Tone]:
    if proposal.is_begun and proposal.status in {Status.FAILED, Status.STALE}:
        return "Partly posted", Tone.BAD
    if _in_part(proposal):
        return "Partly posted", Tone.WARNING
    badge, tone = _BADGES[proposal.status]
    if proposal.status is Status.APPLIED and _differs(proposal.receipts):
        return "Posted, with differences", Tone.BAD
    if proposal.status is Status.APPROVED and proposal.waiting_since is not None:
        return "Approved, waiting", Tone.WARNING
    return life.badge(proposal) or (badge, tone)


def _differs(receipts: tuple[Receipt, ...]) -> bool:
    """Whether a posted record came back otherwise than it was approved."""
    return any(receipt.differences for receipt in receipts)


def _in_part(proposal: Proposal) -> bool:
    """Whether it ended with some of its steps posted, and not all."""
    return proposal.status is Status.APPLIED and not proposal.is_complete


def _news(proposal: Proposal) -> str:
    if _in_part(proposal):
        return "was only partly posted"
    is_list = lines.has_several(proposal.draft)
    if proposal.status is Status.APPLIED and proposal.receipts and not is_list:
        return f"is posted as {posted_name(proposal, proposal.receipts[0])}"
    if proposal.is_begun and proposal.status in {Status.FAILED, Status.STALE}:
        return "was only partly posted"
    return _NEWS[proposal.status]


def _content(proposal: Proposal) -> Section:
    """Exactly what is posted."""
    draft = proposal.draft
    if lines.has_several(draft):
        heading = _CONTENT.get(proposal.status, "What was proposed")
        return batch.content(proposal, heading)
    facts = [Fact(shown.label, shown.value, shown.before) for shown in draft.shown]
    table = lines_table(
        draft.lines,
        draft.total,
        what=_PAID.get(draft.action),
        more=_beside_lines(draft),
    )
    if table is None and draft.total is not None:
        facts.append(Fact("Total", str(draft.total)))
    return Section(
        heading=_CONTENT.get(proposal.status, "What was proposed"),
        facts=tuple(facts),
        table=table,
    )


def _beside_lines(draft: Draft) -> tuple[tuple[str, Money], ...]:
    """What makes the lines add up to the total; nothing where that is not known."""
    if draft.total is None or not draft.lines:
        return ()
    currencies = {each.amount.currency for each in draft.lines}
    if currencies != {draft.total.currency}:
        return ()
    left = draft.total.amount - sum(each.amount.amount for each in draft.lines)
    rest = Money(left, draft.total.currency)
    if draft.action == _PAYMENT and left > 0:
        return (("Kept as credit", rest),)
    if draft.tax is not None and left and draft.tax == rest:
        return (("Tax (estimate)", rest),)
    return ()


def _asked(proposal: Proposal, viewer: Person | None, now: datetime) -> Section:
    """Who asked in which words, who must approve, and until when."""
    facts = [Fact("Asked by", proposal.requester)]
    if proposal.words:
        facts.append(Fact("In the words", f"“{line(proposal.words)}”"))
    if proposal.editor_id != proposal.requester_id:
        facts.append(Fact("Changed by", proposal.editor))
    texts: tuple[str, ...] = ()
    if proposal.status is Status.PENDING:
        facts += deciding.wanted(proposal, now)
        facts.append(Fact("Waits until", _until(proposal.expires_at, now)))
        if viewer and viewer.id in {
            proposal.requester_id,
            proposal.editor_id,
            *proposal.askers,
        }:
            mine = "asked for"
            if viewer.id == proposal.editor_id != proposal.requester_id:
                mine = "changed"
            elif viewer.id != proposal.requester_id and proposal.revision > 1:
                mine = "changed or asked for"
            texts = (f"You {mine} this, so somebody else has to approve it.",)
        if proposal.reason:
            texts = (*texts, proposal.reason)
    return Section(heading="Who asked", texts=texts, facts=tuple(facts))


def _until(expires_at: datetime, now: datetime) -> str:
    left = expires_at - now
    when = moment(expires_at, now.date())
    if left <= timedelta(0):
        return f"{when} (over)"
    hours = round(left / timedelta(hours=1))
    if hours < 1:
        return f"{when} (less than an hour)"
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{when} ({count(hours, 'hour')})"
    return f"{when} ({count(round(hours / 24), 'day')})"


def _button(proposal: Proposal, verb: str, token: str) -> Button:
    asked = asking.button(verb, token) or undone.button(proposal, verb, token)
    if asked is not None:
        return asked
    match verb:
        case "approve":
            return Button(
                "Approve",
                verb,
                token,
                Style.PRIMARY,
                confirm=f"{_amount(proposal)} Post it to {title(proposal.company)}?",
            )
        case "withdraw":
            return Button(
                "Withdraw", verb, token, confirm=f"Take {proposal.number} back?"
            )
        case "settle.not":
            return Button(
                "It is not there",
                verb,
                token,
                confirm="Have you looked in QuickBooks, and it is not there?",
            )
        case "renew" | "rest":
            what = "it afresh" if verb == "renew" else "the rest again"
            return Button(f"Propose {what}", verb, token, Style.PRIMARY)
        case _:
            return Button(verb.replace(".", " ").capitalize(), verb, token)


def _amount(proposal: Proposal) -> str:
    """The heading as a sentence that has the amount in it."""
    heading = cut(line(proposal.draft.heading), _HEADING_MAX)
    total = proposal.draft.total
    if total is None or str(total) in heading:
        return f"{heading}."
    return f"{heading}, {total}."


def _footnotes(proposal: Proposal) -> tuple[str, ...]:
    notes = []
    draft = proposal.draft
    if proposal.revision > 1:
        notes.append(
            f"Revision {proposal.revision}; approvals of earlier ones are void."
        )
    approved = proposal.approved_at
    if approved and approved.date() != draft.today:
        notes.append(
            f"Prepared on {day(draft.today)}, approved on {day(approved.date())} (UTC)."
            " Its dates are posted as they stand here."
        )
    else:
        notes.append(f"Prepared on {day(draft.today)}.")
    return tuple(notes)


def superseded(proposal: Proposal, draft: Draft, by_revision: int) -> Card:
    """What an earlier revision showed, locked, where a newer one stands below."""
    content = _content(replace(proposal, draft=draft))
    return revision.locked(proposal, draft, by_revision, content)


# --- several, and short words ------------------------------------------------------


def listing(
    found: Iterable[Proposal],
    *,
    company: Company | None = None,
    state: str | None = None,
) -> Card:
    """Several proposals as a list; `state` is the status that was asked for."""
    proposals = tuple(found)
    companies = {each.company.id: each.company for each in proposals}
    several = len(companies) > 1
    # One company stands before everything; of several, each in its row.
    about = None if several else next(iter(companies.values()), company)
    text = _count_text(len(proposals), state)
    shown = proposals[:_LISTED_MAX]
    columns = ("Proposal", "Status", *(("Company",) if several else ()), "Asked by")
    rows = tuple(
        (
            f"{each.number} {line(each.draft.heading)}",
            deciding.progress(each) or _badge(each)[0],
            *((title(each.company),) if several else ()),
            line(each.requester),
        )
        for each in shown
    )
    left = len(proposals) - len(shown)
    table = Table(columns, rows, more=f"… and {left} more" if left else None)
    return Card(
        title=text,
        summary=summary(about, text),
        banner=banner(about),
        sections=(Section(table=table),) if rows else (),
        buttons=tuple(
            said_button(f"show {each.number}", f"Show {each.number}")
            for each in shown[:5]
        ),
    )


def _count_text(number: int, state: str | None) -> str:
    what = f"{state} " if state else ""
    if not number:
        return f"There are no {what}proposals." if state else "No proposal is waiting."
    if state:
        return f"{count(number, f'{what}proposal')}."
    return f"{count(number, 'proposal')} not ended yet."


def withdrawn(number: str, *, company: Company | None = None) -> Card:
    """The requester took a proposal back."""
    text = f"{number} is withdrawn. Nothing was posted."
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        tone=Tone.MUTED,
    )
