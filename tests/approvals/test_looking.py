"""The lights are judged when proposing, at each press, and before posting."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from approvals.policy import Match, Policy
from approvals.proposal import Denied, Proposal, Rule, Status, WantedNotice
from qbo.books import Circumstances, Money
from qbo.faults import Unreachable
from tests.approvals.far import COMPANY, LUIS, SAM, Rail, W, draft

FACTS = Circumstances(party="Acme West", dates=(date(2026, 11, 20),))
CLOSED = replace(FACTS, closed_through=date(2026, 11, 30))
LATE = replace(FACTS, party_overdue=Money(Decimal(5), "USD"))


async def proposed(rail: Rail, facts: Circumstances = FACTS) -> Proposal:
    number = await rail.desk.reserve(W)
    return await rail.desk.propose(
        draft(number),
        facts,
        SAM,
        COMPANY,
        places=(WantedNotice("asked"),),
        inbox_id=None,
        platform="console",
    )


async def test_a_closed_period_is_denied_when_proposing(rail: Rail) -> None:
    with pytest.raises(Denied) as no:
        await proposed(rail, CLOSED)

    assert no.value.rule == "closed"
    assert no.value.sentence.startswith("The books are closed up to 30 Nov 2026")
    assert no.value.sentence.endswith("Nothing has been proposed.")


async def test_a_rule_may_allow_it(rail: Rail) -> None:
    rule = Rule(1, 72, "any approver", allow_closed=True)
    rail.desk.policy = Policy((Match(rule),))

    proposal = await proposed(rail, CLOSED)
    rail.books.around = CLOSED
    applied = await rail.desk.apply((await rail.press(proposal)).id)

    assert [risk.kind for risk in proposal.risks] == ["closed-period"]
    assert applied.status is Status.APPLIED


async def test_a_revision_into_a_closed_period_is_denied(rail: Rail) -> None:
    proposal = await proposed(rail)

    with pytest.raises(Denied) as no:
        await rail.desk.revise(
            proposal.id, draft(proposal.number), CLOSED, SAM, platform="console"
        )

    assert no.value.rule == "closed"


async def test_a_new_warning_is_shown_before_the_press_counts(rail: Rail) -> None:
    proposal = await proposed(rail)
    rail.books.around = LATE

    with pytest.raises(Denied) as no:
        await rail.press(proposal)
    shown = await rail.desk.proposal(proposal.id)
    lagging = await rail.desk.lagging()
    again = await rail.press(shown)

    assert no.value.rule == "look"
    assert "already owes $5.00" in no.value.sentence
    assert "Nothing has been decided." in no.value.sentence
    assert [risk.kind for risk in shown.risks] == ["overdue"]
    assert (shown.decisions, shown.version) == ((), proposal.version + 1)
    assert [each.id for _, each in lagging] == [proposal.id]
    assert again.status is Status.APPROVED
    assert "look" in [line.event for line in await rail.desk.trail(proposal.id)]


async def test_a_light_that_moved_a_little_asks_nothing_again(rail: Rail) -> None:
    proposal = await proposed(rail, LATE)
    rail.books.around = replace(LATE, party_overdue=Money(Decimal(9), "USD"))

    assert (await rail.press(proposal)).status is Status.APPROVED


async def test_a_rejection_needs_no_second_look(rail: Rail) -> None:
    proposal = await proposed(rail)
    rail.books.around = CLOSED

    rejected = await rail.press(proposal, "reject", reason="too late")

    assert rejected.status is Status.REJECTED


async def test_a_period_closed_meanwhile_stops_every_press(rail: Rail) -> None:
    proposal = await proposed(rail)
    rail.books.around = CLOSED

    for by in (LUIS, LUIS):
        with pytest.raises(Denied) as no:
            await rail.press(await rail.desk.proposal(proposal.id), by=by)
        assert no.value.rule == "closed"
    shown = await rail.desk.proposal(proposal.id)
    rail.books.around = FACTS
    opened = await rail.press(shown)

    assert shown.risks[0].blocks
    assert opened.status is Status.APPROVED


async def test_books_that_cannot_be_read_leave_it_to_the_check_before_posting(
    rail: Rail,
) -> None:
    proposal = await proposed(rail)
    rail.books.around = Unreachable("QuickBooks did not answer.")

    approved = await rail.press(proposal)
    waiting = await rail.desk.apply(approved.id)

    assert approved.status is Status.APPROVED
    assert waiting.status is Status.APPROVED
    assert rail.books.arrived == []


async def test_a_period_closed_after_the_approval_makes_it_stale(rail: Rail) -> None:
    approved = await rail.press(await proposed(rail))
    rail.books.around = CLOSED

    stale = await rail.desk.apply(approved.id)

    assert stale.status is Status.STALE
    assert "The books are closed up to 30 Nov 2026" in (stale.reason or "")
    assert rail.books.arrived == []


async def test_the_same_from_two_people_is_a_light_on_the_second(rail: Rail) -> None:
    first = await proposed(rail)
    second = await proposed(rail)
    other = await proposed(rail, replace(FACTS, party="Somebody else"))
    await rail.desk.withdraw(first.id, SAM, platform="console")
    third = await proposed(rail)

    assert first.risks == other.risks == ()
    assert first.number in second.risks[0].text
    assert [second.number in risk.text for risk in third.risks] == [True]


async def test_what_was_posted_long_ago_is_no_duplicate(rail: Rail) -> None:
    first = await rail.press(await proposed(rail))
    await rail.desk.apply(first.id)
    lately = await proposed(rail)
    await rail.desk.withdraw(lately.id, SAM, platform="console")
    rail.clock.advance(days=31)

    later = await proposed(rail)

    assert "was posted lately" in lately.risks[0].text
    assert later.risks == ()
