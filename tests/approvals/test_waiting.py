"""What waits says for what and until when, is told once, and does not wait for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals import waiting
from approvals.policy import Broken, Policy
from approvals.proposal import Audience, Halt, Status
from qbo.faults import (
    BooksFault,
    Disconnected,
    Forbidden,
    Throttled,
    Unconfirmed,
    Unreachable,
)
from tests.approvals.far import PRIYA, SAM, Order, Rail

DOWN = Unreachable("down")


@pytest.mark.parametrize(
    ("fault", "kind", "is_timed"),
    [
        (Throttled("x", retry_after_seconds=1), "slow-down", True),
        (Throttled("x", retry_after_seconds=1).waiting("pace"), "pace", True),
        (Throttled("x", retry_after_seconds=1).waiting("turn"), "turn", True),
        (DOWN, "quickbooks", True),
        (Unreachable("x").waiting("renewal"), "renewal", True),
        (Unreachable("x").waiting("maintenance"), "maintenance", True),
        (Unreachable("x").waiting("database"), "database", True),
        (Disconnected("x", company="c"), "disconnected", False),
        (Forbidden("not allowed"), "forbidden", False),
        (BooksFault("something"), "books", False),
    ],
)
def test_each_fault_is_a_wait_with_a_sentence(
    fault: BooksFault, kind: str, is_timed: bool
) -> None:
    wait = waiting.upon(fault)

    assert wait.kind == kind
    assert wait.sentence.endswith(".") or wait.sentence == fault.sentence
    assert waiting.is_timed(wait) is is_timed


async def test_a_wait_shows_its_time_and_the_time_follows_each_try(rail: Rail) -> None:
    approved = await rail.approved()
    began = rail.clock()
    rail.books.standings += [Throttled("x", retry_after_seconds=90), DOWN, DOWN]

    first = await rail.desk.apply(approved.id)
    rail.clock.advance(seconds=91)
    second = await rail.desk.apply(approved.id)
    rail.clock.advance(minutes=2)
    third = await rail.desk.apply(approved.id)

    assert first.waiting_since == second.waiting_since == third.waiting_since == began
    assert "at about 15:01 UTC" in waiting.until(first)
    assert (first.waiting_for, third.waiting_for) == ("slow-down", "quickbooks")
    # Each says the new time, so each is a version that the cards lag behind.
    assert second.version > first.version
    assert third.version > second.version
    assert third.next_try_at is not None
    assert waiting.clock(third.next_try_at) in waiting.until(third)
    rail.clock.advance(minutes=10)
    applied = await rail.desk.apply(approved.id)
    assert applied.status is Status.APPLIED
    assert (applied.waiting_since, applied.waiting_for) == (None, "")
    assert waiting.until(applied) == ""


async def test_not_taken_waits_as_well(rail: Rail) -> None:
    approved = await rail.approved()
    rail.books.orders.append(Order(before=Throttled("x", retry_after_seconds=5)))

    waits = await rail.desk.apply(approved.id)

    assert waits.status is Status.APPROVED
    assert waits.waiting_for == "slow-down"
    assert "Nothing was posted yet" in waiting.until(waits)
    # A halt says more than a time that will come to nothing.
    halted = replace(waits, halts=(Halt("frozen", "Alex", rail.clock()),))
    assert waiting.until(halted) == ""


async def test_what_does_not_pass_by_itself_names_no_time(rail: Rail) -> None:
    approved = await rail.approved()
    rail.desk.policy = Broken(3, "No.")

    held = await rail.desk.apply(approved.id)
    rail.clock.advance(minutes=10)
    again = await rail.desk.apply(approved.id)

    assert held.waiting_for == "policy"
    assert waiting.until(held) == ""
    # Said already: no new version, and no message is edited for it.
    assert again.version == held.version
    rail.desk.policy = Policy()


async def test_the_administrators_are_told_once_after_a_quarter_of_an_hour(
    rail: Rail,
) -> None:
    approved = await rail.approved()
    rail.books.standings += [DOWN] * 50
    await rail.desk.apply(approved.id)

    async def late() -> list[str]:
        found = await rail.desk.tellings.waiting(rail.clock())
        return [x.sentence for x in found if x.kind == "late"]

    rail.clock.advance(minutes=14)
    await rail.desk.resume()
    assert await late() == []
    rail.clock.advance(minutes=1)
    await rail.desk.resume()
    (told,) = await late()
    assert "has been waiting for 15 minutes. QuickBooks cannot be reached." in told
    assert "I try again at about" in told
    for _ in range(5):
        rail.clock.advance(minutes=15)
        await rail.another("next").resume()
    assert await late() == [told]
    (telling,) = (
        x for x in await rail.desk.tellings.waiting(rail.clock()) if x.kind == "late"
    )
    assert telling.audience is Audience.ADMINS
    assert (await rail.desk.verify(approved.company.id)).sound


@pytest.mark.parametrize("how", ["down", "frozen", "unconfirmed"])
async def test_after_a_day_it_is_stale_whatever_the_reason(
    rail: Rail, how: str
) -> None:
    approved = await rail.approved()
    rail.books.standings += [Throttled("x", retry_after_seconds=90_000)]
    if how == "frozen":
        await rail.frozen()
    if how == "unconfirmed":
        rail.confirmed = False
    await rail.desk.apply(approved.id)

    rail.clock.advance(hours=24, seconds=-1)
    await rail.desk.resume()
    assert (await rail.desk.proposal(approved.id)).status is Status.APPROVED
    rail.clock.advance(seconds=1)
    # To the minute, however long the next try was put off.
    await rail.desk.resume()
    stale = await rail.desk.proposal(approved.id)

    assert stale.status is Status.STALE
    assert "within 24 hours" in (stale.reason or "")
    assert "try again" not in (stale.reason or "")
    assert rail.desk.actions(stale, SAM) == ("renew",)
    assert rail.desk.actions(stale, PRIYA) == ()
    assert rail.books.arrived == []


async def test_a_waiting_one_can_be_withdrawn_where_several_read(rail: Rail) -> None:
    approved = await rail.approved()
    assert rail.desk.actions(approved, None) == ()
    rail.books.standings.append(DOWN)

    held = await rail.desk.apply(approved.id)

    assert rail.desk.actions(held, None) == ("withdraw",)
    assert rail.desk.actions(held, SAM) == ("withdraw",)
    assert rail.desk.actions(held, PRIYA) == ()


async def test_a_second_step_that_waits_is_told_of_for_itself(rail: Rail) -> None:
    approved = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(before=DOWN)]

    waits = await rail.desk.apply(approved.id)

    assert (waits.status, len(waits.receipts)) == (Status.APPROVED, 1)
    assert waits.waiting_since == rail.clock()
    assert "The rest has not been done yet" in waiting.until(waits)
    rail.books.orders.append(Order(after=Unconfirmed("?")))
    rail.clock.advance(minutes=5)
    lost = await rail.desk.apply(approved.id)
    assert (lost.status, lost.waiting_since) == (Status.UNCONFIRMED, None)
    assert lost.next_try_at == rail.clock() + timedelta(seconds=15)
