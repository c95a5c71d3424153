"""Writing to a company's books: create, update, delete, void, send.

Every write, of a client and of the seeded story alike, comes through here. A write is
checked whole before anything is changed; then record, links, balances and postings
change together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from qbo.simulator import (
    attachments,
    faults,
    journal,
    lists,
    plans,
    sales,
    settlement,
    spending,
    webhooks,
)
from qbo.simulator.clock import PACIFIC, stamp
from qbo.simulator.company import Company, Record
from qbo.simulator.draft import Draft, Rule, relabel, resolve
from qbo.simulator.entities import CREATE, DELETE, UPDATE, VOID, Entity
from qbo.simulator.entities.sales import INVOICE
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.fields import cleaned, day, without_nothing
from qbo.simulator.postings import repost
from qbo.simulator.transactions import apply_balance, check_open

VOIDED: Final = "Voided"
_KEPT: Final = ("Active", "CurrencyRef", "TxnDate", "ExchangeRate", "Balance")
"""What a full update does not clear when it is left out."""

RULES: Final[Mapping[str, Rule]] = {
    **lists.RULES,
    **sales.RULES,
    **settlement.RULES,
    **spending.RULES,
    **journal.RULES,
    **attachments.RULES,
}


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
    if not identified(given):
        return create(company, entity, given, around)
    if UPDATE not in entity.operations:
        raise faults.unsupported("update")
    old = current(company, entity, given)
    sent = cleaned(entity.fields, given)
    sparse = bool(sent.get("sparse"))
    for name in entity.sparse_required:
        if sparse and sent.get(name) is None:
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
    """Make a new record."""
    if CREATE not in entity.operations:
        raise faults.unsupported("create")
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
    plans.check(company, entity, DELETE, given, around.switches)
    record = current(company, entity, given)
    if entity.transaction:
        check_open(company, record.day)
        _release(company, record, {}, around.when)
        _shrink_payers(company, record, ZERO, around.when)
        company.unpost(record.id)
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
    _release(company, record, {}, when)
    _shrink_payers(company, record, ZERO, when)
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
    apply_balance(company, record)
    repost(company, record)
    _step(company, record, when)
    company.did(record, webhooks.VOIDED)


def send(
    company: Company, record: Record, address: str | None, around: Circumstances
) -> Record:
    """E-mail a document; the address is kept on it.

    Raises:
        Refused: there is no address, or the day's mails are used up.
    """
    if address:
        checked = cleaned(EMAIL_FIELDS, {"BillEmail": {"Address": address}})
        has_field = "BillEmail" in record.entity.fields
        if has_field:
            record.body["BillEmail"] = checked["BillEmail"]
    elif not (record.body.get("BillEmail") or {}).get("Address"):
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
    _step(company, record, around.when)
    company.did(record, webhooks.EMAILED)
    return record


def copied(value: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(value, dict):
        return {name: copied(part) for name, part in value.items()}
    if isinstance(value, list):
        return [copied(part) for part in value]
    return value


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
    RULES[draft.entity.name](draft)
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
        record.body, record.notes = draft.body, draft.notes
        record.version += 1
        record.updated = when
        if ended:
            company.did(record, webhooks.DELETED)
    company.put(record)
    remember(company, record)
    if entity.transaction:
        _settle(draft, record)
    elif entity.name == attachments.NAME and draft.switches.get("attaching_steps"):
        for bearer in attachments.bearers(company, record):
            _step(company, bearer, draft.when)
    elif draft.old is None and entity.name == "Item":
        lists.opening_stock(company, record)
    if renamed or moved:
        _spread_name(company, record)
    if moved and entity.name == "Customer":
        company.recount_jobs()
    return record


def _settle(draft: Draft, record: Record) -> None:
    company = draft.company
    _release(company, record, draft.links, draft.when)
    if "TotalAmt" in record.body and record.entity.name not in {
        "Payment",
        "BillPayment",
    }:
        room = record.body["TotalAmt"] - record.body.get("Deposit", ZERO)
        _shrink_payers(company, record, room, draft.when)
    apply_balance(company, record)
    repost(company, record)


def _release(
    company: Company, payer: Record, links: Mapping[str, Decimal], when: datetime
) -> None:
    """Make a payment apply to these documents and to no others."""
    before = company.settles.get(payer.id, {})
    if links:
        company.settles[payer.id] = dict(links)
    else:
        company.settles.pop(payer.id, None)
    for target in before.keys() - links.keys():
        del company.applied[target][payer.id]
    for target, amount in links.items():
        company.applied[target][payer.id] = amount
    for target in before.keys() | links.keys():
        if before.get(target) != links.get(target):
            _refresh(company, target, when)


def _shrink_payers(
    company: Company, record: Record, room: Decimal, when: datetime
) -> None:
    """Take from the latest payments what a smaller document can no longer hold."""
    parts = company.applied.get(record.id, {})
    over = sum(parts.values(), ZERO) - room
    for payer_id in sorted(parts, key=int, reverse=True):
        if over <= ZERO:
            break
        payer = company.transaction(payer_id)
        assert payer is not None, f"payment {payer_id} is not there"
        kept = max(parts[payer_id] - over, ZERO)
        over -= parts[payer_id] - kept
        moved = settlement.shrink(company, payer, record.id, kept)
        repost(company, payer)
        _step(company, payer, when)
        for target in moved - {record.id}:
            _refresh(company, target, when)


def _refresh(company: Company, target: str, when: datetime) -> None:
    """Show a document's new balance: its SyncToken moves too."""
    record = company.transaction(target)
    assert record is not None, f"document {target} is not there"
    apply_balance(company, record)
    _step(company, record, when)
    if record.body.get("ExchangeRate") not in {None, Decimal(1)}:
        for payer_id in company.applied[target]:
            payer = company.transaction(payer_id)
            if payer is not None and payer_id in company.ledger.postings:
                repost(company, payer)


def _step(company: Company, record: Record, when: datetime) -> None:
    record.version += 1
    record.updated = _second(when)
    company.touch(record)


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
        if record.entity.name in {"Invoice", "CreditMemo"} and number[-1:].isdigit():
            company.last_number = number


def _forget(company: Company, record: Record) -> None:
    if record.entity.name_field:
        place, name = lists.name_of(record)
        company.names.pop((place, name), None)
    number = record.body.get("DocNumber")
    if number:
        company.documents[record.entity.name, number].discard(record.id)


def _spread_name(company: Company, record: Record) -> None:
    """Carry a new name to whatever shows it: children first, then references."""
    relabel(company, record)
    for child in list(company.records(record.entity.name)):
        if child.ref("ParentRef") == record.id:
            _forget(company, child)
            name = child.body[record.entity.name_field]
            above = record.body["FullyQualifiedName"]
            child.body["FullyQualifiedName"] = f"{above}:{name}"
            remember(company, child)
            company.touch(child)
            _spread_name(company, child)


def _emptied(line: Json) -> Json:
    line = {**line, "Amount": ZERO}
    if line["DetailType"] == "DescriptionOnly":
        del line["Amount"]
    detail = line.get(line["DetailType"])
    if detail and line["DetailType"] == "SalesItemLineDetail":
        detail.pop("UnitPrice", None)
        detail["Qty"] = ZERO
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
    sent = _unwrapped(cleaned(entity.fields, given))
    body = copied(record.body)
    for name, value in sent.items():
        if isinstance(value, dict) and isinstance(body.get(name), dict):
            _check_kinds(body[name], value)
            body[name] = {**body[name], **value}
        elif value is not None:
            body[name] = value
        elif name not in {"CompanyName", "FiscalYearStartMonth"}:
            body.pop(name, None)
    if entity.name == "Preferences":
        _check_preferences(record.body, body)
    record.body = body
    _step(company, record, around.when)
    return record


def _check_kinds(before: Json, given: Json) -> None:
    """Refuse a member of another kind than it was."""
    for name, value in given.items():
        known = before.get(name)
        if known is not None and value not in (None, "") and not _alike(known, value):
            raise faults.bad_property()


def _alike(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return all(isinstance(member, dict) for member in other)
    return type(one) is type(other)


def _check_preferences(before: Json, body: Json) -> None:
    """Refuse what the books could not go on with."""
    accounting = body.get("AccountingInfoPrefs") or {}
    closed = accounting.get("BookCloseDate")
    body["AccountingInfoPrefs"] = {
        **accounting,
        **cleaned({"BookCloseDate": _CLOSE_DATE}, {"BookCloseDate": closed}),
    }
    for name in before:
        body.setdefault(name, before[name])
    home = before["CurrencyPrefs"]["HomeCurrency"]
    enabled = bool(before["CurrencyPrefs"].get("MultiCurrencyEnabled"))
    body["CurrencyPrefs"]["HomeCurrency"] = home
    if enabled:
        body["CurrencyPrefs"]["MultiCurrencyEnabled"] = True
    basis = body["ReportPrefs"].get("ReportBasis")
    if basis not in {"Accrual", "Cash"}:
        raise faults.refusal("2170", f"Invalid Enumeration: {basis}", "ReportBasis")


_CLOSE_DATE: Final = day("BookCloseDate")
