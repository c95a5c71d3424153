"""What all drafts of a sale share: its lines, its tax codes, what it amounts to."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from qbo import lookup
from qbo.asks import SaidLine
from qbo.books import Money
from qbo.drafting.assembly import Around, Making, body_lines, reference
from qbo.drafting.tax import Estimate, Taxes
from qbo.faults import Ambiguous
from qbo.lookup import preflight
from qbo.wire import records
from qbo.wire.exact import Json, at, cents, number

_RATE_PLACES = Decimal("0.0000001")  # as many as QuickBooks keeps of a rate
_DESCRIPTION_MAX: Final = 4000
_HUNDRED: Final = Decimal(100)
TAX_PATHS: Final = {"TaxCode": ["SalesTaxRateList"], "TaxRate": ["RateValue"]}
"""What of a tax code and a rate an estimate rests on."""


async def set_lines(
    around: Around,
    making: Making,
    body: Json,
    customer: Json,
    said: Sequence[SaidLine],
    noun: str = "invoice",
) -> None:
    """Put the lines that were said on a new document.

    Raises:
        NotFound, Ambiguous: an item means nothing, or something has to be asked.
        Refused: an item cannot be sold, or has no tax code ("preflight").
    """
    taxes = Taxes(around)
    lines = []
    for each in said:
        if each.item is None:
            raise Ambiguous(f"Which item should be on the {noun}?", about="item")
        item = await sellable(around, each.item)
        lines.append(new_line(making, taxes, each, item, customer))
    if not lines:
        raise Ambiguous(f"What should be on the {noun}?", about="lines")
    body["Line"] = lines
    if not taxes.is_us and taxes.in_use:
        body["GlobalTaxCalculation"] = "TaxExcluded"
    if sum(number(line["Amount"]) for line in lines) <= 0:
        raise Ambiguous(f"What should the {noun} amount to?", about="amount")


async def sellable(around: Around, name: str) -> Json:
    """The item of that name, if it can stand on a sale.

    Raises:
        NotFound, Ambiguous: the name means nothing, or several.
        Refused: it is inactive, a category or bundle, or without an account that
            its income goes to ("preflight").
    """
    item = await lookup.active(around.mirror, around.company.id, "Item", name)
    label = records.label(item)
    kind = item.get("Type")
    if kind == "Category":
        raise preflight(
            f"{label} is a category of items and cannot be invoiced itself. Name an"
            " item in it."
        )
    if kind == "Group":
        raise preflight(
            f"{label} is a bundle; bundles can only be invoiced in QuickBooks itself."
            " Name its items instead."
        )
    account_id = records.ref_id(item, "IncomeAccountRef")
    if not account_id:
        raise preflight(
            f"{label} has no income account in QuickBooks, so it cannot be sold. Give"
            " it one there first (Sales, then Products and services)."
        )
    account = await around.mirror.record(around.company.id, "Account", account_id)
    if account is not None and account.get("Active") is False:
        raise preflight(
            f"The income of {label} goes to the account {records.label(account)}, which"
            " is inactive in QuickBooks. Make it active again there, or give the item"
            " another account."
        )
    return item


def new_line(
    making: Making, taxes: Taxes, said: SaidLine, item: Json, customer: Json
) -> Json:
    """A line of what was said, with its tax code; the draft rests on where it is from.

    Raises:
        Ambiguous: something has to be asked.
        Refused: there is no tax code for it ("preflight").
    """
    home = making.around.company.currency
    billed = records.currency(customer, home)
    if billed != home and said.rate is None and said.amount is None:
        raise Ambiguous(
            f"The price list is in {home}, and {records.label(customer)} is billed in"
            f" {billed}. What should {records.label(item)} amount to in {billed}?",
            about="amount",
        )
    line = line_of(said, item)
    code = taxes.code(item, customer)
    if code is not None:
        line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": code}
    name = f"Item {records.label(item)}"
    making.rest_on("Item", item, name, *_item_paths(said, taxes))
    name = records.label(customer)
    making.rely("Customer", customer, name, taxes.customer_paths(item))
    return line


def _item_paths(said: SaidLine, taxes: Taxes) -> list[str]:
    paths = []
    if said.rate is None and said.amount is None:
        paths.append("UnitPrice")
    if taxes.in_use:
        paths.append("Taxable" if taxes.is_us else "SalesTaxCodeRef.value")
    return paths


def line_of(said: SaidLine, item: Json) -> Json:
    """A line with quantity and rate where they make the amount exactly.

    QuickBooks refuses an amount that is not quantity times rate, rounded half up
    (6070). A bare amount goes without either.

    Raises:
        Ambiguous: something has to be asked.
        Refused: the description is too long ("preflight").
    """
    name = records.label(item)
    detail: Json = {"ItemRef": reference(item)}
    quantity, rate, amount = said.quantity, said.rate, said.amount
    if quantity is not None and quantity <= 0:
        raise Ambiguous(f"How many of {name}?", about="quantity")
    if amount is not None and rate is None:
        if quantity is not None:
            rate = (amount / quantity).quantize(_RATE_PLACES)
    elif rate is None:
        rate = number(item.get("UnitPrice"))
        if not rate:
            raise Ambiguous(
                f"{name} has no price in QuickBooks. What should it cost?",
                about="amount",
            )
    if rate is not None:
        quantity = quantity if quantity is not None else Decimal(1)
        product = cents(quantity * rate)
        if amount is not None and cents(amount) != product:
            raise Ambiguous(
                f"{plain(quantity)} times {plain(rate)} is {product}, not {amount}."
                f" What should {name} amount to?",
                about="amount",
            )
        amount = product
        detail |= {"Qty": _trimmed(quantity), "UnitPrice": _trimmed(rate)}
    assert amount is not None, "a line without an amount"
    description = said.description or records.text(item, "Description")
    if description and len(description) > _DESCRIPTION_MAX:
        raise preflight(f"The description of {name} is longer than QuickBooks keeps.")
    return {
        **({"Description": description} if description else {}),
        "Amount": cents(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def _trimmed(value: Decimal) -> Decimal:
    """A number without needless zeros: 10 rather than 10.000, 0.5 as it is."""
    return Decimal(plain(value))


def plain(value: Decimal) -> str:
    """A number as people write it: 10 rather than 10.000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- what it amounts to ---------------------------------------------------------


async def show_amounts(
    around: Around, making: Making, body: Json, like: Json | None = None
) -> None:
    """Show lines and total as the body says them; QuickBooks' tax as an estimate.

    `like` is a document whose tax treatment it has.
    """
    currency = records.currency(body, around.company.currency)
    making.lines = body_lines(body, currency)
    subtotal = sum((line.amount.amount for line in making.lines), Decimal("0.00"))
    taxes = Taxes(around)
    estimate = await estimated(taxes, body, like)
    for entity, record in taxes.used:
        paths = ["Name", *TAX_PATHS[entity]]
        making.rely(entity, record, f"Tax {records.label(record)}", paths)
    making.total = Money(subtotal, currency)
    if estimate is None:
        making.notes.append(
            "QuickBooks will add sales tax; nothing here says how much, so the total"
            " is before tax."
        )
        return
    making.tax = Money(estimate.amount, currency)
    if estimate.amount:
        word = "Sales tax" if taxes.is_us else "Tax"
        making.show("Subtotal", str(making.total))
        making.show(f"{word} (estimate)", f"{making.tax} ({estimate.basis})")
        making.total += making.tax
        making.notes.append(
            f"{word} is an estimate; QuickBooks works it out when it is posted."
        )


async def estimated(taxes: Taxes, body: Json, like: Json | None) -> Estimate | None:
    """What QuickBooks will add: at the rates of `like` where it has any, in the US."""
    lines = (like and at(like, "TxnTaxDetail.TaxLine")) or ()
    percents = [number(at(each, "TaxLineDetail.TaxPercent")) for each in lines]
    if not taxes.is_us or not taxes.in_use or not any(percents):
        return await taxes.estimate(body)
    taxable = sum(
        (
            number(line["Amount"])
            for line in body["Line"]
            if records.ref_id(records.line_detail(line), "TaxCodeRef") == "TAX"
        ),
        Decimal(0),
    )
    amount = sum(
        (cents(taxable * percent / _HUNDRED) for percent in percents),
        Decimal("0.00"),
    )
    return Estimate(amount, f"{sum(percents):f} %")
