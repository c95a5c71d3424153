"""What was said to QuickBooks about one proposal: each request, its answer. Pure.

    exchanges(told, attempts)  one sheet for each request in the order they left, and
                               one for each answer of which nobody can tell to which
                               request it belongs

An answer may come late: after the same was asked again, after a search has found the
record, after a person has told. It stands with its own request, and says so.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approvals.evidence import Attempt
from approvals.proposal import TrailLine
from cards.card import Fact
from cards.plain import line, listed, moment

# The lines of a proposal's trail, each with its facts.
Told = Sequence[tuple[TrailLine, Mapping[str, Any]]]

# What a line of the trail says of how a request was answered.
_OUTCOMES: Mapping[str, str] = {
    "receipt": "QuickBooks has taken it",
    "receipt-step": "QuickBooks has taken this step",
    "refused": "QuickBooks refused it",
    "refused-step": "QuickBooks refused this step; the others went on",
    "outdated": "QuickBooks refused it: edited there in between",
    "part": "QuickBooks refused this step; what was posted before it stays posted",
    "not-taken": "QuickBooks did not take it; it was to be tried again",
    "lost": "No answer that can be read came back: the outcome was unknown",
    "late-receipt": "A late answer: QuickBooks has taken it",
    "late-fault": "A late answer: QuickBooks did not take it",
}
# Faults that leave open whether QuickBooks has taken a request.
_UNCLEAR = frozenset({"Unconfirmed", "unknown"})
_UNREADABLE = "The answer does not tell whether it was taken: the outcome was unknown"
# How a request ended that had no clear answer of its own, and the same as what came
# before an answer that is late.
_FOUND_OUT: Mapping[str, tuple[str, str]] = {
    "lapse": (
        "The process that asked had stopped, or took too long: the outcome was unknown",
        "the process that asked had stopped, or taken too long",
    ),
    "lost": ("It was not asked again: the outcome was still unknown", ""),
    "again": (
        "A search did not find it: the same was asked again, under the same request id",
        "",
    ),
    "doubt": ("It could not be found out: people were asked", "people had been asked"),
    "found": ("A search found it in QuickBooks", "a search had found it"),
    "there": ("{who} found it in QuickBooks", "{who} had found it"),
    "not-there": (
        "{who} said that it is not in QuickBooks",
        "{who} had said that it is not there",
    ),
}


@dataclass(frozen=True, slots=True)
class ExchangeSheet:
    """One request with its answer; texts as they were, indented for reading."""

    heading: str
    asked: tuple[Fact, ...]
    request: str
    answered: tuple[Fact, ...]
    response: str


def exchanges(told: Told, attempts: Sequence[Attempt]) -> tuple[ExchangeSheet, ...]:
    """Each request with the answer that belongs to it, in the order they left.

    `attempts` tell which answer is whose; where they do not, an answer is taken to be
    that of the request before it if no other one of its step lies between.
    """
    requests = {
        at: count
        for count, at in enumerate(
            (n for n, (each, _) in enumerate(told) if each.event == "attempt"), start=1
        )
    }
    answers = [n for n in range(len(told)) if _is_answer(told, n)]
    pairs = _paired(told, list(requests), answers, attempts)
    found = {at: _exchange(told, at, pairs.get(at), requests) for at in requests}
    for number in set(answers) - set(pairs.values()):
        found[number] = _alone(told, number, requests)
    return tuple(found[number] for number in sorted(found))


# --- which answer belongs to which request ----------------------------------------


def _is_answer(told: Told, number: int) -> bool:
    """Whether a line tells what came back, or that nothing did."""
    each, said = told[number]
    if each.event not in _OUTCOMES or "step" not in said:
        return False
    # After a late receipt another one only says that the proposal follows it.
    return each.event != "receipt" or not any(
        before.event == "late-receipt" and facts.get("step") == said["step"]
        for before, facts in told[:number]
    )


def _paired(
    told: Told,
    requests: Sequence[int],
    answers: Sequence[int],
    attempts: Sequence[Attempt],
) -> dict[int, int]:
    """The answer of each request that has one, both as places among the lines."""
    noted = _noted(told, requests, attempts)
    pairs: dict[int, int] = {}
    for at, attempt in noted.items():
        free = (n for n in answers if n > at and n not in pairs.values())
        found = next((n for n in free if _is_of(attempt, *told[n])), None)
        if found is not None:
            pairs[at] = found
    for at in requests:
        is_open = at in noted and noted[at].ended_at is None
        if at in pairs or is_open:
            continue
        found = _next(told, at, [n for n in answers if n not in pairs.values()])
        if found is not None:
            pairs[at] = found
    return pairs


def _noted(
    told: Told, requests: Sequence[int], attempts: Sequence[Attempt]
) -> dict[int, Attempt]:
    """What was noted of each request beside the trail: the n-th of its step."""
    known = {(each.step, each.number): each for each in attempts}
    count: dict[int, int] = {}
    found = {}
    for at in requests:
        step = told[at][1].get("step", 1)
        count[step] = count.get(step, 0) + 1
        if (step, count[step]) in known:
            found[at] = known[step, count[step]]
    return found


def _is_of(attempt: Attempt, each: TrailLine, said: Mapping[str, Any]) -> bool:
    """Whether a line was written together with the end of that attempt."""
    return (
        attempt.step == said.get("step")
        and attempt.ended_at == each.at
        and attempt.outcome == said.get("fault", "receipt")
        and (attempt.intuit_tid or "") == said.get("intuit_tid", "")
    )


def _next(told: Told, at: int, answers: Sequence[int]) -> int | None:
    """The first answer after a request, before the next request of that step."""
    step = told[at][1].get("step")
    for number in range(at + 1, len(told)):
        each, said = told[number]
        if said.get("step") != step:
            continue
        if each.event == "attempt":
            return None
        if number in answers:
            return number
    return None


# --- how they are shown -----------------------------------------------------------


def _exchange(
    told: Told, at: int, answer: int | None, requests: Mapping[int, int]
) -> ExchangeSheet:
    asked, said = told[at]
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
    if answer is not None:
        late = _late(told, at, answer, requests)
        answered, response = _answer(*told[answer], late)
    return ExchangeSheet(
        heading=f"Request {requests[at]}, step {said.get('step', 1)}",
        asked=tuple(sent),
        request=indented(str(said.get("request", ""))),
        answered=(*answered, *_found_out(told, at)),
        response=indented(response),
    )


def _alone(told: Told, number: int, requests: Mapping[int, int]) -> ExchangeSheet:
    """An answer of which nobody can tell which request it is to."""
    each, said = told[number]
    step = said.get("step")
    before = [at for at in requests if at < number and told[at][1].get("step") == step]
    names = listed(tuple(f"request {requests[at]}" for at in before), "or")
    late = _late(told, before[0], number, requests) if before else ""
    answered, response = _answer(each, said, late)
    return ExchangeSheet(
        heading=f"An answer by itself, step {step}",
        asked=(Fact("It answers", names or "a request that is not in the trail"),),
        request="",
        answered=answered,
        response=indented(response),
    )


def _answer(
    each: TrailLine, said: Mapping[str, Any], late: str
) -> tuple[tuple[Fact, ...], str]:
    found = [
        Fact("Noted", f"{moment(each.at)}{late and f'; {late}'}"),
        Fact("Outcome", _outcome(each.event, said)),
    ]
    for label, key in (
        ("Lines", "lines"),
        ("HTTP status", "status"),
        ("QuickBooks' code", "code"),
        ("intuit_tid", "intuit_tid"),
        ("SHA-256 of the whole answer", "response_sha256"),
    ):
        value = str(said.get(key) or "")
        # A fault of our own ("batch", "preflight") has a word where theirs has digits.
        if value and (key != "code" or value.isdigit()):
            found.append(Fact(label, line(value)))
    return tuple(found), str(said.get("response", ""))


def _outcome(event: str, said: Mapping[str, Any]) -> str:
    """How an answer is called, where its event alone does not tell."""
    if event == "part" and said.get("record_id"):
        return "QuickBooks has taken this step; the rest was not done"
    if said.get("lines"):
        return "QuickBooks has answered for each line by itself"
    if event == "lost" or said.get("fault") in _UNCLEAR:
        return _UNREADABLE if said.get("status") else _OUTCOMES["lost"]
    return _OUTCOMES[event]


def _late(told: Told, at: int, answer: int, requests: Mapping[int, int]) -> str:
    """What had happened before an answer came; empty where it came in its time."""
    step, words = told[at][1].get("step"), []
    for number in range(at + 1, answer):
        each, said = told[number]
        if each.event == "attempt" and said.get("step") == step:
            words.append(f"request {requests[number]} had been sent")
        elif not _is_answer(told, number) and (found := _kind(each, said)):
            words.append(_FOUND_OUT[found][1].format(who=line(each.who)))
    after = tuple(dict.fromkeys(word for word in words if word))
    return f"came late, after {listed(after, 'and')}" if after else ""


def _found_out(told: Told, at: int) -> Iterator[Fact]:
    """What became known of a request beside its answer, until the next one left."""
    for number in range(at + 1, len(told)):
        each, said = told[number]
        if each.event == "attempt":
            return
        kind = None if _is_answer(told, number) else _kind(each, said)
        if kind is None:
            continue
        words = _FOUND_OUT[kind][0].format(who=line(each.who))
        record = " ".join(
            line(str(said.get(key) or "")) for key in ("entity", "doc_number")
        ).strip()
        if said.get("record_id"):
            words += f": {record} (id {line(str(said['record_id']))})"
        yield Fact("After that", f"{words}, {moment(each.at)}")


def _kind(each: TrailLine, said: Mapping[str, Any]) -> str | None:
    """By which of our ways something became known of a request under way."""
    if each.event == "part" and said.get("receipt") == "none":
        return "not-there"  # of several steps, and those before it are posted
    kind = each.event.removesuffix("-step")
    return kind if kind in _FOUND_OUT else None


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
