"""A document on paper: sales forms, purchase orders, payment receipts."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import Json
from qbo.simulator.rules.transactions import every_line

_TITLES: Final = {
    "Invoice": "INVOICE",
    "Estimate": "ESTIMATE",
    "SalesReceipt": "SALES RECEIPT",
    "RefundReceipt": "REFUND RECEIPT",
    "CreditMemo": "CREDIT MEMO",
    "Payment": "PAYMENT RECEIPT",
    "PurchaseOrder": "PURCHASE ORDER",
}
_FACTS: Final[Mapping[str, str]] = {
    "CustomerRef": "Customer",
    "VendorRef": "Vendor",
    "TxnDate": "Date",
    "DueDate": "Due",
    "ExpirationDate": "Valid until",
    "SalesTermRef": "Terms",
    "ShipDate": "Shipped",
    "TrackingNum": "Tracking no.",
    "PaymentMethodRef": "Paid by",
    "PaymentRefNum": "Reference",
    "TxnStatus": "Status",
}
_ADDRESSES: Final = {"BillAddr": "To", "VendorAddr": "To", "ShipAddr": "Ship to"}
_ADDRESS_PARTS: Final = (
    *("Line1", "Line2", "Line3", "Line4", "Line5"),
    *("City", "CountrySubDivisionCode", "PostalCode", "Country"),
)
_SUMS: Final[Mapping[str, str]] = {
    "TotalAmt": "Total",
    "Deposit": "Deposit",
    "UnappliedAmt": "Not applied",
    "Balance": "Balance due",
}
_WIDTHS: Final = (100, 20, 32, 36)
_LONGEST: Final = 54


class _Row(NamedTuple):
    """One line of the table; amounts as they are printed."""

    what: str
    quantity: str
    price: str
    amount: str


def document(company: Company, record: Record) -> bytes:
    """The document as a PDF, of one page where its lines fit on one."""
    title = f"{_TITLES[record.entity.name]} {record.body.get('DocNumber') or record.id}"
    paper = FPDF(format="Letter" if company.is_us else "A4")
    paper.set_title(title)
    paper.set_creation_date(record.updated)
    paper.add_page()
    _head(paper, company, title)
    for name, value in _facts(record.body):
        _line(paper, f"{name}: {value}")
    paper.ln(4)
    _table(paper, record)
    paper.ln(4)
    paper.set_font("Helvetica", "B", 11)
    currency = record.ref("CurrencyRef")
    for name, amount in _sums(company, record.body):
        _line(paper, f"{name}: {currency} {amount:,.2f}")
    memo = record.body.get("CustomerMemo") or {}
    note = memo.get("value") or record.body.get("Memo")
    if note:
        paper.ln(4)
        paper.set_font("Helvetica", size=10)
        paper.multi_cell(0, 5, _latin(str(note)))
    return bytes(paper.output())


def _head(paper: FPDF, company: Company, title: str) -> None:
    paper.set_font("Helvetica", "B", 16)
    _line(paper, company.name)
    paper.set_font("Helvetica", size=10)
    _line(paper, _address(company.info.get("CompanyAddr") or {}))
    paper.ln(6)
    paper.set_font("Helvetica", "B", 14)
    _line(paper, title)
    paper.set_font("Helvetica", size=10)


def _facts(body: Json) -> Iterator[tuple[str, str]]:
    for name, shown in _FACTS.items():
        value = body.get(name)
        if isinstance(value, dict):
            value = value.get("name")
        if value:
            yield shown, str(value)
    for name, shown in _ADDRESSES.items():
        if body.get(name):
            yield shown, _address(body[name])
    for one in body.get("CustomField") or ():
        if one.get("StringValue"):
            yield one["Name"], one["StringValue"]


def _address(address: Json) -> str:
    return ", ".join(str(address[part]) for part in _ADDRESS_PARTS if address.get(part))


def _table(paper: FPDF, record: Record) -> None:
    paper.set_font("Helvetica", "B", 10)
    payment = record.entity.name == "Payment"
    _cells(paper, _Row("Applied to" if payment else "What", "Qty", "Rate", "Amount"))
    paper.set_font("Helvetica", size=10)
    for line in every_line(record.body.get("Line") or ()):
        _cells(paper, _applied(line) if payment else _row(line))


def _row(line: Json) -> _Row:
    kind = line.get("DetailType", "")
    detail = line.get(kind) or {}
    named = detail.get("ItemRef") or detail.get("GroupItemRef") or {}
    named = named or detail.get("AccountRef") or {}
    what = line.get("Description") or named.get("name") or _KINDS.get(kind, "Shipping")
    if kind == "DiscountLineDetail" and detail.get("DiscountPercent") is not None:
        what = f"{what} {_plain(detail['DiscountPercent'])} %"
    quantity = detail.get("Qty", detail.get("Quantity"))
    amount = "" if kind == "GroupLineDetail" else _money(line.get("Amount"))
    return _Row(what, _plain(quantity), _plain(detail.get("UnitPrice")), amount)


_KINDS: Final = {"SubTotalLineDetail": "Subtotal", "DiscountLineDetail": "Discount"}


def _applied(line: Json) -> _Row:
    link = line["LinkedTxn"][0]
    return _Row(f"{link['TxnType']} {link['TxnId']}", "", "", _money(line["Amount"]))


def _cells(paper: FPDF, row: _Row) -> None:
    for place, (width, text) in enumerate(zip(_WIDTHS, row, strict=True)):
        paper.cell(width, 6, _latin(text)[:_LONGEST], align="R" if place else "L")
    paper.ln(6)


def _sums(company: Company, body: Json) -> Iterator[tuple[str, Decimal]]:
    for line in (body.get("TxnTaxDetail") or {}).get("TaxLine") or ():
        detail = line["TaxLineDetail"]
        rate = company.find("TaxRate", detail["TaxRateRef"]["value"])
        name = rate.body["Name"] if rate else "Tax"
        yield f"{name} {_plain(detail['TaxPercent'])} %", line["Amount"]
    tax = (body.get("TxnTaxDetail") or {}).get("TotalTax")
    if tax:
        yield "Tax", tax
    for name, shown in _SUMS.items():
        if body.get(name) is not None:
            yield shown, body[name]


def _money(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _latin(text: str) -> str:
    """The text in the repertoire of the built-in fonts."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _line(paper: FPDF, text: str) -> None:
    paper.cell(0, 6, _latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
