"""QuickBooks' own reports: statements with indents and totals, aging with buckets."""

from decimal import Decimal

from cards.body import Body
from cards.breakdowns import percents
from cards.card import Section, Table, Tone
from cards.plain import day, line
from qbo.books import (
    Aging,
    AgingDetail,
    AgingLine,
    Money,
    Statement,
    StatementRow,
)

# The line that answers the question, best first, as QuickBooks names it. A statement
# of cash flows has a net income too, which is where it begins.
_BOTTOM_LINES = (
    "net cash increase for period",
    "net income",
    "net earnings",
    "profit",
)
_CASH = ("cash at end of period",)
# A balance sheet has net income too, as a part of equity; its answer is what there
# is, and whose it is.
_ASSETS = ("total assets", "total net assets", "net assets")
_WHOSE = {"total liabilities": "liabilities", "total equity": "equity"}
_CURRENT = "current"


def statement(report: Statement) -> Body:
    """Profit and loss, balance sheet and their like."""
    rows = report.rows
    columns = ("", *(line(column) for column in report.columns))
    if report.compared is not None:
        columns = (*columns, "Change", "%")
    table = Table(
        columns=columns,
        rows=tuple(
            (line(row.label), *map(_cell, row.amounts), *_change(report, row))
            for row in rows
        ),
        numeric=tuple(range(1, len(columns))),
        emphasis=tuple(
            index
            for index, row in enumerate(rows)
            if row.is_total or not any(row.amounts)
        ),
        indents=tuple(row.depth for row in rows),
    )
    if not rows:
        return Body(title=f"{_heading(report)}: nothing was booked.", tone=Tone.MUTED)
    basis = f"{line(report.basis)} basis." if report.basis else ""
    return Body(
        title=f"{_heading(report)}{_bottom_line(report)}.",
        sections=(Section(table=table),),
        footnotes=(basis,) if basis else (),
    )


def _change(report: Statement, row: StatementRow) -> tuple[str, ...]:
    """By how much a row differs from what it is compared with, and in percent."""
    if report.compared is None:
        return ()
    found = report.change(row)
    if found is None:
        return ("", "")
    change, share = found
    return (str(change), percents(share))


def _cell(amount: Money | None) -> str:
    return "" if amount is None else str(amount)


def _heading(report: Statement) -> str:
    name = line(report.name) or "Report"
    if report.start is None:
        return f"{name} as of {day(report.end)}"
    return f"{name}, {day(report.start)} to {day(report.end)}"


def _bottom_line(report: Statement) -> str:
    """The figure for one column (": net income $4,210.00"), both for two."""
    if report.start is not None:
        text = _figures(report, _bottom_row(report.rows, _BOTTOM_LINES))
        end = _bottom_row(report.rows, _CASH)
        if text and end is not None and len(report.columns) == 1:
            text += f", {end.amounts[-1]} at the end"
        return text
    text = _figures(report, _bottom_row(report.rows, _ASSETS))
    if not text or len(report.columns) > 1:
        return text
    for wanted, label in _WHOSE.items():
        row = _bottom_row(report.rows, (wanted,))
        if row is not None:
            text += f", {label} {row.amounts[-1]}"
    return text


def _figures(report: Statement, row: StatementRow | None) -> str:
    if row is None:
        return ""
    figures = [
        (str(amount), line(column))
        for amount, column in zip(row.amounts, report.columns, strict=False)
        if amount is not None
    ]
    if not figures:
        return ""
    label = line(row.label).lower()
    if len(figures) == 1:
        return f": {label} {figures[0][0]}"
    last_amount, last_column = figures[-1]
    if last_column.lower() == "total":
        return f": {label} {last_amount}"
    if len(figures) == 2:  # noqa: PLR2004 - a comparison
        both = ", ".join(f"{amount} ({column})" for amount, column in figures)
        return f": {label} {both}{_differing(report, row)}"
    return ""


def _differing(report: Statement, row: StatementRow) -> str:
    """How the answer compares: ", up $310.00, 12.4 %"."""
    found = report.change(row)
    if found is None or not found[0].amount:
        return ""
    change, share = found
    size = Money(abs(change.amount), change.currency)
    percent = "" if share is None else f", {percents(abs(share))}"
    return f", {'up' if change.amount > 0 else 'down'} {size}{percent}"


def _bottom_row(
    rows: tuple[StatementRow, ...], labels: tuple[str, ...]
) -> StatementRow | None:
    for wanted in labels:
        for row in reversed(rows):
            if line(row.label).lower() == wanted and any(row.amounts):
                return row
    return None


def aging(report: Aging) -> Body:
    """Who owes by how many days overdue, in QuickBooks' own buckets."""
    receivable = report.side != "payable"
    who = "Customers owe us" if receivable else "We owe vendors"
    when = day(report.as_of)
    if not report.rows:
        nobody = "Nobody owes us anything" if receivable else "We owe nobody anything"
        return Body(title=f"{nobody} as of {when}.", tone=Tone.GOOD)
    overdue = _overdue(report)
    late = f", {overdue} of it overdue" if overdue and overdue.amount else ""
    rows = [
        (line(row.party), *map(_bucket, row.amounts), str(row.total))
        for row in report.rows
    ]
    rows.append(("Total", *map(_bucket, report.totals), str(report.total)))
    buckets = tuple(line(bucket) for bucket in report.buckets)
    table = Table(
        columns=("Customer" if receivable else "Vendor", *buckets, "Total"),
        rows=tuple(rows),
        numeric=tuple(range(1, len(buckets) + 2)),
        emphasis=(len(rows) - 1,),
        more=None if report.complete else "… and more; this list was cut",
        caption="Days overdue",
    )
    return Body(
        title=f"{who} {report.total} as of {when}{late}.",
        tone=Tone.WARNING if late else Tone.PLAIN,
        sections=(Section(table=table),),
    )


def aging_detail(report: AgingDetail) -> Body:
    """Each open document by its age, the oldest first, with its bucket's total."""
    receivable = report.side != "payable"
    when = day(report.as_of)
    party = line(report.party or "")
    who = f"{party or 'Customers'} owe{'s' if party else ''} us"
    if not receivable:
        who = f"We owe {party or 'vendors'}"
    if not report.count:
        return Body(title=f"{who} nothing as of {when}.", tone=Tone.GOOD)
    rows: list[tuple[str, ...]] = []
    emphasis: list[int] = []
    indents: list[int] = []
    for bucket in report.buckets:
        emphasis.append(len(rows))
        rows.append((line(bucket.title), "", str(bucket.total)))
        indents.append(0)
        for each in bucket.lines:
            rows.append(
                (_document(each, alone=bool(party)), _due(each), str(each.open))
            )
            indents.append(1)
    emphasis.append(len(rows))
    rows.append(("Total", "", str(report.total)))
    indents.append(0)
    late = _late_in(report)
    text = f", {late} of it overdue" if late.amount else ""
    table = Table(
        ("Document", "Due", "Open"),
        tuple(rows),
        numeric=(2,),
        emphasis=tuple(emphasis),
        indents=tuple(indents),
    )
    return Body(
        title=f"{who} {report.total} as of {when}{text}.",
        tone=Tone.WARNING if late.amount else Tone.PLAIN,
        sections=(Section(table=table),),
    )


def _document(each: AgingLine, *, alone: bool) -> str:
    called = f"{line(each.kind)} {line(each.doc_number)}".strip()
    return called if alone else f"{called}, {line(each.party)}"


def _due(each: AgingLine) -> str:
    if each.due_date is None:
        return day(each.txn_date)
    late = each.days_late or 0
    return f"{day(each.due_date)}{f', {late:,} d late' if late > 0 else ''}"


def _late_in(report: AgingDetail) -> Money:
    """What is past due in all; credits that are not used yet are not a part of it."""
    late = [
        each.open.amount
        for bucket in report.buckets
        for each in bucket.lines
        if (each.days_late or 0) > 0 and each.open.amount > 0
    ]
    return Money(sum(late, Decimal("0.00")), report.total.currency)


def _bucket(amount: Money) -> str:
    """An empty bucket is quieter than a row of zeros."""
    return str(amount) if amount.amount else "–"


def _overdue(report: Aging) -> Money | None:
    """Everything but the bucket that is not due yet; None when there is no such."""
    if not report.buckets or line(report.buckets[0]).lower() != _CURRENT:
        return None
    current = report.totals[0]
    return Money(report.total.amount - current.amount, current.currency)
