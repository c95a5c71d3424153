"""The rest of several, and proof that comes late that a part of it was done."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from approvals import overtaking
from approvals.lines import Stand, lines
from approvals.proposal import Proposal, Status, WantedNotice
from qbo.books import Circumstances, Draft, Shown
from qbo.faults import Refused
from tests.approvals.far import COMPANY, LUIS, SAM, Order, Rail, W, draft, step

LATE = "QuickBooks' late answer shows that some of what"


def several(number: str, names: Sequence[str]) -> Draft:
    made = draft(number, steps=tuple(step(body=name.encode()) for name in names))
    shown = tuple(Shown(name, "") for name in names)
    return replace(made, shown=shown, independent=True)


async def proposed(
    rail: Rail,
    names: Sequence[str],
    renews: str | None = None,
    already: int | None = None,
) -> Proposal:
    return await rail.desk.propose(
        several(await rail.desk.reserve(W), names),
        Circumstances(party="Acme West"),
        SAM,
        COMPANY,
        places=(WantedNotice("asked"),),
        inbox_id=None,
        platform="console",
        renews=renews,
        already=already,
    )


class Slow:
    """Four lines: one's answer comes late, and a person has said that it failed."""

    def __init__(self, rail: Rail) -> None:
        self.rail = rail
        self.gate = asyncio.Event()
        self.first: asyncio.Task[Proposal] | None = None

    async def begun(self) -> Proposal:
        rail = self.rail
        rail.books.orders += [Order(), Order(gate=self.gate)]
        rail.books.orders += [Order(before=Refused("No.", code="6000"))]
        made = await rail.press(await proposed(rail, ("one", "two", "three", "four")))
        self.first = asyncio.create_task(rail.desk.apply(made.id))
        await rail.books.waiting.wait()
        rail.clock.advance(hours=2)
        second = rail.another()
        await second.resume()
        await second.settle(made.id, LUIS, doc_number=None, platform="slack")
        parted = await rail.settle_down(second, made)
        assert parted.status is Status.APPLIED
        assert [each.stand for each in lines(parted)] == [
            Stand.DONE,
            Stand.FAILED,
            Stand.FAILED,
            Stand.DONE,
        ]
        return parted

    async def answered(self) -> Proposal:
        assert self.first is not None
        self.gate.set()
        return await self.first

    def posted(self, name: str) -> int:
        return [body for _, body in self.rail.books.arrived].count(name.encode())


@pytest.mark.parametrize("is_approved", [False, True])
async def test_a_late_answer_takes_the_rest_out_of_the_way(
    rail: Rail, is_approved: bool
) -> None:
    slow = Slow(rail)
    parted = await slow.begun()
    rest = await proposed(rail, ("two", "three"), renews=parted.id)
    if is_approved:
        rest = await rail.press(rest)

    whole = await slow.answered()
    now = await rail.desk.proposal(rest.id)
    await rail.desk.apply(rest.id)

    assert [each.stand for each in lines(whole)].count(Stand.DONE) == 3
    assert now.status is Status.STALE
    assert (now.reason or "").startswith(LATE)
    assert not now.is_renewable
    assert slow.posted("two") == 1
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_a_rest_drafted_before_the_late_answer_never_leaves(rail: Rail) -> None:
    slow = Slow(rail)
    parted = await slow.begun()
    before = overtaking.done(parted)
    await slow.answered()
    # Drafted before, and kept after: nobody has looked since.
    rest = await rail.press(
        await proposed(rail, ("two", "three"), renews=parted.id, already=before)
    )
    assert rest.status is Status.APPROVED

    ended = await rail.desk.apply(rest.id)

    assert ended.status is Status.STALE
    assert (ended.reason or "").startswith(LATE)
    assert slow.posted("two") == 1


async def test_a_waiting_rest_is_found_overtaken_when_it_is_looked_at(
    rail: Rail,
) -> None:
    slow = Slow(rail)
    parted = await slow.begun()
    before = overtaking.done(parted)
    await slow.answered()
    rest = await proposed(rail, ("two", "three"), renews=parted.id, already=before)

    assert (await rail.desk.review(rest.id)).status is Status.STALE


async def test_a_rest_that_nothing_has_overtaken_is_posted(rail: Rail) -> None:
    slow = Slow(rail)
    parted = await slow.begun()
    await slow.answered()
    rest = await rail.press(await proposed(rail, ("three",), renews=parted.id))

    assert (await rail.desk.apply(rest.id)).status is Status.APPLIED
    assert slow.posted("two") == 1
