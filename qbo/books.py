"""The nouns of the books as frozen values.

Amounts are exact decimals with their currency, dates are the company's own
calendar days, times are aware UTC. `id` is QuickBooks' own identifier,
`doc_number` the number people see.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, Generic, TypeAlias, TypeVar

from pydantic import TypeAdapter

from qbo import styles

T = TypeVar("T")


class Environment(StrEnum):
    """Which QuickBooks a company lives in."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    SIMULATOR = "simulator"

    @property
    def is_real(self) -> bool:
        """Whether these are somebody's real books."""
        return self is Environment.PRODUCTION


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """As people read it: "$1,250.00", "£950.00", "1,250.00 CHF".

        The marks within the number are those of the style in use.
        """
        sign = "-" if self.amount < 0 else ""
        digits = styles.current().number(f"{abs(self.amount):,.2f}")
        symbol = {"USD": "$", "GBP": "£", "EUR": "€", "CAD": "CA$"}.get(self.currency)
        return (
            f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {self.currency}"
        )

    def __add__(self, other: "Money") -> "Money":
        """Add two amounts of one currency."""
        assert self.currency == other.currency, "two currencies cannot be added"
        return Money(self.amount + other.amount, self.currency)


_NO_MONEY: Final = Money(Decimal("0.00"), "")


@dataclass(frozen=True, slots=True)
class Company:
    """One set of books.

    `id` is "environment:realm", unique over all workspaces.
    """

    realm: str
    name: str
    environment: Environment
    country: str = "US"
    currency: str = "USD"
    fiscal_year_start_month: int = 1
    custom_txn_numbers: bool = False
    book_close_date: date | None = None

    @property
    def id(self) -> str:
        """The key of this company everywhere in Countersign."""
        return f"{self.environment}:{self.realm}"

    @property
    def title(self) -> str:
        """The name, with its environment beside it wherever it is not production."""
        if self.environment.is_real:
            return self.name
        mark = "SANDBOX" if self.environment is Environment.SANDBOX else "SIMULATED"
        return f"{self.name} [{mark}]"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who owes us. `parent` is the name of the customer it is a part of."""

    id: str
    sync_token: str
    name: str
    active: bool
    balance: Money
    email: str | None = None
    phone: str | None = None
    terms: str | None = None
    address: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whom we owe."""

    id: str
    sync_token: str
    name: str
    active: bool
    balance: Money
    email: str | None = None
    phone: str | None = None
    terms: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A product or service sold."""

    id: str
    sync_token: str
    name: str
    active: bool
    type: str
    price: Money | None = None
    income_account: str | None = None
    quantity_on_hand: Decimal | None = None
    description: str | None = None
    sku: str | None = None
    taxable: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the chart of accounts, with QuickBooks' type and classification.

    `sub_type` is its detail type in words ("Cash on hand"); `with_subs` the balance
    with those of its sub-accounts, None where it has none.
    """

    id: str
    sync_token: str
    name: str
    active: bool
    type: str
    classification: str
    balance: Money
    number: str | None = None
    sub_type: str | None = None
    with_subs: Money | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document: an item sold, or an account charged."""

    amount: Money
    description: str | None = None
    item: str | None = None
    account: str | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    tracking_class: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a customer owes. `customer` is the name; `sent` is QuickBooks' EmailSent."""

    id: str
    sync_token: str
    doc_number: str
    customer_id: str
    customer: str
    txn_date: date
    due_date: date
    total: Money
    balance: Money
    voided: bool
    sent: bool
    email: str | None = None
    terms: str | None = None
    private_note: str | None = None
    customer_memo: str | None = None
    tax: Money | None = None
    lines: tuple[Line, ...] = ()

    def status(self, today: date) -> str:
        """One of "Voided", "Paid", "Overdue", "Outstanding"."""
        if self.voided:
            return "Voided"
        if self.balance.amount == 0:
            return "Paid"
        return "Overdue" if self.due_date < today else "Outstanding"

    def days_overdue(self, today: date) -> int:
        """Days since it was due; 0 when it is not overdue."""
        late = (today - self.due_date).days
        return late if late > 0 and self.balance.amount > 0 else 0


@dataclass(frozen=True, slots=True)
class Bill:
    """What we owe a vendor."""

    id: str
    sync_token: str
    doc_number: str | None
    vendor_id: str
    vendor: str
    txn_date: date
    due_date: date
    total: Money
    balance: Money
    private_note: str | None = None
    lines: tuple[Line, ...] = ()

    def status(self, today: date) -> str:
        """One of "Paid", "Overdue", "Outstanding"."""
        if self.balance.amount == 0:
            return "Paid"
        return "Overdue" if self.due_date < today else "Outstanding"


@dataclass(frozen=True, slots=True)
class Applied:
    """The part of a payment that settles one invoice."""

    invoice_id: str
    invoice: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Payment:
    """What a customer paid."""

    id: str
    sync_token: str
    customer_id: str
    customer: str
    txn_date: date
    total: Money
    unapplied: Money
    method: str | None = None
    reference: str | None = None
    deposit_to: str | None = None
    private_note: str | None = None
    voided: bool = False
    applied: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditMemo:
    """The reverse of an invoice."""

    id: str
    sync_token: str
    doc_number: str | None
    customer_id: str
    customer: str
    txn_date: date
    total: Money
    remaining: Money
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Purchase:
    """Money already spent: an expense, a check or a card charge."""

    id: str
    sync_token: str
    doc_number: str | None
    payee: str | None
    txn_date: date
    total: Money
    paid_from: str
    payment_type: str
    private_note: str | None = None
    lines: tuple[Line, ...] = ()


Record: TypeAlias = (
    Customer
    | Vendor
    | Item
    | Account
    | Invoice
    | Bill
    | Payment
    | CreditMemo
    | Purchase
)


# --- what is read ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Some records of one kind, and whether these are all of them.

    `complete` is False when the limit was reached; every card built from the
    listing then says so. `count` and `total` speak of everything that matched,
    not only of `rows`; `total` is None where a sum would mean nothing.

    `kind` is the plural as it was asked for ("overdue invoices"), `party` the one
    customer or vendor that was asked for. Of invoices and bills `total` sums the
    totals, `open` the balances, and `open_count` says how many are not settled;
    `by_due`: they were asked for by due date, so what is still due is the answer.
    Of owings `total` is net of `credits`, the (positive) sum of what `credit_count`
    parties have as a credit; where only overdue was asked for it sums that, and
    `open` the balances. `sums` are what `total` would be in each currency, where there
    are several, and `open_sums` the same of `open`. `pick` says which one row was
    asked for: "latest" (nothing newer was left out), "newest", "oldest", "largest",
    "smallest" and their like.
    """

    kind: str
    rows: tuple[T, ...]
    count: int
    complete: bool
    total: Money | None = None
    open: Money | None = None
    open_count: int | None = None
    overdue: Money | None = None
    credits: Money | None = None
    credit_count: int = 0
    party: str | None = None
    pick: str | None = None
    by_due: bool = False
    sums: tuple[Money, ...] = ()
    open_sums: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Owing:
    """What one customer owes us, or we one vendor.

    `credit` is what of the open documents a credit not used yet covers: `balance`
    is less by it, `overdue` is not.
    """

    party: str
    balance: Money
    overdue: Money
    documents: int
    days_overdue: int
    credit: Money | None = None


@dataclass(frozen=True, slots=True)
class AgingRow:
    """One party's open balance by days overdue, in the report's own buckets."""

    party: str
    amounts: tuple[Money, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class Aging:
    """QuickBooks' own aging report. `buckets` are its column titles.

    `party` is the one customer or vendor that was asked for.
    """

    side: str  # "receivable" or "payable"
    as_of: date
    buckets: tuple[str, ...]
    rows: tuple[AgingRow, ...]
    totals: tuple[Money, ...]
    total: Money
    complete: bool = True
    party: str | None = None


@dataclass(frozen=True, slots=True)
class AgingLine:
    """One open document in an aging report, in the company's own currency.

    `kind` and `doc_number` are as QuickBooks writes them ("Invoice", "1042");
    `days_late` is negative before it is due, None where the report does not say.
    """

    txn_date: date
    kind: str
    doc_number: str
    party: str
    due_date: date | None
    days_late: int | None
    amount: Money
    open: Money
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class AgingBucket:
    """The documents of one age, as QuickBooks titles it, and what is open of them."""

    title: str
    lines: tuple[AgingLine, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class AgingDetail:
    """QuickBooks' own aging, document by document, the oldest first.

    `party` is the one customer or vendor that was asked for.
    """

    side: str  # "receivable" or "payable"
    as_of: date
    buckets: tuple[AgingBucket, ...]
    total: Money
    party: str | None = None

    @property
    def count(self) -> int:
        """How many documents are open."""
        return sum(len(each.lines) for each in self.buckets)


def percent_of(change: Decimal, before: Decimal) -> Decimal | None:
    """A change in percent of what was before, to one place; None of nothing."""
    if not before:
        return None
    return (change * 100 / abs(before)).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Slice:
    """One group of a breakdown: a customer, vendor, item, account or month.

    `compared` is the same group in the period compared (zero where it had nothing),
    `compared_name` what a month is called there ("Oct 2025"). `month` is a month's
    first day; `record_id` the group's record. `count` is how many documents are in
    it.
    """

    name: str
    amount: Money
    count: int = 0
    compared: Money | None = None
    compared_name: str = ""
    month: date | None = None
    record_id: str | None = None

    @property
    def change(self) -> Money | None:
        """What it is more than in the period compared; negative for less."""
        if self.compared is None:
            return None
        return Money(self.amount.amount - self.compared.amount, self.amount.currency)

    @property
    def percent(self) -> Decimal | None:
        """That change in percent; None where there was nothing before."""
        change = self.change
        if change is None or self.compared is None:
            return None
        return percent_of(change.amount, self.compared.amount)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What was sold or spent in a period: the sum, and what it is made of.

    `subject` is "sales" or "spend"; `by` says what `rows` are ("customer", "vendor",
    "item", "account", "month"), None where there is only the sum. Months stand in
    order, other groups by amount; `groups` counts all of them, and `rest` is what
    those not among the rows come to. `whole` is the sum of everything, in `amount`
    and `compared`. `about` names what was asked for alone ("Acme West"). `foreign`
    holds the same of documents in each other currency: never added to this one.
    `journals` is what journal entries put on the same cost accounts (payroll,
    depreciation), which is not a part of the sum; None where there are none.
    """

    subject: str
    by: str | None
    start: date
    end: date
    whole: Slice
    rows: tuple[Slice, ...] = ()
    groups: int = 0
    rest: Slice | None = None
    compared_start: date | None = None
    compared_end: date | None = None
    about: tuple[str, ...] = ()
    foreign: tuple["Breakdown", ...] = ()
    journals: Slice | None = None

    @property
    def total(self) -> Money:
        """The sum of everything that matched."""
        return self.whole.amount

    @property
    def complete(self) -> bool:
        """Whether the rows are all groups there are."""
        return self.rest is None


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One row of a report. `depth` is how far it is indented; 0 is a top section.

    `amounts` stand in the order of the statement's columns; None is a blank cell.
    """

    label: str
    amounts: tuple[Money | None, ...]
    depth: int = 0
    is_total: bool = False
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One of QuickBooks' own reports, as it computed it.

    `columns` are the titles of the money columns ("Total", "Q3 2026", ...).
    `compared` are the places of the two columns that are compared with each other,
    the later question's first; None where nothing is.
    """

    name: str
    basis: str
    start: date | None
    end: date
    columns: tuple[str, ...]
    rows: tuple[StatementRow, ...]
    compared: tuple[int, int] | None = None

    def change(self, row: StatementRow) -> tuple[Money, Decimal | None] | None:
        """By how much a row differs in the columns compared, and in percent.

        A blank cell is zero beside an amount. None where both are blank or nothing
        is compared; no percent where there was nothing before.
        """
        if self.compared is None:
            return None
        now, before = (row.amounts[place] for place in self.compared)
        if now is None and before is None:
            return None
        currency = (now or before or _NO_MONEY).currency
        zero = Money(Decimal("0.00"), currency)
        one, two = now or zero, before or zero
        change = one.amount - two.amount
        return Money(change, currency), percent_of(change, two.amount)


@dataclass(frozen=True, slots=True)
class Document:
    """A file from QuickBooks."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Pace:
    """How many days payment took on average, over how many documents."""

    days: Decimal
    documents: int


@dataclass(frozen=True, slots=True)
class CustomerShow:
    """One customer with what is open and what came last.

    Of a customer with sub-customers (`members`) everything includes theirs, the
    balance too. All sums are in the customer's currency: `invoiced` is the total of
    this month's invoices, `outstanding` what is open of invoices, `credit` what of
    payments and credit memos is not used yet. `recent` are the latest invoices,
    whatever their state.
    """

    customer: Customer
    open_invoices: Listing[Invoice]
    overdue: Money
    last_payment: Payment | None
    outstanding: Money | None = None
    invoiced: Money | None = None
    credit: Money | None = None
    pace: Pace | None = None
    recent: tuple[Invoice, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaidOut:
    """Money that went to a vendor; `how` is QuickBooks' word ("Check")."""

    paid_on: date
    amount: Money
    how: str


@dataclass(frozen=True, slots=True)
class VendorShow:
    """One vendor with what is open and what came last; fields as for a customer.

    `billed` is the total of this month's bills, `credit` what of vendor credits is
    not used yet, `last_payment` the latest of a bill or by an expense.
    """

    vendor: Vendor
    open_bills: Listing[Bill]
    overdue: Money
    outstanding: Money
    billed: Money
    credit: Money
    last_payment: PaidOut | None = None
    pace: Pace | None = None
    recent: tuple[Bill, ...] = ()


Value: TypeAlias = (
    Listing[Customer]
    | Listing[Vendor]
    | Listing[Item]
    | Listing[Account]
    | Listing[Invoice]
    | Listing[Bill]
    | Listing[Payment]
    | Listing[CreditMemo]
    | Listing[Purchase]
    | Listing[Owing]
    | CustomerShow
    | VendorShow
    | Item
    | Account
    | Invoice
    | Bill
    | Aging
    | AgingDetail
    | Breakdown
    | Statement
    | Document
    | Company
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked of the books, and the working behind it.

    `working` says in sentences how the answer came about ("Sum of 12 open
    invoices."); `as_of` is the moment the records were known to be current.
    `is_live`: the one record that it is about was read from QuickBooks then.
    """

    company: Company
    value: Value
    source: str
    as_of: datetime
    today: date
    working: tuple[str, ...] = ()
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the books, and other ways to say it (given name first, SKU, number).

    `type` is the item's or account's type; `classification` the account's.
    """

    name: str
    active: bool = True
    parent: str | None = None
    also: tuple[str, ...] = ()
    type: str | None = None
    classification: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """All names that a message may mean, of one company."""

    company: str
    country: str = "US"
    currency: str = "USD"
    fiscal_year_start_month: int = 1
    customers: tuple[Name, ...] = ()
    vendors: tuple[Name, ...] = ()
    items: tuple[Name, ...] = ()
    accounts: tuple[Name, ...] = ()
    terms: tuple[Name, ...] = ()
    methods: tuple[Name, ...] = ()
    companies: tuple[str, ...] = ()


# --- what is written ------------------------------------------------------------


class Verb(StrEnum):
    """What a step does to one record."""

    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    DELETE = "delete"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a batch step: a write of its own, beside others in one request.

    `key` is its bId, the line's number in the draft from 1. `party`, `what`, `when`
    and `more` (what matters least) are the line as people read it, `total` and `tax`
    as those of a `Draft`. `rests` are the records (entity, id) among the draft's
    reliances that this line rests on.
    """

    key: str
    verb: Verb
    entity: str
    party: str
    what: str = ""
    when: str = ""
    more: str = ""
    total: Money | None = None
    tax: Money | None = None
    record_id: str | None = None
    rests: tuple[tuple[str, str], ...] = ()


def line_numbers(found: Sequence[int]) -> str:
    """Lines by their numbers: "Line 3", "Lines 1, 4-6 and 9"; "" for none."""
    if not found:
        return ""
    runs: list[list[int]] = []
    for number in sorted(found):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [
        part
        for run in runs
        for part in (
            [f"{run[0]}-{run[-1]}"]
            if len(run) > 2  # noqa: PLR2004 - two are named as two
            else [str(number) for number in run]
        )
    ]
    *most, last = said
    listed = f"{', '.join(most)} and {last}" if most else last
    return f"{'Line' if len(found) == 1 else 'Lines'} {listed}"


@dataclass(frozen=True, slots=True)
class Step:
    """One request to QuickBooks, exactly as it will be sent.

    `path` is relative to `/v3/company/{realm}/`; a path that needs what an
    earlier step will have made holds "{1.id}" (step 1's record id) or "{1.7.id}"
    (that of line 7 of a batch), filled in when it is posted. `query` is without
    requestid and minorversion.
    `request_id` is 32 hex characters and is never used with other bytes.
    `digest` is the SHA-256 (hex) over environment, realm, method, path, query
    and body. With `parts` it is a batch: several writes in one request, each of
    which is taken or refused for itself.
    """

    verb: Verb
    entity: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    content_type: str
    body: bytes
    request_id: str
    digest: str
    record_id: str | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One fact of a draft as people see it; `before` where it replaces something."""

    label: str
    value: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Reliance:
    """A record that a draft rests on, and what it must still look like.

    `fields` are (QuickBooks field path, canonical JSON text of its value).
    `at_least` are fields whose value must not be below the decimal given.
    `label` names the record as people know it ("Invoice 1042").
    """

    entity: str
    record_id: str
    sync_token: str
    label: str
    fields: tuple[tuple[str, str], ...] = ()
    at_least: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A change to the books, complete, not yet made.

    People approve exactly this; the steps' bytes are what is posted. `digest`
    binds the steps' digests. `today` is the requester's day, frozen.
    `heading` reads like "Invoice Acme West for $1,500.00". `tax` is our estimate of
    what QuickBooks will add, and a part of `total`; None where none is known.
    `change` is what was asked for, as `asks.change_text` writes it. `home_total` is
    the total in the company's own currency; None where it cannot be computed.
    `independent`: its steps are things of their own, so that one that is refused
    does not keep the others from being done.
    """

    action: str
    environment: Environment
    realm: str
    ref: str
    today: date
    heading: str
    steps: tuple[Step, ...]
    digest: str
    shown: tuple[Shown, ...] = ()
    lines: tuple[Line, ...] = ()
    total: Money | None = None
    notes: tuple[str, ...] = ()
    reliances: tuple[Reliance, ...] = ()
    tax: Money | None = None
    change: str = ""
    home_total: Money | None = None
    independent: bool = False

    @property
    def company(self) -> str:
        """The id of the company it is for."""
        return f"{self.environment}:{self.realm}"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Facts around a draft for the eyes of approvers and the judgement of risk.

    `duplicates` name records that look like the same thing ("Invoice 1188,
    same customer and amount, 3 days ago"). `customers`, `vendors`, `accounts`,
    `items` and `classes` are the names (full ones) of all that the draft is about,
    for a policy to match. `effects` is what posting it will do, as people read it:
    the customer's balance before and after, the tax (an estimate), the period, the
    due date and where it comes from.

    `dates` are the days of all documents that it makes or changes, in order, and
    `closed_through` the last day of the books' closed period; `backdated_days` is
    how long before the requester's day the earliest lies, negative for one to come.
    Of documents of that kind for that party `largest_before` is the largest,
    `median_before` the middle one, `count_before` how many there are. Sentences
    without their end are: `numbers`, documents with nearly the same number;
    `changed`, what of the party was changed lately; `prices`, lines that differ from
    the price list. `credit` is what the customer has on file and not used,
    `credits` of what it consists. Of a draft of several lines `parts` are the facts
    around each of them.
    """

    party: str | None = None
    party_is_new: bool = False
    party_open: Money | None = None
    party_overdue: Money | None = None
    amount: Money | None = None
    largest_before: Money | None = None
    duplicates: tuple[str, ...] = ()
    backdated_days: int = 0
    customers: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    effects: tuple[Shown, ...] = ()
    dates: tuple[date, ...] = ()
    closed_through: date | None = None
    median_before: Money | None = None
    count_before: int = 0
    numbers: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    credit: Money | None = None
    credits: tuple[str, ...] = ()
    parts: tuple["Circumstances", ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a draft still rests on what it rested on.

    `moved` says in sentences what differs; empty when nothing shown differs.
    `rebased` is the same change upon the records as they are now: where `moved`
    is empty it is adopted without asking again (only a SyncToken moved), else it
    may be offered as a fresh proposal. None: not needed, or not possible.
    """

    moved: tuple[str, ...] = ()
    rebased: Draft | None = None


@dataclass(frozen=True, slots=True)
class PartReceipt:
    """What became of one line of a batch: a record, or why there is none.

    `record_id` is empty where it was not posted; `fault` then says why, in a
    sentence, and `code` is QuickBooks' own where it gave one.
    """

    key: str
    record_id: str = ""
    sync_token: str = ""
    doc_number: str | None = None
    total: Money | None = None
    differences: tuple[str, ...] = ()
    fault: str | None = None
    code: str | None = None

    @property
    def is_posted(self) -> bool:
        """Whether the line is in the books."""
        return bool(self.record_id)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that one step was applied: what QuickBooks gave back.

    `compared` is False until the record was read back; `differences` are
    sentences about fields that came back other than they were sent. `response` is
    the body of QuickBooks' answer, as it came, and `status` its HTTP status; empty
    and None where a search found it, and wherever a receipt is kept.

    Of a batch `parts` are its lines; `record_id` and the like are those of the first
    that was posted, `differences` those of all. `fault` says why a step that others
    do not depend on was not done; then there is no record of it. `differing` are the
    differences as values: what QuickBooks holds, and `before` it what was approved.
    """

    step: int
    entity: str
    record_id: str
    sync_token: str
    doc_number: str | None
    intuit_tid: str | None
    posted_at: datetime
    total: Money | None = None
    compared: bool = False
    differences: tuple[str, ...] = field(default=())
    response: str = ""
    status: int | None = None
    parts: tuple[PartReceipt, ...] = ()
    fault: str | None = None
    differing: tuple[Shown, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all that the step was to do was done."""
        return self.fault is None and all(each.is_posted for each in self.parts)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of what the step was to do was done."""
        if self.parts:
            return not any(each.is_posted for each in self.parts)
        return self.fault is not None

    @property
    def singles(self) -> tuple["Receipt", ...]:
        """One receipt for each record that the step made or changed."""
        if not self.parts:
            return () if self.fault is not None else (self,)
        return tuple(
            replace(
                self,
                record_id=each.record_id,
                sync_token=each.sync_token,
                doc_number=each.doc_number,
                total=each.total,
                differences=each.differences,
                parts=(),
            )
            for each in self.parts
            if each.is_posted
        )


@dataclass(frozen=True, slots=True)
class Became:
    """A record that a step has posted, as the books show it now.

    `name` is the record as people know it ("Invoice 1189"). `total` and `balance`
    are None where its kind has none; `settled_on` is the date of the latest payment
    of it, where that is known. `mailed_at` is when QuickBooks last e-mailed it;
    `mailed` is True also where it does not say when. `changes` are the values that
    were posted (`before`) and are others now (`value`), without those that later
    steps of ours have changed; `digest` names exactly these.
    """

    name: str
    exists: bool = True
    voided: bool = False
    total: Money | None = None
    balance: Money | None = None
    settled_on: date | None = None
    mailed: bool = False
    mailed_at: datetime | None = None
    changes: tuple[Shown, ...] = ()
    digest: str = ""


def made_ids(receipts: Iterable[Receipt]) -> dict[str, str]:
    """What stands for a record of an earlier step, and its id; "" if there is none."""
    found = {}
    for each in receipts:
        if each.parts:
            for part in each.parts:
                found[f"{{{each.step}.{part.key}.id}}"] = part.record_id
        else:
            found[f"{{{each.step}.id}}"] = each.record_id
    return found


_DRAFT = TypeAdapter(Draft)
_RECEIPTS = TypeAdapter(tuple[Receipt, ...])
_CIRCUMSTANCES = TypeAdapter(Circumstances)


def draft_text(draft: Draft) -> str:
    """A draft as JSON text, whole; bodies are UTF-8."""
    return _DRAFT.dump_json(draft).decode()


def draft_from(text: str) -> Draft:
    """The draft that `draft_text` wrote.

    Raises:
        pydantic.ValidationError: the text is not a draft.
    """
    return _DRAFT.validate_json(text)


def receipts_text(receipts: Iterable[Receipt]) -> str:
    """Receipts as JSON text."""
    return _RECEIPTS.dump_json(tuple(receipts)).decode()


def receipts_from(text: str) -> tuple[Receipt, ...]:
    """The receipts that `receipts_text` wrote."""
    return _RECEIPTS.validate_json(text)


def circumstances_text(circumstances: Circumstances) -> str:
    """Circumstances as JSON text."""
    return _CIRCUMSTANCES.dump_json(circumstances).decode()


def circumstances_from(text: str) -> Circumstances:
    """The circumstances that `circumstances_text` wrote."""
    return _CIRCUMSTANCES.validate_json(text)
