"""The rail with the real ledger against the simulated QuickBooks, over HTTP."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from approvals.desk import Desk
from approvals.policy import Policy
from approvals.proposal import Denied, Person, Proposal, Status, WantedNotice
from qbo.asks import (
    Change,
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceCreate,
    InvoiceVoid,
    SaidLine,
)
from qbo.simulator.serve import Options
from tests.approvals.far import KEY, LUIS, PRIYA, SAM, W
from tests.qbo.conftest import HARBOUR, TODAY, TOKEN, Office, opened
from tests.qbo.far import simulated

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def quickbooks() -> Iterator[str]:
    options = Options(port=0, today=TODAY, tokens=(TOKEN,), invoices=0)
    with simulated(options) as url:
        yield url


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def where(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("rail")
        return f"sqlite:///{folder / 'countersign.db'}"
    server: str = request.getfixturevalue("postgres_server")
    name = f"rail{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    base = server.rsplit("/", 1)[0]
    return f"{base}/{name}".replace("postgresql://", "postgresql+psycopg://")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(quickbooks: str, where: str) -> AsyncIterator[Office]:
    async with opened(quickbooks, where, HARBOUR) as made:
        yield made


@dataclass
class Shop:
    """A desk on real books, and QuickBooks' own view of them."""

    office: Office
    desk: Desk

    async def proposed(self, change: Change) -> Proposal:
        number = await self.desk.reserve(W)
        self.office.clock.advance(minutes=1)
        draft, circumstances = await self.office.ledger.draft(
            self.office.company.id, change, ref=number, today=TODAY
        )
        return await self.desk.propose(
            draft,
            circumstances,
            SAM,
            self.office.company,
            places=(WantedNotice("asked"),),
            inbox_id=None,
            platform="console",
        )

    async def press(self, proposal: Proposal, who: Person = PRIYA) -> Proposal:
        notice = (await self.desk.notices(proposal.id))[0]
        token = self.desk.token(notice.id, proposal, "approve")
        return await self.desk.decide(token, who, platform="slack")

    async def approved(self, change: Change) -> Proposal:
        return await self.press(await self.proposed(change))

    async def later(self, proposal: Proposal, **delta: float) -> Proposal:
        self.office.clock.advance(**delta)
        await self.desk.resume()
        return await self.desk.proposal(proposal.id)

    async def invoices(self, customer: dict[str, Any]) -> list[dict[str, Any]]:
        where = f"CustomerRef = '{customer['Id']}'"
        return await self.office.query(f"SELECT * FROM Invoice WHERE {where}")

    async def writes(self, entity: str) -> list[str]:
        """The request ids of the writes that QuickBooks was asked for, in order."""
        lines = await self.office.far.journal(f"/{entity}")
        return [
            line["requestid"]
            for line in lines
            if line["method"] == "POST" and line.get("requestid")
        ]


@pytest_asyncio.fixture(loop_scope="module")
async def shop(shared: Office) -> AsyncIterator[Shop]:
    await shared.far.reset()
    await shared.far.switch(requestid_ignored_for="")
    desk = Desk(
        shared.engine,
        shared.ledger,
        Policy(),
        KEY,
        shared.clock,
        owner="first",
        may_post=shared.connection.may_post,
    )
    yield Shop(shared, desk)
    await shared.far.reset()


def invoice(customer: dict[str, Any], *, send: bool = False) -> InvoiceCreate:
    lines = (SaidLine(item="Consulting", quantity=Decimal(10)),)
    return InvoiceCreate(customer["DisplayName"], lines, send=send)


async def mailed(shop: Shop) -> dict[str, Any]:
    return await shop.office.new_customer(
        PrimaryEmailAddr={"Address": "somebody@acme.example"}
    )


async def test_an_approved_invoice_stands_in_quickbooks(shop: Shop) -> None:
    customer = await mailed(shop)
    proposal = await shop.approved(invoice(customer, send=True))

    applied = await shop.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED, applied.reason
    assert applied.is_complete
    assert all(r.compared and not r.differences for r in applied.receipts)
    (made,) = await shop.invoices(customer)
    assert made["DocNumber"] == applied.receipts[0].doc_number
    assert made["EmailStatus"] == "EmailSent"
    assert f"Ref {proposal.number}" in made["PrivateNote"]
    assert await shop.writes("invoice") == [s.request_id for s in applied.draft.steps]


async def test_a_dropped_reply_gives_one_invoice(shop: Shop) -> None:
    customer = await mailed(shop)
    proposal = await shop.approved(invoice(customer))
    await shop.office.far.order("invoice", method="POST", drop="after")

    unknown = await shop.desk.apply(proposal.id)
    applied = await shop.later(proposal, seconds=20)

    assert unknown.status is Status.UNCONFIRMED
    assert applied.status is Status.APPLIED, applied.reason
    (made,) = await shop.invoices(customer)
    assert applied.receipts[0].record_id == made["Id"]
    assert len(await shop.writes("invoice")) == 1


async def test_a_dropped_request_is_made_again_with_the_same_id(shop: Shop) -> None:
    customer = await mailed(shop)
    proposal = await shop.approved(invoice(customer))
    await shop.office.far.order("invoice", method="POST", drop="before")

    assert (await shop.desk.apply(proposal.id)).status is Status.UNCONFIRMED
    assert (await shop.later(proposal, seconds=20)).status is Status.UNCONFIRMED
    applied = await shop.later(proposal, seconds=200)

    assert applied.status is Status.APPLIED, applied.reason
    assert len(await shop.invoices(customer)) == 1
    assert await shop.writes("invoice") == [applied.draft.steps[0].request_id] * 2


async def test_a_lost_e_mail_reply_sends_one_e_mail(shop: Shop) -> None:
    customer = await mailed(shop)
    proposal = await shop.approved(invoice(customer, send=True))
    await shop.office.far.order("/send", method="POST", drop="after")

    unknown = await shop.desk.apply(proposal.id)
    applied = await shop.later(proposal, seconds=20)

    assert (unknown.status, len(unknown.receipts)) == (Status.UNCONFIRMED, 1)
    assert applied.status is Status.APPLIED, applied.reason
    assert applied.is_complete
    assert len(await shop.writes("invoice")) == 2


async def test_a_repeated_customer_meets_its_own_name_and_is_found(
    shop: Shop,
) -> None:
    name = f"New {uuid.uuid4().hex[:12]}"
    proposal = await shop.approved(CustomerCreate(name))
    # The name list ignores request ids, and the search is blind for a while.
    await shop.office.far.switch(requestid_ignored_for="Customer")
    await shop.office.far.order("customer", method="POST", drop="after")
    empty = '{"QueryResponse":{},"time":"2026-11-20T12:00:00.000-08:00"}'
    await shop.desk.apply(proposal.id)
    await shop.office.far.order("query", status=200, body=empty)

    again = await shop.later(proposal, seconds=200)
    applied = await shop.later(proposal, minutes=5)

    assert again.status is Status.UNCONFIRMED
    assert again.attempts == 2
    facts = [x.facts for x in await shop.desk.trail(proposal.id) if x.event == "lost"]
    assert '"code": "6240"' in facts[1]
    assert applied.status is Status.APPLIED, applied.reason
    escaped = name.replace("'", "\\'")
    found = await shop.office.query(
        f"SELECT * FROM Customer WHERE DisplayName = '{escaped}'"
    )
    assert [c["Id"] for c in found] == [applied.receipts[0].record_id]


async def test_a_refusal_fails_and_a_throttle_waits(shop: Shop) -> None:
    customer = await mailed(shop)
    refused = await shop.approved(invoice(customer))
    throttled = await shop.approved(invoice(customer))
    await shop.office.far.order(
        "invoice", method="POST", status=400, code="6000", detail="A business rule."
    )
    failed = await shop.desk.apply(refused.id)
    await shop.office.far.order("invoice", method="POST", status=429, code="3001")
    waiting = await shop.desk.apply(throttled.id)
    applied = await shop.later(throttled, minutes=20)

    assert failed.status is Status.FAILED
    assert waiting.status is Status.APPROVED
    assert applied.status is Status.APPLIED, applied.reason
    assert len(await shop.invoices(customer)) == 1


async def test_a_customer_made_inactive_makes_it_stale(shop: Shop) -> None:
    customer = await mailed(shop)
    proposal = await shop.approved(invoice(customer))
    await shop.office.write("Customer", {**customer, "Active": False})

    stale = await shop.desk.apply(proposal.id)

    assert stale.status is Status.STALE
    assert stale.moved
    assert await shop.invoices(customer) == []


async def test_an_edit_of_something_else_is_adopted_silently(shop: Shop) -> None:
    customer = await mailed(shop)
    change = CustomerUpdate(customer["DisplayName"], CustomerChanges(phone="555-0100"))
    proposal = await shop.approved(change)
    await shop.office.write(
        "Customer",
        {
            "Id": customer["Id"],
            "SyncToken": customer["SyncToken"],
            "sparse": True,
            "Notes": "somebody else was here",
        },
    )

    applied = await shop.desk.apply(proposal.id)

    assert applied.status is Status.APPLIED, applied.reason
    assert "adopt" in [x.event for x in await shop.desk.trail(proposal.id)]
    now = await shop.office.one("Customer", customer["Id"])
    assert now["PrimaryPhone"]["FreeFormNumber"] == "555-0100"
    assert now["Notes"] == "somebody else was here"


async def test_a_void_is_found_after_a_lost_reply(shop: Shop) -> None:
    customer = await mailed(shop)
    made = await shop.office.new_invoice(customer)
    proposal = await shop.approved(InvoiceVoid(made["DocNumber"]))
    await shop.office.far.order("invoice", method="POST", drop="after")

    unknown = await shop.desk.apply(proposal.id)
    applied = await shop.later(proposal, seconds=20)

    assert unknown.status is Status.UNCONFIRMED
    assert applied.status is Status.APPLIED, applied.reason
    assert (await shop.office.one("Invoice", made["Id"]))["TotalAmt"] == 0


async def test_quickbooks_down_leaves_it_approved_until_it_is_back(
    shop: Shop,
) -> None:
    customer = await mailed(shop)
    proposal = await shop.approved(invoice(customer))
    await shop.office.far.order("", status=503, times=10)

    waiting = await shop.desk.apply(proposal.id)
    await shop.office.far.reset()
    applied = await shop.later(proposal, minutes=20)

    assert waiting.status is Status.APPROVED
    assert applied.status is Status.APPLIED, applied.reason
    assert len(await shop.invoices(customer)) == 1


async def test_a_person_names_the_invoice_that_nobody_could_find(
    shop: Shop,
) -> None:
    customer = await mailed(shop)
    other = await shop.office.new_invoice(customer)
    proposal = await shop.approved(invoice(customer))
    await shop.office.far.order("invoice", method="POST", drop="after")
    await shop.desk.apply(proposal.id)
    await shop.office.far.order("query", status=503, times=10)
    doubted = await shop.later(proposal, hours=2)
    await shop.office.far.reset()
    ours = [i for i in await shop.invoices(customer) if i["Id"] != other["Id"]]

    with pytest.raises(Denied) as wrong:
        await shop.desk.settle(
            proposal.id, LUIS, doc_number=other["DocNumber"], platform="slack"
        )
    applied = await shop.desk.settle(
        proposal.id, LUIS, doc_number=ours[0]["DocNumber"], platform="slack"
    )

    assert doubted.doubted_at is not None
    assert wrong.value.rule == "match"
    assert applied.status is Status.APPLIED
    assert applied.receipts[0].record_id == ours[0]["Id"]


async def test_twenty_presses_post_one_invoice(shop: Shop) -> None:
    customer = await mailed(shop)
    proposal = await shop.proposed(invoice(customer))

    async def press_and_apply() -> str:
        try:
            await shop.press(proposal)
        except Denied as no:
            return no.rule
        finally:
            await shop.desk.apply(proposal.id)
        return "decided"

    ends = await asyncio.gather(*(press_and_apply() for _ in range(20)))

    assert sorted(set(ends)) == ["decided", "twice"]
    assert ends.count("decided") == 1
    assert len(await shop.invoices(customer)) == 1
    assert (await shop.desk.proposal(proposal.id)).status is Status.APPLIED
    assert (await shop.desk.verify(shop.office.company.id)).sound
