"""What a person does in QuickBooks itself: merging, voiding, disconnecting."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import (
    TOKEN,
    Json,
    QuickBooks,
    cell,
    expense_line,
    fault,
    sales_line,
)
from tests.simulator.conftest import TODAY
from tests.simulator.consenting import connect, refresh
from tests.simulator.receiver import VERIFIER, Receiver, receiver

pytestmark = pytest.mark.asyncio(loop_scope="module")
US, UK = "9130350000000001", "9130350000000002"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[Running]:
    running = await start(
        Options(
            port=0,
            today=TODAY,
            invoices=0,
            companies=("harbour-pine-us", "pennine-uk"),
            tokens=(TOKEN,),
        )
    )
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def books(simulator: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(simulator.url, US) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def hook(books: QuickBooks) -> AsyncIterator[Receiver]:
    async with receiver() as listening:
        await books.switch(webhook_window_ms=20)
        await books.http.post(
            "/_simulator/webhooks", json={"url": listening.url, "verifier": VERIFIER}
        )
        yield listening
        await books.http.delete("/_simulator/webhooks")


async def byhand(books: QuickBooks, what: str, wish: Json) -> httpx.Response:
    return await books.http.post(f"/_simulator/companies/{US}/{what}", json=wish)


async def merge(books: QuickBooks, entity: str, into: Json, loser: Json) -> Json:
    wish = {"entity": entity, "into": into["Id"], "from": loser["Id"]}
    answer = await byhand(books, "merge", wish)
    assert answer.status_code == 200, answer.text
    return await books.read(entity, into["Id"])


async def money_in_balance(books: QuickBooks) -> None:
    """Every debit has its credit, on the balance sheet too."""
    sheet = await books.report("BalanceSheet")
    totals = {
        row["group"]: Decimal(row["Summary"]["ColData"][-1]["value"])
        for row in sheet["Rows"]["Row"]
    }
    assert totals["TotalAssets"] == totals["TotalLiabilitiesAndEquity"]


async def test_a_merged_vendors_transactions_are_the_survivors(
    books: QuickBooks, hook: Receiver
) -> None:
    one = await books.make("Vendor", {"DisplayName": "Survivor Supplies"})
    two = await books.make("Vendor", {"DisplayName": "Survivor Supply"})
    account = await books.id("Account", "Office Supplies")
    bills = [
        await books.make(
            "Bill",
            {
                "VendorRef": {"value": vendor["Id"]},
                "Line": [expense_line(account, amount)],
            },
        )
        for vendor, amount in ((one, "10"), (two, "32"))
    ]
    await hook.until(lambda: len(hook.events()) >= 4)

    survivor = await merge(books, "Vendor", one, two)

    gone = await books.read("Vendor", two["Id"])
    bill = await books.read("Bill", bills[1]["Id"])
    aging = await books.report("AgedPayables")
    assert (survivor["Balance"], gone["Balance"]) == (42, 0)
    assert int(survivor["SyncToken"]) == int(one["SyncToken"]) + 1
    assert gone["Active"] is False
    assert gone["DisplayName"] == "Survivor Supply (deleted)"
    assert bill["VendorRef"] == {"value": one["Id"], "name": "Survivor Supplies"}
    assert bill["SyncToken"] == bills[1]["SyncToken"]
    assert cell(aging, one["Id"]) == 42
    assert cell(aging, two["Id"]) == 0
    await money_in_balance(books)
    await hook.until(lambda: len(hook.events()) >= 5)
    event = hook.posts()[-1][-1]
    assert hook.events()[4:] == [("vendor.merged", one["Id"])]
    assert event["data"] == {"deletedid": two["Id"]}


async def test_the_older_form_names_the_one_that_was_deleted(
    books: QuickBooks, hook: Receiver
) -> None:
    one = await books.make("Class", {"Name": "Merged one"})
    two = await books.make("Class", {"Name": "Merged two"})
    await hook.until(lambda: len(hook.events()) >= 2)
    posts = len(hook.bodies)

    await books.switch(webhook_form="legacy")
    await merge(books, "Class", one, two)
    await hook.got(posts + 1)
    await books.switch(webhook_form="cloudevents")

    (entity,) = hook.posts()[-1]["eventNotifications"][0]["dataChangeEvent"]["entities"]
    assert (entity["operation"], entity["id"]) == ("Merge", one["Id"])
    assert entity["deletedId"] == two["Id"]


async def test_a_merged_customer_brings_invoices_payments_and_notes(
    books: QuickBooks,
) -> None:
    one = await books.make("Customer", {"DisplayName": "Kept & Co"})
    two = await books.make("Customer", {"DisplayName": "Kept and Co"})
    line = sales_line(await books.id("Item", "Consulting"), "100")
    body = {"CustomerRef": {"value": two["Id"]}, "Line": [line]}
    invoice = await books.make("Invoice", body)
    await books.pay(invoice, "40")
    reference = {"EntityRef": {"type": "Customer", "value": two["Id"]}}
    body = {"Note": "On the other", "AttachableRef": [reference]}
    note = await books.make("Attachable", body)

    survivor = await merge(books, "Customer", one, two)

    assert survivor["Balance"] == 60
    payment = await books.one(
        f"select * from Payment where CustomerRef = '{one['Id']}'"
    )
    assert payment["CustomerRef"]["name"] == "Kept & Co"
    note = await books.read("Attachable", note["Id"])
    assert note["AttachableRef"][0]["EntityRef"]["value"] == one["Id"]
    again = await books.make("Customer", {"DisplayName": "Kept and Co"})
    assert again["Id"] != two["Id"]
    paid = await books.pay(await books.read("Invoice", invoice["Id"]), "60")
    assert paid["UnappliedAmt"] == 0


async def test_a_merged_account_moves_what_was_posted(books: QuickBooks) -> None:
    expense = {"AccountType": "Expense", "AccountSubType": "Travel"}
    one = await books.make("Account", {"Name": "Trips", **expense})
    two = await books.make("Account", {"Name": "Journeys", **expense})
    vendor = (await books.query("select * from Vendor"))[0]
    for account, amount in ((one, "5"), (two, "7")):
        line = expense_line(account["Id"], amount)
        body = {"VendorRef": {"value": vendor["Id"]}, "Line": [line]}
        await books.make("Bill", body)

    await merge(books, "Account", one, two)

    report = await books.report("ProfitAndLoss")
    assert cell(report, one["Id"]) == 12
    assert cell(report, two["Id"]) == 0
    await money_in_balance(books)


async def test_what_cannot_be_merged_is_left_alone(books: QuickBooks) -> None:
    parent = await books.make("Customer", {"DisplayName": "Above"})
    child = {"DisplayName": "Below", "ParentRef": {"value": parent["Id"]}, "Job": True}
    await books.make("Customer", child)
    other = await books.make("Customer", {"DisplayName": "Beside"})
    vendor = (await books.query("select * from Vendor"))[0]
    bank = await books.id("Account", "Business Checking")
    receivable = await books.one(
        "select * from Account where AccountType = 'Accounts Receivable'"
    )

    def wish(entity: str, into: str, loser: str) -> Json:
        return {"entity": entity, "into": into, "from": loser}

    wishes: list[Json] = [
        wish("Customer", other["Id"], parent["Id"]),
        wish("Customer", other["Id"], other["Id"]),
        wish("Customer", other["Id"], vendor["Id"]),
        wish("Account", bank, receivable["Id"]),
        wish("Invoice", "1", "2"),
        wish("Nonsense", "1", "2"),
        {"entity": "Customer"},
    ]
    answers = [await byhand(books, "merge", one) for one in wishes]
    nowhere = await books.http.post("/_simulator/companies/1/merge", json={})

    assert [one.status_code for one in answers] == [400] * len(wishes)
    assert nowhere.status_code == 404
    assert (await books.read("Customer", parent["Id"]))["Active"] is True


async def test_a_person_voids_what_the_api_cannot(
    books: QuickBooks, hook: Receiver
) -> None:
    bank = await books.id("Account", "Business Checking")
    savings = await books.make("Account", {"Name": "Rainy day", "AccountType": "Bank"})
    body: Json = {
        "FromAccountRef": {"value": bank},
        "ToAccountRef": {"value": savings["Id"]},
        "Amount": Decimal(90),
    }
    transfer = await books.make("Transfer", body)
    line = sales_line(await books.id("Item", "Consulting"), "15")
    customer = await books.make("Customer", {"DisplayName": "Voided for"})
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [line]}
    memo = await books.make("CreditMemo", body)
    by_api = await books.post("creditmemo", memo, operation="void")
    await hook.until(lambda: len(hook.events()) >= 4)

    for entity, record in (("Transfer", transfer), ("CreditMemo", memo)):
        wish = {"entity": entity, "id": record["Id"]}
        assert (await byhand(books, "void", wish)).status_code == 200
    unknown = await byhand(books, "void", {"entity": "CreditMemo", "id": "99999"})
    never = await byhand(books, "void", {"entity": "Bill", "id": "1"})

    voided = await books.read("Transfer", transfer["Id"])
    emptied = await books.read("CreditMemo", memo["Id"])
    assert (voided["Amount"], voided["PrivateNote"]) == (0, "Voided")
    assert (emptied["TotalAmt"], emptied["Balance"]) == (0, 0)
    assert (await books.read("Account", savings["Id"]))["CurrentBalance"] == 0
    assert (await books.read("Customer", customer["Id"]))["Balance"] == 0
    assert fault(by_api)[0] == "500"
    assert unknown.status_code == never.status_code == 400
    await hook.until(lambda: len(hook.events()) >= 6)
    assert hook.events()[4:] == [
        ("transfer.voided", transfer["Id"]),
        ("creditmemo.voided", memo["Id"]),
    ]
    await money_in_balance(books)


async def test_a_connection_ended_from_quickbooks_is_just_dead(
    books: QuickBooks, hook: Receiver
) -> None:
    here = await connect(books.http)
    there = await connect(books.http, realm=UK)

    answer = await byhand(books, "disconnect", {})
    again = await byhand(books, "disconnect", {})
    wrong = await byhand(books, "disconnect", {"realm": US})

    assert (answer.json(), again.json()) == ({"ended": 1}, {"ended": 0})
    assert wrong.status_code == 400
    url = str(books.http.base_url)
    async with QuickBooks(url, US, here["access_token"]) as ended:
        assert (await ended.get("preferences")).status_code == 401
    async with QuickBooks(url, UK, there["access_token"]) as living:
        assert (await living.get("preferences")).status_code == 200
    assert (await refresh(books.http, here["refresh_token"])).status_code == 400
    assert hook.bodies == []


async def test_an_app_hears_of_the_companies_it_is_connected_to() -> None:
    running = await start(
        Options(
            port=0,
            today=TODAY,
            invoices=0,
            companies=("harbour-pine-us", "pennine-uk"),
            clients=("one:secret", "two:secret"),
        )
    )
    async with receiver() as first, receiver() as second:
        async with QuickBooks(running.url, US) as books:
            await books.switch(webhook_window_ms=0, webhook_own_writes=False)
            for app, hook in (("one", first), ("two", second)):
                wish = {"url": hook.url, "app": app}
                await books.http.post("/_simulator/webhooks", json=wish)
            tokens: dict[str, Any] = {}
            for app, realm in (("one", US), ("two", US), ("two", UK)):
                tokens[app + realm] = await connect(
                    books.http, realm=realm, app=(app, "secret")
                )
        for key, realm in (("two" + US, US), ("two" + UK, UK), ("one" + US, US)):
            token = tokens[key]["access_token"]
            async with QuickBooks(running.url, realm, token) as books:
                await books.make("Customer", {"DisplayName": f"By {key}"})
        await first.got(1)
        await second.got(1)
    await running.stop()

    assert [one["intuitaccountid"] for post in first.posts() for one in post] == [US]
    assert [one["intuitaccountid"] for post in second.posts() for one in post] == [US]
    assert first.posts()[0][0]["source"] != second.posts()[0][0]["source"]


async def test_a_merge_survives_a_restart(tmp_path: Path) -> None:
    options = Options(
        port=0, today=TODAY, invoices=0, tokens=(TOKEN,), data=tmp_path / "kept"
    )
    running = await start(options)
    async with QuickBooks(running.url, US) as books:
        one = await books.make("Vendor", {"DisplayName": "Lasting one"})
        two = await books.make("Vendor", {"DisplayName": "Lasting two"})
        account = await books.id("Account", "Office Supplies")
        line = expense_line(account, "8")
        body = {"VendorRef": {"value": two["Id"]}, "Line": [line]}
        bill = await books.make("Bill", body)
        before = await merge(books, "Vendor", one, two)
    await running.stop()

    running = await start(options)
    async with QuickBooks(running.url, US) as books:
        after = await books.read("Vendor", one["Id"])
        kept = await books.read("Bill", bill["Id"])
    await running.stop()

    assert after == before
    assert kept["VendorRef"]["value"] == one["Id"]
