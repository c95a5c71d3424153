"""python-quickbooks as its users use it, from end to end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
import pytest
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    UnsupportedException,
    ValidationException,
)
from quickbooks.objects.account import Account
from quickbooks.objects.attachable import Attachable
from quickbooks.objects.base import Address, AttachableRef, EmailAddress
from quickbooks.objects.bill import Bill
from quickbooks.objects.billpayment import (
    BillPayment,
    BillPaymentLine,
    CheckPayment,
)
from quickbooks.objects.customer import Customer
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    SalesItemLine,
    SalesItemLineDetail,
)
from quickbooks.objects.estimate import Estimate
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.item import Item
from quickbooks.objects.payment import Payment, PaymentLine
from quickbooks.objects.vendor import Vendor

_NUMBERS = count(1)


def new_customer(books: QuickBooks, **more: Any) -> Customer:
    customer = Customer()
    customer.DisplayName = f"Client's & Söhne #{next(_NUMBERS)}"
    customer.PrimaryEmailAddr = EmailAddress()
    customer.PrimaryEmailAddr.Address = "someone@example.com"
    customer.BillAddr = Address()
    customer.BillAddr.Line1 = "1 Road"
    for name, value in more.items():
        setattr(customer, name, value)
    return customer.save(qb=books)


def sale_line(books: QuickBooks, amount: float) -> SalesItemLine:
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = Item.get(10, qb=books).to_ref()
    line.SalesItemLineDetail.Qty = 1
    line.SalesItemLineDetail.UnitPrice = amount
    return line


def new_invoice(books: QuickBooks, customer: Customer, amount: float = 120) -> Invoice:
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line.append(sale_line(books, amount))
    return invoice.save(qb=books)


def paid(books: QuickBooks, invoice: Invoice, amount: float) -> Payment:
    payment = Payment()
    payment.CustomerRef = invoice.CustomerRef
    payment.TotalAmt = amount
    line = PaymentLine()
    line.Amount = amount
    line.LinkedTxn.append(invoice.to_linked_txn())
    payment.Line.append(line)
    return payment.save(qb=books)


def new_bill(books: QuickBooks, amount: float = 80) -> Bill:
    bill = Bill()
    bill.VendorRef = Vendor.all(max_results=1, qb=books)[0].to_ref()
    line = AccountBasedExpenseLine()
    line.Amount = amount
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    expense = Account.where("AccountType = 'Expense'", max_results=1, qb=books)[0]
    line.AccountBasedExpenseLineDetail.AccountRef = expense.to_ref()
    bill.Line.append(line)
    return bill.save(qb=books)


def last_value(report: dict[str, Any], group: str) -> Decimal:
    """The total of a group."""
    return Decimal(next(_values(report["Rows"], group)) or 0)


def _values(part: dict[str, Any], group: str) -> Iterator[str]:
    for row in part.get("Row", []):
        if row.get("group") == group and "Summary" in row:
            yield row["Summary"]["ColData"][-1]["value"]
        yield from _values(row.get("Rows", {}), group)


def test_a_customer_is_made_found_changed_and_made_inactive(books: QuickBooks) -> None:
    made = new_customer(books)
    found = Customer.filter(DisplayName=made.DisplayName, qb=books)
    assert [one.Id for one in found] == [made.Id]

    made.CompanyName = "Söhne + Co. 100%"
    made.save(qb=books)
    again = Customer.get(made.Id, qb=books)
    assert (again.CompanyName, again.SyncToken) == ("Söhne + Co. 100%", "1")
    assert again.BillAddr.Line1 == "1 Road"

    again.Active = False
    again.save(qb=books)
    assert Customer.filter(Id=made.Id, qb=books) == []
    assert len(Customer.filter(Id=made.Id, Active=False, qb=books)) == 1


def test_pages_add_up_to_the_count(books: QuickBooks) -> None:
    total = Customer.count(qb=books)

    pages: list[Customer] = []
    while page := Customer.all(
        order_by="Id", start_position=len(pages) + 1, max_results=7, qb=books
    ):
        pages += page

    numbers = [int(one.Id) for one in pages]
    assert len(pages) == total
    assert numbers == sorted(set(numbers))


def test_a_payment_settles_an_invoice_and_voiding_it_reopens(books: QuickBooks) -> None:
    invoice = new_invoice(books, new_customer(books))
    assert (invoice.TotalAmt, invoice.Balance) == (120, 120)
    assert invoice.DocNumber

    payment = paid(books, invoice, 50)
    invoice = Invoice.get(invoice.Id, qb=books)
    assert invoice.Balance == 70
    assert [one.TxnId for one in invoice.LinkedTxn] == [payment.Id]

    payment.void(qb=books)
    assert Invoice.get(invoice.Id, qb=books).Balance == 120
    assert "Voided" in Payment.get(payment.Id, qb=books).PrivateNote


def test_an_invoice_sent_back_whole_keeps_everything_else(books: QuickBooks) -> None:
    made = new_invoice(books, new_customer(books))
    invoice = Invoice.get(made.Id, qb=books)
    invoice.PrivateNote = "changed"

    changed = invoice.save(qb=books)

    assert changed.PrivateNote == "changed"
    assert len(changed.Line) == len(made.Line)
    assert changed.TotalAmt == made.TotalAmt
    assert changed.DocNumber == made.DocNumber


def test_an_invoice_is_voided_and_another_deleted(books: QuickBooks) -> None:
    customer = new_customer(books)
    voided, deleted = new_invoice(books, customer), new_invoice(books, customer)

    voided.void(qb=books)
    answer = deleted.delete(qb=books)

    assert Invoice.get(voided.Id, qb=books).TotalAmt == 0
    assert answer["Invoice"]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(deleted.Id, qb=books)
    assert Customer.get(customer.Id, qb=books).Balance == 0


def test_a_bill_is_paid_and_the_payment_deleted(books: QuickBooks) -> None:
    bill = new_bill(books)
    payment = BillPayment()
    payment.VendorRef = bill.VendorRef
    payment.PayType = "Check"
    payment.TotalAmt = 80
    payment.CheckPayment = CheckPayment()
    bank = Account.where("AccountType = 'Bank'", max_results=1, qb=books)[0]
    payment.CheckPayment.BankAccountRef = bank.to_ref()
    line = BillPaymentLine()
    line.Amount = 80
    line.LinkedTxn.append(bill.to_linked_txn())
    payment.Line.append(line)

    payment = payment.save(qb=books)
    bill = Bill.get(bill.Id, qb=books)
    assert bill.Balance == 0
    assert bill.LinkedTxn[0].TxnType == "BillPaymentCheck"

    payment.delete(qb=books)
    assert Bill.get(bill.Id, qb=books).Balance == 80


def test_many_are_made_changed_and_deleted_in_a_batch(books: QuickBooks) -> None:
    customer = new_customer(books)
    drafts = []
    for _ in range(35):
        invoice = Invoice()
        invoice.CustomerRef = customer.to_ref()
        invoice.Line.append(sale_line(books, 10))
        drafts.append(invoice)
    drafts[3].CustomerRef.value = customer.Id
    wrong = Invoice()
    wrong.CustomerRef = customer.to_ref()

    made = batch_create([*drafts, wrong], qb=books)
    assert (len(made.successes), len(made.faults)) == (35, 1)
    assert made.faults[0].original_object is wrong
    assert made.faults[0].Error[0].code == "2020"
    assert Customer.get(customer.Id, qb=books).Balance == 350

    for invoice in made.successes:
        invoice.PrivateNote = "in a batch"
    changed = batch_update(made.successes, qb=books)
    assert {one.PrivateNote for one in changed.successes} == {"in a batch"}

    gone = batch_delete(changed.successes, qb=books)
    assert not gone.faults
    assert Customer.get(customer.Id, qb=books).Balance == 0


def test_changes_since_a_time_are_seen(books: QuickBooks) -> None:
    customer = new_customer(books)
    invoice = new_invoice(books, customer)
    gone = new_invoice(books, customer)
    gone.delete(qb=books)

    since = datetime(2026, 11, 20, tzinfo=UTC) - timedelta(days=1)
    changes = change_data_capture([Customer, Invoice], since.isoformat(), qb=books)

    assert customer.Id in [one.Id for one in changes.Customer._object_list]
    invoices = {one.Id: one for one in changes.Invoice._object_list}
    assert invoices[gone.Id].status == "Deleted"
    assert invoices[invoice.Id].TotalAmt == 120


def test_a_file_is_kept_with_an_invoice_and_comes_back(books: QuickBooks) -> None:
    invoice = new_invoice(books, new_customer(books))
    reference = AttachableRef()
    reference.EntityRef = invoice.to_ref()
    attachable = Attachable()
    attachable.AttachableRef.append(reference)
    attachable.FileName = "note.txt"
    attachable.ContentType = "text/plain"
    attachable._FileBytes = b"bytes, and more\r\nof them"

    kept = attachable.save(qb=books)

    kept = Attachable.get(kept.Id, qb=books)
    assert kept.Size == len(attachable._FileBytes)
    assert kept.AttachableRef[0].EntityRef.value == invoice.Id
    assert httpx.get(kept.TempDownloadUri).content == attachable._FileBytes


def test_an_invoice_is_sent_and_comes_as_a_pdf(books: QuickBooks) -> None:
    invoice = new_invoice(books, new_customer(books))

    sent = invoice.send(qb=books, send_to="other+address@example.com")

    assert sent["Invoice"]["EmailStatus"] == "EmailSent"
    assert sent["Invoice"]["BillEmail"]["Address"] == "other+address@example.com"
    assert invoice.download_pdf(qb=books).startswith(b"%PDF-")


def test_an_estimate_stays_out_of_the_books(books: QuickBooks) -> None:
    customer = new_customer(books)
    estimate = Estimate()
    estimate.CustomerRef = customer.to_ref()
    estimate.Line.append(sale_line(books, 500))

    estimate = estimate.save(qb=books)

    assert (estimate.TotalAmt, estimate.TxnStatus) == (500, "Pending")
    assert Customer.get(customer.Id, qb=books).Balance == 0


def test_reports_follow_the_books(books: QuickBooks) -> None:
    year = {"start_date": "2026-01-01", "end_date": "2026-12-31"}
    before = last_value(books.get_report("ProfitAndLoss", dict(year)), "NetIncome")

    new_invoice(books, new_customer(books), 33)

    after = last_value(books.get_report("ProfitAndLoss", dict(year)), "NetIncome")
    assert after - before == 33
    sheet = books.get_report("BalanceSheet")
    assert last_value(sheet, "TotalAssets") == last_value(
        sheet, "TotalLiabilitiesAndEquity"
    )


def test_decimals_that_travel_as_texts_are_amounts(books: QuickBooks) -> None:
    books.use_decimal = True
    made = new_invoice(books, new_customer(books), 19.99)
    invoice = Invoice.get(made.Id, qb=books)
    assert invoice.TotalAmt == Decimal("19.99")

    invoice.PrivateNote = "sent back with texts for amounts"

    assert invoice.save(qb=books).TotalAmt == Decimal("19.99")


def test_the_same_request_id_makes_one_invoice(books: QuickBooks) -> None:
    customer = new_customer(books)

    def draft() -> Invoice:
        invoice = Invoice()
        invoice.CustomerRef = customer.to_ref()
        invoice.Line.append(sale_line(books, 10))
        return invoice

    first = draft().save(qb=books, request_id="once-and-no-more")
    second = draft().save(qb=books, request_id="once-and-no-more")

    assert first.Id == second.Id
    assert Customer.get(customer.Id, qb=books).Balance == 10


def test_refusals_are_raised_as_the_librarys_own_errors(books: QuickBooks) -> None:
    customer = new_customer(books)

    with pytest.raises(QuickbooksException, match="6240") as twice:
        new_customer(books, DisplayName=customer.DisplayName)
    assert twice.value.error_code == 6240

    stale = Customer.get(customer.Id, qb=books)
    Customer.get(customer.Id, qb=books).save(qb=books)
    with pytest.raises(QuickbooksException, match="5010"):
        stale.save(qb=books)

    with pytest.raises(ObjectNotFoundException):
        Invoice.get(987654, qb=books)
    bare = Invoice()
    bare.CustomerRef = customer.to_ref()
    with pytest.raises(ValidationException) as missing:
        bare.save(qb=books)
    assert missing.value.error_code == 2020
    with pytest.raises(ValidationException):
        Customer.where("Nonsense = '1'", qb=books)
    with pytest.raises(UnsupportedException):
        books.get_report("Nonsense")


def test_a_token_that_has_ended_is_an_authorization_error(books: QuickBooks) -> None:
    books.auth_client.revoke()

    with pytest.raises(AuthorizationException) as refused:
        Customer.all(qb=books)

    assert refused.value.error_code == 401
