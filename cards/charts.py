"""What of an answer a picture shows: which numbers, how many, and told in words.

`chart` is shown with the answer, `asked_for` only where somebody wants to see it.
Amounts of several currencies make no chart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cards.card import Chart, Section, Series, Shape
from cards.plain import count, day, line
from qbo.books import (
    Aging,
    Answer,
    Bill,
    Breakdown,
    Invoice,
    Listing,
    Money,
    Owing,
    Purchase,
    Statement,
    StatementRow,
    Value,
)

# More bars than these nobody compares; the rest is one bar of its own.
BARS_MAX = 10
COLUMNS_MAX = 24
# How many numbers the words name.
_TOLD_MAX = 12
_PART_MAX = 60
_TOTAL = "total"
# What a profit and loss comes to, by the labels of QuickBooks' own total rows.
_SERIES = (
    ("Income", ("total income", "total revenue", "total for income")),
    (
        "Cost of goods sold",
        (
            *("total cost of goods sold", "total for cost of goods sold"),
            *("total cost of sales", "total for cost of sales"),
        ),
    ),
    ("Expenses", ("total expenses", "total expenditures", "total for expenses")),
    ("Net income", ("net income", "net earnings", "profit")),
)


def chart(answer: Answer) -> Chart | None:
    """The chart that comes with an answer; None where a table says it better."""
    value: Value = answer.value
    if isinstance(value, Aging):
        return _aging(value)
    if isinstance(value, Breakdown):
        return _breakdown(value)
    if isinstance(value, Statement) and len(_periods(value)) > 2:  # noqa: PLR2004
        return _statement(value)
    return None


def drawn(answer: Answer, shown: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections with the chart that comes with the answer, above the first table."""
    found = chart(answer)
    if found is None or not shown:
        return shown
    return (replace(shown[0], chart=found), *shown[1:])


def asked_for(answer: Answer) -> Chart | None:
    """The chart of an answer, shown when somebody presses for it."""
    value: Value = answer.value
    if isinstance(value, Statement):
        return _statement(value)
    if isinstance(value, Listing) and len(value.rows) > 1:
        return _listing(value)
    return chart(answer)


# --- each kind of value -----------------------------------------------------------


def _aging(report: Aging) -> Chart | None:
    """How much is how late; who owes it stands in the table."""
    if not report.rows or len(report.buckets) < 2:  # noqa: PLR2004
        return None
    who = "Customers owe us" if report.side != "payable" else "We owe vendors"
    return made(
        f"{who}, by days overdue",
        "Days overdue",
        tuple(line(bucket) for bucket in report.buckets),
        (("Owed", report.totals),),
    )


def _breakdown(found: Breakdown) -> Chart | None:
    """Columns by month, bars by anything else; a period compared stands beside."""
    rows = found.rows
    if found.by is None or len(rows) < 2 or found.foreign:  # noqa: PLR2004
        return None
    what = "Sales" if found.subject == "sales" else "Spend"
    title = f"{what} by {found.by}, {day(found.start)} to {day(found.end)}"
    if found.by == "month":
        shown, shape = rows[-COLUMNS_MAX:], Shape.COLUMNS
    else:
        shown, shape = rows[:BARS_MAX], Shape.BARS
    names = [line(each.name) or "(no name)" for each in shown]
    now: list[Money | None] = [each.amount for each in shown]
    before = [each.compared for each in shown]
    left = found.groups - len(shown)
    if shape is Shape.BARS and left > 0:
        names.append(f"Others ({left:,})")
        now.append(_less(found.whole.amount, now))
        before.append(_less(found.whole.compared, before))
    series: list[tuple[str, Sequence[Money | None]]] = [(what, now)]
    if found.whole.compared is not None and found.compared_start and found.compared_end:
        other = f"{day(found.compared_start)} to {day(found.compared_end)}"
        series = [("This period", now), (other, before)]
    return made(title, found.by.capitalize(), tuple(names), series, shape=shape)


def _less(whole: Money | None, shown: Sequence[Money | None]) -> Money | None:
    """What is left of a sum after what is shown of it."""
    if whole is None:
        return None
    known = sum((each.amount for each in shown if each), Decimal())
    return Money(whole.amount - known, whole.currency)


def _periods(report: Statement) -> tuple[int, ...]:
    """The columns that stand beside each other: all but the one that sums them."""
    return tuple(
        at for at, name in enumerate(report.columns) if line(name).lower() != _TOTAL
    )


def _statement(report: Statement) -> Chart | None:
    """Income, costs, expenses and what is left of them, a column each, by period."""
    places = _periods(report)
    if report.start is None or not 1 < len(places) <= COLUMNS_MAX:
        return None
    named = [(name, _total_row(report.rows, labels)) for name, labels in _SERIES]
    rows = [
        (name, row.amounts)
        for name, row in named
        if row is not None and any(map(_is_some, row.amounts))
    ]
    # Months that are still to come have nothing to show.
    while places and not any(_is_some(amounts[places[-1]]) for _, amounts in rows):
        places = places[:-1]
    if not places:
        return None
    found = [(name, tuple(amounts[at] for at in places)) for name, amounts in rows]
    return made(
        line(report.name),
        "",
        tuple(line(report.columns[at]) for at in places),
        tuple(found),
    )


def _is_some(amount: Money | None) -> bool:
    return amount is not None and bool(amount.amount)


def _total_row(
    rows: Sequence[StatementRow], labels: tuple[str, ...]
) -> StatementRow | None:
    for row in reversed(rows):
        if line(row.label).lower() in labels and any(row.amounts):
            return row
    return None


def _listing(listing: Listing[Any]) -> Chart | None:
    """The rows of a list summed by whom they are about, the largest first."""
    if not listing.complete:
        return None
    first = listing.rows[0]
    if isinstance(first, Owing):
        what, amounts = "Owed", [row.balance for row in listing.rows]
    elif isinstance(first, Invoice | Bill):
        is_open = any(row.balance.amount for row in listing.rows)
        what = "Open" if is_open else "Total"
        amounts = [row.balance if is_open else row.total for row in listing.rows]
    elif isinstance(first, Purchase):
        what, amounts = "Spent", [row.total for row in listing.rows]
    else:
        return None
    pairs = zip(map(party, listing.rows), amounts, strict=True)
    kind = line(listing.kind)
    return by_party(f"{kind[:1].upper()}{kind[1:]}", "", what, pairs)


def party(row: Any) -> str:
    """Whom a row of a list is about."""
    if isinstance(row, Owing):
        return row.party
    if isinstance(row, Purchase):
        return row.payee or "No payee"
    return str(getattr(row, "customer", "") or getattr(row, "vendor", ""))


# --- making one -------------------------------------------------------------------


def by_party(
    title: str, axis: str, what: str, pairs: Iterable[tuple[str, Money]]
) -> Chart | None:
    """Bars by name, the largest first; what is more than ten is one bar "Others".

    None where there are fewer than two names, or several currencies.
    """
    sums: dict[str, Decimal] = {}
    currencies = set()
    for name, amount in pairs:
        shown = line(name) or "(no name)"
        sums[shown] = sums.get(shown, Decimal()) + amount.amount
        currencies.add(amount.currency)
    if len(currencies) != 1 or len(sums) < 2:  # noqa: PLR2004
        return None
    (currency,) = currencies
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0].casefold()))
    head, rest = ranked[:BARS_MAX], ranked[BARS_MAX:]
    if rest:
        left = sum((amount for _, amount in rest), Decimal())
        head.append((f"Others ({len(rest):,})", left))
    return made(
        title,
        axis,
        tuple(name for name, _ in head),
        ((what, tuple(Money(amount, currency) for _, amount in head)),),
        shape=Shape.BARS,
    )


def made(
    title: str,
    axis: str,
    categories: tuple[str, ...],
    series: Sequence[tuple[str, Sequence[Money | None]]],
    *,
    shape: Shape = Shape.COLUMNS,
) -> Chart | None:
    """A chart of these; None where the amounts are of several currencies, or none."""
    currencies = {each.currency for _, all_ in series for each in all_ if each}
    if len(currencies) != 1:
        return None
    return Chart(
        title=title,
        shape=shape,
        axis=axis,
        unit=currencies.pop(),
        categories=categories,
        series=tuple(
            Series(name, tuple(None if one is None else one.amount for one in amounts))
            for name, amounts in series
        ),
        text=_told(title, categories, series),
    )


def _told(
    title: str,
    categories: tuple[str, ...],
    series: Sequence[tuple[str, Sequence[Money | None]]],
) -> str:
    """The chart for whoever sees no picture: the same numbers in their order."""
    parts = []
    for name, amounts in series:
        told = [
            f"{line(category)[:_PART_MAX]} {amount}"
            for category, amount in zip(categories, amounts, strict=True)
            if amount is not None
        ]
        left = len(told) - _TOLD_MAX
        said = "; ".join(told[:_TOLD_MAX])
        if left > 0:
            said += f"; and {count(left, 'more number')}"
        parts.append(f"{name}: {said}" if len(series) > 1 else said)
    return f"Chart: {line(title)}. {'. '.join(parts)}."
