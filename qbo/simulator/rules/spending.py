"""The rules for what is ordered, bought and sent back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules import billing, taxes
from qbo.simulator.rules.draft import Draft, Rule
from qbo.simulator.rules.journal import check_party
from qbo.simulator.rules.lists import number_addresses
from qbo.simulator.rules.purchaseorders import take_up
from qbo.simulator.rules.transactions import (
    check_account,
    check_bill_number,
    check_currency,
    check_item,
    check_product,
    detail_of,
    number_in_turn,
    number_lines,
    set_due_date,
    set_total,
    start,
)

_PAYABLE: Final = {"Accounts Payable"}
_BY_CARD: Final = "CreditCard"
_PAID_FROM: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "Cash": (frozenset({"Bank"}), "You need to select a bank account."),
    "Check": (frozenset({"Bank"}), "You need to select a bank account."),
    _BY_CARD: (frozenset({"Credit Card"}), "You need to select a credit card account."),
    "Expense": (
        frozenset({"Bank", "Credit Card"}),
        "You need to select a bank or credit card account.",
    ),
}
"""The types of account that each way to pay takes money from."""


def bill(draft: Draft) -> None:
    """A bill: what we owe a vendor."""
    _by_vendor(draft)
    take_up(draft)
    expense_lines(draft)
    set_due_date(draft)
    check_bill_number(draft)


def vendor_credit(draft: Draft) -> None:
    """A vendor credit: a bill's reverse, with positive amounts."""
    _by_vendor(draft)
    draft.body.pop("LinkedTxn", None)
    expense_lines(draft)


def purchase_order(draft: Draft) -> None:
    """A purchase order: nothing is owed yet."""
    body = draft.body
    vendor = _vendor(draft)
    start(draft, vendor.id)
    if not draft.ref("APAccountRef"):
        body["APAccountRef"] = {"value": _payable(draft)}
    if vendor.body.get("BillAddr") and "VendorAddr" not in body:
        body["VendorAddr"] = dict(vendor.body["BillAddr"])
    number_addresses(draft, "VendorAddr", "ShipAddr")
    body.pop("LinkedTxn", None)
    expense_lines(draft)
    if draft.ref("SalesTermRef"):
        set_due_date(draft)
    number_in_turn(draft)
    if body.setdefault("EmailStatus", "NotSet") == "NeedToSend":
        draft.require("POEmail")
    if draft.sent.get("POStatus"):
        draft.notes["closed"] = body["POStatus"] == "Closed"
    body.setdefault("POStatus", "Open")


def purchase(draft: Draft) -> None:
    """A purchase: money already spent, by check, in cash or on a card."""
    body = draft.body
    draft.require("PaymentType", "AccountRef", "Line")
    start(draft, draft.ref("EntityRef"))
    kinds, sentence = _PAID_FROM[body["PaymentType"]]
    account = check_account(draft, draft.ref("AccountRef"), kinds, sentence)
    if body.get("Credit") and account.body["AccountType"] != "Credit Card":
        raise faults.business("Only a credit card purchase can be a credit.")
    body.setdefault("Credit", False)
    if body["PaymentType"] == _BY_CARD:
        body.pop("PrintStatus", None)
    else:
        body.setdefault("PrintStatus", "NotSet")
    number_addresses(draft, "RemitToAddr")
    take_up(draft)
    expense_lines(draft)


def _by_vendor(draft: Draft) -> None:
    """What bills and vendor credits share: the vendor, the account that is owed."""
    vendor = _vendor(draft)
    start(draft, vendor.id)
    if draft.ref("APAccountRef"):
        check_account(
            draft,
            draft.ref("APAccountRef"),
            _PAYABLE,
            "You need to select an accounts payable account.",
        )
    else:
        draft.body["APAccountRef"] = {"value": _payable(draft)}
    number_addresses(draft, "VendorAddr", "RemitToAddr", "ShipAddr")


def _vendor(draft: Draft) -> Record:
    draft.require("VendorRef", "Line")
    vendor = draft.company.find("Vendor", draft.ref("VendorRef"))
    if vendor is None:
        raise faults.bad_reference("Names", draft.ref("VendorRef"))
    return vendor


def _payable(draft: Draft) -> str:
    """The A/P account of the transaction's currency."""
    return draft.company.control("Accounts Payable", draft.ref("CurrencyRef"))


def expense_lines(draft: Draft) -> None:
    """Check the lines of something bought, and add up its total."""
    lines: list[Json] = []
    taxed: list[tuple[Json, Json]] = []
    billing.keep(draft)
    for line in draft.body["Line"]:
        kind, detail = detail_of(line)
        line.pop("CustomField", None)
        if kind == "DescriptionOnly":
            line.pop("Amount", None)
        else:
            _expense_line(draft, line, detail, kind)
            taxed.append((line, detail))
        lines.append(line)
    if not taxed:
        raise faults.missing("Line")
    net, tax = _net_and_tax(draft, taxed)
    draft.body["Line"] = number_lines(draft, lines)
    set_total(draft, net + tax)


def _net_and_tax(
    draft: Draft, taxed: list[tuple[Json, Json]]
) -> tuple[Decimal, Decimal]:
    if not draft.company.is_us:
        return taxes.vat(draft, taxed, taxes.PURCHASES)
    for name in ("GlobalTaxCalculation", "TxnTaxDetail"):
        draft.body.pop(name, None)
    return sum((line["Amount"] for line, _ in taxed), ZERO), ZERO


def _expense_line(draft: Draft, line: Json, detail: Json, kind: str) -> None:
    if kind == "AccountBasedExpenseLineDetail":
        if not detail.get("AccountRef"):
            raise faults.missing("AccountRef")
        if line.get("Amount") is None:
            raise faults.missing("Amount")
        _check_expense_account(draft, detail["AccountRef"]["value"])
    else:
        if not detail.get("ItemRef"):
            raise faults.missing("ItemRef")
        if draft.body.get("GlobalTaxCalculation") != "TaxInclusive":
            check_product(line, detail, exact=not draft.template)
        elif line.get("Amount") is None:
            raise faults.missing("Amount")
        item = check_item(draft.company, detail["ItemRef"]["value"])
        if not item.ref("ExpenseAccountRef") and not item.ref("IncomeAccountRef"):
            raise faults.business(f"Item {item.body['Name']} has no account.")
    detail.setdefault("BillableStatus", "NotBillable")
    if detail["BillableStatus"] == "Billable" and not detail.get("CustomerRef"):
        raise faults.business(
            "When an expense is billable, you must choose a customer for it."
        )
    if draft.company.is_us:
        detail.setdefault("TaxCodeRef", {"value": "NON"})


def _check_expense_account(draft: Draft, number: str) -> None:
    """Any account can be bought on, but what is owed goes with a name.

    A purchase from a customer or vendor may have it; a bill is owed already.
    """
    account = draft.company.find("Account", number)
    if account is None:
        raise faults.bad_reference("Accounts", number)
    check_currency(draft, account)
    if draft.entity.name == "Purchase":
        check_party(draft, account, draft.ref("EntityRef"))
    elif account.body["AccountType"] in {"Accounts Receivable", *_PAYABLE}:
        raise faults.business(
            "You need to select a different type of account for this line."
        )


RULES: Final[Mapping[str, Rule]] = {
    "Bill": bill,
    "VendorCredit": vendor_credit,
    "PurchaseOrder": purchase_order,
    "Purchase": purchase,
}
