"""Sales tax, VAT, GST and PST: what codes make of lines, and where it is booked."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, expense_line, fault, sales_line
from tests.simulator.conftest import TODAY
from tests.simulator.test_sales import prefer, version_of

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


@pytest.fixture
async def canada() -> AsyncIterator[QuickBooks]:
    async for client in alone("maple-ca"):
        yield client


@pytest.fixture
async def ireland() -> AsyncIterator[QuickBooks]:
    async for client in alone("liffey-ie"):
        yield client


@pytest.fixture
async def sandbox() -> AsyncIterator[QuickBooks]:
    async for client in alone("sandbox-us"):
        yield client


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
    row = await books.one(f"select * from Account where Name = '{name}'")
    return Decimal(row["CurrentBalance"])


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


# United States


async def test_the_rate_is_that_of_the_place_of_delivery(books: QuickBooks) -> None:
    taxed = await line(books, "100", TaxCodeRef={"value": "TAX"})

    here = await invoice(books, taxed)
    near = await invoice(books, taxed, ShipAddr={"CountrySubDivisionCode": "WA"})
    spelt = await invoice(
        books, taxed, ShipAddr={"CountrySubDivisionCode": "washington"}
    )
    elsewhere = await invoice(books, taxed, ShipAddr={"CountrySubDivisionCode": "OR"})

    for one in (here, near, spelt):
        assert taxes(one) == [(Decimal("8.25"), 100, Decimal("8.25"))]
    assert elsewhere["TxnTaxDetail"] == {"TotalTax": 0}
    assert elsewhere["TotalAmt"] == 100


@pytest.mark.parametrize(
    ("after", "net", "tax"), [(True, "90", "7.43"), (False, "100", "8.25")]
)
async def test_a_discount_comes_before_or_after_the_tax(
    books: QuickBooks, after: bool, net: str, tax: str
) -> None:
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"DiscountPercent": 10},
    }

    made = await invoice(
        books,
        await line(books, "100", TaxCodeRef={"value": "TAX"}),
        await line(books, "50", TaxCodeRef={"value": "NON"}),
        discount,
        ApplyTaxAfterDiscount=after,
    )

    assert taxes(made) == [(Decimal("8.25"), Decimal(net), Decimal(tax))]
    assert made["TotalAmt"] == Decimal(135) + Decimal(tax)


async def test_an_override_is_noted_and_outlives_an_update(books: QuickBooks) -> None:
    taxed = await line(books, "100", TaxCodeRef={"value": "TAX"})

    made = await invoice(books, taxed, TxnTaxDetail={"TotalTax": 9})
    again = await books.make("Invoice", {**made, "PrivateNote": "as it was read"})
    forced = await invoice(
        books, taxed, TxnTaxDetail={"TotalTax": 9, "UseAutomatedSalesTax": True}
    )

    detail = made["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]
    assert detail["OverrideDeltaAmount"] == Decimal("0.75")
    assert made["TxnTaxDetail"]["TaxReviewStatus"] == "AST_TAX_OVERRIDE"
    assert made["TotalAmt"] == again["TotalAmt"] == 109
    assert forced["TotalAmt"] == Decimal("108.25")


async def test_without_automated_tax_the_form_or_the_customer_names_the_code(
    sandbox: QuickBooks,
) -> None:
    taxed = await line(sandbox, "100", TaxCodeRef={"value": "TAX"})
    tucson = {"TxnTaxCodeRef": await code(sandbox, "Tucson")}

    none = await invoice(sandbox, taxed)
    named = await invoice(sandbox, taxed, TxnTaxDetail=tucson)
    customer = await sandbox.read("Customer", none["CustomerRef"]["value"])
    default = {"DefaultTaxCodeRef": await code(sandbox, "California")}
    await sandbox.make("Customer", {**version_of(customer), "sparse": True, **default})
    usual = await invoice(sandbox, taxed)

    assert none["TxnTaxDetail"] == {"TotalTax": 0}
    assert taxes(named) == [
        (Decimal("7.1"), 100, Decimal("7.1")),
        (Decimal(2), 100, Decimal(2)),
    ]
    assert taxes(usual) == [(Decimal(8), 100, Decimal(8))]


async def test_each_agency_is_owed_in_its_own_account(sandbox: QuickBooks) -> None:
    taxed = await line(sandbox, "100", TaxCodeRef={"value": "TAX"})
    before = {
        name: await balance(sandbox, f"{name} Payable")
        for name in ("Arizona Dept. of Revenue", "Board of Equalization")
    }
    for name in ("Tucson", "California"):
        detail = {"TxnTaxCodeRef": await code(sandbox, name)}
        await invoice(sandbox, taxed, TxnTaxDetail=detail)

    moved = {
        name: await balance(sandbox, f"{name} Payable") - was
        for name, was in before.items()
    }
    assert moved == {
        "Arizona Dept. of Revenue": Decimal("9.1"),
        "Board of Equalization": Decimal(8),
    }


async def test_an_override_is_spread_over_the_rates(sandbox: QuickBooks) -> None:
    taxed = await line(sandbox, "100", TaxCodeRef={"value": "TAX"})
    detail = {"TxnTaxCodeRef": await code(sandbox, "Tucson"), "TotalTax": 10}

    made = await invoice(sandbox, taxed, TxnTaxDetail=detail)

    amounts = [tax for _, _, tax in taxes(made)]
    assert amounts == [Decimal("7.8"), Decimal("2.2")]
    assert made["TotalAmt"] == 110


async def test_a_custom_tax_is_whatever_it_is_said_to_be(sandbox: QuickBooks) -> None:
    detail = {"TxnTaxCodeRef": {"value": "CustomSalesTax"}, "TotalTax": 3}
    taxed = await line(sandbox, "100", TaxCodeRef={"value": "TAX"})

    made = await invoice(sandbox, taxed, TxnTaxDetail=detail)

    assert made["TotalAmt"] == 103
    assert made["TxnTaxDetail"]["TxnTaxCodeRef"]["value"] == "CustomSalesTax"


async def test_no_tax_is_kept_where_sales_tax_is_not_used(books: QuickBooks) -> None:
    await prefer(books, "TaxPrefs", UsingSalesTax=False)
    taxed = await line(books, "100", TaxCodeRef={"value": "TAX"})

    made = await invoice(books, taxed, TxnTaxDetail={"TotalTax": 8})

    assert "TxnTaxDetail" not in made
    assert made["TotalAmt"] == 100


# United Kingdom and Ireland


async def test_vat_is_rounded_once_a_rate(uk_books: QuickBooks) -> None:
    three = [await line(uk_books, "0.13", "20.0% S") for _ in range(3)]

    made = await invoice(uk_books, *three, await line(uk_books, "10", "5.0% R"))

    assert taxes(made) == [
        (20, Decimal("0.39"), Decimal("0.08")),
        (5, 10, Decimal("0.5")),
    ]
    assert made["TotalAmt"] == Decimal("10.97")


async def test_gross_amounts_stand_where_tax_is_included(uk_books: QuickBooks) -> None:
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"DiscountPercent": 20},
    }

    made = await invoice(
        uk_books,
        await line(uk_books, "12", "20.0% S"),
        await line(uk_books, "9.99", "20.0% S"),
        discount,
        GlobalTaxCalculation="TaxInclusive",
    )
    again = await books_echo(uk_books, made)

    assert [one["Amount"] for one in made["Line"][:2]] == [10, Decimal("8.33")]
    inner = made["Line"][0]["SalesItemLineDetail"]
    assert inner["TaxInclusiveAmt"] == 12
    assert made["TotalAmt"] == again["TotalAmt"] == Decimal("17.59")
    net = made["TotalAmt"] - made["TxnTaxDetail"]["TotalTax"]
    subtotal, off = made["Line"][2]["Amount"], made["Line"][3]["Amount"]
    assert net == subtotal - off


async def books_echo(books: QuickBooks, made: Json) -> Json:
    """An update with the whole object as it was read."""
    return await books.make("Invoice", await books.read("Invoice", made["Id"]))


async def test_a_lone_amount_may_be_read_as_net(uk_books: QuickBooks) -> None:
    await uk_books.switch(inclusive_amount="net")

    made = await invoice(
        uk_books,
        await line(uk_books, "10", "20.0% S"),
        GlobalTaxCalculation="TaxInclusive",
    )

    assert made["TotalAmt"] == 12


@pytest.mark.parametrize(
    ("after", "tax", "total"), [(None, "18", "108"), (False, "20", "110")]
)
async def test_vat_is_on_what_a_discount_leaves_unless_it_is_said_otherwise(
    uk_books: QuickBooks, after: bool | None, tax: str, total: str
) -> None:
    discount = {
        "Amount": 10,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": False},
    }
    more = {} if after is None else {"ApplyTaxAfterDiscount": after}

    made = await invoice(
        uk_books, await line(uk_books, "100", "20.0% S"), discount, **more
    )

    assert made["TxnTaxDetail"]["TotalTax"] == Decimal(tax)
    assert made["TotalAmt"] == Decimal(total)


async def test_every_line_needs_a_code_of_the_company(uk_books: QuickBooks) -> None:
    bare = await form(uk_books, await line(uk_books, "10"))
    american = await form(
        uk_books, await line(uk_books, "10", TaxCodeRef={"value": "TAX"})
    )
    odd = await form(uk_books, await line(uk_books, "10", "Exempt"))

    missing = await uk_books.post("invoice", bare)
    foreign = await uk_books.post("invoice", american)
    wrong = await uk_books.post("invoice", {**odd, "GlobalTaxCalculation": "Perhaps"})
    untaxed = await uk_books.make(
        "Invoice", {**bare, "GlobalTaxCalculation": "NotApplicable"}
    )

    code_of_missing, detail = fault(missing)
    assert code_of_missing == "6000"
    assert "have a VAT rate before you save" in detail
    assert fault(foreign)[0] == "2500"
    assert fault(wrong)[0] == "2170"
    assert untaxed["TotalAmt"] == 10


async def test_a_tax_detail_has_to_belong_to_the_lines(uk_books: QuickBooks) -> None:
    body = await form(uk_books, await line(uk_books, "100", "20.0% S"))
    codes = await uk_books.one("select * from TaxCode where Name = '20.0% S'")
    sales, purchase = (
        codes[side]["TaxRateDetail"][0]["TaxRateRef"]["value"]
        for side in ("SalesTaxRateList", "PurchaseTaxRateList")
    )

    def tax_line(rate: str, amount: int) -> Json:
        detail = {"TaxRateRef": {"value": rate}, "TaxPercent": 20}
        return {
            "Amount": amount,
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": detail,
        }

    details = [
        {"TaxLine": [tax_line(purchase, 20)]},
        {"TaxLine": [tax_line(sales, 10), tax_line(sales, 10)]},
        {"TxnTaxCodeRef": {"value": codes["Id"]}, "TotalTax": 20},
    ]
    for detail in details:
        answer = await uk_books.post("invoice", {**body, "TxnTaxDetail": detail})
        assert fault(answer)[0] == "6000"
    right = await uk_books.make(
        "Invoice", {**body, "TxnTaxDetail": {"TaxLine": [tax_line(sales, 20)]}}
    )
    cent = await uk_books.make(
        "Invoice", {**body, "TxnTaxDetail": {"TotalTax": Decimal("20.01")}}
    )
    await uk_books.switch(vat_tax_detail="refuse")
    strict = await uk_books.post("invoice", {**body, "TxnTaxDetail": {"TotalTax": 20}})

    assert right["TotalAmt"] == 120
    assert cent["TotalAmt"] == Decimal("120.01")
    assert fault(strict)[0] == "6000"
    assert (await books_echo(uk_books, cent))["TotalAmt"] == Decimal("120.01")
    assert await uk_books.count("Invoice") == 2


async def test_vat_of_a_foreign_invoice_is_owed_at_home(uk_books: QuickBooks) -> None:
    customer = {"value": await uk_books.id("Customer", "Dublin Docks Management")}
    before = await balance(uk_books, "VAT Control")
    body = await form(uk_books, await line(uk_books, "100", "20.0% S"))

    made = await uk_books.make(
        "Invoice", {**body, "CustomerRef": customer, "ExchangeRate": Decimal("0.85")}
    )

    assert made["TotalAmt"] == 120
    assert made["HomeTotalAmt"] == 102
    assert await balance(uk_books, "VAT Control") - before == 17


async def test_irish_rates(ireland: QuickBooks) -> None:
    made = await invoice(
        ireland,
        await line(ireland, "100", "23.0% S"),
        await line(ireland, "100", "13.5% R"),
        await line(ireland, "100", "9.0% R2"),
        await line(ireland, "100", "0.0% Z"),
        await line(ireland, "100", "Exempt"),
    )

    assert made["CurrencyRef"]["value"] == "EUR"
    assert [tax for _, _, tax in taxes(made)] == [23, Decimal("13.5"), 9, 0]
    assert made["TotalAmt"] == Decimal("545.5")


async def test_purchase_vat_is_reclaimed(uk_books: QuickBooks) -> None:
    before = await balance(uk_books, "VAT Control")

    made = await bill(uk_books, await spent(uk_books, "100", "20.0% S"))

    assert made["TotalAmt"] == 120
    assert await balance(uk_books, "VAT Control") - before == -20
    assert await cost(uk_books, made) == 100


# Canada


async def test_a_code_of_two_rates_makes_two_tax_lines(canada: QuickBooks) -> None:
    made = await invoice(
        canada,
        await line(canada, "100", "GST/PST BC"),
        await line(canada, "50", "GST/PST BC"),
        await line(canada, "10", "HST ON"),
        await line(canada, "5", "Exempt"),
    )

    assert taxes(made) == [
        (5, 150, Decimal("7.5")),
        (7, 150, Decimal("10.5")),
        (13, 10, Decimal("1.3")),
    ]
    assert made["TotalAmt"] == Decimal("184.3")
    assert await balance(canada, "GST/HST Payable") == Decimal("8.8")
    assert await balance(canada, "PST Payable (BC)") == Decimal("10.5")


async def test_gst_of_a_purchase_comes_back_and_pst_is_part_of_the_cost(
    canada: QuickBooks,
) -> None:
    made = await bill(
        canada,
        await spent(canada, "33.33", "GST/PST BC"),
        await spent(canada, "66.67", "GST/PST BC"),
        await spent(canada, "100", "HST ON"),
    )

    assert taxes(made) == [(5, 100, 5), (7, 100, 7), (13, 100, 13)]
    assert made["TotalAmt"] == 225
    assert await balance(canada, "GST/HST Payable") == -18
    assert await balance(canada, "PST Payable (BC)") == 0
    assert await cost(canada, made) == 207
    await canada.post("bill", version_of(made), operation="delete")
    assert await balance(canada, "GST/HST Payable") == 0


async def test_included_taxes_of_two_rates_add_up_to_the_gross(
    canada: QuickBooks,
) -> None:
    made = await invoice(
        canada,
        await line(canada, "9.99", "GST/PST BC"),
        GlobalTaxCalculation="TaxInclusive",
    )

    net = made["Line"][0]["Amount"]
    assert made["TotalAmt"] == Decimal("9.99")
    assert net == Decimal("8.92")
    assert sum(tax for _, _, tax in taxes(made)) == Decimal("1.07")


async def test_american_customers_are_invoiced_in_their_money(
    canada: QuickBooks,
) -> None:
    foreign = await canada.query("select * from Customer")
    american = next(one for one in foreign if one["CurrencyRef"]["value"] == "USD")
    body = await form(canada, await line(canada, "100", "GST"))

    made = await canada.make(
        "Invoice",
        {
            **body,
            "CustomerRef": {"value": american["Id"]},
            "ExchangeRate": Decimal("1.4"),
        },
    )

    assert made["CurrencyRef"]["value"] == "USD"
    assert made["HomeTotalAmt"] == 147
    assert await balance(canada, "GST/HST Payable") == 7


async def test_receipts_and_refunds_are_taxed_alike(canada: QuickBooks) -> None:
    body = await form(canada, await line(canada, "100", "GST/PST BC"))
    bank = await canada.one("select * from Account where Name = 'Chequing'")
    account = {"DepositToAccountRef": {"value": bank["Id"]}}

    receipt = await canada.make("SalesReceipt", {**body, **account})
    during = await balance(canada, "PST Payable (BC)")
    await canada.make("RefundReceipt", {**body, **account})

    assert receipt["TotalAmt"] == 112
    assert during == 7
    assert await balance(canada, "PST Payable (BC)") == 0
    assert await balance(canada, "Chequing") == bank["CurrentBalance"]


async def test_a_reverse_charge_comes_to_nothing(uk_books: QuickBooks) -> None:
    before = await balance(uk_books, "VAT Control")

    made = await bill(uk_books, await spent(uk_books, "100", "20.0% RC"))

    assert taxes(made) == [(20, 100, 20), (-20, 100, -20)]
    assert made["TotalAmt"] == 100
    assert await balance(uk_books, "VAT Control") == before
