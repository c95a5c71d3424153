"""What transactions a list is restricted to, by the parameter that says so."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from qbo.simulator.books.company import Record
from qbo.simulator.clock import PACIFIC
from qbo.simulator.reports import periods
from qbo.simulator.reports.frame import Request
from qbo.simulator.reports.ledgers import accounts_asked
from qbo.simulator.reports.lines import Line, kind_of

Pick = Callable[[Request, Line], bool]
"""Whether a request wants a transaction."""


def is_dated(request: Request, record: Record) -> bool:
    """Whether a record was made, changed and is due when the request says."""
    for name, when in (("createdate", record.created), ("moddate", record.updated)):
        if not lies(request, name, when.astimezone(PACIFIC).date()):
            return False
    if any(request.wishes.get(f"{one}_duedate") for one in ("start", "end")):
        due = str(record.body.get("DueDate", ""))
        return bool(due) and lies(request, "duedate", date.fromisoformat(due))
    return True


def lies(request: Request, name: str, day: date) -> bool:
    """Whether a day lies between the two dates of that name, where they are given."""
    start = periods.day_of(request.wishes, f"start_{name}")
    end = periods.day_of(request.wishes, f"end_{name}")
    return (start is None or start <= day) and (end is None or day <= end)


def _refers(wish: str, field: str) -> Pick:
    def pick(request: Request, line: Line) -> bool:
        found: Any = line.body.get(field) or {}
        return found.get("value") in request.listed(wish)

    return pick


def _concerns(wish: str, *fields: str) -> Pick:
    """Whether a transaction is somebody's: its own party, or one of an entry's."""

    def pick(request: Request, line: Line) -> bool:
        wanted = request.listed(wish)
        if line.posting is None:
            return any(
                (line.body.get(field) or {}).get("value") in wanted for field in fields
            )
        parties = {one.party for one in line.posting.entries} | {line.posting.party}
        return bool(wanted & parties)

    return pick


def _books_on(number: str, kind: str, *, source: bool) -> Pick:
    """Whether a transaction has an entry on some accounts, or begins with one."""

    def pick(request: Request, line: Line) -> bool:
        accounts = accounts_asked(request, number, kind)
        entries = line.posting.entries if line.posting else ()
        seen = entries[:1] if source else entries
        return any(one.account in accounts for one in seen)

    return pick


def _is_kind(request: Request, line: Line) -> bool:
    wanted = {
        one.replace(" ", "").lower() for one in request.listed("transaction_type")
    }
    own = line.record.entity.name if line.record else ""
    shown = kind_of(line.record, line.posting).replace(" ", "")
    return bool(wanted & {own.lower(), shown.lower()})


def _is_paid(wish: str, kind: str) -> Pick:
    def pick(request: Request, line: Line) -> bool:
        wanted = request.choice(wish, ("All", "Paid", "Unpaid"), "All")
        is_kind = line.record is not None and line.record.entity.name == kind
        is_open = bool(line.body.get("Balance"))
        return wanted == "All" or (is_kind and is_open == (wanted == "Unpaid"))

    return pick


def _says(wish: str, field: str) -> Pick:
    def pick(request: Request, line: Line) -> bool:
        wanted = {one.casefold() for one in request.listed(wish)}
        return str(line.body.get(field, "")).casefold() in wanted

    return pick


def _amounts_to(request: Request, line: Line) -> bool:
    try:
        return line.amount == Decimal(request.wishes["bothamount"])
    except ArithmeticError:
        return False


PICKS: Final[Mapping[str, Pick]] = {
    "customer": _concerns("customer", "CustomerRef"),
    "vendor": _concerns("vendor", "VendorRef"),
    "employee": _concerns("employee", "EmployeeRef"),
    "name": _concerns("name", "CustomerRef", "VendorRef", "EmployeeRef"),
    "department": _refers("department", "DepartmentRef"),
    "term": _refers("term", "SalesTermRef"),
    "payment_method": _refers("payment_method", "PaymentMethodRef"),
    "account": _books_on("account", "", source=False),
    "account_type": _books_on("", "account_type", source=False),
    "source_account": _books_on("source_account", "", source=True),
    "source_account_type": _books_on("", "source_account_type", source=True),
    "transaction_type": _is_kind,
    "docnum": _says("docnum", "DocNumber"),
    "memo": _says("memo", "PrivateNote"),
    "bothamount": _amounts_to,
    "arpaid": _is_paid("arpaid", "Invoice"),
    "appaid": _is_paid("appaid", "Bill"),
}
