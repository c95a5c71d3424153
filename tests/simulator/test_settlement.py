"""Who pays what, with what: payments, credits, and what happens to them later."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from tests.simulator.bookkeeping import (
    Json,
    account,
    balance,
    bill,
    bill_payment,
    change,
    check,
    drop,
    figures,
    journal,
    linked,
    open_books,
    payment,
    side,
    somebody,
    vendor_credit,
    version_of,
)
from tests.simulator.client import QuickBooks, cell, expense_line, fault, sales_line

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """One set of books for all; every test brings its own customers and vendors."""
    async with open_books() as client:
        yield client


async def invoice(books: QuickBooks, customer: Json, amount: str) -> Json:
    line = sales_line(await books.id("Item", "Consulting"), amount)
    return await books.make("Invoice", {"CustomerRef": customer, "Line": [line]})


async def credit_memo(books: QuickBooks, customer: Json, amount: str) -> Json:
    line = sales_line(await books.id("Item", "Consulting"), amount)
    return await books.make("CreditMemo", {"CustomerRef": customer, "Line": [line]})


async def opening(books: QuickBooks, customer: Json, amount: str) -> Json:
    """A journal entry by which a customer owes something."""
    return await journal(
        books,
        side(
            "Debit", await account(books, "Accounts Receivable (A/R)"), amount, customer
        ),
        side("Credit", await account(books, "Opening Balance Equity"), amount),
    )


# Vendors


async def test_a_vendor_credit_is_a_bill_turned_round(books: QuickBooks) -> None:
    vendor, before = await somebody(books, "Vendor"), await figures(books)

    credit = await vendor_credit(books, vendor, "40", DocNumber="VC-1")
    owner = await books.read("Vendor", vendor["value"])

    assert (credit["TotalAmt"], credit["Balance"]) == (40, 40)
    assert credit["APAccountRef"]["name"] == "Accounts Payable (A/P)"
    assert credit["Line"][0]["AccountBasedExpenseLineDetail"]["BillableStatus"]
    assert owner["Balance"] == -40
    await check(books)
    await drop(books, "VendorCredit", credit)
    assert await figures(books) == before


async def test_a_bill_is_paid_with_a_credit_alone(books: QuickBooks) -> None:
    vendor = await somebody(books, "Vendor")
    owed, credit = (
        await bill(books, vendor, "100"),
        await vendor_credit(books, vendor, "40"),
    )
    bank = await balance(books, "Business Checking")

    made = await bill_payment(
        books,
        vendor,
        "0",
        linked("Bill", owed, "40"),
        linked("VendorCredit", credit, "40"),
    )
    owed, credit = (
        await books.read("Bill", owed["Id"]),
        await books.read("VendorCredit", credit["Id"]),
    )

    assert (owed["Balance"], credit["Balance"]) == (60, 0)
    assert owed["LinkedTxn"] == [
        {"TxnId": made["Id"], "TxnType": "BillPaymentCheck"},
        {"TxnId": credit["Id"], "TxnType": "VendorCredit"},
    ]
    assert credit["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "BillPaymentCheck"}]
    assert await balance(books, "Business Checking") == bank
    await check(books)


async def test_deleting_either_side_opens_the_other(books: QuickBooks) -> None:
    vendor, before = await somebody(books, "Vendor"), await figures(books)
    owed, credit = (
        await bill(books, vendor, "100"),
        await vendor_credit(books, vendor, "40"),
    )
    lines = (linked("Bill", owed, "100"), linked("VendorCredit", credit, "40"))
    made = await bill_payment(books, vendor, "60", *lines)

    await drop(books, "VendorCredit", credit)
    short = await books.read("BillPayment", made["Id"])
    reopened = await books.read("Bill", owed["Id"])

    assert [line["Amount"] for line in short["Line"]] == [60]
    assert (reopened["Balance"], int(reopened["SyncToken"])) == (40, 2)
    await check(books)
    await drop(books, "BillPayment", made)
    assert (await books.read("Bill", owed["Id"]))["Balance"] == 100
    await drop(books, "Bill", owed)
    assert await figures(books) == before


async def test_a_bill_paid_too_much_leaves_money_with_the_vendor(
    books: QuickBooks,
) -> None:
    vendor = await somebody(books, "Vendor")
    owed = await bill(books, vendor, "100")
    card = await account(books, "Company Visa")

    made = await bill_payment(
        books,
        vendor,
        "130",
        linked("Bill", owed, "100"),
        PayType="CreditCard",
        CreditCardPayment={"CCAccountRef": card},
    )
    owed = await books.read("Bill", owed["Id"])

    assert "CheckPayment" not in made
    assert made["CreditCardPayment"]["CCAccountRef"]["name"] == "Company Visa"
    assert owed["LinkedTxn"][0]["TxnType"] == "BillPaymentCreditCard"
    assert (await books.read("Vendor", vendor["value"]))["Balance"] == -30
    await check(books)


async def test_a_bill_payment_is_voided_by_its_own_spelling(books: QuickBooks) -> None:
    vendor = await somebody(books, "Vendor")
    owed = await bill(books, vendor, "100")
    made = await bill_payment(
        books, vendor, "100", linked("Bill", owed, "100"), PrivateNote="March"
    )

    voided = await books.make(
        "BillPayment",
        {**version_of(made), "sparse": True},
        operation="update",
        include="void",
    )

    assert (voided["TotalAmt"], voided["Line"]) == (0, [])
    assert voided["PrivateNote"] == "Voided - March"
    assert (await books.read("Bill", owed["Id"]))["Balance"] == 100
    await check(books)


# Journal entries


async def test_a_journal_entry_is_paid_like_an_invoice(books: QuickBooks) -> None:
    customer, before = await somebody(books, "Customer"), await figures(books)
    entry = await opening(books, customer, "500")

    made = await payment(books, customer, "200", linked("JournalEntry", entry, "200"))
    shown = await books.read("JournalEntry", entry["Id"])
    names = {
        pair["value"]["Name"]: pair["value"]["Value"]
        for pair in made["Line"][0]["LineEx"]["any"]
    }

    assert made["UnappliedAmt"] == 0
    assert shown["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "Payment"}]
    assert names == {"txnId": entry["Id"], "txnOpenBalance": "500.00"}
    assert (await books.read("Customer", customer["value"]))["Balance"] == 300
    await check(books)
    await drop(books, "JournalEntry", entry)
    assert (await books.read("Payment", made["Id"]))["UnappliedAmt"] == 200
    await drop(books, "Payment", made)
    assert await figures(books) == before


async def test_a_credit_of_a_journal_entry_pays_an_invoice(books: QuickBooks) -> None:
    customer = await somebody(books, "Customer")
    sale = await invoice(books, customer, "90")
    off = await journal(
        books,
        side("Debit", await account(books, "Bank Charges"), "30"),
        side(
            "Credit", await account(books, "Accounts Receivable (A/R)"), "30", customer
        ),
    )

    made = await payment(
        books,
        customer,
        "50",
        linked("Invoice", sale, "80"),
        linked("JournalEntry", off, "30"),
    )

    assert made["UnappliedAmt"] == 0
    assert (await books.read("Invoice", sale["Id"]))["Balance"] == 10
    await check(books)


async def test_a_journal_entry_with_two_names_is_two_claims(books: QuickBooks) -> None:
    one, two = await somebody(books, "Customer"), await somebody(books, "Customer")
    control = await account(books, "Accounts Receivable (A/R)")
    equity = await account(books, "Opening Balance Equity")
    entry = await journal(
        books,
        side("Debit", control, "100", one),
        side("Debit", control, "60", two),
        side("Credit", equity, "160"),
    )

    await payment(books, one, "100", linked("JournalEntry", entry, "100"))
    await payment(books, two, "60", linked("JournalEntry", entry, "60"))
    third = {
        "CustomerRef": two,
        "TotalAmt": 1,
        "Line": [linked("JournalEntry", entry, "1")],
    }

    assert fault(await books.post("payment", third))[0] == "6000"
    for customer in (one, two):
        assert (await books.read("Customer", customer["value"]))["Balance"] == 0
    await check(books)


async def test_a_changed_journal_entry_lets_go_of_what_it_cannot_hold(
    books: QuickBooks,
) -> None:
    customer, other = (
        await somebody(books, "Customer"),
        await somebody(books, "Customer"),
    )
    control = await account(books, "Accounts Receivable (A/R)")
    equity = await account(books, "Opening Balance Equity")
    entry = await opening(books, customer, "100")
    made = await payment(books, customer, "100", linked("JournalEntry", entry, "100"))

    smaller = [side("Debit", control, "70", customer), side("Credit", equity, "70")]
    await change(books, "JournalEntry", entry, Line=smaller)
    less = await books.read("Payment", made["Id"])
    turned = [side("Credit", control, "70", customer), side("Debit", equity, "70")]
    await change(books, "JournalEntry", entry, Line=turned)
    none = await books.read("Payment", made["Id"])
    await payment(books, customer, "0", linked("JournalEntry", entry, "0"))
    elsewhere = [side("Debit", control, "70", other), side("Credit", equity, "70")]
    await change(books, "JournalEntry", entry, Line=elsewhere)

    assert (less["UnappliedAmt"], less["Line"][0]["Amount"]) == (30, 70)
    assert (none["UnappliedAmt"], none["Line"]) == (100, [])
    assert (await books.read("Customer", other["value"]))["Balance"] == 70
    await check(books)


# Cash basis


async def cash(books: QuickBooks, name: str) -> Decimal:
    """What an account comes to in profit and loss on cash basis."""
    report = await books.report(
        "ProfitAndLoss",
        accounting_method="Cash",
        start_date="2026-01-01",
        end_date="2026-12-31",
    )
    return cell(report, await books.id("Account", name))


async def test_on_cash_basis_a_bill_counts_as_it_is_paid(books: QuickBooks) -> None:
    vendor, before = await somebody(books, "Vendor"), await cash(books, "Fuel")
    owed = await bill(books, vendor, "100")
    credit = await vendor_credit(books, vendor, "40")
    assert await cash(books, "Fuel") == before

    lines = (linked("Bill", owed, "40"), linked("VendorCredit", credit, "40"))
    await bill_payment(books, vendor, "0", *lines)
    assert await cash(books, "Fuel") == before
    made = await bill_payment(books, vendor, "60", linked("Bill", owed, "60"))

    assert await cash(books, "Fuel") == before + 60
    await drop(books, "BillPayment", made)
    assert await cash(books, "Fuel") == before
    await check(books)


async def test_on_cash_basis_a_journal_entry_stands_as_it_is(
    books: QuickBooks,
) -> None:
    customer = await somebody(books, "Customer")
    control = await account(books, "Accounts Receivable (A/R)")
    before = await cash(books, "Interest Earned")
    entry = await journal(
        books,
        side("Debit", control, "50", customer),
        side("Credit", await account(books, "Interest Earned"), "50"),
    )
    assert await cash(books, "Interest Earned") == before + 50

    await payment(books, customer, "50", linked("JournalEntry", entry, "50"))

    assert await cash(books, "Interest Earned") == before + 50
    await check(books)


# Customers


async def test_a_sub_customer_pays_within_its_family(books: QuickBooks) -> None:
    parent, stranger = (
        await somebody(books, "Customer"),
        await somebody(books, "Customer"),
    )
    job = await somebody(books, "Customer", Job=True, ParentRef=parent)
    sale = await invoice(books, parent, "80")

    made = await payment(books, job, "80", linked("Invoice", sale, "80"))
    other = {
        "CustomerRef": stranger,
        "TotalAmt": 1,
        "Line": [linked("Invoice", sale, "1")],
    }

    assert made["UnappliedAmt"] == 0
    assert fault(await books.post("payment", other))[0] == "620"
    assert (await books.read("Customer", parent["value"]))["BalanceWithJobs"] == 0
    await check(books)


async def test_a_payment_without_lines_waits_and_is_applied_later(
    books: QuickBooks,
) -> None:
    customer = await somebody(books, "Customer")
    sale = await invoice(books, customer, "80")
    card = {"CreditChargeInfo": {"ProcessPayment": False, "Type": "Visa"}}
    waiting = await books.make(
        "Payment",
        {"CustomerRef": customer, "TotalAmt": 100, "CreditCardPayment": card},
    )

    applied = await change(
        books, "Payment", waiting, Line=[linked("Invoice", sale, "80")]
    )
    noted = await change(books, "Payment", applied, PrivateNote="thanks")
    freed = await change(books, "Payment", noted, Line=[])

    assert waiting["UnappliedAmt"] == 100
    assert waiting["CreditCardPayment"] == card
    assert (applied["UnappliedAmt"], noted["UnappliedAmt"]) == (20, 20)
    assert noted["Line"] == applied["Line"]
    assert freed["UnappliedAmt"] == 100
    assert (await books.read("Invoice", sale["Id"]))["Balance"] == 80
    await check(books)


async def test_a_refund_by_check_uses_up_what_was_paid_too_much(
    books: QuickBooks,
) -> None:
    customer = await somebody(books, "Customer")
    credit = await credit_memo(books, customer, "70")
    control = await account(books, "Accounts Receivable (A/R)")
    check_ = await books.make(
        "Purchase",
        {
            "PaymentType": "Check",
            "AccountRef": await account(books, "Business Checking"),
            "EntityRef": {**customer, "type": "Customer"},
            "Line": [expense_line(control["value"], "70")],
        },
    )

    made = await payment(
        books,
        customer,
        "0",
        linked("Check", check_, "70"),
        linked("CreditMemo", credit, "70"),
    )

    assert made["Line"][0]["LinkedTxn"][0]["TxnType"] == "Check"
    assert (await books.read("CreditMemo", credit["Id"]))["RemainingCredit"] == 0
    assert (await books.read("Customer", customer["value"]))["Balance"] == 0
    await check(books)


async def test_changing_the_customer_of_an_invoice_frees_its_payment(
    books: QuickBooks,
) -> None:
    customer, other = (
        await somebody(books, "Customer"),
        await somebody(books, "Customer"),
    )
    sale = await invoice(books, customer, "80")
    made = await payment(books, customer, "80", linked("Invoice", sale, "80"))

    moved = await change(books, "Invoice", sale, CustomerRef=other)

    assert (moved["Balance"], moved["LinkedTxn"]) == (80, [])
    assert (await books.read("Payment", made["Id"]))["UnappliedAmt"] == 80
    await check(books)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ({"TxnId": "99999", "TxnType": "Invoice"}, "610"),
        ({"TxnId": "99999", "TxnType": "Estimate"}, "620"),
        ({"TxnId": "99999", "TxnType": "Bill"}, "620"),
    ],
)
async def test_what_cannot_be_linked_is_said(
    books: QuickBooks, link: Json, code: str
) -> None:
    customer = await somebody(books, "Customer")
    body = {
        "CustomerRef": customer,
        "TotalAmt": 1,
        "Line": [{"Amount": 1, "LinkedTxn": [link]}],
    }

    assert fault(await books.post("payment", body))[0] == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"VendorRef": None}, "2020"),
        ({"PayType": None}, "2020"),
        ({"TotalAmt": None}, "2020"),
        ({"CheckPayment": None}, "2020"),
        ({"TotalAmt": -1}, "6000"),
        ({"VendorRef": {"value": "98765"}}, "2500"),
        ({"CheckPayment": {"BankAccountRef": {"value": "98765"}}}, "2500"),
    ],
)
async def test_a_bill_payment_has_to_be_complete(
    books: QuickBooks, changes: Json, code: str
) -> None:
    vendor = await somebody(books, "Vendor")
    owed = await bill(books, vendor, "10")
    body = {
        "VendorRef": vendor,
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": await account(books, "Business Checking")},
        "TotalAmt": 10,
        "Line": [linked("Bill", owed, "10")],
        **changes,
    }

    assert fault(await books.post("billpayment", body))[0] == code


async def test_accounts_to_pay_with_are_of_the_right_type(books: QuickBooks) -> None:
    vendor, customer = (
        await somebody(books, "Vendor"),
        await somebody(books, "Customer"),
    )
    owed = await bill(books, vendor, "10")
    fuel = await account(books, "Fuel")
    paid = {
        "VendorRef": vendor,
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": fuel},
        "TotalAmt": 10,
        "Line": [linked("Bill", owed, "10")],
    }
    received = {"CustomerRef": customer, "TotalAmt": 10, "DepositToAccountRef": fuel}

    assert fault(await books.post("billpayment", paid))[0] == "6000"
    assert fault(await books.post("payment", received))[0] == "6000"


async def test_a_whole_payment_sent_back_changes_nothing_else(
    books: QuickBooks,
) -> None:
    customer = await somebody(books, "Customer")
    sale = await invoice(books, customer, "80")
    made = await payment(books, customer, "100", linked("Invoice", sale, "80"))

    again = await books.make("Payment", {**made, "PrivateNote": "same"})

    kept = {"SyncToken", "MetaData", "PrivateNote"}
    assert {k: v for k, v in again.items() if k not in kept} == {
        k: v for k, v in made.items() if k not in kept
    }
    assert (await books.read("Invoice", sale["Id"]))["Balance"] == 0
    assert Decimal(again["SyncToken"]) == 1
