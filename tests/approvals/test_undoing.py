"""Taking back what was posted: one at a time, freed again, and in time."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals import undoable
from approvals.desk import actions
from approvals.policy import Match, Policy
from approvals.proposal import (
    Denied,
    Person,
    Proposal,
    Role,
    Rule,
    Status,
    WantedNotice,
)
from qbo.books import Circumstances, Draft, Standing, Verb
from qbo.faults import Refused
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
    step,
)
from tests.conftest import Clock

KIM = person("Kim", Role.STAFF)


async def posted(rail: Rail) -> Proposal:
    proposal = await rail.approved()
    return await rail.desk.apply(proposal.id)


def void(number: str) -> Draft:
    return draft(number, action="invoice.void", steps=(step(Verb.VOID),))


async def undo(
    rail: Rail, original: Proposal, by: Person = SAM, inbox_id: str | None = None
) -> Proposal:
    number = await rail.desk.reserve(W)
    return await rail.desk.propose(
        void(number),
        Circumstances(party="Acme West"),
        by,
        COMPANY,
        places=(WantedNotice("asked"),),
        conversation="c2",
        inbox_id=inbox_id,
        platform="console",
        undoes=original.id,
    )


async def undo_two(rail: Rail, original: Proposal) -> Proposal:
    """An undo by Luis that takes back two things, each for itself."""
    number = await rail.desk.reserve(W)
    two = draft(
        number, action="invoices.void", steps=(step(Verb.VOID), step(Verb.VOID))
    )
    return await rail.desk.propose(
        replace(two, independent=True),
        Circumstances(party="Acme West"),
        LUIS,
        COMPANY,
        places=(WantedNotice("asked"),),
        inbox_id=None,
        platform="console",
        undoes=original.id,
    )


async def denied(rail: Rail, original: Proposal, rule: str, by: Person = SAM) -> str:
    with pytest.raises(Denied) as no:
        await undo(rail, original, by)
    assert no.value.rule == rule
    return no.value.sentence


async def fresh(rail: Rail, proposal: Proposal) -> Proposal:
    return await rail.desk.proposal(proposal.id)


async def test_an_undo_is_a_proposal_that_names_and_is_named(rail: Rail) -> None:
    original = await posted(rail)

    made = await undo(rail, original)

    assert made.status is Status.PENDING
    assert made.undoes == original.number
    now = await fresh(rail, original)
    assert now.undone_by == made.number
    assert now.version == original.version + 1
    (line,) = [x for x in await rail.desk.trail(original.id) if x.event == "undo"]
    assert (line.who, made.number in line.facts) == ("Sam", True)
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_it_is_offered_for_a_day_unless_the_rule_says_otherwise(
    rail: Rail, engine: AsyncEngine, clock: Clock
) -> None:
    original = await posted(rail)
    rail.desk.policy = Policy(
        (Match(Rule(1, 72, "one", undo_hours=2)),),
    )
    short = await posted(rail)
    rail.desk.policy = Policy((Match(Rule(1, 72, "one")),))
    never = await posted(rail)

    assert original.undo_until is not None
    assert (original.undo_until - clock()).total_seconds() == 24 * 3600
    assert short.undo_until is not None
    assert (short.undo_until - clock()).total_seconds() == 2 * 3600
    assert never.undo_until is None
    clock.advance(hours=2)
    assert (await denied(rail, short, "late")).startswith("The time in which")
    await denied(rail, never, "late")
    assert (await undo(rail, original)).status is Status.PENDING


async def test_when_its_time_is_over_the_card_says_so_no_longer(
    rail: Rail, clock: Clock
) -> None:
    original = await posted(rail)
    assert "undo" in actions(original, SAM)

    clock.advance(hours=24)
    assert original.id in await rail.desk.resume()

    now = await fresh(rail, original)
    assert now.undo_until is None
    assert "undo" not in actions(now, SAM)
    assert await rail.desk.resume() == ()


async def test_who_may_undo(rail: Rail) -> None:
    original = await posted(rail)

    for someone in (SAM, PRIYA, LUIS, ALEX, None):
        assert "undo" in actions(original, someone)
    assert "undo" not in actions(original, KIM)
    await denied(rail, original, "role", by=KIM)
    waiting = await rail.proposed()
    await denied(rail, waiting, "state")


async def test_whoever_undoes_cannot_approve_it(rail: Rail) -> None:
    original = await posted(rail)
    made = await undo(rail, original, by=PRIYA)

    with pytest.raises(Denied) as no:
        await rail.press(made, by=PRIYA)

    assert no.value.rule == "requester"
    assert (await rail.press(made, by=LUIS)).status is Status.APPROVED


async def test_a_second_undo_is_denied(rail: Rail) -> None:
    original = await posted(rail)
    made = await undo(rail, original)

    said = await denied(rail, original, "twice", by=PRIYA)

    assert f"{made.number} proposes to take {original.number} back already" in said


async def test_of_many_presses_at_once_one_makes_an_undo(rail: Rail) -> None:
    original = await posted(rail)

    ended = await asyncio.gather(
        *(undo(rail, original, by=who) for who in (SAM, PRIYA, LUIS) * 3),
        return_exceptions=True,
    )

    made = [each for each in ended if isinstance(each, Proposal)]
    assert len(made) == 1
    assert all(isinstance(each, Proposal | Denied) for each in ended), ended
    assert (await fresh(rail, original)).undone_by == made[0].number


async def test_the_same_press_again_gives_the_same_undo(rail: Rail) -> None:
    original = await posted(rail)
    made = await undo(rail, original, inbox_id="e1")

    with pytest.raises(Denied):
        await undo(rail, original, inbox_id="e2")

    assert await rail.desk.by_inbox("e1") == made


@pytest.mark.parametrize("ending", ["reject", "withdraw", "expire", "stale", "fail"])
async def test_an_undo_that_is_not_posted_frees_the_original(
    rail: Rail, clock: Clock, ending: str
) -> None:
    original = await posted(rail)
    made = await undo(rail, original)

    match ending:
        case "reject":
            await rail.press(made, "reject", reason="it is right")
        case "withdraw":
            await rail.desk.withdraw(made.id, SAM, platform="console")
        case "expire":
            clock.advance(hours=73)
            await rail.desk.resume()
        case "stale":
            rail.books.standings.append(Standing(("It moved.",)))
            await rail.desk.review(made.id)
        case "fail":
            await rail.press(made)
            rail.books.standings.append(Standing(("It moved.",)))
            await rail.desk.apply(made.id)

    now = await fresh(rail, original)
    assert now.undone_by is None
    if ending == "expire":
        await rail.desk.resume()
        assert (await fresh(rail, original)).undo_until is None
    else:
        assert (await undo(rail, now)).undoes == original.number
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_a_posted_undo_closes_the_original_for_good(rail: Rail) -> None:
    original = await posted(rail)
    made = await rail.press(await undo(rail, original, by=LUIS))

    await rail.desk.apply(made.id)

    now = await fresh(rail, original)
    assert (now.undone_by, now.undo_until) == (made.number, None)
    assert "undo" not in actions(now, SAM)
    said = await denied(rail, original, "twice")
    assert f"was taken back by {made.number}" in said
    told = await rail.desk.tellings.waiting(rail.clock())
    sentences = [x.sentence for x in told if x.kind == "undo"]
    assert len(sentences) == 2  # that it is to be, and that it was
    assert all("Luis has proposed" in each for each in sentences)
    undone = await fresh(rail, made)
    assert undone.undo_until is None
    await denied(rail, undone, "undo")


async def test_an_undo_that_went_through_in_part_says_so_and_has_no_rest(
    rail: Rail,
) -> None:
    original = await posted(rail)
    made = await undo_two(rail, original)
    rail.books.orders += [Order(), Order(before=Refused("Not this one.", code="6540"))]

    done = await rail.desk.apply((await rail.press(made)).id)

    assert (done.status, done.is_complete) == (Status.APPLIED, False)
    assert "drop" not in actions(made, LUIS)
    assert "rest" not in actions(done, LUIS)
    told = await rail.desk.tellings.waiting(rail.clock())
    assert [x.sentence for x in told if "only in part: Luis" in x.sentence]
    now = await fresh(rail, original)
    assert (now.undone_by, now.undone_in_part) == (None, made.number)
    assert now.undo_until == original.undo_until
    assert "undo" in actions(now, SAM)


async def test_what_an_undo_has_left_is_taken_back_by_another(rail: Rail) -> None:
    original = await posted(rail)
    rail.books.orders += [Order(), Order(before=Refused("Not this one.", code="6540"))]
    first = await rail.desk.apply((await rail.press(await undo_two(rail, original))).id)
    again = await undo(rail, original)
    during = await fresh(rail, original)
    await denied(rail, original, "twice")

    await rail.desk.apply((await rail.press(again)).id)

    now = await fresh(rail, original)
    assert (during.undone_by, during.undone_in_part) == (again.number, first.number)
    assert (now.undone_by, now.undone_in_part) == (again.number, first.number)
    assert now.undo_until is None
    assert await rail.desk.undone(now) == (
        await fresh(rail, first),
        await fresh(rail, again),
    )
    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_what_was_undone_in_part_is_offered_in_its_time_only(
    rail: Rail, clock: Clock
) -> None:
    original = await posted(rail)
    rail.books.orders += [Order(), Order(before=Refused("Not this one.", code="6540"))]
    made = await undo_two(rail, original)
    clock.advance(hours=23)
    await rail.press(made)
    clock.advance(hours=2)

    await rail.desk.apply(made.id)
    await rail.desk.resume()

    now = await fresh(rail, original)
    assert (now.undone_by, now.undone_in_part) == (None, made.number)
    assert now.undo_until is None
    assert "undo" not in actions(now, SAM)
    await denied(rail, original, "late")


async def test_an_undo_taken_up_anew_goes_on_taking_back(rail: Rail) -> None:
    original = await posted(rail)
    made = await undo(rail, original)
    rail.books.standings.append(Standing(("It moved.",), rebased=void(made.number)))
    stale = await rail.desk.review(made.id)
    number = await rail.desk.reserve(W)

    anew = await rail.desk.propose(
        void(number),
        Circumstances(party="Acme West"),
        SAM,
        COMPANY,
        places=(),
        inbox_id=None,
        platform="console",
        renews=stale.id,
    )

    assert anew.undoes == original.number
    assert (await fresh(rail, original)).undone_by == anew.number


async def test_what_can_never_be_undone_is_said(rail: Rail) -> None:
    original = await posted(rail)

    def why(*verbs: Verb) -> str:
        steps = tuple(step(verb) for verb in verbs)
        return undoable.why_not(replace(original, draft=draft(steps=steps))) or ""

    assert why(Verb.SEND).startswith("An e-mail that went out")
    assert why(Verb.VOID).startswith("QuickBooks cannot bring back what was voided")
    assert why(Verb.DELETE).startswith("QuickBooks cannot bring back what was deleted")
    assert why(Verb.CREATE, Verb.SEND) == ""
    estimate = replace(step(Verb.CREATE), entity="Estimate")
    sentence = undoable.why_not(replace(original, draft=draft(steps=(estimate,))))
    assert "cannot be undone from here" in (sentence or "")
