"""What people do at the desk, and who may."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from approvals.details import RequestReused
from approvals.policy import Broken, Match, Policy
from approvals.proposal import Denied, Person, Proposal, Role, Rule, Status
from approvals.store import NumberTaken
from qbo.books import Circumstances, Draft, Money
from qbo.faults import NotFound, Unconfirmed
from tests.approvals.far import (
    ALEX,
    COMPANY,
    LUIS,
    PRIYA,
    SAM,
    Order,
    Rail,
    W,
    draft,
    person,
)

NOBODY = Person("x", W, "X")


async def denied(awaited: Awaitable[object], rule: str) -> str:
    with pytest.raises(Denied) as caught:
        await awaited
    assert caught.value.rule == rule
    return caught.value.sentence


async def test_an_approved_proposal_is_posted_and_read_back(rail: Rail) -> None:
    proposal = await rail.proposed()
    assert proposal.status is Status.PENDING

    approved = await rail.press(proposal)
    applied = await rail.desk.apply(approved.id)

    assert approved.status is Status.APPROVED
    assert applied.status is Status.APPLIED
    assert [r.compared for r in applied.receipts] == [True]
    assert applied == await rail.desk.proposal(proposal.id)
    assert [body for _, body in rail.books.arrived] == [proposal.draft.steps[0].body]
    events = [line.event for line in await rail.desk.trail(proposal.id)]
    assert events == ["propose", "quorum", "claim", "attempt", "receipt", "compare"]
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_what_is_kept_comes_back_as_it_was(rail: Rail) -> None:
    proposal = await rail.proposed(amount="0.10", send=True)

    kept = await rail.desk.proposal(proposal.id)

    assert kept == proposal
    assert kept.draft.total == Money(Decimal("0.10"), "USD")
    assert kept.words == "invoice acme west"


async def test_numbers_are_never_given_twice(rail: Rail) -> None:
    numbers = await asyncio.gather(*(rail.desk.reserve(W) for _ in range(10)))

    assert sorted(numbers, key=lambda n: int(n[2:])) == [f"P-{n}" for n in range(1, 11)]
    assert await rail.desk.reserve("another workspace") == "P-1"


async def test_a_requester_cannot_approve_their_own_proposal(rail: Rail) -> None:
    asker = person("Priya", Role.STAFF, Role.APPROVER, Role.ADMIN)
    proposal = await rail.proposed(requester=asker)

    said = await denied(rail.press(proposal, by=asker), "requester")

    assert said == "You asked for this, so somebody else has to approve it."
    assert (await rail.desk.proposal(proposal.id)).status is Status.PENDING


@pytest.mark.parametrize("who", [ALEX, NOBODY, person("Staff", Role.STAFF)])
async def test_only_approvers_decide(rail: Rail, who: Person) -> None:
    proposal = await rail.proposed()

    await denied(rail.press(proposal, by=who), "role")
    await denied(rail.press(proposal, "reject", by=who, reason="no"), "role")


async def test_an_approver_of_another_workspace_cannot_decide(rail: Rail) -> None:
    proposal = await rail.proposed()
    stranger = person("Priya", Role.APPROVER, workspace="w2")

    await denied(rail.press(proposal, by=stranger), "workspace")
    await denied(
        rail.desk.withdraw(proposal.id, replace(SAM, workspace="w2"), platform="slack"),
        "workspace",
    )


async def test_a_rejection_ends_it_and_says_why(rail: Rail) -> None:
    proposal = await rail.proposed()

    await denied(rail.press(proposal, "reject", reason="  "), "reason")
    rejected = await rail.press(proposal, "reject", reason=" wrong customer ")

    assert rejected.status is Status.REJECTED
    assert rejected.reason == "wrong customer"
    await denied(rail.press(rejected, by=LUIS), "state")
    assert (await rail.desk.apply(proposal.id)).status is Status.REJECTED
    assert rail.books.arrived == []


async def test_a_late_approval_is_denied_before_the_timetable_runs(rail: Rail) -> None:
    proposal = await rail.proposed()

    rail.clock.advance(hours=72)

    await denied(rail.press(proposal), "late")
    assert await rail.desk.resume() == (proposal.id,)
    assert (await rail.desk.proposal(proposal.id)).status is Status.EXPIRED
    await denied(rail.press(proposal), "state")


async def test_an_approval_just_before_expiry_counts(rail: Rail) -> None:
    proposal = await rail.proposed()

    rail.clock.advance(hours=72, seconds=-1)

    await rail.desk.resume()
    assert (await rail.desk.proposal(proposal.id)).status is Status.PENDING
    assert (await rail.press(proposal)).status is Status.APPROVED


async def test_only_who_asked_withdraws_and_only_before_the_claim(rail: Rail) -> None:
    proposal = await rail.approved()

    await denied(rail.desk.withdraw(proposal.id, PRIYA, platform="slack"), "requester")
    withdrawn = await rail.desk.withdraw(proposal.id, SAM, platform="slack")

    assert withdrawn.status is Status.WITHDRAWN
    assert (await rail.desk.apply(proposal.id)).status is Status.WITHDRAWN
    await denied(rail.desk.withdraw(proposal.id, SAM, platform="slack"), "state")
    assert rail.books.arrived == []


async def test_two_approvers_are_needed_where_the_rule_says_so(rail: Rail) -> None:
    two = Rule(2, 24, "two approvers from 1,000")
    rail.desk.policy = Policy((Match(two, ("invoice.*",)),))
    proposal = await rail.proposed()

    first = await rail.press(proposal)
    said = await denied(rail.press(first), "twice")
    waiting = await rail.desk.apply(proposal.id)
    second = await rail.press(first, by=LUIS)

    assert said == "You have decided about P-1 already."
    assert first.status is waiting.status is Status.PENDING
    assert second.status is Status.APPROVED
    assert [d.person for d in second.decisions] == ["Priya", "Luis"]
    assert second.expires_at - second.created_at == timedelta(hours=24)


async def test_a_revision_voids_approvals_and_old_buttons(rail: Rail) -> None:
    rail.desk.policy = Policy(default=Rule(2, 72, "two"))
    proposal = await rail.proposed()
    await rail.press(proposal)
    notice = await rail.notice(proposal)
    old = rail.desk.token(notice.id, proposal, "approve")

    rail.clock.advance(hours=1)
    revised = await rail.desk.revise(
        proposal.id, draft("P-1", "1800.00"), Circumstances(), SAM, platform="slack"
    )

    assert (revised.revision, revised.version, revised.decisions) == (2, 3, ())
    assert revised.expires_at > proposal.expires_at
    await denied(rail.desk.decide(old, LUIS, platform="slack"), "changed")
    assert (await rail.press(revised)).status is Status.PENDING
    assert (await rail.press(revised, by=LUIS)).status is Status.APPROVED
    applied = await rail.desk.apply(proposal.id)
    assert rail.books.arrived[0][1] == revised.draft.steps[0].body
    assert applied.status is Status.APPLIED


async def test_who_made_the_current_revision_cannot_approve_it(rail: Rail) -> None:
    proposal = await rail.proposed()

    revised = await rail.desk.revise(
        proposal.id, draft("P-1", "9.00"), Circumstances(), PRIYA, platform="slack"
    )

    said = await denied(rail.press(revised, by=PRIYA), "requester")
    assert said.startswith("You made the latest change to P-1")
    await denied(rail.press(revised, by=replace(SAM, roles=PRIYA.roles)), "requester")
    assert (await rail.press(revised, by=LUIS)).status is Status.APPROVED


async def test_only_a_waiting_proposal_is_revised(rail: Rail) -> None:
    proposal = await rail.approved()
    other = draft(proposal.number, "9.00")
    desk = rail.desk

    await denied(
        desk.revise(proposal.id, other, Circumstances(), SAM, platform="slack"), "state"
    )
    fresh = await rail.proposed()
    other = draft(fresh.number, "9.00")
    await denied(
        desk.revise(fresh.id, other, Circumstances(), ALEX, platform="slack"), "role"
    )
    rail.clock.advance(hours=80)
    await denied(
        desk.revise(fresh.id, other, Circumstances(), SAM, platform="slack"), "late"
    )


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (draft("P-99"), "That is a draft of P-99, not of P-1, so nothing"),
        (replace(draft(), realm="4711"), "P-1 is for Harbour & Pine Landscaping"),
    ],
)
async def test_a_draft_of_something_else_is_denied_with_a_sentence(
    rail: Rail, other: Draft, said: str
) -> None:
    proposal = await rail.proposed()

    sentence = await denied(
        rail.desk.revise(proposal.id, other, Circumstances(), SAM, platform="slack"),
        "another",
    )

    assert sentence.startswith(said)
    assert await rail.desk.proposal(proposal.id) == proposal


async def test_a_repeated_correction_changes_nothing(rail: Rail) -> None:
    proposal = await rail.proposed(inbox_id="first event")

    async def correct() -> Proposal:
        return await rail.desk.revise(
            proposal.id,
            draft(proposal.number, "1800.00"),
            Circumstances(),
            SAM,
            platform="slack",
            inbox_id="second event",
        )

    several = await asyncio.gather(*(correct() for _ in range(5)))
    approved = await rail.press(several[0])
    late = await correct()

    assert {p.revision for p in several} == {2}
    assert late == approved
    assert await rail.desk.by_inbox("first event") == approved
    assert await rail.desk.by_inbox("second event") == approved
    assert await rail.desk.by_inbox("third event") is None
    events = [line.event for line in await rail.desk.trail(proposal.id)]
    assert events == ["propose", "revise", "quorum"]


async def test_an_event_corrects_no_second_proposal(rail: Rail) -> None:
    one = await rail.proposed(inbox_id="event")
    two = await rail.proposed()

    given = await rail.desk.revise(
        two.id,
        draft(two.number, "9.00"),
        Circumstances(),
        SAM,
        platform="slack",
        inbox_id="event",
    )

    assert given == one
    assert await rail.desk.proposal(two.id) == two


async def test_a_request_id_never_goes_with_other_bytes(rail: Rail) -> None:
    proposal = await rail.proposed()
    same_id = replace(
        proposal.draft.steps[0], body=b'{"Line":[]}', digest="another digest"
    )
    changed = draft(proposal.number, steps=(same_id,))

    with pytest.raises(RequestReused):
        await rail.desk.revise(
            proposal.id, changed, Circumstances(), SAM, platform="slack"
        )
    with pytest.raises(RequestReused):
        await rail.desk.propose(
            replace(proposal.draft, ref="P-2"),
            Circumstances(),
            SAM,
            COMPANY,
            places=(),
            inbox_id=None,
            platform="slack",
        )
    assert (await rail.desk.proposal(proposal.id)).revision == 1


async def test_a_repeated_event_gives_the_same_proposal_back(rail: Rail) -> None:
    first = await rail.proposed(inbox_id="event 1")
    again = await rail.proposed(inbox_id="event 1")
    several = await asyncio.gather(
        *(rail.proposed(inbox_id="event 2") for _ in range(6))
    )

    assert again == first
    assert len({p.id for p in several}) == 1
    assert len(await rail.desk.proposals(W)) == 2


async def test_a_number_stands_for_one_proposal(rail: Rail) -> None:
    proposal = await rail.proposed()

    with pytest.raises(NumberTaken):
        await rail.desk.propose(
            draft(proposal.number),
            Circumstances(),
            SAM,
            COMPANY,
            places=(),
            inbox_id="another event",
            platform="slack",
        )


async def test_somebody_without_a_role_proposes_nothing(rail: Rail) -> None:
    await denied(rail.proposed(requester=NOBODY), "role")


async def test_a_draft_for_another_company_is_not_taken(rail: Rail) -> None:
    with pytest.raises(ValueError, match="another company"):
        await rail.desk.propose(
            draft(),
            Circumstances(),
            SAM,
            replace(COMPANY, realm="4711"),
            places=(),
            inbox_id=None,
            platform="slack",
        )


async def test_a_broken_policy_denies_writes_with_its_line(rail: Rail) -> None:
    waiting, approved = await rail.proposed(), await rail.approved()
    rail.desk.policy = Broken(7, "“quorum” is a whole number.")

    said = await denied(rail.proposed(), "policy")
    await denied(rail.press(waiting), "policy")
    held = await rail.desk.apply(approved.id)

    assert "(line 7): “quorum” is a whole number." in said
    assert held.status is Status.APPROVED
    assert "line 7" in (held.reason or "")
    assert len(await rail.desk.proposals(W)) == 2
    rejected = await rail.press(waiting, "reject", reason="no")
    assert rejected.status is Status.REJECTED
    rail.desk.policy = Policy()
    rail.clock.advance(minutes=1)
    assert await rail.desk.resume() == (approved.id,)
    assert (await rail.desk.proposal(approved.id)).status is Status.APPLIED


async def test_forged_and_foreign_buttons_are_not_ours(rail: Rail) -> None:
    one, two = await rail.proposed(), await rail.proposed()
    token = rail.desk.token((await rail.notice(one)).id, one, "reject")
    other_draft = replace(one, draft=replace(one.draft, digest="another digest"))
    forgeries = [
        rail.desk.token("", other_draft, "approve"),
        "",
        "approve",
        token[:-1],
        token.replace("reject", "approve"),
        token.replace(one.id, two.id),
        token.replace("~1~", "~2~"),
        token.replace("~1~", "~²~"),
        token + "é",
        rail.desk.token("", one, "withdraw"),
        token.replace("~1~", "~\u0661~"),
        token.replace("~1~", f"~{9**99}~"),
        token[:-2] + "\ud800",
        "\0" + token,
        token.replace(one.id, "\0"),
        "~" * 9999,
        "\ud800~\ud800~1~approve~\ud800",
    ]

    for forged in forgeries:
        await denied(rail.desk.decide(forged, PRIYA, platform="slack"), "token")
    withdraw = rail.desk.token("", one, "withdraw")
    verb, pressed = await rail.desk.pressed(withdraw, SAM)
    assert (verb, pressed) == ("withdraw", one)


async def test_lists_show_the_unconfirmed_first_then_the_newest(rail: Rail) -> None:
    first = await rail.approved()
    rail.books.orders.append(Order(after=Unconfirmed("lost")))
    await rail.desk.apply(first.id)
    rail.clock.advance(minutes=1)
    second = await rail.proposed()
    third = await rail.proposed(requester=LUIS)

    numbers = [p.number for p in await rail.desk.proposals(W)]
    mine = [p.number for p in await rail.desk.proposals(W, requester_id="luis")]
    pending = await rail.desk.proposals(W, statuses={Status.PENDING}, limit=1)

    assert numbers == [first.number, third.number, second.number]
    assert mine == [third.number]
    assert [p.number for p in pending] == [third.number]
    assert await rail.desk.proposals("w2") == ()
    assert await rail.desk.latest(W, "c1", "sam") == second
    assert await rail.desk.latest(W, "c2", "sam") is None
    assert await rail.desk.by_number(W, " p-2") == second
    assert await rail.desk.by_number(W, "2") == second
    assert await rail.desk.by_number("w2", "2") is None
    with pytest.raises(NotFound):
        await rail.desk.proposal("none")


async def test_the_pulse_changes_with_every_move(rail: Rail) -> None:
    assert await rail.desk.pulse(W) == (0, "0.0")
    proposal = await rail.proposed()
    waiting, stamp = await rail.desk.pulse(W)
    await rail.press(proposal)
    after, moved = await rail.desk.pulse(W)

    assert (waiting, after) == (1, 0)
    assert stamp != moved


async def test_actions_are_what_a_viewer_may_do(rail: Rail) -> None:
    proposal = await rail.proposed()
    actions = rail.desk.actions

    assert actions(proposal, None) == ("approve", "reject")
    assert actions(proposal, PRIYA) == ("approve", "reject")
    assert actions(proposal, SAM) == ("withdraw",)
    assert actions(proposal, ALEX) == ()
    assert actions(proposal, replace(PRIYA, workspace="w2")) == ()
    approved = await rail.press(proposal)
    assert actions(approved, SAM) == ("withdraw",)
    assert actions(approved, PRIYA) == actions(approved, None) == ()
    applied = await rail.desk.apply(proposal.id)
    # For a day, as the built-in rule says.
    assert actions(applied, SAM) == actions(applied, PRIYA) == ("undo",)


async def test_the_database_itself_refuses_what_must_not_be(rail: Rail) -> None:
    proposal = await rail.proposed()
    own = (
        "INSERT INTO proposal_decision (proposal_id, revision, person_id, person,"
        " requester_id, editor_id, askers, verdict, at, platform) VALUES"
        f" ('{proposal.id}', 1, 'sam', 'Sam', 'sam', 'sam', '[]', 'approve',"
        " '2026-11-20 15:00:00', 'slack')"
    )
    statements = [
        "UPDATE proposal SET status = 'approved'",
        "UPDATE proposal SET approvals = 1, status = 'applying'",
        "UPDATE proposal SET approvals = 1, status = 'applied'",
        "UPDATE proposal SET quorum = 0",
        own,
    ]

    for statement in statements:
        with pytest.raises(IntegrityError):
            async with rail.engine.begin() as connection:
                await connection.execute(text(statement))
