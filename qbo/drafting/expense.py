"""Drafts that enter an expense, or put expenses under another account."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from qbo import lookup
from qbo.asks import ExpenseCategorize, ExpenseCreate
from qbo.books import Draft, Money
from qbo.drafting import spending
from qbo.drafting.assembly import Around, Making, body_day, body_lines, reference
from qbo.drafting.purchase_tax import (
    EXCLUDED,
    INCLUSIVE,
    PurchaseTaxes,
    charge,
    show_total,
)
from qbo.faults import Ambiguous, NotFound
from qbo.lookup import listed, preflight
from qbo.mirror import RECORDS
from qbo.reports import day_label
from qbo.selection import within
from qbo.wire import records
from qbo.wire.exact import Json, cents, number

EXPENSES_MAX: Final = 30
_CHOICES_MAX: Final = 5
_DETAIL: Final = "AccountBasedExpenseLineDetail"
_BY_ID: Final = re.compile(r"(?:.*\(|\A\s*)id (?P<id>\d+)\)?\s*\Z")
# What of an expense is shown when its account is to change.
CATEGORIZE_PATHS: Final = (
    *("Line", "TxnDate", "TotalAmt", "EntityRef.value", "EntityRef.name"),
    *("AccountRef.value", "AccountRef.name", "PaymentType", "DocNumber"),
)
C: Final = RECORDS.c


async def create(around: Around, change: ExpenseCreate) -> Draft:
    """Money that was spent, on one account.

    Raises:
        NotFound, Ambiguous: a name means nothing, or something has to be asked.
        Refused: an account or the amount cannot be ("preflight").
    """
    making = Making(around, change)
    if change.amount <= 0:
        raise Ambiguous(
            "An expense is more than nothing. How much was spent?", about="amount"
        )
    vendor: Json | None = None
    if change.vendor is not None:
        vendor = await spending.vendor_named(around, making, change.vendor)
    account = await spending.cost_account(around, making, change.account)
    payer = await spending.paid_from(
        around, making, change.pay_from, vendor, "Purchase"
    )
    day = change.date or around.today
    by_card = payer.get("AccountType") == spending.CARD
    body: Json = {
        "PaymentType": "CreditCard" if by_card else "Cash",
        "AccountRef": reference(payer),
        "TxnDate": day.isoformat(),
    }
    currency = around.company.currency
    if vendor is not None:
        body["EntityRef"] = {**reference(vendor), "type": "Vendor"}
        currency = spending.set_currency(around, making, body, vendor)
    taxes = PurchaseTaxes(around)
    line = spending.cost_line(account, change.amount)
    body["Line"] = [line]
    if taxes.on_lines:
        await _set_tax(making, taxes, body, (account, vendor))
    body["PrivateNote"] = around.note(change.memo)
    making.create("Purchase", body)
    making.lines = body_lines(body, currency)
    making.show("Payee", records.ref_name(body, "EntityRef") or "nobody named")
    making.show("Date", body_day(body, "TxnDate"))
    kind = "card" if by_card else "bank account"
    making.show("Paid from", f"{records.label(payer)} ({kind})")
    making.show("Memo", records.text(body, "PrivateNote"))
    await show_total(making, taxes, body, currency)
    at = f" at {records.label(vendor)}" if vendor else ""
    return making.made(f"Expense of {making.total} for {records.label(account)}{at}")


async def _set_tax(
    making: Making, taxes: PurchaseTaxes, body: Json, about: tuple[Json, Json | None]
) -> None:
    """The tax code of the one line; what was paid has the tax in it.

    Both amounts are sent, the net and the gross: how QuickBooks reads a lone gross
    amount is not documented (quickbooks.md 4.19).
    """
    line = body["Line"][0]
    code = await charge(making, taxes, line, *about)
    gross: Decimal = line["Amount"]
    share = await taxes.share(code.id)
    if not share:
        body["GlobalTaxCalculation"] = EXCLUDED
        return
    body["GlobalTaxCalculation"] = INCLUSIVE
    line["Amount"] = cents(gross / (1 + share))
    line[_DETAIL]["TaxInclusiveAmt"] = gross


# --- another account ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Moved:
    """An expense with its lines under the new account, and where they were."""

    record: Json
    lines: list[Json]
    before: tuple[str, ...]
    amount: Decimal


async def categorize(around: Around, change: ExpenseCategorize) -> Draft:
    """One expense, or several, with their category lines under another account.

    Raises:
        NotFound: nothing is like that.
        Ambiguous: several may be meant, and none was named.
        Refused: they are under it already, or are too many ("preflight").
    """
    making = Making(around, change)
    account = await spending.cost_account(around, making, change.account)
    kept = await _chosen(around, change, str(account["Id"]))
    live = await around.live("Purchase", [str(each["Id"]) for each in kept])
    found = [live[str(each["Id"])] for each in kept if str(each["Id"]) in live]
    if not found:
        raise preflight("QuickBooks no longer has that expense. Nothing was proposed.")
    moved, left_out = _movable(around, found, account)
    if not moved:
        raise preflight(
            f"Nothing has been proposed: {listed(left_out)}."
            if left_out
            else "Nothing has been proposed."
        )
    for each in moved:
        _add(around, making, each)
    if left_out:
        making.notes.append(f"Left out: {listed(left_out)}.")
    making.total = _total(around, moved)
    name = records.label(account)
    if len(moved) == 1:
        _show_one(around, making, moved[0], account)
        return making.made(f"Put {_told(around, moved[0].record)} under {name}")
    making.notes.append("Only the accounts change; amounts, dates and payees stay.")
    draft = making.made(f"Put {len(moved)} expenses under {name}")
    return replace(draft, independent=True)


def _movable(
    around: Around, found: Sequence[Json], account: Json
) -> tuple[list[_Moved], list[str]]:
    """What can be put under the account, and what cannot with the reason."""
    moved, left_out = [], []
    closed = around.company.book_close_date
    for record in found:
        name = expense_name(record)
        each = _under(record, account)
        if each is None:
            left_out.append(
                f"{name} has no lines that name an account, but items; change those"
                " in QuickBooks"
            )
        elif not each.before:
            left_out.append(f"{name} is under {records.label(account)} already")
        elif (
            len(found) > 1
            and closed is not None
            and records.day(record, "TxnDate") <= closed
        ):
            left_out.append(
                f"{name}, as the books are closed up to {day_label(closed)}"
            )
        else:
            moved.append(each)
    return moved, left_out


def _under(record: Json, account: Json) -> _Moved | None:
    """The record's lines under the account; None where no line names one.

    All lines are sent, each with its Id: QuickBooks deletes lines that are left out,
    and clears what a line does not repeat (quickbooks.md 4.2).
    """
    made: list[Json] = []
    before: dict[str, None] = {}
    amount, has_accounts = Decimal("0.00"), False
    for line in record.get("Line") or ():
        detail = line.get(_DETAIL)
        if not isinstance(detail, dict):
            made.append(line)
            continue
        has_accounts = True
        if records.ref_id(detail, "AccountRef") == str(account["Id"]):
            made.append(line)
            continue
        before[
            records.ref_name(detail, "AccountRef") or "an account without a name"
        ] = None
        amount += number(line.get("Amount"))
        made.append({**line, _DETAIL: {**detail, "AccountRef": reference(account)}})
    return _Moved(record, made, tuple(before), amount) if has_accounts else None


def _add(around: Around, making: Making, each: _Moved) -> None:
    record = each.record
    name = expense_name(record)
    body: Json = {"PaymentType": record["PaymentType"]}
    if record.get("GlobalTaxCalculation"):
        body["GlobalTaxCalculation"] = record["GlobalTaxCalculation"]
    making.update("Purchase", record, {**body, "Line": each.lines})
    making.rely("Purchase", record, name, CATEGORIZE_PATHS)
    value = records.purchase(record, around.company.currency)
    payee = value.payee or value.paid_from
    making.show(name, f"{payee}, {value.total}, was {listed(each.before)}")


def _show_one(around: Around, making: Making, each: _Moved, account: Json) -> None:
    home = around.company.currency
    value = records.purchase(each.record, home)
    making.shown.clear()
    making.show("Payee", value.payee or "nobody named")
    making.show("Date", day_label(value.txn_date))
    making.show("Number", value.doc_number)
    making.show("Paid from", value.paid_from)
    making.show("Total", str(value.total))
    making.show("Account", records.label(account), before=listed(each.before))
    making.show("Memo", value.private_note)
    making.lines = records.lines({**each.record, "Line": each.lines}, home)
    if len(each.before) > 1:
        making.notes.append(
            "Its lines were under several accounts; all of them go under the new one."
        )
    making.notes.append("Only the account changes; amount, date and payee stay.")


def _total(around: Around, moved: Sequence[_Moved]) -> Money | None:
    """What moves to the account; None where that is several currencies."""
    home = around.company.currency
    used = {records.currency(each.record, home) for each in moved}
    if len(used) > 1:
        return None
    return Money(cents(sum((x.amount for x in moved), Decimal(0))), used.pop())


# --- which ----------------------------------------------------------------------


async def _chosen(
    around: Around, change: ExpenseCategorize, account_id: str
) -> list[Json]:
    """The expenses that are meant, in the order of their dates.

    A number or a choice means one; a period all that are in it; a vendor alone the
    only one of it that is elsewhere, or it is asked which.
    """
    if change.expenses:
        by_id = {
            str(x["Id"]): x for x in await _found(around, C.id.in_(change.expenses))
        }
        return [by_id[each] for each in change.expenses if each in by_id]
    where: list[Any] = []
    if change.vendor is not None:
        vendor = await lookup.named(
            around.mirror, around.company.id, "Vendor", change.vendor
        )
        where.append(C.party_id == str(vendor["Id"]))
    where += within(C.txn_date, change.period)
    if change.expense is not None:
        return [await _numbered(around, change.expense, where)]
    if not where:
        raise Ambiguous("Which expenses should be changed?", about="expense")
    found = await _found(around, *where)
    if not found:
        raise NotFound(
            "No expense in QuickBooks is like that. (Nothing has been proposed.)",
            kind="expense",
            name=change.vendor or "",
        )
    elsewhere = [each for each in found if _is_elsewhere(each, account_id)]
    if change.period is None and len(elsewhere) > 1:
        raise Ambiguous(
            f"There are {len(elsewhere)} expenses at {change.vendor} under other"
            " accounts. Which one do you mean? You can also name a period for all of"
            " its expenses.",
            about="expense",
            choices=_choices(around, elsewhere),
        )
    if len(elsewhere) > EXPENSES_MAX:
        raise preflight(
            f"These are {len(elsewhere)} expenses, and one proposal holds at most"
            f" {EXPENSES_MAX}. Nothing has been proposed; name a shorter period."
        )
    return elsewhere or found[:1]


async def _numbered(around: Around, said: str, where: Sequence[Any]) -> Json:
    """The one expense of that number; a choice and a bare id mean QuickBooks' own id.

    Raises:
        NotFound: there is none.
        Ambiguous: there are several.
    """
    if matched := _BY_ID.fullmatch(said):
        found = await _found(around, C.id == matched["id"])
    else:
        wanted = said.strip().lstrip("#")
        found = await _found(around, C.doc_key == wanted.casefold(), *where)
        found = found or await _found(around, C.id == wanted, *where)
    if not found:
        raise NotFound(
            f"There is no expense {said} in QuickBooks. (Nothing has been proposed.)",
            kind="expense",
            name=said,
        )
    if len(found) > 1:
        raise Ambiguous(
            f"There are {len(found)} expenses with number {said}. Which one?",
            about="expense",
            choices=_choices(around, found),
        )
    return found[0]


async def _found(around: Around, *where: Any) -> list[Json]:
    return await around.mirror.found(
        select(C.raw)
        .where(
            C.company == around.company.id,
            C.entity == "Purchase",
            ~C.voided,
            *where,
        )
        .order_by(C.txn_date, C.created_at, C.id)
    )


def _is_elsewhere(record: Json, account_id: str) -> bool:
    return any(
        records.ref_id(line[_DETAIL], "AccountRef") != account_id
        for line in record.get("Line") or ()
        if isinstance(line.get(_DETAIL), dict)
    )


def _choices(around: Around, found: Iterable[Json]) -> tuple[str, ...]:
    """Expenses as one may choose them, the newest first; `_BY_ID` reads them again."""
    newest = list(found)[::-1][:_CHOICES_MAX]
    return tuple(
        f"{_told(around, each)} (id {each['Id']})".removeprefix("expense of ")
        for each in newest
    )


def expense_name(record: Json) -> str:
    """An expense as people know it: by its number, else by its day."""
    if record.get("DocNumber"):
        return f"Expense {record['DocNumber']}"
    return f"Expense of {day_label(records.day(record, 'TxnDate'))}"


def _told(around: Around, record: Json) -> str:
    value = records.purchase(record, around.company.currency)
    name = expense_name(record)
    who = value.payee or value.paid_from
    return f"{name[:1].lower()}{name[1:]}, {who}, {value.total}"
