"""What a company has only one of: CompanyInfo and Preferences."""

from typing import Any

import pytest

from tests.simulator.client import Json, QuickBooks, fault, loads

REALM = "9130350000000001"


async def info_of(books: QuickBooks) -> Json:
    answer = await books.get(f"companyinfo/{REALM}")
    found: Json = loads(answer.text)["CompanyInfo"]
    return found


async def preferences_of(books: QuickBooks) -> Json:
    found: Json = loads((await books.get("preferences")).text)["Preferences"]
    return found


def change_of(record: Json, **change: Any) -> Json:
    which = {"Id": "1", "SyncToken": record["SyncToken"], "sparse": True}
    return {**which, **change}


async def test_the_company_is_read_by_realm_by_id_and_by_query(
    books: QuickBooks,
) -> None:
    info = await info_of(books)

    assert await books.read("CompanyInfo", "1") == info
    assert await books.query("select * from companyinfo") == [info]
    assert (info["Id"], info["Country"]) == ("1", "US")
    for name in (
        *("CompanyName", "LegalName", "CompanyAddr", "Email", "WebAddr"),
        *("SupportedLanguages", "FiscalYearStartMonth", "NameValue", "MetaData"),
    ):
        assert name in info
    assert {"Id", "Line1", "City", "PostalCode"} <= set(info["CompanyAddr"])


async def test_the_company_is_changed_in_parts(books: QuickBooks) -> None:
    info = await info_of(books)
    phone = {"FreeFormNumber": "(555) 123"}

    changed = await books.make(
        "CompanyInfo", change_of(info, PrimaryPhone=phone), operation="update"
    )

    kept = {"SyncToken": "1", "MetaData": changed["MetaData"], "PrimaryPhone": phone}
    assert changed == {**info, **kept}


async def test_a_new_address_keeps_its_id(books: QuickBooks) -> None:
    info = await info_of(books)
    address = {"Line1": "2 New Street", "City": "Fernwood"}

    changed = await books.make("CompanyInfo", change_of(info, CompanyAddr=address))

    assert changed["CompanyAddr"] == {"Id": info["CompanyAddr"]["Id"], **address}


async def test_only_postal_addresses_are_numbered(books: QuickBooks) -> None:
    web = {"WebAddr": {"URI": "http://www.harbour.example"}}
    mail = {"CompanyEmailAddr": {"Address": "all@harbour.example"}}

    first = await books.make("CompanyInfo", change_of(await info_of(books), **web))
    second = await books.make("CompanyInfo", change_of(first, **mail))

    assert first["WebAddr"] == second["WebAddr"] == web["WebAddr"]
    assert second["CompanyEmailAddr"] == mail["CompanyEmailAddr"]


async def test_what_is_read_may_be_sent_back(books: QuickBooks) -> None:
    info, prefs = await info_of(books), await preferences_of(books)

    same_info = await books.make("CompanyInfo", info)
    same_prefs = await books.make("Preferences", prefs)

    for before, after in ((info, same_info), (prefs, same_prefs)):
        kept = {"SyncToken": "1", "MetaData": after["MetaData"]}
        assert after == {**before, **kept}


async def test_some_of_the_company_is_not_for_the_api(books: QuickBooks) -> None:
    info = await info_of(books)
    change = change_of(info, Country="GB", SupportedLanguages="fr", CompanyName="")

    changed = await books.make("CompanyInfo", change)

    for name in ("Country", "SupportedLanguages", "CompanyName"):
        assert changed[name] == info[name]


async def test_one_preference_is_changed_at_a_time(books: QuickBooks) -> None:
    prefs = await preferences_of(books)
    group = {"EstimateMessage": {"Subject": "Our offer", "Message": "Please look"}}

    changed = await books.make(
        "Preferences", change_of(prefs, EmailMessagesPrefs=group)
    )

    expected = {**prefs["EmailMessagesPrefs"], **group}
    assert changed["EmailMessagesPrefs"] == expected
    assert changed["SalesFormsPrefs"] == prefs["SalesFormsPrefs"]
    assert await preferences_of(books) == changed
    assert await books.query("select * from preferences") == [changed]


async def test_the_fiscal_year_is_said_in_two_places(books: QuickBooks) -> None:
    info = await info_of(books)
    await books.make("CompanyInfo", change_of(info, FiscalYearStartMonth="July"))
    prefs = await preferences_of(books)
    group = {"FirstMonthOfFiscalYear": "October"}
    await books.make("Preferences", change_of(prefs, AccountingInfoPrefs=group))

    assert prefs["AccountingInfoPrefs"]["FirstMonthOfFiscalYear"] == "July"
    assert (await info_of(books))["FiscalYearStartMonth"] == "October"


async def test_the_books_are_closed_and_opened_again(books: QuickBooks) -> None:
    prefs = await preferences_of(books)
    closed = {"AccountingInfoPrefs": {"BookCloseDate": "2026-11-30"}}
    prefs = await books.make("Preferences", change_of(prefs, **closed))
    customer = {"value": await books.id("Customer", "May Chen")}
    payment = {"CustomerRef": customer, "TotalAmt": 5, "TxnDate": "2026-11-20"}

    refused = await books.post("payment", payment)
    opened = {"AccountingInfoPrefs": {"BookCloseDate": ""}}
    prefs = await books.make("Preferences", change_of(prefs, **opened))

    assert fault(refused)[0] == "6210"
    assert "BookCloseDate" not in prefs["AccountingInfoPrefs"]
    assert (await books.post("payment", payment)).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ReportPrefs": {"ReportBasis": "Guess"}}, "2170"),
        ({"AccountingInfoPrefs": {"FirstMonthOfFiscalYear": "Brumaire"}}, "2170"),
        ({"AccountingInfoPrefs": {"BookCloseDate": "soon"}}, "2060"),
        ({"SalesFormsPrefs": {"AllowDeposit": "perhaps"}}, "2090"),
        ({"SalesFormsPrefs": {"Colour": "green"}}, "2010"),
        ({"ColourPrefs": {}}, "2010"),
        ({"SalesFormsPrefs": {"DefaultTerms": {"value": "98765"}}}, "2500"),
    ],
)
async def test_odd_preferences_are_refused(
    books: QuickBooks, change: Json, code: str
) -> None:
    prefs = await preferences_of(books)

    answer = await books.post("preferences", change_of(prefs, **change))

    assert fault(answer)[0] == code
    assert await preferences_of(books) == prefs


async def test_stale_settings_are_5010(books: QuickBooks) -> None:
    prefs = await preferences_of(books)
    await books.make("Preferences", prefs)

    again = await books.post("preferences", prefs)
    without = await books.post("preferences", {"ReportPrefs": {}})

    assert fault(again)[0] == "5010"
    assert fault(without)[0] == "2020"


async def test_several_currencies_stay_in_use(uk_books: QuickBooks) -> None:
    answer = await uk_books.get("preferences")
    prefs = loads(answer.text)["Preferences"]
    group = {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}}

    changed = await uk_books.make("Preferences", change_of(prefs, CurrencyPrefs=group))

    assert changed["CurrencyPrefs"] == prefs["CurrencyPrefs"]


async def test_a_company_begins_to_use_several_currencies(books: QuickBooks) -> None:
    prefs = await preferences_of(books)
    group = {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}
    await books.make("Preferences", change_of(prefs, **group))

    made = await books.make(
        "Customer", {"DisplayName": "Toronto", "CurrencyRef": {"value": "CAD"}}
    )

    assert made["CurrencyRef"]["name"] == "Canadian Dollar"
    assert await books.one("select * from CompanyCurrency where Code = 'CAD'")
