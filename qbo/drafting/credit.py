"""Drafts that give a customer credit."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from qbo import lookup
from qbo.asks import CreditMemoCreate, SaidLine
from qbo.books import Draft, Money
from qbo.drafting.assembly import Around, Making, body_day, reference
from qbo.drafting.invoice import the_invoice
from qbo.drafting.sales import set_lines, show_amounts
from qbo.faults import Ambiguous
from qbo.lookup import preflight
from qbo.wire import records
from qbo.wire.exact import Json, at, cents, number

_PATHS: Final = (
    *("DocNumber", "CustomerRef.value", "CustomerRef.name", "Line", "TotalAmt"),
)
_NOTHING: Final = Decimal("0.00")


async def create(around: Around, change: CreditMemoCreate) -> Draft:
    """A new credit memo; it is applied to nothing.

    With `invoice` its lines get the rates and tax codes of that invoice's lines.

    Raises:
        NotFound, Ambiguous: a name or number means nothing, or something is asked.
        Refused: a record is inactive or voided, or not the customer's ("preflight").
    """
    making = Making(around, change)
    customer = await lookup.active(
        around.mirror, around.company.id, "Customer", change.customer
    )
    name = records.label(customer)
    against = await _against(around, change, customer)
    body: Json = {
        "CustomerRef": reference(customer),
        "TxnDate": around.today.isoformat(),
    }
    said = _said(change, against)
    said = [await _priced(around, each, against) for each in said]
    await set_lines(around, making, body, customer, said, "credit memo")
    if against is not None:
        _treat_as(body, against)
    if address := records.text(customer, "PrimaryEmailAddr.Address"):
        body["BillEmail"] = {"Address": address}
    body["PrivateNote"] = around.note(_memo(change, against))
    currency = records.currency(customer, around.company.currency)
    if currency != around.company.currency:
        body["CurrencyRef"] = {"value": currency}
        if against is not None and against.get("ExchangeRate"):
            # At the rate of the invoice, or a difference in rates would stay behind.
            body["ExchangeRate"] = number(against["ExchangeRate"])
    if around.company.custom_txn_numbers:
        body["DocNumber"] = await around.next_number()
    making.create("CreditMemo", body)
    making.rest_on("Customer", customer, name)
    await _show(around, making, change, body, against)
    return making.made(f"Credit {name} with {making.total}")


async def _against(
    around: Around, change: CreditMemoCreate, customer: Json
) -> Json | None:
    """The invoice that it is given for."""
    if change.invoice is None:
        return None
    found = await the_invoice(around, change.invoice)
    number_ = str(found.get("DocNumber") or change.invoice)
    if records.is_voided(found):
        raise preflight(f"Invoice {number_} is voided, so there is nothing to credit.")
    if records.ref_id(found, "CustomerRef") != str(customer["Id"]):
        raise preflight(
            f"Invoice {number_} belongs to {records.ref_name(found, 'CustomerRef')},"
            f" not to {records.label(customer)}. Say which customer is to be credited."
        )
    return found


def _memo(change: CreditMemoCreate, against: Json | None) -> str | None:
    if change.memo is not None or against is None:
        return change.memo
    return f"For invoice {against.get('DocNumber') or against['Id']}"


# --- lines ----------------------------------------------------------------------


def _said(change: CreditMemoCreate, against: Json | None) -> Sequence[SaidLine]:
    """The lines that were said, or the one that a bare amount means.

    Raises:
        Ambiguous: nobody can say which item an amount is for, or it does not fit.
    """
    amount, lines = change.amount, change.lines
    if amount is None:
        return lines
    if amount <= 0:
        raise Ambiguous("How much should be credited?", about="amount")
    if not lines:
        return (SaidLine(item=_item_of(amount, against), amount=amount),)
    bare = [each for each in lines if each.amount is None and each.rate is None]
    if len(lines) == 1 and len(bare) == 1:
        return (replace(lines[0], amount=amount),)
    known = [each.amount for each in lines if each.amount is not None]
    if len(known) != len(lines) or sum(known) != cents(amount):
        raise Ambiguous(
            f"The lines do not amount to {amount:,.2f}. How much should be credited?",
            about="amount",
        )
    return lines


def _item_of(amount: Decimal, against: Json | None) -> str:
    """What an amount is credited for: the one item of the invoice, else it is asked."""
    names = _items(against) if against is not None else ()
    if len(names) == 1:
        return names[0]
    raise Ambiguous(
        f"The credit of {amount:,.2f} takes the account and tax of a product or"
        " service. Which one is it for?",
        about="item",
        choices=names,
    )


def _items(invoice: Json) -> tuple[str, ...]:
    found = [
        records.ref_name(records.line_detail(line), "ItemRef")
        for line in records.flat_lines(invoice)
    ]
    return tuple(each for each in dict.fromkeys(found) if each)


async def _priced(around: Around, said: SaidLine, against: Json | None) -> SaidLine:
    """A line at the rate that the invoice has for it, where no price was said."""
    if against is None or said.item is None:
        return said
    if said.rate is not None or said.amount is not None:
        return said
    item = await lookup.named(around.mirror, around.company.id, "Item", said.item)
    found = _line_for(against, str(item["Id"]))
    if found is None:
        return said
    rate = records.line_detail(found).get("UnitPrice")
    if rate is not None:
        return replace(said, rate=number(rate))
    return said if said.quantity else replace(said, amount=number(found["Amount"]))


def _line_for(invoice: Json, item_id: str) -> Json | None:
    """The first line of an invoice that sells an item."""
    for line in records.flat_lines(invoice):
        if records.ref_id(records.line_detail(line), "ItemRef") == item_id:
            return line
    return None


def _treat_as(body: Json, against: Json) -> None:
    """Give each line the tax code that the invoice has for its item."""
    for line in body["Line"]:
        detail = line["SalesItemLineDetail"]
        theirs = _line_for(against, records.ref_id(detail, "ItemRef"))
        code = theirs and records.ref_id(records.line_detail(theirs), "TaxCodeRef")
        if code:
            detail["TaxCodeRef"] = {"value": code}
    if against.get("GlobalTaxCalculation") == "NotApplicable":
        body["GlobalTaxCalculation"] = "NotApplicable"


# --- what is shown --------------------------------------------------------------


async def _show(
    around: Around,
    making: Making,
    change: CreditMemoCreate,
    body: Json,
    against: Json | None,
) -> None:
    """Show what the body says, and that it is applied to nothing."""
    name = records.ref_name(body, "CustomerRef")
    making.show("Customer", name)
    making.show("Credit date", body_day(body, "TxnDate"))
    making.show("Number", body.get("DocNumber"))
    number_ = ""
    if against is not None:
        number_ = str(against.get("DocNumber") or against["Id"])
        making.show("For invoice", number_)
        making.rely("Invoice", against, f"Invoice {number_}", _PATHS)
    making.show("E-mail on it", records.text(body, "BillEmail.Address"))
    making.show("Memo", records.text(body, "PrivateNote"))
    await show_amounts(around, making, body, against)
    if change.amount is not None:
        said = Money(change.amount, records.currency(body, around.company.currency))
        making.notes.append(f"{said} is taken as the amount before tax.")
    if "DocNumber" in body:
        making.notes.append(
            "QuickBooks numbers no credit memos by itself here: this is the next number"
            " that is free."
        )
    making.notes.append(_applied(around, name, number_))
    if against is not None and making.total is not None:
        whole = records.money(against, "TotalAmt", around.company.currency)
        if making.total.amount > whole.amount:
            making.notes.append(
                f"That is more than invoice {number_} came to ({whole})."
            )
    making.notes.append("It is entered in QuickBooks and not e-mailed.")


def _applied(around: Around, name: str, number_: str) -> str:
    """Whether it settles anything."""
    if at(around.prefs, "SalesFormsPrefs.AutoApplyCredit"):
        return (
            "This company lets QuickBooks apply credits by itself: it may settle the"
            f" oldest open invoice of {name}, whichever that is."
        )
    which = f"invoice {number_} or another" if number_ else "an invoice"
    return (
        f"It is not applied: the credit stays with {name} until somebody applies it to"
        f" {which} in QuickBooks, or pays it back."
    )
