"""Tax by a code on the lines of a deposit, and codes whose rate is nothing."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from tests.simulator.bookkeeping import check, drop, figures
from tests.simulator.client import QuickBooks, fault
from tests.simulator.forms import version_of
from tests.simulator.taxed import Json, alone, balance, code, invoice, line, taxes

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def britain() -> AsyncIterator[QuickBooks]:
    async for client in alone("pennine-uk"):
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def canada() -> AsyncIterator[QuickBooks]:
    async for client in alone("maple-ca"):
        yield client


async def first(books: QuickBooks, kind: str) -> Json:
    rows = await books.query(f"select * from Account where AccountType = '{kind}'")
    return {"value": rows[0]["Id"], "name": rows[0]["Name"]}


async def taken(
    books: QuickBooks, kind: str, amount: str, tax: str, **more: Any
) -> Json:
    """A line of a deposit on an account of a kind."""
    where = await first(books, kind)
    detail = {"AccountRef": where, **more}
    if tax:
        detail["TaxCodeRef"] = await code(books, tax)
    return {
        "Amount": Decimal(amount),
        "DetailType": "DepositLineDetail",
        "DepositLineDetail": detail,
    }


async def deposit(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    bank = await first(books, "Bank")
    body = {"DepositToAccountRef": bank, "Line": list(lines), **more}
    return await books.make("Deposit", body)


async def test_a_deposit_owes_the_vat_of_what_it_sells(britain: QuickBooks) -> None:
    before, owed = await figures(britain), await balance(britain, "VAT Control")
    bank = (await first(britain, "Bank"))["name"]
    held = await balance(britain, bank)

    made = await deposit(
        britain,
        await taken(britain, "Income", "100", "20.0% S"),
        GlobalTaxCalculation="TaxExcluded",
    )

    assert made["TotalAmt"] == 120
    assert taxes(made) == [(20, 100, 20)]
    assert made["TxnTaxDetail"]["TotalTax"] == 20
    assert made["Line"][0]["DepositLineDetail"]["TaxApplicableOn"] == "Sales"
    assert await balance(britain, "VAT Control") - owed == 20
    assert await balance(britain, bank) - held == 120
    await check(britain)
    await drop(britain, "Deposit", made)
    assert await figures(britain) == before


async def test_a_deposit_may_include_its_vat(britain: QuickBooks) -> None:
    owed = await balance(britain, "VAT Control")

    made = await deposit(
        britain,
        await taken(britain, "Income", "120", "20.0% S"),
        GlobalTaxCalculation="TaxInclusive",
    )
    again = await britain.make("Deposit", {**made, "PrivateNote": "as it was read"})
    sparse = {**version_of(again), "sparse": True, "PrivateNote": "in part"}
    noted = await britain.make("Deposit", sparse)

    assert made["TotalAmt"] == again["TotalAmt"] == noted["TotalAmt"] == 120
    assert made["Line"] == again["Line"] == noted["Line"]
    assert made["Line"][0]["Amount"] == 100
    assert made["Line"][0]["DepositLineDetail"]["TaxInclusiveAmt"] == 120
    assert await balance(britain, "VAT Control") - owed == 20
    await check(britain)


async def test_the_vat_of_a_fee_comes_back(britain: QuickBooks) -> None:
    owed = await balance(britain, "VAT Control")

    made = await deposit(
        britain,
        await taken(britain, "Income", "100", "20.0% S"),
        await taken(britain, "Expense", "-10", "20.0% S", TaxApplicableOn="Purchase"),
    )

    assert made["TotalAmt"] == 108
    assert made["GlobalTaxCalculation"] == "TaxExcluded"
    assert taxes(made) == [(20, 100, 20), (20, -10, -2)]
    assert await balance(britain, "VAT Control") - owed == 18
    await check(britain)


async def test_a_deposit_needs_no_tax(britain: QuickBooks) -> None:
    owed = await balance(britain, "VAT Control")
    made = await deposit(britain, await taken(britain, "Income", "100", "20.0% S"))
    bare = await taken(britain, "Income", "100", "")

    without = await britain.make("Deposit", {**made, "Line": [bare]})
    not_applicable = await deposit(
        britain,
        await taken(britain, "Income", "100", "20.0% S"),
        GlobalTaxCalculation="NotApplicable",
    )

    assert without["TotalAmt"] == not_applicable["TotalAmt"] == 100
    assert "TxnTaxDetail" not in without
    assert await balance(britain, "VAT Control") == owed
    await check(britain)


async def test_pst_of_a_fee_is_part_of_its_cost(canada: QuickBooks) -> None:
    gst, pst = "GST/HST Payable", "PST Payable (BC)"
    owed = await balance(canada, gst), await balance(canada, pst)
    bank = (await first(canada, "Bank"))["name"]
    held = await balance(canada, bank)

    made = await deposit(
        canada,
        await taken(canada, "Income", "100", "GST/PST BC"),
        await taken(canada, "Expense", "-10", "GST/PST BC", TaxApplicableOn="Purchase"),
    )
    cost = await canada.report("ProfitAndLoss", start_date="2026-11-01")

    assert made["TotalAmt"] == Decimal("100.8")
    assert await balance(canada, gst) - owed[0] == Decimal("4.5")
    assert await balance(canada, pst) - owed[1] == 7
    assert await balance(canada, bank) - held == Decimal("100.8")
    assert "10.70" in str(cost["Rows"])
    await check(canada)


@pytest.mark.parametrize(
    ("company", "names"),
    [
        ("pennine-uk", ("Exempt", "No VAT")),
        ("liffey-ie", ("Exempt", "No VAT")),
        ("maple-ca", ("Exempt", "Out of Scope")),
    ],
)
async def test_an_exempt_code_has_a_rate_of_nothing_on_each_side(
    company: str, names: tuple[str, ...]
) -> None:
    async for books in alone(company):
        for name in names:
            await check_exempt(books, name)


async def check_exempt(books: QuickBooks, name: str) -> None:
    found = await books.read("TaxCode", (await code(books, name))["value"])

    sides = [found[f"{side}TaxRateList"]["TaxRateDetail"] for side in _SIDES]
    rates = [
        await books.read("TaxRate", one["TaxRateRef"]["value"]) for (one,) in sides
    ]
    made = await invoice(books, await line(books, "100", name))

    assert found["Taxable"] is False
    assert [rate["RateValue"] for rate in rates] == [0, 0]
    assert taxes(made) == [(0, 100, 0)]
    assert made["TotalAmt"] == 100


async def test_no_tax_can_be_put_on_what_is_exempt(britain: QuickBooks) -> None:
    sold = await invoice(britain, await line(britain, "100", "Exempt"))
    odd = {
        "CustomerRef": sold["CustomerRef"],
        "Line": [await line(britain, "100", "Exempt")],
        "TxnTaxDetail": {"TotalTax": 5},
    }

    assert fault(await britain.post("invoice", odd))[0] == "6000"


_SIDES = ("Sales", "Purchase")
