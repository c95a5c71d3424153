"""The story of the sandbox company: what a fresh developer sandbox has in it.

Everything is dated back from today, as in a sandbox made this morning, and nothing
is left to chance: the same records with the same ids on every start.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from qbo.simulator.books.company import Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules.writes import Circumstances, enter
from qbo.simulator.stories.teller import Teller

Line = tuple[str, str, str]
"""An item's name, a quantity and a price."""

_CALIFORNIA: Final = "2"


class Sale(NamedTuple):
    """An invoice: days ago, customer, lines, whether taxed and how it was paid.

    `paid` is after how many days, or None; `part` how much of it, or all.
    """

    ago: int
    customer: str
    lines: tuple[Line, ...]
    taxed: bool = False
    paid: int | None = None
    part: str = ""


_PEST: Final = ("Pest Control", "1", "35")
_WEEKLY: Final = ("Gardening", "4", "20")
_SALES: Final = (
    Sale(96, "Amy's Bird Sanctuary", (("Services", "4", "54"),), paid=30),
    Sale(95, "Bill's Windsurf Shop", (_WEEKLY, ("Soil", "6", "10")), paid=20),
    Sale(92, "Cool Cars", (("Design", "9", "75"), ("Concrete", "5", "9.5")), paid=27),
    Sale(90, "Diego Rodriguez", (_PEST,), paid=12),
    Sale(88, "Dukes Basketball Camp", (("Sod", "46", "10"),), True, 40),
    Sale(85, "Freeman Sporting Goods", (_PEST, _WEEKLY), paid=25),
    Sale(84, "0969 Ocean View Road", (("Rocks", "12", "22.5"), _PEST)),
    Sale(83, "55 Twin Lane", (("Sprinkler Heads", "10", "2"), _WEEKLY), True, 30, "50"),
    Sale(78, "Geeta Kalapatapu", (("Design", "8.5", "75"),)),
    Sale(75, "Jeff's Jalopies", (("Design", "1", "75"), _PEST)),
    Sale(72, "John Melton", (("Rock Fountain", "1", "275"), _WEEKLY), True, 31, "300"),
    Sale(70, "Kookies by Kathy", (_PEST, ("Trimming", "1", "35"))),
    Sale(64, "Mark Cho", (("Sprinkler Pipes", "12", "4"), _WEEKLY), True),
    Sale(62, "Paulsen Medical Supplies", (("Gardening", "50", "20"),), paid=33),
    Sale(60, "Pye's Cakes", (_PEST, ("Design", "3", "75"))),
    Sale(58, "Rago Travel Agency", (("Lighting", "3", "15"), _WEEKLY)),
    Sale(54, "Red Rock Diner", (("Pump", "2", "15"), _PEST), True, 20, "20"),
    Sale(51, "Rondonuwu Fruit and Vegi", (_PEST, ("Soil", "5", "10"))),
    Sale(49, "Shara Barnett", (("Rock Fountain", "1", "275"), ("Pump", "1", "15"))),
    Sale(46, "Barnett Design", (("Design", "4", "75"),)),
    Sale(40, "Sonnenschein Family Store", (("Installation", "6", "50"), _WEEKLY)),
    Sale(36, "Sushi by Katsuyuki", (("Gardening", "3", "20"),), paid=22),
    Sale(
        33, "Travis Waldron", (("Trimming", "4", "35"), ("Hours", "9", "30")), paid=21
    ),
    Sale(30, "Weiskopf Consulting", (("Design", "5", "75"),)),
    Sale(27, "Wedding Planning by Whitney", (("Trimming", "6", "35"),), paid=18),
    Sale(24, "Video Games by Dan", (("Services", "5", "100"),), paid=10),
    Sale(20, "Kate Whelan", (("Services", "3", "75"),), paid=9),
    Sale(16, "Gevelber Photography", (("Installation", "2", "50"), _PEST)),
    Sale(12, "Dylan Sollfrank", (("Maintenance & Repair", "3", "65"),)),
    Sale(8, "Amy's Bird Sanctuary", (("Trimming", "3", "35"), ("Soil", "8", "10"))),
    Sale(5, "Cool Cars", (("Sod", "32", "10"), _WEEKLY), True),
    Sale(2, "Red Rock Diner", (("Gardening", "2", "20"),)),
)
_VOIDED: Final = Sale(11, "Dukes Basketball Camp", (("Soil", "2", "10"), _WEEKLY))
_ESTIMATES: Final = (
    (90, "Amy's Bird Sanctuary", ("Design", "3", "75"), "Closed"),
    (80, "Bill's Windsurf Shop", ("Rock Fountain", "1", "275"), "Rejected"),
    (74, "Cool Cars", ("Concrete", "8", "9.5"), "Pending"),
    (66, "Diego Rodriguez", ("Design", "2", "75"), "Pending"),
    (60, "Freeman Sporting Goods", ("Installation", "6", "50"), "Accepted"),
    (53, "Geeta Kalapatapu", ("Lighting", "5", "15"), "Pending"),
    (47, "Jeff's Jalopies", ("Sod", "20", "10"), "Pending"),
    (41, "John Melton", ("Pump", "4", "15"), "Accepted"),
    (35, "Kookies by Kathy", ("Gardening", "12", "20"), "Pending"),
    (30, "Mark Cho", ("Sprinkler Heads", "25", "2"), "Pending"),
    (24, "Paulsen Medical Supplies", ("Design", "10", "75"), "Pending"),
    (18, "Pye's Cakes", ("Trimming", "4", "35"), "Pending"),
    (12, "Rago Travel Agency", ("Rocks", "16", "22.5"), "Pending"),
    (8, "Sushi by Katsuyuki", ("Hours", "6", "30"), "Pending"),
    (4, "Travis Waldron", ("Pest Control", "2", "35"), "Pending"),
    (1, "Weiskopf Consulting", ("Services", "3", "120"), "Pending"),
)
_BILLS: Final = (
    (93, "Brosnahan Insurance Agency", "Insurance", "2000", 28, "1800"),
    (90, "Hall Properties", "Rent or Lease", "900", 25, ""),
    (88, "PG&E", "Utilities:Gas and Electric", "114.09", 20, ""),
    (84, "Cal Telephone", "Utilities:Telephone", "74.36", 22, ""),
    (
        77,
        "Robertson & Associates",
        "Legal & Professional Fees:Accounting",
        "315",
        0,
        "",
    ),
    (
        70,
        "Norton Lumber and Building Materials",
        "Job Expenses:Job Materials",
        "205",
        0,
        "",
    ),
    (66, "Books by Bessie", "Legal & Professional Fees:Bookkeeper", "75", 30, ""),
    (61, "Hall Properties", "Rent or Lease", "900", 24, ""),
    (58, "PG&E", "Utilities:Gas and Electric", "86.44", 0, ""),
    (52, "Cal Telephone", "Utilities:Telephone", "56.5", 21, ""),
    (45, "Ellis Equipment Rental", "Job Expenses:Equipment Rental", "112", 0, ""),
    (38, "Tim Philip Masonry", "Job Expenses:Cost of Labor", "666", 19, ""),
    (31, "Hall Properties", "Rent or Lease", "900", 0, ""),
    (25, "Lee Advertising", "Advertising", "74.86", 11, ""),
    (19, "Diego's Road Warrior Bodyshop", "Automobile", "755", 0, ""),
    (
        10,
        "Tania's Nursery",
        "Job Expenses:Job Materials:Plants and Soil",
        "143.2",
        0,
        "",
    ),
    (
        6,
        "Norton Lumber and Building Materials",
        "Job Expenses:Permits",
        "103.55",
        0,
        "",
    ),
)
"""Days ago, vendor, account, amount, paid after how many days (0: not), how much."""

_PURCHASES: Final = (
    (86, "Cash", "Checking", "Chin's Gas and Oil", "Automobile:Fuel", "52.14"),
    (79, "CreditCard", "Mastercard", "Hicks Hardware", "Job Expenses", "24.36"),
    (73, "Check", "Checking", "Squeaky Kleen Car Wash", "Automobile", "19.99"),
    (
        68,
        "CreditCard",
        "Visa",
        "Bob's Burger Joint",
        "Meals and Entertainment",
        "18.97",
    ),
    (59, "Check", "Checking", "Mahoney Mugs", "Promotional", "18.08"),
    (48, "CreditCard", "Mastercard", "Chin's Gas and Oil", "Automobile:Fuel", "63.15"),
    (42, "Cash", "Checking", "Bob's Burger Joint", "Meals and Entertainment", "5.66"),
    (34, "Check", "Checking", "Tony Rondonuwu", "Job Expenses:Cost of Labor", "100"),
    (29, "CreditCard", "Mastercard", "Lee Advertising", "Advertising", "120"),
    (21, "Cash", "Checking", "Tania's Nursery", "Job Expenses", "46.98"),
    (13, "CreditCard", "Visa", "Computer Services by DJ", "Office Expenses", "250"),
    (7, "Check", "Checking", "National Eye Care", "Insurance", "63"),
    (3, "CreditCard", "Mastercard", "Squeaky Kleen Car Wash", "Automobile", "19.99"),
)


def tell(teller: Teller, _invoices: int | None) -> None:
    """Tell the last hundred days."""
    Sandbox(teller).plan()
    teller.tell()


class Sandbox:
    """Plans what is in the sandbox."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def plan(self) -> None:
        """Plan everything."""
        self._on(100, self._open)
        self._on(99, self._budget)
        for sale in (*_SALES, _VOIDED):
            self._on(sale.ago, partial(self._invoice, sale))
        for estimate in _ESTIMATES:
            self._on(estimate[0], partial(self._estimate, *estimate[1:]))
        for bill in _BILLS:
            self._on(bill[0], partial(self._bill, *bill))
        for purchase in _PURCHASES:
            self._on(purchase[0], partial(self._purchase, *purchase[1:]))
        self._on(57, self._from_estimate)
        self._on(56, self._receipts)
        self._on(44, self._credits)
        self._on(37, self._orders)
        self._on(26, self._time)
        self._on(15, self._money)

    def _on(self, ago: int, event: Callable[[], None]) -> None:
        self.teller.plan(self.teller.today - timedelta(days=ago), event)

    def _open(self) -> None:
        teller = self.teller
        teller.journal(
            "Opening balances",
            ("Checking", Decimal(5_000)),
            ("Savings", Decimal(800)),
            ("Truck:Original Cost", Decimal(13_495)),
            ("Notes Payable", Decimal(-15_000)),
            ("Opening Balance Equity", Decimal(-4_295)),
        )

    def _budget(self) -> None:
        """A budget for the running year, month by month."""
        teller = self.teller
        year = teller.today.year
        details = [
            {
                "BudgetDate": f"{year}-{month:02}-01",
                "Amount": Decimal(amount),
                "AccountRef": teller.ref("Account", account),
            }
            for month in range(1, 13)
            for account, amount in (("Advertising", 100), ("Rent or Lease", 900))
        ]
        customer = teller.ref("Customer", "Amy's Bird Sanctuary")
        details[0]["CustomerRef"] = customer
        body = {
            "Name": f"Budget {year}",
            "StartDate": f"{year}-01-01",
            "EndDate": f"{year}-12-31",
            "BudgetType": "ProfitAndLoss",
            "BudgetEntryType": "Monthly",
            "BudgetDetail": details,
        }
        around = Circumstances(teller.when)
        enter(teller.company, ENTITIES["Budget"], body, around)

    # Sales

    def _sale(self, customer: str, lines: tuple[Line, ...], *, taxed: bool) -> Json:
        teller = self.teller
        made = []
        for name, quantity, price in lines:
            line = teller.sales_line(name, Decimal(quantity), Decimal(price))
            code = "TAX" if taxed and self._goods(name) else "NON"
            line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": code}
            made.append(line)
        body: Json = {"CustomerRef": teller.ref("Customer", customer), "Line": made}
        if taxed:
            body["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": _CALIFORNIA}}
        return body

    def _goods(self, name: str) -> bool:
        item = self.teller.company.record("Item", self.teller.id("Item", name))
        return bool(item.body["Taxable"])

    def _invoice(self, sale: Sale) -> None:
        teller = self.teller
        body = self._sale(sale.customer, sale.lines, taxed=sale.taxed)
        customer = teller.company.record("Customer", body["CustomerRef"]["value"])
        body["SalesTermRef"] = teller.ref("Term", "Net 30")
        body["BillEmail"] = dict(customer.body["PrimaryEmailAddr"])
        invoice = teller.make("Invoice", body)
        if sale is _VOIDED:
            teller.plan(
                teller.when.date() + timedelta(days=1), partial(teller.void, invoice)
            )
        if sale.paid is not None:
            day = teller.when.date() + timedelta(days=sale.paid)
            teller.plan(day, partial(self._pay, invoice, sale.part))

    def _pay(self, invoice: Record, part: str) -> None:
        amount = Decimal(part) if part else invoice.body["Balance"]
        self.teller.pay([invoice], amount, "Check", "Undeposited Funds")

    def _estimate(self, customer: str, line: Line, status: str) -> None:
        body = self._sale(customer, (line,), taxed=False)
        expires = self.teller.when.date() + timedelta(days=30)
        body["ExpirationDate"] = expires.isoformat()
        self.teller.make("Estimate", {**body, "TxnStatus": status})

    def _from_estimate(self) -> None:
        """An invoice of what an accepted estimate said, line by line."""
        teller = self.teller
        estimate = next(
            one
            for one in teller.company.records("Estimate")
            if one.body["TxnStatus"] == "Accepted"
        )
        link = {"TxnId": estimate.id, "TxnType": "Estimate"}
        body = self._sale("Freeman Sporting Goods", (_ESTIMATES[4][2],), taxed=False)
        for line in body["Line"]:
            line["LinkedTxn"] = [link]
        teller.make("Invoice", {**body, "LinkedTxn": [link]})

    def _receipts(self) -> None:
        """Sales paid on the spot, and one given back."""
        teller = self.teller
        for customer, line in (
            ("Pye's Cakes", ("Design", "1", "75")),
            ("Dylan Sollfrank", ("Installation", "5", "67.5")),
            ("Diego Rodriguez", ("Trimming", "4", "35")),
            ("Kate Whelan", ("Design", "3", "75")),
        ):
            body = self._sale(customer, (line,), taxed=False)
            body["PaymentMethodRef"] = teller.ref("PaymentMethod", "Check")
            body["DepositToAccountRef"] = teller.ref("Account", "Undeposited Funds")
            teller.make("SalesReceipt", body)
        body = self._sale(
            "Pye's Cakes", (("Refunds & Allowances", "1", "87.5"),), taxed=False
        )
        body["DepositToAccountRef"] = teller.ref("Account", "Checking")
        teller.make("RefundReceipt", body)

    def _credits(self) -> None:
        """A credit memo for a customer, a vendor's credit for us."""
        teller = self.teller
        body = self._sale(
            "Amy's Bird Sanctuary", (_PEST, ("Services", "1", "65")), taxed=False
        )
        teller.make("CreditMemo", body)
        line = teller.expense_line("Job Expenses", Decimal(900))
        vendor = teller.ref("Vendor", "Books by Bessie")
        line["Amount"] = Decimal("18.5")
        teller.make("VendorCredit", {"VendorRef": vendor, "Line": [line]})

    # Spending

    def _bill(
        self, _ago: int, vendor: str, account: str, amount: str, paid: int, part: str
    ) -> None:
        teller = self.teller
        bill = teller.make(
            "Bill",
            {
                "VendorRef": teller.ref("Vendor", vendor),
                "SalesTermRef": teller.ref("Term", "Net 30"),
                "Line": [teller.expense_line(account, Decimal(amount))],
            },
        )
        if paid:
            day = teller.when.date() + timedelta(days=paid)
            teller.plan(day, partial(self._settle, bill, part))

    def _settle(self, bill: Record, part: str) -> None:
        if not part:
            self.teller.settle(bill, "Checking")
            return
        line = {
            "Amount": Decimal(part),
            "LinkedTxn": [{"TxnId": bill.id, "TxnType": "Bill"}],
        }
        self.teller.make(
            "BillPayment",
            {
                "VendorRef": {"value": bill.ref("VendorRef")},
                "PayType": "CreditCard",
                "CreditCardPayment": {
                    "CCAccountRef": self.teller.ref("Account", "Visa")
                },
                "TotalAmt": Decimal(part),
                "Line": [line],
            },
        )

    def _purchase(
        self, kind: str, account: str, vendor: str, spent_on: str, amount: str
    ) -> None:
        teller = self.teller
        teller.make(
            "Purchase",
            {
                "PaymentType": kind,
                "AccountRef": teller.ref("Account", account),
                "EntityRef": {**teller.ref("Vendor", vendor), "type": "Vendor"},
                "Line": [teller.expense_line(spent_on, Decimal(amount))],
            },
        )

    def _orders(self) -> None:
        """Purchase orders that are still open."""
        teller = self.teller
        for vendor, item, quantity, price in (
            ("Hicks Hardware", "Sprinkler Heads", "20", "0.75"),
            ("Norton Lumber and Building Materials", "Rock Fountain", "1", "125"),
            ("Tania's Nursery", "Soil", "3", "6.5"),
        ):
            count, each = Decimal(quantity), Decimal(price)
            line = {
                "Amount": cents(count * each),
                "DetailType": "ItemBasedExpenseLineDetail",
                "ItemBasedExpenseLineDetail": {
                    "ItemRef": teller.ref("Item", item),
                    "Qty": count,
                    "UnitPrice": each,
                },
            }
            vendor_ref = teller.ref("Vendor", vendor)
            teller.make("PurchaseOrder", {"VendorRef": vendor_ref, "Line": [line]})

    # Time and money

    def _time(self) -> None:
        """Hours of the two employees."""
        teller = self.teller
        for name, customer, hours in (
            ("Emily Platt", "Amy's Bird Sanctuary", 5),
            ("John Johnson", "Bill's Windsurf Shop", 7),
            ("Emily Platt", "Cool Cars", 3),
        ):
            teller.make(
                "TimeActivity",
                {
                    "NameOf": "Employee",
                    "EmployeeRef": teller.ref("Employee", name),
                    "CustomerRef": teller.ref("Customer", customer),
                    "ItemRef": teller.ref("Item", "Hours"),
                    "BillableStatus": "NotBillable",
                    "HourlyRate": Decimal(15),
                    "Hours": Decimal(hours),
                    "Minutes": ZERO,
                },
            )

    def _money(self) -> None:
        """A deposit of two checks, a transfer, a card paid off."""
        teller = self.teller
        checks = list(teller.company.records("Payment"))[:2]
        lines = [
            {
                "Amount": check.body["TotalAmt"],
                "LinkedTxn": [
                    {"TxnId": check.id, "TxnType": "Payment", "TxnLineId": "0"}
                ],
            }
            for check in checks
        ]
        account = teller.ref("Account", "Checking")
        teller.make("Deposit", {"DepositToAccountRef": account, "Line": lines})
        teller.transfer("Checking", "Savings", Decimal(150))
        teller.make(
            "CreditCardPayment",
            {
                "CreditCardAccountRef": teller.ref("Account", "Mastercard"),
                "BankAccountRef": account,
                "Amount": Decimal(60),
            },
        )
