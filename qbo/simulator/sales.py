"""The rules for invoices and credit memos."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator import faults, taxes
from qbo.simulator.company import Company
from qbo.simulator.draft import Draft, Rule
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.lists import number_addresses
from qbo.simulator.transactions import (
    check_item,
    check_product,
    detail_of,
    number_lines,
    number_sales,
    set_due_date,
    set_total,
    start,
)

_HUNDRED = Decimal(100)
_PAYMENT_FLAGS = (
    "AllowIPNPayment",
    "AllowOnlinePayment",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
)


def invoice(draft: Draft) -> None:
    """An invoice: lines, tax, total, number, due date."""
    for name in _PAYMENT_FLAGS:
        draft.body.setdefault(name, False)
    _sale(draft)
    set_due_date(draft)
    if draft.body.get("Deposit", ZERO) > draft.body["TotalAmt"]:
        raise faults.business("The deposit is larger than the total.")


def credit_memo(draft: Draft) -> None:
    """A credit memo: an invoice's reverse, with positive amounts."""
    _sale(draft)


def _sale(draft: Draft) -> None:
    body = draft.body
    draft.require("CustomerRef", "Line")
    customer = draft.company.find("Customer", draft.ref("CustomerRef"))
    if customer is None:
        raise faults.bad_reference("Names", draft.ref("CustomerRef"))
    start(draft, customer.id)
    if customer.body.get("BillAddr") and "BillAddr" not in body:
        body["BillAddr"] = dict(customer.body["BillAddr"])
    number_addresses(draft, "BillAddr", "ShipAddr", "ShipFromAddr")
    body.setdefault("ApplyTaxAfterDiscount", False)
    body.setdefault("PrintStatus", "NotSet")
    if body.setdefault("EmailStatus", "NotSet") == "NeedToSend":
        draft.require("BillEmail")
    _lines_and_total(draft, taxable_customer=bool(customer.body.get("Taxable", True)))
    number_sales(draft)


def _lines_and_total(draft: Draft, *, taxable_customer: bool) -> None:
    goods: list[Json] = []
    discount: Json | None = None
    for line in draft.body["Line"]:
        kind, detail = detail_of(line)
        line.pop("CustomField", None)
        if kind == "DiscountLineDetail":
            discount = line
        elif kind == "SalesItemLineDetail":
            _sales_line(draft, line, detail, taxable_customer=taxable_customer)
            goods.append(line)
        elif kind == "DescriptionOnly":
            line.pop("Amount", None)
            goods.append(line)
    if not any("SalesItemLineDetail" in line for line in goods):
        raise faults.missing("Line")
    sold = [(one, one["SalesItemLineDetail"]) for one in goods if "Amount" in one]
    gross = sum((line["Amount"] for line, _ in sold), ZERO)
    off = _discount(draft.company, discount, gross) if discount else ZERO
    if draft.company.is_us:
        tax = taxes.us_tax(draft, _taxable(draft, sold, off, gross))
    else:
        gross, tax = taxes.vat(draft, sold, taxes.SALES)
    lines = number_lines(draft, goods)
    lines.append(
        {
            "Amount": gross,
            "DetailType": "SubTotalLineDetail",
            "SubTotalLineDetail": {},
        }
    )
    if discount:
        discount.pop("Id", None)
        discount.pop("LineNum", None)
        lines.append(discount)
    draft.body["Line"] = lines
    set_total(draft, gross - off + tax)


def _sales_line(
    draft: Draft, line: Json, detail: Json, *, taxable_customer: bool
) -> None:
    company = draft.company
    if not detail.get("ItemRef"):
        detail["ItemRef"] = {"value": _default_item(company)}
    item = check_item(company, detail["ItemRef"]["value"])
    if draft.body.get("GlobalTaxCalculation") != "TaxInclusive":
        check_product(line, detail)
    elif line.get("Amount") is None:
        raise faults.missing("Amount")
    if company.is_us:
        taxed = item.body["Taxable"] and taxable_customer
        code = detail.setdefault("TaxCodeRef", {"value": "TAX" if taxed else "NON"})
        taxes.check_us_code(code["value"])
    income = item.ref("IncomeAccountRef")
    if not income:
        raise faults.business(f"Item {item.body['Name']} has no income account.")
    detail["ItemAccountRef"] = {
        "value": income,
        "name": company.record("Account", income).body["FullyQualifiedName"],
    }


def _default_item(company: Company) -> str:
    for item in company.records("Item"):
        if item.body["Type"] == "Service" and item.body["Active"]:
            return item.id
    raise faults.missing("ItemRef")


def _discount(company: Company, line: Json, gross: Decimal) -> Decimal:
    detail = line["DiscountLineDetail"]
    percent = detail.get("DiscountPercent")
    if percent is not None:
        detail["PercentBased"] = True
        line["Amount"] = cents(gross * percent / _HUNDRED)
    elif line.get("Amount") is None:
        raise faults.refusal("6090", "Discount line missing required info", "Line")
    else:
        detail["PercentBased"] = False
    if not detail.get("DiscountAccountRef"):
        number = company.account_of("DiscountsRefundsGiven")
        detail["DiscountAccountRef"] = {"value": number}
    amount: Decimal = line["Amount"]
    return amount


def _taxable(
    draft: Draft, sold: list[tuple[Json, Json]], off: Decimal, gross: Decimal
) -> Decimal:
    taxable = sum(
        (
            line["Amount"]
            for line, detail in sold
            if detail["TaxCodeRef"]["value"] == "TAX"
        ),
        ZERO,
    )
    if draft.body["ApplyTaxAfterDiscount"] and gross:
        taxable -= cents(off * taxable / gross)
    return taxable


RULES: Final[Mapping[str, Rule]] = {
    "Invoice": invoice,
    "CreditMemo": credit_memo,
}
