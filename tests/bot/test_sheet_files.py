"""An answer as a file: all of it, typed, and harmless."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from bot.sheet_files import csv_file, xlsx_file
from cards import sheets
from cards.samples import answered
from qbo.books import Answer, Listing, Money

NASTY = '=HYPERLINK("http://evil.example","x")'


def _overdue(**more: Any) -> Answer:
    rows = (
        replace(
            answered.invoice(1042, "Acme West", late=12, balance="1250.00"), **more
        ),
        answered.invoice(1043, "Smith, Jane", late=3, balance="0.10"),
    )
    listing = Listing("overdue invoices", rows, 2, complete=True)
    return answered._answer(listing, "2 overdue invoices.", "Filter: status overdue.")


def _rows(answer: Answer) -> list[list[str]]:
    found = sheets.sheet(answer)
    assert found is not None
    content = csv_file(found).content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def _book(answer: Answer) -> Any:
    found = sheets.sheet(answer)
    assert found is not None
    return load_workbook(io.BytesIO(xlsx_file(found).content))


def test_a_file_says_whose_it_is_of_when_and_how_it_came_about() -> None:
    found = sheets.sheet(_overdue())

    assert found is not None
    assert csv_file(found).name == "Overdue invoices 2026-11-20.csv"
    assert xlsx_file(found).name == "Overdue invoices 2026-11-20.xlsx"
    rows = _rows(_overdue())
    assert rows[0] == ["Company", "Harbour & Pine Landscaping [SIMULATED]"]
    assert ["As of", "20 Nov 2026, 14:02 UTC"] in rows
    assert ["How", "Filter: status overdue."] in rows


def test_numbers_and_days_stay_numbers_and_days() -> None:
    book = _book(_overdue())

    sheet = book["Rows"]
    first = [cell.value for cell in sheet[2]]
    assert first[:2] == ["1042", "Acme West"]
    assert first[2].date() == date(2026, 10, 9)
    assert first[5:8] == [12, 1250, 1250]
    assert sheet["H2"].number_format == "#,##0.00"
    assert [cell.value for cell in sheet[4]][6:8] == [2500, 1250.1]
    assert sheet["A4"].value == "Total"
    assert book["About"]["B1"].value == "Harbour & Pine Landscaping [SIMULATED]"


def test_no_text_of_a_stranger_is_computed() -> None:
    answer = _overdue(customer=NASTY)

    assert _rows(answer)[-3][1] == f"'{NASTY}"
    cell = _book(answer)["Rows"]["B2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (NASTY, "s", None)


def test_currencies_are_never_added_together() -> None:
    cad = Money(Decimal("10.00"), "CAD")
    rows = _rows(_overdue(total=cad, balance=cad))

    totals = [row for row in rows if "".join(row[:1]).startswith("Total")]
    assert [(row[0], row[7], row[-1]) for row in totals] == [
        ("Total CAD", "10.00", "CAD"),
        ("Total USD", "0.10", "USD"),
    ]


def test_a_report_keeps_its_rows_basis_and_indents() -> None:
    answer = answered._reports()["profit-and-loss"]

    rows = _rows(answer)
    assert ["Basis", "Accrual"] in rows
    assert ["Fabrication", "61250.00", "58110.00"] in rows
    found = sheets.sheet(answer)
    assert found is not None
    assert found.name == "Profit and Loss 2026-07-01 to 2026-09-30"
    assert _book(answer)["Rows"]["A3"].alignment.indent == 1


def test_a_name_of_a_file_is_one_on_every_system() -> None:
    assert sheets.file_name("../A\\B: <c>?\n.") == "A-B- -c"
    assert sheets.file_name("\u202e...") == "Countersign"
    assert date(2026, 11, 20).isoformat() in sheets.file_name("Bills 2026-11-20")


def test_every_sample_that_is_a_table_becomes_a_file() -> None:
    made = {**answered._lists(), **answered._reports()}

    for name, answer in made.items():
        found = sheets.sheet(answer)
        if found is not None:
            widths = {len(row) for row in (*found.rows, *found.totals)}
            assert widths == {len(found.columns)}, name
            assert xlsx_file(found).content.startswith(b"PK"), name
