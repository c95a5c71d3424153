"""The evidence of one proposal, laid out to be read and printed. Pure.

    sheet(evidence, now)  who asked, each revision with its card, who decided, each
                          request and answer, the read-back, what became of it later

Nothing here is shortened for beauty: an auditor reads it without the program.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from approvals import lines
from approvals.evidence import Attempt, Evidence, Revision
from approvals.proposal import Decision, Proposal, Rule, TrailLine, Verdict
from cards import proposals
from cards.card import Card, Fact, Tone
from cards.exchanges import ExchangeSheet, Told, exchanges
from cards.outcome import posted_name
from cards.plain import line, listed, moment, title
from qbo.books import Receipt, Step, Verb

PLATFORMS = {
    "slack": "Slack",
    "teams": "Teams",
    "console": "the console",
    "countersign": "Countersign itself",
}

# What became of one thing in the books: its name, facts, and what differs.
_Record = tuple[str, tuple[Fact, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RevisionSheet:
    """One revision: its card as it was first shown, and the rule that applied."""

    number: int
    facts: tuple[Fact, ...]
    changes: tuple[Fact, ...]
    card: Card
    rule: tuple[Fact, ...]
    why: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class DecisionSheet:
    """One person's word; `marks` say what was special about it."""

    revision: int
    verdict: str
    who: str
    at: str
    where: str
    step: int
    reason: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineSheet:
    """One line of the trail."""

    seq: int
    at: str
    event: str
    who: str
    where: str
    facts: tuple[tuple[str, str], ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole evidence. `sound` is whether the chain is as it was written."""

    number: str
    company: str
    heading: str
    status: str
    tone: Tone
    asked: tuple[Fact, ...]
    revisions: tuple[RevisionSheet, ...]
    decisions: tuple[DecisionSheet, ...]
    exchanges: tuple[ExchangeSheet, ...]
    attempts: tuple[tuple[str, ...], ...]
    compared: tuple[_Record, ...]
    life: tuple[tuple[str, str], ...]
    card: Card
    lines: tuple[LineSheet, ...]
    chain: tuple[Fact, ...]
    sound: bool
    printed: str


def sheet(evidence: Evidence, now: datetime) -> Sheet:
    """The evidence as it is printed at `now` (aware, UTC)."""
    proposal = evidence.proposal
    card = _card(proposal, now)
    facts = [(each, _facts(each)) for each in evidence.lines]
    return Sheet(
        number=proposal.number,
        company=title(proposal.company),
        heading=line(proposal.draft.heading),
        status=(card.status or "").partition(" · ")[2] or proposal.status.value,
        tone=card.tone,
        asked=_asked(evidence, facts),
        revisions=tuple(_revision(each, facts) for each in evidence.revisions),
        decisions=tuple(
            _decision(word, proposal)
            for each in evidence.revisions
            for word in each.decisions
        ),
        exchanges=exchanges(facts, evidence.attempts),
        attempts=tuple(_attempt(each) for each in evidence.attempts),
        compared=_compared(proposal),
        life=tuple((moment(each.at), line(each.text)) for each in proposal.life),
        card=card,
        lines=tuple(_line(each, said) for each, said in facts),
        chain=_chain(evidence, now),
        sound=evidence.verified.sound,
        printed=moment(now),
    )


def _card(proposal: Proposal, now: datetime) -> Card:
    """The card that everybody in a channel saw, without its buttons."""
    return proposals.card(
        proposal, viewer=None, actions=(), token=lambda verb: verb, now=now
    )


def _facts(each: TrailLine) -> dict[str, Any]:
    try:
        found = json.loads(each.facts) if each.facts else {}
    except ValueError:
        return {"facts": each.facts}
    return found if isinstance(found, dict) else {"facts": found}


def _asked(evidence: Evidence, facts: Told) -> tuple[Fact, ...]:
    """Who asked for what, in which words, when and where."""
    proposal = evidence.proposal
    first = next((each for each in facts if each[0].event == "propose"), None)
    where = ""
    if first is not None:
        where = _where(first[0].platform, str(first[1].get("where", "")))
    words = evidence.revisions[0].proposal.words if evidence.revisions else ""
    found = [
        Fact("Asked by", line(proposal.requester)),
        Fact("In the words", f"“{line(words)}”" if words else "no words: by a button"),
        Fact("On", moment(proposal.created_at)),
        Fact("Where", where or "not known"),
        Fact("Company", title(proposal.company)),
        Fact("QuickBooks company id", f"{proposal.company.realm}"),
    ]
    for label, number in (
        ("Takes back", proposal.undoes),
        ("Taken up as", proposal.renewed_by),
        ("Taken back by", proposal.undone_by),
    ):
        if number:
            found.append(Fact(label, number))
    return tuple(found)


def _where(platform: str, where: str) -> str:
    return ", ".join(
        each for each in (PLATFORMS.get(platform, platform), line(where)) if each
    )


def _revision(revision: Revision, told: Told) -> RevisionSheet:
    # Who stands in for whom is known as of now, and was not on its card then.
    proposal = replace(revision.proposal, delegations=())
    facts = [
        Fact("Made by", line(proposal.editor)),
        Fact("On", moment(revision.at) if revision.at else "not known"),
        Fact("Digest of what was to be posted", revision.digest),
    ]
    if revision.adopted:
        facts.append(
            Fact("Digest after QuickBooks' own numbers moved", revision.adopted)
        )
    if proposal.confidence is not None:
        doubts = "; ".join(line(each) for each in proposal.doubts)
        sure = f"{proposal.confidence} of 100" + (f": {doubts}" if doubts else "")
        facts.append(Fact("How surely the words were read", sure))
    note = (
        ""
        if revision.is_whole
        else "The rule and the lights of this revision were not kept apart when it was"
        " made; those of the newest revision are shown."
    )
    return RevisionSheet(
        number=proposal.revision,
        facts=tuple(facts),
        changes=tuple(
            Fact(line(each.label), line(each.value), each.before)
            for each in proposal.changes
        ),
        card=_card(proposal, revision.at or proposal.created_at),
        rule=(*_rule(proposal.rule), *_named(told, proposal.revision)),
        why=tuple(line(each) for each in proposal.rule.why),
        note=note,
    )


def _rule(rule: Rule) -> tuple[Fact, ...]:
    found = [Fact("Rule", line(rule.label) or "any approver but the requester")]
    if rule.name:
        found.append(Fact("Its name", line(rule.name)))
    stands = f"line {rule.line} of the policy file" if rule.line else "built in"
    found.append(Fact("It stands", stands))
    if rule.digest:
        found.append(Fact("SHA-256 of that policy", rule.digest))
    found.append(Fact("Approvals needed", str(rule.quorum)))
    for number, stage in enumerate(rule.stages, start=1):
        roles = (f"anybody with the role {role.value}" for role in stage.roles)
        who = (*stage.people, *roles)
        names = stage.label or listed(tuple(line(each) for each in who), "or")
        place = f", in {line(stage.channel)}" if stage.channel else ""
        found.append(Fact(f"Step {number}", f"{stage.quorum} of {names}{place}"))
    found.append(Fact("It waits for", f"{rule.hours} hours"))
    if rule.working_hours:
        found.append(Fact("Counted in", line(rule.working_hours)))
    if rule.allow_closed:
        found.append(Fact("Closed period", "this rule allows to post into one"))
    return tuple(found)


def _named(told: Told, revision: int) -> Iterator[Fact]:
    """What became of the rule of a revision: whom an administrator named instead."""
    for each, said in told:
        if each.event != "reassign" or said.get("revision") != revision:
            continue
        before = line(str(said.get("instead_of") or "")) or "the rule's own approvers"
        yield Fact(
            f"Step {said.get('step', 1)} became",
            f"{line(str(said.get('to', '')))}, named by {line(each.who)},"
            f" {moment(each.at)}; it was {before}",
        )


def _decision(word: Decision, proposal: Proposal) -> DecisionSheet:
    marks = []
    if word.forced:
        absent = line(word.instead_of or "an approver")
        marks.append(f"forced by an administrator, in the place of {absent}")
    elif word.instead_of:
        marks.append(f"in the place of {line(word.instead_of)}, by delegation")
    namer = _named_by(word, proposal)
    if namer:
        marks.append(f"named by {line(namer)}")
    if word.revision != proposal.revision:
        marks.append("void: the revision was replaced")
    return DecisionSheet(
        revision=word.revision,
        verdict="Approved" if word.verdict is Verdict.APPROVE else "Rejected",
        who=line(word.person),
        at=moment(word.at),
        where=_where(word.platform, word.where),
        step=word.stage,
        reason=line(word.reason or ""),
        marks=tuple(marks),
    )


def _attempt(attempt: Attempt) -> tuple[str, ...]:
    return (
        f"{attempt.step}.{attempt.number}",
        moment(attempt.started_at),
        moment(attempt.ended_at) if attempt.ended_at else "–",
        attempt.outcome or "not known to the process that sent it",
        attempt.intuit_tid or "–",
    )


def _named_by(word: Decision, proposal: Proposal) -> str:
    """The administrator who named whoever decided, or in whose place they did."""
    steps = proposal.rule.steps
    if word.revision != proposal.revision or not 0 < word.stage <= len(steps):
        return ""
    stage = steps[word.stage - 1]
    is_named = {word.person_id, word.instead_of_id} & set(stage.named)
    return stage.named_by if is_named else ""


# --- what became of it ------------------------------------------------------------


def _compared(proposal: Proposal) -> tuple[_Record, ...]:
    """Each record as QuickBooks gave it, and what differs from what was approved.

    What was not done of several things stands among them, with the reason.
    """
    return tuple(
        record
        for receipt in proposal.receipts
        for record in (
            _parts(proposal, receipt) if receipt.parts else (_one(proposal, receipt),)
        )
    )


def _one(proposal: Proposal, receipt: Receipt) -> _Record:
    if receipt.fault is not None:
        return _undone(_undone_name(proposal, receipt), receipt.fault)
    return _posted(proposal, receipt, posted_name(proposal, receipt))


def _parts(proposal: Proposal, receipt: Receipt) -> Iterator[_Record]:
    """One record for each line of a batch."""
    step = _step(proposal, receipt)
    parties = {part.key: line(part.party) for part in step.parts} if step else {}
    singles = iter(receipt.singles)
    for part in receipt.parts:
        name = f"Line {part.key}"
        if parties.get(part.key):
            name += f", {parties[part.key]}"
        if part.is_posted:
            one = replace(next(singles), differences=part.differences)
            yield _posted(proposal, one, f"{name}: {posted_name(proposal, one)}")
        else:
            why = part.fault or receipt.fault or "QuickBooks does not have it."
            yield _undone(name, why, part.code)


def _step(proposal: Proposal, receipt: Receipt) -> Step | None:
    """What the receipt is of; None where there is no such step."""
    steps = proposal.draft.steps
    return steps[receipt.step - 1] if 0 < receipt.step <= len(steps) else None


def _undone(name: str, why: str, code: str | None = None) -> _Record:
    facts = [Fact("Not done", line(why))]
    if code:
        facts.append(Fact("QuickBooks' code", line(code)))
    return name, tuple(facts), ()


def _undone_name(proposal: Proposal, receipt: Receipt) -> str:
    """What was not done, as its card calls it: "Invoice 1042", "E-mail of line 3"."""
    step = _step(proposal, receipt)
    if step is None:
        return f"Step {receipt.step}"
    if "{" in step.path:
        return f"E-mail of line {step.path.partition('.')[2].partition('.')[0]}"
    return line(lines.lines(proposal)[receipt.step - 1].name)


def _posted(proposal: Proposal, receipt: Receipt, name: str) -> _Record:
    step = _step(proposal, receipt)
    is_mail = step is not None and step.verb is Verb.SEND
    compared = "not yet"
    if receipt.compared:
        compared = (
            "not equal:"
            if receipt.differences
            else "every field that was sent is equal"
        )
    facts = (
        Fact("QuickBooks' id", receipt.record_id),
        Fact("Number", line(receipt.doc_number or "none")),
        Fact("SyncToken", receipt.sync_token),
        Fact("E-mailed" if is_mail else "Posted", moment(receipt.posted_at)),
        Fact("Total", str(receipt.total) if receipt.total else "none"),
        Fact("intuit_tid", line(receipt.intuit_tid or "found by a search: none")),
        Fact("Read back and compared", compared),
    )
    return name, facts, tuple(line(each) for each in receipt.differences)


# Said elsewhere on the page, or of no use beside it.
_ELSEWHERE = frozenset({"request", "response", "where", "version"})


def _line(each: TrailLine, said: Mapping[str, Any]) -> LineSheet:
    return LineSheet(
        seq=each.seq,
        at=f"{each.at:%Y-%m-%d %H:%M:%S} UTC",
        event=each.event,
        who=line(each.who),
        where=_where(each.platform, str(said.get("where", ""))),
        facts=tuple(
            (name.replace("_", " "), line(str(value)))
            for name, value in said.items()
            if name not in _ELSEWHERE and value not in (None, "")
        ),
        digest=each.digest,
    )


def _chain(evidence: Evidence, now: datetime) -> tuple[Fact, ...]:
    verified = evidence.verified
    head = verified.last.digest if verified.last else "–"
    return (
        Fact("Chain", verified.chain),
        Fact("Its last line when this was printed", f"{verified.seq:,}"),
        Fact("Digest of that line", head),
        Fact("Checked", moment(now)),
        Fact("Found", verified.sentence),
    )
