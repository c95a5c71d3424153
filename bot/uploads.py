"""A file of invoices: read as a table, each row understood or complained about. Pure.

Nothing is guessed at: a number or a date that can be read in two ways is said to be
so, and a file with one row that cannot be read gives no change at all. What comes
from a file is text and stays text: a formula is never computed.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from bot.audit import harmless
from bot.cells import Days, Digits
from cards.batch import Unreadable
from qbo.asks import InvoiceCreate, InvoicesCreate, SaidLine

BYTES_MAX: Final = 1_000_000
ROWS_MAX: Final = 300
CELL_MAX: Final = 4000
_COLUMNS_MAX: Final = 60
_DELIMITERS: Final = (",", ";", "\t", "|")
_YES: Final = frozenset({"yes", "y", "true", "1", "x", "send", "ja", "oui"})
_NO: Final = frozenset({"", "no", "n", "false", "0", "-", "nein", "non"})

# The first of each is what the template calls it. Compared without case and signs.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "invoice": (
        "invoice",
        *("invoice number", "invoice no", "invoice id", "number", "no", "group"),
        *("doc number", "invoicenumber", "invoiceno", "document number"),
    ),
    "customer": (
        "customer",
        *("customer name", "client", "client name", "bill to", "customername"),
        *("display name", "customer job", "customer full name"),
    ),
    "date": (
        "date",
        *("invoice date", "txn date", "transaction date", "issue date", "invoicedate"),
    ),
    "due_date": ("due date", "due", "duedate", "payment due", "due by", "due on"),
    "terms": ("terms", "payment terms"),
    "item": (
        "item",
        *("product", "service", "product service", "item name", "sku"),
        *("product or service", "product service name", "itemproduct service"),
    ),
    "description": (
        "description",
        *("item description", "details", "line description", "itemdescription"),
    ),
    "quantity": ("quantity", "qty", "hours", "units", "item quantity", "itemquantity"),
    "rate": ("rate", "price", "unit price", "item rate", "itemrate", "price each"),
    "amount": (
        "amount",
        *("line amount", "line total", "item amount", "itemamount", "net amount"),
    ),
    "memo": ("memo", "note", "notes", "private note", "internal note"),
    "email": ("email", "e mail", "email address", "e mail address", "bill email"),
    "send": ("send", "send it", "email it", "e mail it", "to be sent"),
}
_OF_INVOICE: Final = ("customer", "date", "due_date", "terms", "memo", "email", "send")
_CENT: Final = Decimal("0.01")
_NUMBERS: Final = ("quantity", "rate", "amount")
_TEXTS: Final = ("invoice", "customer", "terms", "item", "email")
TEMPLATE: Final = (
    "Invoice,Customer,Date,Due date,Terms,Item,Description,Quantity,Rate,Amount,Memo,"
    "Email,Send\r\n"
    "1,Acme West,2026-11-20,,Net 30,Consulting,On site,10,150.00,,October,,no\r\n"
    "1,Acme West,,,,Gravel (per ton),,,,80.00,,,\r\n"
    "2,Bright Start Nursery,2026-11-20,2026-12-04,,Consulting,,2,,,,,yes\r\n"
)


class Unusable(Exception):
    """The file as a whole cannot be used; `sentence` says why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: its number in a spreadsheet, and its cells by field."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as a table. `headings` are the columns' own names, by field.

    `unused` are headings that mean nothing to us; `notes` say how it was read.
    """

    rows: tuple[Row, ...]
    headings: Mapping[str, str]
    delimiter: str
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file asks for, or what is wrong with it.

    `change` is None as soon as there is one problem. `groups` are the rows of each
    invoice and `invoices` what they ask for, as far as it can be said. `notes` belong
    on the card.
    """

    sheet: Sheet
    change: InvoicesCreate | None
    groups: tuple[tuple[Row, ...], ...]
    invoices: tuple[InvoiceCreate | None, ...]
    problems: tuple[Unreadable, ...] = ()
    notes: tuple[str, ...] = ()


# --- the table ------------------------------------------------------------------


def sheet(content: bytes) -> Sheet:
    """The file as a table with known columns.

    Raises:
        Unusable: it is no CSV file, too large, or has no headings that we know.
    """
    text, notes = _text(content)
    skipped, text = _without_separator(text)
    delimiter = _delimiter(text)
    records = _records(text, delimiter)
    head_at = next(at for at, each in enumerate(records) if any(each))
    fields, unused = _fields(records[head_at])
    rows, problems = [], []
    width = len(records[head_at])
    for number, record in enumerate(records[head_at + 1 :], head_at + 2 + skipped):
        cells = [each.strip() for each in record]
        if not any(cells):
            continue
        if any(cells[width:]):
            problems.append(
                Unreadable(
                    number,
                    "",
                    " ".join(each for each in cells[width:] if each)[:80],
                    "There are more cells than headings: a comma in a text has to"
                    " stand in quotes.",
                )
            )
        rows.append(
            Row(
                number,
                {name: cells[at] for name, at in fields.items() if at < len(cells)},
            )
        )
    if len(rows) > ROWS_MAX:
        raise Unusable(
            f"The file has {len(rows):,} rows, and at most {ROWS_MAX} are taken at"
            " once, so nothing was proposed. Please split it."
        )
    if not rows:
        raise Unusable("The file has headings and no rows, so nothing was proposed.")
    headings = {name: records[head_at][at].strip() for name, at in fields.items()}
    return Sheet(
        tuple(rows), headings, delimiter, unused, tuple(notes), tuple(problems)
    )


def _text(content: bytes) -> tuple[str, list[str]]:
    if len(content) > BYTES_MAX:
        raise Unusable(
            "The file is larger than 1 MB, so nothing was proposed. Please split it."
        )
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unusable(
            "That is an Excel workbook, so nothing was proposed. Save it as “CSV UTF-8”"
            " (File, Save As) and upload that."
        )
    notes: list[str] = []
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            text = "\0"
        notes.append(
            "It is not in UTF-8 and was read as Windows text: please check letters with"
            " accents."
        )
    if "\0" in text:
        raise Unusable(
            "That is no CSV file, so nothing was proposed. Save it as “CSV UTF-8” and"
            " upload that."
        )
    if not text.strip():
        raise Unusable("The file is empty, so nothing was proposed.")
    return text, notes


def _without_separator(text: str) -> tuple[int, str]:
    """Without the "sep=;" that Excel writes before the headings."""
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"\s*\"?sep=.\"?\s*", first, re.IGNORECASE):
        return 1, rest
    return 0, text


def _delimiter(text: str) -> str:
    """The sign between the cells: the one that makes most headings known."""
    start = text.lstrip("\r\n \t") if not text.startswith("\t") else text
    known = {}
    for sign in _DELIMITERS:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=sign)
        try:
            head = next(reader, [])
        except csv.Error:
            head = []
        known[sign] = sum(_field(each) is not None for each in head)
    best = max(known, key=lambda sign: known[sign])
    if not known[best]:
        raise Unusable(
            "The first row does not name the columns, so nothing was proposed. It needs"
            " headings such as Customer, Date, Item, Quantity, Rate and Amount; there"
            " is a template to start from."
        )
    return best


def _records(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append(record)
            if len(records) > 10 * ROWS_MAX:
                break
    except csv.Error:
        raise Unusable(
            f"The file cannot be read from row {len(records) + 1} on, so nothing was"
            " proposed: a quotation mark is opened there and not closed, or stands"
            " within a text."
        ) from None
    return records


def _fields(head: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each field stands, and the headings that mean nothing to us.

    Raises:
        Unusable: a field is there twice, or one that is needed is missing.
    """
    if len(head) > _COLUMNS_MAX:
        raise Unusable(
            f"The file has more than {_COLUMNS_MAX} columns, so nothing was proposed."
        )
    found: dict[str, int] = {}
    unused = []
    for at, heading in enumerate(head):
        name = _field(heading)
        if name is None:
            if heading.strip():
                unused.append(heading.strip()[:60])
        elif name in found:
            first = head[found[name]].strip()
            raise Unusable(
                f"The columns “{first}” and “{heading.strip()}” mean the same, so"
                " nothing was proposed. Remove one of them."
            )
        else:
            found[name] = at
    for needed in ("customer", "item"):
        if needed not in found:
            raise Unusable(
                f"There is no column “{needed.capitalize()}”, so nothing was proposed."
                f" The headings are: {', '.join(each.strip() for each in head)[:300]}."
            )
    return found, tuple(unused)


def _field(heading: str) -> str | None:
    plain = " ".join(re.sub(r"[^a-z0-9]+", " ", heading.casefold()).split())
    for name, words in COLUMNS.items():
        if plain in words:
            return name
    return None


# --- what it asks for -------------------------------------------------------------


@dataclass(slots=True)
class _Wrong:
    sheet: Sheet
    found: list[Unreadable] = field(default_factory=list)

    def say(self, row: Row, name: str, sentence: str, likely: str = "") -> None:
        heading = self.sheet.headings.get(name, name)
        read = row.cells.get(name, "")[:120]
        self.found.append(Unreadable(row.number, heading, read, sentence, likely))


def read(content: bytes, country: str) -> Reading:
    """What a file asks for; `country` is the company's, for its way with dates.

    Raises:
        Unusable: the file as a whole cannot be used.
    """
    table = sheet(content)
    wrong = _Wrong(table, list(table.problems))
    days = Days(_cells(table, "date", "due_date"), country)
    digits = Digits(_cells(table, *_NUMBERS), country, table.delimiter)
    typed = {row.number: _typed(row, wrong, days, digits) for row in table.rows}
    groups = _groups(table.rows)
    invoices = [_invoice(rows, typed, wrong) for rows in groups]
    notes = [*table.notes, *days.notes]
    if table.unused:
        named = ", ".join(f"“{each}”" for each in table.unused)
        notes.append(f"columns that were not used: {named}.")
    if any(len(rows) > 1 for rows in groups) or "invoice" in table.headings:
        notes.append(
            "its invoice numbers only say which rows belong together; QuickBooks gives"
            " the invoices their numbers."
        )
    problems = tuple(sorted(wrong.found, key=lambda each: each.row))
    made = [each for each in invoices if each is not None]
    change = InvoicesCreate(tuple(made)) if not problems else None
    return Reading(table, change, groups, tuple(invoices), problems, tuple(notes))


def _cells(table: Sheet, *names: str) -> list[str]:
    return [row.cells.get(name, "") for row in table.rows for name in names]


_Typed = dict[str, str | date | Decimal | bool | None]


def _typed(row: Row, wrong: _Wrong, days: Days, digits: Digits) -> _Typed:
    found: _Typed = {}
    for name, text in row.cells.items():
        found[name] = text or None
        if len(text) > CELL_MAX:
            wrong.say(row, name, f"It is longer than {CELL_MAX:,} characters.")
        elif _is_formula(name, text):
            wrong.say(row, name, "That is a formula; put what it comes to instead.")
        elif name in ("date", "due_date") and text:
            found[name] = _tried(row, name, days.day, text, wrong)
        elif name in _NUMBERS and text:
            value = _tried(row, name, digits.number, text, wrong)
            found[name] = value
            if name == "amount" and isinstance(value, Decimal) and value % _CENT:
                wrong.say(row, name, "An amount has at most two decimals.")
        elif name == "send":
            if text.casefold() not in _YES | _NO:
                wrong.say(row, name, "Say yes or no.")
            found[name] = text.casefold() in _YES if text else None
    return found


def _is_formula(name: str, text: str) -> bool:
    """Whether a cell is a formula where only a value makes sense."""
    if text.startswith(("=", "@")):
        return True
    return name in (*_NUMBERS, *_TEXTS, "date", "due_date") and text.startswith("+")


def _tried(
    row: Row,
    name: str,
    way: Callable[[str], date | Decimal],
    text: str,
    wrong: _Wrong,
) -> date | Decimal | None:
    try:
        return way(text)
    except ValueError as no:
        wrong.say(row, name, str(no))
        return None


def _groups(rows: Iterable[Row]) -> tuple[tuple[Row, ...], ...]:
    """The rows of each invoice; a row without a number is one of its own."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        number = row.cells.get("invoice", "").casefold()
        found.setdefault(f"#{number}" if number else f"row {row.number}", []).append(
            row
        )
    return tuple(tuple(group) for group in found.values())


def _invoice(
    rows: Sequence[Row], typed: Mapping[int, _Typed], wrong: _Wrong
) -> InvoiceCreate | None:
    """The invoice of some rows; what they say of it must agree."""
    first = rows[0]
    said: dict[str, tuple[Row, str | date | Decimal | bool]] = {}
    for row in rows:
        for name in _OF_INVOICE:
            value = typed[row.number].get(name)
            if value is None:
                continue
            known = said.setdefault(name, (row, value))
            if _folded(known[1]) != _folded(value):
                wrong.say(
                    row,
                    name,
                    f"Row {known[0].number} of the same invoice says"
                    f" “{known[0].cells[name][:60]}”.",
                )
    if "customer" not in said:
        wrong.say(first, "customer", "There is no customer.")
        return None
    values = {name: value for name, (_, value) in said.items()}
    return InvoiceCreate(
        customer=str(values["customer"]),
        lines=tuple(_line(typed[row.number]) for row in rows),
        date=_as_day(values.get("date")),
        due_date=_as_day(values.get("due_date")),
        terms=_as_text(values.get("terms")),
        memo=_as_text(values.get("memo")),
        send=bool(values.get("send")),
        email=_as_text(values.get("email")),
    )


def _line(cells: _Typed) -> SaidLine:
    return SaidLine(
        item=_as_text(cells.get("item")),
        quantity=_as_number(cells.get("quantity")),
        rate=_as_number(cells.get("rate")),
        amount=_as_number(cells.get("amount")),
        description=_as_text(cells.get("description")),
    )


def _folded(value: object) -> object:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _as_day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _as_number(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


# --- giving it back ---------------------------------------------------------------


def problems_csv(problems: Sequence[Unreadable]) -> bytes:
    """The mistakes as a CSV file that no spreadsheet computes anything of."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("Row", "Column", "What stands there", "What is wrong", "Meant?"))
    for each in problems:
        cells = (each.column, each.read, each.wrong, each.likely)
        writer.writerow((each.row or "", *(harmless(cell) for cell in cells)))
    return out.getvalue().encode("utf-8-sig")
