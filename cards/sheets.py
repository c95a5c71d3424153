"""An answer as rows for a file: typed cells, all of them, with their totals.

Numbers stay exact numbers and days stay days; how a file writes them is the file's
affair. Amounts of different currencies are never added: each has a total row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cards.plain import day, line, moment, title
from cards.sheet_rows import NO_TOTALS, ROWS, Cell, Column, Kind
from qbo.books import (
    Aging,
    AgingDetail,
    Answer,
    Breakdown,
    Listing,
    Slice,
    Statement,
)

_NAME_MAX = 100
_IN_NAMES = frozenset(" -_&.,'()")


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of an answer. `name` is the file's, without its ending.

    `about` says in pairs whose it is, of when, and how it came about; `totals` are
    the rows under the others. `depths` says how far rows of a report are indented.
    """

    name: str
    about: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = ()
    depths: tuple[int, ...] = ()


def sheet(answer: Answer) -> Sheet | None:
    """The rows of a list or a report; None for what is no table."""
    value = answer.value
    if isinstance(value, Listing):
        return _listing(answer, value) if value.rows else None
    if isinstance(value, Aging):
        return _aging(answer, value) if value.rows else None
    if isinstance(value, AgingDetail):
        return _aging_detail(answer, value) if value.count else None
    if isinstance(value, Breakdown):
        return _breakdown(answer, value) if value.rows else None
    if isinstance(value, Statement):
        return _statement(answer, value) if value.rows else None
    return None


def made(
    answer: Answer,
    name: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Cell, ...]],
    *,
    totals: Sequence[tuple[Cell, ...]] = (),
    depths: tuple[int, ...] = (),
    about: Sequence[tuple[str, str]] = (),
) -> Sheet:
    """A sheet with what is said above every answer."""
    working = [("How", text) for text in answer.working]
    return Sheet(
        name=file_name(name),
        about=(
            ("Company", title(answer.company)),
            ("What", line(name)),
            ("As of", moment(answer.as_of)),
            *((("Source", line(answer.source)),) if answer.source else ()),
            *about,
            ("Rows", f"{len(rows):,}"),
            *working,
        ),
        columns=tuple(columns),
        rows=tuple(rows),
        totals=tuple(totals),
        depths=depths,
    )


def file_name(text: str) -> str:
    """A name that every system takes for a file, without its ending."""
    shown = "".join(
        char if char.isalnum() or char in _IN_NAMES else "-" for char in line(text)
    )
    return " ".join(shown.split())[:_NAME_MAX].strip(" .-") or "Countersign"


# --- lists ------------------------------------------------------------------------


def _listing(answer: Answer, listing: Listing[Any]) -> Sheet:
    kind = type(listing.rows[0])
    spec = ROWS[kind]
    columns = [column for column, _ in spec]
    rows = [tuple(read(row, answer.today) for _, read in spec) for row in listing.rows]
    currencies = [_currency(row) for row in listing.rows]
    used = sorted({each for each in currencies if each})
    is_mixed = len(used) > 1
    if is_mixed:
        columns.append(Column("Currency"))
        rows = [(*row, cur) for row, cur in zip(rows, currencies, strict=True)]
    totals = []
    if kind not in NO_TOTALS:
        for currency in used:
            chosen = [r for r, c in zip(rows, currencies, strict=True) if c == currency]
            label = f"Total {currency}" if is_mixed else "Total"
            total = _total(columns, chosen, label)
            totals.append((*total[:-1], currency) if is_mixed else total)
    name = line(listing.kind)
    whose = f" {line(listing.party)}" if listing.party else ""
    return made(
        answer,
        f"{name[:1].upper()}{name[1:]}{whose} {answer.today.isoformat()}",
        columns,
        rows,
        totals=totals,
        about=(("Currency", ", ".join(used)),) if used else (),
    )


def _currency(row: Any) -> str:
    amount = getattr(row, "total", None) or getattr(row, "balance", None)
    amount = amount or getattr(row, "price", None)
    return amount.currency if amount else ""


def _total(
    columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], label: str
) -> tuple[Cell, ...]:
    made_: list[Cell] = []
    for at, column in enumerate(columns):
        if column.kind is Kind.MONEY:
            found = [row[at] for row in rows]
            made_.append(sum((x for x in found if isinstance(x, Decimal)), Decimal()))
        else:
            made_.append(None)
    made_[0] = label
    return tuple(made_)


# --- reports ----------------------------------------------------------------------


def _aging(answer: Answer, report: Aging) -> Sheet:
    receivable = report.side != "payable"
    money = [Column(line(bucket), Kind.MONEY) for bucket in report.buckets]
    columns = [
        Column("Customer" if receivable else "Vendor"),
        *money,
        Column("Total", Kind.MONEY),
    ]
    rows: list[tuple[Cell, ...]] = [
        (line(row.party), *(each.amount for each in row.amounts), row.total.amount)
        for row in report.rows
    ]
    sums = (*report.totals, report.total)
    total: tuple[Cell, ...] = ("Total", *(each.amount for each in sums))
    return made(
        answer,
        f"{'A-R' if receivable else 'A-P'} aging {report.as_of.isoformat()}",
        columns,
        rows,
        totals=[total],
        about=(
            ("Days overdue", f"counted on {day(report.as_of)}"),
            ("Currency", report.total.currency),
        ),
    )


def _aging_detail(answer: Answer, report: AgingDetail) -> Sheet:
    """Every open document, with the bucket it is in."""
    receivable = report.side != "payable"
    rows: list[tuple[Cell, ...]] = [
        (
            line(bucket.title),
            line(each.kind),
            line(each.doc_number),
            line(each.party),
            each.txn_date,
            each.due_date,
            None if each.days_late is None else Decimal(each.days_late),
            each.amount.amount,
            each.open.amount,
        )
        for bucket in report.buckets
        for each in bucket.lines
    ]
    columns = [
        Column("Days overdue"),
        Column("Kind"),
        Column("Number"),
        Column("Customer" if receivable else "Vendor"),
        Column("Date", Kind.DAY),
        Column("Due", Kind.DAY),
        Column("Days late", Kind.NUMBER),
        Column("Amount", Kind.MONEY),
        Column("Open", Kind.MONEY),
    ]
    whose = f" {line(report.party)}" if report.party else ""
    return made(
        answer,
        f"{'A-R' if receivable else 'A-P'} aging detail{whose}"
        f" {report.as_of.isoformat()}",
        columns,
        rows,
        totals=[_total(columns, rows, "Total")],
        about=(("Currency", report.total.currency),),
    )


def _breakdown(answer: Answer, found: Breakdown) -> Sheet:
    """Each group and its part of the sum; a period compared, and the difference.

    Documents in other currencies stand below, each currency with a total of its own.
    """
    parts = (found, *found.foreign)
    is_mixed = len(parts) > 1
    compares = found.whole.compared is not None
    what = "Sales" if found.subject == "sales" else "Spend"
    columns = [
        Column((found.by or "").capitalize()),
        Column("Documents", Kind.NUMBER),
        Column(what, Kind.MONEY),
        *((Column("Compared", Kind.MONEY),) if compares else ()),
        *((Column("Difference", Kind.MONEY),) if compares else ()),
        *((Column("Percent", Kind.NUMBER),) if compares else ()),
        *((Column("Currency"),) if is_mixed else ()),
    ]

    def row(each: Slice, name: str) -> tuple[Cell, ...]:
        beside = (
            each.compared.amount if each.compared else None,
            each.change.amount if each.change else None,
            each.percent,
        )
        return (
            name,
            Decimal(each.count),
            each.amount.amount,
            *(beside if compares else ()),
            *((each.amount.currency,) if is_mixed else ()),
        )

    rows = [row(each, line(each.name)) for part in parts for each in part.rows]
    rows += [row(part.rest, line(part.rest.name)) for part in parts if part.rest]
    period = f"{found.start.isoformat()} to {found.end.isoformat()}"
    about = [("Period", f"{day(found.start)} to {day(found.end)}")]
    if found.compared_start and found.compared_end:
        other = f"{day(found.compared_start)} to {day(found.compared_end)}"
        about.append(("Compared with", other))
    about.append(("Currency", ", ".join(part.total.currency for part in parts)))
    whose = "".join(f" {line(each)}" for each in found.about)
    return made(
        answer,
        f"{what} by {found.by}{whose} {period}",
        columns,
        rows,
        totals=[
            row(p.whole, f"Total {p.total.currency}" if is_mixed else "Total")
            for p in parts
        ],
        about=about,
    )


def _statement(answer: Answer, report: Statement) -> Sheet:
    """A report as QuickBooks made it: its totals are rows of its own."""
    when = report.end.isoformat()
    period = f"as of {day(report.end)}"
    if report.start is not None:
        when = f"{report.start.isoformat()} to {when}"
        period = f"{day(report.start)} to {day(report.end)}"
    columns = [Column(""), *(Column(line(c), Kind.MONEY) for c in report.columns)]
    rows: list[tuple[Cell, ...]] = [
        (line(row.label), *(each.amount if each else None for each in row.amounts))
        for row in report.rows
    ]
    used = sorted(
        {each.currency for row in report.rows for each in row.amounts if each}
    )
    return made(
        answer,
        f"{line(report.name)} {when}",
        columns,
        rows,
        depths=tuple(row.depth for row in report.rows),
        about=(
            ("Period", period),
            *((("Basis", line(report.basis)),) if report.basis else ()),
            *((("Currency", ", ".join(used)),) if used else ()),
        ),
    )
