"""Sample cards of proposals: each status, for each viewer that matters."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from approvals.proposal import (
    Decision,
    Person,
    Proposal,
    Risk,
    Rule,
    Status,
    Verdict,
)
from cards import proposals, revision
from cards.card import Card, Link
from cards.samples.world import (
    ALEX,
    HARBOUR,
    NOW,
    PRIYA,
    REAL,
    SAM,
    SANDBOX,
    TODAY,
    gbp,
    usd,
)
from qbo.books import (
    Circumstances,
    Company,
    Draft,
    Line,
    Receipt,
    Shown,
    Step,
    Verb,
)

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_CONSOLE = Link(
    "Open in the console",
    "https://countersign.harbourpine.example/console/proposals/P-17",
)


def _step(verb: Verb, entity: str, number: int) -> Step:
    return Step(
        verb=verb,
        entity=entity,
        method="POST",
        path=entity.lower(),
        query=(),
        content_type="application/json",
        body=b"{}",
        request_id=f"{number:032x}",
        digest=f"{number:064x}",
    )


def _draft(company: Company, heading: str, **more: object) -> Draft:
    plain = Draft(
        action="invoice.create",
        environment=company.environment,
        realm=company.realm,
        ref="P-17",
        today=TODAY,
        heading=heading,
        steps=(_step(Verb.CREATE, "Invoice", 1),),
        digest="0" * 64,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


INVOICE = _draft(
    HARBOUR,
    "Invoice Acme West for $1,500.00",
    shown=(
        Shown("Customer", "Acme West"),
        Shown("Invoice date", "20 Nov 2026"),
        Shown("Terms", "Net 30"),
        Shown("Due", "20 Dec 2026"),
        Shown("E-mail", "not sent"),
        Shown("Memo", "Ref P-17"),
    ),
    lines=(
        Line(
            usd("1500.00"),
            item="Consulting",
            quantity=Decimal(10),
            rate=Decimal(150),
        ),
    ),
    total=usd("1500.00"),
    notes=("The rate is the item's price.",),
)
_UPDATE = _draft(
    REAL,
    "Change customer Höhne Anlagenbau",
    action="customer.update",
    steps=(_step(Verb.UPDATE, "Customer", 2),),
    shown=(
        Shown("E-mail", "rechnung@hoehne.example", before="info@hoehne.example"),
        Shown("Terms", "Net 60", before="Net 30"),
        Shown("Phone", "+44 20 7946 0991", before=""),
    ),
)
_PAYMENT = _draft(
    SANDBOX,
    "Payment of $500.00 from Acme West",
    action="payment.record",
    steps=(_step(Verb.CREATE, "Payment", 3),),
    shown=(
        Shown("Customer", "Acme West"),
        Shown("Date", "20 Nov 2026"),
        Shown("Method", "ACH Transfer"),
        Shown("For", "Invoice 1042: $500.00 of $1,250.00"),
    ),
    total=usd("500.00"),
)

_PAYMENT_OF_TWO = replace(
    _PAYMENT,
    heading="Payment of $5,000.00 from Acme West",
    lines=(
        Line(usd("598.00"), description="Invoice 1609, $598.00 open"),
        Line(usd("675.00"), description="Invoice 1617, $675.00 open"),
    ),
    total=usd("5000.00"),
    notes=(
        (
            "That is more than is open on all open invoices: $3,727.00 stays with the "
            "customer as a credit."
        ),
    ),
)

PENDING = Proposal(
    id="proposal-17",
    number="P-17",
    workspace="w",
    company=HARBOUR,
    draft=INVOICE,
    circumstances=Circumstances(
        party="Acme West",
        party_open=usd("3410.00"),
        party_overdue=usd("1250.00"),
        amount=usd("1500.00"),
    ),
    revision=1,
    version=1,
    status=Status.PENDING,
    requester_id=SAM.id,
    requester=SAM.name,
    editor_id=SAM.id,
    editor=SAM.name,
    rule=Rule(1, 72, "any approver but the requester"),
    created_at=NOW,
    expires_at=NOW + 3 * _DAY,
    words="invoice Acme West for 10 hours consulting, net 30",
    risks=(
        Risk("warning", "Invoice 1188, same customer and amount, 3 days ago."),
        Risk("note", "Acme West has $1,250.00 overdue."),
    ),
)
_YES = Decision(PRIYA.id, PRIYA.name, Verdict.APPROVE, 1, NOW + _HOUR, "teams")
_NO = replace(_YES, verdict=Verdict.REJECT, reason="The rate is 120, see the offer.")
APPROVED = replace(
    PENDING,
    status=Status.APPROVED,
    decisions=(_YES,),
    approved_at=NOW + _HOUR,
    version=2,
)
RECEIPT = Receipt(
    step=1,
    entity="Invoice",
    record_id="412",
    sync_token="0",  # noqa: S106 - a version number
    doc_number="1189",
    intuit_tid="1-6740a1b2",
    posted_at=NOW + _HOUR,
    total=usd("1500.00"),
    compared=True,
)
_APPLIED = replace(APPROVED, status=Status.APPLIED, receipts=(RECEIPT,))
_SENT = replace(
    INVOICE,
    steps=(*INVOICE.steps, _step(Verb.SEND, "Invoice", 4)),
)


def show(
    proposal: Proposal,
    viewer: Person | None = None,
    *actions: str,
    links: tuple[Link, ...] = (_CONSOLE,),
) -> Card:
    """The card of a sample with tokens that say what they are."""
    return proposals.card(
        proposal,
        viewer=viewer,
        actions=actions,
        token=lambda verb: f"{proposal.number}.{proposal.revision}.{verb}",
        now=NOW,
        links=links,
    )


def cards() -> dict[str, Card]:
    """All of them by name."""
    made = {**_waiting(), **_ended(), **_posted()}
    return {f"proposals/{name}": each for name, each in made.items()} | {
        "proposals/list": proposals.listing((PENDING, _APPLIED), company=HARBOUR),
        "proposals/list-companies": proposals.listing(
            (PENDING, replace(PENDING, number="P-18", company=REAL)), company=HARBOUR
        ),
        "proposals/list-none": proposals.listing((), company=HARBOUR),
        "proposals/withdrawn-word": proposals.withdrawn("P-17", company=HARBOUR),
    }


def _waiting() -> dict[str, Card]:
    two = replace(
        PENDING,
        company=REAL,
        rule=Rule(2, 24, "two approvers"),
        decisions=(_YES,),
        draft=_UPDATE,
        circumstances=Circumstances(party="Höhne Anlagenbau", party_open=gbp("0.00")),
        words="Höhne now pays in 60 days, mail rechnung@hoehne.example",
        risks=(),
        number="P-18",
    )
    revised = replace(
        PENDING,
        revision=2,
        editor_id=ALEX.id,
        editor=ALEX.name,
        decisions=(_YES,),
        draft=replace(INVOICE, today=TODAY),
        changes=(
            Shown("Line 1, quantity", "10", "8"),
            Shown("Line 1, amount", "$1,500.00", "$1,200.00"),
            Shown("Line 2, added", "Delivery, $45.00"),
            Shown("Total", "$1,545.00", "$1,200.00"),
        ),
    )
    unsure = replace(
        PENDING,
        confidence=92,
        doubts=("“Acme Wst” was read as Acme West.",),
    )
    unsurer = replace(
        unsure,
        confidence=71,
        doubts=(*unsure.doubts, "“Dave said” was not used.", "“1.5k” is 1,500.00."),
    )
    return {
        "pending-shared": show(PENDING, None, "approve", "reject"),
        "pending-requester": show(PENDING, SAM, "withdraw"),
        "pending-approver": show(PENDING, PRIYA, "approve", "reject"),
        "pending-other": show(PENDING, ALEX),
        "pending-update-one-of-two": show(two, PRIYA, "approve", "reject"),
        "pending-revised": show(revised, PRIYA, "approve", "reject", "edit"),
        "pending-revised-alike": show(replace(revised, changes=()), PRIYA, "approve"),
        "pending-renewed": show(
            replace(revised, revision=1, editor_id=SAM.id, editor=SAM.name), SAM
        ),
        "pending-read-with-doubt": show(unsure, PRIYA, "approve", "reject"),
        "pending-read-with-doubts": show(unsurer, PRIYA, "approve", "reject"),
        "superseded": proposals.superseded(revised, INVOICE, 2),
        "unsure": revision.unsure(
            46,
            unsurer.doubts,
            "Create an invoice: customer Acme West; 10 x Consulting; terms Net 30",
            "4f2b",
            company=HARBOUR,
        ),
        "pending-payment": show(
            replace(PENDING, company=SANDBOX, draft=_PAYMENT, number="P-19", risks=()),
            None,
            "approve",
            "reject",
        ),
        "pending-payment-of-two": show(
            replace(PENDING, company=SANDBOX, draft=_PAYMENT_OF_TWO, risks=()),
            PRIYA,
            "approve",
            "reject",
        ),
        "approved": show(APPROVED, SAM, "withdraw"),
        "approved-waiting": show(
            replace(
                APPROVED,
                reason="QuickBooks cannot be reached; I try again at 15:20 UTC.",
                approved_at=NOW + _DAY,
            ),
        ),
        "applying": show(replace(APPROVED, status=Status.APPLYING)),
    }


def _ended() -> dict[str, Card]:
    return {
        "rejected": show(
            replace(PENDING, status=Status.REJECTED, decisions=(_NO,)), SAM
        ),
        "expired": show(replace(PENDING, status=Status.EXPIRED), SAM),
        "withdrawn": show(replace(PENDING, status=Status.WITHDRAWN), SAM),
        "stale": show(
            replace(
                APPROVED,
                status=Status.STALE,
                moved=("Item Consulting: Price was 150 and is now 160.",),
                rebased=replace(
                    INVOICE,
                    lines=(
                        replace(
                            INVOICE.lines[0],
                            rate=Decimal(160),
                            amount=usd("1600.00"),
                        ),
                    ),
                    total=usd("1600.00"),
                ),
            ),
            SAM,
            "renew",
        ),
        "failed": show(
            replace(
                APPROVED,
                status=Status.FAILED,
                reason="The books are closed for that date, so nothing was changed.",
            ),
            SAM,
        ),
    }


def _posted() -> dict[str, Card]:
    unknown = replace(APPROVED, status=Status.UNCONFIRMED, first_attempt_at=NOW)
    differing = replace(
        RECEIPT, differences=("Due date is 21 Dec 2026, was sent as 20 Dec 2026",)
    )
    return {
        "applied": show(_APPLIED, PRIYA),
        "applied-not-compared": show(
            replace(_APPLIED, receipts=(replace(RECEIPT, compared=False),)), SAM
        ),
        "applied-differs": show(replace(_APPLIED, receipts=(differing,)), SAM),
        "applied-and-sent": show(
            replace(
                _APPLIED,
                draft=_SENT,
                receipts=(RECEIPT, replace(RECEIPT, step=2, total=None)),
            ),
            SAM,
        ),
        "applied-half": show(
            replace(
                _APPLIED,
                draft=_SENT,
                reason="The e-mail was not sent: QuickBooks does not take the address.",
            ),
            SAM,
        ),
        "failed-half": show(
            replace(
                _APPLIED,
                status=Status.FAILED,
                draft=_SENT,
                reason="QuickBooks does not take that e-mail address.",
            ),
            SAM,
        ),
        "unconfirmed": show(unknown, SAM),
        "unconfirmed-asks": show(unknown, PRIYA, "settle.there", "settle.not"),
    }
