"""Sample cards of the approval policy: its rules, its mistakes, what it would ask."""

from dataclasses import replace

from approvals.policy import Broken, Explained, Policy, parse
from approvals.policy.values import Version
from approvals.proposal import Person, Proposal, Role, Rule, Status
from cards import policy
from cards.card import Card
from cards.samples.proposed import INVOICE
from cards.samples.world import HARBOUR, NOW, usd
from qbo.books import Circumstances

_SOUND = """
working_hours = "Mon-Fri 09:00-17:00 America/Los_Angeles"

[confidence]
ask_again_below = 40
extra_approver_below = 70

[readonly]
companies = ["Old Harbour Books"]

[[rule]]
name = "Large amounts"
operation = ["invoice.*", "payment.*"]
total_from = 1000
hours = 40
remind_after_hours = 8
escalate_after_hours = 16

[[rule.step]]
approvers = "approver"

[[rule.step]]
approvers = ["alex@harbourpine.example", "owner@harbourpine.example"]
label = "the finance manager or the owner"

[[rule]]
name = "Voids"
operation = "*.void"
quorum = 2
"""
_BROKEN = """
[[rule]]
name = "Large"
qourum = 2
total_from = "much"
"""
_DRAFT = replace(INVOICE, home_total=usd("1500.00"))
_AROUND = Circumstances(party="Acme West", customers=("Acme West",))
_SAM = Person(
    "sam", "w", "Sam Okafor", frozenset({Role.STAFF}), "sam@harbourpine.example"
)
_WAITING = Proposal(
    id="p17",
    number="P-17",
    workspace="w",
    company=HARBOUR,
    draft=_DRAFT,
    circumstances=_AROUND,
    revision=1,
    version=1,
    status=Status.PENDING,
    requester_id=_SAM.id,
    requester=_SAM.name,
    editor_id=_SAM.id,
    editor=_SAM.name,
    rule=Rule(1, 72, "any approver but the requester"),
    created_at=NOW,
    expires_at=NOW,
)


def cards() -> dict[str, Card]:
    """All of them by name."""
    sound, broken = parse(_SOUND), parse(_BROKEN)
    assert isinstance(sound, Policy), "a sample policy with a mistake"
    assert isinstance(broken, Broken), "a sample of mistakes without one"
    trial = policy.Trial(
        words="invoice Acme West for 10 hours consulting",
        draft=_DRAFT,
        circumstances=_AROUND,
        company=HARBOUR,
        requester=_SAM.name,
        source=f"Drafted from the books of {HARBOUR.name}; nothing was written.",
    )
    unknown = replace(trial, draft=replace(trial.draft, home_total=None))
    version = Version(sound.digest, _SOUND, "policy.toml", True, NOW, "", True)
    return {
        "policy/rules": policy.rules(sound, "policy.toml"),
        "policy/built-in": policy.rules(Policy(), ""),
        "policy/broken": policy.broken(broken, "policy.toml"),
        "policy/test": policy.verdict(trial, _explained(sound, trial)),
        "policy/test-unknown-total": policy.verdict(
            unknown, _explained(sound, unknown)
        ),
        "policy/test-readonly": policy.verdict(
            replace(trial, is_readonly=True), _explained(sound, trial)
        ),
        "policy/replay": policy.replayed(
            [policy.Change(_WAITING, _explained(sound, trial).rule)], 90
        ),
        "policy/replay-same": policy.replayed(
            [policy.Change(_WAITING, _WAITING.rule)], 90
        ),
        "policy/versions": policy.versions(
            [version, replace(version, digest="built-in", file="", in_force=False)]
        ),
    }


def _explained(sound: Policy, trial: policy.Trial) -> Explained:
    return sound.explain(trial.draft, trial.circumstances, _SAM, trial.company)
