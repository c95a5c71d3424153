"""What lists put into the books is there again after a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, Json, QuickBooks, sales_line
from tests.simulator.conftest import TODAY
from tests.simulator.test_items import stock
from tests.simulator.test_names import change_of

LISTS = (
    *("Account", "Budget", "Class", "CompanyCurrency", "Customer", "CustomerType"),
    *("Department", "Employee", "ExchangeRate", "Item", "JournalEntry"),
    *("TaxAgency", "TaxCode", "TaxRate", "Term", "TimeActivity", "Vendor"),
    *("CompanyInfo", "Preferences"),
)


@asynccontextmanager
async def company(folder: Path, realm: str) -> AsyncIterator[QuickBooks]:
    """A company of a simulator that keeps its data in a folder."""
    options = Options(
        port=0,
        today=TODAY,
        invoices=0,
        companies=("harbour-pine-us", "pennine-uk"),
        tokens=(TOKEN,),
        data=folder,
    )
    running = await start(options)
    try:
        async with QuickBooks(running.url, realm) as books:
            yield books
    finally:
        await running.stop()


async def everything(books: QuickBooks) -> Json:
    """All lists, with what is inactive, and the reports."""
    seen: dict[str, Any] = {}
    for entity in LISTS:
        seen[entity] = await books.query(f"select * from {entity} maxresults 1000")
    for entity in ("Account", "Customer", "Vendor", "Item"):
        statement = f"select * from {entity} where Active = false maxresults 1000"
        seen[f"inactive {entity}"] = await books.query(statement)
    for name in ("BalanceSheet", "TrialBalance", "AgedReceivables", "AgedPayables"):
        seen[name] = (await books.report(name))["Rows"]
    return seen


async def test_american_lists_come_back(tmp_path: Path) -> None:
    realm = "9130350000000001"
    async with company(tmp_path, realm) as books:
        begun = {"Balance": Decimal("33.33"), "OpenBalanceDate": "2026-11-02"}
        debtor = await books.make("Customer", {"DisplayName": "Debtor", **begun})
        await books.make("Customer", change_of(debtor, Active=False))
        await books.make("Vendor", {"DisplayName": "Creditor", **begun})
        till = {"Name": "Till", "AccountType": "Bank", "OpeningBalance": 12}
        made = await books.make("Account", {**till, "OpeningBalanceDate": "2026-11-02"})
        await books.make("Account", change_of(made, Active=False))
        bench = await books.make("Item", await stock(books))
        line = sales_line(bench["Id"], "80", Qty=2, UnitPrice=40)
        customer = {"value": await books.id("Customer", "May Chen")}
        await books.make("Invoice", {"CustomerRef": customer, "Line": [line]})
        yard = await books.make(
            "Account", {"Name": "Yard Stock", "AccountSubType": "Inventory"}
        )
        moved = {"AssetAccountRef": {"value": yard["Id"]}, "PurchaseCost": 99}
        await books.make("Item", change_of(bench, **moved))
        await books.make("Department", {"Name": "Shop"})
        employee = await books.make("Employee", {"GivenName": "Emil", "SSN": "123"})
        worker = {"NameOf": "Employee", "EmployeeRef": {"value": employee["Id"]}}
        await books.make("TimeActivity", {**worker, "Hours": 1})
        rate = {"TaxRateName": "New", "RateValue": 3, "TaxAgencyId": 1}
        code = {"TaxCode": "New", "TaxRateDetails": [rate]}
        assert (await books.post("taxservice/taxcode", code)).status_code == 200
        await books.made_by_hand("CustomerType", {"Name": "Retail"})
        before = await everything(books)

    async with company(tmp_path, realm) as books:
        after = await everything(books)
        twice = await books.post("taxservice/taxcode", code)
        named = await books.post("vendor", {"DisplayName": "Emil"})

    assert after == before
    assert twice.status_code == named.status_code == 400


async def test_british_currencies_come_back(tmp_path: Path) -> None:
    realm = "9130350000000002"
    async with company(tmp_path, realm) as books:
        for day, value in (("2026-11-02", "0.9"), ("2026-11-10", "0.8")):
            rate = {"SourceCurrencyCode": "EUR", "AsOfDate": day}
            await books.make("ExchangeRate", {**rate, "Rate": Decimal(value)})
        begun = {"Balance": 50, "OpenBalanceDate": "2026-11-12"}
        for name, code in (("Lyon", "EUR"), ("Kyoto", "JPY")):
            body = {"DisplayName": name, "CurrencyRef": {"value": code}, **begun}
            await books.make("Customer", body)
        before = await everything(books)

    async with company(tmp_path, realm) as books:
        after = await everything(books)

    assert after == before
