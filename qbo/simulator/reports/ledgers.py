"""The general ledger, the journal, and profit and loss in detail."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from qbo.simulator.books.ledger import Posting
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports import statements
from qbo.simulator.reports.books import Books, Cut, record_of
from qbo.simulator.reports.chapters import Chapters
from qbo.simulator.reports.frame import (
    MONTH_TO_DATE,
    Maker,
    Request,
    header_of,
    report_of,
)
from qbo.simulator.reports.lines import Line, lines_of, natural, table_of
from qbo.simulator.reports.periods import Column, Span
from qbo.simulator.reports.statements import BEGINNING

_FIRST: Final = ("tx_date", "txn_type", "doc_num", "name", "memo")


def by_account(
    request: Request, books: Books, span: Span, accounts: Mapping[str, str]
) -> dict[str, list[Line]]:
    """The lines of some accounts, oldest first."""
    wanted: dict[str, tuple[Posting, set[str]]] = {}
    for place, move in enumerate(books.moves(span, accounts), start=1):
        request.check_size(place)
        _, kept = wanted.setdefault(move.posting.key, (move.posting, set()))
        kept.add(move.entry.account)
    found: dict[str, list[Line]] = {}
    for posting, kept in sorted(wanted.values(), key=lambda one: chronological(one[0])):
        for line in entries_of(request, posting):
            assert line.entry, "a line of an entry"
            if line.entry.account in kept:
                found.setdefault(line.entry.account, []).append(line)
    return found


def entries_of(request: Request, posting: Posting) -> list[Line]:
    """The lines of one posting."""
    record = record_of(request.company, posting)
    lines = lines_of(request.company, posting, record)
    for line in lines:
        line.legacy = request.legacy
    return lines


def chronological(posting: Posting) -> tuple[date, int, str]:
    """What postings are sorted by: their day, and the order they were made in."""
    number = posting.key.partition(":")[0]
    return posting.day, int(number) if number.isdigit() else 0, posting.key


def _general_ledger(request: Request) -> Json:
    """Every account's entries; accounts of the balance sheet begin with a balance."""
    company, books = request.company, Books.of(request)
    span, macro = request.period(MONTH_TO_DATE)
    accounts = accounts_asked(request)
    sources = accounts_asked(request, "source_account", "source_account_type")
    accounts = {one: kind for one, kind in accounts.items() if one in sources}
    table = table_of(
        request, *_FIRST, "split_acc", "subt_nat_amount", "rbal_nat_amount"
    )
    lines = by_account(request, books, span, accounts)
    opened = _opened(books, span, accounts)
    opened = {one: part for one, part in opened.items() if part or one in lines}
    chapters = Chapters("Account", table, lines, opened)
    rows = [
        row
        for kind in statements.CHART
        for row in chapters.sections(
            company, [one for one in accounts if accounts[one] == kind]
        )
    ]
    header = header_of(request, span, macro, has_data=bool(rows), basis=books.basis)
    return report_of(header, table.columns, rows)


def accounts_asked(
    request: Request, number: str = "account", kind: str = "account_type"
) -> dict[str, str]:
    """The accounts picked by two parameters, each with its type; else all of them."""
    numbers = request.listed(number)
    kinds = {one.lower() for one in request.listed(kind)}
    found = {
        one.id: one.body["AccountType"]
        for one in request.company.records("Account")
        if not numbers or one.id in numbers
    }
    return {
        one: its
        for one, its in found.items()
        if not kinds or its.replace(" ", "").lower() in kinds
    }


def _opened(
    books: Books, span: Span, accounts: Mapping[str, str]
) -> dict[str, Decimal]:
    """What accounts of the balance sheet stood at before a span, as each counts."""
    company = books.company
    cut = Cut([Column("", span)], None, has_total=False)
    before = Span(BEGINNING, span.start - timedelta(days=1))
    standing = {
        one: kind
        for one, kind in statements.standing_accounts(company).items()
        if one in accounts
    }
    sums = books.sums(cut, standing, lambda _: before)
    found = {one: natural(company, one, part[0]) for one, part in sums.items()}
    retained = statements.retained_earnings(company)
    if retained in standing:
        closed = statements.closed_years(company)
        at_start = closed(Column("", Span(span.start, span.start)))
        results = statements.result_accounts(company)
        earned = books.sums(cut, results, lambda _: at_start).values()
        closed_sum = -sum((part[0] for part in earned), ZERO)
        found[retained] = found.get(retained, ZERO) + closed_sum
    return found


def _journal_report(request: Request) -> Json:
    """Every transaction as a journal entry."""
    company, books = request.company, Books.of(request, "Accrual")
    span, macro = request.period(MONTH_TO_DATE)
    table = table_of(request, *_FIRST, "account_name", "debt_amt", "credit_amt")
    everything = frozenset(one.id for one in company.records("Account"))
    seen = {move.posting.key: move.posting for move in books.moves(span, everything)}
    request.check_size(sum(len(one.entries) for one in seen.values()))
    rows: list[Json] = []
    every: list[Line] = []
    for posting in sorted(seen.values(), key=chronological):
        lines = table.sort(entries_of(request, posting))
        rows += table.rows(lines[:1])
        for line in lines[1:]:
            again = {"tx_date": "0-00-00", "txn_type": "", "doc_num": ""}
            rows.append(table.row(line, **(again if request.legacy else {})))
        rows.append(table.line(table.total("", lines), ""))
        every += lines
    if rows:
        rows.append(table.grand_total(every))
    header = header_of(request, span, macro, has_data=bool(rows))
    columns = table.columns
    if not request.legacy:
        for column in columns:
            if column["ColTitle"] == "Date":
                column["ColTitle"] = "Transaction date"
    return report_of(header, columns, rows)


def _profit_and_loss_detail(request: Request) -> Json:
    """The lines behind a profit and loss statement."""
    company, books = request.company, Books.of(request)
    span, macro = request.period()
    accounts = statements.result_accounts(company)
    table = table_of(
        request, *_FIRST, "split_acc", "subt_nat_amount", "rbal_nat_amount"
    )
    lines = by_account(request, books, span, accounts)
    chapters = Chapters("Account", table, lines)

    def part(title: str, kind: str, group: str) -> list[Json]:
        wanted = [one for one, its in accounts.items() if its == kind]
        rows = chapters.sections(company, wanted)
        below = [line for one in wanted for line in lines.get(one, ())]
        total = table.total(f"Total for {title}", below)
        return [table.section(title, rows, total, group)] if rows else []

    def result(title: str, group: str, kinds: Mapping[str, int]) -> Json:
        amount = sum(
            (
                kinds[kind] * line.amount
                for one, kind in accounts.items()
                if kind in kinds
                for line in lines.get(one, ())
            ),
            ZERO,
        )
        shown = _AMOUNTS[request.company.multi_currency]
        return table.line(table.labelled(title, **{shown: amount}), group)

    gross = {"Income": 1, "Cost of Goods Sold": -1}
    ordinary = {**gross, "Expense": -1}
    other = {"Other Income": 1, "Other Expense": -1}
    first = [
        *part("Income", "Income", "Income"),
        *part("Cost of Goods Sold", "Cost of Goods Sold", "COGS"),
        result("Gross Profit", "GrossProfit", gross),
        *part("Expenses", "Expense", "Expenses"),
    ]
    second = [
        *part("Other Income", "Other Income", "OtherIncome"),
        *part("Other Expense", "Other Expense", "OtherExpenses"),
    ]
    rows: list[Json] = []
    if lines:
        rows.append(table.section("Ordinary Income/Expenses", first, None))
        rows.append(result("Net Ordinary Income", "NetOperatingIncome", ordinary))
    if second:
        rows.append(table.section("Other Income/Expense", second, None))
        rows.append(result("Net Other Income", "NetOtherIncome", other))
    if lines:
        rows.append(result("Net Income", "NetIncome", {**ordinary, **other}))
    header = header_of(request, span, macro, has_data=bool(lines), basis=books.basis)
    return report_of(header, table.columns, rows)


_AMOUNTS: Final = ("subt_nat_amount", "subt_nat_home_amount")

REPORTS: Final[Mapping[str, Maker]] = {
    "GeneralLedger": _general_ledger,
    "JournalReport": _journal_report,
    "ProfitAndLossDetail": _profit_and_loss_detail,
}
