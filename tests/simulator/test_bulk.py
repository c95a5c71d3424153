"""Invoices struck by the thousand: like those of the API, and as good to work with."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from qbo.simulator.books.moulds import Copy
from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import TOKEN, Json, QuickBooks, total
from tests.simulator.conftest import TODAY

pytestmark = pytest.mark.asyncio(loop_scope="module")

REALMS = {
    "harbour-pine-us": "9130350000000001",
    "pennine-uk": "9130350000000002",
}
MANY = 2_500


def many(**more: Any) -> Options:
    return Options(port=0, today=TODAY, invoices=MANY, tokens=(TOKEN,), **more)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    """Two companies with invoices beyond their stories."""
    running = await start(many(companies=tuple(REALMS)))
    yield running
    await running.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books(running: Running) -> AsyncIterator[QuickBooks]:
    async with QuickBooks(running.url, REALMS["harbour-pine-us"]) as client:
        yield client


def copies(running: Running, slug: str, entity: str) -> list[str]:
    """The ids of the records that were struck, oldest first."""
    company = next(c for c in running.state.companies.values() if c.slug == slug)
    records = company.tables[entity].values()
    return [one.id for one in records if isinstance(one.frozen(), Copy)]


async def open_copies(books: QuickBooks, running: Running) -> list[Json]:
    struck = set(copies(running, "harbour-pine-us", "Invoice"))
    rows = await books.query(
        "select * from Invoice where Balance > '0' and TxnDate > '2026-01-01'"
        " maxresults 1000"
    )
    return [row for row in rows if row["Id"] in struck]


def asked(invoice: Json) -> Json:
    """What a client would have sent for an invoice."""
    lines = [
        {
            **{name: line[name] for name in ("Amount", "Description", "DetailType")},
            "SalesItemLineDetail": {
                name: line["SalesItemLineDetail"][name]
                for name in ("ItemRef", "Qty", "UnitPrice", "TaxCodeRef")
                if name in line["SalesItemLineDetail"]
            },
        }
        for line in invoice["Line"]
        if line["DetailType"] == "SalesItemLineDetail"
    ]
    sent = {**invoice, "Line": lines}
    names = ("CustomerRef", "DocNumber", "Line", "SalesTermRef", "BillEmail", "TxnDate")
    return {name: sent[name] for name in names}


OWN = {"Id", "MetaData", "TxnId", "DeliveryTime"}


def without_ids(value: Any) -> Any:
    """A record without what every record has of its own; members keep their order."""
    if isinstance(value, dict):
        if value.get("Name") in {"txnId", "txnOpenBalance"}:
            return value["Name"]
        return [(k, without_ids(v)) for k, v in value.items() if k not in OWN]
    if isinstance(value, list):
        return [without_ids(one) for one in value]
    return value


@pytest.mark.parametrize("slug", REALMS)
async def test_a_copy_is_what_the_api_makes_of_the_same_input(
    running: Running, slug: str
) -> None:
    async with QuickBooks(running.url, REALMS[slug]) as books:
        invoices = [
            await books.read("Invoice", number)
            for number in copies(running, slug, "Invoice")[:: MANY // 8]
        ]
        paid = [one for one in invoices if one["LinkedTxn"]]
        payments = [
            await books.read("Payment", one["LinkedTxn"][0]["TxnId"]) for one in paid
        ]
    assert len(paid) > 2

    alone = await start(
        Options(port=0, today=TODAY, invoices=0, companies=(slug,), tokens=(TOKEN,))
    )
    async with QuickBooks(alone.url, REALMS[slug]) as books:
        prefs = (await books.get("preferences")).json()["Preferences"]
        prefs["AccountingInfoPrefs"]["BookCloseDate"] = ""
        assert (await books.post("preferences", prefs)).status_code == 200
        for invoice, payment in zip(paid, payments, strict=True):
            made = await books.make("Invoice", asked(invoice))
            await books.post(f"invoice/{made['Id']}/send", {})
            link = {"TxnId": made["Id"], "TxnType": "Invoice"}
            names = ("CustomerRef", "TotalAmt", "PaymentMethodRef", "PaymentRefNum")
            body = {
                **{name: payment[name] for name in names},
                "DepositToAccountRef": payment["DepositToAccountRef"],
                "Line": [{"Amount": payment["TotalAmt"], "LinkedTxn": [link]}],
                "TxnDate": payment["TxnDate"],
            }
            settled = await books.make("Payment", body)
            again = await books.read("Invoice", made["Id"])

            assert without_ids(again) == without_ids(invoice)
            assert without_ids(settled) == without_ids(payment)
    await alone.stop()


async def test_there_are_as_many_as_were_asked_for_in_every_state(
    books: QuickBooks, running: Running
) -> None:
    rows = [
        row
        for first in (1, 1001, 2001)
        for row in await books.query(
            f"select * from Invoice startposition {first} maxresults 1000"
        )
    ]
    today = TODAY.isoformat()

    assert await books.count("Invoice") == len(rows) == MANY
    assert len({row["DocNumber"] for row in rows}) == MANY
    assert len(copies(running, "harbour-pine-us", "Invoice")) > MANY // 3
    newest = [row for row in rows if int(row["DocNumber"]) > 1700]
    states = {
        "voided": [row for row in newest if row.get("PrivateNote") == "Voided"],
        "part": [row for row in newest if 0 < row["Balance"] < row["TotalAmt"]],
        "paid": [row for row in newest if row["LinkedTxn"] and not row["Balance"]],
        "open": [row for row in newest if row["Balance"] == row["TotalAmt"] > 0],
        "late": [row for row in newest if row["Balance"] and row["DueDate"] < today],
        "credited": [row for row in newest if len(row["LinkedTxn"]) > 1],
    }
    assert all(states[name] for name in ("voided", "part", "paid", "open", "late"))
    assert max(row["MetaData"]["LastUpdatedTime"] for row in rows) < f"{today}T12"


@pytest.mark.parametrize("slug", REALMS)
async def test_ledger_balances_and_aging_agree(running: Running, slug: str) -> None:
    async with QuickBooks(running.url, REALMS[slug]) as books:
        sheet = await books.report("BalanceSheet")
        aging = await books.report("AgedReceivables")
        accounts = await books.query(
            "select * from Account where AccountType = 'Accounts Receivable'"
        )
        balances = await books.report("CustomerBalance")
        customers = await books.query("select * from Customer maxresults 1000")

    owed = sum(Decimal(one["CurrentBalance"]) for one in accounts)
    assert total(sheet, "TotalAssets") == total(sheet, "TotalLiabilitiesAndEquity")
    assert total(aging, "GrandTotal") == total(balances, "GrandTotal")
    if slug == "harbour-pine-us":
        assert total(aging, "GrandTotal") == owed
        assert sum(one["Balance"] for one in customers) == owed


async def test_a_copy_can_be_paid_voided_deleted_and_changed(
    books: QuickBooks, running: Running
) -> None:
    paid, voided, deleted, changed = (await open_copies(books, running))[:4]
    before = total(await books.report("AgedReceivables"), "GrandTotal")

    payment = await books.pay(paid, str(paid["Balance"]))
    keys = ("Id", "SyncToken")
    void = {name: voided[name] for name in keys}
    gone = {name: deleted[name] for name in keys}
    for body, operation in ((void, "void"), (gone, "delete")):
        answer = await books.post("invoice", body, operation=operation)
        assert answer.status_code == 200, answer.text
    noted = await books.make(
        "Invoice",
        {**{name: changed[name] for name in keys}, "sparse": True, "PrivateNote": "x"},
    )

    after = total(await books.report("AgedReceivables"), "GrandTotal")
    assert before - after == sum(one["Balance"] for one in (paid, voided, deleted))
    settled = await books.read("Invoice", paid["Id"])
    assert (settled["Balance"], settled["LinkedTxn"]) == (
        0,
        [{"TxnId": payment["Id"], "TxnType": "Payment"}],
    )
    assert (await books.read("Invoice", voided["Id"]))["PrivateNote"] == "Voided"
    assert await books.count("Invoice", f"where Id = '{deleted['Id']}'") == 0
    assert without_note(noted) == without_note(changed)


def without_note(invoice: Json) -> Any:
    own = {"PrivateNote", "SyncToken", "MetaData"}
    return {name: value for name, value in invoice.items() if name not in own}


async def test_deleting_the_payment_of_a_copy_opens_it_again(
    books: QuickBooks, running: Running
) -> None:
    number = copies(running, "harbour-pine-us", "Payment")[-5]
    payment = await books.read("Payment", number)
    target = payment["Line"][0]["LinkedTxn"][0]["TxnId"]

    answer = await books.post("payment", payment, operation="delete")

    assert answer.status_code == 200, answer.text

    invoice = await books.read("Invoice", target)
    assert invoice["Balance"] == invoice["TotalAmt"] == payment["TotalAmt"]
    assert invoice["LinkedTxn"] == []


async def test_a_new_name_reaches_the_copies(books: QuickBooks) -> None:
    customer = await books.one("select * from Customer where DisplayName = 'May Chen'")
    where = f"where CustomerRef = '{customer['Id']}'"
    change = {"Id": customer["Id"], "SyncToken": customer["SyncToken"], "sparse": True}

    await books.make("Customer", {**change, "DisplayName": "May {Chen} & Sons"})

    for entity in ("Invoice", "Payment"):
        rows = await books.query(f"select * from {entity} {where} maxresults 1000")
        assert len(rows) == await books.count(entity, where) > 10
        assert {row["CustomerRef"]["name"] for row in rows} == {"May {Chen} & Sons"}


async def test_reading_a_record_and_writing_it_again_changes_no_letter(
    running: Running,
) -> None:
    for company in running.state.companies.values():
        for record in list(company.transactions.values()):
            before, keys = record.rendered(), record.keys
            assert record.body is record.body
            record.changed()
            record.read_keys()

            assert record.rendered() == before
            if keys:
                assert record.keys == keys


async def test_what_a_request_woke_rests_when_the_next_one_comes(
    running: Running,
) -> None:
    company = next(iter(running.state.companies.values()))
    before = {one.id: one.rendered() for one in company.transactions.values()}
    for record in company.transactions.values():
        assert record.body["TxnDate"]

    async with QuickBooks(running.url, company.realm) as client:
        assert await client.count("Payment")

    assert not any(one.awake for one in company.transactions.values())
    assert {one.id: one.rendered() for one in company.transactions.values()} == before


async def test_a_restart_brings_the_same_books_back(tmp_path: Path) -> None:
    running = await start(many(data=tmp_path))
    async with QuickBooks(running.url, REALMS["harbour-pine-us"]) as books:
        first = await everything(books)
    await running.stop()

    running = await start(many(data=tmp_path))
    async with QuickBooks(running.url, REALMS["harbour-pine-us"]) as books:
        again = await everything(books)
        paid, gone = (await open_copies(books, running))[:2]
        await books.pay(paid, "1.00")
        await books.post("invoice", gone, operation="delete")
        number = copies(running, "harbour-pine-us", "Payment")[-3]
        payment = await books.read("Payment", number)
        answer = await books.post("payment", payment, operation="delete")
        assert answer.status_code == 200, answer.text
        changed = await everything(books)
    await running.stop()

    running = await start(many(data=tmp_path))
    async with QuickBooks(running.url, REALMS["harbour-pine-us"]) as books:
        last = await everything(books)
        following = await books.invoice()
    await running.stop()

    assert again == first
    assert last == changed != first
    numbers = {row["DocNumber"] for row in [*last[0], *last[1]]}
    assert following["DocNumber"] not in numbers


PAGES = (
    "select * from Invoice maxresults 1000",
    "select * from Invoice startposition 2001 maxresults 1000",
    "select * from Payment orderby TotalAmt desc, TxnDate maxresults 1000",
    "select * from Payment orderby MetaData.LastUpdatedTime maxresults 1000",
    "select * from Customer",
    "select * from Account",
)


async def everything(books: QuickBooks) -> list[Any]:
    seen: list[Any] = [await books.query(page) for page in PAGES]
    for name in ("ProfitAndLoss", "BalanceSheet", "AgedReceivables", "TrialBalance"):
        for basis in ("Accrual", "Cash"):
            report = await books.report(name, accounting_method=basis)
            seen.append(report["Rows"])
    return seen


async def test_the_same_seed_strikes_the_same_copies() -> None:
    pages = []
    for _ in range(2):
        running = await start(
            Options(port=0, today=date(2026, 3, 31), invoices=1_100, tokens=(TOKEN,))
        )
        async with QuickBooks(running.url, REALMS["harbour-pine-us"]) as books:
            pages.append(
                await books.query(
                    "select * from Invoice orderby Id desc maxresults 300"
                )
            )
        await running.stop()

    assert pages[0] == pages[1]
