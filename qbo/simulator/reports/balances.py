"""What every customer owes us and we owe every vendor, in sum and one by one."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports.aging import (
    as_of_header,
    is_wanted,
    line_of_item,
    open_items,
)
from qbo.simulator.reports.books import OWNERS, Books
from qbo.simulator.reports.chapters import Chapters
from qbo.simulator.reports.frame import (
    Amounts,
    Maker,
    Request,
    column,
    report_of,
)
from qbo.simulator.reports.lines import Line, table_of
from qbo.simulator.reports.periods import Span
from qbo.simulator.reports.sheet import Sheet
from qbo.simulator.reports.statements import BEGINNING
from qbo.simulator.reports.table import Table
from qbo.simulator.rules.claims import PAYABLE, RECEIVABLE, Side, claims_of
from qbo.simulator.rules.openitems import OpenItem

_FIRST: Final = ("tx_date", "txn_type", "doc_num", "due_date")


def _customer_balance(request: Request) -> Json:
    return _balances(request, RECEIVABLE)


def _vendor_balance(request: Request) -> Json:
    return _balances(request, PAYABLE)


def _balances(request: Request, side: Side) -> Json:
    """Balances as the receivable or payable accounts have them on a day."""
    company, kind = request.company, side.party
    day, macro = request.as_of()
    accounts = frozenset(company.controls[side.account_type])
    owner = OWNERS[kind.lower()]
    sums: dict[str, Amounts] = {}
    books = Books.of(request, "Accrual")
    for move in books.moves(Span(BEGINNING, day), accounts):
        amounts = sums.setdefault(owner(company, move), [ZERO])
        amounts[0] += side.sign * move.entry.amount
    sheet = Sheet.plain(request, 1)
    rows = sheet.tree(kind, sums)
    if rows:
        rows.append(sheet.grand_total(sheet.total(sums.values())))
    header = as_of_header(request, day, macro, has_data=bool(rows), by="Total")
    shown = [column("", kind, kind.lower()), column("Total", "Money", "total")]
    return report_of(header, shown, rows)


def _customer_balance_detail(request: Request) -> Json:
    table = table_of(request, *_FIRST, "subt_amount", "subt_open_bal")
    return _detailed(request, RECEIVABLE, "arpaid", table)


def _vendor_balance_detail(request: Request) -> Json:
    table = table_of(request, *_FIRST, "subt_neg_amount", "subt_neg_open_bal")
    return _detailed(request, PAYABLE, "appaid", table)


def _detailed(request: Request, side: Side, wish: str, table: Table[Line]) -> Json:
    """The open documents of each customer or vendor; the paid ones too, if asked."""
    day, macro = request.as_of()
    status = request.choice(wish, _STATUSES, "Unpaid")
    items = list(open_items(request, side, day))
    if status != "Unpaid":
        paid = list(_paid(request, side, day, {one.record.id for one in items}))
        items = [*items, *paid] if status == "All" else paid
    lines: dict[str, list[Line]] = {}
    for item in sorted(items, key=lambda one: (one.record.day, int(one.record.id))):
        if is_wanted(request, item):
            line = line_of_item(request, item, (day - item.due).days)
            lines.setdefault(item.party, []).append(line)
    rows = Chapters(side.party, table, lines).sections(request.company, lines)
    if rows:
        rows.append(table.grand_total(line for one in lines.values() for line in one))
    header = as_of_header(request, day, macro, has_data=bool(rows))
    return report_of(header, table.columns, rows)


def _paid(
    request: Request, side: Side, day: date, unpaid: set[str]
) -> Iterator[OpenItem]:
    """The documents of which nothing is open on a day."""
    company = request.company
    wanted = request.listed(side.party.lower())
    for kind in side.documents:
        for record in company.records(kind):
            if record.day <= day and record.id not in unpaid:
                for claim in claims_of(company, record).values():
                    if not wanted or claim.party in wanted:
                        due = record.body.get("DueDate") or record.body["TxnDate"]
                        when = date.fromisoformat(due)
                        yield OpenItem(claim.party, when, ZERO, record)


_STATUSES: Final = ("All", "Paid", "Unpaid")

REPORTS: Final[Mapping[str, Maker]] = {
    "CustomerBalance": _customer_balance,
    "CustomerBalanceDetail": _customer_balance_detail,
    "VendorBalance": _vendor_balance,
    "VendorBalanceDetail": _vendor_balance_detail,
}
