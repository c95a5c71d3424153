"""QuickBooks records as the nouns of the books.

The JSON is what QuickBooks gave (or what the mirror kept of it). Text in it was
written by strangers and stays text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from qbo.books import (
    Account,
    Applied,
    Bill,
    CreditMemo,
    Customer,
    Invoice,
    Item,
    Line,
    Money,
    PaidOut,
    Payment,
    Purchase,
    Vendor,
)
from qbo.wire.exact import Json, at, loads, number

# A list record made inactive is marked so in its name; in an English company with
# these words. "(deleted 2)" when the marked name was taken as well.
_MARKED_DELETED = re.compile(r" \(deleted(?: \d+)?\)\Z", re.IGNORECASE)
# Short words within QuickBooks' own names.
_WORDS: Final = {"Cogs": "(cost of goods sold)", "Cos": "(cost of sales)"}
_LINE_DETAILS: Final = (
    "SalesItemLineDetail",
    "ItemBasedExpenseLineDetail",
    "AccountBasedExpenseLineDetail",
    "DiscountLineDetail",
    "JournalEntryLineDetail",
)


def plain_name(name: str) -> str:
    """A name without the mark QuickBooks adds when a record is made inactive."""
    return _MARKED_DELETED.sub("", name)


def label(record: Json) -> str:
    """What people call a list record."""
    name = str(record.get("DisplayName") or record.get("Name") or "")
    return name if record.get("Active", True) else plain_name(name)


def is_voided(record: Json) -> bool:
    """Whether a sales document was voided; QuickBooks has no field that says so."""
    note = str(record.get("PrivateNote") or "").casefold()
    return note.startswith("voided") and number(record.get("TotalAmt")) == 0


def is_sent(record: Json) -> bool:
    """Whether QuickBooks e-mailed it."""
    return record.get("EmailStatus") == "EmailSent"


def day(record: Json, name: str) -> date:
    """A date of a record.

    Raises:
        KeyError: the record has no such date.
        ValueError: it is not written as a date.
    """
    return date.fromisoformat(str(record[name])[:10])


def due_day(record: Json) -> date:
    """The due date of a document; its own date where it has none."""
    return day(record, "DueDate" if record.get("DueDate") else "TxnDate")


def ref_id(record: Json, name: str) -> str:
    """The id a reference points at, or an empty text."""
    return str(at(record, f"{name}.value") or "")


def ref_name(record: Json, name: str) -> str:
    """The name a reference shows, or an empty text."""
    return plain_name(str(at(record, f"{name}.name") or ""))


def currency(record: Json, home: str) -> str:
    """The currency of a record's amounts."""
    return ref_id(record, "CurrencyRef") or home


def money(record: Json, name: str, home: str) -> Money:
    """An amount of a record in its own currency; absent is zero."""
    return Money(number(at(record, name)), currency(record, home))


def text(record: Json, path: str) -> str | None:
    """A text of a record, None where it is absent or empty."""
    value = at(record, path)
    return None if value is None or value == "" else str(value)


def address(record: Json, name: str = "BillAddr") -> str | None:
    """A postal address in lines, None where there is none."""
    found = record.get(name)
    if not isinstance(found, Mapping):
        return None
    lines = [str(found[f"Line{n}"]) for n in range(1, 6) if found.get(f"Line{n}")]
    place = " ".join(
        str(found[part])
        for part in ("City", "CountrySubDivisionCode", "PostalCode")
        if found.get(part)
    )
    return "\n".join([*lines, *([place] if place else [])]) or None


def customer(record: Json, home: str) -> Customer:
    """A customer."""
    return Customer(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        name=label(record),
        active=bool(record.get("Active", True)),
        balance=money(record, "Balance", home),
        email=text(record, "PrimaryEmailAddr.Address"),
        phone=text(record, "PrimaryPhone.FreeFormNumber"),
        terms=ref_name(record, "SalesTermRef") or None,
        address=address(record),
        parent=ref_name(record, "ParentRef") or None,
    )


def vendor(record: Json, home: str) -> Vendor:
    """A vendor."""
    return Vendor(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        name=label(record),
        active=bool(record.get("Active", True)),
        balance=money(record, "Balance", home),
        email=text(record, "PrimaryEmailAddr.Address"),
        phone=text(record, "PrimaryPhone.FreeFormNumber"),
        terms=ref_name(record, "TermRef") or None,
    )


def item(record: Json, home: str) -> Item:
    """A product or service."""
    quantity = record.get("QtyOnHand") if record.get("TrackQtyOnHand") else None
    price = record.get("UnitPrice")
    return Item(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        name=label(record),
        active=bool(record.get("Active", True)),
        type=str(record.get("Type") or "Service"),
        price=None if price is None else Money(number(price), home),
        income_account=ref_name(record, "IncomeAccountRef") or None,
        quantity_on_hand=None if quantity is None else number(quantity),
        description=text(record, "Description"),
        sku=text(record, "Sku"),
        taxable=bool(record.get("Taxable")),
    )


def account(record: Json, home: str) -> Account:
    """A line of the chart of accounts."""
    return Account(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        name=label(record),
        active=bool(record.get("Active", True)),
        type=str(record.get("AccountType") or ""),
        classification=str(record.get("Classification") or ""),
        balance=Money(account_balance(record), currency(record, home)),
        number=text(record, "AcctNum"),
        sub_type=_in_words(text(record, "AccountSubType")),
        with_subs=_with_subs(record, home),
    )


def _in_words(name: str | None) -> str | None:
    """A name of QuickBooks' own as words: "CashOnHand" is "Cash on hand"."""
    if name is None:
        return None
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).split()
    said = [words[0], *(_WORDS.get(word, word.lower()) for word in words[1:])]
    return " ".join(said)


def _with_subs(record: Json, home: str) -> Money | None:
    whole = {**record, "CurrentBalance": record.get("CurrentBalanceWithSubAccounts")}
    if whole["CurrentBalance"] is None:
        return None
    found = account_balance(whole)
    is_more = found != account_balance(record)
    return Money(found, currency(record, home)) if is_more else None


def account_balance(record: Json) -> Decimal:
    """What is there of an asset, what is owed or owned of a liability or equity.

    QuickBooks shows what stands in debit as positive, so that payables, loans, taxes
    and equity are negative as a rule; only credit cards it shows as owed.
    """
    shown = number(record.get("CurrentBalance"))
    is_credit = record.get("Classification") in ("Liability", "Equity")
    return -shown if is_credit and record.get("AccountType") != "Credit Card" else shown


def flat_lines(record: Json) -> Iterator[Json]:
    """The lines that carry amounts: bundles opened, subtotals left out."""
    for line in record.get("Line") or ():
        bundle = at(line, "GroupLineDetail.Line")
        if bundle:
            yield from flat_lines({"Line": bundle})
        elif line.get("DetailType") not in ("SubTotalLineDetail", "DescriptionOnly"):
            yield line


def line_detail(line: Json) -> Json:
    """The object that holds a line's item, account, quantity and rate."""
    for name in _LINE_DETAILS:
        found = line.get(name)
        if isinstance(found, dict):
            return found
    return {}


def line_amount(record: Json, line: Json) -> Decimal:
    """A line's amount with its sign within its document.

    Discounts take away; what a card was refunded and what a journal entry credits
    is negative.
    """
    found = number(line.get("Amount"))
    is_less = (
        line.get("DetailType") == "DiscountLineDetail"
        or line_detail(line).get("PostingType") == "Credit"
    )
    return -found if is_less != bool(record.get("Credit")) else found


def lines(record: Json, home: str) -> tuple[Line, ...]:
    """The lines of a document."""
    used = currency(record, home)
    return tuple(_line(line, used) for line in flat_lines(record))


def _line(line: Json, used: str) -> Line:
    detail = line_detail(line)
    sign = -1 if line.get("DetailType") == "DiscountLineDetail" else 1
    account_name = ref_name(detail, "AccountRef") or ref_name(
        detail, "DiscountAccountRef"
    )
    return Line(
        amount=Money(sign * number(line.get("Amount")), used),
        description=text(line, "Description"),
        item=ref_name(detail, "ItemRef") or None,
        account=account_name or None,
        quantity=_optional(detail.get("Qty")),
        rate=_optional(detail.get("UnitPrice")),
    )


def _optional(value: Any) -> Decimal | None:
    return None if value is None or value == "" else number(value)


def invoice(record: Json, home: str) -> Invoice:
    """An invoice."""
    used = currency(record, home)
    tax = at(record, "TxnTaxDetail.TotalTax")
    return Invoice(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        doc_number=str(record.get("DocNumber") or ""),
        customer_id=ref_id(record, "CustomerRef"),
        customer=ref_name(record, "CustomerRef"),
        txn_date=day(record, "TxnDate"),
        due_date=due_day(record),
        total=money(record, "TotalAmt", home),
        balance=money(record, "Balance", home),
        voided=is_voided(record),
        sent=is_sent(record),
        email=text(record, "BillEmail.Address"),
        terms=ref_name(record, "SalesTermRef") or None,
        private_note=text(record, "PrivateNote"),
        customer_memo=text(record, "CustomerMemo.value"),
        tax=None if tax is None else Money(number(tax), used),
        lines=lines(record, home),
    )


def bill(record: Json, home: str) -> Bill:
    """A bill."""
    return Bill(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        doc_number=text(record, "DocNumber"),
        vendor_id=ref_id(record, "VendorRef"),
        vendor=ref_name(record, "VendorRef"),
        txn_date=day(record, "TxnDate"),
        due_date=due_day(record),
        total=money(record, "TotalAmt", home),
        balance=money(record, "Balance", home),
        private_note=text(record, "PrivateNote"),
        lines=lines(record, home),
    )


def payment(
    record: Json, home: str, number_of: Callable[[str], str | None] = lambda _: None
) -> Payment:
    """A customer's payment; `number_of` gives the number of an invoice by its id."""
    used = currency(record, home)
    applied = tuple(
        Applied(target, number_of(target), Money(amount, used))
        for kind, target, amount in linked(record)
        if kind == "Invoice"
    )
    return Payment(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        customer_id=ref_id(record, "CustomerRef"),
        customer=ref_name(record, "CustomerRef"),
        txn_date=day(record, "TxnDate"),
        total=money(record, "TotalAmt", home),
        unapplied=money(record, "UnappliedAmt", home),
        method=ref_name(record, "PaymentMethodRef") or None,
        reference=text(record, "PaymentRefNum"),
        deposit_to=ref_name(record, "DepositToAccountRef") or None,
        private_note=text(record, "PrivateNote"),
        voided=is_voided(record),
        applied=applied,
    )


def linked(record: Json) -> Iterator[tuple[str, str, Decimal]]:
    """What a payment's lines settle: (kind, id, amount)."""
    for line in record.get("Line") or ():
        for link in line.get("LinkedTxn") or ():
            kind, target = str(link.get("TxnType")), str(link.get("TxnId"))
            yield kind, target, number(line.get("Amount"))


def credit_memo(record: Json, home: str) -> CreditMemo:
    """A credit memo."""
    return CreditMemo(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        doc_number=text(record, "DocNumber"),
        customer_id=ref_id(record, "CustomerRef"),
        customer=ref_name(record, "CustomerRef"),
        txn_date=day(record, "TxnDate"),
        total=money(record, "TotalAmt", home),
        remaining=Money(remaining_credit(record), currency(record, home)),
        lines=lines(record, home),
    )


def remaining_credit(record: Json) -> Decimal:
    """What of a credit memo is not used yet."""
    name = "RemainingCredit" if "RemainingCredit" in record else "Balance"
    return number(record.get(name))


def purchase(record: Json, home: str) -> Purchase:
    """Money already spent; a refund to a card has a negative total."""
    used = currency(record, home)
    return Purchase(
        id=str(record["Id"]),
        sync_token=str(record["SyncToken"]),
        doc_number=text(record, "DocNumber"),
        payee=ref_name(record, "EntityRef") or None,
        txn_date=day(record, "TxnDate"),
        total=Money(purchase_total(record), used),
        paid_from=ref_name(record, "AccountRef"),
        payment_type=str(record.get("PaymentType") or ""),
        private_note=text(record, "PrivateNote"),
        lines=lines(record, home),
    )


def paid_out(entity: str, raw: str, home: str) -> PaidOut:
    """A payment to a vendor, from its kind and its record as JSON text."""
    record = loads(raw)
    how = record.get("PayType" if entity == "BillPayment" else "PaymentType")
    total = number(record.get("TotalAmt"))
    return PaidOut(
        paid_on=day(record, "TxnDate"),
        amount=Money(total, currency(record, home)),
        how=_in_words(str(how)) or "",
    )


def purchase_total(record: Json) -> Decimal:
    """The total of a purchase: negative when a card was refunded."""
    total = number(record.get("TotalAmt"))
    return -total if record.get("Credit") else total
