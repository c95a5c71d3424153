"""The story of Pennine Property Care: monthly charges, VAT, one customer in euro."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from qbo.simulator.company import Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.story import Teller

BANK: Final = "Current Account"
_VAT: Final = "20.0% S"
_BILLS: Final = (
    ("Yorkshire Water", "Water", 90, 320),
    ("Northern Powergrid", "Electricity", 140, 520),
    ("Aire Lifts Ltd", "Lift Servicing", 180, 640),
    ("Calder Cleaning Services", "Block Cleaning", 260, 720),
    ("Pennine Roofing", "Roof Repairs", 300, 1800),
    ("Zurich Insurance", "Buildings Insurance", 410, 410),
    ("British Gas Business", "Electricity", 120, 380),
)
_SHOPS: Final = (
    ("Sowerby Locksmiths", "Block Cleaning", 25, 140),
    ("Dewsbury Skips", "Block Cleaning", 90, 260),
    ("", "Software", 29, 29),
)


def tell(teller: Teller, invoices: int | None) -> None:
    """Tell two years; `invoices` asks for at least so many."""
    Pennine(teller, invoices or 0).plan()
    teller.tell()


class Pennine:
    """Plans what happens to the company, month by month."""

    def __init__(self, teller: Teller, invoices: int) -> None:
        self.teller = teller
        self.customers = list(teller.company.records("Customer"))
        months = len(list(teller.months()))
        usual = months * len(self.customers)
        self.extra = max(0, invoices - usual) // months + 1 if invoices else 0
        self.number = 0

    def plan(self) -> None:
        """Plan every month: charges, bills, small purchases, VAT."""
        teller = self.teller
        teller.plan(teller.start, self._open)
        for month in teller.months():
            for customer in self.customers:
                teller.plan(month, lambda c=customer: self._charge(c, "Service Charge"))  # type: ignore[misc]
            for _ in range(4 + self.extra):
                customer = teller.chance.choice(self.customers)
                day = teller.some_day(month, 3)
                teller.plan(day, lambda c=customer: self._charge(c, ""))  # type: ignore[misc]
            self._plan_spending(month)

    def _open(self) -> None:
        start = Decimal(38_000)
        self.teller.journal(
            "Opening balances", (BANK, start), ("Opening Balance Equity", -start)
        )

    def _charge(self, customer: Record, item: str) -> None:
        teller = self.teller
        others = ("Management Fee", "Lift Maintenance", "Ground Rent", "Key Fob")
        item = item or teller.chance.choice((*others, "Insulation Works"))
        price = teller.company.record("Item", teller.id("Item", item)).body["UnitPrice"]
        quantity = Decimal(teller.chance.randint(1, 3) if item == "Key Fob" else 1)
        self.number += 1
        invoice = teller.make(
            "Invoice",
            {
                "CustomerRef": {"value": customer.id},
                "DocNumber": f"PPC-{self.number:04}",
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
            method = self.teller.chance.choice(("BACS", "Direct Debit", "Cheque"))
            self.teller.pay([invoice], invoice.body["Balance"], method, BANK)

    def _plan_spending(self, month: date) -> None:
        teller = self.teller
        for bill in _BILLS:
            day = teller.some_day(month, 2)
            teller.plan(day, lambda b=bill: self._bill(*b))  # type: ignore[misc]
        for shop in _SHOPS:
            day = teller.some_day(month)
            teller.plan(day, lambda s=shop: self._buy(*s))  # type: ignore[misc]
        if month.month in {2, 5, 8, 11}:
            teller.plan(month.replace(day=7), self._remit_vat)
        teller.plan(month.replace(day=21), self._pay_card)

    def _bill(self, vendor: str, account: str, low: int, high: int) -> None:
        teller = self.teller
        bill = teller.make(
            "Bill",
            {
                "VendorRef": teller.ref("Vendor", vendor),
                "SalesTermRef": teller.ref("Term", "Net 30"),
                "Line": [self._line(account, teller.amount(low, high))],
            },
        )
        due = date.fromisoformat(bill.body["DueDate"])
        day = due + timedelta(days=teller.chance.randint(-4, 6))
        teller.plan(day, lambda: teller.settle(bill, BANK))

    def _buy(self, vendor: str, account: str, low: int, high: int) -> None:
        teller = self.teller
        body: Json = {
            "PaymentType": "CreditCard",
            "AccountRef": teller.ref("Account", "Company Card"),
            "Line": [self._line(account, teller.amount(low, high))],
        }
        if vendor:
            body["EntityRef"] = teller.ref("Vendor", vendor)
        teller.make("Purchase", body)

    def _line(self, account: str, amount: Decimal) -> Json:
        line = self.teller.expense_line(account, amount, account)
        detail = line["AccountBasedExpenseLineDetail"]
        detail["TaxCodeRef"] = self.teller.ref("TaxCode", _VAT)
        return line

    def _remit_vat(self) -> None:
        owed = self.teller.balance("VAT Control")
        if owed > ZERO:
            self.teller.journal(
                "VAT for the quarter", ("VAT Control", owed), (BANK, -owed)
            )

    def _pay_card(self) -> None:
        self.teller.transfer(BANK, "Company Card", self.teller.balance("Company Card"))
