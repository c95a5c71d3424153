"""What posting a draft will do to the books, as people read it.

Balances are those of the local copy as the draft was made, and the draft alone is
counted: what else is posted meanwhile is not in them. Tax is an estimate.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select

from qbo import asks
from qbo.books import Draft, Money, Shown, Verb
from qbo.drafting.assembly import Around
from qbo.drafting.effects_spending import of_spending
from qbo.drafting.subjects import Subject, days
from qbo.mirror import RECORDS
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import at, cents, number

_BALANCES_MAX: Final = 5
_UNDONE: Final = frozenset({Verb.VOID, Verb.DELETE})
_QUARTER: Final = 3
C: Final = RECORDS.c


async def of_draft(
    around: Around, draft: Draft, found: Sequence[Subject]
) -> tuple[Shown, ...]:
    """The effects of a draft, the balances first."""
    return (
        *await _balances(around, draft, found),
        *await _settled(around, found),
        *_tax(draft, found),
        *await _income(around, found),
        *_periods(around, found),
        *await _due(around, draft, found),
        *await _names(around, found),
        *await of_spending(around, draft, found),
        *_mails(found),
    )


# --- balances -------------------------------------------------------------------


async def _balances(
    around: Around, draft: Draft, found: Sequence[Subject]
) -> list[Shown]:
    """Each party's balance before and after."""
    moved: dict[tuple[str, str], Decimal] = {}
    for each in found:
        # What is spent at once was never owed.
        if each.party and each.moves_books and each.entity != "Purchase":
            change = _moves(draft, found, each)
            if _is_changed_invoice(each) and not change:
                continue  # another day or memo
            moved[each.party] = moved.get(each.party, Decimal(0)) + change
    shown = []
    for (side, record_id), change in list(moved.items())[:_BALANCES_MAX]:
        record = await around.mirror.record(around.company.id, side, record_id)
        if record is None:
            continue
        before = records.money(record, "Balance", around.company.currency)
        after = Money(before.amount + change, before.currency)
        more = ", before tax" if _lacks_tax(draft, found) else ""
        label = f"Balance of {records.label(record)}"
        shown.append(Shown(label, f"{after}{more}", str(before)))
    if len(moved) > _BALANCES_MAX:
        rest = len(moved) - _BALANCES_MAX
        shown.append(Shown("Other balances", f"those of {rest} more change as well"))
    return shown


def _moves(draft: Draft, found: Sequence[Subject], each: Subject) -> Decimal:
    """By how much a document moves the balance of its party."""
    sign = {"Invoice": 1, "Bill": 1}.get(each.entity, -1)
    if each.verb in _UNDONE:
        return -sign * number(each.json.get("TotalAmt"))
    if _is_changed_invoice(each) and draft.total is not None and len(found) == 1:
        before = number(each.json.get("TotalAmt"))
        if draft.lines and draft.tax is None:
            before -= number(at(each.json, "TxnTaxDetail.TotalTax"))
        return draft.total.amount - before
    if not each.is_new or each.entity in {"Purchase", "SalesReceipt"}:
        return Decimal(0)
    if each.total is not None:
        return sign * each.total
    alone = sum(one.is_new for one in found) == 1
    return sign * (draft.total.amount if alone and draft.total else each.net)


def _is_changed_invoice(each: Subject) -> bool:
    return each.verb is Verb.UPDATE and each.entity == "Invoice"


def _lacks_tax(draft: Draft, found: Iterable[Subject]) -> bool:
    return draft.tax is None and any(
        each.is_new and each.entity in {"Invoice", "CreditMemo"} for each in found
    )


async def _settled(around: Around, found: Sequence[Subject]) -> list[Shown]:
    """What of invoices is open before and after payments, and what of them is left."""
    shown = []
    for each in found:
        if each.entity != "Payment":
            continue
        back = each.verb in _UNDONE
        if not back and not each.is_new:
            continue
        settled = Decimal(0)
        for kind, invoice_id, paid in records.linked(each.json):
            settled += paid
            if kind != "Invoice":
                continue
            record = await around.mirror.record(around.company.id, kind, invoice_id)
            if record is None:
                continue
            open_ = records.money(record, "Balance", around.company.currency)
            left = Money(open_.amount + (paid if back else -paid), open_.currency)
            label = f"Open on invoice {record.get('DocNumber') or invoice_id}"
            shown.append(Shown(label, str(left), str(open_)))
        rest = number(each.json.get("TotalAmt")) - settled
        if rest > 0 and not back:
            money = Money(rest, records.currency(each.json, around.company.currency))
            shown.append(Shown("Kept as credit", f"{money}, applied to nothing"))
    return shown


# --- tax and income -------------------------------------------------------------


def _tax(draft: Draft, found: Sequence[Subject]) -> list[Shown]:
    sales = [
        each
        for each in found
        if each.is_new and each.entity in {"Invoice", "CreditMemo"}
    ]
    if not sales:
        return []
    if draft.tax is None:
        return [Shown("Tax", "QuickBooks computes it when it is posted")]
    if not draft.tax.amount:
        return [Shown("Tax", "none (estimate)")]
    return [Shown("Tax", f"{draft.tax} (estimate; QuickBooks computes it)")]


async def _income(around: Around, found: Sequence[Subject]) -> list[Shown]:
    """What the profit and loss of a period loses by what is voided or credited."""
    lost: dict[str, Decimal] = {}
    for each in found:
        is_voided = each.entity == "Invoice" and each.verb in _UNDONE
        is_credited = each.entity == "CreditMemo" and each.is_new
        if not (is_voided or is_credited) or each.day is None:
            continue
        month = f"{each.day:%B %Y}"
        lost[month] = lost.get(month, Decimal(0)) + await _earned(around, each)
    home = around.company.currency
    return [
        Shown(f"Income of {month}", f"falls by {Money(income, home)} (accrual basis)")
        for month, income in lost.items()
        if income
    ]


async def _earned(around: Around, each: Subject) -> Decimal:
    """What of a sale went to income, in the company's own currency."""
    included = each.json.get("GlobalTaxCalculation") == "TaxInclusive"
    tax = number(at(each.json, "TxnTaxDetail.TotalTax")) if included else Decimal(0)
    earned = -tax
    for line in records.flat_lines(each.json):
        sign = -1 if line.get("DetailType") == "DiscountLineDetail" else 1
        item_id = records.ref_id(records.line_detail(line), "ItemRef")
        item = await around.mirror.record(around.company.id, "Item", item_id)
        account = await around.mirror.record(
            around.company.id, "Account", records.ref_id(item or {}, "IncomeAccountRef")
        )
        if account is None or account.get("Classification") == "Revenue":
            earned += sign * number(line.get("Amount"))
    rate = number(each.json.get("ExchangeRate")) or Decimal(1)
    return cents(earned * rate)


# --- when -----------------------------------------------------------------------


def _periods(around: Around, found: Sequence[Subject]) -> list[Shown]:
    moved = days(found)
    if not moved:
        return []
    periods = dict.fromkeys(_period(around, day) for day in moved)
    return [Shown("Period", "; ".join(periods))]


def _period(around: Around, day: date) -> str:
    first = around.company.fiscal_year_start_month
    year = day.year if day.month >= first else day.year - 1
    name = f"{year}" if first == 1 else f"{year}/{(year + 1) % 100:02}"
    quarter = (day.month - first) % 12 // _QUARTER + 1
    closed = around.company.book_close_date
    state = f"closed up to {day_label(closed)}" if closed and day <= closed else "open"
    return f"{day:%B %Y}, quarter {quarter} of fiscal year {name}, {state}"


async def _due(around: Around, draft: Draft, found: Sequence[Subject]) -> list[Shown]:
    """When it has to be paid, and who says so."""
    new = [each for each in found if each.is_new and each.entity == "Invoice"]
    if len(new) != 1 or not new[0].json.get("DueDate"):
        return []
    body = new[0].json
    return [
        Shown(
            "Due",
            f"{day_label(records.day(body, 'DueDate'))} "
            f"({await _due_by(around, draft, new[0])})",
        )
    ]


async def _due_by(around: Around, draft: Draft, new: Subject) -> str:
    """Where the due date comes from."""
    change = asks.change_from(draft.change) if draft.change else None
    terms = records.ref_name(new.json, "SalesTermRef")
    if isinstance(change, asks.InvoiceCreate):
        if change.due_date is not None:
            return "as it was said"
        if change.terms is not None:
            return f"terms {terms}, as it was said"
    if not terms:
        return "there are no payment terms, so at once"
    assert new.party is not None, "an invoice for nobody"
    customer = await around.mirror.record(around.company.id, *new.party)
    own = records.ref_id(customer or {}, "SalesTermRef")
    if own and own == records.ref_id(new.json, "SalesTermRef"):
        return f"the customer's terms {terms}"
    return f"the company's default terms {terms}"


# --- names and mail -------------------------------------------------------------


# Of a name: its documents in QuickBooks and in words, and what is done to new ones.
_OF_NAMES: Final = {
    "Customer": ("Invoice", "invoice", "made"),
    "Vendor": ("Bill", "bill", "entered"),
}


async def _names(around: Around, found: Sequence[Subject]) -> list[Shown]:
    """What becomes of documents when a customer or vendor is made or changed.

    The fields themselves, before and after, stand among what is shown of the draft.
    """
    shown: list[Shown] = []
    for each in found:
        if each.entity not in _OF_NAMES:
            continue
        entity, noun, done = _OF_NAMES[each.entity]
        if each.is_new:
            nothing = Money(Decimal("0.00"), around.company.currency)
            shown.append(Shown("Balance", f"starts at {nothing}"))
            continue
        rows = await around.mirror.rows(
            select(func.count()).where(
                C.company == around.company.id,
                C.entity == entity,
                C.party_id == str(each.json["Id"]),
                C.balance > 0,
            )
        )
        if each.json.get("Active") is False:
            shown.append(Shown("From then on", f"nothing new can be {done} for it"))
        if count := int(rows[0][0]):
            stay = "stays as it is" if count == 1 else "stay as they are"
            plural = "" if count == 1 else "s"
            shown.append(Shown("Documents", f"{count} open {noun}{plural} {stay}"))
    return shown


def _mails(found: Sequence[Subject]) -> list[Shown]:
    if found and all(each.verb is Verb.SEND for each in found):
        return [Shown("Amounts", "stay as they are; only the e-mail goes out")]
    return []
