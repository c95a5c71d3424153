"""The policy file: what it says, and what becomes of one that cannot be followed."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.policy import DEFAULT_RULE, Broken, Policy, load, parse
from approvals.proposal import Rule
from tests.approvals.far import draft

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


def rule(action: str, amount: str | None) -> Rule:
    policy = parse(FILE)
    assert isinstance(policy, Policy)
    made = draft(amount=amount or "0", action=action)
    if amount is None:
        made = replace(made, total=None)
    return policy.rule(made)


@pytest.mark.parametrize(
    ("action", "amount", "expected"),
    [
        ("invoice.void", "1.00", Rule(2, 72, "two, since it is a void")),
        (
            "invoice.create",
            "5000.50",
            Rule(3, 24, "3 approvers, none of them the requester"),
        ),
        ("invoice.create", "5000.49", Rule(1, 12, DEFAULT_RULE.label)),
        (
            "payment.record",
            "99999",
            Rule(3, 24, "3 approvers, none of them the requester"),
        ),
        ("customer.create", "99.99", Rule(1, 48, DEFAULT_RULE.label)),
        # A total that nobody knows counts as large.
        ("invoice.send", None, Rule(3, 24, "3 approvers, none of them the requester")),
    ],
)
def test_the_first_rule_that_matches_wins(
    action: str, amount: str | None, expected: Rule
) -> None:
    assert rule(action, amount) == expected


def test_without_a_file_any_approver_but_the_requester_decides() -> None:
    policy = load(None)

    assert policy == Policy()
    assert Policy().rule(draft()) == Rule(1, 72, "any approver but the requester")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[default]\nhours = \n", 2, "TOML"),
        ("[default]\nhours = 72\n[default", 3, "TOML"),
        ("x = 1\n", 1, "“x”"),
        ("# a\n\n[people]\na = 1\n", 3, "“people”"),
        ("[default]\nquorum = 0\n", 2, "from 1 to 20"),
        ("[default]\nhours = true\n", 2, "whole number"),
        ("[default]\nhours = 1.5\n", 2, "whole number"),
        ("[default]\naction = 'x'\n", 2, "“action”"),
        ("[[rule]]\nhours = 1\n\n[[rule]]\nquorum = 1\nhour = 2\n", 6, "“hour”"),
        ("[[rule]]\nhours = 1\n[[rule]]\nhours = 9999\n", 4, "from 1 to"),
        ("[[rule]]\naction = 'Delete!'\n", 2, "invoice.void"),
        ("[[rule]]\naction = []\n", 2, "no action"),
        ("[[rule]]\naction = [1]\n", 2, "invoice.void"),
        ("[[rule]]\nminimum = '5000'\n", 2, "plain number"),
        ("[[rule]]\nminimum = -1\n", 2, "from 0"),
        ("[[rule]]\nminimum = nan\n", 2, "from 0"),
        ("[[rule]]\nlabel = ' '\n", 2, "label"),
        ("[rule]\nquorum = 1\n", 1, "[[rule]]"),
        ("default = 3\n", 1, "[default]"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, words: str) -> None:
    broken = parse(text)

    assert isinstance(broken, Broken)
    assert broken.line == line
    assert words in broken.sentence


def test_a_file_that_was_named_and_is_missing_is_broken(tmp_path: Path) -> None:
    assert isinstance(load(tmp_path / "policy.toml"), Broken)
    (tmp_path / "policy.toml").write_bytes(b"\xff")
    assert isinstance(load(tmp_path / "policy.toml"), Broken)
    (tmp_path / "policy.toml").write_text(FILE)
    assert isinstance(load(tmp_path / "policy.toml"), Policy)


@given(st.text(max_size=200))
def test_no_text_makes_it_stumble_or_loosens_it(text: str) -> None:
    said = parse(text)

    assert isinstance(said, Policy | Broken)
    if isinstance(said, Policy):
        assert said.rule(draft()).quorum >= 1


@given(st.integers(0, 10**9), st.integers(0, 99), st.integers(0, 10**9))
def test_a_minimum_is_exact(whole: int, cents: int, other: int) -> None:
    least = Decimal(whole) + Decimal(cents) / 100
    policy = parse(f"[[rule]]\nminimum = {least}\nquorum = 2\n")
    assert isinstance(policy, Policy)

    assert policy.rule(draft(amount=str(least))).quorum == 2
    expected = 2 if Decimal(other) >= least else 1
    assert policy.rule(draft(amount=str(other))).quorum == expected
