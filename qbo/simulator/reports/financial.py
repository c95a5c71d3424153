"""Profit and loss, and the balance sheet."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator import periods, statements
from qbo.simulator.company import label
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.periods import Column, Span
from qbo.simulator.reports.frame import (
    Maker,
    Request,
    amount_columns,
    header_of,
    rows_of,
)
from qbo.simulator.statements import Sheet


def _profit_and_loss(request: Request) -> Json:
    company, basis = request.company, request.basis
    span, macro = periods.chosen(request.wishes, request.today, company.fiscal_month)
    if request.by.lower() == "customers":
        columns = _customer_columns(request, span)
    else:
        columns = periods.columns(span, request.by, company.fiscal_month)
    amounts = statements.moved(company, columns, basis)
    total = request.by.lower() != "total"
    if total:
        amounts = {one: [*part, sum(part, ZERO)] for one, part in amounts.items()}
    sheet = Sheet(company, len(columns) + total, request.legacy)
    has_data = any(any(part) for part in amounts.values())
    rows = statements.profit_and_loss(sheet, amounts) if has_data else []
    header = header_of(request, span, macro, basis=basis, has_data=has_data)
    shown = amount_columns("Account", columns, total=total)
    return {"Header": header, "Columns": {"Column": shown}, "Rows": rows_of(rows)}


def _customer_columns(request: Request, span: Span) -> list[Column]:
    """One column for every customer with income or expense, one for nobody."""
    company = request.company
    seen = {
        entry.party
        for posting in company.ledger.between(span.start, span.end)
        for entry in posting.entries
    }
    customers = [one for one in company.records("Customer") if one.id in seen]
    customers.sort(key=lambda one: label(one).casefold())
    columns = [Column(label(one), span, one.id) for one in customers]
    return [*columns, Column("Not Specified", span, "")]


def _balance_sheet(request: Request) -> Json:
    company, basis = request.company, request.basis
    span, macro = periods.chosen(request.wishes, request.today, company.fiscal_month)
    columns = periods.columns(span, request.by, company.fiscal_month)
    ends = [column.span.end for column in columns]
    amounts, net = statements.balances(company, ends, basis)
    sheet = Sheet(company, len(columns), request.legacy)
    has_data = any(any(part) for part in amounts.values())
    rows = statements.balance_sheet(sheet, amounts, net) if has_data else []
    header = header_of(request, span, macro, basis=basis, has_data=has_data)
    shown = amount_columns("Account", columns, total=False)
    return {"Header": header, "Columns": {"Column": shown}, "Rows": rows_of(rows)}


REPORTS: Final[Mapping[str, Maker]] = {
    "ProfitAndLoss": _profit_and_loss,
    "BalanceSheet": _balance_sheet,
}
