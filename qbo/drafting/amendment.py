"""Drafts that change an invoice that is there: its day, terms, memo and lines.

QuickBooks replaces all lines where any are sent. So those that stay are sent as they
were read, with their ids; what is not sent of such a line would be cleared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from qbo import lookup
from qbo.asks import InvoiceChanges, InvoiceUpdate, SaidLine
from qbo.books import Draft, Money
from qbo.drafting import terms
from qbo.drafting.assembly import Around, Making, reference
from qbo.drafting.invoice import the_invoice
from qbo.drafting.sales import line_of, new_line, plain, sellable, show_amounts
from qbo.drafting.tax import Taxes
from qbo.faults import Ambiguous
from qbo.lookup import listed, preflight
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, at, number

# What an update rests on whatever it changes, and what it does where lines change.
ALWAYS: Final = ("DocNumber", "CustomerRef.value", "CustomerRef.name", "TxnDate")
LINES: Final = ("Line", "TotalAmt", "Balance")
_SOLD: Final = ("Qty", "UnitPrice")
# QuickBooks makes these itself, from the place in the list and from the item.
_COMPUTED: Final = frozenset({"LineNum", "ItemAccountRef"})


async def update(around: Around, change: InvoiceUpdate) -> Draft:
    """Some fields and lines of an invoice replaced; the others stay as they are.

    Raises:
        NotFound, Ambiguous: a number or name means nothing, or something is unclear.
        Refused: it is voided, or cannot be changed like that ("preflight").
    """
    kept = await the_invoice(around, change.invoice)
    record = await around.live_one("Invoice", str(kept["Id"]))
    number_ = str(record.get("DocNumber") or change.invoice)
    if records.is_voided(record):
        raise preflight(f"Invoice {number_} is voided, so it cannot be changed.")
    making = Making(around, change)
    customer = records.ref_name(record, "CustomerRef")
    making.show("Invoice", number_)
    making.show("Customer", customer)
    body: Json = {}
    paths = list(ALWAYS)
    await _set_due(around, making, change.changes, record, body)
    if change.changes.memo is not None:
        body["PrivateNote"] = around.note(change.changes.memo)
        before = records.text(record, "PrivateNote") or "(none)"
        making.show("Memo", body["PrivateNote"], before)
    wanted = await _lines(around, making, change.changes, record, number_)
    if wanted is not None:
        body["Line"] = wanted
        paths += LINES
    if not body:
        _nothing(change.changes, number_)
    await show_total(around, making, record, body, number_)
    for name in ("DueDate", "PrivateNote"):
        paths += [name] if name in body else []
    if "SalesTermRef" in body:
        paths += ["SalesTermRef.value", "SalesTermRef.name"]
    making.rely("Invoice", record, f"Invoice {number_}", paths)
    if records.is_sent(record):
        making.notes.append(
            "It was e-mailed before, and is not e-mailed again: send it once more if"
            " the customer should have it as it is then."
        )
    # QuickBooks may ask for the customer in a sparse update as well.
    customer_ref = {"value": records.ref_id(record, "CustomerRef")}
    making.update("Invoice", record, {"CustomerRef": customer_ref, **body})
    return making.made(f"Change invoice {number_} of {customer}, {making.total}")


def _nothing(changes: InvoiceChanges, number_: str) -> None:
    """Say that there is nothing to change.

    Raises:
        Ambiguous: nothing was said.
        Refused: it is so already ("preflight").
    """
    if changes == InvoiceChanges():
        raise Ambiguous("What should change about that invoice?", about="changes")
    raise preflight(
        f"Invoice {number_} is so in QuickBooks already; there is nothing to do."
    )


async def _set_due(
    around: Around, making: Making, wanted: InvoiceChanges, record: Json, body: Json
) -> None:
    """Terms, with the due date that they give, and the due date that was said."""
    txn_date = records.day(record, "TxnDate")
    due = wanted.due_date
    if wanted.terms is not None:
        term = await terms.said(around, wanted.terms)
        due = due or terms.due_by(term, txn_date)
        if str(term["Id"]) != records.ref_id(record, "SalesTermRef"):
            body["SalesTermRef"] = reference(term)
            before = records.ref_name(record, "SalesTermRef") or "(none)"
            making.show("Terms", records.label(term), before)
            making.rest_on("Term", term, f"Terms {records.label(term)}")
    if due is None or (record.get("DueDate") and due == records.due_day(record)):
        if "SalesTermRef" in body and record.get("DueDate"):
            # Said, so that QuickBooks does not work out another one.
            body["DueDate"] = str(record["DueDate"])
        return
    terms.check_due(due, txn_date, "the invoice date")
    body["DueDate"] = due.isoformat()
    making.show("Due date", day_label(due), _day(record, "DueDate"))


def _day(record: Json, name: str) -> str:
    found = record.get(name)
    return day_label(date.fromisoformat(str(found)[:10])) if found else "(none)"


# --- lines ----------------------------------------------------------------------


@dataclass(slots=True)
class _Sheet:
    """The lines of an invoice while they are changed."""

    number: str
    lines: list[Json]
    currency: str
    changed: bool = field(default=False)

    def place(self, item: Json, *, leaves: bool = False) -> int:
        """Where the one line of an item stands, which is changed, or `leaves`.

        Raises:
            Refused: there is none, or there are several ("preflight").
        """
        name = records.label(item)
        found = [
            place
            for place, line in enumerate(self.lines)
            if records.ref_id(records.line_detail(line), "ItemRef") == str(item["Id"])
        ]
        if not found:
            there = [
                records.ref_name(records.line_detail(line), "ItemRef")
                for line in self.lines
            ]
            names = listed([each for each in dict.fromkeys(there) if each])
            add = f" Say “add … to invoice {self.number}” to add it."
            raise preflight(
                f"{name} is not on invoice {self.number}. On it: {names or 'nothing'}."
                f"{'' if leaves else add}"
            )
        if len(found) > 1:
            raise preflight(
                f"{name} stands on invoice {self.number} {len(found)} times. Change it"
                " in QuickBooks itself, so that it is surely the right line."
            )
        return found[0]

    def told(self, line: Json) -> str:
        """A line as people read it: quantity, rate, amount."""
        detail = records.line_detail(line)
        amount = Money(number(line.get("Amount")), self.currency)
        if detail.get("Qty") is None or detail.get("UnitPrice") is None:
            return str(amount)
        rate = Money(number(detail["UnitPrice"]), self.currency)
        return f"{plain(number(detail['Qty']))} × {rate} = {amount}"


async def _lines(
    around: Around,
    making: Making,
    wanted: InvoiceChanges,
    record: Json,
    number_: str,
) -> list[Json] | None:
    """All lines as they will be; None where none is changed."""
    if not (wanted.add_lines or wanted.remove_lines or wanted.lines):
        return None
    _check_changeable(record, number_)
    there = [
        as_kept(line)
        for line in record.get("Line") or ()
        if line.get("DetailType") != "SubTotalLineDetail"
    ]
    sheet = _Sheet(number_, there, records.currency(record, around.company.currency))
    for said in wanted.lines:
        await _change(around, making, sheet, said)
    for name in dict.fromkeys(wanted.remove_lines):
        item = await lookup.named(around.mirror, around.company.id, "Item", name)
        line = sheet.lines.pop(sheet.place(item, leaves=True))
        making.show(f"{records.label(item)}", "(removed)", sheet.told(line))
        sheet.changed = True
    await _add(around, making, sheet, wanted.add_lines, record)
    if not any(records.flat_lines({"Line": sheet.lines})):
        raise preflight(
            f"Nothing would be left on invoice {number_}, and an invoice needs a line."
            " Void it instead."
        )
    return sheet.lines if sheet.changed else None


def as_kept(line: Json) -> Json:
    """A line that stays, as it is sent again: without what QuickBooks makes itself."""
    kept = {name: value for name, value in line.items() if name not in _COMPUTED}
    detail = kept.get("SalesItemLineDetail")
    if isinstance(detail, dict):
        kept["SalesItemLineDetail"] = {
            name: value for name, value in detail.items() if name not in _COMPUTED
        }
    return kept


def _check_changeable(record: Json, number_: str) -> None:
    """Refuse lines whose amounts hang together in a way that is QuickBooks' own."""
    kinds = {line.get("DetailType") for line in record.get("Line") or ()}
    why = ""
    if "DiscountLineDetail" in kinds:
        why = "has a discount, which hangs on its lines"
    elif record.get("GlobalTaxCalculation") == "TaxInclusive":
        why = "has amounts with the tax in them"
    if why:
        raise preflight(
            f"Invoice {number_} {why}. Change its lines in QuickBooks itself; its due"
            " date, terms and memo can be changed here."
        )


async def _change(
    around: Around, making: Making, sheet: _Sheet, said: SaidLine
) -> None:
    """One line that is there, by its item, as it is to be."""
    if said.item is None:
        raise Ambiguous("Which line should change?", about="changes")
    item = await lookup.named(around.mirror, around.company.id, "Item", said.item)
    place = sheet.place(item)
    line = sheet.lines[place]
    detail = records.line_detail(line)
    told = said.description
    after = {**line, **({"Description": told} if told else {})}
    if (said.quantity, said.rate, said.amount) != (None, None, None):
        fresh = line_of(_filled(said, detail, records.label(item)), item)
        sold = fresh["SalesItemLineDetail"]
        kept = {each: value for each, value in detail.items() if each not in _SOLD}
        sold = {each: sold[each] for each in _SOLD if each in sold}
        after["Amount"] = fresh["Amount"]
        after["SalesItemLineDetail"] = {**kept, **sold}
    elif not told:
        raise Ambiguous(
            f"What should change about {records.label(item)}?", about="changes"
        )
    if sheet.told(after) != sheet.told(line):
        making.show(records.label(item), sheet.told(after), sheet.told(line))
    elif told and told != line.get("Description"):
        label = f"Description of {records.label(item)}"
        making.show(label, told, str(line.get("Description") or "(none)"))
    else:
        return
    sheet.lines[place] = after
    sheet.changed = True


def _filled(said: SaidLine, detail: Json, name: str) -> SaidLine:
    """What was said of a line, and of what was not what the line has."""
    had = (detail.get("Qty"), detail.get("UnitPrice"))
    quantity, rate = (None if each is None else number(each) for each in had)
    if said.amount is not None:
        return said
    if said.rate is None and rate is None:
        raise preflight(
            f"{name} stands there as one amount, without a rate. Say its new amount, or"
            " quantity and rate."
        )
    return replace(
        said,
        quantity=quantity if said.quantity is None else said.quantity,
        rate=rate if said.rate is None else said.rate,
    )


async def _add(
    around: Around,
    making: Making,
    sheet: _Sheet,
    said: Sequence[SaidLine],
    record: Json,
) -> None:
    if not said:
        return
    customer = await around.live_one("Customer", records.ref_id(record, "CustomerRef"))
    name = records.label(customer)
    if customer.get("Active") is False:
        raise preflight(
            f"{name} is inactive in QuickBooks, so nothing new can be entered for it."
            " Make it active again first."
        )
    taxes = Taxes(around)
    for each in said:
        if each.item is None:
            raise Ambiguous("Which item should be added?", about="changes")
        item = await sellable(around, each.item)
        line = new_line(making, taxes, each, item, customer)
        making.show(f"Added: {records.label(item)}", sheet.told(line))
        sheet.lines.append(line)
    making.rest_on("Customer", customer, name)
    sheet.changed = True


# --- what it amounts to ---------------------------------------------------------


async def show_total(
    around: Around, making: Making, record: Json, body: Json, number_: str
) -> None:
    """Total and open balance, before and after where the lines change.

    Raises:
        Refused: more of it is paid than it would amount to ("preflight").
    """
    home = around.company.currency
    value = records.invoice(record, home)
    if "Line" not in body:
        making.total = value.total
        return
    used = {name: record[name] for name in ("CurrencyRef",) if name in record}
    whole = {**used, "CustomerRef": record["CustomerRef"], "Line": body["Line"]}
    await show_amounts(around, making, _flat(whole), record)
    assert making.total is not None, "lines that amount to nothing known"
    before = value.total
    if making.tax is None:
        before = Money(
            before.amount - number(at(record, "TxnTaxDetail.TotalTax")),
            before.currency,
        )
    change = making.total.amount - before.amount
    paid = value.total.amount - value.balance.amount
    left = Money(value.balance.amount + change, before.currency)
    making.show("Total", str(making.total), str(before))
    making.show("Open balance", str(left), str(value.balance))
    if left.amount < 0:
        raise preflight(
            f"{Money(paid, before.currency)} of invoice {number_} is paid already, so"
            f" it cannot amount to {making.total}. Give the customer a credit memo"
            " instead."
        )
    if making.total.amount <= Decimal(0):
        raise preflight(
            f"Nothing would be left to pay of invoice {number_}. Void it instead."
        )
    if paid:
        making.notes.append(f"{Money(paid, before.currency)} of it is paid already.")


def _flat(body: Json) -> Json:
    return {**body, "Line": list(records.flat_lines(body))}
