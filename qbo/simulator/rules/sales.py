"""The rules for invoices, estimates, sales and refund receipts, credit memos."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Record
from qbo.simulator.exact import ZERO
from qbo.simulator.rules import billing, customfields, saleslines
from qbo.simulator.rules.draft import Draft, Rule
from qbo.simulator.rules.lists import number_addresses
from qbo.simulator.rules.transactions import (
    check_account,
    number_sales,
    set_due_date,
    start,
)

_PAYMENT_FLAGS = (
    "AllowIPNPayment",
    "AllowOnlinePayment",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
)


def invoice(draft: Draft) -> None:
    """An invoice: lines, tax, total, number, due date, and what it bills."""
    body = draft.body
    for name in _PAYMENT_FLAGS:
        body.setdefault(name, False)
    _sale(draft)
    set_due_date(draft)
    if body.get("Deposit", ZERO) > body["TotalAmt"]:
        raise faults.business("The deposit is larger than the total.")
    if body.get("Deposit", ZERO) < ZERO:
        raise faults.business("The deposit must be 0 or greater.")
    billing.check(draft)


def estimate(draft: Draft) -> None:
    """An estimate: nothing of it is in the books."""
    draft.body.setdefault("FreeFormAddress", True)
    _sale(draft)
    billing.set_status(draft)


def sales_receipt(draft: Draft) -> None:
    """A sales receipt: sold and paid at once, with or without a customer."""
    body = draft.body
    if not draft.ref("DepositToAccountRef"):
        account = draft.company.account_of("UndepositedFunds")
        body["DepositToAccountRef"] = {"value": account}
    _sale(draft, anybody=True)
    _check_money(draft)
    body["Balance"] = ZERO


def refund_receipt(draft: Draft) -> None:
    """A refund receipt: taken back and paid out at once."""
    draft.require("DepositToAccountRef")
    _sale(draft, anybody=True)
    _check_money(draft)
    draft.body["Balance"] = ZERO


def credit_memo(draft: Draft) -> None:
    """A credit memo: an invoice's reverse, with positive amounts."""
    _sale(draft)


def _check_money(draft: Draft) -> None:
    check_account(
        draft,
        draft.ref("DepositToAccountRef"),
        {"Bank", "Other Current Asset", "Credit Card"},
        "You need to select a bank account or an other current asset account.",
    )


def _sale(draft: Draft, *, anybody: bool = False) -> None:
    body = draft.body
    if not anybody:
        draft.require("CustomerRef")
    draft.require("Line")
    customer = _customer(draft)
    custom = body.get("CustomField")
    start(draft, customer.id if customer else "")
    fields = customfields.filled(draft.company, custom)
    if fields:
        body["CustomField"] = fields
    for name in ("BillAddr", "ShipAddr"):
        if customer and customer.body.get(name) and name not in body:
            body[name] = dict(customer.body[name])
    number_addresses(draft, "BillAddr", "ShipAddr", "ShipFromAddr")
    body.setdefault("PrintStatus", "NotSet")
    if body.setdefault("EmailStatus", "NotSet") == "NeedToSend":
        draft.require("BillEmail")
    saleslines.fill(draft, customer)
    if not draft.template:
        number_sales(draft)


def _customer(draft: Draft) -> Record | None:
    number = draft.ref("CustomerRef")
    customer = draft.company.find("Customer", number) if number else None
    if number and customer is None:
        raise faults.bad_reference("Names", number)
    return customer


RULES: Final[Mapping[str, Rule]] = {
    "Invoice": invoice,
    "Estimate": estimate,
    "SalesReceipt": sales_receipt,
    "RefundReceipt": refund_receipt,
    "CreditMemo": credit_memo,
}
