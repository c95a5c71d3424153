"""What is shown of the policy: on a proposal's card, and of the file itself."""

from dataclasses import replace

from approvals.policy import Broken, Policy, parse
from approvals.proposal import Proposal, Rule, Status
from cards import deciding, policy
from cards.text import text
from qbo.books import Circumstances
from tests.approvals.far import COMPANY, SAM, draft
from tests.conftest import Clock

NASTY = "*bold* <!channel> [a](http://x.example) \u202eevil"


def sound(said: str) -> Policy:
    found = parse(said)
    assert isinstance(found, Policy), found
    return found


def proposal(rule: Rule) -> Proposal:
    now = Clock()()
    return Proposal(
        id="p",
        number="P-1",
        workspace="w1",
        company=COMPANY,
        draft=draft(),
        circumstances=Circumstances(),
        revision=1,
        version=1,
        status=Status.PENDING,
        requester_id=SAM.id,
        requester=SAM.name,
        editor_id=SAM.id,
        editor=SAM.name,
        rule=rule,
        created_at=now,
        expires_at=now,
    )


def test_a_card_says_why_it_asks_whom_where_a_policy_file_does() -> None:
    said = sound("[[rule]]\nname = 'Large'\ntotal_from = 1000\nquorum = 2\n")
    built_in = Policy().rule(draft(), company=COMPANY)
    chosen = said.rule(draft(), company=COMPANY)

    shown, plain = (
        deciding.wanted(proposal(rule), Clock()()) for rule in (chosen, built_in)
    )

    assert shown[-1].label == "Why they"
    assert shown[-1].value.startswith("Rule “Large” (line 1): total $1,500.00 is at")
    assert "Why they" not in {fact.label for fact in plain}


def test_what_a_file_says_is_shown_as_plain_text() -> None:
    said = sound(f"[[rule]]\nname = '{NASTY}'\ncustomer = '{NASTY}'\nquorum = 2\n")

    shown = text(policy.rules(said, "policy.toml"))

    assert "\u202e" not in shown
    assert "<!channel>" in shown


def test_many_rules_and_mistakes_are_cut_visibly() -> None:
    many = sound(
        "".join(
            f"[[rule]]\nname = 'n{n}'\ncustomer = 'c{n}'\nquorum = 2\n"
            for n in range(25)
        )
    )
    wrong = parse("[[rule]]\n" + "".join(f"x{n} = 1\n" for n in range(45)))
    assert isinstance(wrong, Broken)

    assert "… and 5 more rules." in text(policy.rules(many, "policy.toml"))
    shown = text(policy.broken(wrong, "policy.toml"))
    assert "policy.toml has 45 mistakes." in shown
    assert "… and 5 more." in shown


def test_a_replay_compares_people_and_not_names_of_rules() -> None:
    old = sound("[[rule]]\nname = 'Old'\ntotal_from = 1\nquorum = 2\n")
    new = sound("[[rule]]\nname = 'New'\ntotal_from = 2\nquorum = 2\n")
    before = proposal(old.rule(draft(), company=COMPANY))

    same = policy.Change(before, new.rule(draft(), company=COMPANY))
    other = replace(same, now=Policy().rule(draft()))

    assert not same.differs
    assert other.differs
    shown = policy.replayed([same, other], 30)
    assert "2 proposals of the last 30 days: 1 would be asked of others." in text(shown)
    alike = policy.replayed([same], 30)
    assert "1 proposal of the last 30 days: nobody else would be asked." in text(alike)
