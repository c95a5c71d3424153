"""Single records of the books: one customer, invoice, bill, item, account, company."""

from datetime import date

from cards.amounts import lines_table, number
from cards.body import TONES, Body
from cards.card import Button, Fact, Section, Tone
from cards.connections import company_facts
from cards.lists import body as list_body
from cards.plain import count, day, line, title
from cards.talk import said_button
from qbo.books import (
    Account,
    Bill,
    Company,
    CustomerShow,
    Document,
    Invoice,
    Item,
    Payment,
    Vendor,
)

_KILOBYTE = 1024


def customer(shown: CustomerShow, today: date) -> Body:
    """One customer: what is open, how to reach them, what came last."""
    one, name = shown.customer, line(shown.customer.name)
    if one.balance.amount:
        text = f"{name} owes us {one.balance}"
        if shown.overdue.amount:
            text += f", {shown.overdue} of it overdue"
    else:
        text = f"{name} owes us nothing"
    facts = _facts(
        ("E-mail", one.email),
        ("Phone", one.phone),
        ("Address", one.address),
        ("Terms", one.terms),
        ("Part of", one.parent),
        ("Last payment", _paid(shown.last_payment)),
    )
    sections = [Section(facts=facts)]
    if shown.open_invoices.rows:
        listed = list_body(shown.open_invoices, today)
        table = listed.sections[0].table
        sections.append(Section(heading="Open invoices", table=table))
    return Body(
        title=f"{text}.",
        status=_active(active=one.active),
        tone=Tone.WARNING if shown.overdue.amount else Tone.PLAIN,
        sections=tuple(sections),
    )


def _paid(payment: Payment | None) -> str:
    if payment is None:
        return "none yet"
    how = f", {line(payment.method)}" if payment.method else ""
    return f"{payment.total} on {day(payment.txn_date)}{how}"


def vendor(one: Vendor) -> Body:
    """One vendor."""
    name = line(one.name)
    owed = f"{one.balance}" if one.balance.amount else "nothing"
    return Body(
        title=f"We owe {name} {owed}.",
        status=_active(active=one.active),
        sections=(
            Section(
                facts=_facts(
                    ("E-mail", one.email), ("Phone", one.phone), ("Terms", one.terms)
                )
            ),
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
                    ("Description", one.description),
                    ("SKU", one.sku),
                    ("In stock", stock),
                    ("Income account", one.income_account),
                    ("Taxable", "yes" if one.taxable else "no"),
                )
            ),
        ),
    )


def account(one: Account) -> Body:
    """One line of the chart of accounts."""
    return Body(
        title=f"{line(one.name)}: {one.balance}.",
        status=_active(active=one.active),
        sections=(
            Section(
                facts=_facts(
                    ("Number", one.number),
                    ("Type", one.type),
                    ("Classification", one.classification),
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
