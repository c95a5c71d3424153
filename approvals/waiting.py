"""Why an approved write is not posted just now, and until about when. Pure.

What it waits for is kept as a word (`Proposal.waiting_for`) beside the sentence
that says it (`Proposal.reason`), since only some of them end at a time that we know.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from approvals.proposal import Halt, Proposal, Status
from qbo.books import Company
from qbo.faults import BooksFault, Disconnected, Forbidden, Throttled, Unreachable

# What it waits for that passes by itself: tried again at a time that is shown.
_TIMED: Final = frozenset(
    {"pace", "turn", "slow-down", "quickbooks", "renewal", "maintenance", "database"}
)
# What a halt of the company says, and its cards say at the top.
HALTED: Final = frozenset({"frozen", "readonly", "disconnected"})


@dataclass(frozen=True, slots=True)
class Wait:
    """What it waits for: a stable word, and the sentence for people."""

    kind: str
    sentence: str


def upon(fault: BooksFault) -> Wait:
    """The wait that a fault of the books leads to; nothing has been taken."""
    match fault:
        case Disconnected():
            return Wait(
                "disconnected",
                "The connection to QuickBooks has ended: nothing can be posted until"
                " an administrator renews it.",
            )
        case Throttled():
            kind = fault.waits_for or "slow-down"
        case Unreachable():
            kind = fault.waits_for or "quickbooks"
        case Forbidden():
            return Wait("forbidden", fault.sentence)
        case _:
            return Wait("books", fault.sentence)
    return Wait(kind, _SENTENCES[kind])


_SENTENCES: Final = {
    "pace": "I keep to the pace at which QuickBooks takes requests.",
    "turn": "Another change to these books is on its way; they go one at a time.",
    "slow-down": "QuickBooks asks us to slow down.",
    "quickbooks": "QuickBooks cannot be reached.",
    "renewal": "The connection to QuickBooks is being renewed.",
    "maintenance": "QuickBooks has closed these books for maintenance.",
    "database": "I cannot reach my own database.",
}


def unconfirmed(company: Company) -> Wait:
    """Nobody has said yet that it is the right company."""
    return Wait(
        "confirmation",
        f"{company.title} is not confirmed yet: an administrator has to say yes first."
        " Nothing has been posted.",
    )


def halted(halt: Halt) -> Wait:
    """The company was stopped."""
    return Wait(halt.kind, f"{stopped(halt)} Nothing has been posted.")


def bars_approval(proposal: Proposal) -> bool:
    """Whether its company is stopped so that nothing is approved (see `Halt`)."""
    return any(halt.kind != "disconnected" for halt in proposal.halts)


def broken(sentence: str) -> Wait:
    """The policy cannot be followed."""
    return Wait("policy", sentence)


def stopped(halt: Halt) -> str:
    """What stops a company, by whom and why, and what ends it; one or two sentences."""
    why = f" (“{halt.reason}”)" if halt.reason else ""
    match halt.kind:
        case "readonly":
            return f"The company is read-only by {halt.person}{why}."
        case "disconnected":
            return (
                "The company is not connected to QuickBooks: nothing can be posted"
                " until an administrator renews the connection."
            )
        case _:
            return f"Posting has been stopped by {halt.person}{why}."


def until(proposal: Proposal) -> str:
    """When it is tried again, as a sentence; empty where that is not known."""
    if proposal.status is not Status.APPROVED or proposal.next_try_at is None:
        return ""
    if proposal.waiting_for not in _TIMED or proposal.halts:
        return ""
    what = "The rest has not been done" if proposal.receipts else "Nothing was posted"
    return f"{what} yet; I try again at about {clock(proposal.next_try_at)}."


def clock(at: datetime) -> str:
    """A moment of today, roughly: the timetable looks once a minute."""
    return f"{at:%H:%M} UTC"


def is_timed(wait: Wait) -> bool:
    """Whether its card shows when it is tried again."""
    return wait.kind in _TIMED


def frozen(halt: Halt) -> str:
    """Why nothing is approved in a frozen company, and what to do."""
    return (
        f"{stopped(halt)} Nothing was approved or posted. It goes on once two"
        " administrators have said `thaw`."
    )


def readonly(
    company: Company, halt: Halt, what: str, admins: tuple[str, ...] = ()
) -> str:
    """Why nothing is written to a company, and who can change that.

    `what` says what did not happen ("nothing was proposed"); `admins` are the
    names of its administrators, where they are known.
    """
    why = f" (“{halt.reason}”)" if halt.reason else ""
    if halt.person.startswith("the setting "):
        who = "Whoever runs Countersign can change that setting."
    elif halt.person == "the approval policy":
        who = "Whoever keeps the approval policy can change that."
    else:
        names = f" ({', '.join(admins)})" if len(admins) > 1 else ""
        who = (
            f"Two administrators{names} can lift that with `readonly off`; where there"
            " is only one, whoever runs the server can, with `countersign thaw"
            f' --readonly --company {company.realm} --reason "why"`.'
        )
    return f"{company.title} is read-only by {halt.person}{why}, so {what}. {who}"
