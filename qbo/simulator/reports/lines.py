"""What detail reports can say of a transaction, or of one entry of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Entry, Posting
from qbo.simulator.clock import PACIFIC
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports.books import OWNERS, Move, line_of
from qbo.simulator.reports.frame import Request
from qbo.simulator.reports.table import Shown, Table, Value

SPLIT: Final = "-Split-"
"""What the old service wrote where there is more than one other account."""


@dataclass(slots=True)
class Line:
    """What a row is about: a transaction, and the entry of it that is meant.

    `amount` has the sign that is natural to the row's account. `balance` runs along
    the rows; `open` is what is still to be paid, `late` the days it is past due, and
    `party` with whom, where that is known.
    """

    company: Company
    record: Record | None
    day: date
    amount: Decimal
    posting: Posting | None = None
    entry: Entry | None = None
    open: Decimal | None = None
    balance: Decimal | None = None
    due: date | None = None
    late: int | None = None
    party: str = ""
    legacy: bool = False

    @property
    def body(self) -> Json:
        """The transaction's body, if there is a transaction."""
        return self.record.body if self.record else {}

    @property
    def move(self) -> Move | None:
        """The entry with its posting."""
        if self.posting and self.entry:
            return Move(self.posting, self.entry)
        return None

    @property
    def debit(self) -> Decimal:
        """What the entry debits, a credit being negative."""
        return self.entry.amount if self.entry else ZERO

    def line(self) -> tuple[Json, Json]:
        """The transaction's line that is meant, with its detail."""
        return line_of(self.record, self.entry) if self.entry else ({}, {})


def natural(company: Company, account: str, debit: Decimal) -> Decimal:
    """An amount as its account counts: debits up in assets and expenses, else down."""
    kind = company.record("Account", account).body["Classification"]
    return debit if kind in {"Asset", "Expense"} else -debit


def lines_of(company: Company, posting: Posting, record: Record | None) -> list[Line]:
    """The entries of a posting; what several make of one account is one."""
    found: dict[tuple[str, str, str], Line] = {}
    for entry in posting.entries:
        key = (entry.account, entry.line, entry.item)
        amount = natural(company, entry.account, entry.amount)
        if line := found.get(key):
            assert line.entry, "a line of an entry"
            whole = line.entry.amount + entry.amount
            theirs = line.entry.foreign + entry.foreign
            line.entry = line.entry._replace(amount=whole, foreign=theirs)
            line.amount += amount
        else:
            found[key] = Line(company, record, posting.day, amount, posting, entry)
    return list(found.values())


def kind_of(record: Record | None, posting: Posting | None) -> str:
    """A transaction's kind as reports call it."""
    if record is None:
        return posting.kind if posting else ""
    name, body = record.entity.name, record.body
    if name == "Purchase":
        if body["PaymentType"] == "Check":
            return "Check"
        card = body["PaymentType"] == "CreditCard"
        return "Credit Card Credit" if card and body.get("Credit") else "Expense"
    if name == "BillPayment":
        return (
            f"Bill Payment ({'Check' if body['PayType'] == 'Check' else 'Credit Card'})"
        )
    return _KINDS.get(name, name)


_KINDS: Final = {
    "CreditMemo": "Credit Memo",
    "SalesReceipt": "Sales Receipt",
    "RefundReceipt": "Refund",
    "VendorCredit": "Vendor Credit",
    "PurchaseOrder": "Purchase Order",
    "JournalEntry": "Journal Entry",
    "CreditCardPayment": "Credit Card Payment",
    "TimeActivity": "Time Charge",
    "InventoryAdjustment": "Inventory Qty Adjust",
}


def person(company: Company, number: str) -> Record | None:
    """The customer, vendor or employee with an id."""
    if not number:
        return None
    tables = (company.find(kind, number) for kind in ("Customer", "Vendor", "Employee"))
    return next(filter(None, tables), None)


def named(record: Record | None) -> Value:
    """A record's full name with its id; nothing for nobody."""
    if record is None:
        return None
    body = record.body
    name = body.get("FullyQualifiedName") or body.get(record.entity.name_field, "")
    return str(name), record.id


def _party(line: Line) -> str:
    """Whom the row names: on a journal entry the line's, else the transaction's."""
    if line.party:
        return line.party
    if line.posting is None:
        body = line.body
        found = (body.get(name) for name in ("CustomerRef", "VendorRef", "EntityRef"))
        return next((str(one["value"]) for one in found if one), "")
    if line.entry and line.posting.kind == "JournalEntry":
        return line.entry.party
    return line.posting.party or (line.entry.party if line.entry else "")


def _name(line: Line) -> Value:
    return named(person(line.company, _party(line)))


def _owner(wish: str, entity: str, line: Line) -> Value:
    """The member of a list that the row's entry belongs to, else its transaction."""
    if line.move:
        number = OWNERS[wish](line.company, line.move)
    elif entity in {"Customer", "Vendor", "Employee"}:
        number = _party(line)
    else:
        number = line.record.ref(f"{entity}Ref") if line.record else ""
    return named(line.company.find(entity, number))


def _type(line: Line) -> Value:
    kind = kind_of(line.record, line.posting)
    return (kind, line.record.id) if line.record else kind


def _memo(line: Line) -> Value:
    found, _ = line.line()
    return found.get("Description") or line.body.get("PrivateNote")


def _account(line: Line) -> Value:
    account = line.entry.account if line.entry else ""
    return named(line.company.find("Account", account))


def _other_account(line: Line) -> Value:
    """The account on the other side: a line's is where its transaction begins."""
    if not (line.posting and line.entry and line.posting.entries):
        return None
    first, own = line.posting.entries[0].account, line.entry.account
    if own != first and line.posting.kind != "JournalEntry":
        return named(line.company.find("Account", first))
    others = {one.account for one in line.posting.entries} - {own}
    if len(others) == 1:
        return named(line.company.find("Account", others.pop()))
    return SPLIT if others and line.legacy else None


def _plain(line: Line, name: str) -> Value:
    """A field of the line's detail, as a plain number."""
    value = line.line()[1].get(name)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _field(line: Line, path: str) -> Value:
    """A field of the transaction's body, by its path."""
    value: Any = line.body
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return None if value is None else str(value)


def _of_party(line: Line, path: str) -> Value:
    """A field of the customer or vendor, by its path."""
    found: Any = person(line.company, _party(line))
    value = found.body if found else None
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return None if value is None else str(value)


def _address(value: Any) -> Value:
    parts = ("Line1", "Line2", "City", "CountrySubDivisionCode", "PostalCode")
    return " ".join(str(value[one]) for one in parts if value.get(one)) or None


def _is_paid(line: Line, kind: str) -> Value:
    if line.record is None or line.record.entity.name != kind:
        return None
    return "Unpaid" if line.body["Balance"] else "Paid"


def _open(line: Line) -> Value:
    """What is open: on the report's day if it looks at one, else by now."""
    if line.open is not None:
        return line.open
    found = line.body.get("HomeBalance", line.body.get("Balance"))
    return found if isinstance(found, Decimal) else None


def _in_theirs(line: Line, home: Value) -> Value:
    """A home amount in the transaction's own currency."""
    rate, entry = line.body.get("ExchangeRate"), line.entry
    if not isinstance(home, Decimal) or not rate:
        return home
    if entry and entry.foreign and home in {entry.amount, -entry.amount}:
        return entry.foreign if home == entry.amount else -entry.foreign
    return home / Decimal(rate)


def _due(line: Line) -> Value:
    return line.due.isoformat() if line.due else line.body.get("DueDate")


def _posts(line: Line) -> Value:
    return "Yes" if line.posting else "No"


def _stamped(line: Line, name: str) -> Value:
    found = getattr(line.record, name) if line.record else None
    return found.astimezone(PACIFIC).date().isoformat() if found else None


def _yes(line: Line, name: str) -> Value:
    return "Yes" if line.body.get(name) else None


def _text(title: str, path: str) -> Shown[Line]:
    return Shown(title, "String", lambda line: _field(line, path))


_NOTHING: Final[Json] = {}

TEXTS: Final[Mapping[str, Shown[Line]]] = {
    "tx_date": Shown("Date", "Date", lambda line: line.day.isoformat()),
    "txn_type": Shown("Transaction Type", "String", _type),
    "doc_num": _text("Num", "DocNumber"),
    "is_no_post": Shown("Posting", "Boolean", _posts),
    "is_adj": Shown("Adj", "String", lambda line: _yes(line, "Adjustment")),
    "create_date": Shown("Create Date", "Date", lambda x: _stamped(x, "created")),
    "last_mod_date": Shown("Last Modified", "Date", lambda x: _stamped(x, "updated")),
    "name": Shown("Name", "String", _name),
    "cust_name": Shown(
        "Customer", "String", lambda x: _owner("customer", "Customer", x)
    ),
    "vend_name": Shown("Vendor", "String", lambda x: _owner("vendor", "Vendor", x)),
    "emp_name": Shown(
        "Employee", "String", lambda x: _owner("employee", "Employee", x)
    ),
    "item_name": Shown(
        "Product/Service", "String", lambda x: _owner("item", "Item", x)
    ),
    "klass_name": Shown("Class", "String", lambda x: _owner("class", "Class", x)),
    "dept_name": Shown(
        "Location", "String", lambda x: _owner("department", "Department", x)
    ),
    "cust_comp_name": Shown("Company", "String", lambda x: _of_party(x, "CompanyName")),
    "cust_tel": Shown(
        "Phone", "String", lambda x: _of_party(x, "PrimaryPhone.FreeFormNumber")
    ),
    "cust_bill_email": Shown(
        "Email", "String", lambda x: _of_party(x, "PrimaryEmailAddr.Address")
    ),
    "vend_comp_name": Shown("Company", "String", lambda x: _of_party(x, "CompanyName")),
    "vend_pri_tel": Shown(
        "Phone", "String", lambda x: _of_party(x, "PrimaryPhone.FreeFormNumber")
    ),
    "vend_pri_email": Shown(
        "Email", "String", lambda x: _of_party(x, "PrimaryEmailAddr.Address")
    ),
    "bill_addr": Shown(
        "Billing Address",
        "String",
        lambda x: _address(x.body.get("BillAddr", _NOTHING)),
    ),
    "ship_addr": Shown(
        "Shipping Address",
        "String",
        lambda x: _address(x.body.get("ShipAddr", _NOTHING)),
    ),
    "ship_date": _text("Ship Date", "ShipDate"),
    "ship_via": _text("Ship Via", "ShipMethodRef.value"),
    "tracking_num": _text("Tracking No.", "TrackingNum"),
    "cust_msg": _text("Customer Message", "CustomerMemo.value"),
    "memo": Shown("Memo/Description", "String", _memo),
    "account_name": Shown("Account", "String", _account),
    "split_acc": Shown("Split", "String", _other_account),
    "other_account": Shown("Split", "String", _other_account),
    "quantity": Shown("Qty", "String", lambda line: _plain(line, "Qty")),
    "rate": Shown("Rate", "String", lambda line: _plain(line, "UnitPrice")),
    "pmt_mthd": _text("Payment Method", "PaymentMethodRef.name"),
    "term_name": _text("Terms", "SalesTermRef.name"),
    "sale_sent_state": _text("Sent", "EmailStatus"),
    "printed": _text("Printed", "PrintStatus"),
    "due_date": Shown("Due Date", "Date", _due),
    "past_due": Shown("Past Due", "String", lambda line: line.late),
    "is_ar_paid": Shown("A/R Paid", "String", lambda line: _is_paid(line, "Invoice")),
    "is_ap_paid": Shown("A/P Paid", "String", lambda line: _is_paid(line, "Bill")),
}


def _debit(line: Line) -> Value:
    return line.debit if line.debit > 0 else None


def _credit(line: Line) -> Value:
    return -line.debit if line.debit < 0 else None


def _amount(line: Line) -> Value:
    return line.amount


class _Sum(NamedTuple):
    """A column of home amounts: its key, and its key where currencies are in use."""

    key: str
    with_currencies: str
    shown: Shown[Line]


def _sum(key: str, other: str, title: str, read: Callable[[Line], Value]) -> _Sum:
    return _Sum(key, other, Shown(title, "Money", read, adds="rbal" not in key))


_SUMS: Final = (
    _sum("debt_amt", "debt_home_amt", "Debit", _debit),
    _sum("credit_amt", "credit_home_amt", "Credit", _credit),
    _sum("subt_nat_amount", "subt_nat_home_amount", "Amount", _amount),
    _sum("subt_amount", "subt_home_amount", "Amount", _amount),
    _sum("subt_neg_amount", "subt_neg_home_amount", "Amount", _amount),
    _sum("nat_open_bal", "nat_home_open_bal", "Open Balance", _open),
    _sum("subt_open_bal", "subt_home_open_bal", "Open Balance", _open),
    _sum("subt_neg_open_bal", "subt_neg_home_open_bal", "Open Balance", _open),
    _sum("rbal_nat_amount", "rbal_nat_home_amount", "Balance", lambda x: x.balance),
)


def _theirs(home: Shown[Line]) -> Shown[Line]:
    """A column of home amounts in the transactions' currencies, without sums."""
    title = f"Foreign {home.title}"
    return Shown(title, home.kind, lambda line: _in_theirs(line, home.read(line)))


_THEIR_AMOUNT: Final[Shown[Line]] = Shown(
    "Foreign Amount", "Money", lambda line: _in_theirs(line, line.amount)
)
_THEIR_OPEN: Final[Shown[Line]] = Shown(
    "Foreign Open Balance", "Money", lambda line: _in_theirs(line, _open(line))
)
_CURRENCIES: Final[Mapping[str, Shown[Line]]] = {
    "currency": _text("Currency", "CurrencyRef.value"),
    "exch_rate": _text("Exchange Rate", "ExchangeRate"),
    "foreign_amount": _THEIR_AMOUNT,
    "neg_foreign_amount": _THEIR_AMOUNT,
    "foreign_open_bal": _THEIR_OPEN,
    "neg_foreign_open_bal": _THEIR_OPEN,
    **{one.key: _theirs(one.shown) for one in _SUMS if one.shown.adds},
}


def table_of(request: Request, *usual: str) -> Table[Line]:
    """The table of a detail report with the columns it usually has.

    Where currencies are in use, amounts in home currency go by another key, and those
    in the transaction's currency can be asked for. Departments are shown where the
    company tracks them.
    """
    company = request.company
    prefs = company.preferences.get("AccountingInfoPrefs") or {}
    keys = {*usual, "dept_name"} if prefs.get("TrackDepartments") else {*usual}
    if not company.multi_currency:
        sums = {one.key: one.shown for one in _SUMS}
        return Table(request, {**TEXTS, **sums}, keys)
    sums = {one.with_currencies: one.shown for one in _SUMS}
    renamed = {one.key: one.with_currencies for one in _SUMS}
    usually = {renamed.get(key, key) for key in keys}
    return Table(request, {**TEXTS, **_CURRENCIES, **sums}, usually)
