"""What a draft amounts to in the company's own currency."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from qbo.asks import InvoiceVoid
from qbo.books import Company, Environment, Money
from qbo.drafting.assembly import Around, Making

HOME = Company("1", "Pennine", Environment.SANDBOX, "GB", "GBP")
INVOICE = {"Id": "7", "SyncToken": "1"}


def making(amount: str | None, currency: str) -> Making:
    nothing = cast("Any", None)  # neither books nor a mirror is asked
    around = Around(HOME, nothing, {}, "P-1", date(2026, 11, 20), nothing, nothing)
    total = None if amount is None else Money(Decimal(amount), currency)
    return Making(around, InvoiceVoid("1042"), total=total)


def test_in_the_companys_own_currency_it_is_the_total() -> None:
    made = making("100.00", "GBP")
    made.void("Invoice", {**INVOICE, "ExchangeRate": Decimal("0.5")})

    assert made.made("x").home_total == Money(Decimal("100.00"), "GBP")


@pytest.mark.parametrize("send", [False, True])
def test_in_another_it_is_converted_by_the_rate_of_the_document(*, send: bool) -> None:
    made = making("100.00", "USD")
    made.void("Invoice", {**INVOICE, "ExchangeRate": Decimal("0.78125")})
    if send:
        made.send("Invoice", "7", "a@x.example")

    assert made.made("x").home_total == Money(Decimal("78.13"), "GBP")


def test_without_a_rate_or_with_several_it_is_not_known() -> None:
    no_rate = making("100.00", "USD")
    no_rate.create("Invoice", {"CurrencyRef": {"value": "USD"}})
    several = making("100.00", "USD")
    several.void("Invoice", {**INVOICE, "ExchangeRate": Decimal("0.8")})
    several.void("Invoice", {**INVOICE, "ExchangeRate": Decimal("0.9")})
    nothing = making(None, "USD")
    nothing.update("Customer", INVOICE, {"Notes": "x"})

    for each in (no_rate, several, nothing):
        assert each.made("x").home_total is None
