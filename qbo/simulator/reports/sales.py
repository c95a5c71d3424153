"""What was sold to whom, and where, and what was spent with whom."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from qbo.simulator.books.company import Company
from qbo.simulator.books.ledger import Posting
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports import statements
from qbo.simulator.reports.books import (
    OWNERS,
    Books,
    Cut,
    Move,
    record_of,
)
from qbo.simulator.reports.frame import (
    DIMENSIONS,
    NOT_SPECIFIED,
    Amounts,
    Dimension,
    Maker,
    Request,
    column,
    header_of,
    report_of,
)
from qbo.simulator.reports.sheet import Sheet, amount_columns, totalled

_FORMS: Final = frozenset({"Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"})


def sales(books: Books, moves: Iterable[Move]) -> Iterator[Move]:
    """Those of some entries that sales forms made."""
    return (one for one in moves if _is_sale(books.company, one.posting))


def _is_sale(company: Company, posting: Posting) -> bool:
    if ":" not in posting.key:
        return posting.kind in _FORMS
    record = record_of(company, posting)
    return record is not None and record.entity.name in _FORMS


def income_accounts(company: Company) -> dict[str, str]:
    """The accounts that sales go to; money not applied yet is no sale."""
    unapplied = company.account_of("UnappliedCashPaymentIncome")
    found = statements.accounts_of(company, statements.REVENUE_TYPES)
    return {one: kind for one, kind in found.items() if one != unapplied}


def _by_list(
    request: Request,
    dimension: Dimension,
    accounts: Collection[str],
    sign: int,
    pick: Callable[[Books, Iterable[Move]], Iterable[Move]],
) -> Json:
    """Amounts by the members of a list, in the columns that are wanted."""
    company, books = request.company, Books.of(request)
    span, macro = request.period()
    cut = books.cut(request, span, accounts)
    owner, place = OWNERS[dimension.wish], places(company, cut)
    sums: dict[str, Amounts] = {}
    for move in pick(books, books.moves(span, accounts)):
        amounts = sums.setdefault(owner(company, move), [ZERO] * len(cut.columns))
        amounts[place(move)] += sign * move.entry.amount
    sums = totalled(cut, sums)
    sheet = Sheet.of(request, cut)
    rows = sheet.tree(dimension.entity, sums)
    if any(sums.get("", ())):
        rows.append({**sheet.data(NOT_SPECIFIED, sums[""]), "group": "**"})
    if rows:
        rows.append(sheet.grand_total(sheet.total(sums.values())))
    header = header_of(
        request,
        span,
        macro,
        has_data=bool(rows),
        basis=books.basis,
        by=request.by,
    )
    first = column("", dimension.column_type, dimension.entity.lower())
    return report_of(header, amount_columns(first, cut), rows)


def places(company: Company, cut: Cut) -> Callable[[Move], int]:
    """The column an entry belongs to."""
    if cut.dimension:
        owner = OWNERS[cut.dimension.wish]
        members = {one.member: place for place, one in enumerate(cut.columns)}
        return lambda move: members[owner(company, move)]
    starts = [one.span.start for one in cut.columns]
    return lambda move: bisect_right(starts, move.posting.day) - 1


def _sales_by(word: str) -> Maker:
    def make(request: Request) -> Json:
        accounts = income_accounts(request.company)
        return _by_list(request, DIMENSIONS[word], accounts, -1, sales)

    return make


def _vendor_expenses(request: Request) -> Json:
    accounts = statements.accounts_of(request.company, statements.EXPENSE_TYPES)
    return _by_list(request, DIMENSIONS["vendors"], accounts, 1, lambda _, moves: moves)


def _customer_income(request: Request) -> Json:
    """Income less expense by customer; together it is the net income."""
    company, books = request.company, Books.of(request)
    span, macro = request.period()
    accounts = statements.result_accounts(company)
    owner = OWNERS["customer"]
    sums: dict[str, Amounts] = {}
    for move in books.moves(span, accounts):
        earned = accounts[move.entry.account] in statements.REVENUE_TYPES
        amounts = sums.setdefault(owner(company, move), [ZERO] * 3)
        amounts[0 if earned else 1] -= move.entry.amount
        amounts[2] -= move.entry.amount
    sheet = Sheet.plain(request, 3)
    rows = sheet.tree("Customer", sums)
    if any(sums.get("", ())):
        rows.append({**sheet.data(NOT_SPECIFIED, sums[""]), "group": "**"})
    if rows:
        rows.append(sheet.grand_total(sheet.total(sums.values())))
    header = header_of(request, span, macro, has_data=bool(rows), basis=books.basis)
    columns = [
        column("", "Customer", "customer"),
        column("Total Income", "Money", "total_income"),
        column("Total Expenses", "Money", "total_expenses"),
        column("Net Income", "Money", "net_income"),
    ]
    return report_of(header, columns, rows)


REPORTS: Final[Mapping[str, Maker]] = {
    "CustomerSales": _sales_by("customers"),
    "ClassSales": _sales_by("classes"),
    "DepartmentSales": _sales_by("departments"),
    "CustomerIncome": _customer_income,
    "VendorExpenses": _vendor_expenses,
}
