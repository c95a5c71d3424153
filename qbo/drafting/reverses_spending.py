"""Drafts that take back what was entered of bills, their payment, and expenses.

bill            deleted: QuickBooks voids no bills; a paid one stays
bill payment    voided: the bills are open again
expense         deleted: QuickBooks voids no expenses
another account the lines get the accounts back that they had
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from qbo.asks import Posted
from qbo.books import Money
from qbo.drafting.assembly import Making
from qbo.drafting.bill import bill_name
from qbo.drafting.expense import CATEGORIZE_PATHS, expense_name
from qbo.drafting.takeback import Reverse, check_open
from qbo.lookup import listed, preflight
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, at, cents, loads, number

_DOCUMENT: Final = ("TxnDate", "Line", "TotalAmt", "PrivateNote")
_BILL_PATHS: Final = (
    *("DocNumber", "VendorRef.value", "VendorRef.name", "DueDate", "Balance"),
    *_DOCUMENT,
)
_PAYMENT_PATHS: Final = ("VendorRef.value", "VendorRef.name", *_DOCUMENT)
_DETAIL: Final = "AccountBasedExpenseLineDetail"


def _nothing(money: Money) -> str:
    return str(Money(Decimal("0.00"), money.currency))


async def bill(making: Making, posted: Posted, record: Json) -> Reverse:
    """A bill deleted, where nothing of it is paid.

    Raises:
        Refused: it is paid in part, or its period is closed ("preflight").
    """
    del posted
    value = records.bill(record, making.around.company.currency)
    name = bill_name(record)
    check_open(making.around, record, name)
    paid = Money(value.total.amount - value.balance.amount, value.total.currency)
    if paid.amount > 0:
        raise preflight(
            f"{paid} of {name} is paid, so it is not deleted. Nothing has been changed;"
            " undo the payment first, or enter a vendor credit in QuickBooks."
        )
    title = f"{name[:1].upper()}{name[1:]}"
    making.show("Bill", value.doc_number or "without a number")
    making.show("Vendor", value.vendor)
    making.show("Bill date", day_label(value.txn_date))
    making.show("Total", _nothing(value.total), before=str(value.total))
    making.lines = value.lines
    making.notes.append(
        "QuickBooks voids no bills: it is deleted, and cannot be brought back."
    )
    making.rely("Bill", record, title, _BILL_PATHS)
    making.delete("Bill", record)
    return Reverse(
        "bill.delete",
        f"delete {name} of {value.vendor}, {value.total}",
        title,
        f"delete, {value.vendor}, {value.total}",
        value.total,
    )


async def bill_payment(making: Making, posted: Posted, record: Json) -> Reverse:
    """A bill payment voided: the record stays with no amount, the bills open again.

    Raises:
        Refused: its period is closed ("preflight").
    """
    vendor = records.ref_name(record, "VendorRef")
    total = records.money(record, "TotalAmt", making.around.company.currency)
    day = day_label(records.day(record, "TxnDate"))
    check_open(making.around, record, f"the payment of {day}")
    making.show("Vendor", vendor)
    making.show("Payment date", day)
    making.show("Amount", _nothing(total), before=str(total))
    making.notes.append(
        "It is voided: the record stays with no amount, and the bills are open again."
        " What the bank has paid stays paid."
    )
    title = f"Bill payment {posted.record_id}"
    making.rely("BillPayment", record, title, _PAYMENT_PATHS)
    making.void("BillPayment", record)
    return Reverse(
        "bill_payment.void",
        f"void the payment of {total} to {vendor}",
        title,
        f"void, {vendor}, {total}",
        total,
    )


async def expense(making: Making, posted: Posted, record: Json) -> Reverse:
    """An expense deleted.

    Raises:
        Refused: it is billed to a customer, or its period is closed ("preflight").
    """
    del posted
    value = records.purchase(record, making.around.company.currency)
    name = expense_name(record)
    check_open(making.around, record, f"{name[:1].lower()}{name[1:]}")
    details = map(records.line_detail, records.flat_lines(record))
    if any(each.get("BillableStatus") == "HasBeenBilled" for each in details):
        raise preflight(
            f"{name} is on an invoice to a customer by now, so it is not deleted."
            " Nothing has been changed; take it off that invoice in QuickBooks first."
        )
    payee = value.payee or "nobody named"
    making.show("Payee", payee)
    making.show("Date", day_label(value.txn_date))
    making.show("Paid from", value.paid_from)
    making.show("Total", _nothing(value.total), before=str(value.total))
    making.lines = value.lines
    making.notes.append(
        "QuickBooks voids no expenses: it is deleted, and cannot be brought back."
    )
    making.rely("Purchase", record, name, (*CATEGORIZE_PATHS, "PrivateNote"))
    making.delete("Purchase", record)
    told = f"{name[:1].lower()}{name[1:]}, {payee}, {value.total}"
    return Reverse(
        "expense.delete", f"delete {told}", name, f"delete, {payee}, {value.total}",
        value.total,
    )  # fmt: skip


async def other_account(making: Making, posted: Posted, record: Json) -> Reverse:
    """An expense's lines under the accounts that they had before.

    Raises:
        Refused: one of these is inactive, or the period is closed ("preflight").
    """
    around = making.around
    name = expense_name(record)
    check_open(around, record, f"{name[:1].lower()}{name[1:]}")
    had: list[Json] = [_filled(x) for x in loads(dict(posted.before)["Line"])]
    now = list(dict.fromkeys(_accounts(record.get("Line") or ())))
    back = list(dict.fromkeys(_accounts(had)))
    for each in back:
        account = await around.mirror.record(around.company.id, "Account", each)
        if account is None or not account.get("Active", True):
            label = records.label(account) if account else "An account"
            raise preflight(
                f"{label}, under which {name[:1].lower()}{name[1:]} was before, is"
                " inactive in QuickBooks. Nothing has been changed; make it active"
                " again first."
            )
        making.rest_on("Account", account, f"Account {records.label(account)}")
    value = records.purchase(record, around.company.currency)
    before, after = _names(record.get("Line") or (), now), _names(had, back)
    making.show("Payee", value.payee or "nobody named")
    making.show("Date", day_label(value.txn_date))
    making.show("Account", after, before=before)
    making.lines = records.lines({**record, "Line": had}, around.company.currency)
    making.rely("Purchase", record, name, CATEGORIZE_PATHS)
    body: Json = {"PaymentType": record["PaymentType"], "Line": had}
    if record.get("GlobalTaxCalculation"):
        body["GlobalTaxCalculation"] = record["GlobalTaxCalculation"]
    making.update("Purchase", record, body)
    sent = {str(line.get("Id")): line for line in loads(posted.sent)["Line"]}
    moved = sum(
        (
            number(line.get("Amount"))
            for line in had
            if _account(line) != _account(sent.get(str(line.get("Id")), {}))
        ),
        Decimal(0),
    )
    told = f"{name[:1].lower()}{name[1:]}, {value.payee or value.paid_from}"
    return Reverse(
        "expense.categorize",
        f"put {told} back under {after}",
        name,
        f"back under {after}",
        Money(cents(moved), value.total.currency),
    )


def _filled(value: Any) -> Any:
    """A value without the members that say nothing, as QuickBooks sends them."""
    if isinstance(value, dict):
        return {k: _filled(v) for k, v in value.items() if v is not None}
    return [_filled(each) for each in value] if isinstance(value, list) else value


def _account(line: Json) -> str:
    return str(at(line, f"{_DETAIL}.AccountRef.value") or "")


def _accounts(lines: Iterable[Json]) -> list[str]:
    return [found for line in lines if (found := _account(line))]


def _names(lines: Iterable[Json], ids: Iterable[str]) -> str:
    known = {
        _account(line): records.ref_name(line[_DETAIL], "AccountRef")
        for line in lines
        if _account(line)
    }
    return listed([known[each] or f"account {each}" for each in ids])
