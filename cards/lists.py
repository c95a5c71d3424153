"""Lists of records: a title that answers, a table, and what was cut."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, cast

from cards.amounts import number
from cards.body import Body
from cards.card import Section, Table, Tone
from cards.plain import count, day, line
from qbo.books import (
    Account,
    Bill,
    CreditMemo,
    Customer,
    Invoice,
    Item,
    Listing,
    Money,
    Owing,
    Payment,
    Purchase,
    Vendor,
)

# More rows than this nobody reads in a chat; the rest is counted.
ROWS_MAX = 50

_NOUNS: dict[type, tuple[str, str]] = {
    Customer: ("customer", "customers"),
    Vendor: ("vendor", "vendors"),
    Item: ("item", "items"),
    Account: ("account", "accounts"),
    Invoice: ("invoice", "invoices"),
    Bill: ("bill", "bills"),
    Payment: ("payment", "payments"),
    CreditMemo: ("credit memo", "credit memos"),
    Purchase: ("expense", "expenses"),
}


def body(listing: Listing[Any], today: date) -> Body:
    """The card of any list."""
    rows = listing.rows
    if not rows:
        return Body(title=_none(listing), tone=Tone.MUTED)
    if isinstance(rows[0], Owing):
        return _owing(listing)
    return Body(
        title=_title(listing, today),
        sections=(Section(table=_table(listing, today)),),
    )


def _none(listing: Listing[Any]) -> str:
    kind = line(listing.kind)
    if _is_payable(listing):
        return "We owe nobody anything that fits."
    if "receivable" in kind.lower():
        return "Nobody owes us anything that fits."
    return f"No {kind or 'records'} found."


def _is_payable(listing: Listing[Any]) -> bool:
    return "payable" in listing.kind.lower()


def _owing(listing: Listing[Owing]) -> Body:
    rows = listing.rows
    payable = _is_payable(listing)
    total = listing.total or _sum(row.balance for row in rows)
    late = _sum(row.overdue for row in rows)
    if listing.count == 1:
        party = line(rows[0].party)
        title = f"We owe {party} {total}" if payable else f"{party} owes us {total}"
    elif payable:
        title = f"We owe {count(listing.count, 'vendor')} {total}"
    else:
        title = f"{count(listing.count, 'customer')} owe us {total}"
    if listing.complete and late.amount:
        title += ", all of it overdue" if late == total else f", {late} of it overdue"
    columns = ("Vendor" if payable else "Customer", "Balance", "Overdue")
    made = [
        (line(row.party), str(row.balance), _overdue(row)) for row in rows[:ROWS_MAX]
    ]
    return Body(
        title=f"{title}.",
        tone=Tone.WARNING if late.amount else Tone.PLAIN,
        sections=(
            Section(table=_with_total(columns, made, listing, numeric=(1, 2), at=1)),
        ),
    )


def _overdue(row: Owing) -> str:
    if not row.overdue.amount:
        return "–"
    return f"{row.overdue}, {count(row.days_overdue, 'day')}"


def _title(listing: Listing[Any], today: date) -> str:
    """A title like "12 overdue invoices, $34,100.00."."""
    rows = listing.rows
    one, many = _NOUNS[type(rows[0])]
    statuses = {row.status(today) for row in rows if isinstance(row, Invoice | Bill)}
    adjective = ""
    if len(statuses) == 1 and listing.complete:
        adjective = f"{statuses.pop().lower()} "
    text = count(listing.count, f"{adjective}{one}", f"{adjective}{many}")
    party = _only_party(rows)
    if party:
        text = f"{party}: {text}"
    total = listing.total
    return f"{text}, {total}." if total is not None else f"{text}."


def _only_party(rows: Sequence[Any]) -> str | None:
    """The one customer or vendor of all rows, when there are several rows."""
    names = {
        getattr(row, "customer", None) or getattr(row, "vendor", None) for row in rows
    }
    only = names.pop() if len(names) == 1 and len(rows) > 1 else None
    return line(only) if only else None


def _table(listing: Listing[Any], today: date) -> Table:
    rows = listing.rows[:ROWS_MAX]
    kind = type(rows[0])
    return _MAKERS[kind](listing, rows, today)


def _invoices(
    listing: Listing[Any], rows: Sequence[Invoice | Bill], today: date
) -> Table:
    is_bill = isinstance(rows[0], Bill)
    shows_total = _shows_totals(listing, today)
    alone = _only_party(listing.rows) is not None
    columns = (
        "Bill" if is_bill else "Invoice",
        "Total" if shows_total else "Open",
        "Status",
    )
    made = [
        (
            _called(row.doc_number, row.id, None if alone else _party(row)),
            str(row.total if shows_total else row.balance),
            _state(row, today),
        )
        for row in rows
    ]
    return _with_total(columns, made, listing, numeric=(1,), at=1)


def _called(number: str | None, record_id: str, party: str | None) -> str:
    """A document in one cell, since phones have room for three columns."""
    shown = line(number or "") or f"(id {record_id})"
    return f"{shown} {line(party)}" if party else shown


def _party(row: Invoice | Bill) -> str:
    return row.customer if isinstance(row, Invoice) else row.vendor


def _state(row: Invoice | Bill, today: date) -> str:
    status = row.status(today)
    if status == "Overdue":
        return f"Overdue since {day(row.due_date)}"
    if status == "Outstanding":
        return f"Outstanding, due {day(row.due_date)}"
    return status


def _shows_totals(listing: Listing[Any], today: date) -> bool:
    """Whether the documents' totals say more than what is open.

    It must be the column that `listing.total` sums, where that can be told.
    """
    rows = cast("Sequence[Invoice | Bill]", listing.rows)
    settled = all(row.status(today) in {"Paid", "Voided"} for row in rows)
    if listing.total is None or not listing.complete:
        return settled
    if _sum(row.balance for row in rows) == listing.total:
        return settled and _sum(row.total for row in rows) == listing.total
    return _sum(row.total for row in rows) == listing.total


def _payments(listing: Listing[Any], rows: Sequence[Payment], _: date) -> Table:
    alone = _only_party(listing.rows) is not None
    columns = ("Payment" if alone else "Customer", "How", "Amount")
    made = [
        (
            day(row.txn_date) if alone else line(row.customer),
            _how(row, alone=alone),
            str(row.total),
        )
        for row in rows
    ]
    return _with_total(columns, made, listing, numeric=(2,))


def _how(row: Payment, *, alone: bool) -> str:
    method = "Voided" if row.voided else line(row.method or "")
    when = "" if alone else day(row.txn_date)
    return ", ".join(part for part in (when, method) if part) or "–"


def _credit_memos(listing: Listing[Any], rows: Sequence[CreditMemo], _: date) -> Table:
    columns = ("Credit memo", "Remaining", "Total")
    made = [
        (
            f"{_called(row.doc_number, row.id, row.customer)}, {day(row.txn_date)}",
            str(row.remaining),
            str(row.total),
        )
        for row in rows
    ]
    return _with_total(columns, made, listing, numeric=(1, 2))


def _purchases(listing: Listing[Any], rows: Sequence[Purchase], _: date) -> Table:
    columns = ("Date", "Paid to", "Amount")
    made = [(day(row.txn_date), _spent(row), str(row.total)) for row in rows]
    return _with_total(columns, made, listing, numeric=(2,))


def _spent(row: Purchase) -> str:
    """To whom and for what: "Shell: Fuel"."""
    return (
        ": ".join(part for part in (line(row.payee or ""), _accounts(row)) if part)
        or "–"
    )


def _accounts(row: Purchase) -> str:
    named = dict.fromkeys(each.account for each in row.lines if each.account)
    return ", ".join(line(name) for name in named)


def _parties(
    listing: Listing[Any], rows: Sequence[Customer | Vendor], _: date
) -> Table:
    columns = (
        "Customer" if isinstance(rows[0], Customer) else "Vendor",
        "Terms",
        "Balance",
    )
    made = [
        (
            f"{line(row.name)}{'' if row.active else ' (inactive)'}",
            line(row.terms or "–"),
            str(row.balance),
        )
        for row in rows
    ]
    return _with_total(columns, made, listing, numeric=(2,))


def _items(listing: Listing[Any], rows: Sequence[Item], _: date) -> Table:
    stock = any(row.quantity_on_hand is not None for row in rows)
    columns = ("Item", "Type", *(("In stock",) if stock else ()), "Price")
    made = [
        (
            f"{line(row.name)}{'' if row.active else ' (inactive)'}",
            line(row.type),
            *((_stock(row),) if stock else ()),
            str(row.price) if row.price else "–",
        )
        for row in rows
    ]
    numeric = tuple(range(2, len(columns)))
    return _with_total(columns, made, listing, numeric=numeric)


def _stock(row: Item) -> str:
    return "–" if row.quantity_on_hand is None else number(row.quantity_on_hand)


def _account_rows(listing: Listing[Any], rows: Sequence[Account], _: date) -> Table:
    columns = ("Account", "Type", "Balance")
    made = [
        (
            f"{line(row.number)} {line(row.name)}" if row.number else line(row.name),
            line(row.type),
            str(row.balance),
        )
        for row in rows
    ]
    return _with_total(columns, made, listing, numeric=(2,))


_MAKERS: dict[type, Callable[[Listing[Any], Any, date], Table]] = {
    Invoice: _invoices,
    Bill: _invoices,
    Payment: _payments,
    CreditMemo: _credit_memos,
    Purchase: _purchases,
    Customer: _parties,
    Vendor: _parties,
    Item: _items,
    Account: _account_rows,
}


def _with_total(
    columns: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    listing: Listing[Any],
    *,
    numeric: tuple[int, ...],
    at: int | None = None,
) -> Table:
    """The table with its total (of everything that matched) and what was cut.

    The total stands in column `at`, or in the last one.
    """
    left = listing.count - len(rows)
    emphasis: tuple[int, ...] = ()
    if listing.total is not None and listing.count > 1:
        label = f"All {listing.count:,}" if left > 0 else "Total"
        emphasis = (len(rows),)
        total = [label, *("",) * (len(columns) - 1)]
        total[-1 if at is None else at] = str(listing.total)
        rows = [*rows, tuple(total)]
    more = f"… and {left:,} more" if left > 0 else None
    return Table(columns, tuple(rows), numeric=numeric, emphasis=emphasis, more=more)


def _sum(amounts: Iterable[Money]) -> Money:
    first, *others = amounts
    return sum(others, first)
