"""What approvers are shown around a bill, a payment, an expense, a vendor."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest
import pytest_asyncio

from qbo.asks import (
    BillCreate,
    BillPay,
    Change,
    ExpenseCategorize,
    ExpenseCreate,
    SaidLine,
    VendorCreate,
)
from qbo.books import Circumstances, Money
from tests.qbo.conftest import TODAY, Office

http = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def books(office: Office) -> AsyncIterator[Office]:
    """The American company, and its records current."""
    yield office


async def around(books: Office, change: Change) -> Circumstances:
    await books.minute()
    _, found = await books.ledger.draft(
        books.company.id, change, ref="P-17", today=TODAY
    )
    return found


def effects(found: Circumstances) -> dict[str, tuple[str | None, str]]:
    return {each.label: (each.before, each.value) for each in found.effects}


def bill(amount: str = "100.00", **more: object) -> BillCreate:
    line = SaidLine(account="Utilities", amount=Decimal(amount))
    return BillCreate(**{"vendor": "Pacific Power", "lines": (line,), **more})  # type: ignore[arg-type]


@http
async def test_a_bill_moves_what_we_owe_and_the_cost(books: Office) -> None:
    found = await around(books, bill())

    told = effects(found)
    record = (
        await books.query("SELECT * FROM Vendor WHERE DisplayName = 'Pacific Power'")
    )[0]
    before = Money(Decimal(str(record["Balance"])), "USD")
    after = Money(before.amount + 100, "USD")
    assert told["Balance of Pacific Power"] == (str(before), str(after))
    assert told["Utilities"] == (None, "rises by $100.00")
    assert told["Due"] == (None, "20 Dec 2026 (the vendor's terms Net 30)")
    assert found.party == "Pacific Power"
    assert found.vendors == ("Pacific Power",)
    assert set(found.accounts) == {"Utilities", "Accounts Payable (A/P)"}
    assert found.dates == (date(2026, 11, 20),)
    assert found.largest_before is not None


@http
async def test_an_expense_moves_the_account_that_pays(books: Office) -> None:
    found = await around(
        books,
        ExpenseCreate(
            Decimal("10.00"), "Fuel", vendor="Shell Fleet", pay_from="Fuel Card"
        ),
    )

    told = effects(found)
    record = (await books.query("SELECT * FROM Account WHERE Name = 'Fuel Card'"))[0]
    owed = Money(Decimal(str(record["CurrentBalance"])), "USD")
    assert told["Owed on Fuel Card"] == (
        str(owed),
        str(Money(owed.amount + 10, "USD")),
    )
    assert told["Fuel"] == (None, "rises by $10.00")
    assert "Balance of Shell Fleet" not in told
    assert set(found.accounts) == {"Fuel", "Fuel Card"}


@http
async def test_paying_shows_what_is_left_of_each_bill(books: Office) -> None:
    [known] = await books.query("SELECT * FROM Bill WHERE DocNumber = '9025'")
    open_ = Decimal(str(known["Balance"]))

    found = await around(books, BillPay(bill="9025", amount=Decimal("93.00")))

    told = effects(found)
    assert told["Open on bill 9025"] == (
        str(Money(open_, "USD")),
        str(Money(open_ - 93, "USD")),
    )
    assert "Balance of Business Checking" in told
    assert "Business Checking" in found.accounts


@http
async def test_another_account_shows_both_sides(books: Office) -> None:
    rows = await books.query(
        "SELECT * FROM Purchase WHERE TxnDate >= '2026-11-01' ORDERBY TxnDate DESC"
    )
    spent = next(each for each in rows if each.get("EntityRef"))
    line = spent["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["name"]
    money = Money(Decimal(str(spent["TotalAmt"])), "USD")

    found = await around(books, ExpenseCategorize("Rent", expense=f"id {spent['Id']}"))

    told = effects(found)
    assert told["Rent"] == (None, f"rises by {money}")
    assert told[line] == (None, f"falls by {money}")
    assert {"Rent", line} <= set(found.accounts)
    assert found.dates == (date.fromisoformat(spent["TxnDate"]),)


@http
async def test_the_same_expense_twice_is_noticed(books: Office) -> None:
    rows = await books.query(
        "SELECT * FROM Purchase WHERE TxnDate >= '2026-11-10' ORDERBY TxnDate DESC"
    )
    spent = next(each for each in rows if each.get("EntityRef"))
    nobody = next(each for each in rows if not each.get("EntityRef"))

    named = await around(
        books,
        ExpenseCreate(
            Decimal(str(spent["TotalAmt"])),
            "Rent",
            vendor=spent["EntityRef"]["name"],
            date=date.fromisoformat(spent["TxnDate"]),
        ),
    )
    unnamed = await around(
        books,
        ExpenseCreate(
            Decimal(str(nobody["TotalAmt"])),
            "Rent",
            date=date.fromisoformat(nobody["TxnDate"]),
        ),
    )

    assert "An expense, same vendor and amount, on the same day" in named.duplicates
    assert "An expense, same amount, on the same day" in unnamed.duplicates


@http
async def test_a_bill_of_the_closed_year_says_so(books: Office) -> None:
    found = await around(books, bill(date=date(2025, 12, 30)))

    assert found.closed_through == date(2025, 12, 31)
    assert found.dates == (date(2025, 12, 30),)
    assert "closed up to 31 Dec 2025" in effects(found)["Period"][1]


@http
async def test_a_new_vendor_starts_at_nothing(books: Office) -> None:
    found = await around(books, VendorCreate("Fern Valley Sawmill"))

    assert effects(found)["Balance"] == (None, "starts at $0.00")
    assert found.party == "Fern Valley Sawmill"
    assert found.party_is_new


@http
async def test_an_unused_vendor_credit_is_on_file(books: Office) -> None:
    [vendor] = await books.query(
        "SELECT * FROM Vendor WHERE DisplayName = 'Verizon Wireless'"
    )
    [account] = await books.query("SELECT * FROM Account WHERE Name = 'Telephone'")
    await books.write(
        "VendorCredit",
        {
            "VendorRef": {"value": vendor["Id"]},
            "TxnDate": "2026-11-10",
            "DocNumber": "VC-9",
            "Line": [
                {
                    "Amount": Decimal("12.00"),
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {
                        "AccountRef": {"value": account["Id"]}
                    },
                }
            ],
        },
    )

    found = await around(books, bill(vendor="Verizon Wireless"))

    assert found.credit == Money(Decimal("12.00"), "USD")
    assert found.credits == ("vendor credit VC-9 $12.00",)
