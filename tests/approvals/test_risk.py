"""Plain reasons to look twice."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from approvals.looking import limits_above
from approvals.policy import Policy, parse
from approvals.proposal import Proposal, Risk, Rule, Status
from approvals.risk import is_new, likeness, risks
from qbo.books import Circumstances, Draft, Money, Receipt, Verb
from tests.approvals.far import COMPANY, draft, step

RULE = Rule(1, 72, "any approver but the requester")
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def homed(amount: str) -> Draft:
    return replace(draft(amount=amount), home_total=usd(amount))


PLAIN = Circumstances(
    party="Acme West",
    party_open=usd("10"),
    party_overdue=usd("0"),
    amount=usd("100"),
    largest_before=usd("100"),
    dates=(date(2026, 11, 20),),
)


def proposal(number: str = "P-9", **changes: Any) -> Proposal:
    plain = Proposal(
        id=number,
        number=number,
        workspace="w1",
        company=COMPANY,
        draft=draft(number),
        circumstances=PLAIN,
        revision=1,
        version=1,
        status=Status.PENDING,
        requester_id="sam",
        requester="Sam",
        editor_id="sam",
        editor="Sam",
        rule=RULE,
        created_at=NOW,
        expires_at=NOW,
    )
    return replace(plain, **changes)


def test_nothing_unusual_has_no_reasons() -> None:
    assert risks(draft(), PLAIN) == ()
    assert risks(draft(), Circumstances()) == ()


@pytest.mark.parametrize(
    ("facts", "level", "kind", "words"),
    [
        ({"duplicates": ("Invoice 1188",)}, "warning", "duplicate", "Invoice 1188"),
        (
            {"numbers": ("1O42 here, and 1042 on a bill",)},
            "warning",
            "number",
            "1O42 here, and 1042",
        ),
        ({"amount": usd("200")}, "warning", "size", "$200.00 is much larger"),
        ({"amount": usd("199.99")}, "note", "size", "The largest so far"),
        ({"party_is_new": True}, "note", "first-time", "first time for Acme West"),
        (
            {"party_overdue": usd("0.01")},
            "warning",
            "overdue",
            "already owes $0.01",
        ),
        ({"backdated_days": 1}, "note", "date", "Dated 1 day back."),
        ({"backdated_days": 90}, "note", "date", "Dated 90 days back."),
        ({"backdated_days": 91}, "warning", "date", "Dated 91 days back. Check"),
        (
            {"dates": (date(2026, 11, 23),)},
            "warning",
            "date",
            "Dated 23 Nov 2026, 3 days in the future.",
        ),
        (
            {"dates": (date(2026, 11, 14), date(2026, 11, 20))},
            "note",
            "weekend",
            "Dated a Saturday (14 Nov 2026).",
        ),
        (
            {"changed": ("the e-mail was a@b.c and is x@y.z",)},
            "warning",
            "changed",
            "the e-mail was a@b.c and is x@y.z",
        ),
        (
            {"credit": usd("25"), "credits": ("credit memo 7 $25.00",)},
            "note",
            "credit",
            "$25.00 on file that is not used (credit memo 7 $25.00)",
        ),
        (
            {"prices": ("Consulting at $1.00, and the price list says $150.00",)},
            "note",
            "price",
            "the price list says $150.00",
        ),
    ],
)
def test_each_reason_is_said(
    facts: dict[str, Any], level: str, kind: str, words: str
) -> None:
    (risk,) = risks(draft(), replace(PLAIN, **facts))

    assert (risk.level, risk.kind) == (level, kind)
    assert words in risk.text
    assert not risk.blocks


def test_amounts_in_two_currencies_are_not_compared() -> None:
    facts = replace(PLAIN, amount=Money(Decimal(9999), "GBP"))

    assert risks(draft(), facts) == ()


def test_far_above_the_middle_is_unusual_even_under_one_huge_one() -> None:
    facts = replace(
        PLAIN,
        amount=usd("1000"),
        largest_before=usd("5000"),
        median_before=usd("100"),
        count_before=4,
    )

    (risk,) = risks(draft(), facts)
    few = risks(draft(), replace(facts, count_before=3))
    near = risks(draft(), replace(facts, amount=usd("999.99")))

    assert risk.level == "warning"
    assert "of 4 before, half are at most $100.00" in risk.text
    assert few == near == ()


# --- closed periods -------------------------------------------------------------------


def test_a_date_in_the_closed_period_blocks() -> None:
    facts = replace(PLAIN, closed_through=date(2026, 11, 20))

    (risk,) = risks(draft(), facts, rule=RULE)
    open_ = risks(draft(), replace(facts, closed_through=date(2026, 11, 19)))

    assert (risk.kind, risk.blocks) == ("closed-period", True)
    assert risk.text.startswith("The books are closed up to 20 Nov 2026")
    assert open_ == ()


def test_a_rule_may_allow_it_and_then_it_is_a_warning() -> None:
    facts = replace(PLAIN, closed_through=date(2026, 11, 30))

    (risk,) = risks(draft(), facts, rule=replace(RULE, allow_closed=True))

    assert (risk.level, risk.blocks) == ("warning", False)


def test_names_have_no_period() -> None:
    facts = replace(PLAIN, dates=(), closed_through=date(2026, 11, 30))

    assert risks(draft(), facts) == ()


# --- other proposals, and limits ------------------------------------------------------


def test_another_proposal_of_the_same_is_a_duplicate() -> None:
    (risk,) = risks(draft(), PLAIN, others=(proposal(),))
    (posted,) = risks(draft(), PLAIN, others=(proposal(status=Status.APPLIED),))

    assert risk.kind == "duplicate"
    assert "P-9 by Sam" in risk.text
    assert "has not ended yet" in risk.text
    assert "was posted lately" in posted.text


def test_what_stands_in_the_books_already_is_named_once() -> None:
    receipt = Receipt(1, "Invoice", "5", "0", "1188", None, NOW)
    posted = proposal(status=Status.APPLIED, receipts=(receipt,))
    facts = replace(PLAIN, duplicates=("Invoice 1188, same customer and amount",))

    (risk,) = risks(draft(), facts, others=(posted,))

    assert "Invoice 1188" in risk.text


def test_likeness_is_of_action_party_and_amount() -> None:
    one = likeness(draft(), PLAIN)

    assert one == likeness(draft("P-2"), replace(PLAIN, party="ACME West"))
    assert one != likeness(draft(amount="1500.01"), PLAIN)
    assert one != likeness(draft(), replace(PLAIN, party="Acme East"))
    assert likeness(draft(), replace(PLAIN, party=None)) == ""
    assert likeness(draft(steps=(step(Verb.VOID),)), PLAIN) == ""


@pytest.mark.parametrize(
    ("total", "is_said"),
    [("4749.99", False), ("4750.00", True), ("4999.99", True), ("5000.00", False)],
)
def test_just_under_a_limit_is_within_five_per_cent(total: str, is_said: bool) -> None:
    found = risks(homed(total), PLAIN, limits=(Decimal(5000), Decimal(20000)))

    assert [r.kind for r in found] == (["just-under"] if is_said else [])
    assert not is_said or "just under $5,000.00" in found[0].text


def test_only_bounds_that_ask_for_more_are_limits() -> None:
    policy = parse(
        """
        [[rule]]
        name = "huge"
        minimum = 5000
        quorum = 2

        [[rule]]
        name = "milder"
        minimum = 4900
        quorum = 1
        """
    )
    assert isinstance(policy, Policy), policy

    def limits(amount: str) -> tuple[Decimal, ...]:
        return limits_above(policy, homed(amount), PLAIN, None, COMPANY)

    assert limits("4890") == (Decimal(5000),)
    assert limits("5000") == ()
    assert limits("4000") == ()
    assert limits_above(policy, draft(), PLAIN, None, COMPANY) == ()


# --- other lights ---------------------------------------------------------------------


def test_an_e_mail_that_goes_out_is_said() -> None:
    (risk,) = risks(draft(send=True), PLAIN)

    assert risk.kind == "e-mail"
    assert risk.level == "note"


def test_a_void_of_an_old_invoice_is_one_warning_and_of_today_none() -> None:
    void = draft(steps=(step(Verb.VOID),), action="invoice.void")

    (old,) = risks(void, replace(PLAIN, backdated_days=400, party_overdue=usd("5")))
    fresh = risks(void, PLAIN)

    assert old.level == "warning"
    assert "400 days ago" in old.text
    assert fresh == ()  # that it cannot be brought back is a note of the draft


def test_blocking_comes_first_then_warnings() -> None:
    facts = replace(
        PLAIN,
        duplicates=("One", "Two"),
        dates=(date(2026, 11, 21),),
        closed_through=date(2026, 11, 21),
    )

    found = risks(replace(draft(), today=date(2026, 11, 21)), facts)

    assert [r.kind for r in found] == [
        *("closed-period", "duplicate", "duplicate", "weekend")
    ]


def test_a_light_is_new_by_its_kind_unless_there_may_be_several() -> None:
    overdue, more = Risk("warning", "$5", "overdue"), Risk("warning", "$9", "overdue")
    one, two = Risk("warning", "1188", "duplicate"), Risk("warning", "9", "duplicate")

    assert is_new(overdue, ())
    assert not is_new(more, (overdue,))
    assert is_new(two, (one, overdue))
    assert not is_new(one, (one,))
    assert is_new(replace(overdue, blocks=True), (overdue,))
