from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from approvals.proposal import (
    Decision,
    Delegation,
    Person,
    Proposal,
    Risk,
    Rule,
    Stage,
    Status,
    Verdict,
)
from cards import proposals
from cards.card import Card, Tone
from cards.gallery import gallery
from cards.samples.proposed import INVOICE, PENDING, show
from cards.samples.world import ALEX, HARBOUR, NOW, PRIYA, REAL, SAM, TODAY, usd
from cards.text import text
from qbo.books import Money, Receipt

CARDS = gallery()
APPROVAL = Decision(PRIYA.id, PRIYA.name, Verdict.APPROVE, 1, NOW, "slack")
RECEIPT = Receipt(
    step=1,
    entity="Invoice",
    record_id="412",
    sync_token="0",
    doc_number="1189",
    intuit_tid=None,
    posted_at=NOW,
    total=usd("1500.00"),
)
APPLIED = replace(
    PENDING,
    status=Status.APPLIED,
    receipts=(RECEIPT,),
    decisions=(APPROVAL,),
    approved_at=NOW,
)


def verbs(card: Card) -> list[str]:
    return [button.verb for button in card.buttons]


def said(card: Card) -> str:
    return " ".join(text(card).split())


def test_a_card_shows_exactly_what_will_be_posted() -> None:
    shown = said(show(PENDING))

    for fact in INVOICE.shown:
        assert f"{fact.label}: {fact.value}" in shown
    assert "Consulting 10 150.00 $1,500.00" in shown
    assert "Total $1,500.00" in shown
    assert "The rate is the item's price." in shown
    assert "“invoice Acme West for 10 hours consulting, net 30”" in shown


def test_a_total_without_lines_is_a_fact() -> None:
    draft = replace(INVOICE, lines=())

    assert "Total: $1,500.00" in said(show(replace(PENDING, draft=draft)))


def test_a_payments_rows_add_up_to_its_total() -> None:
    card = CARDS["proposals/pending-payment-of-two"]
    (table,) = (section.table for section in card.sections if section.table)

    assert table.columns == ("Invoice", "Amount")
    assert table.rows == (
        ("Invoice 1609, $598.00 open", "$598.00"),
        ("Invoice 1617, $675.00 open", "$675.00"),
        ("Kept as credit", "$3,727.00"),
        ("Total", "$5,000.00"),
    )


def test_estimated_tax_stands_between_lines_and_total() -> None:
    draft = replace(INVOICE, tax=usd("90.00"), total=usd("1590.00"))

    shown = said(show(replace(PENDING, draft=draft)))

    assert "Tax (estimate) $90.00 Total $1,590.00" in shown
    assert "Tax (estimate)" not in said(show(PENDING))


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (Status.PENDING, "What will be posted"),
        (Status.APPROVED, "What will be posted"),
        (Status.REJECTED, "What was proposed"),
        (Status.WITHDRAWN, "What was proposed"),
        (Status.EXPIRED, "What was proposed"),
        (Status.STALE, "What was proposed"),
        (Status.FAILED, "What was approved"),
    ],
)
def test_nothing_will_be_posted_of_what_has_ended(status: Status, heading: str) -> None:
    headings = [part.heading for part in show(replace(PENDING, status=status)).sections]

    assert heading in headings
    assert sum(1 for each in headings if (each or "").startswith("What ")) == 1


def test_what_was_only_done_in_part_is_a_warning_with_its_reason() -> None:
    card = CARDS["proposals/applied-half"]

    assert card.tone is Tone.WARNING
    assert card.status == "P-17 · Partly posted"
    assert "was only partly posted" in card.summary
    assert "The e-mail was not sent: QuickBooks does not take" in said(card)
    assert "1 of 2 steps were done." in said(card)
    assert "Posted: Invoice 1189" in said(card)


def test_what_is_replaced_stands_beside_what_replaces_it() -> None:
    shown = (replace(INVOICE.shown[2], value="Net 60", before="Net 30"),)

    card = show(replace(PENDING, draft=replace(INVOICE, shown=shown)))

    assert "Terms: Net 30 -> Net 60" in said(card)


def test_an_approver_approves_with_the_amount_in_sight() -> None:
    card = show(PENDING, PRIYA, "approve", "reject")

    approve, reject = card.buttons
    assert (approve.verb, approve.token) == ("approve", "P-17.1.approve")
    assert approve.confirm is not None
    assert "$1,500.00" in approve.confirm
    assert "Harbour & Pine Landscaping [SIMULATED]" in approve.confirm
    assert [(asked.id, asked.required) for asked in reject.asks] == [("reason", True)]


def test_the_amount_is_confirmed_even_where_the_heading_leaves_it_out() -> None:
    draft = replace(INVOICE, heading="Invoice Acme West")

    (approve,) = show(replace(PENDING, draft=draft), PRIYA, "approve").buttons

    assert approve.confirm is not None
    assert approve.confirm.startswith("Invoice Acme West, $1,500.00.")


def test_the_requester_may_withdraw_and_is_told_why_not_more() -> None:
    card = show(PENDING, SAM, "withdraw")

    assert verbs(card) == ["withdraw"]
    assert "You asked for this, so somebody else has to approve it." in said(card)


def test_whoever_changed_it_is_told_the_same() -> None:
    changed = replace(PENDING, editor_id=PRIYA.id, editor=PRIYA.name, revision=2)

    card = show(changed, PRIYA)

    assert "You changed this, so somebody else has to approve it." in said(card)
    assert "Changed by: Priya Nair" in said(card)
    assert "Revision 2; approvals of earlier ones are void." in said(card)


def test_others_and_shared_places_see_no_word_about_themselves() -> None:
    for viewer in (None, ALEX, PRIYA):
        assert "somebody else has to approve" not in said(show(PENDING, viewer))


def test_nobody_presses_what_the_desk_does_not_offer() -> None:
    assert verbs(show(PENDING, ALEX)) == []


def test_who_must_approve_and_how_long_is_said() -> None:
    assert "any approver but the requester (1 approval)" in said(show(PENDING))
    assert "Waits until: 23 Nov 2026, 14:02 UTC (3 days)" in said(show(PENDING))


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=30), "(30 hours)"),
        (timedelta(hours=1), "(1 hour)"),
        (timedelta(minutes=20), "(less than an hour)"),
        (timedelta(0), "(over)"),
    ],
)
def test_the_time_that_is_left_is_said(left: timedelta, words: str) -> None:
    assert words in said(show(replace(PENDING, expires_at=NOW + left)))


def test_the_badge_counts_approvals_of_this_revision_only() -> None:
    two = replace(PENDING, rule=Rule(2, 24, "two approvers"), decisions=(APPROVAL,))

    assert show(two).status == "P-17 · Waiting for approval, 1 of 2"
    later = show(replace(two, revision=2))
    assert later.status == "P-17 · Waiting for approval, 0 of 2"
    assert "(on revision 1, no longer counts)" in said(later)


def test_risks_stand_before_notes_and_leave_when_it_is_over() -> None:
    risky = replace(PENDING, risks=(Risk("warning", "Looks like a duplicate."),))

    assert "Warning: Looks like a duplicate." in said(show(risky))
    over = show(replace(risky, status=Status.REJECTED))
    assert "duplicate" not in said(over)


def test_how_the_customer_stands_is_shown_while_it_matters() -> None:
    wanted = "Acme West before this: $3,410.00 open; $1,250.00 overdue"

    assert wanted in said(show(PENDING))
    assert wanted not in said(show(APPLIED))


def test_approval_on_another_day_is_said() -> None:
    late = replace(
        PENDING,
        status=Status.APPROVED,
        decisions=(APPROVAL,),
        approved_at=NOW + timedelta(days=1),
    )

    assert "Prepared on 20 Nov 2026, approved on 21 Nov 2026 (UTC)." in said(show(late))
    assert late.draft.today == TODAY
    assert "approved on" not in said(show(replace(late, approved_at=NOW)))


def test_what_was_posted_has_quickbooks_number_and_moment() -> None:
    card = show(APPLIED)

    assert "Invoice 1189 is in QuickBooks." in said(card)
    assert "Posted: Invoice 1189, $1,500.00, 20 Nov 2026, 14:02 UTC" in said(card)
    assert "P-17 is posted as Invoice 1189" in card.summary
    assert card.tone is Tone.GOOD


@pytest.mark.parametrize(
    ("receipt", "words", "tone"),
    [
        (RECEIPT, "posted, not yet compared", Tone.GOOD),
        (replace(RECEIPT, compared=True), "approved: equal", Tone.GOOD),
        (
            replace(RECEIPT, compared=True, differences=("Due date differs",)),
            "not equal: Due date differs",
            Tone.BAD,
        ),
    ],
)
def test_the_comparison_is_honest(receipt: Receipt, words: str, tone: Tone) -> None:
    card = show(replace(APPLIED, receipts=(receipt,)))

    assert words in said(card)
    assert card.tone is tone


def test_a_record_without_a_number_is_named_all_the_same() -> None:
    payment = replace(RECEIPT, entity="Payment", doc_number=None)
    customer = replace(RECEIPT, entity="Customer", doc_number=None)

    shown = said(show(replace(APPLIED, receipts=(payment,))))
    assert "Payment (QuickBooks id 412) is in QuickBooks." in shown
    shown = said(show(replace(APPLIED, receipts=(customer,))))
    assert "Customer Acme West is in QuickBooks." in shown


def test_an_unknown_outcome_is_neither_success_nor_failure() -> None:
    card = show(replace(APPLIED, status=Status.UNCONFIRMED, receipts=()))

    assert (
        "QuickBooks did not answer. The invoice may or may not have been entered; I am "
        "checking and will update this message."
    ) in said(card)
    assert card.tone is Tone.WARNING


def test_an_outcome_that_a_person_must_settle_asks_for_the_number() -> None:
    unknown = replace(APPLIED, status=Status.UNCONFIRMED, receipts=())

    card = show(unknown, PRIYA, "settle.there", "settle.not")

    there, absent = card.buttons
    assert [asked.id for asked in there.asks] == ["doc_number"]
    assert there.token == "P-17.1.settle.there"
    assert absent.confirm is not None
    assert "Please look in QuickBooks" in said(card)


def test_a_failure_says_why_and_what_is_in_the_books_all_the_same() -> None:
    failed = replace(PENDING, status=Status.FAILED, reason="The books are closed.")

    assert "The books are closed." in said(show(failed))
    assert show(failed).status == "P-17 · Not posted"
    half = show(replace(failed, receipts=(RECEIPT,)))
    assert half.status == "P-17 · Partly posted"
    assert "that much is in QuickBooks" in said(half)
    assert "Posted: Invoice 1189" in said(half)


def test_what_moved_is_said_and_a_fresh_proposal_offered() -> None:
    stale = replace(PENDING, status=Status.STALE, moved=("The price is now $160.00.",))

    card = show(stale, SAM, "renew")

    assert "The price is now $160.00." in said(card)
    assert verbs(card) == ["renew"]
    assert "Ask again for a fresh proposal." in said(show(stale, SAM))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.REJECTED, "Nothing was posted to QuickBooks."),
        (Status.EXPIRED, "Nobody approved it in time. Nothing was posted"),
        (Status.WITHDRAWN, "Sam Okafor took it back. Nothing was posted"),
    ],
)
def test_an_end_without_posting_says_so(status: Status, words: str) -> None:
    assert words in said(show(replace(PENDING, status=status)))


def test_a_rejection_carries_its_reason_and_name() -> None:
    no = replace(APPROVAL, verdict=Verdict.REJECT, reason="Rate is 120.")

    card = show(replace(PENDING, status=Status.REJECTED, decisions=(no,)))

    assert (
        "Rejected by Priya Nair, 20 Nov 2026, 14:02 UTC, in Slack: “Rate is 120.”"
        in (said(card))
    )


def test_a_wait_before_posting_gives_its_reason() -> None:
    waiting = replace(APPLIED, status=Status.APPROVED, receipts=(), reason="Throttled.")

    assert "Throttled." in said(show(waiting))


def test_a_list_has_a_row_and_a_button_for_each() -> None:
    card = proposals.listing((PENDING, APPLIED), company=HARBOUR)

    assert "P-17 Invoice Acme West for $1,500.00 Waiting for approval" in said(card)
    assert [button.token for button in card.buttons] == ["show P-17"] * 2


def test_a_list_of_two_companies_marks_each_row() -> None:
    other = replace(PENDING, company=REAL, number="P-18")

    card = proposals.listing((PENDING, other), company=HARBOUR)

    assert card.banner is None
    assert "Harbour & Pine Landscaping [SIMULATED] Sam Okafor" in said(card)
    assert "Pennine Fabrication Ltd Sam Okafor" in said(card)


def test_a_long_list_says_what_was_cut() -> None:
    many = tuple(replace(PENDING, number=f"P-{n}") for n in range(30))

    card = proposals.listing(many, state="pending")

    assert card.title == "30 pending proposals."
    assert "… and 10 more" in said(card)


def test_an_empty_list_is_a_sentence() -> None:
    assert proposals.listing(()).title == "No proposal is waiting."
    none = proposals.listing((), state="rejected")
    assert none.title == "There are no rejected proposals."


def test_a_payment_of_another_currency_keeps_it() -> None:
    francs = Money(usd("1250.00").amount, "CHF")
    draft = replace(INVOICE, total=francs, lines=(), heading="Payment")

    (approve,) = show(replace(PENDING, draft=draft), PRIYA, "approve").buttons

    assert approve.confirm is not None
    assert "1,250.00 CHF" in approve.confirm


# --- who stands in for whom -------------------------------------------------------


def away(person: Person, delegate: Person, hours: int = 48) -> Delegation:
    return Delegation(
        f"d-{person.id}",
        "w",
        person.id,
        person.name,
        delegate.id,
        delegate.name,
        NOW + timedelta(hours=hours),
    )


def in_their_place(proposal: Proposal) -> list[str]:
    facts = [fact for part in show(proposal).sections for fact in part.facts]
    return [each.value for each in facts if each.label == "In their place"]


def test_a_waiting_card_says_who_decides_for_whom() -> None:
    waiting = replace(PENDING, delegations=(away(PRIYA, ALEX),))

    (said,) = in_their_place(waiting)

    assert said == f"{ALEX.name} decides for {PRIYA.name} until 22 Nov 2026, 14:02 UTC"
    until = replace(away(PRIYA, ALEX), last_day=date(2026, 11, 22))
    (said,) = in_their_place(replace(PENDING, delegations=(until,)))
    assert said.endswith("until the end of 22 Nov 2026")
    labels = [fact.label for part in show(waiting).sections for fact in part.facts]
    at = labels.index("To be approved by")
    assert labels[at + 1] == "In their place"


@pytest.mark.parametrize(
    "changes",
    [
        {"delegations": (away(PRIYA, ALEX, hours=0),)},  # over
        {"delegations": (away(SAM, ALEX),)},  # of who asked
        {"delegations": (away(PRIYA, SAM),)},  # to who asked
        {"askers": (ALEX.id,), "delegations": (away(PRIYA, ALEX),)},
        {
            # another is named for this one
            "rule": Rule(1, 72, "", stages=(Stage(named=("p-kim",), named_by="A"),)),
            "delegations": (away(PRIYA, ALEX),),
        },
        {
            # she has decided
            "rule": Rule(2, 72, "two"),
            "decisions": (APPROVAL,),
            "delegations": (away(PRIYA, ALEX),),
        },
        {"status": Status.APPROVED, "delegations": (away(PRIYA, ALEX),)},
    ],
)
def test_a_deputy_who_does_not_matter_is_not_on_the_card(
    changes: dict[str, Any],
) -> None:
    assert in_their_place(replace(PENDING, **changes)) == []


def test_of_whom_was_named_the_deputy_is_told() -> None:
    rule = Rule(1, 72, "", stages=(Stage(named=(PRIYA.id,), named_by="A"),))

    waiting = replace(PENDING, rule=rule, delegations=(away(PRIYA, ALEX),))

    assert len(in_their_place(waiting)) == 1


def test_of_many_deputies_a_card_names_a_few() -> None:
    people = [Person(f"p-{n}", "w", f"N\u202e{n}\n") for n in range(6)]
    many = tuple(away(each, ALEX) for each in people)

    (said,) = in_their_place(replace(PENDING, delegations=many))

    assert said.count(" decides for N") == 3
    assert said.endswith("; and 3 more")
    assert "\u202e" not in said
    assert "\n" not in said
