"""Profit and loss, the balance sheet and the cash flow, from what accounts moved."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final

from qbo.simulator.books.company import Company
from qbo.simulator.exact import Json
from qbo.simulator.reports.books import Books, Cut, SpanOf
from qbo.simulator.reports.frame import Amounts
from qbo.simulator.reports.periods import Column, Span, fiscal_year
from qbo.simulator.reports.sheet import Sheet, less, totalled

REVENUE_TYPES: Final = ("Income", "Other Income")
EXPENSE_TYPES: Final = ("Cost of Goods Sold", "Expense", "Other Expense")
CHART: Final = (
    *("Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset"),
    *("Other Asset", "Accounts Payable", "Credit Card", "Other Current Liability"),
    *("Long Term Liability", "Equity", "Income", "Cost of Goods Sold", "Expense"),
    *("Other Income", "Other Expense"),
)
"""Account types in the order of the chart of accounts."""
BEGINNING: Final = date.min
"""Before all postings."""
_DAY: Final = timedelta(days=1)


def accounts_of(company: Company, kinds: Collection[str]) -> dict[str, str]:
    """The accounts of some types, each with its type."""
    found = ((one.id, one.body["AccountType"]) for one in company.records("Account"))
    return {number: kind for number, kind in found if kind in kinds}


def result_accounts(company: Company) -> dict[str, str]:
    """The accounts of income and expense, each with its type."""
    return accounts_of(company, (*REVENUE_TYPES, *EXPENSE_TYPES))


def standing_accounts(company: Company) -> dict[str, str]:
    """The accounts of the balance sheet, each with its type."""
    results = result_accounts(company)
    found = ((one.id, one.body["AccountType"]) for one in company.records("Account"))
    return {number: kind for number, kind in found if number not in results}


def chosen(
    amounts: Mapping[str, Amounts], kinds: Mapping[str, str], *wanted: str
) -> dict[str, Amounts]:
    """The amounts of the accounts of some types."""
    return {one: part for one, part in amounts.items() if kinds.get(one) in wanted}


# Profit and loss


def results(books: Books, cut: Cut) -> dict[str, Amounts]:
    """What each account of income and expense came to in each column, and in total.

    Income is positive when earned, expense when spent.
    """
    kinds = result_accounts(books.company)
    moved = books.sums(cut, kinds, lambda column: column.span)
    signed = {
        one: [-part for part in parts] if kinds[one] in REVENUE_TYPES else parts
        for one, parts in moved.items()
    }
    return totalled(cut, signed)


def profit_and_loss(sheet: Sheet, amounts: Mapping[str, Amounts]) -> list[Json]:
    """The rows of a profit and loss statement."""
    kinds = result_accounts(sheet.company)
    sums: dict[str, Amounts] = {}
    sections = {}
    for kind, (title, group) in _RESULTS.items():
        part = chosen(amounts, kinds, kind)
        sums[kind] = sheet.total(part.values())
        rows = sheet.tree("Account", part)
        if rows or kind in {"Income", "Expense"}:
            sections[kind] = [sheet.section(title, group, rows, sums[kind])]
    gross = less(sums["Income"], sums["Cost of Goods Sold"])
    operating = less(gross, sums["Expense"])
    other = less(sums["Other Income"], sums["Other Expense"])
    has_other = "Other Income" in sections or "Other Expense" in sections
    net = sheet.total((operating, other))
    return [
        *sections["Income"],
        *sections.get("Cost of Goods Sold", ()),
        sheet.line("Gross Profit", "GrossProfit", gross),
        *sections["Expense"],
        sheet.line("Net Operating Income", "NetOperatingIncome", operating),
        *sections.get("Other Income", ()),
        *sections.get("Other Expense", ()),
        *([sheet.line("Net Other Income", "NetOtherIncome", other)] * has_other),
        sheet.line("Net Income", "NetIncome", net),
    ]


_RESULTS: Final = {
    "Income": ("Income", "Income"),
    "Cost of Goods Sold": ("Cost of Goods Sold", "COGS"),
    "Expense": ("Expenses", "Expenses"),
    "Other Income": ("Other Income", "OtherIncome"),
    "Other Expense": ("Other Expenses", "OtherExpenses"),
}


# The balance sheet


def balances(books: Books, cut: Cut) -> tuple[dict[str, Amounts], Amounts]:
    """What each account of the balance sheet stands at, and net income.

    Net income is the running fiscal year's; earlier years are in retained earnings.
    Assets are positive as debits, liabilities and equity as credits.
    """
    company = books.company
    kinds = standing_accounts(company)
    moved = totalled(cut, books.sums(cut, kinds, until_end))
    signed = {
        one: parts if is_asset(company, one) else [-part for part in parts]
        for one, parts in moved.items()
    }
    sheet = Sheet(company, len(cut.columns) + cut.has_total, legacy=False)
    net = _earned(books, cut, sheet, running_year(company))
    earlier = _earned(books, cut, sheet, closed_years(company))
    retained = retained_earnings(company)
    before = [signed[retained]] if retained in signed else []
    signed[retained] = sheet.total([*before, earlier])
    return signed, net


def retained_earnings(company: Company) -> str:
    """The account that closed years' results are shown in, active or not."""
    return next(
        one.id
        for one in company.records("Account")
        if one.body["AccountSubType"] == "RetainedEarnings"
    )


def until_end(column: Column) -> Span:
    """All days up to a column's end."""
    return Span(BEGINNING, column.span.end)


def running_year(company: Company) -> SpanOf:
    """The days of a column's last fiscal year, up to its end."""
    month = company.fiscal_month
    return lambda column: Span(
        fiscal_year(column.span.end, month).start, column.span.end
    )


def closed_years(company: Company) -> SpanOf:
    """The days before a column's last fiscal year."""
    month = company.fiscal_month
    return lambda column: Span(
        BEGINNING, fiscal_year(column.span.end, month).start - _DAY
    )


def is_asset(company: Company, account: str) -> bool:
    """Whether an account stands on the left of the balance sheet."""
    return bool(company.record("Account", account).body["Classification"] == "Asset")


def _earned(books: Books, cut: Cut, sheet: Sheet, span_of: SpanOf) -> Amounts:
    """Income less expense within the days that count for each column."""
    accounts = result_accounts(books.company)
    moved = totalled(cut, books.sums(cut, accounts, span_of))
    return [-part for part in sheet.total(moved.values())]


def balance_sheet(
    sheet: Sheet, amounts: Mapping[str, Amounts], net: Amounts
) -> list[Json]:
    """The rows of a balance sheet."""
    current, current_sum = _groups(sheet, amounts, _CURRENT_ASSETS)
    lasting, lasting_sum = _groups(sheet, amounts, _LASTING_ASSETS)
    owed, owed_sum = _groups(sheet, amounts, _CURRENT_LIABILITIES)
    long, long_sum = _groups(sheet, amounts, _LASTING_LIABILITIES)
    equity, equity_sum = _equity(sheet, amounts, net)
    assets = []
    if current:
        title = "Current Assets"
        assets.append(sheet.section(title, "CurrentAssets", current, current_sum))
    debts = []
    if owed:
        title = "Current Liabilities"
        debts.append(sheet.section(title, "CurrentLiabilities", owed, owed_sum))
    debt = sheet.total((owed_sum, long_sum))
    claims = [sheet.section("Equity", "Equity", equity, equity_sum)]
    if debts or long:
        rows = [*debts, *long]
        claims.insert(0, sheet.section("Liabilities", "Liabilities", rows, debt))
    total = sheet.total((current_sum, lasting_sum))
    other = sheet.total((debt, equity_sum))
    both = sheet.title("Liabilities and Equity")
    return [
        _whole(sheet, sheet.title("Assets"), "TotalAssets", [*assets, *lasting], total),
        _whole(sheet, both, "TotalLiabilitiesAndEquity", claims, other),
    ]


def _equity(
    sheet: Sheet, amounts: Mapping[str, Amounts], net: Amounts
) -> tuple[list[Json], Amounts]:
    kinds = standing_accounts(sheet.company)
    part = chosen(amounts, kinds, "Equity")
    rows = sheet.tree("Account", part)
    if any(net):
        rows.append({**sheet.data("Net Income", net), "group": "NetIncome"})
    return rows, sheet.total((*part.values(), net))


def _whole(
    sheet: Sheet, title: str, group: str, rows: list[Json], amounts: Amounts
) -> Json:
    section = sheet.section(title, group, rows, amounts)
    section["Summary"] = sheet.summary(f"{sheet.title('Total')} {title}", amounts)
    return section


def _groups(
    sheet: Sheet, amounts: Mapping[str, Amounts], groups: Mapping[str, tuple[str, str]]
) -> tuple[list[Json], Amounts]:
    kinds = standing_accounts(sheet.company)
    found, total = [], sheet.total(())
    for group, (title, kind) in groups.items():
        part = chosen(amounts, kinds, kind)
        amount = sheet.total(part.values())
        if rows := sheet.tree("Account", part):
            found.append(sheet.section(title, group, rows, amount))
        total = sheet.total((total, amount))
    return found, total


_CURRENT_ASSETS: Final = {
    "BankAccounts": ("Bank Accounts", "Bank"),
    "AR": ("Accounts Receivable", "Accounts Receivable"),
    "OtherCurrentAssets": ("Other Current Assets", "Other Current Asset"),
}
_LASTING_ASSETS: Final = {
    "FixedAssets": ("Fixed Assets", "Fixed Asset"),
    "OtherAssets": ("Other Assets", "Other Asset"),
}
_CURRENT_LIABILITIES: Final = {
    "AP": ("Accounts Payable", "Accounts Payable"),
    "CreditCards": ("Credit Cards", "Credit Card"),
    "OtherCurrentLiabilities": ("Other Current Liabilities", "Other Current Liability"),
}
_LASTING_LIABILITIES: Final = {
    "LongTermLiabilities": ("Long-Term Liabilities", "Long Term Liability"),
}
