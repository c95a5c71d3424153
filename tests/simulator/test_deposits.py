"""Money taken to the bank: what a deposit locks, and what frees it again."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

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
    linked,
    open_books,
    payment,
    side,
    somebody,
    version_of,
)
from tests.simulator.client import QuickBooks, fault, sales_line

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """One set of books for all; every test brings its own customers."""
    async with open_books() as client:
        yield client


async def deposit(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    bank = await account(books, "Business Checking")
    body = {"DepositToAccountRef": bank, "Line": list(lines), **more}
    return await books.make("Deposit", body)


async def direct(books: QuickBooks, name: str, amount: str, **detail: Any) -> Json:
    where = await account(books, name)
    return {
        "Amount": Decimal(amount),
        "DetailType": "DepositLineDetail",
        "DepositLineDetail": {"AccountRef": where, **detail},
    }


async def test_a_deposit_takes_waiting_money_to_the_bank(books: QuickBooks) -> None:
    customer, before = await somebody(books, "Customer"), await figures(books)
    waiting = await payment(books, customer, "262.50")
    funds = await balance(books, "Undeposited Funds")
    fee = await direct(
        books,
        "Bank Charges",
        "-62.50",
        Entity=customer,
        CheckNum="7",
        PaymentMethodRef={"value": "1"},
    )

    made = await deposit(books, linked("Payment", waiting, "262.50", "0"), fee)
    taken = await books.read("Payment", waiting["Id"])

    assert made["TotalAmt"] == 200
    assert made["Line"][0] == {
        "Amount": Decimal("262.5"),
        "LinkedTxn": [{"TxnId": waiting["Id"], "TxnType": "Payment", "TxnLineId": "0"}],
    }
    assert (made["Line"][1]["Id"], made["Line"][1]["LineNum"]) == ("1", 1)
    assert made["Line"][1]["DepositLineDetail"]["Entity"]["value"] == customer["value"]
    assert taken["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "Deposit"}]
    assert taken["SyncToken"] == "1"
    assert await balance(books, "Undeposited Funds") == funds - Decimal("262.50")
    await check(books)
    await drop(books, "Deposit", made)
    assert (await books.read("Payment", waiting["Id"]))["LinkedTxn"] == []
    await drop(books, "Payment", waiting)
    assert await figures(books) == before


async def test_a_deposited_payment_is_locked_until_the_deposit_goes(
    books: QuickBooks,
) -> None:
    waiting = await payment(books, await somebody(books, "Customer"), "50")
    made = await deposit(books, linked("Payment", waiting, "50", "0"))
    now = await books.read("Payment", waiting["Id"])
    token = {**version_of(now), "sparse": True}

    changed = await books.post("payment", {**token, "PrivateNote": "x"})
    voided = await books.post("payment", token, operation="update", include="void")
    deleted = await books.post("payment", token, operation="delete")
    again = await books.post(
        "deposit",
        {
            "DepositToAccountRef": made["DepositToAccountRef"],
            "Line": [linked("Payment", waiting, "50", "0")],
        },
    )

    for answer in (changed, voided, deleted):
        code, detail = fault(answer)
        assert code == "6540"
        assert detail.startswith("This transaction has been deposited.")
    assert fault(again)[0] == "620"
    fee = await direct(books, "Interest Earned", "5")
    without = await change(books, "Deposit", made, Line=[fee])
    assert without["TotalAmt"] == 5
    free = await change(books, "Payment", waiting, PrivateNote="x")
    assert free["LinkedTxn"] == []
    await check(books)


async def test_a_name_with_the_number_of_a_deposited_payment_is_free(
    books: QuickBooks,
) -> None:
    waiting = await payment(books, await somebody(books, "Customer"), "50")
    await deposit(books, linked("Payment", waiting, "50", "0"))
    number = int(waiting["Id"])
    customer = await somebody(books, "Customer")
    while int(customer["value"]) < number:
        customer = await somebody(books, "Customer")

    same = await books.get(f"customer/{number}")
    assert same.status_code == 200, "no customer has that number"
    renamed = await change(books, "Customer", waiting, Notes="free")

    assert renamed["Notes"] == "free"


async def test_cash_back_is_not_deposited(books: QuickBooks) -> None:
    petty, bank = (
        await balance(books, "Petty Cash"),
        await balance(books, "Business Checking"),
    )
    back = {
        "AccountRef": await account(books, "Petty Cash"),
        "Amount": 200,
        "Memo": "for the till",
    }

    made = await deposit(
        books, await direct(books, "Interest Earned", "1000"), CashBack=back
    )

    assert made["TotalAmt"] == 800
    assert made["CashBack"]["AccountRef"]["name"] == "Petty Cash"
    assert await balance(books, "Petty Cash") == petty + 200
    assert await balance(books, "Business Checking") == bank + 800
    await check(books)


async def test_a_deposit_keeps_what_a_sparse_update_leaves_out(
    books: QuickBooks,
) -> None:
    waiting = await payment(books, await somebody(books, "Customer"), "50")
    fee = await direct(books, "Bank Charges", "-2")
    made = await deposit(books, linked("Payment", waiting, "50", "0"), fee)

    noted = await change(books, "Deposit", made, PrivateNote="Friday")
    whole = await books.make("Deposit", {**noted, "PrivateNote": "Monday"})

    assert noted["Line"] == whole["Line"] == made["Line"]
    assert (whole["TotalAmt"], whole["SyncToken"]) == (48, "2")
    await check(books)


async def test_receipts_journals_and_transfers_can_be_deposited(
    books: QuickBooks,
) -> None:
    funds = await account(books, "Undeposited Funds")
    start = await balance(books, "Undeposited Funds")
    item = await books.id("Item", "Consulting")
    sale = {"Line": [sales_line(item, "30")], "DepositToAccountRef": funds}
    receipt = await books.make("SalesReceipt", sale)
    refund = await books.make(
        "RefundReceipt", {**sale, "Line": [sales_line(item, "5")]}
    )
    entry = await journal(
        books,
        side("Debit", funds, "20"),
        side("Credit", await account(books, "Interest Earned"), "20"),
    )
    moved = await books.make(
        "Transfer",
        {
            "FromAccountRef": await account(books, "Savings Reserve"),
            "ToAccountRef": funds,
            "Amount": 10,
        },
    )

    made = await deposit(
        books,
        linked("SalesReceipt", receipt, "30", "0"),
        linked("RefundReceipt", refund, "-5", "0"),
        linked("JournalEntry", entry, "20", "0"),
        linked("Transfer", moved, "10", "0"),
    )

    assert made["TotalAmt"] == 55
    assert await balance(books, "Undeposited Funds") == start
    assert (await books.read("Transfer", moved["Id"]))["LinkedTxn"]
    gone = await books.post("salesreceipt", version_of(receipt), operation="delete")
    assert fault(gone)[0] == "5010"
    await check(books)


async def test_only_money_that_waits_can_be_taken(books: QuickBooks) -> None:
    customer = await somebody(books, "Customer")
    banked = await payment(
        books,
        customer,
        "50",
        DepositToAccountRef=await account(books, "Business Checking"),
    )
    waiting = await payment(books, customer, "50")
    bank = await account(books, "Business Checking")
    cases = [
        (linked("Payment", banked, "50", "0"), "620"),
        (linked("Payment", waiting, "49", "0"), "6000"),
        (linked("Payment", {"Id": "99999"}, "1", "0"), "610"),
        (linked("Invoice", {"Id": "99999"}, "1", "0"), "620"),
        ({"Amount": 5, "DepositLineDetail": {}}, "2020"),
        ({"DepositLineDetail": {"AccountRef": bank}}, "2020"),
        (await direct(books, "Accounts Receivable (A/R)", "5"), "6000"),
        (
            {"Amount": 5, "DepositLineDetail": {"AccountRef": {"value": "98765"}}},
            "2500",
        ),
    ]
    for line, code in cases:
        body = {"DepositToAccountRef": bank, "Line": [line]}

        assert fault(await books.post("deposit", body))[0] == code, line
    fuel = await account(books, "Fuel")
    line = await direct(books, "Interest Earned", "5")
    wrong = {"DepositToAccountRef": fuel, "Line": [line]}
    assert fault(await books.post("deposit", wrong))[0] == "6000"
    assert fault(await books.post("deposit", {"Line": [line]}))[0] == "2020"


async def test_what_a_customer_deposits_is_a_credit_of_theirs(
    books: QuickBooks,
) -> None:
    customer = await somebody(books, "Customer")
    given = await direct(books, "Accounts Receivable (A/R)", "80", Entity=customer)
    made = await deposit(books, given)
    line = sales_line(await books.id("Item", "Consulting"), "100")
    sale = await books.make("Invoice", {"CustomerRef": customer, "Line": [line]})

    await payment(
        books,
        customer,
        "0",
        linked("Invoice", sale, "80"),
        linked("Deposit", made, "80"),
    )

    assert (await books.read("Invoice", sale["Id"]))["Balance"] == 20
    assert (await books.read("Customer", customer["value"]))["Balance"] == 20
    await check(books)
    await drop(books, "Deposit", made)
    assert (await books.read("Invoice", sale["Id"]))["Balance"] == 100
    await check(books)
