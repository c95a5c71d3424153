"""Whoever made any revision of a proposal is one who asked for it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from approvals.policy import Broken, parse
from approvals.proposal import Denied, Person, Proposal, Status
from cards import proposals as cards
from qbo.books import Circumstances
from tests.approvals.far import LUIS, PRIYA, SAM, Rail, draft


async def revised(rail: Rail, it: Proposal, by: Person, amount: str) -> Proposal:
    return await rail.desk.revise(
        it.id, draft(it.number, amount), Circumstances(), by, platform="console"
    )


async def twice_changed(rail: Rail) -> Proposal:
    first = await rail.proposed()
    return await revised(
        rail, await revised(rail, first, PRIYA, "99000.00"), SAM, "99000.01"
    )


async def test_an_earlier_editor_does_not_approve_what_somebody_changed_since(
    rail: Rail,
) -> None:
    changed = await twice_changed(rail)

    assert changed.askers == (PRIYA.id,)
    assert await rail.desk.proposal(changed.id) == changed
    with pytest.raises(Denied) as no:
        await rail.press(changed, by=PRIYA)
    assert no.value.rule == "requester"
    assert no.value.sentence == (
        "You changed P-1 earlier, or asked for it, so somebody else has to approve it."
    )
    assert (await rail.press(changed, by=LUIS)).status is Status.APPROVED


async def test_also_the_database_refuses_an_earlier_editors_approval(
    rail: Rail,
) -> None:
    changed = await twice_changed(rail)
    statement = (
        "INSERT INTO proposal_decision (proposal_id, revision, person_id, person,"
        " requester_id, editor_id, askers, verdict, at, platform)"
        " SELECT id, revision, 'priya', 'Priya', requester_id, editor_id, askers,"
        " 'approve', created_at, 'console' FROM proposal"
        f" WHERE id = '{changed.id}'"
    )

    with pytest.raises(IntegrityError, match="ck_decision_other"):
        async with rail.engine.begin() as connection:
            await connection.execute(text(statement))


async def test_all_who_changed_it_are_kept_once_and_in_their_order(rail: Rail) -> None:
    it = await rail.proposed()
    for by in (PRIYA, LUIS, PRIYA, SAM, PRIYA, SAM):
        it = await revised(rail, it, by, "99.00")

    assert it.askers == (PRIYA.id, LUIS.id)


async def test_an_earlier_editor_may_withdraw_it_and_change_it_again(
    rail: Rail,
) -> None:
    changed = await twice_changed(rail)

    assert rail.desk.actions(changed, PRIYA) == ("withdraw",)
    again = await revised(rail, changed, PRIYA, "12.00")
    gone = await rail.desk.withdraw(again.id, PRIYA, platform="console")

    assert gone.status is Status.WITHDRAWN


async def test_a_requester_who_changes_it_after_another_gets_no_milder_rule(
    rail: Rail,
) -> None:
    rail.desk.policy = parse(
        '[[rule]]\nrequester = "staff"\nquorum = 1\n[[rule]]\nquorum = 2\n'
    )

    assert (await rail.proposed()).rule.quorum == 1
    assert (await twice_changed(rail)).rule.quorum == 2


async def test_the_card_says_to_an_earlier_editor_why_it_is_not_theirs(
    rail: Rail,
) -> None:
    changed = await twice_changed(rail)

    shown = cards.card(changed, viewer=PRIYA, actions=(), token=str, now=rail.clock())

    assert any(
        "You changed or asked for this, so somebody else has to approve it." in each
        for section in shown.sections
        for each in section.texts
    )


async def test_a_rule_for_others_is_not_for_those_who_ask_together(rail: Rail) -> None:
    rail.people([SAM, PRIYA])
    text = '[[rule]]\nrequester = "*@contractors.example"\nquorum = 3\n'
    policy = parse(text)
    assert not isinstance(policy, Broken)
    rail.desk.policy = policy
    first = await rail.proposed()

    known = await revised(rail, first, PRIYA, "99.00")
    rail.people([PRIYA])
    unknown = await revised(rail, known, PRIYA, "98.00")

    assert (first.rule.quorum, known.rule.quorum, unknown.rule.quorum) == (1, 1, 3)
