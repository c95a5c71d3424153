"""What was sold or spent, aging by document, and the pages of customers and vendors."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from cards import breakdowns, records, reports
from cards.card import Table, Tone
from cards.samples.answered import invoice
from cards.samples.world import TODAY, usd
from qbo.books import (
    AgingBucket,
    AgingDetail,
    AgingLine,
    Breakdown,
    Customer,
    CustomerShow,
    Listing,
    Money,
    Pace,
    Slice,
    Statement,
    StatementRow,
)

START, END = date(2026, 10, 1), date(2026, 10, 31)
WHOLE = Slice("Total", usd("1000.00"), 7)
ACME = Slice("Acme West", usd("750.00"), 4)
OTHERS = Slice("3 more", usd("250.00"), 3)
SALES = Breakdown(
    "sales", "customer", START, END, WHOLE, (ACME,), groups=4, rest=OTHERS
)


def table_of(found: Breakdown) -> Table:
    table = breakdowns.body(found).sections[0].table
    assert table is not None
    return table


def test_groups_have_their_share_and_the_total_is_of_all() -> None:
    body = breakdowns.body(SALES)

    assert body.title == "Sales, 1 Oct 2026 to 31 Oct 2026: $1,000.00."
    table = table_of(SALES)
    assert table.rows == (
        ("Acme West", "75.0 %", "$750.00"),
        ("3 more", "25.0 %", "$250.00"),
        ("Total", "", "$1,000.00"),
    )
    assert table.caption == "1 of 4 customers, the largest; the total is of all"


def test_a_comparison_says_the_change_and_its_percentage() -> None:
    new = Slice("New", usd("150.00"), 1, usd("0.00"))
    whole = replace(WHOLE, compared=usd("1250.00"))
    lost = replace(ACME, compared=usd("1250.00"))
    found = replace(
        SALES,
        whole=whole,
        rows=(lost, new),
        rest=None,
        compared_start=date(2026, 9, 1),
        compared_end=date(2026, 9, 30),
    )

    assert breakdowns.body(found).title == (
        "Sales, 1 Oct 2026 to 31 Oct 2026: $1,000.00, down $250.00, 20.0 % from"
        " $1,250.00 (1 Sep 2026 to 30 Sep 2026)."
    )
    assert table_of(found).rows == (
        ("Acme West", "$750.00", "$1,250.00", "-$500.00", "-40.0 %"),
        ("New", "$150.00", "$0.00", "$150.00", "–"),
        ("Total", "$1,000.00", "$1,250.00", "-$250.00", "-20.0 %"),
    )


def test_another_currency_stands_apart() -> None:
    euros = Slice("Total", Money(Decimal("90.00"), "EUR"), 1)
    foreign = Breakdown("sales", "customer", START, END, euros, (euros,), groups=1)

    body = breakdowns.body(replace(SALES, foreign=(foreign,)))

    assert body.title.endswith(": $1,000.00 and €90.00.")
    assert [each.heading for each in body.sections] == [None, "EUR"]


def test_journal_entries_on_an_account_are_told_in_the_title() -> None:
    journals = Slice("Journal entries", usd("400.00"), 2)
    found = Breakdown(
        "spend",
        None,
        START,
        END,
        Slice("Total", usd("0.00")),
        about=("Wages",),
        journals=journals,
    )

    assert breakdowns.body(found).title == (
        "Spending on Wages, 1 Oct 2026 to 31 Oct 2026: $0.00 in bills and expenses,"
        " $400.00 by journal entries."
    )


def test_an_aging_in_detail_counts_what_is_late_without_credits() -> None:
    def one(kind: str, late: int, amount: str) -> AgingLine:
        still = usd(amount)
        return AgingLine(START, kind, "7", "Acme", END, late, still, still)

    buckets = (
        AgingBucket("1 - 30 days past due", (one("Bill", 20, "90.00"),), usd("90.00")),
        AgingBucket("Current", (one("Vendor Credit", 5, "-30.00"),), usd("-30.00")),
    )

    body = reports.aging_detail(AgingDetail("payable", TODAY, buckets, usd("60.00")))

    assert body.title == (
        "We owe vendors $60.00 as of 20 Nov 2026, $90.00 of it overdue."
    )
    table = body.sections[0].table
    assert table is not None
    assert table.emphasis == (0, 2, 4)
    assert table.rows[1] == ("Bill 7, Acme", "31 Oct 2026, 20 d late", "$90.00")


def test_a_customer_with_a_credit_owes_nothing() -> None:
    customer = Customer("1", "0", "Acme", active=True, balance=usd("-20.00"))
    none: Listing[object] = Listing("invoices", (), 0, complete=True)
    paid = invoice(1040, "Acme", late=9, balance="0.00")
    shown = CustomerShow(
        customer,
        none,  # type: ignore[arg-type]
        usd("0.00"),
        None,
        credit=usd("20.00"),
        pace=Pace(Decimal("1.0"), 1),
        recent=(paid,),
    )

    body = records.customer(shown, TODAY)

    assert (body.title, body.tone) == ("Acme has a credit of $20.00.", Tone.PLAIN)
    facts = {each.label: each.value for each in body.sections[0].facts}
    assert facts["Average time to pay"] == "1 day"
    assert facts["Last payment"] == "none yet"
    assert body.sections[1].heading == "Latest invoices"


def test_a_statement_compares_blank_cells_as_zero() -> None:
    rows = (
        StatementRow("Rent", (usd("100.00"), None)),
        StatementRow("Income", (None, None)),
    )
    found = Statement(
        "Profit and Loss", "Cash", START, END, ("A", "B"), rows, compared=(0, 1)
    )

    table = reports.statement(found).sections[0].table

    assert table is not None
    assert table.columns[-2:] == ("Change", "%")
    assert table.rows[0][-2:] == ("$100.00", "–")
    assert table.rows[1][-2:] == ("", "")
