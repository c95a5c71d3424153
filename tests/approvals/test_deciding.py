"""Who may decide in which step, in whose place, and what counts how often."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from approvals import stages
from approvals.policy import Policy
from approvals.proposal import (
    Denied,
    Person,
    Proposal,
    Role,
    Rule,
    Stage,
    Status,
)
from tests.approvals.far import ALEX, LUIS, PRIYA, SAM, Rail, W, person

ANA = replace(person("Ana", Role.STAFF), email="ana@books.example")
BEN = person("Ben", Role.APPROVER)
OMAR = person("Omar", Role.AUDITOR)
CHANNEL = json.dumps(["slack", "T1", "C0FIN", "", ""])
ELSEWHERE = json.dumps(["slack", "T1", "C0ANY", "", ""])
FINANCE = Stage(1, (Role.APPROVER,), label="Finance")
BY_ANA = Stage(1, (), ("ana@books.example",), label="Ana")


def ruled(rail: Rail, *steps: Stage, **more: object) -> None:
    rule = Rule(
        sum(s.quorum for s in steps),
        72,
        "by steps",
        stages=steps,
        **more,  # type: ignore[arg-type]
    )
    rail.policy = rail.desk.policy = Policy(default=rule)


async def denied(awaited: Awaitable[object], rule: str) -> str:
    with pytest.raises(Denied) as caught:
        await awaited
    assert caught.value.rule == rule
    return caught.value.sentence


@pytest.fixture
def people(rail: Rail) -> list[Person]:
    """Everybody of the workspace, whom a test may change."""
    members = [SAM, PRIYA, LUIS, ALEX, ANA, BEN, OMAR]
    rail.people(members)
    return members


async def test_the_steps_are_gone_through_in_their_order(rail: Rail) -> None:
    ruled(rail, FINANCE, BY_ANA)
    proposal = await rail.proposed()

    said = await denied(rail.press(proposal, by=ANA), "turn")
    first = await rail.press(proposal, by=PRIYA)
    await denied(rail.press(proposal, by=LUIS), "turn")
    last = await rail.press(proposal, by=ANA)

    assert said == (
        "P-1 waits for step 1 of 2 (Finance) first. I show it to you when it is your"
        " turn, in step 2 of 2 (Ana)."
    )
    assert first.status is Status.PENDING
    assert last.status is Status.APPROVED
    assert [(d.person, d.stage) for d in last.decisions] == [("Priya", 1), ("Ana", 2)]
    events = [line.event for line in await rail.desk.trail(proposal.id)]
    assert events == ["propose", "approve", "quorum"]


async def test_a_step_that_names_people_is_not_for_other_approvers(rail: Rail) -> None:
    ruled(rail, BY_ANA)
    proposal = await rail.proposed()

    await denied(rail.press(proposal, by=PRIYA), "role")
    await denied(rail.press(proposal, by=replace(ANA, email=None)), "role")

    assert (await rail.press(proposal, by=ANA)).status is Status.APPROVED


async def test_one_person_is_one_decision_over_all_steps(rail: Rail) -> None:
    ruled(rail, FINANCE, FINANCE)
    proposal = await rail.proposed()
    await rail.press(proposal, by=PRIYA)

    await denied(rail.press(proposal, by=PRIYA), "twice")

    assert (await rail.press(proposal, by=LUIS)).status is Status.APPROVED


async def test_whoever_decides_later_may_reject_now_but_not_approve(
    rail: Rail,
) -> None:
    ruled(rail, FINANCE, BY_ANA)
    proposal = await rail.proposed()

    rejected = await rail.press(proposal, "reject", by=ANA, reason="not in this month")

    assert rejected.status is Status.REJECTED


async def test_whose_step_is_over_may_no_longer_reject(rail: Rail) -> None:
    ruled(rail, FINANCE, BY_ANA)
    proposal = await rail.proposed()
    await rail.press(proposal, by=PRIYA)

    await denied(rail.press(proposal, "reject", by=LUIS, reason="no"), "turn")


async def test_a_step_in_a_channel_is_decided_there(rail: Rail) -> None:
    ruled(rail, Stage(1, (), (), "slack:C0FIN"))
    proposal = await rail.proposed()
    token = rail.desk.token((await rail.notice(proposal)).id, proposal, "approve")

    for place in (None, ELSEWHERE, "not a place"):
        await denied(
            rail.desk.decide(token, PRIYA, platform="slack", place=place), "place"
        )
    await denied(rail.desk.decide(token, ANA, platform="slack", place=CHANNEL), "role")
    approved = await rail.desk.decide(token, PRIYA, platform="slack", place=CHANNEL)

    assert approved.status is Status.APPROVED


async def test_an_auditor_decides_nothing_whatever_else_they_are(rail: Rail) -> None:
    both = person("Both", Role.AUDITOR, Role.APPROVER, Role.ADMIN)
    proposal = await rail.proposed()

    for who in (OMAR, both):
        await denied(rail.press(proposal, by=who), "role")
        await denied(rail.press(proposal, "reject", by=who, reason="no"), "role")
        await denied(rail.proposed(requester=who), "role")
        assert rail.desk.actions(proposal, who) == ()


async def test_the_buttons_are_for_whose_turn_it_is(rail: Rail) -> None:
    ruled(rail, FINANCE, BY_ANA)
    proposal = await rail.proposed()

    assert rail.desk.actions(proposal, PRIYA) == ("approve", "reject")
    assert rail.desk.actions(proposal, ANA) == ("reject",)
    assert rail.desk.actions(proposal, SAM) == ("withdraw",)
    assert rail.desk.actions(proposal, ALEX) == ()


async def test_two_last_approvals_at_once_make_one_quorum(rail: Rail) -> None:
    ruled(rail, FINANCE, FINANCE)
    for _ in range(3):
        proposal = await rail.proposed()
        await rail.press(proposal, by=PRIYA)
        token = rail.desk.token((await rail.notice(proposal)).id, proposal, "approve")

        ends = await asyncio.gather(
            rail.desk.decide(token, LUIS, platform="slack"),
            rail.another().decide(token, BEN, platform="teams"),
            return_exceptions=True,
        )

        assert sum(isinstance(end, Proposal) for end in ends) == 1
        now = await rail.desk.proposal(proposal.id)
        assert now.status is Status.APPROVED
        assert now.approvals == 2


# --- named instead --------------------------------------------------------------


async def test_an_administrator_names_who_approves_instead(rail: Rail) -> None:
    ruled(rail, FINANCE, BY_ANA)
    proposal = await rail.proposed()

    named = await rail.desk.approvers.reassign(
        proposal.id, ALEX, [ANA], platform="console"
    )
    await denied(rail.press(proposal, by=PRIYA), "role")
    after = await rail.press(proposal, by=ANA)

    assert named.rule.steps[0].named == (ANA.id,)
    assert named.rule.steps[0].label == "Ana, named by Alex"
    assert after.decisions[0].stage == 1
    line = (await rail.desk.trail(proposal.id))[1]
    assert (line.event, line.who) == ("reassign", "Alex")
    assert json.loads(line.facts)["to"] == "Ana"
    # Ana has used up her word, and the second step is for nobody else.
    assert "Nobody can approve step 2 of 2 (Ana)" in stages.stuck(after, [SAM, ANA])


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        (SAM, "requester"),
        (OMAR, "role"),
        (ALEX, "self"),
        (replace(BEN, roles=frozenset()), "role"),
        (replace(BEN, workspace="w2"), "role"),
    ],
)
async def test_some_people_cannot_be_named(rail: Rail, who: Person, rule: str) -> None:
    proposal = await rail.proposed()

    await denied(
        rail.desk.approvers.reassign(proposal.id, ALEX, [who], platform="console"),
        rule,
    )

    assert (await rail.desk.proposal(proposal.id)).version == 1


async def test_naming_never_lowers_the_quorum(rail: Rail) -> None:
    ruled(rail, Stage(2))
    proposal = await rail.proposed()

    await denied(
        rail.desk.approvers.reassign(proposal.id, ALEX, [ANA], platform="console"),
        "few",
    )
    await rail.press(proposal, by=PRIYA)
    await rail.desk.approvers.reassign(proposal.id, ALEX, [ANA], platform="console")
    after = await rail.press(proposal, by=ANA)

    assert after.status is Status.APPROVED
    assert after.approvals == 2


async def test_only_an_administrator_who_did_not_ask_names_others(rail: Rail) -> None:
    mine = await rail.proposed(requester=ALEX)
    theirs = await rail.proposed()
    reassign = rail.desk.approvers.reassign

    await denied(reassign(mine.id, ALEX, [ANA], platform="console"), "requester")
    await denied(reassign(theirs.id, PRIYA, [ANA], platform="console"), "role")
    auditing = person("Alex", Role.ADMIN, Role.AUDITOR)
    await denied(reassign(theirs.id, auditing, [ANA], platform="console"), "role")


async def test_naming_others_during_a_press_leaves_one_of_two_orders(
    rail: Rail,
) -> None:
    for _ in range(5):
        proposal = await rail.proposed()
        token = rail.desk.token((await rail.notice(proposal)).id, proposal, "approve")

        pressed, named = await asyncio.gather(
            rail.desk.decide(token, PRIYA, platform="slack"),
            rail.another().approvers.reassign(
                proposal.id, ALEX, [ANA], platform="console"
            ),
            return_exceptions=True,
        )

        now = await rail.desk.proposal(proposal.id)
        if now.status is Status.APPROVED:
            assert isinstance(pressed, Proposal)
            assert isinstance(named, Denied)
        else:
            assert isinstance(named, Proposal)
            assert isinstance(pressed, Denied)
            assert now.decisions == ()


# --- forced ---------------------------------------------------------------------


async def test_a_forced_word_is_one_head_and_is_marked(
    rail: Rail, people: list[Person]
) -> None:
    del people
    ruled(rail, Stage(2))
    proposal = await rail.proposed()

    forced = await rail.desk.approvers.force(
        proposal.id, ALEX, " in hospital ", instead_of=PRIYA, platform="console"
    )
    await denied(rail.press(proposal, by=PRIYA), "twice")
    await denied(
        rail.desk.approvers.force(
            proposal.id, ALEX, "again", instead_of=LUIS, platform="console"
        ),
        "twice",
    )
    after = await rail.press(proposal, by=LUIS)

    (word,) = forced.decisions
    assert (word.forced, word.person, word.instead_of) == (True, "Alex", "Priya")
    assert word.reason == "in hospital"
    assert forced.status is Status.PENDING
    assert after.status is Status.APPROVED
    facts = json.loads((await rail.desk.trail(proposal.id))[1].facts)
    assert (facts["forced"], facts["instead_of"]) == ("yes", "Priya")


async def test_a_forced_word_needs_a_reason_and_somebody_absent(
    rail: Rail, people: list[Person]
) -> None:
    proposal = await rail.proposed()
    force = rail.desk.approvers.force

    await denied(
        force(proposal.id, ALEX, " ", instead_of=PRIYA, platform="console"), "reason"
    )
    said = await denied(force(proposal.id, ALEX, "ill", platform="console"), "who")
    assert "Priya or Luis or Ben" in said
    for nobody in (SAM, ANA, OMAR):
        await denied(
            force(proposal.id, ALEX, "ill", instead_of=nobody, platform="console"),
            "nobody",
        )
    people[:] = [SAM, PRIYA, ALEX]
    done = await force(proposal.id, ALEX, "ill", platform="console")

    assert done.decisions[0].instead_of == "Priya"


async def test_nobody_forces_what_they_asked_for_or_may_decide(
    rail: Rail, people: list[Person]
) -> None:
    del people
    mine = await rail.proposed(requester=ALEX)
    theirs = await rail.proposed()
    force = rail.desk.approvers.force
    both = person("Both", Role.ADMIN, Role.APPROVER)

    await denied(
        force(mine.id, ALEX, "now", instead_of=PRIYA, platform="console"), "requester"
    )
    await denied(
        force(theirs.id, LUIS, "now", instead_of=PRIYA, platform="console"), "role"
    )
    await denied(
        force(theirs.id, both, "now", instead_of=PRIYA, platform="console"), "self"
    )


async def test_nothing_is_forced_while_it_is_stopped_or_over(
    rail: Rail, people: list[Person]
) -> None:
    del people
    proposal = await rail.proposed()
    rail.clock.advance(hours=73)

    await denied(
        rail.desk.approvers.force(
            proposal.id, ALEX, "late", instead_of=PRIYA, platform="console"
        ),
        "late",
    )


async def test_a_head_is_used_up_once_in_the_database_too(
    rail: Rail, people: list[Person]
) -> None:
    del people
    ruled(rail, Stage(2))
    proposal = await rail.proposed()
    await rail.desk.approvers.force(
        proposal.id, ALEX, "ill", instead_of=PRIYA, platform="console"
    )
    sql = (
        "INSERT INTO proposal_head (proposal_id, revision, person_id, requester_id,"
        " editor_id, askers) VALUES (:p, 1, :who, 'sam', 'sam', '[]')"
    )

    for who in ("priya", "alex", "sam"):
        with pytest.raises(IntegrityError):
            async with rail.engine.begin() as connection:
                await connection.execute(text(sql), {"p": proposal.id, "who": who})


async def test_what_nobody_can_approve_says_so_and_alarms(
    rail: Rail, people: list[Person]
) -> None:
    ruled(rail, BY_ANA)
    people[:] = [SAM, PRIYA, ALEX]
    proposal = await rail.proposed()

    await rail.desk.to_show()
    now = await rail.desk.proposal(proposal.id)
    told = await rail.desk.tellings.waiting(rail.clock())
    await rail.desk.to_show()

    assert now.reason is not None
    assert now.reason.startswith("Nobody can approve (0 of the 1 still needed).")
    assert [(t.kind, t.audience.value) for t in told] == [("stuck", "admins")]
    assert (await rail.desk.proposal(proposal.id)).version == now.version
    people.append(ANA)
    rail.clock.advance(minutes=10)
    await rail.desk.resume()
    assert (await rail.desk.proposal(proposal.id)).reason is None
    assert proposal.workspace == W
