"""A stale proposal is taken up once, and never approved by who asked for it."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from approvals.desk import Desk
from approvals.policy import Policy, parse
from approvals.proposal import Person, Proposal, Role, Status
from qbo.books import Circumstances, Standing
from qbo.faults import NotFound
from tests.approvals.far import ALEX, COMPANY, LUIS, PRIYA, SAM, Rail, W, draft
from tests.approvals.test_desk import denied

MIA = Person("mia", W, "Mia", frozenset({Role.STAFF, Role.APPROVER}))


async def made_stale(rail: Rail, *, requester: Person = SAM) -> Proposal:
    proposal = await rail.proposed(requester=requester)
    return await moved(rail, proposal)


async def moved(rail: Rail, proposal: Proposal) -> Proposal:
    rebased = replace(proposal.draft, heading="Invoice Acme West for $1,600.00")
    rail.books.standings.append(Standing(("The rate is 160.00 now.",), rebased))
    return await rail.desk.review(proposal.id)


async def renew(
    rail: Rail, stale: Proposal, by: Person = SAM, *, desk: Desk | None = None
) -> Proposal:
    number = await rail.desk.reserve(W)
    return await (desk or rail.desk).propose(
        draft(number, "1600.00"),
        Circumstances(party="Acme West"),
        by,
        COMPANY,
        places=(),
        inbox_id=None,
        platform="slack",
        renews=stale.id,
    )


async def test_what_was_read_unsurely_is_so_still_when_it_is_renewed(
    rail: Rail,
) -> None:
    policy = parse("[confidence]\nextra_approver_below = 70\n")
    assert isinstance(policy, Policy)
    rail.desk.policy = policy
    first = await rail.desk.propose(
        draft(await rail.desk.reserve(W)),
        Circumstances(party="Acme West"),
        SAM,
        COMPANY,
        places=(),
        inbox_id=None,
        platform="slack",
        confidence=60,
        doubts=("“Acme Wst” was read as Acme West.",),
    )

    renewed = await renew(rail, await moved(rail, first))

    assert (renewed.confidence, renewed.doubts) == (60, first.doubts)
    assert renewed.rule.approvals == first.rule.approvals == 2


async def test_a_stale_proposal_is_renewed_once(rail: Rail) -> None:
    stale = await made_stale(rail)
    assert rail.desk.actions(stale, SAM) == ("renew",)

    renewed = await renew(rail, stale)
    again = await renew(rail, stale)

    after = await rail.desk.proposal(stale.id)
    assert again == renewed
    assert (renewed.status, renewed.number) == (Status.PENDING, "P-2")
    assert (after.status, after.renewed_by) == (Status.STALE, "P-2")
    assert after.version == stale.version + 1
    assert rail.desk.actions(after, SAM) == rail.desk.actions(after, None) == ()
    assert (await rail.desk.trail(stale.id))[-1].event == "renew"
    ((_, shown),) = await rail.desk.lagging()
    assert shown == after
    assert len(await rail.desk.proposals(W)) == 2
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_presses_at_the_same_time_renew_once(rail: Rail) -> None:
    stale = await made_stale(rail)
    desks = [rail.desk, rail.another(), rail.another("third")]

    several = await asyncio.gather(
        *(renew(rail, stale, desk=desk) for desk in desks * 2)
    )

    assert len({p.id for p in several}) == 1
    assert len(await rail.desk.proposals(W)) == 2
    events = [line.event for line in await rail.desk.trail(stale.id)]
    assert events.count("renew") == 1


async def test_only_who_asked_renews_and_only_what_can_be_renewed(rail: Rail) -> None:
    waiting, stale = await rail.proposed(), await made_stale(rail)
    lost = await rail.proposed()
    rail.books.standings.append(Standing(("It is gone.",)))
    lost = await rail.desk.review(lost.id)
    assert lost.status is Status.STALE

    await denied(renew(rail, stale, by=PRIYA), "requester")
    await denied(renew(rail, stale, by=replace(SAM, workspace="w2")), "workspace")
    await denied(renew(rail, waiting), "state")
    await denied(renew(rail, lost), "state")
    await renew(rail, stale)
    await denied(renew(rail, stale, by=PRIYA), "requester")
    with pytest.raises(NotFound):
        await renew(rail, replace(stale, id="none"))
    assert len(await rail.desk.proposals(W)) == 4


async def test_who_asked_for_the_stale_one_never_approves_its_renewal(
    rail: Rail,
) -> None:
    asked = await rail.proposed(requester=MIA)
    for editor in (LUIS, PRIYA):
        asked = await rail.desk.revise(
            asked.id, draft(asked.number), Circumstances(), editor, platform="slack"
        )
    stale = await moved(rail, asked)
    # The last editor takes it up; then that is stale as well, and taken up again.
    renewed = await renew(rail, stale, by=PRIYA)
    renewed = await renew(rail, await moved(rail, renewed), by=PRIYA)

    assert set(renewed.askers) == {"mia", "luis", "priya"}
    assert await rail.desk.proposal(renewed.id) == renewed
    for asker in (MIA, LUIS, PRIYA):
        assert rail.desk.actions(renewed, asker) == ("withdraw",)
    renewed_notice = await rail.desk.want(renewed.id, "asked")
    token = rail.desk.token(renewed_notice.id, renewed, "approve")
    for asker in (MIA, LUIS, PRIYA):
        said = await denied(
            rail.desk.decide(token, asker, platform="slack"), "requester"
        )
        assert "somebody else has to approve it" in said
    other = replace(ALEX, roles=PRIYA.roles)
    approved = await rail.desk.decide(token, other, platform="slack")
    assert approved.status is Status.APPROVED


async def test_also_the_database_refuses_an_askers_approval(rail: Rail) -> None:
    renewed = await renew(rail, await made_stale(rail))
    statement = (
        "INSERT INTO proposal_decision (proposal_id, revision, person_id, person,"
        " requester_id, editor_id, askers, verdict, at, platform) VALUES"
        f" ('{renewed.id}', 1, 'mia', 'Mia', 'sam', 'sam', '[\"mia\"]', 'approve',"
        " '2026-11-20 15:00:00', 'slack')"
    )

    with pytest.raises(IntegrityError, match="ck_decision_other"):
        async with rail.engine.begin() as connection:
            await connection.execute(text(statement))


async def test_askers_stay_when_a_renewal_is_corrected(rail: Rail) -> None:
    renewed = await renew(rail, await made_stale(rail, requester=MIA), by=MIA)

    corrected = await rail.desk.revise(
        renewed.id, draft(renewed.number), Circumstances(), LUIS, platform="slack"
    )

    assert corrected.askers == ("mia",)
    assert rail.desk.actions(corrected, MIA) == ("withdraw",)
