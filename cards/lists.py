"""Lists of records: a title that answers, a table, and what was cut."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from cards.amounts import number
from cards.body import Body
from cards.card import Section, Table, Tone
from cards.plain import count, day, line, listed
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
    payable = _is_payable(listing)
    late_only = listing.kind.lower().startswith("overdue")
    late = _late(listing)
    rows = listing.rows[:ROWS_MAX]
    columns = ("Vendor" if payable else "Customer", "Balance", "Overdue")
    made = [(line(row.party), str(row.balance), _overdue(row)) for row in rows]
    sums = {1: listing.total, 2: late}
    if late_only:
        sums = {1: listing.open, 2: listing.total}
    return Body(
        title=_owing_title(listing, late, payable=payable, late_only=late_only),
        tone=Tone.WARNING if late and late.amount else Tone.PLAIN,
        sections=(
            Section(
                table=_with_total(
                    columns,
                    made,
                    listing,
                    numeric=(1, 2),
                    sums=sums,
                    parts=_owing_parts(listing, payable=payable),
                )
            ),
        ),
        footnotes=_covered(rows),
    )


def _owing_title(
    listing: Listing[Owing], late: Money | None, *, payable: bool, late_only: bool
) -> str:
    """Who owes how much; those with a credit are said apart."""
    credit, few = listing.credits, listing.credit_count
    total = listing.total
    if total is not None and credit is not None:
        total += credit
    owing = listing.count - few
    if not owing and credit is not None:
        return f"{_credit_words(listing, payable=payable)}."
    party = line(listing.rows[0].party) if listing.count == 1 else ""
    whose = party or count(owing, "vendor" if payable else "customer")
    sum_ = str(total) if total is not None else _sums(listing.sums)
    verb = "owes" if party else _owe(owing)
    text = f"We owe {whose} {sum_}" if payable else f"{whose} {verb} us {sum_}"
    if late_only:
        text += " that is overdue"
    elif late is not None and late.amount and total is not None:
        text += _late_words(listing, late, total)
    if few:
        text += f"; {_credit_words(listing, payable=payable)}"
    return f"{text}."


def _owe(parties: int) -> str:
    return "owes" if parties == 1 else "owe"


def _late(listing: Listing[Owing]) -> Money | None:
    """What is overdue in all; None where only a part of it is known."""
    if listing.overdue is not None or not listing.complete:
        return listing.overdue
    currencies = {row.overdue.currency for row in listing.rows}
    return _sum(row.overdue for row in listing.rows) if len(currencies) == 1 else None


def _late_words(listing: Listing[Owing], late: Money, total: Money) -> str:
    """How much is overdue; a credit not used yet makes that more than is owed."""
    if late.amount > total.amount or any(map(_is_covered, listing.rows)):
        return f" ({late} overdue, before credits not used yet)"
    return ", all of it overdue" if late == total else f", {late} of it overdue"


def _credit_words(listing: Listing[Owing], *, payable: bool) -> str:
    few, credit = listing.credit_count, listing.credits
    if listing.count == 1:
        party = line(listing.rows[0].party)
        return (
            f"We have a credit of {credit} with {party}"
            if payable
            else f"{party} has a credit of {credit}"
        )
    if payable:
        return f"we have credits of {credit} with {few:,} others"
    return f"{few:,} {'has' if few == 1 else 'have'} credits of {credit}"


def _owing_parts(
    listing: Listing[Owing], *, payable: bool
) -> tuple[tuple[str, ...], ...]:
    """The rows between the parties and the net sum, where some have a credit."""
    if not listing.credit_count or listing.total is None or listing.credits is None:
        return ()
    owing = listing.count - listing.credit_count
    owed = listing.total + listing.credits
    label = f"{owing:,} owed by us" if payable else f"{owing:,} {_owe(owing)} us"
    few = f"{listing.credit_count:,} in credit"
    return (label, str(owed), ""), (few, f"-{listing.credits}", "")


def _is_covered(row: Owing) -> bool:
    """Whether more is overdue than is owed, for a credit covers a part of it."""
    is_more = row.overdue.amount > row.balance.amount
    return is_more and row.credit is not None and row.overdue.amount > 0


def _covered(rows: Sequence[Owing]) -> tuple[str, ...]:
    """Why more can be overdue than the balance says, for each such row."""
    return tuple(
        f"{line(row.party)}: {row.balance + row.credit} of open documents, less"
        f" {row.credit} of credit not used yet, is {row.balance}."
        for row in rows
        if row.credit is not None and _is_covered(row)
    )


def _overdue(row: Owing) -> str:
    if not row.overdue.amount:
        return "–"
    return f"{row.overdue}, {row.days_overdue:,} d"


def _title(listing: Listing[Any], today: date) -> str:
    """A title like "12 overdue invoices, $34,100.00."."""
    rows = listing.rows
    if listing.pick and len(rows) == 1:
        return _picked(listing)
    one, many = _NOUNS[type(rows[0])]
    statuses = {row.status(today) for row in rows if isinstance(row, Invoice | Bill)}
    adjective = line(listing.kind).lower().removesuffix(many).strip()
    if not adjective and not listing.by_due and len(statuses) == 1 and listing.complete:
        adjective = statuses.pop().lower()
    if adjective:
        one, many = f"{adjective} {one}", f"{adjective} {many}"
    name = line(listing.party or "") or _only_party(listing)
    before = f"{name}: " if name else ""
    if listing.by_due and listing.open_count is not None:
        text = _due_text(listing, one, many)
        return f"{before}{text}." if before else f"{text[0].upper()}{text[1:]}."
    return f"{before}{count(listing.count, one, many)}{_sums_text(listing)}."


def _sums(amounts: Sequence[Money]) -> str:
    """Sums in several currencies, beside each other and never added."""
    if not amounts:
        return "amounts in several currencies"
    return listed(tuple(map(str, amounts)), "and")


def _sums_text(listing: Listing[Any]) -> str:
    """Both sums where they differ: what it came to, and what of it is open."""
    total, still = listing.total, listing.open
    if total is None and listing.sums:
        text = f", {_sums(listing.sums)}"
        is_still = listing.open_sums and any(each.amount for each in listing.open_sums)
        if not is_still or listing.open_sums == listing.sums:
            return text
        return f"{text}; {_sums(listing.open_sums)} of it open"
    if total is None:
        return "" if still is None else f", {still} open"
    if still is None or still == total or not still.amount:
        return f", {total}"
    if listing.open_count == listing.count:
        return f", {still} open of {total}"
    return f", {total}, {still} of it open"


def _due_text(listing: Listing[Any], one: str, many: str) -> str:
    """What is still due first, then how much of it is done."""
    still = listing.open_count or 0
    settled = listing.count - still
    done = "paid or voided" if isinstance(listing.rows[0], Invoice) else "paid"
    if not still:
        verb = "is" if settled == 1 else "are"
        return f"nothing left to pay: {count(settled, one, many)} {verb} {done}"
    text = f"{count(still, one, many)} still to be paid"
    if listing.open is not None:
        text += f", {listing.open}"
    if settled:
        text += f"; {settled:,} more {'is' if settled == 1 else 'are'} {done}"
    return text


def _picked(listing: Listing[Any]) -> str:
    """The one row that was asked for, as the answer."""
    (row,) = listing.rows
    one, many = _NOUNS[type(row)]
    whose = getattr(row, "customer", None) or getattr(row, "vendor", None) or ""
    if isinstance(row, Payment) and listing.pick == "latest":
        return f"{line(whose)} last paid {row.total} on {day(row.txn_date)}."
    first = f"The {listing.pick} of {count(listing.count, one, many)}"
    if listing.count == 1:
        first = f"The only {one}"
    if isinstance(row, Invoice | Bill):
        what = _called(row.doc_number, row.id, whose)
        due = f", due {day(row.due_date)}" if row.balance.amount else ""
        still = f", {row.balance} open" if row.balance.amount else ""
        return f"{first}: {what}, {row.total}{still}{due}."
    if isinstance(row, Purchase):
        return f"{first}: {_spent(row)}, {row.total} on {day(row.txn_date)}."
    return f"{first}: {line(whose)}, {row.total} on {day(row.txn_date)}."


def _only_party(listing: Listing[Any]) -> str | None:
    """The one customer or vendor of all rows, when there are several rows.

    Nothing is known of the rows that were cut.
    """
    name = _party_shown(listing.rows)
    return name if listing.complete else None


def _party_shown(rows: Sequence[Any]) -> str | None:
    names = {
        getattr(row, "customer", None) or getattr(row, "vendor", None) for row in rows
    }
    only = names.pop() if len(names) == 1 and len(rows) > 1 else None
    return line(only) if only else None


def _stands_alone(listing: Listing[Any]) -> bool:
    """Whether the title names the party of every row, so that the rows need not."""
    shown = _party_shown(listing.rows)
    if shown is None:
        return False
    return listing.complete or shown == line(listing.party or "")


def _table(listing: Listing[Any], today: date) -> Table:
    rows = listing.rows[:ROWS_MAX]
    kind = type(rows[0])
    return _MAKERS[kind](listing, rows, today)


def _invoices(
    listing: Listing[Any], rows: Sequence[Invoice | Bill], today: date
) -> Table:
    shows_total, shows_open = _amounts_shown(listing)
    alone = _stands_alone(listing)
    columns = [
        "Bill" if isinstance(rows[0], Bill) else "Invoice",
        "Status",
        *(["Total"] if shows_total else []),
        *(["Open"] if shows_open else []),
    ]
    made = [
        (
            _called(row.doc_number, row.id, None if alone else _party(row)),
            _state(row, today),
            *((str(row.total),) if shows_total else ()),
            *((str(row.balance),) if shows_open else ()),
        )
        for row in rows
    ]
    numeric = tuple(range(2, len(columns)))
    known = {"Total": listing.total, "Open": listing.open}
    sums = {place: known[columns[place]] for place in numeric}
    return _with_total(tuple(columns), made, listing, numeric=numeric, sums=sums)


def _amounts_shown(listing: Listing[Any]) -> tuple[bool, bool]:
    """Whether totals, and whether what is open, are shown: not twice the same."""
    rows = cast("Sequence[Invoice | Bill]", listing.rows)
    if listing.total is not None and listing.open is not None:
        same, settled = listing.total == listing.open, not listing.open.amount
    else:
        same = all(row.total == row.balance for row in rows)
        settled = all(not row.balance.amount for row in rows)
    return settled or not same, not settled


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


def _payments(listing: Listing[Any], rows: Sequence[Payment], _: date) -> Table:
    alone = _stands_alone(listing)
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
    coded = any(row.sku for row in rows)
    columns = (
        "Item",
        *(("SKU",) if coded else ()),
        "Type",
        "Income account",
        *(("In stock",) if stock else ()),
        "Price",
    )
    made = [
        (
            f"{line(row.name)}{'' if row.active else ' (inactive)'}",
            *((line(row.sku or "–"),) if coded else ()),
            line(row.type),
            line(row.income_account or "–"),
            *((_stock(row),) if stock else ()),
            str(row.price) if row.price else "–",
        )
        for row in rows
    ]
    numeric = tuple(range(len(columns) - (2 if stock else 1), len(columns)))
    return _with_total(columns, made, listing, numeric=numeric)


def _stock(row: Item) -> str:
    return "–" if row.quantity_on_hand is None else number(row.quantity_on_hand)


def _account_rows(listing: Listing[Any], rows: Sequence[Account], _: date) -> Table:
    columns = ("Account", "Type", "Balance")
    made = [
        (
            f"{line(row.number)} {line(row.name)}" if row.number else line(row.name),
            _account_type(row),
            _account_balance(row),
        )
        for row in rows
    ]
    return _with_total(columns, made, listing, numeric=(2,))


def _account_type(row: Account) -> str:
    """Type and detail type: "Bank: Checking"; once where both are the same."""
    kind, detail = line(row.type), line(row.sub_type or "")
    is_same = not detail or detail.casefold() == kind.casefold()
    return kind if is_same else f"{kind}: {detail}"


def _account_balance(row: Account) -> str:
    """QuickBooks keeps no balance of income and costs."""
    is_result = row.classification in ("Revenue", "Expense")
    return "–" if is_result and not row.balance.amount else str(row.balance)


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
    sums: Mapping[int, Money | None] | None = None,
    parts: tuple[tuple[str, ...], ...] = (),
) -> Table:
    """The table with its totals (of everything that matched) and what was cut.

    `sums` are the totals by column; by default the listing's stands in the last
    one. `parts` are rows that lead to them.
    """
    left = listing.count - len(rows)
    places = {len(columns) - 1: listing.total} if sums is None else sums
    known = {
        place: str(each) for place, each in places.items() if each is not None
    } or _known_by_currency(listing, columns)
    emphasis: tuple[int, ...] = ()
    picked = listing.pick is not None and len(rows) == 1
    if known and listing.count > 1 and not picked:
        label = f"All {listing.count:,}" if left > 0 else "Total"
        emphasis = tuple(range(len(rows), len(rows) + len(parts) + 1))
        total = [label, *("",) * (len(columns) - 1)]
        for place, text in known.items():
            total[place] = text
        rows = [*rows, *parts, tuple(total)]
    more = f"… and {left:,} more" if left > 0 else None
    return Table(columns, tuple(rows), numeric=numeric, emphasis=emphasis, more=more)


def _known_by_currency(
    listing: Listing[Any], columns: tuple[str, ...]
) -> dict[int, str]:
    """The totals of several currencies by column: each below what it sums."""
    if not listing.sums:
        return {}
    late_only = listing.kind.lower().startswith("overdue")
    known = {"Total": listing.sums, "Open": listing.open_sums}
    if "Overdue" in columns:
        known = {"Balance": listing.sums}
        if late_only:
            known = {"Balance": listing.open_sums, "Overdue": listing.sums}
    elif not known.keys() & set(columns):
        known = {columns[-1]: listing.sums}
    return {
        place: _sums(known[name])
        for place, name in enumerate(columns)
        if known.get(name)
    }


def _sum(amounts: Iterable[Money]) -> Money:
    first, *others = amounts
    return sum(others, first)
