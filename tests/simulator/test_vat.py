"""Tax by a code on each line: VAT, GST/HST and PST."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.client import QuickBooks, fault
from tests.simulator.forms import version_of
from tests.simulator.taxed import (
    alone,
    balance,
    bill,
    cost,
    form,
    invoice,
    line,
    spent,
    taxes,
)

Json = dict[str, Any]


@pytest.fixture
async def canada() -> AsyncIterator[QuickBooks]:
    async for client in alone("maple-ca"):
        yield client


@pytest.fixture
async def ireland() -> AsyncIterator[QuickBooks]:
    async for client in alone("liffey-ie"):
        yield client


# United Kingdom and Ireland


async def test_a_voided_invoice_stays_as_it_is_when_it_is_sent_back(
    uk_books: QuickBooks,
) -> None:
    made = await invoice(uk_books, await line(uk_books, "10", "20.0% S"))

    voided = await uk_books.make("Invoice", version_of(made), operation="void")
    echoed = await uk_books.make("Invoice", voided)

    changed = {name for name in voided if voided[name] != echoed[name]}
    assert voided.keys() == echoed.keys()
    assert changed <= {"SyncToken", "MetaData"}


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

    await uk_books.switch(vat_tax_detail="check")
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
    await uk_books.switch(vat_tax_detail="usual")
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
    assert [tax for _, _, tax in taxes(made)] == [23, Decimal("13.5"), 9, 0, 0]
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
        (0, 5, 0),
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
