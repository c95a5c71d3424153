"""Does a draft still rest on what it rested on? And the same draft anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from qbo.books import Draft, Reliance, Step, Verb
from qbo.drafting.assembly import JSON_TYPE, NUMBERED, Live, counted, made_step
from qbo.wire import records
from qbo.wire.exact import Json, at, canonical, draft_digest, dumps, loads, number
from qbo.wire.readback import AUTO_NUMBER, label_of, shown

_COMPOUND: Final = frozenset({"Line", "SalesTaxRateList", "PurchaseTaxRateList"})


async def read(draft: Draft, live: Live) -> Mapping[tuple[str, str], Json]:
    """The records that a draft rests on, as QuickBooks has them now."""
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for reliance in draft.reliances:
        if reliance.record_id not in wanted[reliance.entity]:
            wanted[reliance.entity].append(reliance.record_id)
    return {
        (entity, record_id): record
        for entity, ids in wanted.items()
        for record_id, record in (await live(entity, ids)).items()
    }


def moved(draft: Draft, found: Mapping[tuple[str, str], Json]) -> tuple[str, ...]:
    """Sentences about what differs from when the draft was made."""
    return tuple(
        sentence
        for reliance in draft.reliances
        for sentence in _moved(
            reliance, found.get((reliance.entity, reliance.record_id))
        )
    )


def numbers(draft: Draft) -> list[tuple[str, tuple[str, ...], str]]:
    """Each number that the draft gives to a document: it, where it must be free, whose.

    Sales share one row of numbers; a vendor's number has to be free among the bills of
    that vendor, whose id stands last ("" otherwise).
    """
    made: list[tuple[str, tuple[str, ...], str]] = []
    for step in draft.steps:
        if not gives_number(step):
            continue
        body = loads(step.body)
        number_ = str(body["DocNumber"])
        if step.entity in NUMBERED:
            made.append((number_, NUMBERED, ""))
        elif step.entity == "Bill":
            made.append((number_, ("Bill",), str(at(body, "VendorRef.value"))))
    return made


def gives_number(step: Step) -> bool:
    """Whether a step makes a document with a number of its own."""
    if step.verb is not Verb.CREATE or step.parts:
        return False
    return loads(step.body).get("DocNumber") not in (None, "", AUTO_NUMBER)


def number_taken(record: Json) -> str:
    """That a document with a number of the draft is there by now."""
    number_ = record.get("DocNumber")
    if "VendorRef" in record:
        whose = records.ref_name(record, "VendorRef")
        return f"Bill {number_} of {whose} is in QuickBooks by now."
    whose = records.ref_name(record, "CustomerRef")
    return f"The number {number_} has been given to a document of {whose} meanwhile."


def _moved(reliance: Reliance, record: Json | None) -> list[str]:
    if record is None:
        return [f"{reliance.label} is no longer in QuickBooks."]
    sentences = []
    differing = [
        path
        for path, before in reliance.fields
        if canonical(counted(record, path)) != before
    ]
    sentences += [
        said
        for path, before in reliance.fields
        if path in differing
        and (said := _said(reliance, record, path, before, differing))
    ]
    for path, least in reliance.at_least:
        value = number(at(record, path))
        if value < least:
            sentences.append(
                f"{reliance.label} has only {value:,.2f} open now; {least:,.2f} of it"
                " was to be settled."
            )
    if records.is_voided(record) and reliance.at_least:
        return [f"{reliance.label} was voided in QuickBooks."]
    return sentences


def _said(
    reliance: Reliance,
    record: Json,
    path: str,
    before: str,
    differing: Sequence[str],
) -> str | None:
    """What became of one field; None where that is said of another one."""
    value = counted(record, path)
    if path == "Active":
        became = "active again" if value else "inactive"
        return f"{reliance.label} was made {became} in QuickBooks."
    label = f"{reliance.label}: {label_of(path)}"
    if path in _COMPOUND:
        return f"{label} changed in QuickBooks."
    if path.endswith(".value"):
        if path.replace(".value", ".name") in differing:
            return None  # people know a reference by its name
        # The id of a record means nothing to people.
        name = at(record, path.removesuffix(".value") + ".name")
        now = f" and is now {shown(name)}" if name else ""
        return f"{label} changed in QuickBooks{now}."
    was = shown(_plain(loads(before)))
    return f"{label} was {was} and is now {shown(_plain(value))}."


def _plain(value: Any) -> Any:
    """A compound value as a line of its texts."""
    if isinstance(value, Mapping):
        parts = [str(each) for name, each in value.items() if name != "Id"]
        return ", ".join(parts)
    return value


def retokened(draft: Draft, found: Mapping[tuple[str, str], Json]) -> Draft | None:
    """The same draft upon newer versions of its records; None where none moved.

    Only SyncTokens differ: the bytes, and so the digests and request ids, are new,
    and everything that people see is the same.
    """
    steps = tuple(_retokened(draft, step, found) for step in draft.steps)
    if steps == draft.steps:
        return None
    return replace(
        draft,
        steps=steps,
        digest=draft_digest(step.digest for step in steps),
        reliances=tuple(
            replace(each, sync_token=str(record["SyncToken"]))
            if (record := found.get((each.entity, each.record_id)))
            else each
            for each in draft.reliances
        ),
    )


def _retokened(draft: Draft, step: Step, found: Mapping[tuple[str, str], Json]) -> Step:
    if step.record_id is None or step.content_type != JSON_TYPE:
        return step
    body = loads(step.body)
    record = found.get((step.entity, step.record_id))
    if record is None or "SyncToken" not in body:
        return step
    token = str(record["SyncToken"])
    if body["SyncToken"] == token:
        return step
    return made_step(
        draft, replace(step, body=dumps({**body, "SyncToken": token}).encode())
    )
