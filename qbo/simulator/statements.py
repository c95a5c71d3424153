"""Profit and loss, and the balance sheet, from what the accounts moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from qbo.simulator.cashbasis import cash_postings, daily
from qbo.simulator.company import Company, Record, label_key
from qbo.simulator.exact import ZERO, Json, amount_text
from qbo.simulator.periods import Column, Span, fiscal_year

Amounts = list[Decimal]
REVENUE_TYPES: Final = ("Income", "Other Income")
EXPENSE_TYPES: Final = ("Cost of Goods Sold", "Expense", "Other Expense")


@dataclass(frozen=True)
class Sheet:
    """What the rows of a statement are made with: columns and how zero looks."""

    company: Company
    width: int
    legacy: bool

    def title(self, text: str) -> str:
        """A title that the old backend wrote in capitals."""
        return text.upper() if self.legacy else text

    def cells(self, amounts: Amounts, *, summary: bool = False) -> list[Json]:
        """Amounts as cells; in a row a zero may be empty, in a sum it is 0.00."""
        shown = summary or self.legacy
        return [{"value": amount_text(a) if a or shown else ""} for a in amounts]

    def nothing(self) -> list[Json]:
        """The empty cells of a header."""
        return [{"value": ""} for _ in range(self.width)]

    def summary(self, title: str, amounts: Amounts) -> Json:
        """A line of sums."""
        return {"ColData": [{"value": title}, *self.cells(amounts, summary=True)]}

    def section(
        self, title: str, group: str, rows: list[Json], amounts: Amounts
    ) -> Json:
        """Rows under a title with their sum."""
        return {
            "Header": {"ColData": [{"value": title}, *self.nothing()]},
            "Rows": {"Row": rows},
            "Summary": self.summary(f"Total {title}", amounts),
            "type": "Section",
            "group": group,
        }

    def line(self, title: str, group: str, amounts: Amounts) -> Json:
        """A sum that stands alone: gross profit, net income."""
        summary = self.summary(title, amounts)
        return {"Summary": summary, "type": "Section", "group": group}

    def accounts(
        self, types: Iterable[str], amounts: Mapping[str, Amounts]
    ) -> tuple[list[Json], Amounts]:
        """The rows of some account types, sub-accounts below their parents; the sum."""
        wanted = set(types)
        chosen = {
            record.id: record
            for record in sorted(self.company.records("Account"), key=label_key)
            if record.body["AccountType"] in wanted
        }
        rows = []
        for record in chosen.values():
            if record.ref("ParentRef") not in chosen:
                rows += self._tree(record, chosen, amounts)
        parts = (amounts[one] for one in chosen if one in amounts)
        return rows, added(self.width, parts)

    def _tree(
        self,
        record: Record,
        chosen: Mapping[str, Record],
        amounts: Mapping[str, Amounts],
    ) -> list[Json]:
        own = amounts.get(record.id, [ZERO] * self.width)
        name = {"value": record.body["Name"], "id": record.id}
        below: list[Json] = []
        children = [one for one in chosen.values() if one.ref("ParentRef") == record.id]
        for child in children:
            below += self._tree(child, chosen, amounts)
        if not below:
            if not any(own):
                return []
            return [{"ColData": [name, *self.cells(own)], "type": "Data"}]
        inside = _below(record, chosen)
        total = added(self.width, (amounts[n] for n in inside if n in amounts))
        title = f"Total {record.body['Name']}"
        return [
            {
                "Header": {"ColData": [name, *self.cells(own)]},
                "Rows": {"Row": below},
                "Summary": self.summary(title, total),
                "type": "Section",
            }
        ]


def added(width: int, parts: Iterable[Amounts]) -> Amounts:
    """Amounts added up column by column."""
    total = [ZERO] * width
    for part in parts:
        total = [one + other for one, other in zip(total, part, strict=True)]
    return total


def less(one: Amounts, other: Amounts) -> Amounts:
    """The difference, column by column."""
    return [a - b for a, b in zip(one, other, strict=True)]


def _below(record: Record, chosen: Mapping[str, Record]) -> list[str]:
    found = [record.id]
    for one in chosen.values():
        if one.ref("ParentRef") == record.id:
            found += _below(one, chosen)
    return found


def moved(company: Company, columns: list[Column], basis: str) -> dict[str, Amounts]:
    """What each account of income and expense came to in each column.

    Income is positive when earned, expense when spent.
    """
    if any(column.customer is not None for column in columns):
        return _moved_by_customer(company, columns, basis)
    result = {}
    days_of = daily(company, basis)
    for record in company.records("Account"):
        sign = _sign(record)
        days = days_of.get(record.id)
        if sign and days:
            result[record.id] = [sign * _within(days, one.span) for one in columns]
    return result


def _moved_by_customer(
    company: Company, columns: list[Column], basis: str
) -> dict[str, Amounts]:
    span = columns[0].span
    places = {column.customer: place for place, column in enumerate(columns)}
    result: dict[str, Amounts] = {}
    for posting in (
        cash_postings(company) if basis == "Cash" else company.ledger.postings.values()
    ):
        if not span.start <= posting.day <= span.end:
            continue
        for entry in posting.entries:
            sign = _sign(company.record("Account", entry.account))
            if sign:
                amounts = result.setdefault(entry.account, [ZERO] * len(columns))
                place = places.get(entry.party, places[""])
                amounts[place] += sign * entry.amount
    return result


def _sign(account: Record) -> int:
    kind = account.body["AccountType"]
    return -1 if kind in REVENUE_TYPES else int(kind in EXPENSE_TYPES)


def _within(days: Mapping[date, Decimal], span: Span) -> Decimal:
    return sum(
        (value for day, value in days.items() if span.start <= day <= span.end), ZERO
    )


def net_income(company: Company, amounts: Mapping[str, Amounts], width: int) -> Amounts:
    """Income less expense, column by column."""
    earned = [ZERO] * width
    for number, part in amounts.items():
        kind = company.record("Account", number).body["AccountType"]
        sign = 1 if kind in REVENUE_TYPES else -1
        earned = [one + sign * other for one, other in zip(earned, part, strict=True)]
    return earned


def profit_and_loss(sheet: Sheet, amounts: Mapping[str, Amounts]) -> list[Json]:
    """The rows of a profit and loss statement."""
    income_rows, income = sheet.accounts(["Income"], amounts)
    goods_rows, goods = sheet.accounts(["Cost of Goods Sold"], amounts)
    spent_rows, spent = sheet.accounts(["Expense"], amounts)
    more_rows, more = sheet.accounts(["Other Income"], amounts)
    other_rows, other = sheet.accounts(["Other Expense"], amounts)
    gross = less(income, goods)
    operating = less(gross, spent)
    rows = [sheet.section("Income", "Income", income_rows, income)]
    if goods_rows:
        rows.append(sheet.section("Cost of Goods Sold", "COGS", goods_rows, goods))
    rows.append(sheet.line("Gross Profit", "GrossProfit", gross))
    rows.append(sheet.section("Expenses", "Expenses", spent_rows, spent))
    rows.append(sheet.line("Net Operating Income", "NetOperatingIncome", operating))
    if more_rows:
        rows.append(sheet.section("Other Income", "OtherIncome", more_rows, more))
    if other_rows:
        rows.append(sheet.section("Other Expenses", "OtherExpenses", other_rows, other))
    if more_rows or other_rows:
        net_other = less(more, other)
        rows.append(sheet.line("Net Other Income", "NetOtherIncome", net_other))
    net = less(added(sheet.width, (operating, more)), other)
    rows.append(sheet.line("Net Income", "NetIncome", net))
    return rows


def balances(
    company: Company, ends: list[date], basis: str
) -> tuple[dict[str, Amounts], Amounts]:
    """What each account of the balance sheet stands at on some days, and net income.

    Net income is the running fiscal year's; earlier years are in retained earnings.
    Assets are positive as debits, liabilities and equity as credits.
    """
    days_of = daily(company, basis)
    result: dict[str, Amounts] = {}
    net, earlier = [ZERO] * len(ends), [ZERO] * len(ends)
    for record in company.records("Account"):
        days = days_of.get(record.id)
        if not days:
            continue
        kind = record.body["Classification"]
        for place, end in enumerate(ends):
            start = fiscal_year(end, company.fiscal_month).start
            if kind in {"Revenue", "Expense"}:
                net[place] -= _within(days, Span(start, end))
                earlier[place] -= _within(days, Span(date.min, start - _DAY))
            else:
                sign = 1 if kind == "Asset" else -1
                whole = sign * _within(days, Span(date.min, end))
                result.setdefault(record.id, [ZERO] * len(ends))[place] = whole
    retained = company.account_of("RetainedEarnings")
    before = result.get(retained, [ZERO] * len(ends))
    result[retained] = added(len(ends), (before, earlier))
    return result, net


_DAY: Final = timedelta(days=1)


def balance_sheet(
    sheet: Sheet, amounts: Mapping[str, Amounts], net: Amounts
) -> list[Json]:
    """The rows of a balance sheet."""
    current, current_sum = _groups(sheet, amounts, _CURRENT_ASSETS)
    rows = []
    if current:
        title = "Current Assets"
        rows.append(sheet.section(title, "CurrentAssets", current, current_sum))
    more, more_sum = _groups(sheet, amounts, _LASTING_ASSETS)
    assets = added(sheet.width, (current_sum, more_sum))
    owed, owed_sum = _groups(sheet, amounts, _CURRENT_LIABILITIES)
    liabilities = []
    if owed:
        title = "Current Liabilities"
        liabilities.append(sheet.section(title, "CurrentLiabilities", owed, owed_sum))
    long, long_sum = _groups(sheet, amounts, _LASTING_LIABILITIES)
    debts = added(sheet.width, (owed_sum, long_sum))
    equity, equity_sum = sheet.accounts(["Equity"], amounts)
    if any(net):
        cells = [{"value": "Net Income"}, *sheet.cells(net)]
        equity.append({"ColData": cells, "type": "Data", "group": "NetIncome"})
    equity_sum = added(sheet.width, (equity_sum, net))
    both = added(sheet.width, (debts, equity_sum))
    parts = [sheet.section("Equity", "Equity", equity, equity_sum)]
    if liabilities or long:
        rows_owed = [*liabilities, *long]
        parts.insert(0, sheet.section("Liabilities", "Liabilities", rows_owed, debts))
    return [
        _whole(sheet, "Assets", "TotalAssets", [*rows, *more], assets),
        _whole(
            sheet, "Liabilities and Equity", "TotalLiabilitiesAndEquity", parts, both
        ),
    ]


def _whole(
    sheet: Sheet, title: str, group: str, rows: list[Json], amounts: Amounts
) -> Json:
    section = sheet.section(sheet.title(title), group, rows, amounts)
    section["Summary"] = sheet.summary(sheet.title(f"Total {title}"), amounts)
    return section


def _groups(
    sheet: Sheet, amounts: Mapping[str, Amounts], groups: Mapping[str, tuple[str, str]]
) -> tuple[list[Json], Amounts]:
    found, total = [], [ZERO] * sheet.width
    for group, (title, kind) in groups.items():
        rows, part = sheet.accounts([kind], amounts)
        if rows:
            found.append(sheet.section(title, group, rows, part))
        total = added(sheet.width, (total, part))
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
