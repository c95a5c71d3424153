"""Currencies of a company, and their rates by day."""

from decimal import Decimal

import pytest

from tests.simulator.client import Json, QuickBooks, fault, loads, sales_line
from tests.simulator.test_names import change_of


async def rate(books: QuickBooks, code: str, **params: str) -> Json:
    answer = await books.get("exchangerate", sourcecurrencycode=code, **params)
    assert answer.status_code == 200, answer.text
    found: Json = loads(answer.text)["ExchangeRate"]
    return found


async def test_a_rate_holds_until_the_next_one(uk_books: QuickBooks) -> None:
    for day, value in (("2026-11-02", "0.9"), ("2026-11-10", "0.8")):
        body = {
            "SourceCurrencyCode": "EUR",
            "AsOfDate": day,
            "Rate": Decimal(value),
        }
        await uk_books.make("ExchangeRate", body)

    found = [
        (await rate(uk_books, "EUR", asofdate=day))["Rate"]
        for day in ("2026-11-02", "2026-11-09", "2026-11-10", "2026-11-30")
    ]

    assert found == [Decimal(one) for one in ("0.9", "0.9", "0.8", "0.8")]


async def test_a_rate_is_of_the_day_asked_for(uk_books: QuickBooks) -> None:
    today = await rate(uk_books, "EUR")
    earlier = await rate(uk_books, "eur", asofdate="2026-10-01")
    home = await rate(uk_books, "GBP")

    assert today["AsOfDate"] == "2026-11-20"
    assert earlier["AsOfDate"] == "2026-10-01"
    assert today["TargetCurrencyCode"] == "GBP"
    assert home["Rate"] == 1


async def test_a_rate_is_found_by_currency_and_day_not_by_id(
    uk_books: QuickBooks,
) -> None:
    first = await uk_books.one(
        "select * from exchangerate where sourcecurrencycode = 'EUR'"
    )
    second = await uk_books.make("ExchangeRate", {**first, "Rate": Decimal("1.5")})
    new = {"SourceCurrencyCode": "EUR", "Rate": Decimal("1.6")}
    third = await uk_books.make("ExchangeRate", new)

    assert (second["Id"], second["SyncToken"]) == (first["Id"], "1")
    assert third["Id"] != first["Id"]
    assert third["AsOfDate"] == "2026-11-20"
    latest = await uk_books.one(
        "select * from ExchangeRate where SourceCurrencyCode in ('EUR', 'USD')"
    )
    assert latest == third
    dated = await uk_books.one(
        "select * from ExchangeRate where SourceCurrencyCode = 'EUR'"
        f" and AsOfDate = '{first['AsOfDate']}'"
    )
    assert dated == second


async def test_a_stale_rate_is_5010(uk_books: QuickBooks) -> None:
    first = await uk_books.one("select * from ExchangeRate")
    await uk_books.make("ExchangeRate", first)

    answer = await uk_books.post("exchangerate", first)

    assert fault(answer)[0] == "5010"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"SourceCurrencyCode": "EUR"}, "2020"),
        ({"Rate": 1}, "2020"),
        ({"SourceCurrencyCode": "EUR", "Rate": 0}, "2080"),
        ({"SourceCurrencyCode": "EUR", "Rate": "much"}, "2080"),
        ({"SourceCurrencyCode": "ZZZ", "Rate": 1}, "2500"),
        ({"SourceCurrencyCode": "GBP", "Rate": 1}, "2500"),
        ({"SourceCurrencyCode": "EUR", "Rate": 1, "AsOfDate": "soon"}, "2060"),
    ],
)
async def test_odd_rates_are_refused(
    uk_books: QuickBooks, body: Json, code: str
) -> None:
    assert fault(await uk_books.post("exchangerate", body))[0] == code


async def test_an_unknown_currency_has_no_rate(uk_books: QuickBooks) -> None:
    unknown = await uk_books.get("exchangerate", sourcecurrencycode="JPY")
    none = await uk_books.get("exchangerate")

    assert fault(unknown)[0] == "610"
    assert fault(none)[0] == "2020"


async def test_a_transaction_takes_the_rate_of_its_day(uk_books: QuickBooks) -> None:
    for day, value in (("2026-11-02", "0.9"), ("2026-11-10", "0.8")):
        body = {"SourceCurrencyCode": "EUR", "AsOfDate": day, "Rate": Decimal(value)}
        await uk_books.make("ExchangeRate", body)
    customer = {"value": await uk_books.id("Customer", "Dublin Docks Management")}
    code = {"value": await uk_books.id("TaxCode", "No VAT")}
    item = await uk_books.id("Item", "Ground Rent")
    body = {
        "CustomerRef": customer,
        "Line": [sales_line(item, "100", TaxCodeRef=code)],
    }

    early = await uk_books.make("Invoice", {**body, "TxnDate": "2026-11-03"})
    late = await uk_books.make("Invoice", {**body, "TxnDate": "2026-11-15"})

    assert (early["ExchangeRate"], early["HomeTotalAmt"]) == (Decimal("0.9"), 90)
    assert (late["ExchangeRate"], late["HomeTotalAmt"]) == (Decimal("0.8"), 80)


async def test_a_currency_comes_with_a_rate_and_accounts(uk_books: QuickBooks) -> None:
    made = await uk_books.make("CompanyCurrency", {"Code": "JPY"})

    assert (made["Name"], made["Active"]) == ("Japanese Yen", True)
    assert await uk_books.read("CompanyCurrency", made["Id"]) == made
    assert (await rate(uk_books, "JPY"))["Rate"] > 0
    accounts = await uk_books.query("select * from Account where CurrencyRef = 'JPY'")
    assert {one["AccountType"] for one in accounts} == {
        "Accounts Receivable",
        "Accounts Payable",
    }


async def test_a_customer_brings_a_currency_along(uk_books: QuickBooks) -> None:
    before = await uk_books.count("CompanyCurrency")

    for name in ("Oslo One", "Oslo Two"):
        body = {"DisplayName": name, "CurrencyRef": {"value": "NOK"}}
        await uk_books.make("Customer", body)

    assert await uk_books.count("CompanyCurrency") == before + 1
    krone = await uk_books.one("select * from CompanyCurrency where Code = 'NOK'")
    assert krone["Name"] == "Norwegian Krone"


async def test_a_debt_in_foreign_money_begins_at_the_rate_of_its_day(
    uk_books: QuickBooks,
) -> None:
    body = {"SourceCurrencyCode": "EUR", "AsOfDate": "2026-11-02", "Rate": 2}
    await uk_books.make("ExchangeRate", body)
    begun = {"Balance": 30, "OpenBalanceDate": "2026-11-05"}

    made = await uk_books.make(
        "Vendor", {"DisplayName": "Paris", "CurrencyRef": {"value": "EUR"}, **begun}
    )

    entry = await uk_books.one("select * from JournalEntry")
    assert entry["CurrencyRef"]["value"] == "EUR"
    assert entry["ExchangeRate"] == 2
    assert made["Balance"] > 0


async def test_a_currency_is_hidden_and_shown_again(uk_books: QuickBooks) -> None:
    made = await uk_books.make("CompanyCurrency", {"Code": "SEK"})

    gone = await uk_books.make("CompanyCurrency", change_of(made, Active=False))
    statement = "select * from CompanyCurrency where Code = 'SEK'"
    rows = await uk_books.query(statement)
    back = await uk_books.make("CompanyCurrency", change_of(gone, Active=True))
    other = await uk_books.post("companycurrency", change_of(back, Code="DKK"))

    assert (gone["Code"], gone["Name"]) == ("SEK", "Swedish Krona")
    assert rows == []
    assert await uk_books.query(statement) == [back]
    assert fault(other)[0] == "6000"


async def test_currencies_that_cannot_be_added(
    books: QuickBooks, uk_books: QuickBooks
) -> None:
    again = await uk_books.post("companycurrency", {"Code": "EUR"})
    home = await uk_books.post("companycurrency", {"Code": "GBP"})
    unknown = await uk_books.post("companycurrency", {"Code": "XYZ"})
    single = await books.post("companycurrency", {"Code": "EUR"})

    assert fault(again)[0] == fault(home)[0] == "6240"
    assert fault(unknown)[0] == "2170"
    assert fault(single)[0] == "6000"
