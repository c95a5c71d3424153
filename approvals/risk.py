"""Plain reasons to look twice at a draft. Pure: facts in, sentences out.

A "warning" is a reason to stop and check, a "note" one to know. None of them
forbids anything: people decide.
"""

from datetime import date
from decimal import Decimal

from approvals.proposal import Risk
from qbo.books import Circumstances, Draft, Money, Verb

# "Much larger than ever before" starts at twice the largest.
_UNUSUAL_FACTOR = Decimal(2)
_SATURDAY = 5


def risks(draft: Draft, circumstances: Circumstances) -> tuple[Risk, ...]:
    """The reasons to look twice, warnings first."""
    found = (
        *_duplicates(circumstances),
        *_size(circumstances),
        *_void(draft, circumstances),
        *_backdated(draft, circumstances),
        *_overdue(draft, circumstances),
        *_party(circumstances),
        *_email(draft),
        *_weekend(draft.today),
    )
    return tuple(sorted(found, key=lambda risk: risk.level != "warning"))


def _duplicates(facts: Circumstances) -> tuple[Risk, ...]:
    return tuple(
        Risk(
            "warning",
            f"Possible duplicate: {duplicate}. Check that it is not the"
            " same thing twice.",
        )
        for duplicate in facts.duplicates
    )


def _size(facts: Circumstances) -> tuple[Risk, ...]:
    amount, largest = facts.amount, facts.largest_before
    if not _comparable(amount, largest):
        return ()
    assert amount is not None
    assert largest is not None
    party = facts.party or "this party"
    if largest.amount > 0 and amount.amount >= largest.amount * _UNUSUAL_FACTOR:
        return (
            Risk(
                "warning",
                f"{amount} is much larger than anything before for {party} (at most"
                f" {largest}). Check the amount.",
            ),
        )
    if amount.amount > largest.amount:
        return (Risk("note", f"The largest so far for {party} (before: {largest})."),)
    return ()


def _comparable(one: Money | None, other: Money | None) -> bool:
    return one is not None and other is not None and one.currency == other.currency


def _void(draft: Draft, facts: Circumstances) -> tuple[Risk, ...]:
    if all(step.verb is not Verb.VOID for step in draft.steps):
        return ()
    if facts.backdated_days:
        return (
            Risk(
                "warning",
                f"This voids a document from {_days(facts.backdated_days)} ago and"
                " changes the books of that time. Check that the period is still open"
                " and that no tax return covers it.",
            ),
        )
    return (Risk("note", "A void cannot be taken back."),)


def _backdated(draft: Draft, facts: Circumstances) -> tuple[Risk, ...]:
    days = facts.backdated_days
    if not days or any(step.verb is Verb.VOID for step in draft.steps):
        return ()  # a void has its own words for it
    if days < 0:
        return (Risk("note", f"Dated {_days(-days)} in the future."),)
    return (Risk("note", f"Dated {_days(days)} back."),)


def _overdue(draft: Draft, facts: Circumstances) -> tuple[Risk, ...]:
    late = facts.party_overdue
    creates = any(
        step.verb is Verb.CREATE and step.entity == "Invoice" for step in draft.steps
    )
    if late is None or late.amount <= 0 or not creates:
        return ()
    return (
        Risk(
            "warning",
            f"{facts.party or 'This customer'} already owes {late} that is overdue.",
        ),
    )


def _party(facts: Circumstances) -> tuple[Risk, ...]:
    if not facts.party_is_new:
        return ()
    return (
        Risk(
            "note",
            f"The first time for {facts.party or 'this party'}. Check that it"
            " is the right one.",
        ),
    )


def _email(draft: Draft) -> tuple[Risk, ...]:
    if all(step.verb is not Verb.SEND for step in draft.steps):
        return ()
    return (
        Risk("note", "An e-mail goes out to the customer. It cannot be called back."),
    )


def _weekend(today: date) -> tuple[Risk, ...]:
    if today.weekday() < _SATURDAY:
        return ()
    return (Risk("note", f"Asked for on a {today:%A}."),)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
