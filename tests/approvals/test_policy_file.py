"""Reading the policy file: what it may say, and every mistake with its line."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.policy import Broken, Policy, load, parse
from approvals.policy.lines import Lines
from approvals.proposal import Role, Rule, Stage
from tests.approvals.far import draft


def sound(text: str) -> Policy:
    policy = parse(text)
    assert isinstance(policy, Policy), policy
    return policy


def mistakes(text: str) -> list[tuple[int, str]]:
    broken = parse(text)
    assert isinstance(broken, Broken), broken
    return [(each.line, each.sentence) for each in broken.mistakes]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[default]\nhours = \n", 2, "TOML"),
        ("[default]\nhours = 72\n[default", 3, "TOML"),
        ("a = 1\na = 2\n", 2, "TOML"),
        (f"a = {'9' * 5000}\n", 2, "TOML"),
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
        ("[[rule]]\naction = [1]\n", 2, "no name in quotes"),
        ("[[rule]]\naction = 5\n", 2, "a name in quotes, or a list"),
        ("[[rule]]\nminimum = '5000'\n", 2, "plain number"),
        ("[[rule]]\nminimum = -1\n", 2, "from 0"),
        ("[[rule]]\nminimum = nan\n", 2, "from 0"),
        ("[[rule]]\ntotal_below = true\n", 2, "plain number"),
        ("[[rule]]\nlabel = ' '\n", 2, "label"),
        (f"[[rule]]\nname = '{'x' * 201}'\n", 2, "at most 200"),
        ("[rule]\nquorum = 1\n", 1, "[[rule]]"),
        ("rule = []\n", 1, "nothing in it"),
        ("default = 3\n", 1, "[default]"),
        ("[[rule]]\n[rule.step]\nquorum = 1\n", 2, "[[rule.step]]"),
        # Likely words.
        ("[[rule]]\nqourum = 2\n", 2, "Did you mean “quorum”?"),
        ("[[rule]]\ncustomers = 'Acme'\n", 2, "Did you mean “customer”?"),
        ("[[rules]]\nquorum = 2\n", 1, "Did you mean “rule”?"),
        ("[[rule]]\noperation = 'invoce.create'\n", 2, "“invoice.create”?"),
        ("[[rule]]\noperation = 'invoice'\n", 2, 'written like "payment.*"'),
        ("[[rule]]\napprovers = 'aprover'\n", 2, "Did you mean “approver”?"),
        # People.
        ("[[rule]]\napprovers = 'staff'\n", 2, "decides nothing"),
        ("[[rule]]\napprovers = 'auditor'\n", 2, "decides nothing"),
        ("[[rule]]\napprovers = 'cfo@harbourpine'\n", 2, "no e-mail address"),
        ("[[rule]]\napprovers = 'a@x.example, b@x.example'\n", 2, "no e-mail address"),
        ("[[rule]]\napprovers = 'slack:general'\n", 2, "slack:C0123ABCD"),
        ("[[rule]]\napprovers = 'teams:'\n", 2, "no channel"),
        ("[[rule]]\napprovers = ['slack:C12', 'slack:C13']\n", 2, "one channel"),
        (
            "[[rule]]\napprovers = [\n  'a@x.example',\n  'b@',\n]\n",
            4,
            "“b@” is no e-mail",
        ),
        # Approvals that can never be had.
        ("[[rule]]\nquorum = 2\napprovers = 'a@x.example'\n", 2, "only 1 person is"),
        (
            "[[rule]]\napprovers = ['a@x.example', 'A@x.example']\nquorum = 2\n",
            3,
            "only 1 person is",
        ),
        (
            ("[[rule]]\n[[rule.step]]\napprovers = 'a@x.example'\n"
            "[[rule.step]]\napprovers = 'a@x.example'\n"),
            2,
            "Each person decides once",
        ),
        ("[[rule]]\nquorum = 2\n[[rule.step]]\nquorum = 1\n", 2, "has steps"),
        # Times.
        ("[[rule]]\nworking_hours = 'always'\n", 2, "time zone"),
        ("working_hours = 'Mon 09:00-09:00 UTC'\n", 1, "never come"),
        ("[[rule]]\nremind_after_hours = 72\n", 2, "never comes"),
        (
            "[[rule]]\nhours = 8\nremind_after_hours = 2\nescalate_after_hours = 8\n",
            4,
            "never comes",
        ),
        (
            "[[rule]]\nremind_after_hours = 5\nescalate_after_hours = 5\n",
            3,
            "comes before the reminder",
        ),
        ("[[rule]]\nescalate_to = 'admin'\n", 2, "escalate_after_hours"),
        ("[[rule]]\nundo_hours = -1\n", 2, "from 0"),
        ("[[rule]]\nclosed_period = 'no'\n", 2, '"block" or "allow"'),
        # Confidence.
        ("[confidence]\nask_again_below = 101\n", 2, "from 1 to 100"),
        (
            "[confidence]\nask_again_below = 70\nextra_approver_below = 60\n",
            3,
            "never be asked for",
        ),
        ("[readonly]\ncompanies = []\n", 2, "no companies"),
        ("[readonly]\ncompany = 'x'\n", 2, "“companies”"),
        ("[readonly]\ncompanies = ['a',\n'Penn*']\n", 3, "whole name"),
        # Rules beside each other.
        ("[[rule]]\naction = 'bill.pay'\nminimum = 1\noperation = 'bill.pay'\n", 2,
         "older word"),
        ("[[rule]]\ntotal_from = 10\ntotal_below = 10\n", 3, "can never match"),
        ("[[rule]]\ntotal_below = 0\n", 2, "can never match"),
        (
            "[[rule]]\nname = 'A'\ntotal_from = 9\n[[rule]]\nname = 'a'\n",
            4,
            "already, on line 1",
        ),
        ("[[rule]]\nquorum = 2\n\n[[rule]]\ntotal_from = 1\n", 4, "“Rule 1” (line 1)"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(text: str, line: int, words: str) -> None:
    broken = parse(text)

    assert isinstance(broken, Broken), broken
    assert (broken.line, broken.others) == (line, ())
    assert words in broken.sentence


def test_every_mistake_is_named_not_only_the_first() -> None:
    text = """[default]
hours = "long"

[[rule]]
name = "Large"
quorum = 0
total_from = "much"

[[rule]]
name = "large"
approvers = ["nobody", "x@", "cfo@harbourpine.example"]

[[rule.step]]
quorom = 2
"""

    found = mistakes(text)

    assert [line for line, _ in found] == [2, 6, 7, 9, 11, 14]
    assert "belongs into them" in found[4][1]
    broken = parse(text)
    assert isinstance(broken, Broken)
    assert (broken.line, broken.sentence) == found[0]


def test_what_comes_of_another_mistake_is_not_a_mistake_of_its_own() -> None:
    # Without its condition the first rule would take all; that is not said.
    found = mistakes("[[rule]]\noperation = 'x'\n\n[[rule]]\ntotal_from = 5\n")

    assert [line for line, _ in found] == [2]


@pytest.mark.parametrize(
    ("earlier", "later", "is_lost"),
    [
        ("", "quorum = 2", True),
        ("operation = 'invoice.*'", "operation = 'invoice.void'", True),
        ("operation = 'invoice.void'", "operation = 'invoice.*'", False),
        ("operation = '*'", "customer = 'Acme'\noperation = 'bill.*'", True),
        ("operation = 'invoice.*'", "", False),
        ("operation = 'invoice.?oid'", "operation = 'invoice.*'", False),
        ("total_from = 100", "total_from = 200", True),
        ("total_from = 200", "total_from = 100", False),
        ("total_below = 100", "total_below = 50", True),
        ("total_below = 100", "total_from = 50", False),
        ("customer = ['Acme*', 'Birch']", "customer = ['acme west', 'BIRCH']", True),
        ("customer = ['Acme*']", "customer = ['Acme', 'Birch']", False),
        ("account = 'Expenses'", "account = 'Expenses:Travel'", True),
        ("account = 'Expenses:Travel'", "account = 'Expenses'", False),
        ("item = 'Design'", "item = 'Design:Fountains'", False),
        ("company = 'A'", "company = 'B'", False),
    ],
)
def test_a_rule_that_can_never_match_is_a_mistake(
    earlier: str,
    later: str,
    is_lost: bool,
) -> None:
    said = parse(f"[[rule]]\n{earlier}\n\n[[rule]]\n{later}\n")

    assert isinstance(said, Broken) == is_lost
    if isinstance(said, Broken):
        assert "can never match" in said.sentence


def test_a_rule_with_all_that_can_be_said() -> None:
    text = """
working_hours = "Mon-Fri 09:00-17:00 Europe/London"

[[rule]]
name = "Large"
total_from = 5000
hours = 40
remind_after_hours = 4
escalate_after_hours = 8
undo_hours = 0
closed_period = "allow"
extra_approver_below = 80

[[rule.step]]
approvers = ["Priya@Harbourpine.example", "approver"]
label = "the office"

[[rule.step]]
approvers = ["a@x.example", "b@x.example", "c@x.example"]
quorum = 2

[[rule.step]]
approvers = "slack:C0123ABCD"

[[rule]]
name = "Else"
escalate_after_hours = 8
escalate_to = ["CEO@x.example", "approver"]
working_hours = "Mon-Sun 00:00-24:00 UTC"
approvers = ["admin"]
"""

    large, other = (match.rule for match in sound(text).matches)

    assert large == Rule(
        quorum=4,
        hours=40,
        label="the office, then 2 of: a@x.example, b@x.example or c@x.example, then an"
        " approver in slack:C0123ABCD",
        stages=(
            Stage(
                1,
                (Role.APPROVER,),
                ("priya@harbourpine.example",),
                None,
                "the office",
            ),
            Stage(
                2,
                (),
                ("a@x.example", "b@x.example", "c@x.example"),
                None,
                "2 of: a@x.example, b@x.example or c@x.example",
            ),
            Stage(1, (), (), "slack:C0123ABCD", "an approver in slack:C0123ABCD"),
        ),
        remind_hours=4,
        escalate_hours=8,
        escalate_to=("admin",),
        working_hours="Mon-Fri 09:00-17:00 Europe/London",
        undo_hours=None,
        confidence=80,
        allow_closed=True,
        name="Large",
        line=4,
    )
    assert other.escalate_to == ("ceo@x.example", "approver")
    assert other.working_hours == "Mon-Sun 00:00-24:00 UTC"
    assert other.stages == (Stage(1, (Role.ADMIN,), label="an administrator"),)
    assert (other.undo_hours, other.allow_closed, other.line) == (24, False, 25)


def test_read_only_companies_and_where_that_is_said() -> None:
    policy = sound('[readonly]\n\ncompanies = ["Pennine", "9130"]\n')

    assert policy.readonly == ("Pennine", "9130")
    assert policy.readonly_line == 3


# --- the file ---------------------------------------------------------------------


def test_a_file_that_was_named_and_cannot_be_read_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"

    missing = load(path)
    path.write_bytes(b"[default]\nlabel = '\xff'\n")
    garbled = load(path)
    folder = load(tmp_path)

    assert isinstance(missing, Broken)
    assert missing.line == 0
    assert "policy.toml cannot be read" in missing.sentence
    assert isinstance(garbled, Broken)
    assert (garbled.line, "UTF-8" in garbled.sentence) == (2, True)
    assert isinstance(folder, Broken)


def test_the_digest_is_that_of_the_files_bytes(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    # As Notepad writes it: with a mark before, and other ends of lines.
    content = b"\xef\xbb\xbf[default]\r\nhours = 48\r\n\r\n[[rule]]\r\nquorum = 2\r\n"
    path.write_bytes(content)

    policy = load(path)

    assert isinstance(policy, Policy)
    assert policy.digest == hashlib.sha256(content).hexdigest()
    assert policy.rule(draft()).digest == policy.digest
    assert policy.matches[0].rule.line == 4


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_it_stumble_or_loosens_it(text: str) -> None:
    said = parse(text)

    assert isinstance(said, Policy | Broken)
    if isinstance(said, Policy):
        assert said.rule(draft()).quorum >= 1
    else:
        assert all(each.line >= 1 and each.sentence for each in said.mistakes)


WORDS = st.sampled_from(
    (
        *("[[rule]]", "[[rule.step]]", "[default]", "[readonly]", "\n", "name", "="),
        *("quorum", "2", "'a'", '"""x\ny"""', "[", "]", "{", "}", ",", ".", "# no"),
    )
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=30))
def test_lines_are_found_in_whatever_is_toml(words: list[str]) -> None:
    text = " ".join(words).replace("\n ", "\n")

    said = parse(text)

    if isinstance(said, Broken):
        last = text.count("\n") + 1
        assert all(1 <= each.line <= last for each in said.mistakes)


def test_where_tables_and_keys_stand() -> None:
    lines = Lines(
        "# [default]\n"  # 1
        'a.b = "x # y"\n'
        "[[rule]] # one\n"  # 3
        'label = """\n[default]\nhours = 1"""\n'  # 4 to 6
        "'quoted' = ['[[rule]]',\n  'second', # third\n]\n"  # 7 to 9
        "[[rule.step]]\n"  # 10
        "[[rule.step]]\nquorum = 1\n"  # 11
        "[ rule.more ]\nx = {y = 1}\n"  # 13
        "[[rule]]\n[[rule.step]]\nhours = 2\n"  # 15
        "[default]\nhours = 3"  # 18
    )

    assert lines.line(("a", "b")) == 2
    assert lines.line(("rule", 0)) == 3
    assert lines.line(("rule", 0, "label")) == 4
    assert lines.line(("rule", 0, "quoted"), "second") == 8
    assert lines.line(("rule", 0, "step", 0)) == 10
    assert lines.line(("rule", 0, "step", 1, "quorum")) == 12
    assert lines.line(("rule", 0, "more", "x", "y")) == 14
    assert lines.line(("rule", 1)) == 15
    assert lines.line(("rule", 1, "step", 0, "hours")) == 17
    assert lines.line(("rule", 1, "missing")) == 15
    assert lines.line(("default", "hours")) == 19
    assert lines.line(("nowhere",)) == 1
