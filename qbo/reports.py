"""QuickBooks' own reports, read as it computed them.

Columns are found by type and ColKey, sections by `group` and their summaries;
never by position or by a title in the company's language.
https://developer.intuit.com/app/developer/qbo/docs/workflows/run-reports
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from qbo import asks
from qbo.asks import Period
from qbo.books import Aging, AgingRow, Company, Money, Statement, StatementRow
from qbo.client import Client
from qbo.wire.exact import Json, number
from qbo.wire.records import plain_name

_BY: Final[Mapping[str, str]] = {
    "month": "Month",
    "quarter": "Quarter",
    "customer": "Customers",
    "class": "Classes",
}
_BASES: Final[Mapping[str, str]] = {"cash": "Cash", "accrual": "Accrual"}


class Reports:
    """Asks QuickBooks for reports."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def profit_and_loss(
        self, company: Company, ask: asks.ProfitAndLoss, today: date
    ) -> tuple[Statement, list[str]]:
        """QuickBooks' Profit and Loss; a period compared stands in its own columns.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        start_month = company.fiscal_year_start_month
        period = _whole(ask.period, start_month, today)
        columns = _BY[ask.by] if ask.by else "Total"
        found = await self._statement(
            company, "ProfitAndLoss", "Profit and Loss", period, columns, ask.basis
        )
        working = ["QuickBooks' own profit and loss report."]
        if ask.compare_to is None:
            return found, working
        other_period = _whole(ask.compare_to, start_month, today)
        other = await self._statement(
            company,
            "ProfitAndLoss",
            "Profit and Loss",
            other_period,
            columns,
            ask.basis,
        )
        return beside(
            _titled(found, period, start_month),
            _titled(other, other_period, start_month),
        ), working

    async def balance_sheet(
        self, company: Company, ask: asks.BalanceSheet, today: date
    ) -> tuple[Statement, list[str]]:
        """QuickBooks' Balance Sheet at the end of a day, compared with another's.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        as_of = ask.as_of or today
        found = await self._balances(company, as_of, ask.basis)
        working = ["QuickBooks' own balance sheet."]
        if ask.compare_to is None:
            return found, working
        other = await self._balances(company, ask.compare_to, ask.basis)
        return beside(
            _renamed(found, day_label(as_of)),
            _renamed(other, day_label(ask.compare_to)),
        ), working

    async def _balances(
        self, company: Company, as_of: date, basis: str | None
    ) -> Statement:
        year = fiscal_year_start(as_of, company.fiscal_year_start_month)
        return await self._statement(
            company,
            "BalanceSheet",
            "Balance Sheet",
            Period(year, as_of),
            "Total",
            basis,
        )

    async def _statement(
        self,
        company: Company,
        report: str,
        name: str,
        period: Period,
        columns: str,
        basis: str | None,
    ) -> Statement:
        assert period.start is not None, "a report without a beginning"
        assert period.end is not None, "a report without an end"
        params = {
            "start_date": period.start.isoformat(),
            "end_date": period.end.isoformat(),
            "summarize_column_by": columns,
        }
        if basis is not None:
            params["accounting_method"] = _BASES[basis]
        reply = await self._client.get(company.id, f"reports/{report}", params)
        return statement(
            reply.json,
            name=name,
            start=period.start if report == "ProfitAndLoss" else None,
            end=period.end,
            home=company.currency,
        )

    async def receivables(
        self,
        company: Company,
        ask: asks.ReceivablesAging,
        customer_ids: Sequence[str],
        today: date,
    ) -> tuple[Aging, list[str]]:
        """QuickBooks' A/R aging, of all customers or of those given.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        as_of = ask.as_of or today
        params = {"report_date": as_of.isoformat(), "aging_method": "Report_Date"}
        if customer_ids:
            params["customer"] = ",".join(customer_ids)
        reply = await self._client.get(company.id, "reports/AgedReceivables", params)
        working = ["QuickBooks' own A/R aging, by days past due."]
        if ask.detail:
            working.append(
                "It is by customer; ask for the overdue invoices to see each one."
            )
        return aging(reply.json, "receivable", as_of, company.currency), working


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of a row: its text, and the id of the record it speaks of."""

    text: str
    id: str | None


def statement(
    report: Json, *, name: str, start: date | None, end: date, home: str
) -> Statement:
    """A financial report as a Statement; sections are walked, never indexed."""
    header: Mapping[str, Any] = report.get("Header") or {}
    places, titles = _money_columns(report)
    currency = str(header.get("Currency") or home)
    rows = tuple(_statement_rows(_rows(report), places, currency, 0))
    return Statement(
        name=name,
        basis=str(header.get("ReportBasis") or ""),
        start=start,
        end=end,
        columns=titles,
        rows=rows,
    )


def _money_columns(report: Json) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Where the money stands: places in a row, and the titles of those columns."""
    found = (report.get("Columns") or {}).get("Column") or []
    money = [
        (place, column)
        for place, column in enumerate(found)
        if _column_type(column) == "money"
    ]
    return (
        tuple(place for place, _ in money),
        tuple(str(column.get("ColTitle") or "") or "Total" for _, column in money),
    )


def _column_type(column: Mapping[str, Any]) -> str:
    if kind := str(column.get("ColType") or ""):
        return kind.casefold()
    keys = {
        str(each.get("Name")): str(each.get("Value"))
        for each in column.get("MetaData") or ()
    }
    return "money" if keys.get("ColKey", "").casefold() == "total" else ""


def _rows(holder: Mapping[str, Any]) -> list[Json]:
    return (holder.get("Rows") or {}).get("Row") or []


def _cells(holder: Any) -> list[_Cell]:
    found = (holder or {}).get("ColData") or []
    return [
        _Cell(str(cell.get("value") or ""), str(cell["id"]) if cell.get("id") else None)
        for cell in found
    ]


def _statement_rows(
    rows: Sequence[Json], places: tuple[int, ...], currency: str, depth: int
) -> Iterator[StatementRow]:
    for row in rows:
        if "ColData" in row:
            yield _statement_row(_cells(row), places, currency, depth)
            continue
        if header := _cells(row.get("Header")):
            yield _statement_row(header, places, currency, depth)
        yield from _statement_rows(_rows(row), places, currency, depth + 1)
        if summary := _cells(row.get("Summary")):
            yield _statement_row(summary, places, currency, depth, is_total=True)


def _statement_row(
    cells: Sequence[_Cell],
    places: tuple[int, ...],
    currency: str,
    depth: int,
    *,
    is_total: bool = False,
) -> StatementRow:
    return StatementRow(
        label=cells[0].text,
        amounts=tuple(_money(cells, place, currency) for place in places),
        depth=depth,
        is_total=is_total,
        account_id=cells[0].id,
    )


def _money(cells: Sequence[_Cell], place: int, currency: str) -> Money | None:
    text = cells[place].text if place < len(cells) else ""
    return Money(_places(number(text)), currency) if text else None


def _places(value: Decimal) -> Decimal:
    """A report's number with at least two places."""
    exponent = value.as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent > -2  # noqa: PLR2004
    return value.quantize(Decimal("0.01")) if is_short else value


def beside(one: Statement, two: Statement) -> Statement:
    """Two statements as one, with the columns of both.

    Rows are matched by account, else by label, within the same order of sections;
    a row only one of them has is blank in the other's columns.
    """
    ones, twos = _keyed(one.rows), _keyed(two.rows)
    blank_one: tuple[Money | None, ...] = (None,) * len(one.columns)
    blank_two: tuple[Money | None, ...] = (None,) * len(two.columns)
    rows = []
    for key in _merged(list(ones), list(twos)):
        left, right = ones.get(key), twos.get(key)
        model = left or right
        assert model is not None, "a key of neither statement"
        rows.append(
            StatementRow(
                label=model.label,
                amounts=(left.amounts if left else blank_one)
                + (right.amounts if right else blank_two),
                depth=model.depth,
                is_total=model.is_total,
                account_id=model.account_id,
            )
        )
    return Statement(
        name=one.name,
        basis=one.basis,
        start=one.start,
        end=one.end,
        columns=one.columns + two.columns,
        rows=tuple(rows),
    )


_Key = tuple[Any, ...]


def _keyed(rows: Sequence[StatementRow]) -> dict[_Key, StatementRow]:
    found: dict[_Key, StatementRow] = {}
    above: list[str] = []
    for row in rows:
        del above[row.depth :]
        key: _Key = (*above, row.account_id or row.label.casefold(), row.is_total)
        while key in found:
            key = (*key, "again")
        found[key] = row
        if not row.is_total:
            above.append(row.account_id or row.label.casefold())
    return found


def _merged(ones: list[_Key], twos: list[_Key]) -> list[_Key]:
    """Both orders in one: what only the second has follows its neighbour there."""
    merged = list(ones)
    known = set(ones)
    place = 0
    for key in twos:
        if key in known:
            place = merged.index(key) + 1
        else:
            merged.insert(place, key)
            known.add(key)
            place += 1
    return merged


def aging(report: Json, side: str, as_of: date, home: str) -> Aging:
    """An aging report: a row a party, the buckets as QuickBooks titles them."""
    header: Mapping[str, Any] = report.get("Header") or {}
    currency = str(header.get("Currency") or home)
    places, titles = _money_columns(report)
    parties = []
    totals: list[Money] | None = None
    for cells, is_grand in _aging_cells(_rows(report)):
        amounts = [
            _money(cells, place, currency) or Money(Decimal("0.00"), currency)
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
    )


def _aging_cells(
    rows: Sequence[Json], depth: int = 0
) -> Iterator[tuple[list[_Cell], bool]]:
    """The rows of parties, sub-customers too, and the grand total.

    A parent with sub-customers is a section: its own amounts stand in the header
    or in a row of their own, and the summary adds what was already given.
    """
    for row in rows:
        if "ColData" in row:
            yield _cells(row), False
            continue
        if str(row.get("group") or "").casefold() == "grandtotal":
            yield _cells(row.get("Summary")), True
            continue
        header = _cells(row.get("Header"))
        if any(cell.text for cell in header[1:]):
            yield header, False
        inner = _rows(row)
        yield from _aging_cells(inner, depth + 1)
        if depth == 0 and not inner and not header:
            yield _cells(row.get("Summary")), True


# --- periods --------------------------------------------------------------------


def fiscal_year_start(day: date, start_month: int) -> date:
    """The first day of the fiscal year that a day is in."""
    year = day.year if day.month >= start_month else day.year - 1
    return date(year, start_month, 1)


def _whole(period: Period | None, start_month: int, today: date) -> Period:
    """A period with both ends: by default this fiscal year to date."""
    end = (period.end if period else None) or today
    start = (period.start if period else None) or fiscal_year_start(end, start_month)
    return Period(start, end)


def period_label(period: Period, start_month: int) -> str:
    """A period in few words: "Sep 2026", "Q3 2026", "2026", or its two days."""
    start, end = period.start, period.end
    assert start is not None, "a period without a beginning"
    assert end is not None, "a period without an end"
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    is_whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
    offset = (start.month - start_month) % 12
    if is_whole and months == 1:
        return f"{start:%b %Y}"
    named_year = (fiscal_year_start(start, start_month) + timedelta(days=365)).year
    year = start.year if start_month == 1 else named_year
    if is_whole and months == 3 and offset % 3 == 0:  # noqa: PLR2004
        return f"Q{offset // 3 + 1} {year if start_month == 1 else f'FY{year}'}"
    if is_whole and months == 12 and offset == 0:  # noqa: PLR2004
        return f"{year}" if start_month == 1 else f"FY{year}"
    return f"{day_label(start)} to {day_label(end)}"


def day_label(day: date) -> str:
    """A day as a column's title: "30 Sep 2026"."""
    return f"{day.day} {day:%b %Y}"


def _titled(found: Statement, period: Period, start_month: int) -> Statement:
    if len(found.columns) > 1:
        return found
    return _renamed(found, period_label(period, start_month))


def _renamed(found: Statement, title: str) -> Statement:
    return Statement(
        name=found.name,
        basis=found.basis,
        start=found.start,
        end=found.end,
        columns=(title,),
        rows=found.rows,
    )
