"""What waits is said again: to approvers, to others, and to the asker at the end."""

import asyncio
from dataclasses import replace

import pytest

from approvals.policy import Policy
from approvals.proposal import Audience, Person, Rule, Stage, Status, Telling
from approvals.reminding import REMINDERS_MAX
from tests.approvals.far import ALEX, LUIS, PRIYA, SAM, Rail
from tests.approvals.test_deciding import ANA, BY_ANA, FINANCE

MEMBERS = [SAM, PRIYA, LUIS, ALEX, ANA]


@pytest.fixture(autouse=True)
def everybody(rail: Rail) -> list[Person]:
    members = list(MEMBERS)
    rail.people(members)
    return members


def ruled(rail: Rail, *steps: Stage, **more: object) -> None:
    rule = Rule(sum(s.quorum for s in steps), 72, "by steps", stages=steps)
    rule = replace(rule, **more)  # type: ignore[arg-type]
    rail.policy = rail.desk.policy = Policy(default=rule)


async def told(rail: Rail, kind: str) -> list[Telling]:
    waiting = await rail.desk.tellings.waiting(rail.clock(), 1000)
    return [each for each in waiting if each.kind == kind]


async def test_approvers_are_told_again_and_not_for_ever(rail: Rail) -> None:
    ruled(rail, FINANCE, remind_hours=4)
    proposal = await rail.proposed()

    await rail.desk.resume()
    assert await told(rail, "remind") == []
    for _ in range(REMINDERS_MAX + 3):
        rail.clock.advance(hours=4)
        await rail.desk.resume()
        await rail.desk.resume()

    found = await told(rail, "remind")
    assert len(found) == REMINDERS_MAX
    assert {each.audience for each in found} == {Audience.PEOPLE}
    assert set(found[0].people) == {"priya", "luis"}
    assert found[0].sentence.startswith(
        "P-1 (Invoice Acme West for $1500.00) waits for your approval. It was asked 4"
        " hours ago and expires on 23 Nov 2026, 15:00 UTC."
    )
    assert (await rail.desk.proposal(proposal.id)).remind_at is None


async def test_whose_turn_begins_has_a_time_of_their_own(rail: Rail) -> None:
    ruled(rail, FINANCE, BY_ANA, remind_hours=4)
    proposal = await rail.proposed()
    rail.clock.advance(hours=3)
    await rail.press(proposal, by=PRIYA)

    rail.clock.advance(hours=2)
    await rail.desk.resume()
    assert await told(rail, "remind") == []
    rail.clock.advance(hours=2)
    await rail.desk.resume()

    (reminder,) = await told(rail, "remind")
    assert reminder.people == ("ana",)
    assert "step 2 of 2 (Ana)" in reminder.sentence


async def test_who_has_decided_is_not_told_again(rail: Rail) -> None:
    ruled(rail, Stage(2), remind_hours=4)
    proposal = await rail.proposed()
    await rail.press(proposal, by=PRIYA)

    rail.clock.advance(hours=4)
    await rail.desk.resume()

    (reminder,) = await told(rail, "remind")
    assert reminder.people == ("luis",)


@pytest.mark.parametrize(
    ("to", "people"),
    [
        (("ana@books.example",), ("ana",)),
        (("admin",), ("alex",)),
        (("nobody@books.example",), ()),
    ],
)
async def test_what_waits_too_long_is_told_to_others_once(
    rail: Rail, to: tuple[str, ...], people: tuple[str, ...]
) -> None:
    ruled(rail, FINANCE, escalate_hours=8, escalate_to=to)
    proposal = await rail.proposed()

    for _ in range(3):
        rail.clock.advance(hours=8)
        await rail.desk.resume()

    (found,) = await told(rail, "escalate")
    assert found.people == people
    assert found.audience is (Audience.PEOPLE if people else Audience.ADMINS)
    assert "It waits for Priya, Luis." in found.sentence
    events = [line.event for line in await rail.desk.trail(proposal.id)]
    assert events.count("escalate") == 1


async def test_the_asker_hears_of_expiry_before_it_comes(rail: Rail) -> None:
    proposal = await rail.proposed()

    rail.clock.advance(hours=53)
    await rail.desk.resume()
    assert await told(rail, "expiring") == []
    rail.clock.advance(hours=2)
    await rail.desk.resume()
    await rail.desk.resume()

    (found,) = await told(rail, "expiring")
    assert found.audience is Audience.ASKER
    assert "expires on 23 Nov 2026, 15:00 UTC" in found.sentence
    rail.clock.advance(hours=20)
    await rail.desk.resume()
    assert (await rail.desk.proposal(proposal.id)).status is Status.EXPIRED


async def test_two_processes_tell_once(rail: Rail) -> None:
    ruled(rail, FINANCE, remind_hours=4, escalate_hours=4)
    await rail.proposed()
    rail.clock.advance(hours=5)

    await asyncio.gather(*(rail.another(f"p{n}").resume() for n in range(4)))

    assert len(await told(rail, "remind")) == 1
    assert len(await told(rail, "escalate")) == 1


async def test_what_is_decided_reminds_nobody(rail: Rail) -> None:
    ruled(rail, FINANCE, remind_hours=4, escalate_hours=4)
    proposal = await rail.approved()

    rail.clock.advance(hours=60)
    await rail.desk.resume()

    for kind in ("remind", "escalate", "expiring"):
        assert await told(rail, kind) == []
    assert proposal.remind_at is None
    assert proposal.escalate_at is None
