"""Journal entries, transfers and credit card payments."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from tests.simulator.bookkeeping import (
    Json,
    account,
    balance,
    change,
    check,
    drop,
    figures,
    journal,
    open_books,
    side,
    somebody,
    version_of,
)
from tests.simulator.client import QuickBooks, fault, loads

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """One set of American books for all."""
    async with open_books() as client:
        yield client


async def test_lines_of_a_journal_entry_are_numbered_from_nothing(
    books: QuickBooks,
) -> None:
    vendor, before = await somebody(books, "Vendor"), await figures(books)
    fuel, bank = await account(books, "Fuel"), await account(books, "Business Checking")

    made = await journal(
        books,
        side("Debit", fuel, "25.54", vendor),
        side("Credit", bank, "25.54"),
        DocNumber="14",
        Adjustment=True,
    )

    assert [line["Id"] for line in made["Line"]] == ["0", "1"]
    assert (made["DocNumber"], made["Adjustment"]) == ("14", True)
    assert made["TxnTaxDetail"] == {}
    entity = made["Line"][0]["JournalEntryLineDetail"]["Entity"]
    assert (entity["Type"], entity["EntityRef"]["value"]) == ("Vendor", vendor["value"])
    await check(books)
    more = [*made["Line"], side("Debit", fuel, "1"), side("Credit", bank, "1")]
    longer = await change(books, "JournalEntry", made, Line=more)
    assert [line["Id"] for line in longer["Line"]] == ["0", "1", "2", "3"]
    await drop(books, "JournalEntry", made)
    assert await figures(books) == before


async def test_debits_are_credits_and_names_go_with_what_is_owed(
    books: QuickBooks,
) -> None:
    vendor = await somebody(books, "Vendor")
    fuel, bank = await account(books, "Fuel"), await account(books, "Business Checking")
    control = await account(books, "Accounts Receivable (A/R)")
    whole = [side("Debit", fuel, "5"), side("Credit", bank, "5")]
    without = {"Amount": 5, "JournalEntryLineDetail": {"PostingType": "Debit"}}
    nothing = {"Amount": 5, "JournalEntryLineDetail": {"AccountRef": fuel}}
    cases: list[tuple[Json, str]] = [
        ({"Line": [side("Debit", fuel, "5"), side("Credit", bank, "4")]}, "6000"),
        ({"Line": whole[:1]}, "2020"),
        ({"Line": [without, whole[1]]}, "2020"),
        ({"Line": [nothing, whole[1]]}, "2020"),
        ({"Line": [side("Debit", fuel, "-5"), side("Credit", bank, "-5")]}, "6000"),
        ({"Line": [side("Debit", control, "5"), whole[1]]}, "6000"),
        ({"Line": [side("Debit", control, "5", vendor), whole[1]]}, "6000"),
        ({"Line": [side("Debit", {"value": "98765"}, "5"), whole[1]]}, "2500"),
        ({"Line": [side("Debit", fuel, "5", {"value": "98765"}), whole[1]]}, "2500"),
        ({"Line": [side("Sideways", fuel, "5"), whole[1]]}, "2170"),
    ]
    for body, code in cases:
        assert fault(await books.post("journalentry", body))[0] == code, body


async def test_tax_of_a_journal_entry_goes_to_its_agency() -> None:
    async with open_books("pennine-uk") as books:
        code = await books.one("select * from TaxCode where Name = '20.0% S'")
        bank = await account(books, "Current Account")
        before = await balance(books, "VAT Control")
        line = side("Debit", await account(books, "Software"), "100")
        line["JournalEntryLineDetail"] |= {
            "TaxCodeRef": {"value": code["Id"]},
            "TaxApplicableOn": "Purchase",
        }

        made = await journal(books, line, side("Credit", bank, "120"))

        detail = made["Line"][0]["JournalEntryLineDetail"]
        assert detail["TaxAmount"] == 20
        (tax,) = made["TxnTaxDetail"]["TaxLine"]
        assert (tax["Amount"], tax["TaxLineDetail"]["NetAmountTaxable"]) == (20, 100)
        assert await balance(books, "VAT Control") == before - 20
        await check(books)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Business Checking", "Savings Reserve"),
        ("Company Visa", "Business Checking"),
        ("Truck Loan", "Prepaid Insurance"),
    ],
)
async def test_a_transfer_is_between_any_two_balance_sheet_accounts(
    books: QuickBooks, source: str, target: str
) -> None:
    before = await figures(books)
    made = await books.make(
        "Transfer",
        {
            "FromAccountRef": await account(books, source),
            "ToAccountRef": await account(books, target),
            "Amount": Decimal("120.25"),
        },
    )

    more = await change(books, "Transfer", made, Amount=Decimal("121.25"))

    assert more["Amount"] == Decimal("121.25")
    assert more["FromAccountRef"]["name"] == source
    await check(books)
    await drop(books, "Transfer", made)
    assert await figures(books) == before


async def test_a_transfer_needs_two_accounts_without_names(books: QuickBooks) -> None:
    bank = await account(books, "Business Checking")
    body = {"FromAccountRef": bank, "ToAccountRef": bank, "Amount": 5}
    fuel = await account(books, "Fuel")
    control = await account(books, "Accounts Receivable (A/R)")
    cases: list[tuple[Json, str]] = [
        ({}, "6000"),
        ({"ToAccountRef": fuel}, "6000"),
        ({"ToAccountRef": control}, "6000"),
        ({"ToAccountRef": {"value": "98765"}}, "2500"),
        ({"ToAccountRef": None}, "2020"),
        ({"Amount": None}, "2020"),
        ({"ToAccountRef": await account(books, "Petty Cash"), "Amount": -1}, "6000"),
    ]
    for changes, code in cases:
        answer = await books.post("transfer", {**body, **changes})

        assert fault(answer)[0] == code, changes


async def test_a_credit_card_is_paid_under_another_word(books: QuickBooks) -> None:
    before = await figures(books)
    bank, card = (
        await account(books, "Business Checking"),
        await account(books, "Company Visa"),
    )
    body = {
        "BankAccountRef": bank,
        "CreditCardAccountRef": card,
        "Amount": 100,
        "Memo": "statement",
        "CheckNum": "12",
        "VendorRef": await somebody(books, "Vendor"),
    }

    answer = await books.post("creditcardpayment", body)
    made = loads(answer.text)["CreditCardPaymentTxn"]
    listed = await books.get("query", query="select * from creditcardpayment")
    more = await books.post("creditcardpayment", {**made, "Amount": 101})

    assert (made["Amount"], made["Memo"], made["CheckNum"]) == (100, "statement", "12")
    assert made["CreditCardAccountRef"]["name"] == "Company Visa"
    assert listed.json()["QueryResponse"]["CreditCardPaymentTxn"][0]["Id"] == made["Id"]
    assert loads(more.text)["CreditCardPaymentTxn"]["Amount"] == 101
    assert await balance(books, "Company Visa") == -101
    await check(books)
    gone = await books.post(
        "creditcardpayment",
        version_of(loads(more.text)["CreditCardPaymentTxn"]),
        operation="delete",
    )
    assert gone.json()["CreditCardPaymentTxn"]["status"] == "Deleted"
    assert await figures(books) == before


async def test_a_credit_card_payment_needs_a_card_and_a_bank(
    books: QuickBooks,
) -> None:
    bank, card = (
        await account(books, "Business Checking"),
        await account(books, "Company Visa"),
    )
    whole = {"BankAccountRef": bank, "CreditCardAccountRef": card, "Amount": 100}
    for changes, code in (
        ({"BankAccountRef": None}, "2020"),
        ({"CreditCardAccountRef": None}, "2020"),
        ({"Amount": None}, "2020"),
        ({"CreditCardAccountRef": bank}, "6000"),
        ({"BankAccountRef": await account(books, "Fuel")}, "6000"),
        ({"BankAccountRef": {"value": "98765"}}, "2500"),
    ):
        answer = await books.post("creditcardpayment", {**whole, **changes})

        assert fault(answer)[0] == code, changes
