"""What tests of taxes share: companies by themselves, taxed lines, tax accounts."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, expense_line, held, sales_line
from tests.simulator.conftest import TODAY

Json = dict[str, Any]


async def alone(company: str) -> AsyncIterator[QuickBooks]:
    """One company with empty books."""
    options = Options(
        port=0, today=TODAY, invoices=0, companies=(company,), tokens=(TOKEN,)
    )
    running = await start(options)
    (realm,) = running.state.companies
    async with QuickBooks(running.url, realm) as client:
        yield client
    await running.stop()


async def code(books: QuickBooks, name: str) -> Json:
    return {"value": await books.id("TaxCode", name)}


async def line(books: QuickBooks, amount: str, tax: str = "", **detail: Any) -> Json:
    items = await books.query("select * from Item where Type = 'Service'")
    if tax:
        detail["TaxCodeRef"] = await code(books, tax)
    return sales_line(items[0]["Id"], amount, **detail)


async def form(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    home = (await books.get("preferences")).json()["Preferences"]["CurrencyPrefs"]
    customers = await books.query("select * from Customer")
    own = next(
        one["Id"]
        for one in customers
        if one["CurrencyRef"]["value"] == home["HomeCurrency"]["value"]
    )
    return {"CustomerRef": {"value": own}, "Line": list(lines), **more}


async def invoice(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    return await books.make("Invoice", await form(books, *lines, **more))


async def bill(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    home = (await books.get("preferences")).json()["Preferences"]["CurrencyPrefs"]
    vendors = await books.query("select * from Vendor")
    own = next(
        one["Id"]
        for one in vendors
        if one["CurrencyRef"]["value"] == home["HomeCurrency"]["value"]
    )
    body = {"VendorRef": {"value": own}, "Line": list(lines), **more}
    return await books.make("Bill", body)


async def spent(books: QuickBooks, amount: str, tax: str) -> Json:
    accounts = await books.query("select * from Account where AccountType = 'Expense'")
    return expense_line(accounts[0]["Id"], amount, TaxCodeRef=await code(books, tax))


def taxes(made: Json) -> list[tuple[Any, Any, Any]]:
    """Each tax line: per cent, net, tax."""
    return [
        (
            one["TaxLineDetail"]["TaxPercent"],
            one["TaxLineDetail"]["NetAmountTaxable"],
            one["Amount"],
        )
        for one in made["TxnTaxDetail"].get("TaxLine", [])
    ]


async def balance(books: QuickBooks, name: str) -> Decimal:
    """What is there on an account, or owed."""
    row = await books.one(f"select * from Account where Name = '{name}'")
    return held(row)


async def cost(books: QuickBooks, made: Json) -> Decimal:
    """What a bill put into its first line's account, by the profit and loss."""
    detail = made["Line"][0]["AccountBasedExpenseLineDetail"]
    report = await books.report(
        "ProfitAndLoss", start_date="2026-01-01", end_date="2026-12-31"
    )
    wanted = detail["AccountRef"]["value"]
    for row in rows_of(report["Rows"]):
        cells = row.get("ColData", [])
        if cells and cells[0].get("id") == wanted:
            return Decimal(cells[-1]["value"])
    return Decimal(0)


def rows_of(part: Json) -> list[Json]:
    found = []
    for row in part.get("Row", []):
        found += [row, *rows_of(row.get("Rows", {}))]
    return found
