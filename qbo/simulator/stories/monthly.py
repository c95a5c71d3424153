"""The story of a small company: monthly charges, bills, a card, tax returns.

What differs between companies stands in their data files under `story`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from qbo.simulator.books.company import Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.stories.teller import Teller


@dataclass(frozen=True)
class Cost:
    """Something bought every month from a vendor (or nobody), between two amounts."""

    vendor: str
    account: str
    low: int
    high: int


@dataclass(frozen=True)
class Plan:
    """What happens to a company month by month, by the names of its lists.

    `monthly` is the item every customer is charged for on the first; `others` are
    charged now and then; `counted` those of which several are sold at once.
    `tax_months` are the months in which the tax account is paid off.
    """

    bank: str
    card: str
    opening: Decimal
    prefix: str
    monthly: str
    others: tuple[str, ...]
    counted: frozenset[str]
    methods: tuple[str, ...]
    bills: tuple[Cost, ...]
    shops: tuple[Cost, ...]
    spending_code: str
    tax_account: str
    tax_months: frozenset[int]
    tax_note: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Plan":
        """The plan as a data file writes it."""
        return cls(
            bank=data["bank"],
            card=data["card"],
            opening=Decimal(data["opening"]),
            prefix=data["prefix"],
            monthly=data["monthly"],
            others=tuple(data["others"]),
            counted=frozenset(data["counted"]),
            methods=tuple(data["methods"]),
            bills=tuple(Cost(*one) for one in data["bills"]),
            shops=tuple(Cost(*one) for one in data["shops"]),
            spending_code=data["spending_code"],
            tax_account=data["tax_account"],
            tax_months=frozenset(int(month) for month in data["tax_months"]),
            tax_note=data["tax_note"],
        )


def tell(teller: Teller, invoices: int | None, data: Mapping[str, Any]) -> None:
    """Tell two years; `invoices` asks for at least so many."""
    Monthly(teller, Plan.of(data), invoices or 0).plan_all()
    teller.tell()


class Monthly:
    """Plans what happens to the company, month by month."""

    def __init__(self, teller: Teller, plan: Plan, invoices: int) -> None:
        self.teller = teller
        self.plan = plan
        self.customers = list(teller.company.records("Customer"))
        months = len(list(teller.months()))
        usual = months * len(self.customers)
        self.extra = max(0, invoices - usual) // months + 1 if invoices else 0
        self.number = 0

    def plan_all(self) -> None:
        """Plan every month: charges, bills, small purchases, tax."""
        teller = self.teller
        teller.plan(teller.start, self._open)
        for month in teller.months():
            for customer in self.customers:
                teller.plan(month, partial(self._charge, customer, self.plan.monthly))
            for _ in range(4 + self.extra):
                customer = teller.chance.choice(self.customers)
                day = teller.some_day(month, 3)
                teller.plan(day, partial(self._charge, customer, ""))
            self._plan_spending(month)

    def _open(self) -> None:
        start = self.plan.opening
        self.teller.journal(
            "Opening balances",
            (self.plan.bank, start),
            ("Opening Balance Equity", -start),
        )

    def _charge(self, customer: Record, item: str) -> None:
        teller, plan = self.teller, self.plan
        item = item or teller.chance.choice(plan.others)
        price = teller.company.record("Item", teller.id("Item", item)).body["UnitPrice"]
        several = item in plan.counted
        quantity = Decimal(teller.chance.randint(1, 3) if several else 1)
        self.number += 1
        invoice = teller.make(
            "Invoice",
            {
                "CustomerRef": {"value": customer.id},
                "DocNumber": f"{plan.prefix}{self.number:04}",
                "SalesTermRef": {"value": customer.ref("SalesTermRef")},
                "BillEmail": dict(customer.body["PrimaryEmailAddr"]),
                "Line": [teller.sales_line(item, quantity, price)],
            },
        )
        if not teller.maybe(0.06):
            teller.send(invoice)
        if teller.maybe(0.01):
            teller.plan(
                teller.when.date() + timedelta(days=2), lambda: teller.void(invoice)
            )
            return
        due = date.fromisoformat(invoice.body["DueDate"])
        recent = (teller.today - due).days < 150  # noqa: PLR2004
        if not (recent and teller.maybe(0.05)):
            day = due + timedelta(days=teller.chance.randint(-6, 16))
            teller.plan(day, lambda: self._pay(invoice))

    def _pay(self, invoice: Record) -> None:
        if invoice.body["Balance"] > ZERO:
            method = self.teller.chance.choice(self.plan.methods)
            balance = invoice.body["Balance"]
            self.teller.pay([invoice], balance, method, self.plan.bank)

    def _plan_spending(self, month: date) -> None:
        teller, plan = self.teller, self.plan
        for bill in plan.bills:
            day = teller.some_day(month, 2)
            teller.plan(day, partial(self._bill, bill))
        for shop in plan.shops:
            day = teller.some_day(month)
            teller.plan(day, partial(self._buy, shop))
        if month.month in plan.tax_months:
            teller.plan(month.replace(day=7), self._remit_tax)
        teller.plan(month.replace(day=21), self._pay_card)

    def _bill(self, cost: Cost) -> None:
        teller = self.teller
        bill = teller.make(
            "Bill",
            {
                "VendorRef": teller.ref("Vendor", cost.vendor),
                "SalesTermRef": teller.ref("Term", "Net 30"),
                "Line": [self._line(cost)],
            },
        )
        due = date.fromisoformat(bill.body["DueDate"])
        day = due + timedelta(days=teller.chance.randint(-4, 6))
        teller.plan(day, lambda: teller.settle(bill, self.plan.bank))

    def _buy(self, cost: Cost) -> None:
        teller = self.teller
        body: Json = {
            "PaymentType": "CreditCard",
            "AccountRef": teller.ref("Account", self.plan.card),
            "Line": [self._line(cost)],
        }
        if cost.vendor:
            body["EntityRef"] = teller.ref("Vendor", cost.vendor)
        teller.make("Purchase", body)

    def _line(self, cost: Cost) -> Json:
        amount = self.teller.amount(cost.low, cost.high)
        line = self.teller.expense_line(cost.account, amount, cost.account)
        detail = line["AccountBasedExpenseLineDetail"]
        detail["TaxCodeRef"] = self.teller.ref("TaxCode", self.plan.spending_code)
        return line

    def _remit_tax(self) -> None:
        owed = self.teller.balance(self.plan.tax_account)
        if owed > ZERO:
            self.teller.journal(
                self.plan.tax_note,
                (self.plan.tax_account, owed),
                (self.plan.bank, -owed),
            )

    def _pay_card(self) -> None:
        card = self.plan.card
        self.teller.transfer(self.plan.bank, card, self.teller.balance(card))
