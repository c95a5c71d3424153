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
        # Of a list over several lines, the line on which the mistake stands.
        ("[[rule]]\napprovers = [\n'a@x.example',\n'aprover',\n]\n", 4, "aprover"),
        ("[[rule]]\napprovers = [\n'admin',\n'slack:nowhere',\n]\n", 4, "no channel"),
        (
            "[[rule]]\nescalate_after_hours = 5\nescalate_to = [\n'admin',\n'b@',\n]\n",
            5,
            "“b@”",
        ),
        ("# a\r\n[[rule]]\r\nlabel = 'x'\r\nquorum = 0\r\n", 4, "from 1 to 20"),
        ("# a\n\nconfidence = 70\n", 3, "[confidence]"),
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


# --- word for word ------------------------------------------------------------------

SAID: list[tuple[str, list[tuple[int, str]]]] = [
    (
        "[defualt]\nhours = 2\n",
        [(1, "There is no “defualt” in a policy. Did you mean “default”?")],
    ),
    (
        '[[rule]]\nnaem = "x"\n',
        [(2, "There is no “naem” in a rule. Did you mean “name”?")],
    ),
    (
        "[default]\nquroum = 2\n",
        [(2, "There is no “quroum” in the default. Did you mean “quorum”?")],
    ),
    (
        '[[rule]]\n[[rule.step]]\nroles = ["admin"]\n',
        [(3, "There is no “roles” in a step.")],
    ),
    ("[confidence]\nask = 1\n", [(2, "There is no “ask” in [confidence].")]),
    (
        '[readonly]\ncompany = ["x"]\n',
        [(2, "There is no “company” in [readonly]. Did you mean “companies”?")],
    ),
    ("default = 7\n", [(1, "This is written as a table: [default].")]),
    ("rule = 7\n", [(1, "Each rule is written as [[rule]].")]),
    ("[rule]\nquorum = 1\n", [(1, "Each rule is written as [[rule]].")]),
    ("rule = []\n", [(1, "There is nothing in it: write [[rule]], or leave it out.")]),
    (
        "[[rule]]\nstep = []\n",
        [(2, "There is nothing in it: write [[rule.step]], or leave it out.")],
    ),
    ("[[rule]]\nstep = 7\n", [(2, "Each step is written as [[rule.step]].")]),
    ("[[rule]]\n" + "[[rule.step]]\n" * 11, [(2, "There are more than 10.")]),
    ('[default]\nhours = "two"\n', [(2, "“hours” is a whole number.")]),
    ("[default]\nhours = true\n", [(2, "“hours” is a whole number.")]),
    ("[default]\nhours = 0\n", [(2, "“hours” is from 1 to 2160.")]),
    ("[default]\nhours = 2161\n", [(2, "“hours” is from 1 to 2160.")]),
    ("[default]\nquorum = 21\n", [(2, "“quorum” is from 1 to 20.")]),
    ("[default]\nundo_hours = -1\n", [(2, "“undo_hours” is from 0 to 2160.")]),
    (
        "[default]\nextra_approver_below = 101\n",
        [(2, "“extra_approver_below” is from 0 to 100.")],
    ),
    (
        "[confidence]\nask_again_below = 0\n",
        [(2, "“ask_again_below” is from 1 to 100.")],
    ),
    (
        "[confidence]\nask_again_below = 101\n",
        [(2, "“ask_again_below” is from 1 to 100.")],
    ),
    (
        "[confidence]\nask_again_below = 50\nextra_approver_below = 50\n",
        [
            (
                3,
                (
                    "Below 50 it is asked again, so one more approver below 50"
                    " would never be asked for."
                ),
            )
        ],
    ),
    (
        '[[rule]]\ntotal_from = "5"\n',
        [(2, "“total_from” is a plain number, such as 5000.")],
    ),
    (
        "[[rule]]\ntotal_from = true\n",
        [(2, "“total_from” is a plain number, such as 5000.")],
    ),
    ("[[rule]]\ntotal_from = -1\n", [(2, "“total_from” is a number from 0 up.")]),
    ("[[rule]]\ntotal_below = inf\n", [(2, "“total_below” is a number from 0 up.")]),
    (
        "[[rule]]\ntotal_from = 1e999999\n",
        [(2, "“total_from” is at most 99,999,999,999.")],
    ),
    (
        "[[rule]]\ntotal_below = 0\n",
        [(2, "No total is at least 0 and below 0, so this rule can never match.")],
    ),
    (
        "[[rule]]\ntotal_from = 5\ntotal_below = 5\n",
        [(3, "No total is at least 5 and below 5, so this rule can never match.")],
    ),
    (
        "[[rule]]\ntotal_from = 5\nminimum = 5\n",
        [(3, "“minimum” is the older word for “total_from”: use one.")],
    ),
    (
        '[[rule]]\noperation = "invoice.void"\naction = "invoice.void"\n',
        [(3, "“action” is the older word for “operation”: use one.")],
    ),
    ("[[rule]]\nname = 7\n", [(2, "A name is a text in quotes.")]),
    ('[[rule]]\nname = " "\n', [(2, "A name is a text in quotes.")]),
    (
        '[[rule]]\nname = "' + "n" * 201 + '"\n',
        [(2, "A name has at most 200 characters.")],
    ),
    ("[[rule]]\nlabel = 7\n", [(2, "A label is a text in quotes.")]),
    (
        '[default]\nclosed_period = "maybe"\n',
        [(2, '“closed_period” is "block" or "allow".')],
    ),
    (
        "[[rule]]\ncustomer = 7\n",
        [(2, "“customer” is a name in quotes, or a list of them.")],
    ),
    (
        "[[rule]]\ncustomer = []\n",
        [(2, "This names no customer: leave it out, or name one.")],
    ),
    (
        '[[rule]]\ncustomer = ["a", 7, ""]\n',
        [
            (2, "In “customer”, '7' is no name in quotes."),
            (2, "In “customer”, '' is no name in quotes."),
        ],
    ),
    (
        '[[rule]]\noperation = "void it"\n',
        [
            (
                2,
                (
                    "“void it” is no operation; one is written like"
                    ' "invoice.void" or "payment.*".'
                ),
            )
        ],
    ),
    (
        '[[rule]]\noperation = "invoice.viod"\n',
        [
            (
                2,
                (
                    "No operation is called “invoice.viod”. Did you mean"
                    ' “invoice.void”? A whole family is written like "payment.*".'
                ),
            )
        ],
    ),
    (
        '[[rule]]\noperation = ["qqq.*", "payment.*"]\n',
        [
            (
                2,
                (
                    "No operation is called “qqq.*”. A whole family is written"
                    ' like "payment.*".'
                ),
            )
        ],
    ),
    (
        (
            "[default]\nescalate_after_hours = 5\nescalate_to ="
            ' ["aprover", "staff", "a@b", "Zed"]\n'
        ),
        [
            (
                3,
                (
                    "There is no role “aprover”. Did you mean “approver”? People"
                    ' are written with their e-mail address; roles are "approver"'
                    ' and "admin".'
                ),
            ),
            (
                3,
                (
                    "“staff” is a role that decides nothing. Roles that may are"
                    ' "approver" and "admin".'
                ),
            ),
            (3, "“a@b” is no e-mail address."),
            (
                3,
                (
                    "There is no role “Zed”. People are written with their e-mail"
                    ' address; roles are "approver" and "admin".'
                ),
            ),
        ],
    ),
    (
        '[default]\nescalate_to = "admin"\n',
        [(2, "“escalate_to” needs “escalate_after_hours”: after how long?")],
    ),
    (
        'working_hours = "Mon 9-17 UTC"\n',
        [
            (
                1,
                (
                    "Working hours are written like “Mon-Fri 09:00-17:00"
                    " Europe/London”; “Mon 9-17” is not."
                ),
            )
        ],
    ),
    ("working_hours = 7\n", [(1, "A working_hours is a text in quotes.")]),
    (
        '[default]\nworking_hours = "Mon 10:00-09:00 UTC"\n',
        [
            (
                2,
                (
                    "“Mon 10:00-09:00” ends before it begins. Write work over"
                    " midnight as two spans, the first up to 24:00."
                ),
            )
        ],
    ),
    (
        "[default]\nhours = 8\nremind_after_hours = 8\nescalate_after_hours = 8\n",
        [
            (3, "A reminder after 8 hours never comes: the proposal expires after 8."),
            (
                4,
                (
                    "An escalation after 8 hours never comes: the proposal"
                    " expires after 8."
                ),
            ),
        ],
    ),
    (
        "[default]\nremind_after_hours = 72\nescalate_after_hours = 72\n",
        [
            (
                2,
                "A reminder after 72 hours never comes: the proposal expires after 72.",
            ),
            (
                3,
                (
                    "An escalation after 72 hours never comes: the proposal"
                    " expires after 72."
                ),
            ),
        ],
    ),
    (
        "[default]\nhours = 10\nremind_after_hours = 5\nescalate_after_hours = 5\n",
        [
            (
                4,
                (
                    "The escalation (after 5 hours) comes before the reminder"
                    " (after 5): remind first."
                ),
            )
        ],
    ),
    (
        (
            '[default]\napprovers = ["slack:general", "teams:x",'
            ' "slack:C01", "slack:C0123", "teams:19:abc"]\n'
        ),
        [
            (
                2,
                "“slack:general” is no channel; one is written like “slack:C0123ABCD”.",
            ),
            (2, "“teams:x” is no channel; one is written like “teams:19:…”."),
            (2, "A step is shown in one channel: name one."),
        ],
    ),
    (
        '[default]\napprovers = ["a@b.co", "A@b.co"]\nquorum = 2\n',
        [(3, "2 approvals are asked for, and only 1 person is named.")],
    ),
    (
        '[default]\napprovers = ["a@b.co", "c@b.co"]\nquorum = 3\n',
        [(3, "3 approvals are asked for, and only 2 people are named.")],
    ),
    (
        '[[rule]]\nquorum = 2\napprovers = "admin"\n[[rule.step]]\n',
        [
            (2, "This rule has steps, so “quorum” belongs into them."),
            (3, "This rule has steps, so “approvers” belongs into them."),
        ],
    ),
    (
        (
            '[[rule]]\n[[rule.step]]\napprovers = ["a@b.co", "c@b.co"]\n'
            '[[rule.step]]\napprovers = "a@b.co"\n[[rule.step]]\n'
            'approvers = "c@b.co"\n'
        ),
        [
            (
                2,
                (
                    "Each person decides once: the steps ask for 3 approvals of"
                    " a@b.co, c@b.co, who are only 2."
                ),
            )
        ],
    ),
    (
        '[readonly]\ncompanies = ["Acme*", "B?", "C"]\n',
        [
            (
                2,
                (
                    "“Acme*” is no company: write its whole name or its realm id,"
                    ' or "all".'
                ),
            ),
            (2, '“B?” is no company: write its whole name or its realm id, or "all".'),
        ],
    ),
    (
        (
            '[[rule]]\nname = "A"\nquorum = 2\noperation ='
            ' "invoice.void"\n[[rule]]\nname = "a"\noperation ='
            ' "payment.void"\n'
        ),
        [(5, "There is a rule “a” already, on line 1. Give each its own name.")],
    ),
]


@pytest.mark.parametrize(("text", "said"), SAID)
def test_a_mistake_is_said_in_these_words(
    text: str, said: list[tuple[int, str]]
) -> None:
    assert mistakes(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "[default]\nhours = 1\n",
        "[default]\nhours = 2160\nquorum = 20\n",
        "[default]\nundo_hours = 0\nextra_approver_below = 0\n",
        "[default]\nextra_approver_below = 100\n",
        "[confidence]\nask_again_below = 1\nextra_approver_below = 2\n",
        "[confidence]\nask_again_below = 100\n",
        "[[rule]]\ntotal_from = 0\ntotal_below = 0.01\n",
        "[default]\nhours = 9\nremind_after_hours = 7\nescalate_after_hours = 8\n",
        "[default]\nremind_after_hours = 71\n",
        "[default]\nescalate_after_hours = 1\n",
        "[[rule]]\n" + "[[rule.step]]\n" * 10,
        f"[[rule]]\nname = '{'x' * 200}'\n",
        "[default]\napprovers = ['a@b.co', 'c@b.co']\nquorum = 2\n",
        "[default]\napprovers = ['a@b.co', 'admin']\nquorum = 3\n",
        # Where a role is named as well, there may be more people than those.
        (
            "[[rule]]\n[[rule.step]]\napprovers = 'a@b.co'\n"
            "[[rule.step]]\napprovers = ['a@b.co', 'admin']\n"
        ),
        (
            "[[rule]]\n[[rule.step]]\napprovers = 'a@b.co'\n"
            "[[rule.step]]\napprovers = 'admin'\n[[rule.step]]\napprovers = 'admin'\n"
        ),
        (
            "[[rule]]\n[[rule.step]]\napprovers = ['a@b.co', 'c@b.co']\n"
            "[[rule.step]]\napprovers = 'a@b.co'\n"
        ),
        # The narrower before the wider.
        "[[rule]]\naccount = 'A:B'\n[[rule]]\naccount = 'A'\n",
        "[[rule]]\ncustomer = 'A'\n[[rule]]\ncustomer = 'A:B'\n",
        "[[rule]]\ncustomer = 'A?'\n[[rule]]\ncustomer = 'A*'\n",
        "[[rule]]\ncustomer = '?A'\n[[rule]]\ncustomer = '??'\n",
        "[[rule]]\ntotal_from = 5\n[[rule]]\ntotal_from = 4\n",
        "[[rule]]\ntotal_from = 0.5\n[[rule]]\nhours = 6\n",
        "[[rule]]\ncustomer = '??'\n[[rule]]\ncustomer = '?A'\n",
        "[[rule]]\ntotal_below = 5\n[[rule]]\ntotal_below = 6\n",
        "[[rule]]\ntotal_below = 5\n[[rule]]\nhours = 6\n",
        "[[rule]]\ncustomer = ['A', 'B']\n[[rule]]\ncustomer = ['A', 'C']\n",
        "[[rule]]\ncustomer = 'A'\n[[rule]]\nvendor = 'A'\n",
    ],
)
def test_what_may_well_be_meant_is_no_mistake(text: str) -> None:
    assert isinstance(parse(text), Policy)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("hours = 1", "total_from = 5"),
        ("total_from = 5", "total_from = 5"),
        ("total_from = 5\ntotal_below = 9", "total_from = 6\ntotal_below = 9"),
        ("total_below = 9", "total_below = 8"),
        ("operation = 'invoice.*'", "operation = 'invoice.void'"),
        ("customer = '*'", "customer = 'A*'"),
        ("customer = 'A?'", "customer = 'AB'"),
        ("customer = ['A', 'B*']", "customer = ['Bob', 'a']"),
        ("account = 'A'", "account = 'A:B:C'"),
        ("account = ['X', 'A:B']", "account = 'A:B:C'"),
        ("vendor = 'V'", "vendor = 'v'\nitem = 'I'"),
        ("item = 'I'", "item = 'I'"),
        ("tracking_class = 'I'", "tracking_class = 'I'"),
        ("requester = 'staff'", "requester = 'Staff'"),
        ("company = 'C'", "company = 'C'"),
    ],
)
def test_a_rule_behind_a_wider_one_never_matches(earlier: str, later: str) -> None:
    text = f"[[rule]]\nname = 'One'\n{earlier}\n\n[[rule]]\nname = 'Two'\n{later}\n"
    line = text[: text.rindex("[[rule]]")].count("\n") + 1

    assert mistakes(text) == [
        (
            line,
            (
                "Rule “Two” can never match: rule “One” (line 1) stands before it and"
                " takes all that it is for. Put the narrower rule first."
            ),
        )
    ]


def test_every_rule_that_can_never_match_is_named() -> None:
    found = mistakes(
        "[[rule]]\ntotal_from = 10\n"
        "[[rule]]\ntotal_from = 20\n"
        "[[rule]]\ntotal_from = 30\n"
    )

    assert [line for line, _ in found] == [3, 5]


def test_the_smallest_numbers_are_taken() -> None:
    policy = sound(
        "[confidence]\nextra_approver_below = 1\n"
        "[[rule]]\nremind_after_hours = 1\nhours = 2\nquorum = 1\n"
    )

    rule = policy.rule(draft("P-1"))
    assert (rule.remind_hours, rule.hours, rule.confidence) == (1, 2, 1)
    assert policy.default.confidence == 1


@pytest.mark.parametrize(
    ("asks", "label"),
    [
        ("", "any approver but the requester"),
        ("quorum = 2", "2 approvers, none of them the requester"),
        ("approvers = 'admin'", "an administrator"),
        ("approvers = ['admin', 'approver']", "any approver or an administrator"),
        ("approvers = 'a@b.co'", "a@b.co"),
        ("approvers = ['a@b.co', 'c@b.co']", "a@b.co or c@b.co"),
        ("approvers = ['a@b.co', 'c@b.co']\nquorum = 2", "a@b.co and c@b.co"),
        (
            "approvers = ['a@b.co', 'c@b.co', 'd@b.co']\nquorum = 3",
            "a@b.co, c@b.co and d@b.co",
        ),
        (
            "approvers = ['a@b.co', 'c@b.co', 'd@b.co']\nquorum = 2",
            "2 of: a@b.co, c@b.co or d@b.co",
        ),
        ("approvers = ['a@b.co', 'approver']", "a@b.co or any approver"),
        ("approvers = 'slack:C0123'", "an approver in slack:C0123"),
        ("approvers = 'Slack:C0123'\nquorum = 2", "2 of: an approver in slack:C0123"),
        ("approvers = 'admin'\nquorum = 2", "2 of: an administrator"),
        ("label = 'us'", "us"),
        (
            (
                "[[default.step]]\napprovers = 'admin'\n[[default.step]]\n"
                "label = 'you'\n[[default.step]]\nquorum = 2\n"
            ),
            "an administrator, then you, then 2 approvers, none of them the requester",
        ),
    ],
)
def test_a_rule_is_called_by_whom_it_asks(asks: str, label: str) -> None:
    assert sound(f"[default]\n{asks}\n").default.label == label


def test_what_is_said_for_all_rules_holds_unless_one_says_otherwise() -> None:
    policy = sound(
        "working_hours = 'Mon 09:00-17:00 UTC'\n[confidence]\n"
        "extra_approver_below = 60\nask_again_below = 30\n"
        "[[rule]]\nname = ' One  rule '\noperation = 'invoice.void'\n"
        "working_hours = 'Tue 09:00-17:00 UTC'\nextra_approver_below = 0\n"
        "escalate_after_hours = 5\nescalate_to = ['Admin', 'A@B.co', 'admin']\n"
        "undo_hours = 0\nclosed_period = 'allow'\n"
        "[[rule]]\noperation = 'payment.*'\nescalate_after_hours = 6\nundo_hours = 5\n"
        "closed_period = 'block'\n"
    )
    first, second = (each.rule for each in policy.matches)

    assert policy.ask_again_below == 30
    assert first == Rule(
        1,
        72,
        "any approver but the requester",
        first.stages,
        escalate_hours=5,
        escalate_to=("admin", "a@b.co"),
        working_hours="Tue 09:00-17:00 UTC",
        allow_closed=True,
        name="One rule",
        line=5,
    )
    assert second == Rule(
        1,
        72,
        "any approver but the requester",
        second.stages,
        escalate_hours=6,
        escalate_to=("admin",),
        working_hours="Mon 09:00-17:00 UTC",
        undo_hours=5,
        confidence=60,
        name="Rule 2",
        line=14,
    )
    assert (policy.default.line, policy.default.name) == (0, "")
    assert policy.default.escalate_to == ()


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    missing = load(tmp_path / "policy.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"\n\n# caf\xe9\n")
    first = tmp_path / "first.toml"
    first.write_bytes(b"\xe9")

    assert isinstance(missing, Broken)
    assert (missing.line, missing.sentence, missing.digest) == (
        0,
        "The policy file policy.toml cannot be read (no such file or directory).",
        "",
    )
    wrong = load(latin)
    assert isinstance(wrong, Broken)
    assert (wrong.line, wrong.sentence) == (
        3,
        "The policy file latin.toml cannot be read: it is not UTF-8 text.",
    )
    assert wrong.digest == hashlib.sha256(b"\n\n# caf\xe9\n").hexdigest()
    other = load(first)
    assert isinstance(other, Broken)
    assert other.line == 1


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("a = 1\na = 2\n", 2, "This is not TOML: Cannot overwrite a value."),
        (
            "a = 1\nb",
            2,
            "This is not TOML: Expected '=' after a key in a key/value pair.",
        ),
        (
            f"\na = 1e{'9' * 30}\n",
            3,
            "This is not TOML: a number or a nesting in it is beyond all bounds.",
        ),
    ],
)
def test_what_is_no_toml_says_so(text: str, line: int, sentence: str) -> None:
    broken = parse(text)

    assert isinstance(broken, Broken)
    assert (broken.line, broken.sentence) == (line, sentence)
    assert broken.text == text
    assert broken.digest == hashlib.sha256(text.encode()).hexdigest()


def test_a_broken_file_keeps_its_text_and_digest() -> None:
    broken = parse("x = 1\ny = 2\n", digest="abc")

    assert isinstance(broken, Broken)
    assert (broken.text, broken.digest) == ("x = 1\ny = 2\n", "abc")
    assert [each.line for each in broken.mistakes] == [1, 2]
    kept = parse("# nothing\n")
    assert isinstance(kept, Policy)
    assert (kept.text, kept.digest) == (
        "# nothing\n",
        hashlib.sha256(b"# nothing\n").hexdigest(),
    )


def test_a_wrong_operation_is_found_on_its_own_line() -> None:
    found = mistakes(
        "[[rule]]\noperation = [\n  'invoice.void',\n  'Delete!',\n  'qqq.zzz',\n]\n"
    )

    assert [line for line, _ in found] == [4, 5]


def test_a_mistake_in_one_rule_hides_nothing_about_the_others() -> None:
    found = mistakes(
        "[[rule]]\nname = 'One'\nhours = 1\n"
        "[[rule]]\nname = 'Two'\nhours = 0\n"
        "[[rule]]\nname = 'Three'\nquorum = 2\n"
    )

    assert found == [
        (6, "“hours” is from 1 to 2160."),
        (
            7,
            (
                "Rule “Three” can never match: rule “One” (line 1) stands before it and"
                " takes all that it is for. Put the narrower rule first."
            ),
        ),
    ]
