"""What looks like a draft already: documents, numbers, and names."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import or_, select

from qbo.books import Draft
from qbo.drafting import namesakes
from qbo.drafting.assembly import Around
from qbo.drafting.subjects import Subject
from qbo.mirror import RECORDS, units
from qbo.wire import records
from qbo.wire.exact import Json
from qbo.wire.readback import AUTO_NUMBER

DUPLICATE_DAYS: Final = timedelta(days=30)
_DUPLICATES_MAX: Final = 5
_NUMBERS_LOOKED_AT: Final = 1000
_KEPT: Final = frozenset(
    {"Invoice", "Payment", "CreditMemo", "Bill", "BillPayment", "Purchase"}
)
# What is read or typed for another: the letter O for a nought, l and I for a one.
_ALIKE: Final = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "|": "1"})
_SUFFIX: Final = re.compile(r"(?<=\d)[\W_]*[A-Z]\Z")
C: Final = RECORDS.c


def _of(around: Around, entity: str) -> list[Any]:
    return [C.company == around.company.id, C.entity == entity]


async def documents(
    around: Around, draft: Draft, found: Sequence[Subject]
) -> tuple[str, ...]:
    """Documents of the same party and amount within 30 days of what is made."""
    new = [each for each in found if each.is_new and each.entity in _KEPT]
    alike: list[str] = []
    for each in new:
        total = draft.total if len(new) == 1 else None
        amounts = {units(each.net)} | ({units(total.amount)} if total else set())
        alike += await _same(around, each, amounts)
    return tuple(alike[:_DUPLICATES_MAX])


async def _same(around: Around, new: Subject, amounts: set[int]) -> list[str]:
    day, party = new.day, new.party
    if day is None or (party is None and new.entity != "Purchase"):
        return []
    # Whom an expense was paid to need not be known: then its very day has to be.
    whose = [C.party_id == party[1]] if party else [C.txn_date == day]
    rows = await around.mirror.rows(
        select(C.doc_number, C.txn_date, C.id)
        .where(
            *_of(around, new.entity),
            *whose,
            ~C.voided,
            or_(C.total.in_(amounts), C.net.in_(amounts)),
            C.txn_date >= day - DUPLICATE_DAYS,
            C.txn_date <= day + DUPLICATE_DAYS,
        )
        .order_by(C.txn_date.desc(), C.id.desc())
        .limit(_DUPLICATES_MAX)
    )
    return [
        f"{_noun(new.entity, row.doc_number)}, same"
        f"{f' {party[0].lower()} and' if party else ''} amount,"
        f" {_days_ago(day, row.txn_date)}"
        for row in rows
    ]


async def numbers(around: Around, found: Sequence[Subject]) -> tuple[str, ...]:
    """Documents of the same party with the number of what is made, or nearly it."""
    alike: list[str] = []
    for each in found:
        wanted = _number(each.json)
        if not each.is_new or each.entity not in _KEPT or each.party is None:
            continue
        if not wanted or wanted == AUTO_NUMBER:
            continue
        others = await around.mirror.found(
            select(C.raw)
            .where(*_of(around, each.entity), C.party_id == each.party[1], ~C.voided)
            .order_by(C.txn_date.desc(), C.id.desc())
            .limit(_NUMBERS_LOOKED_AT)
        )
        alike += [
            f"{wanted} here, and {_number(other)} on {_what(each.entity)} of"
            f" {_day(records.day(other, 'TxnDate'))}"
            for other in others
            if is_near(wanted, _number(other))
        ]
    return tuple(alike[:_DUPLICATES_MAX])


def is_near(one: str, other: str) -> bool:
    """Whether two numbers of documents are the same, or are easily taken for it."""
    return bool(one and other) and number_key(one) == number_key(other)


def number_key(number: str) -> str:
    """What is left of a number without what people type, read or add differently.

    "1042", "1O42", "01042", "#1042" and "1042-A" have the same.
    """
    said = number.strip().upper()
    if any(sign.isdigit() for sign in said):
        said = _SUFFIX.sub("", said).translate(_ALIKE)
    return "".join(sign for sign in said if sign.isalnum()).lstrip("0") or said


def _number(record: Json) -> str:
    return str(record.get("DocNumber") or record.get("PaymentRefNum") or "")


def _what(entity: str) -> str:
    noun = {"CreditMemo": "credit memo"}.get(entity, entity.lower())
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _noun(entity: str, doc_number: str) -> str:
    nouns = {"CreditMemo": "Credit memo", "BillPayment": "Bill payment"}
    noun = {**nouns, "Purchase": "Expense"}.get(entity, entity)
    if doc_number:
        return f"{noun} {doc_number}"
    return f"{'An' if noun[0] in 'EI' else 'A'} {noun.lower()}"


def _day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


def _days_ago(day: date, other: date) -> str:
    days = (day - other).days
    if days == 0:
        return "on the same day"
    unit = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {unit} {'earlier' if days > 0 else 'later'}"


async def names(around: Around, entity: str, body: Json) -> tuple[str, ...]:
    """Customers and vendors that may be the same: by name, e-mail, or phone."""
    return tuple(
        f"{each.name if each.active and each.entity == entity else each.title},"
        f" {each.why.removeprefix('the ')}"
        for each in await namesakes.search(around, body)
    )
