"""What somebody else says a message means, taken over only as far as it can be shown.

A language model is a stranger who has read the message: its answer may be wrong, or
written by whoever wrote a customer's name. So of its words none is ever shown; its
action is one of the contract's, its names are names of the books that it was told,
and what a write says follows from the person's own words, or is asked about.
"""

from datetime import date

from bot.understanding import proof_reads, proof_writes
from bot.understanding.conversation import _with_company
from bot.understanding.evidence import Evidence
from bot.understanding.interpretation import ACTIONS, Interpretation, refuse
from bot.understanding.proof_asking import did_you_mean
from bot.understanding.sayings import SAYINGS
from bot.understanding.shortlist import Shortlist
from qbo.books import Names

# Commands that do something: these wait for a press, whatever was said.
_PRESSED = frozenset({"disconnect", "undo", "proposal.withdraw", "connection.use"})
_NEVER = frozenset({"proposal.edit"})


def proven(
    offered: Interpretation,
    words: str,
    names: Names,
    today: date,
    told: Shortlist,
    last: Interpretation | None = None,
) -> Interpretation | None:
    """What of an offered meaning can be shown; None: it is turned away.

    `words` are the person's own, `told` the names that the other reader was given,
    `last` the question that the words may answer. The answer may be a question.
    """
    if offered.kind == "refuse":
        return refuse(offered.reason or "out_of_scope")
    shape = ACTIONS.get(offered.action or "")
    unknown = shape is None or set(offered.arguments) - set(shape.takes)
    if shape is None or unknown or offered.action in _NEVER:
        return None
    evidence = Evidence(words, names, today, years=shape.kind != "write")
    if shape.kind == "write":
        made = proof_writes.proven(offered, evidence, last)
        return made and _there(evidence, made)
    shown = proof_reads.proven(offered, evidence, told)
    if shown is None or shown.kind == "clarify" or shape.kind == "read":
        return shown and _there(evidence, shown)
    return _command(offered.action or "", evidence, shown)


def _command(
    action: str, evidence: Evidence, shown: Interpretation
) -> Interpretation | None:
    """A command; one that does something waits for a press, if it was spoken of."""
    if action not in _PRESSED:
        return Interpretation("command", action, shown.arguments)
    return did_you_mean((action,), shown) if _is_spoken_of(action, evidence) else None


def _is_spoken_of(action: str, evidence: Evidence) -> bool:
    """Whether the words have any word of what a command is called."""
    called = set(SAYINGS[action].casefold().split()) - {"the"}
    return any(part.symbol in called for part in evidence.parts) or bool(evidence.used)


def _there(evidence: Evidence, made: Interpretation) -> Interpretation | None:
    """The same, in the company that the words name; None where that would be lost."""
    if made.action is None and evidence.reading.company is not None:
        return None
    return _with_company(evidence.reading, made)
