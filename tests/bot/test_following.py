"""Only what changed is looked at; what is under way is waited for."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from approvals.proposal import Proposal, Status, WantedNotice
from bot.following import Follower
from qbo.books import Circumstances, Verb
from qbo.following import GONE_DIGEST, Following, Mark, Seen
from qbo.mirror import Mirror
from qbo.wire.exact import Json
from tests.approvals.far import COMPANY, SAM, Order, Rail, draft, step
from tests.conftest import Clock

FOLLOWED = SQLModel.metadata.tables["followed_record"]


@dataclass
class Books:
    """QuickBooks' records as a far side has them; nothing else is stood in for."""

    rows: dict[str, Json]

    async def record(self, company: str, entity: str, record_id: str) -> Json | None:
        assert (company, entity) == (COMPANY.id, "Invoice")
        return self.rows.get(record_id)


async def _currency(company: str) -> str:
    assert company == COMPANY.id
    return "USD"


class Watch:
    """A rail with a mirror, and its follower."""

    def __init__(self, rail: Rail) -> None:
        self.rail = rail
        self.books = Books({})
        self.mirror = Mirror(rail.engine, rail.clock)
        following = Following(self.mirror, self.books, _currency)  # type: ignore[arg-type]
        self.seen: list[str] = []
        reading = following.seen

        async def seen(company: str, entity: str, record_id: str) -> Seen:
            self.seen.append(record_id)
            return await reading(company, entity, record_id)

        following.seen = seen  # type: ignore[method-assign]
        self.following = following
        self.follower = Follower(rail.desk, following, None, rail.clock)  # type: ignore[arg-type]

    async def posted(self) -> Proposal:
        proposal = await self.rail.approved()
        applied = await self.rail.desk.apply(proposal.id)
        assert applied.status is Status.APPLIED
        await self.put(applied.receipts[0].record_id)
        await self.look()
        return applied

    async def put(self, record_id: str, balance: str = "1500.00") -> None:
        """The mirror takes a version of an invoice."""
        before = self.books.rows.get(record_id, {})
        record: dict[str, Any] = {
            "Id": record_id,
            "SyncToken": str(int(before.get("SyncToken", -1)) + 1),
            "DocNumber": str(int(record_id) - 1000),
            "TxnDate": "2026-11-20",
            "TotalAmt": "1500.00",
            "Balance": balance,
            "Line": [{"Amount": "1500.00", "DetailType": "SalesItemLineDetail"}],
        }
        self.books.rows[record_id] = record
        await self.mirror.put(COMPANY.id, "Invoice", [record])

    async def look(self) -> int:
        return await self.follower.look_at(COMPANY.id)

    async def kinds(self, proposal: Proposal) -> list[str]:
        now = await self.rail.desk.proposal(proposal.id)
        return [each.kind for each in now.life]


@pytest.fixture
def watch(engine: AsyncEngine, clock: Clock) -> Watch:
    return Watch(Rail(engine, clock))


async def test_a_change_is_looked_at_once(watch: Watch) -> None:
    proposal = await watch.posted()
    watch.seen.clear()

    await watch.put(proposal.receipts[0].record_id, "500.00")
    assert [await watch.look() for _ in range(3)] == [1, 0, 0]

    assert watch.seen == [proposal.receipts[0].record_id]
    assert await watch.kinds(proposal) == ["part-paid"]


async def test_a_record_that_is_gone_is_asked_for_before_it_is_said(
    watch: Watch,
) -> None:
    proposal = await watch.posted()
    record_id = proposal.receipts[0].record_id
    watch.rail.clock.advance(minutes=10)

    # A reading in pages has missed it, but QuickBooks has it.
    await watch.mirror.remove(COMPANY.id, "Invoice", [record_id])
    await watch.look()
    assert await watch.kinds(proposal) == []
    watch.books.rows.clear()
    await watch.mirror.remove(COMPANY.id, "Invoice", [record_id])
    marks = await watch.following.changed(COMPANY.id, watch.rail.clock())
    await watch.look()

    assert marks == (Mark("Invoice", record_id, GONE_DIGEST),)
    assert await watch.kinds(proposal) == ["deleted"]


async def test_our_own_write_under_way_is_no_change_by_hand(watch: Watch) -> None:
    proposal = await watch.posted()
    record_id = proposal.receipts[0].record_id
    gate = asyncio.Event()
    watch.rail.books.orders = [Order(gate=gate)]
    number = await watch.rail.desk.reserve("w1")
    change = replace(step(Verb.VOID, b"{}", f"invoice/{number}"), record_id=record_id)
    second = await watch.rail.desk.propose(
        draft(number, steps=(change,)),
        Circumstances(),
        SAM,
        COMPANY,
        places=(WantedNotice("asked"),),
        inbox_id=None,
        platform="console",
    )
    await watch.rail.press(second)
    applying = asyncio.create_task(watch.rail.desk.apply(second.id))
    await watch.rail.books.waiting.wait()
    # QuickBooks has done it, and the mirror sees it before we have our answer.
    voided = {**watch.books.rows[record_id], "TotalAmt": "0", "Balance": "0"}
    voided |= {"PrivateNote": "Voided", "SyncToken": "9"}
    watch.books.rows[record_id] = voided
    await watch.mirror.put(COMPANY.id, "Invoice", [voided])

    assert await watch.look() == 0
    assert await watch.kinds(proposal) == []
    gate.set()
    await applying
    watch.rail.clock.advance(minutes=2)
    await watch.look()

    # The far side gives the second one a record of its own; ours was voided.
    assert await watch.kinds(proposal) == ["voided"]


async def test_what_moves_while_it_is_looked_at_stays_due(watch: Watch) -> None:
    proposal = await watch.posted()
    record_id = proposal.receipts[0].record_id
    await watch.put(record_id, "500.00")
    await watch.follower._note(COMPANY.id)
    history = await watch.rail.desk.records.history(COMPANY.id, "Invoice", record_id)

    await watch.put(record_id, "0")
    await watch.follower._note(COMPANY.id)
    await watch.rail.desk.records.looked(history.writes[0], "older")

    assert await watch.look() == 1
    assert await watch.kinds(proposal) == ["paid"]


async def test_of_ten_thousand_only_the_changed_five_are_looked_at(
    watch: Watch,
) -> None:
    proposal = await watch.posted()
    now = watch.rail.clock()
    rows = [
        {
            "proposal_id": proposal.id,
            "step": number,
            "part": "",
            "company_id": COMPANY.id,
            "entity": "Invoice",
            "record_id": str(100_000 + number),
            "verb": "create",
            "posted_at": now,
            "digest": "",
            "due": 0,
        }
        for number in range(10, 10_010)
    ]
    async with watch.rail.engine.begin() as connection:
        for start in range(0, len(rows), 1000):
            await connection.execute(insert(FOLLOWED), rows[start : start + 1000])
    for number in range(10, 15):
        await watch.put(str(100_000 + number))

    await watch.follower._note(COMPANY.id)
    due = await watch.rail.desk.records.due(COMPANY.id, now, now - timedelta(days=1))

    assert len(due) == 5
    async with watch.rail.engine.connect() as connection:
        counted = await connection.execute(
            text("SELECT count(*) FROM followed_record WHERE due > 0")
        )
        assert counted.scalar() == 5
