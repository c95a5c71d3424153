"""What posting a draft will do to what we owe, have and spend, as people read it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from qbo import asks
from qbo.books import Draft, Money, Shown, Verb
from qbo.drafting.assembly import Around
from qbo.drafting.spending import CARD, payer_id
from qbo.drafting.subjects import Subject
from qbo.mirror import RECORDS
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, cents, number

_UNDONE: Final = frozenset({Verb.VOID, Verb.DELETE})
_SPENT: Final = frozenset({"Bill", "Purchase"})
_PAID: Final = frozenset({"BillPayment", "Purchase"})
_SHOWN_MAX: Final = 5
C: Final = RECORDS.c


async def of_spending(
    around: Around, draft: Draft, found: Sequence[Subject]
) -> tuple[Shown, ...]:
    """The effects of what is bought, paid, or entered of vendors."""
    return (
        *await _settled(around, found),
        *await _payers(around, draft, found),
        *await _costs(around, found),
        *await _due(around, draft, found),
    )


async def _settled(around: Around, found: Sequence[Subject]) -> list[Shown]:
    """What of bills is open before and after they are paid, or a payment is voided."""
    shown = []
    for each in found:
        back = each.verb in _UNDONE
        if each.entity != "BillPayment" or not (back or each.is_new):
            continue
        for kind, bill_id, paid in records.linked(each.json):
            record = await around.mirror.record(around.company.id, kind, bill_id)
            if kind != "Bill" or record is None:
                continue
            open_ = records.money(record, "Balance", around.company.currency)
            left = Money(open_.amount + (paid if back else -paid), open_.currency)
            name = (
                f"bill {record['DocNumber']}"
                if record.get("DocNumber")
                else f"the bill of {day_label(records.day(record, 'TxnDate'))}"
            )
            shown.append(Shown(f"Open on {name}", str(left), str(open_)))
    return shown[:_SHOWN_MAX]


async def _payers(
    around: Around, draft: Draft, found: Sequence[Subject]
) -> list[Shown]:
    """The balance of the bank account, or what is owed on the card."""
    moved: defaultdict[str, Decimal] = defaultdict(Decimal)
    home = around.company.currency
    for each in found:
        back = each.verb in _UNDONE
        if each.entity not in _PAID or not (back or each.is_new):
            continue
        if records.currency(each.json, home) != home:
            return []
        total = number(each.json.get("TotalAmt")) or (
            draft.total.amount if draft.total and len(found) == 1 else each.net
        )
        moved[payer_id(each.json)] += total if back else -total
    shown = []
    for account_id, change in moved.items():
        record = await around.mirror.record(around.company.id, "Account", account_id)
        if record is None or records.currency(record, home) != home:
            continue
        is_card = record.get("AccountType") == CARD
        before = Money(records.account_balance(record), home)
        after = Money(before.amount + (-change if is_card else change), home)
        what = "Owed on" if is_card else "Balance of"
        shown.append(Shown(f"{what} {records.label(record)}", str(after), str(before)))
    return shown


async def _costs(around: Around, found: Sequence[Subject]) -> list[Shown]:
    """What accounts gain or lose, in the company's own currency and before tax."""
    moved: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in found:
        if each.entity not in _SPENT:
            continue
        rate = _rate(around, each.json)
        if rate is None:
            return []
        sign = -1 if each.verb in _UNDONE else 1
        if each.json.get("Credit"):
            sign = -sign
        lines = [(account, sign * amount) for account, amount in _charged(each.json)]
        if each.verb is Verb.UPDATE:
            lines += [(a, -sign * amount) for a, amount in _charged(each.before or {})]
        for account, amount in lines:
            moved[account] += cents(amount * rate)
    shown = []
    for account_id, change in moved.items():
        record = await around.mirror.record(around.company.id, "Account", account_id)
        if record is None or not change:
            continue
        word = "rises" if change > 0 else "falls"
        money = Money(abs(change), around.company.currency)
        shown.append(Shown(records.label(record), f"{word} by {money}"))
    if len(shown) <= _SHOWN_MAX:
        return shown
    left = len(shown) - _SHOWN_MAX
    return [*shown[:_SHOWN_MAX], Shown("Other accounts", f"{left} more change as well")]


def _charged(record: Json) -> Iterator[tuple[str, Decimal]]:
    for line in records.flat_lines(record):
        account = records.ref_id(records.line_detail(line), "AccountRef")
        if account:
            yield account, number(line.get("Amount"))


def _rate(around: Around, record: Json) -> Decimal | None:
    """How much of the company's currency one of the record's is, where it says so."""
    if records.currency(record, around.company.currency) == around.company.currency:
        return Decimal(1)
    return number(record.get("ExchangeRate")) or None


async def _due(around: Around, draft: Draft, found: Sequence[Subject]) -> list[Shown]:
    """When a new bill has to be paid, and who says so."""
    new = [each for each in found if each.is_new and each.entity == "Bill"]
    if len(new) != 1 or not new[0].json.get("DueDate"):
        return []
    body = new[0].json
    change = asks.change_from(draft.change) if draft.change else None
    terms = records.ref_name(body, "SalesTermRef")
    vendor = await around.mirror.record(
        around.company.id, "Vendor", records.ref_id(body, "VendorRef")
    )
    own = records.ref_id(vendor or {}, "TermRef")
    why = f"the company's default terms {terms}"
    if isinstance(change, asks.BillCreate) and change.due_date is not None:
        why = "as it was said"
    elif isinstance(change, asks.BillCreate) and change.terms is not None:
        why = f"terms {terms}, as it was said"
    elif not terms:
        why = "there are no payment terms, so at once"
    elif own and own == records.ref_id(body, "SalesTermRef"):
        why = f"the vendor's terms {terms}"
    return [Shown("Due", f"{day_label(records.day(body, 'DueDate'))} ({why})")]
