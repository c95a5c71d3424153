"""The evidence of one proposal, laid out to be read and printed. Pure.

    sheet(evidence, now)  who asked, each revision with its card, who decided, each
                          request and answer, the read-back, what became of it later

Nothing here is shortened for beauty: an auditor reads it without the program.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.evidence import Attempt, Evidence, Revision
from approvals.proposal import Decision, Proposal, Rule, TrailLine, Verdict
from cards import proposals
from cards.card import Card, Fact, Tone
from cards.outcome import posted_name
from cards.plain import line, listed, moment, title

PLATFORMS = {
    "slack": "Slack",
    "teams": "Teams",
    "console": "the console",
    "countersign": "Countersign itself",
}
# What a line of the trail says of how a request ended.
_OUTCOMES: Mapping[str, str] = {
    "receipt": "QuickBooks has taken it",
    "receipt-step": "QuickBooks has taken this step",
    "refused": "QuickBooks refused it",
    "outdated": "QuickBooks refused it: edited there in between",
    "part": "QuickBooks refused this step; those before it stay posted",
    "not-taken": "QuickBooks did not take it; it was to be tried again",
    "lost": "No answer that can be read came back: the outcome was unknown",
    "late-receipt": "A late answer: QuickBooks has taken it",
    "late-fault": "A late answer: QuickBooks refused it",
}


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
class ExchangeSheet:
    """One request with its answer; texts as they were, indented for reading."""

    heading: str
    asked: tuple[Fact, ...]
    request: str
    answered: tuple[Fact, ...]
    response: str


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
    compared: tuple[tuple[str, tuple[Fact, ...], tuple[str, ...]], ...]
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
        revisions=tuple(_revision(each) for each in evidence.revisions),
        decisions=tuple(
            _decision(word, proposal)
            for each in evidence.revisions
            for word in each.decisions
        ),
        exchanges=tuple(_exchanges(facts)),
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


_Told = Sequence[tuple[TrailLine, Mapping[str, Any]]]


def _asked(evidence: Evidence, facts: _Told) -> tuple[Fact, ...]:
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


def _revision(revision: Revision) -> RevisionSheet:
    proposal = revision.proposal
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
        rule=_rule(proposal.rule),
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


def _decision(word: Decision, proposal: Proposal) -> DecisionSheet:
    marks = []
    if word.forced:
        absent = line(word.instead_of or "an approver")
        marks.append(f"forced by an administrator, in the place of {absent}")
    elif word.instead_of:
        marks.append(f"in the place of {line(word.instead_of)}, by delegation")
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


# --- what was said to QuickBooks --------------------------------------------------


def _exchanges(facts: _Told) -> Iterator[ExchangeSheet]:
    """Each request with the answer that belongs to it, in the order they left."""
    attempts = [n for n, (each, _) in enumerate(facts) if each.event == "attempt"]
    taken: set[int] = set()
    for count, at in enumerate(attempts, start=1):
        asked, said = facts[at]
        end = _ending(facts, at, said.get("step"), taken)
        if end is not None:
            taken.add(end)
        yield _exchange(count, asked, said, facts[end] if end is not None else None)


def _ending(facts: _Told, at: int, step: object, taken: set[int]) -> int | None:
    """The line that tells how the request of an earlier line ended."""
    for number in range(at + 1, len(facts)):
        each, said = facts[number]
        if number in taken or said.get("step") != step:
            continue
        if each.event == "attempt":
            return None
        if each.event in _OUTCOMES:
            return number
    return None


def _exchange(
    count: int,
    asked: TrailLine,
    said: Mapping[str, Any],
    end: tuple[TrailLine, Mapping[str, Any]] | None,
) -> ExchangeSheet:
    path = "?".join(str(said[key]) for key in ("path", "query") if said.get(key))
    sent = [
        Fact("Sent", moment(asked.at)),
        Fact("Request", f"{said.get('method', '')} {path}".strip() or "not kept"),
        Fact("Request id", str(said.get("request_id", ""))),
        Fact("Digest of this request, as approved", str(said.get("digest", ""))),
    ]
    if said.get("request_sha256"):
        sent.append(Fact("SHA-256 of the whole body", str(said["request_sha256"])))
    answered: tuple[Fact, ...] = (
        Fact("Answer", "none was noted: the process stopped, or was overtaken"),
    )
    response = ""
    if end is not None:
        answered, response = _answer(*end)
    return ExchangeSheet(
        heading=f"Request {count}, step {said.get('step', 1)}",
        asked=tuple(sent),
        request=indented(str(said.get("request", ""))),
        answered=answered,
        response=indented(response),
    )


def _answer(each: TrailLine, said: Mapping[str, Any]) -> tuple[tuple[Fact, ...], str]:
    found = [
        Fact("Noted", moment(each.at)),
        Fact("Outcome", _OUTCOMES[each.event]),
    ]
    for label, key in (
        ("HTTP status", "status"),
        ("QuickBooks' code", "code"),
        ("intuit_tid", "intuit_tid"),
        ("SHA-256 of the whole answer", "response_sha256"),
    ):
        if said.get(key) not in (None, ""):
            found.append(Fact(label, line(str(said[key]))))
    return tuple(found), str(said.get("response", ""))


def indented(text: str) -> str:
    """JSON with line ends and blanks put between its tokens, and nothing else changed.

    Amounts keep their digits; what is no JSON stays as it is.
    """
    try:
        json.loads(text)
    except ValueError:
        return text
    made: list[str] = []
    depth, inside, escaped = 0, False, False
    for char in text:
        if inside:
            made.append(char)
            inside = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char.isspace():
            continue
        elif char in "{[":
            depth += 1
            made.append(f"{char}\n{'  ' * depth}")
        elif char in "}]":
            depth -= 1
            if made[-1][0] in "{[" and made[-1].endswith(("\n", " ")):
                made[-1] = f"{made[-1][0]}{char}"
            else:
                made.append(f"\n{'  ' * depth}{char}")
        elif char == ",":
            made.append(f",\n{'  ' * depth}")
        else:
            inside = char == '"'
            made.append(": " if char == ":" else char)
    return "".join(made)


def _attempt(attempt: Attempt) -> tuple[str, ...]:
    return (
        f"{attempt.step}.{attempt.number}",
        moment(attempt.started_at),
        moment(attempt.ended_at) if attempt.ended_at else "–",
        attempt.outcome or "not known to the process that sent it",
        attempt.intuit_tid or "–",
    )


# --- what became of it ------------------------------------------------------------


def _compared(
    proposal: Proposal,
) -> tuple[tuple[str, tuple[Fact, ...], tuple[str, ...]], ...]:
    """Each record as QuickBooks gave it, and what differs from what was approved."""
    found = []
    for receipt in proposal.receipts:
        facts = [
            Fact("QuickBooks' id", receipt.record_id),
            Fact("Number", line(receipt.doc_number or "none")),
            Fact("SyncToken", receipt.sync_token),
            Fact("Posted", moment(receipt.posted_at)),
            Fact("Total", str(receipt.total) if receipt.total else "none"),
            Fact("intuit_tid", line(receipt.intuit_tid or "found by a search: none")),
            Fact(
                "Read back and compared",
                "not yet"
                if not receipt.compared
                else "every field that was sent is equal"
                if not receipt.differences
                else "not equal:",
            ),
        ]
        found.append(
            (
                posted_name(proposal, receipt),
                tuple(facts),
                tuple(line(each) for each in receipt.differences),
            )
        )
    return tuple(found)


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
