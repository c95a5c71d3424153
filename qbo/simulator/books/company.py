"""One company's books: the records, the indexes over them, and the ledger."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from qbo.simulator.books import balances
from qbo.simulator.books.ledger import Ledger, Posting
from qbo.simulator.books.record import Record
from qbo.simulator.books.shelf import Move, Shelf  # noqa: TC001 - as all others
from qbo.simulator.books.table import Table
from qbo.simulator.clock import PACIFIC
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import ZERO, Json, cents

__all__ = [
    "CONTROL_TYPES",
    "DELETED_SUFFIX",
    "SYSTEM_ACCOUNTS",
    "Company",
    "Record",
    "label",
    "label_key",
]

SYSTEM_ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "AccountsReceivable": ("Accounts Receivable (A/R)", "Accounts Receivable"),
    "AccountsPayable": ("Accounts Payable (A/P)", "Accounts Payable"),
    "UndepositedFunds": ("Undeposited Funds", "Other Current Asset"),
    "Inventory": ("Inventory Asset", "Other Current Asset"),
    "SalesTaxPayable": ("Sales Tax Payable", "Other Current Liability"),
    "OpeningBalanceEquity": ("Opening Balance Equity", "Equity"),
    "RetainedEarnings": ("Retained Earnings", "Equity"),
    "DiscountsRefundsGiven": ("Discounts given", "Income"),
    "UnappliedCashPaymentIncome": ("Unapplied Cash Payment Income", "Income"),
    "UnappliedCashBillPaymentExpense": (
        "Unapplied Cash Bill Payment Expense",
        "Expense",
    ),
    "ExchangeGainOrLoss": ("Exchange Gain or Loss", "Other Expense"),
    "SuppliesMaterialsCogs": ("Cost of Goods Sold", "Cost of Goods Sold"),
    "SalesOfProductIncome": ("Sales of Product Income", "Income"),
}
"""Accounts QuickBooks makes by itself when it needs them, by sub-type."""

FIRST_IDS: Final[Mapping[str, int]] = {"Attachables": 5_000_000_000_000_010_000}
"""Where sequences begin that do not begin at 1."""

PARTIES: Final = ("Customer", "Vendor", "Employee")
_SUMS: Final[Mapping[str, tuple[str, str]]] = {
    "Customer": ("Balance", "BalanceWithJobs"),
    "Account": ("CurrentBalance", "CurrentBalanceWithSubAccounts"),
}
"""Fields that add up another one over a record and all that is below it."""

CONTROL_TYPES: Final = ("Accounts Receivable", "Accounts Payable")
THAWED_MAX: Final = 2_000
"""So many bodies of transactions are kept beside their texts."""

DELETED_SUFFIX: Final = re.compile(r" \(deleted(?: \d+)?\)$")


class Company:
    """A set of books in memory. Rules and storage work on it from outside.

    `transactions` are those of all kinds by id. `touched` collects what a write
    changed, for storage; `thawed` the transactions that may be frozen again.
    `applied` is, for each document, how much each payment applies to it; `settles`
    the same from the other side. `cash_days` keeps what cash basis came to until the
    next posting. `deeds` says of a touched record what was done to it, where that is
    more than an update; `files` are the bytes an attachment came with (None: gone),
    until they are stored.
    """

    def __init__(self, realm: str, slug: str) -> None:
        self.realm = realm
        self.slug = slug
        self.tables = {name: Table(entity) for name, entity in ENTITIES.items()}
        self.transactions: dict[str, Record] = {}
        self.graves: dict[tuple[str, str], Record] = {}
        self.sequences: defaultdict[str, int] = defaultdict(int)
        self.ledger = Ledger()
        self.names: dict[tuple[str, str], tuple[str, str]] = {}
        self.documents: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.applied: defaultdict[str, dict[tuple[str, str], Decimal]] = defaultdict(
            dict
        )
        self.settles: dict[str, dict[tuple[str, str], Decimal]] = {}
        self.ties: dict[str, set[str]] = {}
        self.tied: defaultdict[str, set[str]] = defaultdict(set)
        self.last_numbers: dict[str, str] = {}
        self.shelves: dict[str, Shelf] = {}
        self.shelved: dict[str, dict[str, list[Move]]] = {}
        self.controls: defaultdict[str, list[str]] = defaultdict(list)
        self.touched: dict[tuple[str, str], Record] = {}
        self.deeds: dict[tuple[str, str], str] = {}
        self.files: dict[str, bytes | None] = {}
        self.thawed: list[Record] = []
        self.cash_days: dict[str, dict[date, Decimal]] | None = None
        self.mails: defaultdict[str, int] = defaultdict(int)

    # What the company is

    @property
    def info(self) -> Json:
        """CompanyInfo's body."""
        return self.tables["CompanyInfo"]["1"].body

    @property
    def preferences(self) -> Json:
        """Preferences' body."""
        return self.tables["Preferences"]["1"].body

    @property
    def name(self) -> str:
        """The company's name."""
        return str(self.info["CompanyName"])

    @property
    def home(self) -> str:
        """The home currency's code."""
        prefs = self.preferences.get("CurrencyPrefs") or {}
        return str((prefs.get("HomeCurrency") or {}).get("value", "USD"))

    @property
    def multi_currency(self) -> bool:
        """Whether foreign currencies are in use."""
        prefs = self.preferences.get("CurrencyPrefs") or {}
        return bool(prefs.get("MultiCurrencyEnabled"))

    @property
    def is_us(self) -> bool:
        """Whether lines are TAX or NON rather than carrying a VAT code."""
        return bool(self.info.get("Country") == "US")

    @property
    def close_date(self) -> date | None:
        """The last day of the closed period."""
        text = (self.preferences.get("AccountingInfoPrefs") or {}).get("BookCloseDate")
        return date.fromisoformat(text) if text else None

    @property
    def fiscal_month(self) -> int:
        """The number of the fiscal year's first month."""
        name = str(self.info.get("FiscalYearStartMonth", "January"))
        return datetime.strptime(name, "%B").replace(tzinfo=PACIFIC).month

    # Finding records

    def find(self, entity: str, number: str) -> Record | None:
        """A record that is there, or None."""
        return self.tables[entity].get(number)

    def record(self, entity: str, number: str) -> Record:
        """A record that must be there."""
        return self.tables[entity][number]

    def party(self, number: str) -> Record | None:
        """The customer, vendor or employee with that id; they share one sequence."""
        found = (self.tables[name].get(number) for name in PARTIES)
        return next((record for record in found if record), None)

    def transaction(self, number: str) -> Record | None:
        """The transaction with that id, whatever its kind."""
        return self.transactions.get(number)

    def records(self, entity: str) -> Iterable[Record]:
        """All records of one kind, in the order they were made."""
        return self.tables[entity].values()

    def account_of(self, subtype: str) -> str:
        """The id of the first account of a sub-type, if there is one."""
        for record in self.records("Account"):
            if record.body["AccountSubType"] == subtype and record.body["Active"]:
                return record.id
        return ""

    def control(self, kind: str, currency: str = "") -> str:
        """The receivable or payable account of a currency; else the first one."""
        numbers = self.controls[kind]
        for number in numbers:
            account = self.tables["Account"][number]
            if account.ref("CurrencyRef") == (currency or self.home):
                return number
        return numbers[0] if numbers else ""

    def family(self, customer: str) -> set[str]:
        """A customer with all its sub-customers, and theirs."""
        found = {customer}
        grown = True
        while grown:
            grown = False
            for record in self.records("Customer"):
                if record.id not in found and record.ref("ParentRef") in found:
                    found.add(record.id)
                    grown = True
        return found

    def ancestors(self, record: Record) -> Iterator[Record]:
        """The parents of a record, nearest first."""
        seen = {record.id}
        while (parent := record.ref("ParentRef")) and parent not in seen:
            seen.add(parent)
            record = self.tables[record.entity.name][parent]
            yield record

    # Changing records

    def next_id(self, family: str) -> str:
        """The next id of a sequence."""
        last = self.sequences[family] or FIRST_IDS.get(family, 0)
        self.sequences[family] = last + 1
        return str(last + 1)

    def put(self, record: Record) -> None:
        """Store a record, new or changed."""
        table = self.tables[record.entity.name]
        if table.get(record.id) is not record:
            table[record.id] = record
            if record.entity.transaction:
                self.transactions[record.id] = record
                record.thawed = self.thawed
                self.thawed.append(record)
        if record.entity.name == "Account":
            kind = record.body.get("AccountType", "")
            if kind in CONTROL_TYPES and record.id not in self.controls[kind]:
                self.controls[kind].append(record.id)
        self.touch(record)

    def load(self, entity: str, records: Iterable[Record]) -> None:
        """Take in many transactions at rest, which are stored or will be by others."""
        for record in records:
            record.thawed = self.thawed
            self.transactions[record.id] = record
        self.tables[entity].load(records)

    def touch(self, record: Record) -> None:
        """Remember that a record has to be rendered and stored again."""
        self._changed(record)
        self.touched[record.entity.name, record.id] = record

    def _changed(self, record: Record) -> None:
        record.changed()
        self.tables[record.entity.name].mark(record)

    def did(self, record: Record, deed: str) -> None:
        """Say what a write did to a record, where that is more than an update."""
        self.deeds[record.entity.name, record.id] = deed

    def bury(self, record: Record) -> None:
        """Take a record out; change-data-capture still tells of it."""
        del self.tables[record.entity.name][record.id]
        if record.entity.transaction:
            self.transactions.pop(record.id, None)
        record.deleted = True
        self.graves[record.entity.name, record.id] = record
        self.touch(record)

    def freeze(self) -> None:
        """Let go of the bodies of transactions, where there are many.

        Every request does this before it begins, while nobody holds a body.
        """
        if len(self.thawed) < THAWED_MAX:
            return
        for table in self.tables.values():
            table.look()
        waiting = [one for one in self.thawed if one.awake]
        self.thawed.clear()
        for record in waiting:
            if record.deleted or (record.entity.name, record.id) in self.touched:
                self.thawed.append(record)
            else:
                record.freeze()

    def post(self, posting: Posting) -> None:
        """Enter a posting and bring the balances that records show up to date."""
        self.ledger.post(posting)
        self.cash_days = None
        self._show_posting(posting)

    def show_balances(self) -> None:
        """Bring all balances up to date, after many postings at once."""
        self.cash_days = None
        for number in self.tables["Account"]:
            self.show_account(number)
        for name in ("Customer", "Vendor"):
            for number in self.tables[name]:
                self._show_party(number)

    def unpost(self, key: str) -> None:
        """Take a posting out."""
        if posting := self.ledger.unpost(key):
            self.cash_days = None
            self._show_posting(posting)

    def recount(self, entity: str) -> None:
        """Add up the sums over sub-records anew, after one got another parent."""
        if entity not in _SUMS:
            return
        own, total = _SUMS[entity]
        records = list(self.records(entity))
        for record in records:
            record.body[total] = ZERO
        for record in records:
            for one in (record, *self.ancestors(record)):
                one.body[total] += record.body[own]
                self._changed(one)

    def show_stock(self, item: str) -> None:
        """Write the quantity on hand into an item."""
        record = self.tables["Item"][item]
        record.body["QtyOnHand"] = self.shelves[item].quantity
        self._changed(record)

    def _show_posting(self, posting: Posting) -> None:
        for entry in posting.entries:
            self.show_account(entry.account)
            kind = self.tables["Account"][entry.account].body["AccountType"]
            if entry.party and kind in CONTROL_TYPES:
                self._show_party(entry.party)

    def show_account(self, number: str) -> None:
        """Bring an account's balance up to date; an inactive one shows none."""
        record = self.tables["Account"][number]
        kind = record.body["Classification"]
        shown = ZERO
        if kind not in {"Revenue", "Expense"} and record.body["Active"]:
            shown = balances.shown(record.body, self._held(number))
        before = record.body.get("CurrentBalance", ZERO)
        record.body["CurrentBalance"] = cents(shown)
        for one in (record, *self.ancestors(record)):
            with_subs = one.body.get("CurrentBalanceWithSubAccounts", ZERO)
            one.body["CurrentBalanceWithSubAccounts"] = with_subs + (
                record.body["CurrentBalance"] - before
            )
            self._changed(one)

    def _held(self, account: str, party: str = "") -> Decimal:
        """An account's balance, or one party's part, in the account's currency."""
        currency = self.tables["Account"][account].ref("CurrencyRef")
        if currency not in {"", self.home}:
            return self.ledger.foreign.get((account, party), ZERO)
        if party:
            return self.ledger.parties.get((account, party), ZERO)
        return self.ledger.balances[account]

    def _show_party(self, number: str) -> None:
        record = self.party(number)
        if record is None or record.entity.name == "Employee":
            return
        customer = record.entity.name == "Customer"
        kind = "Accounts Receivable" if customer else "Accounts Payable"
        controls = self.controls[kind]
        owed = sum((self._held(account, number) for account in controls), ZERO)
        before = record.body.get("Balance", ZERO)
        record.body["Balance"] = cents(owed if customer else -owed)
        self._changed(record)
        if customer:
            for one in (record, *self.ancestors(record)):
                one.body["BalanceWithJobs"] = one.body.get("BalanceWithJobs", ZERO) + (
                    record.body["Balance"] - before
                )
                self._changed(one)


def label(record: Record) -> str:
    """A record's name as references show it."""
    body = record.body
    if record.entity.name == "Account":
        return str(body["FullyQualifiedName"])
    return str(body.get(record.entity.name_field, ""))


def label_key(record: Record) -> str:
    """The name a list is sorted by."""
    name = record.body.get("FullyQualifiedName") or label(record)
    return str(name).casefold()
