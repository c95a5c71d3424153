"""Steps of several lines: posted in one request, and traced line by line.

QuickBooks takes or refuses each item of a batch for itself, one after the other.
So a batch ends in a receipt that says of every line what became of it; only where
that is not known of a single one is the outcome of the whole request unknown. Each
line carries a mark of its own ("Ref P-17/3"), by which equal lines are told apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from qbo import answers
from qbo.books import Draft, Money, Part, PartReceipt, Receipt, Step, Verb
from qbo.client import Client, Reply
from qbo.faults import BooksFault, LinesRefused, NotTaken, Unconfirmed
from qbo.mirror import Mirror
from qbo.tracing import Tracing, compared, receipt
from qbo.wire.exact import Json, dumps, loads
from qbo.wire.readback import differences

ITEMS_MAX: Final = 30  # of one request ("Batch"); quickbooks.md 5.1
PATH: Final = "batch"

NOT_FOUND: Final = (
    "QuickBooks did not answer, and it is not there: it was not posted. It can be"
    " proposed again."
)


class Batching:
    """Posts, finds and reads back steps that have parts."""

    def __init__(
        self,
        client: Client,
        tracing: Tracing,
        mirror: Mirror,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._tracing = tracing
        self._mirror = mirror
        self._now = now

    async def post(self, draft: Draft, place: int) -> Receipt:
        """Send a batch's bytes once; what became of each of its lines.

        Raises:
            LinesRefused, Refused: QuickBooks says no to all of it.
            NotTaken: it was certainly not taken.
            Unconfirmed: of one line at least nobody knows.
        """
        step = draft.steps[place - 1]
        reply = await self._client.post(
            draft.company,
            step.path,
            query=step.query,
            body=step.body,
            content_type=step.content_type,
            request_id=step.request_id,
        )
        items = _items(reply)
        if set(items) != {part.key for part in step.parts}:
            raise _unsaid(reply)
        parts, nos = [], []
        for part in step.parts:
            no = answers.in_item(items[part.key], company=draft.company)
            if isinstance(no, Unconfirmed):
                raise _unsaid(reply)
            if no is not None:
                nos.append(no)
                parts.append(_refused(part, no))
                continue
            record = items[part.key].get(part.entity)
            if not isinstance(record, dict) or "Id" not in record:
                raise _unsaid(reply)
            parts.append(self._posted(draft, step, part, record))
        if len(nos) == len(parts):
            raise _all_refused(parts, nos, reply)
        return replace(
            self._receipt(place, step, parts, reply.intuit_tid),
            response=reply.body.decode(errors="replace"),
            status=reply.status,
        )

    async def find(
        self, draft: Draft, place: int, first_attempt_at: datetime
    ) -> Receipt | None:
        """Look for every line; None when certainly none of them is there.

        A receipt with lines that were not found is no proof that they will not come
        while the request may still be at work.

        Raises:
            Ambiguous: of one line at least only a person can tell.
            BooksFault: QuickBooks could not be read.
        """
        step = draft.steps[place - 1]
        parts = []
        for part in step.parts:
            lone = alone(draft, step, part)
            record = await self._tracing.find(lone, lone.steps[0], (), first_attempt_at)
            parts.append(
                PartReceipt(part.key, fault=NOT_FOUND)
                if record is None
                else self._posted(draft, step, part, record)
            )
        if not any(part.is_posted for part in parts):
            return None
        return self._receipt(place, step, parts, None)

    async def match(
        self, draft: Draft, place: int, doc_number: str, first_attempt_at: datetime
    ) -> Receipt | None:
        """What a person means who names one document of a batch; None: not this one.

        All lines are looked for by their marks. Where a line is there twice, the one
        that was named counts; where it is otherwise than approved, the read-back
        says so.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        step = draft.steps[place - 1]
        wanted = doc_number.strip()
        is_named = False
        parts = []
        for part in step.parts:
            lone = alone(draft, step, part)
            found = sorted(
                await self._candidates(lone, part, first_attempt_at),
                key=partial(_doubt, wanted, lone.steps[0]),
            )
            is_named = is_named or any(wanted in _names(each) for each in found)
            parts.append(
                self._posted(draft, step, part, found[0])
                if found
                else PartReceipt(part.key, fault=NOT_FOUND)
            )
        return self._receipt(place, step, parts, None) if is_named else None

    async def _candidates(
        self, lone: Draft, part: Part, first_attempt_at: datetime
    ) -> list[Json]:
        if part.verb is Verb.CREATE:
            return await self._tracing.candidates(lone, lone.steps[0], first_attempt_at)
        found = await self._tracing.find(lone, lone.steps[0], (), first_attempt_at)
        return [] if found is None else [found]

    async def read_back(self, draft: Draft, given: Receipt) -> Receipt:
        """Read every record that was posted and compare it with its line.

        Raises:
            BooksFault: QuickBooks could not be read; to be repeated.
        """
        step = draft.steps[given.step - 1]
        of_key = {part.key: part for part in step.parts}
        read: dict[tuple[str, str], Json] = {}
        for entity in {part.entity for part in step.parts}:
            ids = [
                each.record_id
                for each in given.parts
                if each.is_posted and of_key[each.key].entity == entity
            ]
            found = await self._tracing.records(draft.company, entity, ids)
            await self._mirror.put(draft.company, entity, list(found.values()))
            read |= {(entity, record_id): each for record_id, each in found.items()}
        await self._mirror.mark_outdated(draft.company)
        parts, differing = [], []
        for each in given.parts:
            if not each.is_posted:
                parts.append(each)
                continue
            lone = alone(draft, step, of_key[each.key])
            after = _compared(lone, given, each, read)
            parts.append(
                replace(
                    each,
                    sync_token=after.sync_token,
                    doc_number=after.doc_number,
                    differences=after.differences,
                )
            )
            differing += [
                replace(shown, label=f"Line {each.key}, {shown.label}")
                for shown in after.differing
            ]
        return replace(
            given,
            parts=tuple(parts),
            compared=True,
            differences=told_differences(parts),
            differing=tuple(differing),
        )

    def _posted(
        self, draft: Draft, step: Step, part: Part, record: Json
    ) -> PartReceipt:
        lone = alone(draft, step, part)
        made = receipt(1, lone.steps[0], record, self._now(), None)
        return PartReceipt(
            key=part.key,
            record_id=made.record_id,
            sync_token=made.sync_token,
            doc_number=made.doc_number,
            total=made.total,
        )

    def _receipt(
        self, place: int, step: Step, parts: Sequence[PartReceipt], tid: str | None
    ) -> Receipt:
        first = next(each for each in parts if each.is_posted)
        totals = [each.total for each in parts if each.is_posted]
        return Receipt(
            step=place,
            entity=step.entity,
            record_id=first.record_id,
            sync_token=first.sync_token,
            doc_number=first.doc_number,
            intuit_tid=tid,
            posted_at=self._now(),
            total=_sum(totals),
            parts=tuple(parts),
        )


def alone(draft: Draft, step: Step, part: Part) -> Draft:
    """One line of a batch as the draft of its own that it would be."""
    body = items_of(step)[part.key][part.entity]
    return replace(
        draft,
        ref=f"{draft.ref}/{part.key}",
        steps=(
            replace(
                step,
                verb=part.verb,
                entity=part.entity,
                body=dumps(body).encode(),
                record_id=part.record_id,
                parts=(),
            ),
        ),
        total=part.total,
        tax=part.tax,
    )


def items_of(step: Step) -> dict[str, Json]:
    """The items of a batch step by their key, read from its bytes."""
    items = loads(step.body)["BatchItemRequest"]
    return {str(each["bId"]): each for each in items}


def told_differences(parts: Sequence[PartReceipt]) -> tuple[str, ...]:
    """What of all lines differs, each with the number of its line."""
    return tuple(
        f"Line {each.key}: {sentence}"
        for each in parts
        for sentence in each.differences
    )


def _compared(
    lone: Draft,
    given: Receipt,
    each: PartReceipt,
    read: Mapping[tuple[str, str], Json],
) -> Receipt:
    """One line's receipt as that of a step of its own, compared."""
    entity = lone.steps[0].entity
    whole = replace(
        given,
        step=1,
        entity=entity,
        record_id=each.record_id,
        sync_token=each.sync_token,
        doc_number=each.doc_number,
        total=each.total,
        parts=(),
    )
    return compared(lone, whole, read.get((entity, each.record_id)))


def _items(reply: Reply) -> dict[str, Mapping[str, Any]]:
    """The items of an answer by their key; empty where it is no batch's answer."""
    given = reply.json.get("BatchItemResponse")
    if not isinstance(given, list):
        return {}
    found: dict[str, Mapping[str, Any]] = {
        str(each.get("bId")): each for each in given if isinstance(each, dict)
    }
    return found if len(found) == len(given) else {}


def _refused(part: Part, no: BooksFault) -> PartReceipt:
    return PartReceipt(part.key, fault=no.sentence, code=getattr(no, "code", None))


def _all_refused(
    parts: Sequence[PartReceipt], nos: Sequence[BooksFault], reply: Reply
) -> BooksFault:
    waiting = next((no for no in nos if isinstance(no, NotTaken)), None)
    if waiting is not None and all(isinstance(no, NotTaken) for no in nos):
        fault: BooksFault = waiting
    else:
        fault = LinesRefused(
            f"QuickBooks took none of these {len(parts)} lines, so nothing was"
            f" changed. The first: {nos[0].sentence}",
            tuple(parts),
        )
    fault.intuit_tid = reply.intuit_tid
    fault.status, fault.response = reply.status, reply.body.decode(errors="replace")
    return fault


def _unsaid(reply: Reply) -> Unconfirmed:
    fault = Unconfirmed(
        "QuickBooks answered without saying what became of every line. They may or"
        " may not have been entered; I am checking.",
        intuit_tid=reply.intuit_tid,
    )
    fault.status, fault.response = reply.status, reply.body.decode(errors="replace")
    return fault


def _sum(totals: Sequence[Money | None]) -> Money | None:
    known = [each for each in totals if each is not None]
    if len(known) != len(totals) or len({each.currency for each in known}) != 1:
        return None
    total = known[0]
    for each in known[1:]:
        total += each
    return total


def _doubt(wanted: str, sent: Step, record: Json) -> tuple[bool, bool]:
    """What a person named comes first; else what is as it was approved."""
    return wanted not in _names(record), bool(differences(sent, record))


def _names(record: Json) -> tuple[str, str]:
    return str(record.get("DocNumber") or ""), str(record["Id"])
