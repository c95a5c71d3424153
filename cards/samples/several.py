"""Sample cards of proposals of several lines, and of a file that cannot be read."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from approvals.proposal import Person, Proposal, Risk, Status
from cards import batch, proposals
from cards.batch import Unreadable
from cards.card import Card
from cards.samples.proposed import INVOICE, PENDING
from cards.samples.world import HARBOUR, NOW, PRIYA, SAM, usd
from qbo.books import (
    Draft,
    Line,
    Money,
    Part,
    PartReceipt,
    Receipt,
    Shown,
    Step,
    Verb,
)

_PARTIES = ("Acme West", "Birch Lane Bakery", "O'Connor & Sons", "Müller Gärten")
_NO = (
    "Number 1042 is already used in QuickBooks, so nothing was posted. Choose another"
    " number."
)


_READ = "From the file: dates such as 11/20/2026 were read month first: 20 Nov 2026."
_EACH = (
    "QuickBooks takes or refuses each invoice for itself: should it refuse some, the"
    " others are posted all the same."
)
_NOTES = (_READ, _EACH)


def _amount(number: int) -> Money:
    return usd(f"{100 * number}.00")


def _part(number: int) -> Part:
    return Part(
        key=str(number),
        verb=Verb.CREATE,
        entity="Invoice",
        party=_PARTIES[(number - 1) % len(_PARTIES)],
        what=f"Consulting, {number} × 100.00; memo “October (Ref P-17/{number})”",
        more="e-mail on it west@acme.example, not sent",
        when="20 Nov 2026, due 20 Dec 2026 (Net 30)",
        total=_amount(number),
    )


def _draft(count: int) -> Draft:
    parts = [_part(number) for number in range(1, count + 1)]
    plain = INVOICE.steps[0]
    steps = tuple(
        replace(
            plain,
            path="batch",
            request_id=f"{50 + at:032x}",
            parts=tuple(parts[at : at + 30]),
        )
        for at in range(0, count, 30)
    )
    total = Money(sum((p.total.amount for p in parts if p.total), Decimal(0)), "USD")
    customers = min(count, len(_PARTIES))
    return replace(
        INVOICE,
        action="invoices.create",
        heading=f"{count} invoices for {total}",
        steps=steps,
        shown=(
            Shown("Invoices", f"{count} for {customers} customers"),
            Shown("Invoice date", "20 Nov 2026"),
            Shown("Due date", "20 Dec 2026"),
        ),
        lines=tuple(
            Line(p.total, description=f"{p.party}: {p.what}") for p in parts if p.total
        ),
        total=total,
        notes=_NOTES,
        independent=True,
    )


def _receipt(step: Step, place: int, failing: Sequence[int]) -> Receipt:
    parts = tuple(
        PartReceipt(part.key, fault=_NO, code="6140")
        if int(part.key) in failing
        else PartReceipt(
            part.key,
            str(400 + int(part.key)),
            "0",
            str(1188 + int(part.key)),
            part.total,
        )
        for part in step.parts
    )
    first = next(each for each in parts if each.is_posted)
    return Receipt(
        place,
        "Invoice",
        first.record_id,
        "0",
        first.doc_number,
        "1-a",
        NOW,
        compared=True,
        parts=parts,
    )


_LIST = replace(
    PENDING,
    draft=_draft(4),
    words="Upload of “october.csv” (6 rows)",
    risks=(
        Risk(
            "warning",
            "Line 3: Possible duplicate: Invoice 1188, same customer and amount, 3"
            " days earlier. Check that it is not the same thing twice.",
            "duplicate",
        ),
    ),
)


def _ended(status: Status, failing: Sequence[int], reason: str | None) -> Proposal:
    draft = _LIST.draft
    return replace(
        _LIST,
        status=status,
        risks=(),
        receipts=tuple(
            _receipt(step, place, failing)
            for place, step in enumerate(draft.steps, start=1)
        ),
        reason=reason,
    )


def _mails() -> Proposal:
    plain = replace(
        INVOICE.steps[0], verb=Verb.SEND, query=(("sendTo", "a@b.example"),)
    )
    numbers = ("1042", "1043", "1051")
    draft = replace(
        INVOICE,
        action="invoice.send",
        heading="E-mail 3 invoices",
        steps=tuple(
            replace(plain, record_id=number, path=f"invoice/{number}/send")
            for number in numbers
        ),
        shown=tuple(
            Shown(
                f"Invoice {number}", f"{party}, $250.00 open of $250.00, to a@b.example"
            )
            for number, party in zip(numbers, _PARTIES, strict=False)
        ),
        lines=(),
        total=None,
        independent=True,
    )
    why = (
        "QuickBooks does not take that e-mail address. Nothing was changed; check the"
        " address and ask again."
    )
    sent = Receipt(1, "Invoice", "1042", "1", "1042", "1-b", NOW, compared=True)
    return replace(
        PENDING,
        draft=draft,
        words="send all unsent invoices",
        risks=(),
        status=Status.APPLIED,
        receipts=(
            sent,
            replace(sent, step=2, record_id="1043", doc_number=None, fault=why),
            replace(sent, step=3, record_id="1051", doc_number="1051"),
        ),
        reason=f"2 of 3 invoices were e-mailed, 1 not. Invoice 1043: {why}",
    )


def cards() -> dict[str, Card]:
    """The samples by name."""

    def show(proposal: Proposal, viewer: Person | None, *verbs: str) -> Card:
        return proposals.card(
            proposal,
            viewer=viewer,
            actions=verbs,
            token=lambda verb: f"token-{verb}",
            now=NOW,
        )

    reason = f"3 of 4 invoices were posted, 1 not. Line 2 (Birch Lane Bakery): {_NO}"
    parted = _ended(Status.APPLIED, (2,), reason)
    unknown = replace(_LIST, status=Status.UNCONFIRMED, attempts=1, risks=())
    return {
        "several/pending": show(_LIST, PRIYA, "approve", "reject", "drop"),
        "several/pending-many": show(
            replace(_LIST, draft=_draft(75)), SAM, "withdraw", "drop"
        ),
        "several/unconfirmed": show(unknown, SAM),
        "several/applied": show(_ended(Status.APPLIED, (), None), SAM),
        "several/applied-part": show(parted, SAM, "rest"),
        "several/applied-part-renewed": show(replace(parted, renewed_by="P-18"), SAM),
        "several/mailed-part": show(_mails(), SAM, "rest"),
        "several/unreadable": batch.unreadable(
            "october.csv",
            (
                Unreadable(
                    2,
                    "Customer",
                    "Acme Wst",
                    "There is no customer called Acme Wst in QuickBooks.",
                    "Acme West",
                ),
                Unreadable(5, "Date", "20/20/2026", "There is no such day."),
                Unreadable(
                    7,
                    "Amount",
                    "=B7*2",
                    "That is a formula; put what it comes to instead.",
                ),
            ),
            rows=6,
            company=HARBOUR,
        ),
    }
