"""The lines of sales forms: items, bundles, shipping, a subtotal and a discount.

An answer's lines stand in this order: what is sold, the subtotal, the discount, the
shipping. The discount is on the subtotal; shipping is not discounted.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules import taxes
from qbo.simulator.rules.draft import SHIPPING, Draft
from qbo.simulator.rules.taxes.rates import HUNDRED, WHOLE, total_of
from qbo.simulator.rules.transactions import (
    check_item,
    check_product,
    detail_of,
    number_lines,
    set_total,
)

GOODS: Final = "SalesItemLineDetail"
BUNDLE: Final = "GroupLineDetail"
Sold = list[tuple[Json, Json]]


class _Sorted(NamedTuple):
    """A form's lines by what they are for."""

    goods: list[Json]
    shipping: list[Json]
    discounts: list[Json]


def fill(draft: Draft, customer: Record | None) -> None:
    """Complete a form's lines and write its tax and its total.

    Raises:
        Refused: a line lacks something, or nothing is sold.
    """
    company = draft.company
    parts = _sorted(draft.body["Line"])
    for line in parts.goods:
        if line["DetailType"] == BUNDLE:
            _expand(company, line)
    sold, shipped = list(_sold(parts.goods)), list(_sold(parts.shipping))
    if not (sold or shipped):
        raise faults.missing("Line")
    for line, detail in (*sold, *shipped):
        _complete(draft, line, detail, customer)
    if len(parts.discounts) > 1:
        raise faults.business("There can be one discount only.")
    subtotal, off, tax = _taxed(draft, sold, shipped, parts.discounts, customer)
    lines = number_lines(draft, parts.goods)
    lines.append(_subtotal(subtotal))
    for line in (*parts.discounts, *parts.shipping):
        line.pop("Id", None)
        line.pop("LineNum", None)
        lines.append(line)
    draft.body["Line"] = lines
    freight = total_of(line for line, _ in shipped)
    set_total(draft, subtotal - off + freight + tax)


def _sorted(lines: Iterable[Json]) -> _Sorted:
    parts = _Sorted([], [], [])
    for line in lines:
        kind, detail = detail_of(line)
        line.pop("CustomField", None)
        if kind == "DiscountLineDetail":
            parts.discounts.append(line)
        elif kind == "DescriptionOnly":
            line.pop("Amount", None)
            parts.goods.append(line)
        elif kind == GOODS and _item_of(detail) == SHIPPING:
            parts.shipping.append(line)
        elif kind in {GOODS, BUNDLE}:
            parts.goods.append(line)
    return parts


def _sold(lines: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """The lines with an item on them, those of bundles too."""
    for line in lines:
        if line["DetailType"] == GOODS:
            yield line, line[GOODS]
        elif line["DetailType"] == BUNDLE:
            for part in line[BUNDLE]["Line"]:
                if detail_of(part)[0] == GOODS:
                    yield part, part[GOODS]


def _expand(company: Company, line: Json) -> None:
    """Give a bundle its lines, unless they were sent: what it consists of, priced."""
    bundle: Json = line[BUNDLE]
    item = company.find("Item", str((bundle.get("GroupItemRef") or {}).get("value")))
    if item is None or item.body["Type"] != "Group":
        raise faults.bad_reference("Items", str(bundle.get("GroupItemRef")))
    count: Decimal = bundle.setdefault("Quantity", WHOLE)
    line.setdefault("Description", item.body.get("Description", item.body["Name"]))
    line["Amount"] = ZERO
    if bundle.get("Line"):
        return
    listed = (item.body.get("ItemGroupDetail") or {}).get("ItemGroupLine") or ()
    bundle["Line"] = [
        _component(company, one["ItemRef"]["value"], count * Decimal(one["Qty"]))
        for one in listed
    ]


def _component(company: Company, number: str, quantity: Decimal) -> Json:
    item = check_item(company, str(number))
    price = item.body.get("UnitPrice", ZERO)
    line: Json = {
        "Amount": cents(price * quantity),
        "DetailType": GOODS,
        GOODS: {"ItemRef": {"value": item.id}, "Qty": quantity, "UnitPrice": price},
    }
    if not company.is_us and item.ref("SalesTaxCodeRef"):
        line[GOODS]["TaxCodeRef"] = {"value": item.ref("SalesTaxCodeRef")}
    if item.body.get("Description"):
        line["Description"] = item.body["Description"]
    return line


def _complete(draft: Draft, line: Json, detail: Json, customer: Record | None) -> None:
    """Give a line its item, its amount, its account and, in the US, its tax code."""
    company = draft.company
    if not detail.get("ItemRef"):
        detail["ItemRef"] = {"value": _default_item(company)}
    if draft.body.get("GlobalTaxCalculation") == "TaxInclusive":
        _gross(line, detail)
    else:
        check_product(line, detail, exact=not draft.template)
    taxed = False
    if detail["ItemRef"]["value"] == SHIPPING:
        income = _shipping_account(company)
    else:
        item = check_item(company, detail["ItemRef"]["value"])
        if item.body["Type"] == "Group":
            raise faults.business("A bundle belongs on a line of its own kind.")
        income = item.ref("IncomeAccountRef")
        taxed = bool(item.body.get("Taxable"))
        if not income:
            raise faults.business(f"Item {item.body['Name']} has no income account.")
    if company.is_us:
        taxed = taxed and (customer is None or customer.body.get("Taxable", True))
        code = detail.setdefault("TaxCodeRef", {"value": "TAX" if taxed else "NON"})
        taxes.check_us_code(code["value"])
    name = company.record("Account", income).body["FullyQualifiedName"]
    detail["ItemAccountRef"] = {"value": income, "name": name}


def _gross(line: Json, detail: Json) -> None:
    """The amount of a line that includes its tax, where only its price was sent."""
    price, quantity = detail.get("UnitPrice"), detail.get("Qty")
    if line.get("Amount") is None:
        if "TaxInclusiveAmt" in detail:
            line["Amount"] = detail["TaxInclusiveAmt"]
        elif price is not None and quantity is not None:
            line["Amount"] = cents(price * quantity)
        else:
            raise faults.missing("Amount")


def _item_of(detail: Json) -> str:
    return str((detail.get("ItemRef") or {}).get("value", ""))


def _default_item(company: Company) -> str:
    for item in company.records("Item"):
        if item.body["Type"] == "Service" and item.body["Active"]:
            return item.id
    raise faults.missing("ItemRef")


def _shipping_account(company: Company) -> str:
    """Where shipping is earned: as the company prefers, else its first income."""
    prefs = company.preferences.get("SalesFormsPrefs") or {}
    chosen = str(prefs.get("DefaultShippingAccount", ""))
    if company.find("Account", chosen):
        return chosen
    accounts = [
        one for one in company.records("Account") if one.body["AccountType"] == "Income"
    ]
    named = (one.id for one in accounts if one.body["Name"] == "Shipping Income")
    return next(named, accounts[0].id if accounts else "")


def _taxed(
    draft: Draft,
    sold: Sold,
    shipped: Sold,
    discounts: list[Json],
    customer: Record | None,
) -> tuple[Decimal, Decimal, Decimal]:
    """The subtotal, what is off, and the tax on what is left."""
    company, body = draft.company, draft.body
    body.setdefault("ApplyTaxAfterDiscount", not company.is_us)
    charged = []
    if company.is_us:
        body.pop("GlobalTaxCalculation", None)
    else:
        charged = taxes.opened(draft, (*sold, *shipped), taxes.SALES)
    subtotal = total_of(line for line, _ in sold)
    off, kept = _discount(company, discounts, subtotal)
    if not body["ApplyTaxAfterDiscount"]:
        kept = WHOLE
    if company.is_us:
        taxable = sum(
            (cents(part * share) for part, share in _us_parts(sold, shipped, kept)),
            ZERO,
        )
        return subtotal, off, taxes.us_tax(draft, taxable, customer)
    freight = len(shipped)
    goods = charged[: len(charged) - freight]
    reduced = [one._replace(kept=kept) for one in goods]
    return subtotal, off, taxes.charge(draft, (*reduced, *charged[len(goods) :]))


def _us_parts(
    sold: Sold, shipped: Sold, kept: Decimal
) -> Iterator[tuple[Decimal, Decimal]]:
    for lines, share in ((sold, kept), (shipped, WHOLE)):
        taxable = (
            line for line, detail in lines if detail["TaxCodeRef"]["value"] == "TAX"
        )
        yield total_of(taxable), share


def _discount(
    company: Company, lines: list[Json], subtotal: Decimal
) -> tuple[Decimal, Decimal]:
    """What a discount takes off a subtotal, and the share of it that is kept.

    A per cent counts, unless PercentBased is false and there is an amount.
    """
    if not lines:
        return ZERO, WHOLE
    line, detail = lines[0], lines[0]["DiscountLineDetail"]
    percent, amount = detail.get("DiscountPercent"), line.get("Amount")
    if detail.get("PercentBased") is False and amount is not None:
        percent = None
        detail.pop("DiscountPercent", None)
    if percent is None and (amount is None or detail.get("PercentBased")):
        raise faults.refusal("6090", "Discount line missing required info", "Line")
    detail["PercentBased"] = percent is not None
    if not detail.get("DiscountAccountRef"):
        detail["DiscountAccountRef"] = {"value": _discount_account(company)}
    if percent is not None:
        if not ZERO <= percent <= HUNDRED:
            raise faults.business("A discount is between 0 and 100 per cent.")
        off = line["Amount"] = cents(subtotal * percent / HUNDRED)
        return off, WHOLE - percent / HUNDRED
    off = line["Amount"]
    if off < ZERO:
        raise faults.business("A discount must be 0 or greater.")
    return off, WHOLE - off / subtotal if subtotal else WHOLE


def _discount_account(company: Company) -> str:
    prefs = company.preferences.get("SalesFormsPrefs") or {}
    chosen = str(prefs.get("DefaultDiscountAccount", ""))
    known = company.find("Account", chosen)
    return chosen if known else company.account_of("DiscountsRefundsGiven")


def _subtotal(amount: Decimal) -> Json:
    kind = "SubTotalLineDetail"
    return {"Amount": amount, "DetailType": kind, kind: {}}
