"""Documents by e-mail and on paper."""

import io
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from tests.simulator.client import QuickBooks, fault, loads
from tests.simulator.forms import sale

Json = dict[str, Any]
KINDS = (
    "Invoice",
    "Estimate",
    "SalesReceipt",
    "RefundReceipt",
    "CreditMemo",
    "Payment",
    "PurchaseOrder",
)


async def document(books: QuickBooks, kind: str) -> Json:
    checking = {"value": await books.id("Account", "Business Checking")}
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 5},
    }
    body = await sale(books)
    body["Line"].append(discount)
    if kind == "Payment":
        return await books.pay(await books.make("Invoice", body), "95")
    if kind == "RefundReceipt":
        body["DepositToAccountRef"] = checking
    if kind == "PurchaseOrder":
        item = await books.one("select * from Item where Name = 'Rock Fountain'")
        detail = {"ItemRef": {"value": item["Id"]}, "Qty": 5, "UnitPrice": 19}
        kind_of_line = "ItemBasedExpenseLineDetail"
        line = {"Amount": 95, "DetailType": kind_of_line, kind_of_line: detail}
        vendor = {"value": await books.id("Vendor", "Metro Water")}
        body = {"VendorRef": vendor, "Line": [line]}
    return await books.make(kind, body)


async def post_raw(books: QuickBooks, path: str, content: str) -> httpx.Response:
    headers = {"Content-Type": content}
    return await books.http.post(f"{books.base}/{path}", headers=headers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content", ["application/octet-stream", "application/x-www-form-urlencoded"]
)
async def test_a_document_is_sent_and_says_so(
    books: QuickBooks, kind: str, content: str
) -> None:
    made = await document(books, kind)
    path = f"{kind.lower()}/{made['Id']}/send"

    nowhere = await post_raw(books, path, content)
    wrong = await post_raw(books, f"{path}?sendTo=nobody", content)
    sent = await post_raw(books, f"{path}?sendTo=a%2Bb%40mail.example", content)

    after = loads(sent.text)[kind]
    assert fault(nowhere)[0] == "6000"
    assert fault(wrong)[0] == "2210"
    assert after["EmailStatus"] == "EmailSent"
    assert after["DeliveryInfo"]["DeliveryType"] == "Email"
    assert int(after["SyncToken"]) == int(made["SyncToken"]) + 1
    if kind != "Payment":
        name = "POEmail" if kind == "PurchaseOrder" else "BillEmail"
        assert after[name] == {"Address": "a+b@mail.example"}
    again = await books.make(kind, {**after, "PrivateNote": "changed afterwards"})
    assert again["EmailStatus"] == "EmailSent"


async def test_a_plus_that_was_not_encoded_is_a_plus(books: QuickBooks) -> None:
    made = await document(books, "Invoice")
    path = f"invoice/{made['Id']}/send"

    sent = await post_raw(books, f"{path}?sendTo=a+b@mail.example,%20c@d.example", "")

    assert sent.json()["Invoice"]["BillEmail"] == {
        "Address": "a+b@mail.example,c@d.example"
    }


@pytest.mark.parametrize("kind", KINDS)
async def test_the_paper_has_number_party_lines_and_totals(
    books: QuickBooks, kind: str
) -> None:
    made = await document(books, kind)

    answer = await books.get(f"{kind.lower()}/{made['Id']}/pdf")
    unknown = await books.get(f"{kind.lower()}/98765/pdf")

    reader = PdfReader(io.BytesIO(answer.content), strict=True)
    text = reader.pages[0].extract_text()
    party = "Metro Water" if kind == "PurchaseOrder" else "May Chen"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert len(reader.pages) == 1
    assert str(made.get("DocNumber", made["Id"])) in text
    assert party in text
    assert "95.00" in text
    assert fault(unknown)[0] == "610"


async def test_a_taxed_and_bundled_form_is_printed_with_its_rates(
    books: QuickBooks,
) -> None:
    item = await books.one("select * from Item where Name = 'Rock Fountain'")
    group = {"ItemGroupLine": [{"ItemRef": {"value": item["Id"]}, "Qty": 2}]}
    bundle = await books.make(
        "Item", {"Name": "A path", "Type": "Group", "ItemGroupDetail": group}
    )
    detail = {"GroupItemRef": {"value": bundle["Id"]}}
    line = {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}
    made = await books.make("Invoice", await sale(books, line))

    answer = await books.get(f"invoice/{made['Id']}/pdf")

    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "A path" in text
    assert "Rock Fountain" in text
    assert f"{made['TxnTaxDetail']['TotalTax']:.2f}" in text
    assert "8.25 %" in text
