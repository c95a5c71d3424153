"""Drafts that enter a bill, or pay bills."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from qbo import lookup
from qbo.asks import BillCreate, BillPay
from qbo.books import Draft, Line, Money
from qbo.drafting import spending, terms
from qbo.drafting.assembly import Around, Making, body_day, body_lines, reference
from qbo.drafting.purchase_tax import EXCLUDED, PurchaseTaxes, show_total
from qbo.faults import Ambiguous
from qbo.lookup import listed, preflight
from qbo.mirror import RECORDS
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, at, cents, number

NUMBER_MAX: Final = 21  # quickbooks.md 4.9
_NOTHING: Final = Decimal("0.00")
C: Final = RECORDS.c


async def create(around: Around, change: BillCreate) -> Draft:
    """A new bill.

    Raises:
        NotFound, Ambiguous: a name means nothing, or something has to be asked.
        Refused: the vendor's number is taken, or a line cannot be ("preflight").
    """
    making = Making(around, change)
    vendor = await spending.vendor_named(around, making, change.vendor)
    txn_date = change.date or around.today
    body: Json = {"VendorRef": reference(vendor), "TxnDate": txn_date.isoformat()}
    term = await _terms(around, making, vendor, change)
    terms.set_due(making, body, term, change.due_date, "the bill's date")
    shared: list[tuple[str, str]] = []
    if change.reference is not None:
        number_, others = await _free_number(around, vendor, change.reference)
        body["DocNumber"] = number_
        if others:
            # QuickBooks warns of a number however many vendors may use it
            # (quickbooks.md 4.9); that none of this one's has it is known.
            shared.append(("include", "allowduplicatedocnum"))
            making.notes.append(
                f"{listed(others)} sent a bill {number_} too; vendors number for"
                " themselves."
            )
    taxes = PurchaseTaxes(around)
    body["Line"] = await spending.bill_lines(
        around, making, taxes, vendor, change.lines
    )
    if taxes.on_lines:
        body["GlobalTaxCalculation"] = EXCLUDED
    owed = await spending.payable(around, making, vendor)
    if owed is not None:
        body["APAccountRef"] = reference(owed)
    currency = spending.set_currency(around, making, body, vendor)
    body["PrivateNote"] = around.note(change.memo)
    making.create("Bill", body, *shared)
    making.lines = body_lines(body, currency)
    making.show("Vendor", records.ref_name(body, "VendorRef"))
    making.show("Bill date", body_day(body, "TxnDate"))
    making.show("Due date", body_day(body, "DueDate"))
    making.show("Terms", records.ref_name(body, "SalesTermRef"))
    making.show("Vendor's number", records.text(body, "DocNumber"))
    making.show("Owed in", records.ref_name(body, "APAccountRef"))
    making.show("Memo", records.text(body, "PrivateNote"))
    await show_total(making, taxes, body, currency)
    if change.reference is None:
        making.notes.append("The bill has no number of the vendor's.")
    return making.made(f"Bill from {records.label(vendor)} for {making.total}")


async def _terms(
    around: Around, making: Making, vendor: Json, change: BillCreate
) -> Json | None:
    """The terms that were said, else the vendor's, else the company's."""
    if change.terms is not None:
        return await terms.said(around, change.terms)
    if change.due_date is not None:
        return None
    term_id = records.ref_id(vendor, "TermRef")
    making.rely("Vendor", vendor, records.label(vendor), ["TermRef.value"])
    if term_id:
        making.notes.append("Terms as the vendor has them.")
    else:
        default = at(around.prefs, "VendorAndPurchasesPrefs.DefaultTerms.value")
        term_id = str(default or "")
        if term_id:
            making.notes.append("Terms as the company's default for bills.")
    if not term_id:
        return None
    return await around.mirror.record(around.company.id, "Term", term_id)


async def _free_number(
    around: Around, vendor: Json, said: str
) -> tuple[str, list[str]]:
    """The vendor's number, if no bill of that vendor has it; and which others use it.

    Raises:
        Ambiguous: it cannot be a number.
        Refused: a bill has it ("preflight").
    """
    found = said.strip()
    if not found or len(found) > NUMBER_MAX:
        raise Ambiguous(
            f"QuickBooks takes numbers of at most {NUMBER_MAX} characters. Which number"
            " should the bill have?",
            about="reference",
        )
    same = await around.mirror.found(
        select(C.raw).where(
            C.company == around.company.id,
            C.entity == "Bill",
            C.doc_key == found.casefold(),
        )
    )
    bills = [records.bill(each, around.company.currency) for each in same]
    known = next((each for each in bills if each.vendor_id == str(vendor["Id"])), None)
    if known is not None:
        raise preflight(
            f"Bill {found} of {known.vendor} is in QuickBooks already, dated"
            f" {day_label(known.txn_date)}, {known.total}. Nothing has been proposed;"
            " if this is another bill, give its own number."
        )
    return found, sorted({each.vendor for each in bills})


# --- paying ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a payment settles one bill."""

    bill: Json
    amount: Decimal

    @property
    def name(self) -> str:
        """The bill as people know it."""
        return bill_name(self.bill)


def bill_name(record: Json) -> str:
    """A bill as people know it: by its number, else by its day."""
    if record.get("DocNumber"):
        return f"bill {record['DocNumber']}"
    return f"bill of {day_label(records.day(record, 'TxnDate'))}"


async def pay(around: Around, change: BillPay) -> Draft:
    """A payment of one bill, or of a vendor's open ones, the oldest first.

    Raises:
        NotFound, Ambiguous: a name or number means nothing, or has to be asked.
        Refused: nothing is open, or less than is to be paid ("preflight").
    """
    making = Making(around, change)
    vendor, bills = await _meant(around, making, change)
    parts, total = _parts(around, change, vendor, bills)
    day = change.date or around.today
    account = await spending.paid_from(
        around, making, change.pay_from, vendor, "BillPayment"
    )
    by_card = account.get("AccountType") == spending.CARD
    way = {"CCAccountRef" if by_card else "BankAccountRef": reference(account)}
    body: Json = {
        "VendorRef": reference(vendor),
        "TxnDate": day.isoformat(),
        "PayType": "CreditCard" if by_card else "Check",
        "CreditCardPayment" if by_card else "CheckPayment": way,
        "TotalAmt": total,
    }
    owed = {records.ref_id(part.bill, "APAccountRef") for part in parts}
    if len(owed) == 1 and (only := owed.pop()):
        name = records.ref_name(parts[0].bill, "APAccountRef")
        body["APAccountRef"] = {"value": only, **({"name": name} if name else {})}
    currency = spending.set_currency(around, making, body, vendor)
    body["PrivateNote"] = around.note(None)
    body["Line"] = [
        {
            "Amount": part.amount,
            "LinkedTxn": [{"TxnId": str(part.bill["Id"]), "TxnType": "Bill"}],
        }
        for part in parts
    ]
    making.create("BillPayment", body)
    for part in parts:
        name = f"{part.name[:1].upper()}{part.name[1:]}"
        paths = ["DocNumber", "VendorRef.value", "APAccountRef.value"]
        making.rely("Bill", part.bill, name, paths, {"Balance": part.amount})
    _show(making, body, parts, (account, currency))
    if change.bill is None and len(parts) > 1:
        making.notes.append("No bill was named: the oldest are paid first.")
    elif change.bill is None and len(bills) > 1:
        making.notes.append("No bill was named: the oldest is paid.")
    making.notes.append(
        "It is entered in QuickBooks. No money moves by it; the bank has to pay."
    )
    return making.made(f"Pay {_what(vendor, parts)}, {making.total}")


def _what(vendor: Json, parts: Sequence[_Part]) -> str:
    name = records.label(vendor)
    if len(parts) == 1:
        return f"{name}'s {parts[0].name}"
    return f"{name} for {len(parts)} bills"


async def _meant(
    around: Around, making: Making, change: BillPay
) -> tuple[Json, list[Json]]:
    """Whom to pay, and the bills that are open, the oldest first."""
    if change.bill is not None:
        bill = await _the_bill(around, change.bill, change.vendor)
        found = await around.mirror.record(
            around.company.id, "Vendor", records.ref_id(bill, "VendorRef")
        )
        if found is None:
            raise preflight(
                f"The vendor of bill {change.bill} is not in QuickBooks any more, so"
                " nothing has been proposed. Look at the bill there."
            )
        vendor = await spending.vendor_named(
            around, making, str(found.get("FullyQualifiedName") or records.label(found))
        )
        return vendor, [bill]
    if change.vendor is None:
        raise Ambiguous("Which bill should be paid?", about="bill")
    vendor = await spending.vendor_named(around, making, change.vendor)
    open_ = await around.mirror.found(
        select(C.raw)
        .where(
            C.company == around.company.id,
            C.entity == "Bill",
            C.party_id == str(vendor["Id"]),
            C.balance > 0,
        )
        .order_by(C.due_date, C.txn_date, C.id)
    )
    if not open_:
        raise preflight(
            f"{records.label(vendor)} has no open bills in QuickBooks, so nothing has"
            " been proposed. Enter the bill first, or record an expense."
        )
    return vendor, open_


async def _the_bill(around: Around, number_: str, vendor: str | None) -> Json:
    """The one open bill with that number, of that vendor where one was named.

    Raises:
        NotFound: there is none.
        Ambiguous: several vendors have one.
        Refused: it is paid, or a vendor has it twice ("preflight").
    """
    found = await lookup.numbered(around.mirror, around.company.id, "Bill", number_)
    if vendor is not None:
        whose = await lookup.named(around.mirror, around.company.id, "Vendor", vendor)
        own = str(whose["Id"])
        found = [each for each in found if records.ref_id(each, "VendorRef") == own]
        if not found:
            raise preflight(
                f"{records.label(whose)} has no bill {number_} in QuickBooks, so"
                " nothing has been proposed. Check the number."
            )
    open_ = [each for each in found if number(each.get("Balance")) > 0]
    if not open_:
        raise preflight(
            f"Bill {number_} of {records.ref_name(found[0], 'VendorRef')} is paid"
            f" already, so nothing has been proposed. Look at it with “show bill"
            f" {number_}”."
        )
    names = sorted({records.ref_name(each, "VendorRef") for each in open_})
    if len(names) > 1:
        raise Ambiguous(
            f"{listed(names)} each have an open bill {number_}. Whose is it?",
            about="vendor",
            choices=tuple(names),
        )
    if len(open_) > 1:
        raise preflight(
            f"{names[0]} has {len(open_)} open bills with number {number_}. Pay this"
            " one in QuickBooks itself, so that it is surely the right one."
        )
    return open_[0]


def _parts(
    around: Around, change: BillPay, vendor: Json, bills: Sequence[Json]
) -> tuple[list[_Part], Decimal]:
    """How much goes to each bill, in their order; and how much that is together.

    Raises:
        Ambiguous: the amount is missing, or is nothing.
        Refused: it is more than is open ("preflight").
    """
    open_ = sum((number(each["Balance"]) for each in bills), _NOTHING)
    if change.amount is not None:
        total = cents(change.amount)
    elif change.full:
        total = cents(open_)
    else:
        raise Ambiguous("How much should be paid?", about="amount")
    if total <= 0:
        raise Ambiguous(
            "A payment is more than nothing. How much should be paid?", about="amount"
        )
    if total > open_:
        used = records.currency(vendor, around.company.currency)
        what = (
            bill_name(bills[0])
            if len(bills) == 1
            else f"the {len(bills)} open bills of {records.label(vendor)}"
        )
        raise preflight(
            f"Only {Money(open_, used)} is open on {what}, and QuickBooks lets no more"
            f" be paid than that; {Money(total, used)} is more. Nothing has been"
            " proposed; say “in full”, or a smaller amount."
        )
    parts = []
    left = total
    for each in bills:
        if left <= 0:
            break
        amount = min(left, number(each["Balance"]))
        parts.append(_Part(each, amount))
        left -= amount
    return parts, total


def _show(
    making: Making, body: Json, parts: Sequence[_Part], way: tuple[Json, str]
) -> None:
    """Show what the body says."""
    account, currency = way
    making.total = Money(number(body["TotalAmt"]), currency)
    making.show("Vendor", records.ref_name(body, "VendorRef"))
    making.show("Payment date", body_day(body, "TxnDate"))
    making.show("Amount", str(making.total))
    kind = "card" if body["PayType"] == "CreditCard" else "bank account"
    making.show("Paid from", f"{records.label(account)} ({kind})")
    making.show("Memo", records.text(body, "PrivateNote"))
    making.lines = tuple(
        Line(
            amount=Money(part.amount, currency),
            description=f"{part.name[:1].upper()}{part.name[1:]}, due"
            f" {day_label(records.due_day(part.bill))},"
            f" {Money(number(part.bill['Balance']), currency)} open when prepared",
        )
        for part in parts
    )
