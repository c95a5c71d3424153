"""Profit and loss, balance sheet, cash flow and trial balance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from qbo.simulator.books.company import label_key
from qbo.simulator.exact import ZERO, Json, amount_text
from qbo.simulator.reports import statements
from qbo.simulator.reports.books import Books, Cut
from qbo.simulator.reports.frame import (
    Amounts,
    Maker,
    Request,
    column,
    header_of,
    report_of,
)
from qbo.simulator.reports.periods import Column, Span
from qbo.simulator.reports.sheet import Sheet, amount_columns, totalled
from qbo.simulator.reports.statements import BEGINNING, chosen

_GAAP: Final = {"AccountingStandard": "GAAP"}
_ACCOUNT: Final = column("", "Account", "account")


def _profit_and_loss(request: Request) -> Json:
    books = Books.of(request)
    span, macro = request.period()
    accounts = statements.result_accounts(request.company)
    cut = books.cut(request, span, accounts)
    amounts = statements.results(books, cut)
    sheet = Sheet.of(request, cut, "ProfitAndLossDetail")
    has_data = any(any(part) for part in amounts.values())
    rows = statements.profit_and_loss(sheet, amounts) if has_data else []
    header = header_of(
        request,
        span,
        macro,
        has_data=has_data,
        basis=books.basis,
        by=request.by,
        **_GAAP,
    )
    return report_of(header, amount_columns(_ACCOUNT, cut), rows)


def _balance_sheet(request: Request) -> Json:
    books = Books.of(request)
    span, macro = request.period()
    accounts = [one.id for one in request.company.records("Account")]
    cut = books.cut(request, span, frozenset(accounts), BEGINNING)
    cut = replace(cut, has_total=cut.dimension is not None)
    amounts, net = statements.balances(books, cut)
    sheet = Sheet.of(request, cut, "GeneralLedger")
    has_data = any(any(part) for part in (*amounts.values(), net))
    rows = statements.balance_sheet(sheet, amounts, net) if has_data else []
    header = header_of(
        request,
        span,
        macro,
        has_data=has_data,
        basis=books.basis,
        by=request.by,
        **_GAAP,
    )
    return report_of(header, amount_columns(_ACCOUNT, cut), rows)


def _trial_balance(request: Request) -> Json:
    """What every account stands at on the last day; closed years are retained."""
    company, books = request.company, Books.of(request)
    span, macro = request.period()
    everything = frozenset(one.id for one in company.records("Account"))
    cut = books.cut(request, span, everything, BEGINNING)
    cut = replace(cut, has_total=cut.dimension is not None)
    results = statements.result_accounts(company)
    running = statements.running_year(company)
    whole = totalled(cut, books.sums(cut, results, running))
    balances, _ = statements.balances(books, cut)
    for one, parts in balances.items():
        is_asset = statements.is_asset(company, one)
        whole[one] = parts if is_asset else [-part for part in parts]
    accounts = sorted(
        (company.record("Account", one) for one in whole if any(whole[one])),
        key=lambda one: (
            statements.CHART.index(one.body["AccountType"]),
            label_key(one),
        ),
    )
    rows: list[Json] = []
    for account in accounts:
        name = {"value": account.body["FullyQualifiedName"], "id": account.id}
        sides = [one for part in whole[account.id] for one in _two_sides(part)]
        rows.append({"ColData": [name, *sides]})
    if rows:
        sums = [
            one for column in zip(*whole.values(), strict=True) for one in _sums(column)
        ]
        rows.append(Sheet.plain(request, len(sums)).grand_total(sums))
    header = header_of(
        request,
        span,
        macro,
        has_data=bool(rows),
        basis=books.basis,
        by=request.by,
    )
    return report_of(header, _two_sided(cut), rows)


def _two_sided(cut: Cut) -> list[Json]:
    """A column for debits and one for credits, below each of several columns."""
    sides = [
        column("Debit", "Money", "debt_amt"),
        column("Credit", "Money", "credit_amt"),
    ]
    first, *columns = amount_columns(_ACCOUNT, cut)
    if len(columns) == 1:
        return [first, *sides]
    return [first, *({**one, "Columns": {"Column": sides}} for one in columns)]


def _sums(amounts: Sequence[Decimal]) -> Amounts:
    """What is debited, and what is credited."""
    debits = [one for one in amounts if one > 0]
    credited = [-one for one in amounts if one < 0]
    return [sum(debits, ZERO), sum(credited, ZERO)]


def _two_sides(amount: Decimal) -> list[Json]:
    debit = amount_text(amount) if amount > 0 else ""
    credit = amount_text(-amount) if amount < 0 else ""
    return [{"value": debit}, {"value": credit}]


# Cash flow


def _cash_flow(request: Request) -> Json:
    """From net income to cash, by what accounts of each type moved.

    Cash is what is in the bank and what waits to be deposited. The report is always
    on accrual basis, and a column is a period or a member of a list.
    """
    books = Books.of(request, "Accrual")
    company = request.company
    span, macro = request.period()
    everything = {one.id for one in company.records("Account")}
    cut = books.cut(request, span, everything)
    sheet = Sheet.of(request, cut)
    moved = books.sums(cut, everything, lambda one: one.span)
    has_data = any(any(part) for part in moved.values())
    rows = []
    if has_data:
        cash = _cash_accounts(request)
        kinds = statements.standing_accounts(company)
        inflow = {
            one: [-part for part in parts]
            for one, parts in totalled(cut, moved).items()
        }
        net = sheet.total(part for one, part in inflow.items() if one not in kinds)
        rows = _flows(
            sheet, inflow, {k: v for k, v in kinds.items() if k not in cash}, net
        )
        rows += _cash(sheet, books, cut, cash)
    header = header_of(request, span, macro, has_data=has_data, by=request.by)
    return report_of(header, amount_columns(_ACCOUNT, cut), rows)


def _cash_accounts(request: Request) -> dict[str, str]:
    company = request.company
    return {
        one.id: one.body["AccountType"]
        for one in company.records("Account")
        if one.body["AccountType"] == "Bank"
        or one.body["AccountSubType"] == "UndepositedFunds"
    }


def _flows(
    sheet: Sheet, inflow: Mapping[str, Amounts], kinds: Mapping[str, str], net: Amounts
) -> list[Json]:
    operating = chosen(inflow, kinds, *_OPERATING)
    adjusted = sheet.total(operating.values())
    title = "Adjustments to reconcile Net Income to Net Cash provided by operations:"
    rows = [sheet.data("Net Income", net)]
    if below := sheet.tree("Account", operating):
        rows.append(sheet.section(title, "OperatingAdjustments", below, adjusted))
    provided = "Net cash provided by"
    parts = [sheet.total((net, adjusted))]
    name = "operating activities"
    found = [sheet.section(sheet.title(name.title()), "OperatingActivities", rows, net)]
    found[0]["Summary"] = sheet.summary(f"{provided} {name}", parts[0])
    for name, group, wanted in _OTHER_ACTIVITIES:
        part = chosen(inflow, kinds, *wanted)
        if below := sheet.tree("Account", part):
            parts.append(sheet.total(part.values()))
            title = sheet.title(name.title())
            section = sheet.section(title, group, below, parts[-1])
            section["Summary"] = sheet.summary(f"{provided} {name}", parts[-1])
            found.append(section)
    increase = sheet.total(parts)
    found.append(sheet.line("Net cash increase for period", "CashIncrease", increase))
    return found


def _cash(sheet: Sheet, books: Books, cut: Cut, cash: Mapping[str, str]) -> list[Json]:
    """Cash at the beginning and the end; in total, of the first and last period."""

    def before(one: Column) -> Span:
        return Span(BEGINNING, one.span.start - timedelta(days=1))

    lines = []
    for title, group, span_of, place in (
        ("Cash at beginning of period", "BeginningCash", before, 0),
        ("Cash at end of period", "EndingCash", statements.until_end, -1),
    ):
        sums = books.sums(cut, cash, span_of).values()
        amounts = [sum(parts, ZERO) for parts in zip(*sums, strict=True)]
        amounts = amounts or [ZERO] * len(cut.columns)
        if cut.has_total:
            whole = sum(amounts, ZERO) if cut.dimension else amounts[place]
            amounts.append(whole)
        lines.append(sheet.line(title, group, amounts))
    return lines


_OPERATING: Final = (
    *("Accounts Receivable", "Other Current Asset", "Accounts Payable"),
    *("Credit Card", "Other Current Liability"),
)
_OTHER_ACTIVITIES: Final = (
    ("investing activities", "InvestingActivities", ("Fixed Asset", "Other Asset")),
    (
        "financing activities",
        "FinancingActivities",
        ("Long Term Liability", "Equity"),
    ),
)

REPORTS: Final[Mapping[str, Maker]] = {
    "ProfitAndLoss": _profit_and_loss,
    "BalanceSheet": _balance_sheet,
    "TrialBalance": _trial_balance,
    "CashFlow": _cash_flow,
}
