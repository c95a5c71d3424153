"""Tells a company's story through the same door as any write.

A *teller* keeps the events still to come in order of time; an event may bring others
about (an invoice its payment). The same seed and the same today give the same books.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from dateutil.relativedelta import relativedelta

from qbo.simulator.books import balances
from qbo.simulator.books.company import Company, Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules import writes
from qbo.simulator.rules.writes import Circumstances
from qbo.simulator.stories import seed as seeding
from qbo.simulator.stories.seed import at

MONTHS: Final = 24
Event = Callable[[], None]
Side = tuple[str, Decimal]
"""An account's name and an amount, for journal entries: a debit is positive."""


class Teller:
    """Tells a company's story; `when` is the moment being told."""

    def __init__(
        self, company: Company, today: date, chance: Random, months: int = MONTHS
    ) -> None:
        self.company = company
        self.today = today
        self.start = today - relativedelta(months=months)
        self.chance = chance
        self.when = at(self.start, 8)
        self._events: list[tuple[datetime, int, Event]] = []
        self._order = itertools.count()
        self._ids: dict[tuple[str, str], str] = {}

    # Time

    def plan(self, day: date, event: Event) -> None:
        """Let something happen on a day, if the story gets that far."""
        if not self.start <= day <= self.today:
            return
        # What happens today happens just after midnight: never in the future.
        hour, minute = self.chance.randint(8, 16), self.chance.randint(0, 59)
        moment = at(day, 0, 1) if day == self.today else at(day, hour, minute)
        heapq.heappush(self._events, (moment, next(self._order), event))

    def tell(self) -> None:
        """Let everything happen, in its order."""
        while self._events:
            self.when, _, event = heapq.heappop(self._events)
            event()

    def months(self) -> Iterator[date]:
        """The first day of every month the story touches."""
        first = self.start.replace(day=1)
        while first <= self.today:
            yield first
            first += relativedelta(months=1)

    def some_day(self, month: date, first: int = 1, last: int = 28) -> date:
        """A day of a month; a weekday where there is a choice."""
        day = month.replace(day=self.chance.randint(first, last))
        if day.weekday() > 4 and first != last:  # noqa: PLR2004 - Saturday, Sunday
            day += timedelta(days=2 if day.day < last - 1 else -2)
        return day

    # Chance

    def often(self, rate: float) -> int:
        """A whole number that is `rate` on average."""
        whole = int(rate)
        return whole + (self.chance.random() < rate - whole)

    def maybe(self, share: float) -> bool:
        """True in that share of cases."""
        return self.chance.random() < share

    def amount(self, low: float, high: float) -> Decimal:
        """An amount between two, in cents."""
        return Decimal(self.chance.randint(int(low * 100), int(high * 100))) / 100

    # Names

    def id(self, entity: str, name: str) -> str:
        """The id behind a name."""
        key = (entity, name)
        if key not in self._ids:
            self._ids[key] = seeding.number_of(self.company, entity, name)
        return self._ids[key]

    def ref(self, entity: str, name: str) -> Json:
        """A reference by name."""
        return {"value": self.id(entity, name)}

    # What happens

    def make(self, entity: str, body: Json) -> Record:
        """Create a record now."""
        body.setdefault("TxnDate", self.when.date().isoformat())
        around = Circumstances(self.when)
        return writes.create(self.company, ENTITIES[entity], body, around)

    def send(self, record: Record) -> None:
        """E-mail a document now."""
        writes.send(self.company, record, None, Circumstances(self.when))

    def void(self, record: Record) -> None:
        """Void a document now."""
        given = {"Id": record.id, "SyncToken": str(record.version)}
        writes.void(self.company, record.entity, given, Circumstances(self.when))

    def pay(
        self, invoices: list[Record], amount: Decimal, method: str, into: str
    ) -> None:
        """Receive a payment for invoices of one customer, the oldest first."""
        left, lines = amount, []
        for invoice in invoices:
            part = min(left, invoice.body["Balance"])
            if part > ZERO:
                link = {"TxnId": invoice.id, "TxnType": "Invoice"}
                lines.append({"Amount": part, "LinkedTxn": [link]})
                left -= part
        if not lines:
            return
        self.make(
            "Payment",
            {
                "CustomerRef": {"value": invoices[0].ref("CustomerRef")},
                "TotalAmt": amount,
                "PaymentMethodRef": self.ref("PaymentMethod", method),
                "PaymentRefNum": str(self.chance.randint(1000, 9999)),
                "DepositToAccountRef": self.ref("Account", into),
                "Line": lines,
            },
        )

    def credit(self, invoice: Record, line: Json, *, used: bool) -> None:
        """Give a credit memo; when it is used, it pays the invoice."""
        memo = self.make(
            "CreditMemo",
            {"CustomerRef": {"value": invoice.ref("CustomerRef")}, "Line": [line]},
        )
        part = min(memo.body["TotalAmt"], invoice.body["Balance"])
        if used and part > ZERO:
            pairs = ((invoice.id, "Invoice"), (memo.id, "CreditMemo"))
            lines = [
                {"Amount": part, "LinkedTxn": [{"TxnId": number, "TxnType": kind}]}
                for number, kind in pairs
            ]
            customer = {"value": invoice.ref("CustomerRef")}
            body = {"CustomerRef": customer, "TotalAmt": ZERO, "Line": lines}
            self.make("Payment", body)

    def settle(self, bill: Record, account: str) -> None:
        """Pay a bill in full by check or transfer from a bank account."""
        self.make(
            "BillPayment",
            {
                "VendorRef": {"value": bill.ref("VendorRef")},
                "PayType": "Check",
                "CheckPayment": {"BankAccountRef": self.ref("Account", account)},
                "TotalAmt": bill.body["Balance"],
                "Line": [
                    {
                        "Amount": bill.body["Balance"],
                        "LinkedTxn": [{"TxnId": bill.id, "TxnType": "Bill"}],
                    }
                ],
            },
        )

    def journal(self, note: str, *sides: Side) -> None:
        """Make a journal entry."""
        lines = [
            {
                "Amount": abs(amount),
                "Description": note,
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": {
                    "PostingType": "Debit" if amount > ZERO else "Credit",
                    "AccountRef": self.ref("Account", account),
                },
            }
            for account, amount in sides
            if amount
        ]
        self.make("JournalEntry", {"PrivateNote": note, "Line": lines})

    def transfer(self, source: str, target: str, amount: Decimal) -> None:
        """Move money between accounts."""
        if amount > ZERO:
            body = {
                "FromAccountRef": self.ref("Account", source),
                "ToAccountRef": self.ref("Account", target),
                "Amount": amount,
            }
            self.make("Transfer", body)

    def balance(self, account: str) -> Decimal:
        """What is there now of an asset, and what is owed or owned of the others."""
        record = self.company.record("Account", self.id("Account", account))
        return balances.natural(record.body)

    def sales_line(self, item: str, quantity: Decimal, price: Decimal) -> Json:
        """A line of an invoice."""
        return sales_line(
            self.company.record("Item", self.id("Item", item)), quantity, price
        )

    def expense_line(self, account: str, amount: Decimal, note: str = "") -> Json:
        """A line of a bill or purchase."""
        return {
            "Amount": amount,
            "Description": note,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {
                "AccountRef": self.ref("Account", account)
            },
        }


def sales_line(item: Record, quantity: Decimal, price: Decimal) -> Json:
    """A line that sells so much of an item."""
    detail: Json = {
        "ItemRef": {"value": item.id},
        "Qty": quantity,
        "UnitPrice": price,
    }
    if item.ref("SalesTaxCodeRef"):
        detail["TaxCodeRef"] = {"value": item.ref("SalesTaxCodeRef")}
    return {
        "Amount": cents(quantity * price),
        "Description": item.body.get("Description", item.body["Name"]),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }
