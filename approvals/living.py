"""What has happened to a posted record, from what is known and what it is now. Pure.

Each record has four threads: whether it is there, whether it is voided, what of it
is paid, and whether it is as it was posted. What is said already on a thread is not
said again; what has become otherwise is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from approvals import moves
from approvals.followed import Followed
from approvals.proposal import (
    Audience,
    Event,
    Happening,
    Proposal,
    WantedTelling,
)
from qbo.books import Became, Money, Shown, Verb

_SHOWN_MAX = 3
# What is left of a difference between Intuit's clock and ours.
_SKEW = timedelta(minutes=10)
_THERE = ("deleted", "back")
_VOID = ("voided", "unvoided")
_PAID = ("paid", "part-paid", "open")
_AS_POSTED = ("changed", "restored")


@dataclass(frozen=True, slots=True)
class Later:
    """A later write of ours to the same record; `number` is its proposal's."""

    number: str
    write: Followed


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a record: which write it is of, and what was written later."""

    entity: str
    record_id: str
    write: Followed
    became: Became
    later: Sequence[Later]
    at: datetime

    @property
    def key(self) -> str:
        """The record, as part of what makes a happening the same."""
        return f"{self.entity}/{self.record_id}"

    def by(self, verb: Verb) -> str:
        """The number of the proposal of ours that did that later, or nothing."""
        done = [each.number for each in self.later if each.write.verb is verb]
        return done[-1] if done else ""

    def others(self, *verbs: Verb) -> bool:
        """Whether another proposal of ours has written to it later."""
        return any(
            each.write.proposal_id != self.write.proposal_id
            and (not verbs or each.write.verb in verbs)
            for each in self.later
        )


def lived(proposal: Proposal, happened: Sequence[Happening]) -> Proposal:
    """The proposal with what has become of it.

    Raises:
        Denied: it is not posted.
    """
    return moves.moved(proposal, Event.LIFE, life=(*proposal.life, *happened))


def happened(
    proposal: Proposal, look: Look
) -> tuple[tuple[Happening, ...], tuple[WantedTelling, ...]]:
    """What is new about a record, and who is told of it; nothing where nothing is."""
    found: list[Happening] = []
    told: list[WantedTelling] = []
    for thread in (_is_there, _is_void, _is_mailed, _is_paid, _is_as_posted):
        new, telling = thread(proposal, look)
        found += new
        told += telling
        if not look.became.exists or (look.became.voided and thread is _is_void):
            break
    return tuple(found), tuple(told)


_New = tuple[Sequence[Happening], Sequence[WantedTelling]]


def _is_there(proposal: Proposal, look: Look) -> _New:
    became, latest = look.became, _latest(proposal, look, _THERE)
    was_gone = latest is not None and latest.kind == "deleted"
    if look.write.verb is Verb.DELETE:
        return (), ()
    if became.exists:
        text = f"In QuickBooks again, {_day(look.at.date())}"
        return ((_one(proposal, look, "back", text),) if was_gone else ()), ()
    if was_gone:
        return (), ()
    by = look.by(Verb.DELETE)
    text = f"Deleted in QuickBooks, {_day(look.at.date())}"
    new = (_one(proposal, look, "deleted", _by(text, by)),)
    if by or look.others():
        return new, ()  # ours, or said of the proposal that wrote to it last
    total = str(became.total) if became.total else "posted"
    rows = (Shown(became.name, "deleted", total),)
    return new, (_alarm(proposal, look, "deleted", "was deleted", rows),)


def _is_void(proposal: Proposal, look: Look) -> _New:
    became, latest = look.became, _latest(proposal, look, _VOID)
    if look.write.verb not in (Verb.CREATE, Verb.UPDATE):
        return (), ()
    was_void = latest is not None and latest.kind == "voided"
    if not became.voided:
        text = f"Not voided any more, {_day(look.at.date())}"
        return ((_one(proposal, look, "unvoided", text),) if was_void else ()), ()
    if was_void:
        return (), ()
    by = look.by(Verb.VOID)
    text = f"Voided in QuickBooks, {_day(look.at.date())}"
    new = (_one(proposal, look, "voided", _by(text, by)),)
    if by or look.others(Verb.CREATE, Verb.UPDATE):
        return new, ()
    before = _posted_total(proposal, look)
    rows = (
        Shown("State", "voided", "posted"),
        *((Shown("Total", str(became.total), str(before)),) if before else ()),
    )
    return new, (_alarm(proposal, look, "voided", "was voided", rows),)


def _is_mailed(proposal: Proposal, look: Look) -> _New:
    became = look.became
    if look.write.verb is not Verb.CREATE or not became.mailed:
        return (), ()
    own = [each for each in look.later if each.write.verb is Verb.SEND]
    at = became.mailed_at
    by = ""
    for each in own:
        if at is None or abs(at - each.write.posted_at) <= _SKEW:
            if each.write.proposal_id == proposal.id:
                return (), ()  # the card says that of itself
            by = each.number
    key = at.isoformat() if at else ""
    known = {each.key for each in _thread(proposal, look, ("sent",))}
    if _key(look, key) in known:
        return (), ()
    day = (at or look.at).date()
    text = _by(f"E-mailed from QuickBooks, {_day(day)}", by)
    return (_one(proposal, look, "sent", text, key),), ()


def _is_paid(proposal: Proposal, look: Look) -> _New:
    became = look.became
    total, balance = became.total, became.balance
    if look.write.verb is not Verb.CREATE or total is None or balance is None:
        return (), ()
    if total.amount <= 0:
        return (), ()
    latest = _latest(proposal, look, _PAID)
    kind, key = "open", ""
    if balance.amount <= 0:
        kind = "paid"
    elif balance.amount < total.amount:
        kind, key = "part-paid", f"{balance.amount:f}"
    elif latest is None:
        return (), ()
    if latest is not None and (latest.kind, latest.key) == (kind, _key(look, key)):
        return (), ()
    text = _settled(look, kind, total, balance)
    new = (_one(proposal, look, kind, text, key),)
    if kind != "paid" or look.entity == "CreditMemo":
        return new, ()
    day = _day(became.settled_on or look.at.date())
    sentence = f"{became.name} {_of(proposal)} is paid in full, {day}."
    return new, (WantedTelling("paid", Audience.ASKER, sentence, look.key),)


def _settled(look: Look, kind: str, total: Money, balance: Money) -> str:
    day = look.became.settled_on or look.at.date()
    used = look.entity == "CreditMemo"
    if kind == "paid":
        return f"{'Used' if used else 'Paid'} in full, {_day(day)}"
    rest = "left" if used else "open"
    if kind == "part-paid":
        word = "Partly used" if used else "Part-paid"
        return f"{word}: {balance} of {total} {rest}, {_day(day)}"
    word = "Not used" if used else "Not paid"
    return f"{word} any more: {balance} {rest}, {_day(look.at.date())}"


def _is_as_posted(proposal: Proposal, look: Look) -> _New:
    became, latest = look.became, _latest(proposal, look, _AS_POSTED)
    was = latest is not None and latest.kind == "changed"
    if not became.changes:
        text = f"As it was posted again, {_day(look.at.date())}"
        return ((_one(proposal, look, "restored", text),) if was else ()), ()
    if was and latest is not None and latest.key == _key(look, became.digest):
        return (), ()
    shown = "; ".join(
        f"{each.label} {each.before} → {each.value}"
        for each in became.changes[:_SHOWN_MAX]
    )
    left = len(became.changes) - _SHOWN_MAX
    more = f"; and {left} more" if left > 0 else ""
    text = f"Changed in QuickBooks, {_day(look.at.date())}: {shown}{more}"
    new = (_one(proposal, look, "changed", text, became.digest),)
    alarm = _alarm(proposal, look, "changed", "was changed", became.changes)
    return new, (alarm,)


def _alarm(
    proposal: Proposal, look: Look, kind: str, what: str, rows: tuple[Shown, ...]
) -> WantedTelling:
    """The administrators learn what went round us, once each time it happens."""
    sentence = (
        f"{look.became.name} {_of(proposal)} {what} in QuickBooks after it was posted,"
        " and not by a proposal. Please look whether that is right."
    )
    # The same once more, after it was put right, is another thing to be told.
    before = sum(each.kind == kind for each in proposal.life)
    key = f"{look.key}.{look.became.digest or look.write.step}"
    key = f"{key}.{before}" if before else key
    return WantedTelling(kind, Audience.ADMINS, sentence, key, shown=rows)


def _one(
    proposal: Proposal, look: Look, kind: str, text: str, key: str = ""
) -> Happening:
    records = {(r.entity, r.record_id) for r in proposal.receipts if r.record_id}
    alone = len(records) == 1 and not look.write.part
    said = text if alone else f"{look.became.name}: {text}"
    return Happening(kind, look.write.step, look.at, said, _key(look, key))


def _key(look: Look, key: str) -> str:
    return f"{look.key} {look.write.step}.{look.write.part} {key}"


def _thread(
    proposal: Proposal, look: Look, kinds: tuple[str, ...]
) -> tuple[Happening, ...]:
    mine = _key(look, "")
    return tuple(
        each
        for each in proposal.life
        if each.kind in kinds and each.key.startswith(mine)
    )


def _latest(proposal: Proposal, look: Look, kinds: tuple[str, ...]) -> Happening | None:
    found = _thread(proposal, look, kinds)
    return found[-1] if found else None


def _posted_total(proposal: Proposal, look: Look) -> Money | None:
    for receipt in proposal.receipts:
        if receipt.step != look.write.step:
            continue
        for part in receipt.parts:
            if part.key == look.write.part:
                return part.total
        return receipt.total
    return None


def _of(proposal: Proposal) -> str:
    return f"({proposal.number}, {proposal.draft.heading})"


def _by(text: str, number: str) -> str:
    return f"{text} ({number})" if number else text


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
