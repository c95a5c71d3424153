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
from cards.samples.world import HARBOUR, NOW, TODAY, gbp, usd
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
    still = usd(f"{matched * 10}.00")
    return Listing("invoices", rows, matched, matched == count, still, still, matched)


def test_the_title_answers_and_the_working_stands_below() -> None:
    owing = Owing("Acme West", usd("3410.00"), usd("0.00"), 12, 0)

    card = answered(
        Listing("receivables", (owing,), 1, True, usd("3410.00")),
        "Sum of 12 open invoices.",
    )

    assert card.title == "Acme West owes us $3,410.00."
    assert card.footnotes == (
        "Sum of 12 open invoices.",
        "The list is complete.",
        "As of 14:02 UTC, your QuickBooks records.",
    )


def test_an_older_answer_says_its_day() -> None:
    answer = Answer(
        HARBOUR, open_invoices(1), "the copy", NOW - timedelta(days=2), TODAY
    )

    assert answers.card(answer).footnotes[-1] == (
        "As of 18 Nov 2026, 14:02 UTC, the copy."
    )


def test_a_list_that_was_cut_says_how_much_is_shown() -> None:
    card = answered(open_invoices(60, of=75))

    assert card.footnotes[0] == "50 of 75 are shown."


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
    assert table(card).rows[0] == ("A", "$20.00", "$5.00, 3 d")
    assert table(card).rows[-1] == ("Total", "$30.00", "$5.00")


def test_what_is_overdue_is_not_summed_from_a_part() -> None:
    rows = (Owing("A", usd("20.00"), usd("5.00"), 2, 3),)

    card = answered(Listing("receivables", rows, 40, False, usd("900.00")))

    assert card.title == "40 customers owe us $900.00."


def test_a_list_that_was_cut_says_so_and_totals_everything() -> None:
    card = answered(open_invoices(20, of=57))

    assert card.title == "57 invoices, $570.00."
    assert table(card).more == "… and 37 more"
    assert table(card).rows[-1] == ("All 57", "", "$570.00")


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

    card = answered(Listing("invoices", rows, 2, True, usd("2500.00"), usd("10.00"), 2))

    assert card.title == (
        "Acme West: 2 outstanding invoices, $10.00 open of $2,500.00."
    )
    assert table(card).columns == ("Invoice", "Status", "Total", "Open")
    assert table(card).rows[0][0] == "1"


def test_each_invoice_has_the_status_people_know() -> None:
    rows = (
        invoice(1, "A", late=2, balance="5.00"),
        invoice(2, "B", late=-2, balance="5.00"),
        invoice(3, "C", late=2, balance="0.00"),
        replace(invoice(4, "D", late=2, balance="0.00"), voided=True),
    )

    card = answered(Listing("invoices", rows, 4, True))

    assert [row[1] for row in table(card).rows] == [
        "Overdue since 18 Nov 2026",
        "Outstanding, due 22 Nov 2026",
        "Paid",
        "Voided",
    ]


def test_each_sum_stands_under_its_own_column() -> None:
    rows = (
        invoice(1, "A", late=2, balance="5.00"),
        invoice(2, "B", late=2, balance="0.00"),
    )

    card = answered(
        Listing("invoices", rows, 42, False, usd("40550.74"), usd("1273.00"), 2)
    )

    assert card.title == "42 invoices, $40,550.74, $1,273.00 of it open."
    assert table(card).columns == ("Invoice", "Status", "Total", "Open")
    assert table(card).rows[0][2:] == ("$1,250.00", "$5.00")
    assert table(card).rows[-1] == ("All 42", "", "$40,550.74", "$1,273.00")


def test_what_is_the_same_is_not_shown_twice() -> None:
    paid = (invoice(1, "A", late=2, balance="0.00"),)
    whole = (invoice(1, "A", late=2, balance="1250.00"),)
    sum_ = usd("1250.00")

    settled = answered(Listing("invoices", paid, 1, True, sum_, usd("0.00"), 0))
    untouched = answered(Listing("invoices", whole, 1, True, sum_, sum_, 1))

    assert settled.title == "1 paid invoice, $1,250.00."
    assert table(settled).columns == ("Invoice", "Status", "Total")
    assert untouched.title == "1 overdue invoice, $1,250.00."
    assert table(untouched).columns == ("Invoice", "Status", "Open")


def test_a_list_that_was_cut_keeps_its_filter_and_party_in_the_title() -> None:
    rows = tuple(invoice(n, "Acme West", late=n, balance="5.00") for n in (1, 2))
    kind = "overdue invoices"

    known = answered(
        Listing(kind, rows, 9, False, usd("45.00"), usd("45.00"), 9, party="Acme West")
    )
    unknown = answered(Listing(kind, rows, 9, False, usd("45.00"), usd("45.00"), 9))

    assert known.title == "Acme West: 9 overdue invoices, $45.00."
    assert table(known).rows[0][0] == "1"
    assert unknown.title == "9 overdue invoices, $45.00."
    assert table(unknown).rows[0][0] == "1 Acme West"


def test_what_is_still_due_is_said_before_what_is_paid() -> None:
    rows = (
        invoice(1, "A", late=-2, balance="5.00"),
        invoice(2, "B", late=-2, balance="0.00"),
    )
    both = Listing(
        "invoices", rows, 2, True, usd("2500.00"), usd("5.00"), 1, by_due=True
    )

    assert answered(both).title == (
        "1 invoice still to be paid, $5.00; 1 more is paid or voided."
    )
    done = replace(both, rows=rows[1:], count=1, open=usd("0.00"), open_count=0)
    assert answered(done).title == "Nothing left to pay: 1 invoice is paid or voided."


def test_one_payment_that_was_asked_for_is_the_answer() -> None:
    paid = Payment("1", "0", "1", "Smith Holdings", TODAY, usd("2037.00"), usd("0.00"))
    found = Listing("payments", (paid,), 17, False, usd("22678.97"), pick="latest")

    card = answered(found)

    assert card.title == "Smith Holdings last paid $2,037.00 on 20 Nov 2026."
    assert len(table(card).rows) == 1
    assert table(card).more == "… and 16 more"
    largest = answered(replace(found, pick="largest"))
    assert largest.title == (
        "The largest of 17 payments: Smith Holdings, $2,037.00 on 20 Nov 2026."
    )


def test_the_largest_invoice_is_named() -> None:
    row = invoice(1042, "Acme West", late=2, balance="5.00")

    card = answered(Listing("invoices", (row,), 61, False, pick="largest"))

    assert card.title == (
        "The largest of 61 invoices: 1042 Acme West, $1,250.00, $5.00 open, "
        "due 18 Nov 2026."
    )


def test_those_in_credit_owe_nothing() -> None:
    rows = (
        Owing("A", usd("20.00"), usd("5.00"), 2, 3),
        Owing("B", usd("-4.00"), usd("0.00"), 0, 0, usd("4.00")),
    )

    card = answered(
        Listing(
            "receivables",
            rows,
            24,
            False,
            usd("35919.31"),
            overdue=usd("5.00"),
            credits=usd("50.00"),
            credit_count=2,
        )
    )

    assert card.title == (
        "22 customers owe us $35,969.31, $5.00 of it overdue; 2 have credits of $50.00."
    )
    assert table(card).rows[-3:] == (
        ("22 owe us", "$35,969.31", ""),
        ("2 in credit", "-$50.00", ""),
        ("All 24", "$35,919.31", "$5.00"),
    )
    assert table(card).emphasis == (2, 3, 4)


def test_one_customer_in_credit_is_not_said_to_owe() -> None:
    row = Owing("B", usd("-25.00"), usd("0.00"), 0, 0, usd("25.00"))
    found = Listing(
        "receivables",
        (row,),
        1,
        True,
        usd("-25.00"),
        credits=usd("25.00"),
        credit_count=1,
    )

    assert answered(found).title == "B has a credit of $25.00."
    assert answered(replace(found, kind="payables")).title == (
        "We have a credit of $25.00 with B."
    )


def test_more_overdue_than_owed_is_explained() -> None:
    row = Owing("Sunny Day", usd("2332.05"), usd("2631.05"), 3, 40, usd("299.00"))

    card = answered(Listing("receivables", (row,), 1, True, usd("2332.05")))

    assert card.title == (
        "Sunny Day owes us $2,332.05 ($2,631.05 overdue, before credits not used yet)."
    )
    assert card.footnotes[0] == (
        "Sunny Day: $2,631.05 of open documents, less $299.00 of credit not used yet, "
        "is $2,332.05."
    )


def test_a_list_of_what_is_overdue_sums_that_column() -> None:
    rows = (
        Owing("A", usd("20.00"), usd("5.00"), 2, 3),
        Owing("B", usd("30.00"), usd("6.00"), 2, 1),
    )

    card = answered(
        Listing("overdue receivables", rows, 2, True, usd("11.00"), open=usd("50.00"))
    )

    assert card.title == "2 customers owe us $11.00 that is overdue."
    assert table(card).rows[-1] == ("Total", "$50.00", "$11.00")


def test_what_is_owed_in_several_currencies_is_not_added() -> None:
    rows = (
        Owing("A", usd("20.00"), usd("5.00"), 2, 3),
        Owing("B", gbp("30.00"), gbp("6.00"), 2, 1),
    )

    card = answered(Listing("receivables", rows, 2, True))

    assert card.title == "2 customers owe us amounts in several currencies."
    assert len(table(card).rows) == 2


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
