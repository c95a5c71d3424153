"""What has to be so at the end, whatever happened: each breach is a sentence."""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from approvals.proposal import Notice, Proposal, Status
from bot import app as program
from bot.audit import checked
from cards import slack as rendering
from qbo.books import Receipt, Verb
from tests.chaos.chat import number_of
from tests.chaos.people import Wish
from tests.chaos.world import World
from tests.platforms.slack_standin import Message

ENTITIES = ("Invoice", "Payment")
_COPIES_MAX = 2
_MOVING = {Status.PENDING, Status.APPROVED, Status.APPLYING, Status.UNCONFIRMED}
# What QuickBooks changes by itself on a document that others are linked to.
_LIVING = ("Balance", "SyncToken", "MetaData", "LinkedTxn", "HomeBalance")
# Ours to say, and no field of the record.
_SAID_ONLY = {"sparse", "SyncToken"}

Json = dict[str, Any]
Key = tuple[str, str]
Books = dict[str, dict[str, Json]]


async def books(world: World) -> Books:
    """All documents by entity and id."""
    return {
        entity: {
            each["Id"]: each for each in await world.query(f"SELECT * FROM {entity}")
        }
        for entity in ENTITIES
    }


async def proposals(world: World) -> tuple[Proposal, ...]:
    """All proposals of the run."""
    return await world.parts.desk.proposals(program.WORKSPACE, limit=100_000)


async def unheard(world: World) -> int:
    """How many events are not answered yet, and how many people not told.

    Those included that somebody has in hand, who may be dead.
    """
    async with world.parts.engine.connect() as connection:
        waiting = sa.text(
            "SELECT (SELECT count(*) FROM inbox WHERE done_at IS NULL)"
            " + (SELECT count(*) FROM telling"
            " WHERE told_at IS NULL AND gone_at IS NULL)"
        )
        return int(await connection.scalar(waiting) or 0)


def unfinished(found: Iterable[Proposal]) -> list[Proposal]:
    """Those that are not at their end yet, or not compared with the books."""
    return [
        each
        for each in found
        if each.status in _MOVING or not all(r.compared for r in each.receipts)
    ]


# --- the books --------------------------------------------------------------------


def of_books(
    before: Books, after: Books, found: Sequence[Proposal], journal: Sequence[Json]
) -> Iterator[str]:
    """The books hold exactly what was applied, each once, field for field."""
    made: Counter[Key] = Counter()
    touched: set[Key] = set()
    for each in found:
        for receipt in each.receipts:
            key = (receipt.entity, receipt.record_id)
            record = after.get(receipt.entity, {}).get(receipt.record_id)
            if record is None:
                yield f"{each.number}: {key} is not in the books"
                continue
            touched.add(key)
            made[key] += each.draft.steps[receipt.step - 1].verb is Verb.CREATE
            yield from _posted(each, receipt, record, journal)
    for key, times in made.items():
        if times > 1:
            yield f"{key} was counted for {times} proposals"
    for entity in ENTITIES:
        ours = {key[1] for key, times in made.items() if times and key[0] == entity}
        yield from _made(entity, before[entity], after[entity], ours)
        for number, record in before[entity].items():
            now = after[entity].get(number, {})
            if (entity, number) not in touched and _bare(record) != _bare(now):
                yield f"{entity} {number} was changed for nobody"
    yield from _paid(before, after, found)


def _made(
    entity: str, before: Mapping[str, Json], after: Mapping[str, Json], ours: set[str]
) -> Iterator[str]:
    """Everything new is ours, and everything of ours is new."""
    new = set(after) - set(before)
    yield from (f"{entity} {each} is in the books for nobody" for each in new - ours)
    yield from (f"{entity} {each} was there before" for each in ours - new)


def _posted(
    each: Proposal, receipt: Receipt, record: Json, journal: Sequence[Json]
) -> Iterator[str]:
    """One step, as the books have it."""
    step, what = each.draft.steps[receipt.step - 1], f"{receipt.entity} {record['Id']}"
    if step.verb is Verb.CREATE:
        yield from _differs(each.number, json.loads(step.body), record)
        if f"Ref {each.number}" not in record.get("PrivateNote", ""):
            yield f"{each.number}: {what} does not carry its mark"
    elif step.verb is Verb.VOID and not _is_void(record):
        yield f"{each.number}: {what} is not void"
    elif step.verb is Verb.SEND:
        yield from _mailed(each, record, journal)


def _bare(record: Json) -> Json:
    return {key: value for key, value in record.items() if key not in _LIVING}


def _is_void(record: Json) -> bool:
    return Decimal(str(record["TotalAmt"])) == 0


def _differs(number: str, sent: Any, record: Any, path: str = "") -> Iterator[str]:
    """Every field that was sent, as the record has it."""
    if isinstance(sent, Mapping):
        for key, value in sent.items():
            if key in _SAID_ONLY:
                continue
            there = record.get(key) if isinstance(record, Mapping) else None
            if key == "Line":
                there = [x for x in there or () if x.get("DetailType") != _SUBTOTAL]
            yield from _differs(number, value, there, f"{path}.{key}")
    elif isinstance(sent, list):
        if not isinstance(record, list) or len(sent) != len(record):
            yield f"{number}: {path} has another length"
            return
        for place, (value, there) in enumerate(zip(sent, record, strict=True)):
            yield from _differs(number, value, there, f"{path}[{place}]")
    elif not _same(sent, record):
        yield f"{number}: {path} is {record!r}, and {sent!r} was approved"


_SUBTOTAL = "SubTotalLineDetail"


def _same(sent: Any, there: Any) -> bool:
    if sent == there:
        return True
    try:
        return Decimal(str(sent)) == Decimal(str(there))
    except InvalidOperation:
        return False


def _mailed(each: Proposal, record: Json, journal: Sequence[Json]) -> Iterator[str]:
    """E-mailed, and not twice."""
    if record.get("EmailStatus") != "EmailSent":
        yield f"{each.number}: Invoice {record['Id']} was not e-mailed"
    done = [
        line
        for line in journal
        if line["path"].endswith(f"/invoice/{record['Id']}/send")
        and not line["replayed"]
        and (line["status"] == 200 or line["dropped"] == "after")
    ]
    if len(done) != 1:
        yield f"{each.number}: Invoice {record['Id']} was e-mailed {len(done)} times"


def _paid(before: Books, after: Books, found: Sequence[Proposal]) -> Iterator[str]:
    """What was open and is paid now is what the payments' lines say."""
    paid: Counter[str] = Counter()
    void = {
        r.record_id
        for each in found
        for r in each.receipts
        if each.draft.steps[r.step - 1].verb is Verb.VOID
    }
    for number in set(after["Payment"]) - set(before["Payment"]):
        for line in after["Payment"][number].get("Line", ()):
            for linked in line.get("LinkedTxn", ()):
                if linked["TxnType"] == "Invoice":
                    paid[linked["TxnId"]] += Decimal(str(line["Amount"]))  # type: ignore[assignment]
    for number, record in before["Invoice"].items():
        if number in void or number not in after["Invoice"]:
            continue
        was, now = record["Balance"], after["Invoice"][number]["Balance"]
        if Decimal(str(was)) - Decimal(str(now)) != paid[number]:
            yield f"Invoice {number}: {was} became {now}, paid {paid[number]}"


# --- people -----------------------------------------------------------------------


def of_wishes(
    world: World, wishes: Iterable[Wish], found: Sequence[Proposal]
) -> Iterator[str]:
    """Nothing that was acknowledged is lost."""
    numbers = {each.number for each in found}
    for wish in wishes:
        if wish.number and wish.number not in numbers:
            yield f"{wish.number} was shown, and is gone"
        for thread in wish.acknowledged:
            if not world.slack.in_thread(thread):
                yield f"“{wish.words}” was acknowledged, and came to nothing"


def of_statuses(found: Iterable[Proposal]) -> Iterator[str]:
    """Every proposal has ended."""
    for each in unfinished(found):
        yield f"{each.number} is {each.status}, {each.reason or 'not compared'}"


@dataclass
class Shown:
    """What the chat held at the end."""

    messages: int = 0
    strays: int = 0
    doubled: int = 0


async def of_messages(
    world: World, found: Sequence[Proposal], shown: Shown
) -> list[str]:
    """Every message shows its proposal as it is now, and none stands too often."""
    breaches, known = list[str](), set[str]()
    for each in found:
        for notice in await world.parts.desk.notices(each.id):
            if notice.message and notice.place.startswith('["slack"'):
                known.add(notice.message)
                breaches += await _in_step(world, each, notice)
    async with world.parts.engine.connect() as connection:
        told = Counter(
            await connection.scalars(sa.text("SELECT sentence FROM telling"))
        )
    return [
        *breaches,
        *_standing(world, found, known, shown),
        *_told(world, told, shown),
    ]


def _standing(
    world: World, found: Sequence[Proposal], known: set[str], shown: Shown
) -> Iterator[str]:
    """Nothing stands too often, and nothing of which nobody knows."""
    revisions = {each.number: each.revision for each in found}
    cards: Counter[tuple[str, str]] = Counter()
    for message in world.slack.messages.values():
        if message.ephemeral_to is not None:
            continue
        shown.messages += 1
        number = number_of(message)
        if number is None:
            continue
        cards[message.channel, number] += 1
        if f"{message.channel}/{message.ts}" not in known:
            shown.strays += 1
            yield f"{number}: {message.channel}/{message.ts} is a stray"
    for (channel, number), times in cards.items():
        # A revision is a new card below the one before it.
        if times > _COPIES_MAX * revisions.get(number, 1):
            yield f"{number} stands {times} times in {channel}"


def _told(world: World, told: Counter[str], shown: Shown) -> Iterator[str]:
    """What people had to be told was told, and hardly ever twice."""
    heard: Counter[tuple[str, str]] = Counter()
    words = {sentence: _words(sentence)[:_SAID_MAX] for sentence in told}
    for message in world.slack.messages.values():
        text = _words(html.unescape(message.text))
        for sentence in told:
            if message.ephemeral_to is None and words[sentence] in text:
                heard[message.channel, sentence] += 1
    for (channel, sentence), times in heard.items():
        shown.doubled += max(0, times - told[sentence])
        if times > _COPIES_MAX * told[sentence]:
            yield f"said {times} times in {channel}: {sentence}"
    said = {sentence for _, sentence in heard}
    yield from (f"told to nobody: {sentence}" for sentence in told.keys() - said)


# Of a long sentence so much is looked for; the rest may stand elsewhere.
_SAID_MAX = 80


def _words(text: str) -> str:
    """Letters and digits alone: addresses are written so that they are no links."""
    return re.sub(r"[\W_]", "", text)


async def _in_step(world: World, each: Proposal, notice: Notice) -> list[str]:
    """Whether a message shows what it would be made of now."""
    people = world.parts.people
    viewer = await people.person(notice.viewer_id) if notice.viewer_id else None
    card = await world.parts.notices._card(notice, each, viewer)
    message = _message(world, notice.message or "")
    if message is None:
        return [f"{each.number}: the message {notice.message} is gone"]
    if _unmarked(message.blocks) != _unmarked(rendering.payload(card)["blocks"]):
        return [f"{each.number} is {each.status}; {notice.message} shows otherwise"]
    return []


def _unmarked(blocks: Iterable[Json]) -> list[Json]:
    """Blocks without what nobody sees."""
    return [
        {key: value for key, value in block.items() if key != "block_id"}
        for block in blocks
    ]


def _message(world: World, said: str) -> Message | None:
    channel, _, ts = said.partition("/")
    return world.slack.messages.get((channel, ts))


async def of_trail(world: World) -> list[str]:
    """Every chain is as it was written."""
    found = await checked(world.parts.desk.audit, {})
    return [f"{e.name}: {' '.join(e.sentences)}" for e in found if not e.sound]
