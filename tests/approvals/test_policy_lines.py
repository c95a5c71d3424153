"""A draft of several lines, or of several parties: no way around anybody's rule."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from approvals.policy import DEFAULT_RULE, Match, Policy, parse
from approvals.policy.joining import joined
from approvals.policy.values import Explained, Tried
from approvals.proposal import Role, Rule, Stage
from qbo.books import Circumstances, circumstances_from, circumstances_text
from tests.approvals.far import COMPANY, SAM, draft
from tests.approvals.test_policy import sound

FILE = """
[[rule]]
name = "Acme"
customer = "Acme West"
hours = 24
undo_hours = 48
closed_period = "allow"

[[rule]]
name = "Large"
total_from = 5000
quorum = 3
hours = 48
undo_hours = 12
"""
LINES = Circumstances(
    customers=("Acme West", "Birch Lane"),
    parts=(
        Circumstances(party="Acme West", customers=("Acme West",)),
        Circumstances(party="Birch Lane", customers=("Birch Lane",)),
    ),
)
LARGE = draft(amount="100000", action="invoices.create")


def test_a_list_is_no_way_around_the_rule_for_another_of_its_customers() -> None:
    found = sound(FILE).rule(LARGE, LINES, SAM, COMPANY)

    assert found.quorum == found.approvals == 3
    assert found.name == "Acme and Large"
    assert "Acme and Large" in found.label
    assert found.why[0] == (
        "Its lines fall under 2 rules, so what each of them asks for is needed:"
        " rule “Acme” (line 2) and rule “Large” (line 9)."
    )
    assert len(found.why) == 3


OPERATIONS = """
[[rule]]
name = "Voids"
operation = "invoice.void"

[[rule]]
name = "Credits"
operation = "credit_memo.*"
quorum = 3
"""


def test_an_undo_of_several_kinds_is_no_way_around_the_rule_for_one() -> None:
    policy = sound(OPERATIONS)

    def quorum(action: str) -> int:
        made = draft(amount="100", action=action)
        return policy.rule(made, Circumstances(), SAM, COMPANY).approvals

    assert quorum("invoices.void") == 1
    assert quorum("credit_memos.create") == 3
    assert quorum("invoices.void+credit_memos.create") == 3
    assert quorum("credit_memos.create+invoices.void") == 3


def test_of_several_rules_the_strictest_times_hold() -> None:
    found = sound(FILE).rule(LARGE, LINES, SAM, COMPANY)

    assert (found.hours, found.undo_hours, found.allow_closed) == (24, 12, False)


def test_each_line_is_measured_with_the_total_of_the_whole_draft() -> None:
    small = draft(amount="4999", action="invoices.create")

    assert sound(FILE).rule(small, LINES, SAM, COMPANY).quorum == 1
    alone = Circumstances(customers=("Birch Lane",))
    assert sound(FILE).rule(LARGE, alone, SAM, COMPANY).name == "Large"


def test_several_customers_or_vendors_of_one_document_count_one_by_one() -> None:
    around = Circumstances(customers=("Acme West", "Birch Lane"))
    bought = Circumstances(vendors=("Norton", "Ellis"))
    vendors = FILE.replace("customer", "vendor").replace("Acme West", "Norton")

    assert sound(FILE).rule(LARGE, around, SAM, COMPANY).quorum == 3
    assert sound(vendors).rule(LARGE, bought, SAM, COMPANY).quorum == 3


def test_one_party_said_shortly_and_in_full_is_one() -> None:
    around = Circumstances(party="Roof", customers=("Acme:Roof",))
    policy = sound(FILE.replace("Acme West", "Acme:Roof"))

    assert policy.rule(LARGE, around, SAM, COMPANY).name == "Acme"


def test_one_rule_for_all_lines_is_said_as_of_the_whole() -> None:
    policy = sound('[[rule]]\nname = "Ours"\ncustomer = ["Acme*", "Birch*"]\n')

    found = policy.rule(LARGE, LINES, SAM, COMPANY)

    assert found.name == "Ours"
    assert found.why == ("Rule “Ours” (line 1): customer Acme West.",)


def test_a_rule_of_two_conditions_needs_both_of_the_same_line() -> None:
    policy = sound(
        '[[rule]]\nname = "Both"\ncustomer = "Acme West"\nitem = "Mulch"\n'
        '[[rule]]\nname = "Rest"\nquorum = 2\n'
    )
    acme, birch = LINES.parts
    lines = replace(
        LINES,
        items=("Mulch", "Design"),
        parts=(
            replace(acme, items=("Design",)),
            replace(birch, items=("Mulch",)),
        ),
    )

    assert policy.rule(LARGE, lines, SAM, COMPANY).name == "Rest"


def test_different_approvers_are_steps_one_after_the_other() -> None:
    policy = sound(
        '[[rule]]\nname = "A"\ncustomer = "Acme West"\n'
        'approvers = ["alex@h.example", "luis@h.example"]\n'
        '[[rule]]\nname = "B"\nquorum = 2\n'
    )

    found = policy.rule(LARGE, LINES, SAM, COMPANY)

    assert [each.quorum for each in found.steps] == [1, 2]
    assert found.steps[0].people == ("alex@h.example", "luis@h.example")
    assert found.steps[1].roles == (Role.APPROVER,)
    assert found.quorum == 3


def test_two_steps_of_the_same_approvers_stay_two() -> None:
    twice = Rule(2, 72, "two", stages=(Stage(1), Stage(1)), name="A", line=1)
    once = Rule(1, 72, "one", name="B", line=2)
    policy = Policy((Match(twice, customers=("Acme West",)), Match(once)))

    assert policy.rule(LARGE, LINES, SAM, COMPANY).quorum == 2


def test_where_hours_of_work_differ_every_hour_counts() -> None:
    policy = sound(
        '[[rule]]\ncustomer = "Acme West"\nhours = 8\nremind_after_hours = 4\n'
        'working_hours = "Mon-Fri 09:00-17:00 Europe/London"\n'
        "[[rule]]\nhours = 6\nescalate_after_hours = 5\n"
    )

    found = policy.rule(LARGE, LINES, SAM, COMPANY)

    assert (found.hours, found.working_hours) == (6, None)
    assert (found.remind_hours, found.escalate_hours) == (4, 5)
    assert found.escalate_to == ("admin",)


def test_a_line_under_the_default_asks_for_the_default_too() -> None:
    policy = sound('[[rule]]\ncustomer = "Acme West"\napprovers = "admin"\n')

    found = policy.rule(LARGE, LINES, SAM, COMPANY)

    assert [each.roles for each in found.steps] == [(Role.ADMIN,), (Role.APPROVER,)]
    assert found.steps[1].label == DEFAULT_RULE.label


def test_the_explanation_names_every_rule_that_was_tried_once() -> None:
    explained = sound(FILE).explain(LARGE, LINES, SAM, COMPANY)

    assert explained.rule == sound(FILE).rule(LARGE, LINES, SAM, COMPANY)
    assert [(each.rule.name, each.fits) for each in explained.tried] == [
        ("Acme", True),
        ("Large", True),
    ]


def test_what_is_kept_of_a_proposal_gets_the_same_rule_again() -> None:
    kept = circumstances_from(circumstances_text(LINES))

    again = sound(FILE).rule(LARGE, kept, SAM, COMPANY)

    assert again == sound(FILE).rule(LARGE, LINES, SAM, COMPANY)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Acme West", "Birch Lane", "Cedar", ""]),
            st.sampled_from(["approver", "admin", "alex@h.example"]),
            st.integers(1, 5),
            st.integers(1, 99),
            st.integers(0, 9000),
        ),
        max_size=5,
    ),
    st.lists(
        st.sampled_from(["Acme West", "Birch Lane", "Cedar", "Dune"]),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 10000),
)
def test_no_list_gets_less_than_any_of_its_lines_would_alone(
    written: list[tuple[str, str, int, int, int]], customers: list[str], total: int
) -> None:
    text = "".join(
        f"[[rule]]\ntotal_from = {least}\nhours = {hours}\n"
        + (f'customer = "{name}"\n' if name else "")
        + f'approvers = "{who}"\nquorum = {1 if "@" in who else quorum}\n'
        for name, who, quorum, hours, least in written
    )
    policy = parse(text)
    if not isinstance(policy, Policy):
        return  # a rule that can never apply is a mistake of the file
    made = draft(amount=str(Decimal(total)), action="invoices.create")
    parts = tuple(Circumstances(customers=(each,)) for each in customers)
    whole = policy.rule(
        made, Circumstances(customers=tuple(customers), parts=parts), SAM, COMPANY
    )

    for part in parts:
        alone = policy.rule(made, part, SAM, COMPANY)
        assert whole.quorum >= alone.quorum
        assert whole.hours <= alone.hours
        for stage in alone.steps:
            assert any(
                (each.roles, each.people) == (stage.roles, stage.people)
                and each.quorum >= stage.quorum
                for each in whole.steps
            )


# --- what several rules ask for together, field by field ------------------------------

FINANCE = Stage(1, (Role.APPROVER,), label="Finance")
BY_CFO = Stage(1, (), ("cfo@b.co",), label="the CFO")
OFFICE = "Mon-Fri 09:00-17:00 UTC"


def ruled(name: str, line: int, *stages: Stage, **more: Any) -> Rule:
    given: dict[str, Any] = {
        "hours": 48,
        "label": f"by {name}",
        "digest": "d",
        "why": (f"{name}.",),
    }
    return Rule(
        quorum=sum(each.quorum for each in stages) or 1,
        stages=stages,
        name=name,
        line=line,
        **(given | more),
    )


def together(*rules: Rule) -> Rule:
    return joined([Explained(rule, ()) for rule in rules]).rule


def test_together_they_ask_for_all_that_each_of_them_asks_for() -> None:
    one = ruled(
        "One",
        4,
        FINANCE,
        remind_hours=8,
        escalate_hours=30,
        escalate_to=("admin", "a@b.co"),
        working_hours=OFFICE,
        undo_hours=24,
        confidence=60,
        allow_closed=True,
    )
    two = ruled(
        "Two",
        9,
        replace(FINANCE, quorum=2, label="two of Finance"),
        BY_CFO,
        hours=24,
        remind_hours=6,
        escalate_hours=12,
        escalate_to=("admin", "c@b.co"),
        working_hours=OFFICE,
        undo_hours=12,
        allow_closed=True,
    )

    found = together(one, two, one)

    assert found == Rule(
        quorum=3,
        hours=24,
        label="two of Finance, then the CFO (One and Two together)",
        stages=(replace(FINANCE, quorum=2, label="two of Finance"), BY_CFO),
        remind_hours=6,
        escalate_hours=12,
        escalate_to=("admin", "a@b.co", "c@b.co"),
        working_hours=OFFICE,
        undo_hours=12,
        confidence=60,
        allow_closed=True,
        name="One and Two",
        line=4,
        digest="d",
        why=(
            (
                "Its lines fall under 2 rules, so what each of them asks for is needed:"
                " rule “One” (line 4) and rule “Two” (line 9)."
            ),
            "One.",
            "Two.",
        ),
    )
    assert together(one, one) is one


def test_what_one_of_them_does_not_let_is_not_let() -> None:
    one = ruled("One", 4, FINANCE, undo_hours=24, confidence=40, allow_closed=True)
    two = ruled("Two", 9, BY_CFO, working_hours=OFFICE)

    found = together(one, two)

    assert (found.undo_hours, found.allow_closed) == (None, False)
    assert (found.working_hours, found.confidence) == (None, 40)
    assert together(two, replace(one, confidence=None)).confidence is None
    assert (found.remind_hours, found.escalate_hours, found.escalate_to) == (
        None,
        None,
        (),
    )


def test_a_time_that_comes_after_the_end_is_none() -> None:
    one = ruled("One", 4, FINANCE, hours=10, escalate_to=("admin",))
    two = ruled("Two", 9, BY_CFO, remind_hours=10, escalate_hours=9)
    late = replace(two, escalate_hours=10, escalate_to=("admin",))

    assert together(one, two).remind_hours is None
    assert together(one, two).escalate_hours == 9
    assert together(one, late).escalate_hours is None
    assert together(one, late).escalate_to == ()


def test_a_step_of_a_rule_without_a_name_is_called_as_the_rule() -> None:
    bare = Stage(2, (), (), "slack:C1")
    none = ruled("", 0, replace(bare, label=""), label="the channel", digest="d")
    one = ruled("One", 7, replace(FINANCE, label=""), BY_CFO)

    found = together(none, one)

    assert found.stages == (
        replace(bare, label="the channel"),
        replace(FINANCE, label=""),
        BY_CFO,
    )
    assert found.label == (
        "the channel, then an approver, then the CFO (the default and One together)"
    )
    assert found.line == 7
    assert together(none, replace(none, hours=3)).line == 0


def test_two_equal_steps_of_one_rule_stay_two() -> None:
    one = ruled("One", 4, FINANCE)
    two = ruled("Two", 9, FINANCE, replace(FINANCE, label="again"), FINANCE)
    three = ruled("Three", 9, replace(FINANCE, label="kept"), BY_CFO)

    assert together(one, two).stages == (
        FINANCE,
        replace(FINANCE, label="again"),
        FINANCE,
    )
    assert together(two, one).quorum == 3
    # Of steps that ask for the same, the one that was found first.
    assert together(one, three).stages == (FINANCE, BY_CFO)


def test_at_most_three_rules_are_named() -> None:
    rules = [ruled(f"R{n}", n, replace(FINANCE, quorum=n)) for n in range(1, 6)]

    assert together(*rules[:3]).name == "R1, R2 and R3"
    assert together(*rules[:4]).name == "R1, R2, R3 and 1 more"
    assert together(*rules).name == "R1, R2, R3 and 2 more"


def test_each_rule_that_was_tried_stands_once_as_far_as_it_ever_fitted() -> None:
    one, two, three = (ruled(name, n, FINANCE) for n, name in enumerate("ABC", 1))

    def found(rule: Rule, *tried: Tried) -> Explained:
        return Explained(rule, tried)

    def of(rule: Rule, fits: bool | None, text: str) -> Tried:
        return Tried(rule, fits, (text,))

    result = joined(
        [
            found(two, of(one, None, "a"), of(two, True, "b"), of(three, False, "c")),
            found(one, of(one, True, "d"), of(two, True, "e"), of(three, None, "f")),
            found(one, of(one, None, "g"), of(two, False, "h"), of(three, False, "i")),
        ]
    )

    assert [each.texts for each in result.tried] == [("d",), ("b",), ("f",)]


def test_where_one_rule_holds_for_all_it_is_explained_of_the_whole() -> None:
    policy = sound("[[rule]]\nname = 'Zed'\ncustomer = 'Zed'\nquorum = 2\n")

    found = policy.explain(LARGE, LINES, SAM, COMPANY)

    assert found.rule.quorum == 1
    assert found.tried[0].texts == ("customer Acme West and Birch Lane is not Zed",)
