"""What became of a step: the search after an unknown outcome, and the read-back.

Nothing here writes to QuickBooks. A record is ours when every field sent is so in
it and, where the record has a memo, our mark is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from qbo.books import Draft, Money, Receipt, Shown, Step, Verb, made_ids
from qbo.client import Client
from qbo.faults import UNSUPPORTED, Ambiguous, Refused
from qbo.lookup import preflight
from qbo.mirror import moment
from qbo.wire import records, statements
from qbo.wire.exact import Json, at, loads, number
from qbo.wire.readback import (
    Difference,
    carries,
    differences,
    differing,
    is_marked_otherwise,
    tax_is_near,
    without_note,
)

# What is left of a difference between Intuit's clock and ours once it is known, and
# how wide is searched before it is.
SKEW: Final = timedelta(minutes=5)
_WINDOW: Final = timedelta(days=1)
_GONE: Final = "610"
_NUMBERS_AT_ONCE: Final = 50
_PARTIES: Final = ("CustomerRef", "VendorRef")
# They have no number of their own that people could name, or need not have one.
_UNNUMBERED: Final = frozenset({"Payment", "Bill", "BillPayment", "Purchase"})
_TAXED: Final = frozenset({"Invoice", "CreditMemo", "Bill", "Purchase"})


@dataclass(frozen=True, slots=True)
class _Read:
    """Records as they were read, and how far our clock is ahead of QuickBooks'.

    `ahead` is None where the answer does not say what time it was.
    """

    rows: list[Json]
    ahead: timedelta | None

    def earliest(self, start: datetime) -> datetime:
        """When, at the earliest, what began at `start` reached QuickBooks.

        By our clock and by theirs: neither a clock that is wrong now nor one that
        was set right since the attempt hides anything.
        """
        theirs = start if self.ahead is None else start - self.ahead
        return min(start, theirs) - SKEW

    def since(self, start: datetime) -> list[Json]:
        """The records made no earlier than what began at `start`."""
        earliest = self.earliest(start)
        return [
            each
            for each in self.rows
            if (made := moment(at(each, "MetaData.CreateTime"))) is None
            or made >= earliest
        ]


class Tracing:
    """Looks in QuickBooks for what a step was to do."""

    def __init__(self, client: Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def records(
        self, company: str, entity: str, ids: Sequence[str]
    ) -> dict[str, Json]:
        """Records by id as QuickBooks has them now; those that are gone are absent.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        if len(ids) == 1:
            found = await self.record(company, entity, ids[0])
            return {} if found is None else {ids[0]: found}
        read = await self._selected(company, entity, statements.among("Id", ids))
        return {str(each["Id"]): each for each in read.rows}

    async def record(self, company: str, entity: str, record_id: str) -> Json | None:
        """One record as QuickBooks has it now, None where it is gone.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        read = await self._read(company, entity, record_id)
        return read.rows[0] if read.rows else None

    async def every(self, company: str, entity: str) -> list[Json]:
        """All records of a list as QuickBooks has them now, inactive ones too.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        return (await self._selected(company, entity)).rows

    async def holder(self, company: str, step: Step) -> tuple[str, Json] | None:
        """The active record that has the name which a step gives: its list, and it.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        body: Json = loads(step.body)
        key = "Name" if step.entity == "Item" else "DisplayName"
        if key not in body:
            return None
        shared = ("Customer", "Vendor", "Employee")
        for entity in shared if step.entity in shared else (step.entity,):
            same = statements.equals(key, str(body[key]))
            for each in (await self._selected(company, entity, same)).rows:
                if each.get("Active", True) and str(each["Id"]) != step.record_id:
                    return entity, each
        return None

    async def _read(self, company: str, entity: str, record_id: str) -> _Read:
        try:
            reply = await self._client.get(company, f"{entity.lower()}/{record_id}")
        except Refused as no:
            if no.code == _GONE:
                return _Read([], None)
            raise
        found: Json | None = reply.json.get(entity)
        is_gone = found is None or found.get("status") == "Deleted"
        rows = [] if found is None or is_gone else [found]
        return _Read(rows, self._ahead(reply.json))

    def _ahead(self, answer: Json) -> timedelta | None:
        """How far our clock is ahead, by the time that QuickBooks put on an answer."""
        theirs = moment(answer.get("time"))
        return None if theirs is None else self._now() - theirs

    async def _selected(self, company: str, entity: str, *conditions: str) -> _Read:
        rows: list[Json] = []
        while True:
            statement = statements.select(entity, *conditions, start=len(rows) + 1)
            reply = await self._client.query(company, statement)
            page = (reply.json.get("QueryResponse") or {}).get(entity, [])
            rows += page
            if len(page) < statements.PAGE_ROWS:
                return _Read(rows, self._ahead(reply.json))

    async def numbered(
        self, company: str, entity: str, numbers: Sequence[str]
    ) -> list[Json]:
        """The documents of one kind that carry one of these numbers.

        None where the company's subscription does not know the kind.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        found: list[Json] = []
        for start in range(0, len(numbers), _NUMBERS_AT_ONCE):
            part = numbers[start : start + _NUMBERS_AT_ONCE]
            try:
                read = await self._selected(
                    company, entity, statements.among("DocNumber", part)
                )
            except Refused as no:
                if no.code == UNSUPPORTED:
                    return []
                raise
            found += read.rows
        return found

    async def find(
        self,
        draft: Draft,
        step: Step,
        receipts: Sequence[Receipt],
        first_attempt_at: datetime,
    ) -> Json | None:
        """The record that a step has made or changed; None where it did not.

        Raises:
            Ambiguous: something carries our mark but is not what was approved, or
                several records are: a person has to look.
            BooksFault: QuickBooks could not be read.
        """
        if step.verb is Verb.CREATE:
            return await self._created(draft, step, first_attempt_at)
        record_id = known_id(step, receipts)
        found = await self._read(draft.company, step.entity, record_id)
        if step.verb is Verb.DELETE:
            # Gone is done, whoever did it.
            return None if found.rows else _stub(record_id)
        if not found.rows:
            return None
        record = found.rows[0]
        if step.verb is Verb.SEND:
            before = _relied_delivery(draft, record_id)
            earliest = found.earliest(first_attempt_at)
            return record if _is_sent_by(record, earliest, before) else None
        return None if differences(step, record) else record

    async def candidates(
        self,
        draft: Draft,
        step: Step,
        first_attempt_at: datetime,
        *,
        unmarked: bool = False,
    ) -> list[Json]:
        """The records that may be what a step has created, equal to it or not.

        They carry our mark; with `unmarked` also those without one that are equal in
        all the rest: party, number, lines and so the total, and date.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        body: Json = loads(step.body)
        since = statements.since("MetaData.CreateTime", first_attempt_at - _WINDOW)
        key = "Name" if step.entity == "Item" else "DisplayName"
        name = body.get(key)
        whose = statements.equals(key, str(name)) if name else _whose(body)
        read = await self._selected(draft.company, step.entity, whose, since)
        found = read.since(first_attempt_at)
        if not name:
            mark = f"Ref {draft.ref}"
            found = [
                each
                for each in found
                if carries(mark, each) or (unmarked and _is_like(step, mark, each))
            ]
        return found

    async def _created(
        self, draft: Draft, step: Step, first_attempt_at: datetime
    ) -> Json | None:
        found = await self.candidates(draft, step, first_attempt_at, unmarked=True)
        equal = [each for each in found if not differences(step, each)]
        if len(equal) == 1:
            return equal[0]
        if equal:
            raise Ambiguous(
                f"QuickBooks has {len(equal)} records that are what was approved"
                f" ({_numbers(equal)}). Somebody has to look which one is right.",
                about=step.entity.lower(),
                choices=tuple(_number(each) for each in equal),
            )
        if found:
            raise Ambiguous(
                f"QuickBooks has {step.entity.lower()} {_numbers(found)}, entered at"
                f" that time for {draft.ref}, but it is not what was approved. Somebody"
                " has to look.",
                about=step.entity.lower(),
                choices=tuple(_number(each) for each in found),
            )
        return None

    async def match(
        self,
        draft: Draft,
        step: Step,
        doc_number: str,
        first_attempt_at: datetime | None,
    ) -> Json | None:
        """The record that a person names, if it is what the step was to make.

        The memo may differ, since a person vouches for it, but it may not be marked
        as another proposal's, nor may the record be older than the first attempt.
        What need not have a number of its own (a payment, a bill, an expense) is also
        meant by its reference or by QuickBooks' id.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        wanted = doc_number.strip()
        if step.verb is not Verb.CREATE:
            assert step.record_id is not None, "a change of an unknown record"
            record = await self.record(draft.company, step.entity, step.record_id)
            if step.verb is Verb.DELETE:
                is_it = record is None and wanted == step.record_id
                return _stub(step.record_id) if is_it else None
            is_it = record is not None and wanted in (_number(record), step.record_id)
            return (
                record if is_it and record and not differences(step, record) else None
            )
        body: Json = loads(step.body)
        if step.entity in ("Customer", "Vendor", "Item"):
            key = "Name" if step.entity == "Item" else "DisplayName"
            found = await self._selected(
                draft.company, step.entity, statements.equals(key, wanted)
            )
        elif step.entity in _UNNUMBERED:
            found = await self._selected(draft.company, step.entity, _whose(body))
        else:
            found = await self._selected(
                draft.company, step.entity, statements.equals("DocNumber", wanted)
            )
        rows = found.rows
        if step.entity in _UNNUMBERED:
            names = ("Id", "DocNumber", "PaymentRefNum")
            rows = [each for each in rows if wanted in (each.get(n) for n in names)]
        if first_attempt_at is not None:
            young = found.since(first_attempt_at)
            rows = [each for each in rows if each in young]
        mark = f"Ref {draft.ref}"
        equal = [
            each
            for each in rows
            if not without_note(step, each) and not is_marked_otherwise(mark, each)
        ]
        return equal[0] if len(equal) == 1 else None


def _whose(body: Json) -> str:
    """A condition that all documents of the same party hold, or of the same day.

    Whom an expense was paid to cannot surely be asked for (quickbooks.md 3.5).
    """
    for name in _PARTIES:
        if found := records.ref_id(body, name):
            return statements.equals(name, found)
    return statements.equals("TxnDate", str(body["TxnDate"]))


def _is_like(step: Step, mark: str, record: Json) -> bool:
    """Whether a record without our mark is what a step was to make but for that.

    Somebody may have taken the mark off it, or entered the same by hand: with the
    same number, lines and date it is never taken for none, and sent again.
    """
    return not is_marked_otherwise(mark, record) and not without_note(step, record)


def known_id(step: Step, receipts: Sequence[Receipt]) -> str:
    """The id of the record that a step changes, or of what an earlier step made."""
    if step.record_id is not None:
        return step.record_id
    for mark, record_id in made_ids(receipts).items():
        if mark in step.path:
            return record_id
    raise AssertionError("a step that waits for one not yet posted")


def filled_path(step: Step, receipts: Sequence[Receipt]) -> str:
    """A step's path with the ids of what earlier steps made.

    Raises:
        Refused: the line of a batch that it waits for was not posted ("preflight").
    """
    path = step.path
    for mark, record_id in made_ids(receipts).items():
        if mark in path and not record_id:
            raise preflight(
                "The document was not posted, so it was not e-mailed either."
            )
        path = path.replace(mark, record_id)
    assert "{" not in path, "a step that waits for one not yet posted"
    return path


def _stub(record_id: str) -> Json:
    """What QuickBooks itself leaves of a deleted record."""
    return {"Id": record_id, "status": "Deleted"}


def receipt(
    place: int, step: Step, record: Json, posted_at: datetime, tid: str | None
) -> Receipt:
    """The receipt of a step, from the record as QuickBooks gave it."""
    total = record.get("TotalAmt")
    currency = records.ref_id(record, "CurrencyRef")
    return Receipt(
        step=place,
        entity=step.entity,
        record_id=str(record["Id"]),
        # What is left of a deleted record has none.
        sync_token=str(record.get("SyncToken") or ""),
        doc_number=records.text(record, "DocNumber"),
        intuit_tid=tid,
        posted_at=posted_at,
        total=Money(number(total), currency)
        if total is not None and currency
        else None,
    )


def compared(draft: Draft, given: Receipt, record: Json | None) -> Receipt:
    """A receipt with what differs between the step and the record as read back."""
    step = draft.steps[given.step - 1]
    if record is None and step.verb is Verb.DELETE:
        return replace(given, compared=True, differences=(), differing=())
    if record is None:
        return replace(
            given,
            compared=True,
            differences=("QuickBooks no longer has this record.",),
            differing=(Shown("Record", "no longer there", "posted"),),
        )
    found = [*differing(step, record), *_amount_differences(draft, step, record)]
    return replace(
        given,
        doc_number=records.text(record, "DocNumber") or given.doc_number,
        sync_token=str(record["SyncToken"]),
        compared=True,
        differences=tuple(each.sentence for each in found),
        differing=tuple(Shown(each.label, each.got, each.sent) for each in found),
    )


def _has_new_lines(step: Step) -> bool:
    """Whether a step changes the lines of an invoice, and so what it amounts to."""
    is_change = step.verb is Verb.UPDATE and step.entity == "Invoice"
    return is_change and "Line" in loads(step.body)


def _amount_differences(draft: Draft, step: Step, record: Json) -> list[Difference]:
    """What QuickBooks computed, against what was shown: tax, total, and the rest."""
    is_new = step.verb is Verb.CREATE or _has_new_lines(step)
    if not is_new or draft.total is None:
        return []
    if step.entity == "Payment":
        sent = loads(step.body)
        applied = sum(
            (number(line["Amount"]) for line in sent.get("Line", ())), Decimal(0)
        )
        rest = number(sent["TotalAmt"]) - applied
        unapplied = number(record.get("UnappliedAmt"))
        if unapplied != rest:
            label, sent, got = "Not applied to invoices", rest, unapplied
            return [_amount("UnappliedAmt", label, f"{sent:,.2f}", f"{got:,.2f}")]
        return []
    is_one_of_several = step.entity == "CreditMemo" and len(draft.steps) > 1
    if step.entity not in _TAXED or is_one_of_several:
        return []
    tax = number(at(record, "TxnTaxDetail.TotalTax"))
    found = []
    if draft.tax is not None and not tax_is_near(draft.tax.amount, tax):
        charged_tax = str(Money(tax, draft.tax.currency))
        found.append(
            _amount("TxnTaxDetail", "Tax", str(draft.tax), charged_tax, "estimated")
        )
    estimate = draft.tax.amount if draft.tax else Decimal(0)
    net = draft.total.amount - estimate
    charged = number(record.get("TotalAmt")) - tax
    if net != charged:
        label = "Total before tax"
        found.append(_amount("TotalAmt", label, f"{net:,.2f}", f"{charged:,.2f}"))
    return found


def _amount(
    name: str, label: str, sent: str, got: str, word: str = "shown"
) -> Difference:
    told = f"{label}: {word} {sent}, in QuickBooks {got}."
    return Difference(name, label, sent, got, told)


def _relied_delivery(draft: Draft, record_id: str) -> str | None:
    """When the document had last been e-mailed as the draft was made (JSON text)."""
    for reliance in draft.reliances:
        if reliance.record_id == record_id:
            return dict(reliance.fields).get("DeliveryInfo.DeliveryTime")
    return None


def _is_sent_by(record: Json, earliest: datetime, before: str | None) -> bool:
    """Whether an attempt that began no earlier than `earliest` e-mailed it.

    What was so when the draft was made, and still is, proves nothing. A mail since
    then is this attempt's, or nobody knows whose: it is never taken for none, for
    then it would be sent again. The address is left to the read-back: QuickBooks may
    keep another one than it sent to.

    Raises:
        Ambiguous: it was e-mailed, and nobody can say whether that was this attempt.
    """
    if not records.is_sent(record):
        return False
    given = at(record, "DeliveryInfo.DeliveryTime")
    when = moment(given)
    if before is None and when is None:
        # A record that this very draft made: nobody e-mailed it before.
        return True
    if when is None:
        raise Ambiguous(
            f"{_number(record)} was e-mailed, but QuickBooks does not say when."
            " Somebody has to look whether it was this time.",
            about="invoice",
        )
    if before is not None and loads(before) == given:
        return False
    if when < earliest:
        raise Ambiguous(
            f"{_number(record)} was e-mailed, as it seems before I tried. Somebody has"
            " to look whether the customer has it.",
            about="invoice",
        )
    return True


def _number(record: Json) -> str:
    return str(record.get("DocNumber") or record["Id"])


def _numbers(found: Sequence[Json]) -> str:
    return ", ".join(_number(each) for each in found)
