"""Facts around a draft, for the eyes of approvers and the judgement of risk."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from rapidfuzz import fuzz
from sqlalchemy import case, func, or_, select

from qbo.books import Circumstances, Draft, Money
from qbo.drafting.assembly import Around
from qbo.mirror import RECORDS, amount, units
from qbo.wire import records
from qbo.wire.exact import Json, loads

_DUPLICATE_DAYS: Final = timedelta(days=7)
_NAME_LIKENESS: Final = 90
_DUPLICATES_MAX: Final = 5
_CLOSING: Final = " .,&"
C: Final = RECORDS.c


async def of_draft(around: Around, draft: Draft) -> Circumstances:
    """What is known around a draft."""
    step = draft.steps[0]
    body: Json = loads(step.body) if step.body else {}
    if step.entity == "Customer" and step.record_id is None:
        return Circumstances(
            party=records.text(body, "DisplayName"),
            party_is_new=True,
            duplicates=tuple(await _alike(around, body)),
        )
    party_id = await _party(around, draft, body)
    if party_id is None:
        return Circumstances(amount=draft.total)
    customer = await around.mirror.record(around.company.id, "Customer", party_id)
    entity = step.entity if step.entity in ("Invoice", "Payment") else "Invoice"
    open_, overdue = await _open(around, party_id)
    largest, count = await _largest(around, entity, party_id)
    currency = records.currency(customer or {}, around.company.currency)
    backdated = 0
    if body.get("TxnDate"):
        backdated = (around.today - date.fromisoformat(body["TxnDate"])).days
    is_create = step.record_id is None
    return Circumstances(
        party=records.label(customer) if customer else None,
        party_is_new=is_create and not count,
        party_open=Money(amount(open_), currency),
        party_overdue=Money(amount(overdue), currency),
        amount=draft.total,
        largest_before=Money(amount(largest), currency) if count else None,
        duplicates=tuple(await _same(around, entity, party_id, draft, body))
        if is_create
        else (),
        backdated_days=max(backdated, 0),
    )


async def _party(around: Around, draft: Draft, body: Json) -> str | None:
    """The one customer a draft is about; None where there are several or none."""
    if found := records.ref_id(body, "CustomerRef"):
        return found
    if draft.steps[0].entity == "Customer":
        return draft.steps[0].record_id
    owners = set()
    for step in draft.steps:
        if step.record_id is None:
            continue
        record = await around.mirror.record(
            around.company.id, step.entity, step.record_id
        )
        owners.add(records.ref_id(record or {}, "CustomerRef"))
    return owners.pop() if len(owners) == 1 else None


def _of(around: Around, entity: str) -> list[Any]:
    return [C.company == around.company.id, C.entity == entity]


async def _open(around: Around, party_id: str) -> tuple[int, int]:
    """What a customer's invoices have open, and what of that is overdue, in units."""
    rows = await around.mirror.rows(
        select(
            func.coalesce(func.sum(C.balance), 0),
            func.coalesce(
                func.sum(case((C.due_date < around.today, C.balance), else_=0)), 0
            ),
        ).where(*_of(around, "Invoice"), C.party_id == party_id)
    )
    return int(rows[0][0]), int(rows[0][1])


async def _largest(around: Around, entity: str, party_id: str) -> tuple[int, int]:
    """The largest document of that kind so far, in units, and how many there are."""
    rows = await around.mirror.rows(
        select(func.coalesce(func.max(C.total), 0), func.count()).where(
            *_of(around, entity), C.party_id == party_id, ~C.voided
        )
    )
    return int(rows[0][0]), int(rows[0][1])


async def _same(
    around: Around, entity: str, party_id: str, draft: Draft, body: Json
) -> Sequence[str]:
    """Documents of the same customer and amount within a week of this one."""
    if draft.total is None:
        return ()
    day = date.fromisoformat(body["TxnDate"])
    total = units(draft.total.amount)
    net = total - units(draft.tax.amount) if draft.tax else total
    rows = await around.mirror.rows(
        select(C.doc_number, C.txn_date, C.id)
        .where(
            *_of(around, entity),
            C.party_id == party_id,
            ~C.voided,
            or_(C.total == total, C.net == net),
            C.txn_date >= day - _DUPLICATE_DAYS,
            C.txn_date <= day + _DUPLICATE_DAYS,
        )
        .order_by(C.txn_date.desc(), C.id.desc())
        .limit(_DUPLICATES_MAX)
    )
    return [
        f"{_noun(entity, row.doc_number)}, same customer and amount,"
        f" {_days_ago(day, row.txn_date)}"
        for row in rows
    ]


def _noun(entity: str, doc_number: str) -> str:
    return f"{entity} {doc_number}" if doc_number else f"A {entity.lower()}"


def _days_ago(day: date, other: date) -> str:
    days = (day - other).days
    if days == 0:
        return "on the same day"
    unit = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {unit} {'earlier' if days > 0 else 'later'}"


async def _alike(around: Around, body: Json) -> Sequence[str]:
    """Customers that may be the same: nearly the same name, or the same e-mail."""
    name = _bare(str(body["DisplayName"]))
    address = records.text(body, "PrimaryEmailAddr.Address")
    found = []
    rows = await around.mirror.rows(
        select(C.raw).where(*_of(around, "Customer")).order_by(C.name_key)
    )
    for row in rows:
        other: Json = loads(row.raw)
        label = records.label(other)
        theirs = records.text(other, "PrimaryEmailAddr.Address")
        if address and theirs and address.casefold() == theirs.casefold():
            found.append(f"{label}, same e-mail address")
        elif fuzz.ratio(name, _bare(label)) >= _NAME_LIKENESS:
            found.append(f"{label}, nearly the same name")
    return found[:_DUPLICATES_MAX]


def _bare(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign not in _CLOSING)
