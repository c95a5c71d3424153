"""Plain reasons to look twice at a draft. Pure: facts in, sentences out.

A "warning" is a reason to stop and check, a "note" one to know. Only a light that
`blocks` forbids anything: a date in the books' closed period. All others leave the
decision to people, and each says what it rests on and what to check.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from approvals.proposal import Proposal, Risk, Rule, Status
from approvals.totals import total_of
from qbo.books import Circumstances, Draft, Money, Verb, line_numbers

# "Much larger than ever before" starts at twice the largest; for a party with several
# documents at ten times the middle one as well, as one huge one hides the next.
_UNUSUAL_FACTOR: Final = Decimal(2)
_MEDIAN_FACTOR: Final = Decimal(10)
_SEVERAL: Final = 4
_JUST_UNDER: Final = Decimal("0.05")
_FAR_PAST_DAYS: Final = 90
_SATURDAY: Final = 5
# These of one kind may be several, and each is a reason of its own.
_MANY: Final = frozenset({"duplicate", "number", "changed", "price"})


def risks(
    draft: Draft,
    circumstances: Circumstances,
    *,
    rule: Rule | None = None,
    limits: Iterable[Decimal] = (),
    others: Sequence[Proposal] = (),
) -> tuple[Risk, ...]:
    """The reasons to look twice, those that block first, then the warnings.

    `rule` is the one that applies, `limits` are the totals (in the company's own
    currency) from which the policy asks for more than it does now, `others` are the
    company's proposals that look the same and have not ended, or were posted lately.
    """
    found = (
        *_closed(circumstances, rule),
        *_duplicates(circumstances, others),
        *_numbers(circumstances),
        *_limit(draft, limits),
        *_size(circumstances),
        *_changed(circumstances),
        *_void(draft, circumstances),
        *(() if circumstances.parts else _dates(draft, circumstances)),
        *_credit(draft, circumstances),
        *_prices(circumstances),
        *_overdue(draft, circumstances),
        *_party(circumstances),
        *_email(draft),
        *_lines(draft, circumstances.parts),
    )
    return tuple(
        sorted(found, key=lambda risk: (not risk.blocks, risk.level != "warning"))
    )


def is_new(risk: Risk, known: Iterable[Risk]) -> bool:
    """Whether a light was not among those that a card has shown.

    A light of a kind that there is once is the same while its figures move; of a
    kind that there may be several of, each sentence is a light of its own.
    """
    return not any(
        risk.kind == each.kind
        and risk.blocks == each.blocks
        and (risk.kind not in _MANY or risk.text == each.text)
        for each in known
    )


def likeness(draft: Draft, circumstances: Circumstances) -> str:
    """A text that proposals of the same party and amount share; empty: of none."""
    if circumstances.party is None or all(
        step.verb is not Verb.CREATE for step in draft.steps
    ):
        return ""
    total = f"{draft.total.amount:.2f} {draft.total.currency}" if draft.total else ""
    return f"{draft.action}|{circumstances.party.casefold()}|{total}"


def _closed(facts: Circumstances, rule: Rule | None) -> tuple[Risk, ...]:
    through = facts.closed_through
    if through is None or not facts.dates or facts.dates[0] > through:
        return ()
    closed = (
        f"The books are closed up to {_day(through)}, and this is dated"
        f" {_day(facts.dates[0])}."
    )
    if rule is not None and rule.allow_closed:
        return (
            Risk(
                "warning",
                f"{closed} The policy allows it, but QuickBooks takes it only once the"
                " closing date was moved. Check with whoever closed the period.",
                "closed-period",
            ),
        )
    return (
        Risk(
            "warning",
            f"{closed} It cannot be posted. Use a later date, or have the closing"
            " date moved in QuickBooks.",
            "closed-period",
            blocks=True,
        ),
    )


def _duplicates(facts: Circumstances, others: Sequence[Proposal]) -> tuple[Risk, ...]:
    in_books = tuple(
        Risk(
            "warning",
            f"Possible duplicate: {duplicate}. Check that it is not the"
            " same thing twice.",
            "duplicate",
        )
        for duplicate in facts.duplicates
    )
    told = " ".join(facts.duplicates)
    proposed = tuple(
        Risk(
            "warning",
            f"Possible duplicate: {other.number} by {other.requester} is for"
            f" {_what(other)} as well and {_stands(other)}. Check that it is not the"
            " same thing twice.",
            "duplicate",
        )
        for other in others
        if not any(r.doc_number and r.doc_number in told for r in other.receipts)
    )
    return in_books + proposed


def _stands(other: Proposal) -> str:
    # No closer than that: each other word would be a light that is new.
    is_posted = other.status is Status.APPLIED
    return "was posted lately" if is_posted else "has not ended yet"


LIKE_STATUSES: Final = (
    *(Status.PENDING, Status.APPROVED, Status.APPLYING, Status.UNCONFIRMED),
    Status.APPLIED,
)
"""Where a proposal stands that another may be the duplicate of."""


def _what(other: Proposal) -> str:
    party = other.circumstances.party or "the same party"
    return f"{party}, {other.draft.total}," if other.draft.total else party


def _numbers(facts: Circumstances) -> tuple[Risk, ...]:
    return tuple(
        Risk(
            "warning",
            f"The number is nearly that of another document: {each}. Check that it is"
            " not the same one, typed or read otherwise.",
            "number",
        )
        for each in facts.numbers
    )


def _limit(draft: Draft, limits: Iterable[Decimal]) -> tuple[Risk, ...]:
    total = total_of(draft)
    if draft.home_total is None or not total:
        return ()
    above = [
        limit
        for limit in limits
        if total < limit and limit - total <= limit * _JUST_UNDER
    ]
    if not above:
        return ()
    currency = draft.home_total.currency
    return (
        Risk(
            "warning",
            f"{Money(total, currency)} is just under {Money(min(above), currency)},"
            " from which the policy asks for more."
            " Check that nothing was split or trimmed to stay below it.",
            "just-under",
        ),
    )


def _size(facts: Circumstances) -> tuple[Risk, ...]:
    amount, largest, median = facts.amount, facts.largest_before, facts.median_before
    if amount is None or largest is None or amount.currency != largest.currency:
        return ()
    party = facts.party or "this party"
    if largest.amount > 0 and amount.amount >= largest.amount * _UNUSUAL_FACTOR:
        return (
            Risk(
                "warning",
                f"{amount} is much larger than anything before for {party} (at most"
                f" {largest}). Check the amount.",
                "size",
            ),
        )
    if (
        median is not None
        and facts.count_before >= _SEVERAL
        and median.amount > 0
        and amount.amount >= median.amount * _MEDIAN_FACTOR
    ):
        return (
            Risk(
                "warning",
                f"{amount} is far more than usual for {party}: of"
                f" {facts.count_before} before, half are at most {median}. Check the"
                " amount.",
                "size",
            ),
        )
    if amount.amount > largest.amount:
        return (
            Risk(
                "note", f"The largest so far for {party} (before: {largest}).", "size"
            ),
        )
    return ()


def _changed(facts: Circumstances) -> tuple[Risk, ...]:
    party = facts.party or "this party"
    return tuple(
        Risk(
            "warning",
            f"{party} was changed lately: {each}. Check with them, by a number that"
            " you knew before, that they wanted it.",
            "changed",
        )
        for each in facts.changed
    )


def _void(draft: Draft, facts: Circumstances) -> tuple[Risk, ...]:
    voids = [step for step in draft.steps if step.verb in {Verb.VOID, Verb.DELETE}]
    if not voids:
        return ()
    word = "voids" if voids[0].verb is Verb.VOID else "deletes"
    if facts.backdated_days > 0:
        return (
            Risk(
                "warning",
                f"This {word} a document from {_days(facts.backdated_days)} ago and"
                " changes the books of that time. Check that the period is still open"
                " and that no tax return covers it.",
                "void",
            ),
        )
    if voids[0].verb is Verb.VOID:
        # That it cannot be taken back stands among the notes of the draft itself.
        return ()
    return (Risk("note", "What is deleted cannot be brought back.", "void"),)


def _dates(draft: Draft, facts: Circumstances) -> tuple[Risk, ...]:
    if any(step.verb in {Verb.VOID, Verb.DELETE} for step in draft.steps):
        return ()  # a void has its own words for it
    if not facts.dates:
        return _back(facts.backdated_days) + _weekend(draft.today, "Asked for on")
    ahead = (facts.dates[-1] - draft.today).days
    future = (
        (
            Risk(
                "warning",
                f"Dated {_day(facts.dates[-1])}, {_days(ahead)} in the future. Check"
                " the date.",
                "date",
            ),
        )
        if ahead > 0
        else ()
    )
    weekends = [each for each in facts.dates if each.weekday() >= _SATURDAY]
    weekend = _weekend(weekends[0], "Dated", weekends[0]) if weekends else ()
    return future + _back(facts.backdated_days) + weekend


def _back(days: int) -> tuple[Risk, ...]:
    if days > _FAR_PAST_DAYS:
        said = f"Dated {_days(days)} back. Check the year, and which period it is for."
        return (Risk("warning", said, "date"),)
    return (Risk("note", f"Dated {_days(days)} back.", "date"),) if days > 0 else ()


def _weekend(day: date, word: str, named: date | None = None) -> tuple[Risk, ...]:
    if day.weekday() < _SATURDAY:
        return ()
    which = f" ({_day(named)})" if named else ""
    return (Risk("note", f"{word} a {day:%A}{which}.", "weekend"),)


# Beside these it matters what of a customer or vendor is on file and not used.
_CREDITED = frozenset({"Invoice", "Payment", "Bill", "BillPayment"})


def _credit(draft: Draft, facts: Circumstances) -> tuple[Risk, ...]:
    asks = any(
        step.verb is Verb.CREATE and step.entity in _CREDITED for step in draft.steps
    )
    if facts.credit is None or facts.credit.amount <= 0 or not asks:
        return ()
    return (
        Risk(
            "note",
            f"{facts.party or 'This customer'} has {facts.credit} on file that is not"
            f" used ({', '.join(facts.credits)}). Check whether it should be applied"
            " instead.",
            "credit",
        ),
    )


def _prices(facts: Circumstances) -> tuple[Risk, ...]:
    return tuple(
        Risk("note", f"{each}. Check that this was agreed.", "price")
        for each in facts.prices
    )


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
            f"{facts.party or 'This customer'} already owes {late} that is overdue."
            " Check that more should be sold to them.",
            "overdue",
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
            "first-time",
        ),
    )


def _email(draft: Draft) -> tuple[Risk, ...]:
    if all(step.verb is not Verb.SEND for step in draft.steps):
        return ()
    return (
        Risk(
            "note",
            "An e-mail goes out to the customer. It cannot be called back.",
            "e-mail",
        ),
    )


def _lines(draft: Draft, parts: Sequence[Circumstances]) -> tuple[Risk, ...]:
    """What of each of several lines is to be looked at; equal ones said together."""
    lines: dict[Risk, list[int]] = {}
    for number, facts in enumerate(parts, start=1):
        for risk in (
            *_duplicates(facts, ()),
            *_numbers(facts),
            *_size(facts),
            *_changed(facts),
            *_dates(draft, facts),
            *_credit(draft, facts),
            *_prices(facts),
            *_overdue(draft, facts),
            *_party(facts),
        ):
            lines.setdefault(risk, []).append(number)
    return tuple(
        replace(risk, text=f"{line_numbers(found)}: {risk.text}")
        for risk, found in lines.items()
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"
