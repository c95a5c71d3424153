"""Whatever the rule, the people, the deputies and the order: never too few heads.

Stories of presses, delegations, people named instead, forced words and roles that
come and go are made up, played by two processes on one database, and the end is
judged by a model that knows nothing of how the rail decides.
"""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from approvals.policy import Policy
from approvals.proposal import (
    Denied,
    Person,
    Proposal,
    Role,
    Rule,
    Stage,
    Status,
    Verdict,
)
from bot import database
from tests.approvals.far import Rail, W, draft
from tests.conftest import Clock

NAMES = ("Sam", "Ann", "Bob", "Cat", "Dan", "Eve", "Fay")
SOME = st.integers(0, len(NAMES) - 1)
# Sam asks; whoever presses is mostly somebody else.
OTHERS = st.integers(1, len(NAMES) - 1)
MAIL = {n: f"{NAMES[n].lower()}@books.example" for n in range(len(NAMES))}
_MIXED = (
    frozenset({Role.ADMIN, Role.APPROVER}),
    frozenset({Role.AUDITOR}),
    frozenset[Role](),
)
APPROVING = st.sampled_from(
    [frozenset({Role.APPROVER}), frozenset({Role.STAFF, Role.APPROVER}), *_MIXED]
)
LESSER = st.sampled_from(
    [frozenset({Role.STAFF}), frozenset({Role.STAFF}), frozenset({Role.ADMIN}), *_MIXED]
)
# Sam asks; then come three who mostly approve, and three who mostly do not.
ROLES = st.tuples(LESSER, APPROVING, APPROVING, APPROVING, LESSER, LESSER, LESSER).map(
    list
)
STAGES = st.builds(
    Stage,
    quorum=st.sampled_from([1, 2, 2, 3]),
    roles=st.sampled_from(
        [(Role.APPROVER,), (Role.APPROVER,), (Role.APPROVER, Role.ADMIN), ()]
    ),
    people=st.lists(SOME.map(lambda n: MAIL[n]), max_size=4, unique=True).map(tuple),
).filter(lambda s: bool(s.roles or s.people))
LINES = st.one_of(
    *(st.tuples(st.just("approve"), OTHERS, OTHERS) for _ in range(9)),
    *(
        st.tuples(st.just("delegate"), st.integers(1, 3), st.integers(4, 6))
        for _ in range(4)
    ),
    *(
        st.tuples(st.just(kind), SOME, SOME)
        for kind in (
            "delegate",
            "undelegate",
            "reassign",
            "force",
            "force",
            "reject",
            "revise",
            "role",
            "wait",
        )
    ),
)


@dataclass
class Story:
    """One proposal through one made-up story, with what must be true of it."""

    rail: Rail
    people: list[Person]
    proposal: Proposal
    # Of each approval that was taken: why the model would have let it be.
    reasons: dict[tuple[int, str], str] = field(default_factory=dict)
    away: dict[str, tuple[str, Any]] = field(default_factory=dict)

    async def play(self, n: int, kind: str, one: int, two: int) -> None:
        desk = self.rail.desk if n % 2 else self.rail.another()
        desk.policy = self.rail.policy
        who, other = self.people[one], self.people[two]
        before = await desk.proposal(self.proposal.id)
        try:
            match kind:
                case "approve" | "reject":
                    token = desk.token("", before, kind)
                    await desk.decide(token, who, platform="slack", reason="so")
                case "delegate":
                    until = self.rail.clock() + timedelta(hours=two + 3)
                    await desk.approvers.delegate(who, other, until, platform="slack")
                    self.away[who.id] = (other.id, until)
                case "undelegate":
                    await desk.approvers.stop_delegating(who, who, platform="slack")
                    self.away.pop(who.id, None)
                case "reassign":
                    await desk.approvers.reassign(
                        before.id, who, [other], platform="slack"
                    )
                case "force":
                    await desk.approvers.force(
                        before.id, who, "ill", instead_of=other, platform="slack"
                    )
                case "revise":
                    again = draft(before.number, f"{1000 + n}.00")
                    await desk.revise(
                        before.id, again, before.circumstances, who, platform="slack"
                    )
                case "role":
                    self.people[one] = replace(who, roles=other.roles)
                case "wait":
                    self.rail.clock.advance(hours=one)
        except Denied:
            pass
        await self.judge(before, await desk.proposal(before.id))

    async def judge(self, before: Proposal, now: Proposal) -> None:
        """What was said just now was somebody's to say, and counts as it should."""
        if now.revision != before.revision:
            assert now.decisions == ()
            return
        asked = {now.requester_id, now.editor_id, *now.askers}
        for word in now.decisions:
            if word in before.decisions:
                continue
            person = next(p for p in self.people if p.id == word.person_id)
            stage = before.rule.steps[word.stage - 1]
            assert person.id not in asked
            assert Role.AUDITOR not in person.roles
            assert person.roles
            assert word.instead_of_id not in asked
            if word.forced:
                assert Role.ADMIN in person.roles
                assert word.reason
                meant = word.instead_of_id
            elif word.instead_of_id is not None:
                deputy, until = self.away[word.instead_of_id]
                assert deputy == person.id
                assert self.rail.clock() < until
                meant = word.instead_of_id
            else:
                meant = person.id
            assert self.is_for(stage, next(p for p in self.people if p.id == meant))
            if word.verdict is Verdict.APPROVE:
                assert _open_step(before) == word.stage
        heads = [d.person_id for d in now.decisions]
        heads += [d.instead_of_id for d in now.decisions if d.instead_of_id]
        assert len(heads) == len(set(heads))
        full = all(
            len({d.person_id for d in now.decisions if _approves(d, number)})
            == stage.quorum
            for number, stage in enumerate(now.rule.steps, start=1)
        )
        assert full is (now.status is Status.APPROVED)
        # Naming others never makes it easier.
        assert [s.quorum for s in now.rule.steps] == [
            s.quorum for s in self.proposal.rule.steps
        ]

    @staticmethod
    def is_for(stage: Stage, person: Person) -> bool:
        """Whether a step names a person, read off the rule itself."""
        if stage.named:
            return person.id in stage.named
        return bool(set(stage.roles) & person.roles) or person.email in stage.people


def _approves(word: Any, number: int) -> bool:
    return word.verdict is Verdict.APPROVE and word.stage == number


def _open_step(proposal: Proposal) -> int:
    return next(
        number
        for number, stage in enumerate(proposal.rule.steps, start=1)
        if sum(_approves(d, number) for d in proposal.decisions) < stage.quorum
    )


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables in it, to be copied for each story."""
    path = tmp_path_factory.mktemp("deciding") / "empty.db"

    async def make() -> None:
        engine = database.engine(f"sqlite:///{path}")
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        await engine.dispose()

    asyncio.run(make())
    return path


async def play(
    empty: Path,
    steps: list[Stage],
    roles: list[frozenset[Role]],
    story: list[tuple[str, int, int]],
) -> None:
    rule = Rule(sum(s.quorum for s in steps), 72, "made up", stages=tuple(steps))
    people = [
        Person(name.lower(), W, name, roles[n], MAIL[n]) for n, name in enumerate(NAMES)
    ]
    people[0] = replace(people[0], roles=people[0].roles | {Role.STAFF})
    if Role.AUDITOR in people[0].roles:
        people[0] = replace(people[0], roles=frozenset({Role.STAFF}))
    with tempfile.TemporaryDirectory() as folder:
        engine = database.engine(f"sqlite:///{shutil.copy(empty, folder)}")
        try:
            rail = Rail(engine, Clock(), Policy(default=rule))
            rail.people(people)
            proposal = await rail.proposed(requester=people[0])
            told = Story(rail, people, proposal)
            for n, (kind, one, two) in enumerate(story):
                await told.play(n, kind, one, two)
        finally:
            await engine.dispose()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    steps=st.lists(STAGES, min_size=1, max_size=2),
    roles=ROLES,
    story=st.lists(LINES, min_size=8, max_size=24),
)
def test_no_story_approves_with_too_few_or_the_wrong_heads(
    empty: Path,
    steps: list[Stage],
    roles: list[frozenset[Role]],
    story: list[tuple[str, int, int]],
) -> None:
    asyncio.run(play(empty, steps, roles, story))
