"""A document on paper: invoice, credit memo, payment receipt."""

from decimal import Decimal
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from qbo.simulator.company import Company, Record
from qbo.simulator.exact import Json

_TITLES: Final = {
    "Invoice": "INVOICE",
    "CreditMemo": "CREDIT MEMO",
    "Payment": "PAYMENT RECEIPT",
}
_WIDTHS: Final = (90, 25, 35, 40)


def document(company: Company, record: Record) -> bytes:
    """The document as a PDF of one or more pages."""
    paper = FPDF(format="Letter" if company.is_us else "A4")
    paper.set_title(f"{_TITLES[record.entity.name]} {_number(record)}")
    paper.set_creation_date(record.updated)
    paper.add_page()
    paper.set_font("Helvetica", "B", 16)
    _line(paper, company.name)
    paper.set_font("Helvetica", size=10)
    address = company.info["CompanyAddr"]
    _line(paper, ", ".join(filter(None, (address.get(k) for k in ("Line1", "City")))))
    paper.ln(6)
    paper.set_font("Helvetica", "B", 14)
    _line(paper, f"{_TITLES[record.entity.name]} {_number(record)}")
    paper.set_font("Helvetica", size=10)
    for name, value in _facts(record.body):
        _line(paper, f"{name}: {value}")
    paper.ln(4)
    _rows(paper, record.body)
    paper.ln(4)
    paper.set_font("Helvetica", "B", 11)
    currency = record.ref("CurrencyRef")
    for name, amount in _sums(record.body):
        _line(paper, f"{name}: {currency} {amount:,.2f}")
    memo = (record.body.get("CustomerMemo") or {}).get("value")
    if memo:
        paper.ln(4)
        paper.set_font("Helvetica", size=10)
        paper.multi_cell(0, 5, _latin(memo))
    return bytes(paper.output())


def _number(record: Record) -> str:
    return str(record.body.get("DocNumber") or record.id)


def _facts(body: Json) -> list[tuple[str, str]]:
    customer = (body.get("CustomerRef") or {}).get("name", "")
    found = [("Customer", customer), ("Date", body["TxnDate"])]
    if "DueDate" in body:
        found.append(("Due", body["DueDate"]))
    if (body.get("SalesTermRef") or {}).get("name"):
        found.append(("Terms", body["SalesTermRef"]["name"]))
    return found


def _rows(paper: FPDF, body: Json) -> None:
    for line in body.get("Line") or ():
        if line.get("DetailType") == "SubTotalLineDetail":
            continue
        detail = line.get("SalesItemLineDetail") or {}
        item = (detail.get("ItemRef") or {}).get("name", "")
        what = line.get("Description") or item or line.get("DetailType", "Applied")
        cells = (
            what,
            _plain(detail.get("Qty")),
            _plain(detail.get("UnitPrice")),
            f"{line.get('Amount', Decimal(0)):,.2f}",
        )
        for width, text in zip(_WIDTHS, cells, strict=True):
            paper.cell(width, 6, _latin(text)[:48])
        paper.ln(6)


def _sums(body: Json) -> list[tuple[str, Decimal]]:
    tax = (body.get("TxnTaxDetail") or {}).get("TotalTax")
    found = [("Tax", tax)] if tax else []
    found.append(("Total", body["TotalAmt"]))
    if "Balance" in body:
        found.append(("Balance due", body["Balance"]))
    return found


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _latin(text: str) -> str:
    """The text in the repertoire of the built-in fonts."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _line(paper: FPDF, text: str) -> None:
    paper.cell(0, 6, _latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
