"""Foreign money: rates by day, gain and loss, accounts in other currencies."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from tests.simulator.bookkeeping import (
    Json,
    account,
    balance,
    bill_payment,
    change,
    check_sheet,
    drop,
    figures,
    journal,
    linked,
    open_books,
    payment,
    side,
    somebody,
)
from tests.simulator.client import QuickBooks, cell, expense_line, fault, sales_line
from tests.simulator.reading import lines, places

pytestmark = pytest.mark.asyncio(loop_scope="module")
EURO = {"CurrencyRef": {"value": "EUR"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """The British company, whose home currency is the pound."""
    async with open_books("pennine-uk") as client:
        yield client


async def set_rate(books: QuickBooks, day: str, rate: str) -> None:
    body = {"SourceCurrencyCode": "EUR", "AsOfDate": day, "Rate": Decimal(rate)}
    answer = await books.post("exchangerate", body)
    assert answer.status_code == 200, answer.text


async def no_vat(books: QuickBooks) -> Json:
    code = await books.one("select * from TaxCode where Name = 'No VAT'")
    return {"TaxCodeRef": {"value": code["Id"]}}


async def invoice(
    books: QuickBooks, customer: Json, amount: str, day: str, **more: object
) -> Json:
    item = (await books.query("select * from Item where Type = 'Service'"))[0]
    line = sales_line(item["Id"], amount, **await no_vat(books))
    body = {"CustomerRef": customer, "Line": [line], "TxnDate": day, **more}
    return await books.make("Invoice", body)


async def gain(books: QuickBooks) -> Decimal:
    """What exchange has cost so far."""
    rows = await books.query(
        "select * from Account where AccountSubType = 'ExchangeGainOrLoss'"
    )
    report = await books.report(
        "ProfitAndLoss", start_date="2026-01-01", end_date="2026-12-31"
    )
    return cell(report, rows[0]["Id"]) if rows else Decimal(0)


async def test_a_transaction_has_the_rate_of_its_day(books: QuickBooks) -> None:
    customer = await somebody(books, "Customer", **EURO)
    await set_rate(books, "2026-10-01", "0.85")
    await set_rate(books, "2026-11-01", "0.88")

    october = await invoice(books, customer, "100", "2026-10-15")
    november = await invoice(books, customer, "100", "2026-11-01")
    own = await invoice(books, customer, "100", "2026-11-01", ExchangeRate=0.9)

    assert october["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    assert (october["ExchangeRate"], october["HomeTotalAmt"]) == (Decimal("0.85"), 85)
    assert (november["HomeTotalAmt"], november["HomeBalance"]) == (88, 88)
    assert own["HomeTotalAmt"] == 90
    assert (await books.read("Customer", customer["value"]))["Balance"] == 300
    await check_sheet(books)


async def test_a_list_shows_amounts_in_both_currencies(books: QuickBooks) -> None:
    day = "2026-10-21"
    span = {"start_date": day, "end_date": day}
    customer = await somebody(books, "Customer", **EURO)
    rate = Decimal("0.8567")
    await invoice(books, customer, "9.99", day, ExchangeRate=rate)
    both = "subt_nat_amount,subt_nat_home_amount"

    usual = await books.report("TransactionList", **span)
    wanted = await books.report("TransactionList", columns=f"tx_date,{both}", **span)
    alone = await books.report(
        "TransactionList", columns="tx_date,subt_nat_amount", **span
    )
    sides = await books.report(
        "GeneralLedger",
        columns="tx_date,debt_amt,debt_home_amt,credit_amt,credit_home_amt",
        **span,
    )

    assert "subt_nat_amount" not in places(usual)
    assert list(places(alone)) == ["tx_date", "subt_nat_amount"]
    (row,) = (one for one in lines(wanted) if one["tx_date"] == day)
    assert row["subt_nat_amount"] == "9.99"
    assert row["subt_nat_home_amount"] == "8.56"
    entries = [one for one in lines(sides) if one["tx_date"] == day]
    pairs = {
        (one[f"{side}_amt"], one[f"{side}_home_amt"])
        for one in entries
        for side in ("debt", "credit")
    }
    assert pairs == {("9.99", "8.56"), ("", "")}


async def test_what_the_rate_did_in_between_is_gain_or_loss(
    books: QuickBooks,
) -> None:
    customer, before = await somebody(books, "Customer", **EURO), await figures(books)
    lost = await gain(books)
    sale = await invoice(books, customer, "100", "2026-10-15", ExchangeRate=0.85)

    first = await payment(
        books,
        customer,
        "33.33",
        linked("Invoice", sale, "33.33"),
        ExchangeRate=Decimal("0.9"),
    )
    second = await payment(
        books,
        customer,
        "66.67",
        linked("Invoice", sale, "66.67"),
        ExchangeRate=Decimal("0.8"),
    )
    sale = await books.read("Invoice", sale["Id"])

    assert (sale["Balance"], sale["HomeBalance"]) == (0, 0)
    # 33.33 came in at 30.00 for 28.33, 66.67 at 53.34 for 56.67.
    assert await gain(books) == lost - Decimal("1.67") + Decimal("3.33")
    assert (await books.read("Customer", customer["value"]))["Balance"] == 0
    await check_sheet(books)
    await change(books, "Invoice", sale, ExchangeRate=Decimal("0.95"))
    await check_sheet(books)
    for kind, made in (("Payment", first), ("Invoice", sale), ("Payment", second)):
        await drop(books, kind, made)
    assert await figures(books) == before


async def test_vendors_are_paid_in_their_currency(books: QuickBooks) -> None:
    vendor = await somebody(books, "Vendor", **EURO)
    lost = await gain(books)
    line = expense_line(
        (await account(books, "Software"))["value"], "200", **await no_vat(books)
    )
    body = {"VendorRef": vendor, "Line": [line], "ExchangeRate": Decimal("0.85")}
    owed = await books.make("Bill", body)

    await bill_payment(
        books,
        vendor,
        "200",
        linked("Bill", owed, "200"),
        ExchangeRate=Decimal("0.9"),
        bank="Current Account",
    )

    assert owed["APAccountRef"]["name"].endswith("EUR")
    assert (await books.read("Bill", owed["Id"]))["HomeBalance"] == 0
    assert await gain(books) == lost + 10
    await check_sheet(books)


async def test_a_foreign_bank_account_holds_foreign_money(books: QuickBooks) -> None:
    made = await books.make(
        "Account",
        {"Name": "Euro Account", "AccountType": "Bank", **EURO},
    )
    euro, home = {"value": made["Id"]}, await account(books, "Current Account")
    customer = await somebody(books, "Customer", **EURO)

    await payment(
        books, customer, "100", DepositToAccountRef=euro, ExchangeRate=Decimal("0.85")
    )
    held = await balance(books, "Euro Account")
    pounds = await balance(books, "Current Account")
    moved = await books.make(
        "Transfer",
        {
            "FromAccountRef": euro,
            "ToAccountRef": home,
            "Amount": 100,
            "ExchangeRate": Decimal("0.9"),
        },
    )

    assert held == 100
    assert moved["CurrencyRef"]["value"] == "EUR"
    assert await balance(books, "Euro Account") == 0
    assert await balance(books, "Current Account") == pounds + 90
    await check_sheet(books)
    british = await somebody(books, "Customer")
    wrong = {"CustomerRef": british, "TotalAmt": 5, "DepositToAccountRef": euro}
    assert fault(await books.post("payment", wrong))[0] == "6000"


async def test_currencies_are_not_mixed(books: QuickBooks) -> None:
    customer = await somebody(books, "Customer", **EURO)
    british = await somebody(books, "Customer")
    sale = await invoice(books, customer, "100", "2026-10-15")
    pound = {"CurrencyRef": {"value": "GBP"}}
    control = await account(books, "Debtors")
    entry = {
        "Line": [
            side("Debit", control, "5", customer),
            side("Credit", await account(books, "Sundry Income"), "5"),
        ]
    }
    paid = {"CustomerRef": customer, "TotalAmt": 5, **pound}
    other = {
        "CustomerRef": british,
        "TotalAmt": 5,
        "Line": [linked("Invoice", sale, "5")],
    }

    assert fault(await books.post("payment", paid))[0] == "6000"
    assert fault(await books.post("journalentry", entry))[0] == "6000"
    assert fault(await books.post("payment", other))[0] == "620"


async def test_a_foreign_journal_entry_is_owed_and_paid(books: QuickBooks) -> None:
    customer = await somebody(books, "Customer", **EURO)
    rows = await books.query(
        "select * from Account where AccountType = 'Accounts Receivable'"
    )
    control = next(r for r in rows if r["CurrencyRef"]["value"] == "EUR")
    income = await account(books, "Sundry Income")
    entry = await journal(
        books,
        side("Debit", {"value": control["Id"]}, "33.33", customer),
        side("Credit", income, "11.11"),
        side("Credit", income, "22.22"),
        CurrencyRef={"value": "EUR"},
        ExchangeRate=Decimal("0.855"),
    )
    owed = await balance(books, control["Name"])

    await payment(books, customer, "33.33", linked("JournalEntry", entry, "33.33"))

    assert entry["HomeTotalAmt"] == Decimal("28.5")
    assert await balance(books, control["Name"]) == owed - Decimal("33.33")
    assert (await books.read("Customer", customer["value"]))["Balance"] == 0
    await check_sheet(books)


async def test_waiting_foreign_money_is_deposited_with_gain_or_loss(
    books: QuickBooks,
) -> None:
    customer = await somebody(books, "Customer", **EURO)
    funds = await balance(books, "Undeposited Funds")
    lost = await gain(books)
    waiting = await payment(books, customer, "100", ExchangeRate=Decimal("0.85"))

    made = await books.make(
        "Deposit",
        {
            "DepositToAccountRef": await account(books, "Current Account"),
            "CurrencyRef": {"value": "EUR"},
            "ExchangeRate": Decimal("0.8"),
            "Line": [linked("Payment", waiting, "100", "0")],
        },
    )

    assert (made["TotalAmt"], made["HomeTotalAmt"]) == (100, 80)
    assert await balance(books, "Undeposited Funds") == funds
    assert await gain(books) == lost + 5
    await check_sheet(books)


async def test_a_restart_keeps_foreign_books(tmp_path: Path) -> None:
    async with open_books("pennine-uk", tmp_path) as books:
        customer = await somebody(books, "Customer", **EURO)
        early = await payment(books, customer, "90", ExchangeRate=Decimal("0.8"))
        sale = await invoice(books, customer, "100", "2026-10-15", ExchangeRate=0.85)
        await change(books, "Payment", early, Line=[linked("Invoice", sale, "60.01")])
        other = await payment(books, customer, "30", ExchangeRate=Decimal("0.9"))
        deposited = await books.make(
            "Deposit",
            {
                "DepositToAccountRef": await account(books, "Current Account"),
                "CurrencyRef": {"value": "EUR"},
                "Line": [linked("Payment", other, "30", "0")],
            },
        )
        before = await figures(books)
        seen = [await books.read("Payment", one["Id"]) for one in (early, other)]

    async with open_books("pennine-uk", tmp_path) as books:
        assert await figures(books) == before
        again = [await books.read("Payment", one["Id"]) for one in (early, other)]
        assert again == seen
        body = {"Id": other["Id"], "SyncToken": again[1]["SyncToken"]}
        gone = await books.post("payment", body, operation="delete")
        assert fault(gone)[0] == "6540"
        await drop(books, "Deposit", deposited)
        await drop(books, "Payment", other)
        await drop(books, "Invoice", sale)
        assert (await books.read("Payment", early["Id"]))["UnappliedAmt"] == 90
        await check_sheet(books)
