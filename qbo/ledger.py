"""Ledger: the one door to the books.

    answer   what people ask, from the mirror or from QuickBooks' own reports
    draft    a change as exact steps, with all that is shown of it
    check, post, find, read_back, match   what the desk needs to apply a draft

Only `post` writes to QuickBooks, and it sends exactly a step's bytes, once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from qbo import asks, lookup
from qbo.asks import Ask, Change
from qbo.batching import Batching
from qbo.books import (
    Answer,
    Circumstances,
    Company,
    Document,
    Draft,
    Name,
    Names,
    Receipt,
    Standing,
    Step,
    Value,
    Verb,
)
from qbo.client import Client
from qbo.connection import Connection
from qbo.drafting import (
    amendment,
    batch,
    bill,
    circumstances,
    credit,
    customer,
    expense,
    invoice,
    item,
    namesakes,
    payment,
    reverses,
    standing,
    vendor,
)
from qbo.drafting.assembly import Around, digest_of
from qbo.faults import (
    BooksFault,
    Disconnected,
    Forbidden,
    NotFound,
    NotTaken,
    Refused,
    Stale,
    Unconfirmed,
    Unreachable,
)
from qbo.following import Following
from qbo.lookup import preflight
from qbo.mirror import RECORDS, Mirror
from qbo.numbering import Numbering
from qbo.oauth import State
from qbo.questions import Questions
from qbo.reports import Reports
from qbo.sync import ANY_AGE, Freshness, Sync, SyncStatus
from qbo.tracing import Tracing, compared, filled_path, receipt
from qbo.wire import records
from qbo.wire.exact import Json, loads

# Well within the lease of whoever posts.
_HOLDER_SECONDS = 15
_NUMBER_TAKEN = "6140"
_RECORDS_SOURCE = "your QuickBooks records"
_REPORT_SOURCE = "QuickBooks' own report"


class Ledger:
    """The books of all connected companies; `company` arguments are `Company.id`."""

    def __init__(
        self,
        client: Client,
        connection: Connection,
        engine: AsyncEngine,
        now: Callable[[], datetime],
        *,
        fresh_seconds: int = 30,
    ) -> None:
        self._client = client
        self._connection = connection
        self._now = now
        self._fresh_seconds = fresh_seconds
        self._mirror = Mirror(engine, now)
        self._sync = Sync(client, self._mirror, now)
        self._reports = Reports(client)
        self._tracing = Tracing(client, now)
        self._numbering = Numbering(engine, now)
        self.following = Following(self._mirror, self._tracing, self._currency)
        self._batching = Batching(client, self._tracing, self._mirror, now)
        self._names: dict[str, tuple[tuple[int, tuple[str, ...]], Names]] = {}

    # --- the local copy ---------------------------------------------------------

    async def load(self, company: str) -> None:
        """Read a company's books whole.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        await self._sync.load(company)

    async def sync(self, company: str, *, force: bool = False) -> SyncStatus:
        """Freshen the local copy now; `force` reads everything anew.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        if force:
            await self._sync.load(company)
        else:
            await self._sync.freshen(company, ANY_AGE)
        return await self._sync.status(company)

    async def status(self, company: str) -> SyncStatus:
        """How the local copy stands."""
        return await self._sync.status(company)

    async def forget(self, company: str) -> None:
        """Drop the local copy of a company that was disconnected."""
        self._names.pop(company, None)
        await self._mirror.forget(company)

    async def _currency(self, company: str) -> str:
        return (await self._company(company)).currency

    async def _company(self, company: str) -> Company:
        """The company as its books describe it; refused once it is disconnected."""
        connected = await self._connection.company(company)
        if connected.state is State.DISCONNECTED:
            raise Disconnected(
                f"{connected.company.name} is no longer connected to QuickBooks. An"
                " administrator can connect it again with /connect.",
                company=company,
            )
        return await lookup.facts(self._mirror, connected.company)

    # --- reading ----------------------------------------------------------------

    async def answer(
        self, company: str, ask: Ask, *, today: date, every: bool = False
    ) -> Answer:
        """What the books say; `today` is the day of who asks.

        With `every` a list has all its rows, where no limit was asked for.

        Raises:
            NotFound, Ambiguous: a name or number means no record, or several.
            BooksFault: QuickBooks could not be read and there is no copy.
        """
        if isinstance(ask, asks.ProfitAndLoss | asks.BalanceSheet | asks.CashFlow):
            return await self._statement(company, ask, today)
        fresh = await self._sync.freshen(company, self._fresh_seconds)
        known = await self._company(company)
        if isinstance(ask, asks.ReceivablesAging | asks.PayablesAging):
            return await self._aging(known, ask, today)
        working: Sequence[str]
        value: Value
        if isinstance(ask, asks.InvoicePdf):
            value, working = await self._pdf(known, ask, today)
        elif isinstance(ask, asks.CompanyInfo):
            value, working = known, ()
        else:
            questions = Questions(self._mirror, known, today, every=every)
            value, working = await questions.answer(ask)
        if fresh.trouble:
            working = [fresh.trouble, *working]
        return Answer(known, value, _RECORDS_SOURCE, fresh.as_of, today, tuple(working))

    async def refreshed(
        self, company: str, ask: Ask, entity: str, record_id: str, *, today: date
    ) -> Answer:
        """The answer about one record, which is read from QuickBooks this moment.

        What else the answer holds of a customer or vendor, their documents, is
        freshened with it. A record that got another name or number is still meant.

        Raises:
            NotFound: QuickBooks no longer has it.
            BooksFault: QuickBooks could not be read.
        """
        if entity in ("Customer", "Vendor"):
            _check_fresh(await self._sync.freshen(company, ANY_AGE))
        record = await self._tracing.record(company, entity, record_id)
        if record is None:
            raise NotFound(
                f"QuickBooks no longer has this {entity.lower()}. (Nothing has been"
                " changed.)",
                kind=entity.lower(),
                name=record_id,
            )
        as_of = self._now()
        await self._mirror.put(company, entity, [record])
        known = await self._company(company)
        asked = _of(ask, entity, record)
        value, working = await Questions(self._mirror, known, today).answer(asked)
        return Answer(known, value, "", as_of, today, tuple(working), is_live=True)

    async def _statement(
        self,
        company: str,
        ask: asks.ProfitAndLoss | asks.BalanceSheet | asks.CashFlow,
        today: date,
    ) -> Answer:
        known = await self._company(company)
        as_of = self._now()
        if isinstance(ask, asks.ProfitAndLoss):
            value, working = await self._reports.profit_and_loss(known, ask, today)
        elif isinstance(ask, asks.CashFlow):
            value, working = await self._reports.cash_flow(known, ask, today)
        else:
            value, working = await self._reports.balance_sheet(known, ask, today)
        return Answer(known, value, _REPORT_SOURCE, as_of, today, tuple(working))

    async def _aging(
        self,
        company: Company,
        ask: asks.ReceivablesAging | asks.PayablesAging,
        today: date,
    ) -> Answer:
        entity, name = (
            ("Customer", ask.customer)
            if isinstance(ask, asks.ReceivablesAging)
            else ("Vendor", ask.vendor)
        )
        ids: tuple[str, ...] = ()
        if name is not None:
            found = await lookup.named(self._mirror, company.id, entity, name)
            ids = await lookup.below(self._mirror, company.id, entity, str(found["Id"]))
        as_of = self._now()
        value, working = await self._reports.aged(company, ask, ids, today)
        return Answer(company, value, _REPORT_SOURCE, as_of, today, tuple(working))

    async def _pdf(
        self, company: Company, ask: asks.InvoicePdf, today: date
    ) -> tuple[Document, Sequence[str]]:
        questions = Questions(self._mirror, company, today)
        found, working = await questions.invoice(asks.InvoiceShow(invoice=ask.invoice))
        content = await self._client.download(
            company.id, f"invoice/{found.id}/pdf", "application/pdf"
        )
        safe = "".join(
            each for each in found.doc_number if each.isalnum() or each in "-_"
        )
        name = f"Invoice {safe or found.id}.pdf"
        return Document(name, "application/pdf", content), working

    async def names(self, company: str) -> Names:
        """All names that a message may mean; as far as known when unreachable.

        Raises:
            BooksFault: there is no copy yet and QuickBooks cannot be read.
        """
        try:
            await self._sync.freshen(company, self._fresh_seconds)
        except NotTaken:
            state = await self._mirror.state(company)
            if state.loaded_at is None:
                raise
        known = await self._company(company)
        state = await self._mirror.state(company)
        connected = await self._connection.company(company)
        others = await self._connection.companies(connected.workspace)
        companies = tuple(each.company.name for each in others)
        key = (state.version, companies)
        kept = self._names.get(company)
        if kept is not None and kept[0] == key:
            return kept[1]
        found = await self._read_names(known, companies)
        self._names[company] = (key, found)
        return found

    async def _read_names(self, company: Company, companies: tuple[str, ...]) -> Names:
        rows = await self._mirror.rows(
            select(RECORDS.c.entity, RECORDS.c.raw)
            .where(
                RECORDS.c.company == company.id,
                RECORDS.c.entity.in_(
                    ["Customer", "Vendor", "Item", "Account", "Term", "PaymentMethod"]
                ),
            )
            .order_by(RECORDS.c.name_key, RECORDS.c.id)
        )
        found: dict[str, list[Name]] = {}
        for row in rows:
            record = loads(row.raw)
            if record.get("Type") != "Category":
                found.setdefault(row.entity, []).append(_name(row.entity, record))
        return Names(
            company=company.name,
            country=company.country,
            currency=company.currency,
            fiscal_year_start_month=company.fiscal_year_start_month,
            customers=tuple(found.get("Customer", ())),
            vendors=tuple(found.get("Vendor", ())),
            items=tuple(found.get("Item", ())),
            accounts=tuple(found.get("Account", ())),
            terms=tuple(found.get("Term", ())),
            methods=tuple(found.get("PaymentMethod", ())),
            companies=companies,
        )

    # --- drafting ---------------------------------------------------------------

    async def draft(
        self,
        company: str,
        change: Change,
        *,
        ref: str,
        today: date,
        is_trial: bool = False,
    ) -> tuple[Draft, Circumstances]:
        """A change as exact steps, and the facts around it; nothing is written.

        `ref` is the proposal's number ("P-17"), which marks every document. A number
        that is ours to give is reserved for it, but in a trial.

        Raises:
            NotFound, Ambiguous: a name means nothing, or something has to be asked
                (Alike: whether a new name means somebody who is there).
            Refused: QuickBooks would refuse it (code "preflight").
            BooksFault: QuickBooks could not be read.
        """
        try:
            return await self._drafted(company, change, ref, today, is_trial=is_trial)
        except (Refused, NotFound) as no:
            no.sentence = lookup.unchanged(no.sentence)
            raise

    async def _drafted(
        self, company: str, change: Change, ref: str, today: date, *, is_trial: bool
    ) -> tuple[Draft, Circumstances]:
        fresh = await self._sync.freshen(company, self._fresh_seconds)
        _check_fresh(fresh)
        known = await self._company(company)
        around = await self._around(known, ref, today, is_trial=is_trial)
        if isinstance(change, asks.InvoicesCreate):
            return await batch.create(around, change)
        ways: Mapping[type[Any], Callable[[Around, Any], Any]] = {
            asks.CustomerCreate: customer.create,
            asks.CustomerUpdate: customer.update,
            asks.InvoiceCreate: invoice.create,
            asks.InvoiceUpdate: amendment.update,
            asks.InvoiceSend: invoice.send,
            asks.InvoiceVoid: invoice.void,
            asks.CreditMemoCreate: credit.create,
            asks.ItemCreate: item.create,
            asks.PaymentRecord: payment.record,
            asks.VendorCreate: vendor.create,
            asks.VendorUpdate: vendor.update,
            asks.BillCreate: bill.create,
            asks.BillPay: bill.pay,
            asks.ExpenseCreate: expense.create,
            asks.ExpenseCategorize: expense.categorize,
            asks.Undo: reverses.undo,
        }
        draft: Draft = await ways[type(change)](around, change)
        return draft, await circumstances.of_draft(around, draft)

    async def reverse(
        self,
        draft: Draft,
        receipts: Sequence[Receipt],
        *,
        ref: str,
        today: date,
        undone: Sequence[tuple[Draft, Sequence[Receipt]]] = (),
    ) -> tuple[Draft, Circumstances]:
        """What takes back all that was posted of a draft, and the facts around it.

        `undone` are the drafts and receipts of what took a part of it back before:
        that part is left as it is.

        Raises:
            Refused: something was changed since, or cannot be taken back.
            BooksFault: QuickBooks could not be read.
        """
        change = reverses.undo_of(draft, receipts, undone)
        return await self.draft(draft.company, change, ref=ref, today=today)

    async def _around(
        self, company: Company, ref: str, today: date, *, is_trial: bool = True
    ) -> Around:
        async def live(entity: str, ids: Sequence[str]) -> Mapping[str, Json]:
            return await self._tracing.records(company.id, entity, ids)

        async def roster() -> Sequence[Json]:
            try:
                return await self._tracing.every(company.id, "Employee")
            except (Refused, Forbidden):
                return ()  # no right to see them: QuickBooks itself says what is taken

        return Around(
            company=company,
            mirror=self._mirror,
            prefs=await lookup.preferences(self._mirror, company.id),
            ref=ref,
            today=today,
            live=live,
            reserve=self._numbering.peek if is_trial else self._numbering.reserve,
            roster=roster,
        )

    # --- what the desk needs ----------------------------------------------------

    async def check(self, draft: Draft) -> Standing:
        """Whether a draft still rests on what it rested on, read fresh.

        Raises:
            BooksFault: QuickBooks could not be read.
        """

        async def live(entity: str, ids: Sequence[str]) -> Mapping[str, Json]:
            return await self._tracing.records(draft.company, entity, ids)

        found = await standing.read(draft, live)
        moved = (*batch.moved(draft, found), *await self._numbers_taken(draft))
        if not moved:
            return Standing((), standing.retokened(draft, found))
        return Standing(moved, await self._rebased(draft))

    async def _numbers_taken(self, draft: Draft) -> list[str]:
        """Sentences about numbers of the draft that other documents have by now."""
        given: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for number, kinds, whose in standing.numbers(draft):
            for kind in kinds:
                given[kind][number.casefold()] = whose
        return [
            standing.number_taken(record)
            for kind, numbers in given.items()
            for record in await self._tracing.numbered(draft.company, kind, [*numbers])
            if numbers.get(str(record.get("DocNumber")).casefold(), "")
            in ("", records.ref_id(record, "VendorRef"))
        ]

    async def circumstances(self, draft: Draft) -> Circumstances:
        """The facts around a draft as they are now.

        The copy of the books is freshened first; the closing date is read live, as
        change-data-capture does not tell of it.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        _check_fresh(await self._sync.freshen(draft.company, self._fresh_seconds))
        await self._sync.reread(draft.company, "Preferences")
        known = await self._company(draft.company)
        around = await self._around(known, draft.ref, draft.today)
        return await circumstances.of_draft(around, draft)

    async def _rebased(self, draft: Draft) -> Draft | None:
        """The same change upon the records as they are now, where that is possible."""
        if not draft.change:
            return None
        change: Change | None = asks.change_from(draft.change)
        out: tuple[str, ...] = ()
        while change is not None:
            try:
                await self._sync.freshen(draft.company, ANY_AGE)
                # Whoever proposes it afresh gets the number; here it is only shown.
                made, _ = await self.draft(
                    draft.company,
                    change,
                    ref=draft.ref,
                    today=draft.today,
                    is_trial=True,
                )
            except NotTaken:
                raise
            except batch.LinesUnfit as unfit:
                assert isinstance(change, asks.InvoicesCreate), "lines of what has none"
                out = (*out, *batch.left_out(change, unfit))
                change = batch.without(change, [place for place, _ in unfit.problems])
            except BooksFault:
                return None
            else:
                return replace(made, notes=(*out, *made.notes))
        return None

    async def post(
        self, draft: Draft, step: int, receipts: Sequence[Receipt]
    ) -> Receipt:
        """Send exactly the bytes of a step (counted from 1), once.

        Raises:
            Refused, Stale: QuickBooks says no; nothing was changed.
            NotTaken: it was certainly not taken.
            Unconfirmed: nobody knows.
        """
        wanted = draft.steps[step - 1]
        if wanted.digest != digest_of(draft, wanted):
            raise preflight(
                "What was stored is not what was approved, so nothing was posted. That"
                " is a fault in me; please tell whoever runs Countersign."
            )
        if wanted.parts:
            return await self._batching.post(draft, step)
        try:
            reply = await self._client.post(
                draft.company,
                filled_path(wanted, receipts),
                query=wanted.query,
                body=wanted.body,
                content_type=wanted.content_type,
                request_id=wanted.request_id,
            )
        except Refused as no:
            if no.code == _NUMBER_TAKEN and standing.gives_number(wanted):
                # Taken between the fresh check and this: as if it had moved before.
                raise Stale(
                    "The number has been taken in QuickBooks just now.",
                    code=no.code,
                    detail=no.detail,
                    element=no.element,
                    intuit_tid=no.intuit_tid,
                ) from no
            no.sentence = await self._taken(draft.company, wanted, no)
            raise
        record = reply.json.get(wanted.entity)
        response = reply.body.decode(errors="replace")
        if not isinstance(record, dict) or "Id" not in record:
            unsaid = Unconfirmed(
                "QuickBooks answered without saying what became of this. It may or may"
                " not have been entered; I am checking.",
                intuit_tid=reply.intuit_tid,
            )
            unsaid.status, unsaid.response = reply.status, response
            raise unsaid
        made = receipt(step, wanted, record, self._now(), reply.intuit_tid)
        return replace(made, response=response, status=reply.status)

    async def _taken(self, company: str, step: Step, no: Refused) -> str:
        """What QuickBooks said no to; of a name taken, with the record that has it."""
        if no.code != namesakes.TAKEN or not step.body:
            return no.sentence
        try:
            async with asyncio.timeout(_HOLDER_SECONDS):
                held = await self._tracing.holder(company, step)
        except (BooksFault, TimeoutError):
            return no.sentence
        return no.sentence if held is None else namesakes.taken_by(*held)

    async def find(
        self,
        draft: Draft,
        step: int,
        receipts: Sequence[Receipt],
        first_attempt_at: datetime,
    ) -> Receipt | None:
        """Look in QuickBooks for what a step did; None when it did nothing.

        Raises:
            Ambiguous: only a person can tell.
            BooksFault: QuickBooks could not be read.
        """
        wanted = draft.steps[step - 1]
        if wanted.parts:
            return await self._batching.find(draft, step, first_attempt_at)
        record = await self._tracing.find(draft, wanted, receipts, first_attempt_at)
        return self._found(step, draft, record)

    async def match(
        self,
        draft: Draft,
        doc_number: str,
        *,
        first_attempt_at: datetime | None = None,
    ) -> Receipt | None:
        """The record that a person names, if it is what the draft was to make.

        It is not where its memo carries another proposal's mark, nor where it was
        created before `first_attempt_at`.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        for place, step in enumerate(draft.steps, start=1):
            if step.parts:
                batched = first_attempt_at and await self._batching.match(
                    draft, place, doc_number, first_attempt_at
                )
                if batched:
                    return batched
                continue
            if step.record_id is None and step.verb is not Verb.CREATE:
                continue
            record = await self._tracing.match(
                draft, step, doc_number, first_attempt_at
            )
            if record is not None:
                return self._found(place, draft, record)
        return None

    def _found(self, place: int, draft: Draft, record: Json | None) -> Receipt | None:
        if record is None:
            return None
        return receipt(place, draft.steps[place - 1], record, self._now(), None)

    async def read_back(self, draft: Draft, receipt: Receipt) -> Receipt:
        """Read what was posted and compare every field; the mirror takes it.

        Raises:
            BooksFault: QuickBooks could not be read; to be repeated.
        """
        if receipt.parts:
            return await self._batching.read_back(draft, receipt)
        record = await self._tracing.record(
            draft.company, receipt.entity, receipt.record_id
        )
        if record is not None:
            await self._mirror.put(draft.company, receipt.entity, [record])
        await self._mirror.mark_outdated(draft.company)
        return compared(draft, receipt, record)


def _check_fresh(fresh: Freshness) -> None:
    """A draft is not made from old records."""
    if fresh.trouble:
        raise Unreachable(
            "QuickBooks cannot be reached just now, so nothing can be prepared. Please"
            f" ask again in a few minutes. (My copy is of {_clock(fresh.as_of)}.)"
        )


def _clock(when: datetime) -> str:
    return f"{when.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def _name(entity: str, record: Json) -> Name:
    """A list record as understanding knows it."""
    given, family = record.get("GivenName"), record.get("FamilyName")
    also = [
        f"{given} {family}" if given and family else "",
        str(record.get("CompanyName") or ""),
        str(record.get("Sku") or ""),
        str(record.get("AcctNum") or ""),
    ]
    label = records.label(record)
    kind = record.get("AccountType") or (
        record.get("Type") if entity == "Item" else None
    )
    return Name(
        name=label,
        active=bool(record.get("Active", True)),
        parent=records.ref_name(record, "ParentRef") or None,
        also=tuple(each for each in dict.fromkeys(also) if each and each != label),
        type=str(kind) if kind else None,
        classification=records.text(record, "Classification"),
    )


def _of(ask: Ask, entity: str, record: Json) -> Ask:
    """The same question, of the record by the name or number that it has now."""
    about = entity.lower()
    if not hasattr(ask, about):
        return ask
    numbered = entity in ("Invoice", "Bill")
    name = records.text(record, "DocNumber") if numbered else records.label(record)
    fields: dict[str, Any] = {about: name}
    return replace(ask, **fields) if name else ask
