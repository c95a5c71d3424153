"""What a write may and may not do: faults, replays, links, void, delete, send."""

import asyncio
import io
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from tests.simulator.client import QuickBooks, expense_line, fault, sales_line


def version_of(record: dict[str, Any]) -> dict[str, str]:
    return {"Id": record["Id"], "SyncToken": record["SyncToken"]}


async def sale(books: QuickBooks, **changes: Any) -> dict[str, Any]:
    line = sales_line(await books.id("Item", "Consulting"), "100")
    customer = {"value": await books.id("Customer", "May Chen")}
    return {"CustomerRef": customer, "Line": [line], **changes}


# Faults


async def test_an_unknown_id_is_610_and_400(books: QuickBooks) -> None:
    read = await books.get("invoice/99999")
    changed = await books.post("invoice", {"Id": "99999", "SyncToken": "0"})
    gone = await books.post(
        "invoice", {"Id": "99999", "SyncToken": "0"}, operation="delete"
    )
    printed = await books.get("invoice/99999/pdf")

    assert {fault(one)[0] for one in (read, changed, gone, printed)} == {"610"}


@pytest.mark.parametrize("entity", ["nonsense", "invoices"])
async def test_an_unknown_path_is_404(books: QuickBooks, entity: str) -> None:
    assert (await books.get(f"{entity}/1")).status_code == 404
    assert (await books.post(entity, {})).status_code == 404


async def test_required_fields_are_named(books: QuickBooks) -> None:
    whole = await sale(books)
    cases = [
        ("invoice", {"Line": whole["Line"]}, "CustomerRef"),
        ("invoice", {"CustomerRef": whole["CustomerRef"]}, "Line"),
        ("invoice", {**whole, "Line": []}, "Line"),
        ("payment", {"CustomerRef": whole["CustomerRef"]}, "TotalAmt"),
        ("bill", {"Line": []}, "VendorRef"),
        ("purchase", {"Line": []}, "PaymentType"),
        ("item", {"Type": "Service"}, "Name"),
    ]
    for path, body, name in cases:
        answer = await books.post(path, body)

        assert fault(answer) == (
            "2020",
            f"Required parameter {name} is missing in the request",
        )
        assert answer.json()["Fault"]["Error"][0]["element"] == name


async def test_a_stale_sync_token_is_5010(books: QuickBooks) -> None:
    made = await books.invoice()
    change = {**version_of(made), "sparse": True, "PrivateNote": "one"}
    await books.make("Invoice", change)

    again = await books.post("invoice", change)
    without = await books.post("invoice", {"Id": made["Id"], "sparse": True})

    assert fault(again)[0] == "5010"
    assert fault(without)[0] == "2020"


@pytest.mark.parametrize(
    "change",
    [
        {"Colour": "green"},
        {"CustomerRef": "1"},
        {"Line": {"Amount": 1}},
        {"BillAddr": {"Strasse": "x"}},
        {"Invoice": {}, "CustomerRef": None},
    ],
)
async def test_unknown_properties_and_wrong_shapes_are_2010(
    books: QuickBooks, change: dict[str, Any]
) -> None:
    answer = await books.post("invoice", await sale(books, **change))

    assert fault(answer)[0] == "2010"


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"TotalAmt": NaN}'])
async def test_what_is_no_object_is_2010(books: QuickBooks, text: str) -> None:
    answer = await books.http.post(f"{books.base}/invoice", content=text)

    assert fault(answer)[0] == "2010"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DocNumber": "x" * 22}, "2050"),
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"TxnDate": "yesterday"}, "2060"),
        ({"EmailStatus": "Maybe"}, "2170"),
        ({"BillEmail": {"Address": "no address"}}, "2210"),
        ({"ApplyTaxAfterDiscount": "perhaps"}, "2090"),
        ({"Deposit": "a lot"}, "2080"),
        ({"CustomerRef": {"value": "98765"}}, "2500"),
        ({"SalesTermRef": {"value": "98765"}}, "2500"),
        ({"CurrencyRef": {"value": "EUR"}}, "6000"),
        ({"EmailStatus": "NeedToSend"}, "2020"),
    ],
)
async def test_values_that_do_not_fit_have_their_codes(
    books: QuickBooks, change: dict[str, Any], code: str
) -> None:
    answer = await books.post("invoice", await sale(books, **change))

    assert fault(answer)[0] == code
    assert await books.count("Invoice") == 0


async def test_a_bad_reference_names_family_and_id(books: QuickBooks) -> None:
    answer = await books.post(
        "invoice", await sale(books, CustomerRef={"value": "583"})
    )

    assert fault(answer)[1] == ("Invalid Reference Id : Names element id 583 not found")


@pytest.mark.parametrize(
    ("price", "quantity", "right", "wrong"),
    [
        ("128.35", "14.50", "1861.08", "1861.07"),
        ("0.005", "1", "0.01", "0.00"),
        ("33.33", "3", "99.99", "100.00"),
    ],
)
async def test_amounts_are_rounded_half_up(
    books: QuickBooks, price: str, quantity: str, right: str, wrong: str
) -> None:
    item = await books.id("Item", "Hours")
    detail = {"UnitPrice": Decimal(price), "Qty": Decimal(quantity)}

    bad = await books.post(
        "invoice", await sale(books, Line=[sales_line(item, wrong, **detail)])
    )
    good = await books.post(
        "invoice", await sale(books, Line=[sales_line(item, right, **detail)])
    )

    assert fault(bad)[0] == "6070"
    assert good.status_code == 200


async def test_a_name_belongs_to_one_of_customers_and_vendors(
    books: QuickBooks,
) -> None:
    vendor = await books.id("Vendor", "Quick Print")

    answer = await books.post("customer", {"DisplayName": "quick PRINT"})

    assert fault(answer) == ("6240", f"The name supplied already exists. : Id={vendor}")


async def test_lines_of_an_american_invoice_are_tax_or_non(books: QuickBooks) -> None:
    line = sales_line(await books.id("Item", "Hours"), "10", TaxCodeRef={"value": "2"})

    answer = await books.post("invoice", await sale(books, Line=[line]))

    assert fault(answer)[0] == "6100"


async def test_the_closed_period_is_6210(books: QuickBooks) -> None:
    inside = await books.post("invoice", await sale(books, TxnDate="2025-12-31"))
    after = await books.make("Invoice", await sale(books, TxnDate="2026-01-01"))
    back = {**version_of(after), "sparse": True, "TxnDate": "2025-06-01"}

    assert fault(inside)[0] == "6210"
    assert fault(await books.post("invoice", back))[0] == "6210"


async def test_a_document_number_used_twice_is_6140_where_that_is_wanted(
    books: QuickBooks, uk_books: QuickBooks
) -> None:
    first = await books.make("Invoice", await sale(books, DocNumber="A-7"))
    same = await sale(books, DocNumber="A-7")
    accepted = await books.post("invoice", same)
    await books.switch(duplicate_doc_numbers="refuse")
    refused = await books.post("invoice", same)
    allowed = await books.post("invoice", same, include="allowduplicatedocnum")

    vendor = {"value": await books.id("Vendor", "Metro Water")}
    line = expense_line(await books.id("Account", "Utilities"), "10")
    bill = {"VendorRef": vendor, "DocNumber": "8841", "Line": [line]}
    await books.switch(duplicate_doc_numbers="preference")
    await books.make("Bill", bill)

    code, detail = fault(refused)
    assert accepted.status_code == allowed.status_code == 200
    assert code == "6140"
    assert f"TxnId={first['Id']}" in detail
    assert fault(await books.post("bill", bill))[0] == "6140"


async def test_invoices_are_numbered_after_the_last(books: QuickBooks) -> None:
    first = await books.invoice()
    own = await books.invoice(DocNumber="2000")
    following = await books.invoice()
    automatic = await books.invoice(DocNumber="AUTO_GENERATE")

    numbers = [one["DocNumber"] for one in (first, own, following, automatic)]
    assert numbers == ["1001", "2000", "2001", "2002"]


@pytest.mark.parametrize("number", ["1e308", "1E+308", "2.5e7", "12²"])
async def test_what_ends_in_no_integer_is_not_counted_on(
    books: QuickBooks, number: str
) -> None:
    first = await books.invoice()
    odd = await books.invoice(DocNumber=number)
    following = await books.invoice()

    numbers = [one["DocNumber"] for one in (first, odd, following)]
    assert numbers == ["1001", number, "1002"]


async def test_custom_numbers_are_given_or_asked_for(uk_books: QuickBooks) -> None:
    customer = {"value": await uk_books.id("Customer", "Hebden House")}
    code = {"value": await uk_books.id("TaxCode", "Exempt")}
    line = sales_line(await uk_books.id("Item", "Key Fob"), "18", TaxCodeRef=code)
    body = {"CustomerRef": customer, "Line": [line]}

    none = await uk_books.make("Invoice", body)
    own = await uk_books.make("Invoice", {**body, "DocNumber": "PPC-0099"})
    automatic = await uk_books.make("Invoice", {**body, "DocNumber": "AUTO_GENERATE"})
    twice = await uk_books.post("invoice", {**body, "DocNumber": "PPC-0099"})

    assert "DocNumber" not in none
    assert own["DocNumber"] == "PPC-0099"
    assert automatic["DocNumber"] == "PPC-0100"
    assert fault(twice)[0] == "6140"


# Replays


async def test_a_request_id_makes_one_record_whatever_the_body(
    books: QuickBooks,
) -> None:
    body = await sale(books)
    first = await books.post("invoice", body, requestid="r-1")
    same = await books.post("invoice", body, requestid="r-1")
    other = await books.post("customer", {"DisplayName": "X"}, requestid="r-1")

    assert same.text == other.text == first.text
    assert await books.count("Invoice") == 1
    assert await books.count("Customer", "where DisplayName = 'X'") == 0
    assert [line["replayed"] for line in (await books.arrived())[-4:-2]] == [
        True,
        True,
    ]


async def test_a_replay_gives_the_answer_of_then(books: QuickBooks) -> None:
    first = await books.post("invoice", await sale(books), requestid="r-2")
    made = first.json()["Invoice"]
    await books.make(
        "Invoice", {**version_of(made), "sparse": True, "PrivateNote": "n"}
    )

    again = await books.post("invoice", {}, requestid="r-2")

    assert again.text == first.text


async def test_a_request_id_lives_a_day(books: QuickBooks) -> None:
    body = await sale(books)
    await books.post("invoice", body, requestid="r-3")
    await books.http.post("/_simulator/clock", json={"advance_seconds": 86_500})

    await books.post("invoice", body, requestid="r-3")

    assert await books.count("Invoice") == 2


async def test_with_nothing_remembered_writes_are_still_answered(
    books: QuickBooks,
) -> None:
    await books.switch(requestid_ttl_seconds=0)
    body = await sale(books)

    for _ in range(3):
        await books.make("Invoice", body, requestid="r-0")
        await books.http.post("/_simulator/clock", json={"advance_seconds": 1})

    assert await books.count("Invoice") == 3


async def test_switches_change_what_request_ids_do(books: QuickBooks) -> None:
    await books.switch(requestid_ignored_for="Customer,Vendor")
    await books.make("Customer", {"DisplayName": "Once"}, requestid="r-4")
    twice = await books.post("customer", {"DisplayName": "Once"}, requestid="r-4")
    body = await sale(books)
    await books.switch(requestid_repeated="fault")
    await books.make("Invoice", body, requestid="r-5")
    repeated = await books.post("invoice", body, requestid="r-5")

    assert fault(twice)[0] == "6240"
    assert fault(repeated)[0] == "600"


async def test_a_refused_write_may_be_repeated_with_its_id(books: QuickBooks) -> None:
    bad = await books.post("invoice", {}, requestid="r-6")
    good = await books.post("invoice", await sale(books), requestid="r-6")
    long = await books.post("invoice", {}, requestid="r" * 51)

    assert fault(bad)[0] == "2020"
    assert good.status_code == 200
    assert fault(long)[0] == "2050"


async def test_simultaneous_writes_with_one_id_are_one(books: QuickBooks) -> None:
    body = await sale(books)
    await books.switch(latency_ms=20)

    answers = await asyncio.gather(
        *(books.post("invoice", body, requestid="r-7") for _ in range(20))
    )

    assert len({answer.text for answer in answers}) == 1
    assert await books.count("Invoice") == 1


# Links


async def test_a_payment_lowers_the_balance_and_bumps_the_invoice(
    books: QuickBooks,
) -> None:
    invoice = await books.invoice(amount="100")

    payment = await books.pay(invoice, "60")

    after = await books.read("Invoice", invoice["Id"])
    customer = await books.read("Customer", invoice["CustomerRef"]["value"])
    assert after["Balance"] == Decimal(40)
    assert after["SyncToken"] == "1"
    assert after["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    assert payment["UnappliedAmt"] == 0
    assert payment["DepositToAccountRef"]["name"] == "Undeposited Funds"
    assert customer["Balance"] == Decimal(40)


async def test_what_is_not_applied_is_unapplied(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100")
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    line = {"Amount": 100, "LinkedTxn": [link]}

    payment = await books.pay(invoice, "250", Line=[line])

    customer = await books.read("Customer", invoice["CustomerRef"]["value"])
    assert payment["UnappliedAmt"] == Decimal(150)
    assert customer["Balance"] == Decimal(-150)


async def test_more_than_is_open_cannot_be_applied(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100")
    customer = invoice["CustomerRef"]
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    other = {"value": await books.id("Customer", "May Chen")}

    too_much = await books.post(
        "payment",
        {
            "CustomerRef": customer,
            "TotalAmt": 200,
            "Line": [{"Amount": 200, "LinkedTxn": [link]}],
        },
    )
    not_theirs = await books.post(
        "payment",
        {
            "CustomerRef": other,
            "TotalAmt": 50,
            "Line": [{"Amount": 50, "LinkedTxn": [link]}],
        },
    )
    over_total = await books.post(
        "payment",
        {
            "CustomerRef": customer,
            "TotalAmt": 50,
            "Line": [{"Amount": 60, "LinkedTxn": [link]}],
        },
    )

    assert fault(too_much)[0] == fault(over_total)[0] == "6000"
    assert fault(not_theirs)[0] == "620"
    assert (await books.read("Invoice", invoice["Id"]))["SyncToken"] == "0"


async def test_a_parent_may_pay_for_its_job(books: QuickBooks) -> None:
    invoice = await books.invoice("Acme West", "100")
    parent = {"value": await books.id("Customer", "Acme Corporation")}

    await books.pay(invoice, "100", CustomerRef=parent)

    west = await books.read("Customer", invoice["CustomerRef"]["value"])
    owner = await books.read("Customer", parent["value"])
    assert west["Balance"] == owner["Balance"] == owner["BalanceWithJobs"] == 0


async def test_a_deleted_payment_opens_the_invoice_again(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100")
    payment = await books.pay(invoice, "100")

    answer = await books.post("payment", version_of(payment), operation="delete")

    after = await books.read("Invoice", invoice["Id"])
    assert answer.json()["Payment"] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": payment["Id"],
    }
    assert after["Balance"] == Decimal(100)
    assert after["LinkedTxn"] == []
    assert fault(await books.get(f"payment/{payment['Id']}"))[0] == "610"


async def test_a_deleted_invoice_leaves_the_payment_unapplied(
    books: QuickBooks,
) -> None:
    invoice = await books.invoice(amount="100")
    payment = await books.pay(invoice, "100")
    latest = await books.read("Invoice", invoice["Id"])

    await books.post("invoice", version_of(latest), operation="delete")

    after = await books.read("Payment", payment["Id"])
    assert after["UnappliedAmt"] == Decimal(100)
    assert after["Line"] == []
    assert after["SyncToken"] == "1"


async def test_an_invoice_made_smaller_frees_what_it_cannot_hold(
    books: QuickBooks,
) -> None:
    invoice = await books.invoice(amount="100")
    payment = await books.pay(invoice, "80")
    latest = await books.read("Invoice", invoice["Id"])
    line = sales_line(await books.id("Item", "Consulting"), "50")

    smaller = await books.make(
        "Invoice", {**version_of(latest), "sparse": True, "Line": [line]}
    )

    after = await books.read("Payment", payment["Id"])
    assert smaller["Balance"] == 0
    assert after["UnappliedAmt"] == Decimal(30)
    assert after["Line"][0]["Amount"] == Decimal(50)


async def test_a_credit_memo_pays_through_a_payment_of_nothing(
    books: QuickBooks,
) -> None:
    invoice = await books.invoice("May Chen", "100")
    memo = await books.make("CreditMemo", await sale(books))
    lines = [
        {"Amount": 70, "LinkedTxn": [{"TxnId": one["Id"], "TxnType": kind}]}
        for one, kind in ((invoice, "Invoice"), (memo, "CreditMemo"))
    ]

    await books.pay(invoice, "0", Line=lines)

    after = await books.read("CreditMemo", memo["Id"])
    assert after["RemainingCredit"] == after["Balance"] == Decimal(30)
    assert (await books.read("Invoice", invoice["Id"]))["Balance"] == Decimal(30)
    await books.post("creditmemo", version_of(after), operation="delete")
    assert (await books.read("Invoice", invoice["Id"]))["Balance"] == Decimal(100)


async def test_a_bill_is_paid_by_a_bill_payment(books: QuickBooks) -> None:
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    checking = {"value": await books.id("Account", "Business Checking")}
    line = expense_line(await books.id("Account", "Utilities"), "120")
    bill = await books.make("Bill", {"VendorRef": vendor, "Line": [line]})
    link = {"TxnId": bill["Id"], "TxnType": "Bill"}

    paid = await books.make(
        "BillPayment",
        {
            "VendorRef": vendor,
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": checking},
            "TotalAmt": 120,
            "Line": [{"Amount": 120, "LinkedTxn": [link]}],
        },
    )

    after = await books.read("Bill", bill["Id"])
    bank = await books.read("Account", checking["value"])
    assert after["Balance"] == 0
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "BillPaymentCheck"}]
    assert bank["CurrentBalance"] == Decimal(-120)
    assert (await books.read("Vendor", vendor["value"]))["Balance"] == 0


# Void, delete, send, print


async def test_a_void_leaves_the_invoice_with_nothing_in_it(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100", PrivateNote="old note")
    payment = await books.pay(invoice, "40")
    latest = await books.read("Invoice", invoice["Id"])

    answer = await books.post("invoice", version_of(latest), operation="void")

    voided = answer.json()["Invoice"]
    assert voided["TotalAmt"] == voided["Balance"] == 0
    assert voided["PrivateNote"] == "Voided - old note"
    assert voided["DocNumber"] == invoice["DocNumber"]
    assert voided["LinkedTxn"] == []
    assert voided["Line"][0]["SalesItemLineDetail"]["Qty"] == 0
    assert voided["SyncToken"] == str(int(latest["SyncToken"]) + 1)
    assert (await books.read("Payment", payment["Id"]))["UnappliedAmt"] == 40


async def test_a_payment_is_voided_by_its_own_spelling(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100")
    payment = await books.pay(invoice, "40")
    wish = {**version_of(payment), "sparse": True}

    other = await books.post("payment", wish, operation="void")
    voided = await books.make("Payment", wish, operation="update", include="void")

    assert fault(other) == ("500", "Operation void is not supported.")
    assert voided["TotalAmt"] == voided["UnappliedAmt"] == 0
    assert voided["PrivateNote"] == "Voided"
    assert (await books.read("Invoice", invoice["Id"]))["Balance"] == 100


async def test_what_cannot_be_voided_says_so_in_its_own_way(books: QuickBooks) -> None:
    made = {"Id": "1", "SyncToken": "0"}

    bill = await books.post("bill", made, operation="void")
    entry = await books.post("journalentry", made, operation="void")
    purchase = await books.post("purchase", made, operation="void")

    assert fault(bill, 200)[0] == "10000"
    assert set(entry.json()) == {"BatchItemResponse", "time"}
    assert fault(purchase)[0] == "500"


async def test_asking_to_void_never_only_changes(books: QuickBooks) -> None:
    invoice = await books.invoice()
    customer = await books.one("select * from Customer where DisplayName = 'May Chen'")
    how = {"operation": "update", "include": "void"}

    voided = await books.make("Invoice", version_of(invoice), **how)
    refused = await books.post("customer", version_of(customer), **how)

    assert voided["PrivateNote"] == "Voided"
    assert voided["TotalAmt"] == voided["Balance"] == 0
    assert fault(refused) == ("500", "Operation void is not supported.")
    assert await books.read("Customer", customer["Id"]) == customer


async def test_an_operation_does_what_it_says_or_nothing(books: QuickBooks) -> None:
    count = await books.count("Customer")
    body = {"DisplayName": "Not to be made"}

    nobody = await books.post("customer", body, operation="update")
    unknown = await books.post("customer", body, operation="merge")

    assert fault(nobody) == ("2020", "Required parameter Id is missing in the request")
    assert fault(unknown) == ("500", "Operation merge is not supported.")
    assert await books.count("Customer") == count


async def test_names_are_not_deleted(books: QuickBooks) -> None:
    customer = await books.one("select * from Customer where DisplayName = 'May Chen'")

    answer = await books.post("customer", version_of(customer), operation="delete")

    assert fault(answer)[0] == "500"


async def test_deleting_twice_is_610(books: QuickBooks) -> None:
    made = await books.invoice()
    first = await books.post("invoice", made, operation="delete")
    second = await books.post("invoice", made, operation="delete")

    assert first.status_code == 200
    assert fault(second)[0] == "610"


async def test_a_sent_invoice_says_when_and_to_whom(books: QuickBooks) -> None:
    made = await books.invoice()

    nowhere = await books.post(f"invoice/{made['Id']}/send", {})
    sent = await books.post(f"invoice/{made['Id']}/send", {}, sendTo="a+b@acme.example")
    again = await books.post(f"invoice/{made['Id']}/send", {})

    after = sent.json()["Invoice"]
    assert fault(nowhere)[0] == "6000"
    assert after["EmailStatus"] == "EmailSent"
    assert after["BillEmail"] == {"Address": "a+b@acme.example"}
    assert after["DeliveryInfo"]["DeliveryType"] == "Email"
    assert after["SyncToken"] == "1"
    assert again.json()["Invoice"]["SyncToken"] == "2"


async def test_a_repeated_send_mails_once(books: QuickBooks) -> None:
    made = await books.invoice(BillEmail={"Address": "ap@acme.example"})
    await books.switch(mails_per_day=1)

    first = await books.post(f"invoice/{made['Id']}/send", {}, requestid="mail-1")
    again = await books.post(f"invoice/{made['Id']}/send", {}, requestid="mail-1")
    another = await books.post(f"invoice/{made['Id']}/send", {}, requestid="mail-2")

    assert again.text == first.text
    assert fault(another)[0] == "6000"


@pytest.mark.parametrize("entity", ["Invoice", "CreditMemo", "Payment"])
async def test_the_pdf_is_one_and_shows_the_numbers(
    books: QuickBooks, entity: str
) -> None:
    invoice = await books.invoice("Müller Gärten", "1234.50")
    made = invoice
    if entity == "Payment":
        made = await books.pay(invoice, "1234.50")
    elif entity == "CreditMemo":
        line = sales_line(await books.id("Item", "Hours"), "1234.50")
        customer = invoice["CustomerRef"]
        made = await books.make(entity, {"CustomerRef": customer, "Line": [line]})

    answer = await books.get(f"{entity.lower()}/{made['Id']}/pdf")

    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert "Müller Gärten" in text
    assert "1,234.50" in text


async def test_a_bill_has_no_pdf(books: QuickBooks) -> None:
    assert fault(await books.get("bill/1/pdf"))[0] == "500"


async def test_every_answer_has_a_trace_id(books: QuickBooks) -> None:
    answers = [
        await books.get("preferences"),
        await books.get("invoice/99999"),
        await books.get("nonsense/1"),
    ]

    assert len({answer.headers["intuit_tid"] for answer in answers}) == 3


async def test_a_journal_entry_balances(books: QuickBooks) -> None:
    rent = {"value": await books.id("Account", "Rent")}
    checking = {"value": await books.id("Account", "Business Checking")}
    kind = "JournalEntryLineDetail"
    lines = [
        {
            "Amount": amount,
            "DetailType": kind,
            kind: {"PostingType": side, "AccountRef": account},
        }
        for amount, side, account in ((5, "Debit", rent), (6, "Credit", checking))
    ]

    answer = await books.post("journalentry", {"Line": lines})

    assert fault(answer)[0] == "6000"
