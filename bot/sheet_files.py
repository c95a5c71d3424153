"""Rows of an answer as a file: CSV for programs, XLSX for people.

Nothing in either is ever computed: texts of strangers are written as texts, and in
CSV, which knows no types, a ' stands before what would be taken for a formula.
"""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

from bot.audit import harmless
from cards.sheet_rows import Cell, Kind
from cards.sheets import Sheet
from qbo.books import Document

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH_MAX = 48
_WIDTH_MIN = 9
# learn.microsoft.com: a cell holds 32,767 characters.
_CELL_MAX = 32_000
_FORMATS = {Kind.MONEY: "#,##0.00", Kind.DAY: "yyyy-mm-dd", Kind.NUMBER: "#,##0.##"}


def csv_file(sheet: Sheet) -> Document:
    """What it is of, an empty line, the head, the rows and their totals; UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for label, value in sheet.about:
        writer.writerow((harmless(label), harmless(value)))
    writer.writerow(())
    writer.writerow([harmless(column.title) for column in sheet.columns])
    for row in (*sheet.rows, *sheet.totals):
        writer.writerow([_plain(cell) for cell in row])
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    return Document(f"{sheet.name}.csv", CSV, out.getvalue().encode("utf-8-sig"))


def _plain(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, date) else harmless(cell or "")


def xlsx_file(sheet: Sheet) -> Document:
    """A first sheet that says what it is of, and one with the rows."""
    # Only who asks for such a file pays for the library.
    import xlsxwriter  # noqa: PLC0415

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        strong = book.add_format({"bold": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        about = book.add_worksheet("About")
        about.set_column(0, 0, 14)
        about.set_column(1, 1, 80)
        for at, (label, value) in enumerate(sheet.about):
            about.write_string(at, 0, label, strong)
            about.write_string(at, 1, value[:_CELL_MAX], wrapped)
        _rows(book, book.add_worksheet("Rows"), sheet)
    return Document(f"{sheet.name}.xlsx", XLSX, out.getvalue())


def _rows(book: Any, page: Any, sheet: Sheet) -> None:
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    page.freeze_panes(1, 1)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, _width(sheet, at))
        page.write_string(0, at, column.title, head)
    looks: dict[tuple[Any, ...], Any] = {}

    def look(kind: Kind, depth: int, *, is_total: bool) -> Any:
        key = (kind, depth, is_total)
        if key not in looks:
            wanted: dict[str, Any] = {"bold": True, "top": 1} if is_total else {}
            if kind in _FORMATS:
                wanted["num_format"] = _FORMATS[kind]
            if depth:
                wanted["indent"] = depth
            looks[key] = book.add_format(wanted)
        return looks[key]

    for number, row in enumerate((*sheet.rows, *sheet.totals)):
        is_total = number >= len(sheet.rows)
        for at, cell in enumerate(row):
            depth = sheet.depths[number] if not at and number < len(sheet.depths) else 0
            kind = sheet.columns[at].kind
            _write(page, (number + 1, at), cell, look(kind, depth, is_total=is_total))
    if len(sheet.rows) > 1 and not sheet.depths:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _write(page: Any, place: tuple[int, int], cell: Cell, look: Any) -> None:
    if isinstance(cell, Decimal):
        # A spreadsheet counts in binary; what is shown and read back has all places.
        page.write_number(*place, float(cell), look)
    elif isinstance(cell, date):
        page.write_datetime(*place, cell, look)
    elif cell:
        page.write_string(*place, cell[:_CELL_MAX], look)
    else:
        page.write_blank(*place, None, look)


def _width(sheet: Sheet, at: int) -> int:
    longest = max(
        (len(_plain(row[at])) for row in (*sheet.rows, *sheet.totals)), default=0
    )
    shown = max(longest + 2, len(sheet.columns[at].title) + 3)
    return min(max(shown, _WIDTH_MIN), _WIDTH_MAX)
