from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cards import answers
from cards.amounts import lines_table, number
from cards.card import Card, Table, Tone
from cards.gallery import gallery
from cards.lists import ROWS_MAX
from cards.samples.answered import invoice
from cards.samples.world import HARBOUR, NOW, TODAY, usd
from cards.text import text
from qbo.books import (
    Aging,
    AgingRow,
    Answer,
    Invoice,
    Line,
    Listing,
    Owing,
    Payment,
    Statement,
    StatementRow,
    Value,
)


def answered(value: Value, *working: str) -> Card:
    return answers.card(
        Answer(HARBOUR, value, "your QuickBooks records", NOW, TODAY, working)
    )


def said(card: Card) -> str:
    return " ".join(text(card).split())


def table(card: Card) -> Table:
    (found,) = (section.table for section in card.sections if section.table)
    return found


def open_invoices(count: int, *, of: int | None = None) -> Listing[Invoice]:
    rows = tuple(
        invoice(1000 + n, f"Customer {n}", late=5, balance="10.00")
        for n in range(count)
    )
    matched = of or count
    total = usd(f"{matched * 10}.00")
    return Listing("invoices", rows, matched, matched == count, total)


def test_the_title_answers_and_the_working_stands_below() -> None:
    owing = Owing("Acme West", usd("3410.00"), usd("0.00"), 12, 0)

    card = answered(
        Listing("receivables", (owing,), 1, True, usd("3410.00")),
        "Sum of 12 open invoices.",
    )

    assert card.title == "Acme West owes us $3,410.00."
    assert card.footnotes == (
        "Sum of 12 open invoices.",
        "As of 14:02 UTC, your QuickBooks records.",
    )


def test_an_older_answer_says_its_day() -> None:
    answer = Answer(
        HARBOUR, open_invoices(1), "the copy", NOW - timedelta(days=2), TODAY
    )

    assert answers.card(answer).footnotes == (
        "As of 18 Nov 2026, 14:02 UTC, the copy.",
    )


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("receivables", "2 customers owe us $30.00, $5.00 of it overdue."),
        ("payables", "We owe 2 vendors $30.00, $5.00 of it overdue."),
    ],
)
def test_whose_money_it_is_cannot_be_confused(kind: str, title: str) -> None:
    rows = (
        Owing("A", usd("20.00"), usd("5.00"), 2, 3),
        Owing("B", usd("10.00"), usd("0.00"), 1, 0),
    )

    card = answered(Listing(kind, rows, 2, True, usd("30.00")))

    assert card.title == title
    assert table(card).rows[0] == ("A", "$20.00", "$5.00, 3 days")
    assert table(card).rows[-1] == ("Total", "$30.00", "")


def test_what_is_overdue_is_not_summed_from_a_part() -> None:
    rows = (Owing("A", usd("20.00"), usd("5.00"), 2, 3),)

    card = answered(Listing("receivables", rows, 40, False, usd("900.00")))

    assert card.title == "40 customers owe us $900.00."


def test_a_list_that_was_cut_says_so_and_totals_everything() -> None:
    card = answered(open_invoices(20, of=57))

    assert card.title == "57 invoices, $570.00."
    assert table(card).more == "… and 37 more"
    assert table(card).rows[-1] == ("All 57", "$570.00", "")


def test_a_list_longer_than_people_read_is_cut_here() -> None:
    card = answered(open_invoices(80))

    assert len(table(card).rows) == ROWS_MAX + 1
    assert table(card).more == "… and 30 more"


def test_a_whole_list_says_nothing_of_more() -> None:
    card = answered(open_invoices(3))

    assert card.title == "3 overdue invoices, $30.00."
    assert table(card).more is None
    assert table(card).emphasis == (3,)


def test_one_partys_invoices_name_it_once() -> None:
    rows = tuple(invoice(n, "Acme West", late=-n, balance="5.00") for n in (1, 2))

    card = answered(Listing("invoices", rows, 2, True, usd("10.00")))

    assert card.title == "Acme West: 2 outstanding invoices, $10.00."
    assert table(card).columns == ("Invoice", "Open", "Status")


def test_each_invoice_has_the_status_people_know() -> None:
    rows = (
        invoice(1, "A", late=2, balance="5.00"),
        invoice(2, "B", late=-2, balance="5.00"),
        invoice(3, "C", late=2, balance="0.00"),
        replace(invoice(4, "D", late=2, balance="0.00"), voided=True),
    )

    card = answered(Listing("invoices", rows, 4, True))

    assert [row[-1] for row in table(card).rows] == [
        "Overdue since 18 Nov 2026",
        "Outstanding, due 22 Nov 2026",
        "Paid",
        "Voided",
    ]


def test_the_column_is_the_one_that_the_total_sums() -> None:
    rows = (
        invoice(1, "A", late=2, balance="5.00"),
        invoice(2, "B", late=2, balance="0.00"),
    )

    by_total = answered(Listing("invoices", rows, 2, True, usd("2500.00")))
    by_balance = answered(Listing("invoices", rows, 2, True, usd("5.00")))

    assert "Total" in table(by_total).columns
    assert table(by_total).rows[0][1] == "$1,250.00"
    assert "Open" in table(by_balance).columns
    assert table(by_balance).rows[0][1] == "$5.00"


def test_paid_invoices_show_what_they_were() -> None:
    rows = (invoice(1, "A", late=2, balance="0.00"),)

    card = answered(Listing("invoices", rows, 1, True, usd("1250.00")))

    assert card.title == "1 paid invoice, $1,250.00."
    assert table(card).rows[0][1] == "$1,250.00"


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("invoices", "No invoices found."),
        ("receivables", "Nobody owes us anything that fits."),
        ("payables", "We owe nobody anything that fits."),
    ],
)
def test_an_empty_list_is_a_sentence(kind: str, title: str) -> None:
    assert answered(Listing(kind, (), 0, True)).title == title


def test_a_voided_payment_says_so() -> None:
    paid = Payment("1", "0", "1", "A", TODAY, usd("0.00"), usd("0.00"), voided=True)

    assert table(answered(Listing("payments", (paid,), 1, True))).rows[0] == (
        "A",
        "20 Nov 2026, Voided",
        "$0.00",
    )


@pytest.mark.parametrize(
    ("balance", "late", "title", "status", "tone"),
    [
        (
            "1250.00",
            12,
            "Invoice 1042 for Acme West: $1,250.00 open, 12 days overdue.",
            "Overdue",
            Tone.BAD,
        ),
        (
            "1250.00",
            -3,
            "Invoice 1042 for Acme West: $1,250.00 open.",
            "Outstanding",
            Tone.PLAIN,
        ),
        (
            "0.00",
            12,
            "Invoice 1042 for Acme West is paid: $1,250.00.",
            "Paid",
            Tone.GOOD,
        ),
    ],
)
def test_an_invoice_says_how_it_stands(
    balance: str, late: int, title: str, status: str, tone: Tone
) -> None:
    card = answered(invoice(1042, "Acme West", late=late, balance=balance))

    assert (card.title, card.status, card.tone) == (title, status, tone)
    assert [button.token for button in card.buttons] == ["pdf of invoice 1042"]


def test_a_report_keeps_quickbooks_order_indents_and_blanks() -> None:
    report = Statement(
        "Profit and Loss",
        "Cash",
        TODAY.replace(day=1),
        TODAY,
        ("Total",),
        (
            StatementRow("Income", (None,)),
            StatementRow("Services", (usd("-5.00"),), 1),
            StatementRow("Net Income", (usd("-5.00"),), 0, is_total=True),
        ),
    )

    card = answered(report)

    assert card.title == (
        "Profit and Loss, 1 Nov 2026 to 20 Nov 2026: net income -$5.00."
    )
    assert card.footnotes[0] == "Cash basis."
    assert table(card).rows[0] == ("Income", "")
    assert table(card).indents == (0, 1, 0)
    assert table(card).emphasis == (0, 2)


def test_a_comparison_says_both_figures() -> None:
    report = Statement(
        "Profit and Loss",
        "Accrual",
        TODAY,
        TODAY,
        ("Q3", "Q2"),
        (StatementRow("Net Income", (usd("2.00"), usd("1.00")), 0, is_total=True),),
    )

    assert "net income $2.00 (Q3), $1.00 (Q2)" in answered(report).title


def test_a_balance_sheet_is_headed_by_what_there_is_and_whose() -> None:
    one = gallery()["answers/balance-sheet"]

    assert one.title == (
        "Balance Sheet as of 20 Nov 2026: total assets $146,333.52, "
        "liabilities $9,151.10, equity $137,182.42."
    )


def test_two_balance_sheets_are_headed_by_both_assets() -> None:
    both = Statement(
        "Balance Sheet",
        "Accrual",
        None,
        TODAY,
        ("20 Nov 2026", "31 Dec 2025"),
        (
            StatementRow("Total Assets", (usd("2.00"), usd("1.00")), 0, is_total=True),
            StatementRow("Net Income", (usd("9.00"), usd("8.00")), 1),
        ),
    )

    assert answered(both).title.endswith(
        ": total assets $2.00 (20 Nov 2026), $1.00 (31 Dec 2025)."
    )


def test_an_empty_report_says_that_nothing_was_booked() -> None:
    report = Statement("Profit and Loss", "Cash", TODAY, TODAY, ("Total",), ())

    assert answered(report).title.endswith("nothing was booked.")


def test_aging_says_what_is_late_and_totals_its_buckets() -> None:
    row = AgingRow("Acme West", (usd("10.00"), usd("0.00")), usd("10.00"))
    late = AgingRow("Smith, Jane", (usd("0.00"), usd("7.00")), usd("7.00"))
    report = Aging(
        "receivable",
        TODAY,
        ("Current", "1 - 30"),
        (row, late),
        (usd("10.00"), usd("7.00")),
        usd("17.00"),
    )

    card = answered(report)

    assert card.title == (
        "Customers owe us $17.00 as of 20 Nov 2026, $7.00 of it overdue."
    )
    assert table(card).rows[-1] == ("Total", "$10.00", "$7.00", "$17.00")
    assert table(card).rows[0] == ("Acme West", "$10.00", "–", "$10.00")


def test_an_aging_report_without_a_current_bucket_guesses_nothing() -> None:
    row = AgingRow("A", (usd("7.00"),), usd("7.00"))
    report = Aging("payable", TODAY, ("1 - 30",), (row,), (usd("7.00"),), usd("7.00"))

    assert answered(report).title == "We owe vendors $7.00 as of 20 Nov 2026."


def test_a_note_of_several_lines_stays_one_fact() -> None:
    one = replace(
        invoice(1, "A", late=1, balance="1.00"), private_note="one\nOpen: $0.00"
    )

    assert "Memo: one Open: $0.00" in said(answered(one))


@pytest.mark.parametrize(
    ("value", "places", "text_shown"),
    [
        ("10", 0, "10"),
        ("2.50", 0, "2.5"),
        ("150", 2, "150.00"),
        ("0.12345", 2, "0.12345"),
        ("-1234567.8", 2, "-1,234,567.80"),
        ("0", 2, "0.00"),
        (
            "12345678901234567890123456789.1",
            0,
            "12,345,678,901,234,567,890,123,456,789.1",
        ),
    ],
)
def test_numbers_are_exact(value: str, places: int, text_shown: str) -> None:
    assert number(Decimal(value), places) == text_shown


def test_lines_show_only_the_columns_that_say_something() -> None:
    plain = lines_table((Line(usd("5.00"), account="Fuel"),), usd("5.00"))
    priced = lines_table(
        (
            Line(usd("5.00"), item="Work", quantity=Decimal("0.5"), rate=Decimal(10)),
            Line(usd("1.00"), description="Only words"),
        ),
        None,
    )

    assert plain is not None
    assert plain.columns == ("Account", "Amount")
    assert priced is not None
    assert priced.rows == (
        ("Work", "0.5", "10.00", "$5.00"),
        ("Only words", "", "", "$1.00"),
    )
    assert lines_table((), usd("1.00")) is None
