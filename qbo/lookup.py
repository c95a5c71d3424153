"""The one record that a name or a number means, found in the mirror."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy import or_, select

from qbo.books import Company
from qbo.faults import Ambiguous, NotFound, Refused
from qbo.mirror import RECORDS, Mirror
from qbo.wire import records
from qbo.wire.exact import Json, at, loads

NOUNS: Final[Mapping[str, str]] = {
    "Customer": "customer",
    "Vendor": "vendor",
    "Item": "item",
    "Account": "account",
    "Invoice": "invoice",
    "Bill": "bill",
    "Payment": "payment",
    "Term": "terms",
    "PaymentMethod": "method",
}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_UNCHANGED: Final = re.compile(r"\bnothing (?:has been|was) \w+\b", re.IGNORECASE)


def preflight(sentence: str) -> Refused:
    """A no of ours: what QuickBooks would refuse, or what cannot be meant."""
    return Refused(sentence, code="preflight")


def unchanged(sentence: str) -> str:
    """A no before anything was written; it says so where it does not yet."""
    said = _UNCHANGED.search(sentence)
    return sentence if said else f"{sentence} (Nothing has been changed.)"


async def all_named(mirror: Mirror, company: str, entity: str, name: str) -> list[Json]:
    """The list records of that name: active ones, or else inactive ones.

    A sub-record may be named with its parents ("Acme Corporation:Acme West"), an
    account by its number, an item by its SKU.
    """
    key = " ".join(name.split()).casefold()
    found = await mirror.rows(
        select(RECORDS.c.raw, RECORDS.c.active)
        .where(
            RECORDS.c.company == company,
            RECORDS.c.entity == entity,
            or_(
                RECORDS.c.name_key == key,
                RECORDS.c.full_key == key,
                (RECORDS.c.code_key == key) & (RECORDS.c.code_key != ""),
            ),
        )
        .order_by(RECORDS.c.full_key, RECORDS.c.id)
    )
    wanted = [row for row in found if row.active] or found
    return [loads(row.raw) for row in wanted]


async def named(
    mirror: Mirror, company: str, entity: str, name: str, *, about: str = ""
) -> Json:
    """The one list record of that name, active or not.

    Raises:
        NotFound: there is none.
        Ambiguous: there are several; `about` is the argument that named it.
    """
    noun = NOUNS[entity]
    found = await all_named(mirror, company, entity, name)
    if not found:
        raise NotFound(
            f"There is no {noun} called {name} in QuickBooks.", kind=noun, name=name
        )
    if len(found) > 1:
        raise Ambiguous(
            f"There are {len(found)} {noun}s called {name}. Which one?",
            about=about or noun,
            choices=tuple(str(each.get("FullyQualifiedName")) for each in found),
        )
    return found[0]


async def active(
    mirror: Mirror, company: str, entity: str, name: str, *, about: str = ""
) -> Json:
    """The one active list record of that name.

    Raises:
        NotFound, Ambiguous: as `named`.
        Refused: it is inactive (code "preflight").
    """
    found = await named(mirror, company, entity, name, about=about)
    if not found.get("Active", True):
        raise preflight(
            f"{records.label(found)} is inactive in QuickBooks, so nothing new can be"
            " entered for it. Make it active again first."
        )
    return found


async def numbered(
    mirror: Mirror, company: str, entity: str, doc_number: str
) -> list[Json]:
    """The documents with that number, newest first; usually one.

    Raises:
        NotFound: there is none.
    """
    found = await mirror.found(
        select(RECORDS.c.raw)
        .where(
            RECORDS.c.company == company,
            RECORDS.c.entity == entity,
            RECORDS.c.doc_key == doc_number.strip().casefold(),
        )
        .order_by(RECORDS.c.txn_date.desc(), RECORDS.c.id.desc())
    )
    if not found:
        noun = NOUNS[entity]
        raise NotFound(
            f"There is no {noun} {doc_number} in QuickBooks.",
            kind=noun,
            name=doc_number,
        )
    return found


async def below(
    mirror: Mirror, company: str, entity: str, record_id: str
) -> tuple[str, ...]:
    """The id of a list record and those of all its sub-records."""
    rows = await mirror.rows(
        select(RECORDS.c.id, RECORDS.c.parent_id).where(
            RECORDS.c.company == company,
            RECORDS.c.entity == entity,
            RECORDS.c.parent_id != "",
        )
    )
    found = [record_id]
    for above in found:
        found.extend(
            row.id for row in rows if row.parent_id == above and row.id not in found
        )
    return tuple(found)


async def facts(mirror: Mirror, company: Company) -> Company:
    """The company as its own records describe it now."""
    info = await _single(mirror, company.id, "CompanyInfo")
    prefs = await _single(mirror, company.id, "Preferences")
    month = str(info.get("FiscalYearStartMonth") or "")
    closed = at(prefs, "AccountingInfoPrefs.BookCloseDate")
    return replace(
        company,
        name=str(info.get("CompanyName") or company.name),
        country=str(info.get("Country") or company.country),
        currency=str(at(prefs, "CurrencyPrefs.HomeCurrency.value") or company.currency),
        fiscal_year_start_month=_MONTHS.index(month) + 1
        if month in _MONTHS
        else company.fiscal_year_start_month,
        custom_txn_numbers=bool(
            at(prefs, "SalesFormsPrefs.CustomTxnNumbers")
            if prefs
            else company.custom_txn_numbers
        ),
        book_close_date=date.fromisoformat(str(closed)[:10])
        if closed
        else (None if prefs else company.book_close_date),
    )


async def preferences(mirror: Mirror, company: str) -> Json:
    """The company's preferences; empty where they are not known."""
    return await _single(mirror, company, "Preferences")


async def _single(mirror: Mirror, company: str, entity: str) -> Json:
    found = await mirror.found(
        select(RECORDS.c.raw).where(
            RECORDS.c.company == company, RECORDS.c.entity == entity
        )
    )
    return found[0] if found else {}


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: "A, B and C"."""
    if len(names) < 2:  # noqa: PLR2004
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
