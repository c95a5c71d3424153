"""The rules for bills and purchases."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator import faults, taxes
from qbo.simulator.draft import Draft, Rule
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.lists import number_addresses
from qbo.simulator.transactions import (
    check_bill_number,
    check_item,
    check_product,
    detail_of,
    number_lines,
    set_due_date,
    set_total,
    start,
)


def bill(draft: Draft) -> None:
    """A bill: what we owe a vendor."""
    draft.require("VendorRef", "Line")
    vendor = draft.company.find("Vendor", draft.ref("VendorRef"))
    if vendor is None:
        raise faults.bad_reference("Names", draft.ref("VendorRef"))
    start(draft, vendor.id)
    if not draft.ref("APAccountRef"):
        payable = payable_account(draft)
        draft.body["APAccountRef"] = {"value": payable}
    number_addresses(draft, "VendorAddr")
    _expense_lines(draft)
    set_due_date(draft)
    check_bill_number(draft)


def payable_account(draft: Draft) -> str:
    """The A/P account of the transaction's currency."""
    return draft.company.control("Accounts Payable", draft.ref("CurrencyRef"))


def purchase(draft: Draft) -> None:
    """A purchase: money already spent, by check, in cash or on a card."""
    body = draft.body
    draft.require("PaymentType", "AccountRef", "Line")
    start(draft, draft.ref("EntityRef"))
    account = draft.company.find("Account", draft.ref("AccountRef"))
    if account is None:
        raise faults.bad_reference("Accounts", draft.ref("AccountRef"))
    on_card = body["PaymentType"] == "CreditCard"
    if on_card != (account.body["AccountType"] == "Credit Card") or (
        not on_card and account.body["AccountType"] != "Bank"
    ):
        raise faults.business(
            "You need to select a bank account, or a credit card account for a"
            " purchase by card."
        )
    if body.get("Credit") and not on_card:
        raise faults.business("Only a credit card purchase can be a credit.")
    body.setdefault("Credit", False)
    if not on_card:
        body.setdefault("PrintStatus", "NotSet")
    _expense_lines(draft)


def _expense_lines(draft: Draft) -> None:
    lines: list[Json] = []
    taxed: list[tuple[Json, Json]] = []
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
    net = sum((line["Amount"] for line, _ in taxed), ZERO)
    tax = ZERO
    if draft.company.is_us:
        draft.body.pop("GlobalTaxCalculation", None)
        draft.body.pop("TxnTaxDetail", None)
    else:
        net, tax = taxes.vat(draft, taxed, taxes.PURCHASES)
    draft.body["Line"] = number_lines(draft, lines)
    set_total(draft, net + tax)


def _expense_line(draft: Draft, line: Json, detail: Json, kind: str) -> None:
    if kind == "AccountBasedExpenseLineDetail":
        if not detail.get("AccountRef"):
            raise faults.missing("AccountRef")
        if line.get("Amount") is None:
            raise faults.missing("Amount")
    else:
        if not detail.get("ItemRef"):
            raise faults.missing("ItemRef")
        check_product(line, detail)
        item = check_item(draft.company, detail["ItemRef"]["value"])
        if not item.ref("ExpenseAccountRef"):
            raise faults.business(f"Item {item.body['Name']} has no expense account.")
    detail.setdefault("BillableStatus", "NotBillable")
    if draft.company.is_us:
        detail.setdefault("TaxCodeRef", {"value": "NON"})


RULES: Final[Mapping[str, Rule]] = {
    "Bill": bill,
    "Purchase": purchase,
}
