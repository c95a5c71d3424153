"""Sample cards of answers, one of each kind of value."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from cards import answers
from cards.card import Card
from cards.samples.world import HARBOUR, NOW, REAL, TODAY, gbp, usd
from qbo.books import (
    Account,
    Aging,
    AgingBucket,
    AgingDetail,
    AgingLine,
    AgingRow,
    Answer,
    Applied,
    Bill,
    Breakdown,
    CreditMemo,
    Customer,
    CustomerShow,
    Document,
    Invoice,
    Item,
    Line,
    Listing,
    Money,
    Owing,
    Pace,
    PaidOut,
    Payment,
    Purchase,
    Slice,
    Statement,
    StatementRow,
    Value,
    Vendor,
    VendorShow,
)

_DAY = timedelta(days=1)
_NAMES = (
    "Acme West",
    "Bright Star Dental",
    "O'Connor & Sons",
    "Müller Gärten",
    "Smith, Jane",
    "Tidewater Hotel",
    "Overdue Books Café",
    "7 Oaks Care Home",
)


def cards() -> dict[str, Card]:
    """All of them by name."""
    made = {**_lists(), **_records(), **_reports()}
    return {f"answers/{name}": answers.card(each) for name, each in made.items()}


def _answer(
    value: Value, *working: str, source: str = "your QuickBooks records"
) -> Answer:
    return Answer(HARBOUR, value, source, NOW, TODAY, working)


def invoice(number: int, customer: str, *, late: int, balance: str) -> Invoice:
    """An invoice that was due `late` days ago (negative: in the future)."""
    due = TODAY - late * _DAY
    return Invoice(
        id=str(number),
        sync_token="0",  # noqa: S106 - a version number
        doc_number=str(number),
        customer_id=customer,
        customer=customer,
        txn_date=due - 30 * _DAY,
        due_date=due,
        total=usd("1250.00"),
        balance=usd(balance),
        voided=False,
        sent=True,
        email="west@acme.example",
        terms="Net 30",
        private_note="Gate code 4411 *do not* <share>",
        customer_memo="Thank you for your business.",
        lines=(
            Line(
                usd("1000.00"),
                item="Consulting",
                quantity=Decimal(10),
                rate=Decimal(100),
                description="Garden plan, phase 2",
            ),
            Line(usd("250.00"), item="Delivery", quantity=Decimal("2.5")),
        ),
    )


def _lists() -> dict[str, Answer]:
    overdue = tuple(
        invoice(1042 + n, name, late=12 + 9 * n, balance=f"{1250 - 117 * n}.00")
        for n, name in enumerate(_NAMES)
    )
    mixed = (
        overdue[0],
        invoice(1101, "Tidewater Hotel", late=-9, balance="1250.00"),
        invoice(1102, "Smith, Jane", late=3, balance="0.00"),
        replace(invoice(1103, "Acme West", late=3, balance="0.00"), voided=True),
    )
    owing = tuple(
        Owing(name, usd(f"{9100 - 800 * n}.50"), usd(f"{400 * n}.00"), 9 - n, 11 * n)
        for n, name in enumerate(_NAMES)
    )
    late_sum = sum((each.balance.amount for each in overdue), Decimal())
    return {
        "receivables": _answer(
            Listing(
                "receivables",
                owing,
                45,
                complete=False,
                total=usd("98122.75"),
                overdue=usd("31022.00"),
                credits=usd("50.00"),
                credit_count=2,
            ),
            "Sum of 131 open invoices.",
        ),
        "receivables-one": _answer(
            Listing(
                "receivables",
                (Owing("Acme West", usd("3410.00"), usd("1250.00"), 3, 12),),
                1,
                complete=True,
                total=usd("3410.00"),
            ),
            "Sum of 3 open invoices.",
        ),
        "receivables-none": _answer(Listing("receivables", (), 0, complete=True)),
        "payables": _answer(
            Listing(
                "payables",
                (
                    Owing("Shell", usd("310.00"), usd("0.00"), 2, 0),
                    Owing("Granite Supply Co.", usd("8841.10"), usd("120.00"), 1, 4),
                ),
                2,
                complete=True,
                total=usd("9151.10"),
            )
        ),
        "invoices-overdue": _answer(
            Listing(
                "invoices",
                overdue,
                len(overdue),
                complete=True,
                total=usd("10000.00"),
                open=Money(late_sum, "USD"),
                open_count=len(overdue),
            ),
            "Invoices with a balance whose due date has passed.",
        ),
        "invoices-mixed": _answer(
            Listing(
                "invoices",
                mixed,
                61,
                complete=False,
                total=usd("61204.00"),
                open=usd("2500.00"),
                open_count=2,
            ),
            "61 invoices; totals include tax.",
            "Filter: invoice date 1 Oct 2026 to 31 Oct 2026.",
        ),
        "invoices-of-one": _answer(
            Listing(
                "invoices",
                tuple(
                    invoice(n, "Acme West", late=n - 1050, balance="500.00")
                    for n in range(1048, 1053)
                ),
                5,
                complete=True,
                total=usd("6250.00"),
                open=usd("2500.00"),
                open_count=5,
            )
        ),
        "invoices-none": _answer(Listing("overdue invoices", (), 0, complete=True)),
        **_other_lists(),
    }


def _other_lists() -> dict[str, Answer]:
    return {
        "bills": _answer(Listing("bills", (_BILL,), 1, complete=True)),
        "payments": _answer(
            Listing(
                "payments", (_PAYMENT, _PAYMENT), 2, complete=True, total=usd("1000.00")
            )
        ),
        "credit-memos": _answer(
            Listing(
                "credit memos",
                (
                    CreditMemo(
                        "9",
                        "0",
                        "CM-9",
                        "1",
                        "Acme West",
                        TODAY,
                        usd("120.00"),
                        usd("20.00"),
                    ),
                ),
                1,
                complete=True,
            )
        ),
        "expenses": _answer(
            Listing(
                "expenses",
                (
                    Purchase(
                        "77",
                        "0",
                        None,
                        "Shell",
                        TODAY - _DAY,
                        usd("64.20"),
                        "Visa",
                        "CreditCard",
                        lines=(Line(usd("64.20"), account="Fuel"),),
                    ),
                    Purchase(
                        "78",
                        "0",
                        None,
                        None,
                        TODAY,
                        usd("12.00"),
                        "Petty Cash",
                        "Cash",
                    ),
                ),
                2,
                complete=True,
                total=usd("76.20"),
            )
        ),
        "customers": _answer(
            Listing("customers", (_CUSTOMER, replace(_CUSTOMER, active=False)), 2, True)
        ),
        "vendors": _answer(Listing("vendors", (_VENDOR,), 1, complete=True)),
        "items": _answer(
            Listing("items", (_ITEM, replace(_ITEM, price=None)), 2, complete=True)
        ),
        "accounts": _answer(Listing("accounts", (_ACCOUNT,), 1, complete=True)),
    }


_BILL = Bill(
    "31",
    "0",
    "8841",
    "4",
    "Granite Supply Co.",
    TODAY - 40 * _DAY,
    TODAY - 10 * _DAY,
    usd("8841.10"),
    usd("8841.10"),
    lines=(Line(usd("8841.10"), account="Materials", description="Granite, 4 t"),),
)
_PAYMENT = Payment(
    "55",
    "0",
    "1",
    "Acme West",
    TODAY - 2 * _DAY,
    usd("500.00"),
    usd("0.00"),
    method="ACH Transfer",
    applied=(Applied("1042", "1042", usd("500.00")),),
)
_CUSTOMER = Customer(
    "1",
    "0",
    "Acme West",
    active=True,
    balance=usd("3410.00"),
    email="west@acme.example",
    phone="(555) 010-4477",
    terms="Net 30",
    address="12 Quay Street, Harbour, ME 04101",
    parent="Acme Corporation",
)
_VENDOR = Vendor(
    "4", "0", "Granite Supply Co.", active=True, balance=usd("8841.10"), terms="Net 30"
)
_ITEM = Item(
    "7",
    "0",
    "Consulting",
    active=True,
    type="Service",
    price=usd("150.00"),
    income_account="Services",
    quantity_on_hand=Decimal(12),
    description="Planning and advice, by the hour",
    sku="CONS-1",
)
_ACCOUNT = Account(
    "35",
    "0",
    "Checking",
    True,
    "Bank",
    "Asset",
    usd("48210.77"),
    number="1000",
    sub_type="Cash on hand",
    with_subs=usd("50210.77"),
)


def _records() -> dict[str, Answer]:
    one = invoice(1042, "Acme West", late=12, balance="1250.00")
    return {
        "customer": _answer(
            CustomerShow(
                _CUSTOMER,
                Listing(
                    "invoices",
                    (one,),
                    1,
                    complete=True,
                    total=usd("1250.00"),
                    open=usd("1250.00"),
                    open_count=1,
                ),
                usd("1250.00"),
                _PAYMENT,
                outstanding=usd("3660.00"),
                invoiced=usd("1250.00"),
                credit=usd("250.00"),
                pace=Pace(Decimal("23.4"), 14),
                recent=(one, replace(one, id="1039", balance=usd("0.00"))),
                members=("Acme West Annex",),
            ),
            "1 open invoice; overdue is what was due before today, totals include tax.",
            "$3,660.00 of open documents, less $250.00 of credit, is $3,410.00.",
        ),
        "invoice": _answer(one),
        "invoice-paid": _answer(replace(one, balance=usd("0.00"))),
        "invoice-voided": _answer(
            replace(one, balance=usd("0.00"), total=usd("0.00"), voided=True)
        ),
        "bill": _answer(_BILL),
        "vendor": _answer(
            VendorShow(
                _VENDOR,
                Listing(
                    "bills",
                    (_BILL,),
                    1,
                    complete=True,
                    total=usd("8841.10"),
                    open=usd("8841.10"),
                    open_count=1,
                ),
                overdue=usd("8841.10"),
                outstanding=usd("8841.10"),
                billed=usd("0.00"),
                credit=usd("0.00"),
                last_payment=PaidOut(TODAY - 12 * _DAY, usd("412.00"), "Check"),
                pace=Pace(Decimal(18), 6),
                recent=(_BILL, replace(_BILL, id="29", balance=usd("0.00"))),
            ),
            "1 open bill; overdue is what was due before today, totals include tax.",
        ),
        "item": _answer(_ITEM),
        "account": _answer(_ACCOUNT),
        "document": _answer(
            Document("Invoice_1042.pdf", "application/pdf", b"%PDF" * 9000)
        ),
        "company": _answer(HARBOUR),
        "company-real": replace(_answer(REAL), company=REAL),
    }


def _reports() -> dict[str, Answer]:
    report = "QuickBooks' own report"
    return {
        "aging": _answer(
            Aging(
                "receivable",
                TODAY,
                ("Current", "1 - 30", "31 - 60", "61 - 90", "91 and over"),
                tuple(
                    AgingRow(
                        name,
                        (
                            usd("1000.00"),
                            usd(f"{n * 120}.00"),
                            usd("0.00"),
                            usd("0.00"),
                            usd(f"{n * 310}.25"),
                        ),
                        usd(f"{1000 + n * 430}.25"),
                    )
                    for n, name in enumerate(_NAMES)
                ),
                tuple(map(usd, ("8000.00", "3360.00", "0.00", "0.00", "8682.00"))),
                usd("20042.00"),
            ),
            source=report,
        ),
        "profit-and-loss": replace(
            _answer(_profit_and_loss(), source=report), company=REAL
        ),
        "balance-sheet": _answer(_balance_sheet(), source=report),
        "profit-and-loss-by-month": _answer(_by_month(), source=report),
        "aging-detail": _answer(_aging_detail(), source=report),
        "sales-by-customer": _answer(
            _sales("customer"),
            "Sum of the lines of 41 invoices, less 1 credit memo, without tax.",
            "Accrual: on the day of each document, paid or not; voided ones and"
            " payments received count nothing.",
            "Filter: date 1 Oct 2026 to 31 Oct 2026.",
        ),
        "sales-compared": _answer(_sales_compared()),
        "sales-of-one": replace(_answer(_sales_in_two_currencies()), company=REAL),
        "spend-by-month": _answer(_spend_by_month()),
        "cash-flow": _answer(_cash_flow(), source=report),
    }


def _profit_and_loss() -> Statement:
    def row(
        label: str, a: str, b: str, depth: int, *, total: bool = False
    ) -> StatementRow:
        return StatementRow(label, (gbp(a), gbp(b)), depth, is_total=total)

    return Statement(
        "Profit and Loss",
        "Accrual",
        TODAY.replace(month=7, day=1),
        TODAY.replace(month=9, day=30),
        ("Jul - Sep 2026", "Apr - Jun 2026"),
        (
            StatementRow("Income", (None, None)),
            row("Fabrication", "61250.00", "58110.00", 1),
            row("Installation", "9100.00", "12400.00", 1),
            row("Total Income", "70350.00", "70510.00", 0, total=True),
            StatementRow("Cost of Sales", (None, None)),
            row("Steel", "21400.00", "19980.00", 1),
            row("Gross Profit", "48950.00", "50530.00", 0, total=True),
            StatementRow("Expenses", (None, None)),
            StatementRow("Vehicles", (None, None), 1),
            row("Fuel", "1312.40", "1290.00", 2),
            row("Repairs", "0.00", "840.00", 2),
            row("Total Vehicles", "1312.40", "2130.00", 1, total=True),
            row("Rent", "6000.00", "6000.00", 1),
            row("Total Expenses", "7312.40", "8130.00", 0, total=True),
            row("Net Income", "41637.60", "42400.00", 0, total=True),
        ),
        compared=(0, 1),
    )


def _balance_sheet() -> Statement:
    def row(
        label: str, amount: str, depth: int, *, total: bool = False
    ) -> StatementRow:
        return StatementRow(label, (usd(amount),), depth, is_total=total)

    return Statement(
        "Balance Sheet",
        "Accrual",
        None,
        TODAY,
        ("Total",),
        (
            StatementRow("ASSETS", (None,)),
            row("Checking", "48210.77", 1),
            row("Accounts Receivable", "98122.75", 1),
            row("TOTAL ASSETS", "146333.52", 0, total=True),
            StatementRow("LIABILITIES AND EQUITY", (None,)),
            StatementRow("Liabilities", (None,), 1),
            row("Accounts Payable", "9151.10", 2),
            row("Total Liabilities", "9151.10", 1, total=True),
            StatementRow("Equity", (None,), 1),
            row("Retained Earnings", "95544.82", 2),
            row("Net Income", "41637.60", 2),
            row("Total Equity", "137182.42", 1, total=True),
            row("TOTAL LIABILITIES AND EQUITY", "146333.52", 0, total=True),
        ),
    )


def _by_month() -> Statement:
    months = [
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
    ]
    columns = (*(f"{month} 2026" for month in months), "Total")

    def row(
        label: str, amount: int, depth: int, *, total: bool = False
    ) -> StatementRow:
        each = tuple(usd(f"{amount + 37 * n}.00") for n in range(len(columns)))
        return StatementRow(label, each, depth, is_total=total)

    services = tuple(row(f"Service line {n}", 900 + n, 1) for n in range(1, 41))
    return Statement(
        "Profit and Loss",
        "Cash",
        TODAY.replace(month=1, day=1),
        TODAY,
        columns,
        (
            StatementRow("Income", (None,) * len(columns)),
            *services,
            row("Total Income", 36_820, 0, total=True),
            row("Net Income", 36_820, 0, total=True),
        ),
    )


def _aging_detail() -> AgingDetail:
    def document(number: int, name: str, late: int, amount: str) -> AgingLine:
        due = TODAY - late * _DAY
        return AgingLine(
            due - 30 * _DAY,
            "Invoice",
            str(number),
            name,
            due,
            late,
            usd(amount),
            usd(amount),
        )

    return AgingDetail(
        "receivable",
        TODAY,
        (
            AgingBucket(
                "31 - 60 days past due",
                (document(1042, "Acme West", 41, "1250.00"),),
                usd("1250.00"),
            ),
            AgingBucket(
                "Current",
                (
                    document(1101, "O'Connor & Sons", -3, "310.00"),
                    document(1102, "Smith, Jane", -9, "99.50"),
                ),
                usd("409.50"),
            ),
        ),
        usd("1659.50"),
    )


def _sales(by: str) -> Breakdown:
    rows = tuple(
        Slice(name, usd(f"{9100 - 800 * n}.50"), 9 - n) for n, name in enumerate(_NAMES)
    )
    return Breakdown(
        "sales",
        by,
        TODAY.replace(month=10, day=1),
        TODAY.replace(month=10, day=31),
        Slice("Total", usd("61204.00"), 42),
        rows,
        groups=35,
        rest=Slice("27 more", usd("10800.00"), 6),
    )


def _sales_compared() -> Breakdown:
    return Breakdown(
        "sales",
        "customer",
        TODAY.replace(month=10, day=1),
        TODAY.replace(month=10, day=31),
        Slice("Total", usd("10350.00"), 12, usd("12000.00")),
        (
            Slice("Acme West", usd("10350.00"), 12, usd("9000.00")),
            Slice("Tidewater Hotel", usd("0.00"), 0, usd("3000.00")),
        ),
        groups=2,
        compared_start=TODAY.replace(month=9, day=1),
        compared_end=TODAY.replace(month=9, day=30),
    )


def _sales_in_two_currencies() -> Breakdown:
    euros = Money(Decimal("4150.00"), "EUR")
    start, end = TODAY.replace(month=11, day=1), TODAY
    other = Breakdown("sales", None, start, end, Slice("Total", euros, 3))
    return Breakdown(
        "sales",
        None,
        start,
        end,
        Slice("Total", gbp("18200.00"), 11),
        foreign=(other,),
        about=("Fabrication",),
    )


def _spend_by_month() -> Breakdown:
    months = tuple(
        Slice(
            f"{name} 2026",
            usd(f"{1200 + 90 * n}.00"),
            4,
            month=TODAY.replace(month=n, day=1),
        )
        for n, name in ((8, "Aug"), (9, "Sep"), (10, "Oct"))
    )
    return Breakdown(
        "spend",
        "month",
        TODAY.replace(month=8, day=1),
        TODAY.replace(month=10, day=31),
        Slice("Total", usd("6030.00"), 12),
        months,
        groups=3,
        about=("Wages",),
        journals=Slice("Journal entries", usd("24100.00"), 6),
    )


def _cash_flow() -> Statement:
    def row(label: str, amount: str, depth: int = 0) -> StatementRow:
        return StatementRow(label, (usd(amount),), depth, is_total=depth == 0)

    return Statement(
        "Cash Flow",
        "",
        TODAY.replace(month=1, day=1),
        TODAY,
        ("Total",),
        (
            StatementRow("Operating Activities", (None,)),
            row("Net Income", "52605.61", 1),
            row("Net cash provided by operating activities", "52296.51"),
            row("Net cash increase for period", "33076.51"),
            row("Cash at beginning of period", "113441.98"),
            row("Cash at end of period", "146518.49"),
        ),
    )
