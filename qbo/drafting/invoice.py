"""Drafts that make an invoice, send invoices, or void one."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, select

from qbo import lookup
from qbo.asks import InvoiceCreate, InvoiceSend, InvoiceVoid
from qbo.books import Draft, Money, Shown
from qbo.drafting import terms
from qbo.drafting.assembly import Around, Making, body_day, reference
from qbo.drafting.party import checked_email
from qbo.drafting.sales import set_lines, show_amounts
from qbo.faults import Ambiguous, NotFound
from qbo.lookup import listed, preflight
from qbo.mirror import RECORDS
from qbo.reports import day_label
from qbo.selection import status_conditions
from qbo.wire import records
from qbo.wire.exact import Json, at
from qbo.wire.readback import AUTO_NUMBER

SENDS_MAX: Final = 30
# Of so many invoices it is counted whose they are, and so many customers are named.
_COUNTED_MAX: Final = 1000
_NAMED_MAX: Final = 3


async def create(around: Around, change: InvoiceCreate) -> Draft:
    """A new invoice; with `send` a second step e-mails it.

    Raises:
        NotFound, Ambiguous: a name means nothing, or something has to be asked.
        Refused: the books are closed, or a record is inactive ("preflight").
    """
    making = Making(around, change)
    customer = await lookup.active(
        around.mirror, around.company.id, "Customer", change.customer
    )
    txn_date = change.date or around.today
    body: Json = {
        "CustomerRef": reference(customer),
        "TxnDate": txn_date.isoformat(),
    }
    term = await _terms(around, making, customer, change)
    terms.set_due(making, body, term, change.due_date, "the invoice date")
    await set_lines(around, making, body, customer, change.lines)
    address = _address(customer, change)
    if address:
        body["BillEmail"] = {"Address": address}
    body["PrivateNote"] = around.note(change.memo)
    if around.company.custom_txn_numbers:
        body["DocNumber"] = AUTO_NUMBER
    if records.currency(customer, around.company.currency) != around.company.currency:
        body["CurrencyRef"] = {"value": records.ref_id(customer, "CurrencyRef")}
    making.create("Invoice", body)
    if change.send:
        assert address is not None, "an invoice sent to nobody"
        making.send("Invoice", "{1.id}", address)
    name = records.label(customer)
    making.rest_on("Customer", customer, name)
    if change.send and change.email is None:
        making.rely("Customer", customer, name, ["PrimaryEmailAddr.Address"])
    await _show(around, making, body, is_sent=change.send)
    also = " and e-mail it" if change.send else ""
    return making.made(f"Invoice {name} for {making.total}{also}")


def _address(customer: Json, change: InvoiceCreate) -> str | None:
    if change.email is not None:
        return checked_email(change.email)
    found = records.text(customer, "PrimaryEmailAddr.Address")
    if change.send and not found:
        raise Ambiguous(
            f"QuickBooks has no e-mail address for {records.label(customer)}. Which"
            " address should the invoice go to?",
            about="email",
        )
    return found


async def _terms(
    around: Around, making: Making, customer: Json, change: InvoiceCreate
) -> Json | None:
    """The terms that were said, else the customer's, else the company's."""
    if change.terms is not None:
        return await terms.said(around, change.terms)
    if change.due_date is not None:
        return None
    term_id = records.ref_id(customer, "SalesTermRef")
    if term_id:
        making.notes.append("Terms as the customer has them.")
        making.rely(
            "Customer", customer, records.label(customer), ["SalesTermRef.value"]
        )
    else:
        term_id = str(at(around.prefs, "SalesFormsPrefs.DefaultTerms.value") or "")
        if term_id:
            making.notes.append("Terms as the company's default.")
    if not term_id:
        return None
    return await around.mirror.record(around.company.id, "Term", term_id)


# --- what is shown --------------------------------------------------------------


async def _show(around: Around, making: Making, body: Json, *, is_sent: bool) -> None:
    """Show what the body says; QuickBooks' tax as an estimate."""
    home = around.company.currency
    currency = records.currency(body, home)
    making.show("Customer", records.ref_name(body, "CustomerRef"))
    making.show("Invoice date", body_day(body, "TxnDate"))
    making.show("Due date", body_day(body, "DueDate"))
    making.show("Terms", records.ref_name(body, "SalesTermRef"))
    address = records.text(body, "BillEmail.Address")
    making.show("E-mail to" if is_sent else "E-mail on the invoice", address)
    making.show("Memo", records.text(body, "PrivateNote"))
    await show_amounts(around, making, body)
    if not is_sent:
        making.notes.append("It is entered in QuickBooks and not e-mailed.")
    if body.get("DocNumber") == AUTO_NUMBER:
        making.notes.append("QuickBooks gives it the next number.")
    if currency != home:
        making.notes.append(f"This customer is billed in {currency}.")


# --- void -----------------------------------------------------------------------


async def void(around: Around, change: InvoiceVoid) -> Draft:
    """An invoice voided: its amounts become zero, the record stays.

    Raises:
        NotFound: there is no such invoice.
        Refused: it is voided already, two have that number, or the books are closed.
    """
    kept = await the_invoice(around, change.invoice)
    record = await around.live_one("Invoice", str(kept["Id"]))
    number_ = str(record.get("DocNumber") or change.invoice)
    if records.is_voided(record):
        raise preflight(f"Invoice {number_} is voided already.")
    home = around.company.currency
    value = records.invoice(record, home)
    making = Making(around, change)
    making.show("Invoice", number_)
    making.show("Customer", value.customer)
    making.show("Invoice date", day_label(value.txn_date))
    making.show("Due date", day_label(value.due_date))
    nothing = Money(Decimal("0.00"), value.total.currency)
    making.show("Total", str(nothing), before=str(value.total))
    making.show("Open balance", str(nothing), before=str(value.balance))
    making.lines = value.lines
    making.total = value.total
    paid = value.total.amount - value.balance.amount
    if paid:
        making.notes.append(
            f"{Money(paid, value.total.currency)} has been paid on it; voiding leaves"
            " that payment without an invoice."
        )
    if value.sent:
        making.notes.append("It was e-mailed to the customer before.")
    making.notes.append("A voided invoice cannot be brought back.")
    making.rely("Invoice", record, f"Invoice {number_}", VOID_PATHS)
    making.void("Invoice", record)
    return making.made(f"Void invoice {number_} of {value.customer}, {value.total}")


VOID_PATHS: Final = (
    *("DocNumber", "CustomerRef.value", "CustomerRef.name", "TxnDate", "DueDate"),
    *("Line", "TotalAmt", "Balance", "PrivateNote", "DeliveryInfo.DeliveryTime"),
)


async def the_invoice(around: Around, doc_number: str) -> Json:
    """The one invoice with that number.

    Raises:
        NotFound: there is none.
        Refused: there are several (code "preflight").
    """
    found = await lookup.numbered(
        around.mirror, around.company.id, "Invoice", doc_number
    )
    if len(found) > 1:
        names = sorted({records.ref_name(each, "CustomerRef") for each in found})
        raise preflight(
            f"QuickBooks has {len(found)} invoices with number {doc_number} (for"
            f" {listed(names)}). Do this one in QuickBooks itself, so that it is surely"
            " the right one."
        )
    return found[0]


# --- send -----------------------------------------------------------------------


async def send(around: Around, change: InvoiceSend) -> Draft:
    """One invoice e-mailed, or several, one step each.

    Raises:
        NotFound: nothing matches.
        Ambiguous: an address is missing.
        Refused: an invoice is voided, or they are too many ("preflight").
    """
    kept = await _chosen(around, change)
    live = await around.live("Invoice", [str(each["Id"]) for each in kept])
    found = [live[str(each["Id"])] for each in kept if str(each["Id"]) in live]
    if not found:
        raise preflight("QuickBooks no longer has those invoices.")
    making = Making(around, change)
    left_out: list[str] = []
    for record in found:
        number_ = str(record.get("DocNumber") or record["Id"])
        if records.is_voided(record):
            if len(found) == 1:
                raise preflight(f"Invoice {number_} is voided and cannot be sent.")
            left_out.append(f"{number_} (voided)")
            continue
        address = await _send_to(around, making, change, record)
        if address is None:
            left_out.append(f"{number_} (no e-mail address)")
            continue
        _add_send(around, making, record, number_, address)
    if left_out and not making.steps:
        raise Ambiguous(
            "QuickBooks has no e-mail address for any of these invoices. Which address"
            " should they go to?",
            about="email",
        )
    if left_out:
        making.notes.append(f"Left out: {listed(left_out)}.")
    return replace(making.made(_send_heading(making)), independent=True)


def _add_send(
    around: Around, making: Making, record: Json, number_: str, address: str
) -> None:
    value = records.invoice(record, around.company.currency)
    facts = [value.customer, f"{value.balance} open of {value.total}"]
    facts += [f"due {day_label(value.due_date)}", f"to {address}"]
    making.show(f"Invoice {number_}", ", ".join(facts))
    last = at(record, "DeliveryInfo.DeliveryTime")
    if value.sent:
        when = f" on {day_label(date.fromisoformat(str(last)[:10]))}" if last else ""
        making.notes.append(f"Invoice {number_} was e-mailed before{when}.")
    if value.balance.amount == 0:
        making.notes.append(f"Invoice {number_} is paid already.")
    # Without a due date, its own date is shown as one.
    paths = [*_SEND_PATHS, *([] if record.get("DueDate") else ["TxnDate"])]
    making.rely("Invoice", record, f"Invoice {number_}", paths)
    making.send("Invoice", str(record["Id"]), address)


_SEND_PATHS: Final = (
    *("DocNumber", "CustomerRef.value", "CustomerRef.name", "DueDate", "TotalAmt"),
    *("Balance", "PrivateNote", "DeliveryInfo.DeliveryTime"),
)


def _send_heading(making: Making) -> str:
    first: Shown = making.shown[0]
    if len(making.steps) == 1:
        address = dict(making.steps[0].query)["sendTo"]
        return f"E-mail {first.label[0].lower()}{first.label[1:]} to {address}"
    return f"E-mail {len(making.steps)} invoices"


async def _send_to(
    around: Around, making: Making, change: InvoiceSend, record: Json
) -> str | None:
    """The address said, else the invoice's, else the customer's; relied upon."""
    if change.email is not None:
        return checked_email(change.email)
    found = records.text(record, "BillEmail.Address")
    if not found:
        customer_id = records.ref_id(record, "CustomerRef")
        customer = await around.mirror.record(
            around.company.id, "Customer", customer_id
        )
        found = records.text(customer or {}, "PrimaryEmailAddr.Address")
        if customer is not None and found:
            name = records.label(customer)
            making.rely("Customer", customer, name, ["PrimaryEmailAddr.Address"])
    if found:
        number_ = str(record.get("DocNumber") or record["Id"])
        making.rely("Invoice", record, f"Invoice {number_}", ["BillEmail.Address"])
    if not found and change.invoice is not None:
        name = records.ref_name(record, "CustomerRef")
        raise Ambiguous(
            f"QuickBooks has no e-mail address for {name}. Which address should the"
            " invoice go to?",
            about="email",
        )
    return found


async def _chosen(around: Around, change: InvoiceSend) -> list[Json]:
    """The invoices meant: one by its number, or those of a status and customer."""
    if change.invoice is not None:
        return [await the_invoice(around, change.invoice)]
    if change.invoices:
        named = dict.fromkeys(change.invoices)
        return [await the_invoice(around, number_) for number_ in named]
    company = around.company.id
    where: list[Any] = [RECORDS.c.company == company, RECORDS.c.entity == "Invoice"]
    if change.customer is not None:
        customer = await lookup.named(
            around.mirror, company, "Customer", change.customer
        )
        where.append(RECORDS.c.party_id == str(customer["Id"]))
    if change.status is None and change.customer is None:
        raise Ambiguous("Which invoice should be sent?", about="invoice")
    where += status_conditions(change.status or "open", around.today)
    meant = (
        select(RECORDS.c.raw)
        .where(*where, ~RECORDS.c.voided)
        .order_by(RECORDS.c.txn_date, RECORDS.c.id)
    )
    found = await around.mirror.found(meant.limit(SENDS_MAX + 1))
    if not found:
        raise NotFound(
            "No invoice in QuickBooks is like that.",
            kind="invoice",
            name=change.status or change.customer or "",
        )
    if len(found) > SENDS_MAX:
        raise preflight(
            f"That is more than {SENDS_MAX} invoices, more than one proposal can hold. "
            + in_parts(change, await _many(around, meant))
        )
    return found


async def _many(around: Around, meant: Select[Any]) -> Counter[str]:
    """How many of the invoices are whose."""
    found = await around.mirror.found(meant.limit(_COUNTED_MAX))
    return Counter(str(each.get("CustomerRef", {}).get("name", "")) for each in found)


def in_parts(change: InvoiceSend, whose: Counter[str]) -> str:
    """How to send in parts what is too much for one proposal."""
    fit = [name for name, count in whose.most_common() if name and count <= SENDS_MAX]
    if change.customer is not None or not fit:
        return "Send them one by one, by their numbers."
    word = f"{change.status or 'open'} "
    parts = [f"“send all {word}invoices for {name}”" for name in fit[:_NAMED_MAX]]
    return f"Send them in parts: {listed(parts)}."
