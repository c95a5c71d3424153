"""What tests of bookkeeping share: documents to make, and figures to compare."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, expense_line, held, loads, total
from tests.simulator.conftest import TODAY

Json = dict[str, Any]
REALMS = {
    "harbour-pine-us": "9130350000000001",
    "pennine-uk": "9130350000000002",
}
_numbers = count(1)


@asynccontextmanager
async def open_books(
    company: str = "harbour-pine-us", folder: Path | None = None
) -> AsyncIterator[QuickBooks]:
    """A simulator of its own with one company, whose books are empty."""
    options = Options(
        port=0,
        today=TODAY,
        invoices=0,
        companies=(company,),
        tokens=(TOKEN,),
        data=folder,
    )
    running = await start(options)
    try:
        async with QuickBooks(running.url, REALMS[company]) as books:
            yield books
    finally:
        await running.stop()


async def account(books: QuickBooks, name: str) -> Json:
    return {"value": await books.id("Account", name)}


async def somebody(books: QuickBooks, kind: str, **more: Any) -> Json:
    """A new customer, vendor or employee to refer to."""
    body = {"DisplayName": f"{kind} No. {next(_numbers)}", **more}
    if kind == "Employee":
        body |= {"GivenName": "Em", "FamilyName": body["DisplayName"]}
    made = await books.make(kind, body)
    return {"value": made["Id"]}


async def bill(
    books: QuickBooks, vendor: Json, amount: str, on: str = "Fuel", **more: Any
) -> Json:
    line = expense_line((await account(books, on))["value"], amount)
    return await books.make("Bill", {"VendorRef": vendor, "Line": [line], **more})


async def vendor_credit(
    books: QuickBooks, vendor: Json, amount: str, on: str = "Fuel", **more: Any
) -> Json:
    line = expense_line((await account(books, on))["value"], amount)
    body = {"VendorRef": vendor, "Line": [line], **more}
    return await books.make("VendorCredit", body)


async def bill_payment(
    books: QuickBooks,
    vendor: Json,
    amount: str,
    *lines: Json,
    bank: str = "Business Checking",
    **more: Any,
) -> Json:
    body = {
        "VendorRef": vendor,
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": await account(books, bank)},
        "TotalAmt": Decimal(amount),
        "Line": list(lines),
        **more,
    }
    return await books.make("BillPayment", body)


async def payment(
    books: QuickBooks, customer: Json, amount: str, *lines: Json, **more: Any
) -> Json:
    body = {
        "CustomerRef": customer,
        "TotalAmt": Decimal(amount),
        "Line": list(lines),
        **more,
    }
    return await books.make("Payment", body)


async def journal(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    return await books.make("JournalEntry", {"Line": list(lines), **more})


def side(posting: str, where: Json, amount: str, entity: Json | None = None) -> Json:
    """A line of a journal entry."""
    detail: Json = {"PostingType": posting, "AccountRef": where}
    if entity:
        detail["Entity"] = {"EntityRef": entity}
    return {
        "Amount": Decimal(amount),
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }


def linked(kind: str, record: Json, amount: str, line: str = "") -> Json:
    """A line of a payment that speaks of another transaction."""
    link = {"TxnId": record["Id"], "TxnType": kind}
    if line:
        link["TxnLineId"] = line
    return {"Amount": Decimal(amount), "LinkedTxn": [link]}


def version_of(record: Json) -> Json:
    return {"Id": record["Id"], "SyncToken": record["SyncToken"]}


async def change(books: QuickBooks, kind: str, record: Json, **changes: Any) -> Json:
    """A sparse update of the record as it stands now."""
    now = await books.read(kind, record["Id"])
    return await books.make(kind, {**version_of(now), "sparse": True, **changes})


async def drop(books: QuickBooks, kind: str, record: Json) -> None:
    """Delete a transaction as it stands now."""
    path = kind.lower()
    now = loads((await books.get(f"{path}/{record['Id']}")).text)
    body = next(value for name, value in now.items() if name != "time")
    gone = await books.post(path, version_of(body), operation="delete")
    assert gone.status_code == 200, gone.text


async def balance(books: QuickBooks, name: str) -> Decimal:
    """What is there on an account, or owed."""
    return held(await books.one(f"select * from Account where Name = '{name}'"))


async def figures(books: QuickBooks) -> dict[tuple[str, str], Any]:
    """Every figure that a transaction can move."""
    seen: dict[tuple[str, str], Any] = {}
    shown = {
        "Account": "CurrentBalanceWithSubAccounts",
        "Customer": "BalanceWithJobs",
        "Vendor": "Balance",
        "Item": "QtyOnHand",
    }
    for kind, name in shown.items():
        for row in await books.query(f"select * from {kind} maxresults 1000"):
            if row.get(name):
                seen[kind, row["Id"]] = row[name]
    for basis in ("Accrual", "Cash"):
        for name in ("ProfitAndLoss", "BalanceSheet"):
            report = await books.report(name, accounting_method=basis)
            seen[name, basis] = report["Rows"]
    for name in ("AgedReceivables", "AgedPayables"):
        seen[name, ""] = (await books.report(name))["Rows"]
    return seen


async def check(books: QuickBooks) -> None:
    """The equations that hold in every set of books in one currency."""
    await check_sheet(books)
    for name, kind in (
        ("AgedReceivables", "Accounts Receivable"),
        ("AgedPayables", "Accounts Payable"),
    ):
        rows = await books.query(f"select * from Account where AccountType = '{kind}'")
        owed = sum((held(row) for row in rows), Decimal(0))
        assert total(await books.report(name), "GrandTotal") == owed, name


async def check_sheet(books: QuickBooks) -> None:
    """Assets are liabilities and equity, on either basis."""
    for basis in ("Accrual", "Cash"):
        sheet = await books.report("BalanceSheet", accounting_method=basis)
        assets = total(sheet, "TotalAssets")
        assert assets == total(sheet, "TotalLiabilitiesAndEquity"), basis
