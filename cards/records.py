"""Single records of the books: one customer, invoice, bill, item, account, company."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from cards.amounts import lines_table, number
from cards.body import TONES, Body
from cards.card import Button, Fact, Section, Table, Tone
from cards.connections import company_facts
from cards.lists import body as list_body
from cards.plain import count, day, line, listed, title
from cards.talk import said_button
from qbo.books import (
    Account,
    Bill,
    Company,
    CustomerShow,
    Document,
    Invoice,
    Item,
    Listing,
    Money,
    Pace,
    Payment,
    VendorShow,
)

_KILOBYTE = 1024
_NO_BALANCE = ("Revenue", "Expense")
_LOOK = (
    "The file is QuickBooks' own, unchanged. How it looks is set in QuickBooks, under"
    " Settings > Custom form styles."
)


def customer(shown: CustomerShow, today: date) -> Body:
    """One customer: what is open, how they pay, how to reach them, what came last."""
    one, name = shown.customer, line(shown.customer.name)
    if one.balance.amount > 0:
        text = f"{name} owes us {one.balance}"
        text += _late(shown.overdue, one.balance)
    elif one.balance.amount:
        text = f"{name} has a credit of {_positive(one.balance)}"
    else:
        text = f"{name} owes us nothing"
    facts = _facts(
        ("Invoiced this month", _optional(shown.invoiced)),
        ("Outstanding", _optional(shown.outstanding)),
        ("Overdue", str(shown.overdue)),
        ("Average time to pay", _pace(shown.pace)),
        ("Credit on file", _optional(shown.credit)),
        ("Last payment", _paid(shown.last_payment)),
        ("E-mail", one.email),
        ("Phone", one.phone),
        ("Address", ", ".join((one.address or "").splitlines())),
        ("Terms", one.terms),
        ("Part of", one.parent),
        ("Sub-customers", listed(tuple(map(line, shown.members)), "and")),
    )
    return Body(
        title=f"{text}.",
        status=_active(active=one.active),
        tone=Tone.WARNING if shown.overdue.amount else Tone.PLAIN,
        sections=(
            Section(facts=facts),
            *_listed("Open invoices", shown.open_invoices, today),
            *_latest("Latest invoices", shown.recent, shown.open_invoices, today),
        ),
    )


def _listed(heading: str, found: Listing[Any], today: date) -> tuple[Section, ...]:
    if not found.rows:
        return ()
    table = list_body(found, today).sections[0].table
    return (Section(heading=heading, table=table),)


def _latest(
    heading: str, recent: Sequence[Any], still: Listing[Any], today: date
) -> tuple[Section, ...]:
    """The latest documents, unless all of them stand above as open ones."""
    known = {row.id for row in still.rows}
    if all(row.id in known for row in recent):
        return ()
    rows = tuple(
        (
            line(row.doc_number or "") or f"(id {row.id})",
            day(row.txn_date),
            row.status(today),
            str(row.total),
        )
        for row in recent
    )
    noun = "Invoice" if isinstance(recent[0], Invoice) else "Bill"
    table = Table((noun, "Date", "Status", "Total"), rows, numeric=(3,))
    return (Section(heading=heading, table=table),)


def _late(overdue: Money, balance: Money) -> str:
    """How much is overdue; a credit not used yet makes that more than is owed."""
    if not overdue.amount:
        return ""
    if overdue.amount > balance.amount:
        return f" ({overdue} overdue, before credits not used yet)"
    return ", all of it overdue" if overdue == balance else f", {overdue} of it overdue"


def _pace(pace: Pace | None) -> str | None:
    if pace is None:
        return None
    days = number(pace.days)
    return f"{days} {'day' if days == '1' else 'days'}"


def _positive(amount: Money) -> Money:
    return Money(abs(amount.amount), amount.currency)


def _optional(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _paid(payment: Payment | None) -> str:
    if payment is None:
        return "none yet"
    how = f", {line(payment.method)}" if payment.method else ""
    return f"{payment.total} on {day(payment.txn_date)}{how}"


def vendor(shown: VendorShow, today: date) -> Body:
    """One vendor: what is open, how we pay, how to reach them, what came last."""
    one, name = shown.vendor, line(shown.vendor.name)
    if one.balance.amount > 0:
        text = f"We owe {name} {one.balance}"
        text += _late(shown.overdue, one.balance)
    elif one.balance.amount:
        text = f"We have a credit of {_positive(one.balance)} with {name}"
    else:
        text = f"We owe {name} nothing"
    last = shown.last_payment
    how = f", {line(last.how)}" if last and last.how else ""
    paid = f"{last.amount} on {day(last.paid_on)}{how}" if last else "none yet"
    facts = _facts(
        ("Billed this month", str(shown.billed)),
        ("Outstanding", str(shown.outstanding)),
        ("Overdue", str(shown.overdue)),
        ("Average time to pay", _pace(shown.pace)),
        ("Credit on file", str(shown.credit)),
        ("Last payment", paid),
        ("E-mail", one.email),
        ("Phone", one.phone),
        ("Terms", one.terms),
    )
    return Body(
        title=f"{text}.",
        status=_active(active=one.active),
        tone=Tone.WARNING if shown.overdue.amount else Tone.PLAIN,
        sections=(
            Section(facts=facts),
            *_listed("Open bills", shown.open_bills, today),
            *_latest("Latest bills", shown.recent, shown.open_bills, today),
        ),
    )


def invoice(one: Invoice, today: date) -> Body:
    """One invoice with its lines."""
    status = one.status(today)
    title_text = f"Invoice {line(one.doc_number)} for {line(one.customer)}"
    if status == "Voided":
        text = f"{title_text} is void"
    elif status == "Paid":
        text = f"{title_text} is paid: {one.total}"
    else:
        text = f"{title_text}: {one.balance} open"
    late = one.days_overdue(today)
    if late:
        text += f", {count(late, 'day')} overdue"
    facts = _facts(
        ("Customer", one.customer),
        ("Invoice date", day(one.txn_date)),
        ("Due", day(one.due_date)),
        ("Terms", one.terms),
        ("Total", str(one.total)),
        ("Open", str(one.balance)),
        ("Tax", str(one.tax) if one.tax and one.tax.amount else None),
        ("E-mailed", "yes" if one.sent else "no"),
        ("E-mail", one.email),
        ("Note to the customer", one.customer_memo),
        ("Memo", one.private_note),
    )
    buttons: tuple[Button, ...] = ()
    if one.doc_number:
        buttons = (said_button(f"pdf of invoice {line(one.doc_number)}", "PDF"),)
    return Body(
        title=f"{text}.",
        status=status,
        tone=TONES[status],
        sections=(Section(facts=facts, table=lines_table(one.lines, None)),),
        buttons=buttons,
    )


def bill(one: Bill, today: date) -> Body:
    """One bill with its lines."""
    status = one.status(today)
    called = f"Bill {line(one.doc_number)}" if one.doc_number else "The bill"
    name = f"{called} from {line(one.vendor)}"
    text = f"{name} is paid: {one.total}"
    if one.balance.amount:
        text = f"{name}: {one.balance} open"
    facts = _facts(
        ("Vendor", one.vendor),
        ("Bill date", day(one.txn_date)),
        ("Due", day(one.due_date)),
        ("Total", str(one.total)),
        ("Open", str(one.balance)),
        ("Memo", one.private_note),
    )
    return Body(
        title=f"{text}.",
        status=status,
        tone=TONES[status],
        sections=(Section(facts=facts, table=lines_table(one.lines, None)),),
    )


def item(one: Item) -> Body:
    """One product or service."""
    name = line(one.name)
    price = f"costs {one.price}" if one.price else "has no fixed price"
    stock = None
    if one.quantity_on_hand is not None:
        stock = number(one.quantity_on_hand)
    return Body(
        title=f"{name} {price}.",
        status=_active(active=one.active),
        sections=(
            Section(
                facts=_facts(
                    ("Type", one.type),
                    ("SKU", one.sku),
                    ("Price", str(one.price) if one.price else None),
                    ("Description", one.description),
                    ("In stock", stock),
                    ("Income account", one.income_account),
                    ("Taxable", "yes" if one.taxable else "no"),
                )
            ),
        ),
    )


def account(one: Account) -> Body:
    """One line of the chart of accounts; income and costs have no balance."""
    name = line(one.name)
    text = f"{name}: {one.balance}"
    if one.classification in _NO_BALANCE:
        article = "an" if one.type[:1].lower() in "aeiou" else "a"
        text = f"{name} is {article} {line(one.type).lower()} account"
    return Body(
        title=f"{text}.",
        status=_active(active=one.active),
        sections=(
            Section(
                facts=_facts(
                    ("Number", one.number),
                    ("Type", one.type),
                    ("Detail type", one.sub_type),
                    ("Classification", one.classification),
                    (
                        "Balance",
                        None if one.classification in _NO_BALANCE else str(one.balance),
                    ),
                    ("With sub-accounts", _optional(one.with_subs)),
                )
            ),
        ),
    )


def document(one: Document) -> Body:
    """A file that is handed over beside this card."""
    size = len(one.content)
    kilobytes = -(-size // _KILOBYTE)
    return Body(
        title=f"Here is {line(one.name)}.",
        sections=(
            Section(
                facts=_facts(("Type", one.media_type), ("Size", f"{kilobytes:,} KB"))
            ),
        ),
        footnotes=(_LOOK,),
    )


def company(one: Company) -> Body:
    """Which company this is."""
    return Body(
        title=f"This is {title(one)}.",
        sections=(Section(facts=company_facts(one)),),
    )


def _active(*, active: bool) -> str | None:
    return None if active else "Inactive"


def _facts(*pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
    """The facts that are known."""
    return tuple(Fact(label, value) for label, value in pairs if value)
