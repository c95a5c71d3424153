"""The companies that come with the simulator, all in one process."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Final

import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, Running, start
from qbo.simulator.stories import seed
from qbo.simulator.stories import telling as story
from tests.simulator.client import TOKEN, QuickBooks, loads
from tests.simulator.reading import grand_total, group_sum

TODAY: Final = date(2026, 11, 20)
REALMS: Final = {
    "harbour-pine-us": "9130350000000001",
    "pennine-uk": "9130350000000002",
    "sandbox-us": "9130350000000003",
    "maple-ca": "9130350000000004",
    "liffey-ie": "9130350000000005",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    options = Options(
        port=0, today=TODAY, companies=tuple(REALMS), tokens=(TOKEN,), data=None
    )
    running = await start(options)
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(running: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(running.url, REALMS["sandbox-us"]) as client:
        yield client


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_company_answers_under_its_own_realm(running: Running) -> None:
    assert len(running.lines) == len(REALMS)
    for slug, realm in REALMS.items():
        async with QuickBooks(running.url, realm) as books:
            info = await books.one("select * from CompanyInfo")
            assert info["CompanyName"] == seed.data_of(slug)["company"]["name"]


@pytest.mark.parametrize("slug", REALMS)
async def test_every_companys_books_add_up(running: Running, slug: str) -> None:
    async with QuickBooks(running.url, REALMS[slug]) as books:
        sheet = loads((await books.get("reports/BalanceSheet")).text)
        totals = [
            row["Summary"]["ColData"][-1]["value"] for row in sheet["Rows"]["Row"]
        ]
        assert totals[0] == totals[1] != "0.00"
        aged = loads((await books.get("reports/AgedReceivables")).text)
        assert grand_total(aged) == group_sum(sheet, "AR") != 0


@pytest.mark.parametrize(
    ("entity", "number", "name"),
    [
        ("Account", "1", "Services"),
        ("Account", "4", "Undeposited Funds"),
        ("Account", "7", "Advertising"),
        ("Account", "33", "Accounts Payable (A/P)"),
        ("Account", "35", "Checking"),
        ("Account", "42", "Visa"),
        ("Account", "81", "Inventory Asset"),
        ("Account", "84", "Accounts Receivable (A/R)"),
        ("Account", "86", "Discounts given"),
        ("Customer", "1", "Amy's Bird Sanctuary"),
        ("Customer", "2", "Bill's Windsurf Shop"),
        ("Vendor", "46", "Norton Lumber and Building Materials"),
        ("Vendor", "56", "Bob's Burger Joint"),
        ("Vendor", "32", "Computer Services by DJ"),
        ("Item", "1", "Services"),
        ("Item", "5", "Rock Fountain"),
        ("Item", "10", "Pest Control"),
        ("Item", "11", "Pump"),
        ("Term", "3", "Net 30"),
        ("PaymentMethod", "1", "Cash"),
        ("TaxCode", "2", "California"),
        ("TaxAgency", "1", "Arizona Dept. of Revenue"),
        ("CompanyCurrency", "1", "Canadian Dollar"),
    ],
)
async def test_the_sandbox_has_the_ids_that_clients_rely_on(
    sandbox: QuickBooks, entity: str, number: str, name: str
) -> None:
    found = await sandbox.read(entity, number)
    assert found.get("DisplayName", found.get("Name")) == name


async def test_the_sandbox_has_enough_of_everything(sandbox: QuickBooks) -> None:
    for entity in ("Account", "Customer", "Bill", "Estimate", "Invoice", "Payment"):
        assert await sandbox.count(entity) >= 15, entity
    for entity in (
        *("CreditMemo", "Department", "Employee", "Term", "PaymentMethod", "TaxRate"),
        *("SalesReceipt", "RefundReceipt", "VendorCredit", "PurchaseOrder", "Deposit"),
        *("Transfer", "JournalEntry", "TimeActivity", "BillPayment", "Purchase"),
    ):
        assert await sandbox.count(entity) >= 1, entity
    assert await sandbox.count("Invoice", "where Balance = '0'") >= 5
    assert await sandbox.count("Invoice", "where Balance > '0'") >= 5
    assert len(await sandbox.query("select * from TaxCode")) == 5
    assert await sandbox.query("select * from Attachable") == []


async def test_the_sandboxs_first_of_each_kind_are_what_clients_take(
    sandbox: QuickBooks,
) -> None:
    first = (await sandbox.query("select * from Account maxresults 1"))[0]
    assert first["Name"] == "Accounts Payable (A/P)"
    customer = (await sandbox.query("select * from Customer maxresults 1"))[0]
    assert await sandbox.count("Invoice", f"where CustomerRef = '{customer['Id']}'")
    travel = await sandbox.one("select * from Account where Name = 'Travel'")
    assert travel["AccountType"] == "Expense"
    euro = await sandbox.one(
        "select * from ExchangeRate where SourceCurrencyCode = 'EUR'"
    )
    assert euro["TargetCurrencyCode"] == "USD"


async def test_the_sandboxs_preferences_are_as_clients_expect(
    sandbox: QuickBooks,
) -> None:
    prefs = await sandbox.one("select * from Preferences")
    assert prefs["AccountingInfoPrefs"]["TaxYearMonth"] == "January"
    assert prefs["ProductAndServicesPrefs"]["ForPurchase"] is True
    assert prefs["VendorAndPurchasesPrefs"]["BillableExpenseTracking"] is True
    assert prefs["TimeTrackingPrefs"]["WorkWeekStartDate"] == "Monday"
    first = prefs["OtherPrefs"]["NameValue"][0]
    assert first["Name"] == "SalesFormsPrefs.DefaultCustomerMessage"
    assert prefs["EmailMessagesPrefs"]["EstimateMessage"]["Subject"]


@pytest.mark.parametrize(
    "name",
    ["TransactionList", "GeneralLedger", "JournalReport", "ProfitAndLossDetail"],
)
async def test_a_list_beyond_the_ceiling_of_cells_is_refused(
    sandbox: QuickBooks, name: str
) -> None:
    days = {"start_date": "2026-08-01", "end_date": "2026-11-20"}
    assert (await sandbox.get(f"reports/{name}", **days)).status_code == 200
    switches = "/_simulator/switches"
    await sandbox.http.post(switches, json={"report_cells_max": 160})

    answer = await sandbox.get(f"reports/{name}", **days)

    await sandbox.http.post(switches, json={"report_cells_max": 400_000})
    assert answer.status_code == 400
    assert "reduce the date range" in answer.text


async def test_a_voided_invoice_is_among_the_sandboxs(sandbox: QuickBooks) -> None:
    invoices = await sandbox.query("select * from Invoice maxresults 1000")
    voided = [one for one in invoices if one.get("PrivateNote") == "Voided"]
    assert [one["TotalAmt"] for one in voided] == [0]


async def test_an_id_after_the_sandboxs_own_is_a_new_one(sandbox: QuickBooks) -> None:
    made = await sandbox.make("Customer", {"DisplayName": "Somebody new"})
    assert int(made["Id"]) == 59


@pytest.mark.parametrize("slug", REALMS)
async def test_a_new_tax_agency_takes_the_place_of_none(
    running: Running, slug: str
) -> None:
    async with QuickBooks(running.url, REALMS[slug]) as books:
        before = await books.query("select * from TaxAgency")
        made = await books.make("TaxAgency", {"DisplayName": "Another agency"})
        after = await books.query("select * from TaxAgency")
    assert made["Id"] not in {one["Id"] for one in before}
    assert len(after) == len(before) + 1


async def test_the_canadian_company_charges_two_taxes_on_a_line(
    running: Running,
) -> None:
    async with QuickBooks(running.url, REALMS["maple-ca"]) as books:
        mixer = await books.id("Item", "Stand Mixer")
        line = {
            "Amount": 389,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": {"value": mixer},
                "TaxCodeRef": {"value": "1"},
            },
        }
        customer = await books.id("Customer", "Cascadia Bakery")
        made = await books.make(
            "Invoice", {"CustomerRef": {"value": customer}, "Line": [line]}
        )
        taxes = [one["Amount"] for one in made["TxnTaxDetail"]["TaxLine"]]
        assert taxes == [Decimal("19.45"), Decimal("27.23")]
        assert made["TotalAmt"] == Decimal("435.68")
        abroad = await books.id("Customer", "Bellingham Bread Co.")
        owed = await books.query(
            f"select * from Invoice where CustomerRef = '{abroad}' maxresults 1"
        )
        assert owed[0]["CurrencyRef"]["value"] == "USD"
        assert owed[0]["ExchangeRate"] == Decimal("1.37")


async def test_the_irish_company_keeps_its_books_in_euro(running: Running) -> None:
    async with QuickBooks(running.url, REALMS["liffey-ie"]) as books:
        rates = {one["RateValue"] for one in await books.query("select * from TaxRate")}
        assert rates == {23, Decimal("13.5"), 9, 0}
        names = await books.query("select * from Customer")
        assert "Ó Briain Solicitors" in {one["DisplayName"] for one in names}
        report = loads((await books.get("reports/ProfitAndLoss")).text)
        assert report["Header"]["Currency"] == "EUR"


@pytest.mark.parametrize("slug", ["sandbox-us", "maple-ca", "liffey-ie"])
async def test_the_same_day_gives_the_same_books(slug: str) -> None:
    one = story.told(slug, TODAY, invoices=None, seed=1)
    other = story.told(slug, TODAY, invoices=None, seed=1)
    for name in one.tables:
        shown = [record.rendered() for record in one.records(name)]
        assert shown == [record.rendered() for record in other.records(name)], name
