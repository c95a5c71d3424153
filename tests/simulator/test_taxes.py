"""Sales tax in the US: by place, by code, overridden, and where it is booked."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from tests.simulator.client import QuickBooks, fault
from tests.simulator.forms import prefer, version_of
from tests.simulator.taxed import alone, balance, code, invoice, line, taxes


@pytest.fixture
async def sandbox() -> AsyncIterator[QuickBooks]:
    async for client in alone("sandbox-us"):
        yield client


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


async def test_a_code_that_is_not_there_is_refused(sandbox: QuickBooks) -> None:
    taxed = await line(sandbox, "100", TaxCodeRef={"value": "TAX"})
    customer = await sandbox.id("Customer", "Amy's Bird Sanctuary")
    detail = {"TxnTaxCodeRef": {"value": "99"}}
    body = {"CustomerRef": {"value": customer}, "Line": [taxed]}

    answer = await sandbox.post("invoice", {**body, "TxnTaxDetail": detail})

    assert fault(answer) == (
        "2500",
        "Invalid Reference Id : TaxCodes element id 99 not found",
    )


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
