"""CSV files of invoices, read and complained about."""

import csv
import io
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import uploads
from bot.uploads import Reading, Unusable
from cards.batch import Unreadable
from qbo.asks import InvoiceCreate, SaidLine

HEAD = "Customer,Date,Item,Quantity,Rate,Amount"


def read(text: str | bytes, country: str = "US") -> Reading:
    content = text.encode() if isinstance(text, str) else text
    return uploads.read(content, country)


def wrong(text: str | bytes, country: str = "US") -> list[tuple[int, str, str]]:
    found = read(text, country)
    assert found.change is None
    return [(each.row, each.column, each.wrong) for each in found.problems]


def lone(cell: str, column: str = "Amount", country: str = "US") -> Reading:
    return read(f'Customer;Item;{column}\nAcme;Consulting;"{cell}"\n', country)


def test_the_template_is_read() -> None:
    found = read(uploads.TEMPLATE)

    assert found.change is not None
    first, second = found.change.invoices
    assert first == InvoiceCreate(
        customer="Acme West",
        lines=(
            SaidLine(
                item="Consulting",
                quantity=Decimal(10),
                rate=Decimal("150.00"),
                description="On site",
            ),
            SaidLine(item="Gravel (per ton)", amount=Decimal("80.00")),
        ),
        date=date(2026, 11, 20),
        terms="Net 30",
        memo="October",
    )
    assert second.send
    assert second.due_date == date(2026, 12, 4)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_and_letters_are_read_however_they_are_written(
    sign: str, encoding: str, end: str
) -> None:
    rows = [
        ["QTY", "client name", "Product/Service", "Unit Price", "E-Mail", "Region"],
        ["2", "Müller Gärten", "Consulting", "1500.50", "", "North"],
    ]
    text = end.join(sign.join(row) for row in rows) + end

    found = read(text.encode(encoding), "GB")

    assert found.change is not None
    (invoice,) = found.change.invoices
    assert invoice.customer == "Müller Gärten"
    assert invoice.lines[0].rate == Decimal("1500.50")
    assert any("“Region”" in note for note in found.notes)
    assert any("Windows" in note for note in found.notes) == (encoding == "cp1252")


def test_rows_of_one_number_are_one_invoice_wherever_they_stand() -> None:
    found = read(
        "Invoice no,Customer,Item,Amount\n"
        "7,Acme,Consulting,1\n8,Birch,Consulting,2\n7,,Travel,3\n,Acme,Travel,4\n"
        "\n,Acme,Travel,5\n"
    )

    assert found.change is not None
    assert [len(each.lines) for each in found.change.invoices] == [2, 1, 1, 1]
    assert [row.number for row in found.groups[0]] == [2, 4]
    assert found.groups[3][0].number == 7


def test_rows_of_one_invoice_must_agree() -> None:
    assert wrong(
        "Invoice,Customer,Date,Item,Amount\n"
        "7,Acme,2026-11-20,Consulting,1\n7,Birch,2026-11-21,Travel,3\n"
    ) == [
        (3, "Customer", "Row 2 of the same invoice says “Acme”."),
        (3, "Date", "Row 2 of the same invoice says “2026-11-20”."),
    ]


def test_quoted_line_ends_and_quotes_stay_in_their_cell() -> None:
    found = read(
        'Customer,Item,Description,Amount\nAcme,Consulting,"on ""site"",\nand off",1\n'
        "Birch,Consulting,,x\n"
    )

    assert [each.row for each in found.problems] == [3]
    assert found.sheet.rows[0].cells["description"] == 'on "site",\nand off'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1500", "1500"),
        ("$1,500.00", "1500.00"),
        ("1 500,00", "1500.00"),
        ("1.500,00", "1500.00"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("-12.50", "-12.50"),
        ("(12.50)", "-12.50"),
        ("USD 12.50", "12.50"),
        (".5", "0.5"),
        ("0.125", "0.125"),
        ("1'500.00", "1500.00"),
    ],
)
def test_numbers_that_can_be_read_in_one_way(text: str, value: str) -> None:
    found = lone(text, "Rate")

    assert found.change is not None, found.problems
    assert found.change.invoices[0].lines[0].rate == Decimal(value)


@pytest.mark.parametrize(
    ("text", "country"), [("1,234", "US"), ("1.234", "US"), ("1.234", "DE")]
)
def test_a_number_that_can_be_two_is_told(text: str, country: str) -> None:
    (problem,) = lone(text, "Rate", country).problems

    assert "can be read as 1,234 or as 1.234" in problem.wrong


def test_the_rest_of_the_file_says_how_numbers_are_written() -> None:
    comma = read("Customer;Item;Rate\nA;B;1.234\nA;B;12,5\n", "US")
    point = read("Customer,Item,Rate\nA,B,1.234\nA,B,12.5\n", "US")
    usual = read('Customer,Item,Rate\nA,B,"1,234"\n', "US")
    both = read("Customer;Item;Rate\nA;B;1.234\nA;B;12,5\nA;B;12.75\n", "US")

    rates = [
        found.change.invoices[0].lines[0].rate
        for found in (comma, point, usual)
        if found.change
    ]
    assert rates == [Decimal(1234), Decimal("1.234"), Decimal(1234)]
    assert len(both.problems) == 2


@pytest.mark.parametrize(
    "text",
    ["12,3,4", "12.50.1", "1e5", "abc", "50%", "NaN", "١٢", "10 5", "1 5.00", "1'5"],
)
def test_what_is_no_number_is_told(text: str) -> None:
    (problem,) = lone(text).problems

    assert problem.wrong == "That is not a number."
    assert problem.read == text


def test_a_cell_as_long_as_the_file_is_answered_at_once() -> None:
    begun = time.process_time()

    found = lone(f"1{' ' * 100_000}1", "Quantity")

    assert [each.wrong for each in found.problems] == [
        "It is longer than 4,000 characters."
    ]
    assert time.process_time() - begun < 5


def test_an_amount_has_cents_at_most() -> None:
    (problem,) = lone("12.3456").problems

    assert "at most two decimals" in problem.wrong


@pytest.mark.parametrize(
    ("text", "country", "day"),
    [
        ("2026-11-20", "US", date(2026, 11, 20)),
        ("2026/11/20", "GB", date(2026, 11, 20)),
        ("2026-11-20T00:00:00", "GB", date(2026, 11, 20)),
        ("11/20/2026", "US", date(2026, 11, 20)),
        ("20/11/2026", "GB", date(2026, 11, 20)),
        ("20.11.26", "IE", date(2026, 11, 20)),
        ("03/04/2026", "US", date(2026, 3, 4)),
        ("03/04/2026", "GB", date(2026, 4, 3)),
        ("04/04/2026", "CA", date(2026, 4, 4)),
        ("20 Nov 2026", "US", date(2026, 11, 20)),
        ("20-Nov-26", "US", date(2026, 11, 20)),
        ("November 20, 2026", "US", date(2026, 11, 20)),
    ],
)
def test_days_are_read_in_the_companys_order(
    text: str, country: str, day: date
) -> None:
    found = read(f'Customer,Item,Amount,Date\nA,B,1,"{text}"\n', country)

    assert found.change is not None, found.problems
    assert found.change.invoices[0].date == day
    is_told = text == "03/04/2026"
    assert any(text in note for note in found.notes) == is_told


@pytest.mark.parametrize(
    ("cells", "country", "count"),
    [
        (["03/04/2026"], "CA", 1),
        (["03/04/2026", "25/04/2026"], "US", 1),
        (["30/02/2026"], "GB", 1),
        (["46346", "tomorrow", "1926-01-01"], "US", 3),
    ],
)
def test_a_day_that_can_be_two_or_none_is_told(
    cells: list[str], country: str, count: int
) -> None:
    rows = "\n".join(f"A,B,1,{each}" for each in cells)

    assert len(wrong(f"Customer,Item,Amount,Date\n{rows}\n", country)) == count


def test_formulas_are_text_and_refused_where_a_value_is_needed() -> None:
    found = wrong(
        "Customer,Item,Description,Amount,Memo\n"
        "=cmd|' /C calc'!A0,Consulting,ok,1,\n"
        "Acme,@SUM(1),ok,1,\n"
        'Acme,Consulting,"+44 20 7946, ask",=A1*2,\n'
        'Acme,Consulting,ok,+5,"=HYPERLINK(""x"")"\n'
    )

    assert [(row, column) for row, column, _ in found] == [
        (2, "Customer"),
        (3, "Item"),
        (4, "Amount"),
        (5, "Amount"),
        (5, "Memo"),
    ]
    assert all("formula" in text for _, _, text in found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\x00\x01\x02", "no CSV file"),
        (b"a,b\n1,2\n", "does not name the columns"),
        (b"Customer,Amount\nA,1\n", "no column “Item”"),
        (b"Customer,Item,Qty,Hours\nA,B,1,2\n", "mean the same"),
        (b"Customer,Item,Amount\n", "no rows"),
        (b'Customer,Item,Amount\nA,"B,1\n', "from row 2 on"),
        (b"Customer,Item,Amount\n" + b"A,B,1\n" * 301, "301 rows"),
        (b"Customer,Item\n" + b"x" * 1_000_001, "larger than 1 MB"),
        (b"Customer,Item\xff\xfe\x81,Amount\n", "no CSV file"),
    ],
)
def test_a_file_that_is_of_no_use_says_why(content: bytes, said: str) -> None:
    with pytest.raises(Unusable) as no:
        read(content)

    assert said in no.value.sentence
    assert "nothing was proposed" in no.value.sentence


def test_more_cells_than_headings_are_told() -> None:
    assert wrong("Customer,Item,Amount\nSmith, Jane,Consulting,1,5\n")[0][0] == 2


def test_the_separator_line_of_a_spreadsheet_is_no_heading() -> None:
    found = read("sep=;\nCustomer;Item;Amount\nA;B;x\n")

    assert found.problems[0].row == 3


def test_nobody_and_yes_or_no() -> None:
    assert wrong("Customer,Item,Amount,Send\n,B,1,perhaps\n") == [
        (2, "Send", "Say yes or no."),
        (2, "Customer", "There is no customer."),
    ]


def test_the_list_of_mistakes_computes_nothing() -> None:
    made = uploads.problems_csv(
        [Unreadable(2, "Amount", "=1+1", "That is a formula.", "")]
    ).decode("utf-8-sig")

    assert made.splitlines()[1] == "2,Amount,'=1+1,That is a formula.,"


def test_a_formula_behind_blanks_or_a_new_line_is_harmless_too() -> None:
    for cell in ("  =1+1", "\n=1+1"):
        made = uploads.problems_csv([Unreadable(2, "Amount", cell, "A formula.", "")])
        assert f"'{cell}" in made.decode("utf-8-sig")


@given(st.binary(max_size=300))
def test_no_bytes_break_it(content: bytes) -> None:
    try:
        found = read(b"Customer,Item,Amount\n" + content)
    except Unusable:
        return
    assert (found.change is None) == bool(found.problems)


@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(blacklist_categories=("Cs", "Cc"), max_codepoint=0x2FFF),
                min_size=1,
                max_size=20,
            ).filter(lambda each: each.strip() == each and each[0] not in "=@+"),
            st.decimals(Decimal("0.01"), Decimal(99999), places=2),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_written_is_what_is_read(rows: list[tuple[str, Decimal]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(
        [("Customer", "Item", "Amount"), *((name, "B", f"{n:f}") for name, n in rows)]
    )

    found = read(out.getvalue())

    assert found.change is not None, found.problems
    assert [each.customer for each in found.change.invoices] == [x for x, _ in rows]
    assert [each.lines[0].amount for each in found.change.invoices] == [
        n for _, n in rows
    ]
