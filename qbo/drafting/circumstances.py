"""Facts around a draft, for the eyes of approvers and the judgement of risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select

from qbo.books import Circumstances, Draft, Money, Verb
from qbo.drafting import effects, likeness
from qbo.drafting.assembly import Around
from qbo.drafting.mentioned import names_of
from qbo.drafting.subjects import NAMES, Subject, days, one_party, subjects
from qbo.mirror import RECORDS, amount
from qbo.wire import records
from qbo.wire.exact import Json, number

_LATELY: Final = timedelta(days=31)
_SIZES_MAX: Final = 500
_CREDITS_MAX: Final = 5
_OPEN: Final = {"Customer": "Invoice", "Vendor": "Bill"}
C: Final = RECORDS.c


async def of_draft(around: Around, draft: Draft) -> Circumstances:
    """What is known around a draft."""
    found = await subjects(around, draft)
    names = await names_of(around, found)
    moved = days(found)
    party = await _party(around, found)
    sizes = await _sizes(around, draft, found, party)
    open_, overdue = await _open(around, party) if party else (None, None)
    credits_ = await _credits(around, party) if party else ()
    is_create = any(each.is_new for each in found)
    return Circumstances(
        party=party.label if party else _new_name(found),
        party_is_new=is_create and (not sizes if party else bool(_new_name(found))),
        party_open=open_,
        party_overdue=overdue,
        amount=draft.total,
        largest_before=sizes[-1] if sizes else None,
        median_before=sizes[(len(sizes) - 1) // 2] if sizes else None,
        count_before=len(sizes),
        duplicates=await _duplicates(around, draft, found),
        numbers=await likeness.numbers(around, found),
        backdated_days=(around.today - moved[0]).days if moved else 0,
        dates=moved,
        closed_through=around.company.book_close_date,
        changed=await _changed(around, found, party),
        prices=await _prices(around, found),
        credit=_sum([money for _, money in credits_]),
        credits=tuple(f"{label} {money}" for label, money in credits_),
        effects=await effects.of_draft(around, draft, found),
        parts=(),
        **names,
    )


@dataclass(frozen=True, slots=True)
class _Party:
    """The one customer or vendor that a draft is about."""

    side: str
    record: Json
    currency: str

    @property
    def id(self) -> str:
        """QuickBooks' id."""
        return str(self.record["Id"])

    @property
    def label(self) -> str:
        """The name people know."""
        return records.label(self.record)


async def _party(around: Around, found: Sequence[Subject]) -> _Party | None:
    """The one party; None where there are several, or none is known yet."""
    party = one_party(found)
    if party is None:
        return None
    record = await around.mirror.record(around.company.id, *party)
    if record is None:
        return None
    return _Party(party[0], record, records.currency(record, around.company.currency))


def _new_name(found: Sequence[Subject]) -> str | None:
    """The name of the one customer or vendor that is made."""
    if len(found) == 1 and found[0].is_new and found[0].party is None:
        return records.text(found[0].json, "DisplayName")
    return None


def _of(around: Around, entity: str, party: _Party) -> list[Any]:
    """The documents of a kind, of a party, in its currency, that stand."""
    currencies = {party.currency} | (
        {""} if party.currency == around.company.currency else set()
    )
    return [
        C.company == around.company.id,
        C.entity == entity,
        C.party_id == party.id,
        C.currency.in_(currencies),
        ~C.voided,
    ]


async def _open(around: Around, party: _Party) -> tuple[Money, Money]:
    """What of a party's documents is open, and what of that is overdue."""
    rows = await around.mirror.rows(
        select(
            func.coalesce(func.sum(C.balance), 0),
            func.coalesce(
                func.sum(case((C.due_date < around.today, C.balance), else_=0)), 0
            ),
        ).where(*_of(around, _OPEN[party.side], party))
    )
    open_, overdue = rows[0]
    return Money(amount(open_), party.currency), Money(amount(overdue), party.currency)


async def _sizes(
    around: Around, draft: Draft, found: Sequence[Subject], party: _Party | None
) -> list[Money]:
    """What the party's latest documents of the kind that is made amounted to, sorted.

    Only compared in one currency.
    """
    kinds = {each.entity for each in found if each.is_new}
    if party is None or len(kinds) != 1:
        return []
    if draft.total is not None and draft.total.currency != party.currency:
        return []
    rows = await around.mirror.rows(
        select(C.total)
        .where(*_of(around, kinds.pop(), party))
        .order_by(C.txn_date.desc(), C.id.desc())
        .limit(_SIZES_MAX)
    )
    totals = sorted(amount(row.total) for row in rows)
    return [Money(total, party.currency) for total in totals]


async def _duplicates(
    around: Around, draft: Draft, found: Sequence[Subject]
) -> tuple[str, ...]:
    if len(found) == 1 and found[0].is_new and found[0].entity in NAMES:
        return await likeness.names(around, found[0].entity, found[0].json)
    return await likeness.documents(around, draft, found)


async def _credits(around: Around, party: _Party) -> tuple[tuple[str, Money], ...]:
    """What is on file and not used: credit memos, rests of payments, vendor credits."""
    kinds = {"Customer": ["CreditMemo", "Payment"], "Vendor": ["VendorCredit"]}
    names = {"CreditMemo": "credit memo", "VendorCredit": "vendor credit"}
    open_ = (*_of(around, "", party)[2:], C.balance > 0)
    rows = await around.mirror.rows(
        select(C.entity, C.doc_number, C.txn_date, C.balance)
        .where(
            C.company == around.company.id,
            C.entity.in_(kinds[party.side]),
            *open_,
        )
        .order_by(C.txn_date, C.id)
    )
    found = [
        (
            f"{names[row.entity]} {row.doc_number}".strip()
            if row.entity in names
            else f"payment of {row.txn_date.day} {row.txn_date:%b %Y},",
            Money(amount(row.balance), party.currency),
        )
        for row in rows
    ]
    if len(found) <= _CREDITS_MAX:
        return tuple(found)
    rest = _sum([money for _, money in found[_CREDITS_MAX:]])
    assert rest is not None, "more credits than are named, and none left"
    return (*found[:_CREDITS_MAX], (f"{len(found) - _CREDITS_MAX} more,", rest))


def _sum(amounts: Sequence[Money]) -> Money | None:
    total: Money | None = None
    for each in amounts:
        total = each if total is None else total + each
    return total


async def _changed(
    around: Around, found: Sequence[Subject], party: _Party | None
) -> tuple[str, ...]:
    """What of the party was changed lately, where money or mail is to go there."""
    if party is None or not any(
        each.party
        and each.entity != party.side
        and each.verb in {Verb.CREATE, Verb.SEND}
        for each in found
    ):
        return ()
    midnight = datetime.combine(around.today, time(), UTC)
    noticed = await around.mirror.field_changes(
        around.company.id, party.side, party.id, midnight - _LATELY
    )
    return tuple(
        f"the {each.label} was {each.before or 'none'} and is"
        f" {each.after or 'none'} (noticed {each.seen_at.day} {each.seen_at:%b %Y})"
        for each in noticed
    )


async def _prices(around: Around, found: Sequence[Subject]) -> tuple[str, ...]:
    """Lines whose rate is not the item's price; the list is in the own currency."""
    home = around.company.currency
    differing = []
    for each in found:
        if each.entity != "Invoice" or not each.is_new:
            continue
        if records.currency(each.json, home) != home:
            continue
        for line in records.flat_lines(each.json):
            detail = records.line_detail(line)
            item = await around.mirror.record(
                around.company.id, "Item", records.ref_id(detail, "ItemRef")
            )
            price = number((item or {}).get("UnitPrice"))
            rate = detail.get("UnitPrice")
            if item is None or rate is None or not price or number(rate) == price:
                continue
            differing.append(
                f"{records.label(item)} at {Money(number(rate), home)}, and the price"
                f" list says {Money(price, home)}"
            )
    return tuple(dict.fromkeys(differing))
