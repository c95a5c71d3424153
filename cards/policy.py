"""The approval policy as cards: its rules, its mistakes, and what it would ask.

The command line prints the same cards as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from approvals.policy.choosing import Policy
from approvals.policy.matching import Match, either
from approvals.policy.values import Broken, Explained, Tried, Version, called
from approvals.proposal import Proposal, Rule
from cards.card import Card, Fact, Section, Table, Tone
from cards.plain import banner, count, cut, line, moment, summary
from qbo.books import Circumstances, Company, Draft

_RULES_MAX = 20
_MISTAKES_MAX = 40
_CHANGES_MAX = 20
_DIGEST = 12
_WORDS_MAX = 200
_WRITES_STOP = (
    "While this policy is in force nothing can be proposed, approved or posted;"
    " questions work."
)


@dataclass(frozen=True, slots=True)
class Trial:
    """Something that was only tried: the words, what they came to, who would ask.

    `source` says where the names came from, `notes` what was taken for granted.
    """

    words: str
    draft: Draft
    circumstances: Circumstances
    company: Company
    requester: str
    source: str
    notes: tuple[str, ...] = ()
    is_readonly: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One proposal of the past, and the rule that it would be under now."""

    proposal: Proposal
    now: Rule

    @property
    def differs(self) -> bool:
        """Whether other people, or more or fewer of them, would be asked."""
        return _people(self.proposal.rule) != _people(self.now)


def _people(rule: Rule) -> tuple[object, ...]:
    """Who decides in each step, whatever the steps are called."""
    return tuple(
        (each.quorum, frozenset(each.roles), frozenset(each.people), each.channel)
        for each in rule.steps
    )


# --- the file -----------------------------------------------------------------------


def broken(policy: Broken, file: str) -> Card:
    """Every mistake of a policy that cannot be followed, with its line."""
    found = policy.mistakes
    name = file or "The policy"
    text = (
        f"{name} has {count(len(found), 'mistake')}."
        if found[0].line
        else f"{name} cannot be read."
    )
    shown = tuple(
        f"Line {each.line}: {each.sentence}" if each.line else each.sentence
        for each in found[:_MISTAKES_MAX]
    )
    left = len(found) - len(shown)
    return Card(
        title=text,
        summary=text,
        status="Broken",
        tone=Tone.BAD,
        sections=(
            Section(texts=(*shown, *((f"… and {left} more.",) if left else ()))),
        ),
        footnotes=(_WRITES_STOP,),
    )


def rules(policy: Policy, file: str) -> Card:
    """The rules in the order in which they are tried."""
    text = (
        f"{file} has {count(len(policy.matches), 'rule')}."
        if policy.digest
        else "There is no policy file: the built-in default holds."
    )
    shown = policy.matches[:_RULES_MAX]
    left = len(policy.matches) - len(shown)
    last = "Everything else" if policy.matches else "Everything"
    sections = [
        _rule(f"{nth}. {line(each.rule.name)}", each.rule, _is_for(each))
        for nth, each in enumerate(shown, start=1)
    ]
    if left:
        sections.append(Section(texts=(f"… and {left} more rules.",)))
    sections.append(_rule(last, policy.default, None))
    return Card(
        title=text,
        summary=text,
        status="Sound",
        tone=Tone.GOOD,
        sections=tuple(sections),
        footnotes=_limits(policy),
    )


def _limits(policy: Policy) -> tuple[str, ...]:
    notes = ["The first rule that matches wins. Nobody approves what they asked for."]
    if policy.ask_again_below is not None:
        notes.append(
            f"What is read with a confidence below {policy.ask_again_below} of 100 is"
            " asked again."
        )
    if policy.readonly:
        names = "; ".join(line(each) for each in policy.readonly)
        notes.append(f"Read-only (line {policy.readonly_line}): {names}.")
    if policy.digest:
        notes.append(f"Digest {policy.digest[:_DIGEST]}.")
    return tuple(notes)


def _rule(heading: str, rule: Rule, is_for: str | None) -> Section:
    where = f" (line {rule.line})" if rule.line else ""
    facts = [Fact("For", is_for)] if is_for else []
    return Section(heading=f"{heading}{where}", facts=(*facts, *_asks(rule)))


def _is_for(match: Match) -> str:
    """What a rule is for, as people read it."""
    parts = []
    if match.actions:
        parts.append(either(match.actions))
    if match.minimum:
        parts.append(f"from {match.minimum:,.2f}")
    if match.below is not None:
        parts.append(f"below {match.below:,.2f}")
    for word, names in (
        ("customer", match.customers),
        ("vendor", match.vendors),
        ("account", match.accounts),
        ("item", match.items),
        ("tracking class", match.classes),
        ("asked for by", match.requesters),
        ("company", match.companies),
    ):
        if names:
            parts.append(f"{word} {either(names)}")
    return line("; ".join(parts)) or "everything"


def _asks(rule: Rule) -> tuple[Fact, ...]:
    """Of whom a rule asks what, and by when."""
    facts = []
    stages = rule.steps
    if len(stages) == 1:
        facts.append(Fact("Approval by", asked_of(rule)))
    else:
        facts += [
            Fact(
                f"Step {nth}",
                f"{line(stage.label)} ({count(stage.quorum, 'approval')})",
            )
            for nth, stage in enumerate(stages, start=1)
        ]
    working = (
        f"; hours of work count ({rule.working_hours})" if rule.working_hours else ""
    )
    times = [f"expires after {count(rule.hours, 'hour')}"]
    if rule.remind_hours:
        times.append(f"reminder after {rule.remind_hours}")
    if rule.escalate_hours:
        told = line(", ".join(rule.escalate_to))
        times.append(f"after {rule.escalate_hours} told to {told} as well")
    facts.append(Fact("Times", f"{', '.join(times)}{working}"))
    more = []
    if rule.undo_hours:
        more.append(f"undo is offered for {count(rule.undo_hours, 'hour')}")
    if rule.allow_closed:
        more.append("may post into a closed period")
    if rule.confidence:
        more.append(f"one more approver below a confidence of {rule.confidence}")
    if more:
        facts.append(Fact("Also", "; ".join(more)))
    return tuple(facts)


def asked_of(rule: Rule) -> str:
    """Of whom a rule asks how many approvals, in one line."""
    return f"{line(rule.label)} ({count(rule.quorum, 'approval')})"


# --- trying it ------------------------------------------------------------------------


def verdict(trial: Trial, explained: Explained) -> Card:
    """What the policy would ask of whom for something that was only tried, and why."""
    rule, draft = explained.rule, trial.draft
    text = f"It would take {count(rule.quorum, 'approval')}: {line(rule.label)}."
    if trial.is_readonly:
        text = f"{line(trial.company.name)} is read-only: nothing would be proposed."
    total = draft.home_total or draft.total
    facts = (
        Fact("Words", f"“{cut(line(trial.words), _WORDS_MAX)}”"),
        Fact("What", line(draft.heading)),
        Fact("Operation", draft.action),
        Fact("Total", str(total) if total else "not known"),
        Fact("Asked for by", line(trial.requester)),
    )
    return Card(
        title=text,
        summary=summary(trial.company, text),
        banner=banner(trial.company),
        status="Only tried",
        tone=Tone.MUTED,
        sections=(
            Section(facts=facts),
            Section(heading="Who approves", facts=_asks(rule)),
            Section(heading="Why", texts=tuple(line(each) for each in rule.why)),
            _tried(explained.tried),
        ),
        footnotes=(*(line(each) for each in trial.notes), line(trial.source)),
    )


def _tried(tried: Sequence[Tried]) -> Section:
    texts = [_of_one(each) for each in tried[:_RULES_MAX]]
    left = len(tried) - len(texts)
    if left:
        texts.append(f"… and {left} more.")
    return Section(heading="Rules that were tried", texts=tuple(texts))


def _of_one(tried: Tried) -> str:
    word = {True: "Yes", False: "No", None: "Perhaps"}[tried.fits]
    why = ", ".join(tried.texts) or "it is for everything"
    return line(f"{word} – {called(tried.rule)}: {why}.")


# --- the past -------------------------------------------------------------------------


def replayed(changes: Sequence[Change], days: int) -> Card:
    """What the policy as it is now would have asked for the proposals of the past."""
    found = [each for each in changes if each.differs]
    seen = count(len(changes), "proposal")
    if not changes:
        text = f"There are no proposals of the last {count(days, 'day')}."
    elif not found:
        text = f"{seen} of the last {count(days, 'day')}: nobody else would be asked."
    else:
        text = (
            f"{seen} of the last {count(days, 'day')}: {len(found)} would be asked of"
            " others."
        )
    shown = found[:_CHANGES_MAX]
    sections = [
        Section(
            heading=line(f"{each.proposal.number} {each.proposal.draft.heading}"),
            facts=(
                Fact("Rule", _named(each.now), before=_named(each.proposal.rule)),
                Fact(
                    "Approval", asked_of(each.now), before=asked_of(each.proposal.rule)
                ),
            ),
            texts=tuple(line(why) for why in each.now.why[-1:]),
        )
        for each in shown
    ]
    left = len(found) - len(shown)
    if left:
        sections.append(Section(texts=(f"… and {left} more.",)))
    under = _counted(changes)
    if under is not None:
        sections.append(under)
    return Card(title=text, summary=text, sections=tuple(sections))


def _named(rule: Rule) -> str:
    return line(called(rule))


def _counted(changes: Sequence[Change]) -> Section | None:
    """How many proposals each rule would take."""
    counts: dict[str, int] = {}
    for each in changes:
        counts[_named(each.now)] = counts.get(_named(each.now), 0) + 1
    if not counts:
        return None
    rows = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Section(
        heading="Under which rule they would be",
        table=Table(
            ("Rule", "Proposals"),
            tuple((name, f"{number:,}") for name, number in rows[:_RULES_MAX]),
            numeric=(1,),
            more=f"… and {len(rows) - _RULES_MAX} more"
            if len(rows) > _RULES_MAX
            else None,
        ),
    )


def versions(found: Sequence[Version]) -> Card:
    """The policies that were in force, the newest first."""
    text = f"{count(len(found), 'version')} of the policy known."
    rows = tuple(
        (
            each.digest[:_DIGEST],
            moment(each.first_seen_at),
            line(each.file) or "–",
            ("in force" if each.in_force else "earlier")
            + ("" if each.sound else ", broken"),
        )
        for each in found
    )
    table = Table(("Digest", "First seen", "File", ""), rows) if rows else None
    return Card(title=text, summary=text, sections=(Section(table=table),))
