"""The mirror is filled and kept current: changes, deletions, limits, outages."""

import asyncio
from decimal import Decimal
from typing import cast

import pytest
from sqlalchemy import select

from qbo import asks
from qbo.books import Account, Invoice, Listing
from qbo.faults import Unreachable
from qbo.ledger import Ledger
from qbo.mirror import RECORDS, Mirror
from qbo.sync import DOCUMENTS, LISTS, Sync
from qbo.wire.exact import Json
from tests.qbo.conftest import TODAY, Office

pytestmark = pytest.mark.asyncio(loop_scope="session")


def by_id(found: list[Json]) -> dict[str, Json]:
    return {str(each["Id"]): each for each in found}


async def open_of(office: Office, name: str) -> Listing[Invoice]:
    value = (await office.answer(asks.InvoicesList(customer=name))).value
    return cast("Listing[Invoice]", value)


async def test_the_first_load_brings_every_record(office: Office) -> None:
    await office.ledger.load(office.company.id)

    for entity in (*LISTS, *DOCUMENTS):
        every = " WHERE Active IN (true, false)" if entity in LISTS else ""
        theirs: list[Json] = []
        page: list[Json] = [{}] * 1000
        while len(page) == 1000:
            page = await office.query(
                f"SELECT * FROM {entity}{every}"
                f" STARTPOSITION {len(theirs) + 1} MAXRESULTS 1000"
            )
            theirs += page
        ours = await office.mirror.found(
            select(RECORDS.c.raw).where(
                RECORDS.c.company == office.company.id, RECORDS.c.entity == entity
            )
        )
        assert by_id(ours) == by_id(theirs)
    assert (await office.ledger.status(office.company.id)).rows > 2000


async def test_pages_bring_the_same_records(office: Office) -> None:
    await office.ledger.load(office.company.id)
    before = await office.ledger.status(office.company.id)
    sync = Sync(
        office.client,
        Mirror(office.engine, office.clock),
        office.clock,
        page_rows=100,
    )
    await office.far.reset()

    await sync.load(office.company.id)

    assert await office.ledger.status(office.company.id) == before
    assert len(await office.far.journal("/query")) > before.rows / 100


async def test_what_changes_in_quickbooks_is_in_the_next_answer(
    office: Office,
) -> None:
    customer = await office.new_customer()
    name = customer["DisplayName"]
    invoice = await office.new_invoice(customer)

    found = await open_of(office, name)
    assert [each.doc_number for each in found.rows] == [invoice["DocNumber"]]

    await office.write(
        "Invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="delete"
    )
    assert (await open_of(office, name)).count == 0

    await office.write(
        "Customer",
        {
            "Id": customer["Id"],
            "SyncToken": "0",
            "sparse": True,
            "DisplayName": f"{name} & Sons",
        },
    )
    shown = (await office.answer(asks.CustomerShow(f"{name} & Sons"))).value
    assert shown.customer.id == customer["Id"]  # type: ignore[union-attr]


async def test_balances_move_with_documents_written_elsewhere(office: Office) -> None:
    customer = await office.new_customer()
    invoice = await office.new_invoice(customer, "100.00")
    name = customer["DisplayName"]

    owing = (await office.answer(asks.ReceivablesList(customer=name))).value
    assert str(owing.total) == "$100.00"  # type: ignore[union-attr]

    payment = await office.write(
        "Payment",
        {
            "CustomerRef": {"value": customer["Id"]},
            "TotalAmt": 30,
            "Line": [
                {
                    "Amount": 30,
                    "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}],
                }
            ],
        },
    )
    owing = (await office.answer(asks.ReceivablesList(customer=name))).value
    assert str(owing.total) == "$70.00"  # type: ignore[union-attr]

    await office.write(
        "Payment", {"Id": payment["Id"], "SyncToken": "0"}, operation="delete"
    )
    owing = (await office.answer(asks.ReceivablesList(customer=name))).value
    assert str(owing.total) == "$100.00"  # type: ignore[union-attr]


async def test_what_is_not_kept_moves_the_accounts_all_the_same(
    office: Office,
) -> None:
    async def balance(name: str) -> Decimal:
        value = (await office.answer(asks.AccountShow(name))).value
        assert isinstance(value, Account)
        return value.balance.amount

    before = await balance("Savings Reserve")
    accounts = {
        each["Name"]: {"value": each["Id"]}
        for each in await office.query("SELECT * FROM Account MAXRESULTS 1000")
    }
    await office.write(
        "Transfer",
        {
            "FromAccountRef": accounts["Business Checking"],
            "ToAccountRef": accounts["Savings Reserve"],
            "Amount": Decimal("12.50"),
            "TxnDate": "2026-11-19",
        },
    )

    assert await balance("Savings Reserve") == before + Decimal("12.50")


async def test_a_company_without_some_entities_is_followed_all_the_same(
    office: Office,
) -> None:
    ledger = Ledger(office.client, office.connection, office.engine, office.clock)
    customer = await office.new_customer()
    await office.new_invoice(customer)
    await office.far.order("/cdc", status=400, code="500")
    ask = asks.InvoicesList(customer=customer["DisplayName"])

    for _ in range(2):
        await office.minute()
        answer = await ledger.answer(office.company.id, ask, today=TODAY)
        assert cast("Listing[Invoice]", answer.value).count == 1

    statuses = [line["status"] for line in await office.far.journal("/cdc")]
    assert statuses == [400, 200, 200]


async def test_rows_younger_than_half_a_minute_are_used_as_they_are(
    office: Office,
) -> None:
    await office.answer(asks.CustomersList())
    await office.far.http.delete(f"{office.far.url}/_simulator/requests")

    office.clock.advance(seconds=29)
    await office.ledger.answer(office.company.id, asks.CustomersList(), today=TODAY)
    assert await office.far.journal("/v3/") == []

    office.clock.advance(seconds=2)
    await office.ledger.answer(office.company.id, asks.CustomersList(), today=TODAY)
    paths = [line["path"] for line in await office.far.journal("/v3/")]
    # What other tests wrote a moment ago may be looked at again, after the one cdc.
    assert [path.rsplit("/", 1)[1] for path in paths].count("cdc") == 1
    assert paths[0].endswith("/cdc")


async def test_many_questions_at_once_freshen_once(office: Office) -> None:
    other = Ledger(office.client, office.connection, office.engine, office.clock)
    await office.answer(asks.CustomersList())
    await office.far.http.delete(f"{office.far.url}/_simulator/requests")
    office.clock.advance(minutes=1)

    await asyncio.gather(
        *(
            ledger.answer(office.company.id, asks.ItemsList(), today=TODAY)
            for ledger in (office.ledger, other)
            for _ in range(10)
        )
    )

    lines = await office.far.journal("/cdc")
    assert len([line for line in lines if line["status"] == 200]) == 1


async def test_more_changes_than_one_answer_holds_are_asked_for_in_parts(
    office: Office,
) -> None:
    customer = await office.new_customer()
    await office.new_invoice(customer)
    gone = [{"Id": f"x{n}", "status": "Deleted"} for n in range(1000)]
    cut = {"CDCResponse": [{"QueryResponse": [{"Bill": gone}]}], "time": None}
    await office.far.order("/cdc", status=200, body=cut)

    found = await open_of(office, customer["DisplayName"])

    assert found.count == 1
    assert len(await office.far.journal("/cdc")) == 3


async def test_an_entity_with_too_many_changes_is_read_anew(office: Office) -> None:
    customer = await office.new_customer()
    await office.new_invoice(customer)
    gone = [{"Id": f"x{n}", "status": "Deleted"} for n in range(1000)]
    cut = {"CDCResponse": [{"QueryResponse": [{"Invoice": gone}]}], "time": None}
    await office.far.order("/cdc", times=100, status=200, body=cut)

    found = await open_of(office, customer["DisplayName"])

    assert found.count == 1
    queries = await office.far.journal("/query")
    assert len(queries) >= len((*LISTS, *DOCUMENTS))


async def test_after_a_month_everything_is_read_anew(office: Office) -> None:
    customer = await office.new_customer()
    before = office.clock.now
    try:
        office.clock.advance(days=40)
        found = await open_of(office, customer["DisplayName"])
        assert found.count == 0
        assert await office.far.journal("/cdc") == []
    finally:
        office.clock.now = before
        await office.ledger.load(office.company.id)


async def test_an_outage_is_answered_from_the_copy_and_said(office: Office) -> None:
    fresh = await office.answer(asks.CustomersList())
    await office.far.order("/v3/", times=100, status=503)

    answer = await office.answer(asks.CustomersList())

    assert answer.as_of == fresh.as_of
    assert "could not be reached" in answer.working[0]
    assert answer.value == fresh.value


async def test_without_a_copy_an_outage_is_a_fault(office: Office) -> None:
    await office.mirror.forget(office.company.id)
    await office.far.order("/v3/", times=100, status=503)

    try:
        with pytest.raises(Unreachable):
            await office.answer(asks.CustomersList())
    finally:
        await office.far.reset()
        await office.ledger.load(office.company.id)


async def test_a_load_that_fails_half_way_keeps_what_was_there(
    office: Office,
) -> None:
    before = await office.ledger.status(office.company.id)
    await office.far.order("/query", times=100, status=500)

    with pytest.raises(Unreachable):
        await office.ledger.load(office.company.id)

    after = await office.ledger.status(office.company.id)
    assert after.rows == before.rows
    assert after.fresh_at == before.fresh_at


async def test_who_stops_waiting_does_not_stop_the_others(office: Office) -> None:
    sync = Sync(office.client, Mirror(office.engine, office.clock), office.clock)
    office.clock.advance(minutes=1)
    await office.far.order("/cdc", delay_before_seconds=0.3)

    impatient = asyncio.create_task(sync.freshen(office.company.id))
    patient = asyncio.create_task(sync.freshen(office.company.id))
    await asyncio.sleep(0.1)
    impatient.cancel()

    fresh = await patient
    assert fresh.trouble is None
    assert fresh.as_of == office.clock()


async def test_names_follow_the_books_and_are_read_once(office: Office) -> None:
    office.clock.advance(minutes=1)
    names = await office.ledger.names(office.company.id)
    assert (await office.ledger.names(office.company.id)) is names

    west = next(each for each in names.customers if each.name == "Acme West")
    assert west.parent == "Acme Corporation"
    jane = next(each for each in names.customers if each.name == "Smith, Jane")
    assert "Jane Smith" in jane.also
    mill = next(each for each in names.customers if each.name == "Old Mill Bakery")
    assert not mill.active
    assert {each.name for each in names.terms} >= {"Net 30", "Due on receipt"}
    assert {each.type for each in names.items} == {
        "Service",
        "Inventory",
        "NonInventory",
    }
    checking = next(each for each in names.accounts if each.name == "Business Checking")
    assert (checking.type, checking.classification) == ("Bank", "Asset")
    assert names.companies == (office.company.name,)

    customer = await office.new_customer()
    office.clock.advance(minutes=1)
    names = await office.ledger.names(office.company.id)
    assert customer["DisplayName"] in {each.name for each in names.customers}


async def test_names_are_known_during_an_outage(office: Office) -> None:
    await office.far.order("/v3/", times=100, status=503)
    office.clock.advance(minutes=1)

    names = await office.ledger.names(office.company.id)

    assert "Acme West" in {each.name for each in names.customers}


async def test_a_subscription_without_some_documents_is_read_all_the_same(
    office: Office,
) -> None:
    await office.far.order("/query", status=400, code="500", entity="VendorCredit")

    await office.ledger.load(office.company.id)

    status = await office.ledger.status(office.company.id)
    assert status.fresh_at == office.clock.now
    statuses = [line["status"] for line in await office.far.journal("/query")]
    assert statuses.count(400) == 1
