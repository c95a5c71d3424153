"""What stops a company, on its proposals' cards and as answers to administrators."""

from collections.abc import Sequence

from approvals import waiting
from approvals.proposal import Halt, Proposal, Status
from approvals.stops import FROZEN, Lifted
from cards.card import Card, Section, Tone
from cards.plain import banner, count, cut, line, listed, moment, summary, title
from qbo.books import Company

# What has ended has nothing left that could be stopped.
_OPEN = frozenset(
    {Status.PENDING, Status.APPROVED, Status.APPLYING, Status.UNCONFIRMED}
)
_HEADINGS = {
    "frozen": "Posting is stopped",
    "readonly": "Read-only",
    "disconnected": "Not connected",
}
_SHOWN_MAX = 5


def section(proposal: Proposal) -> Section | None:
    """What stops the company of a proposal that has not ended; None: nothing does."""
    if not proposal.halts or proposal.status not in _OPEN:
        return None
    kinds = dict.fromkeys(
        _HEADINGS.get(halt.kind, "Stopped") for halt in proposal.halts
    )
    return Section(
        heading=listed(tuple(kinds), "and"),
        texts=(
            *(_halt(halt) for halt in proposal.halts),
            _meanwhile(proposal),
        ),
    )


def _halt(halt: Halt) -> str:
    text = f"{line(waiting.stopped(halt))} (Since {moment(halt.at)}.)"
    if halt.lifting:
        text += (
            f" {line(halt.lifting)} has let it go on; one more administrator has to."
        )
    return text


def _meanwhile(proposal: Proposal) -> str:
    """What can be done with it all the same."""
    kinds = {halt.kind for halt in proposal.halts}
    match proposal.status:
        case Status.PENDING if kinds == {"disconnected"}:
            return (
                "It can be approved; it is posted once the connection is renewed,"
                " after a fresh look at the books."
            )
        case Status.PENDING:
            return "It cannot be approved just now; it can be rejected or withdrawn."
        case Status.APPROVED:
            return "It is approved and waits; it can still be withdrawn."
        case Status.UNCONFIRMED:
            return "I go on looking for it, and send nothing again."
        case _:
            return "What is on its way to QuickBooks already is finished."


# --- answers -----------------------------------------------------------------------


def _said(company: Company | None, text: str, *notes: str, tone: Tone) -> Card:
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        tone=tone,
        sections=(Section(texts=notes),) if notes else (),
    )


def _names(companies: Sequence[Company]) -> str:
    shown = tuple(title(each) for each in companies[:_SHOWN_MAX])
    left = len(companies) - len(shown)
    return listed((*shown, f"{left} more") if left > 0 else shown, "and")


def stopped(companies: Sequence[Company], kind: str, reason: str, waits: int) -> Card:
    """An administrator has stopped companies; `waits` counts their proposals."""
    one = companies[0] if len(companies) == 1 else None
    which = "" if one else f" ({_names(companies)})"
    why = f"Reason: “{cut(line(reason), 200)}”." if reason else ""
    held = (
        f"{count(waits, 'open proposal')} {'waits' if waits == 1 else 'wait'}."
        if waits
        else "No open proposal waits."
    )
    if kind == FROZEN:
        text = f"Frozen{which}: nothing is approved or posted any more."
        notes = (
            (
                "Changes can still be proposed, rejected and withdrawn. What has an"
                " unknown outcome is still looked for."
            ),
            held,
            _lifting("thaw"),
        )
    else:
        text = f"Read-only{which}: nothing is proposed, approved or posted any more."
        notes = (
            "Questions work as always.",
            held,
            _lifting("readonly off"),
        )
    return _said(one, text, *((why,) if why else ()), *notes, tone=Tone.WARNING)


def _lifting(order: str) -> str:
    return (
        f"Two administrators let it go on, each with “{order}”; where there is only"
        " one, whoever runs the server does."
    )


def already(companies: Sequence[Company], kind: str) -> Card:
    """It was stopped before."""
    one = companies[0] if len(companies) == 1 else None
    word = "frozen" if kind == FROZEN else "read-only"
    text = f"{_names(companies)} {'is' if one else 'are'} {word} already."
    return _said(one, text, tone=Tone.MUTED)


def lifted(
    company: Company,
    kind: str,
    outcome: Lifted,
    admins: tuple[str, ...],
    *,
    is_stopped: bool,
) -> Card:
    """What one administrator's word for going on brought about.

    `admins` are the names of the other administrators; `is_stopped`: something
    else stops the company all the same.
    """
    order = "thaw" if kind == FROZEN else "readonly off"
    word = "frozen" if kind == FROZEN else "read-only"
    flag = "" if kind == FROZEN else " --readonly"
    others = (
        f"{listed(tuple(cut(line(name), 60) for name in admins[:_SHOWN_MAX]))} has to"
        f" say “{order}” as well, within 24 hours."
        if admins
        else "There is no other administrator here. Whoever runs the server can lift"
        f" it there: countersign thaw{flag} --company {company.realm} --reason …"
    )
    match outcome:
        case Lifted.NOTHING:
            text = f"{title(company)} is not {word} by an order."
            return _said(company, text, tone=Tone.MUTED)
        case Lifted.FIRST:
            text = (
                "You have let it go on; one more administrator has to."
                if admins
                else "It stays stopped: your word alone does not let it go on."
            )
            return _said(company, text, others, tone=Tone.WARNING)
        case Lifted.SAME:
            text = "You have said so already; it takes another administrator."
            return _said(company, text, others, tone=Tone.WARNING)
        case Lifted.GOES_ON:
            goes = (
                "Approving and posting go on."
                if kind == FROZEN
                else "It can be written to again."
            )
            still = ("Something else still stops it; its cards say what.",)
            return _said(company, goes, *(still if is_stopped else ()), tone=Tone.GOOD)
