"""Deciding in somebody's place: whose word it is, how long, and never in a circle."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from approvals.policy import Policy
from approvals.proposal import Delegation, Denied, Person, Proposal, Role, Rule, Status
from tests.approvals.far import ALEX, COMPANY, LUIS, PRIYA, SAM, Rail, W, person
from tests.approvals.test_deciding import OMAR, denied

DEE = person("Dee", Role.STAFF)
FIN = person("Fin", Role.STAFF)


@pytest.fixture
def people(rail: Rail) -> list[Person]:
    members = [SAM, PRIYA, LUIS, ALEX, DEE, FIN, OMAR]
    rail.people(members)
    return members


@pytest.fixture
def approvers(people: list[Person], rail: Rail) -> Rail:
    del people
    return rail


async def away(
    rail: Rail, who: Person = PRIYA, deputy: Person = DEE, days: int = 3
) -> Delegation:
    until = rail.clock() + timedelta(days=days)
    delegate = rail.desk.approvers.delegate
    made, _ = await delegate(who, deputy, until, platform="slack")
    return made


async def test_a_deputy_decides_in_the_place_of_who_is_away(approvers: Rail) -> None:
    rail = approvers
    proposal = await rail.proposed()
    await denied(rail.press(proposal, by=DEE), "role")

    await away(rail)
    approved = await rail.press(proposal, by=DEE)

    (word,) = approved.decisions
    assert (word.person, word.instead_of, word.forced) == ("Dee", "Priya", False)
    assert approved.status is Status.APPROVED
    assert approved == await rail.desk.proposal(proposal.id)
    facts = json.loads((await rail.desk.trail(proposal.id))[-1].facts)
    assert facts["instead_of"] == "Priya"


async def test_the_absent_do_not_decide_again_nor_do_deputies(approvers: Rail) -> None:
    rail = approvers
    rail.desk.policy = Policy(default=Rule(2, 72, "two"))
    await away(rail)
    proposal = await rail.proposed()
    await rail.press(proposal, by=DEE)

    said = await denied(rail.press(proposal, by=PRIYA), "twice")
    await denied(rail.press(proposal, by=DEE), "twice")
    await away(rail, deputy=FIN)
    await denied(rail.press(proposal, by=FIN), "role")

    assert said == "Dee has decided about P-1 in your place already."
    assert (await rail.press(proposal, by=LUIS)).approvals == 2


async def test_a_replaced_deputy_is_told_and_saying_it_again_changes_nothing(
    approvers: Rail,
) -> None:
    rail = approvers
    until = rail.clock() + timedelta(days=3)
    delegate = rail.desk.approvers.delegate
    _, nobody = await delegate(PRIYA, DEE, until, platform="slack")
    rail.clock.advance(hours=1)
    made, replaced = await delegate(PRIYA, FIN, until, platform="slack")
    rail.clock.advance(hours=1)
    # As after a stop, when what was said is done once more.
    again = await rail.another().approvers.delegate(PRIYA, FIN, until, platform="slack")

    (told,) = await rail.desk.tellings.waiting(rail.clock())
    assert (nobody, replaced) == (None, "Dee")
    assert again == (made, "Dee")
    assert told.people == (DEE.id,)
    assert told.sentence == (
        "Fin decides in the place of Priya from now on; you no longer do."
    )
    assert (await rail.desk.verify(f"workspace:{W}")).seq == 2


async def test_the_asker_is_told_for_whom_a_deputy_rejects(approvers: Rail) -> None:
    rail = approvers
    await away(rail)
    await rail.press(await rail.proposed(), "reject", by=DEE, reason="no")

    (told,) = await rail.desk.tellings.waiting(rail.clock())
    assert "was rejected by Dee for Priya, so nothing was posted." in told.sentence


async def test_who_has_decided_leaves_nothing_to_their_deputy(approvers: Rail) -> None:
    rail = approvers
    rail.desk.policy = Policy(default=Rule(2, 72, "two"))
    proposal = await rail.proposed()
    await rail.press(proposal, by=PRIYA)
    await away(rail)

    await denied(rail.press(proposal, by=DEE), "role")


async def test_an_own_word_goes_before_another_persons(approvers: Rail) -> None:
    rail = approvers
    await away(rail, PRIYA, LUIS)

    approved = await rail.press(await rail.proposed(), by=LUIS)

    assert approved.decisions[0].instead_of is None


async def test_who_asked_is_nobodys_deputy_for_it(approvers: Rail) -> None:
    rail = approvers
    await away(rail, PRIYA, SAM)
    theirs = await rail.proposed()
    asked_by_absent = await rail.proposed(requester=PRIYA)
    await away(rail, PRIYA, DEE)

    await denied(rail.press(theirs, by=SAM), "requester")
    await denied(rail.press(asked_by_absent, by=DEE), "role")


async def test_a_delegation_ends_with_its_time(approvers: Rail) -> None:
    rail = approvers
    await away(rail, days=1)
    proposal = await rail.proposed()

    rail.clock.advance(days=1)

    await denied(rail.press(proposal, by=DEE), "role")
    assert await rail.desk.approvers.deputies(W) == ()
    await away(rail, DEE, PRIYA)  # no circle any more


async def test_a_delegation_is_ended_by_who_gave_it_or_an_administrator(
    approvers: Rail,
) -> None:
    rail = approvers
    stop = rail.desk.approvers.stop_delegating
    proposal = await rail.proposed()

    await away(rail)
    await denied(stop(PRIYA, LUIS, platform="slack"), "role")
    assert await stop(PRIYA, PRIYA, platform="slack") is not None
    await denied(rail.press(proposal, by=DEE), "role")
    assert await stop(PRIYA, PRIYA, platform="slack") is None
    await away(rail)
    assert await stop(PRIYA, ALEX, platform="console") is not None

    verified = await rail.desk.verify(f"workspace:{W}")
    assert (verified.seq, verified.sound) == (4, True)


async def test_nobody_stands_in_round_a_circle_or_along_a_chain(
    approvers: Rail,
) -> None:
    rail = approvers
    await away(rail, PRIYA, LUIS)

    for who, deputy, rule in (
        (LUIS, PRIYA, "circle"),
        (LUIS, DEE, "chain"),
        (ALEX, PRIYA, "chain"),
        (ALEX, ALEX, "self"),
        (ALEX, OMAR, "role"),
        (OMAR, DEE, "role"),
        (ALEX, person("Out"), "role"),
        (ALEX, person("Else", Role.APPROVER, workspace="w2"), "role"),
    ):
        await denied(away(rail, who, deputy), rule)
    await denied(away(rail, ALEX, DEE, days=0), "late")
    await denied(away(rail, ALEX, DEE, days=93), "long")

    assert len(await rail.desk.approvers.deputies(W)) == 1


async def test_a_new_deputy_takes_the_place_of_the_one_before(approvers: Rail) -> None:
    rail = approvers
    await away(rail, PRIYA, LUIS)

    await away(rail, PRIYA, DEE)

    (now,) = await rail.desk.approvers.deputies(W)
    assert now.delegate == "Dee"


async def test_two_who_name_each_other_at_once_do_not_both_succeed(
    approvers: Rail,
) -> None:
    rail = approvers
    until = rail.clock() + timedelta(days=2)
    for _ in range(5):
        ends = await asyncio.gather(
            rail.desk.approvers.delegate(PRIYA, LUIS, until, platform="slack"),
            rail.another().approvers.delegate(LUIS, PRIYA, until, platform="teams"),
            return_exceptions=True,
        )

        assert sorted(type(end).__name__ for end in ends) == ["Denied", "tuple"]
        for who in (PRIYA, LUIS):
            await rail.desk.approvers.stop_delegating(who, who, platform="slack")


async def test_a_second_deputy_of_one_person_is_refused_by_the_database(
    approvers: Rail,
) -> None:
    rail = approvers
    await away(rail)
    sql = (
        "INSERT INTO delegation (id, workspace, person_id, person, delegate_id,"
        " delegate, begun_at, until) SELECT 'x', workspace, person_id, person, :to,"
        " delegate, begun_at, until FROM delegation"
    )

    for to in ("fin", "priya"):
        with pytest.raises(IntegrityError):
            async with rail.engine.begin() as connection:
                await connection.execute(text(sql), {"to": to})


async def test_deputy_and_absent_at_once_are_one_head(approvers: Rail) -> None:
    rail = approvers
    rail.desk.policy = Policy(default=Rule(2, 72, "two"))
    await away(rail)
    other = rail.another()
    other.policy = rail.desk.policy
    for _ in range(4):
        proposal = await rail.proposed()
        token = rail.desk.token((await rail.notice(proposal)).id, proposal, "approve")

        ends = await asyncio.gather(
            rail.desk.decide(token, PRIYA, platform="slack"),
            other.decide(token, DEE, platform="teams"),
            return_exceptions=True,
        )

        assert sum(isinstance(end, Proposal) for end in ends) == 1
        assert sum(isinstance(end, Denied) for end in ends) == 1
        now = await rail.desk.proposal(proposal.id)
        assert (now.approvals, now.status) == (1, Status.PENDING)


async def test_a_word_and_the_end_of_its_delegation_are_one_after_the_other(
    approvers: Rail,
) -> None:
    rail = approvers
    for _ in range(5):
        await away(rail)
        proposal = await rail.proposed()
        token = rail.desk.token((await rail.notice(proposal)).id, proposal, "approve")

        word, ended = await asyncio.gather(
            rail.desk.decide(token, DEE, platform="slack"),
            rail.another().approvers.stop_delegating(PRIYA, PRIYA, platform="teams"),
            return_exceptions=True,
        )

        assert isinstance(ended, Delegation)
        now = await rail.desk.proposal(proposal.id)
        assert isinstance(word, Proposal) is (now.status is Status.APPROVED)
        assert isinstance(word, Proposal | Denied)


async def test_whose_rights_are_gone_leaves_their_deputy_none(
    approvers: Rail, people: list[Person]
) -> None:
    rail = approvers
    await away(rail)
    proposal = await rail.proposed()

    people[people.index(PRIYA)] = person("Priya", Role.STAFF)

    await denied(rail.press(proposal, by=DEE), "role")


async def test_a_deputy_sees_the_buttons_and_is_shown_what_waits(
    approvers: Rail,
) -> None:
    rail = approvers
    proposal = await rail.proposed()
    for shown, turn, _ in await rail.desk.to_show():
        await rail.desk.approvers.shown(shown, turn, ())

    await away(rail)
    ((found, _, persons),) = await rail.desk.to_show()

    assert [p.name for p in persons] == ["Priya", "Luis", "Dee"]
    assert rail.desk.actions(found, DEE) == ("approve", "reject")
    assert rail.desk.actions(found, FIN) == ()
    assert found.id == proposal.id


async def lagging(rail: Rail) -> set[str]:
    """The numbers whose cards lag; they are shown then."""
    found = await rail.desk.lagging()
    for notice, proposal in found:
        await rail.desk.shown(notice.id, proposal.version)
    return {proposal.number for _, proposal in found}


async def test_cards_sent_before_follow_a_delegation_and_its_end(
    approvers: Rail,
) -> None:
    rail = approvers
    theirs = await rail.proposed()
    await rail.proposed(requester=PRIYA)  # she does not decide about that one
    ended = await rail.press(await rail.proposed(), "reject", reason="no")
    assert await lagging(rail) == {"P-1", "P-2", "P-3"}

    await away(rail, days=1)
    assert await lagging(rail) == {"P-1"}
    await away(rail, deputy=FIN, days=2)
    assert await lagging(rail) == {"P-1"}
    await rail.desk.approvers.stop_delegating(PRIYA, PRIYA, platform="slack")
    assert await lagging(rail) == {"P-1"}
    await away(rail, days=1)
    assert await lagging(rail) == {"P-1"}
    await rail.desk.resume()
    assert await lagging(rail) == set()
    rail.clock.advance(days=1)
    await rail.desk.resume()
    assert await lagging(rail) == {"P-1"}
    await rail.desk.resume()
    assert await lagging(rail) == set()

    lines = await rail.desk.trail(theirs.id)
    told = [json.loads(each.facts) for each in lines if each.event == "deputy"]
    assert all(each["to"] == "pending" for each in told)
    assert [(each["how"], each["absent"], each["deputy"]) for each in told] == [
        ("begun", "Priya", "Dee"),
        ("ended", "Priya", "Dee"),
        ("begun", "Priya", "Fin"),
        ("ended", "Priya", "Fin"),
        ("begun", "Priya", "Dee"),
        ("over", "Priya", "Dee"),
    ]
    assert (await rail.desk.verify(COMPANY.id)).sound
    assert (await rail.desk.proposal(theirs.id)).delegations == ()
    assert await rail.desk.proposal(ended.id) == ended
    assert (await rail.press(theirs, by=LUIS)).status is Status.APPROVED


async def test_nobody_names_somebody_and_decides_in_their_place(rail: Rail) -> None:
    jo = person("Jo", Role.STAFF)
    rail.people([SAM, PRIYA, LUIS, ALEX, jo])
    made = await rail.proposed()
    approvers = rail.desk.approvers
    await approvers.reassign(made.id, ALEX, [jo], platform="slack")
    until = rail.clock() + timedelta(days=1)
    await approvers.delegate(jo, ALEX, until, platform="slack")

    with pytest.raises(Denied):
        await rail.press(made, by=ALEX)

    await approvers.delegate(jo, PRIYA, until, platform="slack")
    assert (await rail.press(made, by=PRIYA)).status is Status.APPROVED
