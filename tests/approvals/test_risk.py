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


# --- word for word: what is read before a decision, with its level and its kind -------


def test_a_closed_period_says_what_can_be_done() -> None:
    facts = replace(PLAIN, closed_through=date(2026, 11, 30))
    closed = "The books are closed up to 30 Nov 2026, and this is dated 20 Nov 2026."

    assert risks(draft(), facts, rule=RULE) == (
        Risk(
            "warning",
            f"{closed} It cannot be posted. Use a later date, or have the closing date"
            " moved in QuickBooks.",
            "closed-period",
            blocks=True,
        ),
    )
    assert risks(draft(), facts, rule=replace(RULE, allow_closed=True)) == (
        Risk(
            "warning",
            f"{closed} The policy allows it, but QuickBooks takes it only once the"
            " closing date was moved. Check with whoever closed the period.",
            "closed-period",
        ),
    )


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, "Acme West, $1,500.00,"),
        ({"circumstances": Circumstances()}, "the same party, $1,500.00,"),
        ({"draft": replace(draft(), total=None)}, "Acme West"),
    ],
)
def test_a_like_proposal_is_named_with_its_party_and_amount(
    changes: dict[str, Any], what: str
) -> None:
    assert risks(draft(), PLAIN, others=(proposal(**changes),)) == (
        Risk(
            "warning",
            f"Possible duplicate: P-9 by Sam is for {what} as well and has not ended"
            " yet. Check that it is not the same thing twice.",
            "duplicate",
        ),
    )


def test_a_posted_one_without_a_number_is_still_a_duplicate() -> None:
    receipt = Receipt(1, "Invoice", "5", "0", None, None, NOW)
    other = replace(receipt, doc_number="77")
    facts = replace(PLAIN, duplicates=("Invoice 1188", "Invoice 77"))

    unnumbered = proposal("P-8", status=Status.APPLIED, receipts=(receipt,))
    unnamed = proposal("P-7", receipts=(replace(other, doc_number="9"),))
    named = proposal("P-6", receipts=(receipt, other))
    found = risks(draft(), facts, others=(unnumbered, unnamed, named))

    assert [risk.text.split(":")[1][:4].strip() for risk in found] == [
        *("Inv", "Inv", "P-8", "P-7")
    ]


def test_a_total_in_no_known_currency_is_near_no_limit() -> None:
    limits = (Decimal(1505), Decimal(1510), Decimal(1))
    unknown = replace(draft(), home_total=None)
    names = replace(unknown, total=None, steps=(replace(step(), entity="Customer"),))

    assert risks(homed("1500"), PLAIN, limits=limits) == (
        Risk(
            "warning",
            "$1,500.00 is just under $1,505.00, from which the policy asks for more."
            " Check that nothing was split or trimmed to stay below it.",
            "just-under",
        ),
    )
    assert risks(homed("0"), PLAIN, limits=(Decimal("0.01"),)) == ()
    for each in (unknown, names):
        assert risks(each, PLAIN, limits=limits) == ()


SIZES: list[tuple[dict[str, Any], Risk | None]] = [
    (
        {"amount": usd("200")},
        Risk(
            "warning",
            "$200.00 is much larger than anything before for this party (at most"
            " $100.00). Check the amount.",
            "size",
        ),
    ),
    (
        {"amount": usd("1"), "largest_before": usd("0.50")},
        Risk(
            "warning",
            "$1.00 is much larger than anything before for this party (at most"
            " $0.50). Check the amount.",
            "size",
        ),
    ),
    (
        {
            "amount": usd("9"),
            "largest_before": usd("90"),
            "median_before": usd("0.90"),
            "count_before": 4,
        },
        Risk(
            "warning",
            "$9.00 is far more than usual for this party: of 4 before, half are at"
            " most $0.90. Check the amount.",
            "size",
        ),
    ),
    (
        {"amount": usd("101")},
        Risk("note", "The largest so far for this party (before: $100.00).", "size"),
    ),
    ({"amount": usd("0"), "largest_before": usd("0")}, None),
    (
        {
            "amount": usd("0"),
            "largest_before": usd("9"),
            "median_before": usd("0"),
            "count_before": 4,
        },
        None,
    ),
    ({"amount": None}, None),
    ({"largest_before": None}, None),
]


@pytest.mark.parametrize(("facts", "said"), SIZES)
def test_an_amount_is_measured_by_what_was_before(
    facts: dict[str, Any], said: Risk | None
) -> None:
    found = risks(draft(), replace(PLAIN, party=None, **facts))

    assert found == ((said,) if said else ())


@pytest.mark.parametrize(("party", "name"), [("Acme", "Acme"), (None, "this party")])
def test_reasons_about_a_party_name_it(party: str | None, name: str) -> None:
    facts = replace(
        PLAIN,
        party=party,
        changed=("its bank was A and is B",),
        party_is_new=True,
        party_overdue=usd("0.01"),
        credit=usd("0.01"),
        credits=("memo 1", "memo 2"),
        prices=("Consulting at $1.00",),
        numbers=("1042 on a bill",),
    )
    customer = party or "This customer"

    assert [(risk.level, risk.text, risk.kind) for risk in risks(draft(), facts)] == [
        (
            "warning",
            (
                "The number is nearly that of another document: 1042 on a bill. Check"
                " that it is not the same one, typed or read otherwise."
            ),
            "number",
        ),
        (
            "warning",
            (
                f"{name} was changed lately: its bank was A and is B. Check with them,"
                " by a number that you knew before, that they wanted it."
            ),
            "changed",
        ),
        (
            "warning",
            (
                f"{customer} already owes $0.01 that is overdue. Check that more should"
                " be sold to them."
            ),
            "overdue",
        ),
        (
            "note",
            (
                f"{customer} has $0.01 on file that is not used (memo 1, memo 2). Check"
                " whether it should be applied instead."
            ),
            "credit",
        ),
        ("note", "Consulting at $1.00. Check that this was agreed.", "price"),
        (
            "note",
            f"The first time for {name}. Check that it is the right one.",
            "first-time",
        ),
    ]


@pytest.mark.parametrize(
    ("verb", "entity", "kinds"),
    [
        (Verb.CREATE, "Invoice", ["overdue", "credit"]),
        (Verb.CREATE, "Payment", ["credit"]),
        (Verb.CREATE, "Bill", ["credit"]),
        (Verb.CREATE, "BillPayment", ["credit"]),
        (Verb.CREATE, "Estimate", []),
        (Verb.UPDATE, "Invoice", []),
        (Verb.UPDATE, "Payment", []),
    ],
)
def test_what_a_customer_owes_or_has_left_matters_where_more_is_asked(
    verb: Verb, entity: str, kinds: list[str]
) -> None:
    facts = replace(PLAIN, party_overdue=usd("5"), credit=usd("5"), credits=("a",))
    made = draft(steps=(replace(step(verb), entity=entity),))
    mixed = replace(made, steps=(*made.steps, replace(step(verb), entity="Purchase")))

    assert [risk.kind for risk in risks(made, facts)] == kinds
    assert [risk.kind for risk in risks(mixed, facts)] == kinds
    settled = replace(facts, party_overdue=usd("0"), credit=usd("0"))
    assert risks(made, settled) == ()
    assert risks(made, replace(facts, party_overdue=None, credit=None)) == ()


@pytest.mark.parametrize(
    ("verb", "days", "said"),
    [
        (
            Verb.VOID,
            1,
            Risk(
                "warning",
                "This voids a document from 1 day ago and changes the books of that"
                " time. Check that the period is still open and that no tax return"
                " covers it.",
                "void",
            ),
        ),
        (
            Verb.DELETE,
            2,
            Risk(
                "warning",
                "This deletes a document from 2 days ago and changes the books of that"
                " time. Check that the period is still open and that no tax return"
                " covers it.",
                "void",
            ),
        ),
        (Verb.VOID, 0, None),
        (
            Verb.DELETE,
            0,
            Risk("note", "What is deleted cannot be brought back.", "void"),
        ),
    ],
)
def test_what_is_voided_or_deleted_says_of_when_it_is(
    verb: Verb, days: int, said: Risk | None
) -> None:
    gone = draft(steps=(step(verb),))

    found = risks(gone, replace(PLAIN, backdated_days=days))

    assert found == ((said,) if said else ())


SATURDAY, FRIDAY = date(2026, 11, 21), date(2026, 11, 20)


@pytest.mark.parametrize(
    ("today", "facts", "said"),
    [
        (SATURDAY, {"dates": ()}, [("note", "Asked for on a Saturday.", "weekend")]),
        (FRIDAY, {"dates": ()}, []),
        (
            FRIDAY,
            {"dates": (), "backdated_days": 3},
            [("note", "Dated 3 days back.", "date")],
        ),
        (SATURDAY, {"dates": (FRIDAY,)}, []),
        (
            FRIDAY,
            {"dates": (FRIDAY, date(2026, 11, 22), date(2026, 11, 23))},
            [
                (
                    "warning",
                    "Dated 23 Nov 2026, 3 days in the future. Check the date.",
                    "date",
                ),
                ("note", "Dated a Sunday (22 Nov 2026).", "weekend"),
            ],
        ),
        (
            FRIDAY,
            {"dates": (date(2026, 11, 19), SATURDAY), "backdated_days": 1},
            [
                (
                    "warning",
                    "Dated 21 Nov 2026, 1 day in the future. Check the date.",
                    "date",
                ),
                ("note", "Dated 1 day back.", "date"),
                ("note", "Dated a Saturday (21 Nov 2026).", "weekend"),
            ],
        ),
        (
            FRIDAY,
            {"backdated_days": 91},
            [
                (
                    "warning",
                    "Dated 91 days back. Check the year, and which period it is for.",
                    "date",
                )
            ],
        ),
    ],
)
def test_dates_are_looked_at_from_both_ends(
    today: date, facts: dict[str, Any], said: list[tuple[str, str, str]]
) -> None:
    found = risks(replace(draft(), today=today), replace(PLAIN, **facts))

    assert [(risk.level, risk.text, risk.kind) for risk in found] == said


def test_each_reason_of_several_lines_names_its_lines() -> None:
    odd = replace(
        PLAIN,
        duplicates=("Invoice 7",),
        numbers=("12 on a bill",),
        amount=usd("200"),
        changed=("its e-mail",),
        dates=(SATURDAY,),
        credit=usd("1"),
        credits=("memo",),
        prices=("Hours at $1",),
        party_overdue=usd("1"),
        party_is_new=True,
    )
    several = Circumstances(parts=(PLAIN, odd, replace(odd, amount=usd("201"))))

    found = risks(draft(), several)

    assert [(risk.kind, risk.text.split(":")[0]) for risk in found] == [
        ("duplicate", "Lines 2 and 3"),
        ("number", "Lines 2 and 3"),
        ("size", "Line 2"),
        ("changed", "Lines 2 and 3"),
        ("date", "Lines 2 and 3"),
        ("overdue", "Lines 2 and 3"),
        ("size", "Line 3"),
        ("weekend", "Lines 2 and 3"),
        ("credit", "Lines 2 and 3"),
        ("price", "Lines 2 and 3"),
        ("first-time", "Lines 2 and 3"),
    ]


def test_of_several_lines_the_day_is_looked_at_once_for_each() -> None:
    today = replace(draft(), today=SATURDAY)
    undated = Circumstances(parts=(Circumstances(), PLAIN))

    assert [risk.text for risk in risks(today, undated)] == [
        "Line 1: Asked for on a Saturday."
    ]


def test_a_warning_stands_above_every_note() -> None:
    facts = replace(PLAIN, party_is_new=True, duplicates=("One",), backdated_days=1)

    found = risks(draft(send=True), replace(facts, changed=("its bank",)))

    assert [risk.level for risk in found] == ["warning"] * 2 + ["note"] * 3


def test_an_amount_of_nothing_is_like_nothing() -> None:
    none = replace(draft(), total=None)

    assert likeness(none, PLAIN) == "invoice.create|acme west|"
    assert likeness(draft(), PLAIN) == "invoice.create|acme west|1500.00 USD"
    assert likeness(draft(send=True), PLAIN) == likeness(draft(), PLAIN)
