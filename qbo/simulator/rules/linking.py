"""What a write does to other records: balances, what pays them, what they show.

Links are kept from both sides: `company.settles` says what each payment settles,
`company.applied` who settles each document. *Ties* are the other kind: a bill takes up
a purchase order, a deposit a payment; `company.ties` has what each record takes up,
`company.tied` by whom it was. Every record that shows it gets a new SyncToken.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules import billing, claims, purchaseorders, settlement
from qbo.simulator.rules.claims import Links
from qbo.simulator.rules.postings import repost
from qbo.simulator.rules.transactions import in_home, link_type

_WITH_BALANCE = {"Invoice", "Bill", "CreditMemo", "VendorCredit"}


def settle(company: Company, record: Record, links: Links, when: datetime) -> None:
    """Enter a transaction that was just written, and bring all others up to date."""
    release(company, record, links, when)
    hold(company, record, when)
    _tie(company, record, ties_of(record), when)
    for billed in billing.mark(company, record):
        step(company, billed, when)
    show(company, record)
    repost(company, record)
    for number in _payers(company, record):
        repost(company, _record(company, number))


def undo(company: Company, record: Record, when: datetime) -> None:
    """Unlink a transaction that is about to be deleted or voided."""
    release(company, record, {}, when)
    hold(company, record, when, gone=True)
    for billed in billing.mark(company, record, gone=True):
        step(company, billed, when)
    _tie(company, record, set(), when)
    for number in sorted(company.tied.get(record.id, ()), key=int):
        _untie(company, _record(company, number), record.id, when)


def ties_of(record: Record) -> set[str]:
    """The earlier transactions that a record takes up."""
    links = list(record.notes.get("links", ()))
    if record.entity.name not in claims.PAYERS:
        for line in record.body.get("Line") or ():
            links += line.get("LinkedTxn") or ()
    return {link["TxnId"] for link in links if link.get("TxnType") != billing.TIME}


def enter_ties(company: Company, record: Record, ties: set[str]) -> None:
    """Write down what a record takes up, from both sides."""
    for target in company.ties.pop(record.id, ()):
        company.tied[target].discard(record.id)
        if not company.tied[target]:
            del company.tied[target]
    if ties:
        company.ties[record.id] = ties
    for target in ties:
        company.tied[target].add(record.id)


def _tie(company: Company, record: Record, ties: set[str], when: datetime) -> None:
    before = company.ties.get(record.id, set())
    enter_ties(company, record, ties)
    for target in sorted(before | ties, key=int):
        other = company.transaction(target)
        if other is not None:
            old = other.body.get("LinkedTxn"), other.body.get("POStatus")
            show(company, other)
            if old != (other.body["LinkedTxn"], other.body.get("POStatus")):
                step(company, other, when)


def _untie(company: Company, record: Record, target: str, when: datetime) -> None:
    """Take the link to a record that goes away out of one that took it up."""
    record.notes["links"] = _without(record.notes.get("links", ()), target)
    for line in record.body.get("Line") or ():
        if "LinkedTxn" in line:
            line["LinkedTxn"] = _without(line["LinkedTxn"], target)
            if not line["LinkedTxn"]:
                del line["LinkedTxn"]
    enter_ties(company, record, ties_of(record))
    show(company, record)
    step(company, record, when)


def _without(links: list[Json], target: str) -> list[Json]:
    """The links without those to a transaction; time has ids of its own."""
    return [
        link
        for link in links
        if link["TxnId"] != target or link["TxnType"] == billing.TIME
    ]


def _record(company: Company, number: str) -> Record:
    record = company.transaction(number)
    assert record is not None, f"{number} is linked but not there"
    return record


def release(company: Company, payer: Record, links: Links, when: datetime) -> None:
    """Make a payment settle these claims and no others."""
    before = company.settles.get(payer.id, {})
    enter(company, payer, links)
    changed = {
        key for key in before.keys() | links.keys() if _differ(before, links, key)
    }
    for target in sorted({number for number, _ in changed}, key=int):
        _refresh(company, target, when)


def _differ(before: Links, after: Links, key: claims.Key) -> bool:
    return before.get(key) != after.get(key)


def enter(company: Company, payer: Record, links: Links) -> None:
    """Write down what a payment settles, from both sides."""
    for target, party in company.settles.pop(payer.id, {}):
        parts = company.applied[target]
        del parts[payer.id, party]
        if not parts:
            del company.applied[target]
    if links:
        company.settles[payer.id] = dict(links)
    for (target, party), amount in links.items():
        company.applied[target][payer.id, party] = amount


def hold(
    company: Company, record: Record, when: datetime, *, gone: bool = False
) -> None:
    """Take from the latest payments what a record can no longer hold.

    `gone` says that nothing is left of it: it was deleted or voided.
    """
    open_claims = {} if gone else claims.claims_of(company, record)
    parts = dict(company.applied.get(record.id, {}))
    for party in sorted({party for _, party in parts}):
        claim = open_claims.get(party)
        room = claim.amount if claim else ZERO
        own = {payer: part for (payer, whose), part in parts.items() if whose == party}
        over = _excess(room, sum(own.values(), ZERO))
        for payer in sorted(own, key=int, reverse=True):
            if not over:
                break
            less = min(abs(own[payer]), abs(over)).copy_sign(over)
            over -= less
            _take(company, payer, (record.id, party), own[payer] - less, when)


def _excess(room: Decimal, held: Decimal) -> Decimal:
    """How much of what is applied no longer fits; it has the sign of what is."""
    if (room > ZERO) != (held > ZERO) or not room:
        return held
    return held - room if abs(held) > abs(room) else ZERO


def _take(
    company: Company, number: str, key: claims.Key, kept: Decimal, when: datetime
) -> None:
    payer = _record(company, number)
    before = company.settles[number]
    links = settlement.shrunk(company, payer, key, kept)
    enter(company, payer, links)
    show(company, payer)
    repost(company, payer)
    step(company, payer, when)
    for target in {one[0] for one in before if _differ(before, links, one)} - {key[0]}:
        _refresh(company, target, when)


def _refresh(company: Company, target: str, when: datetime) -> None:
    """Show a document's new balance: its SyncToken moves too."""
    record = _record(company, target)
    show(company, record)
    step(company, record, when)
    if record.body.get("ExchangeRate") in {None, Decimal(1)}:
        return
    for number in _payers(company, record):
        if number in company.ledger.postings:
            repost(company, _record(company, number))


def step(company: Company, record: Record, when: datetime) -> None:
    """Move a record's SyncToken and its time."""
    record.version += 1
    record.updated = when.replace(microsecond=0)
    company.touch(record)


def show(company: Company, record: Record) -> None:
    """Write into a record what is still open, and what it is linked to."""
    body: dict[str, Any] = record.body
    if record.entity.name in _WITH_BALANCE:
        (claim,) = claims.claims_of(company, record).values()
        left = abs(claims.open_amount(company, claim))
        body["Balance"] = left
        if record.entity.name == "CreditMemo":
            body["RemainingCredit"] = left
        if company.multi_currency and record.entity.name != "VendorCredit":
            body["HomeBalance"] = in_home(body, left)
    elif record.entity.name == "Payment":
        body["UnappliedAmt"] = claims.unapplied(company, record)
    links = list(record.notes.get("links", []))
    if record.entity.name == "Invoice":
        links += [one for one in billing.line_links(record) if one not in links]
    links += [_link(company, number) for number in _payers(company, record)]
    if record.entity.name == "Bill":
        links += [_link(company, number) for number in _credits(company, record)]
    later = sorted(company.tied.get(record.id, ()), key=int)
    body["LinkedTxn"] = links + [_link(company, number) for number in later]
    if record.entity.name == "PurchaseOrder":
        purchaseorders.show_status(company, record)
    elif record.entity.name == "Estimate":
        billing.show_status(company, record)


def _payers(company: Company, record: Record) -> list[str]:
    return sorted({one for one, _ in company.applied.get(record.id, {})}, key=int)


def _credits(company: Company, bill: Record) -> list[str]:
    """The vendor credits that payments of a bill used."""
    used = {
        target
        for payer in _payers(company, bill)
        for (target, _), amount in company.settles[payer].items()
        if amount < ZERO and company.find("VendorCredit", target)
    }
    return sorted(used, key=int)


def _link(company: Company, number: str) -> dict[str, str]:
    return {"TxnId": number, "TxnType": link_type(_record(company, number))}
