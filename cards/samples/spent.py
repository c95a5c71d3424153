"""Sample cards of what is bought and paid: bills, their payment, expenses, vendors."""

from dataclasses import replace
from datetime import timedelta

from approvals.proposal import Decision, Proposal, Risk, Status, Verdict
from cards.card import Card
from cards.samples.proposed import INVOICE, PENDING, show
from cards.samples.world import NOW, PRIYA, REAL, gbp, usd
from qbo.books import Circumstances, Draft, Line, Receipt, Shown, Step, Verb


def _step(verb: Verb, entity: str, record_id: str | None = None) -> Step:
    path = entity.lower()
    return Step(
        verb, entity, "POST", path, (), "application/json", b"{}", "0" * 32, "0" * 64,
        record_id=record_id,
    )  # fmt: skip


_BILL = replace(
    INVOICE,
    action="bill.create",
    heading="Bill from Aire Lifts Ltd for £448.20",
    steps=(_step(Verb.CREATE, "Bill"),),
    shown=(
        Shown("Vendor", "Aire Lifts Ltd"),
        Shown("Bill date", "20 Nov 2026"),
        Shown("Due date", "20 Dec 2026"),
        Shown("Terms", "Net 30"),
        Shown("Vendor's number", "AL-2207"),
        Shown("Owed in", "Creditors"),
        Shown("Memo", "Ref P-17"),
        Shown("Subtotal", "£373.50"),
        Shown("VAT (estimate)", "£74.70 (20.0% S)"),
    ),
    lines=(Line(gbp("373.50"), account="Lift Servicing", description="November"),),
    total=gbp("448.20"),
    tax=gbp("74.70"),
    notes=(
        "Terms as the vendor has them.",
        (
            "VAT code 20.0% S for Lift Servicing, as on the last bill or expense of"
            " Aire Lifts Ltd for Lift Servicing."
        ),
        (
            "The amounts are before VAT, which is an estimate; QuickBooks works it out"
            " when it is posted."
        ),
    ),
)
_PAID = replace(
    INVOICE,
    action="bill.pay",
    heading="Pay Stone Yard Direct for 2 bills, $700.00",
    steps=(_step(Verb.CREATE, "BillPayment"),),
    shown=(
        Shown("Vendor", "Stone Yard Direct"),
        Shown("Payment date", "20 Nov 2026"),
        Shown("Amount", "$700.00"),
        Shown("Paid from", "Business Checking (bank account)"),
        Shown("Memo", "Ref P-17"),
    ),
    lines=(
        Line(usd("412.76"), description="Bill 8841, due 10 Nov 2026, $412.76 open"),
        Line(usd("287.24"), description="Bill 8860, due 24 Nov 2026, $700.00 open"),
    ),
    total=usd("700.00"),
    notes=(
        "Paid from Business Checking, as Stone Yard Direct was paid last.",
        "No bill was named: the oldest are paid first.",
        "It is entered in QuickBooks. No money moves by it; the bank has to pay.",
    ),
)
_EXPENSE = replace(
    INVOICE,
    action="expense.create",
    heading="Expense of $64.30 for Fuel at Shell Fleet",
    steps=(_step(Verb.CREATE, "Purchase"),),
    shown=(
        Shown("Payee", "Shell Fleet"),
        Shown("Date", "19 Nov 2026"),
        Shown("Paid from", "Fuel Card (card)"),
        Shown("Memo", "Ref P-17"),
    ),
    lines=(Line(usd("64.30"), account="Fuel"),),
    total=usd("64.30"),
    notes=(),
)
_MOVED = replace(
    INVOICE,
    action="expense.categorize",
    heading="Put 2 expenses under Software Subscriptions",
    steps=(
        _step(Verb.UPDATE, "Purchase", "2991"),
        _step(Verb.UPDATE, "Purchase", "3020"),
    ),
    shown=(
        Shown(
            "Expense of 19 Oct 2026",
            "Zoom Video, $31.98, was Office Supplies",
        ),
        Shown(
            "Expense of 26 Oct 2026",
            "Zoom Video, $15.00, was Telephone",
        ),
    ),
    lines=(),
    total=usd("46.98"),
    notes=("Only the accounts change; amounts, dates and payees stay.",),
    independent=True,
)
_VENDOR = replace(
    INVOICE,
    action="vendor.update",
    heading="Change vendor Shell Fleet",
    steps=(_step(Verb.UPDATE, "Vendor", "50"),),
    shown=(
        Shown("Vendor", "Shell Fleet"),
        Shown("E-mail", "billing@shell.example", before="(none)"),
        Shown("Terms", "Net 15", before="Net 30"),
    ),
    lines=(),
    total=None,
    notes=(),
)
_HOUR = timedelta(hours=1)
_YES = Decision(PRIYA.id, PRIYA.name, Verdict.APPROVE, 1, NOW + _HOUR, "teams")


def cards() -> dict[str, Card]:
    """All of them by name."""
    plain = replace(PENDING, risks=(), circumstances=Circumstances())
    bill = replace(
        plain,
        company=REAL,
        draft=_BILL,
        words="bill from Aire Lifts 373.50 for lift servicing, ref AL-2207",
        circumstances=Circumstances(
            party="Aire Lifts Ltd",
            effects=(
                Shown("Balance of Aire Lifts Ltd", "£896.40", "£448.20"),
                Shown("Lift Servicing", "rises by £373.50"),
                Shown("Due", "20 Dec 2026 (the vendor's terms Net 30)"),
            ),
        ),
        risks=(Risk("warning", "A bill, same vendor and amount, 3 days earlier."),),
    )
    paid = replace(plain, draft=_PAID, words="pay Stone Yard 700")
    spent = replace(
        plain, draft=_EXPENSE, words="spent 64.30 on fuel at Shell yesterday"
    )
    moved = replace(
        plain, draft=_MOVED, words="put last month's Zoom expenses under software"
    )
    vendor = replace(plain, draft=_VENDOR, words="Shell is net 15 now")
    return {
        "spent/bill": show(bill, PRIYA, "approve", "reject"),
        "spent/bill-payment": show(paid, PRIYA, "approve", "reject"),
        "spent/bill-payment-unconfirmed": show(_at(paid, Status.UNCONFIRMED)),
        "spent/expense": show(spent, PRIYA, "approve", "reject"),
        "spent/expense-posted": show(_posted(spent, "3051")),
        "spent/other-account": show(moved, PRIYA, "approve", "reject"),
        "spent/other-account-posted": show(_changed(moved)),
        "spent/vendor": show(vendor, PRIYA, "approve", "reject"),
    }


def _at(proposal: Proposal, status: Status) -> Proposal:
    return replace(
        proposal,
        status=status,
        decisions=(_YES,),
        approved_at=NOW + _HOUR,
        first_attempt_at=NOW + _HOUR,
    )


def _receipt(draft: Draft, step: int, record_id: str) -> Receipt:
    return Receipt(
        step,
        draft.steps[step - 1].entity,
        record_id,
        "1",
        None,
        "1-spent",
        NOW + _HOUR,
        total=draft.total if len(draft.steps) == 1 else usd(_AMOUNTS[step - 1]),
        compared=True,
    )


_AMOUNTS = ("31.98", "15.00")


def _posted(proposal: Proposal, record_id: str) -> Proposal:
    made = (_receipt(proposal.draft, 1, record_id),)
    return replace(_at(proposal, Status.APPLIED), receipts=made)


def _changed(proposal: Proposal) -> Proposal:
    made = tuple(
        _receipt(proposal.draft, place, step.record_id or "")
        for place, step in enumerate(proposal.draft.steps, start=1)
    )
    return replace(_at(proposal, Status.APPLIED), receipts=made)
