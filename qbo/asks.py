"""What can be asked of the books, as people say it.

The closed unions `Ask` (reads) and `Change` (writes). They hold names, not
references: which one customer "Acme West" is, the ledger finds out. Their
fields are the arguments of the interpretation contract, typed: dates are
`date`, money and quantities exact `Decimal` in the company's own currency.
"""

import dataclasses
import datetime as dt
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, TypeAlias, Union, get_args, get_origin, get_type_hints


class Unusable(ValueError):
    """Arguments that do not fit the action; `about` names the first one."""

    def __init__(self, action: str, about: str) -> None:
        super().__init__(f"{action}: {about} is missing or has the wrong form")
        self.action = action
        self.about = about


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both inclusive; None is an open end."""

    start: dt.date | None = None
    end: dt.date | None = None


# --- reads ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomersList:
    """Customers by name; `with_balance` only those who owe something."""

    action: ClassVar[str] = "customers.list"
    search: str | None = None
    with_balance: bool = False


@dataclass(frozen=True, slots=True)
class CustomerShow:
    """One customer with what is open."""

    action: ClassVar[str] = "customer.show"
    customer: str


@dataclass(frozen=True, slots=True)
class ReceivablesList:
    """Who owes us, largest first."""

    action: ClassVar[str] = "receivables.list"
    customer: str | None = None
    overdue: bool = False
    min_days_overdue: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class InvoicesList:
    """Invoices. `period` is the invoice date, `due` the due date.

    `status` is open, overdue, paid, voided or unsent; `sort` newest, oldest,
    largest or smallest.
    """

    action: ClassVar[str] = "invoices.list"
    status: str | None = None
    customer: str | None = None
    period: Period | None = None
    due: Period | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    sort: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceShow:
    """One invoice: by number, or a customer's latest."""

    action: ClassVar[str] = "invoice.show"
    invoice: str | None = None
    customer: str | None = None
    which: str | None = None


@dataclass(frozen=True, slots=True)
class InvoicePdf:
    """QuickBooks' own PDF of one invoice."""

    action: ClassVar[str] = "invoice.pdf"
    invoice: str


@dataclass(frozen=True, slots=True)
class PaymentsList:
    """What customers paid."""

    action: ClassVar[str] = "payments.list"
    customer: str | None = None
    period: Period | None = None
    invoice: str | None = None
    sort: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class CreditMemosList:
    """Credit memos."""

    action: ClassVar[str] = "credit_memos.list"
    customer: str | None = None
    period: Period | None = None
    sort: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class VendorsList:
    """Vendors by name."""

    action: ClassVar[str] = "vendors.list"
    search: str | None = None


@dataclass(frozen=True, slots=True)
class VendorShow:
    """One vendor."""

    action: ClassVar[str] = "vendor.show"
    vendor: str


@dataclass(frozen=True, slots=True)
class BillsList:
    """Bills; fields as for invoices."""

    action: ClassVar[str] = "bills.list"
    status: str | None = None
    vendor: str | None = None
    period: Period | None = None
    due: Period | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    sort: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class BillShow:
    """One bill by its number."""

    action: ClassVar[str] = "bill.show"
    bill: str


@dataclass(frozen=True, slots=True)
class PayablesList:
    """Whom we owe, largest first."""

    action: ClassVar[str] = "payables.list"
    vendor: str | None = None
    overdue: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ExpensesList:
    """Money already spent (QuickBooks' Purchases)."""

    action: ClassVar[str] = "expenses.list"
    vendor: str | None = None
    account: str | None = None
    period: Period | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    sort: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ItemsList:
    """The price list."""

    action: ClassVar[str] = "items.list"
    search: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ItemShow:
    """One product or service."""

    action: ClassVar[str] = "item.show"
    item: str


@dataclass(frozen=True, slots=True)
class AccountsList:
    """The chart of accounts; `type` is an account type or a classification."""

    action: ClassVar[str] = "accounts.list"
    type: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class AccountShow:
    """One account and its balance."""

    action: ClassVar[str] = "account.show"
    account: str


@dataclass(frozen=True, slots=True)
class ProfitAndLoss:
    """QuickBooks' Profit and Loss; `by` is month, quarter, customer or class."""

    action: ClassVar[str] = "report.profit_and_loss"
    period: Period | None = None
    compare_to: Period | None = None
    by: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """QuickBooks' Balance Sheet at the end of a day."""

    action: ClassVar[str] = "report.balance_sheet"
    as_of: dt.date | None = None
    compare_to: dt.date | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class ReceivablesAging:
    """QuickBooks' A/R aging."""

    action: ClassVar[str] = "report.ar_aging"
    as_of: dt.date | None = None
    customer: str | None = None
    detail: bool = False


@dataclass(frozen=True, slots=True)
class PayablesAging:
    """QuickBooks' A/P aging."""

    action: ClassVar[str] = "report.ap_aging"
    as_of: dt.date | None = None
    vendor: str | None = None
    detail: bool = False


@dataclass(frozen=True, slots=True)
class CashFlow:
    """QuickBooks' statement of cash flows."""

    action: ClassVar[str] = "report.cash_flow"
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class SpendTotal:
    """What was spent; `group_by` is vendor, account or month."""

    action: ClassVar[str] = "spend.total"
    vendor: str | None = None
    account: str | None = None
    group_by: str | None = None
    period: Period | None = None
    compare_to: Period | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class SalesTotal:
    """What was sold; `group_by` is customer, item or month."""

    action: ClassVar[str] = "sales.total"
    customer: str | None = None
    item: str | None = None
    group_by: str | None = None
    period: Period | None = None
    compare_to: Period | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class CompanyInfo:
    """Which company this is."""

    action: ClassVar[str] = "company.show"


Ask: TypeAlias = (
    CustomersList
    | CustomerShow
    | ReceivablesList
    | InvoicesList
    | InvoiceShow
    | InvoicePdf
    | PaymentsList
    | CreditMemosList
    | VendorsList
    | VendorShow
    | BillsList
    | BillShow
    | PayablesList
    | ExpensesList
    | ItemsList
    | ItemShow
    | AccountsList
    | AccountShow
    | ProfitAndLoss
    | BalanceSheet
    | ReceivablesAging
    | PayablesAging
    | CashFlow
    | SpendTotal
    | SalesTotal
    | CompanyInfo
)


# --- writes ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line as it was said; what was not said is filled in by the draft."""

    item: str | None = None
    account: str | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    amount: Decimal | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerCreate:
    """A new customer; the name stays as typed.

    `anyway` is said by somebody who saw who has nearly that name already. `then` is
    the request that waits for it, as JSON text: nothing of it is posted with this.
    """

    action: ClassVar[str] = "customer.create"
    name: str
    email: str | None = None
    phone: str | None = None
    terms: str | None = None
    address: str | None = None
    anyway: bool = False
    then: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerChanges:
    """What of a customer is to change; None is "not said"."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    terms: str | None = None
    address: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class CustomerUpdate:
    """Change a customer; `then` as of a new one."""

    action: ClassVar[str] = "customer.update"
    customer: str
    changes: CustomerChanges
    then: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceCreate:
    """A new invoice; `send` also e-mails it, to `email` where that was said."""

    action: ClassVar[str] = "invoice.create"
    customer: str
    lines: tuple[SaidLine, ...]
    date: dt.date | None = None
    due_date: dt.date | None = None
    terms: str | None = None
    memo: str | None = None
    send: bool = False
    email: str | None = None


@dataclass(frozen=True, slots=True)
class InvoicesCreate:
    """Several new invoices at once, as a file of them asks for."""

    action: ClassVar[str] = "invoices.create"
    invoices: tuple[InvoiceCreate, ...]


@dataclass(frozen=True, slots=True)
class InvoiceChanges:
    """What of an invoice is to change; None is "not said".

    `remove_lines` are names of items. `lines` are lines that are there already, by
    their items, as they are to be: what is not said of one stays.
    """

    due_date: dt.date | None = None
    terms: str | None = None
    memo: str | None = None
    add_lines: tuple[SaidLine, ...] = ()
    remove_lines: tuple[str, ...] = ()
    lines: tuple[SaidLine, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceUpdate:
    """Change an invoice."""

    action: ClassVar[str] = "invoice.update"
    invoice: str
    changes: InvoiceChanges


@dataclass(frozen=True, slots=True)
class InvoiceSend:
    """E-mail one invoice, or several (by `status` and/or `customer`).

    `invoices` are the numbers of exactly those that are meant, and nothing else.
    """

    action: ClassVar[str] = "invoice.send"
    invoice: str | None = None
    status: str | None = None
    customer: str | None = None
    email: str | None = None
    invoices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceVoid:
    """Void an invoice."""

    action: ClassVar[str] = "invoice.void"
    invoice: str


@dataclass(frozen=True, slots=True)
class CreditMemoCreate:
    """A credit for a customer; `invoice` is the one that it is given for.

    `amount` is before tax, and that of the one line where a line has none.
    """

    action: ClassVar[str] = "credit_memo.create"
    customer: str
    lines: tuple[SaidLine, ...] = ()
    amount: Decimal | None = None
    memo: str | None = None
    invoice: str | None = None


@dataclass(frozen=True, slots=True)
class ItemCreate:
    """A new product or service; `type` is QuickBooks' own (`NonInventory`)."""

    action: ClassVar[str] = "item.create"
    name: str
    type: str | None = None
    price: Decimal | None = None
    income_account: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment that was received."""

    action: ClassVar[str] = "payment.record"
    customer: str | None = None
    amount: Decimal | None = None
    full: bool = False
    date: dt.date | None = None
    method: str | None = None
    reference: str | None = None
    invoices: tuple[str, ...] = ()
    deposit_to: str | None = None


@dataclass(frozen=True, slots=True)
class VendorCreate:
    """A new vendor; the name stays as typed.

    `anyway` and `then` as of a new customer.
    """

    action: ClassVar[str] = "vendor.create"
    name: str
    email: str | None = None
    phone: str | None = None
    terms: str | None = None
    anyway: bool = False
    then: str | None = None


@dataclass(frozen=True, slots=True)
class VendorUpdate:
    """Change a vendor: what can change of a customer, too; `then` as there."""

    action: ClassVar[str] = "vendor.update"
    vendor: str
    changes: CustomerChanges
    then: str | None = None


@dataclass(frozen=True, slots=True)
class BillCreate:
    """A new bill; `reference` is the vendor's own number of it."""

    action: ClassVar[str] = "bill.create"
    vendor: str
    lines: tuple[SaidLine, ...]
    date: dt.date | None = None
    due_date: dt.date | None = None
    terms: str | None = None
    reference: str | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class BillPay:
    """Pay one bill by its number, or what is open of a vendor, the oldest first.

    With both, `vendor` says whose bill of that number it is.
    """

    action: ClassVar[str] = "bill.pay"
    bill: str | None = None
    vendor: str | None = None
    amount: Decimal | None = None
    full: bool = False
    date: dt.date | None = None
    pay_from: str | None = None


@dataclass(frozen=True, slots=True)
class ExpenseCreate:
    """Money that was spent; `amount` is what was paid, with any tax in it."""

    action: ClassVar[str] = "expense.create"
    amount: Decimal
    account: str
    vendor: str | None = None
    date: dt.date | None = None
    pay_from: str | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class ExpenseCategorize:
    """Put expenses under another account: one, or those of a vendor and period.

    `expense` is a number, or one of the choices that a question has offered;
    `expenses` are QuickBooks' ids of exactly those that are meant, and nothing else.
    """

    action: ClassVar[str] = "expense.categorize"
    account: str
    expense: str | None = None
    vendor: str | None = None
    period: Period | None = None
    expenses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """A record that was posted, as far as taking it back needs it.

    `verb` is what was done to it ("create", "update"), `sent` the JSON text that was
    sent; of an update `before` are the fields' paths with the values (JSON texts)
    that they had.
    """

    verb: str
    entity: str
    record_id: str
    sent: str
    before: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back what was posted; `of` is the number that people know it by ("P-17").

    Nobody says this in words about a document: it comes from a proposal that was
    posted. What it does (void, delete, credit, put back) the draft finds out.
    """

    action: ClassVar[str] = "undo"
    of: str
    records: tuple[Posted, ...]


Change: TypeAlias = (
    CustomerCreate
    | CustomerUpdate
    | InvoiceCreate
    | InvoicesCreate
    | InvoiceUpdate
    | InvoiceSend
    | InvoiceVoid
    | CreditMemoCreate
    | ItemCreate
    | PaymentRecord
    | VendorCreate
    | VendorUpdate
    | BillCreate
    | BillPay
    | ExpenseCreate
    | ExpenseCategorize
    | Undo
)

ASKS: Mapping[str, type[Any]] = {kind.action: kind for kind in get_args(Ask)}
CHANGES: Mapping[str, type[Any]] = {kind.action: kind for kind in get_args(Change)}


def ask(action: str, arguments: Mapping[str, Any]) -> Ask:
    """The read that an interpretation means.

    Raises:
        KeyError: an action that is no read of ours.
        Unusable: an argument is missing, unknown or malformed.
    """
    made: Ask = _made(ASKS[action], action, arguments)
    return made


def change(action: str, arguments: Mapping[str, Any]) -> Change:
    """The write that an interpretation means.

    Raises:
        KeyError: an action that is no write of ours.
        Unusable: an argument is missing, unknown or malformed.
    """
    made: Change = _made(CHANGES[action], action, arguments)
    return made


def change_text(wanted: Change) -> str:
    """A write as JSON text: its action and its arguments, digits exact."""
    arguments = {
        spec.name: getattr(wanted, spec.name)
        for spec in dataclasses.fields(wanted)
        if getattr(wanted, spec.name) != spec.default
    }
    return json.dumps({"action": wanted.action, "arguments": arguments}, default=_plain)


def change_from(text: str) -> Change:
    """The write that `change_text` wrote.

    Raises:
        KeyError, ValueError: the text is no such write.
    """
    said = json.loads(text)
    return change(said["action"], said["arguments"])


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            spec.name: getattr(value, spec.name)
            for spec in dataclasses.fields(value)
            if getattr(value, spec.name) not in (None, ())
        }
    return str(value)


def _made(kind: type[Any], action: str, arguments: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    values = {}
    for spec in dataclasses.fields(kind):
        if spec.name in arguments:
            try:
                values[spec.name] = _typed(
                    hints[spec.name], action, arguments[spec.name]
                )
            except (TypeError, ValueError, InvalidOperation) as wrong:
                raise Unusable(action, spec.name) from wrong
        elif (
            spec.default is dataclasses.MISSING
            and spec.default_factory is dataclasses.MISSING
        ):
            raise Unusable(action, spec.name)
    unknown = set(arguments) - set(values)
    if unknown:
        raise Unusable(action, min(unknown))
    return kind(**values)


def _typed(hint: Any, action: str, value: Any) -> Any:  # noqa: PLR0911 - one return a type
    if get_origin(hint) in (Union, types.UnionType):
        inner = next(kind for kind in get_args(hint) if kind is not type(None))
        return None if value is None else _typed(inner, action, value)
    if get_origin(hint) is tuple:
        return tuple(_typed(get_args(hint)[0], action, each) for each in value)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _made(hint, action, value)
    if hint is dt.date:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    if hint is Decimal:
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError(value)
        return number
    if hint is bool or hint is int:
        if type(value) is not hint:
            raise TypeError(value)
        return value
    if not isinstance(value, hint):
        raise TypeError(value)
    return value
