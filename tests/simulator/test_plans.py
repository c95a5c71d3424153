"""What each plan has, and the faults for what it lacks."""

from pathlib import Path
from typing import Any

import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, expense_line, fault, sales_line
from tests.simulator.conftest import TODAY
from tests.simulator.consenting import REALM

PENNINE = "9130350000000002"
FROM_ESSENTIALS = (
    "bill billpayment vendorcredit timeactivity companycurrency exchangerate"
    " recurringtransaction"
)
FROM_PLUS = "purchaseorder class department"


async def give(books: QuickBooks, plan: str, realm: str = REALM) -> None:
    wish = {"realm": realm, "plan": plan}
    answer = await books.http.post("/_simulator/plans", json=wish)
    assert answer.status_code == 200, answer.text


async def bill(books: QuickBooks) -> dict[str, Any]:
    accounts = await books.query("select * from Account where AccountType = 'Expense'")
    vendors = await books.query("select * from Vendor")
    return {
        "VendorRef": {"value": vendors[0]["Id"]},
        "Line": [expense_line(accounts[0]["Id"], "20")],
    }


async def sale(books: QuickBooks, **detail: Any) -> dict[str, Any]:
    line = sales_line(await books.id("Item", "Consulting"), "60", **detail)
    customer = await books.id("Customer", "May Chen")
    return {"CustomerRef": {"value": customer}, "Line": [line]}


async def preferences(books: QuickBooks) -> dict[str, Any]:
    found: dict[str, Any] = (await books.get("preferences")).json()["Preferences"]
    return found


async def test_a_company_has_plus_and_shows_it(books: QuickBooks) -> None:
    plans = (await books.http.get("/_simulator/plans")).json()["companies"]
    info = (await books.get(f"companyinfo/{REALM}")).json()["CompanyInfo"]

    assert plans[0] == {"realm": REALM, "plan": "Plus", "status": "PAID"}
    assert {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"} in info[
        "NameValue"
    ]


async def test_simple_start_has_no_bills(books: QuickBooks) -> None:
    wish = await bill(books)
    made = await books.make("Bill", wish)
    await give(books, "Simple Start")

    create = await books.post("bill", wish)
    update = await books.post("bill", {**made, "PrivateNote": "x"})
    delete = await books.post("bill", made, operation="delete")
    await give(books, "Essentials")
    again = await books.post("bill", wish)

    for answer in (create, update, delete):
        code, detail = fault(answer)
        assert code == "5020"
        assert "QuickBooks Online Simple Start does not have Bill" in detail
        assert (
            answer.json()["Fault"]["Error"][0]["Message"]
            == "Permission denied for a feature"
        )
    assert again.status_code == 200
    assert await books.count("Bill") == 2


@pytest.mark.parametrize(
    ("plan", "lacking"),
    [
        ("Simple Start", f"{FROM_ESSENTIALS} {FROM_PLUS}"),
        ("Essentials", FROM_PLUS),
        ("Plus", ""),
    ],
)
async def test_each_plan_lacks_what_only_larger_ones_have(
    books: QuickBooks, plan: str, lacking: str
) -> None:
    await give(books, plan)
    every = f"{FROM_ESSENTIALS} {FROM_PLUS} invoice purchase"

    refused = [
        entity
        for entity in every.split()
        if fault(await books.post(entity, {}))[0] == "5020"
    ]

    assert refused == lacking.split()


async def test_what_a_plan_lacks_can_still_be_read_unless_a_switch_says_no(
    books: QuickBooks,
) -> None:
    made = await books.make("Bill", await bill(books))
    await give(books, "Simple Start")

    read = await books.get(f"bill/{made['Id']}")
    query = await books.get("query", query="select * from Bill")
    await books.switch(plan_refuses_reads=True)
    no_read = await books.get(f"bill/{made['Id']}")
    no_query = await books.get("query", query="select * from Bill")
    other = await books.get("query", query="select * from Invoice")

    assert (read.status_code, query.status_code) == (200, 200)
    assert fault(no_read)[0] == fault(no_query)[0] == "5020"
    assert other.status_code == 200


@pytest.mark.parametrize("code", ["2500", "5020", "6000"])
async def test_essentials_has_no_classes(books: QuickBooks, code: str) -> None:
    classes = await books.query("select * from Class")
    with_class = await sale(books, ClassRef={"value": classes[0]["Id"]})
    await give(books, "Essentials")
    await books.switch(plan_reference_code=code)

    make = await books.post("class", {"Name": "North"})
    use = await books.post("invoice", with_class)
    without = await books.post("invoice", await sale(books))
    await give(books, "Plus")
    again = await books.post("invoice", with_class)

    assert fault(make)[0] == "5020"
    assert fault(use)[0] == code
    assert (without.status_code, again.status_code) == (200, 200)


async def test_a_class_unknown_to_the_plan_is_an_invalid_reference(
    books: QuickBooks,
) -> None:
    await give(books, "Essentials")

    answer = await books.post("invoice", await sale(books, ClassRef={"value": "7"}))

    assert fault(answer) == (
        "2500",
        "Invalid Reference Id : Klasses element id 7 not found",
    )


async def test_inventory_needs_plus(books: QuickBooks) -> None:
    await give(books, "Essentials")
    accounts = await books.query("select * from Account")
    first = {one["AccountSubType"]: {"value": one["Id"]} for one in accounts}
    item = {
        "Name": "Garden gnome",
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 0,
        "InvStartDate": "2026-11-01",
        "IncomeAccountRef": first["SalesOfProductIncome"],
        "ExpenseAccountRef": first["SuppliesMaterialsCogs"],
        "AssetAccountRef": first["Inventory"],
    }

    refused = await books.post("item", item)
    await give(books, "Plus")
    made = await books.post("item", item)

    assert fault(refused)[0] == "5020"
    assert made.status_code == 200, made.text


async def test_preferences_follow_the_plan_and_come_back_with_it(
    books: QuickBooks,
) -> None:
    before = await preferences(books)
    await give(books, "Simple Start")
    small = await preferences(books)
    wish = {
        "SyncToken": small["SyncToken"],
        "sparse": True,
        "AccountingInfoPrefs": {"ClassTrackingPerTxn": True},
    }
    refused = await books.post("preferences", wish)
    unchanged = await preferences(books)
    await give(books, "Plus")
    after = await preferences(books)

    assert before["AccountingInfoPrefs"]["ClassTrackingPerTxnLine"] is True
    assert small["AccountingInfoPrefs"]["ClassTrackingPerTxnLine"] is False
    assert small["ProductAndServicesPrefs"]["QuantityOnHand"] is False
    assert small["VendorAndPurchasesPrefs"]["EnableBills"] is False
    assert fault(refused)[0] == "5020"
    assert unchanged == small
    for group in ("AccountingInfoPrefs", "VendorAndPurchasesPrefs", "CurrencyPrefs"):
        assert after[group] == before[group]


async def test_currencies_in_use_stay(uk_books: QuickBooks) -> None:
    await give(uk_books, "Simple Start", PENNINE)

    prefs = await preferences(uk_books)

    assert prefs["CurrencyPrefs"]["MultiCurrencyEnabled"] is True


async def test_a_fourth_custom_field_needs_advanced(books: QuickBooks) -> None:
    field = {"DefinitionId": "4", "Name": "Crew", "Type": "StringType"}
    body = {**await sale(books), "CustomField": [{**field, "StringValue": "B"}]}

    refused = await books.post("invoice", body)
    await give(books, "Advanced")
    made = await books.post("invoice", body)

    assert fault(refused)[0] == "5020"
    assert made.status_code == 200, made.text


async def test_an_ended_subscription_can_be_read_but_not_written(
    books: QuickBooks,
) -> None:
    wish = {"realm": REALM, "status": "EXPIRED"}
    await books.http.post("/_simulator/plans", json=wish)

    read = await books.get("preferences")
    write = await books.post("term", {"Name": "Net 17", "DueDays": 17})
    await books.http.post("/_simulator/plans", json={**wish, "status": "PAID"})
    again = await books.post("term", {"Name": "Net 17", "DueDays": 17})

    assert read.status_code == 200
    assert fault(write)[0] == "6190"
    assert again.status_code == 200


async def test_one_companys_plan_is_not_anothers(
    books: QuickBooks, uk_books: QuickBooks
) -> None:
    await give(books, "Simple Start")

    assert fault(await books.post("class", {"Name": "North"}))[0] == "5020"
    assert (await uk_books.post("class", {"Name": "Yards"})).status_code == 200


@pytest.mark.parametrize(
    "wish", [{"plan": "Gold"}, {"plan": "Plus", "realm": "1"}, {"realm": REALM}, []]
)
async def test_a_plan_that_does_not_exist_is_refused(
    books: QuickBooks, wish: object
) -> None:
    answer = await books.http.post("/_simulator/plans", json=wish)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_the_command_line_gives_a_plan_which_outlives_a_restart(
    tmp_path: Path,
) -> None:
    options = Options(
        port=0,
        today=TODAY,
        invoices=0,
        tokens=(TOKEN,),
        data=tmp_path,
        plans=("harbour-pine-us=Essentials",),
    )
    first = await start(options)
    await first.stop()
    again = Options(port=0, today=TODAY, tokens=(TOKEN,), data=tmp_path)

    second = await start(again)
    async with QuickBooks(second.url, REALM) as books:
        plans = (await books.http.get("/_simulator/plans")).json()["companies"]
        refused = await books.post("class", {"Name": "North"})
        await give(books, "Plus")
        tracking = (await preferences(books))["AccountingInfoPrefs"]
    await second.stop()

    assert plans[0]["plan"] == "Essentials"
    assert fault(refused)[0] == "5020"
    assert tracking["ClassTrackingPerTxnLine"] is True


@pytest.mark.parametrize("plan", ["Plus", "harbour-pine-us=Gold", "nobody=Plus"])
async def test_a_plan_of_nothing_does_not_start(plan: str) -> None:
    with pytest.raises(ValueError, match=r"plan|not served here"):
        await start(Options(port=0, invoices=0, plans=(plan,)))
