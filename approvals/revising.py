"""What one draft changes against another, as people read it. Pure.

Everything that is shown of a draft is compared: the facts, the lines field by
field, the totals. Where two drafts would post different bytes and nothing of
that differs, that is said as well, with the names of the fields that differ.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from difflib import SequenceMatcher

from approvals.proposal import Audience, Denied, Proposal, Verdict, WantedTelling
from qbo.books import Draft, Line, Money, Shown, Step, Verb

NOTHING = "nothing"
REMOVED = "removed"
# Facts under two labels that are one thing to people, and how each is said.
_ONE_THING: Mapping[str, tuple[str, str]] = {
    "E-mail to": ("E-mail", "sent to {}"),
    "E-mail on the invoice": ("E-mail", "on the invoice, not sent: {}"),
}
# What of a line differs, in the order in which it is read.
_PARTS = (
    ("item", "item"),
    ("account", "account"),
    ("description", "description"),
    ("quantity", "quantity"),
    ("rate", "rate"),
    ("amount", "amount"),
    ("tracking_class", "class"),
)


def changes(before: Draft, after: Draft) -> tuple[Shown, ...]:
    """What differs, with the old value beside the new one; equal drafts give none.

    The two may be of different proposals: the mark of each ("Ref P-17") counts as
    the same.
    """
    told = (
        *_action(before, after),
        *_facts(before, after),
        *_lines(_unmarked(before), _unmarked(after)),
        *_totals(before, after),
    )
    return told or tuple(_unseen(before, after))


def sentence(changed: Sequence[Shown]) -> str:
    """The changes as one text: "Line 1, quantity: 10 → 12; Total: ..."."""
    return "; ".join(
        f"{each.label}: {each.before} → {each.value}"
        if each.before is not None
        else f"{each.label}: {each.value}"
        for each in changed
    )


def overtaken(proposal: Proposal) -> Denied:
    """The "no" to a change of a revision that is not the newest any more."""
    changed = sentence(proposal.changes)
    what = f" ({changed})" if changed else ""
    return Denied(
        f"{proposal.editor} has changed {proposal.number} meanwhile: revision"
        f" {proposal.revision} stands now{what}. So your change was not made. Please"
        " look at the newest revision and change that.",
        rule="changed",
    )


def told(before: Proposal, after: Proposal) -> tuple[WantedTelling, ...]:
    """Who is told of a revision: those whose approval is void, and who asked."""
    what = f"{after.number} ({after.draft.heading})"
    changed = sentence(after.changes) or "nothing that is posted"
    voided = tuple(
        dict.fromkeys(
            each.person_id
            for each in before.decisions
            if each.verdict is Verdict.APPROVE and each.person_id != after.editor_id
        )
    )
    wanted = []
    if voided:
        wanted.append(
            WantedTelling(
                "revised",
                Audience.PEOPLE,
                f"{after.editor} changed {what} after you approved it, so your approval"
                f" no longer counts. Changed: {changed}. Please decide again.",
                str(after.revision),
                people=voided,
            )
        )
    if after.editor_id != after.requester_id:
        wanted.append(
            WantedTelling(
                "revised",
                Audience.ASKER,
                f"{after.editor} changed {what}, so somebody else has to approve it."
                f" Changed: {changed}. Nothing has been posted.",
                str(after.revision),
            )
        )
    return tuple(wanted)


def _action(before: Draft, after: Draft) -> Iterator[Shown]:
    if (before.action, before.company) != (after.action, after.company):
        yield Shown("What is done", after.heading, before.heading)


# --- facts ----------------------------------------------------------------------


def _facts(before: Draft, after: Draft) -> Iterator[Shown]:
    """The facts under each label, in the order in which the labels come."""
    old, new = _by_label(before, after.ref), _by_label(after, after.ref)
    for label in dict.fromkeys((*new, *old)):
        was, now = old.get(label, []), new.get(label, [])
        for place in range(max(len(was), len(now))):
            one = was[place] if place < len(was) else None
            other = now[place] if place < len(now) else None
            if one != other:
                yield from _fact(label, one, other)


_Fact = tuple[str, str, str | None]  # the label as it stands, the value, the old one


def _by_label(draft: Draft, ref: str) -> Mapping[str, list[_Fact]]:
    found: defaultdict[str, list[_Fact]] = defaultdict(list)
    for shown in draft.shown:
        label = _ONE_THING.get(shown.label, (shown.label, ""))[0]
        old = None if shown.before is None else _remarked(shown.before, draft, ref)
        fact = (shown.label, _remarked(shown.value, draft, ref), old)
        found[_remarked(label, draft, ref)].append(fact)
    return found


def _remarked(text: str, draft: Draft, ref: str) -> str:
    """A text with the mark of another proposal in the place of its own."""
    if draft.ref == ref:
        return text
    return re.sub(rf"\bRef {re.escape(draft.ref)}\b", f"Ref {ref}", text)


def _fact(label: str, was: _Fact | None, now: _Fact | None) -> Iterator[Shown]:
    if was is None or now is None or was[1] != now[1] or was[0] != now[0]:
        yield Shown(
            label,
            _said(now, beside=was),
            None if was is None else _said(was, beside=now),
        )
    if was is not None and now is not None and was[2] != now[2]:
        # What it replaces in the books is another value by now.
        yield Shown(f"{label}, until now", now[2] or NOTHING, was[2] or NOTHING)


def _said(fact: _Fact | None, beside: _Fact | None) -> str:
    if fact is None:
        return REMOVED
    label, value, _ = fact
    if beside is not None and beside[0] != label and label in _ONE_THING:
        return _ONE_THING[label][1].format(value)
    return value


# --- lines ----------------------------------------------------------------------


def _lines(before: Sequence[Line], after: Sequence[Line]) -> Iterator[Shown]:
    """The lines that belong together are compared; the others came or went."""
    matcher = SequenceMatcher(
        a=[_name(each) for each in before],
        b=[_name(each) for each in after],
        autojunk=False,
    )
    for _, old_first, old_last, first, last in matcher.get_opcodes():
        both = min(old_last - old_first, last - first)
        for step in range(both):
            yield from _line(
                first + step, before[old_first + step], after[first + step]
            )
        for place in range(old_first + both, old_last):
            yield Shown(f"Line {place + 1} before", REMOVED, _whole(before[place]))
        for place in range(first + both, last):
            yield Shown(f"Line {place + 1}, added", _whole(after[place]))


def _unmarked(draft: Draft) -> Sequence[Line]:
    """The lines, those of several at once without the mark that numbers each.

    It counts their places ("Ref P-17/3"): where one is left out, the ones below it
    have other marks and are the same lines.
    """
    mark = rf"\bRef {re.escape(draft.ref)}/\d+\b"
    return [
        replace(each, description=re.sub(mark, f"Ref {draft.ref}", each.description))
        if each.description and each.item is None and each.account is None
        else each
        for each in draft.lines
    ]


def _name(line: Line) -> tuple[str | None, str | None]:
    if line.item is None and line.account is None:
        # The part of a payment is known by the invoice that it settles.
        return line.description, None
    return line.item, line.account


def _line(place: int, before: Line, after: Line) -> Iterator[Shown]:
    for name, label in _PARTS:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            old, new = _both(was, now)
            yield Shown(f"Line {place + 1}, {label}", new, old)


def _whole(line: Line) -> str:
    """A line in one text: "Consulting, onsite, 10 x 150, $1,500.00"."""
    parts = [line.item or line.account or "", line.description or ""]
    if line.quantity is not None:
        times = f" x {plain(line.rate)}" if line.rate is not None else ""
        parts.append(f"{plain(line.quantity)}{times}")
    parts += [line.tracking_class or "", str(line.amount)]
    return ", ".join(part for part in parts if part)


# --- totals and the rest -----------------------------------------------------------


def _totals(before: Draft, after: Draft) -> Iterator[Shown]:
    named = {shown.label for shown in (*before.shown, *after.shown)}
    if before.total != after.total:
        old, new = _both(before.total, after.total)
        # A void shows its own "Total", which is told with the facts.
        label = "Total" if "Total" not in named else "Amount of it"
        yield Shown(label, new, old)
    if before.tax != after.tax and not any("(estimate)" in each for each in named):
        old, new = _both(before.tax, after.tax)
        yield Shown("Tax (estimate)", new, old)
    if before.home_total != after.home_total and before.total == after.total:
        old, new = _both(before.home_total, after.home_total)
        yield Shown("Total in the company's own currency", new, old)


def _unseen(before: Draft, after: Draft) -> Iterator[Shown]:
    """The requests differ in what is not shown: which are sent, or their fields."""
    old = [_request(step, before, after.ref) for step in before.steps]
    new = [_request(step, after, after.ref) for step in after.steps]
    if old == new:
        return
    if [each[:-1] for each in old] != [each[:-1] for each in new]:
        yield Shown("What is sent to QuickBooks", _steps(after), _steps(before))
        return
    fields = dict.fromkeys(
        name
        for one, other in zip(old, new, strict=True)
        for name in _fields(one, other)
    )
    if "SyncToken" in fields and len(fields) == 1:
        yield Shown(
            "What is sent to QuickBooks",
            "the same, upon a newer version of the record",
        )
        return
    named = f" ({', '.join(fields)})" if fields else ""
    yield Shown(
        "What is sent to QuickBooks", f"differs in what is not shown here{named}"
    )


_Request = tuple[str, str, str, str, tuple[tuple[str, str], ...], bytes]


def _request(step: Step, draft: Draft, ref: str) -> _Request:
    body = step.body
    if draft.ref != ref:
        body = _remarked(body.decode("utf-8", "replace"), draft, ref).encode()
    return (
        step.verb.value,
        step.entity,
        step.method,
        step.path,
        step.query,
        body,
    )


def _fields(one: _Request, other: _Request) -> Iterator[str]:
    """The names of the fields that differ between two bodies."""
    if one[-1] == other[-1]:
        return
    try:
        old, new = json.loads(one[-1]), json.loads(other[-1])
    except ValueError:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from (
            str(name)
            for name in dict.fromkeys((*new, *old))
            if old.get(name) != new.get(name) or (name in old) != (name in new)
        )


def _steps(draft: Draft) -> str:
    """The requests of a draft as people read them: "create Invoice, send Invoice"."""
    return ", ".join(
        f"{step.verb.value} {step.entity}"
        + (
            f" to {dict(step.query).get('sendTo', '')}"
            if step.verb is Verb.SEND
            else ""
        )
        + (f" ({step.record_id})" if step.record_id else "")
        for step in draft.steps
    )


# --- how values read ------------------------------------------------------------


def _both(was: object, now: object) -> tuple[str, str]:
    """Two values that differ, as texts that differ."""
    old, new = _text(was), _text(now)
    if old == new:
        # Such as amounts that differ by less than a cent.
        old, new = _exact(was), _exact(now)
    return old, new


def _text(value: object) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, Decimal):
        return plain(value)
    return str(value)


def _exact(value: object) -> str:
    if isinstance(value, Money):
        return f"{value.amount} {value.currency}"
    return repr(value) if isinstance(value, str) else _text(value)


def plain(value: Decimal | None) -> str:
    """A number without needless zeros: 10 rather than 10.00, 0.5 as it is."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
