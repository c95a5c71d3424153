"""What became of records after they were posted, read from the mirror.

The mirror says which records changed or went since a moment; each is then compared
with what a step has posted to it, by the named normalisations of the read-back. What
goes round us is told from what moves by itself: balances, links, tokens and the
state of e-mails are no changes.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select

from qbo.batching import alone
from qbo.books import Became, Draft, Money, Receipt, Shown, Step, Verb
from qbo.mirror import LINES, RECORDS, Mirror, moment
from qbo.tombstones import GONE
from qbo.tracing import Tracing
from qbo.wire import records
from qbo.wire.exact import Json, at, loads, number
from qbo.wire.readback import AUTO_NUMBER, Difference, differing, shown

GONE_DIGEST: Final = "gone"
# write-path.md names these: they move without anybody changing the record.
_MOVING: Final = frozenset(
    {"Balance", "LinkedTxn", "EmailStatus", "DeliveryInfo", "SyncToken", "Id"}
)
_LISTS: Final = frozenset({"Customer", "Vendor", "Item", "Account"})
# What a payment settles is a link, though it is written as lines.
_LINKS: Final = {"Payment": frozenset({"Line"}), "BillPayment": frozenset({"Line"})}
_NOUNS: Final = {
    "CreditMemo": "Credit memo",
    "BillPayment": "Bill payment",
    "Purchase": "Expense",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A record that differs from how it was before; `digest` of how it is now."""

    entity: str
    record_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as it was just read; `record` is None where QuickBooks has it not.

    `currency` is the company's own; `settled_on` the date of the latest payment.
    """

    entity: str
    record_id: str
    record: Json | None
    digest: str
    currency: str
    settled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """One write of ours to one record: a step, or a line of a step (`part`)."""

    draft: Draft
    receipt: Receipt
    part: str = ""

    @property
    def step(self) -> Step:
        """The request, as if it had been one of its own."""
        step = self.draft.steps[self.receipt.step - 1]
        for part in step.parts:
            if part.key == self.part:
                return alone(self.draft, step, part).steps[0]
        return step

    @property
    def given(self) -> tuple[str | None, Money | None, tuple[str, ...]]:
        """What QuickBooks gave back: number, total, and what differed at once."""
        for part in self.receipt.parts:
            if part.key == self.part:
                return part.doc_number, part.total, part.differences
        return self.receipt.doc_number, self.receipt.total, self.receipt.differences


class Following:
    """Reads what became of records."""

    def __init__(
        self,
        mirror: Mirror,
        tracing: Tracing,
        currency: Callable[[str], Awaitable[str]],
    ) -> None:
        self._mirror = mirror
        self._tracing = tracing
        self._currency = currency

    async def changed(self, company: str, since: datetime) -> tuple[Mark, ...]:
        """The records that changed or went since then, as far as the mirror knows.

        `since` is by our clock. A record may be among them again.
        """
        here = RECORDS.c.company == company
        rows = await self._mirror.rows(
            select(RECORDS.c.entity, RECORDS.c.id, RECORDS.c.digest).where(
                here, RECORDS.c.changed_at >= since
            )
        )
        there = (
            select(RECORDS.c.id)
            .where(here, RECORDS.c.entity == GONE.c.entity, RECORDS.c.id == GONE.c.id)
            .exists()
        )
        gone = await self._mirror.rows(
            select(GONE.c.entity, GONE.c.id).where(
                GONE.c.company == company, GONE.c.gone_at >= since, ~there
            )
        )
        marks = [Mark(row.entity, row.id, row.digest) for row in rows]
        marks += [Mark(row.entity, row.id, GONE_DIGEST) for row in gone]
        return tuple(marks)

    async def seen(self, company: str, entity: str, record_id: str) -> Seen:
        """A record as the mirror has it; what is missing there is read live.

        Raises:
            BooksFault: it is not in the mirror, and QuickBooks could not be read.
        """
        record = await self._mirror.record(company, entity, record_id)
        if record is None:
            # A reading in pages may have missed it: only QuickBooks can tell.
            record = await self._tracing.record(company, entity, record_id)
            if record is not None:
                await self._mirror.put(company, entity, [record])
        digest = GONE_DIGEST
        if record is not None:
            rows = await self._mirror.rows(
                select(RECORDS.c.digest).where(
                    RECORDS.c.company == company,
                    RECORDS.c.entity == entity,
                    RECORDS.c.id == record_id,
                )
            )
            digest = rows[0].digest if rows else ""
        return Seen(
            entity,
            record_id,
            record,
            digest,
            await self._currency(company),
            await self._settled_on(company, entity, record_id),
        )

    async def _settled_on(
        self, company: str, entity: str, record_id: str
    ) -> date | None:
        """The date of the latest payment that the mirror knows of a document."""
        rows = await self._mirror.rows(
            select(func.max(RECORDS.c.txn_date)).where(
                RECORDS.c.company == company,
                RECORDS.c.entity == LINES.c.entity,
                RECORDS.c.id == LINES.c.record_id,
                RECORDS.c.voided.is_(False),
                LINES.c.company == company,
                LINES.c.target == entity,
                LINES.c.target_id == record_id,
            )
        )
        found: date | None = rows[0][0]
        return found


def became(seen: Seen, posted: Posted, later: Sequence[Posted] = ()) -> Became:
    """What a record is now beside what was posted to it; pure.

    `later` are our own writes to the same record since then.
    """
    doc_number, total, _ = posted.given
    name = _name(seen, doc_number)
    if seen.record is None:
        return Became(name, exists=False, total=total)
    record = seen.record
    changes = _changes(seen, posted, later)
    told = "\n".join(f"{each.label}\0{each.before}\0{each.value}" for each in changes)
    return Became(
        name=name,
        voided=records.is_voided(record),
        total=_money(seen, record.get("TotalAmt")),
        balance=_open(seen, record),
        settled_on=seen.settled_on,
        mailed=records.is_sent(record),
        mailed_at=moment(at(record, "DeliveryInfo.DeliveryTime")),
        changes=changes,
        digest=hashlib.sha256(told.encode()).hexdigest()[:32] if changes else "",
    )


def _name(seen: Seen, doc_number: str | None) -> str:
    noun = _NOUNS.get(seen.entity, seen.entity)
    record = seen.record or {}
    if seen.entity in _LISTS and seen.record is not None:
        return f"{noun} {shown(records.plain_name(records.label(record)))}"
    known = records.text(record, "DocNumber") or doc_number
    return f"{noun} {shown(known)}" if known else f"{noun} {seen.record_id}"


def _money(seen: Seen, value: object) -> Money | None:
    if value is None:
        return None
    used = records.currency(seen.record or {}, seen.currency)
    return Money(number(value), used)


def _open(seen: Seen, record: Json) -> Money | None:
    """What of a document is not settled yet; None where that means nothing."""
    if seen.entity in ("Invoice", "Bill"):
        return _money(seen, record.get("Balance", Decimal(0)))
    if seen.entity == "CreditMemo":
        return _money(seen, records.remaining_credit(record))
    return None


def _changes(seen: Seen, posted: Posted, later: Sequence[Posted]) -> tuple[Shown, ...]:
    """The values posted that are others now, but for those that we changed later."""
    record, step = seen.record, posted.step
    assert record is not None, "a record that is gone has no values"
    if step.verb in (Verb.SEND, Verb.DELETE):
        return ()
    ours = _written_later(later)
    if ours is None:
        return ()
    ours |= _MOVING | _LINKS.get(seen.entity, frozenset())
    _, _, known = posted.given
    found = [
        Shown(each.label, each.got, each.sent)
        for each in (*differing(step, record), *_given_back(seen, posted))
        if each.name not in ours and each.sentence not in known
    ]
    return tuple(found)


def _written_later(later: Sequence[Posted]) -> frozenset[str] | None:
    """The fields that later steps of ours have written; None: all of them."""
    names: set[str] = set()
    for each in later:
        step = each.step
        match step.verb:
            case Verb.VOID | Verb.DELETE:
                return None
            case Verb.SEND:
                names.add("BillEmail")
            case _:
                names |= set(loads(step.body))
    if "Line" in names:
        names.add("TotalAmt")
    if "SalesTermRef" in names:
        names.add("DueDate")  # QuickBooks works it out anew
    return frozenset(names)


def _given_back(seen: Seen, posted: Posted) -> Sequence[Difference]:
    """What QuickBooks gave back, and is not so any more: number, total, active."""
    step, record = posted.step, seen.record
    assert record is not None, "a record that is gone gives nothing back"
    if step.verb not in (Verb.CREATE, Verb.UPDATE):
        return ()
    sent: Json = loads(step.body)
    doc_number, total, _ = posted.given
    found = []
    if doc_number and sent.get("DocNumber") in (None, AUTO_NUMBER):
        now = records.text(record, "DocNumber")
        if now != doc_number:
            found.append(_was("DocNumber", "Number", shown(doc_number), shown(now)))
    current = _money(seen, record.get("TotalAmt"))
    is_known = total is not None and current is not None and "TotalAmt" not in sent
    if is_known and current != total:
        found.append(_was("TotalAmt", "Total", str(total), str(current)))
    is_off = seen.entity in _LISTS and not record.get("Active", True)
    if is_off and "Active" not in sent:
        found.append(_was("Active", "Active", "yes", "no"))
    return found


def _was(name: str, label: str, before: str, now: str) -> Difference:
    return Difference(name, label, before, now, f"{label}: {before}, now {now}.")
