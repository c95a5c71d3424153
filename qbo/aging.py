"""QuickBooks' aging reports: who owes by days overdue, added up or one by one."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from qbo.books import Aging, AgingBucket, AgingDetail, AgingLine, AgingRow, Money
from qbo.wire.exact import Json
from qbo.wire.records import plain_name
from qbo.wire.reporting import (
    Cell,
    cells_in,
    column_keys,
    money_columns,
    money_in,
    rows_in,
)

# The company's own currency first: beside it the document's stands under other keys.
_AMOUNT: Final = (
    *("subt_home_amount", "subt_neg_home_amount"),
    *("subt_amount", "subt_neg_amount"),
)
_OPEN: Final = (
    *("subt_home_open_bal", "subt_neg_home_open_bal"),
    *("subt_open_bal", "subt_neg_open_bal"),
)


def aging(
    report: Json, side: str, as_of: date, home: str, party: str | None = None
) -> Aging:
    """An aging report: a row a party, the buckets as QuickBooks titles them."""
    header: Mapping[str, Any] = report.get("Header") or {}
    currency = str(header.get("Currency") or home)
    places, titles = money_columns(report)
    parties = []
    totals: list[Money] | None = None
    for cells, is_grand in _aging_cells(rows_in(report)):
        amounts = [
            money_in(cells, place, currency) or Money(Decimal("0.00"), currency)
            for place in places
        ]
        if is_grand:
            totals = amounts
        else:
            name = plain_name(cells[0].text)
            parties.append(AgingRow(name, tuple(amounts[:-1]), amounts[-1]))
    if totals is None:
        totals = [Money(Decimal("0.00"), currency) for _ in places]
    return Aging(
        side=side,
        as_of=as_of,
        buckets=titles[:-1],
        rows=tuple(parties),
        totals=tuple(totals[:-1]),
        total=totals[-1] if totals else Money(Decimal("0.00"), currency),
        party=party,
    )


def _aging_cells(
    rows: Sequence[Json], depth: int = 0
) -> Iterator[tuple[list[Cell], bool]]:
    """The rows of parties, sub-customers too, and the grand total.

    A parent with sub-customers is a section: its own amounts stand in the header
    or in a row of their own, and the summary adds what was already given.
    """
    for row in rows:
        if "ColData" in row:
            yield cells_in(row), False
            continue
        if str(row.get("group") or "").casefold() == "grandtotal":
            yield cells_in(row.get("Summary")), True
            continue
        header = cells_in(row.get("Header"))
        if any(cell.text for cell in header[1:]):
            yield header, False
        inner = rows_in(row)
        yield from _aging_cells(inner, depth + 1)
        if depth == 0 and not inner and not header:
            yield cells_in(row.get("Summary")), True


def detail(
    report: Json, side: str, as_of: date, home: str, party: str | None = None
) -> AgingDetail:
    """An aging report document by document; columns are found by their keys.

    What is owed is positive on both sides, a credit negative. Where a company uses
    several currencies, its own stands in columns of other keys.
    """
    header: Mapping[str, Any] = report.get("Header") or {}
    currency = str(header.get("Currency") or home)
    keys = column_keys(report)
    buckets = tuple(
        _bucket(title, rows, keys, currency) for title, rows in _sections(report)
    )
    zero = Money(Decimal("0.00"), currency)
    return AgingDetail(
        side=side,
        as_of=as_of,
        buckets=buckets,
        total=sum((each.total for each in buckets), zero),
        party=party,
    )


def _sections(report: Json) -> Iterator[tuple[str, list[list[Cell]]]]:
    for row in rows_in(report):
        inner = [cells_in(each) for each in rows_in(row) if "ColData" in each]
        if inner:
            header = cells_in(row.get("Header"))
            yield (header[0].text if header else "", inner)


def _bucket(
    title: str, rows: Sequence[Sequence[Cell]], keys: Mapping[str, int], currency: str
) -> AgingBucket:
    lines = tuple(_line(cells, keys, currency) for cells in rows)
    zero = Money(Decimal("0.00"), currency)
    return AgingBucket(title, lines, sum((each.open for each in lines), zero))


def _line(cells: Sequence[Cell], keys: Mapping[str, int], currency: str) -> AgingLine:
    def cell(*names: str) -> Cell:
        for name in names:
            place = keys.get(name)
            if place is not None and place < len(cells):
                return cells[place]
        return Cell("", None)

    def money(*names: str) -> Money:
        found = next((keys[name] for name in names if name in keys), len(cells))
        return money_in(cells, found, currency) or Money(Decimal("0.00"), currency)

    late, due = cell("past_due").text, cell("due_date").text
    return AgingLine(
        txn_date=date.fromisoformat(cell("tx_date").text),
        kind=cell("txn_type").text,
        doc_number=cell("doc_num").text,
        party=plain_name(cell("cust_name", "vend_name").text),
        due_date=date.fromisoformat(due) if due else None,
        days_late=int(late) if late.lstrip("-").isdecimal() else None,
        amount=money(*_AMOUNT),
        open=money(*_OPEN),
        record_id=cell("txn_type").id,
    )
