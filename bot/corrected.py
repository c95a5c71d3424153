"""Which proposal words mean to change, and what it says once they have."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from approvals.proposal import Denied, Proposal, Status
from bot.backstage import Asked, Backstage
from bot.platform import Place
from bot.understanding.interpretation import ACTIONS, Interpretation

# As many proposals as are looked through for the one whose thread it is.
_LOOKED_AT = 50
_CENT = Decimal("0.01")
_OF_LINES = frozenset({"quantity", "rate", "amount", "add_lines", "remove_lines"})
_KEPT = "Nothing has been changed."
NONE_WAITS = (
    "None of your proposals waits any more, so there is none to change."
    " Please say the whole request again."
)


def as_said(proposal: Proposal) -> Interpretation | None:
    """What is proposed, as a meaning; None where it was not asked for in words."""
    if not proposal.draft.change:
        return None
    try:
        stands = json.loads(proposal.draft.change)
        action, arguments = stands["action"], dict(stands["arguments"])
    except (KeyError, ValueError, TypeError):
        return None
    return Interpretation("write", action, arguments) if action in ACTIONS else None


def changed(proposal: Proposal, changes: Mapping[str, Any]) -> Interpretation:
    """What is proposed, with changes made to it.

    Raises:
        Denied: it has no such thing, or more than one that could be meant.
    """
    said = as_said(proposal)
    if said is None or said.action is None:
        raise _no(proposal, "cannot be changed in words. Press Edit on its card")
    arguments = dict(said.arguments)
    for name, value in changes.items():
        _change(proposal, said.action, arguments, name, value)
    return Interpretation("write", said.action, arguments, corrects=True)


def _change(
    proposal: Proposal, action: str, into: dict[str, Any], name: str, value: Any
) -> None:
    takes = ACTIONS[action].takes
    if "changes" in takes and name not in takes:
        into["changes"] = {**into.get("changes", {}), name: value}
    elif name in _OF_LINES and "lines" in takes and "amount" not in into:
        into["lines"] = _lines(proposal, into.get("lines", []), name, value)
    elif name in takes or (name == "email" and action == "invoice.create"):
        into[name] = value
        # One of the two is said; the other would say something else.
        for other in {"terms": ("due_date",), "due_date": ("terms",)}.get(name, ()):
            into.pop(other, None)
        if name == "amount":
            into.pop("full", None)
    else:
        raise _no(proposal, f"has no {name.replace('_', ' ')} to change")


def _lines(
    proposal: Proposal, old: list[Mapping[str, Any]], name: str, value: Any
) -> list[dict[str, Any]]:
    """The lines with another quantity, rate or amount, with more, or with fewer."""
    lines = [dict(line) for line in old]
    if name == "add_lines":
        return [*lines, *value]
    if name == "remove_lines":
        kept = [line for line in lines if line.get("item") not in value]
        if len(kept) != len(lines) - len(value) or not kept:
            raise _no(proposal, f"has no one line of {', '.join(value)} to take off")
        return kept
    if len(lines) != 1:
        raise _no(
            proposal, f"has {len(lines)} lines. Press Edit on its card to say which one"
        )
    (line,) = lines
    if name == "amount" and {"quantity", "rate"} & line.keys():
        raise _no(proposal, "has a quantity. Say the rate, or how many, instead")
    if name != "amount" and "amount" in line and "rate" not in line:
        raise _no(proposal, "has one sum for the whole line. Say the new sum instead")
    line[name] = value
    if "rate" in line:
        line.setdefault("quantity", "1")
        total = Decimal(line["quantity"]) * Decimal(line["rate"])
        line["amount"] = str(total.quantize(_CENT, ROUND_HALF_UP))
    return lines


def _no(proposal: Proposal, why: str) -> Denied:
    return Denied(f"{proposal.number} {why}. {_KEPT}", rule="changed")


# --- which one ---------------------------------------------------------------------


async def in_thread(back: Backstage, asked: Asked) -> Proposal | None:
    """The one waiting proposal in whose thread it is said; None outside threads."""
    if not asked.place.thread:
        return None
    waiting = await _waiting(back, asked, lambda _each: True)
    found = [each for each in waiting if await _is_here(back, asked.place, each)]
    return found[0] if len(found) == 1 else None


async def _is_here(back: Backstage, place: Place, proposal: Proposal) -> bool:
    """Whether a thread is the one that a proposal was asked in, or is shown in."""
    if proposal.conversation and _same(Place.parse(proposal.conversation), place):
        return True
    for notice in await back.desk.notices(proposal.id):
        at = Place.parse(notice.place)
        in_it = _same(at, place)
        began = at.conversation == place.conversation and notice.message == place.thread
        if in_it or began:
            return True
    return False


def _same(one: Place, two: Place) -> bool:
    return (one.platform, one.tenant, one.conversation, one.thread) == (
        two.platform,
        two.tenant,
        two.conversation,
        two.thread,
    )


async def own(back: Backstage, asked: Asked) -> tuple[Proposal, ...]:
    """What this person has proposed and what still waits, the latest first."""
    return await _waiting(
        back, asked, lambda each: each.requester_id == asked.person.id
    )


async def _waiting(
    back: Backstage, asked: Asked, fits: Callable[[Proposal], bool]
) -> tuple[Proposal, ...]:
    found = await back.desk.proposals(
        asked.person.workspace, statuses=frozenset({Status.PENDING})
    )
    ordered = sorted(found, key=lambda each: each.created_at, reverse=True)
    return tuple(each for each in ordered if fits(each))[:_LOOKED_AT]


async def asked_which(
    back: Backstage, asked: Asked, meant: Interpretation
) -> Interpretation:
    """A question about which proposal to change, with those that wait as choices."""
    question = meant.question
    if meant.action != "proposal.edit" or question is None or question.choices:
        return meant
    if question.about != "proposal":
        return meant
    numbers = tuple(each.number for each in await own(back, asked))
    text = question.text if numbers else NONE_WAITS
    return replace(meant, question=replace(question, text=text, choices=numbers))
