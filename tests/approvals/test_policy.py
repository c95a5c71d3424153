"""Which rule applies to a draft, and what no file can loosen."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.policy import (
    DEFAULT_RULE,
    Match,
    Policy,
    load,
    parse,
    strictness,
    total_of,
)
from approvals.policy.matching import (
    Situation,
    _apart,
    each_alone,
    is_company,
    is_like,
    one_of,
    situation,
)
from approvals.proposal import Person, Role, Rule, Stage
from qbo.books import Circumstances, Draft, Line, Money, Verb
from tests.approvals.far import COMPANY, PRIYA, SAM, draft, step

FILE = """
# Ours.
[default]
hours = 48

[[rule]]
action = "invoice.void"
quorum = 2
label = "two, since it is a void"

[[rule]]
action = ["invoice.*", "payment.*"]
minimum = 5000.50
quorum = 3
hours = 24

[[rule]]
minimum = 100
hours = 12
"""


def sound(text: str) -> Policy:
    policy = parse(text)
    assert isinstance(policy, Policy), policy
    return policy


def rule(action: str, amount: str | None) -> Rule:
    made = draft(amount=amount or "0", action=action)
    if amount is None:
        made = replace(made, total=None, home_total=None)
    return sound(FILE).rule(made)


@pytest.mark.parametrize(
    ("action", "amount", "expected"),
    [
        ("invoice.void", "1.00", (2, 72, "two, since it is a void")),
        (
            "invoice.create",
            "5000.50",
            (3, 24, "3 approvers, none of them the requester"),
        ),
        ("invoice.create", "5000.49", (1, 12, DEFAULT_RULE.label)),
        (
            "payment.record",
            "99999",
            (3, 24, "3 approvers, none of them the requester"),
        ),
        ("customer.create", "99.99", (1, 48, DEFAULT_RULE.label)),
        # A total that nobody knows counts as large.
        ("invoice.send", None, (3, 24, "3 approvers, none of them the requester")),
    ],
)
def test_the_first_rule_that_matches_wins(
    action: str, amount: str | None, expected: tuple[int, int, str]
) -> None:
    found = rule(action, amount)

    assert (found.quorum, found.hours, found.label) == expected


def test_without_a_file_any_approver_but_the_requester_decides() -> None:
    found = load(None)

    assert found == Policy()
    assert isinstance(found, Policy)
    chosen = found.rule(draft())
    assert (chosen.quorum, chosen.hours) == (1, 72)
    assert chosen.label == "any approver but the requester"
    assert chosen.why == ("The built-in default: no policy says otherwise.",)
    assert (chosen.line, chosen.digest) == (0, "")


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 99), st.integers(0, 10**9))
def test_a_limit_is_exact(whole: int, cents: int, other: int) -> None:
    least = Decimal(whole) + Decimal(cents) / 100
    policy = sound(f"[[rule]]\ntotal_from = {least}\nquorum = 2\n")

    assert policy.rule(draft(amount=str(least))).quorum == 2
    expected = 2 if Decimal(other) >= least else 1
    assert policy.rule(draft(amount=str(other))).quorum == expected


def test_a_total_belongs_to_what_begins_with_it_and_not_to_what_ends_before_it() -> (
    None
):
    policy = sound("[[rule]]\ntotal_from = 10\ntotal_below = 20\nquorum = 2\n")

    assert [
        policy.rule(draft(amount=each)).quorum
        for each in ("9.99", "10", "19.99", "20.00")
    ] == [1, 2, 2, 1]


# --- what a rule may look at --------------------------------------------------------

AROUND = Circumstances(
    customers=("Acme:Acme West",),
    vendors=("Norton Lumber",),
    accounts=("Expenses:Travel:Taxi",),
    items=("Design:Fountains",),
    classes=("North",),
)
RHEA = Person("rhea", "w1", "Rhea", frozenset({Role.STAFF}), "Rhea@Sub.Example")


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("operation", "invoice.create", True),
        ("operation", "invoice.*", True),
        ("operation", "*.create", True),
        ("operation", "payment.*", False),
        ("customer", "acme west", True),
        ("customer", "ACME:Acme West", True),
        ("customer", "acme*", True),
        ("customer", "Acme", False),
        ("customer", "Acme ?est", True),
        ("vendor", "norton lumber", True),
        ("vendor", "norton", False),
        # An account with all that belongs to it.
        ("account", "Expenses", True),
        ("account", "expenses:travel", True),
        ("account", "Travel", True),
        ("account", "Taxi", True),
        ("account", "Exp", False),
        ("item", "fountains", True),
        ("item", "Design", False),
        ("tracking_class", "north", True),
        ("tracking_class", "south", False),
        ("requester", "rhea@sub.example", True),
        ("requester", "*@sub.example", True),
        ("requester", "staff", True),
        ("requester", "admin", False),
        ("requester", "*@other.example", False),
        ("company", "harbour & pine*", True),
        ("company", COMPANY.realm, True),
        ("company", "Pennine", False),
    ],
)
def test_what_a_rule_may_look_at(key: str, value: str, fits: bool) -> None:
    policy = sound(f'[[rule]]\n{key} = ["nothing", "{value}"]\nquorum = 2\n'
                   if key != "operation" else
                   f'[[rule]]\noperation = "{value}"\nquorum = 2\n')  # fmt: skip

    found = policy.rule(draft(), AROUND, RHEA, COMPANY)

    assert found.quorum == (2 if fits else 1)


def test_all_conditions_of_a_rule_have_to_hold() -> None:
    policy = sound(
        '[[rule]]\noperation = "invoice.create"\ncustomer = "Acme West"\n'
        "total_from = 1000\nquorum = 2\n"
    )

    assert policy.rule(draft(), AROUND, SAM, COMPANY).quorum == 2
    assert policy.rule(draft(amount="9"), AROUND, SAM, COMPANY).quorum == 1
    assert policy.rule(draft(), Circumstances(), SAM, COMPANY).quorum == 1


def test_the_lines_and_the_party_of_a_draft_count_where_no_facts_are_given() -> None:
    lines = (Line(Money(Decimal(1), "USD"), item="Mulch", account="Rent"),)
    made = replace(draft(), lines=lines)
    bill = replace(made, steps=(replace(step(), entity="Bill"),))
    around = Circumstances(party="Norton")

    assert sound('[[rule]]\nitem="mulch"\nquorum=2').rule(made).quorum == 2
    assert sound('[[rule]]\naccount="rent"\nquorum=2').rule(made).quorum == 2
    assert sound('[[rule]]\nvendor="norton"\nquorum=2').rule(bill, around).quorum == 2
    assert sound('[[rule]]\nvendor="norton"\nquorum=2').rule(made, around).quorum == 1
    assert sound('[[rule]]\ncustomer="norton"\nquorum=2').rule(made, around).quorum == 2
    assert sound('[[rule]]\ncustomer="norton"\nquorum=2').rule(bill, around).quorum == 1


def test_a_list_of_many_is_no_way_around_a_rule_for_one() -> None:
    policy = sound('[[rule]]\noperation = "invoice.create"\nquorum = 2\n')

    assert policy.rule(draft(action="invoices.create")).quorum == 2
    assert policy.rule(draft(action="invoices.send")).quorum == 1


# --- what cannot be known -----------------------------------------------------------

LIMITS = """
[[rule]]
name = "Small"
total_below = 100
hours = 5

[[rule]]
name = "Named"
operation = "invoice.create"
total_from = 10000
approvers = ["cfo@harbourpine.example", "ceo@harbourpine.example"]
quorum = 2

[[rule]]
name = "Large"
total_from = 5000
quorum = 2

[[rule]]
name = "Voids"
operation = "invoice.void"
quorum = 9
"""


def unknown(action: str = "invoice.create") -> Rule:
    made = replace(draft(action=action), home_total=None)
    return sound(LIMITS).rule(made, AROUND, SAM, COMPANY)


def test_where_the_total_cannot_be_computed_the_strictest_rule_applies() -> None:
    found = unknown()

    assert found.name == "Named"
    assert found.why == (
        (
            "The total cannot be computed, so the strictest of the 4 rules that could"
            " apply does."
        ),
        (
            "That is rule “Named” (line 7): cfo@harbourpine.example and"
            " ceo@harbourpine.example."
        ),
    )
    assert unknown("invoice.void").quorum == 9
    # Of rules as strict as each other, the one that stands first.
    assert unknown("payment.record").name == "Large"


def test_strictest_is_most_approvals_then_most_steps_then_fewest_people() -> None:
    def made(*stages: Stage) -> Rule:
        return Rule(sum(s.quorum for s in stages), 1, "", stages)

    a, b = "a@x.example", "b@x.example"
    by_strictness = [
        made(Stage(1)),
        made(Stage(1, (), (a, b))),
        made(Stage(1, (), (a,))),
        made(Stage(2)),
        made(Stage(2, (), (a, b))),
        made(Stage(1), Stage(1)),
        made(Stage(3)),
    ]

    assert sorted(by_strictness, key=strictness) == by_strictness
    assert len({strictness(each) for each in by_strictness}) == len(by_strictness)


def test_where_several_people_asked_no_milder_rule_for_one_of_them_applies() -> None:
    policy = sound(
        '[[rule]]\nrequester = "admin"\nhours = 5\n\n[[rule]]\ntotal_from = 1\n'
        "quorum = 3\n"
    )
    boss = replace(PRIYA, roles=frozenset({Role.ADMIN}))

    assert policy.rule(draft(), AROUND, boss, COMPANY).quorum == 1
    found = policy.rule(draft(), AROUND, None, COMPANY)
    assert found.quorum == 3
    assert found.why[0].startswith("More than one person asked for it, so the strict")


def test_of_several_who_asked_a_rule_is_for_all_for_none_or_it_is_not_known() -> None:
    policy = sound(
        '[[rule]]\nrequester = "*@contractors.example"\nquorum = 3\n\n[[rule]]\n'
        "total_from = 1\nquorum = 2\n"
    )
    ada = replace(SAM, name="Ada", email="ada@contractors.example")
    bob = replace(PRIYA, name="Bob", email="bob@contractors.example")

    def quorum(*askers: Person) -> int:
        return policy.rule(draft(), AROUND, askers, COMPANY).quorum

    assert quorum(SAM, PRIYA) == 2
    assert quorum(ada, bob) == 3
    assert quorum(SAM, bob) == quorum() == 3
    both = policy.explain(draft(), AROUND, (SAM, PRIYA), COMPANY).tried[0]
    assert both.texts == (
        f"{SAM.name} and {PRIYA.name}, who ask, are not *@contractors.example",
    )
    found = policy.rule(draft(), AROUND, (ada, bob), COMPANY)
    assert "asked for by Ada and Bob" in found.why[0]


def test_what_only_touches_lists_of_names_has_a_total_of_nothing() -> None:
    named = replace(step(body=b'{"DisplayName":"Birch"}'), entity="Customer")
    opened = replace(step(body=b'{"QtyOnHand":5}'), entity="Item")
    made = replace(draft(), total=None, home_total=None)

    assert total_of(replace(made, steps=(named,))) == 0
    assert total_of(replace(made, steps=(named, opened))) is None
    assert total_of(replace(made, steps=(named, step()))) is None
    assert total_of(made) is None
    assert total_of(replace(made, steps=())) is None


def test_the_total_is_that_in_the_companys_own_currency_and_has_no_sign() -> None:
    made = draft(amount="100")

    foreign = replace(made, home_total=Money(Decimal(-125), "USD"))
    assert total_of(foreign) == 125
    assert total_of(replace(made, home_total=None)) is None


# --- why ----------------------------------------------------------------------------


def test_why_names_the_rule_its_line_and_the_facts() -> None:
    policy = sound(
        '\n[[rule]]\nname = "Large invoices"\noperation = "invoice.*"\n'
        "total_from = 5000\nquorum = 2\n"
    )

    found = policy.rule(draft(amount="12000"), AROUND, SAM, COMPANY)

    assert found.why == (
        (
            "Rule “Large invoices” (line 2): invoice.create, total $12,000.00 is at"
            " least $5,000.00."
        ),
    )
    assert (found.name, found.line) == ("Large invoices", 2)
    assert found.digest == policy.digest != ""


def test_every_rule_that_was_tried_says_why_not() -> None:
    explained = sound(LIMITS).explain(
        draft(amount="700", action="payment.record"), AROUND, SAM, COMPANY
    )

    assert [(each.rule.name, each.fits, each.texts) for each in explained.tried] == [
        ("Small", False, ("total $700.00 is not below $100.00",)),
        (
            "Named",
            False,
            (
                "payment.record is not invoice.create",
                "total $700.00 is less than $10,000.00",
            ),
        ),
        ("Large", False, ("total $700.00 is less than $5,000.00",)),
        ("Voids", False, ("payment.record is not invoice.void",)),
        ("", True, ("no rule above it applies",)),
    ]


# --- confidence ---------------------------------------------------------------------


def test_read_unsurely_one_more_approver_is_asked_for() -> None:
    policy = sound(
        "[confidence]\nask_again_below = 40\nextra_approver_below = 70\n\n"
        "[[rule]]\ntotal_from = 5000\nextra_approver_below = 90\nquorum = 2\n\n"
        '[[rule]]\noperation = "invoice.void"\nextra_approver_below = 0\n'
    )
    large, small = draft(amount="5000"), draft(amount="10")

    def quorums(made: Draft, *confidences: int | None) -> list[int]:
        return [policy.rule(made, confidence=each).quorum for each in confidences]

    assert quorums(large, 89, 90, None) == [3, 2, 2]
    assert quorums(small, 69, 70, None) == [2, 1, 1]
    void = draft(action="invoice.void")
    assert policy.rule(void, confidence=1).quorum == 1
    assert policy.ask_again_below == 40
    assert Policy().ask_again_below is None


def test_one_more_approver_is_said_in_the_label_and_in_why() -> None:
    policy = sound("[confidence]\nextra_approver_below = 70\n")

    found = policy.rule(draft(), confidence=55)

    assert found.quorum == 2
    assert sum(stage.quorum for stage in found.steps) == 2
    assert "one more" in found.label
    assert found.why[-1] == (
        "One more approver: the request was read with a confidence of 55 of 100, which"
        " is below 70."
    )


def test_where_too_few_are_named_for_one_more_any_approver_is_asked_after_them() -> (
    None
):
    policy = sound(
        "[[rule]]\napprovers = 'cfo@harbourpine.example'\nextra_approver_below = 70\n"
    )

    found = policy.rule(draft(), confidence=1)

    assert found.quorum == 2
    assert found.stages == (
        Stage(1, (), ("cfo@harbourpine.example",), None, "cfo@harbourpine.example"),
        Stage(1, (Role.APPROVER,), label="one more approver"),
    )


# --- what no file can loosen --------------------------------------------------------


@pytest.mark.parametrize(
    "loose",
    [
        Rule(0, 72, "nobody"),
        Rule(-3, 72, "fewer"),
        Rule(0, 72, "steps", (Stage(0), Stage(1))),
        Rule(1, 72, "a sum that is wrong", (Stage(2), Stage(2))),
    ],
)
def test_no_rule_is_without_a_human_approval_in_each_step(loose: Rule) -> None:
    for policy in (Policy(default=loose), Policy((Match(loose),))):
        found = policy.rule(draft())

        assert all(stage.quorum >= 1 for stage in found.steps)
        assert found.quorum == sum(stage.quorum for stage in found.steps) >= 1


def test_a_step_that_is_left_to_the_requester_alone_is_named() -> None:
    policy = sound('[[rule]]\napprovers = "Rhea@sub.example"\n')

    assert len(policy.rule(draft(), AROUND, SAM, COMPANY).why) == 1
    assert policy.rule(draft(), AROUND, RHEA, COMPANY).why[1] == (
        "It is for Rhea, who asked for this and cannot approve it: an administrator"
        " has to name somebody else."
    )


NAMES = st.sampled_from(["Acme West", "acme*", "Birch", "*"])
PEOPLE = st.lists(
    st.sampled_from([f"{name}@x.example" for name in "abcde"]), min_size=1, unique=True
)


@st.composite
def steps_of(draw: st.DrawFn) -> str:
    approvers = draw(PEOPLE | st.sampled_from([["approver"], ["admin", "a@x.example"]]))
    most = len(approvers) if "@" in approvers[0] else 4
    return f"approvers = {approvers}\nquorum = {draw(st.integers(1, most))}\n"


@st.composite
def rules_of(draw: st.DrawFn) -> str:
    text = "[[rule]]\n"
    if draw(st.booleans()):
        text += f'operation = "{draw(st.sampled_from(["invoice.*", "*.void"]))}"\n'
    if draw(st.booleans()):
        text += f"total_from = {draw(st.integers(0, 3000))}\n"
    if draw(st.booleans()):
        text += f"total_below = {draw(st.integers(3001, 9000))}\n"
    if draw(st.booleans()):
        text += f'customer = "{draw(NAMES)}"\n'
    if draw(st.booleans()):
        text += f"extra_approver_below = {draw(st.integers(1, 100))}\n"
    if draw(st.booleans()):
        return text + draw(steps_of())
    return text + f"quorum = {draw(st.integers(1, 5))}\n"


@st.composite
def policies_of(draw: st.DrawFn) -> Policy:
    """Any policy that a file may say; rules that take all are taken out."""
    texts: list[str] = []
    for each in draw(st.lists(rules_of(), max_size=5)):
        if isinstance(parse("\n".join([*texts, each])), Policy):
            texts.append(each)
    return sound("\n".join(texts))


CONFIDENCE = st.none() | st.integers(0, 100)


@settings(deadline=None)
@given(
    policies_of(),
    st.none() | st.decimals(0, 10000, places=2),
    st.sampled_from(["invoice.create", "invoice.void", "payment.record"]),
    CONFIDENCE,
)
def test_no_policy_gives_a_rule_without_a_human_approval(
    policy: Policy, amount: Decimal | None, action: str, confidence: int | None
) -> None:
    made = draft(amount=str(amount or 0), action=action)
    if amount is None:
        made = replace(made, home_total=None)

    found = policy.rule(made, AROUND, SAM, COMPANY, confidence)

    assert found.quorum == sum(stage.quorum for stage in found.steps)
    assert all(
        stage.quorum >= 1
        and (stage.people or stage.roles)
        and (stage.roles or stage.quorum <= len(stage.people))
        for stage in found.steps
    )
    assert found.hours >= 1
    assert found.why


@settings(deadline=None)
@given(policies_of(), st.sampled_from(["invoice.create", "invoice.void"]))
def test_an_unknown_total_is_never_treated_more_mildly_than_any_total(
    policy: Policy, action: str
) -> None:
    made = draft(action=action)
    limits = {Decimal(0)}
    for match in policy.matches:
        limits |= {each for each in (match.minimum, match.below) if each is not None}

    unknown_ = policy.rule(replace(made, home_total=None), AROUND, SAM, COMPANY)

    for amount in limits:
        known = replace(made, home_total=Money(amount, "USD"))
        found = policy.rule(known, AROUND, SAM, COMPANY)
        assert strictness(unknown_) >= strictness(found)


@settings(deadline=None)
@given(policies_of(), st.decimals(0, 10000, places=2))
def test_the_first_of_the_rules_that_fit_wins(policy: Policy, amount: Decimal) -> None:
    made = draft(amount=str(amount))

    explained = policy.explain(made, AROUND, SAM, COMPANY)

    fitting = [
        match.rule.line
        for match in policy.matches
        if (match.minimum or 0) <= amount
        and (match.below is None or amount < match.below)
        and "*.void" not in match.actions
        and (not match.customers or match.customers[0] != "Birch")
    ]
    assert explained.rule.line == (fitting[0] if fitting else 0)


def test_verbs_of_sending_have_no_body_to_look_into() -> None:
    made = replace(
        draft(),
        total=None,
        home_total=None,
        steps=(replace(step(Verb.SEND, b""), entity="Invoice"),),
    )

    assert total_of(made) is None


# --- what is said of each condition -------------------------------------------------


def tried(text: str, *, made: Draft | None = None, **more: object) -> tuple[str, ...]:
    given = {"circumstances": AROUND, "requester": RHEA, "company": COMPANY} | more
    explained = sound(f"[[rule]]\nquorum = 2\n{text}\n").explain(
        made or draft(),
        **given,  # type: ignore[arg-type]
    )
    return (str(explained.tried[0].fits), *explained.tried[0].texts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("operation = 'invoice.*'", ("True", "invoice.create")),
        (
            "operation = ['payment.*', 'bill.pay', 'item.create']",
            (
                "False",
                "invoice.create is not payment.*, bill.pay or item.create",
            ),
        ),
        ("total_from = 1500", ("True", "total $1,500.00 is at least $1,500.00")),
        ("total_below = 1500.01", ("True", "total $1,500.00 is below $1,500.01")),
        (
            "total_from = 1\ntotal_below = 2000",
            ("True", "total $1,500.00 is at least $1.00 and is below $2,000.00"),
        ),
        (
            "total_from = 1500.01",
            ("False", "total $1,500.00 is less than $1,500.01"),
        ),
        ("total_below = 1500", ("False", "total $1,500.00 is not below $1,500.00")),
        ("total_from = 0", ("True",)),
        ("customer = 'acme west'", ("True", "customer Acme:Acme West")),
        ("customer = 'Bob'", ("False", "customer Acme:Acme West is not Bob")),
        ("vendor = 'Bob'", ("False", "vendor Norton Lumber is not Bob")),
        ("vendor = 'norton*'", ("True", "vendor Norton Lumber")),
        ("account = 'travel'", ("True", "account Expenses:Travel:Taxi")),
        ("account = 'Rent'", ("False", "account Expenses:Travel:Taxi is not Rent")),
        ("item = 'fountains'", ("True", "item Design:Fountains")),
        (
            "item = ['A', 'B']",
            ("False", "item Design:Fountains is not A or B"),
        ),
        ("tracking_class = 'north'", ("True", "tracking class North")),
        ("tracking_class = 'S'", ("False", "tracking class North is not S")),
        ("requester = 'staff'", ("True", "asked for by Rhea")),
        ("requester = 'admin'", ("False", "Rhea, who asks, is not admin")),
        ("company = '9130'", ("True", "company Harbour & Pine Landscaping")),
        (
            "company = 'Pennine'",
            ("False", "Harbour & Pine Landscaping is not Pennine"),
        ),
        # All that does not fit is said, and nothing else.
        (
            "operation = 'bill.pay'\ncustomer = 'acme west'\nitem = 'A'",
            (
                "False",
                "invoice.create is not bill.pay",
                "item Design:Fountains is not A",
            ),
        ),
    ],
)
def test_each_condition_says_what_it_found(text: str, said: tuple[str, ...]) -> None:
    assert tried(text) == said


def test_what_cannot_be_known_is_said_so() -> None:
    foreign = replace(draft(), home_total=None)
    nothing = Circumstances()
    three = replace(AROUND, items=("A", "B", "C"))

    assert tried("total_from = 5", made=foreign) == (
        "None",
        "the total cannot be computed",
    )
    assert tried("total_from = 0", made=foreign) == ("True",)
    assert tried("total_below = 5", made=foreign)[0] == "None"
    assert tried("requester = 'staff'", requester=None) == (
        "None",
        "more than one person asked for it",
    )
    assert tried("company = 'x'", company=None) == (
        "None",
        "the company is not known",
    )
    assert tried("customer = 'x'", circumstances=nothing) == (
        "False",
        "it names no customer",
    )
    assert tried("tracking_class = 'x'", circumstances=nothing) == (
        "False",
        "it names no tracking class",
    )
    assert tried("item = 'x'", circumstances=three) == (
        "False",
        "item A, B and C is not x",
    )
    assert tried("total_from = 5000", company=None) == (
        "False",
        "total 1,500.00 is less than 5,000.00",
    )
    # A condition that fails outweighs one that is not known.
    assert tried("total_from = 5\nitem = 'x'", made=foreign)[0] == "False"


@pytest.mark.parametrize(
    ("who", "wanted", "fits"),
    [
        (replace(RHEA, roles=frozenset({Role.ADMIN})), "Admin", "True"),
        (replace(RHEA, roles=frozenset({Role.ADMIN})), "staff", "False"),
        (replace(RHEA, email=None), "*", "True"),
        (replace(RHEA, email=None), "?*", "False"),
        (replace(RHEA, email=None), "XXXX", "False"),
        # A role is never looked for in the address.
        (replace(RHEA, email="admin"), "admin", "False"),
    ],
)
def test_a_requester_is_known_by_role_or_address(
    who: Person, wanted: str, fits: str
) -> None:
    assert tried(f"requester = '{wanted}'", requester=who)[0] == fits


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("acme  west", " Acme West ", True),
        ("Acme*", "acme west\nand sons", True),
        ("a?me", "acme", True),
        ("a?me", "ame", False),
        ("a.me", "acme", False),
        ("acme", "acme west", False),
        ("*west", "Acme West", True),
        ("STRASSE", "Straße", True),
    ],
)
def test_a_name_is_like_a_pattern_as_a_whole(
    pattern: str, name: str, fits: bool
) -> None:
    assert is_like(pattern, name) is fits


def test_the_operation_on_each_of_several() -> None:
    assert one_of("invoices.create") == "invoice.create"
    assert one_of("invoice.create") == "invoice.create"
    assert one_of("invoices") == "invoice"
    assert one_of("invoices.create.late") == "invoice.create.late"


def test_a_company_is_known_by_its_name_or_its_number() -> None:
    for each in ("harbour*", COMPANY.realm, COMPANY.id):
        assert is_company(("x", each), COMPANY)
    assert not is_company(("x", "913*"), COMPANY)
    assert not is_company((), COMPANY)


# --- how strict, and what is added ----------------------------------------------------


def ruled(*stages: Stage, **more: object) -> Rule:
    return Rule(
        sum(each.quorum for each in stages),
        9,
        "by steps",
        stages,
        **more,  # type: ignore[arg-type]
    )


def test_how_strict_a_rule_is() -> None:
    named = Stage(2, (), ("a@b.co", "c@b.co"))
    both = replace(named, roles=(Role.ADMIN,))

    assert strictness(ruled(named)) == (2, 1, -2)
    assert strictness(ruled(both)) == (2, 1, -1_000_000)
    assert strictness(ruled(named, Stage(3))) == (5, 2, -1_000_002)
    assert strictness(ruled(Stage(0), Stage(-3))) == (2, 2, -2_000_000)
    assert strictness(Rule(4, 9, "four")) == (4, 1, -1_000_000)
    assert strictness(ruled(Stage(1, (), (), "slack:C1"))) == (1, 1, -1_000_000)


def chosen(rule: Rule, confidence: int | None, who: Person | None = None) -> Rule:
    return Policy(default=rule).rule(draft(), AROUND, who, COMPANY, confidence)


def test_one_more_approver_only_below_the_rules_own_confidence() -> None:
    rule = ruled(Stage(1), Stage(2, label="Finance"), confidence=60)

    for confidence in (None, 60, 100):
        assert chosen(rule, confidence).quorum == 3
    assert chosen(replace(rule, confidence=None), 0).quorum == 3
    found = chosen(rule, 59)
    assert found.stages == (Stage(1), Stage(3, label="Finance, and one more"))
    assert found.quorum == found.approvals == 4
    assert found.label == ("by steps, and one more since the words were read unsurely")
    assert found.why[-1] == (
        "One more approver: the request was read with a confidence of 59 of 100, which"
        " is below 60."
    )
    assert chosen(ruled(Stage(1), confidence=60), 59).stages == (Stage(2),)


def test_of_people_named_one_more_only_where_there_is_one() -> None:
    two = Stage(1, (), ("a@b.co", "c@b.co"), label="Two")
    full = replace(two, quorum=2)
    open_ = replace(full, roles=(Role.ADMIN,))

    def steps(stage: Stage) -> tuple[Stage, ...]:
        return chosen(ruled(stage, confidence=60), 5).stages

    assert steps(two) == (replace(two, quorum=2, label="Two, and one more"),)
    assert steps(full) == (
        full,
        Stage(1, (Role.APPROVER,), label="one more approver"),
    )
    assert steps(open_) == (replace(open_, quorum=3, label="Two, and one more"),)


def test_a_step_that_only_the_requester_could_fill_is_said() -> None:
    theirs = Stage(1, (), ("rhea@sub.example",))
    beside = Stage(1, (), ("rhea@sub.example", "a@b.co"))
    said = "is for Rhea, who asked for this and cannot approve it"

    def why(*stages: Stage, who: Person | None = RHEA) -> list[str]:
        return [each for each in chosen(ruled(*stages), None, who).why if said in each]

    assert why(theirs) == [f"It {said}: an administrator has to name somebody else."]
    assert why(Stage(1), theirs)[0].startswith("Step 2 is for Rhea")
    assert why(replace(beside, quorum=2))
    assert why(beside) == why(replace(theirs, roles=(Role.ADMIN,))) == []
    assert why(theirs, who=None) == why(theirs, who=replace(RHEA, email=None)) == []
    assert why(theirs, who=replace(RHEA, email="x@y.zz")) == []


def test_each_step_has_a_human_approval_and_the_sum_is_true() -> None:
    loose = replace(ruled(Stage(0), Stage(-1), Stage(2)), quorum=0)

    found = chosen(loose, None)

    assert [each.quorum for each in found.stages] == [1, 1, 2]
    assert found.quorum == 4


def test_why_says_what_kind_of_rule_it_was() -> None:
    text = "[[rule]]\nname = 'One'\noperation = 'bill.pay'\n[default]\nhours = 5\n"
    everything = "[[rule]]\nname = 'All'\nhours = 5\n"

    assert sound(text).rule(draft()).why == (
        "The default (line 4): no rule above it applies.",
    )
    assert sound("[default]\nhours = 5\n").rule(draft()).why == (
        "The default (line 1): no policy says otherwise.",
    )
    assert sound(everything).rule(draft()).why == (
        "Rule “All” (line 1): it is for everything.",
    )
    assert sound(everything).rule(draft()).digest == sound(everything).digest != ""


# --- what it amounts to ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "body", "total"),
    [
        ("Customer", b"{}", Decimal(0)),
        ("PaymentMethod", b'{"Name":"x"}', Decimal(0)),
        ("Customer", b'{"Balance":5}', None),
        ("Account", b'{"OpeningBalance":5}', None),
        ("Item", b'{"QtyOnHand":5}', None),
        ("Invoice", b"{}", None),
    ],
)
def test_only_names_without_an_opening_amount_to_nothing(
    entity: str, body: bytes, total: Decimal | None
) -> None:
    one = replace(step(body=body), entity=entity)
    made = replace(draft(steps=(one,)), total=None, home_total=None)
    with_name = replace(one, entity="Class", body=b"{}")

    assert total_of(made) == total
    assert total_of(replace(made, steps=(with_name, one))) == total
    assert total_of(replace(made, steps=())) is None
    assert total_of(replace(made, total=Money(Decimal(5), "EUR"))) is None
    home = replace(made, home_total=Money(Decimal(-7), "USD"))
    assert total_of(home) == Decimal(7)


def test_a_party_said_shortly_is_the_one_said_in_full() -> None:
    assert _apart(("Roof", "Acme:West: Roof", "Acme", "West")) == (
        ("Acme:West: Roof",),
        ("Acme",),
        ("West",),
    )
    assert _apart(()) == ((),)


def test_each_line_is_alone_with_what_belongs_to_all_of_them() -> None:
    facts = Circumstances(
        customers=("Acme:West", "West", "Everybody"),
        vendors=("Norton", "Shared"),
        accounts=("Rent", "Fees"),
        items=("Mulch", "Care"),
        classes=("North", "All"),
        parts=(
            Circumstances(
                customers=("Acme:West",),
                vendors=("Norton",),
                accounts=("Rent",),
                items=("Mulch",),
                classes=("North",),
            ),
            Circumstances(party="Birch"),
        ),
    )
    lines = (Line(Money(Decimal(1), "USD"), item="Hours"),)
    made = replace(draft(), lines=lines)
    whole = situation(made, facts, (RHEA,), COMPANY)

    def alone(**lists: tuple[str, ...]) -> Situation:
        return replace(whole, **lists)  # type: ignore[arg-type]

    first = {
        "accounts": ("Rent", "Fees"),
        "items": ("Mulch", "Care", "Hours"),
        "classes": ("North", "All"),
    }
    second = {
        "accounts": ("Fees",),
        "items": ("Care", "Hours"),
        "classes": ("All",),
    }
    assert set(each_alone(whole, made, facts)) == {
        alone(customers=(customer,), vendors=(vendor,), **first)
        for customer in ("Acme:West", "Everybody")
        for vendor in ("Norton", "Shared")
    } | {
        alone(customers=(customer,), vendors=("Shared",), **second)
        for customer in ("Birch", "Everybody")
    }


def test_without_lines_each_party_is_alone_with_all_the_rest() -> None:
    facts = Circumstances(customers=("A", "B"), vendors=("V",), items=("I", "J"))
    whole = situation(draft(), facts, (RHEA,), COMPANY)

    assert each_alone(whole, draft(), facts) == tuple(
        replace(whole, customers=(each,)) for each in ("A", "B")
    )
    assert each_alone(whole, draft(), Circumstances()) == tuple(
        replace(whole, customers=(each,)) for each in ("A", "B")
    )
