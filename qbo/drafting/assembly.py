"""What all drafts share: the surroundings, steps with their digests, the mark."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from sqlalchemy import select

from qbo import asks
from qbo.asks import Change
from qbo.books import (
    Company,
    Draft,
    Line,
    Money,
    Reliance,
    Shown,
    Step,
    Verb,
)
from qbo.lookup import preflight
from qbo.mirror import RECORDS, Mirror
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import (
    Json,
    at,
    canonical,
    cents,
    draft_digest,
    dumps,
    number,
    request_id,
    step_digest,
)

JSON_TYPE: Final = "application/json"
SEND_TYPE: Final = "application/octet-stream"
NOTE_MAX: Final = 4000  # QuickBooks' PrivateNote
NUMBERED: Final = ("CreditMemo", "Invoice", "Estimate", "SalesReceipt")
"""Kinds of documents that share one row of numbers."""
_C: Final = RECORDS.c


class Live(Protocol):
    """Reads records from QuickBooks itself; those that are gone are absent."""

    async def __call__(self, entity: str, ids: Sequence[str]) -> Mapping[str, Json]:
        """Records by id."""
        ...


class Roster(Protocol):
    """Reads all employees from QuickBooks itself."""

    async def __call__(self) -> Sequence[Json]:
        """The records, inactive ones too."""
        ...


class Reserve(Protocol):
    """Gives the next free number of a document; see `Numbering.reserve`."""

    async def __call__(
        self, company: str, ref: str, place: int, last: str, used: Collection[str]
    ) -> str:
        """The number for that place of a draft."""
        ...


@dataclass(frozen=True, slots=True)
class Around:
    """What a draft is made in: the company, its mirror, the proposal's number.

    `today` is the requester's day. `live` reads what must not be a copy, `roster` the
    employees, of whom no copy is kept (None: they are not looked at).
    """

    company: Company
    mirror: Mirror
    prefs: Json
    ref: str
    today: date
    live: Live
    reserve: Reserve
    roster: Roster | None = None
    _read: dict[tuple[str, str], Json] = field(default_factory=dict)
    _row: list[tuple[str, Collection[str]]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """The mark that every document of this proposal carries in its memo."""
        return f"Ref {self.ref}"

    def note(self, memo: str | None) -> str:
        """The memo with the mark behind it.

        Raises:
            Refused: it is longer than QuickBooks keeps (code "preflight").
        """
        found = f"{memo} ({self.mark})" if memo else self.mark
        if len(found) > NOTE_MAX:
            raise preflight(f"The memo is longer than QuickBooks keeps ({NOTE_MAX:,}).")
        return found

    def money(self, amount: Decimal, record: Json) -> Money:
        """An amount in the currency of a record."""
        return Money(amount, records.currency(record, self.company.currency))

    async def live_one(self, entity: str, record_id: str) -> Json:
        """One record as QuickBooks has it now; a draft reads each once.

        Raises:
            Refused: it is no longer there (code "preflight").
        """
        await self.read_ahead(entity, [record_id])
        if (entity, record_id) not in self._read:
            raise preflight(
                "QuickBooks no longer has that record, so nothing was prepared."
            )
        return self._read[entity, record_id]

    async def read_ahead(self, entity: str, ids: Collection[str]) -> None:
        """Read many records in a few requests, for `live_one` to find."""
        unread = [each for each in ids if (entity, each) not in self._read]
        if unread:
            found = await self.live(entity, list(dict.fromkeys(unread)))
            self._read.update({(entity, each): found[each] for each in found})

    async def next_number(self, place: int = 0) -> str:
        """The next number for a document that QuickBooks numbers not on request.

        That is where a company numbers its documents itself, and for kinds that know
        no AUTO_GENERATE. It is reserved for this proposal. `place` is how many of them
        the same draft has numbered before.
        """
        if not self._row:
            self._row.append(await self._numbers())
        last, used = self._row[0]
        return await self.reserve(self.company.id, self.ref, place, last, used)

    async def _numbers(self) -> tuple[str, Collection[str]]:
        """The last number that was given, and all that documents have."""
        rows = await self.mirror.rows(
            select(_C.entity, _C.doc_number, _C.doc_key)
            .where(
                _C.company == self.company.id,
                _C.entity.in_(NUMBERED),
                _C.doc_number != "",
            )
            .order_by(
                (_C.entity == NUMBERED[0]).desc(), _C.created_at.desc(), _C.id.desc()
            )
        )
        ending = (row.doc_number for row in rows if row.doc_number[-1:].isdigit())
        return next(ending, "0"), {row.doc_key for row in rows}


@dataclass(slots=True)
class Making:
    """A draft in the making; `made` freezes it."""

    around: Around
    change: Change
    steps: list[Step] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reliances: list[Reliance] = field(default_factory=list)
    lines: tuple[Line, ...] = ()
    total: Money | None = None
    tax: Money | None = None
    # How much of the company's currency one of the document's is, as its body says.
    rate: Decimal | None = None

    def show(self, label: str, value: str | None, before: str | None = None) -> None:
        """Add a fact, unless there is nothing to say."""
        if value:
            self.shown.append(Shown(label, value, before))

    def rely(
        self,
        entity: str,
        record: Json,
        label: str,
        paths: Sequence[str],
        at_least: Mapping[str, Decimal] | None = None,
    ) -> None:
        """Rest on what a record says now at these paths.

        A record may be relied upon several times; what was relied upon is joined.
        """
        fresh = Reliance(
            entity=entity,
            record_id=str(record["Id"]),
            sync_token=str(record["SyncToken"]),
            label=label,
            fields=tuple((path, canonical(counted(record, path))) for path in paths),
            at_least=tuple((at_least or {}).items()),
        )
        self.join(fresh)

    def join(self, fresh: Reliance) -> None:
        """Rest on something as well; what is relied upon of one record is joined."""
        for place, each in enumerate(self.reliances):
            if (each.entity, each.record_id) == (fresh.entity, fresh.record_id):
                self.reliances[place] = replace(
                    each,
                    fields=tuple(dict([*fresh.fields, *each.fields]).items()),
                    at_least=tuple(dict([*fresh.at_least, *each.at_least]).items()),
                )
                return
        self.reliances.append(fresh)

    def rest_on(self, entity: str, record: Json, label: str, *paths: str) -> None:
        """Rest on a list record that is named: its name, that it is active, and more.

        A reference in the bytes is an id; what people approve is the name.
        """
        name = "DisplayName" if entity in {"Customer", "Vendor"} else "Name"
        self.rely(entity, record, label, ["Active", name, *paths])

    def create(self, entity: str, body: Json, *query: tuple[str, str]) -> None:
        """Add a step that creates a record."""
        self._rated(body)
        self._add(Verb.CREATE, entity, entity.lower(), query, body)

    def update(self, entity: str, record: Json, changes: Json) -> None:
        """Add a step that changes some fields of a record as it is now."""
        self._rated({**record, **changes})
        body = {
            "Id": str(record["Id"]),
            "SyncToken": str(record["SyncToken"]),
            "sparse": True,
            **changes,
        }
        self._add(Verb.UPDATE, entity, entity.lower(), (), body, str(record["Id"]))

    def void(self, entity: str, record: Json) -> None:
        """Add a step that voids a document as it is now.

        Only invoices know the operation; payments are voided by an update.
        """
        self._rated(record)
        body: Json = {"Id": str(record["Id"]), "SyncToken": str(record["SyncToken"])}
        query: tuple[tuple[str, str], ...] = (("operation", "void"),)
        if entity != "Invoice":
            body["sparse"] = True
            query = (("operation", "update"), ("include", "void"))
        self._add(Verb.VOID, entity, entity.lower(), query, body, str(record["Id"]))

    def delete(self, entity: str, record: Json) -> None:
        """Add a step that deletes a document as it is now."""
        self._rated(record)
        body = {"Id": str(record["Id"]), "SyncToken": str(record["SyncToken"])}
        query = (("operation", "delete"),)
        self._add(Verb.DELETE, entity, entity.lower(), query, body, str(record["Id"]))

    def send(self, entity: str, record_id: str, address: str) -> None:
        """Add a step that e-mails a document; "{1.id}" is what step 1 makes."""
        path = f"{entity.lower()}/{record_id}/send"
        known = None if record_id.startswith("{") else record_id
        self._add(Verb.SEND, entity, path, (("sendTo", address),), None, known)

    def _rated(self, body: Json) -> None:
        if body.get("ExchangeRate"):
            self.rate = number(body["ExchangeRate"])

    def _home_total(self) -> Money | None:
        """The total in the company's own currency; None: there is no rate for it."""
        home = self.around.company.currency
        if self.total is None or self.total.currency == home:
            return self.total
        documents = sum(step.verb is not Verb.SEND for step in self.steps)
        if self.rate is None or documents > 1:
            return None  # several may have several rates
        return Money(cents(self.total.amount * self.rate), home)

    def _add(
        self,
        verb: Verb,
        entity: str,
        path: str,
        query: tuple[tuple[str, str], ...],
        body: Json | None,
        record_id: str | None = None,
    ) -> None:
        content = b"" if body is None else dumps(body).encode()
        self.steps.append(
            made_step(
                self.around.company,
                Step(
                    verb=verb,
                    entity=entity,
                    method="POST",
                    path=path,
                    query=query,
                    content_type=SEND_TYPE if body is None else JSON_TYPE,
                    body=content,
                    request_id="",
                    digest="",
                    record_id=record_id,
                ),
            )
        )

    def made(self, heading: str) -> Draft:
        """The draft, complete and frozen."""
        company = self.around.company
        return Draft(
            action=self.change.action,
            environment=company.environment,
            realm=company.realm,
            ref=self.around.ref,
            today=self.around.today,
            heading=heading,
            steps=tuple(self.steps),
            digest=draft_digest(step.digest for step in self.steps),
            shown=tuple(self.shown),
            lines=self.lines,
            total=self.total,
            notes=tuple(self.notes),
            reliances=tuple(self.reliances),
            tax=self.tax,
            change=asks.change_text(self.change),
            home_total=self._home_total(),
        )


def made_step(company: Company | Draft, step: Step) -> Step:
    """A step with a fresh request id and the digest of what it will send."""
    return replace(step, request_id=request_id(), digest=digest_of(company, step))


def digest_of(company: Company | Draft, step: Step) -> str:
    """The digest of what a step sends to that company."""
    place = (str(company.environment), company.realm)
    return step_digest(place, step.method, step.path, step.query, step.body)


def counted(record: Json, path: str) -> Any:
    """A field as it counts: a missing Active is true, a name is without its mark."""
    value = at(record, path)
    if path == "Active" and value is None:
        return True
    is_name = path in ("DisplayName", "Name") or path.endswith(".name")
    # What QuickBooks adds to the name of a record made inactive is no new name.
    return records.plain_name(value) if is_name and isinstance(value, str) else value


def reference(record: Json) -> Json:
    """A reference to a list record, with the name people know it by."""
    return {"value": str(record["Id"]), "name": records.label(record)}


def body_day(body: Json, name: str) -> str:
    """A date of a body as it is shown."""
    return day_label(date.fromisoformat(str(body[name])))


def body_lines(body: Json, currency: str) -> tuple[Line, ...]:
    """The lines of a body as they are shown."""
    return tuple(
        Line(
            amount=Money(number(line["Amount"]), currency),
            description=records.text(line, "Description"),
            item=records.ref_name(records.line_detail(line), "ItemRef") or None,
            account=records.ref_name(records.line_detail(line), "AccountRef") or None,
            quantity=_optional(records.line_detail(line).get("Qty")),
            rate=_optional(records.line_detail(line).get("UnitPrice")),
        )
        for line in body["Line"]
    )


def _optional(value: Any) -> Decimal | None:
    return None if value is None else number(value)
