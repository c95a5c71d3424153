"""Which rule applies to a draft, and what no file can loosen. Pure.

The first rule that matches wins; the default stands last. Where something that a
rule asks about cannot be known (the total, mostly), the strictest of the rules that
could apply does. Strictest is: the most approvals in all, then the most steps, then
the shortest list of people who may approve, then what stands first in the file.

Of a draft of several lines, or about several customers or vendors, each one gets its
own rule, and what these rules ask for together is asked (`joining`).

Whatever the rules say, `Policy.rule` gives a rule with at least one human approval
in each of its steps, and its quorum is the sum over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from approvals.policy.joining import joined
from approvals.policy.matching import (
    Finding,
    Match,
    Situation,
    each_alone,
    listed,
    situation,
)
from approvals.policy.values import Explained, Tried, called
from approvals.proposal import Person, Role, Rule, Stage
from qbo.books import Circumstances, Company, Draft

DEFAULT_RULE = Rule(1, 72, "any approver but the requester", undo_hours=24)
_NO_CIRCUMSTANCES = Circumstances()
# Anybody with a role may be any number of people.
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules, in the order in which they are tried.

    `digest` is the SHA-256 of the file's bytes (empty: no file), `text` the file.
    Read with less confidence than `ask_again_below` (0 to 100) nothing is proposed,
    but asked again. `readonly` are the companies in which nothing is written,
    `readonly_line` is where that is said.
    """

    matches: tuple[Match, ...] = ()
    default: Rule = DEFAULT_RULE
    digest: str = ""
    ask_again_below: int | None = None
    readonly: tuple[str, ...] = ()
    readonly_line: int = 0
    text: str = field(default="", repr=False, compare=False)

    def rule(
        self,
        draft: Draft,
        circumstances: Circumstances = _NO_CIRCUMSTANCES,
        requester: Person | Sequence[Person] | None = None,
        company: Company | None = None,
        confidence: int | None = None,
    ) -> Rule:
        """The rule for one draft.

        `requester` is everybody who asked for it or changed it; None: that is not
        known. Where a rule is for some of them only, or nobody is known, the strictest
        rule that any of them could get applies. `confidence` None: nobody read words.
        """
        return self.explain(draft, circumstances, requester, company, confidence).rule

    def explain(
        self,
        draft: Draft,
        circumstances: Circumstances = _NO_CIRCUMSTANCES,
        requester: Person | Sequence[Person] | None = None,
        company: Company | None = None,
        confidence: int | None = None,
    ) -> Explained:
        """The rule for one draft, and why it is that one and no other."""
        askers = _askers(requester)
        known = situation(draft, circumstances, askers, company)
        found = self._found(known, draft, circumstances)
        rule = _doubted(found.rule, confidence)
        return Explained(_watched(rule, askers), found.tried)

    def _found(
        self, known: Situation, draft: Draft, circumstances: Circumstances
    ) -> Explained:
        """The rule of each line and party by itself, and what these ask together.

        A rule for one of them would else be a way around the rules for the others.
        """
        each = [
            self._enforced(replace(part, action=action))
            for part in each_alone(known, draft, circumstances)
            for action in part.action.split("+")
        ]
        together = joined(each)
        if together is not each[0]:
            return together
        # One rule for all of it: said of the whole, where that is the same rule.
        whole = self._enforced(known)
        same = replace(whole.rule, why=()) == replace(together.rule, why=())
        return whole if same else together

    def _enforced(self, s: Situation) -> Explained:
        chosen, why, tried = self._chosen(s)
        return Explained(enforced(replace(chosen, digest=self.digest, why=why)), tried)

    def _chosen(self, s: Situation) -> tuple[Rule, tuple[str, ...], tuple[Tried, ...]]:
        tried: list[Tried] = []
        for match in self.matches:
            found = match.findings(s)
            tried.append(Tried(match.rule, _fits(found), _texts(found)))
            if tried[-1].fits is True:
                break
        else:
            texts = ("no rule above it applies",) if self.matches else ()
            tried.append(Tried(self.default, True, texts))
        possible = [each for each in tried if each.fits is not False]
        if len(possible) == 1:
            return possible[0].rule, (_because(possible[0]),), tuple(tried)
        strictest = max(possible, key=lambda each: strictness(each.rule))
        unknown = next(each for each in possible if each.fits is None)
        unclear = (
            f"{_first_up(unknown.texts[-1])}, so the strictest of the"
            f" {len(possible)} rules that could apply does."
        )
        why = (unclear, f"That is {called(strictest.rule)}: {strictest.rule.label}.")
        return strictest.rule, why, tuple(tried)


def _askers(requester: Person | Sequence[Person] | None) -> tuple[Person, ...]:
    if requester is None:
        return ()
    return (requester,) if isinstance(requester, Person) else tuple(requester)


def _fits(found: Sequence[Finding]) -> bool | None:
    if any(each.fits is False for each in found):
        return False
    return None if any(each.fits is None for each in found) else True


def _texts(found: Sequence[Finding]) -> tuple[str, ...]:
    """What is worth saying: what does not fit, else what is unknown, else all."""
    for wanted in (False, None):
        texts = tuple(each.text for each in found if each.fits is wanted)
        if texts:
            return texts
    return tuple(each.text for each in found)


def _because(tried: Tried) -> str:
    texts = ", ".join(tried.texts) or "it is for everything"
    if not tried.rule.name and not tried.texts:
        texts = "no policy says otherwise"
    return f"{_first_up(called(tried.rule))}: {texts}."


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- how strict a rule is ---------------------------------------------------------


def strictness(rule: Rule) -> tuple[int, int, int]:
    """How strict a rule is; the larger, the stricter."""
    return (
        sum(max(1, stage.quorum) for stage in rule.steps),
        len(rule.steps),
        -sum(_people(stage) for stage in rule.steps),
    )


def _people(stage: Stage) -> int:
    return len(stage.people) if stage.people and not stage.roles else _MANY


# --- what no file can loosen ------------------------------------------------------


def enforced(rule: Rule) -> Rule:
    """The rule with at least one human approval in each step, and their true sum."""
    stages = tuple(
        stage if stage.quorum >= 1 else replace(stage, quorum=1) for stage in rule.steps
    )
    return replace(rule, stages=stages, quorum=sum(stage.quorum for stage in stages))


def _doubted(rule: Rule, confidence: int | None) -> Rule:
    """One more approver where the request was read too unsurely for this rule."""
    if confidence is None or rule.confidence is None or confidence >= rule.confidence:
        return rule
    last = rule.steps[-1]
    if last.people and not last.roles and len(last.people) <= last.quorum:
        # Those named are too few for one more: any approver then, after them.
        added = Stage(1, (Role.APPROVER,), label="one more approver")
        stages = (*rule.steps, added)
    else:
        more = replace(last, quorum=last.quorum + 1, label=_one_more(last))
        stages = (*rule.steps[:-1], more)
    sentence = (
        f"One more approver: the request was read with a confidence of {confidence} of"
        f" 100, which is below {rule.confidence}."
    )
    return replace(
        rule,
        stages=stages,
        quorum=rule.quorum + 1,
        label=f"{rule.label}, and one more since the words were read unsurely",
        why=(*rule.why, sentence),
    )


def _one_more(stage: Stage) -> str:
    return f"{stage.label}, and one more" if stage.label else ""


def _watched(rule: Rule, askers: Sequence[Person]) -> Rule:
    """The rule, with a sentence where the askers leave a step too few people."""
    for number, stage in enumerate(rule.steps, start=1):
        out = [p for p in askers if p.email and p.email.lower() in stage.people]
        left = {*stage.people} - {(p.email or "").lower() for p in out}
        if out and not stage.roles and len(left) < stage.quorum:
            step = f"Step {number}" if len(rule.steps) > 1 else "It"
            names = listed(tuple(p.name for p in out), "and")
            sentence = (
                f"{step} is for {names}, who asked for this and cannot"
                " approve it: an administrator has to name somebody else."
            )
            return replace(rule, why=(*rule.why, sentence))
    return rule
