"""Writing to a company's books: create, update, delete, void, send.

Every write, of a client and of the seeded story alike, comes through here. A write is
checked whole before anything is changed; then record, links, balances and postings
change together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.clock import PACIFIC, stamp
from qbo.simulator.entities import CREATE, DELETE, ENTITIES, UPDATE, VOID, Entity
from qbo.simulator.entities.sales import INVOICE
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.fields import cleaned, without_nothing
from qbo.simulator.rules import (
    accounts,
    attachments,
    autoapply,
    billing,
    deposits,
    exchange,
    items,
    journal,
    linking,
    lists,
    names,
    plans,
    recurring,
    sales,
    settings,
    settlement,
    spending,
    timesheet,
    webhooks,
)
from qbo.simulator.rules.draft import Draft, Follow, Rule, relabel, resolve
from qbo.simulator.rules.linking import step
from qbo.simulator.rules.postings import repost, unpost
from qbo.simulator.rules.transactions import check_open, counts

VOIDED: Final = "Voided"
_KEPT: Final = ("Active", "CurrencyRef", "TxnDate", "ExchangeRate", "Balance")
"""What a full update does not clear when it is left out."""

RULES: Final[Mapping[str, Rule]] = {
    **lists.RULES,
    **names.RULES,
    **accounts.RULES,
    **items.RULES,
    **exchange.RULES,
    **timesheet.RULES,
    **sales.RULES,
    **settlement.RULES,
    **spending.RULES,
    **journal.RULES,
    **deposits.RULES,
    **attachments.RULES,
}
_FOLLOWS: Final[tuple[Mapping[str, tuple[Follow, ...]], ...]] = (
    exchange.FOLLOWS,
    names.FOLLOWS,
    accounts.FOLLOWS,
    items.FOLLOWS,
    autoapply.FOLLOWS,
)
"""What writes bring with them, in this order."""


@dataclass(frozen=True)
class Circumstances:
    """When a write happens, and what the request asked for around it."""

    when: datetime
    allow_duplicates: bool = False
    switches: Mapping[str, object] = field(default_factory=dict)


def identified(given: Json) -> str:
    """The Id a body carries, or an empty text: absent, null, "" and 0 are none."""
    number = given.get("Id")
    return "" if number in (None, "", 0, "0") else str(number)


def write(
    company: Company, entity: Entity, given: Json, around: Circumstances
) -> Record:
    """Create or update, by whether the body has an Id.

    Raises:
        Refused: any rule objects; nothing has changed then.
    """
    plans.check(company, entity, UPDATE, given, around.switches)
    if entity.single:
        return _write_single(company, entity, given, around)
    if entity.name == "ExchangeRate":
        given = exchange.addressed(company, given, around.when)
    if entity.wrapped:
        given = recurring.unwrapped(given)
    if not identified(given):
        return create(company, entity, given, around)
    if UPDATE not in entity.operations:
        raise faults.unsupported("update")
    old = current(company, entity, given)
    deposits.check_free(company, old)
    sent = cleaned(entity.fields, given)
    sparse = bool(sent.get("sparse"))
    strict = sparse and around.switches.get("sparse_names_required", True)
    for name in entity.sparse_required if strict else ():
        if sent.get(name) is None:
            raise faults.missing(name)
    body = _base(entity, old, sent, sparse=sparse)
    draft = _draft(company, entity, body, sent, around)
    draft.old, draft.notes = old, dict(old.notes)
    draft.notes.pop("tax", None)
    _check(draft)
    return _commit(draft)


def create(
    company: Company, entity: Entity, given: Json, around: Circumstances
) -> Record:
    """Make a new record, as a client may."""
    if CREATE not in entity.operations:
        raise faults.unsupported("create")
    return enter(company, entity, given, around)


def enter(
    company: Company, entity: Entity, given: Json, around: Circumstances
) -> Record:
    """Make a new record, also of what only QuickBooks itself makes."""
    sent = cleaned(entity.fields, given)
    body = _unwrapped(without_nothing(sent))
    draft = _draft(company, entity, body, sent, around)
    _check(draft)
    return _commit(draft)


def current(company: Company, entity: Entity, given: Json) -> Record:
    """The record a body speaks of, if its SyncToken is the latest.

    Raises:
        Refused: it is not there, or somebody changed it in between.
    """
    number = identified(given)
    if not number:
        raise faults.missing("Id")
    record = company.find(entity.name, number)
    if record is None:
        raise faults.not_found()
    token = given.get("SyncToken")
    if token is None or token == "":
        raise faults.missing("SyncToken")
    if str(token) != str(record.version):
        raise faults.stale()
    return record


def delete(
    company: Company, entity: Entity, given: Json, around: Circumstances
) -> Record:
    """Delete a record; what a transaction was linked to is open again."""
    if DELETE not in entity.operations:
        raise faults.unsupported("delete")
    if entity.wrapped:
        given = recurring.unwrapped(given)
    plans.check(company, entity, DELETE, given, around.switches)
    record = current(company, entity, given)
    timesheet.check_free(record)
    if entity.transaction:
        check_open(company, record.day)
        deposits.check_free(company, record)
        billing.check_free(record)
        linking.undo(company, record, around.when)
        unpost(company, record)
    if record.notes.get("file"):
        company.files[record.id] = None
    _forget(company, record)
    record.updated = _second(around.when)
    company.bury(record)
    return record


def void(
    company: Company, entity: Entity, given: Json, around: Circumstances
) -> Record:
    """Void a transaction: it stays, with nothing in it."""
    if VOID not in entity.operations:
        raise faults.unsupported("void")
    plans.check(company, entity, VOID, given, around.switches)
    record = current(company, entity, given)
    empty(company, record, around.when)
    return record


def empty(company: Company, record: Record, when: datetime) -> None:
    """Void a document of any kind, as a person in QuickBooks can.

    Raises:
        Refused: it lies in the closed period.
    """
    check_open(company, record.day)
    deposits.check_free(company, record)
    billing.check_free(record)
    linking.undo(company, record, when)
    body = copied(record.body)
    note = body.get("PrivateNote")
    body["PrivateNote"] = f"{VOIDED} - {note}" if note else VOIDED
    for name in ("TotalAmt", "Amount", "Deposit", "UnappliedAmt", "HomeTotalAmt"):
        if name in body:
            body[name] = ZERO
    if record.entity.name in {"Payment", "BillPayment"}:
        body["Line"] = []
    elif "Line" in body:
        body["Line"] = [_emptied(line) for line in body["Line"]]
    if "TxnTaxDetail" in body or record.entity.name == "Invoice":
        body["TxnTaxDetail"] = {"TotalTax": ZERO}
    record.body = body
    record.notes = {}
    linking.show(company, record)
    repost(company, record)
    step(company, record, when)
    company.did(record, webhooks.VOIDED)


def send(
    company: Company, record: Record, address: str | None, around: Circumstances
) -> Record:
    """E-mail a document; the address is kept on it.

    Raises:
        Refused: there is no address, or the day's mails are used up.
    """
    name = next((one for one in _MAILED_TO if one in record.entity.fields), "")
    if address:
        # A plus that was sent as it is arrives as a space, as in every form.
        address = address.replace(", ", ",").strip().replace(" ", "+")
        checked = cleaned(EMAIL_FIELDS, {"BillEmail": {"Address": address}})
        if name:
            record.body[name] = checked["BillEmail"]
    elif not (record.body.get(name) or {}).get("Address"):
        raise faults.business("You must specify an email address to send this to.")
    day = around.when.astimezone(PACIFIC).date().isoformat()
    limit = around.switches.get("mails_per_day")
    if limit and company.mails[day] >= int(str(limit)):
        raise faults.business("The daily limit of e-mails has been reached.")
    company.mails[day] += 1
    record.body["EmailStatus"] = "EmailSent"
    record.body["DeliveryInfo"] = {
        "DeliveryType": "Email",
        "DeliveryTime": stamp(around.when),
    }
    step(company, record, around.when)
    company.did(record, webhooks.EMAILED)
    return record


def copied(value: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(value, dict):
        return {name: copied(part) for name, part in value.items()}
    if isinstance(value, list):
        return [copied(part) for part in value]
    return value


_MAILED_TO: Final = ("BillEmail", "POEmail")
EMAIL_FIELDS: Final = {"BillEmail": INVOICE.fields["BillEmail"]}


def _draft(
    company: Company, entity: Entity, body: Json, sent: Json, around: Circumstances
) -> Draft:
    return Draft(
        company,
        entity,
        body,
        sent,
        None,
        around.when,
        around.allow_duplicates,
        around.switches,
    )


def _base(entity: Entity, old: Record, sent: Json, *, sparse: bool) -> Json:
    """What an update starts from: all of the old record, or what it may not clear."""
    if sparse:
        base = copied(old.body)
    else:
        base = {
            name: copied(value)
            for name, value in old.body.items()
            if name in _KEPT or entity.fields[name].read_only
        }
    base.update(sent)
    return _unwrapped(without_nothing(base))


def _unwrapped(body: Json) -> Json:
    """The body without the members of the envelope."""
    for name in ("Id", "SyncToken", "domain", "sparse", "MetaData"):
        body.pop(name, None)
    return body


def _check(draft: Draft) -> None:
    draft.require(*draft.entity.required)
    wrapped = draft.entity.wrapped
    rule = recurring.rule(RULES) if wrapped else RULES[draft.entity.name]
    rule(draft)
    resolve(draft)


def _commit(draft: Draft) -> Record:
    company, entity, when = draft.company, draft.entity, _second(draft.when)
    record = draft.old
    renamed = record is not None and draft.changed(entity.name_field)
    moved = record is not None and draft.changed("ParentRef")
    ended = draft.changed("Active") and draft.body.get("Active") is False
    if record is None:
        number = company.next_id(entity.family)
        record = Record(entity, number, 0, when, when, draft.body, notes=draft.notes)
    else:
        _forget(company, record)
        draft.before = record.body
        record.body, record.notes = draft.body, draft.notes
        record.version += 1
        record.updated = when
        if ended:
            company.did(record, webhooks.DELETED)
    company.put(record)
    remember(company, record)
    if entity.transaction:
        linking.settle(company, record, draft.links, draft.when)
    elif entity.name == attachments.NAME and draft.switches.get("attaching_steps"):
        for bearer in attachments.bearers(company, record):
            step(company, bearer, draft.when)
    if renamed or moved:
        spread_name(company, record)
    if moved:
        company.recount(entity.name)
    for follows in _FOLLOWS:
        for follow in follows.get(entity.name, ()):
            follow(draft, record, partial(_enter_too, draft))
    return record


def _enter_too(draft: Draft, entity: str, given: Json) -> Record:
    """Make a further record as part of a write."""
    around = Circumstances(draft.when, switches=draft.switches)
    return enter(draft.company, ENTITIES[entity], given, around)


def _second(when: datetime) -> datetime:
    return when.replace(microsecond=0)


def remember(company: Company, record: Record) -> None:
    """Enter a record into the indexes of names and document numbers."""
    if record.entity.name_field:
        place, name = lists.name_of(record)
        company.names[place, name] = (record.entity.name, record.id)
    number = record.body.get("DocNumber")
    if number:
        company.documents[record.entity.name, number].add(record.id)
        if "AutoDocNumber" in record.entity.fields and counts(number):
            company.last_numbers.pop(record.entity.name, None)
            company.last_numbers[record.entity.name] = number


def _forget(company: Company, record: Record) -> None:
    if record.entity.name_field:
        place, name = lists.name_of(record)
        company.names.pop((place, name), None)
    number = record.body.get("DocNumber")
    if number:
        company.documents[record.entity.name, number].discard(record.id)


def spread_name(company: Company, record: Record) -> None:
    """Carry a new name or place to whatever shows it: references, then children."""
    relabel(company, record)
    for child in list(lists.children(company, record)):
        _forget(company, child)
        lists.show_place(child, record)
        remember(company, child)
        company.touch(child)
        spread_name(company, child)


def _emptied(line: Json) -> Json:
    line = {**line, "Amount": ZERO}
    line.pop("LinkedTxn", None)
    if line["DetailType"] == "DescriptionOnly":
        del line["Amount"]
    detail = line.get(line["DetailType"]) or {}
    if line["DetailType"] == "SalesItemLineDetail":
        for name in ("UnitPrice", "TaxInclusiveAmt"):
            detail.pop(name, None)
        detail["Qty"] = ZERO
    elif line["DetailType"] == "GroupLineDetail":
        detail["Quantity"] = ZERO
        detail["Line"] = [_emptied(one) for one in detail["Line"]]
    return line


def _write_single(
    company: Company, entity: Entity, given: Json, around: Circumstances
) -> Record:
    record = company.record(entity.name, "1")
    token = given.get("SyncToken")
    if token is None or token == "":
        raise faults.missing("SyncToken")
    if str(token) != str(record.version):
        raise faults.stale()
    record.body = settings.changed(company, record, given)
    step(company, record, around.when)
    other = settings.follow(company, record)
    if other:
        step(company, other, around.when)
    return record
