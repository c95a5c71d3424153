"""The story of Harbour & Pine Landscaping: seasons, crews, slow payers, fuel cards."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from dateutil.relativedelta import relativedelta

from qbo.simulator.books.company import Record
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules.writes import Circumstances
from qbo.simulator.stories.seed import deactivate
from qbo.simulator.stories.teller import Side, Teller

CHECKING: Final = "Business Checking"
VISA: Final = "Company Visa"
FUEL_CARD: Final = "Fuel Card"
INVOICES_USUAL: Final = 660
_LEAVER: Final = "Old Mill Bakery"
_LEFT_MONTHS_AGO: Final = 9

_SEASON: Final = (0.6, 0.6, 0.9, 1.2, 1.4, 1.3, 1.2, 1.1, 1.1, 1.0, 0.8, 0.7)
"""How busy each month is, January first."""

_BIG: Final = {
    "Green Valley Golf Club": 3.0,
    "City of Fernwood": 2.5,
    "Lakeside HOA": 2.5,
    "Tidewater Hotel": 2.0,
    "Acme Corporation": 2.0,
    "Acme West": 1.6,
    "Northgate School": 1.8,
    "Riverton Advisory Partners": 1.4,
    "Smith Holdings": 1.5,
}
_SMALL: Final = {
    "Smith, Jane": 0.8,
    "Jane Smithson": 0.8,
    "May Chen": 0.9,
    "Nguyen Family": 0.8,
    "Bill Hartley": 0.8,
    "Ashby, Tom": 0.7,
}
_PLANS: Final = {
    "Lakeside HOA": 3,
    "Green Valley Golf Club": 4,
    "Bright Star Dental": 1,
    "7 Oaks Care Home": 2,
    "Tidewater Marina": 1,
    "Northgate Surgery": 1,
    "Acme West": 2,
    "Sunny Day Preschool": 1,
}
"""Who has a maintenance plan, and how many grounds it covers."""

_HABITS: Final = {
    "Overdue Books Café": (20, 85),
    "Void Gallery": (10, 60),
    "Zephyr Cycles": (12, 50),
    "Kowalski Brothers": (8, 45),
    "City of Fernwood": (0, 20),
    "Paid Media Group": (-12, 0),
    "Patel Pharmacy": (-6, 3),
}
"""When customers pay, in days after the due date; others -20 to 6, some much later."""


_DISPUTED: Final = (6, 4, 4, 5)
"""How many invoices 1-30, 31-60, 61-90 and more days overdue are left unpaid."""

_DISPUTED_MAX: Final = Decimal(1_500)
_DISPUTE_DAYS_MAX: Final = 170


class Work(NamedTuple):
    """Something sold: in which months, how much at a time, how often."""

    item: str
    months: range
    low: int
    high: int
    weight: float


_ALWAYS = range(1, 13)
_WORK: Final = (
    Work("Lawn Mowing", range(4, 11), 2, 8, 3.0),
    Work("Garden Design", _ALWAYS, 3, 10, 1.2),
    Work("Consulting", _ALWAYS, 2, 10, 1.2),
    Work("Tree Removal", _ALWAYS, 1, 2, 0.8),
    Work("Tree Trimming", range(2, 12), 2, 6, 1.2),
    Work("Hedge Trimming", range(3, 11), 2, 6, 1.4),
    Work("Irrigation Install", range(3, 8), 1, 1, 0.7),
    Work("Irrigation Repair", range(4, 11), 1, 4, 1.0),
    Work("Patio Installation", range(4, 10), 1, 1, 0.35),
    Work("Snow Clearing", range(1, 3), 3, 10, 3.0),
    Work("Snow Clearing", range(12, 13), 3, 10, 3.0),
    Work("Pest Control", range(4, 11), 1, 3, 0.8),
    Work("Soil (per yard)", range(3, 12), 3, 16, 1.0),
    Work("Mulch (per bag)", range(3, 12), 10, 60, 1.0),
    Work("Gravel (per ton)", range(3, 12), 2, 10, 0.7),
    Work("Sprinkler Head", range(4, 10), 4, 16, 0.5),
    Work("Fountain Pump", range(4, 10), 1, 2, 0.25),
    Work("Rock Fountain", range(4, 10), 1, 1, 0.2),
    Work("Garden Lights", _ALWAYS, 4, 12, 0.4),
    Work("Hours", _ALWAYS, 4, 24, 1.6),
    Work("Discounted Labor", range(10, 13), 4, 12, 0.4),
)


class Supply(NamedTuple):
    """Something bought: from whom, booked where, how much, how often a month."""

    vendor: str
    account: str
    low: float
    high: float
    rate: float
    seasonal: bool = False


_BILLS: Final = (
    Supply("Fernwood Nurseries", "Job Materials", 350, 2100, 2.0, True),
    Supply("Cedar Lumber Supply", "Job Materials", 260, 1500, 1.5, True),
    Supply("Stone Yard Direct", "Job Materials", 240, 1700, 1.5, True),
    Supply("Seed & Soil Wholesale", "Job Materials", 180, 1300, 1.5, True),
    Supply("Bill's Plumbing", "Subcontractors", 280, 1600, 1.2, True),
    Supply("Jose Ramirez", "Subcontractors", 450, 2000, 2.0, True),
    Supply("Hanson Equipment Rental", "Equipment Rental", 140, 820, 1.0, True),
    Supply("Pacific Power", "Utilities", 160, 340, 1),
    Supply("Metro Water", "Utilities", 80, 260, 1),
    Supply("Lakeshore Insurance", "Insurance", 420, 420, 1),
    Supply("Fernwood Township", "Rent", 2400, 2400, 1),
    Supply("Morrison & Park LLP", "Legal & Professional Fees", 300, 1200, 0.35),
    Supply("Quick Print", "Advertising", 90, 450, 0.5),
    Supply("Net Thirty Couriers", "Job Materials", 40, 190, 0.9),
    Supply("Acme Corporation Supplies", "Repairs & Maintenance", 120, 640, 0.9),
)


class Spend(NamedTuple):
    """Money spent at once: to whom (or nobody), on what, from where."""

    vendor: str
    account: str
    paid_from: str
    low: float
    high: float
    rate: float


_PURCHASES: Final = (
    Spend("Shell Fleet", "Fuel", FUEL_CARD, 58, 142, 6.5),
    Spend("Staples Office", "Office Supplies", VISA, 18, 180, 2.2),
    Spend("Adobe Systems", "Software Subscriptions", VISA, 59.99, 59.99, 1),
    Spend("Google Workspace", "Software Subscriptions", VISA, 84, 84, 1),
    Spend("Slack Technologies", "Software Subscriptions", VISA, 52.5, 52.5, 1),
    Spend("Zoom Video", "Software Subscriptions", VISA, 31.98, 31.98, 1),
    Spend("Verizon Wireless", "Telephone", VISA, 178, 242, 1),
    Spend("", "Meals and Entertainment", VISA, 18, 96, 3),
    Spend("", "Travel", VISA, 80, 560, 1.4),
    Spend("", "Office Supplies", "Petty Cash", 8, 38, 1),
    Spend("", "Bank Charges", CHECKING, 15, 25, 1),
    Spend("Hanson Equipment Rental", "Automobile", VISA, 90, 620, 0.9),
    Spend("Quick Print", "Advertising", VISA, 60, 320, 0.8),
    Spend("Acme Corporation Supplies", "Job Materials", CHECKING, 40, 380, 1.2),
    Spend("", "Uncategorized Expense", CHECKING, 12, 70, 0.4),
)


def tell(teller: Teller, invoices: int | None) -> None:
    """Tell two years; `invoices` asks for at least so many."""
    Harbour(teller, invoices or INVOICES_USUAL).plan()
    teller.tell()
    last = Circumstances(teller.when)
    deactivate(teller.company, last)


class Harbour:
    """Plans what happens to the company, month by month."""

    def __init__(self, teller: Teller, invoices: int) -> None:
        self.teller = teller
        self.scale = max(1.0, invoices / INVOICES_USUAL)
        self.customers: list[str] = [
            one.body["DisplayName"] for one in teller.company.records("Customer")
        ]
        self.planned: Counter[str] = Counter()
        self.bills = 8600
        self.disputes = list(_DISPUTED)
        self.left = teller.today - relativedelta(months=_LEFT_MONTHS_AGO)

    def plan(self) -> None:
        """Plan everything that does not follow from something else."""
        teller = self.teller
        teller.plan(teller.start, self._open)
        for month in teller.months():
            busy = _SEASON[month.month - 1]
            self._plan_sales(month, busy)
            self._plan_bills(month, busy)
            self._plan_purchases(month)
            self._plan_office(month, busy)

    def _open(self) -> None:
        """Where the company stood when the story begins."""
        sides: list[Side] = [
            (CHECKING, Decimal(58_000)),
            ("Savings Reserve", Decimal(25_000)),
            ("Petty Cash", Decimal(500)),
            ("Prepaid Insurance", Decimal(2_400)),
            ("Trucks", Decimal(68_000)),
            ("Equipment", Decimal(41_000)),
            ("Accumulated Depreciation", Decimal(-22_000)),
            (VISA, Decimal(-1_850)),
            (FUEL_CARD, Decimal(-420)),
            ("Sales Tax Payable", Decimal(-900)),
            ("Truck Loan", Decimal(-31_000)),
            ("Owner's Equity", Decimal(-60_000)),
        ]
        rest = -sum((amount for _, amount in sides), ZERO)
        opening = ("Opening Balance Equity", rest)
        self.teller.journal("Opening balances", *sides, opening)

    # Sales

    def _plan_sales(self, month: date, busy: float) -> None:
        teller = self.teller
        for name, grounds in _PLANS.items():
            for _ in range(round(self.scale)):
                teller.plan(month, lambda n=name, g=grounds: self._bill_plan(n, g))  # type: ignore[misc]
        for _ in range(teller.often(20.5 * busy * self.scale)):
            name = self._customer()
            day = teller.some_day(month)
            if name != _LEAVER or day < self.left - timedelta(days=60):
                teller.plan(day, lambda n=name: self._bill_work(n))  # type: ignore[misc]

    def _customer(self) -> str:
        """A customer by weight, preferring those that had little so far."""
        weights = []
        for one in self.customers:
            weight = _BIG.get(one, _SMALL.get(one, 1.0))
            weights.append(weight / (1 + self.planned[one] / weight))
        name = self.teller.chance.choices(self.customers, weights)[0]
        self.planned[name] += 1
        return name

    def _bill_plan(self, name: str, grounds: int) -> None:
        line = self.teller.sales_line(
            "Maintenance Plan", Decimal(grounds), Decimal(299)
        )
        self._invoice(name, [line])

    def _bill_work(self, name: str) -> None:
        teller = self.teller
        month = teller.when.month
        choices = [work for work in _WORK if month in work.months]
        weights = [work.weight for work in choices]
        count = teller.chance.choices((1, 2, 3, 4), (3, 4, 2, 1))[0]
        lines: dict[str, Json] = {}
        for _ in range(count):
            work = teller.chance.choices(choices, weights)[0]
            share = 0.6 if name in _SMALL else 1.5 if name in _BIG else 1.15
            quantity = max(1, round(teller.chance.randint(work.low, work.high) * share))
            item = teller.company.record("Item", teller.id("Item", work.item)).body
            if item["Type"] == "Inventory" and item["QtyOnHand"] < quantity:
                continue
            price = item["UnitPrice"]
            lines[work.item] = teller.sales_line(work.item, Decimal(quantity), price)
        if not lines or teller.maybe(0.15):
            lines["Delivery"] = teller.sales_line("Delivery", Decimal(1), Decimal(45))
        self._invoice(name, list(lines.values()), discount=teller.maybe(0.03))

    def _invoice(self, name: str, lines: list[Json], *, discount: bool = False) -> None:
        teller = self.teller
        customer = teller.company.record("Customer", teller.id("Customer", name))
        if discount:
            detail = {"PercentBased": True, "DiscountPercent": Decimal(5)}
            kind = "DiscountLineDetail"
            lines = [*lines, {"DetailType": kind, kind: detail}]
        invoice = teller.make(
            "Invoice",
            {
                "CustomerRef": {"value": customer.id},
                "SalesTermRef": {"value": customer.ref("SalesTermRef")},
                "BillEmail": dict(customer.body["PrimaryEmailAddr"]),
                "Line": lines,
            },
        )
        self._afterwards(name, invoice)

    def _afterwards(self, name: str, invoice: Record) -> None:
        """What becomes of an invoice: voided, or sent (mostly) and paid (mostly)."""
        teller = self.teller
        today = teller.when.date()
        if teller.maybe(0.018):
            day = today + timedelta(days=teller.chance.randint(1, 6))
            teller.plan(day, lambda: teller.void(invoice))
            return
        recent = (teller.today - today).days < 12  # noqa: PLR2004
        if not teller.maybe(0.6 if recent else 0.05):
            teller.send(invoice)
        low, high = _HABITS.get(name, (-20, 6))
        if teller.maybe(0.1):
            low, high = high, high + 55
        due = date.fromisoformat(invoice.body["DueDate"])
        pay_on = due + timedelta(days=teller.chance.randint(low, high))
        pay_on = max(pay_on, today + timedelta(days=1))
        if name != _LEAVER and self._stays_unpaid(invoice):
            return
        settled_in = (teller.when.date() - teller.start).days > 120  # noqa: PLR2004
        if settled_in and name != _LEAVER and teller.maybe(0.02):
            day = today + timedelta(days=teller.chance.randint(2, 9))
            teller.plan(day, lambda: self._credit(invoice))
        if teller.maybe(0.11):
            share = Decimal(teller.chance.choice((30, 40, 50, 60))) / 100
            teller.plan(pay_on, lambda: self._pay(invoice, share))
            pay_on += timedelta(days=teller.chance.randint(20, 50))
        teller.plan(pay_on, lambda: self._pay(invoice, Decimal(1)))

    def _stays_unpaid(self, invoice: Record) -> bool:
        """Whether an invoice is one of the few disputed ones of its age."""
        late = (self.teller.today - date.fromisoformat(invoice.body["DueDate"])).days
        bucket = min((late + 29) // 30, len(_DISPUTED))
        if not 0 < late < _DISPUTE_DAYS_MAX or not self.disputes[bucket - 1]:
            return False
        if invoice.body["TotalAmt"] > _DISPUTED_MAX or self.teller.maybe(0.5):
            return False
        self.disputes[bucket - 1] -= 1
        return True

    def _credit(self, invoice: Record) -> None:
        line = invoice.body["Line"][0]
        detail = line["SalesItemLineDetail"]
        item = detail["ItemRef"]["name"]
        if invoice.body["Balance"] > ZERO and line["Amount"] > ZERO:
            back = self.teller.sales_line(item, Decimal(1), detail["UnitPrice"])
            self.teller.credit(invoice, back, used=self.teller.maybe(0.6))

    def _pay(self, invoice: Record, share: Decimal) -> None:
        teller = self.teller
        amount = cents(invoice.body["Balance"] * share)
        if amount <= ZERO:
            return
        methods = ("Check", "ACH Transfer", "Credit Card", "Cash")
        method = teller.chance.choices(methods, (5, 4, 2, 0.3))[0]
        fresh = (teller.today - teller.when.date()).days < 8  # noqa: PLR2004
        waits = fresh and method in {"Check", "Cash"}
        invoices = [invoice]
        if share == 1 and teller.maybe(0.15):
            invoices += self._also_due(invoice)
            amount = sum((one.body["Balance"] for one in invoices), ZERO)
        if invoice.body["CustomerRef"]["name"] != _LEAVER and teller.maybe(0.008):
            amount += Decimal(25)
        teller.pay(invoices, amount, method, "Undeposited Funds" if waits else CHECKING)

    def _also_due(self, invoice: Record) -> list[Record]:
        """Another open invoice of the same customer, to be paid along."""
        day = self.teller.when.date().isoformat()
        for other in self.teller.company.records("Invoice"):
            if (
                other.ref("CustomerRef") == invoice.ref("CustomerRef")
                and other is not invoice
                and other.body["Balance"] > ZERO
                and other.body["DueDate"] <= day
            ):
                return [other]
        return []

    # Spending

    def _plan_bills(self, month: date, busy: float) -> None:
        teller = self.teller
        for supply in _BILLS:
            rate = supply.rate * (busy if supply.seasonal else 1)
            for _ in range(teller.often(rate)):
                day = teller.some_day(month, 2)
                teller.plan(day, lambda s=supply: self._bill(s))  # type: ignore[misc]
        if month.month in {3, 6, 9}:
            teller.plan(teller.some_day(month, 3, 9), self._restock)

    def _bill(self, supply: Supply) -> None:
        amount = self.teller.amount(supply.low, supply.high)
        line = self.teller.expense_line(supply.account, amount, supply.account)
        self._enter(supply.vendor, [line])

    def _restock(self) -> None:
        """Fill stock up again, as a bill with items."""
        lines = []
        for item, wanted in (("Sprinkler Head", 240), ("Garden Lights", 90)):
            record = self.teller.company.record("Item", self.teller.id("Item", item))
            quantity = Decimal(wanted) - record.body["QtyOnHand"]
            if quantity > ZERO:
                cost = record.body["PurchaseCost"]
                detail = {"ItemRef": {"value": record.id}, "Qty": quantity}
                lines.append(
                    {
                        "Amount": cents(quantity * cost),
                        "DetailType": "ItemBasedExpenseLineDetail",
                        "ItemBasedExpenseLineDetail": {**detail, "UnitPrice": cost},
                    }
                )
        if lines:
            self._enter("Seed & Soil Wholesale", lines)

    def _enter(self, vendor: str, lines: list[Json]) -> None:
        teller = self.teller
        self.bills += 1
        terms = teller.chance.choices(("Net 30", "Net 15", "Net 10"), (6, 3, 1))[0]
        bill = teller.make(
            "Bill",
            {
                "VendorRef": teller.ref("Vendor", vendor),
                "DocNumber": str(self.bills),
                "SalesTermRef": teller.ref("Term", terms),
                "Line": lines,
            },
        )
        due = date.fromisoformat(bill.body["DueDate"])
        late = teller.chance.randint(1, 24) if teller.maybe(0.12) else 0
        pay_on = due + timedelta(days=late or -teller.chance.randint(0, 5))
        teller.plan(pay_on, lambda: teller.settle(bill, CHECKING))

    def _plan_purchases(self, month: date) -> None:
        for spend in _PURCHASES:
            for _ in range(self.teller.often(spend.rate)):
                day = self.teller.some_day(month)
                self.teller.plan(day, lambda s=spend: self._spend(s))  # type: ignore[misc]

    def _spend(self, spend: Spend) -> None:
        teller = self.teller
        amount = teller.amount(spend.low, spend.high)
        kinds = {VISA: "CreditCard", FUEL_CARD: "CreditCard", "Petty Cash": "Cash"}
        body: Json = {
            "PaymentType": kinds.get(spend.paid_from, "Check"),
            "AccountRef": teller.ref("Account", spend.paid_from),
            "Line": [teller.expense_line(spend.account, amount)],
        }
        if spend.vendor:
            number = teller.id("Vendor", spend.vendor)
            body["EntityRef"] = {"value": number, "type": "Vendor"}
        teller.make("Purchase", body)

    # The office

    def _plan_office(self, month: date, busy: float) -> None:
        teller = self.teller
        for day in (14, 28):
            pay = cents(teller.amount(4_000, 4_600) * Decimal(str(0.75 + busy / 4)))
            teller.plan(month.replace(day=day), lambda p=pay: self._wages(p))  # type: ignore[misc]
        teller.plan(month.replace(day=15), self._remit_payroll)
        teller.plan(month.replace(day=8), self._pay_cards)
        teller.plan(month.replace(day=5), self._loan)
        last = month + relativedelta(day=31)
        teller.plan(last, self._month_end)
        if month.month in {1, 4, 7, 10}:
            teller.plan(month.replace(day=25), self._remit_tax)
            teller.plan(month.replace(day=27), self._draw)

    def _wages(self, gross: Decimal) -> None:
        withheld = cents(gross * Decimal("0.24"))
        self.teller.journal(
            "Wages",
            ("Payroll Expenses", gross),
            ("Payroll Liabilities", -withheld),
            (CHECKING, withheld - gross),
        )

    def _remit_payroll(self) -> None:
        owed = self.teller.balance("Payroll Liabilities")
        if owed > ZERO:
            sides = (("Payroll Liabilities", owed), (CHECKING, -owed))
            self.teller.journal("Payroll taxes", *sides)

    def _remit_tax(self) -> None:
        owed = self.teller.balance("Sales Tax Payable")
        if owed > ZERO:
            sides = (("Sales Tax Payable", owed), (CHECKING, -owed))
            self.teller.journal("Sales tax for the quarter", *sides)

    def _pay_cards(self) -> None:
        for card in (VISA, FUEL_CARD):
            self.teller.transfer(CHECKING, card, self.teller.balance(card))
        self.teller.transfer(CHECKING, "Petty Cash", Decimal(25))

    def _loan(self) -> None:
        sides = (("Truck Loan", Decimal(520)), (CHECKING, Decimal(-520)))
        self.teller.journal("Truck loan", *sides)

    def _month_end(self) -> None:
        wear, interest = Decimal(450), Decimal("12.40")
        self.teller.journal(
            "Depreciation", ("Depreciation", wear), ("Accumulated Depreciation", -wear)
        )
        sides = (("Savings Reserve", interest), ("Interest Earned", -interest))
        self.teller.journal("Interest", *sides)

    def _draw(self) -> None:
        sides = (("Owner's Equity", Decimal(4_500)), (CHECKING, Decimal(-4_500)))
        self.teller.journal("Owner's draw", *sides)
