"""QuickBooks' own reports, read as it computed them.

Columns are found by type and ColKey, sections by `group` and their summaries;
never by position or by a title in the company's language.
https://developer.intuit.com/app/developer/qbo/docs/workflows/run-reports
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from qbo import asks, filters, styles
from qbo.aging import aging, detail
from qbo.asks import Period
from qbo.books import (
    Aging,
    AgingDetail,
    Company,
    Money,
    Statement,
    StatementRow,
)
from qbo.client import Client
from qbo.selection import counted
from qbo.wire.exact import Json
from qbo.wire.reporting import Cell, cells_in, money_columns, money_in, rows_in

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
        period = whole(ask.period, start_month, today)
        columns = _BY[ask.by] if ask.by else "Total"
        found = await self._statement(
            company, "ProfitAndLoss", "Profit and Loss", period, columns, ask.basis
        )
        working = ["QuickBooks' own profit and loss report."]
        if ask.compare_to is None:
            return found, [
                *working,
                _accounts(found, company),
                *filters.running(period.end or today, today),
            ]
        other_period = whole(ask.compare_to, start_month, today)
        other = await self._statement(
            company,
            "ProfitAndLoss",
            "Profit and Loss",
            other_period,
            columns,
            ask.basis,
        )
        both = beside(
            _titled(found, period, start_month),
            _titled(other, other_period, start_month),
        )
        days = filters.days("compared with", other_period)
        return both, [
            *working,
            _accounts(both, company),
            *filters.spoken(days),
            *filters.running(period.end or today, today, other_period.end),
        ]

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
            return found, [*working, _accounts(found, company)]
        other = await self._balances(company, ask.compare_to, ask.basis)
        both = beside(
            _renamed(found, day_label(as_of)),
            _renamed(other, day_label(ask.compare_to)),
        )
        return both, [*working, _accounts(both, company)]

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
            start=None if report == "BalanceSheet" else period.start,
            end=period.end,
            home=company.currency,
        )

    async def cash_flow(
        self, company: Company, ask: asks.CashFlow, today: date
    ) -> tuple[Statement, list[str]]:
        """QuickBooks' statement of cash flows.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        period = whole(ask.period, company.fiscal_year_start_month, today)
        found = await self._statement(
            company, "CashFlow", "Cash Flow", period, "Total", None
        )
        return found, [
            (
                "QuickBooks' own statement of cash flows: what moved the bank accounts"
                " and the payments that wait to be deposited."
            ),
            _accounts(found, company),
        ]

    async def aged(
        self,
        company: Company,
        ask: asks.ReceivablesAging | asks.PayablesAging,
        ids: Sequence[str],
        today: date,
    ) -> tuple[Aging | AgingDetail, list[str]]:
        """QuickBooks' aging of what is owed to us or by us, of all or of those given.

        Raises:
            BooksFault: QuickBooks could not be read.
        """
        receivable = isinstance(ask, asks.ReceivablesAging)
        party = ask.customer if isinstance(ask, asks.ReceivablesAging) else ask.vendor
        as_of = ask.as_of or today
        side, name = (
            ("receivable", "Receivable") if receivable else ("payable", "Payable")
        )
        params = {"report_date": as_of.isoformat(), "aging_method": "Report_Date"}
        if ids:
            params["customer" if receivable else "vendor"] = ",".join(ids)
        report = f"reports/Aged{name}{'Detail' if ask.detail else 's'}"
        reply = await self._client.get(company.id, report, params)
        letter = "R" if receivable else "P"
        working = [
            (
                f"QuickBooks' own A/{letter} aging, by days past the due date; all"
                f" amounts in {company.currency}, credits not used yet taken off."
            )
        ]
        working += filters.spoken(
            filters.named("customer" if receivable else "vendor", party)
        )
        if ask.detail:
            found = detail(reply.json, side, as_of, company.currency, party)
            return found, [
                *working,
                f"{counted(found.count, 'open document')}, all shown.",
            ]
        summed = aging(reply.json, side, as_of, company.currency, party)
        noun = "customer" if receivable else "vendor"
        return summed, [*working, f"{counted(len(summed.rows), noun)}, all shown."]


def statement(
    report: Json, *, name: str, start: date | None, end: date, home: str
) -> Statement:
    """A financial report as a Statement; sections are walked, never indexed."""
    header: Mapping[str, Any] = report.get("Header") or {}
    places, titles = money_columns(report)
    currency = str(header.get("Currency") or home)
    rows = tuple(_statement_rows(rows_in(report), places, currency, 0))
    return Statement(
        name=name,
        basis=str(header.get("ReportBasis") or ""),
        start=start,
        end=end,
        columns=titles,
        rows=rows,
    )


def _statement_rows(
    rows: Sequence[Json], places: tuple[int, ...], currency: str, depth: int
) -> Iterator[StatementRow]:
    for row in rows:
        if "ColData" in row:
            yield _statement_row(cells_in(row), places, currency, depth)
            continue
        if header := cells_in(row.get("Header")):
            yield _statement_row(header, places, currency, depth)
        yield from _statement_rows(rows_in(row), places, currency, depth + 1)
        if summary := cells_in(row.get("Summary")):
            yield _statement_row(summary, places, currency, depth, is_total=True)


def _statement_row(
    cells: Sequence[Cell],
    places: tuple[int, ...],
    currency: str,
    depth: int,
    *,
    is_total: bool = False,
) -> StatementRow:
    return StatementRow(
        label=cells[0].text,
        amounts=tuple(money_in(cells, place, currency) for place in places),
        depth=depth,
        is_total=is_total,
        account_id=cells[0].id,
    )


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
    return replace(
        one,
        columns=one.columns + two.columns,
        rows=tuple(rows),
        compared=(len(one.columns) - 1, len(one.columns) + len(two.columns) - 1),
    )


def _accounts(found: Statement, company: Company) -> str:
    """How many accounts it is made of; a report is never cut."""
    known = {row.account_id for row in found.rows if row.account_id is not None}
    said = counted(len(known), "account")
    return f"{said} with amounts, all shown, in {company.currency}."


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


# --- periods --------------------------------------------------------------------


def fiscal_year_start(day: date, start_month: int) -> date:
    """The first day of the fiscal year that a day is in."""
    year = day.year if day.month >= start_month else day.year - 1
    return date(year, start_month, 1)


def whole(period: Period | None, start_month: int, today: date) -> Period:
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
    return styles.current().day(day)


def _titled(found: Statement, period: Period, start_month: int) -> Statement:
    if len(found.columns) > 1:
        return found
    return _renamed(found, period_label(period, start_month))


def _renamed(found: Statement, title: str) -> Statement:
    return replace(found, columns=(title,))
