"""The list of accounts, and the lists of transactions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from qbo.simulator.books import balances
from qbo.simulator.books.company import Record, label_key
from qbo.simulator.clock import PACIFIC
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports import statements
from qbo.simulator.reports.frame import (
    MONTH_TO_DATE,
    NOT_SPECIFIED,
    Maker,
    Request,
    header_of,
    report_of,
)
from qbo.simulator.reports.ledgers import accounts_asked, entries_of
from qbo.simulator.reports.lines import TEXTS, Line, natural, table_of
from qbo.simulator.reports.periods import Span
from qbo.simulator.reports.picks import PICKS, is_dated
from qbo.simulator.reports.table import Shown, Table, Value
from qbo.simulator.rules.transactions import in_home

_USUAL: Final = (
    *("tx_date", "txn_type", "doc_num", "is_no_post", "name", "memo"),
    *("account_name", "other_account", "subt_nat_amount"),
)


def _transaction_list(request: Request) -> Json:
    names = ("none", *_GROUPS)
    return _transactions(request, request.choice("group_by", names, names[0]))


def _by_customer(request: Request) -> Json:
    return _transactions(request, "Customer")


def _by_vendor(request: Request) -> Json:
    return _transactions(request, "Vendor")


def _with_splits(request: Request) -> Json:
    return _transactions(request, "splits")


def _transactions(request: Request, group: str) -> Json:
    """Transactions, one row each: alone, in groups, or all entries of each."""
    span, macro = request.period(MONTH_TO_DATE)
    table = table_of(request, *_USUAL)
    lines = table.sort(transactions(request, span))
    if group in _GROUPS:
        rows = _grouped(request, table, lines, _GROUPS[group])
    elif group == "splits":
        rows = [row for line in lines for row in table.rows(_split(request, line))]
    else:
        rows = table.rows(lines)
    header = header_of(request, span, macro, has_data=bool(rows))
    return report_of(header, table.columns, rows)


def _split(request: Request, line: Line) -> list[Line]:
    return entries_of(request, line.posting) if line.posting else [line]


def _grouped(
    request: Request,
    table: Table[Line],
    lines: Iterable[Line],
    key: Callable[[Line], Value],
) -> list[Json]:
    """Sections by what lines have in common; those that have none of it come last.

    A list by customer or by vendor leaves them out.
    """
    whole = not request.name.startswith("TransactionListBy")
    found: dict[Value, list[Line]] = {}
    for line in lines:
        if (name := key(line)) or whole:
            found.setdefault(name or NOT_SPECIFIED, []).append(line)
    rows = []
    for name in sorted(found, key=_title_order):
        total = table.total(f"Total for {_title(name)}", found[name])
        rows.append(table.section(name, table.rows(found[name]), total))
    if rows:
        every = [line for part in found.values() for line in part]
        rows.append(table.grand_total(every))
    return rows


def _title(name: Value) -> str:
    return name[0] if isinstance(name, tuple) else str(name)


def _title_order(name: Value) -> tuple[bool, str]:
    return name == NOT_SPECIFIED, _title(name).casefold()


_GROUPS: Final[Mapping[str, Callable[[Line], Value]]] = {
    "Name": TEXTS["name"].read,
    "Account": TEXTS["account_name"].read,
    "Transaction Type": lambda line: str(_title(TEXTS["txn_type"].read(line))),
    "Customer": TEXTS["cust_name"].read,
    "Vendor": TEXTS["vend_name"].read,
    "Employee": TEXTS["emp_name"].read,
    "Location": TEXTS["dept_name"].read,
    "Payment Method": TEXTS["pmt_mthd"].read,
    "Day": TEXTS["tx_date"].read,
    "Month": lambda line: f"{line.day:%Y-%m}",
    "Year": lambda line: f"{line.day:%Y}",
}
"""What transactions can be grouped by."""


def transactions(request: Request, span: Span) -> list[Line]:
    """The transactions of a period that a request wants, oldest first."""
    company = request.company
    records = [
        record
        for name, entity in ENTITIES.items()
        if entity.transaction and "TxnDate" in entity.fields
        for record in company.records(name)
        if span.start <= record.day <= span.end and is_dated(request, record)
    ]
    request.check_size(len(records))
    records.sort(key=lambda one: (one.day, int(one.id)))
    picks = [pick for wish, pick in PICKS.items() if request.wishes.get(wish)]
    lines = (_line(request, record) for record in records)
    return [line for line in lines if all(pick(request, line) for pick in picks)]


def _line(request: Request, record: Record) -> Line:
    """A transaction, and the entry it begins with, if it posts."""
    company = request.company
    posting = company.ledger.postings.get(record.id)
    if posting is None or not posting.entries:
        total = in_home(record.body, record.body.get("TotalAmt", ZERO))
        return Line(company, record, record.day, total, posting)
    first = posting.entries[0]
    if record.entity.name != "JournalEntry":
        first = first._replace(line="")
    amount = natural(company, first.account, first.amount)
    return Line(
        company, record, record.day, amount, posting, first, legacy=request.legacy
    )


# Accounts


def _account_list(request: Request) -> Json:
    """The chart of accounts with today's balances."""
    accounts = accounts_asked(request)
    status = request.choice("account_status", _STATUSES, _STATUSES[0])
    records = [
        one
        for one in request.company.records("Account")
        if one.id in accounts
        and one.body["Active"] == (status == _STATUSES[0])
        and is_dated(request, one)
    ]
    records.sort(key=lambda one: (_place(one), label_key(one)))
    usual = [key for key in _ACCOUNT if not key.startswith(("create", "last_mod"))]
    table = Table(request, _ACCOUNT, usual)
    rows = table.rows(table.sort(records))
    today = Span(request.today, request.today)
    header = header_of(request, today, "today", has_data=bool(rows))
    return report_of(header, table.columns, rows)


def _place(account: Record) -> int:
    return statements.CHART.index(account.body["AccountType"])


def _day(moment: str) -> Callable[[Record], Value]:
    def read(record: Record) -> Value:
        when = record.created if moment == "created" else record.updated
        return str(when.astimezone(PACIFIC).date())

    return read


def _balance(account: Record) -> Value:
    if account.body["Classification"] in {"Revenue", "Expense"}:
        return None
    return balances.natural(account.body)


_STATUSES: Final = ("Not_Deleted", "Deleted")
_ACCOUNT: Final[Mapping[str, Shown[Record]]] = {
    "account_name": Shown(
        "Account", "String", lambda one: (one.body["FullyQualifiedName"], one.id)
    ),
    "account_type": Shown("Type", "String", lambda one: one.body["AccountType"]),
    "detail_acc_type": Shown(
        "Detail type", "String", lambda one: one.body["AccountSubType"]
    ),
    "create_date": Shown("Create Date", "Date", _day("created")),
    "last_mod_date": Shown("Last Modified", "Date", _day("updated")),
    "account_desc": Shown(
        "Description", "String", lambda one: one.body.get("Description")
    ),
    "account_bal": Shown("Balance", "Money", _balance),
}

REPORTS: Final[Mapping[str, Maker]] = {
    "TransactionList": _transaction_list,
    "TransactionListByCustomer": _by_customer,
    "TransactionListByVendor": _by_vendor,
    "TransactionListWithSplits": _with_splits,
    "AccountList": _account_list,
}
