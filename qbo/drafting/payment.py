"""Drafts that record a customer's payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from qbo import lookup
from qbo.asks import PaymentRecord
from qbo.books import Draft, Line, Money
from qbo.drafting.assembly import Around, Making, body_day, reference
from qbo.drafting.invoice import the_invoice
from qbo.faults import Ambiguous
from qbo.lookup import listed, preflight
from qbo.mirror import RECORDS
from qbo.wire import records
from qbo.wire.exact import Json, cents, number

_REFERENCE_MAX: Final = 21
_NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a payment settles one invoice."""

    invoice: Json
    amount: Decimal

    @property
    def number(self) -> str:
        """The invoice's number."""
        return str(self.invoice.get("DocNumber") or self.invoice["Id"])


async def record(around: Around, change: PaymentRecord) -> Draft:
    """A payment, applied to the invoices named, else to the oldest open ones.

    Raises:
        NotFound, Ambiguous: a name or number means nothing, or an amount is missing.
        Refused: an invoice is paid or voided, or the books are closed ("preflight").
    """
    making = Making(around, change)
    customer, invoices = await _meant(around, change)
    day = change.date or around.today
    parts, total = _applied(change, customer, invoices)
    rest = total - sum((part.amount for part in parts), _NOTHING)
    body: Json = {
        "CustomerRef": reference(customer),
        "TxnDate": day.isoformat(),
        "TotalAmt": total,
    }
    currency = records.currency(customer, around.company.currency)
    if currency != around.company.currency:
        body["CurrencyRef"] = {"value": currency}
    await _set_ways(around, making, body, change)
    body["PrivateNote"] = around.note(None)
    if parts:
        body["Line"] = [
            {
                "Amount": part.amount,
                "LinkedTxn": [{"TxnId": str(part.invoice["Id"]), "TxnType": "Invoice"}],
            }
            for part in parts
        ]
    making.create("Payment", body)
    _show(making, body, parts, currency)
    _explain(around, making, change, invoices, (rest, currency))
    making.rest_on("Customer", customer, records.label(customer))
    for part in parts:
        making.rely(
            "Invoice",
            part.invoice,
            f"Invoice {part.number}",
            ["DocNumber", "CustomerRef.value"],
            {"Balance": part.amount},
        )
    name = records.ref_name(body, "CustomerRef")
    return making.made(f"Payment of {making.total} from {name}")


async def _meant(around: Around, change: PaymentRecord) -> tuple[Json, list[Json]]:
    """Who paid, and for what: the invoices named, else all open ones."""
    company = around.company.id
    named = [await the_invoice(around, each) for each in dict.fromkeys(change.invoices)]
    for each in named:
        if records.is_voided(each):
            raise preflight(f"Invoice {each.get('DocNumber')} is voided.")
        if number(each.get("Balance")) <= 0:
            n = each.get("DocNumber")
            raise preflight(
                f"Invoice {n} is paid already. Look at it with “show invoice {n}”, or"
                " ask for a credit memo."
            )
    if change.customer is not None:
        customer = await lookup.active(
            around.mirror, company, "Customer", change.customer
        )
        await _check_family(around, customer, named)
    elif named:
        owners = {records.ref_id(each, "CustomerRef") for each in named}
        if len(owners) > 1:
            names = sorted({records.ref_name(each, "CustomerRef") for each in named})
            raise preflight(
                f"These invoices belong to {listed(names)}; a payment is from one"
                " customer. Record one payment for each."
            )
        found = await around.mirror.record(company, "Customer", owners.pop())
        if found is None:
            raise preflight("The customer of that invoice is not in QuickBooks.")
        customer = found
    else:
        raise Ambiguous("Which customer paid?", about="customer")
    if named:
        return customer, named
    open_ = await around.mirror.found(
        select(RECORDS.c.raw)
        .where(
            RECORDS.c.company == company,
            RECORDS.c.entity == "Invoice",
            RECORDS.c.party_id == str(customer["Id"]),
            RECORDS.c.balance > 0,
        )
        .order_by(RECORDS.c.due_date, RECORDS.c.txn_date, RECORDS.c.id)
    )
    return customer, open_


async def _check_family(around: Around, customer: Json, named: Sequence[Json]) -> None:
    """Refuse invoices of somebody outside the customer's family (QuickBooks' 620)."""
    own = str(customer["Id"])
    strangers = [each for each in named if records.ref_id(each, "CustomerRef") != own]
    if not strangers:
        return
    company = around.company.id
    top = customer
    while parent := records.ref_id(top, "ParentRef"):
        above = await around.mirror.record(company, "Customer", parent)
        if above is None:
            break
        top = above
    family = await lookup.below(around.mirror, company, "Customer", str(top["Id"]))
    for each in strangers:
        if records.ref_id(each, "CustomerRef") not in family:
            raise preflight(
                f"Invoice {each.get('DocNumber')} belongs to"
                f" {records.ref_name(each, 'CustomerRef')}, not to"
                f" {records.label(customer)}."
            )


def _applied(
    change: PaymentRecord, customer: Json, invoices: Sequence[Json]
) -> tuple[list[_Part], Decimal]:
    """How much of the payment goes to each invoice, in their order; and its total."""
    open_total = sum((number(each["Balance"]) for each in invoices), _NOTHING)
    if change.amount is not None:
        total = cents(change.amount)
    elif change.full:
        total = open_total
        if not total:
            raise preflight(f"{records.label(customer)} has no open invoices.")
    else:
        raise Ambiguous("How much was paid?", about="amount")
    if total <= 0:
        raise Ambiguous(
            "A payment is more than nothing. How much was paid?", about="amount"
        )
    parts = []
    left = total
    for each in invoices:
        if left <= 0:
            break
        part = min(left, number(each["Balance"]))
        parts.append(_Part(each, part))
        left -= part
    return parts, total


async def _set_ways(
    around: Around, making: Making, body: Json, change: PaymentRecord
) -> None:
    """Method, reference, and the account the money goes to."""
    company = around.company.id
    if change.method is not None:
        method = await lookup.active(
            around.mirror, company, "PaymentMethod", change.method, about="method"
        )
        body["PaymentMethodRef"] = reference(method)
        making.rest_on("PaymentMethod", method, f"Method {records.label(method)}")
    if change.reference is not None:
        found = change.reference.strip()
        if not found or len(found) > _REFERENCE_MAX:
            raise Ambiguous(
                f"QuickBooks takes references of at most {_REFERENCE_MAX} characters."
                " Which reference should it have?",
                about="reference",
            )
        body["PaymentRefNum"] = found
    account = await _deposit_account(around, change)
    if account is not None:
        body["DepositToAccountRef"] = reference(account)
        making.rest_on("Account", account, f"Account {records.label(account)}")


async def _deposit_account(around: Around, change: PaymentRecord) -> Json | None:
    company = around.company.id
    if change.deposit_to is not None:
        account = await lookup.active(
            around.mirror, company, "Account", change.deposit_to, about="deposit_to"
        )
        if account.get("AccountType") not in ("Bank", "Other Current Asset"):
            raise Ambiguous(
                f"{records.label(account)} is no account that money can be paid into."
                " Which bank account did it go to?",
                about="deposit_to",
            )
        return account
    found = await around.mirror.found(
        select(RECORDS.c.raw).where(
            RECORDS.c.company == company,
            RECORDS.c.entity == "Account",
            RECORDS.c.kind == "Other Current Asset",
            RECORDS.c.active,
        )
    )
    undeposited = [
        each for each in found if each.get("AccountSubType") == "UndepositedFunds"
    ]
    return undeposited[0] if len(undeposited) == 1 else None


def _show(making: Making, body: Json, parts: Sequence[_Part], currency: str) -> None:
    """Show what the body says."""
    making.total = Money(number(body["TotalAmt"]), currency)
    making.show("Customer", records.ref_name(body, "CustomerRef"))
    making.show("Payment date", body_day(body, "TxnDate"))
    making.show("Amount", str(making.total))
    making.show("Method", records.ref_name(body, "PaymentMethodRef"))
    making.show("Reference", records.text(body, "PaymentRefNum"))
    making.show(
        "Deposit to",
        records.ref_name(body, "DepositToAccountRef")
        or "where QuickBooks puts payments",
    )
    making.show("Memo", records.text(body, "PrivateNote"))
    making.lines = tuple(
        Line(
            amount=Money(number(line["Amount"]), currency),
            description=f"Invoice {part.number}, "
            f"{Money(number(part.invoice['Balance']), currency)} open when prepared",
        )
        for line, part in zip(body.get("Line", ()), parts, strict=True)
    )


def _explain(
    around: Around,
    making: Making,
    change: PaymentRecord,
    invoices: Sequence[Json],
    rest: tuple[Decimal, str],
) -> None:
    """Say how the payment was divided, and what of it is left over."""
    left, currency = rest
    if not change.invoices and len(making.lines) > 1:
        making.notes.append("No invoices were named: applied to the oldest first.")
    elif not change.invoices and len(invoices) > 1:
        making.notes.append("No invoice was named: applied to the oldest.")
    if left > 0:
        kind = "these invoices" if change.invoices else "all open invoices"
        if making.lines:
            making.notes.append(
                f"That is more than is open on {kind}: {Money(left, currency)} stays"
                " with the customer as a credit."
            )
        else:
            making.notes.append(
                "The customer has no open invoices: all of it stays with the customer"
                " as a credit."
            )
    if currency != around.company.currency:
        making.notes.append(f"This customer is billed in {currency}.")
